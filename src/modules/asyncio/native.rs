//! Building blocks of coroutines written in Rust: one that is ready at once, and the line of those who wait.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::ensure;
use crate::event_loop::future::{self, Outcome};
use crate::event_loop::step;
use crate::value::coro::{Coro, NativeCoro, Sent};
use crate::value::func::NativeCall;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

/// A coroutine object around a state machine.
pub fn coroutine(body: impl NativeCoro + 'static) -> Ref {
    Obj::tracked(Kind::Coro(Coro::native(Box::new(body))))
}

/// What a resumed coroutine was sent, as a result.
pub fn received(vm: &mut Vm, sent: Sent) -> R {
    match sent {
        Sent::Value(v) => Ok(v),
        Sent::Exc(e) => Err(vm.rethrow(e)),
    }
}

/// The end of `async with`, as an object: it releases its receiver at its first step.
pub struct Exit {
    receiver: Value,
    release: NativeCall,
}

impl Exit {
    /// The coroutine object.
    pub fn object(receiver: Value, release: NativeCall) -> Ref {
        coroutine(Self { receiver, release })
    }
}

impl NativeCoro for Exit {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        received(vm, sent)?;
        (self.release)(vm, std::slice::from_mut(&mut self.receiver), 1)
    }
    fn name(&self) -> &'static str {
        "_ContextManagerMixin.__aexit__"
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.receiver);
    }
}

/// A coroutine that returns `None` at its first step.
pub struct Ready(&'static str);

impl Ready {
    /// The coroutine object.
    pub fn object(name: &'static str) -> Ref {
        coroutine(Self(name))
    }
}

impl NativeCoro for Ready {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        received(vm, sent).map(|_| Value::None)
    }
    fn name(&self) -> &'static str {
        self.0
    }
}

/// Futures of tasks that wait for the same thing, first come first.
#[derive(Default)]
pub struct Waiters {
    line: RefCell<VecDeque<Ref>>,
    loop_id: Cell<u32>,
}

impl Waiters {
    /// Joins the line with a new future; fails when the owner belongs to another loop.
    pub fn join(&self, vm: &mut Vm, owner: &Ref) -> R<Ref> {
        ensure::running_loop(vm)?;
        let active = vm.event_loop.active;
        if self.loop_id.get() == 0 {
            self.loop_id.set(active);
        }
        if self.loop_id.get() != active {
            let text = format!("{} is bound to a different event loop", step::repr(vm, owner));
            return Err(vm.runtime_error(&text));
        }
        let waiter = step::new_future(vm);
        self.line.borrow_mut().push_back(waiter.clone());
        Ok(waiter)
    }

    /// Leaves the line.
    pub fn leave(&self, waiter: &Ref) {
        let mut line = self.line.borrow_mut();
        if line.front().is_some_and(|w| Rc::ptr_eq(w, waiter)) {
            line.pop_front();
        } else if let Some(i) = Self::place_of(&line, waiter) {
            line.remove(i);
        }
    }

    /// Looks from both ends at once: those who leave out of turn often do so in order, or in the reverse order.
    fn place_of(line: &VecDeque<Ref>, waiter: &Ref) -> Option<usize> {
        let last = line.len().checked_sub(1)?;
        let is_at = |i: usize| line.get(i).is_some_and(|w| Rc::ptr_eq(w, waiter));
        (0..=last / 2).find_map(|i| if is_at(i) { Some(i) } else { Some(last - i).filter(|&j| is_at(j)) })
    }

    /// How many are in the line.
    pub fn len(&self) -> usize {
        self.line.borrow().len()
    }

    /// Whether nobody is in the line.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.line.borrow().is_empty()
    }

    /// The futures in a list.
    pub fn list(&self) -> Value {
        self.line.borrow().iter().cloned().map(Value::Obj).collect::<Vec<_>>().into()
    }

    /// The futures in a list; `None` before anybody waited.
    pub fn list_or_none(&self) -> Value {
        if self.loop_id.get() == 0 { Value::None } else { self.list() }
    }

    /// What reprs tell of the line: nothing when nobody is in it.
    pub fn info(&self) -> String {
        if self.is_empty() { String::new() } else { format!(", waiters:{}", self.len()) }
    }

    /// Whether all in the line gave up.
    pub fn all_cancelled(&self) -> bool {
        self.line.borrow().iter().all(|w| future::of(w).is_none_or(future::Future::is_cancelled))
    }

    /// Wakes the first in the line, if it still waits.
    pub fn wake_front(&self, vm: &mut Vm) {
        let first = self.line.borrow().front().cloned();
        if let Some(waiter) = first {
            wake(vm, &waiter, Value::True);
        }
    }

    /// Wakes the first one that still waits and leaves the line as it is; says whether there was one.
    pub fn wake_first_waiting(&self, vm: &mut Vm) -> bool {
        let first = self.line.borrow().iter().find(|w| is_waiting(w)).cloned();
        first.is_some_and(|waiter| wake(vm, &waiter, Value::True))
    }

    /// Takes waiters out of the line up to one that still waits, and wakes it.
    #[inline]
    pub fn wake_next(&self, vm: &mut Vm) {
        loop {
            let first = self.line.borrow_mut().pop_front();
            match first {
                Some(waiter) if !wake(vm, &waiter, Value::None) => {}
                _ => return,
            }
        }
    }

    /// Wakes so many that still wait, with a value, and leaves the line as it is.
    pub fn wake_some(&self, vm: &mut Vm, n: usize, value: &Value) {
        let waiting: Vec<Ref> = self.line.borrow().iter().filter(|w| is_waiting(w)).take(n).cloned().collect();
        for waiter in waiting {
            wake(vm, &waiter, value.clone());
        }
    }

    /// Wakes everybody.
    pub fn wake_all(&self, vm: &mut Vm) {
        let all: Vec<Ref> = self.line.borrow().iter().cloned().collect();
        for waiter in all {
            wake(vm, &waiter, Value::True);
        }
    }

    /// Visits the futures.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(line) = self.line.try_borrow() {
            line.iter().for_each(|w| visit(&Value::Obj(w.clone())));
        }
    }

    /// Lets go of the futures.
    pub fn clear(&self) {
        drop(self.line.take());
    }
}

fn is_waiting(waiter: &Ref) -> bool {
    future::of(waiter).is_some_and(|f| !f.is_done())
}

fn wake(vm: &mut Vm, waiter: &Ref, value: Value) -> bool {
    let waits = is_waiting(waiter);
    if waits {
        step::complete(vm, waiter, Outcome::Result(value));
    }
    waits
}
