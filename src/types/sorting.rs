//! Sorting values: natively when all keys are integers, floats or strings, else by asking `<` as CPython does.

use super::timsort;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

/// Sorts values stably, by a key function if there is one. After an error the values are all still there.
pub fn sort(vm: &mut Vm, items: &mut Vec<Value>, key: Option<&Value>, reverse: bool) -> R<()> {
    let mut keys = match key {
        Some(f) => {
            let mut keys = Vec::with_capacity(items.len());
            for item in items.iter() {
                keys.push(vm.call(f, std::slice::from_ref(item))?);
            }
            Some(keys)
        }
        None => None,
    };
    if items.len() < 2 {
        return Ok(());
    }
    if keys.is_none() && sort_plain_ints(items, reverse) {
        return Ok(());
    }
    // Sorting backwards between two reversals keeps equal items in their order.
    if reverse {
        items.reverse();
        if let Some(k) = &mut keys {
            k.reverse();
        }
    }
    let mut order: Vec<u32> = (0..items.len() as u32).collect();
    let result = sort_indices(vm, &mut order, keys.as_deref().unwrap_or(items));
    if result.is_err() && vm.is_suspending() {
        // A thread waits in a comparison: it will sort anew.
        if reverse {
            items.reverse();
        }
        return result;
    }
    let mut sorted: Vec<Value> = order.iter().filter_map(|&i| items.get_mut(i as usize).map(Value::take)).collect();
    if reverse {
        sorted.reverse();
    }
    *items = sorted;
    result
}

/// Integers need no stability: equal ones are the same.
fn sort_plain_ints(items: &mut [Value], reverse: bool) -> bool {
    let ints: Option<Vec<i64>> = items.iter().map(|v| if let Value::Int(i) = v { Some(*i) } else { None }).collect();
    let Some(mut ints) = ints else { return false };
    ints.sort_unstable();
    if reverse {
        ints.reverse();
    }
    for (slot, i) in items.iter_mut().zip(ints) {
        *slot = Value::Int(i);
    }
    true
}

fn sort_indices(vm: &mut Vm, order: &mut [u32], keys: &[Value]) -> R<()> {
    if let Some(ints) = all(keys, |v| if let Value::Int(i) = v { Some(*i) } else { None }) {
        order.sort_by_key(|&i| ints.get(i as usize));
    } else if let Some(floats) = all(keys, |v| if let Value::Float(f) = v { Some(f.get()).filter(|f| !f.is_nan()) } else { None }) {
        order.sort_by(|&i, &j| floats.get(i as usize).partial_cmp(&floats.get(j as usize)).unwrap_or(std::cmp::Ordering::Equal));
    } else if let Some(texts) = all(keys, |v| if let Some(Kind::Str(s)) = v.kind() { Some(s.as_str()) } else { None }) {
        order.sort_by_key(|&i| texts.get(i as usize));
    } else {
        return timsort::sort(order, |i, j| match (keys.get(i as usize), keys.get(j as usize)) {
            (Some(x), Some(y)) => vm.lt(x, y),
            _ => Ok(false),
        });
    }
    Ok(())
}

fn all<'a, T>(keys: &'a [Value], part: impl Fn(&'a Value) -> Option<T>) -> Option<Vec<T>> {
    keys.iter().map(part).collect()
}
