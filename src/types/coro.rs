//! stub
use crate::vm::types::TypeDef;
pub const GENERATOR: TypeDef = TypeDef::PLAIN;
pub const COROUTINE: TypeDef = TypeDef::PLAIN;
pub const ASYNC_GENERATOR: TypeDef = TypeDef::PLAIN;
