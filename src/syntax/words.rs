//! Identifiers outside ASCII, and the characters that belong to no token.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::diag::Diag;
use crate::source::Span;

/// Where the identifier that begins at `start` ends; `start` itself when none begins there.
#[must_use]
pub fn identifier_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or("");
    let mut chars = rest.chars();
    let starts = chars.next().is_some_and(|c| c == '_' || is_start(c));
    if !starts {
        return start;
    }
    rest.char_indices().find(|&(_, c)| !is_continue(c)).map_or(text.len(), |(i, _)| start + i)
}

fn is_start(c: char) -> bool {
    unicode_ident::is_xid_start(c)
}

fn is_continue(c: char) -> bool {
    unicode_ident::is_xid_continue(c)
}

/// The NFKC form, which is the name that Python sees.
#[must_use]
pub fn normalize(name: &str) -> String {
    name.nfkc().collect()
}

/// What is wrong with the character outside ASCII at `at`; nothing if it is in ASCII.
#[must_use]
pub fn character_error(text: &str, at: usize) -> Option<Diag> {
    let c = text.get(at..)?.chars().next()?;
    let span = Span::new(at as u32, (at + c.len_utf8()) as u32);
    let code = u32::from(c);
    if c.is_ascii() && !c.is_ascii_control() {
        return None;
    }
    if is_printable(c) {
        let diag = Diag::syntax("invalid-character", format!("invalid character '{c}' (U+{code:04X})"), span);
        return Some(match ascii_twin(c) {
            Some(twin) => diag.with_help(format!("write `{twin}`")),
            None => diag,
        });
    }
    if c.is_ascii() && matches!(c, '\t' | '\n' | '\r' | '\x0c') {
        return None;
    }
    Some(Diag::syntax("invalid-character", format!("invalid non-printable character U+{code:04X}"), span))
}

fn is_printable(c: char) -> bool {
    use GeneralCategory as G;
    !matches!(
        c.general_category(),
        G::Control | G::Format | G::Surrogate | G::PrivateUse | G::Unassigned | G::LineSeparator | G::ParagraphSeparator | G::SpaceSeparator
    )
}

/// The ASCII character that somebody meant who typed a full-width or curly one.
fn ascii_twin(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '‘' | '’' | '‚' | '′' => Some('\''),
        '“' | '”' | '„' | '″' => Some('"'),
        '–' | '—' | '−' => Some('-'),
        '×' => Some('*'),
        '÷' => Some('/'),
        '、' => Some(','),
        '。' => Some('.'),
        _ => None,
    }
}
