//! Attribute access: the descriptor protocol, instances, classes, modules and `super` objects.

use std::cell::RefCell;
use std::rc::Rc;

use crate::value::class::{Fields, flag};
use crate::value::func::{BoundMethod, FuncExtra};
use crate::value::obj::Property;
use crate::value::{Class, ClassRef, Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;
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

    /// What a class attribute becomes when it is found through an instance (`None`-less `__get__`).
    pub fn bind_descriptor(&mut self, attr: &Value, obj: &Value, class: &ClassRef) -> R {
        match attr.kind() {
            Some(Kind::Func(_)) => Ok(bind_method(attr, obj)),
            Some(Kind::NativeFn(f)) => Ok(if f.owner.is_some() { bind_method(attr, obj) } else { attr.clone() }),
            Some(Kind::Property(p)) => self.get_property(p, obj),
            Some(Kind::ClassMethod(f)) => self.bind_class_method(f, class),
            Some(Kind::StaticMethod(f)) => Ok(f.clone()),
            Some(Kind::Super { obj: Value::None, class: after, .. }) => self.make_super(&after.clone(), obj),
            Some(Kind::Member { name, .. }) => match own_member(obj, name) {
                Some(v) => Ok(v),
                None => Err(self.no_attribute(obj, name)),
            },
            Some(Kind::GetSet { def, .. }) => (def.get)(self, obj),
            Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_)) => self.call_get(attr, obj, class),
            _ => Ok(attr.clone()),
        }
    }

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

    /// Looks an attribute up by every rule but raises nothing where it is missing; getters may still raise.
    pub fn find_attr(&mut self, obj: &Value, name: &Ref) -> R<Option<Value>> {
        let class = self.class_of(obj).clone();
        if class.has(flag::GETATTRIBUTE | flag::GETATTR) { self.hooked_attr(obj, name, &class) } else { self.generic_attr(obj, name, &class) }
    }

    // ---- reading -----------------------------------------------------------------------------------------

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

    /// What a class attribute becomes when it is found through the class itself.
    pub fn bind_to_class(&mut self, attr: &Value, class: &ClassRef) -> R {
        match attr.kind() {
            Some(Kind::StaticMethod(f)) => Ok(f.clone()),
            Some(Kind::ClassMethod(f)) => self.bind_class_method(f, class),
            Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_)) => {
                let Some(get) = self.class_of(attr).lookup(&self.names.get) else { return Ok(attr.clone()) };
                let of = self.class_of(attr).clone();
                self.call_hook(&get, attr, &of, &[Value::None, class.into()])
            }
            _ => Ok(attr.clone()),
        }
    }

    fn bind_class_method(&mut self, f: &Value, class: &ClassRef) -> R {
        match f.kind() {
            Some(Kind::Property(_) | Kind::ClassMethod(_) | Kind::StaticMethod(_) | Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_))
                if !matches!(f.kind(), Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_))) || self.class_of(f).lookup(&self.names.get).is_some() =>
            {
                let (receiver, meta) = (Value::from(class), self.class_of(&class.into()).clone());
                self.bind_descriptor(f, &receiver, &meta)
            }
            _ => Ok(bind_method(f, &class.into())),
        }
    }

    fn call_get(&mut self, attr: &Value, obj: &Value, class: &ClassRef) -> R {
        let of = self.class_of(attr).clone();
        match of.lookup(&self.names.get) {
            Some(get) => self.call_hook(&get, attr, &of, &[obj.clone(), class.into()]),
            None => Ok(attr.clone()),
        }
    }

    /// Whether a data descriptor answers reads too; one that only sets leaves them to the instance.
    fn has_get(&self, attr: &Value) -> bool {
        !matches!(attr.kind(), Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_))) || self.class_of(attr).lookup(&self.names.get).is_some()
    }

    /// Whether a class attribute comes before an instance's own.
    pub fn is_data_descriptor(&self, attr: &Value) -> bool {
        match attr.kind() {
            Some(Kind::Property(_) | Kind::Member { .. } | Kind::GetSet { .. }) => true,
            Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_)) => {
                let class = self.class_of(attr);
                class.lookup(&self.names.set).is_some() || class.lookup(&self.names.delete).is_some()
            }
            _ => false,
        }
    }

    /// `super(class, obj)`.
    pub fn make_super(&mut self, class: &ClassRef, obj: &Value) -> R {
        let start = match obj.to_class() {
            Some(c) if c.is_subclass_of(class) => c,
            _ if self.class_of(obj).is_subclass_of(class) => self.class_of(obj).clone(),
            _ => {
                // A proxy may claim another class than its own.
                let names = self.names.clone();
                let claimed = self.get_attr_opt(obj, &names.class)?.and_then(|c| c.to_class());
                match claimed.filter(|c| c.is_subclass_of(class)) {
                    Some(c) => c,
                    None => return Err(self.type_error("super(type, obj): obj must be an instance or subtype of type")),
                }
            }
        };
        Ok(Obj::new(Kind::Super { class: class.clone(), obj: obj.clone(), start }).into())
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

    // ---- properties --------------------------------------------------------------------------------------

    fn get_property(&mut self, p: &Property, obj: &Value) -> R {
        let get = p.parts.borrow().get.clone();
        if get.is_unbound() {
            return Err(self.no_accessor(p, obj, "getter"));
        }
        self.call(&get, std::slice::from_ref(obj))
    }

    pub fn set_property(&mut self, p: &Property, obj: &Value, value: &Value) -> R<()> {
        let parts = p.parts.borrow().clone();
        let (accessor, what) = if value.is_unbound() { (&parts.del, "deleter") } else { (&parts.set, "setter") };
        if accessor.is_unbound() {
            return Err(self.no_accessor(p, obj, what));
        }
        let args = [obj.clone(), value.clone()];
        let n = if value.is_unbound() { 1 } else { 2 };
        self.call(accessor, args.get(..n).unwrap_or(&args)).map(drop)
    }

    #[cold]
    fn no_accessor(&mut self, p: &Property, obj: &Value, what: &str) -> Thrown {
        let class = self.class_of(obj).qualname();
        let name = p.name.borrow().clone();
        let text = match self.repr(&name) {
            Ok(shown) if !name.is_unbound() => format!("property {shown} of '{class}' object has no {what}"),
            Ok(_) => format!("property of '{class}' object has no {what}"),
            Err(t) => return t,
        };
        self.attribute_error_text(&text)
    }

    // ---- writing -----------------------------------------------------------------------------------------

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
        match store(obj, name, value) {
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
            let text = format!("cannot set '{}' attribute of immutable type '{}'", name.text(), class.name());
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
        let is_abstract = Rc::ptr_eq(name, &self.names.abstract_methods) || name.text() == "__abstractmethods__";
        if is_abstract {
            let is_set = !is_delete && self.truth(&value)?;
            class.flags.set(if is_set { class.flags.get() | flag::ABSTRACT } else { class.flags.get() & !flag::ABSTRACT });
        }
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

/// Whether a class attribute binds by just putting the receiver in front.
#[inline]
pub fn is_binding(attr: &Value) -> bool {
    match attr.kind() {
        Some(Kind::Func(_)) => true,
        Some(Kind::NativeFn(f)) => f.owner.is_some(),
        _ => false,
    }
}

/// A bound method.
pub fn bind_method(func: &Value, receiver: &Value) -> Value {
    Obj::new(Kind::Method(BoundMethod { func: func.clone(), receiver: receiver.clone() })).into()
}

/// Finds a name in the resolution order of `start` behind the class `after`.
pub fn super_lookup(after: &ClassRef, start: &ClassRef, name: &Ref) -> Option<Value> {
    let mro = start.mro.borrow().clone();
    let skip = if start.is(after) { 0 } else { mro.iter().position(|c| c.is(after))? + 1 };
    mro.iter().skip(skip).find_map(|c| c.own(name))
}

/// Where an object keeps its attributes, and by which class's layout.
pub fn fields_of(obj: &Value) -> Option<(&RefCell<Fields>, &Class)> {
    match obj.kind()? {
        Kind::Instance(i) => Some((&i.fields, &i.class)),
        Kind::Derived(d) => Some((&d.fields, &d.class)),
        Kind::Exc(e) => Some((&e.fields, &e.class)),
        _ => None,
    }
}

/// An object's own attribute.
pub fn own_attr(obj: &Value, name: &Ref) -> Option<Value> {
    if let Kind::Func(f) = obj.kind()? {
        f.extra.borrow().as_ref()?.attrs.as_ref()?.as_dict()?.borrow().get_name(name).cloned()
    } else {
        let (fields, class) = fields_of(obj)?;
        fields.borrow().get(class, name)
    }
}

/// What stands in a `__slots__` place.
fn own_member(obj: &Value, name: &Ref) -> Option<Value> {
    let (fields, class) = fields_of(obj)?;
    fields.borrow().get_member(class, name)
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

/// Sets or, with an empty value, removes a field; gives what was there.
fn set_field(fields: &RefCell<Fields>, class: &Class, name: &Ref, value: Value) -> Option<Value> {
    let mut fields = fields.borrow_mut();
    if value.is_unbound() { fields.remove(class, name) } else { fields.set(class, name, value) }
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
        let Some(dict) = dict_of(obj) else { return Stored::Refused };
        let Some(dict) = dict.as_dict() else { return Stored::Refused };
        let mut dict = dict.borrow_mut();
        let old = if value.is_unbound() { dict.remove_name(name) } else { dict.set_name(name, value) };
        return Stored::Done(old.unwrap_or_default());
    }
    match fields_of(obj) {
        Some((fields, class)) if !class.has(flag::NO_DICT) => Stored::Done(set_field(fields, class, name, value).unwrap_or_default()),
        _ => Stored::Refused,
    }
}
