//! Steps of async generators: `__anext__`, `asend`, `athrow` and `aclose` give an awaitable that runs the generator's
//! frame until it yields, returns or raises. While the frame awaits something it stands in the chain below the step.

use crate::types::coro::thrown;
use crate::value::coro::{Coro, NativeCoro, Role, Sent, State};
use crate::value::{Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::drive::coro_of;
use crate::vm::{Signal, Vm};

/// What a step does to its generator.
enum Action {
    Send(Value),
    Throw(Ref),
    Close,
}

/// An awaitable step.
struct Step {
    generator: Ref,
    action: Option<Action>,
    is_close: bool,
    is_throw: bool,
    /// The innermost frame, where an exception thrown in before the step began let the generator wait.
    thrown_into: Option<Ref>,
}

impl Step {
    /// Runs the generator's frame for the first time in this step.
    fn begin(&mut self, vm: &mut Vm, action: Action) -> R {
        let coro = coro_of(&self.generator);
        if coro.state.get() == State::Running || (coro.state.get() == State::Suspended && coro.cleanup.get()) {
            let what = if self.is_close {
                "aclose"
            } else if self.is_throw {
                "athrow"
            } else {
                "anext"
            };
            return Err(vm.runtime_error(&format!("{what}(): asynchronous generator is already running")));
        }
        if !coro.touched.replace(true) {
            vm.event_loop.note_asyncgen(&self.generator);
        }
        let is_new = coro.state.get() == State::Created;
        match (coro.state.get(), action) {
            (State::Finished, Action::Close) => Ok(Value::None),
            (State::Finished, Action::Send(_)) => Err(stop_async(vm)),
            (State::Finished, Action::Throw(e)) => Err(vm.rethrow(e)),
            (State::Created, Action::Close) => {
                coro.clear();
                Ok(Value::None)
            }
            (_, Action::Send(v)) if is_new && !v.is_none() => Err(vm.type_error("can't send non-None value to a just-started async generator")),
            (_, Action::Send(v)) => self.run(vm, Sent::Value(v)),
            (_, Action::Throw(e)) => self.run(vm, Sent::Exc(e)),
            (_, Action::Close) => {
                let class = vm.types.generator_exit.clone();
                let exit = vm.new_exc(&class, Vec::new());
                self.run(vm, Sent::Exc(exit))
            }
        }
    }

    fn run(&mut self, vm: &mut Vm, sent: Sent) -> R {
        let generator = self.generator.clone();
        let result = vm.on_segment(0, |vm, fr| vm.run_frame(&generator, sent, fr));
        // Frames below the generator's have joined the chain already; its own yield leaves the chain empty.
        let is_own_yield = vm.chain.top.is_none();
        match result {
            Ok(_) => self.settle(vm, None),
            Err(t) => match vm.signal.take() {
                Some(Signal::Yield(v)) if is_own_yield => self.settle(vm, Some(Ok(v))),
                Some(signal) => {
                    vm.signal = Some(signal);
                    coro_of(&generator).cleanup.set(true);
                    vm.link_chain(&generator);
                    Err(t)
                }
                None => self.settle(vm, Some(Err(t))),
            },
        }
    }

    /// What the step gives: the frame yielded, raised, or returned (`None`).
    fn settle(&mut self, vm: &mut Vm, outcome: Option<R>) -> R {
        coro_of(&self.generator).cleanup.set(false);
        if !self.is_close {
            return match outcome {
                Some(r) => r,
                None => Err(stop_async(vm)),
            };
        }
        match outcome {
            None => Ok(Value::None),
            Some(Ok(_)) => Err(vm.runtime_error("async generator ignored GeneratorExit")),
            Some(Err(t)) => {
                let types = vm.types.clone();
                if vm.abort.is_none() && (vm.exc_is(&types.generator_exit) || vm.exc_is(&types.stop_async_iteration)) {
                    drop(vm.take_exc());
                    return Ok(Value::None);
                }
                Err(t)
            }
        }
    }
}

fn stop_async(vm: &mut Vm) -> Thrown {
    let class = vm.types.stop_async_iteration.clone();
    let exc = vm.new_exc(&class, Vec::new());
    vm.raise(exc)
}

impl Step {
    /// The step begins after all, while the generator waits in its cleanup: as in CPython, its action ends that wait.
    fn begin_in_cleanup(&mut self, vm: &mut Vm, leaf: Ref, sent: Sent) -> R {
        let sent = match (self.action.take(), sent) {
            (_, Sent::Exc(e)) | (Some(Action::Throw(e)), _) => Sent::Exc(e),
            (Some(Action::Send(v)), _) => Sent::Value(v),
            _ => {
                let class = vm.types.generator_exit.clone();
                Sent::Exc(vm.new_exc(&class, Vec::new()))
            }
        };
        let generator = self.generator.clone();
        match vm.drive(&generator, leaf, sent) {
            Ok(crate::vm::drive::Step::Returned(_)) => self.settle(vm, None),
            Ok(crate::vm::drive::Step::Suspended { signal: Signal::Yield(v), .. }) => self.settle(vm, Some(Ok(v))),
            Ok(crate::vm::drive::Step::Suspended { leaf, signal }) => {
                vm.signal = Some(signal);
                vm.chain = crate::vm::Chain { leaf: Some(leaf), top: Some(generator) };
                Err(Thrown)
            }
            Err(t) => self.settle(vm, Some(Err(t))),
        }
    }
}

impl NativeCoro for Step {
    fn throw_first(&mut self, vm: &mut Vm, exc: Ref) -> R {
        vm.chain = crate::vm::Chain::default();
        let result = self.run(vm, Sent::Exc(exc));
        if result.is_err() && vm.is_suspending() {
            // The driver must come back to this step, not to the generator.
            let chain = std::mem::take(&mut vm.chain);
            self.thrown_into = chain.leaf;
        }
        result
    }

    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        if let Some(leaf) = self.thrown_into.take() {
            vm.chain = crate::vm::Chain::default();
            return self.begin_in_cleanup(vm, leaf, sent);
        }
        if let Some(action) = self.action.take() {
            vm.chain = crate::vm::Chain::default();
            return self.begin(vm, action);
        }
        // The generator's frame ended its step: the driver hands its result here.
        let outcome = match sent {
            Sent::Value(v) => Some(Ok(v)),
            Sent::Exc(e) => {
                let class = vm.types.stop_async_iteration.clone();
                if crate::vm::errors::exc_class(&e).is(&class) && coro_of(&self.generator).state.get() == State::Finished {
                    None
                } else {
                    Some(Err(vm.rethrow(e)))
                }
            }
        };
        self.settle(vm, outcome)
    }

    fn name(&self) -> &'static str {
        if self.is_close || self.is_throw { "async_generator_athrow" } else { "async_generator_asend" }
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.generator.clone()));
        if let Some(leaf) = &self.thrown_into {
            visit(&Value::Obj(leaf.clone()));
        }
        match &self.action {
            Some(Action::Send(v)) => visit(v),
            Some(Action::Throw(e)) => visit(&Value::Obj(e.clone())),
            Some(Action::Close) | None => {}
        }
    }
}

