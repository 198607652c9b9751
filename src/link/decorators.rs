//! Decorators of functions and classes: evaluated in order before what they decorate is made, called in the opposite
//! order with it afterwards. They do not know what is defined.

use super::Ex;
use super::cx::{Cx, located};
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::value::{R, Value};
use crate::vm::Vm;

/// The decorators of a definition, linked.
pub struct Decorators(Vec<(Ex, Span)>);

impl Decorators {
    /// Evaluates them, the first one first.
    pub fn evaluate(&self, vm: &mut Vm, fr: &mut [Value]) -> R<Vec<Value>> {
        self.0.iter().map(|(decorator, _)| decorator(vm, fr)).collect()
    }

    /// Calls them with what was defined, the last one first.
    pub fn apply(&self, vm: &mut Vm, evaluated: &[Value], defined: Value) -> R {
        evaluated.iter().zip(&self.0).rev().try_fold(defined, |defined, (decorator, (_, span))| {
            let r = vm.call(decorator, &[defined]);
            located(vm, *span, r)
        })
    }
}

/// The slots of decorators on a thread, which may wait: the call that waits, what is decorated so far, and how many
/// decorators are still to be called.
#[derive(Clone, Copy)]
pub struct Progress {
    waiting: usize,
    defined: usize,
    left: usize,
}

impl Progress {
    /// Whether what is decorated was defined already.
    pub fn is_defined(self, fr: &[Value]) -> bool {
        !fr[self.left].is_unbound()
    }
}

impl Decorators {
    /// Calls them on a thread with what is defined; begins with those that were not called yet.
    pub fn apply_on_thread(&self, vm: &mut Vm, fr: &mut [Value], at: Progress, define: impl FnOnce(&mut Vm, &mut [Value]) -> R) -> R {
        let result = self.apply_rest(vm, fr, at, define);
        if result.is_ok() || !vm.is_suspending() {
            super::cx::clear_slots(fr, at.waiting, at.left + 1);
        }
        result
    }

    fn apply_rest(&self, vm: &mut Vm, fr: &mut [Value], at: Progress, define: impl FnOnce(&mut Vm, &mut [Value]) -> R) -> R {
        if !at.is_defined(fr) {
            fr[at.defined] = define(vm, fr)?;
            fr[at.left] = Value::Int(self.0.len() as i64);
        }
        loop {
            let left = if let Value::Int(n) = fr[at.left] { n as usize } else { 0 };
            let Some((decorator, span)) = left.checked_sub(1).and_then(|i| self.0.get(i)) else { return Ok(fr[at.defined].take()) };
            let r = if fr[at.waiting].is_unbound() {
                // It was evaluated before, and is kept in a slot.
                let decorator = decorator(vm, fr)?;
                let defined = fr[at.defined].clone();
                vm.call_values_on_thread(fr, at.waiting, &decorator, vec![defined], (1, &[]))
            } else {
                vm.resume_call(fr, at.waiting)
            };
            fr[at.defined] = located(vm, *span, r)?;
            fr[at.left] = Value::Int(left as i64 - 1);
        }
    }
}

impl Cx<'_> {
    /// The slots that decorators need on a thread.
    pub fn decorating(&mut self, span: Span) -> Progress {
        Progress { waiting: self.waiting_at(span), defined: self.temp(), left: self.temp() }
    }

    /// Links decorators; each is saved if something of the definition suspends.
    pub fn decorators(&mut self, decorators: &[Expr], suspends: bool) -> Decorators {
        Decorators(decorators.iter().map(|d| (self.saved_if(suspends, d), d.span)).collect())
    }
}
