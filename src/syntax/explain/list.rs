//! Rules about what stands between brackets: parameters, arguments, displays, imports, f-string fields.

use super::Context;
use crate::diag::Diag;
use crate::syntax::token::Tok;

/// What follows `!` in an f-string field.
pub(super) fn conversion(context: &Context) -> Option<Diag> {
    if !context.in_fstring() {
        return None;
    }
    if context.prev() == Tok::FBang {
        let message = "f-string: invalid conversion character: expected 's', 'r', or 'a'";
        return context.error("f-string", message, context.at, context.at);
    }
    let field = context.bracket() == Some(Tok::FLBrace);
    if field && context.here() == Tok::Eq {
        return context.error("f-string", "f-string: expecting '}'", context.at, context.at);
    }
    let after_conversion = context.tok(context.at.saturating_sub(2)) == Tok::FBang;
    if after_conversion || context.prev() == Tok::FEq {
        return context.error("f-string", "f-string: expecting '}'", context.at, context.at);
    }
    None
}

/// Index of the `lambda` whose parameters the failure is among.
fn lambda_around(context: &Context) -> Option<usize> {
    let level = context.level_tokens();
    let last = level.iter().rev().find(|i| matches!(context.tok(**i), Tok::Lambda | Tok::Colon))?;
    (context.tok(*last) == Tok::Lambda).then_some(*last)
}

pub(super) fn in_def_parameters(context: &Context) -> bool {
    context.head() == Tok::Def
        && context.open.len() == 1
        && context.bracket() == Some(Tok::LPar)
        && context.open.first().is_some_and(|i| context.tok(i.wrapping_sub(2)) == Tok::Def)
}

/// `def f((a, b))` and `lambda (a, b): ..`.
pub(super) fn parenthesized_parameter(context: &Context) -> Option<Diag> {
    if context.here() != Tok::LPar {
        return None;
    }
    let lambda = lambda_around(context);
    let message = match (lambda, in_def_parameters(context)) {
        (Some(_), _) => "Lambda expression parameters cannot be parenthesized",
        (None, true) => "Function parameters cannot be parenthesized",
        _ => return None,
    };
    let from = lambda.map_or_else(|| context.inner_start(), |i| i + 1);
    if (from..context.at).any(|i| !matches!(context.tok(i), Tok::Name | Tok::Comma)) {
        return None;
    }
    let close = (context.at + 1..context.tokens.len()).find(|i| !matches!(context.tok(*i), Tok::Name | Tok::Comma))?;
    if context.tok(close) != Tok::RPar || close == context.at + 1 {
        return None;
    }
    context.error("parameters", message, context.at, close)
}

/// `def f(a=)`.
pub(super) fn missing_default(context: &Context) -> Option<Diag> {
    let ends = matches!(context.here(), Tok::RPar | Tok::Comma) && (in_def_parameters(context) || lambda_around(context).is_some());
    if !ends || context.prev() != Tok::Eq {
        return None;
    }
    let level = context.level_tokens();
    let start = level.iter().rposition(|i| context.tok(*i) == Tok::Comma).map_or(0, |i| i + 1);
    let message = match level.get(start).map(|i| context.tok(*i)) {
        Some(Tok::Star) => "var-positional argument cannot have default value",
        Some(Tok::DoubleStar) => "var-keyword argument cannot have default value",
        _ => "expected default value expression",
    };
    context.error("parameters", message, context.at - 1, context.at - 1)
}

/// `def f(a, /*, b)`.
pub(super) fn slash_and_star(context: &Context) -> Option<Diag> {
    let in_parameters = in_def_parameters(context) || lambda_around(context).is_some();
    if context.here() != Tok::Star || context.prev() != Tok::Slash || !in_parameters {
        return None;
    }
    context.error("parameters", "expected comma between / and *", context.at, context.at)
}

/// `f(**a, *)`.
pub(super) fn star_after_double_star(context: &Context) -> Option<Diag> {
    let level = context.level_tokens();
    let unpacks = level.iter().enumerate().any(|(n, i)| {
        let opens = n == 0 || level.get(n - 1).is_some_and(|before| context.tok(*before) == Tok::Comma);
        opens && context.tok(*i) == Tok::DoubleStar
    });
    if context.here() != Tok::RPar || context.prev() != Tok::Star || !unpacks || in_def_parameters(context) || lambda_around(context).is_some() {
        return None;
    }
    context.error("arguments", "iterable argument unpacking follows keyword argument unpacking", context.at - 1, context.at - 1)
}

