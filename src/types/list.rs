//! `list`.

use std::cell::RefCell;

use super::descriptor::derive;
use super::{make, rows, sorting};
use crate::value::class::Solid;
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The items of a list or of an instance of a subclass.
pub fn items(v: &Value) -> &RefCell<Vec<Value>> {
    match v.native_kind() {
        Some(Kind::List(l)) => l,
        _ => unreachable!("a list method's receiver is a list"),
    }
}

/// Appends what an iterable gives; what came before an error stays.
pub fn extend(vm: &mut Vm, list: &Value, more: &Value) -> R<()> {
    let is_plain = matches!(
        more.kind(),
        Some(Kind::List(_) | Kind::Tuple(_) | Kind::Str(_) | Kind::Dict(_) | Kind::Set(_) | Kind::FrozenSet(_) | Kind::Range(_) | Kind::View { .. })
    );
    if is_plain {
        let more = vm.collect(more)?;
        items(list).borrow_mut().extend(more);
        return Ok(());
    }
    let iter = vm.iter(more)?;
    if matches!(more.kind(), Some(Kind::Instance(_) | Kind::Derived(_))) {
        vm.length_hint(more)?;
    }
    while let Some(v) = vm.next(&iter)? {
        items(list).borrow_mut().push(v);
        vm.tick()?;
    }
    Ok(())
}

static NEW: Builtin = Builtin::new("list", "(iterable=(), /)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match a[0].given() {
        Some(v) => vm.collect(&v.clone()).map(Value::from),
        None => Ok(Vec::new().into()),
    }
}

fn new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    derive(vm, &a[0], Vec::new().into())
}

fn init(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (class, owner, new) = (vm.class_of(&a[0]).clone(), vm.types.list.clone(), vm.names.new.clone());
    make::refuse_keywords(vm, a, n, &class, &owner, &new)?;
    if n > 2 {
        return Err(vm.type_error(&format!("list expected at most 1 argument, got {}", n - 1)));
    }
    let old = items(&a[0]).take();
    drop(old);
    let list = a[0].clone();
    if let Some(v) = a.get(1).filter(|_| n == 2) {
        extend(vm, &list, v)?;
    }
    Ok(Value::None)
}

fn append(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let item = a[1].take();
    items(&a[0]).borrow_mut().push(item);
    Ok(Value::None)
}

fn extend_row(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (list, more) = (a[0].clone(), a[1].clone());
    extend(vm, &list, &more)?;
    Ok(Value::None)
}

fn iadd(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    extend_row(vm, a, n)?;
    Ok(a[0].clone())
}

fn imul(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let product = rows::mul(vm, a, n)?;
    let new = items(&product).borrow().clone();
    let old = items(&a[0]).replace(new);
    drop(old);
    Ok(a[0].clone())
}

fn insert(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = vm.index_i64(&a[1])?;
    let item = a[2].take();
    let mut list = items(&a[0]).borrow_mut();
    let len = list.len();
    let at = if at < 0 { (at + len as i64).max(0) as usize } else { (at as usize).min(len) };
    list.insert(at, item);
    Ok(Value::None)
}

fn remove(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (list, item) = (a[0].clone(), a[1].clone());
    let Some(at) = vm.sequence_index(&list, &item, 0, i64::MAX)? else {
        return Err(vm.value_error("list.remove(x): x not in list"));
    };
    let mut target = items(&list).borrow_mut();
    let old = (at < target.len()).then(|| target.remove(at));
    drop(target);
    drop(old);
    Ok(Value::None)
}

fn pop(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = match &a[1] {
        Value::Unbound => return items(&a[0]).borrow_mut().pop().ok_or_else(|| vm.index_error("pop from empty list")),
        Value::Int(i) => *i,
        other => vm.index_i64(&other.clone())?,
    };
    let mut list = items(&a[0]).borrow_mut();
    match Vm::position(at, list.len()) {
        Some(at) => Ok(list.remove(at)),
        None if list.is_empty() => Err(vm.index_error("pop from empty list")),
        None => Err(vm.index_error("pop index out of range")),
    }
}

