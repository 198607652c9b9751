//! Reading attributes: an object and an interned name come in; the value, or an `AttributeError` that says what was
//! looked for, goes out. Objects, classes, modules and `super` objects each have their order of places to look in.
//! It does not know what becomes of a class attribute that was found (`bind`), nor how attributes are set (`attr_set`).

use std::cell::RefCell;
use std::rc::Rc;

use crate::event_loop::future;
use crate::value::class::flag;
use crate::value::func::FuncExtra;
use crate::value::instance::Fields;
use crate::value::{Class, ClassRef, Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;
use crate::vm::bind::super_lookup;
use crate::vm::errors::{exc_data, exc_field};

impl Vm {
    /// `obj.name`.
    pub fn get_attr(&mut self, obj: &Value, name: &Ref) -> R {
        match self.find_attr(obj, name) {
            Ok(Some(v)) => Ok(v),
            Ok(None) => Err(self.no_such_attribute(obj, name)),
            Err(t) => Err(self.complete_attribute_error(t, obj, name)),
        }
    }

    /// `obj.name`, or nothing where an `AttributeError` would come out.
    pub fn get_attr_opt(&mut self, obj: &Value, name: &Ref) -> R<Option<Value>> {
        let found = self.find_attr(obj, name);
        let class = self.types.attribute_error.clone();
        Ok(self.catch(&class, found)?.flatten())
    }

    /// Looks an attribute up by every rule but raises nothing where it is missing; getters may still raise.
    pub fn find_attr(&mut self, obj: &Value, name: &Ref) -> R<Option<Value>> {
        let class = self.class_of(obj).clone();
        if class.has(flag::GETATTRIBUTE | flag::GETATTR) { self.hooked_attr(obj, name, &class) } else { self.generic_attr(obj, name, &class) }
    }

    /// `__getattribute__` and `__getattr__` of scripts.
    #[cold]
    fn hooked_attr(&mut self, obj: &Value, name: &Ref, class: &ClassRef) -> R<Option<Value>> {
        let names = self.names.clone();
        let arg = [Value::Obj(name.clone())];
        let found = match class.lookup(&names.getattribute) {
            Some(hook) if class.has(flag::GETATTRIBUTE) => self.call_hook(&hook, obj, class, &arg).map(Some),
            _ => self.generic_attr(obj, name, class),
        };
        let Some(hook) = class.lookup(&names.getattr).filter(|_| class.has(flag::GETATTR)) else { return found };
        let error = self.types.attribute_error.clone();
        match self.catch(&error, found)?.flatten() {
            Some(v) => Ok(Some(v)),
            None => self.call_hook(&hook, obj, class, &arg).map(Some),
        }
    }

    /// `object.__getattribute__`, `type.__getattribute__`, ...: the rules without script hooks.
    pub fn generic_attr(&mut self, obj: &Value, name: &Ref, class: &ClassRef) -> R<Option<Value>> {
        match obj.kind() {
            Some(Kind::Class(_)) => self.class_attr(obj, name, class),
            Some(Kind::Module(m)) => self.module_attr(obj, &m.dict, name, class),
            Some(Kind::Super { class: after, obj: receiver, start }) => self.super_attr(obj, after, receiver, start, name),
            _ => self.object_attr(obj, name, class),
        }
    }

    fn object_attr(&mut self, obj: &Value, name: &Ref, class: &ClassRef) -> R<Option<Value>> {
        let attr = class.lookup(name);
        if let Some(a) = &attr
            && self.is_data_descriptor(a)
            && self.has_get(a)
        {
            return self.bind_descriptor(a, obj, class).map(Some);
        }
        if let Some(v) = own_attr(obj, name) {
            return Ok(Some(v));
        }
        if let Some(a) = attr {
            return self.bind_descriptor(&a, obj, class).map(Some);
        }
        match obj.kind() {
            Some(Kind::Method(m)) => {
                let func = m.func.clone();
                self.find_attr(&func, name)
            }
            _ => Ok(None),
        }
    }

    fn class_attr(&mut self, obj: &Value, name: &Ref, meta: &ClassRef) -> R<Option<Value>> {
        let Some(class) = obj.to_class() else { return Ok(None) };
        let meta_attr = meta.lookup(name);
        if let Some(a) = &meta_attr
            && self.is_data_descriptor(a)
            && self.has_get(a)
        {
            return self.bind_descriptor(a, obj, meta).map(Some);
        }
        if let Some(a) = class.lookup(name) {
            if Rc::ptr_eq(name, &self.names.doc) && matches!(a.kind(), Some(Kind::GetSet { .. })) {
                return Ok(Some(Value::None));
            }
            return self.bind_to_class(&a, &class).map(Some);
        }
        match meta_attr {
            Some(a) => self.bind_descriptor(&a, obj, meta).map(Some),
            None => Ok(None),
        }
    }

    fn module_attr(&mut self, obj: &Value, dict: &Ref, name: &Ref, class: &ClassRef) -> R<Option<Value>> {
        let own = dict.as_dict().and_then(|d| d.borrow().get_name(name).cloned());
        if let Some(v) = own {
            return Ok(Some(v));
        }
        if name.text() == "__dict__" {
            return Ok(Some(Value::Obj(dict.clone())));
        }
        if let Some(v) = self.object_attr(obj, name, class)? {
            return Ok(Some(v));
        }
        let hook = dict.as_dict().and_then(|d| d.borrow().get_name(&self.names.getattr).cloned());
        match hook {
            Some(hook) => self.call(&hook, &[Value::Obj(name.clone())]).map(Some),
            None => Ok(None),
        }
    }

    fn super_attr(&mut self, sup: &Value, after: &ClassRef, receiver: &Value, start: &ClassRef, name: &Ref) -> R<Option<Value>> {
        if !receiver.is_none()
            && name.text() != "__class__"
            && let Some(attr) = super_lookup(after, start, name)
        {
            let on_class = receiver.obj().is_some_and(|o| Rc::ptr_eq(o, start.obj()));
            let value = if on_class { self.bind_to_class(&attr, start)? } else { self.bind_descriptor(&attr, receiver, start)? };
            return Ok(Some(value));
        }
        let class = self.types.super_.clone();
        self.object_attr(sup, name, &class)
    }

    /// Tells an `AttributeError` that a getter raised by itself what was looked for, and where.
    #[cold]
    fn complete_attribute_error(&mut self, thrown: Thrown, obj: &Value, name: &Ref) -> Thrown {
        let class = self.types.attribute_error.clone();
        let Some(exc) = self.exc.clone().filter(|_| self.exc_is(&class)) else { return thrown };
        let (names, data) = (self.names.clone(), exc_data(&exc));
        let is_set = |n: &Ref| exc_field(&exc, n).is_some_and(|v| !v.is_none());
        if !is_set(&names.name_) && !is_set(&names.obj) {
            for (field, value) in [(&names.name_, Value::Obj(name.clone())), (&names.obj, obj.clone())] {
                let old = data.fields.borrow_mut().set(&data.class, field, value);
                drop(old);
            }
        }
        thrown
    }

    #[cold]
    fn no_such_attribute(&mut self, obj: &Value, name: &Ref) -> Thrown {
        if let Some(Kind::Module(m)) = obj.kind()
            && obj.obj().is_some_and(|o| self.importing.iter().any(|i| Rc::ptr_eq(i, o)))
        {
            let text = format!("partially initialized module '{}' has no attribute '{}' (most likely due to a circular import)", m.name, name.text());
            return self.attribute_error(&text, obj, name);
        }
        self.no_attribute(obj, name)
    }
}

/// Where an object keeps its attributes, and by which class's layout.
pub fn fields_of(obj: &Value) -> Option<(&RefCell<Fields>, &Class)> {
    match obj.kind()? {
        Kind::Instance(i) => Some((&i.fields, &i.class)),
        Kind::Derived(d) => Some((&d.fields, &d.class)),
        Kind::Exc(e) => Some((&e.fields, &e.class)),
        Kind::Native(n) => n.fields(),
        _ => None,
    }
}

/// An object's own attribute.
pub fn own_attr(obj: &Value, name: &Ref) -> Option<Value> {
    match obj.kind()? {
        Kind::Func(f) => f.extra.borrow().as_ref()?.attrs.as_ref()?.as_dict()?.borrow().get_name(name).cloned(),
        Kind::Native(n) if n.attrs().is_some() => n.attrs()?.get(name),
        Kind::Future(_) | Kind::Task(_) => future::of(obj.obj()?)?.extra(|e| e.attrs.get(name)).flatten(),
        _ => {
            let (fields, class) = fields_of(obj)?;
            fields.borrow().get(class, name)
        }
    }
}

/// The dictionary of what a script set on an object of a built-in class without `__dict__`, made where it is missing.
pub fn loose_attrs(obj: &Value) -> Option<Ref> {
    match obj.kind()? {
        Kind::Native(n) => n.attrs().map(|a| a.dict().clone()),
        Kind::Future(_) | Kind::Task(_) => future::of(obj.obj()?).map(|f| f.with_extra(|e| e.attrs.dict().clone())),
        _ => None,
    }
}

/// The namespace that `__dict__` shows, for objects that have one.
pub fn dict_of(obj: &Value) -> Option<Ref> {
    match obj.kind()? {
        Kind::Func(f) => {
            let mut extra = f.extra.borrow_mut();
            let extra: &mut FuncExtra = extra.get_or_insert_default();
            Some(extra.attrs.get_or_insert_with(|| Obj::dict(crate::value::dict::Dict::new())).clone())
        }
        Kind::Module(m) => Some(m.dict.clone()),
        Kind::Exc(e) => Some(e.fields.borrow_mut().to_dict(&e.class)),
        _ => {
            let (fields, class) = fields_of(obj)?;
            if class.has(flag::NO_DICT) { None } else { Some(fields.borrow_mut().to_dict(class)) }
        }
    }
}
