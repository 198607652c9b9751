//! The loop object and its methods.

use std::cell::{Cell, RefCell};

use super::classes::{this, this_ref};
use super::handle::Handle;
use super::native::{coroutine, received};
use super::{ensure, gather, library, sleep};
use crate::event_loop::future::{self, Future};
use crate::event_loop::handler::{Report, call_exception_handler, write_report};
use crate::event_loop::{Queues, Ready, clock, context, run, run_forever, thread_loop};
use crate::modules::builtins::attributes::is_callable;
use crate::value::class::{Solid, flag};
use crate::value::coro::{NativeCoro, Sent};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Value, heap};
use crate::vm::types::TypeDef;
use crate::vm::{Signal, Vm};

/// The class.
pub const TYPE: TypeDef =
    TypeDef { methods: METHODS, getsets: GETSETS, construct: Some(&NEW), solid: Solid::Builtin, flags: flag::FINAL, doc: "An event loop." };

static NEW: Builtin = Builtin::new("_UnixSelectorEventLoop", "(selector=None)", |vm, _, _| Ok(vm.event_loop.new_loop().into()), "");

const GETSETS: &[GetSet] = &[GetSet { name: "slow_callback_duration", get: |_, v| Ok(Value::float(this::<Loop>(v).slow.get())), set: Some(set_slow) }];

const METHODS: &[Builtin] = &[
    Builtin::new("time", "(self, /)", time, "Seconds on the loop's clock."),
    Builtin::new("call_soon", "(self, callback, /, *args, context=None)", call_soon, "Calls a function in the next tick."),
    Builtin::new("call_soon_threadsafe", "(self, callback, /, *args, context=None)", call_soon, "Calls a function in the next tick."),
    Builtin::new("call_later", "(self, delay, callback, /, *args, context=None)", call_later, "Calls a function after so many seconds."),
    Builtin::new("call_at", "(self, when, callback, /, *args, context=None)", call_at, "Calls a function at a time of the loop's clock."),
    Builtin::new("create_task", "(self, coro, *, name=None, context=None)", create_task, "Makes a task of a coroutine."),
    Builtin::new("create_future", "(self, /)", create_future, "Makes a future of this loop."),
    Builtin::new("run_until_complete", "(self, future)", run_until_complete, "Runs until the future is done; gives its result.").blocking(),
    Builtin::new("run_forever", "(self, /)", run_forever_method, "Runs until it is stopped.").blocking(),
    Builtin::new("stop", "(self, /)", stop, "Stops after this tick."),
    Builtin::new("close", "(self, /)", close, "Closes a loop that does not run."),
    Builtin::new("is_running", "(self, /)", |vm, a, _| Ok(is_running(vm, this::<Loop>(&a[0])).into()), "Whether it runs."),
    Builtin::new("is_closed", "(self, /)", |_, a, _| Ok(this::<Loop>(&a[0]).closed.get().into()), "Whether it was closed."),
    Builtin::new("get_debug", "(self, /)", |_, a, _| Ok(this::<Loop>(&a[0]).debug.get().into()), "The debug flag."),
    Builtin::new("set_debug", "(self, enabled, /)", set_debug, "Sets the debug flag, which changes nothing else."),
    Builtin::new("get_exception_handler", "(self, /)", |_, a, _| Ok(this::<Loop>(&a[0]).exception_handler.borrow().clone()), "The handler, or None."),
    Builtin::new("set_exception_handler", "(self, handler, /)", set_exception_handler, "Sets who hears of errors that nobody caught."),
    Builtin::new("call_exception_handler", "(self, context, /)", call_handler, "Reports an error."),
    Builtin::new("default_exception_handler", "(self, context, /)", default_handler, "Writes an error to standard error."),
    Builtin::new("shutdown_asyncgens", "(self, /)", |_, a, _| Ok(shutdown_asyncgens_coro(&this_ref(&a[0])).into()), "Closes async generators that are left."),
    Builtin::new("shutdown_default_executor", "(self, /)", |_, a, _| Ok(shutdown_executor_coro(&this_ref(&a[0])).into()), "Ends the default executor."),
    Builtin::new("get_task_factory", "(self, /)", |_, a, _| Ok(this::<Loop>(&a[0]).task_factory.borrow().clone()), "What makes tasks, or None."),
    Builtin::new("set_task_factory", "(self, factory)", set_task_factory, "Sets what makes tasks of coroutines."),
    Builtin::new("set_default_executor", "(self, executor)", set_default_executor, "Sets the pool of threads that `None` means."),
    Builtin::new("run_in_executor", "(self, executor, func, /, *args)", run_in_executor, "Calls a function in a thread of a pool; gives a future."),
    Builtin::new("add_signal_handler", "(self, sig, callback, /, *args)", |vm, _, _| refused(vm, "signal handlers", "add_signal_handler"), "Not supported."),
    Builtin::new("remove_signal_handler", "(self, sig, /)", |vm, _, _| refused(vm, "signal handlers", "remove_signal_handler"), "Not supported."),
    Builtin::new("add_reader", "(self, fd, callback, /, *args)", |vm, _, _| refused(vm, "sockets", "add_reader"), "Not supported."),
    Builtin::new("remove_reader", "(self, fd, /)", |vm, _, _| refused(vm, "sockets", "remove_reader"), "Not supported."),
    Builtin::new("create_connection", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "create_connection"), "Not supported."),
    Builtin::new("create_server", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "servers", "create_server"), "Not supported."),
    Builtin::new("subprocess_exec", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "subprocesses", "subprocess_exec"), "Not supported."),
    Builtin::new("__repr__", "(self, /)", repr_method, "The repr."),
];

