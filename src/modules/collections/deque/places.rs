//! Items of a deque by index or by value: the method's window comes in; the item, its place, or the deque's change goes
//! out. It does not know the two ends.

use super::{Deque, this};
use crate::value::{R, Value};
use crate::vm::Vm;

/// The place of an index, which must exist.
fn place(vm: &mut Vm, d: &Deque, key: &Value) -> R<usize> {
    if !vm.has_index(key) {
        let text = format!("sequence index must be integer, not '{}'", vm.class_name(key));
        return Err(vm.type_error(&text));
    }
    let index = vm.index_i64(key)?;
    Vm::position(index, d.len()).ok_or_else(|| vm.index_error("deque index out of range"))
}

pub(super) fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    let at = place(vm, d, &a[1])?;
    Ok(d.get(at).unwrap_or(Value::None))
}

pub(super) fn setitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = place(vm, this(&a[0]), &a[1].clone())?;
    let new = a[2].take();
    let old = this(&a[0]).items.borrow_mut().get_mut(at).map(|slot| std::mem::replace(slot, new));
    drop(old);
    Ok(Value::None)
}

pub(super) fn delitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    let at = place(vm, d, &a[1])?;
    d.changed();
    let old = d.items.borrow_mut().remove(at);
    drop(old);
    Ok(Value::None)
}

pub(super) fn insert(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let index = vm.index_i64(&a[1].clone())?;
    let item = a[2].take();
    let d = this(&a[0]);
    let len = d.len();
    if d.maxlen.get() == Some(len) {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let at = if index < 0 { (index + len as i64).max(0) as usize } else { (index as usize).min(len) };
    d.changed();
    d.items.borrow_mut().insert(at, item);
    Ok(Value::None)
}

/// The first place of an equal item between two bounds; an error when the deque changes meanwhile.
fn find(vm: &mut Vm, a: &[Value], start: usize, stop: usize, changed: &str) -> R<Option<usize>> {
    let (d, item) = (this(&a[0]), &a[1]);
    let before = d.changes.get();
    let mut at = start;
    while at < stop.min(d.len()) {
        let Some(own) = d.get(at) else { break };
        let same = own.is(item) || vm.eq(&own, item)?;
        if d.changes.get() != before {
            let is_remove = changed.starts_with("deque mutated during remove");
            return Err(if is_remove { vm.index_error(changed) } else { vm.runtime_error(changed) });
        }
        if same {
            return Ok(Some(at));
        }
        vm.tick()?;
        at += 1;
    }
    Ok(None)
}

pub(super) const MUTATED: &str = "deque mutated during iteration";

pub(super) fn contains(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    find(vm, a, 0, usize::MAX, MUTATED).map(|at| Value::bool(at.is_some()))
}

pub(super) fn remove(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(at) = find(vm, a, 0, usize::MAX, "deque mutated during remove().")? else {
        let text = vm.repr(&a[1])?;
        return Err(vm.value_error(&format!("{text} is not in deque")));
    };
    let d = this(&a[0]);
    d.changed();
    let old = d.items.borrow_mut().remove(at);
    drop(old);
    Ok(Value::None)
}

pub(super) fn index(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let len = this(&a[0]).len() as i64;
    let mut bounds = [0, len];
    for (bound, arg) in bounds.iter_mut().zip(a.iter().skip(2)) {
        if let Some(v) = arg.given() {
            let i = vm.slice_argument(v)?;
            *bound = if i < 0 { (i + len).max(0) } else { i.min(len) };
        }
    }
    match find(vm, a, bounds[0] as usize, bounds[1] as usize, MUTATED)? {
        Some(at) => Ok(at.into()),
        None => {
            let text = vm.repr(&a[1])?;
            Err(vm.value_error(&format!("{text} is not in deque")))
        }
    }
}

pub(super) fn count(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (mut found, mut from) = (0, 0);
    while let Some(at) = find(vm, a, from, usize::MAX, MUTATED)? {
        found += 1;
        from = at + 1;
    }
    Ok(Value::Int(found))
}
