//! `re.Pattern`: searching, splitting and replacing.

use std::rc::Rc;

use super::matched::{Match, make_match};
use super::raise;
use super::subject::{Subject, latin};
use crate::pure::regex::{self, Machine, Mode, Piece, Regex, Stopped};
use crate::types::bytes::bytes_of;
use crate::types::generic::CLASS_GETITEM;
use crate::value::class::{Solid, flag};
use crate::value::dict::Dict;
use crate::value::func::{Builtin, GetSet};
use crate::value::iter::{Iter, NativeIter};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Thrown, Value};
use crate::vm::Vm;
use crate::vm::iterate::iter_object;
use crate::vm::types::{TypeDef, add_methods, make};

/// The classes that patterns make objects of.
#[derive(Clone)]
pub struct Classes {
    pub pattern: ClassRef,
    pub matched: ClassRef,
    pub error: Value,
}

/// A compiled pattern.
pub struct Pattern {
    pub classes: Classes,
    pub regex: Rc<Regex>,
    pub source: Value,
    pub is_bytes: bool,
}

impl Native for Pattern {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.classes.pattern
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.source);
        visit(&self.classes.error);
        visit(&(&self.classes.pattern).into());
        visit(&(&self.classes.matched).into());
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// The pattern behind a value, if it is one.
pub fn pattern_of(v: &Value) -> Option<&Pattern> {
    v.obj().and_then(|o| o.downcast())
}

fn this(v: &Value) -> &Pattern {
    match pattern_of(v) {
        Some(p) => p,
        None => unreachable!("the receiver of a pattern's method is one"),
    }
}

/// The class `re.Pattern`.
pub fn make_class(vm: &mut Vm) -> ClassRef {
    let class = make(&vm.interner, "Pattern", Some(&vm.types.object), TYPE);
    add_methods(&vm.interner, &class, CLASS_GETITEM);
    if let Some(d) = class.dict().as_dict() {
        d.borrow_mut().set_name(&vm.names.module, "re".into());
    }
    class
}

/// `_compile(Pattern, Match, error, pattern, flags)`.
pub fn compile(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (Some(pattern), Some(matched)) = (a[0].to_class(), a[1].to_class()) else { return Err(vm.type_error("classes expected")) };
    let classes = Classes { pattern, matched, error: a[2].clone() };
    let source = a[3].clone();
    let flags = vm.index_i64(&a[4])? as u32;
    let (text, is_bytes) = match (source.as_str(), bytes_of(&source)) {
        (Some(text), _) => (text.to_owned(), false),
        (None, Some(bytes)) => (latin(&bytes), true),
        (None, None) => return Err(vm.type_error("first argument must be string or compiled pattern")),
    };
    match regex::compile(&text, flags, is_bytes) {
        Ok(regex) => Ok(Obj::native(Pattern { classes, regex: Rc::new(regex), source, is_bytes }).into()),
        Err(e) => Err(raise(vm, &classes.error, &source, e)),
    }
}

// ---- searching ------------------------------------------------------------------------------------------------

/// A search through a text, from match to match.
struct Search {
    pattern: Value,
    subject: Subject,
    pos: usize,
    end: usize,
    at: usize,
    advance: bool,
    is_over: bool,
}

fn stop(vm: &mut Vm, stopped: Stopped) -> Thrown {
    match stopped {
        Stopped::ByLimit => Thrown,
        Stopped::Memory => vm.memory_error(""),
    }
}

impl Search {
    fn new(vm: &mut Vm, pattern: &Value, string: &Value, pos: &Value, endpos: &Value) -> R<Self> {
        let subject = Subject::new(vm, string, this(pattern).is_bytes)?;
        let mut bound = |v: &Value, missing: usize| -> R<usize> {
            match v.given() {
                None => Ok(missing),
                Some(v) => Ok(subject.place(vm.search_bound(&v.clone())?)),
            }
        };
        let (pos, end) = (bound(pos, 0)?, bound(endpos, subject.text().len())?);
        Ok(Self { pattern: pattern.clone(), subject, pos, end, at: pos, advance: false, is_over: pos > end })
    }

    /// Runs the pattern; the spans of the match and its groups, and the group that was closed last.
    fn find(&self, vm: &mut Vm, mode: Mode) -> R<Option<Match>> {
        if self.is_over {
            return Ok(None);
        }
        let regex = &this(&self.pattern).regex;
        let mut machine = Machine::new(&regex.program, self.subject.text(), self.end);
        let found = machine.find(self.at, mode, self.advance, &mut || vm.tick().is_ok());
        match found {
            Ok(None) => Ok(None),
            Ok(Some(whole)) => {
                let mut spans = Vec::with_capacity(regex.groups + 1);
                spans.push(whole);
                spans.extend((1..=regex.groups).map(|g| machine.group(g)));
                Ok(Some(Match {
                    class: this(&self.pattern).classes.matched.clone(),
                    pattern: self.pattern.clone(),
                    subject: self.subject.clone(),
                    spans,
                    pos: self.pos,
                    end: self.end,
                    last_group: machine.last_group(),
                }))
            }
            Err(stopped) => Err(stop(vm, stopped)),
        }
    }

