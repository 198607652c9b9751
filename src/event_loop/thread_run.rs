//! Running threads: a step of one, the waiting of the main thread, and how a built-in function waits on either.

use super::clock::NEVER;
use super::deadlock;
use super::threads::{Thread, Wait, dispatch, end_wait, thread_of};
use crate::value::coro::Sent;
use crate::value::{R, Ref, Thrown, Value};
use crate::vm::drive::Step;
use crate::vm::{Abort, Signal, Vm};

/// Lets the thread that runs wait; gives what ends the wait, `False` where its time was over first.
pub fn wait(vm: &mut Vm, what: Wait, deadline: Option<i64>) -> R {
    let Some(threads) = &vm.event_loop.threads else { return Ok(Value::None) };
    let (current, is_main) = (threads.current.clone(), threads.is_main());
    if !is_main && !std::mem::take(&mut vm.thread.may_wait) {
        return refuse(vm);
    }
    let thread = thread_of(&current);
    if let Wait::Lock(lock) = &what
        && let Some(l) = lock.downcast::<crate::modules::threading::lock::ThreadLock>()
    {
        l.join(&current);
    }
    thread.since.set(vm.host.clock.now_ns());
    thread.depth.set(vm.depth);
    let before = thread.wait.replace(what);
    drop(before);
    if let Some(deadline) = deadline {
        vm.event_loop.set_alarm(&current, deadline);
    }
    if is_main { main_waits(vm, thread) } else { vm.suspend(Signal::Thread) }
}

/// A thread was to be left where it cannot: it does not wait any more.
#[cold]
pub fn refuse_late<T>(vm: &mut Vm) -> R<T> {
    if let Some(current) = vm.event_loop.threads.as_ref().map(|t| t.current.clone()) {
        end_wait(thread_of(&current));
    }
    Err(refuse(vm).err().unwrap_or(Thrown))
}

/// A thread cannot be left here.
#[cold]
pub fn refuse(vm: &mut Vm) -> R {
    let class = vm.types.not_implemented_error.clone();
    Err(vm.raise_new(&class, "corun cannot let a thread wait inside a function that a built-in function calls"))
}

/// `time.sleep` where there are threads.
pub fn sleep(vm: &mut Vm, ns: i64) -> R {
    let deadline = vm.host.clock.after(ns);
    wait(vm, Wait::Alarm, Some(deadline))
}

/// Lets the other threads run, each until it waits, before the one that runs goes on.
pub fn pause(vm: &mut Vm) -> R {
    let Some(threads) = &vm.event_loop.threads else { return Ok(Value::None) };
    let current = threads.current.clone();
    if !threads.is_main() && !vm.thread.may_wait {
        return Ok(Value::None);
    }
    vm.event_loop.ready_thread(&current);
    wait(vm, Wait::Turn, None)
}

/// Begins a thread. Whoever begins it waits until it runs, as in CPython: those whose turn it is go first, then the new
/// one runs until it waits. Or it is told to take its turn, and its starter goes on.
pub fn start(vm: &mut Vm, thread: Ref, takes_turn: bool) -> R {
    let Some(threads) = &mut vm.event_loop.threads else { return Ok(Value::None) };
    threads.alive.push(thread.clone());
    if takes_turn {
        vm.event_loop.ready_thread(&thread);
        return Ok(Value::None);
    }
    if !threads.is_main() {
        if !std::mem::take(&mut vm.thread.may_wait) {
            run(vm, &thread)?;
            return Ok(Value::None);
        }
        let current = threads.current.clone();
        vm.event_loop.ready_thread(&thread);
        vm.event_loop.ready_thread(&current);
        vm.thread.may_wait = true;
        return wait(vm, Wait::Turn, None);
    }
    let before = threads.take_all_ready();
    for other in before {
        run(vm, &other)?;
    }
    run(vm, &thread)?;
    Ok(Value::None)
}

/// The main thread waits: the others run meanwhile.
fn main_waits(vm: &mut Vm, main: &Thread) -> R {
    let result = run_others(vm);
    if result.is_err() {
        end_wait(main);
    }
    result
}

