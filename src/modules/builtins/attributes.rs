//! Functions on attributes, classes and namespaces.

use crate::types::object::name_arg;
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

fn getattr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = name_arg(vm, &a[1])?;
    let obj = a[0].clone();
    match a[2].given().cloned() {
        None => vm.get_attr(&obj, &name),
        Some(default) => Ok(vm.get_attr_opt(&obj, &name)?.unwrap_or(default)),
    }
}

fn setattr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = match &a[1] {
        Value::Obj(o) if o.is_interned() => o.clone(),
        v if matches!(v.kind(), Some(Kind::Str(_))) => vm.intern(v.as_str().unwrap_or_default()),
        v => name_arg(vm, &v.clone())?,
    };
    let value = a[2].take();
    vm.set_attr(&a[0].clone(), &name, value)?;
    Ok(Value::None)
}

fn hasattr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = name_arg(vm, &a[1])?;
    Ok(vm.get_attr_opt(&a[0].clone(), &name)?.is_some().into())
}

fn delattr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = name_arg(vm, &a[1])?;
    vm.del_attr(&a[0].clone(), &name)?;
    Ok(Value::None)
}

fn callable(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(is_callable(vm, &a[0]).into())
}

/// Whether a value can be called.
pub fn is_callable(vm: &Vm, v: &Value) -> bool {
    let is_known = matches!(v.kind(), Some(Kind::Func(_) | Kind::NativeFn(_) | Kind::Method(_) | Kind::Class(_) | Kind::StaticMethod(_)));
    is_known || vm.class_of(v).lookup(&vm.names.call).is_some()
}

fn isinstance(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.is_instance_of(&a[0].clone(), &a[1].clone()).map(Value::bool)
}

fn issubclass(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.is_subclass(&a[0].clone(), &a[1].clone()).map(Value::bool)
}

fn vars(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if a[0].is_unbound() {
        return locals(vm, a, n);
    }
    let name = vm.names.dict.clone();
    match vm.get_attr_opt(&a[0].clone(), &name)? {
        Some(v) => Ok(v),
        None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
    }
}

fn dir(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut names = match a[0].given().cloned() {
        None => vm.caller.as_ref().and_then(|c| c.locals.as_dict().map(|d| d.borrow().iter().map(|e| e.key.clone()).collect())).unwrap_or_default(),
        Some(obj) => {
            let hook = vm.names.dir.clone();
            let found = vm.call_special(&obj, &hook, &[])?.unwrap_or_else(|| Vec::new().into());
            vm.collect(&found)?
        }
    };
    crate::types::sorting::sort(vm, &mut names, None, false)?;
    Ok(names.into())
}

fn globals(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    match &vm.caller {
        Some(c) => Ok(c.globals.clone().into()),
        None => Err(vm.runtime_error("globals() has no caller here")),
    }
}

fn locals(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    match &vm.caller {
        Some(c) => Ok(c.locals.clone().into()),
        None => Err(vm.runtime_error("locals() has no caller here")),
    }
}

/// The rows.
pub const FUNCTIONS: &[Builtin] = &[
    Builtin::new("getattr", "(object, name, default=None, /)", getattr, "Get a named attribute from an object; getattr(x, 'y') is equivalent to x.y."),
    Builtin::new("setattr", "(obj, name, value, /)", setattr, "Sets the named attribute on the given object to the specified value."),
    Builtin::new("hasattr", "(obj, name, /)", hasattr, "Return whether the object has an attribute with the given name."),
    Builtin::new("delattr", "(obj, name, /)", delattr, "Deletes the named attribute from the given object."),
    Builtin::new("callable", "(obj, /)", callable, "Return whether the object is callable (i.e., some kind of function)."),
    Builtin::new("isinstance", "(obj, class_or_tuple, /)", isinstance, "Return whether an object is an instance of a class or of a subclass thereof."),
    Builtin::new("issubclass", "(cls_, class_or_tuple, /)", issubclass, "Return whether a class is derived from another class or is the same class."),
    Builtin::new("vars", "(object=None, /)", vars, "Without arguments, equivalent to locals(). With an argument, equivalent to object.__dict__."),
    Builtin::new("dir", "(object=None, /)", dir, "The names in the current scope, or the attributes of an object, sorted."),
    Builtin::new("globals", "()", globals, "Return the dictionary containing the current scope's global variables."),
    Builtin::new("locals", "()", locals, "Return a dictionary containing the current scope's local variables."),
];
