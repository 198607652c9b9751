//! Code that runs on a thread. Every call of script code is a place where the frame may be left: the callee runs in
//! place, and only when it waits does its frame move into an object, as with `await f()`. Loops over generators, `with`
//! and comprehensions do the same. Code that no thread runs is never linked this way.

use super::args::{Collected, Part};
use super::attr::Cache;
use super::call::{fill, find_method};
use super::cx::{Cx, located};
use super::loops::{Turn, turn};
use super::ops::Operand;
use super::resumable_loops::finish_else;
use super::target::Target;
use super::threaded_ops::BareSite;
use super::{Ex, St};
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr, ExprKind};
use crate::value::coro::Sent;
use crate::value::{Flow, Kind, R, Ref, Value};
use crate::vm::thread_call::is_threaded_generator;
use crate::vm::{Signal, Vm};

/// What is called: a value, or a method that is looked up in the class of its receiver.
enum Callee {
    Value(Ex),
    /// The slot keeps the receiver while its attribute is waited for.
    Method {
        receiver: Operand,
        name: Ref,
        cache: Cache,
        kept: usize,
        site: BareSite,
    },
}

impl Callee {
    /// The function, and its receiver if it must be passed.
    fn eval(&self, vm: &mut Vm, fr: &mut [Value]) -> R<(Value, Option<Value>)> {
        match self {
            Self::Value(e) => Ok((e(vm, fr)?, None)),
            Self::Method { receiver, name, cache, kept, site } => {
                let obj = match fr[*kept].take() {
                    Value::Unbound => receiver.eval(vm, fr)?,
                    obj => obj,
                };
                if !matches!(obj.kind(), Some(Kind::Module(_)))
                    && let Some(method) = find_method(vm, cache, &obj, name)
                {
                    return Ok((method, Some(obj)));
                }
                let r = site.run(vm, fr, |vm| vm.callee_attr(cache, &obj, name));
                if r.is_err() && vm.is_suspending() {
                    fr[*kept] = obj;
                }
                Ok((r?, None))
            }
        }
    }
}

