//! The layout pass, between logos and the grammar: indentation, brackets, string bodies, f-string modes and soft
//! keywords. Comes in: a source. Goes out: tokens that the grammar can read, the first lexical error, and what was
//! still open at the end. Knows nothing of syntax beyond the heads of lines.

use std::cmp::Ordering;

use logos::Logos;

use crate::diag::{Diag, DiagKind, Label};
use crate::source::{Source, Span};
use crate::syntax::strings::{ScanEnd, is_raw, scan_string};
use crate::syntax::token::{Spanned, Tok};
use crate::syntax::{fstrings::Frame, numbers, words};

/// Brackets may nest this deeply, as in CPython.
const MAX_BRACKETS: usize = 200;
/// Blocks may nest this deeply, as in CPython.
const MAX_INDENTS: usize = 100;
/// f-strings may nest this deeply.
const MAX_FSTRINGS: usize = 100;

/// What the layout pass makes of a source.
#[derive(Debug)]
pub struct Lexed {
    /// The tokens; the last one is `Tok::Error` when the pass gave up.
    pub tokens: Vec<Spanned>,
    /// The lexical error that stopped it.
    pub error: Option<Diag>,
    /// The brackets that are open at the end of the text, outermost first.
    pub unclosed: Vec<(u8, u32)>,
    /// Why more input could complete the text.
    pub open: Open,
    /// Whether a `global` or `nonlocal` stands anywhere.
    pub declares: bool,
}

/// Why a text may be incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// It is not, as far as tokens can tell.
    Nothing,
    /// A bracket or an f-string field is open.
    Bracket,
    /// A triple-quoted string is open.
    Triple,
    /// The last line ends in a backslash.
    Backslash,
    /// The text ends inside an indented block.
    Block,
}

/// An open bracket or f-string field.
pub(super) struct Bracket {
    pub(super) open: u8,
    pub(super) at: u32,
    /// The field belongs to the innermost f-string.
    pub(super) field: bool,
    /// The pass is in the field's format spec.
    pub(super) spec: bool,
    /// The index of the token, for a bracket right after `with`.
    with: Option<usize>,
    has_as: bool,
}

struct Level {
    column: u32,
    /// The column if a tab counted as one; tells ambiguous mixtures of tabs and spaces.
    alternative: u32,
    in_match: bool,
}

/// The pass at work.
pub(super) struct Layout<'s> {
    pub(super) source: &'s Source,
    pub(super) text: &'s str,
    pub(super) lexer: logos::Lexer<'s, Tok>,
    pub(super) tokens: Vec<Spanned>,
    pub(super) brackets: Vec<Bracket>,
    pub(super) frames: Vec<Frame>,
    levels: Vec<Level>,
    /// Index of the first token of the logical line.
    line_first: usize,
    /// Index of a `(` after `with` that closed just now.
    with_closed: Option<usize>,
    /// The next indented block belongs to a `match`.
    match_header: bool,
    pub(super) error: Option<Diag>,
    pub(super) open: Open,
    declares: bool,
}

/// Runs the layout pass over a source; `start` selects the grammar.
#[must_use]
pub fn layout(source: &Source, start: Tok) -> Lexed {
    let mut pass = Layout::new(source, start);
    pass.run();
    let unclosed = pass.brackets.iter().map(|b| (b.open, b.at)).collect();
    Lexed { tokens: pass.tokens, error: pass.error, unclosed, open: pass.open, declares: pass.declares }
}

impl<'s> Layout<'s> {
    fn new(source: &'s Source, start: Tok) -> Self {
        let mut tokens = Vec::with_capacity(source.text.len() / 5 + 8);
        tokens.push((0, start, 0));
        Self {
            source,
            text: &source.text,
            lexer: Tok::lexer(&source.text),
            tokens,
            brackets: Vec::new(),
            frames: Vec::new(),
            levels: vec![Level { column: 0, alternative: 0, in_match: false }],
            line_first: 1,
            with_closed: None,
            match_header: false,
            error: None,
            open: Open::Nothing,
            declares: false,
        }
    }

    fn run(&mut self) {
        self.begin_line();
        while self.error.is_none() {
            let Some(token) = self.lexer.next() else { break };
            let span = self.lexer.span();
            let span = Span::new(span.start as u32, span.end as u32);
            match token {
                Ok(token) => self.token(token, span),
                Err(()) => self.bad_character(span.start),
            }
        }
        if self.error.is_none() {
            self.finish();
        }
    }

    /// The offset where the next token will be looked for.
    pub(super) fn position(&self) -> usize {
        self.lexer.span().end
    }

    /// Adds a token.
    pub(super) fn push(&mut self, token: Tok, span: Span) {
        if let Some(index) = self.with_closed.take()
            && token == Tok::Colon
            && let Some(paren) = self.tokens.get_mut(index)
        {
            paren.1 = Tok::WithLPar;
        }
        self.tokens.push((span.start, token, span.end));
    }

