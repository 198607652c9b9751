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

impl Cx<'_> {
    /// Links decorators; each is saved if something of the definition suspends.
    pub fn decorators(&mut self, decorators: &[Expr], suspends: bool) -> Decorators {
        Decorators(decorators.iter().map(|d| (self.saved_if(suspends, d), d.span)).collect())
    }
}
