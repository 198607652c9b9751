//! The cycle collector: trial deletion over the registry. References that do not come from watched objects (stack
//! slots, native temporaries, borrowed objects) show as surplus counts, so no roots have to be named.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::value::{Obj, Ref, Value, heap, weak};
use crate::vm::Vm;

/// The objects under trial: watched ones first, where the registry has them, then what hangs between them.
struct Trial {
    objects: Vec<Ref>,
    watched: usize,
    /// Places of the objects that stand not where the registry has them.
    others: FxHashMap<*const Obj, usize>,
}

impl Trial {
    /// A trial of objects and of what hangs between them.
    fn new(watched: Vec<Ref>) -> Self {
        let mut trial = Self { watched: watched.len(), objects: watched, others: FxHashMap::default() };
        for i in 0..trial.watched {
            let obj = &trial.objects[i];
            if obj.head.gc.get() as usize != i + 1 {
                trial.others.insert(Rc::as_ptr(obj), i);
            }
        }
        let mut next = 0;
        let mut found: Vec<Ref> = Vec::new();
        while next < trial.objects.len() {
            let obj = &trial.objects[next];
            obj.trace(&mut |v| {
                if let Value::Obj(o) = v
                    && o.is_container()
                    && trial.place(o).is_none()
                {
                    found.push(o.clone());
                }
            });
            for o in found.drain(..) {
                if trial.place(&o).is_none() {
                    trial.others.insert(Rc::as_ptr(&o), trial.objects.len());
                    trial.objects.push(o);
                }
            }
            next += 1;
        }
        trial
    }

    /// The place of an object in this trial.
    #[inline]
    fn place(&self, obj: &Ref) -> Option<usize> {
        let watched = (obj.head.gc.get() as usize).wrapping_sub(1);
        if watched < self.watched && Rc::ptr_eq(&self.objects[watched], obj) {
            return Some(watched);
        }
        if self.others.is_empty() { None } else { self.others.get(&Rc::as_ptr(obj)).copied() }
    }

    /// The objects that only each other refer to.
    fn unreachable(&self) -> Vec<Ref> {
        // Each object is held once by this trial.
        let mut outside: Vec<usize> = self.objects.iter().map(|o| Rc::strong_count(o) - 1).collect();
        for obj in &self.objects {
            obj.trace(&mut |v| {
                if let Some(i) = v.obj().and_then(|o| self.place(o)) {
                    outside[i] = outside[i].saturating_sub(1);
                }
            });
        }
        let mut reachable = vec![false; self.objects.len()];
        let mut work: Vec<usize> = (0..self.objects.len()).filter(|&i| outside[i] > 0).collect();
        for &i in &work {
            reachable[i] = true;
        }
        while let Some(i) = work.pop() {
            self.objects[i].trace(&mut |v| {
                if let Some(j) = v.obj().and_then(|o| self.place(o))
                    && !reachable[j]
                {
                    reachable[j] = true;
                    work.push(j);
                }
            });
        }
        self.objects.iter().zip(reachable).filter(|(_, r)| !r).map(|(o, _)| o.clone()).collect()
    }
}

impl Vm {
    /// The last collection of a run: only objects with finalisers are worth it, and such as are referred to weakly.
    pub fn collect_at_exit(&mut self) {
        if heap::any_tracked(|o| Self::wants_finalizer(o) || o.head.id.get() & weak::WATCHED != 0) {
            self.collect_garbage();
        }
    }

    /// Nobody finds garbage by a weak reference, not even its finalisers.
    fn end_weak_references(&mut self, garbage: &[Ref]) {
        if !garbage.iter().any(|o| o.head.id.get() & weak::WATCHED != 0) {
            return;
        }
        let dead: FxHashSet<*const Obj> = garbage.iter().map(Rc::as_ptr).collect();
        for obj in garbage.iter().filter(|o| o.head.id.get() & weak::WATCHED != 0) {
            weak::end(obj, |watcher| !dead.contains(&Rc::as_ptr(watcher)));
        }
        self.run_finalizers();
    }

    /// Finds unreachable cycles, runs their finalisers and breaks them; gives the number of objects.
    pub fn collect_garbage(&mut self) -> usize {
        let mut garbage = {
            let trial = Trial::new(heap::tracked_objects());
            trial.unreachable()
        };
        self.end_weak_references(&garbage);
        let has_finalizers = garbage.iter().any(|o| Self::wants_finalizer(o));
        if has_finalizers {
            for obj in &garbage {
                self.finalize_in_cycle(obj);
            }
            // A finaliser may have let an object escape: try the same objects again.
            garbage = Trial::new(garbage).unreachable();
        }
        let count = garbage.len();
        for obj in &garbage {
            obj.clear();
        }
        drop(garbage);
        heap::plan_collection();
        count
    }
}
