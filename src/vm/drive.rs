//! Running frames that can be left: generators, coroutines, async generators. A frame's slots are swapped onto the
//! value stack, its body is called again, and its nodes find their way by the progress they keep in those slots.
//! A suspended chain of awaits is entered at its innermost frame; what that frame gives goes to its parent.

use std::cell::Cell;

use crate::value::coro::{Coro, CoroBody, Sent, State};
use crate::value::func::{CodeKind, Func};
use crate::value::{Kind, R, Ref, Thrown, Value, heap};
use crate::vm::call::clear;
use crate::vm::delegation::Delegation;
use crate::vm::errors::{exc_data, first_arg};
use crate::vm::{Chain, Signal, Vm};

/// How a step of a coroutine ended; an exception is `Err`.
pub enum Step {
    /// It waits; the innermost frame is where the next step goes on.
    Suspended { leaf: Ref, signal: Signal },
    /// It returned.
    Returned(Value),
}

/// The coroutine inside an object that is one.
#[inline]
pub fn coro_of(obj: &Ref) -> &Coro {
    match &obj.kind {
        Kind::Coro(c) => c,
        _ => unreachable!("only coroutines are resumed"),
    }
}

/// Exchanges a frame's slots with those of the value stack.
#[inline(always)]
fn swap_slots(fr: &mut [Value], saved: &mut [Value]) {
    for (slot, kept) in fr.iter_mut().zip(saved) {
        std::mem::swap(slot, kept);
    }
}

impl Vm {
    /// Notes a frame that was just left, from the inside out.
    #[inline]
    pub fn link_chain(&mut self, frame: &Ref) {
        if let Some(handled) = &self.handled {
            self.handled_around.insert(frame.id(), handled.clone());
        } else if !self.handled_around.is_empty() {
            self.handled_around.remove(&frame.id());
        }
        match self.chain.top.replace(frame.clone()) {
            Some(inner) => coro_of(&inner).parent.set(Some(frame.clone())),
            None => self.chain.leaf = Some(frame.clone()),
        }
    }

    /// Lets a frame go on until it finishes or is left again; nothing is noted in the chain.
    #[inline]
    pub fn run_frame(&mut self, obj: &Ref, sent: Sent, fr: &mut [Value]) -> R {
        let coro = coro_of(obj);
        match &coro.body {
            CoroBody::Script { func, frame } => {
                let Kind::Func(f) = &func.kind else { unreachable!("a script frame has a function") };
                let body = f.code.body(self);
                if fr.len() < body.need {
                    return self.on_segment(body.need, |vm, segment| vm.run_frame(obj, sent, segment));
                }
                if coro.state.get() == State::Created {
                    if let Sent::Exc(e) = sent {
                        coro.clear();
                        self.rethrow(e);
                        return Err(self.check_stop_iteration(coro.kind));
                    }
                    self.note_beginning(f.code.span.start);
                } else {
                    if matches!(sent, Sent::Exc(_)) {
                        self.sent_over = self.handled.clone();
                    }
                    self.sent = Some(sent);
                }
                self.enter()?;
                let mut saved = frame.take();
                let slots = body.slots.min(saved.len());
                coro.state.set(State::Running);
                coro.depth.set(self.depth as u16);
                if body.need == slots {
                    // It calls nothing on its frame: it can run where its slots are.
                    let result = (body.run)(self, &mut saved);
                    return self.left_in_place(coro, f, frame, saved, result);
                }
                swap_slots(&mut fr[..slots], &mut saved);
                let result = (body.run)(self, fr);
                self.depth -= 1;
                if result.is_err() && self.is_suspending() {
                    swap_slots(&mut fr[..slots], &mut saved);
                    frame.set(saved);
                    coro.state.set(State::Suspended);
                    return result;
                }
                coro.state.set(State::Finished);
                if result.is_err() {
                    self.leave_failed(f, fr, slots);
                    clear(fr, slots);
                    return Err(self.check_stop_iteration(coro.kind));
                }
                clear(fr, slots);
                if heap::has_dying() {
                    self.run_finalizers();
                }
                result
            }
            CoroBody::Native(body) => self.run_native(coro, body, sent),
        }
    }

