//! Walking lists and tuples while script code may change them: nothing is borrowed across a comparison.

use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::compare::native_eq;

/// Lends the items of a list or tuple (subclasses included) for a while in which no script code runs.
#[inline]
pub fn with_items<T>(v: &Value, look: impl FnOnce(&[Value]) -> T) -> T {
    match v.native_kind() {
        Some(Kind::List(l)) => look(&l.borrow()),
        Some(Kind::Tuple(t)) => look(t),
        _ => look(&[]),
    }
}

/// What a walk without script code came to.
enum Walk {
    End,
    Found(usize),
    /// Here only script code can tell.
    Ask(usize, Value, Value),
}

impl Vm {
    /// The first index in `start..stop` whose item equals `item`.
    pub fn sequence_index(&mut self, seq: &Value, item: &Value, start: usize, stop: i64) -> R<Option<usize>> {
        let mut from = start;
        loop {
            let walk = with_items(seq, |items| {
                let end = items.len().min(usize::try_from(stop).unwrap_or(0));
                for (i, v) in items.iter().enumerate().take(end).skip(from) {
                    match native_eq(v, item) {
                        Some(true) => return Walk::Found(i),
                        Some(false) => {}
                        None => return Walk::Ask(i, v.clone(), Value::None),
                    }
                }
                Walk::End
            });
            match walk {
                Walk::End => return Ok(None),
                Walk::Found(i) => return Ok(Some(i)),
                Walk::Ask(i, v, _) => {
                    if self.eq(&v, item)? {
                        return Ok(Some(i));
                    }
                    self.tick()?;
                    from = i + 1;
                }
            }
        }
    }

    /// How many items equal `item`.
    pub fn sequence_count(&mut self, seq: &Value, item: &Value) -> R<usize> {
        let (mut from, mut count) = (0, 0);
        while let Some(i) = self.sequence_index(seq, item, from, i64::MAX)? {
            count += 1;
            from = i + 1;
        }
        Ok(count)
    }

    /// The first pair of items at the same index that are not equal.
    pub fn first_difference(&mut self, a: &Value, b: &Value) -> R<Option<(Value, Value)>> {
        let mut from = 0;
        loop {
            let walk = with_items(a, |p| {
                with_items(b, |q| {
                    for (i, (x, y)) in p.iter().zip(q).enumerate().skip(from) {
                        match native_eq(x, y) {
                            Some(true) => {}
                            Some(false) => return Walk::Found(i),
                            None => return Walk::Ask(i, x.clone(), y.clone()),
                        }
                    }
                    Walk::End
                })
            });
            match walk {
                Walk::End => return Ok(None),
                Walk::Found(i) => return Ok(with_items(a, |p| p.get(i).cloned()).zip(with_items(b, |q| q.get(i).cloned()))),
                Walk::Ask(i, x, y) => {
                    if !self.eq(&x, &y)? {
                        return Ok(Some((x, y)));
                    }
                    from = i + 1;
                }
            }
        }
    }
}
