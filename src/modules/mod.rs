//! The built-in modules: one file or folder each, ending in its table.

use crate::value::func::{Builtin, NativeFn};
use crate::value::{Kind, Obj, Value};
use crate::vm::Vm;

pub use libraries::{Library, find_library};

pub mod asyncio;
pub mod atexit;
pub mod binascii;
pub mod bisect;
pub mod builtins;
pub mod callers;
pub mod collections;
pub mod copy;
pub mod datetime;
pub mod entropy;
pub mod functools;
pub mod gc;
pub mod hashlib;
pub mod heapq;
pub mod io;
pub mod itertools;
pub mod json;
pub mod libraries;
pub mod math;
pub mod operator;
pub mod os;
pub mod random;
pub mod re;
pub mod sizes;
pub mod string;
pub mod structs;
pub mod sys;
pub mod textwrap;
pub mod threading;
pub mod time;
pub mod traceback;
pub mod types;
pub mod weakref;

/// Makes a module's names when it is first imported.
pub type Fill = fn(&mut Vm) -> Vec<(&'static str, Value)>;

/// The built-in modules; `builtins` is made when a VM starts.
const MODULES: &[(&str, Fill)] = &[
    ("_weakref", weakref::namespace),
    ("asyncio", asyncio::namespace),
    ("asyncio.base_events", asyncio::part),
    ("asyncio.constants", asyncio::constants),
    ("asyncio.coroutines", asyncio::part),
    ("asyncio.events", asyncio::part),
    ("asyncio.exceptions", asyncio::exceptions),
    ("asyncio.futures", asyncio::part),
    ("asyncio.locks", asyncio::part),
    ("asyncio.mixins", asyncio::part),
    ("asyncio.protocols", asyncio::part),
    ("asyncio.queues", asyncio::part),
    ("asyncio.runners", asyncio::part),
    ("asyncio.selector_events", asyncio::part),
    ("asyncio.streams", asyncio::part),
    ("asyncio.subprocess", asyncio::subprocess),
    ("asyncio.taskgroups", asyncio::part),
    ("asyncio.tasks", asyncio::part),
    ("asyncio.threads", asyncio::part),
    ("asyncio.timeouts", asyncio::part),
    ("asyncio.transports", asyncio::part),
    ("asyncio.unix_events", asyncio::part),
    ("bisect", bisect::namespace),
    ("concurrent", |_| vec![("__path__", Vec::new().into())]),
    ("contextvars", asyncio::contextvars_namespace),
    ("gc", gc::namespace),
    ("itertools", itertools::namespace),
    ("math", math_namespace),
    ("sys", sys::namespace),
    ("time", time::namespace),
    ("types", types::namespace),
];

/// What fills a module, if corun itself has it.
pub fn find(name: &str) -> Option<Fill> {
    MODULES.iter().find(|(n, _)| *n == name).map(|(_, fill)| *fill)
}

/// Whether corun itself has a module of this name.
pub fn is_built_in(name: &str) -> bool {
    name == "builtins" || find(name).is_some() || find_library(name).is_some()
}

/// The names of all built-in modules.
pub fn names() -> Vec<&'static str> {
    std::iter::once("builtins").chain(MODULES.iter().map(|(n, _)| *n)).chain(libraries::LIBRARIES.iter().map(|l| l.name)).collect()
}

/// A table of functions as a module's names.
pub fn functions(table: &'static [Builtin], module: &'static str) -> Vec<(&'static str, Value)> {
    table.iter().map(|def| (def.name, function(def, module))).collect()
}

/// A built-in function as a value.
pub fn function(def: &'static Builtin, module: &'static str) -> Value {
    Obj::new(Kind::NativeFn(NativeFn { def, owner: None, module })).into()
}

fn math_namespace(_: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(math::FUNCTIONS, "math");
    names.extend(math::constants());
    names
}
