//! `math`.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::pure::special::{self, ExactSum, MathError, SumError};
use crate::pure::{erf, float, int};
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;
use crate::vm::number::{Num, int_of};

#[cold]
fn math_error(vm: &mut Vm, error: MathError) -> Thrown {
    match error {
        MathError::Domain => vm.value_error("math domain error"),
        MathError::Range => vm.overflow_error("math range error"),
    }
}

fn checked(vm: &mut Vm, result: Result<f64, MathError>) -> R {
    match result {
        Ok(x) => Ok(Value::float(x)),
        Err(e) => Err(math_error(vm, e)),
    }
}

/// A function of one float: `nan` from a number is a domain error, infinity from a finite number a range error where
/// the function can overflow.
fn unary(vm: &mut Vm, v: &Value, function: impl Fn(f64) -> f64, can_overflow: bool) -> R {
    let x = vm.to_f64(v)?;
    let y = function(x);
    if y.is_nan() && !x.is_nan() {
        return Err(math_error(vm, MathError::Domain));
    }
    if y.is_infinite() && x.is_finite() {
        return Err(math_error(vm, if can_overflow { MathError::Range } else { MathError::Domain }));
    }
    Ok(Value::float(y))
}

macro_rules! unary_functions {
    ($($name:ident = $function:expr, $can_overflow:literal);* $(;)?) => {
        $(
            fn $name(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                unary(vm, &a[0], $function, $can_overflow)
            }
        )*
    };
}

unary_functions! {
    sqrt = f64::sqrt, false; cbrt = f64::cbrt, false;
    exp = f64::exp, true; exp2 = f64::exp2, true; expm1 = f64::exp_m1, true; log1p = f64::ln_1p, false;
    sin = f64::sin, false; cos = f64::cos, false; tan = f64::tan, false;
    asin = f64::asin, false; acos = f64::acos, false; atan = f64::atan, false;
    sinh = f64::sinh, true; cosh = f64::cosh, true; tanh = f64::tanh, false;
    asinh = special::asinh, false; acosh = special::acosh, false; atanh = special::atanh, false;
    fabs = f64::abs, false; erf = erf::erf, false; erfc = erf::erfc, false;
    degrees = |x| x * (180.0 / std::f64::consts::PI), true; radians = |x| x * (std::f64::consts::PI / 180.0), true;
}

fn gamma(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let x = vm.to_f64(&a[0])?;
    checked(vm, special::gamma(x))
}

fn lgamma(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let x = vm.to_f64(&a[0])?;
    checked(vm, special::lgamma(x))
}

fn ulp(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.to_f64(&a[0]).map(|x| Value::float(special::ulp(x)))
}

fn isfinite(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.to_f64(&a[0]).map(|x| Value::bool(x.is_finite()))
}

fn isinf(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.to_f64(&a[0]).map(|x| Value::bool(x.is_infinite()))
}

fn isnan(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.to_f64(&a[0]).map(|x| Value::bool(x.is_nan()))
}

fn pair(vm: &mut Vm, a: &[Value]) -> R<(f64, f64)> {
    Ok((vm.to_f64(&a[0])?, vm.to_f64(&a[1])?))
}

fn atan2(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    pair(vm, a).map(|(y, x)| Value::float(y.atan2(x)))
}

fn copysign(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    pair(vm, a).map(|(x, y)| Value::float(x.copysign(y)))
}

fn nextafter(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    pair(vm, a).map(|(x, y)| Value::float(special::next_after(x, y)))
}

fn fmod(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (x, y) = pair(vm, a)?;
    let rest = x % y;
    checked(vm, if rest.is_nan() && !x.is_nan() && !y.is_nan() { Err(MathError::Domain) } else { Ok(rest) })
}

fn remainder(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (x, y) = pair(vm, a)?;
    checked(vm, special::remainder(x, y).ok_or(MathError::Domain))
}

