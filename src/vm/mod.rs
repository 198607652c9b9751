//! The virtual machine: the state that every script shares, the call protocol, attribute access, iteration,
//! operators, exceptions and the cycle collector. It knows nothing of clocks; the event loop is a field that
//! only `event_loop` and `modules::asyncio` open.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::FxHashMap;

use crate::event_loop::EventLoop;
use crate::host::Host;
use crate::source::{Source, Span};
use crate::value::coro::Sent;
use crate::value::dict::Dict;
use crate::value::{ClassRef, Obj, R, Ref, Thrown, Value, heap};
use crate::vm::delegation::Delegation;

pub mod arith;
mod arity;
pub mod attr;
pub mod attr_set;
pub mod bind;
pub mod call;
mod call_keywords;
pub mod class_of;
pub mod class_order;
pub mod compare;
pub mod convert;
pub mod delegation;
pub mod drive;
pub mod errors;
pub mod exit;
pub mod finalize;
pub mod format;
pub mod gc;
pub mod hash;
pub mod import;
pub mod instance_of;
mod instantiate;
pub mod interner;
pub mod iter_step;
pub mod iterate;
pub mod make_class;
pub mod method;
pub mod move_class;
pub mod names;
pub mod number;
pub mod operator;
pub mod order;
pub mod percent;
pub mod replay;
pub mod repr;
pub mod sequence;
pub mod shown;
pub mod sites;
pub mod slices;
pub mod special;
pub mod subscript;
pub mod subscript_set;
pub mod tables;
pub mod thread_call;
pub mod types;
mod unawaited;

pub use interner::Interner;
pub use names::Names;
pub use types::Types;

/// Why a frame gave control back without finishing.
pub enum Signal {
    /// A `yield`: the value goes to whoever iterates.
    Yield(Value),
    /// A value that an awaitable passes to the driver of the coroutine: `None` for a bare `yield` (`sleep(0)`).
    Pass(Value),
    /// A pending future or task is awaited.
    Future(Ref),
    /// `asyncio.sleep` of so many nanoseconds (at least one), awaited in place.
    Sleep(i64),
    /// The thread waits; what for stands in the scheduler.
    Thread,
}

/// The frames that were left since the driver's last step: innermost and outermost.
#[derive(Default)]
pub struct Chain {
    pub leaf: Option<Ref>,
    pub top: Option<Ref>,
}

/// Bounds on a run.
pub struct Limits {
    /// Nested calls at most.
    pub recursion: u32,
    /// Steps (back edges and calls) at most, in units of `FUEL_PER_CHECK`.
    pub steps: Option<u64>,
}

/// Why a run ends at once, past every handler of the script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Abort {
    /// A limit was exceeded.
    Limit,
    /// Nothing is ready and no timer is pending.
    Deadlock,
    /// Nobody reads standard output any more.
    OutputClosed,
}

/// Steps between two looks at the interrupt flag, the collector and the step limit.
pub const FUEL_PER_CHECK: i64 = 4096;

/// Values in the first stack segment.
const FIRST_SEGMENT: usize = 512;
/// Values in later segments at least.
const LATER_SEGMENT: usize = 4096;

/// The names of the frame that calls a native which looks at its caller (`locals`, `eval`, ...).
pub struct Caller {
    pub globals: Ref,
    /// The locals as a dict; the globals themselves at module level.
    pub locals: Ref,
}

