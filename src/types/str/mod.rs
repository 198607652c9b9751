//! `str`. The methods stand here in one table; the functions are in `search` (finding, splitting, joining), `shape`
//! (case, padding, stripping, claims) and `codec` (bytes and back).

pub mod codec;
mod search;
mod shape;

pub use search::{bounds, check_count};

use crate::pure::format_value::format_str;
use crate::types::object::kwargs_of;
use crate::types::{make, rows};
use crate::value::class::Solid;
use crate::value::dict::Dict;
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

static NEW: Builtin = Builtin::new("str", "(object='', encoding='utf-8', errors='strict')", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if a[1].is_unbound() && a[2].is_unbound() {
        return match a[0].given() {
            None => Ok(vm.empty_str.clone()),
            Some(v) => vm.str_value(v),
        };
    }
    let encoding = codec::name_arg(vm, &a[1], "str", "encoding", "utf-8")?;
    let errors = codec::name_arg(vm, &a[2], "str", "errors", "strict")?;
    let bytes = match a[0].native_kind() {
        None if a[0].is_unbound() => return Ok(vm.empty_str.clone()),
        Some(Kind::Bytes(b)) => b.to_vec(),
        Some(Kind::ByteArray(b)) => b.borrow().clone(),
        Some(Kind::Str(_)) => return Err(vm.type_error("decoding str is not supported")),
        Some(Kind::Native(_)) if crate::types::bytes::bytes_of(&a[0]).is_some() => crate::types::bytes::bytes_of(&a[0]).unwrap_or_default(),
        _ => {
            let text = format!("decoding to str: need a bytes-like object, {} found", vm.class_name(&a[0]));
            return Err(vm.type_error(&text));
        }
    };
    codec::decode(vm, &bytes, &encoding, &errors)
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.str.clone();
    make::new_from_call(vm, a, n, &owner)
}

/// The receiver's text.
fn text(a: &[Value]) -> &str {
    a.first().and_then(Value::as_str).unwrap_or_default()
}

fn itself(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(a[0].native().clone())
}

fn add(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(vm.concat(&a[0], &a[1])?.unwrap_or_default())
}

fn mul(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.repeat(&a[0], &a[1])
}

fn percent(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.percent_str(text(a), &a[1])
}

fn rpercent(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match a[1].as_str() {
        Some(template) => vm.percent_str(template, &a[0]),
        None => Ok(vm.not_implemented.clone()),
    }
}

fn format_spec(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let spec = make::str_arg(vm, &a[1], "__format__() argument")?;
    if spec.is_empty() {
        return vm.str_value(&a[0]);
    }
    let formatted = format_str(text(a), spec);
    vm.formatted(formatted).map(Value::from)
}

fn format(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let named = kwargs_of(a, n, 1).unwrap_or_else(|| Obj::dict(Dict::new()));
    let template = a[0].native().clone();
    let args = a.get(1..n).unwrap_or_default();
    vm.format_template(template.as_str().unwrap_or_default(), Some(args), &named.into()).map(Value::from)
}

fn format_map(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.format_template(text(a), None, &a[1]).map(Value::from)
}

fn getnewargs(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::tuple([a[0].native().clone()]).into())
}

