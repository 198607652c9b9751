//! Floats in the notations `e`, `f`, `g` and that of `repr`, with a precision: the common base of `format` and `%`.
//!
//! In come a float and a `FloatStyle`; out comes text without padding and grouping. Widths and signs other than a
//! minus are not known here.

use super::float::decompose;
use std::fmt::Write;

/// The digits behind the point beyond which every float has only zeros.
const EXACT_DIGITS: usize = 1100;

/// With fewer digits no float lies halfway between two equally short numbers.
const MIN_TIE_DIGITS: usize = 15;

/// Which notation to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `e`: one digit before the point, and an exponent.
    Exponent,
    /// `f`: no exponent.
    Fixed,
    /// `g`: significant digits, with an exponent if the number is very small or large.
    General,
    /// The shortest digits that read back, as in `repr`; the precision does not matter.
    Shortest,
}

/// How to write a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatStyle {
    /// The notation.
    pub notation: Notation,
    /// The digits behind the point, or the significant digits of `General`.
    pub precision: usize,
    /// `#`: keep the point and, in `General`, the zeros at the end.
    pub alternate: bool,
    /// Append `.0` where neither point nor exponent would show that it is a float.
    pub point_zero: bool,
    /// `z`: a negative number that rounds to zero loses its sign.
    pub no_negative_zero: bool,
    /// `E`, `INF`, `NAN` instead of `e`, `inf`, `nan`.
    pub upper: bool,
}

impl FloatStyle {
    /// A notation with a precision and no flags.
    pub fn new(notation: Notation, precision: usize) -> Self {
        Self { notation, precision, alternate: false, point_zero: false, no_negative_zero: false, upper: false }
    }
}

/// Writes a float in a style.
pub fn write_float(x: f64, style: FloatStyle) -> String {
    let magnitude = write_magnitude(x.abs(), style);
    let is_zero = || !magnitude.split('e').next().unwrap_or("").bytes().any(|b| b.is_ascii_digit() && b != b'0');
    let negative = x.is_sign_negative() && !x.is_nan();
    let minus = negative && !(style.no_negative_zero && x.is_finite() && is_zero());
    let text = if minus { format!("-{magnitude}") } else { magnitude };
    if style.upper { text.to_ascii_uppercase() } else { text }
}

/// `repr` of a complex number: parentheses unless the real part is positive zero.
pub fn repr_complex(real: f64, imag: f64) -> String {
    let part = |x| write_float(x, FloatStyle::new(Notation::Shortest, 0));
    if real == 0.0 && real.is_sign_positive() {
        return part(imag) + "j";
    }
    let imag = part(imag);
    let plus = if imag.starts_with('-') { "" } else { "+" };
    format!("({}{plus}{imag}j)", part(real))
}

fn write_magnitude(x: f64, style: FloatStyle) -> String {
    if x.is_nan() {
        return "nan".to_owned();
    }
    if x.is_infinite() {
        return "inf".to_owned();
    }
    match style.notation {
        Notation::Fixed => write_fixed(x, style),
        Notation::Exponent => {
            let (digits, exponent) = significant_digits(x, style.precision + 1);
            lay_out(&digits, 1, Some(exponent), style)
        }
        Notation::General => {
            let precision = style.precision.max(1);
            let (digits, exponent) = significant_digits(x, precision);
            let limit = precision as i64 - i64::from(style.point_zero);
            let digits = if style.alternate { &digits } else { digits.trim_end_matches('0') };
            lay_out_general(digits, exponent, limit, style)
        }
        Notation::Shortest => {
            let (digits, exponent) = shortest_digits(x);
            lay_out_general(digits.trim_end_matches('0'), exponent, 16, style)
        }
    }
}

fn write_fixed(x: f64, style: FloatStyle) -> String {
    let exact = style.precision.min(EXACT_DIGITS);
    let mut text = format!("{x:.exact$}");
    text.extend(std::iter::repeat_n('0', style.precision - exact));
    if style.alternate && style.precision == 0 {
        text.push('.');
    }
    text
}

