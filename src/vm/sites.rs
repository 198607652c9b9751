//! Where the calls stand that are under way, as far as code was linked to tell (`link::sites`): for `warnings`, `logging`
//! and what else looks at its callers. Notes come in at each such call and go when it ends; places go out.

use std::rc::{Rc, Weak};

use crate::source::Span;
use crate::value::exc::TraceEntry;
use crate::value::func::Code;
use crate::vm::Vm;

/// A call in a source.
pub struct CallSite {
    pub code: Weak<Code>,
    pub span: Span,
}

/// The calls that are under way.
#[derive(Default)]
pub struct Sites {
    /// Whether code that is linked from now on leaves notes.
    pub wanted: bool,
    /// Each with the depth of calls at which its frame runs.
    stack: Vec<(Rc<CallSite>, u32)>,
}

impl Sites {
    /// A call begins.
    pub fn enter(&mut self, site: Rc<CallSite>, depth: u32) {
        self.stack.push((site, depth));
    }

    /// The call that began last ended, or was suspended.
    pub fn leave(&mut self) {
        self.stack.pop();
    }
}

impl Vm {
    /// Where a frame stands now, if a call in it is under way.
    pub fn place_of_caller(&self, code: &Rc<Code>, depth: u32) -> Option<Span> {
        let in_it = |(site, at): &&(Rc<CallSite>, u32)| *at == depth && std::ptr::eq(site.code.as_ptr(), Rc::as_ptr(code));
        self.sites.stack.iter().rev().find(in_it).map(|(site, _)| site.span)
    }

    /// The frames that calls are under way in, with their depths, the innermost first: the innermost call of each.
    pub fn calling_frames(&self) -> Vec<(TraceEntry, u32)> {
        let mut frames: Vec<(TraceEntry, u32)> = Vec::new();
        for (site, depth) in self.sites.stack.iter().rev() {
            let Some(code) = site.code.upgrade() else { continue };
            // The calls around a call in one expression stand in the same frame.
            let is_same = frames.last().is_some_and(|(f, inner)| depth == inner && Rc::ptr_eq(&f.code, &code));
            if !is_same {
                frames.push((TraceEntry { code, span: site.span, frame: None }, *depth));
            }
        }
        frames
    }
}
