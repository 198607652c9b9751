//! `dict`.

use std::cell::RefCell;

use super::descriptor::derive;
use super::rows;
use crate::value::class::Solid;
use crate::value::dict::{Dict, Entry};
use crate::value::func::Builtin;
use crate::value::obj::ViewKind;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::iterate::dict_iter;
use crate::vm::tables::{dict_of, set_of};
use crate::vm::types::TypeDef;

/// The table of a dict or of an instance of a subclass.
pub fn table(v: &Value) -> &RefCell<Dict> {
    match dict_of(v).and_then(|o| o.as_dict()) {
        Some(d) => d,
        None => unreachable!("a dict method's receiver is a dict"),
    }
}

/// A new dict with the same entries.
pub fn copy_of(v: &Value) -> Value {
    Obj::dict(table(v).borrow().copy()).into()
}

/// Whether a value is a dict whose entries are taken over as they are: a subclass has them read by its own methods
/// only when it defines `__iter__`.
fn is_plain(vm: &Vm, v: &Value) -> bool {
    match v.kind() {
        Some(Kind::Dict(_)) => true,
        Some(Kind::Derived(d)) if matches!(d.base.kind(), Some(Kind::Dict(_))) => {
            !matches!(vm.class_of(v).lookup(&vm.names.iter).as_ref().and_then(Value::kind), Some(Kind::Func(_)))
        }
        _ => false,
    }
}

/// `dict.update` with one argument: a mapping (anything with `keys`), or an iterable of pairs.
pub fn update(vm: &mut Vm, dict: &Value, other: &Value) -> R<()> {
    if is_plain(vm, other) {
        return merge(vm, dict, other);
    }
    let names = vm.names.clone();
    match vm.get_attr_opt(other, &names.keys)? {
        Some(keys) => {
            let keys = vm.call(&keys, &[])?;
            let iter = vm.iter(&keys)?;
            while let Some(key) = vm.next(&iter)? {
                let value = vm.get_item(other, &key)?;
                vm.dict_set(dict, &key, value)?;
            }
            Ok(())
        }
        None => update_from_pairs(vm, dict, other),
    }
}

/// `dict.update` with another dict, whose hashes are known.
fn merge(vm: &mut Vm, dict: &Value, other: &Value) -> R<()> {
    let source = table(other);
    if std::ptr::eq(table(dict), source) {
        return Ok(());
    }
    if table(dict).borrow().is_empty() {
        let copy = source.borrow().copy();
        let old = table(dict).replace(copy);
        drop(old);
        return Ok(());
    }
    let entries: Vec<Entry> = source.borrow().iter().cloned().collect();
    let count = entries.len();
    for e in entries {
        vm.dict_set_hashed(dict, &e.key, e.hash, e.value)?;
        if source.borrow().len() != count {
            return Err(vm.runtime_error("dict mutated during update"));
        }
    }
    Ok(())
}

fn update_from_pairs(vm: &mut Vm, dict: &Value, pairs: &Value) -> R<()> {
    let iter = vm.iter(pairs)?;
    let mut count = 0;
    while let Some(pair) = vm.next(&iter)? {
        let items = match vm.iter(&pair) {
            Ok(items) => vm.collect(&items)?,
            Err(t) => {
                let class = vm.types.type_error.clone();
                vm.catch::<Value>(&class, Err(t))?;
                return Err(vm.type_error(&format!("cannot convert dictionary update sequence element #{count} to a sequence")));
            }
        };
        let [key, value] = items.as_slice() else {
            let text = format!("dictionary update sequence element #{count} has length {}; 2 is required", items.len());
            return Err(vm.value_error(&text));
        };
        vm.dict_set(dict, key, value.clone())?;
        vm.tick()?;
        count += 1;
    }
    Ok(())
}

/// The optional mapping and the keyword arguments of `dict(...)` and `update(...)`.
fn update_from_arguments(vm: &mut Vm, dict: &Value, other: &Value, keywords: &Value) -> R<()> {
    if let Some(v) = other.given() {
        update(vm, dict, v)?;
    }
    if matches!(keywords.kind(), Some(Kind::Dict(_))) {
        merge(vm, dict, keywords)?;
    }
    Ok(())
}

