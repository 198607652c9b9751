//! A binary heap of values in a list, with the comparisons of CPython's `heapq`, so that equal items come out alike.

use crate::syntax::ast::CmpOp;
use crate::value::{R, Value};
use crate::vm::Vm;

/// Adds an item.
pub fn push(vm: &mut Vm, heap: &mut Vec<Value>, item: Value) -> R<()> {
    heap.push(item);
    let last = heap.len() - 1;
    rise(vm, heap, 0, last)
}

/// Takes the least item; nothing from an empty heap.
pub fn pop(vm: &mut Vm, heap: &mut Vec<Value>) -> R<Option<Value>> {
    let Some(last) = heap.pop() else { return Ok(None) };
    let Some(first) = heap.first_mut() else { return Ok(Some(last)) };
    let least = std::mem::replace(first, last);
    sink(vm, heap, 0)?;
    Ok(Some(least))
}

/// Moves the item at `place` towards the root until its parent is not greater.
fn rise(vm: &mut Vm, heap: &mut [Value], start: usize, mut place: usize) -> R<()> {
    while place > start {
        let parent = (place - 1) / 2;
        let (above, item) = (heap[parent].clone(), heap[place].clone());
        if !vm.compare_bool(CmpOp::Lt, &item, &above)? {
            break;
        }
        heap.swap(place, parent);
        place = parent;
    }
    Ok(())
}

/// Moves the item at `start` down to a leaf along the smaller children, then up to its place.
fn sink(vm: &mut Vm, heap: &mut [Value], start: usize) -> R<()> {
    let (mut place, end) = (start, heap.len());
    let mut child = 2 * place + 1;
    while child < end {
        let right = child + 1;
        if right < end {
            let (a, b) = (heap[child].clone(), heap[right].clone());
            if !vm.compare_bool(CmpOp::Lt, &a, &b)? {
                child = right;
            }
        }
        heap.swap(place, child);
        place = child;
        child = 2 * place + 1;
    }
    rise(vm, heap, start, place)
}
