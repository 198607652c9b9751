//! Rules about headers and their blocks: missing colons, missing or surprising indentation.

use super::Context;
use crate::diag::{Diag, DiagKind};
use crate::syntax::token::Tok;

/// What CPython calls the statement that a header begins.
fn statement_name(context: &Context, line: usize) -> Option<String> {
    let first = context.tok(line);
    let head = if first == Tok::Async { context.tok(line + 1) } else { first };
    let name = match head {
        Tok::Def => return Some("function definition".to_owned()),
        Tok::Class => return Some("class definition".to_owned()),
        Tok::Except if context.tok(line + 1) == Tok::Star => "except*",
        Tok::If => "if",
        Tok::Elif => "elif",
        Tok::Else => "else",
        Tok::While => "while",
        Tok::For => "for",
        Tok::With => "with",
        Tok::Try => "try",
        Tok::Except => "except",
        Tok::Finally => "finally",
        Tok::Match => "match",
        Tok::Case => "case",
        _ => return None,
    };
    Some(format!("'{name}' statement"))
}

/// A header whose next line is not indented.
pub(super) fn missing_block(context: &Context) -> Option<Diag> {
    let before = context.at.checked_sub(2)?;
    if context.tok(before + 1) != Tok::Newline || context.tok(before) != Tok::Colon || context.here() == Tok::Indent {
        return None;
    }
    let line = context.tokens.get(..before)?.iter().rposition(|t| t.1.is_layout()).map_or(0, |i| i + 1);
    let name = statement_name(context, line)?;
    let message = format!("expected an indented block after {name} on line {}", context.source.line(context.span(line).start));
    let at = if context.here() == Tok::Dedent || context.at >= context.tokens.len() { before } else { context.at };
    let diag = Diag::syntax("missing-block", message, context.span(at)).with_kind(DiagKind::Indentation);
    Some(diag.with_help("indent the next line, or write `pass` there"))
}

/// A line that is deeper than its block.
pub(super) fn unexpected_indent(context: &Context) -> Option<Diag> {
    if context.here() != Tok::Indent {
        return None;
    }
    let diag = Diag::syntax("unexpected-indent", "unexpected indent", context.span(context.at)).with_kind(DiagKind::Indentation);
    Some(diag.with_help("align the line with the one above"))
}

fn expected(context: &Context, what: char) -> Option<Diag> {
    let diag = context.error("missing-colon", format!("expected '{what}'"), context.at, context.at)?;
    Some(if what == ':' { diag.with_help("add a `:` before the block") } else { diag })
}

/// A header that ends without its colon.
pub(super) fn missing_colon(context: &Context) -> Option<Diag> {
    if !context.open.is_empty() {
        return None;
    }
    let complete = context.prev().ends_expression();
    let ends = context.here() == Tok::Newline;
    match context.head() {
        Tok::Else | Tok::Try | Tok::Finally if context.at == context.line + 1 => {
            let diag = expected(context, ':')?;
            Some(if context.head() == Tok::Else && context.here() == Tok::If { diag.with_help("write `elif`") } else { diag })
        }
        Tok::Def if context.prev() == Tok::Name && context.tok(context.at.saturating_sub(2)) == Tok::Def => expected(context, '('),
        Tok::Def if complete && (context.prev() != Tok::Name || has(context, Tok::Arrow)) => expected(context, ':'),
        Tok::Class if ends && complete => expected(context, ':'),
        Tok::For if ends && complete && has(context, Tok::In) => expected(context, ':'),
        Tok::With if ends && complete => expected(context, ':'),
        Tok::If | Tok::Elif | Tok::While | Tok::Match | Tok::Case if ends && complete => expected(context, ':'),
        Tok::Except if ends && (complete || context.prev() == Tok::Except) => expected(context, ':'),
        Tok::Except if context.prev() == Tok::Star && matches!(context.here(), Tok::Newline | Tok::Colon) => {
            context.error("except-type", "expected one or more exception types", context.at, context.at)
        }
        Tok::Name if matches!(context.text(context.line), "match" | "case") => soft_header(context),
        _ => None,
    }
}

fn has(context: &Context, token: Tok) -> bool {
    (context.line..context.at).any(|i| context.tok(i) == token)
}

/// `match x` or `case x` without colon.
fn soft_header(context: &Context) -> Option<Diag> {
    let end = context.line_end();
    let operator = |i| matches!(context.tok(i), Tok::Eq | Tok::Colon | Tok::Error);
    if context.at != context.line + 1 || !context.tok(end.checked_sub(1)?).ends_expression() || (context.at..end).any(operator) {
        return None;
    }
    if context.text(context.line) == "case" && context.tok(context.line.checked_sub(1)?) == Tok::StartModule {
        return None;
    }
    let diag = context.error("missing-colon", "expected ':'", end, end)?;
    Some(diag.with_help("add a `:` before the block"))
}

/// `with (a as b)` without colon, which makes the parentheses look like an expression's.
pub(super) fn with_items(context: &Context) -> Option<Diag> {
    let open = *context.open.first()?;
    if context.head() != Tok::With || context.here() != Tok::As || context.open.len() != 1 || context.tok(open.wrapping_sub(1)) != Tok::With {
        return None;
    }
    let end = context.line_end();
    let diag = context.error("missing-colon", "expected ':'", end, end)?;
    (context.tok(end.checked_sub(1)?) == Tok::RPar).then(|| diag.with_help("add a `:` before the block"))
}
