//! Iterators as classes: `enumerate`, `zip`, `map`, `filter`, `reversed`, and what all built-in iterators share.

use super::descriptor::derive;
use super::rows;
use crate::value::class::{Solid, flag};
use crate::value::func::Builtin;
use crate::value::iter::{Iter, UsedTuple};
use crate::value::obj::ViewKind;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::iterate::{dict_iter, iter_object};
use crate::vm::types::TypeDef;

fn next(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let iter = a[0].native().clone();
    vm.next_or_stop(&iter)
}

fn length_hint(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let iter = a[0].native().clone();
    vm.length_hint(&iter).map(Value::from)
}

/// `__iter__` of an iterator.
pub const ITER: Builtin = Builtin::new("__iter__", "(self, /)", rows::itself, "Implement iter(self).");
/// `__next__` of an iterator.
pub const NEXT: Builtin = Builtin::new("__next__", "(self, /)", next, "Implement next(self).");
const LENGTH_HINT: Builtin = Builtin::new("__length_hint__", "(self, /)", length_hint, "Private method returning an estimate of len(list(it)).");

/// An iterator class that scripts cannot instantiate.
pub const PLAIN: TypeDef =
    TypeDef { methods: &[ITER, NEXT, LENGTH_HINT], getsets: &[], construct: None, solid: Solid::Builtin, flags: flag::NO_NEW | flag::FINAL, doc: "" };

/// An iterator class that scripts can instantiate and extend.
const OPEN: TypeDef = TypeDef { flags: 0, ..PLAIN };

// ---- enumerate --------------------------------------------------------------------------------------------------

fn make_enumerate(vm: &mut Vm, iterable: &Value, start: &Value) -> R {
    if iterable.is_unbound() {
        return Err(vm.type_error("enumerate() missing required argument 'iterable'"));
    }
    let next = match start.given() {
        Some(v) => vm.index(&v.clone())?,
        None => Value::Int(0),
    };
    let iter = vm.iter(&iterable.clone())?;
    Ok(iter_object(Iter::Enumerate { iter, next, used: UsedTuple::default() }))
}

fn enumerate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    make_enumerate(vm, &a[0], &a[1])
}

fn new_enumerate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let base = make_enumerate(vm, &a[1], &a[2])?;
    derive(vm, &a[0], base)
}

static NEW_ENUMERATE: Builtin = Builtin::new("enumerate", "(iterable=None, start=0)", enumerate, "");

/// `enumerate`.
pub const ENUMERATE: TypeDef = TypeDef {
    methods: &[Builtin::new("__new__", "(cls, iterable=None, start=0)", new_enumerate, "Create and return a new object."), ITER, NEXT],
    construct: Some(&NEW_ENUMERATE),
    doc: "Return an enumerate object.\n\n  iterable\n    an object supporting iteration\n\nThe enumerate object yields pairs containing a count (from start, which\ndefaults to zero) and a value yielded by the iterable argument.",
    ..OPEN
};

// ---- zip --------------------------------------------------------------------------------------------------------

fn iterators(vm: &mut Vm, iterables: &[Value]) -> R<Vec<Value>> {
    iterables.iter().map(|v| vm.iter(v)).collect()
}

