//! Rich comparison: the six operators with reflected methods, and how containers compare.

use std::cmp::Ordering;

use crate::syntax::ast::CmpOp;
use crate::types::bytes::bytes_of;
use crate::value::class::flag;
use crate::value::obj::ViewKind;
use crate::value::{Kind, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::compare::{Number, native_eq, ranges_eq};

/// Whether a value is an instance whose class leaves it to `object` what it is equal to.
fn is_plain_instance(v: &Value) -> bool {
    matches!(v.kind(), Some(Kind::Instance(i)) if !i.class.has(flag::EQ))
}

macro_rules! fast_comparisons {
    ($($method:ident = $op:ident $token:tt),* $(,)?) => {
        impl Vm {
            $(
                #[doc = concat!("`a ", stringify!($token), " b` as a truth value: numbers at once, the rest elsewhere.")]
                #[inline(always)]
                pub fn $method(&mut self, a: &Value, b: &Value) -> R<bool> {
                    match (a, b) {
                        (Value::Int(x), Value::Int(y)) => Ok(x $token y),
                        (Value::Float(x), Value::Float(y)) => Ok(x.get() $token y.get()),
                        _ => self.compare_bool_cold(CmpOp::$op, a, b),
                    }
                }
            )*
        }
    };
}

fast_comparisons! {
    less = Lt <, less_equal = Le <=, greater = Gt >, greater_equal = Ge >=, equal = Eq ==, not_equal = Ne !=,
}

/// Whether an order is what an operator asks for.
fn holds(op: CmpOp, order: Ordering) -> bool {
    match op {
        CmpOp::Eq => order.is_eq(),
        CmpOp::Ne => order.is_ne(),
        CmpOp::Lt => order.is_lt(),
        CmpOp::Le => order.is_le(),
        CmpOp::Gt => order.is_gt(),
        CmpOp::Ge => order.is_ge(),
        CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn => false,
    }
}

/// The operator with its operands exchanged.
fn reflected(op: CmpOp) -> CmpOp {
    match op {
        CmpOp::Lt => CmpOp::Gt,
        CmpOp::Le => CmpOp::Ge,
        CmpOp::Gt => CmpOp::Lt,
        CmpOp::Ge => CmpOp::Le,
        other => other,
    }
}

fn symbol(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "==",
        CmpOp::Ne => "!=",
        CmpOp::Lt => "<",
        CmpOp::Le => "<=",
        CmpOp::Gt => ">",
        CmpOp::Ge => ">=",
        CmpOp::Is => "is",
        CmpOp::IsNot => "is not",
        CmpOp::In => "in",
        CmpOp::NotIn => "not in",
    }
}

impl Vm {
    /// `a op b` for any comparison operator, `in` and `is` included.
    #[inline]
    pub fn compare(&mut self, op: CmpOp, a: &Value, b: &Value) -> R {
        match (op, a, b) {
            (CmpOp::Is, ..) => Ok(Value::bool(a.is(b))),
            (CmpOp::IsNot, ..) => Ok(Value::bool(!a.is(b))),
            (CmpOp::In, ..) => self.contains(b, a).map(Value::bool),
            (CmpOp::NotIn, ..) => self.contains(b, a).map(|found| Value::bool(!found)),
            (_, Value::Int(x), Value::Int(y)) => Ok(Value::bool(holds(op, x.cmp(y)))),
            _ => self.compare_general(op, a, b),
        }
    }

    /// `a op b` as a truth value.
    #[inline]
    pub fn compare_bool(&mut self, op: CmpOp, a: &Value, b: &Value) -> R<bool> {
        match op {
            CmpOp::Is => Ok(a.is(b)),
            CmpOp::IsNot => Ok(!a.is(b)),
            CmpOp::In => self.contains(b, a),
            CmpOp::NotIn => self.contains(b, a).map(|found| !found),
            CmpOp::Eq => self.equal(a, b),
            CmpOp::Ne => self.not_equal(a, b),
            CmpOp::Lt => self.less(a, b),
            CmpOp::Le => self.less_equal(a, b),
            CmpOp::Gt => self.greater(a, b),
            CmpOp::Ge => self.greater_equal(a, b),
        }
    }

