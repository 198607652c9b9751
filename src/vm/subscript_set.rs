//! `a[i] = x` and `del a[i]`, slices included: a container, a key and a value come in; the change, or a refusal in
//! CPython's words, goes out. How slices are clamped is `slices`'s business.

use std::cell::RefCell;

use crate::types::bytes::bytes_of;
use crate::value::obj::Slice;
use crate::value::{Kind, R, Value, heap};
use crate::vm::Vm;
use crate::vm::slices::Span;
use crate::vm::subscript::is_subscriptable;

impl Vm {
    /// `obj[key] = value`.
    #[inline]
    pub fn set_item(&mut self, obj: &Value, key: &Value, value: Value) -> R<()> {
        if let Value::Obj(o) = obj {
            match (&o.kind, key) {
                (Kind::List(l), Value::Int(i)) => {
                    let mut items = l.borrow_mut();
                    let at = if *i < 0 { *i + items.len() as i64 } else { *i };
                    if let Some(slot) = items.get_mut(at as usize) {
                        let old = std::mem::replace(slot, value);
                        drop(items);
                        drop(old);
                        return Ok(());
                    }
                }
                (Kind::Dict(_), _) => return self.dict_set(obj, key, value),
                _ => {}
            }
        }
        self.set_item_cold(obj, key, value)
    }

    #[inline(never)]
    fn set_item_cold(&mut self, obj: &Value, key: &Value, value: Value) -> R<()> {
        match obj.kind() {
            Some(Kind::List(l)) => match key.kind() {
                Some(Kind::Slice(s)) => self.set_list_slice(obj, s, &value),
                _ => {
                    let i = self.subscript_index(key, "list")?;
                    let Some(at) = Self::position(i, l.borrow().len()) else { return Err(self.index_error("list assignment index out of range")) };
                    let old = l.borrow_mut().get_mut(at).map(|slot| std::mem::replace(slot, value));
                    drop(old);
                    Ok(())
                }
            },
            Some(Kind::ByteArray(_)) => self.set_bytearray_item(obj, key, &value),
            _ => self.set_item_by_method(obj, key, value),
        }
    }

    fn set_item_by_method(&mut self, obj: &Value, key: &Value, value: Value) -> R<()> {
        let names = self.names.clone();
        if let Some(method) = self.special(obj, &names.setitem) {
            return self.run_special(&method, obj, &[key.clone(), value]).map(drop);
        }
        if let Some(Kind::Derived(d)) = obj.kind()
            && matches!(d.base.kind(), Some(Kind::List(_) | Kind::Dict(_) | Kind::ByteArray(_)))
        {
            return self.set_item(&d.base, key, value);
        }
        let text = format!("'{}' object does not support item assignment", self.class_name(obj));
        Err(self.type_error(&text))
    }

    fn set_list_slice(&mut self, list: &Value, slice: &Slice, value: &Value) -> R<()> {
        let Some(Kind::List(l)) = list.kind() else { return Ok(()) };
        let (start, stop, step) = self.unpack_slice(slice)?;
        let items = self.slice_items(value, step)?;
        let span = Span::clamp(start, stop, step, l.borrow().len());
        if step == 1 {
            let first = span.start as usize;
            let last = first.max(span.stop.max(0) as usize);
            let mut items = items;
            let mut target = l.borrow_mut();
            match target.get_mut(first..last) {
                Some(part) if part.len() == items.len() => part.swap_with_slice(&mut items),
                _ => items = target.splice(first..last, items).collect(),
            }
            // What was there before is dropped when nothing is borrowed.
            drop(target);
            heap::drop_items(items);
            return Ok(());
        }
        if items.len() != span.count {
            let text = format!("attempt to assign sequence of size {} to extended slice of size {}", items.len(), span.count);
            return Err(self.value_error(&text));
        }
        let mut old = Vec::with_capacity(items.len());
        {
            let mut target = l.borrow_mut();
            for (at, v) in span.positions().zip(items) {
                if let Some(slot) = target.get_mut(at) {
                    old.push(std::mem::replace(slot, v));
                }
            }
        }
        drop(old);
        Ok(())
    }

    /// What is assigned to a slice of a list.
    fn slice_items(&mut self, value: &Value, step: i64) -> R<Vec<Value>> {
        let items = match value.kind() {
            Some(Kind::List(_) | Kind::Tuple(_)) => Ok(value.clone()),
            _ => self.iter(value),
        };
        match items {
            Ok(items) => self.collect(&items),
            Err(t) => {
                let class = self.types.type_error.clone();
                self.catch::<Value>(&class, Err(t))?;
                Err(self.type_error(if step == 1 { "can only assign an iterable" } else { "must assign iterable to extended slice" }))
            }
        }
    }