impl Cx<'_> {
    /// `func(args)` on a thread.
    pub fn threaded_call(&mut self, func: &Expr, args: &[Arg], span: Span) -> Ex {
        let slot = self.waiting_at(span);
        let later = args.iter().any(|a| self.arg_suspends(a));
        if !args.iter().all(|a| matches!(a, Arg::Pos(_) | Arg::Keyword(..))) {
            let func = if later { self.saved(func) } else { self.expr(func) };
            let parts = self.parts(args);
            return collected_call(slot, func, parts, span);
        }
        let callee = match &func.kind {
            _ if later => Callee::Value(self.saved(func)),
            ExprKind::Attribute { value, name } => {
                let (kept, site) = (self.temp(), self.bare_site(func.span));
                Callee::Method { name: self.name(&name.name), receiver: self.operand(value), cache: Cache::default(), kept, site }
            }
            _ => Callee::Value(self.expr(func)),
        };
        let n = args.iter().filter(|a| matches!(a, Arg::Pos(_))).count();
        let names: Vec<Ref> = args.iter().filter_map(|a| if let Arg::Keyword(k, _) = a { Some(self.vm.intern(&k.name)) } else { None }).collect();
        self.with_window(args.len() + 2, |cx, h| {
            let args = cx.window_args(args);
            let ex: Ex = Box::new(move |vm, fr| {
                if !fr[slot].is_unbound() {
                    let r = vm.resume_call(fr, slot);
                    return located(vm, span, r);
                }
                let (f, receiver) = callee.eval(vm, fr)?;
                fill(vm, fr, h + 1, &args)?;
                let r = match receiver {
                    Some(obj) => {
                        fr[h] = obj;
                        vm.call_on_thread(fr, slot, &f, (h, n + 1), &names)
                    }
                    None => vm.call_on_thread(fr, slot, &f, (h + 1, n), &names),
                };
                located(vm, span, r)
            });
            ex
        })
    }

    /// What stands behind a star or is unpacked: a generator for threads gives its items in a list, as it may wait for
    /// them.
    pub fn star_items(&mut self, e: &Expr) -> Ex {
        if !self.threaded {
            return self.expr(e);
        }
        let (slot, span) = (self.waiting_at(e.span), e.span);
        let e = self.expr(e);
        Box::new(move |vm, fr| {
            if !fr[slot].is_unbound() {
                let r = vm.resume_call(fr, slot);
                return located(vm, span, r);
            }
            match e(vm, fr)? {
                Value::Obj(o) if is_threaded_generator(&o) => {
                    let list = Value::from(&vm.types.list);
                    let r = vm.call_values_on_thread(fr, slot, &list, vec![Value::Obj(o)], (1, &[]));
                    located(vm, span, r)
                }
                v @ Value::Obj(_) if !matches!(v.kind(), Some(Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_) | Kind::Str(_))) && vm.is_iterable(&v) => {
                    let list = Value::from(&vm.types.list);
                    let r = vm.call_values_on_thread(fr, slot, &list, vec![v], (1, &[]));
                    located(vm, span, r)
                }
                v => Ok(v),
            }
        })
    }

    /// `for` on a thread: the iterator may wait for its next item.
    pub fn threaded_for(&mut self, (iter, is_ready): (Ex, bool), target: Target, body: St, orelse: Option<St>, span: Span) -> St {
        let (slot, waiting, item, source) = (self.temp(), self.waiting_at(span), self.temp(), self.temp());
        let begin = self.bare_site(span);
        let window = self.window();
        Box::new(move |vm, fr| {
            if fr[slot].is_none() {
                return finish_else(vm, fr, slot, orelse.as_ref());
            }
            let mut inside = !fr[slot].is_unbound() && fr[waiting].is_unbound() && fr[item].is_unbound();
            if fr[slot].is_unbound() {
                if fr[source].is_unbound() {
                    fr[source] = iter(vm, fr)?;
                }
                let value = fr[source].clone();
                let r = if is_ready { Ok(value) } else { begin.run(vm, fr, |vm| vm.iter_on_thread(&value)) };
                if r.is_ok() || !vm.is_suspending() {
                    fr[source] = Value::Unbound;
                }
                fr[slot] = r?;
            }
            loop {
                if !inside {
                    let r = match (fr[item].take(), fr[waiting].is_unbound()) {
                        (Value::Unbound, true) => next_item(vm, fr, (slot, waiting), window),
                        (Value::Unbound, false) => resume_item(vm, fr, (slot, waiting)),
                        // Where the item is stored had to be waited for.
                        (v, _) => Ok(Some(v)),
                    };
                    let stored = match located(vm, span, r) {
                        Ok(Some(v)) => target.store(vm, fr, v.clone()).map_err(|t| (t, v)),
                        Ok(None) => break,
                        Err(t) => Err((t, Value::Unbound)),
                    };
                    if let Err((t, v)) = stored.and_then(|()| vm.tick().map_err(|t| (t, Value::Unbound))) {
                        if vm.is_suspending() {
                            fr[item] = v;
                        } else {
                            fr[slot] = Value::Unbound;
                        }
                        return Err(t);
                    }
                }
                inside = false;
                let flow = match body(vm, fr).map(turn) {
                    Ok(Turn::Go) => continue,
                    Ok(Turn::Stop) => Ok(Flow::Next),
                    Ok(Turn::Leave(f)) => Ok(f),
                    Err(t) if vm.is_suspending() => return Err(t),
                    Err(t) => Err(t),
                };
                fr[slot] = Value::Unbound;
                super::name::drain(vm);
                return flow;
            }
            finish_else(vm, fr, slot, orelse.as_ref())
        })
    }

    /// `yield from value` on a thread: the inner generator may wait.
    pub fn threaded_yield_from(&mut self, value: &Expr, span: Span) -> Ex {
        let (slot, below) = (self.waiting_at(span), self.temp());
        let value = self.expr(value);
        let window = self.window();
        Box::new(move |vm, fr| {
            let (iter, sent) = if fr[slot].is_unbound() {
                let v = value(vm, fr)?;
                let r = vm.iter_on_thread(&v);
                (located(vm, span, r)?, Sent::Value(Value::None))
            } else {
                (fr[slot].take(), vm.sent.take().unwrap_or(Sent::Value(Value::None)))
            };
            let r = match &iter {
                _ if !fr[below].take().is_unbound() => vm.given_by_generator(sent),
                Value::Obj(o) if is_threaded_generator(o) => vm.step_threaded(o, sent, &mut fr[window..]),
                _ => vm.apart_from_thread(|vm| super::awaiting::delegate(vm, &iter, sent)),
            };
            match located(vm, span, r) {
                Ok(Ok(yielded)) => {
                    fr[slot] = iter;
                    vm.suspend(Signal::Yield(yielded))
                }
                Ok(Err(returned)) => Ok(returned),
                Err(t) => {
                    if vm.is_suspending() {
                        fr[slot] = iter;
                        fr[below] = Value::True;
                    }
                    Err(t)
                }
            }
        })
    }
}

