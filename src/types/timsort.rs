//! CPython 3.11's list sort (timsort with powersort's merge order), comparison by comparison: scripts can watch `__lt__`.
//!
//! It sorts a permutation of indices; `less` compares the keys that two indices stand for and may fail. After a
//! failure the indices are still a permutation.

/// So many wins in a row make a merge gallop.
const MIN_GALLOP: usize = 7;

/// A sorted stretch that waits for its merge.
#[derive(Clone, Copy)]
struct Run {
    base: usize,
    len: usize,
    power: u32,
}

struct Sorter<'a, F> {
    a: &'a mut [u32],
    less: F,
    min_gallop: usize,
    runs: Vec<Run>,
}

/// A merge under way: the next places to read and write, and what is left on both sides.
struct Merge {
    dest: usize,
    x: usize,
    y: usize,
    na: usize,
    nb: usize,
}

/// Sorts indices stably.
pub fn sort<E>(indices: &mut [u32], less: impl FnMut(u32, u32) -> Result<bool, E>) -> Result<(), E> {
    let n = indices.len();
    if n < 2 {
        return Ok(());
    }
    let minrun = min_run(n);
    let mut sorter = Sorter { a: indices, less, min_gallop: MIN_GALLOP, runs: Vec::new() };
    let mut lo = 0;
    while lo < n {
        let mut len = sorter.count_run(lo, n)?;
        if len < minrun {
            let forced = minrun.min(n - lo);
            sorter.binary_sort(lo, lo + forced, lo + len)?;
            len = forced;
        }
        sorter.found_run(len)?;
        sorter.runs.push(Run { base: lo, len, power: 0 });
        lo += len;
    }
    sorter.collapse()
}

fn min_run(mut n: usize) -> usize {
    let mut r = 0;
    while n >= 64 {
        r |= n & 1;
        n >>= 1;
    }
    n + r
}

/// The depth at which two neighbouring runs meet in the ideal merge tree.
fn power(start: usize, n1: usize, n2: usize, n: usize) -> u32 {
    let mut result = 0;
    let mut a = 2 * start + n1;
    let mut b = a + n1 + n2;
    loop {
        result += 1;
        if a >= n {
            a -= n;
            b -= n;
        } else if b >= n {
            return result;
        }
        a <<= 1;
        b <<= 1;
    }
}

