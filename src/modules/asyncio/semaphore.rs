//! `asyncio.Semaphore` and `asyncio.BoundedSemaphore`.

use std::cell::Cell;

use super::classes::{self, instance, is_derived, this, this_ref};
use super::native::{Exit, Waiters, coroutine, received};
use super::{library, repr};
use crate::event_loop::future::{self, Future};
use crate::syntax::ast::CmpOp;
use crate::value::class::Solid;
use crate::value::coro::{NativeCoro, Sent};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{Attrs, ClassRef, Obj, R, Ref, Value};
use crate::vm::types::TypeDef;
use crate::vm::{Signal, Vm};

/// The class.
pub const TYPE: TypeDef =
    TypeDef { methods: METHODS, getsets: &[VALUE, WAITERS], construct: Some(&NEW), solid: Solid::Builtin, flags: 0, doc: "So many places for tasks." };
/// The class whose counter may not grow beyond its start.
pub const BOUNDED: TypeDef = TypeDef { methods: BOUNDED_METHODS, getsets: &[], construct: Some(&NEW_BOUNDED), ..TYPE };

static NEW: Builtin = Builtin::new("Semaphore.__init__", "(value=1)", |vm, a, _| make(vm, &a[0].clone(), false).map(Value::Obj), "");
static NEW_BOUNDED: Builtin = Builtin::new("BoundedSemaphore.__init__", "(value=1)", |vm, a, _| make(vm, &a[0].clone(), true).map(Value::Obj), "");

const WAITERS: GetSet = GetSet { name: "_waiters", get: |_, v| Ok(this::<Semaphore>(v).waiters.list_or_none()), set: None };
const VALUE: GetSet = GetSet { name: "_value", get: |_, v| Ok(Value::Int(this::<Semaphore>(v).value.get())), set: None };

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Makes a semaphore."),
    Builtin::new("__init__", "(self, value=1)", init, "Gives it so many places."),
    Builtin::new("locked", "(self, /)", |_, a, _| Ok(this::<Semaphore>(&a[0]).is_locked().into()), "Whether one would have to wait."),
    Builtin::new("acquire", "(self, /)", acquire, "Waits for a place and takes it.").awaiting(acquire_now),
    Builtin::new("release", "(self, /)", release, "Gives a place back."),
    Builtin::new("__aenter__", "(self, /)", enter, "Takes a place.").awaiting(enter_now),
    Builtin::new("__aexit__", "(self, exc_type, exc, tb, /)", exit, "Gives a place back.").awaiting(exit_now),
    Builtin::new("__repr__", "(self, /)", repr_method, "The repr."),
];
const BOUNDED_METHODS: &[Builtin] = &[Builtin::new("__new__", "(cls, *args, **kwargs)", new_bounded, "Makes a semaphore.")];

/// A semaphore.
pub struct Semaphore {
    value: Cell<i64>,
    /// The value at the start.
    start: Cell<i64>,
    /// Whether it may not grow beyond that.
    is_bounded: bool,
    waiters: Waiters,
    attrs: Attrs,
}

impl Semaphore {
    fn is_locked(&self) -> bool {
        self.value.get() == 0 || !self.waiters.all_cancelled()
    }

    #[inline]
    fn try_acquire(&self) -> bool {
        let is_free = !self.is_locked();
        if is_free {
            self.value.set(self.value.get() - 1);
        }
        is_free
    }

    fn wake_next(&self, vm: &mut Vm) {
        if self.waiters.wake_first_waiting(vm) {
            self.value.set(self.value.get() - 1);
        }
    }
}

