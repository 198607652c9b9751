//! `repr`, `str` and `ascii` of any value.

use crate::value::{R, Value};
use crate::vm::Vm;

impl Vm {
    /// `repr(v)`.
    pub fn repr(&mut self, v: &Value) -> R<String> {
        todo!()
    }

    /// `str(v)` as text.
    pub fn str(&mut self, v: &Value) -> R<String> {
        todo!()
    }

    /// `str(v)` as a value: a string stays the object it is.
    pub fn str_value(&mut self, v: &Value) -> R {
        todo!()
    }
}
