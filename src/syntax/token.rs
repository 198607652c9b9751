//! The tokens: what logos recognises, and the synthetic ones that the layout pass adds. Comes in: text. Goes out:
//! one `Tok` per lexeme. Knows nothing of indentation, brackets, string bodies or number forms.

use logos::Logos;

/// A token with the byte offsets of its start and end.
pub type Spanned = (u32, Tok, u32);

/// The kinds of tokens. They carry no data: the builder reads the text at their span.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\x0c]+")]
#[logos(skip(r"#[^\r\n]*", allow_greedy = true))]
pub enum Tok {
    /// An ASCII identifier, or the ASCII part that begins one.
    #[regex("[A-Za-z_][A-Za-z0-9_]*")]
    Name,
    /// The first digit of a number (or its point); the rest is scanned by hand.
    #[regex(r"\.?[0-9]")]
    Number,
    /// Prefix and opening quote of a string; the rest is scanned by hand.
    #[regex("([rR]|[uU]|[bB]|[bB][rR]|[rR][bB])?['\"]")]
    Str,
    /// Prefix and opening quote of an f-string.
    #[regex("([fF]|[fF][rR]|[rR][fF])['\"]")]
    FStart,
    /// The end of a physical line; after the layout pass, of a logical one.
    #[token("\n")]
    #[token("\r\n")]
    #[token("\r")]
    Newline,
    /// A backslash: a continuation when a line end follows.
    #[token("\\")]
    Backslash,
    /// A character outside ASCII: an identifier or an error.
    #[regex(r"[^\x00-\x7f]")]
    NonAscii,

    /// `False`
    #[token("False")]
    False,
    /// `None`
    #[token("None")]
    None,
    /// `True`
    #[token("True")]
    True,
    /// `and`
    #[token("and")]
    And,
    /// `as`
    #[token("as")]
    As,
    /// `assert`
    #[token("assert")]
    Assert,
    /// `async`
    #[token("async")]
    Async,
    /// `await`
    #[token("await")]
    Await,
    /// `break`
    #[token("break")]
    Break,
    /// `class`
    #[token("class")]
    Class,
    /// `continue`
    #[token("continue")]
    Continue,
    /// `def`
    #[token("def")]
    Def,
    /// `del`
    #[token("del")]
    Del,
    /// `elif`
    #[token("elif")]
    Elif,
    /// `else`
    #[token("else")]
    Else,
    /// `except`
    #[token("except")]
    Except,
    /// `finally`
    #[token("finally")]
    Finally,
    /// `for`
    #[token("for")]
    For,
    /// `from`
    #[token("from")]
    From,
    /// `global`
    #[token("global")]
    Global,
    /// `if`
    #[token("if")]
    If,
    /// `import`
    #[token("import")]
    Import,
    /// `in`
    #[token("in")]
    In,
    /// `is`
    #[token("is")]
    Is,
    /// `lambda`
    #[token("lambda")]
    Lambda,
    /// `nonlocal`
    #[token("nonlocal")]
    Nonlocal,
    /// `not`
    #[token("not")]
    Not,
    /// `or`
    #[token("or")]
    Or,
    /// `pass`
    #[token("pass")]
    Pass,
    /// `raise`
    #[token("raise")]
    Raise,
    /// `return`
    #[token("return")]
    Return,
    /// `try`
    #[token("try")]
    Try,
    /// `while`
    #[token("while")]
    While,
    /// `with`
    #[token("with")]
    With,
    /// `yield`
    #[token("yield")]
    Yield,

