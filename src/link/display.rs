//! Displays: tuples, lists, sets and dicts written out.

use super::Ex;
use super::cx::{Cx, located};
use crate::source::Span;
use crate::syntax::ast::{DictItem, Expr, ExprKind};
use crate::value::dict::Dict;
use crate::value::{Obj, R, Value};
use crate::vm::Vm;

/// An element and whether it is starred.
type Item = (bool, Span, Ex);

/// Evaluates elements into a vector; `collect` gives the items of starred ones.
fn evaluate(vm: &mut Vm, fr: &mut [Value], items: &[Item], collect: fn(&mut Vm, &Value) -> R<Vec<Value>>) -> R<Vec<Value>> {
    let mut values = Vec::with_capacity(items.len());
    for (is_starred, span, item) in items {
        let v = item(vm, fr)?;
        if *is_starred {
            let r = collect(vm, &v);
            values.extend(located(vm, *span, r)?);
        } else {
            values.push(v);
        }
    }
    Ok(values)
}

impl Vm {
    /// The items of `*v` among others.
    pub fn collect_star(&mut self, v: &Value) -> R<Vec<Value>> {
        let class = self.types.type_error.clone();
        match self.collect(v) {
            Err(t) if !self.is_suspending() && self.abort.is_none() && self.exc_is(&class) && self.is_not_iterable(v) => {
                let _ = t;
                drop(self.take_exc());
                let name = self.class_name(v);
                Err(self.type_error(&format!("Value after * must be an iterable, not {name}")))
            }
            r => r,
        }
    }

    fn is_not_iterable(&self, v: &Value) -> bool {
        let class = self.class_of(v);
        class.lookup(&self.names.iter).is_none() && class.lookup(&self.names.getitem).is_none()
    }
}

impl Cx<'_> {
    fn items(&mut self, items: &[Expr]) -> Vec<Item> {
        let last = items.iter().rposition(|e| self.suspends(e));
        let mut linked = Vec::new();
        for (i, e) in items.iter().enumerate() {
            let is_before = last.is_some_and(|l| i < l);
            let (is_starred, value) = match &e.kind {
                ExprKind::Starred(inner) if is_before => (true, self.saved_items(inner)),
                ExprKind::Starred(inner) => (true, self.star_items(inner)),
                _ if is_before => (false, self.saved(e)),
                _ => (false, self.expr(e)),
            };
            linked.push((is_starred, e.span, value));
        }
        linked
    }

    /// `a, b`.
    pub fn tuple(&mut self, items: &[Expr], _span: Span) -> Ex {
        let items = self.items(items);
        if items.iter().any(|i| i.0) {
            return Box::new(move |vm, fr| Ok(Value::Obj(Obj::tuple(evaluate(vm, fr, &items, Vm::collect_star)?))));
        }
        let items: Vec<Ex> = items.into_iter().map(|i| i.2).collect();
        match <[Ex; 2]>::try_from(items) {
            Ok([a, b]) => Box::new(move |vm, fr| {
                let a = a(vm, fr)?;
                let b = b(vm, fr)?;
                Ok(Value::Obj(Obj::tuple([a, b])))
            }),
            Err(items) => Box::new(move |vm, fr| {
                let mut values = Vec::with_capacity(items.len());
                for i in &items {
                    values.push(i(vm, fr)?);
                }
                Ok(Value::Obj(Obj::tuple(values)))
            }),
        }
    }

    /// `[a, b]`.
    pub fn list(&mut self, items: &[Expr], _span: Span) -> Ex {
        if items.is_empty() {
            return Box::new(|_, _| Ok(Value::Obj(Obj::list(Vec::new()))));
        }
        let items = self.items(items);
        Box::new(move |vm, fr| Ok(Value::Obj(Obj::list(evaluate(vm, fr, &items, Vm::collect_star)?))))
    }

    /// `{a, b}`.
    pub fn set(&mut self, items: &[Expr], span: Span) -> Ex {
        // CPython builds a set of three or more constants from a frozen one, which shows in the order.
        let constants: Option<Vec<Value>> = if items.len() >= 3 { items.iter().map(|i| self.constant(i)).collect() } else { None };
        let items = self.items(items);
        if self.threaded && constants.is_none() {
            let list: Ex = Box::new(move |vm, fr| Ok(Value::Obj(Obj::list(evaluate(vm, fr, &items, Vm::collect)?))));
            return self.threaded_set(list, span);
        }
        Box::new(move |vm, fr| {
            let r = match &constants {
                Some(c) => vm.new_constant_set(c.clone()),
                None => {
                    let values = evaluate(vm, fr, &items, Vm::collect)?;
                    vm.new_set(values)
                }
            };
            located(vm, span, r)
        })
    }

    /// `{key: value, **other}`.
    pub fn dict(&mut self, items: &[DictItem], span: Span) -> Ex {
        if self.threaded {
            return self.threaded_dict(items, span);
        }
        let mut exprs = Vec::new();
        for item in items {
            match item {
                DictItem::Pair(k, v) => exprs.extend([k, v]),
                DictItem::Spread(m) => exprs.push(m),
            }
        }
        let mut linked = self.exprs_in_order(&exprs).into_iter();
        let parts: Vec<(Option<Ex>, Ex)> = items
            .iter()
            .filter_map(|item| match item {
                DictItem::Pair(..) => linked.next().zip(linked.next()).map(|(k, v)| (Some(k), v)),
                DictItem::Spread(_) => linked.next().map(|m| (None, m)),
            })
            .collect();
        Box::new(move |vm, fr| {
            let dict = Value::Obj(Obj::dict(Dict::with_capacity(parts.len())));
            for (key, value) in &parts {
                match key {
                    Some(key) => {
                        let key = key(vm, fr)?;
                        let value = value(vm, fr)?;
                        let r = vm.dict_set(&dict, &key, value);
                        located(vm, span, r)?;
                    }
                    None => {
                        let mapping = value(vm, fr)?;
                        let r = vm.dict_merge(&dict, &mapping);
                        located(vm, span, r)?;
                    }
                }
            }
            Ok(dict)
        })
    }
}

impl Vm {
    /// `{**mapping}`: takes over all items of a mapping.
    pub fn dict_merge(&mut self, dict: &Value, mapping: &Value) -> R<()> {
        let keys_name = self.names.keys.clone();
        let is_dict = matches!(mapping.kind(), Some(crate::value::Kind::Dict(_)));
        if !is_dict && self.get_attr_opt(mapping, &keys_name)?.is_none() {
            let name = self.class_name(mapping);
            return Err(self.type_error(&format!("'{name}' object is not a mapping")));
        }
        crate::types::dict::update(self, dict, mapping)
    }
}
