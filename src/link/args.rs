//! Arguments with keywords, `*` or `**`: as they are written they come in; in the order in which a call wants them they go
//! out. It does not know how a callee binds them.

use super::Ex;
use super::call::{ex, fill};
use super::cx::{Cx, arg_value, located};
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr};
use crate::value::dict::Dict;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::Vm;

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

impl Cx<'_> {
    /// A call with keywords, `*args` or `**kwargs`.
    pub(super) fn general_call(&mut self, func: &Expr, args: &[Arg], span: Span) -> Ex {
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
            let collected = Collected::evaluated(vm, fr, &parts, &f, span)?;
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
        let last = args.iter().rposition(|a| self.arg_suspends(a));
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
                Arg::Star(_) if is_lone => Part::Star,
                Arg::Star(_) => Part::StarAmong,
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
        move |vm, fr| Collected::evaluated(vm, fr, &parts, &Value::None, span)
    }
}

impl Collected {
    /// Evaluates arguments in order; messages about them name the callee.
    pub(super) fn evaluated(vm: &mut Vm, fr: &mut [Value], parts: &[(Part, Ex)], callee: &Value, span: Span) -> R<Self> {
        let mut collected = Self::default();
        for (part, value) in parts {
            let v = value(vm, fr)?;
            let r = collected.add(vm, part, v, callee);
            located(vm, span, r)?;
        }
        Ok(collected)
    }

    fn add(&mut self, vm: &mut Vm, part: &Part, v: Value, callee: &Value) -> R<()> {
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
            let copy: Value = Obj::dict(Dict::new()).into();
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
