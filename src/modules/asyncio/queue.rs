//! `asyncio.Queue`, `PriorityQueue` and `LifoQueue`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt::Write as _;

use super::classes::{self, instance, this, this_ref};
use super::native::{Waiters, coroutine, received};
use super::{library, priority, scripted_queue as scripted};
use crate::event_loop::cancel;
use crate::event_loop::future as fut;
use crate::modules::collections::deque;
use crate::value::class::Solid;
use crate::value::coro::{NativeCoro, Sent};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{Attrs, ClassRef, Kind, Obj, R, Ref, Value};
use crate::vm::types::TypeDef;
use crate::vm::{Signal, Vm};

/// First in, first out.
pub const FIFO: TypeDef =
    TypeDef { methods: METHODS, getsets: GETSETS, construct: Some(&NEW_FIFO), solid: Solid::Builtin, flags: 0, doc: "Items on their way from task to task." };
/// The least item first.
pub const PRIORITY: TypeDef = TypeDef { methods: PRIORITY_METHODS, getsets: &[], construct: Some(&NEW_PRIORITY), ..FIFO };
/// Last in, first out.
pub const LIFO: TypeDef = TypeDef { methods: LIFO_METHODS, getsets: &[], construct: Some(&NEW_LIFO), ..FIFO };

static NEW_FIFO: Builtin = Builtin::new("Queue.__init__", "(maxsize=0)", |vm, a, _| make(vm, &a[0].clone(), Order::Fifo).map(Value::Obj), "");
static NEW_PRIORITY: Builtin = Builtin::new("Queue.__init__", "(maxsize=0)", |vm, a, _| make(vm, &a[0].clone(), Order::Priority).map(Value::Obj), "");
static NEW_LIFO: Builtin = Builtin::new("Queue.__init__", "(maxsize=0)", |vm, a, _| make(vm, &a[0].clone(), Order::Lifo).map(Value::Obj), "");

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", |vm, a, _| new(vm, a, Order::Fifo), "Makes a queue."),
    Builtin::new("__init__", "(self, maxsize=0)", init, "Gives it room for so many items."),
    Builtin::new("_init", "(self, maxsize, /)", scripted::init_items, "Makes what holds the items."),
    Builtin::new("_put", "(self, item, /)", scripted::put_item, "Adds an item."),
    Builtin::new("_get", "(self, /)", scripted::get_item, "Takes an item."),
    Builtin::new("qsize", "(self, /)", |vm, a, _| scripted::len(vm, &a[0]).map(Value::from), "How many items there are."),
    Builtin::new("empty", "(self, /)", |vm, a, _| scripted::len(vm, &a[0]).map(|n| (n == 0).into()), "Whether there is no item."),
    Builtin::new("full", "(self, /)", scripted::full, "Whether there is no room."),
    Builtin::new("put", "(self, item)", put, "Waits for room and adds an item.").awaiting(put_now),
    Builtin::new("put_nowait", "(self, item)", put_nowait, "Adds an item; QueueFull without room."),
    Builtin::new("get", "(self, /)", get, "Waits for an item and takes it.").awaiting(get_now),
    Builtin::new("get_nowait", "(self, /)", get_nowait, "Takes an item; QueueEmpty without one."),
    Builtin::new("task_done", "(self, /)", task_done, "Tells that an item's work is done."),
    Builtin::new("join", "(self, /)", join, "Waits until the work of all items is done.").awaiting(join_now),
    Builtin::new("__repr__", "(self, /)", repr_method, "The repr."),
    Builtin::new("__str__", "(self, /)", str_method, "The repr without address."),
    Builtin::new("_format", "(self, /)", |vm, a, _| format(vm, &a[0].clone()).map(Value::from), "What reprs tell."),
];
const PRIORITY_METHODS: &[Builtin] = &[Builtin::new("__new__", "(cls, *args, **kwargs)", |vm, a, _| new(vm, a, Order::Priority), "Makes a queue.")];
const LIFO_METHODS: &[Builtin] = &[Builtin::new("__new__", "(cls, *args, **kwargs)", |vm, a, _| new(vm, a, Order::Lifo), "Makes a queue.")];

const GETSETS: &[GetSet] = &[
    GetSet { name: "maxsize", get: |_, v| Ok(this::<Queue>(v).shown_size()), set: None },
    GetSet { name: "_maxsize", get: |_, v| Ok(this::<Queue>(v).shown_size()), set: None },
    GetSet { name: "_queue", get: scripted::get_items, set: Some(scripted::set_items) },
    GetSet { name: "_getters", get: |_, v| Ok(this::<Queue>(v).getters.list()), set: None },
    GetSet { name: "_putters", get: |_, v| Ok(this::<Queue>(v).putters.list()), set: None },
    GetSet { name: "_unfinished_tasks", get: |_, v| Ok(this::<Queue>(v).unfinished.get().into()), set: None },
];

