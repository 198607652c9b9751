//! Calls. Arguments are evaluated straight into the window that the callee will run on; a method found in the class
//! is called without making a bound method.

use super::Ex;
use super::attr::Cache;
use super::cx::{Cx, arg_value, located};
use super::ops::Operand;
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr, ExprKind};
use crate::value::dict::Dict;
use crate::value::func::NativeFn;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::call::clear;

/// Natives that look at the frame that calls them.
const FRAME_AWARE: &[&str] = &["locals", "globals", "vars", "dir", "eval", "exec", "__import__"];

impl Cx<'_> {
    /// `func(args)`.
    pub fn call(&mut self, func: &Expr, args: &[Arg], span: Span) -> Ex {
        if let ExprKind::Name(n) = &func.kind {
            if &**n == "super" && args.is_empty() && self.scope.places.contains_key("__class__") {
                return self.zero_super(func, span);
            }
            if FRAME_AWARE.contains(&&**n) && matches!(self.place(n), crate::resolve::Place::Global | crate::resolve::Place::Namespace) {
                return self.frame_aware_call(func, args, span);
            }
        }
        if self.threaded { self.threaded_call(func, args, span) } else { self.plain_call(func, args, span) }
    }

    fn plain_call(&mut self, func: &Expr, args: &[Arg], span: Span) -> Ex {
        let is_simple = args.iter().all(|a| matches!(a, Arg::Pos(_)));
        if let (ExprKind::Attribute { value, name }, true) = (&func.kind, is_simple) {
            return self.method_call(value, &name.name, args, span, func.span);
        }
        let later = self.any_suspends(args.iter().map(arg_value));
        if !is_simple {
            return self.general_call(func, args, span);
        }
        let n = args.len();
        let func = self.operand_before(func, later);
        self.with_window(n + 1, |cx, h| {
            let args = cx.window_args(args);
            match <[Operand; 1]>::try_from(args) {
                Ok([a]) => ex(move |vm, fr| {
                    let f = func.eval(vm, fr)?;
                    fr[h] = a.eval(vm, fr)?;
                    let r = call_evaluated(vm, &f, &mut fr[h..], 1);
                    located(vm, span, r)
                }),
                Err(args) => ex(move |vm, fr| {
                    let f = func.eval(vm, fr)?;
                    fill(vm, fr, h, &args)?;
                    let r = call_evaluated(vm, &f, &mut fr[h..], n);
                    located(vm, span, r)
                }),
            }
        })
    }

    /// The arguments of a call, each saved when a later one may suspend.
    pub(super) fn window_args(&mut self, args: &[Arg]) -> Vec<Operand> {
        let exprs: Vec<&Expr> = args.iter().map(arg_value).collect();
        self.operands_in_order(&exprs)
    }

    /// Expressions that are evaluated one after another, each saved when a later one may suspend.
    pub fn exprs_in_order(&mut self, exprs: &[&Expr]) -> Vec<Ex> {
        let last = if self.can_suspend { exprs.iter().rposition(|e| self.suspends(e)) } else { None };
        exprs.iter().enumerate().map(|(i, e)| if last.is_some_and(|l| i < l) { self.saved(e) } else { self.expr(e) }).collect()
    }

    /// `value.name(args)`.
    fn method_call(&mut self, value: &Expr, name: &str, args: &[Arg], span: Span, func_span: Span) -> Ex {
        let name = self.name(name);
        let n = args.len();
        let later = self.any_suspends(args.iter().map(arg_value));
        let receiver = self.operand_before(value, later);
        let cache = Cache::default();
        self.with_window(n + 2, |cx, h| {
            let args = cx.window_args(args);
            match <[Operand; 1]>::try_from(args) {
                Ok([a]) => ex(move |vm, fr| {
                    let obj = receiver.eval(vm, fr)?;
                    match find_method(vm, &cache, &obj, &name) {
                        Some(method) => {
                            fr[h] = obj;
                            fr[h + 1] = match a.eval(vm, fr) {
                                Ok(v) => v,
                                Err(t) => {
                                    fr[h] = Value::Unbound;
                                    return Err(t);
                                }
                            };
                            let r = call_found(vm, &method, &mut fr[h..], 2);
                            located(vm, span, r)
                        }
                        None => slow_method(vm, fr, &obj, (&cache, &name), h, std::slice::from_ref(&a), span, func_span),
                    }
                }),
                Err(args) => ex(move |vm, fr| {
                    let obj = receiver.eval(vm, fr)?;
                    match find_method(vm, &cache, &obj, &name) {
                        Some(method) => {
                            fr[h] = obj;
                            if let Err(t) = fill(vm, fr, h + 1, &args) {
                                fr[h] = Value::Unbound;
                                return Err(t);
                            }
                            let r = call_found(vm, &method, &mut fr[h..], n + 1);
                            located(vm, span, r)
                        }
                        None => slow_method(vm, fr, &obj, (&cache, &name), h, &args, span, func_span),
                    }
                }),
            }
        })
    }

    /// A call with keywords, `*args` or `**kwargs`.
    fn general_call(&mut self, func: &Expr, args: &[Arg], span: Span) -> Ex {
        let later = self.any_suspends(args.iter().map(arg_value));
        let func = if later { self.saved(func) } else { self.expr(func) };
        let is_static = args.iter().all(|a| matches!(a, Arg::Pos(_) | Arg::Keyword(..)));
        if is_static {
            return self.keyword_call(func, args, span);
        }
        let parts = self.parts(args);
        let window = self.window();
        Box::new(move |vm, fr| {
            let f = func(vm, fr)?;
            let mut collected = Collected::default();
            for (part, value) in &parts {
                let v = value(vm, fr)?;
                let r = collected.add(vm, part, v, &f);
                located(vm, span, r)?;
            }
            let r = collected.call(vm, &f, &mut fr[window..]);
            located(vm, span, r)
        })
    }

    /// A call whose keywords are all written out.
    fn keyword_call(&mut self, func: Ex, args: &[Arg], span: Span) -> Ex {
        let n = args.iter().filter(|a| matches!(a, Arg::Pos(_))).count();
        let names: Vec<Ref> = args.iter().filter_map(|a| if let Arg::Keyword(k, _) = a { Some(self.vm.intern(&k.name)) } else { None }).collect();
        self.with_window(args.len() + 1, |cx, h| {
            let args = cx.window_args(args);
            ex(move |vm, fr| {
                let f = func(vm, fr)?;
                fill(vm, fr, h, &args)?;
                let r = vm.call_keywords(&f, &mut fr[h..], n, &names);
                located(vm, span, r)
            })
        })
    }

    /// Arguments that are collected at run time, with how each is written.
    ///
    /// Positional arguments are evaluated before keyword arguments, wherever they stand.
    pub(super) fn parts(&mut self, args: &[Arg]) -> Vec<(Part, Ex)> {
        let is_keyword = |a: &&Arg| matches!(a, Arg::Keyword(..) | Arg::DoubleStar(_));
        let args: Vec<&Arg> = args.iter().filter(|a| !is_keyword(a)).chain(args.iter().filter(is_keyword)).collect();
        let last = args.iter().rposition(|a| self.suspends(arg_value(a)));
        let mut parts = Vec::new();
        let is_lone = args.iter().filter(|a| !is_keyword(a)).count() == 1;
        for (i, arg) in args.into_iter().enumerate() {
            let is_before = last.is_some_and(|l| i < l);
            let value = match arg {
                Arg::Star(e) if is_before => self.saved_items(e),
                Arg::Star(e) => self.star_items(e),
                _ if is_before => self.saved(arg_value(arg)),
                _ => self.expr(arg_value(arg)),
            };
            let part = match arg {
                Arg::Pos(_) => Part::Positional,
                Arg::Star(_) => {
                    if is_lone {
                        Part::Star
                    } else {
                        Part::StarAmong
                    }
                }
                Arg::Keyword(n, _) => Part::Keyword(self.vm.intern(&n.name)),
                Arg::DoubleStar(_) => Part::DoubleStar,
            };
            parts.push((part, value));
        }
        parts
    }

    /// The arguments of a class statement or a decorator-like call, collected at run time.
    pub fn collected_args(&mut self, args: &[Arg], span: Span) -> impl Fn(&mut Vm, &mut [Value]) -> R<Collected> + 'static {
        let parts = self.parts(args);
        move |vm, fr| {
            let mut collected = Collected::default();
            for (part, value) in &parts {
                let v = value(vm, fr)?;
                let r = collected.add(vm, part, v, &Value::None);
                located(vm, span, r)?;
            }
            Ok(collected)
        }
    }

    /// `super()` without arguments: the class comes from the `__class__` cell, the object is the first parameter.
    fn zero_super(&mut self, func: &Expr, span: Span) -> Ex {
        let func = self.expr(func);
        let cell = match self.place("__class__") {
            crate::resolve::Place::Free(i) => Some(self.scope.free_slot(i)),
            crate::resolve::Place::Cell(slot) => Some(slot),
            _ => None,
        };
        let first_is_cell = self.scope.is_cell.first().copied().unwrap_or(false);
        let has_first = !self.scope.locals.is_empty();
        Box::new(move |vm, fr| {
            let f = func(vm, fr)?;
            let is_super = matches!(f.as_class(), Some(c) if std::ptr::eq(c, &raw const *vm.types.super_));
            if !is_super {
                let r = vm.call(&f, &[]);
                return located(vm, span, r);
            }
            if !has_first {
                let t = vm.runtime_error("super(): no arguments");
                return Err(vm.at(span, t));
            }
            let Some(cell) = cell else {
                let t = vm.runtime_error("super(): __class__ cell not found");
                return Err(vm.at(span, t));
            };
            let class = super::name::load_cell(fr, cell);
            if class.is_unbound() {
                let t = vm.runtime_error("super(): empty __class__ cell");
                return Err(vm.at(span, t));
            }
            let obj = if first_is_cell { super::name::load_cell(fr, 0) } else { fr[0].clone() };
            if obj.is_unbound() {
                let t = vm.runtime_error("super(): arg[0] deleted");
                return Err(vm.at(span, t));
            }
            let Some(class) = class.to_class() else {
                let t = vm.runtime_error("super(): __class__ is not a type");
                return Err(vm.at(span, t));
            };
            let r = vm.make_super(&class, &obj);
            located(vm, span, r)
        })
    }

    /// The names that `locals()` shows, in CPython's order, with their slots and whether those hold cells.
    fn names_for_locals(&mut self) -> Vec<(Ref, usize, bool)> {
        let scope = self.scope.clone();
        let mut plain: Vec<(Ref, usize, bool)> = Vec::new();
        let mut cells: Vec<(Ref, usize, bool)> = Vec::new();
        for (i, name) in scope.locals.iter().enumerate() {
            let is_cell = scope.is_cell[i];
            let list = if is_cell { &mut cells } else { &mut plain };
            list.push((self.vm.intern(name), i, is_cell));
        }
        for (i, name) in scope.free.iter().enumerate() {
            cells.push((self.vm.intern(name), scope.free_slot(i), true));
        }
        plain.extend(cells);
        plain
    }

    /// A call of `locals`, `eval` and the like: the VM is told about this frame first.
    fn frame_aware_call(&mut self, func: &Expr, args: &[Arg], span: Span) -> Ex {
        let call = self.plain_call(func, args, span);
        let globals = self.unit.globals.clone();
        let has_namespace = self.scope.locals.first().is_some_and(|n| &**n == ".namespace");
        let is_module = self.scope.kind == crate::resolve::ScopeKind::Module && !has_namespace;
        let names = self.names_for_locals();
        let kept = if is_module || has_namespace { None } else { Some(self.locals_slot()) };
        Box::new(move |vm, fr| {
            let locals = match kept {
                Some(kept) => show_locals(fr, kept, &names),
                None => match &fr[0] {
                    Value::Obj(o) if has_namespace => o.clone(),
                    _ => globals.clone(),
                },
            };
            let previous = vm.caller.replace(crate::vm::Caller { globals: globals.clone(), locals });
            let result = call(vm, fr);
            vm.caller = previous;
            result
        })
    }
}

