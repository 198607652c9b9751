//! Raising exceptions from Rust: one constructor per Python class, and CPython's wordings that several callers share.

use std::rc::Rc;

use crate::value::class::Fields;
use crate::value::exc::Exc;
use crate::value::func::NativeFn;
use crate::value::{ClassRef, Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;

macro_rules! raisers {
    ($($method:ident => $class:ident),* $(,)?) => {
        impl Vm {
            $(
                #[doc = concat!("Raises `", stringify!($class), "` with a message.")]
                #[cold]
                pub fn $method(&mut self, message: &str) -> Thrown {
                    let class = self.types.$class.clone();
                    self.raise_new(&class, message)
                }
            )*
        }
    };
}

raisers! {
    type_error => type_error, value_error => value_error, index_error => index_error, overflow_error => overflow_error,
    zero_division => zero_division_error, runtime_error => runtime_error, attribute_error_text => attribute_error,
    name_error_text => name_error, unbound_local_error => unbound_local_error, not_implemented_error => not_implemented_error,
    import_error => import_error, module_not_found => module_not_found_error, memory_error => memory_error, os_error => os_error,
    lookup_error => lookup_error, assertion_error => assertion_error, eof_error => eof_error, buffer_error => buffer_error,
}

impl Vm {
    /// Makes an exception object.
    pub fn new_exc(&mut self, class: &ClassRef, args: Vec<Value>) -> Ref {
        Obj::new(Kind::Exc(Box::new(Exc::new(class.clone(), Obj::tuple(args).into()))))
    }

    /// Raises a new exception with one text argument.
    #[cold]
    #[inline(never)]
    pub fn raise_new(&mut self, class: &ClassRef, message: &str) -> Thrown {
        let args = if message.is_empty() { Vec::new() } else { vec![message.into()] };
        let exc = self.new_exc(class, args);
        self.raise(exc)
    }

    /// Raises an exception object; what is being handled becomes its context.
    pub fn raise(&mut self, exc: Ref) -> Thrown {
        self.set_context(&exc);
        self.rethrow(exc)
    }

    /// Raises an exception that was thrown into a frame: what the frame itself handles becomes its context, but not
    /// what its driver handles.
    pub fn raise_sent(&mut self, exc: Ref) -> Thrown {
        let outside = self.sent_over.take();
        let is_own = match (&self.handled, &outside) {
            (Some(now), Some(outside)) => !Rc::ptr_eq(now, outside),
            (now, _) => now.is_some(),
        };
        if is_own { self.raise(exc) } else { self.rethrow(exc) }
    }

    /// The same for an exception that was thrown further in and came out again.
    pub fn pass_on(&mut self, exc: Ref) -> Thrown {
        if context_of(&exc).is_none() {
            return self.raise_sent(exc);
        }
        self.sent_over = None;
        self.rethrow(exc)
    }

    /// Raises an exception object as it is: its context stays.
    pub fn rethrow(&mut self, exc: Ref) -> Thrown {
        self.signal = None;
        self.exc = Some(exc);
        Thrown
    }

    /// Sets the context of an exception to what is being handled, without making a cycle.
    fn set_context(&mut self, exc: &Ref) {
        let Some(handled) = self.handled.clone() else { return };
        if Rc::ptr_eq(&handled, exc) {
            return;
        }
        let (mut link, mut slow, mut is_odd) = (handled.clone(), handled.clone(), false);
        while let Some(next) = context_of(&link) {
            if Rc::ptr_eq(&next, exc) {
                if let Kind::Exc(e) = &link.kind {
                    drop(e.context.take());
                }
                break;
            }
            // A cycle that was there before: a second walk at half the speed is met again.
            if Rc::ptr_eq(&next, &slow) {
                break;
            }
            if is_odd && let Some(after) = context_of(&slow) {
                slow = after;
            }
            (link, is_odd) = (next, !is_odd);
        }
        if let Kind::Exc(e) = &exc.kind {
            let old = e.context.replace(Some(handled));
            drop(old);
        }
    }

    /// Takes the exception that is on its way; only called when one is.
    pub fn take_exc(&mut self) -> Ref {
        self.spot = None;
        match self.exc.take() {
            Some(e) => e,
            None => {
                let class = self.types.runtime_error.clone();
                self.new_exc(&class, vec!["an error without exception".into()])
            }
        }
    }

    /// Whether the exception on its way is an instance of a class.
    pub fn exc_is(&self, class: &ClassRef) -> bool {
        self.exc.as_ref().is_some_and(|e| exc_class(e).is_subclass_of(class))
    }

    /// Runs something and turns one kind of exception into `None`; suspensions and other exceptions pass.
    pub fn catch<T>(&mut self, class: &ClassRef, result: R<T>) -> R<Option<T>> {
        match result {
            Ok(v) => Ok(Some(v)),
            Err(_) if self.abort.is_none() && self.exc_is(class) => {
                drop(self.take_exc());
                Ok(None)
            }
            Err(t) => Err(t),
        }
    }

    /// Raises an exception that has attributes besides its arguments.
    pub fn raise_with(&mut self, class: &ClassRef, args: Vec<Value>, attrs: &[(&Ref, Value)]) -> Thrown {
        let exc = self.new_exc(class, args);
        if let Kind::Exc(e) = &exc.kind {
            for (name, value) in attrs {
                drop(e.fields.borrow_mut().set(class, name, value.clone()));
            }
        }
        self.raise(exc)
    }

    /// `KeyError` with the key itself.
    #[cold]
    pub fn key_error(&mut self, key: &Value) -> Thrown {
        let class = self.types.key_error.clone();
        let exc = self.new_exc(&class, vec![key.clone()]);
        self.raise(exc)
    }

    /// `StopIteration` with a value.
    #[cold]
    pub fn stop_iteration(&mut self, value: Value) -> Thrown {
        let class = self.types.stop_iteration.clone();
        let args = if value.is_none() { Vec::new() } else { vec![value] };
        let exc = self.new_exc(&class, args);
        self.raise(exc)
    }

    /// `AttributeError` of a missing attribute, with what suggestions need.
    #[cold]
    pub fn no_attribute(&mut self, obj: &Value, name: &Ref) -> Thrown {
        let text = match obj.kind() {
            Some(Kind::Class(c)) => format!("type object '{}' has no attribute '{}'", c.name(), name.text()),
            Some(Kind::Module(m)) => format!("module '{}' has no attribute '{}'", m.name, name.text()),
            _ => format!("'{}' object has no attribute '{}'", self.class_name(obj), name.text()),
        };
        self.attribute_error(&text, obj, name)
    }

    /// `AttributeError` with a text, and what suggestions need.
    #[cold]
    pub fn attribute_error(&mut self, text: &str, obj: &Value, name: &Ref) -> Thrown {
        let (class, names) = (self.types.attribute_error.clone(), self.names.clone());
        self.raise_with(&class, vec![text.into()], &[(&names.name_, Value::Obj(name.clone())), (&names.obj, obj.clone())])
    }

    /// `NameError` of an undefined name.
    #[cold]
    pub fn no_name(&mut self, name: &Ref) -> Thrown {
        let (class, names) = (self.types.name_error.clone(), self.names.clone());
        let text = format!("name '{}' is not defined", name.text());
        self.raise_with(&class, vec![text.into()], &[(&names.name_, Value::Obj(name.clone()))])
    }

    /// The text of a name value.
    pub fn text_of(&self, v: &Value) -> String {
        v.as_str().unwrap_or("?").to_owned()
    }

    /// How CPython calls a built-in in messages: methods with their class.
    fn native_label(&self, f: &NativeFn) -> String {
        match &f.owner {
            Some(owner) => format!("{}.{}", owner.name(), f.def.name),
            None if !f.module.is_empty() => format!("{}.{}", f.module, f.def.name),
            None => f.def.name.to_owned(),
        }
    }

    /// The `TypeError` of a wrong number of positional arguments, worded by the kind of signature as CPython does.
    #[cold]
    pub fn native_arity_error(&mut self, f: &NativeFn, fr: &[Value], n: usize) -> Thrown {
        if self.is_written_in_python(f) {
            return self.python_arity_error(f, n);
        }
        let (def, shape) = (f.def, f.def.shape);
        let receiver = usize::from(shape.method || (shape.class_method && !def.name.starts_with("__")));
        if let (true, Some(owner)) = (shape.method, &f.owner) {
            match fr.first() {
                Some(first) if n > 0 => {
                    if !self.is_instance(first, owner) {
                        let text = if owner.name().starts_with('_') || def.name.starts_with("__") {
                            format!("descriptor '{}' requires a '{}' object but received a '{}'", def.name, owner.name(), self.class_name(first))
                        } else {
                            format!("descriptor '{}' for '{}' objects doesn't apply to a '{}' object", def.name, owner.name(), self.class_name(first))
                        };
                        return self.type_error(&text);
                    }
                }
                _ => {
                    let text = if def.name.starts_with("__") {
                        format!("descriptor '{}' of '{}' object needs an argument", def.name, owner.name())
                    } else {
                        format!("unbound method {}.{}() needs an argument", owner.name(), def.name)
                    };
                    return self.type_error(&text);
                }
            }
        }
        let given = n.saturating_sub(receiver);
        let (min, max) = ((shape.min as usize).saturating_sub(receiver), (shape.max as usize).saturating_sub(receiver));
        let label = self.native_label(f);
        let is_wrapper = f.owner.is_some() && def.name.starts_with("__") && def.name.ends_with("__");
        let text = if is_wrapper && min == max {
            format!("expected {min} argument{}, got {given}", if min == 1 { "" } else { "s" })
        } else if min == max && max == 0 && !shape.keywords {
            format!("{label}() takes no arguments ({given} given)")
        } else if min == max && max == 1 && !shape.keywords {
            format!("{label}() takes exactly one argument ({given} given)")
        } else if shape.keywords && !shape.varargs {
            let missing = def.params().into_iter().skip(receiver).nth(given);
            match missing {
                Some(p) if given < min => return self.native_missing_error(f, given + receiver, p.name, n),
                _ if max == 0 => format!("{}() takes no positional arguments", def.name),
                _ => format!(
                    "{}() takes {} {max} {}argument{} ({given} given)",
                    def.name,
                    if min == max { "exactly" } else { "at most" },
                    if def.params().iter().any(|p| p.keyword_only) { "positional " } else { "" },
                    if max == 1 { "" } else { "s" }
                ),
            }
        } else {
            let (bound, count) = if min == max {
                ("", min)
            } else if given < min {
                ("at least ", min)
            } else {
                ("at most ", max)
            };
            format!("{} expected {bound}{count} argument{}, got {given}", def.name, if count == 1 { "" } else { "s" })
        };
        self.type_error(&text)
    }

    /// Whether CPython has this function in Python, not in C: its complaints about arguments are worded otherwise.
    fn is_written_in_python(&self, f: &NativeFn) -> bool {
        match &f.owner {
            Some(owner) => owner.own(&self.names.module).is_some_and(|m| m.as_str().is_some_and(|m| m.starts_with("asyncio."))),
            None => f.module == "asyncio",
        }
    }

    /// The `TypeError` of a wrong number of positional arguments, worded as for functions written in Python.
    fn python_arity_error(&mut self, f: &NativeFn, n: usize) -> Thrown {
        let (label, shape) = (f.def.name, f.def.shape);
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let (min, max) = (shape.min as usize, shape.max as usize);
        let text = if n > max {
            let takes = if min == max { max.to_string() } else { format!("from {min} to {max}") };
            format!("{label}() takes {takes} positional argument{} but {n} {} given", plural(max), if n == 1 { "was" } else { "were" })
        } else {
            let names: Vec<String> = f.def.params().iter().filter(|p| p.required && !p.keyword_only).skip(n).map(|p| format!("'{}'", p.name)).collect();
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
        let def = f.def;
        let receiver = usize::from(def.shape.method);
        let text = if def.params().get(index).is_some_and(|p| p.positional_only) {
            let min = def.shape.min as usize - receiver;
            let bound = if def.shape.max == def.shape.min { "exactly" } else { "at least" };
            format!("{}() takes {bound} {min} positional argument{} ({} given)", def.name, if min == 1 { "" } else { "s" }, given - receiver)
        } else {
            format!("{}() missing required argument '{name}' (pos {})", def.name, index + 1 - receiver)
        };
        self.type_error(&text)
    }

    /// The `TypeError` of a keyword argument that a built-in does not have.
    #[cold]
    pub fn native_keyword_error(&mut self, f: &NativeFn, name: &Ref) -> Thrown {
        let def = f.def;
        let text = if def.shape.keywords {
            format!("'{}' is an invalid keyword argument for {}()", name.text(), def.name)
        } else {
            format!("{}() takes no keyword arguments", self.native_label(f))
        };
        self.type_error(&text)
    }
}

/// The class of an exception object.
pub fn exc_class(exc: &Ref) -> &ClassRef {
    match &exc.kind {
        Kind::Exc(e) => &e.class,
        _ => unreachable!("only exceptions are raised"),
    }
}

/// The exception data of an exception object.
pub fn exc_data(exc: &Ref) -> &Exc {
    match &exc.kind {
        Kind::Exc(e) => e,
        _ => unreachable!("only exceptions are raised"),
    }
}

/// The context of an exception.
pub fn context_of(exc: &Ref) -> Option<Ref> {
    exc_data(exc).context.borrow().clone()
}

/// The first argument of an exception, `None` without one.
pub fn first_arg(exc: &Ref) -> Value {
    exc_data(exc).args.borrow().as_tuple().and_then(|t| t.first()).cloned().unwrap_or(Value::None)
}

/// An attribute set on an exception.
pub fn exc_field(exc: &Ref, name: &Ref) -> Option<Value> {
    let data = exc_data(exc);
    let fields: &Fields = &data.fields.borrow();
    fields.get(&data.class, name)
}
