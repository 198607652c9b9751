//! `asyncio.Future`, and the methods that tasks share with it.

use super::classes;
use super::{ensure, future_iter, repr};
use crate::event_loop::future::{self, Call, Callback, Future, Outcome, Stage, mark};
use crate::event_loop::{context, step};
use crate::types::make::{class_to_make, wrap};
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The class.
pub const TYPE: TypeDef =
    TypeDef { methods: METHODS, getsets: GETSETS, construct: Some(&NEW), solid: Solid::Builtin, flags: 0, doc: "A result that will exist." };

static NEW: Builtin = Builtin::new("Future", "(*, loop=None)", new, "");

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", make, "Makes a future that `__init__` gives to a loop."),
    Builtin::new("__init__", "(self, *, loop=None)", init, "Gives a new future to a loop."),
    Builtin::new("result", "(self, /)", result, "The result; raises the exception or CancelledError."),
    Builtin::new("exception", "(self, /)", exception, "The exception, or None."),
    Builtin::new("set_result", "(self, result, /)", set_result, "Completes the future with a result."),
    Builtin::new("set_exception", "(self, exception, /)", set_exception, "Completes the future with an exception."),
    Builtin::new("add_done_callback", "(self, fn, /, *, context=None)", add_done_callback, "Calls a function with the future when it is done."),
    Builtin::new("remove_done_callback", "(self, fn, /)", remove_done_callback, "Removes a callback; gives how many there were."),
    Builtin::new("cancel", "(self, msg=None)", cancel, "Cancels what is pending; says whether it was."),
    Builtin::new("cancelled", "(self, /)", cancelled, "Whether it was cancelled."),
    Builtin::new("done", "(self, /)", done, "Whether it has a result, an exception, or was cancelled."),
    Builtin::new("get_loop", "(self, /)", get_loop, "The event loop."),
    Builtin::new("_make_cancelled_error", "(self, /)", make_cancelled_error, "The exception to raise for a cancelled future."),
    Builtin::new("__await__", "(self, /)", iter, "Waits for it."),
    Builtin::new("__iter__", "(self, /)", iter, "Waits for it."),
    Builtin::new("__repr__", "(self, /)", repr_method, "The repr."),
];

const GETSETS: &[GetSet] = &[
    GetSet { name: "_asyncio_future_blocking", get: get_blocking, set: Some(set_blocking) },
    GetSet { name: "_loop", get: |vm, v| get_loop(vm, &mut [v.clone()], 1), set: None },
    GetSet { name: "_state", get: |_, v| Ok(part(v).stage().name().into()), set: None },
    GetSet { name: "_result", get: |_, v| Ok(part(v).result()), set: None },
    GetSet { name: "_exception", get: |_, v| Ok(part(v).error().map_or(Value::None, Value::Obj)), set: None },
    GetSet { name: "_source_traceback", get: |_, _| Ok(Value::None), set: None },
    GetSet { name: "_log_traceback", get: |_, v| Ok(part(v).has(mark::UNRETRIEVED).into()), set: Some(set_log_traceback) },
    GetSet { name: "_cancel_message", get: |_, v| Ok(part(v).cancel_message()), set: Some(set_cancel_message) },
    GetSet { name: "_callbacks", get: callbacks, set: None },
    GetSet { name: "_log_destroy_pending", get: |_, v| Ok((!part(v).has(mark::QUIET)).into()), set: Some(set_log_destroy_pending) },
];

/// The future part of a receiver.
fn part(v: &Value) -> &Future {
    match v.obj().and_then(future::of) {
        Some(f) => f,
        None => unreachable!("a method's receiver is an instance of its class"),
    }
}

fn new(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let id = ensure::loop_id(vm, a[0].some().cloned().as_ref())?;
    Ok(Obj::tracked(Kind::Future(Future::new(id))).into())
}

/// A future for a script's subclass.
fn make(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.future.clone();
    let class = class_to_make(vm, a, n, &owner)?;
    let future = Future::new(0);
    future.set_mark(mark::INNER, !class.is(&owner));
    Ok(wrap(&class, &owner, Obj::tracked(Kind::Future(future)).into()))
}

fn init(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let id = ensure::loop_id(vm, a[1].some().cloned().as_ref())?;
    part(&a[0]).set_loop(id);
    Ok(Value::None)
}

/// The object that a method was called on; the call protocol has checked its class.
pub fn this_ref(receiver: &Value) -> Ref {
    match receiver.obj() {
        Some(o) => o.clone(),
        None => unreachable!("a future is an object"),
    }
}

/// What is wrong with an instance of a script's subclass whose `__init__` did not call that of its base.
const NOT_MADE: &str = "Future object is not initialized.";

fn invalid_state(vm: &mut Vm, text: &str) -> crate::value::Thrown {
    let class = classes::get(vm).invalid_state.clone();
    vm.raise_new(&class, text)
}

/// Refuses a future that is `NOT_MADE`.
fn check_made(vm: &mut Vm, v: &Value) -> R<()> {
    if part(v).loop_id() == 0 { Err(vm.runtime_error(NOT_MADE)) } else { Ok(()) }
}

fn result(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let obj = this_ref(&a[0]);
    let what = if part(&a[0]).loop_id() == 0 { NOT_MADE } else { "Result is not set." };
    step::poll(vm, &obj).unwrap_or_else(|| Err(invalid_state(vm, what)))
}

