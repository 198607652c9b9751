//! Special methods that a script (or a module's own class) defines, as opposed to what the built-in kinds do anyway.

use crate::value::{Kind, R, Ref, Value};
use crate::vm::Vm;

impl Vm {
    /// A special method that goes before what the value's kind does by itself: found on its class, but not in
    /// `object` or in the built-in type that the value is made of.
    #[inline]
    pub fn special(&self, v: &Value, name: &Ref) -> Option<Value> {
        match v.kind()? {
            Kind::Instance(_) | Kind::Derived(_) | Kind::Exc(_) | Kind::Class(_) | Kind::Native(_) | Kind::Future(_) | Kind::Task(_) => {
                self.special_cold(v, name)
            }
            _ => None,
        }
    }

    #[inline(never)]
    fn special_cold(&self, v: &Value, name: &Ref) -> Option<Value> {
        let (found, owner) = self.class_of(v).lookup_where(name)?;
        let is_default = owner.is(&self.types.object)
            || match v.kind() {
                Some(Kind::Derived(d)) => {
                    !matches!(d.base.kind(), Some(Kind::Native(_) | Kind::Future(_) | Kind::Task(_))) && self.class_of(&d.base).is_subclass_of(&owner)
                }
                Some(Kind::Class(_)) => owner.is(&self.types.type_),
                _ => false,
            };
        (!is_default).then_some(found)
    }

    /// Calls what `special` found.
    pub fn run_special(&mut self, method: &Value, obj: &Value, args: &[Value]) -> R {
        let is_plain = match method.kind() {
            Some(Kind::Func(_)) => true,
            Some(Kind::NativeFn(f)) => f.owner.is_some(),
            _ => false,
        };
        if is_plain {
            return self.call_with_self(method, obj, args);
        }
        let class = self.class_of(obj).clone();
        let bound = self.bind_descriptor(method, obj, &class)?;
        self.call(&bound, args)
    }

    /// Calls a special method that goes before what the kind does, if there is one.
    #[inline]
    pub fn try_special(&mut self, obj: &Value, name: &Ref, args: &[Value]) -> R<Option<Value>> {
        match self.special(obj, name) {
            Some(method) => self.run_special(&method, obj, args).map(Some),
            None => Ok(None),
        }
    }

    /// Whether the result of a binary special method says that it does not know the operand.
    #[inline]
    pub fn is_not_implemented(v: &Value) -> bool {
        matches!(v.kind(), Some(Kind::NotImplemented))
    }
}
