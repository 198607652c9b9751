//! Frames that can be left and entered again: generators, coroutines, async generators, and coroutines written in
//! Rust. A frame is saved by moving its slots into the object; its nodes keep their progress in those slots.

use std::cell::Cell;

use super::func::CodeKind;
use super::obj::Kind;
use super::{R, Ref, Value};
use crate::source::Span;
use crate::vm::Vm;
use crate::vm::delegation::Delegates;

/// Where a coroutine stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Made, not begun.
    Created,
    /// Its frame is on the stack.
    Running,
    /// Left at an `await` or `yield`.
    Suspended,
    /// Returned, raised or was closed.
    Finished,
}

/// What a coroutine written in Rust stands for, where scripts see a class of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A coroutine.
    Plain,
    /// What `__anext__()` and `asend()` of an async generator give.
    Asend,
    /// What `athrow()` and `aclose()` give.
    Athrow,
    /// What `anext(iterator, default)` gives.
    Anext,
}

/// What a suspended frame is given when it goes on.
pub enum Sent {
    Value(Value),
    /// An exception object to raise where it stands.
    Exc(Ref),
}

/// A coroutine written in Rust: a state machine.
pub trait NativeCoro {
    /// Goes on until it finishes or must wait; it waits by returning `vm.suspend(..)`.
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R;
    /// An exception is thrown in before the first step.
    fn throw_first(&mut self, vm: &mut Vm, exc: Ref) -> R {
        Err(vm.rethrow(exc))
    }
    /// What the future that it waits for will give, for reprs.
    fn awaited_result(&self) -> Value {
        Value::None
    }
    /// The name in reprs.
    fn name(&self) -> &'static str;
    /// What reports say that it waits for.
    fn waits_in(&self) -> &'static str {
        self.name()
    }
    /// Visits what it holds.
    fn trace(&self, _visit: &mut dyn FnMut(&Value)) {}
}

/// Whose code runs.
pub enum CoroBody {
    /// A script function; the frame is empty while it runs.
    Script { func: Ref, frame: Cell<Box<[Value]>> },
    /// Rust code; taken out while it runs.
    Native(Cell<Option<Box<dyn NativeCoro>>>),
}

/// A generator, coroutine or async generator.
pub struct Coro {
    pub body: CoroBody,
    /// The frame that awaits this one, in a chain that is suspended.
    pub parent: Cell<Option<Ref>>,
    /// What a generator delegates to, while it is worth remembering.
    pub below: Cell<Option<Box<Delegates>>>,
    pub state: Cell<State>,
    pub kind: CodeKind,
    /// An async generator that has been iterated, or a coroutine whose death was reported.
    pub touched: Cell<bool>,
    /// Whether its end is watched: a frame with cleanup to run when it dies.
    pub cleanup: Cell<bool>,
    pub role: Role,
    /// How deep its frame stands on the stack while it runs.
    pub depth: Cell<u16>,
}

impl Coro {
    /// A script function's frame that has not begun.
    pub fn script(func: Ref, frame: Box<[Value]>, kind: CodeKind) -> Self {
        Self {
            body: CoroBody::Script { func, frame: Cell::new(frame) },
            parent: Cell::new(None),
            below: Cell::new(None),
            state: Cell::new(State::Created),
            kind,
            touched: Cell::new(false),
            cleanup: Cell::new(false),
            role: Role::Plain,
            depth: Cell::new(0),
        }
    }

    /// A coroutine written in Rust.
    pub fn native(body: Box<dyn NativeCoro>) -> Self {
        Self {
            body: CoroBody::Native(Cell::new(Some(body))),
            parent: Cell::new(None),
            below: Cell::new(None),
            state: Cell::new(State::Created),
            kind: CodeKind::Coroutine,
            touched: Cell::new(false),
            cleanup: Cell::new(false),
            role: Role::Plain,
            depth: Cell::new(0),
        }
    }

    /// The same, with a class of its own; one that is never awaited is no mistake.
    pub fn with_role(body: Box<dyn NativeCoro>, role: Role) -> Self {
        Self { role, touched: Cell::new(true), ..Self::native(body) }
    }

    /// The complaint about awaiting it again after its end.
    pub fn reuse_message(&self) -> &'static str {
        match self.role {
            Role::Plain | Role::Anext => "cannot reuse already awaited coroutine",
            Role::Asend => "cannot reuse already awaited __anext__()/asend()",
            Role::Athrow => "cannot reuse already awaited aclose()/athrow()",
        }
    }

    /// Whether dropping it must run script code or report something.
    pub fn needs_finalizer(&self) -> bool {
        match self.state.get() {
            State::Created => self.kind == CodeKind::Coroutine && !self.touched.get(),
            State::Suspended => true,
            State::Running | State::Finished => false,
        }
    }

    /// Whether dropping it frees nothing else.
    pub fn is_trivial(&self) -> bool {
        self.state.get() == State::Finished
    }

    /// The function, for script frames.
    pub fn func(&self) -> Option<&super::func::Func> {
        match &self.body {
            CoroBody::Script { func, .. } => match &func.kind {
                Kind::Func(f) => Some(f),
                _ => None,
            },
            CoroBody::Native(_) => None,
        }
    }

    /// Where a script's frame stands: at the `await` or `yield` where it was left, else at its function.
    pub fn place(&self) -> Option<Span> {
        let code = &self.func()?.code;
        let CoroBody::Script { frame, .. } = &self.body else { return None };
        let slots = frame.take();
        let waits = code.body.get().map_or(&[] as &[_], |b| &b.waits);
        let waiting = waits.iter().find(|(slot, _)| slots.get(*slot).is_some_and(|v| !v.is_unbound()));
        let place = waiting.map_or(code.span, |(_, span)| *span);
        frame.set(slots);
        Some(place)
    }

    /// Visits what it holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        match &self.body {
            CoroBody::Script { func, frame } => {
                visit(&Value::Obj(func.clone()));
                let slots = frame.take();
                slots.iter().for_each(&mut *visit);
                frame.set(slots);
            }
            CoroBody::Native(n) => {
                let body = n.take();
                if let Some(b) = &body {
                    b.trace(visit);
                }
                n.set(body);
            }
        }
        let parent = self.parent.take();
        if let Some(p) = &parent {
            visit(&Value::Obj(p.clone()));
        }
        self.parent.set(parent);
        let below = self.below.take();
        if let Some(b) = &below {
            b.trace(visit);
        }
        self.below.set(below);
    }

    /// Lets go of the frame.
    pub fn clear(&self) {
        self.state.set(State::Finished);
        drop((self.parent.take(), self.below.take()));
        match &self.body {
            CoroBody::Script { frame, .. } => drop(frame.take()),
            CoroBody::Native(n) => {
                drop(n.take());
            }
        }
    }
}
