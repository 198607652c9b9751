//! Calls from code that runs on a thread. A script function runs in place, over the body that was linked for threads;
//! when something below it waits, its frame moves into an object that joins the chain, which the scheduler enters again
//! at its innermost frame. Knows no clock and no queue of threads.

use std::rc::Rc;

use crate::link::code::make_twin;
use crate::modules::functools::partial;
use crate::modules::threading::stand_in;
use crate::value::class::{Solid, flag};
use crate::value::coro::{Coro, CoroBody, Sent, State};
use crate::value::func::{CodeKind, Func};
use crate::value::{ClassRef, Kind, Obj, R, Ref, Thrown, Value, heap};
use crate::vm::call::clear;
use crate::vm::drive::{Step, coro_of};
use crate::vm::replay::Site;
use crate::vm::{Chain, Signal, Vm};

/// Where the running code stands, for natives that let a thread wait.
#[derive(Default)]
pub struct ThreadState {
    /// Whether only code for threads stands between here and the driver: all of it can be left.
    pub may_leave: bool,
    /// A built-in function that waits was called from there: it may leave the thread.
    pub may_wait: bool,
    /// A generator is entered from there.
    pub entered: bool,
    /// The built-in operation that runs, if what it calls may wait.
    pub site: Site,
}

/// Why a call gave no value: it waits, and this marks its slot; or it failed.
type Held = Option<Value>;

/// Whether an object is a generator whose body was linked for threads.
pub fn is_threaded_generator(obj: &Ref) -> bool {
    matches!(&obj.kind, Kind::Coro(c) if c.kind == CodeKind::Generator && c.func().is_some_and(|f| f.code.is_threaded))
}

/// The function over the code for threads; none where its body exists only as it is.
fn twin_of(func: &Ref, f: &Func) -> Option<Ref> {
    if f.code.is_threaded { Some(func.clone()) } else { make_twin_of(f) }
}

fn make_twin_of(f: &Func) -> Option<Ref> {
    if let Some(twin) = f.extra.borrow().as_ref().and_then(|e| e.twin.clone()) {
        return Some(twin);
    }
    if f.code.twin.get().is_none() {
        let _ = f.code.twin.set(make_twin(&f.code)?);
    }
    let twin = Func::new(f.code.twin.get()?.clone(), Vec::new(), Vec::new(), f.closure.clone(), Value::None);
    let mut extra = f.extra.borrow_mut();
    let extra = extra.get_or_insert_with(Box::default);
    if extra.name.is_some() || extra.qualname.is_some() || extra.iterable_coroutine {
        let mut names = twin.extra.borrow_mut();
        let names = names.get_or_insert_with(Box::default);
        (names.name, names.qualname, names.iterable_coroutine) = (extra.name.clone(), extra.qualname.clone(), extra.iterable_coroutine);
    }
    let twin = Obj::tracked(Kind::Func(Box::new(twin)));
    extra.twin = Some(twin.clone());
    Some(twin)
}

impl Vm {
    /// Calls with arguments in the frame's window; where the call waits, the slot tells.
    pub fn call_on_thread(&mut self, fr: &mut [Value], slot: usize, callee: &Value, (start, n): (usize, usize), names: &[Ref]) -> R {
        let result = self.thread_call(callee, &mut fr[start..], n, names);
        hold(fr, slot, result)
    }

    /// The same with arguments from anywhere: `n` positional ones, then one for each name.
    pub fn call_values_on_thread(&mut self, fr: &mut [Value], slot: usize, callee: &Value, values: Vec<Value>, (n, names): (usize, &[Ref])) -> R {
        let result = self.on_segment(2 * values.len() + 16, |vm, segment| {
            for (to, v) in segment.iter_mut().zip(values) {
                *to = v;
            }
            vm.thread_call(callee, segment, n, names)
        });
        hold(fr, slot, result)
    }

    /// Goes on after a call that waited: gives what the callee returned or raised.
    pub fn resume_call(&mut self, fr: &mut [Value], slot: usize) -> R {
        let held = fr[slot].take();
        if let Some(result) = self.resume_call_in_site(&held, fr, slot) {
            return result;
        }
        let value = match self.sent.take().unwrap_or(Sent::Value(Value::None)) {
            Sent::Value(v) => v,
            Sent::Exc(e) => return Err(self.rethrow(e)),
        };
        // A class was called, and `__init__` waited.
        match held.as_tuple() {
            Some([instance]) => self.initialized(instance.clone(), &value),
            _ => Ok(value),
        }
    }

