//! `with` and `async with`: the manager's exit runs however the body ends.

use std::rc::Weak;

use super::cx::{Cx, clear_slots, located};
use super::{Ex, St, Store};
use crate::source::Span;
use crate::syntax::ast::{Stmt, WithItem};
use crate::value::exc::TraceEntry;
use crate::value::func::Code;
use crate::value::{Flow, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::errors::exc_class;

/// One manager with what stands below it.
struct With {
    is_async: bool,
    /// Whether it stands in code for threads.
    threaded: bool,
    manager: Ex,
    target: Option<Store>,
    target_suspends: bool,
    body: St,
    span: Span,
    slots: Slots,
    code: Weak<Code>,
}

/// The slots of a `with`; all of them are used only while it runs.
#[derive(Clone, Copy)]
struct Slots {
    /// The first of them.
    phase: usize,
    /// The bound exit method.
    exit: usize,
    /// What is awaited by `__aenter__` or `__aexit__`.
    waiting: usize,
    /// What the body ended with: a value to return, or an exception.
    pending: usize,
}

const ENTERING: i64 = 1;
const BODY: i64 = 2;
const EXIT_NEXT: i64 = 3;
const EXIT_BREAK: i64 = 4;
const EXIT_CONTINUE: i64 = 5;
const EXIT_RETURN: i64 = 6;
const EXIT_RAISE: i64 = 7;
/// The target after `as` waits for something; what is bound is pending.
const BINDING: i64 = 8;

impl Cx<'_> {
    /// Links a `with`; several managers are nested ones.
    pub fn with_stmt(&mut self, is_async: bool, items: &[WithItem], body: &[Stmt]) -> St {
        let Some((item, rest)) = items.split_first() else {
            let body = self.block(body);
            return self.returning_here(body);
        };
        let slots = Slots { phase: self.temp(), exit: self.temp(), waiting: self.waiting_at(item.context.span), pending: self.temp() };
        let manager = self.placed_head(&item.context, true, |cx| cx.settled_expr(&item.context));
        let target_suspends = item.target.as_ref().is_some_and(|t| self.threaded || self.suspends(t));
        let target = item.target.as_ref().map(|t| self.store(t));
        let body = self.with_stmt(is_async, rest, body);
        let node = With { is_async, threaded: self.threaded, manager, target, target_suspends, body, span: item.context.span, slots, code: self.code.clone() };
        Box::new(move |vm, fr| node.run(vm, fr))
    }
}

impl With {
    fn run(&self, vm: &mut Vm, fr: &mut [Value]) -> R<Flow> {
        let s = self.slots;
        let phase = if let Value::Int(p) = fr[s.phase] { p } else { 0 };
        let result = self.run_from(vm, fr, phase);
        if result.is_ok() || !vm.is_suspending() {
            clear_slots(fr, s.phase, s.pending + 1);
            super::name::drain(vm);
        }
        result
    }

    fn run_from(&self, vm: &mut Vm, fr: &mut [Value], phase: i64) -> R<Flow> {
        match phase {
            0 => {
                let entered = self.enter(vm, fr)?;
                self.bind(vm, fr, entered)
            }
            ENTERING => {
                let r = self.resume(vm, fr);
                let entered = located(vm, self.span, r)?;
                self.bind(vm, fr, entered)
            }
            BODY => self.run_body(vm, fr),
            BINDING => {
                let entered = fr[self.slots.pending].take();
                self.bind(vm, fr, entered)
            }
            _ => {
                let r = self.handling(vm, fr, |vm, fr| self.resume(vm, fr));
                let answer = located(vm, self.span, r)?;
                self.conclude(vm, fr, phase, &answer)
            }
        }
    }

    /// What was waited for: the result of `__aenter__` or `__aexit__`, on a thread that of `__enter__` or `__exit__`.
    fn resume(&self, vm: &mut Vm, fr: &mut [Value]) -> R {
        if self.is_async { super::awaiting::resume_await(vm, fr, self.slots.waiting) } else { vm.resume_call(fr, self.slots.waiting) }
    }

    /// Calls a method of the manager.
    fn call(&self, vm: &mut Vm, fr: &mut [Value], method: &Value, args: &[Value]) -> R {
        let on_thread = |vm: &mut Vm, fr: &mut [Value]| vm.call_values_on_thread(fr, self.slots.waiting, method, args.to_vec(), (args.len(), &[]));
        match (self.threaded, self.is_async) {
            (false, _) => vm.call(method, args),
            (true, false) => on_thread(vm, fr),
            // It gives a coroutine for threads.
            (true, true) => vm.apart_from_thread(|vm| on_thread(vm, fr)),
        }
    }

    /// Evaluates the manager and enters it.
    fn enter(&self, vm: &mut Vm, fr: &mut [Value]) -> R {
        let s = self.slots;
        let manager = (self.manager)(vm, fr)?;
        let r = vm.context_methods(&manager, self.is_async);
        let (enter, exit) = located(vm, self.span, r)?;
        fr[s.exit] = exit;
        if self.threaded && !self.is_async {
            fr[s.phase] = Value::Int(ENTERING);
        }
        let r = self.call(vm, fr, &enter, &[]);
        let entered = located(vm, self.span, r)?;
        if !self.is_async {
            return Ok(entered);
        }
        let r = super::awaiting::need_awaitable(vm, entered, "'async with' received an object from __aenter__ that does not implement __await__");
        let entered = located(vm, self.span, r)?;
        fr[s.phase] = Value::Int(ENTERING);
        let r = super::awaiting::begin_await(vm, fr, s.waiting, entered);
        located(vm, self.span, r)
    }

