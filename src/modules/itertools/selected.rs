//! `compress`, `dropwhile`, `filterfalse`, `islice`, `starmap` and `takewhile`: some of the items, or each of them sent
//! through a function.

use std::cell::{Cell, RefCell};

use super::{State, exactly, iterator, object, take};
use crate::value::func::Builtin;
use crate::value::{R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// What a predicate says of an item.
fn holds(vm: &mut Vm, predicate: &Value, item: &Value) -> R<bool> {
    let verdict = vm.call(predicate, std::slice::from_ref(item))?;
    vm.truth(&verdict)
}

/// A function and an iterator: what most of these classes are made from.
fn two(vm: &mut Vm, name: &str, a: &[Value], n: usize) -> R<(Value, Value)> {
    exactly(vm, name, n, 2)?;
    let iter = vm.iter(&a[2].clone())?;
    Ok((a[1].clone(), iter))
}

// ---- compress ---------------------------------------------------------------------------------------------------

struct Compress {
    data: Value,
    selectors: Value,
}

impl State for Compress {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        loop {
            let Some(item) = vm.next(&self.data)? else { return Ok(None) };
            let Some(selector) = vm.next(&self.selectors)? else { return Ok(None) };
            if vm.truth(&selector)? {
                return Ok(Some(item));
            }
            vm.tick()?;
        }
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.data);
        visit(&self.selectors);
    }
}

fn compress(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let data = vm.iter(&a[1].clone())?;
    let selectors = vm.iter(&a[2].clone())?;
    object(vm, &a[0], Compress { data, selectors })
}

static NEW_COMPRESS: Builtin = Builtin::new("compress", "(cls, data, selectors)", compress, "");

/// `compress`.
pub const COMPRESS: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, data, selectors)", compress, "Create and return a new object.")],
    &NEW_COMPRESS,
    "The items whose selector is true.",
);

// ---- dropwhile, takewhile, filterfalse --------------------------------------------------------------------------

struct DropWhile {
    predicate: Value,
    iter: Value,
    has_begun: Cell<bool>,
}

impl State for DropWhile {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        loop {
            let Some(item) = vm.next(&self.iter)? else { return Ok(None) };
            if self.has_begun.get() {
                return Ok(Some(item));
            }
            if !holds(vm, &self.predicate, &item)? {
                self.has_begun.set(true);
                return Ok(Some(item));
            }
            vm.tick()?;
        }
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.predicate);
        visit(&self.iter);
    }
}

fn dropwhile(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (predicate, iter) = two(vm, "dropwhile", a, n)?;
    object(vm, &a[0], DropWhile { predicate, iter, has_begun: Cell::new(false) })
}

static NEW_DROPWHILE: Builtin = Builtin::new("dropwhile", "(cls, /, *args)", dropwhile, "");

/// `dropwhile`.
pub const DROPWHILE: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, /, *args)", dropwhile, "Create and return a new object.")],
    &NEW_DROPWHILE,
    "The items from the first one on for which a function is false.",
);

struct TakeWhile {
    predicate: Value,
    iter: Value,
    is_over: Cell<bool>,
}

impl State for TakeWhile {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        if self.is_over.get() {
            return Ok(None);
        }
        let Some(item) = vm.next(&self.iter)? else { return Ok(None) };
        if holds(vm, &self.predicate, &item)? {
            return Ok(Some(item));
        }
        self.is_over.set(true);
        Ok(None)
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.predicate);
        visit(&self.iter);
    }
}

fn takewhile(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (predicate, iter) = two(vm, "takewhile", a, n)?;
    object(vm, &a[0], TakeWhile { predicate, iter, is_over: Cell::new(false) })
}

static NEW_TAKEWHILE: Builtin = Builtin::new("takewhile", "(cls, /, *args)", takewhile, "");

/// `takewhile`.
pub const TAKEWHILE: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, /, *args)", takewhile, "Create and return a new object.")],
    &NEW_TAKEWHILE,
    "The items before the first one for which a function is false.",
);

struct FilterFalse {
    /// `None` and `bool` ask for the truth of the item itself.
    predicate: Value,
    iter: Value,
}

impl State for FilterFalse {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        let by_truth = self.predicate.is_none() || self.predicate.to_class().is_some_and(|c| c.is(&vm.types.bool));
        loop {
            let Some(item) = vm.next(&self.iter)? else { return Ok(None) };
            let is_true = if by_truth { vm.truth(&item)? } else { holds(vm, &self.predicate, &item)? };
            if !is_true {
                return Ok(Some(item));
            }
            vm.tick()?;
        }
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.predicate);
        visit(&self.iter);
    }
}

fn filterfalse(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (predicate, iter) = two(vm, "filterfalse", a, n)?;
    object(vm, &a[0], FilterFalse { predicate, iter })
}

static NEW_FILTERFALSE: Builtin = Builtin::new("filterfalse", "(cls, /, *args)", filterfalse, "");

