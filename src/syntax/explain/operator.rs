//! Rules about two operands side by side and about `=` where a value is expected.

use super::Context;
use crate::diag::Diag;
use crate::syntax::token::Tok;

/// `print x`, as in Python 2.
pub(super) fn legacy_statement(context: &Context) -> Option<Diag> {
    let before = context.at.checked_sub(1)?;
    let word = context.text(before);
    if context.prev() != Tok::Name || !matches!(word, "print" | "exec") || !context.here().starts_expression() {
        return None;
    }
    let end = context.line_end().saturating_sub(1).max(context.at);
    let message = format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?");
    let diag = context.error("missing-parentheses", message, before, end)?;
    let rest = context.span(context.at).to(context.span(end));
    let args = context.source.text.get(rest.start as usize..rest.end as usize).unwrap_or("...");
    Some(diag.with_help(format!("write `{word}({args})`")))
}

/// Two expressions side by side in brackets.
pub(super) fn missing_comma(context: &Context) -> Option<Diag> {
    let starts = context.here().starts_expression();
    if context.open.is_empty() || !context.prev().ends_expression() || !starts || matches!(context.here(), Tok::Await) {
        return None;
    }
    let with_items = context.open.len() == 1
        && matches!(context.bracket(), Some(Tok::LPar | Tok::WithLPar))
        && context.tok(context.inner_start().saturating_sub(2)) == Tok::With;
    if with_items || bare_parameter(context) || context.level_tokens().iter().any(|i| context.tok(*i) == Tok::For) {
        return None;
    }
    let from = operand_start(context);
    if context.tok(from) == Tok::Name && (matches!(context.text(from), "match" | "case" | "_") || context.tok(from + 1) == Tok::Str) {
        return None;
    }
    if !completes(context) {
        return None;
    }
    let message = "invalid syntax. Perhaps you forgot a comma?";
    let diag = context.error("missing-comma", message, from, context.at)?;
    Some(diag.with_help("separate the two with a comma"))
}

/// Whether the failure follows a parameter without annotation or default.
fn bare_parameter(context: &Context) -> bool {
    let level = context.level_tokens();
    let item = level.iter().rposition(|i| context.tok(*i) == Tok::Comma).map_or(0, |i| i + 1);
    let lambda = level.iter().rev().find(|i| matches!(context.tok(**i), Tok::Lambda | Tok::Colon));
    let in_lambda = lambda.is_some_and(|i| context.tok(*i) == Tok::Lambda);
    let valued = level.iter().skip(item).any(|i| matches!(context.tok(*i), Tok::Eq | Tok::Colon));
    (in_lambda || super::list::in_def_parameters(context)) && !valued
}

/// Whether what begins at the failure can be a whole expression, judged by its first tokens.
fn completes(context: &Context) -> bool {
    let next = context.tok(context.at + 1);
    match context.here() {
        Tok::Minus | Tok::Plus | Tok::Tilde | Tok::Not | Tok::Lambda => next.starts_expression() || next == Tok::Colon,
        _ => true,
    }
}

/// Index of the first token of the disjunction that ends before the failure.
fn operand_start(context: &Context) -> usize {
    let level = context.level_tokens();
    let stops = |tok: Tok| {
        matches!(
            tok,
            Tok::Comma
                | Tok::Colon
                | Tok::Eq
                | Tok::ColonEq
                | Tok::If
                | Tok::Else
                | Tok::For
                | Tok::Lambda
                | Tok::FColon
                | Tok::Star
                | Tok::DoubleStar
                | Tok::Return
                | Tok::Assert
                | Tok::Elif
                | Tok::While
                | Tok::Yield
                | Tok::Del
                | Tok::Semi
                | Tok::From
        )
    };
    let start = level.iter().rposition(|i| stops(context.tok(*i))).map_or(0, |i| i + 1);
    level.get(start).copied().unwrap_or(context.at.saturating_sub(1))
}

