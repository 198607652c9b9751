//! Queues of script classes that do part of the work themselves: `_init`, `_put`, `_get`, `qsize` and so on may all be
//! theirs. Waiting is then done by functions of `library.co`, which call these methods; what they need stands here.

use super::classes::this;
use super::priority;
use super::queue::{Order, Queue};
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

/// What a subclass may do itself.
const HOOKS: &[&str] = &["_init", "_put", "_get", "qsize", "empty", "full", "put_nowait", "get_nowait"];

/// Functions that only `library.co` sees.
pub const FOR_LIBRARY: &[Builtin] = &[
    Builtin::new("_queue_join", "(queue, for_room, /)", join, "Joins a line of those who wait; gives the future to wait for."),
    Builtin::new("_queue_leave", "(queue, for_room, waiter, /)", leave, "Leaves it."),
    Builtin::new("_queue_wake", "(queue, for_room, /)", wake, "Wakes the next one."),
    Builtin::new("_queue_added", "(queue, /)", added, "Counts a new item and wakes who waits for one."),
];

/// Whether a class has some of the methods from a script.
pub fn overrides(vm: &mut Vm, class: &Value) -> bool {
    let Some(class) = class.to_class() else { return false };
    HOOKS.iter().any(|name| {
        let name = vm.name_of(name);
        class.lookup(&name).is_some_and(|m| !matches!(m.kind(), Some(Kind::NativeFn(_))))
    })
}

/// How many items there are.
pub fn len(vm: &mut Vm, receiver: &Value) -> R<usize> {
    let storage = this::<Queue>(receiver).storage.borrow().clone();
    if storage.is_unbound() { Ok(this::<Queue>(receiver).count()) } else { vm.len(&storage) }
}

/// `full`.
pub fn full(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let maxsize = this::<Queue>(&a[0]).maxsize.get();
    if maxsize <= 0 {
        return Ok(Value::False);
    }
    let name = vm.name_of("qsize");
    let size = vm.call_method(&a[0].clone(), &name, &[])?;
    Ok((vm.index_i64(&size)? >= maxsize).into())
}

/// `_queue`.
pub fn get_items(vm: &mut Vm, receiver: &Value) -> R {
    let queue = this::<Queue>(receiver);
    let storage = queue.storage.borrow().clone();
    if storage.is_unbound() { queue.shown(vm) } else { Ok(storage) }
}

/// `_queue = ..`.
pub fn set_items(vm: &mut Vm, receiver: &Value, items: Value) -> R<()> {
    let queue = this::<Queue>(receiver);
    if queue.is_scripted {
        let old = queue.storage.replace(items);
        drop(old);
        return Ok(());
    }
    if queue.show(&items) {
        return Ok(());
    }
    let class = vm.types.not_implemented_error.clone();
    Err(vm.raise_new(&class, "corun does not support such a `_queue` in a queue whose class has no methods of its own"))
}

/// `_init`: a list, or a deque.
pub fn init_items(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let items = match this::<Queue>(&a[0]).order {
        Order::Fifo => deque(vm, Vec::new())?,
        Order::Lifo | Order::Priority => Vec::new().into(),
    };
    set_items(vm, &a[0].clone(), items)?;
    Ok(Value::None)
}

/// A `collections.deque`.
pub fn deque(vm: &mut Vm, items: Vec<Value>) -> R {
    let module = vm.import_module("collections")?;
    let name = vm.name_of("deque");
    let class = vm.get_attr(&module, &name)?;
    vm.call(&class, &[items.into()])
}

/// `_put`.
pub fn put_item(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let item = a[1].take();
    let queue = this::<Queue>(&a[0]);
    let storage = queue.storage.borrow().clone();
    match (storage.kind(), queue.order) {
        (None, _) => queue.put_item(vm, item)?,
        (Some(Kind::List(l)), Order::Priority) => {
            let mut heap = l.take();
            let result = priority::push(vm, &mut heap, item);
            l.replace(heap);
            result?;
        }
        _ => drop(call(vm, &storage, "append", &[item])?),
    }
    Ok(Value::None)
}

/// `_get`.
pub fn get_item(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let queue = this::<Queue>(&a[0]);
    let storage = queue.storage.borrow().clone();
    match (storage.kind(), queue.order) {
        (None, _) => queue.get_item(vm),
        (Some(Kind::List(l)), Order::Priority) => {
            let mut heap = l.take();
            let result = priority::pop(vm, &mut heap);
            l.replace(heap);
            result?.ok_or_else(|| vm.index_error("index out of range"))
        }
        (Some(Kind::List(_)), Order::Fifo) => call(vm, &storage, "pop", &[Value::Int(0)]),
        (_, Order::Fifo) => call(vm, &storage, "popleft", &[]),
        _ => call(vm, &storage, "pop", &[]),
    }
}

fn call(vm: &mut Vm, receiver: &Value, method: &str, args: &[Value]) -> R {
    let name = vm.name_of(method);
    vm.call_method(receiver, &name, args)
}

fn is_for_room(v: &Value) -> bool {
    matches!(v, Value::True)
}

fn join(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let Some(owner) = a[0].obj().cloned() else { return Ok(Value::None) };
    let queue = this::<Queue>(&a[0]);
    let line = if is_for_room(&a[1]) { &queue.putters } else { &queue.getters };
    line.join(vm, &owner).map(Value::Obj)
}

fn leave(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let queue = this::<Queue>(&a[0]);
    let line = if is_for_room(&a[1]) { &queue.putters } else { &queue.getters };
    if let Some(waiter) = a[2].obj() {
        line.leave(waiter);
    }
    Ok(Value::None)
}

fn wake(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let queue = this::<Queue>(&a[0]);
    let line = if is_for_room(&a[1]) { &queue.putters } else { &queue.getters };
    line.wake_next(vm);
    Ok(Value::None)
}

fn added(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    this::<Queue>(&a[0]).added(vm);
    Ok(Value::None)
}
