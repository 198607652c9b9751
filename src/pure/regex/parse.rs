//! A pattern as a tree: alternatives, sequences, repetitions and sets. Escapes are in `escape`, what follows `(?` in `group`.

use super::chars::{Item, Set};
use super::node::{ENDLESS, Greed, Node, Place};
use super::{Error, flag};

/// A pattern's tree and what it says of its groups.
pub struct Parsed {
    pub node: Node,
    pub flags: u32,
    /// The number of groups with the whole match.
    pub groups: usize,
    pub names: Vec<(String, usize)>,
}

/// What is known of a group while the pattern is read.
#[derive(Clone, Copy)]
pub struct GroupState {
    pub is_open: bool,
    pub width: (usize, usize),
}

/// The reader of one pattern.
pub struct Parser<'a> {
    pub chars: &'a [char],
    pub at: usize,
    pub is_bytes: bool,
    /// The flags of the whole pattern.
    pub flags: u32,
    pub groups: Vec<GroupState>,
    pub names: Vec<(String, usize)>,
    /// Groups that conditions refer to, with the place.
    pub referred: Vec<(usize, usize)>,
    pub depth: usize,
    /// The first group that belongs to the look-behind that is read.
    pub behind_from: Option<usize>,
    /// Whether some look-behind has no fixed width.
    pub is_behind_open: bool,
}

/// Groups inside groups at most.
const DEEPEST: usize = 400;

type Result<T> = std::result::Result<T, Error>;

/// How a part of a pattern ended: `(?x)` at its start means reading it again.
pub enum Again {
    Error(Error),
    Verbose,
}

impl From<Error> for Again {
    fn from(e: Error) -> Self {
        Self::Error(e)
    }
}

/// Reads a whole pattern.
pub fn parse(pattern: &str, flags: u32, is_bytes: bool) -> Result<Parsed> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut flags = flags;
    loop {
        let mut parser = Parser {
            chars: &chars,
            at: 0,
            is_bytes,
            flags,
            groups: vec![GroupState { is_open: true, width: (0, 0) }],
            names: Vec::new(),
            referred: Vec::new(),
            depth: 0,
            behind_from: None,
            is_behind_open: false,
        };
        match parser.whole() {
            Ok(node) => {
                let flags = checked_flags(parser.flags, is_bytes)?;
                return Ok(Parsed { node, flags, groups: parser.groups.len(), names: parser.names });
            }
            Err(Again::Error(e)) => return Err(e),
            Err(Again::Verbose) => flags |= flag::VERBOSE,
        }
    }
}

/// The flags of a pattern, `UNICODE` added where it holds.
fn checked_flags(flags: u32, is_bytes: bool) -> Result<u32> {
    if is_bytes {
        if flags & flag::UNICODE != 0 {
            return Err(Error::Flags("cannot use UNICODE flag with a bytes pattern"));
        }
        if flags & flag::LOCALE != 0 && flags & flag::ASCII != 0 {
            return Err(Error::Flags("ASCII and LOCALE flags are incompatible"));
        }
        return Ok(flags);
    }
    if flags & flag::LOCALE != 0 {
        return Err(Error::Flags("cannot use LOCALE flag with a str pattern"));
    }
    if flags & flag::ASCII != 0 && flags & flag::UNICODE != 0 {
        return Err(Error::Flags("ASCII and UNICODE flags are incompatible"));
    }
    Ok(if flags & flag::ASCII == 0 { flags | flag::UNICODE } else { flags })
}

