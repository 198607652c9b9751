//! Conversions that natives ask of their arguments: indices, floats, sizes.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use super::number::Num;
use crate::value::{ClassRef, Kind, R, Value};
use crate::vm::Vm;

impl Vm {
    /// An integer from an int, bool or anything with `__index__`.
    #[inline]
    pub fn index(&mut self, v: &Value) -> R<Value> {
        match v {
            Value::Int(_) => Ok(v.clone()),
            _ => self.index_slow(v),
        }
    }

    #[inline(never)]
    fn index_slow(&mut self, v: &Value) -> R<Value> {
        match Num::of(v.native()) {
            Some(Num::Int(i)) => return Ok(Value::Int(i)),
            Some(Num::Big(_)) => return Ok(v.native().clone()),
            _ => {}
        }
        let name = self.names.index.clone();
        let Some(method) = self.class_of(v).lookup(&name).filter(|_| v.obj().is_some()) else {
            let text = format!("'{}' object cannot be interpreted as an integer", self.class_name(v));
            return Err(self.type_error(&text));
        };
        let result = self.run_special(&method, v, &[])?;
        match Num::of(result.native()) {
            Some(Num::Int(i)) => Ok(Value::Int(i)),
            Some(Num::Big(_)) => Ok(result.native().clone()),
            _ => {
                let text = format!("__index__ returned non-int (type {})", self.class_name(&result));
                Err(self.type_error(&text))
            }
        }
    }

    /// Whether `index` can work.
    pub fn has_index(&self, v: &Value) -> bool {
        matches!(Num::of(v.native()), Some(Num::Int(_) | Num::Big(_))) || v.obj().is_some() && self.class_of(v).lookup(&self.names.index).is_some()
    }

    /// An index of 64 bits, as subscripts want it: `IndexError` when it does not fit.
    #[inline]
    pub fn index_i64(&mut self, v: &Value) -> R<i64> {
        match v {
            Value::Int(i) => Ok(*i),
            _ => {
                let class = self.types.index_error.clone();
                self.index_i64_or(v, &class)
            }
        }
    }

    /// An index of 64 bits; an exception of the class when it does not fit.
    pub fn index_i64_or(&mut self, v: &Value, class: &ClassRef) -> R<i64> {
        match self.index(v)? {
            Value::Int(i) => Ok(i),
            _ => {
                let text = format!("cannot fit '{}' into an index-sized integer", self.class_name(v));
                Err(self.raise_new(class, &text))
            }
        }
    }

    /// A size or count given as an argument: `OverflowError` when it does not fit.
    pub fn ssize_arg(&mut self, v: &Value) -> R<i64> {
        match self.index(v)? {
            Value::Int(i) => Ok(i),
            _ => Err(self.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }

    /// An argument of C's type `int`.
    pub fn c_int_arg(&mut self, v: &Value) -> R<i32> {
        match self.index(v)? {
            Value::Int(i) => match i32::try_from(i) {
                Ok(i) => Ok(i),
                Err(_) if i > 0 => Err(self.overflow_error("signed integer is greater than maximum")),
                Err(_) => Err(self.overflow_error("signed integer is less than minimum")),
            },
            _ => Err(self.overflow_error("Python int too large to convert to C long")),
        }
    }

    /// An index of any size as a big integer.
    pub fn index_big(&mut self, v: &Value) -> R<BigInt> {
        match self.index(v)? {
            Value::Int(i) => Ok(i.into()),
            v => match v.kind() {
                Some(Kind::Big(b)) => Ok(b.clone()),
                _ => unreachable!("an index is an int"),
            },
        }
    }

    /// The bound of a slice or of `find(sub, start, end)`: anything too large is as good as infinite.
    pub fn search_bound(&mut self, v: &Value) -> R<i64> {
        if v.obj().is_some() && !self.has_index(v) || matches!(v, Value::Float(_)) {
            return Err(self.type_error("slice indices must be integers or None or have an __index__ method"));
        }
        Ok(match self.index(v)? {
            Value::Int(i) => i,
            v => match v.kind() {
                Some(Kind::Big(b)) if b.is_negative() => i64::MIN,
                _ => i64::MAX,
            },
        })
    }

    /// A float from a float, an int, a bool, or anything with `__float__` or `__index__`.
    #[inline]
    pub fn to_f64(&mut self, v: &Value) -> R<f64> {
        match v {
            Value::Float(f) => Ok(f.get()),
            Value::Int(i) => Ok(*i as f64),
            _ => self.f64_slow(v),
        }
    }

    #[inline(never)]
    fn f64_slow(&mut self, v: &Value) -> R<f64> {
        match self.number_f64(v)? {
            Some(f) => Ok(f),
            None => {
                let text = format!("must be real number, not {}", self.class_name(v));
                Err(self.type_error(&text))
            }
        }
    }

    /// The same; nothing when the value is no number.
    pub fn number_f64(&mut self, v: &Value) -> R<Option<f64>> {
        if let Some(n) = Num::of(v).filter(|n| !matches!(n, Num::Complex(..))) {
            return self.num_to_f64(n).map(Some);
        }
        if v.obj().is_none() {
            return Ok(None);
        }
        if let Some(Num::Float(f)) = Num::of(v.native()) {
            return Ok(Some(f));
        }
        let names = self.names.clone();
        if let Some(method) = self.class_of(v).lookup(&names.float) {
            let result = self.run_special(&method, v, &[])?;
            return match Num::of(result.native()) {
                Some(Num::Float(f)) => Ok(Some(f)),
                _ => {
                    let text = format!("{}.__float__ returned non-float (type {})", self.class_name(v), self.class_name(&result));
                    Err(self.type_error(&text))
                }
            };
        }
        if self.class_of(v).lookup(&names.index).is_none() {
            return Ok(None);
        }
        let whole = self.index_big(v)?;
        self.num_to_f64(whole.to_i64().map_or(Num::Big(&whole), Num::Int)).map(Some)
    }
}
