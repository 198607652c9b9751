//! Functions on iterables.

use crate::syntax::ast::{BinOp, CmpOp};
use crate::types::object::{keyword_pairs, kwargs_of};
use crate::types::sorting;
use crate::value::coro::{Coro, Role};
use crate::value::func::Builtin;
use crate::value::iter::Iter;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;

fn len(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.len(&a[0]).map(Value::from)
}

fn iter(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(sentinel) = a[1].given().cloned() else { return vm.iter(&a[0].clone()) };
    let func = a[0].clone();
    let is_callable = matches!(func.kind(), Some(Kind::Func(_) | Kind::NativeFn(_) | Kind::Method(_) | Kind::Class(_)))
        || vm.class_of(&func).lookup(&vm.names.call).is_some();
    if !is_callable {
        return Err(vm.type_error("iter(v, w): v must be callable"));
    }
    Ok(Obj::tracked(Kind::Iter(Box::new(std::cell::RefCell::new(Iter::Callable { func, sentinel })))).into())
}

fn next(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let iterator = a[0].clone();
    if !vm.is_iterator(&iterator) {
        let text = format!("'{}' object is not an iterator", vm.class_name(&iterator));
        return Err(vm.type_error(&text));
    }
    let default = a[1].given().cloned();
    let is_script = matches!(iterator.kind(), Some(Kind::Instance(_) | Kind::Derived(_)));
    if is_script && default.is_none() {
        // The script's own `StopIteration` comes out as it is.
        let name = vm.names.next.clone();
        if let Some(v) = vm.call_special(&iterator, &name, &[])? {
            return Ok(v);
        }
    }
    if let (Some(Kind::Coro(c)), None) = (iterator.kind(), &default)
        && (c.kind == crate::value::func::CodeKind::Generator || c.role != Role::Plain)
        && let Value::Obj(generator) = &iterator
    {
        return match vm.resume(generator, crate::value::coro::Sent::Value(Value::None))? {
            Ok(v) => Ok(v),
            Err(returned) => Err(vm.stop_iteration(returned)),
        };
    }
    if let (Some(Value::Obj(coroutine)), None) = (crate::types::coro::wrapped(&iterator), &default) {
        return match vm.resume(&coroutine, crate::value::coro::Sent::Value(Value::None))? {
            Ok(v) => Ok(v),
            Err(returned) => Err(vm.stop_iteration(returned)),
        };
    }
    match default {
        None => vm.next_or_stop(&iterator),
        Some(default) => Ok(vm.next(&iterator)?.unwrap_or(default)),
    }
}

fn all(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut result = true;
    vm.for_each(&a[0].clone(), |vm, v| {
        result = vm.truth(&v)?;
        Ok(result)
    })?;
    Ok(result.into())
}

fn any(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut result = false;
    vm.for_each(&a[0].clone(), |vm, v| {
        result = vm.truth(&v)?;
        Ok(!result)
    })?;
    Ok(result.into())
}

fn max(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    extreme(vm, a, n, "max", CmpOp::Gt)
}

fn min(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    extreme(vm, a, n, "min", CmpOp::Lt)
}

