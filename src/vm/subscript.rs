//! `a[i]`, `a[i] = x`, `del a[i]`, slices included.

use std::cell::RefCell;

use crate::pure::hash::hash_i64;
use crate::types::bytes::bytes_of;
use crate::value::dict::Lookup;
use crate::value::obj::Slice;
use crate::value::string::Str;
use crate::value::{Kind, Obj, R, Thrown, Value, heap};
use crate::vm::Vm;

impl Vm {
    /// `obj[key]`.
    #[inline]
    pub fn get_item(&mut self, obj: &Value, key: &Value) -> R {
        if let Value::Obj(o) = obj {
            match (&o.kind, key) {
                (Kind::List(l), Value::Int(i)) => {
                    let items = l.borrow();
                    let at = if *i < 0 { *i + items.len() as i64 } else { *i };
                    if let Some(v) = items.get(at as usize) {
                        return Ok(v.clone());
                    }
                }
                (Kind::Dict(d), Value::Obj(k)) if matches!(k.kind, Kind::Str(_)) => {
                    if let Some(v) = d.borrow().get_name(k) {
                        return Ok(v.clone());
                    }
                }
                (Kind::Dict(d), Value::Int(i)) => {
                    let d = d.borrow();
                    if let Lookup::Found(at) = d.lookup(key, hash_i64(*i))
                        && let Some(entry) = d.entry(at)
                    {
                        return Ok(entry.value.clone());
                    }
                }
                (Kind::Tuple(items), Value::Int(i)) => {
                    let at = if *i < 0 { *i + items.len() as i64 } else { *i };
                    if let Some(v) = items.get(at as usize) {
                        return Ok(v.clone());
                    }
                }
                (Kind::Str(s), Value::Int(i)) if s.is_ascii() => {
                    let text = s.as_str().as_bytes();
                    let at = if *i < 0 { *i + text.len() as i64 } else { *i };
                    if let Some(b) = text.get(at as usize) {
                        return Ok(self.char_str(char::from(*b)));
                    }
                }
                _ => {}
            }
        }
        self.get_item_cold(obj, key)
    }

    #[inline(never)]
    fn get_item_cold(&mut self, obj: &Value, key: &Value) -> R {
        let Some(kind) = obj.kind() else { return Err(self.not_subscriptable(obj)) };
        match kind {
            Kind::List(l) => self.list_item(l, key),
            Kind::Tuple(items) => self.tuple_item(obj, items, key),
            Kind::Dict(_) => match self.dict_get(obj, key)? {
                Some(v) => Ok(v),
                None => Err(self.key_error(key)),
            },
            Kind::Str(s) => self.str_item(obj, s, key),
            Kind::Bytes(b) => self.bytes_item(b, key),
            Kind::ByteArray(b) => self.bytearray_item(b, key),
            Kind::Range(_) | Kind::BigRange(_) => self.range_item(obj, key),
            Kind::Proxy(inner) => self.get_item(inner, key),
            _ => self.get_item_by_method(obj, key),
        }
    }

    fn list_item(&mut self, l: &RefCell<Vec<Value>>, key: &Value) -> R {
        match key.kind() {
            Some(Kind::Slice(s)) => {
                let span = self.slice_span(s, || l.borrow().len())?;
                let items = span.pick(&l.borrow());
                Ok(items.into())
            }
            _ => {
                let i = self.subscript_index(key, "list")?;
                let found = Self::position(i, l.borrow().len()).and_then(|at| l.borrow().get(at).cloned());
                found.ok_or_else(|| self.index_error("list index out of range"))
            }
        }
    }

    fn tuple_item(&mut self, obj: &Value, items: &[Value], key: &Value) -> R {
        match key.kind() {
            Some(Kind::Slice(s)) => {
                let span = self.slice_span(s, || items.len())?;
                if span.step == 1 && span.count == items.len() {
                    return Ok(obj.clone());
                }
                Ok(Value::Obj(Obj::tuple(span.pick(items))))
            }
            _ => {
                let i = self.subscript_index(key, "tuple")?;
                let found = Self::position(i, items.len()).and_then(|at| items.get(at).cloned());
                found.ok_or_else(|| self.index_error("tuple index out of range"))
            }
        }
    }

    fn bytes_item(&mut self, b: &[u8], key: &Value) -> R {
        match key.kind() {
            Some(Kind::Slice(s)) => {
                let span = self.slice_span(s, || b.len())?;
                Ok(Value::Obj(Obj::bytes(span.pick(b))))
            }
            _ => {
                let i = self.subscript_index(key, "byte")?;
                let found = Self::position(i, b.len()).and_then(|at| b.get(at).copied());
                found.map(|b| Value::Int(i64::from(b))).ok_or_else(|| self.index_error("index out of range"))
            }
        }
    }

    fn bytearray_item(&mut self, b: &RefCell<Vec<u8>>, key: &Value) -> R {
        match key.kind() {
            Some(Kind::Slice(s)) => {
                let span = self.slice_span(s, || b.borrow().len())?;
                let bytes = span.pick(&b.borrow());
                Ok(Value::Obj(Obj::new(Kind::ByteArray(bytes.into()))))
            }
            _ => {
                let i = self.subscript_index(key, "bytearray")?;
                let found = Self::position(i, b.borrow().len()).and_then(|at| b.borrow().get(at).copied());
                found.map(|b| Value::Int(i64::from(b))).ok_or_else(|| self.index_error("bytearray index out of range"))
            }
        }
    }

