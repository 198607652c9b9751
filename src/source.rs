//! Source text and places in it. Comes in: a name and UTF-8 text. Goes out: spans, lines and columns.
//! Knows nothing of tokens or of the language.

use std::rc::Rc;

/// A half-open range of byte offsets in one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a span from two byte offsets.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A place that a report names by its line.
#[derive(Clone, Debug)]
pub struct Site {
    pub source: Rc<Source>,
    /// Offset of the first byte.
    pub at: u32,
}

/// One script, module or REPL entry: its name, its text without BOM, and where its lines begin.
#[derive(Debug)]
pub struct Source {
    /// What reports call it: a path as given, `<string>` or `<stdin>`.
    pub name: Rc<str>,
    /// The text, without a byte order mark.
    pub text: String,
    /// Whether the prelude and top-level `await` are available (every source but a `.py` file).
    pub extended: bool,
    /// Whether it is part of corun itself (an embedded module): its frames are folded in reports.
    pub library: bool,
    line_starts: Vec<u32>,
}

impl Source {
    /// Indexes `text`, from which a leading byte order mark is removed.
    #[must_use]
    pub fn new(name: &str, text: &str, extended: bool) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(i, _)| i as u32 + 1));
        Self { name: name.into(), text, extended, library: false, line_starts }
    }

    /// The 1-based line that holds the byte at `offset`.
    #[must_use]
    pub fn line(&self, offset: u32) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }

    /// The 1-based column, in characters, of the byte at `offset`.
    #[must_use]
    pub fn column(&self, offset: u32) -> usize {
        let start = self.line_starts.get(self.line(offset).wrapping_sub(1)).copied().unwrap_or(0);
        self.text.get(start as usize..offset as usize).map_or(0, |s| s.chars().count()) + 1
    }

    /// The text of a 1-based line, without its line end; empty when there is no such line.
    #[must_use]
    pub fn line_text(&self, line: usize) -> &str {
        let Some(&start) = line.checked_sub(1).and_then(|i| self.line_starts.get(i)) else { return "" };
        let end = self.line_starts.get(line).map_or(self.text.len(), |&e| e as usize);
        self.text.get(start as usize..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}
