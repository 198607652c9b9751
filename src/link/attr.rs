//! Attributes, with a cache in each node: while the class's stamp is the same, the attribute stands in the same place.

use std::cell::{Cell, RefCell};

use super::Ex;
use super::cx::{Cx, located};
use super::name::drain_at;
use crate::source::{Site, Span};
use crate::syntax::ast::{Expr, Ident};
use crate::value::class::flag;
use crate::value::instance::Fields;
use crate::value::{ClassRef, Kind, R, Ref, Value};
use crate::vm::Vm;

/// Where a node found an attribute last time.
#[derive(Default)]
pub struct Cache {
    stamp: Cell<u64>,
    place: Cell<u32>,
    /// A function of the class, for calls.
    method: RefCell<Value>,
}

/// Hooks and layouts that keep attribute access from being plain.
const HOOKS: u32 = flag::GETATTRIBUTE;

impl Cache {
    /// The instance attribute at the remembered place.
    #[inline(always)]
    pub fn load(&self, obj: &Value) -> Option<Value> {
        if let Value::Obj(o) = obj
            && let Kind::Instance(i) = &o.kind
            && i.class.stamp.get() == self.stamp.get()
            && let Fields::Slots(slots) = &*i.fields.borrow()
            && let Some(v) = slots.get(self.place.get() as usize)
            && !v.is_unbound()
        {
            return Some(v.clone());
        }
        None
    }

    /// What a class has under the name, found there last time.
    fn class_value(&self, vm: &Vm, obj: &Value) -> Option<Value> {
        let class = obj.as_class()?;
        let is_same = class.stamp.get() == self.stamp.get() && meta_mark(vm.class_of(obj)) == self.place.get();
        is_same.then(|| self.method.borrow().clone())
    }

    /// Remembers what a class has under the name, if nothing has a say in it when it is read.
    fn learn_class_value(&self, vm: &Vm, obj: &Value, name: &Ref, value: &Value) {
        let (Some(class), meta) = (obj.as_class(), vm.class_of(obj)) else { return };
        let is_own = class.lookup(name).is_some_and(|found| found.is(value)) && vm.is_plain_value(value);
        if is_own && !meta.has(HOOKS) && meta.lookup(name).is_none() {
            self.stamp.set(class.stamp.get());
            self.place.set(meta_mark(meta));
            drop(self.method.replace(value.clone()));
        }
    }

    /// `obj.__class__`, where neither the object nor its class has a say in it.
    fn own_class(&self, vm: &Vm, obj: &Value, name: &Ref) -> Option<Value> {
        let Some(Kind::Instance(i)) = obj.kind() else { return None };
        if i.class.stamp.get() != self.stamp.get() {
            let found = if i.class.has(HOOKS) { None } else { i.class.lookup(name) };
            if !matches!(found.as_ref().and_then(Value::kind), Some(Kind::GetSet { .. })) {
                return None;
            }
            self.stamp.set(i.class.stamp.get());
        }
        Some(vm.class_of(obj).into())
    }

    /// A name of a module that is called, found where it was last time.
    #[inline(always)]
    pub fn module_name(&self, obj: &Value, name: &Ref) -> Option<Value> {
        let Some(Kind::Module(m)) = obj.kind() else { return None };
        let Kind::Dict(d) = &m.dict.kind else { return None };
        let d = d.borrow();
        match d.entry(self.place.get() as usize) {
            Some(e) if matches!(&e.key, Value::Obj(k) if std::rc::Rc::ptr_eq(k, name)) => Some(e.value.clone()),
            _ => {
                let i = d.find_name(name)?;
                self.place.set(i as u32);
                d.entry(i).map(|e| e.value.clone())
            }
        }
    }

    /// Remembers the place for an augmented assignment.
    pub fn learn_for(&self, vm: &Vm, obj: &Value, name: &Ref) {
        self.learn(vm, obj, name);
    }

    /// Remembers where a plain instance attribute stands.
    fn learn(&self, vm: &Vm, obj: &Value, name: &Ref) {
        let Some(Kind::Instance(i)) = obj.kind() else { return };
        if i.class.has(HOOKS) {
            return;
        }
        let found = i.class.lookup(name);
        let name = match found.as_ref().and_then(Value::kind) {
            Some(Kind::Member { name, .. }) => name,
            _ if found.as_ref().is_some_and(|v| vm.is_data_descriptor(v)) => return,
            _ => name,
        };
        if let Some(place) = i.class.layout.borrow().find(name) {
            self.stamp.set(i.class.stamp.get());
            self.place.set(place as u32);
        }
    }

    /// Replaces the instance attribute at the remembered place, or adds it when it is the next one.
    #[inline(always)]
    fn store(&self, obj: &Value, value: Value) -> Result<Option<Value>, Value> {
        if let Value::Obj(o) = obj
            && let Kind::Instance(i) = &o.kind
            && i.class.stamp.get() == self.stamp.get()
            && let Fields::Slots(slots) = &mut *i.fields.borrow_mut()
        {
            let (place, len) = (self.place.get() as usize, slots.len());
            match slots.get_mut(place) {
                Some(slot) if !slot.is_unbound() => return Ok(Some(std::mem::replace(slot, value))),
                None if len == place => {
                    if slots.capacity() == place {
                        slots.reserve_exact(i.class.layout.borrow().names.len() - place);
                    }
                    slots.push(value);
                    return Ok(None);
                }
                _ => {}
            }
        }
        Err(value)
    }

