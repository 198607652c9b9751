//! x
use crate::diag::Diag;
use crate::source::{Source, Span};
use crate::syntax::layout::Lexed;
use crate::syntax::token::{Spanned, Tok};
pub(super) fn explain(source: &Source, lexed: &Lexed, failed: usize, mut known: Vec<Diag>) -> Vec<Diag> {
    let end = source.text.len() as u32;
    let (l, _, r) = lexed.tokens.get(failed).copied().unwrap_or((end, Tok::Newline, end));
    known.push(Diag::syntax("invalid-syntax", "invalid syntax", Span::new(l, r)));
    known
}
pub(super) fn only_more_helps(tokens: &[Spanned], failed: usize) -> bool {
    tokens.get(failed..).is_none_or(|rest| rest.iter().all(|t| t.1.is_layout()))
}