impl Parser<'_> {
    fn whole(&mut self) -> std::result::Result<Node, Again> {
        // Flags in the pattern itself hold from its start.
        checked_flags(self.flags, self.is_bytes)?;
        let node = self.alternatives(self.flags, true)?;
        if self.at < self.chars.len() {
            return Err(self.fail("unbalanced parenthesis", 0).into());
        }
        if let Some((group, at)) = self.referred.iter().find(|(g, _)| *g >= self.groups.len()) {
            return Err(Error::at(format!("invalid group reference {group}"), *at).into());
        }
        if self.is_behind_open {
            return Err(Error::Pattern("look-behind requires fixed-width pattern".to_owned(), None).into());
        }
        Ok(node)
    }

    /// Refuses references to groups that a look-behind cannot refer to.
    pub fn check_behind(&self, group: usize) -> Result<()> {
        let Some(first) = self.behind_from else { return Ok(()) };
        if self.groups.get(group).is_none_or(|g| g.is_open) {
            return Err(self.fail("cannot refer to an open group", 0));
        }
        if group >= first {
            return Err(self.fail("cannot refer to group defined in the same lookbehind subpattern", 0));
        }
        Ok(())
    }

    /// An error so many characters back.
    pub fn fail(&self, message: impl Into<String>, back: usize) -> Error {
        Error::at(message, self.at.saturating_sub(back))
    }

    pub fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub fn get(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    pub fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    /// The character behind a backslash that was just read.
    pub fn escaped(&mut self) -> Result<char> {
        self.get().ok_or_else(|| Error::at("bad escape (end of pattern)", self.chars.len() - 1))
    }

    pub fn is_ascii(&self, flags: u32) -> bool {
        self.is_bytes || flags & flag::ASCII != 0
    }

    /// Alternatives up to a closing parenthesis or the end.
    pub fn alternatives(&mut self, flags: u32, is_first: bool) -> std::result::Result<Node, Again> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Error::TooDeep.into());
        }
        let mut flags = flags;
        let mut found = vec![self.sequence(&mut flags, is_first)?];
        while self.eat('|') {
            found.push(self.sequence(&mut flags, false)?);
        }
        self.depth -= 1;
        Ok(if found.len() == 1 { found.pop().unwrap_or(Node::EMPTY) } else { Node::Alt(found) })
    }

    /// A sequence up to `|`, `)` or the end; flags for the whole pattern at its start are added to those that hold.
    pub fn sequence(&mut self, flags: &mut u32, is_first: bool) -> std::result::Result<Node, Again> {
        let mut nodes: Vec<Node> = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            self.at += 1;
            if *flags & flag::VERBOSE != 0 && self.skip_blank(c) {
                continue;
            }
            match c {
                '\\' => nodes.push(self.escape(*flags)?),
                '[' => nodes.push(self.set(*flags)?),
                '*' | '+' | '?' | '{' => self.repeat(c, &mut nodes, *flags)?,
                '.' => nodes.push(Node::Any { newline: *flags & flag::DOTALL != 0 }),
                '^' => nodes.push(Node::At(if *flags & flag::MULTILINE != 0 { Place::LineStart } else { Place::TextStart })),
                '$' => nodes.push(Node::At(if *flags & flag::MULTILINE != 0 { Place::LineEnd } else { Place::LastLineEnd })),
                '(' => {
                    let is_start = is_first && nodes.is_empty();
                    if let Some(node) = self.group(flags, is_start)? {
                        nodes.push(node);
                    }
                }
                _ => nodes.push(self.literal(c, *flags)),
            }
        }
        Ok(if nodes.len() == 1 { nodes.pop().unwrap_or(Node::EMPTY) } else { Node::Cat(nodes) })
    }

    /// Whether a character is skipped in a verbose pattern, with the rest of a comment.
    fn skip_blank(&mut self, c: char) -> bool {
        if matches!(c, ' ' | '\t'..='\r') {
            return true;
        }
        if c == '#' {
            while self.get().is_some_and(|c| c != '\n') {}
            return true;
        }
        false
    }

    /// A character that stands for itself.
    pub fn literal(&self, c: char, flags: u32) -> Node {
        if flags & flag::IGNORECASE == 0 {
            return Node::Char(c);
        }
        let set = Set::new(vec![Item::Char(c)], false, true, self.is_ascii(flags));
        Node::Set(Box::new(set))
    }

    // ---- repetitions ----

    fn repeat(&mut self, c: char, nodes: &mut Vec<Node>, flags: u32) -> Result<()> {
        let here = self.at;
        let (min, max) = match c {
            '?' => (0, 1),
            '*' => (0, ENDLESS),
            '+' => (1, ENDLESS),
            _ => match self.bounds()? {
                Some(bounds) => bounds,
                None => {
                    self.at = here;
                    nodes.push(self.literal('{', flags));
                    return Ok(());
                }
            },
        };
        match nodes.last() {
            None | Some(Node::At(_)) => return Err(Error::at("nothing to repeat", here - 1)),
            Some(Node::Repeat { .. }) => return Err(Error::at("multiple repeat", here - 1)),
            Some(_) => {}
        }
        let greed = if self.eat('?') {
            Greed::Lazy
        } else if self.eat('+') {
            Greed::Possessive
        } else {
            Greed::Greedy
        };
        if let Some(node) = nodes.pop() {
            // A group without effect around a repetition keeps the two apart.
            let node =
                if let Node::Cat(mut inner) = node { if inner.len() == 1 { inner.pop().unwrap_or(Node::EMPTY) } else { Node::Cat(inner) } } else { node };
            nodes.push(Node::Repeat { node: Box::new(node), min, max, greed });
        }
        Ok(())
    }

    /// The numbers of `{m,n}` behind the brace; nothing if it is no such thing.
    fn bounds(&mut self) -> Result<Option<(u32, u32)>> {
        let here = self.at;
        if self.peek() == Some('}') {
            return Ok(None);
        }
        let low = self.digits();
        let high = if self.eat(',') { self.digits() } else { low.clone() };
        if !self.eat('}') {
            return Ok(None);
        }
        let number = |text: &str, missing: u32| match text {
            "" => Ok(missing),
            _ => text.parse().ok().filter(|n| *n < ENDLESS).ok_or_else(|| Error::TooLarge("the repetition number is too large".to_owned())),
        };
        let (min, max) = (number(&low, 0)?, number(&high, ENDLESS)?);
        if max < min {
            return Err(Error::at("min repeat greater than max repeat", here));
        }
        Ok(Some((min, max)))
    }

    fn digits(&mut self) -> String {
        let mut found = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            found.push(c);
            self.at += 1;
        }
        found
    }

    // ---- sets ----

    fn set(&mut self, flags: u32) -> Result<Node> {
        let start = self.at - 1;
        let unterminated = || Error::at("unterminated character set", start);
        let negated = self.eat('^');
        let mut items = Vec::new();
        loop {
            let from = self.at;
            let c = self.get().ok_or_else(unterminated)?;
            if c == ']' && !items.is_empty() {
                break;
            }
            let first = if c == '\\' { self.set_escape()? } else { Item::Char(c) };
            if !self.eat('-') {
                items.push(first);
                continue;
            }
            let middle = self.at;
            let c = self.get().ok_or_else(unterminated)?;
            if c == ']' {
                items.extend([first, Item::Char('-')]);
                break;
            }
            let second = if c == '\\' { self.set_escape()? } else { Item::Char(c) };
            match (first, second) {
                (Item::Char(low), Item::Char(high)) if low <= high => items.push(Item::Range(low, high)),
                _ => {
                    let shown = |from: usize, to: usize| self.chars.get(from..to).unwrap_or_default().iter().collect::<String>();
                    let text = format!("bad character range {}-{}", shown(from, middle - 1), shown(middle, self.at));
                    return Err(Error::at(text, from));
                }
            }
        }
        let ignore_case = flags & flag::IGNORECASE != 0;
        if let ([Item::Char(c)], false, false) = (items.as_slice(), negated, ignore_case) {
            return Ok(Node::Char(*c));
        }
        Ok(Node::Set(Box::new(Set::new(items, negated, ignore_case, self.is_ascii(flags)))))
    }
}
