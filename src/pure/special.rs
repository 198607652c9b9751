//! The functions of `math` that the platform's library does not give: gamma, error functions, exact sums and norms.
//!
//! The algorithms are CPython's (Lanczos' approximation, Shewchuk's sums, a corrected norm), so that the last bit
//! agrees. In come floats; out come floats, or which of the two errors of `math` is due.

use super::float::{frexp, ldexp};
use std::f64::consts::{LN_2, PI};

/// The two errors of `math`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathError {
    /// `ValueError: math domain error`.
    Domain,
    /// `OverflowError: math range error`.
    Range,
}

const LANCZOS_G: f64 = 6.024_680_040_776_73;
const LANCZOS_G_MINUS_HALF: f64 = 5.524_680_040_776_73;
const LN_PI: f64 = 1.144_729_885_849_400_2;

#[expect(clippy::excessive_precision, clippy::unreadable_literal, reason = "as published")]
const NUMERATOR: [f64; 13] = [
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
];
const DENOMINATOR: [f64; 13] =
    [0.0, 39_916_800.0, 120_543_840.0, 150_917_976.0, 105_258_076.0, 45_995_730.0, 13_339_535.0, 2_637_558.0, 357_423.0, 32_670.0, 1925.0, 66.0, 1.0];

fn lanczos_sum(x: f64) -> f64 {
    let (mut numerator, mut denominator) = (0.0, 0.0);
    if x < 5.0 {
        for (n, d) in NUMERATOR.iter().zip(&DENOMINATOR).rev() {
            numerator = numerator * x + n;
            denominator = denominator * x + d;
        }
    } else {
        for (n, d) in NUMERATOR.iter().zip(&DENOMINATOR) {
            numerator = numerator / x + n;
            denominator = denominator / x + d;
        }
    }
    numerator / denominator
}

/// `sin(pi * x)`, exact at integers.
fn sin_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let r = match (2.0 * y).round() as i32 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1.0_f64.copysign(x) * r
}

/// `math.gamma`.
pub fn gamma(x: f64) -> Result<f64, MathError> {
    if !x.is_finite() {
        return if x.is_nan() || x > 0.0 { Ok(x) } else { Err(MathError::Domain) };
    }
    if x == 0.0 {
        return Err(MathError::Domain);
    }
    if x == x.floor() {
        if x < 0.0 {
            return Err(MathError::Domain);
        }
        if x <= 23.0 {
            return Ok((1..x as u64).fold(1.0, |product, i| product * i as f64));
        }
    }
    let magnitude = x.abs();
    if magnitude < 1e-20 {
        return in_range(1.0 / x);
    }
    if magnitude > 200.0 {
        return if x < 0.0 { Ok(0.0 / sin_pi(x)) } else { Err(MathError::Range) };
    }
    let y = magnitude + LANCZOS_G_MINUS_HALF;
    let lost = if magnitude > LANCZOS_G_MINUS_HALF { (y - magnitude) - LANCZOS_G_MINUS_HALF } else { (y - LANCZOS_G_MINUS_HALF) - magnitude };
    let z = lost * LANCZOS_G / y;
    let r = if x < 0.0 {
        let r = -PI / sin_pi(magnitude) / magnitude * y.exp() / lanczos_sum(magnitude);
        let r = r - z * r;
        if magnitude < 140.0 {
            r / y.powf(magnitude - 0.5)
        } else {
            let root = y.powf(magnitude / 2.0 - 0.25);
            r / root / root
        }
    } else {
        let r = lanczos_sum(magnitude) / y.exp();
        let r = r + z * r;
        if magnitude < 140.0 {
            r * y.powf(magnitude - 0.5)
        } else {
            let root = y.powf(magnitude / 2.0 - 0.25);
            r * root * root
        }
    };
    in_range(r)
}

