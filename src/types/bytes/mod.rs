//! `bytes` and `bytearray`. Both share their methods, which give what the receiver is; `array` has what only a
//! bytearray can do. Text algorithms work on bytes seen as Latin-1 text.

mod array;
mod search;
mod shape;

use super::str::codec;
use crate::types::{make, rows};
use crate::value::class::Solid;
use crate::value::func::Builtin;
use crate::value::{ClassRef, Kind, Obj, R, Thrown, Value};
use crate::vm::Vm;
use crate::vm::number::Num;
use crate::vm::operator::bytearray;
use crate::vm::types::TypeDef;

// ---- conversions --------------------------------------------------------------------------------------------

/// The bytes of a bytes-like object.
pub fn bytes_of(v: &Value) -> Option<Vec<u8>> {
    match v.native_kind()? {
        Kind::Bytes(b) => Some(b.to_vec()),
        Kind::ByteArray(b) => Some(b.borrow().clone()),
        Kind::Native(n) => match n.buffer() {
            Some((bytes, _)) => Some(bytes.borrow().clone()),
            None => n.as_any().downcast_ref::<super::memoryview::MemoryView>().map(super::memoryview::MemoryView::bytes),
        },
        _ => None,
    }
}

/// The bytes of an argument that must be bytes-like.
fn bytes_arg(vm: &mut Vm, v: &Value) -> R<Vec<u8>> {
    match bytes_of(v) {
        Some(bytes) => Ok(bytes),
        None => {
            let text = format!("a bytes-like object is required, not '{}'", vm.class_name(v));
            Err(vm.type_error(&text))
        }
    }
}

/// The receiver's bytes.
fn receiver(a: &[Value]) -> Vec<u8> {
    a.first().and_then(bytes_of).unwrap_or_default()
}

/// Bytes of the receiver's kind.
fn like(receiver: &Value, bytes: Vec<u8>) -> Value {
    match receiver.native_kind() {
        Some(Kind::ByteArray(_)) => bytearray(bytes),
        _ => Obj::bytes(bytes).into(),
    }
}

/// Bytes as text of the same length.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

/// Such text as bytes.
fn from_latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| c as u8).collect()
}

/// One byte from an integer.
fn byte_arg(vm: &mut Vm, v: &Value, what: &str) -> R<u8> {
    match vm.index(v)? {
        Value::Int(i) if (0..256).contains(&i) => Ok(i as u8),
        _ => Err(out_of_range(vm, what)),
    }
}

#[cold]
fn out_of_range(vm: &mut Vm, what: &str) -> Thrown {
    vm.value_error(&format!("{what} must be in range(0, 256)"))
}

/// Bytes from a bytes-like object or an iterable of ints, as `bytes(x)` takes them.
pub fn bytes_from(vm: &mut Vm, v: &Value) -> R<Vec<u8>> {
    match asked(vm, v)? {
        Some(bytes) => Ok(bytes),
        None => bytes_from_items(vm, v, "bytes", "cannot convert '{}' object to bytes"),
    }
}

/// What an object's own `__bytes__` gives.
fn asked(vm: &mut Vm, v: &Value) -> R<Option<Vec<u8>>> {
    let name = vm.names.bytes.clone();
    let Some(method) = vm.special(v, &name) else { return Ok(None) };
    let result = vm.run_special(&method, v, &[])?;
    match result.native_kind() {
        Some(Kind::Bytes(b)) => Ok(Some(b.to_vec())),
        _ => {
            let text = format!("__bytes__ returned non-bytes (type {})", vm.class_name(&result));
            Err(vm.type_error(&text))
        }
    }
}

fn bytes_from_items(vm: &mut Vm, v: &Value, what: &str, refusal: &str) -> R<Vec<u8>> {
    if let Some(bytes) = bytes_of(v) {
        return Ok(bytes);
    }
    let iter = if v.as_str().is_some() {
        None
    } else {
        let class = vm.types.type_error.clone();
        let iter = vm.iter(v);
        vm.catch(&class, iter)?
    };
    let Some(iter) = iter else {
        let text = refusal.replace("{}", &vm.class_name(v));
        return Err(vm.type_error(&text));
    };
    let mut out = Vec::new();
    vm.for_each(&iter, |vm, item| {
        out.push(byte_arg(vm, &item, what)?);
        Ok(true)
    })?;
    Ok(out)
}

