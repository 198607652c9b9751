//! Indices and slices: from any index value to positions, with CPython's clamping.

use num_bigint::{BigInt, Sign};

use crate::value::obj::Slice;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

/// A slice applied to a length: where it starts, how far it steps, how many items it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
    pub count: usize,
}

impl Span {
    /// The positions, in the slice's direction.
    pub fn positions(self) -> impl Iterator<Item = usize> {
        (0..self.count as i64).map(move |i| (self.start + i * self.step) as usize)
    }

    /// The picked items of a sequence.
    pub fn pick<T: Clone>(self, items: &[T]) -> Vec<T> {
        if self.step == 1 {
            let start = self.start as usize;
            return items.get(start..start + self.count).map(<[T]>::to_vec).unwrap_or_default();
        }
        let mut picked = Vec::with_capacity(self.count);
        picked.extend(self.positions().filter_map(|i| items.get(i).cloned()));
        picked
    }

    /// The same positions, counted upwards.
    #[must_use]
    pub fn upwards(self) -> Self {
        if self.step > 0 || self.count == 0 {
            return self;
        }
        let start = self.start + (self.count as i64 - 1) * self.step;
        Self { start, stop: self.start + 1, step: -self.step, count: self.count }
    }

    /// Clamps bounds to a length and counts the items, as `PySlice_AdjustIndices`.
    pub fn clamp(start: i64, stop: i64, step: i64, len: usize) -> Self {
        let len = len as i64;
        let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
        let fit = |i: i64| if i < 0 { i.saturating_add(len).max(low) } else { i.min(high) };
        let (start, stop) = (fit(start), fit(stop));
        // Both bounds lie within the sequence now, so that nothing overflows.
        let distance = if step < 0 { start - stop } else { stop - start };
        let count = match step {
            _ if distance <= 0 => 0,
            1 | -1 => distance as usize,
            _ => ((distance - 1) as u64 / step.unsigned_abs() + 1) as usize,
        };
        Self { start, stop, step, count }
    }
}