fn clear(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let old = items(&a[0]).take();
    crate::value::heap::drop_items(old);
    Ok(Value::None)
}

fn copy(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(items(&a[0]).borrow().clone().into())
}

fn reverse(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    items(&a[0]).borrow_mut().reverse();
    Ok(Value::None)
}

/// The list is empty while it is sorted, so that script code that looks at it sees that it must not.
fn sort(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (list, key) = (a[0].clone(), a[1].some().cloned());
    let reverse = match a[2].given() {
        Some(v) => {
            let flag = vm.index(&v.clone())?;
            vm.truth(&flag)?
        }
        None => false,
    };
    let mut sorted = items(&list).take();
    let result = sorting::sort(vm, &mut sorted, key.as_ref(), reverse);
    let changed = items(&list).replace(sorted);
    let was_changed = !changed.is_empty();
    drop(changed);
    result?;
    if was_changed {
        return Err(vm.value_error("list modified during sort"));
    }
    Ok(Value::None)
}

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Create and return a new object."),
    Builtin::new("__init__", "(self, *args, **kwargs)", init, "Initialize self."),
    Builtin::new("__repr__", "(self, /)", rows::repr, "Return repr(self)."),
    Builtin::new("__len__", "(self, /)", rows::len, "Return len(self)."),
    Builtin::new("__getitem__", "(self, index, /)", rows::getitem, "Return self[index]."),
    Builtin::new("__setitem__", "(self, key, value, /)", rows::setitem, "Set self[key] to value."),
    Builtin::new("__delitem__", "(self, key, /)", rows::delitem, "Delete self[key]."),
    Builtin::new("__contains__", "(self, key, /)", rows::contains, "Return key in self."),
    Builtin::new("__iter__", "(self, /)", rows::iter, "Implement iter(self)."),
    Builtin::new("__reversed__", "(self, /)", rows::reversed, "Return a reverse iterator over the list."),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, "Return self==value."),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, "Return self!=value."),
    Builtin::new("__lt__", "(self, value, /)", rows::lt, "Return self<value."),
    Builtin::new("__le__", "(self, value, /)", rows::le, "Return self<=value."),
    Builtin::new("__gt__", "(self, value, /)", rows::gt, "Return self>value."),
    Builtin::new("__ge__", "(self, value, /)", rows::ge, "Return self>=value."),
    Builtin::new("__add__", "(self, value, /)", rows::add, "Return self+value."),
    Builtin::new("__mul__", "(self, value, /)", rows::mul, "Return self*value."),
    Builtin::new("__rmul__", "(self, value, /)", rows::mul, "Return value*self."),
    Builtin::new("__iadd__", "(self, value, /)", iadd, "Implement self+=value."),
    Builtin::new("__imul__", "(self, value, /)", imul, "Implement self*=value."),
    Builtin::new("append", "(self, object, /)", append, "Append object to the end of the list."),
    Builtin::new("extend", "(self, iterable, /)", extend_row, "Extend list by appending elements from the iterable."),
    Builtin::new("insert", "(self, index, object, /)", insert, "Insert object before index."),
    Builtin::new("remove", "(self, value, /)", remove, "Remove first occurrence of value.\n\nRaises ValueError if the value is not present."),
    Builtin::new(
        "pop",
        "(self, index=-1, /)",
        pop,
        "Remove and return item at index (default last).\n\nRaises IndexError if list is empty or index is out of range.",
    ),
    Builtin::new("clear", "(self, /)", clear, "Remove all items from list."),
    Builtin::new(
        "index",
        "(self, value, start=0, stop=9223372036854775807, /)",
        rows::index,
        "Return first index of value.\n\nRaises ValueError if the value is not present.",
    ),
    Builtin::new("count", "(self, value, /)", rows::count, "Return number of occurrences of value."),
    Builtin::new("sort", "(self, /, *, key=None, reverse=False)", sort, "Sort the list in ascending order and return None."),
    Builtin::new("reverse", "(self, /)", reverse, "Reverse *IN PLACE*."),
    Builtin::new("copy", "(self, /)", copy, "Return a shallow copy of the list."),
];

/// The class.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: &[],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "Built-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\nThe argument must be an iterable if specified.",
};
