//! `%` formatting, for text and bytes: the directives of a template, and the conversions of numbers and text.
//!
//! In comes a template; out come its pieces one by one, because CPython fetches arguments between them and fails at
//! the first fault. A bytes template comes in as Latin-1 text. Which argument belongs to a directive, and what its
//! type may be, is the caller's business.

use super::float_format::{FloatStyle, Notation, write_float};
use super::format_spec::FormatError;
use num_bigint::BigInt;
use num_traits::Signed;

/// A width or a precision as it stands in the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// It is not given.
    Absent,
    /// A number.
    Given(usize),
    /// `*`: the next argument.
    Argument,
}

/// The flags of a directive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `-`: pad behind.
    pub left: bool,
    /// `+`: show a plus.
    pub plus: bool,
    /// A space instead of a plus.
    pub space: bool,
    /// `#`.
    pub alternate: bool,
    /// `0`: pad with zeros.
    pub zero: bool,
}

/// A conversion directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The mapping key in parentheses.
    pub key: Option<String>,
    /// The flags.
    pub flags: Flags,
    /// The least width.
    pub width: Amount,
    /// The precision.
    pub precision: Amount,
    /// The conversion's letter; `%` takes no argument.
    pub conversion: char,
    /// Where that letter stands, in characters, for `unsupported`.
    pub index: usize,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text to copy.
    Literal(String),
    /// A value to convert.
    Directive(Directive),
}

/// How to lay out one converted value: a directive after its `*` arguments were fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The flags.
    pub flags: Flags,
    /// The least width.
    pub width: usize,
    /// The precision.
    pub precision: Option<usize>,
}

impl Layout {
    /// Combines a directive with the values of its `*` arguments: a negative width pads behind, a negative
    /// precision is 0.
    pub fn resolve(directive: &Directive, width: Option<i64>, precision: Option<i64>) -> Self {
        let mut flags = directive.flags;
        let width = match directive.width {
            Amount::Given(width) => width,
            Amount::Absent => 0,
            Amount::Argument => {
                let width = width.unwrap_or(0);
                flags.left |= width < 0;
                width.unsigned_abs() as usize
            }
        };
        let precision = match directive.precision {
            Amount::Given(precision) => Some(precision),
            Amount::Absent => None,
            Amount::Argument => Some(precision.unwrap_or(0).max(0) as usize),
        };
        Self { flags, width, precision }
    }
}

/// The pieces of a template, in order; an error ends them.
pub struct Template {
    chars: Vec<char>,
    position: usize,
}

impl Template {
    /// Reads a template.
    pub fn new(template: &str) -> Self {
        Self { chars: template.chars().collect(), position: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn bump(&mut self) -> Result<char, FormatError> {
        let c = self.peek().ok_or_else(|| FormatError::value("incomplete format"))?;
        self.position += 1;
        Ok(c)
    }

    fn take_literal(&mut self) -> String {
        let rest = &self.chars[self.position..];
        let literal: String = rest.iter().take_while(|&&c| c != '%').collect();
        self.position += rest.iter().take_while(|&&c| c != '%').count();
        literal
    }

    fn take_directive(&mut self) -> Result<Directive, FormatError> {
        self.position += 1;
        let key = if self.peek() == Some('(') { Some(self.take_key()?) } else { None };
        let flags = self.take_flags();
        let width = self.take_amount("width too big")?;
        let mut precision = Amount::Absent;
        if self.peek() == Some('.') {
            self.position += 1;
            precision = match self.take_amount("precision too big")? {
                Amount::Absent => Amount::Given(0),
                given => given,
            };
        }
        if matches!(self.peek(), Some('h' | 'l' | 'L')) {
            self.position += 1;
        }
        let conversion = self.bump()?;
        Ok(Directive { key, flags, width, precision, conversion, index: self.position - 1 })
    }

    /// Takes a key in parentheses, which may nest.
    fn take_key(&mut self) -> Result<String, FormatError> {
        let start = self.position + 1;
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            self.position += 1;
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(self.chars[start..self.position - 1].iter().collect());
            }
        }
        Err(FormatError::value("incomplete format key"))
    }

    fn take_flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        while let Some(c) = self.peek() {
            match c {
                '-' => flags.left = true,
                '+' => flags.plus = true,
                ' ' => flags.space = true,
                '#' => flags.alternate = true,
                '0' => flags.zero = true,
                _ => break,
            }
            self.position += 1;
        }
        flags
    }

    fn take_amount(&mut self, too_big: &str) -> Result<Amount, FormatError> {
        if self.peek() == Some('*') {
            self.position += 1;
            return Ok(Amount::Argument);
        }
        let mut amount = Amount::Absent;
        while let Some(digit) = self.peek().filter(char::is_ascii_digit).and_then(|c| c.to_digit(10)) {
            let so_far = if let Amount::Given(n) = amount { n } else { 0 };
            let next = so_far * 10 + digit as usize;
            if next > i32::MAX as usize {
                return Err(FormatError::value(too_big));
            }
            amount = Amount::Given(next);
            self.position += 1;
        }
        Ok(amount)
    }
}

impl Iterator for Template {
    type Item = Result<Piece, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.peek()? {
            '%' => {
                let directive = self.take_directive();
                if directive.is_err() {
                    self.position = self.chars.len();
                }
                Some(directive.map(Piece::Directive))
            }
            _ => Some(Ok(Piece::Literal(self.take_literal()))),
        }
    }
}

