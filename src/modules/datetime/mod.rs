//! `datetime`: the calendar, the clock, the zone and the texts for `datetime.co`.

use num_traits::ToPrimitive;

use super::functions;
use crate::pure::calendar::{Tm, date_from_days, days_from_date};
use crate::pure::iso_time;
use crate::pure::strptime::strptime;
use crate::value::class::flag;
use crate::value::func::Builtin;
use crate::value::{Obj, R, Value};
use crate::vm::Vm;
use crate::vm::number::{Num, int_of};

/// The ordinal of 1970-01-01.
const EPOCH: i64 = 719_163;

/// The names that are there when the module's text runs.
pub fn natives(_: &mut Vm) -> Vec<(&'static str, Value)> {
    functions(FUNCTIONS, "datetime")
}

fn tuple<const N: usize>(numbers: [i64; N]) -> Value {
    Obj::tuple(numbers.map(Value::Int)).into()
}

fn type_name(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok((&*vm.class_name_or_none(&a[0])).into())
}

/// Makes a class of the text one of those that scripts cannot change.
fn seal(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(class) = a[0].as_class() {
        class.flags.set(class.flags.get() | flag::IMMUTABLE);
    }
    Ok(Value::None)
}

fn round_half_away(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::float(vm.to_f64(&a[0])?.round()))
}

// ---- the calendar ---------------------------------------------------------------------------------------------

fn ordinal(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (year, month, day) = (vm.index_i64(&a[0])?, vm.index_i64(&a[1])?, vm.index_i64(&a[2])?);
    Ok(Value::Int(days_from_date(year, month, day) + EPOCH))
}

fn civil(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let ordinal = vm.index_i64(&a[0])?;
    let (year, month, day) = date_from_days(ordinal.saturating_sub(EPOCH));
    Ok(tuple([year, month, day]))
}

fn check_date(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (year, month, day) = (i64::from(vm.c_int_arg(&a[0])?), i64::from(vm.c_int_arg(&a[1])?), i64::from(vm.c_int_arg(&a[2])?));
    if !(1..=9999).contains(&year) {
        return Err(vm.value_error(&format!("year {year} is out of range")));
    }
    if !(1..=12).contains(&month) {
        return Err(vm.value_error("month must be in 1..12"));
    }
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    if day < 1 || day > days_from_date(next.0, next.1, 1) - days_from_date(year, month, 1) {
        return Err(vm.value_error("day is out of range for month"));
    }
    Ok(tuple([year, month, day]))
}

fn check_time(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut fields = [0; 5];
    for (field, v) in fields.iter_mut().zip(&*a) {
        *field = i64::from(vm.c_int_arg(v)?);
    }
    let limits = [
        (24, "hour must be in 0..23"),
        (60, "minute must be in 0..59"),
        (60, "second must be in 0..59"),
        (1_000_000, "microsecond must be in 0..999999"),
        (2, "fold must be either 0 or 1"),
    ];
    match fields.iter().zip(limits).find(|(n, (end, _))| !(0..*end).contains(*n)) {
        Some((_, (_, text))) => Err(vm.value_error(text)),
        None => Ok(tuple(fields)),
    }
}

// ---- moments --------------------------------------------------------------------------------------------------

fn wall(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::Int(vm.host.clock.wall_ns()))
}

/// A timestamp in units of which a second has so many, rounded half to even.
fn timestamp(vm: &mut Vm, v: &Value, units: f64) -> R<i64> {
    if let Some(Num::Float(f)) = Num::of(v.native()) {
        if f.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let whole = f.floor();
        let scaled = whole * units + ((f - whole) * units).round_ties_even();
        if whole.abs() >= i64::MAX as f64 {
            return Err(vm.overflow_error("timestamp out of range for platform time_t"));
        }
        return Ok(scaled as i64);
    }
    let v = vm.index(v)?;
    match int_of(&v).and_then(|i| i.to_i64()) {
        Some(seconds) => Ok(seconds.saturating_mul(units as i64)),
        None => Err(vm.overflow_error("timestamp out of range for platform time_t")),
    }
}

fn check_year(vm: &mut Vm, seconds: i64) -> R<()> {
    let (year, ..) = date_from_days(seconds.div_euclid(86_400));
    if i32::try_from(year).is_err() {
        let error = std::io::Error::from_raw_os_error(75);
        return Err(vm.raise_io_error(&error, None));
    }
    if (1..=9999).contains(&year) { Ok(()) } else { Err(vm.value_error(&format!("year {year} is out of range"))) }
}

fn whole_seconds(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let seconds = match Num::of(a[0].native()) {
        Some(Num::Float(f)) => timestamp(vm, &Value::float(f.floor()), 1.0)?,
        _ => timestamp(vm, &a[0].clone(), 1.0)?,
    };
    check_year(vm, seconds)?;
    Ok(Value::Int(seconds))
}

fn timestamp_us(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let seconds = timestamp(vm, &a[0].clone(), 1.0)?;
    check_year(vm, seconds)?;
    timestamp(vm, &a[0].clone(), 1e6).map(Value::Int)
}

/// Year to second of local time at a moment, and whether clocks show that for the second time.
fn local_fields(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = vm.index_i64(&a[0])?;
    let shown = at + vm.host.local_time(at).offset;
    let tm = Tm::from_seconds(shown);
    let is_second = vm.host.moment_of_local(shown, false) != at;
    Ok(tuple([tm.year, tm.month, tm.day, tm.hour, tm.minute, tm.second, i64::from(is_second)]))
}

