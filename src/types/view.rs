//! What `keys()`, `values()` and `items()` give, and read-only proxies of mappings.

use super::dict::is_disjoint;
use super::rows;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::ViewKind;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::iterate::dict_iter;
use crate::vm::tables::set_of;
use crate::vm::types::TypeDef;

fn reversed(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    match a[0].kind() {
        Some(Kind::View { dict, kind }) => Ok(dict_iter(dict, *kind, true)),
        _ => Ok(Value::None),
    }
}

fn mapping(_: &mut Vm, v: &Value) -> R {
    match v.kind() {
        Some(Kind::View { dict, .. }) => Ok(Obj::new(Kind::Proxy(dict.clone())).into()),
        _ => Ok(Value::None),
    }
}

/// A set of what an iterable gives; strict operators refuse what is no set and no view first.
fn set_from(vm: &mut Vm, v: &Value) -> R {
    let items = vm.collect(v)?;
    vm.new_set(items)
}

fn and(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (mut view, mut other) = (a[0].clone(), a[1].clone());
    let is_set_like = |v: &Value| matches!(v.kind(), Some(Kind::View { kind: ViewKind::Keys | ViewKind::Items, .. }));
    if !is_set_like(&view) {
        std::mem::swap(&mut view, &mut other);
    }
    if set_of(&other).is_some() && vm.len(&other)? >= vm.len(&view)? && matches!(other.kind(), Some(Kind::Set(_))) {
        return super::set::intersection(vm, &other, &view);
    }
    if is_set_like(&other) && vm.len(&other)? > vm.len(&view)? {
        std::mem::swap(&mut view, &mut other);
    }
    let result = vm.new_set(Vec::new())?;
    let iter = vm.iter(&other)?;
    while let Some(item) = vm.next(&iter)? {
        if vm.contains(&view, &item)? {
            vm.set_add(&result, item)?;
        }
        vm.tick()?;
    }
    Ok(result)
}

fn or(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (left, right) = (a[0].clone(), a[1].clone());
    let result = set_from(vm, &left)?;
    super::set::update(vm, &result, &right)?;
    Ok(result)
}

fn ror(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    a.swap(0, 1);
    or(vm, a, n)
}

fn sub(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (left, right) = (a[0].clone(), a[1].clone());
    let result = set_from(vm, &left)?;
    super::set::difference_update(vm, &result, &right)?;
    Ok(result)
}

fn rsub(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    a.swap(0, 1);
    sub(vm, a, n)
}

fn xor(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (left, right) = (a[0].clone(), a[1].clone());
    let result = set_from(vm, &left)?;
    super::set::symmetric_difference_update(vm, &result, &right)?;
    Ok(result)
}

fn rxor(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    a.swap(0, 1);
    xor(vm, a, n)
}

fn isdisjoint(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (view, other) = (a[0].clone(), a[1].clone());
    is_disjoint(vm, &view, &other).map(Value::bool)
}

const SET_LIKE: &[Builtin] = &[
    Builtin::new("__repr__", "(self, /)", rows::repr, "Return repr(self)."),
    Builtin::new("__len__", "(self, /)", rows::len, "Return len(self)."),
    Builtin::new("__contains__", "(self, key, /)", rows::contains, "Return key in self."),
    Builtin::new("__iter__", "(self, /)", rows::iter, "Implement iter(self)."),
    Builtin::new("__reversed__", "(self, /)", reversed, "Return a reverse iterator."),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, "Return self==value."),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, "Return self!=value."),
    Builtin::new("__lt__", "(self, value, /)", rows::lt, "Return self<value."),
    Builtin::new("__le__", "(self, value, /)", rows::le, "Return self<=value."),
    Builtin::new("__gt__", "(self, value, /)", rows::gt, "Return self>value."),
    Builtin::new("__ge__", "(self, value, /)", rows::ge, "Return self>=value."),
    Builtin::new("__and__", "(self, value, /)", and, "Return self&value."),
    Builtin::new("__rand__", "(self, value, /)", and, "Return value&self."),
    Builtin::new("__or__", "(self, value, /)", or, "Return self|value."),
    Builtin::new("__ror__", "(self, value, /)", ror, "Return value|self."),
    Builtin::new("__sub__", "(self, value, /)", sub, "Return self-value."),
    Builtin::new("__rsub__", "(self, value, /)", rsub, "Return value-self."),
    Builtin::new("__xor__", "(self, value, /)", xor, "Return self^value."),
    Builtin::new("__rxor__", "(self, value, /)", rxor, "Return value^self."),
    Builtin::new("isdisjoint", "(self, other, /)", isdisjoint, "Return True if the view and the given iterable have a null intersection."),
];

