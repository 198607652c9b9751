//! `types`: the names of built-in classes that `builtins` does not have, and helpers that make classes and coroutines.
//! The helpers are written in the language itself and loaded with the module.

use std::rc::Rc;

use super::function;
use crate::link::awaiting::is_iterable_coroutine;
use crate::source::Source;
use crate::value::dict::Dict;
use crate::value::func::{Builtin, CodeKind};
use crate::value::{ClassRef, Kind, Obj, R, Ref, Value};
use crate::vm::{Types, Vm};

const TEXT: &str = include_str!("types.co");

/// The public names that the text defines.
const SCRIPTED: &[&str] = &["SimpleNamespace", "new_class", "resolve_bases", "prepare_class", "DynamicClassAttribute", "coroutine"];

/// Whether something is a coroutine or a generator made one; `inspect` asks it too.
pub const IS_COROUTINE: Builtin = Builtin::new("_is_coroutine", "(obj, /)", is_coroutine, "Whether it is a coroutine, or a generator made one.");

/// What the text calls.
const NATIVE: &[Builtin] = &[
    Builtin::new("_mark_coroutine", "(func, /)", mark_coroutine, "Makes a generator function a coroutine function; says whether it is one now."),
    IS_COROUTINE,
];

fn classes(t: &Types) -> [(&'static str, &ClassRef); 25] {
    [
        ("FunctionType", &t.function),
        ("LambdaType", &t.function),
        ("CodeType", &t.code),
        ("MappingProxyType", &t.mappingproxy),
        ("CellType", &t.cell),
        ("GeneratorType", &t.generator),
        ("CoroutineType", &t.coroutine),
        ("AsyncGeneratorType", &t.async_generator),
        ("MethodType", &t.method),
        ("BuiltinFunctionType", &t.builtin_function),
        ("BuiltinMethodType", &t.builtin_function),
        ("WrapperDescriptorType", &t.wrapper_descriptor),
        ("MethodWrapperType", &t.method_wrapper),
        ("MethodDescriptorType", &t.method_descriptor),
        ("ClassMethodDescriptorType", &t.classmethod),
        ("ModuleType", &t.module),
        ("TracebackType", &t.traceback),
        ("FrameType", &t.frame),
        ("GetSetDescriptorType", &t.getset_descriptor),
        ("MemberDescriptorType", &t.member_descriptor),
        ("GenericAlias", &t.generic_alias),
        ("UnionType", &t.union),
        ("EllipsisType", &t.ellipsis),
        ("NoneType", &t.none_type),
        ("NotImplementedType", &t.not_implemented_type),
    ]
}

/// The names of the module.
pub fn namespace(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names: Vec<(&'static str, Value)> = classes(&vm.types).into_iter().map(|(name, class)| (name, class.into())).collect();
    let scripted = load(vm, &names);
    names.extend(SCRIPTED.iter().filter_map(|name| Some((*name, scripted.as_dict()?.borrow().get_text(name)?.clone()))));
    let public: Vec<Value> = names.iter().map(|(name, _)| Value::from(*name)).collect();
    names.push(("__all__", public.into()));
    names
}

/// Runs the text with the classes as its globals.
fn load(vm: &mut Vm, classes: &[(&'static str, Value)]) -> Ref {
    let mut source = Source::new("types.co", TEXT, false);
    source.library = true;
    let mut dict = Dict::new();
    let natives = NATIVE.iter().map(|def| (def.name, function(def, "types")));
    for (name, value) in classes.iter().cloned().chain(natives).chain([("__name__", "types".into())]) {
        dict.set_name(&vm.intern(name), value);
    }
    let globals = Obj::dict(dict);
    let handled = vm.handled.take();
    // It can only fail where the run ends anyway: at a limit.
    let _ = vm.run_source(&Rc::new(source), &globals);
    vm.handled = handled;
    globals
}

fn mark_coroutine(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let Some(Kind::Func(f)) = a[0].kind() else { return Ok(Value::False) };
    if f.code.kind == CodeKind::Generator {
        f.extra.borrow_mut().get_or_insert_default().iterable_coroutine = true;
    }
    Ok(matches!(f.code.kind, CodeKind::Coroutine | CodeKind::Generator).into())
}

fn is_coroutine(_vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let Some(obj) = a[0].obj() else { return Ok(Value::False) };
    Ok(matches!(&obj.kind, Kind::Coro(c) if c.kind == CodeKind::Coroutine || is_iterable_coroutine(obj)).into())
}
