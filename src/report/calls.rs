//! How an exception came to where it is reported: the failing place as a snippet, then the calls and awaits around it,
//! a line each. Calls that repeat (deep recursion) and those inside corun's own library are folded.

use std::fmt::Write as _;
use std::rc::Rc;

use super::{Snippet, render_snippets};
use crate::value::exc::TraceEntry;
use crate::value::func::CodeKind;

/// Repetitions of up to so many calls are found.
const LONGEST_PERIOD: usize = 8;
/// Lines of calls at most; the middle is left out.
const MOST_LINES: usize = 40;

/// Whether to colour, and how many columns there are.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) color: bool,
    pub(super) width: usize,
}

impl Style {
    /// Text that matters less than the rest.
    pub(super) fn dim(self, text: &str) -> String {
        if self.color { format!("\x1b[2m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Text that matters most.
    pub(super) fn strong(self, text: &str) -> String {
        if self.color { format!("\x1b[1;31m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Renders the places that an exception passed, innermost first.
pub(super) fn render(trace: &[TraceEntry], style: Style) -> String {
    let Some(first) = trace.iter().position(|e| !e.code.source.library) else { return String::new() };
    let Some((place, outer)) = trace.get(first..).and_then(<[TraceEntry]>::split_first) else { return String::new() };
    let mut out = snippet(place, style);
    for line in lines(place, outer, style.width) {
        out.push_str(&style.dim(&line));
        out.push('\n');
    }
    out
}

/// The failing construct in its source.
pub(super) fn snippet(place: &TraceEntry, style: Style) -> String {
    let label = if is_module(place) { String::new() } else { format!("in `{}`", place.code.qualname.text()) };
    render_snippets(&place.code.source, &[Snippet { span: place.span, label }], None, style.color, style.width)
}

fn is_module(place: &TraceEntry) -> bool {
    place.code.name.text() == "<module>"
}

/// The calls around a place.
fn lines(place: &TraceEntry, outer: &[TraceEntry], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inner = place;
    let mut index = 0;
    while let Some(entry) = outer.get(index) {
        if entry.code.source.library {
            let end = outer.iter().skip(index).take_while(|e| e.code.source.library).count() + index;
            // What only started the script's code is not worth a line.
            if let Some(outermost) = outer.get(end - 1)
                && end < outer.len()
            {
                lines.push(format!("  inside `{}`", outermost.code.name.text()));
                inner = outermost;
            }
            index = end;
            continue;
        }
        let (period, times) = repetition(outer.get(index..).unwrap_or_default());
        for entry in outer.iter().skip(index).take(period) {
            lines.push(line(inner, entry, width));
            inner = entry;
        }
        if times > 1 {
            let what = if period == 1 { "this call".to_owned() } else { format!("these {period} calls") };
            lines.push(format!("  … {what}, {} more time{}", times - 1, if times == 2 { "" } else { "s" }));
        }
        index += period * times;
    }
    if lines.len() > MOST_LINES {
        let left_out = lines.len() - MOST_LINES;
        lines.splice(MOST_LINES / 2..MOST_LINES / 2 + left_out, [format!("  … {left_out} more calls")]);
    }
    lines
}

/// How many calls from the start repeat, and how often; one call once if fewer than three times.
fn repetition(calls: &[TraceEntry]) -> (usize, usize) {
    for period in 1..=LONGEST_PERIOD.min(calls.len() / 3) {
        let same = calls.iter().zip(calls.iter().skip(period)).take_while(|(a, b)| a.span == b.span && Rc::ptr_eq(&a.code, &b.code)).count();
        let times = same / period + 1;
        if times >= 3 {
            return (period, times);
        }
    }
    (1, 1)
}

fn line(inner: &TraceEntry, entry: &TraceEntry, width: usize) -> String {
    let verb = match inner.code.kind {
        CodeKind::Coroutine if entry.code.kind == CodeKind::Function => "run",
        CodeKind::Coroutine => "awaited",
        CodeKind::Generator | CodeKind::AsyncGenerator => "iterated",
        CodeKind::Function => "called",
    };
    let source = &entry.code.source;
    let number = source.line(entry.span.start);
    let mut line = format!("  {verb} ");
    if !is_module(entry) {
        let _ = write!(line, "in `{}` ", entry.code.qualname.text());
    }
    let _ = write!(line, "at {}:{number}", super::excerpt::sanitize(&source.name));
    let code = super::excerpt::sanitize(source.line_text(number).trim());
    let room = width.saturating_sub(line.chars().count() + 2);
    if room >= 12 && !code.is_empty() {
        line.push_str(": ");
        line.push_str(&clip(&code, room));
    }
    line
}

fn clip(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room - 1).chain(['…']).collect()
}
