//! `tee`: several iterators over the items of one. An item is kept until the slowest of them has read it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::{Object, State, class_named, iterator, object, state_of};
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// What the iterators share.
struct Source {
    iter: Value,
    kept: RefCell<Kept>,
    is_running: Cell<bool>,
}

/// Items that some of the iterators have not read yet.
#[derive(Default)]
struct Kept {
    items: VecDeque<Value>,
    /// How many iterators stand before each of the items, and, in the last place, behind all of them.
    readers: VecDeque<usize>,
    /// The number of the first kept item.
    first: u64,
}

impl Kept {
    /// Counts an iterator at a place.
    fn enter(&mut self, at: u64) {
        let place = at.saturating_sub(self.first) as usize;
        if self.readers.len() <= place {
            self.readers.resize(place + 1, 0);
        }
        if let Some(n) = self.readers.get_mut(place) {
            *n += 1;
        }
    }

    /// An iterator goes on from a place, or is gone; gives the items that nobody needs any more.
    fn leave(&mut self, at: u64) -> Vec<Value> {
        if let Some(n) = self.readers.get_mut(at.saturating_sub(self.first) as usize) {
            *n = n.saturating_sub(1);
        }
        let mut gone = Vec::new();
        while !self.items.is_empty() && self.readers.front() == Some(&0) {
            self.readers.pop_front();
            gone.extend(self.items.pop_front());
            self.first += 1;
        }
        gone
    }
}

impl Source {
    /// The item at a place, read from the source if nobody has read it yet.
    fn item(&self, vm: &mut Vm, at: u64) -> R<Option<Value>> {
        let known = |kept: &Kept| kept.items.get(at.saturating_sub(kept.first) as usize).cloned();
        if let Some(item) = known(&self.kept.borrow()) {
            return Ok(Some(item));
        }
        if self.is_running.replace(true) {
            return Err(vm.runtime_error("cannot re-enter the tee iterator"));
        }
        let result = vm.next(&self.iter);
        self.is_running.set(false);
        if let Ok(Some(item)) = &result {
            self.kept.borrow_mut().items.push_back(item.clone());
        }
        result
    }
}

impl State for Source {
    fn next(&self, _: &mut Vm) -> R<Option<Value>> {
        Ok(None)
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.iter);
        if let Ok(kept) = self.kept.try_borrow() {
            kept.items.iter().for_each(visit);
        }
    }

    fn clear(&self) {
        let old = self.kept.try_borrow_mut().map(|mut k| std::mem::take(&mut *k));
        drop(old);
    }
}

/// One of the iterators.
struct Tee {
    source: Value,
    at: Cell<u64>,
}

impl Tee {
    fn new(source: Value, at: u64) -> Self {
        if let Some(s) = state_of::<Source>(&source) {
            s.kept.borrow_mut().enter(at);
        }
        Self { source, at: Cell::new(at) }
    }
}

impl Drop for Tee {
    fn drop(&mut self) {
        let gone = state_of::<Source>(&self.source).and_then(|s| s.kept.try_borrow_mut().ok().map(|mut k| k.leave(self.at.get())));
        drop(gone);
    }
}

impl State for Tee {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        let Some(source) = state_of::<Source>(&self.source) else { return Ok(None) };
        let at = self.at.get();
        let Some(item) = source.item(vm, at)? else { return Ok(None) };
        self.at.set(at + 1);
        let gone = {
            let mut kept = source.kept.borrow_mut();
            kept.enter(at + 1);
            kept.leave(at)
        };
        drop(gone);
        Ok(Some(item))
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.source);
    }
}

/// The first of the iterators over an iterable; of one of such iterators, another one at the same place.
fn first(vm: &mut Vm, class: &Value, iterable: &Value) -> R {
    let iter = vm.iter(iterable)?;
    if let Some(tee) = state_of::<Tee>(&iter) {
        return object(vm, class, Tee::new(tee.source.clone(), tee.at.get()));
    }
    let own = class_named(vm, "_tee")?;
    let Some(own) = own.to_class() else { return Ok(Value::None) };
    let state = Source { iter, kept: RefCell::default(), is_running: Cell::new(false) };
    let source = Obj::new(Kind::Native(Box::new(Object { class: own, state }))).into();
    object(vm, class, Tee::new(source, 0))
}

fn copy(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(tee) = state_of::<Tee>(&a[0]) else { return Ok(Value::None) };
    let class = class_named(vm, "_tee")?;
    object(vm, &class, Tee::new(tee.source.clone(), tee.at.get()))
}

/// `tee(iterable, n=2)`.
pub fn tee(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let n = match a[1].given() {
        Some(n) => vm.ssize_arg(&n.clone())?,
        None => 2,
    };
    let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("n must be >= 0")) };
    if n == 0 {
        return Ok(Obj::tuple(Vec::new()).into());
    }
    vm.check_size::<Value>(n, 1)?;
    let iter = vm.iter(&a[0].clone())?;
    let copies = vm.name_of("__copy__");
    let (first, copier) = match vm.get_attr_opt(&iter, &copies)? {
        Some(copier) => (iter, copier),
        None => {
            let class = class_named(vm, "_tee")?;
            let first = first(vm, &class, &iter)?;
            let copier = vm.get_attr(&first, &copies)?;
            (first, copier)
        }
    };
    let mut all = vec![first];
    for _ in 1..n {
        all.push(vm.call(&copier, &[])?);
    }
    Ok(Obj::tuple(all).into())
}

fn new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    first(vm, &a[0].clone(), &a[1].clone())
}

static NEW: Builtin = Builtin::new("_tee", "(cls, iterable, /)", new, "");

/// The class of the iterators.
pub const TEE: TypeDef = iterator(
    &[
        Builtin::new("__new__", "(cls, iterable, /)", new, "Create and return a new object."),
        Builtin::new("__copy__", "(self, /)", copy, "Returns an independent iterator."),
    ],
    &NEW,
    "Iterator wrapped to make it copyable.",
);
