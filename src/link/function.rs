//! Functions, lambdas, classes and comprehensions: code objects, and the closures that make functions of them.

use std::cell::OnceCell;
use std::rc::{Rc, Weak};

use super::cx::{Cx, Unit, located};
use super::{Ex, St};
use crate::resolve::Scope;
use crate::source::Span;
use crate::syntax::ast::{ClassDef, CompClause, Expr, ExprKind, FunctionDef, Param, Params as AstParams, Stmt, StmtKind};
use crate::value::dict::Dict;
use crate::value::func::{Body, Code, CodeKind, Func, Linker, Params};
use crate::value::{Flow, Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

/// Which comprehension.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CompKind {
    List,
    Set,
    Dict,
    Generator,
}

/// What a code object is made from.
pub struct CodeSpec {
    pub name: Ref,
    pub scope: Rc<Scope>,
    pub kind: CodeKind,
    pub params: Params,
    pub span: Span,
    pub doc: Value,
}

/// How a function's body is linked: called again when the frame's size is known.
pub type BodyLink = Box<dyn Fn(&mut Cx) -> Ex>;

/// Makes a code object that is linked when first called.
pub fn new_code(vm: &mut Vm, unit: &Rc<Unit>, spec: CodeSpec, link: BodyLink) -> Rc<Code> {
    make_code(vm, unit, spec, Some(link), false)
}

fn make_code(vm: &mut Vm, unit: &Rc<Unit>, spec: CodeSpec, link: Option<BodyLink>, is_threaded: bool) -> Rc<Code> {
    let locals: Box<[Ref]> = spec.scope.locals.iter().map(|n| vm.intern(n)).collect();
    let free: Box<[Ref]> = spec.scope.free.iter().map(|n| vm.intern(n)).collect();
    let qualname = if spec.scope.qualname.is_empty() { spec.name.clone() } else { vm.intern(&spec.scope.qualname) };
    let (source, globals) = (unit.source.clone(), unit.globals.clone());
    let cells = spec.scope.is_cell.clone().into();
    let kind = spec.kind;
    let linker = link.map(|link| -> Linker {
        let (unit, scope) = (unit.clone(), spec.scope.clone());
        Rc::new(move |vm, code, is_threaded| link_body(vm, (&unit, &scope), kind, (code, is_threaded), &*link))
    });
    Rc::new_cyclic(|me: &Weak<Code>| Code {
        name: spec.name,
        qualname,
        source,
        span: spec.span,
        kind,
        params: spec.params,
        locals,
        cells,
        free,
        doc: spec.doc,
        globals,
        body: OnceCell::new(),
        is_shown: std::cell::Cell::new(false),
        linker,
        me: me.clone(),
        is_threaded,
        twin: OnceCell::new(),
    })
}

/// Links a body; a second time when its frame needs slots for progress, whose number only shows then.
fn link_body(
    vm: &mut Vm,
    (unit, scope): (&Rc<Unit>, &Rc<Scope>),
    kind: CodeKind,
    (code, is_threaded): (&Weak<Code>, bool),
    link: &dyn Fn(&mut Cx) -> Ex,
) -> Body {
    let mut temps = 0;
    loop {
        let mut cx = Cx::new(vm, unit.clone(), scope.clone(), kind, code.clone(), temps);
        if is_threaded {
            cx.run_on_threads();
        }
        let body = link(&mut cx);
        let body = with_cells(&mut cx, body);
        let body = if is_threaded && kind == CodeKind::Generator { super::threaded::entered_apart(body) } else { body };
        if cx.temps() == temps {
            return cx.finish(body);
        }
        temps = cx.temps();
    }
}

/// The code of the same text for threads.
pub fn make_twin(code: &Code) -> Option<Rc<Code>> {
    let linker = code.linker.as_ref()?;
    Some(Rc::new_cyclic(|me: &Weak<Code>| Code {
        name: code.name.clone(),
        qualname: code.qualname.clone(),
        source: code.source.clone(),
        span: code.span,
        kind: code.kind,
        params: code.params,
        locals: code.locals.clone(),
        cells: code.cells.clone(),
        free: code.free.clone(),
        doc: code.doc.clone(),
        globals: code.globals.clone(),
        body: OnceCell::new(),
        linker: Some(linker.clone()),
        me: me.clone(),
        is_threaded: true,
        twin: OnceCell::new(),
        is_shown: std::cell::Cell::new(code.is_shown.get()),
    }))
}

