//! Running tasks: one step, waking, cancelling, completing futures. The order of events is asyncio's.

use std::rc::Rc;

use super::Ready;
use super::cancel::{cancel_waiting, own_method};
use super::future::{self, Callback, Outcome, Stage, mark};
use super::observer::{Suspension, TaskId};
use super::task::{Task, Waiting};
use super::threads::{Blocked, thread_of};
use crate::modules::asyncio::handle::Handle;
use crate::value::coro::{Sent, State};
use crate::value::func::{BoundMethod, Builtin, CodeKind, NativeFn};
use crate::value::{Kind, Obj, R, Ref, Value, heap};
use crate::vm::drive::{Step, coro_of};
use crate::vm::{Signal, Vm};

/// The task inside an object.
#[inline]
pub fn task_of(obj: &Ref) -> Option<&Task> {
    match &obj.kind {
        Kind::Task(t) => Some(t),
        Kind::Derived(d) => d.base.obj().and_then(exact_task),
        _ => None,
    }
}

/// The task that an object is itself.
pub(super) fn exact_task(obj: &Ref) -> Option<&Task> {
    match &obj.kind {
        Kind::Task(t) => Some(t),
        _ => None,
    }
}

/// The observer's name for a task.
pub(super) fn id_of(obj: &Ref) -> Option<TaskId> {
    task_of(obj).map(|t| TaskId(t.order.get()))
}

/// Runs a task on a window of the value stack until it waits or is done.
pub fn step(vm: &mut Vm, task_ref: &Ref, mut sent: Sent, fr: &mut [Value]) -> R<()> {
    let Some(task) = task_of(task_ref) else { return Ok(()) };
    if task.future.is_done() {
        return super::handler::step_of_done_task(vm, task_ref);
    }
    if task.future.has(mark::MUST_CANCEL) {
        sent = throw_cancellation(vm, task_ref, task, sent);
    }
    if task.future.has(mark::BY_YIELD) {
        task.future.set_mark(mark::BY_YIELD, false);
        if matches!(sent, Sent::Value(_)) {
            sent = Sent::Value(Value::None);
        }
    }
    task.set_waiting(Waiting::Nothing);
    let before = vm.event_loop.current.replace(task_ref.clone());
    if vm.event_loop.observer.is_some() {
        observe_step(vm, task, true);
    }
    let context = std::mem::replace(&mut vm.event_loop.context, task.take_context());
    let result = match entry(vm, task) {
        Ok(Some((coro, leaf))) => vm.drive_in(coro, leaf, sent, fr),
        Ok(None) => Ok(Step::Returned(Value::None)),
        Err(t) => Err(t),
    };
    task.set_context(std::mem::replace(&mut vm.event_loop.context, context));
    let result = stepped(vm, task_ref, task, result);
    vm.event_loop.current = before;
    result
}

/// A task of a loop on a thread goes on, where it let the thread wait.
#[cold]
pub fn go_on(vm: &mut Vm, task_ref: &Ref, (leaf, depth): (Ref, u32), sent: Sent) -> R<()> {
    let Some((task, coro)) = task_of(task_ref).and_then(|t| Some((t, t.coro.get()?))) else { return Ok(()) };
    let before = vm.event_loop.current.replace(task_ref.clone());
    let context = std::mem::replace(&mut vm.event_loop.context, task.take_context());
    let result = vm.drive_blocked(coro, leaf, sent, depth);
    task.set_context(std::mem::replace(&mut vm.event_loop.context, context));
    let result = stepped(vm, task_ref, task, result);
    vm.event_loop.current = before;
    result
}

/// How a step of a task ended.
#[inline(always)]
fn stepped(vm: &mut Vm, task_ref: &Ref, task: &Task, result: R<Step>) -> R<()> {
    if heap::has_dying()
        && let Some(coro) = task.coro.get()
    {
        vm.run_finalizers_after(coro_of(coro));
    }
    match result {
        Ok(Step::Suspended { leaf, signal }) => {
            task.leaf.set(Some(leaf));
            suspended(vm, task_ref, task, signal)
        }
        Ok(Step::Returned(value)) => {
            returned(vm, task_ref, task, value);
            Ok(())
        }
        Err(_) => failed(vm, task_ref, task),
    }
}

