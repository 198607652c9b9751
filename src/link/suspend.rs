//! What can suspend. A frame is left by unwinding its closures with `Thrown` and a signal in the VM, and entered again
//! by calling its body once more: each node here keeps its progress in a slot and goes on from there. An operand that
//! was evaluated before a later `await` is saved in a slot, and given again on re-entry; the slots are emptied when the
//! statement that owns them is complete.

use super::awaiting::{begin_await, delegate, delegate_iter, resume_await, run_in_place, sent_value};
use super::cx::{Cx, clear_slots, located};
use super::{Cond, Ex, St};
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr, ExprKind};
use crate::value::coro::Sent;
use crate::value::func::CodeKind;
use crate::value::{Flow, Kind, Obj, R, Value};
use crate::vm::delegation::Delegation;
use crate::vm::{Signal, Vm};

/// An `await` at a place: it begins where its slot is empty, else it goes on. Both ways are functions of their own,
/// which spares each the other's registers.
fn resumable(slot: usize, span: Span, note: Option<u32>, begin: impl Fn(&mut Vm, &mut [Value]) -> R + 'static) -> Ex {
    Box::new(move |vm, fr| {
        if !fr[slot].is_unbound() {
            return go_on(vm, fr, slot, span);
        }
        if let Some(at) = note {
            vm.note_place(at);
        }
        apart(&begin, vm, fr)
    })
}

#[inline(never)]
fn apart(f: &impl Fn(&mut Vm, &mut [Value]) -> R, vm: &mut Vm, fr: &mut [Value]) -> R {
    f(vm, fr)
}

#[inline(never)]
fn go_on(vm: &mut Vm, fr: &mut [Value], slot: usize, span: Span) -> R {
    let r = resume_await(vm, fr, slot);
    located(vm, span, r)
}

