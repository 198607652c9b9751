//! `asyncio.Task`, and the functions that make and list tasks.

use super::future::this_ref;
use super::{ensure, library};
use crate::event_loop::deadlock::pending_tasks;
use crate::event_loop::future::mark;
use crate::event_loop::step::task_of;
use crate::event_loop::task::{Task, Waiting};
use crate::types::make::{class_to_make, wrap};
use crate::value::class::Solid;
use crate::value::func::{Builtin, CodeKind, GetSet};
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The class.
pub const TYPE: TypeDef =
    TypeDef { methods: METHODS, getsets: GETSETS, construct: Some(&NEW), solid: Solid::Builtin, flags: 0, doc: "A coroutine that the loop runs." };

static NEW: Builtin = Builtin::new("Task", "(coro, *, loop=None, name=None, context=None)", new, "");

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", make, "Makes a task that `__init__` gives a coroutine."),
    Builtin::new("__init__", "(self, coro, *, loop=None, name=None, context=None)", init, "Gives a new task its coroutine."),
    Builtin::new("get_name", "(self, /)", get_name, "The task's name."),
    Builtin::new("set_name", "(self, value, /)", set_name, "Names the task."),
    Builtin::new("get_coro", "(self, /)", get_coro, "The coroutine."),
    Builtin::new("cancelling", "(self, /)", cancelling, "How often it was cancelled, less `uncancel`."),
    Builtin::new("uncancel", "(self, /)", uncancel, "Takes one cancellation back; gives how many are left."),
    Builtin::new("set_result", "(self, result, /)", set_result, "Not for tasks."),
    Builtin::new("set_exception", "(self, exception, /)", set_exception, "Not for tasks."),
    Builtin::new(
        "get_stack",
        "(self, /, *, limit=None)",
        |vm, a, _| library::call(vm, "_get_stack", &[a[0].clone(), optional(&a[1])]),
        "The frame where it waits, or those of its exception.",
    ),
    Builtin::new("print_stack", "(self, /, *, limit=None, file=None)", print_stack, "Prints what `get_stack` gives."),
];

const GETSETS: &[GetSet] = &[
    GetSet { name: "_coro", get: |_, v| Ok(part(v).coro.get().cloned().map_or(Value::None, Value::Obj)), set: None },
    GetSet { name: "_fut_waiter", get: waiter, set: None },
    GetSet { name: "_must_cancel", get: |_, v| Ok(part(v).future.has(mark::MUST_CANCEL).into()), set: None },
];

/// The functions.
pub const FUNCTIONS: &[Builtin] = &[
    Builtin::new("create_task", "(coro, *, name=None, context=None)", create_task, "Makes a task of a coroutine; it begins when the current task waits."),
    Builtin::new("ensure_future", "(coro_or_future, *, loop=None)", ensure_future, "A future as it is, anything else awaitable as a task."),
    Builtin::new("current_task", "(loop=None)", current_task, "The task that runs."),
    Builtin::new("all_tasks", "(loop=None)", all_tasks, "The tasks that are not done."),
    Builtin::new("isfuture", "(obj, /)", isfuture, "Whether it is a future or task."),
    Builtin::new("iscoroutine", "(obj, /)", iscoroutine, "Whether it is a coroutine object."),
    Builtin::new("iscoroutinefunction", "(func, /)", iscoroutinefunction, "Whether calling it gives a coroutine."),
];

fn part(v: &Value) -> &Task {
    match v.obj().and_then(task_of) {
        Some(t) => t,
        None => unreachable!("a method's receiver is an instance of its class"),
    }
}

fn new(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let id = ensure::loop_id(vm, a[1].some().cloned().as_ref())?;
    let (coro, name, context) = (a[0].take(), a[2].some().cloned(), a[3].take());
    ensure::plain_task(vm, id, &coro, name, context).map(Value::Obj)
}

