//! `re`: patterns and matches over `pure::regex`. The functions, the flags and `re.error` are in `re.co`.

use super::functions;
use crate::pure::regex::Error;
use crate::value::func::Builtin;
use crate::value::{R, Thrown, Value};
use crate::vm::Vm;

mod matched;
mod pattern;
mod subject;

/// The names that are there when the module's text runs.
pub fn natives(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "re");
    names.extend([("Pattern", pattern::make_class(vm).into()), ("Match", matched::make_class(vm).into())]);
    names
}

/// Raises what is wrong with a pattern or a template.
fn raise(vm: &mut Vm, class: &Value, source: &Value, error: Error) -> Thrown {
    let (message, at) = match error {
        Error::Pattern(message, at) => (message, at),
        Error::TooLarge(text) => return vm.overflow_error(&text),
        Error::Flags(text) => return vm.value_error(text),
        Error::UnknownName(name) => return vm.index_error(&format!("unknown group name {}", crate::pure::repr::repr_str(&name))),
        Error::TooDeep => return vm.too_deep(""),
    };
    match vm.call(class, &[message.into(), source.clone(), at.map_or(Value::None, Value::from)]) {
        Ok(Value::Obj(exc)) => vm.raise(exc),
        _ => Thrown,
    }
}

fn refuse(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = a[0].to_class().map_or_else(Default::default, |c| vm.type_name(&c));
    Err(vm.type_error(&format!("cannot create '{name}' instances")))
}

/// Only `compile` and searches make patterns and matches.
static REFUSED: Builtin = Builtin::new("refused", "(cls, *args, **kwargs)", refuse, "");

const FUNCTIONS: &[Builtin] = &[Builtin::new("_compile", "(pattern_class, match_class, error, pattern, flags, /)", pattern::compile, "")];
