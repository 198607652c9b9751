//! `set` and `frozenset`: every operation in CPython's building order, because it decides the order of the result.

use super::descriptor::derive;
use super::{make, rows, set_build};
use crate::pure::set_table::SetTable;
use crate::value::class::Solid;
use crate::value::func::Builtin;
use crate::value::set::SetObj;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::tables::{frozenset_object, set_object, set_of};
use crate::vm::types::TypeDef;

pub use set_build::{difference, difference_update, intersection, symmetric_difference, symmetric_difference_update, update};

/// The contents of a set's or frozenset's method receiver.
pub fn contents(v: &Value) -> &SetObj {
    match set_of(v) {
        Some(s) => s,
        None => unreachable!("a set method's receiver is a set"),
    }
}

/// An object of the same basic type (`set` or `frozenset`) as another.
pub fn same_kind(v: &Value, table: SetTable<Value>) -> Value {
    if matches!(v.native_kind(), Some(Kind::FrozenSet(_))) { frozenset_object(table) } else { set_object(table) }
}

/// A copy, of the basic type.
pub fn copy_of(v: &Value) -> Value {
    let table = SetTable::copy_of(&contents(v).table.borrow());
    same_kind(v, table)
}

fn is_set(v: &Value) -> bool {
    set_of(v).is_some()
}

// ---- construction ---------------------------------------------------------------------------------------------

static NEW_SET: Builtin = Builtin::new("set", "(iterable=(), /)", construct_set, "");
static NEW_FROZENSET: Builtin = Builtin::new("frozenset", "(iterable=(), /)", construct_frozenset, "");

fn construct_set(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let set = set_object(SetTable::new());
    if let Some(v) = a[0].given() {
        update(vm, &set, &v.clone())?;
    }
    Ok(set)
}

fn construct_frozenset(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    frozenset_from(vm, a[0].given().cloned())
}

fn frozenset_from(vm: &mut Vm, iterable: Option<Value>) -> R {
    let Some(v) = iterable else { return Ok(frozenset_object(SetTable::new())) };
    if matches!(v.kind(), Some(Kind::FrozenSet(_))) {
        return Ok(v);
    }
    let set = frozenset_object(SetTable::new());
    update(vm, &set, &v)?;
    Ok(set)
}

fn new_set(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    derive(vm, &a[0], set_object(SetTable::new()))
}

fn new_frozenset(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.frozenset.clone();
    make::new_from_positional(vm, a, n, &owner)
}

fn init(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let set = a[0].clone();
    contents(&set).clear();
    if let Some(v) = a[1].given() {
        update(vm, &set, &v.clone())?;
    }
    Ok(Value::None)
}

// ---- single elements ------------------------------------------------------------------------------------------

fn add(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (set, item) = (a[0].clone(), a[1].take());
    vm.set_add(&set, item)?;
    Ok(Value::None)
}

/// Removes an item; says whether it was there.
fn take_out(vm: &mut Vm, set: &Value, item: &Value) -> R<bool> {
    let (hash, item) = vm.hash_for_set(item)?;
    let found = vm.set_find(contents(set), &item, hash)?;
    let gone = found.and_then(|at| contents(set).table.borrow_mut().remove_at(at));
    Ok(gone.is_some())
}

fn discard(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (set, item) = (a[0].clone(), a[1].clone());
    take_out(vm, &set, &item)?;
    Ok(Value::None)
}

fn remove(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (set, item) = (a[0].clone(), a[1].clone());
    if take_out(vm, &set, &item)? { Ok(Value::None) } else { Err(vm.key_error(&item)) }
}

fn pop(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let item = contents(&a[0]).table.borrow_mut().pop();
    item.ok_or_else(|| vm.key_error(&"pop from an empty set".into()))
}

fn clear(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    contents(&a[0]).table.borrow_mut().clear();
    Ok(Value::None)
}

fn copy(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(if matches!(a[0].kind(), Some(Kind::FrozenSet(_))) { a[0].clone() } else { copy_of(&a[0]) })
}

// ---- methods that take any iterables ----------------------------------------------------------------------------

fn union(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let result = copy_of(&a[0]);
    for other in a.iter().take(n).skip(1) {
        update(vm, &result, other)?;
    }
    Ok(result)
}

