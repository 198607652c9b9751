//! Calls. Arguments are evaluated straight into the window that the callee will run on; a method found in the class
//! is called without making a bound method.

use super::Ex;
use super::attr::Cache;
use super::cx::{Cx, arg_value, located};
use super::frame_aware::FRAME_AWARE;
use super::ops::Operand;
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr, ExprKind};
use crate::value::func::NativeFn;
use crate::value::{Kind, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::call::clear;

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

    pub(super) fn plain_call(&mut self, func: &Expr, args: &[Arg], span: Span) -> Ex {
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
}

/// Boxes an expression's closure.
pub(super) fn ex(f: impl Fn(&mut Vm, &mut [Value]) -> R + 'static) -> Ex {
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

impl Vm {
    /// An attribute that is called at once; those of modules are found without ceremony.
    #[inline]
    pub fn callee_attr(&mut self, cache: &Cache, obj: &Value, name: &Ref) -> R {
        match cache.module_name(obj, name) {
            Some(v) => Ok(v),
            None => self.get_attr(obj, name),
        }
    }
}
