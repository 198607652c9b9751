//! `collections.deque`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use crate::syntax::ast::CmpOp;
use crate::types::descriptor::derive;
use crate::types::generic::CLASS_GETITEM;
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::iter::{Iter, NativeIter};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::iterate::iter_object;
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

// ---- places -----------------------------------------------------------------------------------------------------

/// The place of an index, which must exist.
fn place(vm: &mut Vm, d: &Deque, key: &Value) -> R<usize> {
    if !vm.has_index(key) {
        let text = format!("sequence index must be integer, not '{}'", vm.class_name(key));
        return Err(vm.type_error(&text));
    }
    let index = vm.index_i64(key)?;
    Vm::position(index, d.len()).ok_or_else(|| vm.index_error("deque index out of range"))
}

fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    let at = place(vm, d, &a[1])?;
    Ok(d.get(at).unwrap_or(Value::None))
}

fn setitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = place(vm, this(&a[0]), &a[1].clone())?;
    let new = a[2].take();
    let old = this(&a[0]).items.borrow_mut().get_mut(at).map(|slot| std::mem::replace(slot, new));
    drop(old);
    Ok(Value::None)
}

fn delitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    let at = place(vm, d, &a[1])?;
    d.changed();
    let old = d.items.borrow_mut().remove(at);
    drop(old);
    Ok(Value::None)
}