/// What corun does not have.
fn refused(vm: &mut Vm, what: &str, name: &str) -> R {
    let class = vm.types.not_implemented_error.clone();
    Err(vm.raise_new(&class, &format!("corun does not support {what} (loop.{name})")))
}

fn set_task_factory(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if !a[1].is_none() && !is_callable(vm, &a[1]) {
        return Err(vm.type_error("task factory must be a callable or None"));
    }
    vm.event_loop.has_task_factories |= !a[1].is_none();
    let factory = a[1].take();
    let old = this::<Loop>(&a[0]).task_factory.replace(factory);
    drop(old);
    Ok(Value::None)
}

/// A loop object.
pub struct Loop {
    /// Its number, which its futures know.
    pub id: u32,
    /// Its queues while it does not run.
    pub queues: RefCell<Queues>,
    pub closed: Cell<bool>,
    pub debug: Cell<bool>,
    /// `slow_callback_duration`, which changes nothing.
    slow: Cell<f64>,
    pub exception_handler: RefCell<Value>,
    /// What makes tasks of coroutines, if not the loop itself.
    pub task_factory: RefCell<Value>,
    /// The pool of threads that `run_in_executor(None, ..)` means; `False` once it was shut down.
    executor: RefCell<Value>,
    /// The thread that runs it and waits for something to do.
    pub parked: Cell<Option<Ref>>,
}

impl Loop {
    /// A loop that has nothing to do.
    pub fn new(id: u32) -> Self {
        Self {
            id,
            queues: RefCell::default(),
            closed: Cell::new(false),
            debug: Cell::new(false),
            slow: Cell::new(0.1),
            exception_handler: RefCell::new(Value::None),
            task_factory: RefCell::new(Value::None),
            executor: RefCell::new(Value::None),
            parked: Cell::new(None),
        }
    }

    /// Closes it and lets go of what it had to do.
    pub fn close(&self) {
        self.closed.set(true);
        drop(self.queues.take());
    }
}

impl Native for Loop {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| &c.event_loop)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for held in [&self.exception_handler, &self.task_factory, &self.executor] {
            if let Ok(held) = held.try_borrow() {
                visit(&held);
            }
        }
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn is_running(vm: &Vm, l: &Loop) -> bool {
    let parked = l.parked.take();
    let is_parked = parked.is_some();
    l.parked.set(parked);
    is_parked || vm.event_loop.active == l.id || vm.event_loop.threads.as_ref().is_some_and(|t| t.main_loop == l.id)
}

