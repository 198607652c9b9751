//! `re.Match`: what a pattern found, and its groups.

use super::pattern::{expand, pattern_of, template_for};
use super::subject::Subject;
use crate::types::generic::CLASS_GETITEM;
use crate::value::class::{Solid, flag};
use crate::value::dict::Dict;
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::{TypeDef, add_methods, make};

/// A match; places are those of the subject's text.
pub struct Match {
    pub class: ClassRef,
    pub pattern: Value,
    pub subject: Subject,
    /// Where each group begins and ends; `usize::MAX` where it matched nothing.
    pub spans: Vec<(usize, usize)>,
    pub pos: usize,
    pub end: usize,
    pub last_group: usize,
}

impl Native for Match {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.pattern);
        visit(&self.subject.value);
        visit(&(&self.class).into());
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Match {
    /// A group's text.
    pub fn text(&self, group: usize) -> Option<Value> {
        let (start, end) = self.spans.get(group).copied().filter(|s| s.0 != usize::MAX)?;
        Some(self.subject.part(start, end))
    }

    /// Where a group begins and ends, in characters; -1 where it matched nothing.
    fn span(&self, group: usize) -> (i64, i64) {
        match self.spans.get(group) {
            Some(&(start, end)) if start != usize::MAX => {
                let first = self.subject.index(start);
                (first as i64, self.subject.index(end) as i64)
            }
            _ => (-1, -1),
        }
    }

    fn names(&self) -> Vec<(String, usize)> {
        pattern_of(&self.pattern).map(|p| p.regex.names.clone()).unwrap_or_default()
    }
}

/// A match as a value.
pub fn make_match(m: Match) -> Value {
    Obj::native(m).into()
}

fn this(v: &Value) -> &Match {
    match v.obj().and_then(|o| o.downcast()) {
        Some(m) => m,
        None => unreachable!("the receiver of a match's method is one"),
    }
}

/// The class `re.Match`.
pub fn make_class(vm: &mut Vm) -> ClassRef {
    let class = make(&vm.interner, "Match", Some(&vm.types.object), TYPE);
    add_methods(&vm.interner, &class, CLASS_GETITEM);
    if let Some(d) = class.dict().as_dict() {
        d.borrow_mut().set_name(&vm.names.module, "re".into());
    }
    class
}

/// A group by its number or name.
fn group_arg(vm: &mut Vm, m: &Match, v: &Value) -> R<usize> {
    let found = if vm.has_index(v) {
        usize::try_from(vm.index_i64(v)?).ok()
    } else {
        let names = m.names();
        v.as_str().and_then(|name| names.iter().find(|(n, _)| n == name)).map(|(_, group)| *group)
    };
    match found.filter(|g| *g < m.spans.len()) {
        Some(group) => Ok(group),
        None => Err(vm.index_error("no such group")),
    }
}

fn group_or_whole(vm: &mut Vm, a: &[Value]) -> R<usize> {
    match a[1].given() {
        None => Ok(0),
        Some(v) => group_arg(vm, this(&a[0]), v),
    }
}

fn group(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let m = this(&a[0]);
    let one = |vm: &mut Vm, v: &Value| group_arg(vm, m, v).map(|g| m.text(g).unwrap_or(Value::None));
    match a.get(1..n) {
        None | Some([]) => Ok(m.text(0).unwrap_or(Value::None)),
        Some([v]) => one(vm, v),
        Some(all) => {
            let mut found = Vec::with_capacity(all.len());
            for v in all {
                found.push(one(vm, v)?);
            }
            Ok(Obj::tuple(found).into())
        }
    }
}

fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let m = this(&a[0]);
    let group = group_arg(vm, m, &a[1])?;
    Ok(m.text(group).unwrap_or(Value::None))
}

fn missing(v: &Value) -> Value {
    v.given().cloned().unwrap_or(Value::None)
}

