//! Operators. Pairs of ints and floats are decided here, inlined where the linker uses them; everything else is in
//! `number` (other numbers) and `operator` (sequences and special methods).

use crate::syntax::ast::{BinOp, UnaryOp};
use crate::value::{R, Value};
use crate::vm::Vm;

/// The operands as floats, if both are ints or floats and one is a float.
#[inline(always)]
fn floats(a: &Value, b: &Value) -> Option<(f64, f64)> {
    match (a, b) {
        (Value::Float(x), Value::Float(y)) => Some((x.get(), y.get())),
        (Value::Float(x), Value::Int(y)) => Some((x.get(), *y as f64)),
        (Value::Int(x), Value::Float(y)) => Some((*x as f64, y.get())),
        _ => None,
    }
}

/// `a // b` of ints where the result fits.
#[inline(always)]
fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    Some(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

/// `a % b` of ints, with the sign of `b`.
#[inline(always)]
fn floor_mod(a: i64, b: i64) -> Option<i64> {
    let rest = a.checked_rem(b)?;
    Some(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
}

/// Ints up to here are exact as floats.
const EXACT: u64 = 1 << 53;

impl Vm {
    /// `a op b`, script operators included.
    #[inline]
    pub fn binary(&mut self, op: BinOp, a: &Value, b: &Value) -> R {
        match op {
            BinOp::Add => self.add(a, b),
            BinOp::Sub => self.sub(a, b),
            BinOp::Mul => self.mul(a, b),
            BinOp::Div => self.div(a, b),
            BinOp::FloorDiv => self.floordiv(a, b),
            BinOp::Mod => self.modulo(a, b),
            BinOp::Pow => self.pow(a, b),
            BinOp::Shl => self.shl(a, b),
            BinOp::Shr => self.shr(a, b),
            BinOp::And => self.bit_and(a, b),
            BinOp::Or => self.bit_or(a, b),
            BinOp::Xor => self.bit_xor(a, b),
            BinOp::MatMul => self.binary_slow(op, a, b),
        }
    }

    /// `a op= b`: the in-place method if there is one, else the binary operator.
    #[inline]
    pub fn binary_in_place(&mut self, op: BinOp, a: &Value, b: &Value) -> R {
        match (a, b) {
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) if op != BinOp::MatMul => self.binary(op, a, b),
            _ => self.in_place_slow(op, a, b),
        }
    }

    /// `a + b`.
    #[inline(always)]
    pub fn add(&mut self, a: &Value, b: &Value) -> R {
        if let (Value::Int(x), Value::Int(y)) = (a, b)
            && let Some(sum) = x.checked_add(*y)
        {
            return Ok(Value::Int(sum));
        }
        match floats(a, b) {
            Some((x, y)) => Ok(Value::float(x + y)),
            None => self.binary_slow(BinOp::Add, a, b),
        }
    }

    /// `a - b`.
    #[inline(always)]
    pub fn sub(&mut self, a: &Value, b: &Value) -> R {
        if let (Value::Int(x), Value::Int(y)) = (a, b)
            && let Some(difference) = x.checked_sub(*y)
        {
            return Ok(Value::Int(difference));
        }
        match floats(a, b) {
            Some((x, y)) => Ok(Value::float(x - y)),
            None => self.binary_slow(BinOp::Sub, a, b),
        }
    }

    /// `a * b`.
    #[inline(always)]
    pub fn mul(&mut self, a: &Value, b: &Value) -> R {
        if let (Value::Int(x), Value::Int(y)) = (a, b)
            && let Some(product) = x.checked_mul(*y)
        {
            return Ok(Value::Int(product));
        }
        match floats(a, b) {
            Some((x, y)) => Ok(Value::float(x * y)),
            None => self.binary_slow(BinOp::Mul, a, b),
        }
    }

    /// `a / b`.
    #[inline(always)]
    pub fn div(&mut self, a: &Value, b: &Value) -> R {
        let operands = match (a, b) {
            (Value::Int(x), Value::Int(y)) if x.unsigned_abs() <= EXACT && y.unsigned_abs() <= EXACT => Some((*x as f64, *y as f64)),
            _ => floats(a, b),
        };
        match operands {
            Some((x, y)) if y != 0.0 => Ok(Value::float(x / y)),
            _ => self.binary_slow(BinOp::Div, a, b),
        }
    }

    /// `a // b`.
    #[inline(always)]
    pub fn floordiv(&mut self, a: &Value, b: &Value) -> R {
        if let (Value::Int(x), Value::Int(y)) = (a, b)
            && let Some(quotient) = floor_div(*x, *y)
        {
            return Ok(Value::Int(quotient));
        }
        self.binary_slow(BinOp::FloorDiv, a, b)
    }

    /// `a % b`.
    #[inline(always)]
    pub fn modulo(&mut self, a: &Value, b: &Value) -> R {
        if let (Value::Int(x), Value::Int(y)) = (a, b)
            && let Some(rest) = floor_mod(*x, *y)
        {
            return Ok(Value::Int(rest));
        }
        self.binary_slow(BinOp::Mod, a, b)
    }

    /// `a ** b`.
    #[inline]
    pub fn pow(&mut self, a: &Value, b: &Value) -> R {
        if let (Value::Int(x), Value::Int(2)) = (a, b)
            && let Some(square) = x.checked_mul(*x)
        {
            return Ok(Value::Int(square));
        }
        self.binary_slow(BinOp::Pow, a, b)
    }

    /// `a << b`.
    #[inline]
    pub fn shl(&mut self, a: &Value, b: &Value) -> R {
        if let (Value::Int(x), Value::Int(count @ 0..=31)) = (a, b)
            && i32::try_from(*x).is_ok()
        {
            return Ok(Value::Int(x << count));
        }
        self.binary_slow(BinOp::Shl, a, b)
    }

    /// `a >> b`.
    #[inline]
    pub fn shr(&mut self, a: &Value, b: &Value) -> R {
        match (a, b) {
            (Value::Int(x), Value::Int(count @ 0..=63)) => Ok(Value::Int(x >> count)),
            _ => self.binary_slow(BinOp::Shr, a, b),
        }
    }

    /// `a & b`.
    #[inline]
    pub fn bit_and(&mut self, a: &Value, b: &Value) -> R {
        match (a, b) {
            (Value::Int(x), Value::Int(y)) => Ok(Value::Int(x & y)),
            _ => self.binary_slow(BinOp::And, a, b),
        }
    }

    /// `a | b`.
    #[inline]
    pub fn bit_or(&mut self, a: &Value, b: &Value) -> R {
        match (a, b) {
            (Value::Int(x), Value::Int(y)) => Ok(Value::Int(x | y)),
            _ => self.binary_slow(BinOp::Or, a, b),
        }
    }

    /// `a ^ b`.
    #[inline]
    pub fn bit_xor(&mut self, a: &Value, b: &Value) -> R {
        match (a, b) {
            (Value::Int(x), Value::Int(y)) => Ok(Value::Int(x ^ y)),
            _ => self.binary_slow(BinOp::Xor, a, b),
        }
    }

    /// `-a`, `+a`, `~a`, `not a`.
    #[inline]
    pub fn unary(&mut self, op: UnaryOp, a: &Value) -> R {
        match (op, a) {
            (UnaryOp::Not, _) => Ok(Value::bool(!self.truth(a)?)),
            (UnaryOp::Neg, Value::Int(x)) if *x != i64::MIN => Ok(Value::Int(-x)),
            (UnaryOp::Neg, Value::Float(x)) => Ok(Value::float(-x.get())),
            (UnaryOp::Pos, Value::Int(_) | Value::Float(_)) => Ok(a.clone()),
            (UnaryOp::Invert, Value::Int(x)) => Ok(Value::Int(!x)),
            _ => self.unary_slow(op, a),
        }
    }
}
