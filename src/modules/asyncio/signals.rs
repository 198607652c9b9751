//! `add_signal_handler` and `remove_signal_handler` of loops, and what `signal` needs to raise signals.

use super::classes::this;
use super::event_loop::{Loop, check_closed};
use super::handle::Handle;
use super::{ensure, task};
use crate::event_loop::interrupt::SIGINT;
use crate::event_loop::{Ready, context, signals, thread_loop};
use crate::value::func::Builtin;
use crate::value::{Obj, R, Ref, Value};
use crate::vm::Vm;

/// Signals that no process can handle.
const UNCATCHABLE: &[i32] = &[9, 19];
/// Signals that tell of a fault of the process itself.
const FAULTS: &[i32] = &[4, 8, 11];

/// What the module `signal` has besides its text.
pub fn natives(_vm: &mut Vm) -> Vec<(&'static str, Value)> {
    static RAISE: Builtin = Builtin::new("raise_signal", "(signalnum, /)", raise_signal, "Sends a signal to this process.");
    vec![("raise_signal", crate::modules::function(&RAISE, "_signal"))]
}

fn signal_number(vm: &mut Vm, v: &Value) -> R<i32> {
    if !vm.is_instance(v, &vm.types.int) {
        let text = format!("sig must be an int, not {}", vm.repr(v)?);
        return Err(vm.type_error(&text));
    }
    let number = vm.index_i64(v)?;
    match i32::try_from(number).ok().filter(|n| (1..64).contains(n) && !matches!(n, 32 | 33)) {
        Some(n) => Ok(n),
        None => Err(vm.value_error(&format!("invalid signal number {number}"))),
    }
}

/// `add_signal_handler`.
pub fn add(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if ensure::is_coroutine(&a[2]) || task::is_coroutine_function(&a[2]) {
        return Err(vm.type_error("coroutines cannot be used with add_signal_handler()"));
    }
    let number = signal_number(vm, &a[1].clone())?;
    check_closed(vm, this::<Loop>(&a[0]))?;
    let id = this::<Loop>(&a[0]).id;
    if thread_loop::is_on_thread(vm) {
        return Err(vm.runtime_error("set_wakeup_fd only works in main thread of the main interpreter"));
    }
    if FAULTS.contains(&number) {
        let class = vm.types.not_implemented_error.clone();
        return Err(vm.raise_new(&class, &format!("corun does not support handlers of signal {number} (loop.add_signal_handler)")));
    }
    let args = a[3..n].iter_mut().map(Value::take).collect();
    let handle = Obj::native(Handle::new(a[2].take(), args, context::copy(vm), id, None));
    if UNCATCHABLE.contains(&number) || !signals::set_handler(vm, number, id, handle) {
        return Err(vm.runtime_error(&format!("sig {number} cannot be caught")));
    }
    Ok(Value::None)
}

/// `remove_signal_handler`.
pub fn remove(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let number = signal_number(vm, &a[1].clone())?;
    let id = this::<Loop>(&a[0]).id;
    Ok(signals::forget_handler(vm, number, id).into())
}

/// What queues the handler of a signal a tick later, as the reader of asyncio's own pipe does.
pub fn relay(handle: Ref, loop_id: u32) -> Ref {
    static RELAY: Builtin = Builtin::new("_handle_signal", "(handle, /)", hand_over, "Queues a signal's handler.");
    Obj::native(Handle::new(super::function(&RELAY), Box::new([handle.into()]), Value::Unbound, loop_id, None))
}

fn hand_over(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if let Some(handle) = a[0].obj().filter(|o| o.downcast::<Handle>().is_some_and(|h| !h.is_cancelled())) {
        let active = vm.event_loop.active;
        vm.event_loop.enqueue(active, Ready::Handle(handle.clone()));
    }
    Ok(Value::None)
}

fn raise_signal(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let number = i32::try_from(vm.index_i64(&a[0].clone())?).unwrap_or(-1);
    if number == 0 {
        return Ok(Value::None);
    }
    if !(1..64).contains(&number) {
        return Err(vm.raise_io_error(&std::io::Error::from_raw_os_error(22), None));
    }
    if vm.note_signal(number) || (number == SIGINT && vm.interrupt_loop()) {
        return Ok(Value::None);
    }
    let class = vm.types.keyboard_interrupt.clone();
    Err(vm.raise_new(&class, ""))
}