fn local_seconds(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (shown, fold) = (vm.index_i64(&a[0])?, vm.index_i64(&a[1])?);
    Ok(Value::Int(vm.host.moment_of_local(shown, fold == 1)))
}

fn local_zone(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = vm.index_i64(&a[0])?;
    let local = vm.host.local_time(at);
    Ok(Obj::tuple([Value::Int(local.offset), local.name.into()]).into())
}

// ---- texts ----------------------------------------------------------------------------------------------------

fn text_arg(vm: &mut Vm, v: &Value, what: &str) -> R<String> {
    crate::types::make::str_arg(vm, v, what).map(str::to_owned)
}

fn strftime(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let format = text_arg(vm, &a[0].clone(), "strftime() argument 1")?;
    let mut fields = [0; 6];
    for (field, v) in fields.iter_mut().zip(a[1].as_tuple().unwrap_or_default()) {
        *field = vm.index_i64(v)?;
    }
    let [year, month, day, hour, minute, second] = fields;
    let microsecond = vm.index_i64(&a[2])?;
    let (offset, zone) = (a[3].as_str().unwrap_or_default(), a[4].as_str().unwrap_or_default());
    let days = days_from_date(year, month, day);
    let yearday = days - days_from_date(year, 1, 1) + 1;
    let tm = Tm { year, month, day, hour, minute, second, weekday: (days + 3).rem_euclid(7), yearday, is_dst: -1 };
    let shown = tm.to_seconds();
    let local_offset = shown - vm.host.moment_of_local(shown, false);
    Ok(tm.strftime(&with_own_fields(&format, microsecond, offset, zone), "", local_offset).into())
}

/// A format in which `%f`, `%z` and `%Z` are replaced.
fn with_own_fields(format: &str, microsecond: i64, offset: &str, zone: &str) -> String {
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('f') => out.push_str(&format!("{microsecond:06}")),
            Some('z') => out.push_str(offset),
            Some('Z') => out.push_str(zone),
            Some(other) => out.extend(['%', other]),
            None => out.push('%'),
        }
    }
    out
}

fn parse(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (text, format) = (text_arg(vm, &a[0].clone(), "strptime() argument 1")?, text_arg(vm, &a[1].clone(), "strptime() argument 2")?);
    let p = match strptime(&text, &format) {
        Ok(p) => p,
        Err(text) => return Err(vm.value_error(&text)),
    };
    let mut values: Vec<Value> = [p.year, p.month, p.day, p.hour, p.minute, p.second, p.microsecond].map(Value::Int).into();
    values.push(p.offset.map_or(Value::None, Value::Int));
    values.push(p.zone.map_or(Value::None, Value::from));
    Ok(Obj::tuple(values).into())
}

fn iso_date(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let found = a[0].as_str().and_then(iso_time::date);
    Ok(found.map_or(Value::None, |(year, month, day)| tuple([year, month, day])))
}

/// Hour to microsecond, whether there is an offset, and that in microseconds.
fn clock_fields(c: iso_time::Clock) -> [i64; 6] {
    [c.hour, c.minute, c.second, c.microsecond, i64::from(c.offset.is_some()), c.offset.unwrap_or(0)]
}

fn iso_clock(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let found = a[0].as_str().and_then(iso_time::clock);
    Ok(found.map_or(Value::None, |c| tuple(clock_fields(c))))
}

fn iso_datetime(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let found = a[0].as_str().and_then(iso_time::date_time);
    Ok(found.map_or(Value::None, |((year, month, day), c)| {
        let [hour, minute, second, microsecond, has_zone, offset] = clock_fields(c);
        tuple([year, month, day, hour, minute, second, microsecond, has_zone, offset])
    }))
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("_type_name", "(object, /)", type_name, ""),
    Builtin::new("_seal", "(cls_, /)", seal, ""),
    Builtin::new("_round_half_away", "(number, /)", round_half_away, ""),
    Builtin::new("_ordinal", "(year, month, day, /)", ordinal, ""),
    Builtin::new("_civil", "(ordinal, /)", civil, ""),
    Builtin::new("_check_date", "(year, month, day, /)", check_date, ""),
    Builtin::new("_check_time", "(hour, minute, second, microsecond, fold, /)", check_time, ""),
    Builtin::new("_wall", "()", wall, ""),
    Builtin::new("_whole_seconds", "(timestamp, /)", whole_seconds, ""),
    Builtin::new("_timestamp_us", "(timestamp, /)", timestamp_us, ""),
    Builtin::new("_local_fields", "(seconds, /)", local_fields, ""),
    Builtin::new("_local_seconds", "(seconds, fold, /)", local_seconds, ""),
    Builtin::new("_local_zone", "(seconds, /)", local_zone, ""),
    Builtin::new("_strftime", "(format, fields, microsecond, offset, zone, /)", strftime, ""),
    Builtin::new("_strptime", "(string, format, /)", parse, ""),
    Builtin::new("_iso_date", "(string, /)", iso_date, ""),
    Builtin::new("_iso_time", "(string, /)", iso_clock, ""),
    Builtin::new("_iso_datetime", "(string, /)", iso_datetime, ""),
];
