//! Built-in operations that call script code on a thread: an operator, a key function, a property. When what they call
//! waits, the operation itself is given up, and begun anew once the callee is done. A site keeps what was called so far
//! and what it gave, also the items that iterators gave: the second run takes those from there. So only operations that
//! do nothing before their last call are run as sites (`stand_in::is_restartable`).
//!
//! While a site is active the limit of recursion is zero: each call of a script function takes the slow path, which
//! comes here. Code that no thread runs never pays for it.

use std::cell::RefCell;

use crate::value::coro::Sent;
use crate::value::func::{CodeKind, Func};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::call::clear;
use crate::vm::thread_call::{ThreadState, is_threaded_generator};
use crate::vm::{Chain, Vm};

/// What an operation called, and what it was given.
#[derive(Default)]
pub struct Site {
    pub is_active: bool,
    log: Vec<Entry>,
    /// How much of the log was replayed or written.
    at: usize,
    /// How many steps of iterators are under way.
    depth: u32,
    /// The limit that holds outside.
    recursion: u32,
    pending: Option<Pending>,
}

/// One call or one step of an iterator.
struct Entry {
    depth: u32,
    outcome: Outcome,
}

enum Outcome {
    Gave(Value),
    Raised(Ref),
    /// The iterator ran out.
    Ended,
}

/// What the operation waits for.
struct Pending {
    depth: u32,
    is_step: bool,
}

impl Site {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for entry in &self.log {
            match &entry.outcome {
                Outcome::Gave(v) => visit(v),
                Outcome::Raised(e) => visit(&Value::Obj(e.clone())),
                Outcome::Ended => {}
            }
        }
    }

    fn write(&mut self, outcome: Outcome) {
        self.log.truncate(self.at);
        self.log.push(Entry { depth: self.depth, outcome });
        self.at += 1;
    }
}

/// A site whose operation was given up, in the slot of its frame; with what a call needs to be made again.
pub struct Held {
    site: RefCell<Site>,
    call: Option<HeldCall>,
}

/// A call of a built-in function that was given up.
pub struct HeldCall {
    pub callee: Value,
    pub args: Box<[Value]>,
    pub names: Box<[Ref]>,
}

