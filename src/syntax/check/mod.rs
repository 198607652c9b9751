//! Finds what the grammar is too generous about, in one walk over the tree. Comes in: a tree that parsed. Goes out:
//! diagnostics in CPython's words and order: first what its parser rejects, then its symbol table, then its compiler.
//! Knows nothing of what names mean beyond `global` and `nonlocal`.

mod expr;
mod pattern;
mod scope;
mod stmt;
mod target;

use crate::diag::Diag;
use crate::source::Span;
use crate::syntax::ParseOptions;
use crate::syntax::ast::{Expr, Stmt};
use scope::{Scope, ScopeKind};

/// The part of CPython that would report a fault; an earlier part hides those of later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Parser,
    Future,
    Symbols,
    Bindings,
    Compiler,
}

pub(super) struct Checker {
    options: ParseOptions,
    /// Whether names are followed: only where the source has a `global` or `nonlocal`.
    follow_names: bool,
    scopes: Vec<Scope>,
    errors: Vec<(Phase, Diag)>,
}

/// Checks the statements of a module.
pub(super) fn check_module(body: &[Stmt], options: ParseOptions, follow_names: bool) -> Vec<(Phase, Diag)> {
    let mut checker = Checker::new(options, follow_names);
    checker.futures(body);
    checker.block(body);
    checker.leave();
    checker.errors
}

/// Checks a single expression.
pub(super) fn check_expression(value: &Expr, options: ParseOptions) -> Vec<(Phase, Diag)> {
    let mut checker = Checker::new(options, false);
    checker.expr(value);
    checker.errors
}

impl Checker {
    fn new(options: ParseOptions, follow_names: bool) -> Self {
        Self { options, follow_names, scopes: vec![Scope::new(ScopeKind::Module, 0)], errors: Vec::new() }
    }

    fn error(&mut self, phase: Phase, diag: Diag) {
        self.errors.push((phase, diag));
    }

    fn fail(&mut self, phase: Phase, code: &'static str, message: impl Into<String>, span: Span) {
        self.error(phase, Diag::syntax(code, message, span));
    }
}
