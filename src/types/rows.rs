//! Special methods that every built-in type implements by the VM's general operations on the native value: what
//! `super().__len__()` or `list.__eq__(a, b)` reach.

use crate::syntax::ast::CmpOp;
use crate::value::{R, Value};
use crate::vm::Vm;

/// `__len__`.
pub fn len(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let v = a[0].native().clone();
    vm.len(&v).map(Value::from)
}

/// `__contains__`.
pub fn contains(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (v, item) = (a[0].native().clone(), a[1].clone());
    vm.contains(&v, &item).map(Value::bool)
}

/// `__iter__`.
pub fn iter(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let v = a[0].native().clone();
    vm.iter(&v)
}

/// `__bool__`.
pub fn bool(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let v = a[0].native().clone();
    vm.truth(&v).map(Value::bool)
}

/// `__hash__`.
pub fn hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let v = a[0].native().clone();
    vm.hash(&v).map(Value::Int)
}

/// `__getitem__`.
pub fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (v, key) = (a[0].native().clone(), a[1].clone());
    vm.get_item(&v, &key)
}

/// `__setitem__`.
pub fn setitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (v, key) = (a[0].native().clone(), a[1].clone());
    vm.set_item(&v, &key, a[2].take())?;
    Ok(Value::None)
}

/// `__delitem__`.
pub fn delitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (v, key) = (a[0].native().clone(), a[1].clone());
    vm.del_item(&v, &key)?;
    Ok(Value::None)
}

fn compare(vm: &mut Vm, a: &[Value], op: CmpOp) -> R {
    let [left, right, ..] = a else { return Ok(vm.not_implemented.clone()) };
    let result = vm.compare_native(op, left, right)?;
    Ok(result.unwrap_or_else(|| vm.not_implemented.clone()))
}

macro_rules! comparison_rows {
    ($($name:ident = $op:ident),* $(,)?) => {
        $(
            #[doc = concat!("`__", stringify!($name), "__`.")]
            pub fn $name(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                compare(vm, a, CmpOp::$op)
            }
        )*
    };
}

comparison_rows! { eq = Eq, ne = Ne, lt = Lt, le = Le, gt = Gt, ge = Ge }
