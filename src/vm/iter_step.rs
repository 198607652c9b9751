//! One step of each built-in iterator. The state is borrowed only while no script code can run.

use std::cell::RefCell;

use crate::types::range::to_big;
use crate::value::iter::Iter;
use crate::value::obj::ViewKind;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;

/// Marks a dict or set iterator whose container changed: it fails for good.
const CHANGED: usize = usize::MAX;

/// What a step needs script code for.
enum Need {
    /// Nothing: this is the result.
    Done(Option<Value>),
    /// A message of a `RuntimeError`.
    Fail(&'static str),
    Sequence(Value, i64),
    Reversed(Value, i64),
    Enumerate(Value),
    Zip(usize, bool),
    MapOne(Value, Value),
    Map(Value, usize),
    Filter(Value, Value),
    Call(Value, Value),
    Native,
}

impl Vm {
    /// The next item of a built-in iterator.
    pub fn next_of_iter(&mut self, cell: &RefCell<Iter>) -> R<Option<Value>> {
        let need = self.begin_step(&mut cell.borrow_mut());
        if let Need::Done(v) = need {
            return Ok(v);
        }
        let result = self.run_step(cell, need);
        if result.is_err() { self.end_by_stop(result) } else { result }
    }

    fn run_step(&mut self, cell: &RefCell<Iter>, need: Need) -> R<Option<Value>> {
        match need {
            Need::Done(v) => Ok(v),
            Need::Fail(text) => Err(self.runtime_error(text)),
            Need::Enumerate(iter) => self.step_enumerate(cell, &iter),
            Need::Zip(n, strict) => self.step_zip(cell, n, strict),
            Need::MapOne(func, iter) => match self.next(&iter)? {
                Some(v) => self.call(&func, std::slice::from_ref(&v)).map(Some),
                None => Ok(None),
            },
            Need::Map(func, n) => self.step_map(cell, &func, n),
            Need::Filter(func, iter) => self.step_filter(&func, &iter),
            Need::Call(func, sentinel) => self.step_callable(cell, &func, &sentinel),
            Need::Sequence(seq, i) => self.step_sequence(cell, &seq, i),
            Need::Reversed(seq, i) => self.step_reversed(cell, &seq, i),
            Need::Native => self.step_native(cell),
        }
    }

    fn begin_step(&self, iter: &mut Iter) -> Need {
        match iter {
            Iter::Done => Need::Done(None),
            Iter::Tuple { tuple, next } => {
                let item = tuple.as_tuple().and_then(|t| t.get(*next)).cloned();
                *next += 1;
                if item.is_none() {
                    drop(tuple.take());
                }
                Need::Done(item)
            }
            Iter::Str { text, offset } => {
                let c = text.as_str().and_then(|s| s.get(*offset..)).and_then(|s| s.chars().next());
                match c {
                    Some(c) => *offset += c.len_utf8(),
                    None => drop(text.take()),
                }
                Need::Done(c.map(|c| self.char_str(c)))
            }
            Iter::Bytes { bytes, next } => {
                let byte = match bytes.native_kind() {
                    Some(Kind::Bytes(b)) => b.get(*next).copied(),
                    Some(Kind::ByteArray(b)) => b.borrow().get(*next).copied(),
                    _ => None,
                };
                *next += 1;
                if byte.is_none() {
                    drop(bytes.take());
                }
                Need::Done(byte.map(|b| Value::Int(i64::from(b))))
            }
            Iter::Dict { dict, kind, next, len, left, reversed } => step_dict(dict, *kind, next, len, left, *reversed),
            Iter::Set { set, next, len } => step_set(set, next, len),
            Iter::Sequence { seq, next } => match seq {
                Value::Unbound => Need::Done(None),
                seq => Need::Sequence(seq.clone(), *next),
            },
            Iter::Reversed { seq, next } => step_back(seq, next),
            Iter::Enumerate { iter, .. } => Need::Enumerate(iter.clone()),
            Iter::Zip { iters, .. } if iters.is_empty() => Need::Done(None),
            Iter::Zip { iters, strict, .. } => Need::Zip(iters.len(), *strict),
            Iter::Map { func, iters } => match iters.as_slice() {
                [one] => Need::MapOne(func.clone(), one.clone()),
                _ => Need::Map(func.clone(), iters.len()),
            },
            Iter::Filter { func, iter } => Need::Filter(func.clone(), iter.clone()),
            Iter::Callable { func, sentinel } => Need::Call(func.clone(), sentinel.clone()),
            Iter::BigRange { next, left, step } => Need::Done(step_big_range(next, left, step)),
            Iter::Native(_) => Need::Native,
        }
    }

    fn step_enumerate(&mut self, cell: &RefCell<Iter>, iter: &Value) -> R<Option<Value>> {
        let Some(item) = self.next(iter)? else { return Ok(None) };
        let Iter::Enumerate { next, used, .. } = &mut *cell.borrow_mut() else { return Ok(None) };
        let after = match &*next {
            Value::Int(i) if *i < i64::MAX => Value::Int(*i + 1),
            other => Obj::int(to_big(other) + 1),
        };
        let index = std::mem::replace(next, after);
        Ok(Some(used.give(2, [index, item].into_iter())))
    }

