//! Frame objects: what a traceback or a coroutine tells of a frame, and the frames of the calls that are under way.

use crate::value::class::{Solid, flag};
use crate::value::exc::TraceEntry;
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// What a traceback tells of a frame: its code and its line.
pub struct Frame {
    entry: TraceEntry,
    /// The frame that called it, as far as that is known.
    back: Value,
    /// The depth of calls at which it runs, if it does.
    depth: Option<u32>,
}

impl Native for Frame {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        &vm.types.frame
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.back);
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn frame_of(v: &Value) -> Option<&TraceEntry> {
    v.obj().and_then(|o| o.downcast::<Frame>()).map(|f| &f.entry)
}

fn f_code(_: &mut Vm, v: &Value) -> R {
    Ok(frame_of(v).map_or(Value::None, |e| Obj::new(Kind::Code(e.code.clone())).into()))
}

fn f_lineno(vm: &mut Vm, v: &Value) -> R {
    let Some(frame) = v.obj().and_then(|o| o.downcast::<Frame>()) else { return Ok(Value::None) };
    let code = &frame.entry.code;
    let now = frame.depth.and_then(|depth| vm.place_of_caller(code, depth));
    Ok(code.source.line(now.unwrap_or(frame.entry.span).start).into())
}

fn f_globals(_: &mut Vm, v: &Value) -> R {
    Ok(frame_of(v).map_or(Value::None, |e| e.code.globals.clone().into()))
}

/// A copy of the variables, as far as the frame still knows them.
fn f_locals(vm: &mut Vm, v: &Value) -> R {
    let Some(entry) = frame_of(v) else { return Ok(Value::None) };
    if v.obj().and_then(|o| o.downcast::<Frame>()).is_some_and(|f| f.depth.is_some()) {
        if entry.code.name.text() == "<module>" {
            return Ok(entry.code.globals.clone().into());
        }
        return Err(vm.not_implemented_error("corun does not show the variables of a function that is running"));
    }
    let code = &entry.code;
    let named = code.locals.iter().zip(code.cells.iter().copied()).chain(code.free.iter().zip(std::iter::repeat(true)));
    let mut plain = crate::value::dict::Dict::new();
    let mut cells = Vec::new();
    for ((name, is_cell), value) in named.zip(entry.frame.iter().flat_map(|f| f.iter())) {
        match (is_cell, value.kind()) {
            (true, Some(Kind::Cell(c))) => cells.push((name, c.borrow().clone())),
            _ if value.is_unbound() => {}
            _ => drop(plain.set_name(name, value.clone())),
        }
    }
    for (name, value) in cells.into_iter().filter(|(_, v)| !v.is_unbound()) {
        drop(plain.set_name(name, value));
    }
    Ok(Obj::dict(plain).into())
}

/// The source line where a frame stands, without its indentation.
pub fn line_text(frame: &Value) -> &str {
    let Some(entry) = frame_of(frame) else { return "" };
    let source = &entry.code.source;
    source.text.lines().nth(source.line(entry.span.start).saturating_sub(1)).unwrap_or_default().trim()
}

/// A frame object for a coroutine that is not running.
pub fn frame_object(entry: TraceEntry) -> Value {
    Obj::native(Frame { entry, back: Value::None, depth: None }).into()
}

/// `<frame at 0x..., file '...', line 3, code f>`
fn frame_repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(entry) = frame_of(&a[0]) else { return Ok(Value::None) };
    let (code, line) = (entry.code.clone(), entry.code.source.line(entry.span.start));
    let file = vm.repr(&Value::from(&*code.source.name))?;
    Ok(format!("<frame at {}, file {file}, line {line}, code {}>", crate::types::object::address(&a[0]), code.name.text()).into())
}

/// The frame objects of calls that are under way, from one on inwards; nothing where there are not so many.
pub fn calling_frame(vm: &Vm, depth: usize) -> Option<Value> {
    let frames = vm.calling_frames().into_iter().skip(depth);
    let mut back = Value::None;
    for (entry, depth) in frames.collect::<Vec<_>>().into_iter().rev() {
        back = Obj::native(Frame { entry, back, depth: Some(depth) }).into();
    }
    (!back.is_none()).then_some(back)
}

fn f_back(_: &mut Vm, v: &Value) -> R {
    Ok(v.obj().and_then(|o| o.downcast::<Frame>()).map_or(Value::None, |f| f.back.clone()))
}

/// Frames as tracebacks show them.
pub const FRAME: TypeDef = TypeDef {
    methods: &[Builtin::new("__repr__", "(self, /)", frame_repr, "The repr.")],
    getsets: &[
        GetSet { name: "f_code", get: f_code, set: None },
        GetSet { name: "f_lineno", get: f_lineno, set: None },
        GetSet { name: "f_globals", get: f_globals, set: None },
        GetSet { name: "f_locals", get: f_locals, set: None },
        GetSet { name: "f_back", get: f_back, set: None },
    ],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "",
};
