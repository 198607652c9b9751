//! Integers as text and bytes, and back: `int()`, `str`, `bin`, `oct`, `hex`, `to_bytes`, `from_bytes`.
//!
//! In come text, bytes or integers; out comes the other, or the reason why Python raises. The limit on digits is
//! passed in, because a script may change it (`sys.set_int_max_str_digits`).

use super::chars::{decimal_value, is_space};
use super::int::IntResult;
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::Signed;

/// CPython's default limit on the digits of an integer as text.
pub const MAX_DIGITS: usize = 4300;

/// Why `int(text, base)` or `str(n)` raises `ValueError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntError {
    /// `int() base must be >= 2 and <= 36, or 0`.
    Base,
    /// `invalid literal for int() with base {base}: {text!r}`.
    Invalid,
    /// The text has so many digits, more than the limit.
    TooManyDigits(usize),
    /// The number has more digits than the limit.
    TooLarge,
}

impl IntError {
    /// The text of the `ValueError`, under a limit; `None` for `Invalid`, whose text shows the argument.
    pub fn message(self, limit: usize) -> Option<String> {
        let start = format!("Exceeds the limit ({limit} digits) for integer string conversion");
        let end = "use sys.set_int_max_str_digits() to increase the limit";
        match self {
            Self::Base => Some("int() base must be >= 2 and <= 36, or 0".to_owned()),
            Self::Invalid => None,
            Self::TooManyDigits(digits) => Some(format!("{start}: value has {digits} digits; {end}")),
            Self::TooLarge => Some(format!("{start}; {end}")),
        }
    }
}

/// Why `to_bytes` raises `OverflowError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesError {
    /// `can't convert negative int to unsigned`.
    Negative,
    /// `int too big to convert`.
    TooBig,
}

impl BytesError {
    /// The text of the `OverflowError`.
    pub fn message(self) -> &'static str {
        match self {
            Self::Negative => "can't convert negative int to unsigned",
            Self::TooBig => "int too big to convert",
        }
    }
}

/// The order of an integer's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The lowest byte comes first.
    Little,
    /// The highest byte comes first.
    Big,
}

/// `int(text, base)`. A `limit` of 0 means none; it does not concern bases that are powers of two.
pub fn parse_int(text: &str, base: u32, limit: usize) -> Result<IntResult, IntError> {
    if base == 1 || base > 36 {
        return Err(IntError::Base);
    }
    let text = text.trim_matches(is_space);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    let (digits, base, only_zero) = strip_prefix(unsigned, base);
    let digits = collect_digits(digits, base, limit)?;
    if only_zero && digits.iter().any(|&digit| digit != b'0') {
        return Err(IntError::Invalid);
    }
    let short = std::str::from_utf8(&digits).ok().and_then(|ascii| i64::from_str_radix(ascii, base).ok());
    if let Some(n) = short {
        return Ok(IntResult::Small(if negative { -n } else { n }));
    }
    let magnitude = BigUint::parse_bytes(&digits, base).ok_or(IntError::Invalid)?;
    Ok(BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, magnitude).into())
}

/// `str(n)`. A `limit` of 0 means none.
pub fn to_decimal(n: &BigInt, limit: usize) -> Result<String, IntError> {
    // A decimal digit takes more than 3.3 bits: this refuses what is far too large without converting it.
    if limit > 0 && n.bits() / 4 > limit as u64 {
        return Err(IntError::TooLarge);
    }
    let text = n.to_string();
    let digits = text.len() - usize::from(n.is_negative());
    if limit > 0 && digits > limit { Err(IntError::TooLarge) } else { Ok(text) }
}

/// `bin(n)`, `oct(n)` or `hex(n)`: with sign and prefix.
pub fn to_prefixed(n: &BigInt, base: u32) -> String {
    let prefix = match base {
        2 => "0b",
        8 => "0o",
        _ => "0x",
    };
    let sign = if n.is_negative() { "-" } else { "" };
    format!("{sign}{prefix}{}", n.magnitude().to_str_radix(base))
}

/// `n.to_bytes(length, order, signed=signed)`.
pub fn to_bytes(n: &BigInt, length: usize, order: ByteOrder, signed: bool) -> Result<Vec<u8>, BytesError> {
    if n.is_negative() && !signed {
        return Err(BytesError::Negative);
    }
    let mut bytes = if signed { n.to_signed_bytes_le() } else { n.magnitude().to_bytes_le() };
    if n.sign() == Sign::NoSign {
        bytes.clear();
    }
    // CPython lets -1 pass as no bytes at all.
    if bytes.len() > length && !(length == 0 && bytes == [0xff]) {
        return Err(BytesError::TooBig);
    }
    bytes.truncate(length);
    bytes.resize(length, if n.is_negative() { 0xff } else { 0 });
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    Ok(bytes)
}

