//! Classes: their namespace, order of bases, flags and stamp, and the places that they hand out for attributes of their
//! instances (`Layout`). How a class is made is `vm::make_class`'s business, how instances use the places `instance`'s.

use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Deref;
use std::rc::{Rc, Weak};

use super::func::Builtin;
use super::lookups::{self, Place};
use super::obj::{Kind, Obj};
use super::{Ref, Value};

/// More attributes than this go to a dict.
const MAX_LAYOUT: usize = 64;

/// A reference to an object that is known to be a class.
#[derive(Clone)]
pub struct ClassRef(Ref);

impl ClassRef {
    /// Wraps an object that is a class.
    pub fn from_obj(obj: &Ref) -> Option<Self> {
        matches!(obj.kind, Kind::Class(_)).then(|| Self(obj.clone()))
    }

    /// Makes a class object.
    pub fn new(class: Class) -> Self {
        Self(Obj::tracked(Kind::Class(Box::new(class))))
    }

    /// The object.
    #[inline(always)]
    pub fn obj(&self) -> &Ref {
        &self.0
    }

    /// The object.
    pub fn into_obj(self) -> Ref {
        self.0
    }

    /// Whether both are the same class.
    #[inline(always)]
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Whether `other` is this class or one of its bases.
    pub fn is_subclass_of(&self, other: &Self) -> bool {
        self.is(other) || self.mro.borrow().iter().any(|c| c.is(other))
    }

    /// This class and its bases, in method resolution order.
    pub fn mro_with_self(&self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        all.extend(self.mro.borrow().iter().cloned());
        all
    }

    /// Finds a name in the class and its bases; also gives the class where it was found.
    pub fn lookup_where(&self, name: &Ref) -> Option<(Value, Self)> {
        if let Some(v) = self.own(name) {
            return Some((v, self.clone()));
        }
        let mro = self.mro.borrow();
        mro.iter().find_map(|c| c.own(name).map(|v| (v, c.clone())))
    }
}

impl Deref for ClassRef {
    type Target = Class;

    #[inline(always)]
    fn deref(&self) -> &Class {
        match &self.0.kind {
            Kind::Class(c) => c,
            _ => unreachable!("a ClassRef always wraps a class"),
        }
    }
}

/// Which built-in representation instances have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Solid {
    /// Attributes only.
    Object,
    /// `BaseException` and everything below it.
    Exception,
    /// A class.
    Type,
    /// Any other built-in type: its instances are that type's objects, or `Derived` around one.
    Builtin,
}

/// Special methods that a script's class defines, so that the common case is one test.
pub mod flag {
    /// `__del__`.
    pub const DEL: u32 = 1;
    /// `__getattribute__`.
    pub const GETATTRIBUTE: u32 = 2;
    /// `__getattr__`.
    pub const GETATTR: u32 = 4;
    /// `__setattr__`.
    pub const SETATTR: u32 = 8;
    /// `__delattr__`.
    pub const DELATTR: u32 = 16;
    /// `__eq__`.
    pub const EQ: u32 = 32;
    /// `__hash__`.
    pub const HASH: u32 = 64;
    /// `__slots__` without `__dict__`.
    pub const NO_DICT: u32 = 128;
    /// `__bool__` or `__len__`.
    pub const TRUTH: u32 = 256;
    /// Cannot be a base class.
    pub const FINAL: u32 = 512;
    /// Made by a script.
    pub const HEAP: u32 = 1024;
    /// `__new__` of a script's class.
    pub const NEW: u32 = 2048;
    /// The class cannot be instantiated by calling it.
    pub const NO_NEW: u32 = 4096;
    /// Class attributes cannot be changed.
    pub const IMMUTABLE: u32 = 8192;
    /// `__call__` or another hook on the metaclass.
    pub const META_CALL: u32 = 16384;
    /// Has abstract methods.
    pub const ABSTRACT: u32 = 32768;
    /// Some of its instances' attributes are `__slots__` places.
    pub const MEMBERS: u32 = 65536;
    /// A built-in class whose namespace nobody has looked into yet.
    pub const UNFILLED: u32 = 1 << 17;
}

/// Where instances keep their attributes.
#[derive(Default)]
pub struct Layout {
    pub names: Vec<Ref>,
}

impl Layout {
    /// The place of a name.
    #[inline]
    pub fn find(&self, name: &Ref) -> Option<usize> {
        self.names.iter().position(|n| Rc::ptr_eq(n, name)).or_else(|| self.names.iter().position(|n| n.text() == name.text()))
    }
}

/// Puts the attributes of a built-in class into its namespace.
pub type Filler = Box<dyn FnOnce()>;

/// A class.
pub struct Class {
    pub name: RefCell<Rc<str>>,
    /// The qualified name, where it differs from the name.
    pub qualname: RefCell<Option<Rc<str>>>,
    pub bases: RefCell<Vec<ClassRef>>,
    /// The bases in method resolution order, without the class itself (it would be a cycle).
    pub mro: RefCell<Rc<[ClassRef]>>,
    /// The namespace: a dict object.
    dict: Ref,
    /// What fills the namespace of a built-in class when it is first looked into.
    filler: Cell<Option<Filler>>,
    /// Changes whenever a look-up through this class may give another result; never 0.
    pub stamp: Cell<u64>,
    pub layout: RefCell<Layout>,
    /// The metaclass; none means `type`.
    pub meta: OnceCell<ClassRef>,
    pub solid: Solid,
    pub flags: Cell<u32>,
    pub subclasses: RefCell<Vec<Weak<Obj>>>,
    /// How the class itself, not a subclass, is called, for built-in classes.
    pub construct: Option<&'static Builtin>,
}