fn run_others(vm: &mut Vm) -> R {
    loop {
        vm.tick()?;
        fire_due(vm);
        let Some(threads) = &mut vm.event_loop.threads else { return Ok(Value::None) };
        match threads.pop_ready() {
            Some(thread) if thread_of(&thread).is_main() => {
                if let Some(value) = dispatch(&thread) {
                    return Ok(value);
                }
            }
            Some(thread) => run(vm, &thread)?,
            None => pass_time(vm)?,
        }
    }
}

/// Wakes those whose waits are over.
fn fire_due(vm: &mut Vm) {
    let now = vm.host.clock.now_ns();
    while vm.event_loop.due_thread(now).is_some() {
        vm.event_loop.fire_alarm();
    }
}

/// Waits until the next wait is over. What only the loop would do waits too: its thread is the one that waits.
fn pass_time(vm: &mut Vm) -> R<()> {
    let Some(deadline) = vm.event_loop.threads.as_mut().and_then(|t| t.next_deadline()).filter(|&d| d != NEVER) else {
        vm.event_loop.deadlock = Some(deadlock::report(vm));
        return vm.abort_run(Abort::Deadlock);
    };
    if !vm.host.clock.is_virtual() {
        vm.host.flush_out();
    }
    if vm.host.clock.wait_until(deadline, &vm.host.waker) { Ok(()) } else { vm.interrupted() }
}

/// Gives a thread of the loop's queue its turn, unless it had it already.
#[cold]
pub fn run_queued(vm: &mut Vm, thread: &Ref, number: u64) -> R<()> {
    let Some(threads) = &mut vm.event_loop.threads else { return Ok(()) };
    if threads.take_ready(thread, number) { run(vm, thread) } else { Ok(()) }
}

/// Runs a thread until it waits.
pub fn run(vm: &mut Vm, thread: &Ref) -> R<()> {
    match dispatch(thread) {
        Some(value) => step(vm, thread, value),
        None => Ok(()),
    }
}

/// One step of a thread, with the state that belongs to whoever runs put aside.
fn step(vm: &mut Vm, thread_ref: &Ref, value: Value) -> R<()> {
    let thread = thread_of(thread_ref);
    let Some(root) = &thread.root else { return Ok(()) };
    let Some(threads) = &mut vm.event_loop.threads else { return Ok(()) };
    let previous = std::mem::replace(&mut threads.current, thread_ref.clone());
    let l = &mut vm.event_loop;
    let (running, task) = (l.running.take(), l.current.take());
    let policy = (std::mem::replace(&mut l.policy_loop, thread.policy_loop.take()), std::mem::replace(&mut l.policy_set, true));
    let context = std::mem::replace(&mut l.context, thread.context.take());
    let (handled, caller) = (vm.handled.take(), vm.caller.take());
    let depth = std::mem::replace(&mut vm.depth, thread.depth.take().saturating_sub(1));
    let leaf = thread.leaf.take().unwrap_or_else(|| root.clone());
    let result = vm.drive_thread(root, leaf, Sent::Value(value));
    (vm.handled, vm.caller, vm.depth) = (handled, caller, depth);
    let l = &mut vm.event_loop;
    thread.context.set(std::mem::replace(&mut l.context, context));
    (l.running, l.current) = (running, task);
    thread.policy_loop.set(std::mem::replace(&mut l.policy_loop, policy.0));
    l.policy_set = policy.1;
    if let Some(threads) = &mut l.threads {
        threads.current = previous;
        if !matches!(result, Ok(Step::Suspended { .. })) {
            threads.forget(thread);
        }
    }
    if let Step::Suspended { leaf, .. } = result? {
        thread.leaf.set(Some(leaf));
    }
    Ok(())
}

/// The end of a program: waits for the threads that it must wait for. Says whether it came to that end.
pub fn finish(vm: &mut Vm) -> R<()> {
    let Some(threads) = &mut vm.event_loop.threads else { return Ok(()) };
    let at_exit = std::mem::take(&mut threads.at_exit);
    if at_exit.is_none() || at_exit.is_unbound() {
        return Ok(());
    }
    vm.call(&at_exit, &[]).map(drop)
}
