//! String and bytes literals: where they end, and what their escapes mean. Comes in: text. Goes out: decoded text
//! or bytes, or a diagnostic in CPython's words. Knows nothing of tokens.

use crate::diag::Diag;
use crate::source::Span;

/// The end of a string's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanEnd {
    /// Just past the closing quotes.
    Closed(usize),
    /// There are no closing quotes: the end of the line or of the text.
    Open(usize),
}

/// What `scan_string` finds.
#[derive(Clone, Copy, Debug)]
pub struct Scan {
    /// Whether the quotes are tripled.
    pub triple: bool,
    /// The end.
    pub end: ScanEnd,
}

/// Finds the end of the string whose first opening quote stands at `quote_at`.
#[must_use]
pub fn scan_string(bytes: &[u8], quote_at: usize) -> Scan {
    let quote = bytes.get(quote_at).copied().unwrap_or(b'"');
    let triple = bytes.get(quote_at..quote_at + 3) == Some(&[quote; 3]);
    let mut at = quote_at + if triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += if bytes.get(at + 1..at + 3) == Some(b"\r\n") { 2 } else { 1 },
            b'\n' | b'\r' if !triple => return Scan { triple, end: ScanEnd::Open(at) },
            _ if byte != quote => {}
            _ if !triple => return Scan { triple, end: ScanEnd::Closed(at + 1) },
            _ if bytes.get(at..at + 3) == Some(&[quote; 3]) => return Scan { triple, end: ScanEnd::Closed(at + 3) },
            _ => {}
        }
        at += 1;
    }
    Scan { triple, end: ScanEnd::Open(bytes.len()) }
}

/// Whether a string prefix asks for raw text.
#[must_use]
pub fn is_raw(prefix: &str) -> bool {
    prefix.contains(['r', 'R'])
}

/// The parts of a literal: prefix and body, with the offset of the body.
pub struct Parts<'s> {
    /// Whether escapes stay as they are.
    pub raw: bool,
    /// Whether it is a bytes literal.
    pub bytes: bool,
    /// The text between the quotes.
    pub body: &'s str,
    /// Where the body begins in the source.
    pub start: u32,
}

/// Splits a complete literal that begins at `start`.
#[must_use]
pub fn split(text: &str, start: u32) -> Parts<'_> {
    let quote_at = text.find(['"', '\'']).unwrap_or(0);
    let (prefix, quoted) = text.split_at(quote_at);
    let quotes = if quoted.len() >= 6 && (quoted.starts_with("\"\"\"") || quoted.starts_with("'''")) { 3 } else { 1 };
    let body = quoted.get(quotes..quoted.len().saturating_sub(quotes)).unwrap_or("");
    Parts { raw: is_raw(prefix), bytes: prefix.contains(['b', 'B']), body, start: start + (quote_at + quotes) as u32 }
}

/// Turns the line ends of a source into `\n`, as Python does.
fn push_plain(out: &mut String, text: &str) {
    if !text.contains('\r') {
        return out.push_str(text);
    }
    out.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
}

/// Decodes the body of a text literal that begins at byte `start` of the source.
pub fn decode(body: &str, start: u32, raw: bool) -> Result<String, Diag> {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = if raw { None } else { rest.find('\\') } {
        let (plain, escape) = rest.split_at(at);
        push_plain(&mut out, plain);
        let offset = start + (body.len() - escape.len()) as u32;
        let used = text_escape(escape, offset, &mut out)?;
        rest = escape.get(used..).unwrap_or("");
    }
    push_plain(&mut out, rest);
    Ok(out)
}

/// Decodes one escape; returns how many bytes it takes, the backslash included.
fn text_escape(escape: &str, offset: u32, out: &mut String) -> Result<usize, Diag> {
    match escape.as_bytes().get(1) {
        Some(b'x') => hex_escape(escape, offset, 2, "\\xXX", out),
        Some(b'u') => hex_escape(escape, offset, 4, "\\uXXXX", out),
        Some(b'U') => hex_escape(escape, offset, 8, "\\UXXXXXXXX", out),
        Some(b'N') => named_escape(escape, offset, out),
        _ => {
            let (used, value) = simple_escape(escape);
            match value {
                Some(code) => out.extend(char::from_u32(code)),
                None => out.push_str(escape.get(..used).unwrap_or("")),
            }
            Ok(used)
        }
    }
}

