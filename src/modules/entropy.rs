//! The host's entropy and wall clock, for the modules written in the language itself that need them (`os`, `secrets`, `uuid`).

use super::functions;
use crate::value::func::Builtin;
use crate::value::{Obj, R, Value};
use crate::vm::Vm;

/// The names that are there when a module's text runs.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    functions(FUNCTIONS, "os")
}

/// So many bytes of the host's entropy, which follows from the seed on the virtual clock.
pub fn entropy(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let count = vm.ssize_arg(&a[0].clone())?;
    let Ok(count) = usize::try_from(count) else { return Err(vm.value_error("negative argument not allowed")) };
    vm.check_size::<u8>(count, 1)?;
    let mut bytes = vec![0; count];
    match vm.host.fill_entropy(&mut bytes) {
        Ok(()) => Ok(Obj::bytes(bytes).into()),
        Err(e) => Err(vm.raise_io_error(&e, None)),
    }
}

fn wall(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::Int(vm.host.clock.wall_ns()))
}

const FUNCTIONS: &[Builtin] = &[Builtin::new("_entropy", "(size, /)", entropy, ""), Builtin::new("_wall", "()", wall, "")];
