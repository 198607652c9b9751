//! Methods of `str` about case, padding and stripping, and claims about the characters.

use super::text;
use crate::pure::{case, chars, split as pure_split, text as pure};
use crate::value::{R, Value};
use crate::vm::Vm;

macro_rules! copies {
    ($($name:ident),* $(,)?) => {
        $(
            pub fn $name(_: &mut Vm, a: &mut [Value], _: usize) -> R {
                Ok(case::$name(text(a)).into())
            }
        )*
    };
}
copies! { upper, lower, capitalize, title, swapcase, casefold }

macro_rules! claims {
    ($($name:ident = |$text:ident| $claim:expr),* $(,)?) => {
        $(
            pub fn $name(_: &mut Vm, a: &mut [Value], _: usize) -> R {
                let $text = text(a);
                Ok(Value::bool($claim))
            }
        )*
    };
}
claims! {
    isalnum = |t| case::is_all(t, chars::is_alnum),
    isalpha = |t| case::is_all(t, chars::is_alpha),
    isascii = |t| t.is_ascii(),
    isdecimal = |t| case::is_all(t, chars::is_decimal),
    isdigit = |t| case::is_all(t, chars::is_digit),
    isidentifier = |t| case::is_identifier(t),
    islower = |t| case::is_lower(t),
    isnumeric = |t| case::is_all(t, chars::is_numeric),
    isprintable = |t| case::is_printable(t),
    isspace = |t| case::is_all(t, chars::is_space),
    istitle = |t| case::is_title(t),
    isupper = |t| case::is_upper(t),
}

/// The characters that a `strip` method takes off.
fn strip_arg<'a>(vm: &mut Vm, v: &'a Value, name: &str) -> R<Option<&'a str>> {
    match v.some() {
        None => Ok(None),
        Some(v) => match v.as_str() {
            Some(text) => Ok(Some(text)),
            None => Err(vm.type_error(&format!("{name} arg must be None or str"))),
        },
    }
}

/// The receiver itself where nothing was taken off.
fn stripped(a: &[Value], rest: &str) -> Value {
    match a.first() {
        Some(v) if rest.len() == text(a).len() => v.native().clone(),
        _ => rest.into(),
    }
}

pub fn strip(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let characters = strip_arg(vm, &a[1], "strip")?;
    Ok(stripped(a, pure_split::strip(text(a), characters)))
}

pub fn lstrip(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let characters = strip_arg(vm, &a[1], "lstrip")?;
    Ok(stripped(a, pure_split::lstrip(text(a), characters)))
}

pub fn rstrip(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let characters = strip_arg(vm, &a[1], "rstrip")?;
    Ok(stripped(a, pure_split::rstrip(text(a), characters)))
}

/// The width and the fill character of a padding method.
fn pad_args(vm: &mut Vm, a: &[Value]) -> R<(usize, char)> {
    let width = vm.ssize_arg(&a[1])?.max(0) as usize;
    vm.check_size::<u8>(width, 1)?;
    let Some(fill) = a[2].given() else { return Ok((width, ' ')) };
    let Some(text) = fill.as_str() else {
        let text = format!("The fill character must be a unicode character, not {}", vm.class_name(fill));
        return Err(vm.type_error(&text));
    };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok((width, c)),
        _ => Err(vm.type_error("The fill character must be exactly one character long")),
    }
}

pub fn center(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (width, fill) = pad_args(vm, a)?;
    Ok(pure::center(text(a), width, fill).into())
}

pub fn ljust(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (width, fill) = pad_args(vm, a)?;
    Ok(pure::ljust(text(a), width, fill).into())
}

pub fn rjust(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (width, fill) = pad_args(vm, a)?;
    Ok(pure::rjust(text(a), width, fill).into())
}

pub fn zfill(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let width = vm.ssize_arg(&a[1])?.max(0) as usize;
    vm.check_size::<u8>(width, 1)?;
    Ok(pure::zfill(text(a), width).into())
}

pub fn expandtabs(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let size = match a[1].given() {
        Some(v) => vm.c_int_arg(v)?.max(0) as usize,
        None => 8,
    };
    Ok(pure::expandtabs(text(a), size).into())
}
