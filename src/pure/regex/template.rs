//! The replacements of `sub`: literal text and references to groups.

use super::escape::control;
use super::{Error, Regex};
use crate::pure::chars::{continues_identifier, starts_identifier};
use crate::pure::repr::repr_str;

/// A part of a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Group(usize),
}

/// The parts of a replacement.
pub type Template = Vec<Piece>;

struct Reader<'a> {
    chars: Vec<char>,
    at: usize,
    regex: &'a Regex,
    text: String,
    pieces: Template,
}

/// Reads a replacement for a pattern.
///
/// # Errors
///
/// What is wrong with it.
pub fn parse_template(template: &str, regex: &Regex) -> Result<Template, Error> {
    let mut reader = Reader { chars: template.chars().collect(), at: 0, regex, text: String::new(), pieces: Vec::new() };
    while let Some(c) = reader.get() {
        if c == '\\' { reader.escape()? } else { reader.text.push(c) }
    }
    reader.flush();
    Ok(reader.pieces)
}

impl Reader<'_> {
    fn get(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn digit(&mut self, radix: u32) -> Option<char> {
        let c = self.chars.get(self.at).copied().filter(|c| c.is_digit(radix))?;
        self.at += 1;
        Some(c)
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text)));
        }
    }

    fn add_group(&mut self, group: usize, at: usize) -> Result<(), Error> {
        if group > self.regex.groups {
            return Err(Error::at(format!("invalid group reference {group}"), at));
        }
        self.flush();
        self.pieces.push(Piece::Group(group));
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Error> {
        let start = self.at - 1;
        let Some(c) = self.get() else { return Err(Error::at("bad escape (end of pattern)", start)) };
        match c {
            'g' => self.named(start),
            '0' => {
                let mut code = 0;
                for _ in 0..2 {
                    code = self.digit(8).and_then(|c| c.to_digit(8)).map_or(code, |d| code * 8 + d);
                }
                self.text.extend(char::from_u32(code));
                Ok(())
            }
            '1'..='9' => self.numbered(c, start),
            'b' => {
                self.text.push('\u{8}');
                Ok(())
            }
            _ => match control(c) {
                Some(c) => {
                    self.text.push(c);
                    Ok(())
                }
                None if c.is_ascii_alphabetic() => Err(Error::at(format!("bad escape \\{c}"), start)),
                None => {
                    self.text.extend(['\\', c]);
                    Ok(())
                }
            },
        }
    }

    fn numbered(&mut self, first: char, start: usize) -> Result<(), Error> {
        let mut text = String::from(first);
        if let Some(second) = self.digit(10) {
            text.push(second);
            if text.chars().all(|c| c.is_digit(8))
                && let Some(third) = self.digit(8)
            {
                text.push(third);
                let code = u32::from_str_radix(&text, 8).unwrap_or(0);
                if code > 0o377 {
                    return Err(Error::at(format!("octal escape value \\{text} outside of range 0-0o377"), start));
                }
                self.text.extend(char::from_u32(code));
                return Ok(());
            }
        }
        self.add_group(text.parse().unwrap_or(usize::MAX), start + 1)
    }

    fn named(&mut self, _start: usize) -> Result<(), Error> {
        if self.get() != Some('<') {
            return Err(Error::at("missing <", (self.at - 1).min(self.chars.len())));
        }
        let from = self.at;
        let length = self.chars.iter().skip(from).position(|c| *c == '>');
        let Some(length) = length else {
            let missing = if from >= self.chars.len() { "missing group name" } else { "missing >, unterminated name" };
            return Err(Error::at(missing, from));
        };
        let name: String = self.chars.iter().skip(from).take(length).collect();
        self.at = from + length + 1;
        if name.is_empty() {
            return Err(Error::at("missing group name", from));
        }
        if name.chars().all(|c| c.is_ascii_digit()) {
            return self.add_group(name.parse().unwrap_or(usize::MAX), from);
        }
        let mut chars = name.chars();
        if !(chars.next().is_some_and(|c| c == '_' || starts_identifier(c)) && chars.all(continues_identifier)) {
            return Err(Error::at(format!("bad character in group name {}", repr_str(&name)), from));
        }
        match self.regex.names.iter().find(|(n, _)| *n == name) {
            Some((_, group)) => self.add_group(*group, from),
            None => Err(Error::UnknownName(name)),
        }
    }
}
