//! `json`: reading is in `scan`, writing in `encode`; the classes and functions that scripts see are in `json.co`.

use super::functions;
use crate::value::Value;
use crate::value::func::Builtin;
use crate::vm::Vm;

mod encode;
mod scan;

/// The names that are there when the module's text runs.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "_json");
    names.push(("__path__", Vec::new().into()));
    names
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("_scan", "(string, index, object_hook, pairs_hook, parse_float, parse_int, parse_constant, error, strict, /)", scan::scan, ""),
    Builtin::new(
        "_encode",
        "(object, default, indent, item_separator, key_separator, check_circular, ensure_ascii, sort_keys, skipkeys, allow_nan, /)",
        encode::encode,
        "",
    ),
    Builtin::new("_quote", "(string, ensure_ascii, /)", encode::quote, ""),
];
