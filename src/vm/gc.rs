//! The cycle collector: trial deletion over the registry. References that do not come from watched objects (stack
//! slots, native temporaries, borrowed objects) show as surplus counts, so no roots have to be named.

use std::collections::HashMap;
use std::rc::Rc;

use crate::value::{Obj, Ref, Value, heap};
use crate::vm::Vm;

/// The objects under trial and how many references to each come from outside.
struct Trial {
    objects: Vec<Ref>,
    index: HashMap<*const Obj, usize>,
}

impl Trial {
    /// All watched objects and what hangs between them.
    fn new(watched: Vec<Ref>) -> Self {
        let mut trial = Self { objects: Vec::with_capacity(watched.len()), index: HashMap::with_capacity(watched.len()) };
        for obj in watched {
            trial.add(obj);
        }
        let mut next = 0;
        while let Some(obj) = trial.objects.get(next).cloned() {
            let mut found = Vec::new();
            obj.trace(&mut |v| {
                if let Value::Obj(o) = v
                    && o.as_str().is_none()
                {
                    found.push(o.clone());
                }
            });
            for o in found {
                trial.add(o);
            }
            next += 1;
        }
        trial
    }

    fn add(&mut self, obj: Ref) {
        let next = self.objects.len();
        let key = Rc::as_ptr(&obj);
        if let std::collections::hash_map::Entry::Vacant(place) = self.index.entry(key) {
            place.insert(next);
            self.objects.push(obj);
        }
    }

    /// The objects that only each other refer to.
    fn unreachable(&self) -> Vec<Ref> {
        // Each object is held once by this trial.
        let mut outside: Vec<usize> = self.objects.iter().map(|o| Rc::strong_count(o) - 1).collect();
        for obj in &self.objects {
            obj.trace(&mut |v| {
                if let Some(&i) = v.obj().and_then(|o| self.index.get(&Rc::as_ptr(o))) {
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
                if let Some(&j) = v.obj().and_then(|o| self.index.get(&Rc::as_ptr(o)))
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
    /// Finds unreachable cycles, runs their finalisers and breaks them; gives the number of objects.
    pub fn collect_garbage(&mut self) -> usize {
        let mut garbage = {
            let trial = Trial::new(heap::tracked_objects());
            trial.unreachable()
        };
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
