//! Exceptions: what all of them have, and tracebacks.

use std::rc::Rc;

pub use super::exception_kinds::{
    IMPORT, KEY_ERROR, OS_ERROR, STOP_ITERATION, SYNTAX_ERROR, SYSTEM_EXIT, UNICODE_DECODE, UNICODE_ENCODE, UNICODE_TRANSLATE, WITH_NAME, WITH_NAME_AND_OBJ,
};
use super::object::{keyword_pairs, kwargs_of};
use crate::value::class::{Solid, flag};
use crate::value::exc::{Exc, TraceEntry, Traceback};
use crate::value::func::{Builtin, GetSet};
use crate::value::{ClassRef, Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::attr::dict_of;
use crate::vm::types::TypeDef;

/// The exception data of a value that is an exception.
pub fn as_exc(v: &Value) -> Option<&Exc> {
    match v.kind() {
        Some(Kind::Exc(e)) => Some(e),
        _ => None,
    }
}

/// The arguments of an exception.
pub fn args_of(v: &Value) -> Vec<Value> {
    as_exc(v).and_then(|e| e.args.borrow().as_tuple().map(<[Value]>::to_vec)).unwrap_or_default()
}

/// Sets one of the attributes that an exception class has besides its arguments.
pub fn set_field(vm: &mut Vm, v: &Value, name: &str, value: Value) {
    let name = vm.intern(name);
    if let Some(e) = as_exc(v) {
        let old = e.fields.borrow_mut().set(&e.class, &name, value);
        drop(old);
    }
}

/// Such an attribute, if set.
pub fn field(vm: &mut Vm, v: &Value, name: &str) -> Option<Value> {
    let name = vm.intern(name);
    as_exc(v).and_then(|e| e.fields.borrow().get(&e.class, &name))
}

/// A fresh exception object of any class below `BaseException`.
pub fn bare(class: &ClassRef, args: Vec<Value>) -> Value {
    Obj::tracked(Kind::Exc(Box::new(Exc::new(class.clone(), Obj::tuple(args).into())))).into()
}

/// Calling a built-in exception class.
pub static CONSTRUCT: Builtin = Builtin::new("exception", "(cls, *args, **kwargs)", construct, "");

fn construct(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let Some(class) = a[0].to_class() else { return Err(vm.type_error("an exception class is needed")) };
    let keywords = keyword_pairs(kwargs_of(a, n, 1));
    let args = a.get(1..n).unwrap_or_default().to_vec();
    let names = vm.names.clone();
    let base = vm.types.base_exception.clone();
    let is_plain = |name: &Ref| class.lookup_where(name).is_none_or(|(_, found)| found.is(&base));
    let exc = if is_plain(&names.new) {
        bare(&class, args.clone())
    } else {
        let new = class.lookup(&names.new).unwrap_or_default();
        let mut with_class = vec![a[0].clone()];
        with_class.extend(args.iter().cloned());
        vm.call_with(&new, &with_class, &keywords)?
    };
    if is_plain(&names.init) {
        return if keywords.is_empty() || !is_plain(&names.new) { Ok(exc) } else { Err(no_keywords(vm, &class)) };
    }
    let class = vm.class_of(&exc).clone();
    if let Some(init) = class.lookup(&names.init) {
        let mut with_self = vec![exc.clone()];
        with_self.extend(args);
        vm.call_with(&init, &with_self, &keywords)?;
    }
    Ok(exc)
}

fn no_keywords(vm: &mut Vm, class: &ClassRef) -> crate::value::Thrown {
    let text = format!("{}() takes no keyword arguments", class.name());
    vm.type_error(&text)
}

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    match a[0].to_class() {
        Some(class) if class.solid == Solid::Exception => Ok(bare(&class, a.get(1..n).unwrap_or_default().to_vec())),
        _ => Err(vm.type_error("BaseException.__new__(X): X is not an exception class")),
    }
}

