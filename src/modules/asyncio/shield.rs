//! `asyncio.shield`: a future that may be cancelled while what it waits for goes on.

use std::rc::Rc;

use super::ensure::ensure_future;
use crate::event_loop::future::{self, Callback, Future, Outcome, Stage, mark};
use crate::event_loop::step;
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

/// The row of `shield`.
pub static SHIELD: Builtin = Builtin::new("shield", "(arg)", shield, "Waits for an awaitable that goes on when the waiting is cancelled.");

fn shield(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let inner = ensure_future(vm, &a[0], None)?;
    let Some(f) = future::of(&inner) else { return Ok(Value::Obj(inner)) };
    if f.is_done() {
        return Ok(Value::Obj(inner));
    }
    let outer = Obj::tracked(Kind::Future(Future::new(f.loop_id())));
    step::add_callback(vm, &inner, Callback::Shielded(outer.clone()));
    step::add_callback(vm, &outer, Callback::Shield(inner));
    Ok(Value::Obj(outer))
}

/// What is shielded is done.
pub fn inner_done(vm: &mut Vm, outer: &Ref, inner: &Ref) {
    let (Some(o), Some(i)) = (future::of(outer), future::of(inner)) else { return };
    if o.is_cancelled() {
        i.set_mark(mark::UNRETRIEVED, false);
        return;
    }
    if o.is_done() {
        return;
    }
    let outcome = match i.stage() {
        Stage::Cancelled => Outcome::Cancelled(None),
        Stage::Failed => {
            i.set_mark(mark::UNRETRIEVED, false);
            i.error().map_or(Outcome::Cancelled(None), Outcome::Error)
        }
        Stage::Pending | Stage::Finished => Outcome::Result(i.result()),
    };
    step::complete(vm, outer, outcome);
}

/// The shield is done, perhaps cancelled: it wants to hear no more.
pub fn outer_done(inner: &Ref, outer: &Ref) {
    let Some(f) = future::of(inner).filter(|f| !f.is_done()) else { return };
    let mut callbacks = f.take_callbacks();
    callbacks.retain(|c| !matches!(c, Callback::Shielded(o) if Rc::ptr_eq(o, outer)));
    f.put_callbacks(callbacks);
}
