//! `a[i]`, slices included: a container and a key come in; the item, or a refusal in CPython's words, goes out. Setting and
//! deleting items is in `subscript_set`; how slices are clamped in `slices`.

use std::cell::RefCell;

use crate::pure::hash::hash_i64;
use crate::value::dict::Lookup;
use crate::value::string::Str;
use crate::value::{Kind, Obj, R, Thrown, Value};
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
}

pub fn is_subscriptable(v: &Value) -> bool {
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
