//! Weak references: which objects refer weakly to which, and what happens to them when their object dies. A death is
//! noticed in `Drop`, which gets no arguments: so the table is thread-local, as `heap`'s lists are, and callbacks wait in
//! the queue of finalisers. What scripts see of weak references is in `modules::weakref`.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use rustc_hash::FxHashMap;

use super::obj::Obj;
use super::{Ref, heap};

/// Set in `Head::id` of an object that somebody refers to weakly.
pub const WATCHED: u32 = 1 << 29;

/// An object that is referred to weakly.
#[derive(Default)]
pub struct Watched {
    /// The object, while it lives.
    object: RefCell<Weak<Obj>>,
    /// Those that refer to it, oldest first.
    watchers: RefCell<Vec<Watcher>>,
}

/// An object that refers to another one.
struct Watcher {
    object: Weak<Obj>,
    /// Whether it wants to be told of the other's death.
    is_told: bool,
}

thread_local! {
    /// By the objects' numbers.
    static TABLE: RefCell<FxHashMap<u32, Rc<Watched>>> = RefCell::default();
}

impl Watched {
    /// The object, unless it died.
    pub fn object(&self) -> Option<Ref> {
        self.object.borrow().upgrade()
    }

    /// Those that refer to it, oldest first.
    pub fn watchers(&self) -> Vec<Ref> {
        self.watchers.borrow().iter().filter_map(|w| w.object.upgrade()).collect()
    }

    /// The oldest of those that refer to it and are wanted.
    pub fn find(&self, is_wanted: impl Fn(&Ref) -> bool) -> Option<Ref> {
        self.watchers.borrow().iter().filter_map(|w| w.object.upgrade()).find(is_wanted)
    }

    /// Lets another object refer to it, which may want to be told of its death.
    pub fn add(&self, watcher: &Ref, is_told: bool) {
        let mut watchers = self.watchers.borrow_mut();
        watchers.retain(|w| w.object.strong_count() > 0);
        watchers.push(Watcher { object: Rc::downgrade(watcher), is_told });
    }

    /// Nobody finds the object any more; those that refer to it are told, the newest first.
    fn end(&self, is_told: impl Fn(&Ref) -> bool) {
        drop(self.object.take());
        let watchers = self.watchers.take();
        for watcher in watchers.iter().rev().filter(|w| w.is_told).filter_map(|w| w.object.upgrade()) {
            if is_told(&watcher) {
                heap::notify_later(watcher);
            }
        }
    }
}

/// What is known of an object to which somebody refers weakly from now on.
pub fn watch(obj: &Ref) -> Rc<Watched> {
    let id = obj.id();
    obj.head.id.set(obj.head.id.get() | WATCHED);
    TABLE.with_borrow_mut(|table| {
        let new = || Rc::new(Watched { object: RefCell::new(Rc::downgrade(obj)), watchers: RefCell::default() });
        table.entry(id).or_insert_with(new).clone()
    })
}

/// What is known of an object, if somebody refers to it weakly.
pub fn watched(obj: &Obj) -> Option<Rc<Watched>> {
    if obj.head.id.get() & WATCHED == 0 {
        return None;
    }
    TABLE.try_with(|table| table.borrow().get(&obj.id()).cloned()).ok().flatten()
}

/// The object dies. What has a finaliser can still be found while that runs.
#[cold]
#[inline(never)]
pub fn dying(obj: &Obj) {
    if !crate::vm::Vm::wants_finalizer(obj) {
        end(obj, |_| true);
    }
}

/// The object is part of garbage: those that refer to it are told, unless they are garbage themselves.
pub fn end(obj: &Obj, is_told: impl Fn(&Ref) -> bool) {
    let gone = TABLE.try_with(|table| table.borrow_mut().remove(&obj.id())).ok().flatten();
    obj.head.id.set(obj.head.id.get() & !WATCHED);
    if let Some(watched) = gone {
        watched.end(is_told);
    }
}

/// The program ends: nobody finds anything by a weak reference any more, and nobody is told.
pub fn forget_all() {
    let all = TABLE.with_borrow_mut(std::mem::take);
    for watched in all.into_values() {
        watched.end(|_| false);
    }
}

/// The contents of a dying object moved to another one, until its finaliser has run. Those that want to be told of its
/// death must live until then.
pub fn moved(to: &Ref) -> Vec<Ref> {
    let Some(watched) = watched(to) else { return Vec::new() };
    drop(watched.object.replace(Rc::downgrade(to)));
    let watchers = watched.watchers.borrow();
    watchers.iter().filter(|w| w.is_told).filter_map(|w| w.object.upgrade()).collect()
}
