//! Python's regular expressions: a pattern and flags come in, a program goes out that finds matches in a text.
//!
//! `parse` makes a tree (`node`) of a pattern, `compile` a flat program of the tree, `run` runs it with a stack of its own, so
//! that no text exhausts the native one, and looks up from time to time so that a run can be ended. `template` reads the
//! replacements of `sub`. Places are byte offsets into UTF-8; a pattern of bytes sees each byte as one character.

mod chars;
mod compile;
mod escape;
mod group;
mod node;
mod parse;
mod run;
mod template;

pub use compile::Program;
pub use run::{Machine, Mode, Stopped};
pub use template::{Piece, Template, parse_template};

/// The flags of `re`.
pub mod flag {
    pub const IGNORECASE: u32 = 2;
    pub const LOCALE: u32 = 4;
    pub const MULTILINE: u32 = 8;
    pub const DOTALL: u32 = 16;
    pub const UNICODE: u32 = 32;
    pub const VERBOSE: u32 = 64;
    pub const DEBUG: u32 = 128;
    pub const ASCII: u32 = 256;
}

/// Why a pattern is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// `re.error`: the message, and where in characters.
    Pattern(String, Option<usize>),
    /// `OverflowError`.
    TooLarge(String),
    /// `ValueError`: flags that do not go together.
    Flags(&'static str),
    /// `IndexError` of a replacement that names no group.
    UnknownName(String),
    /// `RecursionError`.
    TooDeep,
}

impl Error {
    fn at(message: impl Into<String>, at: usize) -> Self {
        Self::Pattern(message.into(), Some(at))
    }
}

/// A compiled pattern.
pub struct Regex {
    pub program: Program,
    /// The flags with those set inside the pattern.
    pub flags: u32,
    /// Groups without the whole match.
    pub groups: usize,
    /// Names of groups, in the order of the groups.
    pub names: Vec<(String, usize)>,
}

/// Compiles a pattern; one of bytes has a character for each byte.
///
/// # Errors
///
/// What is wrong with it.
pub fn compile(pattern: &str, flags: u32, is_bytes: bool) -> Result<Regex, Error> {
    let parsed = parse::parse(pattern, flags, is_bytes)?;
    let program = compile::compile(&parsed.node, parsed.groups)?;
    Ok(Regex { program, flags: parsed.flags, groups: parsed.groups - 1, names: parsed.names })
}

#[cfg(test)]
mod tests;
