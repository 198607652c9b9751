//! `operator`: the operators as functions. `itemgetter` and its like are in `operator.co`.

use super::functions;
use crate::syntax::ast::{BinOp, CmpOp, UnaryOp};
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

/// The names that are made here.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "_operator");
    let same: Vec<(&'static str, Value)> =
        DUNDERS.iter().filter_map(|(dunder, name)| names.iter().find(|(n, _)| n == name).map(|(_, v)| (*dunder, v.clone()))).collect();
    names.extend(same);
    names
}

macro_rules! binary_rows {
    ($($name:ident $in_place:ident = $op:ident),* $(,)?) => {
        $(
            fn $name(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                let (x, y) = (a[0].take(), a[1].take());
                vm.binary(BinOp::$op, &x, &y)
            }
            fn $in_place(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                let (x, y) = (a[0].take(), a[1].take());
                vm.binary_in_place(BinOp::$op, &x, &y)
            }
        )*
    };
}

binary_rows! {
    add iadd = Add, sub isub = Sub, mul imul = Mul, matmul imatmul = MatMul, truediv itruediv = Div, floordiv ifloordiv = FloorDiv,
    modulo imod = Mod, pow ipow = Pow, lshift ilshift = Shl, rshift irshift = Shr, and iand = And, or ior = Or, xor ixor = Xor,
}

macro_rules! compare_rows {
    ($($name:ident = $op:ident),* $(,)?) => {
        $(
            fn $name(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                let (x, y) = (a[0].take(), a[1].take());
                vm.compare(CmpOp::$op, &x, &y)
            }
        )*
    };
}

compare_rows! { eq = Eq, ne = Ne, lt = Lt, le = Le, gt = Gt, ge = Ge, is = Is, is_not = IsNot }

macro_rules! unary_rows {
    ($($name:ident = $op:ident),* $(,)?) => {
        $(
            fn $name(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
                let x = a[0].take();
                vm.unary(UnaryOp::$op, &x)
            }
        )*
    };
}

unary_rows! { neg = Neg, pos = Pos, invert = Invert, not = Not }

fn truth(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.truth(&a[0].take()).map(Value::bool)
}

fn abs(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let function = vm.builtins.as_dict().and_then(|d| d.borrow().get_text("abs").cloned()).unwrap_or_default();
    vm.call(&function, &[a[0].take()])
}

fn index(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.index(&a[0].take())
}

fn contains(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (container, item) = (a[0].take(), a[1].take());
    vm.contains(&container, &item).map(Value::bool)
}

fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (obj, key) = (a[0].take(), a[1].take());
    vm.get_item(&obj, &key)
}

fn setitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (obj, key, value) = (a[0].take(), a[1].take(), a[2].take());
    vm.set_item(&obj, &key, value)?;
    Ok(Value::None)
}

fn delitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (obj, key) = (a[0].take(), a[1].take());
    vm.del_item(&obj, &key)?;
    Ok(Value::None)
}

fn is_sequence(vm: &Vm, v: &Value) -> bool {
    !matches!(v.native_kind(), Some(Kind::Dict(_) | Kind::Set(_) | Kind::FrozenSet(_))) && vm.class_of(v).lookup(&vm.names.getitem).is_some()
}

fn concat_with(vm: &mut Vm, a: &mut [Value], in_place: bool) -> R {
    let (x, y) = (a[0].take(), a[1].take());
    if !is_sequence(vm, &x) {
        let text = format!("'{}' object can't be concatenated", vm.class_name(&x));
        return Err(vm.type_error(&text));
    }
    if in_place { vm.binary_in_place(BinOp::Add, &x, &y) } else { vm.binary(BinOp::Add, &x, &y) }
}

fn concat(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    concat_with(vm, a, false)
}

fn iconcat(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    concat_with(vm, a, true)
}

