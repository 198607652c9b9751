//! Running frames that can be left: generators, coroutines, async generators.

use crate::value::coro::Sent;
use crate::value::{R, Ref, Value};
use crate::vm::{Signal, Vm};

/// How a step of a coroutine ended; an exception is `Err`.
pub enum Step {
    /// It waits; the innermost frame is where the next step goes on.
    Suspended { leaf: Ref, signal: Signal },
    /// It returned.
    Returned(Value),
}

impl Vm {
    /// Runs a generator to its next `yield`: `None` when it returned (then `StopIteration`'s value is in the result of `resume_generator_value`).
    pub fn next_generator(&mut self, generator: &Ref) -> R<Option<Value>> {
        todo!()
    }

    /// `send`/`throw` of a generator or hand-driven coroutine: `Ok(Err(v))` when it returned v.
    pub fn resume(&mut self, coro: &Ref, sent: Sent) -> R<Result<Value, Value>> {
        todo!()
    }

    /// One step of the coroutine chain `root`, entered at `leaf`: what a task does.
    pub fn drive(&mut self, root: &Ref, leaf: Ref, sent: Sent) -> R<Step> {
        todo!()
    }

    /// Closes a generator or coroutine: raises `GeneratorExit` where it stands.
    pub fn close_coro(&mut self, coro: &Ref) -> R<()> {
        todo!()
    }
}
