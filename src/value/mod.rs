//! What a script computes with. `Value` is two machine words; everything larger stands behind one `Rc<Obj>`.
//! The layout is deliberate: `Value`, `R<Value>`, `Flow` and `R<Flow>` are 16-byte scalar pairs that travel in
//! registers, so floats are stored as bits and errors carry nothing (the exception is parked in the VM).

use std::rc::Rc;

pub mod builtin;
pub mod class;
pub mod coro;
pub mod dict;
pub mod exc;
pub mod func;
pub mod heap;
pub mod instance;
pub mod iter;
pub mod lookups;
pub mod obj;
pub mod set;
pub mod string;
pub mod weak;

pub use class::{Class, ClassRef};
pub use obj::{Attrs, Kind, Obj};

/// A float's IEEE bits: an integer payload keeps `Value` a scalar pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bits(u64);

impl Bits {
    /// The float itself.
    #[inline(always)]
    pub const fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// A reference to a heap object.
pub type Ref = Rc<Obj>;

/// Any value of a script.
#[derive(Clone, Default)]
pub enum Value {
    /// No value: an empty slot. Scripts never see it.
    #[default]
    Unbound,
    /// `None`.
    None,
    /// `False`.
    False,
    /// `True`.
    True,
    /// An integer of 64 bits; larger ones are `Kind::Big`, and never fit here.
    Int(i64),
    /// A float.
    Float(Bits),
    /// Everything else.
    Obj(Ref),
}

/// Something other than a value came out: an exception that waits in `vm.exc`, or, if none waits there, a
/// suspension. Only `Vm::is_suspending` tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thrown;

/// What evaluating gives.
pub type R<T = Value> = Result<T, Thrown>;

/// How a statement ended.
pub enum Flow {
    /// Normally.
    Next,
    /// By `break`.
    Break,
    /// By `continue`.
    Continue,
    /// By `return`.
    Return(Value),
}

const _: () = assert!(size_of::<Value>() == 16 && size_of::<R>() == 16 && size_of::<R<Flow>>() == 16);

impl Value {
    /// A float.
    #[inline(always)]
    pub const fn float(f: f64) -> Self {
        Self::Float(Bits(f.to_bits()))
    }

    /// A boolean.
    #[inline(always)]
    pub const fn bool(b: bool) -> Self {
        if b { Self::True } else { Self::False }
    }

    /// Whether the slot is empty.
    #[inline(always)]
    pub const fn is_unbound(&self) -> bool {
        matches!(self, Self::Unbound)
    }

    /// Whether it is `None`.
    #[inline(always)]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The value, or nothing for an empty slot: how natives read optional parameters.
    #[inline]
    pub fn given(&self) -> Option<&Self> {
        if self.is_unbound() { None } else { Some(self) }
    }

    /// The value, or nothing for an empty slot and `None`.
    #[inline]
    pub fn some(&self) -> Option<&Self> {
        if matches!(self, Self::Unbound | Self::None) { None } else { Some(self) }
    }

    /// The heap object's contents, if it is one.
    #[inline(always)]
    pub fn kind(&self) -> Option<&Kind> {
        match self {
            Self::Obj(o) => Some(&o.kind),
            _ => None,
        }
    }

    /// The heap object, if it is one.
    #[inline(always)]
    pub fn obj(&self) -> Option<&Ref> {
        match self {
            Self::Obj(o) => Some(o),
            _ => None,
        }
    }

    /// Python's `is`. Numbers are identical when equal and of one type: they have no identity here.
    #[inline]
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Obj(a), Self::Obj(b)) => Rc::ptr_eq(a, b),
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::None, Self::None) | (Self::True, Self::True) | (Self::False, Self::False) | (Self::Unbound, Self::Unbound) => true,
            _ => false,
        }
    }

    /// Moves the value out and leaves the slot empty.
    #[inline(always)]
    #[must_use]
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// The class, if it is one.
    pub fn as_class(&self) -> Option<&Class> {
        match self.kind() {
            Some(Kind::Class(c)) => Some(c),
            _ => None,
        }
    }

    /// The class as a reference, if it is one.
    pub fn to_class(&self) -> Option<ClassRef> {
        match self {
            Self::Obj(o) => ClassRef::from_obj(o),
            _ => None,
        }
    }

    /// The text of a `str` or of an instance of a subclass of it.
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        match self.kind() {
            Some(Kind::Str(s)) => Some(s.as_str()),
            Some(Kind::Derived(d)) => d.base.as_str(),
            _ => None,
        }
    }

    /// The contents, with an instance of a built-in type's subclass seen as that type.
    #[inline]
    pub fn native_kind(&self) -> Option<&Kind> {
        match self.kind() {
            Some(Kind::Derived(d)) => d.base.kind(),
            k => k,
        }
    }

    /// The value itself, or the native value inside an instance of a built-in type's subclass.
    #[inline]
    pub fn native(&self) -> &Self {
        match self.kind() {
            Some(Kind::Derived(d)) => &d.base,
            _ => self,
        }
    }

    /// The items of a tuple (or of an instance of a subclass).
    pub fn as_tuple(&self) -> Option<&[Self]> {
        match self.native_kind() {
            Some(Kind::Tuple(t)) => Some(t),
            _ => None,
        }
    }
}

impl From<i64> for Value {
    fn from(i: i64) -> Self {
        Self::Int(i)
    }
}

impl From<usize> for Value {
    fn from(i: usize) -> Self {
        Self::Int(i as i64)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::bool(b)
    }
}

impl From<f64> for Value {
    fn from(f: f64) -> Self {
        Self::float(f)
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Self::Obj(Obj::str(s))
    }
}

impl From<String> for Value {
    fn from(s: String) -> Self {
        Self::Obj(Obj::string(s))
    }
}

impl From<Vec<Value>> for Value {
    /// A list.
    fn from(items: Vec<Value>) -> Self {
        Self::Obj(Obj::list(items))
    }
}

impl From<Ref> for Value {
    fn from(o: Ref) -> Self {
        Self::Obj(o)
    }
}

impl From<ClassRef> for Value {
    fn from(c: ClassRef) -> Self {
        Self::Obj(c.into_obj())
    }
}

impl From<&ClassRef> for Value {
    fn from(c: &ClassRef) -> Self {
        Self::Obj(c.obj().clone())
    }
}

impl From<num_bigint::BigInt> for Value {
    fn from(b: num_bigint::BigInt) -> Self {
        Obj::int(b)
    }
}