/// A task for a script's subclass.
fn make(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.task.clone();
    let class = class_to_make(vm, a, n, &owner)?;
    let task = Task::new();
    task.future.set_mark(mark::INNER, !class.is(&owner));
    Ok(wrap(&class, &owner, Obj::tracked(Kind::Task(task)).into()))
}

fn init(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let id = ensure::loop_id(vm, a[2].some().cloned().as_ref())?;
    let (task, coro, name, context) = (this_ref(&a[0]), a[1].take(), a[3].some().cloned(), a[4].take());
    ensure::set_up(vm, &task, id, &coro, name, context)?;
    Ok(Value::None)
}

/// `asyncio.create_task`. As in CPython 3.11, a task takes a number even when it gets a name.
fn create_task(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let Some(id) = vm.event_loop.running.as_ref().map(|_| vm.event_loop.active) else {
        return Err(vm.runtime_error("no running event loop"));
    };
    let context = a[2].take();
    let task = ensure::new_task(vm, id, &a[0], None, context)?;
    if let Some(name) = a[1].some().cloned() {
        rename(vm, &Value::Obj(task.clone()), &name)?;
    }
    Ok(task.into())
}

fn rename(vm: &mut Vm, task: &Value, name: &Value) -> R<()> {
    let name = vm.str_value(name)?;
    let old = part(task).future.with_extra(|e| std::mem::replace(&mut e.name, name));
    drop(old);
    Ok(())
}

fn ensure_future(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let id = match a[1].some().cloned() {
        Some(l) => Some(ensure::loop_id(vm, Some(&l))?),
        None => None,
    };
    ensure::ensure_future(vm, &a[0].clone(), id).map(Value::Obj)
}

fn current_task(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if a[0].some().is_none() {
        ensure::running_loop(vm)?;
    }
    Ok(vm.event_loop.current.clone().map_or(Value::None, Value::Obj))
}

fn all_tasks(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let id = if let Some(l) = a[0].some().cloned() {
        ensure::loop_id(vm, Some(&l))?
    } else {
        ensure::running_loop(vm)?;
        vm.event_loop.active
    };
    vm.new_set(pending_tasks(id).into_iter().map(Value::Obj).collect())
}

fn isfuture(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(ensure::as_future(&a[0]).is_some().into())
}

fn iscoroutine(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(ensure::is_coroutine(&a[0]).into())
}

fn iscoroutinefunction(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(is_coroutine_function(&a[0]).into())
}

/// Whether calling a function gives a coroutine.
pub fn is_coroutine_function(func: &Value) -> bool {
    match crate::modules::functools::innermost_function(func).kind() {
        Some(Kind::Func(f)) => f.code.kind == CodeKind::Coroutine,
        Some(Kind::NativeFn(f)) => f.def.awaiting.is_some(),
        _ => false,
    }
}

fn get_name(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(part(&a[0]).name())
}

fn set_name(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let name = a[1].take();
    rename(vm, &a[0].clone(), &name)?;
    Ok(Value::None)
}

fn get_coro(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(part(&a[0]).coro.get().cloned().map_or(Value::None, Value::Obj))
}

fn cancelling(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(Value::Int(part(&a[0]).cancel_requests().into()))
}

fn uncancel(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(Value::Int(part(&a[0]).remove_cancel_request().into()))
}

fn optional(v: &Value) -> Value {
    v.some().cloned().unwrap_or(Value::None)
}

fn print_stack(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    library::call(vm, "_print_stack", &[a[0].clone(), optional(&a[1]), optional(&a[2])])
}

/// `_fut_waiter`.
fn waiter(_vm: &mut Vm, v: &Value) -> R {
    Ok(match part(v).waiting() {
        Waiting::Future(f) => f.into(),
        _ => Value::None,
    })
}

fn set_result(vm: &mut Vm, _a: &mut [Value], _n: usize) -> R {
    Err(vm.runtime_error("Task does not support set_result operation"))
}

fn set_exception(vm: &mut Vm, _a: &mut [Value], _n: usize) -> R {
    Err(vm.runtime_error("Task does not support set_exception operation"))
}
