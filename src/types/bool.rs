//! `bool`: `True` and `False`, which are ints.

use crate::syntax::ast::BinOp;
use crate::types::make;
use crate::types::number_rows::{self, Family, operators};
use crate::value::class::{Solid, flag};
use crate::value::func::Builtin;
use crate::value::{R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

operators! { Int; and rand And, or ror Or, xor rxor Xor }

static NEW: Builtin = Builtin::new("bool", "(x=False, /)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match a[0].given() {
        Some(x) => vm.truth(x).map(Value::bool),
        None => Ok(Value::False),
    }
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.bool.clone();
    make::new_from_call(vm, a, n, &owner)
}

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, ""),
    Builtin::new("__repr__", "(self, /)", make::repr, ""),
    Builtin::new("__and__", "(self, value, /)", and, ""),
    Builtin::new("__rand__", "(self, value, /)", rand, ""),
    Builtin::new("__or__", "(self, value, /)", or, ""),
    Builtin::new("__ror__", "(self, value, /)", ror, ""),
    Builtin::new("__xor__", "(self, value, /)", xor, ""),
    Builtin::new("__rxor__", "(self, value, /)", rxor, ""),
];

/// The class `bool`.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: &[],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "bool(x) -> bool\n\nReturns True when the argument x is true, False otherwise.",
};
