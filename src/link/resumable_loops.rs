//! Loops that can be left and entered again: iterator, target and body come in linked; a closure that keeps its progress in
//! slots of the frame, and goes on from there, goes out. Loops in which nothing suspends are in `loops`.

use super::awaiting::{begin_item, resume_await};
use super::cx::{Cx, clear_slots, located};
use super::loops::{Turn, iterator_of, turn};
use super::name::drain;
use super::target::Target;
use super::{Cond, Ex, St};
use crate::source::Span;
use crate::value::func::CodeKind;
use crate::value::{Flow, Kind, R, Value};
use crate::vm::Vm;

impl Cx<'_> {
    pub(super) fn resumable_for(&mut self, (iter, is_ready): (Ex, bool), target: Target, body: St, orelse: Option<St>, span: Span) -> St {
        if self.threaded {
            return self.threaded_for((iter, is_ready), target, body, orelse, span);
        }
        let slot = self.temp();
        let window = self.window();
        Box::new(move |vm, fr| {
            if fr[slot].is_none() {
                return finish_else(vm, fr, slot, orelse.as_ref());
            }
            let mut inside = !fr[slot].is_unbound();
            if !inside {
                let source = iter(vm, fr)?;
                let r = iterator_of(vm, &source, is_ready);
                fr[slot] = located(vm, span, r)?;
            }
            loop {
                if !inside {
                    let r = next_of(vm, fr, slot, window);
                    match located(vm, span, r) {
                        Ok(Some(v)) => {
                            if let Err(t) = target.store(vm, fr, v) {
                                fr[slot] = Value::Unbound;
                                return Err(t);
                            }
                        }
                        Ok(None) => break,
                        Err(t) => {
                            fr[slot] = Value::Unbound;
                            return Err(t);
                        }
                    }
                    vm.tick()?;
                }
                inside = false;
                match body(vm, fr).map(turn) {
                    Ok(Turn::Go) => {}
                    Ok(Turn::Stop) => {
                        fr[slot] = Value::Unbound;
                        drain(vm);
                        return Ok(Flow::Next);
                    }
                    Ok(Turn::Leave(f)) => {
                        fr[slot] = Value::Unbound;
                        drain(vm);
                        return Ok(f);
                    }
                    Err(t) => {
                        if !vm.is_suspending() {
                            fr[slot] = Value::Unbound;
                            drain(vm);
                        }
                        return Err(t);
                    }
                }
            }
            finish_else(vm, fr, slot, orelse.as_ref())
        })
    }

    /// `async for`: each item is awaited.
    pub fn async_for_loop(&mut self, iter: Ex, is_ready: bool, target: Target, body: St, orelse: Option<St>, span: Span) -> St {
        let (slot, waiting, in_body) = (self.temp(), self.waiting_at(span), self.temp());
        Box::new(move |vm, fr| {
            if fr[slot].is_none() {
                return finish_else(vm, fr, slot, orelse.as_ref());
            }
            if fr[slot].is_unbound() {
                let source = iter(vm, fr)?;
                let r = if is_ready { Ok(source) } else { vm.aiter(&source) };
                fr[slot] = located(vm, span, r)?;
            }
            loop {
                if fr[in_body].is_unbound() {
                    let r = next_awaited(vm, fr, slot, waiting);
                    match located(vm, span, r) {
                        Ok(v) => {
                            if let Err(t) = target.store(vm, fr, v) {
                                clear_slots(fr, slot, in_body + 1);
                                drain(vm);
                                return Err(t);
                            }
                        }
                        Err(t) => {
                            if vm.is_suspending() {
                                return Err(t);
                            }
                            clear_slots(fr, slot, in_body + 1);
                            if !ends_iteration(vm) {
                                return Err(t);
                            }
                            break;
                        }
                    }
                    vm.tick()?;
                }
                let flow = body(vm, fr);
                fr[in_body] = Value::Unbound;
                match flow.map(turn) {
                    Ok(Turn::Go) => {}
                    Ok(Turn::Stop) => {
                        clear_slots(fr, slot, in_body + 1);
                        drain(vm);
                        return Ok(Flow::Next);
                    }
                    Ok(Turn::Leave(f)) => {
                        clear_slots(fr, slot, in_body + 1);
                        drain(vm);
                        return Ok(f);
                    }
                    Err(t) => {
                        if vm.is_suspending() {
                            fr[in_body] = Value::True;
                        } else {
                            clear_slots(fr, slot, in_body + 1);
                            drain(vm);
                        }
                        return Err(t);
                    }
                }
            }
            finish_else(vm, fr, slot, orelse.as_ref())
        })
    }
}