/// What `bytes(source, encoding, errors)` and `bytearray(...)` hold.
fn contents(vm: &mut Vm, a: &[Value], name: &str) -> R<Vec<u8>> {
    let [source, encoding, errors, ..] = a else { return Ok(Vec::new()) };
    if name == "bytes"
        && encoding.is_unbound()
        && errors.is_unbound()
        && let Some(bytes) = asked(vm, source)?
    {
        return Ok(bytes);
    }
    if let Some(text) = source.as_str() {
        if encoding.is_unbound() {
            return Err(vm.type_error("string argument without an encoding"));
        }
        let encoding = codec::name_arg(vm, encoding, name, "encoding", "utf-8")?;
        let errors = codec::name_arg(vm, errors, name, "errors", "strict")?;
        return codec::encode(vm, text, &encoding, &errors);
    }
    if !encoding.is_unbound() || !errors.is_unbound() {
        codec::name_arg(vm, encoding, name, "encoding", "utf-8")?;
        codec::name_arg(vm, errors, name, "errors", "strict")?;
        let option = if encoding.is_unbound() { "errors" } else { "encoding" };
        return Err(vm.type_error(&format!("{option} without a string argument")));
    }
    let Some(source) = source.given() else { return Ok(Vec::new()) };
    if bytes_of(source).is_none() && vm.has_index(source) {
        let class = vm.types.overflow_error.clone();
        let count = vm.index_i64_or(source, &class)?;
        let Ok(count) = usize::try_from(count) else { return Err(vm.value_error("negative count")) };
        vm.check_size::<u8>(count, 1)?;
        return Ok(vec![0; count]);
    }
    let (what, refusal) = if name == "bytes" { ("bytes", "cannot convert '{}' object to bytes") } else { ("byte", "cannot convert '{}' object to bytearray") };
    bytes_from_items(vm, source, what, refusal)
}

static NEW_BYTES: Builtin = Builtin::new("bytes", "(source=b'', encoding='utf-8', errors='strict')", construct_bytes, "");
static NEW_BYTEARRAY: Builtin = Builtin::new("bytearray", "(source=b'', encoding='utf-8', errors='strict')", construct_bytearray, "");

fn construct_bytes(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if matches!(a[0].kind(), Some(Kind::Bytes(_))) && a[1].is_unbound() && a[2].is_unbound() {
        return Ok(a[0].clone());
    }
    let bytes = contents(vm, a, "bytes")?;
    Ok(Obj::bytes(bytes).into())
}

fn construct_bytearray(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    contents(vm, a, "bytearray").map(bytearray)
}

fn new_bytes(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.bytes.clone();
    make::new_from_call(vm, a, n, &owner)
}

fn new_bytearray(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.bytearray.clone();
    let class = make::class_to_make(vm, a, n, &owner)?;
    Ok(make::wrap(&class, &owner, bytearray(Vec::new())))
}

fn init_bytearray(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let bytes = contents(vm, a.get(1..).unwrap_or_default(), "bytearray")?;
    if let Some(Kind::ByteArray(b)) = a[0].native_kind() {
        b.replace(bytes);
    }
    Ok(Value::None)
}

/// A result of a class method, of the class it was called on.
fn of_class(vm: &mut Vm, class: &Value, owner: &ClassRef, made: Value) -> R {
    match class.to_class().filter(|c| !c.is(owner)) {
        Some(class) => vm.call(&class.into(), &[made]),
        None => Ok(made),
    }
}

