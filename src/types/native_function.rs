//! Built-in functions and bound methods as scripts see them: names, texts, reprs, equality. A value of either kind comes
//! in; what the attribute or special method gives goes out. How a call binds arguments is `vm::call`'s business.

use super::function::call;
use super::object::{address, class_label, identity_hash};
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet, NativeFn};
use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// The built-in behind a function or a bound method of one, with its receiver.
fn native_of(v: &Value) -> Option<(&NativeFn, Option<&Value>)> {
    match v.kind()? {
        Kind::NativeFn(f) => Some((f, None)),
        Kind::Method(m) => match m.func.kind()? {
            Kind::NativeFn(f) => Some((f, Some(&m.receiver))),
            _ => None,
        },
        _ => None,
    }
}

fn native_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some((f, receiver)) = native_of(&a[0]) else { return Ok(Value::None) };
    let is_special = f.is_slot();
    let text = match (receiver, &f.owner) {
        (Some(r), _) => {
            let class = class_label(vm, &vm.class_of(r).clone());
            let (what, of) = if is_special { ("method-wrapper", "of") } else { ("built-in method", "of") };
            match r.as_class() {
                Some(_) => format!("<{what} {} {of} type object at {}>", f.def.name, address(r)),
                None if what == "method-wrapper" => format!("<{what} '{}' {of} {class} object at {}>", f.def.name, address(r)),
                None => format!("<{what} {} {of} {class} object at {}>", f.def.name, address(r)),
            }
        }
        (None, Some(owner)) if is_special => format!("<slot wrapper '{}' of '{}' objects>", f.def.name, owner.name()),
        (None, Some(owner)) => format!("<method '{}' of '{}' objects>", f.def.name, owner.name()),
        (None, None) => format!("<built-in function {}>", f.def.name),
    };
    Ok(text.into())
}

fn native_name(_: &mut Vm, v: &Value) -> R {
    Ok(native_of(v).map_or(Value::None, |(f, _)| f.def.name.into()))
}

fn native_qualname(vm: &mut Vm, v: &Value) -> R {
    Ok(if let Some((f, receiver)) = native_of(v) {
        match (&f.owner, receiver.and_then(Value::as_class)) {
            (Some(owner), _) => format!("{}.{}", owner.qualname(), f.def.name).into(),
            (None, Some(class)) => format!("{}.{}", class.qualname(), f.def.name).into(),
            _ => f.def.name.into(),
        }
    } else {
        let _ = vm;
        Value::None
    })
}

fn native_doc(_: &mut Vm, v: &Value) -> R {
    Ok(native_of(v).map_or(Value::None, |(f, _)| if f.def.doc.is_empty() { Value::None } else { f.def.doc.into() }))
}

fn native_signature(_: &mut Vm, v: &Value) -> R {
    Ok(native_of(v).map_or(Value::None, |(f, _)| f.def.signature.replacen("(self", "($self", 1).into()))
}

fn native_module(_: &mut Vm, v: &Value) -> R {
    Ok(match native_of(v) {
        Some((f, _)) if f.owner.is_some() => Value::None,
        Some((f, None)) => if f.module.is_empty() { "builtins" } else { f.module }.into(),
        _ => Value::None,
    })
}

fn native_self(vm: &mut Vm, v: &Value) -> R {
    match native_of(v) {
        Some((_, Some(receiver))) => Ok(receiver.clone()),
        Some((f, None)) if f.owner.is_none() => {
            let module = vm.intern(if f.module.is_empty() { "builtins" } else { f.module });
            Ok(vm.modules.as_dict().and_then(|d| d.borrow().get_name(&module).cloned()).unwrap_or(Value::None))
        }
        _ => {
            let name = vm.names.self_.clone();
            Err(vm.no_attribute(v, &name))
        }
    }
}

fn native_class(vm: &mut Vm, v: &Value) -> R {
    if let Some(owner) = native_of(v).and_then(|(f, _)| f.owner.clone()) {
        Ok(owner.into())
    } else {
        let name = vm.intern("__objclass__");
        Err(vm.no_attribute(v, &name))
    }
}

fn native_get(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let binds = matches!(native_of(&a[0]), Some((f, None)) if f.owner.is_some());
    Ok(if binds { super::descriptor::bind_function(&a[0], &a[1]) } else { a[0].clone() })
}

// ---- both kinds of methods ----------------------------------------------------------------------------------

