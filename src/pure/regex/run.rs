//! Running a program on a text. Alternatives and what is to be undone when they are taken stand on one explicit stack.

use super::chars::{Class, lower, same};
use super::compile::{Op, Program, Single};
use super::node::{ENDLESS, Greed, Place};

/// A register that holds nothing.
pub const NONE: usize = usize::MAX;

/// Steps between two looks at the limits.
const STEPS: u32 = 1024;
/// Entries of the stack at most.
const HIGHEST: usize = 1 << 26;

/// What counts as a match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// At the start.
    Match,
    /// From the start to the end.
    Full,
    /// Anywhere.
    Search,
}

/// Why a run was given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// The one who looks at limits said so.
    ByLimit,
    /// Too many alternatives are open.
    Memory,
}

/// One entry of the stack.
enum Entry {
    /// To go on at a place of the program and the text.
    Branch { op: usize, at: usize },
    /// To give a register its old value.
    Undo { register: usize, old: usize },
    /// To go on behind a run of characters that may be shorter, down to a place.
    Shorter { op: usize, least: usize, at: usize },
    /// To go on behind a run of characters that may be longer, by so many.
    Longer { op: usize, left: u32, at: usize },
}

/// A program on its way through a text.
pub struct Machine<'a> {
    program: &'a Program,
    text: &'a str,
    end: usize,
    registers: Vec<usize>,
    last_group: usize,
    stack: Vec<Entry>,
}

/// The register of the group that was closed last.
const LAST_GROUP: usize = usize::MAX - 1;

impl<'a> Machine<'a> {
    /// A machine for the text up to a place.
    pub fn new(program: &'a Program, text: &'a str, end: usize) -> Self {
        Self { program, text, end, registers: Vec::new(), last_group: 0, stack: Vec::new() }
    }

    /// Looks for a match from a place on; `advance` refuses an empty one there. Gives where it starts and ends.
    pub fn find(&mut self, start: usize, mode: Mode, advance: bool, look: &mut dyn FnMut() -> bool) -> Result<Option<(usize, usize)>, Stopped> {
        let mut at = start;
        loop {
            if mode == Mode::Search {
                match self.next_start(at) {
                    Some(next) => at = next,
                    None => return Ok(None),
                }
            }
            let refused = if advance && at == start { start } else { NONE };
            if let Some(end) = self.run(at, mode == Mode::Full, refused, look)? {
                return Ok(Some((at, end)));
            }
            if mode != Mode::Search || at >= self.end {
                return Ok(None);
            }
            at += self.char_at(at).map_or(1, char::len_utf8);
        }
    }

    /// The bounds of a group after a match; `NONE` where it matched nothing.
    pub fn group(&self, index: usize) -> (usize, usize) {
        let get = |i: usize| self.registers.get(i).copied().unwrap_or(NONE);
        let (start, end) = (get(index * 2), get(index * 2 + 1));
        if end == NONE { (NONE, NONE) } else { (start, end) }
    }

    /// The group that was closed last; 0 if none was.
    pub fn last_group(&self) -> usize {
        self.last_group
    }

