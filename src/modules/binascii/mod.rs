//! `binascii`: bytes as text and back; `binascii.co` raises its errors, `base64.co` is built on both.

use super::functions;
use crate::types::bytes::bytes_of;
use crate::value::func::Builtin;
use crate::value::{Obj, R, Value};
use crate::vm::Vm;

mod base64;

/// The names that are there when the module's text runs.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    functions(FUNCTIONS, "binascii")
}

/// The bytes of an argument: ASCII text counts too if `or_text`.
fn bytes_arg(vm: &mut Vm, v: &Value, or_text: bool) -> R<Vec<u8>> {
    if let Some(bytes) = bytes_of(v) {
        return Ok(bytes);
    }
    match v.as_str() {
        Some(text) if or_text && text.is_ascii() => return Ok(text.as_bytes().to_vec()),
        Some(_) if or_text => return Err(vm.value_error("string argument should contain only ASCII characters")),
        _ => {}
    }
    let name = vm.class_name(v);
    let text = if or_text {
        format!("argument should be bytes, buffer or ASCII string, not '{name}'")
    } else {
        format!("a bytes-like object is required, not '{name}'")
    };
    Err(vm.type_error(&text))
}

fn bytes(bytes: Vec<u8>) -> Value {
    Obj::bytes(bytes).into()
}

/// Bytes, or the complaint as text.
fn result(found: Result<Vec<u8>, String>) -> R {
    Ok(found.map_or_else(Value::from, bytes))
}

fn encode64(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(bytes(base64::encode(&bytes_arg(vm, &a[0].clone(), false)?)))
}

fn decode64(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let strict = vm.truth(&a[1])?;
    result(base64::decode(&bytes_arg(vm, &a[0].clone(), true)?, strict))
}

fn from_hex(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let text = bytes_arg(vm, &a[0].clone(), true)?;
    if text.len() % 2 == 1 {
        return Ok("Odd-length string".into());
    }
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let pair = |p: &[u8]| match p {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    result(text.chunks(2).map(pair).collect::<Option<_>>().ok_or_else(|| "Non-hexadecimal digit found".to_owned()))
}

fn crc32(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let data = bytes_arg(vm, &a[0].clone(), false)?;
    let start = if let Some(v) = a[1].given() { vm.index_i64(&v.clone())? as u32 } else { 0 };
    let mut crc = !start;
    for byte in data {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    Ok(Value::Int(i64::from(!crc)))
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("_encode64", "(data, /)", encode64, ""),
    Builtin::new("_decode64", "(text, strict, /)", decode64, ""),
    Builtin::new("_from_hex", "(text, /)", from_hex, ""),
    Builtin::new("crc32", "(data, crc=0, /)", crc32, "Compute CRC-32 incrementally."),
];