fn check_closed(vm: &mut Vm, l: &Loop) -> R<()> {
    if l.closed.get() { Err(vm.runtime_error("Event loop is closed")) } else { Ok(()) }
}

fn time(vm: &mut Vm, _a: &mut [Value], _n: usize) -> R {
    Ok(Value::float(clock::seconds_from_ns(vm.host.clock.now_ns())))
}

/// Takes a callback's arguments and context out of the window.
fn callback(vm: &mut Vm, a: &mut [Value], first: usize, n: usize) -> (Value, Box<[Value]>, Value) {
    let func = a[first].take();
    let args = a[first + 1..n].iter_mut().map(Value::take).collect();
    let context = match a[n].some() {
        Some(c) => c.clone(),
        None => context::copy(vm),
    };
    (func, args, context)
}

fn call_soon(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let this_loop = this_ref(&a[0]);
    let l = this::<Loop>(&a[0]);
    check_closed(vm, l)?;
    let id = l.id;
    let (func, args, context) = callback(vm, a, 1, n);
    let handle = Obj::native(Handle::new(func, args, context, id, None));
    vm.event_loop.enqueue(id, Ready::Handle(handle.clone()));
    drop(this_loop);
    Ok(handle.into())
}

fn call_later(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if a[1].is_none() {
        return Err(vm.type_error("delay must not be None"));
    }
    let delay = sleep::delay_ns(vm, &a[1].clone())?;
    let when = vm.host.clock.after(delay);
    set_timer(vm, a, n, when)
}

fn call_at(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if a[1].is_none() {
        return Err(vm.type_error("when cannot be None"));
    }
    let when = sleep::moment_ns(vm, &a[1].clone())?;
    set_timer(vm, a, n, when)
}

fn set_timer(vm: &mut Vm, a: &mut [Value], n: usize, when: i64) -> R {
    let l = this::<Loop>(&a[0]);
    check_closed(vm, l)?;
    let id = l.id;
    let (func, args, context) = callback(vm, a, 2, n);
    let handle = Obj::native(Handle::new(func, args, context, id, Some(when)));
    vm.event_loop.add_timer(id, when, handle.clone());
    Ok(handle.into())
}

/// The default executor of a loop, for the library.
pub fn executor(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(this::<Loop>(&a[0]).executor.borrow().clone())
}

/// Sets the default executor of a loop, for the library.
pub fn set_executor(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let executor = a[1].take();
    Ok(this::<Loop>(&a[0]).executor.replace(executor))
}

fn run_in_executor(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    check_closed(vm, this::<Loop>(&a[0]))?;
    let run = library::get(vm, "_run_in_executor")?;
    let args = Obj::tuple(a[3..n.max(3)].to_vec());
    vm.call(&run, &[a[0].clone(), a[1].clone(), a[2].clone(), args.into()])
}

fn set_default_executor(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let set = library::get(vm, "_set_default_executor")?;
    vm.call(&set, &[a[0].clone(), a[1].clone()])
}

fn create_task(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let l = this::<Loop>(&a[0]);
    check_closed(vm, l)?;
    let id = l.id;
    let (name, context) = (a[2].some().cloned(), a[3].take());
    ensure::new_task(vm, id, &a[1].clone(), name, context).map(Value::Obj)
}

fn create_future(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(Obj::tracked(Kind::Future(Future::new(this::<Loop>(&a[0]).id))).into())
}

fn check_idle(vm: &mut Vm, l: &Loop) -> R<()> {
    check_closed(vm, l)?;
    if is_running(vm, l) {
        return Err(vm.runtime_error("This event loop is already running"));
    }
    if vm.event_loop.is_running() {
        return Err(vm.runtime_error("Cannot run the event loop while another loop is running"));
    }
    Ok(())
}