fn insert(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let index = vm.index_i64(&a[1].clone())?;
    let item = a[2].take();
    let d = this(&a[0]);
    let len = d.len();
    if d.maxlen.get() == Some(len) {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let at = if index < 0 { (index + len as i64).max(0) as usize } else { (index as usize).min(len) };
    d.changed();
    d.items.borrow_mut().insert(at, item);
    Ok(Value::None)
}

/// The first place of an equal item between two bounds; an error when the deque changes meanwhile.
fn find(vm: &mut Vm, a: &[Value], start: usize, stop: usize, changed: &str) -> R<Option<usize>> {
    let (d, item) = (this(&a[0]), &a[1]);
    let before = d.changes.get();
    let mut at = start;
    while at < stop.min(d.len()) {
        let Some(own) = d.get(at) else { break };
        let same = own.is(item) || vm.eq(&own, item)?;
        if d.changes.get() != before {
            let is_remove = changed.starts_with("deque mutated during remove");
            return Err(if is_remove { vm.index_error(changed) } else { vm.runtime_error(changed) });
        }
        if same {
            return Ok(Some(at));
        }
        vm.tick()?;
        at += 1;
    }
    Ok(None)
}

const MUTATED: &str = "deque mutated during iteration";

fn contains(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    find(vm, a, 0, usize::MAX, MUTATED).map(|at| Value::bool(at.is_some()))
}

fn remove(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(at) = find(vm, a, 0, usize::MAX, "deque mutated during remove().")? else {
        let text = vm.repr(&a[1])?;
        return Err(vm.value_error(&format!("{text} is not in deque")));
    };
    let d = this(&a[0]);
    d.changed();
    let old = d.items.borrow_mut().remove(at);
    drop(old);
    Ok(Value::None)
}

fn index(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let len = this(&a[0]).len() as i64;
    let mut bounds = [0, len];
    for (bound, arg) in bounds.iter_mut().zip(a.iter().skip(2)) {
        if let Some(v) = arg.given() {
            let i = vm.slice_argument(v)?;
            *bound = if i < 0 { (i + len).max(0) } else { i.min(len) };
        }
    }
    match find(vm, a, bounds[0] as usize, bounds[1] as usize, MUTATED)? {
        Some(at) => Ok(at.into()),
        None => {
            let text = vm.repr(&a[1])?;
            Err(vm.value_error(&format!("{text} is not in deque")))
        }
    }
}

fn count(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (mut found, mut from) = (0, 0);
    while let Some(at) = find(vm, a, from, usize::MAX, MUTATED)? {
        found += 1;
        from = at + 1;
    }
    Ok(Value::Int(found))
}

// ---- whole deques -----------------------------------------------------------------------------------------------

fn copy(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    if vm.class_of(&a[0]).is(&d.class) {
        return Ok(d.same_kind(d.all()));
    }
    let (class, items) = (vm.class_of(&a[0]).into(), d.all().into());
    let max = d.maxlen.get();
    let args = max.map_or_else(|| vec![items], |max| vec![a[0].clone(), max.into()]);
    vm.call(&class, &args)
}

fn add(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(other) = deque_of(&a[1]) else {
        let text = format!("can only concatenate deque (not \"{}\") to deque", vm.class_name(&a[1]));
        return Err(vm.type_error(&text));
    };
    let d = this(&a[0]);
    Ok(d.same_kind(d.all().into_iter().chain(other.all())))
}

fn iadd(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    fill(vm, &a[0].clone(), &a[1].clone(), false)?;
    Ok(a[0].clone())
}

/// The items that many times, no more than the last that a bounded deque can hold.
fn repeated(vm: &mut Vm, d: &Deque, by: &Value) -> R<Option<Vec<Value>>> {
    if !vm.has_index(by) {
        return Ok(None);
    }
    let times = vm.index_i64(by)?.max(0) as usize;
    let all = d.all();
    let needed = d.maxlen.get().map_or(times, |max| times.min(max.div_ceil(all.len().max(1)) + 1));
    vm.check_size::<Value>(all.len(), needed)?;
    Ok(Some(std::iter::repeat_n(all, needed).flatten().collect()))
}

fn mul(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    match repeated(vm, d, &a[1])? {
        Some(items) => Ok(d.same_kind(items)),
        None => {
            let text = format!("can't multiply sequence by non-int of type '{}'", vm.class_name(&a[1]));
            Err(vm.type_error(&text))
        }
    }
}

fn imul(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let product = mul(vm, a, n)?;
    let d = this(&a[0]);
    d.changed();
    let old = d.items.replace(this(&product).items.take());
    drop(old);
    Ok(a[0].clone())
}

fn compare(vm: &mut Vm, a: &[Value], op: CmpOp) -> R {
    let (Some(x), Some(y)) = (deque_of(&a[0]), deque_of(&a[1])) else { return Ok(vm.not_implemented.clone()) };
    let (x, y): (Value, Value) = (Obj::tuple(x.all()).into(), Obj::tuple(y.all()).into());
    let result = vm.compare_native(op, &x, &y)?;
    Ok(result.unwrap_or_else(|| vm.not_implemented.clone()))
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    let Value::Obj(whole) = a[0].clone() else { return Ok(Value::None) };
    let name = vm.class_of(&a[0]).name();
    if vm.repr_stack.iter().any(|o| std::rc::Rc::ptr_eq(o, &whole)) {
        return Ok("[...]".into());
    }
    vm.enter()?;
    vm.repr_stack.push(whole);
    let items: Value = d.all().into();
    let text = vm.repr(&items);
    vm.repr_stack.pop();
    vm.leave();
    let bound = d.maxlen.get().map_or_else(String::new, |max| format!(", maxlen={max}"));
    Ok(format!("{name}({}{bound})", text?).into())
}

fn maxlen(_: &mut Vm, v: &Value) -> R {
    Ok(this(v).maxlen.get().map_or(Value::None, Value::from))
}

// ---- iteration --------------------------------------------------------------------------------------------------

struct Walk {
    deque: Value,
    changes: u64,
    done: usize,
    is_reversed: bool,
}

impl NativeIter for Walk {
    fn next(&mut self, vm: &mut Vm) -> R<Option<Value>> {
        let Some(d) = deque_of(&self.deque) else { return Ok(None) };
        if d.changes.get() != self.changes {
            self.done = usize::MAX;
            return Err(vm.runtime_error(MUTATED));
        }
        let at = if self.is_reversed { d.len().checked_sub(self.done.saturating_add(1)) } else { Some(self.done) };
        let item = at.and_then(|at| d.get(at));
        self.done = if item.is_some() { self.done + 1 } else { usize::MAX };
        Ok(item)
    }

    fn class_name(&self) -> &'static str {
        if self.is_reversed { "_collections._deque_reverse_iterator" } else { "_collections._deque_iterator" }
    }

    fn length_hint(&self) -> Option<usize> {
        deque_of(&self.deque).map(|d| d.len().saturating_sub(self.done))
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.deque);
    }
}

fn walk(a: &[Value], is_reversed: bool) -> Value {
    iter_object(Iter::Native(Box::new(Walk { deque: a[0].clone(), changes: this(&a[0]).changes.get(), done: 0, is_reversed })))
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
