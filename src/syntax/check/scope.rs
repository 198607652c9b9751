//! Scopes as far as the checker needs them: what kind, and what `global` and `nonlocal` may still declare.

use rustc_hash::FxHashMap as HashMap;
use std::rc::Rc;

use super::{Checker, Phase};
use crate::source::Span;
use crate::syntax::ast::Ident;

/// What opened a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    /// A comprehension; the words name it in messages.
    Comprehension(&'static str),
}

/// How a name has been used in a scope.
#[derive(Clone, Copy, Default)]
pub(super) struct Uses {
    param: bool,
    used: bool,
    bound: bool,
    annotated: bool,
    global: bool,
    nonlocal: bool,
}

/// What a name undergoes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Load,
    Bind,
    Param,
    Annotate,
}

pub(super) struct Scope {
    pub(super) kind: ScopeKind,
    /// Loops around the current place.
    pub(super) loops: usize,
    /// The number of loops where the innermost `except*` block began.
    pub(super) star_block: Option<usize>,
    /// Iterables of comprehensions around the current place.
    pub(super) iterables: usize,
    /// Whether a `yield` stands in it.
    pub(super) yields: bool,
    /// Whether an `await` or `async for` makes the comprehension asynchronous.
    pub(super) suspends: bool,
    /// Places of `return value`.
    pub(super) returns: Vec<Span>,
    /// Iteration variables of a comprehension.
    pub(super) targets: Vec<Rc<str>>,
    /// Names that `:=` binds inside a comprehension.
    pub(super) walrus: Vec<Rc<str>>,
    names: HashMap<Rc<str>, Uses>,
    /// `nonlocal` names of inner scopes that no scope in between binds.
    pending: Vec<Ident>,
}

impl Scope {
    pub(super) fn new(kind: ScopeKind, iterables: usize) -> Self {
        Self {
            kind,
            loops: 0,
            star_block: None,
            iterables,
            yields: false,
            suspends: false,
            returns: Vec::new(),
            targets: Vec::new(),
            walrus: Vec::new(),
            names: HashMap::default(),
            pending: Vec::new(),
        }
    }

    fn is_function(&self) -> bool {
        matches!(self.kind, ScopeKind::Function | ScopeKind::AsyncFunction | ScopeKind::Lambda)
    }
}

impl Checker {
    pub(super) fn enter(&mut self, kind: ScopeKind) {
        let iterables = self.scope(|s| s.iterables);
        self.scopes.push(Scope::new(kind, iterables));
    }

    /// Reads something of the innermost scope.
    pub(super) fn scope<T: Default>(&self, read: impl FnOnce(&Scope) -> T) -> T {
        self.scopes.last().map(read).unwrap_or_default()
    }

    /// Changes the innermost scope.
    pub(super) fn with_scope(&mut self, change: impl FnOnce(&mut Scope)) {
        if let Some(scope) = self.scopes.last_mut() {
            change(scope);
        }
    }

    pub(super) fn kind(&self) -> ScopeKind {
        self.scopes.last().map_or(ScopeKind::Module, |s| s.kind)
    }

    /// Closes the innermost scope: finds the scopes that its `nonlocal` names belong to.
    pub(super) fn leave(&mut self) -> Option<Scope> {
        let mut scope = self.scopes.pop()?;
        let pending = std::mem::take(&mut scope.pending);
        for name in pending {
            let uses = scope.names.get(&name.name).copied().unwrap_or_default();
            if scope.is_function() && (uses.bound || uses.param || uses.nonlocal) && !uses.global {
                continue;
            }
            // A class makes `__class__` for the functions inside.
            if scope.kind != ScopeKind::Class || &*name.name != "__class__" {
                self.hand_up(name);
            }
        }
        Some(scope)
    }

    fn hand_up(&mut self, name: Ident) {
        match self.scopes.last_mut() {
            Some(outer) => outer.pending.push(name),
            None => self.fail(Phase::Bindings, "nonlocal", format!("no binding for nonlocal '{}' found", name.name), name.span),
        }
    }

    /// Notes a use of a name in the innermost scope.
    pub(super) fn name(&mut self, name: &Rc<str>, span: Span, how: Use) {
        if &**name == "__debug__" && how != Use::Load {
            self.fail(Phase::Compiler, "debug", "cannot assign to __debug__", span);
        }
        if !self.follow_names {
            return;
        }
        let mut conflict = None;
        self.with_scope(|scope| {
            let uses = scope.names.entry(name.clone()).or_default();
            match how {
                Use::Load => uses.used = true,
                Use::Bind => uses.bound = true,
                Use::Param => uses.param = true,
                Use::Annotate => {
                    conflict = if uses.global {
                        Some("global")
                    } else if uses.nonlocal {
                        Some("nonlocal")
                    } else {
                        None
                    };
                    uses.annotated = true;
                    uses.bound = true;
                }
            }
        });
        if let Some(conflict) = conflict
            && self.kind() != ScopeKind::Module
        {
            self.fail(Phase::Symbols, "global", format!("annotated name '{name}' can't be {conflict}"), span);
        }
    }

    /// Notes what a walrus binds: a name of the scope around all comprehensions.
    pub(super) fn bind_outside(&mut self, name: &Rc<str>) {
        let place = self.scopes.iter_mut().rev().find(|s| !matches!(s.kind, ScopeKind::Comprehension(_)));
        if let Some(scope) = place
            && self.follow_names
        {
            scope.names.entry(name.clone()).or_default().bound = true;
        }
    }

    /// `global name` and `nonlocal name`.
    pub(super) fn declare(&mut self, name: &Ident, word: &'static str, statement: Span) {
        let global = word == "global";
        let uses = self.scope(|s| s.names.get(&name.name).copied().unwrap_or_default());
        let text = &name.name;
        let conflict = if uses.param {
            Some(format!("name '{text}' is parameter and {word}"))
        } else if uses.used {
            Some(format!("name '{text}' is used prior to {word} declaration"))
        } else if uses.annotated {
            Some(format!("annotated name '{text}' can't be {word}"))
        } else if uses.bound {
            Some(format!("name '{text}' is assigned to before {word} declaration"))
        } else {
            None
        };
        if let Some(message) = conflict {
            return self.fail(Phase::Symbols, word, message, name.span);
        }
        if uses.nonlocal && global || uses.global && !global {
            return self.fail(Phase::Bindings, word, format!("name '{text}' is nonlocal and global"), name.span);
        }
        if !global && self.kind() == ScopeKind::Module {
            return self.fail(Phase::Bindings, word, "nonlocal declaration not allowed at module level", statement);
        }
        self.with_scope(|scope| {
            let uses = scope.names.entry(name.name.clone()).or_default();
            uses.global |= global;
            uses.nonlocal |= !global;
        });
        if let (false, [.., outer, _]) = (global, self.scopes.as_mut_slice()) {
            outer.pending.push(name.clone());
        }
    }
}
