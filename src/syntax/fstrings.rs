//! The f-string modes of the layout pass (PEP 701): literal text, fields and format specs. Field contents are
//! ordinary tokens; a frame stack beside the bracket stack tells where text goes on. Words are CPython 3.11's.

use crate::diag::Diag;
use crate::source::Span;
use crate::syntax::layout::Layout;
use crate::syntax::token::Tok;

/// An f-string that is open.
pub(super) struct Frame {
    pub(super) quote: u8,
    pub(super) triple: bool,
    pub(super) raw: bool,
    /// Prefix and opening quotes.
    pub(super) start: Span,
    /// How many brackets were open where it began.
    pub(super) depth: usize,
}

/// What ended a run of literal text.
enum Stop {
    Quote,
    Field,
    CloseBrace,
    SingleBrace,
    LineEnd,
    End,
}

fn f_error(what: &str, span: Span) -> Diag {
    Diag::syntax("f-string", format!("f-string: {what}"), span)
}

impl Layout<'_> {
    /// Scans literal text from the current position, up to and including what ends it.
    pub(super) fn scan_text(&mut self) {
        let Some((quote, triple, raw, start)) = self.frames.last().map(|f| (f.quote, f.triple, f.raw, f.start)) else { return };
        let in_spec = self.in_spec();
        let from = self.position();
        let (at, stop) = self.text_end(from, quote, triple, raw, in_spec);
        if at > from {
            let token = if raw { Tok::FRaw } else { Tok::FMiddle };
            self.push(token, Span::new(from as u32, at as u32));
        }
        self.lexer.bump(at - from);
        let here = Span::new(at as u32, at as u32 + 1);
        match stop {
            Stop::Field => {
                self.lexer.bump(1);
                self.open_field(here);
            }
            Stop::CloseBrace => {
                self.lexer.bump(1);
                self.push(Tok::FRBrace, here);
                self.brackets.pop();
                self.scan_text();
            }
            Stop::Quote if in_spec => self.fail(f_error("expecting '}'", here)),
            Stop::Quote => self.end_fstring(at, if triple { 3 } else { 1 }),
            Stop::SingleBrace => self.fail(f_error("single '}' is not allowed", here).with_help("write `}}` for a brace")),
            Stop::LineEnd | Stop::End => self.fail_unterminated(start, triple, at),
        }
    }

    fn in_spec(&self) -> bool {
        let depth = self.frames.last().map_or(0, |f| f.depth);
        self.brackets.len() > depth && self.brackets.last().is_some_and(|b| b.field && b.spec)
    }

    fn end_fstring(&mut self, at: usize, quotes: usize) {
        self.lexer.bump(quotes);
        self.push(Tok::FEnd, Span::new(at as u32, (at + quotes) as u32));
        self.frames.pop();
    }

    fn open_field(&mut self, here: Span) {
        let depth = self.frames.last().map_or(0, |f| f.depth);
        if self.brackets.len() >= depth + 2 {
            return self.fail(f_error("expressions nested too deeply", here));
        }
        self.push(Tok::FLBrace, here);
        self.nest(here.start, true, None);
    }

    /// Where literal text ends, and why.
    fn text_end(&self, from: usize, quote: u8, triple: bool, raw: bool, in_spec: bool) -> (usize, Stop) {
        let bytes = self.text.as_bytes();
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1).copied();
            match byte {
                b'\\' => {
                    at += self.escape_length(at, raw);
                    continue;
                }
                b'{' if !in_spec && next == Some(b'{') => at += 1,
                b'{' => return (at, Stop::Field),
                b'}' if in_spec => return (at, Stop::CloseBrace),
                b'}' if next == Some(b'}') => at += 1,
                b'}' => return (at, Stop::SingleBrace),
                b'\n' | b'\r' if !triple => return (at, Stop::LineEnd),
                _ if byte == quote && (!triple || bytes.get(at..at + 3) == Some(&[quote; 3])) => return (at, Stop::Quote),
                _ => {}
            }
            at += 1;
        }
        (bytes.len(), Stop::End)
    }

    /// How many bytes a backslash takes with it: all of `\N{name}`, but not a brace that opens a field.
    fn escape_length(&self, at: usize, raw: bool) -> usize {
        let rest = self.text.get(at + 1..).unwrap_or("");
        if !raw && rest.starts_with("N{") {
            return rest.bytes().position(|b| matches!(b, b'}' | b'\n')).map_or(2, |i| i + 2);
        }
        match rest.as_bytes() {
            [b'{' | b'}', ..] | [] => 1,
            [b'\r', b'\n', ..] => 3,
            _ => 1 + rest.chars().next().map_or(0, char::len_utf8),
        }
    }

    /// `:`, `!` or `=` where only a field is open.
    pub(super) fn field_mark(&mut self, token: Tok, span: Span) {
        if self.last() == Some(Tok::FLBrace) {
            let mark = self.text.get(span.start as usize..span.start as usize + 1).unwrap_or(":");
            return self.fail(f_error(&format!("expression required before '{mark}'"), span));
        }
        match token {
            Tok::Bang => self.push(Tok::FBang, span),
            Tok::Eq if !self.documents(span) => self.push(Tok::Eq, span),
            Tok::Eq => self.push(Tok::FEq, span),
            _ => {
                let colon = Span::new(span.start, span.start + 1);
                self.push(Tok::FColon, colon);
                self.rewind(colon.end as usize);
                if let Some(top) = self.brackets.last_mut() {
                    top.spec = true;
                }
                self.scan_text();
            }
        }
    }

    /// Continues after `at`, which lies before the current position.
    fn rewind(&mut self, at: usize) {
        if at < self.position() {
            self.lexer = logos::Logos::lexer(self.text);
            self.lexer.bump(at);
        }
    }

    /// Whether `=` ends the field's expression.
    fn documents(&self, span: Span) -> bool {
        let rest = self.text.get(span.end as usize..).unwrap_or("").trim_start();
        rest.starts_with([':', '}']) || (rest.starts_with('!') && !rest.starts_with("!="))
    }

    /// A closing bracket where a field is the innermost open thing.
    pub(super) fn close_field(&mut self, token: Tok, span: Span) {
        if token != Tok::RBrace {
            return self.unmatched(span);
        }
        if self.last() == Some(Tok::FLBrace) {
            let diag = f_error("empty expression not allowed", span).with_help("write `{{}}` for a pair of braces");
            return self.fail(diag);
        }
        self.push(Tok::FRBrace, span);
        self.brackets.pop();
        self.scan_text();
    }
}
