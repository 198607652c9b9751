//! `product`, `permutations`, `combinations` and `combinations_with_replacement`: selections from pools of items, by
//! places that are counted on from one selection to the next.

use std::cell::RefCell;

use super::{State, iterator, object};
use crate::value::func::Builtin;
use crate::value::iter::UsedTuple;
use crate::value::{R, Value};
use crate::vm::Vm;
use crate::vm::types::TypeDef;

/// How far a count of places has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Fresh,
    Going,
    Over,
}

/// Counts places on; says whether there is another selection.
type Advance = fn(&mut Places, &Pools) -> bool;

/// The chosen place in the pool of each position.
struct Places {
    chosen: Vec<usize>,
    /// What `permutations` needs besides: how many exchanges are left at each position.
    cycles: Vec<usize>,
    progress: Progress,
    used: UsedTuple,
}

/// What is chosen from: one pool for each position, or one for all.
struct Pools {
    pools: Vec<Box<[Value]>>,
    /// How many positions share the pools, in turn.
    positions: usize,
}

impl Pools {
    fn at(&self, position: usize) -> &[Value] {
        let n = self.pools.len().max(1);
        self.pools.get(position % n).map_or(&[], |p| p)
    }
}

struct Combined {
    pools: Pools,
    places: RefCell<Places>,
    advance: Advance,
}

impl State for Combined {
    fn next(&self, _: &mut Vm) -> R<Option<Value>> {
        let mut now = self.places.borrow_mut();
        match now.progress {
            Progress::Over => return Ok(None),
            Progress::Fresh => now.progress = Progress::Going,
            Progress::Going => {
                if !(self.advance)(&mut now, &self.pools) {
                    now.progress = Progress::Over;
                    return Ok(None);
                }
            }
        }
        let Places { chosen, used, .. } = &mut *now;
        let places = self.pools.pools.iter().cycle().zip(chosen.iter().take(self.pools.positions));
        Ok(Some(used.give_last(self.pools.positions, places.map(|(pool, place)| pool.get(*place).cloned().unwrap_or_default()))))
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.pools.pools.iter().flat_map(|p| p.iter()).for_each(&mut *visit);
        if let Ok(places) = self.places.try_borrow() {
            places.used.trace(visit);
        }
    }
}

impl Combined {
    fn new(pools: Pools, places: Vec<usize>, has_any: bool, advance: Advance) -> Self {
        let progress = if has_any { Progress::Fresh } else { Progress::Over };
        Self { pools, places: RefCell::new(Places { chosen: places, cycles: Vec::new(), progress, used: UsedTuple::default() }), advance }
    }
}

fn pool(vm: &mut Vm, iterable: &Value) -> R<Box<[Value]>> {
    Ok(vm.collect(iterable)?.into())
}

// ---- product ----------------------------------------------------------------------------------------------------

fn next_product(now: &mut Places, pools: &Pools) -> bool {
    for (position, place) in now.chosen.iter_mut().enumerate().rev() {
        *place += 1;
        if *place < pools.at(position).len() {
            return true;
        }
        *place = 0;
    }
    false
}

fn product(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let repeat = match a.get(n).and_then(Value::given) {
        Some(v) => vm.ssize_arg(&v.clone())?,
        None => 1,
    };
    let Ok(repeat) = usize::try_from(repeat) else { return Err(vm.value_error("repeat argument cannot be negative")) };
    let mut pools = Vec::with_capacity(n.saturating_sub(1));
    if repeat > 0 {
        for iterable in a.get(1..n).unwrap_or_default() {
            pools.push(pool(vm, &iterable.clone())?);
        }
    }
    let bytes = pools.len().checked_mul(repeat).and_then(|n| n.checked_mul(size_of::<usize>()));
    if bytes.is_none_or(|n| i64::try_from(n).is_err()) {
        return Err(vm.overflow_error("repeat argument too large"));
    }
    vm.check_size::<Value>(pools.len(), repeat)?;
    let positions = pools.len() * repeat;
    let has_any = pools.iter().all(|p| !p.is_empty());
    object(vm, &a[0], Combined::new(Pools { pools, positions }, vec![0; positions], has_any, next_product))
}

static NEW_PRODUCT: Builtin = Builtin::new("product", "(cls, /, *iterables, repeat=1)", product, "");

/// `product`.
pub const PRODUCT: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, /, *iterables, repeat=1)", product, "Create and return a new object.")],
    &NEW_PRODUCT,
    "One item of each iterable, in all ways.",
);

// ---- combinations -----------------------------------------------------------------------------------------------

