//! Real-valued distributions, drawn and rounded as CPython does it: the methods are those of the literature that the
//! documentation of `random` names.

use std::f64::consts::{E, PI, TAU};

use super::draw::Draw;
use crate::pure::float;
use crate::syntax::ast::BinOp;
use crate::value::func::Builtin;
use crate::value::{R, Value};
use crate::vm::Vm;

/// An optional argument as a float.
fn real(vm: &mut Vm, v: &Value, default: f64) -> R<f64> {
    if v.is_unbound() { Ok(default) } else { vm.to_f64(v) }
}

fn uniform(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let draw = Draw::new(vm, &a[0]);
    let width = vm.binary(BinOp::Sub, &a[2], &a[1])?;
    let drawn = Value::float(draw.random(vm)?);
    let part = vm.binary(BinOp::Mul, &width, &drawn)?;
    vm.binary(BinOp::Add, &a[1], &part)
}

fn triangular(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let drawn = Draw::new(vm, &a[0]).random(vm)?;
    let (low, high) = (real(vm, &a[1], 0.0)?, real(vm, &a[2], 1.0)?);
    let peak = match a[3].some() {
        None => 0.5,
        Some(_) if high == low => return Ok(if a[1].is_unbound() { Value::float(0.0) } else { a[1].clone() }),
        Some(mode) => (vm.to_f64(&mode.clone())? - low) / (high - low),
    };
    let (drawn, peak, from, to) = if drawn > peak { (1.0 - drawn, 1.0 - peak, high, low) } else { (drawn, peak, low, high) };
    Ok(Value::float(from + (to - from) * (drawn * peak).sqrt()))
}

// ---- the normal distribution and its relatives ------------------------------------------------------------------

/// Kinderman and Monahan: a ratio of two uniform numbers.
fn normal(vm: &mut Vm, draw: &Draw, mu: f64, sigma: f64) -> R<f64> {
    let factor = 4.0 * (-0.5_f64).exp() / 2.0_f64.sqrt();
    loop {
        let first = draw.random(vm)?;
        let second = 1.0 - draw.random(vm)?;
        let z = factor * (first - 0.5) / second;
        if z * z / 4.0 <= -second.ln() {
            return Ok(mu + z * sigma);
        }
        vm.tick()?;
    }
}

fn normalvariate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (mu, sigma) = (real(vm, &a[1], 0.0)?, real(vm, &a[2], 1.0)?);
    let draw = Draw::new(vm, &a[0]);
    normal(vm, &draw, mu, sigma).map(Value::float)
}

fn lognormvariate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (mu, sigma) = (real(vm, &a[1], 0.0)?, real(vm, &a[2], 1.0)?);
    let draw = Draw::new(vm, &a[0]);
    let exponent = normal(vm, &draw, mu, sigma)?;
    exp(vm, exponent).map(Value::float)
}

fn exp(vm: &mut Vm, x: f64) -> R<f64> {
    let y = x.exp();
    if y.is_infinite() && x.is_finite() { Err(vm.overflow_error("math range error")) } else { Ok(y) }
}

/// Two numbers at a time, in polar coordinates; the second one waits for the next call.
fn gauss(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (mu, sigma) = (real(vm, &a[1], 0.0)?, real(vm, &a[2], 1.0)?);
    let draw = Draw::new(vm, &a[0]);
    let waiting = draw.own.gauss_next.replace(Value::None);
    let z = match waiting.some() {
        Some(z) => vm.to_f64(z)?,
        None => {
            let angle = draw.random(vm)? * TAU;
            let radius = (-2.0 * (1.0 - draw.random(vm)?).ln()).sqrt();
            draw.own.gauss_next.replace(Value::float(angle.sin() * radius));
            angle.cos() * radius
        }
    };
    Ok(Value::float(mu + z * sigma))
}

fn expovariate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let rate = vm.to_f64(&a[1].clone())?;
    let drawn = Draw::new(vm, &a[0]).random(vm)?;
    if rate == 0.0 {
        return Err(vm.zero_division("float division by zero"));
    }
    Ok(Value::float(-(1.0 - drawn).ln() / rate))
}

/// Fisher: angles around a circle, by rejection from a wrapped Cauchy distribution.
fn vonmisesvariate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (mu, kappa) = (vm.to_f64(&a[1].clone())?, vm.to_f64(&a[2].clone())?);
    let draw = Draw::new(vm, &a[0]);
    if kappa <= 1e-6 {
        return Ok(Value::float(TAU * draw.random(vm)?));
    }
    let s = 0.5 / kappa;
    let r = s + (1.0 + s * s).sqrt();
    let z = loop {
        let z = (PI * draw.random(vm)?).cos();
        let d = z / (r + z);
        let second = draw.random(vm)?;
        if second < 1.0 - d * d || second <= (1.0 - d) * d.exp() {
            break z;
        }
        vm.tick()?;
    };
    let q = 1.0 / r;
    let angle = ((q + z) / (1.0 + q * z)).acos();
    let turned = if draw.random(vm)? > 0.5 { mu + angle } else { mu - angle };
    Ok(Value::float(float::modulo(turned, TAU)))
}

