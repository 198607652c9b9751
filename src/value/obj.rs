//! Heap objects: a header and one of the built-in kinds. Payloads stay within 40 bytes; what is larger is boxed.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use num_bigint::BigInt;

use super::class::{Class, ClassRef};
use super::coro::Coro;
use super::dict::Dict;
use super::exc::{Exc, Traceback};
use super::func::{BoundMethod, Code, Func, NativeFn};
use super::instance::{Derived, Fields, Instance};
use super::iter::Iter;
use super::set::SetObj;
use super::string::Str;
use super::{R, Ref, Value, heap, weak};
use crate::event_loop::future::Future;
use crate::event_loop::task::Task;
use crate::syntax::ast::CmpOp;

/// What every heap object has besides its contents.
#[derive(Default)]
pub struct Head {
    /// The number behind `id()`, given when first asked for; 0 before.
    pub id: Cell<u32>,
    /// One more than its place in the collector's registry; 0 when it stands there not.
    pub gc: Cell<u32>,
}

/// A heap object.
pub struct Obj {
    /// Identity and the collector's place.
    pub head: Head,
    /// The contents.
    pub kind: Kind,
}

/// A `range` whose bounds fit 64 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
}

/// The three parts of a slice, `None` where absent.
pub struct Slice {
    pub start: Value,
    pub stop: Value,
    pub step: Value,
}

/// A module: its namespace is an ordinary dict.
pub struct Module {
    pub name: Rc<str>,
    pub dict: Ref,
}

/// `property`.
#[derive(Default)]
pub struct Property {
    pub parts: RefCell<PropertyParts>,
    /// The name it was given by `__set_name__`.
    pub name: RefCell<Value>,
}

/// What `property.__init__` sets; empty values stand for `None`.
#[derive(Clone, Default)]
pub struct PropertyParts {
    pub get: Value,
    pub set: Value,
    pub del: Value,
    pub doc: Value,
    /// Whether the text came from the getter.
    pub is_getter_doc: bool,
}

/// Which part of a dict a view shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ViewKind {
    Keys,
    Values,
    Items,
}

/// An object of a kind that only one module knows (files, locks, loops, ...).
pub trait Native: std::any::Any {
    /// The Python class of the object.
    fn class<'a>(&'a self, vm: &'a crate::vm::Vm) -> &'a ClassRef;
    /// The attributes that a script gave it, for objects that can have some.
    fn attrs(&self) -> Option<&Attrs> {
        None
    }
    /// Calls `visit` for every value it holds, once for each reference.
    fn trace(&self, _visit: &mut dyn FnMut(&Value)) {}
    /// Lets go of what it holds, when the collector found it unreachable.
    fn clear(&self) {}
    /// The memory that it shares with memoryviews, and the code of its items.
    fn buffer(&self) -> Option<(&RefCell<Vec<u8>>, char)> {
        None
    }
    /// How it is called, where that need not be looked up.
    fn caller(&self) -> Option<Caller> {
        None
    }
    /// How it is compared, where that need not be looked up.
    fn comparer(&self) -> Option<Comparer> {
        None
    }
    /// Its steps, if it is an iterator.
    fn steps(&self) -> Option<&dyn Steps> {
        None
    }
    /// Where it keeps attributes that scripts set, and by which class's layout.
    fn fields(&self) -> Option<(&RefCell<Fields>, &Class)> {
        None
    }
    /// The hash, where it is known without asking the class.
    fn known_hash(&self) -> Option<i64> {
        None
    }
    /// For downcasting.
    fn as_any(&self) -> &dyn std::any::Any;
}

/// Attributes that a script gives to an object of a built-in class: a dictionary, made for the first one.
#[derive(Default)]
pub struct Attrs(OnceCell<Ref>);

impl Attrs {
    /// One of them.
    pub fn get(&self, name: &Ref) -> Option<Value> {
        self.0.get()?.as_dict()?.borrow().get_name(name).cloned()
    }

    /// Whether a script has never set one.
    pub fn is_empty(&self) -> bool {
        self.0.get().is_none()
    }

    /// The dictionary.
    pub fn dict(&self) -> &Ref {
        self.0.get_or_init(|| Obj::dict(Dict::new()))
    }

    /// Visits the dictionary.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(dict) = self.0.get() {
            visit(&Value::Obj(dict.clone()));
        }
    }

    /// Empties it.
    pub fn clear(&self) {
        if let Some(dict) = self.0.get().and_then(|d| d.as_dict()) {
            drop(dict.take());
        }
    }
}

