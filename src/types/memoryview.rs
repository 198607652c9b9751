//! `memoryview` on bytes and bytearrays: items are bytes, slices share the memory.

use std::cell::RefCell;
use std::rc::Rc;

use super::bytes::bytes_of;
use super::object::address;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// A view: which bytes of which object.
pub struct MemoryView {
    /// The bytes or bytearray.
    base: Value,
    start: i64,
    count: usize,
    step: i64,
    is_readonly: bool,
    /// Keeps a bytearray from changing its size; gone once released.
    export: RefCell<Option<Rc<()>>>,
}

impl Native for MemoryView {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a ClassRef {
        &vm.types.memoryview
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.base);
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl MemoryView {
    /// The bytes it shows.
    pub fn bytes(&self) -> Vec<u8> {
        let all = bytes_of(&self.base).unwrap_or_default();
        (0..self.count).filter_map(|i| all.get(self.offset(i)).copied()).collect()
    }

    /// Where an item stands in the object.
    fn offset(&self, i: usize) -> usize {
        (self.start + i as i64 * self.step) as usize
    }

    fn part(&self, start: i64, count: usize, step: i64) -> Value {
        let export = RefCell::new(self.export.borrow().clone());
        Obj::native(Self {
            base: self.base.clone(),
            start: self.start + start * self.step,
            count,
            step: self.step * step,
            is_readonly: self.is_readonly,
            export,
        })
        .into()
    }
}

/// The view that a value is.
pub fn view_of(v: &Value) -> Option<&MemoryView> {
    v.obj().and_then(|o| o.downcast::<MemoryView>())
}

/// The receiver of a method, which must not be released.
fn receiver<'a>(vm: &mut Vm, v: &'a Value) -> R<&'a MemoryView> {
    match view_of(v) {
        Some(view) if view.export.borrow().is_some() => Ok(view),
        Some(_) => Err(vm.value_error("operation forbidden on released memoryview object")),
        None => unreachable!("the receiver of a memoryview's method is one"),
    }
}

impl Vm {
    /// Refuses to change a bytearray's size while a memoryview shows it.
    pub fn check_resizable(&mut self, bytearray: &Value) -> R<()> {
        let is_shown = !self.exports.is_empty() && bytearray.native().obj().is_some_and(|o| self.exports.get(&o.id()).is_some_and(|e| Rc::strong_count(e) > 1));
        if is_shown { Err(self.buffer_error("Existing exports of data: object cannot be re-sized")) } else { Ok(()) }
    }
}

fn new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(view) = view_of(&a[0]) {
        return Ok(view.part(0, view.count, 1));
    }
    let base = a[0].native().clone();
    let (Some(bytes), Some(o)) = (bytes_of(&base), base.obj()) else {
        let text = format!("memoryview: a bytes-like object is required, not '{}'", vm.class_name(&a[0]));
        return Err(vm.type_error(&text));
    };
    let is_readonly = matches!(base.kind(), Some(Kind::Bytes(_)));
    let export = if is_readonly { Rc::new(()) } else { vm.exports.entry(o.id()).or_default().clone() };
    Ok(Obj::native(MemoryView { start: 0, count: bytes.len(), step: 1, is_readonly, export: RefCell::new(Some(export)), base }).into())
}

/// The place of an item that a key names.
fn item_place(vm: &mut Vm, view: &MemoryView, key: &Value) -> R<usize> {
    if !vm.has_index(key) {
        return Err(vm.type_error("memoryview: invalid slice key"));
    }
    let index = vm.index_i64(key)?;
    match Vm::position(index, view.count) {
        Some(i) => Ok(view.offset(i)),
        None => Err(vm.index_error("index out of bounds on dimension 1")),
    }
}

fn getitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    if let Some(Kind::Slice(slice)) = a[1].kind() {
        let span = vm.slice_span(slice, || view.count)?;
        return Ok(view.part(span.start, span.count, span.step));
    }
    let at = item_place(vm, view, &a[1])?;
    let byte = bytes_of(&view.base).and_then(|b| b.get(at).copied());
    Ok(Value::Int(i64::from(byte.unwrap_or_default())))
}

fn setitem(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    let Some(Kind::ByteArray(target)) = view.base.kind() else { return Err(vm.type_error("cannot modify read-only memory")) };
    if let Some(Kind::Slice(slice)) = a[1].kind() {
        let span = vm.slice_span(slice, || view.count)?;
        let Some(new) = bytes_of(&a[2]) else {
            let text = format!("a bytes-like object is required, not '{}'", vm.class_name(&a[2]));
            return Err(vm.type_error(&text));
        };
        if new.len() != span.count {
            return Err(vm.value_error("memoryview assignment: lvalue and rvalue have different structures"));
        }
        let mut target = target.borrow_mut();
        for (i, byte) in new.into_iter().enumerate() {
            let at = view.offset((span.start + i as i64 * span.step) as usize);
            if let Some(slot) = target.get_mut(at) {
                *slot = byte;
            }
        }
        return Ok(Value::None);
    }
    let at = item_place(vm, view, &a[1])?;
    if !vm.has_index(&a[2]) {
        return Err(vm.type_error("memoryview: invalid type for format 'B'"));
    }
    let Ok(byte) = u8::try_from(vm.index_i64(&a[2])?) else { return Err(vm.value_error("memoryview: invalid value for format 'B'")) };
    if let Some(slot) = target.borrow_mut().get_mut(at) {
        *slot = byte;
    }
    Ok(Value::None)
}

