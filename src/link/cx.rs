//! What linking one function needs to know, and the slots it hands out.

use std::rc::{Rc, Weak};

use super::Ex;
use crate::resolve::{Place, Scope, Scopes, mangle};
use crate::source::{Source, Span};
use crate::syntax::ast::{Arg, DictItem, Expr, ExprKind, FPart};
use crate::value::func::{Body, Code, CodeKind};
use crate::value::{Ref, Value};
use crate::vm::Vm;

/// Everything that the functions of one source share.
pub struct Unit {
    pub source: Rc<Source>,
    pub scopes: Scopes,
    /// The global namespace, a dict object.
    pub globals: Ref,
    /// The namespace of builtins.
    pub builtins: Ref,
    /// The names of `asyncio` that extended sources see; empty for plain Python.
    pub prelude: Option<Ref>,
    /// Whether `from __future__ import annotations` is in force.
    pub lazy_annotations: bool,
    /// Whether it imports modules of the program itself.
    pub imports_own: bool,
}

/// Natives that look at the variables of the frame that calls them.
const LOOKING: &[&str] = &["locals", "vars", "dir", "eval", "exec"];

/// The function that is being linked.
pub struct Cx<'a> {
    pub vm: &'a mut Vm,
    pub unit: Rc<Unit>,
    pub scope: Rc<Scope>,
    pub kind: CodeKind,
    /// The code that is being linked, for traceback entries.
    pub code: Weak<Code>,
    /// Whether expression statements show their values.
    pub is_shown: bool,
    /// Whether statements and expressions may suspend at all here.
    pub can_suspend: bool,
    /// Whether the code runs on a thread: then every call may suspend.
    pub threaded: bool,
    /// Slots for progress and saved operands handed out so far.
    temps: usize,
    sticky: usize,
    /// The slots that are full while the frame waits, with the places where it then stands.
    waits: Vec<(usize, Span)>,
    /// The first slot of windows: all slots of the frame lie below.
    slots: usize,
    /// The next free place for a window.
    window: usize,
    max_window: usize,
    /// What the code of a coroutine has noted of where it stands.
    pub(super) noted: Option<super::place::Noted>,
    /// Where the statement begins that is being linked.
    pub(super) statement: u32,
    /// The slot of the dict that `locals()` gives, in frames that may ask for it.
    locals_slot: Option<usize>,
}

impl<'a> Cx<'a> {
    /// A context whose frame has so many slots for progress and saved operands.
    pub fn new(vm: &'a mut Vm, unit: Rc<Unit>, scope: Rc<Scope>, kind: CodeKind, code: Weak<Code>, temps: usize) -> Self {
        let slots = scope.locals.len() + scope.free.len() + temps;
        let can_suspend = kind != CodeKind::Function;
        let is_looked_at = scope.kind != crate::resolve::ScopeKind::Module && LOOKING.iter().any(|n| scope.places.contains_key(*n));
        let mut cx = Self {
            vm,
            unit,
            scope,
            kind,
            code,
            is_shown: false,
            can_suspend,
            threaded: false,
            temps: 0,
            sticky: 0,
            waits: Vec::new(),
            slots,
            window: slots,
            max_window: slots,
            noted: None,
            statement: 0,
            locals_slot: None,
        };
        if is_looked_at {
            cx.locals_slot = Some(cx.temp());
        }
        cx
    }

    /// Makes every call a place where the frame may be left.
    pub fn run_on_threads(&mut self) {
        self.can_suspend = true;
        self.threaded = true;
    }

    /// A slot that survives suspension.
    pub fn temp(&mut self) -> usize {
        self.temps += 1;
        self.scope.locals.len() + self.scope.free.len() + self.temps - 1
    }

    /// The slot that keeps what `locals()` gives: one for the whole frame.
    pub fn locals_slot(&mut self) -> usize {
        match self.locals_slot {
            Some(slot) => slot,
            None => self.temp(),
        }
    }

    /// A slot that keeps its value until the statement that owns it is complete (`Cx::settled`); other slots are
    /// emptied by the node that uses them.
    pub fn sticky_temp(&mut self) -> usize {
        self.sticky += 1;
        self.temp()
    }

    /// How many slots need emptying at the end of their statement.
    pub fn sticky(&self) -> usize {
        self.sticky
    }

    /// A slot that is full while the frame waits at a place.
    pub fn waiting_at(&mut self, span: Span) -> usize {
        let slot = self.temp();
        self.waits.push((slot, span));
        slot
    }

    /// The linked code.
    pub fn finish(self, run: Ex) -> Body {
        let (slots, need) = (self.slots(), self.need());
        Body { run, slots, need, waits: self.waits.into() }
    }

    /// How many such slots were handed out.
    pub fn temps(&self) -> usize {
        self.temps
    }

    /// How many values the frame and its windows need.
    pub fn need(&self) -> usize {
        self.max_window + 8
    }

    /// How many slots belong to the frame.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Links something with a window of `size` values reserved; gives the window's first slot too.
    pub fn with_window<T>(&mut self, size: usize, link: impl FnOnce(&mut Self, usize) -> T) -> T {
        let start = self.window;
        self.window += size;
        self.max_window = self.max_window.max(self.window);
        let result = link(self, start);
        self.window = start;
        result
    }

    /// The next free window, for natives that want the rest of the stack.
    pub fn window(&self) -> usize {
        self.window
    }