    /// The method of the class of `obj` that a call goes to, when no instance attribute can stand before it.
    #[inline(always)]
    pub fn method(&self, class: &ClassRef) -> Option<Value> {
        if class.stamp.get() == self.stamp.get() { Some(self.method.borrow().clone()) } else { None }
    }

    /// Remembers a method.
    pub fn learn_method(&self, class: &ClassRef, name: &Ref) -> Option<Value> {
        if class.has(HOOKS) || class.layout.borrow().find(name).is_some() {
            return None;
        }
        let method = class.lookup(name)?;
        match method.kind() {
            Some(Kind::Func(_)) => {}
            Some(Kind::NativeFn(f)) if f.owner.is_some() => {}
            _ => return None,
        }
        self.stamp.set(class.stamp.get());
        let old = self.method.replace(method.clone());
        drop(old);
        Some(method)
    }
}

/// What a metaclass is like now, as a number that is no place of an attribute.
fn meta_mark(meta: &ClassRef) -> u32 {
    meta.stamp.get() as u32 | 1 << 31
}

impl Vm {
    /// Whether an object can have attributes of its own that no class layout knows.
    #[inline(always)]
    pub fn has_loose_attributes(obj: &Value) -> bool {
        match obj.kind() {
            Some(Kind::Instance(i)) => !matches!(&*i.fields.borrow(), Fields::Slots(_)),
            Some(Kind::Str(_) | Kind::List(_) | Kind::Dict(_) | Kind::Tuple(_) | Kind::Set(_) | Kind::Coro(_)) | None => false,
            Some(Kind::Module(_) | Kind::Func(_) | Kind::Class(_)) => true,
            Some(kind) => may_have_attributes(kind),
        }
    }
}

#[inline(never)]
fn may_have_attributes(kind: &Kind) -> bool {
    match kind {
        Kind::Task(t) => t.future.has_attrs(),
        Kind::Future(f) => f.has_attrs(),
        Kind::Native(n) => n.attrs().is_none_or(|a| !a.is_empty()),
        _ => true,
    }
}

impl Cx<'_> {
    /// `value.name`.
    pub fn attribute(&mut self, value: &Expr, name: &Ident, span: Span) -> Ex {
        let name = self.name(&name.name);
        let cache = Cache::default();
        if name.text() != "__class__"
            && let super::ops::Operand::Local(slot, local) = self.operand(value)
        {
            return Box::new(move |vm, fr| {
                if let Some(v) = cache.load(&fr[slot]) {
                    return Ok(v);
                }
                if fr[slot].is_unbound() {
                    let t = super::name::unbound_local(vm, &local.name);
                    return Err(vm.at(span, t));
                }
                let obj = fr[slot].clone();
                slow_load(vm, &cache, &obj, &name, span)
            });
        }
        let value = self.expr(value);
        if name.text() == "__class__" {
            return Box::new(move |vm, fr| {
                let obj = value(vm, fr)?;
                match cache.own_class(vm, &obj, &name) {
                    Some(class) => Ok(class),
                    None => slow_load(vm, &cache, &obj, &name, span),
                }
            });
        }
        Box::new(move |vm, fr| {
            let obj = value(vm, fr)?;
            match cache.load(&obj) {
                Some(v) => Ok(v),
                None => slow_load(vm, &cache, &obj, &name, span),
            }
        })
    }

    /// A closure that sets `object.name`.
    pub fn attribute_store(&mut self, name: &Ident, span: Span) -> impl Fn(&mut Vm, &Value, Value) -> R<()> + 'static {
        let name = self.name(&name.name);
        let (cache, here) = (Cache::default(), self.here());
        move |vm, obj, value| match cache.store(obj, value) {
            Ok(None) => Ok(()),
            Ok(Some(old)) => {
                if let Value::Obj(o) = old {
                    drop(o);
                    drain_at(vm, &here);
                }
                Ok(())
            }
            Err(value) => slow_store(vm, &cache, obj, &name, value, (span, &here)),
        }
    }
}

#[inline(never)]
fn slow_load(vm: &mut Vm, cache: &Cache, obj: &Value, name: &Ref, span: Span) -> R {
    if let Some(v) = cache.class_value(vm, obj) {
        return Ok(v);
    }
    let r = vm.get_attr(obj, name);
    let v = located(vm, span, r)?;
    cache.learn(vm, obj, name);
    cache.learn_class_value(vm, obj, name, &v);
    Ok(v)
}

#[inline(never)]
fn slow_store(vm: &mut Vm, cache: &Cache, obj: &Value, name: &Ref, value: Value, (span, here): (Span, &Site)) -> R<()> {
    let r = vm.set_attr(obj, name, value);
    located(vm, span, r)?;
    drain_at(vm, here);
    let is_plain = matches!(obj.kind(), Some(Kind::Instance(i)) if !i.class.has(flag::SETATTR));
    if is_plain {
        cache.learn(vm, obj, name);
    }
    Ok(())
}
