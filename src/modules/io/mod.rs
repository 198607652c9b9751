//! Files: what `open` gives, and the standard streams. A file object's state and attributes are here; `read` takes bytes
//! out of it, `write` puts them in and moves the position. How bytes become text is `text`'s business.

use std::cell::{Cell, RefCell};
use std::fs::File;

use crate::host_files::OpenMode;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Thrown, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

pub mod binary;
mod open;
mod read;
mod text;
mod write;

pub use open::open;
use read::{next, read, readline, readlines};
pub use text::{Encoding, OnError, decode};
use write::{flush, seek, tell, truncate, write, writelines};

/// Where a file's bytes are.
enum Place {
    /// Standard input, output or error, which belong to the host.
    Standard(u8),
    File(File),
    Closed,
}

/// What was read ahead.
#[derive(Default)]
struct Ahead {
    bytes: Vec<u8>,
    at: usize,
}

/// A file object.
pub struct FileObj {
    place: RefCell<Place>,
    ahead: RefCell<Ahead>,
    name: Value,
    mode: String,
    access: OpenMode,
    /// Absent for binary files.
    encoding: Option<(Encoding, Value)>,
    errors: OnError,
    /// `newline=`: nothing for universal newlines.
    newline: Option<String>,
    class: ClassRef,
    /// Whether nothing was written yet, for the byte order mark.
    untouched: Cell<bool>,
    /// Whether `next` has hidden the position, until the end is reached.
    is_lost: Cell<bool>,
}

impl Native for FileObj {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.name);
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// `sys.stdin`, `sys.stdout` or `sys.stderr`.
pub fn standard(vm: &Vm, number: u8) -> Value {
    let (name, mode) = [("<stdin>", "r"), ("<stdout>", "w"), ("<stderr>", "w")].get(number as usize).copied().unwrap_or(("<stderr>", "w"));
    let file = FileObj {
        place: RefCell::new(Place::Standard(number)),
        ahead: RefCell::default(),
        name: name.into(),
        mode: mode.to_owned(),
        access: OpenMode { read: number == 0, write: number != 0, ..OpenMode::default() },
        encoding: Some((Encoding::Utf8, "utf-8".into())),
        errors: OnError::Strict,
        newline: None,
        class: vm.types.text_file.clone(),
        untouched: Cell::new(false),
        is_lost: Cell::new(false),
    };
    Obj::native(file).into()
}

/// `sys.stdout` as scripts may have changed it; an empty value for the host's own.
pub fn current_stdout(vm: &Vm) -> Value {
    current(vm, "stdout", 1)
}

/// Writes to `sys.stderr` as scripts may have changed it.
pub fn write_stderr(vm: &mut Vm, text: &str) -> R<()> {
    let file = current(vm, "stderr", 2);
    if file.is_unbound() {
        vm.host.write_err(text.as_bytes());
    } else if !file.is_none() {
        let write = vm.names.write.clone();
        vm.call_method(&file, &write, &[text.into()])?;
    }
    Ok(())
}

fn current(vm: &Vm, name: &str, number: u8) -> Value {
    match vm.sys_attr(name) {
        None => Value::Unbound,
        Some(v) if as_file(&v).is_some_and(|f| matches!(*f.place.borrow(), Place::Standard(n) if n == number)) => Value::Unbound,
        Some(v) => v,
    }
}

fn as_file(v: &Value) -> Option<&FileObj> {
    v.native().obj().and_then(|o| o.downcast())
}

fn unsupported(vm: &mut Vm, text: &str) -> Thrown {
    let class = vm.types.unsupported_operation.clone();
    vm.raise_new(&class, text)
}

/// The file behind a receiver; closed ones are refused.
fn open_file<'a>(vm: &mut Vm, v: &'a Value) -> R<&'a FileObj> {
    match as_file(v) {
        Some(f) if !matches!(*f.place.borrow(), Place::Closed) => Ok(f),
        _ => Err(vm.value_error("I/O operation on closed file.")),
    }
}