static NEW: Builtin = Builtin::new("dict", "(iterable=(), /, **kwargs)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if a[0].is_unbound() {
        let keywords = a[1].take();
        return Ok(if keywords.is_unbound() { Obj::dict(Dict::new()).into() } else { keywords });
    }
    let dict = Value::Obj(Obj::dict(Dict::new()));
    let (other, keywords) = (a[0].clone(), a[1].take());
    update_from_arguments(vm, &dict, &other, &keywords)?;
    Ok(dict)
}

fn new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    derive(vm, &a[0], Obj::dict(Dict::new()).into())
}

fn init(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (dict, other, keywords) = (a[0].clone(), a[1].clone(), a[2].take());
    update_from_arguments(vm, &dict, &other, &keywords)?;
    Ok(Value::None)
}

fn fromkeys(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (class, keys) = (a[0].clone(), a[1].clone());
    let value = a[2].given().cloned().unwrap_or(Value::None);
    let dict = vm.call(&class, &[])?;
    let is_exact = matches!(dict.kind(), Some(Kind::Dict(_)));
    let iter = vm.iter(&keys)?;
    while let Some(key) = vm.next(&iter)? {
        if is_exact {
            vm.dict_set(&dict, &key, value.clone())?;
        } else {
            vm.set_item(&dict, &key, value.clone())?;
        }
        vm.tick()?;
    }
    Ok(dict)
}

fn get(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let found = vm.dict_get(&a[0], &a[1])?;
    Ok(found.unwrap_or_else(|| if a[2].is_unbound() { Value::None } else { a[2].take() }))
}

fn setdefault(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (dict, key) = (a[0].clone(), a[1].clone());
    let hash = vm.hash(&key)?;
    if let Some(at) = vm.dict_find_hashed(&dict, &key, hash)? {
        return Ok(table(&dict).borrow().entry(at).map(|e| e.value.clone()).unwrap_or_default());
    }
    let value = a[2].given().cloned().unwrap_or(Value::None);
    table(&dict).borrow_mut().insert_new(hash, key, value.clone());
    Ok(value)
}

fn pop(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (dict, key) = (a[0].clone(), a[1].clone());
    if table(&dict).borrow().is_empty() && a[2].is_unbound() {
        return Err(vm.key_error(&key));
    }
    match vm.dict_remove(&dict, &key)? {
        Some(v) => Ok(v),
        None => a[2].given().cloned().ok_or_else(|| vm.key_error(&key)),
    }
}

fn popitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut dict = table(&a[0]).borrow_mut();
    let last = dict.next_before(usize::MAX).map(|(i, _)| i).and_then(|i| dict.remove_at(i));
    drop(dict);
    match last {
        Some(e) => Ok(Obj::tuple([e.key, e.value]).into()),
        None => Err(vm.key_error(&"popitem(): dictionary is empty".into())),
    }
}

fn update_row(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    init(vm, a, n)
}

fn clear(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let old = table(&a[0]).borrow_mut().take_all();
    drop(old);
    Ok(Value::None)
}

fn copy(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(copy_of(&a[0]))
}

fn view(a: &[Value], kind: ViewKind) -> R {
    Ok(Obj::new(Kind::View { dict: a[0].clone(), kind }).into())
}

fn keys(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    view(a, ViewKind::Keys)
}

fn values(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    view(a, ViewKind::Values)
}

fn items(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    view(a, ViewKind::Items)
}

fn reversed(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(dict_iter(&a[0], ViewKind::Keys, true))
}

fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (dict, key) = (a[0].clone(), a[1].clone());
    if let Some(v) = vm.dict_get(&dict, &key)? {
        return Ok(v);
    }
    let names = vm.names.clone();
    match vm.special(&dict, &names.missing) {
        Some(method) => vm.run_special(&method, &dict, &[key]),
        None => Err(vm.key_error(&key)),
    }
}

fn is_dict(v: &Value) -> bool {
    matches!(v.native_kind(), Some(Kind::Dict(_)))
}

fn or(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (left, right) = (a[0].clone(), a[1].clone());
    join(vm, &left, &right)
}

fn ror(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (left, right) = (a[1].clone(), a[0].clone());
    join(vm, &left, &right)
}

/// `left | right`: a plain dict.
fn join(vm: &mut Vm, left: &Value, right: &Value) -> R {
    if !is_dict(left) || !is_dict(right) {
        return Ok(vm.not_implemented.clone());
    }
    let result = copy_of(left);
    update(vm, &result, right)?;
    Ok(result)
}