    fn str_item(&mut self, obj: &Value, s: &Str, key: &Value) -> R {
        let Some(Kind::Slice(slice)) = key.kind() else {
            let i = self.subscript_index(key, "string")?;
            let text = s.as_str();
            let found =
                Self::position(i, s.chars()).and_then(|at| if s.is_ascii() { text.as_bytes().get(at).map(|b| char::from(*b)) } else { text.chars().nth(at) });
            return match found {
                Some(c) => Ok(self.char_str(c)),
                None => Err(self.index_error("string index out of range")),
            };
        };
        let span = self.slice_span(slice, || s.chars())?;
        if span.step == 1 && span.count == s.chars() {
            return Ok(obj.clone());
        }
        let text = s.as_str();
        if span.count == 0 {
            return Ok(self.empty_str.clone());
        }
        let (first, count) = (span.start as usize, span.count);
        if span.step == 1 {
            let part: String =
                if s.is_ascii() { text.get(first..first + count).unwrap_or_default().to_owned() } else { text.chars().skip(first).take(count).collect() };
            return Ok(match (count, part.chars().next()) {
                (1, Some(c)) => self.char_str(c),
                _ => part.into(),
            });
        }
        let chars: Vec<char> = text.chars().collect();
        Ok(span.positions().filter_map(|i| chars.get(i)).collect::<String>().into())
    }

    /// `__getitem__`, `__missing__`, `__class_getitem__`.
    fn get_item_by_method(&mut self, obj: &Value, key: &Value) -> R {
        let names = self.names.clone();
        if let Some(method) = self.special(obj, &names.getitem) {
            return self.run_special(&method, obj, std::slice::from_ref(key));
        }
        match obj.kind() {
            Some(Kind::Derived(d)) if matches!(d.base.kind(), Some(Kind::Dict(_))) => {
                if let Some(v) = self.dict_get(&d.base, key)? {
                    return Ok(v);
                }
                match self.special(obj, &names.missing) {
                    Some(method) => self.run_special(&method, obj, std::slice::from_ref(key)),
                    None => Err(self.key_error(key)),
                }
            }
            Some(Kind::Derived(d)) if is_subscriptable(&d.base) => self.get_item(&d.base, key),
            Some(Kind::Class(class)) => {
                if obj.obj().is_some_and(|o| std::rc::Rc::ptr_eq(o, self.types.type_.obj())) {
                    return Ok(crate::types::generic::make_alias(obj, key));
                }
                match self.get_attr_opt(obj, &names.class_getitem)? {
                    Some(method) => self.call(&method, std::slice::from_ref(key)),
                    None => {
                        let text = format!("type '{}' is not subscriptable", class.name());
                        Err(self.type_error(&text))
                    }
                }
            }
            _ => Err(self.not_subscriptable(obj)),
        }
    }

    #[cold]
    fn not_subscriptable(&mut self, obj: &Value) -> Thrown {
        let text = format!("'{}' object is not subscriptable", self.class_name(obj));
        self.type_error(&text)
    }

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
            _ => {
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
        }
    }

    fn set_list_slice(&mut self, list: &Value, slice: &Slice, value: &Value) -> R<()> {
        let Some(Kind::List(l)) = list.kind() else { return Ok(()) };
        let (start, stop, step) = self.unpack_slice(slice)?;
        let items = match value.kind() {
            Some(Kind::List(_) | Kind::Tuple(_)) => Ok(value.clone()),
            _ => self.iter(value),
        };
        let items = match items {
            Ok(items) => self.collect(&items)?,
            Err(t) => {
                let class = self.types.type_error.clone();
                self.catch::<Value>(&class, Err(t))?;
                return Err(self.type_error(if step == 1 { "can only assign an iterable" } else { "must assign iterable to extended slice" }));
            }
        };
        let span = super::slices::Span::clamp(start, stop, step, l.borrow().len());
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
        let bytes = match value.native_kind() {
            Some(Kind::Bytes(v)) => v.to_vec(),
            Some(Kind::ByteArray(_) | Kind::Native(_)) if bytes_of(value).is_some() => bytes_of(value).unwrap_or_default(),
            Some(Kind::Str(_)) | None => return Err(self.type_error("can assign only bytes, buffers, or iterables of ints in range(0, 256)")),
            _ => {
                let mut bytes = Vec::new();
                for v in self.collect(value)? {
                    bytes.push(self.byte_from(&v)?);
                }
                bytes
            }
        };
        let span = super::slices::Span::clamp(start, stop, step, b.borrow().len());
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
            Some(Kind::List(l)) => match key.kind() {
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
            },
            Some(Kind::Dict(_)) => match self.dict_remove(obj, key)? {
                Some(_) => Ok(()),
                None => Err(self.key_error(key)),
            },
            Some(Kind::ByteArray(b)) => match key.kind() {
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
            },
            _ => self.del_item_by_method(obj, key),
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

fn is_subscriptable(v: &Value) -> bool {
    matches!(
        v.kind(),
        Some(
            Kind::List(_)
                | Kind::Tuple(_)
                | Kind::Dict(_)
                | Kind::Str(_)
                | Kind::Bytes(_)
                | Kind::ByteArray(_)
                | Kind::Range(_)
                | Kind::BigRange(_)
                | Kind::Proxy(_)
        )
    )
}

/// Removes the positions of a span that counts upwards.
fn remove_span<T>(items: &mut Vec<T>, span: super::slices::Span) -> Vec<T> {
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
