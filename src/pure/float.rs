//! Float arithmetic as Python does it: exact conversions and comparisons with integers, floor division, rounding.
//!
//! In come `f64`, `i64` and `BigInt`; out come numbers, `None` where Python raises. Which exception that is, and
//! what a float looks like as text (`float_text`), is not known here.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

/// The bits of a mantissa behind the point.
const FRACTION_BITS: u32 = 52;

/// The exponent of the smallest subnormal number.
const MIN_EXPONENT: i64 = -1074;

/// Splits a finite float into `m` and `e` with `|x| == m * 2**e`.
pub fn decompose(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let biased = ((bits >> FRACTION_BITS) & 0x7ff) as i32;
    if biased == 0 { (fraction, -1074) } else { (fraction | (1 << FRACTION_BITS), biased - 1075) }
}

/// The float nearest to `mantissa * 2**exponent`, ties to even, infinity when it is too large. `sticky` says
/// that the true value is a little larger; the mantissa then needs at least 55 significant bits.
pub fn compose(mantissa: u128, exponent: i64, sticky: bool) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let bits = i64::from(128 - mantissa.leading_zeros());
    let top = bits + exponent;
    if top > 1024 {
        return f64::INFINITY;
    }
    let kept = (top - MIN_EXPONENT).min(53);
    if kept < 0 {
        return 0.0;
    }
    let (rounded, exponent) = match bits - kept {
        dropped @ 1.. => (round_off(mantissa, dropped as u32, sticky), exponent + dropped),
        _ => (mantissa as u64, exponent),
    };
    assemble(rounded, exponent)
}

/// `math.ldexp`: `x * 2**exponent`, rounded once; infinity when it is too large.
pub fn ldexp(x: f64, exponent: i64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (mantissa, own) = decompose(x);
    let exponent = exponent.clamp(-10_000, 10_000);
    compose(u128::from(mantissa), i64::from(own) + exponent, false).copysign(x)
}

/// `math.frexp`: a mantissa in [0.5, 1) with the sign of `x`, and an exponent.
pub fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (mantissa, exponent) = decompose(x);
    let bits = 64 - mantissa.leading_zeros() as i32;
    (compose(u128::from(mantissa), -i64::from(bits), false).copysign(x), exponent + bits)
}

/// Whether the float is finite and has no fraction.
pub fn is_integer(x: f64) -> bool {
    x.is_finite() && x.trunc() == x
}

/// The integer part of a finite float, towards zero.
pub fn f64_to_bigint(x: f64) -> Option<BigInt> {
    if !x.is_finite() {
        return None;
    }
    let (mantissa, exponent) = decompose(x);
    let magnitude =
        if exponent >= 0 { BigUint::from(mantissa) << exponent as u32 } else { BigUint::from(mantissa.checked_shr(exponent.unsigned_abs()).unwrap_or(0)) };
    Some(BigInt::from_biguint(if x < 0.0 { Sign::Minus } else { Sign::Plus }, magnitude))
}

/// The float nearest to an integer, ties to even; `None` when it is too large for a float.
pub fn bigint_to_f64(n: &BigInt) -> Option<f64> {
    let (mantissa, exponent, sticky) = leading_bits(n.magnitude());
    finite_with_sign(compose(mantissa, exponent, sticky), n.is_negative())
}

/// `a / b` rounded once, for `b` not zero; `None` when it is too large for a float.
pub fn divide_bigints(a: &BigInt, b: &BigInt) -> Option<f64> {
    let (a_bits, b_bits) = (a.bits() as i64, b.bits() as i64);
    if a_bits == 0 {
        return Some(if b.is_negative() { -0.0 } else { 0.0 });
    }
    // A quotient of 66 or 67 bits is enough to round from, with the remainder as the sticky bit.
    let shift = 66 - (a_bits - b_bits);
    let (upper, lower) =
        if shift >= 0 { (a.magnitude() << shift as u64, b.magnitude().clone()) } else { (a.magnitude().clone(), b.magnitude() << shift.unsigned_abs()) };
    let (quotient, rest) = upper.div_rem(&lower);
    let value = compose(quotient.to_u128()?, -shift, !rest.is_zero());
    finite_with_sign(value, a.is_negative() != b.is_negative())
}

