//! Numbers under operators: ints of any size, bools, floats and complex numbers; each pair meets in the wider type.

use std::borrow::Cow;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::pure::complex;
use crate::pure::float;
use crate::pure::int::{self, IntResult};
use crate::syntax::ast::{BinOp, UnaryOp};
use crate::value::{Kind, Obj, R, Thrown, Value};
use crate::vm::Vm;

/// Powers and shifts with more bits than this are out of memory at once.
const MAX_BITS: u64 = 1 << 33;

/// A number of a built-in type; bools are ints.
#[derive(Clone, Copy)]
pub enum Num<'a> {
    Int(i64),
    Big(&'a BigInt),
    Float(f64),
    Complex(f64, f64),
}

impl<'a> Num<'a> {
    /// The number, if the value is exactly of a built-in type; use it on `v.native()` to look into subclasses.
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
                _ => return None,
            },
            Value::None | Value::Unbound => return None,
        })
    }

    /// The integer of any size, if it is one.
    pub fn to_big(self) -> Option<Cow<'a, BigInt>> {
        match self {
            Self::Int(i) => Some(Cow::Owned(BigInt::from(i))),
            Self::Big(b) => Some(Cow::Borrowed(b)),
            Self::Float(_) | Self::Complex(..) => None,
        }
    }
}

impl From<IntResult> for Value {
    fn from(result: IntResult) -> Self {
        match result {
            IntResult::Small(i) => Self::Int(i),
            IntResult::Big(b) => Self::Obj(Obj::new(Kind::Big(b))),
        }
    }
}

/// The integer of an int, a bool, or an instance of a subclass of `int`.
pub fn int_of(v: &Value) -> Option<Cow<'_, BigInt>> {
    Num::of(v.native()).and_then(Num::to_big)
}

/// A complex number as a value.
pub fn complex_value((re, im): (f64, f64)) -> Value {
    Value::Obj(Obj::new(Kind::Complex(re, im)))
}

impl Vm {
    /// `a op b` of numbers; nothing if one is none, or the operator is not for them.
    pub fn number_op(&mut self, op: BinOp, a: &Value, b: &Value) -> R<Option<Value>> {
        let (Some(x), Some(y)) = (Num::of(a), Num::of(b)) else { return Ok(None) };
        match (x, y) {
            (Num::Int(x), Num::Int(y)) => {
                let both_bools = matches!((a, b), (Value::True | Value::False, Value::True | Value::False));
                match op {
                    BinOp::And if both_bools => Ok(Some(Value::bool(x & y == 1))),
                    BinOp::Or if both_bools => Ok(Some(Value::bool(x | y == 1))),
                    BinOp::Xor if both_bools => Ok(Some(Value::bool(x ^ y == 1))),
                    _ => self.int_op(op, x, y),
                }
            }
            (Num::Complex(..), _) | (_, Num::Complex(..)) => {
                let (x, y) = (self.num_to_complex(x)?, self.num_to_complex(y)?);
                self.complex_op(op, x, y)
            }
            (Num::Float(_), _) | (_, Num::Float(_)) => {
                if matches!(op, BinOp::MatMul | BinOp::Shl | BinOp::Shr | BinOp::And | BinOp::Or | BinOp::Xor) {
                    return Ok(None);
                }
                let (x, y) = (self.num_to_f64(x)?, self.num_to_f64(y)?);
                self.float_op(op, x, y)
            }
            _ => match (x.to_big(), y.to_big()) {
                (Some(x), Some(y)) => self.big_op(op, &x, &y),
                _ => Ok(None),
            },
        }
    }

    fn int_op(&mut self, op: BinOp, x: i64, y: i64) -> R<Option<Value>> {
        Ok(Some(match op {
            BinOp::Add => int::add(x, y).into(),
            BinOp::Sub => int::sub(x, y).into(),
            BinOp::Mul => int::mul(x, y).into(),
            BinOp::Div => return self.big_op(op, &x.into(), &y.into()),
            BinOp::FloorDiv => match int::floor_div(x, y) {
                Some(quotient) => quotient.into(),
                None => return Err(self.zero_division("integer division or modulo by zero")),
            },
            BinOp::Mod => match int::modulo(x, y) {
                Some(rest) => Value::Int(rest),
                None => return Err(self.zero_division("integer modulo by zero")),
            },
            BinOp::Pow if y < 0 => return self.float_op(op, x as f64, y as f64),
            BinOp::Pow => {
                self.check_bits(u64::from(int::bit_length(x)).saturating_sub(1).saturating_mul(y as u64))?;
                int::pow(x, y as u64).into()
            }
            BinOp::Shl => return self.shift_left(&x.into(), &y.into()),
            BinOp::Shr if y < 0 => return Err(self.value_error("negative shift count")),
            BinOp::Shr => Value::Int(int::shr(x, y as u64)),
            BinOp::And => Value::Int(x & y),
            BinOp::Or => Value::Int(x | y),
            BinOp::Xor => Value::Int(x ^ y),
            BinOp::MatMul => return Ok(None),
        }))
    }

