//! Futures: results that will exist. A future holds either the callbacks that wait for it or its outcome.

use std::cell::{Cell, RefCell};

use crate::value::{Ref, Value};

/// What is queued when a future completes, in the order of adding.
#[derive(Clone)]
pub enum Callback {
    /// A task waits for it: its next step.
    Wake(Ref),
    /// A callable of the script, called with the future in a context.
    Call { func: Value, context: Value },
}

/// Where a future stands.
pub enum Outcome {
    Pending(Vec<Callback>),
    Result(Value),
    Error(Ref),
    /// The exception object that was already made for it, if any, keeps its traceback.
    Cancelled(Option<Ref>),
}

/// `asyncio.Future`, and the part of a task that is one.
pub struct Future {
    pub outcome: RefCell<Outcome>,
    /// The text given to `cancel`.
    pub cancel_message: RefCell<Value>,
    /// Whether an exception has not been looked at: reported when the future dies.
    pub unretrieved: Cell<bool>,
    /// The loop's number.
    pub loop_id: u32,
}

impl Future {
    /// A pending future of a loop.
    pub fn new(loop_id: u32) -> Self {
        Self { outcome: RefCell::new(Outcome::Pending(Vec::new())), cancel_message: RefCell::new(Value::None), unretrieved: Cell::new(false), loop_id }
    }

    /// Whether it has an outcome.
    pub fn is_done(&self) -> bool {
        !matches!(*self.outcome.borrow(), Outcome::Pending(_))
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(*self.outcome.borrow(), Outcome::Cancelled(_))
    }

    /// Whether its death must be reported.
    pub fn needs_finalizer(&self) -> bool {
        self.unretrieved.get()
    }

    /// Visits what it holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        let Ok(outcome) = self.outcome.try_borrow() else { return };
        match &*outcome {
            Outcome::Pending(callbacks) => {
                for c in callbacks {
                    match c {
                        Callback::Wake(t) => visit(&Value::Obj(t.clone())),
                        Callback::Call { func, context } => [func, context].into_iter().for_each(&mut *visit),
                    }
                }
            }
            Outcome::Result(v) => visit(v),
            Outcome::Error(e) | Outcome::Cancelled(Some(e)) => visit(&Value::Obj(e.clone())),
            Outcome::Cancelled(None) => {}
        }
        visit(&self.cancel_message.borrow());
    }

    /// Breaks cycles through it.
    pub fn clear(&self) {
        let old = self.outcome.try_borrow_mut().map(|mut o| std::mem::replace(&mut *o, Outcome::Pending(Vec::new())));
        drop(old);
    }
}
