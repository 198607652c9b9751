//! Iteration over a deque, from either end; it fails once the deque's length has changed.

use super::places::MUTATED;
use super::{deque_of, this};
use crate::value::iter::{Iter, NativeIter};
use crate::value::{R, Value};
use crate::vm::Vm;
use crate::vm::iterate::iter_object;

struct Walk {
    deque: Value,
    changes: u64,
    done: usize,
    is_reversed: bool,
}

impl NativeIter for Walk {
    fn next(&mut self, vm: &mut Vm) -> R<Option<Value>> {
        let Some(d) = deque_of(&self.deque) else { return Ok(None) };
        if d.changes.get() != self.changes {
            self.done = usize::MAX;
            return Err(vm.runtime_error(MUTATED));
        }
        let at = if self.is_reversed { d.len().checked_sub(self.done.saturating_add(1)) } else { Some(self.done) };
        let item = at.and_then(|at| d.get(at));
        self.done = if item.is_some() { self.done + 1 } else { usize::MAX };
        Ok(item)
    }

    fn class_name(&self) -> &'static str {
        if self.is_reversed { "_collections._deque_reverse_iterator" } else { "_collections._deque_iterator" }
    }

    fn length_hint(&self) -> Option<usize> {
        deque_of(&self.deque).map(|d| d.len().saturating_sub(self.done))
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.deque);
    }
}

pub(super) fn walk(a: &[Value], is_reversed: bool) -> Value {
    iter_object(Iter::Native(Box::new(Walk { deque: a[0].clone(), changes: this(&a[0]).changes.get(), done: 0, is_reversed })))
}