    /// Runs something that cannot be left: what waits below it on a thread must refuse to.
    pub fn apart_from_thread<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(&mut self.thread.may_leave);
        let result = run(self);
        self.thread.may_leave = before;
        result
    }

    /// Lets a built-in function that may wait call methods of a script's object, which cannot wait there.
    pub fn apart_from_waiting<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(&mut self.thread.may_wait);
        let result = run(self);
        self.thread.may_wait = before;
        result
    }

    fn thread_call(&mut self, callee: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> Result<Value, Held> {
        match callee.kind() {
            Some(Kind::Func(f)) if f.is_exchanged() => self.call_apart(callee, fr, n, names),
            Some(Kind::Func(f)) => {
                let Value::Obj(func) = callee else { unreachable!("a function is an object") };
                match twin_of(func, f) {
                    Some(twin) => self.call_twin(f, &twin, fr, n, names),
                    None => self.call_apart(callee, fr, n, names),
                }
            }
            Some(Kind::NativeFn(f)) if f.def.blocks => {
                self.thread.may_wait = self.thread.may_leave;
                let result = self.call_any(callee, fr, n, names);
                self.thread.may_wait = false;
                result.map_err(|_| self.is_suspending().then_some(Value::True))
            }
            Some(Kind::Method(m)) => self.call_bound_on_thread(&m.func, m.receiver.clone(), fr, n, names),
            Some(Kind::StaticMethod(f)) => self.thread_call(f, fr, n, names),
            Some(Kind::Class(_)) => {
                let class = callee.to_class();
                if let Some((call, class)) = class.as_ref().and_then(|c| self.script_meta_call(c).map(|call| (call, c.clone()))) {
                    return self.call_bound_on_thread(&call, class.into(), fr, n, names);
                }
                match class.and_then(|c| self.script_init(&c).map(|init| (c, init))) {
                    Some((class, init)) => self.instantiate_on_thread(&class, &init, fr, n, names),
                    None => self.call_apart(callee, fr, n, names),
                }
            }
            Some(Kind::Instance(_)) => match self.class_of(callee).lookup(&self.names.call) {
                Some(method) if matches!(method.kind(), Some(Kind::Func(_))) => self.call_bound_on_thread(&method, callee.clone(), fr, n, names),
                _ => self.call_apart(callee, fr, n, names),
            },
            Some(Kind::Native(native)) if native.caller().is_some() => self.call_partial_on_thread(callee, fr, n, names),
            _ => self.call_apart(callee, fr, n, names),
        }
    }

    /// Calls what a partial application stands for; other objects of modules are called apart.
    fn call_partial_on_thread(&mut self, callee: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> Result<Value, Held> {
        match partial::arrange(self, callee, fr, n, names) {
            Ok(Ok(arranged)) => self.thread_call(&arranged.func, fr, arranged.positional, &arranged.names),
            Ok(Err(0)) => self.call_apart(callee, fr, n, names),
            Ok(Err(room)) => self.on_segment(room + 64, |vm, segment| {
                for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(n + names.len())) {
                    *to = from.take();
                }
                vm.call_partial_on_thread(callee, segment, n, names)
            }),
            Err(_) => Err(None),
        }
    }

    /// Calls what has no code for threads: a function that stands in for it, or itself.
    fn call_apart(&mut self, callee: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> Result<Value, Held> {
        if self.thread.may_leave && matches!(callee.kind(), Some(Kind::NativeFn(_) | Kind::Class(_) | Kind::Native(_))) {
            if names.is_empty()
                && let Some((generator, sent)) = sent_to_generator(callee, fr.get(..n).unwrap_or_default())
            {
                clear(fr, n);
                return self.send_on_thread(&generator, sent);
            }
            if names.is_empty()
                && let Some(generator) = thrown_into_generator(callee, fr.get(..n).unwrap_or_default())
            {
                return self.throw_on_thread(&generator, fr, n);
            }
            let (given, keywords) = fr.get(..n + names.len()).unwrap_or_default().split_at(n);
            match stand_in::find(self, callee, given, (keywords, names)) {
                Ok(Some(found)) if found.takes_callee => return self.call_bound_on_thread(&found.function, callee.clone(), fr, n, names),
                Ok(Some(found)) => return self.thread_call(&found.function, fr, n, names),
                Ok(None) => {}
                Err(_) => {
                    clear(fr, n + names.len());
                    return Err(None);
                }
            }
        }
        let args = fr.get(..n + names.len()).unwrap_or_default();
        if self.thread.may_leave && stand_in::is_restartable(callee) && (args.iter().any(stand_in::may_run_script) || stand_in::runs_text(callee)) {
            return self.call_in_site(callee, fr, n, names);
        }
        self.apart_from_thread(|vm| vm.call_any(callee, fr, n, names)).map_err(|_| None)
    }

    /// `next(generator)` and the like: the generator becomes the frame below.
    fn send_on_thread(&mut self, generator: &Ref, sent: Sent) -> Result<Value, Held> {
        match self.on_segment(0, |vm, fr| vm.step_threaded(generator, sent, fr)) {
            Ok(Ok(item)) => Ok(item),
            Ok(Err(returned)) => {
                let class = self.types.stop_iteration.clone();
                let exc = self.new_exc(&class, if returned.is_none() { Vec::new() } else { vec![returned] });
                self.raise(exc);
                Err(None)
            }
            Err(_) => Err(self.is_suspending().then_some(Value::True)),
        }
    }

    /// `generator.throw(...)`, with the arguments in the window.
    fn throw_on_thread(&mut self, generator: &Ref, fr: &mut [Value], n: usize) -> Result<Value, Held> {
        let mut args = vec![Value::Unbound; 4];
        for (to, from) in args.iter_mut().zip(fr.iter_mut().take(n)) {
            *to = from.take();
        }
        match crate::types::coro::thrown(self, &args) {
            Ok(exc) => self.send_on_thread(generator, Sent::Exc(exc)),
            Err(_) => Err(None),
        }
    }

    /// Calls with one more argument in front.
    fn call_bound_on_thread(&mut self, func: &Value, first: Value, fr: &mut [Value], n: usize, names: &[Ref]) -> Result<Value, Held> {
        let total = n + names.len();
        if fr.len() <= total {
            return self.on_larger_segment(fr, total, |vm, segment| vm.call_bound_on_thread(func, first, segment, n, names));
        }
        fr[total] = first;
        fr[..=total].rotate_right(1);
        self.thread_call(func, fr, n + 1, names)
    }

    /// Moves arguments to a segment with room for a frame.
    fn on_larger_segment<T>(&mut self, fr: &mut [Value], total: usize, run: impl FnOnce(&mut Self, &mut [Value]) -> T) -> T {
        self.on_segment(2 * total + 64, |vm, segment| {
            for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(total)) {
                *to = from.take();
            }
            run(vm, segment)
        })
    }

    /// Calls a script function over its code for threads.
    fn call_twin(&mut self, f: &Func, twin: &Ref, fr: &mut [Value], n: usize, names: &[Ref]) -> Result<Value, Held> {
        let Kind::Func(t) = &twin.kind else { unreachable!("a twin is a function") };
        let total = n + names.len();
        let body = t.code.body(self);
        let (slots, need) = (body.slots, body.need.max(body.slots).max(total + 1));
        if fr.len() < need {
            return self.on_larger_segment(fr, total.max(need), |vm, segment| vm.call_twin(f, twin, segment, n, names));
        }
        if self.bind(f, fr, n, names).is_err() || self.tick().is_err() {
            clear(fr, total.max(slots));
            return Err(None);
        }
        if t.code.kind != CodeKind::Function {
            let frame = fr[..slots].iter_mut().map(Value::take).collect();
            return Ok(Obj::tracked(Kind::Coro(Coro::script(twin.clone(), frame, t.code.kind))).into());
        }
        self.run_twin(twin, fr)
    }

    /// Runs the code for threads on a frame where the arguments stand.
    fn run_twin(&mut self, twin: &Ref, fr: &mut [Value]) -> Result<Value, Held> {
        let Kind::Func(t) = &twin.kind else { unreachable!("a twin is a function") };
        let body = t.code.body(self);
        let slots = body.slots;
        if self.enter().is_err() {
            clear(fr, slots);
            return Err(None);
        }
        let result = (body.run)(self, fr);
        self.depth -= 1;
        if result.is_err() {
            if self.is_suspending() {
                let frame = fr[..slots].iter_mut().map(Value::take).collect();
                self.leave_on_thread(Coro::script(twin.clone(), frame, CodeKind::Function));
                return Err(Some(Value::True));
            }
            self.leave_failed(t, fr, slots);
        }
        clear(fr, slots);
        if heap::has_dying() {
            self.run_finalizers();
        }
        result.map_err(|_| None)
    }

    /// Runs a function whose arguments stand in their places over its code for threads.
    pub fn invoke_threaded(&mut self, f: &Func, fr: &mut [Value]) -> R {
        let Some(twin) = make_twin_of(f) else { return self.apart_from_thread(|vm| vm.invoke(f, fr)) };
        let Kind::Func(t) = &twin.kind else { unreachable!("a twin is a function") };
        let body = t.code.body(self);
        let need = body.need.max(body.slots);
        let given = f.code.locals.len() + f.code.free.len();
        self.on_segment(need, |vm, segment| {
            for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(given)) {
                *to = from.take();
            }
            vm.run_twin(&twin, segment).map_err(|_| Thrown)
        })
    }

    /// A generator or coroutine for threads, of arguments that stand in their places.
    pub fn threaded_frame_object(&mut self, func: &Ref, f: &Func, fr: &mut [Value]) -> R {
        let twin = twin_of(func, f).unwrap_or_else(|| func.clone());
        let Kind::Func(t) = &twin.kind else { unreachable!("a twin is a function") };
        let slots = t.code.body(self).slots;
        let given = f.code.locals.len() + f.code.free.len();
        let mut frame: Vec<Value> = fr.iter_mut().take(given).map(Value::take).collect();
        frame.resize_with(slots, Value::default);
        Ok(Value::Obj(Obj::tracked(Kind::Coro(Coro::script(twin.clone(), frame.into(), t.code.kind)))))
    }

    /// A frame that ran in place waits: it joins the chain. Only its thread may enter it again.
    fn leave_on_thread(&mut self, coro: Coro) {
        coro.state.set(State::Running);
        coro.touched.set(true);
        let coro = Obj::tracked(Kind::Coro(coro));
        self.link_chain(&coro);
    }

    /// Begins a coroutine written in Rust that a built-in function stands for, which may let the thread wait.
    pub fn begin_on_thread(&mut self, coro: &Ref) -> R {
        let result = self.on_segment(0, |vm, fr| vm.run_frame(coro, Sent::Value(Value::None), fr));
        if result.is_err() && self.is_suspending() {
            coro_of(coro).state.set(State::Running);
            self.link_chain(coro);
        }
        result
    }

    /// Calls a function for a built-in function that may let the thread wait: its frame stands in the chain for both.
    pub fn call_here(&mut self, callee: &Value, args: &[Value]) -> R {
        let before = std::mem::replace(&mut self.thread.may_leave, std::mem::take(&mut self.thread.may_wait));
        let result = self.on_segment(2 * args.len() + 16, |vm, segment| {
            for (to, v) in segment.iter_mut().zip(args) {
                *to = v.clone();
            }
            vm.thread_call(callee, segment, args.len(), &[])
        });
        self.thread.may_leave = before;
        result.map_err(|_| Thrown)
    }

    /// The frame that a thread begins with: a function or method of a script, called without arguments.
    pub fn first_frame(&mut self, callee: &Value) -> R<Ref> {
        let (func, receiver) = match callee.kind() {
            Some(Kind::Method(m)) => (m.func.clone(), Some(m.receiver.clone())),
            _ => (callee.clone(), None),
        };
        let Value::Obj(func) = &func else { return Err(self.type_error("a thread begins with a function")) };
        let Kind::Func(f) = &func.kind else { return Err(self.type_error("a thread begins with a function")) };
        let Some(twin) = twin_of(func, f) else { return Err(self.type_error("a thread begins with a function")) };
        let Kind::Func(t) = &twin.kind else { unreachable!("a twin is a function") };
        let body = t.code.body(self);
        let (slots, need) = (body.slots, body.need);
        let frame = self.on_segment(need + 1, |vm, fr| {
            let n = usize::from(receiver.is_some());
            fr[0] = receiver.unwrap_or_default();
            let bound = vm.bind(f, fr, n, &[]);
            let frame: Box<[Value]> = fr[..slots.max(n)].iter_mut().map(Value::take).collect();
            bound.map(|()| frame)
        })?;
        let coro = Coro::script(twin.clone(), frame, CodeKind::Function);
        coro.touched.set(true);
        Ok(Obj::tracked(Kind::Coro(coro)))
    }

    /// The same coroutine over the code for threads, if it has not begun; it takes the place of the one given.
    pub fn threaded_coroutine(&mut self, coro: Ref) -> Ref {
        let Kind::Coro(c) = &coro.kind else { return coro };
        let CoroBody::Script { func, frame } = &c.body else { return coro };
        let Kind::Func(f) = &func.kind else { return coro };
        if c.state.get() != State::Created || f.code.is_threaded {
            return coro;
        }
        let mut values = frame.take().into_vec();
        c.state.set(State::Finished);
        c.touched.set(true);
        values.truncate(f.code.locals.len() + f.code.free.len());
        self.threaded_frame_object(func, f, &mut values).ok().and_then(|v| v.obj().cloned()).unwrap_or_else(|| coro.clone())
    }

    /// What `__anext__` of an async iterator gives; a coroutine of a script is one for threads.
    pub fn anext_on_thread(&mut self, source: &Value) -> R {
        let method = self.class_of(source).lookup(&self.names.anext);
        match method {
            Some(method) if matches!(method.kind(), Some(Kind::Func(f)) if f.code.kind == CodeKind::Coroutine) => {
                self.apart_from_thread(|vm| vm.on_segment(64, |vm, fr| vm.call_bound_on_thread(&method, source.clone(), fr, 0, &[]))).map_err(|_| Thrown)
            }
            _ => self.anext(source),
        }
    }

    // ---- classes --------------------------------------------------------------------------------------------------

    /// The `__init__` of a class whose instances are made without script code, if a script wrote it.
    fn script_init(&self, class: &ClassRef) -> Option<Value> {
        let is_plain = class.construct.is_none() && class.solid == Solid::Object && !class.has(flag::NEW | flag::NO_NEW);
        let calls_meta = class.meta.get().is_some_and(|m| m.has(flag::META_CALL));
        if !is_plain || calls_meta {
            return None;
        }
        class.lookup(&self.names.init).filter(|i| matches!(i.kind(), Some(Kind::Func(_))))
    }

    /// The `__call__` of a class's metaclass, if a script wrote it.
    fn script_meta_call(&self, class: &ClassRef) -> Option<Value> {
        let meta = class.meta.get().filter(|m| m.has(flag::META_CALL))?;
        meta.lookup(&self.names.call).filter(|c| matches!(c.kind(), Some(Kind::Func(_))))
    }

    fn instantiate_on_thread(&mut self, class: &ClassRef, init: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> Result<Value, Held> {
        let Ok(instance) = self.new_instance(class) else {
            clear(fr, n + names.len());
            return Err(None);
        };
        match self.call_bound_on_thread(init, instance.clone(), fr, n, names) {
            Ok(v) => self.initialized(instance, &v).map_err(|_| None),
            Err(Some(_)) => Err(Some(Value::Obj(Obj::tuple([instance])))),
            Err(None) => Err(None),
        }
    }

    fn initialized(&mut self, instance: Value, returned: &Value) -> R {
        if returned.is_none() {
            return Ok(instance);
        }
        let name = self.class_name(returned);
        Err(self.type_error(&format!("__init__() should return None, not '{name}'")))
    }

    // ---- iteration ------------------------------------------------------------------------------------------------

    /// `iter(source)` for a loop on a thread: a generator method makes a generator for threads.
    pub fn iter_on_thread(&mut self, source: &Value) -> R {
        if matches!(source.kind(), Some(Kind::Instance(_)))
            && let Some(method) = self.class_of(source).lookup(&self.names.iter)
            && matches!(method.kind(), Some(Kind::Func(f)) if f.code.kind == CodeKind::Generator)
        {
            return self.on_segment(64, |vm, fr| vm.call_bound_on_thread(&method, source.clone(), fr, 0, &[])).map_err(|_| Thrown);
        }
        self.iter(source)
    }

    /// The `__next__` of an iterator, if a script wrote it.
    pub fn script_next(&self, iter: &Value) -> Option<Value> {
        if !matches!(iter.kind(), Some(Kind::Instance(_))) {
            return None;
        }
        self.class_of(iter).lookup(&self.names.next).filter(|m| matches!(m.kind(), Some(Kind::Func(_))))
    }

    /// Runs a generator for threads to its next `yield` or its end, as `Ok(Ok(..))` and `Ok(Err(..))`; when it waits, it
    /// joins the chain.
    pub fn step_threaded(&mut self, generator: &Ref, sent: Sent, fr: &mut [Value]) -> R<Result<Value, Value>> {
        let coro = coro_of(generator);
        match coro.state.get() {
            State::Finished => return Ok(Err(Value::None)),
            State::Running => return Err(self.value_error("generator already executing")),
            State::Created | State::Suspended => {}
        }
        self.thread.entered = self.thread.may_leave;
        match self.run_frame(generator, sent, fr) {
            Ok(v) => Ok(Err(v)),
            Err(t) => match self.signal.take() {
                Some(Signal::Yield(v)) => Ok(Ok(v)),
                None => Err(t),
                signal => {
                    self.signal = signal;
                    coro.state.set(State::Running);
                    self.link_chain(generator);
                    Err(t)
                }
            },
        }
    }

    /// What a generator that waited has given since.
    pub fn given_by_generator(&mut self, sent: Sent) -> R<Result<Value, Value>> {
        match sent {
            Sent::Value(v) => Ok(Ok(v)),
            Sent::Exc(e) => {
                let thrown = self.rethrow(e);
                if self.exc_is(&self.types.stop_iteration) { Ok(Err(self.stop_value())) } else { Err(thrown) }
            }
        }
    }

    /// The item that a loop waited for.
    pub fn resume_item(&mut self, fr: &mut [Value], waiting: usize) -> R<Option<Value>> {
        fr[waiting] = Value::Unbound;
        let sent = self.sent.take().unwrap_or(Sent::Value(Value::None));
        Ok(self.given_by_generator(sent)?.ok())
    }

    /// What `__next__` gave: an item, or `StopIteration`.
    pub fn item_or_stop(&mut self, result: R) -> R<Option<Value>> {
        match result {
            Ok(v) => Ok(Some(v)),
            Err(_) if !self.is_suspending() && self.abort.is_none() && self.exc_is(&self.types.stop_iteration) => {
                drop(self.take_exc());
                Ok(None)
            }
            Err(t) => Err(t),
        }
    }

    // ---- the chain ------------------------------------------------------------------------------------------------

    /// Lets a thread go on at its innermost frame, until all of its frames are done or one of them waits.
    pub fn drive_thread(&mut self, root: &Ref, leaf: Ref, sent: Sent) -> R<Step> {
        let before = std::mem::replace(&mut self.thread, ThreadState { may_leave: true, ..ThreadState::default() });
        let result = self.on_segment(0, |vm, fr| vm.drive_thread_in(root, leaf, sent, fr));
        self.thread = before;
        result
    }

    /// Lets what a loop on a thread runs go on, where it waited as the thread did.
    pub fn drive_blocked(&mut self, root: &Ref, leaf: Ref, sent: Sent, depth: u32) -> R<Step> {
        let before = std::mem::replace(&mut self.depth, depth);
        let result = self.on_segment(0, |vm, fr| vm.drive_thread_in(root, leaf, sent, fr));
        self.depth = before;
        result
    }

    fn drive_thread_in(&mut self, root: &Ref, leaf: Ref, sent: Sent, fr: &mut [Value]) -> R<Step> {
        let (mut current, mut sent) = (leaf, sent);
        loop {
            self.chain = Chain::default();
            let is_generator = coro_of(&current).kind == CodeKind::Generator;
            let is_async_generator = coro_of(&current).kind == CodeKind::AsyncGenerator;
            self.thread.entered = is_generator;
            let result = if self.handled_around.is_empty() { self.run_frame(&current, sent, fr) } else { self.run_below_handler(&current, sent, fr) };
            let is_root = Rc::ptr_eq(&current, root);
            sent = match result {
                Ok(v) if is_root => return Ok(Step::Returned(v)),
                Ok(v) if is_generator => {
                    let class = self.types.stop_iteration.clone();
                    Sent::Exc(self.new_exc(&class, if v.is_none() { Vec::new() } else { vec![v] }))
                }
                Ok(_) if is_async_generator => {
                    let class = self.types.stop_async_iteration.clone();
                    Sent::Exc(self.new_exc(&class, Vec::new()))
                }
                Ok(v) => Sent::Value(v),
                Err(t) => match self.signal.take() {
                    Some(Signal::Yield(v)) if is_generator || (is_async_generator && !is_root && self.chain.leaf.is_none()) => {
                        self.handled_around.remove(&current.id());
                        Sent::Value(v)
                    }
                    Some(Signal::Yield(v)) if !is_root => return Ok(self.thread_waits(current, Signal::Pass(v))),
                    Some(signal) => return Ok(self.thread_waits(current, signal)),
                    None if is_root => return Err(t),
                    None => Sent::Exc(self.take_exc()),
                },
            };
            let Some(parent) = coro_of(&current).parent.take() else {
                // Someone else drove this frame on; its result has no taker.
                return match sent {
                    Sent::Value(v) => Ok(Step::Returned(v)),
                    Sent::Exc(e) => Err(self.rethrow(e)),
                };
            };
            current = parent;
            self.depth = self.depth.saturating_sub(1);
        }
    }

    fn thread_waits(&mut self, current: Ref, signal: Signal) -> Step {
        let Chain { leaf, top } = std::mem::take(&mut self.chain);
        if matches!(coro_of(&current).kind, CodeKind::Function | CodeKind::Generator) {
            // Only its thread may enter it again.
            coro_of(&current).state.set(State::Running);
        }
        if let Some(top) = top {
            coro_of(&top).parent.set(Some(current.clone()));
        }
        Step::Suspended { leaf: leaf.unwrap_or(current), signal }
    }
}

