//! Integer arithmetic as Python does it: small results stay `i64`, larger ones become `BigInt`.
//!
//! In come `i64`, `BigInt` and counts; out come integers or the reason why Python raises. Integers as text and
//! bytes are in `int_text`.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An integer in its normal form: `Big` only when it does not fit into an `i64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntResult {
    /// It fits.
    Small(i64),
    /// It does not.
    Big(BigInt),
}

impl From<BigInt> for IntResult {
    fn from(n: BigInt) -> Self {
        n.to_i64().map_or(Self::Big(n), Self::Small)
    }
}

impl From<i128> for IntResult {
    fn from(n: i128) -> Self {
        i64::try_from(n).map_or_else(|_| Self::Big(BigInt::from(n)), Self::Small)
    }
}

/// Why `pow(base, exponent, modulus)` raises `ValueError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowModError {
    /// `pow() 3rd argument cannot be 0`.
    ZeroModulus,
    /// `base is not invertible for the given modulus`.
    NotInvertible,
}

impl PowModError {
    /// The text of the `ValueError`.
    pub fn message(self) -> &'static str {
        match self {
            Self::ZeroModulus => "pow() 3rd argument cannot be 0",
            Self::NotInvertible => "base is not invertible for the given modulus",
        }
    }
}

/// `a + b`.
pub fn add(a: i64, b: i64) -> IntResult {
    a.checked_add(b).map_or_else(|| IntResult::from(i128::from(a) + i128::from(b)), IntResult::Small)
}

/// `a - b`.
pub fn sub(a: i64, b: i64) -> IntResult {
    a.checked_sub(b).map_or_else(|| IntResult::from(i128::from(a) - i128::from(b)), IntResult::Small)
}

/// `a * b`.
pub fn mul(a: i64, b: i64) -> IntResult {
    a.checked_mul(b).map_or_else(|| IntResult::from(i128::from(a) * i128::from(b)), IntResult::Small)
}

/// `a // b`; `None` when `b` is zero.
pub fn floor_div(a: i64, b: i64) -> Option<IntResult> {
    if b == 0 {
        return None;
    }
    Some(IntResult::from(Integer::div_floor(&i128::from(a), &i128::from(b))))
}

/// `a % b`, with the sign of `b`; `None` when `b` is zero.
pub fn modulo(a: i64, b: i64) -> Option<i64> {
    match b {
        0 => None,
        -1 => Some(0),
        _ => Some(a.mod_floor(&b)),
    }
}

/// `base ** exponent`.
pub fn pow(base: i64, exponent: u64) -> IntResult {
    match (base, u32::try_from(exponent).ok().and_then(|small| base.checked_pow(small))) {
        (_, Some(power)) => IntResult::Small(power),
        (0 | 1, None) => IntResult::Small(base),
        (-1, None) => IntResult::Small(if exponent.is_even() { 1 } else { -1 }),
        _ => pow_big(&BigInt::from(base), exponent).into(),
    }
}

/// `base ** exponent` of any size. The caller bounds the size of the result beforehand: `bits(base) * exponent`.
pub fn pow_big(base: &BigInt, exponent: u64) -> BigInt {
    num_traits::pow::Pow::pow(base, exponent)
}

/// `pow(base, exponent, modulus)`: the result has the sign of `modulus`; a negative exponent inverts.
pub fn pow_mod(base: &BigInt, exponent: &BigInt, modulus: &BigInt) -> Result<BigInt, PowModError> {
    if modulus.is_zero() {
        return Err(PowModError::ZeroModulus);
    }
    let positive = modulus.abs();
    let mut base = base.mod_floor(&positive);
    if exponent.is_negative() {
        base = invert(&base, &positive).ok_or(PowModError::NotInvertible)?;
    }
    let power = BigInt::from(base.magnitude().modpow(exponent.magnitude(), positive.magnitude()));
    Ok(power.mod_floor(modulus))
}

/// `n << count`.
pub fn shl(n: i64, count: u64) -> IntResult {
    if n == 0 {
        return IntResult::Small(0);
    }
    if count < 64 {
        return IntResult::from(i128::from(n) << count);
    }
    IntResult::Big(BigInt::from(n) << count)
}

/// `n >> count`, rounding down.
pub fn shr(n: i64, count: u64) -> i64 {
    n >> count.min(63)
}

/// `n >> count` of any size, rounding down.
pub fn shr_big(n: &BigInt, count: u64) -> BigInt {
    n >> count
}

/// `n.bit_length()`.
pub fn bit_length(n: i64) -> u32 {
    64 - n.unsigned_abs().leading_zeros()
}

/// `n.bit_length()` of any size.
pub fn bit_length_big(n: &BigInt) -> u64 {
    n.bits()
}