fn next_combination(now: &mut Places, pools: &Pools) -> bool {
    let (n, r) = (pools.at(0).len(), pools.positions);
    let Some(position) = (0..r).rev().find(|&i| now.chosen.get(i).is_some_and(|p| *p != i + n - r)) else { return false };
    let first = now.chosen.get(position).map_or(0, |p| p + 1);
    for (place, value) in now.chosen.iter_mut().skip(position).zip(first..) {
        *place = value;
    }
    true
}

fn next_with_replacement(now: &mut Places, pools: &Pools) -> bool {
    let n = pools.at(0).len();
    let Some(position) = now.chosen.iter().rposition(|p| *p + 1 != n) else { return false };
    let value = now.chosen.get(position).map_or(0, |p| p + 1);
    now.chosen.iter_mut().skip(position).for_each(|place| *place = value);
    true
}

/// The pool and the number of places, from the arguments.
fn pool_and_size(vm: &mut Vm, a: &[Value]) -> R<(Box<[Value]>, usize)> {
    let pool = pool(vm, &a[1].clone())?;
    let r = vm.ssize_arg(&a[2].clone())?;
    match usize::try_from(r) {
        Ok(r) => Ok((pool, r)),
        Err(_) => Err(vm.value_error("r must be non-negative")),
    }
}

fn combinations(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (pool, r) = pool_and_size(vm, a)?;
    let has_any = r <= pool.len();
    let places = if has_any { (0..r).collect() } else { Vec::new() };
    object(vm, &a[0], Combined::new(Pools { pools: vec![pool], positions: r }, places, has_any, next_combination))
}

fn with_replacement(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (pool, r) = pool_and_size(vm, a)?;
    let has_any = !pool.is_empty() || r == 0;
    if has_any {
        vm.check_size::<Value>(r, 1)?;
    }
    let places = if has_any { vec![0; r] } else { Vec::new() };
    object(vm, &a[0], Combined::new(Pools { pools: vec![pool], positions: r }, places, has_any, next_with_replacement))
}

static NEW_COMBINATIONS: Builtin = Builtin::new("combinations", "(cls, iterable, r)", combinations, "");
static NEW_WITH_REPLACEMENT: Builtin = Builtin::new("combinations_with_replacement", "(cls, iterable, r)", with_replacement, "");

/// `combinations`.
pub const COMBINATIONS: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, iterable, r)", combinations, "Create and return a new object.")],
    &NEW_COMBINATIONS,
    "So many of the items, in all ways that differ not only in order.",
);

/// `combinations_with_replacement`.
pub const WITH_REPLACEMENT: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, iterable, r)", with_replacement, "Create and return a new object.")],
    &NEW_WITH_REPLACEMENT,
    "The same, where an item can be chosen more than once.",
);

// ---- permutations -----------------------------------------------------------------------------------------------

fn next_permutation(now: &mut Places, pools: &Pools) -> bool {
    let n = now.chosen.len();
    for i in (0..pools.positions).rev() {
        let Some(cycle) = now.cycles.get_mut(i) else { return false };
        *cycle -= 1;
        let left = *cycle;
        if left > 0 {
            now.chosen.swap(i, n - left);
            return true;
        }
        *cycle = n - i;
        // The place of this position goes behind all others.
        if let Some(rest) = now.chosen.get_mut(i..) {
            rest.rotate_left(1);
        }
    }
    false
}

fn permutations(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let pool = pool(vm, &a[1].clone())?;
    let n = pool.len();
    let r = match a[2].some() {
        None => n,
        Some(v) if crate::vm::number::int_of(v).is_none() => return Err(vm.type_error("Expected int as r")),
        Some(v) => match usize::try_from(vm.ssize_arg(&v.clone())?) {
            Ok(r) => r,
            Err(_) => return Err(vm.value_error("r must be non-negative")),
        },
    };
    let has_any = r <= n;
    let combined = Combined::new(Pools { pools: vec![pool], positions: r }, (0..n).collect(), has_any, next_permutation);
    if has_any {
        combined.places.borrow_mut().cycles = (0..r).map(|i| n - i).collect();
    }
    object(vm, &a[0], combined)
}

static NEW_PERMUTATIONS: Builtin = Builtin::new("permutations", "(cls, iterable, r=None)", permutations, "");

/// `permutations`.
pub const PERMUTATIONS: TypeDef = iterator(
    &[Builtin::new("__new__", "(cls, iterable, r=None)", permutations, "Create and return a new object.")],
    &NEW_PERMUTATIONS,
    "So many of the items, in all orders.",
);
