//! `time`: everything asks the script's clock. Local time is the system's on the real clock and UTC on the virtual one.

use super::{functions, structs};
use crate::event_loop::clock::ns_from_seconds;
use crate::event_loop::thread_run;
use crate::host_zone::LocalTime;
use crate::pure::calendar::{Tm, days_from_date};
use crate::pure::strptime::strptime as parse_time;
use crate::value::func::Builtin;
use crate::value::{ClassRef, Obj, R, Value};
use crate::vm::Vm;

const NS: i64 = 1_000_000_000;

/// The names of the module.
pub fn namespace(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "time");
    let class = structs::make_class(vm, "time", "struct_time", Some(&STRUCT_NEW));
    names.extend(zone_names(vm));
    names.extend([
        ("struct_time", class.into()),
        ("CLOCK_REALTIME", Value::Int(0)),
        ("CLOCK_MONOTONIC", Value::Int(1)),
        ("CLOCK_PROCESS_CPUTIME_ID", Value::Int(2)),
        ("CLOCK_THREAD_CPUTIME_ID", Value::Int(3)),
    ]);
    names
}

/// What local time is outside and in summer.
fn zone_names(vm: &Vm) -> [(&'static str, Value); 4] {
    let year = Tm::from_seconds(wall(vm).div_euclid(NS)).year;
    let [january, july] = [1, 7].map(|month| vm.host.local_time(days_from_date(year, month, 1) * 86_400));
    let (plain, summer) = if january.offset > july.offset { (july, january) } else { (january, july) };
    [
        ("timezone", Value::Int(-plain.offset)),
        ("altzone", Value::Int(-summer.offset)),
        ("daylight", Value::Int(i64::from(plain.offset != summer.offset))),
        ("tzname", Obj::tuple([plain.name.into(), summer.name.into()]).into()),
    ]
}

/// Seconds of a count of nanoseconds.
fn seconds(ns: i64) -> Value {
    Value::float(ns as f64 / NS as f64)
}

fn wall(vm: &Vm) -> i64 {
    vm.host.clock.wall_ns()
}

fn steady(vm: &Vm) -> i64 {
    vm.host.clock.now_ns()
}

fn time(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(seconds(wall(vm)))
}

fn time_ns(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::Int(wall(vm)))
}

fn monotonic(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(seconds(steady(vm)))
}

fn monotonic_ns(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::Int(steady(vm)))
}

fn sleep(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let ns = match a[0].native() {
        Value::Float(f) => {
            let f = f.get();
            if f.is_nan() {
                return Err(vm.value_error("Invalid value NaN (not a number)"));
            }
            if f.abs() * NS as f64 >= i64::MAX as f64 {
                return Err(vm.overflow_error("timestamp too large to convert to C _PyTime_t"));
            }
            ns_from_seconds(f)
        }
        _ => match vm.apart_from_waiting(|vm| vm.index(&a[0].clone()))? {
            Value::Int(i) if i.checked_mul(NS).is_some() => i * NS,
            _ => return Err(vm.overflow_error("timestamp too large to convert to C _PyTime_t")),
        },
    };
    if ns < 0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    if vm.event_loop.threads.is_some() {
        return thread_run::sleep(vm, ns);
    }
    vm.sleep_blocking(ns)?;
    Ok(Value::None)
}

// ---- calendar -------------------------------------------------------------------------------------------------

/// A moment argument in whole seconds; now without one.
fn moment(vm: &mut Vm, v: &Value) -> R<i64> {
    let limit = 67_768_036_191_676_799;
    let seconds = match v.some().map(Value::native) {
        None => return Ok(wall(vm).div_euclid(NS)),
        Some(Value::Float(f)) if f.get().is_nan() => return Err(vm.value_error("Invalid value NaN (not a number)")),
        Some(Value::Float(f)) if f.get().abs() < limit as f64 => f.get().floor() as i64,
        Some(Value::Float(_)) => return Err(vm.overflow_error("timestamp out of range for platform time_t")),
        Some(other) => match vm.index(&other.clone())? {
            Value::Int(i) => i,
            _ => return Err(vm.overflow_error("timestamp out of range for platform time_t")),
        },
    };
    if seconds.abs() > limit {
        return Err(vm.overflow_error("timestamp out of range for platform time_t"));
    }
    Ok(seconds)
}

