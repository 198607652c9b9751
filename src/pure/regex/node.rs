//! The tree of a pattern. Flags are already worked in: each node knows by itself whether case matters.

use super::chars::Set;

/// The largest number of repetitions, which stands for any number.
pub const ENDLESS: u32 = u32::MAX;

/// How a repetition goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

/// A place in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    TextStart,
    LineStart,
    TextEnd,
    /// Also before a final line end.
    LastLineEnd,
    LineEnd,
    WordEdge {
        ascii: bool,
    },
    NoWordEdge {
        ascii: bool,
    },
}

/// Which groups something refers to, and how text is compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Node {
    Char(char),
    Any { newline: bool },
    Set(Box<Set>),
    At(Place),
    Group(usize, Box<Node>),
    Cat(Vec<Node>),
    Alt(Vec<Node>),
    Repeat { node: Box<Node>, min: u32, max: u32, greed: Greed },
    Look { node: Box<Node>, behind: Option<usize>, negated: bool },
    Atomic(Box<Node>),
    Backref { group: usize, ignore_case: bool, ascii: bool },
    Cond { group: usize, yes: Box<Node>, no: Box<Node> },
}

impl Node {
    pub const EMPTY: Self = Self::Cat(Vec::new());

    /// How many characters it matches at least and at most.
    pub fn width(&self, groups: &dyn Fn(usize) -> (usize, usize)) -> (usize, usize) {
        match self {
            Self::Char(_) | Self::Any { .. } | Self::Set(_) => (1, 1),
            Self::At(_) | Self::Look { .. } => (0, 0),
            Self::Group(_, node) | Self::Atomic(node) => node.width(groups),
            Self::Cat(nodes) => nodes.iter().map(|n| n.width(groups)).fold((0, 0), |(a, b), (c, d)| (a.saturating_add(c), b.saturating_add(d))),
            Self::Alt(nodes) => widest(nodes.iter().map(|n| n.width(groups))),
            Self::Repeat { node, min, max, .. } => {
                let (low, high) = node.width(groups);
                let most = if *max == ENDLESS && high > 0 { usize::MAX } else { high.saturating_mul(*max as usize) };
                (low.saturating_mul(*min as usize), most)
            }
            Self::Backref { group, .. } => groups(*group),
            Self::Cond { yes, no, .. } => widest([yes.width(groups), no.width(groups)].into_iter()),
        }
    }

    /// Whether it matches exactly one character.
    pub fn is_single(&self) -> bool {
        matches!(self, Self::Char(_) | Self::Any { .. } | Self::Set(_))
    }
}

fn widest(widths: impl Iterator<Item = (usize, usize)>) -> (usize, usize) {
    widths.reduce(|(a, b), (c, d)| (a.min(c), b.max(d))).unwrap_or((0, 0))
}