/// Which item comes out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Fifo,
    Lifo,
    Priority,
}

/// A queue.
pub struct Queue {
    pub order: Order,
    /// So many items at most; without bound when not positive.
    pub maxsize: Cell<i64>,
    /// The same as it was given.
    shown_size: RefCell<Value>,
    items: RefCell<VecDeque<Value>>,
    /// The deque or list that holds the items from the moment on that a script asked for it (`_queue`).
    shown: RefCell<Value>,
    /// What holds the items instead, where a script's subclass does part of the work; else empty.
    pub storage: RefCell<Value>,
    /// Whether it is an instance of such a class.
    pub is_scripted: bool,
    pub getters: Waiters,
    pub putters: Waiters,
    pub unfinished: Cell<usize>,
    joiners: Waiters,
    attrs: Attrs,
}

impl Queue {
    /// How many items there are.
    pub fn count(&self) -> usize {
        self.with_items(|items| items.len())
    }

    /// Works on the items, wherever they are. Runs no script code.
    fn with_items<T>(&self, work: impl FnOnce(&mut VecDeque<Value>) -> T) -> T {
        let shown = self.shown.borrow();
        match shown.kind() {
            None => work(&mut self.items.borrow_mut()),
            Some(Kind::List(list)) => {
                let mut items = VecDeque::from(list.take());
                let result = work(&mut items);
                list.replace(items.into());
                result
            }
            Some(_) => deque::with_items(&shown, work),
        }
    }

    /// The object that holds the items, made when it is first asked for.
    pub fn shown(&self, vm: &mut Vm) -> R {
        if self.shown.borrow().is_unbound() {
            let items = Vec::from(self.items.take());
            let holder = if self.order == Order::Fifo { scripted::deque(vm, items)? } else { items.into() };
            self.shown.replace(holder);
        }
        Ok(self.shown.borrow().clone())
    }

    /// Takes another object for the items; whether it is of the right kind.
    pub fn show(&self, holder: &Value) -> bool {
        let is_right = if self.order == Order::Fifo { deque::is_deque(holder) } else { matches!(holder.kind(), Some(Kind::List(_))) };
        if is_right {
            let old = self.shown.replace(holder.clone());
            drop(old);
        }
        is_right
    }

    fn is_full(&self) -> bool {
        self.maxsize.get() > 0 && self.count() as i64 >= self.maxsize.get()
    }

    /// The items in a list.
    pub fn items(&self) -> Vec<Value> {
        self.with_items(|items| items.iter().cloned().collect())
    }

    #[inline]
    fn add(&self, vm: &mut Vm, item: Value) -> R<()> {
        self.put_item(vm, item)?;
        self.added(vm);
        Ok(())
    }

    /// Counts a new item and wakes who waits for one.
    #[inline]
    pub fn added(&self, vm: &mut Vm) {
        self.unfinished.set(self.unfinished.get() + 1);
        self.getters.wake_next(vm);
    }

    /// Puts an item to its place.
    #[inline]
    pub fn put_item(&self, vm: &mut Vm, item: Value) -> R<()> {
        if self.order == Order::Priority {
            let mut heap = Vec::from(self.with_items(std::mem::take));
            let result = priority::push(vm, &mut heap, item);
            self.with_items(|items| *items = heap.into());
            result?;
        } else {
            self.with_items(|items| items.push_back(item));
        }
        Ok(())
    }

    /// Takes an item; there is one.
    #[inline]
    fn take(&self, vm: &mut Vm) -> R {
        let item = self.get_item(vm)?;
        self.putters.wake_next(vm);
        Ok(item)
    }

    /// Takes the item that comes next.
    #[inline]
    pub fn get_item(&self, vm: &mut Vm) -> R {
        let item = match self.order {
            Order::Fifo => self.with_items(VecDeque::pop_front),
            Order::Lifo => self.with_items(VecDeque::pop_back),
            Order::Priority => {
                let mut heap = Vec::from(self.with_items(std::mem::take));
                let result = priority::pop(vm, &mut heap);
                self.with_items(|items| *items = heap.into());
                result?
            }
        };
        Ok(item.unwrap_or(Value::None))
    }
}

