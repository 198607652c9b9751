//! `collections`: `deque` and what `namedtuple` needs are native; the rest is in `collections.co`.

use super::functions;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::{TypeDef, make};

pub mod deque;

/// The names that are there when the module's text runs.
pub fn natives(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "_collections");
    let getter = make(&vm.interner, "_tuplegetter", Some(&vm.types.object), TUPLE_GETTER);
    if let Some(d) = getter.dict().as_dict() {
        d.borrow_mut().set_name(&vm.names.module, "collections".into());
    }
    names.extend([("__path__", Vec::new().into()), ("deque", deque::make_class(vm)), ("_tuplegetter", getter.into())]);
    names
}

/// The module whose body runs: what `namedtuple` writes into its classes.
fn importing(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    let module = vm.importing.last().map(|m| match &m.kind {
        Kind::Module(m) => m.name.to_string(),
        _ => String::new(),
    });
    Ok(module.unwrap_or_else(|| "__main__".to_owned()).into())
}

/// Adds one to the count of every item of an iterable.
fn count_elements(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (counts, items) = (a[0].clone(), a[1].clone());
    let base = counts.native().clone();
    vm.for_each(&items, |vm, item| {
        let new = match vm.dict_get(&base, &item)? {
            Some(Value::Int(i)) if i < i64::MAX => Value::Int(i + 1),
            Some(old) => vm.binary(crate::syntax::ast::BinOp::Add, &old, &Value::Int(1))?,
            None => Value::Int(1),
        };
        vm.set_item(&counts, &item, new)?;
        Ok(true)
    })?;
    Ok(Value::None)
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("_importing", "()", importing, ""),
    Builtin::new("_count_elements", "(mapping, iterable, /)", count_elements, "Count elements in the iterable."),
];

// ---- the fields of named tuples ---------------------------------------------------------------------------------

/// A descriptor that gives one item of a tuple.
struct TupleGetter {
    class: ClassRef,
    index: usize,
    doc: std::cell::RefCell<Value>,
}

impl Native for TupleGetter {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn getter(v: &Value) -> Option<&TupleGetter> {
    v.obj().and_then(|o| o.downcast())
}

fn getter_new(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (Some(class), Value::Int(index)) = (a[0].to_class(), &a[1]) else { return Ok(Value::None) };
    Ok(Obj::native(TupleGetter { class, index: *index as usize, doc: std::cell::RefCell::new(a[2].clone()) }).into())
}

fn getter_get(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if a[1].is_none() {
        return Ok(a[0].clone());
    }
    let index = getter(&a[0]).map_or(0, |g| g.index);
    match a[1].as_tuple().map(|t| t.get(index).cloned()) {
        Some(Some(item)) => Ok(item),
        Some(None) => Err(vm.index_error("tuple index out of range")),
        None => {
            let text = format!("descriptor for index '{index}' for tuple subclasses doesn't apply to '{}' object", vm.class_name(&a[1]));
            Err(vm.type_error(&text))
        }
    }
}

fn getter_set(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Err(vm.attribute_error_text("can't set attribute"))
}

fn getter_delete(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Err(vm.attribute_error_text("can't delete attribute"))
}

fn getter_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (index, doc) = getter(&a[0]).map(|g| (g.index, g.doc.borrow().clone())).unwrap_or_default();
    Ok(format!("_tuplegetter({index}, {})", vm.repr(&doc)?).into())
}

fn set_doc(_: &mut Vm, v: &Value, new: Value) -> R<()> {
    if let Some(g) = getter(v) {
        drop(g.doc.replace(if new.is_unbound() { Value::None } else { new }));
    }
    Ok(())
}

static GETTER_NEW: Builtin = Builtin::new("_tuplegetter", "(cls, index, doc, /)", getter_new, "");

const TUPLE_GETTER: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__get__", "(self, instance, owner=None, /)", getter_get, "Return an attribute of instance, which is of type owner."),
        Builtin::new("__set__", "(self, instance, value, /)", getter_set, "Set an attribute of instance to value."),
        Builtin::new("__delete__", "(self, instance, /)", getter_delete, "Delete an attribute of instance."),
        Builtin::new("__repr__", "(self, /)", getter_repr, "Return repr(self)."),
    ],
    getsets: &[GetSet { name: "__doc__", get: |_, v| Ok(getter(v).map_or(Value::None, |g| g.doc.borrow().clone())), set: Some(set_doc) }],
    construct: Some(&GETTER_NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "",
};
