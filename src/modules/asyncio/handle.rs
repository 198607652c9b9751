//! Handles: callbacks with arguments that `call_soon`, `call_later` and `call_at` set.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;

use super::classes::this;
use super::repr;
use crate::event_loop::clock::seconds_from_ns;
use crate::event_loop::handler::{Report, call_exception_handler, is_fatal};
use crate::event_loop::thread_loop;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The class of handles without a time.
pub const HANDLE: TypeDef =
    TypeDef { methods: METHODS, getsets: GETSETS, construct: None, solid: Solid::Builtin, flags: flag::FINAL | flag::NO_NEW, doc: "A callback that was set." };

/// The class of handles with a time.
pub const TIMER_HANDLE: TypeDef = TypeDef { methods: TIMER_METHODS, ..HANDLE };

const METHODS: &[Builtin] = &[CANCEL, CANCELLED, REPR];

const TIMER_METHODS: &[Builtin] = &[
    CANCEL,
    CANCELLED,
    REPR,
    Builtin::new("when", "(self, /)", when, "The loop's time at which it is called."),
    Builtin::new("__hash__", "(self, /)", hash, "The hash of its time."),
    Builtin::new(
        "__eq__",
        "(self, other, /)",
        |vm, a, _| same(vm, a).map(|same| same.map_or(vm.not_implemented.clone(), Value::bool)),
        "Whether both call the same at the same time.",
    ),
    Builtin::new("__lt__", "(self, other, /)", |vm, a, _| order(vm, a, Ordering::is_lt, false), "Whether it comes up earlier."),
    Builtin::new("__le__", "(self, other, /)", |vm, a, _| order(vm, a, Ordering::is_lt, true), "Whether it comes up earlier, or is the same."),
    Builtin::new("__gt__", "(self, other, /)", |vm, a, _| order(vm, a, Ordering::is_gt, false), "Whether it comes up later."),
    Builtin::new("__ge__", "(self, other, /)", |vm, a, _| order(vm, a, Ordering::is_gt, true), "Whether it comes up later, or is the same."),
];

/// What it will call; `None` once it was cancelled.
const GETSETS: &[GetSet] = &[
    GetSet { name: "_callback", get: |_, v| Ok(this::<Handle>(v).func.borrow().given().cloned().unwrap_or(Value::None)), set: None },
    GetSet { name: "_args", get: get_args, set: None },
];

fn get_args(_vm: &mut Vm, v: &Value) -> R {
    let handle = this::<Handle>(v);
    let args = handle.args.borrow().to_vec();
    Ok(if handle.is_cancelled() { Value::None } else { Value::Obj(Obj::tuple(args)) })
}

const CANCEL: Builtin = Builtin::new("cancel", "(self, /)", cancel, "The callback will not be called.");
const CANCELLED: Builtin = Builtin::new("cancelled", "(self, /)", |_, a, _| Ok(this::<Handle>(&a[0]).is_cancelled().into()), "Whether it was cancelled.");
const REPR: Builtin = Builtin::new("__repr__", "(self, /)", repr_method, "The repr.");

/// A callback with its arguments.
pub struct Handle {
    func: RefCell<Value>,
    args: RefCell<Box<[Value]>>,
    context: Value,
    cancelled: Cell<bool>,
    loop_id: u32,
    /// The time, for timers, until they come up.
    when: Option<i64>,
    pub waits: Cell<bool>,
}

impl Handle {
    /// A handle; with a time it is a timer.
    pub fn new(func: Value, args: Box<[Value]>, context: Value, loop_id: u32, when: Option<i64>) -> Self {
        Self { func: RefCell::new(func), args: RefCell::new(args), context, cancelled: Cell::new(false), loop_id, when, waits: Cell::new(when.is_some()) }
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.get()
    }
}

