//! Special methods that every built-in type implements by the VM's general operations on the native value: what
//! `super().__len__()` or `list.__eq__(a, b)` reach.

use crate::syntax::ast::{BinOp, CmpOp};
use crate::value::iter::Iter;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::iterate::iter_object;
use crate::vm::sequence::with_items;

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

/// `__repr__`.
pub fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let v = a[0].native().clone();
    vm.repr(&v).map(Value::from)
}

/// `__iter__` of an iterator: itself.
pub fn itself(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(a[0].clone())
}

fn binary(vm: &mut Vm, a: &[Value], op: BinOp) -> R {
    let (left, right) = (a[0].native().clone(), a[1].clone());
    vm.binary(op, &left, &right)
}

/// `__add__` of a sequence.
pub fn add(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    binary(vm, a, BinOp::Add)
}

/// `__mul__` and `__rmul__` of a sequence.
pub fn mul(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let count = vm.index(&a[1])?;
    let seq = a[0].native().clone();
    vm.binary(BinOp::Mul, &seq, &count)
}

/// `__reversed__` of a sequence with a length.
pub fn reversed(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let seq = a[0].native().clone();
    let next = vm.len(&seq)? as i64 - 1;
    Ok(iter_object(Iter::Reversed { seq, next }))
}

/// `index` of a list or tuple.
pub fn index(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let len = with_items(&a[0], <[Value]>::len) as i64;
    let mut bounds = [0, i64::MAX];
    for (bound, arg) in bounds.iter_mut().zip(a.iter().skip(2)) {
        if let Some(v) = arg.given() {
            let i = vm.slice_argument(v)?;
            *bound = if i < 0 { (i + len).max(0) } else { i };
        }
    }
    let [start, stop] = bounds;
    let (seq, item) = (a[0].clone(), a[1].clone());
    match vm.sequence_index(&seq, &item, start as usize, stop)? {
        Some(i) => Ok(i.into()),
        None if matches!(seq.native_kind(), Some(Kind::List(_))) => {
            let text = vm.repr(&item)?;
            Err(vm.value_error(&format!("{text} is not in list")))
        }
        None => Err(vm.value_error("tuple.index(x): x not in tuple")),
    }
}

/// `count` of a list or tuple.
pub fn count(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (seq, item) = (a[0].clone(), a[1].clone());
    vm.sequence_count(&seq, &item).map(Value::from)
}

/// Refuses to set what CPython calls a read-only member.
pub fn read_only(vm: &mut Vm, _: &Value, _: Value) -> R<()> {
    Err(vm.attribute_error_text("readonly attribute"))
}
