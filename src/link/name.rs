//! Names: slots, cells, and places in namespaces that are found once and checked by identity afterwards.

use std::cell::Cell;
use std::rc::Rc;

use super::cx::{Cx, located};
use super::{Ex, St, Store};
use crate::resolve::Place;
use crate::source::{Site, Span};
use crate::value::{Flow, Kind, R, Ref, Thrown, Value, heap};
use crate::vm::Vm;

/// A global name: its entry in the module's namespace, or else in the builtins', is remembered.
pub struct Global {
    name: Ref,
    globals: Ref,
    builtins: Ref,
    prelude: Option<Ref>,
    at: Cell<u32>,
    /// The version of the module's namespace for which `builtin_at` is right.
    absent_in: Cell<u32>,
    builtin_at: Cell<u32>,
}

impl Global {
    /// A name seen from a unit.
    pub fn new(cx: &Cx, name: Ref) -> Self {
        let unit = &cx.unit;
        Self {
            name,
            globals: unit.globals.clone(),
            builtins: unit.builtins.clone(),
            prelude: unit.prelude.clone(),
            at: Cell::new(u32::MAX),
            absent_in: Cell::new(u32::MAX),
            builtin_at: Cell::new(u32::MAX),
        }
    }

    /// The value of the name.
    #[inline(always)]
    pub fn load(&self, vm: &mut Vm) -> R {
        if let Kind::Dict(d) = &self.globals.kind {
            let d = d.borrow();
            if let Some(e) = d.entry(self.at.get() as usize)
                && matches!(&e.key, Value::Obj(k) if Rc::ptr_eq(k, &self.name))
            {
                return Ok(e.value.clone());
            }
            if d.version() == self.absent_in.get()
                && let Kind::Dict(b) = &self.builtins.kind
                && let Some(e) = b.borrow().entry(self.builtin_at.get() as usize)
                && matches!(&e.key, Value::Obj(k) if Rc::ptr_eq(k, &self.name) || k.text() == self.name.text())
            {
                return Ok(e.value.clone());
            }
        }
        self.find(vm)
    }

    #[cold]
    #[inline(never)]
    fn find(&self, vm: &mut Vm) -> R {
        if let Some(d) = self.globals.as_dict() {
            let d = d.borrow();
            if let Some(i) = d.find_name(&self.name) {
                self.at.set(i as u32);
                return Ok(d.entry(i).map(|e| e.value.clone()).unwrap_or_default());
            }
            if let Some(b) = self.builtins.as_dict() {
                let b = b.borrow();
                if let Some(i) = b.find_name(&self.name) {
                    self.absent_in.set(d.version());
                    self.builtin_at.set(i as u32);
                    return Ok(b.entry(i).map(|e| e.value.clone()).unwrap_or_default());
                }
            }
        }
        if self.prelude.is_some()
            && let Some(v) = vm.prelude_name(&self.name)
        {
            return Ok(v);
        }
        Err(vm.no_name(&self.name))
    }

    /// Binds the name.
    #[inline]
    pub fn store(&self, value: Value) {
        let Kind::Dict(d) = &self.globals.kind else { return };
        let mut d = d.borrow_mut();
        let at = self.at.get() as usize;
        let old = match d.entry(at) {
            Some(e) if matches!(&e.key, Value::Obj(k) if Rc::ptr_eq(k, &self.name)) => d.value_mut(at).map(|slot| std::mem::replace(slot, value)),
            _ => {
                let old = d.set_name(&self.name, value);
                self.at.set(d.find_name(&self.name).unwrap_or(0) as u32);
                old
            }
        };
        drop(d);
        drop(old);
    }

    fn delete(&self, vm: &mut Vm) -> R<()> {
        let old = self.globals.as_dict().and_then(|d| d.borrow_mut().remove_name(&self.name));
        match old {
            Some(v) => {
                drop(v);
                Ok(())
            }
            None => Err(vm.no_name(&self.name)),
        }
    }
}

