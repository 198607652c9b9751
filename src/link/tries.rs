//! `try`: one node for `except`, `except*`, `else` and `finally`. Where something in it can suspend, the phase it was
//! in and what is pending are kept in slots.

use std::rc::Weak;

use super::cx::{Cx, located};
use super::{Ex, St, Store};
use crate::source::Span;
use crate::syntax::ast::{Handler, Stmt};
use crate::value::exc::TraceEntry;
use crate::value::func::Code;
use crate::value::{Flow, Kind, R, Ref, Thrown, Value};
use crate::vm::Vm;

/// One `except` clause, linked.
struct Clause {
    class: Option<Ex>,
    store: Option<Store>,
    clear: Option<Store>,
    body: St,
    span: Span,
}

/// Where a suspended `try` keeps its state.
#[derive(Clone, Copy)]
struct Slots {
    phase: usize,
    /// A pending value or exception.
    pending: usize,
    /// The exception that a handler handles.
    handling: usize,
}

const BODY: i64 = 0;
const ELSE: i64 = 1;
const FINALLY_NEXT: i64 = 2;
const FINALLY_BREAK: i64 = 3;
const FINALLY_CONTINUE: i64 = 4;
const FINALLY_RETURN: i64 = 5;
const FINALLY_RAISE: i64 = 6;
const STAR: i64 = 7;
const HANDLER: i64 = 16;
/// The class of a clause suspended; above this, so that any number of handlers fits below.
const MATCHING: i64 = 1 << 32;

/// A `try` statement, linked.
struct Try {
    body: St,
    clauses: Vec<Clause>,
    is_star: bool,
    orelse: Option<St>,
    finally: Option<St>,
    slots: Option<Slots>,
    code: Weak<Code>,
}

impl Cx<'_> {
    /// Links a `try` statement.
    pub fn try_stmt(&mut self, body: &[Stmt], handlers: &[Handler], star: bool, orelse: &[Stmt], finally: &[Stmt]) -> St {
        let suspends = [body, orelse, finally].into_iter().any(|b| self.block_suspends(b))
            || handlers.iter().any(|h| self.block_suspends(&h.body) || h.class.as_ref().is_some_and(|c| self.suspends(c)));
        let slots = if suspends { Some(Slots { phase: self.temp(), pending: self.temp(), handling: self.temp() }) } else { None };
        let body = self.block(body);
        let clauses = handlers.iter().map(|h| self.clause(h)).collect();
        let orelse = if orelse.is_empty() { None } else { Some(self.block(orelse)) };
        let finally = if finally.is_empty() { None } else { Some(self.block(finally)) };
        let node = Try { body, clauses, is_star: star, orelse, finally, slots, code: self.code.clone() };
        Box::new(move |vm, fr| node.run(vm, fr))
    }

    fn clause(&mut self, h: &Handler) -> Clause {
        let span = h.class.as_ref().map_or(h.span, |c| c.span);
        let class = h.class.as_ref().map(|c| self.settled_expr(c));
        let store = h.name.as_ref().map(|n| self.store_name(&n.name));
        let clear = h.name.as_ref().map(|n| self.unbind_name(&n.name));
        let body = self.block(&h.body);
        Clause { class, store, clear, body, span }
    }

    /// A store that forgets a name if it is bound: what happens to the name after `as`.
    fn unbind_name(&mut self, name: &str) -> Store {
        let delete = self.delete_name(name, Span::default());
        Box::new(move |vm, fr, _| {
            if delete(vm, fr).is_err() && vm.abort.is_none() {
                drop(vm.take_exc());
            }
            Ok(())
        })
    }
}

impl Vm {
    /// Notes that the exception on its way was caught in this frame, and takes it.
    fn catch_here(&mut self, code: &Weak<Code>) -> Ref {
        if let (Some(code), Some(span)) = (code.upgrade(), self.spot.take()) {
            self.add_trace(TraceEntry { code, span, frame: None });
        }
        self.take_exc()
    }

    /// Whether an exception matches what stands after `except`.
    pub fn exc_matches(&mut self, exc: &Ref, class: &Value) -> R<bool> {
        if let Some(classes) = class.as_tuple() {
            // All are looked at first: a wrong one is an error even behind the one that matches.
            let mut matches = false;
            for c in classes {
                matches |= self.exc_matches_class(exc, c)?;
            }
            return Ok(matches);
        }
        self.exc_matches_class(exc, class)
    }

