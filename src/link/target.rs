//! What is assigned to: the tree of a target comes in, a closure that stores a value there goes out; tuples and lists
//! of targets are unpacked into. It does not know which statement stores.

use super::Store;
use super::cx::{Cx, located};
use super::name::{Global, drain, drain_at};
use crate::resolve::Place;
use crate::source::{Site, Span};
use crate::syntax::ast::{Expr, ExprKind};
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;

/// What a `for` or an assignment writes to.
pub enum Target {
    /// A slot of the frame.
    Local(usize),
    /// A name of the module.
    Global(Global),
    Other(Store),
}

impl Target {
    /// Writes.
    #[inline(always)]
    pub fn store(&self, vm: &mut Vm, fr: &mut [Value], value: Value) -> R<()> {
        match self {
            Self::Local(slot) => {
                let old = std::mem::replace(&mut fr[*slot], value);
                if let Value::Obj(o) = old {
                    drop(o);
                    drain(vm);
                }
                Ok(())
            }
            Self::Global(global) => {
                global.store(value);
                drain(vm);
                Ok(())
            }
            Self::Other(store) => store(vm, fr, value),
        }
    }
}

impl Cx<'_> {
    /// Links something that is assigned to.
    pub fn target(&mut self, e: &Expr) -> Target {
        if let ExprKind::Name(n) = &e.kind
            && let Place::Local(slot) = self.place(n)
        {
            return Target::Local(slot);
        }
        if let ExprKind::Name(n) = &e.kind
            && self.place(n) == Place::Global
        {
            let name = self.name(n);
            return Target::Global(Global::new(self, name));
        }
        Target::Other(self.store(e))
    }

    /// Links a store of any kind.
    pub fn store(&mut self, e: &Expr) -> Store {
        let span = e.span;
        match &e.kind {
            ExprKind::Name(n) => self.store_name(n),
            ExprKind::Attribute { value, name } if self.threaded => self.threaded_attribute_store(value, name, span),
            ExprKind::Subscript { value, index } if self.threaded => self.threaded_subscript_store(value, index, span),
            ExprKind::Attribute { value, name } => {
                let object = self.expr(value);
                let set = self.attribute_store(name, span);
                Box::new(move |vm, fr, value| {
                    let obj = object(vm, fr)?;
                    set(vm, &obj, value)
                })
            }
            ExprKind::Subscript { value, index } => {
                let object = if self.suspends(index) { self.saved(value) } else { self.expr(value) };
                let (index, here) = (self.expr(index), self.here());
                Box::new(move |vm, fr, value| {
                    let obj = object(vm, fr)?;
                    let index = index(vm, fr)?;
                    store_item(vm, &obj, &index, value, (span, &here))
                })
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => self.unpack(items, span),
            ExprKind::Starred(inner) => self.store(inner),
            _ => unreachable!("the checker refuses other targets"),
        }
    }

    /// `a, *b, c = ...`.
    fn unpack(&mut self, items: &[Expr], span: Span) -> Store {
        if self.threaded || self.any_suspends(items) {
            return self.resumable_unpack(items, span);
        }
        let star = items.iter().position(|i| matches!(i.kind, ExprKind::Starred(_)));
        let targets: Vec<Target> = items.iter().map(|i| if let ExprKind::Starred(inner) = &i.kind { self.target(inner) } else { self.target(i) }).collect();
        Box::new(move |vm, fr, value| {
            let n = targets.len();
            if let (Some(Kind::Tuple(t)), None) = (value.kind(), star)
                && t.len() == n
            {
                for (target, v) in targets.iter().zip(t.iter()) {
                    target.store(vm, fr, v.clone())?;
                }
                return Ok(());
            }
            let r = vm.unpack(&value, n, star);
            let values = located(vm, span, r)?;
            for (target, v) in targets.iter().zip(values) {
                target.store(vm, fr, v)?;
            }
            Ok(())
        })
    }

    /// The same where some target suspends: the values are kept, and so is how many are stored.
    fn resumable_unpack(&mut self, items: &[Expr], span: Span) -> Store {
        let (kept, done) = (self.temp(), self.temp());
        let site = self.bare_site(span);
        let star = items.iter().position(|i| matches!(i.kind, ExprKind::Starred(_)));
        let targets: Vec<Target> = items.iter().map(|i| if let ExprKind::Starred(inner) = &i.kind { self.target(inner) } else { self.target(i) }).collect();
        Box::new(move |vm, fr, value| {
            if fr[kept].is_unbound() {
                let values = site.run(vm, fr, |vm| vm.unpack(&value, targets.len(), star))?;
                fr[kept] = Value::Obj(Obj::tuple(values));
                fr[done] = Value::Int(0);
            }
            let values = fr[kept].clone();
            let first = if let Value::Int(n) = fr[done] { n as usize } else { 0 };
            for (i, (target, v)) in targets.iter().zip(values.as_tuple().unwrap_or_default()).enumerate().skip(first) {
                fr[done] = Value::Int(i as i64);
                if let Err(t) = target.store(vm, fr, v.clone()) {
                    if !vm.is_suspending() {
                        (fr[kept], fr[done]) = (Value::Unbound, Value::Unbound);
                    }
                    return Err(t);
                }
            }
            (fr[kept], fr[done]) = (Value::Unbound, Value::Unbound);
            Ok(())
        })
    }
}