impl<E, F: FnMut(u32, u32) -> Result<bool, E>> Sorter<'_, F> {
    /// The length of the run at `lo`; a descending one is reversed.
    fn count_run(&mut self, lo: usize, hi: usize) -> Result<usize, E> {
        if lo + 1 == hi {
            return Ok(1);
        }
        let descending = (self.less)(self.a[lo + 1], self.a[lo])?;
        let mut at = lo + 2;
        while at < hi && (self.less)(self.a[at], self.a[at - 1])? == descending {
            at += 1;
        }
        if descending {
            self.a[lo..at].reverse();
        }
        Ok(at - lo)
    }

    fn binary_sort(&mut self, lo: usize, hi: usize, start: usize) -> Result<(), E> {
        for at in start.max(lo + 1)..hi {
            let pivot = self.a[at];
            let (mut l, mut r) = (lo, at);
            while l < r {
                let p = l + ((r - l) >> 1);
                if (self.less)(pivot, self.a[p])? {
                    r = p;
                } else {
                    l = p + 1;
                }
            }
            self.a.copy_within(l..at, l + 1);
            self.a[l] = pivot;
        }
        Ok(())
    }

    fn found_run(&mut self, len: usize) -> Result<(), E> {
        let Some(last) = self.runs.last().copied() else { return Ok(()) };
        let power = power(last.base, last.len, len, self.a.len());
        while self.runs.len() > 1 && self.runs[self.runs.len() - 2].power > power {
            self.merge_at(self.runs.len() - 2)?;
        }
        if let Some(last) = self.runs.last_mut() {
            last.power = power;
        }
        Ok(())
    }

    fn collapse(&mut self) -> Result<(), E> {
        while self.runs.len() > 1 {
            let mut n = self.runs.len() - 2;
            if n > 0 && self.runs[n - 1].len < self.runs[n + 1].len {
                n -= 1;
            }
            self.merge_at(n)?;
        }
        Ok(())
    }

    /// Merges the runs `i` and `i + 1`.
    fn merge_at(&mut self, i: usize) -> Result<(), E> {
        let (mut sa, mut na) = (self.runs[i].base, self.runs[i].len);
        let (sb, mut nb) = (self.runs[i + 1].base, self.runs[i + 1].len);
        self.runs[i].len = na + nb;
        self.runs.remove(i + 1);
        let k = gallop_right(&mut self.less, self.a[sb], &self.a[sa..sa + na], 0)?;
        sa += k;
        na -= k;
        if na == 0 {
            return Ok(());
        }
        nb = gallop_left(&mut self.less, self.a[sa + na - 1], &self.a[sb..sb + nb], nb - 1)?;
        match nb {
            0 => Ok(()),
            _ if na <= nb => self.merge_low(sa, na, sb, nb),
            _ => self.merge_high(sa, na, sb, nb),
        }
    }

    /// Merges forwards, with the left run copied out.
    fn merge_low(&mut self, sa: usize, na: usize, sb: usize, nb: usize) -> Result<(), E> {
        let left = self.a[sa..sa + na].to_vec();
        let mut m = Merge { dest: sa, x: 0, y: sb, na, nb };
        let ending = self.run_low(&mut m, &left);
        if matches!(ending, Ok(true)) {
            self.a.copy_within(m.y..m.y + m.nb, m.dest);
            self.a[m.dest + m.nb] = left[m.x];
        } else {
            self.a[m.dest..m.dest + m.na].copy_from_slice(&left[m.x..m.x + m.na]);
        }
        ending.map(drop)
    }

    fn take_right_low(&mut self, m: &mut Merge) {
        self.a[m.dest] = self.a[m.y];
        m.dest += 1;
        m.y += 1;
        m.nb -= 1;
    }

    fn take_left_low(&mut self, m: &mut Merge, left: &[u32]) {
        self.a[m.dest] = left[m.x];
        m.dest += 1;
        m.x += 1;
        m.na -= 1;
    }

    /// Whether it ended with one item left in the left run, which belongs at the very end.
    fn run_low(&mut self, m: &mut Merge, left: &[u32]) -> Result<bool, E> {
        self.take_right_low(m);
        if m.nb == 0 {
            return Ok(false);
        }
        if m.na == 1 {
            return Ok(true);
        }
        let mut min_gallop = self.min_gallop;
        loop {
            let (mut a_wins, mut b_wins) = (0, 0);
            loop {
                if (self.less)(self.a[m.y], left[m.x])? {
                    self.take_right_low(m);
                    (a_wins, b_wins) = (0, b_wins + 1);
                    if m.nb == 0 {
                        return Ok(false);
                    }
                    if b_wins >= min_gallop {
                        break;
                    }
                } else {
                    self.take_left_low(m, left);
                    (a_wins, b_wins) = (a_wins + 1, 0);
                    if m.na == 1 {
                        return Ok(true);
                    }
                    if a_wins >= min_gallop {
                        break;
                    }
                }
            }
            min_gallop += 1;
            loop {
                min_gallop -= usize::from(min_gallop > 1);
                self.min_gallop = min_gallop;
                let k = gallop_right(&mut self.less, self.a[m.y], &left[m.x..m.x + m.na], 0)?;
                a_wins = k;
                if k > 0 {
                    self.a[m.dest..m.dest + k].copy_from_slice(&left[m.x..m.x + k]);
                    m.dest += k;
                    m.x += k;
                    m.na -= k;
                    if m.na <= 1 {
                        return Ok(m.na == 1);
                    }
                }
                self.take_right_low(m);
                if m.nb == 0 {
                    return Ok(false);
                }
                let k = gallop_left(&mut self.less, left[m.x], &self.a[m.y..m.y + m.nb], 0)?;
                b_wins = k;
                if k > 0 {
                    self.a.copy_within(m.y..m.y + k, m.dest);
                    m.dest += k;
                    m.y += k;
                    m.nb -= k;
                    if m.nb == 0 {
                        return Ok(false);
                    }
                }
                self.take_left_low(m, left);
                if m.na == 1 {
                    return Ok(true);
                }
                if a_wins < MIN_GALLOP && b_wins < MIN_GALLOP {
                    break;
                }
            }
            min_gallop += 1;
            self.min_gallop = min_gallop;
        }
    }

    /// Merges backwards, with the right run copied out. Here `dest`, `x`, `y` stand one behind the next place.
    fn merge_high(&mut self, sa: usize, na: usize, sb: usize, nb: usize) -> Result<(), E> {
        let right = self.a[sb..sb + nb].to_vec();
        let mut m = Merge { dest: sb + nb, x: sa + na, y: nb, na, nb };
        let ending = self.run_high(&mut m, &right);
        if matches!(ending, Ok(true)) {
            self.a.copy_within(m.x - m.na..m.x, m.dest - m.na);
            self.a[m.dest - m.na - 1] = right[m.y - 1];
        } else {
            self.a[m.dest - m.nb..m.dest].copy_from_slice(&right[..m.nb]);
        }
        ending.map(drop)
    }

    fn take_left_high(&mut self, m: &mut Merge) {
        m.dest -= 1;
        m.x -= 1;
        m.na -= 1;
        self.a[m.dest] = self.a[m.x];
    }

    fn take_right_high(&mut self, m: &mut Merge, right: &[u32]) {
        m.dest -= 1;
        m.y -= 1;
        m.nb -= 1;
        self.a[m.dest] = right[m.y];
    }

    /// Whether it ended with one item left in the right run, which belongs at the very start.
    fn run_high(&mut self, m: &mut Merge, right: &[u32]) -> Result<bool, E> {
        self.take_left_high(m);
        if m.na == 0 {
            return Ok(false);
        }
        if m.nb == 1 {
            return Ok(true);
        }
        let mut min_gallop = self.min_gallop;
        loop {
            let (mut a_wins, mut b_wins) = (0, 0);
            loop {
                if (self.less)(right[m.y - 1], self.a[m.x - 1])? {
                    self.take_left_high(m);
                    (a_wins, b_wins) = (a_wins + 1, 0);
                    if m.na == 0 {
                        return Ok(false);
                    }
                    if a_wins >= min_gallop {
                        break;
                    }
                } else {
                    self.take_right_high(m, right);
                    (a_wins, b_wins) = (0, b_wins + 1);
                    if m.nb == 1 {
                        return Ok(true);
                    }
                    if b_wins >= min_gallop {
                        break;
                    }
                }
            }
            min_gallop += 1;
            loop {
                min_gallop -= usize::from(min_gallop > 1);
                self.min_gallop = min_gallop;
                let k = m.na - gallop_right(&mut self.less, right[m.y - 1], &self.a[m.x - m.na..m.x], m.na - 1)?;
                a_wins = k;
                if k > 0 {
                    self.a.copy_within(m.x - k..m.x, m.dest - k);
                    m.dest -= k;
                    m.x -= k;
                    m.na -= k;
                    if m.na == 0 {
                        return Ok(false);
                    }
                }
                self.take_right_high(m, right);
                if m.nb == 1 {
                    return Ok(true);
                }
                let k = m.nb - gallop_left(&mut self.less, self.a[m.x - 1], &right[..m.nb], m.nb - 1)?;
                b_wins = k;
                if k > 0 {
                    self.a[m.dest - k..m.dest].copy_from_slice(&right[m.y - k..m.y]);
                    m.dest -= k;
                    m.y -= k;
                    m.nb -= k;
                    if m.nb <= 1 {
                        return Ok(m.nb == 1);
                    }
                }
                self.take_left_high(m);
                if m.na == 0 {
                    return Ok(false);
                }
                if a_wins < MIN_GALLOP && b_wins < MIN_GALLOP {
                    break;
                }
            }
            min_gallop += 1;
            self.min_gallop = min_gallop;
        }
    }
}

