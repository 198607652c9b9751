//! Writing files, and the position in them: a file object and bytes, text or a place come in; how much was written, or
//! where the file stands, goes out. It does not know how a file was opened.

use std::io::{Seek, SeekFrom, Write};

use super::read::size_arg;
use super::text::{Encoding, encode};
use super::{Ahead, FileObj, Place, open_file, unsupported};
use crate::value::{R, Value};
use crate::vm::Vm;

/// Puts the file's position where the script believes it to be.
pub(super) fn settle(vm: &mut Vm, f: &FileObj) -> R<()> {
    let unread = {
        let mut ahead = f.ahead.borrow_mut();
        let unread = ahead.bytes.len() - ahead.at;
        *ahead = Ahead::default();
        unread
    };
    if unread > 0
        && let Place::File(file) = &mut *f.place.borrow_mut()
        && let Err(e) = file.seek(SeekFrom::Current(-(unread as i64)))
    {
        return Err(vm.raise_io_error(&e, None));
    }
    Ok(())
}

fn put(vm: &mut Vm, f: &FileObj, bytes: &[u8]) -> R<()> {
    match &mut *f.place.borrow_mut() {
        Place::Standard(2) => vm.host.write_err(bytes),
        Place::Standard(_) => vm.host.write_out(bytes),
        Place::File(file) => {
            if let Err(e) = file.write_all(bytes) {
                return Err(vm.raise_io_error(&e, None));
            }
        }
        Place::Closed => {}
    }
    Ok(())
}

pub(super) fn write(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = open_file(vm, &receiver)?;
    if !f.access.write {
        return Err(unsupported(vm, if f.encoding.is_some() { "not writable" } else { "write" }));
    }
    settle(vm, f)?;
    match &f.encoding {
        None => write_bytes(vm, f, &a[1]),
        Some((encoding, _)) => write_text(vm, f, *encoding, &a[1]),
    }
}

fn write_bytes(vm: &mut Vm, f: &FileObj, data: &Value) -> R {
    let Some(bytes) = crate::types::bytes::bytes_of(data) else {
        let text = format!("a bytes-like object is required, not '{}'", vm.class_name(data));
        return Err(vm.type_error(&text));
    };
    put(vm, f, &bytes)?;
    Ok(bytes.len().into())
}

fn write_text(vm: &mut Vm, f: &FileObj, encoding: Encoding, data: &Value) -> R {
    let Some(text) = data.as_str().map(str::to_owned) else {
        let text = format!("write() argument must be str, not {}", vm.class_name_or_none(data));
        return Err(vm.type_error(&text));
    };
    let translated = match f.newline.as_deref() {
        Some(end @ ("\r" | "\r\n")) => text.replace('\n', end),
        _ => text.clone(),
    };
    let mut bytes = encode(vm, &translated, encoding, f.errors)?;
    if f.untouched.replace(false) && encoding == Encoding::Utf8Sig {
        bytes.splice(0..0, *b"\xef\xbb\xbf");
    }
    put(vm, f, &bytes)?;
    Ok(text.chars().count().into())
}

pub(super) fn writelines(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    open_file(vm, &receiver)?;
    let name = vm.names.write.clone();
    vm.for_each(&a[1].clone(), |vm, line| vm.call_method(&receiver, &name, &[line]).map(|_| true))?;
    Ok(Value::None)
}

pub(super) fn flush(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let f = open_file(vm, &a[0])?;
    if matches!(*f.place.borrow(), Place::Standard(1)) {
        vm.host.flush_out();
    }
    Ok(Value::None)
}

pub(super) fn seek(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = open_file(vm, &receiver)?;
    let offset = vm.index_i64(&a[1].clone())?;
    let whence = match a[2].given() {
        Some(w) => vm.index_i64(&w.clone())?,
        None => 0,
    };
    if f.encoding.is_some() && whence != 0 && offset != 0 {
        let from = if whence == 1 { "cur" } else { "end" };
        return Err(unsupported(vm, &format!("can't do nonzero {from}-relative seeks")));
    }
    if !(0..3).contains(&whence) {
        let text = if f.encoding.is_some() { format!("invalid whence ({whence}, should be 0, 1 or 2)") } else { format!("whence value {whence} unsupported") };
        return Err(vm.value_error(&text));
    }
    if whence == 0 && offset < 0 {
        let invalid = std::io::Error::from_raw_os_error(22);
        return Err(match f.encoding {
            Some(_) => vm.value_error(&format!("negative seek position {offset}")),
            None => vm.raise_io_error(&invalid, None),
        });
    }
    settle(vm, f)?;
    let to = match whence {
        1 => SeekFrom::Current(offset),
        2 => SeekFrom::End(offset),
        _ => SeekFrom::Start(offset as u64),
    };
    let place = &mut *f.place.borrow_mut();
    let Place::File(file) = place else { return Err(unsupported(vm, "underlying stream is not seekable")) };
    match file.seek(to) {
        Ok(at) => Ok(Value::Int(at as i64)),
        Err(e) => Err(vm.raise_io_error(&e, None)),
    }
}

fn position(vm: &mut Vm, f: &FileObj) -> R<u64> {
    let unread = { f.ahead.borrow().bytes.len() - f.ahead.borrow().at };
    let place = &mut *f.place.borrow_mut();
    let Place::File(file) = place else { return Err(unsupported(vm, "underlying stream is not seekable")) };
    match file.stream_position() {
        Ok(at) => Ok(at - unread as u64),
        Err(e) => Err(vm.raise_io_error(&e, None)),
    }
}

pub(super) fn tell(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = open_file(vm, &receiver)?;
    if f.is_lost.get() {
        return Err(vm.os_error("telling position disabled by next() call"));
    }
    position(vm, f).map(|at| Value::Int(at as i64))
}

pub(super) fn truncate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = open_file(vm, &receiver)?;
    if !f.access.write {
        return Err(unsupported(vm, "truncate"));
    }
    let size = match size_arg(vm, &a[1].clone())? {
        Some(n) => n as u64,
        None => position(vm, f)?,
    };
    settle(vm, f)?;
    if let Place::File(file) = &*f.place.borrow()
        && let Err(e) = file.set_len(size)
    {
        return Err(vm.raise_io_error(&e, None));
    }
    Ok(Value::Int(size as i64))
}