/// Calls an object with the arguments in a window: so many positional ones, then one for each name. The window is empty
/// afterwards.
pub type Caller = fn(&mut crate::vm::Vm, &Value, &mut [Value], usize, &[Ref]) -> R;

/// Compares an object that stands on the left.
pub type Comparer = fn(&mut crate::vm::Vm, CmpOp, &Value, &Value) -> R;

/// An iterator that a module defines as a class of its own.
pub trait Steps {
    /// The next item; nothing at the end.
    fn next(&self, vm: &mut crate::vm::Vm) -> R<Option<Value>>;
}

/// The contents of a heap object.
pub enum Kind {
    Str(Str),
    Big(BigInt),
    Complex(f64, f64),
    Bytes(Box<[u8]>),
    ByteArray(RefCell<Vec<u8>>),
    List(RefCell<Vec<Value>>),
    Tuple(Box<[Value]>),
    Dict(Box<RefCell<Dict>>),
    Set(Box<SetObj>),
    FrozenSet(Box<SetObj>),
    Range(Range),
    BigRange(Box<[BigInt; 3]>),
    Slice(Box<Slice>),
    Func(Box<Func>),
    NativeFn(NativeFn),
    Method(BoundMethod),
    Class(Box<Class>),
    Instance(Instance),
    Derived(Box<Derived>),
    Exc(Box<Exc>),
    Cell(RefCell<Value>),
    Coro(Coro),
    RangeIter {
        next: Cell<i64>,
        left: Cell<i64>,
        step: i64,
    },
    ListIter {
        list: RefCell<Value>,
        next: Cell<usize>,
    },
    Iter(Box<RefCell<Iter>>),
    Module(Box<Module>),
    Property(Box<Property>),
    StaticMethod(Value),
    ClassMethod(Value),
    Super {
        class: ClassRef,
        obj: Value,
        start: ClassRef,
    },
    Member {
        class: ClassRef,
        name: Ref,
        slot: Cell<u32>,
    },
    GetSet {
        def: &'static super::func::GetSet,
        class: ClassRef,
    },
    View {
        dict: Value,
        kind: ViewKind,
    },
    Proxy(Value),
    Code(Rc<Code>),
    Traceback(Box<Traceback>),
    Future(Future),
    Task(Task),
    Native(Box<dyn Native>),
    Ellipsis,
    NotImplemented,
    /// Contents moved away by a finaliser or the deep drop.
    Dead,
}

const _: () = assert!(size_of::<Kind>() <= 56);

impl Obj {
    /// An object that cannot be part of a cycle by itself.
    #[inline]
    pub fn new(kind: Kind) -> Ref {
        Rc::new(Self { head: Head::default(), kind })
    }

    /// An object that the cycle collector watches.
    #[inline]
    pub fn tracked(kind: Kind) -> Ref {
        let obj = Self::new(kind);
        heap::register(&obj);
        obj
    }

    /// A string.
    pub fn str(text: &str) -> Ref {
        Self::string(text.to_owned())
    }

    /// A string.
    #[inline]
    pub fn string(text: String) -> Ref {
        Self::new(Kind::Str(Str::new(text)))
    }

    /// A list.
    #[inline]
    pub fn list(items: Vec<Value>) -> Ref {
        Self::tracked(Kind::List(RefCell::new(items)))
    }

    /// A tuple.
    #[inline]
    pub fn tuple(items: impl Into<Box<[Value]>>) -> Ref {
        Self::new(Kind::Tuple(items.into()))
    }

    /// A dict.
    pub fn dict(dict: Dict) -> Ref {
        Self::tracked(Kind::Dict(Box::new(RefCell::new(dict))))
    }

    /// Bytes.
    pub fn bytes(bytes: impl Into<Box<[u8]>>) -> Ref {
        Self::new(Kind::Bytes(bytes.into()))
    }

    /// A closure cell.
    pub fn cell(value: Value) -> Ref {
        Self::new(Kind::Cell(RefCell::new(value)))
    }

    /// An object of a module's own kind.
    pub fn native(native: impl Native) -> Ref {
        Self::tracked(Kind::Native(Box::new(native)))
    }

    /// An integer of any size, small where it fits.
    pub fn int(big: BigInt) -> Value {
        match i64::try_from(&big) {
            Ok(i) => Value::Int(i),
            Err(_) => Value::Obj(Self::new(Kind::Big(big))),
        }
    }

