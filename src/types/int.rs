//! `int`: conversion from everything, bytes, rounding, and the operators as methods.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

use crate::pure::float::f64_to_bigint;
use crate::pure::int as pure;
use crate::pure::int_text::{ByteOrder, IntError, from_bytes as bytes_to_int, parse_int, to_bytes as int_to_bytes};
use crate::pure::{format_value, repr as text_repr};
use crate::syntax::ast::{BinOp, UnaryOp};
use crate::types::number_rows::{self, Family, operators, other_operators};
use crate::types::{make, rows};
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::{Kind, Obj, R, Thrown, Value};
use crate::vm::Vm;
use crate::vm::number::{Num, int_of};
use crate::vm::types::TypeDef;

operators! { Int;
    add radd Add, sub rsub Sub, mul rmul Mul, truediv rtruediv Div, floordiv rfloordiv FloorDiv, modulo rmod Mod,
    lshift rlshift Shl, rshift rrshift Shr, and rand And, or ror Or, xor rxor Xor,
}
other_operators! { Int }

fn invert(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    number_rows::unary(vm, a, UnaryOp::Invert)
}

static NEW: Builtin = Builtin::new("int", "(x=0, /, base=10)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match (&a[0], &a[1]) {
        (Value::Int(_), Value::Unbound) => Ok(a[0].take()),
        (Value::Unbound, Value::Unbound) => Ok(Value::Int(0)),
        (Value::Unbound, _) => Err(vm.type_error("int() missing string argument")),
        (x, Value::Unbound) => vm.to_int(x),
        (x, base) => {
            let base = match vm.index(base)? {
                Value::Int(b) if b == 0 || (2..=36).contains(&b) => b as u32,
                _ => return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0")),
            };
            match text_of(x) {
                Some(text) => vm.parse_int(&text, base, x),
                None => Err(vm.type_error("int() can't convert non-string with explicit base")),
            }
        }
    }
}

/// The text of a string, or of bytes that `int` and `float` read as one.
pub fn text_of(v: &Value) -> Option<String> {
    match v.native_kind()? {
        Kind::Str(s) => Some(s.as_str().to_owned()),
        Kind::Bytes(b) => Some(b.iter().map(|b| char::from(*b)).map(ascii_or_junk).collect()),
        Kind::ByteArray(_) | Kind::Native(_) => Some(super::bytes::bytes_of(v)?.into_iter().map(char::from).map(ascii_or_junk).collect()),
        _ => None,
    }
}

/// Bytes beyond ASCII are neither digits nor white space.
fn ascii_or_junk(c: char) -> char {
    if c.is_ascii() { c } else { '?' }
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.int.clone();
    make::new_from_call(vm, a, n, &owner)
}

impl Vm {
    /// `int(text, base)`; `shown` is what the error message shows.
    fn parse_int(&mut self, text: &str, base: u32, shown: &Value) -> R {
        if base == 10
            && text.len() < 19
            && !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_digit())
            && let Ok(i) = text.parse()
        {
            return Ok(Value::Int(i));
        }
        let limit = self.int_digits;
        match parse_int(text, base, limit) {
            Ok(i) => Ok(i.into()),
            Err(IntError::Invalid) => {
                let shown = match super::bytes::bytes_of(shown) {
                    Some(bytes) => self.repr(&Obj::bytes(bytes).into())?,
                    None => self.repr(&shown.native().clone())?,
                };
                let shown: String = shown.chars().take(200).collect();
                Err(self.value_error(&format!("invalid literal for int() with base {base}: {shown}")))
            }
            Err(e) => Err(self.value_error(&e.message(limit).unwrap_or_default())),
        }
    }

    /// `int(x)`.
    pub fn to_int(&mut self, x: &Value) -> R {
        match Num::of(x) {
            Some(Num::Int(i)) => return Ok(Value::Int(i)),
            Some(Num::Big(_)) => return Ok(x.clone()),
            Some(Num::Float(f)) => return self.float_to_int(f),
            Some(Num::Complex(..)) | None => {}
        }
        if matches!(x.kind(), Some(Kind::Str(_))) {
            return self.parse_int(&text_of(x).unwrap_or_default(), 10, x);
        }
        let names = self.names.clone();
        if x.obj().is_some() {
            if let Some(method) = self.class_of(x).lookup(&names.int) {
                let result = self.run_special(&method, x, &[])?;
                return match int_of(&result) {
                    Some(i) => Ok(Obj::int(i.into_owned())),
                    None => {
                        let text = format!("__int__ returned non-int (type {})", self.class_name(&result));
                        Err(self.type_error(&text))
                    }
                };
            }
            if self.class_of(x).lookup(&names.index).is_some() {
                return self.index(x);
            }
            if let Some(method) = self.class_of(x).lookup(&names.trunc) {
                let result = self.run_special(&method, x, &[])?;
                if self.has_index(&result) {
                    return self.index(&result);
                }
                let text = format!("__trunc__ returned non-Integral (type {})", self.class_name(&result));
                return Err(self.type_error(&text));
            }
        }
        match text_of(x) {
            Some(text) => self.parse_int(&text, 10, x),
            None => {
                let text = format!("int() argument must be a string, a bytes-like object or a real number, not '{}'", self.class_name(x));
                Err(self.type_error(&text))
            }
        }
    }

    /// The integer part of a float.
    pub fn float_to_int(&mut self, f: f64) -> R {
        if f.abs() < 9e18 {
            return Ok(Value::Int(f as i64));
        }
        match f64_to_bigint(f) {
            Some(i) => Ok(Obj::int(i)),
            None => Err(self.no_int_of(f)),
        }
    }

    /// The complaint about an infinity or `nan` where an integer is wanted.
    #[cold]
    pub fn no_int_of(&mut self, f: f64) -> Thrown {
        if f.is_nan() { self.value_error("cannot convert float NaN to integer") } else { self.overflow_error("cannot convert float infinity to integer") }
    }
}

