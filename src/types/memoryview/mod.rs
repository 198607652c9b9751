//! `memoryview`: items of bytes, bytearrays and other buffers; slices and casts share the memory.

use std::cell::RefCell;
use std::rc::Rc;

use super::bytes::bytes_of;
use super::object::address;
use crate::pure::pack;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

mod cast;
mod item;

/// Which bytes of an object a view shows, and as what.
#[derive(Clone)]
pub struct Shape {
    start: i64,
    /// The length of each dimension.
    counts: Vec<usize>,
    /// The bytes from one item to the next in each dimension.
    strides: Vec<i64>,
    /// The code of the items, after an `@` that may stand before it.
    code: char,
    is_native: bool,
}

impl Shape {
    fn itemsize(&self) -> usize {
        pack::item_size(self.code).unwrap_or(1)
    }

    /// The number of items.
    fn items(&self) -> usize {
        self.counts.iter().product()
    }

    fn nbytes(&self) -> usize {
        self.items() * self.itemsize()
    }

    /// The places of all items, the last dimension running fastest.
    fn places(&self) -> Vec<i64> {
        let mut places = vec![self.start];
        for (count, stride) in self.counts.iter().zip(&self.strides) {
            places = places.iter().flat_map(|p| (0..*count).map(move |i| p + i as i64 * stride)).collect();
        }
        places
    }

    /// Whether the items follow each other without gaps: the last dimension fastest, or the first.
    fn is_contiguous(&self, first_is_fastest: bool) -> bool {
        let mut expected = self.itemsize() as i64;
        let mut dimensions: Vec<_> = self.counts.iter().zip(&self.strides).collect();
        if !first_is_fastest {
            dimensions.reverse();
        }
        self.items() == 0
            || dimensions.into_iter().all(|(count, stride)| {
                let fits = *count == 1 || *stride == expected;
                expected *= *count as i64;
                fits
            })
    }

    fn format(&self) -> String {
        if self.is_native { format!("@{}", self.code) } else { self.code.to_string() }
    }
}

/// A view of an object's memory.
pub struct MemoryView {
    /// The bytes, bytearray or other buffer.
    base: Value,
    shape: Shape,
    is_readonly: bool,
    /// Keeps the object from changing its size; gone once released.
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
        let size = self.shape.itemsize();
        with_memory(&self.base, |all| self.shape.places().iter().filter_map(|p| all.get(*p as usize..*p as usize + size)).flatten().copied().collect())
            .unwrap_or_default()
    }

    /// Another view of the same object.
    fn with(&self, shape: Shape) -> Value {
        let export = RefCell::new(self.export.borrow().clone());
        Obj::native(Self { base: self.base.clone(), shape, is_readonly: self.is_readonly, export }).into()
    }
}

/// Looks at the memory of a value, if it has any.
fn with_memory<T>(v: &Value, look: impl FnOnce(&[u8]) -> T) -> Option<T> {
    match v.kind()? {
        Kind::Bytes(b) => Some(look(b)),
        Kind::ByteArray(b) => Some(look(&b.borrow())),
        Kind::Native(n) => n.buffer().map(|(b, _)| look(&b.borrow())),
        _ => None,
    }
}

/// Changes bytes of a value's memory.
fn write_memory(v: &Value, at: i64, bytes: &[u8]) {
    let change = |memory: &mut [u8]| {
        if let Some(slots) = memory.get_mut(at as usize..at as usize + bytes.len()) {
            slots.copy_from_slice(bytes);
        }
    };
    match v.kind() {
        Some(Kind::ByteArray(b)) => change(&mut b.borrow_mut()),
        Some(Kind::Native(n)) => {
            if let Some((b, _)) = n.buffer() {
                change(&mut b.borrow_mut());
            }
        }
        _ => {}
    }
}

/// The view that a value is.
pub fn view_of(v: &Value) -> Option<&MemoryView> {
    v.obj().and_then(|o| o.downcast::<MemoryView>())
}

