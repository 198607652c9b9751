//! `functools.partial`: a callable with some of its arguments. Its parts and the arguments of a call come in; the call of
//! what it stands for goes out, in the same window.

use std::cell::RefCell;

use crate::types::descriptor::derive;
use crate::types::object::{class_label, keyword_pairs, kwargs_of};
use crate::value::class::Solid;
use crate::value::dict::Dict;
use crate::value::func::{Builtin, GetSet};
use crate::value::instance::Fields;
use crate::value::obj::{Caller, Native};
use crate::value::{Class, ClassRef, Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;
use crate::vm::attr::{dict_of, fields_of};
use crate::vm::call::clear;
use crate::vm::types::TypeDef;

/// What a partial application consists of.
#[derive(Clone)]
struct Parts {
    func: Value,
    /// A tuple.
    args: Value,
    /// A dict.
    keywords: Value,
}

/// A partial application.
struct Partial {
    class: ClassRef,
    parts: RefCell<Parts>,
    fields: RefCell<Fields>,
}

impl Native for Partial {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
        if let Ok(p) = self.parts.try_borrow() {
            [&p.func, &p.args, &p.keywords].into_iter().for_each(&mut *visit);
        }
        if let Ok(f) = self.fields.try_borrow() {
            f.trace(visit);
        }
    }

    fn caller(&self) -> Option<Caller> {
        Some(call)
    }

    fn fields(&self) -> Option<(&RefCell<Fields>, &Class)> {
        Some((&self.fields, &self.class))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn partial_of(v: &Value) -> Option<&Partial> {
    v.native().obj().and_then(|o| o.downcast())
}

/// The function of a partial application.
pub fn function_of(v: &Value) -> Option<Value> {
    partial_of(v).map(|p| p.parts.borrow().func.clone())
}

/// Function, positional arguments, keyword arguments.
pub type Taken = (Value, Vec<Value>, Vec<(Ref, Value)>);

/// The parts of a partial application.
pub fn parts_of(v: &Value) -> Option<Taken> {
    let parts = partial_of(v)?.parts.borrow().clone();
    Some((parts.func.clone(), parts.args.as_tuple().unwrap_or_default().to_vec(), keyword_pairs(dict_of_keywords(&parts).cloned())))
}

fn dict_of_keywords(parts: &Parts) -> Option<&Ref> {
    crate::vm::tables::dict_of(&parts.keywords)
}

// ---- calling ----------------------------------------------------------------------------------------------------

/// What a call of a partial application calls, once its arguments stand in the window.
pub struct Arranged {
    pub func: Value,
    pub positional: usize,
    pub names: Vec<Ref>,
}

/// Puts all arguments in order in the window; where it is too short for them, says for how many it must have room.
pub fn arrange(vm: &mut Vm, v: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> R<Result<Arranged, usize>> {
    let Some(partial) = partial_of(v) else { return Ok(Err(0)) };
    let parts = partial.parts.borrow();
    let args = parts.args.as_tuple().unwrap_or_default();
    let own = dict_of_keywords(&parts).and_then(|d| d.as_dict()).map_or(0, |d| d.borrow().len());
    let room = args.len() + n + own + names.len() + 1;
    if fr.len() < room {
        return Ok(Err(room));
    }
    let positional = n + args.len();
    if own == 0 {
        insert(fr, args, n + names.len());
        return Ok(Ok(Arranged { func: parts.func.clone(), positional, names: names.to_vec() }));
    }
    let held = parts.clone();
    drop(parts);
    let keywords = merge(vm, &held, fr, n, names)?;
    insert(fr, held.args.as_tuple().unwrap_or_default(), n + keywords.len());
    Ok(Ok(Arranged { func: held.func, positional, names: keywords }))
}

/// Puts values before the first `used` ones of a window.
fn insert(fr: &mut [Value], values: &[Value], used: usize) {
    if values.is_empty() {
        return;
    }
    fr[..used + values.len()].rotate_right(values.len());
    for (slot, v) in fr.iter_mut().zip(values) {
        *slot = v.clone();
    }
}

/// The keywords of a partial application followed by those given, which win; leaves their values behind the positional
/// arguments.
fn merge(vm: &mut Vm, parts: &Parts, fr: &mut [Value], n: usize, names: &[Ref]) -> R<Vec<Ref>> {
    let own = dict_of_keywords(parts).and_then(|d| d.as_dict());
    let stored: Vec<(Value, Value)> = own.map(|d| d.borrow().iter().map(|e| (e.key.clone(), e.value.clone())).collect()).unwrap_or_default();
    let mut merged: Vec<(Ref, Value)> = Vec::with_capacity(stored.len() + names.len());
    for (key, value) in stored {
        match key {
            Value::Obj(name) if name.as_str().is_some() => merged.push((name, value)),
            _ => {
                clear(fr, n + names.len());
                return Err(vm.type_error("keywords must be strings"));
            }
        }
    }
    for (i, name) in names.iter().enumerate() {
        let value = fr[n + i].take();
        match merged.iter_mut().find(|(known, _)| known.text() == name.text()) {
            Some((_, old)) => *old = value,
            None => merged.push((name.clone(), value)),
        }
    }
    let mut keywords = Vec::with_capacity(merged.len());
    for (i, (name, value)) in merged.into_iter().enumerate() {
        fr[n + i] = value;
        keywords.push(name);
    }
    Ok(keywords)
}

fn call(vm: &mut Vm, callee: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> R {
    match arrange(vm, callee, fr, n, names)? {
        Ok(arranged) => {
            if arranged.names.is_empty() {
                vm.call_window(&arranged.func, fr, arranged.positional)
            } else {
                vm.call_keywords(&arranged.func, fr, arranged.positional, &arranged.names)
            }
        }
        Err(room) => vm.on_segment(2 * room + 16, |vm, segment| {
            for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(n + names.len())) {
                *to = from.take();
            }
            call(vm, callee, segment, n, names)
        }),
    }
}

fn call_method(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let pairs = keyword_pairs(kwargs_of(a, n, 1));
    let args = a.get(1..n).unwrap_or_default().to_vec();
    vm.call_with(&a[0].native().clone(), &args, &pairs)
}

// ---- making -----------------------------------------------------------------------------------------------------

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (Some(class), Some(func)) = (a[0].to_class(), a.get(1).filter(|_| n > 1).cloned()) else {
        return Err(vm.type_error("type 'partial' takes at least one argument"));
    };
    if !crate::modules::builtins::attributes::is_callable(vm, &func) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let given = a.get(2..n).unwrap_or_default().to_vec();
    let keywords = keyword_pairs(kwargs_of(a, n, 1));
    let parts = flattened(vm, func, given, keywords);
    let own = class.mro_with_self().into_iter().find(|c| c.construct.is_some()).unwrap_or(class);
    let base = Obj::native(Partial { class: own, parts: RefCell::new(parts), fields: RefCell::default() }).into();
    derive(vm, &a[0], base)
}

/// The parts of a new partial application; one of another that has no attributes of its own takes its parts over.
fn flattened(vm: &Vm, func: Value, mut args: Vec<Value>, keywords: Vec<(Ref, Value)>) -> Parts {
    let inner = partial_of(&func).filter(|_| is_plain(vm, &func)).map(|p| p.parts.borrow().clone());
    let mut all = Dict::new();
    let mut function = func;
    if let Some(inner) = inner {
        args.splice(0..0, inner.args.as_tuple().unwrap_or_default().iter().cloned());
        if let Some(own) = dict_of_keywords(&inner).and_then(|d| d.as_dict()) {
            all = own.borrow().copy();
        }
        function = inner.func;
    }
    for (name, value) in keywords {
        all.set_name(&name, value);
    }
    Parts { func: function, args: Obj::tuple(args).into(), keywords: Obj::dict(all).into() }
}

/// Whether nobody has looked at the attributes of a partial application, nor exchanged its `__call__`.
fn is_plain(vm: &Vm, v: &Value) -> bool {
    let is_untouched = fields_of(v).is_some_and(|(fields, _)| matches!(&*fields.borrow(), Fields::Slots(slots) if slots.iter().all(Value::is_unbound)));
    let call = vm.class_of(v).lookup(&vm.names.call);
    is_untouched && matches!(call.as_ref().and_then(Value::kind), Some(Kind::NativeFn(_)))
}

// ---- as an object -----------------------------------------------------------------------------------------------

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (Value::Obj(whole), Some((func, args, keywords))) = (a[0].clone(), parts_of(&a[0])) else { return Ok(Value::None) };
    if vm.repr_stack.iter().any(|o| std::rc::Rc::ptr_eq(o, &whole)) {
        return Ok("...".into());
    }
    vm.enter()?;
    vm.repr_stack.push(whole);
    let shown = shown_parts(vm, &func, &args, &keywords);
    vm.repr_stack.pop();
    vm.leave();
    let class = vm.class_of(&a[0]).clone();
    let label = if class.has(crate::value::class::flag::HEAP) { class.qualname().to_string() } else { class_label(vm, &class) };
    Ok(format!("{label}({})", shown?.join(", ")).into())
}

fn shown_parts(vm: &mut Vm, func: &Value, args: &[Value], keywords: &[(Ref, Value)]) -> R<Vec<String>> {
    let mut shown = vec![vm.repr(func)?];
    for arg in args {
        shown.push(vm.repr(arg)?);
    }
    for (name, value) in keywords {
        shown.push(format!("{}={}", name.text(), vm.repr(value)?));
    }
    Ok(shown)
}

fn reduce(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(parts) = partial_of(&a[0]).map(|p| p.parts.borrow().clone()) else { return Ok(Value::None) };
    let has_own = !is_plain(vm, &a[0]);
    let own = if has_own { dict_of(&a[0]).map_or(Value::None, Value::Obj) } else { Value::None };
    let class = Value::from(vm.class_of(&a[0]));
    let state = Obj::tuple([parts.func.clone(), parts.args, parts.keywords, own]);
    Ok(Obj::tuple([class, Obj::tuple([parts.func]).into(), state.into()]).into())
}

fn setstate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (Some(partial), Some(state)) = (partial_of(&a[0]), a[1].as_tuple()) else { return Err(invalid_state(vm)) };
    let [func, args, keywords, own] = state else { return Err(invalid_state(vm)) };
    let is_valid = crate::modules::builtins::attributes::is_callable(vm, func)
        && args.as_tuple().is_some()
        && (keywords.is_none() || crate::vm::tables::dict_of(keywords).is_some());
    if !is_valid {
        return Err(invalid_state(vm));
    }
    let args = Obj::tuple(args.as_tuple().unwrap_or_default().to_vec()).into();
    let keywords = if keywords.is_none() { Obj::dict(Dict::new()).into() } else { keywords.clone() };
    let old = partial.parts.replace(Parts { func: func.clone(), args, keywords });
    drop(old);
    if !own.is_none() {
        vm.set_dict(&a[0].clone(), own.clone())?;
    }
    Ok(Value::None)
}

