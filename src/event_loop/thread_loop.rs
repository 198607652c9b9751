//! A loop that runs on a thread other than the main one. It is a coroutine in the thread's chain: it runs ticks while
//! there is something to do, and lets its thread wait for its next timer, or for whoever gives it something to do.

use super::threads::{Blocked, BlockedCall, Wait, thread_of};
use super::{Ready, fired, future, run, step, take_turn, thread_run};
use crate::modules::asyncio::event_loop::Loop;
use crate::modules::asyncio::handle;
use crate::modules::asyncio::native::{coroutine, received};
use crate::value::coro::{NativeCoro, Sent};
use crate::value::{R, Ref, Value, heap};
use crate::vm::drive::Step;
use crate::vm::{Chain, Signal, Vm};

/// Whether a thread runs that is not the main one.
#[inline]
pub fn is_on_thread(vm: &Vm) -> bool {
    vm.event_loop.threads.as_ref().is_some_and(|t| !t.is_main())
}

/// Runs a loop on the thread that runs, until a future is done or the loop is stopped.
pub fn run_here(vm: &mut Vm, loop_ref: &Ref, target: Option<&Ref>) -> R {
    if !std::mem::take(&mut vm.thread.may_wait) {
        return thread_run::refuse(vm);
    }
    if let Some(target) = target {
        step::add_callback(vm, target, future::Callback::Stop);
    }
    let ticks = coroutine(Ticks { loop_ref: loop_ref.clone(), target: target.cloned(), blocked: None, is_stopping: false, depth: vm.depth });
    vm.begin_on_thread(&ticks)
}

/// What runs the ticks.
struct Ticks {
    loop_ref: Ref,
    target: Option<Ref>,
    /// What the thread waits in, and how many entries of the tick come after it.
    blocked: Option<(Blocked, usize)>,
    /// Whether the loop was told to stop before.
    is_stopping: bool,
    /// How deep the calls around it are nested.
    depth: u32,
}

/// Why ticks came to an end.
enum Ended {
    Stopped,
    Idle,
    Blocked(Blocked, usize),
}

impl NativeCoro for Ticks {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        let blocked = self.blocked.take();
        let sent = match blocked {
            None => {
                received(vm, sent)?;
                None
            }
            Some(_) => Some(sent),
        };
        vm.depth = self.depth;
        let loop_ref = self.loop_ref.clone();
        let Some(l) = loop_ref.downcast::<Loop>() else { return Ok(Value::None) };
        drop(l.parked.take());
        let outer = enter(vm, l, &loop_ref);
        vm.event_loop.stopping = std::mem::take(&mut self.is_stopping);
        let ended = go_on(vm, blocked.zip(sent));
        let is_stopping = vm.event_loop.stopping;
        let deadline = vm.event_loop.timers.next_deadline();
        let is_idle = vm.event_loop.ready.is_empty();
        leave(vm, l, outer);
        match ended {
            Ok(Ended::Blocked(blocked, left)) => {
                (self.blocked, self.is_stopping) = (Some((blocked, left)), is_stopping);
                vm.suspend(Signal::Thread)
            }
            Ok(Ended::Idle) => park(vm, l, if is_idle { deadline } else { None }, is_idle),
            Ok(Ended::Stopped) => run::outcome(vm, self.target.as_ref(), Ok(())),
            Err(t) => run::outcome(vm, self.target.as_ref(), Err(t)),
        }
    }
    fn name(&self) -> &'static str {
        "BaseEventLoop.run_forever"
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.loop_ref.clone()));
        if let Some(t) = &self.target {
            visit(&Value::Obj(t.clone()));
        }
        if let Some((b, _)) = &self.blocked {
            b.trace(visit);
        }
    }
}

/// What of the outer loop must come back: its number, and whether it is about to stop.
struct Outer {
    active: u32,
    stopping: bool,
    debug: bool,
    running: Option<Ref>,
}

/// Makes a loop the one whose queues stand in the event loop; those of the main thread's loop go to its object.
fn enter(vm: &mut Vm, l: &Loop, loop_ref: &Ref) -> Outer {
    let e = &mut vm.event_loop;
    let outer = Outer {
        active: e.active,
        stopping: std::mem::take(&mut e.stopping),
        debug: std::mem::replace(&mut e.debug, l.debug.get()),
        running: e.running.replace(loop_ref.clone()),
    };
    swap_out(vm, outer.active);
    let e = &mut vm.event_loop;
    e.swap_queues(&mut l.queues.borrow_mut());
    e.active = l.id;
    outer
}

fn leave(vm: &mut Vm, l: &Loop, outer: Outer) {
    vm.event_loop.swap_queues(&mut l.queues.borrow_mut());
    swap_out(vm, outer.active);
    let e = &mut vm.event_loop;
    (e.active, e.stopping, e.debug, e.running) = (outer.active, outer.stopping, outer.debug, outer.running);
}

/// Exchanges the queues of the loop with this number, if there is one, for those in its object.
fn swap_out(vm: &mut Vm, id: u32) {
    if let Some(outer) = vm.event_loop.loop_of(id)
        && let Some(o) = outer.downcast::<Loop>()
    {
        vm.event_loop.swap_queues(&mut o.queues.borrow_mut());
    }
}

