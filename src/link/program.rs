//! Whole sources: parse, resolve, link, run.

use std::rc::Rc;

use super::code::{CodeSpec, docstring, new_code};
use super::cx::Unit;
use crate::diag::Diag;
use crate::resolve::{Target, resolve_expression, resolve_module};
use crate::source::{Source, Span};
use crate::syntax::ast::{Expr, Module, Stmt, StmtKind};
use crate::syntax::{ParseOptions, parse_expression, parse_module};
use crate::value::func::{Code, CodeKind, Func, Params};
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

/// What a source is compiled for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Statements.
    Exec,
    /// One expression, whose value is the result.
    Eval,
    /// Statements, where the value of each expression statement is shown (`sys.displayhook`).
    Single,
}

/// How names at the top of a compiled text are found.
#[derive(Clone)]
pub struct Setting {
    pub globals: Ref,
    /// Locals are a namespace of their own.
    pub own_locals: bool,
    /// `await` may stand at the top: the code is then a coroutine.
    pub top_level_await: bool,
}

/// Compiles a source for a setting.
///
/// # Errors
/// The diagnostics of the front end.
pub fn compile(vm: &mut Vm, source: &Rc<Source>, mode: Mode, setting: &Setting) -> Result<Rc<Code>, Vec<Diag>> {
    let options = ParseOptions { top_level_await: setting.top_level_await };
    let target = if setting.own_locals { Target::Namespace } else { Target::Module };
    match mode {
        Mode::Eval => {
            let expr = parse_expression(source, options)?;
            Ok(expression_code(vm, source, setting, expr, target))
        }
        Mode::Exec | Mode::Single => {
            let module = parse_module(source, options)?;
            let code = module_code(vm, source, setting, module, target, mode);
            code.is_shown.set(mode == Mode::Single);
            Ok(code)
        }
    }
}

/// Whether a source is one statement, or several simple ones on one line.
pub fn is_single(source: &Rc<Source>) -> bool {
    let Ok(module) = parse_module(source, ParseOptions { top_level_await: false }) else { return true };
    let line = |s: &Stmt| source.line(s.span.start);
    module.body.windows(2).all(|pair| matches!(pair, [a, b] if line(a) == line(b)))
}

fn unit(vm: &mut Vm, source: &Rc<Source>, setting: &Setting, scopes: crate::resolve::Scopes, lazy_annotations: bool) -> Rc<Unit> {
    vm.sites.wanted = vm.sites.wanted || super::sites::looks_at_callers(source);
    let imports_own = super::sites::imports_own_modules(source);
    let prelude = if source.extended { Some(vm.prelude.clone()) } else { None };
    Rc::new(Unit {
        source: source.clone(),
        scopes,
        globals: setting.globals.clone(),
        builtins: builtins_of(vm, &setting.globals),
        prelude,
        lazy_annotations,
        imports_own,
    })
}

/// The names below the globals: what the namespace calls its `__builtins__`.
fn builtins_of(vm: &Vm, globals: &Ref) -> Ref {
    let named = globals.as_dict().and_then(|d| d.borrow().get_name(&vm.names.builtins).cloned());
    match named {
        Some(Value::Obj(o)) => match &o.kind {
            Kind::Dict(_) => o.clone(),
            Kind::Module(m) => m.dict.clone(),
            _ => vm.builtins.clone(),
        },
        _ => vm.builtins.clone(),
    }
}

fn params(setting: &Setting) -> Params {
    let count = usize::from(setting.own_locals);
    Params { positional: count, positional_only: count, ..Params::default() }
}

fn expression_code(vm: &mut Vm, source: &Rc<Source>, setting: &Setting, expr: Expr, target: Target) -> Rc<Code> {
    let expr = Rc::new(expr);
    let scopes = resolve_expression(&expr, target);
    let scope = scopes.of(&*expr);
    let unit = unit(vm, source, setting, scopes, false);
    let kind = if scope.awaits { CodeKind::Coroutine } else { CodeKind::Function };
    let name = vm.names.module_.clone();
    let spec = CodeSpec { name, scope, kind, params: params(setting), span: expr.span, doc: Value::None };
    new_code(vm, &unit, spec, Box::new(move |cx| cx.settled_expr(&expr)))
}

