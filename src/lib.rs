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
//! | [`host`] | streams, files, environment | the language |
//! | [`event_loop`] | the clock, timers, tasks, futures, the one loop | trees, closures |
//! | [`modules`] | one file or folder for each Python module, each ending in its table | `std::io`, `std::time` |
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
//! # Where to start reading
//!
//! [`value`] for what is computed with, [`link::expr`] and [`link::stmt`] for how a tree runs, [`link::suspend`], [`link::awaiting`] and
//! [`vm::drive`] for how a frame is left and entered again, [`event_loop`] for the loop. A new built-in function is one
//! row in its module's table and one function.

pub mod cli;
pub mod diag;
pub mod event_loop;
pub mod host;
pub mod host_files;
pub mod host_input;
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