fn run_until_complete(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let this_loop = this_ref(&a[0]);
    let l = this::<Loop>(&a[0]);
    check_idle(vm, l)?;
    let id = l.id;
    let is_new = ensure::as_future(&a[1]).is_none();
    let target = ensure::ensure_future(vm, &a[1].clone(), Some(id))?;
    if is_new && let Some(f) = future::of(&target) {
        f.set_mark(future::mark::QUIET, true);
    }
    run::run_until_complete(vm, &this_loop, &target)
}

fn run_forever_method(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let this_loop = this_ref(&a[0]);
    check_idle(vm, this::<Loop>(&a[0]))?;
    if thread_loop::is_on_thread(vm) {
        return thread_loop::run_here(vm, &this_loop, None);
    }
    run_forever(vm, &this_loop)?;
    Ok(Value::None)
}

fn stop(vm: &mut Vm, _a: &mut [Value], _n: usize) -> R {
    vm.event_loop.stop();
    Ok(Value::None)
}

fn close(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let l = this::<Loop>(&a[0]);
    if is_running(vm, l) {
        return Err(vm.runtime_error("Cannot close a running event loop"));
    }
    l.close();
    if heap::has_dying() {
        vm.run_finalizers();
    }
    Ok(Value::None)
}

fn set_debug(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let on = vm.truth(&a[1].clone())?;
    this::<Loop>(&a[0]).debug.set(on);
    Ok(Value::None)
}

fn set_slow(vm: &mut Vm, v: &Value, seconds: Value) -> R<()> {
    this::<Loop>(v).slow.set(vm.to_f64(&seconds)?);
    Ok(())
}

fn set_exception_handler(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if !a[1].is_none() && !is_callable(vm, &a[1]) {
        let shown = vm.repr(&a[1].clone())?;
        return Err(vm.type_error(&format!("A callable object or None is expected, got {shown}")));
    }
    let handler = a[1].take();
    let old = this::<Loop>(&a[0]).exception_handler.replace(handler);
    drop(old);
    Ok(Value::None)
}

/// Reads the context dict of an error.
fn with_report(vm: &mut Vm, context: &Value, tell: impl FnOnce(&mut Vm, &Report) -> R<()>) -> R {
    let Some(Kind::Dict(dict)) = context.native_kind() else { return Err(vm.type_error("a dict is required")) };
    let (mut message, mut exception, mut objects) = ("Unhandled exception in event loop".to_owned(), None, Vec::new());
    for entry in dict.borrow().iter() {
        match entry.key.as_str() {
            Some("message") => entry.value.as_str().unwrap_or_default().clone_into(&mut message),
            Some("exception") => exception = entry.value.obj().filter(|o| matches!(o.kind, Kind::Exc(_))).cloned(),
            Some(name) => objects.push((known(name), entry.value.clone())),
            None => {}
        }
    }
    tell(vm, &Report { message: &message, exception, objects })?;
    Ok(Value::None)
}

/// The keys of asyncio's error contexts.
fn known(name: &str) -> &'static str {
    ["asyncgen", "future", "handle", "task"].into_iter().find(|k| *k == name).unwrap_or("object")
}

fn call_handler(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let this_loop = this_ref(&a[0]);
    let handler = this::<Loop>(&a[0]).exception_handler.borrow().clone();
    if handler.is_none() {
        return default_handler(vm, a, 2);
    }
    let context = a[1].clone();
    if vm.call(&handler, &[Value::Obj(this_loop.clone()), context.clone()]).is_err() {
        if crate::event_loop::handler::is_fatal(vm) {
            return Err(crate::value::Thrown);
        }
        let exception = Some(vm.take_exc());
        write_report(vm, &Report { message: "Unhandled error in exception handler", exception, objects: vec![("context", context)] });
    }
    Ok(Value::None)
}

fn default_handler(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    with_report(vm, &a[1].clone(), |vm, report| {
        write_report(vm, report);
        Ok(())
    })
}

