//! Methods of `bytes` and `bytearray` that find, split, join and replace.

use super::{byte_arg, bytes_arg, bytes_of, from_latin, is_integer, latin, like, receiver};
use crate::pure::{split as pure_split, text as pure};
use crate::types::str::{bounds, check_count};
use crate::value::{Obj, R, Value};
use crate::vm::Vm;

fn parts<S: AsRef<[u8]>>(receiver: &Value, all: impl IntoIterator<Item = S>) -> Value {
    all.into_iter().map(|p| like(receiver, p.as_ref().to_vec())).collect::<Vec<Value>>().into()
}

fn latin_parts(receiver: &Value, all: &[&str]) -> Value {
    parts(receiver, all.iter().map(|p| from_latin(p)))
}

// ---- joining and splitting ----------------------------------------------------------------------------------

pub fn join(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = vm.types.type_error.clone();
    let iter = vm.iter(&a[1]);
    let Some(iter) = vm.catch(&class, iter)? else { return Err(vm.type_error("can only join an iterable")) };
    let items = vm.collect(&iter)?;
    let mut all = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        match bytes_of(item) {
            Some(bytes) => all.push(bytes),
            None => {
                let text = format!("sequence item {i}: expected a bytes-like object, {} found", vm.class_name(item));
                return Err(vm.type_error(&text));
            }
        }
    }
    Ok(like(&a[0], all.join(&*receiver(a))))
}

/// The separator and the limit of `split` and `rsplit`.
fn split_args(vm: &mut Vm, a: &[Value]) -> R<(Option<String>, Option<usize>)> {
    let limit = match a[2].given() {
        Some(v) => usize::try_from(vm.ssize_arg(v)?).ok(),
        None => None,
    };
    match a[1].some() {
        None => Ok((None, limit)),
        Some(v) => separator_arg(vm, v).map(|s| (Some(s), limit)),
    }
}

fn separator_arg(vm: &mut Vm, v: &Value) -> R<String> {
    let separator = bytes_arg(vm, v)?;
    if separator.is_empty() { Err(vm.value_error("empty separator")) } else { Ok(latin(&separator)) }
}

/// What bytes have for white space.
pub fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// `split(None, limit)`.
fn split_space(bytes: &[u8], limit: Option<usize>) -> Vec<Vec<u8>> {
    let (mut out, mut rest) = (Vec::new(), bytes);
    loop {
        let start = rest.iter().take_while(|b| is_space(**b)).count();
        rest = rest.get(start..).unwrap_or_default();
        if rest.is_empty() {
            return out;
        }
        let end = if limit == Some(out.len()) { rest.len() } else { rest.iter().take_while(|b| !is_space(**b)).count() };
        let (part, after) = rest.split_at(end);
        out.push(part.to_vec());
        rest = after;
    }
}

pub fn split(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (separator, limit) = split_args(vm, a)?;
    Ok(match separator {
        Some(separator) => latin_parts(&a[0], &pure_split::split_on(&latin(&receiver(a)), &separator, limit)),
        None => parts(&a[0], split_space(&receiver(a), limit)),
    })
}

pub fn rsplit(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (separator, limit) = split_args(vm, a)?;
    if let Some(separator) = separator {
        return Ok(latin_parts(&a[0], &pure_split::rsplit_on(&latin(&receiver(a)), &separator, limit)));
    }
    let mut backwards = receiver(a);
    backwards.reverse();
    let mut all = split_space(&backwards, limit);
    all.reverse();
    for part in &mut all {
        part.reverse();
    }
    Ok(parts(&a[0], all))
}

pub fn splitlines(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let keep = match a[1].given() {
        Some(v) => vm.c_int_arg(v)? != 0,
        None => false,
    };
    let bytes = receiver(a);
    let (mut lines, mut rest) = (Vec::new(), &*bytes);
    while !rest.is_empty() {
        let end = rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
        let mark = if rest.get(end..end + 2) == Some(b"\r\n") { 2 } else { usize::from(end < rest.len()) };
        let (line, after) = rest.split_at(end + mark);
        lines.push(if keep { line } else { line.get(..end).unwrap_or_default() });
        rest = after;
    }
    Ok(parts(&a[0], lines))
}

pub fn partition(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let separator = separator_arg(vm, &a[1])?;
    let text = latin(&receiver(a));
    Ok(Obj::tuple(pure_split::partition(&text, &separator).map(|p| like(&a[0], from_latin(p)))).into())
}

pub fn rpartition(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let separator = separator_arg(vm, &a[1])?;
    let text = latin(&receiver(a));
    Ok(Obj::tuple(pure_split::rpartition(&text, &separator).map(|p| like(&a[0], from_latin(p)))).into())
}

pub fn replace(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (old, new) = (bytes_arg(vm, &a[1])?, bytes_arg(vm, &a[2])?);
    let limit = match a[3].given() {
        Some(v) => usize::try_from(vm.ssize_arg(v)?).ok(),
        None => None,
    };
    Ok(like(&a[0], from_latin(&pure::replace(&latin(&receiver(a)), &latin(&old), &latin(&new), limit))))
}

