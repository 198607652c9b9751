//! Tuples with named places, as `time.struct_time` and `sys.version_info` are.

use std::cell::RefCell;

use crate::value::class::{Solid, flag};
use crate::value::func::Builtin;
use crate::value::instance::{Derived, Fields};
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::attr::fields_of;
use crate::vm::types::{TypeDef, make};

/// Makes the class of such tuples.
pub fn make_class(vm: &Vm, module: &str, name: &str, construct: Option<&'static Builtin>) -> ClassRef {
    let flags = flag::FINAL | flag::NO_DICT | flag::SETATTR | if construct.is_some() { 0 } else { flag::NO_NEW };
    let def = TypeDef { methods: METHODS, getsets: &[], construct: Some(construct.unwrap_or(&REFUSED)), solid: Solid::Builtin, flags, doc: "" };
    let class = make(&vm.interner, name, Some(&vm.types.tuple), def);
    if let Some(d) = class.dict().as_dict() {
        d.borrow_mut().set_name(&vm.names.module, module.into());
    }
    class
}

/// Makes such a tuple: the first `shown` of the named values are its items, the others only attributes.
pub fn make_struct(vm: &mut Vm, class: &ClassRef, values: &[(&str, Value)], shown: usize) -> Value {
    let items: Vec<Value> = values.iter().take(shown).map(|(_, v)| v.clone()).collect();
    let mut fields = Fields::default();
    for (name, value) in values {
        let name = vm.intern(name);
        drop(fields.set(class, &name, value.clone()));
    }
    let derived = Derived { class: class.clone(), base: Obj::tuple(items).into(), fields: RefCell::new(fields) };
    Obj::tracked(Kind::Derived(Box::new(derived))).into()
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let label = crate::types::object::class_label(vm, &vm.class_of(&a[0]).clone());
    let names = fields_of(&a[0]).map(|(fields, class)| fields.borrow().names(class)).unwrap_or_default();
    let items = a[0].as_tuple().unwrap_or_default().to_vec();
    let mut parts = Vec::with_capacity(items.len());
    for (name, item) in names.iter().zip(&items) {
        parts.push(format!("{}={}", name.text(), vm.repr(item)?));
    }
    Ok(format!("{label}({})", parts.join(", ")).into())
}

fn setattr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = crate::types::object::name_arg(vm, &a[1])?;
    match crate::vm::attr::own_attr(&a[0], &name) {
        Some(_) => Err(vm.attribute_error_text("readonly attribute")),
        None => Err(vm.no_attribute(&a[0], &name)),
    }
}

fn refuse(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let label = a[0].to_class().map_or_else(String::new, |c| crate::types::object::class_label(vm, &c));
    Err(vm.type_error(&format!("cannot create '{label}' instances")))
}

static REFUSED: Builtin = Builtin::new("struct", "(cls, *args, **kwargs)", refuse, "");

const METHODS: &[Builtin] =
    &[Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."), Builtin::new("__setattr__", "(self, name, value, /)", setattr, "")];
