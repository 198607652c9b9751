//! A pattern's tree as a flat program. Registers hold where groups begin and end, the counts of repetitions, and places and
//! stack heights that assertions return to.

use super::Error;
use super::chars::Set;
use super::node::{ENDLESS, Greed, Node, Place};

/// A test of one character.
#[derive(Clone, Debug)]
pub enum Single {
    Char(char),
    Any,
    AnyButNewline,
    Set(Box<Set>),
}

impl Single {
    #[inline]
    pub fn has(&self, c: char) -> bool {
        match self {
            Self::Char(x) => *x == c,
            Self::Any => true,
            Self::AnyButNewline => c != '\n',
            Self::Set(set) => set.has(c),
        }
    }
}

/// One instruction; numbers are places in the program or registers.
#[derive(Clone, Debug)]
pub enum Op {
    One(Single),
    At(Place),
    Jump(usize),
    /// Goes on at the first place, and at the second if that fails.
    Split(usize, usize),
    /// Notes the position.
    Save(usize),
    /// Notes the end of a group.
    Close(usize),
    /// Repeats a test of one character.
    Run {
        test: Single,
        min: u32,
        max: u32,
        greed: Greed,
    },
    Backref {
        group: usize,
        ignore_case: bool,
        ascii: bool,
    },
    /// Goes on elsewhere if the group has matched nothing.
    Unless(usize, usize),
    /// Goes back so many characters.
    Back(usize),
    /// Notes how high the stack is.
    Height(usize),
    /// Forgets the alternatives above a noted height.
    Cut(usize),
    /// Returns to a noted position.
    Return(usize),
    /// Fails past the alternatives above a noted height, and past the one below.
    Refuse(usize),
    /// Starts a repetition: its count and where its last round began.
    Begin {
        count: usize,
        last: usize,
    },
    /// Decides on another round of what follows, up to a place.
    Round {
        count: usize,
        last: usize,
        min: u32,
        max: u32,
        exit: usize,
        lazy: bool,
    },
    /// Starts a further round that a lazy repetition had put off.
    Late {
        count: usize,
        last: usize,
        max: u32,
        body: usize,
    },
    Match,
}

/// A program and what it needs.
pub struct Program {
    pub ops: Vec<Op>,
    pub registers: usize,
    /// Text with which every match starts.
    pub prefix: String,
    /// Bytes with which a match can start; absent when a match may be empty or start with anything.
    pub first: Option<Box<[bool; 256]>>,
}

/// Places in a program at most.
const LARGEST: usize = 1 << 20;

/// Translates a tree whose pattern has so many groups, the whole match included.
pub fn compile(node: &Node, groups: usize) -> Result<Program, Error> {
    let mut compiler = Compiler { ops: Vec::new(), registers: groups * 2 };
    compiler.node(node);
    compiler.ops.push(Op::Match);
    if compiler.ops.len() > LARGEST {
        return Err(Error::TooLarge("regular expression code size limit exceeded".to_owned()));
    }
    let mut prefix = String::new();
    push_prefix(node, &mut prefix);
    let mut first = Box::new([false; 256]);
    let is_known = add_first(node, &mut first) == First::Sure;
    Ok(Program { ops: compiler.ops, registers: compiler.registers, prefix, first: is_known.then_some(first) })
}

/// Adds the literal text at the start; says whether the whole node is part of it.
fn push_prefix(node: &Node, out: &mut String) -> bool {
    match node {
        Node::Char(c) => {
            out.push(*c);
            true
        }
        Node::Cat(nodes) => nodes.iter().all(|n| push_prefix(n, out)),
        Node::Group(_, node) => push_prefix(node, out),
        _ => false,
    }
}

/// What is known of the bytes that a node can start with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum First {
    /// Nothing.
    Unknown,
    /// They are all added, but it may match without any.
    MaybeNone,
    /// They are all added, and it matches at least one character.
    Sure,
}

/// Adds the bytes that the node can start with.
fn add_first(node: &Node, first: &mut [bool; 256]) -> First {
    let mut add = |has: &dyn Fn(char) -> bool| {
        for (byte, slot) in (0..=255_u8).zip(first.iter_mut()) {
            // Beyond ASCII any byte may start a character of the set.
            *slot |= byte >= 128 || has(char::from(byte));
        }
        First::Sure
    };
    match node {
        Node::Char(c) if c.is_ascii() => add(&|x| x == *c && x.is_ascii()),
        Node::Char(_) => add(&|_| false),
        Node::Any { newline } => add(&|c| *newline || c != '\n'),
        Node::Set(set) => add(&|c| set.has(c)),
        Node::Group(_, node) | Node::Atomic(node) => add_first(node, first),
        Node::Cat(nodes) => {
            for node in nodes {
                match add_first(node, first) {
                    First::MaybeNone => {}
                    known => return known,
                }
            }
            First::MaybeNone
        }
        Node::Alt(nodes) => nodes.iter().map(|n| add_first(n, first)).min().unwrap_or(First::MaybeNone),
        Node::Repeat { node, min, .. } => {
            let known = add_first(node, first);
            if *min == 0 { known.min(First::MaybeNone) } else { known }
        }
        Node::At(_) | Node::Look { .. } => First::MaybeNone,
        Node::Backref { .. } | Node::Cond { .. } => First::Unknown,
    }
}

