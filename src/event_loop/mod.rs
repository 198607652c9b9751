//! The one event loop. Comes in: tasks, callbacks and timers. Goes out: their effects, in asyncio's order. A script may
//! have several loop objects; the queues of the one that runs stand here, those of the others in their objects.

use std::collections::VecDeque;
use std::rc::{Rc, Weak};

pub mod cancel;
pub mod clock;
pub mod context;
pub mod deadlock;
pub mod future;
pub mod handler;
pub mod interrupt;
pub mod observer;
pub mod run;
pub mod signals;
pub mod slow;
pub mod spawn;
pub mod step;
pub mod task;
pub mod thread_loop;
pub mod thread_run;
pub mod threads;
pub mod timers;

use self::deadlock::DeadlockReport;
use self::future::Callback;
use self::observer::Observer;
use self::signals::Signals;
use self::threads::Threads;
use self::timers::Timers;
use crate::host::Host;
use crate::modules::asyncio::classes::Classes;
use crate::modules::asyncio::event_loop::Loop;
use crate::modules::asyncio::{gather, handle, shield};
use crate::value::coro::Sent;
use crate::value::{ClassRef, Obj, R, Ref, Value, heap};
use crate::vm::{Abort, Vm};

/// What waits in the ready queue. Long queues are common: what is rare stands in a box.
pub enum Ready {
    /// A task's next step: its first one, or after a bare `yield` or a sleep.
    Step(Ref),
    /// A task's next step: the future that it waits for is done.
    Wake(Ref),
    /// A task's next step, which raises an exception.
    Throw(Box<(Ref, Ref)>),
    /// A sleeping task's timer came up; its number, without the upper half.
    Fire(Ref, u32),
    /// A callback of a future that is done.
    Notify(Box<(Callback, Ref)>),
    /// A handle: a callback with arguments.
    Handle(Ref),
    /// The turn of this number of a thread.
    Thread(Box<(Ref, u64)>),
}

const _: () = assert!(size_of::<Ready>() == 16);

impl Ready {
    /// A callback of a future that is done.
    #[inline]
    pub fn notify(callback: Callback, future: &Ref) -> Self {
        match callback {
            Callback::Wake(task) => Self::Wake(task),
            other => Self::Notify(Box::new((other, future.clone()))),
        }
    }
}

/// What a loop has to do.
#[derive(Default)]
pub struct Queues {
    pub ready: VecDeque<Ready>,
    pub timers: Timers,
}

/// How many tasks are not done.
#[derive(Default)]
pub struct LiveTasks(usize);

impl LiveTasks {
    /// How many.
    pub const fn count(&self) -> usize {
        self.0
    }

    /// One more.
    pub const fn add(&mut self) {
        self.0 += 1;
    }

    /// One less: done, or dropped.
    pub const fn remove(&mut self) {
        self.0 = self.0.saturating_sub(1);
    }
}

/// The state of the loop that runs, and what all loops share.
pub struct EventLoop {
    ready: VecDeque<Ready>,
    timers: Timers,
    /// The number of the loop whose queues stand here; 0 while none runs.
    pub active: u32,
    /// The loop object that runs.
    pub running: Option<Ref>,
    stopping: bool,
    /// Whether the loop that runs is in debug mode.
    pub debug: bool,
    /// The time at the begin of the tick.
    now: i64,
    /// The task that is being run.
    pub current: Option<Ref>,
    /// The context that is current: empty as long as no variable was set in it.
    pub context: Value,
    /// The task of `asyncio.run`, which Ctrl-C cancels.
    pub main_task: Option<Ref>,
    /// How often Ctrl-C was pressed during `asyncio.run`.
    pub interrupts: u32,
    /// Whether some loop was given a task factory.
    pub has_task_factories: bool,
    /// What `get_event_loop` gives outside of a running loop.
    pub policy_loop: Option<Ref>,
    /// The policy that a script set; empty for the default one.
    pub policy: Value,
    /// Whether `set_event_loop` was called: then no loop is made on demand.
    pub policy_set: bool,
    loops: Vec<(u32, Weak<Obj>)>,
    last_loop: u32,
    made: u32,
    named: u32,
    live_tasks: LiveTasks,
    /// `--max-tasks`.
    pub max_tasks: usize,
    /// Async generators that began and did not end.
    asyncgens: Vec<Weak<Obj>>,
    /// Who watches, if anyone.
    pub observer: Option<Box<dyn Observer>>,
    /// Why the run ended, once it ended in a deadlock.
    pub deadlock: Option<DeadlockReport>,
    /// The classes of asyncio, made when first needed.
    pub classes: std::cell::OnceCell<Classes>,
    /// The namespace of the part that is written in the language itself, once loaded.
    pub library: Option<Ref>,
    /// Cooperative threads, once a script uses them.
    pub threads: Option<Box<Threads>>,
    /// Handlers of signals, once a script has set one.
    pub signals: Option<Box<Signals>>,
}

