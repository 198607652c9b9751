//! Source text to syntax tree, in three stages: `layout` makes tokens, the generated parser and `build` make the tree,
//! `check` finds what the grammar is too generous about. A failure of the parser is put into words by `explain`.

#[expect(missing_docs, reason = "the line above each node kind shows its fields by example")]
pub mod ast;
pub mod build;
mod build_pattern;
mod build_stmt;
mod build_text;
mod check;
mod explain;
mod fstrings;
mod intern;
pub mod layout;
mod numbers;
mod strings;
pub mod token;
mod words;

#[allow(clippy::all, clippy::pedantic, clippy::restriction, unused, missing_docs)]
mod grammar {
    lalrpop_util::lalrpop_mod!(pub python);
}

use lalrpop_util::ParseError;

use crate::diag::{Diag, DiagKind};
use crate::source::Source;
use crate::syntax::build::{Builder, Top};
use crate::syntax::check::Phase;
use crate::syntax::layout::{Open, layout};
use crate::syntax::token::{Spanned, Tok};

/// More diagnostics than this help nobody.
const MAX_DIAGS: usize = 20;

/// What a caller allows beyond Python.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions {
    /// `await` and its relatives may stand outside functions.
    pub top_level_await: bool,
}

/// Whether a REPL entry can run as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It can.
    Complete,
    /// More lines are needed: an open bracket, triple quote, backslash, block or a lone decorator.
    Incomplete,
    /// No continuation makes it valid.
    Invalid,
}

/// Parses and checks a module.
pub fn parse_module(source: &Source, options: ParseOptions) -> Result<ast::Module, Vec<Diag>> {
    match parse(source, Tok::StartModule, options)? {
        Top::Module(body) => Ok(build::module(body)),
        Top::Expr(_) => unreachable!("the start token selects the module grammar"),
    }
}

/// Parses and checks a single expression, as `eval` does.
pub fn parse_expression(source: &Source, options: ParseOptions) -> Result<ast::Expr, Vec<Diag>> {
    match parse(source, Tok::StartExpr, options)? {
        Top::Expr(value) => Ok(value),
        Top::Module(_) => unreachable!("the start token selects the expression grammar"),
    }
}

fn parse(source: &Source, start: Tok, options: ParseOptions) -> Result<Top, Vec<Diag>> {
    let lexed = layout(source, start);
    let mut builder = Builder::new(&source.text);
    let top = match run_parser(&mut builder, &lexed.tokens) {
        Ok(top) => top,
        Err(failed) if lexed.error.as_ref().is_some_and(|error| comes_first(error, failed, &lexed.tokens)) => {
            return Err(lexed.error.into_iter().collect());
        }
        Err(failed) => {
            builder.errors.extend(errors_before(source, &lexed.tokens, failed, options));
            builder.errors.sort_by_key(|diag| diag.span.start);
            return Err(explain::explain(source, &lexed, failed, builder.errors));
        }
    };
    let mut found: Vec<(Phase, Diag)> = builder.errors.into_iter().map(|diag| (Phase::Parser, diag)).collect();
    found.extend(match &top {
        Top::Module(body) => check::check_module(body, options, lexed.declares),
        Top::Expr(value) => check::check_expression(value, options),
    });
    if found.is_empty() { Ok(top) } else { Err(in_order(found)) }
}

/// What CPython's parser rejects in the top-level statements before a failure, which it meets first.
fn errors_before(source: &Source, tokens: &[Spanned], failed: usize, options: ParseOptions) -> Vec<Diag> {
    let (mut depth, mut end) = (0_u32, 1);
    for (index, token) in tokens.iter().enumerate().take(failed).skip(1) {
        match token.1 {
            Tok::Indent => depth += 1,
            Tok::Dedent => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = matches!(token.1, Tok::Newline | Tok::Dedent) && depth == 0;
        let goes_on = tokens.get(index + 1).is_some_and(|t| matches!(t.1, Tok::Indent | Tok::Dedent | Tok::Else | Tok::Elif | Tok::Except | Tok::Finally));
        if ends && !goes_on {
            end = index + 1;
        }
    }
    let mut builder = Builder::new(&source.text);
    match run_parser(&mut builder, tokens.get(..end).unwrap_or_default()) {
        Ok(Top::Module(body)) => {
            let found = check::check_module(&body, options, false);
            found.into_iter().filter(|(phase, _)| *phase == Phase::Parser).map(|(_, diag)| diag).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether CPython would report a lexical error rather than the parser's failure at a token before it.
fn comes_first(error: &Diag, failed: usize, tokens: &[Spanned]) -> bool {
    let at_parser = tokens.get(failed).is_none_or(|t| t.1 == Tok::Error);
    let waits = error.kind != DiagKind::Syntax || matches!(error.code, "line-continuation" | "unexpected-eof" | "f-string");
    at_parser || !waits && tokens.get(failed).is_some_and(|t| t.1 != Tok::Indent)
}

/// Runs the generated parser; a failure is the index of the token that does not fit.
fn run_parser(builder: &mut Builder<'_>, tokens: &[Spanned]) -> Result<Top, usize> {
    let mut taken: usize = 0;
    let feed = tokens.iter().map(|token| {
        taken += 1;
        Ok(*token)
    });
    let result = grammar::python::TopParser::new().parse(builder, feed);
    result.map_err(|error| match error {
        ParseError::UnrecognizedEof { .. } => tokens.len(),
        _ => taken.saturating_sub(1),
    })
}

/// Diagnostics in the order in which CPython would meet them, without repetitions.
fn in_order(mut found: Vec<(Phase, Diag)>) -> Vec<Diag> {
    found.sort_by_key(|(phase, diag)| (*phase, if *phase == Phase::Parser { diag.span.start } else { 0 }));
    let mut diags: Vec<Diag> = found.into_iter().map(|(_, diag)| diag).collect();
    diags.dedup_by(|a, b| a.span == b.span);
    diags.truncate(MAX_DIAGS);
    diags
}

/// Tells a REPL whether an entry is complete. Each line of it ends in `\n`, the last one too.
#[must_use]
pub fn completeness(source: &Source) -> Completeness {
    let lexed = layout(source, Tok::StartModule);
    match lexed.open {
        Open::Bracket | Open::Triple | Open::Backslash => Completeness::Incomplete,
        _ if lexed.error.is_some() => Completeness::Invalid,
        _ => {
            let mut builder = Builder::new(&source.text);
            match run_parser(&mut builder, &lexed.tokens) {
                Ok(_) if lexed.open == Open::Block && !ends_in_empty_line(&source.text) => Completeness::Incomplete,
                Ok(_) => Completeness::Complete,
                Err(failed) if explain::only_more_helps(&lexed.tokens, failed) && !ends_in_empty_line(&source.text) => Completeness::Incomplete,
                Err(_) => Completeness::Invalid,
            }
        }
    }
}

/// An empty last line ends an open block, as in CPython's REPL.
fn ends_in_empty_line(text: &str) -> bool {
    let lines = text.strip_suffix('\n').and_then(|body| body.rsplit_once('\n'));
    lines.is_some_and(|(_, last)| last.trim().is_empty())
}

#[cfg(test)]
mod tests;
