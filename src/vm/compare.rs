//! Equality, truth and membership; rich comparison is in `order`, hashes in `hash`.

use std::rc::Rc;

use num_bigint::BigInt;

use crate::pure::float::cmp_f64_big;
use crate::syntax::ast::CmpOp;
use crate::types::bytes::bytes_of;
use crate::value::class::{Class, flag};
use crate::value::obj::{Range, ViewKind};
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

/// Tuples nested deeper than this are left to the guarded comparison.
const MAX_NATIVE_DEPTH: u32 = 32;

/// Equality as far as it can be decided without script code (and without recursion into containers that may hold
/// such values); `None` when script code has to say. Identity counts, as in containers.
#[inline]
pub fn native_eq(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => Some(x == y),
        (Value::Obj(x), Value::Obj(y)) => {
            if Rc::ptr_eq(x, y) {
                return Some(true);
            }
            match (&x.kind, &y.kind) {
                (Kind::Str(s), Kind::Str(t)) => Some(s.as_str() == t.as_str()),
                _ => native_eq_cold(a, b, 0),
            }
        }
        _ => native_eq_cold(a, b, 0),
    }
}

#[inline(never)]
fn native_eq_cold(a: &Value, b: &Value, depth: u32) -> Option<bool> {
    if a.is(b) {
        return Some(true);
    }
    if has_own_eq(a) || has_own_eq(b) {
        return None;
    }
    let (a, b) = (a.native(), b.native());
    if let (Some(x), Some(y)) = (Number::of(a), Number::of(b)) {
        return Some(x.equals(&y));
    }
    let (Some(x), Some(y)) = (a.kind(), b.kind()) else {
        return Some(a.is(b));
    };
    match (x, y) {
        (Kind::Str(s), Kind::Str(t)) => Some(s.as_str() == t.as_str()),
        (Kind::Bytes(s), Kind::Bytes(t)) => Some(s == t),
        (Kind::Bytes(s), Kind::ByteArray(t)) | (Kind::ByteArray(t), Kind::Bytes(s)) => Some(**s == **t.borrow()),
        (Kind::ByteArray(s), Kind::ByteArray(t)) => Some(*s.borrow() == *t.borrow()),
        (Kind::Tuple(s), Kind::Tuple(t)) => tuples_eq(s, t, depth),
        (Kind::Range(s), Kind::Range(t)) => Some(ranges_eq(s, t)),
        (Kind::Method(s), Kind::Method(t)) => Some(s.receiver.is(&t.receiver) && s.func.is(&t.func)),
        _ if is_by_identity(x) || is_by_identity(y) => Some(a.is(b)),
        _ if std::mem::discriminant(x) != std::mem::discriminant(y) && is_scalar(x) && is_scalar(y) => Some(false),
        _ => None,
    }
}

fn tuples_eq(a: &[Value], b: &[Value], depth: u32) -> Option<bool> {
    if depth > MAX_NATIVE_DEPTH {
        return None;
    }
    for (x, y) in a.iter().zip(b) {
        match native_eq_cold(x, y, depth + 1) {
            Some(true) => {}
            decided => return decided,
        }
    }
    Some(a.len() == b.len())
}

/// Whether two ranges stand for the same sequence.
pub fn ranges_eq(a: &Range, b: &Range) -> bool {
    let n = a.len();
    n == b.len() && (n == 0 || (a.start == b.start && (n == 1 || a.step == b.step)))
}

fn has_own_eq(v: &Value) -> bool {
    let class: Option<&Class> = match v.kind() {
        Some(Kind::Instance(i)) => Some(&i.class),
        Some(Kind::Derived(d)) => Some(&d.class),
        Some(Kind::Exc(e)) => Some(&e.class),
        Some(Kind::Class(c)) => c.meta.get().map(|m| &**m),
        Some(Kind::Native(_)) => return true,
        _ => None,
    };
    class.is_some_and(|c| c.has(flag::EQ))
}

/// Kinds whose objects are equal to themselves only, whatever stands on the other side.
fn is_by_identity(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Instance(_)
            | Kind::Func(_)
            | Kind::NativeFn(_)
            | Kind::Class(_)
            | Kind::Exc(_)
            | Kind::Coro(_)
            | Kind::Module(_)
            | Kind::Future(_)
            | Kind::Task(_)
            | Kind::Iter(_)
            | Kind::RangeIter { .. }
            | Kind::ListIter { .. }
            | Kind::Code(_)
            | Kind::Traceback(_)
            | Kind::Property(_)
            | Kind::StaticMethod(_)
            | Kind::ClassMethod(_)
            | Kind::Super { .. }
            | Kind::Member { .. }
            | Kind::GetSet { .. }
            | Kind::Ellipsis
            | Kind::NotImplemented
    )
}

