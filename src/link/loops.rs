//! `for` and `while`. Ranges, lists and generators are walked without an iterator object where nothing can suspend.

use super::assign::Target;
use super::cx::{Cx, clear_slots, located};
use super::{Ex, St};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Stmt};
use crate::value::func::CodeKind;
use crate::value::{Flow, Kind, R, Ref, Thrown, Value};
use crate::vm::Vm;

/// How a loop's body ended, for the loop.
pub(super) enum Turn {
    Go,
    Stop,
    Leave(Flow),
}

#[inline(always)]
pub(super) fn turn(flow: Flow) -> Turn {
    match flow {
        Flow::Next | Flow::Continue => Turn::Go,
        Flow::Break => Turn::Stop,
        Flow::Return(v) => Turn::Leave(Flow::Return(v)),
    }
}

macro_rules! run_body {
    ($body:expr, $vm:expr, $fr:expr) => {
        match turn($body($vm, $fr)?) {
            Turn::Go => {}
            Turn::Stop => return Ok(Flow::Break),
            Turn::Leave(f) => return Ok(f),
        }
    };
}

impl Cx<'_> {
    /// `while test: body else: orelse`.
    pub fn while_stmt(&mut self, test: &Expr, body: &[Stmt], orelse: &[Stmt]) -> St {
        let suspends = self.suspends(test) || self.block_suspends(body) || self.block_suspends(orelse);
        let slot = if suspends { Some(self.temp()) } else { None };
        let test = self.settled_cond(test);
        let body = self.block(body);
        let orelse = if orelse.is_empty() { None } else { Some(self.block(orelse)) };
        match slot {
            None => Box::new(move |vm, fr| {
                while test(vm, fr)? {
                    vm.tick()?;
                    match turn(body(vm, fr)?) {
                        Turn::Go => {}
                        Turn::Stop => return Ok(Flow::Next),
                        Turn::Leave(f) => return Ok(f),
                    }
                }
                match &orelse {
                    Some(o) => o(vm, fr),
                    None => Ok(Flow::Next),
                }
            }),
            Some(slot) => resumable_while(slot, test, body, orelse),
        }
    }

    /// `for target in iter: body else: orelse`, synchronous or not.
    pub fn for_stmt(&mut self, is_async: bool, target: &Expr, iter: &Expr, body: &[Stmt], orelse: &[Stmt]) -> St {
        let span = iter.span;
        let suspends = is_async || self.threaded || self.any_suspends([target, iter]) || self.block_suspends(body) || self.block_suspends(orelse);
        let iter = self.iterable(iter);
        let target = self.target(target);
        let orelse_block = |cx: &mut Self| if orelse.is_empty() { None } else { Some(cx.block(orelse)) };
        if is_async {
            let body = self.block(body);
            let orelse = orelse_block(self);
            return self.async_for_loop(iter, false, target, body, orelse, span);
        }
        let body = self.block(body);
        let orelse = orelse_block(self);
        if suspends { self.resumable_for(iter, target, body, orelse, span) } else { self.plain_for(iter, target, body, orelse, span) }
    }

    /// What a loop goes over: a set display of constants is a frozenset made at link time, as in CPython, whose order
    /// it shows; anything else is evaluated.
    pub fn iterable(&mut self, e: &Expr) -> Ex {
        let constants: Option<Vec<Value>> = match &e.kind {
            ExprKind::Set(items) => items.iter().map(|i| self.constant(i)).collect(),
            _ => None,
        };
        let Some(constants) = constants else { return self.settled_expr(e) };
        let span = e.span;
        Box::new(move |vm, _| {
            let r = vm.new_constant_frozenset(constants.clone());
            located(vm, span, r)
        })
    }

    /// A loop in a comprehension.
    pub fn for_loop(&mut self, iter: Ex, target: Target, body: St, orelse: Option<St>, span: Span) -> St {
        if self.can_suspend { self.resumable_for(iter, target, body, orelse, span) } else { self.plain_for(iter, target, body, orelse, span) }
    }

    fn plain_for(&mut self, iter: Ex, target: Target, body: St, orelse: Option<St>, span: Span) -> St {
        let window = self.window();
        Box::new(move |vm, fr| {
            let source = iter(vm, fr)?;
            let flow = match source.kind() {
                Some(Kind::Range(r)) => {
                    let r = *r;
                    drop(source);
                    range_loop(vm, fr, r, &target, &body)?
                }
                Some(Kind::List(_)) => list_loop(vm, fr, &source, &target, &body)?,
                Some(Kind::Coro(c)) if c.kind == CodeKind::Generator => {
                    let Value::Obj(generator) = source else { unreachable!("a generator is an object") };
                    generator_loop(vm, fr, generator, window, &target, &body, span)?
                }
                _ => {
                    let r = vm.iter(&source);
                    let iter = located(vm, span, r)?;
                    drop(source);
                    match iter {
                        Value::Obj(o) if matches!(&o.kind, Kind::Coro(c) if c.kind == CodeKind::Generator) => {
                            generator_loop(vm, fr, o, window, &target, &body, span)?
                        }
                        iter => iterator_loop(vm, fr, &iter, &target, &body, span)?,
                    }
                }
            };
            match flow {
                Flow::Next => match &orelse {
                    Some(o) => o(vm, fr),
                    None => Ok(Flow::Next),
                },
                Flow::Break => Ok(Flow::Next),
                other => Ok(other),
            }
        })
    }

    fn resumable_for(&mut self, iter: Ex, target: Target, body: St, orelse: Option<St>, span: Span) -> St {
        if self.threaded {
            return self.threaded_for(iter, target, body, orelse, span);
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
                let r = vm.iter(&source);
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
                        super::name::drain(vm);
                        return Ok(Flow::Next);
                    }
                    Ok(Turn::Leave(f)) => {
                        fr[slot] = Value::Unbound;
                        super::name::drain(vm);
                        return Ok(f);
                    }
                    Err(t) => {
                        if !vm.is_suspending() {
                            fr[slot] = Value::Unbound;
                            super::name::drain(vm);
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
                    let r = if fr[waiting].is_unbound() {
                        let source = fr[slot].clone();
                        vm.anext(&source).and_then(|item| super::awaiting::begin_item(vm, fr, waiting, item))
                    } else {
                        super::awaiting::resume_await(vm, fr, waiting)
                    };
                    match located(vm, span, r) {
                        Ok(v) => {
                            if let Err(t) = target.store(vm, fr, v) {
                                clear_slots(fr, slot, in_body + 1);
                                super::name::drain(vm);
                                return Err(t);
                            }
                        }
                        Err(t) => {
                            if vm.is_suspending() {
                                return Err(t);
                            }
                            clear_slots(fr, slot, in_body + 1);
                            let class = vm.types.stop_async_iteration.clone();
                            if vm.abort.is_some() || !vm.exc_is(&class) {
                                return Err(t);
                            }
                            drop(vm.take_exc());
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
                        super::name::drain(vm);
                        return Ok(Flow::Next);
                    }
                    Ok(Turn::Leave(f)) => {
                        clear_slots(fr, slot, in_body + 1);
                        super::name::drain(vm);
                        return Ok(f);
                    }
                    Err(t) => {
                        if vm.is_suspending() {
                            fr[in_body] = Value::True;
                        } else {
                            clear_slots(fr, slot, in_body + 1);
                            super::name::drain(vm);
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

fn resumable_while(slot: usize, test: super::Cond, body: St, orelse: Option<St>) -> St {
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

#[inline(always)]
fn range_loop(vm: &mut Vm, fr: &mut [Value], r: crate::value::obj::Range, target: &Target, body: &St) -> R<Flow> {
    let mut left = range_len(r);
    let mut i = r.start;
    while left > 0 {
        vm.tick()?;
        target.store(vm, fr, Value::Int(i))?;
        run_body!(body, vm, fr);
        left -= 1;
        i = i.wrapping_add(r.step);
    }
    Ok(Flow::Next)
}

/// The number of items of a range.
pub fn range_len(r: crate::value::obj::Range) -> u64 {
    let (low, high, step) = if r.step > 0 { (r.start, r.stop, r.step.unsigned_abs()) } else { (r.stop, r.start, r.step.unsigned_abs()) };
    if low >= high { 0 } else { (high.wrapping_sub(low) as u64 - 1) / step + 1 }
}

fn list_loop(vm: &mut Vm, fr: &mut [Value], source: &Value, target: &Target, body: &St) -> R<Flow> {
    let Some(Kind::List(list)) = source.kind() else { unreachable!("the caller saw a list") };
    let mut i = 0;
    loop {
        let Some(item) = list.borrow().get(i).cloned() else { return Ok(Flow::Next) };
        vm.tick()?;
        target.store(vm, fr, item)?;
        run_body!(body, vm, fr);
        i += 1;
    }
}

fn generator_loop(vm: &mut Vm, fr: &mut [Value], generator: Ref, window: usize, target: &Target, body: &St, span: Span) -> R<Flow> {
    let result = generator_turns(vm, fr, &generator, window, target, body, span);
    drop(generator);
    super::name::drain(vm);
    result
}

fn generator_turns(vm: &mut Vm, fr: &mut [Value], generator: &Ref, window: usize, target: &Target, body: &St, span: Span) -> R<Flow> {
    loop {
        let item = match vm.next_generator_in(generator, &mut fr[window..]) {
            Ok(Some(v)) => v,
            Ok(None) => return Ok(Flow::Next),
            Err(Thrown) => return Err(vm.at(span, Thrown)),
        };
        vm.tick()?;
        target.store(vm, fr, item)?;
        run_body!(body, vm, fr);
    }
}

fn iterator_loop(vm: &mut Vm, fr: &mut [Value], iter: &Value, target: &Target, body: &St, span: Span) -> R<Flow> {
    loop {
        let r = vm.next(iter);
        let Some(item) = located(vm, span, r)? else { return Ok(Flow::Next) };
        vm.tick()?;
        target.store(vm, fr, item)?;
        run_body!(body, vm, fr);
    }
}
