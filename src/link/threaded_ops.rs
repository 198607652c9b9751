//! Operators, attributes, subscripts and conditions in code for threads. The operands are evaluated into slots; then the
//! operation runs as a site (`vm::replay`), so that a special method of a script that it calls may wait.

use super::attr::Cache;
use super::cx::{Cx, clear_slots, located};
use super::{Cond, Ex, St, Store};
use crate::source::Span;
use crate::syntax::ast::{BinOp, CmpOp, DictItem, Expr, ExprKind, Ident, UnaryOp};
use crate::value::dict::Dict;
use crate::value::{Flow, Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

/// Operands that are evaluated into slots, and the slot of the operation's site.
pub struct Operands {
    exprs: Vec<Ex>,
    first: usize,
    slot: usize,
    span: Span,
}

impl Operands {
    /// Evaluates the operands and runs the operation; goes on with it where it waited.
    pub fn run<T>(&self, vm: &mut Vm, fr: &mut [Value], op: impl FnOnce(&mut Vm, &[Value]) -> R<T>) -> R<T> {
        let end = self.first + self.exprs.len();
        let result = self.evaluate(vm, fr).and_then(|()| {
            let r = if fr[self.slot].is_unbound() && fr[self.first..end].iter().all(is_plain) {
                op(vm, &fr[self.first..end])
            } else {
                vm.in_site(fr, self.slot, |vm, fr| op(vm, &fr[self.first..end]))
            };
            located(vm, self.span, r)
        });
        if result.is_ok() || !vm.is_suspending() {
            clear_slots(fr, self.first, end);
        }
        result
    }

    /// Empties the slots, unless the frame waits.
    fn settle(&self, vm: &Vm, fr: &mut [Value]) {
        if !vm.is_suspending() {
            clear_slots(fr, self.first, self.first + self.exprs.len());
        }
    }

    fn evaluate(&self, vm: &mut Vm, fr: &mut [Value]) -> R<()> {
        if !fr[self.slot].is_unbound() {
            return Ok(());
        }
        for (slot, e) in (self.first..).zip(&self.exprs) {
            if fr[slot].is_unbound() {
                fr[slot] = e(vm, fr)?;
            }
        }
        Ok(())
    }
}

/// Whether nothing about a value is a script's.
fn is_plain(v: &Value) -> bool {
    matches!(v.kind(), None | Some(Kind::Str(_) | Kind::Big(_) | Kind::Bytes(_)))
}

impl Cx<'_> {
    /// Links operands for an operation.
    pub fn site_operands(&mut self, exprs: &[&Expr], span: Span) -> Operands {
        let exprs: Vec<Ex> = exprs.iter().map(|e| self.expr(e)).collect();
        self.operands_of(exprs, span)
    }

    fn operands_of(&mut self, exprs: Vec<Ex>, span: Span) -> Operands {
        let slot = self.waiting_at(span);
        let first = slot + 1;
        for _ in 0..exprs.len() {
            self.temp();
        }
        Operands { exprs, first, slot, span }
    }

    /// An operation on operands.
    fn site(&mut self, exprs: &[&Expr], span: Span, op: impl Fn(&mut Vm, &[Value]) -> R + 'static) -> Ex {
        let operands = self.site_operands(exprs, span);
        Box::new(move |vm, fr| operands.run(vm, fr, |vm, values| op(vm, values)))
    }

    /// `a op b`.
    pub fn threaded_binary(&mut self, op: BinOp, a: &Expr, b: &Expr, span: Span) -> Ex {
        self.site(&[a, b], span, move |vm, v| match v {
            [a, b] => vm.binary(op, a, b),
            _ => Ok(Value::None),
        })
    }

    /// `op a`.
    pub fn threaded_unary(&mut self, op: UnaryOp, a: &Expr, span: Span) -> Ex {
        self.site(&[a], span, move |vm, v| match v {
            [a] => vm.unary(op, a),
            _ => Ok(Value::None),
        })
    }

    /// `a op b` as a value.
    pub fn threaded_compare(&mut self, op: CmpOp, a: &Expr, b: &Expr, span: Span) -> Ex {
        self.site(&[a, b], span, move |vm, v| match v {
            [a, b] => compared(vm, op, a, b),
            _ => Ok(Value::None),
        })
    }

    /// An expression as a truth value.
    pub fn threaded_truth(&mut self, e: &Expr) -> Cond {
        let operands = self.site_operands(&[e], e.span);
        Box::new(move |vm, fr| operands.run(vm, fr, |vm, v| v.first().map_or(Ok(false), |v| vm.truth(v))))
    }

    /// `not a`.
    pub fn threaded_not(&mut self, a: &Expr) -> Ex {
        let test = self.cond(a);
        Box::new(move |vm, fr| test(vm, fr).map(|t| Value::bool(!t)))
    }

    /// `a and b`, `a or b`: the operand that waits, or whose truth is waited for, is noted in a slot.
    pub fn threaded_and_or(&mut self, items: &[Expr], stop_at: bool) -> Ex {
        let (at, kept) = (self.temp(), self.temp());
        let items: Vec<(Ex, BareSite)> = items.iter().map(|i| (self.expr(i), self.bare_site(i.span))).collect();
        Box::new(move |vm, fr| {
            let first = if let Value::Int(i) = fr[at].take() { i as usize } else { 0 };
            for (i, (item, site)) in items.iter().enumerate().skip(first) {
                let r = match fr[kept].take() {
                    Value::Unbound => item(vm, fr),
                    v => Ok(v),
                };
                if r.is_err() && vm.is_suspending() {
                    fr[at] = Value::Int(i as i64);
                }
                let value = r?;
                if i + 1 == items.len() {
                    return Ok(value);
                }
                let r = site.run(vm, fr, |vm| vm.truth(&value));
                if r.is_err() && vm.is_suspending() {
                    (fr[at], fr[kept]) = (Value::Int(i as i64), value.clone());
                }
                if r? == stop_at {
                    return Ok(value);
                }
            }
            Ok(Value::None)
        })
    }

    /// `a < b < c`.
    pub fn threaded_chain(&mut self, first: &Expr, rest: &[(CmpOp, Expr)], span: Span) -> Ex {
        let (at, left, right) = (self.temp(), self.temp(), self.temp());
        let site = self.bare_site(span);
        let first = self.expr(first);
        let rest: Vec<(CmpOp, Ex)> = rest.iter().map(|(op, e)| (*op, self.expr(e))).collect();
        let run = move |vm: &mut Vm, fr: &mut [Value]| {
            if fr[left].is_unbound() {
                fr[left] = first(vm, fr)?;
                fr[at] = Value::Int(0);
            }
            loop {
                let i = if let Value::Int(i) = fr[at] { i as usize } else { 0 };
                let Some((op, e)) = rest.get(i) else { return Ok(Value::True) };
                if fr[right].is_unbound() {
                    fr[right] = e(vm, fr)?;
                }
                let (a, b, is_last) = (fr[left].clone(), fr[right].clone(), i + 1 == rest.len());
                let (result, holds) = site.run(vm, fr, |vm| {
                    let result = compared(vm, *op, &a, &b)?;
                    let holds = is_last || vm.truth(&result)?;
                    Ok((result, holds))
                })?;
                if is_last || !holds {
                    return Ok(result);
                }
                fr[left] = fr[right].take();
                fr[at] = Value::Int(i as i64 + 1);
            }
        };
        Box::new(move |vm, fr| {
            let r = run(vm, fr);
            if r.is_ok() || !vm.is_suspending() {
                clear_slots(fr, at, right + 1);
            }
            r
        })
    }

    /// `value.name`.
    pub fn threaded_attribute(&mut self, value: &Expr, name: Ref, span: Span) -> Ex {
        let cache = Cache::default();
        let operands = self.site_operands(&[value], span);
        Box::new(move |vm, fr| operands.run(vm, fr, |vm, v| v.first().map_or(Ok(Value::None), |obj| loaded(vm, &cache, obj, &name))))
    }

    /// `value[index]`.
    pub fn threaded_subscript(&mut self, value: &Expr, index: &Expr, span: Span) -> Ex {
        self.site(&[value, index], span, |vm, v| match v {
            [value, index] => vm.get_item(value, index),
            _ => Ok(Value::None),
        })
    }

    /// A store into an attribute.
    pub fn threaded_attribute_store(&mut self, value: &Expr, name: &Ident, span: Span) -> Store {
        let name = self.name(&name.name);
        let is_stepwise = name.text() == "__bases__";
        self.site_store(&[value], span, move |vm, v, value| match v.first() {
            None => Ok(()),
            Some(obj) if is_stepwise => vm.outside_of_sites(|vm| vm.set_attr(obj, &name, value)),
            Some(obj) => vm.set_attr(obj, &name, value),
        })
    }

    /// A store into a subscript.
    pub fn threaded_subscript_store(&mut self, value: &Expr, index: &Expr, span: Span) -> Store {
        self.site_store(&[value, index], span, |vm, v, value| match v {
            [obj, key] => vm.set_item(obj, key, value),
            _ => Ok(()),
        })
    }

    fn site_store(&mut self, exprs: &[&Expr], span: Span, op: impl Fn(&mut Vm, &[Value], Value) -> R<()> + 'static) -> Store {
        site_store(self.site_operands(exprs, span), op)
    }

    /// `del value.name`.
    pub fn threaded_attribute_delete(&mut self, value: &Expr, name: Ref, span: Span) -> Ex {
        self.site(&[value], span, move |vm, v| v.first().map_or(Ok(()), |obj| vm.del_attr(obj, &name)).map(|()| Value::None))
    }

    /// `del value[index]`.
    pub fn threaded_subscript_delete(&mut self, value: &Expr, index: &Expr, span: Span) -> Ex {
        self.site(&[value, index], span, |vm, v| match v {
            [obj, key] => vm.del_item(obj, key).map(|()| Value::None),
            _ => Ok(Value::None),
        })
    }

    /// `{a, b}`: the elements are evaluated before one of them is hashed.
    pub fn threaded_set(&mut self, list: Ex, span: Span) -> Ex {
        let operands = self.operands_of(vec![list], span);
        Box::new(move |vm, fr| {
            operands.run(vm, fr, |vm, v| {
                let Some(list) = v.first() else { return Ok(Value::None) };
                let values = vm.collect(list)?;
                vm.new_set(values)
            })
        })
    }

    /// `{key: value, **other}`: the same.
    pub fn threaded_dict(&mut self, items: &[DictItem], span: Span) -> Ex {
        let mut exprs = Vec::new();
        for item in items {
            match item {
                DictItem::Pair(k, v) => exprs.extend([k, v]),
                DictItem::Spread(m) => exprs.push(m),
            }
        }
        let is_pair: Vec<bool> = items.iter().map(|i| matches!(i, DictItem::Pair(..))).collect();
        self.site(&exprs, span, move |vm, values| {
            let dict = Value::Obj(Obj::dict(Dict::with_capacity(is_pair.len())));
            let mut values = values.iter();
            for is_pair in &is_pair {
                match (values.next(), if *is_pair { values.next() } else { None }) {
                    (Some(key), Some(value)) => vm.dict_set(&dict, key, value.clone())?,
                    (Some(mapping), None) => vm.dict_merge(&dict, mapping)?,
                    (None, _) => {}
                }
            }
            Ok(dict)
        })
    }

    /// A site for an operation whose operands are at hand.
    pub fn bare_site(&mut self, span: Span) -> BareSite {
        BareSite { slot: self.waiting_at(span), span }
    }
}