    fn part(cell: &RefCell<Iter>, i: usize) -> Value {
        match &*cell.borrow() {
            Iter::Zip { iters, .. } | Iter::Map { iters, .. } => iters.get(i).cloned().unwrap_or_default(),
            _ => Value::Unbound,
        }
    }

    /// The common case of `zip`, without anything allocated for the items.
    fn step_pair(&mut self, cell: &RefCell<Iter>) -> R<Option<Value>> {
        let Some(first) = self.next(&Self::part(cell, 0))? else { return Ok(None) };
        self.stopped = None;
        let Some(second) = self.next(&Self::part(cell, 1))? else { return Ok(None) };
        Ok(Self::tuple_of_zip(cell, 2, [first, second].into_iter()))
    }

    fn tuple_of_zip(cell: &RefCell<Iter>, n: usize, items: impl Iterator<Item = Value>) -> Option<Value> {
        match &mut *cell.borrow_mut() {
            Iter::Zip { used, .. } => Some(used.give(n, items)),
            _ => None,
        }
    }

    fn step_zip(&mut self, cell: &RefCell<Iter>, n: usize, strict: bool) -> R<Option<Value>> {
        if n == 2 && !strict {
            return self.step_pair(cell);
        }
        let mut items = Vec::with_capacity(n);
        for i in 0..n {
            self.stopped = None;
            match self.next(&Self::part(cell, i))? {
                Some(v) => items.push(v),
                None if strict => return self.end_strict_zip(cell, n, i),
                None => return Ok(None),
            }
        }
        Ok(Self::tuple_of_zip(cell, n, items.into_iter()))
    }

    /// With `strict=True` all iterators must end together; the `i`-th was the first to end.
    fn end_strict_zip(&mut self, cell: &RefCell<Iter>, n: usize, i: usize) -> R<Option<Value>> {
        let plural = |k: usize| if k == 1 { " 1".to_owned() } else { format!("s 1-{k}") };
        if i > 0 {
            let text = format!("zip() argument {} is shorter than argument{}", i + 1, plural(i));
            return Err(self.value_error(&text));
        }
        for k in 1..n {
            if self.next(&Self::part(cell, k))?.is_some() {
                let text = format!("zip() argument {} is longer than argument{}", k + 1, plural(k));
                return Err(self.value_error(&text));
            }
        }
        Ok(None)
    }

    fn step_map(&mut self, cell: &RefCell<Iter>, func: &Value, n: usize) -> R<Option<Value>> {
        let mut args = Vec::with_capacity(n);
        for i in 0..n {
            match self.next(&Self::part(cell, i))? {
                Some(v) => args.push(v),
                None => return Ok(None),
            }
        }
        self.call(func, &args).map(Some)
    }

    fn step_filter(&mut self, func: &Value, iter: &Value) -> R<Option<Value>> {
        let by_truth = func.is_none() || matches!(func, Value::Obj(o) if std::rc::Rc::ptr_eq(o, self.types.bool.obj()));
        while let Some(item) = self.next(iter)? {
            let keep = if by_truth {
                self.truth(&item)?
            } else {
                let verdict = self.call(func, std::slice::from_ref(&item))?;
                self.truth(&verdict)?
            };
            if keep {
                return Ok(Some(item));
            }
            self.tick()?;
            self.stopped = None;
        }
        Ok(None)
    }

    fn step_callable(&mut self, cell: &RefCell<Iter>, func: &Value, sentinel: &Value) -> R<Option<Value>> {
        let result = self.call(func, &[]);
        let stop = self.types.stop_iteration.clone();
        let item = self.catch(&stop, result)?;
        if let Some(v) = item
            && !self.eq(sentinel, &v)?
        {
            return Ok(Some(v));
        }
        let old = cell.replace(Iter::Done);
        drop(old);
        Ok(None)
    }

    /// The item at an index; nothing when `IndexError` or `StopIteration` says that there is none.
    fn item_or_end(&mut self, seq: &Value, i: i64) -> R<Option<Value>> {
        let result = self.get_item(seq, &Value::Int(i));
        if result.is_ok() {
            return result.map(Some);
        }
        let (index_error, stop) = (self.types.index_error.clone(), self.types.stop_iteration.clone());
        if self.exc_is(&stop) { self.catch(&stop, result) } else { self.catch(&index_error, result) }
    }

    fn step_sequence(&mut self, cell: &RefCell<Iter>, seq: &Value, i: i64) -> R<Option<Value>> {
        let item = self.item_or_end(seq, i)?;
        let mut old = Value::Unbound;
        if let Iter::Sequence { seq, next } = &mut *cell.borrow_mut() {
            match item {
                Some(_) => *next += 1,
                None => old = seq.take(),
            }
        }
        drop(old);
        Ok(item)
    }

