//! Finalisers: `__del__`, generators that die suspended, coroutines that die unrun, futures that die unread.

use crate::vm::Vm;

impl Vm {
    /// Runs the finalisers of what died since the last time.
    #[cold]
    pub fn run_finalizers(&mut self) {
        todo!()
    }
}
