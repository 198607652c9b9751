//! `datetime`: the calendar, the clock, the zone and the texts for the classes, which are written in the language itself.

use num_traits::ToPrimitive;

use super::functions;
use crate::pure::calendar::{Tm, date_from_days, days_from_date};
use crate::pure::iso_time;
use crate::pure::strptime::strptime;
use crate::value::class::flag;
use crate::value::func::Builtin;
use crate::value::{Obj, R, Value};
use crate::vm::Vm;
use crate::vm::attr::fields_of;
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

// ---- making -----------------------------------------------------------------------------------------------------

/// An instance of a class of the text, with its slots filled.
fn instance<const N: usize>(vm: &mut Vm, class: &Value, slots: [(&str, Value); N]) -> R {
    let Some(class) = class.to_class() else { return Err(vm.type_error("a class is needed")) };
    let made = vm.new_instance(&class)?;
    for (name, value) in slots {
        let name = vm.intern(name);
        if let Some((fields, class)) = fields_of(&made) {
            drop(fields.borrow_mut().set(class, &name, value));
        }
    }
    Ok(made)
}

fn checked_date(vm: &mut Vm, a: &[Value]) -> R<[i64; 3]> {
    let mut fields = [0; 3];
    for (field, v) in fields.iter_mut().zip(a) {
        *field = i64::from(vm.c_int_arg(v)?);
    }
    let [year, month, day] = fields;
    if !(1..=9999).contains(&year) {
        return Err(vm.value_error(&format!("year {year} is out of range")));
    }
    if !(1..=12).contains(&month) {
        return Err(vm.value_error("month must be in 1..12"));
    }
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    if day < 1 || (day > 28 && day > days_from_date(next.0, next.1, 1) - days_from_date(year, month, 1)) {
        return Err(vm.value_error("day is out of range for month"));
    }
    Ok(fields)
}

/// Hour, minute, second, microsecond and fold.
fn checked_time(vm: &mut Vm, a: &[Value], fold: &Value) -> R<[i64; 5]> {
    let mut fields = [0; 5];
    for (field, v) in fields.iter_mut().zip(a.iter().take(4).chain([fold])) {
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
        None => Ok(fields),
    }
}

fn date(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let [year, month, day] = checked_date(vm, &a[1..4])?;
    let ordinal = days_from_date(year, month, day) + EPOCH;
    let class = a[0].take();
    instance(vm, &class, [("year", year.into()), ("month", month.into()), ("day", day.into()), ("_ordinal", ordinal.into())])
}

fn time(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let [hour, minute, second, microsecond, fold] = checked_time(vm, &a[1..5], &a[6])?;
    let us = ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond;
    let (class, zone) = (a[0].take(), a[5].take());
    instance(
        vm,
        &class,
        [
            ("hour", hour.into()),
            ("minute", minute.into()),
            ("second", second.into()),
            ("microsecond", microsecond.into()),
            ("tzinfo", zone),
            ("fold", fold.into()),
            ("_us", us.into()),
        ],
    )
}

