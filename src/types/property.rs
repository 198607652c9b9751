//! `property`: what a class reads, sets and deletes through functions.

use super::descriptor::derive;
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::{Property, PropertyParts};
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

fn empty() -> Value {
    Obj::tracked(Kind::Property(Box::default())).into()
}

fn as_property(v: &Value) -> Option<&Property> {
    match v.native_kind() {
        Some(Kind::Property(p)) => Some(p),
        _ => None,
    }
}

/// An argument; `None` counts as missing.
fn given(v: &mut Value) -> Value {
    if v.is_none() { Value::Unbound } else { v.take() }
}

/// Fills a property from the four arguments of its constructor; a subclass keeps the text in its own `__doc__`.
fn fill(vm: &mut Vm, this: &Value, a: &mut [Value]) -> R<()> {
    let names = vm.names.clone();
    let [get, set, del, doc] = a else { return Ok(()) };
    let mut parts = PropertyParts { get: given(get), set: given(set), del: given(del), doc: given(doc), is_getter_doc: false };
    if parts.doc.is_unbound() && !parts.get.is_unbound() {
        parts.doc = vm.get_attr_opt(&parts.get, &names.doc)?.filter(|d| !d.is_none()).unwrap_or(Value::Unbound);
        parts.is_getter_doc = !parts.doc.is_unbound();
    }
    let doc = parts.doc.clone();
    let is_exact = matches!(this.kind(), Some(Kind::Property(_)));
    if !is_exact {
        parts.doc = Value::Unbound;
    }
    let Some(p) = as_property(this) else { return Ok(()) };
    drop((p.parts.replace(parts), p.name.take()));
    if is_exact {
        return Ok(());
    }
    vm.set_attr(this, &names.doc, none_if_missing(doc))
}

fn none_if_missing(v: Value) -> Value {
    if v.is_unbound() { Value::None } else { v }
}

fn property(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let made = empty();
    fill(vm, &made, a.get_mut(..4).unwrap_or_default())?;
    Ok(made)
}

fn new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    derive(vm, &a[0].clone(), empty())
}

fn init(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let this = a[0].clone();
    fill(vm, &this, a.get_mut(1..5).unwrap_or_default())?;
    Ok(Value::None)
}

/// A copy with one accessor replaced, made by the property's own class.
fn replaced(vm: &mut Vm, a: &mut [Value], which: usize) -> R {
    let Some(p) = as_property(&a[0]) else { return Ok(Value::None) };
    let (PropertyParts { get, set, del, doc, is_getter_doc }, name) = (p.parts.borrow().clone(), p.name.borrow().clone());
    let mut parts = [get, set, del];
    if let Some(part) = parts.get_mut(which).filter(|_| !a[1].is_none()) {
        *part = a[1].clone();
    }
    let [get, set, del] = parts.map(none_if_missing);
    let doc = if is_getter_doc && !get.is_none() { Value::None } else { none_if_missing(doc) };
    let class = vm.class_of(&a[0]).clone();
    let copy = vm.call(&class.into(), &[get, set, del, doc])?;
    if let Some(p) = as_property(&copy) {
        drop(p.name.replace(name));
    }
    Ok(copy)
}

fn set_name(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if n != 3 {
        return Err(vm.type_error(&format!("__set_name__() takes 2 positional arguments but {} were given", n - 1)));
    }
    if let Some(p) = as_property(&a[0]) {
        drop(p.name.replace(a[2].clone()));
    }
    Ok(Value::None)
}

fn get(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if a[1].is_none() {
        return Ok(a[0].clone());
    }
    let class = vm.class_of(&a[1]).clone();
    vm.bind_descriptor(&a[0].native().clone(), &a[1], &class)
}

fn set(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(p) = as_property(&a[0]) {
        vm.set_property(p, &a[1], &a[2])?;
    }
    Ok(Value::None)
}

fn delete(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(p) = as_property(&a[0]) {
        vm.set_property(p, &a[1], &Value::Unbound)?;
    }
    Ok(Value::None)
}

/// A part of a property as scripts see it.
fn part(v: &Value, which: fn(&PropertyParts) -> &Value) -> R {
    Ok(as_property(v).map_or(Value::None, |p| none_if_missing(which(&p.parts.borrow()).clone())))
}

fn set_doc(_: &mut Vm, v: &Value, new: Value) -> R<()> {
    if let Some(p) = as_property(v) {
        let old = std::mem::replace(&mut p.parts.borrow_mut().doc, new);
        drop(old);
    }
    Ok(())
}

/// `__isabstractmethod__` of properties and of static and class methods: whether a function inside is abstract.
pub fn is_abstract(vm: &mut Vm, v: &Value) -> R {
    let names = vm.names.clone();
    let parts = match v.native_kind() {
        Some(Kind::Property(p)) => {
            let p = p.parts.borrow();
            vec![p.get.clone(), p.set.clone(), p.del.clone()]
        }
        Some(Kind::StaticMethod(f) | Kind::ClassMethod(f)) => vec![f.clone()],
        _ => Vec::new(),
    };
    for part in parts.iter().filter(|p| !p.is_none() && !p.is_unbound()) {
        if let Some(mark) = vm.get_attr_opt(part, &names.isabstractmethod)?
            && vm.truth(&mark)?
        {
            return Ok(Value::True);
        }
    }
    Ok(Value::False)
}

static NEW: Builtin = Builtin::new("property", "(fget=None, fset=None, fdel=None, doc=None)", property, "");

/// `property`.
pub const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, *args, **kwargs)", new, ""),
        Builtin::new("__init__", "(self, fget=None, fset=None, fdel=None, doc=None)", init, ""),
        Builtin::new("getter", "(self, fget, /)", |vm, a, _| replaced(vm, a, 0), "Descriptor to obtain a copy of the property with a different getter."),
        Builtin::new("setter", "(self, fset, /)", |vm, a, _| replaced(vm, a, 1), "Descriptor to obtain a copy of the property with a different setter."),
        Builtin::new("deleter", "(self, fdel, /)", |vm, a, _| replaced(vm, a, 2), "Descriptor to obtain a copy of the property with a different deleter."),
        Builtin::new("__get__", "(self, instance, owner=None, /)", get, ""),
        Builtin::new("__set__", "(self, instance, value, /)", set, ""),
        Builtin::new("__delete__", "(self, instance, /)", delete, ""),
        Builtin::new("__set_name__", "(self, *args)", set_name, "Method to set name of a property."),
    ],
    getsets: &[
        GetSet { name: "fget", get: |_, v| part(v, |p| &p.get), set: Some(super::rows::read_only) },
        GetSet { name: "fset", get: |_, v| part(v, |p| &p.set), set: Some(super::rows::read_only) },
        GetSet { name: "fdel", get: |_, v| part(v, |p| &p.del), set: Some(super::rows::read_only) },
        GetSet { name: "__doc__", get: |_, v| part(v, |p| &p.doc), set: Some(set_doc) },
        GetSet { name: "__isabstractmethod__", get: is_abstract, set: None },
    ],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "Property attribute.",
};
