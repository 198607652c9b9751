//! Where a coroutine's frame stands while it runs, for those who look at it from inside (`repr` of the running task,
//! `cr_frame.f_lineno`). A suspended frame is found by its slots (`Body::waits`); one that runs notes the place of each
//! statement that may call something, by its depth on the stack. Code that is no coroutine notes nothing.

use super::cx::Cx;
use super::{Cond, Ex, St};
use crate::source::{Site, Span};
use crate::syntax::ast::{BinOp, Expr, ExprKind, Stmt, StmtKind};
use crate::value::coro::{Coro, State};
use crate::value::func::CodeKind;
use crate::vm::Vm;

/// What is noted when a node of a coroutine runs.
#[derive(Clone, Copy)]
pub struct Noted {
    /// The place of the statement, or of a call on a later line of it.
    at: u32,
    /// Whether something in it may call out and look.
    is_seen: bool,
    /// Whether it is no more than an `await`, which notes the place itself when it begins.
    is_await: bool,
}

impl Cx<'_> {
    /// The statement that is being linked, for closures that report something about it.
    pub(super) fn here(&self) -> Site {
        Site { source: self.unit.source.clone(), at: self.statement }
    }

    /// What an `await` notes when it begins.
    pub(super) fn note(&self) -> Option<u32> {
        self.noted.map(|n| n.at)
    }

    /// Links a statement that notes its place before it runs, if anything in it may look. Those with blocks do so for
    /// their parts.
    pub(super) fn placed(&mut self, s: &Stmt, link: impl FnOnce(&mut Self) -> St) -> St {
        if self.kind != CodeKind::Coroutine {
            return link(self);
        }
        let (st, is_seen) = self.with_note(s.span, is_await(s), link);
        let at = s.span.start;
        if !is_seen || has_blocks(s) {
            return st;
        }
        Box::new(move |vm, fr| {
            vm.note_place(at);
            st(vm, fr)
        })
    }

    /// Links the test of a branch or loop.
    pub(super) fn placed_cond(&mut self, e: &Expr) -> Cond {
        if self.kind != CodeKind::Coroutine {
            return self.settled_cond(e);
        }
        let (test, is_seen) = self.with_note(e.span, false, |cx| cx.settled_cond(e));
        let at = e.span.start;
        if !is_seen {
            return test;
        }
        Box::new(move |vm, fr| {
            vm.note_place(at);
            test(vm, fr)
        })
    }

    /// Links what stands in the head of a statement with blocks; `is_entered` when more is called than it says.
    pub(super) fn placed_head(&mut self, e: &Expr, is_entered: bool, link: impl FnOnce(&mut Self) -> Ex) -> Ex {
        if self.kind != CodeKind::Coroutine {
            return link(self);
        }
        let (head, is_seen) = self.with_note(e.span, false, link);
        let at = e.span.start;
        if !is_seen && !is_entered {
            return head;
        }
        Box::new(move |vm, fr| {
            vm.note_place(at);
            head(vm, fr)
        })
    }

    /// A block after which its statement goes on: the next round of a loop, the exit of a `with`.
    pub(super) fn returning_here(&mut self, body: St) -> St {
        let Some(noted) = &mut self.noted else { return body };
        noted.is_seen = true;
        let at = noted.at;
        Box::new(move |vm, fr| {
            let r = body(vm, fr);
            vm.note_place(at);
            r
        })
    }

    /// Links an expression that may look: on a line of its own it notes its place, and that of what is around it again.
    pub(super) fn placed_expr(&mut self, e: &Expr) -> Ex {
        let Some(noted) = &mut self.noted else { return self.expr_anywhere(e) };
        if !may_look(&e.kind) {
            return self.expr_anywhere(e);
        }
        noted.is_seen |= !(matches!(e.kind, ExprKind::Await(_)) && std::mem::take(&mut noted.is_await));
        let around = noted.at;
        if self.unit.source.line(e.span.start) == self.unit.source.line(around) {
            return self.expr_anywhere(e);
        }
        let (run, _) = self.with_note(e.span, false, |cx| cx.expr_anywhere(e));
        let at = e.span.start;
        Box::new(move |vm, fr| {
            vm.note_place(at);
            let r = run(vm, fr);
            vm.note_place(around);
            r
        })
    }

    fn with_note<T>(&mut self, span: Span, is_await: bool, link: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let around = self.noted.replace(Noted { at: span.start, is_seen: false, is_await });
        let linked = link(self);
        let noted = std::mem::replace(&mut self.noted, around);
        (linked, noted.is_some_and(|n| n.is_seen))
    }
}

/// Whether a statement is an `await` whose value is bound, returned or forgotten.
fn is_await(s: &Stmt) -> bool {
    let (StmtKind::Expr(value) | StmtKind::Assign { value, .. } | StmtKind::AugAssign { value, .. } | StmtKind::Return(Some(value))) = &s.kind else {
        return false;
    };
    matches!(value.kind, ExprKind::Await(_))
}

/// Whether a statement holds others, which are entered again when the frame goes on.
fn has_blocks(s: &Stmt) -> bool {
    matches!(
        s.kind,
        StmtKind::If { .. } | StmtKind::While { .. } | StmtKind::For { .. } | StmtKind::With { .. } | StmtKind::Try { .. } | StmtKind::Match { .. }
    )
}

/// Whether a node by itself calls something that could ask where the frame stands.
fn may_look(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Call { .. } | ExprKind::Await(_) | ExprKind::FString(_) => true,
        ExprKind::ListComp { .. } | ExprKind::SetComp { .. } | ExprKind::DictComp { .. } => true,
        // Formatting; the remainder of a number is none.
        ExprKind::Binary(BinOp::Mod, _, right) => !matches!(right.kind, ExprKind::Int(_) | ExprKind::Float(_)),
        _ => false,
    }
}

impl Vm {
    /// Notes where the frame that runs at this depth stands: an offset in its source.
    #[inline(always)]
    pub(super) fn note_place(&mut self, at: u32) {
        match self.places.get_mut(self.depth as usize) {
            Some(place) => *place = at,
            None => self.note_deeper(at),
        }
    }

    /// A frame begins one level deeper: what was noted there was another's.
    #[inline(always)]
    pub fn note_beginning(&mut self, at: u32) {
        if let Some(place) = self.places.get_mut(self.depth as usize + 1) {
            *place = at;
        }
    }

    #[cold]
    #[inline(never)]
    fn note_deeper(&mut self, at: u32) {
        self.places.resize(self.depth as usize + 16, 0);
        self.places[self.depth as usize] = at;
    }

    /// Where a frame stands: a running coroutine at what it called, a suspended frame where it was left, any other at its
    /// function. Nothing for coroutines that are not a script's.
    pub fn place_of_frame(&self, coro: &Coro) -> Option<Span> {
        let code = &coro.func()?.code;
        if coro.state.get() != State::Running {
            return coro.place();
        }
        let noted = self.places.get(usize::from(coro.depth.get())).filter(|_| coro.kind == CodeKind::Coroutine);
        Some(noted.map_or(code.span, |&at| Span { start: at, end: at }))
    }
}
