//! Calls that look at the frame they stand in: `super()` without arguments, and `locals`, `eval` and the like, which the VM
//! tells about their caller's names. What those functions do is their own business.

use super::Ex;
use super::cx::{Cx, located};
use super::name::load_cell;
use crate::resolve::{Place, ScopeKind};
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr};
use crate::value::dict::Dict;
use crate::value::{ClassRef, Obj, Ref, Value};
use crate::vm::Caller;

impl Cx<'_> {
    /// `super()` without arguments: the class comes from the `__class__` cell, the object is the first parameter.
    pub(super) fn zero_super(&mut self, func: &Expr, span: Span) -> Ex {
        let func = self.expr(func);
        let cell = match self.place("__class__") {
            Place::Free(i) => Some(self.scope.free_slot(i)),
            Place::Cell(slot) => Some(slot),
            _ => None,
        };
        let first_is_cell = self.scope.is_cell.first().copied().unwrap_or(false);
        let has_first = !self.scope.locals.is_empty();
        Box::new(move |vm, fr| {
            let f = func(vm, fr)?;
            let is_super = matches!(f.as_class(), Some(c) if std::ptr::eq(c, &raw const *vm.types.super_));
            if !is_super {
                let r = vm.call(&f, &[]);
                return located(vm, span, r);
            }
            let r = match super_parts(fr, has_first, cell, first_is_cell) {
                Ok((class, obj)) => vm.make_super(&class, &obj),
                Err(why) => Err(vm.runtime_error(why)),
            };
            located(vm, span, r)
        })
    }

    /// The names that `locals()` shows, in CPython's order, with their slots and whether those hold cells.
    fn names_for_locals(&mut self) -> Vec<(Ref, usize, bool)> {
        let scope = self.scope.clone();
        let mut plain: Vec<(Ref, usize, bool)> = Vec::new();
        let mut cells: Vec<(Ref, usize, bool)> = Vec::new();
        for (i, name) in scope.locals.iter().enumerate() {
            let is_cell = scope.is_cell[i];
            let list = if is_cell { &mut cells } else { &mut plain };
            list.push((self.vm.intern(name), i, is_cell));
        }
        for (i, name) in scope.free.iter().enumerate() {
            cells.push((self.vm.intern(name), scope.free_slot(i), true));
        }
        plain.extend(cells);
        plain
    }

    /// A call of `locals`, `eval` and the like: the VM is told about this frame first.
    pub(super) fn frame_aware_call(&mut self, func: &Expr, args: &[Arg], span: Span) -> Ex {
        let call = if self.threaded { self.threaded_call(func, args, span) } else { self.plain_call(func, args, span) };
        let globals = self.unit.globals.clone();
        let has_namespace = self.scope.locals.first().is_some_and(|n| &**n == ".namespace");
        let is_module = self.scope.kind == ScopeKind::Module && !has_namespace;
        let names = self.names_for_locals();
        let kept = if is_module || has_namespace { None } else { Some(self.locals_slot()) };
        Box::new(move |vm, fr| {
            let locals = match kept {
                Some(kept) => show_locals(fr, kept, &names),
                None => match &fr[0] {
                    Value::Obj(o) if has_namespace => o.clone(),
                    _ => globals.clone(),
                },
            };
            let previous = vm.caller.replace(Caller { globals: globals.clone(), locals });
            let result = call(vm, fr);
            vm.caller = previous;
            result
        })
    }
}

/// Natives that look at the frame that calls them.
pub(super) const FRAME_AWARE: &[&str] = &["locals", "globals", "vars", "dir", "eval", "exec", "__import__"];

/// The class and the object of a `super()` without arguments, or why there is none.
fn super_parts(fr: &[Value], has_first: bool, cell: Option<usize>, first_is_cell: bool) -> Result<(ClassRef, Value), &'static str> {
    if !has_first {
        return Err("super(): no arguments");
    }
    let class = load_cell(fr, cell.ok_or("super(): __class__ cell not found")?);
    if class.is_unbound() {
        return Err("super(): empty __class__ cell");
    }
    let obj = if first_is_cell { load_cell(fr, 0) } else { fr[0].clone() };
    if obj.is_unbound() {
        return Err("super(): arg[0] deleted");
    }
    Ok((class.to_class().ok_or("super(): __class__ is not a type")?, obj))
}

/// Brings the dict that `locals()` gives up to date; a frame has one, kept in a slot of its own.
fn show_locals(fr: &mut [Value], kept: usize, names: &[(Ref, usize, bool)]) -> Ref {
    let shown = match &fr[kept] {
        Value::Obj(o) => o.clone(),
        _ => Obj::dict(Dict::new()),
    };
    if let Some(dict) = shown.as_dict() {
        for (name, slot, is_cell) in names {
            let v = if *is_cell { load_cell(fr, *slot) } else { fr[*slot].clone() };
            let mut dict = dict.borrow_mut();
            let old = if v.is_unbound() { dict.remove_name(name) } else { dict.set_name(name, v) };
            std::mem::drop(dict);
            drop(old);
        }
    }
    fr[kept] = Value::Obj(shown.clone());
    shown
}
