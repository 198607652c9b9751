//! `heapq`: heaps in lists, with CPython's comparisons in CPython's order. What merges and picks is in `heapq.co`.

use super::functions;
use crate::value::func::Builtin;
use crate::value::{Kind, R, Thrown, Value};
use crate::vm::Vm;

/// Lists longer than this are made heaps in an order that keeps to one part of memory.
const LONG: usize = 2500;
/// Tuples nested deeper than this are left to the general comparison.
const MAX_DEPTH: u32 = 4;

/// The names that the module's text begins with.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    functions(FUNCTIONS, "_heapq")
}

/// A list as a heap: the item at its front is the least one, or the greatest.
struct Heap<'a> {
    list: &'a Value,
    is_max: bool,
}

impl Heap<'_> {
    fn with<T>(&self, look: impl FnOnce(&mut Vec<Value>) -> T) -> Option<T> {
        match self.list.native_kind() {
            Some(Kind::List(items)) => Some(look(&mut items.borrow_mut())),
            _ => None,
        }
    }

    fn len(&self) -> usize {
        self.with(|items| items.len()).unwrap_or(0)
    }

    fn swap(&self, i: usize, j: usize) {
        self.with(|items| {
            if i.max(j) < items.len() {
                items.swap(i, j);
            }
        });
    }

    /// Whether the item at one place must stand nearer to the front than that at another. A comparison may be a script's.
    #[inline]
    fn goes_before(&self, vm: &mut Vm, i: usize, j: usize) -> R<bool> {
        let (i, j) = if self.is_max { (j, i) } else { (i, j) };
        let Some(Kind::List(items)) = self.list.native_kind() else { return Ok(false) };
        let items = items.borrow();
        let (Some(x), Some(y)) = (items.get(i), items.get(j)) else { return Ok(false) };
        if let Some(answer) = plain_less(x, y, 0) {
            return Ok(answer);
        }
        let (x, y, len) = (x.clone(), y.clone(), items.len());
        drop(items);
        let answer = vm.lt(&x, &y)?;
        if self.len() == len { Ok(answer) } else { Err(vm.runtime_error("list changed size during iteration")) }
    }

    /// Lets the item at a place go towards `start` as far as it must.
    fn rise(&self, vm: &mut Vm, start: usize, mut place: usize) -> R<()> {
        while place > start {
            let parent = (place - 1) / 2;
            if !self.goes_before(vm, place, parent)? {
                break;
            }
            self.swap(place, parent);
            place = parent;
        }
        Ok(())
    }

    /// Lets the item at a place go to the end of the path of the first children, and from there back as far as it must:
    /// an item from the end of a heap mostly belongs there.
    fn sink(&self, vm: &mut Vm, start: usize) -> R<()> {
        let len = self.len();
        let mut place = start;
        while place < len / 2 {
            let mut child = 2 * place + 1;
            if child + 1 < len && !self.goes_before(vm, child, child + 1)? {
                child += 1;
            }
            self.swap(child, place);
            place = child;
        }
        self.rise(vm, start, place)
    }

    fn heapify(&self, vm: &mut Vm) -> R<()> {
        let parents = self.len() / 2;
        if self.is_max || self.len() <= LONG {
            return (0..parents).rev().try_for_each(|place| self.sink(vm, place));
        }
        let leftmost = (1 << (parents + 1).ilog2()) - 1;
        for first in (parents / 2..leftmost).rev().chain((leftmost..parents).rev()) {
            self.heapify_upwards(vm, first)?;
        }
        Ok(())
    }

    /// Makes heaps of the one at a place and of those above whose last part it is.
    fn heapify_upwards(&self, vm: &mut Vm, mut place: usize) -> R<()> {
        self.sink(vm, place)?;
        while place & 1 == 1 {
            place /= 2;
            self.sink(vm, place)?;
        }
        vm.tick()
    }

    /// Takes the item at the front out.
    fn pop(&self, vm: &mut Vm) -> R {
        let Some(Some(last)) = self.with(Vec::pop) else { return Err(out_of_range(vm)) };
        let front = self.with(|items| match items.first_mut() {
            Some(front) => Ok(std::mem::replace(front, last)),
            None => Err(last),
        });
        match front {
            Some(Ok(front)) => self.sink(vm, 0).map(|()| front),
            Some(Err(only)) => Ok(only),
            None => Err(out_of_range(vm)),
        }
    }

    /// Puts an item in the place of the one at the front.
    fn replace(&self, vm: &mut Vm, item: Value) -> R {
        let front = self.with(|items| items.first_mut().map(|front| std::mem::replace(front, item)));
        match front.flatten() {
            Some(front) => self.sink(vm, 0).map(|()| front),
            None => Err(out_of_range(vm)),
        }
    }
}

