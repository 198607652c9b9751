//! stub
use crate::vm::types::TypeDef;
pub const BASE: TypeDef = TypeDef::PLAIN;
