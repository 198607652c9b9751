//! Rows of the tables of built-in functions, methods and computed attributes. A signature in Python's notation comes in;
//! its shape as numbers, read at compile time, goes out. It does not know how a call binds arguments by it.

use super::class::ClassRef;
use super::{R, Value};
use crate::vm::Vm;

/// A built-in function: it gets the window (arguments in the places its signature gives them, scratch space
/// behind) and the number of positional arguments.
pub type NativeCall = fn(&mut Vm, &mut [Value], usize) -> R;

/// One row of a module's or type's table.
pub struct Builtin {
    pub name: &'static str,
    /// Python's notation, e.g. `(self, x, /, y=0, *, key=None)`; defaults are for readers only.
    pub signature: &'static str,
    pub call: NativeCall,
    pub doc: &'static str,
    /// The shape of the signature.
    pub shape: Shape,
    /// What `await f(..)` may call instead of `call`, with the same arguments: it gives the value of the whole `await`
    /// expression, or an empty value when it cannot tell without a coroutine (then the arguments are untouched, and
    /// `call` follows). It may suspend; what it is resumed with is then the value.
    pub awaiting: Option<NativeCall>,
    /// Whether it may let the thread wait that calls it.
    pub blocks: bool,
}

/// A signature as numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Positional arguments at least.
    pub min: u16,
    /// Positional arguments at most; `u16::MAX` with `*args`.
    pub max: u16,
    /// All named parameters, keyword-only ones included; `*args` and `**kwargs` are not counted.
    pub params: u16,
    /// Whether there is `*args`.
    pub varargs: bool,
    /// Whether there is `**kwargs`.
    pub kwargs: bool,
    /// Whether some parameter may be given by name.
    pub keywords: bool,
    /// Whether the first parameter is `self`: the row is a method.
    pub method: bool,
    /// Whether the first parameter is `cls`: the row is a class method.
    pub class_method: bool,
}

impl Shape {
    /// Reads a signature.
    const fn parse(signature: &str) -> Self {
        let b = signature.as_bytes();
        let mut shape = Self { min: 0, max: 0, params: 0, varargs: false, kwargs: false, keywords: false, method: false, class_method: false };
        let mut i = 1;
        let mut keyword_only = false;
        let mut named_since_slash = false;
        while i + 1 < b.len() {
            while b[i] == b' ' || b[i] == b',' {
                i += 1;
            }
            let start = i;
            let has_default;
            (i, has_default) = end_of_part(b, start);
            if i == start {
                break;
            }
            match b[start] {
                b'/' => named_since_slash = false,
                b'*' if start + 1 < i && b[start + 1] == b'*' => shape.kwargs = true,
                b'*' => {
                    keyword_only = true;
                    shape.varargs = shape.varargs || start + 1 < i;
                }
                _ => {
                    named_since_slash = !shape.is_receiver(b, start, i) || named_since_slash;
                    shape.count(keyword_only, has_default);
                }
            }
        }
        shape.keywords = shape.keywords || named_since_slash;
        if shape.varargs {
            shape.max = u16::MAX;
        }
        shape
    }

    /// Whether a parameter is the receiver, which is then noted.
    const fn is_receiver(&mut self, b: &[u8], start: usize, end: usize) -> bool {
        if self.params > 0 {
            return false;
        }
        match b.split_at(end).0.split_at(start).1 {
            b"self" => self.method = true,
            b"cls" => self.class_method = true,
            _ => return false,
        }
        true
    }

    /// Counts a named parameter.
    const fn count(&mut self, keyword_only: bool, has_default: bool) {
        self.params += 1;
        if keyword_only {
            self.keywords = true;
            return;
        }
        self.max += 1;
        if !has_default {
            self.min += 1;
        }
    }
}

/// Where a part of a signature ends, and whether it has a default.
const fn end_of_part(b: &[u8], start: usize) -> (usize, bool) {
    let mut i = start;
    let mut has_default = false;
    let mut depth = 0;
    while i + 1 < b.len() && (b[i] != b',' || depth > 0) {
        match b[i] {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'=' => has_default = true,
            _ => {}
        }
        i += 1;
    }
    (i, has_default)
}

impl Builtin {
    /// A row. The signature is read at compile time.
    pub const fn new(name: &'static str, signature: &'static str, call: NativeCall, doc: &'static str) -> Self {
        Self { name, signature, call, doc, shape: Shape::parse(signature), awaiting: None, blocks: false }
    }

