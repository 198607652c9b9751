//! Sets of characters: literals, ranges and classes, with or without regard to case.

use crate::pure::chars::{is_alnum, is_decimal, is_space};

/// A class such as `\d`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    Digit,
    Space,
    Word,
}

impl Class {
    pub fn has(self, c: char, ascii: bool) -> bool {
        match self {
            Self::Digit if ascii => c.is_ascii_digit(),
            Self::Space if ascii => matches!(c, ' ' | '\t'..='\r'),
            Self::Word if ascii => c.is_ascii_alphanumeric() || c == '_',
            Self::Digit => is_decimal(c),
            Self::Space => is_space(c),
            Self::Word => c == '_' || is_alnum(c),
        }
    }
}

/// One part of a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Item {
    Char(char),
    Range(char, char),
    Class(Class, bool),
}

/// A set of characters; which ASCII characters it has is known beforehand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Set {
    items: Vec<Item>,
    negated: bool,
    ignore_case: bool,
    ascii: bool,
    low: [u64; 2],
}

impl Set {
    pub fn new(items: Vec<Item>, negated: bool, ignore_case: bool, ascii: bool) -> Self {
        let mut set = Self { items, negated, ignore_case, ascii, low: [0; 2] };
        for byte in 0..128_u8 {
            if set.look(char::from(byte)) {
                set.low[usize::from(byte >> 6)] |= 1 << (byte & 63);
            }
        }
        set
    }

    /// Whether a character is in the set.
    #[inline]
    pub fn has(&self, c: char) -> bool {
        let code = c as u32;
        if code < 128 { self.low[(code >> 6) as usize] >> (code & 63) & 1 == 1 } else { self.look(c) }
    }

    fn look(&self, c: char) -> bool {
        let found = self.has_item(c) || self.ignore_case && variants(c, self.ascii).into_iter().any(|v| v != c && self.has_item(v));
        found != self.negated
    }

    fn has_item(&self, c: char) -> bool {
        self.items.iter().any(|item| match *item {
            Item::Char(x) => x == c || self.ignore_case && same(x, c, self.ascii),
            Item::Range(low, high) => (low..=high).contains(&c),
            Item::Class(class, negated) => class.has(c, self.ascii) != negated,
        })
    }
}

/// The lower case of a character if that is one character.
pub fn lower(c: char, ascii: bool) -> char {
    match c {
        _ if c.is_ascii() => c.to_ascii_lowercase(),
        _ if ascii => c,
        '\u{130}' => 'i',
        _ => only(c.to_lowercase()).unwrap_or(c),
    }
}

fn upper(c: char, ascii: bool) -> char {
    if ascii && !c.is_ascii() { c } else { only(c.to_uppercase()).unwrap_or(c) }
}

fn only(mut chars: impl Iterator<Item = char>) -> Option<char> {
    chars.next().filter(|_| chars.next().is_none())
}

/// Other characters that are the same when case does not matter.
fn variants(c: char, ascii: bool) -> [char; 5] {
    let (small, large) = (lower(c, ascii), upper(c, ascii));
    let odd = match small {
        'i' if !ascii => '\u{131}',
        's' if !ascii => '\u{17f}',
        'k' if !ascii => '\u{212a}',
        _ => small,
    };
    [small, large, lower(large, ascii), upper(small, ascii), odd]
}

/// Whether two characters are the same when case does not matter.
pub fn same(a: char, b: char, ascii: bool) -> bool {
    a == b || lower(a, ascii) == lower(b, ascii) || upper(a, ascii) == upper(b, ascii)
}