/// Kinds that only equal their own kind, numbers and the two kinds of bytes aside (those were compared before).
fn is_scalar(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Str(_)
            | Kind::Big(_)
            | Kind::Complex(..)
            | Kind::Bytes(_)
            | Kind::ByteArray(_)
            | Kind::Tuple(_)
            | Kind::List(_)
            | Kind::Range(_)
            | Kind::BigRange(_)
            | Kind::Slice(_)
            | Kind::Method(_)
    )
}

/// A number as comparisons see it.
pub enum Number<'a> {
    Int(i64),
    Float(f64),
    Big(&'a BigInt),
    Complex(f64, f64),
}

impl<'a> Number<'a> {
    /// The number, if the value (without its class) is one.
    #[inline]
    pub fn of(v: &'a Value) -> Option<Self> {
        Some(match v {
            Value::Int(i) => Self::Int(*i),
            Value::Float(f) => Self::Float(f.get()),
            Value::True => Self::Int(1),
            Value::False => Self::Int(0),
            Value::Obj(o) => match &o.kind {
                Kind::Big(b) => Self::Big(b),
                Kind::Complex(re, im) => Self::Complex(*re, *im),
                Kind::Derived(d) => return Self::of(&d.base),
                _ => return None,
            },
            Value::None | Value::Unbound => return None,
        })
    }

    /// The order of two real numbers; nothing with `nan` and for complex ones.
    pub fn order(&self, other: &Self) -> Option<std::cmp::Ordering> {
        use crate::pure::float::cmp_f64_i64;
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b),
            (Self::Float(a), Self::Int(b)) => cmp_f64_i64(*a, *b),
            (Self::Int(a), Self::Float(b)) => cmp_f64_i64(*b, *a).map(std::cmp::Ordering::reverse),
            (Self::Big(a), Self::Big(b)) => Some(a.cmp(b)),
            (Self::Big(a), Self::Int(b)) => Some((*a).cmp(&BigInt::from(*b))),
            (Self::Int(a), Self::Big(b)) => Some(BigInt::from(*a).cmp(b)),
            (Self::Float(a), Self::Big(b)) => cmp_f64_big(*a, b),
            (Self::Big(a), Self::Float(b)) => cmp_f64_big(*b, a).map(std::cmp::Ordering::reverse),
            _ => None,
        }
    }

    /// Equality across all kinds of numbers.
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Complex(a, b), Self::Complex(c, d)) => a == c && b == d,
            (Self::Complex(re, im), real) | (real, Self::Complex(re, im)) => *im == 0.0 && real.order(&Number::Float(*re)) == Some(std::cmp::Ordering::Equal),
            _ => self.order(other) == Some(std::cmp::Ordering::Equal),
        }
    }
}

impl Vm {
    /// `a == b` as a truth value, identity first (as containers compare).
    #[inline]
    pub fn eq(&mut self, a: &Value, b: &Value) -> R<bool> {
        match native_eq(a, b) {
            Some(same) => Ok(same),
            None => self.compare_general(CmpOp::Eq, a, b).and_then(|v| self.truth(&v)),
        }
    }

    /// `bool(v)`.
    #[inline(always)]
    pub fn truth(&mut self, v: &Value) -> R<bool> {
        match v {
            Value::True => Ok(true),
            Value::False | Value::None | Value::Unbound => Ok(false),
            Value::Int(i) => Ok(*i != 0),
            Value::Float(f) => Ok(f.get() != 0.0),
            Value::Obj(o) => self.truth_of_obj(&o.kind, v),
        }
    }