fn full(vm: &mut Vm, class: &Value, [year, month, day]: [i64; 3], [hour, minute, second, microsecond, fold]: [i64; 5], zone: Value) -> R {
    let ordinal = days_from_date(year, month, day) + EPOCH;
    let us = (((ordinal * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + microsecond;
    instance(
        vm,
        class,
        [
            ("year", year.into()),
            ("month", month.into()),
            ("day", day.into()),
            ("_ordinal", ordinal.into()),
            ("hour", hour.into()),
            ("minute", minute.into()),
            ("second", second.into()),
            ("microsecond", microsecond.into()),
            ("tzinfo", zone),
            ("fold", fold.into()),
            ("_us", us.into()),
        ],
    )
}

fn datetime(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let day = checked_date(vm, &a[1..4])?;
    let clock = checked_time(vm, &a[4..8], &a[9])?;
    let (class, zone) = (a[0].take(), a[8].take());
    full(vm, &class, day, clock, zone)
}

/// The moment of so many microseconds since the day before 0001-01-01; `None` if there is no such day.
fn datetime_at(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(us) = int_of(&a[1]).and_then(|i| i.to_i64()) else { return Ok(Value::None) };
    let fold = vm.index_i64(&a[3])?;
    let (seconds, microsecond) = (us.div_euclid(1_000_000), us.rem_euclid(1_000_000));
    let (ordinal, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date_from_days(ordinal - EPOCH);
    if !(1..=9999).contains(&year) {
        return Ok(Value::None);
    }
    let (class, zone) = (a[0].take(), a[2].take());
    full(vm, &class, [year, month, day], [rest / 3600, rest / 60 % 60, rest % 60, microsecond, fold], zone)
}

const DAY_US: i128 = 86_400_000_000;

fn make_duration(vm: &mut Vm, class: &Value, us: Option<i128>) -> R {
    let days = us.map(|us| us.div_euclid(DAY_US));
    let (Some(us), Some(days)) = (us, days.filter(|d| i32::try_from(*d).is_ok())) else {
        return Err(vm.overflow_error("Python int too large to convert to C int"));
    };
    if days.abs() > 999_999_999 {
        return Err(vm.overflow_error(&format!("days={days}; must have magnitude <= 999999999")));
    }
    let rest = us.rem_euclid(DAY_US) as i64;
    let total = i64::try_from(us).map_or_else(|_| Obj::int(us.into()), Value::Int);
    instance(vm, class, [("days", (days as i64).into()), ("seconds", (rest / 1_000_000).into()), ("microseconds", (rest % 1_000_000).into()), ("_us", total)])
}

fn duration(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let us = int_of(&a[1]).and_then(|i| i.to_i128());
    make_duration(vm, &a[0].take(), us)
}

/// `_timedelta(cls, days, seconds, microseconds, milliseconds, minutes, hours, weeks)`.
fn timedelta(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    // In the order in which CPython looks at them.
    const UNITS: [(usize, &str, i128); 7] = [
        (3, "microseconds", 1),
        (4, "milliseconds", 1000),
        (2, "seconds", 1_000_000),
        (5, "minutes", 60_000_000),
        (6, "hours", 3_600_000_000),
        (1, "days", DAY_US),
        (7, "weeks", 7 * DAY_US),
    ];
    let (mut us, mut rest) = (Some(0_i128), 0.0);
    let add = |sum: Option<i128>, n: Option<i128>, unit: i128| sum?.checked_add(n?.checked_mul(unit)?);
    for (at, name, unit) in UNITS {
        let v = &a[at];
        match Num::of(v.native()) {
            Some(Num::Int(i)) => us = add(us, Some(i.into()), unit),
            Some(Num::Big(b)) => us = add(us, b.to_i128(), unit),
            Some(Num::Float(f)) if f.is_finite() => {
                us = add(us, Some(f.trunc() as i128).filter(|n| *n != i128::MAX && *n != i128::MIN), unit);
                let part = f.fract() * unit as f64;
                us = add(us, Some(part.trunc() as i128), 1);
                rest += part.fract();
            }
            Some(Num::Float(f)) if f.is_nan() => return Err(vm.value_error("cannot convert float NaN to integer")),
            Some(Num::Float(_)) => return Err(vm.overflow_error("cannot convert float infinity to integer")),
            _ => {
                let text = format!("unsupported type for timedelta {name} component: {}", vm.class_name(v));
                return Err(vm.type_error(&text));
            }
        }
    }
    let us = us.map(|us| us + rounded_rest(us, rest));
    make_duration(vm, &a[0].take(), us)
}

/// The microseconds that fractions add to whole ones, so that the sum is even where it was half way.
fn rounded_rest(us: i128, rest: f64) -> i128 {
    let mut whole = rest.round();
    if (whole - rest).abs() == 0.5 {
        let odd = (us & 1) as f64;
        whole = 2.0 * ((rest + odd) * 0.5).round() - odd;
    }
    whole as i128
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

/// The offset of local time at a moment, and whether clocks show that for the second time.
fn local_offset(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = vm.index_i64(&a[0])?;
    let offset = vm.host.local_time(at).offset;
    let is_second = vm.host.moment_of_local(at + offset, false) != at;
    Ok(tuple([offset, i64::from(is_second)]))
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
    Builtin::new("_ordinal", "(year, month, day, /)", ordinal, ""),
    Builtin::new("_civil", "(ordinal, /)", civil, ""),
    Builtin::new("_date", "(class_, year, month, day, /)", date, ""),
    Builtin::new("_time", "(class_, hour, minute, second, microsecond, tzinfo, fold, /)", time, ""),
    Builtin::new("_datetime", "(class_, year, month, day, hour, minute, second, microsecond, tzinfo, fold, /)", datetime, ""),
    Builtin::new("_datetime_at", "(class_, us, tzinfo, fold, /)", datetime_at, ""),
    Builtin::new("_duration", "(class_, us, /)", duration, ""),
    Builtin::new("_timedelta", "(class_, days, seconds, microseconds, milliseconds, minutes, hours, weeks, /)", timedelta, ""),
    Builtin::new("_local_offset", "(seconds, /)", local_offset, ""),
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