    #[inline]
    fn exc_matches_class(&mut self, exc: &Ref, class: &Value) -> R<bool> {
        match class.to_class() {
            Some(c) if c.is_subclass_of(&self.types.base_exception) => Ok(crate::vm::errors::exc_class(exc).is_subclass_of(&c)),
            _ => Err(self.type_error("catching classes that do not inherit from BaseException is not allowed")),
        }
    }
}

impl Try {
    fn run(&self, vm: &mut Vm, fr: &mut [Value]) -> R<Flow> {
        let phase = match self.slots {
            Some(s) => match fr[s.phase].take() {
                Value::Int(p) => p,
                _ => BODY,
            },
            None => BODY,
        };
        let outcome = match phase {
            BODY => self.run_body(vm, fr),
            ELSE => self.run_else(vm, fr),
            FINALLY_NEXT..=FINALLY_RAISE => return self.resume_finally(vm, fr, phase),
            _ => self.resume_handler(vm, fr, phase),
        };
        if outcome.is_err() && vm.is_suspending() {
            return outcome;
        }
        match &self.finally {
            Some(f) => self.run_finally(vm, fr, f, outcome),
            None => outcome,
        }
    }

    /// Keeps the phase when a suspension passes.
    #[inline(always)]
    fn keep<T>(&self, vm: &Vm, fr: &mut [Value], phase: i64, r: R<T>) -> R<T> {
        if r.is_err()
            && vm.is_suspending()
            && let Some(s) = self.slots
        {
            fr[s.phase] = Value::Int(phase);
        }
        r
    }

    fn run_body(&self, vm: &mut Vm, fr: &mut [Value]) -> R<Flow> {
        let r = (self.body)(vm, fr);
        match self.keep(vm, fr, BODY, r) {
            Ok(Flow::Next) => self.run_else(vm, fr),
            Ok(flow) => Ok(flow),
            Err(t) if vm.is_suspending() || vm.abort.is_some() || self.clauses.is_empty() => Err(t),
            Err(_) => {
                let exc = vm.catch_here(&self.code);
                if self.is_star { self.handle_star(vm, fr, exc) } else { self.handle(vm, fr, exc, 0) }
            }
        }
    }

    fn run_else(&self, vm: &mut Vm, fr: &mut [Value]) -> R<Flow> {
        match &self.orelse {
            Some(o) => {
                let r = o(vm, fr);
                self.keep(vm, fr, ELSE, r)
            }
            None => Ok(Flow::Next),
        }
    }

    /// Finds the clause that handles an exception, from one of them on, and runs it.
    fn handle(&self, vm: &mut Vm, fr: &mut [Value], exc: Ref, from: usize) -> R<Flow> {
        let previous = vm.handled.replace(exc.clone());
        for (i, clause) in self.clauses.iter().enumerate().skip(from) {
            let matched = match &clause.class {
                None => Ok(true),
                Some(class) => class(vm, fr).and_then(|class| {
                    let r = vm.exc_matches(&exc, &class);
                    located(vm, clause.span, r)
                }),
            };
            let matched = matched.and_then(|m| match &clause.store {
                Some(store) if m => store(vm, fr, Value::Obj(exc.clone())).map(|()| true),
                _ => Ok(m),
            });
            match matched {
                Ok(false) => {}
                Ok(true) => return self.run_handler(vm, fr, i, exc, previous),
                Err(t) => {
                    vm.handled = previous;
                    let r = self.keep(vm, fr, MATCHING + i as i64, Err(t));
                    if vm.is_suspending()
                        && let Some(s) = self.slots
                    {
                        fr[s.handling] = Value::Obj(exc);
                    }
                    return r;
                }
            }
        }
        vm.handled = previous;
        Err(vm.rethrow(exc))
    }

