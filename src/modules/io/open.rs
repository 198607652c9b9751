//! `open`: modes and arguments.

use std::cell::{Cell, RefCell};
use std::io::{Seek, SeekFrom};
use std::path::Path;

use super::text::{encoding_of, on_error};
use super::{FileObj, Place};
use crate::host_files::OpenMode;
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;

/// The meaning of a mode text: access, whether binary.
fn parse_mode(vm: &mut Vm, mode: &str) -> R<(OpenMode, bool)> {
    let has = |c: char| mode.contains(c);
    let repeats = mode.chars().enumerate().any(|(i, c)| mode.chars().take(i).any(|d| d == c));
    if mode.chars().any(|c| !"rwaxbt+".contains(c)) || repeats {
        return Err(vm.value_error(&format!("invalid mode: '{mode}'")));
    }
    if has('t') && has('b') {
        return Err(vm.value_error("can't have text and binary mode at once"));
    }
    match mode.chars().filter(|c| "rwax".contains(*c)).count() {
        1 => {}
        0 => return Err(vm.value_error("Must have exactly one of create/read/write/append mode and at most one plus")),
        _ => return Err(vm.value_error("must have exactly one of create/read/write/append mode")),
    }
    let plus = has('+');
    let access = OpenMode { read: has('r') || plus, write: !has('r') || plus, append: has('a'), truncate: has('w'), create_new: has('x') };
    Ok((access, has('b')))
}

fn text_arg(vm: &mut Vm, v: &Value, name: &str) -> R<Option<String>> {
    match v.some() {
        None => Ok(None),
        Some(s) => {
            if let Some(text) = s.as_str() {
                Ok(Some(text.to_owned()))
            } else {
                let or_none = if name == "mode" { "" } else { " or None" };
                let text = format!("open() argument '{name}' must be str{or_none}, not {}", vm.class_name(s));
                Err(vm.type_error(&text))
            }
        }
    }
}

/// A path argument as text.
fn path_arg(vm: &mut Vm, v: &Value) -> R<String> {
    if let Some(text) = v.as_str() {
        return Ok(text.to_owned());
    }
    if let Some(Kind::Bytes(b)) = v.native_kind() {
        return Ok(String::from_utf8_lossy(b).into_owned());
    }
    let fspath = vm.intern("__fspath__");
    if let Some(p) = vm.call_special(v, &fspath, &[])?
        && let Some(text) = p.as_str()
    {
        return Ok(text.to_owned());
    }
    let text = format!("expected str, bytes or os.PathLike object, not {}", vm.class_name(v));
    Err(vm.type_error(&text))
}

/// Refuses the first argument that was given although only text files have it.
fn refuse_text_arguments(vm: &mut Vm, arguments: &[(&Option<String>, &str)]) -> R<()> {
    match arguments.iter().find(|(given, _)| given.is_some()) {
        Some((_, name)) => Err(vm.value_error(&format!("binary mode doesn't take {name} argument"))),
        None => Ok(()),
    }
}

/// The class of a file that was opened so.
fn class_for(vm: &Vm, is_binary: bool, access: OpenMode) -> ClassRef {
    let t = &vm.types;
    let class = match (is_binary, access.read, access.write) {
        (false, ..) => &t.text_file,
        (true, true, true) => &t.binary_random,
        (true, true, false) => &t.binary_reader,
        (true, false, _) => &t.binary_writer,
    };
    class.clone()
}

/// `open(file, mode, ...)`.
pub fn open(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let path = path_arg(vm, &a[0].clone())?;
    let mode = text_arg(vm, &a[1].clone(), "mode")?.unwrap_or_else(|| "r".to_owned());
    let (access, is_binary) = parse_mode(vm, &mode)?;
    let encoding = text_arg(vm, &a[3].clone(), "encoding")?;
    let errors = text_arg(vm, &a[4].clone(), "errors")?;
    let newline = text_arg(vm, &a[5].clone(), "newline")?;
    if let Some(v) = a[2].given()
        && vm.c_int_arg(&v.clone())? == 0
        && !is_binary
    {
        return Err(vm.value_error("can't have unbuffered text I/O"));
    }
    if is_binary {
        refuse_text_arguments(vm, &[(&encoding, "an encoding"), (&errors, "an errors"), (&newline, "a newline")])?;
    }
    let opened = vm.host.open_file(Path::new(&path), access);
    let file = match opened {
        Ok(f) => f,
        Err(e) => return Err(vm.raise_io_error(&e, Some(&a[0].clone()))),
    };
    if newline.as_deref().is_some_and(|n| !matches!(n, "" | "\n" | "\r" | "\r\n")) {
        let shown = newline.unwrap_or_default();
        return Err(vm.value_error(&format!("illegal newline value: {shown}")));
    }
    let text_encoding =
        if is_binary { None } else { Some((encoding_of(vm, encoding.as_deref().unwrap_or("utf-8"))?, encoding.map_or_else(|| "UTF-8".into(), Value::from))) };
    let errors = on_error(vm, errors.as_deref().unwrap_or("strict"))?;
    let mut file = file;
    if access.append {
        // As in CPython, a file that cannot seek is no reason to fail.
        let _ = file.seek(SeekFrom::End(0));
    }
    let class = class_for(vm, is_binary, access);
    let file = FileObj {
        place: RefCell::new(Place::File(file)),
        ahead: RefCell::default(),
        name: a[0].clone(),
        mode: if is_binary && access.read && access.write { "rb+".to_owned() } else { mode },
        access,
        encoding: text_encoding,
        errors,
        newline,
        class,
        untouched: Cell::new(!access.append),
        is_lost: Cell::new(false),
    };
    Ok(Obj::native(file).into())
}
