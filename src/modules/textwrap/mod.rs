//! `textwrap`: cutting a text into the chunks that lines are filled with; the rest is in `textwrap.co`.

use super::functions;
use crate::pure::chars::{is_alnum, is_decimal};
use crate::value::func::Builtin;
use crate::value::{R, Value};
use crate::vm::Vm;

/// The names that are there when the module's text runs.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    functions(FUNCTIONS, "textwrap")
}

/// `_chunks(text, break_on_hyphens)`: runs of space, and words or parts of them.
fn chunks(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let by_hyphens = vm.truth(&a[1])?;
    let text = crate::types::make::str_arg(vm, &a[0], "text")?;
    let chars: Vec<char> = text.chars().collect();
    let mut found: Vec<Value> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let end = if by_hyphens { chunk_end(&chars, at) } else { run_end(&chars, at, is_space(chars.get(at))) };
        found.push(chars.get(at..end).unwrap_or_default().iter().collect::<String>().into());
        at = end;
    }
    Ok(found.into())
}

fn is_space(c: Option<&char>) -> bool {
    matches!(c, Some('\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' '))
}

fn is_word(c: Option<&char>) -> bool {
    c.is_some_and(|c| is_alnum(*c) || *c == '_')
}

fn is_letter(c: Option<&char>) -> bool {
    is_word(c) && !c.is_some_and(|c| is_decimal(*c))
}

/// What may stand before a dash that ends a word.
fn is_word_part(c: Option<&char>) -> bool {
    is_word(c) || matches!(c, Some('!' | '"' | '\'' | '&' | '.' | ',' | '?'))
}

fn run_end(chars: &[char], start: usize, of_space: bool) -> usize {
    (start..chars.len()).find(|&i| is_space(chars.get(i)) != of_space).unwrap_or(chars.len())
}

/// The end of two or more dashes between words, if they start here.
fn dash_end(chars: &[char], start: usize) -> Option<usize> {
    let before = start.checked_sub(1).and_then(|i| chars.get(i));
    let end = (start..chars.len()).find(|&i| chars.get(i) != Some(&'-')).unwrap_or(chars.len());
    (is_word_part(before) && end >= start + 2 && is_word(chars.get(end))).then_some(end)
}

/// Whether a word may be broken behind the hyphen at a place.
fn breaks_at(chars: &[char], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).and_then(|i| chars.get(i));
    let has_word_before = is_letter(before(2)) && is_letter(before(1)) || is_letter(before(3)) && before(2) == Some(&'-') && is_letter(before(1));
    let next = at + 1;
    let second = if chars.get(next + 1) == Some(&'-') { next + 2 } else { next + 1 };
    chars.get(at) == Some(&'-') && has_word_before && is_letter(chars.get(next)) && is_letter(chars.get(second))
}

fn chunk_end(chars: &[char], start: usize) -> usize {
    if is_space(chars.get(start)) {
        return run_end(chars, start, true);
    }
    if let Some(end) = dash_end(chars, start) {
        return end;
    }
    let mut at = start + 1;
    loop {
        if breaks_at(chars, at) {
            return at + 1;
        }
        if at >= chars.len() || is_space(chars.get(at)) || dash_end(chars, at).is_some() {
            return at;
        }
        at += 1;
    }
}

const FUNCTIONS: &[Builtin] = &[Builtin::new("_chunks", "(text, break_on_hyphens, /)", chunks, "")];