fn fromhex(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let text = make::str_arg(vm, &a[1], "fromhex() argument")?;
    let bytes = match parse_hex(text) {
        Ok(bytes) => bytes,
        Err(at) => return Err(vm.value_error(&format!("non-hexadecimal number found in fromhex() arg at position {at}"))),
    };
    let (bytes_class, array_class) = (vm.types.bytes.clone(), vm.types.bytearray.clone());
    if a[0].to_class().is_some_and(|c| c.is_subclass_of(&array_class)) {
        return of_class(vm, &a[0], &array_class, bytearray(bytes));
    }
    of_class(vm, &a[0], &bytes_class, Obj::bytes(bytes).into())
}

/// Reads pairs of hexadecimal digits with white space between them; the place of a fault.
fn parse_hex(text: &str) -> Result<Vec<u8>, usize> {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(c) = chars.get(at) {
        if c.is_ascii_whitespace() || *c == '\x0b' {
            at += 1;
            continue;
        }
        let high = c.to_digit(16).ok_or(at)?;
        let low = chars.get(at + 1).and_then(|c| c.to_digit(16)).ok_or(at + 1)?;
        out.push((high * 16 + low) as u8);
        at += 2;
    }
    Ok(out)
}

/// `hex` of everything bytes-like.
pub fn hex(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let group = match a[2].given() {
        Some(v) => i64::from(vm.c_int_arg(v)?),
        None => 1,
    };
    let separator = match a[1].given() {
        None => None,
        Some(v) => {
            if vm.len(v)? != 1 {
                return Err(vm.value_error("sep must be length 1."));
            }
            match v.as_str().and_then(|s| s.chars().next()).or_else(|| bytes_of(v).and_then(|b| b.first().map(|b| char::from(*b)))) {
                Some(c) if c.is_ascii() => Some(c),
                Some(_) => return Err(vm.value_error("sep must be ASCII.")),
                None => return Err(vm.type_error("sep must be str or bytes.")),
            }
        }
    };
    let bytes = receiver(a);
    let mut out = String::with_capacity(bytes.len() * 2);
    let size = group.unsigned_abs() as usize;
    for (i, byte) in bytes.iter().enumerate() {
        let from_edge = if group > 0 { bytes.len() - i } else { i };
        if let Some(c) = separator
            && i > 0
            && size > 0
            && from_edge % size == 0
        {
            out.push(c);
        }
        out.push_str(&format!("{byte:02x}"));
    }
    Ok(out.into())
}

fn decode(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let encoding = codec::name_arg(vm, &a[1], "decode", "encoding", "utf-8")?;
    let errors = codec::name_arg(vm, &a[2], "decode", "errors", "strict")?;
    codec::decode(vm, &receiver(a), &encoding, &errors)
}

// ---- operators ----------------------------------------------------------------------------------------------

fn add(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(vm.concat(&a[0], &a[1])?.unwrap_or_default())
}

fn mul(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.repeat(&a[0], &a[1])
}

fn percent(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let formatted = vm.percent_bytes(&receiver(a), &a[1])?;
    Ok(like(&a[0], formatted))
}

fn rpercent(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let is_same =
        matches!((a[0].native_kind(), a[1].native_kind()), (Some(Kind::Bytes(_)), Some(Kind::Bytes(_))) | (Some(Kind::ByteArray(_)), Some(Kind::ByteArray(_))));
    match bytes_of(&a[1]).filter(|_| is_same) {
        Some(template) => {
            let formatted = vm.percent_bytes(&template, &a[0])?;
            Ok(like(&a[1], formatted))
        }
        None => Ok(vm.not_implemented.clone()),
    }
}

fn to_bytes(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::bytes(receiver(a)).into())
}

fn getnewargs(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::tuple([Obj::bytes(receiver(a)).into()]).into())
}

/// Whether the value is an integer, so that searches look for one byte.
fn is_integer(v: &Value) -> bool {
    matches!(Num::of(v.native()), Some(Num::Int(_) | Num::Big(_)))
}

