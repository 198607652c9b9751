//! Futures: results that will exist. A future is pending and holds what waits for it, or done and holds its outcome:
//!
//! ```text
//! pending -> a result | an error | cancelled          (never back)
//! ```
//!
//! Completing a future queues its callbacks in the order of their adding; it runs none.

use std::cell::Cell;

use crate::value::{Attrs, Kind, Ref, Value};

/// A callable of the script that waits for a future.
pub struct Call {
    pub func: Value,
    pub context: Value,
}

/// What is queued when a future completes.
pub enum Callback {
    /// A task waits for it: its next step.
    Wake(Ref),
    /// A callable of the script, called with the future.
    Call(Box<Call>),
    /// `run_until_complete` waits for it: the loop stops.
    Stop,
    /// It is a child of this `gather`.
    Gather(Ref),
    /// It is shielded by this future.
    Shielded(Ref),
    /// It shields this future.
    Shield(Ref),
}

impl Callback {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        match self {
            Self::Wake(o) | Self::Gather(o) | Self::Shielded(o) | Self::Shield(o) => visit(&Value::Obj(o.clone())),
            Self::Call(c) => [&c.func, &c.context].into_iter().for_each(visit),
            Self::Stop => {}
        }
    }
}

/// Where a future stands. The first three are all "pending"; they differ in who waits.
#[derive(Default)]
pub enum Outcome {
    /// Nobody waits.
    #[default]
    Pending,
    /// One task waits.
    Awaited(Ref),
    /// Whatever waits, in order.
    Watched(Box<Vec<Callback>>),
    /// It has a result.
    Result(Value),
    /// It has an exception.
    Error(Ref),
    /// It was cancelled; the exception that did it is given to the first who asks.
    Cancelled(Option<Ref>),
}

const _: () = assert!(size_of::<Outcome>() == 16 && size_of::<Callback>() == 16);

/// The stage of a future, readable without touching the outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    Pending,
    /// With a result.
    Finished,
    /// With an exception.
    Failed,
    Cancelled,
}

impl Stage {
    /// CPython's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Finished | Self::Failed => "FINISHED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// The children of a `gather`.
pub struct Gather {
    pub children: Vec<Ref>,
    /// Different children that are not done.
    pub left: usize,
    pub return_exceptions: bool,
    pub cancel_requested: bool,
    /// Making it failed half-way: it never completes.
    pub broken: bool,
}

/// What only few futures have.
#[derive(Default)]
pub struct Extra {
    /// The text given to `cancel`; empty means `None`.
    pub cancel_message: Value,
    /// The name of a task that was given one.
    pub name: Value,
    pub gather: Option<Gather>,
    /// The context in which a task runs, where variables are set in it.
    pub context: Value,
    /// How often a task's `cancel()` was called, less `uncancel()`.
    pub cancel_requests: u32,
    /// What a script set on it.
    pub attrs: Attrs,
}

/// Facts about a future that come and go, one bit each.
pub mod mark {
    /// It has an exception that nobody has looked at: reported when the future dies.
    pub const UNRETRIEVED: u8 = 1;
    /// A task whose death while pending is not worth a report: nobody else can hold it.
    pub const QUIET: u8 = 2;
    /// A task: `cancel()` was called and nothing has raised it yet.
    pub const MUST_CANCEL: u8 = 4;
    /// A task: it waits through an iterator written in Python, which must be sent `None`.
    pub const BY_YIELD: u8 = 8;
    /// A future's iterator gave it out to be awaited (asyncio's "blocking").
    pub const BLOCKING: u8 = 16;
    /// A task: variables are set in its context.
    pub const IN_CONTEXT: u8 = 32;
    /// It stands inside an instance of a script's subclass, which is the object that everybody knows.
    pub const INNER: u8 = 64;
}

/// `asyncio.Future`, and the part of a task that is one.
pub struct Future {
    outcome: Cell<Outcome>,
    extra: Cell<Option<Box<Extra>>>,
    loop_id: Cell<u32>,
    /// How many places the exception had passed when it was set: others who raise it begin there.
    trace_len: Cell<u16>,
    stage: Cell<Stage>,
    marks: Cell<u8>,
}

const _: () = assert!(size_of::<Future>() == 32);

impl Future {
    /// A pending future of a loop.
    pub fn new(loop_id: u32) -> Self {
        Self {
            outcome: Cell::default(),
            extra: Cell::default(),
            loop_id: Cell::new(loop_id),
            trace_len: Cell::new(0),
            stage: Cell::new(Stage::Pending),
            marks: Cell::new(0),
        }
    }

