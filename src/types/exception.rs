//! stub
use crate::vm::types::TypeDef;
pub const TRACEBACK: TypeDef = TypeDef::PLAIN;
pub const BASE: TypeDef = TypeDef::PLAIN;
pub const SYSTEM_EXIT: TypeDef = TypeDef::PLAIN;
pub const WITH_NAME_AND_OBJ: TypeDef = TypeDef::PLAIN;
pub const IMPORT: TypeDef = TypeDef::PLAIN;
pub const KEY_ERROR: TypeDef = TypeDef::PLAIN;
pub const WITH_NAME: TypeDef = TypeDef::PLAIN;
pub const OS_ERROR: TypeDef = TypeDef::PLAIN;
pub const STOP_ITERATION: TypeDef = TypeDef::PLAIN;
pub const SYNTAX_ERROR: TypeDef = TypeDef::PLAIN;
pub const UNICODE_DECODE: TypeDef = TypeDef::PLAIN;
pub const UNICODE_ENCODE: TypeDef = TypeDef::PLAIN;
pub const UNICODE_TRANSLATE: TypeDef = TypeDef::PLAIN;
use crate::value::func::Builtin;
use crate::value::{R, Value};
use crate::vm::Vm;
pub static CONSTRUCT: Builtin = Builtin::new("exception", "(cls, *args, **kwargs)", construct, "");
fn construct(vm: &mut Vm, a: &mut [Value], n: usize) -> R { todo!() }