/// So many decimal digits without a point, and the exponent of the first.
fn significant_digits(x: f64, count: usize) -> (String, i32) {
    let (mut digits, exponent) = split_exponent(&format!("{x:.*e}", count.min(EXACT_DIGITS) - 1));
    digits.extend(std::iter::repeat_n('0', count.saturating_sub(digits.len())));
    (digits, exponent)
}

/// The shortest decimal digits that read back as a float that is finite and not negative, and the exponent of the
/// first digit.
pub fn shortest_digits(x: f64) -> (String, i32) {
    let shortest = split_exponent(&format!("{x:e}"));
    if shortest.0.len() < MIN_TIE_DIGITS || !has_short_expansion(x) {
        return shortest;
    }
    // When two shortest candidates are equally close, the standard library takes the upper one, CPython the even
    // one, which is what rounding to so many digits gives.
    let even = format!("{x:.*e}", shortest.0.len() - 1);
    if even.parse() == Ok(x) { split_exponent(&even) } else { shortest }
}

/// Whether the exact decimal expansion may have as few as 18 digits, so that it may lie halfway between two
/// shorter numbers.
fn has_short_expansion(x: f64) -> bool {
    let (mantissa, exponent) = decompose(x);
    exponent + mantissa.trailing_zeros() as i32 >= -26
}

fn split_exponent(text: &str) -> (String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// Chooses between a plain number and one with an exponent, as `g` does.
fn lay_out_general(digits: &str, exponent: i32, limit: i64, style: FloatStyle) -> String {
    if exponent < -4 || i64::from(exponent) >= limit { lay_out(digits, 1, Some(exponent), style) } else { lay_out(digits, exponent + 1, None, style) }
}

/// Puts the point behind so many digits (before them, if not positive), filling with zeros.
fn lay_out(digits: &str, point: i32, exponent: Option<i32>, style: FloatStyle) -> String {
    let before = point.max(0) as usize;
    let mut out = String::with_capacity(digits.len() + 8);
    if point <= 0 {
        out.push('0');
    }
    let zeros_after = point.min(0).unsigned_abs() as usize;
    out.push_str(&digits[..before.min(digits.len())]);
    out.extend(std::iter::repeat_n('0', before.saturating_sub(digits.len())));
    let fraction = &digits[before.min(digits.len())..];
    if !fraction.is_empty() {
        out.push('.');
        out.extend(std::iter::repeat_n('0', zeros_after));
        out.push_str(fraction);
    } else if style.point_zero && exponent.is_none() {
        out.push_str(".0");
    } else if style.alternate {
        out.push('.');
    }
    if let Some(exponent) = exponent {
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_follow_printf() {
        use Notation::{Exponent, Fixed, General, Shortest};
        for (x, notation, precision, expected) in [
            (1234.5678, Exponent, 2, "1.23e+03"),
            (0.0, Exponent, 3, "0.000e+00"),
            (2.5, Fixed, 0, "2"),
            (1e22, Fixed, 1, "10000000000000000000000.0"),
            (0.0001, General, 6, "0.0001"),
            (0.00001, General, 6, "1e-05"),
            (123_456_789.0, General, 6, "1.23457e+08"),
            (100.0, General, 0, "1e+02"),
            (1e16, Shortest, 0, "1e+16"),
            (3.0, Shortest, 0, "3"),
            (-0.0, General, 6, "-0"),
            (f64::NAN, Fixed, 2, "nan"),
        ] {
            assert_eq!(write_float(x, FloatStyle::new(notation, precision)), expected, "{x} {notation:?} {precision}");
        }
        let alternate = FloatStyle { alternate: true, upper: true, ..FloatStyle::new(General, 6) };
        assert_eq!(write_float(1e10, alternate), "1.00000E+10");
        assert_eq!(write_float(1e-400, FloatStyle::new(Fixed, 2000)).len(), 2002);
    }

    #[test]
    fn complex_numbers_show_their_signs() {
        for (real, imag, expected) in [(0.0, 1.0, "1j"), (-0.0, 1.0, "(-0+1j)"), (1.5, -0.0, "(1.5-0j)"), (1.0, f64::NAN, "(1+nanj)")] {
            assert_eq!(repr_complex(real, imag), expected);
        }
    }
}
