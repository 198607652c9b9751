//! Unions of types: `int | str`.

use super::generic::{as_alias, part_text};
use super::type_params;
use crate::syntax::ast::BinOp;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// `int | str`.
pub struct Union {
    pub args: Vec<Value>,
}

impl Native for Union {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        &vm.types.union
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.args.iter().for_each(visit);
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn as_union(v: &Value) -> Option<&Union> {
    v.obj().and_then(|o| o.downcast())
}

/// `a | b` of classes; nothing where an operand cannot be part of a union.
pub fn make_union(vm: &mut Vm, a: &Value, b: &Value) -> R<Option<Value>> {
    let mut args: Vec<Value> = Vec::new();
    for side in [a, b] {
        let parts = match as_union(side) {
            Some(u) => u.args.clone(),
            None if side.is_none() => vec![(&vm.types.none_type).into()],
            None if side.as_class().is_some() || as_alias(side).is_some() => vec![side.clone()],
            None => return Ok(None),
        };
        for part in parts {
            let mut is_known = false;
            for known in &args {
                if vm.eq(known, &part)? {
                    is_known = true;
                    break;
                }
            }
            if !is_known {
                args.push(part);
            }
        }
    }
    Ok(Some(match args.as_slice() {
        [one] => one.clone(),
        _ => Obj::native(Union { args }).into(),
    }))
}

/// `__or__` of what can be part of a union.
pub fn or(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let made = make_union(vm, &a[0], &a[1])?;
    Ok(made.unwrap_or_else(|| vm.not_implemented.clone()))
}

/// `__ror__` of what can be part of a union.
pub fn ror(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let made = make_union(vm, &a[1], &a[0])?;
    Ok(made.unwrap_or_else(|| vm.not_implemented.clone()))
}

fn union_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let args = as_union(&a[0]).map(|u| u.args.clone()).unwrap_or_default();
    let mut parts = Vec::with_capacity(args.len());
    for arg in &args {
        let is_none = arg.is_none() || arg.as_class().is_some_and(|c| std::ptr::eq(c, &raw const *vm.types.none_type));
        parts.push(if is_none { "None".to_owned() } else { part_text(vm, arg)? });
    }
    Ok(parts.join(" | ").into())
}

fn union_eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (Some(x), Some(y)) = (as_union(&a[0]), as_union(&a[1])) else { return Ok(vm.not_implemented.clone()) };
    let (x, y) = (x.args.clone(), y.args.clone());
    if x.len() != y.len() {
        return Ok(Value::False);
    }
    let other: Value = y.into();
    for part in &x {
        if !vm.contains(&other, part)? {
            return Ok(Value::False);
        }
    }
    Ok(Value::True)
}

fn union_hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let args = as_union(&a[0]).map(|u| u.args.clone()).unwrap_or_default();
    let frozenset = Value::from(&vm.types.frozenset);
    let set = vm.call(&frozenset, &[args.into()])?;
    Ok(vm.hash(&set)?.into())
}

fn parameters(vm: &mut Vm, v: &Value) -> R {
    let args = as_union(v).map(|u| u.args.clone()).unwrap_or_default();
    type_params::parameters_of(vm, &args)
}

/// `(T | int)[str]`: the alternatives with their type variables replaced, joined again.
fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let args = as_union(&a[0]).map(|u| u.args.clone()).unwrap_or_default();
    let parameters = type_params::parameters_of(vm, &args)?;
    let parts = type_params::substitute(vm, &a[0], &args, &parameters, &a[1])?;
    let mut parts = parts.into_iter();
    let mut joined = parts.next().unwrap_or(Value::None);
    for part in parts {
        joined = vm.binary(BinOp::Or, &joined, &part)?;
    }
    Ok(joined)
}

fn union_args(_: &mut Vm, v: &Value) -> R {
    Ok(as_union(v).map_or(Value::None, |u| Obj::tuple(u.args.clone()).into()))
}

fn instance_check(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.is_instance_of(&a[1].clone(), &a[0]).map(Value::bool)
}

fn subclass_check(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.is_subclass(&a[1].clone(), &a[0]).map(Value::bool)
}

/// `types.UnionType`.
pub const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__or__", "(self, value, /)", or, "Return self|value."),
        Builtin::new("__ror__", "(self, value, /)", ror, "Return value|self."),
        Builtin::new("__repr__", "(self, /)", union_repr, "Return repr(self)."),
        Builtin::new("__eq__", "(self, value, /)", union_eq, "Return self==value."),
        Builtin::new("__hash__", "(self, /)", union_hash, "Return hash(self)."),
        Builtin::new("__getitem__", "(self, key, /)", getitem, "Return self[key]."),
        Builtin::new("__instancecheck__", "(self, instance, /)", instance_check, ""),
        Builtin::new("__subclasscheck__", "(self, cls, /)", subclass_check, ""),
    ],
    getsets: &[GetSet { name: "__args__", get: union_args, set: None }, GetSet { name: "__parameters__", get: parameters, set: None }],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "Represent a PEP 604 union type\n\nE.g. for int | str",
};
