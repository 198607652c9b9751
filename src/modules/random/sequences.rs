//! Choosing from sequences and putting them in another order.

use super::draw::Draw;
use crate::syntax::ast::BinOp;
use crate::value::func::Builtin;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

fn choice(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let len = vm.len(&a[1])?;
    if len == 0 {
        return Err(vm.index_error("Cannot choose from an empty sequence"));
    }
    let place = Draw::new(vm, &a[0]).place(vm, len)?;
    vm.get_item(&a[1], &place.into())
}

fn shuffle(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let draw = Draw::new(vm, &a[0]);
    if let (Some(Kind::List(items)), true) = (a[1].kind(), draw.is_native()) {
        let mut random = draw.own.random.borrow_mut();
        let mut items = items.borrow_mut();
        for i in (1..items.len()).rev() {
            let j = random.below(i as u64 + 1) as usize;
            items.swap(i, j);
        }
        return Ok(Value::None);
    }
    for i in (1..vm.len(&a[1])?).rev() {
        let j = draw.place(vm, i + 1)?;
        let (here, there) = (vm.get_item(&a[1], &i.into())?, vm.get_item(&a[1], &j.into())?);
        vm.set_item(&a[1], &i.into(), there)?;
        vm.set_item(&a[1], &j.into(), here)?;
        vm.tick()?;
    }
    Ok(Value::None)
}

// ---- choices ----------------------------------------------------------------------------------------------------

fn choices(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let population = a[1].clone();
    let len = vm.len(&population)?;
    let Some(cumulative) = cumulative_weights(vm, &a[2].clone(), &a[3].clone())? else {
        let count = count_arg(vm, &a[4])?;
        let draw = Draw::new(vm, &a[0]);
        return draw_many(vm, count, |vm| {
            let place = (draw.random(vm)? * len as f64).floor() as usize;
            vm.get_item(&population, &place.into())
        });
    };
    if cumulative.len() != len {
        return Err(vm.value_error("The number of weights does not match the population"));
    }
    let Some(last) = cumulative.last() else { return Err(vm.index_error("list index out of range")) };
    let total = vm.binary(BinOp::Add, last, &Value::float(0.0))?;
    let size = vm.to_f64(&total)?;
    if size <= 0.0 {
        return Err(vm.value_error("Total of weights must be greater than zero"));
    }
    if !size.is_finite() {
        return Err(vm.value_error("Total of weights must be finite"));
    }
    let count = count_arg(vm, &a[4])?;
    let draw = Draw::new(vm, &a[0]);
    draw_many(vm, count, |vm| {
        let drawn = Value::float(draw.random(vm)? * size);
        let place = first_above(vm, &cumulative, &drawn, len - 1)?;
        vm.get_item(&population, &place.into())
    })
}

fn count_arg(vm: &mut Vm, v: &Value) -> R<usize> {
    let count = if v.is_unbound() { 1 } else { vm.index_i64(v)? };
    Ok(usize::try_from(count).unwrap_or(0))
}

fn draw_many(vm: &mut Vm, count: usize, mut one: impl FnMut(&mut Vm) -> R) -> R {
    vm.check_size::<Value>(count, 1)?;
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        items.push(one(vm)?);
        vm.tick()?;
    }
    Ok(items.into())
}

/// The weights summed up, if some were given.
fn cumulative_weights(vm: &mut Vm, weights: &Value, cumulative: &Value) -> R<Option<Vec<Value>>> {
    match (weights.some(), cumulative.some()) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(vm.type_error("Cannot specify both weights and cumulative weights")),
        (None, Some(given)) => vm.collect(given).map(Some),
        (Some(given), None) => {
            let result = vm.iter(given);
            let class = vm.types.type_error.clone();
            if matches!(given.native(), Value::Int(_) | Value::True | Value::False) {
                vm.catch(&class, result)?;
                let text = format!("The number of choices must be a keyword argument: k={}", vm.repr(given)?);
                return Err(vm.type_error(&text));
            }
            let items = vm.collect(&result?)?;
            sums(vm, &items).map(Some)
        }
    }
}

/// The running sums.
fn sums(vm: &mut Vm, items: &[Value]) -> R<Vec<Value>> {
    let mut sums: Vec<Value> = Vec::with_capacity(items.len());
    for item in items {
        let sum = match sums.last() {
            Some(last) => vm.binary(BinOp::Add, last, item)?,
            None => item.clone(),
        };
        sums.push(sum);
    }
    Ok(sums)
}

