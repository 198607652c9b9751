//! What annotations are made of: unions (`int | str`) and parameterised classes (`list[int]`).

use super::object::class_label;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// `int | str`.
pub struct Union {
    pub args: Vec<Value>,
}

impl Native for Union {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        &vm.types.union
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.args.iter().for_each(visit);
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// `list[int]`.
pub struct Alias {
    pub origin: Value,
    pub args: Value,
    /// Whether it is `*list[int]`.
    is_unpacked: bool,
}

impl Native for Alias {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        &vm.types.generic_alias
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.origin);
        visit(&self.args);
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn as_union(v: &Value) -> Option<&Union> {
    v.obj().and_then(|o| o.downcast())
}

fn as_alias(v: &Value) -> Option<&Alias> {
    v.obj().and_then(|o| o.downcast())
}

/// How a class or another part of an annotation reads.
fn part_text(vm: &mut Vm, part: &Value) -> R<String> {
    if part.is(&vm.ellipsis) {
        return Ok("...".to_owned());
    }
    if part.as_class().is_some_and(|c| std::ptr::eq(c, &raw const *vm.types.none_type)) {
        return Ok("None".to_owned());
    }
    match part.to_class() {
        Some(c) => Ok(class_label(vm, &c)),
        None => vm.repr(part),
    }
}

/// `a | b` of classes; nothing where an operand cannot be part of a union.
pub fn make_union(vm: &mut Vm, a: &Value, b: &Value) -> R<Option<Value>> {
    let mut args: Vec<Value> = Vec::new();
    for side in [a, b] {
        let parts = match as_union(side) {
            Some(u) => u.args.clone(),
            None if side.is_none() => vec![(&vm.types.none_type).into()],
            None if side.as_class().is_some() || as_alias(side).is_some() => vec![side.clone()],
            None => return Ok(None),
        };
        for part in parts {
            let mut is_known = false;
            for known in &args {
                if vm.eq(known, &part)? {
                    is_known = true;
                    break;
                }
            }
            if !is_known {
                args.push(part);
            }
        }
    }
    Ok(Some(match args.as_slice() {
        [one] => one.clone(),
        _ => Obj::native(Union { args }).into(),
    }))
}

fn or(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let made = make_union(vm, &a[0], &a[1])?;
    Ok(made.unwrap_or_else(|| vm.not_implemented.clone()))
}

fn ror(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let made = make_union(vm, &a[1], &a[0])?;
    Ok(made.unwrap_or_else(|| vm.not_implemented.clone()))
}

fn union_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let args = as_union(&a[0]).map(|u| u.args.clone()).unwrap_or_default();
    let mut parts = Vec::with_capacity(args.len());
    for arg in &args {
        parts.push(part_text(vm, arg)?);
    }
    Ok(parts.join(" | ").into())
}

fn union_eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (Some(x), Some(y)) = (as_union(&a[0]), as_union(&a[1])) else { return Ok(vm.not_implemented.clone()) };
    let (x, y) = (x.args.clone(), y.args.clone());
    if x.len() != y.len() {
        return Ok(Value::False);
    }
    let other: Value = y.into();
    for part in &x {
        if !vm.contains(&other, part)? {
            return Ok(Value::False);
        }
    }
    Ok(Value::True)
}

fn union_hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let args = as_union(&a[0]).map(|u| u.args.clone()).unwrap_or_default();
    let mut hash = 0;
    for arg in &args {
        hash ^= vm.hash(arg)?;
    }
    Ok(hash.into())
}

fn union_args(_: &mut Vm, v: &Value) -> R {
    Ok(as_union(v).map_or(Value::None, |u| Obj::tuple(u.args.clone()).into()))
}

fn instance_check(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.is_instance_of(&a[1].clone(), &a[0]).map(Value::bool)
}

fn subclass_check(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.is_subclass(&a[1].clone(), &a[0]).map(Value::bool)
}

/// `types.UnionType`.
pub const UNION: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__or__", "(self, value, /)", or, "Return self|value."),
        Builtin::new("__ror__", "(self, value, /)", ror, "Return value|self."),
        Builtin::new("__repr__", "(self, /)", union_repr, "Return repr(self)."),
        Builtin::new("__eq__", "(self, value, /)", union_eq, "Return self==value."),
        Builtin::new("__hash__", "(self, /)", union_hash, "Return hash(self)."),
        Builtin::new("__getitem__", "(self, key, /)", alias_getitem, "Return self[key]."),
        Builtin::new("__instancecheck__", "(self, instance, /)", instance_check, ""),
        Builtin::new("__subclasscheck__", "(self, cls, /)", subclass_check, ""),
    ],
    getsets: &[GetSet { name: "__args__", get: union_args, set: None }, GetSet { name: "__parameters__", get: alias_parameters, set: None }],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "Represent a PEP 604 union type\n\nE.g. for int | str",
};

// ---- parameterised classes ------------------------------------------------------------------------------------

/// `class[args]`.
pub fn make_alias(origin: &Value, args: &Value) -> Value {
    let args = if matches!(args.kind(), Some(Kind::Tuple(_))) { args.clone() } else { Obj::tuple(vec![args.clone()]).into() };
    Obj::native(Alias { origin: origin.clone(), args, is_unpacked: false }).into()
}

