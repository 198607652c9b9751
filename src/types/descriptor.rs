//! stub
use crate::vm::types::TypeDef;
pub const PROPERTY: TypeDef = TypeDef::PLAIN;
pub const STATICMETHOD: TypeDef = TypeDef::PLAIN;
pub const CLASSMETHOD: TypeDef = TypeDef::PLAIN;
pub const SUPER: TypeDef = TypeDef::PLAIN;
pub const MEMBER: TypeDef = TypeDef::PLAIN;
pub const GETSET: TypeDef = TypeDef::PLAIN;
