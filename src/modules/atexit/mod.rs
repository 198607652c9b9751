//! `atexit`: the end of a program calls what was registered. The list is in the module's own namespace (`atexit.co`).

use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::import::module_dict;

/// Calls what was registered, the last one first; one that fails is reported, and the others follow. What these calls
/// register themselves comes too late, as in CPython.
pub fn run(vm: &mut Vm) {
    vm.run_finalizers();
    let Some(entries) = entries(vm) else { return };
    let Some(Kind::List(entries)) = entries.kind() else { return };
    let count = entries.borrow().len();
    for place in (0..count).rev() {
        if vm.abort.is_some() {
            return;
        }
        let Some(entry) = entries.borrow().get(place).cloned() else { continue };
        let Some([func, args, kwargs]) = entry.as_tuple() else { continue };
        if call(vm, func, args, kwargs).is_err() {
            vm.report_unraisable(func);
        }
        vm.run_finalizers();
    }
}

fn entries(vm: &Vm) -> Option<Value> {
    let module = vm.modules.as_dict()?.borrow().get_text("atexit").cloned()?;
    module_dict(&module)?.as_dict()?.borrow().get_text("_entries").cloned()
}

fn call(vm: &mut Vm, func: &Value, args: &Value, kwargs: &Value) -> R {
    let keywords = crate::types::object::keyword_pairs(kwargs.obj().cloned());
    vm.call_with(func, args.as_tuple().unwrap_or_default(), &keywords)
}
