//! Methods of `str` that find, split, join and replace.

use super::text;
use crate::pure::chars::is_space;
use crate::pure::{split as pure_split, text as pure};
use crate::types::make::str_arg;
use crate::value::dict::Dict;
use crate::value::{Kind, Obj, R, Thrown, Value};
use crate::vm::Vm;

/// A part of a string as a value; short ones are shared.
fn part(vm: &Vm, part: &str) -> Value {
    match part.as_bytes() {
        [] => vm.empty_str.clone(),
        [byte] => vm.char_str(char::from(*byte)),
        _ => part.into(),
    }
}

fn parts<'a>(vm: &Vm, all: impl IntoIterator<Item = &'a str>) -> Value {
    all.into_iter().map(|p| part(vm, p)).collect::<Vec<Value>>().into()
}

// ---- joining and splitting ----------------------------------------------------------------------------------

pub fn join(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let items = a[1].take();
    let separator = a[0].native().clone();
    let separator = separator.as_str().unwrap_or_default();
    match items.kind() {
        Some(Kind::List(l)) => {
            let joined = join_items(separator, &l.borrow());
            joined.map_or_else(|i| Err(not_text(vm, &l.borrow().get(i).cloned().unwrap_or_default(), i)), Ok)
        }
        Some(Kind::Tuple(t)) => join_items(separator, t).map_or_else(|i| Err(not_text(vm, t.get(i).unwrap_or(&Value::None), i)), Ok),
        _ => {
            let class = vm.types.type_error.clone();
            let iter = vm.iter(&items);
            let Some(iter) = vm.catch(&class, iter)? else { return Err(vm.type_error("can only join an iterable")) };
            let all = vm.collect(&iter)?;
            join_items(separator, &all).map_or_else(|i| Err(not_text(vm, all.get(i).unwrap_or(&Value::None), i)), Ok)
        }
    }
}

/// Joins strings; the index of the first that is none.
fn join_items(separator: &str, items: &[Value]) -> Result<Value, usize> {
    if let [one] = items
        && let Some(Kind::Str(_)) = one.kind()
    {
        return Ok(one.clone());
    }
    let mut size = separator.len() * items.len().saturating_sub(1);
    for (i, item) in items.iter().enumerate() {
        size += item.as_str().ok_or(i)?.len();
    }
    let mut out = String::with_capacity(size);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        out.push_str(item.as_str().unwrap_or_default());
    }
    Ok(out.into())
}

#[cold]
fn not_text(vm: &mut Vm, item: &Value, index: usize) -> Thrown {
    let text = format!("sequence item {index}: expected str instance, {} found", vm.class_name(item));
    vm.type_error(&text)
}

/// The separator and the limit of `split` and `rsplit`.
fn split_args<'a>(vm: &mut Vm, a: &'a [Value]) -> R<(Option<&'a str>, Option<usize>)> {
    let limit = match a[2].given() {
        Some(v) => usize::try_from(vm.ssize_arg(v)?).ok(),
        None => None,
    };
    let Some(separator) = a[1].some() else { return Ok((None, limit)) };
    match separator.as_str() {
        Some("") => Err(vm.value_error("empty separator")),
        Some(text) => Ok((Some(text), limit)),
        None => {
            let text = format!("must be str or None, not {}", vm.class_name(separator));
            Err(vm.type_error(&text))
        }
    }
}

pub fn split(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (separator, limit) = split_args(vm, a)?;
    let text = text(a);
    Ok(match (separator, limit) {
        (Some(separator), None) => match separator.as_bytes() {
            [byte] => parts(vm, text.split(char::from(*byte))),
            _ => parts(vm, text.split(separator)),
        },
        (Some(separator), limit) => parts(vm, pure_split::split_on(text, separator, limit)),
        (None, None) => parts(vm, text.split(is_space).filter(|p| !p.is_empty())),
        (None, limit) => parts(vm, pure_split::split_whitespace(text, limit)),
    })
}

pub fn rsplit(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let (separator, limit) = split_args(vm, a)?;
    if limit.is_none() {
        return split(vm, a, n);
    }
    Ok(match separator {
        Some(separator) => parts(vm, pure_split::rsplit_on(text(a), separator, limit)),
        None => parts(vm, pure_split::rsplit_whitespace(text(a), limit)),
    })
}