fn class_getitem(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(make_alias(&a[0], &a[1]))
}

/// `__class_getitem__` of the built-in classes that can be parameterised.
pub const CLASS_GETITEM: &[Builtin] = &[Builtin::new("__class_getitem__", "(cls, item, /)", class_getitem, "See PEP 585")];

fn alias_new(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(make_alias(&a[0], &a[1]))
}

fn alias_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(alias) = as_alias(&a[0]) else { return Ok(Value::None) };
    let (origin, args, star) = (alias.origin.clone(), alias.args.clone(), if alias.is_unpacked { "*" } else { "" });
    let origin = part_text(vm, &origin)?;
    let mut parts = Vec::new();
    for arg in args.as_tuple().unwrap_or_default() {
        parts.push(part_text(vm, arg)?);
    }
    let inner = if parts.is_empty() { "()".to_owned() } else { parts.join(", ") };
    Ok(format!("{star}{origin}[{inner}]").into())
}

/// `*list[int]`: the one item of an iteration.
fn alias_iter(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(alias) = as_alias(&a[0]) else { return Ok(Value::None) };
    let starred = Obj::native(Alias { origin: alias.origin.clone(), args: alias.args.clone(), is_unpacked: true });
    vm.iter(&Obj::tuple(vec![starred.into()]).into())
}

fn alias_call(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let pairs = super::object::keyword_pairs(super::object::kwargs_of(a, n, 1));
    let Some(origin) = as_alias(&a[0]).map(|x| x.origin.clone()) else { return Ok(Value::None) };
    let args = a.get(1..n).unwrap_or_default().to_vec();
    vm.call_with(&origin, &args, &pairs)
}

fn alias_eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (Some(x), Some(y)) = (as_alias(&a[0]), as_alias(&a[1])) else { return Ok(vm.not_implemented.clone()) };
    let same = x.is_unpacked == y.is_unpacked && x.origin.is(&y.origin) && vm.eq(&x.args.clone(), &y.args.clone())?;
    Ok(same.into())
}

fn alias_hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(x) = as_alias(&a[0]) else { return Ok(Value::Int(0)) };
    let (origin, args) = (x.origin.clone(), x.args.clone());
    Ok((vm.hash(&origin)? ^ vm.hash(&args)?).into())
}

fn alias_mro_entries(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::tuple(vec![as_alias(&a[0]).map_or(Value::None, |x| x.origin.clone())]).into())
}

/// Names that an alias does not take from its origin.
const OWN_NAMES: &[&str] = &["__origin__", "__args__", "__parameters__", "__mro_entries__", "__reduce_ex__", "__reduce__", "__copy__", "__deepcopy__", "__unpacked__"];

/// Other names are the origin's.
fn alias_getattr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = super::object::name_arg(vm, &a[1])?;
    match as_alias(&a[0]).map(|x| x.origin.clone()) {
        Some(origin) if !OWN_NAMES.contains(&name.text()) => vm.get_attr(&origin, &name),
        _ => Err(vm.no_attribute(&a[0], &name)),
    }
}

fn alias_getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let text = vm.repr(&a[0])?;
    Err(vm.type_error(&format!("{text} is not a generic class")))
}

fn alias_origin(_: &mut Vm, v: &Value) -> R {
    Ok(as_alias(v).map_or(Value::None, |x| x.origin.clone()))
}

fn alias_args(_: &mut Vm, v: &Value) -> R {
    Ok(as_alias(v).map_or(Value::None, |x| x.args.clone()))
}

fn alias_parameters(vm: &mut Vm, _: &Value) -> R {
    Ok(vm.empty_tuple.clone())
}

static ALIAS_NEW: Builtin = Builtin::new("GenericAlias", "(origin, args, /)", alias_new, "");

/// `types.GenericAlias`.
pub const ALIAS: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__or__", "(self, value, /)", or, "Return self|value."),
        Builtin::new("__ror__", "(self, value, /)", ror, "Return value|self."),
        Builtin::new("__repr__", "(self, /)", alias_repr, "Return repr(self)."),
        Builtin::new("__call__", "(self, /, *args, **kwargs)", alias_call, "Call self as a function."),
        Builtin::new("__iter__", "(self, /)", alias_iter, "Implement iter(self)."),
        Builtin::new("__eq__", "(self, value, /)", alias_eq, "Return self==value."),
        Builtin::new("__hash__", "(self, /)", alias_hash, "Return hash(self)."),
        Builtin::new("__mro_entries__", "(self, bases, /)", alias_mro_entries, ""),
        Builtin::new("__getattr__", "(self, name, /)", alias_getattr, ""),
        Builtin::new("__getitem__", "(self, key, /)", alias_getitem, "Return self[key]."),
    ],
    getsets: &[
        GetSet { name: "__origin__", get: alias_origin, set: None },
        GetSet { name: "__args__", get: alias_args, set: None },
        GetSet { name: "__parameters__", get: alias_parameters, set: None },
    ],
    construct: Some(&ALIAS_NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL | flag::GETATTR,
    doc: "Represent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).",
};
