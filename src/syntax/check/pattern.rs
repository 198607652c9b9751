//! Patterns: names bound once, alternatives that agree, cases that can be reached.

use rustc_hash::FxHashSet as HashSet;
use std::rc::Rc;

use super::{Checker, Phase};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Ident, MatchCase, Pattern, PatternKind};

/// The names that a pattern has bound so far, in order.
type Bound = Vec<Rc<str>>;

impl Checker {
    pub(super) fn cases(&mut self, cases: &[MatchCase]) {
        let last = cases.len().saturating_sub(1);
        for (index, case) in cases.iter().enumerate() {
            if index < last && case.guard.is_none() {
                self.reachable_after(&case.pattern);
            }
            self.pattern(&case.pattern, &mut Vec::new());
            self.optional(case.guard.as_ref());
            self.block(&case.body);
        }
    }

    /// Reports a pattern that matches everything where others follow.
    fn reachable_after(&mut self, pattern: &Pattern) {
        let message = match &pattern.kind {
            PatternKind::As { pattern: None, name: Some(name) } => {
                format!("name capture '{}' makes remaining patterns unreachable", name.name)
            }
            PatternKind::As { pattern: None, name: None } => "wildcard makes remaining patterns unreachable".to_owned(),
            PatternKind::As { pattern: Some(inner), .. } => return self.reachable_after(inner),
            PatternKind::Or(patterns) => {
                if let Some(last) = patterns.last() {
                    self.reachable_after(last);
                }
                return;
            }
            _ => return,
        };
        self.fail(Phase::Compiler, "unreachable-pattern", message, pattern.span);
    }

    fn pattern(&mut self, pattern: &Pattern, bound: &mut Bound) {
        match &pattern.kind {
            PatternKind::Value(value) | PatternKind::Singleton(value) => self.expr(value),
            PatternKind::Sequence(patterns) => self.sequence(patterns, pattern.span, bound),
            PatternKind::Mapping { keys, patterns, rest } => {
                self.keys(keys, pattern.span);
                for p in patterns {
                    self.pattern(p, bound);
                }
                self.capture(rest.as_ref(), bound);
            }
            PatternKind::Class { class, patterns, keywords } => {
                self.expr(class);
                let mut seen = HashSet::default();
                for (name, _) in keywords {
                    if !seen.insert(&name.name) {
                        let message = format!("attribute name repeated in class pattern: {}", name.name);
                        self.fail(Phase::Compiler, "pattern", message, name.span);
                    }
                }
                for p in patterns {
                    self.pattern(p, bound);
                }
                for (_, value) in keywords {
                    self.pattern(value, bound);
                }
            }
            PatternKind::Star(name) => self.capture(name.as_ref(), bound),
            PatternKind::As { pattern, name } => {
                if let Some(pattern) = pattern {
                    self.pattern(pattern, bound);
                }
                self.capture(name.as_ref(), bound);
            }
            PatternKind::Or(patterns) => self.alternatives(patterns, pattern.span, bound),
            PatternKind::Invalid => {}
        }
    }

    fn capture(&mut self, name: Option<&Ident>, bound: &mut Bound) {
        let Some(name) = name else { return };
        if bound.contains(&name.name) {
            let message = format!("multiple assignments to name '{}' in pattern", name.name);
            self.fail(Phase::Compiler, "pattern", message, name.span);
        }
        bound.push(name.name.clone());
        self.bind(name);
    }

    fn sequence(&mut self, patterns: &[Pattern], span: Span, bound: &mut Bound) {
        if patterns.iter().filter(|p| matches!(p.kind, PatternKind::Star(_))).count() > 1 {
            self.fail(Phase::Compiler, "pattern", "multiple starred names in sequence pattern", span);
        }
        for p in patterns {
            self.pattern(p, bound);
        }
    }

    fn keys(&mut self, keys: &[Expr], span: Span) {
        let mut seen = HashSet::default();
        for key in keys {
            self.expr(key);
            let shown = match &key.kind {
                ExprKind::Int(value) => value.to_string(),
                ExprKind::Str(text) => format!("{text:?}").replace('"', "'"),
                ExprKind::None => "None".to_owned(),
                ExprKind::True => "True".to_owned(),
                ExprKind::False => "False".to_owned(),
                _ => continue,
            };
            if !seen.insert(shown.clone()) {
                self.fail(Phase::Compiler, "pattern", format!("mapping pattern checks duplicate key ({shown})"), span);
            }
        }
    }

    fn alternatives(&mut self, patterns: &[Pattern], span: Span, bound: &mut Bound) {
        let before = bound.len();
        let mut names: Option<HashSet<Rc<str>>> = None;
        for (index, pattern) in patterns.iter().enumerate() {
            if index + 1 < patterns.len() {
                self.reachable_after(pattern);
            }
            bound.truncate(before);
            self.pattern(pattern, bound);
            let here: HashSet<Rc<str>> = bound.iter().skip(before).cloned().collect();
            if names.as_ref().is_some_and(|n| *n != here) {
                self.fail(Phase::Compiler, "pattern", "alternative patterns bind different names", span);
                return;
            }
            names = Some(here);
        }
    }
}