impl EventLoop {
    /// A loop that is not running.
    pub fn new(_host: &Host) -> Self {
        Self {
            ready: VecDeque::new(),
            timers: Timers::default(),
            active: 0,
            running: None,
            stopping: false,
            debug: false,
            now: 0,
            current: None,
            context: Value::Unbound,
            main_task: None,
            interrupts: 0,
            has_task_factories: false,
            policy_loop: None,
            policy: Value::Unbound,
            policy_set: false,
            loops: Vec::new(),
            last_loop: 0,
            made: 0,
            named: 0,
            live_tasks: LiveTasks::default(),
            max_tasks: usize::MAX,
            asyncgens: Vec::new(),
            observer: None,
            deadlock: None,
            classes: std::cell::OnceCell::new(),
            library: None,
            threads: None,
            signals: None,
        }
    }

    /// Whether a loop runs.
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Queues an entry of a loop.
    #[inline]
    pub fn enqueue(&mut self, loop_id: u32, entry: Ready) {
        if loop_id == self.active { self.ready.push_back(entry) } else { self.enqueue_elsewhere(loop_id, entry) }
    }

    #[cold]
    fn enqueue_elsewhere(&mut self, loop_id: u32, entry: Ready) {
        if let Some(obj) = self.loop_of(loop_id)
            && let Some(l) = obj.downcast::<Loop>()
        {
            l.queues.borrow_mut().ready.push_back(entry);
            thread_loop::wake(self, l);
        }
    }

    /// Sets a timer of a loop.
    pub fn add_timer(&mut self, loop_id: u32, when: i64, what: Ref) -> u64 {
        if loop_id == self.active {
            return self.timers.add(when, what);
        }
        let obj = self.loop_of(loop_id);
        let Some(l) = obj.as_ref().and_then(|o| o.downcast::<Loop>()) else { return 0 };
        let number = l.queues.borrow_mut().timers.add(when, what);
        thread_loop::wake(self, l);
        number
    }

    /// Notes that a timer of a loop was cancelled.
    pub fn note_cancelled_timer(&mut self, loop_id: u32) {
        if loop_id == self.active {
            self.timers.note_cancelled();
        } else if let Some(obj) = self.loop_of(loop_id)
            && let Some(l) = obj.downcast::<Loop>()
        {
            l.queues.borrow_mut().timers.note_cancelled();
        }
    }

    /// The loop object of a number, while it lives.
    pub fn loop_of(&self, loop_id: u32) -> Option<Ref> {
        self.loops.iter().find(|(id, _)| *id == loop_id).and_then(|(_, l)| l.upgrade())
    }

    /// Makes a loop object.
    pub fn new_loop(&mut self, class: Option<ClassRef>) -> Ref {
        self.loops.retain(|(_, l)| l.strong_count() > 0);
        self.last_loop += 1;
        let obj = Obj::native(Loop::new(self.last_loop, class));
        self.loops.push((self.last_loop, Rc::downgrade(&obj)));
        obj
    }

    /// Ends the loop after this tick.
    pub const fn stop(&mut self) {
        self.stopping = true;
    }

    /// What the running loop's queues hold, for the collector and for reports.
    pub fn timers(&self) -> &Timers {
        &self.timers
    }

    /// Notes that an async generator began.
    pub fn note_asyncgen(&mut self, generator: &Ref) {
        if self.asyncgens.len() >= 64 && self.asyncgens.len().is_power_of_two() {
            self.asyncgens.retain(|g| g.strong_count() > 0);
        }
        self.asyncgens.push(Rc::downgrade(generator));
    }

    /// Takes the async generators that began and did not end.
    pub fn take_asyncgens(&mut self) -> Vec<Ref> {
        std::mem::take(&mut self.asyncgens).iter().filter_map(Weak::upgrade).collect()
    }

    fn swap_queues(&mut self, queues: &mut Queues) {
        std::mem::swap(&mut self.ready, &mut queues.ready);
        std::mem::swap(&mut self.timers, &mut queues.timers);
    }
}

/// Runs a loop until it is stopped.
pub fn run_forever(vm: &mut Vm, loop_ref: &Ref) -> R<()> {
    let Some(l) = loop_ref.downcast::<Loop>() else { return Ok(()) };
    vm.event_loop.swap_queues(&mut l.queues.borrow_mut());
    vm.event_loop.active = l.id;
    vm.event_loop.debug = l.debug.get();
    vm.event_loop.running = Some(loop_ref.clone());
    vm.event_loop.adopt_threads(l.id);
    let result = vm.on_segment(0, run_ticks);
    vm.event_loop.stopping = false;
    vm.event_loop.running = None;
    vm.event_loop.active = 0;
    vm.event_loop.adopt_threads(0);
    vm.event_loop.swap_queues(&mut l.queues.borrow_mut());
    result
}

