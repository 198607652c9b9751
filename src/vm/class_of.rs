//! The class of any value.

use std::cell::RefCell;
use std::rc::Rc;

use crate::value::coro::Role;
use crate::value::func::CodeKind;
use crate::value::iter::Iter;
use crate::value::obj::ViewKind;
use crate::value::{ClassRef, Kind, Ref, Value};
use crate::vm::Vm;

impl Vm {
    /// The class of a value.
    #[inline]
    pub fn class_of<'a>(&'a self, v: &'a Value) -> &'a ClassRef {
        let t = &*self.types;
        match v {
            Value::Obj(o) => match &o.kind {
                Kind::Instance(i) if !o.is_moved() => &i.class,
                Kind::Instance(_) | Kind::Derived(_) if o.is_moved() => self.moved_class(o),
                kind => self.class_of_kind(kind),
            },
            Value::Int(_) => &t.int,
            Value::Float(_) => &t.float,
            Value::True | Value::False => &t.bool,
            Value::None | Value::Unbound => &t.none_type,
        }
    }

    /// The class that was assigned to `__class__`.
    #[cold]
    fn moved_class<'a>(&'a self, o: &'a Ref) -> &'a ClassRef {
        match self.moved.get(&o.id()) {
            Some(class) => class,
            None => self.class_of_kind(&o.kind),
        }
    }

    #[inline(never)]
    fn class_of_kind<'a>(&'a self, kind: &'a Kind) -> &'a ClassRef {
        let t = &*self.types;
        match kind {
            Kind::Instance(i) => &i.class,
            Kind::Derived(d) => &d.class,
            Kind::Exc(e) => &e.class,
            Kind::Str(_) => &t.str,
            Kind::Big(_) => &t.int,
            Kind::Complex(..) => &t.complex,
            Kind::Bytes(_) => &t.bytes,
            Kind::ByteArray(_) => &t.bytearray,
            Kind::List(_) => &t.list,
            Kind::Tuple(_) => &t.tuple,
            Kind::Dict(_) => &t.dict,
            Kind::Set(_) => &t.set,
            Kind::FrozenSet(_) => &t.frozenset,
            Kind::Range(_) | Kind::BigRange(_) => &t.range,
            Kind::Slice(_) => &t.slice,
            Kind::Func(_) => &t.function,
            Kind::NativeFn(f) => match &f.owner {
                Some(_) if f.is_slot() => &t.wrapper_descriptor,
                Some(_) => &t.method_descriptor,
                None => &t.builtin_function,
            },
            Kind::Method(m) => match m.func.kind() {
                Some(Kind::NativeFn(f)) if f.is_slot() => &t.method_wrapper,
                Some(Kind::NativeFn(_)) => &t.builtin_function,
                _ => &t.method,
            },
            Kind::Class(c) => self.meta_of(c),
            Kind::Cell(_) => &t.cell,
            Kind::Coro(c) => match c.kind {
                CodeKind::Generator => &t.generator,
                CodeKind::AsyncGenerator => &t.async_generator,
                CodeKind::Coroutine | CodeKind::Function => match c.role {
                    Role::Plain => &t.coroutine,
                    Role::Asend => &t.async_generator_asend,
                    Role::Athrow => &t.async_generator_athrow,
                    Role::Anext => &t.anext_awaitable,
                },
            },
            Kind::RangeIter { .. } => &t.range_iterator,
            Kind::ListIter { .. } => &t.list_iterator,
            Kind::Iter(i) => self.class_of_iter(i),
            Kind::Module(_) => &t.module,
            Kind::Property(_) => &t.property,
            Kind::StaticMethod(_) => &t.staticmethod,
            Kind::ClassMethod(_) => &t.classmethod,
            Kind::Super { .. } => &t.super_,
            Kind::Member { .. } => &t.member_descriptor,
            Kind::GetSet { .. } => &t.getset_descriptor,
            Kind::View { kind: ViewKind::Keys, .. } => &t.dict_keys,
            Kind::View { kind: ViewKind::Values, .. } => &t.dict_values,
            Kind::View { kind: ViewKind::Items, .. } => &t.dict_items,
            Kind::Proxy(_) => &t.mappingproxy,
            Kind::Code(_) => &t.code,
            Kind::Traceback(_) => &t.traceback,
            Kind::Future(_) => &t.future,
            Kind::Task(_) => &t.task,
            Kind::Native(n) => n.class(self),
            Kind::Ellipsis => &t.ellipsis,
            Kind::NotImplemented => &t.not_implemented_type,
            Kind::Dead => &t.object,
        }
    }