fn pow(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (x, y) = pair(vm, a)?;
    let power = x.powf(y);
    let result = if !x.is_finite() || !y.is_finite() || power.is_finite() {
        Ok(power)
    } else if power.is_nan() || x == 0.0 {
        Err(MathError::Domain)
    } else {
        Err(MathError::Range)
    };
    checked(vm, result)
}

fn modf(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let x = vm.to_f64(&a[0])?;
    let fraction = if x.is_infinite() { 0.0_f64.copysign(x) } else { (x - x.trunc()).copysign(x) };
    Ok(Obj::tuple([Value::float(fraction), Value::float(x.trunc())]).into())
}

fn frexp(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (mantissa, exponent) = float::frexp(vm.to_f64(&a[0])?);
    Ok(Obj::tuple([Value::float(mantissa), Value::Int(i64::from(exponent))]).into())
}

fn ldexp(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let x = vm.to_f64(&a[0])?;
    let exponent = match int_of(&a[1]) {
        Some(e) => e.to_i64().unwrap_or(if e.is_negative() { i64::MIN } else { i64::MAX }),
        None => return Err(vm.type_error("Expected an int as second argument to ldexp.")),
    };
    let y = float::ldexp(x, exponent);
    checked(vm, if y.is_infinite() && x.is_finite() { Err(MathError::Range) } else { Ok(y) })
}

// ---- logarithms ---------------------------------------------------------------------------------------------

/// A logarithm of a float or of an integer of any size.
fn logarithm(vm: &mut Vm, v: &Value, log: fn(f64) -> f64) -> R<f64> {
    if let Some(Num::Big(n)) = Num::of(v.native()) {
        if n.is_negative() {
            return Err(math_error(vm, MathError::Domain));
        }
        return Ok(match float::bigint_to_f64(n) {
            Some(x) => log(x),
            None => {
                let shift = n.bits();
                let mantissa = float::divide_bigints(n, &(BigInt::from(1) << shift)).unwrap_or_default();
                log(mantissa) + log(2.0) * shift as f64
            }
        });
    }
    let x = vm.to_f64(v)?;
    if x <= 0.0 { Err(math_error(vm, MathError::Domain)) } else { Ok(log(x)) }
}

fn log(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if !(1..=2).contains(&n) {
        return Err(vm.type_error("math.log requires 1 to 2 arguments"));
    }
    let x = logarithm(vm, &a[0], f64::ln)?;
    let Some(base) = a.get(1).filter(|_| n == 2) else { return Ok(Value::float(x)) };
    let base = logarithm(vm, base, f64::ln)?;
    if base == 0.0 {
        return Err(vm.zero_division("float division by zero"));
    }
    Ok(Value::float(x / base))
}

fn log2(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    logarithm(vm, &a[0], f64::log2).map(Value::float)
}

fn log10(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    logarithm(vm, &a[0], f64::log10).map(Value::float)
}

// ---- integers -----------------------------------------------------------------------------------------------

/// The result of a rounding method of the argument's class.
fn rounding_method(vm: &mut Vm, v: &Value, name: &Ref) -> R<Option<Value>> {
    if v.obj().is_none() {
        return Ok(None);
    }
    match vm.class_of(v).lookup(name) {
        Some(method) => vm.run_special(&method, v, &[]).map(Some),
        None => Ok(None),
    }
}

fn round_with(vm: &mut Vm, v: &Value, name: &Ref, function: fn(f64) -> f64) -> R {
    match v {
        Value::Int(_) => return Ok(v.clone()),
        Value::Float(f) => return vm.float_to_int(function(f.get())),
        _ => {}
    }
    if let Some(result) = rounding_method(vm, v, name)? {
        return Ok(result);
    }
    let x = vm.to_f64(v)?;
    vm.float_to_int(function(x))
}

fn floor(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = vm.names.floor.clone();
    round_with(vm, &a[0], &name, f64::floor)
}

fn ceil(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = vm.names.ceil.clone();
    round_with(vm, &a[0], &name, f64::ceil)
}

