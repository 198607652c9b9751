//! Finalisers: `__del__`, generators that die suspended, coroutines that die unrun, futures that die unread.
//! `Drop` has no VM, so it queues what must be finalised; the VM empties the queue at the next statement's end.

use std::rc::Rc;

use crate::source::Site;
use crate::value::coro::State;
use crate::value::func::CodeKind;
use crate::value::heap::Due;
use crate::value::{Kind, Obj, R, Ref, Value, heap};
use crate::vm::Vm;
use crate::vm::drive::coro_of;

impl Vm {
    /// Runs the finalisers of what died since the last time. Coroutines that died unrun wait for the end of a statement,
    /// which their reports name.
    #[cold]
    #[inline(never)]
    pub fn run_finalizers(&mut self) {
        let unrun = self.finalize_dying();
        heap::put_back(unrun);
    }

    /// The same at the end of a statement. What dies inside corun's own library is reported by a statement of the script.
    #[cold]
    #[inline(never)]
    pub fn run_finalizers_at(&mut self, here: &Site) {
        if here.source.library {
            return self.run_finalizers();
        }
        for coro in self.finalize_dying() {
            self.apart(|vm| vm.warn_never_awaited(&coro, Some(here)));
        }
    }

    /// The same where no statement of the script runs any more.
    #[cold]
    #[inline(never)]
    pub fn run_last_finalizers(&mut self) {
        for coro in self.finalize_dying() {
            self.apart(|vm| vm.warn_never_awaited(&coro, None));
        }
    }

    /// Runs finalisers until nothing is left but coroutines that died unrun.
    fn finalize_dying(&mut self) -> Vec<Ref> {
        let mut unrun = Vec::new();
        while heap::has_dying() {
            for due in heap::take_dying() {
                match due {
                    Due::Finalizer(obj) if matches!(&obj.kind, Kind::Coro(c) if c.state.get() == State::Created) => unrun.push(obj),
                    Due::Finalizer(obj) => self.apart(|vm| vm.finalize(&obj)),
                    Due::Witness(watcher) => drop(watcher),
                    Due::Notice(watcher) => self.apart(|vm| crate::modules::weakref::notify(vm, &watcher)),
                }
            }
        }
        unrun
    }

    /// Runs something that must not disturb the exception or suspension that is on its way.
    pub fn apart(&mut self, run: impl FnOnce(&mut Self)) {
        let (exc, signal, spot, sent) = (self.exc.take(), self.signal.take(), self.spot.take(), self.sent.take());
        let chain = std::mem::take(&mut self.chain);
        let handled = self.handled.clone();
        self.outside_of_sites(run);
        (self.exc, self.signal, self.spot, self.sent, self.chain, self.handled) = (exc, signal, spot, sent, chain, handled);
    }

    fn finalize(&mut self, obj: &Ref) {
        match &obj.kind {
            Kind::Instance(_) => self.run_del(obj),
            Kind::Derived(_) => {
                self.run_del(obj);
                self.report_dead_future(obj);
            }
            Kind::Coro(_) => self.finalize_coro(obj),
            Kind::Task(_) | Kind::Future(_) => self.report_dead_future(obj),
            _ => {}
        }
    }

    fn run_del(&mut self, obj: &Ref) {
        let value = Value::Obj(obj.clone());
        let class = self.class_of(&value).clone();
        let Some(del) = class.lookup(&self.names.del.clone()) else { return };
        let result = self.bind_descriptor(&del, &value, &class).and_then(|m| self.call(&m, &[]));
        if result.is_err() {
            self.report_unraisable(&del);
        }
    }

