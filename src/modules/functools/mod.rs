//! `functools`: `partial`, the wrapper behind `lru_cache`, `cmp_to_key` and `reduce` are native; the rest is in
//! `functools.co`.

use super::functions;
use crate::types::generic::CLASS_GETITEM;
use crate::value::func::Builtin;
use crate::value::{ClassRef, Kind, R, Value};
use crate::vm::Vm;
use crate::vm::attr::dict_of;
use crate::vm::types::{TypeDef, add_methods, make};

pub mod cache;
pub mod key;
pub mod partial;
mod recent;

/// The names that are there when the module's text runs.
pub fn natives(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "_functools");
    let partial = class(vm, "partial", partial::TYPE);
    add_methods(&vm.interner, &partial, CLASS_GETITEM);
    let wrapper = class(vm, "_lru_cache_wrapper", cache::TYPE);
    let key = class(vm, "KeyWrapper", key::TYPE);
    if let Some(d) = key.dict().as_dict() {
        d.borrow_mut().set_name(&vm.names.hash, Value::None);
    }
    names.extend([("partial", partial.into()), ("_lru_cache_wrapper", wrapper.into()), ("_KeyWrapper", key.into())]);
    names
}

fn class(vm: &Vm, name: &str, def: TypeDef) -> ClassRef {
    let class = make(&vm.interner, name, Some(&vm.types.object), def);
    if let Some(d) = class.dict().as_dict() {
        d.borrow_mut().set_name(&vm.names.module, "functools".into());
    }
    class
}

/// `__dict__` of an object with attributes.
fn dict(_: &mut Vm, v: &Value) -> R {
    Ok(dict_of(v).map_or(Value::None, Value::Obj))
}

fn set_dict(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    vm.set_dict(v, new)
}

/// `reduce(function, iterable[, initial])`.
fn reduce(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (function, iterable) = (a[0].take(), a[1].take());
    let mut total = a[2].take();
    let iter = iterator(vm, &iterable)?;
    vm.enter()?;
    let result = fold(vm, &function, &iter, &mut total);
    vm.leave();
    result?;
    if total.is_unbound() {
        return Err(vm.type_error("reduce() of empty iterable with no initial value"));
    }
    Ok(total)
}

fn fold(vm: &mut Vm, function: &Value, iter: &Value, total: &mut Value) -> R<()> {
    while let Some(item) = vm.next(iter)? {
        *total = if total.is_unbound() { item } else { vm.call(function, &[total.take(), item])? };
        vm.tick()?;
    }
    Ok(())
}

/// The iterator of `reduce`, with its own complaint about what has none.
fn iterator(vm: &mut Vm, iterable: &Value) -> R {
    let result = vm.iter(iterable);
    let class = vm.types.type_error.clone();
    if result.is_err() && vm.abort.is_none() && vm.exc_is(&class) {
        drop(vm.take_exc());
        return Err(vm.type_error("reduce() arg 2 must support iteration"));
    }
    result
}

/// The function below partial applications.
fn unwrap_partial(v: &Value) -> Value {
    let mut found = v.clone();
    while let Some(inner) = partial::function_of(&found) {
        found = inner;
    }
    found
}

/// The function below partial applications of methods and functions: what `asyncio` looks at in a callable.
pub fn innermost_function(v: &Value) -> Value {
    let mut found = v.clone();
    while let Some(Kind::Method(m)) = found.kind() {
        found = m.func.clone();
    }
    unwrap_partial(&found)
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("reduce", "(function, iterable, initial=None, /)", reduce, "Folds the items of an iterable by a function of two arguments, from the left."),
    Builtin::new("cmp_to_key", "(mycmp)", key::cmp_to_key, "Makes a key function of a function that compares."),
    Builtin::new("_unwrap_partial", "(func, /)", |_, a, _| Ok(unwrap_partial(&a[0])), "The function below partial applications."),
];
