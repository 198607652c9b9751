//! The iteration protocol. Steps of the built-in iterators are in `iter_step`.

use std::cell::{Cell, RefCell};

use crate::value::coro::Role;
use crate::value::func::CodeKind;
use crate::value::iter::Iter;
use crate::value::obj::ViewKind;
use crate::value::{Kind, Obj, R, Thrown, Value};
use crate::vm::Vm;
use crate::vm::tables::dict_of;

/// An iterator object.
pub fn iter_object(iter: Iter) -> Value {
    Value::Obj(Obj::new(Kind::Iter(Box::new(RefCell::new(iter)))))
}

/// An iterator over a dict object.
pub fn dict_iter(dict: &Value, kind: ViewKind, reversed: bool) -> Value {
    let (places, len) = dict_of(dict).and_then(|o| o.as_dict()).map_or((0, 0), |d| (d.borrow().places(), d.borrow().len()));
    let next = if reversed { places } else { 0 };
    iter_object(Iter::Dict { dict: dict.native().clone(), kind, next, len, left: len, reversed })
}

impl Vm {
    /// `iter(v)`.
    #[expect(clippy::iter_not_returning_iterator, reason = "it is named after Python's function")]
    pub fn iter(&mut self, v: &Value) -> R {
        if self.thread.site.is_active { self.iter_in_site(v) } else { self.iter_of(v) }
    }

    /// The same, whoever asks.
    pub(super) fn iter_of(&mut self, v: &Value) -> R {
        let Some(kind) = v.kind() else { return Err(self.not_iterable(v)) };
        Ok(match kind {
            Kind::List(_) => Value::Obj(Obj::new(Kind::ListIter { list: RefCell::new(v.clone()), next: Cell::new(0) })),
            Kind::RangeIter { .. } | Kind::ListIter { .. } | Kind::Iter(_) => v.clone(),
            Kind::Coro(c) if c.kind == CodeKind::Generator || c.role != Role::Plain => v.clone(),
            Kind::Range(_) | Kind::BigRange(_) => crate::types::range::iterate(v),
            Kind::Tuple(_) => iter_object(Iter::Tuple { tuple: v.clone(), next: 0 }),
            Kind::Dict(_) => dict_iter(v, ViewKind::Keys, false),
            Kind::Str(_) => iter_object(Iter::Str { text: v.clone(), offset: 0 }),
            Kind::Set(s) | Kind::FrozenSet(s) => iter_object(Iter::Set { set: v.clone(), next: 0, len: s.table.borrow().len() }),
            Kind::View { dict, kind } => dict_iter(dict, *kind, false),
            Kind::Bytes(_) | Kind::ByteArray(_) => iter_object(Iter::Bytes { bytes: v.clone(), next: 0 }),
            Kind::Proxy(inner) => return self.iter(inner),
            Kind::Native(n) if n.steps().is_some() => v.clone(),
            _ => return self.iter_by_method(v),
        })
    }

    #[inline(never)]
    fn iter_by_method(&mut self, v: &Value) -> R {
        let names = self.names.clone();
        if let Some(method) = self.special(v, &names.iter) {
            if method.is_none() {
                return Err(self.not_iterable(v));
            }
            let iter = self.run_special(&method, v, &[])?;
            if self.is_iterator(&iter) {
                return Ok(iter);
            }
            let text = format!("iter() returned non-iterator of type '{}'", self.class_name(&iter));
            return Err(self.type_error(&text));
        }
        match v.kind() {
            Some(Kind::Derived(d)) if matches!(d.base.kind(), Some(Kind::Iter(_))) => Ok(v.clone()),
            Some(Kind::Derived(d)) if !matches!(d.base.kind(), Some(Kind::Native(_))) => self.iter_of_base(&d.base, v),
            Some(Kind::Class(_)) => Err(self.not_iterable(v)),
            Some(Kind::Native(_)) if self.special(v, &names.len).is_none() => Err(self.not_iterable(v)),
            _ if self.special(v, &names.getitem).is_some() => Ok(iter_object(Iter::Sequence { seq: v.clone(), next: 0 })),
            _ => Err(self.not_iterable(v)),
        }
    }

