//! `a[i]`, `a[i] = x`, `del a[i]`, slices included.

use crate::value::{R, Value};
use crate::vm::Vm;

impl Vm {
    /// `obj[key]`.
    pub fn get_item(&mut self, obj: &Value, key: &Value) -> R {
        todo!()
    }

    /// `obj[key] = value`.
    pub fn set_item(&mut self, obj: &Value, key: &Value, value: Value) -> R<()> {
        todo!()
    }

    /// `del obj[key]`.
    pub fn del_item(&mut self, obj: &Value, key: &Value) -> R<()> {
        todo!()
    }

    /// The value of a key in a dict object, without `__missing__`.
    pub fn dict_get(&mut self, dict: &Value, key: &Value) -> R<Option<Value>> {
        todo!()
    }

    /// Sets a key of a dict object.
    pub fn dict_set(&mut self, dict: &Value, key: &Value, value: Value) -> R<()> {
        todo!()
    }

    /// Removes a key of a dict object and gives its value.
    pub fn dict_remove(&mut self, dict: &Value, key: &Value) -> R<Option<Value>> {
        todo!()
    }

    /// Adds to a set object; says whether it is new.
    pub fn set_add(&mut self, set: &Value, item: Value) -> R<bool> {
        todo!()
    }

    /// A set from items, in CPython's insertion order.
    pub fn new_set(&mut self, items: Vec<Value>) -> R {
        todo!()
    }
}