    fn run_handler(&self, vm: &mut Vm, fr: &mut [Value], i: usize, exc: Ref, previous: Option<Ref>) -> R<Flow> {
        let Some(clause) = self.clauses.get(i) else { return Ok(Flow::Next) };
        let r = (clause.body)(vm, fr);
        vm.handled = previous;
        let r = self.keep(vm, fr, HANDLER + i as i64, r);
        if r.is_err() && vm.is_suspending() {
            if let Some(s) = self.slots {
                fr[s.handling] = Value::Obj(exc);
            }
            return r;
        }
        if let Some(clear) = &clause.clear {
            let (pending, spot) = (vm.exc.take(), vm.spot.take());
            clear(vm, fr, Value::None)?;
            (vm.exc, vm.spot) = (pending, spot);
        }
        drop(exc);
        if r.is_ok() {
            super::name::drain(vm);
        }
        r
    }

    fn resume_handler(&self, vm: &mut Vm, fr: &mut [Value], phase: i64) -> R<Flow> {
        let exc = self.slots.map(|s| fr[s.handling].take());
        let Some(Value::Obj(exc)) = exc else { return Ok(Flow::Next) };
        if self.is_star {
            return self.resume_star(vm, fr, phase, exc);
        }
        if phase >= MATCHING {
            return self.handle(vm, fr, exc, (phase - MATCHING) as usize);
        }
        let previous = vm.handled.replace(exc.clone());
        self.run_handler(vm, fr, (phase - HANDLER) as usize, exc, previous)
    }

    // ---- finally ----------------------------------------------------------------------------------------------

    fn run_finally(&self, vm: &mut Vm, fr: &mut [Value], finally: &St, outcome: R<Flow>) -> R<Flow> {
        if vm.abort == Some(crate::vm::Abort::Deadlock) || vm.abort == Some(crate::vm::Abort::Limit) {
            return outcome;
        }
        let (phase, pending) = match outcome {
            Ok(Flow::Next) => (FINALLY_NEXT, Value::Unbound),
            Ok(Flow::Break) => (FINALLY_BREAK, Value::Unbound),
            Ok(Flow::Continue) => (FINALLY_CONTINUE, Value::Unbound),
            Ok(Flow::Return(v)) => (FINALLY_RETURN, v),
            Err(Thrown) => (FINALLY_RAISE, Value::Obj(vm.catch_here(&self.code))),
        };
        self.enter_finally(vm, fr, finally, phase, pending)
    }

    fn resume_finally(&self, vm: &mut Vm, fr: &mut [Value], phase: i64) -> R<Flow> {
        let pending = self.slots.map(|s| fr[s.pending].take()).unwrap_or_default();
        match &self.finally {
            Some(f) => self.enter_finally(vm, fr, f, phase, pending),
            None => Ok(Flow::Next),
        }
    }

    fn enter_finally(&self, vm: &mut Vm, fr: &mut [Value], finally: &St, phase: i64, pending: Value) -> R<Flow> {
        let result = match (&pending, phase) {
            (Value::Obj(exc), FINALLY_RAISE) => {
                let previous = vm.handled.replace(exc.clone());
                let r = finally(vm, fr);
                vm.handled = previous;
                r
            }
            _ => finally(vm, fr),
        };
        match self.keep(vm, fr, phase, result) {
            Ok(Flow::Next) => match (phase, pending) {
                (FINALLY_BREAK, _) => Ok(Flow::Break),
                (FINALLY_CONTINUE, _) => Ok(Flow::Continue),
                (FINALLY_RETURN, v) => Ok(Flow::Return(v)),
                (FINALLY_RAISE, Value::Obj(exc)) => Err(vm.rethrow(exc)),
                _ => Ok(Flow::Next),
            },
            Err(t) if vm.is_suspending() => {
                if let Some(s) = self.slots {
                    fr[s.pending] = pending;
                }
                Err(t)
            }
            other => other,
        }
    }

    // ---- except* ----------------------------------------------------------------------------------------------

    /// `except*`: each clause takes its part of the group; what is left, and what clauses raised, goes on.
    fn handle_star(&self, vm: &mut Vm, fr: &mut [Value], exc: Ref) -> R<Flow> {
        let state = StarState { original: exc.clone(), rest: Some(exc), raised: Vec::new(), again: Vec::new() };
        self.star_clauses(vm, fr, state, 0, None)
    }