fn update_row(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    for other in a.iter().take(n).skip(1) {
        update(vm, &a[0], other)?;
    }
    Ok(Value::None)
}

fn intersection_row(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if n < 2 {
        return Ok(copy_of(&a[0]));
    }
    let mut result = a[0].clone();
    for other in a.iter().take(n).skip(1) {
        result = intersection(vm, &result, other)?;
    }
    Ok(result)
}

fn intersection_update(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let result = intersection_row(vm, a, n)?;
    take_contents(&a[0], &result);
    Ok(Value::None)
}

/// Gives a set the contents of another, freshly made one.
fn take_contents(set: &Value, fresh: &Value) {
    let new = contents(fresh).table.take();
    let old = contents(set).table.replace(new);
    drop(old);
}

fn difference_row(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let mut others = a.iter().take(n).skip(1);
    let Some(first) = others.next() else { return Ok(copy_of(&a[0])) };
    let result = difference(vm, &a[0], first)?;
    for other in others {
        difference_update(vm, &result, other)?;
    }
    Ok(result)
}

fn difference_update_row(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    for other in a.iter().take(n).skip(1) {
        difference_update(vm, &a[0], other)?;
    }
    Ok(Value::None)
}

fn symmetric_difference_row(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    symmetric_difference(vm, &a[0], &a[1])
}

fn symmetric_difference_update_row(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    symmetric_difference_update(vm, &a[0], &a[1])?;
    Ok(Value::None)
}

fn isdisjoint(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if is_set(&a[1]) {
        let common = intersection(vm, &a[0], &a[1])?;
        return Ok(Value::bool(contents(&common).table.borrow().is_empty()));
    }
    let iter = vm.iter(&a[1])?;
    while let Some(item) = vm.next(&iter)? {
        let hash = vm.hash(&item)?;
        if vm.set_find(contents(&a[0]), &item, hash)?.is_some() {
            return Ok(Value::False);
        }
        vm.tick()?;
    }
    Ok(Value::True)
}

fn issubset(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let size = contents(&a[0]).table.borrow().len();
    if is_set(&a[1]) {
        let fits = size <= contents(&a[1]).table.borrow().len();
        return Ok(Value::bool(fits && vm.is_subset(&a[0], &a[1])?));
    }
    let common = intersection(vm, &a[0], &a[1])?;
    Ok(Value::bool(contents(&common).table.borrow().len() == size))
}

fn issuperset(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if is_set(&a[1]) {
        a.swap(0, 1);
        return issubset(vm, a, n);
    }
    let iter = vm.iter(&a[1])?;
    while let Some(item) = vm.next(&iter)? {
        let hash = vm.hash(&item)?;
        if vm.set_find(contents(&a[0]), &item, hash)?.is_none() {
            return Ok(Value::False);
        }
        vm.tick()?;
    }
    Ok(Value::True)
}

// ---- operators, which take sets only ----------------------------------------------------------------------------

macro_rules! operator_rows {
    ($($plain:ident $reflected:ident = $operation:ident),* $(,)?) => {
        $(
            fn $plain(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                if is_set(&a[1]) { $operation(vm, &a[0], &a[1]) } else { Ok(vm.not_implemented.clone()) }
            }

            fn $reflected(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                if is_set(&a[1]) { $operation(vm, &a[1], &a[0]) } else { Ok(vm.not_implemented.clone()) }
            }
        )*
    };
}

operator_rows! { or ror = join, and rand = intersection, sub rsub = difference, xor rxor = symmetric_difference }

macro_rules! in_place_rows {
    ($($row:ident = $operation:ident),* $(,)?) => {
        $(
            fn $row(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                if !is_set(&a[1]) {
                    return Ok(vm.not_implemented.clone());
                }
                $operation(vm, &a[0], &a[1])?;
                Ok(a[0].clone())
            }
        )*
    };
}

in_place_rows! { ior = update, iand = keep_common, isub = difference_update, ixor = symmetric_difference_update }

fn join(vm: &mut Vm, left: &Value, right: &Value) -> R {
    let result = copy_of(left);
    update(vm, &result, right)?;
    Ok(result)
}

