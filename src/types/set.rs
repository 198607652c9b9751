//! stub
use crate::vm::types::TypeDef;
pub const SET: TypeDef = TypeDef::PLAIN;
pub const FROZENSET: TypeDef = TypeDef::PLAIN;
