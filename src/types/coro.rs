//! Generators, coroutines and async generators as scripts see them.

use crate::types::async_gen;
use crate::types::frame::frame_object;
use crate::value::coro::{CoroBody, Sent, State};
use crate::value::exc::TraceEntry;
use crate::value::func::{Builtin, CodeKind, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::drive::coro_of;
use crate::vm::types::TypeDef;

/// The object behind a receiver.
fn receiver(v: &Value) -> &Ref {
    match v {
        Value::Obj(o) => o,
        _ => unreachable!("the receiver of a coroutine's method is a coroutine"),
    }
}

/// What `send` and `throw` give back: a yielded value, or `StopIteration` with the returned one.
fn give(vm: &mut Vm, result: R<Result<Value, Value>>) -> R {
    match result? {
        Ok(v) => Ok(v),
        Err(v) => Err(vm.stop_iteration(v)),
    }
}

fn identity(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(a[0].clone())
}

fn next(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let r = vm.resume(receiver(&a[0]), Sent::Value(Value::None));
    give(vm, r)
}

fn send(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let sent = a[1].take();
    let r = vm.resume(receiver(&a[0]), Sent::Value(sent));
    give(vm, r)
}

/// The exception that `throw(type, value, traceback)` means.
pub fn thrown(vm: &mut Vm, a: &[Value]) -> R<Ref> {
    let traceback = a[3].some();
    if traceback.is_some_and(|t| !matches!(t.kind(), Some(Kind::Traceback(_)))) {
        return Err(vm.type_error("throw() third argument must be a traceback object"));
    }
    let exc = thrown_exception(vm, a)?;
    if let Some(traceback) = traceback {
        super::exception::set_traceback(vm, &Value::Obj(exc.clone()), traceback.clone())?;
    }
    Ok(exc)
}

fn thrown_exception(vm: &mut Vm, a: &[Value]) -> R<Ref> {
    let is_class = a[1].to_class().is_some_and(|c| c.is_subclass_of(&vm.types.base_exception));
    if is_class {
        return match a[2].some() {
            Some(v) if matches!(v.kind(), Some(Kind::Exc(_))) && a[1].to_class().is_some_and(|c| vm.is_instance(v, &c)) => Ok(receiver(v).clone()),
            given => {
                let args = given.map(|v| v.as_tuple().map_or_else(|| vec![v.clone()], <[Value]>::to_vec)).unwrap_or_default();
                match vm.instantiate_exception(&a[1].clone(), &args, |vm, made| Ok(vm.class_name(made).to_string())) {
                    // What goes wrong in making the exception is thrown in its place.
                    Err(_) if vm.abort.is_none() => Ok(vm.take_exc()),
                    made => made,
                }
            }
        };
    }
    if matches!(a[1].kind(), Some(Kind::Exc(_))) {
        if a[2].some().is_some() {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        return Ok(receiver(&a[1]).clone());
    }
    let name = vm.class_name(&a[1]);
    Err(vm.type_error(&format!("exceptions must be classes or instances deriving from BaseException, not {name}")))
}

fn throw(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let exc = thrown(vm, a)?;
    let r = vm.resume(receiver(&a[0]), Sent::Exc(exc));
    give(vm, r)
}

fn close(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.close_coro(receiver(&a[0]))?;
    Ok(Value::None)
}

/// What `coroutine.__await__()` gives: an iterator that drives the coroutine.
struct Wrapper {
    coro: Value,
}

impl Native for Wrapper {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        &vm.types.coroutine_wrapper
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.coro);
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// The coroutine behind the iterator that its `__await__` gave.
pub fn wrapped(v: &Value) -> Option<Value> {
    v.obj().and_then(|o| o.downcast::<Wrapper>()).map(|w| w.coro.clone())
}

fn await_(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::Obj(Obj::native(Wrapper { coro: a[0].clone() })))
}

fn unwrap(a: &mut [Value]) {
    if let Some(coro) = wrapped(&a[0]) {
        a[0] = coro;
    }
}

fn wrapper_next(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    unwrap(a);
    next(vm, a, n)
}

fn wrapper_send(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    unwrap(a);
    send(vm, a, n)
}

fn wrapper_throw(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    unwrap(a);
    throw(vm, a, n)
}

fn wrapper_close(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    unwrap(a);
    close(vm, a, n)
}

/// `coroutine_wrapper`.
pub const WRAPPER: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__iter__", "(self, /)", identity, "Implement iter(self)."),
        Builtin::new("__next__", "(self, /)", wrapper_next, "Implement next(self)."),
        Builtin::new("send", "(self, arg, /)", wrapper_send, "Sends a value in and gives what it awaits out."),
        Builtin::new("throw", "(self, type, value=None, traceback=None, /)", wrapper_throw, "Raises an exception where it stands."),
        Builtin::new("close", "(self, /)", wrapper_close, "Raises GeneratorExit where it stands."),
    ],
    ..TypeDef::PLAIN
};

