//! stub
use crate::vm::types::TypeDef;
pub const TYPE: TypeDef = TypeDef::PLAIN;
