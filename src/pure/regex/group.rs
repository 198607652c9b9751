//! What stands in parentheses: groups, assertions, conditions, flags and comments.

use super::node::Node;
use super::parse::{Again, GroupState, Parser};
use super::{Error, flag};
use crate::pure::chars::{continues_identifier, starts_identifier};
use crate::pure::repr::repr_str;

type Result<T> = std::result::Result<T, Again>;

/// The flags that can be written in a pattern.
fn flag_of(c: char) -> Option<u32> {
    Some(match c {
        'i' => flag::IGNORECASE,
        'L' => flag::LOCALE,
        'm' => flag::MULTILINE,
        's' => flag::DOTALL,
        'x' => flag::VERBOSE,
        'a' => flag::ASCII,
        'u' => flag::UNICODE,
        't' => 1,
        _ => return None,
    })
}

const TYPES: u32 = flag::ASCII | flag::LOCALE | flag::UNICODE;

/// What `(?flags` means.
enum Flags {
    ForAll(u32),
    Inside(u32, u32),
}

impl Parser<'_> {
    /// What follows an opening parenthesis; nothing where it matches nothing by itself.
    pub fn group(&mut self, flags: &mut u32, is_start: bool) -> Result<Option<Node>> {
        let start = self.at - 1;
        if !self.eat('?') {
            return self.capture(None, start, *flags).map(Some);
        }
        let Some(c) = self.get() else { return Err(self.fail("unexpected end of pattern", 0).into()) };
        let node = match c {
            'P' => return self.python_extension(start, *flags).map(Some),
            '#' => return self.comment(start).map(|()| None),
            ':' => without_effect(self.inside(start, *flags)?),
            '>' => Node::Atomic(Box::new(self.inside(start, *flags)?)),
            '=' | '!' => Node::Look { node: Box::new(self.inside(start, *flags)?), behind: None, negated: c == '!' },
            '<' => self.look_behind(start, *flags)?,
            '(' => self.condition(start, *flags)?,
            _ if flag_of(c).is_some() || c == '-' => match self.inline_flags(c)? {
                Flags::ForAll(added) => return self.flags_for_all(added, start, is_start, flags).map(|()| None),
                Flags::Inside(added, removed) => {
                    let base = if added & TYPES != 0 { *flags & !TYPES } else { *flags };
                    without_effect(self.inside(start, (base | added) & !removed)?)
                }
            },
            _ => return Err(self.fail(format!("unknown extension ?{c}"), 2).into()),
        };
        Ok(Some(node))
    }

    fn inside(&mut self, start: usize, flags: u32) -> Result<Node> {
        let node = self.alternatives(flags, false)?;
        self.close(start)?;
        Ok(node)
    }

    fn close(&mut self, start: usize) -> Result<()> {
        if self.eat(')') { Ok(()) } else { Err(Error::at("missing ), unterminated subpattern", start).into()) }
    }

    fn capture(&mut self, name: Option<String>, start: usize, flags: u32) -> Result<Node> {
        let index = self.groups.len();
        if let Some(name) = name {
            if let Some((_, other)) = self.names.iter().find(|(n, _)| *n == name) {
                let text = format!("redefinition of group name {} as group {index}; was group {other}", repr_str(&name));
                return Err(self.fail(text, name.chars().count() + 1).into());
            }
            self.names.push((name, index));
        }
        self.groups.push(GroupState { is_open: true, width: (0, 0) });
        let node = self.inside(start, flags)?;
        let width = node.width(&|g| self.groups.get(g).map_or((0, 0), |g| g.width));
        if let Some(group) = self.groups.get_mut(index) {
            *group = GroupState { is_open: false, width };
        }
        Ok(Node::Group(index, Box::new(node)))
    }

    fn python_extension(&mut self, start: usize, flags: u32) -> Result<Node> {
        if self.eat('<') {
            let name = self.until('>', "group name")?;
            self.check_name(&name)?;
            return self.capture(Some(name), start, flags);
        }
        if self.eat('=') {
            let name = self.until(')', "group name")?;
            self.check_name(&name)?;
            let group = self.named_group(&name)?;
            if self.groups.get(group).is_some_and(|g| g.is_open) {
                return Err(self.fail("cannot refer to an open group", name.chars().count() + 1).into());
            }
            self.check_behind(group)?;
            return Ok(self.backref(group, flags));
        }
        match self.get() {
            None => Err(self.fail("unexpected end of pattern", 0).into()),
            Some(c) => Err(self.fail(format!("unknown extension ?P{c}"), 3).into()),
        }
    }

    fn check_name(&self, name: &str) -> Result<()> {
        let mut chars = name.chars();
        if chars.next().is_some_and(|c| c == '_' || starts_identifier(c)) && chars.all(continues_identifier) {
            return Ok(());
        }
        Err(self.fail(format!("bad character in group name {}", repr_str(name)), name.chars().count() + 1).into())
    }

    fn named_group(&self, name: &str) -> Result<usize> {
        match self.names.iter().find(|(n, _)| n == name) {
            Some((_, group)) => Ok(*group),
            None => Err(self.fail(format!("unknown group name {}", repr_str(name)), name.chars().count() + 1).into()),
        }
    }

    fn comment(&mut self, start: usize) -> Result<()> {
        loop {
            match self.get() {
                None => return Err(Error::at("missing ), unterminated comment", start).into()),
                Some(')') => return Ok(()),
                Some(_) => {}
            }
        }
    }

    fn look_behind(&mut self, start: usize, flags: u32) -> Result<Node> {
        let Some(c) = self.get() else { return Err(self.fail("unexpected end of pattern", 0).into()) };
        if c != '=' && c != '!' {
            return Err(self.fail(format!("unknown extension ?<{c}"), 3).into());
        }
        let outer = self.behind_from;
        self.behind_from = outer.or(Some(self.groups.len()));
        let node = self.inside(start, flags)?;
        self.behind_from = outer;
        let (low, high) = node.width(&|g| self.groups.get(g).map_or((0, 0), |g| g.width));
        self.is_behind_open |= low != high;
        Ok(Node::Look { node: Box::new(node), behind: Some(low), negated: c == '!' })
    }

    fn condition(&mut self, start: usize, flags: u32) -> Result<Node> {
        let name = self.until(')', "group name")?;
        let length = name.chars().count() + 1;
        let group = if name.chars().all(|c| c.is_ascii_digit()) {
            let group = name.parse().unwrap_or(usize::MAX);
            if group == 0 {
                return Err(self.fail("bad group number", length).into());
            }
            self.referred.push((group, self.at - length));
            group
        } else {
            self.check_name(&name)?;
            self.named_group(&name)?
        };
        self.check_behind(group)?;
        let mut inner = flags;
        let yes = self.sequence(&mut inner, false)?;
        let no = if self.eat('|') { self.sequence(&mut inner, false)? } else { Node::EMPTY };
        if self.peek() == Some('|') {
            return Err(self.fail("conditional backref with more than two branches", 0).into());
        }
        self.close(start)?;
        Ok(Node::Cond { group, yes: Box::new(yes), no: Box::new(no) })
    }

    fn flags_for_all(&mut self, added: u32, start: usize, is_start: bool, flags: &mut u32) -> Result<()> {
        if !is_start {
            return Err(Error::at("global flags not at the start of the expression", start).into());
        }
        if added & flag::VERBOSE != 0 && self.flags & flag::VERBOSE == 0 {
            return Err(Again::Verbose);
        }
        self.flags |= added;
        *flags |= added;
        Ok(())
    }

    fn inline_flags(&mut self, first: char) -> Result<Flags> {
        let (mut added, mut removed) = (0, 0);
        let mut c = first;
        while c != '-' {
            self.add_flag(c, &mut added)?;
            c = self.next_flag("missing -, : or )", ")-:")?;
            if c == ')' {
                return Ok(Flags::ForAll(added));
            }
            if c == ':' {
                return Ok(Flags::Inside(added, 0));
            }
        }
        c = self.next_flag("missing flag", "")?;
        loop {
            let flag = flag_of(c).unwrap_or(0);
            if flag & TYPES != 0 {
                return Err(self.fail("bad inline flags: cannot turn off flags 'a', 'u' and 'L'", 0).into());
            }
            removed |= flag;
            c = self.next_flag("missing :", ":")?;
            if c == ':' {
                break;
            }
        }
        if added & removed != 0 {
            return Err(self.fail("bad inline flags: flag turned on and off", 1).into());
        }
        Ok(Flags::Inside(added, removed))
    }

    fn add_flag(&self, c: char, added: &mut u32) -> Result<()> {
        let flag = flag_of(c).unwrap_or(0);
        if !self.is_bytes && c == 'L' {
            return Err(self.fail("bad inline flags: cannot use 'L' flag with a str pattern", 0).into());
        }
        if self.is_bytes && c == 'u' {
            return Err(self.fail("bad inline flags: cannot use 'u' flag with a bytes pattern", 0).into());
        }
        *added |= flag;
        if flag & TYPES != 0 && *added & TYPES != flag {
            return Err(self.fail("bad inline flags: flags 'a', 'u' and 'L' are incompatible", 0).into());
        }
        Ok(())
    }

    /// The next character, which is a flag or one of those that may follow flags.
    fn next_flag(&mut self, missing: &str, ends: &str) -> Result<char> {
        match self.get() {
            None => Err(self.fail(missing, 0).into()),
            Some(c) if ends.contains(c) || flag_of(c).is_some() => Ok(c),
            Some(c) => Err(self.fail(if c.is_alphabetic() { "unknown flag" } else { missing }, 1).into()),
        }
    }
}

/// A group that only holds together: one item to what repeats it.
fn without_effect(node: Node) -> Node {
    match node {
        Node::Repeat { .. } | Node::At(_) => Node::Cat(vec![node]),
        node => node,
    }
}