fn name(vm: &mut Vm, v: &Value) -> R {
    Ok(match coro_of(receiver(v)).func() {
        Some(f) => f.name(),
        None => vm.coro_name(receiver(v)).into(),
    })
}

fn qualname(vm: &mut Vm, v: &Value) -> R {
    Ok(match coro_of(receiver(v)).func() {
        Some(f) => f.qualname(),
        None => vm.coro_name(receiver(v)).into(),
    })
}

fn running(_: &mut Vm, v: &Value) -> R {
    Ok(Value::bool(coro_of(receiver(v)).state.get() == State::Running))
}

fn suspended(_: &mut Vm, v: &Value) -> R {
    Ok(Value::bool(coro_of(receiver(v)).state.get() == State::Suspended))
}

fn code(_: &mut Vm, v: &Value) -> R {
    Ok(match coro_of(receiver(v)).func() {
        Some(f) => {
            let code = f.code.clone();
            let mut extra = f.extra.borrow_mut();
            extra.get_or_insert_default().code_value.get_or_insert_with(|| Obj::new(Kind::Code(code))).clone().into()
        }
        None => Value::None,
    })
}

/// The frame, with what its variables are now.
fn frame(vm: &mut Vm, v: &Value) -> R {
    let coro = coro_of(receiver(v));
    let (Some(f), CoroBody::Script { frame, .. }) = (coro.func(), &coro.body) else { return Ok(Value::None) };
    if coro.state.get() == State::Finished {
        return Ok(Value::None);
    }
    let span = vm.place_of_frame(coro).unwrap_or(f.code.span);
    let slots = frame.take();
    let shown = slots.iter().cloned().collect();
    frame.set(slots);
    Ok(frame_object(TraceEntry { code: f.code.clone(), span, frame: Some(shown) }))
}

/// Where a suspended frame waits: what stands in the slot of the `await` or `yield`, and its place.
fn standing(vm: &mut Vm, v: &Value) -> Option<(Value, crate::source::Span)> {
    let coro = coro_of(receiver(v));
    let (Some(f), CoroBody::Script { frame, .. }) = (coro.func(), &coro.body) else { return None };
    if coro.state.get() != State::Suspended {
        return None;
    }
    let body = f.code.body(vm);
    let slots = frame.take();
    let found = body.waits.iter().find_map(|(slot, span)| slots.get(*slot).filter(|v| !v.is_unbound()).map(|v| (v.clone(), *span)));
    frame.set(slots);
    found
}

/// What is awaited or delegated to: the next frame inwards, or what stands in the slot of the `await`.
fn awaited(vm: &mut Vm, v: &Value) -> R {
    let obj = receiver(v);
    let coro = coro_of(obj);
    if coro.state.get() != State::Suspended {
        return Ok(Value::None);
    }
    if let Some(child) = vm.awaited_frame(obj) {
        return Ok(Value::Obj(child));
    }
    // A plain `yield` leaves only a mark.
    Ok(standing(vm, v).map(|(value, _)| value).filter(|v| v.obj().is_some()).unwrap_or(Value::None))
}

