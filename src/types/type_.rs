//! `type`: what classes can do.

use std::rc::Rc;

use super::object::{class_label, keyword_pairs, kwargs_of};
use super::union;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::{Class, ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

fn class_of(vm: &mut Vm, v: &Value) -> R<ClassRef> {
    if let Some(c) = v.to_class() {
        Ok(c)
    } else {
        let text = format!("descriptor requires a 'type' object but received a '{}'", vm.class_name(v));
        Err(vm.type_error(&text))
    }
}

fn construct(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    match n {
        2 if keyword_pairs(kwargs_of(a, n, 1)).is_empty() => Ok(vm.class_of(&a[1]).into()),
        4 => construct_class(vm, a, n),
        _ => Err(vm.type_error("type() takes 1 or 3 arguments")),
    }
}

/// `type(name, bases, namespace)`: also sets the class up when its bases have another metaclass.
fn construct_class(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (args, keywords) = (a.get(1..n).unwrap_or_default().to_vec(), keyword_pairs(kwargs_of(a, n, 1)));
    let class = new(vm, a, n)?;
    let meta = vm.class_of(&class).clone();
    if meta.is(&vm.types.type_) || !meta.is_subclass_of(&vm.types.type_) {
        return Ok(class);
    }
    let names = vm.names.clone();
    let Some(init) = meta.lookup(&names.init) else { return Ok(class) };
    let bound = vm.bind_descriptor(&init, &class, &meta)?;
    vm.call_with(&bound, &args, &keywords)?;
    Ok(class)
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let meta = class_of(vm, &a[0])?;
    if n != 4 {
        let text = format!("type.__new__() takes exactly 3 arguments ({} given)", n - 1);
        return Err(vm.type_error(&text));
    }
    let keywords = keyword_pairs(kwargs_of(a, n, 1));
    let wrong = |index: usize, wanted: &str, found: &str| format!("type.__new__() argument {index} must be {wanted}, not {found}");
    let Some(name) = a[1].as_str().map(str::to_owned) else {
        let text = wrong(1, "str", &vm.class_name(&a[1]));
        return Err(vm.type_error(&text));
    };
    let Some(bases) = a[2].as_tuple().map(<[Value]>::to_vec) else {
        let text = wrong(2, "tuple", &vm.class_name(&a[2]));
        return Err(vm.type_error(&text));
    };
    let namespace = match a[3].native() {
        Value::Obj(d) if d.as_dict().is_some() => d.clone(),
        other => {
            let text = wrong(3, "dict", &vm.class_name(other));
            return Err(vm.type_error(&text));
        }
    };
    let names = vm.names.clone();
    if bases.iter().any(|b| b.as_class().is_none() && vm.class_of(b).lookup(&names.mro_entries).is_some()) {
        return Err(vm.type_error("type() doesn't support MRO entry resolution; use types.new_class()"));
    }
    let winner = vm.common_metaclass(&meta, &bases)?;
    if !winner.is(&meta)
        && let Some((hook, owner)) = winner.lookup_where(&vm.names.new)
        && !owner.is(&vm.types.type_)
    {
        let hook = vm.bind_to_class(&hook, &winner)?;
        let args = [winner.into(), a[1].clone(), a[2].clone(), a[3].clone()];
        return vm.call_with(&hook, &args, &keywords);
    }
    vm.make_class(&winner, &name, &bases, &namespace, &keywords)
}

fn init(vm: &mut Vm, _: &mut [Value], n: usize) -> R {
    if n != 2 && n != 4 {
        return Err(vm.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(Value::None)
}

/// `type.__call__`: makes an instance, metaclass hooks aside.
fn call(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let class = class_of(vm, &a[0])?;
    let pairs = keyword_pairs(kwargs_of(a, n, 1));
    let args = a.get(1..n).unwrap_or_default().to_vec();
    if class.construct.is_some() {
        return vm.call_with(&class.into(), &args, &pairs);
    }
    let names: Vec<_> = pairs.iter().map(|(k, _)| k.clone()).collect();
    vm.on_segment(4 * (args.len() + names.len()) + 64, |vm, fr| {
        for (slot, arg) in fr.iter_mut().zip(args.iter().chain(pairs.iter().map(|(_, v)| v))) {
            *slot = arg.clone();
        }
        vm.instantiate(&class, fr, args.len(), &names)
    })
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = class_of(vm, &a[0])?;
    Ok(format!("<class '{}'>", class_label(vm, &class)).into())
}

fn mro(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = class_of(vm, &a[0])?;
    let bases = class.bases.borrow().clone();
    let mut order = vec![Value::from(&class)];
    if !bases.is_empty() {
        order.extend(vm.linearise(&bases)?.iter().map(Value::from));
    }
    Ok(order.into())
}

fn subclasses(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = class_of(vm, &a[0])?;
    let alive: Vec<Value> = class.subclasses.borrow().iter().filter_map(std::rc::Weak::upgrade).map(Value::Obj).collect();
    Ok(alive.into())
}

fn instance_check(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = class_of(vm, &a[0])?;
    vm.is_native_instance(&a[1].clone(), &class).map(Value::bool)
}

fn subclass_check(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = class_of(vm, &a[0])?;
    vm.is_native_subclass(&a[1].clone(), &class.into()).map(Value::bool)
}

fn prepare(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Obj::dict(crate::value::dict::Dict::new()).into())
}

fn or(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let made = union::make_union(vm, &a[0], &a[1])?;
    Ok(made.unwrap_or_else(|| vm.not_implemented.clone()))
}

fn ror(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let made = union::make_union(vm, &a[1], &a[0])?;
    Ok(made.unwrap_or_else(|| vm.not_implemented.clone()))
}

fn dir(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = class_of(vm, &a[0])?;
    let mut names: Vec<String> = Vec::new();
    for c in class.mro_with_self() {
        if let Some(d) = c.dict().as_dict() {
            names.extend(d.borrow().iter().filter_map(|e| e.key.as_str().map(str::to_owned)));
        }
    }
    names.sort();
    names.dedup();
    Ok(names.into_iter().map(Value::from).collect::<Vec<_>>().into())
}

// ---- attributes ---------------------------------------------------------------------------------------------

fn get_name(_: &mut Vm, v: &Value) -> R {
    Ok(v.as_class().map_or(Value::None, |c| (*c.name()).into()))
}

fn get_qualname(_: &mut Vm, v: &Value) -> R {
    Ok(v.as_class().map_or(Value::None, |c| (*c.qualname()).into()))
}

/// Refuses changes of built-in classes, and anything but the wanted kind of value.
fn check_change(vm: &mut Vm, v: &Value, new: &Value, name: &str) -> R<Option<Rc<str>>> {
    let Some(class) = v.as_class() else { return Ok(None) };
    let (label, is_fixed) = (class.name(), class.has(flag::IMMUTABLE));
    if is_fixed {
        return Err(vm.type_error(&format!("cannot set '{name}' attribute of immutable type '{label}'")));
    }
    if new.is_unbound() {
        return Err(vm.type_error(&format!("cannot delete '{name}' attribute of immutable type '{label}'")));
    }
    if let Some(text) = new.as_str() {
        Ok(Some(text.into()))
    } else {
        let text = format!("can only assign string to {label}.{name}, not '{}'", vm.class_name(new));
        Err(vm.type_error(&text))
    }
}

fn set_name(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let text = check_change(vm, v, &new, "__name__")?;
    if let (Some(c), Some(text)) = (v.as_class(), text) {
        let qualname = c.qualname();
        c.qualname.replace(Some(qualname));
        c.name.replace(text);
    }
    Ok(())
}

fn set_qualname(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let text = check_change(vm, v, &new, "__qualname__")?;
    if let (Some(c), Some(text)) = (v.as_class(), text) {
        c.qualname.replace(Some(text));
    }
    Ok(())
}

fn get_module(vm: &mut Vm, v: &Value) -> R {
    let own = v.as_class().and_then(|c| c.own(&vm.names.module)).filter(|m| !matches!(m.kind(), Some(Kind::GetSet { .. })));
    Ok(own.unwrap_or_else(|| "builtins".into()))
}

fn set_module(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let names = vm.names.clone();
    let Some(c) = v.as_class() else { return Ok(()) };
    if c.has(flag::IMMUTABLE) {
        let text = format!("cannot set '__module__' attribute of immutable type '{}'", c.name());
        return Err(vm.type_error(&text));
    }
    if let Some(d) = c.dict().as_dict() {
        let old = if new.is_unbound() { d.borrow_mut().remove_name(&names.module) } else { d.borrow_mut().set_name(&names.module, new) };
        drop(old);
    }
    c.touch();
    Ok(())
}

fn get_bases(_: &mut Vm, v: &Value) -> R {
    Ok(v.as_class().map_or(Value::None, |c| Obj::tuple(c.bases.borrow().iter().map(Value::from).collect::<Vec<_>>()).into()))
}

fn set_bases(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let Some(class) = v.to_class() else { return Ok(()) };
    if class.has(flag::IMMUTABLE) {
        let text = format!("cannot set '__bases__' attribute of immutable type '{}'", class.name());
        return Err(vm.type_error(&text));
    }
    let Some(bases) = new.as_tuple().map(<[Value]>::to_vec) else {
        let text = format!("can only assign tuple to {}.__bases__, not {}", class.name(), vm.class_name(&new));
        return Err(vm.type_error(&text));
    };
    if bases.is_empty() {
        let text = format!("can only assign non-empty tuple to {}.__bases__, not ()", class.name());
        return Err(vm.type_error(&text));
    }
    vm.rebase(&class, &bases)
}

/// The base whose representation the instances have.
fn get_base(vm: &mut Vm, v: &Value) -> R {
    let bases = v.as_class().map(|c| c.bases.borrow().clone()).unwrap_or_default();
    if bases.is_empty() { Ok(Value::None) } else { vm.best_base(&bases).map(Value::from) }
}

fn get_mro(_: &mut Vm, v: &Value) -> R {
    Ok(v.to_class().map_or(Value::None, |c| Obj::tuple(c.mro_with_self().iter().map(Value::from).collect::<Vec<_>>()).into()))
}

fn get_dict(_: &mut Vm, v: &Value) -> R {
    Ok(v.as_class().map_or(Value::None, |c| Obj::new(Kind::Proxy(c.dict().clone().into())).into()))
}

fn get_annotations(vm: &mut Vm, v: &Value) -> R {
    let names = vm.names.clone();
    let Some(class) = v.as_class() else { return Ok(Value::None) };
    match class.own(&names.annotations) {
        Some(a) if matches!(a.kind(), Some(Kind::Func(_))) => {
            let made = vm.call(&a, &[])?;
            set_own(class, vm, made.clone());
            Ok(made)
        }
        Some(a) => Ok(a),
        None if class.has(flag::IMMUTABLE) => Err(vm.no_attribute(v, &names.annotations)),
        None => {
            let made = Value::Obj(Obj::dict(crate::value::dict::Dict::new()));
            set_own(class, vm, made.clone());
            Ok(made)
        }
    }
}

fn set_own(class: &Class, vm: &Vm, annotations: Value) {
    if let Some(d) = class.dict().as_dict() {
        let old = d.borrow_mut().set_name(&vm.names.annotations, annotations);
        class.touch();
        drop(old);
    }
}

fn set_annotations(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let names = vm.names.clone();
    let Some(class) = v.as_class() else { return Ok(()) };
    if class.has(flag::IMMUTABLE) {
        let text = format!("cannot set '__annotations__' attribute of immutable type '{}'", class.name());
        return Err(vm.type_error(&text));
    }
    if let Some(d) = class.dict().as_dict() {
        let is_delete = new.is_unbound();
        let old = if is_delete { d.borrow_mut().remove_name(&names.annotations) } else { d.borrow_mut().set_name(&names.annotations, new) };
        if is_delete && old.is_none() {
            return Err(vm.attribute_error_text("__annotations__"));
        }
        class.touch();
    }
    Ok(())
}

fn get_abstract(vm: &mut Vm, v: &Value) -> R {
    let names = vm.names.clone();
    match v.as_class().and_then(|c| c.own(&names.abstract_methods)) {
        Some(found) if found.obj().is_none_or(|o| !matches!(o.kind, Kind::GetSet { .. })) => Ok(found),
        _ => Err(vm.attribute_error_text("__abstractmethods__")),
    }
}

fn set_abstract(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let names = vm.names.clone();
    let is_set = !new.is_unbound() && vm.truth(&new)?;
    let Some(class) = v.as_class() else { return Ok(()) };
    if new.is_unbound() && class.own(&names.abstract_methods).is_none() {
        return Err(vm.attribute_error_text("__abstractmethods__"));
    }
    class.flags.set(if is_set { class.flags.get() | flag::ABSTRACT } else { class.flags.get() & !flag::ABSTRACT });
    if let Some(d) = class.dict().as_dict() {
        let old = if new.is_unbound() { d.borrow_mut().remove_name(&names.abstract_methods) } else { d.borrow_mut().set_name(&names.abstract_methods, new) };
        drop(old);
    }
    class.touch();
    Ok(())
}

fn get_signature(_: &mut Vm, v: &Value) -> R {
    Ok(v.as_class().and_then(|c| c.construct).map_or(Value::None, |b| b.signature.into()))
}

static NEW: Builtin = Builtin::new("type", "(cls, *args, **kwargs)", construct, "");

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Creates a class."),
    Builtin::new("__init__", "(self, *args, **kwargs)", init, "Sets a class up."),
    Builtin::new("__call__", "(self, /, *args, **kwargs)", call, "Call self as a function."),
    Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
    Builtin::new("mro", "(self, /)", mro, "Return a type's method resolution order."),
    Builtin::new("__subclasses__", "(self, /)", subclasses, "Return a list of immediate subclasses."),
    Builtin::new("__instancecheck__", "(self, instance, /)", instance_check, "Check if an object is an instance."),
    Builtin::new("__subclasscheck__", "(self, subclass, /)", subclass_check, "Check if a class is a subclass."),
    Builtin::new("__prepare__", "(cls, *args, **kwargs)", prepare, "Creates the namespace for a class statement."),
    Builtin::new("__or__", "(self, value, /)", or, "Return self|value."),
    Builtin::new("__ror__", "(self, value, /)", ror, "Return value|self."),
    Builtin::new("__dir__", "(self, /)", dir, "Specialized __dir__ implementation for types."),
];

const GETSETS: &[GetSet] = &[
    GetSet { name: "__name__", get: get_name, set: Some(set_name) },
    GetSet { name: "__qualname__", get: get_qualname, set: Some(set_qualname) },
    GetSet { name: "__module__", get: get_module, set: Some(set_module) },
    GetSet { name: "__bases__", get: get_bases, set: Some(set_bases) },
    GetSet { name: "__base__", get: get_base, set: Some(super::rows::read_only) },
    GetSet { name: "__mro__", get: get_mro, set: Some(super::rows::read_only) },
    GetSet { name: "__dict__", get: get_dict, set: None },
    GetSet { name: "__annotations__", get: get_annotations, set: Some(set_annotations) },
    GetSet { name: "__abstractmethods__", get: get_abstract, set: Some(set_abstract) },
    GetSet { name: "__text_signature__", get: get_signature, set: None },
];

/// The type.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: GETSETS,
    construct: Some(&NEW),
    solid: Solid::Type,
    flags: 0,
    doc: "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
};