/// `float.as_integer_ratio` of a finite float: lowest terms, a positive denominator.
pub fn as_integer_ratio(x: f64) -> Option<(BigInt, BigInt)> {
    if !x.is_finite() {
        return None;
    }
    let (mantissa, exponent) = decompose(x);
    let spare = mantissa.trailing_zeros().min(63) as i32;
    let (mantissa, exponent) = if mantissa == 0 { (0, 0) } else { (mantissa >> spare, exponent + spare) };
    let sign = if x < 0.0 { Sign::Minus } else { Sign::Plus };
    let numerator = BigInt::from_biguint(sign, BigUint::from(mantissa));
    let one = BigInt::from(1);
    let power = one.clone() << exponent.unsigned_abs();
    Some(if exponent >= 0 { (numerator * power, one) } else { (numerator, power) })
}

/// Compares a float with an integer by value, without rounding; `None` for `nan`.
pub fn cmp_f64_i64(x: f64, n: i64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if x.is_nan() {
        return None;
    }
    if x >= LIMIT {
        return Some(Ordering::Greater);
    }
    if x < -LIMIT {
        return Some(Ordering::Less);
    }
    Some((x.trunc() as i64).cmp(&n).then_with(|| x.partial_cmp(&x.trunc()).unwrap_or(Ordering::Equal)))
}

/// Compares a float with an integer of any size by value; `None` for `nan`.
pub fn cmp_f64_big(x: f64, n: &BigInt) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    let Some(whole) = f64_to_bigint(x) else {
        return Some(if x > 0.0 { Ordering::Greater } else { Ordering::Less });
    };
    Some(whole.cmp(n).then_with(|| x.partial_cmp(&x.trunc()).unwrap_or(Ordering::Equal)))
}

/// `x % y` with the sign of `y`; `y` is not zero.
pub fn modulo(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest == 0.0 {
        return 0.0_f64.copysign(y);
    }
    if (y < 0.0) == (rest < 0.0) { rest } else { rest + y }
}

/// `divmod(x, y)`: the floor of the quotient and the rest with the sign of `y`; `y` is not zero.
pub fn div_mod(x: f64, y: f64) -> (f64, f64) {
    let rest = x % y;
    let mut quotient = (x - rest) / y;
    if rest != 0.0 && (y < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(x / y), modulo(x, y));
    }
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, modulo(x, y))
}

/// `x // y`; `y` is not zero.
pub fn floor_div(x: f64, y: f64) -> f64 {
    div_mod(x, y).0
}

/// `round(x, digits)`: the nearest number with so many decimals, exactly halfway cases to even; `None` when the
/// result is too large for a float.
pub fn round_half_even_digits(x: f64, digits: i64) -> Option<f64> {
    if !x.is_finite() || digits > 323 {
        return Some(x);
    }
    if digits < -308 {
        return Some(0.0_f64.copysign(x));
    }
    if digits >= 0 {
        return format!("{x:.*}", digits as usize).parse().ok().filter(|rounded: &f64| rounded.is_finite());
    }
    let unit = BigUint::from(10_u32).pow(digits.unsigned_abs() as u32);
    let (mut count, rest) = f64_to_bigint(x.abs())?.magnitude().div_rem(&unit);
    let fraction = if x.fract() == 0.0 { Ordering::Equal } else { Ordering::Greater };
    match (rest * 2_u32).cmp(&unit).then(fraction) {
        Ordering::Equal if count.is_odd() => count += 1_u32,
        Ordering::Greater => count += 1_u32,
        Ordering::Equal | Ordering::Less => {}
    }
    Some(bigint_to_f64(&BigInt::from(count * unit))?.copysign(x))
}

/// `round(x)`: the nearest integer, halfway cases to even; `None` for infinities and `nan`.
pub fn round_to_bigint(x: f64) -> Option<BigInt> {
    f64_to_bigint(x.round_ties_even())
}

/// The leading bits of an integer as a mantissa and exponent, and whether lower bits were lost.
fn leading_bits(n: &BigUint) -> (u128, i64, bool) {
    let shift = n.bits().saturating_sub(64);
    let top = (n >> shift).to_u128().unwrap_or(u128::MAX);
    (top, shift as i64, n.trailing_zeros().is_some_and(|zeros| zeros < shift))
}