/// A call whose arguments are collected at run time.
fn collected_call(slot: usize, func: Ex, parts: Vec<(Part, Ex)>, span: Span) -> Ex {
    Box::new(move |vm, fr| {
        if !fr[slot].is_unbound() {
            let r = vm.resume_call(fr, slot);
            return located(vm, span, r);
        }
        let f = func(vm, fr)?;
        let collected = Collected::evaluated(vm, fr, &parts, &f, span)?;
        let names: Vec<Ref> = collected.keywords.iter().map(|(n, _)| n.clone()).collect();
        let n = collected.positional.len();
        let values: Vec<Value> = collected.positional.into_iter().chain(collected.keywords.into_iter().map(|(_, v)| v)).collect();
        let r = vm.call_values_on_thread(fr, slot, &f, values, (n, &names));
        located(vm, span, r)
    })
}

/// The next item of a loop on a thread; where the iterator waits, the second slot tells.
fn next_item(vm: &mut Vm, fr: &mut [Value], (slot, waiting): (usize, usize), window: usize) -> R<Option<Value>> {
    if let Some(method) = vm.script_next(&fr[slot]) {
        let iter = fr[slot].clone();
        let r = vm.call_values_on_thread(fr, waiting, &method, vec![iter], (1, &[]));
        return vm.item_or_stop(r);
    }
    match &fr[slot] {
        Value::Obj(o) if is_threaded_generator(o) => {
            let generator = o.clone();
            let r = vm.step_threaded(&generator, Sent::Value(Value::None), &mut fr[window..]);
            if r.is_err() && vm.is_suspending() {
                fr[waiting] = Value::True;
            }
            Ok(r?.ok())
        }
        iter => {
            let iter = iter.clone();
            vm.in_site(fr, waiting, |vm, _| vm.next(&iter))
        }
    }
}

/// The item that a loop waited for.
fn resume_item(vm: &mut Vm, fr: &mut [Value], (slot, waiting): (usize, usize)) -> R<Option<Value>> {
    if Vm::is_site(&fr[waiting]) {
        let iter = fr[slot].clone();
        return vm.in_site(fr, waiting, |vm, _| vm.next(&iter));
    }
    vm.resume_item(fr, waiting)
}

/// The body of a generator for threads: when a built-in function runs it, what it calls cannot leave it to wait.
pub fn entered_apart(body: Ex) -> Ex {
    Box::new(move |vm, fr| {
        let may_leave = std::mem::take(&mut vm.thread.entered);
        let before = std::mem::replace(&mut vm.thread.may_leave, may_leave);
        let result = body(vm, fr);
        vm.thread.may_leave = before;
        result
    })
}
