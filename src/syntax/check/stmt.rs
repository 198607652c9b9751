//! Statements: what may stand where.

use super::scope::{ScopeKind, Use};
use super::{Checker, Phase};
use crate::source::Span;
use crate::syntax::ast::{Alias, ClassDef, Expr, ExprKind, FunctionDef, Handler, Ident, Param, Params, Stmt, StmtKind};
use crate::syntax::build::bound_name;

/// What `from __future__` knows.
const FEATURES: [&str; 10] = [
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

impl Checker {
    pub(super) fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                self.assign_targets(targets, value);
            }
            StmtKind::AugAssign { target, value, op: _ } => {
                if let ExprKind::Name(name) = &target.kind {
                    self.name(name, target.span, Use::Load);
                }
                self.augmented_target(target);
                self.expr(value);
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.annotated_target(target, *simple);
                self.expr(annotation);
                self.optional(value.as_ref());
            }
            StmtKind::Return(value) => self.return_(value.as_ref(), span),
            StmtKind::Raise { exc, cause } => {
                self.optional(exc.as_ref());
                self.optional(cause.as_ref());
            }
            StmtKind::Assert { test, message } => {
                self.expr(test);
                self.optional(message.as_ref());
            }
            StmtKind::Delete(targets) => {
                for t in targets {
                    self.deleted(t);
                }
            }
            StmtKind::Pass => {}
            StmtKind::Break => self.leave_loop(span, "'break' outside loop"),
            StmtKind::Continue => self.leave_loop(span, "'continue' not properly in loop"),
            StmtKind::Global(names) => {
                for n in names {
                    self.declare(n, "global", span);
                }
            }
            StmtKind::Nonlocal(names) => {
                for n in names {
                    self.declare(n, "nonlocal", span);
                }
            }
            StmtKind::Import(names) => {
                for n in names {
                    self.import(n);
                }
            }
            StmtKind::ImportFrom { names, star, .. } => self.import_from(names, *star, span),
            StmtKind::If { branches, orelse } => {
                for (test, body) in branches {
                    self.expr(test);
                    self.block(body);
                }
                self.block(orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.expr(test);
                self.loop_body(body, orelse);
            }
            StmtKind::For { is_async, target, iter, body, orelse } => {
                self.asynchronous(*is_async, "'async for'", span);
                self.target(target, false);
                if let ExprKind::Starred(_) = target.kind {
                    self.fail(Phase::Compiler, "target", "starred assignment target must be in a list or tuple", target.span);
                }
                self.expr(iter);
                self.loop_body(body, orelse);
            }
            StmtKind::With { is_async, items, body } => {
                self.asynchronous(*is_async, "'async with'", span);
                for item in items {
                    self.expr(&item.context);
                    if let Some(target) = &item.target {
                        self.target(target, false);
                    }
                }
                self.block(body);
            }
            StmtKind::Try { body, handlers, star, orelse, finally } => {
                self.block(body);
                self.handlers(handlers, *star);
                self.block(orelse);
                self.block(finally);
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject);
                self.cases(cases);
            }
            StmtKind::FunctionDef(def) => self.function(def),
            StmtKind::ClassDef(def) => self.class(def),
        }
    }

    pub(super) fn optional(&mut self, value: Option<&Expr>) {
        if let Some(value) = value {
            self.expr(value);
        }
    }

    fn loop_body(&mut self, body: &[Stmt], orelse: &[Stmt]) {
        self.with_scope(|s| s.loops += 1);
        self.block(body);
        self.with_scope(|s| s.loops -= 1);
        self.block(orelse);
    }

    fn leave_loop(&mut self, span: Span, message: &str) {
        let (loops, star) = self.scope(|s| (s.loops, s.star_block));
        if star == Some(loops) {
            self.in_star_block(span);
        } else if loops == 0 {
            self.fail(Phase::Compiler, "outside-loop", message, span);
        }
    }

    fn in_star_block(&mut self, span: Span) {
        self.fail(Phase::Compiler, "except-star", "'break', 'continue' and 'return' cannot appear in an except* block", span);
    }

    fn return_(&mut self, value: Option<&Expr>, span: Span) {
        if !matches!(self.kind(), ScopeKind::Function | ScopeKind::AsyncFunction) {
            self.fail(Phase::Compiler, "outside-function", "'return' outside function", span);
        } else if self.scope(|s| s.star_block.is_some()) {
            self.in_star_block(span);
        }
        if let Some(value) = value {
            self.with_scope(|s| s.returns.push(span));
            self.expr(value);
        }
    }

    fn asynchronous(&mut self, is_async: bool, what: &str, span: Span) {
        let allowed = match self.kind() {
            ScopeKind::AsyncFunction => true,
            ScopeKind::Module => self.options.top_level_await,
            _ => false,
        };
        if is_async && !allowed {
            let span = Span::new(span.start, span.start + 5);
            self.fail(Phase::Compiler, "outside-async", format!("{what} outside async function"), span);
        }
    }

    fn handlers(&mut self, handlers: &[Handler], star: bool) {
        let last = handlers.len().saturating_sub(1);
        for (index, handler) in handlers.iter().enumerate() {
            if handler.class.is_none() && index < last {
                let span = Span::new(handler.span.start, handler.span.start + 6);
                self.fail(Phase::Compiler, "default-except", "default 'except:' must be last", span);
            }
            self.optional(handler.class.as_ref());
            if let Some(name) = &handler.name {
                self.bind(name);
            }
            let outer = self.scope(|s| s.star_block);
            if star {
                self.with_scope(|s| s.star_block = Some(s.loops));
            }
            self.block(&handler.body);
            self.with_scope(|s| s.star_block = outer);
        }
    }

    pub(super) fn bind(&mut self, name: &Ident) {
        self.name(&name.name, name.span, Use::Bind);
    }

    // ---- Imports ----

    fn import(&mut self, alias: &Alias) {
        let name = bound_name(alias);
        match name.name.split_once('.') {
            Some((first, _)) if self.follow_names => self.name(&first.into(), name.span, Use::Bind),
            Some(_) => {}
            None => self.bind(name),
        }
    }

    fn import_from(&mut self, names: &[Alias], star: bool, span: Span) {
        if star && self.kind() != ScopeKind::Module {
            self.fail(Phase::Symbols, "import-star", "import * only allowed at module level", span);
        }
        for alias in names {
            self.bind(bound_name(alias));
        }
    }

    /// `from __future__` may stand only at the beginning, and knows a few names.
    pub(super) fn futures(&mut self, body: &[Stmt]) {
        let mut beginning = true;
        for (index, stmt) in body.iter().enumerate() {
            match &stmt.kind {
                StmtKind::ImportFrom { module: Some(module), names, level: 0, star } if &*module.name == "__future__" => {
                    if !beginning {
                        let message = "from __future__ imports must occur at the beginning of the file";
                        self.fail(Phase::Future, "future", message, stmt.span);
                    }
                    if *star {
                        self.fail(Phase::Future, "future", "future feature * is not defined", stmt.span);
                    }
                    for n in names {
                        self.feature(&n.name, stmt.span);
                    }
                }
                StmtKind::Expr(Expr { kind: ExprKind::Str(_), .. }) if index == 0 => {}
                _ => beginning = false,
            }
        }
    }

    fn feature(&mut self, name: &Ident, span: Span) {
        if &*name.name == "braces" {
            self.fail(Phase::Future, "future", "not a chance", span);
        } else if !FEATURES.contains(&&*name.name) {
            self.fail(Phase::Future, "future", format!("future feature {} is not defined", name.name), span);
        }
    }

    // ---- Functions and classes ----

    fn function(&mut self, def: &FunctionDef) {
        for d in &def.decorators {
            self.expr(d);
        }
        self.bind(&def.name);
        self.outside_of_params(&def.params);
        self.optional(def.returns.as_ref());
        self.enter(if def.is_async { ScopeKind::AsyncFunction } else { ScopeKind::Function });
        self.bind_params(&def.params);
        self.block(&def.body);
        let Some(scope) = self.leave() else { return };
        if def.is_async && scope.yields {
            for span in scope.returns {
                self.fail(Phase::Compiler, "async-generator", "'return' with value in async generator", span);
            }
        }
    }

    /// Defaults and annotations, which belong to the scope around.
    pub(super) fn outside_of_params(&mut self, params: &Params) {
        for param in all_params(params) {
            self.optional(param.default.as_ref());
        }
        for param in all_params(params) {
            match &param.annotation {
                Some(Expr { kind: ExprKind::Starred(value), .. }) => self.expr(value),
                other => self.optional(other.as_ref()),
            }
        }
    }

    pub(super) fn bind_params(&mut self, params: &Params) {
        let mut seen = rustc_hash::FxHashSet::default();
        for param in all_params(params) {
            if !seen.insert(&param.name.name) {
                let message = format!("duplicate argument '{}' in function definition", param.name.name);
                self.fail(Phase::Symbols, "duplicate-argument", message, param.name.span);
            }
            self.name(&param.name.name, param.name.span, Use::Param);
        }
    }

    fn class(&mut self, def: &ClassDef) {
        for d in &def.decorators {
            self.expr(d);
        }
        self.bind(&def.name);
        self.args(&def.args);
        self.enter(ScopeKind::Class);
        self.block(&def.body);
        self.leave();
    }
}

fn all_params(params: &Params) -> impl Iterator<Item = &Param> {
    params.posonly.iter().chain(&params.args).chain(&params.vararg).chain(&params.kwonly).chain(&params.kwarg)
}
