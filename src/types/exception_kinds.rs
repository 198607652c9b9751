//! The exception classes that have more than arguments: `OSError`, `SyntaxError`, `StopIteration`, ...

use super::exception::{CONSTRUCT, args_of, bare, field, init, set_args, set_field, str};
use super::object::{keyword_pairs, kwargs_of};
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// Getters and setters of attributes that are `None` while unset.
macro_rules! fields {
    ($($get:ident, $set:ident => $name:literal;)*) => {
        $(
            fn $get(vm: &mut Vm, v: &Value) -> R {
                Ok(field(vm, v, $name).unwrap_or(Value::None))
            }

            fn $set(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
                set_field(vm, v, $name, if new.is_unbound() { Value::None } else { new });
                Ok(())
            }
        )*
    };
}

fields! {
    get_name, set_name => "name";
    get_obj, set_obj => "obj";
    get_msg, set_msg => "msg";
    get_path, set_path => "path";
    get_errno, set_errno => "errno";
    get_strerror, set_strerror => "strerror";
    get_filename, set_filename => "filename";
    get_filename2, set_filename2 => "filename2";
    get_lineno, set_lineno => "lineno";
    get_offset, set_offset => "offset";
    get_text, set_text => "text";
    get_end_lineno, set_end_lineno => "end_lineno";
    get_end_offset, set_end_offset => "end_offset";
    get_print, set_print => "print_file_and_line";
    get_value, set_value => "value";
    get_code, set_code => "code";
    get_encoding, set_encoding => "encoding";
    get_object, set_object => "object";
    get_start, set_start => "start";
    get_end, set_end => "end";
    get_reason, set_reason => "reason";
}

const fn kind(methods: &'static [Builtin], getsets: &'static [GetSet], doc: &'static str) -> TypeDef {
    TypeDef { methods, getsets, construct: Some(&CONSTRUCT), solid: Solid::Exception, flags: 0, doc }
}

/// Takes the keywords that become attributes; the label is how CPython calls the class when it refuses one.
fn init_with_keywords(vm: &mut Vm, a: &mut [Value], n: usize, allowed: &[&str], label: &str) -> R {
    for name in allowed {
        set_field(vm, &a[0], name, Value::None);
    }
    for (name, value) in keyword_pairs(kwargs_of(a, n, 1)) {
        if !allowed.contains(&name.text()) {
            return Err(vm.type_error(&format!("'{}' is an invalid keyword argument for {label}()", name.text())));
        }
        set_field(vm, &a[0], name.text(), value);
    }
    set_args(&a[0], a.get(1..n).unwrap_or_default().to_vec());
    Ok(Value::None)
}

fn init_name(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    init_with_keywords(vm, a, n, &["name"], "NameError")
}

fn init_attribute(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    init_with_keywords(vm, a, n, &["name", "obj"], "AttributeError")
}

fn init_import(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    init_with_keywords(vm, a, n, &["name", "path"], "ImportError")?;
    let msg = if n == 2 { a[1].clone() } else { Value::None };
    set_field(vm, &a[0], "msg", msg);
    Ok(Value::None)
}

fn str_import(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    match field(vm, &a[0], "msg") {
        Some(msg) if matches!(msg.kind(), Some(Kind::Str(_))) => Ok(msg),
        _ => str(vm, a, n),
    }
}

/// `NameError`.
pub const WITH_NAME: TypeDef = kind(
    &[Builtin::new("__init__", "(self, *args, **kwargs)", init_name, "")],
    &[GetSet { name: "name", get: get_name, set: Some(set_name) }],
    "Name not found globally.",
);

/// `AttributeError`.
pub const WITH_NAME_AND_OBJ: TypeDef = kind(
    &[Builtin::new("__init__", "(self, *args, **kwargs)", init_attribute, "")],
    &[GetSet { name: "name", get: get_name, set: Some(set_name) }, GetSet { name: "obj", get: get_obj, set: Some(set_obj) }],
    "Attribute not found.",
);

