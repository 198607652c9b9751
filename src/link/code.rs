//! Code objects: a scope, its parameters and a way to link its body come in; a `Code` that links itself when it is first
//! called goes out, for the main thread and, as its twin, for threads. It does not know what stands in a body.

use std::cell::OnceCell;
use std::rc::{Rc, Weak};

use super::Ex;
use super::cx::{Cx, Unit};
use crate::resolve::Scope;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Stmt, StmtKind};
use crate::value::func::{Body, Code, CodeKind, Linker, Params};
use crate::value::{Obj, Ref, Value};
use crate::vm::Vm;

/// What a code object is made from.
pub struct CodeSpec {
    pub name: Ref,
    pub scope: Rc<Scope>,
    pub kind: CodeKind,
    pub params: Params,
    pub span: Span,
    pub doc: Value,
}

/// How a function's body is linked: called again when the frame's size is known.
pub type BodyLink = Box<dyn Fn(&mut Cx) -> Ex>;

/// Makes a code object that is linked when first called.
pub fn new_code(vm: &mut Vm, unit: &Rc<Unit>, spec: CodeSpec, link: BodyLink) -> Rc<Code> {
    make_code(vm, unit, spec, Some(link), false)
}

fn make_code(vm: &mut Vm, unit: &Rc<Unit>, spec: CodeSpec, link: Option<BodyLink>, is_threaded: bool) -> Rc<Code> {
    let locals: Box<[Ref]> = spec.scope.locals.iter().map(|n| vm.intern(n)).collect();
    let free: Box<[Ref]> = spec.scope.free.iter().map(|n| vm.intern(n)).collect();
    let qualname = if spec.scope.qualname.is_empty() { spec.name.clone() } else { vm.intern(&spec.scope.qualname) };
    let (source, globals) = (unit.source.clone(), unit.globals.clone());
    let cells = spec.scope.is_cell.clone().into();
    let kind = spec.kind;
    let linker = link.map(|link| -> Linker {
        let (unit, scope) = (unit.clone(), spec.scope.clone());
        Rc::new(move |vm, code, is_threaded| link_body(vm, (&unit, &scope), kind, (code, is_threaded), &*link))
    });
    Rc::new_cyclic(|me: &Weak<Code>| Code {
        name: spec.name,
        qualname,
        source,
        span: spec.span,
        kind,
        params: spec.params,
        locals,
        cells,
        free,
        doc: spec.doc,
        globals,
        body: OnceCell::new(),
        is_shown: std::cell::Cell::new(false),
        linker,
        me: me.clone(),
        is_threaded,
        twin: OnceCell::new(),
    })
}

/// Links a body; a second time when its frame needs slots for progress, whose number only shows then.
fn link_body(
    vm: &mut Vm,
    (unit, scope): (&Rc<Unit>, &Rc<Scope>),
    kind: CodeKind,
    (code, is_threaded): (&Weak<Code>, bool),
    link: &dyn Fn(&mut Cx) -> Ex,
) -> Body {
    let mut temps = 0;
    loop {
        let mut cx = Cx::new(vm, unit.clone(), scope.clone(), kind, code.clone(), temps);
        cx.statement = code.upgrade().map_or(0, |c| c.span.start);
        if is_threaded {
            cx.run_on_threads();
        }
        let body = link(&mut cx);
        let body = with_cells(&mut cx, body);
        let body = if is_threaded && kind == CodeKind::Generator { super::threaded::entered_apart(body) } else { body };
        if cx.temps() == temps {
            return cx.finish(body);
        }
        temps = cx.temps();
    }
}

/// The code of the same text for threads.
pub fn make_twin(code: &Code) -> Option<Rc<Code>> {
    let linker = code.linker.as_ref()?;
    Some(Rc::new_cyclic(|me: &Weak<Code>| Code {
        name: code.name.clone(),
        qualname: code.qualname.clone(),
        source: code.source.clone(),
        span: code.span,
        kind: code.kind,
        params: code.params,
        locals: code.locals.clone(),
        cells: code.cells.clone(),
        free: code.free.clone(),
        doc: code.doc.clone(),
        globals: code.globals.clone(),
        body: OnceCell::new(),
        linker: Some(linker.clone()),
        me: me.clone(),
        is_threaded: true,
        twin: OnceCell::new(),
        is_shown: std::cell::Cell::new(code.is_shown.get()),
    }))
}

/// Puts cells into the slots of captured variables before the body begins.
fn with_cells(cx: &mut Cx, body: Ex) -> Ex {
    let slots: Vec<usize> = (0..cx.scope.locals.len()).filter(|&i| cx.scope.is_cell[i]).collect();
    if slots.is_empty() {
        return body;
    }
    let begun = if cx.can_suspend { Some(cx.temp()) } else { None };
    Box::new(move |vm, fr| {
        let is_begun = begun.is_some_and(|b| !fr[b].is_unbound());
        if !is_begun {
            for &slot in &slots {
                let v = fr[slot].take();
                fr[slot] = Value::Obj(Obj::cell(v));
            }
            if let Some(b) = begun {
                fr[b] = Value::True;
            }
        }
        body(vm, fr)
    })
}

/// The kind of code a scope makes.
pub(super) fn code_kind(is_async: bool, yields: bool) -> CodeKind {
    match (is_async, yields) {
        (false, false) => CodeKind::Function,
        (false, true) => CodeKind::Generator,
        (true, false) => CodeKind::Coroutine,
        (true, true) => CodeKind::AsyncGenerator,
    }
}

/// The docstring of a body.
pub fn docstring(vm: &mut Vm, body: &[Stmt]) -> Value {
    match body.first().map(|s| &s.kind) {
        Some(StmtKind::Expr(Expr { kind: ExprKind::Str(s), .. })) => Value::Obj(vm.intern(s)),
        _ => Value::None,
    }
}

impl Cx<'_> {
    /// A code object whose body is linked at once, because its tree does not outlive this linking.
    pub(super) fn eager_code(&mut self, spec: CodeSpec, is_threaded: bool, link: &dyn Fn(&mut Cx) -> Ex) -> Rc<Code> {
        let (scope, kind, unit) = (spec.scope.clone(), spec.kind, self.unit.clone());
        let code = make_code(self.vm, &unit, spec, None, is_threaded);
        let body = link_body(self.vm, (&unit, &scope), kind, (&code.me, is_threaded), link);
        let _ = code.body.set(body);
        code
    }
}
