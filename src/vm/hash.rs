//! `hash(v)`, as CPython computes it; identity hashes are the small numbers behind `id()`.

use crate::pure::hash::{hash_bigint, hash_bytes, hash_complex, hash_f64, hash_frozenset, hash_i64, hash_tuple};
use crate::value::class::{Class, flag};
use crate::value::obj::ViewKind;
use crate::value::set::SetObj;
use crate::value::{ClassRef, Kind, R, Ref, Value};
use crate::vm::Vm;

/// The hash of `None`; before Python 3.12 it is an address.
const HASH_NONE: i64 = 0xfca8_6420;

impl Vm {
    /// `hash(v)`.
    #[inline]
    pub fn hash(&mut self, v: &Value) -> R<i64> {
        match v {
            Value::Int(i) => Ok(hash_i64(*i)),
            Value::Obj(o) => match &o.kind {
                Kind::Str(s) => Ok(s.hash()),
                _ => self.hash_of_obj(o, v),
            },
            Value::Float(f) if f.get().is_nan() => Ok(hash_i64((f.get().to_bits() >> 16) as i64)),
            Value::Float(f) => Ok(hash_f64(f.get())),
            Value::True => Ok(1),
            Value::False => Ok(0),
            Value::None | Value::Unbound => Ok(HASH_NONE),
        }
    }

    #[inline(never)]
    fn hash_of_obj(&mut self, obj: &Ref, v: &Value) -> R<i64> {
        match &obj.kind {
            Kind::Tuple(t) => self.hash_of_tuple(t),
            Kind::Big(b) => Ok(hash_bigint(b)),
            Kind::Bytes(b) => Ok(hash_bytes(b)),
            Kind::Complex(re, im) => Ok(hash_complex(hash_f64(*re), hash_f64(*im))),
            Kind::FrozenSet(s) => Ok(hash_of_frozenset(s)),
            Kind::Range(_) | Kind::BigRange(_) => {
                let key = self.range_key(v);
                self.hash(&key)
            }
            Kind::Method(m) => Ok(not_minus_one(self.hash(&m.func)? ^ m.receiver.obj().map_or(0, |o| i64::from(o.id())))),
            Kind::Instance(i) if !i.class.has(flag::EQ | flag::HASH) => Ok(identity_hash(obj)),
            Kind::Instance(i) => self.hash_by_class(&i.class, v),
            Kind::Derived(d) if !d.class.has(flag::EQ | flag::HASH) && !is_unhashable_kind(&d.base) => self.hash(&d.base),
            Kind::Derived(d) => self.hash_by_class(&d.class, v),
            Kind::Exc(e) if e.class.has(flag::EQ | flag::HASH) => self.hash_by_class(&e.class, v),
            Kind::Class(c) => match class_with_hash(c) {
                Some(meta) => self.hash_by_class(&meta, v),
                None => Ok(identity_hash(obj)),
            },
            Kind::Native(n) => {
                if let Some(hash) = n.known_hash() {
                    return Ok(hash);
                }
                let class = self.class_of(v).clone();
                self.hash_by_class(&class, v)
            }
            Kind::List(_)
            | Kind::Dict(_)
            | Kind::Set(_)
            | Kind::ByteArray(_)
            | Kind::Slice(_)
            | Kind::Proxy(_)
            | Kind::Cell(_)
            | Kind::View { kind: ViewKind::Keys | ViewKind::Items, .. } => Err(self.unhashable(v)),
            _ => Ok(identity_hash(obj)),
        }
    }

    fn hash_of_tuple(&mut self, items: &[Value]) -> R<i64> {
        self.enter()?;
        let mut hashes = Vec::with_capacity(items.len());
        for item in items {
            match self.hash(item) {
                Ok(h) => hashes.push(h),
                Err(t) => {
                    self.leave();
                    return Err(t);
                }
            }
        }
        self.leave();
        Ok(hash_tuple(hashes))
    }

    /// The nearest class in the resolution order that has `__hash__`, or `__eq__` without one, decides.
    fn hash_by_class(&mut self, class: &ClassRef, v: &Value) -> R<i64> {
        let names = self.names.clone();
        for c in class.mro_with_self() {
            if c.is(&self.types.object) {
                break;
            }
            if let Some(Kind::Derived(d)) = v.kind()
                && !matches!(d.base.kind(), Some(Kind::Native(_)))
                && self.class_of(&d.base).is(&c)
            {
                return if is_unhashable_kind(&d.base) { Err(self.unhashable(v)) } else { self.hash(&d.base) };
            }
            match c.own(&names.hash) {
                Some(Value::None) => return Err(self.unhashable(v)),
                Some(method) => {
                    let result = self.run_special(&method, v, &[])?;
                    return self.hash_from_method(&result);
                }
                None if c.own(&names.eq).is_some() => return Err(self.unhashable(v)),
                None => {}
            }
        }
        Ok(v.obj().map_or(0, identity_hash))
    }

    fn hash_from_method(&mut self, result: &Value) -> R<i64> {
        match result.native() {
            Value::Int(-1) => Ok(-2),
            Value::Int(i) => Ok(*i),
            Value::True => Ok(1),
            Value::False => Ok(0),
            other => match other.kind() {
                Some(Kind::Big(b)) => Ok(hash_bigint(b)),
                _ => Err(self.type_error("__hash__ method should return an integer")),
            },
        }
    }

    #[cold]
    fn unhashable(&mut self, v: &Value) -> crate::value::Thrown {
        let text = format!("unhashable type: '{}'", self.class_name(v));
        self.type_error(&text)
    }
}

fn is_unhashable_kind(v: &Value) -> bool {
    matches!(v.kind(), Some(Kind::List(_) | Kind::Dict(_) | Kind::Set(_) | Kind::ByteArray(_)))
}

fn class_with_hash(class: &Class) -> Option<ClassRef> {
    class.meta.get().filter(|m| m.has(flag::EQ | flag::HASH)).cloned()
}

/// The hash of an object that equals only itself.
pub fn identity_hash(obj: &Ref) -> i64 {
    i64::from(obj.id())
}

fn hash_of_frozenset(set: &SetObj) -> i64 {
    if let Some(known) = set.hash.get() {
        return known;
    }
    let table = set.table.borrow();
    let hash = hash_frozenset(table.entries().map(|(h, _)| h), table.len());
    set.hash.set(Some(hash));
    hash
}

fn not_minus_one(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}