    /// `a < b`: what sorting asks.
    #[inline]
    pub fn lt(&mut self, a: &Value, b: &Value) -> R<bool> {
        self.less(a, b)
    }

    #[inline(never)]
    fn compare_bool_cold(&mut self, op: CmpOp, a: &Value, b: &Value) -> R<bool> {
        if let (Some(Kind::Str(s)), Some(Kind::Str(t))) = (a.kind(), b.kind()) {
            return Ok(match op {
                CmpOp::Eq => s.as_str() == t.as_str(),
                CmpOp::Ne => s.as_str() != t.as_str(),
                _ => holds(op, s.as_str().cmp(t.as_str())),
            });
        }
        if matches!((a, b), (Value::None | Value::True | Value::False, Value::None | Value::True | Value::False)) && matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(a.is(b) == (op == CmpOp::Eq));
        }
        let result = self.compare_general(op, a, b)?;
        self.truth(&result)
    }

    /// The six rich comparisons as CPython does them: a subclass on the right first, then left, then right.
    #[inline(never)]
    pub(crate) fn compare_general(&mut self, op: CmpOp, a: &Value, b: &Value) -> R {
        if op == CmpOp::Eq && is_plain_instance(a) && is_plain_instance(b) {
            return Ok(Value::bool(a.is(b)));
        }
        self.enter_comparison()?;
        let result = self.compare_sides(op, a, b);
        self.leave();
        result
    }

    fn compare_sides(&mut self, op: CmpOp, a: &Value, b: &Value) -> R {
        let right_first = b.obj().is_some() && {
            let (left, right) = (self.class_of(a), self.class_of(b));
            !left.is(right) && right.is_subclass_of(left)
        };
        if right_first && let Some(v) = self.compare_one(reflected(op), b, a)? {
            return Ok(v);
        }
        if let Some(v) = self.compare_one(op, a, b)? {
            return Ok(v);
        }
        if !right_first && let Some(v) = self.compare_one(reflected(op), b, a)? {
            return Ok(v);
        }
        match op {
            CmpOp::Eq => Ok(Value::bool(a.is(b))),
            CmpOp::Ne => Ok(Value::bool(!a.is(b))),
            _ => {
                let text = format!("'{}' not supported between instances of '{}' and '{}'", symbol(op), self.class_name(a), self.class_name(b));
                Err(self.type_error(&text))
            }
        }
    }

    fn enter_comparison(&mut self) -> R<()> {
        match self.enter() {
            Ok(()) => Ok(()),
            Err(_) => Err(self.too_deep(" in comparison")),
        }
    }

    fn comparison_name(&self, op: CmpOp) -> Ref {
        let n = &self.names;
        match op {
            CmpOp::Ne => &n.ne,
            CmpOp::Lt => &n.lt,
            CmpOp::Le => &n.le,
            CmpOp::Gt => &n.gt,
            CmpOp::Ge => &n.ge,
            _ => &n.eq,
        }
        .clone()
    }

    /// What one side says; nothing for `NotImplemented`.
    fn compare_one(&mut self, op: CmpOp, a: &Value, b: &Value) -> R<Option<Value>> {
        if let Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Exc(_) | Kind::Class(_) | Kind::Native(_)) = a.kind() {
            if let Some(Kind::Native(native)) = a.kind()
                && let Some(compare) = native.comparer()
            {
                return compare(self, op, a, b).map(Some);
            }
            let name = self.comparison_name(op);
            if let Some(method) = self.special(a, &name) {
                if method.is_none() {
                    let text = "'NoneType' object is not callable";
                    return Err(self.type_error(text));
                }
                let result = self.run_special(&method, a, std::slice::from_ref(b))?;
                return Ok((!Self::is_not_implemented(&result)).then_some(result));
            }
            let is_native = matches!(a.kind(), Some(Kind::Derived(d)) if !matches!(d.base.kind(), Some(Kind::Native(_))));
            if op == CmpOp::Ne && !is_native {
                return match self.compare_one(CmpOp::Eq, a, b)? {
                    Some(equal) => Ok(Some(Value::bool(!self.truth(&equal)?))),
                    None => Ok(None),
                };
            }
        }
        self.compare_native(op, a, b)
    }

    /// How the built-in types compare with each other; nothing for `NotImplemented`.
    pub fn compare_native(&mut self, op: CmpOp, a: &Value, b: &Value) -> R<Option<Value>> {
        let (x, y) = (a.native(), b.native());
        if let (Some(m), Some(n)) = (Number::of(x), Number::of(y)) {
            return Ok(compare_numbers(op, &m, &n).map(Value::bool));
        }
        let (Some(k), Some(l)) = (x.kind(), y.kind()) else {
            return Ok(identity_default(op, a, b));
        };
        let decided = match (k, l) {
            (Kind::Str(s), Kind::Str(t)) => holds(op, s.as_str().cmp(t.as_str())),
            (Kind::Bytes(s), Kind::Bytes(t)) => holds(op, s.cmp(t)),
            (Kind::ByteArray(s), Kind::ByteArray(t)) => holds(op, s.borrow().cmp(&t.borrow())),
            (Kind::Bytes(s), Kind::ByteArray(t)) => holds(op, (**s).cmp(&**t.borrow())),
            (Kind::ByteArray(s), Kind::Bytes(t)) => holds(op, (**s.borrow()).cmp(&**t)),
            (Kind::ByteArray(s), Kind::Native(_)) if bytes_of(y).is_some() => holds(op, s.borrow().as_slice().cmp(&bytes_of(y).unwrap_or_default())),
            (Kind::List(_), Kind::List(_)) | (Kind::Tuple(_), Kind::Tuple(_)) => return self.compare_sequences(op, x, y).map(Some),
            (Kind::Dict(_), Kind::Dict(_)) if matches!(op, CmpOp::Eq | CmpOp::Ne) => self.dicts_eq(x, y)? == (op == CmpOp::Eq),
            (Kind::Set(_) | Kind::FrozenSet(_), Kind::Set(_) | Kind::FrozenSet(_)) => self.compare_sets(op, x, y)?,
            (Kind::Range(r), Kind::Range(s)) if matches!(op, CmpOp::Eq | CmpOp::Ne) => ranges_eq(r, s) == (op == CmpOp::Eq),
            (Kind::Range(_) | Kind::BigRange(_), Kind::Range(_) | Kind::BigRange(_)) if matches!(op, CmpOp::Eq | CmpOp::Ne) => {
                let (r, s) = (self.range_key(x), self.range_key(y));
                self.eq(&r, &s)? == (op == CmpOp::Eq)
            }
            (Kind::Slice(_), Kind::Slice(_)) => {
                let (s, t) = (slice_tuple(x), slice_tuple(y));
                return self.compare_sequences(op, &s, &t).map(Some);
            }
            (Kind::Method(s), Kind::Method(t)) if matches!(op, CmpOp::Eq | CmpOp::Ne) => {
                (s.receiver.is(&t.receiver) && self.eq(&s.func, &t.func)?) == (op == CmpOp::Eq)
            }
            (Kind::View { kind: ViewKind::Keys | ViewKind::Items, .. }, _) if is_set_like(l) => self.compare_set_likes(op, x, y)?,
            (Kind::Proxy(inner), _) => return self.compare_general(op, inner, b).map(Some),
            _ => return Ok(identity_default(op, a, b)),
        };
        Ok(Some(Value::bool(decided)))
    }

    /// Lists and tuples: the first items that differ decide, else the lengths.
    fn compare_sequences(&mut self, op: CmpOp, a: &Value, b: &Value) -> R {
        if matches!(op, CmpOp::Eq | CmpOp::Ne) && matches!(a.kind(), Some(Kind::List(_))) && sequence_len(a) != sequence_len(b) {
            return Ok(Value::bool(op == CmpOp::Ne));
        }
        if matches!((op, a.kind()), (CmpOp::Eq | CmpOp::Ne, Some(Kind::Tuple(_))))
            && let Some(same) = native_eq(a, b)
        {
            return Ok(Value::bool(same == (op == CmpOp::Eq)));
        }
        match self.first_difference(a, b)? {
            None => Ok(Value::bool(holds(op, sequence_len(a).cmp(&sequence_len(b))))),
            Some(_) if op == CmpOp::Eq => Ok(Value::False),
            Some(_) if op == CmpOp::Ne => Ok(Value::True),
            Some((x, y)) => self.compare(op, &x, &y),
        }
    }

    fn compare_sets(&mut self, op: CmpOp, a: &Value, b: &Value) -> R<bool> {
        let (m, n) = (self.len(a)?, self.len(b)?);
        Ok(match op {
            CmpOp::Eq => m == n && self.is_subset(a, b)?,
            CmpOp::Ne => m != n || !self.is_subset(a, b)?,
            CmpOp::Lt => m < n && self.is_subset(a, b)?,
            CmpOp::Le => m <= n && self.is_subset(a, b)?,
            CmpOp::Gt => m > n && self.is_subset(b, a)?,
            _ => m >= n && self.is_subset(b, a)?,
        })
    }

    fn compare_set_likes(&mut self, op: CmpOp, a: &Value, b: &Value) -> R<bool> {
        let (m, n) = (self.len(a)?, self.len(b)?);
        Ok(match op {
            CmpOp::Eq => m == n && self.all_in(a, b)?,
            CmpOp::Ne => m != n || !self.all_in(a, b)?,
            CmpOp::Lt => m < n && self.all_in(a, b)?,
            CmpOp::Le => m <= n && self.all_in(a, b)?,
            CmpOp::Gt => m > n && self.all_in(b, a)?,
            _ => m >= n && self.all_in(b, a)?,
        })
    }

    /// Whether every item of `a` is in `b`.
    fn all_in(&mut self, a: &Value, b: &Value) -> R<bool> {
        let iter = self.iter(a)?;
        while let Some(item) = self.next(&iter)? {
            if !self.contains(b, &item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn compare_numbers(op: CmpOp, a: &Number, b: &Number) -> Option<bool> {
    match op {
        CmpOp::Eq => Some(a.equals(b)),
        CmpOp::Ne => Some(!a.equals(b)),
        _ if matches!(a, Number::Complex(..)) || matches!(b, Number::Complex(..)) => None,
        _ => Some(a.order(b).is_some_and(|order| holds(op, order))),
    }
}

/// `object`'s comparison: identical objects are equal, and nothing else is known.
fn identity_default(op: CmpOp, a: &Value, b: &Value) -> Option<Value> {
    match op {
        CmpOp::Eq if a.is(b) => Some(Value::True),
        CmpOp::Ne if a.is(b) => Some(Value::False),
        _ => None,
    }
}

fn is_set_like(kind: &Kind) -> bool {
    matches!(kind, Kind::Set(_) | Kind::FrozenSet(_) | Kind::View { kind: ViewKind::Keys | ViewKind::Items, .. })
}

fn sequence_len(v: &Value) -> usize {
    match v.kind() {
        Some(Kind::List(l)) => l.borrow().len(),
        Some(Kind::Tuple(t)) => t.len(),
        _ => 0,
    }
}

fn slice_tuple(v: &Value) -> Value {
    match v.kind() {
        Some(Kind::Slice(s)) => Value::Obj(crate::value::Obj::tuple([s.start.clone(), s.stop.clone(), s.step.clone()])),
        _ => Value::None,
    }
}
