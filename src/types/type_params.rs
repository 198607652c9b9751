//! Type variables in parameterised classes and unions: which there are, and what they are replaced by.

use crate::value::{Obj, R, Value};
use crate::vm::Vm;

/// `__parameters__`: the type variables among the arguments, each once, in order of appearance.
pub fn parameters_of(vm: &mut Vm, args: &[Value]) -> R {
    let (subst, nested) = (vm.intern("__typing_subst__"), vm.intern("__parameters__"));
    let mut found: Vec<Value> = Vec::new();
    for arg in args.iter().filter(|a| a.as_class().is_none()) {
        if vm.get_attr_opt(arg, &subst)?.is_some() {
            add_once(vm, &mut found, arg.clone())?;
        } else if let Some(inner) = vm.get_attr_opt(arg, &nested)?.as_ref().and_then(Value::as_tuple) {
            for parameter in inner {
                add_once(vm, &mut found, parameter.clone())?;
            }
        }
    }
    Ok(Obj::tuple(found).into())
}

fn add_once(vm: &mut Vm, found: &mut Vec<Value>, parameter: Value) -> R<()> {
    if position(vm, found, &parameter)?.is_none() {
        found.push(parameter);
    }
    Ok(())
}

fn position(vm: &mut Vm, all: &[Value], wanted: &Value) -> R<Option<usize>> {
    for (i, one) in all.iter().enumerate() {
        if one.is(wanted) || vm.eq(one, wanted)? {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

/// The items of an index, those of `*tuple[..]` without `...` put in its place.
fn unpacked(vm: &mut Vm, item: &Value) -> R<Vec<Value>> {
    let name = vm.intern("__typing_unpacked_tuple_args__");
    let mut items = Vec::new();
    for part in item.as_tuple().map_or_else(|| vec![item.clone()], <[Value]>::to_vec) {
        let inner = if part.as_class().is_some() { None } else { vm.get_attr_opt(&part, &name)? };
        match inner.as_ref().and_then(Value::as_tuple) {
            Some(inner) if !inner.last().is_some_and(|l| l.is(&vm.ellipsis)) => items.extend(inner.iter().cloned()),
            _ => items.push(part),
        }
    }
    Ok(items)
}

/// The arguments of `alias[item]`: those of `alias` with its parameters replaced.
pub fn substitute(vm: &mut Vm, alias: &Value, args: &[Value], parameters: &Value, item: &Value) -> R<Vec<Value>> {
    let parameters = parameters.as_tuple().unwrap_or_default().to_vec();
    if parameters.is_empty() {
        let text = format!("{} is not a generic class", vm.repr(alias)?);
        return Err(vm.type_error(&text));
    }
    let items = prepared(vm, alias, &parameters, item)?;
    if items.len() != parameters.len() {
        let amount = if items.len() > parameters.len() { "many" } else { "few" };
        let text = format!("Too {amount} arguments for {}; actual {}, expected {}", vm.repr(alias)?, items.len(), parameters.len());
        return Err(vm.type_error(&text));
    }
    let unpacks = vm.intern("__typing_is_unpacked_typevartuple__");
    let mut new = Vec::with_capacity(args.len());
    for arg in args {
        let is_unpacked = arg.as_class().is_none()
            && match vm.get_attr_opt(arg, &unpacks)? {
                Some(v) => vm.truth(&v)?,
                None => false,
            };
        let replaced = replace(vm, arg, &parameters, &items)?;
        match replaced.as_tuple().filter(|_| is_unpacked) {
            Some(many) => new.extend(many.iter().cloned()),
            None => new.push(replaced),
        }
    }
    Ok(new)
}

/// What stands for each parameter, after the parameters had their say.
fn prepared(vm: &mut Vm, alias: &Value, parameters: &[Value], item: &Value) -> R<Vec<Value>> {
    let hook = vm.intern("__typing_prepare_subst__");
    let mut items = unpacked(vm, item)?;
    for parameter in parameters {
        if let Some(prepare) = vm.get_attr_opt(parameter, &hook)?.filter(|h| !h.is_none()) {
            let result = vm.call(&prepare, &[alias.clone(), Obj::tuple(items).into()])?;
            items = result.as_tuple().map_or_else(|| vec![result.clone()], <[Value]>::to_vec);
        }
    }
    Ok(items)
}

fn replace(vm: &mut Vm, arg: &Value, parameters: &[Value], items: &[Value]) -> R {
    if arg.as_class().is_some() {
        return Ok(arg.clone());
    }
    let (subst, nested, iter) = (vm.intern("__typing_subst__"), vm.intern("__parameters__"), vm.names.iter.clone());
    if let Some(subst) = vm.get_attr_opt(arg, &subst)? {
        let item = position(vm, parameters, arg)?.and_then(|i| items.get(i)).cloned().unwrap_or(Value::None);
        return vm.call(&subst, &[item]);
    }
    let Some(inner) = vm.get_attr_opt(arg, &nested)?.and_then(|p| p.as_tuple().map(<[Value]>::to_vec)).filter(|p| !p.is_empty()) else {
        return Ok(arg.clone());
    };
    let mut given = Vec::with_capacity(inner.len());
    for parameter in inner {
        let item = position(vm, parameters, &parameter)?.and_then(|i| items.get(i)).cloned();
        match item {
            Some(many) if many.as_tuple().is_some() && vm.class_of(&parameter).lookup(&iter).is_some() => {
                given.extend(many.as_tuple().unwrap_or_default().iter().cloned());
            }
            Some(one) => given.push(one),
            None => given.push(parameter),
        }
    }
    vm.get_item(arg, &Obj::tuple(given).into())
}