fn keep_common(vm: &mut Vm, set: &Value, other: &Value) -> R<()> {
    let common = intersection(vm, set, other)?;
    take_contents(set, &common);
    Ok(())
}

// ---- tables -----------------------------------------------------------------------------------------------------

const SET_METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new_set, "Create and return a new object."),
    Builtin::new("__init__", "(self, iterable=(), /)", init, "Initialize self."),
    Builtin::new("__repr__", "(self, /)", rows::repr, "Return repr(self)."),
    Builtin::new("__len__", "(self, /)", rows::len, "Return len(self)."),
    Builtin::new("__contains__", "(self, key, /)", rows::contains, "x.__contains__(y) <==> y in x."),
    Builtin::new("__iter__", "(self, /)", rows::iter, "Implement iter(self)."),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, "Return self==value."),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, "Return self!=value."),
    Builtin::new("__lt__", "(self, value, /)", rows::lt, "Return self<value."),
    Builtin::new("__le__", "(self, value, /)", rows::le, "Return self<=value."),
    Builtin::new("__gt__", "(self, value, /)", rows::gt, "Return self>value."),
    Builtin::new("__ge__", "(self, value, /)", rows::ge, "Return self>=value."),
    Builtin::new("__or__", "(self, value, /)", or, "Return self|value."),
    Builtin::new("__ror__", "(self, value, /)", ror, "Return value|self."),
    Builtin::new("__and__", "(self, value, /)", and, "Return self&value."),
    Builtin::new("__rand__", "(self, value, /)", rand, "Return value&self."),
    Builtin::new("__sub__", "(self, value, /)", sub, "Return self-value."),
    Builtin::new("__rsub__", "(self, value, /)", rsub, "Return value-self."),
    Builtin::new("__xor__", "(self, value, /)", xor, "Return self^value."),
    Builtin::new("__rxor__", "(self, value, /)", rxor, "Return value^self."),
    Builtin::new("__ior__", "(self, value, /)", ior, "Return self|=value."),
    Builtin::new("__iand__", "(self, value, /)", iand, "Return self&=value."),
    Builtin::new("__isub__", "(self, value, /)", isub, "Return self-=value."),
    Builtin::new("__ixor__", "(self, value, /)", ixor, "Return self^=value."),
    Builtin::new("add", "(self, object, /)", add, "Add an element to a set.\n\nThis has no effect if the element is already present."),
    Builtin::new(
        "discard",
        "(self, object, /)",
        discard,
        "Remove an element from a set if it is a member.\n\nUnlike set.remove(), the discard() method does not raise\nan exception when an element is missing from the set.",
    ),
    Builtin::new(
        "remove",
        "(self, object, /)",
        remove,
        "Remove an element from a set; it must be a member.\n\nIf the element is not a member, raise a KeyError.",
    ),
    Builtin::new("pop", "(self, /)", pop, "Remove and return an arbitrary set element.\nRaises KeyError if the set is empty."),
    Builtin::new("clear", "(self, /)", clear, "Remove all elements from this set."),
    Builtin::new("copy", "(self, /)", copy, "Return a shallow copy of a set."),
    Builtin::new("union", "(self, /, *others)", union, "Return the union of sets as a new set.\n\n(i.e. all elements that are in either set.)"),
    Builtin::new(
        "intersection",
        "(self, /, *others)",
        intersection_row,
        "Return the intersection of two sets as a new set.\n\n(i.e. all elements that are in both sets.)",
    ),
    Builtin::new(
        "difference",
        "(self, /, *others)",
        difference_row,
        "Return the difference of two or more sets as a new set.\n\n(i.e. all elements that are in this set but not the others.)",
    ),
    Builtin::new(
        "symmetric_difference",
        "(self, other, /)",
        symmetric_difference_row,
        "Return the symmetric difference of two sets as a new set.\n\n(i.e. all elements that are in exactly one of the sets.)",
    ),
    Builtin::new("update", "(self, /, *others)", update_row, "Update a set with the union of itself and others."),
    Builtin::new("intersection_update", "(self, /, *others)", intersection_update, "Update a set with the intersection of itself and another."),
    Builtin::new("difference_update", "(self, /, *others)", difference_update_row, "Remove all elements of another set from this set."),
    Builtin::new(
        "symmetric_difference_update",
        "(self, other, /)",
        symmetric_difference_update_row,
        "Update a set with the symmetric difference of itself and another.",
    ),
    Builtin::new("isdisjoint", "(self, other, /)", isdisjoint, "Return True if two sets have a null intersection."),
    Builtin::new("issubset", "(self, other, /)", issubset, "Report whether another set contains this set."),
    Builtin::new("issuperset", "(self, other, /)", issuperset, "Report whether this set contains another set."),
];