pub fn splitlines(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let keep = match a[1].given() {
        Some(v) => vm.c_int_arg(v)? != 0,
        None => false,
    };
    Ok(parts(vm, pure_split::splitlines(text(a), keep)))
}

fn separator_arg<'a>(vm: &mut Vm, v: &'a Value) -> R<&'a str> {
    match v.as_str() {
        Some("") => Err(vm.value_error("empty separator")),
        Some(text) => Ok(text),
        None => Err(must_be_str(vm, v)),
    }
}

#[cold]
fn must_be_str(vm: &mut Vm, v: &Value) -> Thrown {
    let text = format!("must be str, not {}", vm.class_name(v));
    vm.type_error(&text)
}

pub fn partition(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let separator = separator_arg(vm, &a[1])?;
    Ok(Obj::tuple(pure_split::partition(text(a), separator).map(|p| part(vm, p))).into())
}

pub fn rpartition(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let separator = separator_arg(vm, &a[1])?;
    Ok(Obj::tuple(pure_split::rpartition(text(a), separator).map(|p| part(vm, p))).into())
}

pub fn replace(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let old = str_arg(vm, &a[1], "replace() argument 1")?;
    let new = str_arg(vm, &a[2], "replace() argument 2")?;
    let limit = match a[3].given() {
        Some(v) => usize::try_from(vm.ssize_arg(v)?).ok(),
        None => None,
    };
    let text = text(a);
    if !old.is_empty() && old.len() > text.len() {
        return Ok(a[0].native().clone());
    }
    Ok(match (limit, old.as_bytes()) {
        (None, [byte]) => text.replace(char::from(*byte), new),
        (None, _) => text.replace(old, new),
        _ => pure::replace(text, old, new, limit),
    }
    .into())
}

pub fn removeprefix(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let prefix = str_arg(vm, &a[1], "removeprefix() argument")?;
    Ok(pure::removeprefix(text(a), prefix).into())
}

pub fn removesuffix(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let suffix = str_arg(vm, &a[1], "removesuffix() argument")?;
    Ok(pure::removesuffix(text(a), suffix).into())
}

// ---- finding ------------------------------------------------------------------------------------------------

/// Checks the number of arguments of a method that takes a text and optional bounds.
pub fn check_count(vm: &mut Vm, name: &str, n: usize) -> R<()> {
    match n.saturating_sub(1) {
        0 => Err(vm.type_error(&format!("{name}() takes at least 1 argument (0 given)"))),
        1..=3 => Ok(()),
        given => Err(vm.type_error(&format!("{name}() takes at most 3 arguments ({given} given)"))),
    }
}

/// The bounds behind the first argument.
pub fn bounds(vm: &mut Vm, a: &[Value], n: usize) -> R<(Option<i64>, Option<i64>)> {
    let mut all = [None, None];
    for (slot, v) in all.iter_mut().zip(a.get(2..n).unwrap_or_default()) {
        if let Some(v) = v.some() {
            *slot = Some(vm.search_bound(v)?);
        }
    }
    Ok((all[0], all[1]))
}

fn search(vm: &mut Vm, a: &[Value], n: usize, name: &str, from_end: bool) -> R<Option<usize>> {
    check_count(vm, name, n)?;
    let (start, end) = bounds(vm, a, n)?;
    let Some(needle) = a[1].as_str() else { return Err(must_be_str(vm, &a[1])) };
    let text = text(a);
    if from_end {
        return Ok(pure::rfind(text, needle, start, end));
    }
    if let (None, None, [byte]) = (start, end, needle.as_bytes()) {
        return Ok(text.find(char::from(*byte)).map(|at| pure::char_len(&text[..at])));
    }
    Ok(pure::find(text, needle, start, end))
}

fn position(found: Option<usize>) -> R {
    Ok(found.map_or(Value::Int(-1), Value::from))
}

fn known_position(vm: &mut Vm, found: Option<usize>) -> R {
    match found {
        Some(at) => Ok(at.into()),
        None => Err(vm.value_error("substring not found")),
    }
}

pub fn find(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    position(search(vm, a, n, "find", false)?)
}

pub fn rfind(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    position(search(vm, a, n, "rfind", true)?)
}

pub fn index(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let found = search(vm, a, n, "index", false)?;
    known_position(vm, found)
}

pub fn rindex(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let found = search(vm, a, n, "rindex", true)?;
    known_position(vm, found)
}

