//! What `warnings`, `logging` and `inspect` ask about their callers. Comes in: how many frames outwards. Goes out: places
//! as tuples, frame objects.

use crate::types::frame::calling_frame;
use crate::value::exc::TraceEntry;
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;

/// Natives of the modules that look at their callers.
pub const NATIVES: &[Builtin] = &[
    Builtin::new("_callers", "()", callers, ""),
    Builtin::new("_caller", "(level, /)", caller, ""),
    GETFRAME,
    super::types::IS_COROUTINE,
    Builtin::new("_source_of", "(code, /)", source_of, ""),
    Builtin::new("_importing", "()", importing, ""),
    Builtin::new("_stack_text", "()", stack_text, ""),
    Builtin::new("_write_error", "(text, /)", write_error, ""),
];

/// `sys._getframe`.
pub const GETFRAME: Builtin = Builtin::new("_getframe", "(depth=0, /)", getframe, "Return a frame object from the call stack.");

/// The names that are there when the text of such a module runs.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    super::functions(NATIVES, "_callers")
}

/// `_callers()`: for each frame of the program, the innermost first, `(file, line, function, globals, text of the line)`.
fn callers(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    let frames = vm.calling_frames();
    Ok(frames.iter().map(|(entry, _)| place(entry)).collect::<Vec<_>>().into())
}

fn place(entry: &TraceEntry) -> Value {
    let source = &entry.code.source;
    let line = source.line(entry.span.start);
    let text = if source.name.starts_with('<') { "" } else { source.line_text(line) };
    Obj::tuple(vec![Value::from(&*source.name), line.into(), entry.code.name.clone().into(), entry.code.globals.clone().into(), text.into()]).into()
}

/// `_caller(level)`: `(file, line, function)` of a frame of the program, the innermost is 1; nothing where there are not so many.
fn caller(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let level = usize::try_from(vm.index_i64(&a[0].clone())?).unwrap_or(1).max(1);
    let found = vm.calling_frames().into_iter().nth(level - 1).map(|(entry, _)| {
        let source = &entry.code.source;
        let line = source.line(entry.span.start);
        Obj::tuple(vec![Value::from(&*source.name), line.into(), entry.code.name.clone().into()])
    });
    Ok(found.map_or(Value::None, Value::Obj))
}

/// The name of the module whose body runs.
fn importing(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    let module = vm.importing.last().map(|m| match &m.kind {
        Kind::Module(m) => m.name.to_string(),
        _ => String::new(),
    });
    Ok(module.unwrap_or_else(|| "__main__".to_owned()).into())
}

/// The lines that CPython shows for the frames of the program, the outermost first.
fn stack_text(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    let mut text = String::new();
    for (entry, _) in vm.calling_frames().iter().rev() {
        let source = &entry.code.source;
        let line = source.line(entry.span.start);
        let shown = std::path::absolute(&*source.name).map_or_else(|_| source.name.to_string(), |p| p.to_string_lossy().into_owned());
        let file = if source.name.starts_with('<') { source.name.to_string() } else { shown };
        text.push_str(&format!("  File \"{file}\", line {line}, in {}\n", entry.code.name.text()));
        if !source.name.starts_with('<') {
            text.push_str(&format!("    {}\n", source.line_text(line).trim()));
        }
    }
    Ok(text.into())
}

/// Gives a function of a module something to do, if the program imported the module: what it answers, unless it failed.
pub fn ask(vm: &mut Vm, module: &str, function: &str, args: &[Value]) -> Option<Value> {
    let module = vm.modules.as_dict().and_then(|d| d.borrow().get_text(module).cloned())?;
    let name = vm.name_of(function);
    let answer = vm.get_attr(&module, &name).and_then(|f| vm.call(&f, args));
    if answer.is_err() && vm.abort.is_none() {
        drop(vm.take_exc());
    }
    answer.ok()
}

/// Writes to standard error as the interpreter itself does.
fn write_error(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let text = vm.str(&a[0].clone())?;
    super::io::write_stderr(vm, &text)?;
    Ok(Value::None)
}

/// `_source_of(code)`: the text of the file, the first and the last line of the definition; no text where there is no file.
fn source_of(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(Kind::Code(code)) = a[0].kind() else { return Ok(Obj::tuple(vec![Value::None, Value::None, Value::None]).into()) };
    let source = &code.source;
    let text = if source.name.starts_with('<') || source.library { Value::None } else { source.text.as_str().into() };
    Ok(Obj::tuple(vec![text, source.line(code.span.start).into(), source.line(code.span.end.saturating_sub(1)).into()]).into())
}

fn getframe(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let depth = match a[0].given() {
        Some(v) => usize::try_from(vm.index_i64(&v.clone())?).unwrap_or(0),
        None => 0,
    };
    match calling_frame(vm, depth) {
        Some(frame) => Ok(frame),
        None => Err(vm.value_error("call stack is not deep enough")),
    }
}
