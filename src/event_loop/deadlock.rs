//! What a deadlock looks like: every task that waits, and for what. Rendering is done elsewhere.

use super::future::mark;
use super::step::{repr, task_of};
use super::task::{Task, Waiting};
use super::threads::{Wait, thread_of};
use crate::modules::asyncio::repr::coroutine_name;
use crate::value::exc::TraceEntry;
use crate::value::{Kind, Ref, heap};
use crate::vm::Vm;

/// A task that nothing will wake.
pub struct StuckTask {
    pub name: String,
    /// Its coroutine, such as `worker()`.
    pub coroutine: String,
    /// What it waits for, such as `Lock.acquire()` or `task 'Task-2'`.
    pub waits_for: String,
    /// The time since when it waits, in nanoseconds.
    pub since: i64,
    /// Where it stands: innermost script frame first.
    pub places: Vec<TraceEntry>,
}

/// Why nothing can go on.
pub struct DeadlockReport {
    /// The time of the deadlock, in nanoseconds.
    pub time: i64,
    /// The tasks in the order of their making.
    pub tasks: Vec<StuckTask>,
    /// The threads that do not end by themselves, in the order of their making.
    pub threads: Vec<StuckTask>,
}

/// The tasks of a loop that are not done, in the order of their making.
pub fn pending_tasks(loop_id: u32) -> Vec<Ref> {
    let mut tasks: Vec<Ref> = heap::tracked_objects().into_iter().filter(|o| is_pending_task(o, loop_id)).collect();
    tasks.sort_by_key(|t| task_of(t).map_or(0, |t| t.order.get()));
    tasks
}

fn is_pending_task(obj: &Ref, loop_id: u32) -> bool {
    let is_inner = |t: &Task| t.future.has(mark::INNER) && matches!(obj.kind, Kind::Task(_));
    task_of(obj).is_some_and(|t| t.future.loop_id() == loop_id && !t.future.is_done() && !is_inner(t))
}

/// Describes the tasks of the loop that runs.
pub fn report(vm: &mut Vm) -> DeadlockReport {
    let time = vm.host.clock.now_ns();
    let tasks = pending_tasks(vm.event_loop.active);
    let stuck = tasks.iter().filter_map(|t| task_of(t)).map(|t| describe(vm, t)).collect();
    let threads = vm.event_loop.threads.as_ref().map(|t| t.alive.clone()).unwrap_or_default();
    let threads = threads.iter().map(|t| describe_thread(vm, t)).collect();
    DeadlockReport { time, tasks: stuck, threads }
}

fn describe_thread(vm: &mut Vm, thread_ref: &Ref) -> StuckTask {
    let thread = thread_of(thread_ref);
    let peer = thread.peer.borrow().clone();
    let name = vm.get_attr(&peer, &vm.names.name_.clone());
    let name = name.ok().and_then(|n| n.as_str().map(str::to_owned)).unwrap_or_default();
    let waits_for = match &*thread.wait.borrow() {
        Wait::Lock(_) => "another thread",
        Wait::Turn | Wait::Alarm => "something to do",
    };
    let leaf = thread.leaf.take();
    let mut places = leaf.as_ref().map(places).unwrap_or_default();
    thread.leaf.set(leaf);
    places.retain(|p| !p.code.source.library);
    let coroutine = places.last().map_or_else(String::new, |p| format!("{}()", p.code.qualname.text()));
    StuckTask { name, coroutine, waits_for: waits_for.to_owned(), since: thread.since.get(), places }
}

fn describe(vm: &mut Vm, task: &Task) -> StuckTask {
    let leaf = task.leaf.take();
    let inner = leaf.as_ref().and_then(native_name);
    let places = leaf.as_ref().map(places).unwrap_or_default();
    task.leaf.set(leaf);
    let waits_for = match (task.waiting(), inner) {
        (Waiting::Nothing | Waiting::Slept | Waiting::Woken, _) => "nothing".to_owned(),
        (Waiting::Sleep(_), _) => "a moment that never comes".to_owned(),
        (Waiting::Future(f), inner) => match (task_of(&f), inner) {
            (Some(t), _) => format!("task '{}'", t.name().as_str().unwrap_or_default()),
            (None, Some(name)) => format!("{name}()"),
            (None, None) => repr(vm, &f),
        },
    };
    let name = task.name().as_str().unwrap_or_default().to_owned();
    StuckTask { name, coroutine: task.coro.get().map_or_else(String::new, coroutine_name), waits_for, since: task.since.get(), places }
}

fn native_name(leaf: &Ref) -> Option<&'static str> {
    let Kind::Coro(coro) = &leaf.kind else { return None };
    let crate::value::coro::CoroBody::Native(body) = &coro.body else { return None };
    let native = body.take();
    let name = native.as_ref().map(|n| n.waits_in());
    body.set(native);
    name
}

/// The script frames of a suspended task, innermost first, each at the `await` where it was left.
fn places(leaf: &Ref) -> Vec<TraceEntry> {
    let mut places = Vec::new();
    let mut next = Some(leaf.clone());
    while let Some(frame) = next {
        let Kind::Coro(coro) = &frame.kind else { break };
        if let Some(func) = coro.func() {
            places.push(TraceEntry { code: func.code.clone(), span: coro.place().unwrap_or(func.code.span), frame: None });
        }
        let parent = coro.parent.take();
        coro.parent.set(parent.clone());
        next = parent;
    }
    places
}
