//! Keys and results in the order of their last use. Each has a place that stays the same until it is the oldest and goes.

use crate::value::Value;

/// The end of the chain.
const NONE: usize = usize::MAX;

struct Link {
    key: Value,
    hash: i64,
    result: Value,
    newer: usize,
    older: usize,
}

/// The chain, from the newest to the oldest.
pub struct Recent {
    links: Vec<Link>,
    free: Vec<usize>,
    newest: usize,
    oldest: usize,
}

impl Default for Recent {
    fn default() -> Self {
        Self { links: Vec::new(), free: Vec::new(), newest: NONE, oldest: NONE }
    }
}

impl Recent {
    /// Makes a place the newest; gives its result.
    pub fn refresh(&mut self, place: usize) -> Option<Value> {
        let result = self.links.get(place)?.result.clone();
        if self.newest != place {
            self.take_out(place);
            self.put_first(place);
        }
        Some(result)
    }

    /// Adds a result; gives its place.
    pub fn add(&mut self, key: Value, hash: i64, result: Value) -> usize {
        let link = Link { key, hash, result, newer: NONE, older: NONE };
        let place = match self.free.pop() {
            Some(place) => {
                if let Some(slot) = self.links.get_mut(place) {
                    *slot = link;
                }
                place
            }
            None => {
                self.links.push(link);
                self.links.len() - 1
            }
        };
        self.put_first(place);
        place
    }

    /// Removes the oldest result; gives its key, the key's hash, and itself.
    pub fn remove_oldest(&mut self) -> Option<(Value, i64, Value)> {
        let place = self.oldest;
        self.take_out(place);
        let link = self.links.get_mut(place)?;
        self.free.push(place);
        Some((link.key.take(), link.hash, link.result.take()))
    }

    /// Visits what is held.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for link in &self.links {
            visit(&link.key);
            visit(&link.result);
        }
    }

    fn take_out(&mut self, place: usize) {
        let Some((newer, older)) = self.links.get(place).map(|l| (l.newer, l.older)) else { return };
        match self.links.get_mut(newer) {
            Some(link) => link.older = older,
            None => self.newest = older,
        }
        match self.links.get_mut(older) {
            Some(link) => link.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn put_first(&mut self, place: usize) {
        let before = std::mem::replace(&mut self.newest, place);
        if let Some(link) = self.links.get_mut(place) {
            (link.newer, link.older) = (NONE, before);
        }
        match self.links.get_mut(before) {
            Some(link) => link.newer = place,
            None => self.oldest = place,
        }
    }
}
