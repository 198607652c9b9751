//! Help for a plain `invalid syntax`: habits from other languages, reserved words and slips of the keyboard.

use super::Context;
use crate::syntax::token::Tok;

/// An obvious fix, if there is one.
pub(super) fn help(context: &Context) -> Option<String> {
    operator(context).or_else(|| reserved(context)).or_else(|| word(context))
}

/// Whether the two tokens before this one are the same operator, as in `x++`.
fn after_same(context: &Context) -> bool {
    context.at >= 2 && context.tok(context.at - 1) == context.tok(context.at - 2)
}

/// Operators of other languages.
fn operator(context: &Context) -> Option<String> {
    let doubled = context.here() == context.prev() && context.span(context.at).start == context.span(context.at - 1).end;
    let fix = match (context.here(), context.prev()) {
        (Tok::Amp, _) if doubled => "write `and`",
        (Tok::Bar, _) if doubled => "write `or`",
        (Tok::Eq, Tok::EqEq) => "compare with `==`",
        (Tok::Newline, Tok::Plus) if after_same(context) => "write `+= 1`",
        (Tok::Newline, Tok::Minus) if after_same(context) => "write `-= 1`",
        (Tok::Greater, Tok::Eq) => "write `>=`, or `:` after a `case` or `lambda`",
        (Tok::Bang, _) => "write `not`",
        (Tok::Stray, _) if context.text(context.at) == "?" => "write `value if condition else other`",
        (Tok::Eq, Tok::NotEq) => "compare with `!=`",
        (Tok::LBrace, _) if matches!(context.head(), Tok::If | Tok::While | Tok::For | Tok::Else) => "begin the block with `:` and indent it",
        _ => return None,
    };
    Some(fix.to_owned())
}

/// A keyword where a name belongs.
fn reserved(context: &Context) -> Option<String> {
    let index = if context.here().is_keyword() { context.at } else { context.at.checked_sub(1)? };
    let keyword = context.tok(index);
    let names = match context.here() {
        Tok::Eq | Tok::Dot => index == context.line,
        _ => matches!(context.prev(), Tok::Def | Tok::Class | Tok::Import | Tok::As | Tok::Dot | Tok::Global | Tok::Nonlocal),
    };
    (keyword.is_keyword() && names && index + 1 >= context.at).then(|| format!("`{}` is a reserved word; choose another name", context.text(index)))
}

/// A first word that is almost a keyword, or one of another language.
fn word(context: &Context) -> Option<String> {
    if context.tok(context.line) != Tok::Name || context.at != context.line + 1 || context.here() == Tok::Newline {
        return None;
    }
    let word = context.text(context.line);
    let foreign = match word {
        "function" | "func" | "fn" | "sub" => "def",
        "var" | "let" | "const" => return Some(format!("leave out `{word}`: `name = value` makes a variable")),
        "elseif" | "elsif" => "elif",
        "switch" => "match",
        "catch" => "except",
        "throw" => "raise",
        "foreach" => "for",
        "include" | "require" | "using" => "import",
        _ => near_keyword(word)?,
    };
    Some(format!("did you mean `{foreign}`?"))
}

/// The keyword that a word becomes by one change or swap.
fn near_keyword(word: &str) -> Option<&'static str> {
    const WORDS: [&str; 20] = [
        "assert", "async", "await", "class", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "import", "nonlocal", "raise",
        "return", "while", "with", "yield",
    ];
    WORDS.into_iter().find(|known| word.len() > 2 && close(word.as_bytes(), known.as_bytes()))
}

/// Whether one insertion, deletion, replacement or swap of neighbours makes `a` into `b`.
fn close(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    let (a_rest, b_rest) = (a.get(1..).unwrap_or_default(), b.get(1..).unwrap_or_default());
    let swapped = matches!((a, b), ([x, y, a @ ..], [v, w, b @ ..]) if x == w && y == v && a == b);
    swapped || a_rest == b || a == b_rest || a_rest == b_rest
}
