//! Assignment statements, annotated ones included: targets and a value come in, one closure goes out. A value is
//! evaluated once and before its targets. How a target stores is `target`'s business.

use super::cx::Cx;
use super::name::{drain_at, unbound_local};
use super::ops::Operand;
use super::target::Target;
use super::{Ex, St};
use crate::resolve::ScopeKind;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Ident};
use crate::value::{Flow, Value};

impl Cx<'_> {
    /// `a = b = value`.
    pub fn assign(&mut self, targets: &[Expr], value: &Expr) -> St {
        let suspends_in_target = targets.iter().any(|t| self.target_suspends(t));
        if let ([target], false) = (targets, suspends_in_target) {
            return self.assign_one(target, value);
        }
        let is_unpacked = |t: &Expr| matches!(t.kind, ExprKind::Tuple(_) | ExprKind::List(_));
        let value = match targets {
            _ if suspends_in_target || (self.threaded && targets.iter().any(is_unpacked)) => self.saved(value),
            _ => self.expr(value),
        };
        let mut stores = Vec::new();
        for t in targets {
            // A store whose own operands suspend must not run again once it is done.
            let done = if suspends_in_target { Some(self.sticky_temp()) } else { None };
            stores.push((self.target(t), done));
        }
        Box::new(move |vm, fr| {
            let v = value(vm, fr)?;
            for (store, done) in &stores {
                if done.is_some_and(|d| !fr[d].is_unbound()) {
                    continue;
                }
                store.store(vm, fr, v.clone())?;
                if let Some(d) = done {
                    fr[*d] = Value::True;
                }
            }
            Ok(Flow::Next)
        })
    }

    /// Whether a target's own operands suspend; a star in it does not by itself.
    fn target_suspends(&self, target: &Expr) -> bool {
        match &target.kind {
            ExprKind::Starred(inner) => self.target_suspends(inner),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(|t| self.target_suspends(t)),
            _ => self.suspends(target),
        }
    }

    fn assign_one(&mut self, target: &Expr, value: &Expr) -> St {
        match &target.kind {
            ExprKind::Attribute { value: object, name } => self.assign_attribute(object, name, value, target.span),
            ExprKind::Tuple(items) if self.is_swap(items, value) => self.swap(items, value),
            _ => self.assign_plain(target, value),
        }
    }

    /// `object.name = value`.
    fn assign_attribute(&mut self, object: &Expr, name: &Ident, value: &Expr, target_span: Span) -> St {
        let value = self.expr(value);
        let set = self.attribute_store(name, target_span);
        if let Operand::Local(slot, local) = self.operand(object) {
            let span = object.span;
            return Box::new(move |vm, fr| {
                let v = value(vm, fr)?;
                if fr[slot].is_unbound() {
                    let t = unbound_local(vm, &local.name);
                    return Err(vm.at(span, t));
                }
                set(vm, &fr[slot], v)?;
                Ok(Flow::Next)
            });
        }
        let object = self.expr(object);
        Box::new(move |vm, fr| {
            let v = value(vm, fr)?;
            let obj = object(vm, fr)?;
            set(vm, &obj, v)?;
            Ok(Flow::Next)
        })
    }

    /// `target = value` for any other target.
    fn assign_plain(&mut self, target: &Expr, value: &Expr) -> St {
        let is_unpacked = matches!(target.kind, ExprKind::Tuple(_) | ExprKind::List(_));
        let value = if self.threaded && is_unpacked { Operand::Expr(self.saved(value)) } else { self.operand(value) };
        let here = self.here();
        match self.target(target) {
            Target::Local(slot) => Box::new(move |vm, fr| {
                let v = value.eval(vm, fr)?;
                let old = std::mem::replace(&mut fr[slot], v);
                if let Value::Obj(o) = old {
                    drop(o);
                    drain_at(vm, &here);
                }
                Ok(Flow::Next)
            }),
            Target::Global(global) => Box::new(move |vm, fr| {
                let v = value.eval(vm, fr)?;
                global.store(v);
                drain_at(vm, &here);
                Ok(Flow::Next)
            }),
            Target::Other(store) => Box::new(move |vm, fr| {
                let v = value.eval(vm, fr)?;
                store(vm, fr, v)?;
                Ok(Flow::Next)
            }),
        }
    }

    /// `a, b = x, y` without stars: no tuple is made.
    fn is_swap(&self, targets: &[Expr], value: &Expr) -> bool {
        let plain = |items: &[Expr]| items.iter().all(|i| !matches!(i.kind, ExprKind::Starred(_)));
        match &value.kind {
            ExprKind::Tuple(values) => values.len() == 2 && targets.len() == 2 && plain(values) && plain(targets) && !self.any_suspends(values),
            _ => false,
        }
    }

    fn swap(&mut self, targets: &[Expr], value: &Expr) -> St {
        let ExprKind::Tuple(values) = &value.kind else { unreachable!("is_swap saw a tuple") };
        let (a, b) = (self.expr(&values[0]), self.expr(&values[1]));
        let (ta, tb) = (self.target(&targets[0]), self.target(&targets[1]));
        Box::new(move |vm, fr| {
            let a = a(vm, fr)?;
            let b = b(vm, fr)?;
            ta.store(vm, fr, a)?;
            tb.store(vm, fr, b)?;
            Ok(Flow::Next)
        })
    }

    /// `target: annotation = value`.
    pub fn ann_assign(&mut self, target: &Expr, annotation: &Expr, value: Option<&Expr>, simple: bool) -> St {
        let in_function = !matches!(self.scope.kind, ScopeKind::Module | ScopeKind::Class);
        let assign = value.map(|v| self.assign(std::slice::from_ref(target), v));
        let note = match (&target.kind, in_function) {
            (_, true) => None,
            (ExprKind::Name(n), false) if simple => {
                let annotation = self.annotation(annotation);
                let name = Value::Obj(self.name(n));
                let store = self.annotations_dict();
                Some((annotation, Some((name, store))))
            }
            _ => Some((self.annotation(annotation), None)),
        };
        // A target without value is evaluated as far as its parts go.
        let parts = if value.is_none() && !in_function {
            match &target.kind {
                ExprKind::Attribute { value, .. } => Some(self.expr(value)),
                _ => None,
            }
        } else {
            None
        };
        Box::new(move |vm, fr| {
            if let Some(a) = &assign {
                a(vm, fr)?;
            }
            if let Some(p) = &parts {
                p(vm, fr)?;
            }
            if let Some((annotation, place)) = &note {
                let v = annotation(vm, fr)?;
                if let Some((name, dict)) = place {
                    let d = dict(vm, fr)?;
                    vm.set_item(&d, name, v)?;
                }
            }
            Ok(Flow::Next)
        })
    }
}

pub(super) fn save_in(slot: usize, e: Ex) -> Ex {
    Box::new(move |vm, fr| {
        if !fr[slot].is_unbound() {
            return Ok(fr[slot].clone());
        }
        let v = e(vm, fr)?;
        fr[slot] = v.clone();
        Ok(v)
    })
}
