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

/// What a code object says of itself.
fn said<T: Into<Value>>(v: &Value, of: impl FnOnce(&Code) -> T) -> R {
    Ok(code_of(v).map_or(Value::None, |c| of(c).into()))
}

/// A row for what scripts may only read.
const fn row(name: &'static str, get: fn(&mut Vm, &Value) -> R) -> GetSet {
    GetSet { name, get, set: Some(super::rows::read_only) }
}

fn names_tuple<'a>(names: impl Iterator<Item = &'a Ref>) -> Value {
    Obj::tuple(names.cloned().map(Value::Obj).collect::<Vec<_>>()).into()
}

/// The names of a function's own variables: parameters, and locals that are no cells.
fn variables(c: &Code) -> impl Iterator<Item = &Ref> {
    let p = &c.params;
    let count = p.positional + p.keyword_only + usize::from(p.varargs) + usize::from(p.kwargs);
    c.locals.iter().zip(c.cells.iter()).enumerate().filter(move |(i, (_, is_cell))| *i < count || !**is_cell).map(|(_, (name, _))| name)
}

fn co_firstlineno(_: &mut Vm, v: &Value) -> R {
    said(v, |c| if c.name.text() == "<module>" { 1 } else { c.source.line(c.span.start) })
}

fn co_cellvars(_: &mut Vm, v: &Value) -> R {
    said(v, |c| names_tuple(c.locals.iter().zip(c.cells.iter()).filter(|(_, is_cell)| **is_cell).map(|(n, _)| n)))
}

fn co_flags(_: &mut Vm, v: &Value) -> R {
    said(v, |c| {
        let kind: usize = match c.kind {
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
    said(&a[0], |c| c.span.start as usize + 1)
}

/// Code objects.
pub const CODE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__repr__", "(self, /)", code_repr, "Return repr(self)."),
        Builtin::new("__eq__", "(self, value, /)", code_eq, "Return self==value."),
        Builtin::new("__hash__", "(self, /)", code_hash, "Return hash(self)."),
    ],
    getsets: &[
        row("co_name", |_, v| said(v, |c| c.name.clone())),
        row("co_qualname", |_, v| said(v, |c| c.qualname.clone())),
        row("co_argcount", |_, v| said(v, |c| c.params.positional)),
        row("co_posonlyargcount", |_, v| said(v, |c| c.params.positional_only)),
        row("co_kwonlyargcount", |_, v| said(v, |c| c.params.keyword_only)),
        row("co_nlocals", |_, v| said(v, |c| variables(c).count())),
        row("co_varnames", |_, v| said(v, |c| names_tuple(variables(c)))),
        row("co_freevars", |_, v| said(v, |c| names_tuple(c.free.iter()))),
        row("co_cellvars", co_cellvars),
        row("co_filename", |_, v| said(v, |c| Value::from(&*c.source.name))),
        row("co_firstlineno", co_firstlineno),
        row("co_flags", co_flags),
    ],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "",
};
