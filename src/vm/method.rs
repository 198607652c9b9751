//! Methods called by name: a receiver, a name and arguments come in; what the method gave goes out. A method that only
//! puts the receiver in front is called without making a bound method. It does not know how a call binds arguments.

use std::rc::Rc;

use crate::value::class::flag;
use crate::value::{ClassRef, Kind, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::attr::own_attr;
use crate::vm::bind::is_binding;

impl Vm {
    /// Calls a special method found on the class, if there is one. For an instance of a subclass of a built-in type,
    /// the built-in type's own method gets the native value inside.
    pub fn call_special(&mut self, obj: &Value, name: &Ref, args: &[Value]) -> R<Option<Value>> {
        let class = self.class_of(obj).clone();
        let Some(method) = class.lookup(name) else { return Ok(None) };
        if let (Some(Kind::Derived(d)), Some(Kind::NativeFn(f))) = (obj.kind(), method.kind())
            && f.owner.as_ref().is_some_and(|o| o.is(self.class_of(&d.base)))
        {
            if matches!(d.base.kind(), Some(Kind::Dict(_))) && Rc::ptr_eq(name, &self.names.getitem) {
                return self.get_or_missing(obj, &d.base, args).map(Some);
            }
            let result = self.call_with_self(&method, &d.base, args)?;
            return Ok(Some(if result.is(&d.base) { obj.clone() } else { result }));
        }
        self.call_hook(&method, obj, &class, args).map(Some)
    }

    /// `obj.name(*args)`.
    pub fn call_method(&mut self, obj: &Value, name: &Ref, args: &[Value]) -> R {
        let class = self.class_of(obj).clone();
        if !class.has(flag::GETATTRIBUTE | flag::GETATTR)
            && matches!(obj.kind(), Some(Kind::Instance(_) | Kind::Derived(_)))
            && own_attr(obj, name).is_none()
            && let Some(method) = class.lookup(name)
            && is_binding(&method)
        {
            return self.call_with_self(&method, obj, args);
        }
        let method = self.get_attr(obj, name)?;
        self.call(&method, args)
    }

    /// Calls a function with a receiver in front of the arguments.
    pub fn call_with_self(&mut self, callee: &Value, receiver: &Value, args: &[Value]) -> R {
        self.on_segment(args.len() + 9, |vm, fr| {
            for (slot, arg) in fr.iter_mut().zip(std::iter::once(receiver).chain(args)) {
                *slot = arg.clone();
            }
            vm.call_window(callee, fr, args.len() + 1)
        })
    }

    /// Calls a class attribute as a method of `obj`.
    pub fn call_hook(&mut self, method: &Value, obj: &Value, class: &ClassRef, args: &[Value]) -> R {
        if is_binding(method) {
            return self.call_with_self(method, obj, args);
        }
        let bound = self.bind_descriptor(method, obj, class)?;
        self.call(&bound, args)
    }

    /// The key's value in a dict subclass, or what `__missing__` gives.
    fn get_or_missing(&mut self, obj: &Value, base: &Value, args: &[Value]) -> R {
        let Some(key) = args.first() else { return Err(self.type_error("expected 1 argument, got 0")) };
        if let Some(v) = self.dict_get(base, key)? {
            return Ok(v);
        }
        let names = self.names.clone();
        match self.call_special(obj, &names.missing, std::slice::from_ref(key))? {
            Some(v) => Ok(v),
            None => Err(self.key_error(key)),
        }
    }
}