fn count_of(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (items, wanted) = (a[0].take(), a[1].take());
    let mut count = 0;
    vm.for_each(&items, |vm, item| {
        count += i64::from(item.is(&wanted) || vm.eq(&item, &wanted)?);
        Ok(true)
    })?;
    Ok(Value::Int(count))
}

fn index_of(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (items, wanted) = (a[0].take(), a[1].take());
    let (mut at, mut found) = (0, false);
    vm.for_each(&items, |vm, item| {
        found = item.is(&wanted) || vm.eq(&item, &wanted)?;
        at += 1;
        Ok(!found)
    })?;
    if found { Ok(Value::Int(at - 1)) } else { Err(vm.value_error("sequence.index(x): x not in sequence")) }
}

fn length_hint(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let default = match a[1].given() {
        Some(v) => vm.index_i64(&v.clone())?,
        None => 0,
    };
    let obj = a[0].take();
    let (len, hint) = (vm.names.len.clone(), vm.intern("__length_hint__"));
    let class = vm.class_of(&obj);
    let hinted = class.lookup(&len).is_some() || class.lookup(&hint).is_some();
    if hinted { vm.length_hint(&obj).map(Value::from) } else { Ok(Value::Int(default)) }
}

fn call(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let pairs = crate::types::object::keyword_pairs(crate::types::object::kwargs_of(a, n, 1));
    let args = a.get(1..n).unwrap_or_default().to_vec();
    vm.call_with(&a[0].clone(), &args, &pairs)
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("lt", "(a, b, /)", lt, "Same as a < b."),
    Builtin::new("le", "(a, b, /)", le, "Same as a <= b."),
    Builtin::new("eq", "(a, b, /)", eq, "Same as a == b."),
    Builtin::new("ne", "(a, b, /)", ne, "Same as a != b."),
    Builtin::new("ge", "(a, b, /)", ge, "Same as a >= b."),
    Builtin::new("gt", "(a, b, /)", gt, "Same as a > b."),
    Builtin::new("not_", "(a, /)", not, "Same as not a."),
    Builtin::new("truth", "(a, /)", truth, "Return True if a is true, False otherwise."),
    Builtin::new("is_", "(a, b, /)", is, "Same as a is b."),
    Builtin::new("is_not", "(a, b, /)", is_not, "Same as a is not b."),
    Builtin::new("abs", "(a, /)", abs, "Same as abs(a)."),
    Builtin::new("add", "(a, b, /)", add, "Same as a + b."),
    Builtin::new("and_", "(a, b, /)", and, "Same as a & b."),
    Builtin::new("floordiv", "(a, b, /)", floordiv, "Same as a // b."),
    Builtin::new("index", "(a, /)", index, "Same as a.__index__()"),
    Builtin::new("inv", "(a, /)", invert, "Same as ~a."),
    Builtin::new("invert", "(a, /)", invert, "Same as ~a."),
    Builtin::new("lshift", "(a, b, /)", lshift, "Same as a << b."),
    Builtin::new("mod", "(a, b, /)", modulo, "Same as a % b."),
    Builtin::new("mul", "(a, b, /)", mul, "Same as a * b."),
    Builtin::new("matmul", "(a, b, /)", matmul, "Same as a @ b."),
    Builtin::new("neg", "(a, /)", neg, "Same as -a."),
    Builtin::new("or_", "(a, b, /)", or, "Same as a | b."),
    Builtin::new("pos", "(a, /)", pos, "Same as +a."),
    Builtin::new("pow", "(a, b, /)", pow, "Same as a ** b."),
    Builtin::new("rshift", "(a, b, /)", rshift, "Same as a >> b."),
    Builtin::new("sub", "(a, b, /)", sub, "Same as a - b."),
    Builtin::new("truediv", "(a, b, /)", truediv, "Same as a / b."),
    Builtin::new("xor", "(a, b, /)", xor, "Same as a ^ b."),
    Builtin::new("concat", "(a, b, /)", concat, "Same as a + b, for a and b sequences."),
    Builtin::new("contains", "(a, b, /)", contains, "Same as b in a (note reversed operands)."),
    Builtin::new("countOf", "(a, b, /)", count_of, "Return the number of items in a which are, or which equal, b."),
    Builtin::new("delitem", "(a, b, /)", delitem, "Same as del a[b]."),
    Builtin::new("getitem", "(a, b, /)", getitem, "Same as a[b]."),
    Builtin::new("indexOf", "(a, b, /)", index_of, "Return the first index of b in a."),
    Builtin::new("setitem", "(a, b, c, /)", setitem, "Same as a[b] = c."),
    Builtin::new("length_hint", "(obj, default=0, /)", length_hint, "Return an estimate of the number of items in obj."),
    Builtin::new("call", "(obj, /, *args, **kwargs)", call, "Same as obj(*args, **kwargs)."),
    Builtin::new("iadd", "(a, b, /)", iadd, "Same as a += b."),
    Builtin::new("iand", "(a, b, /)", iand, "Same as a &= b."),
    Builtin::new("iconcat", "(a, b, /)", iconcat, "Same as a += b, for a and b sequences."),
    Builtin::new("ifloordiv", "(a, b, /)", ifloordiv, "Same as a //= b."),
    Builtin::new("ilshift", "(a, b, /)", ilshift, "Same as a <<= b."),
    Builtin::new("imod", "(a, b, /)", imod, "Same as a %= b."),
    Builtin::new("imul", "(a, b, /)", imul, "Same as a *= b."),
    Builtin::new("imatmul", "(a, b, /)", imatmul, "Same as a @= b."),
    Builtin::new("ior", "(a, b, /)", ior, "Same as a |= b."),
    Builtin::new("ipow", "(a, b, /)", ipow, "Same as a **= b."),
    Builtin::new("irshift", "(a, b, /)", irshift, "Same as a >>= b."),
    Builtin::new("isub", "(a, b, /)", isub, "Same as a -= b."),
    Builtin::new("itruediv", "(a, b, /)", itruediv, "Same as a /= b."),
    Builtin::new("ixor", "(a, b, /)", ixor, "Same as a ^= b."),
];