pub fn removeprefix(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (bytes, prefix) = (receiver(a), bytes_arg(vm, &a[1])?);
    Ok(like(&a[0], bytes.strip_prefix(&*prefix).unwrap_or(&bytes).to_vec()))
}

pub fn removesuffix(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (bytes, suffix) = (receiver(a), bytes_arg(vm, &a[1])?);
    Ok(like(&a[0], bytes.strip_suffix(&*suffix).unwrap_or(&bytes).to_vec()))
}

// ---- finding ------------------------------------------------------------------------------------------------

/// What is looked for: bytes, or one byte as an integer.
fn needle(vm: &mut Vm, v: &Value) -> R<String> {
    if let Some(bytes) = bytes_of(v) {
        return Ok(latin(&bytes));
    }
    if is_integer(v) || vm.has_index(v) {
        return Ok(latin(&[byte_arg(vm, v, "byte")?]));
    }
    let text = format!("argument should be integer or bytes-like object, not '{}'", vm.class_name(v));
    Err(vm.type_error(&text))
}

fn search(vm: &mut Vm, a: &[Value], n: usize, name: &str, from_end: bool) -> R<Option<usize>> {
    check_count(vm, name, n)?;
    let (start, end) = bounds(vm, a, n)?;
    let (text, needle) = (latin(&receiver(a)), needle(vm, &a[1])?);
    Ok(if from_end { pure::rfind(&text, &needle, start, end) } else { pure::find(&text, &needle, start, end) })
}

fn known_position(vm: &mut Vm, found: Option<usize>) -> R {
    match found {
        Some(at) => Ok(at.into()),
        None => Err(vm.value_error("subsection not found")),
    }
}

pub fn find(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    Ok(search(vm, a, n, "find", false)?.map_or(Value::Int(-1), Value::from))
}

pub fn rfind(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    Ok(search(vm, a, n, "rfind", true)?.map_or(Value::Int(-1), Value::from))
}

pub fn index(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let found = search(vm, a, n, "index", false)?;
    known_position(vm, found)
}

pub fn rindex(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let found = search(vm, a, n, "rindex", true)?;
    known_position(vm, found)
}

pub fn count(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    check_count(vm, "count", n)?;
    let (start, end) = bounds(vm, a, n)?;
    let needle = needle(vm, &a[1])?;
    Ok(pure::count(&latin(&receiver(a)), &needle, start, end).into())
}

/// `startswith` and `endswith`: bytes or a tuple of bytes.
fn affix(vm: &mut Vm, a: &[Value], n: usize, name: &str, is_there: impl Fn(&str, &str) -> bool) -> R {
    check_count(vm, name, n)?;
    let (start, end) = bounds(vm, a, n)?;
    let text = latin(&receiver(a));
    let part = pure::subrange(&text, start, end).map(|(part, _)| part);
    if let Some(affix) = bytes_of(&a[1]) {
        return Ok(Value::bool(part.is_some_and(|p| is_there(p, &latin(&affix)))));
    }
    let Some(all) = a[1].as_tuple() else {
        let text = format!("{name} first arg must be bytes or a tuple of bytes, not {}", vm.class_name(&a[1]));
        return Err(vm.type_error(&text));
    };
    for item in all {
        let affix = latin(&bytes_arg(vm, item)?);
        if part.is_some_and(|p| is_there(p, &affix)) {
            return Ok(Value::True);
        }
    }
    Ok(Value::False)
}

pub fn startswith(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    affix(vm, a, n, "startswith", |text, affix| text.starts_with(affix))
}

pub fn endswith(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    affix(vm, a, n, "endswith", |text, affix| text.ends_with(affix))
}

// ---- translating --------------------------------------------------------------------------------------------

pub fn translate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let table = match a[1].some() {
        Some(v) => Some(bytes_arg(vm, v)?),
        None => None,
    };
    if table.as_ref().is_some_and(|t| t.len() != 256) {
        return Err(vm.value_error("translation table must be 256 characters long"));
    }
    let gone = match a[2].given() {
        Some(v) => bytes_arg(vm, v)?,
        None => Vec::new(),
    };
    let kept = receiver(a).into_iter().filter(|b| !gone.contains(b));
    let bytes = kept.map(|b| table.as_ref().and_then(|t| t.get(usize::from(b)).copied()).unwrap_or(b)).collect();
    Ok(like(&a[0], bytes))
}

pub fn maketrans(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (from, to) = (bytes_arg(vm, &a[0])?, bytes_arg(vm, &a[1])?);
    if from.len() != to.len() {
        return Err(vm.value_error("maketrans arguments must have same length"));
    }
    let mut table: Vec<u8> = (0..=255).collect();
    for (x, y) in from.into_iter().zip(to) {
        if let Some(slot) = table.get_mut(usize::from(x)) {
            *slot = y;
        }
    }
    Ok(Obj::bytes(table).into())
}
