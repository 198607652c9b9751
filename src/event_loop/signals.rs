//! Signals for which scripts set handlers: a signal comes in, from outside or raised by the script itself; its handler goes
//! out as an entry of the loop that it was set on. Ctrl-C without a handler is `interrupt`'s.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Ready;
use super::interrupt::{SIGINT, Waker};
use crate::modules::asyncio::event_loop::Loop;
use crate::modules::asyncio::signals::relay;
use crate::value::{R, Ref};
use crate::vm::Vm;

/// What scripts want to be called for.
#[derive(Default)]
pub struct Signals {
    /// For each signal the loop's number and the handle.
    handlers: BTreeMap<i32, (u32, Ref)>,
    /// Signals that came and whose handlers are not queued yet.
    due: Vec<i32>,
    /// Signals that the system tells us of, one bit each.
    watched: u64,
}

/// Sets the handler of a signal; false where the system does not allow it.
pub fn set_handler(vm: &mut Vm, number: i32, loop_id: u32, handle: Ref) -> bool {
    let waker = vm.host.waker.clone();
    let signals = vm.event_loop.signals.get_or_insert_default();
    let bit = 1 << number;
    if number != SIGINT && signals.watched & bit == 0 {
        if !watch(&waker, number) {
            return false;
        }
        signals.watched |= bit;
    }
    waker.want(number, true);
    let old = signals.handlers.insert(number, (loop_id, handle));
    drop(old);
    true
}

/// Forgets the handler of a signal of a loop; says whether there was one.
pub fn forget_handler(vm: &mut Vm, number: i32, loop_id: u32) -> bool {
    let Some(signals) = &mut vm.event_loop.signals else { return false };
    if signals.handlers.get(&number).is_none_or(|(id, _)| *id != loop_id) {
        return false;
    }
    vm.host.waker.want(number, false);
    let old = signals.handlers.remove(&number);
    drop(old);
    true
}

/// The handler of a signal, if its loop is not closed.
fn handler(vm: &Vm, number: i32) -> Option<(u32, Ref)> {
    let (id, handle) = vm.event_loop.signals.as_ref()?.handlers.get(&number)?.clone();
    let is_open = vm.event_loop.loop_of(id).is_some_and(|l| l.downcast::<Loop>().is_some_and(|l| !l.closed.get()));
    is_open.then_some((id, handle))
}

/// Whether a signal is to wake the loop that runs.
pub fn may_come(vm: &Vm) -> bool {
    let active = vm.event_loop.active;
    vm.event_loop.signals.as_ref().is_some_and(|s| s.handlers.values().any(|(id, _)| *id == active))
}

/// Whether handlers wait to be queued.
pub fn are_due(vm: &Vm) -> bool {
    vm.event_loop.signals.as_ref().is_some_and(|s| !s.due.is_empty())
}

/// Waits for a signal, where nothing else can happen.
pub fn wait(vm: &mut Vm) -> R<()> {
    vm.host.flush_out();
    while !vm.host.waker.wait(Duration::from_secs(3600)) {}
    vm.interrupted()
}

/// Queues what will queue the handlers of the signals that came.
pub fn queue_due(vm: &mut Vm) {
    let due = vm.event_loop.signals.as_mut().map(|s| std::mem::take(&mut s.due)).unwrap_or_default();
    for number in due {
        if let Some((id, handle)) = handler(vm, number) {
            let entry = relay(handle, id);
            vm.event_loop.enqueue(id, Ready::Handle(entry));
        }
    }
}

impl Vm {
    /// Notes the signals that came from outside; says whether that was all there was to do.
    pub fn note_signals(&mut self) -> bool {
        let caught = self.host.waker.take_caught();
        let numbers = (1..64).filter(|n| caught & (1 << n) != 0);
        let left = numbers.filter(|&n| !self.note_signal(n)).count();
        caught != 0 && left == 0
    }

    /// Lets a signal's handler be called; for Ctrl-C without one the answer is no, and other signals do what they do by default.
    pub fn note_signal(&mut self, number: i32) -> bool {
        if handler(self, number).is_some() {
            if let Some(signals) = &mut self.event_loop.signals {
                signals.due.push(number);
            }
            return true;
        }
        if number != SIGINT {
            self.host.flush_out();
            default_action(number);
        }
        number != SIGINT
    }
}

/// Lets a thread tell of a signal.
#[cfg(unix)]
fn watch(waker: &Arc<Waker>, number: i32) -> bool {
    let Ok(mut signals) = signal_hook::iterator::Signals::new([number]) else { return false };
    let waker = waker.clone();
    let listen = move || {
        for _ in signals.forever() {
            if waker.wants(number) { waker.catch(number) } else { default_action(number) }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(listen).is_ok()
}

/// What the system does for a signal that nobody handles.
#[cfg(unix)]
fn default_action(number: i32) {
    let _ = signal_hook::low_level::emulate_default_handler(number);
}

#[cfg(not(unix))]
fn watch(_waker: &Arc<Waker>, _number: i32) -> bool {
    false
}

#[cfg(not(unix))]
fn default_action(_number: i32) {}