const FROZENSET_METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new_frozenset, "Create and return a new object."),
    Builtin::new("__repr__", "(self, /)", rows::repr, "Return repr(self)."),
    Builtin::new("__len__", "(self, /)", rows::len, "Return len(self)."),
    Builtin::new("__contains__", "(self, key, /)", rows::contains, "x.__contains__(y) <==> y in x."),
    Builtin::new("__iter__", "(self, /)", rows::iter, "Implement iter(self)."),
    Builtin::new("__hash__", "(self, /)", rows::hash, "Return hash(self)."),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, "Return self==value."),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, "Return self!=value."),
    Builtin::new("__lt__", "(self, value, /)", rows::lt, "Return self<value."),
    Builtin::new("__le__", "(self, value, /)", rows::le, "Return self<=value."),
    Builtin::new("__gt__", "(self, value, /)", rows::gt, "Return self>value."),
    Builtin::new("__ge__", "(self, value, /)", rows::ge, "Return self>=value."),
    Builtin::new("__or__", "(self, value, /)", or, "Return self|value."),
    Builtin::new("__ror__", "(self, value, /)", ror, "Return value|self."),
    Builtin::new("__and__", "(self, value, /)", and, "Return self&value."),
    Builtin::new("__rand__", "(self, value, /)", rand, "Return value&self."),
    Builtin::new("__sub__", "(self, value, /)", sub, "Return self-value."),
    Builtin::new("__rsub__", "(self, value, /)", rsub, "Return value-self."),
    Builtin::new("__xor__", "(self, value, /)", xor, "Return self^value."),
    Builtin::new("__rxor__", "(self, value, /)", rxor, "Return value^self."),
    Builtin::new("copy", "(self, /)", copy, "Return a shallow copy of a set."),
    Builtin::new("union", "(self, /, *others)", union, "Return the union of sets as a new set.\n\n(i.e. all elements that are in either set.)"),
    Builtin::new(
        "intersection",
        "(self, /, *others)",
        intersection_row,
        "Return the intersection of two sets as a new set.\n\n(i.e. all elements that are in both sets.)",
    ),
    Builtin::new(
        "difference",
        "(self, /, *others)",
        difference_row,
        "Return the difference of two or more sets as a new set.\n\n(i.e. all elements that are in this set but not the others.)",
    ),
    Builtin::new(
        "symmetric_difference",
        "(self, other, /)",
        symmetric_difference_row,
        "Return the symmetric difference of two sets as a new set.\n\n(i.e. all elements that are in exactly one of the sets.)",
    ),
    Builtin::new("isdisjoint", "(self, other, /)", isdisjoint, "Return True if two sets have a null intersection."),
    Builtin::new("issubset", "(self, other, /)", issubset, "Report whether another set contains this set."),
    Builtin::new("issuperset", "(self, other, /)", issuperset, "Report whether this set contains another set."),
];

/// `set`.
pub const SET: TypeDef = TypeDef {
    methods: SET_METHODS,
    getsets: &[],
    construct: Some(&NEW_SET),
    solid: Solid::Builtin,
    flags: 0,
    doc: "set() -> new empty set object\nset(iterable) -> new set object\n\nBuild an unordered collection of unique elements.",
};

/// `frozenset`.
pub const FROZENSET: TypeDef = TypeDef {
    methods: FROZENSET_METHODS,
    construct: Some(&NEW_FROZENSET),
    doc: "frozenset() -> empty frozenset object\nfrozenset(iterable) -> frozenset object\n\nBuild an immutable unordered collection of unique elements.",
    ..SET
};
