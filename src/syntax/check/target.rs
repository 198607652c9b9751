//! Targets of assignments, loops, `with`, `del` and annotations.

use super::scope::Use;
use super::{Checker, Phase};
use crate::diag::Diag;
use crate::syntax::ast::{Expr, ExprKind};

/// What CPython calls an expression in its messages.
pub(in crate::syntax) fn kind_name(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::Name(_) => "name",
        ExprKind::None => "None",
        ExprKind::True => "True",
        ExprKind::False => "False",
        ExprKind::Ellipsis => "ellipsis",
        ExprKind::Int(_) | ExprKind::BigInt(_) | ExprKind::Float(_) | ExprKind::Imaginary(_) | ExprKind::Str(_) | ExprKind::Bytes(_) => "literal",
        ExprKind::FString(_) => "f-string expression",
        ExprKind::Tuple(_) => "tuple",
        ExprKind::List(_) => "list",
        ExprKind::Set(_) => "set display",
        ExprKind::Dict(_) => "dict literal",
        ExprKind::Unary(..) | ExprKind::Binary(..) | ExprKind::And(_) | ExprKind::Or(_) => "expression",
        ExprKind::Compare(..) => "comparison",
        ExprKind::Conditional { .. } => "conditional expression",
        ExprKind::Lambda { .. } => "lambda",
        ExprKind::Call { .. } => "function call",
        ExprKind::Attribute { .. } => "attribute",
        ExprKind::Subscript { .. } | ExprKind::Slice { .. } => "subscript",
        ExprKind::Starred(_) => "starred",
        ExprKind::Await(_) => "await expression",
        ExprKind::Yield(_) | ExprKind::YieldFrom(_) => "yield expression",
        ExprKind::Walrus { .. } => "named expression",
        ExprKind::ListComp { .. } => "list comprehension",
        ExprKind::SetComp { .. } => "set comprehension",
        ExprKind::DictComp { .. } => "dict comprehension",
        ExprKind::Generator { .. } => "generator expression",
        ExprKind::Invalid => "expression",
    }
}

/// Whether CPython's grammar has the expression below its comparisons, where it asks about `==`.
pub(in crate::syntax) fn below_comparison(expr: &Expr) -> bool {
    expr.parenthesized
        || !matches!(
            expr.kind,
            ExprKind::Compare(..)
                | ExprKind::And(_)
                | ExprKind::Or(_)
                | ExprKind::Conditional { .. }
                | ExprKind::Lambda { .. }
                | ExprKind::Yield(_)
                | ExprKind::YieldFrom(_)
                | ExprKind::Starred(_)
                | ExprKind::Tuple(_)
                | ExprKind::Unary(crate::syntax::ast::UnaryOp::Not, _)
        )
}

/// The first token-level operand of a value: what stands right after `=`.
fn begins_below_comparison(value: &Expr) -> bool {
    match &value.kind {
        _ if value.parenthesized => true,
        ExprKind::Compare(first, _) => begins_below_comparison(first),
        ExprKind::And(operands) | ExprKind::Or(operands) | ExprKind::Tuple(operands) => operands.first().is_some_and(begins_below_comparison),
        ExprKind::Conditional { then, .. } => begins_below_comparison(then),
        _ => below_comparison(value),
    }
}

impl Checker {
    /// The targets of an assignment statement.
    pub(super) fn assign_targets(&mut self, targets: &[Expr], value: &Expr) {
        for (index, target) in targets.iter().enumerate() {
            let asks = index == 0
                && targets.len() == 1
                && below_comparison(target)
                && begins_below_comparison(value)
                && !matches!(
                    target.kind,
                    ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Generator { .. } | ExprKind::None | ExprKind::True | ExprKind::False
                );
            match &target.kind {
                ExprKind::Yield(_) | ExprKind::YieldFrom(_) if !target.parenthesized => {
                    self.fail(Phase::Parser, "target", "assignment to yield expression not possible", target.span);
                }
                ExprKind::Starred(_) => {
                    self.fail(Phase::Compiler, "target", "starred assignment target must be in a list or tuple", target.span);
                    self.target(target, false);
                }
                _ => self.target(target, asks),
            }
        }
    }

    /// Something that is bound; `asks` adds CPython's question about `==`.
    pub(super) fn target(&mut self, target: &Expr, asks: bool) {
        match &target.kind {
            ExprKind::Name(name) => self.name(name, target.span, Use::Bind),
            ExprKind::Attribute { value, name } => {
                if &*name.name == "__debug__" {
                    self.fail(Phase::Compiler, "debug", "cannot assign to __debug__", name.span);
                }
                self.expr(value);
            }
            ExprKind::Subscript { value, index } => {
                self.expr(value);
                self.expr(index);
            }
            ExprKind::Starred(value) => self.target(value, false),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                self.starred_targets(items, target);
                for item in items {
                    self.target(item, false);
                }
            }
            ExprKind::Invalid => {}
            _ => {
                let question = if asks { " here. Maybe you meant '==' instead of '='?" } else { "" };
                let diag = Diag::syntax("target", format!("cannot assign to {}{question}", kind_name(target)), target.span);
                self.error(Phase::Parser, if asks { diag.with_help("compare with `==`") } else { diag });
            }
        }
    }

    fn starred_targets(&mut self, items: &[Expr], whole: &Expr) {
        if items.iter().filter(|e| matches!(e.kind, ExprKind::Starred(_))).count() > 1 {
            self.fail(Phase::Compiler, "target", "multiple starred expressions in assignment", whole.span);
        }
    }

    /// The target of `+=` and its relatives.
    pub(super) fn augmented_target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.name(name, target.span, Use::Bind);
            }
            ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => self.target(target, false),
            _ => {
                let message = format!("'{}' is an illegal expression for augmented assignment", kind_name(target));
                self.fail(Phase::Parser, "target", message, target.span);
            }
        }
    }

    /// The target of an annotation.
    pub(super) fn annotated_target(&mut self, target: &Expr, simple: bool) {
        match &target.kind {
            ExprKind::Name(name) if simple => self.name(name, target.span, Use::Annotate),
            ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => self.target(target, false),
            ExprKind::Tuple(_) | ExprKind::List(_) => {
                let message = format!("only single target (not {}) can be annotated", kind_name(target));
                self.fail(Phase::Parser, "target", message, target.span);
            }
            _ => self.fail(Phase::Parser, "target", "illegal target for annotation", target.span),
        }
    }

    /// What `del` removes.
    pub(super) fn deleted(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) if &**name == "__debug__" => self.fail(Phase::Compiler, "debug", "cannot delete __debug__", target.span),
            ExprKind::Name(name) => self.name(name, target.span, Use::Bind),
            ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => self.target(target, false),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.deleted(item);
                }
            }
            _ => self.fail(Phase::Parser, "target", format!("cannot delete {}", kind_name(target)), target.span),
        }
    }
}
