//! Class statements and `type(name, bases, namespace)`: resolution order, metaclass, hooks, flags.

use crate::value::{ClassRef, R, Ref, Value};
use crate::vm::Vm;

impl Vm {
    /// An instance of a script's class whose base is `object`, without attributes.
    pub fn new_instance(&mut self, class: &ClassRef) -> R {
        todo!()
    }

    /// The class statement: calculates the metaclass, runs `body` (a function of no arguments whose frame is the
    /// namespace it is given as its only argument and which returns the `__class__` cell or `None`), makes the class.
    pub fn build_class(&mut self, body: &Value, name: &Ref, bases: Vec<Value>, keywords: Vec<(Ref, Value)>) -> R {
        todo!()
    }

    /// `type(name, bases, namespace)` with a metaclass.
    pub fn make_class(&mut self, meta: &ClassRef, name: &str, bases: &[Value], namespace: &Ref, keywords: &[(Ref, Value)]) -> R {
        todo!()
    }
}
