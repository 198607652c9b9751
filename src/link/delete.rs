//! `del`: the targets' trees come in, one closure that deletes them in order goes out.

use super::cx::{Cx, located};
use super::name::{drain, drain_at};
use super::{Ex, St};
use crate::syntax::ast::{Expr, ExprKind};
use crate::value::Flow;

impl Cx<'_> {
    /// `del a, b[0]`.
    pub fn delete(&mut self, targets: &[Expr]) -> St {
        let mut stmts: Vec<St> = Vec::new();
        for t in targets {
            let (span, here) = (t.span, self.here());
            match &t.kind {
                ExprKind::Name(n) => stmts.push(self.delete_name(n, span)),
                ExprKind::Attribute { value, name } if self.threaded => {
                    let name = self.name(&name.name);
                    let delete = self.threaded_attribute_delete(value, name, span);
                    stmts.push(completed(delete));
                }
                ExprKind::Subscript { value, index } if self.threaded => {
                    let delete = self.threaded_subscript_delete(value, index, span);
                    stmts.push(completed(delete));
                }
                ExprKind::Attribute { value, name } => {
                    let (object, name) = (self.expr(value), self.name(&name.name));
                    stmts.push(Box::new(move |vm, fr| {
                        let obj = object(vm, fr)?;
                        let r = vm.del_attr(&obj, &name);
                        located(vm, span, r)?;
                        drain_at(vm, &here);
                        Ok(Flow::Next)
                    }));
                }
                ExprKind::Subscript { value, index } => {
                    let later = self.suspends(index);
                    let object = if later { self.saved(value) } else { self.expr(value) };
                    let index = self.expr(index);
                    stmts.push(Box::new(move |vm, fr| {
                        let obj = object(vm, fr)?;
                        let key = index(vm, fr)?;
                        let r = vm.del_item(&obj, &key);
                        located(vm, span, r)?;
                        drain_at(vm, &here);
                        Ok(Flow::Next)
                    }));
                }
                ExprKind::Tuple(items) | ExprKind::List(items) => stmts.push(self.delete(items)),
                _ => unreachable!("the checker refuses other targets"),
            }
        }
        if stmts.len() > 1 && self.any_suspends(targets) {
            let slot = self.temp();
            return self.resumable_seq(slot, stmts);
        }
        super::stmt::sequence(stmts)
    }
}

/// What is deleted on a thread, as a statement.
fn completed(delete: Ex) -> St {
    Box::new(move |vm, fr| {
        delete(vm, fr)?;
        drain(vm);
        Ok(Flow::Next)
    })
}