/// `BaseException.__init__`: takes no keywords, sets `args`.
pub fn init(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    if !keyword_pairs(kwargs_of(a, n, 1)).is_empty() {
        let class = vm.class_of(&a[0]).clone();
        return Err(no_keywords(vm, &class));
    }
    set_args(&a[0], a.get(1..n).unwrap_or_default().to_vec());
    Ok(Value::None)
}

/// Replaces the arguments.
pub fn set_args(v: &Value, args: Vec<Value>) {
    if let Some(e) = as_exc(v) {
        let old = e.args.replace(Obj::tuple(args).into());
        drop(old);
    }
}

/// `BaseException.__str__`.
pub fn str(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match args_of(&a[0]).as_slice() {
        [] => Ok(vm.empty_str.clone()),
        [one] => vm.str_value(one),
        many => Ok(vm.repr(&Obj::tuple(many.to_vec()).into())?.into()),
    }
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = vm.class_name(&a[0]);
    let args = args_of(&a[0]);
    if let [one] = args.as_slice() {
        return Ok(format!("{name}({})", vm.repr(one)?).into());
    }
    Ok(format!("{name}{}", vm.repr(&Obj::tuple(args).into())?).into())
}

fn with_traceback(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let tb = a[1].take();
    set_traceback(vm, &a[0], tb)?;
    Ok(a[0].clone())
}

fn add_note(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let names = vm.names.clone();
    if a[1].as_str().is_none() {
        let text = format!("note must be a str, not '{}'", vm.class_name(&a[1]));
        return Err(vm.type_error(&text));
    }
    match vm.get_attr_opt(&a[0], &names.notes)? {
        None => vm.set_attr(&a[0], &names.notes, vec![a[1].clone()].into())?,
        Some(notes) => match notes.native_kind() {
            Some(Kind::List(l)) => l.borrow_mut().push(a[1].clone()),
            _ => return Err(vm.type_error("Cannot add note: __notes__ is not a list")),
        },
    }
    Ok(Value::None)
}

/// The arguments; of an `OSError` with the file names that its constructor took out of them.
fn whole_args(vm: &Vm, v: &Value) -> Value {
    let Some(e) = as_exc(v) else { return Value::None };
    let args = e.args.borrow().clone();
    let field = |name: &str| e.fields.borrow().get(&e.class, &vm.name_of(name)).filter(|v| !v.is_none());
    match (args.as_tuple(), field("filename"), field("filename2")) {
        (Some([number, text]), Some(file), other) if e.class.is_subclass_of(&vm.types.os_error) => {
            let mut all = vec![number.clone(), text.clone(), file];
            all.extend(other.into_iter().flat_map(|other| [Value::None, other]));
            Obj::tuple(all).into()
        }
        _ => args,
    }
}

fn reduce(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut parts = vec![vm.class_of(&a[0]).into(), whole_args(vm, &a[0])];
    let mut state = crate::value::dict::Dict::new();
    if let Some(e) = as_exc(&a[0]) {
        let fields = e.fields.borrow();
        for name in fields.names(&e.class).iter().filter(|n| !HIDDEN.contains(&n.text())) {
            state.set_name(name, fields.get(&e.class, name).unwrap_or_default());
        }
    }
    if !state.is_empty() {
        parts.push(Obj::dict(state).into());
    }
    Ok(Obj::tuple(parts).into())
}

fn set_state(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(Kind::Dict(d)) = a[1].native_kind() {
        let pairs: Vec<(Value, Value)> = d.borrow().iter().map(|e| (e.key.clone(), e.value.clone())).collect();
        for (name, value) in pairs {
            let name = super::object::name_arg(vm, &name)?;
            vm.set_attr(&a[0], &name, value)?;
        }
    }
    Ok(Value::None)
}

// ---- attributes ---------------------------------------------------------------------------------------------

fn get_args(_: &mut Vm, v: &Value) -> R {
    Ok(as_exc(v).map_or(Value::None, |e| e.args.borrow().clone()))
}