fn ior(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (dict, other) = (a[0].clone(), a[1].clone());
    update(vm, &dict, &other)?;
    Ok(dict)
}

/// Whether nothing in `other` is a key (or item) of `v`.
pub fn is_disjoint(vm: &mut Vm, v: &Value, other: &Value) -> R<bool> {
    let (mut walked, mut filter) = (other.clone(), v.clone());
    if (set_of(other).is_some() || matches!(other.kind(), Some(Kind::View { .. }))) && vm.len(other)? > vm.len(v)? {
        std::mem::swap(&mut walked, &mut filter);
    }
    let iter = vm.iter(&walked)?;
    while let Some(item) = vm.next(&iter)? {
        if vm.contains(&filter, &item)? {
            return Ok(false);
        }
        vm.tick()?;
    }
    Ok(true)
}

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Create and return a new object."),
    Builtin::new("__init__", "(self, iterable=(), /, **kwargs)", init, "Initialize self."),
    Builtin::new("__repr__", "(self, /)", rows::repr, "Return repr(self)."),
    Builtin::new("__len__", "(self, /)", rows::len, "Return len(self)."),
    Builtin::new("__getitem__", "(self, key, /)", getitem, "x.__getitem__(y) <==> x[y]"),
    Builtin::new("__setitem__", "(self, key, value, /)", rows::setitem, "Set self[key] to value."),
    Builtin::new("__delitem__", "(self, key, /)", rows::delitem, "Delete self[key]."),
    Builtin::new("__contains__", "(self, key, /)", rows::contains, "True if the dictionary has the specified key, else False."),
    Builtin::new("__iter__", "(self, /)", rows::iter, "Implement iter(self)."),
    Builtin::new("__reversed__", "(self, /)", reversed, "Return a reverse iterator over the dict keys."),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, "Return self==value."),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, "Return self!=value."),
    Builtin::new("__lt__", "(self, value, /)", rows::lt, "Return self<value."),
    Builtin::new("__le__", "(self, value, /)", rows::le, "Return self<=value."),
    Builtin::new("__gt__", "(self, value, /)", rows::gt, "Return self>value."),
    Builtin::new("__ge__", "(self, value, /)", rows::ge, "Return self>=value."),
    Builtin::new("__or__", "(self, value, /)", or, "Return self|value."),
    Builtin::new("__ror__", "(self, value, /)", ror, "Return value|self."),
    Builtin::new("__ior__", "(self, value, /)", ior, "Return self|=value."),
    Builtin::new("fromkeys", "(cls, iterable, value=None, /)", fromkeys, "Create a new dictionary with keys from iterable and values set to value."),
    Builtin::new("get", "(self, key, default=None, /)", get, "Return the value for key if key is in the dictionary, else default."),
    Builtin::new(
        "setdefault",
        "(self, key, default=None, /)",
        setdefault,
        "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default.",
    ),
    Builtin::new(
        "pop",
        "(self, key, default=None, /)",
        pop,
        "D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError.",
    ),
    Builtin::new(
        "popitem",
        "(self, /)",
        popitem,
        "Remove and return a (key, value) pair as a 2-tuple.\n\nPairs are returned in LIFO (last-in, first-out) order.\nRaises KeyError if the dict is empty.",
    ),
    Builtin::new("update", "(self, iterable=(), /, **kwargs)", update_row, "D.update([E, ]**F) -> None.  Update D from dict/iterable E and F."),
    Builtin::new("keys", "(self, /)", keys, "D.keys() -> a set-like object providing a view on D's keys"),
    Builtin::new("values", "(self, /)", values, "D.values() -> an object providing a view on D's values"),
    Builtin::new("items", "(self, /)", items, "D.items() -> a set-like object providing a view on D's items"),
    Builtin::new("clear", "(self, /)", clear, "D.clear() -> None.  Remove all items from D."),
    Builtin::new("copy", "(self, /)", copy, "D.copy() -> a shallow copy of D"),
];

/// The class.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: &[],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "dict() -> new empty dictionary\ndict(mapping) -> new dictionary initialized from a mapping object's\n    (key, value) pairs\ndict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    for k, v in iterable:\n        d[k] = v\ndict(**kwargs) -> new dictionary initialized with the name=value pairs\n    in the keyword argument list.  For example:  dict(one=1, two=2)",
};
