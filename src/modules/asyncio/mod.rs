//! `asyncio`: tasks, futures, locks and queues over the one event loop. What is hot is written in Rust; the rest is in
//! `library.co` and `waiting.co`, and loaded when first used.

use crate::event_loop::run::Runner;
use crate::event_loop::{context, thread_loop};
use crate::value::func::{Builtin, NativeFn};
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

pub mod classes;
pub mod contextvars;
pub mod ensure;
pub mod event;
pub mod event_loop;
pub mod future;
pub mod future_iter;
pub mod gather;
pub mod handle;
pub mod library;
pub mod line;
pub mod lock;
pub mod loop_class;
pub mod native;
pub mod policy;
pub mod priority;
pub mod queue;
pub mod repr;
pub mod scripted_queue;
pub mod semaphore;
pub mod shield;
pub mod shutdown;
pub mod signals;
pub mod sleep;
pub mod task;

/// The names that extended sources see without an import.
pub const PRELUDE: &[&str] = &[
    "sleep",
    "create_task",
    "gather",
    "run",
    "wait_for",
    "wait",
    "timeout",
    "timeout_at",
    "TaskGroup",
    "shield",
    "as_completed",
    "current_task",
    "all_tasks",
    "ensure_future",
    "get_running_loop",
    "Task",
    "Future",
    "Event",
    "Lock",
    "Semaphore",
    "BoundedSemaphore",
    "Condition",
    "Barrier",
    "Queue",
    "PriorityQueue",
    "LifoQueue",
    "QueueEmpty",
    "QueueFull",
    "CancelledError",
    "InvalidStateError",
    "FIRST_COMPLETED",
    "FIRST_EXCEPTION",
    "ALL_COMPLETED",
];

/// The functions that stand in no other table.
const FUNCTIONS: &[Builtin] = &[
    Builtin::new("run", "(main, *, debug=None)", run, "Runs a coroutine in a new event loop and gives its result.").blocking(),
    Builtin::new("get_running_loop", "()", |vm, _, _| ensure::running_loop(vm).map(Value::Obj), "The loop that runs."),
    Builtin::new("_get_running_loop", "()", |vm, _, _| Ok(vm.event_loop.running.clone().map_or(Value::None, Value::Obj)), "The loop that runs, or None."),
];

/// Functions that only `library.co` sees.
const NATIVE_FOR_LIBRARY: &[Builtin] = &[
    line::LINE,
    Builtin::new("_run_in", "(loop, coro, context)", run_in, "Runs a coroutine as the main task of a loop.").blocking(),
    Builtin::new("_close", "(loop)", close, "Tidies a loop up and closes it.").blocking(),
    Builtin::new("_line_of", "(frame, /)", |_, a, _| Ok(crate::types::frame::line_text(&a[0]).into()), "The source line where a frame stands."),
    Builtin::new("_executor", "(loop)", event_loop::executor, "The default executor; None before there is one, False afterwards."),
    Builtin::new("_set_executor", "(loop, executor)", event_loop::set_executor, "Sets the default executor."),
    Builtin::new("_copy_context", "()", |vm, _, _| Ok(context::copy_of(&vm.event_loop.context)), "A copy of the current context."),
];

/// A module function as an object.
pub fn function(def: &'static Builtin) -> Value {
    Obj::new(Kind::NativeFn(NativeFn { def, owner: None, module: "asyncio" })).into()
}

fn run(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let debug = match a[1].some().cloned() {
        Some(d) => vm.apart_from_waiting(|vm| vm.truth(&d))?,
        None => false,
    };
    if thread_loop::is_on_thread(vm) && !vm.event_loop.is_running() {
        let run = library::get(vm, "_run_on_thread")?;
        return vm.call_here(&run, &[a[0].clone(), debug.into()]);
    }
    vm.run_main(&a[0].clone(), debug)
}

fn loop_arg(vm: &mut Vm, v: &Value) -> R<Ref> {
    match v.obj().filter(|o| o.downcast::<event_loop::Loop>().is_some()) {
        Some(o) => Ok(o.clone()),
        None => Err(vm.type_error("an event loop is required")),
    }
}

fn run_in(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let runner = Runner::of(loop_arg(vm, &a[0].clone())?);
    let (coro, context) = (a[1].clone(), a[2].take());
    runner.run(vm, &coro, Some(context))
}

fn close(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if thread_loop::is_on_thread(vm) {
        let tidy_up = library::get(vm, "_tidy_up")?;
        return vm.call_here(&tidy_up, &[a[0].clone()]);
    }
    let runner = Runner::of(loop_arg(vm, &a[0].clone())?);
    runner.close(vm)?;
    Ok(Value::None)
}

