//! Iterators over built-in values, as resumable positions: nothing stays borrowed between two items.

use std::rc::Rc;

use super::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

/// A tuple that an iterator gave: once nobody else holds it, it takes the next items.
#[derive(Default)]
pub struct UsedTuple(Option<Ref>);

impl UsedTuple {
    /// A tuple of so many items. The first one is the one that is used again.
    #[inline]
    pub fn give(&mut self, len: usize, mut items: impl Iterator<Item = Value>) -> Value {
        self.refill(len, &mut items).unwrap_or_else(|| {
            let made = make(len, items);
            if self.0.is_none() {
                self.0 = Some(made.clone());
            }
            Value::Obj(made)
        })
    }

    /// The same, but the last one is the one that is used again.
    #[inline]
    pub fn give_last(&mut self, len: usize, mut items: impl Iterator<Item = Value>) -> Value {
        self.refill(len, &mut items).unwrap_or_else(|| {
            let made = make(len, items);
            self.0 = Some(made.clone());
            Value::Obj(made)
        })
    }

    #[inline]
    fn refill(&mut self, len: usize, items: &mut impl Iterator<Item = Value>) -> Option<Value> {
        let used = self.0.as_mut()?;
        let Kind::Tuple(slots) = &mut Rc::get_mut(used)?.kind else { return None };
        if slots.len() != len {
            return None;
        }
        for (slot, item) in slots.iter_mut().zip(items) {
            *slot = item;
        }
        Some(Value::Obj(used.clone()))
    }

    /// Visits the tuple.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(used) = &self.0 {
            visit(&Value::Obj(used.clone()));
        }
    }
}

fn make(len: usize, items: impl Iterator<Item = Value>) -> Ref {
    let mut all = Vec::with_capacity(len);
    all.extend(items);
    Obj::tuple(all)
}

/// An iterator that a module defines.
pub trait NativeIter {
    /// The next item; nothing at the end.
    fn next(&mut self, vm: &mut Vm) -> R<Option<Value>>;
    /// The class name in reprs.
    fn class_name(&self) -> &'static str;
    /// How many items are left, if known.
    fn length_hint(&self) -> Option<usize> {
        None
    }
    /// Visits what it holds.
    fn trace(&self, _visit: &mut dyn FnMut(&Value)) {}
}

/// The state of an iterator object.
pub enum Iter {
    /// Ran out.
    Done,
    Tuple {
        tuple: Value,
        next: usize,
    },
    /// By bytes for ASCII strings, else by offset of the next code point.
    Str {
        text: Value,
        offset: usize,
    },
    Bytes {
        bytes: Value,
        next: usize,
    },
    /// `len` is the size at the start, checked at every step; `left` counts down from it.
    Dict {
        dict: Value,
        kind: super::obj::ViewKind,
        next: usize,
        len: usize,
        left: usize,
        reversed: bool,
    },
    Set {
        set: Value,
        next: usize,
        len: usize,
    },
    Reversed {
        seq: Value,
        next: i64,
    },
    Sequence {
        seq: Value,
        next: i64,
    },
    Enumerate {
        iter: Value,
        next: Value,
        used: UsedTuple,
    },
    Zip {
        iters: Vec<Value>,
        strict: bool,
        used: UsedTuple,
    },
    Map {
        func: Value,
        iters: Vec<Value>,
    },
    Filter {
        func: Value,
        iter: Value,
    },
    Callable {
        func: Value,
        sentinel: Value,
    },
    BigRange {
        next: Value,
        left: Value,
        step: Value,
    },
    Native(Box<dyn NativeIter>),
}

impl Iter {
    /// Visits what it holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        match self {
            Self::Done => {}
            Self::Tuple { tuple: v, .. }
            | Self::Str { text: v, .. }
            | Self::Bytes { bytes: v, .. }
            | Self::Dict { dict: v, .. }
            | Self::Set { set: v, .. }
            | Self::Reversed { seq: v, .. }
            | Self::Sequence { seq: v, .. } => visit(v),
            Self::Enumerate { iter, next, used } => {
                [iter, next].into_iter().for_each(&mut *visit);
                used.trace(visit);
            }
            Self::Zip { iters, used, .. } => {
                iters.iter().for_each(&mut *visit);
                used.trace(visit);
            }
            Self::Map { func, iters } => {
                visit(func);
                iters.iter().for_each(visit);
            }
            Self::Filter { func, iter } => [func, iter].into_iter().for_each(visit),
            Self::Callable { func, sentinel } => [func, sentinel].into_iter().for_each(visit),
            Self::BigRange { next, left, step } => [next, left, step].into_iter().for_each(visit),
            Self::Native(n) => n.trace(visit),
        }
    }
}
