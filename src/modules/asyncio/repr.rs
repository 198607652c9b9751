//! Reprs of futures, tasks and handles, in CPython's form.

use crate::event_loop::future::{self, Callback, Future, Outcome, Stage};
use crate::event_loop::step::{repr, task_of};
use crate::event_loop::task::{Task, Waiting};
use crate::modules::functools::partial;
use crate::value::coro::{CoroBody, State};
use crate::value::{Kind, R, Ref, Value};
use crate::vm::Vm;

/// A coroutine's name with brackets, such as `main()`.
pub fn coroutine_name(coro: &Ref) -> String {
    let Kind::Coro(c) = &coro.kind else { return "?".to_owned() };
    match (&c.body, c.func()) {
        (_, Some(f)) => format!("{}()", f.qualname().as_str().unwrap_or("?")),
        (CoroBody::Native(body), _) => {
            let native = body.take();
            let name = native.as_ref().map_or("coroutine", |n| n.name());
            body.set(native);
            format!("{name}()")
        }
        (CoroBody::Script { .. }, None) => "?".to_owned(),
    }
}

fn coroutine_info(vm: &Vm, coro: &Ref) -> String {
    let name = coroutine_name(coro);
    let Kind::Coro(c) = &coro.kind else { return name };
    let is_done = c.state.get() == State::Finished;
    let Some(f) = c.func() else { return format!("{name} {}", if is_done { "done" } else { "running" }) };
    let place = if is_done { f.code.span } else { vm.place_of_frame(c).unwrap_or(f.code.span) };
    let line = f.code.source.line(place.start);
    let what = if is_done { "done, defined at" } else { "running at" };
    format!("{name} {what} {}:{line}", f.code.source.name)
}

/// `repr` of a future or task.
pub fn future_repr(vm: &mut Vm, v: &Value) -> R {
    let Some(obj) = v.obj().cloned() else { return Ok(Value::None) };
    let class = if is_gather(&obj) { "_GatheringFuture".into() } else { vm.class_of(v).name() };
    if vm.repr_stack.iter().any(|o| std::rc::Rc::ptr_eq(o, &obj)) {
        return Ok("...".into());
    }
    vm.enter()?;
    vm.repr_stack.push(obj.clone());
    let info = infos(vm, &obj);
    vm.repr_stack.pop();
    vm.leave();
    Ok(format!("<{class} {}>", info?.join(" ")).into())
}

fn is_gather(obj: &Ref) -> bool {
    future::of(obj).is_some_and(Future::is_gather)
}

fn infos(vm: &mut Vm, obj: &Ref) -> R<Vec<String>> {
    let Some(f) = future::of(obj) else { return Ok(Vec::new()) };
    let task = task_of(obj);
    let mut info = vec![f.stage().name().to_lowercase()];
    if let Some(t) = task {
        task_infos(vm, t, &mut info)?;
    }
    match f.stage() {
        Stage::Finished => {
            let shown = short(vm, &f.result())?;
            info.push(format!("result={shown}"));
        }
        Stage::Failed => {
            if let Some(e) = f.error() {
                info.push(format!("exception={}", vm.repr(&Value::Obj(e))?));
            }
        }
        Stage::Pending | Stage::Cancelled => {}
    }
    let callbacks = callbacks(vm, f);
    match callbacks.as_slice() {
        [] => {}
        [one] => info.push(format!("cb=[{one}]")),
        [a, b] => info.push(format!("cb=[{a}, {b}]")),
        [first, .., last] => info.push(format!("cb=[{first}, <{} more>, {last}]", callbacks.len() - 2)),
    }
    Ok(info)
}

fn task_infos(vm: &mut Vm, task: &Task, info: &mut Vec<String>) -> R<()> {
    if !task.future.is_done() && task.cancel_requests() > 0 {
        "cancelling".clone_into(&mut info[0]);
    }
    let name = task.name();
    info.push(format!("name={}", vm.repr(&name)?));
    info.push(match task.coro.get() {
        Some(coro) => format!("coro=<{}>", coroutine_info(vm, coro)),
        None => "coro=None".to_owned(),
    });
    match task.waiting() {
        Waiting::Nothing => {}
        Waiting::Future(f) => info.push(format!("wait_for={}", repr(vm, &f))),
        Waiting::Slept => {
            let shown = short(vm, &slept_result(task))?;
            info.push(format!("wait_for=<Future finished result={shown}>"));
        }
        Waiting::Woken => info.push("wait_for=<Future cancelled>".to_owned()),
        Waiting::Sleep(_) => info.push("wait_for=<Future pending cb=[Task.task_wakeup()]>".to_owned()),
    }
    Ok(())
}

/// What a sleep that is over gives.
fn slept_result(task: &Task) -> Value {
    let leaf = task.leaf.take();
    let body = leaf.as_ref().and_then(|l| match &l.kind {
        Kind::Coro(c) => Some(&c.body),
        _ => None,
    });
    let mut result = Value::None;
    if let Some(CoroBody::Native(body)) = body {
        let native = body.take();
        result = native.as_ref().map_or(Value::None, |n| n.awaited_result());
        body.set(native);
    }
    task.leaf.set(leaf);
    result
}

