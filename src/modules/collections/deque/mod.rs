//! `collections.deque`: the object, how it is made, its two ends, and the table of its methods. Items by index or value
//! are in `places`, operators in `whole`, iteration in `walk`.

mod places;
mod walk;
mod whole;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use places::{contains, count, delitem, getitem, index, insert, remove, setitem};
use walk::walk;
use whole::{add, compare, copy, iadd, imul, mul, reduce, repr};

use crate::syntax::ast::CmpOp;
use crate::types::descriptor::derive;
use crate::types::generic::CLASS_GETITEM;
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::{TypeDef, add_methods, make};

/// Items with two ends; bounded when it has a `maxlen`.
pub struct Deque {
    class: ClassRef,
    items: RefCell<VecDeque<Value>>,
    maxlen: Cell<Option<usize>>,
    /// Counts changes of the length, for iterators to notice.
    changes: Cell<u64>,
}

impl Native for Deque {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
        if let Ok(items) = self.items.try_borrow() {
            items.iter().for_each(visit);
        }
    }

    fn clear(&self) {
        let old = self.items.try_borrow_mut().map(|mut i| std::mem::take(&mut *i));
        drop(old);
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Deque {
    fn len(&self) -> usize {
        self.items.borrow().len()
    }

    fn get(&self, i: usize) -> Option<Value> {
        self.items.borrow().get(i).cloned()
    }

    fn all(&self) -> Vec<Value> {
        self.items.borrow().iter().cloned().collect()
    }

    fn changed(&self) {
        self.changes.set(self.changes.get() + 1);
    }

    /// Adds an item at an end; a full deque loses one at the other.
    fn push(&self, item: Value, at_left: bool) {
        self.changed();
        let mut items = self.items.borrow_mut();
        if at_left {
            items.push_front(item);
        } else {
            items.push_back(item);
        }
        let lost = match self.maxlen.get() {
            Some(max) if items.len() > max => {
                if at_left {
                    items.pop_back()
                } else {
                    items.pop_front()
                }
            }
            _ => None,
        };
        drop(items);
        drop(lost);
    }

    fn same_kind(&self, items: impl IntoIterator<Item = Value>) -> Value {
        let made = Self { class: self.class.clone(), items: RefCell::default(), maxlen: self.maxlen.clone(), changes: Cell::new(0) };
        for item in items {
            made.push(item, false);
        }
        Obj::native(made).into()
    }
}

fn deque_of(v: &Value) -> Option<&Deque> {
    v.native().obj().and_then(|o| o.downcast())
}

/// Works on the items of a deque, for a queue that keeps its own there. Runs no script code.
pub fn with_items<T>(deque: &Value, work: impl FnOnce(&mut VecDeque<Value>) -> T) -> T {
    let deque = this(deque);
    let before = deque.len();
    let result = work(&mut deque.items.borrow_mut());
    if deque.len() != before {
        deque.changed();
    }
    result
}

/// Whether a value is a deque.
pub fn is_deque(v: &Value) -> bool {
    deque_of(v).is_some()
}

fn this(v: &Value) -> &Deque {
    match deque_of(v) {
        Some(d) => d,
        None => unreachable!("the receiver of a deque's method is one"),
    }
}

// ---- making -----------------------------------------------------------------------------------------------------

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let Some(class) = a[0].to_class().filter(|_| n > 0) else { return Err(vm.type_error("deque.__new__(): not enough arguments")) };
    let own = class.mro_with_self().into_iter().find(|c| &*c.name() == "deque" && c.construct.is_some()).unwrap_or_else(|| class.clone());
    let base = Obj::native(Deque { class: own, items: RefCell::default(), maxlen: Cell::new(None), changes: Cell::new(0) }).into();
    derive(vm, &a[0], base)
}

fn set_up(vm: &mut Vm, deque: &Value, iterable: &Value, maxlen: &Value) -> R<()> {
    let d = this(deque);
    let max = match maxlen.some() {
        None => None,
        Some(v) if !vm.has_index(v) => return Err(vm.type_error("an integer is required")),
        Some(v) => match usize::try_from(vm.index_i64(v)?) {
            Ok(max) => Some(max),
            Err(_) => return Err(vm.value_error("maxlen must be non-negative")),
        },
    };
    d.maxlen.set(max);
    d.changed();
    let old = d.items.take();
    drop(old);
    match iterable.given() {
        Some(v) => fill(vm, deque, v, false),
        None => Ok(()),
    }
}

fn init(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    set_up(vm, &a[0].clone(), &a[1].clone(), &a[2].clone())?;
    Ok(Value::None)
}

fn fill(vm: &mut Vm, deque: &Value, more: &Value, at_left: bool) -> R<()> {
    let more = if deque_of(more).is_some_and(|m| std::ptr::eq(m, this(deque))) { this(more).all().into() } else { more.clone() };
    vm.for_each(&more, |_, item| {
        this(deque).push(item, at_left);
        Ok(true)
    })
}

// ---- both ends --------------------------------------------------------------------------------------------------

fn append(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let item = a[1].take();
    this(&a[0]).push(item, false);
    Ok(Value::None)
}

fn appendleft(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let item = a[1].take();
    this(&a[0]).push(item, true);
    Ok(Value::None)
}

fn take(vm: &mut Vm, d: &Deque, item: Option<Value>) -> R {
    d.changed();
    item.ok_or_else(|| vm.index_error("pop from an empty deque"))
}

fn pop(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    let item = d.items.borrow_mut().pop_back();
    take(vm, d, item)
}

fn popleft(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    let item = d.items.borrow_mut().pop_front();
    take(vm, d, item)
}

fn extend(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    fill(vm, &a[0].clone(), &a[1].clone(), false)?;
    Ok(Value::None)
}