fn exception(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let obj = this_ref(&a[0]);
    let f = part(&a[0]);
    match f.stage() {
        Stage::Pending if f.loop_id() == 0 => Err(invalid_state(vm, NOT_MADE)),
        Stage::Pending => Err(invalid_state(vm, "Exception is not set.")),
        Stage::Finished => Ok(Value::None),
        Stage::Failed => {
            f.set_mark(mark::UNRETRIEVED, false);
            Ok(f.error().map_or(Value::None, Value::Obj))
        }
        Stage::Cancelled => {
            let exc = step::cancelled_error(vm, &obj);
            Err(vm.raise(exc))
        }
    }
}

fn check_pending(vm: &mut Vm, v: &Value) -> R<Ref> {
    check_made(vm, v)?;
    let obj = this_ref(v);
    if part(v).is_done() {
        return Err(invalid_state(vm, "invalid state"));
    }
    Ok(obj)
}

fn set_result(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let obj = check_pending(vm, &a[0])?;
    let value = a[1].take();
    step::complete(vm, &obj, Outcome::Result(value));
    Ok(Value::None)
}

fn set_exception(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let obj = check_pending(vm, &a[0])?;
    let exception = if a[1].as_class().is_some() { vm.call(&a[1].clone(), &[])? } else { a[1].clone() };
    let Some(exc) = exception.obj().filter(|o| matches!(o.kind, Kind::Exc(_))) else {
        return Err(vm.type_error("invalid exception object"));
    };
    if vm.class_of(&exception).is(&vm.types.stop_iteration) {
        return Err(vm.type_error("StopIteration interacts badly with generators and cannot be raised into a Future"));
    }
    step::complete(vm, &obj, Outcome::Error(exc.clone()));
    Ok(Value::None)
}

fn add_done_callback(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if part(&a[0]).loop_id() == 0 {
        return Err(vm.runtime_error("uninitialized Future object"));
    }
    let obj = this_ref(&a[0]);
    let context = match a[2].some() {
        Some(c) => c.clone(),
        None => context::copy(vm),
    };
    step::add_callback(vm, &obj, Callback::Call(Box::new(Call { func: a[1].take(), context })));
    Ok(Value::None)
}

fn remove_done_callback(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    check_made(vm, &a[0])?;
    let f = part(&a[0]);
    if f.is_done() {
        return Ok(Value::Int(0));
    }
    let (mut kept, mut removed) = (Vec::new(), 0);
    let mut failure = None;
    for callback in f.take_callbacks() {
        let is_same = match &callback {
            Callback::Call(c) if failure.is_none() => vm.eq(&c.func, &a[1]).unwrap_or_else(|t| {
                failure = Some(t);
                false
            }),
            _ => false,
        };
        if is_same { removed += 1 } else { kept.push(callback) }
    }
    f.put_callbacks(kept);
    failure.map_or(Ok(Value::Int(removed)), Err)
}

fn cancel(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    check_made(vm, &a[0])?;
    let obj = this_ref(&a[0]);
    let message = a[1].some().cloned();
    crate::event_loop::cancel::cancel_here(vm, &obj, message.as_ref()).map(Value::bool)
}

fn cancelled(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(part(&a[0]).is_cancelled().into())
}

fn done(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(part(&a[0]).is_done().into())
}

fn get_loop(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    check_made(vm, &a[0])?;
    Ok(vm.event_loop.loop_of(part(&a[0]).loop_id()).map_or(Value::None, Value::Obj))
}

fn make_cancelled_error(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(step::cancelled_error(vm, &this_ref(&a[0])).into())
}

fn iter(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    check_made(vm, &a[0])?;
    Ok(future_iter::new(this_ref(&a[0])).into())
}

fn repr_method(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    check_made(vm, &a[0])?;
    repr::future_repr(vm, &a[0].clone())
}

fn get_blocking(_vm: &mut Vm, v: &Value) -> R {
    Ok(part(v).has(mark::BLOCKING).into())
}

fn set_blocking(vm: &mut Vm, v: &Value, value: Value) -> R<()> {
    let on = vm.truth(&value)?;
    part(v).set_mark(mark::BLOCKING, on);
    Ok(())
}

fn set_cancel_message(_vm: &mut Vm, v: &Value, message: Value) -> R<()> {
    part(v).set_cancel_message(Some(&message));
    Ok(())
}

/// Pairs of a callable and its context; those of the loop itself have no callable.
fn callbacks(_vm: &mut Vm, v: &Value) -> R {
    let pair = |func: Value, context: Value| Value::Obj(Obj::tuple(vec![func, context]));
    let pairs: Vec<Value> = part(v).with_outcome(|outcome| match outcome {
        Outcome::Awaited(_) => vec![pair(Value::None, Value::None)],
        Outcome::Watched(all) => all
            .iter()
            .map(|c| match c {
                Callback::Call(c) => pair(c.func.clone(), c.context.given().cloned().unwrap_or(Value::None)),
                _ => pair(Value::None, Value::None),
            })
            .collect(),
        _ => Vec::new(),
    });
    Ok(if pairs.is_empty() { Value::None } else { pairs.into() })
}

fn set_log_traceback(vm: &mut Vm, v: &Value, value: Value) -> R<()> {
    if vm.truth(&value)? {
        return Err(vm.value_error("_log_traceback can only be set to False"));
    }
    part(v).set_mark(mark::UNRETRIEVED, false);
    Ok(())
}

fn set_log_destroy_pending(vm: &mut Vm, v: &Value, value: Value) -> R<()> {
    let on = vm.truth(&value)?;
    part(v).set_mark(mark::QUIET, !on);
    Ok(())
}