/// Goes on with what the thread waited in, then runs ticks.
fn go_on(vm: &mut Vm, blocked: Option<((Blocked, usize), Sent)>) -> R<Ended> {
    let Some(((blocked, left), sent)) = blocked else { return run_while_ready(vm) };
    match blocked {
        Blocked::Task(task, leaf, depth) => step::go_on(vm, &task, (leaf, depth), sent)?,
        Blocked::Call(call) => go_on_with_call(vm, *call, sent)?,
    }
    if let Some(blocked) = take_blocked(vm) {
        return Ok(Ended::Blocked(blocked, left));
    }
    match run_entries(vm, left)? {
        Some(ended) => Ok(ended),
        None => run_while_ready(vm),
    }
}

/// Runs so many entries of the ready queue; says why if the ticks end here.
fn run_entries(vm: &mut Vm, count: usize) -> R<Option<Ended>> {
    for left in (0..count).rev() {
        let Some(entry) = vm.event_loop.ready.pop_front() else { break };
        vm.on_segment(0, |vm, fr| take_turn(vm, entry, fr))?;
        if let Some(blocked) = take_blocked(vm) {
            return Ok(Some(Ended::Blocked(blocked, left)));
        }
        if heap::has_dying() {
            vm.run_last_finalizers();
        }
    }
    let is_stopped = std::mem::take(&mut vm.event_loop.stopping);
    Ok(is_stopped.then_some(Ended::Stopped))
}

fn take_blocked(vm: &mut Vm) -> Option<Blocked> {
    vm.event_loop.threads.as_mut().and_then(|t| t.blocked.take())
}

/// Calls a callback of a loop on a thread.
pub fn call(vm: &mut Vm, func: &Value, args: &[Value], handle: Option<&Ref>) -> R {
    vm.thread.may_wait = true;
    vm.chain = Chain::default();
    let result = vm.call_here(func, args);
    vm.thread.may_wait = false;
    if result.is_ok() || !vm.is_suspending() {
        return result;
    }
    let call = (func.clone(), args.into(), vm.event_loop.context.clone(), handle.cloned());
    note_blocked_call(vm, call);
    Ok(Value::None)
}

/// Notes that a callback waits: its frames stand in the chain.
fn note_blocked_call(vm: &mut Vm, (func, args, context, handle): (Value, Box<[Value]>, Value, Option<Ref>)) {
    vm.signal = None;
    let Chain { leaf, top } = std::mem::take(&mut vm.chain);
    if let (Some(threads), Some(leaf), Some(root)) = (&mut vm.event_loop.threads, leaf, top) {
        let depth = thread_of(&threads.current).depth.get();
        threads.blocked = Some(Blocked::Call(Box::new(BlockedCall { func, args, context, handle, root, leaf, depth })));
    }
}

fn go_on_with_call(vm: &mut Vm, call: BlockedCall, sent: Sent) -> R<()> {
    let before = std::mem::replace(&mut vm.event_loop.context, call.context.clone());
    let result = vm.drive_blocked(&call.root, call.leaf, sent, call.depth);
    vm.event_loop.context = before;
    let result = match result {
        Ok(Step::Suspended { leaf, .. }) => {
            if let Some(threads) = &mut vm.event_loop.threads {
                let depth = thread_of(&threads.current).depth.get();
                threads.blocked = Some(Blocked::Call(Box::new(BlockedCall { leaf, depth, ..call })));
            }
            return Ok(());
        }
        Ok(Step::Returned(v)) => Ok(v),
        Err(t) => Err(t),
    };
    handle::called(vm, (&call.func, &call.args), &call.context, call.handle.as_ref(), result)
}

/// Runs ticks until nothing is ready, others want their turn, the thread waits or the loop was stopped.
fn run_while_ready(vm: &mut Vm) -> R<Ended> {
    loop {
        vm.tick()?;
        vm.event_loop.timers.drop_cancelled();
        move_due(vm);
        let count = vm.event_loop.ready.len();
        if let Some(ended) = run_entries(vm, count)? {
            return Ok(ended);
        }
        let others = vm.event_loop.threads.as_ref().is_some_and(|t| t.has_ready());
        if others || (vm.event_loop.ready.is_empty() && !has_due(vm)) {
            return Ok(Ended::Idle);
        }
    }
}

fn has_due(vm: &Vm) -> bool {
    vm.event_loop.timers.due(vm.host.clock.now_ns()).is_some()
}

fn move_due(vm: &mut Vm) {
    let l = &mut vm.event_loop;
    l.now = vm.host.clock.now_ns();
    while let Some(timer) = l.timers.pop_due(l.now) {
        let entry: Ready = fired(timer);
        l.ready.push_back(entry);
    }
}

/// Lets the thread wait until its loop has something to do.
fn park(vm: &mut Vm, l: &Loop, deadline: Option<i64>, is_idle: bool) -> R {
    let Some(threads) = &vm.event_loop.threads else { return Ok(Value::None) };
    let current = threads.current.clone();
    if !is_idle {
        vm.event_loop.ready_thread(&current);
    }
    l.parked.set(Some(current));
    vm.thread.may_wait = true;
    thread_run::wait(vm, Wait::Alarm, deadline)
}

/// A loop that waits on its thread was given something to do.
pub fn wake(vm: &mut super::EventLoop, l: &Loop) {
    let parked = l.parked.take();
    if let Some(thread) = &parked
        && thread_of(thread).queued.get() == 0
    {
        vm.ready_thread(thread);
    }
    l.parked.set(parked);
}
