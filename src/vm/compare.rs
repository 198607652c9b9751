//! Equality, order, hashes, truth and membership.

use crate::syntax::ast::CmpOp;
use crate::value::{R, Value};
use crate::vm::Vm;

/// Equality as far as it can be decided without script code (and without recursion into containers that may hold
/// such values); `None` when script code has to say.
pub fn native_eq(a: &Value, b: &Value) -> Option<bool> {
    todo!()
}

impl Vm {
    /// `a == b` as a truth value, identity first (as containers compare).
    pub fn eq(&mut self, a: &Value, b: &Value) -> R<bool> {
        todo!()
    }

    /// `a op b` for any comparison operator, `in` and `is` included.
    pub fn compare(&mut self, op: CmpOp, a: &Value, b: &Value) -> R {
        todo!()
    }

    /// `a op b` as a truth value.
    pub fn compare_bool(&mut self, op: CmpOp, a: &Value, b: &Value) -> R<bool> {
        todo!()
    }

    /// `hash(v)`.
    pub fn hash(&mut self, v: &Value) -> R<i64> {
        todo!()
    }

    /// `bool(v)`.
    #[inline]
    pub fn truth(&mut self, v: &Value) -> R<bool> {
        todo!()
    }

    /// `item in container`.
    pub fn contains(&mut self, container: &Value, item: &Value) -> R<bool> {
        todo!()
    }
}