/// Brings the dict that `locals()` gives up to date; a frame has one, kept in a slot of its own.
fn show_locals(fr: &mut [Value], kept: usize, names: &[(Ref, usize, bool)]) -> Ref {
    let shown = match &fr[kept] {
        Value::Obj(o) => o.clone(),
        _ => Obj::dict(Dict::new()),
    };
    if let Some(dict) = shown.as_dict() {
        for (name, slot, is_cell) in names {
            let v = if *is_cell { super::name::load_cell(fr, *slot) } else { fr[*slot].clone() };
            let mut dict = dict.borrow_mut();
            let old = if v.is_unbound() { dict.remove_name(name) } else { dict.set_name(name, v) };
            std::mem::drop(dict);
            drop(old);
        }
    }
    fr[kept] = Value::Obj(shown.clone());
    shown
}

/// Boxes an expression's closure.
fn ex(f: impl Fn(&mut Vm, &mut [Value]) -> R + 'static) -> Ex {
    Box::new(f)
}

/// Evaluates arguments into a window; on failure the window is emptied.
#[inline(always)]
pub fn fill(vm: &mut Vm, fr: &mut [Value], h: usize, args: &[Operand]) -> R<()> {
    for (i, arg) in args.iter().enumerate() {
        match arg.eval(vm, fr) {
            Ok(v) => fr[h + i] = v,
            Err(t) => {
                clear(&mut fr[h..], i);
                return Err(t);
            }
        }
    }
    Ok(())
}

