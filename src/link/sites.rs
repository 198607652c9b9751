//! Calls that leave a note where they stand while they run. Code is linked so only in programs whose text names
//! something that looks at its callers; all others pay nothing. What the notes are for is not known here.

use std::rc::Rc;

use super::cx::Cx;
use super::{Ex, St};
use crate::modules::is_built_in;
use crate::resolve::ScopeKind;
use crate::source::Source;
use crate::syntax::ast::{Expr, ExprKind, Stmt, StmtKind};
use crate::value::{R, Value};
use crate::vm::Vm;
use crate::vm::sites::CallSite;

/// Linked code that gives a `T`.
type Linked<T> = Box<dyn Fn(&mut Vm, &mut [Value]) -> R<T>>;

/// What looks at its callers, as programs write it.
const LOOKING: &[&str] = &["warnings", "logging", "inspect", "_getframe", "print_stack", "format_stack", "extract_stack"];

/// Whether a program's text names something that looks at its callers.
pub fn looks_at_callers(source: &Source) -> bool {
    !source.library && LOOKING.iter().any(|word| source.text.contains(word))
}

/// Whether a source imports modules of the program itself: one of those may look at its callers.
pub fn imports_own_modules(source: &Source) -> bool {
    let imported = |line: &str| {
        let rest = line.strip_prefix("import ").or_else(|| line.strip_prefix("from "))?;
        let name = rest.split([' ', '.', ',', ';']).find(|word| !word.is_empty())?;
        Some(!is_built_in(name))
    };
    !source.library && source.text.lines().filter_map(|line| imported(line.trim_start())).any(|is_own| is_own)
}

/// Whether an expression by itself calls something, or runs code with a frame of its own.
fn calls(e: &Expr) -> bool {
    matches!(
        e.kind,
        ExprKind::Call { .. }
            | ExprKind::Await(_)
            | ExprKind::Attribute { .. }
            | ExprKind::ListComp { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::DictComp { .. }
    )
}

/// Whether a statement by itself calls something, as often as it runs and not once for each round of it.
fn calls_once(s: &Stmt) -> bool {
    match &s.kind {
        StmtKind::With { .. } | StmtKind::For { .. } | StmtKind::ClassDef(_) => true,
        StmtKind::FunctionDef(f) => !f.decorators.is_empty(),
        _ => false,
    }
}

/// Code with a note around it.
fn noted<T: 'static>(site: CallSite, inner: Linked<T>) -> Linked<T> {
    let site = Rc::new(site);
    Box::new(move |vm, fr| {
        vm.sites.enter(site.clone(), vm.depth);
        let result = inner(vm, fr);
        vm.sites.leave();
        result
    })
}

impl Cx<'_> {
    fn notes_are_wanted(&self) -> bool {
        (self.vm.sites.wanted && !self.unit.source.library) || (self.unit.imports_own && self.scope.kind == ScopeKind::Module)
    }

    /// An expression's code with a note around it, if it calls something and notes are wanted.
    pub(super) fn sited(&mut self, e: &Expr, inner: Ex) -> Ex {
        if !self.notes_are_wanted() || !calls(e) {
            return inner;
        }
        noted(CallSite { code: self.code.clone(), span: e.span }, inner)
    }

    /// The same for a statement.
    pub(super) fn sited_stmt(&mut self, s: &Stmt, inner: St) -> St {
        if !self.notes_are_wanted() || !calls_once(s) {
            return inner;
        }
        noted(CallSite { code: self.code.clone(), span: s.span }, inner)
    }
}
