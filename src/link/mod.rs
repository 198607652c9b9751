//! Syntax tree to closures.

use std::rc::Rc;

use crate::source::Source;
use crate::value::{R, Ref};
use crate::vm::Vm;

/// Parses, resolves, links and runs a module's source in a namespace.
pub fn run_module(_vm: &mut Vm, _source: &Rc<Source>, _globals: &Ref) -> R {
    todo!()
}