struct Compiler {
    ops: Vec<Op>,
    registers: usize,
}

impl Compiler {
    fn register(&mut self) -> usize {
        self.registers += 1;
        self.registers - 1
    }

    fn push(&mut self, op: Op) -> usize {
        self.ops.push(op);
        self.ops.len() - 1
    }

    fn here(&self) -> usize {
        self.ops.len()
    }

    fn set(&mut self, at: usize, op: Op) {
        if let Some(slot) = self.ops.get_mut(at) {
            *slot = op;
        }
    }

    fn node(&mut self, node: &Node) {
        if self.ops.len() > LARGEST {
            return;
        }
        match node {
            Node::Char(_) | Node::Any { .. } | Node::Set(_) => {
                self.push(Op::One(single(node)));
            }
            Node::At(place) => {
                self.push(Op::At(*place));
            }
            Node::Cat(nodes) => nodes.iter().for_each(|n| self.node(n)),
            Node::Alt(nodes) => self.alternatives(nodes),
            Node::Group(index, node) => {
                self.push(Op::Save(index * 2));
                self.node(node);
                self.push(Op::Close(*index));
            }
            Node::Repeat { node, min, max, greed } => self.repeat(node, *min, *max, *greed),
            Node::Look { node, behind, negated } => self.look(node, *behind, *negated),
            Node::Atomic(node) => self.atomic(|c| c.node(node)),
            Node::Backref { group, ignore_case, ascii } => {
                self.push(Op::Backref { group: *group, ignore_case: *ignore_case, ascii: *ascii });
            }
            Node::Cond { group, yes, no } => {
                let test = self.push(Op::Match);
                self.node(yes);
                let over = self.push(Op::Match);
                self.set(test, Op::Unless(*group, self.here()));
                self.node(no);
                self.set(over, Op::Jump(self.here()));
            }
        }
    }

    fn alternatives(&mut self, nodes: &[Node]) {
        let mut ends = Vec::new();
        for (i, node) in nodes.iter().enumerate() {
            if i + 1 == nodes.len() {
                self.node(node);
                break;
            }
            let split = self.push(Op::Match);
            self.node(node);
            ends.push(self.push(Op::Match));
            self.set(split, Op::Split(split + 1, self.here()));
        }
        for end in ends {
            self.set(end, Op::Jump(self.here()));
        }
    }

    fn atomic(&mut self, body: impl FnOnce(&mut Self)) {
        let height = self.register();
        self.push(Op::Height(height));
        body(self);
        self.push(Op::Cut(height));
    }

    fn look(&mut self, node: &Node, behind: Option<usize>, negated: bool) {
        let (height, position) = (self.register(), self.register());
        let split = negated.then(|| self.push(Op::Match));
        self.push(Op::Height(height));
        self.push(Op::Save(position));
        if let Some(width) = behind {
            self.push(Op::Back(width));
        }
        self.node(node);
        if let Some(split) = split {
            self.push(Op::Refuse(height));
            self.set(split, Op::Split(split + 1, self.here()));
        } else {
            self.push(Op::Cut(height));
            self.push(Op::Return(position));
        }
    }

    fn repeat(&mut self, node: &Node, min: u32, max: u32, greed: Greed) {
        if node.is_single() {
            self.push(Op::Run { test: single(node), min, max, greed });
            return;
        }
        if greed == Greed::Possessive {
            self.atomic(|c| c.rounds(node, min, max, false));
            return;
        }
        let lazy = greed == Greed::Lazy;
        let is_never_empty = node.width(&|_| (0, usize::MAX)).0 > 0;
        match (min, max) {
            (0, 1) if is_never_empty => {
                let split = self.push(Op::Match);
                self.node(node);
                let exit = self.here();
                self.set(split, preferring(split + 1, exit, lazy));
            }
            (0, ENDLESS) if is_never_empty => {
                let split = self.push(Op::Match);
                self.node(node);
                self.push(Op::Jump(split));
                let exit = self.here();
                self.set(split, preferring(split + 1, exit, lazy));
            }
            (1, ENDLESS) if is_never_empty => {
                let body = self.here();
                self.node(node);
                let exit = self.here() + 1;
                self.push(preferring(body, exit, lazy));
            }
            _ => self.rounds(node, min, max, lazy),
        }
    }

    /// A repetition that counts and notices empty rounds.
    fn rounds(&mut self, node: &Node, min: u32, max: u32, lazy: bool) {
        let (count, last) = (self.register(), self.register());
        self.push(Op::Begin { count, last });
        let test = self.push(Op::Match);
        if lazy {
            self.push(Op::Late { count, last, max, body: test + 2 });
        }
        self.node(node);
        self.push(Op::Jump(test));
        let exit = self.here();
        self.set(test, Op::Round { count, last, min, max, exit, lazy });
    }
}

fn preferring(body: usize, exit: usize, lazy: bool) -> Op {
    if lazy { Op::Split(exit, body) } else { Op::Split(body, exit) }
}

fn single(node: &Node) -> Single {
    match node {
        Node::Char(c) => Single::Char(*c),
        Node::Any { newline: true } => Single::Any,
        Node::Set(set) => Single::Set(set.clone()),
        _ => Single::AnyButNewline,
    }
}