fn set_args_attr(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    if new.is_unbound() {
        return Err(vm.type_error("args may not be deleted"));
    }
    let items = vm.collect(&new)?;
    set_args(v, items);
    Ok(())
}

fn get_cause(_: &mut Vm, v: &Value) -> R {
    Ok(as_exc(v).and_then(|e| e.cause.borrow().clone()).map_or(Value::None, Value::Obj))
}

fn get_context(_: &mut Vm, v: &Value) -> R {
    Ok(as_exc(v).and_then(|e| e.context.borrow().clone()).map_or(Value::None, Value::Obj))
}

fn exc_or_none(vm: &mut Vm, new: Value, name: &str, what: &str) -> R<Option<Ref>> {
    match new {
        Value::Unbound => Err(vm.type_error(&format!("{name} may not be deleted"))),
        Value::None => Ok(None),
        Value::Obj(o) if matches!(o.kind, Kind::Exc(_)) => Ok(Some(o)),
        _ => Err(vm.type_error(&format!("exception {what} must be None or derive from BaseException"))),
    }
}

fn set_cause(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let new = exc_or_none(vm, new, "__cause__", "cause")?;
    if let Some(e) = as_exc(v) {
        drop(e.cause.replace(new));
        e.suppress_context.set(true);
    }
    Ok(())
}

fn set_context(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let new = exc_or_none(vm, new, "__context__", "context")?;
    if let Some(e) = as_exc(v) {
        drop(e.context.replace(new));
    }
    Ok(())
}

fn get_suppress(_: &mut Vm, v: &Value) -> R {
    Ok(as_exc(v).is_some_and(|e| e.suppress_context.get()).into())
}

fn set_suppress(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    if !matches!(new, Value::True | Value::False) {
        return Err(vm.type_error("attribute value type must be bool"));
    }
    if let Some(e) = as_exc(v) {
        e.suppress_context.set(matches!(new, Value::True));
    }
    Ok(())
}

/// Whether a traceback shows just these places (outermost last).
fn shows(traceback: &Traceback, trace: &[TraceEntry]) -> bool {
    let entries = traceback.entries.get(traceback.index..).unwrap_or_default();
    let same = |a: &TraceEntry, b: &TraceEntry| Rc::ptr_eq(&a.code, &b.code) && a.span == b.span;
    entries.len() == trace.len() && entries.iter().zip(trace.iter().rev()).all(|(a, b)| same(a, b))
}

/// The traceback object of an exception, `None` while it has passed no place.
pub fn get_traceback(_: &mut Vm, v: &Value) -> R {
    let Some(e) = as_exc(v) else { return Ok(Value::None) };
    if e.trace.borrow().is_empty() {
        return Ok(Value::None);
    }
    let cell = e.shown_cell();
    let shown = cell.borrow().upgrade();
    if let Some(shown) = shown
        && matches!(&shown.kind, Kind::Traceback(t) if shows(t, &e.trace.borrow()))
    {
        return Ok(shown.into());
    }
    let entries: Rc<[TraceEntry]> = e.trace.borrow().iter().rev().cloned().collect();
    let made = Obj::new(Kind::Traceback(Box::new(Traceback { entries, index: 0 })));
    cell.replace(Rc::downgrade(&made));
    Ok(made.into())
}

/// Sets the traceback of an exception.
pub fn set_traceback(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    let entries = match (&new, new.kind()) {
        (_, Some(Kind::Traceback(t))) => t.entries.iter().skip(t.index).rev().cloned().collect(),
        (Value::None, _) => Vec::new(),
        (Value::Unbound, _) => return Err(vm.type_error("__traceback__ may not be deleted")),
        _ => return Err(vm.type_error("__traceback__ must be a traceback or None")),
    };
    if let Some(e) = as_exc(v) {
        drop(e.trace.replace(entries));
        let shown = new.obj().map(|o| Rc::new(Rc::downgrade(o).into()));
        drop(e.shown.replace(shown));
    }
    Ok(())
}

