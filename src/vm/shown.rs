//! What the interpreter itself shows and raises about sources: `sys.displayhook`, syntax errors, prelude names.

use crate::diag::{Diag, DiagKind};
use crate::source::Source;
use crate::value::{R, Ref, Thrown, Value};
use crate::vm::Vm;

impl Vm {
    /// `sys.displayhook`: shows a value that is not `None`, and remembers it as `_`.
    pub fn display(&mut self, v: &Value) -> R<()> {
        if v.is_none() {
            return Ok(());
        }
        let text = self.repr(v)?;
        let file = crate::modules::io::current_stdout(self);
        if file.is_unbound() {
            self.host.write_out(format!("{text}\n").as_bytes());
        } else if !file.is_none() {
            let write = self.names.write.clone();
            self.call_method(&file, &write, &[text.into()])?;
            self.call_method(&file, &write, &["\n".into()])?;
        }
        let name = self.name_of("_");
        let old = self.builtins.as_dict().and_then(|d| d.borrow_mut().set_name(&name, v.clone()));
        drop(old);
        Ok(())
    }

    /// Gives a value to `sys.displayhook`, which a script may have replaced.
    pub fn show(&mut self, v: &Value) -> R<()> {
        match self.sys_attr("displayhook") {
            Some(hook) => self.call(&hook, std::slice::from_ref(v)).map(drop),
            None => self.display(v),
        }
    }

    /// Raises the first of a source's faults as the exception that Python raises.
    pub fn raise_syntax_error(&mut self, source: &Source, diags: &[Diag]) -> Thrown {
        let Some(diag) = diags.first() else { return self.runtime_error("a source was refused without reason") };
        let class = match diag.kind {
            DiagKind::Syntax => self.types.syntax_error.clone(),
            DiagKind::Indentation => self.types.indentation_error.clone(),
            DiagKind::Tab => self.types.tab_error.clone(),
        };
        let line = source.line(diag.span.start);
        let text = format!("{}\n", source.line_text(line));
        let place = vec![
            Value::from(&*source.name),
            line.into(),
            source.column(diag.span.start).into(),
            text.into(),
            source.line(diag.span.end).into(),
            source.column(diag.span.end).into(),
        ];
        let args = vec![Value::from(diag.message.as_str()), Value::Obj(crate::value::Obj::tuple(place))];
        match self.call(&Value::from(&class), &args) {
            Ok(Value::Obj(exc)) => self.raise(exc),
            Ok(_) => self.runtime_error("an exception is an object"),
            Err(t) => t,
        }
    }

    /// A name of `asyncio` that extended sources see without an import.
    pub fn prelude_name(&mut self, name: &Ref) -> Option<Value> {
        if !crate::modules::asyncio::PRELUDE.contains(&name.text()) {
            return None;
        }
        let module = self.import_module("asyncio").ok()?;
        self.get_attr(&module, name).ok()
    }
}
