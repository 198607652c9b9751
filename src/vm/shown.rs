//! Names of the prelude.

use crate::value::{Ref, Value};
use crate::vm::Vm;

impl Vm {
    /// A name of `asyncio` that extended sources see without an import.
    pub fn prelude_name(&mut self, name: &Ref) -> Option<Value> {
        if !crate::modules::asyncio::PRELUDE.contains(&name.text()) {
            return None;
        }
        let module = self.import_module("asyncio").ok()?;
        self.get_attr(&module, name).ok()
    }
}
