//! `NoneType`, `ellipsis` and `NotImplementedType`: one value each.

use crate::types::make;
use crate::value::class::{Solid, flag};
use crate::value::func::Builtin;
use crate::value::{R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

static NEW_NONE: Builtin = Builtin::new("NoneType", "(*args, **kwargs)", none, "");
static NEW_ELLIPSIS: Builtin = Builtin::new("EllipsisType", "(*args, **kwargs)", ellipsis, "");
static NEW_NOT_IMPLEMENTED: Builtin = Builtin::new("NotImplementedType", "(*args, **kwargs)", not_implemented, "");

fn none(vm: &mut Vm, _: &mut [Value], n: usize) -> R {
    no_arguments(vm, n, "NoneType", Value::None)
}

fn ellipsis(vm: &mut Vm, _: &mut [Value], n: usize) -> R {
    let value = vm.ellipsis.clone();
    no_arguments(vm, n, "EllipsisType", value)
}

fn not_implemented(vm: &mut Vm, _: &mut [Value], n: usize) -> R {
    let value = vm.not_implemented.clone();
    no_arguments(vm, n, "NotImplementedType", value)
}

fn no_arguments(vm: &mut Vm, n: usize, name: &str, value: Value) -> R {
    if n > 0 { Err(vm.type_error(&format!("{name} takes no arguments"))) } else { Ok(value) }
}

fn is_false(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::False)
}

fn is_true(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::True)
}

const NONE_METHODS: &[Builtin] = &[Builtin::new("__repr__", "(self, /)", make::repr, ""), Builtin::new("__bool__", "(self, /)", is_false, "")];
const ELLIPSIS_METHODS: &[Builtin] = &[Builtin::new("__repr__", "(self, /)", make::repr, "")];
const NOT_IMPLEMENTED_METHODS: &[Builtin] = &[Builtin::new("__repr__", "(self, /)", make::repr, ""), Builtin::new("__bool__", "(self, /)", is_true, "")];

const fn single(methods: &'static [Builtin], construct: &'static Builtin) -> TypeDef {
    TypeDef { methods, getsets: &[], construct: Some(construct), solid: Solid::Builtin, flags: flag::FINAL, doc: "" }
}

/// The class of `None`.
pub const NONE: TypeDef = single(NONE_METHODS, &NEW_NONE);
/// The class of `...`.
pub const ELLIPSIS: TypeDef = single(ELLIPSIS_METHODS, &NEW_ELLIPSIS);
/// The class of `NotImplemented`.
pub const NOT_IMPLEMENTED: TypeDef = single(NOT_IMPLEMENTED_METHODS, &NEW_NOT_IMPLEMENTED);
