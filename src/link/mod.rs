//! Syntax tree to closures. Each node becomes one closure that calls its children directly; names are slots, cells or
//! cached places in a namespace by then. What can suspend keeps its progress in slots of its frame (`suspend`).
//! Knows no clock and no ready queue.

pub mod annotations;
pub mod args;
pub mod assign;
pub mod attr;
pub mod augment;
pub mod awaiting;
pub mod call;
pub mod class;
pub mod code;
pub mod comprehension;
pub mod cond;
pub mod cx;
pub mod decorators;
pub mod delete;
pub mod display;
pub mod expr;
pub mod frame_aware;
pub mod fstring;
pub mod function;
pub mod import;
pub mod loops;
pub mod matching;
pub mod name;
pub mod ops;
pub mod place;
pub mod program;
pub mod resumable_loops;
pub mod sites;
pub mod stmt;
pub mod suspend;
pub mod target;
pub mod threaded;
pub mod threaded_ops;
pub mod tries;
pub mod with;

pub use program::{compile_source, run_code, run_module};

use crate::value::{Flow, R, Value};
use crate::vm::Vm;

/// An expression, linked.
pub type Ex = Box<dyn Fn(&mut Vm, &mut [Value]) -> R>;
/// A condition, linked.
pub type Cond = Box<dyn Fn(&mut Vm, &mut [Value]) -> R<bool>>;
/// A statement, linked.
pub type St = Box<dyn Fn(&mut Vm, &mut [Value]) -> R<Flow>>;
/// Something that is given a value, such as an assignment's target.
pub type Store = Box<dyn Fn(&mut Vm, &mut [Value], Value) -> R<()>>;
