//! Whole-set operations in CPython 3.11's building order, which decides the order of the result.
//!
//! In come tables and a native comparison; out comes a table, or the position where only script code can compare.
//! There the caller decides that one element by probing itself, and goes on from the next position. The functions
//! that end in `_first` or `_swaps` state CPython's choice of strategy for callers that step by themselves.

use super::set_table::{Probe, SetTable};

/// How far an operation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is complete.
    Done,
    /// The element of the walked set at this index could not be compared natively; the walk resumes after it.
    Undecided(usize),
}

/// Whether `base - other` copies `base` and discards, instead of adding what is missing from `other`.
pub fn difference_copies_first(base_len: usize, other_len: usize) -> bool {
    base_len >> 2 > other_len
}

/// Whether `base -= other` first shrinks `other` to the intersection of both.
pub fn difference_update_intersects_first(base_len: usize, other_len: usize) -> bool {
    other_len >> 3 > base_len
}

/// Whether `base & other` walks `base` and looks into `other`; otherwise it walks `other`.
pub fn intersection_swaps(base_len: usize, other_len: usize) -> bool {
    other_len > base_len
}

/// `base |= other`, from an index of `other` on (0 to start): the merge of `set.update` with another set.
pub fn merge<T: Clone>(base: &mut SetTable<T>, other: &SetTable<T>, from: usize, native_eq: impl Fn(&T, &T) -> Option<bool>) -> Progress {
    if from == 0 && base.merge_clean(other) {
        return Progress::Done;
    }
    walk(other, from, |element, hash| match base.probe(hash, |known| native_eq(known, element)) {
        Probe::Found(_) => true,
        Probe::Absent => {
            base.insert_new(hash, element.clone());
            true
        }
        Probe::Undecided { .. } => false,
    })
}

/// Discards the elements of `other` from `base`, from an index of `other` on. `base -= other` is this with what
/// `difference_update_intersects_first` asks for before, and `SetTable::compact_after_difference` behind.
pub fn discard_all<T>(base: &mut SetTable<T>, other: &SetTable<T>, from: usize, native_eq: impl Fn(&T, &T) -> Option<bool>) -> Progress {
    walk(other, from, |element, hash| match base.probe(hash, |known| native_eq(known, element)) {
        Probe::Found(index) => {
            base.remove_at(index);
            true
        }
        Probe::Absent => true,
        Probe::Undecided { .. } => false,
    })
}

/// Adds to `result` the elements of `walked`, from an index on, that are in `filter` (`wanted`), or that are not.
pub fn select<T: Clone>(
    result: &mut SetTable<T>,
    walked: &SetTable<T>,
    from: usize,
    filter: &SetTable<T>,
    wanted: bool,
    native_eq: impl Fn(&T, &T) -> Option<bool>,
) -> Progress {
    walk(walked, from, |element, hash| match filter.probe(hash, |known| native_eq(known, element)) {
        Probe::Undecided { .. } => false,
        found => {
            if matches!(found, Probe::Found(_)) == wanted {
                result.insert_new(hash, element.clone());
            }
            true
        }
    })
}

/// Removes the elements of `other` that `base` has and adds those it lacks, from an index of `other` on:
/// `base ^= other`. `a ^ b` is a copy of `b` toggled with `a`.
pub fn toggle<T: Clone>(base: &mut SetTable<T>, other: &SetTable<T>, from: usize, native_eq: impl Fn(&T, &T) -> Option<bool>) -> Progress {
    walk(other, from, |element, hash| match base.probe(hash, |known| native_eq(known, element)) {
        Probe::Found(index) => {
            base.remove_at(index);
            true
        }
        Probe::Absent => {
            base.insert_new(hash, element.clone());
            true
        }
        Probe::Undecided { .. } => false,
    })
}

/// `a | b`, or `None` if only script code can compare.
pub fn union<T: Clone>(a: &SetTable<T>, b: &SetTable<T>, native_eq: impl Fn(&T, &T) -> Option<bool>) -> Option<SetTable<T>> {
    let mut result = SetTable::copy_of(a);
    done(merge(&mut result, b, 0, native_eq)).then_some(result)
}

