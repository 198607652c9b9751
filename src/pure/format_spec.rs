//! The format mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
//!
//! In comes the text behind the colon; out comes a `FormatSpec`, or an error in CPython's words. What each type
//! makes of it is in `format_value`.

use super::chars::decimal_value;

/// Where padding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `<`: behind.
    Left,
    /// `>`: before.
    Right,
    /// `^`: on both sides, the odd one behind.
    Center,
    /// `=`: between the sign and the digits.
    AfterSign,
}

/// Which numbers show a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignRule {
    /// `-`: negative numbers.
    Minus,
    /// `+`: all.
    Plus,
    /// A space stands for plus.
    Space,
}

/// What a failed format raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatErrorKind {
    /// `ValueError`.
    Value,
    /// `OverflowError`.
    Overflow,
    /// `TypeError`.
    Type,
}

/// A failed format, with CPython's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// The exception's class.
    pub kind: FormatErrorKind,
    /// The exception's text.
    pub message: String,
}

impl FormatError {
    /// Makes a `ValueError`.
    pub fn value(message: impl Into<String>) -> Self {
        Self { kind: FormatErrorKind::Value, message: message.into() }
    }

    /// Makes an `OverflowError`.
    pub fn overflow(message: impl Into<String>) -> Self {
        Self { kind: FormatErrorKind::Overflow, message: message.into() }
    }

    /// Makes a `TypeError`.
    pub fn type_error(message: impl Into<String>) -> Self {
        Self { kind: FormatErrorKind::Type, message: message.into() }
    }

    /// The complaint about a type letter that the value's type does not know.
    pub fn unknown_code(code: char, type_name: &str) -> Self {
        Self::value(format!("Unknown format code '{}' for object of type '{type_name}'", show_code(code)))
    }
}

/// A parsed format specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatSpec {
    /// What padding consists of.
    pub fill: char,
    /// Where padding goes.
    pub align: Align,
    /// The sign rule, if one is given.
    pub sign: Option<SignRule>,
    /// `z`: no negative zero.
    pub no_negative_zero: bool,
    /// `#`.
    pub alternate: bool,
    /// The least number of characters, 0 if not given.
    pub width: usize,
    /// `,` or `_` between groups of digits.
    pub grouping: Option<char>,
    /// The precision, if given.
    pub precision: Option<usize>,
    /// The type letter, if given.
    pub code: Option<char>,
}

/// Parses a specification for a value of the named type. `align` is the type's own alignment, and
/// `default_code` the letter that an error about grouping shows when none is given.
pub fn parse_spec(text: &str, align: Align, default_code: Option<char>, type_name: &str) -> Result<FormatSpec, FormatError> {
    let chars: Vec<char> = text.chars().collect();
    let mut cursor = Cursor { chars: &chars, position: 0 };
    let (fill, explicit_align) = cursor.take_align();
    let mut spec = FormatSpec {
        fill: fill.unwrap_or(' '),
        align: explicit_align.unwrap_or(align),
        sign: cursor.take_sign(),
        no_negative_zero: cursor.take('z'),
        alternate: cursor.take('#'),
        width: 0,
        grouping: None,
        precision: None,
        code: None,
    };
    if fill.is_none() && cursor.take('0') {
        spec.fill = '0';
        if explicit_align.is_none() && align == Align::Right {
            spec.align = Align::AfterSign;
        }
    }
    spec.width = cursor.take_number()?.unwrap_or(0);
    spec.grouping = cursor.take_grouping()?;
    if cursor.take('.') {
        let precision = cursor.take_number()?;
        spec.precision = Some(precision.ok_or_else(|| FormatError::value("Format specifier missing precision"))?);
    }
    spec.code = match cursor.rest() {
        [] => None,
        [code] => Some(*code),
        _ => {
            let message = format!("Invalid format specifier '{text}' for object of type '{type_name}'");
            return Err(FormatError::value(message));
        }
    };
    check_grouping(&spec, default_code)?;
    Ok(spec)
}

fn check_grouping(spec: &FormatSpec, default_code: Option<char>) -> Result<(), FormatError> {
    let Some(separator) = spec.grouping else { return Ok(()) };
    match spec.code.or(default_code) {
        None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F') => Ok(()),
        Some('b' | 'o' | 'x' | 'X') if separator == '_' => Ok(()),
        Some(code) => Err(FormatError::value(format!("Cannot specify '{separator}' with '{}'.", show_code(code)))),
    }
}

fn show_code(code: char) -> String {
    if ('!'..='\x7f').contains(&code) { code.to_string() } else { format!("\\x{:x}", code as u32) }
}

fn to_align(c: char) -> Option<Align> {
    match c {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Center),
        '=' => Some(Align::AfterSign),
        _ => None,
    }
}

/// A position in the specification.
struct Cursor<'a> {
    chars: &'a [char],
    position: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &[char] {
        self.chars.get(self.position..).unwrap_or(&[])
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest().first() == Some(&wanted);
        self.position += usize::from(found);
        found
    }

    fn take_align(&mut self) -> (Option<char>, Option<Align>) {
        match *self.rest() {
            [fill, align, ..] if to_align(align).is_some() => {
                self.position += 2;
                (Some(fill), to_align(align))
            }
            [align, ..] if to_align(align).is_some() => {
                self.position += 1;
                (None, to_align(align))
            }
            _ => (None, None),
        }
    }

    fn take_sign(&mut self) -> Option<SignRule> {
        let sign = match self.rest().first()? {
            '+' => SignRule::Plus,
            '-' => SignRule::Minus,
            ' ' => SignRule::Space,
            _ => return None,
        };
        self.position += 1;
        Some(sign)
    }

    fn take_number(&mut self) -> Result<Option<usize>, FormatError> {
        let mut number = None;
        while let Some(digit) = self.rest().first().copied().and_then(decimal_value) {
            let next = number.unwrap_or(0_i64).checked_mul(10).and_then(|n| n.checked_add(i64::from(digit)));
            number = Some(next.ok_or_else(|| FormatError::value("Too many decimal digits in format string"))?);
            self.position += 1;
        }
        Ok(number.map(|n| n as usize))
    }

    fn take_grouping(&mut self) -> Result<Option<char>, FormatError> {
        let both = || FormatError::value("Cannot specify both ',' and '_'.");
        let comma = self.take(',');
        let underscore = self.take('_');
        if underscore && (comma || self.rest().first() == Some(&',')) {
            return Err(both());
        }
        Ok(if comma { Some(',') } else { underscore.then_some('_') })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_cpythons() {
        for (text, expected) in [
            ("abc", "Invalid format specifier 'abc' for object of type 'int'"),
            (".", "Format specifier missing precision"),
            (",_", "Cannot specify both ',' and '_'."),
            ("_,", "Cannot specify both ',' and '_'."),
            (",,", "Cannot specify ',' with ','."),
            (",x", "Cannot specify ',' with 'x'."),
            (",é", "Cannot specify ',' with '\\xe9'."),
            ("99999999999999999999", "Too many decimal digits in format string"),
        ] {
            let error = parse_spec(text, Align::Right, Some('d'), "int").err().map(|error| error.message);
            assert_eq!(error.as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn every_part_is_found() {
        let spec = parse_spec("*^+z#012_.3f", Align::Right, None, "float");
        let expected = FormatSpec {
            fill: '*',
            align: Align::Center,
            sign: Some(SignRule::Plus),
            no_negative_zero: true,
            alternate: true,
            width: 12,
            grouping: Some('_'),
            precision: Some(3),
            code: Some('f'),
        };
        assert_eq!(spec, Ok(expected));
    }
}