    /// A frame that ran where its slots are was left.
    fn left_in_place(&mut self, coro: &Coro, func: &Func, frame: &Cell<Box<[Value]>>, mut saved: Box<[Value]>, result: R) -> R {
        self.depth -= 1;
        if result.is_err() && self.is_suspending() {
            frame.set(saved);
            coro.state.set(State::Suspended);
            return result;
        }
        coro.state.set(State::Finished);
        let result = match result {
            Ok(v) => Ok(v),
            Err(_) => {
                let slots = saved.len();
                self.leave_failed(func, &mut saved, slots);
                Err(self.check_stop_iteration(coro.kind))
            }
        };
        drop(saved);
        if heap::has_dying() {
            self.run_finalizers();
        }
        result
    }

    fn run_native(&mut self, coro: &Coro, body: &std::cell::Cell<Option<Box<dyn crate::value::coro::NativeCoro>>>, sent: Sent) -> R {
        let Some(mut native) = body.take() else { return Ok(Value::None) };
        let is_new = coro.state.replace(State::Running) == State::Created;
        let result = match sent {
            Sent::Exc(e) if is_new => native.throw_first(self, e),
            sent => native.resume(self, sent),
        };
        if result.is_err() && self.is_suspending() {
            body.set(Some(native));
            coro.state.set(State::Suspended);
        } else {
            coro.state.set(State::Finished);
        }
        result
    }

    /// `StopIteration` must not leave a generator or coroutine: it becomes a `RuntimeError`.
    #[cold]
    pub fn check_stop_iteration(&mut self, kind: CodeKind) -> Thrown {
        let types = self.types.clone();
        let what = match kind {
            CodeKind::Generator => "generator",
            CodeKind::AsyncGenerator => "async generator",
            CodeKind::Coroutine => "coroutine",
            // A plain function on a thread.
            CodeKind::Function => return Thrown,
        };
        let name = if self.exc_is(&types.stop_iteration) {
            "StopIteration"
        } else if kind == CodeKind::AsyncGenerator && self.exc_is(&types.stop_async_iteration) {
            "StopAsyncIteration"
        } else {
            return Thrown;
        };
        let cause = self.take_exc();
        let exc = self.new_exc(&types.runtime_error, vec![format!("{what} raised {name}").into()]);
        let data = exc_data(&exc);
        data.trace.borrow_mut().extend(exc_data(&cause).trace.borrow().last().cloned());
        data.suppress_context.set(true);
        *data.cause.borrow_mut() = Some(cause.clone());
        *data.context.borrow_mut() = Some(cause);
        self.rethrow(exc)
    }

    // ---- generators -------------------------------------------------------------------------------------------

    /// Runs a generator to its next `yield`; `None` when it returned.
    #[inline]
    pub fn next_generator(&mut self, generator: &Ref) -> R<Option<Value>> {
        self.on_segment(0, |vm, fr| vm.next_generator_in(generator, fr))
    }

    /// The same, on a window of the value stack.
    #[inline]
    pub fn next_generator_in(&mut self, generator: &Ref, fr: &mut [Value]) -> R<Option<Value>> {
        let coro = coro_of(generator);
        match coro.state.get() {
            State::Finished => return Ok(None),
            State::Running => return Err(self.already_running(coro.kind)),
            State::Created => {}
            State::Suspended => {
                if let Some(below) = coro.below.take() {
                    return self.next_delegated(generator, below, fr);
                }
            }
        }
        match self.run_frame(generator, Sent::Value(Value::None), fr) {
            Ok(_) => Ok(None),
            Err(t) => match self.signal.take() {
                Some(Signal::Yield(v)) => {
                    if self.delegation == Delegation::Plain {
                        self.note_delegates(generator);
                    }
                    Ok(Some(v))
                }
                signal => {
                    self.signal = signal;
                    Err(t)
                }
            },
        }
    }

