//! The builder's part for statements, parameters and arguments.

use crate::diag::Diag;
use crate::source::Span;
use crate::syntax::ast::{Arg, ClassDef, Expr, ExprKind, FunctionDef, Handler, Ident, MatchCase, Param, Params, Stmt, StmtKind, WithItem};
use crate::syntax::build::{Builder, Many, ParamItem};

/// The place from `l` to the end of a block.
fn span_to(l: u32, blocks: &[&[Stmt]], otherwise: u32) -> Span {
    let end = blocks.iter().rev().find_map(|block| block.last()).map_or(otherwise, |stmt| stmt.span.end);
    Span::new(l, end)
}

impl Builder<'_> {
    // ---- Simple statements ----

    /// `a = b = value`.
    pub fn assign(&mut self, first: Expr, mut rest: Vec<Expr>) -> StmtKind {
        match rest.pop() {
            Some(value) => StmtKind::Assign { targets: self.list(first, rest), value },
            None => StmtKind::Expr(first),
        }
    }

    /// `target: annotation = value`.
    pub fn annotated(&mut self, target: Expr, annotation: Expr, value: Option<Expr>) -> StmtKind {
        let simple = matches!(target.kind, ExprKind::Name(_)) && !target.parenthesized;
        StmtKind::AnnAssign { target, annotation, value, simple }
    }

    /// `del a, b`.
    pub fn delete(&mut self, targets: Expr) -> StmtKind {
        match targets {
            Expr { kind: ExprKind::Tuple(items), parenthesized: false, .. } => StmtKind::Delete(items),
            single => StmtKind::Delete(vec![single]),
        }
    }

    // ---- Compound statements ----

    /// `if`/`elif`/`else`.
    pub fn if_(&mut self, l: u32, first: (Expr, Vec<Stmt>), rest: Vec<(Expr, Vec<Stmt>)>, orelse: Option<Vec<Stmt>>) -> Stmt {
        let branches = self.list(first, rest);
        let orelse = orelse.unwrap_or_default();
        let last = branches.last().map_or(&[][..], |(_, body)| body);
        Stmt { span: span_to(l, &[last, &orelse], l), kind: StmtKind::If { branches, orelse } }
    }

    /// `while`.
    pub fn while_(&mut self, l: u32, test: Expr, body: Vec<Stmt>, orelse: Option<Vec<Stmt>>) -> Stmt {
        let orelse = orelse.unwrap_or_default();
        Stmt { span: span_to(l, &[&body, &orelse], l), kind: StmtKind::While { test, body, orelse } }
    }

    /// `for`.
    pub fn for_(&mut self, l: u32, is_async: bool, target: Expr, iter: Expr, body: Vec<Stmt>, orelse: Option<Vec<Stmt>>) -> Stmt {
        let orelse = orelse.unwrap_or_default();
        Stmt { span: span_to(l, &[&body, &orelse], l), kind: StmtKind::For { is_async, target, iter, body, orelse } }
    }

    /// `with`.
    pub fn with(&mut self, l: u32, is_async: bool, items: Vec<WithItem>, body: Vec<Stmt>) -> Stmt {
        Stmt { span: span_to(l, &[&body], l), kind: StmtKind::With { is_async, items, body } }
    }

    /// The items of a `with`; `with (a, b):` has two.
    pub fn with_items(&mut self, first: WithItem, rest: Vec<WithItem>) -> Vec<WithItem> {
        if rest.is_empty() && first.target.is_none() && first.context.parenthesized {
            match first.context {
                Expr { kind: ExprKind::Tuple(items), .. } if splits(&items) => {
                    return items.into_iter().map(|context| WithItem { context, target: None }).collect();
                }
                context => return vec![WithItem { context, target: None }],
            }
        }
        self.list(first, rest)
    }

    /// `try`.
    pub fn try_(&mut self, l: u32, body: Vec<Stmt>, clauses: Vec<(Handler, bool)>, orelse: Option<Vec<Stmt>>, finally: Option<Vec<Stmt>>, r: u32) -> Stmt {
        let star = clauses.first().is_some_and(|(_, star)| *star);
        if let Some((odd, _)) = clauses.iter().find(|(_, s)| *s != star) {
            self.syntax("except-star", "cannot have both 'except' and 'except*' on the same 'try'", odd.span);
        }
        if clauses.is_empty() && finally.is_none() {
            let span = Span::new(l, (l + 3).min(r));
            let diag = Diag::syntax("try-without-handler", "expected 'except' or 'finally' block", span);
            self.error(diag.with_help("add an `except` or `finally` block after the `try` block"));
        }
        let handlers: Vec<Handler> = clauses.into_iter().map(|(handler, _)| handler).collect();
        let (orelse, finally) = (orelse.unwrap_or_default(), finally.unwrap_or_default());
        let last = handlers.last().map_or(&[][..], |h| &h.body);
        let span = span_to(l, &[&body, last, &orelse, &finally], l);
        Stmt { span, kind: StmtKind::Try { body, handlers, star, orelse, finally } }
    }

    /// One `except` clause.
    pub fn handler(&mut self, head: Span, star: bool, class: Option<Expr>, name: Option<Ident>, body: Vec<Stmt>) -> (Handler, bool) {
        if let Some(class) = &class
            && matches!(class.kind, ExprKind::Tuple(_))
            && !class.parenthesized
        {
            let diag = Diag::syntax("except-tuple", "multiple exception types must be parenthesized", class.span);
            let shown = self.slice_text(class.span.start, class.span.end).trim_end_matches([',', ' ']);
            let help = format!("write `except ({shown}):`");
            self.error(diag.with_help(help));
        }
        if class.is_none() && (star || name.is_some()) {
            let message = if star { "expected one or more exception types" } else { "invalid syntax" };
            self.syntax("except-type", message, head);
        }
        let span = span_to(head.start, &[&body], head.end);
        (Handler { span, class, name, body }, star)
    }

    /// `match`.
    pub fn match_(&mut self, l: u32, subject: Many<Expr>, cases: Vec<MatchCase>, r: u32) -> Stmt {
        let at = subject.0.span.start;
        let lone_star = subject.1.is_empty() && !subject.2 && matches!(subject.0.kind, ExprKind::Starred(_));
        if lone_star {
            self.syntax("starred", "invalid syntax", subject.0.span);
        }
        let subject = self.tuple_or_single(at, subject, r);
        let last = cases.last().map_or(&[][..], |case| &case.body);
        Stmt { span: span_to(l, &[last], r), kind: StmtKind::Match { subject, cases } }
    }

    /// `def`.
    #[expect(clippy::too_many_arguments, reason = "they are the parts of the production")]
    pub fn function(&mut self, l: u32, decorators: Vec<Expr>, is_async: bool, name: Ident, params: Params, returns: Option<Expr>, body: Vec<Stmt>) -> Stmt {
        let span = span_to(l, &[&body], name.span.end);
        Stmt { span, kind: StmtKind::FunctionDef(std::rc::Rc::new(FunctionDef { name, is_async, decorators, params, returns, body })) }
    }

    /// `class`.
    pub fn class(&mut self, l: u32, decorators: Vec<Expr>, name: Ident, args: Option<Vec<Arg>>, body: Vec<Stmt>) -> Stmt {
        let span = span_to(l, &[&body], name.span.end);
        let args = args.unwrap_or_default();
        if let [Arg::Pos(Expr { kind: ExprKind::Generator { .. }, parenthesized: false, span, .. })] = args.as_slice() {
            self.syntax("invalid-syntax", "invalid syntax", *span);
        }
        Stmt { span, kind: StmtKind::ClassDef(Box::new(ClassDef { name, decorators, args, body })) }
    }

    // ---- Parameters ----

    /// Sorts parameters by kind and reports their order.
    pub fn params(&mut self, items: Option<Many<(Span, ParamItem)>>) -> Params {
        let mut out = Params::default();
        let Some((first, rest, _)) = items else { return out };
        let items = if rest.is_empty() { vec![first] } else { self.list(first, rest) };
        let mut state = ParamState::default();
        for (span, item) in items {
            self.param(&mut out, &mut state, span, item);
        }
        if let (Some(span), true) = (state.star, out.kwonly.is_empty() && out.vararg.is_none()) {
            self.syntax("parameters", "named arguments must follow bare *", span);
        }
        out
    }

    fn param(&mut self, out: &mut Params, state: &mut ParamState, span: Span, item: ParamItem) {
        if out.kwarg.is_some() {
            self.syntax("parameters", "arguments cannot follow var-keyword argument", span);
        }
        let starred = state.star.is_some() || out.vararg.is_some();
        match item {
            ParamItem::Plain(param) if starred => out.kwonly.push(param),
            ParamItem::Plain(param) => {
                if param.default.is_some() {
                    state.default = true;
                } else if state.default {
                    let diag = Diag::syntax("parameters", "non-default argument follows default argument", span);
                    self.error(diag.with_help("move it before the parameters with defaults, or give it one"));
                }
                out.args.push(param);
            }
            ParamItem::Slash => self.slash(out, state, span, starred),
            ParamItem::Star | ParamItem::VarArg(_) if starred => {
                self.syntax("parameters", "* argument may appear only once", span);
                state.star = None;
            }
            ParamItem::Star => state.star = Some(span),
            ParamItem::VarArg(param) => {
                self.no_default(&param, "var-positional argument cannot have default value");
                out.vararg = Some(param);
            }
            ParamItem::KwArg(param) => {
                self.no_default(&param, "var-keyword argument cannot have default value");
                if state.star.is_some() && out.vararg.is_none() && out.kwonly.is_empty() {
                    self.syntax("parameters", "named arguments must follow bare *", state.star.unwrap_or(span));
                    state.star = None;
                }
                out.kwarg = Some(param);
            }
        }
    }

    fn slash(&mut self, out: &mut Params, state: &mut ParamState, span: Span, starred: bool) {
        if state.slash {
            self.syntax("parameters", "/ may appear only once", span);
        } else if starred {
            self.syntax("parameters", "/ must be ahead of *", span);
        } else if out.args.is_empty() {
            self.syntax("parameters", "at least one argument must precede /", span);
        }
        state.slash = true;
        if !starred {
            out.posonly.append(&mut out.args);
        }
    }

    fn no_default(&mut self, param: &Param, message: &str) {
        if let Some(default) = &param.default {
            self.syntax("parameters", message, default.span);
        }
    }

    // ---- Arguments ----

    /// `name=value`.
    pub fn keyword(&mut self, name: Expr, value: Expr) -> Arg {
        let constant = match &name.kind {
            ExprKind::Name(text) if !name.parenthesized => {
                return Arg::Keyword(Ident { name: text.clone(), span: name.span }, value);
            }
            ExprKind::True => Some("True"),
            ExprKind::False => Some("False"),
            ExprKind::None => Some("None"),
            _ => None,
        };
        let span = name.span.to(value.span);
        if let Some(constant) = constant {
            self.syntax("keyword-target", format!("cannot assign to {constant}"), span);
        } else {
            let message = "expression cannot contain assignment, perhaps you meant \"==\"?";
            self.error(Diag::syntax("keyword-target", message, span).with_help("compare with `==`"));
        }
        Arg::Pos(value)
    }

    /// The arguments of a call, in order; reports their order.
    pub fn args(&mut self, items: Option<Many<Arg>>) -> Vec<Arg> {
        let Some((first, rest, comma)) = items else { return Vec::new() };
        if rest.is_empty() {
            if comma {
                self.bare_generator(&first);
            }
            return vec![first];
        }
        let args = self.list(first, rest);
        let (mut keyword, mut spread) = (false, false);
        for arg in &args {
            self.bare_generator(arg);
            match arg {
                Arg::Keyword(..) => keyword = true,
                Arg::DoubleStar(_) => spread = true,
                Arg::Pos(value) if spread => self.syntax("arguments", "positional argument follows keyword argument unpacking", value.span),
                Arg::Star(value) if spread => {
                    let span = Span::new(value.span.start.saturating_sub(1), value.span.end);
                    self.syntax("arguments", "iterable argument unpacking follows keyword argument unpacking", span);
                }
                Arg::Pos(value) if keyword => self.syntax("arguments", "positional argument follows keyword argument", value.span),
                Arg::Pos(_) | Arg::Star(_) => {}
            }
        }
        args
    }

    fn bare_generator(&mut self, arg: &Arg) {
        if let Arg::Pos(value) = arg
            && matches!(value.kind, ExprKind::Generator { .. })
            && !value.parenthesized
        {
            let diag = Diag::syntax("bare-generator", "Generator expression must be parenthesized", value.span);
            self.error(diag.with_help("put the generator in parentheses of its own"));
        }
    }
}

#[derive(Default)]
struct ParamState {
    star: Option<Span>,
    slash: bool,
    default: bool,
}

/// Whether the elements of `with (a, b):` are managers rather than a tuple's.
fn splits(items: &[Expr]) -> bool {
    !items.is_empty() && !items.iter().any(|e| !e.parenthesized && matches!(e.kind, ExprKind::Starred(_) | ExprKind::Walrus { .. }))
}