const VALUES_METHODS: &[Builtin] = &[
    Builtin::new("__repr__", "(self, /)", rows::repr, "Return repr(self)."),
    Builtin::new("__len__", "(self, /)", rows::len, "Return len(self)."),
    Builtin::new("__iter__", "(self, /)", rows::iter, "Implement iter(self)."),
    Builtin::new("__reversed__", "(self, /)", reversed, "Return a reverse iterator over the dict values."),
];

const MAPPING: &[GetSet] = &[GetSet { name: "mapping", get: mapping, set: None }];

/// `dict_keys`.
pub const KEYS: TypeDef = TypeDef { methods: SET_LIKE, getsets: MAPPING, construct: None, solid: Solid::Builtin, flags: flag::NO_NEW | flag::FINAL, doc: "" };
/// `dict_items`.
pub const ITEMS: TypeDef = KEYS;
/// `dict_values`.
pub const VALUES: TypeDef = TypeDef { methods: VALUES_METHODS, ..KEYS };

// ---- mappingproxy -------------------------------------------------------------------------------------------

static PROXY_NEW: Builtin = Builtin::new("mappingproxy", "(mapping)", construct_proxy, "");

fn construct_proxy(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let names = vm.names.clone();
    let is_mapping = match a[0].native_kind() {
        Some(Kind::Dict(_) | Kind::Proxy(_)) => true,
        Some(Kind::List(_) | Kind::Tuple(_)) => false,
        _ => vm.special(&a[0], &names.getitem).is_some(),
    };
    if is_mapping {
        return Ok(Obj::new(Kind::Proxy(a[0].clone())).into());
    }
    let text = format!("mappingproxy() argument must be a mapping, not {}", vm.class_name(&a[0]));
    Err(vm.type_error(&text))
}

/// The mapping behind a proxy.
fn inner(v: &Value) -> Value {
    match v.kind() {
        Some(Kind::Proxy(m)) => m.clone(),
        _ => v.clone(),
    }
}

/// Calls a method of the mapping behind a proxy.
fn forward(vm: &mut Vm, a: &[Value], name: &str, n: usize) -> R {
    let (mapping, name) = (inner(&a[0]), vm.intern(name));
    let args: Vec<Value> = a.iter().take(n).skip(1).cloned().collect();
    vm.call_method(&mapping, &name, &args)
}

fn proxy_get(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    forward(vm, a, "get", n)
}

fn proxy_keys(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    forward(vm, a, "keys", n)
}

fn proxy_values(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    forward(vm, a, "values", n)
}

fn proxy_items(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    forward(vm, a, "items", n)
}

fn proxy_copy(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    forward(vm, a, "copy", n)
}

fn proxy_reversed(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    forward(vm, a, "__reversed__", n)
}

fn proxy_or(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (left, right) = (inner(&a[0]), inner(&a[1]));
    vm.binary(crate::syntax::ast::BinOp::Or, &left, &right)
}

fn proxy_ror(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    a.swap(0, 1);
    proxy_or(vm, a, n)
}

fn proxy_ior(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Err(vm.type_error("'|=' is not supported by mappingproxy; use '|' instead"))
}

const PROXY_METHODS: &[Builtin] = &[
    Builtin::new("__repr__", "(self, /)", rows::repr, "Return repr(self)."),
    Builtin::new("__len__", "(self, /)", rows::len, "Return len(self)."),
    Builtin::new("__getitem__", "(self, key, /)", rows::getitem, "Return self[key]."),
    Builtin::new("__contains__", "(self, key, /)", rows::contains, "Return key in self."),
    Builtin::new("__iter__", "(self, /)", rows::iter, "Implement iter(self)."),
    Builtin::new("__reversed__", "(self, /)", proxy_reversed, "D.__reversed__() -> reverse iterator"),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, "Return self==value."),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, "Return self!=value."),
    Builtin::new("__or__", "(self, value, /)", proxy_or, "Return self|value."),
    Builtin::new("__ror__", "(self, value, /)", proxy_ror, "Return value|self."),
    Builtin::new("__ior__", "(self, value, /)", proxy_ior, "Return self|=value."),
    Builtin::new("get", "(self, key, default=None, /)", proxy_get, "Return the value for key if key is in the mapping, else default."),
    Builtin::new("keys", "(self, /)", proxy_keys, "a set-like object providing a view on D's keys"),
    Builtin::new("values", "(self, /)", proxy_values, "an object providing a view on D's values"),
    Builtin::new("items", "(self, /)", proxy_items, "a set-like object providing a view on D's items"),
    Builtin::new("copy", "(self, /)", proxy_copy, "a shallow copy of D"),
];

/// `mappingproxy`.
pub const PROXY: TypeDef = TypeDef {
    methods: PROXY_METHODS,
    getsets: &[],
    construct: Some(&PROXY_NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "Read-only proxy of a mapping.",
};