/// The receiver as an integer of any size.
fn receiver(a: &[Value]) -> BigInt {
    a.first().and_then(int_of).map(std::borrow::Cow::into_owned).unwrap_or_default()
}

/// The integer itself, of type `int`.
fn itself(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::int(receiver(a)))
}

fn round(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(digits) = a[1].some() else { return itself(vm, a, 1) };
    let digits = vm.index_big(digits)?;
    let n = receiver(a);
    if !digits.is_negative() {
        return Ok(Obj::int(n));
    }
    let Some(places) = digits.magnitude().to_u32().filter(|p| u64::from(*p) <= n.bits()) else { return Ok(Value::Int(0)) };
    let unit = BigInt::from(10).pow(places);
    let (quotient, rest) = n.div_mod_floor(&unit);
    let twice: BigInt = rest * 2;
    let up = twice > unit || (twice == unit && quotient.is_odd());
    Ok(Obj::int((quotient + i32::from(up)) * unit))
}

fn format(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let v = a[0].native().clone();
    let spec = make::str_arg(vm, &a[1], "__format__() argument")?;
    if spec.is_empty() {
        let v = a[0].clone();
        return vm.str_value(&v);
    }
    let name = if matches!(v, Value::True | Value::False) { "bool" } else { "int" };
    let text = match v.kind() {
        Some(Kind::Big(b)) => format_value::format_big(b, spec, name),
        _ => format_value::format_big(&receiver(a), spec, name),
    };
    vm.formatted(text).map(Value::from)
}

fn bit_length(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::Int(pure::bit_length_big(&receiver(a)) as i64))
}

fn bit_count(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::Int(pure::bit_count_big(&receiver(a)) as i64))
}

fn as_integer_ratio(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::tuple([Obj::int(receiver(a)), Value::Int(1)]).into())
}

fn abs(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::int(receiver(a).abs()))
}

fn float(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let v = a[0].native().clone();
    vm.to_f64(&v).map(Value::float)
}

fn getnewargs(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::tuple([Obj::int(receiver(a))]).into())
}

fn sizeof(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::Int(24 + 4 * (receiver(a).bits().div_ceil(30) as i64).max(1)))
}

