//! Assignments of all forms, and `del`.

use super::cx::{Cx, located};
use super::name::{Global, drain};
use super::{Ex, St, Store};
use crate::resolve::{Place, ScopeKind};
use crate::source::Span;
use crate::syntax::ast::{BinOp, Expr, ExprKind};
use crate::value::{Flow, Kind, Obj, R, Value};
use crate::vm::Vm;

/// What a `for` or an assignment writes to.
pub enum Target {
    /// A slot of the frame.
    Local(usize),
    /// A name of the module.
    Global(Global),
    Other(Store),
}

impl Target {
    /// Writes.
    #[inline(always)]
    pub fn store(&self, vm: &mut Vm, fr: &mut [Value], value: Value) -> R<()> {
        match self {
            Self::Local(slot) => {
                let old = std::mem::replace(&mut fr[*slot], value);
                if let Value::Obj(o) = old {
                    drop(o);
                    drain(vm);
                }
                Ok(())
            }
            Self::Global(global) => {
                global.store(value);
                drain(vm);
                Ok(())
            }
            Self::Other(store) => store(vm, fr, value),
        }
    }
}

impl Cx<'_> {
    /// Links something that is assigned to.
    pub fn target(&mut self, e: &Expr) -> Target {
        if let ExprKind::Name(n) = &e.kind
            && let Place::Local(slot) = self.place(n)
        {
            return Target::Local(slot);
        }
        if let ExprKind::Name(n) = &e.kind
            && self.place(n) == Place::Global
        {
            let name = self.name(n);
            return Target::Global(Global::new(self, name));
        }
        Target::Other(self.store(e))
    }

    /// Links a store of any kind.
    pub fn store(&mut self, e: &Expr) -> Store {
        let span = e.span;
        match &e.kind {
            ExprKind::Name(n) => self.store_name(n),
            ExprKind::Attribute { value, name } => {
                let object = self.expr(value);
                let set = self.attribute_store(name, span);
                Box::new(move |vm, fr, value| {
                    let obj = object(vm, fr)?;
                    set(vm, &obj, value)
                })
            }
            ExprKind::Subscript { value, index } => {
                let object = if self.suspends(index) { self.saved(value) } else { self.expr(value) };
                let index = self.expr(index);
                Box::new(move |vm, fr, value| {
                    let obj = object(vm, fr)?;
                    let index = index(vm, fr)?;
                    store_item(vm, &obj, &index, value, span)
                })
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => self.unpack(items, span),
            ExprKind::Starred(inner) => self.store(inner),
            _ => unreachable!("the checker refuses other targets"),
        }
    }

    /// `a, *b, c = ...`.
    fn unpack(&mut self, items: &[Expr], span: Span) -> Store {
        if self.any_suspends(items) {
            return self.resumable_unpack(items, span);
        }
        let star = items.iter().position(|i| matches!(i.kind, ExprKind::Starred(_)));
        let targets: Vec<Target> = items.iter().map(|i| if let ExprKind::Starred(inner) = &i.kind { self.target(inner) } else { self.target(i) }).collect();
        Box::new(move |vm, fr, value| {
            let n = targets.len();
            if let (Some(Kind::Tuple(t)), None) = (value.kind(), star)
                && t.len() == n
            {
                for (target, v) in targets.iter().zip(t.iter()) {
                    target.store(vm, fr, v.clone())?;
                }
                return Ok(());
            }
            let r = vm.unpack(&value, n, star);
            let values = located(vm, span, r)?;
            for (target, v) in targets.iter().zip(values) {
                target.store(vm, fr, v)?;
            }
            Ok(())
        })
    }

    /// The same where some target suspends: the values are kept, and so is how many are stored.
    fn resumable_unpack(&mut self, items: &[Expr], span: Span) -> Store {
        let (kept, done) = (self.temp(), self.temp());
        let star = items.iter().position(|i| matches!(i.kind, ExprKind::Starred(_)));
        let targets: Vec<Target> = items.iter().map(|i| if let ExprKind::Starred(inner) = &i.kind { self.target(inner) } else { self.target(i) }).collect();
        Box::new(move |vm, fr, value| {
            if fr[kept].is_unbound() {
                let r = vm.unpack(&value, targets.len(), star);
                fr[kept] = Value::Obj(Obj::tuple(located(vm, span, r)?));
                fr[done] = Value::Int(0);
            }
            let values = fr[kept].clone();
            let first = if let Value::Int(n) = fr[done] { n as usize } else { 0 };
            for (i, (target, v)) in targets.iter().zip(values.as_tuple().unwrap_or_default()).enumerate().skip(first) {
                fr[done] = Value::Int(i as i64);
                if let Err(t) = target.store(vm, fr, v.clone()) {
                    if !vm.is_suspending() {
                        (fr[kept], fr[done]) = (Value::Unbound, Value::Unbound);
                    }
                    return Err(t);
                }
            }
            (fr[kept], fr[done]) = (Value::Unbound, Value::Unbound);
            Ok(())
        })
    }

    /// `a = b = value`.
    pub fn assign(&mut self, targets: &[Expr], value: &Expr, span: Span) -> St {
        let suspends_in_target = targets.iter().any(|t| self.target_suspends(t));
        if let ([target], false) = (targets, suspends_in_target) {
            return self.assign_one(target, value, span);
        }
        let is_unpacked = |t: &Expr| matches!(t.kind, ExprKind::Tuple(_) | ExprKind::List(_));
        let value = match targets {
            [target] if self.threaded && is_unpacked(target) => {
                let items = self.star_items(value);
                save_in(self.sticky_temp(), items)
            }
            _ if suspends_in_target => self.saved(value),
            _ => self.expr(value),
        };
        let mut stores = Vec::new();
        for t in targets {
            // A store whose own operands suspend must not run again once it is done.
            let done = if suspends_in_target { Some(self.sticky_temp()) } else { None };
            stores.push((self.target(t), done));
        }
        Box::new(move |vm, fr| {
            let v = value(vm, fr)?;
            for (store, done) in &stores {
                if done.is_some_and(|d| !fr[d].is_unbound()) {
                    continue;
                }
                store.store(vm, fr, v.clone())?;
                if let Some(d) = done {
                    fr[*d] = Value::True;
                }
            }
            Ok(Flow::Next)
        })
    }

    /// Whether a target's own operands suspend; a star in it does not by itself.
    fn target_suspends(&self, target: &Expr) -> bool {
        match &target.kind {
            ExprKind::Starred(inner) => self.target_suspends(inner),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(|t| self.target_suspends(t)),
            _ => self.suspends(target),
        }
    }

    fn assign_one(&mut self, target: &Expr, value: &Expr, _span: Span) -> St {
        match &target.kind {
            ExprKind::Attribute { value: object, name } => {
                let value = self.expr(value);
                let set = self.attribute_store(name, target.span);
                if let super::ops::Operand::Local(slot, local) = self.operand(object) {
                    let span = object.span;
                    return Box::new(move |vm, fr| {
                        let v = value(vm, fr)?;
                        if fr[slot].is_unbound() {
                            let t = super::name::unbound_local(vm, &local.name);
                            return Err(vm.at(span, t));
                        }
                        set(vm, &fr[slot], v)?;
                        Ok(Flow::Next)
                    });
                }
                let object = self.expr(object);
                Box::new(move |vm, fr| {
                    let v = value(vm, fr)?;
                    let obj = object(vm, fr)?;
                    set(vm, &obj, v)?;
                    Ok(Flow::Next)
                })
            }
            ExprKind::Tuple(items) if self.is_swap(items, value) => self.swap(items, value),
            _ => {
                let is_unpacked = matches!(target.kind, ExprKind::Tuple(_) | ExprKind::List(_));
                let value = if self.threaded && is_unpacked { super::ops::Operand::Expr(self.star_items(value)) } else { self.operand(value) };
                match self.target(target) {
                    Target::Local(slot) => Box::new(move |vm, fr| {
                        let v = value.eval(vm, fr)?;
                        let old = std::mem::replace(&mut fr[slot], v);
                        if let Value::Obj(o) = old {
                            drop(o);
                            drain(vm);
                        }
                        Ok(Flow::Next)
                    }),
                    Target::Global(global) => Box::new(move |vm, fr| {
                        let v = value.eval(vm, fr)?;
                        global.store(v);
                        drain(vm);
                        Ok(Flow::Next)
                    }),
                    Target::Other(store) => Box::new(move |vm, fr| {
                        let v = value.eval(vm, fr)?;
                        store(vm, fr, v)?;
                        Ok(Flow::Next)
                    }),
                }
            }
        }
    }

    /// `a, b = x, y` without stars: no tuple is made.
    fn is_swap(&self, targets: &[Expr], value: &Expr) -> bool {
        let plain = |items: &[Expr]| items.iter().all(|i| !matches!(i.kind, ExprKind::Starred(_)));
        match &value.kind {
            ExprKind::Tuple(values) => values.len() == 2 && targets.len() == 2 && plain(values) && plain(targets) && !self.any_suspends(values),
            _ => false,
        }
    }

    fn swap(&mut self, targets: &[Expr], value: &Expr) -> St {
        let ExprKind::Tuple(values) = &value.kind else { unreachable!("is_swap saw a tuple") };
        let (a, b) = (self.expr(&values[0]), self.expr(&values[1]));
        let (ta, tb) = (self.target(&targets[0]), self.target(&targets[1]));
        Box::new(move |vm, fr| {
            let a = a(vm, fr)?;
            let b = b(vm, fr)?;
            ta.store(vm, fr, a)?;
            tb.store(vm, fr, b)?;
            Ok(Flow::Next)
        })
    }

    /// `target op= value`.
    pub fn aug_assign(&mut self, target: &Expr, op: BinOp, value: &Expr, span: Span) -> St {
        let later = self.suspends(value);
        match &target.kind {
            ExprKind::Name(n) => {
                if let (Place::Local(slot), false) = (self.place(n), later) {
                    return self.aug_local(slot, n, op, value, span);
                }
                let load = self.load_name(n, target.span);
                let load: Ex = if later {
                    let slot = self.sticky_temp();
                    save_in(slot, load)
                } else {
                    load
                };
                let value = self.expr(value);
                let store = self.store_name(n);
                Box::new(move |vm, fr| {
                    let a = load(vm, fr)?;
                    let b = value(vm, fr)?;
                    let r = aug(vm, op, &a, &b, span)?;
                    drop(a);
                    store(vm, fr, r)?;
                    Ok(Flow::Next)
                })
            }
            ExprKind::Attribute { value: object, name } => {
                let object = if later { self.saved(object) } else { self.expr(object) };
                let load_name = self.name(&name.name);
                let cache = super::attr::Cache::default();
                let saved = if later { Some(self.sticky_temp()) } else { None };
                let value = self.expr(value);
                let set = self.attribute_store(name, target.span);
                let target_span = target.span;
                Box::new(move |vm, fr| {
                    let obj = object(vm, fr)?;
                    let a = match saved.map(|s| fr[s].clone()) {
                        Some(v) if !v.is_unbound() => v,
                        _ => match cache.load(&obj) {
                            Some(v) => v,
                            None => {
                                let r = vm.get_attr(&obj, &load_name);
                                let v = located(vm, target_span, r)?;
                                cache.learn_for(vm, &obj, &load_name);
                                v
                            }
                        },
                    };
                    if let Some(s) = saved {
                        fr[s] = a.clone();
                    }
                    let b = value(vm, fr)?;
                    let r = aug(vm, op, &a, &b, span)?;
                    drop(a);
                    set(vm, &obj, r)?;
                    Ok(Flow::Next)
                })
            }
            ExprKind::Subscript { value: object, index } => {
                let object = if later || self.suspends(index) { self.saved(object) } else { self.expr(object) };
                let index = if later { self.saved(index) } else { self.expr(index) };
                let saved = if later { Some(self.sticky_temp()) } else { None };
                let value = self.expr(value);
                let target_span = target.span;
                Box::new(move |vm, fr| {
                    let obj = object(vm, fr)?;
                    let key = index(vm, fr)?;
                    let a = match saved.map(|s| fr[s].clone()) {
                        Some(v) if !v.is_unbound() => v,
                        _ => {
                            let r = vm.get_item(&obj, &key);
                            located(vm, target_span, r)?
                        }
                    };
                    if let Some(s) = saved {
                        fr[s] = a.clone();
                    }
                    let b = value(vm, fr)?;
                    let r = aug(vm, op, &a, &b, span)?;
                    drop(a);
                    store_item(vm, &obj, &key, r, target_span)?;
                    Ok(Flow::Next)
                })
            }
            _ => unreachable!("the checker refuses other targets"),
        }
    }

    /// `local op= value`: numbers in place; a string that nobody else has grows in place.
    fn aug_local(&mut self, slot: usize, name: &str, op: BinOp, value: &Expr, span: Span) -> St {
        let name = self.name(name);
        if let (BinOp::Add, Some(Value::Int(c))) = (op, self.constant(value)) {
            return Box::new(move |vm, fr| {
                if let Value::Int(a) = &mut fr[slot]
                    && let Some(sum) = a.checked_add(c)
                {
                    *a = sum;
                    return Ok(Flow::Next);
                }
                aug_slow(vm, fr, slot, &name, op, &Value::Int(c), span)
            });
        }
        let value = self.expr(value);
        match op {
            BinOp::Add => Box::new(move |vm, fr| {
                if fr[slot].is_unbound() {
                    return aug_slow(vm, fr, slot, &name, op, &Value::None, span);
                }
                let b = value(vm, fr)?;
                match (&mut fr[slot], &b) {
                    (Value::Int(a), Value::Int(b)) => {
                        if let Some(sum) = a.checked_add(*b) {
                            *a = sum;
                            return Ok(Flow::Next);
                        }
                    }
                    (a @ Value::Float(_), Value::Float(y)) => {
                        if let Value::Float(x) = a {
                            *a = Value::float(x.get() + y.get());
                        }
                        return Ok(Flow::Next);
                    }
                    (Value::Obj(o), Value::Obj(p)) => {
                        if let Kind::Str(more) = &p.kind
                            && let Some(obj) = std::rc::Rc::get_mut(o)
                            && let Kind::Str(s) = &mut obj.kind
                        {
                            s.push_str(more.as_str());
                            obj.head.id.set(0);
                            return Ok(Flow::Next);
                        }
                    }
                    _ => {}
                }
                aug_slow(vm, fr, slot, &name, op, &b, span)
            }),
            _ => Box::new(move |vm, fr| {
                if fr[slot].is_unbound() {
                    return aug_slow(vm, fr, slot, &name, op, &Value::None, span);
                }
                let b = value(vm, fr)?;
                match (&mut fr[slot], &b, op) {
                    (Value::Int(a), Value::Int(b), BinOp::Sub) => {
                        if let Some(d) = a.checked_sub(*b) {
                            *a = d;
                            return Ok(Flow::Next);
                        }
                    }
                    (Value::Int(a), Value::Int(b), BinOp::Mul) => {
                        if let Some(d) = a.checked_mul(*b) {
                            *a = d;
                            return Ok(Flow::Next);
                        }
                    }
                    _ => {}
                }
                aug_slow(vm, fr, slot, &name, op, &b, span)
            }),
        }
    }

    /// `target: annotation = value`.
    pub fn ann_assign(&mut self, target: &Expr, annotation: &Expr, value: Option<&Expr>, simple: bool, span: Span) -> St {
        let in_function = !matches!(self.scope.kind, ScopeKind::Module | ScopeKind::Class);
        let assign = value.map(|v| self.assign(std::slice::from_ref(target), v, span));
        let note = match (&target.kind, in_function) {
            (_, true) => None,
            (ExprKind::Name(n), false) if simple => {
                let annotation = self.annotation(annotation);
                let name = Value::Obj(self.name(n));
                let store = self.annotations_dict();
                Some((annotation, Some((name, store))))
            }
            _ => Some((self.annotation(annotation), None)),
        };
        // A target without value is evaluated as far as its parts go.
        let parts = if value.is_none() && !in_function {
            match &target.kind {
                ExprKind::Attribute { value, .. } => Some(self.expr(value)),
                _ => None,
            }
        } else {
            None
        };
        Box::new(move |vm, fr| {
            if let Some(a) = &assign {
                a(vm, fr)?;
            }
            if let Some(p) = &parts {
                p(vm, fr)?;
            }
            if let Some((annotation, place)) = &note {
                let v = annotation(vm, fr)?;
                if let Some((name, dict)) = place {
                    let d = dict(vm, fr)?;
                    vm.set_item(&d, name, v)?;
                }
            }
            Ok(Flow::Next)
        })
    }

    /// `del a, b[0]`.
    pub fn delete(&mut self, targets: &[Expr]) -> St {
        let mut stmts: Vec<St> = Vec::new();
        for t in targets {
            let span = t.span;
            match &t.kind {
                ExprKind::Name(n) => stmts.push(self.delete_name(n, span)),
                ExprKind::Attribute { value, name } => {
                    let (object, name) = (self.expr(value), self.name(&name.name));
                    stmts.push(Box::new(move |vm, fr| {
                        let obj = object(vm, fr)?;
                        let r = vm.del_attr(&obj, &name);
                        located(vm, span, r)?;
                        drain(vm);
                        Ok(Flow::Next)
                    }));
                }
                ExprKind::Subscript { value, index } => {
                    let later = self.suspends(index);
                    let object = if later { self.saved(value) } else { self.expr(value) };
                    let index = self.expr(index);
                    stmts.push(Box::new(move |vm, fr| {
                        let obj = object(vm, fr)?;
                        let key = index(vm, fr)?;
                        let r = vm.del_item(&obj, &key);
                        located(vm, span, r)?;
                        drain(vm);
                        Ok(Flow::Next)
                    }));
                }
                ExprKind::Tuple(items) | ExprKind::List(items) => stmts.push(self.delete(items)),
                _ => unreachable!("the checker refuses other targets"),
            }
        }
        if stmts.len() > 1 && self.any_suspends(targets) {
            let slot = self.temp();
            return self.resumable_seq(slot, stmts);
        }
        super::stmt::sequence(stmts)
    }
}

