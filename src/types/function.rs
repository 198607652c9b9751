//! Functions, built-in functions, bound methods, cells and code objects.

use std::cell::RefCell;
use std::rc::Rc;

use super::object::{address, class_label, identity_hash, keyword_pairs, kwargs_of};
use crate::value::class::{Solid, flag};
use crate::value::dict::Dict;
use crate::value::func::{Builtin, Code, CodeKind, Func, FuncExtra, GetSet, NativeFn};
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::attr::dict_of;
use crate::vm::types::TypeDef;

fn func_of(v: &Value) -> Option<&Func> {
    match v.kind() {
        Some(Kind::Func(f)) => Some(f),
        _ => None,
    }
}

/// Calls `a[0]`'s function with the other arguments: `__call__` of callables.
fn call(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let pairs = keyword_pairs(kwargs_of(a, n, 1));
    let args = a.get(1..n).unwrap_or_default().to_vec();
    let callee = a[0].take();
    vm.call_with(&callee, &args, &pairs)
}

fn get(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(super::descriptor::bind_function(&a[0], &a[1]))
}

// ---- script functions ---------------------------------------------------------------------------------------

fn function_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = func_of(&a[0]).map_or(Value::None, Func::qualname);
    Ok(format!("<function {} at {}>", vm.text_of(&name), address(&a[0])).into())
}

fn function_name(_: &mut Vm, v: &Value) -> R {
    Ok(func_of(v).map_or(Value::None, Func::name))
}

fn function_qualname(_: &mut Vm, v: &Value) -> R {
    Ok(func_of(v).map_or(Value::None, Func::qualname))
}

fn function_doc(_: &mut Vm, v: &Value) -> R {
    let Some(f) = func_of(v) else { return Ok(Value::None) };
    let set = f.extra.borrow().as_ref().and_then(|e| e.doc.clone());
    Ok(set.unwrap_or_else(|| f.code.doc.clone()))
}

fn function_module(vm: &mut Vm, v: &Value) -> R {
    let Some(f) = func_of(v) else { return Ok(Value::None) };
    let set = f.extra.borrow().as_ref().and_then(|e| e.module.clone());
    let global = || f.code.globals.as_dict().and_then(|d| d.borrow().get_name(&vm.names.name).cloned());
    Ok(set.or_else(global).unwrap_or(Value::None))
}

fn with_extra(v: &Value, change: impl FnOnce(&mut FuncExtra)) {
    if let Some(f) = func_of(v) {
        change(f.extra.borrow_mut().get_or_insert_default());
    }
}

fn need_text(vm: &mut Vm, new: &Value, name: &str) -> R<()> {
    if new.as_str().is_some() { Ok(()) } else { Err(vm.type_error(&format!("{name} must be set to a string object"))) }
}

fn set_function_name(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    need_text(vm, &new, "__name__")?;
    with_extra(v, |e| e.name = Some(new));
    Ok(())
}

fn set_function_qualname(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    need_text(vm, &new, "__qualname__")?;
    with_extra(v, |e| e.qualname = Some(new));
    Ok(())
}

fn set_function_doc(_: &mut Vm, v: &Value, new: Value) -> R<()> {
    let new = if new.is_unbound() { Value::None } else { new };
    with_extra(v, |e| e.doc = Some(new));
    Ok(())
}

fn set_function_module(_: &mut Vm, v: &Value, new: Value) -> R<()> {
    let new = if new.is_unbound() { Value::None } else { new };
    with_extra(v, |e| e.module = Some(new));
    Ok(())
}

fn defaults(_: &mut Vm, v: &Value) -> R {
    let Some(f) = func_of(v) else { return Ok(Value::None) };
    let d = f.defaults.borrow();
    Ok(if d.is_empty() { Value::None } else { Obj::tuple(d.clone()).into() })
}

fn set_defaults(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let items = match new.some() {
        None => Vec::new(),
        Some(t) => match t.as_tuple() {
            Some(items) => items.to_vec(),
            None => return Err(vm.type_error("__defaults__ must be set to a tuple object")),
        },
    };
    if let Some(f) = func_of(v) {
        drop(f.defaults.replace(items));
    }
    Ok(())
}