    #[inline(never)]
    fn truth_of_obj(&mut self, kind: &Kind, v: &Value) -> R<bool> {
        Ok(match kind {
            Kind::Str(s) => !s.as_str().is_empty(),
            Kind::List(l) => !l.borrow().is_empty(),
            Kind::Tuple(t) => !t.is_empty(),
            Kind::Dict(d) => !d.borrow().is_empty(),
            Kind::Set(s) | Kind::FrozenSet(s) => !s.table.borrow().is_empty(),
            Kind::Bytes(b) => !b.is_empty(),
            Kind::ByteArray(b) => !b.borrow().is_empty(),
            Kind::Range(r) => !r.is_empty(),
            Kind::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Kind::Instance(i) if !i.class.has(flag::TRUTH) => true,
            Kind::Derived(d) if !d.class.has(flag::TRUTH) && !matches!(d.base.kind(), Some(Kind::Native(_))) => return self.truth(&d.base),
            Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_) | Kind::Exc(_) | Kind::Class(_) => return self.truth_by_method(v),
            Kind::View { kind: ViewKind::Keys | ViewKind::Values | ViewKind::Items, .. } | Kind::Proxy(_) | Kind::BigRange(_) => return self.is_filled(v),
            _ => true,
        })
    }

    /// Whether something with a length that may not fit is not empty.
    fn is_filled(&mut self, v: &Value) -> R<bool> {
        match v.kind() {
            Some(Kind::BigRange(r)) => Ok(crate::types::range::big_len(r).sign() == num_bigint::Sign::Plus),
            _ => self.len(v).map(|n| n > 0),
        }
    }

    fn truth_by_method(&mut self, v: &Value) -> R<bool> {
        let names = self.names.clone();
        if let Some(method) = self.special(v, &names.bool) {
            return match self.run_special(&method, v, &[])? {
                Value::True => Ok(true),
                Value::False => Ok(false),
                other => {
                    let text = format!("__bool__ should return bool, returned {}", self.class_name(&other));
                    Err(self.type_error(&text))
                }
            };
        }
        if self.special(v, &names.len).is_some() {
            return self.len(v).map(|n| n > 0);
        }
        match v.kind() {
            Some(Kind::Derived(d)) if !matches!(d.base.kind(), Some(Kind::Native(_))) => self.truth(&d.base),
            _ => Ok(true),
        }
    }

    /// `item in container`.
    pub fn contains(&mut self, container: &Value, item: &Value) -> R<bool> {
        match container.kind() {
            Some(Kind::List(_) | Kind::Tuple(_)) => self.sequence_index(container, item, 0, i64::MAX).map(|i| i.is_some()),
            Some(Kind::Dict(_)) => self.dict_find(container, item).map(|i| i.is_some()),
            Some(Kind::Set(_) | Kind::FrozenSet(_)) => self.set_contains(container, item),
            Some(Kind::Str(s)) => match item.as_str() {
                Some(part) => Ok(s.as_str().contains(part)),
                None => {
                    let text = format!("'in <string>' requires string as left operand, not {}", self.class_name(item));
                    Err(self.type_error(&text))
                }
            },
            _ => self.contains_cold(container, item),
        }
    }

    #[inline(never)]
    fn contains_cold(&mut self, container: &Value, item: &Value) -> R<bool> {
        let names = self.names.clone();
        if let Some(method) = self.special(container, &names.contains) {
            if method.is_none() {
                let text = format!("'{}' object is not a container", self.class_name(container));
                return Err(self.type_error(&text));
            }
            let found = self.run_special(&method, container, std::slice::from_ref(item))?;
            return self.truth(&found);
        }
        match container.kind() {
            Some(Kind::Derived(d)) if !matches!(d.base.kind(), Some(Kind::Native(_))) => self.contains(&d.base, item),
            Some(Kind::Bytes(b)) => self.bytes_contain(b, item),
            Some(Kind::ByteArray(b)) => {
                let copy = b.borrow().clone();
                self.bytes_contain(&copy, item)
            }
            Some(Kind::Range(r)) => match item {
                Value::Int(i) => Ok(r.index_of(*i).is_some()),
                Value::True => Ok(r.index_of(1).is_some()),
                Value::False => Ok(r.index_of(0).is_some()),
                _ if matches!(item.kind(), Some(Kind::Big(_))) => Ok(false),
                _ => self.contains_by_iter(container, item),
            },
            Some(Kind::BigRange(r)) if crate::types::range::is_exact_int(item) => Ok(crate::types::range::holds(r, &crate::types::range::to_big(item))),
            Some(Kind::View { dict, kind: ViewKind::Keys }) => self.dict_find(dict, item).map(|i| i.is_some()),
            Some(Kind::View { dict, kind: ViewKind::Items }) => {
                let Some([key, value]) = item.as_tuple() else { return Ok(false) };
                match self.dict_get(dict, key)? {
                    Some(found) => self.eq(&found, value),
                    None => Ok(false),
                }
            }
            Some(Kind::Proxy(inner)) => self.contains(inner, item),
            _ => self.contains_by_iter(container, item),
        }
    }

    fn contains_by_iter(&mut self, container: &Value, item: &Value) -> R<bool> {
        let iter = match self.iter(container) {
            Ok(iter) => iter,
            Err(t) => {
                let type_error = self.types.type_error.clone();
                self.catch::<Value>(&type_error, Err(t))?;
                let text = format!("argument of type '{}' is not iterable", self.class_name(container));
                return Err(self.type_error(&text));
            }
        };
        while let Some(v) = self.next(&iter)? {
            if self.eq(&v, item)? {
                return Ok(true);
            }
            self.tick()?;
        }
        Ok(false)
    }

    fn bytes_contain(&mut self, bytes: &[u8], item: &Value) -> R<bool> {
        match item.native_kind() {
            Some(Kind::Bytes(part)) => return Ok(find_bytes(bytes, part)),
            Some(Kind::ByteArray(part)) => return Ok(find_bytes(bytes, &part.borrow())),
            Some(Kind::Native(_)) => {
                if let Some(part) = bytes_of(item) {
                    return Ok(find_bytes(bytes, &part));
                }
            }
            _ => {}
        }
        match self.index_opt(item)? {
            Some(i) => match u8::try_from(i) {
                Ok(b) => Ok(bytes.contains(&b)),
                Err(_) => Err(self.value_error("byte must be in range(0, 256)")),
            },
            None => {
                let text = format!("a bytes-like object is required, not '{}'", self.class_name(item));
                Err(self.type_error(&text))
            }
        }
    }
}

fn find_bytes(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || bytes.windows(part.len()).any(|w| w == part)
}
