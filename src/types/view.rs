//! stub
use crate::vm::types::TypeDef;
pub const KEYS: TypeDef = TypeDef::PLAIN;
pub const VALUES: TypeDef = TypeDef::PLAIN;
pub const ITEMS: TypeDef = TypeDef::PLAIN;
pub const PROXY: TypeDef = TypeDef::PLAIN;