    /// `(`
    #[token("(")]
    LPar,
    /// `)`
    #[token(")")]
    RPar,
    /// `[`
    #[token("[")]
    LSqb,
    /// `]`
    #[token("]")]
    RSqb,
    /// `{`
    #[token("{")]
    LBrace,
    /// `}`
    #[token("}")]
    RBrace,
    /// `,`
    #[token(",")]
    Comma,
    /// `:`
    #[token(":")]
    Colon,
    /// `:=`
    #[token(":=")]
    ColonEq,
    /// `;`
    #[token(";")]
    Semi,
    /// `.`
    #[token(".")]
    Dot,
    /// `...`
    #[token("...")]
    Ellipsis,
    /// `->`
    #[token("->")]
    Arrow,
    /// `=`
    #[token("=")]
    Eq,
    /// `==`
    #[token("==")]
    EqEq,
    /// `!=` or `<>`'s modern form.
    #[token("!=")]
    NotEq,
    /// `<`
    #[token("<")]
    Less,
    /// `<=`
    #[token("<=")]
    LessEq,
    /// `>`
    #[token(">")]
    Greater,
    /// `>=`
    #[token(">=")]
    GreaterEq,
    /// `+`
    #[token("+")]
    Plus,
    /// `-`
    #[token("-")]
    Minus,
    /// `*`
    #[token("*")]
    Star,
    /// `**`
    #[token("**")]
    DoubleStar,
    /// `/`
    #[token("/")]
    Slash,
    /// `//`
    #[token("//")]
    DoubleSlash,
    /// `%`
    #[token("%")]
    Percent,
    /// `@`
    #[token("@")]
    At,
    /// `<<`
    #[token("<<")]
    Shl,
    /// `>>`
    #[token(">>")]
    Shr,
    /// `&`
    #[token("&")]
    Amp,
    /// `|`
    #[token("|")]
    Bar,
    /// `^`
    #[token("^")]
    Caret,
    /// `~`
    #[token("~")]
    Tilde,
    /// `+=`
    #[token("+=")]
    PlusEq,
    /// `-=`
    #[token("-=")]
    MinusEq,
    /// `*=`
    #[token("*=")]
    StarEq,
    /// `/=`
    #[token("/=")]
    SlashEq,
    /// `//=`
    #[token("//=")]
    DoubleSlashEq,
    /// `%=`
    #[token("%=")]
    PercentEq,
    /// `@=`
    #[token("@=")]
    AtEq,
    /// `&=`
    #[token("&=")]
    AmpEq,
    /// `|=`
    #[token("|=")]
    BarEq,
    /// `^=`
    #[token("^=")]
    CaretEq,
    /// `<<=`
    #[token("<<=")]
    ShlEq,
    /// `>>=`
    #[token(">>=")]
    ShrEq,
    /// `**=`
    #[token("**=")]
    DoubleStarEq,
    /// `!`, which only an f-string's conversion may use.
    #[token("!")]
    Bang,
    /// `$`, `?` or a backquote: no token of Python, but not a lexical error either.
    #[regex(r"[$?`]")]
    Stray,

    /// A deeper line begins.
    Indent,
    /// A block ends.
    Dedent,
    /// Literal text inside an f-string.
    FMiddle,
    /// Literal text inside a raw f-string.
    FRaw,
    /// `{` of an f-string field.
    FLBrace,
    /// `!` of an f-string field.
    FBang,
    /// `:` of an f-string field.
    FColon,
    /// `=` of a self-documenting f-string field.
    FEq,
    /// `}` of an f-string field.
    FRBrace,
    /// The closing quote of an f-string.
    FEnd,
    /// `match` at the head of a match statement.
    Match,
    /// `case` at the head of a case block.
    Case,
    /// `(` around the items of a `with`.
    WithLPar,
    /// Selects the grammar of a module.
    StartModule,
    /// Selects the grammar of a single expression.
    StartExpr,
    /// The place where the layout pass gave up.
    Error,
}

impl Tok {
    /// Whether the token is a keyword of Python.
    #[must_use]
    pub const fn is_keyword(self) -> bool {
        self as u8 >= Self::False as u8 && self as u8 <= Self::Yield as u8
    }

    /// Whether an expression may begin with the token.
    #[must_use]
    pub const fn starts_expression(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Number
                | Self::Str
                | Self::FStart
                | Self::None
                | Self::True
                | Self::False
                | Self::Ellipsis
                | Self::LPar
                | Self::LSqb
                | Self::LBrace
                | Self::Minus
                | Self::Plus
                | Self::Tilde
                | Self::Not
                | Self::Lambda
                | Self::Await
        )
    }

    /// Whether an expression may end with the token.
    #[must_use]
    pub const fn ends_expression(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Number
                | Self::Str
                | Self::FEnd
                | Self::None
                | Self::True
                | Self::False
                | Self::Ellipsis
                | Self::RPar
                | Self::RSqb
                | Self::RBrace
        )
    }

    /// Whether the token adds nothing to the text: line and block ends.
    #[must_use]
    pub const fn is_layout(self) -> bool {
        matches!(self, Self::Newline | Self::Indent | Self::Dedent | Self::StartModule | Self::StartExpr)
    }
}
