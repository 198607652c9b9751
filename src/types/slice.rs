//! `slice`.

use num_bigint::Sign;

use super::range::to_big;
use super::rows;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Slice;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// A slice object.
pub fn make(start: Value, stop: Value, step: Value) -> Value {
    Obj::new(Kind::Slice(Box::new(Slice { start, stop, step }))).into()
}

fn parts(v: &Value) -> &Slice {
    match v.kind() {
        Some(Kind::Slice(s)) => s,
        _ => unreachable!("a slice method's receiver is a slice"),
    }
}

static NEW: Builtin = Builtin::new("slice", "(*args)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    match a.get(..n).unwrap_or_default() {
        [stop] => Ok(make(Value::None, stop.clone(), Value::None)),
        [start, stop] => Ok(make(start.clone(), stop.clone(), Value::None)),
        [start, stop, step] => Ok(make(start.clone(), stop.clone(), step.clone())),
        [] => Err(vm.type_error("slice expected at least 1 argument, got 0")),
        _ => Err(vm.type_error(&format!("slice expected at most 3 arguments, got {n}"))),
    }
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    construct(vm, a.get_mut(1..).unwrap_or_default(), n.saturating_sub(1))
}

fn indices(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let len = to_big(&vm.index(&a[1])?);
    if len.sign() == Sign::Minus {
        return Err(vm.value_error("length should not be negative"));
    }
    let slice = a[0].clone();
    let bounds = vm.slice_indices(parts(&slice), &len)?;
    Ok(Obj::tuple(bounds.map(Obj::int)).into())
}

const GETSETS: &[GetSet] = &[
    GetSet { name: "start", get: |_, v| Ok(parts(v).start.clone()), set: Some(super::rows::read_only) },
    GetSet { name: "stop", get: |_, v| Ok(parts(v).stop.clone()), set: Some(super::rows::read_only) },
    GetSet { name: "step", get: |_, v| Ok(parts(v).step.clone()), set: Some(super::rows::read_only) },
];

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args)", new, "Create and return a new object."),
    Builtin::new("__repr__", "(self, /)", rows::repr, "Return repr(self)."),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, "Return self==value."),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, "Return self!=value."),
    Builtin::new("__lt__", "(self, value, /)", rows::lt, "Return self<value."),
    Builtin::new("__le__", "(self, value, /)", rows::le, "Return self<=value."),
    Builtin::new("__gt__", "(self, value, /)", rows::gt, "Return self>value."),
    Builtin::new("__ge__", "(self, value, /)", rows::ge, "Return self>=value."),
    Builtin::new("indices", "(self, len, /)", indices, "S.indices(len) -> (start, stop, stride)"),
];

/// The class.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: GETSETS,
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  This is used for extended slicing (e.g. a[0:10:2]).",
};
