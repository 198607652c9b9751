//! The error functions, evaluated in the order of the platform's C library, so that the last bit agrees.
//!
//! In comes a float, out comes one; there are no errors.

#![expect(clippy::unreadable_literal, reason = "coefficients as published")]

/// `erf(1)`, rounded to 24 bits.
const ERX: f64 = 0.8450629115104675;
/// `2 / sqrt(pi) - 1`.
const EFX: f64 = 0.1283791670955126;

/// `erf` up to 0.84375: numerator.
const PP: [f64; 5] = [0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -2.3763016656650163e-05];
/// `erf` up to 0.84375: denominator.
const QQ: [f64; 6] = [1.0, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -3.960228278775368e-06];
/// Up to 1.25: numerator.
const PA: [f64; 7] =
    [-0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668, 0.035478304325618236, -0.002166375594868791];
/// Up to 1.25: denominator.
const QA: [f64; 7] = [1.0, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905, 0.011984499846799107];
/// Up to 1/0.35: numerator.
const RA: [f64; 8] = [
    -0.009864944034847148,
    -0.6938585727071818,
    -10.558626225323291,
    -62.375332450326006,
    -162.39666946257347,
    -184.60509290671104,
    -81.2874355063066,
    -9.814329344169145,
];
/// Up to 1/0.35: denominator.
const SA: [f64; 9] = [
    1.0,
    19.651271667439257,
    137.65775414351904,
    434.56587747522923,
    645.3872717332679,
    429.00814002756783,
    108.63500554177944,
    6.570249770319282,
    -0.0604244152148581,
];
/// Up to 28: numerator.
const RB: [f64; 7] =
    [-0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896, -1025.0951316110772, -483.5191916086514];
/// Up to 28: denominator.
const SB: [f64; 8] =
    [1.0, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644, 474.52854120695537, -22.44095244658582];

/// A polynomial, by pairs of coefficients.
fn polynomial(s: f64, coefficients: &[f64]) -> f64 {
    let s2 = s * s;
    let s4 = s2 * s2;
    let powers = [1.0, s2, s4, s4 * s2, s4 * s4];
    let mut sum = 0.0;
    for (pair, power) in coefficients.chunks(2).zip(powers) {
        let term = match pair {
            [a, b] => a + s * b,
            [a] => *a,
            _ => 0.0,
        };
        sum = if power == 1.0 && sum == 0.0 { term } else { sum + power * term };
    }
    sum
}

/// `math.erf`.
pub fn erf(x: f64) -> f64 {
    let magnitude = x.abs();
    if x.is_nan() {
        return x;
    }
    if magnitude < 0.84375 {
        if magnitude < 3.725290298461914e-9 {
            return if magnitude < 2.848094538889218e-306 { 0.0625 * (16.0 * x + (16.0 * EFX) * x) } else { x + EFX * x };
        }
        let z = x * x;
        return x + x * (polynomial(z, &PP) / polynomial(z, &QQ));
    }
    let value = if magnitude < 1.25 {
        ERX + middle(magnitude)
    } else if magnitude >= 6.0 {
        1.0
    } else {
        1.0 - tail(magnitude) / magnitude
    };
    value.copysign(x)
}

/// `math.erfc`.
pub fn erfc(x: f64) -> f64 {
    let magnitude = x.abs();
    if x.is_nan() {
        return x;
    }
    if magnitude < 0.84375 {
        if magnitude < 1.3877787807814457e-17 {
            return 1.0 - x;
        }
        let z = x * x;
        let y = polynomial(z, &PP) / polynomial(z, &QQ);
        return if x < 0.25 { 1.0 - (x + x * y) } else { 0.5 - (x * y + (x - 0.5)) };
    }
    if magnitude < 1.25 {
        return if x >= 0.0 { 1.0 - ERX - middle(magnitude) } else { 1.0 + (ERX + middle(magnitude)) };
    }
    if magnitude >= 28.0 || x < -6.0 {
        return if x > 0.0 { 0.0 } else { 2.0 };
    }
    let rest = tail(magnitude) / magnitude;
    if x > 0.0 { rest } else { 2.0 - rest }
}

/// What is added to `ERX` between 0.84375 and 1.25.
fn middle(magnitude: f64) -> f64 {
    let s = magnitude - 1.0;
    polynomial(s, &PA) / polynomial(s, &QA)
}

/// `x * erfc(x)` from 1.25 on.
fn tail(x: f64) -> f64 {
    let s = 1.0 / (x * x);
    let ratio = if x < 2.857142857142857 { polynomial(s, &RA) / polynomial(s, &SA) } else { polynomial(s, &RB) / polynomial(s, &SB) };
    let z = f64::from_bits(x.to_bits() & 0xffff_ffff_0000_0000);
    (-z * z - 0.5625).exp() * ((z - x) * (z + x) + ratio).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_the_platforms() {
        for (x, expected) in [(-0.23404174774135988, -0.25934419458180596), (-0.7751615981997064, -0.7270280108366123), (3.0, 0.9999779095030014)] {
            assert_eq!(erf(x), expected, "erf({x})");
        }
        assert_eq!((erfc(0.5), erfc(27.0)), (0.4795001221869535, 5.23705e-319));
    }
}
