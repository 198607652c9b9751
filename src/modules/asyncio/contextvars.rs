//! The classes of `contextvars`: `Context`, `ContextVar`, `Token`.

use super::classes::{self, instance, this, this_ref};
use crate::event_loop::context::{self, Context};
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// `Context`.
pub const CONTEXT: TypeDef = TypeDef {
    methods: CONTEXT_METHODS,
    getsets: &[],
    construct: Some(&NEW_CONTEXT),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "Values of context variables.",
};
/// `ContextVar`.
pub const VAR: TypeDef = TypeDef {
    methods: VAR_METHODS,
    getsets: VAR_GETSETS,
    construct: Some(&NEW_VAR),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "A variable with a value for each context.",
};
/// `Token`.
pub const TOKEN: TypeDef = TypeDef {
    methods: TOKEN_METHODS,
    getsets: TOKEN_GETSETS,
    construct: Some(&NEW_TOKEN),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "What takes a setting back.",
};

static NEW_CONTEXT: Builtin = Builtin::new("Context", "(*args, **kwargs)", new_context, "");
static NEW_VAR: Builtin = Builtin::new("ContextVar", "(name, /, *, default=None)", new_var, "");

static NEW_TOKEN: Builtin = Builtin::new("Token", "(*args, **kwargs)", |vm, _, _| Err(vm.runtime_error("Tokens can only be created by ContextVars")), "");

/// The functions.
pub const FUNCTIONS: &[Builtin] =
    &[Builtin::new("copy_context", "()", |vm, _, _| Ok(context::copy_of(&vm.event_loop.context)), "A copy of the current context.")];

const CONTEXT_METHODS: &[Builtin] = &[
    Builtin::new("run", "(self, /, *args, **kwargs)", run, "Calls a function in the context."),
    Builtin::new("copy", "(self, /)", |_, a, _| Ok(context::copy_of(&a[0])), "A copy."),
    Builtin::new("get", "(self, var, default=None, /)", context_get, "The value of a variable."),
    Builtin::new("__getitem__", "(self, var, /)", context_getitem, "The value of a variable."),
    Builtin::new("__contains__", "(self, var, /)", |vm, a, _| Ok(find(vm, a)?.is_some().into()), "Whether a variable is set."),
    Builtin::new("__eq__", "(self, value, /)", context_eq, "Return self==value."),
    Builtin::new("__len__", "(self, /)", |_, a, _| Ok(this::<Context>(&a[0]).bindings.borrow().len().into()), "How many variables are set."),
    Builtin::new(
        "__iter__",
        "(self, /)",
        |vm, a, _| {
            let keys = list(&a[0], |v, _| v);
            vm.iter(&keys)
        },
        "The variables.",
    ),
    Builtin::new("keys", "(self, /)", |_, a, _| Ok(list(&a[0], |v, _| v)), "The variables."),
    Builtin::new("values", "(self, /)", |_, a, _| Ok(list(&a[0], |_, x| x)), "The values."),
    Builtin::new("items", "(self, /)", |_, a, _| Ok(list(&a[0], |v, x| Obj::tuple([v, x]).into())), "Pairs of variable and value."),
];

const VAR_METHODS: &[Builtin] = &[
    Builtin::new("get", "(self, default=None, /)", var_get, "The value in the current context."),
    Builtin::new("set", "(self, value, /)", var_set, "Sets the value in the current context."),
    Builtin::new("reset", "(self, token, /)", var_reset, "Takes a setting back."),
    Builtin::new("__repr__", "(self, /)", var_repr, "The repr."),
];

const VAR_GETSETS: &[GetSet] = &[GetSet { name: "name", get: |_, v| Ok(this::<Var>(v).name.clone()), set: None }];

const TOKEN_METHODS: &[Builtin] = &[Builtin::new("__repr__", "(self, /)", token_repr, "The repr.")];