impl Native for Handle {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| if self.when.is_some() { &c.timer_handle } else { &c.handle })
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let (Ok(func), Ok(args)) = (self.func.try_borrow(), self.args.try_borrow()) {
            visit(&func);
            args.iter().for_each(&mut *visit);
        }
        visit(&self.context);
    }
    fn clear(&self) {
        drop((self.func.take(), self.args.take()));
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// Runs a handle whose turn has come.
pub fn run(vm: &mut Vm, handle: &Ref) -> R<()> {
    let Some(h) = handle.downcast::<Handle>() else { return Ok(()) };
    h.waits.set(false);
    if h.is_cancelled() {
        return Ok(());
    }
    let (func, args) = (h.func.borrow().clone(), h.args.borrow().clone());
    call(vm, &func, &args, &h.context, Some(handle))
}

/// Calls a callback in its context; what it raises goes to the loop's exception handler.
pub fn call(vm: &mut Vm, func: &Value, args: &[Value], context: &Value, handle: Option<&Ref>) -> R<()> {
    let before = std::mem::replace(&mut vm.event_loop.context, context.clone());
    let result = if vm.thread.may_leave { thread_loop::call(vm, func, args, handle) } else { vm.call(func, args) };
    vm.event_loop.context = before;
    called(vm, (func, args), context, handle, result)
}

/// A callback ended.
pub fn called(vm: &mut Vm, (func, args): (&Value, &[Value]), context: &Value, handle: Option<&Ref>, result: R) -> R<()> {
    if result.is_ok() || is_fatal(vm) {
        return result.map(drop);
    }
    let exception = vm.take_exc();
    let message = format!("Exception in callback {}", repr::callable(vm, func, args));
    let handle = handle.cloned().unwrap_or_else(|| Obj::native(Handle::new(func.clone(), args.into(), context.clone(), vm.event_loop.active, None)));
    let objects = vec![("handle", Value::Obj(handle))];
    let running = vm.event_loop.running.clone();
    call_exception_handler(vm, running.as_ref(), &Report { message: &message, exception: Some(exception), objects })
}

fn cancel(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let handle = this::<Handle>(&a[0]);
    if !handle.cancelled.replace(true) {
        drop((handle.func.replace(Value::None), handle.args.take()));
        if handle.waits.get() {
            vm.event_loop.note_cancelled_timer(handle.loop_id);
        }
    }
    Ok(Value::None)
}

fn when(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(Value::float(this::<Handle>(&a[0]).when.map_or(0.0, seconds_from_ns)))
}

fn hash(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let time = when(vm, a, 1)?;
    vm.hash(&time).map(Value::Int)
}

/// The other timer of a comparison.
fn other(a: &[Value]) -> Option<&Handle> {
    a[1].obj().and_then(|o| o.downcast::<Handle>()).filter(|h| h.when.is_some())
}

/// Whether two timers call the same function with the same arguments at the same time.
fn same(vm: &mut Vm, a: &[Value]) -> R<Option<bool>> {
    let (this, Some(other)) = (this::<Handle>(&a[0]), other(a)) else { return Ok(None) };
    if this.when != other.when || this.is_cancelled() != other.is_cancelled() {
        return Ok(Some(false));
    }
    let (f, g) = (this.func.borrow().clone(), other.func.borrow().clone());
    let (args, others) = (this.args.borrow().to_vec(), other.args.borrow().to_vec());
    Ok(Some(vm.eq(&f, &g)? && vm.eq(&Obj::tuple(args).into(), &Obj::tuple(others).into())?))
}

/// Compares the times of two timers.
fn order(vm: &mut Vm, a: &mut [Value], holds: fn(Ordering) -> bool, or_same: bool) -> R {
    let Some(other) = other(a) else { return Ok(vm.not_implemented.clone()) };
    let is_so = holds(this::<Handle>(&a[0]).when.cmp(&other.when));
    Ok(Value::bool(is_so || or_same && same(vm, a)?.unwrap_or(false)))
}

fn repr_method(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let mut info = vec![vm.class_of(&a[0]).name().to_string()];
    let h = this::<Handle>(&a[0]);
    if h.is_cancelled() {
        info.push("cancelled".to_owned());
    }
    if let Some(when) = h.when {
        let when = vm.repr(&Value::float(seconds_from_ns(when)))?;
        info.push(format!("when={when}"));
    }
    if !h.is_cancelled() {
        let (func, args) = (h.func.borrow().clone(), h.args.borrow().clone());
        info.push(repr::callable(vm, &func, &args));
    }
    Ok(format!("<{}>", info.join(" ")).into())
}