fn make_zip(vm: &mut Vm, iterables: &[Value], strict: &Value) -> R {
    let strict = match strict.given() {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    let iters = iterators(vm, iterables)?;
    Ok(iter_object(Iter::Zip { iters, strict, used: UsedTuple::default() }))
}

fn zip(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let strict = a.get(n).cloned().unwrap_or_default();
    make_zip(vm, a.get(..n).unwrap_or_default(), &strict)
}

fn new_zip(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let strict = a.get(n).cloned().unwrap_or_default();
    let base = make_zip(vm, a.get(1..n).unwrap_or_default(), &strict)?;
    derive(vm, &a[0], base)
}

static NEW_ZIP: Builtin = Builtin::new("zip", "(*iterables, strict=False)", zip, "");

/// `zip`.
pub const ZIP: TypeDef = TypeDef {
    methods: &[Builtin::new("__new__", "(cls, /, *iterables, strict=False)", new_zip, "Create and return a new object."), ITER, NEXT],
    construct: Some(&NEW_ZIP),
    doc: "zip(*iterables, strict=False) --> Yield tuples until an input is exhausted.\n\nIf strict is true and one of the arguments is exhausted before the others,\nraise a ValueError.",
    ..OPEN
};

// ---- map --------------------------------------------------------------------------------------------------------

fn make_map(vm: &mut Vm, args: &[Value]) -> R {
    let [func, iterables @ ..] = args else { return Err(vm.type_error("map() must have at least two arguments.")) };
    if iterables.is_empty() {
        return Err(vm.type_error("map() must have at least two arguments."));
    }
    let iters = iterators(vm, iterables)?;
    Ok(iter_object(Iter::Map { func: func.clone(), iters }))
}

fn map(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    make_map(vm, a.get(..n).unwrap_or_default())
}

fn new_map(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let base = make_map(vm, a.get(1..n).unwrap_or_default())?;
    derive(vm, &a[0], base)
}

static NEW_MAP: Builtin = Builtin::new("map", "(*args)", map, "");

/// `map`.
pub const MAP: TypeDef = TypeDef {
    methods: &[Builtin::new("__new__", "(cls, /, *args)", new_map, "Create and return a new object."), ITER, NEXT],
    construct: Some(&NEW_MAP),
    doc: "map(func, *iterables) --> map object\n\nMake an iterator that computes the function using arguments from\neach of the iterables.  Stops when the shortest iterable is exhausted.",
    ..OPEN
};

// ---- filter -----------------------------------------------------------------------------------------------------

fn filter(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (func, iterable) = (a[0].take(), a[1].take());
    let iter = vm.iter(&iterable)?;
    Ok(iter_object(Iter::Filter { func, iter }))
}

fn new_filter(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let base = filter(vm, a.get_mut(1..).unwrap_or_default(), n)?;
    derive(vm, &a[0], base)
}

static NEW_FILTER: Builtin = Builtin::new("filter", "(function, iterable, /)", filter, "");

/// `filter`.
pub const FILTER: TypeDef = TypeDef {
    methods: &[Builtin::new("__new__", "(cls, function, iterable, /)", new_filter, "Create and return a new object."), ITER, NEXT],
    construct: Some(&NEW_FILTER),
    doc: "filter(function or None, iterable) --> filter object\n\nReturn an iterator yielding those items of iterable for which function(item)\nis true. If function is None, return the items that are true.",
    ..OPEN
};

// ---- reversed ---------------------------------------------------------------------------------------------------

/// `reversed(v)`.
pub fn make_reversed(vm: &mut Vm, v: &Value) -> R {
    let names = vm.names.clone();
    if let Some(method) = vm.special(v, &names.reversed)
        && !method.is_none()
    {
        return vm.run_special(&method, v, &[]);
    }
    match v.kind() {
        Some(Kind::List(_) | Kind::Tuple(_) | Kind::Str(_) | Kind::Bytes(_) | Kind::ByteArray(_)) => {
            let next = vm.len(v)? as i64 - 1;
            Ok(iter_object(Iter::Reversed { seq: v.clone(), next }))
        }
        Some(Kind::Range(_) | Kind::BigRange(_)) => Ok(super::range::iterate_back(v)),
        Some(Kind::Dict(_)) => Ok(dict_iter(v, ViewKind::Keys, true)),
        Some(Kind::View { dict, kind }) => Ok(dict_iter(dict, *kind, true)),
        Some(Kind::Proxy(inner)) => make_reversed(vm, inner),
        Some(Kind::Derived(d)) if vm.special(v, &names.getitem).is_none() => make_reversed(vm, &d.base),
        _ if vm.special(v, &names.getitem).is_some() && vm.special(v, &names.reversed).is_none() => {
            let next = vm.len(v)? as i64 - 1;
            Ok(iter_object(Iter::Reversed { seq: v.clone(), next }))
        }
        _ => {
            let text = format!("'{}' object is not reversible", vm.class_name(v));
            Err(vm.type_error(&text))
        }
    }
}

fn reversed(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if n != 1 {
        return Err(vm.type_error(&format!("reversed expected 1 argument, got {n}")));
    }
    let v = a[0].clone();
    make_reversed(vm, &v)
}

fn new_reversed(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let base = reversed(vm, a.get_mut(1..).unwrap_or_default(), n.saturating_sub(1))?;
    // What a `__reversed__` gives is the result as it is.
    if !vm.class_of(&base).is(&vm.types.reversed) {
        return Ok(base);
    }
    derive(vm, &a[0], base)
}

static NEW_REVERSED: Builtin = Builtin::new("reversed", "(*args)", reversed, "");

/// `reversed`.
pub const REVERSED: TypeDef = TypeDef {
    methods: &[Builtin::new("__new__", "(cls, /, *args)", new_reversed, "Create and return a new object."), ITER, NEXT, LENGTH_HINT],
    construct: Some(&NEW_REVERSED),
    doc: "Return a reverse iterator over the values of the given sequence.",
    ..OPEN
};
