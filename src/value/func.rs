//! What can be called: script functions with their code, built-in functions with their signature, bound methods.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use super::class::ClassRef;
use super::{R, Ref, Value};
use crate::source::{Source, Span};
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
            let mut has_default = false;
            let mut depth = 0;
            while i + 1 < b.len() && (b[i] != b',' || depth > 0) {
                if b[i] == b'(' || b[i] == b'[' {
                    depth += 1;
                }
                if b[i] == b')' || b[i] == b']' {
                    depth -= 1;
                }
                if b[i] == b'=' {
                    has_default = true;
                }
                i += 1;
            }
            if i == start {
                break;
            }
            if b[start] == b'/' {
                named_since_slash = false;
            } else if b[start] == b'*' && start + 1 < i && b[start + 1] == b'*' {
                shape.kwargs = true;
            } else if b[start] == b'*' {
                keyword_only = true;
                if start + 1 < i {
                    shape.varargs = true;
                }
            } else {
                let is_first = shape.params == 0;
                if is_first && i - start == 4 && b[start] == b's' && b[start + 1] == b'e' && b[start + 2] == b'l' && b[start + 3] == b'f' {
                    shape.method = true;
                } else if is_first && i - start == 3 && b[start] == b'c' && b[start + 1] == b'l' && b[start + 2] == b's' {
                    shape.class_method = true;
                } else {
                    named_since_slash = true;
                }
                shape.params += 1;
                if keyword_only {
                    shape.keywords = true;
                } else {
                    shape.max += 1;
                    if !has_default {
                        shape.min += 1;
                    }
                }
            }
        }
        if named_since_slash {
            shape.keywords = true;
        }
        if shape.varargs {
            shape.max = u16::MAX;
        }
        shape
    }
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

/// A function bound to its receiver.
pub struct BoundMethod {
    pub func: Value,
    pub receiver: Value,
}

/// What calling a function gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeKind {
    Function,
    Generator,
    Coroutine,
    AsyncGenerator,
}

/// The parameters of a script function; they are its first slots, in the order positional, keyword-only,
/// `*args`, `**kwargs`.
#[derive(Clone, Copy, Default, Debug)]
pub struct Params {
    pub positional_only: usize,
    /// Positional parameters, positional-only ones included.
    pub positional: usize,
    pub keyword_only: usize,
    pub varargs: bool,
    pub kwargs: bool,
}

impl Params {
    /// Whether `n` positional arguments fill the parameters without any binding.
    #[inline]
    pub fn is_exactly(&self, n: usize) -> bool {
        n == self.positional && self.keyword_only == 0 && !self.varargs && !self.kwargs
    }
}

/// A linked body: runs on a frame.
pub type Run = Box<dyn Fn(&mut Vm, &mut [Value]) -> R>;

/// Linked code: the closure to run on a frame, and what the frame needs.
pub struct Body {
    pub run: Run,
    /// Slots that belong to the frame: cleared at its end, saved when it is suspended.
    pub slots: usize,
    /// Slots including the windows of its calls.
    pub need: usize,
    /// Slots that are full while a suspended frame waits, with the places of those waits.
    pub waits: Box<[(usize, Span)]>,
}

/// Makes a body when a function is first called: of which code, and whether it is the one for threads.
pub type Linker = Rc<dyn Fn(&mut Vm, &Weak<Code>, bool) -> Body>;

/// What a function's text means, independent of the function objects made from it.
pub struct Code {
    pub name: Ref,
    pub qualname: Ref,
    pub source: Rc<Source>,
    /// The definition, decorators aside.
    pub span: Span,
    pub kind: CodeKind,
    pub params: Params,
    /// The names of all slots that have one, parameters first.
    pub locals: Box<[Ref]>,
    /// Which slots hold cells.
    pub cells: Box<[bool]>,
    /// The names of the free variables; their cells follow the locals.
    pub free: Box<[Ref]>,
    pub doc: Value,
    /// The global namespace, a dict object.
    pub globals: Ref,
    pub body: OnceCell<Body>,
    /// Absent where the body was linked when the code was made.
    pub linker: Option<Linker>,
    /// This code.
    pub me: Weak<Code>,
    /// Whether every call in its body is a place where the frame can be left: the code runs on a thread.
    pub is_threaded: bool,
    /// The same text linked for threads, once a thread called it.
    pub twin: OnceCell<Rc<Code>>,
    /// Whether it shows the value of each expression statement (`compile(.., 'single')`).
    pub is_shown: Cell<bool>,
}

impl Code {
    /// The linked body.
    #[inline(always)]
    pub fn body(&self, vm: &mut Vm) -> &Body {
        match self.body.get() {
            Some(b) => b,
            None => self.link(vm),
        }
    }

    #[cold]
    #[inline(never)]
    fn link(&self, vm: &mut Vm) -> &Body {
        let Some(linker) = &self.linker else { unreachable!("code without a linker is linked when made") };
        let body = linker(vm, &self.me, self.is_threaded);
        self.body.get_or_init(|| body)
    }
}

