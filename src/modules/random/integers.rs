//! Whole numbers and bytes from a generator.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::draw::Draw;
use super::generator;
use crate::syntax::ast::BinOp;
use crate::value::func::Builtin;
use crate::value::{Obj, R, Thrown, Value};
use crate::vm::Vm;

/// More bits than this are out of memory at once.
const MAX_BITS: i64 = 1 << 33;

fn random(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let _ = vm;
    Ok(Value::float(generator(&a[0]).random.borrow_mut().random()))
}

fn getrandbits(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let bits = vm.index_i64(&a[1].clone())?;
    match bits {
        0..=63 => Ok(Value::Int(generator(&a[0]).random.borrow_mut().bits(bits as u32) as i64)),
        i64::MIN..0 => Err(vm.value_error("number of bits must be non-negative")),
        MAX_BITS.. => Err(vm.memory_error("")),
        _ => Ok(Obj::int(generator(&a[0]).random.borrow_mut().bits_big(bits as u64).into())),
    }
}

fn randbelow(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let n = vm.index_big(&a[1].clone())?;
    Draw::new(vm, &a[0]).below_big(vm, &n).map(Obj::int)
}

fn randbytes(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let count = vm.index_i64(&a[1].clone())?;
    if count < 0 {
        return Err(vm.value_error("number of bits must be non-negative"));
    }
    vm.check_size::<u8>(count as usize, 1)?;
    let draw = Draw::new(vm, &a[0]);
    let drawn = if count == 0 { BigInt::ZERO } else { draw.bits(vm, count as u64 * 8)? };
    let mut bytes = drawn.magnitude().to_bytes_le();
    bytes.resize(count as usize, 0);
    Ok(Obj::bytes(bytes).into())
}

fn randint(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let (Value::Int(low), Value::Int(high)) = (&a[1], &a[2])
        && let Some(width) = high.checked_sub(*low).and_then(|w| w.checked_add(1)).filter(|w| *w > 0)
    {
        let low = *low;
        let drawn = Draw::new(vm, &a[0]).below(vm, width as u64)?;
        return Ok(Value::Int(low + drawn as i64));
    }
    let stop = vm.binary(BinOp::Add, &a[2], &Value::Int(1))?;
    from_range(vm, &a[0], &a[1], &stop, &Value::Unbound)
}

fn randrange(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let (Value::Int(start), stop, Value::Unbound) = (&a[1], &a[2], &a[3]) {
        let (low, width) = match stop {
            Value::Int(stop) => (*start, stop.checked_sub(*start)),
            Value::Unbound => (0, Some(*start)),
            _ => (0, None),
        };
        if let Some(width) = width.filter(|w| *w > 0) {
            let drawn = Draw::new(vm, &a[0]).below(vm, width as u64)?;
            return Ok(Value::Int(low + drawn as i64));
        }
    }
    from_range(vm, &a[0], &a[1], &a[2], &a[3])
}

/// An argument as an integer; a float that is whole passes.
fn whole(vm: &mut Vm, v: &Value, complaint: &str) -> R<BigInt> {
    if vm.has_index(v) {
        return vm.index_big(v);
    }
    let class = Value::from(&vm.types.int.clone());
    let int = vm.call(&class, std::slice::from_ref(v))?;
    if vm.eq(&int, v)? { vm.index_big(&int) } else { Err(vm.value_error(complaint)) }
}

/// `randrange` with integers of any size.
fn from_range(vm: &mut Vm, object: &Value, start: &Value, stop: &Value, step: &Value) -> R {
    let start = whole(vm, start, "non-integer arg 1 for randrange()")?;
    let Some(stop) = stop.some() else {
        if step.given().is_some_and(|s| !matches!(s, Value::Int(1))) {
            return Err(vm.type_error("Missing a non-None stop argument"));
        }
        if !start.is_positive() {
            return Err(vm.value_error("empty range for randrange()"));
        }
        return Draw::new(vm, object).below_big(vm, &start).map(Obj::int);
    };
    let stop = whole(vm, stop, "non-integer stop for randrange()")?;
    let step = match step.given() {
        Some(step) => whole(vm, step, "non-integer step for randrange()")?,
        None => BigInt::one(),
    };
    if step.is_zero() {
        return Err(vm.value_error("zero step for randrange()"));
    }
    let width = &stop - &start;
    let toward = if step.is_positive() { &width + &step - 1 } else { &width + &step + 1 };
    let count = num_integer::Integer::div_floor(&toward, &step);
    if !count.is_positive() {
        return Err(empty(vm, &start, &stop, &width, step.is_one()));
    }
    let drawn = Draw::new(vm, object).below_big(vm, &count)?;
    Ok(Obj::int(start + step * drawn))
}

fn empty(vm: &mut Vm, start: &BigInt, stop: &BigInt, width: &BigInt, is_plain: bool) -> Thrown {
    let bounds = if is_plain { format!(" ({start}, {stop}, {width})") } else { String::new() };
    vm.value_error(&format!("empty range for randrange(){bounds}"))
}

/// The methods.
pub const METHODS: &[Builtin] = &[
    Builtin::new("random", "(self, /)", random, "A float in [0, 1)."),
    Builtin::new("getrandbits", "(self, k, /)", getrandbits, "An integer with k random bits."),
    Builtin::new("_randbelow", "(self, n)", randbelow, "An integer in [0, n)."),
    Builtin::new("randbytes", "(self, n)", randbytes, "n random bytes."),
    Builtin::new("randint", "(self, a, b)", randint, "An integer in [a, b], both included."),
    Builtin::new("randrange", "(self, start, stop=None, step=1)", randrange, "An item of range(start, stop, step)."),
];
