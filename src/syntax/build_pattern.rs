//! The builder's part for patterns.

use crate::source::Span;
use crate::syntax::ast::{BinOp, Expr, ExprKind, Ident, Pattern, PatternKind};
use crate::syntax::build::{Builder, MAX_DEPTH, Many};

fn depth_of<'p>(parts: impl IntoIterator<Item = &'p Pattern>) -> u16 {
    parts.into_iter().map(|p| p.depth).max().unwrap_or(0)
}

impl Builder<'_> {
    fn pattern(&mut self, span: Span, below: u16, kind: PatternKind) -> Pattern {
        if below >= MAX_DEPTH {
            self.note_too_deep(span);
            return Pattern { span, depth: 0, kind: PatternKind::Invalid };
        }
        Pattern { span, depth: below + 1, kind }
    }

    /// The name that a pattern binds: none for `_`.
    fn bound(name: Ident) -> Option<Ident> {
        (&*name.name != "_").then_some(name)
    }

    /// A name is a capture or `_`; a dotted name is a value.
    pub fn capture_or_value(&mut self, name: Expr) -> Pattern {
        match name.kind {
            ExprKind::Name(text) => {
                let span = name.span;
                let name = Self::bound(Ident { name: text, span });
                self.pattern(span, 0, PatternKind::As { pattern: None, name })
            }
            _ => self.pattern(name.span, name.depth, PatternKind::Value(name)),
        }
    }

    /// A literal.
    pub fn value_pattern(&mut self, value: Expr) -> Pattern {
        let (span, depth) = (value.span, value.depth);
        match value.kind {
            ExprKind::None | ExprKind::True | ExprKind::False => self.pattern(span, depth, PatternKind::Singleton(value)),
            ExprKind::FString(_) => {
                self.syntax("pattern", "patterns may only match literals and attribute lookups", span);
                self.pattern(span, 0, PatternKind::Invalid)
            }
            _ => self.pattern(span, depth, PatternKind::Value(value)),
        }
    }

    /// `1 + 2j`.
    pub fn complex_pattern(&mut self, op: BinOp, left: Expr, right: Expr) -> Expr {
        let number = if let ExprKind::Unary(_, operand) = &left.kind { operand } else { &left };
        if matches!(number.kind, ExprKind::Imaginary(_)) {
            self.syntax("pattern", "real number required in complex literal", left.span);
        }
        if !matches!(right.kind, ExprKind::Imaginary(_)) {
            self.syntax("pattern", "imaginary number required in complex literal", right.span);
        }
        let (l, r) = (left.span.start, right.span.end);
        self.binary(l, op, left, right, r)
    }

    /// `*name`.
    pub fn star_pattern(&mut self, l: u32, name: Ident) -> Pattern {
        let span = Span::new(l, name.span.end);
        self.pattern(span, 0, PatternKind::Star(Self::bound(name)))
    }

    /// `pattern as name`.
    pub fn as_pattern(&mut self, l: u32, pattern: Pattern, name: Ident) -> Pattern {
        if &*name.name == "_" {
            self.syntax("pattern", "cannot use '_' as a target", name.span);
        }
        let (span, below) = (Span::new(l, name.span.end), pattern.depth);
        self.pattern(span, below, PatternKind::As { pattern: Some(Box::new(pattern)), name: Some(name) })
    }

    /// `a | b`.
    pub fn or_pattern(&mut self, l: u32, first: Pattern, rest: Vec<Pattern>, r: u32) -> Pattern {
        let patterns = self.list(first, rest);
        self.pattern(Span::new(l, r), depth_of(&patterns), PatternKind::Or(patterns))
    }

    /// The pattern of a `case`: `a, b` without brackets is a sequence.
    pub fn open_sequence(&mut self, (first, rest, comma): Many<Pattern>, r: u32) -> Pattern {
        let l = first.span.start;
        if rest.is_empty() && !comma {
            if let PatternKind::Star(_) = first.kind {
                self.syntax("pattern", "invalid syntax", first.span);
            }
            return first;
        }
        let items = self.list(first, rest);
        self.sequence_pattern(l, items, r)
    }

    /// `(a)` is `a`; `(a, b)` is a sequence.
    pub fn group_pattern(&mut self, l: u32, (first, rest, comma): Many<Pattern>, r: u32) -> Pattern {
        if rest.is_empty() && !comma && !matches!(first.kind, PatternKind::Star(_)) {
            return first;
        }
        if rest.is_empty() && !comma {
            self.syntax("pattern", "invalid syntax", first.span);
        }
        let items = self.list(first, rest);
        self.sequence_pattern(l, items, r)
    }

    /// `[a, b]`.
    pub fn sequence_pattern(&mut self, l: u32, items: Vec<Pattern>, r: u32) -> Pattern {
        self.pattern(Span::new(l, r), depth_of(&items), PatternKind::Sequence(items))
    }

    /// `{key: pattern, **rest}`.
    pub fn mapping_pattern(&mut self, l: u32, items: Vec<(Option<Expr>, Result<Pattern, Ident>)>, r: u32) -> Pattern {
        let (mut keys, mut patterns, mut rest) = (Vec::new(), Vec::new(), None);
        for (key, value) in items {
            if let Some(previous) = &rest {
                let previous: &Ident = previous;
                self.syntax("pattern", "invalid syntax", previous.span);
            }
            match value {
                Ok(pattern) => {
                    patterns.push(pattern);
                    keys.extend(key.map(|key| self.mapping_key(key)));
                }
                Err(name) if &*name.name == "_" => self.syntax("pattern", "invalid syntax", name.span),
                Err(name) => rest = Some(name),
            }
        }
        let below = depth_of(&patterns).max(super::build::depth_of(&keys));
        self.pattern(Span::new(l, r), below, PatternKind::Mapping { keys, patterns, rest })
    }

    fn mapping_key(&mut self, key: Expr) -> Expr {
        match key.kind {
            ExprKind::Name(_) => self.syntax("pattern", "invalid syntax", key.span),
            ExprKind::FString(_) => self.syntax("pattern", "patterns may only match literals and attribute lookups", key.span),
            _ => {}
        }
        key
    }

    /// `Class(a, name=b)`.
    pub fn class_pattern(&mut self, l: u32, class: Expr, items: Vec<(Option<Ident>, Pattern)>, r: u32) -> Pattern {
        let (mut patterns, mut keywords) = (Vec::new(), Vec::new());
        for (name, pattern) in items {
            match name {
                Some(name) => keywords.push((name, pattern)),
                None if !keywords.is_empty() => {
                    self.syntax("pattern", "positional patterns follow keyword patterns", pattern.span);
                    patterns.push(pattern);
                }
                None => patterns.push(pattern),
            }
        }
        let below = depth_of(patterns.iter().chain(keywords.iter().map(|(_, p)| p))).max(class.depth);
        self.pattern(Span::new(l, r), below, PatternKind::Class { class, patterns, keywords })
    }
}