/// `ImportError`.
pub const IMPORT: TypeDef = kind(
    &[Builtin::new("__init__", "(self, *args, **kwargs)", init_import, ""), Builtin::new("__str__", "(self, /)", str_import, "Return str(self).")],
    &[
        GetSet { name: "name", get: get_name, set: Some(set_name) },
        GetSet { name: "path", get: get_path, set: Some(set_path) },
        GetSet { name: "msg", get: get_msg, set: Some(set_msg) },
    ],
    "Import can't find module, or can't find name in module.",
);

fn str_key(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    match args_of(&a[0]).as_slice() {
        [key] => Ok(vm.repr(key)?.into()),
        _ => str(vm, a, n),
    }
}

/// `KeyError`.
pub const KEY_ERROR: TypeDef = kind(&[Builtin::new("__str__", "(self, /)", str_key, "Return str(self).")], &[], "Mapping key not found.");

// `StopIteration` objects are also made by the VM itself, so that their value is read from the arguments until set.

fn get_stop_value(vm: &mut Vm, v: &Value) -> R {
    let set = field(vm, v, "value");
    Ok(set.unwrap_or_else(|| args_of(v).first().cloned().unwrap_or(Value::None)))
}

fn get_exit_code(vm: &mut Vm, v: &Value) -> R {
    if let Some(set) = field(vm, v, "code") {
        return Ok(set);
    }
    let _ = (get_value, get_code);
    let args = args_of(v);
    Ok(match args.as_slice() {
        [] => Value::None,
        [one] => one.clone(),
        _ => Obj::tuple(args).into(),
    })
}

/// `StopIteration`.
pub const STOP_ITERATION: TypeDef =
    kind(&[], &[GetSet { name: "value", get: get_stop_value, set: Some(set_value) }], "Signal the end from iterator.__next__().");

/// `SystemExit`.
pub const SYSTEM_EXIT: TypeDef = kind(&[], &[GetSet { name: "code", get: get_exit_code, set: Some(set_code) }], "Request to exit from the interpreter.");

// ---- OSError ------------------------------------------------------------------------------------------------

/// The subclass of `OSError` that stands for an error number.
fn os_class(vm: &Vm, errno: i64) -> ClassRef {
    let t = &vm.types;
    match errno {
        1 | 13 => &t.permission_error,
        2 => &t.file_not_found_error,
        3 => &t.process_lookup_error,
        4 => &t.interrupted_error,
        10 => &t.child_process_error,
        11 | 114 | 115 => &t.blocking_io_error,
        17 => &t.file_exists_error,
        20 => &t.not_a_directory_error,
        21 => &t.is_a_directory_error,
        32 | 108 => &t.broken_pipe_error,
        103 => &t.connection_aborted_error,
        104 => &t.connection_reset_error,
        110 => &t.timeout_error,
        111 => &t.connection_refused_error,
        _ => &t.os_error,
    }
    .clone()
}

/// Whether a script's class sets its instances up itself, so that the arguments are only read by `OSError.__init__`.
fn sets_up_late(vm: &Vm, class: &ClassRef) -> bool {
    let is_script = |name| class.lookup_where(name).is_some_and(|(_, found)| found.has(flag::HEAP));
    is_script(&vm.names.init) && !is_script(&vm.names.new)
}

fn refuse_keywords(vm: &mut Vm, a: &[Value], n: usize, class: &ClassRef) -> R<()> {
    if keyword_pairs(kwargs_of(a, n, 1)).is_empty() {
        return Ok(());
    }
    let text = format!("{}() takes no keyword arguments", class.name());
    Err(vm.type_error(&text))
}

fn new_os(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let Some(mut class) = a[0].to_class() else { return Err(vm.type_error("OSError.__new__(X): X is not a type object")) };
    if sets_up_late(vm, &class) {
        return Ok(bare(&class, Vec::new()));
    }
    refuse_keywords(vm, a, n, &class)?;
    let args = a.get(1..n).unwrap_or_default().to_vec();
    if (2..=5).contains(&args.len())
        && class.is(&vm.types.os_error)
        && let Some(Value::Int(errno)) = args.first()
    {
        class = os_class(vm, *errno);
    }
    let exc = bare(&class, Vec::new());
    fill_os(vm, &exc, args);
    Ok(exc)
}

