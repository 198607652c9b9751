//! `functools.cmp_to_key`: objects that compare by a function of two arguments, and the callable that makes them.

use std::cell::RefCell;

use crate::syntax::ast::CmpOp;
use crate::types::object::{keyword_pairs, kwargs_of};
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::{Caller, Comparer, Native};
use crate::value::{ClassRef, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::call::clear;
use crate::vm::types::TypeDef;

/// A key, or with an empty `object` what makes keys.
struct Key {
    class: ClassRef,
    compare: Value,
    object: RefCell<Value>,
}

impl Native for Key {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
        visit(&self.compare);
        if let Ok(o) = self.object.try_borrow() {
            visit(&o);
        }
    }

    fn caller(&self) -> Option<Caller> {
        Some(call)
    }

    fn comparer(&self) -> Option<Comparer> {
        Some(compare)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn key_of(v: &Value) -> Option<&Key> {
    v.obj().and_then(|o| o.downcast())
}

/// `cmp_to_key(mycmp)`.
pub fn cmp_to_key(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (module, name) = (vm.import_module("functools")?, vm.intern("_KeyWrapper"));
    let Some(class) = vm.get_attr(&module, &name)?.to_class() else { return Ok(Value::None) };
    Ok(Obj::native(Key { class, compare: a[0].take(), object: RefCell::default() }).into())
}

/// Makes a key, or one more from a key.
fn call(vm: &mut Vm, callee: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> R {
    let total = n + names.len();
    let is_object = n == 1 || names.first().is_some_and(|name| name.text() == "obj");
    let object = fr.first_mut().filter(|_| total == 1 && is_object).map(Value::take);
    clear(fr, total);
    let (Some(maker), Some(object)) = (key_of(callee), object) else {
        let text = if total > 1 { format!("K() takes at most 1 argument ({total} given)") } else { "K() missing required argument 'obj' (pos 1)".to_owned() };
        return Err(vm.type_error(&text));
    };
    let (class, compare) = (maker.class.clone(), maker.compare.clone());
    Ok(Obj::native(Key { class, compare, object: RefCell::new(object) }).into())
}

fn call_method(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let pairs = keyword_pairs(kwargs_of(a, n, 1));
    let args = a.get(1..n).unwrap_or_default().to_vec();
    vm.call_with(&a[0].clone(), &args, &pairs)
}

fn compare(vm: &mut Vm, op: CmpOp, left: &Value, right: &Value) -> R {
    let (Some(x), Some(y)) = (key_of(left), key_of(right)) else { return Err(vm.type_error("other argument must be K instance")) };
    let objects = [x.object.borrow().clone(), y.object.borrow().clone()];
    if objects.iter().any(Value::is_unbound) {
        return Err(vm.attribute_error_text("object"));
    }
    let verdict = vm.call(&x.compare.clone(), &objects)?;
    vm.compare(op, &verdict, &Value::Int(0))
}

fn compare_method(vm: &mut Vm, a: &mut [Value], op: CmpOp) -> R {
    compare(vm, op, &a[0].clone(), &a[1].clone())
}

fn object(_: &mut Vm, v: &Value) -> R {
    Ok(key_of(v).map_or(Value::None, |k| k.object.borrow().some().cloned().unwrap_or(Value::None)))
}

fn set_object(_: &mut Vm, v: &Value, new: Value) -> R<()> {
    let old = key_of(v).map(|k| k.object.replace(new));
    drop(old);
    Ok(())
}

/// `functools.KeyWrapper`.
pub const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__call__", "(self, /, *args, **kwargs)", call_method, "Call self as a function."),
        Builtin::new("__eq__", "(self, value, /)", |vm, a, _| compare_method(vm, a, CmpOp::Eq), "Return self==value."),
        Builtin::new("__ne__", "(self, value, /)", |vm, a, _| compare_method(vm, a, CmpOp::Ne), "Return self!=value."),
        Builtin::new("__lt__", "(self, value, /)", |vm, a, _| compare_method(vm, a, CmpOp::Lt), "Return self<value."),
        Builtin::new("__le__", "(self, value, /)", |vm, a, _| compare_method(vm, a, CmpOp::Le), "Return self<=value."),
        Builtin::new("__gt__", "(self, value, /)", |vm, a, _| compare_method(vm, a, CmpOp::Gt), "Return self>value."),
        Builtin::new("__ge__", "(self, value, /)", |vm, a, _| compare_method(vm, a, CmpOp::Ge), "Return self>=value."),
    ],
    getsets: &[GetSet { name: "obj", get: object, set: Some(set_object) }],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::FINAL | flag::NO_NEW,
    doc: "",
};