fn trunc(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match &a[0] {
        Value::Float(f) => return vm.float_to_int(f.get()),
        Value::Int(_) => return Ok(a[0].clone()),
        Value::True | Value::False => return vm.index(&a[0]),
        _ => {}
    }
    let name = vm.names.trunc.clone();
    match rounding_method(vm, &a[0], &name)? {
        Some(result) => Ok(result),
        None => {
            let text = format!("type {} doesn't define __trunc__ method", vm.class_name(&a[0]));
            Err(vm.type_error(&text))
        }
    }
}

fn factorial(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let n = vm.index_big(&a[0])?;
    if n.is_negative() {
        return Err(vm.value_error("factorial() not defined for negative values"));
    }
    match n.to_i64() {
        Some(n) if n < 1 << 27 => Ok(Obj::int(int::factorial(n as u64))),
        Some(_) => Err(vm.memory_error("")),
        None => Err(vm.overflow_error("factorial() argument should not exceed 9223372036854775807")),
    }
}

fn non_negative(vm: &mut Vm, v: &Value, name: &str) -> R<BigInt> {
    let n = vm.index_big(v)?;
    if n.is_negative() { Err(vm.value_error(&format!("{name} must be a non-negative integer"))) } else { Ok(n) }
}

fn comb(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (n, k) = (vm.index_big(&a[0])?, vm.index_big(&a[1])?);
    let n = non_negative(vm, &Obj::int(n), "n")?;
    let k = non_negative(vm, &Obj::int(k), "k")?;
    if k > n {
        return Ok(Value::Int(0));
    }
    let rest = &n - &k;
    match rest.min(k).to_i64() {
        Some(k) => Ok(Obj::int(int::comb(&n, k as u64))),
        None => Err(vm.overflow_error("min(n - k, k) must not exceed 9223372036854775807")),
    }
}

fn perm(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if a[1].some().is_none() {
        return factorial(vm, a, n);
    }
    let (n, k) = (vm.index_big(&a[0])?, vm.index_big(&a[1])?);
    let n = non_negative(vm, &Obj::int(n), "n")?;
    let k = non_negative(vm, &Obj::int(k), "k")?;
    if k > n {
        return Ok(Value::Int(0));
    }
    match k.to_i64() {
        Some(k) => Ok(Obj::int(int::perm(&n, k as u64))),
        None => Err(vm.overflow_error("k must not exceed 9223372036854775807")),
    }
}

fn isqrt(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match vm.index(&a[0])? {
        Value::Int(n) if n >= 0 => Ok(Value::Int(num_integer::Roots::sqrt(&n))),
        n => match int_of(&n).and_then(|n| int::isqrt(&n)) {
            Some(root) => Ok(Obj::int(root)),
            None => Err(vm.value_error("isqrt() argument must be nonnegative")),
        },
    }
}

fn gcd(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let mut result = BigInt::zero();
    let mut small = 0_u64;
    for v in a.get(..n).unwrap_or_default() {
        match vm.index(v)? {
            Value::Int(i) => small = small.gcd(&i.unsigned_abs()),
            big => result = int_of(&big).map(|b| int::gcd(&result, &b)).unwrap_or_default(),
        }
    }
    Ok(Obj::int(if result.is_zero() { BigInt::from(small) } else { int::gcd(&result, &BigInt::from(small)) }))
}

fn lcm(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let mut result = BigInt::from(1);
    for v in a.get(..n).unwrap_or_default() {
        let next = vm.index_big(v)?;
        result = int::lcm(&result, &next);
    }
    Ok(Obj::int(result))
}

// ---- many numbers -------------------------------------------------------------------------------------------

fn prod(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut product = if a[1].is_unbound() { Value::Int(1) } else { a[1].take() };
    let items = a[0].take();
    vm.for_each(&items, |vm, item| {
        product = vm.mul(&product, &item)?;
        Ok(true)
    })?;
    Ok(product)
}

