//! The end of a program: the finalisers of what is still alive. CPython runs its collector over everything that only
//! the modules hold: each finaliser still sees all names, objects that a module names come before those inside them.

use std::collections::HashSet;
use std::rc::{Rc, Weak};

use crate::value::{Obj, Ref, Value, heap, weak};
use crate::vm::Vm;

impl Vm {
    /// Runs the finalisers of unreachable objects, then of what a namespace holds, level by level.
    pub fn finalize_all(&mut self, namespace: &Ref) {
        self.collect_at_exit();
        self.run_last_finalizers();
        weak::forget_all();
        let waiting = if heap::any_tracked(Self::wants_finalizer) { reachable(namespace) } else { Vec::new() };
        for obj in waiting {
            // One finaliser may have been the end of other objects.
            let Some(obj) = obj.upgrade() else { continue };
            self.finalize_in_cycle(&obj);
            drop(obj);
            self.run_last_finalizers();
        }
        let entries = namespace.as_dict().map(|d| d.borrow_mut().take_all()).unwrap_or_default();
        for entry in entries {
            drop(entry);
            self.run_last_finalizers();
        }
        self.collect_at_exit();
        self.run_last_finalizers();
    }
}

/// Everything that hangs on an object, nearest first.
fn reachable(root: &Ref) -> Vec<Weak<Obj>> {
    let mut seen: HashSet<*const Obj> = HashSet::from([Rc::as_ptr(root)]);
    let mut found = vec![root.clone()];
    let mut next = 0;
    while let Some(obj) = found.get(next).cloned() {
        obj.trace(&mut |v| {
            if let Value::Obj(o) = v
                && o.as_str().is_none()
                && seen.insert(Rc::as_ptr(o))
            {
                found.push(o.clone());
            }
        });
        next += 1;
    }
    found.iter().map(Rc::downgrade).collect()
}
