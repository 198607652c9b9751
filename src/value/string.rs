//! Strings: UTF-8 with lazily cached hash and length. Lone surrogates do not exist in corun: literals, `chr` and
//! decoders refuse them.

use std::cell::Cell;

use crate::pure::hash::hash_str;

const UNKNOWN: usize = usize::MAX;

/// A Python string. Indices are code points; `is_ascii` tells when they are bytes too.
#[derive(Debug)]
pub struct Str {
    text: String,
    hash: Cell<i64>,
    chars: Cell<usize>,
}

impl Str {
    /// Wraps text.
    pub fn new(text: String) -> Self {
        Self { text, hash: Cell::new(0), chars: Cell::new(UNKNOWN) }
    }

    /// The text.
    #[inline(always)]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The length in code points.
    #[inline]
    pub fn chars(&self) -> usize {
        let known = self.chars.get();
        if known != UNKNOWN {
            return known;
        }
        let count = if self.text.is_ascii() { self.text.len() } else { self.text.chars().count() };
        self.chars.set(count);
        count
    }

    /// Whether every code point is one byte.
    #[inline]
    pub fn is_ascii(&self) -> bool {
        self.chars() == self.text.len()
    }

    /// CPython's hash under `PYTHONHASHSEED=0`.
    #[inline]
    pub fn hash(&self) -> i64 {
        let known = self.hash.get();
        if known != 0 || self.text.is_empty() {
            return known;
        }
        let hash = hash_str(&self.text);
        self.hash.set(hash);
        hash
    }

    /// Appends in place; the caller holds the only reference.
    pub fn push_str(&mut self, more: &str) {
        let known = self.chars.get();
        if known != UNKNOWN {
            let added = if more.len() < 64 {
                more.chars().count()
            } else if more.is_ascii() {
                more.len()
            } else {
                more.chars().count()
            };
            self.chars.set(known + added);
        }
        self.hash.set(0);
        self.text.push_str(more);
    }
}
