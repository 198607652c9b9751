//! Functions and lambdas: a definition's tree comes in; a closure that evaluates decorators, defaults and annotations and
//! makes the function object goes out. The body is linked by `code`, when the function is first called.

use std::rc::Rc;

use super::code::{BodyLink, CodeSpec, code_kind, docstring, new_code};
use super::cx::{Cx, located};
use super::{Ex, St};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, FunctionDef, Param, Params as AstParams};
use crate::value::dict::Dict;
use crate::value::func::{Code, Func, Params};
use crate::value::{Flow, Kind, Obj, Ref, Value};

/// What a definition evaluates, in order: decorators, defaults, annotations.
pub fn def_exprs<'a>(decorators: &'a [Expr], params: &'a AstParams, returns: Option<&'a Expr>) -> impl Iterator<Item = &'a Expr> {
    let all = || params.posonly.iter().chain(&params.args).chain(&params.vararg).chain(&params.kwonly).chain(&params.kwarg);
    let defaults = params.posonly.iter().chain(&params.args).chain(&params.kwonly).filter_map(|p| p.default.as_ref());
    decorators.iter().chain(defaults).chain(all().filter_map(|p| p.annotation.as_ref())).chain(returns)
}

impl Cx<'_> {
    /// `def` and `async def`, decorators included.
    pub fn function_def(&mut self, def: &Rc<FunctionDef>) -> St {
        let suspends = self.any_suspends(def_exprs(&def.decorators, &def.params, def.returns.as_ref()));
        let on_thread = self.threaded && !def.decorators.is_empty();
        let decorators = self.decorators(&def.decorators, suspends || on_thread);
        let code = self.def_code(def);
        let make = self.make_function(code, &def.params, def.returns.as_ref());
        let store = self.store_name(&def.name.name);
        if on_thread {
            let at = self.decorating(def.name.span);
            return Box::new(move |vm, fr| {
                if !at.is_defined(fr) {
                    decorators.evaluate(vm, fr)?;
                }
                let decorated = decorators.apply_on_thread(vm, fr, at, |vm, fr| make(vm, fr))?;
                store(vm, fr, decorated)?;
                Ok(Flow::Next)
            });
        }
        Box::new(move |vm, fr| {
            let evaluated = decorators.evaluate(vm, fr)?;
            let function = make(vm, fr)?;
            let decorated = decorators.apply(vm, &evaluated, function)?;
            store(vm, fr, decorated)?;
            Ok(Flow::Next)
        })
    }

    /// The code of a `def`: it ends with what a `return` in it gives.
    fn def_code(&mut self, def: &Rc<FunctionDef>) -> Rc<Code> {
        let scope = self.unit.scopes.of(&**def);
        let kind = code_kind(def.is_async, scope.yields);
        let name = self.vm.intern(&def.name.name);
        let doc = docstring(self.vm, &def.body);
        let params = count_params(&def.params);
        let body_def = def.clone();
        let spec = CodeSpec { name, scope, kind, params, span: def.name.span, doc };
        let link: BodyLink = Box::new(move |cx| {
            let body = cx.block(&body_def.body);
            Box::new(move |vm, fr| match body(vm, fr)? {
                Flow::Return(v) => Ok(v),
                _ => Ok(Value::None),
            })
        });
        new_code(self.vm, &self.unit.clone(), spec, link)
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
    pub(super) fn saved_if(&mut self, suspends: bool, e: &Expr) -> Ex {
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
    pub(super) fn cells_for(&self, free: &[Ref]) -> Vec<usize> {
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
}

/// A function object; only one with cells can be part of a cycle.
pub(super) fn new_function(f: Func) -> Ref {
    if f.closure.is_empty() { Obj::new(Kind::Func(Box::new(f))) } else { Obj::tracked(Kind::Func(Box::new(f))) }
}

pub(super) fn take_cells(fr: &[Value], slots: &[usize]) -> Box<[Ref]> {
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