const GENERATOR_METHODS: &[Builtin] = &[
    Builtin::new("__iter__", "(self, /)", identity, "Implement iter(self)."),
    Builtin::new("__next__", "(self, /)", next, "Implement next(self)."),
    Builtin::new("send", "(self, arg, /)", send, "Sends a value in and gives the next one out."),
    Builtin::new("throw", "(self, type, value=None, traceback=None, /)", throw, "Raises an exception where it stands."),
    Builtin::new("close", "(self, /)", close, "Raises GeneratorExit where it stands."),
];

/// `generator`.
pub const GENERATOR: TypeDef = TypeDef {
    methods: GENERATOR_METHODS,
    getsets: &[
        GetSet { name: "__name__", get: name, set: None },
        GetSet { name: "__qualname__", get: qualname, set: None },
        GetSet { name: "gi_running", get: running, set: None },
        GetSet { name: "gi_suspended", get: suspended, set: None },
        GetSet { name: "gi_code", get: code, set: None },
        GetSet { name: "gi_frame", get: frame, set: None },
        GetSet { name: "gi_yieldfrom", get: awaited, set: None },
    ],
    ..TypeDef::PLAIN
};

/// `coroutine`.
pub const COROUTINE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("send", "(self, arg, /)", send, "Sends a value in and gives what it awaits out."),
        Builtin::new("throw", "(self, type, value=None, traceback=None, /)", throw, "Raises an exception where it stands."),
        Builtin::new("close", "(self, /)", close, "Raises GeneratorExit where it stands."),
        Builtin::new("__await__", "(self, /)", await_, "Return an iterator to be used in await expression."),
    ],
    getsets: &[
        GetSet { name: "__name__", get: name, set: None },
        GetSet { name: "__qualname__", get: qualname, set: None },
        GetSet { name: "cr_running", get: running, set: None },
        GetSet { name: "cr_suspended", get: suspended, set: None },
        GetSet { name: "cr_code", get: code, set: None },
        GetSet { name: "cr_frame", get: frame, set: None },
        GetSet { name: "cr_await", get: awaited, set: None },
    ],
    ..TypeDef::PLAIN
};

/// Awaitables with a class of their own: they are their own iterators.
pub const STEP: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__await__", "(self, /)", identity, "Return an iterator to be used in await expression."),
        Builtin::new("__iter__", "(self, /)", identity, "Implement iter(self)."),
        Builtin::new("__next__", "(self, /)", next, "Implement next(self)."),
        Builtin::new("send", "(self, arg, /)", send, "Sends a value in and gives what it awaits out."),
        Builtin::new("throw", "(self, type, value=None, traceback=None, /)", throw, "Raises an exception where it stands."),
        Builtin::new("close", "(self, /)", close, "Raises GeneratorExit where it stands."),
    ],
    ..TypeDef::PLAIN
};

/// `async_generator`.
pub const ASYNC_GENERATOR: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__aiter__", "(self, /)", identity, "Return an awaitable, that resolves in asynchronous iterator."),
        Builtin::new("__anext__", "(self, /)", async_gen::anext, "Return a value or raise StopAsyncIteration."),
        Builtin::new("asend", "(self, value, /)", async_gen::asend, "Sends a value in; awaiting gives the next one."),
        Builtin::new("athrow", "(self, type, value=None, traceback=None, /)", async_gen::athrow, "Raises an exception where it stands, when awaited."),
        Builtin::new("aclose", "(self, /)", async_gen::aclose, "Raises GeneratorExit where it stands, when awaited."),
    ],
    getsets: &[
        GetSet { name: "__name__", get: name, set: None },
        GetSet { name: "__qualname__", get: qualname, set: None },
        GetSet { name: "ag_running", get: running, set: None },
        GetSet { name: "ag_code", get: code, set: None },
        GetSet { name: "ag_frame", get: frame, set: None },
        GetSet { name: "ag_await", get: awaited, set: None },
    ],
    ..TypeDef::PLAIN
};

/// Whether a value is a coroutine object.
pub fn is_coroutine(v: &Value) -> bool {
    matches!(v.kind(), Some(Kind::Coro(c)) if c.kind == CodeKind::Coroutine)
}