const TOKEN_GETSETS: &[GetSet] = &[
    GetSet { name: "var", get: |_, v| Ok(this::<Token>(v).var.clone().into()), set: None },
    GetSet { name: "old_value", get: |vm, v| Ok(this::<Token>(v).old.clone().unwrap_or_else(|| missing(vm))), set: None },
];

/// A context variable.
struct Var {
    name: Value,
    /// The default, if it has one.
    default: Value,
}

impl Native for Var {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| &c.context_var)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.name);
        visit(&self.default);
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// A setting that can be taken back.
struct Token {
    var: Ref,
    old: Option<Value>,
    used: std::cell::Cell<bool>,
    /// Where it was set.
    context: Value,
}

impl Native for Token {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| &c.token)
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.var.clone()));
        visit(&self.context);
        if let Some(old) = &self.old {
            visit(old);
        }
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// `Token.MISSING`.
fn missing(vm: &Vm) -> Value {
    classes::get(vm).token.own(&vm.names.token_missing).unwrap_or(Value::None)
}

/// `Token.MISSING`: the old value where there was none.
pub struct Missing;

/// Its class.
pub const MISSING: TypeDef =
    TypeDef { methods: MISSING_METHODS, getsets: &[], construct: None, solid: Solid::Builtin, flags: flag::FINAL | flag::NO_NEW, doc: "" };

const MISSING_METHODS: &[Builtin] = &[Builtin::new("__repr__", "(self, /)", |_, _, _| Ok("<Token.MISSING>".into()), "The repr.")];

impl Native for Missing {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        vm.event_loop.classes.get().map_or(&vm.types.object, |c| &c.token_missing)
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn new_context(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if n > 0 || a.first().is_some_and(|kwargs| kwargs.obj().and_then(|o| o.as_dict()).is_some_and(|d| !d.borrow().is_empty())) {
        return Err(vm.type_error("Context() does not accept any arguments"));
    }
    Ok(context::copy_of(&Value::Unbound))
}

/// The value that a context (the first argument) has for a variable (the second).
fn find(vm: &mut Vm, a: &[Value]) -> R<Option<Value>> {
    let [context, var, ..] = a else { return Ok(None) };
    if var.obj().is_none_or(|o| o.downcast::<Var>().is_none()) {
        let text = format!("a ContextVar key was expected, got {}", vm.repr(var)?);
        return Err(vm.type_error(&text));
    }
    let bindings = this::<Context>(context).bindings.borrow();
    Ok(bindings.iter().find(|(v, _)| Value::Obj(v.clone()).is(var)).map(|(_, value)| value.clone()))
}

/// Contexts are equal when they have the same variables with equal values.
fn context_eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let bindings = |v: &Value| v.obj().and_then(|o| o.downcast::<Context>()).map(|c| c.bindings.borrow().clone());
    let (Some(left), Some(right)) = (bindings(&a[0]), bindings(&a[1])) else { return Ok(vm.not_implemented.clone()) };
    if left.len() != right.len() {
        return Ok(Value::False);
    }
    for (var, value) in left.iter() {
        let other = right.iter().find(|(v, _)| std::rc::Rc::ptr_eq(v, var));
        if !other.map_or(Ok(false), |(_, other)| vm.eq(value, other))? {
            return Ok(Value::False);
        }
    }
    Ok(Value::True)
}

fn list(context: &Value, pick: impl Fn(Value, Value) -> Value) -> Value {
    let bindings = this::<Context>(context).bindings.borrow().clone();
    bindings.iter().map(|(v, x)| pick(Value::Obj(v.clone()), x.clone())).collect::<Vec<_>>().into()
}