/// Where `key` belongs in a sorted slice, left of its equals; the search spreads from `hint`.
fn gallop_left<E>(less: &mut impl FnMut(u32, u32) -> Result<bool, E>, key: u32, a: &[u32], hint: usize) -> Result<usize, E> {
    let (mut last, mut offset) = (0, 1);
    let (mut lo, mut hi);
    if less(a[hint], key)? {
        let max = a.len() - hint;
        while offset < max && less(a[hint + offset], key)? {
            last = offset;
            offset = 2 * offset + 1;
        }
        (lo, hi) = (hint + last + 1, hint + offset.min(max));
    } else {
        let max = hint + 1;
        while offset < max && !less(a[hint - offset], key)? {
            last = offset;
            offset = 2 * offset + 1;
        }
        (lo, hi) = (hint + 1 - offset.min(max), hint - last);
    }
    while lo < hi {
        let m = lo + ((hi - lo) >> 1);
        if less(a[m], key)? {
            lo = m + 1;
        } else {
            hi = m;
        }
    }
    Ok(hi)
}

/// Where `key` belongs in a sorted slice, right of its equals; the search spreads from `hint`.
fn gallop_right<E>(less: &mut impl FnMut(u32, u32) -> Result<bool, E>, key: u32, a: &[u32], hint: usize) -> Result<usize, E> {
    let (mut last, mut offset) = (0, 1);
    let (mut lo, mut hi);
    if less(key, a[hint])? {
        let max = hint + 1;
        while offset < max && less(key, a[hint - offset])? {
            last = offset;
            offset = 2 * offset + 1;
        }
        (lo, hi) = (hint + 1 - offset.min(max), hint - last);
    } else {
        let max = a.len() - hint;
        while offset < max && !less(key, a[hint + offset])? {
            last = offset;
            offset = 2 * offset + 1;
        }
        (lo, hi) = (hint + last + 1, hint + offset.min(max));
    }
    while lo < hi {
        let m = lo + ((hi - lo) >> 1);
        if less(key, a[m])? {
            hi = m;
        } else {
            lo = m + 1;
        }
    }
    Ok(hi)
}

