//! `sys`.

use super::{functions, io, structs};
use crate::value::dict::Dict;
use crate::value::func::Builtin;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;

/// The names of the module.
pub fn namespace(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "sys");
    let argv: Vec<Value> = vm.argv.iter().map(|a| a.as_str().into()).collect();
    let path: Vec<Value> = vm.path.iter().map(|p| p.to_string_lossy().into_owned().into()).collect();
    let version_info = version_info(vm);
    let (stdin, stdout, stderr) = (io::standard(vm, 0), io::standard(vm, 1), io::standard(vm, 2));
    names.extend([
        ("argv", argv.clone().into()),
        ("orig_argv", argv.into()),
        ("path", path.into()),
        ("modules", vm.modules.clone().into()),
        ("stdin", stdin.clone()),
        ("stdout", stdout.clone()),
        ("stderr", stderr.clone()),
        ("__stdin__", stdin),
        ("__stdout__", stdout),
        ("__stderr__", stderr),
        ("maxsize", Value::Int(i64::MAX)),
        ("maxunicode", Value::Int(0x10_ffff)),
        ("version", concat!("3.11.7 (corun ", env!("CARGO_PKG_VERSION"), ")").into()),
        ("hexversion", Value::Int(0x030b_07f0)),
        ("api_version", Value::Int(1013)),
        ("copyright", "".into()),
        ("platform", std::env::consts::OS.replace("macos", "darwin").replace("windows", "win32").into()),
        ("byteorder", "little".into()),
        ("executable", vm.host.executable().into()),
        ("prefix", "".into()),
        ("exec_prefix", "".into()),
        ("base_prefix", "".into()),
        ("dont_write_bytecode", Value::True),
        ("float_repr_style", "short".into()),
        ("warnoptions", Vec::new().into()),
        ("meta_path", Vec::new().into()),
        ("builtin_module_names", Obj::tuple(super::names().into_iter().map(Value::from).collect::<Vec<_>>()).into()),
    ]);
    for (hidden, shown) in [("__displayhook__", "displayhook"), ("__excepthook__", "excepthook"), ("__unraisablehook__", "unraisablehook")] {
        let hook = names.iter().find(|(name, _)| *name == shown).map(|(_, hook)| hook.clone());
        names.extend(hook.map(|hook| (hidden, hook)));
    }
    names.push(("implementation", implementation(vm, &version_info)));
    names.push(("version_info", version_info));
    names.extend([("float_info", float_info(vm)), ("int_info", int_info(vm)), ("hash_info", hash_info(vm)), ("flags", flags(vm))]);
    names
}

fn named(vm: &mut Vm, name: &str, values: &[(&str, Value)]) -> Value {
    let class = structs::make_class(vm, "sys", name, None);
    structs::make_struct(vm, &class, values, values.len())
}

fn version_info(vm: &mut Vm) -> Value {
    named(
        vm,
        "version_info",
        &[("major", Value::Int(3)), ("minor", Value::Int(11)), ("micro", Value::Int(7)), ("releaselevel", "final".into()), ("serial", Value::Int(0))],
    )
}

fn implementation(vm: &mut Vm, version: &Value) -> Value {
    let values = [("name", "corun".into()), ("cache_tag", Value::None), ("version", version.clone()), ("hexversion", Value::Int(0x030b_07f0))];
    named(vm, "implementation", &values)
}

fn float_info(vm: &mut Vm) -> Value {
    let values = [
        ("max", f64::MAX.into()),
        ("max_exp", Value::Int(1024)),
        ("max_10_exp", Value::Int(308)),
        ("min", f64::MIN_POSITIVE.into()),
        ("min_exp", Value::Int(-1021)),
        ("min_10_exp", Value::Int(-307)),
        ("dig", Value::Int(15)),
        ("mant_dig", Value::Int(53)),
        ("epsilon", f64::EPSILON.into()),
        ("radix", Value::Int(2)),
        ("rounds", Value::Int(1)),
    ];
    named(vm, "float_info", &values)
}

fn int_info(vm: &mut Vm) -> Value {
    let values = [
        ("bits_per_digit", Value::Int(30)),
        ("sizeof_digit", Value::Int(4)),
        ("default_max_str_digits", Value::Int(4300)),
        ("str_digits_check_threshold", Value::Int(640)),
    ];
    named(vm, "int_info", &values)
}

fn hash_info(vm: &mut Vm) -> Value {
    let values = [
        ("width", Value::Int(64)),
        ("modulus", Value::Int((1 << 61) - 1)),
        ("inf", Value::Int(314_159)),
        ("nan", Value::Int(0)),
        ("imag", Value::Int(1_000_003)),
        ("algorithm", "siphash13".into()),
        ("hash_bits", Value::Int(64)),
        ("seed_bits", Value::Int(128)),
        ("cutoff", Value::Int(0)),
    ];
    named(vm, "hash_info", &values)
}

