//! `asyncio.sleep`.

use super::ensure;
use super::native::{coroutine, received};
use crate::event_loop::clock::{NEVER, NS, delay_from_seconds};
use crate::syntax::ast::CmpOp;
use crate::value::coro::{NativeCoro, Sent};
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::{Signal, Vm};

/// The row of `sleep`.
pub static SLEEP: Builtin =
    Builtin::new("sleep", "(delay, result=None)", sleep, "Waits for so many seconds and gives `result`; 0 lets the others run once.").awaiting(sleep_now);

fn sleep(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let result = if a[1].is_unbound() { Value::None } else { a[1].take() };
    Ok(coroutine(Sleep { delay: a[0].take(), result, began: false }).into())
}

fn sleep_now(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if a[1].some().is_some() {
        return Ok(Value::Unbound);
    }
    let signal = sleep_signal(vm, &a[0])?;
    vm.suspend(signal)
}

/// What `await sleep(delay)` tells the loop.
#[inline]
pub fn sleep_signal(vm: &mut Vm, delay: &Value) -> R<Signal> {
    let is_positive = match delay {
        Value::Int(i) => *i > 0,
        Value::Float(f) => f.get() > 0.0 || f.get().is_nan(),
        _ => !vm.compare_bool(CmpOp::Le, delay, &Value::Int(0))?,
    };
    if !is_positive {
        return Ok(Signal::Pass(Value::None));
    }
    ensure::running_loop(vm)?;
    Ok(Signal::Sleep(delay_ns(vm, delay)?))
}

/// A delay in nanoseconds, at least one where it is positive.
pub fn delay_ns(vm: &mut Vm, delay: &Value) -> R<i64> {
    match delay {
        Value::Int(i) => Ok(i.saturating_mul(NS).min(NEVER - 1)),
        Value::Float(f) if f.get().is_nan() => Err(vm.value_error("cannot convert float NaN to integer")),
        Value::Float(f) => Ok(finite(delay_from_seconds(f.get()), f.get())),
        Value::True | Value::False => Ok(if matches!(delay, Value::True) { NS } else { 0 }),
        Value::Obj(o) if matches!(o.kind, Kind::Big(_)) => Ok(if vm.compare_bool(CmpOp::Gt, delay, &Value::Int(0))? { NEVER - 1 } else { i64::MIN }),
        _ => {
            let seconds = vm.to_f64(delay)?;
            delay_ns(vm, &Value::float(seconds))
        }
    }
}

/// A moment in nanoseconds.
pub fn moment_ns(vm: &mut Vm, when: &Value) -> R<i64> {
    match when {
        Value::Float(f) if !f.get().is_nan() => Ok(finite(crate::event_loop::clock::ns_from_seconds(f.get()), f.get())),
        _ => delay_ns(vm, when),
    }
}

/// Only infinity is a moment that never comes; what is too far to count is the last one that can be counted.
fn finite(ns: i64, seconds: f64) -> i64 {
    if ns == NEVER && seconds.is_finite() { NEVER - 1 } else { ns }
}

struct Sleep {
    delay: Value,
    result: Value,
    began: bool,
}

impl NativeCoro for Sleep {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        received(vm, sent)?;
        if self.began {
            return Ok(self.result.take());
        }
        self.began = true;
        let signal = sleep_signal(vm, &self.delay)?;
        vm.suspend(signal)
    }
    fn awaited_result(&self) -> Value {
        self.result.clone()
    }
    fn name(&self) -> &'static str {
        "sleep"
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.delay);
        visit(&self.result);
    }
}