    /// The next match of a search for all.
    fn step(&mut self, vm: &mut Vm) -> R<Option<Match>> {
        let found = self.find(vm, Mode::Search)?;
        match found.as_ref().and_then(|m| m.spans.first()) {
            Some(&(start, end)) => (self.at, self.advance) = (end, start == end),
            None => self.is_over = true,
        }
        Ok(found)
    }
}

fn once(vm: &mut Vm, a: &[Value], mode: Mode) -> R {
    let search = Search::new(vm, &a[0], &a[1], &a[2], &a[3])?;
    Ok(search.find(vm, mode)?.map_or(Value::None, make_match))
}

fn match_(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    once(vm, a, Mode::Match)
}

fn fullmatch(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    once(vm, a, Mode::Full)
}

fn search(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    once(vm, a, Mode::Search)
}

fn findall(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut search = Search::new(vm, &a[0], &a[1], &a[2], &a[3])?;
    let mut found = Vec::new();
    while let Some(m) = search.step(vm)? {
        let group = |i: usize| m.text(i).unwrap_or_else(|| m.subject.empty());
        found.push(match m.spans.len() {
            1 => group(0),
            2 => group(1),
            n => Obj::tuple((1..n).map(group).collect::<Vec<_>>()).into(),
        });
    }
    Ok(found.into())
}

impl NativeIter for Search {
    fn next(&mut self, vm: &mut Vm) -> R<Option<Value>> {
        Ok(self.step(vm)?.map(make_match))
    }

    fn class_name(&self) -> &'static str {
        "callable_iterator"
    }

    fn length_hint(&self) -> Option<usize> {
        None
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.pattern);
        visit(&self.subject.value);
    }
}

fn finditer(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let search = Search::new(vm, &a[0], &a[1], &a[2], &a[3])?;
    Ok(iter_object(Iter::Native(Box::new(search))))
}

fn split(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let most = if let Some(v) = a[2].given() { vm.ssize_arg(&v.clone())? } else { 0 };
    let mut search = Search::new(vm, &a[0], &a[1], &Value::Unbound, &Value::Unbound)?;
    let (mut parts, mut from, mut done) = (Vec::new(), 0, 0);
    while most == 0 || done < most {
        let Some(m) = search.step(vm)? else { break };
        let (start, end) = m.spans.first().copied().unwrap_or_default();
        parts.push(search.subject.part(from, start));
        parts.extend((1..m.spans.len()).map(|i| m.text(i).unwrap_or(Value::None)));
        from = end;
        done += 1;
    }
    parts.push(search.subject.part(from, search.end));
    Ok(parts.into())
}

// ---- replacing ------------------------------------------------------------------------------------------------

/// What stands for each match.
enum Replacement {
    Literal(Value),
    Pieces(Vec<Piece>),
    Call(Value),
}

/// The parts of a template for a pattern.
pub fn template_for(vm: &mut Vm, pattern: &Value, template: &Value) -> R<Vec<Piece>> {
    let p = this(pattern);
    let text = match template.as_str() {
        Some(text) => text.to_owned(),
        None => latin(&bytes_of(template).unwrap_or_default()),
    };
    match regex::parse_template(&text, &p.regex) {
        Ok(pieces) => Ok(pieces),
        Err(e) => {
            let error = p.classes.error.clone();
            Err(raise(vm, &error, template, e))
        }
    }
}

fn replacement(vm: &mut Vm, pattern: &Value, v: &Value) -> R<Replacement> {
    if v.as_str().is_none() && bytes_of(v).is_none() {
        if !crate::modules::builtins::attributes::is_callable(vm, v) {
            let text = format!("decoding to str: need a bytes-like object, {} found", vm.class_name(v));
            return Err(vm.type_error(&text));
        }
        return Ok(Replacement::Call(v.clone()));
    }
    let is_literal = v.as_str().map_or_else(|| bytes_of(v).is_some_and(|b| !b.contains(&b'\\')), |t| !t.contains('\\'));
    if is_literal {
        return Ok(Replacement::Literal(v.clone()));
    }
    template_for(vm, pattern, v).map(Replacement::Pieces)
}

/// A match's text by the parts of a template.
pub fn expand(vm: &mut Vm, m: &Match, pieces: &[Piece], is_bytes: bool) -> R {
    let parts = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) if is_bytes => Obj::bytes(text.chars().map(|c| c as u8).collect::<Vec<u8>>()).into(),
            Piece::Text(text) => text.as_str().into(),
            Piece::Group(group) => m.text(*group).unwrap_or_else(|| m.subject.empty()),
        })
        .collect();
    m.subject.join(vm, parts)
}

