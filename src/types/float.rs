//! `float`: conversion, rounding, hexadecimal text, and the operators as methods.

use crate::pure::float::{as_integer_ratio as ratio_of, is_integer as has_no_fraction, round_half_even_digits, round_to_bigint};
use crate::pure::float_text::{HexError, float_fromhex, float_hex, parse_f64};
use crate::pure::format_value::format_f64;
use crate::syntax::ast::{BinOp, UnaryOp};
use crate::types::int::text_of;
use crate::types::number_rows::{self, Family, operators, other_operators};
use crate::types::{make, rows};
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::{Obj, R, Value};
use crate::vm::Vm;
use crate::vm::number::Num;
use crate::vm::types::TypeDef;

operators! { Float;
    add radd Add, sub rsub Sub, mul rmul Mul, truediv rtruediv Div, floordiv rfloordiv FloorDiv, modulo rmod Mod,
}
other_operators! { Float }

static NEW: Builtin = Builtin::new("float", "(x=0, /)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(x) = a[0].given() else { return Ok(Value::float(0.0)) };
    if matches!(x, Value::Float(_)) {
        return Ok(x.clone());
    }
    if let Some(text) = x.kind().and_then(|_| text_of(x)).filter(|_| !is_number_subclass(vm, x)) {
        return match parse_f64(&text) {
            Some(f) => Ok(Value::float(f)),
            None => {
                let shown = vm.repr(&x.native().clone())?;
                Err(vm.value_error(&format!("could not convert string to float: {shown}")))
            }
        };
    }
    let own = vm.names.float.clone();
    if matches!(Num::of(x.native()), Some(Num::Float(_)))
        && let Some(method) = vm.special(x, &own)
    {
        let result = vm.run_special(&method, x, &[])?;
        if let Some(Num::Float(f)) = Num::of(result.native()) {
            return Ok(Value::float(f));
        }
        let text = format!("{}.__float__ returned non-float (type {})", vm.class_name(x), vm.class_name(&result));
        return Err(vm.type_error(&text));
    }
    match vm.number_f64(x)? {
        Some(f) => Ok(Value::float(f)),
        None => {
            let text = format!("float() argument must be a string or a real number, not '{}'", vm.class_name(x));
            Err(vm.type_error(&text))
        }
    }
}

/// Whether a subclass of a text type says itself which float it is.
fn is_number_subclass(vm: &Vm, x: &Value) -> bool {
    vm.special(x, &vm.names.float).is_some()
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.float.clone();
    make::new_from_positional(vm, a, n, &owner)
}

/// The float of a receiver.
fn value_of(v: &Value) -> f64 {
    match Num::of(v.native()) {
        Some(Num::Float(f)) => f,
        _ => 0.0,
    }
}

fn itself(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::float(value_of(&a[0])))
}

fn abs(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::float(value_of(&a[0]).abs()))
}

fn trunc(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.float_to_int(value_of(&a[0]))
}

fn floor(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.float_to_int(value_of(&a[0]).floor())
}

fn ceil(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.float_to_int(value_of(&a[0]).ceil())
}

fn round(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let x = value_of(&a[0]);
    let Some(digits) = a[1].some() else {
        return match round_to_bigint(x) {
            Some(i) => Ok(Obj::int(i)),
            None => Err(vm.no_int_of(x)),
        };
    };
    let digits = match vm.index(digits)? {
        Value::Int(d) => d,
        big => {
            let is_negative = crate::vm::number::int_of(&big).is_some_and(|b| b.sign() == num_bigint::Sign::Minus);
            if is_negative { i64::MIN } else { i64::MAX }
        }
    };
    match round_half_even_digits(x, digits) {
        Some(rounded) => Ok(Value::float(rounded)),
        None => Err(vm.overflow_error("rounded value too large to represent")),
    }
}

fn format(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let x = value_of(&a[0]);
    let spec = make::str_arg(vm, &a[1], "__format__() argument")?;
    if spec.is_empty() {
        let v = a[0].clone();
        return vm.str_value(&v);
    }
    let text = format_f64(x, spec);
    vm.formatted(text).map(Value::from)
}

fn is_integer(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::bool(has_no_fraction(value_of(&a[0]))))
}

fn as_integer_ratio(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let x = value_of(&a[0]);
    match ratio_of(x) {
        Some((numerator, denominator)) => Ok(Obj::tuple([Obj::int(numerator), Obj::int(denominator)]).into()),
        None if x.is_nan() => Err(vm.value_error("cannot convert NaN to integer ratio")),
        None => Err(vm.overflow_error("cannot convert Infinity to integer ratio")),
    }
}

fn hex(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(float_hex(value_of(&a[0])).into())
}