fn finite_with_sign(magnitude: f64, negative: bool) -> Option<f64> {
    magnitude.is_finite().then_some(if negative { -magnitude } else { magnitude })
}

/// Drops the lowest bits, 1 to 128 of them, rounding to even.
fn round_off(mantissa: u128, dropped: u32, sticky: bool) -> u64 {
    let kept = mantissa.checked_shr(dropped).unwrap_or(0);
    let half = 1_u128 << (dropped - 1);
    let rest = mantissa & (half | (half - 1));
    let up = rest > half || rest == half && (sticky || kept & 1 == 1);
    kept as u64 + u64::from(up)
}

/// Builds a float from a mantissa of at most 53 bits (or 2**53) that fits exactly; infinity if it is too large.
fn assemble(mantissa: u64, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let top = 64 - i64::from(mantissa.leading_zeros()) + exponent;
    match top {
        1025.. => f64::INFINITY,
        -1021..=1024 => f64::from_bits((mantissa as f64).to_bits().wrapping_add_signed(exponent << FRACTION_BITS)),
        _ => f64::from_bits(mantissa << (exponent - MIN_EXPONENT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_to_digits_is_exact() {
        for (x, digits, expected) in [
            (2.675, 2, 2.67),
            (0.5, 0, 0.0),
            (1.5, 0, 2.0),
            (2.5, 0, 2.0),
            (25.0, -1, 20.0),
            (35.0, -1, 40.0),
            (25.000_000_1, -1, 30.0),
            (1e22, -22, 1e22),
            (5e-324, 400, 5e-324),
            (123.0, -3, 0.0),
            (-0.4, 0, -0.0),
        ] {
            let rounded = round_half_even_digits(x, digits).map(f64::to_bits);
            assert_eq!(rounded, Some(f64::to_bits(expected)), "round({x}, {digits})");
        }
        assert_eq!(round_half_even_digits(1.7e308, -308), None);
    }

    #[test]
    fn division_floors() {
        for (x, y, expected) in [
            (7.0, 3.0, (2.0, 1.0)),
            (-7.0, 3.0, (-3.0, 2.0)),
            (7.0, -3.0, (-3.0, -2.0)),
            (-0.0, 3.0, (-0.0, 0.0)),
            (1.0, 0.1, (9.0, 0.099_999_999_999_999_95)),
            (1.0, f64::INFINITY, (0.0, 1.0)),
            (-1.0, f64::INFINITY, (-1.0, f64::INFINITY)),
        ] {
            assert_eq!(div_mod(x, y), expected, "divmod({x}, {y})");
        }
    }

    #[test]
    fn big_integers_round_once() {
        let two = BigInt::from(2);
        assert_eq!(bigint_to_f64(&(two.pow(1024) - 1)), None);
        assert_eq!(bigint_to_f64(&(two.pow(53) + 1)), Some(9_007_199_254_740_992.0));
        assert_eq!(bigint_to_f64(&(-two.pow(54) - 3)), Some(-18_014_398_509_481_988.0));
        assert_eq!(divide_bigints(&BigInt::from(1), &BigInt::from(3)), Some(1.0 / 3.0));
        assert_eq!(divide_bigints(&BigInt::from(3), &(two.pow(1075))), Some(1e-323));
        assert_eq!(divide_bigints(&two.pow(1100), &two.pow(10)), None);
    }

    #[test]
    fn comparison_with_integers_is_exact() {
        assert_eq!(cmp_f64_i64(9_007_199_254_740_992.0, 9_007_199_254_740_993), Some(Ordering::Less));
        assert_eq!(cmp_f64_i64(9_223_372_036_854_775_808.0, i64::MAX), Some(Ordering::Greater));
        assert_eq!(cmp_f64_i64(-0.5, 0), Some(Ordering::Less));
        assert_eq!(cmp_f64_i64(f64::NAN, 0), None);
        assert_eq!(cmp_f64_big(1e300, &BigInt::from(10).pow(300)), Some(Ordering::Greater));
        assert_eq!(cmp_f64_big(f64::NEG_INFINITY, &BigInt::from(0)), Some(Ordering::Less));
    }
}
