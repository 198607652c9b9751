//! The renderer: diagnostics, exceptions and places in sources, as text with carets. Comes in: plain data, exceptions and
//! sources. Goes out: a string for a terminal. The only module that knows miette; it never decides how a run goes on.

mod calls;
mod excerpt;
mod headline;
mod lacking;
mod stuck;
pub mod suggest;
mod traceback;

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use crate::diag::Diag;
use crate::source::{Source, Span};
use excerpt::{Excerpt, sanitize};

pub use headline::headline;
pub use stuck::{deadlock, limit};
pub use traceback::{time_line, traceback_text, uncaught};

/// A place in a source, with words for the caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Where.
    pub span: Span,
    /// What about it; may be empty.
    pub label: String,
}

/// Renders diagnostics one after another. Each begins with `Class: message`, which starts a line and is never wrapped;
/// then come `file:line:column`, the source with carets, and help. `width` counts columns.
#[must_use]
pub fn render_diags(source: &Source, diags: &[Diag], color: bool, width: usize) -> String {
    diags.iter().map(|diag| render_diag(source, diag, color, width)).collect::<Vec<_>>().join("\n")
}

fn render_diag(source: &Source, diag: &Diag, color: bool, width: usize) -> String {
    let main = Snippet { span: diag.span, label: diag.label.clone() };
    let others = diag.labels.iter().map(|label| Snippet { span: label.span, label: label.text.clone() });
    let snippets: Vec<Snippet> = std::iter::once(main).chain(others).collect();
    let mut out = format!("{}: {}\n", diag.kind.class_name(), sanitize(&diag.message));
    out.push_str(&render_snippets(source, &snippets, diag.help.as_deref(), color, width));
    out
}

/// Renders places of one source together, the first one giving `file:line:column`, and help below.
#[must_use]
pub fn render_snippets(source: &Source, snippets: &[Snippet], help: Option<&str>, color: bool, width: usize) -> String {
    let excerpt = Excerpt::new(source, snippets, width.saturating_sub(12).clamp(40, 120));
    let labels = snippets.iter().zip(excerpt.places()).enumerate().map(|(index, (snippet, place))| {
        let words = (!snippet.label.is_empty()).then(|| sanitize(&snippet.label));
        let (offset, length) = (place.offset, place.length);
        if index == 0 { LabeledSpan::new_primary_with_span(words, (offset, length)) } else { LabeledSpan::new(words, offset, length) }
    });
    let report = Report { labels: labels.collect(), help: help.map(sanitize), excerpt: &excerpt };
    let mut theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    theme.characters.error = String::new();
    let handler =
        GraphicalReportHandler::new_themed(theme).with_width(width.max(40)).with_wrap_lines(false).with_links(false).tab_width(4).with_context_lines(1);
    let mut out = String::new();
    if handler.render_report(&mut out, &report).is_err() {
        return String::new();
    }
    // The first line is miette's own heading, which is empty here.
    let body = out.split_once('\n').map_or("", |(_, body)| body);
    body.lines().fold(String::with_capacity(body.len()), |text, line| text + line.trim_end() + "\n")
}

struct Report<'e> {
    labels: Vec<LabeledSpan>,
    help: Option<String>,
    excerpt: &'e Excerpt,
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Report")
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str, span: Span) -> String {
        let source = Source::new("a.co", text, true);
        render_diags(&source, &[Diag::syntax("x", "what", span)], false, 80)
    }

    #[test]
    fn columns_count_characters_and_carets_stand_below_wide_text() {
        let out = render("이름 = 1 +\n", Span::new(11, 12));
        assert_eq!(out, "SyntaxError: what\n   ╭─[a.co:1:8]\n 1 │ 이름 = 1 +\n   ·          ┬\n   ╰────\n".replace('┬', "─"));
    }

    #[test]
    fn long_lines_are_clipped_around_the_caret() {
        let text = format!("x = {}(\n", "a".repeat(100_000));
        let out = render(&text, Span::new(100_004, 100_005));
        assert!(out.contains("a.co:1:100005"), "{out}");
        assert!(out.lines().all(|line| line.chars().count() < 140), "{out}");
        assert!(out.contains('…'));
    }

    #[test]
    fn control_characters_are_shown_not_sent() {
        let out = render("x = '\x1b[31m' +\n", Span::new(12, 13));
        assert!(!out.contains('\x1b') && out.contains('␛'), "{out}");
    }

    #[test]
    fn a_place_past_the_end_is_shown_on_the_last_line() {
        for text in ["", "x", "x\n", "if x:\n", "\n\n"] {
            let out = render(text, Span::new(text.len() as u32, text.len() as u32));
            assert!(out.starts_with("SyntaxError: what\n   ╭─[a.co:"), "{out}");
        }
    }
}
