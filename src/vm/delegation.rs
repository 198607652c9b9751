//! Generators that delegate with `yield from`: the outermost one remembers the chain of those below it, so that `next`
//! enters the innermost one at once, however deep it stands. Forgetting a chain is always right: then each generator
//! enters the next one itself, as it does for `send`, `throw` and `close`.

use crate::value::coro::{Coro, CoroBody, Sent, State};
use crate::value::func::CodeKind;
use crate::value::{Kind, R, Ref, Value};
use crate::vm::drive::coro_of;
use crate::vm::{Signal, Vm};

/// The generators below one that delegates, outermost first; never empty.
pub struct Delegates {
    chain: Vec<Ref>,
    /// How many closings were ignored when it was made: one more, and it may be wrong.
    ignored: u32,
}

/// How the `yield` that is on its way came here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Delegation {
    /// From the generator itself.
    None,
    /// Through a `yield from`.
    Plain,
    /// Through one inside an `except` clause: what that handles would be missed below, were it entered at once.
    Handling,
}

impl Delegates {
    /// Visits what it holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.chain.iter().for_each(|g| visit(&Value::Obj(g.clone())));
    }
}

impl Vm {
    /// A generator yielded while it, or one below it, delegates: its chain is remembered.
    #[inline(never)]
    pub(super) fn note_delegates(&mut self, root: &Ref) {
        let mut below = Box::new(Delegates { chain: Vec::new(), ignored: self.ignored_closings });
        extend(root, &mut below.chain);
        self.keep(root, below);
    }

    fn keep(&self, root: &Ref, below: Box<Delegates>) {
        // A deep chain is entered frame by frame, which ends in Python's error about recursion.
        if !below.chain.is_empty() && below.chain.len() + (self.depth as usize) < self.limits.recursion as usize {
            coro_of(root).below.set(Some(below));
        }
    }

    /// `next` of a suspended generator that delegates: the innermost one goes on; what it returns or raises goes to the
    /// one around it.
    #[inline(never)]
    pub(super) fn next_delegated(&mut self, root: &Ref, mut below: Box<Delegates>, fr: &mut [Value]) -> R<Option<Value>> {
        let chain = &mut below.chain;
        let is_valid = below.ignored == self.ignored_closings && chain.last().is_some_and(|g| coro_of(g).state.get() == State::Suspended);
        if !is_valid {
            return self.next_generator_in(root, fr);
        }
        coro_of(root).state.set(State::Running);
        let mut sent = Sent::Value(Value::None);
        loop {
            let current = match chain.last() {
                Some(generator) => generator.clone(),
                None => {
                    coro_of(root).state.set(State::Suspended);
                    root.clone()
                }
            };
            let result = self.run_frame(&current, sent, fr);
            self.delegate_ended = false;
            sent = match result {
                Ok(_) if chain.is_empty() => return Ok(None),
                Ok(v) => Sent::Value(v),
                Err(t) => match self.signal.take() {
                    Some(Signal::Yield(v)) => {
                        coro_of(root).state.set(State::Suspended);
                        if self.delegation == Delegation::Plain {
                            extend(&current, chain);
                        }
                        if self.delegation != Delegation::Handling {
                            self.keep(root, below);
                        }
                        return Ok(Some(v));
                    }
                    Some(signal) => {
                        coro_of(root).state.set(State::Suspended);
                        self.signal = Some(signal);
                        return Err(t);
                    }
                    None if chain.is_empty() || self.abort.is_some() => {
                        coro_of(root).state.set(if chain.is_empty() { State::Finished } else { State::Suspended });
                        return Err(t);
                    }
                    None => Sent::Exc(self.take_exc()),
                },
            };
            chain.pop();
            self.delegate_ended = true;
        }
    }
}

/// Adds the generators that stand below one.
fn extend(from: &Ref, chain: &mut Vec<Ref>) {
    let mut next = delegate_of(from);
    while let Some(generator) = next {
        next = delegate_of(&generator);
        chain.push(generator);
    }
}

/// The suspended generator that a suspended one delegates to.
fn delegate_of(generator: &Ref) -> Option<Ref> {
    let coro = coro_of(generator);
    let CoroBody::Script { frame, .. } = &coro.body else { return None };
    let waits = &coro.func()?.code.body.get()?.waits;
    let slots = frame.take();
    let held = waits.iter().filter_map(|(slot, _)| slots.get(*slot)).find(|v| !v.is_unbound()).cloned();
    frame.set(slots);
    match held {
        Some(Value::Obj(o)) if is_waiting_generator(&o) => Some(o),
        _ => None,
    }
}

fn is_waiting_generator(obj: &Ref) -> bool {
    matches!(&obj.kind, Kind::Coro(Coro { kind: CodeKind::Generator, state, .. }) if state.get() == State::Suspended)
}
