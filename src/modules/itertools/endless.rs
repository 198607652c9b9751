//! `count`, `cycle` and `repeat`: iterators that need not end.

use std::cell::{Cell, RefCell};

use super::{State, exactly, iterator, object, state_of, take};
use crate::syntax::ast::BinOp;
use crate::value::func::Builtin;
use crate::value::{Obj, R, Value};
use crate::vm::Vm;
use crate::vm::number::Num;
use crate::vm::types::TypeDef;

// ---- count ------------------------------------------------------------------------------------------------------

struct Count {
    next: RefCell<Value>,
    step: Value,
}

impl State for Count {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        let now = self.next.borrow().clone();
        let after = match (&now, &self.step) {
            (Value::Int(i), Value::Int(step)) if i.checked_add(*step).is_some() => Value::Int(i + step),
            (now, step) => vm.binary(BinOp::Add, now, step)?,
        };
        let old = self.next.replace(after);
        drop(old);
        Ok(Some(now))
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.step);
        if let Ok(next) = self.next.try_borrow() {
            visit(&next);
        }
    }
}

/// Whether a value is a number as far as its type tells.
fn is_number(vm: &Vm, v: &Value) -> bool {
    let names = &vm.names;
    let converts = |v: &Value| [&names.index, &names.int, &names.float, &names.complex].iter().any(|name| vm.class_of(v).lookup(name).is_some());
    Num::of(v.native()).is_some() || (v.as_str().is_none() && !v.is_none() && converts(v))
}

fn count(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let start = a[1].given().cloned().unwrap_or(Value::Int(0));
    let step = a[2].given().cloned().unwrap_or(Value::Int(1));
    if !is_number(vm, &start) || !is_number(vm, &step) {
        return Err(vm.type_error("a number is required"));
    }
    let state = match (&start, &step) {
        (Value::Int(_) | Value::True | Value::False, Value::Int(1) | Value::True) => Count { next: RefCell::new(vm.index(&start)?), step: Value::Int(1) },
        _ => Count { next: RefCell::new(start), step },
    };
    object(vm, &a[0], state)
}

fn count_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(count) = state_of::<Count>(&a[0]) else { return Ok(Value::None) };
    let (name, next) = (vm.class_of(&a[0]).name(), count.next.borrow().clone());
    let shown = vm.repr(&next)?;
    Ok(match &count.step {
        Value::Int(1) => format!("{name}({shown})"),
        step => format!("{name}({shown}, {})", vm.repr(step)?),
    }
    .into())
}

fn count_reduce(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(count) = state_of::<Count>(&a[0]) else { return Ok(Value::None) };
    let mut args = vec![count.next.borrow().clone()];
    if !matches!(count.step, Value::Int(1)) {
        args.push(count.step.clone());
    }
    Ok(Obj::tuple([Value::from(vm.class_of(&a[0])), Obj::tuple(args).into()]).into())
}

static NEW_COUNT: Builtin = Builtin::new("count", "(cls, start=0, step=1)", count, "");

/// `count`.
pub const COUNT: TypeDef = iterator(
    &[
        Builtin::new("__new__", "(cls, start=0, step=1)", count, "Create and return a new object."),
        Builtin::new("__repr__", "(self, /)", count_repr, "Return repr(self)."),
        Builtin::new("__reduce__", "(self, /)", count_reduce, "How to make a copy."),
    ],
    &NEW_COUNT,
    "Numbers at equal distances, without end.",
);

// ---- cycle ------------------------------------------------------------------------------------------------------

struct Cycle {
    /// The first round; empty afterwards.
    iter: RefCell<Value>,
    seen: RefCell<Vec<Value>>,
    at: Cell<usize>,
}

impl State for Cycle {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        let iter = self.iter.borrow().clone();
        if !iter.is_unbound() {
            if let Some(item) = vm.next(&iter)? {
                self.seen.borrow_mut().push(item.clone());
                return Ok(Some(item));
            }
            vm.stopped = None;
            take(&self.iter);
        }
        let seen = self.seen.borrow();
        let at = self.at.get();
        self.at.set(if at + 1 >= seen.len() { 0 } else { at + 1 });
        Ok(seen.get(at).cloned())
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(iter) = self.iter.try_borrow() {
            visit(&iter);
        }
        if let Ok(seen) = self.seen.try_borrow() {
            seen.iter().for_each(visit);
        }
    }

    fn clear(&self) {
        let old = self.seen.try_borrow_mut().map(|mut s| std::mem::take(&mut *s));
        drop(old);
    }
}

fn cycle(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    exactly(vm, "cycle", n, 1)?;
    let iter = vm.iter(&a[1].clone())?;
    object(vm, &a[0], Cycle { iter: RefCell::new(iter), seen: RefCell::default(), at: Cell::new(0) })
}

static NEW_CYCLE: Builtin = Builtin::new("cycle", "(cls, /, *args)", cycle, "");

/// `cycle`.
pub const CYCLE: TypeDef =
    iterator(&[Builtin::new("__new__", "(cls, /, *args)", cycle, "Create and return a new object.")], &NEW_CYCLE, "The same items again and again.");

// ---- repeat -----------------------------------------------------------------------------------------------------

struct Repeat {
    item: Value,
    /// How often it still comes; nothing for ever.
    left: Cell<Option<i64>>,
}

impl State for Repeat {
    fn next(&self, _: &mut Vm) -> R<Option<Value>> {
        match self.left.get() {
            Some(n) if n <= 0 => return Ok(None),
            Some(n) => self.left.set(Some(n - 1)),
            None => {}
        }
        Ok(Some(self.item.clone()))
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.item);
    }
}

fn repeat(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let left = match a[2].given() {
        Some(times) => Some(vm.ssize_arg(&times.clone())?.max(0)),
        None => None,
    };
    object(vm, &a[0], Repeat { item: a[1].clone(), left: Cell::new(left) })
}

fn repeat_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(repeat) = state_of::<Repeat>(&a[0]) else { return Ok(Value::None) };
    let (name, shown) = (vm.class_of(&a[0]).name(), vm.repr(&repeat.item)?);
    Ok(match repeat.left.get() {
        Some(left) => format!("{name}({shown}, {left})"),
        None => format!("{name}({shown})"),
    }
    .into())
}

fn repeat_hint(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match state_of::<Repeat>(&a[0]).and_then(|r| r.left.get()) {
        Some(left) => Ok(left.into()),
        None => Err(vm.type_error("len() of unsized object")),
    }
}

fn repeat_reduce(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(repeat) = state_of::<Repeat>(&a[0]) else { return Ok(Value::None) };
    let args: Vec<Value> = std::iter::once(repeat.item.clone()).chain(repeat.left.get().map(Value::Int)).collect();
    Ok(Obj::tuple([Value::from(vm.class_of(&a[0])), Obj::tuple(args).into()]).into())
}

static NEW_REPEAT: Builtin = Builtin::new("repeat", "(cls, object, times=None)", repeat, "");

/// `repeat`.
pub const REPEAT: TypeDef = iterator(
    &[
        Builtin::new("__new__", "(cls, object, times=None)", repeat, "Create and return a new object."),
        Builtin::new("__repr__", "(self, /)", repeat_repr, "Return repr(self)."),
        Builtin::new("__length_hint__", "(self, /)", repeat_hint, "How many items are left."),
        Builtin::new("__reduce__", "(self, /)", repeat_reduce, "How to make a copy."),
    ],
    &NEW_REPEAT,
    "The same object so many times, or without end.",
);
