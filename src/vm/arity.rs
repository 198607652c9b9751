//! The `TypeError`s of calls of built-in functions with wrong arguments, worded by the kind of signature as CPython does.

use crate::value::func::{NativeFn, Param};
use crate::value::{R, Ref, Thrown, Value};
use crate::vm::Vm;

/// How many arguments a signature takes, the receiver aside, and how many were given.
struct Count {
    min: usize,
    max: usize,
    given: usize,
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

impl Vm {
    /// How CPython calls a built-in in messages: methods with their class.
    fn native_label(&self, f: &NativeFn, receiver: Option<&Value>) -> String {
        match (&f.owner, receiver.and_then(Value::as_class)) {
            (Some(owner), _) => format!("{}.{}", owner.name(), f.def.name),
            (None, Some(class)) if f.def.shape.class_method && *class.name() != *f.def.name => format!("{}.{}", class.name(), f.def.name),
            _ if !f.module.is_empty() => format!("{}.{}", f.module, f.def.name),
            _ => f.def.name.to_owned(),
        }
    }

    /// The `TypeError` of a wrong number of positional arguments, or of a receiver that is none.
    #[cold]
    pub fn native_arity_error(&mut self, f: &NativeFn, fr: &[Value], n: usize) -> Thrown {
        if self.is_written_in_python(f) {
            return self.python_arity_error(f, n);
        }
        if let Some(error) = self.receiver_error(f, fr, n) {
            return error;
        }
        let (def, shape) = (f.def, f.def.shape);
        let receiver = receivers(f);
        let (min, max) = ((shape.min as usize).saturating_sub(receiver), (shape.max as usize).saturating_sub(receiver));
        let count = Count { min, max, given: n.saturating_sub(receiver) };
        let text = if f.is_slot() {
            slot_text(f, &count)
        } else if shape.keywords && !shape.varargs {
            return self.clinic_arity_error(f, &count, count.given);
        } else if min == max && max < 2 {
            let takes = if max == 0 { "no arguments" } else { "exactly one argument" };
            format!("{}() takes {takes} ({} given)", self.native_label(f, fr.first()), count.given)
        } else {
            format!("{} {}", def.name, unpack_text(&count))
        };
        self.type_error(&text)
    }

    /// The complaint about a missing or foreign receiver.
    fn receiver_error(&mut self, f: &NativeFn, fr: &[Value], n: usize) -> Option<Thrown> {
        let owner = f.owner.as_ref().filter(|_| f.def.shape.method)?;
        let (name, class) = (f.def.name, owner.name());
        let text = match fr.first().filter(|_| n > 0) {
            Some(first) if self.is_instance(first, owner) => return None,
            Some(first) if class.starts_with('_') || f.is_slot() => {
                format!("descriptor '{name}' requires a '{class}' object but received a '{}'", self.class_name(first))
            }
            Some(first) => format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{}' object", self.class_name(first)),
            None if f.is_slot() => format!("descriptor '{name}' of '{class}' object needs an argument"),
            None => format!("unbound method {class}.{name}() needs an argument"),
        };
        Some(self.type_error(&text))
    }

    /// The wording for functions that take keywords; `total` counts keyword arguments too.
    fn clinic_arity_error(&mut self, f: &NativeFn, count: &Count, total: usize) -> Thrown {
        let (name, receiver) = (f.def.name, receivers(f));
        let params = f.def.params();
        let all = params.len() - receiver;
        let given = count.given;
        let text = if total > all {
            format!("{name}() takes at most {all} {}argument{} ({total} given)", if given == 0 { "keyword " } else { "" }, plural(all))
        } else if given > count.max && count.max == 0 {
            format!("{name}() takes no positional arguments")
        } else if given > count.max {
            let bound = if count.min < count.max { "at most" } else { "exactly" };
            format!("{name}() takes {bound} {} positional argument{} ({given} given)", count.max, plural(count.max))
        } else {
            let missing = params.get(receiver + given).map_or("", |p| p.name);
            return self.native_missing_error(f, given + receiver, missing, given + receiver);
        };
        self.type_error(&text)
    }

    /// What a call with keyword arguments is refused for before they are put in their places.
    pub(super) fn check_native_keywords(&mut self, f: &NativeFn, fr: &[Value], n: usize, keywords: &[Ref]) -> R<()> {
        let shape = f.def.shape;
        if shape.kwargs || self.is_written_in_python(f) {
            return if n > shape.max as usize { Err(self.native_arity_error(f, fr, n)) } else { Ok(()) };
        }
        // `__init__` and `__call__` are the slots that may take keywords.
        if f.is_slot() && !shape.keywords && !matches!(f.def.name, "__init__" | "__call__") {
            return Err(self.type_error(&format!("wrapper {}() takes no keyword arguments", f.def.name)));
        }
        if !shape.keywords {
            let is_bare =
                f.module == "_functools" || matches!(f.def.name, "count" | "find" | "index" | "rfind" | "rindex" | "startswith" | "endswith") && is_text(f);
            let label = if f.def.name == "__init__" {
                f.owner.as_ref().map_or_else(String::new, |o| o.name().to_string())
            } else if is_bare {
                f.def.name.to_owned()
            } else {
                self.native_label(f, fr.first())
            };
            let text = format!("{}() takes no keyword arguments", label.trim_end_matches("()"));
            return Err(self.type_error(&text));
        }
        let receiver = receivers(f);
        let count =
            Count { min: (shape.min as usize).saturating_sub(receiver), max: (shape.max as usize).saturating_sub(receiver), given: n.saturating_sub(receiver) };
        let total = count.given + keywords.len();
        if !shape.varargs && (total > f.def.params().len() - receiver || n > shape.max as usize) {
            return Err(self.clinic_arity_error(f, &count, total));
        }
        Ok(())
    }

