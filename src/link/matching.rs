//! `match`: patterns become closures that test a subject and bind names.

use super::cx::{Cx, located};
use super::{Cond, Ex, St, Store};
use crate::source::Span;
use crate::syntax::ast::{Expr, MatchCase, Pattern, PatternKind};
use crate::value::class::Solid;
use crate::value::{Flow, Kind, R, Ref, Value};
use crate::vm::Vm;

/// Tests a subject. What names are to be bound to is collected, and bound only when the whole pattern matched.
type Test = Box<dyn Fn(&mut Vm, &mut [Value], &Value, &mut Captures) -> R<bool>>;

/// Values for names: the index of the name's store, and the value.
type Captures = Vec<(usize, Value)>;

/// The names of one pattern.
type Names = Vec<Store>;

/// One case's pattern.
struct Case {
    test: Test,
    names: Names,
}

impl Case {
    /// Tests a subject and binds the names when it matches.
    fn matches(&self, vm: &mut Vm, fr: &mut [Value], subject: &Value) -> R<bool> {
        let mut found = Captures::new();
        if !(self.test)(vm, fr, subject, &mut found)? {
            return Ok(false);
        }
        for (i, v) in found {
            if let Some(store) = self.names.get(i) {
                store(vm, fr, v)?;
            }
        }
        Ok(true)
    }
}

