//! The callable behind `functools.lru_cache` and `cache`: remembers what a function gave for its arguments. A bounded one
//! forgets what was not asked for the longest time. It does not know how a decorator is made of it (`functools.co`).

use std::cell::{Cell, RefCell};

use super::recent::Recent;
use crate::types::object::{keyword_pairs, kwargs_of};
use crate::value::class::Solid;
use crate::value::dict::Dict;
use crate::value::func::{Builtin, GetSet};
use crate::value::instance::Fields;
use crate::value::obj::{Caller, Native};
use crate::value::{Class, ClassRef, Kind, Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::bind::bind_method;
use crate::vm::call::clear;
use crate::vm::types::TypeDef;

/// How much is remembered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Nothing,
    Everything,
    AtMost(usize),
}

/// A function that remembers.
struct Cached {
    class: ClassRef,
    func: Value,
    /// What makes the result of `cache_info` from its four numbers.
    make_info: Value,
    bound: Bound,
    is_typed: bool,
    /// A dict: from keys to results, or to places in `recent` where there is a bound.
    results: Value,
    recent: RefCell<Recent>,
    hits: Cell<i64>,
    misses: Cell<i64>,
    /// Stands between positional and keyword arguments in a key.
    mark: Value,
    fields: RefCell<Fields>,
}