    fn set_bytearray_item(&mut self, array: &Value, key: &Value, value: &Value) -> R<()> {
        let Some(Kind::ByteArray(b)) = array.kind() else { return Ok(()) };
        let Some(Kind::Slice(s)) = key.kind() else {
            let i = self.subscript_index(key, "bytearray")?;
            let Some(at) = Self::position(i, b.borrow().len()) else { return Err(self.index_error("bytearray index out of range")) };
            let byte = self.byte_from(value)?;
            if let Some(slot) = b.borrow_mut().get_mut(at) {
                *slot = byte;
            }
            return Ok(());
        };
        let (start, stop, step) = self.unpack_slice(s)?;
        let bytes = self.slice_bytes(value)?;
        let span = Span::clamp(start, stop, step, b.borrow().len());
        if step == 1 {
            let first = span.start as usize;
            let last = first.max(span.stop.max(0) as usize);
            if last - first != bytes.len() {
                self.check_resizable(array)?;
            }
            b.borrow_mut().splice(first..last, bytes);
            return Ok(());
        }
        if bytes.len() != span.count {
            let text = format!("attempt to assign bytes of size {} to extended slice of size {}", bytes.len(), span.count);
            return Err(self.value_error(&text));
        }
        let mut target = b.borrow_mut();
        for (at, v) in span.positions().zip(bytes) {
            if let Some(slot) = target.get_mut(at) {
                *slot = v;
            }
        }
        Ok(())
    }

    /// What is assigned to a slice of a bytearray.
    fn slice_bytes(&mut self, value: &Value) -> R<Vec<u8>> {
        match value.native_kind() {
            Some(Kind::Bytes(v)) => Ok(v.to_vec()),
            Some(Kind::ByteArray(_) | Kind::Native(_)) if bytes_of(value).is_some() => Ok(bytes_of(value).unwrap_or_default()),
            Some(Kind::Str(_)) | None => Err(self.type_error("can assign only bytes, buffers, or iterables of ints in range(0, 256)")),
            _ => self.collect(value)?.iter().map(|v| self.byte_from(v)).collect(),
        }
    }

    /// A byte from an index value.
    pub fn byte_from(&mut self, v: &Value) -> R<u8> {
        let index = self.index(v)?;
        match index {
            Value::Int(i) if (0..256).contains(&i) => Ok(i as u8),
            Value::True => Ok(1),
            Value::False => Ok(0),
            _ => Err(self.value_error("byte must be in range(0, 256)")),
        }
    }

    /// `del obj[key]`.
    pub fn del_item(&mut self, obj: &Value, key: &Value) -> R<()> {
        match obj.kind() {
            Some(Kind::List(l)) => self.del_list_item(l, key),
            Some(Kind::Dict(_)) => match self.dict_remove(obj, key)? {
                Some(_) => Ok(()),
                None => Err(self.key_error(key)),
            },
            Some(Kind::ByteArray(b)) => self.del_bytearray_item(obj, b, key),
            _ => self.del_item_by_method(obj, key),
        }
    }

    fn del_list_item(&mut self, l: &RefCell<Vec<Value>>, key: &Value) -> R<()> {
        match key.kind() {
            Some(Kind::Slice(s)) => {
                let span = self.slice_span(s, || l.borrow().len())?.upwards();
                let old = remove_span(&mut l.borrow_mut(), span);
                if span.step == 1 {
                    heap::drop_items(old);
                } else {
                    drop(old);
                }
                Ok(())
            }
            _ => {
                let i = self.subscript_index(key, "list")?;
                let Some(at) = Self::position(i, l.borrow().len()) else { return Err(self.index_error("list assignment index out of range")) };
                let old = l.borrow_mut().remove(at);
                drop(old);
                Ok(())
            }
        }
    }

    fn del_bytearray_item(&mut self, obj: &Value, b: &RefCell<Vec<u8>>, key: &Value) -> R<()> {
        match key.kind() {
            Some(Kind::Slice(s)) => {
                let span = self.slice_span(s, || b.borrow().len())?.upwards();
                if span.count > 0 {
                    self.check_resizable(obj)?;
                }
                remove_span(&mut b.borrow_mut(), span);
                Ok(())
            }
            _ => {
                let i = self.subscript_index(key, "bytearray")?;
                let Some(at) = Self::position(i, b.borrow().len()) else { return Err(self.index_error("bytearray index out of range")) };
                self.check_resizable(obj)?;
                b.borrow_mut().remove(at);
                Ok(())
            }
        }
    }

    fn del_item_by_method(&mut self, obj: &Value, key: &Value) -> R<()> {
        let names = self.names.clone();
        if let Some(method) = self.special(obj, &names.delitem) {
            return self.run_special(&method, obj, std::slice::from_ref(key)).map(drop);
        }
        if let Some(Kind::Derived(d)) = obj.kind()
            && matches!(d.base.kind(), Some(Kind::List(_) | Kind::Dict(_) | Kind::ByteArray(_)))
        {
            return self.del_item(&d.base, key);
        }
        let is_sequence = is_subscriptable(obj)
            || matches!(obj.native_kind(), Some(Kind::Set(_) | Kind::FrozenSet(_)))
            || matches!(obj.kind(), Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_)));
        let verb = if is_sequence { "doesn't" } else { "does not" };
        let text = format!("'{}' object {verb} support item deletion", self.class_name(obj));
        Err(self.type_error(&text))
    }
}

/// Removes the positions of a span that counts upwards.
fn remove_span<T>(items: &mut Vec<T>, span: Span) -> Vec<T> {
    if span.count == 0 {
        return Vec::new();
    }
    let first = span.start as usize;
    if span.step == 1 {
        return items.drain(first..first + span.count).collect();
    }
    let mut gone = Vec::with_capacity(span.count);
    let mut positions = span.positions().peekable();
    let mut kept = Vec::with_capacity(items.len() - span.count);
    for (i, item) in items.drain(..).enumerate() {
        if positions.peek() == Some(&i) {
            positions.next();
            gone.push(item);
        } else {
            kept.push(item);
        }
    }
    *items = kept;
    gone
}