impl Cx<'_> {
    /// A name that a pattern binds.
    fn capture(&mut self, name: &str, names: &mut Names) -> usize {
        names.push(self.store_name(name));
        names.len() - 1
    }

    /// Links a `match` statement.
    pub fn match_stmt(&mut self, subject: &Expr, cases: &[MatchCase]) -> St {
        let (held, chosen) = (self.temp(), self.temp());
        let subject = self.placed_head(subject, false, |cx| cx.settled_expr(subject));
        let mut linked = Vec::new();
        for c in cases {
            let mut names = Names::new();
            let test = self.pattern(&c.pattern, &mut names);
            let guard = c.guard.as_ref().map(|g| self.placed_cond(g));
            linked.push((Case { test, names }, guard, self.block(&c.body)));
        }
        let cases: Vec<(Case, Option<Cond>, St)> = linked;
        Box::new(move |vm, fr| {
            let (start, mut in_guard) = match fr[chosen] {
                Value::Int(i) if i >= 0 => {
                    let r = case_body(vm, fr, &cases[i as usize].2, i, held, chosen);
                    return r;
                }
                // A guard suspended: its pattern has matched already.
                Value::Int(i) => ((-i - 1) as usize, true),
                _ => (0, false),
            };
            if fr[held].is_unbound() {
                fr[held] = subject(vm, fr)?;
            }
            for (i, (case, guard, body)) in cases.iter().enumerate().skip(start) {
                let r = if in_guard {
                    Ok(true)
                } else {
                    let value = fr[held].clone();
                    case.matches(vm, fr, &value)
                };
                in_guard = false;
                let matched = match r {
                    Ok(true) => match guard {
                        Some(g) => g(vm, fr),
                        None => Ok(true),
                    },
                    other => other,
                };
                match matched {
                    Ok(true) => return case_body(vm, fr, body, i as i64, held, chosen),
                    Ok(false) => {}
                    Err(t) => {
                        if vm.is_suspending() {
                            fr[chosen] = Value::Int(-(i as i64) - 1);
                        } else {
                            (fr[held], fr[chosen]) = (Value::Unbound, Value::Unbound);
                        }
                        return Err(t);
                    }
                }
            }
            (fr[held], fr[chosen]) = (Value::Unbound, Value::Unbound);
            Ok(Flow::Next)
        })
    }

    fn pattern(&mut self, p: &Pattern, names: &mut Names) -> Test {
        let span = p.span;
        match &p.kind {
            PatternKind::Value(e) => {
                let e = self.expr(e);
                Box::new(move |vm, fr, v, _| {
                    let expected = e(vm, fr)?;
                    let r = vm.eq_plain(v, &expected);
                    located(vm, span, r)
                })
            }
            PatternKind::Singleton(e) => {
                let e = self.expr(e);
                Box::new(move |vm, fr, v, _| Ok(e(vm, fr)?.is(v)))
            }
            PatternKind::Sequence(items) => self.sequence_pattern(items, span, names),
            PatternKind::Mapping { keys, patterns, rest } => self.mapping_pattern(keys, patterns, rest.as_ref().map(|r| &*r.name), span, names),
            PatternKind::Class { class, patterns, keywords } => {
                let class = self.expr(class);
                let positional: Vec<Test> = patterns.iter().map(|p| self.pattern(p, names)).collect();
                let keywords: Vec<(Ref, Test)> = keywords.iter().map(|(n, p)| (self.name(&n.name), self.pattern(p, names))).collect();
                class_pattern(class, positional, keywords, span)
            }
            PatternKind::Star(_) => unreachable!("stars stand only inside sequences"),
            PatternKind::As { pattern, name } => {
                let inner = pattern.as_ref().map(|p| self.pattern(p, names));
                let capture = name.as_ref().map(|n| self.capture(&n.name, names));
                Box::new(move |vm, fr, v, found| {
                    if let Some(t) = &inner
                        && !t(vm, fr, v, found)?
                    {
                        return Ok(false);
                    }
                    found.extend(capture.map(|c| (c, v.clone())));
                    Ok(true)
                })
            }
            PatternKind::Or(items) => {
                let tests: Vec<Test> = items.iter().map(|p| self.pattern(p, names)).collect();
                Box::new(move |vm, fr, v, found| {
                    let before = found.len();
                    for t in &tests {
                        if t(vm, fr, v, found)? {
                            return Ok(true);
                        }
                        found.truncate(before);
                    }
                    Ok(false)
                })
            }
            PatternKind::Invalid => unreachable!("a tree with invalid nodes is refused before linking"),
        }
    }

    fn sequence_pattern(&mut self, items: &[Pattern], span: Span, names: &mut Names) -> Test {
        let star = items.iter().position(|p| matches!(p.kind, PatternKind::Star(_)));
        let star_capture: Option<usize> = star.and_then(|i| match &items[i].kind {
            PatternKind::Star(Some(n)) => Some(self.capture(&n.name, names)),
            _ => None,
        });
        let tests: Vec<Option<Test>> = items.iter().map(|p| if matches!(p.kind, PatternKind::Star(_)) { None } else { Some(self.pattern(p, names)) }).collect();
        Box::new(move |vm, fr, v, found| {
            if !vm.is_sequence_for_match(v) {
                return Ok(false);
            }
            let r = vm.len(v);
            let len = located(vm, span, r)?;
            let fixed = tests.len() - usize::from(star.is_some());
            if (star.is_none() && len != fixed) || len < fixed {
                return Ok(false);
            }
            for (i, test) in tests.iter().enumerate() {
                match test {
                    Some(test) => {
                        let at = if star.is_some_and(|s| i > s) { len - (tests.len() - i) } else { i };
                        let r = vm.get_item(v, &Value::Int(at as i64));
                        let item = located(vm, span, r)?;
                        if !test(vm, fr, &item, found)? {
                            return Ok(false);
                        }
                    }
                    None => {
                        if let Some(capture) = star_capture {
                            let mut rest = Vec::new();
                            for at in i..i + (len - fixed) {
                                rest.push(vm.get_item(v, &Value::Int(at as i64))?);
                            }
                            found.push((capture, Value::from(rest)));
                        }
                    }
                }
            }
            Ok(true)
        })
    }

    fn mapping_pattern(&mut self, keys: &[Expr], patterns: &[Pattern], rest: Option<&str>, span: Span, names: &mut Names) -> Test {
        let keys: Vec<Ex> = keys.iter().map(|k| self.expr(k)).collect();
        let tests: Vec<Test> = patterns.iter().map(|p| self.pattern(p, names)).collect();
        let rest = rest.map(|r| self.capture(r, names));
        let get = self.vm.intern("get");
        Box::new(move |vm, fr, v, found| {
            if !vm.is_mapping_for_match(v) {
                return Ok(false);
            }
            let (mut used, mut items) = (Vec::with_capacity(keys.len()), Vec::with_capacity(keys.len()));
            if !keys.is_empty() {
                let r = vm.len(v);
                if located(vm, span, r)? < keys.len() {
                    return Ok(false);
                }
            }
            for key in &keys {
                used.push(key(vm, fr)?);
            }
            for (index, key) in used.iter().enumerate() {
                for earlier in used.iter().take(index) {
                    if vm.eq(earlier, key)? {
                        let repr = vm.repr(key)?;
                        let t = vm.value_error(&format!("mapping pattern checks duplicate key ({repr})"));
                        return Err(vm.at(span, t));
                    }
                }
                let r = vm.mapping_get(v, key, &get);
                let Some(item) = located(vm, span, r)? else { return Ok(false) };
                items.push(item);
            }
            for (item, test) in items.iter().zip(&tests) {
                if !test(vm, fr, item, found)? {
                    return Ok(false);
                }
            }
            if let Some(capture) = rest {
                let r = vm.mapping_rest(v, &used);
                found.push((capture, located(vm, span, r)?));
            }
            Ok(true)
        })
    }
}

