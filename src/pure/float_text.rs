//! Floats as text and back: `repr`, `float()` and the hexadecimal notation.
//!
//! In comes a float or the argument of `float()`; out comes text as CPython prints it, or the number. Formatting
//! with a width and a precision is in `format_spec`.

use super::chars::{decimal_value, is_space};
use super::float::{compose, decompose};
use super::float_format::{FloatStyle, Notation, write_float};

/// Why `float.fromhex` refuses its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// `ValueError: invalid hexadecimal floating-point string`.
    Invalid,
    /// `OverflowError: hexadecimal value too large to represent as a float`.
    TooLarge,
}

/// `repr(x)`: the shortest digits that read back as `x`, with an exponent below 1e-4 and from 1e16 on.
pub fn repr_f64(x: f64) -> String {
    write_float(x, FloatStyle { point_zero: true, ..FloatStyle::new(Notation::Shortest, 0) })
}

/// `float(text)`; `None` where Python raises `ValueError: could not convert string to float`.
pub fn parse_f64(text: &str) -> Option<f64> {
    let text = to_ascii_number(text.trim_matches(is_space))?;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return parse_special(&text, unsigned);
    }
    text.parse().ok()
}

/// `x.hex()`.
pub fn float_hex(x: f64) -> String {
    if !x.is_finite() {
        return repr_f64(x);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (mantissa, exponent) = decompose(x);
    format!("{sign}0x{}.{:013x}p{:+}", mantissa >> 52, mantissa & ((1 << 52) - 1), exponent + 52)
}

/// `float.fromhex(text)`.
pub fn float_fromhex(text: &str) -> Result<f64, HexError> {
    let text = text.trim_matches(|c: char| c.is_ascii() && is_space(c) && c < '\x1c' || c == ' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(special) = parse_special(text, unsigned) {
        return Ok(special);
    }
    let magnitude = parse_hex_magnitude(unsigned)?;
    if magnitude.is_infinite() {
        return Err(HexError::TooLarge);
    }
    Ok(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// Reads `inf`, `infinity` and `nan` in any case, with a sign.
fn parse_special(text: &str, unsigned: &str) -> Option<f64> {
    let magnitude = match unsigned.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => return None,
    };
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// Turns the decimal digits of all scripts into ASCII and drops underscores between digits; `None` if an
/// underscore stands elsewhere.
fn to_ascii_number(text: &str) -> Option<String> {
    let mut ascii = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut after_digit = false;
    while let Some(c) = rest.next() {
        if c == '_' {
            let before_digit = rest.peek().is_some_and(|&next| decimal_value(next).is_some());
            if !(after_digit && before_digit) {
                return None;
            }
            continue;
        }
        let digit = decimal_value(c).and_then(|value| char::from_digit(value, 10));
        after_digit = digit.is_some();
        ascii.push(digit.unwrap_or(c));
    }
    Some(ascii)
}

/// Reads `[0x]hex[.hex][p[sign]decimal]`, rounding once.
fn parse_hex_magnitude(text: &str) -> Result<f64, HexError> {
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let (digits, exponent) = match text.split_once(['p', 'P']) {
        Some((digits, exponent)) => (digits, parse_exponent(exponent).ok_or(HexError::Invalid)?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(HexError::Invalid);
    }
    let mut mantissa = 0_u128;
    let mut sticky = false;
    let mut scale = -4 * fraction.len() as i64;
    for c in whole.chars().chain(fraction.chars()) {
        let digit = c.to_digit(16).ok_or(HexError::Invalid)?;
        if mantissa >> 120 == 0 {
            mantissa = mantissa << 4 | u128::from(digit);
        } else {
            sticky |= digit != 0;
            scale += 4;
        }
    }
    Ok(compose(mantissa, exponent.saturating_add(scale), sticky))
}

/// Reads a signed decimal exponent; one that is too long counts as very large.
fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX).min(i64::MAX / 4);
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repr_is_the_shortest() {
        for (x, expected) in [
            (0.1 + 0.2, "0.30000000000000004"),
            (1e16, "1e+16"),
            (123_456_789.0, "123456789.0"),
            (1e-5, "1e-05"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (0.0001, "0.0001"),
            (-0.0, "-0.0"),
            (1.5e300, "1.5e+300"),
            (5e-324, "5e-324"),
            (2_946_128_463_310_649.0 / 4.0, "736532115827662.2"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(repr_f64(x), expected);
        }
    }

    #[test]
    fn float_reads_what_python_reads() {
        for (text, expected) in [
            (" 1_0.5e1_0\n", Some(10.5e10)),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("1_.5", None),
            ("", None),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            (".", None),
            ("e5", None),
            ("1e", None),
            ("0x10", None),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("infi", None),
            ("\u{661}\u{662}.\u{663}", Some(12.3)),
            ("1 2", None),
            ("+-1", None),
            ("1e400", Some(f64::INFINITY)),
            ("in_f", None),
            ("\u{3000}7", Some(7.0)),
        ] {
            assert_eq!(parse_f64(text), expected, "{text:?}");
        }
    }

    #[test]
    fn hexadecimal_round_trips() {
        for (x, text) in [(1.0, "0x1.0000000000000p+0"), (-0.1, "-0x1.999999999999ap-4"), (5e-324, "0x0.0000000000001p-1022"), (0.0, "0x0.0p+0")] {
            assert_eq!(float_hex(x), text);
            assert_eq!(float_fromhex(text), Ok(x));
        }
        assert_eq!(float_fromhex("0x1p1024"), Err(HexError::TooLarge));
        assert_eq!(float_fromhex("0x"), Err(HexError::Invalid));
        assert_eq!(float_fromhex(" -.8P1 "), Ok(-1.0));
    }
}