fn groups(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (m, default) = (this(&a[0]), missing(&a[1]));
    Ok(Obj::tuple((1..m.spans.len()).map(|g| m.text(g).unwrap_or_else(|| default.clone())).collect::<Vec<_>>()).into())
}

fn groupdict(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (m, default) = (this(&a[0]), missing(&a[1]));
    let mut dict = Dict::new();
    for (name, group) in m.names() {
        let name = vm.intern(&name);
        drop(dict.set_name(&name, m.text(group).unwrap_or_else(|| default.clone())));
    }
    Ok(Obj::dict(dict).into())
}

fn start(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let group = group_or_whole(vm, a)?;
    Ok(Value::Int(this(&a[0]).span(group).0))
}

fn end(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let group = group_or_whole(vm, a)?;
    Ok(Value::Int(this(&a[0]).span(group).1))
}

fn pair((start, end): (i64, i64)) -> Value {
    Obj::tuple([Value::Int(start), Value::Int(end)]).into()
}

fn span(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let group = group_or_whole(vm, a)?;
    Ok(pair(this(&a[0]).span(group)))
}

fn expand_template(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let m = this(&a[0]);
    let pieces = template_for(vm, &m.pattern, &a[1])?;
    let is_bytes = pattern_of(&m.pattern).is_some_and(|p| p.is_bytes);
    expand(vm, m, &pieces, is_bytes)
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let m = this(&a[0]);
    let (start, end) = m.span(0);
    let text = m.text(0).unwrap_or(Value::None);
    let shown: String = vm.repr(&text)?.chars().take(50).collect();
    Ok(format!("<re.Match object; span=({start}, {end}), match={shown}>").into())
}

fn itself(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(a[0].clone())
}

fn last_name(_: &mut Vm, v: &Value) -> R {
    let m = this(v);
    Ok(m.names().into_iter().find(|(_, g)| *g == m.last_group).map_or(Value::None, |(name, _)| name.into()))
}

fn regs(_: &mut Vm, v: &Value) -> R {
    let m = this(v);
    Ok(Obj::tuple((0..m.spans.len()).map(|g| pair(m.span(g))).collect::<Vec<_>>()).into())
}

const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("group", "(self, *args)", group, "Return subgroup(s) of the match by indices or names."),
        Builtin::new("__getitem__", "(self, key, /)", getitem, "Return self[key]."),
        Builtin::new("groups", "(self, default=None)", groups, "Return a tuple containing all the subgroups of the match, from 1."),
        Builtin::new("groupdict", "(self, default=None)", groupdict, "Return a dictionary containing all the named subgroups of the match."),
        Builtin::new("start", "(self, group=0, /)", start, "Return index of the start of the substring matched by group."),
        Builtin::new("end", "(self, group=0, /)", end, "Return index of the end of the substring matched by group."),
        Builtin::new("span", "(self, group=0, /)", span, "Return the start and end of the substring matched by group."),
        Builtin::new("expand", "(self, template)", expand_template, "Return the template with its references replaced by the groups."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
        Builtin::new("__copy__", "(self, /)", itself, ""),
        Builtin::new("__deepcopy__", "(self, memo, /)", itself, ""),
    ],
    getsets: &[
        GetSet { name: "re", get: |_, v| Ok(this(v).pattern.clone()), set: None },
        GetSet { name: "string", get: |_, v| Ok(this(v).subject.value.clone()), set: None },
        GetSet { name: "pos", get: |_, v| Ok(this(v).subject.index(this(v).pos).into()), set: None },
        GetSet { name: "endpos", get: |_, v| Ok(this(v).subject.index(this(v).end).into()), set: None },
        GetSet { name: "lastindex", get: |_, v| Ok(Some(this(v).last_group).filter(|g| *g > 0).map_or(Value::None, Value::from)), set: None },
        GetSet { name: "lastgroup", get: last_name, set: None },
        GetSet { name: "regs", get: regs, set: None },
    ],
    construct: Some(&super::REFUSED),
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "The result of re.match() and re.search().",
};
