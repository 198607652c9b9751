//! `staticmethod`, `classmethod`, `super`, and the descriptors of slots and built-in attributes.

use std::cell::RefCell;

use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::instance::Derived;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::bind::bind_method;
use crate::vm::types::TypeDef;

/// Wraps a native value as an instance of `class`, unless that is the value's own class.
pub fn derive(vm: &Vm, class: &Value, base: Value) -> R {
    match class.to_class() {
        Some(c) if !c.is(vm.class_of(&base)) => Ok(Obj::tracked(Kind::Derived(Box::new(Derived { class: c, base, fields: RefCell::default() }))).into()),
        _ => Ok(base),
    }
}

// ---- staticmethod, classmethod ------------------------------------------------------------------------------

/// The one argument that `staticmethod` and `classmethod` take.
fn only_argument(vm: &mut Vm, a: &mut [Value], n: usize, name: &str) -> R {
    match a.first_mut() {
        Some(function) if n == 1 => Ok(function.take()),
        _ => Err(vm.type_error(&format!("{name} expected 1 argument, got {n}"))),
    }
}

fn static_method(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let function = only_argument(vm, a, n, "staticmethod")?;
    Ok(Obj::tracked(Kind::StaticMethod(function)).into())
}

fn static_new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let base = Obj::tracked(Kind::StaticMethod(a[1].take())).into();
    derive(vm, &a[0], base)
}

fn class_method(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let function = only_argument(vm, a, n, "classmethod")?;
    Ok(Obj::tracked(Kind::ClassMethod(function)).into())
}

fn class_method_new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let base = Obj::tracked(Kind::ClassMethod(a[1].take())).into();
    derive(vm, &a[0], base)
}

fn wrapper_init(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::None)
}

fn wrapper_get(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = match a[2].some().and_then(Value::to_class) {
        Some(c) => c,
        None => vm.class_of(&a[1]).clone(),
    };
    vm.bind_to_class(&a[0].native().clone(), &class)
}

fn wrapped_of(v: &Value) -> Value {
    match v.native_kind() {
        Some(Kind::StaticMethod(f) | Kind::ClassMethod(f)) => f.clone(),
        _ => Value::None,
    }
}

fn static_call(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let pairs = super::object::keyword_pairs(super::object::kwargs_of(a, n, 1));
    let f = wrapped_of(&a[0]);
    let args = a.get(1..n).unwrap_or_default().to_vec();
    vm.call_with(&f, &args, &pairs)
}

fn wrapper_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = vm.class_name(&a[0]);
    let inner = vm.repr(&wrapped_of(&a[0]))?;
    Ok(format!("<{class}({inner})>").into())
}

fn wrapped(_: &mut Vm, v: &Value) -> R {
    Ok(wrapped_of(v))
}

macro_rules! forwarded {
    ($($function:ident => $name:ident),*) => {
        $(fn $function(vm: &mut Vm, v: &Value) -> R {
            let name = vm.names.$name.clone();
            vm.get_attr(&wrapped_of(v), &name)
        })*
    };
}

forwarded!(wrapped_name => name, wrapped_qualname => qualname, wrapped_doc => doc, wrapped_module => module, wrapped_annotations => annotations);

const WRAPPER_GETSETS: &[GetSet] = &[
    GetSet { name: "__func__", get: wrapped, set: None },
    GetSet { name: "__wrapped__", get: wrapped, set: None },
    GetSet { name: "__name__", get: wrapped_name, set: None },
    GetSet { name: "__qualname__", get: wrapped_qualname, set: None },
    GetSet { name: "__doc__", get: wrapped_doc, set: None },
    GetSet { name: "__module__", get: wrapped_module, set: None },
    GetSet { name: "__annotations__", get: wrapped_annotations, set: None },
    GetSet { name: "__isabstractmethod__", get: super::property::is_abstract, set: None },
];

static STATIC_NEW: Builtin = Builtin::new("staticmethod", "(*args)", static_method, "");
static CLASS_NEW: Builtin = Builtin::new("classmethod", "(*args)", class_method, "");

/// `staticmethod`.
pub const STATICMETHOD: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, function, /)", static_new, ""),
        Builtin::new("__init__", "(self, function, /)", wrapper_init, ""),
        Builtin::new("__get__", "(self, instance, owner=None, /)", wrapper_get, ""),
        Builtin::new("__call__", "(self, /, *args, **kwargs)", static_call, ""),
        Builtin::new("__repr__", "(self, /)", wrapper_repr, ""),
    ],
    getsets: WRAPPER_GETSETS,
    construct: Some(&STATIC_NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "staticmethod(function) -> method",
};

/// `classmethod`.
pub const CLASSMETHOD: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, function, /)", class_method_new, ""),
        Builtin::new("__init__", "(self, function, /)", wrapper_init, ""),
        Builtin::new("__get__", "(self, instance, owner=None, /)", wrapper_get, ""),
        Builtin::new("__repr__", "(self, /)", wrapper_repr, ""),
    ],
    getsets: WRAPPER_GETSETS,
    construct: Some(&CLASS_NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "classmethod(function) -> method",
};

// ---- super --------------------------------------------------------------------------------------------------

fn super_new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if a[0].is_unbound() {
        return Err(vm.runtime_error("super(): no arguments"));
    }
    let Some(class) = a[0].to_class() else {
        let text = format!("super() argument 1 must be a type, not {}", vm.class_name(&a[0]));
        return Err(vm.type_error(&text));
    };
    match a[1].some().cloned() {
        Some(obj) => vm.make_super(&class, &obj),
        None => Ok(Obj::new(Kind::Super { start: class.clone(), class, obj: Value::None }).into()),
    }
}

