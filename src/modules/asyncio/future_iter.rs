//! What `future.__await__()` gives: an iterator that hands out the future while it is pending, then its result.

use super::classes::this;
use crate::event_loop::future::{self, mark};
use crate::event_loop::step;
use crate::types::coro::thrown;
use crate::value::class::{Solid, flag};
use crate::value::func::Builtin;
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The class.
pub const TYPE: TypeDef = TypeDef { methods: METHODS, getsets: &[], construct: None, solid: Solid::Builtin, flags: flag::FINAL | flag::NO_NEW, doc: "" };

const METHODS: &[Builtin] = &[
    Builtin::new("__iter__", "(self, /)", |_, a, _| Ok(a[0].clone()), "Itself."),
    Builtin::new("__next__", "(self, /)", next, "Goes on."),
    Builtin::new("send", "(self, value, /)", next, "Goes on."),
    Builtin::new("throw", "(self, typ, val=None, tb=None, /)", throw, "Raises an exception where it stands."),
    Builtin::new("close", "(self, /)", |_, _, _| Ok(Value::None), "Ends it."),
];

/// The iterator.
pub struct FutureIter(Ref);

/// An iterator over a future.
pub fn new(future: Ref) -> Ref {
    Obj::native(FutureIter(future))
}

impl Native for FutureIter {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| &c.future_iter)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.0.clone()));
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn next(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let future = this::<FutureIter>(&a[0]).0.clone();
    match step::poll(vm, &future) {
        Some(Ok(v)) => Err(vm.stop_iteration(v)),
        Some(Err(t)) => Err(t),
        None => {
            let Some(f) = future::of(&future) else { return Ok(Value::None) };
            if f.has(mark::BLOCKING) {
                return Err(vm.runtime_error("await wasn't used with future"));
            }
            f.set_mark(mark::BLOCKING, true);
            Ok(Value::Obj(future))
        }
    }
}

fn throw(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if a[3].some().is_some_and(|v| !matches!(v.kind(), Some(Kind::Traceback(_)))) {
        return Err(vm.type_error("throw() third argument must be a traceback"));
    }
    let is_exception = matches!(a[1].kind(), Some(Kind::Exc(_))) || a[1].to_class().is_some_and(|c| c.is_subclass_of(&vm.types.base_exception));
    if !is_exception {
        return Err(vm.type_error("exceptions must be classes deriving BaseException or instances of such a class"));
    }
    let exc = thrown(vm, a)?;
    Err(vm.rethrow(exc))
}