#[cfg(test)]
mod tests {
    use super::sort;

    fn keys(n: u64, modulus: u64) -> Vec<u64> {
        (0..n).map(|i| (i * i * 7919 + i * 104_729) % modulus).collect()
    }

    fn sorted(keys: &[u64]) -> (Vec<u32>, u64) {
        let mut indices: Vec<u32> = (0..keys.len() as u32).collect();
        let mut count = 0;
        let done: Result<(), ()> = sort(&mut indices, |i, j| {
            count += 1;
            Ok(keys[i as usize] < keys[j as usize])
        });
        assert!(done.is_ok());
        (indices, count)
    }

    #[test]
    fn sorts_stably_with_as_many_comparisons_as_cpython() {
        for ((n, modulus), comparisons) in [
            ((2, 10), 1),
            ((63, 50), 291),
            ((64, 1000), 308),
            ((200, 7), 1057),
            ((1000, 313), 8600),
            ((1000, 100_003), 8630),
            ((5000, 12), 27878),
            ((3000, 2999), 30690),
            ((2500, 1_099_511_627_776), 2499),
        ] {
            let keys = keys(n, modulus);
            let (indices, count) = sorted(&keys);
            let mut expected: Vec<u32> = (0..n as u32).collect();
            expected.sort_by_key(|&i| keys[i as usize]);
            assert_eq!(indices, expected, "{n} keys modulo {modulus}");
            assert_eq!(count, comparisons, "{n} keys modulo {modulus}");
        }
    }

    #[test]
    fn a_failure_leaves_a_permutation() {
        for limit in [1, 10, 100, 700, 2000, 4000] {
            let keys = keys(1000, 313);
            let (mut indices, mut count): (Vec<u32>, u32) = ((0..1000).collect(), 0);
            let result = sort(&mut indices, |i, j| {
                count += 1;
                if count > limit { Err(()) } else { Ok(keys[i as usize] < keys[j as usize]) }
            });
            assert!(result.is_err());
            indices.sort_unstable();
            assert_eq!(indices, (0..1000).collect::<Vec<u32>>());
        }
    }
}
