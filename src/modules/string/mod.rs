//! `string`: what `Formatter` needs to know about templates. The rest is in `string.co`.

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
    Builtin::new("_pieces", "(template, /)", pieces, "The pieces of a template, and what is wrong behind them."),
    Builtin::new("_path", "(field_name, /)", path, "The argument that a field begins with, the steps from there, and what is wrong behind them."),
];

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
