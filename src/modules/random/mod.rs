//! `random`: the generator object, its seeds and its state. What it draws is in `draw`, `integers`, `sequences` and
//! `floats`; the classes that scripts see, and the module's own generator, are in `random.co`.

mod draw;
mod floats;
mod integers;
mod sequences;

use std::cell::{Cell, RefCell};

use num_bigint::{BigInt, BigUint};
use num_traits::ToPrimitive;

use super::functions;
use crate::pure::random::Random;
use crate::types::descriptor::derive;
use crate::value::class::Solid;
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Kind, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::number::int_of;
use crate::vm::types::{TypeDef, add_methods, make};

/// A generator.
pub struct Generator {
    class: ClassRef,
    random: RefCell<Random>,
    /// The second number that `gauss` made of its draws, as scripts see it.
    gauss_next: RefCell<Value>,
    /// Which methods of the class are a script's, and the stamp of the class when that was looked up.
    seen: Cell<(u64, draw::Overrides)>,
}

impl Native for Generator {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
        if let Ok(next) = self.gauss_next.try_borrow() {
            visit(&next);
        }
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn generator(v: &Value) -> &Generator {
    match v.native().obj().and_then(|o| o.downcast()) {
        Some(g) => g,
        None => unreachable!("the receiver of a generator's method is one"),
    }
}

/// The names that the module's text begins with.
pub fn natives(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let class = make(&vm.interner, "Random", Some(&vm.types.object), TYPE);
    for table in [integers::METHODS, sequences::METHODS, floats::METHODS] {
        add_methods(&vm.interner, &class, table);
    }
    if let Some(d) = class.dict().as_dict() {
        d.borrow_mut().set_name(&vm.names.module, "_random".into());
    }
    let mut names = functions(FUNCTIONS, "_random");
    names.push(("_Random", class.into()));
    names
}

fn first_seed(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(if vm.host.clock.is_virtual() { Obj::int(BigInt::from(vm.host.seed)) } else { Value::None })
}

/// So many bytes of entropy.
fn entropy(vm: &mut Vm, count: usize) -> R<Vec<u8>> {
    let mut bytes = vec![0; count];
    match vm.host.fill_entropy(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(e) => Err(vm.raise_io_error(&e, None)),
    }
}

fn entropy_bytes(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Ok(count) = usize::try_from(vm.index_i64(&a[0].clone())?) else { return Err(vm.value_error("negative argument not allowed")) };
    vm.check_size::<u8>(count, 1)?;
    Ok(Obj::bytes(entropy(vm, count)?).into())
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("_first_seed", "()", first_seed, "What the module's generator is seeded with; None for the system's entropy."),
    Builtin::new("_entropy", "(count, /)", entropy_bytes, "So many bytes of entropy."),
];

// ---- making and seeding -----------------------------------------------------------------------------------------

fn new(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let Some(class) = a[0].to_class().filter(|_| n > 0) else { return Err(vm.type_error("Random.__new__(): not enough arguments")) };
    let own = class.mro_with_self().into_iter().find(|c| c.construct.is_some()).unwrap_or_else(|| class.clone());
    let made = Generator {
        class: own,
        random: RefCell::new(Random::from_i64(0)),
        gauss_next: RefCell::new(Value::None),
        seen: Cell::new((0, draw::Overrides::default())),
    };
    derive(vm, &a[0], Obj::native(made).into())
}

fn construct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let made = new(vm, &mut [a[0].clone()], 1)?;
    let random = seeded(vm, &a[1].clone(), 2)?;
    generator(&made).random.replace(random);
    Ok(made)
}

fn seed(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let version = if a[2].is_unbound() { 2 } else { vm.index_i64(&a[2].clone()).unwrap_or(0) };
    let random = seeded(vm, &a[1].clone(), version)?;
    let g = generator(&a[0]);
    g.random.replace(random);
    drop(g.gauss_next.replace(Value::None));
    Ok(Value::None)
}