/// `math.lgamma`.
pub fn lgamma(x: f64) -> Result<f64, MathError> {
    if !x.is_finite() {
        return Ok(if x.is_nan() { x } else { f64::INFINITY });
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { Err(MathError::Domain) } else { Ok(0.0) };
    }
    let magnitude = x.abs();
    if magnitude < 1e-20 {
        return Ok(-magnitude.ln());
    }
    let mut r = lanczos_sum(magnitude).ln() - LANCZOS_G;
    r += (magnitude - 0.5) * ((magnitude + LANCZOS_G - 0.5).ln() - 1.0);
    if x < 0.0 {
        r = LN_PI - sin_pi(magnitude).abs().ln() - magnitude.ln() - r;
    }
    in_range(r)
}

fn in_range(x: f64) -> Result<f64, MathError> {
    if x.is_infinite() { Err(MathError::Range) } else { Ok(x) }
}

/// `math.asinh`.
pub fn asinh(x: f64) -> f64 {
    let a = x.abs();
    if !x.is_finite() || a < 3.725_290_298_461_914e-9 {
        return x;
    }
    let r = if a > 268_435_456.0 {
        a.ln() + LN_2
    } else if a > 2.0 {
        (2.0 * a + 1.0 / ((a * a + 1.0).sqrt() + a)).ln()
    } else {
        (a + a * a / (1.0 + (1.0 + a * a).sqrt())).ln_1p()
    };
    r.copysign(x)
}

/// `math.acosh` of a number from 1 on; `nan` below.
pub fn acosh(x: f64) -> f64 {
    if x < 1.0 || x.is_nan() {
        f64::NAN
    } else if x >= 268_435_456.0 {
        x.ln() + LN_2
    } else if x > 2.0 {
        (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln()
    } else {
        let t = x - 1.0;
        (t + (2.0 * t + t * t).sqrt()).ln_1p()
    }
}

/// `math.atanh` between -1 and 1; infinite there, `nan` beyond.
pub fn atanh(x: f64) -> f64 {
    let a = x.abs();
    if a < 3.725_290_298_461_914e-9 {
        return x;
    }
    let r = if a < 0.5 { 0.5 * (2.0 * a + 2.0 * a * a / (1.0 - a)).ln_1p() } else { 0.5 * ((a + a) / (1.0 - a)).ln_1p() };
    r.copysign(x)
}

/// `math.remainder`; `None` for a domain error.
pub fn remainder(x: f64, y: f64) -> Option<f64> {
    if x.is_nan() || y.is_nan() {
        return Some(x + y);
    }
    if x.is_infinite() || y == 0.0 {
        return None;
    }
    if y.is_infinite() {
        return Some(x);
    }
    let (a, b) = (x.abs(), y.abs());
    let m = a % b;
    let c = b - m;
    let r = if m < c {
        m
    } else if m > c {
        -c
    } else {
        m - 2.0 * ((0.5 * (a - m)) % b)
    };
    Some(1.0_f64.copysign(x) * r)
}

/// `math.nextafter`.
pub fn next_after(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        x + y
    } else if x == y {
        y
    } else if y > x {
        x.next_up()
    } else {
        x.next_down()
    }
}

/// `math.ulp`.
pub fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let next = x.next_up();
    if next.is_infinite() { x - x.next_down() } else { next - x }
}

/// The length of a vector of numbers that are not negative (`math.hypot`, `math.dist`).
pub fn norm(vector: &mut [f64]) -> f64 {
    let max = vector.iter().copied().fold(0.0, f64::max);
    if max.is_infinite() {
        return max;
    }
    if vector.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if max == 0.0 || vector.len() <= 1 {
        return max;
    }
    let (_, exponent) = frexp(max);
    if exponent < -1023 {
        for x in vector.iter_mut() {
            *x /= f64::MIN_POSITIVE;
        }
        return f64::MIN_POSITIVE * norm(vector);
    }
    let scale = ldexp(1.0, i64::from(-exponent));
    let (mut sum, mut low_products, mut low_sums) = (1.0, 0.0, 0.0);
    let mut add = |product: (f64, f64)| {
        let total = sum + product.0;
        low_sums += product.0 - (total - sum);
        low_products += product.1;
        sum = total;
        sum - 1.0 + (low_products + low_sums)
    };
    let mut squares = 0.0;
    for x in vector {
        let x = *x * scale;
        squares = add(exact_product(x, x));
    }
    let root = squares.sqrt();
    let rest = add(exact_product(-root, root));
    (root + rest / (2.0 * root)) / scale
}

