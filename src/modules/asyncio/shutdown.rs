//! The end of a loop: coroutines that end its default executor and close the async generators that are left, and the
//! closing of one that died suspended.

use super::event_loop::Loop;
use super::handle::Handle;
use super::native::{coroutine, received};
use super::{ensure, gather, library};
use crate::event_loop::Ready;
use crate::event_loop::handler::{Report, call_exception_handler};
use crate::value::coro::{NativeCoro, Sent};
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::{Signal, Vm};

/// Ends the default executor: a coroutine.
pub fn executor_coro(loop_ref: &Ref) -> Ref {
    coroutine(ShutDownExecutor { loop_ref: loop_ref.clone(), began: false })
}

struct ShutDownExecutor {
    loop_ref: Ref,
    began: bool,
}

impl NativeCoro for ShutDownExecutor {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        received(vm, sent)?;
        let is_used = self.loop_ref.downcast::<Loop>().is_some_and(Loop::has_executor);
        if !is_used || std::mem::replace(&mut self.began, true) {
            return Ok(Value::None);
        }
        let shut_down = library::get(vm, "_shutdown_default_executor")?;
        let coro = vm.call(&shut_down, &[Value::Obj(self.loop_ref.clone())])?;
        let task = ensure::ensure_future(vm, &coro, None)?;
        vm.suspend(Signal::Future(task))
    }
    fn name(&self) -> &'static str {
        "BaseEventLoop.shutdown_default_executor"
    }
}

/// Closes the async generators that are left: a coroutine.
pub fn asyncgens_coro(loop_ref: &Ref) -> Ref {
    coroutine(ShutDown { loop_ref: loop_ref.clone(), generators: None })
}

struct ShutDown {
    loop_ref: Ref,
    /// Those that are being closed, once closing began.
    generators: Option<Vec<Ref>>,
}

impl NativeCoro for ShutDown {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        let results = received(vm, sent)?;
        if let Some(generators) = self.generators.take() {
            return report_failures(vm, &self.loop_ref, &generators, &results);
        }
        let generators = vm.event_loop.take_asyncgens();
        if generators.is_empty() {
            return Ok(Value::None);
        }
        let name = vm.name_of("aclose");
        let mut closings = Vec::new();
        for g in &generators {
            closings.push(vm.call_method(&Value::Obj(g.clone()), &name, &[])?);
        }
        self.generators = Some(generators);
        let all = gather::gather(vm, &closings, true)?;
        vm.suspend(Signal::Future(all))
    }
    fn name(&self) -> &'static str {
        "BaseEventLoop.shutdown_asyncgens"
    }
}

fn report_failures(vm: &mut Vm, loop_ref: &Ref, generators: &[Ref], results: &Value) -> R {
    let results: Vec<Value> = match results.kind() {
        Some(Kind::List(l)) => l.borrow().clone(),
        _ => Vec::new(),
    };
    for (generator, result) in generators.iter().zip(results) {
        if !vm.is_instance(&result, &vm.types.exception) {
            continue;
        }
        let message = format!("an error occurred during closing of asynchronous generator {}", vm.repr(&Value::Obj(generator.clone()))?);
        let report = Report { message: &message, exception: result.obj().cloned(), objects: vec![("asyncgen", Value::Obj(generator.clone()))] };
        call_exception_handler(vm, Some(loop_ref), &report)?;
    }
    Ok(Value::None)
}

/// An async generator died while suspended: its cleanup runs as a task of the loop.
pub fn close_dropped_asyncgen(vm: &mut Vm, generator: &Ref) -> R<()> {
    if !vm.event_loop.is_running() {
        return Ok(());
    }
    let name = vm.name_of("aclose");
    let closing = vm.call_method(&Value::Obj(generator.clone()), &name, &[])?;
    let Some(l) = vm.event_loop.running.clone() else { return Ok(()) };
    let id = vm.event_loop.active;
    let method = vm.get_attr(&Value::Obj(l), &Obj::str("create_task"))?;
    let handle = Obj::native(Handle::new(method, Box::new([closing]), Value::Unbound, id, None));
    vm.event_loop.enqueue(id, Ready::Handle(handle));
    Ok(())
}
