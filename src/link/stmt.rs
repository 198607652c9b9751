//! Statements: one flat dispatch, and blocks.

use super::St;
use super::cx::Cx;
use super::name::drain_at;
use crate::syntax::ast::{Expr, ExprKind, Stmt, StmtKind};
use crate::value::{Flow, R, Ref, Thrown, Value};
use crate::vm::Vm;
use crate::vm::errors::exc_data;

impl Cx<'_> {
    /// Whether a statement contains a suspension of this frame.
    pub fn stmt_suspends(&self, s: &Stmt) -> bool {
        if !self.can_suspend {
            return false;
        }
        let block = |body: &[Stmt]| self.block_suspends(body);
        match &s.kind {
            StmtKind::Expr(e) => self.suspends(e),
            StmtKind::Assign { targets, value } => {
                self.suspends(value)
                    || self.any_suspends(targets)
                    || (self.threaded && targets.iter().any(|t| matches!(t.kind, ExprKind::Tuple(_) | ExprKind::List(_))))
            }
            StmtKind::AugAssign { target, value, .. } => self.threaded || self.any_suspends([target, value]),
            StmtKind::AnnAssign { target, value, annotation, .. } => {
                self.any_suspends([target, annotation]) || value.as_ref().is_some_and(|v| self.suspends(v))
            }
            StmtKind::Return(v) => v.as_ref().is_some_and(|v| self.suspends(v)),
            StmtKind::Raise { exc, cause } => (self.threaded && exc.is_some()) || [exc, cause].into_iter().flatten().any(|e| self.suspends(e)),
            StmtKind::Assert { test, message } => self.suspends(test) || message.as_ref().is_some_and(|m| self.suspends(m)),
            StmtKind::Delete(targets) => self.any_suspends(targets),
            StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. } => false,
            StmtKind::If { branches, orelse } => branches.iter().any(|(t, b)| self.suspends(t) || block(b)) || block(orelse),
            StmtKind::While { test, body, orelse } => self.suspends(test) || block(body) || block(orelse),
            StmtKind::For { is_async, target, iter, body, orelse } => {
                *is_async || self.threaded || self.any_suspends([target, iter]) || block(body) || block(orelse)
            }
            StmtKind::With { is_async, items, body } => {
                *is_async
                    || self.threaded
                    || block(body)
                    || items.iter().any(|i| self.suspends(&i.context) || i.target.as_ref().is_some_and(|t| self.suspends(t)))
            }
            StmtKind::Try { body, handlers, orelse, finally, .. } => {
                block(body) || block(orelse) || block(finally) || handlers.iter().any(|h| block(&h.body) || h.class.as_ref().is_some_and(|c| self.suspends(c)))
            }
            StmtKind::Match { subject, cases } => {
                self.suspends(subject) || cases.iter().any(|c| block(&c.body) || c.guard.as_ref().is_some_and(|g| self.suspends(g)))
            }
            StmtKind::FunctionDef(f) => {
                (self.threaded && !f.decorators.is_empty()) || self.any_suspends(super::function::def_exprs(&f.decorators, &f.params, f.returns.as_ref()))
            }
            StmtKind::ClassDef(c) => self.threaded || c.decorators.iter().any(|d| self.suspends(d)) || c.args.iter().any(|a| self.arg_suspends(a)),
        }
    }

    /// Whether a block contains a suspension of this frame.
    pub fn block_suspends(&self, body: &[Stmt]) -> bool {
        self.can_suspend && body.iter().any(|s| self.stmt_suspends(s))
    }

    /// Links a block.
    pub fn block(&mut self, body: &[Stmt]) -> St {
        let body: Vec<&Stmt> = body.iter().filter(|s| self.is_shown || !is_nothing(s)).collect();
        let suspending: Vec<usize> = (0..body.len()).filter(|&i| self.can_suspend && self.stmt_suspends(body[i])).collect();
        match suspending.as_slice() {
            [] => sequence(self.stmts(&body)),
            [only] => self.block_around(&body[..*only], body[*only], &body[*only + 1..]),
            _ => {
                let slot = self.temp();
                let stmts = self.stmts(&body);
                self.resumable_seq(slot, stmts)
            }
        }
    }

    fn stmts(&mut self, body: &[&Stmt]) -> Vec<St> {
        body.iter().map(|s| self.stmt(s)).collect()
    }

    /// A block in which one statement may suspend. When it is the first one, entering the block again needs no
    /// progress: the statement knows its own.
    fn block_around(&mut self, before: &[&Stmt], stmt: &Stmt, after: &[&Stmt]) -> St {
        let slot = if before.is_empty() { None } else { Some(self.temp()) };
        let before = sequence(self.stmts(before));
        let stmt = self.stmt(stmt);
        let stmt = match slot {
            Some(slot) => self.resumable_last(slot, before, stmt),
            None => stmt,
        };
        if after.is_empty() { stmt } else { sequence(vec![stmt, sequence(self.stmts(after))]) }
    }

    /// Links a statement.
    pub fn stmt(&mut self, s: &Stmt) -> St {
        let around = std::mem::replace(&mut self.statement, s.span.start);
        let st = self.placed(s, |cx| cx.stmt_anywhere(s));
        self.statement = around;
        self.sited_stmt(s, st)
    }

    fn stmt_anywhere(&mut self, s: &Stmt) -> St {
        let span = s.span;
        match &s.kind {
            StmtKind::Expr(e) => self.settled(|cx| cx.expr_stmt(e)),
            StmtKind::Assign { targets, value } => self.settled(|cx| cx.assign(targets, value)),
            StmtKind::AugAssign { target, op, value } => self.settled(|cx| cx.aug_assign(target, *op, value, span)),
            StmtKind::AnnAssign { target, annotation, value, simple } => self.settled(|cx| cx.ann_assign(target, annotation, value.as_ref(), *simple)),
            StmtKind::Return(v) => self.settled(|cx| cx.return_stmt(v.as_ref())),
            StmtKind::Raise { exc, cause } => self.settled(|cx| cx.raise(exc.as_ref(), cause.as_ref(), span)),
            StmtKind::Assert { test, message } => self.settled(|cx| cx.assert(test, message.as_ref(), span)),
            StmtKind::Delete(targets) => self.settled(|cx| cx.delete(targets)),
            StmtKind::Pass | StmtKind::Global(_) | StmtKind::Nonlocal(_) => Box::new(|_, _| Ok(Flow::Next)),
            StmtKind::Break => Box::new(|_, _| Ok(Flow::Break)),
            StmtKind::Continue => Box::new(|_, _| Ok(Flow::Continue)),
            StmtKind::Import(names) => self.import(names, span),
            StmtKind::ImportFrom { module, names, star, level } => self.import_from(module.as_ref(), names, *star, *level, span),
            StmtKind::If { branches, orelse } => self.if_stmt(branches, orelse),
            StmtKind::While { test, body, orelse } => self.while_stmt(test, body, orelse),
            StmtKind::For { is_async, target, iter, body, orelse } => self.for_stmt(*is_async, target, iter, body, orelse),
            StmtKind::With { is_async, items, body } => self.with_stmt(*is_async, items, body),
            StmtKind::Try { body, handlers, star, orelse, finally } => self.try_stmt(body, handlers, *star, orelse, finally),
            StmtKind::Match { subject, cases } => self.match_stmt(subject, cases),
            StmtKind::FunctionDef(f) => self.settled(|cx| cx.function_def(f)),
            StmtKind::ClassDef(c) => self.settled(|cx| cx.class_def(c, span)),
        }
    }

    fn expr_stmt(&mut self, e: &Expr) -> St {
        let (e, here) = (self.expr(e), self.here());
        if self.is_shown {
            return Box::new(move |vm, fr| {
                let v = e(vm, fr)?;
                vm.show(&v)?;
                drop(v);
                drain_at(vm, &here);
                Ok(Flow::Next)
            });
        }
        Box::new(move |vm, fr| {
            drop(e(vm, fr)?);
            drain_at(vm, &here);
            Ok(Flow::Next)
        })
    }

    fn return_stmt(&mut self, value: Option<&Expr>) -> St {
        match value {
            None => Box::new(|_, _| Ok(Flow::Return(Value::None))),
            Some(e) if matches!(e.kind, ExprKind::Call { .. } | ExprKind::Await(_)) => {
                let (e, here) = (self.expr(e), self.here());
                Box::new(move |vm, fr| {
                    let v = e(vm, fr)?;
                    drain_at(vm, &here);
                    Ok(Flow::Return(v))
                })
            }
            Some(e) => {
                let e = self.operand(e);
                Box::new(move |vm, fr| e.eval(vm, fr).map(Flow::Return))
            }
        }
    }

    fn if_stmt(&mut self, branches: &[(Expr, Vec<Stmt>)], orelse: &[Stmt]) -> St {
        let suspends = branches.iter().any(|(t, b)| self.suspends(t) || self.block_suspends(b)) || self.block_suspends(orelse);
        let slot = if suspends { Some(self.temp()) } else { None };
        let branches: Vec<(super::Cond, St)> = branches.iter().map(|(t, b)| (self.placed_cond(t), self.block(b))).collect();
        let orelse = if orelse.is_empty() { None } else { Some(self.block(orelse)) };
        let Some(slot) = slot else {
            return plain_if(branches, orelse);
        };
        Box::new(move |vm, fr| {
            // A branch that was chosen, or the test that suspended (below zero).
            let (chosen, first_test) = match fr[slot].take() {
                Value::Int(i) if i >= 0 => (Some(i as usize), 0),
                Value::Int(i) => (None, (-1 - i) as usize),
                _ => (None, 0),
            };
            let chosen = match chosen {
                Some(c) => c,
                None => {
                    let mut chosen = branches.len();
                    for (i, (test, _)) in branches.iter().enumerate().skip(first_test) {
                        let r = test(vm, fr);
                        if r.is_err() && vm.is_suspending() {
                            fr[slot] = Value::Int(-1 - i as i64);
                        }
                        if r? {
                            chosen = i;
                            break;
                        }
                    }
                    chosen
                }
            };
            let body = match branches.get(chosen) {
                Some((_, body)) => body,
                None => match &orelse {
                    Some(body) => body,
                    None => return Ok(Flow::Next),
                },
            };
            let r = body(vm, fr);
            if r.is_err() && vm.is_suspending() {
                fr[slot] = Value::Int(chosen as i64);
            }
            r
        })
    }

    fn raise(&mut self, exc: Option<&Expr>, cause: Option<&Expr>, span: crate::source::Span) -> St {
        let Some(exc) = exc else {
            return Box::new(move |vm, _| {
                match vm.handled.clone() {
                    // Its traceback knows this frame already, and where in it.
                    Some(e) => Err(vm.rethrow(e)),
                    None => {
                        let t = vm.runtime_error("No active exception to reraise");
                        Err(vm.at(span, t))
                    }
                }
            });
        };
        let exprs: Vec<&Expr> = std::iter::once(exc).chain(cause).collect();
        let mut linked = self.exprs_in_order(&exprs).into_iter();
        let (Some(exc), cause) = (linked.next(), linked.next()) else { unreachable!("the exception was linked") };
        if self.threaded {
            return self.threaded_raise(exc, cause, span);
        }
        Box::new(move |vm, fr| {
            let e = exc(vm, fr)?;
            let cause = match &cause {
                Some(c) => Some(c(vm, fr)?),
                None => None,
            };
            let t = vm.raise_value(&e, cause.as_ref());
            Err(vm.at(span, t))
        })
    }

    fn assert(&mut self, test: &Expr, message: Option<&Expr>, span: crate::source::Span) -> St {
        let suspends = message.is_some_and(|m| self.suspends(m));
        let test_span = test.span;
        // In the slot: the test failed, and the message suspended.
        let failed = if suspends { Some(self.sticky_temp()) } else { None };
        let test = self.cond(test);
        let message = message.map(|m| self.expr(m));
        let _ = span;
        Box::new(move |vm, fr| {
            if failed.is_none_or(|f| fr[f].is_unbound()) && test(vm, fr)? {
                return Ok(Flow::Next);
            }
            if let Some(f) = failed {
                fr[f] = Value::True;
            }
            let args = match &message {
                Some(m) => vec![m(vm, fr)?],
                None => Vec::new(),
            };
            let class = vm.types.assertion_error.clone();
            let exc = vm.new_exc(&class, args);
            let t = vm.raise(exc);
            Err(vm.at(test_span, t))
        })
    }
}