/// The place of the first sum that is greater, at most `last`.
fn first_above(vm: &mut Vm, sums: &[Value], drawn: &Value, last: usize) -> R<usize> {
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = usize::midpoint(low, high);
        if vm.lt(drawn, &sums[middle])? {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

// ---- sample -----------------------------------------------------------------------------------------------------

fn sample(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (population, k) = (a[1].clone(), a[2].clone());
    if !is_sequence(vm, &population)? {
        return Err(vm.type_error("Population must be a sequence.  For dicts or sets, use sorted(d)."));
    }
    let len = vm.len(&population)?;
    let Some(counts) = a[3].some().cloned() else {
        let count = sample_size(vm, &k, len)?;
        let places = sample_places(vm, &a[0], len, count)?;
        return pick(vm, &population, &places);
    };
    let counts = vm.collect(&counts)?;
    let sums = sums(vm, &counts)?;
    if sums.len() != len {
        return Err(vm.value_error("The number of counts does not match the population"));
    }
    let Some(Value::Int(total)) = sums.last() else { return Err(vm.type_error("Counts must be integers")) };
    let Some(total) = usize::try_from(*total).ok().filter(|t| *t > 0) else { return Err(vm.value_error("Total of counts must be greater than zero")) };
    let count = sample_size(vm, &k, total)?;
    let mut places = Vec::with_capacity(count);
    for place in sample_places(vm, &a[0], total, count)? {
        places.push(first_above(vm, &sums, &place.into(), sums.len())?);
    }
    pick(vm, &population, &places)
}

/// Whether `collections.abc.Sequence` takes a value for one.
fn is_sequence(vm: &mut Vm, v: &Value) -> R<bool> {
    if matches!(v.kind(), Some(Kind::List(_) | Kind::Tuple(_) | Kind::Str(_) | Kind::Range(_) | Kind::Bytes(_))) {
        return Ok(true);
    }
    let module = vm.import_module("collections.abc")?;
    let name = vm.intern("Sequence");
    let class = vm.get_attr(&module, &name)?;
    vm.is_instance_of(v, &class)
}

fn sample_size(vm: &mut Vm, k: &Value, len: usize) -> R<usize> {
    let fits = vm.lt(&Value::from(len), k).map(|more| !more)? && !vm.lt(k, &Value::Int(0))?;
    if !fits {
        return Err(vm.value_error("Sample larger than population or is negative"));
    }
    if !vm.has_index(k) {
        let text = format!("can't multiply sequence by non-int of type '{}'", vm.class_name(k));
        return Err(vm.type_error(&text));
    }
    vm.index_i64(k).map(|k| k as usize)
}

/// Places without repetition: from a shrinking pool when the population is small against the sample, else drawn again
/// when they were drawn before.
fn sample_places(vm: &mut Vm, object: &Value, len: usize, count: usize) -> R<Vec<usize>> {
    let draw = Draw::new(vm, object);
    let mut places = Vec::with_capacity(count);
    if len <= pool_limit(count) {
        let mut pool: Vec<usize> = (0..len).collect();
        for i in 0..count {
            let place = draw.place(vm, len - i)?;
            let last = len - i - 1;
            places.push(pool.get(place).copied().unwrap_or(0));
            pool.swap(place.min(last), last);
        }
        return Ok(places);
    }
    let mut selected = rustc_hash::FxHashSet::default();
    while places.len() < count {
        let place = draw.place(vm, len)?;
        if selected.insert(place) {
            places.push(place);
        }
        vm.tick()?;
    }
    Ok(places)
}

/// The largest population from which a sample is drawn out of a pool.
fn pool_limit(count: usize) -> usize {
    let table = if count > 5 { 4.0_f64.powf(((count as f64 * 3.0).ln() / 4.0_f64.ln()).ceil()) as usize } else { 0 };
    21 + table
}

fn pick(vm: &mut Vm, population: &Value, places: &[usize]) -> R {
    let mut items = Vec::with_capacity(places.len());
    for place in places {
        items.push(vm.get_item(population, &(*place).into())?);
    }
    Ok(items.into())
}

/// The methods.
pub const METHODS: &[Builtin] = &[
    Builtin::new("choice", "(self, seq)", choice, "An item of a sequence that is not empty."),
    Builtin::new("choices", "(self, population, weights=None, *, cum_weights=None, k=1)", choices, "k items of a population; each may come again."),
    Builtin::new("sample", "(self, population, k, *, counts=None)", sample, "k different items of a sequence."),
    Builtin::new("shuffle", "(self, x)", shuffle, "Puts a list in a random order, in place."),
];