/// `filterfalse`.
pub const FILTERFALSE: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, /, *args)", filterfalse, "Create and return a new object.")],
    &NEW_FILTERFALSE,
    "The items for which a function is false.",
);

// ---- starmap ----------------------------------------------------------------------------------------------------

struct StarMap {
    func: Value,
    iter: Value,
}

impl State for StarMap {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        let Some(item) = vm.next(&self.iter)? else { return Ok(None) };
        let result = match item.as_tuple() {
            Some(args) => vm.call(&self.func, args),
            None => {
                let args = vm.collect(&item)?;
                vm.call(&self.func, &args)
            }
        };
        result.map(Some)
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.func);
        visit(&self.iter);
    }
}

fn starmap(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (func, iter) = two(vm, "starmap", a, n)?;
    object(vm, &a[0], StarMap { func, iter })
}

static NEW_STARMAP: Builtin = Builtin::new("starmap", "(cls, /, *args)", starmap, "");

/// `starmap`.
pub const STARMAP: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, /, *args)", starmap, "Create and return a new object.")],
    &NEW_STARMAP,
    "The results of a function for tuples of arguments.",
);

// ---- islice -----------------------------------------------------------------------------------------------------

struct Islice {
    /// Empty when it is over.
    iter: RefCell<Value>,
    /// The place of the next item to be given.
    next: Cell<i64>,
    stop: Option<i64>,
    step: i64,
    /// How many items were taken.
    taken: Cell<i64>,
}

impl Islice {
    fn step(&self, vm: &mut Vm, iter: &Value) -> R<Option<Value>> {
        while self.taken.get() < self.next.get() {
            if vm.next(iter)?.is_none() {
                return Ok(None);
            }
            self.taken.set(self.taken.get() + 1);
            vm.tick()?;
        }
        if self.stop.is_some_and(|stop| self.taken.get() >= stop) {
            return Ok(None);
        }
        let item = vm.next(iter)?;
        if item.is_some() {
            self.taken.set(self.taken.get() + 1);
            let after = self.next.get().saturating_add(self.step);
            self.next.set(self.stop.map_or(after, |stop| after.min(stop)));
        }
        Ok(item)
    }
}

impl State for Islice {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        let iter = self.iter.borrow().clone();
        if iter.is_unbound() {
            return Ok(None);
        }
        let result = self.step(vm, &iter);
        if !matches!(result, Ok(Some(_))) {
            take(&self.iter);
        }
        result
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(iter) = self.iter.try_borrow() {
            visit(&iter);
        }
    }
}

/// One of the numbers; nothing for what is none or negative.
fn place(vm: &mut Vm, v: &Value) -> R<Option<i64>> {
    if !vm.has_index(v) {
        return Ok(None);
    }
    Ok(match vm.index(v)? {
        Value::Int(i) if i >= 0 => Some(i),
        _ => None,
    })
}

/// Start, stop and step, from the arguments behind the iterable.
fn bounds(vm: &mut Vm, given: &[Value]) -> R<(i64, Option<i64>, i64)> {
    const RANGE: &str = "islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let (start, stop) = match given {
        [stop] => (&Value::None, stop),
        [start, stop, ..] => (start, stop),
        [] => (&Value::None, &Value::None),
    };
    let stop = match stop.some() {
        None => None,
        Some(v) => match place(vm, v)? {
            None => return Err(vm.value_error(&format!("Stop argument for {RANGE}"))),
            found => found,
        },
    };
    let start = match start.some() {
        None => 0,
        Some(v) => match place(vm, v)? {
            None => return Err(vm.value_error(&format!("Indices for {RANGE}"))),
            Some(found) => found,
        },
    };
    let step = match given.get(2).and_then(Value::some) {
        None => 1,
        Some(v) => match place(vm, v)?.filter(|step| *step > 0) {
            None => return Err(vm.value_error("Step for islice() must be a positive integer or None.")),
            Some(found) => found,
        },
    };
    Ok((start, stop, step))
}

fn islice(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let given = n.saturating_sub(1);
    if !(2..=4).contains(&given) {
        let (bound, number) = if given < 2 { ("least", 2) } else { ("most", 4) };
        return Err(vm.type_error(&format!("islice expected at {bound} {number} arguments, got {given}")));
    }
    let (start, stop, step) = bounds(vm, a.get(2..n).unwrap_or_default())?;
    let iter = RefCell::new(vm.iter(&a[1].clone())?);
    object(vm, &a[0], Islice { iter, next: Cell::new(start), stop, step, taken: Cell::new(0) })
}

static NEW_ISLICE: Builtin = Builtin::new("islice", "(cls, /, *args)", islice, "");

/// `islice`.
pub const ISLICE: TypeDef =
    iterator(&[Builtin::new("__new__", "(cls, /, *args)", islice, "Create and return a new object.")], &NEW_ISLICE, "The items that a slice of places names.");
