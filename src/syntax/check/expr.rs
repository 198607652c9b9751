//! Expressions: stars, `await`, `yield`, walrus, arguments and comprehensions.

use rustc_hash::FxHashSet as HashSet;

use super::scope::{ScopeKind, Use};
use super::{Checker, Phase};
use crate::source::Span;
use crate::syntax::ast::{Arg, CompClause, DictItem, Expr, ExprKind, FPart, Ident, Params};

impl Checker {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::None
            | ExprKind::True
            | ExprKind::False
            | ExprKind::Ellipsis
            | ExprKind::Int(_)
            | ExprKind::BigInt(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::Invalid => {}
            ExprKind::Name(name) => self.name(name, expr.span, Use::Load),
            ExprKind::FString(parts) => self.parts(parts),
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => self.elements(items),
            ExprKind::Dict(items) => self.dict(items),
            ExprKind::Unary(_, value) | ExprKind::Attribute { value, name: _ } => self.expr(value),
            ExprKind::Binary(_, left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::And(operands) | ExprKind::Or(operands) => {
                for e in operands {
                    self.expr(e);
                }
            }
            ExprKind::Compare(first, rest) => {
                self.expr(first);
                for (_, e) in rest {
                    self.expr(e);
                }
            }
            ExprKind::Conditional { test, then, orelse } => {
                self.expr(test);
                self.expr(then);
                self.expr(orelse);
            }
            ExprKind::Lambda { params, body } => self.lambda(params, body),
            ExprKind::Call { func, args } => {
                self.expr(func);
                self.args(args);
            }
            ExprKind::Subscript { value, index } => {
                self.expr(value);
                self.expr(index);
            }
            ExprKind::Slice { lower, upper, step } => {
                for part in [lower, upper, step].into_iter().flatten() {
                    self.expr(part);
                }
            }
            ExprKind::Starred(value) => {
                self.fail(Phase::Compiler, "starred", "can't use starred expression here", expr.span);
                self.expr(value);
            }
            ExprKind::Await(value) => {
                self.await_(expr.span);
                self.expr(value);
            }
            ExprKind::Yield(value) => {
                self.yield_(expr.span);
                self.optional(value.as_deref());
            }
            ExprKind::YieldFrom(value) => {
                if self.kind() == ScopeKind::AsyncFunction {
                    self.fail(Phase::Compiler, "yield-from", "'yield from' inside async function", expr.span);
                } else {
                    self.yield_(expr.span);
                }
                self.expr(value);
            }
            ExprKind::Walrus { target, value } => {
                self.walrus(target);
                self.expr(value);
            }
            ExprKind::ListComp { element, clauses } => self.comprehension("list comprehension", &[element], clauses, expr.span),
            ExprKind::SetComp { element, clauses } => self.comprehension("set comprehension", &[element], clauses, expr.span),
            ExprKind::Generator { element, clauses } => self.comprehension("generator expression", &[element], clauses, expr.span),
            ExprKind::DictComp { key, value, clauses } => self.comprehension("dict comprehension", &[key, value], clauses, expr.span),
        }
    }

    /// The elements of a display, which may be starred.
    fn elements(&mut self, items: &[Expr]) {
        for item in items {
            match &item.kind {
                ExprKind::Starred(value) => self.expr(value),
                _ => self.expr(item),
            }
        }
    }

    fn dict(&mut self, items: &[DictItem]) {
        for item in items {
            match item {
                DictItem::Pair(key, value) => {
                    self.expr(key);
                    self.expr(value);
                }
                DictItem::Spread(value) => self.expr(value),
            }
        }
    }

    fn parts(&mut self, parts: &[FPart]) {
        for part in parts {
            if let FPart::Field { value, spec, .. } = part {
                if let ExprKind::Starred(_) = value.kind {
                    self.fail(Phase::Parser, "f-string", "f-string: cannot use starred expression here", value.span);
                } else {
                    self.expr(value);
                }
                self.parts(spec.as_deref().unwrap_or_default());
            }
        }
    }

    pub(super) fn args(&mut self, args: &[Arg]) {
        let mut keywords = HashSet::default();
        for arg in args {
            if let Arg::Keyword(name, _) = arg {
                if &*name.name == "__debug__" {
                    self.fail(Phase::Compiler, "debug", "cannot assign to __debug__", name.span);
                }
                if !keywords.insert(&name.name) {
                    let message = format!("keyword argument repeated: {}", name.name);
                    self.fail(Phase::Compiler, "repeated-keyword", message, name.span);
                }
            }
            self.expr(crate::syntax::build::arg_value(arg));
        }
    }

