//! What `await`, `yield` and `yield from` do when they run: begin to wait for something, go on with what was sent.

use crate::event_loop::future;
use crate::value::coro::{Sent, State};
use crate::value::func::CodeKind;
use crate::value::{Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::drive::coro_of;
use crate::vm::errors::exc_data;
use crate::vm::{Signal, Vm};

/// What the frame was sent: a value, or an exception to raise here.
pub(super) fn sent_value(vm: &mut Vm) -> R {
    match vm.sent.take() {
        Some(Sent::Value(v)) => Ok(v),
        Some(Sent::Exc(e)) => Err(vm.raise_sent(e)),
        None => Ok(Value::None),
    }
}

/// Runs an awaited call where it stands, if the callee is a coroutine function called with exactly its positional
/// parameters, or `asyncio.sleep`.
#[inline]
pub(super) fn run_in_place(vm: &mut Vm, fr: &mut [Value], callee: &Value, h: usize, n: usize, slot: usize) -> Option<R> {
    match callee.kind() {
        Some(Kind::Func(f)) if f.code.kind == CodeKind::Coroutine => {
            if !f.code.params.is_exactly(n) || f.is_exchanged() {
                return None;
            }
            let body = f.code.body(vm);
            if fr.len() < h + body.need || vm.enter().is_err() {
                // The general path makes the object, and reports recursion in CPython's words.
                drop(vm.exc.take());
                return None;
            }
            let base = f.code.locals.len();
            for (i, cell) in f.closure.iter().enumerate() {
                fr[h + base + i] = Value::Obj(cell.clone());
            }
            let result = (body.run)(vm, &mut fr[h..]);
            vm.depth -= 1;
            if result.is_err() {
                if vm.is_suspending() {
                    leave_in_place(vm, fr, callee, h, body.slots, slot);
                    return Some(result);
                }
                vm.leave_failed(f, &mut fr[h..], body.slots);
                crate::vm::call::clear(&mut fr[h..], body.slots);
                return Some(vm.coroutine_failed());
            }
            crate::vm::call::clear(&mut fr[h..], body.slots);
            Some(result)
        }
        Some(Kind::NativeFn(f)) => {
            let awaited = vm.await_native(f, &mut fr[h..], n)?;
            crate::vm::call::clear(&mut fr[h..], n);
            if awaited.is_err() && vm.is_suspending() {
                // What is awaited here has no object: any value marks the slot.
                fr[slot] = match &vm.signal {
                    Some(Signal::Future(f)) => Value::Obj(f.clone()),
                    _ => Value::True,
                };
            }
            Some(awaited)
        }
        Some(Kind::Method(m)) if matches!(m.func.kind(), Some(Kind::Func(_) | Kind::NativeFn(_))) => {
            // The window has a place more than there are arguments: the receiver goes in front of them.
            *fr.get_mut(h + n)? = m.receiver.clone();
            fr[h..=h + n].rotate_right(1);
            let result = run_in_place(vm, fr, &m.func, h, n + 1, slot);
            if result.is_none() {
                fr[h..=h + n].rotate_left(1);
                fr[h + n] = Value::Unbound;
            }
            result
        }
        _ => None,
    }
}

/// A coroutine that ran in place suspends: its frame moves into an object, which joins the chain.
#[inline(never)]
fn leave_in_place(vm: &mut Vm, fr: &mut [Value], callee: &Value, h: usize, slots: usize, slot: usize) {
    let Value::Obj(func) = callee else { return };
    let frame: Box<[Value]> = fr[h..h + slots].iter_mut().map(Value::take).collect();
    let coro = crate::value::coro::Coro::script(func.clone(), frame, CodeKind::Coroutine);
    coro.state.set(State::Suspended);
    coro.touched.set(true);
    let coro = Obj::tracked(Kind::Coro(coro));
    vm.link_chain(&coro);
    pass_on(vm);
    fr[slot] = Value::Obj(coro);
}

/// A `yield` below an `await` is a value for the driver.
fn pass_on(vm: &mut Vm) {
    vm.signal = vm.signal.take().map(|s| match s {
        Signal::Yield(v) => Signal::Pass(v),
        s => s,
    });
}

/// Refuses what cannot be awaited, with the words of an `async for` or `async with` for it.
pub fn need_awaitable(vm: &mut Vm, v: Value, complaint: &str) -> R {
    let is_known = matches!(v.kind(), Some(Kind::Coro(_) | Kind::Future(_) | Kind::Task(_)));
    if is_known || vm.class_of(&v).lookup(&vm.names.r#await).is_some() {
        return Ok(v);
    }
    let text = format!("{complaint}: {}", vm.class_name(&v));
    Err(vm.type_error(&text))
}

/// Begins to await something: runs it until it finishes or suspends; then the slot holds it.
pub fn begin_await(vm: &mut Vm, fr: &mut [Value], slot: usize, awaited: Value) -> R {
    let result = start(vm, &awaited);
    hold(fr, slot, result)
}

/// Begins to await what an async iterator gave for an item.
pub fn begin_item(vm: &mut Vm, fr: &mut [Value], slot: usize, item: Value) -> R {
    if matches!(item.kind(), Some(Kind::Coro(_) | Kind::Future(_) | Kind::Task(_))) {
        return begin_await(vm, fr, slot, item);
    }
    let iter = item_iterator(vm, &item)?;
    let result = start_iterator(vm, &iter);
    hold(fr, slot, result)
}

/// What goes wrong in asking an item for its iterator is the cause of the complaint about the item.
fn item_iterator(vm: &mut Vm, item: &Value) -> R {
    let asked = await_iterator(vm, item);
    if asked.is_ok() || vm.abort.is_some() || vm.is_suspending() {
        return asked;
    }
    let cause = vm.take_exc();
    let text = format!("'async for' received an invalid object from __anext__: {}", vm.class_name(item));
    vm.type_error(&text);
    let complaint = vm.take_exc();
    let data = exc_data(&complaint);
    drop(data.context.replace(Some(cause.clone())));
    drop(data.cause.replace(Some(cause)));
    data.suppress_context.set(true);
    Err(vm.rethrow(complaint))
}

/// Keeps what a suspended frame waits for.
fn hold(fr: &mut [Value], slot: usize, result: Result<Value, Started>) -> R {
    if let Err(Started::Suspended(keep)) = result {
        fr[slot] = keep;
        return Err(Thrown);
    }
    result.map_err(|_| Thrown)
}

/// Why awaiting gave no value at once.
enum Started {
    /// It waits; this value is what is awaited.
    Suspended(Value),
    Failed,
}

fn start(vm: &mut Vm, awaited: &Value) -> Result<Value, Started> {
    let Value::Obj(obj) = awaited else { return not_awaitable(vm, awaited) };
    match &obj.kind {
        Kind::Coro(c) if c.kind == CodeKind::Coroutine || is_iterable_coroutine(obj) => {
            let result = match c.state.get() {
                State::Created => {
                    c.touched.set(true);
                    vm.on_segment(0, |vm, fr| vm.run_frame(obj, Sent::Value(Value::None), fr))
                }
                State::Suspended if c.kind == CodeKind::Generator => vm.on_segment(0, |vm, fr| vm.run_frame(obj, Sent::Value(Value::None), fr)),
                State::Finished if c.kind == CodeKind::Generator => return Ok(Value::None),
                State::Finished => Err(vm.runtime_error(c.reuse_message())),
                State::Suspended | State::Running => Err(vm.runtime_error("coroutine is being awaited already")),
            };
            if result.is_err() && vm.is_suspending() {
                vm.link_chain(obj);
                pass_on(vm);
                return Err(Started::Suspended(awaited.clone()));
            }
            result.map_err(|_| Started::Failed)
        }
        Kind::Future(_) | Kind::Task(_) => start_future(vm, obj),
        Kind::Derived(_) if is_plain_future(vm, obj) => start_future(vm, obj),
        _ => start_object(vm, awaited),
    }
}

fn start_future(vm: &mut Vm, obj: &Ref) -> Result<Value, Started> {
    match vm.future_result(obj) {
        Some(r) => r.map_err(|_| Started::Failed),
        None => {
            vm.signal = Some(Signal::Future(obj.clone()));
            Err(Started::Suspended(Value::Obj(obj.clone())))
        }
    }
}

/// Whether an instance of a script's class is a future that is awaited as all futures are.
fn is_plain_future(vm: &Vm, obj: &Ref) -> bool {
    let Kind::Derived(d) = &obj.kind else { return false };
    future::of(obj).is_some() && matches!(d.class.lookup(&vm.names.r#await).as_ref().and_then(Value::kind), Some(Kind::NativeFn(_)))
}

/// An object with `__await__`.
fn start_object(vm: &mut Vm, awaited: &Value) -> Result<Value, Started> {
    let iter = await_iterator(vm, awaited).map_err(|_| Started::Failed)?;
    start_iterator(vm, &iter)
}

/// What an object's `__await__` gives, if it is of any use.
fn await_iterator(vm: &mut Vm, awaited: &Value) -> R {
    let names = vm.names.clone();
    let Some(iter) = vm.call_special(awaited, &names.r#await, &[])? else { return Err(not_awaitable_error(vm, awaited)) };
    match iter.kind() {
        Some(Kind::Coro(c)) if c.kind != CodeKind::Generator => Err(vm.type_error("__await__() returned a coroutine")),
        Some(Kind::Coro(_) | Kind::Future(_) | Kind::Task(_)) => Ok(iter),
        _ if crate::types::coro::wrapped(&iter).is_some() || vm.class_of(&iter).lookup(&names.next).is_some() => Ok(iter),
        _ => {
            let text = format!("__await__() returned non-iterator of type '{}'", vm.class_name(&iter));
            Err(vm.type_error(&text))
        }
    }
}

/// Begins with what `__await__` gave.
fn start_iterator(vm: &mut Vm, iter: &Value) -> Result<Value, Started> {
    if let Value::Obj(o) = iter
        && let Kind::Coro(_) = &o.kind
    {
        let result = vm.on_segment(0, |vm, fr| vm.run_frame(o, Sent::Value(Value::None), fr));
        if result.is_err() && vm.is_suspending() {
            vm.link_chain(o);
            pass_on(vm);
            return Err(Started::Suspended(iter.clone()));
        }
        return result.map_err(|_| Started::Failed);
    }
    if matches!(iter.kind(), Some(Kind::Future(_) | Kind::Task(_))) {
        return start(vm, iter);
    }
    match crate::types::coro::wrapped(iter) {
        Some(coro) => start(vm, &coro),
        None => step_iterator(vm, iter, Sent::Value(Value::None)),
    }
}

/// Moves an awaitable's iterator on.
fn step_iterator(vm: &mut Vm, iter: &Value, sent: Sent) -> Result<Value, Started> {
    match delegate(vm, iter, sent) {
        Ok(Ok(passed)) => {
            vm.signal = Some(Signal::Pass(passed));
            Err(Started::Suspended(iter.clone()))
        }
        Ok(Err(returned)) => Ok(returned),
        Err(_) => Err(Started::Failed),
    }
}

#[cold]
fn not_awaitable(vm: &mut Vm, v: &Value) -> Result<Value, Started> {
    not_awaitable_error(vm, v);
    Err(Started::Failed)
}

#[cold]
fn not_awaitable_error(vm: &mut Vm, v: &Value) -> Thrown {
    let name = vm.class_name(v);
    vm.type_error(&format!("object {name} can't be used in 'await' expression"))
}

/// Whether a generator was made a coroutine by `types.coroutine`.
pub fn is_iterable_coroutine(obj: &Ref) -> bool {
    let coro = coro_of(obj);
    coro.kind == CodeKind::Generator && coro.func().is_some_and(|f| f.extra.borrow().as_ref().is_some_and(|e| e.iterable_coroutine))
}

/// Goes on after a suspension at an `await`.
pub fn resume_await(vm: &mut Vm, fr: &mut [Value], slot: usize) -> R {
    let awaited = fr[slot].take();
    let sent = vm.sent.take().unwrap_or(Sent::Value(Value::None));
    let Value::Obj(obj) = &awaited else {
        return match sent {
            Sent::Value(v) => Ok(v),
            Sent::Exc(e) => Err(vm.raise_sent(e)),
        };
    };
    match &obj.kind {
        Kind::Future(_) | Kind::Task(_) | Kind::Derived(_) if future::of(obj).is_some() => match sent {
            Sent::Exc(e) => Err(vm.raise_sent(e)),
            Sent::Value(_) => match vm.future_result(obj) {
                Some(r) => r,
                None => Err(vm.runtime_error("await wasn't used with future")),
            },
        },
        Kind::Coro(_) => match sent {
            Sent::Value(v) => Ok(v),
            Sent::Exc(e) => Err(vm.pass_on(e)),
        },
        _ => match step_iterator(vm, &awaited, sent) {
            Ok(v) => Ok(v),
            Err(Started::Suspended(keep)) => {
                fr[slot] = keep;
                Err(Thrown)
            }
            Err(Started::Failed) => Err(Thrown),
        },
    }
}

/// The iterator that `yield from` delegates to.
pub(super) fn delegate_iter(vm: &mut Vm, v: &Value) -> R {
    match v.kind() {
        Some(Kind::Coro(c)) if c.kind != CodeKind::AsyncGenerator => {
            if c.kind == CodeKind::Coroutine {
                c.touched.set(true);
            }
            Ok(v.clone())
        }
        Some(Kind::Future(_) | Kind::Task(_)) => vm.call_method(v, &vm.names.iter.clone(), &[]),
        _ => vm.iter(v),
    }
}

/// Sends into an iterator: `Ok(Ok(v))` when it yields, `Ok(Err(v))` when it returns.
pub fn delegate(vm: &mut Vm, iter: &Value, sent: Sent) -> R<Result<Value, Value>> {
    let names = vm.names.clone();
    if let Value::Obj(o) = iter
        && let Kind::Coro(_) = &o.kind
    {
        if let Sent::Exc(e) = &sent
            && crate::vm::errors::exc_class(e).is_subclass_of(&vm.types.generator_exit)
        {
            vm.close_coro(o)?;
            let e = e.clone();
            return Err(vm.rethrow(e));
        }
        let (is_thrown, over) = (matches!(sent, Sent::Exc(_)), vm.sent_over.take());
        let result = vm.resume(o, sent);
        if is_thrown && result.is_err() && !vm.is_suspending() && vm.abort.is_none() {
            let exc = vm.take_exc();
            vm.sent_over = over;
            return Err(vm.pass_on(exc));
        }
        return result;
    }
    let result = match sent {
        Sent::Value(v) if v.is_none() => return next_or_value(vm, iter),
        Sent::Value(v) => vm.call_method(iter, &names.send, &[v]),
        Sent::Exc(e) if crate::vm::errors::exc_class(&e).is_subclass_of(&vm.types.generator_exit) => {
            if let Some(close) = vm.get_attr_opt(iter, &names.close)? {
                vm.call(&close, &[])?;
            }
            return Err(vm.rethrow(e));
        }
        Sent::Exc(e) => match vm.get_attr_opt(iter, &names.throw)? {
            Some(throw) => vm.call(&throw, &[Value::Obj(e)]),
            None => return Err(vm.raise(e)),
        },
    };
    stop_to_value(vm, result)
}

fn next_or_value(vm: &mut Vm, iter: &Value) -> R<Result<Value, Value>> {
    let names = vm.names.clone();
    if matches!(iter.kind(), Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_))) {
        let result = vm.call_special(iter, &names.next, &[]);
        return match result {
            Ok(Some(v)) => Ok(Ok(v)),
            Ok(None) => Err(vm.type_error("not an iterator")),
            Err(t) => stop_to_value(vm, Err(t)),
        };
    }
    vm.stopped = None;
    Ok(match vm.next(iter)? {
        Some(v) => Ok(v),
        None => Err(vm.stopped.take().map_or(Value::None, |exc| crate::vm::errors::first_arg(&exc))),
    })
}

fn stop_to_value(vm: &mut Vm, result: R) -> R<Result<Value, Value>> {
    match result {
        Ok(v) => Ok(Ok(v)),
        Err(_) if !vm.is_suspending() && vm.abort.is_none() && vm.exc_is(&vm.types.stop_iteration.clone()) => Ok(Err(vm.stop_value())),
        Err(t) => Err(t),
    }
}

impl Vm {
    /// After a coroutine failed that ran in place: `StopIteration` must not leave it.
    #[cold]
    fn coroutine_failed(&mut self) -> R {
        Err(self.check_stop_iteration(CodeKind::Coroutine))
    }
}
