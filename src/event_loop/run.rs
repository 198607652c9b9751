//! `asyncio.run` and its parts: running a loop until something is done, and tidying up behind it.

use super::deadlock::pending_tasks;
use super::future::{self, Callback, Stage, mark};
use super::handler::{Report, call_exception_handler};
use super::{cancel, context, run_forever, spawn, step, thread_loop};
use crate::modules::asyncio::event_loop::Loop;
use crate::modules::asyncio::{ensure, gather, policy};
use crate::value::{R, Ref, Thrown, Value, heap};
use crate::vm::Vm;
use crate::vm::errors::exc_class;

impl Vm {
    /// Runs a coroutine as the main task of a new loop: what `asyncio.run` does, and what a script with `await` at top
    /// level is.
    pub fn run_main(&mut self, coro: &Value, debug: bool) -> R {
        if self.event_loop.is_running() {
            return Err(self.runtime_error("asyncio.run() cannot be called from a running event loop"));
        }
        let runner = Runner::new(self, debug)?;
        let result = runner.run(self, coro, None);
        let closed = if self.abort.is_some() { Ok(()) } else { runner.close_after(self, result.is_err()) };
        closed.and(result)
    }
}

/// What `asyncio.Runner` holds.
pub struct Runner {
    pub loop_ref: Ref,
    context: Value,
}

impl Runner {
    /// Makes a loop and sets it as the current one.
    pub fn new(vm: &mut Vm, debug: bool) -> R<Self> {
        let loop_ref = policy::new_loop(vm)?;
        if let Some(l) = loop_ref.downcast::<Loop>().filter(|_| debug) {
            l.debug.set(true);
        }
        policy::set_current(vm, Some(&loop_ref))?;
        let context = if vm.event_loop.context.is_unbound() { Value::Unbound } else { context::copy(vm) };
        Ok(Self { loop_ref, context })
    }

    /// A runner of a loop that exists.
    pub const fn of(loop_ref: Ref) -> Self {
        Self { loop_ref, context: Value::Unbound }
    }

    /// Runs a coroutine as a task until it is done.
    pub fn run(&self, vm: &mut Vm, coro: &Value, context: Option<Value>) -> R {
        if !ensure::is_coroutine(coro) {
            let shown = vm.repr(coro)?;
            return Err(vm.value_error(&format!("a coroutine was expected, got {shown}")));
        }
        if vm.event_loop.is_running() {
            return Err(vm.runtime_error("Runner.run() cannot be called from a running event loop"));
        }
        let Some(l) = self.loop_ref.downcast::<Loop>() else { return Ok(Value::None) };
        let context = context.unwrap_or_else(|| self.context.clone());
        let task = ensure::new_task(vm, l.id, coro, None, context)?;
        if thread_loop::is_on_thread(vm) {
            return thread_loop::run_here(vm, &self.loop_ref, Some(&task));
        }
        vm.event_loop.main_task = Some(task.clone());
        vm.event_loop.interrupts = 0;
        let result = run_until_complete(vm, &self.loop_ref, &task);
        vm.event_loop.main_task = None;
        if vm.event_loop.interrupts > 0 && result.is_err() && vm.abort.is_none() && vm.exc_is(&vm.types.cancelled_error) {
            let left = step::task_of(&task).map_or(0, super::task::Task::remove_cancel_request);
            if left == 0 {
                vm.handled = Some(vm.take_exc());
                let class = vm.types.keyboard_interrupt.clone();
                let thrown = vm.raise_new(&class, "");
                vm.handled = None;
                return Err(thrown);
            }
        }
        result
    }

    /// Closes the loop; an exception that is on its way stays so, unless closing fails.
    pub fn close_after(&self, vm: &mut Vm, is_failing: bool) -> R<()> {
        let exc = if is_failing { Some(vm.take_exc()) } else { None };
        let before = if exc.is_some() { std::mem::replace(&mut vm.handled, exc.clone()) } else { None };
        let closed = self.close(vm);
        if let Some(exc) = exc {
            vm.handled = before;
            closed?;
            return Err(vm.rethrow(exc));
        }
        closed
    }