fn kwdefaults(_: &mut Vm, v: &Value) -> R {
    let Some(f) = func_of(v) else { return Ok(Value::None) };
    let mut dict = Dict::new();
    for (name, value) in f.code.locals.iter().skip(f.code.params.positional).zip(f.kwdefaults.borrow().iter()) {
        if !value.is_unbound() {
            dict.set_name(name, value.clone());
        }
    }
    Ok(if dict.is_empty() { Value::None } else { Obj::dict(dict).into() })
}

fn set_kwdefaults(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let Some(f) = func_of(v) else { return Ok(()) };
    let p = &f.code.params;
    let mut values = vec![Value::Unbound; p.keyword_only];
    if let Some(given) = new.some() {
        let Some(Kind::Dict(d)) = given.native_kind() else { return Err(vm.type_error("__kwdefaults__ must be set to a dict object")) };
        for (name, slot) in f.code.locals.iter().skip(p.positional).zip(&mut values) {
            *slot = d.borrow().get_name(name).cloned().unwrap_or_default();
        }
    }
    drop(f.kwdefaults.replace(values));
    Ok(())
}

/// The annotations dict; made at the first look.
fn annotations(vm: &mut Vm, v: &Value) -> R {
    let Some(f) = func_of(v) else { return Ok(Value::None) };
    let known = f.annotations.borrow().clone();
    if matches!(known.kind(), Some(Kind::Dict(_))) {
        return Ok(known);
    }
    let dict = if known.some().is_some() { vm.call(&known, &[])? } else { Obj::dict(Dict::new()).into() };
    drop(f.annotations.replace(dict.clone()));
    Ok(dict)
}

fn set_annotations(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    if new.some().is_some() && !matches!(new.native_kind(), Some(Kind::Dict(_))) {
        return Err(vm.type_error("__annotations__ must be set to a dict object"));
    }
    if let Some(f) = func_of(v) {
        let new = if new.is_none() { Value::Unbound } else { new };
        drop(f.annotations.replace(new));
    }
    Ok(())
}

fn function_dict(_: &mut Vm, v: &Value) -> R {
    Ok(dict_of(v).map_or(Value::None, Value::Obj))
}

fn set_function_dict(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    vm.set_dict(v, new)
}

fn function_code(_: &mut Vm, v: &Value) -> R {
    Ok(func_of(v).map_or(Value::None, |f| Obj::new(Kind::Code(f.code.clone())).into()))
}

fn set_function_code(vm: &mut Vm, _: &Value, new: Value) -> R<()> {
    if matches!(new.kind(), Some(Kind::Code(_))) {
        return Err(vm.not_implemented_error("corun does not exchange a function's code"));
    }
    Err(vm.type_error("__code__ must be set to a code object"))
}

fn closure(_: &mut Vm, v: &Value) -> R {
    let cells = func_of(v).map(|f| f.closure.iter().cloned().map(Value::Obj).collect::<Vec<_>>()).unwrap_or_default();
    Ok(if cells.is_empty() { Value::None } else { Obj::tuple(cells).into() })
}

fn globals(_: &mut Vm, v: &Value) -> R {
    Ok(func_of(v).map_or(Value::None, |f| f.code.globals.clone().into()))
}

fn function_builtins(vm: &mut Vm, _: &Value) -> R {
    Ok(vm.builtins.clone().into())
}

