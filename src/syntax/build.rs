//! The builder that the grammar's actions call: nodes of expressions and statements, with the depth bound. Reports
//! what only the parser can see (order of parameters and arguments, separators); the rest is the checker's.

use std::rc::Rc;

use crate::diag::Diag;
use crate::source::Span;
use crate::syntax::ast::Arg;
use crate::syntax::ast::{Alias, BinOp, CmpOp, CompClause, DictItem, Expr, ExprKind, FPart, Ident, Module, Param, Params, Stmt, UnaryOp};
use crate::syntax::intern::Interner;
use crate::syntax::{numbers, words};

/// Trees are at most this high.
pub const MAX_DEPTH: u16 = 1000;

/// What a parse yields.
pub enum Top {
    /// A module.
    Module(Vec<Stmt>),
    /// A single expression.
    Expr(Expr),
}

/// A parameter as written, before its kind is known.
pub enum ParamItem {
    /// `name: annotation = default`.
    Plain(Param),
    /// A lone `*`.
    Star,
    /// `/`.
    Slash,
    /// `*name`.
    VarArg(Param),
    /// `**name`.
    KwArg(Param),
}

/// A string literal before adjacent ones are joined.
pub enum Piece {
    /// Text.
    Text(Rc<str>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// The parts of an f-string.
    Format(Vec<FPart>),
}

/// A field of an f-string as written.
pub struct Field {
    /// Just past `{`.
    pub start: u32,
    /// The expression.
    pub value: Expr,
    /// Where `=` and the blanks after it end.
    pub documented: Option<u32>,
    /// What follows `!`.
    pub conversion: Option<Ident>,
    /// What follows `:`.
    pub spec: Option<Vec<FPart>>,
    /// Where `}` stands.
    pub end: u32,
}

/// A list as the grammar's `Many` yields it.
pub type Many<T> = (T, Vec<T>, bool);

/// Builds nodes.
pub struct Builder<'s> {
    pub(super) text: &'s str,
    pub(super) errors: Vec<Diag>,
    names: Interner,
    too_deep: bool,
}

/// The largest depth among expressions.
pub(super) fn depth_of<'e>(parts: impl IntoIterator<Item = &'e Expr>) -> u16 {
    parts.into_iter().map(|e| e.depth).max().unwrap_or(0)
}

impl<'s> Builder<'s> {
    /// A builder over a source's text.
    #[must_use]
    pub fn new(text: &'s str) -> Self {
        Self { text, errors: Vec::new(), names: Interner::default(), too_deep: false }
    }

    /// Notes a diagnostic; building goes on.
    pub(super) fn error(&mut self, diag: Diag) {
        self.errors.push(diag);
    }

    pub(super) fn syntax(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.error(Diag::syntax(code, message, span));
    }

