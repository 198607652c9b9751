//! `complex`.

use crate::pure::float_text::parse_f64;
use crate::pure::format_value::format_complex;
use crate::syntax::ast::{BinOp, UnaryOp};
use crate::types::number_rows::{self, Family, operators};
use crate::types::{make, rows};
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::number::{Num, complex_value};
use crate::vm::types::TypeDef;

operators! { Complex; add radd Add, sub rsub Sub, mul rmul Mul, truediv rtruediv Div }

fn pow(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if a[2].some().is_some() {
        return Err(vm.value_error("complex modulo"));
    }
    number_rows::operate(vm, a, Family::Complex, BinOp::Pow, false)
}

fn rpow(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    number_rows::operate(vm, a, Family::Complex, BinOp::Pow, true)
}

fn neg(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    number_rows::unary(vm, a, UnaryOp::Neg)
}

fn pos(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    number_rows::unary(vm, a, UnaryOp::Pos)
}

static NEW: Builtin = Builtin::new("complex", "(real=0, imag=0)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(text) = a[0].as_str() {
        if a[1].given().is_some() {
            return Err(vm.type_error("complex() can't take second arg if first is a string"));
        }
        return match parse(text) {
            Some(z) => Ok(complex_value(z)),
            None => Err(vm.value_error("complex() arg is a malformed string")),
        };
    }
    if a[1].as_str().is_some() {
        return Err(vm.type_error("complex() second arg can't be a string"));
    }
    if matches!(a[0].kind(), Some(Kind::Complex(..))) && a[1].is_unbound() {
        return Ok(a[0].clone());
    }
    let (mut re, mut im) = match a[0].given() {
        Some(v) => part(vm, v, "first argument must be a string or a number")?,
        None => (0.0, 0.0),
    };
    if let Some(v) = a[1].given() {
        let is_complex = matches!(v.native_kind(), Some(Kind::Complex(..)));
        let (x, y) = part(vm, v, "second argument must be a number")?;
        if is_complex {
            re -= y;
        }
        let is_first_complex = matches!(a[0].native_kind(), Some(Kind::Complex(..)));
        im = if is_first_complex { im + x } else { x };
    }
    Ok(complex_value((re, im)))
}

/// An argument as a complex number: by `__complex__`, `__float__` or `__index__`.
fn part(vm: &mut Vm, v: &Value, wanted: &str) -> R<(f64, f64)> {
    let name = vm.names.complex.clone();
    if let Some(method) = vm.special(v, &name) {
        let result = vm.run_special(&method, v, &[])?;
        if let Some(Num::Complex(re, im)) = Num::of(result.native()) {
            return Ok((re, im));
        }
        let text = format!("__complex__ returned non-complex (type {})", vm.class_name(&result));
        return Err(vm.type_error(&text));
    }
    if let Some(Num::Complex(re, im)) = Num::of(v.native()) {
        return Ok((re, im));
    }
    match vm.number_f64(v)? {
        Some(x) => Ok((x, 0.0)),
        None => {
            let text = format!("complex() {wanted}, not '{}'", vm.class_name(v));
            Err(vm.type_error(&text))
        }
    }
}

/// Reads `1`, `2j`, `1+2j`, with white space around and one pair of parentheses.
fn parse(text: &str) -> Option<(f64, f64)> {
    let text = text.trim_matches(crate::pure::chars::is_space);
    let text = match text.strip_prefix('(') {
        Some(rest) => rest.strip_suffix(')')?.trim_matches(crate::pure::chars::is_space),
        None => text,
    };
    if text.contains(crate::pure::chars::is_space) {
        return None;
    }
    let Some(body) = text.strip_suffix(['j', 'J']) else { return parse_f64(text).map(|re| (re, 0.0)) };
    let split = body.char_indices().rev().find(|(i, c)| matches!(c, '+' | '-') && *i > 0 && !body[..*i].ends_with(['e', 'E'])).map_or(0, |(i, _)| i);
    let (re, im) = body.split_at(split);
    let im = match im {
        "" | "+" => 1.0,
        "-" => -1.0,
        im => parse_f64(im)?,
    };
    Some((if re.is_empty() { 0.0 } else { parse_f64(re)? }, im))
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.complex.clone();
    make::new_from_call(vm, a, n, &owner)
}

fn parts(v: &Value) -> (f64, f64) {
    match Num::of(v.native()) {
        Some(Num::Complex(re, im)) => (re, im),
        _ => (0.0, 0.0),
    }
}

fn abs(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (re, im) = parts(&a[0]);
    let length = re.hypot(im);
    if length.is_infinite() && re.is_finite() && im.is_finite() {
        return Err(vm.overflow_error("absolute value too large"));
    }
    Ok(Value::float(length))
}

fn conjugate(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (re, im) = parts(&a[0]);
    Ok(complex_value((re, -im)))
}

fn itself(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(complex_value(parts(&a[0])))
}

fn format(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (re, im) = parts(&a[0]);
    let spec = make::str_arg(vm, &a[1], "__format__() argument")?;
    if spec.is_empty() {
        return vm.str_value(&a[0]);
    }
    let text = format_complex(re, im, spec);
    vm.formatted(text).map(Value::from)
}

fn getnewargs(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (re, im) = parts(&a[0]);
    Ok(Obj::tuple([Value::float(re), Value::float(im)]).into())
}

fn real(_: &mut Vm, v: &Value) -> R {
    Ok(Value::float(parts(v).0))
}

fn imag(_: &mut Vm, v: &Value) -> R {
    Ok(Value::float(parts(v).1))
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
    Builtin::new("__pow__", "(self, value, mod=None, /)", pow, ""),
    Builtin::new("__rpow__", "(self, value, mod=None, /)", rpow, ""),
    Builtin::new("__neg__", "(self, /)", neg, ""),
    Builtin::new("__pos__", "(self, /)", pos, ""),
    Builtin::new("__abs__", "(self, /)", abs, ""),
    Builtin::new("__complex__", "(self, /)", itself, ""),
    Builtin::new("__format__", "(self, format_spec, /)", format, ""),
    Builtin::new("__getnewargs__", "(self, /)", getnewargs, ""),
    Builtin::new("conjugate", "(self, /)", conjugate, "The number with the imaginary part negated."),
];

const GETSETS: &[GetSet] = &[GetSet { name: "real", get: real, set: Some(rows::read_only) }, GetSet { name: "imag", get: imag, set: Some(rows::read_only) }];

/// The class `complex`.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: GETSETS,
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "Create a complex number from a string or numbers.",
};
