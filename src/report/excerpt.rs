//! The lines of a source that a report shows, made safe and short: long lines are clipped around what matters, control
//! characters replaced by pictures, columns counted in characters. miette reads this instead of the source.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::Snippet;
use crate::source::Source;

/// Where a snippet lies in the excerpt, and where in the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) offset: usize,
    pub(super) length: usize,
    /// From 0.
    line: usize,
    /// From 0, in characters of the true line.
    column: usize,
}

/// A few lines of a source.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    /// The number of the first line, from 0.
    first_line: usize,
    line_starts: Vec<usize>,
    places: Vec<Place>,
}

/// A snippet on its line: columns from 0, in characters.
struct Target {
    line: usize,
    from: usize,
    to: usize,
}

/// Replaces what a terminal would obey: control characters and those that change the direction of text.
pub(super) fn sanitize(text: &str) -> String {
    text.chars().map(safe).collect()
}

fn safe(c: char) -> char {
    match c {
        '\t' => c,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        _ => c,
    }
}

impl Excerpt {
    pub(super) fn new(source: &Source, snippets: &[Snippet], width: usize) -> Self {
        let targets: Vec<Target> = snippets.iter().map(|s| target(source, s)).collect();
        let first = targets.iter().map(|t| t.line).min().unwrap_or(1).saturating_sub(1).max(1);
        let lowest = targets.iter().map(|t| t.line).max().unwrap_or(1);
        let last = (lowest + 1).min(source.line(source.text.trim_end().len() as u32)).max(lowest);
        let mut excerpt = Self { name: sanitize(&source.name), text: String::new(), first_line: first - 1, line_starts: Vec::new(), places: Vec::new() };
        let mut placed: Vec<Option<Place>> = targets.iter().map(|_| None).collect();
        for line in first..=last {
            excerpt.line_starts.push(excerpt.text.len());
            if targets.iter().any(|t| t.line.abs_diff(line) <= 1) {
                excerpt.add_line(source.line_text(line), line, &targets, &mut placed, width);
            }
            excerpt.text.push('\n');
        }
        excerpt.places = placed.into_iter().flatten().collect();
        excerpt
    }

    pub(super) fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.places.iter().copied()
    }

    /// Adds a line, clipped around the first target on it.
    fn add_line(&mut self, text: &str, line: usize, targets: &[Target], placed: &mut [Option<Place>], width: usize) {
        let length = text.chars().count();
        let focus = targets.iter().find(|t| t.line == line).map_or(0, |t| t.from);
        let skip = if length <= width || focus < width * 2 / 3 { 0 } else { (focus - width / 2).min(length.saturating_sub(width)) };
        let mut offsets = Vec::with_capacity(width + 3);
        if skip > 0 {
            self.text.push('…');
        }
        for c in text.chars().skip(skip).take(width) {
            offsets.push(self.text.len());
            self.text.push(safe(c));
        }
        offsets.push(self.text.len());
        self.text.push(if skip + width < length { '…' } else { ' ' });
        let offset = |column: usize| offsets.get(column.saturating_sub(skip)).or(offsets.last()).copied().unwrap_or(0);
        for (target, place) in targets.iter().zip(placed).filter(|(t, _)| t.line == line) {
            let from = offset(target.from);
            let to = offset(target.to.max(target.from + 1)).max(from + 1);
            let end = self.text.get(from..).and_then(|rest| rest.chars().next()).map_or(from + 1, |c| from + c.len_utf8());
            *place = Some(Place { offset: from, length: to.max(end) - from, line: line - 1, column: target.from });
        }
    }
}

/// Where a snippet is shown: on its first line, or at the end of the last line that has one.
fn target(source: &Source, snippet: &Snippet) -> Target {
    let text = source.text.as_str();
    let mut start = (snippet.span.start as usize).min(text.len());
    if start == text.len() {
        start = text.trim_end().len();
    }
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let line = source.line(start as u32);
    let from = source.column(start as u32) - 1;
    let length = source.line_text(line).chars().count();
    let end = (snippet.span.end as usize).max(start).min(text.len());
    let shown = text.get(start..end).map_or(0, |s| s.chars().count());
    Target { line, from, to: (from + shown).min(length.max(from)) }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let line_of = |offset: usize| self.line_starts.partition_point(|&s| s <= offset).saturating_sub(1);
        let (first, last) = (line_of(span.offset()), line_of(span.offset() + span.len().saturating_sub(1)));
        let from = first.saturating_sub(before);
        let start = self.line_starts.get(from).copied().unwrap_or(0);
        let end = self.line_starts.get(last + 1 + after).copied().unwrap_or(self.text.len());
        let data = self.text.as_bytes().get(start..end).ok_or(MietteError::OutOfBounds)?;
        let place = self.places.iter().find(|p| before == 0 && p.offset == span.offset());
        let (line, column) = place.map_or((self.first_line + from, 0), |p| (p.line, p.column));
        let data = data.strip_suffix(b"\n").unwrap_or(data);
        let place = SourceSpan::new(start.into(), data.len());
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, place, line, column, last - from + 1 + after)))
    }
}