/// `UnboundLocalError` of a local name.
#[cold]
#[inline(never)]
pub fn unbound_local(vm: &mut Vm, name: &Ref) -> Thrown {
    vm.unbound_local_error(&format!("cannot access local variable '{}' where it is not associated with a value", name.text()))
}

#[cold]
#[inline(never)]
fn unbound_free(vm: &mut Vm, name: &Ref) -> Thrown {
    let (class, names) = (vm.types.name_error.clone(), vm.names.clone());
    let text = format!("cannot access free variable '{}' where it is not associated with a value in enclosing scope", name.text());
    vm.raise_with(&class, vec![text.into()], &[(&names.name_, Value::Obj(name.clone()))])
}

/// The value in the cell of a slot; empty when unbound.
#[inline(always)]
pub fn load_cell(fr: &[Value], slot: usize) -> Value {
    match fr.get(slot) {
        Some(Value::Obj(o)) => match &o.kind {
            Kind::Cell(c) => c.borrow().clone(),
            _ => Value::Unbound,
        },
        _ => Value::Unbound,
    }
}

/// Puts a value into the cell of a slot.
#[inline(always)]
pub fn store_cell(fr: &[Value], slot: usize, value: Value) {
    if let Some(Value::Obj(o)) = fr.get(slot)
        && let Kind::Cell(c) = &o.kind
    {
        let old = c.replace(value);
        drop(old);
    }
}

/// Runs finalisers if something died that has one.
#[inline(always)]
pub fn drain(vm: &mut Vm) {
    if heap::has_dying() {
        vm.run_finalizers();
    }
}

/// The same at the end of a statement, which reports about what died can name.
#[inline(always)]
pub fn drain_at(vm: &mut Vm, here: &Site) {
    if heap::has_dying() {
        vm.run_finalizers_at(here);
    }
}

