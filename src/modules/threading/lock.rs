//! The lock of `threading`, on which everything else there is built. Whoever gives it back wakes the first that waits,
//! but does not hand it over: a thread that runs on may take it again first, as in CPython.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use crate::event_loop::thread_run;
use crate::event_loop::threads::{Wait, thread_of};
use crate::modules::asyncio::classes::{this, this_ref};
use crate::modules::asyncio::sleep::delay_ns;
use crate::value::class::{Solid, flag};
use crate::value::func::Builtin;
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The class.
pub const TYPE: TypeDef =
    TypeDef { methods: METHODS, getsets: &[], construct: None, solid: Solid::Builtin, flags: flag::FINAL | flag::NO_NEW, doc: "A lock that one thread holds." };

const METHODS: &[Builtin] = &[
    Builtin::new("acquire", "(self, /, blocking=True, timeout=-1)", acquire, "Takes the lock, waiting for it where asked to; tells whether it did.").blocking(),
    Builtin::new("release", "(self, /)", release, "Gives the lock back."),
    Builtin::new("locked", "(self, /)", |_, a, _| Ok(this::<ThreadLock>(&a[0]).locked.get().into()), "Whether someone holds it."),
    Builtin::new("__enter__", "(self, /)", enter, "Takes the lock.").blocking(),
    Builtin::new("__exit__", "(self, exc_type, exc, tb, /)", release, "Gives the lock back."),
    Builtin::new("__repr__", "(self, /)", repr, "The repr."),
];

/// A lock.
#[derive(Default)]
pub struct ThreadLock {
    locked: Cell<bool>,
    /// Who waits, and which of its waits is meant.
    line: RefCell<VecDeque<(Ref, u64)>>,
}

impl ThreadLock {
    /// A new lock as an object.
    pub fn object() -> Ref {
        Obj::native(Self::default())
    }

    /// Takes it, if it is free.
    pub fn take(&self) -> bool {
        !self.locked.replace(true)
    }

    /// A thread begins to wait for it.
    pub fn join(&self, thread: &Ref) {
        self.line.borrow_mut().push_back((thread.clone(), thread_of(thread).wait_id.get()));
    }

    /// The first that still waits and does not know yet that it may try.
    fn first(&self) -> Option<Ref> {
        let mut line = self.line.borrow_mut();
        while let Some((thread, wait)) = line.pop_front() {
            let t = thread_of(&thread);
            if t.wait_id.get() == wait && t.queued.get() == 0 {
                return Some(thread);
            }
        }
        None
    }
}

impl Native for ThreadLock {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.threads.as_ref().map_or(&vm.types.object, |t| &t.lock_class)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(line) = self.line.try_borrow() {
            line.iter().for_each(|(t, _)| visit(&Value::Obj(t.clone())));
        }
    }
    fn clear(&self) {
        drop(self.line.take());
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn acquire(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let blocks = match a[1].given().cloned() {
        Some(b) => vm.apart_from_waiting(|vm| vm.truth(&b))?,
        None => true,
    };
    let timeout = match a[2].given().cloned() {
        None | Some(Value::Int(-1)) => None,
        Some(Value::Float(f)) if f.get() == -1.0 => None,
        Some(t) => Some(vm.apart_from_waiting(|vm| delay_ns(vm, &t))?),
    };
    if timeout.is_some() && !blocks {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    if timeout.is_some_and(|t| t < 0) {
        return Err(vm.value_error("timeout value must be positive"));
    }
    let lock = this_ref(&a[0]);
    if this::<ThreadLock>(&a[0]).take() {
        return Ok(Value::True);
    }
    if !blocks || timeout == Some(0) {
        return Ok(Value::False);
    }
    let deadline = timeout.map(|t| vm.host.clock.after(t));
    thread_run::wait(vm, Wait::Lock(lock), deadline)
}

fn enter(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if this::<ThreadLock>(&a[0]).take() { Ok(Value::True) } else { thread_run::wait(vm, Wait::Lock(this_ref(&a[0])), None) }
}

fn release(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let lock = this::<ThreadLock>(&a[0]);
    if !lock.locked.replace(false) {
        return Err(vm.runtime_error("release unlocked lock"));
    }
    if let Some(thread) = lock.first() {
        vm.event_loop.ready_thread(&thread);
    }
    Ok(Value::None)
}

fn repr(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let word = if this::<ThreadLock>(&a[0]).locked.get() { "locked" } else { "unlocked" };
    let plain = crate::types::object::default_repr(vm, &a[0]);
    Ok(format!("<{word} {}", plain.trim_start_matches('<')).into())
}
