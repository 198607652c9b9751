//! Cutting text into parts: `split`, `splitlines`, `partition`, `strip`.
//!
//! In comes `&str`, out come parts of it. White space is what Python takes for it. That a separator is not empty
//! is checked by the caller, who raises `ValueError: empty separator`.

use super::chars::{is_line_break, is_space};

/// `text.split(None, limit)`: at runs of white space; no limit means everywhere. What is
/// left at the limit keeps its white space at the end.
pub fn split_whitespace(text: &str, limit: Option<usize>) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        if limit == Some(parts.len()) {
            parts.push(rest);
            break;
        }
        let end = rest.find(is_space).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(is_space);
    }
    parts
}

/// `text.rsplit(None, limit)`.
pub fn rsplit_whitespace(text: &str, limit: Option<usize>) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_end_matches(is_space);
    while !rest.is_empty() {
        if limit == Some(parts.len()) {
            parts.push(rest);
            break;
        }
        let word = rest.rsplit(is_space).next().unwrap_or(rest);
        parts.push(word);
        rest = rest[..rest.len() - word.len()].trim_end_matches(is_space);
    }
    parts.reverse();
    parts
}

/// `text.split(separator, limit)`.
pub fn split_on<'a>(text: &'a str, separator: &str, limit: Option<usize>) -> Vec<&'a str> {
    match limit.and_then(|limit| limit.checked_add(1)) {
        Some(parts) => text.splitn(parts, separator).collect(),
        None => text.split(separator).collect(),
    }
}

/// `text.rsplit(separator, limit)`.
pub fn rsplit_on<'a>(text: &'a str, separator: &str, limit: Option<usize>) -> Vec<&'a str> {
    let mut parts: Vec<&str> = match limit.and_then(|limit| limit.checked_add(1)) {
        Some(parts) => text.rsplitn(parts, separator).collect(),
        None => text.rsplit(separator).collect(),
    };
    parts.reverse();
    parts
}

/// `text.splitlines(keep_ends)`: at every boundary that Unicode knows; `\r\n` is one.
pub fn splitlines(text: &str, keep_ends: bool) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_line_break).unwrap_or(rest.len());
        let ending = match rest[end..].chars().next() {
            Some('\r') if rest[end..].starts_with("\r\n") => 2,
            Some(c) => c.len_utf8(),
            None => 0,
        };
        lines.push(&rest[..if keep_ends { end + ending } else { end }]);
        rest = &rest[end + ending..];
    }
    lines
}

/// `text.partition(separator)`.
pub fn partition<'a>(text: &'a str, separator: &str) -> [&'a str; 3] {
    match text.find(separator) {
        Some(at) => cut(text, at, separator.len()),
        None => [text, "", ""],
    }
}

/// `text.rpartition(separator)`.
pub fn rpartition<'a>(text: &'a str, separator: &str) -> [&'a str; 3] {
    match text.rfind(separator) {
        Some(at) => cut(text, at, separator.len()),
        None => ["", "", text],
    }
}

/// `text.strip(characters)`; none given means white space.
pub fn strip<'a>(text: &'a str, characters: Option<&str>) -> &'a str {
    rstrip(lstrip(text, characters), characters)
}

/// `text.lstrip(characters)`.
pub fn lstrip<'a>(text: &'a str, characters: Option<&str>) -> &'a str {
    match characters {
        None => text.trim_start_matches(is_space),
        Some(characters) => text.trim_start_matches(|c| characters.contains(c)),
    }
}

/// `text.rstrip(characters)`.
pub fn rstrip<'a>(text: &'a str, characters: Option<&str>) -> &'a str {
    match characters {
        None => text.trim_end_matches(is_space),
        Some(characters) => text.trim_end_matches(|c| characters.contains(c)),
    }
}

fn cut(text: &str, at: usize, len: usize) -> [&str; 3] {
    [&text[..at], &text[at..at + len], &text[at + len..]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitting() {
        let text = " a\u{3000}b \x1fc ";
        for (found, expected) in [
            (split_whitespace(text, None), vec!["a", "b", "c"]),
            (split_whitespace(text, Some(1)), vec!["a", "b \x1fc "]),
            (split_whitespace("  ", Some(0)), vec![]),
            (rsplit_whitespace(text, Some(1)), vec![" a\u{3000}b", "c"]),
            (rsplit_whitespace(text, Some(0)), vec![" a\u{3000}b \x1fc"]),
            (split_on("a,b,,c", ",", Some(2)), vec!["a", "b", ",c"]),
            (rsplit_on("a,b,,c", ",", Some(2)), vec!["a,b", "", "c"]),
            (split_on("", ",", None), vec![""]),
            (rsplit_on("aaa", "aa", None), vec!["a", ""]),
            (splitlines("a\r\n\rb\u{2028}c\n", false), vec!["a", "", "b", "c"]),
            (splitlines("a\r\nb", true), vec!["a\r\n", "b"]),
            (partition("a=b=c", "=").to_vec(), vec!["a", "=", "b=c"]),
            (rpartition("abc", "=").to_vec(), vec!["", "", "abc"]),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn stripping() {
        assert_eq!(strip("\u{a0}x\n", None), "x");
        assert_eq!(lstrip("한글한", Some("한")), "글한");
        assert_eq!(rstrip("abc", Some("")), "abc");
    }
}