fn flags(vm: &mut Vm) -> Value {
    let zero = |name| (name, Value::Int(0));
    let mut values: Vec<(&str, Value)> = ["debug", "inspect", "interactive", "optimize"].map(zero).into();
    values.push(("dont_write_bytecode", Value::Int(1)));
    values.extend(["no_user_site", "no_site", "ignore_environment", "verbose", "bytes_warning", "quiet", "hash_randomization", "isolated"].map(zero));
    values.extend([
        ("dev_mode", Value::False),
        ("utf8_mode", Value::Int(1)),
        ("warn_default_encoding", Value::Int(0)),
        ("safe_path", Value::False),
        ("int_max_str_digits", Value::Int(4300)),
    ]);
    named(vm, "flags", &values)
}

// ---- functions ----------------------------------------------------------------------------------------------

fn exit(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let class = vm.types.system_exit.clone();
    let args = a[0].given().cloned().into_iter().collect();
    let exc = vm.new_exc(&class, args);
    Err(vm.raise(exc))
}

fn exc_info(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    let Some(exc) = vm.handled.clone() else { return Ok(Obj::tuple(vec![Value::None, Value::None, Value::None]).into()) };
    let value = Value::Obj(exc);
    let traceback = crate::types::exception::get_traceback(vm, &value)?;
    Ok(Obj::tuple(vec![vm.class_of(&value).into(), value.clone(), traceback]).into())
}

fn exception(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(vm.handled.clone().map_or(Value::None, Value::Obj))
}

fn getrecursionlimit(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::Int(i64::from(vm.recursion_limit())))
}

fn setrecursionlimit(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let limit = vm.c_int_arg(&a[0].clone())?;
    if limit < 1 {
        return Err(vm.value_error("recursion limit must be greater or equal than 1"));
    }
    if vm.depth >= limit as u32 {
        let text = format!("cannot set the recursion limit to {limit} at the recursion depth {}: the limit is too low", vm.depth);
        let class = vm.types.recursion_error.clone();
        return Err(vm.raise_new(&class, &text));
    }
    vm.limits.recursion = limit as u32;
    Ok(Value::None)
}

/// About what CPython says, so that larger things have larger sizes.
fn getsizeof(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let size = match a[0].native() {
        Value::Obj(o) => match &o.kind {
            Kind::Str(s) => 49 + s.as_str().len(),
            Kind::Bytes(b) => 33 + b.len(),
            Kind::Big(b) => 24 + 4 * (b.bits() as usize).div_ceil(30),
            Kind::List(l) => 56 + 8 * l.borrow().len(),
            Kind::Tuple(t) => 40 + 8 * t.len(),
            Kind::Dict(d) => 64 + 104 * d.borrow().len().div_ceil(5),
            Kind::Set(_) | Kind::FrozenSet(_) => 216 + 64 * vm.len(&a[0].clone())?.saturating_sub(4),
            Kind::Func(_) => 144,
            Kind::Class(_) => 1064,
            _ => 48,
        },
        Value::Int(0) => 24,
        Value::Int(i) => 24 + 4 * (64 - i.unsigned_abs().leading_zeros() as usize).div_ceil(30),
        Value::Float(_) => 24,
        Value::True => 28,
        Value::False => 24,
        Value::None | Value::Unbound => 16,
    };
    Ok(size.into())
}

fn intern(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if let Some(Kind::Str(s)) = a[0].kind() {
        let text = s.as_str().to_owned();
        Ok(vm.intern(&text).into())
    } else {
        let text = format!("intern() argument must be str, not {}", vm.class_name_or_none(&a[0]));
        Err(vm.type_error(&text))
    }
}

fn getrefcount(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Value::Int(a[0].obj().map_or(1 << 30, |o| std::rc::Rc::strong_count(o) as i64)))
}

fn getdefaultencoding(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok("utf-8".into())
}

fn get_int_max_str_digits(vm: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(vm.int_digits.into())
}

fn set_int_max_str_digits(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let digits = vm.index_i64(&a[0].clone())?;
    if digits < 0 || (1..640).contains(&digits) {
        return Err(vm.value_error("maxdigits must be 0 or larger than 640"));
    }
    vm.int_digits = usize::try_from(digits).unwrap_or(usize::MAX);
    Ok(Value::None)
}

fn displayhook(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    vm.display(&a[0].clone())?;
    Ok(Value::None)
}

