//! Methods of `bytes` and `bytearray` about ASCII case, padding and stripping, and claims about the bytes.

use super::search::is_space;
use super::{bytes_arg, bytes_of, from_latin, latin, like, receiver};
use crate::pure::text as pure;
use crate::value::Kind;
use crate::value::{R, Value};
use crate::vm::Vm;

macro_rules! copies {
    ($($name:ident = |$bytes:ident| $copy:expr),* $(,)?) => {
        $(
            pub fn $name(_: &mut Vm, a: &mut [Value], _: usize) -> R {
                let $bytes = receiver(a);
                Ok(like(&a[0], $copy))
            }
        )*
    };
}
copies! {
    upper = |b| b.to_ascii_uppercase(),
    lower = |b| b.to_ascii_lowercase(),
    swapcase = |b| b.iter().copied().map(swap).collect(),
    capitalize = |b| b.iter().enumerate().map(|(i, b)| if i == 0 { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() }).collect(),
    title = |b| in_words(&b).map(|(b, begins)| if begins { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() }).collect(),
}

fn swap(byte: u8) -> u8 {
    if byte.is_ascii_uppercase() { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() }
}

/// Every byte, and whether a word begins there.
fn in_words(bytes: &[u8]) -> impl Iterator<Item = (u8, bool)> {
    let before = std::iter::once(b' ').chain(bytes.iter().copied());
    bytes.iter().copied().zip(before).map(|(b, before)| (b, !before.is_ascii_alphabetic()))
}

macro_rules! claims {
    ($($name:ident = |$bytes:ident| $claim:expr),* $(,)?) => {
        $(
            pub fn $name(_: &mut Vm, a: &mut [Value], _: usize) -> R {
                let $bytes = receiver(a);
                Ok(Value::bool($claim))
            }
        )*
    };
}
claims! {
    isalnum = |b| !b.is_empty() && b.iter().all(u8::is_ascii_alphanumeric),
    isalpha = |b| !b.is_empty() && b.iter().all(u8::is_ascii_alphabetic),
    isascii = |b| b.is_ascii(),
    isdigit = |b| !b.is_empty() && b.iter().all(u8::is_ascii_digit),
    islower = |b| b.iter().any(u8::is_ascii_lowercase) && !b.iter().any(u8::is_ascii_uppercase),
    isspace = |b| !b.is_empty() && b.iter().all(|b| is_space(*b)),
    istitle = |b| b.iter().any(u8::is_ascii_alphabetic) && in_words(&b).all(|(b, begins)| !b.is_ascii_alphabetic() || b.is_ascii_uppercase() == begins),
    isupper = |b| b.iter().any(u8::is_ascii_uppercase) && !b.iter().any(u8::is_ascii_lowercase),
}

/// Takes bytes off the ends.
fn stripped(vm: &mut Vm, a: &[Value], at_start: bool, at_end: bool) -> R {
    let wanted = match a[1].some() {
        Some(v) => Some(bytes_arg(vm, v)?),
        None => None,
    };
    let goes = |b: &u8| wanted.as_ref().map_or_else(|| is_space(*b), |w| w.contains(b));
    let bytes = receiver(a);
    let start = if at_start { bytes.iter().take_while(|b| goes(b)).count() } else { 0 };
    let rest = bytes.get(start..).unwrap_or_default();
    let end = if at_end { rest.iter().rev().take_while(|b| goes(b)).count() } else { 0 };
    if start + end == 0 && matches!(a[0].kind(), Some(Kind::Bytes(_))) {
        return Ok(a[0].clone());
    }
    Ok(like(&a[0], rest.get(..rest.len() - end).unwrap_or_default().to_vec()))
}

pub fn strip(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    stripped(vm, a, true, true)
}

pub fn lstrip(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    stripped(vm, a, true, false)
}

pub fn rstrip(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    stripped(vm, a, false, true)
}

/// Pads the receiver as text is padded.
fn padded(vm: &mut Vm, a: &[Value], name: &str, pad: fn(&str, usize, char) -> String) -> R {
    let width = vm.ssize_arg(&a[1])?.max(0) as usize;
    vm.check_size::<u8>(width, 1)?;
    let fill = match a[2].given() {
        None => ' ',
        Some(v) => match bytes_of(v).as_deref() {
            Some([byte]) => char::from(*byte),
            _ => {
                let text = format!("{name}() argument 2 must be a byte string of length 1, not {}", vm.class_name(v));
                return Err(vm.type_error(&text));
            }
        },
    };
    Ok(like(&a[0], from_latin(&pad(&latin(&receiver(a)), width, fill))))
}

pub fn center(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    padded(vm, a, "center", pure::center)
}

pub fn ljust(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    padded(vm, a, "ljust", pure::ljust)
}

pub fn rjust(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    padded(vm, a, "rjust", pure::rjust)
}

pub fn zfill(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let width = vm.ssize_arg(&a[1])?.max(0) as usize;
    vm.check_size::<u8>(width, 1)?;
    Ok(like(&a[0], from_latin(&pure::zfill(&latin(&receiver(a)), width))))
}

pub fn expandtabs(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let size = match a[1].given() {
        Some(v) => vm.c_int_arg(v)?.max(0) as usize,
        None => 8,
    };
    Ok(like(&a[0], from_latin(&pure::expandtabs(&latin(&receiver(a)), size))))
}