fn method_eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match (a[0].kind(), a[1].kind()) {
        (Some(Kind::Method(x)), Some(Kind::Method(y))) => {
            let same = x.receiver.is(&y.receiver) && (x.func.is(&y.func) || vm.eq(&x.func, &y.func)?);
            Ok(same.into())
        }
        _ if a[0].is(&a[1]) => Ok(Value::True),
        _ => Ok(vm.not_implemented.clone()),
    }
}

fn method_hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(Kind::Method(m)) = a[0].kind() else { return Ok(identity_hash(&a[0]).into()) };
    let hash = identity_hash(&m.receiver) ^ vm.hash(&m.func)?;
    Ok(if hash == -1 { -2 } else { hash }.into())
}

const NATIVE_GETSETS: &[GetSet] = &[
    GetSet { name: "__name__", get: native_name, set: None },
    GetSet { name: "__qualname__", get: native_qualname, set: None },
    GetSet { name: "__doc__", get: native_doc, set: None },
    GetSet { name: "__module__", get: native_module, set: None },
    GetSet { name: "__self__", get: native_self, set: None },
    GetSet { name: "__objclass__", get: native_class, set: None },
    GetSet { name: "__text_signature__", get: native_signature, set: None },
];

/// Built-in functions and the methods of built-in types, bound or not.
pub const NATIVE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__call__", "(self, /, *args, **kwargs)", call, "Call self as a function."),
        Builtin::new("__get__", "(self, instance, owner=None, /)", native_get, "Return an attribute of instance, which is of type owner."),
        Builtin::new("__repr__", "(self, /)", native_repr, "Return repr(self)."),
        Builtin::new("__eq__", "(self, value, /)", method_eq, "Return self==value."),
        Builtin::new("__hash__", "(self, /)", method_hash, "Return hash(self)."),
    ],
    getsets: NATIVE_GETSETS,
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "",
};

/// Bound special methods of built-in types.
pub const WRAPPER: TypeDef = NATIVE;

// ---- bound methods ------------------------------------------------------------------------------------------

fn method_repr(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let Some(Kind::Method(m)) = a[0].kind() else { return native_repr(vm, a, n) };
    let (func, receiver) = (m.func.clone(), m.receiver.clone());
    let names = vm.names.clone();
    let mut name = vm.get_attr_opt(&func, &names.qualname)?;
    if name.is_none() {
        name = vm.get_attr_opt(&func, &names.name)?;
    }
    let name = name.map_or_else(|| "?".to_owned(), |v| vm.text_of(&v));
    Ok(format!("<bound method {name} of {}>", vm.repr(&receiver)?).into())
}

fn method_func(_: &mut Vm, v: &Value) -> R {
    Ok(match v.kind() {
        Some(Kind::Method(m)) => m.func.clone(),
        _ => Value::None,
    })
}

fn method_self(_: &mut Vm, v: &Value) -> R {
    Ok(match v.kind() {
        Some(Kind::Method(m)) => m.receiver.clone(),
        _ => Value::None,
    })
}

fn method_doc(vm: &mut Vm, v: &Value) -> R {
    let name = vm.names.doc.clone();
    let func = method_func(vm, v)?;
    vm.get_attr(&func, &name)
}

fn method_new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let is_known = matches!(a[0].kind(), Some(Kind::Func(_) | Kind::NativeFn(_) | Kind::Method(_) | Kind::Class(_)));
    if !is_known && vm.class_of(&a[0]).lookup(&vm.names.call).is_none() {
        return Err(vm.type_error("first argument must be callable"));
    }
    if a[1].is_none() {
        return Err(vm.type_error("self must not be None"));
    }
    Ok(crate::vm::bind::bind_method(&a[0], &a[1]))
}

fn method_get(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(a[0].clone())
}

static METHOD_NEW: Builtin = Builtin::new("method", "(function, instance, /)", method_new, "");

/// Bound methods of script functions.
pub const METHOD: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__call__", "(self, /, *args, **kwargs)", call, "Call self as a function."),
        Builtin::new("__get__", "(self, instance, owner=None, /)", method_get, "Return an attribute of instance, which is of type owner."),
        Builtin::new("__repr__", "(self, /)", method_repr, "Return repr(self)."),
        Builtin::new("__eq__", "(self, value, /)", method_eq, "Return self==value."),
        Builtin::new("__hash__", "(self, /)", method_hash, "Return hash(self)."),
    ],
    getsets: &[
        GetSet { name: "__func__", get: method_func, set: None },
        GetSet { name: "__self__", get: method_self, set: None },
        GetSet { name: "__doc__", get: method_doc, set: None },
    ],
    construct: Some(&METHOD_NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "",
};
