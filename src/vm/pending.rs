//! Temporary.
use crate::value::func::NativeFn;
use crate::value::{R, Ref, Value};
use crate::vm::Vm;
impl Vm {
    pub fn note_async_generator(&mut self, _g: &Ref) {}
    pub fn finalize_async_generator(&mut self, _g: &Ref) {}
    pub fn sleep_future(&mut self, _ns: i64) -> R { todo!() }
    pub fn report_dead_task(&mut self, _t: &Ref) {}
    pub fn report_dead_future(&mut self, _t: &Ref) {}
    pub fn interrupt_loop(&mut self) -> bool { false }
    pub fn await_native(&mut self, _f: &NativeFn, _fr: &mut [Value], _n: usize) -> Option<R> { None }
    pub fn future_result(&mut self, _f: &Ref) -> Option<R> { todo!() }
}