    /// Notes the first error and adds the token that stops the parser.
    pub(super) fn fail(&mut self, diag: Diag) {
        if self.error.is_none() {
            let at = diag.span.start;
            self.tokens.push((at, Tok::Error, diag.span.end.max(at)));
            self.error = Some(diag);
        }
    }

    pub(super) fn last(&self) -> Option<Tok> {
        self.tokens.last().map(|t| t.1)
    }

    fn token(&mut self, token: Tok, span: Span) {
        let goes_on = self.text.as_bytes().get(span.end as usize).is_some_and(|b| *b >= 0x80);
        match token {
            Tok::NonAscii => self.identifier(span.start),
            _ if goes_on && (token == Tok::Name || token.is_keyword()) => self.identifier(span.start),
            Tok::Newline => self.newline(span),
            Tok::Backslash => self.backslash(span),
            Tok::Name => self.name(span),
            Tok::Number => self.number(span),
            Tok::Str => self.string(span),
            Tok::FStart => self.fstring(span),
            Tok::LPar | Tok::LSqb | Tok::LBrace => self.open_bracket(token, span),
            Tok::RPar | Tok::RSqb | Tok::RBrace => self.close_bracket(token, span),
            Tok::As => {
                if let Some(top) = self.brackets.last_mut() {
                    top.has_as = true;
                }
                self.push(token, span);
            }
            Tok::Colon | Tok::ColonEq | Tok::Bang | Tok::Eq if self.brackets.last().is_some_and(|b| b.field) => {
                self.field_mark(token, span);
            }
            Tok::Global | Tok::Nonlocal => {
                self.declares = true;
                self.push(token, span);
            }
            _ => self.push(token, span),
        }
    }

    // ---- Names and numbers ----

    fn name(&mut self, span: Span) {
        if self.tokens.len() == self.line_first
            && self.levels.last().is_some_and(|l| l.in_match)
            && self.brackets.is_empty()
            && self.text.get(span.start as usize..span.end as usize) == Some("case")
        {
            return self.push(Tok::Case, span);
        }
        self.push(Tok::Name, span);
    }

    /// An identifier with characters outside ASCII.
    fn identifier(&mut self, start: u32) {
        let end = words::identifier_end(self.text, start as usize);
        if end == start as usize {
            return self.bad_character(start);
        }
        self.lexer.bump(end.saturating_sub(self.position()));
        self.push(Tok::Name, Span::new(start, end as u32));
        if let Some(diag) = words::character_error(self.text, end) {
            self.fail(diag);
        }
    }

    fn bad_character(&mut self, at: u32) {
        let diag = words::character_error(self.text, at as usize).unwrap_or_else(|| Diag::syntax("invalid-syntax", "invalid syntax", Span::new(at, at + 1)));
        self.fail(diag);
    }

    fn number(&mut self, span: Span) {
        match numbers::scan(self.text, span.start as usize) {
            Ok(end) => {
                self.lexer.bump(end.saturating_sub(span.end as usize));
                self.push(Tok::Number, Span::new(span.start, end as u32));
            }
            Err(diag) => self.fail(diag),
        }
    }

    // ---- Strings ----

    fn string(&mut self, span: Span) {
        let scan = scan_string(self.text.as_bytes(), span.end as usize - 1);
        match scan.end {
            ScanEnd::Closed(end) => {
                self.lexer.bump(end - span.end as usize);
                self.push(Tok::Str, Span::new(span.start, end as u32));
            }
            ScanEnd::Open(end) => self.unterminated(span, scan.triple, end),
        }
    }

    fn unterminated(&mut self, span: Span, triple: bool, end: usize) {
        let quote = self.text.as_bytes().get(span.end as usize - 1);
        if !triple && self.frames.last().is_some_and(|f| Some(&f.quote) == quote && !f.triple) {
            return self.fail(Diag::syntax("f-string", "f-string: expecting '}'", span));
        }
        self.fail_unterminated(span, triple, end);
    }

    pub(super) fn fail_unterminated(&mut self, opening: Span, triple: bool, end: usize) {
        // CPython does not count the empty line after the last line end.
        let last = if end >= self.text.len() && self.text.ends_with('\n') { self.text.len() - 1 } else { end };
        let line = self.source.line(last as u32);
        let quotes = if triple { 3 } else { 1 };
        let name = if triple { "triple-quoted string" } else { "string" };
        if triple {
            self.open = Open::Triple;
        } else if end == self.text.len() && self.text.ends_with('\\') {
            self.open = Open::Backslash;
        }
        let span = Span::new(opening.start, opening.end.max(opening.start + quotes));
        let help = if triple { "close it with the same three quotes" } else { "close it with the same quote on this line" };
        let message = format!("unterminated {name} literal (detected at line {line})");
        self.fail(Diag::syntax("unterminated-string", message, span).with_label("never closed").with_help(help));
    }

