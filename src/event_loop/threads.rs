//! Cooperative threads: who they are, what each waits for, and who goes on next. A thread is a chain of frames that one
//! scheduler enters in turn, as a task is; it runs until it waits. The main thread is the native stack: it waits by
//! letting the others run (`thread_run`). Exists only once a script uses threads.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::rc::Rc;

use super::clock::NEVER;
use super::{EventLoop, Ready};
use crate::modules::threading::lock::ThreadLock;
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, Ref, Value};
use crate::vm::Vm;

/// What a thread waits for.
#[derive(Default)]
pub enum Wait {
    /// Its turn; or it runs.
    #[default]
    Turn,
    /// A moment.
    Alarm,
    /// A lock.
    Lock(Ref),
}

/// One thread.
pub struct Thread {
    /// The number that `threading.get_ident` gives.
    pub ident: i64,
    /// The object that scripts know it by.
    pub peer: RefCell<Value>,
    /// Its first frame; the main thread has none.
    pub root: Option<Ref>,
    /// The innermost frame, where it goes on.
    pub leaf: Cell<Option<Ref>>,
    pub wait: RefCell<Wait>,
    /// Counts its waits: whoever means an earlier one comes too late.
    pub wait_id: Cell<u64>,
    /// Its number in the queue of those that go on; 0 while it is not there.
    pub queued: Cell<u64>,
    /// Whether its time to wait is over.
    pub timed_out: Cell<bool>,
    /// How deep its calls were nested when it began to wait.
    pub depth: Cell<u32>,
    /// Since when it waits.
    pub since: Cell<i64>,
    /// Its context variables.
    pub context: Cell<Value>,
    /// The loop that is set for it.
    pub policy_loop: Cell<Option<Ref>>,
}

impl Thread {
    /// A thread that has not begun.
    pub fn object(ident: i64, root: Option<Ref>, peer: Value) -> Ref {
        let context = Cell::new(Value::Unbound);
        let (wait, wait_id, queued) = (RefCell::default(), Cell::new(1), Cell::new(0));
        let peer = RefCell::new(peer);
        Obj::native(Self {
            ident,
            peer,
            root,
            leaf: Cell::new(None),
            wait,
            wait_id,
            queued,
            timed_out: Cell::new(false),
            depth: Cell::new(0),
            since: Cell::new(0),
            context,
            policy_loop: Cell::new(None),
        })
    }

    /// Whether it is the main thread.
    pub const fn is_main(&self) -> bool {
        self.root.is_none()
    }
}

impl Native for Thread {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        &vm.types.object
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.peer.borrow());
        let leaf = self.leaf.take();
        self.root.iter().chain(&leaf).for_each(|o| visit(&Value::Obj(o.clone())));
        self.leaf.set(leaf);
        if let Wait::Lock(lock) = &*self.wait.borrow() {
            visit(&Value::Obj(lock.clone()));
        }
        let context = self.context.take();
        visit(&context);
        self.context.set(context);
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// The thread inside an object that is one.
pub fn thread_of(obj: &Ref) -> &Thread {
    match obj.downcast() {
        Some(t) => t,
        None => unreachable!("the scheduler holds threads"),
    }
}

/// What a loop on a thread was running when its thread began to wait: it goes on there before anything else.
pub enum Blocked {
    /// A task, its innermost frame, and how deep its calls are nested.
    Task(Ref, Ref, u32),
    /// A callback.
    Call(Box<BlockedCall>),
}

/// A callback that waits as its thread does.
pub struct BlockedCall {
    pub func: Value,
    pub args: Box<[Value]>,
    pub context: Value,
    pub handle: Option<Ref>,
    /// Its first frame.
    pub root: Ref,
    /// The innermost one.
    pub leaf: Ref,
    /// How deep its calls are nested.
    pub depth: u32,
}

impl Blocked {
    /// Visits what it holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        let mut see = |o: &Ref| visit(&Value::Obj(o.clone()));
        match self {
            Self::Task(task, leaf, _) => [task, leaf].into_iter().for_each(see),
            Self::Call(call) => {
                [&call.root, &call.leaf].into_iter().chain(&call.handle).for_each(&mut see);
                call.args.iter().chain([&call.func, &call.context]).for_each(visit);
            }
        }
    }
}

/// When a thread's wait is over.
struct Alarm {
    when: i64,
    /// Orders alarms of one moment, and among the timers of the loop that runs.
    seq: u64,
    thread: Ref,
    wait_id: u64,
}

impl Alarm {
    fn is_live(&self) -> bool {
        thread_of(&self.thread).wait_id.get() == self.wait_id
    }
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Alarm {}

impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Alarm {
    /// The heap gives the greatest first: the earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.when, other.seq).cmp(&(self.when, self.seq))
    }
}

/// All threads of a program.
pub struct Threads {
    pub main: Ref,
    /// The one that runs.
    pub current: Ref,
    /// Those that go on when whoever runs waits, first one first.
    ready: VecDeque<Ref>,
    alarms: BinaryHeap<Alarm>,
    /// Threads that began and did not end, in the order of their making; the main thread is not among them.
    pub alive: Vec<Ref>,
    /// The number of the loop that the main thread runs; 0 while it runs none.
    pub main_loop: u32,
    count: u64,
    idents: i64,
    pub lock_class: ClassRef,
    /// What is called at the end of the program.
    pub at_exit: Value,
    /// The namespace of the functions that stand in for built-in ones on threads, once loaded.
    pub stand_ins: Value,
    /// What the loop of the thread that runs was running when it began to wait.
    pub blocked: Option<Blocked>,
}