    /// A name object, with private names mangled.
    pub fn name(&mut self, name: &str) -> Ref {
        match mangle(self.scope.class_name.as_deref(), name) {
            Some(n) => self.vm.intern(&n),
            None => self.vm.intern(name),
        }
    }

    /// Where a name lives.
    pub fn place(&self, name: &str) -> Place {
        match mangle(self.scope.class_name.as_deref(), name) {
            Some(n) => self.scope.place(&n),
            None => self.scope.place(name),
        }
    }

    /// Whether an expression contains an `await` or `yield` of this frame, or a call of a threaded one.
    pub fn suspends(&self, e: &Expr) -> bool {
        self.can_suspend && self.contains_suspension(e)
    }

    /// The same for several.
    pub fn any_suspends<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> bool {
        self.can_suspend && exprs.into_iter().any(|e| self.contains_suspension(e))
    }

    /// Whether an argument suspends: on a thread what stands behind a star may.
    pub fn arg_suspends(&self, a: &Arg) -> bool {
        (self.threaded && matches!(a, Arg::Star(_))) || self.suspends(arg_value(a))
    }

    fn contains_suspension(&self, e: &Expr) -> bool {
        let any = |items: &[Expr]| items.iter().any(|i| self.contains_suspension(i));
        match &e.kind {
            ExprKind::Await(_) | ExprKind::Yield(_) | ExprKind::YieldFrom(_) => true,
            _ if self.threaded && may_call_script(e) => true,
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) | ExprKind::And(items) | ExprKind::Or(items) => any(items),
            ExprKind::Dict(items) => items.iter().any(|i| match i {
                DictItem::Pair(k, v) => self.contains_suspension(k) || self.contains_suspension(v),
                DictItem::Spread(m) => self.contains_suspension(m),
            }),
            ExprKind::Unary(_, a) | ExprKind::Starred(a) | ExprKind::Attribute { value: a, .. } | ExprKind::Walrus { value: a, .. } => {
                self.contains_suspension(a)
            }
            ExprKind::Binary(_, a, b) | ExprKind::Subscript { value: a, index: b } => self.contains_suspension(a) || self.contains_suspension(b),
            ExprKind::Compare(first, rest) => self.contains_suspension(first) || rest.iter().any(|(_, e)| self.contains_suspension(e)),
            ExprKind::Conditional { test, then, orelse } => [test, then, orelse].into_iter().any(|e| self.contains_suspension(e)),
            ExprKind::Call { func, args } => self.contains_suspension(func) || args.iter().any(|a| self.contains_suspension(arg_value(a))),
            ExprKind::Slice { lower, upper, step } => [lower, upper, step].into_iter().flatten().any(|e| self.contains_suspension(e)),
            ExprKind::FString(parts) => self.parts_suspend(parts),
            ExprKind::ListComp { element, clauses } | ExprKind::SetComp { element, clauses } => {
                self.contains_suspension(&clauses[0].iter) || self.unit.scopes.of(&**element).awaits
            }
            ExprKind::DictComp { key, clauses, .. } => self.contains_suspension(&clauses[0].iter) || self.unit.scopes.of(&**key).awaits,
            ExprKind::Generator { clauses, .. } => self.contains_suspension(&clauses[0].iter),
            _ => false,
        }
    }

    /// Whether a piece of an f-string suspends.
    pub fn parts_suspend(&self, parts: &[FPart]) -> bool {
        parts.iter().any(|p| match p {
            FPart::Text(_) => false,
            FPart::Field { value, spec, .. } => self.contains_suspension(value) || spec.as_ref().is_some_and(|s| self.parts_suspend(s)),
        })
    }
}

/// Whether evaluating an expression itself may call code of a script.
fn may_call_script(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Call { .. }
        | ExprKind::Starred(_)
        | ExprKind::ListComp { .. }
        | ExprKind::SetComp { .. }
        | ExprKind::DictComp { .. }
        | ExprKind::Generator { .. }
        | ExprKind::Binary(..)
        | ExprKind::Compare(..)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Conditional { .. }
        | ExprKind::Attribute { .. }
        | ExprKind::Subscript { .. }
        | ExprKind::Set(_)
        | ExprKind::Dict(_) => true,
        ExprKind::Unary(_, a) => !matches!(a.kind, ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::BigInt(_)),
        ExprKind::FString(parts) => parts.iter().any(|p| matches!(p, FPart::Field { .. })),
        _ => false,
    }
}

/// The expression inside an argument.
pub fn arg_value(a: &Arg) -> &Expr {
    match a {
        Arg::Pos(e) | Arg::Star(e) | Arg::Keyword(_, e) | Arg::DoubleStar(e) => e,
    }
}

/// Marks where a fallible node stands: on failure the place is noted, if it is the innermost.
#[inline(always)]
pub fn located<T>(vm: &mut Vm, span: Span, result: crate::value::R<T>) -> crate::value::R<T> {
    match result {
        Ok(v) => Ok(v),
        Err(t) => Err(vm.at(span, t)),
    }
}

/// Empties a range of slots.
#[inline]
pub fn clear_slots(fr: &mut [Value], from: usize, to: usize) {
    if let Some(slots) = fr.get_mut(from..to) {
        for slot in slots {
            *slot = Value::Unbound;
        }
    }
}