/// `max` and `min`: the first item that goes before all others by `op`.
fn extreme(vm: &mut Vm, a: &mut [Value], n: usize, name: &str, op: CmpOp) -> R {
    let (key, default) = (a[n].some().cloned(), a[n + 1].given().cloned());
    if n == 0 {
        return Err(vm.type_error(&format!("{name} expected at least 1 argument, got 0")));
    }
    if n > 1 && default.is_some() {
        return Err(vm.type_error(&format!("Cannot specify a default for {name}() with multiple positional arguments")));
    }
    let mut best: Option<(Value, Value)> = None;
    let mut consider = |vm: &mut Vm, item: Value| -> R<bool> {
        let rank = match &key {
            Some(f) => vm.call(f, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        let is_better = match &best {
            None => true,
            Some((_, best_rank)) => vm.compare_bool(op, &rank, best_rank)?,
        };
        if is_better {
            best = Some((item, rank));
        }
        Ok(true)
    };
    if n == 1 {
        vm.for_each(&a[0].clone(), consider)?;
    } else {
        for item in a.iter().take(n) {
            consider(vm, item.clone())?;
        }
    }
    match (best, default) {
        (Some((item, _)), _) | (None, Some(item)) => Ok(item),
        (None, None) => Err(vm.value_error(&format!("{name}() arg is an empty sequence"))),
    }
}

fn sum(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let start = a[1].given().cloned().unwrap_or(Value::Int(0));
    let refused = match start.native_kind() {
        Some(Kind::Str(_)) => "sum() can't sum strings [use ''.join(seq) instead]",
        Some(Kind::Bytes(_)) => "sum() can't sum bytes [use b''.join(seq) instead]",
        Some(Kind::ByteArray(_)) => "sum() can't sum bytearray [use b''.join(seq) instead]",
        _ => "",
    };
    if !refused.is_empty() {
        return Err(vm.type_error(refused));
    }
    let mut total = start;
    vm.for_each(&a[0].clone(), |vm, item| {
        total = match (&total, &item) {
            (Value::Int(x), Value::Int(y)) if x.checked_add(*y).is_some() => Value::Int(x + y),
            (Value::Float(x), Value::Float(y)) => Value::float(x.get() + y.get()),
            _ => vm.binary(BinOp::Add, &total, &item)?,
        };
        Ok(true)
    })?;
    Ok(total)
}

fn sorted(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if n != 1 {
        return Err(vm.type_error(&format!("sorted expected 1 argument, got {n}")));
    }
    let mut items = vm.collect(&a[0].clone())?;
    let (mut key, mut reverse) = (None, None);
    for (name, value) in keyword_pairs(kwargs_of(a, n, 0)) {
        match name.text() {
            "key" => key = value.some().cloned(),
            "reverse" => reverse = Some(value),
            other => return Err(vm.type_error(&format!("'{other}' is an invalid keyword argument for sort()"))),
        }
    }
    let reverse = match reverse {
        None => false,
        Some(r) => vm.index_i64(&r)? != 0,
    };
    sorting::sort(vm, &mut items, key.as_ref(), reverse)?;
    Ok(items.into())
}

fn aiter(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let names = vm.names.clone();
    let Some(iterator) = vm.call_special(&a[0].clone(), &names.aiter, &[])? else {
        let text = format!("'{}' object is not an async iterable", vm.class_name(&a[0]));
        return Err(vm.type_error(&text));
    };
    if vm.class_of(&iterator).lookup(&names.anext).is_none() {
        let text = format!("aiter() returned not an async iterator of type '{}'", vm.class_name(&iterator));
        return Err(vm.type_error(&text));
    }
    Ok(iterator)
}

fn anext(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let names = vm.names.clone();
    let Some(awaitable) = vm.call_special(&a[0].clone(), &names.anext, &[])? else {
        let text = format!("'{}' object is not an async iterator", vm.class_name(&a[0]));
        return Err(vm.type_error(&text));
    };
    match a[1].given().cloned() {
        None => Ok(awaitable),
        Some(default) => anext_or(vm, awaitable, default),
    }
}

/// An awaitable that gives `default` where the other one raises `StopAsyncIteration`.
fn anext_or(vm: &mut Vm, awaitable: Value, default: Value) -> R {
    let body = AnextOr { awaitable: Some(awaitable), iterator: Value::Unbound, default };
    let _ = vm;
    Ok(Obj::tracked(Kind::Coro(Coro::with_role(Box::new(body), Role::Anext))).into())
}

/// `anext(iterator, default)` while it is awaited.
struct AnextOr {
    awaitable: Option<Value>,
    /// What drives the awaitable once it was begun: a coroutine, or the iterator of its `__await__`.
    iterator: Value,
    default: Value,
}

impl crate::value::coro::NativeCoro for AnextOr {
    fn resume(&mut self, vm: &mut Vm, sent: crate::value::coro::Sent) -> R {
        use crate::value::coro::Sent;
        if let Some(awaitable) = self.awaitable.take() {
            let r#await = vm.names.r#await.clone();
            self.iterator = match awaitable.kind() {
                Some(Kind::Coro(_)) => awaitable,
                _ => {
                    if let Some(i) = vm.call_special(&awaitable, &r#await, &[])? {
                        i
                    } else {
                        let text = format!("object {} can't be used in 'await' expression", vm.class_name(&awaitable));
                        return Err(vm.type_error(&text));
                    }
                }
            };
        }
        let step = match (&self.iterator, sent) {
            (Value::Obj(o), sent) if matches!(o.kind, Kind::Coro(_)) => vm.resume(&o.clone(), sent),
            (_, Sent::Exc(e)) => Err(vm.rethrow(e)),
            (i, Sent::Value(_)) => match vm.next(&i.clone()) {
                Ok(Some(v)) => Ok(Ok(v)),
                Ok(None) => Ok(Err(Value::None)),
                Err(t) => Err(t),
            },
        };
        let stop = vm.types.stop_async_iteration.clone();
        match vm.catch(&stop, step)? {
            None => Ok(self.default.clone()),
            Some(Err(returned)) => Ok(returned),
            Some(Ok(yielded)) => match yielded {
                Value::Obj(o) if crate::event_loop::future::of(&o).is_some() => vm.suspend(crate::vm::Signal::Future(o)),
                other => vm.suspend(crate::vm::Signal::Yield(other)),
            },
        }
    }

    fn name(&self) -> &'static str {
        "anext"
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.iterator);
        visit(&self.default);
        self.awaitable.iter().for_each(visit);
    }
}

/// The rows.
pub const FUNCTIONS: &[Builtin] = &[
    Builtin::new("len", "(obj, /)", len, "Return the number of items in a container."),
    Builtin::new("iter", "(object, sentinel=None, /)", iter, "Get an iterator from an object."),
    Builtin::new("next", "(iterator, default=None, /)", next, "Return the next item from the iterator."),
    Builtin::new("all", "(iterable, /)", all, "Return True if bool(x) is True for all values x in the iterable."),
    Builtin::new("any", "(iterable, /)", any, "Return True if bool(x) is True for any x in the iterable."),
    Builtin::new("max", "(*args, key=None, default=None)", max, "Return the largest item, or the largest argument."),
    Builtin::new("min", "(*args, key=None, default=None)", min, "Return the smallest item, or the smallest argument."),
    Builtin::new("sum", "(iterable, /, start=0)", sum, "Return the sum of a 'start' value (default: 0) plus an iterable of numbers"),
    Builtin::new("sorted", "(*args, **kwargs)", sorted, "Return a new list containing all items from the iterable in ascending order."),
    Builtin::new("aiter", "(async_iterable, /)", aiter, "Return an AsyncIterator for an AsyncIterable object."),
    Builtin::new("anext", "(aiterator, default=None, /)", anext, "Return the next item from the async iterator."),
];
