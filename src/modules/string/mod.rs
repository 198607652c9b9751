//! `string`: where something is to be filled in in templates, with `$names` and with braces. The rest is in `string.co`.

use super::functions;
use crate::pure::brace::{First, Numbering, Piece, Step, Template};
use crate::value::func::Builtin;
use crate::value::{Obj, R, Value};
use crate::vm::Vm;

/// The names that the module's text begins with.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    functions(FUNCTIONS, "_string")
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("_scan", "(text, delimiter, /)", scan, "Where the usual pattern of templates finds something."),
    Builtin::new("_pieces", "(template, /)", pieces, "The pieces of a template, and what is wrong behind them."),
    Builtin::new("_path", "(field_name, /)", path, "The argument that a field begins with, the steps from there, and what is wrong behind them."),
];

/// Where a text has a delimiter, and what follows it: the start and the end in characters, the kind of place, and the name,
/// or for an invalid place where the complaint points.
fn scan(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (text, delimiter) = (text(vm, &a[0])?, text(vm, &a[1])?);
    let (mut places, mut done, mut chars) = (Vec::<Value>::new(), 0, 0_usize);
    if delimiter.is_empty() {
        return Ok(places.into());
    }
    while let Some(found) = text.get(done..).and_then(|rest| rest.find(delimiter)) {
        let before = text.get(done..done + found).unwrap_or_default();
        let rest = text.get(done + found + delimiter.len()..).unwrap_or_default();
        let start = chars + before.chars().count();
        let behind = start + delimiter.chars().count();
        let (kind, name, len) = place(rest, delimiter);
        // Only the delimiter may be anything but ASCII.
        let end = if kind == "escaped" { behind + delimiter.chars().count() } else { behind + len };
        let name = if kind == "invalid" { behind.into() } else { name.map_or(Value::None, Value::from) };
        places.push(Obj::tuple([start.into(), end.into(), kind.into(), name]).into());
        (done, chars) = (done + found + delimiter.len() + len, end);
    }
    Ok(places.into())
}

/// What stands behind a delimiter: the kind of place, the name and the bytes it takes.
fn place<'a>(rest: &'a str, delimiter: &str) -> (&'static str, Option<&'a str>, usize) {
    if rest.starts_with(delimiter) {
        return ("escaped", None, delimiter.len());
    }
    let name = name(rest);
    if !name.is_empty() {
        return ("named", Some(name), name.len());
    }
    let inner = rest.strip_prefix('{').map(self::name).unwrap_or_default();
    let is_closed = rest.get(inner.len() + 1..).is_some_and(|after| after.starts_with('}'));
    if !inner.is_empty() && is_closed { ("named", Some(inner), inner.len() + 2) } else { ("invalid", None, 0) }
}

/// The ASCII identifier that a text begins with.
fn name(text: &str) -> &str {
    let is_part = |(i, c): (usize, char)| c == '_' || c.is_ascii_alphabetic() || (i > 0 && c.is_ascii_digit());
    let end = text.char_indices().find(|part| !is_part(*part)).map_or(text.len(), |(i, _)| i);
    text.get(..end).unwrap_or_default()
}

fn text<'a>(vm: &mut Vm, v: &'a Value) -> R<&'a str> {
    match v.as_str() {
        Some(text) => Ok(text),
        None => {
            let text = format!("expected str, got {}", vm.class_name(v));
            Err(vm.type_error(&text))
        }
    }
}

/// Literal text, and the name, specification and conversion of the field behind it; `None` for what is not there.
fn pieces(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut pieces: Vec<Value> = Vec::new();
    let (mut literal, mut fault) = (None, Value::None);
    let piece = |parts: [Value; 4]| Value::Obj(Obj::tuple(parts));
    let alone = |literal: &str| piece([literal.into(), Value::None, Value::None, Value::None]);
    for part in Template::new(text(vm, &a[0])?) {
        match part {
            Ok(Piece::Literal(text)) => pieces.extend(literal.replace(text).map(alone)),
            Ok(Piece::Field(field)) => {
                let conversion = field.conversion.map_or(Value::None, |c| vm.char_str(c));
                pieces.push(piece([literal.take().unwrap_or_default().into(), field.name.into(), field.spec.into(), conversion]));
            }
            Err(error) => {
                // Text before a faulty field is not given.
                literal = None;
                fault = error.message.into();
            }
        }
    }
    pieces.extend(literal.map(alone));
    Ok(Obj::tuple([pieces.into(), fault]).into())
}

fn path(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = text(vm, &a[0])?;
    let resolved = Numbering::default().resolve(name);
    let path = vm.formatted(resolved)?;
    let first = match path.first {
        _ if name.is_empty() || name.starts_with(['.', '[']) => "".into(),
        First::Index(i) => i.into(),
        First::Name(name) => name.into(),
    };
    let steps = path.steps.iter().map(|step| match step {
        Step::Attribute(name) => Obj::tuple([Value::True, (*name).into()]).into(),
        Step::Index(i) => Obj::tuple([Value::False, (*i).into()]).into(),
        Step::Key(key) => Obj::tuple([Value::False, (*key).into()]).into(),
    });
    let fault = path.fault.map_or(Value::None, |fault| fault.message.into());
    Ok(Obj::tuple([first, steps.collect::<Vec<Value>>().into(), fault]).into())
}
