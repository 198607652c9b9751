//! `tuple`.

use super::{make, rows};
use crate::value::class::Solid;
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

static NEW: Builtin = Builtin::new("tuple", "(iterable=(), /)", construct, "");

/// A tuple of what an iterable gives; a tuple stays the object it is.
fn from_iterable(vm: &mut Vm, iterable: Option<&Value>) -> R {
    match iterable {
        Some(v) if matches!(v.kind(), Some(Kind::Tuple(_))) => Ok(v.clone()),
        Some(v) => {
            let items = vm.collect(v)?;
            Ok(if items.is_empty() { vm.empty_tuple.clone() } else { Obj::tuple(items).into() })
        }
        None => Ok(vm.empty_tuple.clone()),
    }
}

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    from_iterable(vm, a[0].given())
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let owner = vm.types.tuple.clone();
    make::new_from_positional(vm, a, n, &owner)
}

fn getnewargs(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::tuple([a[0].native().clone()]).into())
}

const METHODS: &[Builtin] = &[
    Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Create and return a new object."),
    Builtin::new("__repr__", "(self, /)", rows::repr, "Return repr(self)."),
    Builtin::new("__len__", "(self, /)", rows::len, "Return len(self)."),
    Builtin::new("__getitem__", "(self, key, /)", rows::getitem, "Return self[key]."),
    Builtin::new("__contains__", "(self, key, /)", rows::contains, "Return key in self."),
    Builtin::new("__iter__", "(self, /)", rows::iter, "Implement iter(self)."),
    Builtin::new("__hash__", "(self, /)", rows::hash, "Return hash(self)."),
    Builtin::new("__eq__", "(self, value, /)", rows::eq, "Return self==value."),
    Builtin::new("__ne__", "(self, value, /)", rows::ne, "Return self!=value."),
    Builtin::new("__lt__", "(self, value, /)", rows::lt, "Return self<value."),
    Builtin::new("__le__", "(self, value, /)", rows::le, "Return self<=value."),
    Builtin::new("__gt__", "(self, value, /)", rows::gt, "Return self>value."),
    Builtin::new("__ge__", "(self, value, /)", rows::ge, "Return self>=value."),
    Builtin::new("__add__", "(self, value, /)", rows::add, "Return self+value."),
    Builtin::new("__mul__", "(self, value, /)", rows::mul, "Return self*value."),
    Builtin::new("__rmul__", "(self, value, /)", rows::mul, "Return value*self."),
    Builtin::new("__getnewargs__", "(self, /)", getnewargs, ""),
    Builtin::new(
        "index",
        "(self, value, start=0, stop=9223372036854775807, /)",
        rows::index,
        "Return first index of value.\n\nRaises ValueError if the value is not present.",
    ),
    Builtin::new("count", "(self, value, /)", rows::count, "Return number of occurrences of value."),
];

/// The class.
pub const TYPE: TypeDef = TypeDef {
    methods: METHODS,
    getsets: &[],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "Built-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\nIf iterable is specified the tuple is initialized from iterable's items.\n\nIf the argument is a tuple, the return value is the same object.",
};
