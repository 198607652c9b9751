//! `itertools`: iterators as classes of their own. This file has what they share and the module's table; the classes are
//! in `endless`, `joined`, `selected`, `grouped`, `copies` and `combined`.

use crate::types::descriptor::derive;
use crate::types::generic::CLASS_GETITEM;
use crate::types::iter::{ITER, NEXT};
use crate::value::class::Solid;
use crate::value::func::Builtin;
use crate::value::obj::{Native, Steps};
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::{TypeDef, add_methods, make};

mod combined;
mod copies;
mod endless;
mod grouped;
mod joined;
mod selected;

/// What tells one kind of iterator from another.
trait State: 'static {
    /// The next item; nothing at the end.
    fn next(&self, vm: &mut Vm) -> R<Option<Value>>;
    /// Visits what it holds.
    fn trace(&self, visit: &mut dyn FnMut(&Value));
    /// Lets go of what could be part of a cycle.
    fn clear(&self) {}
}

/// An iterator of one of the classes.
struct Object<S> {
    class: ClassRef,
    state: S,
}

impl<S: State> Native for Object<S> {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
        self.state.trace(visit);
    }

    fn clear(&self) {
        self.state.clear();
    }

    fn steps(&self) -> Option<&dyn Steps> {
        Some(self)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl<S: State> Steps for Object<S> {
    fn next(&self, vm: &mut Vm) -> R<Option<Value>> {
        vm.check_stack()?;
        self.state.next(vm)
    }
}

/// The state of an iterator of a known class, or of a subclass of it.
fn state_of<S: State>(v: &Value) -> Option<&S> {
    v.native().obj().and_then(|o| o.downcast::<Object<S>>()).map(|o| &o.state)
}

/// An iterator of the class that a constructor was given.
fn object<S: State>(vm: &Vm, class: &Value, state: S) -> R {
    let Some(given) = class.to_class() else { return Ok(Value::None) };
    let own = given.mro_with_self().into_iter().find(|c| c.construct.is_some()).unwrap_or(given);
    let base = Obj::new(Kind::Native(Box::new(Object { class: own, state }))).into();
    derive(vm, class, base)
}

/// Refuses any other number of arguments.
fn exactly(vm: &mut Vm, name: &str, n: usize, wanted: usize) -> R<()> {
    if n == wanted + 1 {
        return Ok(());
    }
    let plural = if wanted == 1 { "" } else { "s" };
    Err(vm.type_error(&format!("{name} expected {wanted} argument{plural}, got {}", n.saturating_sub(1))))
}

/// Drops what a cell holds, when nothing is borrowed any more.
fn take<T: Default>(cell: &std::cell::RefCell<T>) {
    let old = cell.take();
    drop(old);
}

/// A class with the methods that all of these iterators have.
const fn iterator(methods: &'static [Builtin], construct: &'static Builtin, doc: &'static str) -> TypeDef {
    TypeDef { methods, getsets: &[], construct: Some(construct), solid: Solid::Builtin, flags: 0, doc }
}

/// The names of the module.
pub fn namespace(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names: Vec<(&'static str, Value)> = CLASSES.iter().map(|(name, def)| (*name, class(vm, name, *def).into())).collect();
    for (name, value) in &names {
        if *name == "chain"
            && let Some(chain) = value.to_class()
        {
            add_methods(&vm.interner, &chain, CLASS_GETITEM);
        }
    }
    names.extend(super::functions(FUNCTIONS, "itertools"));
    names
}

fn class(vm: &Vm, name: &str, def: TypeDef) -> ClassRef {
    let class = make(&vm.interner, name, Some(&vm.types.object), def);
    add_methods(&vm.interner, &class, SHARED);
    if let Some(d) = class.dict().as_dict() {
        d.borrow_mut().set_name(&vm.names.module, "itertools".into());
    }
    class
}

/// The class of a name of this module.
fn class_named(vm: &mut Vm, name: &str) -> R<Value> {
    let (module, name) = (vm.import_module("itertools")?, vm.intern(name));
    vm.get_attr(&module, &name)
}

const SHARED: &[Builtin] = &[ITER, NEXT];

const FUNCTIONS: &[Builtin] = &[Builtin::new("tee", "(iterable, n=2, /)", copies::tee, "Several independent iterators over the same items.")];

const CLASSES: &[(&str, TypeDef)] = &[
    ("accumulate", joined::ACCUMULATE),
    ("chain", joined::CHAIN),
    ("combinations", combined::COMBINATIONS),
    ("combinations_with_replacement", combined::WITH_REPLACEMENT),
    ("compress", selected::COMPRESS),
    ("count", endless::COUNT),
    ("cycle", endless::CYCLE),
    ("dropwhile", selected::DROPWHILE),
    ("filterfalse", selected::FILTERFALSE),
    ("groupby", grouped::GROUPBY),
    ("islice", selected::ISLICE),
    ("pairwise", joined::PAIRWISE),
    ("permutations", combined::PERMUTATIONS),
    ("product", combined::PRODUCT),
    ("repeat", endless::REPEAT),
    ("starmap", selected::STARMAP),
    ("takewhile", selected::TAKEWHILE),
    ("zip_longest", joined::ZIP_LONGEST),
    ("_grouper", grouped::GROUPER),
    ("_tee", copies::TEE),
];
