//! Templates of `str.format`: literal text and replacement fields, and what a field's name refers to.
//!
//! In comes a template; out come its pieces one by one, with CPython's complaints at the place where it would make
//! them. Looking arguments up, and expanding a nested specification (with the same `Numbering`), is the caller's
//! business.

use super::chars::decimal_value;
use super::format_spec::FormatError;

/// How deep specifications may nest: the template, and one level in its fields.
pub const MAX_DEPTH: usize = 2;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text to copy.
    Literal(&'a str),
    /// A value to format.
    Field(Field<'a>),
}

/// A replacement field, as it stands in the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// What stands before `!` and `:`.
    pub name: &'a str,
    /// The letter after `!`.
    pub conversion: Option<char>,
    /// What stands after `:`.
    pub spec: &'a str,
    /// Whether the specification holds fields itself.
    pub nested: bool,
}

/// The argument a field begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// A positional argument.
    Index(usize),
    /// A keyword argument.
    Name(&'a str),
}

/// A step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// `.name`
    Attribute(&'a str),
    /// `[3]`
    Index(usize),
    /// `[key]`
    Key(&'a str),
}

/// What a field's name refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath<'a> {
    /// The argument.
    pub first: First<'a>,
    /// The steps from there.
    pub steps: Vec<Step<'a>>,
    /// What to raise after these steps, if the name is faulty further on.
    pub fault: Option<FormatError>,
}

/// Whether fields are numbered automatically or by hand; shared by a template and its nested specifications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbering {
    /// No numbered field was seen yet.
    #[default]
    Open,
    /// The next automatic number.
    Automatic(usize),
    /// The template gives the numbers.
    Manual,
}

impl Numbering {
    /// Splits a field's name, numbering it if it has no number.
    pub fn resolve<'a>(&mut self, name: &'a str) -> Result<FieldPath<'a>, FormatError> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let first = &name[..end];
        let first = match to_index(first)? {
            Some(index) => First::Index(self.take_manual(index)?),
            None if first.is_empty() => First::Index(self.take_automatic()?),
            None => First::Name(first),
        };
        let mut path = FieldPath { first, steps: Vec::new(), fault: None };
        let mut rest = &name[end..];
        while !rest.is_empty() {
            match take_step(rest) {
                Ok((step, after)) => {
                    path.steps.push(step);
                    rest = after;
                }
                Err(fault) => {
                    path.fault = Some(fault);
                    break;
                }
            }
        }
        Ok(path)
    }

    fn take_manual(&mut self, index: usize) -> Result<usize, FormatError> {
        if matches!(self, Self::Automatic(_)) {
            let message = "cannot switch from automatic field numbering to manual field specification";
            return Err(FormatError::value(message));
        }
        *self = Self::Manual;
        Ok(index)
    }

    fn take_automatic(&mut self) -> Result<usize, FormatError> {
        let index = match *self {
            Self::Open => 0,
            Self::Automatic(next) => next,
            Self::Manual => {
                let message = "cannot switch from manual field specification to automatic field numbering";
                return Err(FormatError::value(message));
            }
        };
        *self = Self::Automatic(index + 1);
        Ok(index)
    }
}

/// The pieces of a template, in order; an error ends them.
pub struct Template<'a> {
    rest: &'a str,
    field_follows: bool,
}

impl<'a> Template<'a> {
    /// Reads a template.
    pub fn new(template: &'a str) -> Self {
        Self { rest: template, field_follows: false }
    }

    /// Takes the text up to a field, or up to and with a doubled brace.
    fn take_literal(&mut self) -> Result<&'a str, FormatError> {
        let text = self.rest;
        let Some(at) = text.find(['{', '}']) else {
            self.rest = "";
            return Ok(text);
        };
        let (brace, after) = text[at..].split_at(1);
        if let Some(after_both) = after.strip_prefix(brace) {
            self.rest = after_both;
            return Ok(&text[..=at]);
        }
        if brace == "}" || after.is_empty() {
            return Err(FormatError::value(format!("Single '{brace}' encountered in format string")));
        }
        self.rest = after;
        self.field_follows = true;
        Ok(&text[..at])
    }

    fn take_field(&mut self) -> Result<Field<'a>, FormatError> {
        let text = self.rest;
        let end = find_name_end(text)?;
        let mut field = Field { name: &text[..end], conversion: None, spec: "", nested: false };
        self.rest = &text[end + 1..];
        match text.as_bytes()[end] {
            b'}' => return Ok(field),
            b'!' => {
                let missing = || FormatError::value("end of string while looking for conversion specifier");
                let conversion = self.bump().ok_or_else(missing)?;
                field.conversion = Some(conversion);
                match self.bump() {
                    Some('}') => return Ok(field),
                    None | Some(':') => {}
                    Some(_) => return Err(FormatError::value("expected ':' after conversion specifier")),
                }
            }
            _ => {}
        }
        field.spec = self.take_spec()?;
        field.nested = field.spec.contains('{');
        Ok(field)
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn take_spec(&mut self) -> Result<&'a str, FormatError> {
        let text = self.rest;
        let mut depth = 1_usize;
        for (at, c) in text.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.rest = &text[at + 1..];
                return Ok(&text[..at]);
            }
        }
        Err(FormatError::value("unmatched '{' in format spec"))
    }
}