    /// Sends a value into a generator on a window of the value stack: `Ok(Ok(v))` when it yields, `Ok(Err(v))` when it
    /// returns.
    pub fn resume_generator(&mut self, generator: &Ref, sent: Sent, fr: &mut [Value]) -> R<Result<Value, Value>> {
        let coro = coro_of(generator);
        match coro.state.get() {
            State::Suspended => {}
            State::Created if matches!(sent, Sent::Value(Value::None)) => {}
            _ => return self.resume(generator, sent),
        }
        match self.run_frame(generator, sent, fr) {
            Ok(v) => Ok(Err(v)),
            Err(t) => match self.signal.take() {
                Some(signal) => self.signal_value(signal).map(Ok),
                None => Err(t),
            },
        }
    }

    #[cold]
    fn already_running(&mut self, kind: CodeKind) -> Thrown {
        self.value_error(match kind {
            CodeKind::Generator => "generator already executing",
            _ => "coroutine already executing",
        })
    }

    /// `send`/`throw` by hand: `Ok(Ok(v))` when it gave `v` and waits, `Ok(Err(v))` when it returned `v`.
    pub fn resume(&mut self, obj: &Ref, sent: Sent) -> R<Result<Value, Value>> {
        let coro = coro_of(obj);
        match (coro.state.get(), coro.kind) {
            (State::Running, kind) => return Err(self.already_running(kind)),
            (State::Finished, CodeKind::Generator | CodeKind::AsyncGenerator) => {
                return match sent {
                    Sent::Value(_) => Ok(Err(Value::None)),
                    Sent::Exc(e) => Err(self.rethrow(e)),
                };
            }
            (State::Finished, _) => return Err(self.runtime_error(coro.reuse_message())),
            (State::Created, kind) => {
                if let Sent::Value(v) = &sent
                    && !v.is_none()
                {
                    let what = if kind == CodeKind::Generator { "generator" } else { "coroutine" };
                    return Err(self.type_error(&format!("can't send non-None value to a just-started {what}")));
                }
            }
            (State::Suspended, _) => {}
        }
        coro.touched.set(true);
        let leaf = self.leaf_of(obj);
        match self.drive(obj, leaf, sent)? {
            Step::Returned(v) => Ok(Err(v)),
            Step::Suspended { signal, .. } => Ok(Ok(self.signal_value(signal)?)),
        }
    }

    /// What a driver by hand sees of a suspension.
    fn signal_value(&mut self, signal: Signal) -> R {
        match signal {
            Signal::Yield(v) | Signal::Pass(v) => Ok(v),
            Signal::Thread => Ok(Value::None),
            Signal::Future(f) => {
                if let Some(future) = crate::event_loop::future::of(&f) {
                    future.set_mark(crate::event_loop::future::mark::BLOCKING, true);
                }
                Ok(Value::Obj(f))
            }
            Signal::Sleep(ns) => self.sleep_future(ns),
        }
    }

    /// The innermost frame of a suspended chain, found from the outside.
    pub fn leaf_of(&self, root: &Ref) -> Ref {
        let mut leaf = root.clone();
        while let Some(child) = self.awaited_frame(&leaf) {
            leaf = child;
        }
        leaf
    }

    /// The frame that a suspended frame awaits, if it is one that stands in its chain.
    pub fn awaited_frame(&self, frame: &Ref) -> Option<Ref> {
        let mut child = None;
        frame.trace(&mut |v| {
            if let Value::Obj(o) = v
                && let Kind::Coro(c) = &o.kind
            {
                let parent = c.parent.take();
                if c.state.get() == State::Suspended && parent.as_ref().is_some_and(|p| std::rc::Rc::ptr_eq(p, frame)) {
                    child = Some(o.clone());
                }
                c.parent.set(parent);
            }
        });
        child
    }

    /// One step of the chain whose outermost frame is `root`, entered at `leaf`.
    #[inline]
    pub fn drive(&mut self, root: &Ref, leaf: Ref, sent: Sent) -> R<Step> {
        self.on_segment(0, |vm, fr| vm.drive_in(root, leaf, sent, fr))
    }

