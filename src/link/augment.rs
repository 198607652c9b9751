//! `target op= value`: the target is evaluated once, read, combined and written. Numbers and strings in locals are
//! changed in place. What the operators mean is the VM's business.

use super::assign::save_in;
use super::cx::{Cx, located};
use super::name::drain;
use super::target::store_item;
use super::{Ex, St};
use crate::resolve::Place;
use crate::source::Span;
use crate::syntax::ast::{BinOp, Expr, ExprKind};
use crate::value::{Flow, Kind, R, Value};
use crate::vm::Vm;

impl Cx<'_> {
    /// `target op= value`.
    pub fn aug_assign(&mut self, target: &Expr, op: BinOp, value: &Expr, span: Span) -> St {
        let later = self.suspends(value);
        match &target.kind {
            ExprKind::Name(n) => {
                if let (Place::Local(slot), false) = (self.place(n), later) {
                    return self.aug_local(slot, n, op, value, span);
                }
                let load = self.load_name(n, target.span);
                let load: Ex = if later {
                    let slot = self.sticky_temp();
                    save_in(slot, load)
                } else {
                    load
                };
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
            ExprKind::Attribute { value: object, name } => {
                let object = if later { self.saved(object) } else { self.expr(object) };
                let load_name = self.name(&name.name);
                let cache = super::attr::Cache::default();
                let saved = if later { Some(self.sticky_temp()) } else { None };
                let value = self.expr(value);
                let set = self.attribute_store(name, target.span);
                let target_span = target.span;
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
            ExprKind::Subscript { value: object, index } => {
                let object = if later || self.suspends(index) { self.saved(object) } else { self.expr(object) };
                let index = if later { self.saved(index) } else { self.expr(index) };
                let saved = if later { Some(self.sticky_temp()) } else { None };
                let value = self.expr(value);
                let target_span = target.span;
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
                    store_item(vm, &obj, &key, r, target_span)?;
                    Ok(Flow::Next)
                })
            }
            _ => unreachable!("the checker refuses other targets"),
        }
    }

    /// `local op= value`: numbers in place; a string that nobody else has grows in place.
    fn aug_local(&mut self, slot: usize, name: &str, op: BinOp, value: &Expr, span: Span) -> St {
        let name = self.name(name);
        if let (BinOp::Add, Some(Value::Int(c))) = (op, self.constant(value)) {
            return Box::new(move |vm, fr| {
                if let Value::Int(a) = &mut fr[slot]
                    && let Some(sum) = a.checked_add(c)
                {
                    *a = sum;
                    return Ok(Flow::Next);
                }
                aug_slow(vm, fr, slot, &name, op, &Value::Int(c), span)
            });
        }
        let value = self.expr(value);
        match op {
            BinOp::Add => Box::new(move |vm, fr| {
                if fr[slot].is_unbound() {
                    return aug_slow(vm, fr, slot, &name, op, &Value::None, span);
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
                aug_slow(vm, fr, slot, &name, op, &b, span)
            }),
            _ => Box::new(move |vm, fr| {
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
            }),
        }
    }
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
fn aug_slow(vm: &mut Vm, fr: &mut [Value], slot: usize, name: &crate::value::Ref, op: BinOp, b: &Value, span: Span) -> R<Flow> {
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
