//! Puts a parse failure into CPython 3.11's words: an ordered list of small rules, each of which looks at the tokens
//! around the first one that did not fit. Comes in: tokens and the index of the failure. Goes out: a diagnostic.

mod block;
mod help;
mod list;
mod name;
mod operator;

use crate::diag::{Diag, DiagKind};
use crate::source::{Source, Span};
use crate::syntax::layout::Lexed;
use crate::syntax::token::{Spanned, Tok};

/// What the rules look at.
pub(super) struct Context<'s> {
    source: &'s Source,
    tokens: &'s [Spanned],
    /// Index of the token that did not fit.
    at: usize,
    /// Index of the first token of its logical line.
    line: usize,
    /// Indices of the brackets open there, outermost first, fields of f-strings included.
    open: Vec<usize>,
}

/// The rules, in the order in which they are asked.
const RULES: &[fn(&Context) -> Option<Diag>] = &[
    block::missing_block,
    block::unexpected_indent,
    list::conversion,
    operator::legacy_statement,
    list::parenthesized_parameter,
    list::missing_default,
    list::slash_and_star,
    list::star_after_double_star,
    list::starred_comprehension,
    operator::assignment_in_expression,
    operator::walrus_target,
    list::keyword_comprehension,
    list::comprehension_target,
    list::dictionary,
    list::double_star_group,
    name::pattern_target,
    block::with_items,
    operator::missing_else,
    operator::missing_comma,
    block::missing_colon,
    list::import_comma,
];

/// Explains a failure at a token; `known` are faults that the builder has noted before.
pub(super) fn explain(source: &Source, lexed: &Lexed, failed: usize, mut known: Vec<Diag>) -> Vec<Diag> {
    let context = Context::new(source, &lexed.tokens, failed);
    let diag = unclosed(&context, lexed).unwrap_or_else(|| context.words());
    if known.iter().all(|k| k.span != diag.span) {
        known.push(diag);
    }
    known.truncate(super::MAX_DIAGS);
    known
}

/// Whether the failure is only that the text ends too early (a lone decorator, a header without block).
pub(super) fn only_more_helps(tokens: &[Spanned], failed: usize) -> bool {
    tokens.get(failed..).is_none_or(|rest| rest.iter().all(|t| t.1.is_layout()))
        && matches!(tokens.get(failed.wrapping_sub(1)).map(|t| t.1), Some(Tok::Newline))
}

/// A bracket that is open at the end explains a failure in a later line.
fn unclosed(context: &Context, lexed: &Lexed) -> Option<Diag> {
    let &(open, at) = lexed.unclosed.last()?;
    let later = context.source.line(context.span(context.at).start) > context.source.line(at);
    if context.tok(context.at) != Tok::Error && !later {
        return None;
    }
    let close = match open {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    };
    let diag = Diag::syntax("unclosed-bracket", format!("'{}' was never closed", open as char), Span::new(at, at + 1));
    Some(diag.with_label("opened here").with_help(format!("add the missing `{close}`")))
}

impl<'s> Context<'s> {
    fn new(source: &'s Source, tokens: &'s [Spanned], at: usize) -> Self {
        let line = tokens.get(..at).unwrap_or(tokens).iter().rposition(|t| t.1.is_layout()).map_or(0, |i| i + 1);
        let mut open = Vec::new();
        for (index, token) in tokens.iter().enumerate().take(at).skip(line) {
            match token.1 {
                Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::WithLPar | Tok::FLBrace => open.push(index),
                Tok::RPar | Tok::RSqb | Tok::RBrace | Tok::FRBrace => {
                    open.pop();
                }
                _ => {}
            }
        }
        Self { source, tokens, at, line, open }
    }

    fn words(&self) -> Diag {
        let diag = RULES.iter().find_map(|rule| rule(self)).unwrap_or_else(|| self.generic());
        if self.in_fstring() && !diag.message.starts_with("f-string") {
            let message = format!("f-string: {}", diag.message);
            return Diag { message, ..diag };
        }
        diag
    }

    fn generic(&self) -> Diag {
        let span = self.span(self.at);
        let diag = match self.tok(self.at) {
            Tok::Dedent if self.at + 1 < self.tokens.len() => Diag::syntax("unexpected-unindent", "unexpected unindent", span).with_kind(DiagKind::Indentation),
            _ => Diag::syntax("invalid-syntax", "invalid syntax", span),
        };
        match help::help(self) {
            Some(text) => diag.with_help(text),
            None => diag,
        }
    }

    /// The token at an index; past the end, the end of the line.
    fn tok(&self, index: usize) -> Tok {
        self.tokens.get(index).map_or(Tok::Newline, |t| t.1)
    }

    fn prev(&self) -> Tok {
        if self.at > self.line { self.tok(self.at - 1) } else { Tok::Newline }
    }

    fn here(&self) -> Tok {
        self.tok(self.at)
    }

    /// The place of a token; past the end, the end of the text.
    fn span(&self, index: usize) -> Span {
        let end = self.source.text.len() as u32;
        self.tokens.get(index).map_or(Span::new(end, end), |t| Span::new(t.0, t.2))
    }

    fn text(&self, index: usize) -> &'s str {
        let span = self.span(index);
        self.source.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    fn error(&self, code: &'static str, message: impl Into<String>, from: usize, to: usize) -> Option<Diag> {
        Some(Diag::syntax(code, message, self.span(from).to(self.span(to))))
    }

    /// The first token of the line, after `async`.
    fn head(&self) -> Tok {
        let first = self.tok(self.line);
        if first == Tok::Async { self.tok(self.line + 1) } else { first }
    }

    /// The token that opened the innermost bracket.
    fn bracket(&self) -> Option<Tok> {
        self.open.last().map(|i| self.tok(*i))
    }

    /// Index just past the innermost open bracket, or of the line's first token.
    fn inner_start(&self) -> usize {
        self.open.last().map_or(self.line, |i| i + 1)
    }

    /// Indices of the tokens at the failure's own bracket depth, up to it.
    fn level_tokens(&self) -> Vec<usize> {
        let mut depth = 0_usize;
        let mut out = Vec::new();
        for index in self.inner_start()..self.at {
            match self.tok(index) {
                Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FStart | Tok::WithLPar => {
                    if depth == 0 {
                        out.push(index);
                    }
                    depth += 1;
                }
                Tok::RPar | Tok::RSqb | Tok::RBrace | Tok::FEnd => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        out.push(index);
                    }
                }
                _ if depth == 0 => out.push(index),
                _ => {}
            }
        }
        out
    }

    fn in_fstring(&self) -> bool {
        let before = self.tokens.get(self.line..self.at).unwrap_or_default();
        let count = |tok| before.iter().filter(|t| t.1 == tok).count();
        count(Tok::FStart) > count(Tok::FEnd)
    }

    /// Index of the logical line's end.
    fn line_end(&self) -> usize {
        (self.at..self.tokens.len()).find(|i| self.tok(*i) == Tok::Newline).unwrap_or(self.tokens.len())
    }
}
