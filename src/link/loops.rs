//! `for` and `while`: their trees come in, one closure goes out. Ranges, lists and generators are walked without an iterator
//! object where nothing can suspend; loops that can be left and entered again are in `resumable_loops`.

use super::cx::{Cx, located};
use super::resumable_loops::resumable_while;
use super::target::Target;
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
        let test = self.placed_cond(test);
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
        let iter = self.placed_head(iter, is_async, |cx| cx.iterable(iter));
        let target = self.target(target);
        let orelse_block = |cx: &mut Self| if orelse.is_empty() { None } else { Some(cx.block(orelse)) };
        if is_async {
            let body = self.block(body);
            let body = self.returning_here(body);
            let orelse = orelse_block(self);
            return self.async_for_loop(iter, false, target, body, orelse, span);
        }
        let body = self.block(body);
        let orelse = orelse_block(self);
        if suspends { self.resumable_for((iter, false), target, body, orelse, span) } else { self.plain_for((iter, false), target, body, orelse, span) }
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

    /// A loop in a comprehension; the first one is given an iterator.
    pub fn for_loop(&mut self, iter: (Ex, bool), target: Target, body: St, orelse: Option<St>, span: Span) -> St {
        if self.can_suspend { self.resumable_for(iter, target, body, orelse, span) } else { self.plain_for(iter, target, body, orelse, span) }
    }

    fn plain_for(&mut self, (iter, is_ready): (Ex, bool), target: Target, body: St, orelse: Option<St>, span: Span) -> St {
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
                    let r = iterator_of(vm, &source, is_ready);
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

/// The iterator that a loop begins with; a script's own iterator that is one already is not asked for another.
pub(super) fn iterator_of(vm: &mut Vm, source: &Value, is_ready: bool) -> R {
    match source.kind() {
        Some(Kind::Instance(_) | Kind::Derived(_)) if is_ready => Ok(source.clone()),
        _ => vm.iter(source),
    }
}
