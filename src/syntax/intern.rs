//! One `Rc<str>` per distinct name of a source.

use std::rc::Rc;

use hashbrown::HashTable;

/// The names seen so far.
#[derive(Default)]
pub(super) struct Interner {
    names: HashTable<Rc<str>>,
}

impl Interner {
    /// The shared text of a name.
    pub(super) fn intern(&mut self, name: &str) -> Rc<str> {
        let hash = hash(name);
        let entry = self.names.entry(hash, |known| **known == *name, |known| self::hash(known));
        entry.or_insert_with(|| Rc::from(name)).get().clone()
    }
}

/// Multiplies eight bytes at a time: names are short, and nobody attacks one with names.
fn hash(name: &str) -> u64 {
    let mut hash = name.len() as u64;
    for chunk in name.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    hash ^ (hash >> 32)
}
