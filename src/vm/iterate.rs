//! The iteration protocol.

use crate::value::{R, Value};
use crate::vm::Vm;

impl Vm {
    /// `iter(v)`.
    pub fn iter(&mut self, v: &Value) -> R {
        todo!()
    }

    /// The next item of an iterator; `None` when it ran out (a raised `StopIteration` is consumed).
    pub fn next(&mut self, iter: &Value) -> R<Option<Value>> {
        todo!()
    }

    /// All items of an iterable.
    pub fn collect(&mut self, iterable: &Value) -> R<Vec<Value>> {
        todo!()
    }

    /// Calls `each` with every item, until it says `false`. Nothing is borrowed while it runs.
    pub fn for_each(&mut self, iterable: &Value, mut each: impl FnMut(&mut Self, Value) -> R<bool>) -> R<()> {
        todo!()
    }

    /// `len(v)`.
    pub fn len(&mut self, v: &Value) -> R<usize> {
        todo!()
    }

    /// `operator.length_hint(v)`, 0 when unknown.
    pub fn length_hint(&mut self, v: &Value) -> R<usize> {
        todo!()
    }
}
