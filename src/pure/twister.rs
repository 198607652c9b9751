//! The Mersenne Twister (MT19937, Matsumoto and Nishimura 1998), with its state open, because `getstate` shows it.
//!
//! In comes a key of 32-bit words, or a state; out come words of 32 random bits.

/// Words of state.
pub const WORDS: usize = 624;
/// The distance of the word that is mixed into each new one.
const MIDDLE: usize = 397;
const MATRIX: u32 = 0x9908_b0df;
const UPPER: u32 = 0x8000_0000;
const LOWER: u32 = 0x7fff_ffff;

/// A generator of 32-bit words.
#[derive(Clone, Debug)]
pub struct Twister {
    words: Box<[u32; WORDS]>,
    /// The place of the next word; `WORDS` when all were drawn.
    next: usize,
}

impl Twister {
    /// A generator seeded with a key of any length but zero.
    pub fn from_key(key: &[u32]) -> Self {
        let mut words = Box::new([0; WORDS]);
        let mut last: u32 = 19_650_218;
        words[0] = last;
        for (i, word) in words.iter_mut().enumerate().skip(1) {
            last = (last ^ last >> 30).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
            *word = last;
        }
        let mut place = 1;
        for (j, &part) in (0..key.len()).zip(key).cycle().take(WORDS.max(key.len())) {
            let mixed = words[place] ^ (words[place - 1] ^ words[place - 1] >> 30).wrapping_mul(1_664_525);
            words[place] = mixed.wrapping_add(part).wrapping_add(j as u32);
            place = advance(&mut words, place);
        }
        for _ in 1..WORDS {
            let mixed = words[place] ^ (words[place - 1] ^ words[place - 1] >> 30).wrapping_mul(1_566_083_941);
            words[place] = mixed.wrapping_sub(place as u32);
            place = advance(&mut words, place);
        }
        words[0] = UPPER;
        Self { words, next: WORDS }
    }

    /// A generator in a state that `state` gave; nothing when there are not just as many words, or the place is none.
    pub fn from_state(words: &[u32], next: usize) -> Option<Self> {
        let words: [u32; WORDS] = words.try_into().ok()?;
        (next <= WORDS).then(|| Self { words: Box::new(words), next })
    }

    /// The words and the place of the next one.
    pub fn state(&self) -> (&[u32], usize) {
        (&self.words[..], self.next)
    }

    /// Draws 32 bits.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        if self.next >= WORDS {
            self.refill();
        }
        let word = self.words[self.next];
        self.next += 1;
        temper(word)
    }

    #[inline(never)]
    fn refill(&mut self) {
        let words = &mut self.words;
        for i in 0..WORDS {
            let mixed = (words[i] & UPPER) | (words[(i + 1) % WORDS] & LOWER);
            let twist = if mixed & 1 == 0 { 0 } else { MATRIX };
            words[i] = words[(i + MIDDLE) % WORDS] ^ mixed >> 1 ^ twist;
        }
        self.next = 0;
    }
}

/// The next place of a key's mixing; at the end it begins anew, with the last word in the first place.
fn advance(words: &mut [u32; WORDS], place: usize) -> usize {
    if place + 1 < WORDS {
        return place + 1;
    }
    words[0] = words[WORDS - 1];
    1
}

fn temper(mut word: u32) -> u32 {
    word ^= word >> 11;
    word ^= word << 7 & 0x9d2c_5680;
    word ^= word << 15 & 0xefc6_0000;
    word ^ word >> 18
}