/// The name of a class, for messages.
fn class_text(class: &Value) -> String {
    class.as_class().map_or_else(String::new, |c| c.name().to_string())
}

/// Runs the block of the case that matched, and remembers it while it is suspended.
fn case_body(vm: &mut Vm, fr: &mut [Value], body: &St, index: i64, held: usize, chosen: usize) -> R<Flow> {
    let r = body(vm, fr);
    if r.is_err() && vm.is_suspending() {
        fr[chosen] = Value::Int(index);
    } else {
        (fr[held], fr[chosen]) = (Value::Unbound, Value::Unbound);
    }
    r
}

fn class_pattern(class: Ex, positional: Vec<Test>, keywords: Vec<(Ref, Test)>, span: Span) -> Test {
    Box::new(move |vm, fr, v, found| {
        let class = class(vm, fr)?;
        if class.to_class().is_none() {
            let t = vm.type_error("called match pattern must be a type");
            return Err(vm.at(span, t));
        }
        let r = vm.is_instance_of(v, &class);
        if !located(vm, span, r)? {
            return Ok(false);
        }
        let mut names: Vec<Ref> = Vec::new();
        let mut is_itself = false;
        if !positional.is_empty() {
            let r = vm.match_args(&class, positional.len());
            match located(vm, span, r)? {
                None => is_itself = true,
                Some(args) => names = args,
            }
        }
        let is_twice = |name: &Ref| names.iter().any(|n| n.text() == name.text());
        if let Some((name, _)) = keywords.iter().find(|(name, _)| is_twice(name)) {
            let (class, name) = (class_text(&class), name.text().to_owned());
            let t = vm.type_error(&format!("{class}() got multiple sub-patterns for attribute '{name}'"));
            return Err(vm.at(span, t));
        }
        // All attributes are read before the first sub-pattern is tried.
        let mut items = Vec::with_capacity(positional.len() + keywords.len());
        if is_itself {
            items.push(v.clone());
        }
        for name in names.iter().chain(keywords.iter().map(|(n, _)| n)) {
            let r = vm.get_attr_opt(v, name);
            let Some(item) = located(vm, span, r)? else { return Ok(false) };
            items.push(item);
        }
        for (item, test) in items.iter().zip(positional.iter().chain(keywords.iter().map(|(_, t)| t))) {
            if !test(vm, fr, item, found)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

impl Vm {
    /// `==` as an operator (no identity first), as a truth value.
    fn eq_plain(&mut self, a: &Value, b: &Value) -> R<bool> {
        self.compare_bool(crate::syntax::ast::CmpOp::Eq, a, b)
    }

    /// Lists, tuples, ranges, memoryviews, deques and what extends them; not strings and bytes.
    fn is_sequence_for_match(&self, v: &Value) -> bool {
        matches!(v.native_kind(), Some(Kind::List(_) | Kind::Tuple(_) | Kind::Range(_) | Kind::BigRange(_)))
            || crate::types::memoryview::view_of(v).is_some()
            || crate::modules::collections::deque::is_deque(v)
            || self.registered_as(v, "Sequence")
    }

    fn is_mapping_for_match(&self, v: &Value) -> bool {
        matches!(v.native_kind(), Some(Kind::Dict(_) | Kind::Proxy(_))) || self.registered_as(v, "Mapping")
    }

    /// Whether a base of the class has this name in `collections.abc`.
    fn registered_as(&self, v: &Value, name: &str) -> bool {
        if !matches!(v.kind(), Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_))) {
            return false;
        }
        let class = self.class_of(v);
        class.mro_with_self().iter().any(|c| {
            let base = c.name();
            (*base == *name || *base == *format!("Mutable{name}"))
                && matches!(c.own(&self.names.module).as_ref().and_then(Value::as_str), Some("collections.abc"))
        })
    }

    fn mapping_get(&mut self, v: &Value, key: &Value, get: &Ref) -> R<Option<Value>> {
        if let Some(Kind::Dict(_)) = v.kind() {
            return self.dict_get(v, key);
        }
        let marker = Value::Obj(crate::value::Obj::new(Kind::Ellipsis));
        let found = self.call_method(v, get, &[key.clone(), marker.clone()])?;
        Ok(if found.is(&marker) { None } else { Some(found) })
    }

    fn mapping_rest(&mut self, v: &Value, used: &[Value]) -> R {
        let rest = Value::Obj(crate::value::Obj::dict(crate::value::dict::Dict::new()));
        for key in self.collect(v)? {
            let item = self.get_item(v, &key)?;
            self.dict_set(&rest, &key, item)?;
        }
        for key in used {
            self.dict_remove(&rest, key)?;
        }
        Ok(rest)
    }

    /// The attribute names of positional sub-patterns; nothing for built-in types that match themselves.
    fn match_args(&mut self, class: &Value, wanted: usize) -> R<Option<Vec<Ref>>> {
        let names = self.names.clone();
        let class_name = class_text(class);
        if let Some(args) = self.get_attr_opt(class, &names.match_args)? {
            let Some(items) = args.as_tuple().map(<[Value]>::to_vec) else {
                let found = self.class_name(&args);
                return Err(self.type_error(&format!("{class_name}.__match_args__ must be a tuple (got {found})")));
            };
            if wanted > items.len() {
                let allowed = items.len();
                let allowed_plural = if allowed == 1 { "" } else { "s" };
                return Err(self.type_error(&format!("{class_name}() accepts {allowed} positional sub-pattern{allowed_plural} ({wanted} given)")));
            }
            let mut found: Vec<Ref> = Vec::new();
            for item in items.iter().take(wanted) {
                let Some(o) = item.obj().filter(|o| o.as_str().is_some()) else {
                    let name = self.class_name(item);
                    return Err(self.type_error(&format!("__match_args__ elements must be strings (got {name})")));
                };
                if found.iter().any(|f| f.text() == o.text()) {
                    return Err(self.type_error(&format!("{class_name}() got multiple sub-patterns for attribute '{}'", o.text())));
                }
                found.push(self.name_of(o.text()));
            }
            return Ok(Some(found));
        }
        const SELF_MATCHING: &[&str] = &["bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"];
        let matches_itself = class.to_class().is_some_and(|c| {
            c.mro_with_self().iter().any(|c| c.solid == Solid::Builtin && !c.has(crate::value::class::flag::HEAP) && SELF_MATCHING.contains(&&*c.name()))
        });
        if matches_itself && wanted == 1 {
            return Ok(None);
        }
        let allowed = usize::from(matches_itself);
        let allowed_plural = if allowed == 1 { "" } else { "s" };
        Err(self.type_error(&format!("{class_name}() accepts {allowed} positional sub-pattern{allowed_plural} ({wanted} given)")))
    }
}