    /// The small stable number behind `id()`.
    pub fn id(&self) -> u32 {
        const MARKS: u32 = heap::FINALIZED | heap::MOVED | weak::WATCHED;
        let id = self.head.id.get();
        if id & !MARKS == 0 {
            self.head.id.set(id | heap::next_id());
        }
        self.head.id.get() & !MARKS
    }

    /// Whether it is the one object of a name (`Interner`).
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.head.id.get() & heap::INTERNED != 0 && matches!(self.kind, Kind::Str(_))
    }

    /// Notes that it is the one object of a name.
    pub fn set_interned(&self) {
        self.head.id.set(self.head.id.get() | heap::INTERNED);
    }

    /// Whether `__class__` was assigned.
    #[inline(always)]
    pub fn is_moved(&self) -> bool {
        self.head.id.get() & heap::MOVED != 0
    }

    /// The text, if it is a `str` object.
    #[inline(always)]
    pub fn as_str(&self) -> Option<&Str> {
        match &self.kind {
            Kind::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The text of a name object (always a `str`).
    pub fn text(&self) -> &str {
        self.as_str().map_or("", Str::as_str)
    }

    /// The dict inside, if it is a dict object.
    #[inline(always)]
    pub fn as_dict(&self) -> Option<&RefCell<Dict>> {
        match &self.kind {
            Kind::Dict(d) => Some(d),
            _ => None,
        }
    }

    /// The native object of type `T` inside.
    pub fn downcast<T: 'static>(&self) -> Option<&T> {
        match &self.kind {
            Kind::Native(n) => n.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// Whether it can hold references to other objects.
    pub fn is_container(&self) -> bool {
        !matches!(
            self.kind,
            Kind::Str(_)
                | Kind::Big(_)
                | Kind::Complex(..)
                | Kind::Bytes(_)
                | Kind::ByteArray(_)
                | Kind::Range(_)
                | Kind::BigRange(_)
                | Kind::NativeFn(_)
                | Kind::RangeIter { .. }
                | Kind::Code(_)
                | Kind::Ellipsis
                | Kind::NotImplemented
                | Kind::Dead
        )
    }

    /// Calls `visit` for every value it holds directly, once for each reference.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        match &self.kind {
            Kind::List(l) => {
                if let Ok(l) = l.try_borrow() {
                    l.iter().for_each(visit);
                }
            }
            Kind::Tuple(t) => t.iter().for_each(visit),
            Kind::Dict(d) => {
                if let Ok(d) = d.try_borrow() {
                    d.trace(visit);
                }
            }
            Kind::Set(s) | Kind::FrozenSet(s) => s.trace(visit),
            Kind::Slice(s) => [&s.start, &s.stop, &s.step].into_iter().for_each(visit),
            Kind::Func(f) => f.trace(visit),
            Kind::Method(m) => {
                visit(&m.func);
                visit(&m.receiver);
            }
            Kind::Class(c) => c.trace(visit),
            Kind::Instance(i) => {
                visit(&(&i.class).into());
                i.trace_fields(visit);
            }
            Kind::Derived(d) => {
                visit(&(&d.class).into());
                visit(&d.base);
                d.trace_fields(visit);
            }
            Kind::Exc(e) => e.trace(visit),
            Kind::Cell(c) => {
                if let Ok(c) = c.try_borrow() {
                    visit(&c);
                }
            }
            Kind::Coro(c) => c.trace(visit),
            Kind::ListIter { list, .. } => {
                if let Ok(l) = list.try_borrow() {
                    visit(&l);
                }
            }
            Kind::Iter(i) => {
                if let Ok(i) = i.try_borrow() {
                    i.trace(visit);
                }
            }
            Kind::Module(m) => visit(&Value::Obj(m.dict.clone())),
            Kind::Property(p) => {
                if let Ok(p) = p.parts.try_borrow() {
                    [&p.get, &p.set, &p.del, &p.doc].into_iter().for_each(visit);
                }
            }
            Kind::StaticMethod(v) | Kind::ClassMethod(v) | Kind::Proxy(v) => visit(v),
            Kind::Super { class, obj, start } => {
                visit(&class.into());
                visit(obj);
                visit(&start.into());
            }
            Kind::Member { class, .. } | Kind::GetSet { class, .. } => visit(&class.into()),
            Kind::View { dict, .. } => visit(dict),
            Kind::Future(f) => f.trace(visit),
            Kind::Task(t) => t.trace(visit),
            Kind::Native(n) => n.trace(visit),
            Kind::Str(_)
            | Kind::Big(_)
            | Kind::Complex(..)
            | Kind::Bytes(_)
            | Kind::ByteArray(_)
            | Kind::Range(_)
            | Kind::BigRange(_)
            | Kind::NativeFn(_)
            | Kind::RangeIter { .. }
            | Kind::Code(_)
            | Kind::Traceback(_)
            | Kind::Ellipsis
            | Kind::NotImplemented
            | Kind::Dead => {}
        }
    }

    /// Lets go of contents, so that a cycle through this object is broken.
    pub fn clear(&self) {
        let mut trash = Vec::new();
        match &self.kind {
            Kind::List(l) => trash = l.try_borrow_mut().map(|mut l| std::mem::take(&mut *l)).unwrap_or_default(),
            Kind::Dict(d) => {
                let old = d.try_borrow_mut().map(|mut d| std::mem::take(&mut *d));
                drop(old);
            }
            Kind::Set(s) | Kind::FrozenSet(s) => s.clear(),
            Kind::Func(f) => f.clear(),
            Kind::Class(c) => c.clear(),
            Kind::Instance(i) => {
                let old = i.fields.try_borrow_mut().map(|mut f| std::mem::take(&mut *f));
                drop(old);
            }
            Kind::Derived(d) => {
                let old = d.fields.try_borrow_mut().map(|mut f| std::mem::take(&mut *f));
                drop(old);
                if let Value::Obj(o) = &d.base {
                    o.clear();
                }
            }
            Kind::Cell(c) => {
                if let Ok(mut c) = c.try_borrow_mut() {
                    trash.push(c.take());
                }
            }
            Kind::Coro(c) => c.clear(),
            Kind::Exc(e) => e.clear(),
            Kind::Future(f) => f.clear(),
            Kind::Task(t) => t.clear(),
            Kind::Native(n) => n.clear(),
            Kind::ListIter { list, .. } => {
                if let Ok(mut l) = list.try_borrow_mut() {
                    trash.push(l.take());
                }
            }
            _ => {}
        }
        drop(trash);
    }
}

