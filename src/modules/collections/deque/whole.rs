//! Whole deques: copies, sums, multiples, comparisons, `repr`. The method's window comes in, the result goes out.

use super::{Deque, deque_of, fill, this};
use crate::syntax::ast::CmpOp;
use crate::value::{Obj, R, Value};
use crate::vm::Vm;

pub(super) fn copy(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    if vm.class_of(&a[0]).is(&d.class) {
        return Ok(d.same_kind(d.all()));
    }
    let (class, items) = (vm.class_of(&a[0]).into(), d.all().into());
    let max = d.maxlen.get();
    let args = max.map_or_else(|| vec![items], |max| vec![a[0].clone(), max.into()]);
    vm.call(&class, &args)
}

/// What the deque can be put together from again: its class, its bound, its attributes and its items.
pub(super) fn reduce(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let bound = this(&a[0]).maxlen.get().map(|max| [Value::Obj(Obj::tuple([])), max.into()]);
    let args = bound.map_or_else(|| Obj::tuple([]), Obj::tuple);
    let state = crate::modules::copy::state(vm, &a[0])?;
    let items = vm.iter(&a[0])?;
    Ok(Obj::tuple([vm.class_of(&a[0]).into(), args.into(), state, items]).into())
}

pub(super) fn add(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(other) = deque_of(&a[1]) else {
        let text = format!("can only concatenate deque (not \"{}\") to deque", vm.class_name(&a[1]));
        return Err(vm.type_error(&text));
    };
    let d = this(&a[0]);
    Ok(d.same_kind(d.all().into_iter().chain(other.all())))
}

pub(super) fn iadd(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    fill(vm, &a[0].clone(), &a[1].clone(), false)?;
    Ok(a[0].clone())
}

/// The items that many times, no more than the last that a bounded deque can hold.
fn repeated(vm: &mut Vm, d: &Deque, by: &Value) -> R<Option<Vec<Value>>> {
    if !vm.has_index(by) {
        return Ok(None);
    }
    let times = vm.index_i64(by)?.max(0) as usize;
    let all = d.all();
    let needed = d.maxlen.get().map_or(times, |max| times.min(max.div_ceil(all.len().max(1)) + 1));
    vm.check_size::<Value>(all.len(), needed)?;
    Ok(Some(std::iter::repeat_n(all, needed).flatten().collect()))
}

pub(super) fn mul(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    match repeated(vm, d, &a[1])? {
        Some(items) => Ok(d.same_kind(items)),
        None => {
            let text = format!("can't multiply sequence by non-int of type '{}'", vm.class_name(&a[1]));
            Err(vm.type_error(&text))
        }
    }
}

pub(super) fn imul(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let product = mul(vm, a, n)?;
    let d = this(&a[0]);
    d.changed();
    let old = d.items.replace(this(&product).items.take());
    drop(old);
    Ok(a[0].clone())
}

pub(super) fn compare(vm: &mut Vm, a: &[Value], op: CmpOp) -> R {
    let (Some(x), Some(y)) = (deque_of(&a[0]), deque_of(&a[1])) else { return Ok(vm.not_implemented.clone()) };
    let (x, y): (Value, Value) = (Obj::tuple(x.all()).into(), Obj::tuple(y.all()).into());
    let result = vm.compare_native(op, &x, &y)?;
    Ok(result.unwrap_or_else(|| vm.not_implemented.clone()))
}

pub(super) fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let d = this(&a[0]);
    let Value::Obj(whole) = a[0].clone() else { return Ok(Value::None) };
    let name = vm.class_of(&a[0]).name();
    if vm.repr_stack.iter().any(|o| std::rc::Rc::ptr_eq(o, &whole)) {
        return Ok("[...]".into());
    }
    vm.enter()?;
    vm.repr_stack.push(whole);
    let items: Value = d.all().into();
    let text = vm.repr(&items);
    vm.repr_stack.pop();
    vm.leave();
    let bound = d.maxlen.get().map_or_else(String::new, |max| format!(", maxlen={max}"));
    Ok(format!("{name}({}{bound})", text?).into())
}