    fn bind(&self, vm: &mut Vm, fr: &mut [Value], entered: Value) -> R<Flow> {
        fr[self.slots.phase] = Value::Int(BODY);
        let kept = if self.target_suspends { entered.clone() } else { Value::Unbound };
        if let Some(target) = &self.target
            && let Err(t) = target(vm, fr, entered)
        {
            if vm.is_suspending() {
                (fr[self.slots.phase], fr[self.slots.pending]) = (Value::Int(BINDING), kept);
                return Err(t);
            }
            return self.leave(vm, fr, Err(t));
        }
        drop(kept);
        self.run_body(vm, fr)
    }

    fn run_body(&self, vm: &mut Vm, fr: &mut [Value]) -> R<Flow> {
        let outcome = (self.body)(vm, fr);
        if outcome.is_err() && (vm.is_suspending() || vm.abort.is_some()) {
            return outcome;
        }
        self.leave(vm, fr, outcome)
    }

    /// Calls the exit method with what the body ended with.
    fn leave(&self, vm: &mut Vm, fr: &mut [Value], outcome: R<Flow>) -> R<Flow> {
        let s = self.slots;
        let exit = fr[s.exit].take();
        let (phase, pending, args) = match outcome {
            Ok(flow) => {
                let (phase, pending) = match flow {
                    Flow::Next => (EXIT_NEXT, Value::Unbound),
                    Flow::Break => (EXIT_BREAK, Value::Unbound),
                    Flow::Continue => (EXIT_CONTINUE, Value::Unbound),
                    Flow::Return(v) => (EXIT_RETURN, v),
                };
                (phase, pending, [Value::None, Value::None, Value::None])
            }
            Err(_) => {
                if let (Some(code), Some(span)) = (self.code.upgrade(), vm.spot.take()) {
                    vm.add_trace(TraceEntry { code, span, frame: None });
                }
                let exc = vm.take_exc();
                let class = Value::from(exc_class(&exc));
                let traceback = crate::types::exception::get_traceback(vm, &Value::Obj(exc.clone()))?;
                (EXIT_RAISE, Value::Obj(exc.clone()), [class, Value::Obj(exc), traceback])
            }
        };
        fr[s.pending] = pending;
        fr[s.phase] = Value::Int(phase);
        let r = self.handling(vm, fr, |vm, fr| {
            let answer = self.call(vm, fr, &exit, &args);
            let answer = located(vm, self.span, answer)?;
            if !self.is_async {
                return Ok(answer);
            }
            let answer = super::awaiting::need_awaitable(vm, answer, "'async with' received an object from __aexit__ that does not implement __await__")?;
            super::awaiting::begin_await(vm, fr, s.waiting, answer)
        });
        let answer = located(vm, self.span, r)?;
        self.conclude(vm, fr, phase, &answer)
    }

    /// Runs something while the body's exception counts as being handled.
    fn handling(&self, vm: &mut Vm, fr: &mut [Value], run: impl FnOnce(&mut Vm, &mut [Value]) -> R) -> R {
        let is_raising = matches!(fr[self.slots.phase], Value::Int(EXIT_RAISE));
        let Value::Obj(exc) = &fr[self.slots.pending] else { return run(vm, fr) };
        if !is_raising {
            return run(vm, fr);
        }
        let previous = vm.handled.replace(exc.clone());
        let r = run(vm, fr);
        vm.handled = previous;
        r
    }

    /// Goes on with what the body ended with, unless the exit method swallowed its exception.
    fn conclude(&self, vm: &mut Vm, fr: &mut [Value], phase: i64, answer: &Value) -> R<Flow> {
        let pending = fr[self.slots.pending].take();
        match (phase, pending) {
            (EXIT_BREAK, _) => Ok(Flow::Break),
            (EXIT_CONTINUE, _) => Ok(Flow::Continue),
            (EXIT_RETURN, v) => Ok(Flow::Return(v)),
            (EXIT_RAISE, Value::Obj(exc)) => {
                let r = vm.truth(answer);
                if located(vm, self.span, r)? {
                    drop(exc);
                    super::name::drain(vm);
                    return Ok(Flow::Next);
                }
                Err(vm.rethrow(exc))
            }
            _ => Ok(Flow::Next),
        }
    }
}

impl Vm {
    /// The bound enter and exit methods of a context manager.
    fn context_methods(&mut self, manager: &Value, is_async: bool) -> R<(Value, Value)> {
        let names = self.names.clone();
        let (enter, exit) = if is_async { (&names.aenter, &names.aexit) } else { (&names.enter, &names.exit) };
        let enter_method = self.special_method(manager, enter)?;
        let exit_method = match &enter_method {
            Some(_) => self.special_method(manager, exit)?,
            None => None,
        };
        match (enter_method, exit_method) {
            (Some(enter), Some(exit)) => Ok((enter, exit)),
            (found, _) => {
                let name = self.class_name(manager);
                let protocol = if is_async { "asynchronous context manager" } else { "context manager" };
                let missed = if found.is_some() { format!(" (missed {} method)", exit.text()) } else { String::new() };
                Err(self.type_error(&format!("'{name}' object does not support the {protocol} protocol{missed}")))
            }
        }
    }

    /// A special method of the class, bound to the object.
    pub fn special_method(&mut self, obj: &Value, name: &Ref) -> R<Option<Value>> {
        let class = self.class_of(obj).clone();
        match class.lookup(name) {
            Some(attr) => self.bind_descriptor(&attr, obj, &class).map(Some),
            None => Ok(None),
        }
    }
}
