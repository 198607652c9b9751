//! What only a bytearray can do: change.

use std::cell::RefCell;

use super::{byte_arg, bytes_from_items};
use crate::syntax::ast::BinOp;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::operator::bytearray;

/// The receiver's bytes.
fn array(v: &Value) -> &RefCell<Vec<u8>> {
    match v.native_kind() {
        Some(Kind::ByteArray(b)) => b,
        _ => unreachable!("the receiver of a bytearray's method is one"),
    }
}

pub fn iadd(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.check_resizable(&a[0])?;
    vm.in_place_slow(BinOp::Add, &a[0], &a[1])
}

pub fn imul(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.check_resizable(&a[0])?;
    vm.in_place_slow(BinOp::Mul, &a[0], &a[1])
}

pub fn append(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.check_resizable(&a[0])?;
    let byte = byte_arg(vm, &a[1], "byte")?;
    array(&a[0]).borrow_mut().push(byte);
    Ok(Value::None)
}

pub fn extend(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.check_resizable(&a[0])?;
    if a[1].as_str().is_some_and(|s| !s.is_empty()) {
        return Err(vm.type_error("'str' object cannot be interpreted as an integer"));
    }
    let more = bytes_from_items(vm, &a[1], "byte", "can't extend bytearray with {}")?;
    array(&a[0]).borrow_mut().extend(more);
    Ok(Value::None)
}

pub fn insert(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.check_resizable(&a[0])?;
    let index = vm.ssize_arg(&a[1])?;
    let byte = byte_arg(vm, &a[2], "byte")?;
    let mut bytes = array(&a[0]).borrow_mut();
    let len = bytes.len() as i64;
    let at = if index < 0 { (index + len).max(0) } else { index.min(len) };
    bytes.insert(at as usize, byte);
    Ok(Value::None)
}

pub fn pop(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.check_resizable(&a[0])?;
    let index = match a[1].given() {
        Some(v) => vm.ssize_arg(v)?,
        None => -1,
    };
    let mut bytes = array(&a[0]).borrow_mut();
    if bytes.is_empty() {
        return Err(vm.index_error("pop from empty bytearray"));
    }
    match Vm::position(index, bytes.len()) {
        Some(at) => Ok(Value::Int(i64::from(bytes.remove(at)))),
        None => Err(vm.index_error("pop index out of range")),
    }
}

pub fn remove(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.check_resizable(&a[0])?;
    let byte = byte_arg(vm, &a[1], "byte")?;
    let mut bytes = array(&a[0]).borrow_mut();
    match bytes.iter().position(|b| *b == byte) {
        Some(at) => {
            bytes.remove(at);
            Ok(Value::None)
        }
        None => Err(vm.value_error("value not found in bytearray")),
    }
}

pub fn reverse(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    array(&a[0]).borrow_mut().reverse();
    Ok(Value::None)
}

pub fn clear(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.check_resizable(&a[0])?;
    array(&a[0]).borrow_mut().clear();
    Ok(Value::None)
}

pub fn copy(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(bytearray(array(&a[0]).borrow().clone()))
}
