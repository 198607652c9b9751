//! The builder's part for string literals, f-strings and their concatenation.

use std::rc::Rc;

use crate::diag::Diag;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, FPart};
use crate::syntax::build::{Builder, Field, Piece};
use crate::syntax::strings;

impl Builder<'_> {
    /// A string or bytes literal.
    pub fn literal(&mut self, l: u32, r: u32) -> Piece {
        let parts = strings::split(self.slice_text(l, r), l);
        let plain = parts.raw || !parts.body.contains('\\');
        let piece = if parts.bytes {
            strings::decode_bytes(parts.body, parts.start, parts.raw).map(Piece::Bytes)
        } else if plain && !parts.body.contains('\r') {
            Ok(Piece::Text(Rc::from(parts.body)))
        } else {
            strings::decode(parts.body, parts.start, parts.raw).map(|text| Piece::Text(text.into()))
        };
        piece.unwrap_or_else(|diag| {
            self.escape_error(diag, parts.start);
            if parts.bytes { Piece::Bytes(Vec::new()) } else { Piece::Text("".into()) }
        })
    }

    /// Reports a bad escape with CPython's positions, which count UTF-8 bytes from the start of the body.
    fn escape_error(&mut self, mut diag: Diag, body: u32) {
        let first = diag.span.start.saturating_sub(body);
        let last = diag.span.end.saturating_sub(body).saturating_sub(1);
        diag.message = diag.message.replace("{}", &format!("{first}-{last}"));
        self.error(diag);
    }

    /// A single literal as an expression.
    pub fn string(&mut self, (span, piece): (Span, Piece)) -> Expr {
        match piece {
            Piece::Text(text) => self.leaf(span.start, ExprKind::Str(text), span.end),
            Piece::Bytes(bytes) => self.leaf(span.start, ExprKind::Bytes(bytes.into()), span.end),
            Piece::Format(parts) => self.format(span, parts),
        }
    }

    fn format(&mut self, span: Span, parts: Vec<FPart>) -> Expr {
        let below = parts_depth(&parts);
        self.node(span, below, ExprKind::FString(parts))
    }

    /// Adjacent literals as one expression.
    pub fn strings(&mut self, first: (Span, Piece), rest: Vec<(Span, Piece)>) -> Expr {
        let pieces = self.list(first, rest);
        let whole = pieces.iter().map(|(span, _)| *span).reduce(Span::to).unwrap_or_default();
        let bytes = pieces.iter().filter(|(_, piece)| matches!(piece, Piece::Bytes(_))).count();
        if bytes != 0 && bytes != pieces.len() {
            self.syntax("mixed-literals", "cannot mix bytes and nonbytes literals", whole);
            return self.leaf(whole.start, ExprKind::Invalid, whole.end);
        }
        if bytes != 0 {
            return self.leaf(whole.start, ExprKind::Bytes(join_bytes(pieces).into()), whole.end);
        }
        if pieces.iter().all(|(_, piece)| matches!(piece, Piece::Text(_))) {
            let text: String = pieces.iter().map(|(_, piece)| if let Piece::Text(text) = piece { &**text } else { "" }).collect();
            return self.leaf(whole.start, ExprKind::Str(text.into()), whole.end);
        }
        let parts = join_parts(pieces);
        self.format(whole, parts)
    }

    /// Literal text inside an f-string.
    pub fn format_text(&mut self, parts: &mut Vec<FPart>, l: u32, r: u32, raw: bool) {
        let source = self.slice_text(l, r);
        let undoubled;
        let body = if source.contains(['{', '}']) {
            undoubled = undouble(source, raw);
            undoubled.as_str()
        } else {
            source
        };
        match strings::decode(body, l, raw) {
            Ok(text) => push_text(parts, &text),
            Err(diag) => self.escape_error(diag, l),
        }
    }

    /// A field of an f-string.
    pub fn format_field(&mut self, parts: &mut Vec<FPart>, field: Field) {
        let mut conversion = None;
        if let Some(name) = &field.conversion {
            let (before, after) = (name.span.start, name.span.end);
            if self.slice_text(before.saturating_sub(1), before) != "!" {
                self.syntax("f-string", "f-string: invalid conversion character: expected 's', 'r', or 'a'", name.span);
            } else if !matches!(self.slice_text(after, after + 1), ":" | "}") {
                self.syntax("f-string", "f-string: expecting '}'", name.span);
            }
            conversion = match &*name.name {
                "s" => Some('s'),
                "r" => Some('r'),
                "a" => Some('a'),
                other => {
                    let known = other.starts_with(['s', 'r', 'a']);
                    let what = if known { "expecting '}'" } else { "invalid conversion character: expected 's', 'r', or 'a'" };
                    self.syntax("f-string", format!("f-string: {what}"), name.span);
                    None
                }
            };
        }
        if let Some(end) = field.documented {
            let text = self.slice_text(field.start, end);
            push_text(parts, text);
            if conversion.is_none() && field.spec.is_none() {
                conversion = Some('r');
            }
        }
        parts.push(FPart::Field { value: field.value, conversion, spec: field.spec });
    }
}

fn join_bytes(pieces: Vec<(Span, Piece)>) -> Vec<u8> {
    let mut out = Vec::new();
    for (_, piece) in pieces {
        if let Piece::Bytes(bytes) = piece {
            out.extend(bytes);
        }
    }
    out
}

fn join_parts(pieces: Vec<(Span, Piece)>) -> Vec<FPart> {
    let mut out = Vec::new();
    for (_, piece) in pieces {
        match piece {
            Piece::Text(text) => push_text(&mut out, &text),
            Piece::Bytes(_) => {}
            Piece::Format(parts) => {
                for part in parts {
                    match part {
                        FPart::Text(text) => push_text(&mut out, &text),
                        field @ FPart::Field { .. } => out.push(field),
                    }
                }
            }
        }
    }
    out
}

/// Adds text, to the last piece if that is text too.
fn push_text(parts: &mut Vec<FPart>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(FPart::Text(last)) = parts.last_mut() {
        *last = format!("{last}{text}").into();
    } else {
        parts.push(FPart::Text(text.into()));
    }
}

/// Doubled braces as single ones, outside `\N{name}`.
fn undouble(source: &str, raw: bool) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let name = if raw { None } else { rest.strip_prefix("\\N{").and_then(|r| r.find('}')) };
        let used = match name {
            Some(end) => end + 4,
            None if c == '\\' && !raw && !rest.starts_with("\\{") && !rest.starts_with("\\}") => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            None => c.len_utf8(),
        };
        out.push_str(rest.get(..used).unwrap_or(""));
        let doubled = name.is_none() && (rest.starts_with("{{") || rest.starts_with("}}"));
        rest = rest.get(used + usize::from(doubled)..).unwrap_or("");
    }
    out
}

fn parts_depth(parts: &[FPart]) -> u16 {
    let depth = |part: &FPart| match part {
        FPart::Text(_) => 0,
        FPart::Field { value, spec, .. } => value.depth.max(spec.as_ref().map_or(0, |s| parts_depth(s))),
    };
    parts.iter().map(depth).max().unwrap_or(0)
}