/// `a if b` without `else`.
pub(super) fn missing_else(context: &Context) -> Option<Diag> {
    let level = context.level_tokens();
    if context.head() == Tok::Case && context.open.is_empty() {
        return None;
    }
    let position = level.iter().rposition(|i| matches!(context.tok(*i), Tok::If | Tok::Else))?;
    let at = *level.get(position)?;
    if context.tok(at) != Tok::If || at == context.line || !context.tok(at - 1).ends_expression() || !context.prev().ends_expression() {
        return None;
    }
    if matches!(context.here(), Tok::Else | Tok::Colon | Tok::FColon) || level.iter().any(|i| *i < at && context.tok(*i) == Tok::For && *i != context.line) {
        return None;
    }
    let from = level.iter().take(position).rposition(|i| matches!(context.tok(*i), Tok::Comma | Tok::Eq | Tok::Colon | Tok::Return));
    let from = from.map_or(level.first(), |i| level.get(i + 1)).copied().unwrap_or(at);
    let diag = context.error("missing-else", "expected 'else' after 'if' expression", from, context.at.saturating_sub(1))?;
    Some(diag.with_help("add `else` and a value for when the condition is false"))
}

/// Whether the failure stands where CPython's grammar has a named expression.
fn in_named_place(context: &Context) -> bool {
    if !context.open.is_empty() {
        return true;
    }
    matches!(context.head(), Tok::If | Tok::Elif | Tok::While)
}

/// `if x = 1` and `(x = 1)`.
pub(super) fn assignment_in_expression(context: &Context) -> Option<Diag> {
    if context.here() != Tok::Eq || !context.prev().ends_expression() || !in_named_place(context) {
        return None;
    }
    let next = context.tok(context.at + 1);
    if !next.starts_expression() || matches!(next, Tok::Not | Tok::Lambda) || assigns_again(context) {
        return None;
    }
    let operand = bit_or_operand(context)?;
    let first = *operand.first()?;
    if let ([only], Tok::Name) = (operand.as_slice(), context.prev()) {
        let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
        let diag = context.error("assignment-in-expression", message, *only, context.at + 1)?;
        return Some(diag.with_help("compare with `==`"));
    }
    let kind = operand_kind(context, &operand)?;
    let message = match kind {
        "True" | "False" | "None" => return None,
        _ => format!("cannot assign to {kind} here. Maybe you meant '==' instead of '='?"),
    };
    let diag = context.error("target", message, first, context.at.saturating_sub(1))?;
    Some(diag.with_help("compare with `==`"))
}

