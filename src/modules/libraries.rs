//! The modules that are written in the language itself: their texts, and the natives that they stand on. A text runs when
//! its module is first imported.

use super::{
    Fill, asyncio, binascii, callers, collections, copy, datetime, entropy, functools, hashlib, heapq, io, json, operator, os, random, re, string, textwrap,
    threading, traceback,
};

/// A module that is written in the language itself, on a few natives.
pub struct Library {
    pub name: &'static str,
    /// The name of its text in reports.
    pub file: &'static str,
    pub text: &'static str,
    /// The names that are there when its text runs.
    pub natives: Fill,
}

const fn library(name: &'static str, file: &'static str, text: &'static str, natives: Fill) -> Library {
    Library { name, file, text, natives }
}

/// No natives.
const NONE: Fill = |_| Vec::new();
/// A package, whose parts are modules of their own.
const PACKAGE: Fill = |_| vec![("__path__", Vec::new().into())];

/// All of them, by name.
pub(super) const LIBRARIES: &[Library] = &[
    library("_weakrefset", "weakset.co", include_str!("weakref/weakset.co"), NONE),
    library("abc", "abc.co", include_str!("abc.co"), NONE),
    library("atexit", "atexit.co", include_str!("atexit/atexit.co"), NONE),
    library("base64", "base64.co", include_str!("binascii/base64.co"), NONE),
    library("binascii", "binascii.co", include_str!("binascii/binascii.co"), binascii::natives),
    library("collections", "collections.co", include_str!("collections/collections.co"), collections::natives),
    library("collections._wrappers", "wrappers.co", include_str!("collections/wrappers.co"), NONE),
    library("collections.abc", "abc.co", concat!(include_str!("collections/abc.co"), "\n\n", include_str!("collections/abc_containers.co")), NONE),
    library("concurrent.futures", "futures.co", include_str!("threading/futures.co"), PACKAGE),
    library("concurrent.futures.thread", "futures.co", "from concurrent.futures import ThreadPoolExecutor", NONE),
    library("contextlib", "contextlib.co", include_str!("contextlib.co"), NONE),
    library("copy", "copy.co", include_str!("copy/copy.co"), copy::natives),
    library("copyreg", "copyreg.co", include_str!("copy/copyreg.co"), copy::natives),
    library(
        "dataclasses",
        "dataclasses.co",
        concat!(include_str!("dataclasses/fields.co"), include_str!("dataclasses/methods.co"), include_str!("dataclasses/dataclasses.co")),
        NONE,
    ),
    library(
        "datetime",
        "datetime.co",
        concat!(
            include_str!("datetime/durations.co"),
            "\n\n",
            include_str!("datetime/zones.co"),
            "\n\n",
            include_str!("datetime/dates.co"),
            "\n\n",
            include_str!("datetime/times.co"),
            "\n\n",
            include_str!("datetime/moments.co")
        ),
        datetime::natives,
    ),
    library(
        "enum",
        "enum.co",
        concat!(include_str!("enum/classes.co"), include_str!("enum/metaclass.co"), include_str!("enum/members.co"), include_str!("enum/checks.co")),
        callers::natives,
    ),
    library("fnmatch", "fnmatch.co", include_str!("os/fnmatch.co"), NONE),
    library("functools", "functools.co", include_str!("functools/functools.co"), functools::natives),
    library("glob", "glob.co", include_str!("os/glob.co"), NONE),
    library("hashlib", "hashlib.co", include_str!("hashlib/hashlib.co"), hashlib::natives),
    library("heapq", "heapq.co", include_str!("heapq/heapq.co"), heapq::natives),
    library("hmac", "hmac.co", include_str!("hashlib/hmac.co"), NONE),
    library(
        "inspect",
        "inspect.co",
        concat!(
            include_str!("inspect/kinds.co"),
            include_str!("inspect/places.co"),
            include_str!("inspect/signature.co"),
            include_str!("inspect/callables.co")
        ),
        callers::natives,
    ),
    library("io", "io.co", include_str!("io/io.co"), io::natives),
    library("json", "json.co", include_str!("json/json.co"), json::natives),
    library("json.decoder", "json.co", "from json import JSONDecodeError, JSONDecoder", NONE),
    library("json.encoder", "json.co", "from json import JSONEncoder", NONE),
    library("keyword", "keyword.co", include_str!("keyword.co"), NONE),
    library(
        "logging",
        "logging.co",
        concat!(
            include_str!("logging/records.co"),
            include_str!("logging/handlers.co"),
            include_str!("logging/loggers.co"),
            include_str!("logging/functions.co")
        ),
        callers::natives,
    ),
    library("logging.config", "logging.co", include_str!("logging/config.co"), NONE),
    library("logging.handlers", "logging.co", include_str!("logging/handlers_more.co"), NONE),
    library("operator", "operator.co", include_str!("operator.co"), operator::natives),
    library("os", "os.co", include_str!("os/os.co"), os::natives),
    library("pathlib", "pathlib.co", include_str!("os/pathlib.co"), NONE),
    library("posixpath", "posixpath.co", include_str!("os/posixpath.co"), NONE),
    library("pprint", "pprint.co", include_str!("pprint/pprint.co"), NONE),
    library("queue", "queue.co", include_str!("threading/queue.co"), NONE),
    library("random", "random.co", include_str!("random/random.co"), random::natives),
    library("re", "re.co", include_str!("re/re.co"), re::natives),
    library("secrets", "secrets.co", include_str!("secrets/secrets.co"), entropy::natives),
    library("shutil", "shutil.co", include_str!("os/shutil.co"), NONE),
    library("signal", "signal.co", include_str!("unsupported/signal.co"), asyncio::signals::natives),
    library("socket", "socket.co", include_str!("unsupported/socket.co"), NONE),
    library("statistics", "statistics.co", concat!(include_str!("statistics/statistics.co"), "\n\n", include_str!("statistics/normal.co")), NONE),
    library("string", "string.co", include_str!("string/string.co"), string::natives),
    library("subprocess", "subprocess.co", include_str!("unsupported/subprocess.co"), NONE),
    library("tempfile", "tempfile.co", include_str!("os/tempfile.co"), NONE),
    library("textwrap", "textwrap.co", include_str!("textwrap/textwrap.co"), textwrap::natives),
    library("threading", "threading.co", concat!(include_str!("threading/threading.co"), "\n\n", include_str!("threading/thread.co")), threading::natives),
    library("traceback", "traceback.co", include_str!("traceback/traceback.co"), traceback::natives),
    library(
        "typing",
        "typing.co",
        concat!(
            include_str!("typing/forms.co"),
            include_str!("typing/variables.co"),
            include_str!("typing/aliases.co"),
            include_str!("typing/generic.co"),
            include_str!("typing/classes.co"),
            include_str!("typing/hints.co"),
            include_str!("typing/names.co")
        ),
        callers::natives,
    ),
    library("uuid", "uuid.co", include_str!("uuid/uuid.co"), entropy::natives),
    library("warnings", "warnings.co", include_str!("warnings.co"), callers::natives),
    library("weakref", "weakref.co", concat!(include_str!("weakref/weakref.co"), "\n\n", include_str!("weakref/containers.co")), NONE),
];

/// What a module is made from that is written in the language itself.
pub fn find_library(name: &str) -> Option<&'static Library> {
    LIBRARIES.iter().find(|l| l.name == name)
}
