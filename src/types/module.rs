//! Modules as objects.

use crate::value::class::Solid;
use crate::value::dict::Dict;
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Module;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// A module with the names that every module has.
pub fn make_module(vm: &Vm, name: &str, doc: Value) -> Ref {
    make_module_in(vm, name, doc, Obj::dict(Dict::new()))
}

/// The same around a namespace that exists.
pub fn make_module_in(vm: &Vm, name: &str, doc: Value, namespace: Ref) -> Ref {
    let names = &vm.names;
    if let Some(d) = namespace.as_dict() {
        let mut d = d.borrow_mut();
        d.set_name(&names.name, name.into());
        d.set_name(&names.doc, doc);
        for absent in [&names.package, &names.loader, &names.spec] {
            d.set_name(absent, Value::None);
        }
    }
    Obj::tracked(Kind::Module(Box::new(Module { name: name.into(), dict: namespace })))
}

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(name) = a[0].as_str().map(str::to_owned) else {
        let text = format!("module() argument 'name' must be str, not {}", vm.class_name_or_none(&a[0]));
        return Err(vm.type_error(&text));
    };
    let doc = if a[1].is_unbound() { Value::None } else { a[1].clone() };
    Ok(make_module(vm, &name, doc).into())
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(Kind::Module(m)) = a[0].native_kind() else { return Ok(Value::None) };
    let get = |name: &Ref| m.dict.as_dict().and_then(|d| d.borrow().get_name(name).cloned());
    let name = get(&vm.names.name).unwrap_or_else(|| (*m.name).into());
    let file = get(&vm.names.file);
    let is_built_in = crate::modules::is_built_in(&m.name);
    let name = vm.repr(&name)?;
    let text = match file {
        Some(f) => format!("<module {name} from {}>", vm.repr(&f)?),
        None if is_built_in => format!("<module {name} (built-in)>"),
        None => format!("<module {name}>"),
    };
    Ok(text.into())
}

fn dir(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(Kind::Module(m)) = a[0].native_kind() else { return Ok(Value::None) };
    let dir_name = vm.names.dir.clone();
    let own = m.dict.as_dict().and_then(|d| d.borrow().get_name(&dir_name).cloned());
    if let Some(hook) = own {
        return vm.call(&hook, &[]);
    }
    let keys: Vec<Value> = m.dict.as_dict().map(|d| d.borrow().iter().map(|e| e.key.clone()).collect()).unwrap_or_default();
    Ok(keys.into())
}

fn get_annotations(vm: &mut Vm, v: &Value) -> R {
    let names = vm.names.clone();
    let Some(Kind::Module(m)) = v.native_kind() else { return Ok(Value::None) };
    let Some(dict) = m.dict.as_dict() else { return Ok(Value::None) };
    let known = dict.borrow().get_name(&names.annotations).cloned();
    Ok(known.unwrap_or_else(|| {
        let made = Value::Obj(Obj::dict(Dict::new()));
        dict.borrow_mut().set_name(&names.annotations, made.clone());
        made
    }))
}

static NEW: Builtin = Builtin::new("module", "(name, doc=None)", construct, "");

/// The type.
pub const TYPE: TypeDef = TypeDef {
    methods: &[Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."), Builtin::new("__dir__", "(self, /)", dir, "The names in the module.")],
    getsets: &[GetSet { name: "__annotations__", get: get_annotations, set: None }],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: crate::value::class::flag::FINAL,
    doc: "Create a module object.\n\nThe name must be a string; the optional docstring can have any type.",
};