/// The method of the receiver's class, when it is a plain function and nothing of the instance stands before it.
#[inline(always)]
pub fn find_method(vm: &Vm, cache: &Cache, obj: &Value, name: &Ref) -> Option<Value> {
    if Vm::has_loose_attributes(obj) {
        return None;
    }
    let class = match obj.kind() {
        // An instance whose `__class__` was assigned has loose attributes.
        Some(Kind::Instance(i)) => &i.class,
        _ => vm.class_of(obj),
    };
    match cache.method(class) {
        Some(m) => Some(m),
        None => cache.learn_method(class, name),
    }
}

/// Calls a function that was found in the receiver's class.
#[inline(always)]
pub fn call_found(vm: &mut Vm, method: &Value, fr: &mut [Value], n: usize) -> R {
    match method.kind() {
        Some(Kind::Func(f)) if f.direct.get() == n as u32 => vm.invoke(f, fr),
        Some(Kind::NativeFn(f)) => call_native_found(vm, f, fr, n),
        _ => vm.call_window(method, fr, n),
    }
}

/// Calls a built-in whose receiver, if it has one, is known to be of its class.
#[inline(always)]
fn call_native_found(vm: &mut Vm, f: &NativeFn, fr: &mut [Value], n: usize) -> R {
    let shape = &f.def.shape;
    if n < shape.min as usize || n > shape.max as usize || shape.kwargs || fr.len() < n + shape.params as usize {
        return vm.call_native(f, fr, n);
    }
    let result = (f.def.call)(vm, fr, n);
    clear(fr, n.max(shape.params as usize));
    result
}