fn fsum(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let items = a[0].take();
    let mut sum = ExactSum::default();
    vm.for_each(&items, |vm, item| {
        let x = vm.to_f64(&item)?;
        sum.add(x).map_err(|e| sum_error(vm, e))?;
        Ok(true)
    })?;
    match sum.finish() {
        Ok(x) => Ok(Value::float(x)),
        Err(e) => Err(sum_error(vm, e)),
    }
}

#[cold]
fn sum_error(vm: &mut Vm, error: SumError) -> Thrown {
    match error {
        SumError::Overflow => vm.overflow_error("intermediate overflow in fsum"),
        SumError::Infinities => vm.value_error("-inf + inf in fsum"),
    }
}

fn hypot(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let mut vector = Vec::with_capacity(n);
    for v in a.get(..n).unwrap_or_default() {
        vector.push(vm.to_f64(v)?.abs());
    }
    Ok(Value::float(special::norm(&mut vector)))
}

fn coordinates(vm: &mut Vm, v: &Value) -> R<Vec<Value>> {
    match v.kind() {
        Some(Kind::Tuple(t)) => Ok(t.to_vec()),
        _ => vm.collect(v),
    }
}

fn dist(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (p, q) = (coordinates(vm, &a[0])?, coordinates(vm, &a[1])?);
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let mut vector = Vec::with_capacity(p.len());
    for (x, y) in p.iter().zip(&q) {
        let (x, y) = (vm.to_f64(x)?, vm.to_f64(y)?);
        vector.push((x - y).abs());
    }
    Ok(Value::float(special::norm(&mut vector)))
}