    fn step_reversed(&mut self, cell: &RefCell<Iter>, seq: &Value, i: i64) -> R<Option<Value>> {
        let item = self.item_or_end(seq, i)?;
        let mut old = Value::Unbound;
        if let Iter::Reversed { seq, next } = &mut *cell.borrow_mut() {
            match item {
                Some(_) => *next -= 1,
                None => old = seq.take(),
            }
        }
        drop(old);
        Ok(item)
    }

    /// A module's iterator stands outside its cell while it runs; entered again meanwhile, it looks exhausted.
    fn step_native(&mut self, cell: &RefCell<Iter>) -> R<Option<Value>> {
        let mut iter = cell.replace(Iter::Done);
        let result = match &mut iter {
            Iter::Native(native) => native.next(self),
            _ => Ok(None),
        };
        cell.replace(iter);
        result
    }

    /// How many items an iterator has left, as far as it can tell.
    pub(super) fn hint_of_iter(&mut self, cell: &RefCell<Iter>) -> R<usize> {
        let inner = match &*cell.borrow() {
            Iter::Tuple { tuple, next } => return Ok(tuple.as_tuple().map_or(0, |t| t.len().saturating_sub(*next))),
            Iter::Str { text, offset } => return Ok(text.as_str().and_then(|s| s.get(*offset..)).map_or(0, |s| s.chars().count())),
            Iter::Bytes { bytes, next } => (bytes.clone(), *next),
            Iter::Dict { dict, len, left, .. } => return Ok(if dict.is_unbound() || *len == CHANGED { 0 } else { *left }),
            Iter::Set { set, next, len } => {
                let Some(s) = super::tables::set_of(set) else { return Ok(0) };
                let table = s.table.borrow();
                return Ok(if table.len() == *len { (*next..table.capacity()).filter(|&i| table.get(i).is_some()).count() } else { 0 });
            }
            Iter::Reversed { seq, next } => {
                let left = (*next + 1).max(0) as usize;
                // A list that has become shorter ends the walk at once.
                let is_cut = matches!(seq.native_kind(), Some(Kind::List(items)) if items.borrow().len() < left);
                return Ok(if seq.is_unbound() || is_cut { 0 } else { left });
            }
            Iter::Sequence { seq, next } if !seq.is_unbound() => (seq.clone(), *next as usize),
            Iter::BigRange { left, .. } => return Ok(usize::try_from(&to_big(left)).unwrap_or(usize::MAX)),
            Iter::Native(n) => return Ok(n.length_hint().unwrap_or(0)),
            _ => return Ok(0),
        };
        Ok(self.length_hint(&inner.0)?.saturating_sub(inner.1))
    }
}

fn step_dict(dict: &mut Value, kind: ViewKind, next: &mut usize, len: &mut usize, left: &mut usize, reversed: bool) -> Need {
    let Some(cell) = dict.obj().and_then(|o| o.as_dict()) else { return Need::Done(None) };
    let d = cell.borrow();
    if d.len() != *len {
        *len = CHANGED;
        return Need::Fail("dictionary changed size during iteration");
    }
    let found = if reversed { d.next_before(*next) } else { d.next_from(*next) };
    let Some((at, entry)) = found else {
        drop(d);
        drop(dict.take());
        return Need::Done(None);
    };
    if *left == 0 {
        return Need::Fail("dictionary keys changed during iteration");
    }
    *left -= 1;
    *next = if reversed { at } else { at + 1 };
    Need::Done(Some(match kind {
        ViewKind::Keys => entry.key.clone(),
        ViewKind::Values => entry.value.clone(),
        ViewKind::Items => Value::Obj(Obj::tuple([entry.key.clone(), entry.value.clone()])),
    }))
}

fn step_set(set: &mut Value, next: &mut usize, len: &mut usize) -> Need {
    let Some(s) = super::tables::set_of(set) else { return Need::Done(None) };
    let table = s.table.borrow();
    if table.len() != *len {
        *len = CHANGED;
        return Need::Fail("Set changed size during iteration");
    }
    let found = table.next_from(*next).map(|(i, v, _)| (i, v.clone()));
    drop(table);
    match found {
        Some((i, v)) => {
            *next = i + 1;
            Need::Done(Some(v))
        }
        None => {
            drop(set.take());
            Need::Done(None)
        }
    }
}

fn step_back(seq: &mut Value, next: &mut i64) -> Need {
    if *next < 0 {
        drop(seq.take());
        return Need::Done(None);
    }
    let item = match seq.kind() {
        None => return Need::Done(None),
        Some(Kind::List(l)) => l.borrow().get(*next as usize).cloned(),
        Some(Kind::Tuple(t)) => t.get(*next as usize).cloned(),
        Some(_) => return Need::Reversed(seq.clone(), *next),
    };
    *next -= 1;
    if item.is_none() {
        drop(seq.take());
    }
    Need::Done(item)
}

fn step_big_range(next: &mut Value, left: &mut Value, step: &Value) -> Option<Value> {
    let rest = to_big(left);
    if rest.sign() != num_bigint::Sign::Plus {
        return None;
    }
    *left = Obj::int(rest - 1);
    let after = Obj::int(to_big(next) + to_big(step));
    Some(std::mem::replace(next, after))
}
