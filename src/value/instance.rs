//! Instances of scripts' classes, and where their attributes are: in a vector whose places the class hands out, or, once
//! they are set in another order or `__dict__` is shown, in a dict of their own. They do not know descriptors.

use std::cell::RefCell;

use super::class::{Class, ClassRef, flag};
use super::dict::Dict;
use super::obj::{Kind, Obj};
use super::{Ref, Value};

/// Where an instance's attributes are.
pub enum Fields {
    /// In places handed out by the class, in the order of their setting; empty where unset.
    Slots(Vec<Value>),
    /// In a dict object, which `__dict__` shows.
    Dict(Ref),
    /// In such a dict, but what stands in `__slots__` places in another, hidden one.
    Split(Box<Split>),
}

/// The attributes of an object that has both `__slots__` places and a `__dict__`.
pub struct Split {
    pub shown: Ref,
    pub hidden: Ref,
}

impl Default for Fields {
    fn default() -> Self {
        Self::Slots(Vec::new())
    }
}

impl Fields {
    /// The value of an attribute, if set.
    pub fn get(&self, class: &Class, name: &Ref) -> Option<Value> {
        match self {
            Self::Slots(slots) => {
                let place = class.layout.borrow().find(name)?;
                slots.get(place).filter(|v| !v.is_unbound()).cloned()
            }
            _ => self.dict()?.as_dict().and_then(|d| d.borrow().get_name(name).cloned()),
        }
    }

    /// The dict that `__dict__` shows, if there is one yet.
    fn dict(&self) -> Option<&Ref> {
        match self {
            Self::Slots(_) => None,
            Self::Dict(d) => Some(d),
            Self::Split(s) => Some(&s.shown),
        }
    }

    /// The value of a `__slots__` place, if set.
    pub fn get_member(&self, class: &Class, name: &Ref) -> Option<Value> {
        match self {
            Self::Split(s) => s.hidden.as_dict().and_then(|d| d.borrow().get_name(name).cloned()),
            _ => self.get(class, name),
        }
    }

    /// Sets or, with an empty value, empties a `__slots__` place; gives the old value.
    pub fn set_member(&mut self, class: &Class, name: &Ref, value: Value) -> Option<Value> {
        match self {
            Self::Split(s) => {
                let mut hidden = s.hidden.as_dict()?.borrow_mut();
                if value.is_unbound() { hidden.remove_name(name) } else { hidden.set_name(name, value) }
            }
            _ if value.is_unbound() => self.remove(class, name),
            Self::Slots(slots) => match class.place_of(name) {
                Some(place) => {
                    if slots.len() <= place {
                        slots.resize_with(place + 1, Value::default);
                    }
                    let old = slots.get_mut(place).map(|slot| std::mem::replace(slot, value));
                    old.filter(|v| !v.is_unbound())
                }
                None => {
                    self.to_dict(class);
                    self.set_member(class, name, value)
                }
            },
            Self::Dict(_) => self.set(class, name, value),
        }
    }

    /// Sets an attribute; gives the old value back, for the caller to drop when nothing is borrowed.
    pub fn set(&mut self, class: &Class, name: &Ref, value: Value) -> Option<Value> {
        if let Self::Slots(slots) = self {
            if let Some(place) = class.place_of(name) {
                match slots.get_mut(place) {
                    Some(slot) if !slot.is_unbound() => return Some(std::mem::replace(slot, value)),
                    None => {
                        slots.resize_with(place, Value::default);
                        slots.push(value);
                        return None;
                    }
                    Some(_) => {}
                }
            }
            self.to_dict(class);
        }
        self.dict()?.as_dict().and_then(|d| d.borrow_mut().set_name(name, value))
    }

    /// Removes an attribute.
    pub fn remove(&mut self, class: &Class, name: &Ref) -> Option<Value> {
        match self {
            Self::Slots(slots) => {
                let place = class.layout.borrow().find(name)?;
                let old = slots.get_mut(place).map(Value::take).filter(|v| !v.is_unbound());
                while slots.last().is_some_and(Value::is_unbound) {
                    slots.pop();
                }
                old
            }
            _ => self.dict()?.as_dict().and_then(|d| d.borrow_mut().remove_name(name)),
        }
    }

    /// Goes over to a dict and gives it.
    pub fn to_dict(&mut self, class: &Class) -> Ref {
        if let Self::Slots(slots) = self {
            let (mut dict, mut hidden) = (Dict::new(), Dict::new());
            let layout = class.layout.borrow();
            let is_member = |name: &Ref| class.has(flag::MEMBERS) && matches!(class.lookup(name).as_ref().and_then(Value::kind), Some(Kind::Member { .. }));
            for (name, value) in layout.names.iter().zip(std::mem::take(slots)) {
                if !value.is_unbound() {
                    if is_member(name) {
                        hidden.set_name(name, value)
                    } else {
                        dict.set_name(name, value)
                    };
                }
            }
            let shown = Obj::dict(dict);
            *self = if class.has(flag::MEMBERS) { Self::Split(Box::new(Split { shown, hidden: Obj::dict(hidden) })) } else { Self::Dict(shown) };
        }
        match self.dict() {
            Some(d) => d.clone(),
            None => unreachable!("slots were just turned into a dict"),
        }
    }

    /// Puts another dict in the place of what `__dict__` shows; gives the old contents.
    pub fn replace_dict(&mut self, class: &Class, dict: Ref) -> Ref {
        let old = self.to_dict(class);
        match self {
            Self::Split(s) => s.shown = dict,
            _ => *self = Self::Dict(dict),
        }
        old
    }

    /// The attributes' names in the order of their setting.
    pub fn names(&self, class: &Class) -> Vec<Ref> {
        match self {
            Self::Slots(slots) => class.layout.borrow().names.iter().zip(slots).filter(|(_, v)| !v.is_unbound()).map(|(n, _)| n.clone()).collect(),
            _ => self.dict().and_then(|d| d.as_dict()).map(|d| d.borrow().iter().filter_map(|e| e.key.obj().cloned()).collect()).unwrap_or_default(),
        }
    }

    /// Visits what is kept.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        match self {
            Self::Slots(s) => s.iter().for_each(visit),
            Self::Dict(d) => visit(&Value::Obj(d.clone())),
            Self::Split(s) => [&s.shown, &s.hidden].into_iter().for_each(|d| visit(&Value::Obj(d.clone()))),
        }
    }
}

/// An instance of a script's class.
pub struct Instance {
    pub class: ClassRef,
    pub fields: RefCell<Fields>,
}

impl Instance {
    /// Visits the attributes.
    pub fn trace_fields(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(f) = self.fields.try_borrow() {
            f.trace(visit);
        }
    }
}

/// An instance of a script's class that extends a built-in type: the native value inside, and attributes.
pub struct Derived {
    pub class: ClassRef,
    pub base: Value,
    pub fields: RefCell<Fields>,
}

impl Derived {
    /// Whether the death of the future or task inside must be reported.
    pub fn base_needs_finalizer(&self) -> bool {
        match self.base.kind() {
            Some(Kind::Future(f)) => f.needs_finalizer(),
            Some(Kind::Task(t)) => t.needs_finalizer(),
            _ => false,
        }
    }

    /// Visits the attributes.
    pub fn trace_fields(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(f) = self.fields.try_borrow() {
            f.trace(visit);
        }
    }
}