fn isclose(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (x, y) = pair(vm, a)?;
    let mut tolerance = |i: usize, default: f64| match a.get(i).and_then(Value::given) {
        Some(v) => vm.to_f64(v),
        None => Ok(default),
    };
    let (relative, absolute) = (tolerance(2, 1e-9)?, tolerance(3, 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if x == y {
        return Ok(Value::True);
    }
    if x.is_infinite() || y.is_infinite() {
        return Ok(Value::False);
    }
    let distance = (y - x).abs();
    Ok(Value::bool(distance <= (relative * y).abs() || distance <= (relative * x).abs() || distance <= absolute))
}

/// The functions of `math`.
pub const FUNCTIONS: &[Builtin] = &[
    Builtin::new("acos", "(x, /)", acos, "The arc cosine, between 0 and pi."),
    Builtin::new("acosh", "(x, /)", acosh, "The inverse hyperbolic cosine."),
    Builtin::new("asin", "(x, /)", asin, "The arc sine, between -pi/2 and pi/2."),
    Builtin::new("asinh", "(x, /)", asinh, "The inverse hyperbolic sine."),
    Builtin::new("atan", "(x, /)", atan, "The arc tangent, between -pi/2 and pi/2."),
    Builtin::new("atan2", "(y, x, /)", atan2, "The arc tangent of y/x, by the signs of both."),
    Builtin::new("atanh", "(x, /)", atanh, "The inverse hyperbolic tangent."),
    Builtin::new("cbrt", "(x, /)", cbrt, "The cube root."),
    Builtin::new("ceil", "(x, /)", ceil, "The smallest integer that is not below x."),
    Builtin::new("comb", "(n, k, /)", comb, "The number of ways to choose k of n things."),
    Builtin::new("copysign", "(x, y, /)", copysign, "The magnitude of x with the sign of y."),
    Builtin::new("cos", "(x, /)", cos, "The cosine of an angle in radians."),
    Builtin::new("cosh", "(x, /)", cosh, "The hyperbolic cosine."),
    Builtin::new("degrees", "(x, /)", degrees, "An angle in radians as degrees."),
    Builtin::new("dist", "(p, q, /)", dist, "The distance of two points."),
    Builtin::new("erf", "(x, /)", erf, "The error function."),
    Builtin::new("erfc", "(x, /)", erfc, "One less the error function."),
    Builtin::new("exp", "(x, /)", exp, "e to the power of x."),
    Builtin::new("exp2", "(x, /)", exp2, "2 to the power of x."),
    Builtin::new("expm1", "(x, /)", expm1, "exp(x) - 1, exact for small x."),
    Builtin::new("fabs", "(x, /)", fabs, "The absolute value as a float."),
    Builtin::new("factorial", "(n, /)", factorial, "The product of the integers from 1 to n."),
    Builtin::new("floor", "(x, /)", floor, "The largest integer that is not above x."),
    Builtin::new("fmod", "(x, y, /)", fmod, "The rest of x/y with the sign of x."),
    Builtin::new("frexp", "(x, /)", frexp, "The mantissa and exponent of x."),
    Builtin::new("fsum", "(seq, /)", fsum, "The sum of floats, rounded once."),
    Builtin::new("gamma", "(x, /)", gamma, "The gamma function."),
    Builtin::new("gcd", "(*integers)", gcd, "The greatest common divisor."),
    Builtin::new("hypot", "(*coordinates)", hypot, "The distance from the origin."),
    Builtin::new("isclose", "(a, b, *, rel_tol=1e-09, abs_tol=0.0)", isclose, "Whether two floats are nearly equal."),
    Builtin::new("isfinite", "(x, /)", isfinite, "Whether x is neither infinite nor nan."),
    Builtin::new("isinf", "(x, /)", isinf, "Whether x is infinite."),
    Builtin::new("isnan", "(x, /)", isnan, "Whether x is nan."),
    Builtin::new("isqrt", "(n, /)", isqrt, "The integer part of the square root."),
    Builtin::new("lcm", "(*integers)", lcm, "The least common multiple."),
    Builtin::new("ldexp", "(x, i, /)", ldexp, "x times 2 to the power of i."),
    Builtin::new("lgamma", "(x, /)", lgamma, "The logarithm of the gamma function's absolute value."),
    Builtin::new("log", "(*args)", log, "The logarithm to a base, or to e."),
    Builtin::new("log10", "(x, /)", log10, "The logarithm to base 10."),
    Builtin::new("log1p", "(x, /)", log1p, "log(1 + x), exact for small x."),
    Builtin::new("log2", "(x, /)", log2, "The logarithm to base 2."),
    Builtin::new("modf", "(x, /)", modf, "The fraction and the integer part of x, both as floats."),
    Builtin::new("nextafter", "(x, y, /)", nextafter, "The next float after x towards y."),
    Builtin::new("perm", "(n, k=None, /)", perm, "The number of ways to choose k of n things in order."),
    Builtin::new("pow", "(x, y, /)", pow, "x to the power of y, as floats."),
    Builtin::new("prod", "(iterable, /, *, start=1)", prod, "The product of numbers."),
    Builtin::new("radians", "(x, /)", radians, "An angle in degrees as radians."),
    Builtin::new("remainder", "(x, y, /)", remainder, "The rest of x less the nearest multiple of y."),
    Builtin::new("sin", "(x, /)", sin, "The sine of an angle in radians."),
    Builtin::new("sinh", "(x, /)", sinh, "The hyperbolic sine."),
    Builtin::new("sqrt", "(x, /)", sqrt, "The square root."),
    Builtin::new("tan", "(x, /)", tan, "The tangent of an angle in radians."),
    Builtin::new("tanh", "(x, /)", tanh, "The hyperbolic tangent."),
    Builtin::new("trunc", "(x, /)", trunc, "The integer part of x."),
    Builtin::new("ulp", "(x, /)", ulp, "The value of the last bit of x."),
];

/// The constants of `math`.
pub fn constants() -> Vec<(&'static str, Value)> {
    use std::f64::consts::{E, PI, TAU};
    [("pi", PI), ("e", E), ("tau", TAU), ("inf", f64::INFINITY), ("nan", f64::NAN)].map(|(name, x)| (name, Value::float(x))).into()
}

/// The names of `math`.
pub fn namespace(_: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = super::functions(FUNCTIONS, "math");
    names.extend(constants());
    names
}
