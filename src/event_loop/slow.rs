//! Debug mode: an entry of the ready queue that takes longer than the loop's `slow_callback_duration` is reported, in
//! asyncio's words. Time is that of the clock: on the virtual one only what blocks takes any.

use super::clock::seconds_from_ns;
use super::future::Callback;
use super::handler::or_forget;
use super::{Ready, run_entry};
use crate::modules::asyncio::event_loop::Loop;
use crate::modules::asyncio::repr;
use crate::value::{R, Ref, Value};
use crate::vm::Vm;

/// Runs an entry, and reports it if it was slow.
#[cold]
pub(super) fn run_timed(vm: &mut Vm, entry: Ready, fr: &mut [Value]) -> R<()> {
    let what = subject(&entry);
    let start = vm.host.clock.now_ns();
    run_entry(vm, entry, fr)?;
    let took = seconds_from_ns(vm.host.clock.now_ns() - start);
    let limit = vm.event_loop.running.as_ref().and_then(|l| l.downcast::<Loop>()).map_or(f64::INFINITY, |l| l.slow.get());
    if let Some(what) = what
        && took >= limit
    {
        let shown = what.shown(vm);
        crate::modules::io::write_stderr(vm, &format!("Executing {shown} took {took:.3} seconds\n"))?;
    }
    Ok(())
}

/// What a report names.
enum Subject {
    /// A task or handle.
    Object(Value),
    /// A callback of a future that is done.
    Call(Value, Value),
}

impl Subject {
    fn shown(&self, vm: &mut Vm) -> String {
        let shown = match self {
            Self::Object(object) => vm.repr(object),
            Self::Call(func, future) => Ok(format!("<Handle {}>", repr::callable(vm, func, std::slice::from_ref(future)))),
        };
        or_forget(vm, shown, "?")
    }
}

/// What an entry runs; nothing for the loop's own business.
fn subject(entry: &Ready) -> Option<Subject> {
    let object = |obj: &Ref| Some(Subject::Object(Value::Obj(obj.clone())));
    match entry {
        Ready::Step(task) | Ready::Wake(task) => object(task),
        Ready::Throw(thrown) => object(&thrown.0),
        Ready::Handle(handle) => object(handle),
        Ready::Notify(notice) => match &notice.0 {
            Callback::Wake(task) => object(task),
            Callback::Call(call) => Some(Subject::Call(call.func.clone(), Value::Obj(notice.1.clone()))),
            _ => None,
        },
        Ready::Fire(..) | Ready::Thread(_) => None,
    }
}
