//! The line of those who wait at a `Condition`, for the part of asyncio that is written in the language itself.

use super::classes::{self, this};
use super::native::Waiters;
use crate::value::class::{Solid, flag};
use crate::value::func::Builtin;
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The class.
pub const TYPE: TypeDef =
    TypeDef { methods: METHODS, getsets: &[], construct: None, solid: Solid::Builtin, flags: flag::FINAL | flag::NO_NEW, doc: "Futures of those who wait." };

/// The row of the function that makes a line.
pub const LINE: Builtin = Builtin::new("_Line", "()", make, "An empty line.");

const METHODS: &[Builtin] = &[
    Builtin::new("join", "(self, owner, /)", join, "Joins the line; gives the future to wait for."),
    Builtin::new("leave", "(self, waiter, /)", leave, "Leaves the line."),
    Builtin::new("wake", "(self, n, /)", wake, "Wakes so many that still wait."),
    Builtin::new("__len__", "(self, /)", |_, a, _| Ok(this::<Line>(&a[0]).0.len().into()), "How many are in the line."),
];

/// A line.
#[derive(Default)]
struct Line(Waiters);

impl Native for Line {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| &c.line)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.0.trace(visit);
    }
    fn clear(&self) {
        self.0.clear();
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn make(vm: &mut Vm, _a: &mut [Value], _n: usize) -> R {
    classes::get(vm);
    Ok(Obj::native(Line::default()).into())
}

fn join(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let Some(owner) = a[1].obj().cloned() else { return Err(vm.type_error("an object is required")) };
    this::<Line>(&a[0]).0.join(vm, &owner).map(Value::Obj)
}

fn leave(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if let Some(waiter) = a[1].obj() {
        this::<Line>(&a[0]).0.leave(waiter);
    }
    Ok(Value::None)
}

fn wake(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let n = vm.index_i64(&a[1].clone())?;
    this::<Line>(&a[0]).0.wake_some(vm, usize::try_from(n).unwrap_or(0), &Value::False);
    Ok(Value::None)
}
