//! Text by code point: positions, slices, searching, replacing, padding.
//!
//! In comes `&str`, with positions as Python counts them: code points, negative from the end; out come text and
//! positions in code points. ASCII text takes shortcuts. Cutting text into parts is in `split`, case in `case`.

use std::borrow::Cow;

/// The number of code points.
pub fn char_len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// The byte offset of a code point; the end of the text if there are fewer.
pub fn byte_offset(text: &str, index: usize) -> usize {
    if text.is_ascii() {
        return index.min(text.len());
    }
    text.char_indices().nth(index).map_or(text.len(), |(offset, _)| offset)
}

/// The positions that a slice with a step selects from a sequence: the first one and their number. The step is
/// not zero; CPython refuses that before.
pub fn resolve_slice(len: usize, start: Option<i64>, stop: Option<i64>, step: i64) -> (usize, usize) {
    let len = len as i64;
    let (lowest, highest) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let clamp = |position: i64| {
        let position = if position < 0 { position.saturating_add(len) } else { position };
        position.clamp(lowest, highest)
    };
    let start = start.map_or(if step < 0 { highest } else { lowest }, clamp);
    let stop = stop.map_or(if step < 0 { lowest } else { highest }, clamp);
    let distance = if step < 0 { start - stop } else { stop - start };
    if distance <= 0 {
        return (start.max(0) as usize, 0);
    }
    (start as usize, ((distance - 1) as u64 / step.unsigned_abs() + 1) as usize)
}

/// `text[start:stop:step]`.
pub fn slice(text: &str, start: Option<i64>, stop: Option<i64>, step: i64) -> Cow<'_, str> {
    let (first, count) = resolve_slice(char_len(text), start, stop, step);
    if count == 0 {
        return Cow::Borrowed("");
    }
    if step == 1 {
        let from = byte_offset(text, first);
        let rest = &text[from..];
        return Cow::Borrowed(&rest[..byte_offset(rest, count)]);
    }
    let stride = step.unsigned_abs() as usize;
    if step > 0 {
        return text.chars().skip(first).step_by(stride).take(count).collect();
    }
    let behind = char_len(text) - 1 - first;
    text.chars().rev().skip(behind).step_by(stride).take(count).collect()
}

/// The part of a text that `start` and `end` of `find`, `count` or `startswith` select, and the position where it
/// begins; `None` if they cross, where nothing is found, not even the empty text.
pub fn subrange(text: &str, start: Option<i64>, end: Option<i64>) -> Option<(&str, usize)> {
    if start.is_none() && end.is_none() {
        return Some((text, 0));
    }
    let len = char_len(text) as i64;
    let from_end = |position: i64| if position < 0 { position.saturating_add(len).max(0) } else { position };
    let start = start.map_or(0, from_end);
    let end = end.map_or(len, from_end).min(len);
    if start > end {
        return None;
    }
    let rest = &text[byte_offset(text, start as usize)..];
    Some((&rest[..byte_offset(rest, (end - start) as usize)], start as usize))
}

/// `text.find(needle, start, end)`.
pub fn find(text: &str, needle: &str, start: Option<i64>, end: Option<i64>) -> Option<usize> {
    let (part, first) = subrange(text, start, end)?;
    Some(first + char_len(&part[..part.find(needle)?]))
}

/// `text.rfind(needle, start, end)`.
pub fn rfind(text: &str, needle: &str, start: Option<i64>, end: Option<i64>) -> Option<usize> {
    let (part, first) = subrange(text, start, end)?;
    Some(first + char_len(&part[..part.rfind(needle)?]))
}

/// `text.count(needle, start, end)`: without overlaps; the empty text is found around every code point.
pub fn count(text: &str, needle: &str, start: Option<i64>, end: Option<i64>) -> usize {
    subrange(text, start, end).map_or(0, |(part, _)| part.matches(needle).count())
}

/// `text.replace(old, new, limit)`; no limit means all.
pub fn replace(text: &str, old: &str, new: &str, limit: Option<usize>) -> String {
    text.replacen(old, new, limit.unwrap_or(usize::MAX))
}

