//! Dicts: entries in insertion order, found through a table of indices once there are more than a few. Equality of
//! keys may run script code, so look-ups come in steps: what cannot be decided here comes back as candidates.

use std::rc::Rc;

use hashbrown::HashTable;

use super::obj::{Kind, Obj};
use super::string::Str;
use super::{Ref, Value};
use crate::vm::compare::native_eq;

/// Up to so many entries are searched one by one, without a table.
const SMALL: usize = 8;

/// One key with its value; an empty key marks a deleted entry.
#[derive(Clone)]
pub struct Entry {
    pub hash: i64,
    pub key: Value,
    pub value: Value,
}

/// What a look-up found without running script code.
pub enum Lookup {
    /// The entry's index.
    Found(usize),
    /// No such key.
    Absent,
    /// Entries of the same hash whose keys only script code can compare, in probing order.
    Candidates(Vec<usize>),
}

/// A Python dict.
#[derive(Default)]
pub struct Dict {
    entries: Vec<Entry>,
    table: HashTable<u32>,
    live: usize,
    version: u32,
    /// Whether a key that is not exactly a `str` was ever added.
    has_other_keys: bool,
}

impl Dict {
    /// An empty dict.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty dict with room for `n` entries.
    pub fn with_capacity(n: usize) -> Self {
        Self { entries: Vec::with_capacity(n), ..Self::default() }
    }

    /// Makes room for `more` entries.
    pub fn reserve(&mut self, more: usize) {
        self.entries.reserve(more);
    }

    /// The number of keys.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Changes whenever a key comes or goes.
    #[inline(always)]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The entry at an index; deleted entries have an empty key.
    #[inline(always)]
    pub fn entry(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// The value slot of an entry.
    #[inline(always)]
    pub fn value_mut(&mut self, index: usize) -> Option<&mut Value> {
        self.entries.get_mut(index).map(|e| &mut e.value)
    }

    /// The first live entry at `index` or behind it, with its index.
    #[inline]
    pub fn next_from(&self, mut index: usize) -> Option<(usize, &Entry)> {
        loop {
            let entry = self.entries.get(index)?;
            if !entry.key.is_unbound() {
                return Some((index, entry));
            }
            index += 1;
        }
    }

    /// The last live entry before `index`, with its index.
    pub fn next_before(&self, index: usize) -> Option<(usize, &Entry)> {
        (0..index.min(self.entries.len())).rev().find_map(|i| self.entries.get(i).filter(|e| !e.key.is_unbound()).map(|e| (i, e)))
    }

    /// How many entry places there are, deleted ones included.
    pub fn places(&self) -> usize {
        self.entries.len()
    }

    /// The live entries in insertion order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().filter(|e| !e.key.is_unbound())
    }

    /// Looks a key up as far as that goes without script code.
    #[inline]
    pub fn lookup(&self, key: &Value, hash: i64) -> Lookup {
        if !self.has_other_keys
            && let Value::Obj(name) = key
            && matches!(name.kind, Kind::Str(_))
        {
            return self.find_name(name).map_or(Lookup::Absent, Lookup::Found);
        }
        let mut is_undecided = false;
        let mut hit = |e: &Entry| {
            if e.hash != hash || e.key.is_unbound() {
                return false;
            }
            let same = native_eq(&e.key, key);
            is_undecided |= same.is_none();
            same.unwrap_or(false)
        };
        let found = if self.entries.len() <= SMALL {
            self.entries.iter().position(&mut hit)
        } else {
            self.table.find(spread(hash), |&i| self.entries.get(i as usize).is_some_and(&mut hit)).map(|&i| i as usize)
        };
        if is_undecided {
            return Lookup::Candidates(self.candidates(key, hash));
        }
        found.map_or(Lookup::Absent, Lookup::Found)
    }

    /// The entries that may hold a key, in insertion order, up to one that certainly does.
    #[cold]
    fn candidates(&self, key: &Value, hash: i64) -> Vec<usize> {
        let mut found = Vec::new();
        for (i, e) in self.entries.iter().enumerate().filter(|(_, e)| e.hash == hash && !e.key.is_unbound()) {
            match native_eq(&e.key, key) {
                Some(false) => {}
                None => found.push(i),
                Some(true) => {
                    found.push(i);
                    break;
                }
            }
        }
        found
    }

    /// Finds a key that is a `str`; keys that are not are never equal to it (subclasses of `str` aside).
    #[inline]
    pub fn find_name(&self, name: &Ref) -> Option<usize> {
        let text = name.as_str()?;
        if self.entries.len() <= SMALL {
            if let Some(i) = self.entries.iter().position(|e| matches!(&e.key, Value::Obj(o) if Rc::ptr_eq(o, name))) {
                return Some(i);
            }
            let hash = text.hash();
            return self.entries.iter().position(|e| e.hash == hash && is_same_text(&e.key, text));
        }
        let hash = text.hash();
        self.table
            .find(spread(hash), |&i| {
                self.entries
                    .get(i as usize)
                    .is_some_and(|e| e.hash == hash && (matches!(&e.key, Value::Obj(o) if Rc::ptr_eq(o, name)) || is_same_text(&e.key, text)))
            })
            .map(|&i| i as usize)
    }