impl Native for Queue {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| match self.order {
            Order::Fifo => &c.queue,
            Order::Lifo => &c.lifo_queue,
            Order::Priority => &c.priority_queue,
        })
    }
    fn attrs(&self) -> Option<&Attrs> {
        Some(&self.attrs)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.attrs.trace(visit);
        if let Ok(items) = self.items.try_borrow() {
            items.iter().for_each(&mut *visit);
        }
        for held in [&self.shown, &self.storage] {
            if let Ok(held) = held.try_borrow() {
                visit(&held);
            }
        }
        for line in [&self.getters, &self.putters, &self.joiners] {
            line.trace(visit);
        }
    }
    fn clear(&self) {
        drop((self.items.take(), self.shown.take(), self.storage.take()));
        [&self.getters, &self.putters, &self.joiners].into_iter().for_each(Waiters::clear);
        self.attrs.clear();
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn make(vm: &mut Vm, maxsize: &Value, order: Order) -> R<Ref> {
    let queue = Queue::new(order, false);
    queue.set_size(vm, maxsize)?;
    Ok(Obj::native(queue))
}

impl Queue {
    fn new(order: Order, is_scripted: bool) -> Self {
        Self {
            order,
            maxsize: Cell::new(0),
            shown_size: RefCell::default(),
            items: RefCell::default(),
            shown: RefCell::default(),
            storage: RefCell::default(),
            is_scripted,
            getters: Waiters::default(),
            putters: Waiters::default(),
            unfinished: Cell::new(0),
            joiners: Waiters::default(),
            attrs: Attrs::default(),
        }
    }

    fn set_size(&self, vm: &mut Vm, maxsize: &Value) -> R<()> {
        let limit = match maxsize {
            Value::Unbound => return Ok(()),
            // So many items at most: a fraction leaves room for one more, infinity is no bound.
            Value::Float(f) => f.get().ceil() as i64,
            _ => vm.index_i64(maxsize)?,
        };
        self.maxsize.set(limit);
        drop(self.shown_size.replace(maxsize.clone()));
        Ok(())
    }

    /// `maxsize` as it was given.
    fn shown_size(&self) -> Value {
        self.shown_size.borrow().given().cloned().unwrap_or(Value::Int(0))
    }
}

fn new(vm: &mut Vm, a: &mut [Value], order: Order) -> R {
    let c = classes::get(vm);
    let exact = match order {
        Order::Fifo => &c.queue,
        Order::Lifo => &c.lifo_queue,
        Order::Priority => &c.priority_queue,
    }
    .clone();
    let is_scripted = scripted::overrides(vm, &a[0]);
    Ok(instance(&a[0], &exact, Obj::native(Queue::new(order, is_scripted))))
}

fn init(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let queue = this::<Queue>(&a[0]);
    queue.set_size(vm, &a[1].clone())?;
    if queue.is_scripted {
        let name = vm.name_of("_init");
        vm.call_method(&a[0].clone(), &name, &[queue.shown_size()])?;
    }
    Ok(Value::None)
}

fn put_now(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let queue = this::<Queue>(&a[0]);
    if queue.is_scripted || queue.is_full() {
        return Ok(Value::Unbound);
    }
    let item = a[1].take();
    this::<Queue>(&a[0]).add(vm, item)?;
    Ok(Value::None)
}

fn get_now(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let queue = this::<Queue>(&a[0]);
    if queue.is_scripted || queue.count() == 0 { Ok(Value::Unbound) } else { queue.take(vm) }
}

fn join_now(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(if this::<Queue>(&a[0]).unfinished.get() == 0 { Value::None } else { Value::Unbound })
}

fn put(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if this::<Queue>(&a[0]).is_scripted {
        return library::call(vm, "_queue_put", &a[..2]);
    }
    Ok(coroutine(Wait { queue: this_ref(&a[0]), waiter: None, what: For::Room(a[1].take()) }).into())
}

fn get(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if this::<Queue>(&a[0]).is_scripted {
        return library::call(vm, "_queue_get", &a[..1]);
    }
    Ok(coroutine(Wait { queue: this_ref(&a[0]), waiter: None, what: For::Item }).into())
}

fn join(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(coroutine(Join { queue: this_ref(&a[0]), waiter: None }).into())
}

fn put_nowait(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if this::<Queue>(&a[0]).is_scripted {
        return library::call(vm, "_queue_put_nowait", &a[..2]);
    }
    if this::<Queue>(&a[0]).is_full() {
        let class = classes::get(vm).queue_full.clone();
        return Err(vm.raise_new(&class, ""));
    }
    put_now(vm, a, 2)
}

fn get_nowait(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let queue = this::<Queue>(&a[0]);
    if queue.is_scripted {
        return library::call(vm, "_queue_get_nowait", &a[..1]);
    }
    if queue.count() == 0 {
        let class = classes::get(vm).queue_empty.clone();
        return Err(vm.raise_new(&class, ""));
    }
    queue.take(vm)
}

fn task_done(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let queue = this::<Queue>(&a[0]);
    let left = queue.unfinished.get();
    if left == 0 {
        return Err(vm.value_error("task_done() called too many times"));
    }
    queue.unfinished.set(left - 1);
    if left == 1 {
        queue.joiners.wake_all(vm);
    }
    Ok(Value::None)
}

fn format(vm: &mut Vm, receiver: &Value) -> R<String> {
    let queue = this::<Queue>(receiver);
    let mut text = format!("maxsize={}", vm.repr(&queue.shown_size())?);
    let items: Value = if queue.is_scripted {
        let items = scripted::get_items(vm, receiver)?;
        vm.collect(&items)?.into()
    } else {
        queue.items().into()
    };
    if vm.len(&items)? > 0 {
        let _ = write!(text, " _queue={}", vm.repr(&items)?);
    }
    for (name, waiters) in [("_getters", &queue.getters), ("_putters", &queue.putters)] {
        if !waiters.is_empty() {
            let _ = write!(text, " {name}[{}]", waiters.len());
        }
    }
    if queue.unfinished.get() > 0 {
        let _ = write!(text, " tasks={}", queue.unfinished.get());
    }
    Ok(text)
}

fn repr_method(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let info = format(vm, &a[0].clone())?;
    let id = a[0].obj().map_or(0, |o| u64::from(o.id()) * 16);
    Ok(format!("<{} at {id:#x} {info}>", vm.class_of(&a[0]).name()).into())
}

fn str_method(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let info = format(vm, &a[0].clone())?;
    Ok(format!("<{} {info}>", vm.class_of(&a[0]).name()).into())
}

/// What `get` or `put` waits for.
enum For {
    Item,
    Room(Value),
}

struct Wait {
    queue: Ref,
    waiter: Option<Ref>,
    what: For,
}

impl Wait {
    fn must_wait(&self, queue: &Queue) -> bool {
        match self.what {
            For::Item => queue.count() == 0,
            For::Room(_) => queue.is_full(),
        }
    }

    const fn line<'a>(&self, queue: &'a Queue) -> &'a Waiters {
        match self.what {
            For::Item => &queue.getters,
            For::Room(_) => &queue.putters,
        }
    }

    /// Waiting was cut short: whoever was woken in vain passes it on.
    fn give_up(&self, vm: &mut Vm, queue: &Queue, waiter: &Ref) -> R<()> {
        cancel::cancel(vm, waiter, None)?;
        self.line(queue).leave(waiter);
        let was_woken = fut::of(waiter).is_some_and(|f| !f.is_cancelled());
        if was_woken && !self.must_wait(queue) {
            self.line(queue).wake_next(vm);
        }
        Ok(())
    }
}

