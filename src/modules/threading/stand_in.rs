//! Which functions of `stand_ins.co` stand in for built-in ones when a thread calls them, so that script code below them
//! can wait. Comes in: a callee and its arguments. Goes out: a function to call instead, or none.

use std::rc::Rc;

use crate::event_loop::context::Context;
use crate::modules::functools;
use crate::source::Source;
use crate::value::dict::Dict;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::thread_call::is_threaded_generator;

/// What to call instead.
pub struct StandIn {
    pub function: Value,
    /// Whether it wants to know whom it stands in for, as its first argument.
    pub takes_callee: bool,
}

/// Built-in functions that go over all items of an argument at once.
const CONSUMERS: &[&str] = &[
    "list",
    "tuple",
    "set",
    "frozenset",
    "dict",
    "sum",
    "sorted",
    "min",
    "max",
    "join",
    "extend",
    "update",
    "product",
    "permutations",
    "combinations",
    "combinations_with_replacement",
];

/// Something of `itertools` that goes on lazily.
struct Tool {
    name: &'static str,
    stand_in: &'static str,
    /// Whether it calls a function.
    calls: bool,
}

const ITERTOOLS: &[Tool] = &[
    Tool { name: "accumulate", stand_in: "accumulate_items", calls: true },
    Tool { name: "chain", stand_in: "chain_items", calls: false },
    Tool { name: "from_iterable", stand_in: "chain_all", calls: false },
    Tool { name: "compress", stand_in: "compress_items", calls: false },
    Tool { name: "cycle", stand_in: "cycle_items", calls: false },
    Tool { name: "dropwhile", stand_in: "drop_while", calls: true },
    Tool { name: "filterfalse", stand_in: "filter_false", calls: true },
    Tool { name: "groupby", stand_in: "group_by", calls: true },
    Tool { name: "islice", stand_in: "slice_items", calls: false },
    Tool { name: "pairwise", stand_in: "pair_items", calls: false },
    Tool { name: "starmap", stand_in: "map_tuples", calls: true },
    Tool { name: "takewhile", stand_in: "take_while", calls: true },
    Tool { name: "tee", stand_in: "tee_items", calls: false },
    Tool { name: "zip_longest", stand_in: "zip_all_longest", calls: false },
];

/// The function that stands in for a built-in one with these arguments.
pub fn find(vm: &mut Vm, callee: &Value, args: &[Value], keywords: &[Value]) -> R<Option<StandIn>> {
    let Some(name) = stand_in_name(callee, args, keywords) else { return Ok(None) };
    let namespace = load(vm)?;
    let function = namespace.as_dict().and_then(|d| d.borrow().get_text(name).cloned());
    Ok(function.map(|function| StandIn { function, takes_callee: matches!(name, "with_items" | "call_cached") }))
}

fn may_wait(v: &Value) -> bool {
    matches!(v, Value::Obj(o) if is_threaded_generator(o))
}

/// Whether calling a value may run a script's code.
fn is_script(v: &Value) -> bool {
    match v.kind() {
        Some(Kind::Func(_) | Kind::Instance(_)) => true,
        Some(Kind::NativeFn(f)) => f.def.blocks,
        Some(Kind::Method(m)) => is_script(&m.func),
        Some(Kind::Native(_)) => functools::cache::is_cached(v) || functools::partial::function_of(v).is_some_and(|f| is_script(&f)),
        _ => false,
    }
}

fn stand_in_name(callee: &Value, args: &[Value], keywords: &[Value]) -> Option<&'static str> {
    if functools::cache::is_cached(callee) {
        return Some("call_cached");
    }
    let first = args.first()?;
    let any_waits = || args.iter().any(may_wait);
    let calls_script = || args.iter().chain(keywords).any(is_script);
    let name = match callee.kind() {
        Some(Kind::Class(c)) if c.construct.is_some() => c.name(),
        Some(Kind::NativeFn(f)) => Rc::from(f.def.name),
        _ => return None,
    };
    match &*name {
        "iter" if args.len() == 2 && is_script(first) => Some("iter_until"),
        "map" if is_script(first) || any_waits() => Some("map_each"),
        "filter" if is_script(first) || any_waits() => Some("filter_by"),
        "enumerate" if may_wait(first) => Some("enumerate_from"),
        "zip" if any_waits() => Some("zip_all"),
        "next" if args.len() == 2 && may_wait(first) => Some("next_or"),
        "reduce" if matches!(args.len(), 2 | 3) && (is_script(first) || any_waits()) => Some("reduce_items"),
        "any" if may_wait(first) => Some("any_of"),
        "all" if may_wait(first) => Some("all_of"),
        "run" if first.obj().is_some_and(|o| o.downcast::<Context>().is_some()) => Some("run_in"),
        name if CONSUMERS.contains(&name) && any_waits() => Some("with_items"),
        name => ITERTOOLS.iter().find(|tool| tool.name == name).filter(|tool| any_waits() || tool.calls && calls_script()).map(|tool| tool.stand_in),
    }
}

/// Their namespace, made when first needed.
fn load(vm: &mut Vm) -> R<Ref> {
    if let Some(Value::Obj(namespace)) = vm.event_loop.threads.as_ref().map(|t| t.stand_ins.clone()) {
        return Ok(namespace);
    }
    let mut source = Source::new("stand_ins.co", include_str!("stand_ins.co"), false);
    source.library = true;
    let mut dict = Dict::new();
    for (name, value) in super::natives(vm) {
        dict.set_name(&vm.intern(name), value);
    }
    let name = vm.names.name.clone();
    dict.set_name(&name, "builtins".into());
    let namespace = Obj::dict(dict);
    let handled = vm.handled.take();
    let result = vm.run_source(&Rc::new(source), &namespace);
    vm.handled = handled;
    result?;
    if let Some(threads) = &mut vm.event_loop.threads {
        threads.stand_ins = namespace.clone().into();
    }
    Ok(namespace)
}
