//! Heap bookkeeping that `Drop` needs: the collector's registry, the list that makes deep drops flat, and the queue
//! of objects whose finaliser must run. It is thread-local because `Drop` gets no arguments; nothing else is.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::rc::{Rc, Weak};

use super::obj::{Head, Kind, Obj};
use super::{Ref, Value, weak};

/// Drops nested deeper than this go through the trash list.
const MAX_DEPTH: u32 = 64;
/// The registry's size at which the first collection is due.
const FIRST_COLLECTION: usize = 100_000;
/// Set in `Head::id` once a finaliser ran.
pub const FINALIZED: u32 = 1 << 31;
/// Set in `Head::id` of a `str` that is the one object of a name; a `str` has no finaliser.
pub const INTERNED: u32 = FINALIZED;
/// Set in `Head::id` once `__class__` was assigned: the VM knows the class then.
pub const MOVED: u32 = 1 << 30;

/// What may wait on the trash list.
pub enum Trash {
    Values(Vec<Value>),
    Boxed(Box<[Value]>),
    Value(Value),
    Kind(Box<Kind>),
}

/// What the VM owes to an object that died.
pub enum Due {
    /// Its finaliser.
    Finalizer(Ref),
    /// Nothing but that this weak reference lives until the finaliser has run.
    Witness(Ref),
    /// Word of its death to this weak reference.
    Notice(Ref),
}

impl From<Vec<Value>> for Trash {
    fn from(v: Vec<Value>) -> Self {
        Self::Values(v)
    }
}
impl From<Box<[Value]>> for Trash {
    fn from(v: Box<[Value]>) -> Self {
        Self::Boxed(v)
    }
}
impl From<Value> for Trash {
    fn from(v: Value) -> Self {
        Self::Value(v)
    }
}
impl From<Kind> for Trash {
    fn from(v: Kind) -> Self {
        Self::Kind(Box::new(v))
    }
}

thread_local! {
    // Never dropped, which spares every access a look at whether the thread is ending.
    static REGISTRY: RefCell<ManuallyDrop<Vec<Weak<Obj>>>> = const { RefCell::new(ManuallyDrop::new(Vec::new())) };
    static THRESHOLD: Cell<usize> = const { Cell::new(FIRST_COLLECTION) };
    static COLLECTION_DUE: Cell<bool> = const { Cell::new(false) };
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static TRASH: RefCell<ManuallyDrop<Vec<Trash>>> = const { RefCell::new(ManuallyDrop::new(Vec::new())) };
    static DYING: RefCell<Vec<Due>> = const { RefCell::new(Vec::new()) };
    static HAS_DYING: Cell<bool> = const { Cell::new(false) };
    static NEXT_ID: Cell<u32> = const { Cell::new(1) };
}

/// A fresh number for `id()`.
pub fn next_id() -> u32 {
    NEXT_ID.replace(NEXT_ID.get() + 1) & !(FINALIZED | MOVED | weak::WATCHED)
}

/// Lets the collector watch an object.
#[inline]
pub fn register(obj: &Ref) {
    REGISTRY.with_borrow_mut(|r| {
        r.push(Rc::downgrade(obj));
        obj.head.gc.set(r.len() as u32);
        if r.len() > THRESHOLD.get() {
            COLLECTION_DUE.set(true);
        }
    });
}

/// Takes an object out of the registry; the last one moves to its place.
pub fn unregister(place: &Cell<u32>) {
    let index = place.replace(0) as usize - 1;
    let _ = REGISTRY.try_with(|r| {
        let mut r = r.borrow_mut();
        if index < r.len() {
            let gone = r.swap_remove(index);
            if let Some(moved) = r.get(index).and_then(Weak::upgrade) {
                moved.head.gc.set(index as u32 + 1);
                // Cannot be the last reference: the object is alive elsewhere.
                drop(moved);
            }
            drop(gone);
        }
    });
}

/// Every watched object, in no particular order.
pub fn tracked_objects() -> Vec<Ref> {
    REGISTRY.with_borrow(|r| r.iter().filter_map(Weak::upgrade).collect())
}

