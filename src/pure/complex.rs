//! Complex arithmetic as CPython does it, with its order of operations, so that the last bit agrees.
//!
//! In come pairs of real and imaginary part; out come pairs, or why Python raises.

/// Why `x ** y` raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowError {
    /// `ZeroDivisionError: 0.0 to a negative or complex power`.
    Zero,
    /// `OverflowError: complex exponentiation`.
    Overflow,
}

type Complex = (f64, f64);

/// `x * y`.
pub fn product(x: Complex, y: Complex) -> Complex {
    (x.0 * y.0 - x.1 * y.1, x.0 * y.1 + x.1 * y.0)
}

/// `x / y` by Smith's method; `None` when `y` is zero.
pub fn quotient(x: Complex, y: Complex) -> Option<Complex> {
    let (re, im) = (y.0.abs(), y.1.abs());
    if re >= im {
        if re == 0.0 {
            return None;
        }
        let ratio = y.1 / y.0;
        let denominator = y.0 + y.1 * ratio;
        Some(((x.0 + x.1 * ratio) / denominator, (x.1 - x.0 * ratio) / denominator))
    } else if im >= re {
        let ratio = y.0 / y.1;
        let denominator = y.0 * ratio + y.1;
        Some(((x.0 * ratio + x.1) / denominator, (x.1 * ratio - x.0) / denominator))
    } else {
        Some((f64::NAN, f64::NAN))
    }
}

/// `x ** y`: small whole exponents by multiplication, others by polar coordinates.
pub fn power(x: Complex, y: Complex) -> Result<Complex, PowError> {
    if y.1 == 0.0 && y.0 == y.0.floor() && y.0.abs() <= 100.0 {
        let result = power_int(x, y.0 as i32)?;
        return if result.0.is_infinite() || result.1.is_infinite() { Err(PowError::Overflow) } else { Ok(result) };
    }
    power_polar(x, y)
}

fn power_int(x: Complex, n: i32) -> Result<Complex, PowError> {
    if n > 0 {
        return Ok(power_unsigned(x, n.unsigned_abs()));
    }
    quotient((1.0, 0.0), power_unsigned(x, n.unsigned_abs())).ok_or(PowError::Zero)
}

fn power_unsigned(x: Complex, n: u32) -> Complex {
    let (mut result, mut square, mut rest) = ((1.0, 0.0), x, n);
    while rest > 0 {
        if rest & 1 == 1 {
            result = product(result, square);
        }
        rest >>= 1;
        square = product(square, square);
    }
    result
}

fn power_polar(x: Complex, y: Complex) -> Result<Complex, PowError> {
    if y == (0.0, 0.0) {
        return Ok((1.0, 0.0));
    }
    if x == (0.0, 0.0) {
        return if y.1 != 0.0 || y.0 < 0.0 { Err(PowError::Zero) } else { Ok((0.0, 0.0)) };
    }
    let magnitude = x.0.hypot(x.1);
    let angle = x.1.atan2(x.0);
    let mut length = magnitude.powf(y.0);
    let mut phase = angle * y.0;
    if y.1 != 0.0 {
        length /= (angle * y.1).exp();
        phase += y.1 * magnitude.ln();
    }
    let result = (length * phase.cos(), length * phase.sin());
    if result.0.is_infinite() || result.1.is_infinite() { Err(PowError::Overflow) } else { Ok(result) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_and_quotients() {
        assert_eq!(power((0.0, 1.0), (2.0, 0.0)), Ok((-1.0, 0.0)));
        assert_eq!(power((0.0, 0.0), (-1.0, 0.0)), Err(PowError::Zero));
        assert_eq!(power((-8.0, 0.0), (1.0 / 3.0, 0.0)), Ok((1.000_000_000_000_000_2, 1.732_050_807_568_877_2)));
        assert_eq!(quotient((1.0, 2.0), (0.0, 0.0)), None);
        assert_eq!(quotient((1.0, 2.0), (3.0, 4.0)), Some((0.44, 0.08)));
    }
}
