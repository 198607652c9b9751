//! Which loop is current: the default policy, whose state stands in the event loop, or a policy that a script set.

use super::ensure;
use super::event_loop::Loop;
use crate::value::func::Builtin;
use crate::value::{R, Ref, Value};
use crate::vm::Vm;

/// The functions of the module.
pub const FUNCTIONS: &[Builtin] = &[
    Builtin::new("get_event_loop", "()", get, "The loop that runs or is set."),
    Builtin::new("new_event_loop", "()", |vm, _, _| new_loop(vm).map(Value::Obj), "Makes a loop."),
    Builtin::new("set_event_loop", "(loop, /)", set, "Sets the loop that `get_event_loop` gives."),
];

/// Functions that only `library.co` sees: what the default policy does.
pub const FOR_LIBRARY: &[Builtin] = &[
    Builtin::new("_get_loop", "()", |vm, _, _| ensure::current_loop(vm).map(Value::Obj), "The loop that is set."),
    Builtin::new("_set_loop", "(loop, /)", set_plainly, "Sets the loop."),
    Builtin::new("_set_policy", "(policy, /)", set_policy, "Sets a script's policy; None for the default one."),
];

/// The policy that a script set.
fn of_script(vm: &Vm) -> Option<Value> {
    vm.event_loop.policy.given().cloned()
}

fn call(vm: &mut Vm, policy: &Value, method: &str, args: &[Value]) -> R {
    let name = vm.name_of(method);
    vm.call_method(policy, &name, args)
}

fn make(vm: &mut Vm) -> Ref {
    super::classes::get(vm);
    let made = vm.event_loop.new_loop(None);
    let _ = crate::modules::callers::ask(vm, "logging", "_tell_selector", &[]);
    made
}

/// A loop from a policy's answer.
fn expect_loop(vm: &mut Vm, v: &Value) -> R<Ref> {
    match v.obj().filter(|o| o.downcast::<Loop>().is_some()) {
        Some(o) => Ok(o.clone()),
        None => {
            let text = format!("corun needs event loops of its own, not '{}'", vm.class_name(v));
            Err(vm.type_error(&text))
        }
    }
}

/// Makes a loop as the policy says.
pub fn new_loop(vm: &mut Vm) -> R<Ref> {
    let Some(policy) = of_script(vm) else { return Ok(make(vm)) };
    let made = call(vm, &policy, "new_event_loop", &[])?;
    expect_loop(vm, &made)
}

/// Makes a loop the current one, or none.
pub fn set_current(vm: &mut Vm, loop_ref: Option<&Ref>) -> R<()> {
    if let Some(policy) = of_script(vm) {
        let given = loop_ref.map_or(Value::None, |l| l.clone().into());
        return call(vm, &policy, "set_event_loop", &[given]).map(drop);
    }
    vm.event_loop.policy_set = true;
    vm.event_loop.policy_loop = loop_ref.cloned();
    Ok(())
}

/// The loop that is current while none runs.
pub fn current(vm: &mut Vm) -> R<Ref> {
    let Some(policy) = of_script(vm) else { return ensure::current_loop(vm) };
    let given = call(vm, &policy, "get_event_loop", &[])?;
    expect_loop(vm, &given)
}

fn get(vm: &mut Vm, _a: &mut [Value], _n: usize) -> R {
    match vm.event_loop.running.clone() {
        Some(l) => Ok(l.into()),
        None => current(vm).map(Value::Obj),
    }
}

fn set(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    match of_script(vm) {
        Some(policy) => call(vm, &policy, "set_event_loop", &[a[0].clone()]),
        None => set_plainly(vm, a, n),
    }
}

fn set_plainly(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if let Some(given) = a[0].some().filter(|v| v.obj().is_none_or(|o| o.downcast::<Loop>().is_none())) {
        let text = format!("loop must be an instance of AbstractEventLoop or None, not '{}'", vm.class_name(given));
        return Err(vm.type_error(&text));
    }
    vm.event_loop.policy_set = true;
    vm.event_loop.policy_loop = a[0].some().and_then(Value::obj).cloned();
    Ok(Value::None)
}

fn set_policy(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let policy = a[0].some().cloned().unwrap_or_default();
    let old = std::mem::replace(&mut vm.event_loop.policy, policy);
    drop(old);
    Ok(Value::None)
}
