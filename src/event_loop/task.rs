//! Tasks: coroutines that the loop drives. A task is a future whose outcome is its coroutine's. Its life:
//!
//! ```text
//! queued  -> running              the loop takes its step from the ready queue
//! running -> queued               it yielded (`sleep(0)`), or must be told of a mistake
//! running -> waiting              it awaits a pending future, or sleeps
//! waiting -> queued               the future completed, the timer fired, or `cancel()` was accepted there
//! running -> done                 the coroutine returned, raised or was cancelled
//! ```
//!
//! `Waiting` tells *waiting* from *queued* and *running*; the current task of the loop is the one that is running.

use std::cell::{Cell, OnceCell};
use std::ops::Deref;

use super::future::{Future, mark};
use crate::value::{Ref, Value};

/// What a task waits for.
#[derive(Default)]
pub enum Waiting {
    /// Nothing: its step is queued or running, or it is done.
    #[default]
    Nothing,
    /// A future or task: its completion queues the next step.
    Future(Ref),
    /// The timer with this number.
    Sleep(u64),
    /// Nothing: its sleep is over, and its step is queued.
    Slept,
    /// Nothing: its sleep was cancelled, and its step is queued.
    Woken,
}

/// `asyncio.Task`: its future stands in the object itself.
pub struct Task {
    pub future: Future,
    rest: Box<Rest>,
}

/// What a task has besides its future.
pub struct Rest {
    /// The coroutine that was given; none in an instance of a subclass whose `__init__` did not run.
    pub coro: OnceCell<Ref>,
    /// The innermost suspended frame; the next step goes on there.
    pub leaf: Cell<Option<Ref>>,
    waiting: Cell<Waiting>,
    /// The time at which it was last suspended.
    pub since: Cell<i64>,
    /// A number for each task in the order of their making.
    pub order: Cell<u32>,
    /// The number in `Task-N`.
    pub name_number: Cell<u32>,
}

const _: () = assert!(size_of::<Task>() <= 40 && size_of::<Rest>() <= 48);

impl Deref for Task {
    type Target = Rest;

    #[inline(always)]
    fn deref(&self) -> &Rest {
        &self.rest
    }
}

impl Task {
    /// A task without a coroutine.
    pub fn new() -> Self {
        Self::with(OnceCell::new(), 0, 0, 0)
    }

    /// A coroutine's task, with its place in the order of making and the number in its name.
    #[inline]
    pub fn of(coro: Ref, order: u32, name_number: u32, loop_id: u32) -> Self {
        Self::with(OnceCell::from(coro), order, name_number, loop_id)
    }

    #[inline]
    fn with(coro: OnceCell<Ref>, order: u32, name_number: u32, loop_id: u32) -> Self {
        let (leaf, waiting, since) = (Cell::new(None), Cell::default(), Cell::new(0));
        let rest = Rest { coro, leaf, waiting, since, order: Cell::new(order), name_number: Cell::new(name_number) };
        Self { future: Future::new(loop_id), rest: Box::new(rest) }
    }

    /// The context in which it runs, taken out; empty stands for one without any variable set.
    #[inline(always)]
    pub fn take_context(&self) -> Value {
        if self.future.has(mark::IN_CONTEXT) { self.take_own_context() } else { Value::Unbound }
    }

    #[cold]
    fn take_own_context(&self) -> Value {
        self.future.set_mark(mark::IN_CONTEXT, false);
        self.future.extra(|e| e.context.take()).unwrap_or_default()
    }

    /// Puts a context back, or another one.
    #[inline(always)]
    pub fn set_context(&self, context: Value) {
        if !context.is_unbound() {
            self.set_own_context(context);
        }
    }

    #[cold]
    fn set_own_context(&self, context: Value) {
        self.future.set_mark(mark::IN_CONTEXT, true);
        drop(self.future.with_extra(|e| std::mem::replace(&mut e.context, context)));
    }

    /// How often `cancel()` was called, less `uncancel()`.
    pub fn cancel_requests(&self) -> u32 {
        self.future.extra(|e| e.cancel_requests).unwrap_or(0)
    }

    /// One request to cancel more.
    pub fn add_cancel_request(&self) {
        self.future.with_extra(|e| e.cancel_requests += 1);
    }

    /// One request to cancel less; gives how many are left.
    pub fn remove_cancel_request(&self) -> u32 {
        self.future.extra(|e| e.cancel_requests = e.cancel_requests.saturating_sub(1));
        self.cancel_requests()
    }

    /// The name: the one given, or `Task-N`.
    pub fn name(&self) -> Value {
        self.future.extra(|e| e.name.clone()).filter(|n| !n.is_unbound()).unwrap_or_else(|| format!("Task-{}", self.name_number.get()).into())
    }

    /// What it waits for.
    pub fn waiting(&self) -> Waiting {
        let waiting = self.waiting.take();
        let copy = match &waiting {
            Waiting::Nothing => Waiting::Nothing,
            Waiting::Future(f) => Waiting::Future(f.clone()),
            Waiting::Sleep(seq) => Waiting::Sleep(*seq),
            Waiting::Slept => Waiting::Slept,
            Waiting::Woken => Waiting::Woken,
        };
        self.waiting.set(waiting);
        copy
    }

    /// Notes what it waits for.
    #[inline]
    pub fn set_waiting(&self, waiting: Waiting) {
        self.waiting.set(waiting);
    }

    /// What it waited for; nothing from now on.
    #[inline]
    pub fn take_waiting(&self) -> Waiting {
        self.waiting.take()
    }

    /// Whether it sleeps on a timer with such a number.
    #[inline]
    pub fn is_sleeping_on(&self, is_meant: impl FnOnce(u64) -> bool) -> bool {
        let waiting = self.waiting.take();
        let sleeps = if let Waiting::Sleep(seq) = &waiting { is_meant(*seq) } else { false };
        self.waiting.set(waiting);
        sleeps
    }

    /// Whether its death must be reported: pending, or with an exception nobody looked at.
    pub fn needs_finalizer(&self) -> bool {
        self.future.has(mark::UNRETRIEVED) || (!self.future.is_done() && !self.future.has(mark::QUIET) && self.coro.get().is_some())
    }

    /// Visits what it holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.future.trace(visit);
        if let Some(coro) = self.coro.get() {
            visit(&Value::Obj(coro.clone()));
        }
        let leaf = self.leaf.take();
        if let Some(l) = &leaf {
            visit(&Value::Obj(l.clone()));
        }
        self.leaf.set(leaf);
        if let Waiting::Future(f) = self.waiting() {
            visit(&Value::Obj(f));
        }
    }

    /// Breaks cycles through it.
    pub fn clear(&self) {
        self.future.clear();
        drop(self.leaf.take());
        drop(self.waiting.take());
    }
}
