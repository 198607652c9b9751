//! The tree as text on one line, in the form that `tree.py` beside this file gives to CPython's.

use std::fmt::Write;

use corun::source::{Source, Span};
use corun::syntax::ast::*;

pub fn dump(source: &Source, module: &Module) -> String {
    let mut d = Dump { source, out: String::new(), quiet: 0 };
    d.block(&module.body);
    d.out
}

struct Dump<'s> {
    source: &'s Source,
    out: String,
    /// Inside f-strings, where CPython 3.11's places are wrong.
    quiet: usize,
}

impl Dump<'_> {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn place(&mut self, span: Span) {
        if self.quiet == 0 {
            let start = span.start - self.line_start(span.start);
            let end = span.end - self.line_start(span.end);
            let _ = write!(self.out, "@{}:{start}-{}:{end}", self.source.line(span.start), self.source.line(span.end));
        }
    }

    fn line_start(&self, offset: u32) -> u32 {
        self.source.text[..offset as usize].rfind('\n').map_or(0, |i| i as u32 + 1)
    }

    fn text(&mut self, text: &str) {
        self.hex(text.as_bytes());
    }

    fn hex(&mut self, bytes: &[u8]) {
        self.put("'");
        for byte in bytes {
            let _ = write!(self.out, "{byte:02x}");
        }
        self.put("'");
    }

    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        self.put("[");
        for item in items {
            each(self, item);
            self.put(" ");
        }
        self.put("]");
    }

    fn exprs<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>) {
        self.list(items, Dump::expr);
    }

    fn opt(&mut self, value: Option<&Expr>) {
        match value {
            Some(value) => self.expr(value),
            None => self.put("-"),
        }
    }

    fn ident(&mut self, name: Option<&Ident>) {
        self.put(name.map_or("-", |n| &n.name));
    }

    fn block(&mut self, body: &[Stmt]) {
        self.list(body, Self::stmt);
    }

    fn node(&mut self, name: &str, fields: impl FnOnce(&mut Self)) {
        self.put("(");
        self.put(name);
        self.put(" ");
        fields(self);
        self.put(")");
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.place(stmt.span);
        match &stmt.kind {
            StmtKind::Expr(e) => self.node("Expr", |d| d.expr(e)),
            StmtKind::Assign { targets, value } => self.node("Assign", |d| {
                d.exprs(targets);
                d.expr(value);
            }),
            StmtKind::AugAssign { target, op, value } => self.node("AugAssign", |d| {
                d.expr(target);
                d.put(&format!("{op:?} "));
                d.expr(value);
            }),
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.node("AnnAssign", |d| {
                    d.expr(target);
                    d.expr(annotation);
                    d.opt(value.as_ref());
                    d.put(if *simple { "1" } else { "0" });
                });
            }
            StmtKind::Return(e) => self.node("Return", |d| d.opt(e.as_ref())),
            StmtKind::Raise { exc, cause } => self.node("Raise", |d| {
                d.opt(exc.as_ref());
                d.opt(cause.as_ref());
            }),
            StmtKind::Assert { test, message } => self.node("Assert", |d| {
                d.expr(test);
                d.opt(message.as_ref());
            }),
            StmtKind::Delete(items) => self.node("Delete", |d| d.exprs(items)),
            StmtKind::Pass => self.put("Pass"),
            StmtKind::Break => self.put("Break"),
            StmtKind::Continue => self.put("Continue"),
            StmtKind::Global(names) => self.node("Global", |d| d.list(names, |d, n| d.ident(Some(n)))),
            StmtKind::Nonlocal(names) => self.node("Nonlocal", |d| d.list(names, |d, n| d.ident(Some(n)))),
            StmtKind::Import(names) => self.node("Import", |d| d.list(names, Self::alias)),
            StmtKind::ImportFrom { module, names, star, level } => self.node("ImportFrom", |d| {
                d.ident(module.as_ref());
                d.put(&format!(" {level} "));
                if *star { d.put("[* - ]") } else { d.list(names, Self::alias) }
            }),
            StmtKind::If { branches, orelse } => self.branches(branches, orelse),
            StmtKind::While { test, body, orelse } => self.node("While", |d| {
                d.expr(test);
                d.block(body);
                d.block(orelse);
            }),
            StmtKind::For { is_async, target, iter, body, orelse } => {
                self.node(if *is_async { "AsyncFor" } else { "For" }, |d| {
                    d.expr(target);
                    d.expr(iter);
                    d.block(body);
                    d.block(orelse);
                });
            }
            StmtKind::With { is_async, items, body } => self.node(if *is_async { "AsyncWith" } else { "With" }, |d| {
                d.list(items, |d, i| {
                    d.expr(&i.context);
                    d.opt(i.target.as_ref());
                });
                d.block(body);
            }),
            StmtKind::Try { body, handlers, star, orelse, finally } => self.node(if *star { "TryStar" } else { "Try" }, |d| {
                d.block(body);
                d.list(handlers, |d, h| {
                    d.opt(h.class.as_ref());
                    d.ident(h.name.as_ref());
                    d.block(&h.body);
                });
                d.block(orelse);
                d.block(finally);
            }),
            StmtKind::Match { subject, cases } => self.node("Match", |d| {
                d.expr(subject);
                d.list(cases, |d, c| {
                    d.pattern(&c.pattern);
                    d.opt(c.guard.as_ref());
                    d.block(&c.body);
                });
            }),
            StmtKind::FunctionDef(def) => self.node(if def.is_async { "AsyncFunctionDef" } else { "FunctionDef" }, |d| {
                d.ident(Some(&def.name));
                d.exprs(&def.decorators);
                d.params(&def.params);
                d.opt(def.returns.as_ref());
                d.block(&def.body);
            }),
            StmtKind::ClassDef(def) => self.node("ClassDef", |d| {
                d.ident(Some(&def.name));
                d.exprs(&def.decorators);
                d.args(&def.args);
                d.block(&def.body);
            }),
        }
    }

    fn branches(&mut self, branches: &[(Expr, Vec<Stmt>)], orelse: &[Stmt]) {
        let Some(((test, body), rest)) = branches.split_first() else { return };
        self.node("If", |d| {
            d.expr(test);
            d.block(body);
            if rest.is_empty() {
                d.block(orelse);
            } else {
                d.put("[");
                d.branches(rest, orelse);
                d.put(" ]");
            }
        });
    }

    fn alias(&mut self, alias: &Alias) {
        self.ident(Some(&alias.name));
        self.put(" ");
        self.ident(alias.asname.as_ref());
    }

    fn params(&mut self, params: &Params) {
        let param = |d: &mut Self, p: &Param| {
            d.ident(Some(&p.name));
            d.opt(p.annotation.as_ref());
            d.opt(p.default.as_ref());
        };
        self.list(&params.posonly, param);
        self.list(&params.args, param);
        self.list(&params.vararg, param);
        self.list(&params.kwonly, param);
        self.list(&params.kwarg, param);
    }

    fn args(&mut self, args: &[Arg]) {
        self.list(args, |d, a| match a {
            Arg::Pos(e) => d.expr(e),
            Arg::Star(e) => {
                d.put("*");
                d.expr(e);
            }
            Arg::Keyword(..) | Arg::DoubleStar(_) => {}
        });
        self.list(args, |d, a| match a {
            Arg::Keyword(n, e) => {
                d.ident(Some(n));
                d.expr(e);
            }
            Arg::DoubleStar(e) => {
                d.put("**");
                d.expr(e);
            }
            Arg::Pos(_) | Arg::Star(_) => {}
        });
    }

    fn clauses(&mut self, clauses: &[CompClause]) {
        self.list(clauses, |d, c| {
            d.put(if c.is_async { "async " } else { "" });
            d.expr(&c.target);
            d.expr(&c.iter);
            d.exprs(&c.conditions);
        });
    }

    fn expr(&mut self, e: &Expr) {
        self.place(e.span);
        match &e.kind {
            ExprKind::Name(n) => self.node("Name", |d| d.put(n)),
            ExprKind::None => self.put("None"),
            ExprKind::True => self.put("True"),
            ExprKind::False => self.put("False"),
            ExprKind::Ellipsis => self.put("Ellipsis"),
            ExprKind::Int(n) => self.put(&format!("{n:x}")),
            ExprKind::BigInt(n) => self.put(&format!("{:x}", **n)),
            ExprKind::Float(n) => self.put(&format!("f{:016x}", n.to_bits())),
            ExprKind::Imaginary(n) => self.put(&format!("j{:016x}", n.to_bits())),
            ExprKind::Str(s) => self.text(s),
            ExprKind::Bytes(b) => {
                self.put("b");
                self.hex(b);
            }
            ExprKind::FString(parts) => self.fstring(parts),
            ExprKind::Tuple(items) => self.node("Tuple", |d| d.exprs(items)),
            ExprKind::List(items) => self.node("List", |d| d.exprs(items)),
            ExprKind::Set(items) => self.node("Set", |d| d.exprs(items)),
            ExprKind::Dict(items) => self.node("Dict", |d| {
                d.list(items, |d, i| match i {
                    DictItem::Pair(k, v) => {
                        d.expr(k);
                        d.expr(v);
                    }
                    DictItem::Spread(v) => {
                        d.put("**");
                        d.expr(v);
                    }
                });
            }),
            ExprKind::Unary(op, v) => self.node(&format!("{op:?}"), |d| d.expr(v)),
            ExprKind::Binary(op, l, r) => self.node(&format!("{op:?}"), |d| {
                d.expr(l);
                d.expr(r);
            }),
            ExprKind::And(items) => self.node("and", |d| d.exprs(items)),
            ExprKind::Or(items) => self.node("or", |d| d.exprs(items)),
            ExprKind::Compare(first, rest) => self.node("Compare", |d| {
                d.expr(first);
                d.list(rest, |d, (op, e)| {
                    d.put(&format!("{op:?} "));
                    d.expr(e);
                });
            }),
            ExprKind::Conditional { test, then, orelse } => self.node("IfExp", |d| {
                d.expr(test);
                d.expr(then);
                d.expr(orelse);
            }),
            ExprKind::Lambda { params, body } => self.node("Lambda", |d| {
                d.params(params);
                d.expr(body);
            }),
            ExprKind::Call { func, args } => self.node("Call", |d| {
                d.expr(func);
                d.args(args);
            }),
            ExprKind::Attribute { value, name } => self.node("Attribute", |d| {
                d.expr(value);
                d.ident(Some(name));
            }),
            ExprKind::Subscript { value, index } => self.node("Subscript", |d| {
                d.expr(value);
                d.expr(index);
            }),
            ExprKind::Slice { lower, upper, step } => self.node("Slice", |d| {
                d.opt(lower.as_deref());
                d.opt(upper.as_deref());
                d.opt(step.as_deref());
            }),
            ExprKind::Starred(v) => self.node("Starred", |d| d.expr(v)),
            ExprKind::Await(v) => self.node("Await", |d| d.expr(v)),
            ExprKind::Yield(v) => self.node("Yield", |d| d.opt(v.as_deref())),
            ExprKind::YieldFrom(v) => self.node("YieldFrom", |d| d.expr(v)),
            ExprKind::Walrus { target, value } => self.node("NamedExpr", |d| {
                d.ident(Some(target));
                d.expr(value);
            }),
            ExprKind::ListComp { element, clauses } => self.node("ListComp", |d| {
                d.expr(element);
                d.clauses(clauses);
            }),
            ExprKind::SetComp { element, clauses } => self.node("SetComp", |d| {
                d.expr(element);
                d.clauses(clauses);
            }),
            ExprKind::Generator { element, clauses } => self.node("GeneratorExp", |d| {
                d.expr(element);
                d.clauses(clauses);
            }),
            ExprKind::DictComp { key, value, clauses } => self.node("DictComp", |d| {
                d.expr(key);
                d.expr(value);
                d.clauses(clauses);
            }),
            ExprKind::Invalid => self.put("Invalid"),
        }
    }

    fn fstring(&mut self, parts: &[FPart]) {
        self.quiet += 1;
        self.node("JoinedStr", |d| {
            d.list(parts, |d, p| match p {
                FPart::Text(t) => d.text(t),
                FPart::Field { value, conversion, spec } => {
                    d.expr(value);
                    d.put(&format!("!{} ", conversion.unwrap_or('-')));
                    match spec {
                        Some(spec) => d.fstring(spec),
                        None => d.put("-"),
                    }
                }
            });
        });
        self.quiet -= 1;
    }

    fn pattern(&mut self, p: &Pattern) {
        self.place(p.span);
        match &p.kind {
            PatternKind::Value(e) => self.node("MatchValue", |d| d.expr(e)),
            PatternKind::Singleton(e) => self.node("MatchSingleton", |d| {
                d.quiet += 1;
                d.expr(e);
                d.quiet -= 1;
            }),
            PatternKind::Sequence(ps) => self.node("MatchSequence", |d| d.list(ps, Self::pattern)),
            PatternKind::Mapping { keys, patterns, rest } => self.node("MatchMapping", |d| {
                d.exprs(keys);
                d.list(patterns, Self::pattern);
                d.ident(rest.as_ref());
            }),
            PatternKind::Class { class, patterns, keywords } => self.node("MatchClass", |d| {
                d.expr(class);
                d.list(patterns, Self::pattern);
                d.list(keywords, |d, (n, p)| {
                    d.ident(Some(n));
                    d.pattern(p);
                });
            }),
            PatternKind::Star(name) => self.node("MatchStar", |d| d.ident(name.as_ref())),
            PatternKind::As { pattern, name } => self.node("MatchAs", |d| {
                match pattern {
                    Some(p) => d.pattern(p),
                    None => d.put("-"),
                }
                d.ident(name.as_ref());
            }),
            PatternKind::Or(ps) => self.node("MatchOr", |d| d.list(ps, Self::pattern)),
            PatternKind::Invalid => self.put("Invalid"),
        }
    }
}