fn byte_order(vm: &mut Vm, v: &Value, what: &str) -> R<ByteOrder> {
    let Some(v) = v.given() else { return Ok(ByteOrder::Big) };
    match make::str_arg(vm, v, &format!("{what}() argument 'byteorder'"))? {
        "little" => Ok(ByteOrder::Little),
        "big" => Ok(ByteOrder::Big),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

fn is_signed(vm: &mut Vm, v: &Value) -> R<bool> {
    match v.given() {
        Some(v) => vm.truth(v),
        None => Ok(false),
    }
}

fn to_bytes(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let length = match a[1].given() {
        Some(v) => vm.ssize_arg(v)?,
        None => 1,
    };
    let order = byte_order(vm, &a[2], "to_bytes")?;
    let signed = is_signed(vm, &a[3])?;
    let Ok(length) = usize::try_from(length) else { return Err(vm.value_error("length argument must be non-negative")) };
    match int_to_bytes(&receiver(a), length, order, signed) {
        Ok(bytes) => Ok(Obj::bytes(bytes).into()),
        Err(e) => Err(vm.overflow_error(e.message())),
    }
}

fn from_bytes(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let order = byte_order(vm, &a[2], "from_bytes")?;
    let signed = is_signed(vm, &a[3])?;
    let bytes = crate::types::bytes::bytes_from(vm, &a[1])?;
    let n: Value = bytes_to_int(&bytes, order, signed).into();
    let class = a[0].to_class().filter(|c| !c.is(&vm.types.int));
    match class {
        Some(class) => vm.call(&class.into(), &[n]),
        None => Ok(n),
    }
}

fn real(_: &mut Vm, v: &Value) -> R {
    Ok(Obj::int(int_of(v).map(std::borrow::Cow::into_owned).unwrap_or_default()))
}

fn imag(_: &mut Vm, _: &Value) -> R {
    Ok(Value::Int(0))
}

fn denominator(_: &mut Vm, _: &Value) -> R {
    Ok(Value::Int(1))
}

/// `bin`, `oct` and `hex` of an index.
pub fn prefixed(vm: &mut Vm, v: &Value, base: u32) -> R {
    let n = vm.index_big(v)?;
    Ok(crate::pure::int_text::to_prefixed(&n, base).into())
}

/// `ascii(v)`.
pub fn ascii(vm: &mut Vm, v: &Value) -> R {
    Ok(text_repr::escape_non_ascii(&vm.repr(v)?).into())
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
    Builtin::new("__lshift__", "(self, value, /)", lshift, ""),
    Builtin::new("__rlshift__", "(self, value, /)", rlshift, ""),
    Builtin::new("__rshift__", "(self, value, /)", rshift, ""),
    Builtin::new("__rrshift__", "(self, value, /)", rrshift, ""),
    Builtin::new("__and__", "(self, value, /)", and, ""),
    Builtin::new("__rand__", "(self, value, /)", rand, ""),
    Builtin::new("__or__", "(self, value, /)", or, ""),
    Builtin::new("__ror__", "(self, value, /)", ror, ""),
    Builtin::new("__xor__", "(self, value, /)", xor, ""),
    Builtin::new("__rxor__", "(self, value, /)", rxor, ""),
    Builtin::new("__neg__", "(self, /)", neg, ""),
    Builtin::new("__pos__", "(self, /)", pos, ""),
    Builtin::new("__invert__", "(self, /)", invert, ""),
    Builtin::new("__abs__", "(self, /)", abs, ""),
    Builtin::new("__int__", "(self, /)", itself, ""),
    Builtin::new("__index__", "(self, /)", itself, ""),
    Builtin::new("__trunc__", "(self, /)", itself, ""),
    Builtin::new("__floor__", "(self, /)", itself, ""),
    Builtin::new("__ceil__", "(self, /)", itself, ""),
    Builtin::new("__float__", "(self, /)", float, ""),
    Builtin::new("__round__", "(self, ndigits=None, /)", round, ""),
    Builtin::new("__format__", "(self, format_spec, /)", format, ""),
    Builtin::new("__getnewargs__", "(self, /)", getnewargs, ""),
    Builtin::new("__sizeof__", "(self, /)", sizeof, ""),
    Builtin::new("conjugate", "(self, /)", itself, "Returns the number itself."),
    Builtin::new("bit_length", "(self, /)", bit_length, "The number of bits needed without sign and leading zeros."),
    Builtin::new("bit_count", "(self, /)", bit_count, "The number of ones in the binary representation of the absolute value."),
    Builtin::new("as_integer_ratio", "(self, /)", as_integer_ratio, "The number and 1."),
    Builtin::new("to_bytes", "(self, /, length=1, byteorder='big', *, signed=False)", to_bytes, "The number as bytes."),
    Builtin::new("from_bytes", "(cls, /, bytes, byteorder='big', *, signed=False)", from_bytes, "The number that bytes stand for."),
];

const GETSETS: &[GetSet] = &[
    GetSet { name: "real", get: real, set: None },
    GetSet { name: "imag", get: imag, set: None },
    GetSet { name: "numerator", get: real, set: None },
    GetSet { name: "denominator", get: denominator, set: None },
];

/// The class `int`.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: GETSETS,
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or string to an integer, or return 0 if no arguments\nare given.",
};
