//! `format(value, spec)` of the built-in types: text, integers, floats and complex numbers.
//!
//! In come a Rust value and the text of a specification that is not empty (an empty one means `str(value)`, which
//! is the caller's business); out comes text, or an error in CPython's words. Widths count code points.

use super::float::bigint_to_f64;
use super::float_format::{FloatStyle, Notation, write_float};
use super::format_spec::{Align, FormatError, FormatSpec, SignRule, parse_spec};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

/// The largest precision that CPython accepts.
const MAX_PRECISION: usize = i32::MAX as usize;

/// A number as its parts, before padding and grouping.
struct Parts<'a> {
    negative: bool,
    prefix: &'a str,
    /// The digits before the point, to be grouped.
    digits: &'a str,
    /// What follows them, point included.
    rest: &'a str,
    group: usize,
}

/// Formats text.
pub fn format_str(value: &str, spec: &str) -> Result<String, FormatError> {
    let spec = parse_spec(spec, Align::Left, Some('s'), "str")?;
    let refuse = |what: &str| Err(FormatError::value(format!("{what} not allowed in string format specifier")));
    match spec {
        FormatSpec { code: Some(code), .. } if code != 's' => Err(FormatError::unknown_code(code, "str")),
        FormatSpec { sign: Some(SignRule::Space), .. } => refuse("Space"),
        FormatSpec { sign: Some(_), .. } => refuse("Sign"),
        FormatSpec { no_negative_zero: true, .. } => refuse("Negative zero coercion (z)"),
        FormatSpec { alternate: true, .. } => refuse("Alternate form (#)"),
        FormatSpec { align: Align::AfterSign, .. } => refuse("'=' alignment"),
        _ => {
            let end = spec.precision.and_then(|precision| value.char_indices().nth(precision));
            Ok(pad(&value[..end.map_or(value.len(), |(offset, _)| offset)], &spec))
        }
    }
}

/// Formats an integer; `type_name` is `int` or `bool`.
pub fn format_i64(value: i64, spec: &str, type_name: &str) -> Result<String, FormatError> {
    format_big(&BigInt::from(value), spec, type_name)
}

/// Formats an integer of any size; `type_name` is `int` or `bool`.
pub fn format_big(value: &BigInt, spec: &str, type_name: &str) -> Result<String, FormatError> {
    let spec = parse_spec(spec, Align::Right, Some('d'), type_name)?;
    match spec.code {
        None | Some('b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n') => format_integer(value, &spec),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            let float = bigint_to_f64(value);
            let float = float.ok_or_else(|| FormatError::overflow("int too large to convert to float"))?;
            format_float(float, &spec)
        }
        Some(code) => Err(FormatError::unknown_code(code, type_name)),
    }
}

/// Formats a float.
pub fn format_f64(value: f64, spec: &str) -> Result<String, FormatError> {
    let spec = parse_spec(spec, Align::Right, None, "float")?;
    match spec.code {
        None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => format_float(value, &spec),
        Some(code) => Err(FormatError::unknown_code(code, "float")),
    }
}

