//! stub
use crate::vm::types::TypeDef;
pub const PLAIN: TypeDef = TypeDef::PLAIN;
pub const REVERSED: TypeDef = TypeDef::PLAIN;
pub const ENUMERATE: TypeDef = TypeDef::PLAIN;
pub const ZIP: TypeDef = TypeDef::PLAIN;
pub const MAP: TypeDef = TypeDef::PLAIN;
pub const FILTER: TypeDef = TypeDef::PLAIN;
