//! `accumulate`, `chain`, `pairwise` and `zip_longest`: items put together with others.

use std::cell::{Cell, RefCell};

use super::{State, exactly, iterator, object, take};
use crate::syntax::ast::BinOp;
use crate::types::object::{keyword_pairs, kwargs_of};
use crate::value::func::Builtin;
use crate::value::iter::{Iter, UsedTuple};
use crate::value::{Obj, R, Value};
use crate::vm::Vm;
use crate::vm::iterate::iter_object;
use crate::vm::types::TypeDef;

// ---- accumulate -------------------------------------------------------------------------------------------------

struct Accumulate {
    iter: Value,
    /// `None` adds.
    func: Value,
    total: RefCell<Value>,
    /// What comes before the first item, until it came.
    initial: RefCell<Value>,
}

impl State for Accumulate {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        let initial = self.initial.take();
        if !initial.is_unbound() {
            let old = self.total.replace(initial.clone());
            drop(old);
            return Ok(Some(initial));
        }
        let Some(item) = vm.next(&self.iter)? else { return Ok(None) };
        let before = self.total.borrow().clone();
        let total = if before.is_unbound() {
            item
        } else if self.func.is_none() {
            vm.binary(BinOp::Add, &before, &item)?
        } else {
            vm.call(&self.func, &[before, item])?
        };
        let old = self.total.replace(total.clone());
        drop(old);
        Ok(Some(total))
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.iter);
        visit(&self.func);
        for cell in [&self.total, &self.initial] {
            if let Ok(v) = cell.try_borrow() {
                visit(&v);
            }
        }
    }
}

fn accumulate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let iter = vm.iter(&a[1].clone())?;
    let func = a[2].some().cloned().unwrap_or(Value::None);
    let initial = RefCell::new(a[3].some().cloned().unwrap_or_default());
    object(vm, &a[0], Accumulate { iter, func, total: RefCell::default(), initial })
}

static NEW_ACCUMULATE: Builtin = Builtin::new("accumulate", "(cls, iterable, func=None, *, initial=None)", accumulate, "");

/// `accumulate`.
pub const ACCUMULATE: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, iterable, func=None, *, initial=None)", accumulate, "Create and return a new object.")],
    &NEW_ACCUMULATE,
    "Sums of all items so far, or results of another function of two arguments.",
);

// ---- chain ------------------------------------------------------------------------------------------------------

struct Chain {
    /// Gives the iterables; empty when it ran out.
    sources: RefCell<Value>,
    /// The one whose turn it is.
    active: RefCell<Value>,
}

impl Chain {
    /// Goes over to the next iterable; says whether there is one.
    fn advance(&self, vm: &mut Vm) -> R<bool> {
        let sources = self.sources.borrow().clone();
        if sources.is_unbound() {
            return Ok(false);
        }
        let next = vm.next(&sources).and_then(|source| source.map(|s| vm.iter(&s)).transpose());
        if !matches!(next, Ok(Some(_))) {
            take(&self.sources);
            vm.stopped = None;
        }
        let Some(iter) = next? else { return Ok(false) };
        let old = self.active.replace(iter);
        drop(old);
        Ok(true)
    }
}

impl State for Chain {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        loop {
            let active = self.active.borrow().clone();
            if !active.is_unbound() {
                let item = vm.next(&active)?;
                if item.is_some() {
                    return Ok(item);
                }
                vm.stopped = None;
                take(&self.active);
            }
            if !self.advance(vm)? {
                return Ok(None);
            }
            vm.tick()?;
        }
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for cell in [&self.sources, &self.active] {
            if let Ok(v) = cell.try_borrow() {
                visit(&v);
            }
        }
    }
}

fn chain(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let tuple = Obj::tuple(a.get(1..n).unwrap_or_default().to_vec()).into();
    let sources = RefCell::new(iter_object(Iter::Tuple { tuple, next: 0 }));
    object(vm, &a[0], Chain { sources, active: RefCell::default() })
}

fn from_iterable(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let sources = RefCell::new(vm.iter(&a[1].clone())?);
    object(vm, &a[0], Chain { sources, active: RefCell::default() })
}

static NEW_CHAIN: Builtin = Builtin::new("chain", "(cls, /, *iterables)", chain, "");

/// `chain`.
pub const CHAIN: TypeDef = iterator(
    &[
        Builtin::new("__new__", "(cls, /, *iterables)", chain, "Create and return a new object."),
        Builtin::new("from_iterable", "(cls, iterable, /)", from_iterable, "The same for iterables that come from one iterable."),
    ],
    &NEW_CHAIN,
    "The items of one iterable after those of another.",
);