/// How many objects are watched.
pub fn tracked_count() -> usize {
    tracked_objects().len()
}

/// Whether an object on the registry is wanted.
pub fn any_tracked(is_wanted: impl Fn(&Obj) -> bool) -> bool {
    REGISTRY.with_borrow(|r| r.iter().filter_map(Weak::upgrade).any(|o| is_wanted(&o)))
}

/// Whether enough objects have come since the last collection.
#[inline]
pub fn is_collection_due() -> bool {
    COLLECTION_DUE.get()
}

/// Plans the next collection for when the registry has doubled.
pub fn plan_collection() {
    COLLECTION_DUE.set(false);
    THRESHOLD.set(FIRST_COLLECTION.max(2 * REGISTRY.with_borrow(|r| r.len())));
}

/// Drops the items of a list or tuple, the last one first, as CPython does.
#[inline]
pub fn drop_items(mut items: Vec<Value>) {
    let depth = DEPTH.get();
    if depth >= MAX_DEPTH {
        items.reverse();
        TRASH.with_borrow_mut(|t| t.push(items.into()));
        return;
    }
    DEPTH.set(depth + 1);
    while let Some(item) = items.pop() {
        drop(item);
    }
    DEPTH.set(depth);
    if depth == 0 {
        empty_trash();
    }
}

/// Drops contents without recursing deeper than a fixed bound.
#[inline]
pub fn drop_flat(contents: impl Into<Trash>) {
    let depth = DEPTH.get();
    if depth >= MAX_DEPTH {
        TRASH.with_borrow_mut(|t| t.push(contents.into()));
        return;
    }
    DEPTH.set(depth + 1);
    drop(contents);
    DEPTH.set(depth);
    if depth == 0 {
        empty_trash();
    }
}

fn empty_trash() {
    while let Some(trash) = TRASH.with_borrow_mut(|t| t.pop()) {
        DEPTH.set(1);
        drop(trash);
        DEPTH.set(0);
    }
}

/// Whether the finaliser has not run yet; marks it as run.
pub fn may_finalize(head: &Head) -> bool {
    let id = head.id.get();
    if id & FINALIZED != 0 {
        return false;
    }
    let id = if id == 0 { next_id() } else { id };
    head.id.set(id | FINALIZED);
    true
}

/// Marks an object as finalised, so that its `__del__` runs once.
pub fn was_finalized(head: &Head) -> bool {
    head.id.get() & FINALIZED != 0
}

/// Moves the contents of a dying object into a new one, which waits until the VM runs its finaliser.
pub fn finalize_later(dying: &mut Obj) {
    if DYING.try_with(|_| ()).is_err() {
        // The thread ends and nobody will run finalisers any more: the contents are dropped where they are.
        return;
    }
    let kind = std::mem::replace(&mut dying.kind, Kind::Dead);
    let obj = Obj::new(kind);
    obj.head.id.set(dying.head.id.get());
    let told = if obj.head.id.get() & weak::WATCHED == 0 { Vec::new() } else { weak::moved(&obj) };
    DYING.with_borrow_mut(|d| {
        d.push(Due::Finalizer(obj));
        d.extend(told.into_iter().map(Due::Witness));
    });
    HAS_DYING.set(true);
}

/// Lets the VM tell a weak reference that its object died.
pub fn notify_later(watcher: Ref) {
    if DYING.try_with(|d| d.borrow_mut().push(Due::Notice(watcher))).is_ok() {
        HAS_DYING.set(true);
    }
}

/// Whether finalisers wait.
#[inline(always)]
pub fn has_dying() -> bool {
    HAS_DYING.get()
}

/// Lets finalisers wait for a better moment.
pub fn put_back(objects: Vec<Ref>) {
    if !objects.is_empty() {
        HAS_DYING.set(true);
        DYING.with_borrow_mut(|d| drop(d.splice(..0, objects.into_iter().map(Due::Finalizer))));
    }
}

/// What must be done about deaths now, oldest first.
pub fn take_dying() -> Vec<Due> {
    HAS_DYING.set(false);
    DYING.with_borrow_mut(std::mem::take)
}
