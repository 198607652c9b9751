//! The classes of asyncio, made when the module is first needed.

use crate::types::generic::CLASS_GETITEM;
use crate::value::{ClassRef, Obj, Ref, Value};
use crate::vm::types::{TypeDef, add_methods, make};
use crate::vm::{Names, Vm};

use super::{contextvars, event, event_loop, future_iter, handle, line, lock, loop_class, queue, semaphore};

macro_rules! classes {
    (extends $($outer:ident),*; $($field:ident: $module:literal $name:literal ($base:ident) = $def:expr),* $(,)?) => {
        /// References to the classes.
        pub struct Classes { $(pub $field: ClassRef,)* }

        impl Classes {
            fn build(vm: &Vm) -> Self {
                $(let $outer = &vm.types.$outer;)*
                $(let $field = &class(vm, $module, $name, $base, &$def);)*
                Self { $($field: $field.clone(),)* }
            }
        }
    };
}

classes! {
    extends object, exception, runtime_error;
    event_loop: "asyncio.unix_events" "_UnixSelectorEventLoop" (object) = event_loop::TYPE,
    line: "asyncio.locks" "_Line" (object) = line::TYPE,
    handle: "asyncio.events" "Handle" (object) = handle::HANDLE,
    timer_handle: "asyncio.events" "TimerHandle" (handle) = handle::TIMER_HANDLE,
    future_iter: "_asyncio" "FutureIter" (object) = future_iter::TYPE,
    event: "asyncio.locks" "Event" (object) = event::TYPE,
    lock: "asyncio.locks" "Lock" (object) = lock::TYPE,
    semaphore: "asyncio.locks" "Semaphore" (object) = semaphore::TYPE,
    bounded_semaphore: "asyncio.locks" "BoundedSemaphore" (semaphore) = semaphore::BOUNDED,
    queue: "asyncio.queues" "Queue" (object) = queue::FIFO,
    priority_queue: "asyncio.queues" "PriorityQueue" (queue) = queue::PRIORITY,
    lifo_queue: "asyncio.queues" "LifoQueue" (queue) = queue::LIFO,
    queue_empty: "asyncio.queues" "QueueEmpty" (exception) = TypeDef::EXCEPTION,
    queue_full: "asyncio.queues" "QueueFull" (exception) = TypeDef::EXCEPTION,
    invalid_state: "asyncio.exceptions" "InvalidStateError" (exception) = TypeDef::EXCEPTION,
    broken_barrier: "asyncio.exceptions" "BrokenBarrierError" (runtime_error) = TypeDef::EXCEPTION,
    context: "_contextvars" "Context" (object) = contextvars::CONTEXT,
    context_var: "_contextvars" "ContextVar" (object) = contextvars::VAR,
    token: "_contextvars" "Token" (object) = contextvars::TOKEN,
    token_missing: "" "Token.MISSING" (object) = contextvars::MISSING,
}

fn class(vm: &Vm, module: &str, name: &str, base: &ClassRef, def: &TypeDef) -> ClassRef {
    let class = make(&vm.interner, name, Some(base), *def);
    set_module(&vm.names, &class, module);
    class
}

fn set_module(names: &Names, class: &ClassRef, module: &str) {
    if let Some(dict) = class.dict().as_dict() {
        dict.borrow_mut().set_name(&names.module, module.into());
    }
}

/// The classes.
pub fn get(vm: &Vm) -> &Classes {
    vm.event_loop.classes.get_or_init(|| {
        for (class, module) in [(&vm.types.future, "_asyncio"), (&vm.types.task, "_asyncio"), (&vm.types.cancelled_error, "asyncio.exceptions")] {
            set_module(&vm.names, class, module);
        }
        let classes = Classes::build(vm);
        for class in [&classes.queue, &classes.context_var, &classes.token] {
            add_methods(&vm.interner, class, CLASS_GETITEM);
        }
        add_methods(&vm.interner, &classes.event_loop, loop_class::MAKING);
        if let Some(dict) = classes.token.dict().as_dict() {
            dict.borrow_mut().set_name(&vm.names.token_missing, Obj::native(contextvars::Missing).into());
        }
        classes
    })
}

/// The native object of type `T` that a method was called on; the call protocol has checked its class.
pub fn this<T: 'static>(receiver: &Value) -> &T {
    match receiver.native().obj().and_then(|o| o.downcast()) {
        Some(native) => native,
        None => unreachable!("a method's receiver is an instance of its class"),
    }
}

/// The native object behind a receiver.
pub fn this_ref(receiver: &Value) -> Ref {
    match receiver.native().obj() {
        Some(o) => o.clone(),
        None => unreachable!("a method's receiver is an instance of its class"),
    }
}

/// Whether an object is an instance of a script's subclass, which may have methods of its own.
#[inline]
pub fn is_derived(v: &Value) -> bool {
    matches!(v.kind(), Some(crate::value::Kind::Derived(_)))
}

/// A new native object; for a script's subclass, an instance of that class around it.
pub fn instance(class: &Value, exact: &ClassRef, native: Ref) -> Value {
    use crate::value::instance::{Derived, Fields};
    match class.to_class() {
        Some(c) if !c.is(exact) => Obj::tracked(crate::value::Kind::Derived(Box::new(Derived {
            class: c,
            base: Value::Obj(native),
            fields: std::cell::RefCell::new(Fields::default()),
        })))
        .into(),
        _ => Value::Obj(native),
    }
}
