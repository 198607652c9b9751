//! `print`, `input` and the texts of values.

use crate::modules::io;
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

fn print(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (sep, end) = (separator(vm, &a[n], "sep")?, separator(vm, &a[n + 1], "end")?);
    let file = match a[n + 2].some() {
        Some(f) => f.clone(),
        None => io::current_stdout(vm),
    };
    if file.is_none() {
        return Ok(Value::None);
    }
    let is_plain = file.is_unbound();
    for (i, arg) in a.iter().enumerate().take(n) {
        if i > 0 {
            write_text(vm, &file, is_plain, sep.as_ref(), " ")?;
        }
        write_value(vm, &file, is_plain, arg)?;
    }
    write_text(vm, &file, is_plain, end.as_ref(), "\n")?;
    if !a[n + 3].is_unbound() && vm.truth(&a[n + 3].clone())? {
        if is_plain {
            vm.host.flush_out();
        } else {
            let flush = vm.names.flush.clone();
            vm.call_method(&file, &flush, &[])?;
        }
    }
    Ok(Value::None)
}

/// A separator argument: nothing where the usual one is meant.
fn separator(vm: &mut Vm, v: &Value, name: &str) -> R<Option<Value>> {
    match v.some() {
        None => Ok(None),
        Some(s) if s.as_str().is_some() => Ok(Some(s.clone())),
        Some(s) => {
            let text = format!("{name} must be None or a string, not {}", vm.class_name(s));
            Err(vm.type_error(&text))
        }
    }
}

fn write_text(vm: &mut Vm, file: &Value, is_plain: bool, text: Option<&Value>, usual: &'static str) -> R<()> {
    match text {
        Some(v) => write_value(vm, file, is_plain, v),
        None if is_plain => {
            vm.host.write_out(usual.as_bytes());
            Ok(())
        }
        None => write_value(vm, file, is_plain, &usual.into()),
    }
}

fn write_value(vm: &mut Vm, file: &Value, is_plain: bool, v: &Value) -> R<()> {
    if is_plain {
        if let Some(Kind::Str(s)) = v.kind() {
            vm.host.write_out(s.as_str().as_bytes());
            return Ok(());
        }
        let text = vm.str(v)?;
        vm.host.write_out(text.as_bytes());
        return Ok(());
    }
    let text = vm.str_value(v)?;
    let write = vm.names.write.clone();
    vm.call_method(file, &write, &[text]).map(drop)
}

fn input(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(prompt) = a[0].given() {
        let text = vm.str(&prompt.clone())?;
        vm.host.write_out(text.as_bytes());
    }
    vm.host.flush_out();
    let mut line = vm.read_input(false)?;
    if line.is_empty() {
        return Err(vm.eof_error("EOF when reading a line"));
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    }
    io::decode(vm, &line, io::Encoding::Utf8, io::OnError::Strict).map(Value::from)
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.repr_value(&a[0].clone())
}

fn ascii(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let shown = vm.repr_value(&a[0].clone())?;
    let text = shown.as_str().unwrap_or_default();
    if text.is_ascii() {
        return Ok(shown);
    }
    let text = text.to_owned();
    Ok(crate::pure::repr::escape_non_ascii(&text).into())
}

fn format(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let spec = match a[1].given() {
        None => String::new(),
        Some(s) => {
            if let Some(text) = s.as_str() {
                text.to_owned()
            } else {
                let text = format!("format() argument 2 must be str, not {}", vm.class_name_or_none(s));
                return Err(vm.type_error(&text));
            }
        }
    };
    Ok(vm.format(&a[0], &spec)?.into())
}

/// The rows.
pub const FUNCTIONS: &[Builtin] = &[
    Builtin::new("print", "(*args, sep=' ', end='\\n', file=None, flush=False)", print, "Prints the values to a stream, or to sys.stdout by default."),
    Builtin::new("input", "(prompt='', /)", input, "Read a string from standard input.  The trailing newline is stripped."),
    Builtin::new("repr", "(obj, /)", repr, "Return the canonical string representation of the object."),
    Builtin::new("ascii", "(obj, /)", ascii, "Return an ASCII-only representation of an object."),
    Builtin::new("format", "(value, format_spec='', /)", format, "Return type(value).__format__(value, format_spec)"),
    Builtin::new(
        "open",
        "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
        io::open,
        "Open file and return a stream.  Raise OSError upon failure.",
    ),
];