impl Cx<'_> {
    /// Reads a name.
    pub fn load_name(&mut self, name: &str, span: Span) -> Ex {
        let place = self.place(name);
        let name = self.name(name);
        match place {
            Place::Local(slot) => Box::new(move |vm, fr| match &fr[slot] {
                Value::Unbound => {
                    let t = unbound_local(vm, &name);
                    Err(vm.at(span, t))
                }
                v => Ok(v.clone()),
            }),
            Place::Cell(slot) => Box::new(move |vm, fr| match load_cell(fr, slot) {
                Value::Unbound => {
                    let t = unbound_local(vm, &name);
                    Err(vm.at(span, t))
                }
                v => Ok(v),
            }),
            Place::Free(i) => {
                let slot = self.scope.free_slot(i);
                Box::new(move |vm, fr| match load_cell(fr, slot) {
                    Value::Unbound => {
                        let t = unbound_free(vm, &name);
                        Err(vm.at(span, t))
                    }
                    v => Ok(v),
                })
            }
            Place::Global => {
                let global = Global::new(self, name);
                Box::new(move |vm, _| {
                    let r = global.load(vm);
                    located(vm, span, r)
                })
            }
            Place::Namespace | Place::NamespaceOrFree(_) => {
                let free = if let Place::NamespaceOrFree(i) = place { Some(self.scope.free_slot(i)) } else { None };
                let global = Global::new(self, name);
                Box::new(move |vm, fr| {
                    let namespace = fr[0].clone();
                    if let Some(v) = vm.namespace_get(&namespace, &global.name)? {
                        return Ok(v);
                    }
                    if let Some(slot) = free {
                        let v = load_cell(fr, slot);
                        if !v.is_unbound() {
                            return Ok(v);
                        }
                    }
                    let r = global.load(vm);
                    located(vm, span, r)
                })
            }
        }
    }

    /// Binds a name.
    pub fn store_name(&mut self, name: &str) -> Store {
        let place = self.place(name);
        let name = self.name(name);
        let here = self.here();
        match place {
            Place::Local(slot) => Box::new(move |vm, fr, value| {
                let old = std::mem::replace(&mut fr[slot], value);
                if let Value::Obj(o) = old {
                    drop(o);
                    drain_at(vm, &here);
                }
                Ok(())
            }),
            Place::Cell(slot) => Box::new(move |vm, fr, value| {
                store_cell(fr, slot, value);
                drain_at(vm, &here);
                Ok(())
            }),
            Place::Free(i) => {
                let slot = self.scope.free_slot(i);
                Box::new(move |vm, fr, value| {
                    store_cell(fr, slot, value);
                    drain_at(vm, &here);
                    Ok(())
                })
            }
            Place::Global => {
                let global = Global::new(self, name);
                Box::new(move |vm, _, value| {
                    global.store(value);
                    drain_at(vm, &here);
                    Ok(())
                })
            }
            Place::Namespace | Place::NamespaceOrFree(_) => Box::new(move |vm, fr, value| {
                let namespace = fr[0].clone();
                vm.namespace_set(&namespace, &name, value)
            }),
        }
    }

    /// `del name`.
    pub fn delete_name(&mut self, name: &str, span: Span) -> St {
        let place = self.place(name);
        let name = self.name(name);
        let here = self.here();
        match place {
            Place::Local(slot) => Box::new(move |vm, fr| {
                if fr[slot].is_unbound() {
                    let t = unbound_local(vm, &name);
                    return Err(vm.at(span, t));
                }
                drop(fr[slot].take());
                drain_at(vm, &here);
                Ok(Flow::Next)
            }),
            Place::Cell(_) | Place::Free(_) => {
                let (slot, is_free) = match place {
                    Place::Free(i) => (self.scope.free_slot(i), true),
                    Place::Cell(slot) => (slot, false),
                    _ => unreachable!("only cells come here"),
                };
                Box::new(move |vm, fr| {
                    if load_cell(fr, slot).is_unbound() {
                        let t = if is_free { unbound_free(vm, &name) } else { unbound_local(vm, &name) };
                        return Err(vm.at(span, t));
                    }
                    store_cell(fr, slot, Value::Unbound);
                    drain_at(vm, &here);
                    Ok(Flow::Next)
                })
            }
            Place::Global => {
                let global = Global::new(self, name);
                Box::new(move |vm, _| {
                    let r = global.delete(vm);
                    located(vm, span, r)?;
                    drain_at(vm, &here);
                    Ok(Flow::Next)
                })
            }
            Place::Namespace | Place::NamespaceOrFree(_) => Box::new(move |vm, fr| {
                let namespace = fr[0].clone();
                let r = vm.namespace_delete(&namespace, &name);
                located(vm, span, r)?;
                drain_at(vm, &here);
                Ok(Flow::Next)
            }),
        }
    }
}

impl Vm {
    /// Looks a name up in the namespace of a class body or of `exec`: a dict, or any mapping.
    pub fn namespace_get(&mut self, namespace: &Value, name: &Ref) -> R<Option<Value>> {
        if let Some(Kind::Dict(d)) = namespace.kind() {
            return Ok(d.borrow().get_name(name).cloned());
        }
        let class = self.types.key_error.clone();
        let result = self.get_item(namespace, &Value::Obj(name.clone()));
        self.catch(&class, result)
    }

    /// Binds a name in such a namespace.
    pub fn namespace_set(&mut self, namespace: &Value, name: &Ref, value: Value) -> R<()> {
        if let Some(Kind::Dict(d)) = namespace.kind() {
            let old = d.borrow_mut().set_name(name, value);
            drop(old);
            drain(self);
            return Ok(());
        }
        self.set_item(namespace, &Value::Obj(name.clone()), value)
    }

    fn namespace_delete(&mut self, namespace: &Value, name: &Ref) -> R<()> {
        if let Some(Kind::Dict(d)) = namespace.kind() {
            let old = d.borrow_mut().remove_name(name);
            return match old {
                Some(_) => Ok(()),
                None => Err(self.no_name(name)),
            };
        }
        self.del_item(namespace, &Value::Obj(name.clone()))
    }
}
