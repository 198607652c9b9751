//! The walk over the tree: statements come in; for each scope, which names it binds, uses and declares goes out. It does
//! not know where a name lives (`places`).

use rustc_hash::FxHashSet as HashSet;
use std::rc::Rc;

use super::places::{Raw, resolve};
use super::{ScopeKind, Scopes, Target, key, mangle};
use crate::syntax::ast::{
    Alias, Arg, ClassDef, CompClause, DictItem, Expr, ExprKind, FPart, FunctionDef, Handler, Ident, Params, Pattern, PatternKind, Stmt, StmtKind, WithItem,
};

/// Walks a tree and collects raw scopes; the innermost one is last on the stack.
pub struct Collector {
    stack: Vec<Raw>,
    target: Target,
}

impl Collector {
    pub fn new(target: Target) -> Self {
        Self { stack: vec![Raw::new(0, ScopeKind::Module, None, "".into())], target }
    }

    /// Resolves what was collected; the outermost scope belongs to `node`.
    pub fn finish(mut self, node: usize) -> Scopes {
        let mut root = self.stack.swap_remove(0);
        root.node = node;
        let mut scopes = Scopes::default();
        resolve(root, &HashSet::default(), self.target, &mut scopes);
        scopes
    }

    fn top(&mut self) -> &mut Raw {
        match self.stack.last_mut() {
            Some(top) => top,
            None => unreachable!("the module's scope stays on the stack"),
        }
    }

    fn mangled(&mut self, name: &Rc<str>) -> Rc<str> {
        mangle(self.top().class_name.as_deref(), name).map_or_else(|| name.clone(), Into::into)
    }

    fn bind(&mut self, name: &Rc<str>) {
        let name = self.mangled(name);
        let top = self.top();
        if !top.bound.contains(&name) {
            top.bound.push(name);
        }
    }

    fn use_name(&mut self, name: &Rc<str>) {
        let name = self.mangled(name);
        let top = self.top();
        if !top.used.contains(&name) {
            top.used.push(name);
        }
    }

    fn open(&mut self, node: usize, kind: ScopeKind, name: &str, class_name: Option<Rc<str>>) {
        let parent = self.top();
        let is_global = parent.globals.contains(name) && matches!(kind, ScopeKind::Function | ScopeKind::Class);
        let qualname: Rc<str> = match parent.kind {
            _ if is_global => name.into(),
            ScopeKind::Module => name.into(),
            ScopeKind::Class => format!("{}.{name}", parent.qualname).into(),
            _ => format!("{}.<locals>.{name}", parent.qualname).into(),
        };
        self.stack.push(Raw::new(node, kind, class_name, qualname));
    }

    fn close(&mut self) {
        if let Some(child) = self.stack.pop() {
            self.top().children.push(child);
        }
    }