    /// The same row with a short cut for `await f(..)`.
    #[must_use]
    pub const fn awaiting(mut self, call: NativeCall) -> Self {
        self.awaiting = Some(call);
        self
    }

    /// The same row as one that may let a thread wait.
    #[must_use]
    pub const fn blocking(mut self) -> Self {
        self.blocks = true;
        self
    }

    /// The parameters in order: name, and whether only by position, only by name.
    pub fn params(&self) -> Vec<Param> {
        let inner = self.signature.trim_start_matches('(').trim_end_matches(')');
        let mut params: Vec<Param> = Vec::new();
        let mut keyword_only = false;
        for part in inner.split(", ").filter(|p| !p.is_empty()) {
            let (name, default) = part.split_once('=').map_or((part, None), |(n, d)| (n, Some(d)));
            match name {
                "/" => params.iter_mut().for_each(|p| p.positional_only = true),
                "*" => keyword_only = true,
                n if n.starts_with("**") => {}
                n if n.starts_with('*') => {
                    keyword_only = true;
                    params.iter_mut().for_each(|p| p.positional_only = true);
                }
                n => params.push(Param { name: n, positional_only: n == "self" || n == "cls", keyword_only, required: default.is_none() }),
            }
        }
        params
    }
}

/// One parameter of a built-in function.
pub struct Param {
    pub name: &'static str,
    pub positional_only: bool,
    pub keyword_only: bool,
    pub required: bool,
}

/// Sets a computed attribute; an empty value deletes it.
pub type Setter = fn(&mut Vm, &Value, Value) -> R<()>;

/// A computed attribute of a built-in type.
pub struct GetSet {
    pub name: &'static str,
    pub get: fn(&mut Vm, &Value) -> R,
    /// Absent when the attribute is read-only; an empty value deletes.
    pub set: Option<Setter>,
}

/// A built-in function object.
pub struct NativeFn {
    pub def: &'static Builtin,
    /// The class whose method it is.
    pub owner: Option<ClassRef>,
    /// The module it belongs to, for reprs and pickled names; empty for `builtins`.
    pub module: &'static str,
}

/// Special methods that CPython keeps as ordinary methods, not as slots of the type.
const METHODS: &[&str] = &[
    "__format__",
    "__reversed__",
    "__length_hint__",
    "__sizeof__",
    "__reduce__",
    "__reduce_ex__",
    "__getstate__",
    "__setstate__",
    "__dir__",
    "__ceil__",
    "__floor__",
    "__trunc__",
    "__round__",
    "__getnewargs__",
    "__complex__",
    "__bytes__",
    "__enter__",
    "__exit__",
    "__mro_entries__",
    "__instancecheck__",
    "__subclasscheck__",
    "__subclasses__",
    "__missing__",
    "__copy__",
    "__deepcopy__",
    "__set_name__",
    "__prepare__",
    "__class_getitem__",
];

impl NativeFn {
    /// Whether it is a special method that stands for a slot of its type.
    pub fn is_slot(&self) -> bool {
        let Some(owner) = &self.owner else { return false };
        let name = self.def.name;
        name.starts_with("__")
            && self.def.shape.method
            && !METHODS.contains(&name)
            && !match name {
                "__getitem__" => matches!(&*owner.name(), "list" | "dict"),
                "__contains__" => matches!(&*owner.name(), "dict" | "set" | "frozenset"),
                _ => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn shapes() {
        let table = [
            ("()", (0, 0, 0, false, false)),
            ("(x, /)", (1, 1, 1, false, false)),
            ("(self, index=-1, /)", (1, 2, 2, false, false)),
            ("(iterable, /, *, key=None, reverse=False)", (1, 1, 3, false, true)),
            ("(*args, sep=' ', end='\\n')", (0, u16::MAX, 2, true, true)),
            ("(x, base=10)", (1, 2, 2, false, true)),
        ];
        for (signature, (min, max, params, varargs, keywords)) in table {
            let s = Shape::parse(signature);
            assert_eq!((s.min, s.max, s.params, s.varargs, s.keywords), (min, max, params, varargs, keywords), "{signature}");
        }
        assert!(Shape::parse("(self, x, /)").method);
    }
}