    /// The loop's number; 0 for one whose `__init__` did not run.
    #[inline(always)]
    pub fn loop_id(&self) -> u32 {
        self.loop_id.get()
    }

    /// Gives it to a loop.
    pub fn set_loop(&self, loop_id: u32) {
        self.loop_id.set(loop_id);
    }

    /// Where it stands.
    #[inline(always)]
    pub fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// Whether it has an outcome.
    #[inline(always)]
    pub fn is_done(&self) -> bool {
        self.stage.get() != Stage::Pending
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.stage.get() == Stage::Cancelled
    }

    /// Whether a mark is set.
    #[inline(always)]
    pub fn has(&self, mark: u8) -> bool {
        self.marks.get() & mark != 0
    }

    /// Sets or removes a mark.
    #[inline(always)]
    pub fn set_mark(&self, mark: u8, on: bool) {
        self.marks.set(if on { self.marks.get() | mark } else { self.marks.get() & !mark });
    }

    /// Looks at the outcome.
    #[inline]
    pub fn with_outcome<T>(&self, look: impl FnOnce(&mut Outcome) -> T) -> T {
        let mut outcome = self.outcome.take();
        let result = look(&mut outcome);
        self.outcome.set(outcome);
        result
    }

    /// The result of a finished one.
    #[inline]
    pub fn result(&self) -> Value {
        self.with_outcome(|o| if let Outcome::Result(v) = o { v.clone() } else { Value::None })
    }

    /// The exception of a failed one.
    pub fn error(&self) -> Option<Ref> {
        self.with_outcome(|o| if let Outcome::Error(e) = o { Some(e.clone()) } else { None })
    }

    /// The exception of a failed one as it was when it was set, without the places it passed since.
    pub fn fresh_error(&self) -> Option<Ref> {
        let error = self.error()?;
        if let Kind::Exc(e) = &error.kind {
            e.trace.borrow_mut().truncate(self.trace_len.get() as usize);
        }
        Some(error)
    }

    /// The exception that cancelled it, for the first who asks.
    pub fn take_cancelled(&self) -> Option<Ref> {
        self.with_outcome(|o| if let Outcome::Cancelled(e) = o { e.take() } else { None })
    }

    /// Looks at what only few futures have, which is made when missing.
    pub fn with_extra<T>(&self, look: impl FnOnce(&mut Extra) -> T) -> T {
        let mut extra = self.extra.take().unwrap_or_default();
        let result = look(&mut extra);
        self.extra.set(Some(extra));
        result
    }

    /// Looks at what only few futures have, where there is some.
    pub fn extra<T>(&self, look: impl FnOnce(&mut Extra) -> T) -> Option<T> {
        let mut extra = self.extra.take()?;
        let result = look(&mut extra);
        self.extra.set(Some(extra));
        Some(result)
    }

    /// The text given to `cancel`; `None` without one.
    pub fn cancel_message(&self) -> Value {
        self.extra(|e| e.cancel_message.clone()).filter(|m| !m.is_unbound()).unwrap_or(Value::None)
    }

    /// Notes the text given to `cancel`.
    pub fn set_cancel_message(&self, message: Option<&Value>) {
        match message {
            Some(m) => drop(self.with_extra(|e| std::mem::replace(&mut e.cancel_message, m.clone()))),
            None => drop(self.extra(|e| e.cancel_message.take())),
        }
    }

    /// Whether it is a `gather`.
    pub fn is_gather(&self) -> bool {
        self.extra(|e| e.gather.is_some()).unwrap_or(false)
    }

