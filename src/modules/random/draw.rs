//! Where the numbers of a generator come from: its own Mersenne Twister, or what a script's subclass defines.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use super::{Generator, generator};
use crate::value::class::flag;
use crate::value::{ClassRef, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::number::int_of;

/// Beyond so many values a float cannot tell them apart.
const FLOAT_VALUES: f64 = 9_007_199_254_740_992.0;

/// How whole numbers below a bound are drawn.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Below {
    /// From the generator's own bits.
    #[default]
    Native,
    /// From a script's `getrandbits`.
    Bits,
    /// From a script's `random`.
    Floats,
    /// By a script's `_randbelow`.
    Script,
}

/// What of the drawing is a script's.
#[derive(Clone, Copy, Default)]
pub struct Overrides {
    random: bool,
    bits: bool,
    below: Below,
}

fn overrides(vm: &mut Vm, class: &ClassRef) -> Overrides {
    let [below, bits, random] = ["_randbelow", "getrandbits", "random"].map(|name| vm.intern(name));
    let is_script = |name| class.lookup_where(name).is_some_and(|(_, owner)| owner.has(flag::HEAP));
    let mut how = Below::Native;
    for c in class.mro_with_self().iter().take_while(|c| c.has(flag::HEAP)) {
        let ways = [(&below, Below::Script), (&bits, Below::Bits), (&random, Below::Floats)];
        if let Some((_, way)) = ways.into_iter().find(|(name, _)| c.own(name).is_some()) {
            how = way;
            break;
        }
    }
    Overrides { random: is_script(&random), bits: is_script(&bits), below: how }
}

/// A generator that is drawn from.
pub struct Draw<'a> {
    object: &'a Value,
    pub own: &'a Generator,
    overrides: Overrides,
}

impl<'a> Draw<'a> {
    /// Looks at what the generator's class defines, unless that is known.
    #[inline]
    pub fn new(vm: &mut Vm, object: &'a Value) -> Self {
        let own = generator(object);
        let class = vm.class_of(object);
        let (stamp, overrides) = own.seen.get();
        let overrides = if class.stamp.get() == stamp { overrides } else { Self::look(vm, object, own) };
        Self { object, own, overrides }
    }

    #[cold]
    fn look(vm: &mut Vm, object: &Value, own: &Generator) -> Overrides {
        let class = vm.class_of(object).clone();
        let found = overrides(vm, &class);
        own.seen.set((class.stamp.get(), found));
        found
    }

    /// Whether no script code runs when whole numbers are drawn.
    pub fn is_native(&self) -> bool {
        self.overrides.below == Below::Native
    }

    fn call(&self, vm: &mut Vm, name: &str, args: &[Value]) -> R {
        let name = vm.intern(name);
        vm.call_method(self.object, &name, args)
    }

    /// A float in [0, 1).
    #[inline]
    pub fn random(&self, vm: &mut Vm) -> R<f64> {
        if !self.overrides.random {
            return Ok(self.own.random.borrow_mut().random());
        }
        let drawn = self.call(vm, "random", &[])?;
        vm.to_f64(&drawn)
    }

    /// An integer with so many random bits, at least one.
    pub fn bits(&self, vm: &mut Vm, bits: u64) -> R<BigInt> {
        if !self.overrides.bits {
            return Ok(self.own.random.borrow_mut().bits_big(bits).into());
        }
        let drawn = self.call(vm, "getrandbits", &[Value::Int(bits as i64)])?;
        vm.index_big(&drawn)
    }

    /// An integer in [0, n).
    #[inline]
    pub fn below(&self, vm: &mut Vm, n: u64) -> R<u64> {
        if self.overrides.below == Below::Native {
            return Ok(self.own.random.borrow_mut().below(n));
        }
        self.below_big(vm, &n.into()).map(|drawn| drawn.to_u64().unwrap_or(0))
    }

    /// A place among so many.
    pub fn place(&self, vm: &mut Vm, n: usize) -> R<usize> {
        self.below(vm, n as u64).map(|place| place as usize)
    }

    /// The same for bounds of any size.
    pub fn below_big(&self, vm: &mut Vm, n: &BigInt) -> R<BigInt> {
        match self.overrides.below {
            Below::Script => {
                let drawn = self.call(vm, "_randbelow", &[Obj::int(n.clone())])?;
                vm.index_big(&drawn)
            }
            _ if !n.is_positive() => Ok(BigInt::ZERO),
            Below::Floats => self.below_by_floats(vm, n),
            Below::Native | Below::Bits => loop {
                let drawn = self.bits(vm, n.bits())?;
                if drawn < *n {
                    return Ok(drawn);
                }
                vm.tick()?;
            },
        }
    }

    /// What falls into the last, incomplete round of the bound is drawn again.
    fn below_by_floats(&self, vm: &mut Vm, n: &BigInt) -> R<BigInt> {
        let bound = n.to_f64().unwrap_or(f64::INFINITY);
        if bound >= FLOAT_VALUES {
            let drawn = self.random(vm)? * bound;
            return whole(vm, drawn.floor());
        }
        let limit = (FLOAT_VALUES - FLOAT_VALUES % bound) / FLOAT_VALUES;
        loop {
            let drawn = self.random(vm)?;
            if drawn < limit {
                return whole(vm, (drawn * FLOAT_VALUES).floor() % bound);
            }
            vm.tick()?;
        }
    }
}

fn whole(vm: &mut Vm, x: f64) -> R<BigInt> {
    let value = vm.float_to_int(x)?;
    Ok(int_of(&value).map(std::borrow::Cow::into_owned).unwrap_or_default())
}
