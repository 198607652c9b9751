//! `object`: what every value can do.

use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::{ClassRef, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::attr::dict_of;
use crate::vm::types::TypeDef;

/// The attribute name that a native got, as a name object.
pub fn name_arg(vm: &mut Vm, v: &Value) -> R<Ref> {
    match v.native() {
        Value::Obj(o) if o.is_interned() => Ok(o.clone()),
        Value::Obj(o) if o.as_str().is_some() => Ok(vm.name_of(o.text())),
        _ => {
            let text = format!("attribute name must be string, not '{}'", vm.class_name(v));
            Err(vm.type_error(&text))
        }
    }
}

/// The `**kwargs` dict of a native with `params` named parameters that got `n` positional arguments.
pub fn kwargs_of(a: &[Value], n: usize, params: usize) -> Option<Ref> {
    a.iter().take(n + params + 1).skip(n.min(params)).rev().find_map(|v| v.obj().filter(|o| o.as_dict().is_some())).cloned()
}

/// The entries of a `**kwargs` dict.
pub fn keyword_pairs(dict: Option<Ref>) -> Vec<(Ref, Value)> {
    let pairs =
        |d: &std::cell::RefCell<crate::value::dict::Dict>| d.borrow().iter().filter_map(|e| e.key.obj().map(|k| (k.clone(), e.value.clone()))).collect();
    dict.and_then(|d| d.as_dict().map(pairs)).unwrap_or_default()
}

fn is_excess(a: &[Value], n: usize) -> bool {
    n > 1 || kwargs_of(a, n, 1).is_some_and(|d| d.as_dict().is_some_and(|d| !d.borrow().is_empty()))
}

/// Whether a class's `__new__` or `__init__` is `object`'s.
fn is_own(vm: &Vm, class: &ClassRef, name: &Ref) -> bool {
    class.lookup_where(name).is_some_and(|(_, found)| found.is(&vm.types.object))
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let names = vm.names.clone();
    if n == 0 {
        return Err(vm.type_error("object.__new__(): not enough arguments"));
    }
    let Some(class) = a[0].to_class() else {
        let text = format!("object.__new__(X): X is not a type object ({})", vm.class_name(&a[0]));
        return Err(vm.type_error(&text));
    };
    if is_excess(a, n) {
        if !is_own(vm, &class, &names.new) {
            return Err(vm.type_error("object.__new__() takes exactly one argument (the type to instantiate)"));
        }
        if is_own(vm, &class, &names.init) {
            let text = format!("{}() takes no arguments", class.name());
            return Err(vm.type_error(&text));
        }
    }
    if class.solid != Solid::Object {
        let native = class.mro_with_self().into_iter().find(|c| !c.has(flag::HEAP));
        let safe = native.map_or_else(|| "object".into(), |c| c.name());
        let text = format!("object.__new__({}) is not safe, use {safe}.__new__()", class.name());
        return Err(vm.type_error(&text));
    }
    vm.new_instance(&class)
}

fn init(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let names = vm.names.clone();
    if is_excess(a, n) {
        let class = vm.class_of(&a[0]).clone();
        if !is_own(vm, &class, &names.init) {
            return Err(vm.type_error("object.__init__() takes exactly one argument (the instance to initialize)"));
        }
        if is_own(vm, &class, &names.new) {
            let text = format!("{}.__init__() takes exactly one argument (the instance to initialize)", class.name());
            return Err(vm.type_error(&text));
        }
    }
    Ok(Value::None)
}

/// `<module.Name object at 0x...>`.
pub fn default_repr(vm: &mut Vm, v: &Value) -> String {
    let label = class_label(vm, &vm.class_of(v).clone());
    format!("<{label} object at {}>", address(v))
}

/// A class's name with its module, as reprs show it.
pub fn class_label(vm: &Vm, class: &ClassRef) -> String {
    match class.own(&vm.names.module).as_ref().and_then(Value::as_str) {
        Some(m) if m != "builtins" => format!("{m}.{}", class.qualname()),
        _ => class.qualname().to_string(),
    }
}

/// The number that default reprs show: small and stable.
pub fn address(v: &Value) -> String {
    format!("0x{:012x}", v.obj().map_or(0, |o| u64::from(o.id()) * 16))
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(default_repr(vm, &a[0]).into())
}

fn str(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let names = vm.names.clone();
    // A class whose `__repr__` is this very function goes round in circles.
    vm.enter()?;
    let text = vm.call_special(&a[0], &names.repr, &[]);
    vm.leave();
    match text? {
        Some(v) if v.as_str().is_some() => Ok(v),
        Some(v) => {
            let text = format!("__repr__ returned non-string (type {})", vm.class_name(&v));
            Err(vm.type_error(&text))
        }
        None => Ok(vm.repr(&a[0])?.into()),
    }
}

fn eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(if a[0].is(&a[1]) { Value::True } else { vm.not_implemented.clone() })
}

