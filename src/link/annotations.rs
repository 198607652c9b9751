//! `__annotations__` of module and class bodies: made where a body begins that annotates something, found again by name.

use super::cx::Cx;
use super::{Ex, St};
use crate::syntax::ast::{Stmt, StmtKind};
use crate::value::dict::Dict;
use crate::value::{Flow, Obj, Value};

/// Whether a module's or class's own statements, nested blocks included, annotate something: `__annotations__` then exists.
pub fn has_annotations(body: &[Stmt]) -> bool {
    body.iter().any(|s| match &s.kind {
        StmtKind::AnnAssign { .. } => true,
        StmtKind::If { branches, orelse } => branches.iter().any(|(_, b)| has_annotations(b)) || has_annotations(orelse),
        StmtKind::While { body, orelse, .. } | StmtKind::For { body, orelse, .. } => has_annotations(body) || has_annotations(orelse),
        StmtKind::With { body, .. } => has_annotations(body),
        StmtKind::Try { body, handlers, orelse, finally, .. } => {
            [body, orelse, finally].into_iter().any(|b| has_annotations(b)) || handlers.iter().any(|h| has_annotations(&h.body))
        }
        StmtKind::Match { cases, .. } => cases.iter().any(|c| has_annotations(&c.body)),
        _ => false,
    })
}

/// The namespace that `__annotations__` stands in: a class's own, which is its frame's first slot, or the globals.
struct Home {
    in_class: bool,
    globals: Value,
}

impl Home {
    fn load(&self, fr: &[Value]) -> Value {
        fr.first().filter(|_| self.in_class).unwrap_or(&self.globals).clone()
    }
}

impl Cx<'_> {
    /// The `__annotations__` of the module or class body, which a script may have replaced or deleted.
    pub fn annotations_dict(&mut self) -> Ex {
        let name = self.vm.names.annotations.clone();
        let home = self.annotations_home();
        Box::new(move |vm, fr| match vm.namespace_get(&home.load(fr), &name)? {
            Some(d) => Ok(d),
            None => Err(vm.no_name(&name)),
        })
    }

    /// Makes `__annotations__` where a module or class body begins, unless it is there.
    pub fn set_up_annotations(&mut self) -> St {
        let name = self.vm.names.annotations.clone();
        let home = self.annotations_home();
        Box::new(move |vm, fr| {
            let namespace = home.load(fr);
            if vm.namespace_get(&namespace, &name)?.is_none() {
                vm.namespace_set(&namespace, &name, Value::Obj(Obj::dict(Dict::new())))?;
            }
            Ok(Flow::Next)
        })
    }

    fn annotations_home(&mut self) -> Home {
        let in_class = self.scope.locals.first().is_some_and(|n| &**n == ".namespace");
        Home { in_class, globals: Value::Obj(self.unit.globals.clone()) }
    }
}