/// `a & b` of two different sets, or `None` if only script code can compare.
pub fn intersection<T: Clone>(a: &SetTable<T>, b: &SetTable<T>, native_eq: impl Fn(&T, &T) -> Option<bool>) -> Option<SetTable<T>> {
    let (walked, filter) = if intersection_swaps(a.len(), b.len()) { (a, b) } else { (b, a) };
    let mut result = SetTable::new();
    done(select(&mut result, walked, 0, filter, true, native_eq)).then_some(result)
}

/// `a - b`, or `None` if only script code can compare.
pub fn difference<T: Clone>(a: &SetTable<T>, b: &SetTable<T>, native_eq: impl Fn(&T, &T) -> Option<bool>) -> Option<SetTable<T>> {
    if difference_copies_first(a.len(), b.len()) {
        let mut result = SetTable::copy_of(a);
        return difference_update(&mut result, b, native_eq).then_some(result);
    }
    let mut result = SetTable::new();
    done(select(&mut result, a, 0, b, false, native_eq)).then_some(result)
}

/// `a -= b` of two different sets; `false` if only script code can compare, and then nothing is final: the
/// caller works on a copy or steps by itself.
pub fn difference_update<T: Clone>(a: &mut SetTable<T>, b: &SetTable<T>, native_eq: impl Fn(&T, &T) -> Option<bool>) -> bool {
    let complete = if difference_update_intersects_first(a.len(), b.len()) {
        let Some(common) = intersection(a, b, &native_eq) else { return false };
        done(discard_all(a, &common, 0, native_eq))
    } else {
        done(discard_all(a, b, 0, native_eq))
    };
    a.compact_after_difference();
    complete
}

/// `a ^ b`, or `None` if only script code can compare.
pub fn symmetric_difference<T: Clone>(a: &SetTable<T>, b: &SetTable<T>, native_eq: impl Fn(&T, &T) -> Option<bool>) -> Option<SetTable<T>> {
    let mut result = SetTable::copy_of(b);
    done(toggle(&mut result, a, 0, native_eq)).then_some(result)
}

fn done(progress: Progress) -> bool {
    progress == Progress::Done
}

/// Calls `step` for each element from an index on, until it says that it cannot decide.
fn walk<T>(set: &SetTable<T>, from: usize, mut step: impl FnMut(&T, i64) -> bool) -> Progress {
    let mut next = from;
    while let Some((index, element, hash)) = set.next_from(next) {
        if !step(element, hash) {
            return Progress::Undecided(index);
        }
        next = index + 1;
    }
    Progress::Done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pure::hash::hash_i64;

    fn build(numbers: impl IntoIterator<Item = i64>) -> SetTable<i64> {
        let mut table = SetTable::new();
        numbers.into_iter().for_each(|n| table.insert_new(hash_i64(n), n));
        table
    }

    #[test]
    fn results_are_built_in_cpythons_order() {
        let a = build((0..12).map(|n| n * 37 % 101));
        let b = build((0..7).map(|n| n * 74 % 101));
        let eq = |x: &i64, y: &i64| Some(x == y);
        let cases = [
            ("|", union(&a, &b, eq), vec![0, 67, 3, 74, 10, 84, 20, 30, 94, 37, 40, 47, 57]),
            ("&", intersection(&a, &b, eq), vec![0, 67, 74, 47, 20, 94]),
            ("-", difference(&a, &b, eq), vec![3, 37, 10, 84, 57, 30]),
            ("^", symmetric_difference(&a, &b, eq), vec![3, 37, 40, 10, 84, 30, 57]),
        ];
        for (name, result, expected) in cases {
            let order: Option<Vec<i64>> = result.map(|set| set.iter().copied().collect());
            assert_eq!(order, Some(expected), "{name}");
        }
    }

    #[test]
    fn a_merge_stops_where_a_script_must_compare() {
        let mut a = build([1, 2, 3]);
        let open = |x: &i64, y: &i64| if *x == 2 { None } else { Some(x == y) };
        assert_eq!(merge(&mut a, &build([1, 2, 5]), 0, open), Progress::Undecided(2));
        assert_eq!(merge(&mut a, &build([1, 2, 5]), 3, open), Progress::Done);
        assert_eq!(a.len(), 4);
    }
}
