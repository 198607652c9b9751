//! Faults found before running, as exceptions.

use crate::diag::{Diag, DiagKind};
use crate::source::Source;
use crate::types::exception::{bare, set_field};
use crate::value::{Obj, Thrown, Value};
use crate::vm::Vm;

impl Vm {
    /// Raises the first of a source's faults as `SyntaxError`, `IndentationError` or `TabError`.
    pub fn raise_syntax_error(&mut self, source: &Source, diags: &[Diag]) -> Thrown {
        let Some(diag) = diags.first() else { return self.runtime_error("a syntax error without a cause") };
        let class = match diag.kind {
            DiagKind::Syntax => &self.types.syntax_error,
            DiagKind::Indentation => &self.types.indentation_error,
            DiagKind::Tab => &self.types.tab_error,
        }
        .clone();
        let line = source.line(diag.span.start);
        let place: Vec<(&str, Value)> = vec![
            ("filename", (*source.name).into()),
            ("lineno", line.into()),
            ("offset", source.column(diag.span.start).into()),
            ("text", format!("{}\n", source.line_text(line)).into()),
            ("end_lineno", source.line(diag.span.end).into()),
            ("end_offset", source.column(diag.span.end).into()),
        ];
        let details = Obj::tuple(place.iter().map(|(_, v)| v.clone()).collect::<Vec<_>>());
        let message = Value::from(diag.message.as_str());
        let exc = bare(&class, vec![message.clone(), details.into()]);
        set_field(self, &exc, "msg", message);
        for (name, value) in place {
            set_field(self, &exc, name, value);
        }
        match exc {
            Value::Obj(o) => self.raise(o),
            _ => unreachable!("an exception is an object"),
        }
    }
}