/// Script functions.
pub const FUNCTION: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__call__", "(self, /, *args, **kwargs)", call, "Call self as a function."),
        Builtin::new("__get__", "(self, instance, owner=None, /)", get, "Return an attribute of instance, which is of type owner."),
        Builtin::new("__repr__", "(self, /)", function_repr, "Return repr(self)."),
    ],
    getsets: &[
        GetSet { name: "__name__", get: function_name, set: Some(set_function_name) },
        GetSet { name: "__qualname__", get: function_qualname, set: Some(set_function_qualname) },
        GetSet { name: "__doc__", get: function_doc, set: Some(set_function_doc) },
        GetSet { name: "__module__", get: function_module, set: Some(set_function_module) },
        GetSet { name: "__defaults__", get: defaults, set: Some(set_defaults) },
        GetSet { name: "__kwdefaults__", get: kwdefaults, set: Some(set_kwdefaults) },
        GetSet { name: "__annotations__", get: annotations, set: Some(set_annotations) },
        GetSet { name: "__dict__", get: function_dict, set: Some(set_function_dict) },
        GetSet { name: "__code__", get: function_code, set: Some(set_function_code) },
        GetSet { name: "__closure__", get: closure, set: Some(super::rows::read_only) },
        GetSet { name: "__globals__", get: globals, set: Some(super::rows::read_only) },
        GetSet { name: "__builtins__", get: function_builtins, set: Some(super::rows::read_only) },
    ],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "",
};

// ---- built-in functions and their bound methods -----------------------------------------------------------------

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
    let is_special = f.def.name.starts_with("__");
    let text = match (receiver, &f.owner) {
        (Some(r), _) => {
            let class = class_label(vm, &vm.class_of(r).clone());
            let (what, of) = if is_special && f.owner.is_some() { ("method-wrapper", "of") } else { ("built-in method", "of") };
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
    Ok(crate::vm::attr::bind_method(&a[0], &a[1]))
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

// ---- cells --------------------------------------------------------------------------------------------------

fn cell_of(v: &Value) -> Option<&RefCell<Value>> {
    match v.kind() {
        Some(Kind::Cell(c)) => Some(c),
        _ => None,
    }
}

fn cell_new(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::cell(a[0].take()).into())
}

fn cell_get(vm: &mut Vm, v: &Value) -> R {
    match cell_of(v).map(|c| c.borrow().clone()) {
        Some(v) if !v.is_unbound() => Ok(v),
        _ => Err(vm.value_error("Cell is empty")),
    }
}

fn cell_set(_: &mut Vm, v: &Value, new: Value) -> R<()> {
    if let Some(c) = cell_of(v) {
        drop(c.replace(new));
    }
    Ok(())
}

fn cell_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let inner = cell_of(&a[0]).map(|c| c.borrow().clone()).unwrap_or_default();
    let shown = if inner.is_unbound() { "empty".to_owned() } else { format!("{} object at {}", vm.class_name(&inner), address(&inner)) };
    Ok(format!("<cell at {}: {shown}>", address(&a[0])).into())
}

static CELL_NEW: Builtin = Builtin::new("cell", "(contents=None, /)", cell_new, "");

/// Closure cells.
pub const CELL: TypeDef = TypeDef {
    methods: &[Builtin::new("__repr__", "(self, /)", cell_repr, "Return repr(self).")],
    getsets: &[GetSet { name: "cell_contents", get: cell_get, set: Some(cell_set) }],
    construct: Some(&CELL_NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "",
};

// ---- code ---------------------------------------------------------------------------------------------------

fn code_of(v: &Value) -> Option<&Rc<Code>> {
    match v.kind() {
        Some(Kind::Code(c)) => Some(c),
        _ => None,
    }
}

fn code_int(v: &Value, of: impl FnOnce(&Code) -> usize) -> R {
    Ok(code_of(v).map_or(Value::None, |c| of(c).into()))
}

fn names_tuple<'a>(names: impl Iterator<Item = &'a crate::value::Ref>) -> Value {
    Obj::tuple(names.cloned().map(Value::Obj).collect::<Vec<_>>()).into()
}

fn co_name(_: &mut Vm, v: &Value) -> R {
    Ok(code_of(v).map_or(Value::None, |c| c.name.clone().into()))
}

fn co_qualname(_: &mut Vm, v: &Value) -> R {
    Ok(code_of(v).map_or(Value::None, |c| c.qualname.clone().into()))
}

fn co_argcount(_: &mut Vm, v: &Value) -> R {
    code_int(v, |c| c.params.positional)
}