/// Whether a statement does nothing when it runs.
fn is_nothing(s: &Stmt) -> bool {
    match &s.kind {
        StmtKind::Pass | StmtKind::Global(_) | StmtKind::Nonlocal(_) => true,
        StmtKind::Expr(e) => matches!(e.kind, ExprKind::Str(_) | ExprKind::Int(_) | ExprKind::None | ExprKind::Ellipsis | ExprKind::True | ExprKind::False),
        _ => false,
    }
}

/// Statements one after another.
pub fn sequence(stmts: Vec<St>) -> St {
    macro_rules! run {
        ($st:expr, $vm:expr, $fr:expr) => {
            match $st($vm, $fr) {
                Ok(Flow::Next) => {}
                other => return other,
            }
        };
    }
    if stmts.is_empty() {
        return Box::new(|_, _| Ok(Flow::Next));
    }
    let stmts = match <[St; 1]>::try_from(stmts) {
        Ok([a]) => return a,
        Err(s) => s,
    };
    let stmts = match <[St; 2]>::try_from(stmts) {
        Ok([a, b]) => {
            return Box::new(move |vm, fr| {
                run!(a, vm, fr);
                b(vm, fr)
            });
        }
        Err(s) => s,
    };
    let stmts = match <[St; 3]>::try_from(stmts) {
        Ok([a, b, c]) => {
            return Box::new(move |vm, fr| {
                run!(a, vm, fr);
                run!(b, vm, fr);
                c(vm, fr)
            });
        }
        Err(s) => s,
    };
    Box::new(move |vm, fr| {
        for st in &stmts {
            run!(st, vm, fr);
        }
        Ok(Flow::Next)
    })
}