fn super_parts(v: &Value) -> Option<(&ClassRef, &Value, &ClassRef)> {
    match v.kind() {
        Some(Kind::Super { class, obj, start }) => Some((class, obj, start)),
        _ => None,
    }
}

fn super_repr(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some((class, obj, start)) = super_parts(&a[0]) else { return Ok(Value::None) };
    let object = if obj.is_none() { "NULL".to_owned() } else { format!("<{} object>", start.name()) };
    Ok(format!("<super: <class '{}'>, {object}>", class.name()).into())
}

fn super_get(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match super_parts(&a[0]) {
        Some((class, obj, _)) if obj.is_none() && !a[1].is_none() => {
            let class = class.clone();
            vm.make_super(&class, &a[1])
        }
        _ => Ok(a[0].clone()),
    }
}

fn this_class(_: &mut Vm, v: &Value) -> R {
    Ok(super_parts(v).map_or(Value::None, |p| p.0.into()))
}

fn super_self(_: &mut Vm, v: &Value) -> R {
    Ok(super_parts(v).map_or(Value::None, |p| p.1.clone()))
}

fn super_self_class(_: &mut Vm, v: &Value) -> R {
    Ok(super_parts(v).map_or(Value::None, |p| if p.1.is_none() { Value::None } else { p.2.into() }))
}

static SUPER_NEW: Builtin = Builtin::new("super()", "(type=None, object=None, /)", super_new, "");

/// `super`.
pub const SUPER: TypeDef = TypeDef {
    methods: &[Builtin::new("__repr__", "(self, /)", super_repr, ""), Builtin::new("__get__", "(self, instance, owner=None, /)", super_get, "")],
    getsets: &[
        GetSet { name: "__thisclass__", get: this_class, set: None },
        GetSet { name: "__self__", get: super_self, set: None },
        GetSet { name: "__self_class__", get: super_self_class, set: None },
    ],
    construct: Some(&SUPER_NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "super() -> same as super(__class__, <first argument>)",
};

// ---- descriptors of slots and of built-in attributes --------------------------------------------------------

fn descriptor_parts(v: &Value) -> Option<(&ClassRef, Ref)> {
    match v.kind() {
        Some(Kind::Member { class, name, .. }) => Some((class, name.clone())),
        Some(Kind::GetSet { def, class }) => Some((class, Obj::str(def.name))),
        _ => None,
    }
}

fn check_receiver(vm: &mut Vm, a: &[Value]) -> R<()> {
    let Some((class, name)) = descriptor_parts(&a[0]) else { return Ok(()) };
    if vm.is_instance(&a[1], class) {
        return Ok(());
    }
    let text = format!("descriptor '{}' for '{}' objects doesn't apply to a '{}' object", name.text(), class.name(), vm.class_name(&a[1]));
    Err(vm.type_error(&text))
}

fn descriptor_get(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if a[1].is_none() {
        return Ok(a[0].clone());
    }
    check_receiver(vm, a)?;
    let class = vm.class_of(&a[1]).clone();
    vm.bind_descriptor(&a[0].clone(), &a[1], &class)
}

fn descriptor_change(vm: &mut Vm, a: &mut [Value], value: Value) -> R {
    check_receiver(vm, a)?;
    match a[0].kind() {
        Some(Kind::Member { name, .. }) => vm.set_member(&a[1], &name.clone(), &value)?,
        Some(Kind::GetSet { def, class }) => {
            if let Some(set) = def.set {
                set(vm, &a[1], value)?;
            } else {
                let text = format!("attribute '{}' of '{}' objects is not writable", def.name, vm.type_name(class));
                return Err(vm.attribute_error_text(&text));
            }
        }
        _ => {}
    }
    Ok(Value::None)
}

fn descriptor_set(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let value = a[2].take();
    descriptor_change(vm, a, value)
}

fn descriptor_delete(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    descriptor_change(vm, a, Value::Unbound)
}

fn descriptor_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let _ = vm;
    let Some((class, name)) = descriptor_parts(&a[0]) else { return Ok(Value::None) };
    let what = if matches!(a[0].kind(), Some(Kind::Member { .. })) { "member" } else { "attribute" };
    Ok(format!("<{what} '{}' of '{}' objects>", name.text(), class.name()).into())
}

fn descriptor_name(_: &mut Vm, v: &Value) -> R {
    Ok(descriptor_parts(v).map_or(Value::None, |(_, n)| n.into()))
}

fn descriptor_qualname(_: &mut Vm, v: &Value) -> R {
    Ok(descriptor_parts(v).map_or(Value::None, |(c, n)| format!("{}.{}", c.qualname(), n.text()).into()))
}

fn descriptor_class(_: &mut Vm, v: &Value) -> R {
    Ok(descriptor_parts(v).map_or(Value::None, |(c, _)| c.into()))
}

const DESCRIPTOR: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__get__", "(self, instance, owner=None, /)", descriptor_get, ""),
        Builtin::new("__set__", "(self, instance, value, /)", descriptor_set, ""),
        Builtin::new("__delete__", "(self, instance, /)", descriptor_delete, ""),
        Builtin::new("__repr__", "(self, /)", descriptor_repr, ""),
    ],
    getsets: &[
        GetSet { name: "__name__", get: descriptor_name, set: None },
        GetSet { name: "__qualname__", get: descriptor_qualname, set: None },
        GetSet { name: "__objclass__", get: descriptor_class, set: None },
    ],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "",
};

/// Descriptors of `__slots__`.
pub const MEMBER: TypeDef = DESCRIPTOR;
/// Descriptors of built-in attributes.
pub const GETSET: TypeDef = DESCRIPTOR;

/// Binds a function as its `__get__` does.
pub fn bind_function(func: &Value, instance: &Value) -> Value {
    if instance.is_none() { func.clone() } else { bind_method(func, instance) }
}