// ---- pairwise ---------------------------------------------------------------------------------------------------

struct Pairwise {
    iter: RefCell<Value>,
    before: RefCell<Value>,
}

impl Pairwise {
    fn step(&self, vm: &mut Vm, iter: &Value) -> R<Option<Value>> {
        let mut before = self.before.borrow().clone();
        if before.is_unbound() {
            let Some(first) = vm.next(iter)? else { return Ok(None) };
            before = first;
            self.before.replace(before.clone());
        }
        let Some(item) = vm.next(iter)? else { return Ok(None) };
        let old = self.before.replace(item.clone());
        drop(old);
        Ok(Some(Obj::tuple([before, item]).into()))
    }
}

impl State for Pairwise {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        let iter = self.iter.borrow().clone();
        if iter.is_unbound() {
            return Ok(None);
        }
        let result = self.step(vm, &iter);
        if !matches!(result, Ok(Some(_))) {
            take(&self.iter);
            take(&self.before);
        }
        result
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for cell in [&self.iter, &self.before] {
            if let Ok(v) = cell.try_borrow() {
                visit(&v);
            }
        }
    }
}

fn pairwise(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    exactly(vm, "pairwise", n, 1)?;
    let iter = RefCell::new(vm.iter(&a[1].clone())?);
    object(vm, &a[0], Pairwise { iter, before: RefCell::default() })
}

static NEW_PAIRWISE: Builtin = Builtin::new("pairwise", "(cls, /, *args)", pairwise, "");

/// `pairwise`.
pub const PAIRWISE: TypeDef =
    iterator(&[Builtin::new("__new__", "(cls, /, *args)", pairwise, "Create and return a new object.")], &NEW_PAIRWISE, "Each item with the next one.");

// ---- zip_longest ------------------------------------------------------------------------------------------------

struct ZipLongest {
    /// The iterators; empty where one ran out.
    iters: RefCell<Vec<Value>>,
    active: Cell<usize>,
    fill: Value,
    used: RefCell<UsedTuple>,
}

impl ZipLongest {
    /// The next item of one of the iterators; nothing when all have run out.
    fn item(&self, vm: &mut Vm, i: usize) -> R<Option<Value>> {
        let iter = self.iters.borrow().get(i).cloned().unwrap_or_default();
        if iter.is_unbound() {
            return Ok(Some(self.fill.clone()));
        }
        let result = vm.next(&iter);
        if let Ok(Some(_)) = result {
            return result;
        }
        vm.stopped = None;
        // An exception is the end of them all.
        self.active.set(if result.is_err() { 0 } else { self.active.get().saturating_sub(1) });
        result?;
        if self.active.get() == 0 {
            return Ok(None);
        }
        let old = self.iters.borrow_mut().get_mut(i).map(Value::take);
        drop(old);
        Ok(Some(self.fill.clone()))
    }
}

impl State for ZipLongest {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        if self.active.get() == 0 {
            return Ok(None);
        }
        let n = self.iters.borrow().len();
        let mut row = Vec::with_capacity(n);
        for i in 0..n {
            match self.item(vm, i)? {
                Some(item) => row.push(item),
                None => return Ok(None),
            }
        }
        Ok(Some(self.used.borrow_mut().give(n, row.into_iter())))
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(iters) = self.iters.try_borrow() {
            iters.iter().for_each(&mut *visit);
        }
        if let Ok(used) = self.used.try_borrow() {
            used.trace(visit);
        }
        visit(&self.fill);
    }
}

fn zip_longest(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let mut fill = Value::None;
    for (name, value) in keyword_pairs(kwargs_of(a, n, 1)) {
        if name.text() != "fillvalue" {
            return Err(vm.type_error("zip_longest() got an unexpected keyword argument"));
        }
        fill = value;
    }
    let mut iters = Vec::with_capacity(n.saturating_sub(1));
    for iterable in a.get(1..n).unwrap_or_default() {
        iters.push(vm.iter(&iterable.clone())?);
    }
    let active = Cell::new(iters.len());
    object(vm, &a[0], ZipLongest { iters: RefCell::new(iters), active, fill, used: RefCell::default() })
}

static NEW_ZIP_LONGEST: Builtin = Builtin::new("zip_longest", "(cls, /, *iterables, **kwargs)", zip_longest, "");

/// `zip_longest`.
pub const ZIP_LONGEST: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, /, *iterables, **kwargs)", zip_longest, "Create and return a new object.")],
    &NEW_ZIP_LONGEST,
    "Tuples of items until the longest iterable is over.",
);