/// The tasks run on this window of the value stack, which is empty between two of them.
fn run_ticks(vm: &mut Vm, fr: &mut [Value]) -> R<()> {
    loop {
        vm.tick()?;
        vm.event_loop.timers.drop_cancelled();
        if vm.event_loop.ready.is_empty() && !vm.event_loop.stopping && !signals::are_due(vm) {
            wait(vm)?;
        }
        if vm.event_loop.signals.is_some() {
            signals::queue_due(vm);
        }
        move_due_timers(vm);
        let count = vm.event_loop.ready.len();
        if vm.event_loop.debug {
            run_batch(vm, count, fr, take_turn)?;
        } else {
            run_batch(vm, count, fr, run_entry)?;
        }
        if vm.event_loop.stopping {
            return Ok(());
        }
    }
}

/// Runs so many entries of the ready queue, each in the given way.
#[inline(always)]
fn run_batch(vm: &mut Vm, count: usize, fr: &mut [Value], run: impl Fn(&mut Vm, Ready, &mut [Value]) -> R<()>) -> R<()> {
    for _ in 0..count {
        let Some(entry) = vm.event_loop.ready.pop_front() else { break };
        run(vm, entry, fr)?;
        if heap::has_dying() {
            vm.run_last_finalizers();
        }
    }
    Ok(())
}

/// Waits for the next timer, or for a wake-up from outside.
fn wait(vm: &mut Vm) -> R<()> {
    let Some(deadline) = vm.event_loop.next_deadline() else {
        if signals::may_come(vm) {
            return signals::wait(vm);
        }
        vm.event_loop.deadlock = Some(deadlock::report(vm));
        return vm.abort_run(Abort::Deadlock);
    };
    if !vm.host.clock.is_virtual() {
        vm.host.flush_out();
    }
    if vm.host.clock.wait_until(deadline, &vm.host.waker) { Ok(()) } else { vm.interrupted() }
}

/// Moves the timers that are due to the ready queue.
#[inline]
fn move_due_timers(vm: &mut Vm) {
    let l = &mut vm.event_loop;
    if l.threads.is_some() {
        return move_due_with_threads(vm);
    }
    if l.timers.is_empty() {
        return;
    }
    l.now = vm.host.clock.now_ns();
    while let Some(timer) = l.timers.pop_due(l.now) {
        l.ready.push_back(fired(timer));
    }
}

/// The same where threads wait for moments too: all in one order.
#[cold]
fn move_due_with_threads(vm: &mut Vm) {
    let l = &mut vm.event_loop;
    l.now = vm.host.clock.now_ns();
    loop {
        let thread = l.due_thread(l.now);
        let timer = l.timers.due(l.now);
        match (thread, timer) {
            (Some(t), timer) if timer.is_none_or(|other| t < other) => l.fire_alarm(),
            (_, Some(_)) => {
                let Some(timer) = l.timers.pop_due(l.now) else { return };
                l.ready.push_back(fired(timer));
            }
            _ => return,
        }
    }
}

/// The entry of a timer that came up.
#[inline]
fn fired(timer: timers::Timer) -> Ready {
    if step::task_of(&timer.what).is_some() { Ready::Fire(timer.what, timer.seq as u32) } else { Ready::Handle(timer.what) }
}

/// Runs an entry of the ready queue; in debug mode with a look at the clock.
#[inline(never)]
fn take_turn(vm: &mut Vm, entry: Ready, fr: &mut [Value]) -> R<()> {
    if vm.event_loop.debug { slow::run_timed(vm, entry, fr) } else { run_entry(vm, entry, fr) }
}

#[inline(always)]
fn run_entry(vm: &mut Vm, entry: Ready, fr: &mut [Value]) -> R<()> {
    match entry {
        Ready::Step(task) => step::step(vm, &task, Sent::Value(Value::None), fr),
        Ready::Wake(task) => step::wake(vm, &task, fr),
        Ready::Throw(thrown) => step::step(vm, &thrown.0, Sent::Exc(thrown.1), fr),
        Ready::Fire(task, seq) => {
            step::fire(vm, &task, seq);
            Ok(())
        }
        Ready::Handle(handle) => handle::run(vm, &handle),
        Ready::Thread(turn) => thread_run::run_queued(vm, &turn.0, turn.1),
        Ready::Notify(notice) => notify(vm, notice.0, &notice.1, fr),
    }
}

/// Runs a callback of a future that is done.
fn notify(vm: &mut Vm, callback: Callback, future: &Ref, fr: &mut [Value]) -> R<()> {
    match callback {
        Callback::Wake(task) => step::wake(vm, &task, fr),
        Callback::Call(call) => {
            let args = [Value::Obj(future.clone())];
            handle::call(vm, &call.func, &args, &call.context, None)
        }
        Callback::Stop => {
            run::stop_after(vm, future);
            Ok(())
        }
        Callback::Gather(outer) => {
            gather::child_done(vm, &outer, future);
            Ok(())
        }
        Callback::Shielded(outer) => {
            shield::inner_done(vm, &outer, future);
            Ok(())
        }
        Callback::Shield(inner) => {
            shield::outer_done(&inner, future);
            Ok(())
        }
    }
}