/// A task's coroutine and the frame where its next step goes on; nothing for a task without a coroutine. Someone else
/// may have begun the coroutine, or even finished it.
#[inline(always)]
fn entry<'a>(vm: &mut Vm, task: &'a Task) -> R<Option<(&'a Ref, Ref)>> {
    let Some(coro) = task.coro.get() else { return Ok(None) };
    match task.leaf.take() {
        Some(leaf) if coro_of(&leaf).state.get() == State::Suspended => Ok(Some((coro, leaf))),
        _ if coro_of(coro).state.get() == State::Created => Ok(Some((coro, coro.clone()))),
        _ => Ok(Some((coro, foreign_leaf(vm, coro)?))),
    }
}

/// The innermost frame of a coroutine that someone else has begun.
#[cold]
fn foreign_leaf(vm: &mut Vm, coro: &Ref) -> R<Ref> {
    match coro_of(coro).state.get() {
        State::Created | State::Suspended => Ok(vm.leaf_of(coro)),
        State::Running => Err(vm.value_error("coroutine already executing")),
        State::Finished => Err(vm.runtime_error(coro_of(coro).reuse_message())),
    }
}

#[cold]
fn observe_step(vm: &mut Vm, task: &Task, begins: bool) {
    let now = vm.host.clock.now_ns();
    if let Some(o) = &mut vm.event_loop.observer {
        if begins { o.step_begins(TaskId(task.order.get()), now) } else { o.done(TaskId(task.order.get()), now) }
    }
}

/// What a task that must be cancelled is sent instead.
#[cold]
fn throw_cancellation(vm: &mut Vm, task_ref: &Ref, task: &Task, sent: Sent) -> Sent {
    task.future.set_mark(mark::MUST_CANCEL, false);
    if let Sent::Exc(exc) = &sent
        && crate::vm::errors::exc_class(exc).is_subclass_of(&vm.types.cancelled_error)
    {
        return sent;
    }
    Sent::Exc(cancelled_error(vm, task_ref))
}

/// The coroutine returned.
#[inline(always)]
fn returned(vm: &mut Vm, task_ref: &Ref, task: &Task, value: Value) {
    vm.event_loop.live_tasks.remove();
    if vm.event_loop.observer.is_some() {
        observe_step(vm, task, false);
    }
    if task.future.has(mark::MUST_CANCEL) {
        task.future.set_mark(mark::MUST_CANCEL, false);
        complete(vm, task_ref, Outcome::Cancelled(None));
    } else {
        complete(vm, task_ref, Outcome::Result(value));
    }
}

/// The coroutine raised.
#[cold]
#[inline(never)]
fn failed(vm: &mut Vm, task_ref: &Ref, task: &Task) -> R<()> {
    if vm.abort.is_some() {
        return Err(crate::value::Thrown);
    }
    vm.event_loop.live_tasks.remove();
    if vm.event_loop.observer.is_some() {
        observe_step(vm, task, false);
    }
    let exc = vm.take_exc();
    let class = crate::vm::errors::exc_class(&exc).clone();
    if class.is_subclass_of(&vm.types.cancelled_error) {
        task.future.set_cancel_message(None);
        complete(vm, task_ref, Outcome::Cancelled(Some(exc)));
        return Ok(());
    }
    complete(vm, task_ref, Outcome::Error(exc.clone()));
    if class.is_subclass_of(&vm.types.keyboard_interrupt) || class.is_subclass_of(&vm.types.system_exit) {
        return Err(vm.rethrow(exc));
    }
    Ok(())
}

