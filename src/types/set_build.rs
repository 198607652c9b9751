//! Whole-set operations: natively as far as elements can be compared natively, one element by script code, and on.

use super::set::{contents, copy_of, same_kind};
use crate::pure::set_ops::{self, Progress};
use crate::pure::set_table::SetTable;
use crate::value::dict::Entry;
use crate::value::set::SetObj;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::compare::native_eq;
use crate::vm::tables::set_of;

/// The element at an index of a set's table, with its hash.
fn element(set: &SetObj, at: usize) -> Option<(i64, Value)> {
    set.table.borrow().entry(at).map(|(hash, v)| (hash, v.clone()))
}

/// `set.update` with one iterable. The set may be a frozenset that is being made.
pub fn update(vm: &mut Vm, set: &Value, other: &Value) -> R<()> {
    let base = contents(set);
    if let Some(more) = set_of(other) {
        return if std::ptr::eq(base, more) { Ok(()) } else { merge(vm, set, more) };
    }
    if let Some(Kind::Dict(d)) = other.kind() {
        let entries: Vec<Entry> = d.borrow().iter().cloned().collect();
        base.table.borrow_mut().reserve_for_merge(entries.len());
        for e in entries {
            vm.set_add_hashed(set, e.key, e.hash)?;
        }
        return Ok(());
    }
    let iter = vm.iter(other)?;
    while let Some(item) = vm.next(&iter)? {
        vm.set_add(set, item)?;
        vm.tick()?;
    }
    Ok(())
}

fn merge(vm: &mut Vm, set: &Value, more: &SetObj) -> R<()> {
    let base = contents(set);
    let mut from = 0;
    loop {
        let progress = set_ops::merge(&mut base.table.borrow_mut(), &more.table.borrow(), from, native_eq);
        let Progress::Undecided(at) = progress else { return Ok(()) };
        if let Some((hash, item)) = element(more, at) {
            vm.set_add_hashed(set, item, hash)?;
        }
        from = at + 1;
    }
}

/// `a & b`, with any iterable as `b`; a new set of the basic type of `a`.
pub fn intersection(vm: &mut Vm, a: &Value, b: &Value) -> R {
    let base = contents(a);
    let Some(other) = set_of(b) else { return intersection_with_iterable(vm, a, b) };
    if std::ptr::eq(base, other) {
        return Ok(copy_of(a));
    }
    let swaps = set_ops::intersection_swaps(base.table.borrow().len(), other.table.borrow().len());
    let (walked, filter) = if swaps { (base, other) } else { (other, base) };
    let result = same_kind(a, SetTable::new());
    select(vm, &result, walked, filter, true)?;
    Ok(result)
}

fn intersection_with_iterable(vm: &mut Vm, a: &Value, b: &Value) -> R {
    let result = same_kind(a, SetTable::new());
    let iter = vm.iter(b)?;
    while let Some(item) = vm.next(&iter)? {
        let hash = vm.hash(&item)?;
        if vm.set_find(contents(a), &item, hash)?.is_some() {
            vm.set_add_hashed(&result, item, hash)?;
        }
        vm.tick()?;
    }
    Ok(result)
}

/// Adds to `result` the elements of `walked` that are in `filter`, or that are not.
fn select(vm: &mut Vm, result: &Value, walked: &SetObj, filter: &SetObj, wanted: bool) -> R<()> {
    let mut from = 0;
    loop {
        let progress = set_ops::select(&mut contents(result).table.borrow_mut(), &walked.table.borrow(), from, &filter.table.borrow(), wanted, native_eq);
        let Progress::Undecided(at) = progress else { return Ok(()) };
        if let Some((hash, item)) = element(walked, at)
            && vm.set_find(filter, &item, hash)?.is_some() == wanted
        {
            vm.set_add_hashed(result, item, hash)?;
        }
        from = at + 1;
    }
}