/// The error about a conversion letter that does not exist.
pub fn unsupported(conversion: char, index: usize) -> FormatError {
    let shown = if ('\x20'..'\x7f').contains(&conversion) { conversion } else { '?' };
    let code = conversion as u32;
    FormatError::value(format!("unsupported format character '{shown}' (0x{code:x}) at index {index}"))
}

/// Converts an integer with `d`, `i`, `u`, `o`, `x` or `X`.
pub fn convert_int(n: &BigInt, conversion: char, layout: &Layout) -> String {
    let (base, prefix) = match conversion {
        'o' => (8, "0o"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = n.magnitude().to_str_radix(base);
    if conversion == 'X' {
        digits.make_ascii_uppercase();
    }
    let zeros = layout.precision.unwrap_or(0).saturating_sub(digits.len());
    let digits = "0".repeat(zeros) + &digits;
    lay_out_number(n.is_negative(), if layout.flags.alternate { prefix } else { "" }, &digits, layout)
}

/// Converts a float with `e`, `f`, `g` or their capitals.
pub fn convert_float(x: f64, conversion: char, layout: &Layout) -> String {
    let notation = match conversion {
        'e' | 'E' => Notation::Exponent,
        'f' | 'F' => Notation::Fixed,
        _ => Notation::General,
    };
    let style =
        FloatStyle { alternate: layout.flags.alternate, upper: conversion.is_ascii_uppercase(), ..FloatStyle::new(notation, layout.precision.unwrap_or(6)) };
    let text = write_float(x, style);
    lay_out_number(text.starts_with('-'), "", text.strip_prefix('-').unwrap_or(&text), layout)
}

/// Converts text, as `s`, `r` and `a` do once they have it: the precision cuts it.
pub fn convert_text(text: &str, layout: &Layout) -> String {
    let cut: String = text.chars().take(layout.precision.unwrap_or(usize::MAX)).collect();
    let missing = layout.width.saturating_sub(cut.chars().count());
    if layout.flags.left { cut + &" ".repeat(missing) } else { " ".repeat(missing) + &cut }
}

/// Converts bytes, as `s`, `b` and `c` do in a bytes template.
pub fn convert_bytes(bytes: &[u8], layout: &Layout) -> Vec<u8> {
    let cut = &bytes[..layout.precision.unwrap_or(usize::MAX).min(bytes.len())];
    let padding = vec![b' '; layout.width.saturating_sub(cut.len())];
    if layout.flags.left { [cut, &padding].concat() } else { [&padding, cut].concat() }
}

fn lay_out_number(negative: bool, prefix: &str, digits: &str, layout: &Layout) -> String {
    let Flags { left, plus, space, zero, .. } = layout.flags;
    let sign = if negative {
        "-"
    } else if plus {
        "+"
    } else if space {
        " "
    } else {
        ""
    };
    let missing = layout.width.saturating_sub(sign.len() + prefix.len() + digits.len());
    let spaces = " ".repeat(if left || !zero { missing } else { 0 });
    let zeros = "0".repeat(if zero && !left { missing } else { 0 });
    if left { [sign, prefix, digits, &spaces].concat() } else { [&spaces, sign, prefix, &zeros, digits].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formats one integer with a template of one directive.
    fn format_int(template: &str, n: i64) -> String {
        let Some(Ok(Piece::Directive(directive))) = Template::new(template).next() else { return String::new() };
        convert_int(&BigInt::from(n), directive.conversion, &Layout::resolve(&directive, Some(-6), Some(3)))
    }

    #[test]
    fn integers_are_padded() {
        for (template, n, expected) in [
            ("%5d", 42, "   42"),
            ("%-5d", 42, "42   "),
            ("%05d", -42, "-0042"),
            ("%+d", 42, "+42"),
            ("% d", 42, " 42"),
            ("%#x", 255, "0xff"),
            ("%#08X", 255, "0X0000FF"),
            ("%.4d", -7, "-0007"),
            ("%-05d|", 3, "3    "),
            ("%*.*d", 7, "007   "),
            ("%#o", 8, "0o10"),
        ] {
            assert_eq!(format_int(template, n), expected, "{template}");
        }
    }

    #[test]
    fn pieces_come_one_by_one() {
        let mut pieces = Template::new("a%%b%(k(x))-5.2fz%");
        let mut next = || pieces.next();
        assert_eq!(next(), Some(Ok(Piece::Literal("a".to_owned()))));
        assert!(matches!(next(), Some(Ok(Piece::Directive(Directive { conversion: '%', .. })))));
        assert_eq!(next(), Some(Ok(Piece::Literal("b".to_owned()))));
        let Some(Ok(Piece::Directive(directive))) = next() else { panic!("expected a directive") };
        assert_eq!((directive.key.as_deref(), directive.conversion, directive.index), (Some("k(x)"), 'f', 15));
        assert_eq!(next(), Some(Ok(Piece::Literal("z".to_owned()))));
        assert_eq!(next(), Some(Err(FormatError::value("incomplete format"))));
        assert_eq!(next(), None);
        let message = unsupported('é', 3).message;
        assert_eq!(message, "unsupported format character '?' (0xe9) at index 3");
    }
}