fn ne(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let names = vm.names.clone();
    vm.enter()?;
    let answer = vm.call_special(&a[0], &names.eq, &[a[1].clone()]);
    vm.leave();
    match answer? {
        Some(v) if !v.is(&vm.not_implemented) => Ok(Value::bool(!vm.truth(&v)?)),
        _ => Ok(vm.not_implemented.clone()),
    }
}

fn order(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(vm.not_implemented.clone())
}

fn hash(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::Int(identity_hash(&a[0])))
}

/// The hash of what is equal only to itself.
pub fn identity_hash(v: &Value) -> i64 {
    v.obj().map_or(0, |o| i64::from(o.id()))
}

fn getattribute(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = name_arg(vm, &a[1])?;
    let class = vm.class_of(&a[0]).clone();
    match vm.generic_attr(&a[0], &name, &class)? {
        Some(v) => Ok(v),
        None => Err(vm.no_attribute(&a[0], &name)),
    }
}

fn setattr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = name_arg(vm, &a[1])?;
    let class = vm.class_of(&a[0]).clone();
    let value = a[2].take();
    vm.generic_set(&a[0], &name, value, &class)?;
    Ok(Value::None)
}

fn delattr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = name_arg(vm, &a[1])?;
    let class = vm.class_of(&a[0]).clone();
    vm.generic_set(&a[0], &name, Value::Unbound, &class)?;
    Ok(Value::None)
}

fn format(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if !super::make::str_arg(vm, &a[1], "__format__() argument")?.is_empty() {
        let text = format!("unsupported format string passed to {}.__format__", vm.class_name(&a[0]));
        return Err(vm.type_error(&text));
    }
    vm.str_value(&a[0])
}

/// The names that `dir` shows for an object: its own and those of its class.
fn dir(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut names: Vec<String> = Vec::new();
    let mut add = |dict: &Ref| {
        if let Some(d) = dict.as_dict() {
            names.extend(d.borrow().iter().filter_map(|e| e.key.as_str().map(str::to_owned)));
        }
    };
    if let Some(own) = dict_of(&a[0]) {
        add(&own);
    }
    let class = vm.class_of(&a[0]).clone();
    class.mro_with_self().iter().for_each(|c| add(c.dict()));
    names.sort();
    names.dedup();
    Ok(names.into_iter().map(Value::from).collect::<Vec<_>>().into())
}

fn init_subclass(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let _ = n;
    if a.iter().skip(1).any(|v| v.obj().and_then(|o| o.as_dict()).is_some_and(|d| !d.borrow().is_empty())) {
        let label = a[0].as_class().map_or_else(|| "object".into(), crate::value::Class::qualname);
        return Err(vm.type_error(&format!("{label}.__init_subclass__() takes no keyword arguments")));
    }
    Ok(Value::None)
}

fn subclasshook(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(vm.not_implemented.clone())
}

/// What `copyreg` takes an object apart into.
fn take_apart(vm: &mut Vm, object: &Value, protocol: Value) -> R {
    let module = vm.import_module("copyreg")?;
    let name = vm.intern("_reduce");
    let function = vm.get_attr(&module, &name)?;
    vm.call(&function, &[object.clone(), protocol])
}

