//! `gc`: the cycle collector, as far as scripts may ask.

use super::functions;
use crate::value::func::Builtin;
use crate::value::{Obj, R, Value, heap};
use crate::vm::Vm;

/// The names of the module.
pub fn namespace(_: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "gc");
    let flags = [("DEBUG_STATS", 1), ("DEBUG_COLLECTABLE", 2), ("DEBUG_UNCOLLECTABLE", 4), ("DEBUG_SAVEALL", 32), ("DEBUG_LEAK", 38)];
    names.extend(flags.map(|(name, bits)| (name, Value::Int(bits))));
    names.extend([("garbage", Vec::new().into()), ("callbacks", Vec::new().into())]);
    names
}

fn collect(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(v) = a[0].given() {
        let generation = vm.c_int_arg(&v.clone())?;
        if !(0..3).contains(&generation) {
            return Err(vm.value_error("invalid generation"));
        }
    }
    vm.run_finalizers();
    let count = vm.collect_garbage();
    vm.run_finalizers();
    Ok(count.into())
}

fn enable(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    vm.collects = true;
    Ok(Value::None)
}

fn disable(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    vm.collects = false;
    Ok(Value::None)
}

fn isenabled(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(vm.collects.into())
}

fn three(numbers: [i64; 3]) -> Value {
    Obj::tuple(numbers.map(Value::Int)).into()
}

fn get_count(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(three([heap::tracked_count() as i64, 0, 0]))
}

fn get_threshold(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(three(vm.gc_threshold))
}

fn set_threshold(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    for (place, arg) in a.iter().take(3).enumerate() {
        if let Some(v) = arg.given() {
            let number = i64::from(vm.c_int_arg(&v.clone())?);
            if let Some(slot) = vm.gc_threshold.get_mut(place) {
                *slot = number;
            }
        }
    }
    Ok(Value::None)
}

fn is_tracked(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(a[0].obj().is_some_and(|o| o.head.gc.get() != 0).into())
}

fn nothing(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::None)
}

fn zero(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::Int(0))
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("collect", "(generation=2)", collect, "Run the garbage collector."),
    Builtin::new("enable", "()", enable, "Enable automatic garbage collection."),
    Builtin::new("disable", "()", disable, "Disable automatic garbage collection."),
    Builtin::new("isenabled", "()", isenabled, "Returns true if automatic garbage collection is enabled."),
    Builtin::new("get_count", "()", get_count, "Return a three-tuple of the current collection counts."),
    Builtin::new("get_threshold", "()", get_threshold, "Return the current collection thresholds."),
    Builtin::new("set_threshold", "(threshold0, threshold1=10, threshold2=10, /)", set_threshold, "Sets the collection thresholds."),
    Builtin::new("is_tracked", "(obj, /)", is_tracked, "Returns true if the object is tracked by the garbage collector."),
    Builtin::new("get_debug", "()", zero, "Get the garbage collection debugging flags."),
    Builtin::new("set_debug", "(flags, /)", nothing, "Set the garbage collection debugging flags."),
    Builtin::new("freeze", "()", nothing, "Freeze all current tracked objects and ignore them for future collections."),
    Builtin::new("unfreeze", "()", nothing, "Unfreeze all objects in the permanent generation."),
    Builtin::new("get_freeze_count", "()", zero, "Return the number of objects in the permanent generation."),
];
