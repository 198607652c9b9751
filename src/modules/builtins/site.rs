//! `quit`, `exit` and `help`: objects that explain themselves.

use crate::value::class::{Solid, flag};
use crate::value::func::Builtin;
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// One of them.
pub struct Site {
    name: &'static str,
}

impl Native for Site {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        &vm.types.site
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// The objects, for the namespace of `builtins`.
pub fn objects(_: &Vm) -> Vec<(&'static str, Value)> {
    ["quit", "exit", "help"].into_iter().map(|name| (name, Obj::native(Site { name }).into())).collect()
}

fn name_of(v: &Value) -> &'static str {
    v.obj().and_then(|o| o.downcast::<Site>()).map_or("exit", |s| s.name)
}

fn repr(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(match name_of(&a[0]) {
        "help" => "Type help() for interactive help, or help(object) for help about object.".into(),
        name => format!("Use {name}() or Ctrl-D (i.e. EOF) to exit").into(),
    })
}

fn call(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if name_of(&a[0]) == "help" {
        return help(vm, a[1].given().cloned());
    }
    let class = vm.types.system_exit.clone();
    let code = if a[1].is_unbound() { Value::None } else { a[1].clone() };
    let exc = vm.new_exc(&class, vec![code]);
    Err(vm.raise(exc))
}

/// Shows what is known of an object: its signature and its documentation.
fn help(vm: &mut Vm, about: Option<Value>) -> R {
    let Some(about) = about else {
        vm.host.write_out(b"corun has no interactive help; help(object) shows an object's documentation.\n");
        return Ok(Value::None);
    };
    let names = vm.names.clone();
    let title = match vm.get_attr_opt(&about, &names.name)? {
        Some(n) => vm.str(&n)?,
        None => vm.class_name(&about).to_string(),
    };
    let doc = match vm.get_attr_opt(&about, &names.doc)? {
        Some(d) if !d.is_none() => vm.str(&d)?,
        _ => "no documentation".to_owned(),
    };
    vm.host.write_out(format!("{title}\n    {}\n", doc.trim().replace('\n', "\n    ")).as_bytes());
    Ok(Value::None)
}

/// The class of these objects.
pub const TYPE: TypeDef = TypeDef {
    methods: &[Builtin::new("__call__", "(self, code=None, /)", call, ""), Builtin::new("__repr__", "(self, /)", repr, "Return repr(self).")],
    getsets: &[],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "",
};