/// The slot of an operation whose operands are kept elsewhere.
#[derive(Clone, Copy)]
pub struct BareSite {
    pub slot: usize,
    pub span: Span,
}

impl BareSite {
    /// Runs the operation, or goes on with it where it waited.
    pub fn run<T>(self, vm: &mut Vm, fr: &mut [Value], op: impl FnOnce(&mut Vm) -> R<T>) -> R<T> {
        let r = vm.in_site(fr, self.slot, |vm, _| op(vm));
        located(vm, self.span, r)
    }
}

/// A store that runs as a site.
fn site_store(operands: Operands, op: impl Fn(&mut Vm, &[Value], Value) -> R<()> + 'static) -> Store {
    Box::new(move |vm, fr, value| {
        operands.run(vm, fr, |vm, v| op(vm, v, value))?;
        super::name::drain(vm);
        Ok(())
    })
}

/// An attribute, by way of a cache.
fn loaded(vm: &mut Vm, cache: &Cache, obj: &Value, name: &Ref) -> R {
    if let Some(v) = cache.load(obj) {
        return Ok(v);
    }
    let v = vm.get_attr(obj, name)?;
    cache.learn_for(vm, obj, name);
    Ok(v)
}

/// Any comparison as a value.
pub fn compared(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> R {
    match op {
        CmpOp::Is => Ok(Value::bool(a.is(b))),
        CmpOp::IsNot => Ok(Value::bool(!a.is(b))),
        CmpOp::In => vm.contains(b, a).map(Value::bool),
        CmpOp::NotIn => vm.contains(b, a).map(|r| Value::bool(!r)),
        _ => vm.compare(op, a, b),
    }
}

impl Cx<'_> {
    /// `target op= value`: what was read, what the value gave and the result are kept in slots.
    pub fn threaded_augment(&mut self, target: &Expr, op: BinOp, value: &Expr, (target_span, span): (Span, Span)) -> St {
        let load = self.augmented_load(target, target_span);
        let saved_load = super::assign::save_in(self.sticky_temp(), load.0);
        let value = self.saved(value);
        let result = self.sticky_temp();
        let site = self.bare_site(span);
        let store = load.1;
        Box::new(move |vm, fr| {
            if fr[result].is_unbound() {
                let a = saved_load(vm, fr)?;
                let b = value(vm, fr)?;
                fr[result] = site.run(vm, fr, |vm| vm.binary_in_place(op, &a, &b))?;
            }
            let v = fr[result].clone();
            store(vm, fr, v)?;
            Ok(Flow::Next)
        })
    }

    /// `raise exc from cause`, where making the exception may call script code.
    pub fn threaded_raise(&mut self, exc: Ex, cause: Option<Ex>, span: Span) -> St {
        let has_cause = cause.is_some();
        let operands = self.operands_of(std::iter::once(exc).chain(cause).collect(), span);
        let (waiting, first) = (self.waiting_at(span), operands.first);
        Box::new(move |vm, fr| {
            let made = if fr[waiting].is_unbound() {
                operands.evaluate(vm, fr).inspect_err(|_| operands.settle(vm, fr))?;
                match exception_class(vm, &fr[first]) {
                    Some(class) => Some(vm.call_values_on_thread(fr, waiting, &class, Vec::new(), (0, &[]))),
                    None => None,
                }
            } else {
                Some(vm.resume_call(fr, waiting))
            };
            if let Some(made) = made {
                let made = located(vm, span, made).inspect_err(|_| operands.settle(vm, fr))?;
                let class = std::mem::replace(&mut fr[first], made);
                if !matches!(fr[first].kind(), Some(Kind::Exc(_))) {
                    let made = fr[first].take();
                    operands.settle(vm, fr);
                    let t = vm.not_made_an_exception(&class, &made);
                    return Err(vm.at(span, t));
                }
            }
            let (e, cause) = (fr[first].take(), has_cause.then(|| fr[first + 1].take()));
            let t = vm.raise_value(&e, cause.as_ref());
            Err(vm.at(span, t))
        })
    }

    /// Reading and writing an augmented target, whose parts are evaluated once.
    fn augmented_load(&mut self, target: &Expr, span: Span) -> (Ex, Store) {
        match &target.kind {
            ExprKind::Attribute { value, name } => {
                let object = self.sticky_temp();
                let load = super::assign::save_in(object, self.expr(value));
                let (get, set) = (self.operands_of(vec![load], span), self.operands_of(vec![slot_of(object)], span));
                let (name, cache) = (self.name(&name.name), Cache::default());
                let set_name = name.clone();
                (
                    Box::new(move |vm, fr| get.run(vm, fr, |vm, v| v.first().map_or(Ok(Value::None), |obj| loaded(vm, &cache, obj, &name)))),
                    site_store(set, move |vm, v, value| v.first().map_or(Ok(()), |obj| vm.set_attr(obj, &set_name, value))),
                )
            }
            ExprKind::Subscript { value, index } => {
                let (object, key) = (self.sticky_temp(), self.sticky_temp());
                let loads = vec![super::assign::save_in(object, self.expr(value)), super::assign::save_in(key, self.expr(index))];
                let (get, set) = (self.operands_of(loads, span), self.operands_of(vec![slot_of(object), slot_of(key)], span));
                (
                    Box::new(move |vm, fr| get.run(vm, fr, |vm, v| if let [obj, key] = v { vm.get_item(obj, key) } else { Ok(Value::None) })),
                    site_store(set, |vm, v, value| if let [obj, key] = v { vm.set_item(obj, key, value) } else { Ok(()) }),
                )
            }
            ExprKind::Name(n) => (self.load_name(n, span), self.store_name(n)),
            _ => unreachable!("the checker refuses other targets"),
        }
    }
}

/// A class of exceptions that a script wrote.
fn exception_class(vm: &Vm, v: &Value) -> Option<Value> {
    let class = v.to_class()?;
    (class.construct.is_none() && class.is_subclass_of(&vm.types.base_exception)).then(|| v.clone())
}

/// What stands in a slot.
fn slot_of(slot: usize) -> Ex {
    Box::new(move |_, fr| Ok(fr[slot].clone()))
}