fn struct_class(vm: &mut Vm) -> R<ClassRef> {
    let name = vm.intern("struct_time");
    let module = vm.import_module("time")?;
    match vm.get_attr(&module, &name)?.to_class() {
        Some(c) => Ok(c),
        None => Err(vm.type_error("time.struct_time is not a class")),
    }
}

const FIELDS: [&str; 9] = ["tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"];

fn struct_time(vm: &mut Vm, tm: &Tm, zone: Value, offset: Value) -> R {
    let class = struct_class(vm)?;
    let numbers = [tm.year, tm.month, tm.day, tm.hour, tm.minute, tm.second, tm.weekday, tm.yearday, tm.is_dst];
    let mut values: Vec<(&str, Value)> = FIELDS.into_iter().zip(numbers.map(Value::Int)).collect();
    values.extend([("tm_zone", zone), ("tm_gmtoff", offset)]);
    Ok(structs::make_struct(vm, &class, &values, 9))
}

fn new_struct(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(class) = a[0].to_class() else { return Err(vm.type_error("struct_time is a class")) };
    let items = vm.collect(&a[1].clone())?;
    if items.len() < 9 {
        return Err(vm.type_error(&format!("time.struct_time() takes an at least 9-sequence ({}-sequence given)", items.len())));
    }
    if items.len() > 11 {
        return Err(vm.type_error(&format!("time.struct_time() takes an at most 11-sequence ({}-sequence given)", items.len())));
    }
    let padded = items.into_iter().chain(std::iter::repeat(Value::None));
    let values: Vec<(&str, Value)> = FIELDS.into_iter().chain(["tm_zone", "tm_gmtoff"]).zip(padded).collect();
    Ok(structs::make_struct(vm, &class, &values, 9))
}

static STRUCT_NEW: Builtin = Builtin::new("struct_time", "(cls, sequence, /)", new_struct, "");

/// The fields of a time tuple; now without one.
fn fields(vm: &mut Vm, v: &Value, what: &str) -> R<Tm> {
    let Some(tuple) = v.given() else { return Ok(local_tm(vm, wall(vm).div_euclid(NS)).0) };
    let Some(items) = tuple.as_tuple().map(<[Value]>::to_vec) else { return Err(vm.type_error("Tuple or struct_time argument required")) };
    if items.len() != 9 {
        return Err(vm.type_error(&format!("{what}(): illegal time tuple argument")));
    }
    let mut numbers = [0; 9];
    for (slot, item) in numbers.iter_mut().zip(&items) {
        *slot = vm.index_i64(item)?;
    }
    let [year, month, day, hour, minute, second, weekday, yearday, is_dst] = numbers;
    let at_least_1 = |n: i64| if n == 0 { 1 } else { n };
    Ok(Tm { year, month: at_least_1(month), day: at_least_1(day), hour, minute, second, weekday: weekday.rem_euclid(7), yearday: at_least_1(yearday), is_dst })
}

fn check_fields(vm: &mut Vm, tm: &Tm) -> R<()> {
    let table = [
        (tm.month, 1, 12, "month out of range"),
        (tm.day, 1, 31, "day of month out of range"),
        (tm.hour, 0, 23, "hour out of range"),
        (tm.minute, 0, 59, "minute out of range"),
        (tm.second, 0, 61, "seconds out of range"),
        (tm.yearday, 1, 366, "day of year out of range"),
    ];
    match table.into_iter().find(|(n, low, high, _)| n < low || n > high) {
        Some((.., text)) => Err(vm.value_error(text)),
        None => Ok(()),
    }
}