/// The native part of the namespace.
fn natives(vm: &Vm) -> Vec<(&'static str, Value)> {
    let c = classes::get(vm);
    let t = &vm.types;
    let mut names: Vec<(&'static str, Value)> = vec![
        ("Future", (&t.future).into()),
        ("Task", (&t.task).into()),
        ("CancelledError", (&t.cancelled_error).into()),
        ("TimeoutError", (&t.timeout_error).into()),
        ("InvalidStateError", (&c.invalid_state).into()),
        ("BrokenBarrierError", (&c.broken_barrier).into()),
        ("Event", (&c.event).into()),
        ("Lock", (&c.lock).into()),
        ("Semaphore", (&c.semaphore).into()),
        ("BoundedSemaphore", (&c.bounded_semaphore).into()),
        ("Queue", (&c.queue).into()),
        ("PriorityQueue", (&c.priority_queue).into()),
        ("LifoQueue", (&c.lifo_queue).into()),
        ("QueueEmpty", (&c.queue_empty).into()),
        ("QueueFull", (&c.queue_full).into()),
        ("AbstractEventLoop", (&c.event_loop).into()),
        ("BaseEventLoop", (&c.event_loop).into()),
        ("SelectorEventLoop", (&c.event_loop).into()),
        ("Handle", (&c.handle).into()),
        ("TimerHandle", (&c.timer_handle).into()),
        ("FIRST_COMPLETED", "FIRST_COMPLETED".into()),
        ("FIRST_EXCEPTION", "FIRST_EXCEPTION".into()),
        ("ALL_COMPLETED", "ALL_COMPLETED".into()),
    ];
    names.extend(
        FUNCTIONS
            .iter()
            .chain(policy::FUNCTIONS)
            .chain(task::FUNCTIONS)
            .chain([&sleep::SLEEP, &gather::GATHER, &shield::SHIELD])
            .map(|def| (def.name, function(def))),
    );
    names
}

/// One name of the module, loaded where necessary: for the prelude.
pub fn lookup(vm: &mut Vm, name: &str) -> R<Option<Value>> {
    if library::NAMES.contains(&name) {
        return library::get(vm, name).map(Some);
    }
    Ok(natives(vm).into_iter().find(|(n, _)| *n == name).map(|(_, v)| v))
}

/// The names of `asyncio.exceptions`.
pub fn exceptions(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    const NAMES: &[&str] = &["CancelledError", "TimeoutError", "InvalidStateError", "BrokenBarrierError"];
    natives(vm).into_iter().filter(|(n, _)| NAMES.contains(n)).collect()
}

/// The names of `asyncio`; those of the library come through `__getattr__`.
pub fn namespace(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    static GETATTR: Builtin = Builtin::new("__getattr__", "(name, /)", library::module_getattr, "Loads the rest of the module.");
    static DIR: Builtin = Builtin::new("__dir__", "()", library::module_dir, "The names of the module.");
    let mut names = natives(vm);
    let public = names
        .iter()
        .map(|(n, _)| *n)
        .filter(|n| !n.starts_with('_'))
        .chain(library::NAMES.iter().chain(library::UNSUPPORTED).copied())
        .filter(|n| !matches!(*n, "TaskGroup" | "Process"))
        .map(Value::from)
        .collect::<Vec<_>>();
    names.push(("__getattr__", function(&GETATTR)));
    names.push(("__dir__", function(&DIR)));
    // In 3.11 `TaskGroup` is not among the names of `import *`.
    names.push(("__all__", public.into()));
    names.push(("__path__", Vec::new().into()));
    names
}

/// The names of a submodule such as `asyncio.tasks`: those of `asyncio`, since few look for their true place.
pub fn part(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let whole = vm.import_module("asyncio").ok();
    let dict = whole.as_ref().and_then(crate::vm::import::module_dict);
    let known = |name: &str| dict.as_ref()?.as_dict()?.borrow().get_text(name).cloned();
    let mut names: Vec<_> = natives(vm).into_iter().map(|(name, made)| (name, known(name).unwrap_or(made))).collect();
    if let Some(getattr) = known("__getattr__") {
        names.push(("__getattr__", getattr));
    }
    names
}

/// The names of `asyncio.subprocess`.
pub fn subprocess(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = part(vm);
    names.extend([("PIPE", Value::Int(-1)), ("STDOUT", Value::Int(-2)), ("DEVNULL", Value::Int(-3))]);
    names
}

/// The names of `asyncio.constants`, as far as they mean something here.
pub fn constants(_vm: &mut Vm) -> Vec<(&'static str, Value)> {
    vec![("THREAD_JOIN_TIMEOUT", Value::Int(300)), ("DEBUG_STACK_DEPTH", Value::Int(10))]
}

/// The names of `contextvars`.
pub fn contextvars_namespace(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let c = classes::get(vm);
    let mut names = vec![("Context", (&c.context).into()), ("ContextVar", (&c.context_var).into()), ("Token", (&c.token).into())];
    names.extend(
        contextvars::FUNCTIONS.iter().map(|def| (def.name, Value::Obj(Obj::new(Kind::NativeFn(NativeFn { def, owner: None, module: "contextvars" }))))),
    );
    names
}