/// `(*a for a in b)`.
pub(super) fn starred_comprehension(context: &Context) -> Option<Diag> {
    let first = context.inner_start();
    if !matches!(context.here(), Tok::For | Tok::Async) || context.open.is_empty() || context.tok(first) != Tok::Star {
        return None;
    }
    if context.level_tokens().iter().any(|i| context.tok(*i) == Tok::Comma) {
        return None;
    }
    context.error("comprehension", "iterable unpacking cannot be used in comprehension", first, context.at.saturating_sub(1))
}

/// `f(a=b for b in c)`.
pub(super) fn keyword_comprehension(context: &Context) -> Option<Diag> {
    let level = context.level_tokens();
    let start = level.iter().rposition(|i| context.tok(*i) == Tok::Comma).map_or(0, |i| i + 1);
    let [name, equals, ..] = level.get(start..)? else { return None };
    if !matches!(context.here(), Tok::For | Tok::Async) || context.tok(*name) != Tok::Name || context.tok(*equals) != Tok::Eq || context.open.is_empty() {
        return None;
    }
    let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
    context.error("assignment-in-expression", message, *name, *equals)
}

/// `[a, b for a, b in c]`.
pub(super) fn comprehension_target(context: &Context) -> Option<Diag> {
    let displays = matches!(context.bracket(), Some(Tok::LSqb | Tok::LBrace));
    let level = context.level_tokens();
    if context.here() != Tok::For || !displays || !level.iter().any(|i| context.tok(*i) == Tok::Comma) {
        return None;
    }
    if level.iter().any(|i| matches!(context.tok(*i), Tok::Colon | Tok::Eq)) || is_subscript(context) {
        return None;
    }
    let message = "did you forget parentheses around the comprehension target?";
    let diag = context.error("comprehension-target", message, context.inner_start(), context.at.saturating_sub(1))?;
    Some(diag.with_help("put the elements in parentheses: `[(a, b) for ..]`"))
}

fn is_subscript(context: &Context) -> bool {
    let open = context.open.last().copied().unwrap_or(0);
    context.tok(open) == Tok::LSqb && open > context.line && context.tok(open - 1).ends_expression()
}

/// Items of a dict without key, colon or value.
pub(super) fn dictionary(context: &Context) -> Option<Diag> {
    if context.bracket() != Some(Tok::LBrace) {
        return None;
    }
    let level = context.level_tokens();
    let item = level.iter().rposition(|i| context.tok(*i) == Tok::Comma).map_or(0, |i| i + 1);
    let colons = |from: usize, to: usize| level.get(from..to).unwrap_or_default().iter().any(|i| matches!(context.tok(*i), Tok::Colon | Tok::DoubleStar));
    let ends = matches!(context.here(), Tok::RBrace | Tok::Comma);
    if context.prev() == Tok::Colon && ends {
        let message = "expression expected after dictionary key and ':'";
        return context.error("dictionary", message, context.at - 1, context.at - 1);
    }
    if context.prev() == Tok::Colon && context.here() == Tok::Star {
        return context.error("dictionary", "cannot use a starred expression in a dictionary value", context.at, context.at);
    }
    if item > 0 && colons(0, item) && !colons(item, level.len()) && context.prev().ends_expression() && (ends || context.here().starts_expression()) {
        return context.error("dictionary", "':' expected after dictionary key", context.at - 1, context.at - 1);
    }
    None
}

/// `(**a)`.
pub(super) fn double_star_group(context: &Context) -> Option<Diag> {
    if context.here() != Tok::DoubleStar || !matches!(context.prev(), Tok::LPar | Tok::FLBrace) {
        return None;
    }
    context.error("starred", "cannot use double starred expression here", context.at, context.at)
}

/// `from a import b,`.
pub(super) fn import_comma(context: &Context) -> Option<Diag> {
    if context.head() != Tok::From || context.here() != Tok::Newline || context.prev() != Tok::Comma {
        return None;
    }
    let message = "trailing comma not allowed without surrounding parentheses";
    context.error("import-comma", message, context.at - 1, context.at - 1)
}