    fn star_clauses(&self, vm: &mut Vm, fr: &mut [Value], mut state: StarState, from: usize, resumed: Option<Ref>) -> R<Flow> {
        let mut resumed = resumed;
        for (i, clause) in self.clauses.iter().enumerate().skip(from) {
            let matched = if let Some(part) = resumed.take() {
                part
            } else {
                let Some(rest) = state.rest.clone() else { break };
                let Some(class) = &clause.class else { continue };
                let class = match class(vm, fr) {
                    Ok(class) => class,
                    Err(t) => {
                        if vm.is_suspending() {
                            self.leave_star(fr, state, i, None);
                        }
                        return Err(t);
                    }
                };
                let r = vm.split_group(&rest, &class);
                let (part, rest) = located(vm, clause.span, r)?;
                state.rest = rest;
                let Some(part) = part else { continue };
                if let Some(store) = &clause.store {
                    store(vm, fr, Value::Obj(part.clone()))?;
                }
                part
            };
            let previous = vm.handled.replace(matched.clone());
            let r = (clause.body)(vm, fr);
            vm.handled = previous;
            if r.is_err() && vm.is_suspending() {
                self.leave_star(fr, state, i, Some(matched));
                return r;
            }
            if r.is_err() {
                if vm.abort.is_some() {
                    return r;
                }
                let raised = vm.catch_here(&self.code);
                if std::rc::Rc::ptr_eq(&raised, &matched) { state.again.push(raised) } else { state.raised.push(raised) }
            }
            if let Some(clear) = &clause.clear {
                clear(vm, fr, Value::None)?;
            }
        }
        state.again.extend(state.rest);
        if state.again.is_empty() && state.raised.is_empty() {
            return Ok(Flow::Next);
        }
        let exc = vm.join_groups(&state.original, state.raised, state.again)?;
        Err(vm.rethrow(exc))
    }

    /// Keeps how far the clauses have come, in the body of one of them or before its class is known.
    fn leave_star(&self, fr: &mut [Value], state: StarState, index: usize, matched: Option<Ref>) {
        if let Some(s) = self.slots {
            fr[s.phase] = Value::Int(STAR);
            fr[s.handling] = Value::Obj(state.original.clone());
            fr[s.pending] = state.save(index, matched);
        }
    }

    fn resume_star(&self, vm: &mut Vm, fr: &mut [Value], _phase: i64, original: Ref) -> R<Flow> {
        let saved = self.slots.map(|s| fr[s.pending].take()).unwrap_or_default();
        let (state, index, matched) = StarState::restore(original, &saved);
        self.star_clauses(vm, fr, state, index, matched)
    }
}

/// How far an `except*` has come.
struct StarState {
    original: Ref,
    rest: Option<Ref>,
    raised: Vec<Ref>,
    /// Parts that a clause raised again.
    again: Vec<Ref>,
}

impl StarState {
    /// As a value, for a slot: clause index, its part, the rest, what was raised.
    fn save(self, index: usize, matched: Option<Ref>) -> Value {
        let list = |refs: Vec<Ref>| Value::Obj(crate::value::Obj::tuple(refs.into_iter().map(Value::Obj).collect::<Vec<_>>()));
        let items = vec![
            Value::Int(index as i64),
            matched.map_or(Value::None, Value::Obj),
            self.rest.map_or(Value::None, Value::Obj),
            list(self.raised),
            list(self.again),
        ];
        Value::Obj(crate::value::Obj::tuple(items))
    }

    fn restore(original: Ref, saved: &Value) -> (Self, usize, Option<Ref>) {
        let items = match saved.kind() {
            Some(Kind::Tuple(t)) => t.to_vec(),
            _ => Vec::new(),
        };
        let mut items = items.into_iter();
        let index = if let Some(Value::Int(i)) = items.next() { i as usize } else { 0 };
        let matched = items.next().and_then(|v| v.obj().cloned());
        let rest = items.next().and_then(|v| v.obj().cloned());
        let mut list = || items.next().and_then(|v| v.as_tuple().map(|t| t.iter().filter_map(|v| v.obj().cloned()).collect())).unwrap_or_default();
        let raised = list();
        let again = list();
        (Self { original, rest, raised, again }, index, matched)
    }
}
