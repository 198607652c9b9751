//! `target op= value`: the target is evaluated once, read, combined and written. Numbers and strings in locals are
//! changed in place. What the operators mean is the VM's business.

use super::assign::save_in;
use super::cx::{Cx, located};
use super::name::drain;
use super::target::store_item;
use super::{Ex, St};
use crate::resolve::Place;
use crate::source::Span;
use crate::syntax::ast::{BinOp, Expr, ExprKind, Ident};
use crate::value::{Flow, Kind, R, Ref, Value};
use crate::vm::Vm;

impl Cx<'_> {
    /// `target op= value`.
    pub fn aug_assign(&mut self, target: &Expr, op: BinOp, value: &Expr, span: Span) -> St {
        let spans = (target.span, span);
        if self.threaded {
            return self.threaded_augment(target, op, value, spans);
        }
        match &target.kind {
            ExprKind::Name(n) => match self.place(n) {
                Place::Local(slot) if !self.suspends(value) => self.aug_local(slot, n, op, value, span),
                _ => self.aug_name(n, op, value, spans),
            },
            ExprKind::Attribute { value: object, name } => self.aug_attribute((object, name), op, value, spans),
            ExprKind::Subscript { value: object, index } => self.aug_subscript((object, index), op, value, spans),
            _ => unreachable!("the checker refuses other targets"),
        }
    }

    /// `name op= value`, wherever the name lives.
    fn aug_name(&mut self, n: &str, op: BinOp, value: &Expr, (target_span, span): (Span, Span)) -> St {
        let load = self.load_name(n, target_span);
        let load: Ex = if self.suspends(value) { save_in(self.sticky_temp(), load) } else { load };
        let value = self.expr(value);
        let store = self.store_name(n);
        Box::new(move |vm, fr| {
            let a = load(vm, fr)?;
            let b = value(vm, fr)?;
            let r = aug(vm, op, &a, &b, span)?;
            drop(a);
            store(vm, fr, r)?;
            Ok(Flow::Next)
        })
    }

    /// `object.name op= value`; what was read is kept while the value suspends.
    fn aug_attribute(&mut self, (object, name): (&Expr, &Ident), op: BinOp, value: &Expr, (target_span, span): (Span, Span)) -> St {
        let later = self.suspends(value);
        let object = if later { self.saved(object) } else { self.expr(object) };
        let load_name = self.name(&name.name);
        let cache = super::attr::Cache::default();
        let saved = if later { Some(self.sticky_temp()) } else { None };
        let value = self.expr(value);
        let set = self.attribute_store(name, target_span);
        Box::new(move |vm, fr| {
            let obj = object(vm, fr)?;
            let a = match saved.map(|s| fr[s].clone()) {
                Some(v) if !v.is_unbound() => v,
                _ => match cache.load(&obj) {
                    Some(v) => v,
                    None => {
                        let r = vm.get_attr(&obj, &load_name);
                        let v = located(vm, target_span, r)?;
                        cache.learn_for(vm, &obj, &load_name);
                        v
                    }
                },
            };
            if let Some(s) = saved {
                fr[s] = a.clone();
            }
            let b = value(vm, fr)?;
            let r = aug(vm, op, &a, &b, span)?;
            drop(a);
            set(vm, &obj, r)?;
            Ok(Flow::Next)
        })
    }

    /// `object[index] op= value`; what was read is kept while the value suspends.
    fn aug_subscript(&mut self, (object, index): (&Expr, &Expr), op: BinOp, value: &Expr, (target_span, span): (Span, Span)) -> St {
        let later = self.suspends(value);
        let object = if later || self.suspends(index) { self.saved(object) } else { self.expr(object) };
        let index = if later { self.saved(index) } else { self.expr(index) };
        let saved = if later { Some(self.sticky_temp()) } else { None };
        let (value, here) = (self.expr(value), self.here());
        Box::new(move |vm, fr| {
            let obj = object(vm, fr)?;
            let key = index(vm, fr)?;
            let a = match saved.map(|s| fr[s].clone()) {
                Some(v) if !v.is_unbound() => v,
                _ => {
                    let r = vm.get_item(&obj, &key);
                    located(vm, target_span, r)?
                }
            };
            if let Some(s) = saved {
                fr[s] = a.clone();
            }
            let b = value(vm, fr)?;
            let r = aug(vm, op, &a, &b, span)?;
            drop(a);
            store_item(vm, &obj, &key, r, (target_span, &here))?;
            Ok(Flow::Next)
        })
    }

    /// `local op= value`: numbers in place; a string that nobody else has grows in place.
    fn aug_local(&mut self, slot: usize, name: &str, op: BinOp, value: &Expr, span: Span) -> St {
        let name = self.name(name);
        match (op, self.constant(value)) {
            (BinOp::Add, Some(Value::Int(c))) => add_constant(slot, name, c, span),
            (BinOp::Add, _) => add_to_local(slot, name, self.expr(value), span),
            _ => combine_local(slot, name, op, self.expr(value), span),
        }
    }
}