impl Drop for Obj {
    fn drop(&mut self) {
        if self.head.gc.get() != 0 {
            heap::unregister(&self.head.gc);
        }
        if self.head.id.get() & weak::WATCHED != 0 {
            weak::dying(self);
        }
        match &mut self.kind {
            Kind::List(l) => heap::drop_items(std::mem::take(l.get_mut())),
            Kind::Instance(i) => {
                if i.class.has_finalizer() && heap::may_finalize(&self.head) {
                    heap::finalize_later(self);
                } else if let Fields::Slots(slots) = i.fields.get_mut() {
                    heap::drop_flat(std::mem::take(slots));
                }
            }
            Kind::Coro(c) => {
                if c.needs_finalizer() {
                    heap::finalize_later(self);
                } else if !c.is_trivial() {
                    heap::drop_flat(std::mem::replace(&mut self.kind, Kind::Dead));
                }
            }
            Kind::Derived(d) => {
                if d.base_needs_finalizer() || (d.class.has_finalizer() && heap::may_finalize(&self.head)) {
                    heap::finalize_later(self);
                } else {
                    heap::drop_flat(std::mem::replace(&mut self.kind, Kind::Dead));
                }
            }
            Kind::Task(t) => {
                if t.needs_finalizer() {
                    heap::finalize_later(self);
                } else {
                    heap::drop_flat(std::mem::replace(&mut self.kind, Kind::Dead));
                }
            }
            Kind::Future(f) => {
                if f.needs_finalizer() {
                    heap::finalize_later(self);
                } else {
                    heap::drop_flat(std::mem::replace(&mut self.kind, Kind::Dead));
                }
            }
            Kind::Tuple(t) => heap::drop_items(std::mem::take(t).into_vec()),
            Kind::Cell(c) => heap::drop_flat(c.get_mut().take()),
            Kind::Dict(_)
            | Kind::Set(_)
            | Kind::FrozenSet(_)
            | Kind::Func(_)
            | Kind::Method(_)
            | Kind::Exc(_)
            | Kind::Iter(_)
            | Kind::Native(_)
            | Kind::ListIter { .. } => {
                heap::drop_flat(std::mem::replace(&mut self.kind, Kind::Dead));
            }
            _ => {}
        }
    }
}