// ---- gamma and beta ---------------------------------------------------------------------------------------------

fn gamma(vm: &mut Vm, draw: &Draw, alpha: f64, beta: f64) -> R<f64> {
    if alpha <= 0.0 || beta <= 0.0 {
        return Err(vm.value_error("gammavariate: alpha and beta must be > 0.0"));
    }
    if alpha == 1.0 {
        return Ok(-(1.0 - draw.random(vm)?).ln() * beta);
    }
    let x = if alpha > 1.0 { gamma_cheng(vm, draw, alpha)? } else { gamma_ahrens(vm, draw, alpha)? };
    Ok(x * beta)
}

/// Cheng 1977, for shapes above 1.
fn gamma_cheng(vm: &mut Vm, draw: &Draw, alpha: f64) -> R<f64> {
    let root = (2.0 * alpha - 1.0).sqrt();
    let (b, c) = (alpha - 4.0_f64.ln(), alpha + root);
    loop {
        let first = draw.random(vm)?;
        if 1e-7 < first && first < 0.999_999_9 {
            let second = 1.0 - draw.random(vm)?;
            let v = (first / (1.0 - first)).ln() / root;
            let x = alpha * v.exp();
            let z = first * first * second;
            let r = b + c * v - x;
            if r + (1.0 + 4.5_f64.ln()) - 4.5 * z >= 0.0 || r >= z.ln() {
                return Ok(x);
            }
        }
        vm.tick()?;
    }
}

/// Ahrens and Dieter 1974, for shapes below 1.
fn gamma_ahrens(vm: &mut Vm, draw: &Draw, alpha: f64) -> R<f64> {
    loop {
        let b = (E + alpha) / E;
        let p = b * draw.random(vm)?;
        let x = if p <= 1.0 { p.powf(1.0 / alpha) } else { -((b - p) / alpha).ln() };
        let second = draw.random(vm)?;
        if second <= if p > 1.0 { x.powf(alpha - 1.0) } else { (-x).exp() } {
            return Ok(x);
        }
        vm.tick()?;
    }
}

fn gammavariate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (alpha, beta) = (vm.to_f64(&a[1].clone())?, vm.to_f64(&a[2].clone())?);
    let draw = Draw::new(vm, &a[0]);
    gamma(vm, &draw, alpha, beta).map(Value::float)
}

fn betavariate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (alpha, beta) = (vm.to_f64(&a[1].clone())?, vm.to_f64(&a[2].clone())?);
    let draw = Draw::new(vm, &a[0]);
    let y = gamma(vm, &draw, alpha, 1.0)?;
    if y == 0.0 {
        return Ok(Value::float(0.0));
    }
    let other = gamma(vm, &draw, beta, 1.0)?;
    Ok(Value::float(y / (y + other)))
}

// ---- heavy tails ------------------------------------------------------------------------------------------------

fn paretovariate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let alpha = vm.to_f64(&a[1].clone())?;
    let drawn = Draw::new(vm, &a[0]).random(vm)?;
    if alpha == 0.0 {
        return Err(vm.zero_division("float division by zero"));
    }
    power(vm, 1.0 - drawn, -1.0 / alpha)
}

fn weibullvariate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (alpha, beta) = (vm.to_f64(&a[1].clone())?, vm.to_f64(&a[2].clone())?);
    let drawn = Draw::new(vm, &a[0]).random(vm)?;
    if beta == 0.0 {
        return Err(vm.zero_division("float division by zero"));
    }
    let part = power(vm, -(1.0 - drawn).ln(), 1.0 / beta)?;
    vm.binary(BinOp::Mul, &Value::float(alpha), &part)
}

fn power(vm: &mut Vm, x: f64, y: f64) -> R {
    vm.binary(BinOp::Pow, &Value::float(x), &Value::float(y))
}

/// The methods.
pub const METHODS: &[Builtin] = &[
    Builtin::new("uniform", "(self, a, b)", uniform, "A float between a and b."),
    Builtin::new("triangular", "(self, low=0.0, high=1.0, mode=None)", triangular, "The triangular distribution."),
    Builtin::new("normalvariate", "(self, mu=0.0, sigma=1.0)", normalvariate, "The normal distribution."),
    Builtin::new("lognormvariate", "(self, mu, sigma)", lognormvariate, "The distribution whose logarithm is normal."),
    Builtin::new("gauss", "(self, mu=0.0, sigma=1.0)", gauss, "The normal distribution, two numbers at a time."),
    Builtin::new("expovariate", "(self, lambd)", expovariate, "The exponential distribution; lambd is 1 divided by the mean."),
    Builtin::new("vonmisesvariate", "(self, mu, kappa)", vonmisesvariate, "Angles around mu, the closer the greater kappa."),
    Builtin::new("gammavariate", "(self, alpha, beta)", gammavariate, "The gamma distribution."),
    Builtin::new("betavariate", "(self, alpha, beta)", betavariate, "The beta distribution."),
    Builtin::new("paretovariate", "(self, alpha)", paretovariate, "The Pareto distribution."),
    Builtin::new("weibullvariate", "(self, alpha, beta)", weibullvariate, "The Weibull distribution."),
];