fn delitem(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Err(vm.type_error("cannot delete memory"))
}

fn len(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(receiver(vm, &a[0])?.count.into())
}

fn eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let own = receiver(vm, &a[0])?.bytes();
    Ok(match bytes_of(&a[1]) {
        Some(other) => Value::bool(own == other),
        None => vm.not_implemented.clone(),
    })
}

fn ne(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let same = eq(vm, a, n)?;
    Ok(match same {
        Value::True => Value::False,
        Value::False => Value::True,
        other => other,
    })
}

fn hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    if !view.is_readonly {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    let copy = Value::Obj(Obj::bytes(view.bytes()));
    vm.hash(&copy).map(Value::Int)
}

fn repr(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let is_released = view_of(&a[0]).is_some_and(|v| v.export.borrow().is_none());
    Ok(format!("<{} at {}>", if is_released { "released memory" } else { "memory" }, address(&a[0])).into())
}

fn tobytes(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::bytes(receiver(vm, &a[0])?.bytes()).into())
}

fn tolist(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(receiver(vm, &a[0])?.bytes().into_iter().map(|b| Value::Int(i64::from(b))).collect::<Vec<_>>().into())
}

fn toreadonly(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    let export = RefCell::new(view.export.borrow().clone());
    Ok(Obj::native(MemoryView { base: view.base.clone(), start: view.start, count: view.count, step: view.step, is_readonly: true, export }).into())
}

fn hex(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let copy = Value::Obj(Obj::bytes(receiver(vm, &a[0])?.bytes()));
    let name = vm.intern("hex");
    let args = a.get(1..n).unwrap_or_default().to_vec();
    vm.call_method(&copy, &name, &args)
}

fn release(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(view) = view_of(&a[0]) {
        drop(view.export.take());
    }
    Ok(Value::None)
}

fn enter(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    receiver(vm, &a[0])?;
    Ok(a[0].clone())
}

fn tuple_of(n: i64) -> Value {
    Obj::tuple(vec![Value::Int(n)]).into()
}

static NEW: Builtin = Builtin::new("memoryview", "(object)", new, "");

/// `memoryview`.
pub const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__len__", "(self, /)", len, "Return len(self)."),
        Builtin::new("__getitem__", "(self, key, /)", getitem, "Return self[key]."),
        Builtin::new("__setitem__", "(self, key, value, /)", setitem, "Set self[key] to value."),
        Builtin::new("__delitem__", "(self, key, /)", delitem, "Delete self[key]."),
        Builtin::new("__eq__", "(self, value, /)", eq, "Return self==value."),
        Builtin::new("__ne__", "(self, value, /)", ne, "Return self!=value."),
        Builtin::new("__hash__", "(self, /)", hash, "Return hash(self)."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
        Builtin::new("__enter__", "(self, /)", enter, ""),
        Builtin::new("__exit__", "(self, *args)", release, ""),
        Builtin::new("tobytes", "(self, /)", tobytes, "The bytes as a bytes object."),
        Builtin::new("tolist", "(self, /)", tolist, "The bytes as a list of numbers."),
        Builtin::new("toreadonly", "(self, /)", toreadonly, "A view that cannot change the object."),
        Builtin::new("hex", "(self, sep=None, bytes_per_sep=1, /)", hex, "Two hexadecimal digits for each byte."),
        Builtin::new("release", "(self, /)", release, "Lets the object go."),
    ],
    getsets: &[
        GetSet { name: "obj", get: |vm, v| Ok(receiver(vm, v)?.base.clone()), set: None },
        GetSet { name: "nbytes", get: |vm, v| Ok(receiver(vm, v)?.count.into()), set: None },
        GetSet { name: "itemsize", get: |vm, v| receiver(vm, v).map(|_| Value::Int(1)), set: None },
        GetSet { name: "ndim", get: |vm, v| receiver(vm, v).map(|_| Value::Int(1)), set: None },
        GetSet { name: "format", get: |vm, v| receiver(vm, v).map(|_| "B".into()), set: None },
        GetSet { name: "shape", get: |vm, v| Ok(tuple_of(receiver(vm, v)?.count as i64)), set: None },
        GetSet { name: "strides", get: |vm, v| Ok(tuple_of(receiver(vm, v)?.step)), set: None },
        GetSet { name: "readonly", get: |vm, v| Ok(receiver(vm, v)?.is_readonly.into()), set: None },
        GetSet { name: "contiguous", get: |vm, v| Ok((receiver(vm, v)?.step == 1).into()), set: None },
        GetSet { name: "c_contiguous", get: |vm, v| Ok((receiver(vm, v)?.step == 1).into()), set: None },
    ],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "Create a new memoryview object which references the given object.",
};
