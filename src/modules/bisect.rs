//! `bisect`: places in sorted sequences, and inserting there.

use super::functions;
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

/// The names of the module.
pub fn namespace(_: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "_bisect");
    for (name, same) in [("bisect", "bisect_right"), ("insort", "insort_right")] {
        let function = names.iter().find(|(n, _)| *n == same).map(|(_, v)| v.clone());
        names.extend(function.map(|f| (name, f)));
    }
    names
}

/// On which side of equal items the place is.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// The part of the sequence that is searched.
fn bounds(vm: &mut Vm, a: &[Value]) -> R<(i64, i64)> {
    let low = match a[2].given() {
        Some(v) => vm.index_i64(v)?,
        None => 0,
    };
    let high = match a[3].some() {
        Some(v) if vm.has_index(v) => vm.index_i64(v)?,
        Some(v) => {
            let text = format!("argument should be integer or None, not '{}'", vm.class_name(v));
            return Err(vm.type_error(&text));
        }
        None => -1,
    };
    if low < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    let high = if high == -1 { vm.len(&a[0])? as i64 } else { high };
    Ok((low, high))
}

/// The place where an item belongs.
fn place(vm: &mut Vm, a: &[Value], item: &Value, side: Side) -> R<i64> {
    let (mut low, mut high) = bounds(vm, a)?;
    if matches!(a[0].native_kind(), Some(Kind::Dict(_))) {
        return Err(vm.type_error("dict is not a sequence"));
    }
    let key = a[4].some();
    while low < high {
        let middle = low + (high - low) / 2;
        let mut other = vm.get_item(&a[0], &Value::Int(middle))?;
        if let Some(key) = key {
            other = vm.call(key, &[other])?;
        }
        let goes_left = match side {
            Side::Right => vm.lt(item, &other)?,
            Side::Left => !vm.lt(&other, item)?,
        };
        if goes_left {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

fn insort(vm: &mut Vm, a: &[Value], side: Side) -> R {
    let rank = match a[4].some() {
        Some(key) => vm.call(key, &[a[1].clone()])?,
        None => a[1].clone(),
    };
    let at = place(vm, a, &rank, side)?;
    match a[0].kind() {
        Some(Kind::List(items)) => {
            let mut items = items.borrow_mut();
            let at = (at as usize).min(items.len());
            items.insert(at, a[1].clone());
        }
        _ => {
            let name = vm.intern("insert");
            vm.call_method(&a[0], &name, &[Value::Int(at), a[1].clone()])?;
        }
    }
    Ok(Value::None)
}

fn bisect_right(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    place(vm, a, &a[1], Side::Right).map(Value::Int)
}

fn bisect_left(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    place(vm, a, &a[1], Side::Left).map(Value::Int)
}

fn insort_right(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    insort(vm, a, Side::Right)
}

fn insort_left(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    insort(vm, a, Side::Left)
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("bisect_right", "(a, x, lo=0, hi=None, *, key=None)", bisect_right, "The place behind the items that are not greater than x."),
    Builtin::new("bisect_left", "(a, x, lo=0, hi=None, *, key=None)", bisect_left, "The place before the items that are not less than x."),
    Builtin::new("insort_right", "(a, x, lo=0, hi=None, *, key=None)", insort_right, "Inserts x behind the items that are not greater."),
    Builtin::new("insort_left", "(a, x, lo=0, hi=None, *, key=None)", insort_left, "Inserts x before the items that are not less."),
];
