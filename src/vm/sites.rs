//! Where the calls stand that are under way, as far as code was linked to tell (`link::sites`): for `warnings`, `logging`
//! and what else looks at its callers. Notes come in at each such call and go when it ends; places go out.

use std::rc::{Rc, Weak};

use crate::source::Span;
use crate::value::exc::TraceEntry;
use crate::value::func::Code;
use crate::vm::Vm;

/// A call in a source.
pub struct Site {
    pub code: Weak<Code>,
    pub span: Span,
}

/// The calls that are under way.
#[derive(Default)]
pub struct Sites {
    /// Whether code that is linked from now on leaves notes.
    pub wanted: bool,
    /// Each with the depth of calls at which its frame runs.
    stack: Vec<(Rc<Site>, u32)>,
}

impl Sites {
    /// A call begins.
    pub fn enter(&mut self, site: Rc<Site>, depth: u32) {
        self.stack.push((site, depth));
    }

    /// The call that began last ended, or was suspended.
    pub fn leave(&mut self) {
        self.stack.pop();
    }
}

impl Vm {
    /// The frames that calls are under way in, the innermost first: one call for each, the innermost of those it makes.
    pub fn calling_frames(&self) -> Vec<TraceEntry> {
        let mut frames: Vec<TraceEntry> = Vec::new();
        let mut inner_depth = None;
        for (site, depth) in self.sites.stack.iter().rev() {
            let Some(code) = site.code.upgrade() else { continue };
            // The calls around a call in one expression stand in the same frame.
            let is_same = inner_depth == Some(*depth) && frames.last().is_some_and(|f| Rc::ptr_eq(&f.code, &code));
            if !is_same {
                frames.push(TraceEntry { code, span: site.span, frame: None });
            }
            inner_depth = Some(*depth);
        }
        frames
    }
}