fn fill_os(vm: &mut Vm, exc: &Value, mut args: Vec<Value>) {
    if (2..=5).contains(&args.len()) {
        let filename = args.get(2).filter(|f| !f.is_none()).cloned();
        let filename2 = args.get(4).filter(|f| !f.is_none()).cloned();
        for (name, value) in [("errno", args.first()), ("strerror", args.get(1))] {
            if let Some(v) = value {
                set_field(vm, exc, name, v.clone());
            }
        }
        if let Some(f) = filename {
            set_field(vm, exc, "filename", f);
            if let Some(f2) = filename2 {
                set_field(vm, exc, "filename2", f2);
            }
            args.truncate(2);
        }
    }
    set_args(exc, args);
}

fn init_os(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let class = vm.class_of(&a[0]).clone();
    // Where a script's `__new__` has set it up, the arguments may be anything.
    if !sets_up_late(vm, &class) {
        return Ok(Value::None);
    }
    refuse_keywords(vm, a, n, &class)?;
    let args = a.get(1..n).unwrap_or_default().to_vec();
    fill_os(vm, &a[0].clone(), args);
    Ok(Value::None)
}

fn str_os(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (Some(errno), Some(strerror)) = (field(vm, &a[0], "errno"), field(vm, &a[0], "strerror")) else { return str(vm, a, n) };
    let mut text = format!("[Errno {}] {}", vm.str(&errno)?, vm.str(&strerror)?);
    if let Some(f) = field(vm, &a[0], "filename").filter(|f| !f.is_none()) {
        text = format!("{text}: {}", vm.repr(&f)?);
        if let Some(f2) = field(vm, &a[0], "filename2").filter(|f| !f.is_none()) {
            text = format!("{text} -> {}", vm.repr(&f2)?);
        }
    }
    Ok(text.into())
}

impl Vm {
    /// Raises the `OSError` that stands for a failed system call.
    pub fn raise_io_error(&mut self, error: &std::io::Error, filename: Option<&Value>) -> crate::value::Thrown {
        let errno = i64::from(error.raw_os_error().unwrap_or(5));
        let full = error.to_string();
        let text = full.split(" (os error").next().unwrap_or(&full).to_owned();
        let class = os_class(self, errno);
        let exc = bare(&class, Vec::new());
        let mut args = vec![Value::Int(errno), text.into()];
        args.extend(filename.cloned());
        fill_os(self, &exc, args);
        match exc {
            Value::Obj(o) => self.raise(o),
            _ => unreachable!("an exception is an object"),
        }
    }
}

/// `OSError` and its subclasses.
pub const OS_ERROR: TypeDef = kind(
    &[
        Builtin::new("__new__", "(cls, *args, **kwargs)", new_os, ""),
        Builtin::new("__init__", "(self, *args, **kwargs)", init_os, ""),
        Builtin::new("__str__", "(self, /)", str_os, "Return str(self)."),
    ],
    &[
        GetSet { name: "errno", get: get_errno, set: Some(set_errno) },
        GetSet { name: "strerror", get: get_strerror, set: Some(set_strerror) },
        GetSet { name: "filename", get: get_filename, set: Some(set_filename) },
        GetSet { name: "filename2", get: get_filename2, set: Some(set_filename2) },
    ],
    "Base class for I/O related errors.",
);

// ---- SyntaxError --------------------------------------------------------------------------------------------

fn init_syntax(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    init(vm, a, n)?;
    if n >= 2 {
        set_field(vm, &a[0], "msg", a[1].clone());
    }
    if n == 3 {
        let info = vm.collect(&a[2].clone())?;
        if info.len() < 4 {
            return Err(vm.type_error(&format!("function takes at least 4 arguments ({} given)", info.len())));
        }
        if info.len() > 6 {
            return Err(vm.type_error(&format!("function takes at most 6 arguments ({} given)", info.len())));
        }
        if info.len() == 5 {
            return Err(vm.type_error("end_offset must be provided when end_lineno is provided"));
        }
        for (name, value) in ["filename", "lineno", "offset", "text", "end_lineno", "end_offset"].into_iter().zip(info) {
            set_field(vm, &a[0], name, value);
        }
    }
    Ok(Value::None)
}