/// The escapes that text and bytes share: length, and the code unless the text stays as it is or vanishes.
fn simple_escape(escape: &str) -> (usize, Option<u32>) {
    let code = match escape.as_bytes().get(1) {
        Some(b'\n') => return (2, Some(u32::MAX)),
        Some(b'\r') => return (if escape.starts_with("\\\r\n") { 3 } else { 2 }, Some(u32::MAX)),
        Some(&byte @ (b'\\' | b'\'' | b'"')) => byte,
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'a') => 7,
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(b'v') => 11,
        Some(b'0'..=b'7') => {
            let digits = escape.bytes().skip(1).take(3).take_while(|b| (b'0'..=b'7').contains(b));
            let (count, code) = digits.fold((0, 0), |(n, code), b| (n + 1, code * 8 + u32::from(b - b'0')));
            return (1 + count, Some(code));
        }
        _ => return (1, None),
    };
    (2, Some(u32::from(code)))
}

fn hex_escape(escape: &str, offset: u32, digits: usize, form: &str, out: &mut String) -> Result<usize, Diag> {
    let found = escape.bytes().skip(2).take(digits).take_while(u8::is_ascii_hexdigit).count();
    if found < digits {
        return Err(unicode_error(&format!("truncated {form} escape"), offset, 2 + found));
    }
    let code = escape.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or(u32::MAX);
    match char::from_u32(code) {
        Some(c) => out.push(c),
        None if code < 0x11_0000 => {
            let message = "lone surrogates are not supported in string literals";
            let diag = Diag::syntax("surrogate", message, Span::new(offset, offset + 2 + digits as u32));
            return Err(diag.with_help("write the character itself, or its code with `\\U`"));
        }
        None => return Err(unicode_error("illegal Unicode character", offset, 2 + digits)),
    }
    Ok(2 + digits)
}

fn named_escape(escape: &str, offset: u32, out: &mut String) -> Result<usize, Diag> {
    let name = escape.strip_prefix("\\N{").and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Err(unicode_error("malformed \\N character escape", offset, 2));
    };
    let Some(c) = unicode_names2::character(name) else {
        return Err(unicode_error("unknown Unicode character name", offset, name.len() + 4));
    };
    out.push(c);
    Ok(name.len() + 4)
}

fn unicode_error(what: &str, offset: u32, length: usize) -> Diag {
    let message = format!("(unicode error) 'unicodeescape' codec can't decode bytes in position {{}}: {what}");
    Diag::syntax("unicode-escape", message, Span::new(offset, offset + length as u32))
}

/// Decodes the body of a bytes literal.
pub fn decode_bytes(body: &str, start: u32, raw: bool) -> Result<Vec<u8>, Diag> {
    if let Some(at) = body.bytes().position(|b| !b.is_ascii()) {
        let at = start + at as u32;
        let length = body.get((at - start) as usize..).and_then(|s| s.chars().next()).map_or(1, char::len_utf8) as u32;
        return Err(Diag::syntax("bytes-ascii", "bytes can only contain ASCII literal characters", Span::new(at, at + length)));
    }
    let mut text = String::new();
    push_plain(&mut text, body);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = if raw { None } else { rest.find('\\') } {
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain.as_bytes());
        let used = bytes_escape(escape, start, text.len() - escape.len(), &mut out)?;
        rest = escape.get(used..).unwrap_or("");
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(out)
}

fn bytes_escape(escape: &str, start: u32, position: usize, out: &mut Vec<u8>) -> Result<usize, Diag> {
    if escape.as_bytes().get(1) == Some(&b'x') {
        let code = escape.get(2..4).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let Some(code) = code.filter(|_| escape.bytes().skip(2).take(2).all(|b| b.is_ascii_hexdigit())) else {
            let message = format!("(value error) invalid \\x escape at position {position}");
            let offset = start + position as u32;
            return Err(Diag::syntax("unicode-escape", message, Span::new(offset, offset + 2)));
        };
        out.push(code);
        return Ok(4);
    }
    let (used, value) = simple_escape(escape);
    match value {
        Some(u32::MAX) => {}
        Some(code) => out.push(code as u8),
        None => out.push(b'\\'),
    }
    Ok(used)
}