fn gmtime(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = moment(vm, &a[0].clone())?;
    struct_time(vm, &Tm::from_seconds(at), "GMT".into(), Value::Int(0))
}

/// The fields of local time at a moment, and what holds then.
fn local_tm(vm: &Vm, at: i64) -> (Tm, LocalTime) {
    let local = vm.host.local_time(at);
    (Tm { is_dst: i64::from(local.is_dst), ..Tm::from_seconds(at + local.offset) }, local)
}

fn localtime(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = moment(vm, &a[0].clone())?;
    let (tm, local) = local_tm(vm, at);
    struct_time(vm, &tm, local.name.into(), Value::Int(local.offset))
}

fn mktime(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let tm = fields(vm, &a[0].clone(), "mktime")?;
    let at = vm.host.moment_of_local(tm.to_seconds(), tm.is_dst == 0);
    Ok(Value::float(at as f64))
}

fn asctime(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let tm = fields(vm, &a[0].clone(), "asctime")?;
    check_fields(vm, &tm)?;
    Ok(tm.asctime().into())
}

fn ctime(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let at = moment(vm, &a[0].clone())?;
    Ok(local_tm(vm, at).0.asctime().into())
}

fn strftime(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(format) = a[0].as_str().map(str::to_owned) else {
        let text = format!("strftime() argument 1 must be str, not {}", vm.class_name_or_none(&a[0]));
        return Err(vm.type_error(&text));
    };
    let tm = fields(vm, &a[1].clone(), "strftime")?;
    check_fields(vm, &tm)?;
    let mut known = |name: &str| {
        let name = vm.intern(name);
        crate::vm::attr::own_attr(&a[1], &name)
    };
    let (zone, offset) = (known("tm_zone"), known("tm_gmtoff"));
    let local = vm.host.local_time(vm.host.moment_of_local(tm.to_seconds(), false));
    let zone = zone.and_then(|z| z.as_str().map(str::to_owned)).unwrap_or(local.name);
    let offset = if let Some(Value::Int(i)) = offset { i } else { local.offset };
    Ok(tm.strftime(&format, &zone, offset).into())
}

fn strptime(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let texts = [&a[0], &a[1]].map(|v| if v.is_unbound() { Some("%a %b %d %H:%M:%S %Y".to_owned()) } else { v.as_str().map(str::to_owned) });
    let (text, format) = match texts {
        [Some(text), Some(format)] => (text, format),
        [text, _] => {
            let at = usize::from(text.is_some());
            let class = crate::types::object::class_label(vm, &vm.class_of(&a[at]).clone());
            return Err(vm.type_error(&format!("strptime() argument {at} must be str, not <class '{class}'>")));
        }
    };
    let p = match parse_time(&text, &format) {
        Ok(p) => p,
        Err(text) => return Err(vm.value_error(&text)),
    };
    let is_dst = if p.zone.is_some() { 0 } else { -1 };
    let tm = Tm { year: p.year, month: p.month, day: p.day, hour: p.hour, minute: p.minute, second: p.second, weekday: p.weekday, yearday: p.yearday, is_dst };
    struct_time(vm, &tm, p.zone.map_or(Value::None, Value::from), p.offset.map_or(Value::None, |us| Value::Int(us.div_euclid(1_000_000))))
}

// ---- clocks by name -------------------------------------------------------------------------------------------

