//! Closure cells as scripts see them: `cell_contents`, and making one. Which variables live in cells is `resolve`'s
//! business.

use std::cell::RefCell;

use super::object::address;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

pub(super) fn cell_of(v: &Value) -> Option<&RefCell<Value>> {
    match v.kind() {
        Some(Kind::Cell(c)) => Some(c),
        _ => None,
    }
}

fn cell_new(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::cell(a[0].take()).into())
}

fn cell_get(vm: &mut Vm, v: &Value) -> R {
    match cell_of(v).map(|c| c.borrow().clone()) {
        Some(v) if !v.is_unbound() => Ok(v),
        _ => Err(vm.value_error("Cell is empty")),
    }
}

fn cell_set(_: &mut Vm, v: &Value, new: Value) -> R<()> {
    if let Some(c) = cell_of(v) {
        drop(c.replace(new));
    }
    Ok(())
}

fn cell_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let inner = cell_of(&a[0]).map(|c| c.borrow().clone()).unwrap_or_default();
    let shown = if inner.is_unbound() { "empty".to_owned() } else { format!("{} object at {}", vm.class_name(&inner), address(&inner)) };
    Ok(format!("<cell at {}: {shown}>", address(&a[0])).into())
}

static CELL_NEW: Builtin = Builtin::new("cell", "(contents=None, /)", cell_new, "");

/// Closure cells.
pub const CELL: TypeDef = TypeDef {
    methods: &[Builtin::new("__repr__", "(self, /)", cell_repr, "Return repr(self).")],
    getsets: &[GetSet { name: "cell_contents", get: cell_get, set: Some(cell_set) }],
    construct: Some(&CELL_NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "",
};
