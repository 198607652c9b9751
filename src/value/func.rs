//! Script functions with their code, and bound methods. What a function holds is here; how it is called is `vm::call`'s
//! business, how its code is linked `link::code`'s. Built-in functions are in `builtin`, and found from here too.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use super::{R, Ref, Value};
use crate::source::{Source, Span};
use crate::vm::Vm;

pub use super::builtin::{Builtin, GetSet, NativeCall, NativeFn, Param, Setter, Shape};

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