/// Runs the `else` block of a loop that can suspend; `None` in the slot marks that it has begun.
pub(super) fn finish_else(vm: &mut Vm, fr: &mut [Value], slot: usize, orelse: Option<&St>) -> R<Flow> {
    fr[slot] = Value::Unbound;
    let Some(orelse) = orelse else { return Ok(Flow::Next) };
    let r = orelse(vm, fr);
    if r.is_err() && vm.is_suspending() {
        fr[slot] = Value::None;
    }
    r
}

#[inline(always)]
pub(super) fn next_of(vm: &mut Vm, fr: &mut [Value], slot: usize, window: usize) -> R<Option<Value>> {
    if let Value::Obj(o) = &fr[slot]
        && let Kind::RangeIter { next, left, step } = &o.kind
    {
        if left.get() <= 0 {
            return Ok(None);
        }
        left.set(left.get() - 1);
        return Ok(Some(Value::Int(next.replace(next.get().wrapping_add(*step)))));
    }
    next_of_other(vm, fr, slot, window)
}

fn next_of_other(vm: &mut Vm, fr: &mut [Value], slot: usize, window: usize) -> R<Option<Value>> {
    let iter = fr[slot].clone();
    match &iter {
        Value::Obj(o) if matches!(&o.kind, Kind::Coro(c) if c.kind == CodeKind::Generator) => vm.next_generator_in(o, &mut fr[window..]),
        _ => vm.next(&iter),
    }
}

/// The next item of an `async for`, awaited: begun, or gone on with after a suspension.
#[inline]
fn next_awaited(vm: &mut Vm, fr: &mut [Value], slot: usize, waiting: usize) -> R {
    if !fr[waiting].is_unbound() {
        return resume_await(vm, fr, waiting);
    }
    let source = fr[slot].clone();
    let item = if vm.thread.may_leave { vm.anext_on_thread(&source)? } else { vm.anext(&source)? };
    begin_item(vm, fr, waiting, item)
}

/// Whether the exception on its way is the `StopAsyncIteration` that ends a loop; then it is taken.
fn ends_iteration(vm: &mut Vm) -> bool {
    let class = vm.types.stop_async_iteration.clone();
    let ends = vm.abort.is_none() && vm.exc_is(&class);
    if ends {
        drop(vm.take_exc());
    }
    ends
}

pub(super) fn resumable_while(slot: usize, test: Cond, body: St, orelse: Option<St>) -> St {
    Box::new(move |vm, fr| {
        if fr[slot].is_none() {
            return finish_else(vm, fr, slot, orelse.as_ref());
        }
        let mut inside = !fr[slot].take().is_unbound();
        loop {
            if !inside {
                if !test(vm, fr)? {
                    break;
                }
                vm.tick()?;
            }
            inside = false;
            match body(vm, fr) {
                Ok(flow) => match turn(flow) {
                    Turn::Go => {}
                    Turn::Stop => return Ok(Flow::Next),
                    Turn::Leave(f) => return Ok(f),
                },
                Err(t) => {
                    if vm.is_suspending() {
                        fr[slot] = Value::True;
                    }
                    return Err(t);
                }
            }
        }
        finish_else(vm, fr, slot, orelse.as_ref())
    })
}