pub fn count(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    check_count(vm, "count", n)?;
    let (start, end) = bounds(vm, a, n)?;
    let Some(needle) = a[1].as_str() else { return Err(must_be_str(vm, &a[1])) };
    Ok(pure::count(text(a), needle, start, end).into())
}

/// `startswith` and `endswith`: a text or a tuple of texts.
fn affix(vm: &mut Vm, a: &[Value], n: usize, name: &str, is_there: impl Fn(&str, &str) -> bool) -> R {
    check_count(vm, name, n)?;
    let (start, end) = bounds(vm, a, n)?;
    let part = pure::subrange(text(a), start, end).map(|(part, _)| part);
    if let Some(affix) = a[1].as_str() {
        return Ok(Value::bool(part.is_some_and(|p| is_there(p, affix))));
    }
    let Some(all) = a[1].as_tuple() else {
        let text = format!("{name} first arg must be str or a tuple of str, not {}", vm.class_name(&a[1]));
        return Err(vm.type_error(&text));
    };
    for item in all {
        let Some(affix) = item.as_str() else {
            let text = format!("tuple for {name} must only contain str, not {}", vm.class_name(item));
            return Err(vm.type_error(&text));
        };
        if part.is_some_and(|p| is_there(p, affix)) {
            return Ok(Value::True);
        }
    }
    Ok(Value::False)
}

pub fn startswith(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    affix(vm, a, n, "startswith", |text, affix| text.starts_with(affix))
}

pub fn endswith(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    affix(vm, a, n, "endswith", |text, affix| text.ends_with(affix))
}

// ---- translating --------------------------------------------------------------------------------------------

pub fn translate(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let table = a[1].clone();
    pure::translate(text(a), |c| look_up(vm, &table, c)).map(Value::from)
}

fn look_up(vm: &mut Vm, table: &Value, c: char) -> R<pure::Translation> {
    let key = Value::Int(i64::from(c as u32));
    let class = vm.types.lookup_error.clone();
    let found = vm.get_item(table, &key);
    let Some(found) = vm.catch(&class, found)? else { return Ok(pure::Translation::Keep) };
    if found.is_none() {
        return Ok(pure::Translation::Delete);
    }
    if let Some(text) = found.as_str() {
        return Ok(pure::Translation::Text(text.to_owned()));
    }
    match found.native() {
        Value::Int(i) => match u32::try_from(*i).ok().and_then(char::from_u32) {
            Some(c) => Ok(pure::Translation::Char(c)),
            None => Err(vm.value_error("character mapping must be in range(0x110000)")),
        },
        _ => Err(vm.type_error("character mapping must return integer, None or str")),
    }
}

pub fn maketrans(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let table: Value = Obj::dict(Dict::new()).into();
    if a[1].is_unbound() {
        return table_from_dict(vm, &a[0], table);
    }
    let Some(from) = a[0].as_str() else {
        return Err(vm.type_error("first maketrans argument must be a string if there is a second argument"));
    };
    let to = str_arg(vm, &a[1], "maketrans() argument 2")?;
    let gone = match a[2].given() {
        Some(v) => str_arg(vm, v, "maketrans() argument 3")?,
        None => "",
    };
    if pure::char_len(from) != pure::char_len(to) {
        return Err(vm.value_error("the first two maketrans arguments must have equal length"));
    }
    let code = |c: char| Value::Int(i64::from(c as u32));
    for (x, y) in from.chars().zip(to.chars()) {
        vm.dict_set(&table, &code(x), code(y))?;
    }
    for c in gone.chars() {
        vm.dict_set(&table, &code(c), Value::None)?;
    }
    Ok(table)
}

fn table_from_dict(vm: &mut Vm, source: &Value, table: Value) -> R {
    let Some(Kind::Dict(source)) = source.native_kind() else {
        return Err(vm.type_error("if you give only one argument to maketrans it must be a dict"));
    };
    let entries: Vec<(Value, Value)> = source.borrow().iter().map(|e| (e.key.clone(), e.value.clone())).collect();
    for (key, value) in entries {
        let key = match key.as_str() {
            Some(text) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => Value::Int(i64::from(c as u32)),
                    _ => return Err(vm.value_error("string keys in translate table must be of length 1")),
                }
            }
            None if matches!(key.native(), Value::Int(_) | Value::True | Value::False) => key,
            None => return Err(vm.type_error("keys in translate table must be strings or integers")),
        };
        vm.dict_set(&table, &key, value)?;
    }
    Ok(table)
}
