//! The built-in modules: one file or folder each, ending in its table.

use crate::value::func::{Builtin, NativeFn};
use crate::value::{Kind, Obj, Value};
use crate::vm::Vm;

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

/// A module that is written in the language itself, on a few natives.
pub struct Library {
    pub name: &'static str,
    /// The name of its text in reports.
    pub file: &'static str,
    pub text: &'static str,
    /// The names that are there when its text runs.
    pub natives: Fill,
}

/// The modules that are written in the language itself.
const LIBRARIES: &[Library] = &[
    Library { name: "concurrent.futures", file: "futures.co", text: include_str!("threading/futures.co"), natives: |_| vec![("__path__", Vec::new().into())] },
    Library { name: "concurrent.futures.thread", file: "futures.co", text: "from concurrent.futures import ThreadPoolExecutor", natives: |_| Vec::new() },
    Library { name: "queue", file: "queue.co", text: include_str!("threading/queue.co"), natives: |_| Vec::new() },
    Library { name: "threading", file: "threading.co", text: include_str!("threading/threading.co"), natives: threading::natives },
    Library {
        name: "dataclasses",
        file: "dataclasses.co",
        text: concat!(include_str!("dataclasses/fields.co"), include_str!("dataclasses/methods.co"), include_str!("dataclasses/dataclasses.co")),
        natives: |_| Vec::new(),
    },
    Library {
        name: "enum",
        file: "enum.co",
        text: concat!(include_str!("enum/classes.co"), include_str!("enum/metaclass.co"), include_str!("enum/members.co"), include_str!("enum/checks.co")),
        natives: callers::natives,
    },
    Library {
        name: "inspect",
        file: "inspect.co",
        text: concat!(
            include_str!("inspect/kinds.co"),
            include_str!("inspect/places.co"),
            include_str!("inspect/signature.co"),
            include_str!("inspect/callables.co")
        ),
        natives: callers::natives,
    },
    Library {
        name: "logging",
        file: "logging.co",
        text: concat!(
            include_str!("logging/records.co"),
            include_str!("logging/handlers.co"),
            include_str!("logging/loggers.co"),
            include_str!("logging/functions.co")
        ),
        natives: callers::natives,
    },
    Library { name: "logging.config", file: "logging.co", text: include_str!("logging/config.co"), natives: |_| Vec::new() },
    Library { name: "logging.handlers", file: "logging.co", text: include_str!("logging/handlers_more.co"), natives: |_| Vec::new() },
    Library {
        name: "typing",
        file: "typing.co",
        text: concat!(
            include_str!("typing/forms.co"),
            include_str!("typing/variables.co"),
            include_str!("typing/aliases.co"),
            include_str!("typing/generic.co"),
            include_str!("typing/classes.co"),
            include_str!("typing/hints.co"),
            include_str!("typing/names.co")
        ),
        natives: callers::natives,
    },
    Library { name: "warnings", file: "warnings.co", text: include_str!("warnings.co"), natives: callers::natives },
    Library { name: "traceback", file: "traceback.co", text: include_str!("traceback/traceback.co"), natives: traceback::natives },
    Library { name: "abc", file: "abc.co", text: include_str!("abc.co"), natives: |_| Vec::new() },
    Library { name: "collections", file: "collections.co", text: include_str!("collections/collections.co"), natives: collections::natives },
    Library { name: "collections._wrappers", file: "wrappers.co", text: include_str!("collections/wrappers.co"), natives: |_| Vec::new() },
    Library { name: "collections.abc", file: "abc.co", text: include_str!("collections/abc.co"), natives: |_| Vec::new() },
    Library { name: "copy", file: "copy.co", text: include_str!("copy/copy.co"), natives: copy::natives },
    Library { name: "copyreg", file: "copyreg.co", text: include_str!("copy/copyreg.co"), natives: copy::natives },
    Library { name: "base64", file: "base64.co", text: include_str!("binascii/base64.co"), natives: |_| Vec::new() },
    Library { name: "binascii", file: "binascii.co", text: include_str!("binascii/binascii.co"), natives: binascii::natives },
    Library { name: "hashlib", file: "hashlib.co", text: include_str!("hashlib/hashlib.co"), natives: hashlib::natives },
    Library { name: "hmac", file: "hmac.co", text: include_str!("hashlib/hmac.co"), natives: |_| Vec::new() },
    Library { name: "fnmatch", file: "fnmatch.co", text: include_str!("os/fnmatch.co"), natives: |_| Vec::new() },
    Library { name: "glob", file: "glob.co", text: include_str!("os/glob.co"), natives: |_| Vec::new() },
    Library { name: "os", file: "os.co", text: include_str!("os/os.co"), natives: os::natives },
    Library { name: "pathlib", file: "pathlib.co", text: include_str!("os/pathlib.co"), natives: |_| Vec::new() },
    Library { name: "posixpath", file: "posixpath.co", text: include_str!("os/posixpath.co"), natives: |_| Vec::new() },
    Library { name: "shutil", file: "shutil.co", text: include_str!("os/shutil.co"), natives: |_| Vec::new() },
    Library { name: "tempfile", file: "tempfile.co", text: include_str!("os/tempfile.co"), natives: |_| Vec::new() },
    Library { name: "pprint", file: "pprint.co", text: include_str!("pprint/pprint.co"), natives: |_| Vec::new() },
    Library { name: "re", file: "re.co", text: include_str!("re/re.co"), natives: re::natives },
    Library { name: "secrets", file: "secrets.co", text: include_str!("secrets/secrets.co"), natives: entropy::natives },
    Library { name: "textwrap", file: "textwrap.co", text: include_str!("textwrap/textwrap.co"), natives: textwrap::natives },
    Library { name: "uuid", file: "uuid.co", text: include_str!("uuid/uuid.co"), natives: entropy::natives },
    Library { name: "datetime", file: "datetime.co", text: include_str!("datetime/datetime.co"), natives: datetime::natives },
    Library { name: "contextlib", file: "contextlib.co", text: include_str!("contextlib.co"), natives: |_| Vec::new() },
    Library { name: "functools", file: "functools.co", text: include_str!("functools/functools.co"), natives: functools::natives },
    Library { name: "io", file: "io.co", text: include_str!("io/io.co"), natives: io::natives },
    Library { name: "json", file: "json.co", text: include_str!("json/json.co"), natives: json::natives },
    Library { name: "json.decoder", file: "json.co", text: "from json import JSONDecodeError, JSONDecoder", natives: |_| Vec::new() },
    Library { name: "json.encoder", file: "json.co", text: "from json import JSONEncoder", natives: |_| Vec::new() },
    Library { name: "keyword", file: "keyword.co", text: include_str!("keyword.co"), natives: |_| Vec::new() },
    Library { name: "heapq", file: "heapq.co", text: include_str!("heapq/heapq.co"), natives: heapq::natives },
    Library { name: "random", file: "random.co", text: include_str!("random/random.co"), natives: random::natives },
    Library { name: "signal", file: "signal.co", text: include_str!("unsupported/signal.co"), natives: asyncio::signals::natives },
    Library { name: "socket", file: "socket.co", text: include_str!("unsupported/socket.co"), natives: |_| Vec::new() },
    Library { name: "subprocess", file: "subprocess.co", text: include_str!("unsupported/subprocess.co"), natives: |_| Vec::new() },
    Library { name: "statistics", file: "statistics.co", text: include_str!("statistics/statistics.co"), natives: |_| Vec::new() },
    Library { name: "string", file: "string.co", text: include_str!("string/string.co"), natives: string::natives },
    Library { name: "_weakrefset", file: "weakset.co", text: include_str!("weakref/weakset.co"), natives: |_| Vec::new() },
    Library { name: "weakref", file: "weakref.co", text: include_str!("weakref/weakref.co"), natives: |_| Vec::new() },
    Library { name: "atexit", file: "atexit.co", text: include_str!("atexit/atexit.co"), natives: |_| Vec::new() },
    Library { name: "operator", file: "operator.co", text: include_str!("operator.co"), natives: operator::natives },
];

/// What a module is made from that is written in the language itself.
pub fn find_library(name: &str) -> Option<&'static Library> {
    LIBRARIES.iter().find(|l| l.name == name)
}

/// Whether corun itself has a module of this name.
pub fn is_built_in(name: &str) -> bool {
    name == "builtins" || find(name).is_some() || find_library(name).is_some()
}

/// The names of all built-in modules.
pub fn names() -> Vec<&'static str> {
    std::iter::once("builtins").chain(MODULES.iter().map(|(n, _)| *n)).chain(LIBRARIES.iter().map(|l| l.name)).collect()
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