impl Threads {
    /// The main thread alone.
    pub fn new(lock_class: ClassRef, main_loop: u32) -> Self {
        let main = Thread::object(1, None, Value::None);
        let (ready, alarms, alive) = Default::default();
        Self {
            current: main.clone(),
            main,
            ready,
            alarms,
            alive,
            main_loop,
            count: 0,
            idents: 1,
            lock_class,
            at_exit: Value::None,
            stand_ins: Value::None,
            blocked: None,
        }
    }

    /// A number for a new thread.
    pub const fn new_ident(&mut self) -> i64 {
        self.idents += 1;
        self.idents
    }

    /// Forgets a thread that ended.
    pub fn forget(&mut self, thread: &Thread) {
        if let Ok(i) = self.alive.binary_search_by_key(&thread.ident, |t| thread_of(t).ident) {
            self.alive.remove(i);
        }
    }

    /// Whether the main thread runs.
    pub fn is_main(&self) -> bool {
        Rc::ptr_eq(&self.current, &self.main)
    }

    /// Whether some thread waits for its turn.
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Takes the thread whose turn it is.
    pub fn pop_ready(&mut self) -> Option<Ref> {
        self.ready.pop_front()
    }

    /// Takes all whose turn it is.
    pub fn take_all_ready(&mut self) -> VecDeque<Ref> {
        std::mem::take(&mut self.ready)
    }

    /// Takes a thread out of the queue, if it stands there under this number.
    pub fn take_ready(&mut self, thread: &Ref, number: u64) -> bool {
        let is_there = thread_of(thread).queued.get() == number;
        if is_there && self.ready.front().is_some_and(|t| Rc::ptr_eq(t, thread)) {
            self.ready.pop_front();
        } else if is_there {
            self.ready.retain(|t| !Rc::ptr_eq(t, thread));
        }
        is_there
    }

    /// When the next wait is over.
    pub fn next_deadline(&mut self) -> Option<i64> {
        while self.alarms.peek().is_some_and(|a| !a.is_live()) {
            self.alarms.pop();
        }
        self.alarms.peek().map(|a| a.when).filter(|&when| when != NEVER)
    }

    /// The order of the first alarm that is due.
    fn due(&mut self, now: i64) -> Option<(i64, u64)> {
        self.next_deadline()?;
        self.alarms.peek().filter(|a| a.when <= now).map(|a| (a.when, a.seq))
    }
}

impl EventLoop {
    /// Lets a thread go on when its turn comes.
    pub fn ready_thread(&mut self, thread: &Ref) {
        let Some(threads) = &mut self.threads else { return };
        threads.count += 1;
        thread_of(thread).queued.set(threads.count);
        threads.ready.push_back(thread.clone());
        let (number, main_loop) = (threads.count, threads.main_loop);
        if main_loop != 0 && !thread_of(thread).is_main() {
            self.enqueue(main_loop, Ready::Thread(Box::new((thread.clone(), number))));
        }
    }

    /// The main thread runs a loop from now on, or none (0): it gives the threads their turns.
    #[inline]
    pub fn adopt_threads(&mut self, main_loop: u32) {
        let Some(threads) = &mut self.threads else { return };
        threads.main_loop = main_loop;
        if main_loop == 0 {
            return;
        }
        let waiting = threads.ready.iter().filter(|t| !thread_of(t).is_main());
        self.ready.extend(waiting.map(|t| Ready::Thread(Box::new((t.clone(), thread_of(t).queued.get())))));
    }

    /// Ends a thread's wait at a moment, if it still lasts then.
    pub fn set_alarm(&mut self, thread: &Ref, when: i64) {
        let number = if self.active == 0 { None } else { Some(self.timers.number()) };
        let Some(threads) = &mut self.threads else { return };
        threads.count += 1;
        let seq = number.unwrap_or(threads.count);
        threads.alarms.push(Alarm { when, seq, thread: thread.clone(), wait_id: thread_of(thread).wait_id.get() });
    }

    /// The order of the first thread whose wait is over by now.
    pub fn due_thread(&mut self, now: i64) -> Option<(i64, u64)> {
        self.threads.as_mut()?.due(now)
    }

    /// Ends the wait of the thread whose alarm is the first.
    pub fn fire_alarm(&mut self) {
        let Some(alarm) = self.threads.as_mut().and_then(|t| t.alarms.pop()) else { return };
        let thread = thread_of(&alarm.thread);
        thread.timed_out.set(true);
        if thread.queued.get() == 0 {
            self.ready_thread(&alarm.thread);
        }
    }

    /// The next moment at which a timer of the loop or the wait of a thread is over.
    pub fn next_deadline(&mut self) -> Option<i64> {
        let timer = self.timers.next_deadline();
        let Some(threads) = &mut self.threads else { return timer };
        [timer, threads.next_deadline()].into_iter().flatten().min()
    }
}

/// What a thread goes on with, if what it waited for has come; else it waits on.
pub fn dispatch(thread_ref: &Ref) -> Option<Value> {
    let thread = thread_of(thread_ref);
    thread.queued.set(0);
    let value = match &*thread.wait.borrow() {
        Wait::Turn | Wait::Alarm => Value::None,
        Wait::Lock(lock) => match lock.downcast::<ThreadLock>() {
            Some(l) if l.take() => Value::True,
            _ if thread.timed_out.get() => Value::False,
            Some(l) => {
                l.join(thread_ref);
                return None;
            }
            None => Value::False,
        },
    };
    end_wait(thread);
    Some(value)
}

/// Forgets what a thread waited for.
pub fn end_wait(thread: &Thread) {
    thread.wait_id.set(thread.wait_id.get() + 1);
    thread.timed_out.set(false);
    let before = thread.wait.take();
    drop(before);
}
