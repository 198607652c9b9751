//! corun: a tiny coroutine scripting language with Python's syntax and meaning, asyncio's event loop built in, and
//! time under its control.
//!
//! # From source to the last woken task
//!
//! ```text
//! source text ──syntax──▶ tree ──resolve──▶ places of names ──link──▶ closures ──vm──▶ effects
//!                                                                        │  ▲
//!                                                     a task's next step │  │ suspended: what it waits for
//!                                                                        ▼  │
//!                                                                     event_loop ◀── clock
//! ```
//!
//! | module | what it holds | what it does not know |
//! | --- | --- | --- |
//! | [`source`], [`diag`] | text and places in it; faults as plain data | everything else |
//! | [`syntax`] | tokens, layout, grammar, checker, messages | what names mean, values |
//! | [`resolve`] | which names are slots, cells, free or global | values, closures |
//! | [`pure`] | algorithms on plain Rust types: hashes, float text, formats, set order, text | values of scripts |
//! | [`value`] | `Value`, heap objects, dicts, classes, functions, coroutines | clocks, input and output |
//! | [`vm`] | the call protocol, attributes, operators, iteration, exceptions, the collector | ready queue, clock |
//! | [`types`] | the methods of the built-in types, one table each | the event loop |
//! | [`link`] | the tree turned into closures; the resumable nodes | clock, ready queue |
//! | [`host`], [`host_files`], [`host_input`], [`host_zone`] | streams, environment; files; standard input; the time zone | the language |
//! | [`event_loop`] | the clock, timers, tasks, futures, the one loop, the scheduler of threads | trees, closures |
//! | [`modules`] | one file or folder for each Python module: a table, or a text in the language itself | `std::io`, `std::time` |
//! | [`report`] | the only renderer of faults and tracebacks | control flow |
//! | [`interpreter`] | running whole programs: a source to an exit status | options, processes |
//! | [`cli`], [`repl`] | options, exit statuses; entries typed on a terminal | what the language means |
//!
//! # Invariants
//!
//! - `Value`, `R<Value>`, `Flow` and `R<Flow>` are 16-byte scalar pairs; an error carries nothing, the exception waits
//!   in the VM. A suspension travels the same way, and only `Vm::is_suspending` tells them apart.
//! - A window of the value stack is as empty after a call as before it.
//! - No `RefCell` borrow is held across anything that can run script code.
//! - There is one evaluator: synchronous code is plain closures, and only what contains an `await` or `yield` becomes a
//!   resumable node that keeps its progress in slots of its frame.
//! - A thread is a chain of frames, as a task is. What it calls is linked once more, with every call as a place where the
//!   frame may be left (`link::threaded`); the main thread is the native stack, and waits by letting the others run.
//! - There is one loop and one ready queue; every order comes from them.
//! - What a script or file can influence never panics: it raises, reports or is refused.
//! - `Drop` runs no script code: finalisers are queued, and the VM runs them at the end of a statement.
//!
//! # Costs nobody pays who does not use them
//!
//! - A function is linked when it is first called ([`link::code`]), and a second time when a thread first calls it.
//! - A built-in class is filled when somebody first looks into it (`fill_later` in [`value::class`], called by
//!   [`vm::types`]).
//! - A module is made when it is first imported; the part of `asyncio` that is written in the language itself when one of
//!   its names is first used.
//! - The scheduler of threads exists once a script starts one.
//! - Only coroutines note where they stand, and only programs that name something which looks at its callers note these.
//!
//! # Where to start reading
//!
//! [`value`] for what is computed with, [`link::expr`] and [`link::stmt`] for how a tree runs, [`link::suspend`],
//! [`link::awaiting`] and [`vm::drive`] for how a frame is left and entered again, [`event_loop`] for the loop. Every file
//! begins with what comes in, what goes out and what it does not know.
//!
//! # Which file to open
//!
//! | to change | open |
//! | --- | --- |
//! | what source text is accepted, and what is said about the rest | [`syntax`]: `layout`, `build*`, `check`, `explain` |
//! | where a name lives | `resolve::collect` (which names there are), `resolve::places` (where they live) |
//! | a statement or an expression | its file in [`link`], found from the dispatch in [`link::stmt`] or [`link::expr`] |
//! | assignments | [`link::assign`], with [`link::target`], [`link::augment`], [`link::delete`] |
//! | loops | [`link::loops`]; where something in them suspends, [`link::resumable_loops`] |
//! | definitions | [`link::function`], [`link::class`], [`link::comprehension`], on [`link::code`] |
//! | calls | [`link::call`], [`link::args`], [`link::frame_aware`]; then [`vm::call`], `vm::call_keywords` |
//! | attributes | caches in [`link::attr`]; rules in [`vm::attr`], [`vm::attr_set`], [`vm::bind`], [`vm::method`] |
//! | what a class or an instance consists of | [`value::class`], [`value::instance`]; look-ups through classes in [`value::lookups`] |
//! | a method of a built-in type | the type's file in [`types`]; rows are [`value::builtin::Builtin`]s |
//! | which built-in classes there are | the rows of [`vm::types`] |
//! | iteration, operators, subscripts, texts | [`vm::iterate`], [`vm::operator`], [`vm::subscript`] and [`vm::subscript_set`], [`vm::repr`] |
//! | what happens when an object dies | `Drop` in [`value::obj`], then [`vm::finalize`]; weak references in [`value::weak`]; cycles in [`vm::gc`] |
//! | a built-in function | its file in [`modules::builtins`] |
//! | a module | [`modules`]: a table in Rust, or a text in the language itself (`.co`) on natives; the first are listed in `modules/mod.rs`, the others in [`modules::libraries`] |
//! | regular expressions | [`pure::regex`]: `parse` (what is accepted), `compile`, `run` (how it matches); objects in `modules::re` |
//! | dates and times | `modules/datetime/*.co` on [`pure::calendar`], [`pure::iso_time`] and [`pure::strptime`] |
//! | what refuses to work, and in which words | `modules/unsupported/*.co` (modules), `modules/asyncio/unsupported.co` (names of `asyncio`) |
//! | tasks, futures, timers | `spawn`, `step`, `cancel`, `task`, `future` and `timers` in [`event_loop`]; what scripts see of them is in [`modules::asyncio`] |
//! | where frames stand | suspended: `Body::waits`; running coroutines: [`link::place`]; callers, for `warnings` and `logging`: [`link::sites`], [`vm::sites`] |
//! | generators that delegate | [`vm::delegation`] |
//! | signals and Ctrl-C | `signals` and `interrupt` in [`event_loop`] |
//! | what is printed about faults | [`report`]; coroutines that nobody awaited: `vm::unawaited`; steps that block the loop: `event_loop::slow` |
//!
//! # Threads
//!
//! Threads are cooperative: one runs until it waits. Who they are, what each waits for and who goes on next stands in
//! `event_loop::threads`; a step of one, and the waiting of the main thread, in `event_loop::thread_run`; an event loop that
//! runs on another thread than the main one in `event_loop::thread_loop`: where a coroutine of it waits as threads do, the
//! loop stands still and the thread waits. [`link::threaded`] links code so that each call in it can be left, and
//! [`vm::thread_call`] makes those calls. An operator, an attribute or a built-in function that calls back into the script
//! is a site (`vm::replay`): when what it calls waits, it is given up, and later begun anew with what its calls gave kept;
//! [`link::threaded_ops`] links the operators so. What cannot begin anew, because it changes something between two calls,
//! gets a stand-in written in the language itself (`modules/threading/stand_ins.co`), or refuses to let the thread wait.
//! `threading`, `queue` and `concurrent.futures` are texts in [`modules::threading`] over one lock.

pub mod cli;
pub mod diag;
pub mod event_loop;
pub mod host;
pub mod host_files;
pub mod host_input;
pub mod host_zone;
pub mod interpreter;
pub mod link;
pub mod modules;
pub mod pure;
pub mod repl;
pub mod report;
pub mod resolve;
pub mod source;
pub mod syntax;
pub mod types;
pub mod value;
pub mod vm;

pub use interpreter::{ExitStatus, Interpreter, Options, Program};