fn fromhex(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(text) = a[1].as_str() else { return Err(vm.type_error("bad argument type for built-in operation")) };
    let x = match float_fromhex(text) {
        Ok(x) => Value::float(x),
        Err(HexError::Invalid) => return Err(vm.value_error("invalid hexadecimal floating-point string")),
        Err(HexError::TooLarge) => return Err(vm.overflow_error("hexadecimal value too large to represent as a float")),
    };
    let class = a[0].to_class().filter(|c| !c.is(&vm.types.float));
    match class {
        Some(class) => vm.call(&class.into(), &[x]),
        None => Ok(x),
    }
}

fn getnewargs(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::tuple([Value::float(value_of(&a[0]))]).into())
}

fn getformat(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match make::str_arg(vm, &a[1], "__getformat__() argument")? {
        "double" | "float" => Ok("IEEE, little-endian".into()),
        _ => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
    }
}

fn real(_: &mut Vm, v: &Value) -> R {
    Ok(Value::float(value_of(v)))
}

fn imag(_: &mut Vm, _: &Value) -> R {
    Ok(Value::float(0.0))
}

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, ""),
    Builtin::new("__repr__", "(self, /)", make::repr, ""),
    Builtin::new("__hash__", "(self, /)", rows::hash, ""),
    Builtin::new("__bool__", "(self, /)", rows::bool, ""),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, ""),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, ""),
    Builtin::new("__lt__", "(self, value, /)", rows::lt, ""),
    Builtin::new("__le__", "(self, value, /)", rows::le, ""),
    Builtin::new("__gt__", "(self, value, /)", rows::gt, ""),
    Builtin::new("__ge__", "(self, value, /)", rows::ge, ""),
    Builtin::new("__add__", "(self, value, /)", add, ""),
    Builtin::new("__radd__", "(self, value, /)", radd, ""),
    Builtin::new("__sub__", "(self, value, /)", sub, ""),
    Builtin::new("__rsub__", "(self, value, /)", rsub, ""),
    Builtin::new("__mul__", "(self, value, /)", mul, ""),
    Builtin::new("__rmul__", "(self, value, /)", rmul, ""),
    Builtin::new("__truediv__", "(self, value, /)", truediv, ""),
    Builtin::new("__rtruediv__", "(self, value, /)", rtruediv, ""),
    Builtin::new("__floordiv__", "(self, value, /)", floordiv, ""),
    Builtin::new("__rfloordiv__", "(self, value, /)", rfloordiv, ""),
    Builtin::new("__mod__", "(self, value, /)", modulo, ""),
    Builtin::new("__rmod__", "(self, value, /)", rmod, ""),
    Builtin::new("__divmod__", "(self, value, /)", divmod, ""),
    Builtin::new("__rdivmod__", "(self, value, /)", rdivmod, ""),
    Builtin::new("__pow__", "(self, value, mod=None, /)", pow, ""),
    Builtin::new("__rpow__", "(self, value, mod=None, /)", rpow, ""),
    Builtin::new("__neg__", "(self, /)", neg, ""),
    Builtin::new("__pos__", "(self, /)", pos, ""),
    Builtin::new("__abs__", "(self, /)", abs, ""),
    Builtin::new("__int__", "(self, /)", trunc, ""),
    Builtin::new("__float__", "(self, /)", itself, ""),
    Builtin::new("__trunc__", "(self, /)", trunc, ""),
    Builtin::new("__floor__", "(self, /)", floor, ""),
    Builtin::new("__ceil__", "(self, /)", ceil, ""),
    Builtin::new("__round__", "(self, ndigits=None, /)", round, ""),
    Builtin::new("__format__", "(self, format_spec, /)", format, ""),
    Builtin::new("__getnewargs__", "(self, /)", getnewargs, ""),
    Builtin::new("__getformat__", "(cls, typestr, /)", getformat, ""),
    Builtin::new("conjugate", "(self, /)", itself, "Returns the number itself."),
    Builtin::new("is_integer", "(self, /)", is_integer, "Whether the number has no fraction."),
    Builtin::new("as_integer_ratio", "(self, /)", as_integer_ratio, "Two integers whose ratio is exactly the number."),
    Builtin::new("hex", "(self, /)", hex, "The number in hexadecimal notation."),
    Builtin::new("fromhex", "(cls, string, /)", fromhex, "The number that hexadecimal notation stands for."),
];

const GETSETS: &[GetSet] = &[GetSet { name: "real", get: real, set: None }, GetSet { name: "imag", get: imag, set: None }];

/// The class `float`.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: GETSETS,
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "Convert a string or number to a floating point number, if possible.",
};
