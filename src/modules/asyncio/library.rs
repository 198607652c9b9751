//! The part of asyncio that is written in the language itself: loaded when one of its names is first used.

use std::rc::Rc;

use super::NATIVE_FOR_LIBRARY;
use crate::source::Source;
use crate::value::dict::Dict;
use crate::value::{Obj, R, Ref, Value};
use crate::vm::Vm;

/// The public names.
pub const NAMES: &[&str] = &[
    "wait_for",
    "wait",
    "as_completed",
    "timeout",
    "timeout_at",
    "Timeout",
    "TaskGroup",
    "Condition",
    "Barrier",
    "Runner",
    "to_thread",
    "run_coroutine_threadsafe",
    "wrap_future",
];

/// The names of what corun does not have, and of what stands around it.
pub const UNSUPPORTED: &[&str] = &[
    "StreamReader",
    "StreamWriter",
    "StreamReaderProtocol",
    "Server",
    "AbstractServer",
    "BaseTransport",
    "Transport",
    "DatagramTransport",
    "SubprocessTransport",
    "BaseProtocol",
    "Protocol",
    "DatagramProtocol",
    "SubprocessProtocol",
    "IncompleteReadError",
    "LimitOverrunError",
    "SendfileNotAvailableError",
    "open_connection",
    "start_server",
    "open_unix_connection",
    "start_unix_server",
    "Process",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "AbstractEventLoopPolicy",
    "DefaultEventLoopPolicy",
    "get_event_loop_policy",
    "set_event_loop_policy",
];

const TEXT: &str = concat!(include_str!("library.co"), "\n\n", include_str!("waiting.co"), include_str!("threads.co"), "\n\n", include_str!("unsupported.co"));

/// One of its names.
pub fn get(vm: &mut Vm, name: &str) -> R {
    let namespace = load(vm)?;
    let found = namespace.as_dict().and_then(|d| d.borrow().get_text(name).cloned());
    match found {
        Some(v) => Ok(v),
        None => Err(vm.name_error_text(&format!("name '{name}' is not defined"))),
    }
}

/// Calls one of its functions.
pub fn call(vm: &mut Vm, name: &str, args: &[Value]) -> R {
    let function = get(vm, name)?;
    vm.call(&function, args)
}

/// Its namespace.
fn load(vm: &mut Vm) -> R<Ref> {
    if let Some(namespace) = &vm.event_loop.library {
        return Ok(namespace.clone());
    }
    let mut source = Source::new("asyncio.co", TEXT, false);
    source.library = true;
    let mut dict = Dict::new();
    for (name, value) in super::natives(vm) {
        dict.set_name(&vm.intern(name), value);
    }
    for def in NATIVE_FOR_LIBRARY.iter().chain(super::scripted_queue::FOR_LIBRARY).chain(super::policy::FOR_LIBRARY) {
        dict.set_name(&vm.intern(def.name), super::function(def));
    }
    let name = vm.names.name.clone();
    dict.set_name(&name, "asyncio".into());
    let namespace = Obj::dict(dict);
    // What is being awaited or handled is no business of the library's own text.
    let handled = vm.handled.take();
    let result = vm.run_source(&Rc::new(source), &namespace);
    vm.handled = handled;
    result?;
    vm.event_loop.library = Some(namespace.clone());
    Ok(namespace)
}

/// The submodules that are attributes at once.
const PARTS: &[&str] = &[
    "base_events",
    "constants",
    "coroutines",
    "events",
    "exceptions",
    "futures",
    "locks",
    "mixins",
    "protocols",
    "queues",
    "runners",
    "selector_events",
    "streams",
    "subprocess",
    "taskgroups",
    "tasks",
    "threads",
    "timeouts",
    "transports",
    "unix_events",
];

/// The module's `__dir__`: its names, those included that are made when they are first used.
pub fn module_dir(vm: &mut Vm, _a: &mut [Value], _n: usize) -> R {
    let module = vm.import_module("asyncio")?;
    let dict = crate::vm::import::module_dict(&module);
    let made: Vec<String> =
        dict.as_ref().and_then(|d| d.as_dict()).map(|d| d.borrow().iter().filter_map(|e| e.key.as_str().map(str::to_owned)).collect()).unwrap_or_default();
    let hidden = ["__getattr__", "__dir__", "Process"];
    let later = NAMES.iter().chain(UNSUPPORTED).chain(PARTS).copied();
    let mut names: Vec<&str> = made.iter().map(String::as_str).chain(later).filter(|n| !hidden.contains(n)).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names.into_iter().map(Value::from).collect::<Vec<_>>().into())
}

/// The module's `__getattr__`: loads the library for its names.
pub fn module_getattr(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let name = a[0].as_str().unwrap_or_default().to_owned();
    if NAMES.contains(&name.as_str()) || UNSUPPORTED.contains(&name.as_str()) {
        return get(vm, &name);
    }
    let full = format!("asyncio.{name}");
    if crate::modules::find(&full).is_some() {
        return vm.import_module(&full);
    }
    let text = format!("module 'asyncio' has no attribute '{name}'");
    Err(vm.attribute_error_text(&text))
}
