//! Claims about text (`isupper`, `isalpha`, ...) and its conversion between cases, with full Unicode mappings.
//!
//! In comes `&str`; out comes a claim or new text. The properties of single characters are in `chars`; here is what
//! depends on neighbours, above all the Greek sigma at the end of a word.

use super::chars;

/// `text.isalpha()`, `isdecimal` and so on: not empty, and every code point has the property.
pub fn is_all(text: &str, property: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(property)
}

/// `text.isprintable()`: true of empty text.
pub fn is_printable(text: &str) -> bool {
    text.chars().all(chars::is_printable)
}

/// `text.isidentifier()`.
pub fn is_identifier(text: &str) -> bool {
    let mut rest = text.chars();
    rest.next().is_some_and(chars::starts_identifier) && rest.all(chars::continues_identifier)
}

/// `text.isupper()`: some letter is upper case, none lower or title case.
pub fn is_upper(text: &str) -> bool {
    text.chars().any(chars::is_upper) && !text.chars().any(|c| chars::is_lower(c) || chars::is_title(c))
}

/// `text.islower()`: some letter is lower case, none upper or title case.
pub fn is_lower(text: &str) -> bool {
    text.chars().any(chars::is_lower) && !text.chars().any(|c| chars::is_upper(c) || chars::is_title(c))
}

/// `text.istitle()`: capitals begin words, small letters go on.
pub fn is_title(text: &str) -> bool {
    let mut any = false;
    let mut in_word = false;
    for c in text.chars() {
        let capital = chars::is_upper(c) || chars::is_title(c);
        if !capital && !chars::is_lower(c) {
            in_word = false;
        } else if capital == in_word {
            return false;
        } else {
            in_word = true;
            any = true;
        }
    }
    any
}

/// `text.upper()`.
pub fn upper(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    text.chars().flat_map(chars::to_upper).collect()
}

/// `text.lower()`.
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    text.char_indices().for_each(|(at, c)| push_lower(&mut out, text, at, c));
    out
}

/// `text.casefold()`.
pub fn casefold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| chars::push_folded(&mut out, c));
    out
}

/// `text.capitalize()`: the first code point in title case, the others in lower case.
pub fn capitalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if at == 0 { chars::push_title(&mut out, c) } else { push_lower(&mut out, text, at, c) }
    }
    out
}

/// `text.title()`: each word's first cased letter in title case, the others in lower case.
pub fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        if in_word {
            push_lower(&mut out, text, at, c);
        } else {
            chars::push_title(&mut out, c);
        }
        in_word = chars::is_cased(c);
    }
    out
}

/// `text.swapcase()`.
pub fn swapcase(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if chars::is_upper(c) {
            push_lower(&mut out, text, at, c);
        } else if chars::is_lower(c) {
            out.extend(chars::to_upper(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Appends the lower case of the code point at a byte offset of a text.
fn push_lower(out: &mut String, text: &str, at: usize, c: char) {
    if c == 'Σ' {
        out.push(if is_final(text, at) { 'ς' } else { 'σ' });
    } else {
        out.extend(chars::to_lower(c));
    }
}

/// Whether the sigma at a byte offset ends a word: a cased letter before it, none behind it, looking past
/// apostrophes, accents and the like.
fn is_final(text: &str, at: usize) -> bool {
    let before = text[..at].chars().rev().find(|&c| !chars::is_case_ignorable(c));
    let after = text[at + 'Σ'.len_utf8()..].chars().find(|&c| !chars::is_case_ignorable(c));
    before.is_some_and(chars::is_cased) && !after.is_some_and(chars::is_cased)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_use_full_mappings() {
        for (text, expected) in [
            ("hELLO wORLD", ["HELLO WORLD", "hello world", "Hello world", "Hello World", "Hello World", "hello world"]),
            ("ΟΔΟΣ ΣΑΣ.", ["ΟΔΟΣ ΣΑΣ.", "οδος σας.", "Οδος σας.", "Οδος Σας.", "οδος σας.", "οδοσ σασ."]),
            ("straße ǆ", ["STRASSE Ǆ", "straße ǆ", "Straße ǆ", "Straße ǅ", "STRASSE Ǆ", "strasse ǆ"]),
            ("they're ﬁne", ["THEY'RE FINE", "they're ﬁne", "They're ﬁne", "They'Re Fine", "THEY'RE FINE", "they're fine"]),
            ("İ", ["İ", "i\u{307}", "İ", "İ", "i\u{307}", "i\u{307}"]),
        ] {
            let found = [upper(text), lower(text), capitalize(text), title(text), swapcase(text), casefold(text)];
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn claims() {
        for (text, expected) in [
            ("Hello World", [false, false, true]),
            ("HELLO 1", [true, false, false]),
            ("hello 1", [false, true, false]),
            ("1", [false; 3]),
            ("ǅ", [false, false, true]),
            ("A", [true, false, true]),
            ("", [false; 3]),
            ("HeLlo", [false; 3]),
        ] {
            assert_eq!([is_upper(text), is_lower(text), is_title(text)], expected, "{text:?}");
        }
        assert!(is_identifier("변수_1") && !is_identifier("1a") && !is_identifier(""));
        assert!(is_all("한글", chars::is_alpha) && !is_all("", chars::is_alpha) && is_printable(""));
    }
}
