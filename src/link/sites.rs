//! Calls that leave a note where they stand while they run. Code is linked so only in programs whose text names
//! something that looks at its callers; all others pay nothing. What the notes are for is not known here.

use std::rc::Rc;

use super::Ex;
use super::cx::Cx;
use crate::modules::is_built_in;
use crate::resolve::ScopeKind;
use crate::source::Source;
use crate::syntax::ast::{Expr, ExprKind};
use crate::vm::sites::CallSite;

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

impl Cx<'_> {
    /// An expression's code with a note around it, if it is a call and notes are wanted.
    pub(super) fn sited(&mut self, e: &Expr, inner: Ex) -> Ex {
        let is_wanted = (self.vm.sites.wanted && !self.unit.source.library) || (self.unit.imports_own && self.scope.kind == ScopeKind::Module);
        if !is_wanted || !matches!(e.kind, ExprKind::Call { .. } | ExprKind::Await(_) | ExprKind::Attribute { .. }) {
            return inner;
        }
        let site = Rc::new(CallSite { code: self.code.clone(), span: e.span });
        Box::new(move |vm, fr| {
            vm.sites.enter(site.clone(), vm.depth);
            let result = inner(vm, fr);
            vm.sites.leave();
            result
        })
    }
}