fn str_syntax(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let msg = field(vm, &a[0], "msg").unwrap_or(Value::None);
    let msg = vm.str(&msg)?;
    let filename = field(vm, &a[0], "filename").and_then(|f| f.as_str().map(|f| f.rsplit('/').next().unwrap_or(f).to_owned()));
    let line = match field(vm, &a[0], "lineno") {
        Some(Value::Int(i)) => Some(i),
        _ => None,
    };
    Ok(match (filename, line) {
        (Some(f), Some(l)) => format!("{msg} ({f}, line {l})"),
        (Some(f), None) => format!("{msg} ({f})"),
        (None, Some(l)) => format!("{msg} (line {l})"),
        (None, None) => msg,
    }
    .into())
}

/// `SyntaxError` and its subclasses.
pub const SYNTAX_ERROR: TypeDef = kind(
    &[Builtin::new("__init__", "(self, *args, **kwargs)", init_syntax, ""), Builtin::new("__str__", "(self, /)", str_syntax, "Return str(self).")],
    &[
        GetSet { name: "msg", get: get_msg, set: Some(set_msg) },
        GetSet { name: "filename", get: get_filename, set: Some(set_filename) },
        GetSet { name: "lineno", get: get_lineno, set: Some(set_lineno) },
        GetSet { name: "offset", get: get_offset, set: Some(set_offset) },
        GetSet { name: "text", get: get_text, set: Some(set_text) },
        GetSet { name: "end_lineno", get: get_end_lineno, set: Some(set_end_lineno) },
        GetSet { name: "end_offset", get: get_end_offset, set: Some(set_end_offset) },
        GetSet { name: "print_file_and_line", get: get_print, set: Some(set_print) },
    ],
    "Invalid syntax.",
);

// ---- UnicodeError -------------------------------------------------------------------------------------------

fn init_unicode(vm: &mut Vm, a: &mut [Value], n: usize, names: &[&str]) -> R {
    init(vm, a, n)?;
    if n - 1 != names.len() {
        return Err(vm.type_error(&format!("function takes exactly {} arguments ({} given)", names.len(), n - 1)));
    }
    for (i, name) in names.iter().enumerate() {
        let value = a[i + 1].clone();
        if matches!(*name, "encoding" | "reason") && value.as_str().is_none() {
            let text = format!("argument {} must be str, not {}", i + 1, vm.class_name_or_none(&value));
            return Err(vm.type_error(&text));
        }
        check_unicode_arg(vm, &a[0].clone(), i + 1, name, &value)?;
        set_field(vm, &a[0], name, value);
    }
    Ok(Value::None)
}

/// Refuses a wrong kind of object, start or end.
fn check_unicode_arg(vm: &mut Vm, exc: &Value, place: usize, name: &str, value: &Value) -> R<()> {
    let decode = vm.types.unicode_decode_error.clone();
    match name {
        "start" | "end" => vm.index(value).map(drop),
        "object" if vm.is_instance(exc, &decode) => match super::bytes::bytes_of(value) {
            Some(_) => Ok(()),
            None => {
                let text = format!("a bytes-like object is required, not '{}'", vm.class_name(value));
                Err(vm.type_error(&text))
            }
        },
        "object" if value.as_str().is_none() => {
            let text = format!("argument {place} must be str, not {}", vm.class_name_or_none(value));
            Err(vm.type_error(&text))
        }
        _ => Ok(()),
    }
}

fn init_coding(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    init_unicode(vm, a, n, &["encoding", "object", "start", "end", "reason"])
}

fn init_translate(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    init_unicode(vm, a, n, &["object", "start", "end", "reason"])
}

