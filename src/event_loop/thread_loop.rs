//! A loop that runs on a thread other than the main one. It is a coroutine in the thread's chain: it runs ticks while
//! there is something to do, and lets its thread wait for its next timer, or for whoever gives it something to do.

use super::threads::{Wait, thread_of};
use super::{Ready, fired, future, run, step, take_turn, thread_run};
use crate::modules::asyncio::event_loop::Loop;
use crate::modules::asyncio::native::{coroutine, received};
use crate::value::coro::{NativeCoro, Sent};
use crate::value::{R, Ref, Value, heap};
use crate::vm::Vm;

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
    let ticks = coroutine(Ticks { loop_ref: loop_ref.clone(), target: target.cloned() });
    vm.begin_on_thread(&ticks)
}

/// What runs the ticks.
struct Ticks {
    loop_ref: Ref,
    target: Option<Ref>,
}

impl NativeCoro for Ticks {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        received(vm, sent)?;
        let loop_ref = self.loop_ref.clone();
        let Some(l) = loop_ref.downcast::<Loop>() else { return Ok(Value::None) };
        drop(l.parked.take());
        let outer = enter(vm, l, &loop_ref);
        let ended = run_while_ready(vm);
        let deadline = vm.event_loop.timers.next_deadline();
        let is_idle = vm.event_loop.ready.is_empty();
        leave(vm, l, outer);
        match ended {
            Ok(false) => park(vm, l, if is_idle { deadline } else { None }, is_idle),
            Ok(true) => run::outcome(vm, self.target.as_ref(), Ok(())),
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

/// Runs ticks until nothing is ready or others want their turn; says whether the loop was stopped.
fn run_while_ready(vm: &mut Vm) -> R<bool> {
    loop {
        vm.tick()?;
        vm.event_loop.timers.drop_cancelled();
        move_due(vm);
        for _ in 0..vm.event_loop.ready.len() {
            let Some(entry) = vm.event_loop.ready.pop_front() else { break };
            vm.on_segment(0, |vm, fr| take_turn(vm, entry, fr))?;
            if heap::has_dying() {
                vm.run_last_finalizers();
            }
        }
        if std::mem::take(&mut vm.event_loop.stopping) {
            return Ok(true);
        }
        let others = vm.event_loop.threads.as_ref().is_some_and(|t| t.has_ready());
        if others || (vm.event_loop.ready.is_empty() && !has_due(vm)) {
            return Ok(false);
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
