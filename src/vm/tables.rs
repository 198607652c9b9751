//! Dict and set objects: look-ups in steps, because comparing keys may run script code that changes the table.

use crate::pure::set_table::{Probe, SetTable};
use crate::value::dict::Lookup;
use crate::value::set::SetObj;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::compare::native_eq;

/// Plain words among the names that CPython 3.11 has interned before it compiles a script.
const STARTUP_NAMES: &str = include_str!("startup_names.txt");

/// The set behind a set or frozenset object (subclasses included).
#[inline]
pub fn set_of(v: &Value) -> Option<&SetObj> {
    match v.native_kind() {
        Some(Kind::Set(s) | Kind::FrozenSet(s)) => Some(s),
        _ => None,
    }
}

/// The dict object behind a dict (subclasses and read-only proxies included).
#[inline]
pub fn dict_of(v: &Value) -> Option<&Ref> {
    match v {
        Value::Obj(o) => match &o.kind {
            Kind::Dict(_) => Some(o),
            Kind::Derived(d) => dict_of(&d.base),
            Kind::Proxy(inner) => dict_of(inner),
            _ => None,
        },
        _ => None,
    }
}

/// A new set object.
pub fn set_object(table: SetTable<Value>) -> Value {
    Value::Obj(Obj::tracked(Kind::Set(Box::new(SetObj::new(table)))))
}

/// A new frozenset object.
pub fn frozenset_object(table: SetTable<Value>) -> Value {
    Value::Obj(Obj::tracked(Kind::FrozenSet(Box::new(SetObj::new(table)))))
}

impl Vm {
    /// The entry index of a key in a dict object.
    #[inline]
    pub fn dict_find(&mut self, dict: &Value, key: &Value) -> R<Option<usize>> {
        let hash = self.hash(key)?;
        self.dict_find_hashed(dict, key, hash)
    }

