//! The lines that name an exception, exactly as CPython prints them: its type and message, hints, notes.

use super::suggest::suggest;
use crate::types::exception::field;
use crate::value::{Kind, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::errors::{exc_class, exc_data};

/// The qualified type of an exception with its message and "Did you mean" hint: what CPython's traceback ends with.
pub fn headline(vm: &mut Vm, exc: &Ref) -> String {
    let mut line = type_name(vm, exc);
    match message(vm, exc) {
        None => line.push_str(": <exception str() failed>"),
        Some(text) if !text.is_empty() => {
            line.push_str(": ");
            line.push_str(&text);
        }
        Some(_) => {}
    }
    if let Some(name) = hint(vm, exc) {
        line.push_str(". Did you mean: '");
        line.push_str(&name);
        line.push_str("'?");
    }
    line
}

/// The class with its module, which is left out for `builtins` and `__main__`.
pub(super) fn type_name(vm: &mut Vm, exc: &Ref) -> String {
    let class = exc_class(exc).clone();
    let module_name = vm.names.module.clone();
    let module = vm.get_attr(&(&class).into(), &module_name);
    let module = quiet(vm, module);
    match module.as_ref().and_then(Value::as_str) {
        Some("builtins" | "__main__") => class.qualname().to_string(),
        Some(module) => format!("{module}.{}", class.qualname()),
        None => format!("<unknown>.{}", class.qualname()),
    }
}

/// The message; nothing if the script's own `__str__` failed.
fn message(vm: &mut Vm, exc: &Ref) -> Option<String> {
    let value = Value::Obj(exc.clone());
    if exc_class(exc).is_subclass_of(&vm.types.syntax_error)
        && let Some(text) = field(vm, &value, "msg").filter(|_| field_is_some(vm, &value, "filename"))
    {
        let text = vm.str(&text);
        return quiet(vm, text);
    }
    let text = vm.str(&value);
    quiet(vm, text)
}

fn field_is_some(vm: &mut Vm, exc: &Value, name: &str) -> bool {
    field(vm, exc, name).is_some_and(|v| v.some().is_some())
}

/// A result whose failure nobody wants to hear of.
pub(super) fn quiet<T>(vm: &mut Vm, result: R<T>) -> Option<T> {
    if result.is_err() {
        vm.signal = None;
        vm.exc = None;
        vm.spot = None;
    }
    result.ok()
}

/// The notes of an exception, a line each.
pub(super) fn notes(vm: &mut Vm, exc: &Ref) -> Vec<String> {
    let value = Value::Obj(exc.clone());
    let name = vm.names.notes.clone();
    let found = vm.get_attr_opt(&value, &name);
    let Some(Some(notes)) = quiet(vm, found) else { return Vec::new() };
    if notes.is_none() {
        return Vec::new();
    }
    let is_sequence = matches!(notes.native_kind(), Some(Kind::List(_) | Kind::Tuple(_) | Kind::Str(_)));
    if !is_sequence {
        let text = vm.repr(&notes);
        return vec![quiet(vm, text).unwrap_or_else(|| "<__notes__ repr() failed>".to_owned())];
    }
    let items = vm.collect(&notes);
    let items = quiet(vm, items).unwrap_or_default();
    let mut lines = Vec::new();
    for item in items {
        let text = vm.str(&item);
        let text = quiet(vm, text).unwrap_or_else(|| "<note str() failed>".to_owned());
        lines.extend(text.strip_suffix('\n').unwrap_or(&text).split('\n').map(str::to_owned));
    }
    lines
}

/// The name that was probably meant, for missing names and attributes.
fn hint(vm: &mut Vm, exc: &Ref) -> Option<String> {
    let class = exc_class(exc).clone();
    let value = Value::Obj(exc.clone());
    let types = vm.types.clone();
    if class.is(&types.attribute_error) {
        let name = field(vm, &value, "name")?.as_str()?.to_owned();
        let obj = field(vm, &value, "obj")?;
        let names = dir(vm, &obj)?;
        return pick(&name, &names);
    }
    if !class.is(&types.name_error) {
        return None;
    }
    let name = field(vm, &value, "name")?.as_str()?.to_owned();
    let entry = exc_data(exc).trace.borrow().first().cloned()?;
    let code = entry.code;
    let is_cell_only = |i: usize| code.cells.get(i).copied().unwrap_or_default() && i >= parameters(&code.params);
    let locals: Vec<String> = code.locals.iter().enumerate().filter(|(i, _)| !is_cell_only(*i)).map(|(_, n)| n.text().to_owned()).collect();
    pick(&name, &locals).or_else(|| pick(&name, &keys(&code.globals))).or_else(|| pick(&name, &keys(&vm.builtins)))
}

fn parameters(params: &crate::value::func::Params) -> usize {
    params.positional + params.keyword_only + usize::from(params.varargs) + usize::from(params.kwargs)
}

fn pick(name: &str, names: &[String]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    suggest(name, &names).map(str::to_owned)
}

fn keys(namespace: &Ref) -> Vec<String> {
    namespace.as_dict().map(|d| d.borrow().iter().filter_map(|e| e.key.as_str().map(str::to_owned)).collect()).unwrap_or_default()
}

/// What `dir` gives.
fn dir(vm: &mut Vm, obj: &Value) -> Option<Vec<String>> {
    let name = vm.names.dir.clone();
    let names = match vm.call_special(obj, &name, &[]) {
        Ok(Some(names)) => vm.collect(&names),
        Ok(None) => return None,
        Err(t) => Err(t),
    };
    let names = quiet(vm, names)?;
    let mut names = names.iter().map(|n| n.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
    names.sort();
    Some(names)
}