    fn big_op(&mut self, op: BinOp, x: &BigInt, y: &BigInt) -> R<Option<Value>> {
        Ok(Some(Obj::int(match op {
            BinOp::Add => x + y,
            BinOp::Sub => x - y,
            BinOp::Mul => x * y,
            BinOp::Div => {
                if y.is_zero() {
                    return Err(self.zero_division("division by zero"));
                }
                return match float::divide_bigints(x, y) {
                    Some(quotient) => Ok(Some(Value::float(quotient))),
                    None => Err(self.overflow_error("integer division result too large for a float")),
                };
            }
            BinOp::FloorDiv if y.is_zero() => return Err(self.zero_division("integer division or modulo by zero")),
            BinOp::FloorDiv => x.div_floor(y),
            BinOp::Mod if y.is_zero() => return Err(self.zero_division("integer modulo by zero")),
            BinOp::Mod => x.mod_floor(y),
            BinOp::Pow if y.is_negative() => {
                let (x, y) = (self.num_to_f64(Num::Big(x))?, self.num_to_f64(Num::Big(y))?);
                return self.float_op(op, x, y);
            }
            BinOp::Pow => match y.to_u64() {
                Some(y) => {
                    self.check_bits(x.bits().saturating_sub(1).saturating_mul(y))?;
                    int::pow_big(x, y)
                }
                None if x.magnitude().bits() <= 1 => {
                    if x.is_negative() && y.is_even() {
                        -x
                    } else {
                        x.clone()
                    }
                }
                None => return Err(self.memory_error("")),
            },
            BinOp::Shl => return self.shift_left(x, y),
            BinOp::Shr if y.is_negative() => return Err(self.value_error("negative shift count")),
            BinOp::Shr => int::shr_big(x, y.to_u64().unwrap_or(u64::MAX).min(x.bits() + 1)),
            BinOp::And => x & y,
            BinOp::Or => x | y,
            BinOp::Xor => x ^ y,
            BinOp::MatMul => return Ok(None),
        })))
    }

    fn shift_left(&mut self, x: &BigInt, y: &BigInt) -> R<Option<Value>> {
        if y.is_negative() {
            return Err(self.value_error("negative shift count"));
        }
        if x.is_zero() {
            return Ok(Some(Value::Int(0)));
        }
        let Some(count) = y.to_u64().filter(|c| i64::try_from(*c).is_ok()) else {
            return Err(self.overflow_error("too many digits in integer"));
        };
        self.check_bits(count)?;
        Ok(Some(Obj::int(x << count)))
    }

    fn check_bits(&mut self, bits: u64) -> R<()> {
        if bits > MAX_BITS { Err(self.memory_error("")) } else { Ok(()) }
    }

    fn float_op(&mut self, op: BinOp, x: f64, y: f64) -> R<Option<Value>> {
        Ok(Some(Value::float(match op {
            BinOp::Add => x + y,
            BinOp::Sub => x - y,
            BinOp::Mul => x * y,
            BinOp::Div if y == 0.0 => return Err(self.zero_division("float division by zero")),
            BinOp::Div => x / y,
            BinOp::FloorDiv if y == 0.0 => return Err(self.zero_division("float floor division by zero")),
            BinOp::FloorDiv => float::floor_div(x, y),
            BinOp::Mod if y == 0.0 => return Err(self.zero_division("float modulo")),
            BinOp::Mod => float::modulo(x, y),
            BinOp::Pow => return self.float_pow(x, y).map(Some),
            BinOp::MatMul | BinOp::Shl | BinOp::Shr | BinOp::And | BinOp::Or | BinOp::Xor => return Ok(None),
        })))
    }

    /// `x ** y`; a negative base with a broken exponent gives a complex number.
    fn float_pow(&mut self, x: f64, y: f64) -> R {
        if x == 0.0 && y < 0.0 && y.is_finite() {
            return Err(self.zero_division("0.0 cannot be raised to a negative power"));
        }
        if x < 0.0 && x.is_finite() && y.is_finite() && y.floor() != y {
            return self.complex_op(BinOp::Pow, (x, 0.0), (y, 0.0)).map(Option::unwrap_or_default);
        }
        let power = x.powf(y);
        if power.is_infinite() && x.is_finite() && y.is_finite() {
            return Err(self.out_of_range());
        }
        Ok(Value::float(power))
    }

    /// C's `ERANGE` as `OverflowError`.
    #[cold]
    pub fn out_of_range(&mut self) -> Thrown {
        let class = self.types.overflow_error.clone();
        let exc = self.new_exc(&class, vec![Value::Int(34), "Numerical result out of range".into()]);
        self.raise(exc)
    }