/// The rows that both classes have, with more rows in front.
macro_rules! methods {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            Builtin::new("__repr__", "(self, /)", make::repr, ""),
            Builtin::new("__str__", "(self, /)", make::repr, ""),
            Builtin::new("__len__", "(self, /)", rows::len, ""),
            Builtin::new("__iter__", "(self, /)", rows::iter, ""),
            Builtin::new("__contains__", "(self, key, /)", rows::contains, ""),
            Builtin::new("__getitem__", "(self, key, /)", rows::getitem, ""),
            Builtin::new("__eq__", "(self, value, /)", rows::eq, ""),
            Builtin::new("__ne__", "(self, value, /)", rows::ne, ""),
            Builtin::new("__lt__", "(self, value, /)", rows::lt, ""),
            Builtin::new("__le__", "(self, value, /)", rows::le, ""),
            Builtin::new("__gt__", "(self, value, /)", rows::gt, ""),
            Builtin::new("__ge__", "(self, value, /)", rows::ge, ""),
            Builtin::new("__add__", "(self, value, /)", add, ""),
            Builtin::new("__mul__", "(self, value, /)", mul, ""),
            Builtin::new("__rmul__", "(self, value, /)", mul, ""),
            Builtin::new("__mod__", "(self, value, /)", percent, ""),
            Builtin::new("__rmod__", "(self, value, /)", rpercent, ""),
            Builtin::new("decode", "(self, /, encoding='utf-8', errors='strict')", decode, "The bytes as text."),
            Builtin::new("hex", "(self, /, sep=None, bytes_per_sep=1)", hex, "Two hexadecimal digits for each byte."),
            Builtin::new("fromhex", "(cls, string, /)", fromhex, "Bytes from hexadecimal digits."),
            Builtin::new("join", "(self, iterable_of_bytes, /)", search::join, "Joins bytes with the receiver between them."),
            Builtin::new("split", "(self, /, sep=None, maxsplit=-1)", search::split, "The parts between separators."),
            Builtin::new("rsplit", "(self, /, sep=None, maxsplit=-1)", search::rsplit, "The parts between separators, counted from the end."),
            Builtin::new("splitlines", "(self, /, keepends=False)", search::splitlines, "The lines."),
            Builtin::new("partition", "(self, sep, /)", search::partition, "The parts around the first separator, and it."),
            Builtin::new("rpartition", "(self, sep, /)", search::rpartition, "The parts around the last separator, and it."),
            Builtin::new("replace", "(self, old, new, count=-1, /)", search::replace, "A copy with some bytes replaced by others."),
            Builtin::new("find", "(self, *args)", search::find, "The first position of bytes, or -1."),
            Builtin::new("rfind", "(self, *args)", search::rfind, "The last position of bytes, or -1."),
            Builtin::new("index", "(self, *args)", search::index, "The first position of bytes; an error if there is none."),
            Builtin::new("rindex", "(self, *args)", search::rindex, "The last position of bytes; an error if there is none."),
            Builtin::new("count", "(self, *args)", search::count, "How often bytes occur, without overlaps."),
            Builtin::new("startswith", "(self, *args)", search::startswith, "Whether it begins with bytes or one of several."),
            Builtin::new("endswith", "(self, *args)", search::endswith, "Whether it ends with bytes or one of several."),
            Builtin::new("removeprefix", "(self, prefix, /)", search::removeprefix, "A copy without the prefix."),
            Builtin::new("removesuffix", "(self, suffix, /)", search::removesuffix, "A copy without the suffix."),
            Builtin::new("translate", "(self, table, /, delete=b'')", search::translate, "A copy with each byte looked up in a table."),
            Builtin::new("maketrans", "(frm, to, /)", search::maketrans, "A table for translate."),
            Builtin::new("strip", "(self, bytes=None, /)", shape::strip, "A copy without white space, or the bytes given, at both ends."),
            Builtin::new("lstrip", "(self, bytes=None, /)", shape::lstrip, "A copy without white space at the beginning."),
            Builtin::new("rstrip", "(self, bytes=None, /)", shape::rstrip, "A copy without white space at the end."),
            Builtin::new("upper", "(self, /)", shape::upper, "A copy with ASCII letters in upper case."),
            Builtin::new("lower", "(self, /)", shape::lower, "A copy with ASCII letters in lower case."),
            Builtin::new("capitalize", "(self, /)", shape::capitalize, "A copy whose first byte is in upper case."),
            Builtin::new("title", "(self, /)", shape::title, "A copy in which each word begins in upper case."),
            Builtin::new("swapcase", "(self, /)", shape::swapcase, "A copy with upper and lower case exchanged."),
            Builtin::new("center", "(self, width, fillchar=b' ', /)", shape::center, "A copy in the middle of so many columns."),
            Builtin::new("ljust", "(self, width, fillchar=b' ', /)", shape::ljust, "A copy at the left of so many columns."),
            Builtin::new("rjust", "(self, width, fillchar=b' ', /)", shape::rjust, "A copy at the right of so many columns."),
            Builtin::new("zfill", "(self, width, /)", shape::zfill, "A copy with zeros in front."),
            Builtin::new("expandtabs", "(self, /, tabsize=8)", shape::expandtabs, "A copy with tabs turned into spaces."),
            Builtin::new("isalnum", "(self, /)", shape::isalnum, "Whether all are ASCII letters or digits."),
            Builtin::new("isalpha", "(self, /)", shape::isalpha, "Whether all are ASCII letters."),
            Builtin::new("isascii", "(self, /)", shape::isascii, "Whether all are ASCII."),
            Builtin::new("isdigit", "(self, /)", shape::isdigit, "Whether all are ASCII digits."),
            Builtin::new("islower", "(self, /)", shape::islower, "Whether all letters are in lower case."),
            Builtin::new("isspace", "(self, /)", shape::isspace, "Whether all are white space."),
            Builtin::new("istitle", "(self, /)", shape::istitle, "Whether each word begins in upper case."),
            Builtin::new("isupper", "(self, /)", shape::isupper, "Whether all letters are in upper case."),
        ]
    };
}