    fn lambda(&mut self, params: &Params, body: &Expr) {
        self.outside_of_params(params);
        self.enter(ScopeKind::Lambda);
        self.bind_params(params);
        self.expr(body);
        self.leave();
    }

    // ---- await, yield, := ----

    fn await_(&mut self, span: Span) {
        let span = Span::new(span.start, span.start + 5);
        match self.kind() {
            ScopeKind::AsyncFunction => {}
            ScopeKind::Comprehension(_) => self.with_scope(|s| s.suspends = true),
            ScopeKind::Module if self.options.top_level_await => {}
            ScopeKind::Module | ScopeKind::Class => self.fail(Phase::Compiler, "outside-function", "'await' outside function", span),
            ScopeKind::Function | ScopeKind::Lambda => {
                self.fail(Phase::Compiler, "outside-async", "'await' outside async function", span);
            }
        }
    }

    fn yield_(&mut self, span: Span) {
        match self.kind() {
            ScopeKind::Comprehension(what) => self.fail(Phase::Symbols, "yield", format!("'yield' inside {what}"), span),
            ScopeKind::Module | ScopeKind::Class => self.fail(Phase::Compiler, "outside-function", "'yield' outside function", span),
            _ => self.with_scope(|s| s.yields = true),
        }
    }

    fn walrus(&mut self, target: &Ident) {
        let name = &target.name;
        let fail = |checker: &mut Self, message: String| checker.fail(Phase::Symbols, "walrus", message, target.span);
        if self.scope(|s| s.iterables) > 0 {
            return fail(self, "assignment expression cannot be used in a comprehension iterable expression".to_owned());
        }
        if !matches!(self.kind(), ScopeKind::Comprehension(_)) {
            return self.name(name, target.span, Use::Bind);
        }
        let around = self.scopes.iter().rev().take_while(|s| matches!(s.kind, ScopeKind::Comprehension(_)));
        if around.clone().any(|s| s.targets.contains(name)) {
            return fail(self, format!("assignment expression cannot rebind comprehension iteration variable '{name}'"));
        }
        let outside = self.scopes.len().checked_sub(around.count() + 1).and_then(|i| self.scopes.get(i));
        if outside.is_some_and(|s| s.kind == ScopeKind::Class) {
            return fail(self, "assignment expression within a comprehension cannot be used in a class body".to_owned());
        }
        if &**name == "__debug__" {
            self.fail(Phase::Compiler, "debug", "cannot assign to __debug__", target.span);
        }
        self.with_scope(|s| s.walrus.push(name.clone()));
        self.bind_outside(name);
    }

    // ---- Comprehensions ----

    fn comprehension(&mut self, what: &'static str, elements: &[&Expr], clauses: &[CompClause], span: Span) {
        if let Some(first) = clauses.first() {
            self.iterable(&first.iter);
        }
        self.enter(ScopeKind::Comprehension(what));
        for (index, clause) in clauses.iter().enumerate() {
            if clause.is_async {
                self.with_scope(|s| s.suspends = true);
            }
            self.comprehension_target(&clause.target);
            if index != 0 {
                self.iterable(&clause.iter);
            }
            for e in &clause.conditions {
                self.expr(e);
            }
        }
        for e in elements {
            self.expr(e);
        }
        let Some(scope) = self.leave() else { return };
        if scope.suspends && what != "generator expression" {
            self.suspending_comprehension(span);
        }
    }

    fn iterable(&mut self, iter: &Expr) {
        self.with_scope(|s| s.iterables += 1);
        self.expr(iter);
        self.with_scope(|s| s.iterables -= 1);
    }

    fn comprehension_target(&mut self, target: &Expr) {
        if let ExprKind::Starred(_) = target.kind {
            self.fail(Phase::Compiler, "target", "starred assignment target must be in a list or tuple", target.span);
        }
        self.target(target, false);
        self.collect_targets(target);
    }

    fn collect_targets(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                if self.scope(|s| s.walrus.contains(name)) {
                    let message = format!("comprehension inner loop cannot rebind assignment expression target '{name}'");
                    self.fail(Phase::Symbols, "walrus", message, target.span);
                }
                self.with_scope(|s| s.targets.push(name.clone()));
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for e in items {
                    self.collect_targets(e);
                }
            }
            ExprKind::Starred(value) => self.collect_targets(value),
            _ => {}
        }
    }

    fn suspending_comprehension(&mut self, span: Span) {
        match self.kind() {
            ScopeKind::AsyncFunction => {}
            ScopeKind::Comprehension(_) => self.with_scope(|s| s.suspends = true),
            ScopeKind::Module if self.options.top_level_await => {}
            _ => {
                let message = "asynchronous comprehension outside of an asynchronous function";
                self.fail(Phase::Compiler, "outside-async", message, span);
            }
        }
    }
}