fn extendleft(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    fill(vm, &a[0].clone(), &a[1].clone(), true)?;
    Ok(Value::None)
}

fn rotate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let steps = match a[1].given() {
        Some(v) => vm.index_i64(&v.clone())?,
        None => 1,
    };
    let d = this(&a[0]);
    let mut items = d.items.borrow_mut();
    if !items.is_empty() {
        let len = items.len() as i64;
        items.rotate_right(steps.rem_euclid(len) as usize);
        d.changed();
    }
    Ok(Value::None)
}

fn reverse(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    this(&a[0]).items.borrow_mut().make_contiguous().reverse();
    Ok(Value::None)
}

fn clear(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    d.changed();
    let old = d.items.take();
    drop(old);
    Ok(Value::None)
}

fn maxlen(_: &mut Vm, v: &Value) -> R {
    Ok(this(v).maxlen.get().map_or(Value::None, Value::from))
}

static NEW: Builtin = Builtin::new("deque", "(cls, iterable=(), maxlen=None)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let made = new(vm, &mut [a[0].clone()], 1)?;
    set_up(vm, &made, &a[1].clone(), &a[2].clone())?;
    Ok(made)
}

const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Create and return a new object."),
        Builtin::new("__init__", "(self, iterable=(), maxlen=None)", init, "Initialize self."),
        Builtin::new("append", "(self, item, /)", append, "Add an element to the right side of the deque."),
        Builtin::new("appendleft", "(self, item, /)", appendleft, "Add an element to the left side of the deque."),
        Builtin::new("clear", "(self, /)", clear, "Remove all elements from the deque."),
        Builtin::new("copy", "(self, /)", copy, "Return a shallow copy of a deque."),
        Builtin::new("count", "(self, value, /)", count, "Return number of occurrences of value."),
        Builtin::new("extend", "(self, iterable, /)", extend, "Extend the right side of the deque with elements from the iterable."),
        Builtin::new("extendleft", "(self, iterable, /)", extendleft, "Extend the left side of the deque with elements from the iterable."),
        Builtin::new("index", "(self, value, start=0, stop=None, /)", index, "Return first index of value."),
        Builtin::new("insert", "(self, index, value, /)", insert, "Insert value before index."),
        Builtin::new("pop", "(self, /)", pop, "Remove and return the rightmost element."),
        Builtin::new("popleft", "(self, /)", popleft, "Remove and return the leftmost element."),
        Builtin::new("remove", "(self, value, /)", remove, "Remove first occurrence of value."),
        Builtin::new("reverse", "(self, /)", reverse, "Reverse *IN PLACE*."),
        Builtin::new("rotate", "(self, n=1, /)", rotate, "Rotate the deque n steps to the right (default n=1). If n is negative, rotates left."),
        Builtin::new("__copy__", "(self, /)", copy, "Return a shallow copy of a deque."),
        Builtin::new("__reduce__", "(self, /)", reduce, "Return state information for pickling."),
        Builtin::new("__len__", "(self, /)", |_, a, _| Ok(this(&a[0]).len().into()), "Return len(self)."),
        Builtin::new("__getitem__", "(self, key, /)", getitem, "Return self[key]."),
        Builtin::new("__setitem__", "(self, key, value, /)", setitem, "Set self[key] to value."),
        Builtin::new("__delitem__", "(self, key, /)", delitem, "Delete self[key]."),
        Builtin::new("__contains__", "(self, key, /)", contains, "Return key in self."),
        Builtin::new("__iter__", "(self, /)", |_, a, _| Ok(walk(a, false)), "Implement iter(self)."),
        Builtin::new("__reversed__", "(self, /)", |_, a, _| Ok(walk(a, true)), "Return a reverse iterator over the deque."),
        Builtin::new("__add__", "(self, value, /)", add, "Return self+value."),
        Builtin::new("__iadd__", "(self, value, /)", iadd, "Implement self+=value."),
        Builtin::new("__mul__", "(self, value, /)", mul, "Return self*value."),
        Builtin::new("__rmul__", "(self, value, /)", mul, "Return value*self."),
        Builtin::new("__imul__", "(self, value, /)", imul, "Implement self*=value."),
        Builtin::new("__eq__", "(self, value, /)", |vm, a, _| compare(vm, a, CmpOp::Eq), "Return self==value."),
        Builtin::new("__ne__", "(self, value, /)", |vm, a, _| compare(vm, a, CmpOp::Ne), "Return self!=value."),
        Builtin::new("__lt__", "(self, value, /)", |vm, a, _| compare(vm, a, CmpOp::Lt), "Return self<value."),
        Builtin::new("__le__", "(self, value, /)", |vm, a, _| compare(vm, a, CmpOp::Le), "Return self<=value."),
        Builtin::new("__gt__", "(self, value, /)", |vm, a, _| compare(vm, a, CmpOp::Gt), "Return self>value."),
        Builtin::new("__ge__", "(self, value, /)", |vm, a, _| compare(vm, a, CmpOp::Ge), "Return self>=value."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
    ],
    getsets: &[GetSet { name: "maxlen", get: maxlen, set: None }],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "deque([iterable[, maxlen]]) --> deque object\n\nA list-like sequence optimized for data accesses near its endpoints.",
};

/// Makes the class.
pub fn make_class(vm: &mut Vm) -> Value {
    let class = make(&vm.interner, "deque", Some(&vm.types.object), TYPE);
    add_methods(&vm.interner, &class, CLASS_GETITEM);
    if let Some(d) = class.dict().as_dict() {
        let mut d = d.borrow_mut();
        d.set_name(&vm.names.module, "collections".into());
        d.set_name(&vm.names.hash, Value::None);
    }
    class.into()
}
