//! `import`: built-in modules, sibling scripts and packages.

use crate::value::{R, Ref, Value};
use crate::vm::Vm;

impl Vm {
    /// `import name` (dotted): gives the last module, and binds submodules in their parents.
    pub fn import_module(&mut self, name: &str) -> R {
        todo!()
    }

    /// `from level*. module import names`: gives the module to take names from; `globals` says which package asks.
    pub fn import_from(&mut self, module: &str, level: u32, globals: &Ref) -> R {
        todo!()
    }

    /// One name of `from module import name`: an attribute or a submodule.
    pub fn import_name(&mut self, module: &Value, name: &Ref) -> R {
        todo!()
    }

    /// `from module import *` into a namespace.
    pub fn import_star(&mut self, module: &Value, namespace: &Ref) -> R<()> {
        todo!()
    }
}