    fn fstring(&mut self, span: Span) {
        if self.frames.len() >= MAX_FSTRINGS {
            return self.fail(Diag::syntax("f-string", "f-string: expressions nested too deeply", span));
        }
        let bytes = self.text.as_bytes();
        let quote_at = span.end as usize - 1;
        let quote = bytes.get(quote_at).copied().unwrap_or(b'"');
        let triple = bytes.get(quote_at..quote_at + 3) == Some(&[quote; 3]);
        let end = if triple { quote_at + 3 } else { quote_at + 1 };
        self.lexer.bump(end - span.end as usize);
        let prefix = self.text.get(span.start as usize..quote_at).unwrap_or("");
        let start = Span::new(span.start, end as u32);
        self.frames.push(Frame { quote, triple, raw: is_raw(prefix), start, depth: self.brackets.len() });
        self.push(Tok::FStart, start);
        self.scan_text();
    }

    // ---- Brackets ----

    fn open_bracket(&mut self, token: Tok, span: Span) {
        let with = (token == Tok::LPar && self.last() == Some(Tok::With)).then_some(self.tokens.len());
        self.push(token, span);
        self.nest(span.start, false, with);
    }

    pub(super) fn nest(&mut self, at: u32, field: bool, with: Option<usize>) {
        if self.brackets.len() >= MAX_BRACKETS {
            return self.fail(Diag::syntax("nesting", "too many nested parentheses", Span::new(at, at + 1)));
        }
        let open = self.text.as_bytes().get(at as usize).copied().unwrap_or(b'(');
        self.brackets.push(Bracket { open, at, field, spec: false, with, has_as: false });
    }

    fn close_bracket(&mut self, token: Tok, span: Span) {
        let Some(top) = self.brackets.last() else { return self.unmatched(span) };
        if top.field {
            return self.close_field(token, span);
        }
        let matching = matches!((top.open, token), (b'(', Tok::RPar) | (b'[', Tok::RSqb) | (b'{', Tok::RBrace));
        if !matching {
            return self.mismatched(span);
        }
        let with = if top.has_as { top.with } else { None };
        self.brackets.pop();
        self.push(token, span);
        self.with_closed = with;
    }