    pub(super) fn slice_text(&self, l: u32, r: u32) -> &'s str {
        self.text.get(l as usize..r as usize).unwrap_or("")
    }

    /// Makes a node above children of which the highest has height `below`.
    pub(super) fn node(&mut self, span: Span, below: u16, kind: ExprKind) -> Expr {
        if below >= MAX_DEPTH {
            self.note_too_deep(span);
            return Expr { span, depth: 0, parenthesized: false, kind: ExprKind::Invalid };
        }
        Expr { span, depth: below + 1, parenthesized: false, kind }
    }

    pub(super) fn note_too_deep(&mut self, span: Span) {
        if !self.too_deep {
            self.too_deep = true;
            self.syntax("nesting", "parser stack overflow - nesting too deep", span);
        }
    }

    /// A node without children.
    pub fn leaf(&mut self, l: u32, kind: ExprKind, r: u32) -> Expr {
        Expr { span: Span::new(l, r), depth: 0, parenthesized: false, kind }
    }

    // ---- Lists and names ----

    /// First and others as one list.
    pub fn list<T>(&mut self, first: T, mut rest: Vec<T>) -> Vec<T> {
        if rest.is_empty() {
            return vec![first];
        }
        rest.insert(0, first);
        rest
    }

    /// An optional list as a list.
    pub fn many<T>(&mut self, items: Option<Many<T>>) -> Vec<T> {
        items.map_or_else(Vec::new, |(first, rest, _)| self.list(first, rest))
    }

    /// A name from the text at a place.
    pub fn ident(&mut self, l: u32, r: u32) -> Ident {
        let text = self.slice_text(l, r);
        let name = if text.is_ascii() { self.names.intern(text) } else { self.names.intern(&words::normalize(text)) };
        Ident { name, span: Span::new(l, r) }
    }

    /// `head.name` as one dotted name.
    pub fn dotted(&mut self, head: Ident, name: Ident) -> Ident {
        Ident { name: self.names.intern(&format!("{}.{}", head.name, name.name)), span: head.span.to(name.span) }
    }

    /// A name as an expression.
    pub fn name(&mut self, ident: Ident) -> Expr {
        Expr { span: ident.span, depth: 0, parenthesized: false, kind: ExprKind::Name(ident.name) }
    }

    /// A number.
    pub fn number(&mut self, l: u32, r: u32) -> Expr {
        let kind = numbers::value(self.slice_text(l, r)).unwrap_or_else(|message| {
            self.syntax("invalid-number", message, Span::new(l, r));
            ExprKind::Invalid
        });
        self.leaf(l, kind, r)
    }

    // ---- Operators ----

    /// `left op right`.
    pub fn binary(&mut self, l: u32, op: BinOp, left: Expr, right: Expr, r: u32) -> Expr {
        let below = left.depth.max(right.depth);
        self.node(Span::new(l, r), below, ExprKind::Binary(op, Box::new(left), Box::new(right)))
    }

    /// `op operand`; a minus before a literal stays an operator, as in CPython's tree.
    pub fn unary(&mut self, l: u32, op: UnaryOp, operand: Expr, r: u32) -> Expr {
        self.node(Span::new(l, r), operand.depth, ExprKind::Unary(op, Box::new(operand)))
    }

    /// `a or b or ..`.
    pub fn or(&mut self, l: u32, first: Expr, rest: Vec<Expr>, r: u32) -> Expr {
        let operands = self.list(first, rest);
        self.node(Span::new(l, r), depth_of(&operands), ExprKind::Or(operands))
    }

    /// `a and b and ..`.
    pub fn and(&mut self, l: u32, first: Expr, rest: Vec<Expr>, r: u32) -> Expr {
        let operands = self.list(first, rest);
        self.node(Span::new(l, r), depth_of(&operands), ExprKind::And(operands))
    }

    /// `a < b < ..`.
    pub fn compare(&mut self, l: u32, first: Expr, rest: Vec<(CmpOp, Expr)>, r: u32) -> Expr {
        let below = depth_of(rest.iter().map(|(_, e)| e)).max(first.depth);
        self.node(Span::new(l, r), below, ExprKind::Compare(Box::new(first), rest))
    }

    /// `then if test else orelse`.
    pub fn conditional(&mut self, l: u32, (then, test, orelse): (Expr, Expr, Expr), r: u32) -> Expr {
        let below = depth_of([&then, &test, &orelse]);
        let kind = ExprKind::Conditional { test: Box::new(test), then: Box::new(then), orelse: Box::new(orelse) };
        self.node(Span::new(l, r), below, kind)
    }

    /// `lambda params: body`.
    pub fn lambda(&mut self, l: u32, params: Params, body: Expr, r: u32) -> Expr {
        let all = params.posonly.iter().chain(&params.args).chain(&params.kwonly);
        let below = depth_of(all.filter_map(|p| p.default.as_ref())).max(body.depth);
        self.node(Span::new(l, r), below, ExprKind::Lambda { params: Box::new(params), body: Rc::new(body) })
    }

    /// `await value`.
    pub fn await_(&mut self, l: u32, value: Expr, r: u32) -> Expr {
        self.node(Span::new(l, r), value.depth, ExprKind::Await(Box::new(value)))
    }

    /// `yield value`.
    pub fn yield_(&mut self, l: u32, value: Option<Expr>, r: u32) -> Expr {
        self.node(Span::new(l, r), depth_of(&value), ExprKind::Yield(value.map(Box::new)))
    }

    /// `yield from value`.
    pub fn yield_from(&mut self, l: u32, value: Expr, r: u32) -> Expr {
        self.node(Span::new(l, r), value.depth, ExprKind::YieldFrom(Box::new(value)))
    }

    /// `*value`.
    pub fn starred(&mut self, l: u32, value: Expr, r: u32) -> Expr {
        self.node(Span::new(l, r), value.depth, ExprKind::Starred(Box::new(value)))
    }

    /// `target := value`.
    pub fn walrus(&mut self, target: Ident, value: Expr, r: u32) -> Expr {
        let span = Span::new(target.span.start, r);
        self.node(span, value.depth, ExprKind::Walrus { target, value: Box::new(value) })
    }

    // ---- Trailers ----

    /// `value.name`.
    pub fn attribute(&mut self, l: u32, value: Expr, name: Ident) -> Expr {
        let span = Span::new(l, name.span.end);
        self.node(span, value.depth, ExprKind::Attribute { value: Box::new(value), name })
    }

    /// `func(args)`; `parens` is where the arguments stand. A lone generator shares the parentheses.
    pub fn call(&mut self, l: u32, func: Expr, parens: Span, mut args: Vec<Arg>) -> Expr {
        if let [Arg::Pos(Expr { span, parenthesized: false, kind: ExprKind::Generator { .. }, .. })] = args.as_mut_slice() {
            *span = parens;
        }
        let below = depth_of(args.iter().map(arg_value)).max(func.depth);
        self.node(Span::new(l, parens.end), below, ExprKind::Call { func: Box::new(func), args })
    }

    /// `value[index]`.
    pub fn subscript(&mut self, l: u32, value: Expr, at: Span, index: Many<Expr>, r: u32) -> Expr {
        let index = if index.1.is_empty() && !index.2 && matches!(index.0.kind, ExprKind::Starred(_)) {
            let below = index.0.depth;
            self.node(at, below, ExprKind::Tuple(vec![index.0]))
        } else {
            self.tuple_or_single(at.start, index, at.end)
        };
        let below = value.depth.max(index.depth);
        self.node(Span::new(l, r), below, ExprKind::Subscript { value: Box::new(value), index: Box::new(index) })
    }

    /// `lower:upper:step`.
    pub fn slice(&mut self, l: u32, lower: Option<Expr>, upper: Option<Expr>, step: Option<Expr>, r: u32) -> Expr {
        let below = depth_of(lower.iter().chain(&upper).chain(&step));
        let kind = ExprKind::Slice { lower: lower.map(Box::new), upper: upper.map(Box::new), step: step.map(Box::new) };
        self.node(Span::new(l, r), below, kind)
    }

    // ---- Displays and comprehensions ----

    /// `a, b` as a tuple; a single item without comma as itself.
    pub fn tuple_or_single(&mut self, l: u32, (first, rest, comma): Many<Expr>, r: u32) -> Expr {
        if rest.is_empty() && !comma {
            return first;
        }
        let items = self.list(first, rest);
        self.node(Span::new(l, r), depth_of(&items), ExprKind::Tuple(items))
    }

    /// `()`.
    pub fn empty_tuple(&mut self, l: u32, r: u32) -> Expr {
        Expr { parenthesized: true, ..self.leaf(l, ExprKind::Tuple(Vec::new()), r) }
    }

    /// `(a)` or `(a, b)`.
    pub fn parenthesized(&mut self, l: u32, items: Many<Expr>, r: u32) -> Expr {
        let it = self.tuple_or_single(l, items, r);
        if matches!(it.kind, ExprKind::Starred(_)) {
            self.syntax("starred", "cannot use starred expression here", it.span);
        }
        self.group(it)
    }

    /// Marks an expression that stands in parentheses.
    pub fn group(&mut self, value: Expr) -> Expr {
        Expr { parenthesized: true, ..value }
    }

    /// `[a, b]`.
    pub fn list_display(&mut self, l: u32, items: Vec<Expr>, r: u32) -> Expr {
        self.node(Span::new(l, r), depth_of(&items), ExprKind::List(items))
    }

    /// `{a, b}`.
    pub fn set_display(&mut self, l: u32, items: Many<Expr>, r: u32) -> Expr {
        let items = self.list(items.0, items.1);
        self.node(Span::new(l, r), depth_of(&items), ExprKind::Set(items))
    }

    /// `{a: b, **c}`.
    pub fn dict_display(&mut self, l: u32, items: Vec<DictItem>, r: u32) -> Expr {
        let below = items.iter().map(|item| match item {
            DictItem::Pair(key, value) => key.depth.max(value.depth),
            DictItem::Spread(value) => value.depth,
        });
        let below = below.max().unwrap_or(0);
        self.node(Span::new(l, r), below, ExprKind::Dict(items))
    }

    fn comprehension_depth(&mut self, element: &Expr, clauses: &[CompClause]) -> u16 {
        if let ExprKind::Starred(_) = element.kind {
            self.syntax("starred", "iterable unpacking cannot be used in comprehension", element.span);
        }
        let below = clauses.iter().map(|c| depth_of(c.conditions.iter().chain([&c.target, &c.iter])));
        below.max().unwrap_or(0).max(element.depth)
    }

    /// `element for ..`, in parentheses or alone in a call.
    pub fn generator(&mut self, l: u32, element: Expr, clauses: Vec<CompClause>, r: u32) -> Expr {
        let below = self.comprehension_depth(&element, &clauses);
        self.node(Span::new(l, r), below, ExprKind::Generator { element: Box::new(element), clauses })
    }

    /// `[element for ..]`.
    pub fn list_comp(&mut self, l: u32, element: Expr, clauses: Vec<CompClause>, r: u32) -> Expr {
        let below = self.comprehension_depth(&element, &clauses);
        self.node(Span::new(l, r), below, ExprKind::ListComp { element: Box::new(element), clauses })
    }

    /// `{element for ..}`.
    pub fn set_comp(&mut self, l: u32, element: Expr, clauses: Vec<CompClause>, r: u32) -> Expr {
        let below = self.comprehension_depth(&element, &clauses);
        self.node(Span::new(l, r), below, ExprKind::SetComp { element: Box::new(element), clauses })
    }

    /// `{key: value for ..}`.
    pub fn dict_comp(&mut self, l: u32, item: DictItem, clauses: Vec<CompClause>, r: u32) -> Expr {
        let (key, value) = match item {
            DictItem::Pair(key, value) => (key, value),
            DictItem::Spread(value) => {
                self.syntax("starred", "dict unpacking cannot be used in dict comprehension", Span::new(value.span.start.saturating_sub(2), value.span.end));
                return self.leaf(l, ExprKind::Invalid, r);
            }
        };
        let below = self.comprehension_depth(&key, &clauses).max(value.depth);
        self.node(Span::new(l, r), below, ExprKind::DictComp { key: Box::new(key), value: Box::new(value), clauses })
    }
}

/// The expression of an argument.
pub(super) fn arg_value(arg: &Arg) -> &Expr {
    match arg {
        Arg::Pos(value) | Arg::Star(value) | Arg::Keyword(_, value) | Arg::DoubleStar(value) => value,
    }
}

/// What the parse yields as a module.
#[must_use]
pub fn module(body: Vec<Stmt>) -> Module {
    Module { body }
}

/// The name under which an import binds.
pub(super) fn bound_name(alias: &Alias) -> &Ident {
    alias.asname.as_ref().unwrap_or(&alias.name)
}
