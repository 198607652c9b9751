//! Script functions as scripts see them: their attributes, how they are bound and called, and how one is made of a code
//! object. How a call runs is `vm::call`'s business.

use std::rc::Rc;

use super::cell::cell_of;
use super::object::{address, keyword_pairs, kwargs_of};
use crate::value::class::{Solid, flag};
use crate::value::dict::Dict;
use crate::value::func::{Builtin, Code, EXCHANGED, Func, FuncExtra, GetSet};
use crate::value::{Kind, Obj, R, Ref, Thrown, Value};
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
pub(super) fn call(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let pairs = keyword_pairs(kwargs_of(a, n, 1));
    let args = a.get(1..n).unwrap_or_default().to_vec();
    let callee = a[0].take();
    vm.call_with(&callee, &args, &pairs)
}

fn get(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(super::descriptor::bind_function(&a[0], &a[1]))
}

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
    if new.is_unbound() {
        return Err(vm.type_error("cannot delete __dict__"));
    }
    vm.set_dict(v, new)
}

fn function_code(_: &mut Vm, v: &Value) -> R {
    let Some(f) = func_of(v) else { return Ok(Value::None) };
    let code = f.code_now();
    let mut extra = f.extra.borrow_mut();
    Ok(extra.get_or_insert_default().code_value.get_or_insert_with(|| Obj::new(Kind::Code(code))).clone().into())
}

fn set_function_code(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let (Some(f), Some(Kind::Code(code))) = (func_of(v), new.kind()) else { return Err(vm.type_error("__code__ must be set to a code object")) };
    if code.free.len() != f.closure.len() {
        let text = format!("{}() requires a code object with {} free vars, not {}", vm.text_of(&f.name()), f.closure.len(), code.free.len());
        return Err(vm.value_error(&text));
    }
    if !Rc::ptr_eq(&code.globals, &f.code.globals) {
        return Err(vm.not_implemented_error("corun does not give a function the code of another module"));
    }
    let (code, value) = (code.clone(), new.obj().cloned());
    with_extra(v, |e| {
        e.code = Some(code);
        e.code_value = value;
    });
    f.direct.set(EXCHANGED);
    Ok(())
}

/// `type(f)(code, globals)`: a function of the module that the code belongs to.
fn function_new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(Kind::Code(code)) = a[0].kind() else { return Err(wrong_argument(vm, "code", "code", &a[0])) };
    let globals = match a[1].native() {
        Value::Obj(o) if o.as_dict().is_some() => o.clone(),
        _ => return Err(wrong_argument(vm, "globals", "dict", &a[1])),
    };
    if a[2].some().is_some_and(|n| n.as_str().is_none()) {
        return Err(vm.type_error("arg 3 (name) must be None or string"));
    }
    if a[3].some().is_some_and(|d| d.as_tuple().is_none()) {
        return Err(vm.type_error("arg 4 (defaults) must be None or tuple"));
    }
    let closure = closure_cells(vm, code, &a[4])?;
    if !Rc::ptr_eq(&code.globals, &globals) {
        return Err(vm.not_implemented_error("corun makes functions from code only with the globals that it was compiled for"));
    }
    let defaults = a[3].as_tuple().unwrap_or_default().to_vec();
    let kwdefaults = vec![Value::Unbound; code.params.keyword_only];
    let made: Value = Obj::tracked(Kind::Func(Box::new(Func::new(code.clone(), defaults, kwdefaults, closure, Value::Unbound)))).into();
    if let Some(name) = a[2].some() {
        with_extra(&made, |e| e.name = Some(name.clone()));
    }
    Ok(made)
}

/// The cells for a code's free variables, from the tuple that a script gave.
fn closure_cells(vm: &mut Vm, code: &Code, given: &Value) -> R<Box<[Ref]>> {
    let cells = match given.some() {
        None if code.free.is_empty() => Vec::new(),
        None => return Err(vm.type_error("arg 5 (closure) must be tuple")),
        Some(t) => match t.as_tuple() {
            Some(cells) => cells.to_vec(),
            None => return Err(vm.type_error("arg 5 (closure) must be None or tuple")),
        },
    };
    if cells.len() != code.free.len() {
        let text = format!("{} requires closure of length {}, not {}", code.name.text(), code.free.len(), cells.len());
        return Err(vm.value_error(&text));
    }
    let as_cell = |cell: &Value| match (cell_of(cell), cell.obj()) {
        (Some(_), Some(o)) => Ok(o.clone()),
        _ => {
            let text = format!("arg 5 (closure) expected cell, found {}", vm.class_name(cell));
            Err(vm.type_error(&text))
        }
    };
    cells.iter().map(as_cell).collect()
}

fn wrong_argument(vm: &mut Vm, name: &str, needs: &str, v: &Value) -> Thrown {
    let text = format!("function() argument '{name}' must be {needs}, not {}", vm.class_name_or_none(v));
    vm.type_error(&text)
}

static FUNCTION_NEW: Builtin = Builtin::new("function", "(code, globals, name=None, argdefs=None, closure=None)", function_new, "");

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
    construct: Some(&FUNCTION_NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "",
};
