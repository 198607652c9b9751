//! Files: what `open` gives, and the standard streams.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::host_files::OpenMode;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Thrown, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The encodings of text files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf8Sig,
    Ascii,
    Latin1,
}

/// What happens with bytes or characters that an encoding does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnError {
    Strict,
    Ignore,
    Replace,
}

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
    };
    Obj::native(file).into()
}

/// `sys.stdout` as scripts may have changed it; an empty value for the host's own.
pub fn current_stdout(vm: &Vm) -> Value {
    match vm.sys_attr("stdout") {
        None => Value::Unbound,
        Some(v) if as_file(&v).is_some_and(|f| matches!(*f.place.borrow(), Place::Standard(1))) => Value::Unbound,
        Some(v) => v,
    }
}

fn as_file(v: &Value) -> Option<&FileObj> {
    v.native().obj().and_then(|o| o.downcast())
}

// ---- text and bytes -------------------------------------------------------------------------------------------

/// An encoding by name.
fn encoding_of(vm: &mut Vm, name: &str) -> R<Encoding> {
    match name.to_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "u8" | "cp65001" | "locale" => Ok(Encoding::Utf8),
        "utf-8-sig" => Ok(Encoding::Utf8Sig),
        "ascii" | "us-ascii" | "646" => Ok(Encoding::Ascii),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Ok(Encoding::Latin1),
        _ => Err(vm.lookup_error(&format!("unknown encoding: {name}"))),
    }
}

fn on_error(vm: &mut Vm, name: &str) -> R<OnError> {
    match name {
        "strict" => Ok(OnError::Strict),
        "ignore" => Ok(OnError::Ignore),
        "replace" => Ok(OnError::Replace),
        _ => Err(vm.lookup_error(&format!("unknown error handler name '{name}'"))),
    }
}

/// Raises `UnicodeDecodeError` or `UnicodeEncodeError`.
fn coding_error(vm: &mut Vm, class: &ClassRef, encoding: &str, object: Value, range: (usize, usize), reason: &str) -> Thrown {
    let args = [encoding.into(), object, range.0.into(), range.1.into(), reason.into()];
    match vm.call(&class.into(), &args) {
        Ok(Value::Obj(exc)) => vm.raise(exc),
        Ok(_) => vm.runtime_error("an exception is an object"),
        Err(t) => t,
    }
}

/// Bytes as text.
pub fn decode(vm: &mut Vm, bytes: &[u8], encoding: Encoding, errors: OnError) -> R<String> {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    if encoding == Encoding::Latin1 {
        return Ok(bytes.iter().map(|&b| char::from(b)).collect());
    }
    loop {
        let (good, bad, reason) = match encoding {
            Encoding::Ascii => match rest.iter().position(|b| !b.is_ascii()) {
                None => (rest.len(), 0, ""),
                Some(at) => (at, 1, "ordinal not in range(128)"),
            },
            _ => split_utf8(rest),
        };
        let (valid, invalid) = rest.split_at(good);
        text.push_str(&String::from_utf8_lossy(valid));
        if bad == 0 {
            return Ok(text);
        }
        match errors {
            OnError::Strict => {
                let start = bytes.len() - invalid.len();
                let class = vm.types.unicode_decode_error.clone();
                let label = if encoding == Encoding::Ascii { "ascii" } else { "utf-8" };
                return Err(coding_error(vm, &class, label, Obj::bytes(bytes).into(), (start, start + bad), reason));
            }
            OnError::Ignore => {}
            OnError::Replace => text.push('\u{fffd}'),
        }
        rest = invalid.get(bad..).unwrap_or_default();
    }
}

/// How many bytes are valid UTF-8, how many after them are not, and why.
fn split_utf8(bytes: &[u8]) -> (usize, usize, &'static str) {
    match std::str::from_utf8(bytes) {
        Ok(_) => (bytes.len(), 0, ""),
        Err(e) => {
            let at = e.valid_up_to();
            let lead = bytes.get(at).copied().unwrap_or(0);
            match e.error_len() {
                None => (at, bytes.len() - at, "unexpected end of data"),
                Some(_) if !(0xc2..=0xf4).contains(&lead) => (at, 1, "invalid start byte"),
                Some(n) => (at, n, "invalid continuation byte"),
            }
        }
    }
}

/// Text as bytes.
fn encode(vm: &mut Vm, text: &str, encoding: Encoding, errors: OnError) -> R<Vec<u8>> {
    let limit = match encoding {
        Encoding::Utf8 | Encoding::Utf8Sig => return Ok(text.as_bytes().to_vec()),
        Encoding::Ascii => 128,
        Encoding::Latin1 => 256,
    };
    let mut bytes = Vec::with_capacity(text.len());
    for (i, c) in text.chars().enumerate() {
        match (u32::from(c) < limit, errors) {
            (true, _) => bytes.push(u32::from(c) as u8),
            (false, OnError::Strict) => {
                let class = vm.types.unicode_encode_error.clone();
                let end = i + text.chars().skip(i).take_while(|&c| u32::from(c) >= limit).count();
                let label = if encoding == Encoding::Ascii { "ascii" } else { "latin-1" };
                return Err(coding_error(vm, &class, label, text.into(), (i, end), &format!("ordinal not in range({limit})")));
            }
            (false, OnError::Ignore) => {}
            (false, OnError::Replace) => bytes.push(b'?'),
        }
    }
    Ok(bytes)
}

// ---- open -----------------------------------------------------------------------------------------------------

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
                let text = format!("open() argument '{name}' must be str or None, not {}", vm.class_name(s));
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

/// `open(file, mode, ...)`.
pub fn open(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let path = path_arg(vm, &a[0].clone())?;
    let mode = text_arg(vm, &a[1].clone(), "mode")?.unwrap_or_else(|| "r".to_owned());
    let (access, is_binary) = parse_mode(vm, &mode)?;
    let encoding = text_arg(vm, &a[3].clone(), "encoding")?;
    let errors = text_arg(vm, &a[4].clone(), "errors")?;
    let newline = text_arg(vm, &a[5].clone(), "newline")?;
    if is_binary {
        for (given, name) in [(encoding.is_some(), "encoding"), (errors.is_some(), "errors"), (newline.is_some(), "newline")] {
            if given {
                let article = if name == "newline" { "a" } else { "an" };
                return Err(vm.value_error(&format!("binary mode doesn't take {article} {name} argument")));
            }
        }
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
    let t = &vm.types;
    let class = match (is_binary, access.read, access.write) {
        (false, ..) => &t.text_file,
        (true, true, true) => &t.binary_random,
        (true, true, false) => &t.binary_reader,
        (true, false, _) => &t.binary_writer,
    }
    .clone();
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
    };
    Ok(Obj::native(file).into())
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
        let bytes = match a[1].native_kind() {
            Some(Kind::Bytes(b)) => b.to_vec(),
            Some(Kind::ByteArray(b)) => b.borrow().clone(),
            _ => {
                let text = format!("a bytes-like object is required, not '{}'", vm.class_name(&a[1]));
                return Err(vm.type_error(&text));
            }
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
    if whence == 0 && offset < 0 {
        return Err(vm.value_error(&format!("negative seek position {offset}")));
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
