//! `isinstance` and `issubclass` with tuples, unions and the hooks of metaclasses.

use crate::types::generic::as_alias;
use crate::types::union::Union;
use crate::value::class::flag;
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
            None => self.is_instance_by_bases(obj, class),
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
        self.is_native_subclass(sub, class)
    }

    /// `type.__subclasscheck__`: by the order of bases, or by `__bases__` where one is no class.
    pub fn is_native_subclass(&mut self, sub: &Value, class: &Value) -> R<bool> {
        if let (Some(sub), Some(class)) = (sub.to_class(), class.to_class()) {
            return Ok(sub.is_subclass_of(&class));
        }
        if self.bases_of(sub)?.is_none() {
            return Err(self.type_error("issubclass() arg 1 must be a class"));
        }
        if self.bases_of(class)?.is_none() {
            return Err(self.type_error("issubclass() arg 2 must be a class, a tuple of classes, or a union"));
        }
        self.descends(sub.clone(), class)
    }

    /// `isinstance` where the second argument is no class: whatever has a tuple `__bases__` may stand for one.
    fn is_instance_by_bases(&mut self, obj: &Value, class: &Value) -> R<bool> {
        if self.bases_of(class)?.is_none() {
            return Err(self.type_error("isinstance() arg 2 must be a type, a tuple of types, or a union"));
        }
        let names = self.names.clone();
        match self.get_attr_opt(obj, &names.class)? {
            Some(claimed) => self.descends(claimed, class),
            None => Ok(false),
        }
    }

    /// The tuple `__bases__` of a class, or of something that acts as one.
    fn bases_of(&mut self, class: &Value) -> R<Option<Vec<Value>>> {
        let names = self.names.clone();
        Ok(self.get_attr_opt(class, &names.bases)?.and_then(|b| b.as_tuple().map(<[Value]>::to_vec)))
    }

    /// Whether the bases of bases lead to `class`.
    fn descends(&mut self, mut from: Value, class: &Value) -> R<bool> {
        loop {
            if from.is(class) {
                return Ok(true);
            }
            self.tick()?;
            let bases = self.bases_of(&from)?.unwrap_or_default();
            match bases.as_slice() {
                [] => return Ok(false),
                [one] => from = one.clone(),
                _ => return self.any_class(&bases, |vm, base| vm.descends(base.clone(), class)),
            }
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
        let own = self.class_of(obj);
        let claims_other = own.has(flag::GETATTRIBUTE) || own.lookup_where(&names.class).is_some_and(|(_, c)| !c.is(&self.types.object));
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
            if as_alias(class).is_some() {
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
