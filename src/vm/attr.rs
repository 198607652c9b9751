//! Attribute access: the descriptor protocol, instances, classes, modules.

use crate::value::{ClassRef, R, Ref, Value};
use crate::vm::Vm;

impl Vm {
    /// `obj.name`.
    pub fn get_attr(&mut self, obj: &Value, name: &Ref) -> R {
        todo!()
    }

    /// `obj.name`, or nothing where an `AttributeError` would come out.
    pub fn get_attr_opt(&mut self, obj: &Value, name: &Ref) -> R<Option<Value>> {
        todo!()
    }

    /// `obj.name = value`.
    pub fn set_attr(&mut self, obj: &Value, name: &Ref, value: Value) -> R<()> {
        todo!()
    }

    /// `del obj.name`.
    pub fn del_attr(&mut self, obj: &Value, name: &Ref) -> R<()> {
        todo!()
    }

    /// What a class attribute becomes when it is found through an instance (`None`-less `__get__`).
    pub fn bind_descriptor(&mut self, attr: &Value, obj: &Value, class: &ClassRef) -> R {
        todo!()
    }

    /// Calls a special method found on the class, if there is one.
    pub fn call_special(&mut self, obj: &Value, name: &Ref, args: &[Value]) -> R<Option<Value>> {
        todo!()
    }

    /// `obj.name(*args)`.
    pub fn call_method(&mut self, obj: &Value, name: &Ref, args: &[Value]) -> R {
        let method = self.get_attr(obj, name)?;
        self.call(&method, args)
    }
}