fn invalid_state(vm: &mut Vm) -> Thrown {
    vm.type_error("invalid partial state")
}

fn func(_: &mut Vm, v: &Value) -> R {
    Ok(function_of(v).unwrap_or(Value::None))
}

fn args(_: &mut Vm, v: &Value) -> R {
    Ok(partial_of(v).map_or(Value::None, |p| p.parts.borrow().args.clone()))
}

fn keywords(_: &mut Vm, v: &Value) -> R {
    Ok(partial_of(v).map_or(Value::None, |p| p.parts.borrow().keywords.clone()))
}

static NEW: Builtin = Builtin::new("partial", "(cls, /, *args, **kwargs)", new, "");

/// `partial`.
pub const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, /, *args, **kwargs)", new, "Create and return a new object."),
        Builtin::new("__call__", "(self, /, *args, **kwargs)", call_method, "Call self as a function."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
        Builtin::new("__reduce__", "(self, /)", reduce, ""),
        Builtin::new("__setstate__", "(self, state, /)", setstate, ""),
    ],
    getsets: &[
        GetSet { name: "func", get: func, set: Some(crate::types::rows::read_only) },
        GetSet { name: "args", get: args, set: Some(crate::types::rows::read_only) },
        GetSet { name: "keywords", get: keywords, set: Some(crate::types::rows::read_only) },
        GetSet { name: "__dict__", get: super::dict, set: Some(super::set_dict) },
    ],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "A new function with partial application of the given arguments and keywords.",
};
