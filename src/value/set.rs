//! `set` and `frozenset`: CPython's table, so that they iterate in CPython's order.

use std::cell::{Cell, RefCell};

use super::Value;
use crate::pure::set_table::SetTable;

/// A set's contents; the cached hash is a frozenset's.
#[derive(Default)]
pub struct SetObj {
    pub table: RefCell<SetTable<Value>>,
    pub hash: Cell<Option<i64>>,
}

impl SetObj {
    /// Wraps a table.
    pub fn new(table: SetTable<Value>) -> Self {
        Self { table: RefCell::new(table), hash: Cell::new(None) }
    }

    /// Visits every element.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(t) = self.table.try_borrow() {
            t.iter().for_each(visit);
        }
    }

    /// Empties the set, for the collector.
    pub fn clear(&self) {
        let old = self.table.try_borrow_mut().map(|mut t| std::mem::take(&mut *t));
        drop(old);
    }
}