fn same(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    open_file(vm, &a[0])?;
    Ok(a[0].clone())
}

fn close(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(f) = as_file(&a[0]) {
        drop(f.place.replace(Place::Closed));
        drop(f.ahead.take());
    }
    Ok(Value::None)
}

fn fileno(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let f = open_file(vm, &a[0])?;
    let number = match &*f.place.borrow() {
        Place::Standard(n) => Some(i64::from(*n)),
        Place::File(file) => file_number(file),
        Place::Closed => None,
    };
    match number {
        Some(n) => Ok(Value::Int(n)),
        None => Err(unsupported(vm, "fileno")),
    }
}

#[cfg(unix)]
fn file_number(file: &File) -> Option<i64> {
    use std::os::fd::AsRawFd;
    Some(i64::from(file.as_raw_fd()))
}

#[cfg(not(unix))]
fn file_number(_: &File) -> Option<i64> {
    None
}

fn isatty(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let f = open_file(vm, &a[0])?;
    let is_out = matches!(*f.place.borrow(), Place::Standard(1));
    Ok((is_out && vm.host.line_buffered).into())
}

fn readable(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(open_file(vm, &a[0])?.access.read.into())
}

fn writable(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(open_file(vm, &a[0])?.access.write.into())
}

fn seekable(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let f = open_file(vm, &a[0])?;
    Ok(matches!(*f.place.borrow(), Place::File(_)).into())
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(f) = as_file(&a[0]) else { return Ok(Value::None) };
    let name = vm.repr(&f.name)?;
    Ok(match &f.encoding {
        Some((_, encoding)) => format!("<_io.TextIOWrapper name={name} mode='{}' encoding='{}'>", f.mode, vm.text_of(encoding)),
        None => format!("<_io.{} name={name}>", f.class.name()),
    }
    .into())
}

// ---- attributes -----------------------------------------------------------------------------------------------

fn get_name(_: &mut Vm, v: &Value) -> R {
    Ok(as_file(v).map_or(Value::None, |f| f.name.clone()))
}

fn get_mode(_: &mut Vm, v: &Value) -> R {
    Ok(as_file(v).map_or(Value::None, |f| f.mode.as_str().into()))
}

fn get_closed(_: &mut Vm, v: &Value) -> R {
    Ok(as_file(v).is_none_or(|f| matches!(*f.place.borrow(), Place::Closed)).into())
}

fn get_encoding(_: &mut Vm, v: &Value) -> R {
    Ok(as_file(v).and_then(|f| f.encoding.as_ref().map(|(_, name)| name.clone())).unwrap_or(Value::None))
}

fn get_errors(_: &mut Vm, v: &Value) -> R {
    Ok(as_file(v).map_or(Value::None, |f| match f.errors {
        OnError::Strict => "strict".into(),
        OnError::Ignore => "ignore".into(),
        OnError::Replace => "replace".into(),
        OnError::Named(name) => name.into(),
    }))
}

fn get_line_buffering(vm: &mut Vm, v: &Value) -> R {
    Ok(as_file(v).is_some_and(|f| matches!(*f.place.borrow(), Place::Standard(1)) && vm.host.line_buffered).into())
}

fn get_newlines(_: &mut Vm, _: &Value) -> R {
    Ok(Value::None)
}

/// The binary stream under a standard stream.
fn get_buffer(vm: &mut Vm, v: &Value) -> R {
    let standard = as_file(v).and_then(|f| if let Place::Standard(n) = *f.place.borrow() { Some((n, f.access, f.mode.clone(), f.name.clone())) } else { None });
    let Some((number, access, mode, name)) = standard else { return Err(unsupported(vm, "corun's files have no buffer of their own")) };
    let class = if access.read { &vm.types.binary_reader } else { &vm.types.binary_writer }.clone();
    let file = FileObj {
        place: RefCell::new(Place::Standard(number)),
        ahead: RefCell::default(),
        name,
        mode: format!("{mode}b"),
        access,
        encoding: None,
        errors: OnError::Strict,
        newline: None,
        class,
        untouched: Cell::new(false),
        is_lost: Cell::new(false),
    };
    Ok(Obj::native(file).into())
}