/// `int.from_bytes(bytes, order, signed=signed)`.
pub fn from_bytes(bytes: &[u8], order: ByteOrder, signed: bool) -> IntResult {
    match (order, signed) {
        (ByteOrder::Little, true) => BigInt::from_signed_bytes_le(bytes),
        (ByteOrder::Little, false) => BigInt::from_bytes_le(Sign::Plus, bytes),
        (ByteOrder::Big, true) => BigInt::from_signed_bytes_be(bytes),
        (ByteOrder::Big, false) => BigInt::from_bytes_be(Sign::Plus, bytes),
    }
    .into()
}

/// Takes a prefix off: the digits, their base, and whether only zero may follow (base 0 and a leading zero).
fn strip_prefix(text: &str, base: u32) -> (&str, u32, bool) {
    let letter = text.strip_prefix('0').and_then(|rest| rest.chars().next()).map(|c| c.to_ascii_lowercase());
    let prefixed = match letter {
        Some('b') => 2,
        Some('o') => 8,
        Some('x') => 16,
        _ => 0,
    };
    if prefixed != 0 && (base == 0 || base == prefixed) {
        let digits = &text[2..];
        return (digits.strip_prefix('_').unwrap_or(digits), prefixed, false);
    }
    if base == 0 { (text, 10, text.starts_with('0')) } else { (text, base, false) }
}

/// Collects ASCII digits, with single underscores between them; the limit counts even when something else follows.
fn collect_digits(text: &str, base: u32, limit: usize) -> Result<Vec<u8>, IntError> {
    let mut digits = Vec::with_capacity(text.len());
    let mut after_underscore = true;
    let mut junk = false;
    for c in text.chars() {
        let c = if c.is_ascii() { c } else { decimal_value(c).and_then(|v| char::from_digit(v, 10)).unwrap_or('?') };
        if c == '_' {
            if after_underscore {
                return Err(IntError::Invalid);
            }
            after_underscore = true;
        } else if c.is_digit(base) {
            digits.push(c as u8);
            after_underscore = false;
        } else {
            junk = true;
            break;
        }
    }
    if after_underscore {
        return Err(IntError::Invalid);
    }
    if limit > 0 && digits.len() > limit && !base.is_power_of_two() {
        return Err(IntError::TooManyDigits(digits.len()));
    }
    if junk { Err(IntError::Invalid) } else { Ok(digits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_reads_what_python_reads() {
        use IntResult::Small;
        for (text, base, expected) in [
            (" -1_000\n", 10, Ok(Small(-1000))),
            ("0x_ff", 0, Ok(Small(255))),
            ("0X1f", 16, Ok(Small(31))),
            ("0x1f", 10, Err(IntError::Invalid)),
            ("010", 0, Err(IntError::Invalid)),
            ("0_0", 0, Ok(Small(0))),
            ("1__0", 10, Err(IntError::Invalid)),
            ("1_", 10, Err(IntError::Invalid)),
            ("_1", 10, Err(IntError::Invalid)),
            ("", 10, Err(IntError::Invalid)),
            ("-", 10, Err(IntError::Invalid)),
            ("z", 36, Ok(Small(35))),
            ("0b1", 16, Ok(Small(177))),
            ("\u{661}\u{662}", 10, Ok(Small(12))),
            ("1", 1, Err(IntError::Base)),
            ("- 1", 10, Err(IntError::Invalid)),
            ("0x", 16, Err(IntError::Invalid)),
            ("²", 10, Err(IntError::Invalid)),
            ("-9223372036854775808", 10, Ok(Small(i64::MIN))),
        ] {
            assert_eq!(parse_int(text, base, MAX_DIGITS), expected, "{text:?} base {base}");
        }
    }

    #[test]
    fn digits_are_limited_except_in_powers_of_two() {
        let long = "1".repeat(4301);
        assert_eq!(parse_int(&long, 10, MAX_DIGITS), Err(IntError::TooManyDigits(4301)));
        assert!(parse_int(&long, 16, MAX_DIGITS).is_ok());
        assert!(parse_int(&long, 10, 0).is_ok());
        assert_eq!(to_decimal(&BigInt::from(10).pow(4300), MAX_DIGITS), Err(IntError::TooLarge));
        assert_eq!(to_decimal(&(BigInt::from(1) - BigInt::from(10).pow(4300)), MAX_DIGITS).map(|s| s.len()), Ok(4301));
    }

    #[test]
    fn bytes_round_trip() {
        for (n, length, order, signed, expected) in [
            (258, 2, ByteOrder::Big, false, Ok(vec![1, 2])),
            (258, 3, ByteOrder::Little, true, Ok(vec![2, 1, 0])),
            (-2, 2, ByteOrder::Big, true, Ok(vec![255, 254])),
            (-2, 2, ByteOrder::Big, false, Err(BytesError::Negative)),
            (128, 1, ByteOrder::Big, true, Err(BytesError::TooBig)),
            (0, 0, ByteOrder::Big, false, Ok(vec![])),
        ] {
            let bytes = to_bytes(&BigInt::from(n), length, order, signed);
            assert_eq!(bytes, expected, "{n}");
            if let Ok(bytes) = bytes {
                assert_eq!(from_bytes(&bytes, order, signed), IntResult::Small(n));
            }
        }
        assert_eq!(to_prefixed(&BigInt::from(-255), 16), "-0xff");
    }
}