impl Native for Semaphore {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| if self.is_bounded { &c.bounded_semaphore } else { &c.semaphore })
    }
    fn attrs(&self) -> Option<&Attrs> {
        Some(&self.attrs)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.waiters.trace(visit);
        self.attrs.trace(visit);
    }
    fn clear(&self) {
        self.waiters.clear();
        self.attrs.clear();
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn make(vm: &mut Vm, value: &Value, is_bounded: bool) -> R<Ref> {
    let start = start_value(vm, value)?;
    Ok(semaphore(start, is_bounded))
}

fn semaphore(start: i64, is_bounded: bool) -> Ref {
    Obj::native(Semaphore { value: Cell::new(start), start: Cell::new(start), is_bounded, waiters: Waiters::default(), attrs: Attrs::default() })
}

fn start_value(vm: &mut Vm, value: &Value) -> R<i64> {
    let value = if value.is_unbound() { Value::Int(1) } else { value.clone() };
    if vm.compare_bool(CmpOp::Lt, &value, &Value::Int(0))? {
        return Err(vm.value_error("Semaphore initial value must be >= 0"));
    }
    vm.index_i64(&value)
}

fn new(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let exact = classes::get(vm).semaphore.clone();
    Ok(instance(&a[0], &exact, semaphore(1, false)))
}

fn new_bounded(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let exact = classes::get(vm).bounded_semaphore.clone();
    Ok(instance(&a[0], &exact, semaphore(1, true)))
}

fn init(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let start = start_value(vm, &a[1].clone())?;
    let semaphore = this::<Semaphore>(&a[0]);
    semaphore.value.set(start);
    semaphore.start.set(start);
    Ok(Value::None)
}

fn acquire_now(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(if this::<Semaphore>(&a[0]).try_acquire() { Value::True } else { Value::Unbound })
}

fn enter_now(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(if !is_derived(&a[0]) && this::<Semaphore>(&a[0]).try_acquire() { Value::None } else { Value::Unbound })
}

fn exit_now(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if is_derived(&a[0]) { Ok(Value::Unbound) } else { release(vm, a, 1) }
}

fn acquire(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(coroutine(Acquire { semaphore: this_ref(&a[0]), waiter: None, result: Value::True }).into())
}

fn enter(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if is_derived(&a[0]) {
        return library::call(vm, "_enter", &a[..1]);
    }
    Ok(coroutine(Acquire { semaphore: this_ref(&a[0]), waiter: None, result: Value::None }).into())
}

fn exit(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if is_derived(&a[0]) {
        return library::call(vm, "_leave", &a[..1]);
    }
    Ok(Exit::object(a[0].clone(), release).into())
}

fn release(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let semaphore = this::<Semaphore>(&a[0]);
    if semaphore.is_bounded && semaphore.value.get() >= semaphore.start.get() {
        return Err(vm.value_error("BoundedSemaphore released too many times"));
    }
    semaphore.value.set(semaphore.value.get() + 1);
    semaphore.wake_next(vm);
    Ok(Value::None)
}

fn repr_method(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let semaphore = this::<Semaphore>(&a[0]);
    let mut extra = if semaphore.is_locked() { "locked".to_owned() } else { format!("unlocked, value:{}", semaphore.value.get()) };
    extra.push_str(&semaphore.waiters.info());
    repr::with_extra(vm, &a[0].clone(), &extra)
}

struct Acquire {
    semaphore: Ref,
    waiter: Option<Ref>,
    result: Value,
}

impl NativeCoro for Acquire {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        let Some(semaphore) = self.semaphore.downcast::<Semaphore>() else { return Ok(Value::None) };
        let Some(waiter) = self.waiter.take() else {
            received(vm, sent)?;
            if semaphore.try_acquire() {
                return Ok(self.result.take());
            }
            let waiter = semaphore.waiters.join(vm, &self.semaphore)?;
            self.waiter = Some(waiter.clone());
            return vm.suspend(Signal::Future(waiter));
        };
        semaphore.waiters.leave(&waiter);
        if let Err(thrown) = received(vm, sent) {
            let was_given_a_place = future::of(&waiter).is_some_and(|f: &Future| !f.is_cancelled());
            if vm.exc_is(&vm.types.cancelled_error) && was_given_a_place {
                semaphore.value.set(semaphore.value.get() + 1);
                semaphore.wake_next(vm);
            }
            return Err(thrown);
        }
        if semaphore.value.get() > 0 {
            semaphore.wake_next(vm);
        }
        Ok(self.result.take())
    }
    fn name(&self) -> &'static str {
        "Semaphore.acquire"
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.semaphore.clone()));
        if let Some(w) = &self.waiter {
            visit(&Value::Obj(w.clone()));
        }
    }
}