/// `a - b`, with any iterable as `b`; a new set of the basic type of `a`.
pub fn difference(vm: &mut Vm, a: &Value, b: &Value) -> R {
    let base = contents(a);
    let len = base.table.borrow().len();
    let result = same_kind(a, SetTable::new());
    if let Some(other) = set_of(b) {
        if !set_ops::difference_copies_first(len, other.table.borrow().len()) {
            select(vm, &result, base, other, false)?;
            return Ok(result);
        }
    } else if let Some(Kind::Dict(d)) = b.kind()
        && !set_ops::difference_copies_first(len, d.borrow().len())
    {
        let mut next = 0;
        loop {
            let Some((at, item, hash)) = base.table.borrow().next_from(next).map(|(i, v, h)| (i, v.clone(), h)) else { return Ok(result) };
            if vm.dict_find_hashed(b, &item, hash)?.is_none() {
                vm.set_add_hashed(&result, item, hash)?;
            }
            next = at + 1;
        }
    }
    let result = copy_of(a);
    difference_update(vm, &result, b)?;
    Ok(result)
}

/// `a -= b`, with any iterable as `b`.
pub fn difference_update(vm: &mut Vm, a: &Value, b: &Value) -> R<()> {
    let base = contents(a);
    if let Some(other) = set_of(b) {
        if std::ptr::eq(base, other) {
            base.table.borrow_mut().clear();
            return Ok(());
        }
        if set_ops::difference_update_intersects_first(base.table.borrow().len(), other.table.borrow().len()) {
            let common = intersection(vm, a, b)?;
            discard_all(vm, base, contents(&common))?;
        } else {
            discard_all(vm, base, other)?;
        }
    } else {
        let iter = vm.iter(b)?;
        while let Some(item) = vm.next(&iter)? {
            let hash = vm.hash(&item)?;
            discard(vm, base, &item, hash)?;
            vm.tick()?;
        }
    }
    base.table.borrow_mut().compact_after_difference();
    Ok(())
}

/// Removes an element, if it is there; says whether it was.
fn discard(vm: &mut Vm, set: &SetObj, item: &Value, hash: i64) -> R<bool> {
    let found = vm.set_find(set, item, hash)?;
    let gone = found.and_then(|at| set.table.borrow_mut().remove_at(at));
    Ok(gone.is_some())
}

fn discard_all(vm: &mut Vm, base: &SetObj, other: &SetObj) -> R<()> {
    let mut from = 0;
    loop {
        let progress = set_ops::discard_all(&mut base.table.borrow_mut(), &other.table.borrow(), from, native_eq);
        let Progress::Undecided(at) = progress else { return Ok(()) };
        if let Some((hash, item)) = element(other, at) {
            discard(vm, base, &item, hash)?;
        }
        from = at + 1;
    }
}

/// `a ^ b`, with any iterable as `b`; a new set of the basic type of `a`.
pub fn symmetric_difference(vm: &mut Vm, a: &Value, b: &Value) -> R {
    let result = same_kind(a, SetTable::new());
    update(vm, &result, b)?;
    symmetric_difference_update(vm, &result, a)?;
    Ok(result)
}

/// `a ^= b`, with any iterable as `b`.
pub fn symmetric_difference_update(vm: &mut Vm, a: &Value, b: &Value) -> R<()> {
    let base = contents(a);
    let made;
    let other = match set_of(b) {
        Some(other) => other,
        None => {
            made = same_kind(a, SetTable::new());
            update(vm, &made, b)?;
            contents(&made)
        }
    };
    if std::ptr::eq(base, other) {
        base.table.borrow_mut().clear();
        return Ok(());
    }
    let mut from = 0;
    loop {
        let progress = set_ops::toggle(&mut base.table.borrow_mut(), &other.table.borrow(), from, native_eq);
        let Progress::Undecided(at) = progress else { return Ok(()) };
        if let Some((hash, item)) = element(other, at)
            && !discard(vm, base, &item, hash)?
        {
            vm.set_add_hashed(a, item, hash)?;
        }
        from = at + 1;
    }
}
