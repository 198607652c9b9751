//! Making tasks. Comes in: a coroutine, a name, a context, a loop's number. Goes out: a task whose first step is queued.
//! What the step does is not known here.

use super::Ready;
use super::observer::TaskId;
use super::step::{exact_task, id_of, task_of};
use super::task::Task;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::{Abort, Vm};

/// Makes a task for a coroutine and queues its first step. An empty context stands for a copy of the current one.
pub fn spawn(vm: &mut Vm, loop_id: u32, coro: Ref, name: Option<Value>, context: Value) -> R<Ref> {
    let coro = if super::thread_loop::is_on_thread(vm) { vm.threaded_coroutine(coro) } else { coro };
    let (order, number) = admit(vm, name.is_none())?;
    let task = Obj::tracked(Kind::Task(Task::of(coro, order, number, loop_id)));
    if let Some(task) = exact_task(&task) {
        equip(vm, task, name, context);
    }
    queue_first_step(vm, &task, loop_id);
    Ok(task)
}

/// Gives a new task its coroutine and queues its first step.
pub fn set_up(vm: &mut Vm, task_ref: &Ref, loop_id: u32, coro: Ref, name: Option<Value>, context: Value) -> R<()> {
    let Some(task) = task_of(task_ref) else { return Ok(()) };
    let (order, number) = admit(vm, name.is_none())?;
    task.order.set(order);
    task.name_number.set(number);
    let _ = task.coro.set(coro);
    task.future.set_loop(loop_id);
    equip(vm, task, name, context);
    queue_first_step(vm, task_ref, loop_id);
    Ok(())
}

/// One task more: its place in the order of making, and the number in its name.
#[inline]
fn admit(vm: &mut Vm, takes_number: bool) -> R<(u32, u32)> {
    let l = &mut vm.event_loop;
    if l.live_tasks.count() >= l.max_tasks {
        return vm.abort_run(Abort::Limit);
    }
    l.made += 1;
    l.named += u32::from(takes_number);
    l.live_tasks.add();
    Ok((l.made, l.named))
}

#[inline(always)]
fn equip(vm: &mut Vm, task: &Task, name: Option<Value>, context: Value) {
    task.set_context(if context.is_unbound() { super::context::copy(vm) } else { context });
    if let Some(name) = name {
        task.future.with_extra(|e| e.name = name);
    }
}

#[inline]
fn queue_first_step(vm: &mut Vm, task: &Ref, loop_id: u32) {
    if vm.event_loop.observer.is_some() {
        observe_spawn(vm, task);
    }
    vm.event_loop.enqueue(loop_id, Ready::Step(task.clone()));
}

#[cold]
fn observe_spawn(vm: &mut Vm, task: &Ref) {
    let now = vm.host.clock.now_ns();
    let parent = vm.event_loop.current.as_ref().and_then(id_of);
    if let (Some(o), Some(t)) = (&mut vm.event_loop.observer, task_of(task)) {
        o.spawned(TaskId(t.order.get()), t.name().as_str().unwrap_or_default(), parent, now);
    }
}
