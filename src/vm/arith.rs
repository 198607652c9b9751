//! Unary and binary operators.

use crate::syntax::ast::{BinOp, UnaryOp};
use crate::value::{R, Value};
use crate::vm::Vm;

impl Vm {
    /// `a op b`, script operators included. Int and float pairs come first.
    pub fn binary(&mut self, op: BinOp, a: &Value, b: &Value) -> R {
        todo!()
    }

    /// `a op= b`: the in-place method if there is one, else the binary operator.
    pub fn binary_in_place(&mut self, op: BinOp, a: &Value, b: &Value) -> R {
        todo!()
    }

    /// `-a`, `+a`, `~a`, `not a`.
    pub fn unary(&mut self, op: UnaryOp, a: &Value) -> R {
        todo!()
    }

    /// An integer from an int, bool or anything with `__index__`; huge ones raise `OverflowError`-like errors at the caller.
    pub fn index(&mut self, v: &Value) -> R<Value> {
        todo!()
    }

    /// The same as `i64`; raises `IndexError`/`OverflowError` ("cannot fit 'int' into an index-sized integer") when it does not fit.
    pub fn index_i64(&mut self, v: &Value) -> R<i64> {
        todo!()
    }

    /// A float from float, int, bool or anything with `__float__`/`__index__` ("must be real number, not X").
    pub fn to_f64(&mut self, v: &Value) -> R<f64> {
        todo!()
    }
}
