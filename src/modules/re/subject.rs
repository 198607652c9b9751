//! The texts in which patterns look: a `str` as it is, bytes as a text with one character for each byte.

use std::rc::Rc;

use crate::types::bytes::bytes_of;
use crate::value::{Kind, Obj, R, Value};
use crate::vm::Vm;

/// A text that is searched.
#[derive(Clone)]
pub struct Subject {
    pub value: Value,
    /// The text of bytes.
    latin: Option<Rc<str>>,
    /// Whether places in bytes of UTF-8 are places in characters.
    is_narrow: bool,
}

/// Bytes as a text of the same length.
pub fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

/// Part of such a text as bytes again.
fn narrow(text: &str) -> Value {
    Obj::bytes(text.chars().map(|c| c as u8).collect::<Vec<u8>>()).into()
}

impl Subject {
    /// The text of an argument for a pattern of `str` or of bytes.
    pub fn new(vm: &mut Vm, v: &Value, for_bytes: bool) -> R<Self> {
        if let Some(text) = v.as_str() {
            if for_bytes {
                return Err(vm.type_error("cannot use a bytes pattern on a string-like object"));
            }
            let is_narrow = if let Some(Kind::Str(s)) = v.native_kind() { s.is_ascii() } else { text.is_ascii() };
            return Ok(Self { value: v.clone(), latin: None, is_narrow });
        }
        match bytes_of(v) {
            Some(_) if !for_bytes => Err(vm.type_error("cannot use a string pattern on a bytes-like object")),
            Some(bytes) => {
                let is_narrow = bytes.is_ascii();
                Ok(Self { value: v.clone(), latin: Some(latin(&bytes).into()), is_narrow })
            }
            None => {
                let text = format!("expected string or bytes-like object, got '{}'", vm.class_name(v));
                Err(vm.type_error(&text))
            }
        }
    }

    pub fn text(&self) -> &str {
        self.latin.as_deref().or_else(|| self.value.as_str()).unwrap_or_default()
    }

    /// A part as a value of the subject's kind.
    pub fn part(&self, start: usize, end: usize) -> Value {
        let text = self.text();
        let part = text.get(start..end).unwrap_or_default();
        if self.latin.is_some() {
            return narrow(part);
        }
        if part.len() == text.len() && matches!(self.value.kind(), Some(Kind::Str(_))) { self.value.clone() } else { part.into() }
    }

    /// An empty text of the subject's kind.
    pub fn empty(&self) -> Value {
        self.part(0, 0)
    }

    /// Pieces of the subject's kind as one.
    pub fn join(&self, vm: &mut Vm, pieces: Vec<Value>) -> R {
        let name = vm.intern("join");
        let empty = self.empty();
        vm.call_method(&empty, &name, &[pieces.into()])
    }

    /// The place in characters of a place in the text.
    pub fn index(&self, at: usize) -> usize {
        if self.is_narrow { at } else { self.text().get(..at).map_or(0, |t| t.chars().count()) }
    }

    /// The place in the text of a place in characters.
    pub fn place(&self, index: i64) -> usize {
        let text = self.text();
        let index = usize::try_from(index).unwrap_or(0);
        if self.is_narrow { index.min(text.len()) } else { text.char_indices().nth(index).map_or(text.len(), |(i, _)| i) }
    }
}
