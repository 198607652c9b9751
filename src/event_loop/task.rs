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

use super::future::{Future, mark};
use super::timers::is_sleep_on;
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

/// `asyncio.Task`.
pub struct Task {
    pub future: Future,
    /// The coroutine that was given; none in an instance of a subclass whose `__init__` did not run.
    pub coro: OnceCell<Ref>,
    /// The innermost suspended frame; the next step goes on there.
    pub leaf: Cell<Option<Ref>>,
    waiting: Cell<Waiting>,
    /// The context in which it runs; empty stands for one without any variable set.
    pub context: Cell<Value>,
    /// The time at which it was last suspended.
    pub since: Cell<i64>,
    /// A number for each task in the order of their making.
    pub order: Cell<u32>,
    /// The number in `Task-N`.
    pub name_number: Cell<u32>,
    /// How often `cancel()` was called, less `uncancel()`.
    pub cancel_requests: Cell<u32>,
}

const _: () = assert!(size_of::<Task>() <= 104);

impl Task {
    /// A task without a coroutine.
    pub fn new() -> Self {
        Self {
            future: Future::new(0),
            coro: OnceCell::new(),
            leaf: Cell::new(None),
            waiting: Cell::default(),
            context: Cell::default(),
            since: Cell::new(0),
            order: Cell::new(0),
            name_number: Cell::new(0),
            cancel_requests: Cell::new(0),
        }
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

    /// Whether it sleeps on the timer with this number.
    #[inline]
    pub fn is_sleeping(&self, seq: u64) -> bool {
        let waiting = self.waiting.take();
        let sleeps = is_sleep_on(&waiting, seq);
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
        let context = self.context.take();
        visit(&context);
        self.context.set(context);
    }

    /// Breaks cycles through it.
    pub fn clear(&self) {
        self.future.clear();
        drop(self.leaf.take());
        drop(self.waiting.take());
        drop(self.context.take());
    }
}
