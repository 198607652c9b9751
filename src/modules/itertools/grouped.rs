//! `groupby`: neighbours with equal keys, as an iterator of groups. All groups and their iterator share one source; a group
//! is over as soon as the next one was asked for.

use std::cell::{Cell, RefCell};

use super::{Object, State, class_named, iterator, object, state_of};
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// What is read for all groups.
struct Source {
    iter: Value,
    /// `None` takes the items for their keys.
    key: Value,
    /// The key of the group that was given last.
    group_key: RefCell<Value>,
    /// The key of the item that was read last; empty once the item was given.
    item_key: RefCell<Value>,
    item: RefCell<Value>,
    /// How many groups were given: a group knows by it whether it is the last one.
    groups: Cell<u64>,
}

impl Source {
    /// Reads an item; says whether there was one.
    fn read(&self, vm: &mut Vm) -> R<bool> {
        let Some(item) = vm.next(&self.iter)? else { return Ok(false) };
        let key = if self.key.is_none() { item.clone() } else { vm.call(&self.key, std::slice::from_ref(&item))? };
        let old = (self.item.replace(item), self.item_key.replace(key));
        drop(old);
        Ok(true)
    }

    /// Whether the item that was read last belongs to a group.
    fn belongs_to(&self, vm: &mut Vm, key: &Value) -> R<bool> {
        let own = self.item_key.borrow().clone();
        Ok(key.is(&own) || vm.eq(key, &own)?)
    }

    /// Reads up to the first item of another group; gives its key.
    fn next_key(&self, vm: &mut Vm) -> R<Option<Value>> {
        self.groups.set(self.groups.get() + 1);
        loop {
            let (item_key, group_key) = (self.item_key.borrow().clone(), self.group_key.borrow().clone());
            if !item_key.is_unbound() && (group_key.is_unbound() || !self.belongs_to(vm, &group_key)?) {
                let old = self.group_key.replace(item_key.clone());
                drop(old);
                return Ok(Some(item_key));
            }
            if !self.read(vm)? {
                return Ok(None);
            }
            vm.tick()?;
        }
    }

    /// The next item of a group.
    fn next_item(&self, vm: &mut Vm, key: &Value, number: u64) -> R<Option<Value>> {
        if self.groups.get() != number {
            return Ok(None);
        }
        if self.item.borrow().is_unbound() && !self.read(vm)? {
            return Ok(None);
        }
        if !self.belongs_to(vm, key)? {
            return Ok(None);
        }
        let old = self.item_key.take();
        drop(old);
        Ok(Some(self.item.take()).filter(|item| !item.is_unbound()))
    }
}

impl State for Source {
    fn next(&self, _: &mut Vm) -> R<Option<Value>> {
        Ok(None)
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.iter);
        visit(&self.key);
        for cell in [&self.group_key, &self.item_key, &self.item] {
            if let Ok(v) = cell.try_borrow() {
                visit(&v);
            }
        }
    }
}

/// The iterator of groups.
struct GroupBy {
    source: Value,
    /// The class of the groups.
    grouper: Value,
}

impl State for GroupBy {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        let Some(source) = state_of::<Source>(&self.source) else { return Ok(None) };
        let Some(key) = source.next_key(vm)? else { return Ok(None) };
        let group = Grouper { source: self.source.clone(), key: key.clone(), number: source.groups.get() };
        let group = object(vm, &self.grouper, group)?;
        Ok(Some(Obj::tuple([key, group]).into()))
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.source);
        visit(&self.grouper);
    }
}

fn groupby(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let iter = vm.iter(&a[1].clone())?;
    let key = a[2].some().cloned().unwrap_or(Value::None);
    let grouper = class_named(vm, "_grouper")?;
    let Some(class) = grouper.to_class() else { return Ok(Value::None) };
    let state = Source { iter, key, group_key: RefCell::default(), item_key: RefCell::default(), item: RefCell::default(), groups: Cell::new(0) };
    let source = Obj::new(Kind::Native(Box::new(Object { class, state }))).into();
    object(vm, &a[0], GroupBy { source, grouper })
}

static NEW_GROUPBY: Builtin = Builtin::new("groupby", "(cls, iterable, key=None)", groupby, "");

/// `groupby`.
pub const GROUPBY: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, iterable, key=None)", groupby, "Create and return a new object.")],
    &NEW_GROUPBY,
    "Pairs of a key and an iterator over neighbours that have it.",
);

// ---- a group ----------------------------------------------------------------------------------------------------

struct Grouper {
    source: Value,
    key: Value,
    number: u64,
}

impl State for Grouper {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        match state_of::<Source>(&self.source) {
            Some(source) => source.next_item(vm, &self.key, self.number),
            None => Ok(None),
        }
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.source);
        visit(&self.key);
    }
}

/// `_grouper(parent, key)`.
fn grouper(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(parent) = state_of::<GroupBy>(&a[1]) else {
        let text = format!("_grouper() argument 1 must be itertools.groupby, not {}", vm.class_name_or_none(&a[1]));
        return Err(vm.type_error(&text));
    };
    let (source, number) = (parent.source.clone(), state_of::<Source>(&parent.source).map_or(0, |s| s.groups.get()));
    object(vm, &a[0], Grouper { source, key: a[2].clone(), number })
}

static NEW_GROUPER: Builtin = Builtin::new("_grouper", "(cls, parent, tgtkey, /)", grouper, "");

/// The class of the groups.
pub const GROUPER: TypeDef = iterator(&[], &NEW_GROUPER, "");
