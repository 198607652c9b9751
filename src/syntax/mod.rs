//! Source text to syntax tree, in three stages: `layout` makes tokens, the generated parser and `build` make the tree,
//! `check` finds what the grammar is too generous about. A failure of the parser is put into words by `explain`.

pub mod ast;
pub mod build;
mod build_pattern;
mod build_stmt;
mod build_text;
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

use crate::diag::Diag;
use crate::source::{Source, Span};
use crate::syntax::build::{Builder, Top};
use crate::syntax::layout::{Lexed, Open, layout};
use crate::syntax::token::Tok;

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

fn parse(source: &Source, start: Tok, _options: ParseOptions) -> Result<Top, Vec<Diag>> {
    let lexed = layout(source, start);
    if let Some(error) = lexed.error {
        return Err(vec![error]);
    }
    let mut builder = Builder::new(&source.text);
    let tokens = lexed.tokens.iter().copied().map(Ok);
    match grammar::python::TopParser::new().parse(&mut builder, tokens) {
        Ok(top) if builder.errors.is_empty() => Ok(top),
        Ok(_) => Err(builder.errors),
        Err(error) => {
            let span = match error {
                ParseError::UnrecognizedToken { token: (l, _, r), .. } => Span::new(l, r),
                _ => Span::new(source.text.len() as u32, source.text.len() as u32),
            };
            Err(vec![Diag::syntax("invalid-syntax", "invalid syntax", span)])
        }
    }
}