/// Puts cells into the slots of captured variables before the body begins.
fn with_cells(cx: &mut Cx, body: Ex) -> Ex {
    let slots: Vec<usize> = (0..cx.scope.locals.len()).filter(|&i| cx.scope.is_cell[i]).collect();
    if slots.is_empty() {
        return body;
    }
    let begun = if cx.can_suspend { Some(cx.temp()) } else { None };
    Box::new(move |vm, fr| {
        let is_begun = begun.is_some_and(|b| !fr[b].is_unbound());
        if !is_begun {
            for &slot in &slots {
                let v = fr[slot].take();
                fr[slot] = Value::Obj(Obj::cell(v));
            }
            if let Some(b) = begun {
                fr[b] = Value::True;
            }
        }
        body(vm, fr)
    })
}

/// The kind of code a scope makes.
fn code_kind(is_async: bool, yields: bool) -> CodeKind {
    match (is_async, yields) {
        (false, false) => CodeKind::Function,
        (false, true) => CodeKind::Generator,
        (true, false) => CodeKind::Coroutine,
        (true, true) => CodeKind::AsyncGenerator,
    }
}

/// What a definition evaluates, in order: decorators, defaults, annotations.
pub fn def_exprs<'a>(decorators: &'a [Expr], params: &'a AstParams, returns: Option<&'a Expr>) -> impl Iterator<Item = &'a Expr> {
    let all = || params.posonly.iter().chain(&params.args).chain(&params.vararg).chain(&params.kwonly).chain(&params.kwarg);
    let defaults = params.posonly.iter().chain(&params.args).chain(&params.kwonly).filter_map(|p| p.default.as_ref());
    decorators.iter().chain(defaults).chain(all().filter_map(|p| p.annotation.as_ref())).chain(returns)
}

/// The docstring of a body.
pub fn docstring(vm: &mut Vm, body: &[Stmt]) -> Value {
    match body.first().map(|s| &s.kind) {
        Some(StmtKind::Expr(Expr { kind: ExprKind::Str(s), .. })) => Value::Obj(vm.intern(s)),
        _ => Value::None,
    }
}