    /// The wording of a keyword that no parameter has.
    pub(super) fn unknown_keyword(&self, f: &NativeFn, name: &str) -> String {
        if self.is_written_in_python(f) {
            format!("{}() got an unexpected keyword argument '{name}'", python_label(f))
        } else {
            format!("'{name}' is an invalid keyword argument for {}()", f.def.name)
        }
    }

    /// Whether CPython has this function in Python, not in C: its complaints about arguments are worded otherwise.
    fn is_written_in_python(&self, f: &NativeFn) -> bool {
        match &f.owner {
            Some(owner) => owner
                .own(&self.names.module)
                .is_some_and(|m| m.as_str().is_some_and(|m| m.starts_with("asyncio.") || (m == "_random" && !matches!(f.def.name, "random" | "getrandbits")))),
            None => f.module == "asyncio" || is_python_class(f),
        }
    }

    /// The `TypeError` of a wrong number of positional arguments, worded as for functions written in Python.
    fn python_arity_error(&mut self, f: &NativeFn, n: usize) -> Thrown {
        let (label, shape) = (python_label(f), f.def.shape);
        // A class is called without the `self` that its `__init__` counts.
        let own = usize::from(is_python_class(f));
        let (min, max, n) = (shape.min as usize + own, shape.max as usize + own, n + own);
        let text = if n > max {
            let takes = if min == max { max.to_string() } else { format!("from {min} to {max}") };
            format!(
                "{label}() takes {takes} positional argument{} but {n} {} given",
                if min == max { plural(max) } else { "s" },
                if n == 1 { "was" } else { "were" }
            )
        } else {
            let names: Vec<String> = f.def.params().iter().filter(|p| p.required && !p.keyword_only).skip(n - own).map(|p| format!("'{}'", p.name)).collect();
            let list = match names.as_slice() {
                [a, b] => format!("{a} and {b}"),
                [init @ .., last] if !init.is_empty() => format!("{}, and {last}", init.join(", ")),
                _ => names.join(""),
            };
            format!("{label}() missing {} required positional argument{}: {list}", names.len(), plural(names.len()))
        };
        self.type_error(&text)
    }

    /// The `TypeError` of a missing argument of a built-in that takes keywords.
    #[cold]
    pub fn native_missing_error(&mut self, f: &NativeFn, index: usize, name: &str, given: usize) -> Thrown {
        if self.is_written_in_python(f) {
            return self.python_arity_error(f, given);
        }
        let (def, receiver) = (f.def, receivers(f));
        let params = def.params();
        let is_required = |p: &&Param| p.positional_only && p.required;
        let text = if params.get(index).is_some_and(|p| p.positional_only) {
            let min = params.iter().filter(is_required).count().saturating_sub(receiver);
            let bound = if def.shape.max as usize - receiver == min { "exactly" } else { "at least" };
            format!("{}() takes {bound} {min} positional argument{} ({} given)", def.name, plural(min), given.saturating_sub(receiver))
        } else {
            format!("{}() missing required argument '{name}' (pos {})", def.name, index + 1 - receiver)
        };
        self.type_error(&text)
    }
}

/// How many parameters are the receiver's.
fn receivers(f: &NativeFn) -> usize {
    let shape = f.def.shape;
    usize::from(shape.method || (shape.class_method && f.def.name != "__new__"))
}

/// Whether it is a method of text or bytes.
fn is_text(f: &NativeFn) -> bool {
    f.owner.as_ref().is_some_and(|o| matches!(&*o.name(), "str" | "bytes" | "bytearray"))
}

/// The wording for special methods that are slots of the type.
fn slot_text(f: &NativeFn, count: &Count) -> String {
    let is_sequence = is_text(f) || f.owner.as_ref().is_some_and(|o| matches!(&*o.name(), "list" | "tuple"));
    let is_repeat = is_sequence && matches!(f.def.name, "__mul__" | "__rmul__" | "__imul__");
    let space = if is_repeat || count.max > 1 { " " } else { "" };
    format!("{space}{}", unpack_text(count))
}

/// `expected at least 1 argument, got 0`.
fn unpack_text(count: &Count) -> String {
    let (bound, number) = if count.min == count.max {
        ("", count.min)
    } else if count.given < count.min {
        ("at least ", count.min)
    } else {
        ("at most ", count.max)
    };
    format!("expected {bound}{number} argument{}, got {}", plural(number), count.given)
}

/// Whether this is the call of a class that CPython has in Python: such a row is named after the `__init__`.
fn is_python_class(f: &NativeFn) -> bool {
    f.owner.is_none() && f.def.name.ends_with(".__init__")
}

/// The name of a function that CPython has in Python, as its complaints show it.
fn python_label(f: &NativeFn) -> String {
    match &f.owner {
        Some(owner) if &*owner.name() == "_UnixSelectorEventLoop" => format!("BaseEventLoop.{}", f.def.name),
        Some(owner) => format!("{}.{}", owner.name(), f.def.name),
        None => f.def.name.to_owned(),
    }
}