fn save_in(slot: usize, e: Ex) -> Ex {
    Box::new(move |vm, fr| {
        if !fr[slot].is_unbound() {
            return Ok(fr[slot].clone());
        }
        let v = e(vm, fr)?;
        fr[slot] = v.clone();
        Ok(v)
    })
}

#[inline(always)]
fn aug(vm: &mut Vm, op: BinOp, a: &Value, b: &Value, span: Span) -> R {
    match (op, a, b) {
        (BinOp::Add, Value::Int(x), Value::Int(y)) => {
            if let Some(s) = x.checked_add(*y) {
                return Ok(Value::Int(s));
            }
        }
        (BinOp::Add, Value::Float(x), Value::Float(y)) => return Ok(Value::float(x.get() + y.get())),
        (BinOp::Sub, Value::Float(x), Value::Float(y)) => return Ok(Value::float(x.get() - y.get())),
        _ => {}
    }
    let r = vm.binary_in_place(op, a, b);
    located(vm, span, r)
}

#[inline(never)]
fn aug_slow(vm: &mut Vm, fr: &mut [Value], slot: usize, name: &crate::value::Ref, op: BinOp, b: &Value, span: Span) -> R<Flow> {
    let a = fr[slot].clone();
    if a.is_unbound() {
        let t = super::name::unbound_local(vm, name);
        return Err(vm.at(span, t));
    }
    let r = vm.binary_in_place(op, &a, b);
    let v = located(vm, span, r)?;
    drop(a);
    fr[slot] = v;
    drain(vm);
    Ok(Flow::Next)
}