/// Attributes that built-in exceptions keep beside their `__dict__`.
const HIDDEN: &[&str] = &[
    "name",
    "obj",
    "msg",
    "path",
    "errno",
    "strerror",
    "filename",
    "filename2",
    "lineno",
    "offset",
    "text",
    "end_lineno",
    "end_offset",
    "print_file_and_line",
    "value",
    "code",
    "encoding",
    "object",
    "start",
    "end",
    "reason",
    "message",
    "exceptions",
];

fn get_dict(_: &mut Vm, v: &Value) -> R {
    if let Some(e) = as_exc(v)
        && !e.class.has(flag::HEAP)
        && e.fields.borrow().names(&e.class).iter().all(|n| HIDDEN.contains(&n.text()))
    {
        return Ok(Obj::dict(crate::value::dict::Dict::new()).into());
    }
    Ok(dict_of(v).map_or(Value::None, Value::Obj))
}

fn set_dict(vm: &mut Vm, v: &Value, new: Value) -> R<()> {
    vm.set_dict(v, new)
}

/// `BaseException`.
pub const BASE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Creates an exception."),
        Builtin::new("__init__", "(self, *args, **kwargs)", init, "Sets the arguments."),
        Builtin::new("__str__", "(self, /)", str, "Return str(self)."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
        Builtin::new("with_traceback", "(self, traceback, /)", with_traceback, "Set self.__traceback__ to tb and return self."),
        Builtin::new("add_note", "(self, note, /)", add_note, "Add a note to the exception."),
        Builtin::new("__reduce__", "(self, /)", reduce, ""),
        Builtin::new("__setstate__", "(self, state, /)", set_state, ""),
    ],
    getsets: &[
        GetSet { name: "args", get: get_args, set: Some(set_args_attr) },
        GetSet { name: "__cause__", get: get_cause, set: Some(set_cause) },
        GetSet { name: "__context__", get: get_context, set: Some(set_context) },
        GetSet { name: "__suppress_context__", get: get_suppress, set: Some(set_suppress) },
        GetSet { name: "__traceback__", get: get_traceback, set: Some(set_traceback) },
        GetSet { name: "__dict__", get: get_dict, set: Some(set_dict) },
    ],
    construct: Some(&CONSTRUCT),
    solid: Solid::Exception,
    flags: 0,
    doc: "Common base class for all exceptions",
};

// ---- tracebacks and frames ----------------------------------------------------------------------------------

fn entry_of(v: &Value) -> Option<&TraceEntry> {
    match v.kind() {
        Some(Kind::Traceback(t)) => t.entries.get(t.index),
        _ => None,
    }
}

fn tb_next(_: &mut Vm, v: &Value) -> R {
    let Some(Kind::Traceback(t)) = v.kind() else { return Ok(Value::None) };
    if t.index + 1 >= t.entries.len() {
        return Ok(Value::None);
    }
    Ok(Obj::new(Kind::Traceback(Box::new(Traceback { entries: t.entries.clone(), index: t.index + 1 }))).into())
}

fn tb_lineno(_: &mut Vm, v: &Value) -> R {
    Ok(entry_of(v).map_or(Value::None, |e| e.code.source.line(e.span.start).into()))
}

fn tb_lasti(_: &mut Vm, v: &Value) -> R {
    Ok(entry_of(v).map_or(Value::None, |e| Value::Int(i64::from(e.span.start))))
}

fn tb_frame(_: &mut Vm, v: &Value) -> R {
    Ok(entry_of(v).map_or(Value::None, |e| super::frame::frame_object(e.clone())))
}

/// Tracebacks.
pub const TRACEBACK: TypeDef = TypeDef {
    methods: &[],
    getsets: &[
        GetSet { name: "tb_next", get: tb_next, set: None },
        GetSet { name: "tb_lineno", get: tb_lineno, set: None },
        GetSet { name: "tb_lasti", get: tb_lasti, set: None },
        GetSet { name: "tb_frame", get: tb_frame, set: None },
    ],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "",
};
