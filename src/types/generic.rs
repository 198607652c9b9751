//! Parameterised classes, as annotations name them: `list[int]`.

use super::type_params;
use super::union::{or, ror};
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// `list[int]`.
pub struct Alias {
    pub origin: Value,
    pub args: Value,
    /// Whether it stands for its items: `*tuple[int, ...]`.
    pub is_starred: bool,
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

/// The alias that a value is, or an instance of a subclass is made of.
pub fn as_alias(v: &Value) -> Option<&Alias> {
    v.native().obj().and_then(|o| o.downcast())
}

/// The parts of an alias.
fn parts(v: &Value) -> (Value, Value, bool) {
    as_alias(v).map_or((Value::None, Value::None, false), |a| (a.origin.clone(), a.args.clone(), a.is_starred))
}

/// How a class or another part of an annotation reads.
pub fn part_text(vm: &mut Vm, part: &Value) -> R<String> {
    if part.is(&vm.ellipsis) {
        return Ok("...".to_owned());
    }
    let names = vm.names.clone();
    let (origin, args) = (vm.intern("__origin__"), vm.intern("__args__"));
    if vm.get_attr_opt(part, &origin)?.is_some() && vm.get_attr_opt(part, &args)?.is_some() {
        return vm.repr(part);
    }
    let (Some(name), Some(module)) = (vm.get_attr_opt(part, &names.qualname)?, vm.get_attr_opt(part, &names.module)?.filter(|m| !m.is_none())) else {
        return vm.repr(part);
    };
    let name = vm.str(&name)?;
    Ok(if module.as_str() == Some("builtins") { name } else { format!("{}.{name}", vm.str(&module)?) })
}

/// `class[args]`.
pub fn make_alias(origin: &Value, args: &Value) -> Value {
    let args = if matches!(args.kind(), Some(Kind::Tuple(_))) { args.clone() } else { Obj::tuple(vec![args.clone()]).into() };
    Obj::native(Alias { origin: origin.clone(), args, is_starred: false }).into()
}

fn class_getitem(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(make_alias(&a[0], &a[1]))
}

/// `__class_getitem__` of the built-in classes that can be parameterised.
pub const CLASS_GETITEM: &[Builtin] = &[Builtin::new("__class_getitem__", "(cls, item, /)", class_getitem, "See PEP 585")];

fn construct(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(make_alias(&a[0], &a[1]))
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.generic_alias.clone();
    super::make::new_from_call(vm, a, n, &owner)
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (origin, args, is_starred) = parts(&a[0]);
    let origin = part_text(vm, &origin)?;
    let mut texts = Vec::new();
    for arg in args.as_tuple().unwrap_or_default() {
        texts.push(part_text(vm, arg)?);
    }
    let inner = if texts.is_empty() { "()".to_owned() } else { texts.join(", ") };
    Ok(format!("{}{origin}[{inner}]", if is_starred { "*" } else { "" }).into())
}

/// Calls the class, and tells what it made which alias it came from, where that can be told.
fn call(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let pairs = super::object::keyword_pairs(super::object::kwargs_of(a, n, 1));
    let args = a.get(1..n).unwrap_or_default().to_vec();
    let made = vm.call_with(&parts(&a[0]).0, &args, &pairs)?;
    let name = vm.intern("__orig_class__");
    let result = vm.set_attr(&made, &name, a[0].clone());
    let (attribute, type_) = (vm.types.attribute_error.clone(), vm.types.type_error.clone());
    let result = vm.catch(&attribute, result).map(drop);
    vm.catch(&type_, result)?;
    Ok(made)
}

fn eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if as_alias(&a[0]).is_none() || as_alias(&a[1]).is_none() {
        return Ok(vm.not_implemented.clone());
    }
    let (x, y) = (parts(&a[0]), parts(&a[1]));
    let same = x.2 == y.2 && vm.eq(&x.0, &y.0)? && vm.eq(&x.1, &y.1)?;
    Ok(same.into())
}

fn hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (origin, args, _) = parts(&a[0]);
    Ok((vm.hash(&origin)? ^ vm.hash(&args)?).into())
}

fn mro_entries(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::tuple(vec![parts(&a[0]).0]).into())
}

/// Names that an alias answers itself; all others are the class's.
const OWN_NAMES: &[&str] = &[
    "__class__",
    "__bases__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__copy__",
    "__deepcopy__",
];