/// The bytes that a writable view shows, or a writable buffer has.
pub fn writable_len(v: &Value) -> Option<usize> {
    match (view_of(v), v.native_kind()) {
        (Some(view), _) => (!view.is_readonly && view.export.borrow().is_some()).then(|| view.shape.nbytes()),
        (None, Some(Kind::Native(n))) => n.buffer().map(|(b, _)| b.borrow().len()),
        _ => None,
    }
}

/// Writes to the start of such memory.
pub fn fill(v: &Value, bytes: &[u8]) {
    match view_of(v) {
        Some(view) => {
            for (at, item) in view.shape.places().into_iter().zip(bytes.chunks(view.shape.itemsize())) {
                write_memory(&view.base, at, item);
            }
        }
        None => write_memory(v.native(), 0, bytes),
    }
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
    /// Refuses to change a buffer's size while a memoryview shows it.
    pub fn check_resizable(&mut self, buffer: &Value) -> R<()> {
        let is_shown = !self.exports.is_empty() && buffer.native().obj().is_some_and(|o| self.exports.get(&o.id()).is_some_and(|e| Rc::strong_count(e) > 1));
        if is_shown { Err(self.buffer_error("Existing exports of data: object cannot be re-sized")) } else { Ok(()) }
    }
}

fn new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if view_of(&a[0]).is_some() {
        let view = receiver(vm, &a[0])?;
        return Ok(view.with(view.shape.clone()));
    }
    let base = a[0].native().clone();
    let code = match base.kind() {
        Some(Kind::Native(n)) => n.buffer().map_or('B', |(_, code)| code),
        _ => 'B',
    };
    let (Some(len), Some(o)) = (with_memory(&base, <[u8]>::len), base.obj()) else {
        let text = format!("memoryview: a bytes-like object is required, not '{}'", vm.class_name(&a[0]));
        return Err(vm.type_error(&text));
    };
    let is_readonly = matches!(base.kind(), Some(Kind::Bytes(_)));
    let export = if is_readonly { Rc::new(()) } else { vm.exports.entry(o.id()).or_default().clone() };
    let size = pack::item_size(code).unwrap_or(1);
    let shape = Shape { start: 0, counts: vec![len / size], strides: vec![size as i64], code, is_native: false };
    Ok(Obj::native(MemoryView { shape, is_readonly, export: RefCell::new(Some(export)), base }).into())
}

fn len(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(receiver(vm, &a[0])?.shape.counts.first().copied().unwrap_or(1).into())
}

fn eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let own = view_of(&a[0]);
    if [own, view_of(&a[1])].into_iter().flatten().any(|v| v.export.borrow().is_none()) {
        return Ok(Value::bool(a[0].is(&a[1])));
    }
    let Some(own) = own else { return Ok(vm.not_implemented.clone()) };
    if let Some(other) = view_of(&a[1]) {
        let same = own.shape.counts == other.shape.counts && item::all(own) == item::all(other);
        return Ok(Value::bool(same));
    }
    let code = match a[1].native_kind() {
        Some(Kind::Native(n)) => n.buffer().map_or('B', |(_, code)| code),
        _ => 'B',
    };
    let Some(other) = bytes_of(&a[1]) else { return Ok(vm.not_implemented.clone()) };
    let size = pack::item_size(code).unwrap_or(1);
    let items: Vec<_> = other.chunks(size).map(|bytes| item::comparable(pack::read(code, bytes))).collect();
    Ok(Value::bool(own.shape.counts == [items.len()] && item::all(own) == items))
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
    if !matches!(view.shape.code, 'B' | 'b' | 'c') {
        return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    let copy = Value::Obj(Obj::bytes(view.bytes()));
    vm.hash(&copy).map(Value::Int)
}

fn repr(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let is_released = view_of(&a[0]).is_some_and(|v| v.export.borrow().is_none());
    Ok(format!("<{} at {}>", if is_released { "released memory" } else { "memory" }, address(&a[0])).into())
}

fn tobytes(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    let order = match a[1].some() {
        None => "C",
        Some(v) => super::make::str_arg(vm, v, "tobytes() argument 'order'")?,
    };
    match order {
        "F" => Ok(Obj::bytes(cast::fortran_bytes(view)).into()),
        "C" | "A" => Ok(Obj::bytes(view.bytes()).into()),
        _ => Err(vm.value_error("order must be 'C', 'F' or 'A'")),
    }
}

