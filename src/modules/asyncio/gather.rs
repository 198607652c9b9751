//! `asyncio.gather`: a future that is done when its children are.

use std::rc::Rc;

use hashbrown::HashTable;

use super::ensure::{as_future, ensure_future, loop_id};
use crate::event_loop::future::{self, Callback, Future, Gather, Outcome, Stage, mark};
use crate::event_loop::step;
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

/// The row of `gather`.
pub static GATHER: Builtin =
    Builtin::new("gather", "(*coros_or_futures, return_exceptions=False)", call, "Runs awaitables at the same time; a future of the list of their results.");

fn call(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let return_exceptions = match a[n].given() {
        Some(v) => vm.truth(&v.clone())?,
        None => false,
    };
    let children: Vec<Value> = a[..n].iter_mut().map(Value::take).collect();
    gather(vm, &children, return_exceptions).map(Value::Obj)
}

/// Gathers awaitables; those given twice run once.
pub fn gather(vm: &mut Vm, awaitables: &[Value], return_exceptions: bool) -> R<Ref> {
    if awaitables.is_empty() {
        let id = loop_id(vm, None)?;
        let outer = Obj::tracked(Kind::Future(Future::new(id)));
        step::complete(vm, &outer, Outcome::Result(Vec::new().into()));
        return Ok(outer);
    }
    let mut outer: Option<Ref> = None;
    let mut children: Vec<Ref> = Vec::with_capacity(awaitables.len());
    let mut left = 0;
    let mut seen: HashTable<usize> = HashTable::new();
    for (i, awaitable) in awaitables.iter().enumerate() {
        let hash = identity_hash(awaitable);
        if let Some(&first) = seen.find(hash, |&k| awaitables[k].is(awaitable)) {
            children.push(children[first].clone());
            continue;
        }
        if awaitables.len() > 1 {
            seen.insert_unique(hash, i, |&k| identity_hash(&awaitables[k]));
        }
        let id = outer.as_ref().and_then(future::of).map(|f| f.loop_id());
        let child = match ensure_future(vm, awaitable, id) {
            Ok(child) => child,
            Err(t) => {
                mark_broken(outer.as_ref());
                return Err(t);
            }
        };
        if let Some(f) = future::of(&child) {
            f.set_mark(mark::QUIET, f.has(mark::QUIET) || as_future(awaitable).is_none());
            let outer = outer.get_or_insert_with(|| new_outer(f.loop_id(), return_exceptions));
            step::add_callback(vm, &child, Callback::Gather(outer.clone()));
        }
        left += 1;
        children.push(child);
    }
    let Some(outer) = outer else { unreachable!("there is at least one child") };
    with_gather(&outer, |g| {
        g.children = children;
        g.left = left;
        g.broken = false;
    });
    Ok(outer)
}

/// A hash of the object that a value is.
fn identity_hash(v: &Value) -> u64 {
    let address = v.obj().map_or(0, |o| Rc::as_ptr(o) as usize);
    ((address >> 4) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn new_outer(loop_id: u32, return_exceptions: bool) -> Ref {
    let outer = Future::new(loop_id);
    outer.with_extra(|e| e.gather = Some(Gather { children: Vec::new(), left: usize::MAX, return_exceptions, cancel_requested: false, broken: true }));
    Obj::tracked(Kind::Future(outer))
}

fn mark_broken(outer: Option<&Ref>) {
    if let Some(outer) = outer {
        with_gather(outer, |g| g.broken = true);
    }
}

fn with_gather<T>(outer: &Ref, look: impl FnOnce(&mut Gather) -> T) -> Option<T> {
    future::of(outer)?.extra(|e| e.gather.as_mut().map(look)).flatten()
}

/// A child is done.
pub fn child_done(vm: &mut Vm, outer: &Ref, child: &Ref) {
    let (Some(o), Some(c)) = (future::of(outer), future::of(child)) else { return };
    let Some((left, return_exceptions, broken)) = with_gather(outer, |g| {
        g.left = g.left.saturating_sub(1);
        (g.left, g.return_exceptions, g.broken)
    }) else {
        return;
    };
    if broken || o.is_done() {
        c.set_mark(mark::UNRETRIEVED, false);
        return;
    }
    if !return_exceptions && c.stage() != Stage::Finished {
        let error = step::error_of(vm, child);
        if let Some(error) = error {
            step::complete(vm, outer, Outcome::Error(error));
        }
        return;
    }
    if left == 0 {
        all_done(vm, outer, child);
    }
}

/// The last child is done.
fn all_done(vm: &mut Vm, outer: &Ref, last: &Ref) {
    let (children, cancelled) = with_gather(outer, |g| (std::mem::take(&mut g.children), g.cancel_requested)).unwrap_or_default();
    // Asking for the results marks exceptions as seen, even where the gather itself was cancelled.
    let results: Vec<Value> = children.iter().map(|c| result_of(vm, c)).collect();
    if cancelled {
        let error = step::cancelled_error(vm, children.last().unwrap_or(last));
        step::complete(vm, outer, Outcome::Error(error));
        return;
    }
    step::complete(vm, outer, Outcome::Result(results.into()));
}

fn result_of(vm: &mut Vm, child: &Ref) -> Value {
    let Some(f) = future::of(child) else { return Value::None };
    match f.stage() {
        Stage::Cancelled => {
            let message = f.cancel_message();
            let class = vm.types.cancelled_error.clone();
            let message = if message.is_none() { vm.empty_str.clone() } else { message };
            vm.new_exc(&class, vec![message]).into()
        }
        Stage::Failed => {
            f.set_mark(mark::UNRETRIEVED, false);
            f.error().map_or(Value::None, Value::Obj)
        }
        Stage::Pending | Stage::Finished => f.result(),
    }
}