fn sizeof(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::Int(49 + text(a).len() as i64))
}

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, ""),
    Builtin::new("__repr__", "(self, /)", make::repr, ""),
    Builtin::new("__str__", "(self, /)", itself, ""),
    Builtin::new("__hash__", "(self, /)", rows::hash, ""),
    Builtin::new("__len__", "(self, /)", rows::len, ""),
    Builtin::new("__iter__", "(self, /)", rows::iter, ""),
    Builtin::new("__contains__", "(self, key, /)", rows::contains, ""),
    Builtin::new("__getitem__", "(self, key, /)", rows::getitem, ""),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, ""),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, ""),
    Builtin::new("__lt__", "(self, value, /)", rows::lt, ""),
    Builtin::new("__le__", "(self, value, /)", rows::le, ""),
    Builtin::new("__gt__", "(self, value, /)", rows::gt, ""),
    Builtin::new("__ge__", "(self, value, /)", rows::ge, ""),
    Builtin::new("__add__", "(self, value, /)", add, ""),
    Builtin::new("__mul__", "(self, value, /)", mul, ""),
    Builtin::new("__rmul__", "(self, value, /)", mul, ""),
    Builtin::new("__mod__", "(self, value, /)", percent, ""),
    Builtin::new("__rmod__", "(self, value, /)", rpercent, ""),
    Builtin::new("__format__", "(self, format_spec, /)", format_spec, ""),
    Builtin::new("__getnewargs__", "(self, /)", getnewargs, ""),
    Builtin::new("__sizeof__", "(self, /)", sizeof, ""),
    Builtin::new("format", "(self, *args, **kwargs)", format, "Fills the fields of the template."),
    Builtin::new("format_map", "(self, mapping, /)", format_map, "Fills the fields of the template from a mapping."),
    Builtin::new("join", "(self, iterable, /)", search::join, "Joins strings with the text between them."),
    Builtin::new("split", "(self, /, sep=None, maxsplit=-1)", search::split, "The parts between separators."),
    Builtin::new("rsplit", "(self, /, sep=None, maxsplit=-1)", search::rsplit, "The parts between separators, counted from the end."),
    Builtin::new("splitlines", "(self, /, keepends=False)", search::splitlines, "The lines."),
    Builtin::new("partition", "(self, sep, /)", search::partition, "The parts before and after the first separator, and it between them."),
    Builtin::new("rpartition", "(self, sep, /)", search::rpartition, "The parts before and after the last separator, and it between them."),
    Builtin::new("replace", "(self, old, new, count=-1, /)", search::replace, "A copy with one text replaced by another."),
    Builtin::new("find", "(self, *args)", search::find, "The first position of a text, or -1."),
    Builtin::new("rfind", "(self, *args)", search::rfind, "The last position of a text, or -1."),
    Builtin::new("index", "(self, *args)", search::index, "The first position of a text; an error if there is none."),
    Builtin::new("rindex", "(self, *args)", search::rindex, "The last position of a text; an error if there is none."),
    Builtin::new("count", "(self, *args)", search::count, "How often a text occurs, without overlaps."),
    Builtin::new("startswith", "(self, *args)", search::startswith, "Whether it begins with a text or one of several."),
    Builtin::new("endswith", "(self, *args)", search::endswith, "Whether it ends with a text or one of several."),
    Builtin::new("removeprefix", "(self, prefix, /)", search::removeprefix, "A copy without the prefix."),
    Builtin::new("removesuffix", "(self, suffix, /)", search::removesuffix, "A copy without the suffix."),
    Builtin::new("translate", "(self, table, /)", search::translate, "A copy with each character looked up in a table."),
    Builtin::new("maketrans", "(x, y=None, z=None, /)", search::maketrans, "A table for translate."),
    Builtin::new("strip", "(self, chars=None, /)", shape::strip, "A copy without white space, or the characters given, at both ends."),
    Builtin::new("lstrip", "(self, chars=None, /)", shape::lstrip, "A copy without white space at the beginning."),
    Builtin::new("rstrip", "(self, chars=None, /)", shape::rstrip, "A copy without white space at the end."),
    Builtin::new("upper", "(self, /)", shape::upper, "A copy in upper case."),
    Builtin::new("lower", "(self, /)", shape::lower, "A copy in lower case."),
    Builtin::new("capitalize", "(self, /)", shape::capitalize, "A copy whose first character is in upper case, the rest in lower case."),
    Builtin::new("title", "(self, /)", shape::title, "A copy in which each word begins in upper case."),
    Builtin::new("swapcase", "(self, /)", shape::swapcase, "A copy with upper and lower case exchanged."),
    Builtin::new("casefold", "(self, /)", shape::casefold, "A copy for comparisons that ignore case."),
    Builtin::new("center", "(self, width, fillchar=' ', /)", shape::center, "A copy in the middle of so many columns."),
    Builtin::new("ljust", "(self, width, fillchar=' ', /)", shape::ljust, "A copy at the left of so many columns."),
    Builtin::new("rjust", "(self, width, fillchar=' ', /)", shape::rjust, "A copy at the right of so many columns."),
    Builtin::new("zfill", "(self, width, /)", shape::zfill, "A copy with zeros in front."),
    Builtin::new("expandtabs", "(self, /, tabsize=8)", shape::expandtabs, "A copy with tabs turned into spaces."),
    Builtin::new("isalnum", "(self, /)", shape::isalnum, "Whether all are letters or digits."),
    Builtin::new("isalpha", "(self, /)", shape::isalpha, "Whether all are letters."),
    Builtin::new("isascii", "(self, /)", shape::isascii, "Whether all are ASCII."),
    Builtin::new("isdecimal", "(self, /)", shape::isdecimal, "Whether all are decimal digits."),
    Builtin::new("isdigit", "(self, /)", shape::isdigit, "Whether all are digits."),
    Builtin::new("isidentifier", "(self, /)", shape::isidentifier, "Whether it could be a name."),
    Builtin::new("islower", "(self, /)", shape::islower, "Whether all letters are in lower case."),
    Builtin::new("isnumeric", "(self, /)", shape::isnumeric, "Whether all are numeric."),
    Builtin::new("isprintable", "(self, /)", shape::isprintable, "Whether all are printable."),
    Builtin::new("isspace", "(self, /)", shape::isspace, "Whether all are white space."),
    Builtin::new("istitle", "(self, /)", shape::istitle, "Whether each word begins in upper case."),
    Builtin::new("isupper", "(self, /)", shape::isupper, "Whether all letters are in upper case."),
    Builtin::new("encode", "(self, /, encoding='utf-8', errors='strict')", codec::encode_method, "The text as bytes."),
];

/// The class `str`.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: &[],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nCreate a new string object from the given object.",
};