/// Marks the slot of a call that waits.
fn hold(fr: &mut [Value], slot: usize, result: Result<Value, Held>) -> R {
    result.map_err(|held| {
        if let Some(held) = held {
            fr[slot] = held;
        }
        Thrown
    })
}

/// The generator for threads that an exception is to be thrown into, where it waits at a `yield`.
fn thrown_into_generator(callee: &Value, args: &[Value]) -> Option<Ref> {
    let is_throw = matches!(callee.kind(), Some(Kind::NativeFn(f)) if f.def.name == "throw") && matches!(args.len(), 2..=4);
    let generator = args.first().filter(|_| is_throw)?.obj()?;
    (is_threaded_generator(generator) && coro_of(generator).state.get() == State::Suspended).then(|| generator.clone())
}

/// The generator for threads that a built-in function is to move on, and what it sends in.
fn sent_to_generator(callee: &Value, args: &[Value]) -> Option<(Ref, Sent)> {
    let Some(Kind::NativeFn(f)) = callee.kind() else { return None };
    let (Some(Value::Obj(generator)), sent) = (args.first(), args.get(1)) else { return None };
    if !is_threaded_generator(generator) {
        return None;
    }
    let sent = match (f.def.name, sent) {
        ("next" | "__next__", None) => Sent::Value(Value::None),
        ("send", Some(v)) if args.len() == 2 && (v.is_none() || coro_of(generator).state.get() != State::Created) => Sent::Value(v.clone()),
        ("throw", Some(Value::Obj(e))) if args.len() == 2 && matches!(e.kind, Kind::Exc(_)) && coro_of(generator).state.get() == State::Suspended => {
            Sent::Exc(e.clone())
        }
        _ => return None,
    };
    Some((generator.clone(), sent))
}