/// The coroutine waits.
#[inline(always)]
fn suspended(vm: &mut Vm, task_ref: &Ref, task: &Task, signal: Signal) -> R<()> {
    if vm.event_loop.observer.is_some() {
        observe_suspension(vm, task, &signal);
    }
    match signal {
        Signal::Pass(Value::None) | Signal::Yield(Value::None) => vm.event_loop.enqueue(task.future.loop_id(), Ready::Step(task_ref.clone())),
        Signal::Sleep(ns) => {
            let deadline = vm.host.clock.after(ns);
            let seq = vm.event_loop.timers.add(deadline, task_ref.clone());
            task.since.set(vm.event_loop.now);
            task.set_waiting(Waiting::Sleep(seq));
            if task.future.has(mark::MUST_CANCEL) {
                return cancel_waiting(vm, task_ref, task);
            }
        }
        Signal::Future(future) => return wait_for_future(vm, task_ref, task, future),
        Signal::Thread => {
            if let (Some(threads), Some(leaf)) = (&mut vm.event_loop.threads, task.leaf.take()) {
                let depth = thread_of(&threads.current).depth.get();
                threads.blocked = Some(Blocked::Task(task_ref.clone(), leaf, depth));
            }
        }
        Signal::Pass(value) | Signal::Yield(value) => return yielded(vm, task_ref, task, value),
    }
    Ok(())
}

#[cold]
fn observe_suspension(vm: &mut Vm, task: &Task, signal: &Signal) {
    let now = vm.host.clock.now_ns();
    let on = match signal {
        Signal::Pass(_) | Signal::Yield(_) | Signal::Thread => Suspension::Turn,
        Signal::Sleep(ns) => Suspension::Until(vm.host.clock.after(*ns)),
        Signal::Future(f) => id_of(f).map_or(Suspension::Future, Suspension::Task),
    };
    if let Some(o) = &mut vm.event_loop.observer {
        o.suspended(TaskId(task.order.get()), on, now);
    }
}

/// Lets a task wait for a future.
fn wait_for_future(vm: &mut Vm, task_ref: &Ref, task: &Task, future: Ref) -> R<()> {
    let Some(inner) = future::of(&future) else { return yielded(vm, task_ref, task, Value::Obj(future)) };
    if inner.loop_id() != task.future.loop_id() {
        let text = format!("Task {} got Future {} attached to a different loop", repr(vm, task_ref), repr(vm, &future));
        queue_error(vm, task_ref, &text);
        return Ok(());
    }
    if Rc::ptr_eq(&future, task_ref) {
        let text = format!("Task cannot await on itself: {}", repr(vm, task_ref));
        queue_error(vm, task_ref, &text);
        return Ok(());
    }
    match own_method(vm, &future, "add_done_callback") {
        None => add_callback(vm, &future, Callback::Wake(task_ref.clone())),
        Some(method) => add_own_callback(vm, &future, &method, task_ref)?,
    }
    task.since.set(vm.event_loop.now);
    task.set_waiting(Waiting::Future(future));
    if task.future.has(mark::MUST_CANCEL) { cancel_waiting(vm, task_ref, task) } else { Ok(()) }
}

/// A bare `yield` came through to the loop with something other than `None`.
#[cold]
#[inline(never)]
fn yielded(vm: &mut Vm, task_ref: &Ref, task: &Task, value: Value) -> R<()> {
    if let Some(obj) = value.obj()
        && let Some(f) = future::of(obj)
    {
        if f.has(mark::BLOCKING) {
            f.set_mark(mark::BLOCKING, false);
            task.future.set_mark(mark::BY_YIELD, true);
            return wait_for_future(vm, task_ref, task, obj.clone());
        }
        let text = format!("yield was used instead of yield from in task {} with {}", repr(vm, task_ref), repr(vm, obj));
        queue_error(vm, task_ref, &text);
        return Ok(());
    }
    let shown = vm.repr(&value).unwrap_or_else(|_| "?".to_owned());
    let is_generator = matches!(value.kind(), Some(Kind::Coro(c)) if c.kind == CodeKind::Generator);
    let text = if is_generator {
        format!("yield was used instead of yield from for generator in task {} with {shown}", repr(vm, task_ref))
    } else {
        format!("Task got bad yield: {shown}")
    };
    queue_error(vm, task_ref, &text);
    Ok(())
}

/// The repr of an object; never fails.
pub fn repr(vm: &mut Vm, obj: &Ref) -> String {
    let result = vm.outside_of_sites(|vm| vm.repr(&Value::Obj(obj.clone())));
    super::handler::or_forget(vm, result, "?")
}