/// The repr of a result, cut as `reprlib` does.
fn short(vm: &mut Vm, result: &Value) -> R<String> {
    const MAX: usize = 30;
    let is_simple = matches!(result, Value::Int(_) | Value::None | Value::True | Value::False) || result.as_str().is_some_and(|s| s.len() < MAX - 2);
    let shown = if is_simple { vm.repr(result)? } else { String::new() };
    if is_simple && shown.len() <= MAX {
        return Ok(shown);
    }
    let shown = super::library::call(vm, "_short", std::slice::from_ref(result))?;
    Ok(vm.text_of(&shown))
}

/// What is shown of a callback.
enum Shown {
    /// The wake-up of a task.
    Wake(Ref),
    Callable(Value),
    Text(&'static str),
}

fn callbacks(vm: &mut Vm, f: &Future) -> Vec<String> {
    let mut shown = Vec::new();
    f.with_outcome(|outcome| match outcome {
        Outcome::Awaited(task) => shown.push(Shown::Wake(task.clone())),
        Outcome::Watched(all) => shown.extend(all.iter().map(|c| match c {
            Callback::Wake(task) => Shown::Wake(task.clone()),
            Callback::Call(c) => Shown::Callable(c.func.clone()),
            Callback::Stop => Shown::Text("_run_until_complete_cb()"),
            Callback::Gather(_) => Shown::Text("gather.<locals>._done_callback()"),
            Callback::Shielded(_) => Shown::Text("shield.<locals>._inner_done_callback()"),
            Callback::Shield(_) => Shown::Text("shield.<locals>._outer_done_callback()"),
        })),
        _ => {}
    });
    let text = |shown| match shown {
        Shown::Wake(task) => format!("{}.task_wakeup()", vm.class_of(&Value::Obj(task)).name()),
        Shown::Callable(func) => callable(vm, &func, &[]),
        Shown::Text(text) => text.to_owned(),
    };
    shown.into_iter().map(text).collect()
}

/// A callable with its arguments and place, as asyncio shows callbacks.
pub fn callable(vm: &mut Vm, func: &Value, args: &[Value]) -> String {
    let place = place(vm, func);
    let mut brackets = shown_arguments(vm, args, &[]);
    let mut func = func.clone();
    // A partial application shows its own arguments first, those of the call behind them.
    while let Some((inner, args, keywords)) = partial::parts_of(&func) {
        brackets.insert_str(0, &shown_arguments(vm, &args, &keywords));
        func = inner;
    }
    let inner = if let Some(Kind::Method(m)) = func.kind() { &m.func } else { &func };
    let name = match inner.kind() {
        Some(Kind::Func(f)) => f.qualname().as_str().unwrap_or("?").to_owned(),
        Some(Kind::NativeFn(f)) => f.owner.as_ref().map_or_else(|| f.def.name.to_owned(), |o| format!("{}.{}", o.name(), f.def.name)),
        Some(Kind::Native(_)) => {
            let qualname = vm.names.qualname.clone();
            let found = vm.get_attr_opt(inner, &qualname).ok().flatten();
            found.and_then(|n| n.as_str().map(str::to_owned)).unwrap_or_else(|| vm.repr(&func).unwrap_or_else(|_| "?".to_owned()))
        }
        _ => vm.repr(&func).unwrap_or_else(|_| "?".to_owned()),
    };
    format!("{name}{brackets}{place}")
}

fn shown_arguments(vm: &mut Vm, args: &[Value], keywords: &[(Ref, Value)]) -> String {
    let mut shown: Vec<String> = args.iter().map(|a| short(vm, a).unwrap_or_else(|_| "?".to_owned())).collect();
    for (name, value) in keywords {
        shown.push(format!("{}={}", name.text(), short(vm, value).unwrap_or_else(|_| "?".to_owned())));
    }
    format!("({})", shown.join(", "))
}

/// Where a callable is defined: what it wraps or applies counts.
fn place(vm: &mut Vm, func: &Value) -> String {
    let wrapped = vm.names.wrapped.clone();
    let mut func = func.clone();
    for _ in 0..vm.limits.recursion {
        let found = match func.kind() {
            Some(Kind::Func(_) | Kind::Native(_)) => vm.get_attr_opt(&func, &wrapped).ok().flatten().or_else(|| partial::function_of(&func)),
            _ => None,
        };
        match found {
            Some(inner) => func = inner,
            None => break,
        }
    }
    match func.kind() {
        Some(Kind::Func(f)) if !f.code.source.library => format!(" at {}:{}", f.code.source.name, f.code.source.line(f.code.span.start)),
        _ => String::new(),
    }
}

/// The repr that `object` gives, with more text in brackets: `<... [extra]>`.
pub fn with_extra(vm: &mut Vm, v: &Value, extra: &str) -> R {
    let plain = default_repr(vm, v)?;
    let inner = plain.strip_prefix('<').and_then(|p| p.strip_suffix('>')).unwrap_or(&plain);
    Ok(format!("<{inner} [{extra}]>").into())
}

/// The repr that `object` gives.
pub fn default_repr(vm: &mut Vm, v: &Value) -> R<String> {
    let method = vm.types.object.own(&vm.names.repr);
    match method {
        Some(m) => {
            let text = vm.call(&m, std::slice::from_ref(v))?;
            Ok(vm.text_of(&text))
        }
        None => Ok(format!("<{} object>", vm.class_of(v).name())),
    }
}