fn step(generator: &Value, action: Action) -> R {
    let Value::Obj(generator) = generator else { unreachable!("the receiver is an async generator") };
    let (is_close, is_throw) = (matches!(action, Action::Close), matches!(action, Action::Throw(_)));
    let role = if is_close || is_throw { Role::Athrow } else { Role::Asend };
    let coro = Coro::with_role(Box::new(Step { generator: generator.clone(), action: Some(action), is_close, is_throw, thrown_into: None }), role);
    Ok(Value::Obj(Obj::tracked(Kind::Coro(coro))))
}

/// `__anext__()`.
pub fn anext(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    step(&a[0], Action::Send(Value::None))
}

/// `asend(value)`.
pub fn asend(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let v = a[1].take();
    step(&a[0], Action::Send(v))
}

/// `athrow(exception)`.
pub fn athrow(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let exc = thrown(vm, a)?;
    step(&a[0], Action::Throw(exc))
}

/// `aclose()`.
pub fn aclose(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    step(&a[0], Action::Close)
}

impl Vm {
    /// `aiter(v)`.
    pub fn aiter(&mut self, v: &Value) -> R {
        let names = self.names.clone();
        match self.special_method(v, &names.aiter)? {
            Some(method) => {
                let iter = self.call(&method, &[])?;
                if self.class_of(&iter).lookup(&names.anext).is_none() {
                    let name = self.class_name(&iter);
                    return Err(self.type_error(&format!("'async for' received an object from __aiter__ that does not implement __anext__: {name}")));
                }
                Ok(iter)
            }
            None => {
                let name = self.class_name(v);
                Err(self.type_error(&format!("'async for' requires an object with __aiter__ method, got {name}")))
            }
        }
    }

    /// The awaitable of an async iterator's next item.
    pub fn anext(&mut self, iter: &Value) -> R {
        let names = self.names.clone();
        match self.special_method(iter, &names.anext)? {
            Some(method) => self.call(&method, &[]),
            None => {
                let name = self.class_name(iter);
                Err(self.type_error(&format!("'async for' requires an iterator with __anext__ method, got {name}")))
            }
        }
    }
}
