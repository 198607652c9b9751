//! Hashes of the built-in values, as 64-bit CPython 3.11 computes them under `PYTHONHASHSEED=0`.
//!
//! In come numbers, text, or the hashes of a container's elements; out comes the `i64` that `hash()` shows. What
//! hashes by identity (`nan`, plain objects) is the caller's business. `-1` is never returned: it becomes `-2`.

use num_bigint::{BigInt, Sign};
use siphasher::sip::SipHasher13;

/// The Mersenne prime 2**61 - 1: numbers are hashed modulo this.
const MODULUS: u64 = (1 << MODULUS_BITS) - 1;
const MODULUS_BITS: u32 = 61;

/// The hash of positive infinity; negative infinity has its negation.
pub const HASH_INF: i64 = 314_159;

/// The multiplier of a complex number's imaginary part.
const IMAG_MULTIPLIER: u64 = 1_000_003;

/// Hashes text: over Latin-1, UCS-2 or UCS-4 code units, whichever is the narrowest that holds it.
pub fn hash_str(text: &str) -> i64 {
    if text.is_ascii() {
        return hash_bytes(text.as_bytes());
    }
    let widest = text.chars().max().unwrap_or('\0') as u32;
    let mut units = Vec::with_capacity(text.len() * 2);
    for c in text.chars().map(|c| c as u32) {
        match widest {
            0..=0xff => units.push(c as u8),
            0x100..=0xffff => units.extend_from_slice(&(c as u16).to_le_bytes()),
            _ => units.extend_from_slice(&c.to_le_bytes()),
        }
    }
    hash_bytes(&units)
}

/// Hashes bytes with SipHash-1-3 under the zero key; nothing hashes to 0.
pub fn hash_bytes(bytes: &[u8]) -> i64 {
    if bytes.is_empty() {
        return 0;
    }
    not_minus_one(SipHasher13::new_with_keys(0, 0).hash(bytes) as i64)
}

/// Hashes an integer; equal floats hash alike.
pub fn hash_i64(n: i64) -> i64 {
    signed(n.unsigned_abs() % MODULUS, n < 0)
}

/// Hashes an integer of any size.
pub fn hash_bigint(n: &BigInt) -> i64 {
    let mut rest = 0_u128;
    for digit in n.magnitude().iter_u64_digits().rev() {
        rest = ((rest << 64) | u128::from(digit)) % u128::from(MODULUS);
    }
    signed(rest as u64, n.sign() == Sign::Minus)
}

/// Hashes a float: an infinity has a fixed hash, `nan` gives 0 here because it hashes by identity.
pub fn hash_f64(x: f64) -> i64 {
    if x.is_nan() || x == 0.0 {
        return 0;
    }
    if x.is_infinite() {
        return if x > 0.0 { HASH_INF } else { -HASH_INF };
    }
    let (mantissa, exponent) = super::float::decompose(x);
    // Multiplying by two modulo 2**61 - 1 rotates 61 bits.
    let turn = exponent.rem_euclid(MODULUS_BITS as i32) as u32;
    let rotated = ((mantissa << turn) & MODULUS) | (mantissa >> (MODULUS_BITS - turn));
    signed(rotated, x < 0.0)
}

/// Hashes a complex number from the hashes of its two parts.
pub fn hash_complex(real: i64, imag: i64) -> i64 {
    not_minus_one((real as u64).wrapping_add(IMAG_MULTIPLIER.wrapping_mul(imag as u64)) as i64)
}

/// Hashes a tuple from its elements' hashes, in order.
pub fn hash_tuple(elements: impl IntoIterator<Item = i64>) -> i64 {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    const PRIME_5: u64 = 2_870_177_450_012_600_261;
    let mut acc = PRIME_5;
    let mut len = 0_u64;
    for lane in elements {
        acc = acc.wrapping_add((lane as u64).wrapping_mul(PRIME_2)).rotate_left(31).wrapping_mul(PRIME_1);
        len += 1;
    }
    acc = acc.wrapping_add(len ^ (PRIME_5 ^ 0x35_d373));
    if acc == u64::MAX { 1_546_275_796 } else { acc as i64 }
}

/// Hashes a frozenset from its elements' hashes, in any order, and their number.
pub fn hash_frozenset(elements: impl IntoIterator<Item = i64>, len: usize) -> i64 {
    let mut hash = 0_u64;
    for element in elements {
        let h = element as u64;
        hash ^= ((h ^ 0x55b_4db3) ^ (h << 16)).wrapping_mul(3_644_798_167);
    }
    hash ^= (len as u64).wrapping_add(1).wrapping_mul(1_927_868_237);
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
    if hash == u64::MAX { 590_923_713 } else { hash as i64 }
}

fn signed(magnitude: u64, negative: bool) -> i64 {
    let hash = magnitude as i64;
    not_minus_one(if negative { -hash } else { hash })
}

fn not_minus_one(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_hashes_as_under_seed_zero() {
        for (text, expected) in [
            ("", 0),
            ("a", 4_644_417_185_603_328_019),
            ("hello", -2_096_571_579_003_691_106),
            ("한글", 3_011_526_259_676_503_552),
            ("café", 137_524_001_917_817_222),
            ("ÿ", 3_476_900_567_878_811_119),
            ("Ā", 75_343_234_424_780_393),
            ("😀x", -8_926_728_262_118_538_918),
            ("seven77", -6_423_433_752_598_503_226),
            ("eight888", -2_436_426_746_351_348_433),
        ] {
            assert_eq!(hash_str(text), expected, "{text:?}");
        }
    }

    #[test]
    fn equal_numbers_hash_alike() {
        for (n, expected) in [
            (0.0, 0),
            (-1.0, -2),
            (1.5, 1_152_921_504_606_846_977),
            (-0.1, -230_584_300_921_369_408),
            (1e300, 1_224_995_262_755_759_164),
            (5e-324, 16_777_216),
            (2.5e18, 194_156_990_786_306_049),
            (f64::INFINITY, 314_159),
        ] {
            assert_eq!(hash_f64(n), expected, "{n:?}");
            if let Some(big) = super::super::float::f64_to_bigint(n).filter(|_| n.fract() == 0.0) {
                assert_eq!(hash_bigint(&big), expected, "{n:?}");
            }
        }
        assert_eq!(hash_i64(-1), -2);
        assert_eq!(hash_i64(i64::MIN), -4);
    }

    #[test]
    fn containers_combine_their_elements() {
        assert_eq!(hash_tuple([]), 5_740_354_900_026_072_187);
        assert_eq!(hash_tuple([1, 2, 3]), 529_344_067_295_497_451);
        assert_eq!(hash_frozenset([1, 2, 3], 3), -272_375_401_224_217_160);
        assert_eq!(hash_frozenset([], 0), 133_146_708_735_736);
        assert_eq!(hash_complex(1, 2), 2_000_007);
    }
}
