//! What the `__new__` of built-in types share, and argument checks that several types word alike.

use std::cell::RefCell;

use crate::types::object::{keyword_pairs, kwargs_of};
use crate::value::class::flag;
use crate::value::instance::Derived;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

/// `X.__new__(cls, ...)` of an immutable type: makes the native value as a call of `X` would, and wraps it when `cls`
/// is a subclass.
pub fn new_from_call(vm: &mut Vm, a: &[Value], n: usize, owner: &ClassRef) -> R {
    let class = class_to_make(vm, a, n, owner)?;
    let keywords = keyword_pairs(kwargs_of(a, n, 1));
    let args: Vec<Value> = a.get(1..n).unwrap_or_default().to_vec();
    let base = vm.call_with(&owner.into(), &args, &keywords)?;
    Ok(wrap(&class, owner, base))
}

/// The same for a type that takes no keywords: they are left to the `__init__` of a subclass that has its own.
pub fn new_from_positional(vm: &mut Vm, a: &[Value], n: usize, owner: &ClassRef) -> R {
    let class = class_to_make(vm, a, n, owner)?;
    let init = vm.names.init.clone();
    refuse_keywords(vm, a, n, &class, owner, &init)?;
    let args: Vec<Value> = a.get(1..n).unwrap_or_default().to_vec();
    let base = vm.call(&owner.into(), &args)?;
    Ok(wrap(&class, owner, base))
}

/// Complains about keywords, unless the other of `__new__` and `__init__` is a script's and takes them.
pub fn refuse_keywords(vm: &mut Vm, a: &[Value], n: usize, class: &ClassRef, owner: &ClassRef, other: &Ref) -> R<()> {
    let is_taken = class.lookup_where(other).is_some_and(|(_, c)| c.has(flag::HEAP));
    if is_taken || keyword_pairs(kwargs_of(a, n, 1)).is_empty() {
        return Ok(());
    }
    let text = format!("{}() takes no keyword arguments", owner.name());
    Err(vm.type_error(&text))
}

/// The class that `__new__` was given.
pub fn class_to_make(vm: &mut Vm, a: &[Value], n: usize, owner: &ClassRef) -> R<ClassRef> {
    let name = owner.name();
    let Some(first) = a.first().filter(|_| n > 0) else {
        return Err(vm.type_error(&format!("{name}.__new__(): not enough arguments")));
    };
    let Some(class) = first.to_class() else {
        let text = format!("{name}.__new__(X): X is not a type object ({})", vm.class_name(first));
        return Err(vm.type_error(&text));
    };
    if !class.is_subclass_of(owner) {
        let given = class.name();
        return Err(vm.type_error(&format!("{name}.__new__({given}): {given} is not a subtype of {name}")));
    }
    let native = class.mro_with_self().into_iter().find(|c| !c.has(flag::HEAP));
    if let Some(native) = native.filter(|c| !c.is(owner) && c.own(&vm.names.new).is_some()) {
        let (given, safe) = (class.name(), native.name());
        return Err(vm.type_error(&format!("{name}.__new__({given}) is not safe, use {safe}.__new__()")));
    }
    Ok(class)
}

/// The native value itself, or an instance of a subclass around it.
pub fn wrap(class: &ClassRef, owner: &ClassRef, base: Value) -> Value {
    if class.is(owner) {
        return base;
    }
    Obj::tracked(Kind::Derived(Box::new(Derived { class: class.clone(), base, fields: RefCell::default() }))).into()
}

/// A text argument: `name() argument must be str, not X`, or with the number of the argument.
pub fn str_arg<'a>(vm: &mut Vm, v: &'a Value, what: &str) -> R<&'a str> {
    match v.as_str() {
        Some(text) => Ok(text),
        None => {
            let text = format!("{what} must be str, not {}", vm.class_name_or_none(v));
            Err(vm.type_error(&text))
        }
    }
}

/// `__repr__` of any built-in type.
pub fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match &a[0] {
        Value::Obj(o) => {
            let mut out = String::new();
            vm.write_native_repr(&mut out, o, &a[0])?;
            Ok(out.into())
        }
        v => Ok(vm.repr(v)?.into()),
    }
}