/// `obj[key] = value`, lists with small indices first.
#[inline(always)]
pub(super) fn store_item(vm: &mut Vm, obj: &Value, key: &Value, value: Value, (span, here): (Span, &Site)) -> R<()> {
    if let (Value::Obj(o), Value::Int(i)) = (obj, key)
        && let Kind::List(l) = &o.kind
    {
        let mut items = l.borrow_mut();
        if let Some(slot) = items.get_mut(*i as usize) {
            let old = std::mem::replace(slot, value);
            drop(items);
            if let Value::Obj(o) = old {
                drop(o);
                drain_at(vm, here);
            }
            return Ok(());
        }
        drop(items);
    }
    let r = vm.set_item(obj, key, value);
    located(vm, span, r)?;
    drain_at(vm, here);
    Ok(())
}

impl Vm {
    /// Splits a value among `n` targets, one of which may take the rest as a list.
    pub fn unpack(&mut self, value: &Value, n: usize, star: Option<usize>) -> R<Vec<Value>> {
        let class = self.types.type_error.clone();
        let values = match self.unpack_items(value, n, star) {
            Err(_) if !self.is_suspending() && self.abort.is_none() && self.exc_is(&class) && self.class_of(value).lookup(&self.names.iter).is_none() => {
                drop(self.take_exc());
                let name = self.class_name(value);
                return Err(self.type_error(&format!("cannot unpack non-iterable {name} object")));
            }
            r => r?,
        };
        let got = values.len();
        match star {
            None if got > n => Err(self.value_error(&format!("too many values to unpack (expected {n})"))),
            None if got < n => Err(self.value_error(&format!("not enough values to unpack (expected {n}, got {got})"))),
            Some(_) if got + 1 < n => Err(self.value_error(&format!("not enough values to unpack (expected at least {}, got {got})", n - 1))),
            None => Ok(values),
            Some(at) => {
                let mut values = values;
                let tail = values.split_off(got - (n - 1 - at));
                let rest = values.split_off(at);
                values.push(Value::from(rest));
                values.extend(tail);
                Ok(values)
            }
        }
    }

    /// The items, no more of them than it takes to see that there are too many.
    fn unpack_items(&mut self, value: &Value, n: usize, star: Option<usize>) -> R<Vec<Value>> {
        if matches!(value.kind(), Some(Kind::List(_) | Kind::Tuple(_))) {
            return self.collect(value);
        }
        let iter = self.iter(value)?;
        let wanted = star.unwrap_or(n + 1);
        let mut values = Vec::with_capacity(n);
        while values.len() < wanted {
            match self.next(&iter)? {
                Some(v) => values.push(v),
                None => return Ok(values),
            }
        }
        if star.is_some() {
            values.extend(self.collect(&iter)?);
        }
        Ok(values)
    }
}