/// `text.center(width, fill)`: an odd width gets the odd fill in front.
pub fn center(text: &str, width: usize, fill: char) -> String {
    let missing = width.saturating_sub(char_len(text));
    let before = missing / 2 + (missing & width & 1);
    surround(text, before, missing - before, fill)
}

/// `text.ljust(width, fill)`.
pub fn ljust(text: &str, width: usize, fill: char) -> String {
    surround(text, 0, width.saturating_sub(char_len(text)), fill)
}

/// `text.rjust(width, fill)`.
pub fn rjust(text: &str, width: usize, fill: char) -> String {
    surround(text, width.saturating_sub(char_len(text)), 0, fill)
}

/// `text.zfill(width)`: zeros behind the sign.
pub fn zfill(text: &str, width: usize) -> String {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = &text[..text.len() - digits.len()];
    format!("{sign}{}{digits}", "0".repeat(width.saturating_sub(char_len(text))))
}

/// `text.expandtabs(size)`: columns count from the last line feed or carriage return.
pub fn expandtabs(text: &str, size: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let spaces = if size == 0 { 0 } else { size - column % size };
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            _ => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}

/// What `translate` makes of a code point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Translation {
    /// It has no entry in the table.
    Keep,
    /// It is mapped to `None`.
    Delete,
    /// It is mapped to another one.
    Char(char),
    /// It is mapped to text.
    Text(String),
}

/// `text.translate(table)`; `lookup` may fail.
pub fn translate<E>(text: &str, mut lookup: impl FnMut(char) -> Result<Translation, E>) -> Result<String, E> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match lookup(c)? {
            Translation::Keep => out.push(c),
            Translation::Delete => {}
            Translation::Char(other) => out.push(other),
            Translation::Text(other) => out.push_str(&other),
        }
    }
    Ok(out)
}

/// `text.removeprefix(prefix)`.
pub fn removeprefix<'a>(text: &'a str, prefix: &str) -> &'a str {
    text.strip_prefix(prefix).unwrap_or(text)
}

/// `text.removesuffix(suffix)`.
pub fn removesuffix<'a>(text: &'a str, suffix: &str) -> &'a str {
    text.strip_suffix(suffix).unwrap_or(text)
}

fn surround(text: &str, before: usize, after: usize, fill: char) -> String {
    let mut out = String::with_capacity(text.len() + (before + after) * fill.len_utf8());
    out.extend(std::iter::repeat_n(fill, before));
    out.push_str(text);
    out.extend(std::iter::repeat_n(fill, after));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_count_code_points() {
        for (text, start, stop, step, expected) in [
            ("한글abc", Some(1), Some(-1), 1, "글ab"),
            ("한글abc", None, None, -1, "cba글한"),
            ("abcdef", Some(-100), Some(100), 2, "ace"),
            ("abcdef", Some(4), Some(1), -2, "ec"),
            ("abc", Some(2), Some(1), 1, ""),
            ("", None, None, -1, ""),
            ("abc", None, None, i64::MIN, "c"),
            ("abc", Some(i64::MIN), Some(i64::MAX), i64::MAX, "a"),
        ] {
            assert_eq!(slice(text, start, stop, step), expected, "{text:?}[{start:?}:{stop:?}:{step}]");
        }
    }

    #[test]
    fn positions_are_code_points() {
        assert_eq!(find("한글한글", "글", Some(2), None), Some(3));
        assert_eq!(rfind("한글한글", "한", None, Some(-1)), Some(2));
        assert_eq!(find("abc", "", Some(3), None), Some(3));
        assert_eq!(find("abc", "", Some(4), None), None);
        assert_eq!(count("abc", "", None, None), 4);
        assert_eq!(count("한한한", "한한", None, None), 1);
        assert_eq!(replace("abc", "", "-", Some(3)), "-a-b-c");
    }

    #[test]
    fn padding() {
        assert_eq!(center("ab", 5, '*'), "**ab*");
        assert_eq!(center("abc", 6, '*'), "*abc**");
        assert_eq!(zfill("-한", 5), "-000한");
        assert_eq!(expandtabs("a\tbc\t\nd\te", 4), "a   bc  \nd   e");
        assert_eq!((ljust("é", 3, '.'), rjust("é", 3, '.')), ("é..".to_owned(), "..é".to_owned()));
    }
}