fn co_posonlyargcount(_: &mut Vm, v: &Value) -> R {
    code_int(v, |c| c.params.positional_only)
}

fn co_kwonlyargcount(_: &mut Vm, v: &Value) -> R {
    code_int(v, |c| c.params.keyword_only)
}

fn co_nlocals(_: &mut Vm, v: &Value) -> R {
    code_int(v, |c| c.locals.len())
}

fn co_firstlineno(_: &mut Vm, v: &Value) -> R {
    code_int(v, |c| if c.name.text() == "<module>" { 1 } else { c.source.line(c.span.start) })
}

fn co_varnames(_: &mut Vm, v: &Value) -> R {
    Ok(code_of(v).map_or(Value::None, |c| names_tuple(c.locals.iter())))
}

fn co_freevars(_: &mut Vm, v: &Value) -> R {
    Ok(code_of(v).map_or(Value::None, |c| names_tuple(c.free.iter())))
}

fn co_cellvars(_: &mut Vm, v: &Value) -> R {
    Ok(code_of(v).map_or(Value::None, |c| names_tuple(c.locals.iter().zip(c.cells.iter()).filter(|(_, is_cell)| **is_cell).map(|(n, _)| n))))
}

fn co_filename(_: &mut Vm, v: &Value) -> R {
    Ok(code_of(v).map_or(Value::None, |c| (*c.source.name).into()))
}

fn co_flags(_: &mut Vm, v: &Value) -> R {
    code_int(v, |c| {
        let kind = match c.kind {
            CodeKind::Function => 0,
            CodeKind::Generator => 0x20,
            CodeKind::Coroutine => 0x80,
            CodeKind::AsyncGenerator => 0x200,
        };
        3 | kind | if c.params.varargs { 4 } else { 0 } | if c.params.kwargs { 8 } else { 0 }
    })
}

fn code_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let line = co_firstlineno(vm, &a[0])?;
    let line = if let Value::Int(i) = line { i } else { 1 };
    Ok(code_of(&a[0]).map_or(Value::None, |c| format!("<code object {} at {}, file \"{}\", line {line}>", c.name.text(), address(&a[0]), c.source.name).into()))
}

fn code_eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match (code_of(&a[0]), code_of(&a[1])) {
        (Some(x), Some(y)) => Ok(Rc::ptr_eq(x, y).into()),
        _ => Ok(vm.not_implemented.clone()),
    }
}

fn code_hash(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    code_int(&a[0], |c| c.span.start as usize + 1)
}

/// Code objects.
pub const CODE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__repr__", "(self, /)", code_repr, "Return repr(self)."),
        Builtin::new("__eq__", "(self, value, /)", code_eq, "Return self==value."),
        Builtin::new("__hash__", "(self, /)", code_hash, "Return hash(self)."),
    ],
    getsets: &[
        GetSet { name: "co_name", get: co_name, set: Some(super::rows::read_only) },
        GetSet { name: "co_qualname", get: co_qualname, set: Some(super::rows::read_only) },
        GetSet { name: "co_argcount", get: co_argcount, set: Some(super::rows::read_only) },
        GetSet { name: "co_posonlyargcount", get: co_posonlyargcount, set: Some(super::rows::read_only) },
        GetSet { name: "co_kwonlyargcount", get: co_kwonlyargcount, set: Some(super::rows::read_only) },
        GetSet { name: "co_nlocals", get: co_nlocals, set: Some(super::rows::read_only) },
        GetSet { name: "co_varnames", get: co_varnames, set: Some(super::rows::read_only) },
        GetSet { name: "co_freevars", get: co_freevars, set: Some(super::rows::read_only) },
        GetSet { name: "co_cellvars", get: co_cellvars, set: Some(super::rows::read_only) },
        GetSet { name: "co_filename", get: co_filename, set: Some(super::rows::read_only) },
        GetSet { name: "co_firstlineno", get: co_firstlineno, set: Some(super::rows::read_only) },
        GetSet { name: "co_flags", get: co_flags, set: Some(super::rows::read_only) },
    ],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "",
};