#[cold]
fn out_of_range(vm: &mut Vm) -> Thrown {
    vm.index_error("index out of range")
}

/// `a < b` where it can be said without asking a script: numbers, texts, and tuples or lists that such items tell apart.
#[inline]
fn plain_less(a: &Value, b: &Value, depth: u32) -> Option<bool> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => Some(x < y),
        (Value::Float(x), Value::Float(y)) => Some(x.get() < y.get()),
        (Value::Obj(x), Value::Obj(y)) => match (&x.kind, &y.kind) {
            (Kind::Tuple(s), Kind::Tuple(t)) => items_less(s, t, depth),
            (Kind::List(s), Kind::List(t)) => items_less(&s.borrow(), &t.borrow(), depth),
            (Kind::Str(s), Kind::Str(t)) => Some(s.as_str() < t.as_str()),
            _ => None,
        },
        _ => None,
    }
}

/// The first items that differ decide.
fn items_less(s: &[Value], t: &[Value], depth: u32) -> Option<bool> {
    if depth == MAX_DEPTH {
        return None;
    }
    for (x, y) in s.iter().zip(t) {
        let same = match (x, y) {
            (Value::Int(x), Value::Int(y)) => x == y,
            (Value::Float(x), Value::Float(y)) if !x.get().is_nan() && !y.get().is_nan() => x.get() == y.get(),
            (Value::Obj(_), Value::Obj(_)) => match (x.kind()?, y.kind()?) {
                (Kind::Str(s), Kind::Str(t)) => s.as_str() == t.as_str(),
                _ => return None,
            },
            _ => return None,
        };
        if !same {
            return plain_less(x, y, depth + 1);
        }
    }
    Some(s.len() < t.len())
}

// ---- the functions ----------------------------------------------------------------------------------------------

/// The heap that a function was given.
fn heap<'a>(vm: &mut Vm, v: &'a Value, name: &str, is_max: bool) -> R<Heap<'a>> {
    if matches!(v.native_kind(), Some(Kind::List(_))) {
        return Ok(Heap { list: v, is_max });
    }
    let text = format!("{name} must be list, not {}", vm.class_name_or_none(v));
    Err(vm.type_error(&text))
}

fn heappush(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let item = a[1].take();
    let heap = heap(vm, &a[0], "heappush() argument 1", false)?;
    let last = heap.with(|items| {
        items.push(item);
        items.len() - 1
    });
    heap.rise(vm, 0, last.unwrap_or(0))?;
    Ok(Value::None)
}

fn heappop(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    heap(vm, &a[0], "heappop() argument", false)?.pop(vm)
}

fn heapreplace(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let item = a[1].take();
    heap(vm, &a[0], "heapreplace() argument 1", false)?.replace(vm, item)
}

fn heappushpop(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let item = a[1].take();
    let heap = heap(vm, &a[0], "heappushpop() argument 1", false)?;
    let Some(Some(front)) = heap.with(|items| items.first().cloned()) else { return Ok(item) };
    if vm.lt(&front, &item)? { heap.replace(vm, item) } else { Ok(item) }
}

fn heapify(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    heap(vm, &a[0], "heapify() argument", false)?.heapify(vm)?;
    Ok(Value::None)
}

fn heapify_max(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    heap(vm, &a[0], "_heapify_max() argument", true)?.heapify(vm)?;
    Ok(Value::None)
}

fn heappop_max(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    heap(vm, &a[0], "_heappop_max() argument", true)?.pop(vm)
}

fn heapreplace_max(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let item = a[1].take();
    heap(vm, &a[0], "_heapreplace_max() argument 1", true)?.replace(vm, item)
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("heappush", "(heap, item, /)", heappush, "Push item onto heap, maintaining the heap invariant."),
    Builtin::new("heappop", "(heap, /)", heappop, "Pop the smallest item off the heap, maintaining the heap invariant."),
    Builtin::new("heapreplace", "(heap, item, /)", heapreplace, "Pop and return the smallest item, then push the new one."),
    Builtin::new("heappushpop", "(heap, item, /)", heappushpop, "Push item on the heap, then pop and return the smallest item."),
    Builtin::new("heapify", "(heap, /)", heapify, "Transform list into a heap, in-place, in O(len(heap)) time."),
    Builtin::new("_heapify_max", "(heap, /)", heapify_max, "Transform list into a heap whose front is the greatest item."),
    Builtin::new("_heappop_max", "(heap, /)", heappop_max, "Pop the greatest item."),
    Builtin::new("_heapreplace_max", "(heap, item, /)", heapreplace_max, "Pop the greatest item, then push the new one."),
];
