//! Names to places. Comes in: a syntax tree. Goes out: for every scope, which names are its locals, cells, free
//! variables or globals, and whether it is a generator or coroutine. Knows no values and no closures.

mod collect;
mod places;

use rustc_hash::FxHashMap as HashMap;
use std::rc::Rc;

use crate::syntax::ast;

/// What opens a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
    Comprehension,
}

/// Where a name lives, seen from one scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// A slot of the frame.
    Local(usize),
    /// A slot of the frame that holds a cell, because an inner function uses the name.
    Cell(usize),
    /// A cell that came with the closure; its slot follows the locals.
    Free(usize),
    /// The module's namespace, then the builtins.
    Global,
    /// The class body's (or `exec`'s) namespace, then the module's.
    Namespace,
    /// The class body's namespace, then a cell that came with the closure.
    NamespaceOrFree(usize),
}

/// One scope, resolved.
#[derive(Debug)]
pub struct Scope {
    pub kind: ScopeKind,
    /// The names of the slots, parameters first.
    pub locals: Vec<Rc<str>>,
    /// Which of them are cells.
    pub is_cell: Vec<bool>,
    /// The names of the free variables, in the order of their cells.
    pub free: Vec<Rc<str>>,
    pub places: HashMap<Rc<str>, Place>,
    /// Contains `yield`.
    pub yields: bool,
    /// Contains `await`, `async for`, `async with` or an asynchronous comprehension.
    pub awaits: bool,
    /// The innermost class around, for private names.
    pub class_name: Option<Rc<str>>,
    /// A class whose methods use `__class__` or `super`.
    pub needs_class_cell: bool,
    /// The name with the functions and classes around it.
    pub qualname: Rc<str>,
}

impl Scope {
    /// Where a name lives; names that no scope binds are global.
    pub fn place(&self, name: &str) -> Place {
        self.places.get(name).copied().unwrap_or(Place::Global)
    }

    /// The slot of a free variable's cell.
    pub fn free_slot(&self, index: usize) -> usize {
        self.locals.len() + index
    }
}

/// The scopes of one source, found by the address of the node that opens them.
#[derive(Default, Debug)]
pub struct Scopes {
    by_node: HashMap<usize, Rc<Scope>>,
}

impl Scopes {
    /// The scope that a node opens.
    pub fn of<T>(&self, node: &T) -> Rc<Scope> {
        match self.by_node.get(&key(node)) {
            Some(s) => s.clone(),
            None => unreachable!("the resolver visits every node that opens a scope"),
        }
    }
}

/// What code is for: decides where its top-level names live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// A module: names are global.
    Module,
    /// `exec`/`eval` with a namespace of its own for locals.
    Namespace,
}

/// Resolves a module.
pub fn resolve_module(module: &ast::Module, target: Target) -> Scopes {
    let mut root = collect::Collector::new(target);
    root.body(&module.body);
    root.finish(key(module))
}

/// Resolves a single expression, for `eval`.
pub fn resolve_expression(expr: &ast::Expr, target: Target) -> Scopes {
    let mut root = collect::Collector::new(target);
    root.expr(expr);
    root.finish(key(expr))
}

fn key<T>(node: &T) -> usize {
    std::ptr::from_ref(node).cast::<u8>() as usize
}

/// A private name (`__x` in class `C`) becomes `_C__x`.
pub fn mangle(class_name: Option<&str>, name: &str) -> Option<String> {
    let class = class_name?.trim_start_matches('_');
    (!class.is_empty() && name.starts_with("__") && !name.ends_with("__") && !name.contains('.')).then(|| format!("_{class}{name}"))
}
