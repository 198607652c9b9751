//! Conditions: tests that never make a boolean object.

use super::Cond;
use super::cx::{Cx, located};
use crate::syntax::ast::{Expr, ExprKind, UnaryOp};
use crate::value::Value;

impl Cx<'_> {
    /// An expression as a truth value.
    pub fn cond(&mut self, e: &Expr) -> Cond {
        match &e.kind {
            _ if self.threaded && !matches!(e.kind, ExprKind::Unary(UnaryOp::Not, _) | ExprKind::True | ExprKind::False) => self.threaded_truth(e),
            ExprKind::Compare(a, rest) if rest.len() == 1 => self.compare_test(rest[0].0, a, &rest[0].1, e.span),
            ExprKind::Unary(UnaryOp::Not, a) => {
                let a = self.cond(a);
                Box::new(move |vm, fr| Ok(!a(vm, fr)?))
            }
            ExprKind::And(items) if !self.any_suspends(items) => {
                let tests: Vec<Cond> = items.iter().map(|i| self.cond(i)).collect();
                match <[Cond; 2]>::try_from(tests) {
                    Ok([a, b]) => Box::new(move |vm, fr| Ok(a(vm, fr)? && b(vm, fr)?)),
                    Err(tests) => Box::new(move |vm, fr| {
                        for t in &tests {
                            if !t(vm, fr)? {
                                return Ok(false);
                            }
                        }
                        Ok(true)
                    }),
                }
            }
            ExprKind::Or(items) if !self.any_suspends(items) => {
                let tests: Vec<Cond> = items.iter().map(|i| self.cond(i)).collect();
                match <[Cond; 2]>::try_from(tests) {
                    Ok([a, b]) => Box::new(move |vm, fr| Ok(a(vm, fr)? || b(vm, fr)?)),
                    Err(tests) => Box::new(move |vm, fr| {
                        for t in &tests {
                            if t(vm, fr)? {
                                return Ok(true);
                            }
                        }
                        Ok(false)
                    }),
                }
            }
            ExprKind::True => Box::new(|_, _| Ok(true)),
            ExprKind::False => Box::new(|_, _| Ok(false)),
            _ => {
                let span = e.span;
                let e = self.expr(e);
                Box::new(move |vm, fr| match e(vm, fr)? {
                    Value::True => Ok(true),
                    Value::False | Value::None => Ok(false),
                    Value::Int(i) => Ok(i != 0),
                    v => {
                        let r = vm.truth(&v);
                        located(vm, span, r)
                    }
                })
            }
        }
    }
}
