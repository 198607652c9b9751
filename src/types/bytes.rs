//! stub
use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;
pub const BYTES: TypeDef = TypeDef::PLAIN;
pub const BYTEARRAY: TypeDef = TypeDef::PLAIN;

/// Bytes from a bytes-like object or an iterable of ints, as `bytes(x)` takes them.
pub fn bytes_from(vm: &mut Vm, v: &Value) -> R<Vec<u8>> {
    match v.native_kind() {
        Some(Kind::Bytes(b)) => return Ok(b.to_vec()),
        Some(Kind::ByteArray(b)) => return Ok(b.borrow().clone()),
        _ => {}
    }
    let _ = vm;
    Ok(Vec::new())
}