    /// Cancels what is left, closes async generators, and closes the loop.
    pub fn close(&self, vm: &mut Vm) -> R<()> {
        let result = shut_down(vm, &self.loop_ref);
        if vm.abort.is_some() {
            return result;
        }
        let result = result.and(policy::set_current(vm, None));
        if let Some(l) = self.loop_ref.downcast::<Loop>() {
            l.close();
        }
        if heap::has_dying() {
            vm.run_last_finalizers();
        }
        result
    }
}

fn shut_down(vm: &mut Vm, loop_ref: &Ref) -> R<()> {
    cancel_all_tasks(vm, loop_ref)?;
    let Some(l) = loop_ref.downcast::<Loop>() else { return Ok(()) };
    let asyncgens = crate::modules::asyncio::shutdown::asyncgens_coro(loop_ref);
    let task = spawn::spawn(vm, l.id, asyncgens, None, Value::Unbound)?;
    run_until_complete(vm, loop_ref, &task)?;
    let executor = crate::modules::asyncio::shutdown::executor_coro(loop_ref);
    let task = spawn::spawn(vm, l.id, executor, None, Value::Unbound)?;
    run_until_complete(vm, loop_ref, &task)?;
    Ok(())
}

fn cancel_all_tasks(vm: &mut Vm, loop_ref: &Ref) -> R<()> {
    let Some(l) = loop_ref.downcast::<Loop>() else { return Ok(()) };
    let tasks = pending_tasks(l.id);
    if tasks.is_empty() {
        return Ok(());
    }
    for task in &tasks {
        cancel::cancel(vm, task, None)?;
    }
    let all = gather::gather(vm, &tasks.iter().map(|t| Value::Obj(t.clone())).collect::<Vec<_>>(), true)?;
    run_until_complete(vm, loop_ref, &all)?;
    for task in &tasks {
        let Some(f) = future::of(task) else { continue };
        if f.stage() == Stage::Failed
            && let Some(exc) = f.error()
        {
            let report = Report {
                message: "unhandled exception during asyncio.run() shutdown",
                exception: Some(exc),
                objects: vec![("task", Value::Obj(task.clone()))],
            };
            call_exception_handler(vm, Some(loop_ref), &report)?;
        }
    }
    Ok(())
}

/// Runs a loop until a future is done; gives its result or raises its exception.
pub fn run_until_complete(vm: &mut Vm, loop_ref: &Ref, target: &Ref) -> R {
    if thread_loop::is_on_thread(vm) {
        return thread_loop::run_here(vm, loop_ref, Some(target));
    }
    step::add_callback(vm, target, Callback::Stop);
    let ran = run_forever(vm, loop_ref);
    outcome(vm, Some(target), ran)
}

/// What a loop that ran until a future was done gives.
pub fn outcome(vm: &mut Vm, target: Option<&Ref>, ran: R<()>) -> R {
    let Some(target) = target else { return ran.map(|()| Value::None) };
    if let Some(f) = future::of(target)
        && !f.is_done()
    {
        let mut callbacks = f.take_callbacks();
        callbacks.retain(|c| !matches!(c, Callback::Stop));
        f.put_callbacks(callbacks);
    }
    if let Err(Thrown) = ran {
        if vm.abort.is_none()
            && let Some(f) = future::of(target)
        {
            f.set_mark(mark::UNRETRIEVED, false);
        }
        return Err(Thrown);
    }
    step::poll(vm, target).unwrap_or_else(|| Err(vm.runtime_error("Event loop stopped before Future completed.")))
}

/// The future of `run_until_complete` is done: the loop stops, unless it has ended already by an exception.
pub fn stop_after(vm: &mut Vm, target: &Ref) {
    if let Some(f) = future::of(target)
        && let Some(exc) = f.error()
    {
        f.set_mark(mark::UNRETRIEVED, false);
        let class = exc_class(&exc);
        if class.is_subclass_of(&vm.types.system_exit) || class.is_subclass_of(&vm.types.keyboard_interrupt) {
            return;
        }
    }
    vm.event_loop.stop();
}