/// Formats a complex number.
pub fn format_complex(real: f64, imag: f64, spec: &str) -> Result<String, FormatError> {
    let spec = parse_spec(spec, Align::Right, None, "complex")?;
    if let Some(code) = spec.code.filter(|&code| !"eEfFgGn".contains(code)) {
        return Err(FormatError::unknown_code(code, "complex"));
    }
    if spec.fill == '0' {
        return Err(FormatError::value("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == Align::AfterSign {
        return Err(FormatError::value("'=' alignment flag is not allowed in complex format specifier"));
    }
    let style = FloatStyle { point_zero: false, ..float_style(&spec)? };
    let plain = FormatSpec { fill: ' ', align: Align::Left, width: 0, ..spec.clone() };
    let skip_real = spec.code.is_none() && real == 0.0 && real.is_sign_positive();
    let imag_sign = if skip_real { spec.sign } else { Some(SignRule::Plus) };
    let imag = number_text(&write_float(imag, style), "", &FormatSpec { sign: imag_sign, ..plain.clone() });
    let text = if skip_real {
        imag + "j"
    } else {
        let real = number_text(&write_float(real, style), "", &plain);
        if spec.code.is_none() { format!("({real}{imag}j)") } else { format!("{real}{imag}j") }
    };
    Ok(pad(&text, &spec))
}

/// Pads text to the width of a specification; `=` counts as `>`.
pub fn pad(text: &str, spec: &FormatSpec) -> String {
    let missing = if spec.width == 0 { 0 } else { spec.width.saturating_sub(text.chars().count()) };
    let before = match spec.align {
        Align::Left => 0,
        Align::Center => missing / 2,
        Align::Right | Align::AfterSign => missing,
    };
    let mut out = String::with_capacity(text.len() + missing);
    out.extend(std::iter::repeat_n(spec.fill, before));
    out.push_str(text);
    out.extend(std::iter::repeat_n(spec.fill, missing - before));
    out
}

fn format_integer(value: &BigInt, spec: &FormatSpec) -> Result<String, FormatError> {
    if spec.precision.is_some() {
        return Err(FormatError::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(FormatError::value("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    let (base, prefix) = match spec.code {
        Some('c') => return format_character(value, spec),
        Some('b') => (2, "0b"),
        Some('o') => (8, "0o"),
        Some('x') => (16, "0x"),
        Some('X') => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = match value.to_i64() {
        Some(small) if base == 10 => small.unsigned_abs().to_string(),
        _ => value.magnitude().to_str_radix(base),
    };
    if spec.code == Some('X') {
        digits.make_ascii_uppercase();
    }
    let parts = Parts {
        negative: value.is_negative(),
        prefix: if spec.alternate { prefix } else { "" },
        digits: &digits,
        rest: "",
        group: if base == 10 { 3 } else { 4 },
    };
    Ok(assemble(&parts, spec))
}

fn format_character(value: &BigInt, spec: &FormatSpec) -> Result<String, FormatError> {
    if spec.sign.is_some() {
        return Err(FormatError::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(FormatError::value("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let text = to_character(value)?.to_string();
    let parts = Parts { negative: false, prefix: "", digits: "", rest: &text, group: 3 };
    Ok(assemble(&parts, spec))
}

/// The character with a code, or CPython's complaint. A surrogate is refused, because our text cannot hold it.
pub(super) fn to_character(value: &BigInt) -> Result<char, FormatError> {
    let code = value.to_i64();
    let code = code.ok_or_else(|| FormatError::overflow("Python int too large to convert to C long"))?;
    match u32::try_from(code) {
        Ok(code) if code <= 0x10_ffff => char::from_u32(code).ok_or_else(|| FormatError::value("surrogates are not supported")),
        _ => Err(FormatError::overflow("%c arg not in range(0x110000)")),
    }
}

fn format_float(value: f64, spec: &FormatSpec) -> Result<String, FormatError> {
    let style = float_style(spec)?;
    let percent = spec.code == Some('%');
    let text = write_float(if percent { value * 100.0 } else { value }, style);
    Ok(number_text(&text, if percent { "%" } else { "" }, spec))
}

/// The style that a specification asks for.
fn float_style(spec: &FormatSpec) -> Result<FloatStyle, FormatError> {
    let notation = match (spec.code, spec.precision) {
        (Some('e' | 'E'), _) => Notation::Exponent,
        (Some('f' | 'F' | '%'), _) => Notation::Fixed,
        (None, None) => Notation::Shortest,
        _ => Notation::General,
    };
    let precision = spec.precision.unwrap_or(6);
    if precision > MAX_PRECISION {
        return Err(FormatError::value("precision too big"));
    }
    Ok(FloatStyle {
        notation,
        precision,
        alternate: spec.alternate,
        point_zero: spec.code.is_none(),
        no_negative_zero: spec.no_negative_zero,
        upper: matches!(spec.code, Some('E' | 'F' | 'G')),
    })
}

/// Signs, groups and pads a number that is already written, with a suffix.
fn number_text(text: &str, suffix: &str, spec: &FormatSpec) -> String {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
    let rest = format!("{}{suffix}", &unsigned[end..]);
    assemble(&Parts { negative, prefix: "", digits: &unsigned[..end], rest: &rest, group: 3 }, spec)
}

/// Puts sign, prefix, grouped digits and the rest together, and pads.
fn assemble(parts: &Parts, spec: &FormatSpec) -> String {
    let sign = match (parts.negative, spec.sign) {
        (true, _) => "-",
        (false, Some(SignRule::Plus)) => "+",
        (false, Some(SignRule::Space)) => " ",
        (false, _) => "",
    };
    let around = sign.len() + parts.prefix.len() + parts.rest.chars().count();
    let zeros_to = if spec.fill == '0' && spec.align == Align::AfterSign { spec.width.saturating_sub(around) } else { 0 };
    let digits = group_digits(parts.digits, zeros_to, parts.group, spec.grouping);
    let head = [sign, parts.prefix].concat();
    if spec.align != Align::AfterSign {
        return pad(&[&head, &digits, parts.rest].concat(), spec);
    }
    let missing = spec.width.saturating_sub(around + digits.len());
    let padding: String = std::iter::repeat_n(spec.fill, missing).collect();
    [&head, &padding, &digits, parts.rest].concat()
}

/// Separates groups of digits, with zeros in front up to a width. No digits at all stay so.
fn group_digits(digits: &str, width: usize, group: usize, separator: Option<char>) -> String {
    if digits.is_empty() {
        return String::new();
    }
    let Some(separator) = separator else {
        return format!("{}{digits}", "0".repeat(width.saturating_sub(digits.len())));
    };
    // A group with its separator takes one place more; a separator never comes first.
    let full = width / (group + 1) * group + (width % (group + 1)).max(usize::from(width > 0));
    let count = digits.len().max(full);
    let mut out = String::with_capacity(count + count / group);
    for place in (0..count).rev() {
        let index = (digits.len() - 1).checked_sub(place);
        out.push(index.map_or('0', |index| char::from(digits.as_bytes()[index])));
        if place > 0 && place % group == 0 {
            out.push(separator);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: Result<String, FormatError>, expected: Result<&str, &str>, name: &str) {
        let found = found.map_err(|error| error.message);
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{name}");
    }

    #[test]
    fn integers() {
        for (n, spec, expected) in [
            (1234, "010,", Ok("00,001,234")),
            (1234, "x<010,", Ok("1,234xxxxx")),
            (1, "05,", Ok("0,001")),
            (255, "#x", Ok("0xff")),
            (255, "#010X", Ok("0X000000FF")),
            (-5, "=+4", Ok("-  5")),
            (65, "c", Ok("A")),
            (0b1_0110_1101, "_b", Ok("1_0110_1101")),
            (3, ".1f", Ok("3.0")),
            (5, "^ 7", Ok("   5   ")),
            (1, "s", Err("Unknown format code 's' for object of type 'int'")),
            (1, ".2d", Err("Precision not allowed in integer format specifier")),
            (-1, "c", Err("%c arg not in range(0x110000)")),
        ] {
            check(format_i64(n, spec, "int"), expected, spec);
        }
    }

    #[test]
    fn floats() {
        for (x, spec, expected) in [
            (3.0, ".3", Ok("3.0")),
            (1234.5, ",", Ok("1,234.5")),
            (0.5, ".0%", Ok("50%")),
            (-0.001, "z.1f", Ok("0.0")),
            (f64::INFINITY, "06", Ok("000inf")),
            (1e20, ",.2f", Ok("100,000,000,000,000,000,000.00")),
            (2.0, "n", Ok("2")),
            (2.0, "+08.2f", Ok("+0002.00")),
            (1.0, "d", Err("Unknown format code 'd' for object of type 'float'")),
        ] {
            check(format_f64(x, spec), expected, spec);
        }
        check(format_complex(1.5, -2.0, ">12"), Ok("    (1.5-2j)"), "complex");
        check(format_complex(0.0, 2.0, ".2f"), Ok("0.00+2.00j"), "complex");
    }

    #[test]
    fn text() {
        for (text, spec, expected) in [
            ("한글", "*^6", Ok("**한글**")),
            ("한글abc", ".3", Ok("한글a")),
            ("a", "05", Ok("a0000")),
            ("a", "d", Err("Unknown format code 'd' for object of type 'str'")),
            ("a", "+", Err("Sign not allowed in string format specifier")),
            ("a", ",", Err("Cannot specify ',' with 's'.")),
        ] {
            check(format_str(text, spec), expected, spec);
        }
    }
}
