//! `isinstance` and `issubclass` with tuples, unions and the hooks of metaclasses.

use crate::types::generic::{Alias, Union};
use crate::value::{ClassRef, Kind, R, Value};
use crate::vm::Vm;

impl Vm {
    /// `isinstance(obj, class)`.
    pub fn is_instance_of(&mut self, obj: &Value, class: &Value) -> R<bool> {
        if let Some(c) = class.to_class() {
            if self.class_of(obj).is(&c) {
                return Ok(true);
            }
            if c.meta.get().is_none() {
                return self.is_native_instance(obj, &c);
            }
        }
        if let Some(classes) = class.as_tuple() {
            return self.any_class(classes, |vm, c| vm.is_instance_of(obj, c));
        }
        if let Some(answer) = self.check_hook(obj, class, true)? {
            return Ok(answer);
        }
        match class.to_class() {
            Some(c) => self.is_native_instance(obj, &c),
            None => Err(self.type_error("isinstance() arg 2 must be a type, a tuple of types, or a union")),
        }
    }

    /// `issubclass(sub, class)`.
    pub fn is_subclass(&mut self, sub: &Value, class: &Value) -> R<bool> {
        if let Some(classes) = class.as_tuple() {
            return self.any_class(classes, |vm, c| vm.is_subclass(sub, c));
        }
        if class.to_class().is_none_or(|c| c.meta.get().is_some())
            && let Some(answer) = self.check_hook(sub, class, false)?
        {
            return Ok(answer);
        }
        let Some(sub) = sub.to_class() else { return Err(self.type_error("issubclass() arg 1 must be a class")) };
        match class.to_class() {
            Some(c) => Ok(sub.is_subclass_of(&c)),
            None => Err(self.type_error("issubclass() arg 2 must be a class, a tuple of classes, or a union")),
        }
    }

    /// `type.__instancecheck__`: by the object's class, or by what its `__class__` says.
    pub fn is_native_instance(&mut self, obj: &Value, class: &ClassRef) -> R<bool> {
        if self.is_instance(obj, class) {
            return Ok(true);
        }
        if !matches!(obj.kind(), Some(Kind::Instance(_) | Kind::Derived(_))) {
            return Ok(false);
        }
        let names = self.names.clone();
        let claims_other = self.class_of(obj).lookup_where(&names.class).is_some_and(|(_, c)| !c.is(&self.types.object));
        if !claims_other {
            return Ok(false);
        }
        let claimed = self.get_attr_opt(obj, &names.class)?.and_then(|c| c.to_class());
        Ok(claimed.is_some_and(|c| c.is_subclass_of(class)))
    }

    fn any_class(&mut self, classes: &[Value], mut check: impl FnMut(&mut Self, &Value) -> R<bool>) -> R<bool> {
        self.enter()?;
        let mut result = Ok(false);
        for class in classes {
            result = check(self, class);
            if !matches!(result, Ok(false)) {
                break;
            }
        }
        self.leave();
        result
    }

    /// What the second argument's class says through `__instancecheck__` or `__subclasscheck__`.
    fn check_hook(&mut self, obj: &Value, class: &Value, instance: bool) -> R<Option<bool>> {
        if let Value::Obj(o) = class {
            if let Some(u) = o.downcast::<Union>() {
                let members = u.args.clone();
                let of_list: Vec<Value> = members.iter().map(|m| if m.is_none() { (&self.types.none_type).into() } else { m.clone() }).collect();
                return self.any_class(&of_list, |vm, c| if instance { vm.is_instance_of(obj, c) } else { vm.is_subclass(obj, c) }).map(Some);
            }
            if o.downcast::<Alias>().is_some() {
                let what = if instance { "isinstance" } else { "issubclass" };
                return Err(self.type_error(&format!("{what}() argument 2 cannot be a parameterized generic")));
            }
        }
        let names = self.names.clone();
        let hook = if instance { &names.instancecheck } else { &names.subclasscheck };
        let Some((_, found)) = self.class_of(class).lookup_where(hook) else { return Ok(None) };
        if found.is(&self.types.type_) {
            return Ok(None);
        }
        match self.call_special(class, hook, std::slice::from_ref(obj))? {
            Some(v) => self.truth(&v).map(Some),
            None => Ok(None),
        }
    }
}
