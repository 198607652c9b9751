//! Python's random numbers: the Mersenne Twister, seeded and drawn from as in `random.Random`.
//!
//! In comes a seed; out comes the sequence that CPython draws from it. Distributions beyond `random`,
//! `getrandbits` and `_randbelow` are built on these by the caller; nothing here draws from the system.

use num_bigint::{BigInt, BigUint};
use sha2::{Digest, Sha512};

use super::twister::Twister;

/// A generator.
#[derive(Clone, Debug)]
pub struct Random {
    words: Twister,
}

impl Random {
    /// Seeds as `random.seed(n)` does with a small integer: the sign does not matter.
    pub fn from_i64(seed: i64) -> Self {
        Self::from_magnitude(&BigUint::from(seed.unsigned_abs()))
    }

    /// Seeds as `random.seed(n)` does with an integer of any size: the sign does not matter.
    pub fn from_bigint(seed: &BigInt) -> Self {
        Self::from_magnitude(seed.magnitude())
    }

    /// Seeds as `random.seed(s)` does with bytes, or with text as UTF-8 (version 2).
    pub fn from_bytes(seed: &[u8]) -> Self {
        let digest = Sha512::digest(seed);
        Self::from_magnitude(&BigUint::from_bytes_be(&[seed, digest.as_slice()].concat()))
    }

    /// Seeds with an integer that is not negative.
    pub fn from_magnitude(seed: &BigUint) -> Self {
        let mut key = seed.to_u32_digits();
        if key.is_empty() {
            key.push(0);
        }
        Self { words: Twister::from_key(&key) }
    }

    /// A generator in a state that `state` gave.
    pub fn from_state(words: &[u32], next: usize) -> Option<Self> {
        Twister::from_state(words, next).map(|words| Self { words })
    }

    /// What `getstate` shows: the words and the place of the next one.
    pub fn state(&self) -> (&[u32], usize) {
        self.words.state()
    }

    /// Draws 32 bits.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        self.words.next_u32()
    }

    /// `random()`: a float in [0, 1) with 53 random bits.
    #[inline]
    pub fn random(&mut self) -> f64 {
        let high = f64::from(self.next_u32() >> 5);
        let low = f64::from(self.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// `getrandbits(bits)` for up to 64 bits.
    pub fn bits(&mut self, bits: u32) -> u64 {
        match bits.min(64) {
            0 => 0,
            short @ 1..=32 => u64::from(self.next_u32() >> (32 - short)),
            long => {
                let low = u64::from(self.next_u32());
                low | u64::from(self.next_u32() >> (64 - long)) << 32
            }
        }
    }

    /// `getrandbits(bits)`: the low words are drawn first.
    pub fn bits_big(&mut self, bits: u64) -> BigUint {
        let words = bits.div_ceil(32);
        let draw = |word| if word + 1 == words { self.next_u32() >> (words * 32 - bits) } else { self.next_u32() };
        BigUint::new((0..words).map(draw).collect())
    }

    /// An integer in [0, n), drawn again until it fits; 0 for 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let bits = 64 - n.leading_zeros();
        loop {
            let drawn = self.bits(bits);
            if drawn < n {
                return drawn;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_cpythons() {
        let mut zero = Random::from_i64(0);
        assert_eq!([zero.random(), zero.random()], [0.844_421_851_525_048_1, 0.757_954_402_940_302_5]);
        let mut negative = Random::from_i64(-12_345);
        assert_eq!([negative.bits(64), negative.bits(7), negative.below(1000)], [13_515_657_874_892_102_023, 1, 839]);
        let mut text = Random::from_bytes("한글".as_bytes());
        assert_eq!(text.bits(32), 703_532_255);
        assert_eq!(text.bits_big(70).to_string(), "558472741910155793091");
        let mut big = Random::from_bigint(&((BigInt::from(1) << 100) + 7));
        assert_eq!(big.bits(40), 91_981_198_348);
    }
}
