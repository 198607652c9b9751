//! Exceptions as objects, and tracebacks as the list of places they passed.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::class::ClassRef;
use super::func::Code;
use super::instance::Fields;
use super::{Obj, Ref, Value};
use crate::source::Span;

/// One place that an exception passed: a frame's code and the construct that failed in it.
#[derive(Clone)]
pub struct TraceEntry {
    pub code: Rc<Code>,
    pub span: Span,
    /// The slots that a frame had when the exception left it: they live as long as the traceback.
    pub frame: Option<Rc<[Value]>>,
}

/// A place for the traceback object that scripts see, so that it stays the same one.
pub type Shown = Rc<RefCell<Weak<Obj>>>;

/// An exception object.
pub struct Exc {
    pub class: ClassRef,
    /// The arguments: a tuple.
    pub args: RefCell<Value>,
    pub cause: RefCell<Option<Ref>>,
    pub context: RefCell<Option<Ref>>,
    pub suppress_context: Cell<bool>,
    /// Innermost place first.
    pub trace: RefCell<Vec<TraceEntry>>,
    /// The traceback object that was made last, while something else holds it; parts of a group share it.
    pub shown: RefCell<Option<Shown>>,
    /// Attributes set by scripts, and those of classes that have more (`errno`, `name`, ...).
    pub fields: RefCell<Fields>,
}

impl Exc {
    /// A fresh exception; `args` is a tuple.
    pub fn new(class: ClassRef, args: Value) -> Self {
        Self {
            class,
            args: RefCell::new(args),
            cause: RefCell::new(None),
            context: RefCell::new(None),
            suppress_context: Cell::new(false),
            trace: RefCell::default(),
            shown: RefCell::default(),
            fields: RefCell::default(),
        }
    }

    /// The place for its traceback object.
    pub fn shown_cell(&self) -> Shown {
        self.shown.borrow_mut().get_or_insert_default().clone()
    }

    /// Visits what it holds.
    pub fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
        visit(&self.args.borrow());
        for e in [&self.cause, &self.context] {
            if let Some(e) = &*e.borrow() {
                visit(&Value::Obj(e.clone()));
            }
        }
        if let Ok(f) = self.fields.try_borrow() {
            f.trace(visit);
        }
        if let Ok(t) = self.trace.try_borrow() {
            // A frame that two tracebacks share is counted by neither: it only seems to live longer.
            let own = t.iter().filter_map(|e| e.frame.as_ref()).filter(|f| Rc::strong_count(f) == 1);
            own.flat_map(|f| f.iter()).for_each(visit);
        }
    }

    /// Breaks cycles through it.
    pub fn clear(&self) {
        drop(self.cause.take());
        drop(self.context.take());
        drop(self.fields.take());
        drop(self.trace.take());
    }
}

/// What `__traceback__` shows: the places from `index` inwards.
#[derive(Clone)]
pub struct Traceback {
    /// Outermost place first.
    pub entries: Rc<[TraceEntry]>,
    pub index: usize,
}
