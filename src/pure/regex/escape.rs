//! What a backslash in a pattern stands for, outside and inside of sets.

use super::chars::{Class, Item, Set};
use super::node::{Node, Place};
use super::parse::Parser;
use super::{Error, flag};

type Result<T> = std::result::Result<T, Error>;

/// Characters with an escape of their own.
pub fn control(c: char) -> Option<char> {
    Some(match c {
        'a' => '\u{7}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        _ => return None,
    })
}

fn class_of(c: char) -> Option<Item> {
    Some(match c {
        'd' => Item::Class(Class::Digit, false),
        'D' => Item::Class(Class::Digit, true),
        's' => Item::Class(Class::Space, false),
        'S' => Item::Class(Class::Space, true),
        'w' => Item::Class(Class::Word, false),
        'W' => Item::Class(Class::Word, true),
        _ => return None,
    })
}

impl Parser<'_> {
    /// What follows a backslash outside of sets.
    pub fn escape(&mut self, flags: u32) -> Result<Node> {
        let start = self.at - 1;
        let c = self.escaped()?;
        let ascii = self.is_ascii(flags);
        let place = match c {
            'A' => Some(Place::TextStart),
            'Z' => Some(Place::TextEnd),
            'b' => Some(Place::WordEdge { ascii }),
            'B' => Some(Place::NoWordEdge { ascii }),
            _ => None,
        };
        if let Some(place) = place {
            return Ok(Node::At(place));
        }
        if let Some(item) = class_of(c) {
            return Ok(Node::Set(Box::new(Set::new(vec![item], false, false, ascii))));
        }
        if let Some(c) = control(c) {
            return Ok(self.literal(c, flags));
        }
        match c {
            '0' => {
                let code = self.while_octal(2);
                Ok(self.literal(char::from_u32(code).unwrap_or('\0'), flags))
            }
            '1'..='9' => self.reference(c, start, flags),
            _ => self.code_escape(c, start).map(|c| self.literal(c, flags)),
        }
    }

    /// What follows a backslash in a set.
    pub fn set_escape(&mut self) -> Result<Item> {
        let start = self.at - 1;
        let c = self.escaped()?;
        if c == 'b' {
            return Ok(Item::Char('\u{8}'));
        }
        if let Some(item) = class_of(c) {
            return Ok(item);
        }
        if let Some(c) = control(c) {
            return Ok(Item::Char(c));
        }
        if c.is_digit(8) {
            self.at -= 1;
            let code = self.while_octal(3);
            if code > 0o377 {
                return Err(Error::at(format!("octal escape value {} outside of range 0-0o377", self.shown(start)), start));
            }
            return Ok(Item::Char(char::from_u32(code).unwrap_or('\0')));
        }
        self.code_escape(c, start).map(Item::Char)
    }

    /// The pattern's text from a place up to here.
    pub fn shown(&self, start: usize) -> String {
        self.chars.get(start..self.at).unwrap_or_default().iter().collect()
    }

    fn while_octal(&mut self, most: usize) -> u32 {
        let mut code = 0;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            code = code * 8 + digit;
            self.at += 1;
        }
        code
    }

    /// `\1` to `\99`, or three octal digits.
    fn reference(&mut self, first: char, start: usize, flags: u32) -> Result<Node> {
        let mut text = String::from(first);
        if let Some(second) = self.peek().filter(char::is_ascii_digit) {
            text.push(second);
            self.at += 1;
            if let Some(third) = self.peek().filter(|c| c.is_digit(8) && text.chars().all(|c| c.is_digit(8))) {
                text.push(third);
                self.at += 1;
                let code = u32::from_str_radix(&text, 8).unwrap_or(0);
                if code > 0o377 {
                    return Err(Error::at(format!("octal escape value \\{text} outside of range 0-0o377"), start));
                }
                return Ok(self.literal(char::from_u32(code).unwrap_or('\0'), flags));
            }
        }
        let group = text.parse().unwrap_or(usize::MAX);
        match self.groups.get(group) {
            None => Err(Error::at(format!("invalid group reference {group}"), start + 1)),
            Some(g) if g.is_open => Err(Error::at("cannot refer to an open group", start)),
            Some(_) => {
                self.check_behind(group)?;
                Ok(self.backref(group, flags))
            }
        }
    }

    pub fn backref(&self, group: usize, flags: u32) -> Node {
        Node::Backref { group, ignore_case: flags & flag::IGNORECASE != 0, ascii: self.is_ascii(flags) }
    }

    /// Escapes by code or name; anything but an ASCII letter or digit stands for itself.
    fn code_escape(&mut self, c: char, start: usize) -> Result<char> {
        match c {
            'x' => self.hex_escape(2, start),
            'u' if !self.is_bytes => self.hex_escape(4, start),
            'U' if !self.is_bytes => self.hex_escape(8, start),
            'N' if !self.is_bytes => self.named(start),
            _ if c.is_ascii_alphanumeric() => Err(Error::at(format!("bad escape \\{c}"), start)),
            _ => Ok(c),
        }
    }

    fn hex_escape(&mut self, digits: usize, start: usize) -> Result<char> {
        let mut code = 0_u32;
        for _ in 0..digits {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                return Err(Error::at(format!("incomplete escape {}", self.shown(start)), start));
            };
            code = code << 4 | digit;
            self.at += 1;
        }
        char::from_u32(code).ok_or_else(|| Error::at(format!("bad escape {}", self.shown(start)), start))
    }

    fn named(&mut self, start: usize) -> Result<char> {
        if !self.eat('{') {
            return Err(self.fail("missing {", 0));
        }
        let name = self.until('}', "character name")?;
        unicode_names2::character(&name).ok_or_else(|| Error::at(format!("undefined character name {}", crate::pure::repr::repr_str(&name)), start))
    }

    /// Text up to a terminator.
    pub fn until(&mut self, end: char, what: &str) -> Result<String> {
        let mut found = String::new();
        loop {
            match self.get() {
                None if found.is_empty() => return Err(self.fail(format!("missing {what}"), 0)),
                None => return Err(self.fail(format!("missing {end}, unterminated name"), found.chars().count())),
                Some(c) if c == end && found.is_empty() => return Err(self.fail(format!("missing {what}"), 1)),
                Some(c) if c == end => return Ok(found),
                Some(c) => found.push(c),
            }
        }
    }
}