    /// Adds what is to be queued when it completes; it is pending.
    pub fn add_callback(&self, callback: Callback) {
        let outcome = match (self.outcome.take(), callback) {
            (Outcome::Pending, Callback::Wake(task)) => Outcome::Awaited(task),
            (Outcome::Pending, other) => Outcome::Watched(Box::new(vec![other])),
            (Outcome::Awaited(task), other) => Outcome::Watched(Box::new(vec![Callback::Wake(task), other])),
            (Outcome::Watched(mut all), other) => {
                all.push(other);
                Outcome::Watched(all)
            }
            (done, _) => done,
        };
        self.outcome.set(outcome);
    }

    /// The callbacks that wait, taken out.
    pub fn take_callbacks(&self) -> Vec<Callback> {
        match self.outcome.take() {
            Outcome::Awaited(task) => vec![Callback::Wake(task)],
            Outcome::Watched(all) => *all,
            done => {
                self.outcome.set(done);
                Vec::new()
            }
        }
    }

    /// Puts callbacks back that `take_callbacks` gave; those that came since stand behind them.
    pub fn put_callbacks(&self, callbacks: Vec<Callback>) {
        let newer = self.take_callbacks();
        for callback in callbacks.into_iter().chain(newer) {
            self.add_callback(callback);
        }
    }

    /// Gives a pending future its outcome; what waited comes back to be queued.
    #[inline]
    pub fn complete(&self, outcome: Outcome) -> Outcome {
        let stage = match &outcome {
            Outcome::Result(_) => Stage::Finished,
            Outcome::Cancelled(_) => Stage::Cancelled,
            Outcome::Error(e) => {
                if let Kind::Exc(e) = &e.kind {
                    self.trace_len.set(u16::try_from(e.trace.borrow().len()).unwrap_or(u16::MAX));
                }
                self.set_mark(mark::UNRETRIEVED, true);
                Stage::Failed
            }
            Outcome::Pending | Outcome::Awaited(_) | Outcome::Watched(_) => Stage::Pending,
        };
        self.stage.set(stage);
        self.outcome.replace(outcome)
    }

    /// Whether its death must be reported.
    pub fn needs_finalizer(&self) -> bool {
        self.has(mark::UNRETRIEVED)
    }

    /// Visits what it holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.with_outcome(|outcome| match outcome {
            Outcome::Pending | Outcome::Cancelled(None) => {}
            Outcome::Awaited(o) | Outcome::Error(o) | Outcome::Cancelled(Some(o)) => visit(&Value::Obj(o.clone())),
            Outcome::Watched(callbacks) => callbacks.iter().for_each(|c| c.trace(visit)),
            Outcome::Result(v) => visit(v),
        });
        self.extra(|extra| {
            visit(&extra.cancel_message);
            visit(&extra.name);
            visit(&extra.context);
            extra.attrs.trace(visit);
            if let Some(gather) = &extra.gather {
                gather.children.iter().for_each(|c| visit(&Value::Obj(c.clone())));
            }
        });
    }

    /// Breaks cycles through it.
    pub fn clear(&self) {
        drop(self.outcome.take());
        drop(self.extra.take());
    }
}

/// The future inside an object: a future, a task, or an instance of a script's subclass of them.
#[inline]
pub fn of(obj: &Ref) -> Option<&Future> {
    match &obj.kind {
        Kind::Future(f) => Some(f),
        Kind::Task(t) => Some(&t.future),
        Kind::Derived(d) => d.base.obj().and_then(of_exact),
        _ => None,
    }
}

/// The future that an object is itself.
fn of_exact(obj: &Ref) -> Option<&Future> {
    match &obj.kind {
        Kind::Future(f) => Some(f),
        Kind::Task(t) => Some(&t.future),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Obj;

    #[test]
    fn callbacks_keep_their_order() {
        let future = Future::new(1);
        let task = Obj::str("task");
        future.add_callback(Callback::Wake(task.clone()));
        future.add_callback(Callback::Stop);
        future.add_callback(Callback::Gather(task.clone()));
        let Outcome::Watched(all) = future.complete(Outcome::Result(Value::Int(1))) else { panic!("three callbacks") };
        assert!(matches!(all.as_slice(), [Callback::Wake(_), Callback::Stop, Callback::Gather(_)]));
        assert!(future.is_done() && !future.is_cancelled());
        assert!(matches!(future.result(), Value::Int(1)));
    }
}
