//! `sys.getsizeof`: what an object takes in CPython 3.11 on 64 bits, as far as its value tells. A list counts as one that
//! was made with its final length, a dict as one that grew item by item.

use crate::value::class::flag;
use crate::value::dict::Dict;
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;
use crate::vm::tables::set_of;

/// The row of `sys`.
pub const ROW: Builtin = Builtin::new("getsizeof", "(object, default=None)", getsizeof, "Return the size of object in bytes.");

fn getsizeof(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let extra = if matches!(a[0].kind(), Some(Kind::Derived(_))) { 16 } else { 0 };
    let size = match a[0].native() {
        Value::Obj(o) => of_kind(vm, &o.kind, &a[0]) + extra,
        Value::Float(_) => 24,
        Value::Int(i) => 24 + 4 * (64 - i.unsigned_abs().leading_zeros() as usize).div_ceil(30).max(1),
        Value::True | Value::False => 28,
        Value::None | Value::Unbound => 16,
    };
    Ok(size.into())
}

fn of_kind(vm: &Vm, kind: &Kind, v: &Value) -> usize {
    match kind {
        Kind::Str(s) => of_text(s.as_str()),
        Kind::Bytes(b) => 33 + b.len(),
        Kind::ByteArray(b) => 57 + b.borrow().len() - usize::from(b.borrow().is_empty()),
        Kind::Big(b) => 24 + 4 * (b.bits() as usize).div_ceil(30),
        Kind::Complex(..) => 32,
        Kind::List(l) => 56 + 8 * l.borrow().len(),
        Kind::Tuple(t) => 40 + 8 * t.len(),
        Kind::Dict(d) => of_dict(&d.borrow()),
        Kind::Set(_) | Kind::FrozenSet(_) => of_set(v),
        Kind::Func(_) => 152,
        Kind::NativeFn(_) => 72,
        Kind::Method(_) => 64,
        Kind::Class(_) => 1064,
        Kind::Module(_) => 72,
        Kind::Coro(_) => 200,
        Kind::Slice(_) => 56,
        Kind::Ellipsis | Kind::NotImplemented => 16,
        Kind::Instance(i) if i.class.is(&vm.types.object) => 16,
        Kind::Instance(i) if i.class.has(flag::NO_DICT) => 32 + 8 * i.fields.borrow().names(&i.class).len(),
        Kind::Instance(_) => 56,
        _ => 48,
    }
}

/// One, two or four bytes for each character, as the widest one needs.
fn of_text(text: &str) -> usize {
    let (mut count, mut widest) = (0, 0);
    for c in text.chars() {
        count += 1;
        widest = widest.max(c as u32);
    }
    match widest {
        0..128 => 49 + count,
        128..256 => 73 + count,
        256..0x1_0000 => 74 + 2 * count,
        _ => 76 + 4 * count,
    }
}

/// An index and entries, which are smaller when all keys are texts.
fn of_dict(dict: &Dict) -> usize {
    if dict.is_empty() {
        return 64;
    }
    let mut slots: usize = 8;
    while slots * 2 / 3 < dict.len() {
        slots = (slots * 2 / 3 * 3).next_power_of_two();
    }
    let index = match slots {
        ..256 => slots,
        256..65_536 => 2 * slots,
        _ => 4 * slots,
    };
    let entry = if dict.iter().all(|e| matches!(e.key.kind(), Some(Kind::Str(_)))) { 16 } else { 24 };
    96 + index + slots * 2 / 3 * entry
}

fn of_set(v: &Value) -> usize {
    let slots = set_of(v).map_or(8, |s| s.table.borrow().capacity());
    if slots <= 8 { 216 } else { 216 + 16 * slots }
}