/// All state of a running program that is not on a frame.
pub struct Vm {
    /// The exception that is on its way, if any.
    pub exc: Option<Ref>,
    /// Why the current suspension happens, while one is on its way.
    pub signal: Option<Signal>,
    pub chain: Chain,
    /// What the frame that is entered again is given.
    pub sent: Option<Sent>,
    /// What was being handled around the frame when an exception was sent into it.
    pub sent_over: Option<Ref>,
    /// The exception that is being handled (`sys.exc_info()`).
    pub handled: Option<Ref>,
    /// How the `yield` on its way came here.
    pub delegation: Delegation,
    /// Whether what is sent is the end of what the frame delegates to.
    pub delegate_ended: bool,
    /// How many generators went on although they were closed.
    pub ignored_closings: u32,
    /// Where the current frame failed, until its traceback entry is made.
    pub spot: Option<Span>,
    pub depth: u32,
    /// Where the coroutines that run stand, by their depth: offsets in their sources.
    pub places: Vec<u32>,
    /// What natives that wait must know of the thread that runs.
    pub thread: thread_call::ThreadState,
    stack_limit: usize,
    fuel: i64,
    steps_left: Option<u64>,
    pub interrupt: Arc<AtomicBool>,
    pub abort: Option<Abort>,
    pub limits: Limits,
    pub types: Rc<Types>,
    pub names: Rc<Names>,
    segments: Vec<Box<[Value]>>,
    pub interner: Rc<Interner>,
    chars: Vec<Ref>,
    /// `sys.modules`: a dict object.
    pub modules: Ref,
    /// The namespace of `builtins`.
    pub builtins: Ref,
    /// The names of `asyncio` that extended sources see without an import; empty until one needs it.
    pub prelude: Ref,
    pub caller: Option<Caller>,
    /// Where the calls stand that are under way, if somebody wants to know.
    pub sites: sites::Sites,
    /// Modules whose bodies are running.
    pub importing: Vec<Ref>,
    pub argv: Vec<String>,
    /// Folders in which imports look, first one first.
    pub path: Vec<std::path::PathBuf>,
    pub host: Host,
    pub event_loop: EventLoop,
    pub ellipsis: Value,
    pub not_implemented: Value,
    pub empty_str: Value,
    pub empty_tuple: Value,
    /// Digits of an integer as text at most (`sys.set_int_max_str_digits`); 0 means any number.
    pub int_digits: usize,
    /// Containers whose repr is being made.
    pub repr_stack: Vec<Ref>,
    /// The classes of objects whose `__class__` was assigned, by `id`.
    pub moved: FxHashMap<u32, ClassRef>,
    /// What was being handled around an awaited frame when it was left, by the frame's `id`.
    pub handled_around: FxHashMap<u32, Ref>,
    /// Held once more by each memoryview that shows the bytearray with this `id`.
    pub exports: FxHashMap<u32, Rc<()>>,
    /// The `StopIteration` with a value that last ended an iterator, for `next` and `yield from`.
    pub stopped: Option<Ref>,
    /// Warnings that were given: each is given once.
    pub warned: std::collections::HashSet<String>,
    /// Whether the collector runs by itself (`gc.disable`), and what `gc.get_threshold` gives.
    pub collects: bool,
    pub gc_threshold: [i64; 3],
}

impl Vm {
    /// A VM with the built-in types and functions.
    pub fn new(host: Host, limits: Limits) -> Self {
        let names = Rc::new(Names::new());
        let interner = Rc::new(Interner::new(&names));
        let (types, builtins) = types::bootstrap(&interner);
        let marker = 0u8;
        let mut vm = Self {
            exc: None,
            signal: None,
            chain: Chain::default(),
            sent: None,
            sent_over: None,
            handled: None,
            spot: None,
            delegation: Delegation::None,
            delegate_ended: false,
            ignored_closings: 0,
            depth: 0,
            places: Vec::new(),
            thread: thread_call::ThreadState::default(),
            stack_limit: std::ptr::from_ref(&marker) as usize,
            fuel: FUEL_PER_CHECK,
            steps_left: limits.steps,
            interrupt: host.waker.flag.clone(),
            abort: None,
            limits,
            types: Rc::new(types),
            names,
            segments: Vec::new(),
            interner,
            chars: (0..128u8).map(|b| Obj::string(char::from(b).to_string())).collect(),
            modules: Obj::dict(Dict::new()),
            builtins,
            prelude: Obj::dict(Dict::new()),
            caller: None,
            sites: sites::Sites::default(),
            importing: Vec::new(),
            argv: Vec::new(),
            path: Vec::new(),
            event_loop: EventLoop::new(&host),
            host,
            ellipsis: Value::Obj(Obj::new(crate::value::Kind::Ellipsis)),
            not_implemented: Value::Obj(Obj::new(crate::value::Kind::NotImplemented)),
            empty_str: "".into(),
            empty_tuple: Value::Obj(Obj::tuple([])),
            int_digits: crate::pure::int_text::MAX_DIGITS,
            repr_stack: Vec::new(),
            moved: FxHashMap::default(),
            exports: FxHashMap::default(),
            stopped: None,
            warned: std::collections::HashSet::new(),
            collects: true,
            gc_threshold: [700, 10, 10],
            handled_around: FxHashMap::default(),
        };
        crate::modules::builtins::install(&mut vm);
        vm
    }

    /// Tells how much native stack the thread has, counted from the caller's frame.
    pub fn set_stack_size(&mut self, bytes: usize) {
        let marker = 0u8;
        self.stack_limit = (std::ptr::from_ref(&marker) as usize).saturating_sub(bytes.saturating_sub(256 * 1024));
    }

    /// Whether a `Thrown` that is on its way is a suspension. The only place that tells.
    #[inline(always)]
    pub fn is_suspending(&self) -> bool {
        self.signal.is_some()
    }

    /// Leaves the current frame until its driver sends something.
    pub fn suspend<T>(&mut self, signal: Signal) -> R<T> {
        self.signal = Some(signal);
        Err(Thrown)
    }

