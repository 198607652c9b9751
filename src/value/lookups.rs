//! What look-ups through classes found, for all classes together: comes in a class's stamp and a name, goes out the place
//! where the name stands. A stamp is never used again once its class or a base of it changed, so nothing here goes stale.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use super::Ref;

/// Look-ups that are remembered at most; a power of two.
const SIZE: usize = 1024;
/// The depth of a name that no class has.
pub const ABSENT: u32 = u32::MAX;

/// Where a name stands: in the class itself (0) or so far along its resolution order, and there in this entry.
#[derive(Clone, Copy)]
pub struct Place {
    pub depth: u32,
    pub entry: u32,
}

struct Lookup {
    stamp: u64,
    /// Held, so that no other name gets its address.
    name: Ref,
    place: Place,
}

thread_local! {
    // Never dropped, which spares every access a look at whether the thread is ending.
    static TABLE: RefCell<ManuallyDrop<Vec<Option<Lookup>>>> = const { RefCell::new(ManuallyDrop::new(Vec::new())) };
}

#[inline(always)]
fn slot(stamp: u64, name: &Ref) -> usize {
    (stamp as usize ^ (Rc::as_ptr(name) as usize >> 5)) & (SIZE - 1)
}

/// What was found under this stamp.
#[inline]
pub fn remembered(stamp: u64, name: &Ref) -> Option<Place> {
    TABLE.with_borrow(|table| match table.get(slot(stamp, name)) {
        Some(Some(l)) if l.stamp == stamp && Rc::ptr_eq(&l.name, name) => Some(l.place),
        _ => None,
    })
}

/// Remembers what was found.
pub fn remember(stamp: u64, name: &Ref, place: Place) {
    TABLE.with_borrow_mut(|table| {
        if table.is_empty() {
            table.resize_with(SIZE, || None);
        }
        if let Some(entry) = table.get_mut(slot(stamp, name)) {
            *entry = Some(Lookup { stamp, name: name.clone(), place });
        }
    });
}
