//! Code objects: what a function's text means, as far as scripts may look at it.

use std::rc::Rc;

use super::object::address;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, Code, CodeKind, GetSet};
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

fn code_of(v: &Value) -> Option<&Rc<Code>> {
    match v.kind() {
        Some(Kind::Code(c)) => Some(c),
        _ => None,
    }
}

fn code_int(v: &Value, of: impl FnOnce(&Code) -> usize) -> R {
    Ok(code_of(v).map_or(Value::None, |c| of(c).into()))
}

fn names_tuple<'a>(names: impl Iterator<Item = &'a Ref>) -> Value {
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
    code_int(v, |c| variables(c).count())
}

/// The names of a function's own variables: parameters, and locals that are no cells.
fn variables(c: &Code) -> impl Iterator<Item = &Ref> {
    let p = &c.params;
    let count = p.positional + p.keyword_only + usize::from(p.varargs) + usize::from(p.kwargs);
    c.locals.iter().zip(c.cells.iter()).enumerate().filter(move |(i, (_, is_cell))| *i < count || !**is_cell).map(|(_, (name, _))| name)
}

fn co_firstlineno(_: &mut Vm, v: &Value) -> R {
    code_int(v, |c| if c.name.text() == "<module>" { 1 } else { c.source.line(c.span.start) })
}

fn co_varnames(_: &mut Vm, v: &Value) -> R {
    Ok(code_of(v).map_or(Value::None, |c| names_tuple(variables(c))))
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