    /// The first place from one on where a match can start.
    fn next_start(&self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..self.end)?;
        if !self.program.prefix.is_empty() {
            return rest.find(&self.program.prefix).map(|i| at + i);
        }
        let Some(first) = &self.program.first else { return Some(at) };
        let found = rest.bytes().position(|b| first.get(usize::from(b)).copied().unwrap_or(true) && !(128..0xc0).contains(&b))?;
        Some(at + found)
    }

    #[inline]
    fn char_at(&self, at: usize) -> Option<char> {
        if at >= self.end {
            return None;
        }
        match self.text.as_bytes().get(at) {
            Some(b) if *b < 128 => Some(char::from(*b)),
            _ => self.text.get(at..)?.chars().next(),
        }
    }

    fn char_before(&self, at: usize) -> Option<char> {
        self.text.get(..at)?.chars().next_back()
    }

    fn set(&mut self, register: usize, value: usize) {
        let slot = if register == LAST_GROUP { Some(&mut self.last_group) } else { self.registers.get_mut(register) };
        if let Some(slot) = slot {
            let old = std::mem::replace(slot, value);
            self.stack.push(Entry::Undo { register, old });
        }
    }

    fn undo(&mut self, register: usize, old: usize) {
        let slot = if register == LAST_GROUP { Some(&mut self.last_group) } else { self.registers.get_mut(register) };
        if let Some(slot) = slot {
            *slot = old;
        }
    }

    fn get(&self, register: usize) -> usize {
        self.registers.get(register).copied().unwrap_or(NONE)
    }

    /// Tries to match at a place; gives the end.
    fn run(&mut self, start: usize, full: bool, refused: usize, look: &mut dyn FnMut() -> bool) -> Result<Option<usize>, Stopped> {
        self.stack.clear();
        self.registers.clear();
        self.registers.resize(self.program.registers, NONE);
        self.last_group = 0;
        let (mut op, mut at) = (0, start);
        let mut steps = STEPS;
        loop {
            steps -= 1;
            if steps == 0 {
                steps = STEPS;
                if !look() {
                    return Err(Stopped::ByLimit);
                }
                if self.stack.len() > HIGHEST {
                    return Err(Stopped::Memory);
                }
            }
            let next = match self.program.ops.get(op) {
                Some(Op::Match) if (full && at != self.end) || at == refused => None,
                Some(Op::Match) | None => return Ok(Some(at)),
                Some(instruction) => self.step(instruction, op, at),
            };
            match next.or_else(|| self.fail()) {
                Some(place) => (op, at) = place,
                None => return Ok(None),
            }
        }
    }

    /// Takes the alternative that was noted last.
    fn fail(&mut self) -> Option<(usize, usize)> {
        loop {
            match self.stack.pop()? {
                Entry::Branch { op, at } => return Some((op, at)),
                Entry::Undo { register, old } => self.undo(register, old),
                Entry::Shorter { op, least, at } => {
                    let before = at - self.char_before(at).map_or(1, char::len_utf8);
                    if before > least {
                        self.stack.push(Entry::Shorter { op, least, at: before });
                    }
                    return Some((op + 1, before));
                }
                Entry::Longer { op, left, at } => {
                    if let Some(place) = self.longer(op, left, at) {
                        return Some(place);
                    }
                }
            }
        }
    }

    fn longer(&mut self, op: usize, left: u32, at: usize) -> Option<(usize, usize)> {
        let Some(Op::Run { test, .. }) = self.program.ops.get(op) else { return None };
        let c = self.char_at(at).filter(|c| test.has(*c))?;
        let at = at + c.len_utf8();
        if left > 1 {
            self.stack.push(Entry::Longer { op, left: if left == ENDLESS { left } else { left - 1 }, at });
        }
        Some((op + 1, at))
    }

    /// Where to go on after an instruction; nothing if it fails.
    #[inline]
    fn step(&mut self, instruction: &'a Op, op: usize, at: usize) -> Option<(usize, usize)> {
        let next = op + 1;
        match instruction {
            Op::One(test) => {
                let c = self.char_at(at).filter(|c| test.has(*c))?;
                Some((next, at + c.len_utf8()))
            }
            Op::Run { test, min, max, greed } => self.repeat(test, *min, *max, *greed, op, at),
            Op::At(place) => self.is_at(*place, at).then_some((next, at)),
            Op::Jump(to) => Some((*to, at)),
            Op::Split(first, second) => {
                self.stack.push(Entry::Branch { op: *second, at });
                Some((*first, at))
            }
            Op::Save(register) => {
                self.set(*register, at);
                Some((next, at))
            }
            Op::Close(group) => {
                self.set(group * 2 + 1, at);
                self.set(LAST_GROUP, *group);
                Some((next, at))
            }
            Op::Backref { group, ignore_case, ascii } => self.backref(*group, *ignore_case, *ascii, at).map(|end| (next, end)),
            Op::Unless(group, to) => Some((if self.group(*group).1 == NONE { *to } else { next }, at)),
            Op::Back(count) => {
                let mut at = at;
                for _ in 0..*count {
                    at -= self.char_before(at)?.len_utf8();
                }
                Some((next, at))
            }
            Op::Height(register) => {
                let height = self.stack.len();
                self.set(*register, height);
                Some((next, at))
            }
            Op::Cut(register) => {
                self.cut(self.get(*register));
                Some((next, at))
            }
            Op::Return(register) => Some((next, self.get(*register))),
            Op::Refuse(register) => self.refuse(self.get(*register)),
            Op::Begin { count, last } => {
                self.set(*count, 0);
                self.set(*last, NONE);
                Some((next, at))
            }
            Op::Round { count, last, min, max, exit, lazy } => {
                let done = self.get(*count);
                let body = if *lazy { next + 1 } else { next };
                if done < *min as usize {
                    self.set(*count, done + 1);
                    return Some((body, at));
                }
                if *lazy {
                    self.stack.push(Entry::Branch { op: next, at });
                    return Some((*exit, at));
                }
                if (*max != ENDLESS && done >= *max as usize) || self.get(*last) == at {
                    return Some((*exit, at));
                }
                self.stack.push(Entry::Branch { op: *exit, at });
                self.set(*count, done + 1);
                self.set(*last, at);
                Some((body, at))
            }
            Op::Late { count, last, max, body } => {
                let done = self.get(*count);
                if (*max != ENDLESS && done >= *max as usize) || self.get(*last) == at {
                    return None;
                }
                self.set(*count, done + 1);
                self.set(*last, at);
                Some((*body, at))
            }
            Op::Match => None,
        }
    }

    /// Forgets the alternatives above a height, but not what is to be undone.
    fn cut(&mut self, height: usize) {
        let mut kept = height;
        for i in height..self.stack.len() {
            if matches!(self.stack.get(i), Some(Entry::Undo { .. })) {
                self.stack.swap(kept, i);
                kept += 1;
            }
        }
        self.stack.truncate(kept);
    }

    /// What a negated assertion refuses did match: undoes everything and drops the way out.
    fn refuse(&mut self, height: usize) -> Option<(usize, usize)> {
        while self.stack.len() > height {
            if let Some(Entry::Undo { register, old }) = self.stack.pop() {
                self.undo(register, old);
            }
        }
        self.stack.pop();
        None
    }

    fn repeat(&mut self, test: &Single, min: u32, max: u32, greed: Greed, op: usize, start: usize) -> Option<(usize, usize)> {
        let wanted = if greed == Greed::Lazy { min } else { max };
        let (count, at, least) = self.run_length(test, wanted, min, start);
        if count < min {
            return None;
        }
        match greed {
            Greed::Greedy if at > least => self.stack.push(Entry::Shorter { op, least, at }),
            Greed::Lazy if max > min => self.stack.push(Entry::Longer { op, left: if max == ENDLESS { max } else { max - min }, at }),
            _ => {}
        }
        Some((op + 1, at))
    }

    /// How many characters pass a test, where they end, and where as many end as there must be.
    fn run_length(&self, test: &Single, most: u32, min: u32, start: usize) -> (u32, usize, usize) {
        let (mut count, mut at, mut least) = (0, start, start);
        while count < most {
            let Some(c) = self.char_at(at).filter(|c| test.has(*c)) else { break };
            at += c.len_utf8();
            count += 1;
            if count == min {
                least = at;
            }
        }
        (count, at, least)
    }

    fn is_word(&self, c: Option<char>, ascii: bool) -> bool {
        c.is_some_and(|c| Class::Word.has(c, ascii))
    }

    fn is_at(&self, place: Place, at: usize) -> bool {
        let before = || self.text.as_bytes().get(at.wrapping_sub(1)).copied();
        let after = || self.text.as_bytes().get(at).copied().filter(|_| at < self.end);
        let is_edge = |ascii| self.end > 0 && self.is_word(self.char_before(at), ascii) != self.is_word(self.char_at(at), ascii);
        match place {
            Place::TextStart => at == 0,
            Place::LineStart => at == 0 || before() == Some(b'\n'),
            Place::TextEnd => at == self.end,
            Place::LastLineEnd => at == self.end || at + 1 == self.end && after() == Some(b'\n'),
            Place::LineEnd => at == self.end || after() == Some(b'\n'),
            Place::WordEdge { ascii } => is_edge(ascii),
            Place::NoWordEdge { ascii } => self.end > 0 && !is_edge(ascii),
        }
    }

    /// The place behind a group's text when that stands here again.
    fn backref(&self, group: usize, ignore_case: bool, ascii: bool, at: usize) -> Option<usize> {
        let (start, end) = self.group(group);
        let wanted = self.text.get(start..end)?;
        let mut at = at;
        for c in wanted.chars() {
            let given = self.char_at(at)?;
            let is_same = if ignore_case { same(c, given, ascii) || lower(c, ascii) == lower(given, ascii) } else { c == given };
            if !is_same {
                return None;
            }
            at += given.len_utf8();
        }
        Some(at)
    }
}