impl Vm {
    /// The integer that an index value stands for, clamped to 64 bits; nothing if it is none.
    pub fn index_opt(&mut self, v: &Value) -> R<Option<i64>> {
        let number = match v.native() {
            Value::Int(i) => return Ok(Some(*i)),
            Value::True => return Ok(Some(1)),
            Value::False => return Ok(Some(0)),
            Value::Obj(o) => match &o.kind {
                Kind::Big(b) => return Ok(Some(clamp_big(b))),
                Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_) if self.special(v, &self.names.index).is_some() => self.index(v)?,
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        Ok(match number.native() {
            Value::Int(i) => Some(*i),
            other => match other.kind() {
                Some(Kind::Big(b)) => Some(clamp_big(b)),
                _ => Some(i64::from(matches!(other, Value::True))),
            },
        })
    }

    /// An index into a sequence: negative ones count from the end; nothing when out of range.
    #[inline]
    pub fn position(index: i64, len: usize) -> Option<usize> {
        let i = if index < 0 { index + len as i64 } else { index };
        usize::try_from(i).ok().filter(|i| *i < len)
    }

    /// The index that a subscript stands for; `what` begins the message for other values.
    pub fn subscript_index(&mut self, key: &Value, what: &str) -> R<i64> {
        match self.index_opt(key)? {
            Some(i) if matches!(key.native_kind(), Some(Kind::Big(_))) && (i == i64::MAX || i == i64::MIN) => {
                Err(self.index_error("cannot fit 'int' into an index-sized integer"))
            }
            Some(i) => Ok(i),
            None => {
                let class = self.class_name(key);
                let text = if what == "string" {
                    format!("string indices must be integers, not '{class}'")
                } else {
                    format!("{what} indices must be integers or slices, not {class}")
                };
                Err(self.type_error(&text))
            }
        }
    }

    /// A bound of a slice; nothing for `None`.
    fn slice_bound(&mut self, v: &Value) -> R<Option<i64>> {
        if v.is_none() {
            return Ok(None);
        }
        match self.index_opt(v)? {
            Some(i) => Ok(Some(i)),
            None => Err(self.type_error("slice indices must be integers or None or have an __index__ method")),
        }
    }

    /// A position argument as `list.index` takes it.
    pub fn slice_argument(&mut self, v: &Value) -> R<i64> {
        match self.index_opt(v)? {
            Some(i) => Ok(i),
            None => Err(self.type_error("slice indices must be integers or have an __index__ method")),
        }
    }

    /// Start, stop and step of a slice as numbers that are not yet clamped to a length.
    pub fn unpack_slice(&mut self, slice: &Slice) -> R<(i64, i64, i64)> {
        let step = self.slice_bound(&slice.step)?.unwrap_or(1);
        if step == 0 {
            return Err(self.value_error("slice step cannot be zero"));
        }
        let step = step.max(-i64::MAX);
        let start = self.slice_bound(&slice.start)?.unwrap_or(if step < 0 { i64::MAX } else { 0 });
        let stop = self.slice_bound(&slice.stop)?.unwrap_or(if step < 0 { i64::MIN } else { i64::MAX });
        Ok((start, stop, step))
    }

    /// A slice of a list or of ASCII text whose bounds are plain integers or absent; nothing for all other cases.
    pub fn plain_slice(&self, value: &Value, bounds: &[Value; 3]) -> Option<Value> {
        let plain = |v: &Value, absent: i64| match v {
            Value::Int(i) => Some(*i),
            Value::None => Some(absent),
            _ => None,
        };
        let step = plain(&bounds[2], 1).filter(|&s| s != 0 && s != i64::MIN)?;
        let start = plain(&bounds[0], if step < 0 { i64::MAX } else { 0 })?;
        let stop = plain(&bounds[1], if step < 0 { i64::MIN } else { i64::MAX })?;
        match value.kind()? {
            Kind::List(l) => {
                let l = l.borrow();
                Some(Value::from(Span::clamp(start, stop, step, l.len()).pick(&l)))
            }
            Kind::Str(s) if step == 1 && s.is_ascii() => {
                let text = s.as_str();
                let span = Span::clamp(start, stop, step, text.len());
                if span.count == text.len() {
                    return Some(value.clone());
                }
                let part = if span.count == 0 { "" } else { text.get(span.start as usize..span.start as usize + span.count)? };
                match part.as_bytes() {
                    [] => Some(self.empty_str.clone()),
                    [one] => Some(self.char_str(char::from(*one))),
                    _ => Some(Value::from(part)),
                }
            }
            _ => None,
        }
    }

    /// A slice applied to a sequence whose length is asked for after the bounds ran their `__index__`.
    pub fn slice_span(&mut self, slice: &Slice, len: impl FnOnce() -> usize) -> R<Span> {
        let (start, stop, step) = self.unpack_slice(slice)?;
        Ok(Span::clamp(start, stop, step, len()))
    }
}

fn clamp_big(b: &BigInt) -> i64 {
    i64::try_from(b).unwrap_or(if b.sign() == Sign::Minus { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn slices_clamp_like_cpython() {
        let (min, max) = (i64::MIN, i64::MAX);
        for ((start, stop, step, len), expected) in [
            ((0, max, 1, 5), vec![0, 1, 2, 3, 4]),
            ((max, min, -1, 5), vec![4, 3, 2, 1, 0]),
            ((-3, -1, 1, 5), vec![2, 3]),
            ((-100, 100, 2, 5), vec![0, 2, 4]),
            ((3, 1, 1, 5), vec![]),
            ((10, 0, -2, 5), vec![4, 2]),
            ((1, 4, max, 5), vec![1]),
            ((4, min, -max, 5), vec![4]),
        ] {
            let span = Span::clamp(start, stop, step, len);
            assert_eq!(span.positions().collect::<Vec<_>>(), expected, "{start}:{stop}:{step} of {len}");
            let mut up: Vec<_> = span.upwards().positions().collect();
            up.sort_unstable();
            let mut down = expected.clone();
            down.sort_unstable();
            assert_eq!(up, down);
        }
    }
}
