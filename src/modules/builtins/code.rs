//! Functions that compile, run and import: `exec`, `eval`, `compile`, `__import__`, `__build_class__`.

use std::rc::Rc;

use crate::link::program::{Mode, Setting, compile_source, run_code};
use crate::source::Source;
use crate::types::bytes::bytes_of;
use crate::types::object::{keyword_pairs, kwargs_of};
use crate::value::func::{Builtin, Code};
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

/// Compiles a source for these globals; `own_locals` when locals are another namespace.
fn compile_text(vm: &mut Vm, source: &Rc<Source>, mode: Mode, globals: &Ref, own_locals: bool) -> R<Rc<Code>> {
    compile_source(vm, source, mode, &Setting { globals: globals.clone(), own_locals, top_level_await: false })
}

/// The text of a source argument.
fn source_text(vm: &mut Vm, v: &Value, name: &str) -> R<String> {
    let text = match v.native_kind() {
        Some(Kind::Str(s)) => s.as_str().to_owned(),
        Some(Kind::Bytes(_) | Kind::ByteArray(_) | Kind::Native(_)) if bytes_of(v).is_some() => {
            String::from_utf8_lossy(&bytes_of(v).unwrap_or_default()).into_owned()
        }
        _ => {
            let what = if name == "compile" { "a string, bytes or AST object" } else { "a string, bytes or code object" };
            return Err(vm.type_error(&format!("{name}() arg 1 must be {what}")));
        }
    };
    if text.contains('\0') {
        return Err(vm.value_error("source code string cannot contain null bytes"));
    }
    Ok(text)
}

/// The namespaces that `exec` and `eval` run in: what they were given, else their caller's.
fn namespaces(vm: &mut Vm, name: &str, globals: &Value, locals: &Value) -> R<(Ref, Option<Value>)> {
    let given = match globals.some() {
        None => None,
        Some(g) => match g.native() {
            Value::Obj(o) if o.as_dict().is_some() => Some(o.clone()),
            _ => {
                let text =
                    if name == "eval" { "globals must be a dict".to_owned() } else { format!("exec() globals must be a dict, not {}", vm.class_name(g)) };
                return Err(vm.type_error(&text));
            }
        },
    };
    if let Some(l) = locals.some()
        && !matches!(l.native_kind(), Some(Kind::Dict(_)))
        && vm.class_of(l).lookup(&vm.names.getitem).is_none()
    {
        let text = if name == "eval" { "locals must be a mapping".to_owned() } else { format!("locals must be a mapping or None, not {}", vm.class_name(l)) };
        return Err(vm.type_error(&text));
    }
    let caller = vm.caller.as_ref().map(|c| (c.globals.clone(), c.locals.clone()));
    let (globals, own) = match (given, caller) {
        (Some(g), _) => (g, None),
        (None, Some((g, l))) => {
            let is_module = Rc::ptr_eq(&g, &l);
            (g, (!is_module).then(|| Value::Obj(l)))
        }
        (None, None) => (vm.builtins.clone(), None),
    };
    give_builtins(vm, &globals);
    let locals = match locals.some() {
        Some(l) if l.obj().is_none_or(|o| !Rc::ptr_eq(o, &globals)) => Some(l.clone()),
        Some(_) => None,
        None => own,
    };
    Ok((globals, locals))
}

/// Puts `__builtins__` into globals that do not have it yet.
fn give_builtins(vm: &Vm, globals: &Ref) {
    let builtins = &vm.names.builtins;
    let Some(dict) = globals.as_dict() else { return };
    let has = dict.borrow().get_name(builtins).is_some();
    if !has && !Rc::ptr_eq(globals, &vm.builtins) {
        let module = vm.modules.as_dict().and_then(|m| m.borrow().get_text("builtins").cloned()).unwrap_or(Value::None);
        dict.borrow_mut().set_name(builtins, module);
    }
}

fn run_in(vm: &mut Vm, what: &Value, mode: Mode, name: &str, globals: &Value, locals: &Value) -> R {
    if let Some(Kind::Code(c)) = what.kind()
        && !c.free.is_empty()
    {
        let text = match name {
            "exec" => format!("code object requires a closure of exactly length {}", c.free.len()),
            _ => format!("code object passed to {name}() may not contain free variables"),
        };
        return Err(vm.type_error(&text));
    }
    let (source, mode) = match what.kind() {
        // A code object is bound to the namespace it was compiled for: elsewhere its text is compiled again.
        Some(Kind::Code(c)) if c.is_shown.get() => (c.source.clone(), Mode::Single),
        Some(Kind::Code(c)) => (c.source.clone(), if c.span.end == 0 { Mode::Exec } else { Mode::Eval }),
        _ => {
            let text = source_text(vm, what, name)?;
            let text = if mode == Mode::Eval { text.trim_start_matches([' ', '\t']).to_owned() } else { text };
            (Rc::new(Source::new("<string>", &text, false)), mode)
        }
    };
    let (globals, locals) = namespaces(vm, name, globals, locals)?;
    let code = compile_text(vm, &source, mode, &globals, locals.is_some())?;
    run_code(vm, &code, locals.as_ref())
}

fn exec(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if a[3].some().is_some() {
        let is_code = matches!(a[0].kind(), Some(Kind::Code(_)));
        let text = if is_code { "cannot use a closure with this code object" } else { "closure can only be used when source is a code object" };
        return Err(vm.type_error(text));
    }
    run_in(vm, &a[0].clone(), Mode::Exec, "exec", &a[1].clone(), &a[2].clone())?;
    Ok(Value::None)
}

