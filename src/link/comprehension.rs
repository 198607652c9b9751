//! Comprehensions and generator expressions: element and clauses come in; a closure that calls a function of their own
//! with the first iterator goes out. How loops run is `loops`'s business.

use super::code::{CodeSpec, code_kind};
use super::cx::{Cx, located};
use super::function::{new_function, take_cells};
use super::{Ex, St};
use crate::source::Span;
use crate::syntax::ast::{CompClause, Expr};
use crate::value::dict::Dict;
use crate::value::func::{CodeKind, Func, Params};
use crate::value::{Flow, Kind, Obj, R, Value};
use crate::vm::Vm;

/// Which comprehension.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CompKind {
    List,
    Set,
    Dict,
    Generator,
}

impl Cx<'_> {
    /// A comprehension: a function of its own that gets the first iterator.
    pub fn comprehension(&mut self, kind: CompKind, element: &Expr, value: Option<&Expr>, clauses: &[CompClause], span: Span) -> Ex {
        let Some(first) = clauses.first() else { unreachable!("a comprehension has a clause") };
        let spec = self.comp_spec(kind, element, span);
        let is_coroutine = spec.kind == CodeKind::Coroutine;
        let code = self.eager_code(spec, self.threaded, &|cx| cx.comp_body(kind, element, value, clauses));
        let cells = self.cells_for(&code.free);
        let iter_span = first.iter.span;
        let is_async = first.is_async;
        let awaited = if is_coroutine || self.threaded { Some(self.waiting_at(span)) } else { None };
        let threaded = self.threaded;
        let begin = if threaded && !is_async { Some(self.site_operands(&[&first.iter], iter_span)) } else { None };
        let iterable = self.iterable(&first.iter);
        let window = self.window();
        let fixed = if cells.is_empty() { Some(new_function(Func::new(code.clone(), Vec::new(), Vec::new(), Box::default(), Value::None))) } else { None };
        self.with_window(2, |_, _| ());
        Box::new(move |vm, fr| {
            if let Some(slot) = awaited
                && !fr[slot].is_unbound()
            {
                let r = if threaded && !is_coroutine { vm.resume_call(fr, slot) } else { super::awaiting::resume_await(vm, fr, slot) };
                return located(vm, span, r);
            }
            let iter = match &begin {
                Some(operands) => operands.run(vm, fr, |vm, v| v.first().map_or(Ok(Value::None), |source| vm.iter_on_thread(source)))?,
                None => {
                    let source = iterable(vm, fr)?;
                    let r = first_iter(vm, source, is_async);
                    located(vm, iter_span, r)?
                }
            };
            let func = match &fixed {
                Some(f) => f.clone(),
                None => new_function(Func::new(code.clone(), Vec::new(), Vec::new(), take_cells(fr, &cells), Value::None)),
            };
            fr[window] = iter;
            let f = Value::Obj(func);
            if let (true, Some(slot)) = (threaded && !is_coroutine, awaited) {
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

    /// What the code object of a comprehension is made from.
    fn comp_spec(&mut self, kind: CompKind, element: &Expr, span: Span) -> CodeSpec {
        let scope = self.unit.scopes.of(element);
        let names = &self.vm.names;
        let name = match kind {
            CompKind::List => &names.listcomp,
            CompKind::Set => &names.setcomp,
            CompKind::Dict => &names.dictcomp,
            CompKind::Generator => &names.genexpr,
        };
        let kind = code_kind(scope.awaits, kind == CompKind::Generator);
        let params = Params { positional: 1, positional_only: 1, ..Params::default() };
        CodeSpec { name: name.clone(), scope, kind, params, span, doc: Value::None }
    }

    /// The loops of a comprehension around what it does with each element.
    fn comp_body(&mut self, kind: CompKind, element: &Expr, value: Option<&Expr>, clauses: &[CompClause]) -> Ex {
        let result = self.temp();
        let inner = match (kind, value) {
            (CompKind::Dict, Some(value)) => self.put_pair(result, element, value),
            (CompKind::Generator, _) => self.yield_element(element),
            _ => self.add_element(result, element),
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

    /// Puts a key with its value into the dict in a slot.
    fn put_pair(&mut self, result: usize, key: &Expr, value: &Expr) -> St {
        let span = key.span;
        if self.threaded {
            return self.settled(|cx| {
                let operands = cx.site_operands(&[key, value], span);
                Box::new(move |vm, fr| {
                    let dict = fr[result].clone();
                    operands.run(vm, fr, |vm, v| if let [k, v] = v { vm.dict_set(&dict, k, v.clone()) } else { Ok(()) })?;
                    Ok(Flow::Next)
                })
            });
        }
        self.settled(|cx| {
            let mut exprs = cx.exprs_in_order(&[key, value]).into_iter();
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

    fn yield_element(&mut self, element: &Expr) -> St {
        self.settled(|cx| {
            let e = cx.yield_expr(Some(element), element.span);
            Box::new(move |vm, fr| e(vm, fr).map(|_| Flow::Next))
        })
    }

    /// Adds an element to the list or set in a slot.
    fn add_element(&mut self, result: usize, element: &Expr) -> St {
        let span = element.span;
        if self.threaded {
            return self.add_element_on_thread(result, element);
        }
        let e = self.settled_expr(element);
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

    fn add_element_on_thread(&mut self, result: usize, element: &Expr) -> St {
        self.settled(|cx| {
            let operands = cx.site_operands(&[element], element.span);
            Box::new(move |vm, fr| {
                let items = fr[result].clone();
                operands.run(vm, fr, |vm, v| {
                    let Some(v) = v.first() else { return Ok(()) };
                    match items.kind() {
                        Some(Kind::List(l)) => {
                            l.borrow_mut().push(v.clone());
                            Ok(())
                        }
                        _ => vm.set_add(&items, v.clone()).map(drop),
                    }
                })?;
                Ok(Flow::Next)
            })
        })
    }

    /// The loops and conditions around what is done with each element.
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
        if clause.is_async { self.async_for_loop(iter, is_first, target, body, None, span) } else { self.for_loop((iter, is_first), target, body, None, span) }
    }
}

/// The value that a comprehension's function gets: ranges and lists stay as they are, for the quick loops.
#[inline]
fn first_iter(vm: &mut Vm, source: Value, is_async: bool) -> R {
    match source.kind() {
        _ if is_async => vm.aiter(&source),
        Some(Kind::Range(_) | Kind::List(_)) => Ok(source),
        _ => vm.iter(&source),
    }
}
