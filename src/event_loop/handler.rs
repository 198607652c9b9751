//! Reports of what went wrong where nobody could be told: callbacks that fail, exceptions that nobody asked for, tasks
//! that die pending. They go to the loop's exception handler, else to standard error in CPython's words.

use std::fmt::Write as _;

use super::future::{self, mark};
use super::step::{error_of, repr, task_of};
use crate::modules::asyncio::event_loop::Loop;
use crate::value::dict::Dict;
use crate::value::{Obj, R, Ref, Value};
use crate::vm::Vm;

/// A report: a message, an exception if there is one, and objects with their names.
pub struct Report<'a> {
    pub message: &'a str,
    pub exception: Option<Ref>,
    pub objects: Vec<(&'a str, Value)>,
}

/// Gives a report to a loop's handler.
pub fn call_exception_handler(vm: &mut Vm, loop_ref: Option<&Ref>, report: &Report) -> R<()> {
    let handler = loop_ref.and_then(|l| l.downcast::<Loop>()).map_or(Value::None, |l| l.exception_handler.borrow().clone());
    let (Some(loop_ref), false) = (loop_ref, handler.is_none()) else {
        write_report(vm, report);
        return Ok(());
    };
    let mut dict = Dict::new();
    dict.set_name(&Obj::str("message"), report.message.into());
    if let Some(e) = &report.exception {
        dict.set_name(&Obj::str("exception"), e.clone().into());
    }
    for (name, value) in &report.objects {
        dict.set_name(&Obj::str(name), value.clone());
    }
    let context = Value::from(Obj::dict(dict));
    let result = vm.call(&handler, &[Value::Obj(loop_ref.clone()), context.clone()]);
    if result.is_err() {
        if is_fatal(vm) {
            return result.map(drop);
        }
        let exc = vm.take_exc();
        write_report(vm, &Report { message: "Unhandled error in exception handler", exception: Some(exc), objects: vec![("context", context)] });
    }
    Ok(())
}

/// Whether the exception on its way must leave the loop.
pub fn is_fatal(vm: &Vm) -> bool {
    vm.abort.is_some() || vm.exc_is(&vm.types.system_exit) || vm.exc_is(&vm.types.keyboard_interrupt)
}

/// Writes a report to standard error.
pub fn write_report(vm: &mut Vm, report: &Report) {
    let mut text = format!("{}\n", report.message);
    let mut objects: Vec<_> = report.objects.iter().collect();
    objects.sort_by_key(|(name, _)| *name);
    for (name, value) in objects {
        let result = vm.repr(value);
        let shown = or_forget(vm, result, "?");
        let _ = writeln!(text, "{name}: {shown}");
    }
    let exception = report.exception.clone().map_or(Value::None, Value::Obj);
    if crate::modules::callers::ask(vm, "logging", "_report", &[text.trim_end_matches('\n').into(), exception]).is_some() {
        return;
    }
    if let Some(exc) = &report.exception {
        text.push_str(&crate::report::traceback_text(vm, exc));
    }
    vm.host.write_err(text.as_bytes());
}

/// A text, or another one where making it failed.
pub fn or_forget(vm: &mut Vm, text: R<String>, instead: &str) -> String {
    text.unwrap_or_else(|_| {
        drop(vm.take_exc());
        instead.to_owned()
    })
}

/// A step of a task that is done was queued: a mistake of whoever set the task's future by hand.
#[cold]
pub fn step_of_done_task(vm: &mut Vm, task: &Ref) -> R<()> {
    let text = format!("_step(): already done: {}", repr(vm, task));
    let class = crate::modules::asyncio::classes::get(vm).invalid_state.clone();
    let exc = vm.new_exc(&class, vec![text.into()]);
    let running = vm.event_loop.running.clone();
    call_exception_handler(vm, running.as_ref(), &Report { message: "Exception in callback TaskStepMethWrapper()", exception: Some(exc), objects: Vec::new() })
}

/// The last reference to a task or future went away: reports an exception that nobody asked for, and a task that is
/// still pending. Afterwards the object may be dropped for good.
pub fn report_dead(vm: &mut Vm, obj: &Ref) {
    let Some(f) = future::of(obj) else { return };
    let running = vm.event_loop.loop_of(f.loop_id());
    let (handled, exc, signal) = (vm.handled.take(), vm.exc.take(), vm.signal.take());
    let is_task = task_of(obj).is_some();
    if is_task && !f.is_done() {
        vm.event_loop.live_tasks.remove();
        if !f.has(mark::QUIET) {
            f.set_mark(mark::QUIET, true);
            let report = Report { message: "Task was destroyed but it is pending!", exception: None, objects: vec![("task", Value::Obj(obj.clone()))] };
            let _ = call_exception_handler(vm, running.as_ref(), &report);
        }
    }
    if f.has(mark::UNRETRIEVED) {
        let exception = error_of(vm, obj);
        let class = if f.is_gather() { "_GatheringFuture".into() } else { vm.class_of(&Value::Obj(obj.clone())).name() };
        let message = format!("{class} exception was never retrieved");
        let report = Report { message: &message, exception, objects: vec![("future", Value::Obj(obj.clone()))] };
        let _ = call_exception_handler(vm, running.as_ref(), &report);
    }
    f.set_mark(mark::UNRETRIEVED, false);
    (vm.handled, vm.exc, vm.signal) = (handled, exc, signal);
}