/// A product as the rounded value and what rounding lost.
fn exact_product(x: f64, y: f64) -> (f64, f64) {
    let product = x * y;
    (product, x.mul_add(y, -product))
}

/// Why `math.fsum` fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumError {
    /// `OverflowError: intermediate overflow in fsum`.
    Overflow,
    /// `ValueError: -inf + inf in fsum`.
    Infinities,
}

/// `math.fsum`: numbers are added one by one, without loss.
#[derive(Default)]
pub struct ExactSum {
    partials: Vec<f64>,
    special: f64,
    infinities: f64,
}

impl ExactSum {
    /// Adds a number.
    pub fn add(&mut self, original: f64) -> Result<(), SumError> {
        let mut x = original;
        let mut kept = 0;
        for j in 0..self.partials.len() {
            let mut y = self.partials[j];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.partials.truncate(kept);
        if x == 0.0 {
            return Ok(());
        }
        if x.is_finite() {
            self.partials.push(x);
            return Ok(());
        }
        if original.is_finite() {
            return Err(SumError::Overflow);
        }
        if original.is_infinite() {
            self.infinities += original;
        }
        self.special += original;
        self.partials.clear();
        Ok(())
    }

    /// The sum, rounded once.
    pub fn finish(mut self) -> Result<f64, SumError> {
        if self.special != 0.0 {
            return if self.infinities.is_nan() { Err(SumError::Infinities) } else { Ok(self.special) };
        }
        let Some(mut high) = self.partials.pop() else { return Ok(0.0) };
        let mut low = 0.0;
        while let Some(y) = self.partials.pop() {
            let x = high;
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        if let Some(next) = self.partials.last()
            && ((low < 0.0 && *next < 0.0) || (low > 0.0 && *next > 0.0))
        {
            let y = low * 2.0;
            let x = high + y;
            if y == x - high {
                high = x;
            }
        }
        Ok(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_functions() {
        for (x, expected) in
            [(0.5, 1.772_453_850_905_515_9), (2.5, 1.329_340_388_179_137_2), (170.5, 5.562_092_414_56e305), (-170.5, -3.312_739_521_538_607e-308)]
        {
            assert_eq!(gamma(x), Ok(expected), "gamma({x})");
        }
        for (x, expected) in [(100.0, 359.134_205_369_575_4), (-0.5, 1.265_512_123_484_645), (2.5, 0.284_682_870_472_919_6), (1e300, 6.897_755_278_982_137e302)]
        {
            assert_eq!(lgamma(x), Ok(expected), "lgamma({x})");
        }
        assert_eq!((gamma(0.0), gamma(200.0)), (Err(MathError::Domain), Err(MathError::Range)));
    }

    #[test]
    fn sums_and_norms() {
        let mut sum = ExactSum::default();
        assert!((0..10).all(|_| sum.add(0.1).is_ok()));
        assert_eq!(sum.finish(), Ok(1.0));
        assert_eq!(norm(&mut [0.1; 7]), 0.264_575_131_106_459_1);
        assert_eq!(norm(&mut [1e200, 1e200]), 1.414_213_562_373_095e200);
        assert_eq!(norm(&mut [1e-320, 1e-320]), 1.414e-320);
        assert_eq!((remainder(-5.5, 2.0), ulp(1.0)), (Some(0.5), f64::EPSILON));
    }
}