/// The range that failed, and the object.
fn failed_range(vm: &mut Vm, v: &Value) -> R<Option<(Value, i64, i64, String)>> {
    let Some(object) = field(vm, v, "object") else { return Ok(None) };
    let int = |v: Option<Value>| if let Some(Value::Int(i)) = v { i } else { 0 };
    let (start, end) = (int(field(vm, v, "start")), int(field(vm, v, "end")));
    let reason = field(vm, v, "reason").unwrap_or(Value::None);
    Ok(Some((object, start, end, vm.str(&reason)?)))
}

fn char_text(object: &Value, at: i64) -> String {
    match object.as_str().and_then(|s| s.chars().nth(at as usize)).map_or(0, u32::from) {
        c if c <= 0xff => format!("\\x{c:02x}"),
        c if c <= 0xffff => format!("\\u{c:04x}"),
        c => format!("\\U{c:08x}"),
    }
}

fn str_decode(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some((object, start, end, reason)) = failed_range(vm, &a[0])? else { return Ok(vm.empty_str.clone()) };
    let encoding = field(vm, &a[0], "encoding").unwrap_or(Value::None);
    let encoding = vm.str(&encoding)?;
    let byte = match object.native_kind() {
        Some(Kind::Bytes(b)) => b.get(start as usize).copied(),
        Some(Kind::ByteArray(b)) => b.borrow().get(start as usize).copied(),
        _ => None,
    };
    Ok(match byte {
        Some(b) if end == start + 1 => format!("'{encoding}' codec can't decode byte 0x{b:02x} in position {start}: {reason}"),
        _ => format!("'{encoding}' codec can't decode bytes in position {start}-{}: {reason}", end - 1),
    }
    .into())
}

fn str_encode(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some((object, start, end, reason)) = failed_range(vm, &a[0])? else { return Ok(vm.empty_str.clone()) };
    let encoding = field(vm, &a[0], "encoding").unwrap_or(Value::None);
    let encoding = vm.str(&encoding)?;
    Ok(if end == start + 1 {
        format!("'{encoding}' codec can't encode character '{}' in position {start}: {reason}", char_text(&object, start))
    } else {
        format!("'{encoding}' codec can't encode characters in position {start}-{}: {reason}", end - 1)
    }
    .into())
}

fn str_translate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some((object, start, end, reason)) = failed_range(vm, &a[0])? else { return Ok(vm.empty_str.clone()) };
    Ok(if end == start + 1 {
        format!("can't translate character '{}' in position {start}: {reason}", char_text(&object, start))
    } else {
        format!("can't translate characters in position {start}-{}: {reason}", end - 1)
    }
    .into())
}

const CODING_GETSETS: &[GetSet] = &[
    GetSet { name: "encoding", get: get_encoding, set: Some(set_encoding) },
    GetSet { name: "object", get: get_object, set: Some(set_object) },
    GetSet { name: "start", get: get_start, set: Some(set_start) },
    GetSet { name: "end", get: get_end, set: Some(set_end) },
    GetSet { name: "reason", get: get_reason, set: Some(set_reason) },
];

/// `UnicodeDecodeError`.
pub const UNICODE_DECODE: TypeDef = kind(
    &[Builtin::new("__init__", "(self, *args, **kwargs)", init_coding, ""), Builtin::new("__str__", "(self, /)", str_decode, "Return str(self).")],
    CODING_GETSETS,
    "Unicode decoding error.",
);
/// `UnicodeEncodeError`.
pub const UNICODE_ENCODE: TypeDef = kind(
    &[Builtin::new("__init__", "(self, *args, **kwargs)", init_coding, ""), Builtin::new("__str__", "(self, /)", str_encode, "Return str(self).")],
    CODING_GETSETS,
    "Unicode encoding error.",
);
/// `UnicodeTranslateError`.
pub const UNICODE_TRANSLATE: TypeDef = kind(
    &[Builtin::new("__init__", "(self, *args, **kwargs)", init_translate, ""), Builtin::new("__str__", "(self, /)", str_translate, "Return str(self).")],
    CODING_GETSETS,
    "Unicode translation error.",
);
