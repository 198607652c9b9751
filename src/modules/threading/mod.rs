//! `threading`, `queue` and `concurrent.futures`: written in the language itself, on locks and a few functions of the
//! scheduler that stand here. Made when first imported.

use super::{functions, functools};
use crate::event_loop::thread_run;
use crate::event_loop::threads::{Thread, Threads, thread_of};
use crate::value::func::Builtin;
use crate::value::{R, Value};
use crate::vm::Vm;
use crate::vm::thread_call::is_threaded_generator;
use crate::vm::types::make;

pub mod lock;
pub mod stand_in;

/// The functions.
const FUNCTIONS: &[Builtin] = &[
    Builtin::new("Lock", "()", |_, _, _| Ok(lock::ThreadLock::object().into()), "Makes a lock."),
    Builtin::new("get_ident", "()", |vm, _, _| Ok(current(vm, |t| Value::Int(t.ident))), "The number of the thread that runs."),
    Builtin::new("_peer", "()", |vm, _, _| Ok(current(vm, |t| t.peer.borrow().clone())), "The object of the thread that runs."),
    Builtin::new("_adopt", "(peer, /)", adopt, "Says which object stands for the thread that runs."),
    Builtin::new("_start", "(begin, peer, takes_turn, /)", start, "Begins a thread that calls `begin`.").blocking(),
    Builtin::new("_pause", "()", |vm, _, _| thread_run::pause(vm), "Gives the other threads their turn.").blocking(),
    Builtin::new("_loop_runs", "()", |vm, _, _| Ok((vm.event_loop.active != 0).into()), "Whether an event loop runs, in whatever thread."),
    Builtin::new("_swap_context", "(context, /)", swap_context, "Sets the context of the thread that runs; gives the one before."),
    Builtin::new("_may_wait", "(object, /)", |_, a, _| Ok(is_threaded(&a[0]).into()), "Whether it is a generator whose code is linked for threads."),
    Builtin::new("_cache_look_up", "(cached, args, kwargs, /)", functools::cache::look_up, "What a cache knows of a call."),
    Builtin::new("_cache_remember", "(cached, key, result, /)", functools::cache::remember, "Tells a cache what the function gave."),
    Builtin::new("_at_exit", "(call, /)", at_exit, "Sets what is called at the end of the program."),
    Builtin::new("_report", "(heading, exception, /)", report, "Writes an exception to standard error."),
];

/// The names that the modules' text begins with.
pub fn natives(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    if vm.event_loop.threads.is_none() {
        let class = make(&vm.interner, "lock", Some(&vm.types.object), lock::TYPE);
        if let Some(dict) = class.dict().as_dict() {
            dict.borrow_mut().set_name(&vm.names.module, "_thread".into());
        }
        // The main thread's loop may run already.
        let main_loop = vm.event_loop.active;
        vm.event_loop.threads = Some(Box::new(Threads::new(class, main_loop)));
    }
    functions(FUNCTIONS, "_thread")
}

/// The object of the thread that runs, where scripts use threads.
pub fn current_peer(vm: &Vm) -> Option<Value> {
    vm.event_loop.threads.as_ref().map(|t| thread_of(&t.current).peer.borrow().clone()).filter(|p| !p.is_none())
}

fn current(vm: &Vm, look: impl FnOnce(&Thread) -> Value) -> Value {
    vm.event_loop.threads.as_ref().map_or(Value::None, |t| look(thread_of(&t.current)))
}

fn is_threaded(v: &Value) -> bool {
    matches!(v, Value::Obj(o) if is_threaded_generator(o))
}

fn adopt(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let peer = a[0].take();
    Ok(current(vm, |t| t.peer.replace(peer)))
}

fn start(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let takes_turn = vm.truth(&a[2].clone())?;
    let root = vm.first_frame(&a[0].clone())?;
    let Some(threads) = &mut vm.event_loop.threads else { return Ok(Value::None) };
    let thread = Thread::object(threads.new_ident(), Some(root), a[1].take());
    thread_run::start(vm, thread, takes_turn)
}

fn swap_context(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let context = if a[0].is_none() { Value::Unbound } else { a[0].take() };
    let before = std::mem::replace(&mut vm.event_loop.context, context);
    Ok(if before.is_unbound() { Value::None } else { before })
}

fn at_exit(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if let Some(threads) = &mut vm.event_loop.threads {
        threads.at_exit = a[0].take();
    }
    Ok(Value::None)
}

fn report(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let heading = a[0].as_str().unwrap_or_default().to_owned();
    let text = a[1].obj().map(|e| crate::report::traceback_text(vm, e)).unwrap_or_default();
    vm.host.write_err(format!("{heading}\n{text}").as_bytes());
    Ok(Value::None)
}
