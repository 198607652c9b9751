//! Reading files: a file object and a size come in; bytes or text, by lines if asked, go out. What was read ahead stays
//! with the file. It does not know how a file was opened.

use std::io::Read;

use super::text::{Encoding, decode};
use super::{FileObj, Place, open_file, unsupported};
use crate::value::{Obj, R, Value};
use crate::vm::Vm;

pub(super) fn readable_file<'a>(vm: &mut Vm, v: &'a Value) -> R<&'a FileObj> {
    let f = open_file(vm, v)?;
    if f.access.read { Ok(f) } else { Err(unsupported(vm, if f.encoding.is_some() { "not readable" } else { "read" })) }
}

/// How much of a file is read ahead at once at least.
const CHUNK: usize = 1 << 16;

/// Reads ahead `wanted` bytes or more, if there are so many: a file may be endless. Of standard input, a line or all.
pub(super) fn fill(vm: &mut Vm, f: &FileObj, wanted: usize) -> R<()> {
    let is_standard = matches!(*f.place.borrow(), Place::Standard(_));
    let more = if is_standard { vm.read_input(wanted > 1)? } else { Vec::new() };
    let mut ahead = f.ahead.borrow_mut();
    let used = ahead.at;
    ahead.bytes.drain(..used);
    ahead.at = 0;
    match &mut *f.place.borrow_mut() {
        Place::Standard(_) => ahead.bytes.extend(more),
        Place::File(file) => {
            let limit = u64::try_from(wanted.max(CHUNK)).unwrap_or(u64::MAX);
            if let Err(e) = file.take(limit).read_to_end(&mut ahead.bytes) {
                return Err(vm.raise_io_error(&e, None));
            }
        }
        Place::Closed => {}
    }
    Ok(())
}

/// How many bytes were read ahead.
pub(super) fn unread(f: &FileObj) -> usize {
    let ahead = f.ahead.borrow();
    ahead.bytes.len() - ahead.at
}

/// Takes `n` bytes of what was read ahead.
pub(super) fn take(f: &FileObj, n: usize) -> Vec<u8> {
    let mut ahead = f.ahead.borrow_mut();
    let end = (ahead.at + n).min(ahead.bytes.len());
    let taken = ahead.bytes.get(ahead.at..end).unwrap_or_default().to_vec();
    ahead.at = end;
    taken
}

/// Bytes that were read as the script sees them.
fn to_value(vm: &mut Vm, f: &FileObj, bytes: Vec<u8>) -> R {
    let Some((encoding, _)) = &f.encoding else { return Ok(Obj::bytes(bytes).into()) };
    let bytes = match encoding {
        Encoding::Utf8Sig => bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes),
        _ => bytes,
    };
    let text = decode(vm, &bytes, *encoding, f.errors)?;
    Ok(if f.newline.is_none() && text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() })
}

/// The length of the first line of what was read ahead; nothing where no line end is seen.
fn line_length(f: &FileObj) -> Option<usize> {
    let ahead = f.ahead.borrow();
    let rest = ahead.bytes.get(ahead.at..).unwrap_or_default();
    let is_universal = f.encoding.is_some() && matches!(f.newline.as_deref(), None | Some(""));
    if is_universal {
        let at = rest.iter().position(|b| matches!(b, b'\n' | b'\r'))?;
        let is_pair = rest.get(at) == Some(&b'\r') && rest.get(at + 1) == Some(&b'\n');
        return Some(at + if is_pair { 2 } else { 1 });
    }
    let end = f.newline.as_deref().filter(|n| !n.is_empty()).unwrap_or("\n").as_bytes();
    rest.windows(end.len()).position(|w| w == end).map(|i| i + end.len())
}

fn ends_in_return(f: &FileObj) -> bool {
    f.encoding.is_some() && f.ahead.borrow().bytes.ends_with(b"\r")
}

/// The next line as bytes, empty at the end.
fn next_line(vm: &mut Vm, f: &FileObj) -> R<Vec<u8>> {
    loop {
        let length = line_length(f);
        // A line feed may follow the carriage return at the very end.
        if let Some(length) = length.filter(|&n| n < unread(f) || !ends_in_return(f)) {
            return Ok(take(f, length));
        }
        let before = unread(f);
        fill(vm, f, 1)?;
        if unread(f) == before {
            return Ok(take(f, length.unwrap_or(usize::MAX / 2)));
        }
    }
}

pub(super) fn size_arg(vm: &mut Vm, v: &Value) -> R<Option<usize>> {
    match v.some().cloned() {
        None => Ok(None),
        Some(n) if !vm.has_index(&n) => {
            let text = format!("argument should be integer or None, not '{}'", vm.class_name(&n));
            Err(vm.type_error(&text))
        }
        Some(n) => Ok(usize::try_from(vm.index_i64(&n)?).ok()),
    }
}

/// How many bytes hold `n` characters of what was read ahead.
fn bytes_of_chars(f: &FileObj, n: usize) -> usize {
    let ahead = f.ahead.borrow();
    let rest = ahead.bytes.get(ahead.at..).unwrap_or_default();
    let is_utf8 = matches!(f.encoding, Some((Encoding::Utf8 | Encoding::Utf8Sig, _)));
    let (mut at, mut count) = (0, 0);
    while count < n && at < rest.len() {
        let is_pair = f.newline.is_none() && rest.get(at) == Some(&b'\r') && rest.get(at + 1) == Some(&b'\n');
        at += if is_pair { 2 } else { 1 };
        while is_utf8 && rest.get(at).is_some_and(|b| b & 0xc0 == 0x80) {
            at += 1;
        }
        count += 1;
    }
    at
}

pub(super) fn read(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = readable_file(vm, &receiver)?;
    if f.encoding.is_none() && matches!(a[1], Value::Int(n) if n < -1) {
        return Err(vm.value_error("read length must be non-negative or -1"));
    }
    let bytes = match size_arg(vm, &a[1].clone())? {
        None => {
            fill(vm, f, usize::MAX)?;
            take(f, usize::MAX / 2)
        }
        Some(n) => {
            // A character has four bytes at most.
            let enough = if f.encoding.is_some() { n.saturating_mul(4) } else { n };
            let missing = enough.saturating_sub(unread(f));
            if missing > 0 {
                fill(vm, f, missing.max(2))?;
            }
            let length = if f.encoding.is_some() { bytes_of_chars(f, n) } else { n };
            take(f, length)
        }
    };
    to_value(vm, f, bytes)
}

pub(super) fn readline(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = readable_file(vm, &receiver)?;
    let limit = size_arg(vm, &a[1].clone())?;
    let mut line = next_line(vm, f)?;
    if let Some(limit) = limit
        && line.len() > limit
    {
        f.ahead.borrow_mut().at -= line.len() - limit;
        line.truncate(limit);
    }
    to_value(vm, f, line)
}

pub(super) fn readlines(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = readable_file(vm, &receiver)?;
    let hint = size_arg(vm, &a[1].clone())?.filter(|&n| n > 0);
    let (mut lines, mut total) = (Vec::new(), 0);
    loop {
        let line = next_line(vm, f)?;
        if line.is_empty() {
            return Ok(lines.into());
        }
        total += line.len();
        lines.push(to_value(vm, f, line)?);
        if hint.is_some_and(|h| total >= h) {
            return Ok(lines.into());
        }
    }
}

pub(super) fn next(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = readable_file(vm, &receiver)?;
    let line = next_line(vm, f)?;
    f.is_lost.set(f.encoding.is_some() && !line.is_empty());
    if line.is_empty() {
        return Err(vm.stop_iteration(Value::None));
    }
    to_value(vm, f, line)
}
