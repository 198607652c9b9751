//! The special methods of the number types: one function for each operator, plain and reflected, for each type.

use crate::syntax::ast::{BinOp, UnaryOp};
use crate::value::{R, Value};
use crate::vm::Vm;
use crate::vm::number::Num;

/// Which operands a type's operators take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Int,
    Float,
    Complex,
}

impl Family {
    fn takes(self, v: &Value) -> bool {
        match Num::of(v) {
            Some(Num::Int(_) | Num::Big(_)) => true,
            Some(Num::Float(_)) => self != Self::Int,
            Some(Num::Complex(..)) => self == Self::Complex,
            None => false,
        }
    }
}

/// One operator of one type.
pub fn operate(vm: &mut Vm, a: &[Value], family: Family, op: BinOp, reflected: bool) -> R {
    let [x, y, ..] = a else { return Ok(vm.not_implemented.clone()) };
    let (x, y) = if reflected { (y.native(), x.native()) } else { (x.native(), y.native()) };
    if !family.takes(x) || !family.takes(y) {
        return Ok(vm.not_implemented.clone());
    }
    let result = if family == Family::Int || !matches!((Num::of(x), Num::of(y)), (Some(Num::Int(_) | Num::Big(_)), Some(Num::Int(_) | Num::Big(_)))) {
        vm.number_op(op, x, y)?
    } else {
        let x = vm.to_f64(x)?;
        vm.number_op(op, &Value::float(x), y)?
    };
    Ok(result.unwrap_or_else(|| vm.not_implemented.clone()))
}

/// `__divmod__` and `__rdivmod__`.
pub fn divmod(vm: &mut Vm, a: &[Value], family: Family, reflected: bool) -> R {
    let [x, y, ..] = a else { return Ok(vm.not_implemented.clone()) };
    let (x, y) = if reflected { (y.native(), x.native()) } else { (x.native(), y.native()) };
    if !family.takes(x) || !family.takes(y) {
        return Ok(vm.not_implemented.clone());
    }
    Ok(vm.number_divmod(x, y)?.unwrap_or_else(|| vm.not_implemented.clone()))
}

/// `__pow__` and `__rpow__` with an optional modulus.
pub fn pow(vm: &mut Vm, a: &[Value], family: Family, reflected: bool) -> R {
    let [x, y, modulus, ..] = a else { return operate(vm, a, family, BinOp::Pow, reflected) };
    if modulus.some().is_none() {
        return operate(vm, a, family, BinOp::Pow, reflected);
    }
    if family != Family::Int {
        return Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    }
    let (x, y) = if reflected { (y.native(), x.native()) } else { (x.native(), y.native()) };
    let modulus = modulus.native();
    if ![x, y, modulus].into_iter().all(|v| family.takes(v)) {
        return Ok(vm.not_implemented.clone());
    }
    Ok(vm.number_pow_mod(x, y, modulus)?.unwrap_or_else(|| vm.not_implemented.clone()))
}

/// `__neg__`, `__pos__`, `__invert__`.
pub fn unary(vm: &mut Vm, a: &[Value], op: UnaryOp) -> R {
    let v = a.first().map(Value::native).cloned().unwrap_or_default();
    Ok(vm.number_unary(op, &v).unwrap_or_else(|| vm.not_implemented.clone()))
}

/// Functions for a type's rows, named after the special methods.
macro_rules! operators {
    ($family:ident; $($name:ident $reflected:ident $op:ident),* $(,)?) => {
        $(
            fn $name(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                number_rows::operate(vm, a, Family::$family, BinOp::$op, false)
            }
            fn $reflected(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                number_rows::operate(vm, a, Family::$family, BinOp::$op, true)
            }
        )*
    };
}
pub(crate) use operators;

/// Functions for `divmod`, `pow` and the unary operators of a type.
macro_rules! other_operators {
    ($family:ident) => {
        fn divmod(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
            number_rows::divmod(vm, a, Family::$family, false)
        }
        fn rdivmod(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
            number_rows::divmod(vm, a, Family::$family, true)
        }
        fn pow(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
            number_rows::pow(vm, a, Family::$family, false)
        }
        fn rpow(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
            number_rows::pow(vm, a, Family::$family, true)
        }
        fn neg(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
            number_rows::unary(vm, a, UnaryOp::Neg)
        }
        fn pos(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
            number_rows::unary(vm, a, UnaryOp::Pos)
        }
    };
}
pub(crate) use other_operators;
