//! The functions of `builtins`.

use crate::value::Value;
use crate::vm::Vm;

pub mod attributes;
mod code;
mod iteration;
mod numbers;
mod output;
pub mod site;

/// Adds the functions to the namespace of `builtins`.
pub fn install(vm: &mut Vm) {
    let tables = [attributes::FUNCTIONS, code::FUNCTIONS, iteration::FUNCTIONS, numbers::FUNCTIONS, output::FUNCTIONS];
    let mut names: Vec<(&'static str, Value)> = tables.into_iter().flat_map(|t| super::functions(t, "")).collect();
    names.extend([("NotImplemented", vm.not_implemented.clone()), ("Ellipsis", vm.ellipsis.clone()), ("__debug__", Value::True)]);
    names.extend([("None", Value::None), ("False", Value::False), ("True", Value::True)]);
    names.extend(site::objects(vm));
    let module = crate::types::module::make_module_in(vm, "builtins", Value::None, vm.builtins.clone());
    let Some(dict) = vm.builtins.as_dict() else { return };
    for (name, value) in names {
        let name = vm.interner.intern(name);
        dict.borrow_mut().set_name(&name, value);
    }
    if let Some(modules) = vm.modules.as_dict() {
        modules.borrow_mut().set_name(&vm.interner.intern("builtins"), module.into());
    }
}