fn plain_if(mut branches: Vec<(super::Cond, St)>, orelse: Option<St>) -> St {
    if branches.len() == 1
        && let Some((test, body)) = branches.pop()
    {
        return match orelse {
            None => Box::new(move |vm, fr| if test(vm, fr)? { body(vm, fr) } else { Ok(Flow::Next) }),
            Some(orelse) => Box::new(move |vm, fr| if test(vm, fr)? { body(vm, fr) } else { orelse(vm, fr) }),
        };
    }
    Box::new(move |vm, fr| {
        for (test, body) in &branches {
            if test(vm, fr)? {
                return body(vm, fr);
            }
        }
        match &orelse {
            Some(body) => body(vm, fr),
            None => Ok(Flow::Next),
        }
    })
}

impl Vm {
    /// `raise value from cause`: classes are instantiated.
    pub fn raise_value(&mut self, value: &Value, cause: Option<&Value>) -> Thrown {
        let exc = match self.to_exception(value, "exceptions must derive from BaseException") {
            Ok(e) => e,
            Err(t) => return t,
        };
        if let Some(cause) = cause {
            let data = exc_data(&exc);
            if cause.is_none() {
                drop(data.cause.take());
            } else {
                match self.to_exception(cause, "exception causes must derive from BaseException") {
                    Ok(c) => drop(data.cause.replace(Some(c))),
                    Err(t) => return t,
                }
            }
            data.suppress_context.set(true);
        }
        self.raise(exc)
    }

