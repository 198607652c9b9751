//! `range`: 64-bit bounds in the common case, any integers otherwise.

use num_bigint::{BigInt, Sign};

use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::iter::Iter;
use crate::value::obj::{Range, Slice};
use crate::value::{Kind, Obj, R, Thrown, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

impl Range {
    /// How many numbers there are.
    #[inline]
    pub fn len(&self) -> usize {
        let (low, high, step) = if self.step > 0 { (self.start, self.stop, self.step as u64) } else { (self.stop, self.start, self.step.unsigned_abs()) };
        if low >= high { 0 } else { ((high.wrapping_sub(low) as u64 - 1) / step + 1) as usize }
    }

    /// Whether there is no number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at a position that is known to exist.
    pub fn at(&self, position: usize) -> i64 {
        self.start.wrapping_add((position as i64).wrapping_mul(self.step))
    }

    /// The position of a number.
    pub fn index_of(&self, n: i64) -> Option<usize> {
        let (inside, distance) = if self.step > 0 {
            (self.start <= n && n < self.stop, i128::from(n) - i128::from(self.start))
        } else {
            (self.stop < n && n <= self.start, i128::from(self.start) - i128::from(n))
        };
        let step = i128::from(self.step).abs();
        (inside && distance % step == 0).then(|| (distance / step) as usize)
    }
}

/// The length of a range of any bounds.
pub fn big_len(range: &[BigInt; 3]) -> BigInt {
    let [start, stop, step] = range;
    let (low, high, step) = if step.sign() == Sign::Minus { (stop, start, -step) } else { (start, stop, step.clone()) };
    if low >= high { BigInt::from(0) } else { (high - low - 1) / step + 1 }
}

/// Whether a number is one of a range of any bounds.
pub fn holds(range: &[BigInt; 3], n: &BigInt) -> bool {
    let [start, stop, step] = range;
    let inside = if step.sign() == Sign::Minus { stop < n && n <= start } else { start <= n && n < stop };
    inside && (n - start) % step == BigInt::from(0)
}

/// Whether a value is an `int` or `bool` itself, whose membership needs no comparing.
pub fn is_exact_int(v: &Value) -> bool {
    matches!(v, Value::Int(_) | Value::True | Value::False) || matches!(v.kind(), Some(Kind::Big(_)))
}

/// An integer value as a big integer.
pub fn to_big(v: &Value) -> BigInt {
    match v.native() {
        Value::Int(i) => BigInt::from(*i),
        Value::True => BigInt::from(1),
        other => match other.kind() {
            Some(Kind::Big(b)) => b.clone(),
            _ => BigInt::from(0),
        },
    }
}

/// The bounds of any range object.
fn bounds(v: &Value) -> [BigInt; 3] {
    match v.native_kind() {
        Some(Kind::Range(r)) => [r.start.into(), r.stop.into(), r.step.into()],
        Some(Kind::BigRange(b)) => (**b).clone(),
        _ => [0.into(), 0.into(), 1.into()],
    }
}

/// A range object from any bounds.
pub fn make(bounds: [BigInt; 3]) -> Value {
    let [start, stop, step] = &bounds;
    let small = (i64::try_from(start), i64::try_from(stop), i64::try_from(step));
    if let (Ok(start), Ok(stop), Ok(step)) = small {
        let range = Range { start, stop, step };
        if i64::try_from(range.len()).is_ok() {
            return Value::Obj(Obj::new(Kind::Range(range)));
        }
    }
    Value::Obj(Obj::new(Kind::BigRange(Box::new(bounds))))
}

/// The iterator over a range.
pub fn iterate(v: &Value) -> Value {
    match v.native_kind() {
        Some(Kind::Range(r)) => range_iter(r.start, r.len(), r.step),
        _ => {
            let b = bounds(v);
            let left = Obj::int(big_len(&b));
            let [start, _, step] = b;
            Obj::new(Kind::Iter(Box::new(Iter::BigRange { next: Obj::int(start), left, step: Obj::int(step) }.into()))).into()
        }
    }
}

fn range_iter(start: i64, len: usize, step: i64) -> Value {
    Value::Obj(Obj::new(Kind::RangeIter { next: start.into(), left: (len as i64).into(), step }))
}

/// `reversed(range)`.
pub fn iterate_back(v: &Value) -> Value {
    match v.native_kind() {
        Some(Kind::Range(r)) if r.step != i64::MIN => {
            let n = r.len();
            range_iter(r.at(n.wrapping_sub(1)), n, -r.step)
        }
        _ => {
            let b = bounds(v);
            let len = big_len(&b);
            let [start, _, step] = b;
            let last = start + (&len - 1) * &step;
            Obj::new(Kind::Iter(Box::new(Iter::BigRange { next: Obj::int(last), left: Obj::int(len), step: Obj::int(-step) }.into()))).into()
        }
    }
}

impl Vm {
    /// What ranges compare and hash by: length, first number, step, as far as they matter.
    pub fn range_key(&mut self, v: &Value) -> Value {
        let b = bounds(v);
        let len = big_len(&b);
        let [start, _, step] = b;
        let key = if len == BigInt::from(0) {
            [Value::Int(0), Value::None, Value::None]
        } else if len == BigInt::from(1) {
            [Value::Int(1), Obj::int(start), Value::None]
        } else {
            [Obj::int(len), Obj::int(start), Obj::int(step)]
        };
        Value::Obj(Obj::tuple(key))
    }

    /// `range[key]`.
    pub fn range_item(&mut self, range: &Value, key: &Value) -> R {
        if let Some(Kind::Slice(s)) = key.kind() {
            return self.range_slice(range, s);
        }
        if let (Some(Kind::Range(r)), Value::Int(i)) = (range.native_kind(), key) {
            return match Self::position(*i, r.len()) {
                Some(at) => Ok(Value::Int(r.at(at))),
                None => Err(self.index_error("range object index out of range")),
            };
        }
        let is_index = matches!(key.native(), Value::Int(_) | Value::True | Value::False) || matches!(key.native_kind(), Some(Kind::Big(_)));
        if !is_index {
            self.subscript_index(key, "range")?;
        }
        let index = if is_index { key.clone() } else { self.index(key)? };
        let (b, mut i) = (bounds(range), to_big(&index));
        let len = big_len(&b);
        if i.sign() == Sign::Minus {
            i += &len;
        }
        if i.sign() == Sign::Minus || i >= len {
            return Err(self.index_error("range object index out of range"));
        }
        let [start, _, step] = b;
        Ok(Obj::int(start + i * step))
    }

    fn range_slice(&mut self, range: &Value, slice: &Slice) -> R {
        let b = bounds(range);
        let len = big_len(&b);
        let [start, stop, step] = self.slice_indices(slice, &len)?;
        let [first, _, stride] = b;
        Ok(make([&first + start * &stride, &first + stop * &stride, step * &stride]))
    }

    /// `slice.indices(len)` for lengths of any size.
    pub fn slice_indices(&mut self, slice: &Slice, len: &BigInt) -> R<[BigInt; 3]> {
        let zero = BigInt::from(0);
        let step = self.slice_part(&slice.step)?.unwrap_or_else(|| BigInt::from(1));
        if step == zero {
            return Err(self.value_error("slice step cannot be zero"));
        }
        let down = step.sign() == Sign::Minus;
        let (low, high) = if down { (BigInt::from(-1), len - 1) } else { (zero.clone(), len.clone()) };
        let fit = |i: BigInt| if i.sign() == Sign::Minus { (i + len).max(low.clone()) } else { i.min(high.clone()) };
        let start = self.slice_part(&slice.start)?.map_or_else(|| if down { high.clone() } else { low.clone() }, fit);
        let stop = self.slice_part(&slice.stop)?.map_or_else(|| if down { low.clone() } else { high.clone() }, fit);
        Ok([start, stop, step])
    }

    fn slice_part(&mut self, v: &Value) -> R<Option<BigInt>> {
        if v.is_none() {
            return Ok(None);
        }
        if self.index_opt(v)?.is_none() {
            return Err(self.type_error("slice indices must be integers or None or have an __index__ method"));
        }
        let is_int = matches!(v.native(), Value::Int(_) | Value::True | Value::False) || matches!(v.native_kind(), Some(Kind::Big(_)));
        let index = if is_int { v.clone() } else { self.index(v)? };
        Ok(Some(to_big(&index)))
    }
}

static NEW: Builtin = Builtin::new("range", "(*args)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let args: Vec<Value> = a.iter().take(n).cloned().collect();
    let mut parts = Vec::with_capacity(3);
    if args.is_empty() || args.len() > 3 {
        let (bound, count, s) = if args.is_empty() { ("least", 1, "") } else { ("most", 3, "s") };
        return Err(vm.type_error(&format!("range expected at {bound} {count} argument{s}, got {n}")));
    }
    for v in &args {
        parts.push(vm.index(v)?);
    }
    let (start, stop, step) = match parts.as_slice() {
        [stop] => (&Value::Int(0), stop, &Value::Int(1)),
        [start, stop] => (start, stop, &Value::Int(1)),
        [start, stop, step, ..] => (start, stop, step),
        [] => (&Value::Int(0), &Value::Int(0), &Value::Int(1)),
    };
    if matches!(step.native(), Value::Int(0) | Value::False) {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    if let (Value::Int(start), Value::Int(stop), Value::Int(step)) = (start, stop, step) {
        let range = Range { start: *start, stop: *stop, step: *step };
        if i64::try_from(range.len()).is_ok() {
            return Ok(Value::Obj(Obj::new(Kind::Range(range))));
        }
    }
    Ok(make([to_big(start), to_big(stop), to_big(step)]))
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    construct(vm, a.get_mut(1..).unwrap_or_default(), n.saturating_sub(1))
}

fn position_of(vm: &mut Vm, range: &Value, item: &Value) -> R<Option<Value>> {
    if matches!(item, Value::Int(_) | Value::True | Value::False) || matches!(item.kind(), Some(Kind::Big(_))) {
        let ([start, stop, step], n) = (bounds(range), to_big(item));
        let inside = if step.sign() == Sign::Minus { n <= start && n > stop } else { n >= start && n < stop };
        let distance = n - start;
        return Ok((inside && (&distance % &step).sign() == Sign::NoSign).then(|| Obj::int(distance / step)));
    }
    let iter = iterate(range);
    let mut at = 0_i64;
    while let Some(v) = vm.next(&iter)? {
        if vm.eq(&v, item)? {
            return Ok(Some(Value::Int(at)));
        }
        vm.tick()?;
        at += 1;
    }
    Ok(None)
}

fn index(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match position_of(vm, &a[0], &a[1])? {
        Some(i) => Ok(i),
        None => Err(not_found(vm, &a[1])),
    }
}

fn not_found(vm: &mut Vm, item: &Value) -> Thrown {
    if !matches!(item, Value::Int(_) | Value::True | Value::False) && !matches!(item.kind(), Some(Kind::Big(_))) {
        return vm.value_error("sequence.index(x): x not in sequence");
    }
    match vm.repr(item) {
        Ok(text) => vm.value_error(&format!("{text} is not in range")),
        Err(t) => t,
    }
}

fn count(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if matches!(a[1], Value::Int(_) | Value::True | Value::False) || matches!(a[1].kind(), Some(Kind::Big(_))) {
        return Ok(Value::Int(i64::from(position_of(vm, &a[0], &a[1])?.is_some())));
    }
    let (iter, item) = (iterate(&a[0]), a[1].clone());
    let mut found = 0;
    while let Some(v) = vm.next(&iter)? {
        found += i64::from(vm.eq(&v, &item)?);
        vm.tick()?;
    }
    Ok(Value::Int(found))
}

fn iter(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(iterate(&a[0]))
}

fn reversed(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(iterate_back(&a[0]))
}

fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (range, key) = (a[0].clone(), a[1].clone());
    vm.range_item(&range, &key)
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let [start, stop, step] = bounds(&a[0]);
    let mut parts = vec![vm.repr(&Obj::int(start))?, vm.repr(&Obj::int(stop))?];
    if step != BigInt::from(1) {
        parts.push(vm.repr(&Obj::int(step))?);
    }
    Ok(format!("range({})", parts.join(", ")).into())
}

/// `start`, `stop`, `step`.
const GETSETS: &[GetSet] = &[
    GetSet { name: "start", get: |_, v| Ok(Obj::int(part(v, 0))), set: Some(super::rows::read_only) },
    GetSet { name: "stop", get: |_, v| Ok(Obj::int(part(v, 1))), set: Some(super::rows::read_only) },
    GetSet { name: "step", get: |_, v| Ok(Obj::int(part(v, 2))), set: Some(super::rows::read_only) },
];

fn part(v: &Value, index: usize) -> BigInt {
    bounds(v).into_iter().nth(index).unwrap_or_default()
}

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args)", new, "Makes a range."),
    Builtin::new("__repr__", "(self, /)", repr, ""),
    Builtin::new("__len__", "(self, /)", super::rows::len, "Return len(self)."),
    Builtin::new("__getitem__", "(self, key, /)", getitem, "Return self[key]."),
    Builtin::new("__contains__", "(self, key, /)", super::rows::contains, "Return key in self."),
    Builtin::new("__iter__", "(self, /)", iter, "Implement iter(self)."),
    Builtin::new("__reversed__", "(self, /)", reversed, "Return a reverse iterator."),
    Builtin::new("__bool__", "(self, /)", super::rows::bool, "True if self else False"),
    Builtin::new("__hash__", "(self, /)", super::rows::hash, "Return hash(self)."),
    Builtin::new("__eq__", "(self, value, /)", super::rows::eq, "Return self==value."),
    Builtin::new("__ne__", "(self, value, /)", super::rows::ne, "Return self!=value."),
    Builtin::new("count", "(self, value, /)", count, "Return number of occurrences of value."),
    Builtin::new("index", "(self, value, /)", index, "Return index of value. Raise ValueError if the value is not present."),
];

/// The class.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: GETSETS,
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: crate::value::class::flag::FINAL,
    doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object",
};

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn lengths_and_positions() {
        for ((start, stop, step), len, at) in [
            ((0, 10, 3), 4, (9, Some(3))),
            ((10, 0, -3), 4, (1, Some(3))),
            ((0, 10, 3), 4, (8, None)),
            ((5, 5, 1), 0, (5, None)),
            ((i64::MIN, i64::MAX, 1), usize::MAX, (0, Some(1 << 63))),
        ] {
            let r = Range { start, stop, step };
            assert_eq!(r.len(), len);
            assert_eq!(r.index_of(at.0), at.1);
        }
    }
}