    fn iter_of_base(&mut self, base: &Value, v: &Value) -> R {
        match base.kind() {
            Some(Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_) | Kind::Str(_) | Kind::Set(_) | Kind::FrozenSet(_) | Kind::Bytes(_) | Kind::ByteArray(_)) => {
                self.iter(base)
            }
            // An iterator is its own; a subclass may have its own `__next__`.
            Some(Kind::Iter(_)) => Ok(v.clone()),
            _ if self.special(v, &self.names.getitem).is_some() => Ok(iter_object(Iter::Sequence { seq: v.clone(), next: 0 })),
            _ => Err(self.not_iterable(v)),
        }
    }

    /// Whether a value has `__next__`.
    pub fn is_iterator(&self, v: &Value) -> bool {
        match v.kind() {
            Some(Kind::RangeIter { .. } | Kind::ListIter { .. } | Kind::Iter(_)) => true,
            Some(Kind::Coro(c)) => c.kind == CodeKind::Generator || c.role != Role::Plain,
            Some(_) => self.class_of(v).lookup(&self.names.next).is_some_and(|m| !m.is_none()),
            None => false,
        }
    }

    #[cold]
    fn not_iterable(&mut self, v: &Value) -> Thrown {
        let text = format!("'{}' object is not iterable", self.class_name(v));
        self.type_error(&text)
    }

    /// The next item of an iterator; `None` when it ran out (a raised `StopIteration` is consumed).
    #[inline]
    pub fn next(&mut self, iter: &Value) -> R<Option<Value>> {
        if self.thread.site.is_active { self.next_in_site(iter) } else { self.next_step(iter) }
    }

    /// The same, whoever asks.
    #[inline(always)]
    pub(super) fn next_step(&mut self, iter: &Value) -> R<Option<Value>> {
        if let Value::Obj(o) = iter {
            match &o.kind {
                Kind::RangeIter { next, left, step } => {
                    let n = left.get();
                    if n <= 0 {
                        return Ok(None);
                    }
                    left.set(n - 1);
                    let i = next.get();
                    next.set(i.wrapping_add(*step));
                    return Ok(Some(Value::Int(i)));
                }
                Kind::ListIter { list, next } => {
                    if let Value::Obj(l) = &*list.borrow()
                        && let Kind::List(items) = &l.kind
                        && let Some(v) = items.borrow().get(next.get())
                    {
                        next.set(next.get() + 1);
                        return Ok(Some(v.clone()));
                    }
                    let old = list.borrow_mut().take();
                    drop(old);
                    return Ok(None);
                }
                Kind::Coro(c) if c.kind == CodeKind::Generator => return self.next_generator(o),
                Kind::Iter(i) => return self.next_of_iter(i),
                Kind::Native(n) => {
                    if let Some(steps) = n.steps() {
                        let result = steps.next(self);
                        return if result.is_err() { self.end_by_stop(result) } else { result };
                    }
                }
                _ => {}
            }
        }
        self.next_by_method(iter)
    }

    #[inline(never)]
    fn next_by_method(&mut self, iter: &Value) -> R<Option<Value>> {
        let names = self.names.clone();
        if let Some(method) = self.special(iter, &names.next).filter(|m| !m.is_none()) {
            let result = self.run_special(&method, iter, &[]);
            if result.is_ok() {
                return result.map(Some);
            }
            return self.end_by_stop(result.map(Some));
        }
        match iter.kind() {
            Some(Kind::Coro(c)) if c.role != Role::Plain => {
                let result = self.call_special(iter, &names.next, &[]);
                if result.is_err() { self.end_by_stop(result) } else { result }
            }
            Some(Kind::Derived(d)) if matches!(d.base.kind(), Some(Kind::Iter(_))) => self.next(&d.base),
            _ => {
                let text = format!("'{}' object is not an iterator", self.class_name(iter));
                Err(self.type_error(&text))
            }
        }
    }

    /// Turns a raised `StopIteration` into the end of an iterator; one with a value is kept for who asks.
    #[cold]
    pub fn end_by_stop(&mut self, result: R<Option<Value>>) -> R<Option<Value>> {
        if self.abort.is_some() || !self.exc_is(&self.types.stop_iteration) {
            return result;
        }
        let exc = self.take_exc();
        self.stopped = (!crate::vm::errors::first_arg(&exc).is_none()).then_some(exc);
        Ok(None)
    }

    /// The next item; what a `StopIteration` at the end carried comes out as the exception.
    pub fn next_or_stop(&mut self, iter: &Value) -> R {
        self.stopped = None;
        match self.next(iter)? {
            Some(v) => Ok(v),
            None => match self.stopped.take() {
                Some(exc) => Err(self.rethrow(exc)),
                None => Err(self.stop_iteration(Value::None)),
            },
        }
    }

    /// All items of an iterable.
    pub fn collect(&mut self, iterable: &Value) -> R<Vec<Value>> {
        if let Some(kind) = iterable.kind() {
            match kind {
                Kind::List(l) => return Ok(l.borrow().clone()),
                Kind::Tuple(t) => return Ok(t.to_vec()),
                Kind::Str(s) => return Ok(s.as_str().chars().map(|c| self.char_str(c)).collect()),
                Kind::Dict(d) => return Ok(d.borrow().iter().map(|e| e.key.clone()).collect()),
                Kind::Set(s) | Kind::FrozenSet(s) => return Ok(s.table.borrow().iter().cloned().collect()),
                Kind::Range(r) if r.len() < 1 << 24 => return Ok((0..r.len()).map(|i| Value::Int(r.at(i))).collect()),
                Kind::View { dict, kind } => return Ok(view_items(dict, *kind)),
                _ => {}
            }
        }
        let iter = self.iter(iterable)?;
        let hint = if matches!(iterable.kind(), Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Iter(_))) { self.length_hint(iterable)? } else { 0 };
        let mut items = Vec::with_capacity(hint.min(1 << 20));
        while let Some(v) = self.next(&iter)? {
            items.push(v);
            self.tick()?;
        }
        Ok(items)
    }

    /// Calls `each` with every item, until it says `false`. Nothing is borrowed while it runs.
    pub fn for_each(&mut self, iterable: &Value, mut each: impl FnMut(&mut Self, Value) -> R<bool>) -> R<()> {
        let iter = self.iter(iterable)?;
        while let Some(v) = self.next(&iter)? {
            if !each(self, v)? {
                break;
            }
            self.tick()?;
        }
        Ok(())
    }

    /// `len(v)`.
    pub fn len(&mut self, v: &Value) -> R<usize> {
        match v.kind() {
            Some(Kind::List(l)) => Ok(l.borrow().len()),
            Some(Kind::Str(s)) => Ok(s.chars()),
            Some(Kind::Dict(d)) => Ok(d.borrow().len()),
            Some(Kind::Tuple(t)) => Ok(t.len()),
            Some(Kind::Set(s) | Kind::FrozenSet(s)) => Ok(s.table.borrow().len()),
            Some(Kind::Range(r)) => Ok(r.len()),
            Some(Kind::Bytes(b)) => Ok(b.len()),
            Some(Kind::ByteArray(b)) => Ok(b.borrow().len()),
            _ => self.len_cold(v),
        }
    }

    #[inline(never)]
    fn len_cold(&mut self, v: &Value) -> R<usize> {
        let names = self.names.clone();
        if let Some(method) = self.special(v, &names.len)
            && !method.is_none()
        {
            let result = self.run_special(&method, v, &[])?;
            return self.length_from(&result);
        }
        match v.kind() {
            Some(Kind::View { dict, .. }) => Ok(dict_of(dict).and_then(|o| o.as_dict()).map_or(0, |d| d.borrow().len())),
            Some(Kind::Proxy(inner)) => self.len(inner),
            Some(Kind::Derived(d)) if !matches!(d.base.kind(), Some(Kind::Native(_)) | None) => self.len(&d.base),
            Some(Kind::BigRange(r)) => {
                let len = crate::types::range::big_len(r);
                usize::try_from(&len)
                    .ok()
                    .filter(|n| i64::try_from(*n).is_ok())
                    .ok_or_else(|| self.overflow_error("Python int too large to convert to C ssize_t"))
            }
            _ => {
                let text = format!("object of type '{}' has no len()", self.class_name(v));
                Err(self.type_error(&text))
            }
        }
    }

    fn length_from(&mut self, result: &Value) -> R<usize> {
        let index = self.index(result)?;
        match index.native() {
            Value::Int(i) if *i >= 0 => Ok(*i as usize),
            Value::True => Ok(1),
            Value::False => Ok(0),
            Value::Int(_) => Err(self.value_error("__len__() should return >= 0")),
            other => {
                let is_negative = matches!(other.kind(), Some(Kind::Big(b)) if b.sign() == num_bigint::Sign::Minus);
                Err(if is_negative {
                    self.value_error("__len__() should return >= 0")
                } else {
                    self.overflow_error("cannot fit 'int' into an index-sized integer")
                })
            }
        }
    }

    /// `operator.length_hint(v)`, 0 when unknown.
    pub fn length_hint(&mut self, v: &Value) -> R<usize> {
        match v.kind() {
            Some(Kind::RangeIter { left, .. }) => Ok(left.get().max(0) as usize),
            Some(Kind::ListIter { list, next }) => Ok(match list.borrow().kind() {
                Some(Kind::List(l)) => l.borrow().len().saturating_sub(next.get()),
                _ => 0,
            }),
            Some(Kind::Iter(i)) => self.hint_of_iter(i),
            Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_)) => self.hint_by_method(v),
            Some(Kind::Coro(_) | Kind::Func(_)) | None => Ok(0),
            Some(_) => {
                let result = self.len(v);
                let class = self.types.type_error.clone();
                self.catch(&class, result).map(Option::unwrap_or_default)
            }
        }
    }

    fn hint_by_method(&mut self, v: &Value) -> R<usize> {
        let (names, class) = (self.names.clone(), self.types.type_error.clone());
        let has_native_len = matches!(v.kind(), Some(Kind::Derived(d)) if !matches!(d.base.kind(), Some(Kind::Native(_)|Kind::Iter(_)) | None));
        if has_native_len || self.special(v, &names.len).is_some() {
            let result = self.len(v);
            if let Some(n) = self.catch(&class, result)? {
                return Ok(n);
            }
        }
        let Some(method) = self.special(v, &names.length_hint) else { return Ok(0) };
        let result = self.run_special(&method, v, &[]);
        match self.catch(&class, result)? {
            None => Ok(0),
            Some(hint) if Self::is_not_implemented(&hint) => Ok(0),
            Some(Value::Int(n)) if n >= 0 => Ok(n as usize),
            Some(Value::True) => Ok(1),
            Some(Value::False) => Ok(0),
            Some(Value::Int(_)) => Err(self.value_error("__length_hint__() should return >= 0")),
            Some(other) => {
                let text = format!("__length_hint__ must be an integer, not {}", self.class_name(&other));
                Err(self.type_error(&text))
            }
        }
    }
}

/// What a view of a dict shows now.
fn view_items(dict: &Value, kind: ViewKind) -> Vec<Value> {
    let Some(cell) = dict_of(dict).and_then(|o| o.as_dict()) else { return Vec::new() };
    let dict = cell.borrow();
    let items = dict.iter().map(|e| match kind {
        ViewKind::Keys => e.key.clone(),
        ViewKind::Values => e.value.clone(),
        ViewKind::Items => Value::Obj(Obj::tuple([e.key.clone(), e.value.clone()])),
    });
    items.collect()
}