impl Native for Held {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        &vm.types.object
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(site) = self.site.try_borrow() {
            site.trace(visit);
        }
        if let Some(call) = &self.call {
            visit(&call.callee);
            call.args.iter().for_each(visit);
        }
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Vm {
    /// Runs an operation in a frame of a thread; where it waits, the slot tells.
    pub fn in_site<T>(&mut self, fr: &mut [Value], slot: usize, op: impl FnOnce(&mut Self, &mut [Value]) -> R<T>) -> R<T> {
        let site = match fr[slot].take() {
            Value::Unbound => Site::default(),
            held => self.resumed_site(&held),
        };
        if !self.thread.may_leave {
            return op(self, fr);
        }
        let (result, site) = self.run_site(site, |vm| op(vm, fr));
        if result.is_err() && self.is_suspending() {
            fr[slot] = Obj::native(Held { site: RefCell::new(site), call: None }).into();
        }
        result
    }

    /// Whether a slot holds a site.
    pub fn is_site(held: &Value) -> bool {
        held.obj().is_some_and(|o| o.downcast::<Held>().is_some())
    }

    /// Calls a built-in function that may be called again from the beginning. Where it waits, what its slot must hold
    /// is the error.
    pub fn call_in_site(&mut self, callee: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> Result<Value, Option<Value>> {
        let args: Box<[Value]> = fr.iter().take(n + names.len()).cloned().collect();
        let (result, site) = self.run_site(Site::default(), |vm| vm.call_any(callee, fr, n, names));
        result.map_err(|_| {
            let call = HeldCall { callee: callee.clone(), args, names: names.into() };
            self.is_suspending().then(|| Obj::native(Held { site: RefCell::new(site), call: Some(call) }).into())
        })
    }

    /// Makes a call anew that waited, if the slot held one.
    pub fn resume_call_in_site(&mut self, held_value: &Value, fr: &mut [Value], slot: usize) -> Option<R> {
        let held: &Held = held_value.obj()?.downcast()?;
        let call = held.call.as_ref()?;
        let site = self.resumed_site(held_value);
        let n = call.args.len() - call.names.len();
        let (result, site) = self.run_site(site, |vm| {
            vm.on_segment(2 * call.args.len() + 16, |vm, segment| {
                for (to, v) in segment.iter_mut().zip(&call.args) {
                    *to = v.clone();
                }
                vm.call_any(&call.callee, segment, n, &call.names)
            })
        });
        if result.is_err() && self.is_suspending() {
            held.site.replace(site);
            fr[slot] = held_value.clone();
        }
        Some(result)
    }

    /// The site in a slot, with what the operation waited for.
    fn resumed_site(&mut self, held: &Value) -> Site {
        let mut site = held.obj().and_then(|o| o.downcast::<Held>()).map(|h| h.site.take()).unwrap_or_default();
        (site.at, site.depth) = (site.log.len(), 0);
        if let Some(pending) = site.pending.take() {
            let outcome = match self.sent.take() {
                Some(Sent::Exc(e)) if pending.is_step && crate::vm::errors::exc_class(&e).is_subclass_of(&self.types.stop_iteration) => Outcome::Ended,
                Some(Sent::Exc(e)) => Outcome::Raised(e),
                Some(Sent::Value(v)) => Outcome::Gave(v),
                None => Outcome::Gave(Value::None),
            };
            site.log.push(Entry { depth: pending.depth, outcome });
        }
        site.at = 0;
        site
    }

    fn run_site<T>(&mut self, site: Site, op: impl FnOnce(&mut Self) -> R<T>) -> (R<T>, Site) {
        let recursion = std::mem::take(&mut self.limits.recursion);
        let site = Site { is_active: true, recursion, ..site };
        let before = std::mem::replace(&mut self.thread, ThreadState { site, ..ThreadState::default() });
        let result = op(self);
        self.limits.recursion = recursion;
        let state = std::mem::replace(&mut self.thread, before);
        if result.is_ok() && self.is_suspending() {
            // It took the wait for an error, and went on.
            (self.signal, self.chain) = (None, Chain::default());
            return (crate::event_loop::thread_run::refuse_late(self), state.site);
        }
        (result, state.site)
    }

    /// Runs script code that a site calls.
    fn out_of_site<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.thread, ThreadState { may_leave: true, ..ThreadState::default() });
        self.limits.recursion = before.site.recursion;
        let result = run(self);
        self.limits.recursion = 0;
        self.thread = before;
        result
    }