impl Cx<'_> {
    /// An operand that a later suspension must not evaluate again.
    pub fn saved(&mut self, e: &Expr) -> Ex {
        if self.constant(e).is_some() {
            return self.expr(e);
        }
        let slot = self.sticky_temp();
        let e = self.expr(e);
        Box::new(move |vm, fr| {
            if !fr[slot].is_unbound() {
                return Ok(fr[slot].clone());
            }
            let v = e(vm, fr)?;
            fr[slot] = v.clone();
            Ok(v)
        })
    }

    /// The items of a starred operand, taken now: a later suspension must not iterate again. What cannot be iterated
    /// is given as it is, for the caller to complain about.
    pub fn saved_items(&mut self, e: &Expr) -> Ex {
        let (slot, span) = (self.sticky_temp(), e.span);
        let e = self.star_items(e);
        Box::new(move |vm, fr| {
            if !fr[slot].is_unbound() {
                return Ok(fr[slot].clone());
            }
            let mut v = e(vm, fr)?;
            if vm.is_iterable(&v) {
                let r = vm.collect(&v);
                v = Value::Obj(Obj::tuple(located(vm, span, r)?));
            }
            fr[slot] = v.clone();
            Ok(v)
        })
    }

    /// Links something that belongs to one statement, and empties the slots it used once it is complete.
    pub fn settled_expr(&mut self, e: &Expr) -> Ex {
        if !self.suspends(e) {
            return self.expr(e);
        }
        let (from, e, to) = self.measured(|cx| cx.expr(e));
        if from == to {
            return e;
        }
        Box::new(move |vm, fr| {
            let r = e(vm, fr);
            if r.is_ok() || !vm.is_suspending() {
                clear_slots(fr, from, to);
            }
            r
        })
    }

    /// The same for a condition.
    pub fn settled_cond(&mut self, e: &Expr) -> Cond {
        if !self.suspends(e) {
            return self.cond(e);
        }
        let (from, e, to) = self.measured(|cx| cx.cond(e));
        if from == to {
            return e;
        }
        Box::new(move |vm, fr| {
            let r = e(vm, fr);
            if r.is_ok() || !vm.is_suspending() {
                clear_slots(fr, from, to);
            }
            r
        })
    }

    /// A statement whose slots are emptied once it is complete.
    pub fn settled(&mut self, link: impl FnOnce(&mut Self) -> St) -> St {
        let (from, st, to) = self.measured(link);
        if from == to {
            return st;
        }
        Box::new(move |vm, fr| {
            let r = st(vm, fr);
            if r.is_ok() || !vm.is_suspending() {
                clear_slots(fr, from, to);
            }
            r
        })
    }

    /// The slots to empty after what is linked; none when nothing in it keeps values.
    fn measured<T>(&mut self, link: impl FnOnce(&mut Self) -> T) -> (usize, T, usize) {
        let base = self.scope.locals.len() + self.scope.free.len();
        let (from, sticky) = (base + self.temps(), self.sticky());
        let linked = link(self);
        let to = if self.sticky() == sticky { from } else { base + self.temps() };
        (from, linked, to)
    }

    /// Statements that cannot suspend, and one that may: whether that one has begun is the progress.
    pub fn resumable_last(&mut self, slot: usize, lead: St, last: St) -> St {
        Box::new(move |vm, fr| {
            if fr[slot].is_unbound() {
                match lead(vm, fr) {
                    Ok(Flow::Next) => {}
                    other => return other,
                }
            } else {
                fr[slot] = Value::Unbound;
            }
            let r = last(vm, fr);
            if r.is_err() && vm.is_suspending() {
                fr[slot] = Value::True;
            }
            r
        })
    }

    /// Statements one after another, where some may suspend: the index of the current one is the progress.
    pub fn resumable_seq(&mut self, slot: usize, stmts: Vec<St>) -> St {
        Box::new(move |vm, fr| {
            let mut i = match fr[slot].take() {
                Value::Int(i) => i as usize,
                _ => 0,
            };
            while let Some(st) = stmts.get(i) {
                match st(vm, fr) {
                    Ok(Flow::Next) => i += 1,
                    Ok(flow) => return Ok(flow),
                    Err(t) => {
                        if vm.is_suspending() {
                            fr[slot] = Value::Int(i as i64);
                        }
                        return Err(t);
                    }
                }
            }
            Ok(Flow::Next)
        })
    }

    /// `await value`.
    pub fn await_expr(&mut self, e: &Expr, span: Span) -> Ex {
        let (slot, note) = (self.waiting_at(span), self.note());
        if let ExprKind::Call { func, args } = &e.kind
            && args.iter().all(|a| matches!(a, Arg::Pos(_)))
            && !self.threaded
            && !self.any_suspends(args.iter().map(super::cx::arg_value))
            && !self.suspends(func)
        {
            return self.await_call(slot, func, args, e.span, span);
        }
        let e = self.expr(e);
        resumable(slot, span, note, move |vm, fr| {
            let awaited = e(vm, fr)?;
            let r = begin_await(vm, fr, slot, awaited);
            located(vm, span, r)
        })
    }

    /// `await func(args)`: a coroutine function runs in place; an object is made only when it suspends.
    fn await_call(&mut self, slot: usize, func: &Expr, args: &[Arg], call_span: Span, span: Span) -> Ex {
        let n = args.len();
        if let ExprKind::Attribute { value, name } = &func.kind {
            return self.await_method(slot, value, (&name.name, func.span), args, call_span, span);
        }
        let (callee, note) = (self.operand(func), self.note());
        self.with_window(n + 1, |cx, h| {
            let args: Vec<super::ops::Operand> = args.iter().map(|a| cx.operand(super::cx::arg_value(a))).collect();
            resumable(slot, span, note, move |vm, fr| {
                let f = callee.eval(vm, fr)?;
                super::call::fill(vm, fr, h, &args)?;
                if let Some(r) = run_in_place(vm, fr, &f, h, n, slot) {
                    return located(vm, call_span, r);
                }
                let r = vm.call_window(&f, &mut fr[h..], n);
                let awaited = located(vm, call_span, r)?;
                let r = begin_await(vm, fr, slot, awaited);
                located(vm, span, r)
            })
        })
    }

    /// `await value.name(args)`: the same without a bound method, where the class has the method.
    fn await_method(&mut self, slot: usize, value: &Expr, (name, func_span): (&str, Span), args: &[Arg], call_span: Span, span: Span) -> Ex {
        let n = args.len();
        let (name, note) = (self.name(name), self.note());
        let receiver = self.operand(value);
        let cache = super::attr::Cache::default();
        self.with_window(n + 2, |cx, h| {
            let args: Vec<super::ops::Operand> = args.iter().map(|a| cx.operand(super::cx::arg_value(a))).collect();
            resumable(slot, span, note, move |vm, fr| {
                let obj = receiver.eval(vm, fr)?;
                let found = if matches!(obj.kind(), Some(Kind::Module(_))) { None } else { super::call::find_method(vm, &cache, &obj, &name) };
                let (callee, count) = match found {
                    Some(method) => {
                        fr[h] = obj;
                        if let Err(t) = super::call::fill(vm, fr, h + 1, &args) {
                            fr[h] = Value::Unbound;
                            return Err(t);
                        }
                        (method, n + 1)
                    }
                    None => {
                        let r = vm.callee_attr(&cache, &obj, &name);
                        let callee = located(vm, func_span, r)?;
                        super::call::fill(vm, fr, h, &args)?;
                        (callee, n)
                    }
                };
                if let Some(r) = run_in_place(vm, fr, &callee, h, count, slot) {
                    return located(vm, call_span, r);
                }
                let r = vm.call_window(&callee, &mut fr[h..], count);
                let awaited = located(vm, call_span, r)?;
                let r = begin_await(vm, fr, slot, awaited);
                located(vm, span, r)
            })
        })
    }

    /// `yield value`.
    pub fn yield_expr(&mut self, value: Option<&Expr>, span: Span) -> Ex {
        let slot = self.waiting_at(span);
        let value = value.map(|v| self.expr(v));
        Box::new(move |vm, fr| {
            if !fr[slot].is_unbound() {
                fr[slot] = Value::Unbound;
                let r = sent_value(vm);
                return located(vm, span, r);
            }
            let v = match &value {
                Some(v) => v(vm, fr)?,
                None => Value::None,
            };
            fr[slot] = Value::True;
            vm.delegation = Delegation::None;
            vm.suspend(Signal::Yield(v))
        })
    }

    /// `yield from value`.
    pub fn yield_from(&mut self, value: &Expr, span: Span) -> Ex {
        if self.threaded {
            return self.threaded_yield_from(value, span);
        }
        let slot = self.waiting_at(span);
        let value = self.expr(value);
        let window = self.window();
        Box::new(move |vm, fr| {
            let (iter, sent) = if fr[slot].is_unbound() {
                let v = value(vm, fr)?;
                let r = delegate_iter(vm, &v);
                (located(vm, span, r)?, Sent::Value(Value::None))
            } else {
                let sent = vm.sent.take().unwrap_or(Sent::Value(Value::None));
                if std::mem::take(&mut vm.delegate_ended) {
                    fr[slot] = Value::Unbound;
                    let r = ended(vm, sent);
                    return located(vm, span, r);
                }
                (fr[slot].take(), sent)
            };
            let r = match &iter {
                Value::Obj(o) if matches!(&o.kind, Kind::Coro(c) if c.kind == CodeKind::Generator) && matches!(sent, Sent::Value(_)) => {
                    vm.resume_generator(o, sent, &mut fr[window..])
                }
                _ => delegate(vm, &iter, sent),
            };
            match located(vm, span, r)? {
                Ok(yielded) => {
                    if !matches!(iter.kind(), Some(Kind::Coro(_))) {
                        vm.delegation = Delegation::None;
                    } else if vm.handled.is_some() {
                        vm.delegation = Delegation::Handling;
                    } else if vm.delegation == Delegation::None {
                        vm.delegation = Delegation::Plain;
                    }
                    fr[slot] = iter;
                    vm.suspend(Signal::Yield(yielded))
                }
                Err(returned) => Ok(returned),
            }
        })
    }
}

/// What a generator that was delegated to returned or raised.
fn ended(vm: &mut Vm, outcome: Sent) -> R {
    match outcome {
        Sent::Value(returned) => Ok(returned),
        Sent::Exc(exc) => Err(vm.pass_on(exc)),
    }
}