/// Whether another `=` follows in the same bracket.
fn assigns_again(context: &Context) -> bool {
    let mut depth = 0_i32;
    for index in context.at + 1..context.tokens.len() {
        match context.tok(index) {
            Tok::LPar | Tok::LSqb | Tok::LBrace => depth += 1,
            Tok::RPar | Tok::RSqb | Tok::RBrace if depth == 0 => return false,
            Tok::RPar | Tok::RSqb | Tok::RBrace => depth -= 1,
            Tok::Eq | Tok::ColonEq if depth == 0 => return true,
            Tok::Newline | Tok::Comma | Tok::Colon | Tok::And | Tok::Or | Tok::EqEq if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

/// The tokens, at the failure's depth, of the operand before it; none if a comparison or `not` binds it.
fn bit_or_operand(context: &Context) -> Option<Vec<usize>> {
    let level = context.level_tokens();
    let ends = |tok: Tok| matches!(tok, Tok::Comma | Tok::Colon | Tok::If | Tok::Elif | Tok::While | Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FLBrace);
    let mut out = Vec::new();
    let mut depth = 0_usize;
    for &index in level.iter().rev() {
        let tok = context.tok(index);
        match tok {
            Tok::RPar | Tok::RSqb | Tok::RBrace | Tok::FEnd => depth += 1,
            Tok::LPar | Tok::LSqb | Tok::LBrace | Tok::FStart if depth > 0 => depth -= 1,
            Tok::And
            | Tok::Or
            | Tok::Not
            | Tok::Is
            | Tok::In
            | Tok::EqEq
            | Tok::NotEq
            | Tok::Less
            | Tok::LessEq
            | Tok::Greater
            | Tok::GreaterEq
            | Tok::Else
            | Tok::Lambda
            | Tok::Eq
            | Tok::For
            | Tok::DoubleStarEq => return None,
            _ if depth == 0 && ends(tok) => break,
            _ => {}
        }
        out.push(index);
    }
    out.reverse();
    let starred = out.first().is_some_and(|i| matches!(context.tok(*i), Tok::Star | Tok::DoubleStar));
    (!out.is_empty() && !starred).then_some(out)
}

/// CPython's name for an operand, from its tokens.
fn operand_kind(context: &Context, operand: &[usize]) -> Option<&'static str> {
    let first = context.tok(*operand.first()?);
    let binary = |i: &usize| {
        matches!(
            context.tok(*i),
            Tok::Plus
                | Tok::Minus
                | Tok::Star
                | Tok::Slash
                | Tok::DoubleSlash
                | Tok::Percent
                | Tok::At
                | Tok::Shl
                | Tok::Shr
                | Tok::Amp
                | Tok::Bar
                | Tok::Caret
                | Tok::DoubleStar
                | Tok::Tilde
        )
    };
    if operand.iter().any(binary) {
        return Some("expression");
    }
    if first == Tok::Await {
        return Some("await expression");
    }
    let opener = |close: usize| operand.iter().rev().find(|i| **i < close).copied();
    let last = *operand.last()?;
    let alone = operand.len() <= 2;
    match context.tok(last) {
        Tok::Name => Some("attribute"),
        Tok::RPar if alone => None,
        Tok::RPar => opener(last).map(|_| "function call"),
        Tok::RSqb if alone => None,
        Tok::RSqb => Some("subscript"),
        Tok::RBrace => Some(brace_kind(context, *operand.first()?, last)),
        Tok::Number | Tok::Str => Some("literal"),
        Tok::FEnd => Some("f-string expression"),
        Tok::Ellipsis => Some("ellipsis"),
        Tok::None => Some("None"),
        Tok::True => Some("True"),
        Tok::False => Some("False"),
        _ => None,
    }
}

fn brace_kind(context: &Context, open: usize, close: usize) -> &'static str {
    let inside = |tok| (open..close).any(|i| context.tok(i) == tok);
    match (inside(Tok::Colon) || close == open + 1, inside(Tok::For)) {
        (true, true) => "dict comprehension",
        (true, false) => "dict literal",
        (false, true) => "set comprehension",
        (false, false) => "set display",
    }
}

/// Index of the `lambda` in whose body the failure stands.
fn lambda_body(context: &Context) -> Option<usize> {
    let open = context.open.last().copied().unwrap_or_default();
    if context.bracket() == Some(Tok::LPar) && open > context.line && context.tok(open - 1).ends_expression() {
        return None;
    }
    let level = context.level_tokens();
    let item = level.iter().rposition(|i| context.tok(*i) == Tok::Comma).map_or(0, |i| i + 1);
    let lambda = level.iter().skip(item).copied().find(|i| context.tok(*i) == Tok::Lambda)?;
    level.iter().any(|i| *i > lambda && context.tok(*i) == Tok::Colon).then_some(lambda)
}

/// `(a.b := 1)`.
pub(super) fn walrus_target(context: &Context) -> Option<Diag> {
    if context.here() != Tok::ColonEq {
        return None;
    }
    if let Some(lambda) = lambda_body(context) {
        return context.error("walrus", "cannot use assignment expressions with lambda", lambda, context.at.saturating_sub(1));
    }
    let operand = bit_or_operand(context)?;
    let first = *operand.first()?;
    let kind = match (operand_kind(context, &operand), context.prev()) {
        (Some("attribute"), _) if operand.len() == 1 => return None,
        (Some(kind), _) => kind,
        (None, Tok::RPar) => "tuple",
        (None, Tok::RSqb) => "list",
        _ => return None,
    };
    context.error("walrus", format!("cannot use assignment expressions with {kind}"), first, context.at.saturating_sub(1))
}