/// Queues a step that raises `RuntimeError`.
fn queue_error(vm: &mut Vm, task_ref: &Ref, text: &str) {
    let class = vm.types.runtime_error.clone();
    let exc = vm.new_exc(&class, vec![text.into()]);
    let Some(task) = task_of(task_ref) else { return };
    vm.event_loop.enqueue(task.future.loop_id(), Ready::Throw(Box::new((task_ref.clone(), exc))));
}

/// Adds a callback to a future, or queues it when the future is done.
pub fn add_callback(vm: &mut Vm, future: &Ref, callback: Callback) {
    let Some(f) = future::of(future) else { return };
    if f.is_done() {
        vm.event_loop.enqueue(f.loop_id(), Ready::notify(callback, future));
    } else {
        f.add_callback(callback);
    }
}

/// Gives a pending future its outcome and queues what waited for it.
#[inline]
pub fn complete(vm: &mut Vm, future: &Ref, outcome: Outcome) {
    let Some(f) = future::of(future) else { return };
    match f.complete(outcome) {
        Outcome::Awaited(task) => vm.event_loop.enqueue(f.loop_id(), Ready::Wake(task)),
        Outcome::Watched(all) => {
            for callback in *all {
                vm.event_loop.enqueue(f.loop_id(), Ready::notify(callback, future));
            }
        }
        _ => {}
    }
}

/// The `CancelledError` to raise for a cancelled future: the original one for the first who asks.
pub fn cancelled_error(vm: &mut Vm, future: &Ref) -> Ref {
    let f = future::of(future);
    if let Some(exc) = f.and_then(future::Future::take_cancelled) {
        return exc;
    }
    let message = f.map_or(Value::None, future::Future::cancel_message);
    let class = vm.types.cancelled_error.clone();
    vm.new_exc(&class, if message.is_none() { Vec::new() } else { vec![message] })
}

/// What `await` of a future gives: nothing while it is pending. Marks its exception as seen.
#[inline]
pub fn poll(vm: &mut Vm, future: &Ref) -> Option<R> {
    let f = future::of(future)?;
    match f.stage() {
        Stage::Pending => None,
        Stage::Finished => Some(Ok(f.result())),
        Stage::Failed | Stage::Cancelled => {
            let exc = error_of(vm, future)?;
            Some(Err(vm.raise(exc)))
        }
    }
}

/// The exception that asking a future for its result raises. Marks it as seen.
pub fn error_of(vm: &mut Vm, future: &Ref) -> Option<Ref> {
    let f = future::of(future)?;
    match f.stage() {
        Stage::Failed => {
            f.set_mark(mark::UNRETRIEVED, false);
            f.fresh_error()
        }
        Stage::Cancelled => Some(cancelled_error(vm, future)),
        Stage::Pending | Stage::Finished => None,
    }
}

/// The future that a task waited for is done: the task's next step, in this same entry.
#[inline]
pub fn wake(vm: &mut Vm, task_ref: &Ref, fr: &mut [Value]) -> R<()> {
    let Some(Waiting::Future(future)) = task_of(task_ref).map(super::task::Task::take_waiting) else { return step(vm, task_ref, Sent::Value(Value::None), fr) };
    wake_by(vm, task_ref, &future, fr)
}

#[inline(always)]
fn wake_by(vm: &mut Vm, task_ref: &Ref, future: &Ref, fr: &mut [Value]) -> R<()> {
    if vm.event_loop.observer.is_some() {
        observe_wake(vm, task_ref, Some(future));
    }
    let sent = match future::of(future) {
        Some(f) if f.stage() == Stage::Finished => Sent::Value(f.result()),
        _ => error_of(vm, future).map_or(Sent::Value(Value::None), Sent::Exc),
    };
    step(vm, task_ref, sent, fr)
}

#[cold]
fn observe_wake(vm: &mut Vm, task: &Ref, by: Option<&Ref>) {
    let now = vm.host.clock.now_ns();
    if let (Some(o), Some(id)) = (&mut vm.event_loop.observer, id_of(task)) {
        o.woken(id, by.and_then(id_of), now);
    }
}