fn eval(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    run_in(vm, &a[0].clone(), Mode::Eval, "eval", &a[1].clone(), &a[2].clone())
}

fn compile(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(filename) = a[1].as_str().map(str::to_owned) else {
        let text = format!("expected str, bytes or os.PathLike object, not {}", vm.class_name(&a[1]));
        return Err(vm.type_error(&text));
    };
    let mode = match a[2].as_str() {
        Some("exec") => Mode::Exec,
        Some("eval") => Mode::Eval,
        Some("single") => Mode::Single,
        Some(_) => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
        None => {
            let text = format!("compile() argument 'mode' must be str, not {}", vm.class_name_or_none(&a[2]));
            return Err(vm.type_error(&text));
        }
    };
    let text = source_text(vm, &a[0].clone(), "compile")?;
    let source = Rc::new(Source::new(&filename, &text, false));
    let globals = vm.caller.as_ref().map_or_else(|| vm.builtins.clone(), |c| c.globals.clone());
    let code = compile_text(vm, &source, mode, &globals, false)?;
    if mode == Mode::Single && !crate::link::program::is_single(&source) {
        return Err(multiple_statements(vm, &source));
    }
    Ok(Obj::new(Kind::Code(code)).into())
}

/// The `SyntaxError` of a second statement in `single` mode: it points behind the first one's line.
#[cold]
fn multiple_statements(vm: &mut Vm, source: &Source) -> crate::value::Thrown {
    let (number, text) = source.text.lines().enumerate().find(|(_, l)| !l.trim().is_empty()).map_or((1, ""), |(i, l)| (i + 1, l));
    let (line, column) = (Value::from(number), Value::from(text.chars().count() + 1));
    let place = vec![(*source.name).into(), line.clone(), column.clone(), format!("{text}\n").into(), line, column];
    let class: Value = (&vm.types.syntax_error).into();
    match vm.call(&class, &["multiple statements found while compiling a single statement".into(), Obj::tuple(place).into()]) {
        Ok(Value::Obj(exc)) => vm.raise(exc),
        Ok(_) => vm.runtime_error("an exception is an object"),
        Err(t) => t,
    }
}

fn import(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(name) = a[0].as_str().map(str::to_owned) else { return Err(vm.type_error("module name must be a string")) };
    let level = match a[4].given() {
        Some(l) => vm.index_i64(&l.clone())?,
        None => 0,
    };
    if level < 0 {
        return Err(vm.value_error("level must be >= 0"));
    }
    if name.is_empty() && level == 0 {
        return Err(vm.value_error("Empty module name"));
    }
    let globals = match a[1].native() {
        Value::Obj(o) if o.as_dict().is_some() => o.clone(),
        _ => vm.caller.as_ref().map_or_else(|| vm.builtins.clone(), |c| c.globals.clone()),
    };
    let module = vm.import_from(&name, level as u32, &globals)?;
    let has_names = match a[3].some().cloned() {
        Some(list) => vm.truth(&list)?,
        None => false,
    };
    if !has_names && level == 0 {
        let top = name.split('.').next().unwrap_or_default();
        return vm.import_module(top);
    }
    let path = vm.names.path.clone();
    if !has_names || vm.get_attr_opt(&module, &path)?.is_none() {
        return Ok(module);
    }
    for item in vm.collect(&a[3].clone())? {
        if let Some(n) = item.as_str().filter(|n| *n != "*") {
            let n = vm.intern(n);
            drop(vm.find_in_module(&module, &n)?);
        }
    }
    Ok(module)
}

fn build_class(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let keywords = keyword_pairs(kwargs_of(a, n, 2));
    if n < 2 {
        return Err(vm.type_error("__build_class__: not enough arguments"));
    }
    if !matches!(a[0].kind(), Some(Kind::Func(_))) {
        return Err(vm.type_error("__build_class__: func must be a function"));
    }
    let Some(name) = a[1].obj().filter(|o| o.as_str().is_some()).cloned() else { return Err(vm.type_error("__build_class__: name is not a string")) };
    let bases = a.get(2..n).unwrap_or_default().to_vec();
    vm.build_class(&a[0].clone(), &name, bases, keywords)
}

fn breakpoint(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Err(vm.runtime_error("corun has no debugger"))
}

/// The rows.
pub const FUNCTIONS: &[Builtin] = &[
    Builtin::new("exec", "(source, globals=None, locals=None, /, *, closure=None)", exec, "Execute the given source in the context of globals and locals."),
    Builtin::new("eval", "(source, globals=None, locals=None, /)", eval, "Evaluate the given source in the context of globals and locals."),
    Builtin::new(
        "compile",
        "(source, filename, mode, flags=0, dont_inherit=False, optimize=-1)",
        compile,
        "Compile source into a code object that can be executed by exec() or eval().",
    ),
    Builtin::new("__import__", "(name, globals=None, locals=None, fromlist=(), level=0)", import, "Import a module."),
    Builtin::new("__build_class__", "(func, name, /, *bases, **kwds)", build_class, "Internal helper function used by the class statement."),
    Builtin::new("breakpoint", "(*args, **kws)", breakpoint, "Not available in corun."),
];