    fn complex_op(&mut self, op: BinOp, x: (f64, f64), y: (f64, f64)) -> R<Option<Value>> {
        Ok(Some(complex_value(match op {
            BinOp::Add => (x.0 + y.0, x.1 + y.1),
            BinOp::Sub => (x.0 - y.0, x.1 - y.1),
            BinOp::Mul => complex::product(x, y),
            BinOp::Div => match complex::quotient(x, y) {
                Some(quotient) => quotient,
                None => return Err(self.zero_division("complex division by zero")),
            },
            BinOp::Pow => match complex::power(x, y) {
                Ok(power) => power,
                Err(complex::PowError::Zero) => return Err(self.zero_division("0.0 to a negative or complex power")),
                Err(complex::PowError::Overflow) => return Err(self.overflow_error("complex exponentiation")),
            },
            _ => return Ok(None),
        })))
    }

    /// A number as a float; ints beyond a float's range raise.
    pub fn num_to_f64(&mut self, n: Num<'_>) -> R<f64> {
        match n {
            Num::Int(i) => Ok(i as f64),
            Num::Float(f) => Ok(f),
            Num::Big(b) => match float::bigint_to_f64(b) {
                Some(f) => Ok(f),
                None => Err(self.overflow_error("int too large to convert to float")),
            },
            Num::Complex(..) => Err(self.type_error("must be real number, not complex")),
        }
    }

    fn num_to_complex(&mut self, n: Num<'_>) -> R<(f64, f64)> {
        match n {
            Num::Complex(re, im) => Ok((re, im)),
            _ => Ok((self.num_to_f64(n)?, 0.0)),
        }
    }

    /// `-a`, `+a`, `~a` of numbers; nothing if it is none, or the operator is not for it.
    pub fn number_unary(&mut self, op: UnaryOp, a: &Value) -> Option<Value> {
        Some(match (op, Num::of(a)?) {
            (UnaryOp::Neg, Num::Int(i)) => int::sub(0, i).into(),
            (UnaryOp::Neg, Num::Big(b)) => Obj::int(-b),
            (UnaryOp::Neg, Num::Float(f)) => Value::float(-f),
            (UnaryOp::Neg, Num::Complex(re, im)) => complex_value((-re, -im)),
            (UnaryOp::Pos, Num::Int(i)) => Value::Int(i),
            (UnaryOp::Pos, _) => a.clone(),
            (UnaryOp::Invert, Num::Int(i)) => Value::Int(!i),
            (UnaryOp::Invert, Num::Big(b)) => Obj::int(!b),
            (UnaryOp::Invert | UnaryOp::Not, _) => return None,
        })
    }

    /// `divmod(a, b)` of numbers as a tuple; nothing if one is none or complex.
    pub fn number_divmod(&mut self, a: &Value, b: &Value) -> R<Option<Value>> {
        let (Some(x), Some(y)) = (Num::of(a), Num::of(b)) else { return Ok(None) };
        let (quotient, rest) = match (x, y) {
            (Num::Complex(..), _) | (_, Num::Complex(..)) => return Ok(None),
            (Num::Float(_), _) | (_, Num::Float(_)) => {
                let (x, y) = (self.num_to_f64(x)?, self.num_to_f64(y)?);
                if y == 0.0 {
                    return Err(self.zero_division("float divmod()"));
                }
                let (quotient, rest) = float::div_mod(x, y);
                (Value::float(quotient), Value::float(rest))
            }
            _ => {
                let (Some(quotient), Some(rest)) = (self.number_op(BinOp::FloorDiv, a, b)?, self.number_op(BinOp::Mod, a, b)?) else { return Ok(None) };
                (quotient, rest)
            }
        };
        Ok(Some(Obj::tuple([quotient, rest]).into()))
    }

    /// `pow(a, b, modulus)` of ints; nothing if one is no int.
    pub fn number_pow_mod(&mut self, a: &Value, b: &Value, modulus: &Value) -> R<Option<Value>> {
        let all = [a, b, modulus].map(Num::of);
        let [Some(x), Some(y), Some(m)] = all else { return Ok(None) };
        let first = [&x, &y, &m].into_iter().find(|n| matches!(n, Num::Float(_) | Num::Complex(..)));
        if matches!(first, Some(Num::Complex(..))) {
            return Err(self.value_error("complex modulo"));
        }
        match (x.to_big(), y.to_big(), m.to_big()) {
            (Some(x), Some(y), Some(m)) => match int::pow_mod(&x, &y, &m) {
                Ok(power) => Ok(Some(Obj::int(power))),
                Err(e) => Err(self.value_error(e.message())),
            },
            // The first operand that is no integer decides.
            _ if matches!([a, b, modulus].iter().find_map(|v| Num::of(v).filter(|n| n.to_big().is_none())), Some(Num::Complex(..))) => {
                Err(self.value_error("complex modulo"))
            }
            _ => Err(self.type_error("pow() 3rd argument not allowed unless all arguments are integers")),
        }
    }
}