/// A sleeping task's timer came up: its step is queued.
/// The lower half of its number is enough to tell it from older ones: those were due before.
pub fn fire(vm: &mut Vm, task_ref: &Ref, seq: u32) {
    let Some(task) = task_of(task_ref) else { return };
    if task.is_sleeping_on(|s| s as u32 == seq) {
        if vm.event_loop.observer.is_some() {
            observe_wake(vm, task_ref, None);
        }
        task.set_waiting(Waiting::Slept);
        vm.event_loop.enqueue(task.future.loop_id(), Ready::Step(task_ref.clone()));
    }
}

/// Lets the `add_done_callback` of a script's subclass add a task's wake-up.
#[cold]
fn add_own_callback(vm: &mut Vm, future: &Ref, method: &Value, task: &Ref) -> R<()> {
    static WAKEUP: Builtin = Builtin::new("task_wakeup", "(self, future, /)", wake_up, "Goes on with the task.");
    let wakeup = NativeFn { def: &WAKEUP, owner: Some(vm.types.task.clone()), module: "" };
    let wakeup = BoundMethod { func: Obj::new(Kind::NativeFn(wakeup)).into(), receiver: task.clone().into() };
    let context = (vm.name_of("context"), super::context::copy_of(&vm.event_loop.context));
    vm.call_with(method, &[Value::Obj(future.clone()), Obj::new(Kind::Method(wakeup)).into()], &[context])?;
    Ok(())
}

fn wake_up(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if let (Some(task), Some(future)) = (a[0].obj().cloned(), a[1].obj().cloned()) {
        vm.on_segment(0, |vm, fr| wake_by(vm, &task, &future, fr))?;
    }
    Ok(Value::None)
}

/// A fresh future of the running loop.
pub fn new_future(vm: &mut Vm) -> Ref {
    Obj::tracked(Kind::Future(future::Future::new(vm.event_loop.active)))
}

impl Vm {
    /// What `await` of a future or task gives; nothing while it is pending.
    #[inline]
    pub fn future_result(&mut self, future: &Ref) -> Option<R> {
        poll(self, future)
    }

    /// `await f(..)` without a coroutine object, where the built-in knows how and need not wait for it; nothing where
    /// the call must be made. It may suspend; what it is resumed with is then the value.
    #[inline]
    pub fn await_native(&mut self, f: &NativeFn, fr: &mut [Value], n: usize) -> Option<R> {
        let (awaiting, shape) = (f.def.awaiting?, &f.def.shape);
        if n < shape.min as usize || n > shape.max as usize || fr.len() < n + shape.params as usize {
            return None;
        }
        if shape.method && !matches!((&f.owner, fr.first()), (Some(owner), Some(v)) if self.class_of(v).is_subclass_of(owner)) {
            return None;
        }
        match awaiting(self, fr, n) {
            Ok(Value::Unbound) => None,
            result => Some(result),
        }
    }

    /// The future of a sleep that someone drives by hand.
    pub fn sleep_future(&mut self, ns: i64) -> R {
        static FINISH: Builtin = Builtin::new("_set_result_unless_cancelled", "(fut, result, /)", finish_sleep, "");
        let future = new_future(self);
        if let Some(f) = future::of(&future) {
            f.set_mark(mark::BLOCKING, true);
        }
        let (when, id) = (self.host.clock.after(ns), self.event_loop.active);
        let args = Box::new([Value::Obj(future.clone()), Value::None]);
        let handle = Obj::native(Handle::new(crate::modules::asyncio::function(&FINISH), args, Value::Unbound, id, Some(when)));
        self.event_loop.add_timer(id, when, handle);
        Ok(Value::Obj(future))
    }

    /// The last reference to a future or task went away.
    pub fn report_dead_future(&mut self, future: &Ref) {
        super::handler::report_dead(self, future);
    }

    /// The last reference to a suspended async generator went away.
    pub fn finalize_async_generator(&mut self, generator: &Ref) {
        let _ = crate::modules::asyncio::shutdown::close_dropped_asyncgen(self, generator);
    }
}

fn finish_sleep(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if let Some(future) = a[0].obj()
        && future::of(future).is_some_and(|f| !f.is_done())
    {
        let (future, result) = (future.clone(), a[1].take());
        complete(vm, &future, Outcome::Result(result));
    }
    Ok(Value::None)
}
