//! stub
use crate::vm::types::TypeDef;
pub const FUNCTION: TypeDef = TypeDef::PLAIN;
pub const NATIVE: TypeDef = TypeDef::PLAIN;
pub const METHOD: TypeDef = TypeDef::PLAIN;
pub const CELL: TypeDef = TypeDef::PLAIN;
pub const CODE: TypeDef = TypeDef::PLAIN;