    pub fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AugAssign { target, value, .. } => {
                if let ExprKind::Name(n) = &target.kind {
                    self.use_name(n);
                }
                self.expr(value);
                self.target(target);
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => self.ann_assign(target, annotation, value.as_ref(), *simple),
            StmtKind::Return(v) => self.maybe(v.as_ref()),
            StmtKind::Raise { exc, cause } => {
                self.maybe(exc.as_ref());
                self.maybe(cause.as_ref());
            }
            StmtKind::Assert { test, message } => {
                self.expr(test);
                self.maybe(message.as_ref());
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t)),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
            StmtKind::Global(names) => self.globals(names),
            StmtKind::Nonlocal(names) => {
                for n in names {
                    let name = self.mangled(&n.name);
                    self.top().nonlocals.insert(name);
                }
            }
            StmtKind::Import(aliases) => aliases.iter().for_each(|a| self.import(a)),
            StmtKind::ImportFrom { names, .. } => {
                for a in names {
                    self.bind(&a.asname.as_ref().unwrap_or(&a.name).name);
                }
            }
            StmtKind::If { branches, orelse } => {
                for (test, body) in branches {
                    self.expr(test);
                    self.body(body);
                }
                self.body(orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.expr(test);
                self.body(body);
                self.body(orelse);
            }
            StmtKind::For { is_async, target, iter, body, orelse } => {
                self.top().awaits |= is_async;
                self.expr(iter);
                self.target(target);
                self.body(body);
                self.body(orelse);
            }
            StmtKind::With { is_async, items, body } => self.with(*is_async, items, body),
            StmtKind::Try { body, handlers, orelse, finally, .. } => {
                self.body(body);
                handlers.iter().for_each(|h| self.handler(h));
                self.body(orelse);
                self.body(finally);
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject);
                for case in cases {
                    self.pattern(&case.pattern);
                    self.maybe(case.guard.as_ref());
                    self.body(&case.body);
                }
            }
            StmtKind::FunctionDef(f) => self.function(f),
            StmtKind::ClassDef(c) => self.class(c),
        }
    }

    /// `target: annotation = value`.
    fn ann_assign(&mut self, target: &Expr, annotation: &Expr, value: Option<&Expr>, simple: bool) {
        self.maybe(value);
        if !self.top().is_function() {
            self.expr(annotation);
            if simple {
                self.bind(&"__annotations__".into());
            }
        }
        // `(name): annotation` alone binds nothing.
        if simple || value.is_some() || !matches!(target.kind, ExprKind::Name(_)) {
            self.target(target);
        }
    }

    fn globals(&mut self, names: &[Ident]) {
        for n in names {
            let name = self.mangled(&n.name);
            // The outermost scope's name is the global one too, even where it has locals of its own.
            if let Some(outermost) = self.stack.first_mut() {
                outermost.globals.insert(name.clone());
            }
            self.top().globals.insert(name);
        }
    }

    /// `import a.b` binds `a`.
    fn import(&mut self, a: &Alias) {
        match &a.asname {
            Some(n) => self.bind(&n.name),
            None => self.bind(&a.name.name.split('.').next().unwrap_or_default().into()),
        }
    }

    fn with(&mut self, is_async: bool, items: &[WithItem], body: &[Stmt]) {
        self.top().awaits |= is_async;
        for item in items {
            self.expr(&item.context);
            if let Some(t) = &item.target {
                self.target(t);
            }
        }
        self.body(body);
    }

    fn handler(&mut self, h: &Handler) {
        self.maybe(h.class.as_ref());
        if let Some(n) = &h.name {
            self.bind(&n.name);
        }
        self.body(&h.body);
    }

    fn function(&mut self, f: &FunctionDef) {
        f.decorators.iter().for_each(|d| self.expr(d));
        self.defaults_and_annotations(&f.params);
        self.maybe(f.returns.as_ref());
        self.bind(&f.name.name);
        let class_name = self.top().class_name.clone();
        self.open(key(f), ScopeKind::Function, &f.name.name, class_name);
        self.params(&f.params);
        self.body(&f.body);
        if f.is_async {
            self.top().awaits = true;
        }
        self.close();
    }

    fn class(&mut self, c: &ClassDef) {
        c.decorators.iter().for_each(|d| self.expr(d));
        c.args.iter().for_each(|a| self.arg(a));
        self.bind(&c.name.name);
        self.open(key(c), ScopeKind::Class, &c.name.name, Some(c.name.name.clone()));
        self.body(&c.body);
        self.close();
    }

    fn params(&mut self, p: &Params) {
        let mut names: Vec<Rc<str>> = p.posonly.iter().chain(&p.args).chain(&p.kwonly).map(|p| p.name.name.clone()).collect();
        names.extend(p.vararg.iter().chain(&p.kwarg).map(|p| p.name.name.clone()));
        let names = names.iter().map(|n| self.mangled(n)).collect();
        self.top().params = names;
    }

    fn defaults_and_annotations(&mut self, p: &Params) {
        for param in p.posonly.iter().chain(&p.args).chain(&p.kwonly).chain(&p.vararg).chain(&p.kwarg) {
            self.maybe(param.default.as_ref());
            self.maybe(param.annotation.as_ref());
        }
    }

    fn maybe(&mut self, e: Option<&Expr>) {
        if let Some(e) = e {
            self.expr(e);
        }
    }

    fn arg(&mut self, a: &Arg) {
        match a {
            Arg::Pos(e) | Arg::Star(e) | Arg::Keyword(_, e) | Arg::DoubleStar(e) => self.expr(e),
        }
    }

    /// Something that is assigned to or deleted.
    fn target(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Name(n) => self.bind(n),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|i| self.target(i)),
            ExprKind::Starred(inner) => self.target(inner),
            _ => self.expr(e),
        }
    }

    pub fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Name(n) => {
                self.use_name(n);
                if &**n == "super" && self.top().is_function() {
                    self.use_name(&"__class__".into());
                }
            }
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
            ExprKind::FString(parts) => self.fparts(parts),
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) | ExprKind::And(items) | ExprKind::Or(items) => {
                items.iter().for_each(|i| self.expr(i));
            }
            ExprKind::Dict(items) => {
                for item in items {
                    match item {
                        DictItem::Pair(k, v) => {
                            self.expr(k);
                            self.expr(v);
                        }
                        DictItem::Spread(m) => self.expr(m),
                    }
                }
            }
            ExprKind::Unary(_, a) | ExprKind::Starred(a) | ExprKind::Attribute { value: a, .. } => self.expr(a),
            ExprKind::Binary(_, a, b) | ExprKind::Subscript { value: a, index: b } => {
                self.expr(a);
                self.expr(b);
            }
            ExprKind::Compare(first, rest) => {
                self.expr(first);
                rest.iter().for_each(|(_, e)| self.expr(e));
            }
            ExprKind::Conditional { test, then, orelse } => [test, then, orelse].into_iter().for_each(|e| self.expr(e)),
            ExprKind::Lambda { params, body } => {
                self.defaults_and_annotations(params);
                let class_name = self.top().class_name.clone();
                self.open(key(&**body), ScopeKind::Lambda, "<lambda>", class_name);
                self.params(params);
                self.expr(body);
                self.close();
            }
            ExprKind::Call { func, args } => {
                self.expr(func);
                args.iter().for_each(|a| self.arg(a));
            }
            ExprKind::Slice { lower, upper, step } => [lower, upper, step].into_iter().flatten().for_each(|e| self.expr(e)),
            ExprKind::Await(a) => {
                self.top().awaits = true;
                self.expr(a);
            }
            ExprKind::Yield(v) => {
                self.top().yields = true;
                if let Some(v) = v {
                    self.expr(v);
                }
            }
            ExprKind::YieldFrom(v) => {
                self.top().yields = true;
                self.expr(v);
            }
            ExprKind::Walrus { target, value } => {
                self.expr(value);
                self.bind_walrus(&target.name);
            }
            ExprKind::ListComp { element, clauses } => self.comprehension("<listcomp>", &[element], clauses, false),
            ExprKind::SetComp { element, clauses } => self.comprehension("<setcomp>", &[element], clauses, false),
            ExprKind::DictComp { key, value, clauses } => self.comprehension("<dictcomp>", &[key, value], clauses, false),
            ExprKind::Generator { element, clauses } => self.comprehension("<genexpr>", &[element], clauses, true),
        }
    }

    /// A walrus binds in the innermost scope that is not a comprehension.
    fn bind_walrus(&mut self, name: &Rc<str>) {
        let name = self.mangled(name);
        let depth = self.stack.len();
        let owner = self.stack.iter().rposition(|s| s.kind != ScopeKind::Comprehension).unwrap_or(0);
        let is_module = self.stack[owner].kind == ScopeKind::Module || self.stack[owner].globals.contains(&name);
        for (i, scope) in self.stack.iter_mut().enumerate().skip(owner) {
            if i == owner {
                if !scope.bound.contains(&name) {
                    scope.bound.push(name.clone());
                }
            } else if is_module || self.target == Target::Namespace {
                scope.globals.insert(name.clone());
            } else {
                scope.nonlocals.insert(name.clone());
                if i + 1 == depth && !scope.used.contains(&name) {
                    scope.used.push(name.clone());
                }
            }
        }
    }

    fn comprehension(&mut self, name: &str, elements: &[&Expr], clauses: &[CompClause], is_generator: bool) {
        let Some((first, rest)) = clauses.split_first() else { return };
        self.expr(&first.iter);
        let class_name = self.top().class_name.clone();
        self.open(key(elements[0]), ScopeKind::Comprehension, name, class_name);
        self.top().params = vec![".0".into()];
        self.top().awaits |= first.is_async;
        self.target(&first.target);
        first.conditions.iter().for_each(|c| self.expr(c));
        for clause in rest {
            self.top().awaits |= clause.is_async;
            self.expr(&clause.iter);
            self.target(&clause.target);
            clause.conditions.iter().for_each(|c| self.expr(c));
        }
        elements.iter().for_each(|e| self.expr(e));
        if is_generator {
            self.top().yields = true;
        }
        let awaits = self.top().awaits;
        self.close();
        if awaits && !is_generator {
            self.top().awaits = true;
        }
    }

    fn fparts(&mut self, parts: &[FPart]) {
        for part in parts {
            if let FPart::Field { value, spec, .. } = part {
                self.expr(value);
                if let Some(spec) = spec {
                    self.fparts(spec);
                }
            }
        }
    }

    fn pattern(&mut self, p: &Pattern) {
        match &p.kind {
            PatternKind::Value(e) | PatternKind::Singleton(e) => self.expr(e),
            PatternKind::Sequence(items) | PatternKind::Or(items) => items.iter().for_each(|i| self.pattern(i)),
            PatternKind::Mapping { keys, patterns, rest } => {
                keys.iter().for_each(|k| self.expr(k));
                patterns.iter().for_each(|p| self.pattern(p));
                if let Some(r) = rest {
                    self.bind(&r.name);
                }
            }
            PatternKind::Class { class, patterns, keywords } => {
                self.expr(class);
                patterns.iter().for_each(|p| self.pattern(p));
                keywords.iter().for_each(|(_, p)| self.pattern(p));
            }
            PatternKind::Star(name) => {
                if let Some(n) = name {
                    self.bind(&n.name);
                }
            }
            PatternKind::As { pattern, name } => {
                if let Some(p) = pattern {
                    self.pattern(p);
                }
                if let Some(n) = name {
                    self.bind(&n.name);
                }
            }
            PatternKind::Invalid => {}
        }
    }
}
