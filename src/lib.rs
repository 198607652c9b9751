//! corun: a tiny coroutine scripting language.

pub mod cli;
pub mod diag;
pub mod event_loop;
pub mod host;
pub mod interpreter;
pub mod link;
pub mod modules;
pub mod pure;
pub mod resolve;
pub mod repl;
pub mod report;
pub mod source;
pub mod syntax;
pub mod types;
pub mod value;
pub mod vm;

pub use interpreter::{ExitStatus, Interpreter, Options, Program};