/// The same functions under the names of the special methods.
const DUNDERS: &[(&str, &str)] = &[
    ("__lt__", "lt"),
    ("__le__", "le"),
    ("__eq__", "eq"),
    ("__ne__", "ne"),
    ("__ge__", "ge"),
    ("__gt__", "gt"),
    ("__not__", "not_"),
    ("__abs__", "abs"),
    ("__add__", "add"),
    ("__and__", "and_"),
    ("__floordiv__", "floordiv"),
    ("__index__", "index"),
    ("__inv__", "inv"),
    ("__invert__", "invert"),
    ("__lshift__", "lshift"),
    ("__mod__", "mod"),
    ("__mul__", "mul"),
    ("__matmul__", "matmul"),
    ("__neg__", "neg"),
    ("__or__", "or_"),
    ("__pos__", "pos"),
    ("__pow__", "pow"),
    ("__rshift__", "rshift"),
    ("__sub__", "sub"),
    ("__truediv__", "truediv"),
    ("__xor__", "xor"),
    ("__concat__", "concat"),
    ("__contains__", "contains"),
    ("__delitem__", "delitem"),
    ("__getitem__", "getitem"),
    ("__setitem__", "setitem"),
    ("__call__", "call"),
    ("__iadd__", "iadd"),
    ("__iand__", "iand"),
    ("__iconcat__", "iconcat"),
    ("__ifloordiv__", "ifloordiv"),
    ("__ilshift__", "ilshift"),
    ("__imod__", "imod"),
    ("__imul__", "imul"),
    ("__imatmul__", "imatmul"),
    ("__ior__", "ior"),
    ("__ipow__", "ipow"),
    ("__irshift__", "irshift"),
    ("__isub__", "isub"),
    ("__itruediv__", "itruediv"),
    ("__ixor__", "ixor"),
];
