//! `repr` and `ascii` of text and bytes.
//!
//! In comes text or bytes, out comes the literal that Python shows: quotes as few as possible are escaped.

use super::chars::is_printable;
use std::fmt::Write;

/// `repr(text)`.
pub fn repr_str(text: &str) -> String {
    quote(text, is_printable)
}

/// `ascii(text)`: like `repr`, with escapes for all that is not ASCII.
pub fn ascii_str(text: &str) -> String {
    quote(text, |c| (' '..='~').contains(&c))
}

/// Replaces all that is not ASCII by escapes, as `ascii` does with the `repr` of any value.
pub fn escape_non_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() { out.push(c) } else { push_code(&mut out, c) }
    }
    out
}

/// `repr(bytes)`.
pub fn repr_bytes(bytes: &[u8]) -> String {
    let quote = choose_quote(bytes.contains(&b'\''), bytes.contains(&b'"'));
    let mut out = String::with_capacity(bytes.len() + 3);
    out.push('b');
    out.push(quote);
    for c in bytes.iter().copied().map(char::from) {
        push_escaped(&mut out, c, quote, |c| (' '..='~').contains(&c));
    }
    out.push(quote);
    out
}

fn quote(text: &str, shows: impl Fn(char) -> bool) -> String {
    let quote = choose_quote(text.contains('\''), text.contains('"'));
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    text.chars().for_each(|c| push_escaped(&mut out, c, quote, &shows));
    out.push(quote);
    out
}

fn choose_quote(single: bool, double: bool) -> char {
    if single && !double { '"' } else { '\'' }
}

fn push_escaped(out: &mut String, c: char, quote: char, shows: impl Fn(char) -> bool) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        _ if c == quote => out.extend(['\\', c]),
        _ if shows(c) => out.push(c),
        _ => push_code(out, c),
    }
}

fn push_code(out: &mut String, c: char) {
    let code = c as u32;
    // Writing into a string cannot fail.
    let _ = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes() {
        for (text, repr, ascii) in [
            ("it's", "\"it's\"", "\"it's\""),
            ("'\"", "'\\'\"'", "'\\'\"'"),
            ("a\n\x00\\", "'a\\n\\x00\\\\'", "'a\\n\\x00\\\\'"),
            ("한\u{a0}\u{200b}😀", "'한\\xa0\\u200b😀'", "'\\ud55c\\xa0\\u200b\\U0001f600'"),
            ("\x7f", "'\\x7f'", "'\\x7f'"),
        ] {
            assert_eq!((repr_str(text).as_str(), ascii_str(text).as_str()), (repr, ascii));
        }
        assert_eq!(repr_bytes(b"a'\xff\n"), "b\"a'\\xff\\n\"");
        assert_eq!(escape_non_ascii("['é\n']"), "['\\xe9\n']");
    }
}