fn toreadonly(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let view = receiver(vm, &a[0])?;
    let export = RefCell::new(view.export.borrow().clone());
    Ok(Obj::native(MemoryView { base: view.base.clone(), shape: view.shape.clone(), is_readonly: true, export }).into())
}

fn hex(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    receiver(vm, &a[0])?;
    super::bytes::hex(vm, a, n)
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

fn numbers(items: impl Iterator<Item = i64>) -> Value {
    Obj::tuple(items.map(Value::Int).collect::<Vec<_>>()).into()
}

static NEW: Builtin = Builtin::new("memoryview", "(object)", new, "");

/// `memoryview`.
pub const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__len__", "(self, /)", len, "Return len(self)."),
        Builtin::new("__getitem__", "(self, key, /)", item::getitem, "Return self[key]."),
        Builtin::new("__setitem__", "(self, key, value, /)", item::setitem, "Set self[key] to value."),
        Builtin::new("__delitem__", "(self, key, /)", item::delitem, "Delete self[key]."),
        Builtin::new("__eq__", "(self, value, /)", eq, "Return self==value."),
        Builtin::new("__ne__", "(self, value, /)", ne, "Return self!=value."),
        Builtin::new("__hash__", "(self, /)", hash, "Return hash(self)."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
        Builtin::new("__enter__", "(self, /)", enter, ""),
        Builtin::new("__exit__", "(self, *args)", release, ""),
        Builtin::new("cast", "(self, /, format, shape=None)", cast::cast, "Cast a memoryview to a new format or shape."),
        Builtin::new("tobytes", "(self, /, order='C')", tobytes, "The bytes as a bytes object."),
        Builtin::new("tolist", "(self, /)", item::tolist, "The items as a list of numbers."),
        Builtin::new("toreadonly", "(self, /)", toreadonly, "A view that cannot change the object."),
        Builtin::new("hex", "(self, /, sep=None, bytes_per_sep=1)", hex, "Two hexadecimal digits for each byte."),
        Builtin::new("release", "(self, /)", release, "Lets the object go."),
    ],
    getsets: &[
        GetSet { name: "obj", get: |vm, v| Ok(receiver(vm, v)?.base.clone()), set: None },
        GetSet { name: "nbytes", get: |vm, v| Ok(receiver(vm, v)?.shape.nbytes().into()), set: None },
        GetSet { name: "itemsize", get: |vm, v| Ok(receiver(vm, v)?.shape.itemsize().into()), set: None },
        GetSet { name: "ndim", get: |vm, v| Ok(receiver(vm, v)?.shape.counts.len().into()), set: None },
        GetSet { name: "format", get: |vm, v| Ok(receiver(vm, v)?.shape.format().into()), set: None },
        GetSet { name: "shape", get: |vm, v| Ok(numbers(receiver(vm, v)?.shape.counts.iter().map(|c| *c as i64))), set: None },
        GetSet { name: "strides", get: |vm, v| Ok(numbers(receiver(vm, v)?.shape.strides.iter().copied())), set: None },
        GetSet { name: "suboffsets", get: |vm, v| receiver(vm, v).map(|_| numbers(std::iter::empty())), set: None },
        GetSet { name: "readonly", get: |vm, v| Ok(receiver(vm, v)?.is_readonly.into()), set: None },
        GetSet {
            name: "contiguous",
            get: |vm, v| {
                let shape = &receiver(vm, v)?.shape;
                Ok((shape.is_contiguous(false) || shape.is_contiguous(true)).into())
            },
            set: None,
        },
        GetSet { name: "c_contiguous", get: |vm, v| Ok(receiver(vm, v)?.shape.is_contiguous(false).into()), set: None },
        GetSet { name: "f_contiguous", get: |vm, v| Ok(receiver(vm, v)?.shape.is_contiguous(true).into()), set: None },
    ],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: flag::FINAL,
    doc: "Create a new memoryview object which references the given object.",
};