fn replace(vm: &mut Vm, a: &[Value]) -> R<(Value, i64)> {
    let most = if let Some(v) = a[3].given() { vm.ssize_arg(&v.clone())? } else { 0 };
    let mut search = Search::new(vm, &a[0], &a[2], &Value::Unbound, &Value::Unbound)?;
    let replacement = replacement(vm, &a[0], &a[1])?;
    let is_bytes = this(&a[0]).is_bytes;
    let (mut pieces, mut from, mut count) = (Vec::new(), 0, 0);
    while most == 0 || count < most {
        let Some(m) = search.step(vm)? else { break };
        let (start, end) = m.spans.first().copied().unwrap_or_default();
        if from < start {
            pieces.push(search.subject.part(from, start));
        }
        let new = match &replacement {
            Replacement::Literal(v) => v.clone(),
            Replacement::Pieces(parts) => expand(vm, &m, parts, is_bytes)?,
            Replacement::Call(function) => vm.call(function, &[make_match(m)])?,
        };
        if !new.is_none() {
            pieces.push(new);
        }
        from = end;
        count += 1;
    }
    if count == 0 && matches!(search.subject.value.kind(), Some(crate::value::Kind::Str(_))) {
        return Ok((search.subject.value.clone(), 0));
    }
    if from < search.end {
        pieces.push(search.subject.part(from, search.end));
    }
    Ok((search.subject.join(vm, pieces)?, count))
}

fn sub(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    replace(vm, a).map(|(text, _)| text)
}

fn subn(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (text, count) = replace(vm, a)?;
    Ok(Obj::tuple([text, Value::Int(count)]).into())
}

// ---- the object -----------------------------------------------------------------------------------------------

const FLAGS: [(&str, u32); 9] =
    [("TEMPLATE", 1), ("IGNORECASE", 2), ("LOCALE", 4), ("MULTILINE", 8), ("DOTALL", 16), ("UNICODE", 32), ("VERBOSE", 64), ("DEBUG", 128), ("ASCII", 256)];

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let p = this(&a[0]);
    let source: String = vm.repr(&p.source)?.chars().take(200).collect();
    let mut flags = p.regex.flags;
    if !p.is_bytes && flags & (regex::flag::LOCALE | regex::flag::UNICODE | regex::flag::ASCII) == regex::flag::UNICODE {
        flags &= !regex::flag::UNICODE;
    }
    let names: Vec<String> = FLAGS.iter().filter(|(_, bit)| flags & bit != 0).map(|(name, _)| format!("re.{name}")).collect();
    Ok(if names.is_empty() { format!("re.compile({source})") } else { format!("re.compile({source}, {})", names.join("|")) }.into())
}

fn eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (p, Some(q)) = (this(&a[0]), pattern_of(&a[1])) else { return Ok(vm.not_implemented.clone()) };
    if p.regex.flags != q.regex.flags || p.is_bytes != q.is_bytes {
        return Ok(Value::False);
    }
    vm.eq(&p.source.clone(), &q.source.clone()).map(Value::bool)
}

fn hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let p = this(&a[0]);
    let source = vm.hash(&p.source.clone())?;
    Ok(Value::Int(source ^ i64::from(p.regex.flags)))
}

fn itself(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(a[0].clone())
}

fn group_index(vm: &mut Vm, v: &Value) -> R {
    if this(v).regex.names.is_empty() {
        return Ok(Obj::dict(Dict::new()).into());
    }
    let mut dict = Dict::new();
    for (name, group) in &this(v).regex.names {
        let name = vm.intern(name);
        drop(dict.set_name(&name, (*group).into()));
    }
    let dict: Value = Obj::dict(dict).into();
    Ok(Obj::new(crate::value::Kind::Proxy(dict)).into())
}

const WHERE: &str = "(self, string, pos=0, endpos=9223372036854775807)";

const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("match", WHERE, match_, "Matches zero or more characters at the beginning of the string."),
        Builtin::new("fullmatch", WHERE, fullmatch, "Matches against all of the string."),
        Builtin::new("search", WHERE, search, "Scan through string looking for a match, and return a corresponding match object instance."),
        Builtin::new("findall", WHERE, findall, "Return a list of all non-overlapping matches of pattern in string."),
        Builtin::new("finditer", WHERE, finditer, "Return an iterator over all non-overlapping matches for the RE pattern in string."),
        Builtin::new("split", "(self, string, maxsplit=0)", split, "Split string by the occurrences of pattern."),
        Builtin::new("sub", "(self, repl, string, count=0)", sub, "Return the string with the matches replaced."),
        Builtin::new("subn", "(self, repl, string, count=0)", subn, "Return the string with the matches replaced, and their number."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
        Builtin::new("__eq__", "(self, value, /)", eq, "Return self==value."),
        Builtin::new("__hash__", "(self, /)", hash, "Return hash(self)."),
        Builtin::new("__copy__", "(self, /)", itself, ""),
        Builtin::new("__deepcopy__", "(self, memo, /)", itself, ""),
    ],
    getsets: &[
        GetSet { name: "pattern", get: |_, v| Ok(this(v).source.clone()), set: None },
        GetSet { name: "flags", get: |_, v| Ok(Value::Int(i64::from(this(v).regex.flags))), set: None },
        GetSet { name: "groups", get: |_, v| Ok(this(v).regex.groups.into()), set: None },
        GetSet { name: "groupindex", get: group_index, set: None },
    ],
    construct: Some(&super::REFUSED),
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "Compiled regular expression object.",
};
