//! Where names live: a scope as the walk left it comes in, with what the scopes around it have; slots, cells and free
//! variables of it and of those inside go out. It does not know trees.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::rc::Rc;

use super::{Place, Scope, ScopeKind, Scopes, Target};

/// A scope while the walk is in it.
pub struct Raw {
    pub node: usize,
    pub kind: ScopeKind,
    pub params: Vec<Rc<str>>,
    /// Names bound here, in order of their first binding.
    pub bound: Vec<Rc<str>>,
    pub used: Vec<Rc<str>>,
    pub globals: HashSet<Rc<str>>,
    pub nonlocals: HashSet<Rc<str>>,
    pub children: Vec<Raw>,
    pub yields: bool,
    pub awaits: bool,
    pub class_name: Option<Rc<str>>,
    pub qualname: Rc<str>,
}

impl Raw {
    pub fn new(node: usize, kind: ScopeKind, class_name: Option<Rc<str>>, qualname: Rc<str>) -> Self {
        Self {
            node,
            kind,
            params: Vec::new(),
            bound: Vec::new(),
            used: Vec::new(),
            globals: HashSet::default(),
            nonlocals: HashSet::default(),
            children: Vec::new(),
            yields: false,
            awaits: false,
            class_name,
            qualname,
        }
    }

    pub fn is_function(&self) -> bool {
        matches!(self.kind, ScopeKind::Function | ScopeKind::Lambda | ScopeKind::Comprehension)
    }
}

type Names = HashSet<Rc<str>>;

/// Resolves a scope and those in it; gives the names it needs from outside.
pub fn resolve(mut raw: Raw, enclosing: &Names, target: Target, scopes: &mut Scopes) -> Names {
    let own = raw.own_names();
    let visible = raw.visible(&own, enclosing);
    let mut wanted = Names::default();
    for child in std::mem::take(&mut raw.children) {
        wanted.extend(resolve(child, &visible, target, scopes));
    }
    let needs_class_cell = raw.kind == ScopeKind::Class && wanted.contains("__class__");
    let locals = raw.locals(&own, needs_class_cell, target);
    let mut placing = Placing { raw: &raw, own, enclosing, target, needs_class_cell, places: HashMap::default(), free: Vec::new() };
    let is_cell = placing.place_locals(&locals, &wanted);
    placing.place_others();
    placing.pass_through(&wanted);
    placing.sort_free();
    let Placing { places, free, .. } = placing;
    let outside = free.iter().cloned().collect();
    let Raw { node, kind, yields, awaits, class_name, qualname, .. } = raw;
    let scope = Scope { kind, locals, is_cell, free, places, yields, awaits, class_name, needs_class_cell, qualname };
    scopes.by_node.insert(node, Rc::new(scope));
    outside
}

impl Raw {
    /// The names that are the scope's own.
    fn own_names(&self) -> Names {
        let is_own = |n: &&Rc<str>| !self.globals.contains(*n) && !self.nonlocals.contains(*n);
        self.params.iter().chain(&self.bound).filter(is_own).cloned().collect()
    }

    /// What inner scopes can take from here or through here.
    fn visible(&self, own: &Names, enclosing: &Names) -> Names {
        let mut visible = enclosing.clone();
        if self.is_function() {
            visible.retain(|n| !self.globals.contains(n));
            visible.extend(own.iter().cloned());
        } else if self.kind == ScopeKind::Class {
            visible.insert("__class__".into());
        }
        visible
    }

    /// The slots that have a name, parameters first.
    fn locals(&self, own: &Names, needs_class_cell: bool, target: Target) -> Vec<Rc<str>> {
        let mut locals = self.params.clone();
        if self.is_function() {
            locals.extend(self.bound.iter().filter(|n| own.contains(*n) && !self.params.contains(n)).cloned());
        } else if self.kind == ScopeKind::Class || target == Target::Namespace {
            locals.push(".namespace".into());
            if needs_class_cell {
                locals.push("__class__".into());
            }
        }
        locals
    }
}

/// A scope while its names get their places.
struct Placing<'a> {
    raw: &'a Raw,
    own: Names,
    /// What the scopes around have.
    enclosing: &'a Names,
    target: Target,
    needs_class_cell: bool,
    places: HashMap<Rc<str>, Place>,
    free: Vec<Rc<str>>,
}

impl Placing<'_> {
    /// Places the locals; tells which of them inner scopes want, so that they live in cells.
    fn place_locals(&mut self, locals: &[Rc<str>], wanted: &Names) -> Vec<bool> {
        let is_function = self.raw.is_function();
        let mut is_cell = Vec::with_capacity(locals.len());
        for (slot, name) in locals.iter().enumerate() {
            let is_wanted = (is_function && wanted.contains(name)) || self.is_class_cell(name);
            is_cell.push(is_wanted);
            if is_function {
                self.places.insert(name.clone(), if is_wanted { Place::Cell(slot) } else { Place::Local(slot) });
            }
        }
        is_cell
    }

    /// Places every other name that the scope mentions.
    fn place_others(&mut self) {
        let raw = self.raw;
        for name in raw.used.iter().chain(&raw.bound).chain(&raw.nonlocals).chain(&raw.globals) {
            if !self.places.contains_key(name) {
                let place = self.place_of(name);
                self.places.insert(name.clone(), place);
            }
        }
    }

    fn place_of(&mut self, name: &Rc<str>) -> Place {
        let is_around = self.enclosing.contains(name);
        match self.raw.kind {
            _ if self.raw.globals.contains(name) => Place::Global,
            _ if self.raw.nonlocals.contains(name) => Place::Free(self.free_index(name)),
            ScopeKind::Function | ScopeKind::Lambda | ScopeKind::Comprehension if is_around => Place::Free(self.free_index(name)),
            ScopeKind::Function | ScopeKind::Lambda | ScopeKind::Comprehension => Place::Global,
            ScopeKind::Class if is_around && !self.own.contains(name) => Place::NamespaceOrFree(self.free_index(name)),
            ScopeKind::Class => Place::Namespace,
            ScopeKind::Module if self.target == Target::Namespace => Place::Namespace,
            ScopeKind::Module => Place::Global,
        }
    }

    /// What inner scopes want and this one does not have comes through here.
    fn pass_through(&mut self, wanted: &Names) {
        let is_function = self.raw.is_function();
        for name in wanted.iter().filter(|n| self.enclosing.contains(*n)) {
            let is_here = (is_function && self.own.contains(name)) || self.is_class_cell(name);
            if !is_here {
                let index = self.free_index(name);
                self.places.entry(name.clone()).or_insert(Place::Free(index));
            }
        }
    }

    fn is_class_cell(&self, name: &str) -> bool {
        self.needs_class_cell && name == "__class__"
    }

    /// Where a free variable stands among the others, from now on if not yet.
    fn free_index(&mut self, name: &Rc<str>) -> usize {
        self.free.iter().position(|f| f == name).unwrap_or_else(|| {
            self.free.push(name.clone());
            self.free.len() - 1
        })
    }

    /// Puts the free variables into alphabetical order, as `co_freevars` and `__closure__` show them.
    fn sort_free(&mut self) {
        self.free.sort();
        for (name, place) in &mut self.places {
            if let Place::Free(i) | Place::NamespaceOrFree(i) = place {
                *i = self.free.iter().position(|f| f == name).unwrap_or(*i);
            }
        }
    }
}