    /// The entry index of a key whose hash is known.
    pub fn dict_find_hashed(&mut self, dict: &Value, key: &Value, hash: i64) -> R<Option<usize>> {
        let Some(cell) = dict_of(dict).and_then(|o| o.as_dict()) else { return Ok(None) };
        'again: loop {
            let (candidates, version) = {
                let d = cell.borrow();
                match d.lookup(key, hash) {
                    Lookup::Found(i) => return Ok(Some(i)),
                    Lookup::Absent => return Ok(None),
                    Lookup::Candidates(c) => (c, d.version()),
                }
            };
            for i in candidates {
                let Some(other) = cell.borrow().entry(i).map(|e| e.key.clone()) else { continue };
                let same = self.eq(&other, key)?;
                if cell.borrow().version() != version {
                    continue 'again;
                }
                if same {
                    return Ok(Some(i));
                }
            }
            return Ok(None);
        }
    }

    /// The value of a key in a dict object, without `__missing__`.
    #[inline]
    pub fn dict_get(&mut self, dict: &Value, key: &Value) -> R<Option<Value>> {
        let found = self.dict_find(dict, key)?;
        Ok(found.and_then(|i| dict_of(dict).and_then(|o| o.as_dict()).and_then(|d| d.borrow().entry(i).map(|e| e.value.clone()))))
    }

    /// Sets a key of a dict object.
    #[inline]
    pub fn dict_set(&mut self, dict: &Value, key: &Value, value: Value) -> R<()> {
        let hash = self.hash(key)?;
        self.dict_set_hashed(dict, key, hash, value)
    }

    /// Sets a key whose hash is known.
    pub fn dict_set_hashed(&mut self, dict: &Value, key: &Value, hash: i64, value: Value) -> R<()> {
        let found = self.dict_find_hashed(dict, key, hash)?;
        let Some(cell) = dict_of(dict).and_then(|o| o.as_dict()) else { return Ok(()) };
        let mut d = cell.borrow_mut();
        let old = match found.and_then(|i| d.value_mut(i)) {
            Some(slot) => Some(std::mem::replace(slot, value)),
            None => {
                d.insert_new(hash, key.clone(), value);
                None
            }
        };
        drop(d);
        drop(old);
        Ok(())
    }

    /// Removes a key of a dict object and gives its value.
    pub fn dict_remove(&mut self, dict: &Value, key: &Value) -> R<Option<Value>> {
        let found = self.dict_find(dict, key)?;
        let Some(cell) = dict_of(dict).and_then(|o| o.as_dict()) else { return Ok(None) };
        let entry = found.and_then(|i| cell.borrow_mut().remove_at(i));
        Ok(entry.map(|e| e.value))
    }

    /// Whether two dict objects have equal keys and values.
    pub fn dicts_eq(&mut self, a: &Value, b: &Value) -> R<bool> {
        let (Some(x), Some(y)) = (dict_of(a).and_then(|o| o.as_dict()), dict_of(b).and_then(|o| o.as_dict())) else { return Ok(false) };
        if x.borrow().len() != y.borrow().len() {
            return Ok(false);
        }
        let mut next = 0;
        loop {
            let Some((i, entry)) = x.borrow().next_from(next).map(|(i, e)| (i, e.clone())) else { return Ok(true) };
            let Some(j) = self.dict_find_hashed(b, &entry.key, entry.hash)? else { return Ok(false) };
            let Some(other) = y.borrow().entry(j).map(|e| e.value.clone()) else { return Ok(false) };
            if !self.eq(&entry.value, &other)? {
                return Ok(false);
            }
            next = i + 1;
        }
    }

    /// The table index of an item whose hash is known.
    pub fn set_find(&mut self, set: &SetObj, item: &Value, hash: i64) -> R<Option<usize>> {
        'again: loop {
            let (candidates, otherwise, version) = {
                let table = set.table.borrow();
                match table.probe(hash, |known| native_eq(known, item)) {
                    Probe::Found(i) => return Ok(Some(i)),
                    Probe::Absent => return Ok(None),
                    Probe::Undecided { candidates, otherwise } => (candidates, otherwise, table.version()),
                }
            };
            for i in candidates {
                let Some(known) = set.table.borrow().get(i).cloned() else { continue };
                let same = self.eq(&known, item)?;
                if set.table.borrow().version() != version {
                    continue 'again;
                }
                if same {
                    return Ok(Some(i));
                }
            }
            return Ok(otherwise);
        }
    }

    /// The hash of something looked up in a set; a set stands for the frozenset that equals it.
    pub fn hash_for_set(&mut self, item: &Value) -> R<(i64, Value)> {
        if let Some(Kind::Set(s)) = item.native_kind()
            && self.special(item, &self.names.hash).is_none()
        {
            let copy = frozenset_object(s.table.borrow().clone());
            return Ok((self.hash(&copy)?, copy));
        }
        Ok((self.hash(item)?, item.clone()))
    }

    /// `item in set`.
    pub fn set_contains(&mut self, set: &Value, item: &Value) -> R<bool> {
        let Some(s) = set_of(set) else { return Ok(false) };
        if matches!(item.native_kind(), Some(Kind::Set(_))) {
            let (hash, item) = self.hash_for_set(item)?;
            return self.set_find(s, &item, hash).map(|i| i.is_some());
        }
        let hash = self.hash(item)?;
        self.set_find(s, item, hash).map(|i| i.is_some())
    }

    /// Adds to a set object; says whether it is new.
    pub fn set_add(&mut self, set: &Value, item: Value) -> R<bool> {
        let hash = self.hash(&item)?;
        self.set_add_hashed(set, item, hash)
    }

    /// Adds an item whose hash is known.
    pub fn set_add_hashed(&mut self, set: &Value, item: Value, hash: i64) -> R<bool> {
        let Some(s) = set_of(set) else { return Ok(false) };
        if self.set_find(s, &item, hash)?.is_some() {
            return Ok(false);
        }
        s.table.borrow_mut().insert_new(hash, item);
        Ok(true)
    }

    /// A set from items, in CPython's insertion order.
    pub fn new_set(&mut self, items: Vec<Value>) -> R {
        let set = set_object(SetTable::new());
        for item in items {
            self.set_add(&set, item)?;
        }
        Ok(set)
    }

    /// A set display of three or more constants: a copy of the frozenset that CPython's compiler makes of them.
    pub fn new_constant_set(&mut self, items: Vec<Value>) -> R {
        let frozen = self.new_constant_frozenset(items)?;
        let table = set_of(&frozen).map(|s| SetTable::copy_of(&s.table.borrow()));
        Ok(set_object(table.unwrap_or_default()))
    }

    /// The frozenset that CPython's compiler makes of the constants of a set display; a loop over such a display goes over
    /// it directly. It is rebuilt when equal constants are merged, and once more if a text is exchanged for an interned
    /// one. Each step may change the order.
    pub fn new_constant_frozenset(&mut self, items: Vec<Value>) -> R {
        let rounds = if items.iter().any(is_interned_elsewhere) { 3 } else { 2 };
        let mut set = self.new_set(items)?;
        for _ in 1..rounds {
            let items = self.collect(&set)?;
            set = self.new_set(items)?;
        }
        Ok(frozenset_object(set_of(&set).map(|s| s.table.take()).unwrap_or_default()))
    }

    /// Whether every item of one set object is in another.
    pub fn is_subset(&mut self, a: &Value, b: &Value) -> R<bool> {
        let (Some(x), Some(y)) = (set_of(a), set_of(b)) else { return Ok(false) };
        if std::ptr::eq(x, y) {
            return Ok(true);
        }
        let mut next = 0;
        loop {
            let Some((i, item, hash)) = x.table.borrow().next_from(next).map(|(i, v, h)| (i, v.clone(), h)) else { return Ok(true) };
            if self.set_find(y, &item, hash)?.is_none() {
                return Ok(false);
            }
            next = i + 1;
        }
    }
}

/// Whether CPython has another object for a constant text already, among the names it loads at its start. (Names in the
/// script itself count too, but do not matter often enough to be tracked.) Texts of one character are shared anyway.
fn is_interned_elsewhere(v: &Value) -> bool {
    v.as_str().is_some_and(|text| text.len() > 1 && STARTUP_NAMES.lines().any(|name| name == text))
}
