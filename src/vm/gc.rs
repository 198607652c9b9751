//! The cycle collector: trial deletion over the registry.

use crate::vm::Vm;

impl Vm {
    /// Finds unreachable cycles, runs their finalisers and breaks them; gives the number of objects.
    pub fn collect_garbage(&mut self) -> usize {
        todo!()
    }
}
