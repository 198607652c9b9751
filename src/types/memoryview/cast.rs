//! `memoryview.cast`: the same bytes as items of another format, or in another shape.

use super::{MemoryView, Shape, receiver, with_memory};
use crate::pure::pack;
use crate::value::{Kind, R, Thrown, Value};
use crate::vm::Vm;

/// The code of a format that a cast may have: one letter, perhaps after an `@`.
fn native_code(format: &str) -> Option<(char, bool)> {
    let (letters, is_native) = format.strip_prefix('@').map_or((format, false), |rest| (rest, true));
    let mut chars = letters.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c != 'e' && pack::item_size(c).is_some() => Some((c, is_native)),
        _ => None,
    }
}

fn is_byte(code: char) -> bool {
    matches!(code, 'b' | 'B' | 'c')
}

/// `cast`.
pub fn cast(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    let format = crate::types::make::str_arg(vm, &a[1], "cast() argument 'format'")?;
    if !view.shape.is_contiguous(false) {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let counts = match a[2].some() {
        Some(v) => Some(shape_argument(vm, v)?),
        None => None,
    };
    if (counts.is_some() || view.shape.counts.len() != 1) && view.shape.counts.contains(&0) {
        return Err(vm.type_error("memoryview: cannot cast view with zeros in shape or strides"));
    }
    if let Some(counts) = &counts
        && view.shape.counts.len() != 1
        && counts.len() != 1
    {
        return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
    }
    let flat = flat(vm, view, format)?;
    match counts {
        None => Ok(view.with(flat)),
        Some(counts) => shaped(vm, view, flat, &counts),
    }
}

/// The `shape` argument's items.
fn shape_argument(vm: &mut Vm, v: &Value) -> R<Vec<Value>> {
    let items = match v.native_kind() {
        Some(Kind::List(items)) => items.borrow().clone(),
        Some(Kind::Tuple(items)) => items.to_vec(),
        _ => return Err(vm.type_error("shape must be a list or a tuple")),
    };
    if items.len() > 64 { Err(vm.value_error("memoryview: number of dimensions must not exceed 64")) } else { Ok(items) }
}

/// The view as one dimension of a format's items.
fn flat(vm: &mut Vm, view: &MemoryView, format: &str) -> R<Shape> {
    let Some((code, is_native)) = native_code(format) else { return Err(foreign_format(vm)) };
    if !is_byte(view.shape.code) && !is_byte(code) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let (size, bytes) = (pack::item_size(code).unwrap_or(1), view.shape.nbytes());
    if bytes % size != 0 {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    Ok(Shape { start: view.shape.start, counts: vec![bytes / size], strides: vec![size as i64], code, is_native })
}

#[cold]
fn foreign_format(vm: &mut Vm) -> Thrown {
    vm.value_error("memoryview: destination format must be a native single character format prefixed with an optional '@'")
}

/// Such a view in several dimensions.
fn shaped(vm: &mut Vm, view: &MemoryView, mut flat: Shape, wanted: &[Value]) -> R {
    let bytes = flat.nbytes();
    let mut counts = Vec::with_capacity(wanted.len());
    for item in wanted {
        let count = match item.native() {
            Value::Int(i) => *i,
            Value::True | Value::False => i64::from(matches!(item, Value::True)),
            _ => return Err(vm.type_error("memoryview.cast(): elements of shape must be integers")),
        };
        if count <= 0 {
            return Err(vm.value_error("memoryview.cast(): elements of shape must be integers > 0"));
        }
        counts.push(count as usize);
    }
    let product = counts.iter().try_fold(flat.itemsize(), |size, count| size.checked_mul(*count));
    if product != Some(bytes) {
        return Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size"));
    }
    let mut stride = flat.itemsize() as i64;
    flat.strides = vec![0; counts.len()];
    for (slot, count) in flat.strides.iter_mut().zip(&counts).rev() {
        *slot = stride;
        stride *= *count as i64;
    }
    flat.counts = counts;
    Ok(view.with(flat))
}

/// The bytes with the first dimension running fastest.
pub fn fortran_bytes(view: &MemoryView) -> Vec<u8> {
    let mut shape = view.shape.clone();
    shape.counts.reverse();
    shape.strides.reverse();
    let size = shape.itemsize();
    with_memory(&view.base, |all| shape.places().iter().filter_map(|p| all.get(*p as usize..*p as usize + size)).flatten().copied().collect())
        .unwrap_or_default()
}