fn excepthook(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let text = match a[1].obj() {
        Some(exc) if matches!(exc.kind, Kind::Exc(_)) => crate::report::traceback_text(vm, &exc.clone()),
        _ => format!("TypeError: print_exception(): Exception expected for value, {} found\n", vm.class_name(&a[1])),
    };
    io::write_stderr(vm, &text)?;
    Ok(Value::None)
}

fn unraisablehook(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let mut part = |name: &str| {
        let name = vm.intern(name);
        vm.get_attr(&a[0], &name)
    };
    let (exc, object) = (part("exc_value")?, part("object")?);
    vm.show_unraisable(&exc, &object)?;
    Ok(Value::None)
}

/// What a script's `sys.unraisablehook` gets.
pub fn unraisable_args(vm: &mut Vm, exc: &Value, object: &Value) -> R {
    let class: Value = vm.class_of(exc).into();
    let traceback = crate::types::exception::get_traceback(vm, exc)?;
    let values = [("exc_type", class), ("exc_value", exc.clone()), ("exc_traceback", traceback), ("err_msg", Value::None), ("object", object.clone())];
    Ok(named(vm, "UnraisableHookArgs", &values))
}

fn no_trace(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::None)
}

fn is_finalizing(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::False)
}

fn getswitchinterval(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok(Value::float(0.005))
}

/// Threads are cooperative: the interval means nothing, as long as it is one.
fn setswitchinterval(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    if vm.to_f64(&a[0].clone())? <= 0.0 {
        return Err(vm.value_error("switch interval must be strictly positive"));
    }
    Ok(Value::None)
}

fn getfilesystemencodeerrors(_: &mut Vm, _: &mut [Value], _: usize) -> R {
    Ok("surrogateescape".into())
}

impl Vm {
    /// A name of `sys` as scripts may have changed it, if `sys` was imported.
    pub fn sys_attr(&self, name: &str) -> Option<Value> {
        let modules = self.modules.as_dict()?;
        let sys = modules.borrow().get_text("sys").cloned()?;
        let Some(Kind::Module(m)) = sys.kind() else { return None };
        m.dict.as_dict().and_then(|d: &std::cell::RefCell<Dict>| d.borrow().get_text(name).cloned())
    }
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("exit", "(status=None, /)", exit, "Exit the interpreter by raising SystemExit(status)."),
    Builtin::new("exc_info", "()", exc_info, "Return current exception information: (type, value, traceback)."),
    Builtin::new("exception", "()", exception, "Return the current exception."),
    Builtin::new("getrecursionlimit", "()", getrecursionlimit, "Return the current value of the recursion limit."),
    Builtin::new("setrecursionlimit", "(limit, /)", setrecursionlimit, "Set the maximum depth of nested calls to n."),
    Builtin::new("getsizeof", "(object, default=None)", getsizeof, "Return the size of object in bytes."),
    Builtin::new("intern", "(string, /)", intern, "Enter a string in the table of interned strings."),
    Builtin::new("getrefcount", "(object, /)", getrefcount, "Return the reference count of object."),
    Builtin::new("getdefaultencoding", "()", getdefaultencoding, "Return the current default encoding."),
    Builtin::new("getfilesystemencoding", "()", getdefaultencoding, "Return the encoding used to convert Unicode filenames to OS filenames."),
    Builtin::new("get_int_max_str_digits", "()", get_int_max_str_digits, "Return the maximum string digits limit for non-binary int<->str conversions."),
    Builtin::new("displayhook", "(object, /)", displayhook, "Print an object to sys.stdout and also save it in builtins._"),
    Builtin::new("excepthook", "(exctype, value, traceback, /)", excepthook, "Handle an exception by displaying it on sys.stderr."),
    Builtin::new("unraisablehook", "(unraisable, /)", unraisablehook, "Handle an unraisable exception."),
    Builtin::new("set_int_max_str_digits", "(maxdigits)", set_int_max_str_digits, "Set the maximum string digits limit for non-binary int<->str conversions."),
    Builtin::new("is_finalizing", "()", is_finalizing, "Return True if Python is exiting."),
    Builtin::new("getswitchinterval", "()", getswitchinterval, "Return the current thread switch interval."),
    Builtin::new("setswitchinterval", "(interval, /)", setswitchinterval, "Set the ideal thread switching delay; threads of corun are cooperative."),
    Builtin::new("getfilesystemencodeerrors", "()", getfilesystemencodeerrors, "Return the error mode used Unicode to OS filename conversion."),
    Builtin::new("getprofile", "()", no_trace, "Always None."),
    Builtin::new("settrace", "(function, /)", no_trace, "Not available in corun; does nothing."),
    super::callers::GETFRAME,
    Builtin::new("gettrace", "()", no_trace, "Always None."),
];
