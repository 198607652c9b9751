//! The descriptor protocol: a class attribute comes in with the object or class it was found through; the bound method,
//! the property's value or what a script's `__get__` says goes out. It does not know where attributes are looked for.

use crate::value::func::BoundMethod;
use crate::value::obj::Property;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;
use crate::vm::attr::fields_of;

impl Vm {
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
    pub(super) fn has_get(&self, attr: &Value) -> bool {
        !matches!(attr.kind(), Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_))) || self.class_of(attr).lookup(&self.names.get).is_some()
    }

    /// Whether a class attribute is given as it is, whoever it is read from.
    pub fn is_plain_value(&self, attr: &Value) -> bool {
        match attr.kind() {
            None => true,
            Some(Kind::Str(_) | Kind::Tuple(_) | Kind::List(_) | Kind::Dict(_) | Kind::Set(_) | Kind::FrozenSet(_) | Kind::Bytes(_) | Kind::Big(_)) => true,
            Some(Kind::Instance(_) | Kind::Derived(_)) => !self.has_get(attr),
            _ => false,
        }
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

/// What stands in a `__slots__` place.
fn own_member(obj: &Value, name: &Ref) -> Option<Value> {
    let (fields, class) = fields_of(obj)?;
    fields.borrow().get_member(class, name)
}