    /// Runs something that is no part of the site that may be active here, and cannot wait.
    pub fn outside_of_sites<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        if !self.thread.site.is_active {
            return self.apart_from_thread(run);
        }
        self.out_of_site(|vm| vm.apart_from_thread(run))
    }

    /// The limit of recursion as scripts see it.
    pub const fn recursion_limit(&self) -> u32 {
        if self.thread.site.is_active { self.thread.site.recursion } else { self.limits.recursion }
    }

    /// What the log says about the call that begins; nothing where it must be made.
    fn replayed(&mut self) -> R<Option<Outcome>> {
        let site = &mut self.thread.site;
        let Some(entry) = site.log.get(site.at) else { return Ok(None) };
        if entry.depth > site.depth {
            // Steps of iterators inside this one.
            return Ok(None);
        }
        if entry.depth < site.depth {
            let class = self.types.not_implemented_error.clone();
            return Err(self.raise_new(&class, "corun cannot go on with a built-in function whose arguments changed while a thread waited in it"));
        }
        site.at += 1;
        Ok(Some(match &entry.outcome {
            Outcome::Gave(v) => Outcome::Gave(v.clone()),
            Outcome::Raised(e) => Outcome::Raised(e.clone()),
            Outcome::Ended => Outcome::Ended,
        }))
    }

    /// Notes what a call gave; gives it on.
    fn noted(&mut self, result: R, is_step: bool) -> R {
        match result {
            Ok(v) => {
                self.thread.site.write(Outcome::Gave(v.clone()));
                Ok(v)
            }
            Err(t) if self.abort.is_some() => Err(t),
            Err(t) if self.is_suspending() => {
                self.thread.site.pending = Some(Pending { depth: self.thread.site.depth, is_step });
                Err(t)
            }
            Err(_) => {
                let exc = self.take_exc();
                self.thread.site.write(Outcome::Raised(exc.clone()));
                Err(self.rethrow(exc))
            }
        }
    }

    /// A script function is called by a site; its arguments stand in their places.
    pub(super) fn invoke_in_site(&mut self, func: &Func, fr: &mut [Value]) -> R {
        match self.replayed() {
            Ok(None) => {}
            found => {
                clear(fr, func.code.locals.len() + func.code.free.len());
                return self.outcome(found?);
            }
        }
        let result = self.out_of_site(|vm| vm.invoke_threaded(func, fr));
        self.noted(result, false)
    }

    fn outcome(&mut self, found: Option<Outcome>) -> R {
        match found {
            Some(Outcome::Gave(v)) => Ok(v),
            Some(Outcome::Raised(e)) => Err(self.rethrow(e)),
            Some(Outcome::Ended) | None => Ok(Value::None),
        }
    }

    /// A site calls a function that makes a generator or coroutine: one for threads, and the same one in each run.
    pub(super) fn frame_object_in_site(&mut self, make: impl FnOnce(&mut Self) -> R) -> R {
        match self.replayed()? {
            None => {
                let made = self.out_of_site(make);
                self.noted(made, false)
            }
            found => self.outcome(found),
        }
    }

    /// An iterator that a site makes: the same one in each run.
    #[cold]
    #[inline(never)]
    pub(super) fn iter_in_site(&mut self, v: &Value) -> R {
        if let found @ Some(_) = self.replayed()? {
            return self.outcome(found);
        }
        let start = self.thread.site.at;
        self.thread.site.depth += 1;
        let result = self.iter_of(v);
        self.thread.site.depth -= 1;
        if result.is_err() && (self.is_suspending() || self.abort.is_some()) {
            return result;
        }
        self.thread.site.at = start;
        self.noted(result, false)
    }

    /// A step of an iterator in a site: it must not be made again.
    #[cold]
    #[inline(never)]
    pub(super) fn next_in_site(&mut self, iter: &Value) -> R<Option<Value>> {
        match self.replayed()? {
            None => {}
            Some(Outcome::Ended) => return Ok(None),
            found => return self.outcome(found).map(Some),
        }
        let start = self.thread.site.at;
        let result = match iter {
            Value::Obj(o) if matches!(&o.kind, Kind::Coro(c) if c.kind == CodeKind::Generator) => {
                let result = self.out_of_site(|vm| vm.step_generator_in_site(o));
                if result.is_err() && self.is_suspending() {
                    self.thread.site.pending = Some(Pending { depth: self.thread.site.depth, is_step: true });
                }
                result
            }
            _ => {
                self.thread.site.depth += 1;
                let result = self.next_step(iter);
                self.thread.site.depth -= 1;
                result
            }
        };
        if result.is_err() && (self.is_suspending() || self.abort.is_some()) {
            return result;
        }
        self.thread.site.at = start;
        match result {
            Ok(Some(v)) => self.noted(Ok(v), true).map(Some),
            Ok(None) => {
                self.thread.site.write(Outcome::Ended);
                Ok(None)
            }
            Err(t) => self.noted(Err(t), true).map(Some),
        }
    }

    fn step_generator_in_site(&mut self, generator: &Ref) -> R<Option<Value>> {
        if !is_threaded_generator(generator) {
            return self.apart_from_thread(|vm| vm.next_generator(generator));
        }
        let result = self.on_segment(0, |vm, fr| vm.step_threaded(generator, Sent::Value(Value::None), fr));
        result.map(Result::ok).map_err(|_| Thrown)
    }
}