impl<'a> Iterator for Template<'a> {
    type Item = Result<Piece<'a>, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = if std::mem::take(&mut self.field_follows) {
            self.take_field().map(Piece::Field)
        } else if self.rest.is_empty() {
            return None;
        } else {
            match self.take_literal() {
                Ok("") => return self.next(),
                literal => literal.map(Piece::Literal),
            }
        };
        if piece.is_err() {
            self.rest = "";
        }
        Some(piece)
    }
}

/// The error about a letter after `!` other than `r`, `s` and `a`; it comes after the field was looked up.
pub fn unknown_conversion(conversion: char) -> FormatError {
    FormatError::value(if ('!'..'\x7f').contains(&conversion) {
        format!("Unknown conversion specifier {conversion}")
    } else {
        format!("Unknown conversion specifier \\x{:x}", conversion as u32)
    })
}

/// Where a field's name ends: at `}`, `:` or `!` outside square brackets.
fn find_name_end(text: &str) -> Result<usize, FormatError> {
    let mut in_brackets = false;
    for (at, c) in text.char_indices() {
        match c {
            ']' if in_brackets => in_brackets = false,
            _ if in_brackets => {}
            '[' => in_brackets = true,
            '{' => return Err(FormatError::value("unexpected '{' in field name")),
            '}' | ':' | '!' => return Ok(at),
            _ => {}
        }
    }
    Err(FormatError::value("expected '}' before end of string"))
}

/// Takes one step off a path that is not empty.
fn take_step(path: &str) -> Result<(Step<'_>, &str), FormatError> {
    let empty = || FormatError::value("Empty attribute in format string");
    if let Some(rest) = path.strip_prefix('.') {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        return if name.is_empty() { Err(empty()) } else { Ok((Step::Attribute(name), &rest[end..])) };
    }
    let Some(rest) = path.strip_prefix('[') else {
        return Err(FormatError::value("Only '.' or '[' may follow ']' in format field specifier"));
    };
    let Some((key, rest)) = rest.split_once(']') else {
        return Err(FormatError::value("Missing ']' in format string"));
    };
    if key.is_empty() {
        return Err(empty());
    }
    Ok((to_index(key)?.map_or(Step::Key(key), Step::Index), rest))
}

/// Reads a name that consists of decimal digits as a number.
fn to_index(name: &str) -> Result<Option<usize>, FormatError> {
    let mut index = None;
    for c in name.chars() {
        let Some(digit) = decimal_value(c) else { return Ok(None) };
        let next = index.unwrap_or(0_i64).checked_mul(10).and_then(|n| n.checked_add(i64::from(digit)));
        index = Some(next.ok_or_else(|| FormatError::value("Too many decimal digits in format string"))?);
    }
    Ok(index.map(|n| n as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faulty_templates_are_refused_in_cpythons_words() {
        for (template, expected) in [
            ("{", "Single '{' encountered in format string"),
            ("}", "Single '}' encountered in format string"),
            ("a}b", "Single '}' encountered in format string"),
            ("{a", "expected '}' before end of string"),
            ("{a{b}}", "unexpected '{' in field name"),
            ("{!", "end of string while looking for conversion specifier"),
            ("{!rx}", "expected ':' after conversion specifier"),
            ("{:{}", "unmatched '{' in format spec"),
            ("{a[}", "expected '}' before end of string"),
            ("{!r", "unmatched '{' in format spec"),
        ] {
            let error = Template::new(template).find_map(Result::err).map(|error| error.message);
            assert_eq!(error.as_deref(), Some(expected), "{template}");
        }
    }

    #[test]
    fn pieces_are_literals_and_fields() {
        let pieces: Result<Vec<Piece>, _> = Template::new("a{{b}}{x.y[0]!r:>{w}}{}").collect();
        let field = |name, conversion, spec, nested| Piece::Field(Field { name, conversion, spec, nested });
        let expected = vec![Piece::Literal("a{"), Piece::Literal("b}"), field("x.y[0]", Some('r'), ">{w}", true), field("", None, "", false)];
        assert_eq!(pieces, Ok(expected));
    }

    #[test]
    fn names_become_paths() {
        let mut numbering = Numbering::default();
        let path = numbering.resolve("0.name[key][12]");
        let steps = vec![Step::Attribute("name"), Step::Key("key"), Step::Index(12)];
        assert_eq!(path, Ok(FieldPath { first: First::Index(0), steps, fault: None }));
        let error = numbering.resolve("").map_err(|error| error.message);
        assert_eq!(error, Err("cannot switch from manual field specification to automatic field numbering".to_owned()));
        for (name, expected) in [
            ("a.", "Empty attribute in format string"),
            ("a[b", "Missing ']' in format string"),
            ("a[b]c", "Only '.' or '[' may follow ']' in format field specifier"),
            ("a[]", "Empty attribute in format string"),
        ] {
            let fault = numbering.resolve(name).ok().and_then(|path| path.fault).map(|fault| fault.message);
            assert_eq!(fault.as_deref(), Some(expected), "{name}");
        }
    }
}