const METHODS: &[Builtin] = &[
    Builtin::new("read", "(self, size=-1, /)", read, "Reads at most size characters or bytes; all that is left without a size."),
    Builtin::new("readline", "(self, size=-1, /)", readline, "Reads a line, with its line end."),
    Builtin::new("readlines", "(self, hint=-1, /)", readlines, "Reads all lines."),
    Builtin::new("write", "(self, text, /)", write, "Writes; returns how much."),
    Builtin::new("writelines", "(self, lines, /)", writelines, "Writes each of the lines; adds no line ends."),
    Builtin::new("flush", "(self, /)", flush, "Sends what is buffered."),
    Builtin::new("close", "(self, /)", close, "Closes the file."),
    Builtin::new("seek", "(self, offset, whence=0, /)", seek, "Goes to a position."),
    Builtin::new("tell", "(self, /)", tell, "The position."),
    Builtin::new("truncate", "(self, pos=None, /)", truncate, "Cuts the file off."),
    Builtin::new("fileno", "(self, /)", fileno, "The number of the file descriptor."),
    Builtin::new("isatty", "(self, /)", isatty, "Whether it is a terminal."),
    Builtin::new("readable", "(self, /)", readable, "Whether it can be read."),
    Builtin::new("writable", "(self, /)", writable, "Whether it can be written."),
    Builtin::new("seekable", "(self, /)", seekable, "Whether it has positions."),
    Builtin::new("__enter__", "(self, /)", same, "The file itself."),
    Builtin::new("__exit__", "(self, /, *args)", close, "Closes the file."),
    Builtin::new("__iter__", "(self, /)", same, "Implement iter(self)."),
    Builtin::new("__next__", "(self, /)", next, "Implement next(self)."),
    Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
];

/// The names that are there when the text of `io` runs.
pub fn natives(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let types = vm.types.clone();
    let builtin = |name: &str| vm.builtins.as_dict().and_then(|d| d.borrow().get_text(name).cloned()).unwrap_or_default();
    vec![
        ("open", builtin("open")),
        ("BlockingIOError", builtin("BlockingIOError")),
        ("UnsupportedOperation", (&types.unsupported_operation).into()),
        ("TextIOWrapper", (&types.text_file).into()),
        ("BufferedReader", (&types.binary_reader).into()),
        ("BufferedWriter", (&types.binary_writer).into()),
        ("BufferedRandom", (&types.binary_random).into()),
    ]
}

const fn file_type(getsets: &'static [GetSet]) -> TypeDef {
    TypeDef { methods: METHODS, getsets, construct: None, solid: Solid::Builtin, flags: flag::NO_NEW | flag::FINAL, doc: "" }
}

/// Text files.
pub const TEXT: TypeDef = file_type(&[
    GetSet { name: "name", get: get_name, set: None },
    GetSet { name: "mode", get: get_mode, set: None },
    GetSet { name: "closed", get: get_closed, set: None },
    GetSet { name: "encoding", get: get_encoding, set: None },
    GetSet { name: "errors", get: get_errors, set: None },
    GetSet { name: "newlines", get: get_newlines, set: None },
    GetSet { name: "buffer", get: get_buffer, set: None },
    GetSet { name: "line_buffering", get: get_line_buffering, set: None },
]);

/// Binary files.
pub const BINARY: TypeDef = file_type(&[
    GetSet { name: "name", get: get_name, set: None },
    GetSet { name: "mode", get: get_mode, set: None },
    GetSet { name: "closed", get: get_closed, set: None },
]);