thread_local! {
    static NEXT_STAMP: Cell<u64> = const { Cell::new(1) };
}

/// A number that no class has had before.
fn next_stamp() -> u64 {
    NEXT_STAMP.replace(NEXT_STAMP.get() + 1)
}

impl Class {
    /// A class with a name, bases, the rest of its resolution order and its namespace.
    pub fn new(name: &str, bases: Vec<ClassRef>, mro: Vec<ClassRef>, dict: Ref, solid: Solid) -> Self {
        Self {
            name: RefCell::new(name.into()),
            qualname: RefCell::new(None),
            bases: RefCell::new(bases),
            mro: RefCell::new(mro.into()),
            dict,
            filler: Cell::default(),
            stamp: Cell::new(next_stamp()),
            layout: RefCell::default(),
            meta: OnceCell::new(),
            solid,
            flags: Cell::new(0),
            subclasses: RefCell::default(),
            construct: None,
        }
    }

    /// The namespace: a dict object.
    #[inline(always)]
    pub fn dict(&self) -> &Ref {
        if self.has(flag::UNFILLED) {
            self.fill();
        }
        &self.dict
    }

    #[cold]
    fn fill(&self) {
        self.flags.set(self.flags.get() & !flag::UNFILLED);
        if let Some(fill) = self.filler.take() {
            fill();
        }
    }

    /// Leaves the namespace empty until it is looked into.
    pub fn fill_later(&self, filler: Filler) {
        self.filler.set(Some(filler));
        self.set_flag(flag::UNFILLED);
    }

    /// Whether a flag is set.
    #[inline(always)]
    pub fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }

    /// Sets a flag.
    pub fn set_flag(&self, flag: u32) {
        self.flags.set(self.flags.get() | flag);
    }

    /// Whether instances have a `__del__`.
    #[inline(always)]
    pub fn has_finalizer(&self) -> bool {
        self.has(flag::DEL)
    }

    /// The class's name without module.
    pub fn name(&self) -> Rc<str> {
        self.name.borrow().clone()
    }

    /// The class's name with those of the scopes around it.
    pub fn qualname(&self) -> Rc<str> {
        self.qualname.borrow().clone().unwrap_or_else(|| self.name())
    }

    /// The class's own attribute.
    #[inline]
    pub fn own(&self, name: &Ref) -> Option<Value> {
        self.dict().as_dict().and_then(|d| d.borrow().get_name(name).cloned())
    }

    /// Finds a name in the class and its bases.
    #[inline]
    pub fn lookup(&self, name: &Ref) -> Option<Value> {
        match lookups::remembered(self.stamp.get(), name) {
            Some(place) => self.at(place),
            None => self.search(name),
        }
    }

    /// What stands at a place that was remembered under the present stamp.
    #[inline]
    fn at(&self, place: Place) -> Option<Value> {
        let entry = |class: &Self| class.dict.as_dict().and_then(|d| d.borrow().entry(place.entry as usize).map(|e| e.value.clone()));
        match place.depth {
            lookups::ABSENT => None,
            0 => entry(self),
            n => self.mro.borrow().get(n as usize - 1).and_then(|c| entry(c)),
        }
    }

    #[inline(never)]
    fn search(&self, name: &Ref) -> Option<Value> {
        let find = |class: &Self| class.dict().as_dict().and_then(|d| d.borrow().find_name(name));
        let mro = self.mro.borrow();
        let classes = std::iter::once(self).chain(mro.iter().map(|c| &**c));
        let found = classes.enumerate().find_map(|(depth, class)| find(class).map(|entry| Place { depth: depth as u32, entry: entry as u32 }));
        drop(mro);
        let place = found.unwrap_or(Place { depth: lookups::ABSENT, entry: 0 });
        lookups::remember(self.stamp.get(), name, place);
        self.at(place)
    }

    /// Makes every cache that looked through this class or a subclass stale.
    pub fn touch(&self) {
        self.stamp.set(next_stamp());
        let subclasses: Vec<_> = self.subclasses.borrow().iter().filter_map(Weak::upgrade).collect();
        for sub in subclasses {
            if let Kind::Class(c) = &sub.kind {
                c.touch();
            }
        }
    }

    /// The place where instances keep an attribute, handed out when new; none when there are too many.
    pub fn place_of(&self, name: &Ref) -> Option<usize> {
        if let Some(i) = self.layout.borrow().find(name) {
            return Some(i);
        }
        let mut layout = self.layout.borrow_mut();
        if layout.names.len() >= MAX_LAYOUT {
            return None;
        }
        layout.names.push(name.clone());
        self.stamp.set(next_stamp());
        Some(layout.names.len() - 1)
    }

    /// Visits what the class holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Obj(self.dict.clone()));
        self.bases.borrow().iter().for_each(|c| visit(&c.into()));
        self.mro.borrow().iter().for_each(|c| visit(&c.into()));
        if let Some(m) = self.meta.get() {
            visit(&m.into());
        }
    }

    /// Breaks cycles through the class.
    pub fn clear(&self) {
        self.dict.clear();
    }
}
