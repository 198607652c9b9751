//! Which functions of `stand_ins.co` stand in for built-in ones when a thread calls them, so that script code below them
//! can wait. Comes in: a callee and its arguments. Goes out: a function to call instead, or none.

use std::rc::Rc;

use crate::event_loop::context::Context;
use crate::modules::functools;
use crate::source::Source;
use crate::value::dict::Dict;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Value};
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
    "join",
    "extend",
    "update",
    "deque",
    "extendleft",
    "fromkeys",
    "writelines",
    "fsum",
    "prod",
    "_count_elements",
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
pub fn find(vm: &mut Vm, callee: &Value, args: &[Value], (keywords, names): (&[Value], &[Ref])) -> R<Option<StandIn>> {
    let is_known = |n: &Ref| matches!(n.text(), "key" | "reverse");
    let Some(name) = stand_in_name(vm, callee, args, keywords).filter(|n| *n != "sort_list" || names.iter().all(is_known)) else {
        return Ok(None);
    };
    let namespace = load(vm)?;
    let function = namespace.as_dict().and_then(|d| d.borrow().get_text(name).cloned());
    Ok(function.map(|function| StandIn { function, takes_callee: matches!(name, "with_items" | "make" | "call_cached") && !is_type_call(callee) }))
}

/// Built-in functions that do nothing before the last script code that they call.
const RESTARTABLE: &[&str] = &[
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "callable",
    "chr",
    "delattr",
    "divmod",
    "format",
    "getattr",
    "hasattr",
    "hash",
    "hex",
    "id",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "max",
    "min",
    "next",
    "oct",
    "ord",
    "pow",
    "repr",
    "reversed",
    "round",
    "setattr",
    "sorted",
    "sum",
    "enumerate",
    "zip",
    "map",
    "filter",
    "eval",
    "exec",
];

/// Built-in classes whose methods are the same, but for those that follow.
const TYPES: &[&str] = &[
    "object",
    "int",
    "float",
    "complex",
    "bool",
    "str",
    "bytes",
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "range",
    "slice",
    "property",
    "super",
    "map",
    "filter",
    "zip",
    "enumerate",
    "reversed",
    "BaseException",
    "Exception",
];

/// Methods that change their object bit by bit.
const STEPWISE: &[&str] = &["extend", "update", "__iadd__", "__ior__", "__init__", "symmetric_difference_update", "__ixor__"];

/// Modules of functions that do nothing before the last script code that they call.
const MODULES: &[&str] = &["operator", "_operator", "math", "_bisect", "bisect"];

/// Whether a built-in function may be called again from the beginning, when what it calls waited.
pub fn is_restartable(callee: &Value) -> bool {
    match callee.kind() {
        Some(Kind::Class(c)) => c.construct.is_some() && TYPES.contains(&&*c.name()),
        Some(Kind::NativeFn(f)) => match &f.owner {
            Some(owner) => TYPES.contains(&&*owner.name()) && !STEPWISE.contains(&f.def.name),
            None => MODULES.contains(&f.module) || (f.module.is_empty() && RESTARTABLE.contains(&f.def.name)),
        },
        _ => false,
    }
}

/// Whether a built-in function may come to call script code by way of an argument.
pub fn may_run_script(v: &Value) -> bool {
    !matches!(v.kind(), None | Some(Kind::Str(_) | Kind::Big(_) | Kind::Bytes(_) | Kind::Range(_) | Kind::Module(_)))
}

/// Whether a built-in function runs code that it is given as text.
pub fn runs_text(callee: &Value) -> bool {
    matches!(callee.kind(), Some(Kind::NativeFn(f)) if matches!(f.def.name, "exec" | "eval"))
}

/// Whether it is `type.__call__`.
fn is_type_call(callee: &Value) -> bool {
    matches!(callee.kind(), Some(Kind::NativeFn(f)) if f.def.name == "__call__" && f.owner.as_ref().is_some_and(|o| &*o.name() == "type"))
}

/// Whether making an instance of a class calls script code that is not only its `__init__`.
fn is_made_by_script(vm: &Vm, class: &ClassRef) -> bool {
    let is_script = |name| matches!(class.lookup(name).as_ref().and_then(Value::kind), Some(Kind::Func(_) | Kind::StaticMethod(_)));
    class.construct.is_none() && (is_script(&vm.names.new) || is_script(&vm.names.init))
}

fn may_wait(v: &Value) -> bool {
    matches!(v, Value::Obj(o) if is_threaded_generator(o))
}

/// Whether the text or the items of a value may come from script code.
fn is_shown_by_script(v: &Value) -> bool {
    matches!(
        v.kind(),
        Some(
            Kind::Instance(_)
                | Kind::Derived(_)
                | Kind::Exc(_)
                | Kind::List(_)
                | Kind::Tuple(_)
                | Kind::Dict(_)
                | Kind::Set(_)
                | Kind::FrozenSet(_)
                | Kind::Iter(_)
        )
    )
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

fn stand_in_name(vm: &Vm, callee: &Value, args: &[Value], keywords: &[Value]) -> Option<&'static str> {
    if functools::cache::is_cached(callee) {
        return Some("call_cached");
    }
    if let Some(class) = callee.to_class()
        && is_made_by_script(vm, &class)
    {
        return Some("make");
    }
    let first = args.first()?;
    if is_type_call(callee)
        && let Some(class) = first.to_class()
    {
        return is_made_by_script(vm, &class).then_some("make");
    }
    let any_waits = || args.iter().any(may_wait);
    let gives_instances = || args.iter().any(|a| matches!(a.kind(), Some(Kind::Instance(_))));
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
        "print" if args.iter().any(is_shown_by_script) => Some("print_each"),
        "sort" if args.len() == 1 && matches!(first.kind(), Some(Kind::List(_))) => Some("sort_list"),
        "extend" if args.len() == 2 && matches!(first.kind(), Some(Kind::List(_))) && matches!(args[1].kind(), Some(Kind::Instance(_) | Kind::Iter(_))) => {
            Some("extend_list")
        }
        "reduce" if matches!(args.len(), 2 | 3) && (is_script(first) || any_waits()) => Some("reduce_items"),
        "any" if may_wait(first) => Some("any_of"),
        "all" if may_wait(first) => Some("all_of"),
        "run" if first.obj().is_some_and(|o| o.downcast::<Context>().is_some()) => Some("run_in"),
        "from_iterable" if args.len() == 2 => Some("chain_all"),
        name if CONSUMERS.contains(&name) && any_waits() => Some("with_items"),
        name => ITERTOOLS
            .iter()
            .find(|tool| tool.name == name)
            .filter(|tool| any_waits() || gives_instances() || tool.calls && calls_script())
            .map(|tool| tool.stand_in),
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
