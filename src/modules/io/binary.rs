//! What only binary files have: reading into buffers, looking ahead.

use super::FileObj;
use super::read::{fill, readable_file, size_arg, take, unread};
use crate::types::memoryview;
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;

/// The methods of binary files that can be read.
pub const METHODS: &[Builtin] = &[
    Builtin::new("read1", "(self, size=-1, /)", read1, "Reads at most size bytes."),
    Builtin::new("readinto", "(self, buffer, /)", readinto, "Reads into a buffer; returns how much."),
    Builtin::new("readinto1", "(self, buffer, /)", readinto, "Reads into a buffer; returns how much."),
    Builtin::new("peek", "(self, size=0, /)", peek, "Bytes that come next, without taking them."),
];

/// Reads ahead until there are so many bytes, or all.
fn at_least(vm: &mut Vm, f: &FileObj, n: usize) -> R<()> {
    let missing = n.saturating_sub(unread(f));
    if missing == 0 { Ok(()) } else { fill(vm, f, missing.max(2)) }
}

fn read1(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = readable_file(vm, &receiver)?;
    let size = size_arg(vm, &a[1].clone())?.unwrap_or(usize::MAX / 2);
    at_least(vm, f, size)?;
    Ok(Obj::bytes(take(f, size)).into())
}

fn peek(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let receiver = a[0].clone();
    let f = readable_file(vm, &receiver)?;
    at_least(vm, f, 1)?;
    let ahead = f.ahead.borrow();
    let rest = ahead.bytes.get(ahead.at..).unwrap_or_default();
    Ok(Obj::bytes(rest.get(..rest.len().min(8192)).unwrap_or_default().to_vec()).into())
}

fn readinto(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (receiver, target) = (a[0].clone(), a[1].clone());
    let f = readable_file(vm, &receiver)?;
    let size = match target.native_kind() {
        Some(Kind::ByteArray(b)) => Some(b.borrow().len()),
        _ => memoryview::writable_len(&target),
    };
    let Some(size) = size else {
        let name = vm.class_name_or_none(&target);
        return Err(vm.type_error(&format!("readinto() argument must be read-write bytes-like object, not {name}")));
    };
    at_least(vm, f, size)?;
    let bytes = take(f, size);
    let count = bytes.len();
    match target.native_kind() {
        Some(Kind::ByteArray(b)) => {
            for (slot, byte) in b.borrow_mut().iter_mut().zip(bytes) {
                *slot = byte;
            }
        }
        _ => memoryview::fill(&target, &bytes),
    }
    Ok(count.into())
}