fn run(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if n < 2 {
        return Err(vm.type_error("run() missing 1 required positional argument"));
    }
    let this_context = a[0].clone();
    let context = this::<Context>(&this_context);
    if context.entered.replace(true) {
        let shown = vm.repr(&this_context)?;
        return Err(vm.runtime_error(&format!("cannot enter context: {shown} is already entered")));
    }
    let mut args: Vec<Value> = a[1..n].iter_mut().map(Value::take).collect();
    let func = args.remove(0);
    // The keyword arguments' dict stands behind the named parameters.
    let keywords: Vec<(Ref, Value)> = (n..a.len().min(n + 4))
        .find_map(|i| {
            a[i].obj().and_then(|o| o.as_dict()).map(|d| d.borrow().iter().filter_map(|e| e.key.obj().map(|k| (k.clone(), e.value.clone()))).collect())
        })
        .unwrap_or_default();
    let before = std::mem::replace(&mut vm.event_loop.context, this_context.clone());
    let result = if keywords.is_empty() { vm.call(&func, &args) } else { vm.call_with(&func, &args, &keywords) };
    vm.event_loop.context = before;
    context.entered.set(false);
    result
}

fn context_get(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    Ok(find(vm, a)?.unwrap_or_else(|| if a[2].is_unbound() { Value::None } else { a[2].clone() }))
}

fn context_getitem(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    match find(vm, a)? {
        Some(v) => Ok(v),
        None => Err(vm.key_error(&a[1].clone())),
    }
}

fn new_var(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    if a[0].as_str().is_none() {
        return Err(vm.type_error("context variable name must be a str"));
    }
    let exact = classes::get(vm).context_var.clone();
    let var = Obj::native(Var { name: a[0].take(), default: a[1].take() });
    Ok(instance(&Value::None, &exact, var))
}

fn var_get(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let var = this_ref(&a[0]);
    if let Some(v) = context::get(vm, &var) {
        return Ok(v);
    }
    if let Some(default) = a[1].given() {
        return Ok(default.clone());
    }
    if let Some(v) = this::<Var>(&a[0]).default.given() {
        return Ok(v.clone());
    }
    let class = vm.types.lookup_error.clone();
    let exc = vm.new_exc(&class, vec![a[0].clone()]);
    Err(vm.raise(exc))
}

fn var_set(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let var = this_ref(&a[0]);
    let value = a[1].take();
    let old = context::set(vm, &var, Some(value));
    let context = vm.event_loop.context.clone();
    Ok(Obj::native(Token { var, old, used: std::cell::Cell::new(false), context }).into())
}

fn var_reset(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let var = this_ref(&a[0]);
    let Some(token) = a[1].obj().and_then(|o| o.downcast::<Token>()) else {
        let shown = vm.repr(&a[1].clone())?;
        return Err(vm.type_error(&format!("expected an instance of Token, got {shown}")));
    };
    if token.used.get() {
        let shown = vm.repr(&a[1].clone())?;
        return Err(vm.runtime_error(&format!("{shown} has already been used once")));
    }
    let is_same_var = std::rc::Rc::ptr_eq(&token.var, &var);
    if !is_same_var || !token.context.is(&vm.event_loop.context) {
        let shown = vm.repr(&a[1].clone())?;
        let other = if is_same_var { "in a different Context" } else { "by a different ContextVar" };
        return Err(vm.value_error(&format!("{shown} was created {other}")));
    }
    token.used.set(true);
    let old = token.old.clone();
    context::set(vm, &var, old);
    Ok(Value::None)
}

fn var_repr(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let (name, default) = (this::<Var>(&a[0]).name.clone(), this::<Var>(&a[0]).default.clone());
    let name = vm.repr(&name)?;
    let default = match default.given() {
        Some(d) => format!(" default={}", vm.repr(d)?),
        None => String::new(),
    };
    Ok(format!("<ContextVar name={name}{default} at {:#x}>", this_ref(&a[0]).id()).into())
}

fn token_repr(vm: &mut Vm, a: &mut [Value], _n: usize) -> R {
    let var = Value::Obj(this::<Token>(&a[0]).var.clone());
    let used = if this::<Token>(&a[0]).used.get() { " used" } else { "" };
    Ok(format!("<Token{used} var={} at {:#x}>", vm.repr(&var)?, this_ref(&a[0]).id()).into())
}
