//! Contexts of `contextvars`: which values context variables have. The empty context has no object.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, Ref, Value};
use crate::vm::Vm;

/// One variable with its value.
pub type Binding = (Ref, Value);

/// A context: the bindings are shared with its copies until one of them changes.
#[derive(Default)]
pub struct Context {
    pub bindings: RefCell<Rc<Vec<Binding>>>,
    /// Whether `run` is inside it.
    pub entered: Cell<bool>,
}

impl Native for Context {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| &c.context)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        // Shared bindings would be counted once for each context: only a sole owner shows them.
        if let Ok(bindings) = self.bindings.try_borrow()
            && Rc::strong_count(&bindings) == 1
        {
            for (variable, value) in bindings.iter() {
                visit(&Value::Obj(variable.clone()));
                visit(value);
            }
        }
    }
    fn clear(&self) {
        drop(self.bindings.take());
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// A copy of the current context; empty when no variable was set.
#[inline]
pub fn copy(vm: &mut Vm) -> Value {
    if vm.event_loop.context.is_unbound() { Value::Unbound } else { copy_of(&vm.event_loop.context) }
}

/// A copy of a context.
#[cold]
pub fn copy_of(context: &Value) -> Value {
    let bindings = context.obj().and_then(|o| o.downcast::<Context>()).map(|c| c.bindings.borrow().clone()).unwrap_or_default();
    Value::Obj(Obj::native(Context { bindings: RefCell::new(bindings), entered: Cell::new(false) }))
}

/// The value of a variable in the current context.
pub fn get(vm: &Vm, variable: &Ref) -> Option<Value> {
    let context = vm.event_loop.context.obj()?.downcast::<Context>()?;
    let bindings = context.bindings.borrow();
    bindings.iter().find(|(v, _)| Rc::ptr_eq(v, variable)).map(|(_, value)| value.clone())
}

/// Sets a variable in the current context, or removes it there; gives the old value.
pub fn set(vm: &mut Vm, variable: &Ref, value: Option<Value>) -> Option<Value> {
    if vm.event_loop.context.is_unbound() {
        vm.event_loop.context = copy_of(&Value::Unbound);
    }
    let context = vm.event_loop.context.clone();
    let context = context.obj()?.downcast::<Context>()?;
    let mut bindings: Vec<Binding> = context.bindings.borrow().to_vec();
    let place = bindings.iter().position(|(v, _)| Rc::ptr_eq(v, variable));
    let old = place.map(|i| bindings[i].1.clone());
    match (place, value) {
        (Some(i), Some(value)) => bindings[i].1 = value,
        (None, Some(value)) => bindings.push((variable.clone(), value)),
        (Some(i), None) => {
            bindings.remove(i);
        }
        (None, None) => {}
    }
    let before = context.bindings.replace(Rc::new(bindings));
    drop(before);
    old
}
