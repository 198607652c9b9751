//! Items of a memoryview: read, written, listed, compared.

use super::{MemoryView, Shape, receiver, with_memory, write_memory};
use crate::pure::pack::{self, Item};
use crate::types::bytes::bytes_of;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;

fn read(view: &MemoryView, at: i64) -> Item {
    let size = view.shape.itemsize();
    with_memory(&view.base, |all| pack::read(view.shape.code, all.get(at as usize..at as usize + size).unwrap_or_default())).unwrap_or(Item::Int(0))
}

/// An item as a value.
pub fn to_value(item: Item) -> Value {
    match item {
        Item::Int(i) => Value::Int(i),
        Item::Unsigned(u) => Obj::int(u.into()),
        Item::Float(x) => Value::float(x),
        Item::Bool(b) => Value::bool(b),
        Item::Byte(b) => Obj::bytes([b]).into(),
    }
}

/// An item in the form in which items of different formats are compared: numbers by value, bytes apart.
pub fn comparable(item: Item) -> (bool, i128, Option<f64>) {
    match item {
        Item::Int(i) => (false, i.into(), None),
        Item::Unsigned(u) => (false, u.into(), None),
        Item::Bool(b) => (false, b.into(), None),
        Item::Byte(b) => (true, b.into(), None),
        Item::Float(x) if x.fract() == 0.0 && x.abs() < 1e30 => (false, x as i128, None),
        Item::Float(x) => (false, 0, Some(x)),
    }
}

/// All items, comparable.
pub fn all(view: &MemoryView) -> Vec<(bool, i128, Option<f64>)> {
    view.shape.places().into_iter().map(|at| comparable(read(view, at))).collect()
}

/// The place of the item with an index in the first dimension.
fn place(vm: &mut Vm, shape: &Shape, dimension: usize, index: i64) -> R<i64> {
    let count = shape.counts.get(dimension).copied().unwrap_or_default();
    match Vm::position(index, count) {
        Some(i) => Ok(i as i64 * shape.strides.get(dimension).copied().unwrap_or_default()),
        None => Err(vm.index_error(&format!("index out of bounds on dimension {}", dimension + 1))),
    }
}

/// The place of the one item that a key names; nothing when it is a key of another sort.
fn item_place(vm: &mut Vm, shape: &Shape, key: &Value, sub_views: &str) -> R<Option<i64>> {
    let mut at = shape.start;
    if let Some(indices) = key.as_tuple() {
        if !indices.iter().all(|i| vm.has_index(i)) {
            return Ok(None);
        }
        let dimensions = shape.counts.len();
        if indices.len() < dimensions {
            return Err(vm.not_implemented_error("sub-views are not implemented"));
        }
        if indices.len() > dimensions {
            return Err(vm.type_error(&format!("cannot index {dimensions}-dimension view with {}-element tuple", indices.len())));
        }
        for (dimension, index) in indices.iter().enumerate() {
            let index = vm.index_i64(index)?;
            at += place(vm, shape, dimension, index)?;
        }
        return Ok(Some(at));
    }
    if !vm.has_index(key) {
        return Ok(None);
    }
    let index = vm.index_i64(key)?;
    match shape.counts.len() {
        0 => Err(vm.type_error("invalid indexing of 0-dim memory")),
        1 => Ok(Some(at + place(vm, shape, 0, index)?)),
        _ => {
            place(vm, shape, 0, index)?;
            Err(vm.not_implemented_error(sub_views))
        }
    }
}

/// The part of the first dimension that a slice names.
fn part(vm: &mut Vm, shape: &Shape, slice: &crate::value::obj::Slice) -> R<Shape> {
    let count = shape.counts.first().copied().unwrap_or_default();
    let span = vm.slice_span(slice, || count)?;
    let mut part = shape.clone();
    if let (Some(count), Some(stride)) = (part.counts.first_mut(), part.strides.first_mut()) {
        part.start += span.start * *stride;
        *count = span.count;
        *stride *= span.step;
    }
    Ok(part)
}

fn is_ellipsis(key: &Value) -> bool {
    matches!(key.kind(), Some(Kind::Ellipsis))
}

#[cold]
fn bad_key(vm: &mut Vm, key: &Value) -> crate::value::Thrown {
    let is_slices = key.as_tuple().is_some_and(|t| !t.is_empty() && t.iter().all(|i| matches!(i.kind(), Some(Kind::Slice(_)))));
    if is_slices { vm.not_implemented_error("multi-dimensional slicing is not implemented") } else { vm.type_error("memoryview: invalid slice key") }
}