    /// The same, on a window of the value stack.
    #[inline(always)]
    pub fn drive_in(&mut self, root: &Ref, leaf: Ref, sent: Sent, fr: &mut [Value]) -> R<Step> {
        let (mut current, mut sent) = (leaf, sent);
        loop {
            self.chain = Chain::default();
            let result = if self.handled_around.is_empty() { self.run_frame(&current, sent, fr) } else { self.run_below_handler(&current, sent, fr) };
            let is_root = std::rc::Rc::ptr_eq(&current, root);
            let coro = coro_of(&current);
            sent = match result {
                Ok(v) if is_root => return Ok(Step::Returned(v)),
                Ok(v) if coro.kind == CodeKind::AsyncGenerator => {
                    drop(v);
                    let class = self.types.stop_async_iteration.clone();
                    Sent::Exc(self.new_exc(&class, Vec::new()))
                }
                Ok(v) => Sent::Value(v),
                Err(t) => match self.signal.take() {
                    Some(Signal::Yield(v)) if coro.kind == CodeKind::AsyncGenerator && !is_root && self.chain.leaf.is_none() => Sent::Value(v),
                    Some(signal) => {
                        let Chain { leaf, top } = std::mem::take(&mut self.chain);
                        if let Some(top) = top {
                            coro_of(&top).parent.set(Some(current.clone()));
                        }
                        let signal = match signal {
                            Signal::Yield(v) if !is_root => Signal::Pass(v),
                            s => s,
                        };
                        return Ok(Step::Suspended { leaf: leaf.unwrap_or(current), signal });
                    }
                    None if is_root => return Err(t),
                    None => Sent::Exc(self.take_exc()),
                },
            };
            let Some(parent) = coro.parent.take() else {
                // Someone else drove this frame on; its result has no taker.
                return match sent {
                    Sent::Value(v) => Ok(Step::Returned(v)),
                    Sent::Exc(e) => Err(self.rethrow(e)),
                };
            };
            current = parent;
        }
    }

    /// Lets a frame go on; what the frames around it were handling when it was left counts as being handled.
    #[cold]
    pub(super) fn run_below_handler(&mut self, frame: &Ref, sent: Sent, fr: &mut [Value]) -> R {
        let Some(around) = self.handled_around.get(&frame.id()).cloned() else { return self.run_frame(frame, sent, fr) };
        let previous = self.handled.replace(around);
        let result = self.run_frame(frame, sent, fr);
        self.handled = previous;
        if coro_of(frame).state.get() == State::Finished {
            self.handled_around.remove(&frame.id());
        }
        result
    }

    /// Closes a generator or coroutine: raises `GeneratorExit` where it stands.
    pub fn close_coro(&mut self, obj: &Ref) -> R<()> {
        let coro = coro_of(obj);
        match coro.state.get() {
            State::Created => {
                coro.touched.set(true);
                coro.clear();
                return Ok(());
            }
            State::Finished => return Ok(()),
            State::Running => return Err(self.already_running(coro.kind)),
            State::Suspended => {}
        }
        let types = self.types.clone();
        let exit = self.new_exc(&types.generator_exit, Vec::new());
        match self.resume(obj, Sent::Exc(exit)) {
            Ok(Err(_)) => Ok(()),
            Ok(Ok(_)) => {
                let what = match coro.kind {
                    CodeKind::Generator => "generator",
                    CodeKind::AsyncGenerator => "async generator",
                    CodeKind::Coroutine | CodeKind::Function => "coroutine",
                };
                self.ignored_closings += 1;
                Err(self.runtime_error(&format!("{what} ignored GeneratorExit")))
            }
            Err(t) if self.abort.is_none() && (self.exc_is(&types.generator_exit) || self.exc_is(&types.stop_iteration)) => {
                let _ = t;
                drop(self.take_exc());
                Ok(())
            }
            Err(t) => Err(t),
        }
    }

    /// The value of the `StopIteration` that is on its way, which is consumed.
    pub fn stop_value(&mut self) -> Value {
        let exc = self.take_exc();
        first_arg(&exc)
    }
}
