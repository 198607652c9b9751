//! Files: what `open` gives, and the standard streams.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use crate::host_files::OpenMode;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Thrown, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

pub mod binary;
mod open;
mod text;

pub use open::open;
use text::encode;
pub use text::{Encoding, OnError, decode};

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

// ---- reading --------------------------------------------------------------------------------------------------

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

fn readable_file<'a>(vm: &mut Vm, v: &'a Value) -> R<&'a FileObj> {
    let f = open_file(vm, v)?;
    if f.access.read { Ok(f) } else { Err(unsupported(vm, if f.encoding.is_some() { "not readable" } else { "read" })) }
}

/// Reads ahead: a line of standard input, or all that is left of a file.
fn fill(vm: &mut Vm, f: &FileObj, all: bool) -> R<()> {
    let is_standard = matches!(*f.place.borrow(), Place::Standard(_));
    let more = if is_standard { vm.read_input(all)? } else { Vec::new() };
    let mut ahead = f.ahead.borrow_mut();
    let used = ahead.at;
    ahead.bytes.drain(..used);
    ahead.at = 0;
    match &mut *f.place.borrow_mut() {
        Place::Standard(_) => ahead.bytes.extend(more),
        Place::File(file) => {
            if let Err(e) = file.read_to_end(&mut ahead.bytes) {
                return Err(vm.raise_io_error(&e, None));
            }
        }
        Place::Closed => {}
    }
    Ok(())
}

/// Takes `n` bytes of what was read ahead.
fn take(f: &FileObj, n: usize) -> Vec<u8> {
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

/// The next line as bytes, empty at the end.
fn next_line(vm: &mut Vm, f: &FileObj) -> R<Vec<u8>> {
    if line_length(f).is_none() {
        fill(vm, f, false)?;
    }
    let length = line_length(f).unwrap_or(usize::MAX / 2);
    Ok(take(f, length))
}

fn size_arg(vm: &mut Vm, v: &Value) -> R<Option<usize>> {
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

fn read(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = readable_file(vm, &receiver)?;
    if f.encoding.is_none() && matches!(a[1], Value::Int(n) if n < -1) {
        return Err(vm.value_error("read length must be non-negative or -1"));
    }
    let bytes = match size_arg(vm, &a[1].clone())? {
        None => {
            fill(vm, f, true)?;
            take(f, usize::MAX / 2)
        }
        Some(n) => {
            let enough = { f.ahead.borrow().bytes.len() - f.ahead.borrow().at >= 4 * n };
            if !enough {
                fill(vm, f, true)?;
            }
            let length = if f.encoding.is_some() { bytes_of_chars(f, n) } else { n };
            take(f, length)
        }
    };
    to_value(vm, f, bytes)
}

fn readline(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
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

fn readlines(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
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

fn next(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = readable_file(vm, &receiver)?;
    let line = next_line(vm, f)?;
    f.is_lost.set(f.encoding.is_some() && !line.is_empty());
    if line.is_empty() {
        return Err(vm.stop_iteration(Value::None));
    }
    to_value(vm, f, line)
}

fn same(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    open_file(vm, &a[0])?;
    Ok(a[0].clone())
}

// ---- writing --------------------------------------------------------------------------------------------------

/// Puts the file's position where the script believes it to be.
fn settle(vm: &mut Vm, f: &FileObj) -> R<()> {
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

fn write(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = open_file(vm, &receiver)?;
    if !f.access.write {
        return Err(unsupported(vm, if f.encoding.is_some() { "not writable" } else { "write" }));
    }
    settle(vm, f)?;
    let Some((encoding, _)) = &f.encoding else {
        let Some(bytes) = crate::types::bytes::bytes_of(&a[1]) else {
            let text = format!("a bytes-like object is required, not '{}'", vm.class_name(&a[1]));
            return Err(vm.type_error(&text));
        };
        put(vm, f, &bytes)?;
        return Ok(bytes.len().into());
    };
    let Some(text) = a[1].as_str().map(str::to_owned) else {
        let text = format!("write() argument must be str, not {}", vm.class_name_or_none(&a[1]));
        return Err(vm.type_error(&text));
    };
    let translated = match f.newline.as_deref() {
        Some(end @ ("\r" | "\r\n")) => text.replace('\n', end),
        _ => text.clone(),
    };
    let mut bytes = encode(vm, &translated, *encoding, f.errors)?;
    if f.untouched.replace(false) && *encoding == Encoding::Utf8Sig {
        bytes.splice(0..0, *b"\xef\xbb\xbf");
    }
    put(vm, f, &bytes)?;
    Ok(text.chars().count().into())
}

fn writelines(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    open_file(vm, &receiver)?;
    let name = vm.names.write.clone();
    vm.for_each(&a[1].clone(), |vm, line| vm.call_method(&receiver, &name, &[line]).map(|_| true))?;
    Ok(Value::None)
}

fn flush(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let f = open_file(vm, &a[0])?;
    if matches!(*f.place.borrow(), Place::Standard(1)) {
        vm.host.flush_out();
    }
    Ok(Value::None)
}

fn close(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(f) = as_file(&a[0]) {
        drop(f.place.replace(Place::Closed));
        drop(f.ahead.take());
    }
    Ok(Value::None)
}

fn seek(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
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

fn tell(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = open_file(vm, &receiver)?;
    if f.is_lost.get() {
        return Err(vm.os_error("telling position disabled by next() call"));
    }
    position(vm, f).map(|at| Value::Int(at as i64))
}

fn truncate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
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
