//! Tasks: coroutines that the loop drives. A task is a future whose outcome is its coroutine's.

use std::cell::{Cell, RefCell};

use super::future::Future;
use crate::value::{Ref, Value};

/// What a task waits for.
#[derive(Clone, Default)]
pub enum Waiting {
    /// Nothing: its step is queued or running, or it is done.
    #[default]
    Nothing,
    /// A future or task: its completion queues the next step.
    Future(Ref),
    /// The timer with this sequence number.
    Sleep(u64),
}

/// `asyncio.Task`.
pub struct Task {
    pub future: Future,
    /// The coroutine that was given; empty once it is done.
    pub coro: RefCell<Option<Ref>>,
    /// The innermost suspended frame; the next step goes on there.
    pub leaf: Cell<Option<Ref>>,
    pub waiting: RefCell<Waiting>,
    /// A text, or the number in `Task-N`.
    pub name: RefCell<Value>,
    pub context: RefCell<Value>,
    /// `cancel()` was called and nothing has raised it yet.
    pub must_cancel: Cell<bool>,
    /// How often `cancel()` was called, less `uncancel()`.
    pub cancel_requests: Cell<u32>,
}

impl Task {
    /// A task that has not begun.
    pub fn new(coro: Ref, name: Value, context: Value, loop_id: u32) -> Self {
        Self {
            future: Future::new(loop_id),
            coro: RefCell::new(Some(coro)),
            leaf: Cell::new(None),
            waiting: RefCell::default(),
            name: RefCell::new(name),
            context: RefCell::new(context),
            must_cancel: Cell::new(false),
            cancel_requests: Cell::new(0),
        }
    }

    /// Whether its death must be reported: pending, or with an exception nobody looked at.
    pub fn needs_finalizer(&self) -> bool {
        self.future.unretrieved.get() || !self.future.is_done()
    }

    /// Visits what it holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.future.trace(visit);
        if let Some(c) = &*self.coro.borrow() {
            visit(&Value::Obj(c.clone()));
        }
        let leaf = self.leaf.take();
        if let Some(l) = &leaf {
            visit(&Value::Obj(l.clone()));
        }
        self.leaf.set(leaf);
        if let Waiting::Future(f) = &*self.waiting.borrow() {
            visit(&Value::Obj(f.clone()));
        }
        visit(&self.name.borrow());
        visit(&self.context.borrow());
    }

    /// Breaks cycles through it.
    pub fn clear(&self) {
        self.future.clear();
        drop(self.coro.take());
        drop(self.leaf.take());
        drop(self.waiting.take());
    }
}
