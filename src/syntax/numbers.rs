//! Number literals: where they end, what is wrong with them, and their value.

use num_bigint::BigInt;

use crate::diag::Diag;
use crate::source::Span;
use crate::syntax::ast::ExprKind;

/// Decimal literals may have this many digits, as in CPython.
const MAX_DIGITS: usize = 4300;

type Scanned = Result<usize, Diag>;

fn number_error(message: impl Into<String>, at: usize) -> Diag {
    Diag::syntax("invalid-number", message, Span::new(at as u32, at as u32 + 1))
}

/// Finds the end of the number that begins at `start`.
pub fn scan(text: &str, start: usize) -> Scanned {
    let bytes = text.as_bytes();
    let second = bytes.get(start + 1).map(u8::to_ascii_lowercase);
    match (bytes.get(start), second) {
        (Some(b'0'), Some(b'x')) => radix(text, start, 16, "hexadecimal"),
        (Some(b'0'), Some(b'o')) => radix(text, start, 8, "octal"),
        (Some(b'0'), Some(b'b')) => radix(text, start, 2, "binary"),
        _ => decimal(text, start),
    }
}

fn radix(text: &str, start: usize, radix: u32, name: &str) -> Scanned {
    let bytes = text.as_bytes();
    let mut at = start + 2;
    loop {
        if bytes.get(at) == Some(&b'_') {
            at += 1;
        }
        let digits = at;
        while bytes.get(at).is_some_and(|b| (*b as char).is_digit(radix)) {
            at += 1;
        }
        if at == digits || bytes.get(at) == Some(&b'_') && !bytes.get(at + 1).is_some_and(|b| (*b as char).is_digit(radix)) {
            return Err(bad_digit(bytes, at + usize::from(at != digits), name));
        }
        if bytes.get(at) != Some(&b'_') {
            break;
        }
    }
    if bytes.get(at).is_some_and(u8::is_ascii_digit) {
        return Err(bad_digit(bytes, at, name));
    }
    end_of_number(text, at, name)
}

fn bad_digit(bytes: &[u8], at: usize, name: &str) -> Diag {
    match bytes.get(at) {
        Some(digit) if digit.is_ascii_digit() => number_error(format!("invalid digit '{}' in {name} literal", *digit as char), at),
        _ => number_error(format!("invalid {name} literal"), at.saturating_sub(1)),
    }
}

/// Skips digits with single underscores between them.
fn digits(bytes: &[u8], mut at: usize) -> Scanned {
    loop {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        if bytes.get(at) != Some(&b'_') {
            return Ok(at);
        }
        at += 1;
        if !bytes.get(at).is_some_and(u8::is_ascii_digit) {
            return Err(number_error("invalid decimal literal", at - 1));
        }
    }
}

fn decimal(text: &str, start: usize) -> Scanned {
    let bytes = text.as_bytes();
    let mut at = if bytes.get(start) == Some(&b'.') { start } else { digits(bytes, start)? };
    let whole = at;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        if bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at = digits(bytes, at)?;
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            at = digits(bytes, at + 1 + sign)?;
        } else if sign == 1 {
            return Err(number_error("invalid decimal literal", at));
        }
    }
    if matches!(bytes.get(at), Some(b'j' | b'J')) {
        return end_of_number(text, at + 1, "imaginary");
    }
    if at == whole {
        leading_zeros(text, start, at)?;
    }
    end_of_number(text, at, "decimal")
}

fn leading_zeros(text: &str, start: usize, end: usize) -> Result<(), Diag> {
    let literal = text.get(start..end).unwrap_or("");
    if literal.len() < 2 || !literal.starts_with('0') || literal.bytes().all(|b| matches!(b, b'0' | b'_')) {
        return Ok(());
    }
    let message = "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";
    let fixed = literal.trim_start_matches(['0', '_']);
    Err(Diag::syntax("leading-zeros", message, Span::new(start as u32, end as u32)).with_help(format!("write `{fixed}`, or `0o{fixed}` for octal")))
}

/// A name may not follow a number at once, except the few keywords that CPython lets pass.
fn end_of_number(text: &str, at: usize, name: &str) -> Scanned {
    let rest = text.get(at..).unwrap_or("");
    if ["and", "else", "for", "if", "in", "is", "or", "not"].iter().any(|word| rest.starts_with(word)) {
        return Ok(at);
    }
    match rest.chars().next() {
        Some(c) if c == '_' || c.is_ascii_alphanumeric() || unicode_ident::is_xid_continue(c) => {
            Err(number_error(format!("invalid {name} literal"), at.saturating_sub(1)))
        }
        _ => Ok(at),
    }
}

/// The value of a number that `scan` has accepted.
pub fn value(literal: &str) -> Result<ExprKind, String> {
    let cleaned;
    let digits = if literal.contains('_') {
        cleaned = literal.replace('_', "");
        cleaned.as_str()
    } else {
        literal
    };
    let radix = match digits.as_bytes().get(1).map(u8::to_ascii_lowercase) {
        Some(b'x') => 16,
        Some(b'o') => 8,
        Some(b'b') => 2,
        _ => 10,
    };
    if radix != 10 {
        return Ok(integer(digits.get(2..).unwrap_or(""), radix));
    }
    if let Some(imaginary) = digits.strip_suffix(['j', 'J']) {
        return Ok(ExprKind::Imaginary(imaginary.parse().unwrap_or(0.0)));
    }
    if digits.contains(['.', 'e', 'E']) {
        return Ok(ExprKind::Float(digits.parse().unwrap_or(0.0)));
    }
    if digits.len() > MAX_DIGITS {
        return Err(format!(
            "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has {} digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.",
            digits.len()
        ));
    }
    Ok(integer(digits, 10))
}

fn integer(digits: &str, radix: u32) -> ExprKind {
    i64::from_str_radix(digits, radix)
        .map_or_else(|_| ExprKind::BigInt(Box::new(BigInt::parse_bytes(digits.as_bytes(), radix).unwrap_or_default())), ExprKind::Int)
}
