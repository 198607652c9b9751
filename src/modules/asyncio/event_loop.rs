//! The loop object and its methods.

use std::cell::{Cell, RefCell};

use super::classes::{this, this_ref};
use super::handle::Handle;
use super::{ensure, library, shutdown, sleep};
use crate::event_loop::future::{self, Future};
use crate::event_loop::handler::{Report, write_report};
use crate::event_loop::{Queues, Ready, clock, context, run, run_forever, thread_loop};
use crate::modules::builtins::attributes::is_callable;
use crate::syntax::ast::BinOp;
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{Attrs, ClassRef, Kind, Obj, R, Ref, Value, heap};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The class.
pub const TYPE: TypeDef = TypeDef { methods: METHODS, getsets: GETSETS, construct: None, solid: Solid::Builtin, flags: 0, doc: "An event loop." };

const GETSETS: &[GetSet] = &[GetSet { name: "slow_callback_duration", get: |_, v| Ok(Value::float(this::<Loop>(v).slow.get())), set: Some(set_slow) }];

/// What a loop does.
pub const METHODS: &[Builtin] = &[
    Builtin::new("time", "(self, /)", time, "Seconds on the loop's clock."),
    Builtin::new("call_soon", "(self, callback, /, *args, context=None)", call_soon, "Calls a function in the next tick."),
    Builtin::new("call_soon_threadsafe", "(self, callback, /, *args, context=None)", call_soon_threadsafe, "Calls a function in the next tick."),
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
    Builtin::new("set_debug", "(self, enabled, /)", set_debug, "Sets the debug flag: slow steps are reported, misuse of threads is refused."),
    Builtin::new("get_exception_handler", "(self, /)", |_, a, _| Ok(this::<Loop>(&a[0]).exception_handler.borrow().clone()), "The handler, or None."),
    Builtin::new("set_exception_handler", "(self, handler, /)", set_exception_handler, "Sets who hears of errors that nobody caught."),
    Builtin::new("call_exception_handler", "(self, context, /)", call_handler, "Reports an error."),
    Builtin::new("default_exception_handler", "(self, context, /)", default_handler, "Writes an error to standard error."),
    Builtin::new("shutdown_asyncgens", "(self, /)", |_, a, _| Ok(shutdown::asyncgens_coro(&this_ref(&a[0])).into()), "Closes async generators that are left."),
    Builtin::new("shutdown_default_executor", "(self, /)", |_, a, _| Ok(shutdown::executor_coro(&this_ref(&a[0])).into()), "Ends the default executor."),
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
    Builtin::new("create_datagram_endpoint", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "create_datagram_endpoint"), "Not supported."),
    Builtin::new("connect_accepted_socket", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "connect_accepted_socket"), "Not supported."),
    Builtin::new("sock_accept", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sock_accept"), "Not supported."),
    Builtin::new("sock_connect", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sock_connect"), "Not supported."),
    Builtin::new("sock_recv", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sock_recv"), "Not supported."),
    Builtin::new("sock_recv_into", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sock_recv_into"), "Not supported."),
    Builtin::new("sock_recvfrom", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sock_recvfrom"), "Not supported."),
    Builtin::new("sock_recvfrom_into", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sock_recvfrom_into"), "Not supported."),
    Builtin::new("sock_sendall", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sock_sendall"), "Not supported."),
    Builtin::new("sock_sendfile", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sock_sendfile"), "Not supported."),
    Builtin::new("sock_sendto", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sock_sendto"), "Not supported."),
    Builtin::new("add_writer", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "add_writer"), "Not supported."),
    Builtin::new("remove_writer", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "remove_writer"), "Not supported."),
    Builtin::new("getaddrinfo", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "getaddrinfo"), "Not supported."),
    Builtin::new("getnameinfo", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "getnameinfo"), "Not supported."),
    Builtin::new("start_tls", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "start_tls"), "Not supported."),
    Builtin::new("sendfile", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "sendfile"), "Not supported."),
    Builtin::new("create_unix_connection", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "sockets", "create_unix_connection"), "Not supported."),
    Builtin::new("create_unix_server", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "servers", "create_unix_server"), "Not supported."),
    Builtin::new("connect_read_pipe", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "pipes", "connect_read_pipe"), "Not supported."),
    Builtin::new("connect_write_pipe", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "pipes", "connect_write_pipe"), "Not supported."),
    Builtin::new("subprocess_shell", "(self, /, *args, **kwargs)", |vm, _, _| refused(vm, "subprocesses", "subprocess_shell"), "Not supported."),
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
    /// The class of a script that it is an instance of.
    class: Option<ClassRef>,
    /// Its queues while it does not run.
    pub queues: RefCell<Queues>,
    pub closed: Cell<bool>,
    pub debug: Cell<bool>,
    /// `slow_callback_duration`: longer steps are reported in debug mode.
    pub slow: Cell<f64>,
    pub exception_handler: RefCell<Value>,
    attrs: Attrs,
    /// What makes tasks of coroutines, if not the loop itself.
    pub task_factory: RefCell<Value>,
    /// The pool of threads that `run_in_executor(None, ..)` means; `False` once it was shut down.
    executor: RefCell<Value>,
    /// The thread that runs it and waits for something to do.
    pub parked: Cell<Option<Ref>>,
}

