//! `asyncio.Event`.

use std::cell::Cell;

use super::classes::{self, instance, this, this_ref};
use super::native::{Waiters, coroutine, received};
use super::repr;
use crate::value::class::Solid;
use crate::value::coro::{NativeCoro, Sent};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{Attrs, ClassRef, Obj, R, Ref, Value};
use crate::vm::types::TypeDef;
use crate::vm::{Signal, Vm};

/// The class.
pub const TYPE: TypeDef =
    TypeDef { methods: METHODS, getsets: &[WAITERS], construct: Some(&NEW), solid: Solid::Builtin, flags: 0, doc: "A flag that tasks wait for." };

static NEW: Builtin = Builtin::new("Event.__init__", "()", |_, _, _| Ok(Obj::native(Event::default()).into()), "");

const WAITERS: GetSet = GetSet { name: "_waiters", get: |_, v| Ok(this::<Event>(v).waiters.list()), set: None };

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Makes an event."),
    Builtin::new("is_set", "(self, /)", |_, a, _| Ok(this::<Event>(&a[0]).set.get().into()), "Whether it is set."),
    Builtin::new("set", "(self, /)", set, "Sets it and wakes all who wait."),
    Builtin::new("clear", "(self, /)", clear, "Unsets it."),
    Builtin::new("wait", "(self, /)", wait, "Waits until it is set.").awaiting(wait_now),
    Builtin::new("__repr__", "(self, /)", repr_method, "The repr."),
];

/// An event.
#[derive(Default)]
pub struct Event {
    set: Cell<bool>,
    waiters: Waiters,
    attrs: Attrs,
}

impl Native for Event {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| &c.event)
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
    let exact = classes::get(vm).event.clone();
    Ok(instance(&a[0], &exact, Obj::native(Event::default())))
}

fn set(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let event = this::<Event>(&a[0]);
    if !event.set.replace(true) {
        event.waiters.wake_all(vm);
    }
    Ok(Value::None)
}

fn clear(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    this::<Event>(&a[0]).set.set(false);
    Ok(Value::None)
}

fn wait_now(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(if this::<Event>(&a[0]).set.get() { Value::True } else { Value::Unbound })
}

fn wait(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(coroutine(Wait { event: this_ref(&a[0]), waiter: None }).into())
}

fn repr_method(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let event = this::<Event>(&a[0]);
    let mut extra = if event.set.get() { "set" } else { "unset" }.to_owned();
    extra.push_str(&event.waiters.info());
    repr::with_extra(vm, &a[0].clone(), &extra)
}

struct Wait {
    event: Ref,
    waiter: Option<Ref>,
}

impl NativeCoro for Wait {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        let Some(event) = self.event.downcast::<Event>() else { return Ok(Value::None) };
        let Some(waiter) = self.waiter.take() else {
            received(vm, sent)?;
            if event.set.get() {
                return Ok(Value::True);
            }
            let waiter = event.waiters.join(vm, &self.event)?;
            self.waiter = Some(waiter.clone());
            return vm.suspend(Signal::Future(waiter));
        };
        event.waiters.leave(&waiter);
        received(vm, sent).map(|_| Value::True)
    }
    fn name(&self) -> &'static str {
        "Event.wait"
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.event.clone()));
        if let Some(w) = &self.waiter {
            visit(&Value::Obj(w.clone()));
        }
    }
}