/// The generator for a seed: text and bytes are hashed in a way that depends on the version.
fn seeded(vm: &mut Vm, seed: &Value, version: i64) -> R<Random> {
    if seed.some().is_none() {
        let bytes = entropy(vm, 32)?;
        return Ok(Random::from_magnitude(&BigUint::from_bytes_le(&bytes)));
    }
    match (seed.native(), seed.native_kind()) {
        (Value::Int(i), _) => Ok(Random::from_i64(*i)),
        (_, Some(Kind::Str(s))) if version == 1 => Ok(Random::from_magnitude(&old_hash(s.as_str().chars().map(u64::from)))),
        (_, Some(Kind::Bytes(b))) if version == 1 => Ok(Random::from_magnitude(&old_hash(b.iter().map(|&b| u64::from(b))))),
        (_, Some(Kind::Str(s))) => Ok(Random::from_bytes(s.as_str().as_bytes())),
        (_, Some(Kind::Bytes(b))) => Ok(Random::from_bytes(b)),
        (_, Some(Kind::ByteArray(b))) => Ok(Random::from_bytes(&b.borrow())),
        (Value::Float(_), _) => Ok(Random::from_magnitude(&BigUint::from(vm.hash(seed.native())? as u64))),
        _ => match int_of(seed) {
            Some(i) => Ok(Random::from_bigint(&i)),
            None => Err(vm.type_error("The only supported seed types are: None,\nint, float, str, bytes, and bytearray.")),
        },
    }
}

/// The hash of version 1, without its sign.
fn old_hash(items: impl Iterator<Item = u64> + Clone) -> BigUint {
    let first = items.clone().next().unwrap_or(0) << 7;
    let mixed = items.clone().fold(first, |hash, item| hash.wrapping_mul(1_000_003) ^ item) ^ items.count() as u64;
    BigUint::from(if mixed == u64::MAX { 2 } else { mixed })
}

// ---- the state --------------------------------------------------------------------------------------------------

fn words(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let random = generator(&a[0]).random.borrow();
    let (words, next) = random.state();
    let items: Vec<Value> = words.iter().map(|&w| Value::Int(i64::from(w))).chain([Value::from(next)]).collect();
    Ok(Obj::tuple(items).into())
}

fn set_words(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(items) = a[1].as_tuple() else { return Err(vm.type_error("state vector must be a tuple")) };
    let Some((next, words)) = items.split_last().filter(|(_, words)| words.len() == crate::pure::twister::WORDS) else {
        return Err(vm.value_error("state vector is the wrong size"));
    };
    let mut state = Vec::with_capacity(words.len());
    for word in words {
        let Some(word) = vm.index_big(word)?.to_u64() else { return Err(vm.overflow_error("can't convert negative value to unsigned int")) };
        state.push(word as u32);
    }
    let next = vm.index_i64(next)?;
    match usize::try_from(next).ok().and_then(|next| Random::from_state(&state, next)) {
        Some(random) => {
            generator(&a[0]).random.replace(random);
            Ok(Value::None)
        }
        None => Err(vm.value_error("invalid state")),
    }
}

fn set_gauss_next(_: &mut Vm, v: &Value, new: Value) -> R<()> {
    drop(generator(v).gauss_next.replace(if new.is_unbound() { Value::None } else { new }));
    Ok(())
}

static NEW: Builtin = Builtin::new("Random", "(cls, x=None, /)", construct, "");

const TYPE: TypeDef = TypeDef {
    methods: &[
        Builtin::new("__new__", "(cls, *args, **kwargs)", new, "Create and return a new object."),
        Builtin::new("seed", "(self, a=None, version=2)", seed, "Starts the sequence that belongs to a seed."),
        Builtin::new("_words", "(self, /)", words, "The words of the state and the place of the next one."),
        Builtin::new("_set_words", "(self, words, /)", set_words, "Sets what _words gave."),
    ],
    getsets: &[GetSet { name: "gauss_next", get: |_, v| Ok(generator(v).gauss_next.borrow().clone()), set: Some(set_gauss_next) }],
    construct: Some(&NEW),
    solid: Solid::Builtin,
    flags: 0,
    doc: "The Mersenne Twister.",
};