    /// The value of a key that is a `str`.
    #[inline]
    pub fn get_name(&self, name: &Ref) -> Option<&Value> {
        self.find_name(name).and_then(|i| self.entries.get(i)).map(|e| &e.value)
    }

    /// The value of a key given as text: for cold paths.
    pub fn get_text(&self, name: &str) -> Option<&Value> {
        self.get_name(&Obj::str(name))
    }

    /// Sets the value of a key that is a `str`; gives the old one back.
    pub fn set_name(&mut self, name: &Ref, value: Value) -> Option<Value> {
        if let Some(slot) = self.find_name(name).and_then(|i| self.value_mut(i)) {
            return Some(std::mem::replace(slot, value));
        }
        let hash = name.as_str().map_or(0, Str::hash);
        self.insert_new(hash, Value::Obj(name.clone()), value);
        None
    }

    /// Removes a key that is a `str`.
    pub fn remove_name(&mut self, name: &Ref) -> Option<Value> {
        self.find_name(name).and_then(|i| self.remove_at(i)).map(|e| e.value)
    }

    /// Adds a key that is known to be absent; gives its index.
    pub fn insert_new(&mut self, hash: i64, key: Value, value: Value) -> usize {
        if self.entries.len() == self.entries.capacity() && self.live < self.entries.len() / 2 {
            self.compact();
        }
        let index = self.entries.len();
        self.has_other_keys |= !matches!(key.kind(), Some(Kind::Str(_)));
        self.entries.push(Entry { hash, key, value });
        self.live += 1;
        self.version = self.version.wrapping_add(1);
        if index == SMALL {
            self.rebuild();
        } else if index > SMALL {
            let entries = &self.entries;
            self.table.insert_unique(spread(hash), index as u32, |&i| entries.get(i as usize).map_or(0, |e| spread(e.hash)));
        }
        index
    }

    /// Removes the entry at an index.
    pub fn remove_at(&mut self, index: usize) -> Option<Entry> {
        let entry = self.entries.get_mut(index)?;
        if entry.key.is_unbound() {
            return None;
        }
        let gone = Entry { hash: entry.hash, key: entry.key.take(), value: entry.value.take() };
        if self.entries.len() > SMALL
            && let Ok(found) = self.table.find_entry(spread(gone.hash), |&i| i as usize == index)
        {
            found.remove();
        }
        self.live -= 1;
        self.version = self.version.wrapping_add(1);
        while self.entries.len() > SMALL + 1 && self.entries.last().is_some_and(|e| e.key.is_unbound()) {
            self.entries.pop();
        }
        if self.live == 0 {
            self.entries.clear();
            self.table.clear();
        }
        Some(gone)
    }

    /// Takes everything out.
    pub fn take_all(&mut self) -> Vec<Entry> {
        self.table.clear();
        self.live = 0;
        self.version = self.version.wrapping_add(1);
        std::mem::take(&mut self.entries)
    }

    /// A copy with the same order.
    #[must_use]
    pub fn copy(&self) -> Self {
        let (entries, table) = (self.iter().cloned().collect(), HashTable::new());
        let mut copy = Self { entries, table, live: self.live, version: 0, has_other_keys: self.has_other_keys };
        copy.rebuild();
        copy
    }

    fn compact(&mut self) {
        self.entries.retain(|e| !e.key.is_unbound());
        self.rebuild();
    }

    fn rebuild(&mut self) {
        self.table.clear();
        if self.entries.len() <= SMALL {
            return;
        }
        let entries = &self.entries;
        self.table.reserve(entries.len(), |&i| entries.get(i as usize).map_or(0, |e| spread(e.hash)));
        for (i, e) in entries.iter().enumerate().filter(|(_, e)| !e.key.is_unbound()) {
            self.table.insert_unique(spread(e.hash), i as u32, |&i| entries.get(i as usize).map_or(0, |e| spread(e.hash)));
        }
    }

    /// Visits every key and value.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for e in self.iter() {
            visit(&e.key);
            visit(&e.value);
        }
    }
}

/// Python's hashes are often small integers; the table wants all bits used.
#[inline(always)]
fn spread(hash: i64) -> u64 {
    (hash as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26)
}

#[inline]
fn is_same_text(key: &Value, text: &Str) -> bool {
    key.as_str().is_some_and(|k| k == text.as_str())
}
