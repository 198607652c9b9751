//! Timers: what runs at which time. Timers of one nanosecond run in the order in which they were set. A cancelled timer
//! stays in the heap until it comes up or until the cancelled ones are many, as in asyncio.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::clock::NEVER;
use crate::modules::asyncio::handle::Handle;
use crate::value::{Kind, Ref};

/// Below so many cancelled timers the heap is not pruned.
const MIN_CANCELLED: usize = 100;

/// A deadline with what it is for: a sleeping task, or a handle.
pub struct Timer {
    pub when: i64,
    /// The number that `Timers::add` gave out.
    pub seq: u64,
    pub what: Ref,
}

impl Timer {
    /// Whether it still means something: its task sleeps on it, its handle was not cancelled.
    pub fn is_live(&self) -> bool {
        match &self.what.kind {
            Kind::Native(_) => self.what.downcast::<Handle>().is_some_and(|h| !h.is_cancelled()),
            _ => super::step::task_of(&self.what).is_some_and(|t| t.is_sleeping_on(|seq| seq == self.seq)),
        }
    }
}

impl PartialEq for Timer {
    fn eq(&self, other: &Self) -> bool {
        self.seq == other.seq
    }
}

impl Eq for Timer {}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timer {
    /// The heap gives the greatest first: the earliest deadline is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.when, other.seq).cmp(&(self.when, self.seq))
    }
}

/// All timers of a loop.
#[derive(Default)]
pub struct Timers {
    heap: BinaryHeap<Timer>,
    set: u64,
    cancelled: usize,
}

impl Timers {
    /// Sets a timer; the number identifies it.
    pub fn add(&mut self, when: i64, what: Ref) -> u64 {
        self.set += 1;
        self.heap.push(Timer { when, seq: self.set, what });
        self.set
    }

    /// A number in the order of timers, for something else that waits for a moment.
    pub fn number(&mut self) -> u64 {
        self.set += 1;
        self.set
    }

    /// The order of the first timer whose deadline has come.
    pub fn due(&self, now: i64) -> Option<(i64, u64)> {
        self.heap.peek().filter(|t| t.when <= now).map(|t| (t.when, t.seq))
    }

    /// Counts a timer that became meaningless while it is in the heap.
    pub fn note_cancelled(&mut self) {
        self.cancelled += 1;
        if self.cancelled > MIN_CANCELLED && self.cancelled > self.heap.len() / 2 {
            self.heap.retain(Timer::is_live);
            self.cancelled = 0;
        }
    }

    /// Takes cancelled timers off the front, so that time does not stop for them.
    #[inline]
    pub fn drop_cancelled(&mut self) {
        while self.cancelled > 0
            && let Some(first) = self.heap.peek()
            && !first.is_live()
        {
            self.heap.pop();
            self.cancelled = self.cancelled.saturating_sub(1);
        }
    }

    /// The next deadline that comes.
    pub fn next_deadline(&self) -> Option<i64> {
        self.heap.peek().map(|t| t.when).filter(|&when| when != NEVER)
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Takes the first timer whose deadline has come.
    #[inline]
    pub fn pop_due(&mut self, now: i64) -> Option<Timer> {
        if self.heap.peek()?.when <= now { self.heap.pop() } else { None }
    }

    /// What every timer is for.
    pub fn iter(&self) -> impl Iterator<Item = &Timer> {
        self.heap.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Obj;

    fn names(timers: &mut Timers, now: i64) -> Vec<String> {
        std::iter::from_fn(|| timers.pop_due(now)).map(|t| t.what.text().to_owned()).collect()
    }

    #[test]
    fn equal_deadlines_fire_in_the_order_of_setting() {
        let mut timers = Timers::default();
        for (when, name) in [(5, "c"), (3, "a"), (5, "d"), (3, "b"), (NEVER, "z")] {
            timers.add(when, Obj::str(name));
        }
        assert_eq!(timers.next_deadline(), Some(3));
        assert_eq!(names(&mut timers, 2), [] as [&str; 0]);
        assert_eq!(names(&mut timers, 5), ["a", "b", "c", "d"]);
        assert_eq!(timers.next_deadline(), None);
        assert!(!timers.is_empty());
    }
}