#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "the slow half of two closures")]
fn slow_method(vm: &mut Vm, fr: &mut [Value], obj: &Value, (cache, name): (&Cache, &Ref), h: usize, args: &[Operand], span: Span, func_span: Span) -> R {
    let f = vm.callee_attr(cache, obj, name);
    let f = located(vm, func_span, f)?;
    fill(vm, fr, h, args)?;
    let r = call_evaluated(vm, &f, &mut fr[h..], args.len());
    located(vm, span, r)
}

/// Calls whatever a callee was evaluated to; functions of modules go a short way.
#[inline(always)]
fn call_evaluated(vm: &mut Vm, callee: &Value, fr: &mut [Value], n: usize) -> R {
    match callee.kind() {
        Some(Kind::NativeFn(f)) if f.owner.is_none() => call_native_found(vm, f, fr, n),
        _ => vm.call_window(callee, fr, n),
    }
}

/// How an argument is written.
pub enum Part {
    Positional,
    /// The only positional argument.
    Star,
    /// One of several positional ones.
    StarAmong,
    Keyword(Ref),
    DoubleStar,
}

/// Arguments collected at run time.
#[derive(Default)]
pub struct Collected {
    pub positional: Vec<Value>,
    pub keywords: Vec<(Ref, Value)>,
}

impl Collected {
    pub(super) fn add(&mut self, vm: &mut Vm, part: &Part, v: Value, callee: &Value) -> R<()> {
        match part {
            Part::Positional => self.positional.push(v),
            Part::Star => {
                if !vm.is_iterable(&v) {
                    let (callee, name) = (vm.callee_name(callee), vm.class_name(&v));
                    return Err(vm.type_error(&format!("{callee} argument after * must be an iterable, not {name}")));
                }
                self.positional.extend(vm.collect(&v)?);
            }
            Part::StarAmong => self.positional.extend(vm.collect_star(&v)?),
            Part::Keyword(name) => self.add_keyword(vm, name.clone(), v, callee)?,
            Part::DoubleStar => self.spread(vm, &v, callee)?,
        }
        Ok(())
    }

