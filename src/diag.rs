//! What is wrong with a source before it runs, as plain data. Rendering is the business of `report`.

use crate::source::Span;

/// The Python exception class that the diagnostic stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiagKind {
    /// `SyntaxError`.
    Syntax,
    /// `IndentationError`.
    Indentation,
    /// `TabError`.
    Tab,
}

impl DiagKind {
    /// The name of the Python class.
    #[must_use]
    pub const fn class_name(self) -> &'static str {
        match self {
            Self::Syntax => "SyntaxError",
            Self::Indentation => "IndentationError",
            Self::Tab => "TabError",
        }
    }
}

/// A second place that explains the fault, with a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What about it: lower case, without a final dot.
    pub text: String,
}

/// One fault found before running: CPython's words, a place, and help where there is an obvious fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diag {
    /// The Python class.
    pub kind: DiagKind,
    /// A stable name such as `missing-colon`.
    pub code: &'static str,
    /// CPython 3.11's message, without the class.
    pub message: String,
    /// The smallest span that explains the fault.
    pub span: Span,
    /// What the caret says; may be empty.
    pub label: String,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// An obvious fix, if there is one.
    pub help: Option<String>,
}

impl Diag {
    /// A `SyntaxError` with a message and a place.
    #[must_use]
    pub fn syntax(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self { kind: DiagKind::Syntax, code, message: message.into(), span, label: String::new(), labels: Vec::new(), help: None }
    }

    /// The same diagnostic as another class.
    #[must_use]
    pub fn with_kind(mut self, kind: DiagKind) -> Self {
        self.kind = kind;
        self
    }

    /// The same diagnostic with words at the caret.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same diagnostic with help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
