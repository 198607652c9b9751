//! stub
use crate::vm::types::TypeDef;
pub const NONE: TypeDef = TypeDef::PLAIN;
pub const ELLIPSIS: TypeDef = TypeDef::PLAIN;
pub const NOT_IMPLEMENTED: TypeDef = TypeDef::PLAIN;