fn repr_method(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let l = this::<Loop>(&a[0]);
    let word = |b: bool| if b { "True" } else { "False" };
    let text = format!("<{} running={} closed={} debug={}>", vm.class_of(&a[0]).name(), word(is_running(vm, l)), word(l.closed.get()), word(l.debug.get()));
    Ok(text.into())
}

/// Ends the default executor: a coroutine.
pub fn shutdown_executor_coro(loop_ref: &Ref) -> Ref {
    coroutine(ShutDownExecutor { loop_ref: loop_ref.clone(), began: false })
}

struct ShutDownExecutor {
    loop_ref: Ref,
    began: bool,
}

impl NativeCoro for ShutDownExecutor {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        received(vm, sent)?;
        let is_used = self.loop_ref.downcast::<Loop>().is_some_and(|l| !l.executor.borrow().is_none());
        if !is_used || std::mem::replace(&mut self.began, true) {
            return Ok(Value::None);
        }
        let shut_down = library::get(vm, "_shutdown_default_executor")?;
        let coro = vm.call(&shut_down, &[Value::Obj(self.loop_ref.clone())])?;
        let task = ensure::ensure_future(vm, &coro, None)?;
        vm.suspend(Signal::Future(task))
    }
    fn name(&self) -> &'static str {
        "BaseEventLoop.shutdown_default_executor"
    }
}

/// Closes the async generators that are left: a coroutine.
pub fn shutdown_asyncgens_coro(loop_ref: &Ref) -> Ref {
    coroutine(ShutDown { loop_ref: loop_ref.clone(), generators: None })
}

struct ShutDown {
    loop_ref: Ref,
    /// Those that are being closed, once closing began.
    generators: Option<Vec<Ref>>,
}

impl NativeCoro for ShutDown {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        let results = received(vm, sent)?;
        if let Some(generators) = self.generators.take() {
            return report_failures(vm, &self.loop_ref, &generators, &results);
        }
        let generators = vm.event_loop.take_asyncgens();
        if generators.is_empty() {
            return Ok(Value::None);
        }
        let name = vm.name_of("aclose");
        let mut closings = Vec::new();
        for g in &generators {
            closings.push(vm.call_method(&Value::Obj(g.clone()), &name, &[])?);
        }
        self.generators = Some(generators);
        let all = gather::gather(vm, &closings, true)?;
        vm.suspend(Signal::Future(all))
    }
    fn name(&self) -> &'static str {
        "BaseEventLoop.shutdown_asyncgens"
    }
}

fn report_failures(vm: &mut Vm, loop_ref: &Ref, generators: &[Ref], results: &Value) -> R {
    let results: Vec<Value> = match results.kind() {
        Some(Kind::List(l)) => l.borrow().clone(),
        _ => Vec::new(),
    };
    for (generator, result) in generators.iter().zip(results) {
        if !vm.is_instance(&result, &vm.types.exception) {
            continue;
        }
        let message = format!("an error occurred during closing of asynchronous generator {}", vm.repr(&Value::Obj(generator.clone()))?);
        let report = Report { message: &message, exception: result.obj().cloned(), objects: vec![("asyncgen", Value::Obj(generator.clone()))] };
        call_exception_handler(vm, Some(loop_ref), &report)?;
    }
    Ok(Value::None)
}

/// An async generator died while suspended: its cleanup runs as a task of the loop.
pub fn close_dropped_asyncgen(vm: &mut Vm, generator: &Ref) -> R<()> {
    if !vm.event_loop.is_running() {
        return Ok(());
    }
    let name = vm.name_of("aclose");
    let closing = vm.call_method(&Value::Obj(generator.clone()), &name, &[])?;
    let Some(l) = vm.event_loop.running.clone() else { return Ok(()) };
    let id = vm.event_loop.active;
    let method = vm.get_attr(&Value::Obj(l), &Obj::str("create_task"))?;
    let handle = Obj::native(Handle::new(method, Box::new([closing]), Value::Unbound, id, None));
    vm.event_loop.enqueue(id, Ready::Handle(handle));
    Ok(())
}
