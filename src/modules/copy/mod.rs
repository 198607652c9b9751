//! `copy` and `copyreg`: what their texts ask about an object that scripts cannot see. How copies are put together
//! stands in `copy.co`, what an object is taken apart into in `copyreg.co`.

use super::functions;
use crate::value::class::{Class, flag};
use crate::value::dict::Dict;
use crate::value::func::Builtin;
use crate::value::instance::Fields;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::attr::{dict_of, fields_of};

/// The names that both modules' texts begin with.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    functions(FUNCTIONS, "copyreg")
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("_attributes", "(object, /)", attributes, "The attributes of an instance, and those in slots, as new dicts; None for an empty one."),
    Builtin::new("_set_attributes", "(object, attributes, /)", set_attributes, "Sets attributes of an instance past its `__setattr__`."),
    Builtin::new("_is_plain", "(object, /)", is_plain, "Whether nothing but its class says how an instance is copied."),
    Builtin::new("_can_rebuild", "(object, /)", can_rebuild, "Whether `__new__` can make such an object."),
];

/// Special methods that have a say in how an object is copied.
const HOOKS: &[&str] =
    &["__reduce_ex__", "__reduce__", "__getstate__", "__setstate__", "__getnewargs__", "__getnewargs_ex__", "__new__", "__getattribute__", "__getattr__"];

/// Whether an instance is of a script's class that leaves copying to `object`.
fn is_plain(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(Kind::Instance(_)) = a[0].kind() else { return Ok(Value::False) };
    let class = vm.class_of(&a[0]).clone();
    let has_hook = HOOKS.iter().any(|name| {
        let name = vm.intern(name);
        class.lookup_where(&name).is_some_and(|(_, owner)| !owner.is(&vm.types.object))
    });
    Ok(Value::bool(!has_hook && !class.has(flag::MEMBERS)))
}

/// Whether the object is an instance of a script's class, or of a built-in type whose contents can be handed on.
fn can_rebuild(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let kind = a[0].native_kind();
    Ok(Value::bool(match kind {
        None => true,
        Some(Kind::Instance(_) | Kind::Str(_) | Kind::Big(_) | Kind::Complex(..) | Kind::Bytes(_) | Kind::Tuple(_) | Kind::List(_) | Kind::Dict(_)) => true,
        Some(_) => false,
    }))
}

/// The attributes that are set: ordinary ones, then those in `__slots__` places.
fn parts(fields: &Fields, class: &Class) -> (Dict, Dict) {
    let (mut shown, mut hidden) = (Dict::new(), Dict::new());
    let is_member = |name: &Ref| class.has(flag::MEMBERS) && matches!(class.lookup(name).as_ref().and_then(Value::kind), Some(Kind::Member { .. }));
    for name in fields.names(class) {
        let value = fields.get(class, &name);
        if let Some(value) = value {
            if is_member(&name) {
                hidden.set_name(&name, value)
            } else {
                shown.set_name(&name, value)
            };
        }
    }
    if let Fields::Split(split) = fields
        && let Some(members) = split.hidden.as_dict()
    {
        for entry in members.borrow().iter() {
            if let Some(name) = entry.key.obj() {
                hidden.set_name(name, entry.value.clone());
            }
        }
    }
    (shown, hidden)
}

fn attributes(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (shown, hidden) = match fields_of(&a[0]) {
        Some((fields, class)) => parts(&fields.borrow(), class),
        None => (Dict::new(), Dict::new()),
    };
    let value = |dict: Dict| if dict.is_empty() { Value::None } else { Obj::dict(dict).into() };
    Ok(Obj::tuple([value(shown), value(hidden)]).into())
}

/// `object.__getstate__`: the attributes, with those in slots besides them if there are any; `None` for neither.
pub fn state(vm: &mut Vm, object: &Value) -> R {
    let both = attributes(vm, &mut [object.clone()], 1)?;
    let (shown, hidden) = match both.as_tuple() {
        Some([shown, hidden]) => (shown.clone(), hidden.clone()),
        _ => return Ok(Value::None),
    };
    let shown = if shown.is_none() { shown } else { dict_of(object).map_or(shown, Value::Obj) };
    Ok(if hidden.is_none() { shown } else { Obj::tuple([shown, hidden]).into() })
}

fn set_attributes(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (Some((fields, class)), Some(dict)) = (fields_of(&a[0]), a[1].obj().and_then(|o| o.as_dict())) else { return Ok(Value::None) };
    let mut old = Vec::new();
    for entry in dict.borrow().iter() {
        if let Some(name) = entry.key.obj() {
            old.extend(fields.borrow_mut().set(class, name, entry.value.clone()));
        }
    }
    drop(old);
    Ok(Value::None)
}
