//! `asyncio.Lock`.

use std::cell::Cell;

use super::classes::{self, instance, is_derived, this, this_ref};
use super::native::{Exit, Waiters, coroutine, received};
use super::{library, repr};
use crate::value::class::Solid;
use crate::value::coro::{NativeCoro, Sent};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{Attrs, ClassRef, Obj, R, Ref, Value};
use crate::vm::types::TypeDef;
use crate::vm::{Signal, Vm};

/// The class.
pub const TYPE: TypeDef =
    TypeDef { methods: METHODS, getsets: &[WAITERS], construct: Some(&NEW), solid: Solid::Builtin, flags: 0, doc: "A lock that one task holds." };

static NEW: Builtin = Builtin::new("Lock.__init__", "()", |_, _, _| Ok(Obj::native(Lock::default()).into()), "");

const WAITERS: GetSet = GetSet { name: "_waiters", get: |_, v| Ok(this::<Lock>(v).waiters.list_or_none()), set: None };

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Makes a lock."),
    Builtin::new("locked", "(self, /)", |_, a, _| Ok(this::<Lock>(&a[0]).locked.get().into()), "Whether someone holds it."),
    Builtin::new("acquire", "(self, /)", acquire, "Waits for the lock and takes it.").awaiting(acquire_now),
    Builtin::new("release", "(self, /)", release, "Gives the lock back and wakes the first who waits."),
    Builtin::new("__aenter__", "(self, /)", enter, "Takes the lock.").awaiting(enter_now),
    Builtin::new("__aexit__", "(self, exc_type, exc, tb, /)", exit, "Gives the lock back.").awaiting(exit_now),
    Builtin::new("__repr__", "(self, /)", repr_method, "The repr."),
];

/// A lock.
#[derive(Default)]
pub struct Lock {
    locked: Cell<bool>,
    waiters: Waiters,
    attrs: Attrs,
}

impl Lock {
    /// Takes the lock if nobody holds it or waits for it.
    #[inline]
    fn try_acquire(&self) -> bool {
        let is_free = !self.locked.get() && (self.waiters.is_empty() || self.waiters.all_cancelled());
        if is_free {
            self.locked.set(true);
        }
        is_free
    }
}

impl Native for Lock {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| &c.lock)
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

fn new(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let exact = classes::get(vm).lock.clone();
    Ok(instance(&a[0], &exact, Obj::native(Lock::default())))
}

fn acquire_now(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(if this::<Lock>(&a[0]).try_acquire() { Value::True } else { Value::Unbound })
}

fn enter_now(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(if !is_derived(&a[0]) && this::<Lock>(&a[0]).try_acquire() { Value::None } else { Value::Unbound })
}

fn exit_now(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if is_derived(&a[0]) { Ok(Value::Unbound) } else { release(vm, a, 1) }
}

fn acquire(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(coroutine(Acquire { lock: this_ref(&a[0]), waiter: None, result: Value::True, name: "Lock.acquire" }).into())
}

fn enter(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if is_derived(&a[0]) {
        return library::call(vm, "_enter", &a[..1]);
    }
    Ok(coroutine(Acquire { lock: this_ref(&a[0]), waiter: None, result: Value::None, name: "_ContextManagerMixin.__aenter__" }).into())
}

fn exit(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if is_derived(&a[0]) {
        return library::call(vm, "_leave", &a[..1]);
    }
    Ok(Exit::object(a[0].clone(), release).into())
}

fn release(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let lock = this::<Lock>(&a[0]);
    if !lock.locked.replace(false) {
        return Err(vm.runtime_error("Lock is not acquired."));
    }
    lock.waiters.wake_front(vm);
    Ok(Value::None)
}

fn repr_method(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let lock = this::<Lock>(&a[0]);
    let mut extra = if lock.locked.get() { "locked" } else { "unlocked" }.to_owned();
    extra.push_str(&lock.waiters.info());
    repr::with_extra(vm, &a[0].clone(), &extra)
}

struct Acquire {
    lock: Ref,
    waiter: Option<Ref>,
    result: Value,
    name: &'static str,
}

impl NativeCoro for Acquire {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        let Some(lock) = self.lock.downcast::<Lock>() else { return Ok(Value::None) };
        let Some(waiter) = self.waiter.take() else {
            received(vm, sent)?;
            if lock.try_acquire() {
                return Ok(self.result.take());
            }
            let waiter = lock.waiters.join(vm, &self.lock)?;
            self.waiter = Some(waiter.clone());
            return vm.suspend(Signal::Future(waiter));
        };
        lock.waiters.leave(&waiter);
        if let Err(thrown) = received(vm, sent) {
            if vm.exc_is(&vm.types.cancelled_error) && !lock.locked.get() {
                lock.waiters.wake_front(vm);
            }
            return Err(thrown);
        }
        lock.locked.set(true);
        Ok(self.result.take())
    }
    fn name(&self) -> &'static str {
        self.name
    }
    fn waits_in(&self) -> &'static str {
        "Lock.acquire"
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.lock.clone()));
        if let Some(w) = &self.waiter {
            visit(&Value::Obj(w.clone()));
        }
    }
}
