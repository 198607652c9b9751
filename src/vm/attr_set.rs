//! Setting and deleting attributes: an object, an interned name and a value come in, an empty value to delete; the
//! change, or a refusal in CPython's words, goes out. It does not know how attributes are read.

use std::cell::RefCell;
use std::rc::Rc;

use crate::value::class::flag;
use crate::value::instance::Fields;
use crate::value::{Class, ClassRef, Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;
use crate::vm::attr::{dict_of, fields_of, loose_attrs};

impl Vm {
    /// `obj.name = value`.
    pub fn set_attr(&mut self, obj: &Value, name: &Ref, value: Value) -> R<()> {
        let class = self.class_of(obj).clone();
        if class.has(flag::SETATTR)
            && let Some(hook) = class.lookup(&self.names.setattr)
        {
            return self.call_hook(&hook, obj, &class, &[Value::Obj(name.clone()), value]).map(drop);
        }
        self.generic_set(obj, name, value, &class)
    }

    /// `del obj.name`.
    pub fn del_attr(&mut self, obj: &Value, name: &Ref) -> R<()> {
        let class = self.class_of(obj).clone();
        if class.has(flag::DELATTR)
            && let Some(hook) = class.lookup(&self.names.delattr)
        {
            return self.call_hook(&hook, obj, &class, &[Value::Obj(name.clone())]).map(drop);
        }
        self.generic_set(obj, name, Value::Unbound, &class)
    }

    /// `object.__setattr__` and `type.__setattr__`: sets, or deletes with an empty value, without script hooks.
    pub fn generic_set(&mut self, obj: &Value, name: &Ref, value: Value, class: &ClassRef) -> R<()> {
        if let Some(c) = obj.to_class() {
            return self.set_class_attr(obj, &c, name, value, class);
        }
        let attr = class.lookup(name);
        if let Some(a) = &attr
            && self.set_descriptor(a, obj, name, &value)?
        {
            return Ok(());
        }
        let is_delete = value.is_unbound();
        // What the class has itself is looked up first there, so it cannot be hidden.
        let own = if attr.is_none() { loose_attrs(obj) } else { None };
        let stored = match own {
            Some(dict) => store_in(&dict, name, value),
            None => store(obj, name, value),
        };
        match stored {
            Stored::Refused => Err(self.cannot_store(obj, name, attr.is_some())),
            Stored::Done(old) if is_delete && old.is_unbound() => Err(self.missing_on_delete(obj, name)),
            Stored::Done(_) => Ok(()),
        }
    }

    #[cold]
    fn missing_on_delete(&mut self, obj: &Value, name: &Ref) -> Thrown {
        let text = format!("'{}' object has no attribute '{}'", self.class_name(obj), name.text());
        self.attribute_error_text(&text)
    }

    #[cold]
    fn cannot_store(&mut self, obj: &Value, name: &Ref, is_class_attr: bool) -> Thrown {
        if is_class_attr {
            let text = format!("'{}' object attribute '{}' is read-only", self.class_name(obj), name.text());
            return self.attribute_error_text(&text);
        }
        self.missing_on_delete(obj, name)
    }

    /// Lets a data descriptor set or delete; says whether it was one.
    fn set_descriptor(&mut self, attr: &Value, obj: &Value, name: &Ref, value: &Value) -> R<bool> {
        match attr.kind() {
            Some(Kind::Property(p)) => self.set_property(p, obj, value)?,
            Some(Kind::Member { name, .. }) => self.set_member(obj, name, value)?,
            Some(Kind::GetSet { def, class }) => {
                if let Some(set) = def.set {
                    set(self, obj, value.clone())?;
                } else {
                    let text = format!("attribute '{}' of '{}' objects is not writable", name.text(), self.type_name(class));
                    return Err(self.attribute_error_text(&text));
                }
            }
            Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_)) if self.is_data_descriptor(attr) => {
                let names = self.names.clone();
                let of = self.class_of(attr).clone();
                let hook = if value.is_unbound() { &names.delete } else { &names.set };
                let Some(method) = of.lookup(hook) else { return Err(self.attribute_error_text(hook.text())) };
                let args = [obj.clone(), value.clone()];
                let n = if value.is_unbound() { 1 } else { 2 };
                drop(self.call_hook(&method, attr, &of, args.get(..n).unwrap_or(&args))?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Sets or deletes a `__slots__` place.
    pub fn set_member(&mut self, obj: &Value, name: &Ref, value: &Value) -> R<()> {
        let Some((fields, class)) = fields_of(obj) else { return Err(self.no_attribute(obj, name)) };
        let old = fields.borrow_mut().set_member(class, name, value.clone());
        if value.is_unbound() && old.is_none() {
            return Err(self.attribute_error_text(name.text()));
        }
        Ok(())
    }

    /// `obj.__dict__ = value`; an empty value gives a fresh one.
    pub fn set_dict(&mut self, obj: &Value, value: Value) -> R<()> {
        let dict = match (&value, value.native()) {
            (Value::Unbound, _) => Obj::dict(crate::value::dict::Dict::new()),
            (_, Value::Obj(d)) if d.as_dict().is_some() => d.clone(),
            _ => {
                let text = format!("__dict__ must be set to a dictionary, not a '{}'", self.class_name(&value));
                return Err(self.type_error(&text));
            }
        };
        if let Some(Kind::Func(f)) = obj.kind() {
            let old = f.extra.borrow_mut().get_or_insert_default().attrs.replace(dict);
            drop(old);
        } else if let Some((fields, class)) = fields_of(obj) {
            let old = fields.borrow_mut().replace_dict(class, dict);
            drop(old);
        }
        Ok(())
    }

    fn set_class_attr(&mut self, obj: &Value, class: &ClassRef, name: &Ref, value: Value, meta: &ClassRef) -> R<()> {
        if class.has(flag::IMMUTABLE) {
            let text = format!("cannot set '{}' attribute of immutable type '{}'", name.text(), self.type_name(class));
            return Err(self.type_error(&text));
        }
        if let Some(a) = meta.lookup(name)
            && self.set_descriptor(&a, obj, name, &value)?
        {
            return Ok(());
        }
        let is_delete = value.is_unbound();
        if is_delete && Rc::ptr_eq(name, &self.names.doc) {
            let text = format!("cannot delete '__doc__' attribute of immutable type '{}'", class.name());
            return Err(self.type_error(&text));
        }
        if Rc::ptr_eq(name, &self.names.abstract_methods) || name.text() == "__abstractmethods__" {
            let is_abstract = !is_delete && self.truth(&value)?;
            class.flags.set(if is_abstract { class.flags.get() | flag::ABSTRACT } else { class.flags.get() & !flag::ABSTRACT });
        }
        self.put_in_class(class, name, value)
    }

    /// Changes a class's own namespace, and what is remembered of it.
    fn put_in_class(&mut self, class: &ClassRef, name: &Ref, value: Value) -> R<()> {
        let is_delete = value.is_unbound();
        let Some(dict) = class.dict().as_dict() else { return Ok(()) };
        let old = if is_delete { dict.borrow_mut().remove_name(name) } else { dict.borrow_mut().set_name(name, value) };
        if is_delete && old.is_none() {
            let text = format!("type object '{}' has no attribute '{}'", class.name(), name.text());
            return Err(self.attribute_error_text(&text));
        }
        class.touch();
        if name.text().starts_with("__") {
            self.refresh_flags(class);
        }
        drop(old);
        Ok(())
    }
}

/// How setting or removing an object's own attribute went.
enum Stored {
    /// The object cannot have attributes of its own.
    Refused,
    /// What was there before, empty if nothing.
    Done(Value),
}

/// Sets or removes an object's own attribute.
fn store(obj: &Value, name: &Ref, value: Value) -> Stored {
    if matches!(obj.kind(), Some(Kind::Func(_) | Kind::Module(_))) {
        return dict_of(obj).map_or(Stored::Refused, |dict| store_in(&dict, name, value));
    }
    match fields_of(obj) {
        Some((fields, class)) if !class.has(flag::NO_DICT) => Stored::Done(set_field(fields, class, name, value).unwrap_or_default()),
        _ => Stored::Refused,
    }
}

/// Sets or removes a name in the dictionary of an object's attributes.
fn store_in(dict: &Ref, name: &Ref, value: Value) -> Stored {
    let Some(dict) = dict.as_dict() else { return Stored::Refused };
    let mut dict = dict.borrow_mut();
    let old = if value.is_unbound() { dict.remove_name(name) } else { dict.set_name(name, value) };
    Stored::Done(old.unwrap_or_default())
}

/// Sets or, with an empty value, removes a field; gives what was there.
fn set_field(fields: &RefCell<Fields>, class: &Class, name: &Ref, value: Value) -> Option<Value> {
    let mut fields = fields.borrow_mut();
    if value.is_unbound() { fields.remove(class, name) } else { fields.set(class, name, value) }
}