impl Native for Cached {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
        [&self.func, &self.make_info, &self.results, &self.mark].into_iter().for_each(&mut *visit);
        if let Ok(recent) = self.recent.try_borrow() {
            recent.trace(visit);
        }
        if let Ok(f) = self.fields.try_borrow() {
            f.trace(visit);
        }
    }

    fn clear(&self) {
        let old = self.recent.try_borrow_mut().map(|mut r| std::mem::take(&mut *r));
        drop(old);
    }

    fn caller(&self) -> Option<Caller> {
        Some(call)
    }

    fn fields(&self) -> Option<(&RefCell<Fields>, &Class)> {
        Some((&self.fields, &self.class))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn cached_of(v: &Value) -> Option<&Cached> {
    v.native().obj().and_then(|o| o.downcast())
}

/// Whether calling a value may run a function whose results it remembers.
pub fn is_cached(v: &Value) -> bool {
    cached_of(v).is_some()
}

fn this(v: &Value) -> &Cached {
    match cached_of(v) {
        Some(c) => c,
        None => unreachable!("the receiver of a cache's method is one"),
    }
}

// ---- calling ----------------------------------------------------------------------------------------------------

impl Cached {
    /// What stands for the arguments: a lone number or text itself, else a tuple of all.
    fn key(&self, vm: &Vm, args: &[Value], names: &[Ref]) -> Value {
        let (positional, keywords) = args.split_at(args.len().saturating_sub(names.len()));
        if let ([one], [], false) = (positional, names, self.is_typed)
            && (matches!(one, Value::Int(_)) || matches!(one.kind(), Some(Kind::Str(_) | Kind::Big(_))))
        {
            return one.clone();
        }
        let mut parts = positional.to_vec();
        if !names.is_empty() {
            parts.push(self.mark.clone());
        }
        for (name, value) in names.iter().zip(keywords) {
            parts.extend([Value::Obj(name.clone()), value.clone()]);
        }
        if self.is_typed {
            parts.extend(args.iter().map(|v| Value::from(vm.class_of(v))));
        }
        Obj::tuple(parts).into()
    }

    /// The result that is remembered for a key.
    fn find(&self, vm: &mut Vm, key: &Value, hash: i64) -> R<Option<Value>> {
        let Some(found) = self.at(vm, key, hash)? else { return Ok(None) };
        let result = match (&found, self.bound) {
            (Value::Int(place), Bound::AtMost(_)) => self.recent.borrow_mut().refresh(*place as usize),
            _ => Some(found),
        };
        self.hits.set(self.hits.get() + i64::from(result.is_some()));
        Ok(result)
    }

    fn at(&self, vm: &mut Vm, key: &Value, hash: i64) -> R<Option<Value>> {
        let found = vm.dict_find_hashed(&self.results, key, hash)?;
        Ok(found.and_then(|i| self.results.obj()?.as_dict()?.borrow().entry(i).map(|e| e.value.clone())))
    }

    /// Remembers a result; what was remembered for the key meanwhile stays.
    fn store(&self, vm: &mut Vm, key: Value, hash: i64, result: &Value) -> R<()> {
        match self.bound {
            Bound::Nothing => Ok(()),
            Bound::Everything => vm.dict_set_hashed(&self.results, &key, hash, result.clone()),
            Bound::AtMost(max) => {
                if self.at(vm, &key, hash)?.is_some() {
                    return Ok(());
                }
                self.make_room(vm, max)?;
                let place = self.recent.borrow_mut().add(key.clone(), hash, result.clone());
                vm.dict_set_hashed(&self.results, &key, hash, place.into())
            }
        }
    }

    /// The same for a number or text that is not among the keys.
    fn insert(&self, vm: &mut Vm, key: Value, hash: i64, result: &Value) -> R<()> {
        let held = if let Bound::AtMost(max) = self.bound {
            self.make_room(vm, max)?;
            self.recent.borrow_mut().add(key.clone(), hash, result.clone()).into()
        } else {
            result.clone()
        };
        if let Some(results) = self.results.obj().and_then(|o| o.as_dict()) {
            results.borrow_mut().insert_new(hash, key, held);
        }
        Ok(())
    }

    /// Changes whenever a key comes or goes.
    fn version(&self) -> u32 {
        self.results.obj().and_then(|o| o.as_dict()).map_or(0, |d| d.borrow().version())
    }

    fn make_room(&self, vm: &mut Vm, max: usize) -> R<()> {
        if self.len() < max {
            return Ok(());
        }
        let Some((key, hash, value)) = self.recent.borrow_mut().remove_oldest() else { return Ok(()) };
        let found = vm.dict_find_hashed(&self.results, &key, hash)?;
        let gone = found.and_then(|i| self.results.obj()?.as_dict()?.borrow_mut().remove_at(i));
        drop((gone, key, value));
        Ok(())
    }

    fn len(&self) -> usize {
        self.results.obj().and_then(|o| o.as_dict()).map_or(0, |d| d.borrow().len())
    }

    fn missed(&self) {
        self.misses.set(self.misses.get() + 1);
    }
}

fn call(vm: &mut Vm, callee: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> R {
    let total = n + names.len();
    if vm.enter().is_err() {
        drop(vm.take_exc());
        clear(fr, total);
        return Err(vm.too_deep(" while calling a Python object"));
    }
    let result = call_entered(vm, callee, fr, n, names);
    vm.leave();
    result
}

fn call_entered(vm: &mut Vm, callee: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> R {
    let (cached, total) = (this(callee), n + names.len());
    if cached.bound == Bound::Nothing {
        cached.missed();
        return call_function(vm, &cached.func, fr, n, names);
    }
    let key = cached.key(vm, fr.get(..total).unwrap_or_default(), names);
    let found = vm.hash(&key).and_then(|hash| Ok((hash, cached.find(vm, &key, hash)?)));
    match found {
        Ok((hash, None)) => {
            cached.missed();
            let version = cached.version();
            let result = call_function(vm, &cached.func, fr, n, names)?;
            let is_still_absent = key.as_tuple().is_none() && cached.version() == version;
            let stored = if is_still_absent { cached.insert(vm, key, hash, &result) } else { cached.store(vm, key, hash, &result) };
            stored?;
            Ok(result)
        }
        Ok((_, Some(result))) => {
            clear(fr, total);
            Ok(result)
        }
        Err(t) => {
            clear(fr, total);
            Err(t)
        }
    }
}

fn call_function(vm: &mut Vm, func: &Value, fr: &mut [Value], n: usize, names: &[Ref]) -> R {
    if names.is_empty() { vm.call_window(func, fr, n) } else { vm.call_keywords(func, fr, n, names) }
}

fn call_method(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let pairs = keyword_pairs(kwargs_of(a, n, 1));
    let args = a.get(1..n).unwrap_or_default().to_vec();
    vm.call_with(&a[0].native().clone(), &args, &pairs)
}

// ---- calls on threads, in two halves ------------------------------------------------------------------------------

/// The key of a call and what is remembered for it, as a pair; a pair of `None` where nothing is. Stand-ins for threads
/// begin with it.
pub fn look_up(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (Some(cached), Some(args)) = (cached_of(&a[0]), a[1].as_tuple()) else { return Ok(Value::None) };
    let pairs = keyword_pairs(crate::vm::tables::dict_of(&a[2]).cloned());
    let all: Vec<Value> = args.iter().cloned().chain(pairs.iter().map(|(_, v)| v.clone())).collect();
    let names: Vec<Ref> = pairs.into_iter().map(|(name, _)| name).collect();
    if cached.bound == Bound::Nothing {
        cached.missed();
        return Ok(Obj::tuple([Value::None, Value::None, cached.func.clone()]).into());
    }
    let key = cached.key(vm, &all, &names);
    let hash = vm.hash(&key)?;
    match cached.find(vm, &key, hash)? {
        Some(result) => Ok(Obj::tuple([Value::True, result, Value::None]).into()),
        None => {
            cached.missed();
            Ok(Obj::tuple([Value::False, key, cached.func.clone()]).into())
        }
    }
}

/// Remembers what the function gave after all.
pub fn remember(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(cached) = cached_of(&a[0]) else { return Ok(Value::None) };
    if cached.bound != Bound::Nothing {
        let hash = vm.hash(&a[1])?;
        cached.store(vm, a[1].clone(), hash, &a[2].clone())?;
    }
    Ok(Value::None)
}

// ---- as an object -----------------------------------------------------------------------------------------------

fn new(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(class) = a[0].to_class() else { return Ok(Value::None) };
    if !crate::modules::builtins::attributes::is_callable(vm, &a[1]) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let bound = match &a[2] {
        Value::None => Bound::Everything,
        max if vm.has_index(max) => match usize::try_from(vm.index_i64(&max.clone())?) {
            Ok(0) | Err(_) => Bound::Nothing,
            Ok(max) => Bound::AtMost(max),
        },
        _ => return Err(vm.type_error("maxsize should be integer or None")),
    };
    let is_typed = vm.truth(&a[3].clone())?;
    let cached = Cached {
        class,
        func: a[1].take(),
        make_info: a[4].take(),
        bound,
        is_typed,
        results: Obj::dict(Dict::new()).into(),
        recent: RefCell::default(),
        hits: Cell::new(0),
        misses: Cell::new(0),
        mark: vm.new_instance(&vm.types.object.clone())?,
        fields: RefCell::default(),
    };
    Ok(Obj::native(cached).into())
}

fn cache_info(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let cached = this(&a[0]);
    let max = match cached.bound {
        Bound::Nothing => Value::Int(0),
        Bound::Everything => Value::None,
        Bound::AtMost(max) => max.into(),
    };
    let make = cached.make_info.clone();
    vm.call(&make, &[cached.hits.get().into(), cached.misses.get().into(), max, cached.len().into()])
}

fn cache_clear(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let cached = this(&a[0]);
    cached.hits.set(0);
    cached.misses.set(0);
    let old = cached.results.obj().and_then(|o| o.as_dict()).map(|d| d.borrow_mut().take_all());
    let recent = cached.recent.take();
    drop((old, recent));
    Ok(Value::None)
}

fn get(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(if a[1].is_none() { a[0].clone() } else { bind_method(&a[0], &a[1]) })
}

fn itself(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(a[0].clone())
}

fn reduce(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let name = vm.names.qualname.clone();
    vm.get_attr(&a[0].clone(), &name)
}

static NEW: Builtin = Builtin::new("lru_cache", "(cls, user_function, maxsize, typed, cache_info_type)", new, "");

/// `_lru_cache_wrapper`.
pub const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, user_function, maxsize, typed, cache_info_type)", new, "Create and return a new object."),
        Builtin::new("__call__", "(self, /, *args, **kwargs)", call_method, "Call self as a function."),
        Builtin::new("__get__", "(self, instance, owner=None, /)", get, "Return an attribute of instance, which is of type owner."),
        Builtin::new("cache_info", "(self, /)", cache_info, "Reports how often the cache knew the answer, and how full it is."),
        Builtin::new("cache_clear", "(self, /)", cache_clear, "Forgets everything."),
        Builtin::new("__copy__", "(self, /)", itself, ""),
        Builtin::new("__deepcopy__", "(self, memo, /)", itself, ""),
        Builtin::new("__reduce__", "(self, /)", reduce, ""),
    ],
    getsets: &[GetSet { name: "__dict__", get: super::dict, set: Some(super::set_dict) }],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "Create a cached callable that wraps another function.",
};