const BYTES_METHODS: &[Builtin] = methods! {
    Builtin::new("__new__", "(cls, *args, **kwargs)", new_bytes, ""),
    Builtin::new("__hash__", "(self, /)", rows::hash, ""),
    Builtin::new("__bytes__", "(self, /)", to_bytes, ""),
    Builtin::new("__getnewargs__", "(self, /)", getnewargs, ""),
};

const BYTEARRAY_METHODS: &[Builtin] = methods! {
    Builtin::new("__new__", "(cls, *args, **kwargs)", new_bytearray, ""),
    Builtin::new("__init__", "(self, /, source=b'', encoding='utf-8', errors='strict')", init_bytearray, ""),
    Builtin::new("__setitem__", "(self, key, value, /)", rows::setitem, ""),
    Builtin::new("__delitem__", "(self, key, /)", rows::delitem, ""),
    Builtin::new("__iadd__", "(self, value, /)", array::iadd, ""),
    Builtin::new("__imul__", "(self, value, /)", array::imul, ""),
    Builtin::new("append", "(self, item, /)", array::append, "Adds a byte at the end."),
    Builtin::new("extend", "(self, iterable_of_ints, /)", array::extend, "Adds bytes at the end."),
    Builtin::new("insert", "(self, index, item, /)", array::insert, "Puts a byte before a position."),
    Builtin::new("pop", "(self, index=-1, /)", array::pop, "Takes a byte out."),
    Builtin::new("remove", "(self, value, /)", array::remove, "Takes the first occurrence of a byte out."),
    Builtin::new("reverse", "(self, /)", array::reverse, "Turns the order round."),
    Builtin::new("clear", "(self, /)", array::clear, "Takes everything out."),
    Builtin::new("copy", "(self, /)", array::copy, "A copy."),
};

/// The class `bytes`.
pub const BYTES: TypeDef = TypeDef {
    methods: BYTES_METHODS,
    getsets: &[],
    construct: Some(&NEW_BYTES),
    solid: Solid::Builtin,
    flags: 0,
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes",
};

/// The class `bytearray`.
pub const BYTEARRAY: TypeDef = TypeDef {
    methods: BYTEARRAY_METHODS,
    getsets: &[],
    construct: Some(&NEW_BYTEARRAY),
    solid: Solid::Builtin,
    flags: 0,
    doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray",
};