    fn meta_of<'a>(&'a self, class: &'a crate::value::Class) -> &'a ClassRef {
        // The metaclass stands in a cell; `type` is the answer for all but a few classes.
        match class.meta.get() {
            Some(m) => m,
            None => &self.types.type_,
        }
    }

    #[inline(never)]
    fn class_of_iter(&self, iter: &RefCell<Iter>) -> &ClassRef {
        let t = &*self.types;
        let Ok(iter) = iter.try_borrow() else { return &t.callable_iterator };
        match &*iter {
            Iter::Tuple { .. } => &t.tuple_iterator,
            Iter::Str { text, .. } if matches!(text.native_kind(), Some(Kind::Str(s)) if s.is_ascii()) => &t.str_ascii_iterator,
            Iter::Str { .. } => &t.str_iterator,
            Iter::Bytes { bytes, .. } if matches!(bytes.native_kind(), Some(Kind::ByteArray(_))) => &t.bytearray_iterator,
            Iter::Bytes { .. } => &t.bytes_iterator,
            Iter::Dict { kind, reversed, .. } => match (kind, reversed) {
                (ViewKind::Keys, false) => &t.dict_keyiterator,
                (ViewKind::Values, false) => &t.dict_valueiterator,
                (ViewKind::Items, false) => &t.dict_itemiterator,
                (ViewKind::Keys, true) => &t.dict_reversekeyiterator,
                (ViewKind::Values, true) => &t.dict_reversevalueiterator,
                (ViewKind::Items, true) => &t.dict_reverseitemiterator,
            },
            Iter::Set { .. } => &t.set_iterator,
            Iter::Reversed { seq, .. } if matches!(seq.native_kind(), Some(Kind::List(_))) => &t.list_reverseiterator,
            Iter::Reversed { .. } => &t.reversed,
            Iter::Sequence { .. } => &t.iterator,
            Iter::Enumerate { .. } => &t.enumerate,
            Iter::Zip { .. } => &t.zip,
            Iter::Map { .. } => &t.map,
            Iter::Filter { .. } => &t.filter,
            Iter::Callable { .. } | Iter::Done => &t.callable_iterator,
            Iter::BigRange { .. } => &t.longrange_iterator,
            Iter::Native(n) if n.class_name() == "callable_iterator" => &t.callable_iterator,
            Iter::Native(_) => &t.native_iterator,
        }
    }
}

/// The classes that C defines in CPython, whose names in messages have their module; without names, all of the module.
const OF_C: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("_io", &[]),
    ("_asyncio", &[]),
    ("_contextvars", &[]),
    ("_thread", &[]),
    ("time", &[]),
    ("itertools", &[]),
    ("datetime", &[]),
    ("collections", &["deque", "defaultdict", "OrderedDict"]),
    ("functools", &["partial", "_lru_cache_wrapper", "KeyWrapper"]),
    ("operator", &["itemgetter", "attrgetter", "methodcaller"]),
    ("re", &["Pattern", "Match"]),
    ("weakref", &["ReferenceType", "ProxyType", "CallableProxyType"]),
];

fn is_of_c(module: &str, name: &str) -> bool {
    OF_C.iter().any(|(m, names)| *m == module && (names.is_empty() || names.contains(&name)))
}

impl Vm {
    /// The name of a class in messages: with its module where CPython's type is one of C's.
    pub fn type_name(&self, class: &ClassRef) -> Rc<str> {
        match class.own(&self.names.module).as_ref().and_then(Value::as_str) {
            Some(module) if is_of_c(module, &class.name()) => format!("{module}.{}", class.name()).into(),
            _ => class.name(),
        }
    }
}
