//! From anything awaitable to a future, and which loop is meant.

use crate::event_loop::future;
use crate::event_loop::spawn;
use crate::modules::asyncio::event_loop::Loop;
use crate::value::func::CodeKind;
use crate::value::{Kind, R, Ref, Value};
use crate::vm::Vm;

/// Whether asyncio takes a value for a coroutine: generators count, as in CPython 3.11.
pub fn is_coroutine(v: &Value) -> bool {
    matches!(v.kind(), Some(Kind::Coro(c)) if matches!(c.kind, CodeKind::Coroutine | CodeKind::Generator))
}

/// The future in a value, if it is one.
pub fn as_future(v: &Value) -> Option<&Ref> {
    v.obj().filter(|o| future::of(o).is_some())
}

/// The loop that runs.
pub fn running_loop(vm: &mut Vm) -> R<Ref> {
    match &vm.event_loop.running {
        Some(l) => Ok(l.clone()),
        None => Err(vm.runtime_error("no running event loop")),
    }
}

/// The loop that runs, else the one that is set, else a new one.
pub fn current_loop(vm: &mut Vm) -> R<Ref> {
    if let Some(l) = vm.event_loop.running.clone().or_else(|| vm.event_loop.policy_loop.clone()) {
        return Ok(l);
    }
    if vm.event_loop.policy_set {
        let thread = match crate::modules::threading::current_peer(vm) {
            Some(peer) => vm.get_attr(&peer, &vm.names.name_.clone())?,
            None => "MainThread".into(),
        };
        let text = format!("There is no current event loop in thread {}.", vm.repr(&thread)?);
        return Err(vm.runtime_error(&text));
    }
    let l = super::policy::make(vm);
    vm.event_loop.policy_loop = Some(l.clone());
    vm.event_loop.policy_set = true;
    Ok(l)
}

/// The number of the loop that an argument names, else of the current one.
pub fn loop_id(vm: &mut Vm, arg: Option<&Value>) -> R<u32> {
    let given = match arg {
        Some(v) => v.clone(),
        None => match vm.event_loop.running.clone() {
            Some(l) => l.into(),
            None => super::policy::current(vm)?.into(),
        },
    };
    match given.obj().and_then(|o| o.downcast::<Loop>()) {
        Some(l) => Ok(l.id),
        None => {
            let name = vm.name_of("get_debug");
            Err(vm.no_attribute(&given, &name))
        }
    }
}

/// Makes a task of a coroutine, by the loop's task factory if there is one.
pub fn new_task(vm: &mut Vm, loop_id: u32, coro: &Value, name: Option<Value>, context: Value) -> R<Ref> {
    if vm.event_loop.has_task_factories
        && let Some(task) = made_by_factory(vm, loop_id, coro, name.as_ref(), &context)?
    {
        return Ok(task);
    }
    plain_task(vm, loop_id, coro, name, context)
}

#[cold]
fn made_by_factory(vm: &mut Vm, loop_id: u32, coro: &Value, name: Option<&Value>, context: &Value) -> R<Option<Ref>> {
    let Some(this_loop) = vm.event_loop.loop_of(loop_id) else { return Ok(None) };
    let factory = this_loop.downcast::<Loop>().map_or(Value::None, |l| l.task_factory.borrow().clone());
    if factory.is_none() {
        return Ok(None);
    }
    let keywords = context.some().map(|c| (vm.name_of("context"), c.clone()));
    let task = vm.call_with(&factory, &[this_loop.into(), coro.clone()], keywords.as_slice())?;
    if let Some(name) = name.filter(|n| !n.is_none()) {
        let set_name = vm.name_of("set_name");
        vm.call_method(&task, &set_name, std::slice::from_ref(name))?;
    }
    match as_future(&task) {
        Some(task) => Ok(Some(task.clone())),
        None => Err(vm.type_error("corun needs a task factory to give tasks or futures")),
    }
}

/// Makes a task of a coroutine.
pub fn plain_task(vm: &mut Vm, loop_id: u32, coro: &Value, name: Option<Value>, context: Value) -> R<Ref> {
    let (coro, name, context) = checked(vm, coro, name, context)?;
    spawn::spawn(vm, loop_id, coro, name, context)
}

/// Gives a new task its coroutine.
pub fn set_up(vm: &mut Vm, task: &Ref, loop_id: u32, coro: &Value, name: Option<Value>, context: Value) -> R<()> {
    let (coro, name, context) = checked(vm, coro, name, context)?;
    spawn::set_up(vm, task, loop_id, coro, name, context)
}

/// What a task is made of: a coroutine, its name as text, and its context, empty for a copy of the current one.
#[inline(always)]
fn checked(vm: &mut Vm, coro: &Value, name: Option<Value>, context: Value) -> R<(Ref, Option<Value>, Value)> {
    if let Some(obj) = coro.obj()
        && is_coroutine(coro)
    {
        let name = match name {
            Some(n) if !n.is_none() => Some(vm.str_value(&n)?),
            _ => None,
        };
        let context = if context.is_none() { Value::Unbound } else { context };
        return Ok((obj.clone(), name, context));
    }
    let shown = vm.repr(coro)?;
    Err(vm.type_error(&format!("a coroutine was expected, got {shown}")))
}

/// A closed loop takes no coroutine: it is closed as well, so that nobody complains that it was never awaited.
fn check_open(vm: &mut Vm, loop_id: u32, coro: &Value) -> R<()> {
    if vm.event_loop.is_running() || !vm.event_loop.loop_of(loop_id).is_some_and(|l| l.downcast::<Loop>().is_some_and(|l| l.closed.get())) {
        return Ok(());
    }
    if let Some(coro) = coro.obj() {
        vm.close_coro(coro)?;
    }
    Err(vm.runtime_error("Event loop is closed"))
}

/// `ensure_future`: futures as they are, coroutines and other awaitables as tasks.
pub fn ensure_future(vm: &mut Vm, v: &Value, loop_arg: Option<u32>) -> R<Ref> {
    if let Some(f) = as_future(v) {
        if loop_arg.is_some_and(|l| future::of(f).is_some_and(|f| f.loop_id() != l)) {
            return Err(vm.value_error("The future belongs to a different loop than the one specified as the loop argument"));
        }
        return Ok(f.clone());
    }
    if is_coroutine(v) {
        let target = loop_arg.map_or_else(|| loop_id(vm, None), Ok)?;
        check_open(vm, target, v)?;
        return new_task(vm, target, v, None, Value::Unbound);
    }
    let is_awaitable = vm.class_of(v).lookup(&vm.names.r#await).is_some();
    if !is_awaitable {
        return Err(vm.type_error("An asyncio.Future, a coroutine or an awaitable is required"));
    }
    let wrap = super::library::get(vm, "_wrap_awaitable")?;
    let coro = vm.call(&wrap, std::slice::from_ref(v))?;
    let target = match loop_arg {
        Some(l) => l,
        None => loop_id(vm, None)?,
    };
    new_task(vm, target, &coro, None, Value::Unbound)
}