fn get_clock_info(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let (clock, is_monotonic) = match a[0].as_str() {
        Some("time") => ("CLOCK_REALTIME", false),
        Some("monotonic" | "perf_counter") => ("CLOCK_MONOTONIC", true),
        Some("process_time") => ("CLOCK_PROCESS_CPUTIME_ID", true),
        Some("thread_time") => ("CLOCK_THREAD_CPUTIME_ID", true),
        Some(_) => return Err(vm.value_error("unknown clock")),
        None => {
            let text = format!("get_clock_info() argument 1 must be str, not {}", vm.class_name_or_none(&a[0]));
            return Err(vm.type_error(&text));
        }
    };
    let types = vm.import_module("types")?;
    let name = vm.intern("SimpleNamespace");
    let class = vm.get_attr(&types, &name)?;
    let values = [
        ("implementation", format!("clock_gettime({clock})").into()),
        ("monotonic", is_monotonic.into()),
        ("adjustable", (!is_monotonic).into()),
        ("resolution", Value::float(1e-9)),
    ];
    let keywords: Vec<_> = values.into_iter().map(|(name, v)| (vm.intern(name), v)).collect();
    vm.call_with(&class, &[], &keywords)
}

fn clock_gettime_ns(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    match vm.c_int_arg(&a[0].clone())? {
        0 => Ok(Value::Int(wall(vm))),
        1..=3 => Ok(Value::Int(steady(vm))),
        _ => Err(vm.raise_io_error(&std::io::Error::from_raw_os_error(22), None)),
    }
}

fn clock_gettime(vm: &mut Vm, a: &mut [Value], n: usize) -> R {
    let ns = clock_gettime_ns(vm, a, n)?;
    Ok(if let Value::Int(ns) = ns { seconds(ns) } else { ns })
}

fn clock_getres(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::float(1e-9))
}

fn tzset(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::None)
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("time", "()", time, "Seconds since 1970 as a float."),
    Builtin::new("time_ns", "()", time_ns, "Nanoseconds since 1970."),
    Builtin::new("monotonic", "()", monotonic, "Seconds on the script's clock, which never goes back."),
    Builtin::new("monotonic_ns", "()", monotonic_ns, "Nanoseconds on the script's clock, which never goes back."),
    Builtin::new("perf_counter", "()", monotonic, "Seconds on the script's clock, for measuring."),
    Builtin::new("perf_counter_ns", "()", monotonic_ns, "Nanoseconds on the script's clock, for measuring."),
    Builtin::new("process_time", "()", monotonic, "Seconds on the script's clock."),
    Builtin::new("process_time_ns", "()", monotonic_ns, "Nanoseconds on the script's clock."),
    Builtin::new("thread_time", "()", monotonic, "Seconds on the script's clock."),
    Builtin::new("thread_time_ns", "()", monotonic_ns, "Nanoseconds on the script's clock."),
    Builtin::new("clock_gettime", "(clock, /)", clock_gettime, "Seconds on a clock."),
    Builtin::new("clock_gettime_ns", "(clock, /)", clock_gettime_ns, "Nanoseconds on a clock."),
    Builtin::new("clock_getres", "(clock, /)", clock_getres, "The resolution of a clock in seconds."),
    Builtin::new("get_clock_info", "(name, /)", get_clock_info, "What kind of clock a function reads."),
    Builtin::new("tzset", "()", tzset, "Reads the time zone again, which corun never forgets."),
    Builtin::new("sleep", "(seconds, /)", sleep, "Blocks the thread for so many seconds of the script's clock.").blocking(),
    Builtin::new("gmtime", "(seconds=None, /)", gmtime, "A moment as a struct_time in UTC."),
    Builtin::new("localtime", "(seconds=None, /)", localtime, "A moment as a struct_time in local time."),
    Builtin::new("mktime", "(tuple, /)", mktime, "A time tuple in local time as seconds since 1970."),
    Builtin::new("asctime", "(tuple=None, /)", asctime, "A time tuple as text."),
    Builtin::new("ctime", "(seconds=None, /)", ctime, "A moment as text."),
    Builtin::new("strptime", "(string, format='%a %b %d %H:%M:%S %Y', /)", strptime, "A text as a time tuple by a format."),
    Builtin::new("strftime", "(format, tuple=None, /)", strftime, "A time tuple as text by a format."),
];
