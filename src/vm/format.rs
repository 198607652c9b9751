//! `format(v, spec)`, `str.format` and `%`.

use crate::value::{R, Value};
use crate::vm::Vm;

impl Vm {
    /// `format(v, spec)` as text.
    pub fn format(&mut self, v: &Value, spec: &str) -> R<String> {
        todo!()
    }
}