/// What only few functions have.
#[derive(Default)]
pub struct FuncExtra {
    pub attrs: Option<Ref>,
    pub name: Option<Value>,
    pub qualname: Option<Value>,
    pub doc: Option<Value>,
    pub module: Option<Value>,
    /// The code that was assigned to `__code__`.
    pub code: Option<Rc<Code>>,
    /// What `__code__` gave.
    pub code_value: Option<Ref>,
    /// Made a coroutine function by `types.coroutine`.
    pub iterable_coroutine: bool,
    /// The same function over the code for threads.
    pub twin: Option<Ref>,
}

/// A script function.
pub struct Func {
    pub code: Rc<Code>,
    /// Defaults of the last positional parameters.
    pub defaults: RefCell<Vec<Value>>,
    /// Defaults of keyword-only parameters, empty where there is none.
    pub kwdefaults: RefCell<Vec<Value>>,
    pub closure: Box<[Ref]>,
    /// A callable that makes the annotations dict, or the dict itself.
    pub annotations: RefCell<Value>,
    pub extra: RefCell<Option<Box<FuncExtra>>>,
    /// With exactly so many positional arguments the frame needs no binding; `u32::MAX` if never.
    pub direct: Cell<u32>,
}

/// `Func::direct` of a function whose code was exchanged: it is never called directly.
pub const EXCHANGED: u32 = u32::MAX - 1;

impl Func {
    /// Whether its code was exchanged.
    #[inline]
    pub fn is_exchanged(&self) -> bool {
        self.direct.get() == EXCHANGED
    }

    /// The code that a call runs.
    pub fn code_now(&self) -> Rc<Code> {
        self.extra.borrow().as_ref().and_then(|e| e.code.clone()).unwrap_or_else(|| self.code.clone())
    }

    /// The function that stands for this one since its code was exchanged.
    #[must_use]
    pub fn exchanged(&self) -> Self {
        let code = self.code_now();
        let named =
            |name: &Ref| self.code.locals.iter().skip(self.code.params.positional).take(self.code.params.keyword_only).position(|n| n.text() == name.text());
        let keyword_only = code.locals.iter().skip(code.params.positional).take(code.params.keyword_only);
        let kwdefaults = keyword_only.map(|n| named(n).and_then(|i| self.kwdefaults.borrow().get(i).cloned()).unwrap_or_default()).collect();
        let made = Self::new(code, self.defaults.borrow().clone(), kwdefaults, self.closure.clone(), Value::Unbound);
        made.extra.replace(Some(Box::new(FuncExtra { name: Some(self.name()), qualname: Some(self.qualname()), ..FuncExtra::default() })));
        made
    }

    /// A function.
    pub fn new(code: Rc<Code>, defaults: Vec<Value>, kwdefaults: Vec<Value>, closure: Box<[Ref]>, annotations: Value) -> Self {
        let p = &code.params;
        let is_direct = code.kind == CodeKind::Function && p.keyword_only == 0 && !p.varargs && !p.kwargs && closure.is_empty();
        let direct = Cell::new(if is_direct { p.positional as u32 } else { u32::MAX });
        Self {
            code,
            defaults: RefCell::new(defaults),
            kwdefaults: RefCell::new(kwdefaults),
            closure,
            annotations: RefCell::new(annotations),
            extra: RefCell::new(None),
            direct,
        }
    }

    /// `__name__`.
    pub fn name(&self) -> Value {
        self.extra.borrow().as_ref().and_then(|e| e.name.clone()).unwrap_or_else(|| self.code.name.clone().into())
    }

    /// `__qualname__`.
    pub fn qualname(&self) -> Value {
        self.extra.borrow().as_ref().and_then(|e| e.qualname.clone()).unwrap_or_else(|| self.code.qualname.clone().into())
    }

    /// Visits what the function holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Ok(d) = self.defaults.try_borrow() {
            d.iter().for_each(&mut *visit);
        }
        if let Ok(d) = self.kwdefaults.try_borrow() {
            d.iter().for_each(&mut *visit);
        }
        self.closure.iter().for_each(|c| visit(&Value::Obj(c.clone())));
        if let Ok(a) = self.annotations.try_borrow() {
            visit(&a);
        }
        if let Ok(e) = self.extra.try_borrow()
            && let Some(e) = e.as_ref()
        {
            e.attrs.iter().chain(&e.twin).for_each(|held| visit(&Value::Obj(held.clone())));
        }
    }

    /// Breaks cycles through the function.
    pub fn clear(&self) {
        self.closure.iter().for_each(|c| c.clear());
        let old = self.defaults.try_borrow_mut().map(|mut d| std::mem::take(&mut *d));
        drop(old);
        let old = self.extra.try_borrow_mut().map(|mut d| d.take());
        drop(old);
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