/// `obj[key] = value`, lists with small indices first.
#[inline(always)]
fn store_item(vm: &mut Vm, obj: &Value, key: &Value, value: Value, span: Span) -> R<()> {
    if let (Value::Obj(o), Value::Int(i)) = (obj, key)
        && let Kind::List(l) = &o.kind
    {
        let mut items = l.borrow_mut();
        if let Some(slot) = items.get_mut(*i as usize) {
            let old = std::mem::replace(slot, value);
            drop(items);
            if let Value::Obj(o) = old {
                drop(o);
                drain(vm);
            }
            return Ok(());
        }
        drop(items);
    }
    let r = vm.set_item(obj, key, value);
    located(vm, span, r)?;
    drain(vm);
    Ok(())
}

impl Vm {
    /// Splits a value among `n` targets, one of which may take the rest as a list.
    pub fn unpack(&mut self, value: &Value, n: usize, star: Option<usize>) -> R<Vec<Value>> {
        let class = self.types.type_error.clone();
        let values = match self.unpack_items(value, n, star) {
            Err(_) if !self.is_suspending() && self.abort.is_none() && self.exc_is(&class) && self.class_of(value).lookup(&self.names.iter).is_none() => {
                drop(self.take_exc());
                let name = self.class_name(value);
                return Err(self.type_error(&format!("cannot unpack non-iterable {name} object")));
            }
            r => r?,
        };
        let got = values.len();
        match star {
            None if got > n => Err(self.value_error(&format!("too many values to unpack (expected {n})"))),
            None if got < n => Err(self.value_error(&format!("not enough values to unpack (expected {n}, got {got})"))),
            Some(_) if got + 1 < n => Err(self.value_error(&format!("not enough values to unpack (expected at least {}, got {got})", n - 1))),
            None => Ok(values),
            Some(at) => {
                let mut values = values;
                let tail = values.split_off(got - (n - 1 - at));
                let rest = values.split_off(at);
                values.push(Value::from(rest));
                values.extend(tail);
                Ok(values)
            }
        }
    }

    /// The items, no more of them than it takes to see that there are too many.
    fn unpack_items(&mut self, value: &Value, n: usize, star: Option<usize>) -> R<Vec<Value>> {
        if star.is_some() || matches!(value.kind(), Some(Kind::List(_) | Kind::Tuple(_))) {
            return self.collect(value);
        }
        let iter = self.iter(value)?;
        let mut values = Vec::with_capacity(n);
        while values.len() <= n {
            match self.next(&iter)? {
                Some(v) => values.push(v),
                None => break,
            }
        }
        Ok(values)
    }
}