impl Loop {
    /// A loop that has nothing to do.
    pub fn new(id: u32, class: Option<ClassRef>) -> Self {
        Self {
            id,
            class,
            queues: RefCell::default(),
            closed: Cell::new(false),
            debug: Cell::new(false),
            slow: Cell::new(0.1),
            exception_handler: RefCell::new(Value::None),
            attrs: Attrs::default(),
            task_factory: RefCell::new(Value::None),
            executor: RefCell::new(Value::None),
            parked: Cell::new(None),
        }
    }

    /// Whether it has a pool of threads to end.
    pub fn has_executor(&self) -> bool {
        !self.executor.borrow().is_none()
    }

    /// Closes it and lets go of what it had to do.
    pub fn close(&self) {
        self.closed.set(true);
        drop(self.queues.take());
    }
}

impl Native for Loop {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        self.class.as_ref().or_else(|| vm.event_loop.classes.get().map(|c| &c.event_loop)).unwrap_or(&vm.types.object)
    }
    fn attrs(&self) -> Option<&Attrs> {
        Some(&self.attrs)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.attrs.trace(visit);
        if let Some(class) = &self.class {
            visit(&class.into());
        }
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
    check_misuse(vm, a, 1, "call_soon")?;
    queue_call(vm, a, n)
}

/// What debug mode refuses: calls from another thread, and coroutines as callbacks.
fn check_misuse(vm: &mut Vm, a: &[Value], callback: usize, method: &str) -> R<()> {
    let l = this::<Loop>(&a[0]);
    check_closed(vm, l)?;
    if !l.debug.get() {
        return Ok(());
    }
    if is_running(vm, l) && vm.event_loop.active != l.id {
        return Err(vm.runtime_error("Non-thread-safe operation invoked on an event loop other than the current one"));
    }
    check_callback(vm, &a[callback], method)
}

fn check_callback(vm: &mut Vm, callback: &Value, method: &str) -> R<()> {
    if ensure::is_coroutine(callback) || super::task::is_coroutine_function(callback) {
        return Err(vm.type_error(&format!("coroutines cannot be used with {method}()")));
    }
    if !is_callable(vm, callback) {
        let text = format!("a callable object was expected by {method}(), got {}", vm.repr(callback)?);
        return Err(vm.type_error(&text));
    }
    Ok(())
}

fn call_soon_threadsafe(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let l = this::<Loop>(&a[0]);
    check_closed(vm, l)?;
    if l.debug.get() {
        check_callback(vm, &a[1].clone(), "call_soon_threadsafe")?;
    }
    queue_call(vm, a, n)
}

fn queue_call(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let this_loop = this_ref(&a[0]);
    let l = this::<Loop>(&a[0]);
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
    check_addable(vm, &a[1].clone())?;
    check_misuse(vm, a, 2, "call_at")?;
    let delay = sleep::delay_ns(vm, &a[1].clone())?;
    let when = vm.host.clock.after(delay);
    set_timer(vm, a, n, when)
}

/// A delay has to be what the loop's time can be added to.
fn check_addable(vm: &mut Vm, delay: &Value) -> R<()> {
    if !matches!(delay, Value::Int(_) | Value::Float(_)) {
        vm.binary(BinOp::Add, &Value::float(0.0), delay)?;
    }
    Ok(())
}

fn call_at(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if a[1].is_none() {
        return Err(vm.type_error("when cannot be None"));
    }
    check_misuse(vm, a, 2, "call_at")?;
    let when = sleep::moment_ns(vm, &a[1].clone())?;
    set_timer(vm, a, n, when)
}

fn set_timer(vm: &mut Vm, a: &mut [Value], n: usize, when: i64) -> R {
    let id = this::<Loop>(&a[0]).id;
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
    let l = this::<Loop>(&a[0]);
    l.debug.set(on);
    if vm.event_loop.active == l.id {
        vm.event_loop.debug = on;
    }
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
            Some(name) => objects.push((name.to_owned(), entry.value.clone())),
            None => {}
        }
    }
    let objects = objects.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    tell(vm, &Report { message: &message, exception, objects })?;
    Ok(Value::None)
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