    fn spread(&mut self, vm: &mut Vm, mapping: &Value, callee: &Value) -> R<()> {
        let keys = vm.names.keys.clone();
        if !matches!(mapping.native_kind(), Some(Kind::Dict(_))) && vm.get_attr_opt(mapping, &keys)?.is_none() {
            let (callee, name) = (vm.callee_name(callee), vm.class_name(mapping));
            return Err(vm.type_error(&format!("{callee} argument after ** must be a mapping, not {name}")));
        }
        let mapping = &if matches!(mapping.kind(), Some(Kind::Dict(_))) {
            mapping.clone()
        } else {
            let copy: Value = crate::value::Obj::dict(crate::value::dict::Dict::new()).into();
            crate::types::dict::update(vm, &copy, mapping)?;
            copy
        };
        for key in vm.collect(mapping)? {
            let value = vm.get_item(mapping, &key)?;
            match key.native() {
                Value::Obj(o) if o.as_str().is_some() => {
                    let name = vm.name_of(o.text());
                    self.add_keyword(vm, name, value, callee)?;
                }
                _ => return Err(vm.type_error("keywords must be strings")),
            }
        }
        Ok(())
    }

    fn add_keyword(&mut self, vm: &mut Vm, name: Ref, value: Value, callee: &Value) -> R<()> {
        if self.keywords.iter().any(|(n, _)| n.text() == name.text()) {
            let callee = vm.callee_name(callee);
            return Err(vm.type_error(&format!("{callee} got multiple values for keyword argument '{}'", name.text())));
        }
        self.keywords.push((name, value));
        Ok(())
    }

    fn call(self, vm: &mut Vm, f: &Value, fr: &mut [Value]) -> R {
        let (n, total) = (self.positional.len(), self.positional.len() + self.keywords.len());
        let names: Vec<Ref> = self.keywords.iter().map(|(n, _)| n.clone()).collect();
        let values = self.positional.into_iter().chain(self.keywords.into_iter().map(|(_, v)| v));
        if fr.len() <= total + 8 {
            let values: Vec<Value> = values.collect();
            return vm.on_segment(total + 16, |vm, segment| {
                for (slot, v) in segment.iter_mut().zip(values) {
                    *slot = v;
                }
                vm.call_any(f, segment, n, &names)
            });
        }
        for (slot, v) in fr.iter_mut().zip(values) {
            *slot = v;
        }
        vm.call_any(f, fr, n, &names)
    }
}

impl Vm {
    /// An attribute that is called at once; those of modules are found without ceremony.
    #[inline]
    pub fn callee_attr(&mut self, cache: &Cache, obj: &Value, name: &Ref) -> R {
        match cache.module_name(obj, name) {
            Some(v) => Ok(v),
            None => self.get_attr(obj, name),
        }
    }

    /// Calls with or without keywords.
    pub fn call_any(&mut self, f: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> R {
        if names.is_empty() { self.call_window(f, fr, n) } else { self.call_keywords(f, fr, n, names) }
    }

    /// How messages about a call's arguments name the callee: `module.function()`.
    fn callee_name(&mut self, callee: &Value) -> String {
        let names = self.names.clone();
        let part = |vm: &mut Self, name: &Ref| match vm.get_attr_opt(callee, name) {
            Ok(found) => found.filter(|v| !v.is_none()).and_then(|v| v.as_str().map(str::to_owned)),
            Err(_) => None,
        };
        match (part(self, &names.qualname), part(self, &names.module)) {
            (Some(name), Some(module)) if module != "builtins" => format!("{module}.{name}()"),
            (Some(name), _) => format!("{name}()"),
            (None, _) => self.str(callee).unwrap_or_default(),
        }
    }

    /// Whether `iter()` would accept a value.
    pub fn is_iterable(&self, v: &Value) -> bool {
        let class = self.class_of(v);
        class.lookup(&self.names.iter).is_some_and(|f| !f.is_none()) || class.lookup(&self.names.getitem).is_some()
    }
}
