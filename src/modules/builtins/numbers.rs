//! Functions on numbers and characters.

use num_bigint::BigInt;
use num_traits::Signed;

use crate::pure::int_text::to_prefixed;
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

fn abs(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match a[0].native() {
        Value::Int(i) if *i != i64::MIN && matches!(a[0], Value::Int(_)) => return Ok(Value::Int(i.abs())),
        Value::Float(f) if matches!(a[0], Value::Float(_)) => return Ok(Value::float(f.get().abs())),
        _ => {}
    }
    let names = vm.names.clone();
    if let Some(v) = vm.try_special(&a[0], &names.abs, &[])? {
        return Ok(v);
    }
    match a[0].native() {
        Value::Int(i) => Ok(BigInt::from(*i).abs().into()),
        Value::Float(f) => Ok(Value::float(f.get().abs())),
        Value::True => Ok(Value::Int(1)),
        Value::False => Ok(Value::Int(0)),
        v => match v.kind() {
            Some(Kind::Big(b)) => Ok(b.abs().into()),
            Some(Kind::Complex(re, im)) => Ok(Value::float(re.hypot(*im))),
            _ => {
                let text = format!("bad operand type for abs(): '{}'", vm.class_name(&a[0]));
                Err(vm.type_error(&text))
            }
        },
    }
}

fn prefixed(vm: &mut Vm, v: &Value, base: u32) -> R {
    let n = vm.index_big(v)?;
    Ok(to_prefixed(&n, base).into())
}

fn bin(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    prefixed(vm, &a[0], 2)
}

fn oct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    prefixed(vm, &a[0], 8)
}

fn hex(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    prefixed(vm, &a[0], 16)
}

fn chr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let code = match vm.index(&a[0])? {
        Value::Int(code) if code.abs() < 1 << 31 => code,
        _ => return Err(vm.overflow_error("Python int too large to convert to C int")),
    };
    match u32::try_from(code).ok().and_then(char::from_u32) {
        Some(c) => Ok(vm.char_str(c)),
        None if (0xd800..0xe000).contains(&code) => Err(vm.value_error("chr() arg is a surrogate, which corun's strings do not hold")),
        None => Err(vm.value_error("chr() arg not in range(0x110000)")),
    }
}

fn ord(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let length = match a[0].native_kind() {
        Some(Kind::Str(s)) => {
            let mut chars = s.as_str().chars();
            if let (Some(c), None) = (chars.next(), chars.next()) {
                return Ok(Value::Int(i64::from(u32::from(c))));
            }
            s.chars()
        }
        Some(Kind::Bytes(b)) => match b.as_ref() {
            [one] => return Ok(Value::Int(i64::from(*one))),
            other => other.len(),
        },
        Some(Kind::ByteArray(b)) => match b.borrow().as_slice() {
            [one] => return Ok(Value::Int(i64::from(*one))),
            other => other.len(),
        },
        _ => {
            let text = format!("ord() expected string of length 1, but {} found", vm.class_name(&a[0]));
            return Err(vm.type_error(&text));
        }
    };
    Err(vm.type_error(&format!("ord() expected a character, but string of length {length} found")))
}

fn divmod(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.divmod(&a[0].clone(), &a[1].clone())
}

fn pow(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let modulus = a[2].some().cloned().unwrap_or(Value::None);
    vm.pow_mod(&a[0].clone(), &a[1].clone(), &modulus)
}

fn round(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let names = vm.names.clone();
    let digits: Vec<Value> = a[1].some().cloned().into_iter().collect();
    if let Some(v) = vm.call_special(&a[0], &names.round, &digits)? {
        Ok(v)
    } else {
        let text = format!("type {} doesn't define __round__ method", vm.class_name(&a[0]));
        Err(vm.type_error(&text))
    }
}

fn hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.hash(&a[0]).map(Value::Int)
}

/// The identity of an object; numbers and the like, which have none here, get one from their value.
fn id(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::Int(match &a[0] {
        Value::Obj(o) => i64::from(o.id()) * 16,
        Value::Int(i) => i.wrapping_mul(32) & 0x3fff_ffff_ffff | 0x4000_0000_0000,
        Value::Float(f) => (f.get().to_bits() >> 18) as i64 | 0x2000_0000_0000,
        Value::None | Value::Unbound => 0x1000_0000_0010,
        Value::False => 0x1000_0000_0020,
        Value::True => 0x1000_0000_0030,
    }))
}

/// The rows.
pub const FUNCTIONS: &[Builtin] = &[
    Builtin::new("abs", "(x, /)", abs, "Return the absolute value of the argument."),
    Builtin::new("bin", "(number, /)", bin, "Return the binary representation of an integer."),
    Builtin::new("oct", "(number, /)", oct, "Return the octal representation of an integer."),
    Builtin::new("hex", "(number, /)", hex, "Return the hexadecimal representation of an integer."),
    Builtin::new("chr", "(i, /)", chr, "Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff."),
    Builtin::new("ord", "(c, /)", ord, "Return the Unicode code point for a one-character string."),
    Builtin::new("divmod", "(x, y, /)", divmod, "Return the tuple (x//y, x%y).  Invariant: div*y + mod == x."),
    Builtin::new("pow", "(base, exp, mod=None)", pow, "Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments."),
    Builtin::new("round", "(number, ndigits=None)", round, "Round a number to a given precision in decimal digits."),
    Builtin::new("hash", "(obj, /)", hash, "Return the hash value for the given object."),
    Builtin::new("id", "(obj, /)", id, "Return the identity of an object."),
];