    fn finalize_coro(&mut self, obj: &Ref) {
        let coro = coro_of(obj);
        match (coro.state.get(), coro.kind) {
            (State::Created, CodeKind::Coroutine) => self.warn_never_awaited(obj, None),
            (State::Suspended, CodeKind::AsyncGenerator) if self.event_loop.is_running() => {
                self.finalize_async_generator(obj);
                // Nobody closes it any more, when its loop refused: it must not come here again.
                if Rc::strong_count(obj) == 1 {
                    coro.state.set(State::Finished);
                }
            }
            (State::Suspended, _) => {
                if self.close_coro(obj).is_err() {
                    self.report_unraisable(&Value::Obj(obj.clone()));
                }
                coro.state.set(State::Finished);
            }
            _ => {}
        }
    }

    /// Tells of an exception in a finaliser, which nobody can catch.
    pub fn report_unraisable(&mut self, place: &Value) {
        if self.abort.is_some() || self.is_suspending() {
            self.signal = None;
            return;
        }
        let exc = Value::Obj(self.take_exc());
        let hook = self.sys_attr("unraisablehook").filter(|h| !matches!(h.kind(), Some(Kind::NativeFn(_))));
        let Some(hook) = hook else {
            let _ = self.show_unraisable(&exc, place);
            return;
        };
        let args = crate::modules::sys::unraisable_args(self, &exc, place);
        if args.and_then(|args| self.call(&hook, &[args])).is_err() && self.abort.is_none() {
            let failure = Value::Obj(self.take_exc());
            let _ = self.show_unraisable(&failure, &hook);
        }
    }

    /// What `sys.unraisablehook` does when no script replaced it.
    pub fn show_unraisable(&mut self, exc: &Value, place: &Value) -> R<()> {
        let place = self.repr(place).unwrap_or_default();
        let text = exc.obj().map(|exc| crate::report::traceback_text(self, exc)).unwrap_or_default();
        crate::modules::io::write_stderr(self, &format!("Exception ignored in: {place}\n{text}"))
    }

    /// The name of a coroutine in reprs.
    pub fn coro_name(&self, obj: &Ref) -> String {
        let coro = coro_of(obj);
        match &coro.body {
            crate::value::coro::CoroBody::Script { .. } => coro.func().map_or_else(String::new, |f| self.text_of(&f.qualname())),
            crate::value::coro::CoroBody::Native(body) => {
                let native = body.take();
                let name = native.as_ref().map_or("coroutine", |n| n.name()).to_owned();
                body.set(native);
                name
            }
        }
    }

    /// Whether an object in a dead cycle has a finaliser that has not run.
    pub fn wants_finalizer(obj: &Obj) -> bool {
        match &obj.kind {
            Kind::Instance(i) => i.class.has_finalizer() && !heap::was_finalized(&obj.head),
            Kind::Derived(d) => d.base_needs_finalizer() || (d.class.has_finalizer() && !heap::was_finalized(&obj.head)),
            Kind::Coro(c) => c.needs_finalizer(),
            Kind::Task(t) => t.needs_finalizer(),
            Kind::Future(f) => f.needs_finalizer(),
            _ => false,
        }
    }

    /// Runs the finaliser of an object in a dead cycle, once.
    pub fn finalize_in_cycle(&mut self, obj: &Rc<Obj>) {
        if !Self::wants_finalizer(obj) {
            return;
        }
        let needs_mark = matches!(&obj.kind, Kind::Instance(_)) || matches!(&obj.kind, Kind::Derived(d) if !d.base_needs_finalizer());
        if needs_mark && !heap::may_finalize(&obj.head) {
            return;
        }
        self.apart(|vm| vm.finalize(obj));
    }

    /// Ctrl-C: the loop decides when one runs; else `KeyboardInterrupt` here and now.
    #[cold]
    #[inline(never)]
    pub fn interrupted(&mut self) -> R<()> {
        self.interrupt.store(false, std::sync::atomic::Ordering::Relaxed);
        if self.host.pipe_closed {
            return self.abort_run(crate::vm::Abort::OutputClosed);
        }
        if self.interrupt_loop() {
            return Ok(());
        }
        let class = self.types.keyboard_interrupt.clone();
        Err(self.raise_new(&class, ""))
    }
}