    /// Notes where the current frame failed; the innermost place stays.
    #[cold]
    #[inline(never)]
    pub fn at(&mut self, span: Span, thrown: Thrown) -> Thrown {
        if self.spot.is_none() && !self.is_suspending() {
            self.spot = Some(span);
        }
        thrown
    }

    /// Counts a step: a back edge, a call, an item of a long native loop.
    #[inline(always)]
    pub fn tick(&mut self) -> R<()> {
        self.fuel -= 1;
        if self.fuel < 0 { self.check() } else { Ok(()) }
    }

    #[cold]
    #[inline(never)]
    fn check(&mut self) -> R<()> {
        self.fuel = FUEL_PER_CHECK;
        if heap::is_collection_due() && self.collects {
            self.collect_garbage();
        }
        if let Some(left) = &mut self.steps_left {
            if *left == 0 {
                return self.abort_run(Abort::Limit);
            }
            *left -= 1;
        }
        if self.interrupt.load(Ordering::Relaxed) {
            return self.interrupted();
        }
        Ok(())
    }

    /// Ends the run past every handler of the script.
    pub fn abort_run<T>(&mut self, why: Abort) -> R<T> {
        self.abort = Some(why);
        // Any exception will do: `try` nodes look at `abort` first.
        let class = self.types.system_exit.clone();
        Err(self.raise_new(&class, "aborted"))
    }

    /// Guards native recursion (reprs, comparisons, calls): counts it and checks the native stack.
    #[inline(always)]
    pub fn enter(&mut self) -> R<()> {
        let marker = 0u8;
        if self.depth >= self.limits.recursion || (std::ptr::from_ref(&marker) as usize) < self.stack_limit {
            return self.enter_deep(std::ptr::from_ref(&marker) as usize);
        }
        self.depth += 1;
        Ok(())
    }

    /// Too deep, unless the limit is put aside for a site of a thread.
    #[cold]
    #[inline(never)]
    fn enter_deep(&mut self, stack: usize) -> R<()> {
        if self.depth >= self.recursion_limit() || stack < self.stack_limit {
            return Err(self.too_deep(""));
        }
        self.depth += 1;
        Ok(())
    }

    /// The end of what `enter` began.
    #[inline(always)]
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Fails where the native stack runs short, without counting a call.
    #[inline(always)]
    pub fn check_stack(&mut self) -> R<()> {
        let marker = 0u8;
        if (std::ptr::from_ref(&marker) as usize) < self.stack_limit { Err(self.too_deep("")) } else { Ok(()) }
    }

    /// `RecursionError` with what was going on, such as `" in comparison"`.
    #[cold]
    #[inline(never)]
    pub fn too_deep(&mut self, doing: &str) -> Thrown {
        let class = self.types.recursion_error.clone();
        self.raise_new(&class, &format!("maximum recursion depth exceeded{doing}"))
    }

    /// Runs something on a stack segment of at least `need` values, all of them empty before and after.
    pub fn on_segment<T>(&mut self, need: usize, run: impl FnOnce(&mut Self, &mut [Value]) -> T) -> T {
        let mut segment = match self.segments.pop() {
            Some(s) if s.len() >= need => s,
            _ => {
                let size = if self.depth < 8 { FIRST_SEGMENT } else { LATER_SEGMENT };
                std::iter::repeat_with(Value::default).take(size.max(2 * need)).collect()
            }
        };
        let result = run(self, &mut segment);
        if self.segments.len() < 64 {
            self.segments.push(segment);
        }
        result
    }

    /// The one string object for a name of source text.
    pub fn intern(&mut self, name: &str) -> Ref {
        self.interner.intern(name)
    }

    /// The interned object for a run-time name, if source text has it, else a fresh one.
    pub fn name_of(&self, name: &str) -> Ref {
        self.interner.get(name).unwrap_or_else(|| Obj::str(name))
    }

    /// A string of one character; ASCII ones are shared.
    #[inline]
    pub fn char_str(&self, c: char) -> Value {
        match self.chars.get(c as usize) {
            Some(s) => Value::Obj(s.clone()),
            None => Value::from(c.to_string()),
        }
    }

    /// The class of a value.
    #[inline]
    pub fn class_name(&self, v: &Value) -> Rc<str> {
        self.type_name(self.class_of(v))
    }

    /// The same, with `None` for the type of `None`: how messages about arguments name it.
    pub fn class_name_or_none(&self, v: &Value) -> Rc<str> {
        if v.is_none() { "None".into() } else { self.class_name(v) }
    }

    /// Whether a value is an instance of a class (by its type alone, without hooks).
    pub fn is_instance(&self, v: &Value, class: &ClassRef) -> bool {
        self.class_of(v).is_subclass_of(class)
    }

    /// Runs a whole source as a module's body in a namespace.
    pub fn run_source(&mut self, source: &Rc<Source>, globals: &Ref) -> R {
        crate::link::run_module(self, source, globals)
    }
}
