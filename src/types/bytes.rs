//! stub
use crate::vm::types::TypeDef;
pub const BYTES: TypeDef = TypeDef::PLAIN;
pub const BYTEARRAY: TypeDef = TypeDef::PLAIN;
