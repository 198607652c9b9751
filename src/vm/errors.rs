//! Raising exceptions from Rust: one constructor per Python class, and CPython's wordings that several callers share.

use std::rc::Rc;

use crate::value::exc::Exc;
use crate::value::instance::Fields;
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
            Some(Kind::Class(_)) => format!("type object '{}' has no attribute '{}'", self.class_in_messages(obj), name.text()),
            Some(Kind::Module(m)) => format!("module '{}' has no attribute '{}'", m.name, name.text()),
            _ => format!("'{}' object has no attribute '{}'", self.class_name(obj), name.text()),
        };
        self.attribute_error(&text, obj, name)
    }

    /// The name of a class itself in messages.
    fn class_in_messages(&self, class: &Value) -> Rc<str> {
        class.to_class().map_or_else(|| "type".into(), |c| self.type_name(&c))
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
