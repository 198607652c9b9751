//! Cancelling: `cancel()` of futures, tasks and `gather`s. Comes in: what is to be cancelled and a message. Goes out:
//! whether it was accepted; a task that waits passes the request on to what it waits for.

use super::Ready;
use super::future::{self, Outcome, mark};
use super::step::{complete, task_of};
use super::task::{Task, Waiting};
use crate::value::{Kind, R, Ref, Value};
use crate::vm::Vm;

/// Calls `cancel()` of a future, task or `gather`; says whether it was accepted.
pub fn cancel(vm: &mut Vm, target: &Ref, message: Option<&Value>) -> R<bool> {
    match own_method(vm, target, "cancel") {
        None => cancel_here(vm, target, message),
        Some(method) => call_own_cancel(vm, target, &method, message),
    }
}

#[cold]
fn call_own_cancel(vm: &mut Vm, target: &Ref, method: &Value, message: Option<&Value>) -> R<bool> {
    let keyword = (vm.name_of("msg"), message.cloned().unwrap_or(Value::None));
    let answer = vm.call_with(method, &[Value::Obj(target.clone())], &[keyword])?;
    vm.truth(&answer)
}

/// What the `cancel()` of futures and tasks itself does.
pub fn cancel_here(vm: &mut Vm, target: &Ref, message: Option<&Value>) -> R<bool> {
    let mut target = target.clone();
    // A task passes the request on to what it awaits; along such a chain the answer is that of its end.
    loop {
        let Some(task) = task_of(&target) else { return cancel_future(vm, &target, message) };
        task.future.set_mark(mark::UNRETRIEVED, false);
        if task.future.is_done() {
            return Ok(false);
        }
        task.add_cancel_request();
        match task.waiting() {
            Waiting::Future(inner) if future::of(&inner).is_some_and(|f| !f.is_done()) && matches!(inner.kind, Kind::Task(_)) => target = inner,
            _ => {
                if !cancel_what_it_awaits(vm, &target, task, message)? {
                    task.future.set_mark(mark::MUST_CANCEL, true);
                    task.future.set_cancel_message(message);
                }
                return Ok(true);
            }
        }
    }
}

/// Cancels the future or the sleep that a task waits for.
fn cancel_what_it_awaits(vm: &mut Vm, task_ref: &Ref, task: &Task, message: Option<&Value>) -> R<bool> {
    match task.waiting() {
        Waiting::Nothing | Waiting::Slept | Waiting::Woken => Ok(false),
        Waiting::Future(inner) => cancel(vm, &inner, message),
        Waiting::Sleep(_) => {
            task.set_waiting(Waiting::Woken);
            vm.event_loop.timers.note_cancelled();
            let class = vm.types.cancelled_error.clone();
            let exc = vm.new_exc(&class, message.cloned().into_iter().collect());
            vm.event_loop.enqueue(task.future.loop_id(), Ready::Throw(Box::new((task_ref.clone(), exc))));
            Ok(true)
        }
    }
}

/// `cancel()` of a future that is no task.
fn cancel_future(vm: &mut Vm, future: &Ref, message: Option<&Value>) -> R<bool> {
    let Some(f) = future::of(future) else { return Ok(false) };
    if f.is_gather() {
        return cancel_gather(vm, future, f, message);
    }
    f.set_mark(mark::UNRETRIEVED, false);
    if f.is_done() {
        return Ok(false);
    }
    f.set_cancel_message(message);
    complete(vm, future, Outcome::Cancelled(None));
    Ok(true)
}

/// A `gather` is cancelled through its children.
fn cancel_gather(vm: &mut Vm, _future: &Ref, f: &future::Future, message: Option<&Value>) -> R<bool> {
    if f.is_done() {
        return Ok(false);
    }
    let children = f.extra(|e| e.gather.as_ref().map(|g| g.children.clone())).flatten().unwrap_or_default();
    vm.enter()?;
    let mut accepted = false;
    for child in &children {
        match cancel(vm, child, message) {
            Ok(yes) => accepted |= yes,
            Err(t) => {
                vm.leave();
                return Err(t);
            }
        }
    }
    vm.leave();
    if accepted {
        f.extra(|e| e.gather.as_mut().map(|g| g.cancel_requested = true));
    }
    Ok(accepted)
}

/// A method of a script's subclass that stands for one of futures.
#[inline]
pub(super) fn own_method(vm: &mut Vm, target: &Ref, name: &str) -> Option<Value> {
    let Kind::Derived(d) = &target.kind else { return None };
    let name = vm.name_of(name);
    d.class.lookup(&name).filter(|m| !matches!(m.kind(), Some(Kind::NativeFn(_))))
}

/// Cancels at once what a task has just begun to wait for: `cancel()` came while it was running.
#[cold]
pub(super) fn cancel_waiting(vm: &mut Vm, task_ref: &Ref, task: &Task) -> R<()> {
    let message = Some(task.future.cancel_message()).filter(|m| !m.is_none());
    if cancel_what_it_awaits(vm, task_ref, task, message.as_ref())? {
        task.future.set_mark(mark::MUST_CANCEL, false);
    }
    Ok(())
}