fn module_code(vm: &mut Vm, source: &Rc<Source>, setting: &Setting, module: Module, target: Target, mode: Mode) -> Rc<Code> {
    let module = Rc::new(module);
    let scopes = resolve_module(&module, target);
    let scope = scopes.of(&*module);
    let unit = unit(vm, source, setting, scopes, has_lazy_annotations(&module));
    let kind = if scope.awaits { CodeKind::Coroutine } else { CodeKind::Function };
    let name = vm.names.module_.clone();
    let doc = docstring(vm, &module.body);
    let spec = CodeSpec { name, scope, kind, params: params(setting), span: Span::new(0, 0), doc };
    new_code(
        vm,
        &unit,
        spec,
        Box::new(move |cx| {
            let body = if mode == Mode::Single { cx.shown_block(&module.body) } else { cx.block(&module.body) };
            let annotations = super::annotations::has_annotations(&module.body).then(|| cx.set_up_annotations());
            Box::new(move |vm, fr| {
                if let Some(set_up) = &annotations {
                    set_up(vm, fr)?;
                }
                body(vm, fr)?;
                Ok(Value::None)
            })
        }),
    )
}

fn has_lazy_annotations(module: &Module) -> bool {
    module.body.iter().any(|s| match &s.kind {
        StmtKind::ImportFrom { module: Some(m), names, .. } if &*m.name == "__future__" => names.iter().any(|a| &*a.name.name == "annotations"),
        _ => false,
    })
}

impl super::cx::Cx<'_> {
    /// A block in which the value of each expression statement is given to `sys.displayhook`.
    fn shown_block(&mut self, body: &[Stmt]) -> super::St {
        self.is_shown = true;
        let slot = if self.block_suspends(body) && body.len() > 1 { Some(self.temp()) } else { None };
        let stmts: Vec<super::St> = body.iter().map(|s| self.stmt(s)).collect();
        match slot {
            Some(slot) => self.resumable_seq(slot, stmts),
            None => super::stmt::sequence(stmts),
        }
    }
}

/// Compiles text for `compile`, `exec` and `eval`: syntax errors are raised.
///
/// # Errors
/// `SyntaxError` and its kin.
pub fn compile_source(vm: &mut Vm, source: &Rc<Source>, mode: Mode, setting: &Setting) -> R<Rc<Code>> {
    match compile(vm, source, mode, setting) {
        Ok(code) => Ok(code),
        Err(diags) => Err(vm.raise_syntax_error(source, &diags)),
    }
}

/// Runs compiled code; `locals` is the namespace it was compiled for, if it has one of its own.
pub fn run_code(vm: &mut Vm, code: &Rc<Code>, locals: Option<&Value>) -> R {
    let func = Value::Obj(Obj::new(Kind::Func(Box::new(Func::new(code.clone(), Vec::new(), Vec::new(), Box::default(), Value::None)))));
    match locals {
        Some(l) => vm.call(&func, std::slice::from_ref(l)),
        None => vm.call(&func, &[]),
    }
}

/// Parses, resolves, links and runs an imported module's source in a namespace.
pub fn run_module(vm: &mut Vm, source: &Rc<Source>, globals: &Ref) -> R {
    let setting = Setting { globals: globals.clone(), own_locals: false, top_level_await: false };
    let code = compile_source(vm, source, Mode::Exec, &setting)?;
    if !code.doc.is_none()
        && let Some(d) = globals.as_dict()
    {
        d.borrow_mut().set_name(&vm.names.doc.clone(), code.doc.clone());
    }
    run_code(vm, &code, None)
}
