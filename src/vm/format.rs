//! `format(v, spec)` and `str.format`.

use crate::pure::brace::{First, MAX_DEPTH, Numbering, Piece, Step, Template, unknown_conversion};
use crate::pure::format_spec::{FormatError, FormatErrorKind};
use crate::pure::format_value;
use crate::pure::repr::escape_non_ascii;
use crate::value::{Kind, R, Thrown, Value};
use crate::vm::Vm;

impl Vm {
    /// `format(v, spec)` as text.
    pub fn format(&mut self, v: &Value, spec: &str) -> R<String> {
        match v {
            Value::Int(_) | Value::Float(_) if spec.is_empty() => return self.str(v),
            Value::Int(i) => return self.formatted(format_value::format_i64(*i, spec, "int")),
            Value::Float(f) => return self.formatted(format_value::format_f64(f.get(), spec)),
            _ => {}
        }
        if let Some(Kind::Str(s)) = v.kind() {
            return if spec.is_empty() { Ok(s.as_str().to_owned()) } else { self.formatted(format_value::format_str(s.as_str(), spec)) };
        }
        let name = self.names.format.clone();
        let Some(method) = self.class_of(v).lookup(&name) else {
            let text = format!("unsupported format string passed to {}.__format__", self.class_name(v));
            return Err(self.type_error(&text));
        };
        let result = self.run_special(&method, v, &[spec.into()])?;
        match result.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => {
                let text = format!("__format__ must return a str, not {}", self.class_name(&result));
                Err(self.type_error(&text))
            }
        }
    }

    /// Raises what a pure formatter complains about.
    pub fn formatted<T>(&mut self, result: Result<T, FormatError>) -> R<T> {
        result.map_err(|e| self.format_error(&e))
    }

    /// Raises a formatter's complaint.
    #[cold]
    pub fn format_error(&mut self, error: &FormatError) -> Thrown {
        match error.kind {
            FormatErrorKind::Value => self.value_error(&error.message),
            FormatErrorKind::Overflow => self.overflow_error(&error.message),
            FormatErrorKind::Type => self.type_error(&error.message),
        }
    }

    /// `!r`, `!s` or `!a` of a value as text.
    pub fn convert_to_text(&mut self, v: &Value, conversion: char) -> R<String> {
        match conversion {
            'r' => self.repr(v),
            'a' => Ok(escape_non_ascii(&self.repr(v)?)),
            _ => self.str(v),
        }
    }

    /// `template.format(*args, **kwargs)`; `named` is anything with `[name]`.
    pub fn format_template(&mut self, template: &str, args: Option<&[Value]>, named: &Value) -> R<String> {
        let mut numbering = Numbering::default();
        Expansion { args, named }.expand(self, template, &mut numbering, MAX_DEPTH)
    }
}

/// The arguments of one `str.format`; none positional in `format_map`.
struct Expansion<'a> {
    args: Option<&'a [Value]>,
    named: &'a Value,
}

impl Expansion<'_> {
    fn expand(&self, vm: &mut Vm, template: &str, numbering: &mut Numbering, depth: usize) -> R<String> {
        if depth == 0 {
            return Err(vm.value_error("Max string recursion exceeded"));
        }
        let mut out = String::with_capacity(template.len() + 16);
        for piece in Template::new(template) {
            match vm.formatted(piece)? {
                Piece::Literal(text) => out.push_str(text),
                Piece::Field(field) => {
                    let mut value = self.look_up(vm, field.name, numbering)?;
                    if let Some(conversion) = field.conversion {
                        if !matches!(conversion, 'r' | 's' | 'a') {
                            return Err(vm.format_error(&unknown_conversion(conversion)));
                        }
                        value = vm.convert_to_text(&value, conversion)?.into();
                    }
                    let text = if field.nested {
                        let spec = self.expand(vm, field.spec, numbering, depth - 1)?;
                        vm.format(&value, &spec)?
                    } else {
                        vm.format(&value, field.spec)?
                    };
                    out.push_str(&text);
                }
            }
        }
        Ok(out)
    }

    fn look_up(&self, vm: &mut Vm, name: &str, numbering: &mut Numbering) -> R {
        let path = numbering.resolve(name);
        let path = vm.formatted(path)?;
        let mut value = match path.first {
            First::Index(index) => match self.args {
                None => return Err(vm.value_error("Format string contains positional fields")),
                Some(args) => match args.get(index) {
                    Some(v) => v.clone(),
                    None => return Err(vm.index_error(&format!("Replacement index {index} out of range for positional args tuple"))),
                },
            },
            First::Name(name) => vm.get_item(self.named, &name.into())?,
        };
        for step in path.steps {
            value = match step {
                Step::Attribute(name) => {
                    let name = vm.name_of(name);
                    vm.get_attr(&value, &name)?
                }
                Step::Index(index) => vm.get_item(&value, &index.into())?,
                Step::Key(key) => vm.get_item(&value, &key.into())?,
            };
        }
        match path.fault {
            Some(fault) => Err(vm.format_error(&fault)),
            None => Ok(value),
        }
    }
}
