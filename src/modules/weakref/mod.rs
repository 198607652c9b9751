//! `_weakref`: the reference object. Proxies, weak mappings and finalisers are in `weakref.co` and `containers.co`, sets in `weakset.co`; how
//! deaths are noticed is in `value::weak`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::functions;
use crate::types::descriptor::derive;
use crate::types::object::address;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::weak::{self, Watched};
use crate::value::{ClassRef, Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::types::{TypeDef, add_methods, make};

/// A weak reference.
pub struct WeakRef {
    class: ClassRef,
    watched: Rc<Watched>,
    /// Called with the reference when the object died.
    callback: RefCell<Value>,
    /// The object's hash, once it was asked for: it must not change by the object's death.
    hash: Cell<Option<i64>>,
}

impl Native for WeakRef {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
        if let Ok(callback) = self.callback.try_borrow() {
            visit(&callback);
        }
    }

    fn clear(&self) {
        let old = self.callback.try_borrow_mut().map(|mut c| c.take());
        drop(old);
    }

    fn known_hash(&self) -> Option<i64> {
        self.hash.get()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn reference(v: &Value) -> Option<&WeakRef> {
    v.native().obj().and_then(|o| o.downcast())
}

fn this(v: &Value) -> &WeakRef {
    match reference(v) {
        Some(r) => r,
        None => unreachable!("the receiver of a weak reference's method is one"),
    }
}

fn object(v: &Value) -> Value {
    this(v).watched.object().map_or(Value::None, Value::Obj)
}

/// Tells a weak reference that its object died.
pub fn notify(vm: &mut Vm, watcher: &Ref) {
    let watcher = Value::Obj(watcher.clone());
    let Some(callback) = reference(&watcher).map(|r| r.callback.take()) else { return };
    if callback.some().is_some() && vm.call(&callback, &[watcher]).is_err() {
        vm.report_unraisable(&callback);
    }
}

/// The names of the module.
pub fn namespace(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let class = make(&vm.interner, "ReferenceType", Some(&vm.types.object), TYPE);
    add_methods(&vm.interner, &class, crate::types::generic::CLASS_GETITEM);
    if let Some(d) = class.dict().as_dict() {
        d.borrow_mut().set_name(&vm.names.module, "weakref".into());
    }
    let mut names = functions(FUNCTIONS, "_weakref");
    names.extend([("ref", Value::from(&class)), ("ReferenceType", class.into())]);
    names
}

/// Whether objects of this kind may be referred to weakly.
fn is_watchable(vm: &mut Vm, v: &Value) -> bool {
    let has_place = |vm: &mut Vm| vm.class_of(v).lookup(&vm.names.weakref.clone()).is_some();
    match v.kind() {
        Some(Kind::Instance(_)) => has_place(vm),
        Some(Kind::Derived(d)) => {
            let has_room = match d.base.kind() {
                None => matches!(d.base, Value::Float(_)),
                Some(base) => !matches!(base, Kind::Big(_) | Kind::Tuple(_) | Kind::Bytes(_)),
            };
            has_room && (!d.class.has(flag::NO_DICT) || has_place(vm))
        }
        Some(Kind::Exc(e)) => e.class.has(flag::HEAP),
        Some(Kind::NativeFn(f)) => !f.is_slot(),
        Some(Kind::Native(n)) => !n.as_any().is::<WeakRef>(),
        Some(
            Kind::Func(_)
            | Kind::Class(_)
            | Kind::Set(_)
            | Kind::FrozenSet(_)
            | Kind::Coro(_)
            | Kind::Method(_)
            | Kind::Module(_)
            | Kind::Task(_)
            | Kind::Future(_),
        ) => true,
        _ => false,
    }
}

/// A reference of this class that has no callback: one is enough for all.
fn shared(watched: &Watched, class: &ClassRef) -> Option<Value> {
    let is_plain = |o: &Ref| o.downcast::<WeakRef>().is_some_and(|r| r.class.is(class) && r.callback.borrow().some().is_none());
    watched.find(is_plain).map(Value::Obj)
}

fn new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(class) = a[0].to_class() else { return Err(vm.type_error("ref.__new__(X): X is not a type object")) };
    let own = if class.construct.is_some() { None } else { class.mro_with_self().into_iter().find(|c| c.construct.is_some()) };
    let own = own.unwrap_or_else(|| class.clone());
    let Some(target) = a[1].obj().cloned().filter(|_| is_watchable(vm, &a[1])) else {
        let text = format!("cannot create weak reference to '{}' object", vm.class_name(&a[1]));
        return Err(vm.type_error(&text));
    };
    let callback = a[2].some().cloned().unwrap_or(Value::None);
    let watched = weak::watch(&target);
    if callback.is_none()
        && class.is(&own)
        && let Some(known) = shared(&watched, &own)
    {
        return Ok(known);
    }
    let is_told = !callback.is_none();
    let made = Obj::native(WeakRef { class: own, watched: watched.clone(), callback: RefCell::new(callback), hash: Cell::new(None) });
    let made = derive(vm, &a[0], made.into())?;
    if let Some(watcher) = made.obj() {
        watched.add(watcher, is_told);
    }
    Ok(made)
}

fn hash(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let r = this(&a[0]);
    if let Some(known) = r.hash.get() {
        return Ok(Value::Int(known));
    }
    let Some(target) = r.watched.object() else { return Err(vm.type_error("weak object has gone away")) };
    let hash = vm.hash(&target.into())?;
    r.hash.set(Some(hash));
    Ok(Value::Int(hash))
}

/// Whether two references are equal: as their objects are, while both live. Nothing for what is no reference.
fn equal(vm: &mut Vm, a: &[Value]) -> R<Option<bool>> {
    let Some(other) = reference(&a[1]) else { return Ok(None) };
    match (this(&a[0]).watched.object(), other.watched.object()) {
        (Some(x), Some(y)) => vm.eq(&x.into(), &y.into()).map(Some),
        _ => Ok(Some(a[0].is(&a[1]))),
    }
}

fn eq(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let same = equal(vm, a)?;
    Ok(same.map_or_else(|| vm.not_implemented.clone(), Value::bool))
}

fn ne(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let same = equal(vm, a)?;
    Ok(same.map_or_else(|| vm.not_implemented.clone(), |same| Value::bool(!same)))
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let target = object(&a[0]);
    let here = address(&a[0]);
    if target.is_none() {
        return Ok(format!("<weakref at {here}; dead>").into());
    }
    let name = vm.names.name.clone();
    let name = vm.get_attr_opt(&target, &name)?.and_then(|n| n.as_str().map(|n| format!(" ({n})"))).unwrap_or_default();
    Ok(format!("<weakref at {here}; to '{}' at {}{name}>", vm.class_name(&target), address(&target)).into())
}

fn callback(_: &mut Vm, v: &Value) -> R {
    let is_alive = this(v).watched.object().is_some();
    Ok(this(v).callback.borrow().some().filter(|_| is_alive).cloned().unwrap_or(Value::None))
}

static NEW: Builtin = Builtin::new("ref", "(cls, object, callback=None, /)", new, "");

const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, object, callback=None, /)", new, "Create and return a new object."),
        Builtin::new("__init__", "(self, object, callback=None, /)", |_, _, _| Ok(Value::None), "Initialize self."),
        Builtin::new("__call__", "(self, /)", |_, a, _| Ok(object(&a[0])), "Call self as a function."),
        Builtin::new("__hash__", "(self, /)", hash, "Return hash(self)."),
        Builtin::new("__eq__", "(self, value, /)", eq, "Return self==value."),
        Builtin::new("__ne__", "(self, value, /)", ne, "Return self!=value."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
    ],
    getsets: &[GetSet { name: "__callback__", get: callback, set: None }],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "A reference that does not keep its object alive.",
};

fn watchers(v: &Value) -> Vec<Ref> {
    v.obj().and_then(|o| weak::watched(o)).map(|w| w.watchers()).unwrap_or_default()
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("getweakrefcount", "(object, /)", |_, a, _| Ok(watchers(&a[0]).len().into()), "Return the number of weak references to 'object'."),
    Builtin::new(
        "getweakrefs",
        "(object, /)",
        |_, a, _| Ok(watchers(&a[0]).into_iter().map(Value::Obj).collect::<Vec<_>>().into()),
        "Return a list of all weak reference objects pointing to 'object'.",
    ),
];
