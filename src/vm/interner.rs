//! Names that exist once: those of source texts and of the built-in types. A look-up by such a name ends at a
//! comparison of addresses. Names made at run time are looked up here, but never added, so they do not pile up.

use std::cell::RefCell;
use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::value::{Obj, Ref};
use crate::vm::Names;

/// The set of interned names.
pub struct Interner {
    names: RefCell<HashTable<Ref>>,
}

fn hash(text: &str) -> u64 {
    FxBuildHasher.hash_one(text)
}

impl Interner {
    /// Begins with the names that the interpreter itself looks up.
    pub fn new(names: &Names) -> Self {
        let mut table = HashTable::with_capacity(1024);
        for name in names.all() {
            let key = hash(name.text());
            name.set_interned();
            table.insert_unique(key, name, |n| hash(n.text()));
        }
        Self { names: RefCell::new(table) }
    }

    /// The object of a name, if it is interned.
    pub fn get(&self, text: &str) -> Option<Ref> {
        self.names.borrow().find(hash(text), |n| n.text() == text).cloned()
    }

    /// The object of a name, interned from now on.
    pub fn intern(&self, text: &str) -> Ref {
        let key = hash(text);
        let mut names = self.names.borrow_mut();
        if let Some(name) = names.find(key, |n| n.text() == text) {
            return name.clone();
        }
        let name = Obj::str(text);
        name.set_interned();
        names.insert_unique(key, name.clone(), |n| hash(n.text()));
        name
    }
}