impl Cx<'_> {
    /// `def` and `async def`, decorators included.
    pub fn function_def(&mut self, def: &Rc<FunctionDef>, span: Span) -> St {
        let spans: Vec<Span> = def.decorators.iter().map(|d| d.span).collect();
        let suspends = self.any_suspends(def_exprs(&def.decorators, &def.params, def.returns.as_ref()));
        let decorators: Vec<Ex> = def.decorators.iter().map(|d| self.saved_if(suspends, d)).collect();
        let scope = self.unit.scopes.of(&**def);
        let kind = code_kind(def.is_async, scope.yields);
        let name = self.vm.intern(&def.name.name);
        let doc = docstring(self.vm, &def.body);
        let params = count_params(&def.params);
        let body_def = def.clone();
        let spec = CodeSpec { name, scope, kind, params, span: def.name.span, doc };
        let code = new_code(
            self.vm,
            &self.unit.clone(),
            spec,
            Box::new(move |cx| {
                let body = cx.block(&body_def.body);
                Box::new(move |vm, fr| match body(vm, fr)? {
                    Flow::Return(v) => Ok(v),
                    _ => Ok(Value::None),
                })
            }),
        );
        let make = self.make_function(code, &def.params, def.returns.as_ref());
        let store = self.store_name(&def.name.name);
        let _ = span;
        Box::new(move |vm, fr| {
            let mut applied = Vec::with_capacity(decorators.len());
            for d in &decorators {
                applied.push(d(vm, fr)?);
            }
            let mut f = make(vm, fr)?;
            for (d, span) in applied.iter().zip(&spans).rev() {
                let r = vm.call(d, &[f]);
                f = located(vm, *span, r)?;
            }
            store(vm, fr, f)?;
            Ok(Flow::Next)
        })
    }

    /// `lambda params: body`.
    pub fn lambda(&mut self, params: &AstParams, body: &Rc<Expr>, span: Span) -> Ex {
        let scope = self.unit.scopes.of(&**body);
        let name = self.vm.names.lambda.clone();
        let kind = code_kind(false, scope.yields);
        let counted = count_params(params);
        let spec = CodeSpec { name, scope, kind, params: counted, span, doc: Value::None };
        let body = body.clone();
        let code = new_code(self.vm, &self.unit.clone(), spec, Box::new(move |cx| cx.expr(&body)));
        self.make_function(code, params, None)
    }

    /// A code object whose body is linked at once, because its tree does not outlive this linking.
    fn eager_code(&mut self, spec: CodeSpec, is_threaded: bool, link: &dyn Fn(&mut Cx) -> Ex) -> Rc<Code> {
        let (scope, kind, unit) = (spec.scope.clone(), spec.kind, self.unit.clone());
        let code = make_code(self.vm, &unit, spec, None, is_threaded);
        let body = link_body(self.vm, (&unit, &scope), kind, (&code.me, is_threaded), link);
        let _ = code.body.set(body);
        code
    }

    /// The closure that makes a function object: defaults and annotations are evaluated now, cells are taken along.
    fn make_function(&mut self, code: Rc<Code>, params: &AstParams, returns: Option<&Expr>) -> Ex {
        let suspends = self.any_suspends(def_exprs(&[], params, returns));
        let positional = params.posonly.iter().chain(&params.args).filter_map(|p| p.default.as_ref());
        let defaults: Vec<Ex> = positional.map(|d| self.saved_if(suspends, d)).collect();
        let kwdefaults: Vec<Option<Ex>> = params.kwonly.iter().map(|p| p.default.as_ref().map(|d| self.saved_if(suspends, d))).collect();
        let annotations = self.annotations(params, returns, suspends);
        let cells = self.cells_for(&code.free);
        if defaults.is_empty() && kwdefaults.iter().all(Option::is_none) && annotations.is_empty() {
            return Box::new(move |_, fr| {
                let closure = take_cells(fr, &cells);
                Ok(Value::Obj(new_function(Func::new(code.clone(), Vec::new(), Vec::new(), closure, Value::None))))
            });
        }
        Box::new(move |vm, fr| {
            let mut values = Vec::with_capacity(defaults.len());
            for d in &defaults {
                values.push(d(vm, fr)?);
            }
            let mut kwvalues = Vec::with_capacity(kwdefaults.len());
            for d in &kwdefaults {
                kwvalues.push(match d {
                    Some(d) => d(vm, fr)?,
                    None => Value::Unbound,
                });
            }
            let mut notes = Value::None;
            if !annotations.is_empty() {
                let mut dict = Dict::new();
                for (name, value) in &annotations {
                    let v = value(vm, fr)?;
                    dict.set_name(name, v);
                }
                notes = Value::Obj(Obj::dict(dict));
            }
            let closure = take_cells(fr, &cells);
            Ok(Value::Obj(new_function(Func::new(code.clone(), values, kwvalues, closure, notes))))
        })
    }

    /// An expression that is saved if something around it suspends.
    fn saved_if(&mut self, suspends: bool, e: &Expr) -> Ex {
        if suspends { self.saved(e) } else { self.expr(e) }
    }

    fn annotations(&mut self, params: &AstParams, returns: Option<&Expr>, suspends: bool) -> Vec<(Ref, Ex)> {
        let link = |cx: &mut Self, e: &Expr| if suspends && !cx.unit.lazy_annotations { cx.saved(e) } else { cx.annotation(e) };
        let all: Vec<&Param> = params.posonly.iter().chain(&params.args).chain(&params.vararg).chain(&params.kwonly).chain(&params.kwarg).collect();
        let mut notes: Vec<(Ref, Ex)> = Vec::new();
        for p in all {
            if let Some(a) = &p.annotation {
                let name = self.name(&p.name.name);
                notes.push((name, link(self, a)));
            }
        }
        if let Some(r) = returns {
            notes.push((self.vm.intern("return"), link(self, r)));
        }
        notes
    }

    /// An annotation: its value, or its text under `from __future__ import annotations`.
    pub fn annotation(&mut self, e: &Expr) -> Ex {
        if self.unit.lazy_annotations {
            let text = self.unit.source.text.get(e.span.start as usize..e.span.end as usize).unwrap_or_default();
            let text = Value::Obj(self.vm.intern(text));
            return Box::new(move |_, _| Ok(text.clone()));
        }
        match &e.kind {
            // `*args: *Ts` says what the one item of `Ts` is.
            ExprKind::Starred(inner) => {
                let (inner, span) = (self.expr(inner), e.span);
                Box::new(move |vm, fr| {
                    let many = inner(vm, fr)?;
                    let r = vm.unpack(&many, 1, None).map(|items| items.into_iter().next().unwrap_or_default());
                    located(vm, span, r)
                })
            }
            _ => self.expr(e),
        }
    }

    /// The slots of this frame that hold the cells an inner function wants.
    fn cells_for(&self, free: &[Ref]) -> Vec<usize> {
        free.iter()
            .map(|name| {
                let scope = &self.scope;
                let own = scope.locals.iter().zip(&scope.is_cell).position(|(l, c)| *c && **l == *name.text());
                match own {
                    Some(slot) => slot,
                    None => scope.free.iter().position(|f| **f == *name.text()).map_or(0, |i| scope.free_slot(i)),
                }
            })
            .collect()
    }

    /// `class`.
    pub fn class_def(&mut self, def: &ClassDef, span: Span) -> St {
        let spans: Vec<Span> = def.decorators.iter().map(|d| d.span).collect();
        let suspends = self.any_suspends(def.decorators.iter().chain(def.args.iter().map(super::cx::arg_value)));
        let decorators: Vec<Ex> = def.decorators.iter().map(|d| self.saved_if(suspends, d)).collect();
        let args = self.collected_args(&def.args, span);
        let scope = self.unit.scopes.of(def);
        let name = self.vm.intern(&def.name.name);
        let qualname = Value::Obj(self.vm.intern(&scope.qualname));
        let doc = docstring(self.vm, &def.body);
        let params = Params { positional: 1, positional_only: 1, ..Params::default() };
        let cell = if scope.needs_class_cell { scope.locals.iter().position(|n| &**n == "__class__") } else { None };
        let spec = CodeSpec { name: name.clone(), scope, kind: CodeKind::Function, params, span: def.name.span, doc: doc.clone() };
        let code = self.eager_code(spec, false, &|cx| cx.class_body(&def.body, &qualname, &doc, cell));
        let cells = self.cells_for(&code.free);
        let store = self.store_name(&def.name.name);
        let head = Span::new(span.start, def.name.span.end);
        Box::new(move |vm, fr| {
            let mut applied = Vec::with_capacity(decorators.len());
            for d in &decorators {
                applied.push(d(vm, fr)?);
            }
            let collected = args(vm, fr)?;
            let closure = take_cells(fr, &cells);
            let body = Value::Obj(new_function(Func::new(code.clone(), Vec::new(), Vec::new(), closure, Value::None)));
            let r = vm.build_class(&body, &name, collected.positional, collected.keywords);
            let mut class = located(vm, head, r)?;
            for (d, span) in applied.iter().zip(&spans).rev() {
                let r = vm.call(d, &[class]);
                class = located(vm, *span, r)?;
            }
            store(vm, fr, class)?;
            Ok(Flow::Next)
        })
    }

    /// The body of a class: names go to the namespace in slot 0; gives the `__class__` cell, if methods use it.
    fn class_body(&mut self, body: &[Stmt], qualname: &Value, doc: &Value, cell: Option<usize>) -> Ex {
        let names = self.vm.names.clone();
        let module = super::name::Global::new(self, names.name.clone());
        let annotations = super::annotations::has_annotations(body).then(|| self.set_up_annotations());
        let block = self.block(body);
        let (qualname, doc) = (qualname.clone(), doc.clone());
        Box::new(move |vm, fr| {
            let namespace = fr[0].clone();
            if let Ok(module) = module.load(vm) {
                vm.namespace_set(&namespace, &names.module, module)?;
            } else {
                drop(vm.exc.take());
            }
            vm.namespace_set(&namespace, &names.qualname, qualname.clone())?;
            if !doc.is_none() {
                vm.namespace_set(&namespace, &names.doc, doc.clone())?;
            }
            if let Some(set_up) = &annotations {
                set_up(vm, fr)?;
            }
            block(vm, fr)?;
            Ok(cell.map_or(Value::None, |c| fr[c].clone()))
        })
    }

    /// A comprehension: a function of its own that gets the first iterator.
    pub fn comprehension(&mut self, kind: CompKind, element: &Expr, value: Option<&Expr>, clauses: &[CompClause], span: Span) -> Ex {
        let Some(first) = clauses.first() else { unreachable!("a comprehension has a clause") };
        let scope = self.unit.scopes.of(element);
        let names = self.vm.names.clone();
        let name = match kind {
            CompKind::List => &names.listcomp,
            CompKind::Set => &names.setcomp,
            CompKind::Dict => &names.dictcomp,
            CompKind::Generator => &names.genexpr,
        };
        let code_kind = code_kind(scope.awaits, kind == CompKind::Generator);
        let params = Params { positional: 1, positional_only: 1, ..Params::default() };
        let spec = CodeSpec { name: name.clone(), scope, kind: code_kind, params, span, doc: Value::None };
        let code = self.eager_code(spec, self.threaded, &|cx| cx.comp_body(kind, element, value, clauses));
        let cells = self.cells_for(&code.free);
        let iter_span = first.iter.span;
        let is_async = first.is_async;
        let awaited = if code_kind == CodeKind::Coroutine || self.threaded { Some(self.waiting_at(span)) } else { None };
        let threaded = self.threaded;
        let iterable = self.iterable(&first.iter);
        let window = self.window();
        let fixed = if cells.is_empty() { Some(new_function(Func::new(code.clone(), Vec::new(), Vec::new(), Box::default(), Value::None))) } else { None };
        self.with_window(2, |_, _| ());
        Box::new(move |vm, fr| {
            if let Some(slot) = awaited
                && !fr[slot].is_unbound()
            {
                let r = if threaded { vm.resume_call(fr, slot) } else { super::awaiting::resume_await(vm, fr, slot) };
                return located(vm, span, r);
            }
            let source = iterable(vm, fr)?;
            let r = match (is_async, threaded) {
                (true, _) => vm.aiter(&source),
                (false, true) => vm.iter_on_thread(&source),
                (false, false) => iter_for(vm, source),
            };
            let iter = located(vm, iter_span, r)?;
            let func = match &fixed {
                Some(f) => f.clone(),
                None => new_function(Func::new(code.clone(), Vec::new(), Vec::new(), take_cells(fr, &cells), Value::None)),
            };
            fr[window] = iter;
            let f = Value::Obj(func);
            if let (true, Some(slot)) = (threaded, awaited) {
                let r = vm.call_on_thread(fr, slot, &f, (window, 1), &[]);
                return located(vm, span, r);
            }
            let r = vm.call_window(&f, &mut fr[window..], 1);
            let result = located(vm, span, r)?;
            match awaited {
                Some(slot) => {
                    let r = super::awaiting::begin_await(vm, fr, slot, result);
                    located(vm, span, r)
                }
                None => Ok(result),
            }
        })
    }

    /// The loops of a comprehension around what it does with each element.
    fn comp_body(&mut self, kind: CompKind, element: &Expr, value: Option<&Expr>, clauses: &[CompClause]) -> Ex {
        let result = self.temp();
        let inner: St = match (kind, value) {
            (CompKind::Dict, Some(value)) => {
                let span = element.span;
                self.settled(|cx| {
                    let mut exprs = cx.exprs_in_order(&[element, value]).into_iter();
                    let (Some(k), Some(v)) = (exprs.next(), exprs.next()) else { unreachable!("two expressions were linked") };
                    Box::new(move |vm, fr| {
                        let k = k(vm, fr)?;
                        let v = v(vm, fr)?;
                        let dict = fr[result].clone();
                        let r = vm.dict_set(&dict, &k, v);
                        located(vm, span, r)?;
                        Ok(Flow::Next)
                    })
                })
            }
            (CompKind::Generator, _) => {
                (self.settled(|cx| {
                    let e = cx.yield_expr(Some(element), element.span);
                    Box::new(move |vm, fr| e(vm, fr).map(|_| Flow::Next))
                })) as _
            }
            _ => {
                let e = self.settled_expr(element);
                let span = element.span;
                Box::new(move |vm, fr| {
                    let v = e(vm, fr)?;
                    if let Value::Obj(o) = &fr[result]
                        && let Kind::List(l) = &o.kind
                    {
                        l.borrow_mut().push(v);
                        return Ok(Flow::Next);
                    }
                    let set = fr[result].clone();
                    let r = vm.set_add(&set, v);
                    located(vm, span, r)?;
                    Ok(Flow::Next)
                })
            }
        };
        let body = self.comp_clauses(clauses, inner, true);
        Box::new(move |vm, fr| {
            if fr[result].is_unbound() {
                fr[result] = match kind {
                    CompKind::List => Value::Obj(Obj::list(Vec::new())),
                    CompKind::Set => vm.new_set(Vec::new())?,
                    CompKind::Dict => Value::Obj(Obj::dict(Dict::new())),
                    CompKind::Generator => Value::None,
                };
            }
            body(vm, fr)?;
            Ok(fr[result].take())
        })
    }

    fn comp_clauses(&mut self, clauses: &[CompClause], inner: St, is_first: bool) -> St {
        let Some((clause, rest)) = clauses.split_first() else { return inner };
        let mut body = self.comp_clauses(rest, inner, false);
        for condition in clause.conditions.iter().rev() {
            let slot = if self.can_suspend { Some(self.temp()) } else { None };
            let test = self.settled_cond(condition);
            let then = body;
            body = Box::new(move |vm, fr| {
                // Once inside, a resumed frame goes on inside.
                let inside = slot.is_some_and(|s| !fr[s].is_unbound());
                if !inside && !test(vm, fr)? {
                    return Ok(Flow::Next);
                }
                let r = then(vm, fr);
                if let Some(s) = slot {
                    fr[s] = if r.is_err() && vm.is_suspending() { Value::True } else { Value::Unbound };
                }
                r
            });
        }
        let iter: Ex = if is_first { Box::new(|_, fr| Ok(fr[0].clone())) } else { self.iterable(&clause.iter) };
        let (target, span) = (self.target(&clause.target), clause.iter.span);
        if clause.is_async { self.async_for_loop(iter, is_first, target, body, None, span) } else { self.for_loop(iter, target, body, None, span) }
    }
}

/// The value that a comprehension's function gets: ranges and lists stay as they are, for the quick loops.
fn iter_for(vm: &mut Vm, source: Value) -> R {
    match source.kind() {
        Some(Kind::Range(_) | Kind::List(_)) => Ok(source),
        _ => vm.iter(&source),
    }
}

/// A function object; only one with cells can be part of a cycle.
fn new_function(f: Func) -> Ref {
    if f.closure.is_empty() { Obj::new(Kind::Func(Box::new(f))) } else { Obj::tracked(Kind::Func(Box::new(f))) }
}

fn take_cells(fr: &[Value], slots: &[usize]) -> Box<[Ref]> {
    slots.iter().filter_map(|&s| fr.get(s).and_then(Value::obj).cloned()).collect()
}

fn count_params(p: &AstParams) -> Params {
    Params {
        positional_only: p.posonly.len(),
        positional: p.posonly.len() + p.args.len(),
        keyword_only: p.kwonly.len(),
        varargs: p.vararg.is_some(),
        kwargs: p.kwarg.is_some(),
    }
}