    fn prefix(&self) -> &'static str {
        if self.frames.is_empty() { "" } else { "f-string: " }
    }

    fn shown(&self, span: Span) -> &'s str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    pub(super) fn unmatched(&mut self, span: Span) {
        let message = format!("{}unmatched '{}'", self.prefix(), self.shown(span));
        self.fail(Diag::syntax("unmatched-bracket", message, span).with_label("closes nothing"));
    }

    fn mismatched(&mut self, span: Span) {
        let Some((open, at)) = self.brackets.last().map(|top| (top.open as char, top.at)) else { return };
        let (line, open_line) = (self.source.line(span.start), self.source.line(at));
        let place = if line == open_line { String::new() } else { format!(" on line {open_line}") };
        let close = self.shown(span);
        let message = format!("{}closing parenthesis '{close}' does not match opening parenthesis '{open}'{place}", self.prefix());
        let mut diag = Diag::syntax("mismatched-bracket", message, span);
        diag.labels.push(Label { span: Span::new(at, at + 1), text: "opened here".to_owned() });
        self.fail(diag);
    }

    // ---- Lines ----

    fn backslash(&mut self, span: Span) {
        let rest = self.text.as_bytes().get(span.end as usize..).unwrap_or_default();
        let skip = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\n' | b'\r', ..] => 1,
            [] => {
                self.open = Open::Backslash;
                return self.fail(Diag::syntax("unexpected-eof", "unexpected EOF while parsing", span));
            }
            _ => {
                let message = "unexpected character after line continuation character";
                let next = self.text.get(span.end as usize..).and_then(|s| s.chars().next()).map_or(1, char::len_utf8);
                return self.fail(Diag::syntax("line-continuation", message, Span::new(span.end, span.end + next as u32)));
            }
        };
        self.lexer.bump(skip);
        if rest.len() == skip {
            self.open = Open::Backslash;
            self.fail(Diag::syntax("unexpected-eof", "unexpected EOF while parsing", span));
        }
    }

    fn newline(&mut self, span: Span) {
        if !self.brackets.is_empty() {
            return;
        }
        if self.tokens.len() > self.line_first {
            self.end_line(span);
        }
        self.begin_line();
    }

    /// Ends a logical line: decides whether it was the head of a `match`.
    fn end_line(&mut self, span: Span) {
        self.match_header = false;
        if let Some(&[(start, Tok::Name, end), second, _, ..]) = self.tokens.get(self.line_first..)
            && self.last() == Some(Tok::Colon)
            && !matches!(second.1, Tok::Eq | Tok::Dot | Tok::Colon)
            && self.text.get(start as usize..end as usize) == Some("match")
            && let Some(head) = self.tokens.get_mut(self.line_first)
        {
            head.1 = Tok::Match;
            self.match_header = true;
        }
        self.push(Tok::Newline, span);
        self.line_first = self.tokens.len();
    }

    /// Skips blank lines and turns the indentation of the next line into tokens.
    fn begin_line(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = self.position();
        let (mut column, mut alternative) = (0_u32, 0_u32);
        loop {
            match bytes.get(at) {
                Some(b' ') => (column, alternative) = (column + 1, alternative + 1),
                Some(b'\t') => (column, alternative) = ((column / 8 + 1) * 8, alternative + 1),
                Some(0x0c) => (column, alternative) = (0, 0),
                Some(b'#') => {
                    at += memchr_line_end(bytes.get(at..).unwrap_or_default());
                    continue;
                }
                Some(b'\n' | b'\r') => (column, alternative) = (0, 0),
                Some(b'\\') if line_goes_on(bytes, at) => {
                    at += if bytes.get(at + 1) == Some(&b'\r') && bytes.get(at + 2) == Some(&b'\n') { 2 } else { 1 };
                }
                Some(_) => break,
                None => return self.lexer.bump(at - self.position()),
            }
            at += 1;
        }
        self.lexer.bump(at - self.position());
        self.indent(column, alternative, at as u32);
    }

    fn indent(&mut self, column: u32, alternative: u32, at: u32) {
        let Some(top) = self.levels.last() else { return };
        let line_start = self.text.get(..at as usize).map_or(at, |s| s.trim_end_matches([' ', '\t', '\x0c']).len() as u32);
        let here = Span::new(line_start, at);
        match column.cmp(&top.column) {
            Ordering::Equal if alternative == top.alternative => {}
            Ordering::Greater if alternative > top.alternative => self.deeper(column, alternative, here),
            Ordering::Equal | Ordering::Greater => self.fail(tab_error(here)),
            Ordering::Less => self.dedent(column, alternative, here),
        }
        self.line_first = self.tokens.len();
    }

    fn deeper(&mut self, column: u32, alternative: u32, here: Span) {
        if self.levels.len() >= MAX_INDENTS {
            let diag = Diag::syntax("nesting", "too many levels of indentation", here);
            return self.fail(diag.with_kind(DiagKind::Indentation));
        }
        self.levels.push(Level { column, alternative, in_match: self.match_header });
        self.push(Tok::Indent, here);
    }

    fn dedent(&mut self, column: u32, alternative: u32, here: Span) {
        match self.levels.iter().rfind(|level| level.column <= column) {
            Some(level) if level.column != column => {
                let message = "unindent does not match any outer indentation level";
                let help = "align the line with one of the blocks around it";
                self.fail(Diag::syntax("inconsistent-dedent", message, here).with_kind(DiagKind::Indentation).with_help(help));
            }
            Some(level) if level.alternative != alternative => self.fail(tab_error(here)),
            _ => {
                while self.levels.len() > 1 && self.levels.last().is_some_and(|l| l.column > column) {
                    self.levels.pop();
                    self.push(Tok::Dedent, Span::new(here.end, here.end));
                }
            }
        }
    }

    /// The end of the text: ends the line and all blocks, unless something is still open.
    fn finish(&mut self) {
        let end = self.text.len() as u32;
        let here = Span::new(end, end);
        if let Some(frame) = self.frames.last() {
            let (start, triple) = (frame.start, frame.triple);
            let one_line = self.text.get(start.start as usize..).is_none_or(|rest| !rest.contains('\n'));
            if !triple && one_line && self.brackets.last().is_some_and(|b| b.field) {
                return self.fail(Diag::syntax("f-string", "f-string: expecting '}'", start));
            }
            self.fail_unterminated(start, triple, end as usize);
            if self.brackets.last().is_some_and(|b| !(b.field && b.spec)) {
                self.open = Open::Bracket;
            }
            return;
        }
        if !self.brackets.is_empty() {
            self.open = Open::Bracket;
            self.tokens.push((end, Tok::Error, end));
            return;
        }
        if self.tokens.len() > self.line_first {
            self.end_line(here);
        }
        if self.levels.len() > 1 {
            self.open = Open::Block;
        }
        for _ in 1..self.levels.len() {
            self.tokens.push((end, Tok::Dedent, end));
        }
    }
}

fn memchr_line_end(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(bytes.len())
}

fn line_goes_on(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) && at + 2 < bytes.len()
}

fn tab_error(span: Span) -> Diag {
    Diag::syntax("tabs-and-spaces", "inconsistent use of tabs and spaces in indentation", span).with_kind(DiagKind::Tab).with_help("indent with spaces only")
}
