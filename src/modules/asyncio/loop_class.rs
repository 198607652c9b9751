//! Classes of event loops: making a loop of corun's own class or of a script's subclass of it. A script's class may add to
//! a loop; it is refused where it has its own version of what corun's loop does by itself, since nobody would call it.

use super::classes;
use super::event_loop::METHODS;
use crate::value::func::Builtin;
use crate::value::{ClassRef, R, Value};
use crate::vm::Vm;

/// What makes loops.
pub const MAKING: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Makes a loop."),
    Builtin::new("__init__", "(self, selector=None)", |_, _, _| Ok(Value::None), "Nothing is left to do."),
];

/// Names by which the loops of CPython work inside.
const INSIDE: &[&str] = &["_run_once", "_call_soon", "_process_events", "_timer_handle_cancelled", "_add_callback"];

fn new(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let exact = classes::get(vm).event_loop.clone();
    let class = a[0].to_class().filter(|c| !c.is(&exact));
    if let Some(class) = &class
        && let Some(name) = replaced(class, &exact)
    {
        let text = format!("corun does not support event loops with a '{name}' of their own (class '{}')", class.name());
        let error = vm.types.not_implemented_error.clone();
        return Err(vm.raise_with(&error, vec![text.into()], &[]));
    }
    Ok(vm.event_loop.new_loop(class).into())
}

/// What a script's class does in its own way that corun's loop would do without asking it.
fn replaced(class: &ClassRef, exact: &ClassRef) -> Option<String> {
    let own = class.mro_with_self().into_iter().take_while(|c| !c.is(exact));
    let names =
        own.flat_map(|c| c.dict().as_dict().map(|d| d.borrow().iter().filter_map(|e| e.key.as_str().map(str::to_owned)).collect()).unwrap_or_else(Vec::new));
    names.into_iter().find(|n| INSIDE.contains(&n.as_str()) || METHODS.iter().any(|m| m.name == n && !n.starts_with("__")))
}