    /// Calls an exception class, which must give an exception; `name` says how a complaint calls the class of anything else.
    pub fn instantiate_exception(&mut self, class: &Value, args: &[Value], name: fn(&mut Self, &Value) -> R<String>) -> R<Ref> {
        let made = self.call(class, args)?;
        if let Value::Obj(o) = &made
            && let crate::value::Kind::Exc(_) = &o.kind
        {
            return Ok(o.clone());
        }
        let (class, name) = (self.repr(class)?, name(self, &made)?);
        Err(self.made_no_exception(&class, &name))
    }

    /// Complains about what the class of a `raise` made.
    pub fn not_made_an_exception(&mut self, class: &Value, made: &Value) -> Thrown {
        let made: Value = self.class_of(made).into();
        match (self.repr(class), self.repr(&made)) {
            (Ok(class), Ok(made)) => self.made_no_exception(&class, &made),
            _ => Thrown,
        }
    }

    fn made_no_exception(&mut self, class: &str, made: &str) -> Thrown {
        self.type_error(&format!("calling {class} should have returned an instance of BaseException, not {made}"))
    }

    /// An exception object from an exception or an exception class.
    pub fn to_exception(&mut self, value: &Value, complaint: &str) -> R<Ref> {
        if let Value::Obj(o) = value {
            if let crate::value::Kind::Exc(_) = &o.kind {
                return Ok(o.clone());
            }
            if let Some(class) = value.to_class()
                && class.is_subclass_of(&self.types.base_exception)
            {
                return self.instantiate_exception(value, &[], |vm, made| {
                    let class: Value = vm.class_of(made).into();
                    vm.repr(&class)
                });
            }
        }
        Err(self.type_error(complaint))
    }
}