fn reduce_ex(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let protocol = vm.index(&a[1].clone())?;
    let name = vm.intern("__reduce__");
    let class = vm.class_of(&a[0]).clone();
    if class.lookup_where(&name).is_some_and(|(_, owner)| !owner.is(&vm.types.object)) {
        return vm.call_method(&a[0], &name, &[]);
    }
    take_apart(vm, &a[0], protocol)
}

fn reduce(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    take_apart(vm, &a[0], Value::Int(0))
}

fn getstate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    crate::modules::copy::state(vm, &a[0])
}

fn sizeof(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::Int(16))
}

fn get_class(vm: &mut Vm, v: &Value) -> R {
    Ok(vm.class_of(v).into())
}

fn set_class(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    if new.is_unbound() {
        return Err(vm.type_error("can't delete __class__ attribute"));
    }
    let Some(class) = new.to_class() else {
        let text = format!("__class__ must be set to a class, not '{}' object", vm.class_name(&new));
        return Err(vm.type_error(&text));
    };
    let old = vm.class_of(v).clone();
    if class.is(&old) {
        return Ok(());
    }
    vm.move_to_class(v, &old, &class)
}

fn get_dict(vm: &mut Vm, v: &Value) -> R {
    if let Some(d) = dict_of(v) {
        Ok(d.into())
    } else {
        let name = vm.names.dict.clone();
        Err(vm.no_attribute(v, &name))
    }
}

fn set_dict(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    vm.set_dict(v, new)
}

fn get_weakref(_: &mut Vm, _: &Value) -> R {
    Ok(Value::None)
}

/// `__dict__` of script classes' instances.
pub static DICT: GetSet = GetSet { name: "__dict__", get: get_dict, set: Some(set_dict) };
/// `__weakref__` of script classes' instances.
pub static WEAKREF: GetSet = GetSet { name: "__weakref__", get: get_weakref, set: None };

static NEW: Builtin = Builtin::new("object", "(cls, *args, **kwargs)", new, "");

const GETSETS: &[GetSet] = &[GetSet { name: "__class__", get: get_class, set: Some(set_class) }];

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Creates an object without setting it up."),
    Builtin::new("__init__", "(self, *args, **kwargs)", init, "Sets the object up."),
    Builtin::new("__repr__", "(self, /)", repr, "The text for developers."),
    Builtin::new("__str__", "(self, /)", str, "The text for users."),
    Builtin::new("__eq__", "(self, value, /)", eq, "self == value"),
    Builtin::new("__ne__", "(self, value, /)", ne, "self != value"),
    Builtin::new("__lt__", "(self, value, /)", order, "self < value"),
    Builtin::new("__le__", "(self, value, /)", order, "self <= value"),
    Builtin::new("__gt__", "(self, value, /)", order, "self > value"),
    Builtin::new("__ge__", "(self, value, /)", order, "self >= value"),
    Builtin::new("__hash__", "(self, /)", hash, "hash(self)"),
    Builtin::new("__getattribute__", "(self, name, /)", getattribute, "getattr(self, name)"),
    Builtin::new("__setattr__", "(self, name, value, /)", setattr, "setattr(self, name, value)"),
    Builtin::new("__delattr__", "(self, name, /)", delattr, "delattr(self, name)"),
    Builtin::new("__format__", "(self, format_spec, /)", format, "The formatted text."),
    Builtin::new("__dir__", "(self, /)", dir, "The names of the attributes."),
    Builtin::new("__init_subclass__", "(cls, **kwargs)", init_subclass, "Called when a class is subclassed."),
    Builtin::new("__subclasshook__", "(cls, object, /)", subclasshook, "Lets abstract classes customise issubclass()."),
    Builtin::new("__reduce_ex__", "(self, protocol, /)", reduce_ex, "What the object can be put together from again."),
    Builtin::new("__reduce__", "(self, /)", reduce, "The same in the oldest way."),
    Builtin::new("__getstate__", "(self, /)", getstate, "The attributes, for copying."),
    Builtin::new("__sizeof__", "(self, /)", sizeof, "The size in memory, in bytes."),
];

/// The type.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: GETSETS,
    construct: Some(&NEW),
    solid: Solid::Object,
    // An instance of `object` itself has no attributes of its own.
    flags: flag::NO_DICT,
    doc: "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
};