impl NativeCoro for Wait {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        let queue_ref = self.queue.clone();
        let Some(queue) = queue_ref.downcast::<Queue>() else { return Ok(Value::None) };
        match (self.waiter.take(), sent) {
            (Some(waiter), Sent::Exc(exc)) => {
                self.give_up(vm, queue, &waiter)?;
                return Err(vm.rethrow(exc));
            }
            (_, sent) => drop(received(vm, sent)?),
        }
        if self.must_wait(queue) {
            let waiter = self.line(queue).join(vm, &self.queue)?;
            self.waiter = Some(waiter.clone());
            return vm.suspend(Signal::Future(waiter));
        }
        match &mut self.what {
            For::Item => queue.take(vm),
            For::Room(item) => {
                let item = item.take();
                queue.add(vm, item).map(|()| Value::None)
            }
        }
    }
    fn name(&self) -> &'static str {
        match self.what {
            For::Item => "Queue.get",
            For::Room(_) => "Queue.put",
        }
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.queue.clone()));
        if let Some(w) = &self.waiter {
            visit(&Value::Obj(w.clone()));
        }
        if let For::Room(item) = &self.what {
            visit(item);
        }
    }
}

struct Join {
    queue: Ref,
    waiter: Option<Ref>,
}

impl NativeCoro for Join {
    fn resume(&mut self, vm: &mut Vm, sent: Sent) -> R {
        let Some(queue) = self.queue.downcast::<Queue>() else { return Ok(Value::None) };
        if let Some(waiter) = self.waiter.take() {
            queue.joiners.leave(&waiter);
            return received(vm, sent).map(|_| Value::None);
        }
        received(vm, sent)?;
        if queue.unfinished.get() == 0 {
            return Ok(Value::None);
        }
        let waiter = queue.joiners.join(vm, &self.queue)?;
        self.waiter = Some(waiter.clone());
        vm.suspend(Signal::Future(waiter))
    }
    fn name(&self) -> &'static str {
        "Queue.join"
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.queue.clone()));
        if let Some(w) = &self.waiter {
            visit(&Value::Obj(w.clone()));
        }
    }
}