/// `__getitem__`.
pub fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    if view.shape.counts.is_empty() {
        let is_whole = a[1].as_tuple().is_some_and(<[Value]>::is_empty);
        return match (is_whole, is_ellipsis(&a[1])) {
            (true, _) => Ok(to_value(read(view, view.shape.start))),
            (_, true) => Ok(a[0].clone()),
            _ => Err(vm.type_error("invalid indexing of 0-dim memory")),
        };
    }
    if let Some(Kind::Slice(slice)) = a[1].kind() {
        let part = part(vm, &view.shape, slice)?;
        return Ok(view.with(part));
    }
    match item_place(vm, &view.shape, &a[1], "multi-dimensional sub-views are not implemented")? {
        Some(at) => {
            receiver(vm, &a[0])?;
            Ok(to_value(read(view, at)))
        }
        None => Err(bad_key(vm, &a[1])),
    }
}

/// A value as an item of a format.
pub fn from_value(vm: &mut Vm, code: char, value: &Value) -> R<Item> {
    let invalid_type = format!("memoryview: invalid type for format '{code}'");
    match code {
        '?' => Ok(Item::Bool(vm.truth(value)?)),
        'c' => match value.native_kind() {
            Some(Kind::Bytes(b)) => match **b {
                [byte] => Ok(Item::Byte(byte)),
                _ => Err(invalid_value(vm, code)),
            },
            _ => Err(vm.type_error(&invalid_type)),
        },
        'f' | 'd' => {
            let result = vm.to_f64(value);
            let class = vm.types.type_error.clone();
            match vm.catch(&class, result)? {
                Some(x) => Ok(Item::Float(x)),
                None => Err(vm.type_error(&invalid_type)),
            }
        }
        _ if !vm.has_index(value) => Err(vm.type_error(&invalid_type)),
        _ => match vm.index(value)? {
            Value::Int(i) => Ok(Item::Int(i)),
            big => match u64::try_from(&crate::types::range::to_big(&big)) {
                Ok(u) => Ok(Item::Unsigned(u)),
                Err(_) => Err(invalid_value(vm, code)),
            },
        },
    }
}

#[cold]
fn invalid_value(vm: &mut Vm, code: char) -> crate::value::Thrown {
    vm.value_error(&format!("memoryview: invalid value for format '{code}'"))
}

fn store(vm: &mut Vm, view: &MemoryView, at: i64, value: &Value) -> R {
    let code = view.shape.code;
    let item = from_value(vm, code, value)?;
    let Some(bytes) = pack::write(code, item) else { return Err(invalid_value(vm, code)) };
    write_memory(&view.base, at, &bytes);
    Ok(Value::None)
}

/// `__setitem__`.
pub fn setitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    if view.is_readonly {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    if view.shape.counts.is_empty() {
        let is_whole = a[1].as_tuple().is_some_and(<[Value]>::is_empty) || is_ellipsis(&a[1]);
        return if is_whole { store(vm, view, view.shape.start, &a[2]) } else { Err(vm.type_error("invalid indexing of 0-dim memory")) };
    }
    if let Some(Kind::Slice(slice)) = a[1].kind() {
        return set_slice(vm, view, slice, &a[2]);
    }
    match item_place(vm, &view.shape, &a[1], "sub-views are not implemented")? {
        Some(at) => store(vm, view, at, &a[2]),
        None => Err(bad_key(vm, &a[1])),
    }
}

fn set_slice(vm: &mut Vm, view: &MemoryView, slice: &crate::value::obj::Slice, value: &Value) -> R {
    if view.shape.counts.len() != 1 {
        return Err(vm.not_implemented_error("memoryview slice assignments are currently restricted to ndim = 1"));
    }
    let Some(new) = bytes_of(value) else {
        let text = format!("a bytes-like object is required, not '{}'", vm.class_name(value));
        return Err(vm.type_error(&text));
    };
    let part = part(vm, &view.shape, slice)?;
    let code = match value.native_kind() {
        Some(Kind::Native(n)) => n.buffer().map_or_else(|| super::view_of(value).map_or('B', |v| v.shape.code), |(_, code)| code),
        _ => 'B',
    };
    if code != part.code || new.len() != part.nbytes() {
        return Err(vm.value_error("memoryview assignment: lvalue and rvalue have different structures"));
    }
    for (at, bytes) in part.places().into_iter().zip(new.chunks(part.itemsize())) {
        write_memory(&view.base, at, bytes);
    }
    Ok(Value::None)
}

/// `__delitem__`.
pub fn delitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let text = if receiver(vm, &a[0])?.is_readonly { "cannot modify read-only memory" } else { "cannot delete memory" };
    Err(vm.type_error(text))
}

/// The items of the dimensions from one on, in nested lists.
fn nested(view: &MemoryView, dimension: usize, at: i64) -> Value {
    match (view.shape.counts.get(dimension), view.shape.strides.get(dimension)) {
        (Some(count), Some(stride)) => (0..*count).map(|i| nested(view, dimension + 1, at + i as i64 * stride)).collect::<Vec<_>>().into(),
        _ => to_value(read(view, at)),
    }
}

/// `tolist`.
pub fn tolist(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    Ok(nested(view, 0, view.shape.start))
}