/// `local += constant`.
fn add_constant(slot: usize, name: Ref, c: i64, span: Span) -> St {
    Box::new(move |vm, fr| {
        if let Value::Int(a) = &mut fr[slot]
            && let Some(sum) = a.checked_add(c)
        {
            *a = sum;
            return Ok(Flow::Next);
        }
        aug_slow(vm, fr, slot, &name, BinOp::Add, &Value::Int(c), span)
    })
}

/// `local += value`.
fn add_to_local(slot: usize, name: Ref, value: Ex, span: Span) -> St {
    Box::new(move |vm, fr| {
        if fr[slot].is_unbound() {
            return aug_slow(vm, fr, slot, &name, BinOp::Add, &Value::None, span);
        }
        let b = value(vm, fr)?;
        match (&mut fr[slot], &b) {
            (Value::Int(a), Value::Int(b)) => {
                if let Some(sum) = a.checked_add(*b) {
                    *a = sum;
                    return Ok(Flow::Next);
                }
            }
            (a @ Value::Float(_), Value::Float(y)) => {
                if let Value::Float(x) = a {
                    *a = Value::float(x.get() + y.get());
                }
                return Ok(Flow::Next);
            }
            (Value::Obj(o), Value::Obj(p)) => {
                if let Kind::Str(more) = &p.kind
                    && let Some(obj) = std::rc::Rc::get_mut(o)
                    && let Kind::Str(s) = &mut obj.kind
                {
                    s.push_str(more.as_str());
                    obj.head.id.set(0);
                    return Ok(Flow::Next);
                }
            }
            _ => {}
        }
        aug_slow(vm, fr, slot, &name, BinOp::Add, &b, span)
    })
}

/// `local op= value` with any other operator.
fn combine_local(slot: usize, name: Ref, op: BinOp, value: Ex, span: Span) -> St {
    Box::new(move |vm, fr| {
        if fr[slot].is_unbound() {
            return aug_slow(vm, fr, slot, &name, op, &Value::None, span);
        }
        let b = value(vm, fr)?;
        match (&mut fr[slot], &b, op) {
            (Value::Int(a), Value::Int(b), BinOp::Sub) => {
                if let Some(d) = a.checked_sub(*b) {
                    *a = d;
                    return Ok(Flow::Next);
                }
            }
            (Value::Int(a), Value::Int(b), BinOp::Mul) => {
                if let Some(d) = a.checked_mul(*b) {
                    *a = d;
                    return Ok(Flow::Next);
                }
            }
            _ => {}
        }
        aug_slow(vm, fr, slot, &name, op, &b, span)
    })
}

#[inline(always)]
fn aug(vm: &mut Vm, op: BinOp, a: &Value, b: &Value, span: Span) -> R {
    match (op, a, b) {
        (BinOp::Add, Value::Int(x), Value::Int(y)) => {
            if let Some(s) = x.checked_add(*y) {
                return Ok(Value::Int(s));
            }
        }
        (BinOp::Add, Value::Float(x), Value::Float(y)) => return Ok(Value::float(x.get() + y.get())),
        (BinOp::Sub, Value::Float(x), Value::Float(y)) => return Ok(Value::float(x.get() - y.get())),
        _ => {}
    }
    let r = vm.binary_in_place(op, a, b);
    located(vm, span, r)
}

#[inline(never)]
fn aug_slow(vm: &mut Vm, fr: &mut [Value], slot: usize, name: &Ref, op: BinOp, b: &Value, span: Span) -> R<Flow> {
    let a = fr[slot].clone();
    if a.is_unbound() {
        let t = super::name::unbound_local(vm, name);
        return Err(vm.at(span, t));
    }
    let r = vm.binary_in_place(op, &a, b);
    let v = located(vm, span, r)?;
    drop(a);
    fr[slot] = v;
    drain(vm);
    Ok(Flow::Next)
}
