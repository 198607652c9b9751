//! A hash table laid out exactly like CPython 3.11's `set`, so that iterating gives the same order.
//!
//! In come elements with their hashes; out comes their place in the table. Comparing elements is the caller's
//! business, because it may run script code: the table offers steps (probe, insert, remove) and holds no borrow
//! between them. A caller that ran script code compares `version()` before it trusts an index again.

/// The smallest table; always a power of two.
const MIN_SLOTS: usize = 8;

/// How many slots after the first are tried before the probe jumps.
const LINEAR_PROBES: usize = 9;

/// By how many bits the hash is shifted into the sequence at each jump.
const PERTURB_SHIFT: u32 = 5;

/// Above so many elements a table doubles instead of quadrupling.
const LARGE: usize = 50_000;

/// One place of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot<T> {
    /// Never used since the last resize: a probe ends here.
    Empty,
    /// Held an element once: a probe passes, and an insertion may reuse it.
    Dummy,
    /// Holds an element and its hash.
    Full(i64, T),
}

/// What a probe for an element found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// The element is at this index.
    Found(usize),
    /// No element equals it.
    Absent,
    /// Only script code can tell: the caller compares with `candidates` in this order, and takes `otherwise`
    /// if none of them is equal.
    Undecided {
        /// Indices of elements with the same hash whose equality is open.
        candidates: Vec<usize>,
        /// The index of the element that is equal for certain, found behind the candidates.
        otherwise: Option<usize>,
    },
}

/// A set's table.
#[derive(Clone, Debug)]
pub struct SetTable<T> {
    slots: Vec<Slot<T>>,
    /// Full and dummy slots together.
    fill: usize,
    used: usize,
    /// Where the next `pop` starts to look.
    finger: usize,
    version: u64,
}

impl<T> Default for SetTable<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> SetTable<T> {
    /// Makes an empty table.
    pub fn new() -> Self {
        Self { slots: empty_slots(MIN_SLOTS), fill: 0, used: 0, finger: 0, version: 0 }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.used
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// A number that changes with every mutation.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The number of slots, for `__sizeof__`; always a power of two.
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }

    /// The element at an index that a probe or `next_from` gave.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.entry(index).map(|(_, element)| element)
    }

    /// The hash and the element at an index.
    pub fn entry(&self, index: usize) -> Option<(i64, &T)> {
        match self.slots.get(index) {
            Some(Slot::Full(hash, element)) => Some((*hash, element)),
            _ => None,
        }
    }

    /// Looks for an element. `native_eq` compares with an element of the same hash; `None` means that only
    /// script code could tell.
    pub fn probe(&self, hash: i64, native_eq: impl Fn(&T) -> Option<bool>) -> Probe {
        let mut candidates = Vec::new();
        let otherwise = self.walk(hash, |index, slot| match slot {
            Slot::Empty => Some(None),
            Slot::Full(other, element) if *other == hash => match native_eq(element) {
                Some(true) => Some(Some(index)),
                Some(false) => None,
                None => {
                    candidates.push(index);
                    None
                }
            },
            Slot::Full(..) | Slot::Dummy => None,
        });
        match otherwise {
            _ if !candidates.is_empty() => Probe::Undecided { candidates, otherwise },
            Some(index) => Probe::Found(index),
            None => Probe::Absent,
        }
    }

    /// Adds an element that is known to be absent: in the last dummy that its probe sequence passes, else in the
    /// empty slot at its end. A table that becomes three fifths full grows.
    pub fn insert_new(&mut self, hash: i64, element: T) {
        self.version += 1;
        self.used += 1;
        let mut dummy = None;
        let empty = self.walk(hash, |index, slot| {
            if matches!(slot, Slot::Dummy) {
                dummy = Some(index);
            }
            matches!(slot, Slot::Empty).then_some(index)
        });
        self.slots[dummy.unwrap_or(empty)] = Slot::Full(hash, element);
        if dummy.is_none() {
            self.fill += 1;
            if self.fill * 5 >= self.mask() * 3 {
                self.resize(self.grown());
            }
        }
    }

    /// Removes and returns the element at an index.
    pub fn remove_at(&mut self, index: usize) -> Option<T> {
        let slot = self.slots.get_mut(index)?;
        if !matches!(slot, Slot::Full(..)) {
            return None;
        }
        let Slot::Full(_, element) = std::mem::replace(slot, Slot::Dummy) else { return None };
        self.version += 1;
        self.used -= 1;
        Some(element)
    }

    /// Removes and returns the element that CPython's `pop` takes: the first at or after the last pop's place.
    pub fn pop(&mut self) -> Option<T> {
        if self.used == 0 {
            return None;
        }
        let start = self.finger & self.mask();
        let index = (start..self.slots.len()).chain(0..start).find(|&i| matches!(self.slots[i], Slot::Full(..)))?;
        self.finger = index + 1;
        self.remove_at(index)
    }

    /// Removes all elements and returns to the smallest table.
    pub fn clear(&mut self) {
        self.version += 1;
        self.slots = empty_slots(MIN_SLOTS);
        self.fill = 0;
        self.used = 0;
    }

    /// The first element at or after an index: its own index, the element and its hash. Iterating starts at 0
    /// and goes on at the returned index plus one.
    pub fn next_from(&self, index: usize) -> Option<(usize, &T, i64)> {
        let rest = self.slots.get(index..)?;
        rest.iter().enumerate().find_map(|(skipped, slot)| match slot {
            Slot::Full(hash, element) => Some((index + skipped, element, *hash)),
            Slot::Empty | Slot::Dummy => None,
        })
    }

    /// All elements in table order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries().map(|(_, element)| element)
    }

    /// All hashes and elements in table order.
    pub fn entries(&self) -> impl Iterator<Item = (i64, &T)> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Full(hash, element) => Some((*hash, element)),
            Slot::Empty | Slot::Dummy => None,
        })
    }

    /// Makes room as CPython does before it merges a set or a dict of `incoming` elements.
    pub fn reserve_for_merge(&mut self, incoming: usize) {
        if (self.fill + incoming) * 5 >= self.mask() * 3 {
            self.resize((self.used + incoming) * 2);
        }
    }

    /// Rebuilds the table if more than a quarter of it are dummies, as CPython does after a difference update.
    pub fn compact_after_difference(&mut self) {
        if self.fill - self.used > self.mask() / 4 {
            self.resize(self.grown());
        }
    }

    /// Whether the table holds neither elements nor dummies.
    pub(super) fn is_pristine(&self) -> bool {
        self.fill == 0
    }

    fn mask(&self) -> usize {
        self.slots.len() - 1
    }

    fn grown(&self) -> usize {
        if self.used > LARGE { self.used * 2 } else { self.used * 4 }
    }

    /// Moves all elements, in table order, into a new table with more than `minimum` slots.
    fn resize(&mut self, minimum: usize) {
        let mut size = MIN_SLOTS;
        while size <= minimum {
            size <<= 1;
        }
        if size == MIN_SLOTS && self.slots.len() == MIN_SLOTS && self.fill == self.used {
            return;
        }
        self.version += 1;
        let old = std::mem::replace(&mut self.slots, empty_slots(size));
        self.fill = self.used;
        for slot in old {
            if let Slot::Full(hash, element) = slot {
                self.insert_clean(hash, element);
            }
        }
    }

    /// Puts an element into the first empty slot of a table without dummies, without counting it.
    fn insert_clean(&mut self, hash: i64, element: T) {
        let free = self.walk(hash, |index, slot| matches!(slot, Slot::Empty).then_some(index));
        self.slots[free] = Slot::Full(hash, element);
    }

    /// Follows the probe sequence of a hash until `visit` answers. The table is never full of elements and
    /// dummies, so a visitor that answers at an empty slot ends the walk.
    fn walk<R>(&self, hash: i64, mut visit: impl FnMut(usize, &Slot<T>) -> Option<R>) -> R {
        let mask = self.mask();
        let mut perturb = hash as usize;
        let mut start = perturb & mask;
        loop {
            let end = if start + LINEAR_PROBES <= mask { start + LINEAR_PROBES } else { start };
            for (index, slot) in (start..).zip(&self.slots[start..=end]) {
                if let Some(answer) = visit(index, slot) {
                    return answer;
                }
            }
            perturb >>= PERTURB_SHIFT;
            start = start.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
        }
    }
}