fn getattribute(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = super::object::name_arg(vm, &a[1])?;
    if !OWN_NAMES.contains(&name.text()) {
        return vm.get_attr(&parts(&a[0]).0, &name);
    }
    let class = vm.class_of(&a[0]).clone();
    match vm.generic_attr(&a[0], &name, &class)? {
        Some(v) => Ok(v),
        None => Err(vm.no_attribute(&a[0], &name)),
    }
}

/// `dict[K, V][int, str]`: the arguments with their type variables replaced.
fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (origin, args, is_starred) = parts(&a[0]);
    let args = args.as_tuple().unwrap_or_default().to_vec();
    let parameters = type_params::parameters_of(vm, &args)?;
    let args = type_params::substitute(vm, &a[0], &args, &parameters, &a[1])?;
    Ok(Obj::native(Alias { origin, args: Obj::tuple(args).into(), is_starred }).into())
}

/// `*tuple[int, str]` in an index or a parameter list gives the alias itself, marked.
fn iter(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (origin, args, _) = parts(&a[0]);
    let starred = Value::Obj(Obj::native(Alias { origin, args, is_starred: true }));
    vm.iter(&Obj::tuple(vec![starred]).into())
}

fn instance_check(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Err(vm.type_error("isinstance() argument 2 cannot be a parameterized generic"))
}

fn subclass_check(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Err(vm.type_error("issubclass() argument 2 cannot be a parameterized generic"))
}

fn dir(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let names = vm.names.clone();
    let of_origin = vm.call_method(&parts(&a[0]).0, &names.dir, &[]).or_else(|_| Ok(Value::from(Vec::<Value>::new())))?;
    let mut all = vm.collect(&of_origin)?;
    for name in OWN_NAMES {
        let name = Value::from(*name);
        if !all.iter().any(|n| n.as_str() == name.as_str()) {
            all.push(name);
        }
    }
    Ok(all.into())
}

fn origin(_: &mut Vm, v: &Value) -> R {
    Ok(parts(v).0)
}

fn args(_: &mut Vm, v: &Value) -> R {
    Ok(parts(v).1)
}

fn unpacked(_: &mut Vm, v: &Value) -> R {
    Ok(parts(v).2.into())
}

fn parameters(vm: &mut Vm, v: &Value) -> R {
    let args = parts(v).1.as_tuple().unwrap_or_default().to_vec();
    type_params::parameters_of(vm, &args)
}

/// The arguments of `*tuple[..]`, which `typing` asks for.
fn tuple_args(vm: &mut Vm, v: &Value) -> R {
    let (origin, args, is_starred) = parts(v);
    let is_tuple = origin.as_class().is_some_and(|c| std::ptr::eq(c, &raw const *vm.types.tuple));
    Ok(if is_starred && is_tuple { args } else { Value::None })
}

static NEW: Builtin = Builtin::new("GenericAlias", "(origin, args, /)", construct, "");

/// `types.GenericAlias`.
pub const ALIAS: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, *args, **kwargs)", new, ""),
        Builtin::new("__or__", "(self, value, /)", or, "Return self|value."),
        Builtin::new("__ror__", "(self, value, /)", ror, "Return value|self."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
        Builtin::new("__call__", "(self, /, *args, **kwargs)", call, "Call self as a function."),
        Builtin::new("__eq__", "(self, value, /)", eq, "Return self==value."),
        Builtin::new("__hash__", "(self, /)", hash, "Return hash(self)."),
        Builtin::new("__mro_entries__", "(self, bases, /)", mro_entries, ""),
        Builtin::new("__getattribute__", "(self, name, /)", getattribute, "Return getattr(self, name)."),
        Builtin::new("__getitem__", "(self, key, /)", getitem, "Return self[key]."),
        Builtin::new("__iter__", "(self, /)", iter, "Implement iter(self)."),
        Builtin::new("__instancecheck__", "(self, instance, /)", instance_check, ""),
        Builtin::new("__subclasscheck__", "(self, cls, /)", subclass_check, ""),
        Builtin::new("__dir__", "(self, /)", dir, ""),
    ],
    getsets: &[
        GetSet { name: "__origin__", get: origin, set: None },
        GetSet { name: "__args__", get: args, set: None },
        GetSet { name: "__unpacked__", get: unpacked, set: None },
        GetSet { name: "__parameters__", get: parameters, set: None },
        GetSet { name: "__typing_unpacked_tuple_args__", get: tuple_args, set: None },
    ],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: flag::GETATTRIBUTE,
    doc: "Represent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).",
};
