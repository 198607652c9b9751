//! Expressions: one flat dispatch; each family has a file of its own.

use super::Ex;
use super::cx::{Cx, located};
use crate::resolve::Place;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, UnaryOp};
use crate::value::{Kind, Obj, Value};

impl Cx<'_> {
    /// Links an expression.
    pub fn expr(&mut self, e: &Expr) -> Ex {
        self.placed_expr(e)
    }

    /// Links an expression, wherever it stands.
    pub(super) fn expr_anywhere(&mut self, e: &Expr) -> Ex {
        let span = e.span;
        if let Some(c) = self.constant(e) {
            return match c {
                Value::Int(i) => Box::new(move |_, _| Ok(Value::Int(i))),
                Value::None => Box::new(|_, _| Ok(Value::None)),
                c => Box::new(move |_, _| Ok(c.clone())),
            };
        }
        let linked = self.dispatch(e, span);
        self.sited(e, linked)
    }

    fn dispatch(&mut self, e: &Expr, span: Span) -> Ex {
        match &e.kind {
            ExprKind::Name(n) => self.load_name(n, span),
            ExprKind::FString(parts) => self.fstring(parts, span),
            ExprKind::Tuple(items) => self.tuple(items, span),
            ExprKind::List(items) => self.list(items, span),
            ExprKind::Set(items) => self.set(items, span),
            ExprKind::Dict(items) => self.dict(items, span),
            ExprKind::Unary(UnaryOp::Not, a) if self.threaded => self.threaded_not(a),
            ExprKind::Unary(op, a) if self.threaded => self.threaded_unary(*op, a, span),
            ExprKind::Unary(UnaryOp::Not, _) => {
                let test = self.cond(e);
                Box::new(move |vm, fr| test(vm, fr).map(Value::bool))
            }
            ExprKind::Unary(op, a) => {
                let (op, a) = (*op, self.expr(a));
                Box::new(move |vm, fr| {
                    let a = a(vm, fr)?;
                    match (op, &a) {
                        (UnaryOp::Neg, Value::Int(i)) if *i != i64::MIN => return Ok(Value::Int(-i)),
                        (UnaryOp::Neg, Value::Float(f)) => return Ok(Value::float(-f.get())),
                        _ => {}
                    }
                    let r = vm.unary(op, &a);
                    located(vm, span, r)
                })
            }
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, span),
            ExprKind::And(items) => self.and_or(items, false),
            ExprKind::Or(items) => self.and_or(items, true),
            ExprKind::Compare(first, rest) => self.compare_chain(first, rest, span),
            ExprKind::Conditional { test, then, orelse } => self.conditional(test, then, orelse),
            ExprKind::Lambda { params, body } => self.lambda(params, body, span),
            ExprKind::Call { func, args } => self.call(func, args, span),
            ExprKind::Attribute { value, name } if self.threaded => {
                let name = self.name(&name.name);
                self.threaded_attribute(value, name, span)
            }
            ExprKind::Attribute { value, name } => self.attribute(value, name, span),
            ExprKind::Subscript { value, index } if self.threaded => self.threaded_subscript(value, index, span),
            ExprKind::Subscript { value, index } => self.subscript(value, index, span),
            ExprKind::Slice { lower, upper, step } => self.slice(lower.as_deref(), upper.as_deref(), step.as_deref()),
            ExprKind::Starred(inner) => self.expr(inner),
            ExprKind::Await(a) => self.await_expr(a, span),
            ExprKind::Yield(v) => self.yield_expr(v.as_deref(), span),
            ExprKind::YieldFrom(v) => self.yield_from(v, span),
            ExprKind::Walrus { target, value } => {
                let value = self.expr(value);
                let store = self.store_name(&target.name);
                Box::new(move |vm, fr| {
                    let v = value(vm, fr)?;
                    store(vm, fr, v.clone())?;
                    Ok(v)
                })
            }
            ExprKind::ListComp { element, clauses } => self.comprehension(super::comprehension::CompKind::List, element, None, clauses, span),
            ExprKind::SetComp { element, clauses } => self.comprehension(super::comprehension::CompKind::Set, element, None, clauses, span),
            ExprKind::DictComp { key, value, clauses } => self.comprehension(super::comprehension::CompKind::Dict, key, Some(value), clauses, span),
            ExprKind::Generator { element, clauses } => self.comprehension(super::comprehension::CompKind::Generator, element, None, clauses, span),
            ExprKind::None
            | ExprKind::True
            | ExprKind::False
            | ExprKind::Ellipsis
            | ExprKind::Int(_)
            | ExprKind::BigInt(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_) => unreachable!("constants are linked above"),
            ExprKind::Invalid => unreachable!("a tree with invalid nodes is refused before linking"),
        }
    }

    /// The value of an expression that is a constant: literals, negated numbers, tuples of constants.
    pub fn constant(&mut self, e: &Expr) -> Option<Value> {
        Some(match &e.kind {
            ExprKind::None => Value::None,
            ExprKind::True => Value::True,
            ExprKind::False => Value::False,
            ExprKind::Ellipsis => self.vm.ellipsis.clone(),
            ExprKind::Int(i) => Value::Int(*i),
            ExprKind::BigInt(b) => Obj::int((**b).clone()),
            ExprKind::Float(f) => Value::float(*f),
            ExprKind::Imaginary(f) => Value::Obj(Obj::new(Kind::Complex(0.0, *f))),
            ExprKind::Str(s) => Value::Obj(self.vm.intern(s)),
            ExprKind::Bytes(b) => Value::Obj(Obj::bytes(b.to_vec())),
            ExprKind::Unary(UnaryOp::Neg, inner) => match &inner.kind {
                ExprKind::Int(i) => Value::Int(-i),
                ExprKind::Float(f) => Value::float(-f),
                ExprKind::BigInt(b) => Obj::int(-(**b).clone()),
                _ => return None,
            },
            ExprKind::Tuple(items) if !items.is_empty() && items.len() < 64 => {
                let items: Option<Vec<Value>> = items.iter().map(|i| self.constant(i)).collect();
                Value::Obj(Obj::tuple(items?))
            }
            ExprKind::Tuple(items) if items.is_empty() => self.vm.empty_tuple.clone(),
            _ => return None,
        })
    }

    /// `a and b`, `a or b`: the first operand that decides. The slot tells which operand suspended.
    fn and_or(&mut self, items: &[Expr], stop_at: bool) -> Ex {
        let slot = if self.any_suspends(items) { Some(self.temp()) } else { None };
        if self.threaded {
            return self.threaded_and_or(items, stop_at);
        }
        let items: Vec<(Ex, crate::source::Span)> = items.iter().map(|i| (self.expr(i), i.span)).collect();
        Box::new(move |vm, fr| {
            let first = match slot.map(|s| fr[s].take()) {
                Some(Value::Int(i)) => i as usize,
                _ => 0,
            };
            let mut result = Value::None;
            for (i, (item, span)) in items.iter().enumerate().skip(first) {
                let r = item(vm, fr);
                if let (Some(s), true) = (slot, r.is_err() && vm.is_suspending()) {
                    fr[s] = Value::Int(i as i64);
                }
                result = r?;
                if i + 1 < items.len() {
                    let r = vm.truth(&result);
                    if located(vm, *span, r)? == stop_at {
                        break;
                    }
                }
            }
            Ok(result)
        })
    }

    fn conditional(&mut self, test: &Expr, then: &Expr, orelse: &Expr) -> Ex {
        let slot = if self.any_suspends([then, orelse]) { Some(self.temp()) } else { None };
        let test = self.cond(test);
        let (then, orelse) = (self.expr(then), self.expr(orelse));
        let Some(slot) = slot else {
            return Box::new(move |vm, fr| if test(vm, fr)? { then(vm, fr) } else { orelse(vm, fr) });
        };
        Box::new(move |vm, fr| {
            let is_true = match fr[slot].take() {
                Value::Unbound => test(vm, fr)?,
                chosen => matches!(chosen, Value::True),
            };
            let r = if is_true { then(vm, fr) } else { orelse(vm, fr) };
            if r.is_err() && vm.is_suspending() {
                fr[slot] = Value::bool(is_true);
            }
            r
        })
    }

    /// `value[index]`.
    fn subscript(&mut self, value: &Expr, index: &Expr, span: crate::source::Span) -> Ex {
        let later = self.suspends(index);
        if let (ExprKind::Slice { lower, upper, step }, false) = (&index.kind, later) {
            return self.sliced(value, [lower.as_deref(), upper.as_deref(), step.as_deref()], span);
        }
        if let (ExprKind::Name(n), false) = (&value.kind, later)
            && let Place::Local(slot) = self.place(n)
        {
            let name = self.name(n);
            if let ExprKind::Name(i) = &index.kind
                && let Place::Local(at) = self.place(i)
            {
                let index_name = self.name(i);
                return Box::new(move |vm, fr| {
                    if let (Value::Obj(o), Value::Int(i)) = (&fr[slot], &fr[at])
                        && let Kind::List(l) = &o.kind
                        && let Some(v) = l.borrow().get(*i as usize)
                    {
                        return Ok(v.clone());
                    }
                    subscript_slow(vm, fr, (slot, &name), (at, &index_name), span)
                });
            }
            let index = self.expr(index);
            return Box::new(move |vm, fr| {
                if fr[slot].is_unbound() {
                    let t = super::name::unbound_local(vm, &name);
                    return Err(vm.at(span, t));
                }
                let index = index(vm, fr)?;
                let value = &fr[slot];
                if let (Value::Obj(o), Value::Int(i)) = (value, &index)
                    && let Kind::List(l) = &o.kind
                    && let Some(v) = l.borrow().get(*i as usize)
                {
                    return Ok(v.clone());
                }
                let value = value.clone();
                let r = vm.get_item(&value, &index);
                located(vm, span, r)
            });
        }
        let value = if later { self.saved(value) } else { self.expr(value) };
        let index = self.expr(index);
        Box::new(move |vm, fr| {
            let value = value(vm, fr)?;
            let index = index(vm, fr)?;
            if let (Value::Obj(o), Value::Int(i)) = (&value, &index)
                && let Kind::List(l) = &o.kind
                && let Some(v) = l.borrow().get(*i as usize)
            {
                return Ok(v.clone());
            }
            let r = vm.get_item(&value, &index);
            located(vm, span, r)
        })
    }

    /// `value[lower:upper:step]`: lists and ASCII strings with plain bounds need no slice object.
    fn sliced(&mut self, value: &Expr, parts: [Option<&Expr>; 3], span: crate::source::Span) -> Ex {
        let value = self.operand(value);
        let parts = parts.map(|p| p.map(|e| self.operand(e)));
        Box::new(move |vm, fr| {
            let value = value.eval(vm, fr)?;
            let mut bounds = [Value::None, Value::None, Value::None];
            for (bound, part) in bounds.iter_mut().zip(&parts) {
                if let Some(p) = part {
                    *bound = p.eval(vm, fr)?;
                }
            }
            if let Some(v) = vm.plain_slice(&value, &bounds) {
                return Ok(v);
            }
            let [start, stop, step] = bounds;
            let key = Value::Obj(Obj::new(Kind::Slice(Box::new(crate::value::obj::Slice { start, stop, step }))));
            let r = vm.get_item(&value, &key);
            located(vm, span, r)
        })
    }

    /// `lower:upper:step`.
    fn slice(&mut self, lower: Option<&Expr>, upper: Option<&Expr>, step: Option<&Expr>) -> Ex {
        let parts = [lower, upper, step];
        let suspends = self.any_suspends(parts.into_iter().flatten());
        let parts = parts.map(|p| p.map(|e| if suspends { self.saved(e) } else { self.expr(e) }));
        Box::new(move |vm, fr| {
            let mut values = [Value::None, Value::None, Value::None];
            for (value, part) in values.iter_mut().zip(&parts) {
                if let Some(p) = part {
                    *value = p(vm, fr)?;
                }
            }
            let [start, stop, step] = values;
            Ok(Value::Obj(Obj::new(Kind::Slice(Box::new(crate::value::obj::Slice { start, stop, step })))))
        })
    }
}

#[cold]
#[inline(never)]
fn subscript_slow(
    vm: &mut crate::vm::Vm,
    fr: &mut [Value],
    value: (usize, &crate::value::Ref),
    index: (usize, &crate::value::Ref),
    span: crate::source::Span,
) -> crate::value::R {
    for (slot, name) in [value, index] {
        if fr[slot].is_unbound() {
            let t = super::name::unbound_local(vm, name);
            return Err(vm.at(span, t));
        }
    }
    let (value, index) = (fr[value.0].clone(), fr[index.0].clone());
    let r = vm.get_item(&value, &index);
    located(vm, span, r)
}