impl<T: Clone> SetTable<T> {
    /// Copies as `set(other)` and `other.copy()` do: dummies vanish, and the order may change with the size.
    #[must_use]
    pub fn copy_of(other: &Self) -> Self {
        let mut copy = Self::new();
        copy.merge_clean(other);
        copy
    }

    /// Merges into a table without elements and dummies, where nothing has to be compared; says whether it did.
    /// Makes room in any case, as the first step of every merge of two sets.
    pub fn merge_clean(&mut self, other: &Self) -> bool {
        if other.used == 0 {
            return true;
        }
        self.reserve_for_merge(other.used);
        if !self.is_pristine() {
            return false;
        }
        self.version += 1;
        if self.slots.len() == other.slots.len() && other.fill == other.used {
            self.slots.clone_from(&other.slots);
        } else {
            for (hash, element) in other.entries() {
                self.insert_clean(hash, element.clone());
            }
        }
        self.fill = other.used;
        self.used = other.used;
        true
    }
}

fn empty_slots<T>(size: usize) -> Vec<Slot<T>> {
    std::iter::repeat_with(|| Slot::Empty).take(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pure::hash::hash_i64;

    fn build(numbers: impl IntoIterator<Item = i64>) -> SetTable<i64> {
        let mut table = SetTable::new();
        for n in numbers {
            if table.probe(hash_i64(n), |other| Some(*other == n)) == Probe::Absent {
                table.insert_new(hash_i64(n), n);
            }
        }
        table
    }

    #[test]
    fn order_follows_the_table() {
        let numbers = [7, 1000, -5, 64, 128, 3, 99, 12, 4096, 17, 33];
        let order: Vec<i64> = build(numbers).iter().copied().collect();
        assert_eq!(order, [64, 128, 4096, 3, 99, 33, 7, 1000, 12, 17, -5]);
    }

    #[test]
    fn pop_goes_on_where_it_stopped() {
        let mut table = build([5, 3, 9]);
        assert_eq!((table.pop(), table.pop()), (Some(9), Some(3)));
        table.insert_new(1, 1);
        assert_eq!((table.pop(), table.pop(), table.pop()), (Some(5), Some(1), None));
    }

    #[test]
    fn what_only_a_script_can_compare_is_left_to_the_caller() {
        let mut table = SetTable::new();
        for element in ["x", "y", "z"] {
            table.insert_new(1, element);
        }
        let open = |known: &'static str| move |other: &&str| if *other == known { Some(true) } else { None };
        assert_eq!(table.probe(1, open("z")), Probe::Undecided { candidates: vec![1, 6], otherwise: Some(7) });
        assert_eq!(table.probe(1, |_| Some(false)), Probe::Absent);
        assert_eq!(table.probe(2, |_| None), Probe::Absent);
    }

    #[test]
    fn every_mutation_changes_the_version() {
        let mut table = build([1, 2]);
        let before = table.version();
        table.remove_at(1);
        assert!(table.version() > before);
        assert_eq!(table.remove_at(1), None);
    }
}