/// `n.bit_count()`: the ones in the magnitude.
pub fn bit_count(n: i64) -> u32 {
    n.unsigned_abs().count_ones()
}

/// `n.bit_count()` of any size.
pub fn bit_count_big(n: &BigInt) -> u64 {
    n.magnitude().count_ones()
}

/// `math.isqrt(n)`; `None` when `n` is negative.
pub fn isqrt(n: &BigInt) -> Option<BigInt> {
    (!n.is_negative()).then(|| n.sqrt())
}

/// `math.gcd(a, b)`: never negative.
pub fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    a.gcd(b)
}

/// `math.lcm(a, b)`: never negative.
pub fn lcm(a: &BigInt, b: &BigInt) -> BigInt {
    if a.is_zero() || b.is_zero() { BigInt::zero() } else { (a / a.gcd(b) * b).abs() }
}

/// `math.comb(n, k)` for `n` not negative.
pub fn comb(n: &BigInt, k: u64) -> BigInt {
    let Some(rest) = (n - k).to_biguint() else { return BigInt::zero() };
    let k = rest.to_u64().map_or(k, |rest| rest.min(k));
    let mut result = BigInt::one();
    for i in 0..k {
        result = result * (n - i) / (i + 1);
    }
    result
}

/// `math.perm(n, k)` for `n` not negative.
pub fn perm(n: &BigInt, k: u64) -> BigInt {
    if *n < BigInt::from(k) {
        return BigInt::zero();
    }
    (0..k).fold(BigInt::one(), |result, i| result * (n - i))
}

/// `math.factorial(n)`.
pub fn factorial(n: u64) -> BigInt {
    BigInt::from_biguint(Sign::Plus, product(1, n))
}

/// The product of `first..=last`, by halves, so that large factors meet large factors.
fn product(first: u64, last: u64) -> BigUint {
    if last < first + 16 {
        return (first..=last).fold(BigUint::one(), |result, factor| result * factor);
    }
    let middle = u64::midpoint(first, last);
    product(first, middle) * product(middle + 1, last)
}

/// The inverse of `base` modulo a positive number.
fn invert(base: &BigInt, modulus: &BigInt) -> Option<BigInt> {
    let parts = base.extended_gcd(modulus);
    parts.gcd.is_one().then(|| parts.x.mod_floor(modulus))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(n: i64) -> BigInt {
        BigInt::from(n)
    }

    #[test]
    fn results_beyond_64_bits_become_big() {
        let two_63 = IntResult::Big(BigInt::from(1_u64 << 63));
        for (name, result) in [("+", add(i64::MAX, 1)), ("-", sub(1 << 62, -(1 << 62))), ("*", mul(1 << 32, 1 << 31)), ("**", pow(2, 63)), ("<<", shl(1, 63))] {
            assert_eq!(result, two_63, "{name}");
        }
        assert_eq!(floor_div(i64::MIN, -1), Some(two_63));
        assert_eq!(shl(-1, 63), IntResult::Small(i64::MIN));
        assert_eq!(pow(-1, u64::MAX), IntResult::Small(-1));
    }

    #[test]
    fn division_floors() {
        for (a, b, quotient, rest) in [(7, -2, -4, -1), (-7, 2, -4, 1), (-7, -2, 3, -1), (i64::MIN, 3, -3_074_457_345_618_258_603, 1)] {
            assert_eq!((floor_div(a, b), modulo(a, b)), (Some(IntResult::Small(quotient)), Some(rest)));
        }
        assert_eq!((floor_div(1, 0), modulo(1, 0), modulo(i64::MIN, -1)), (None, None, Some(0)));
    }

    #[test]
    fn powers_modulo() {
        for (base, exponent, modulus, expected) in [
            (3, 4, 5, Ok(1)),
            (3, 4, -5, Ok(-4)),
            (3, -1, 7, Ok(5)),
            (2, -1, 4, Err(PowModError::NotInvertible)),
            (0, 0, 1, Ok(0)),
            (1, 1, 0, Err(PowModError::ZeroModulus)),
            (-3, 3, 10, Ok(3)),
            (5, -1, 1, Ok(0)),
        ] {
            assert_eq!(pow_mod(&big(base), &big(exponent), &big(modulus)), expected.map(big), "{base} {exponent} {modulus}");
        }
    }

    #[test]
    fn counting() {
        assert_eq!(comb(&big(50), 25), big(126_410_606_437_752));
        assert_eq!(comb(&big(3), 5), big(0));
        assert_eq!(perm(&big(6), 3), big(120));
        assert_eq!(factorial(20), big(2_432_902_008_176_640_000));
        assert_eq!((factorial(0), lcm(&big(-4), &big(6))), (big(1), big(12)));
        assert_eq!((shr(-5, 70), bit_length(-8), bit_count(-7)), (-1, 4, 3));
    }
}
