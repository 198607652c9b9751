//! f-strings: pieces of text and formatted fields, joined.

use std::fmt::Write;
use std::rc::Rc;

use super::Ex;
use super::cx::{Cx, located};
use super::threaded_ops::BareSite;
use crate::source::Span;
use crate::syntax::ast::FPart;
use crate::value::{Kind, R, Value};
use crate::vm::Vm;

/// On a thread: the field's value while it is formatted, and the site of the formatting.
#[derive(Clone, Copy)]
struct Site {
    kept: usize,
    site: BareSite,
}

/// One piece, linked.
enum Piece {
    Text(Rc<str>),
    /// `done` keeps the text of a field while a later one suspends.
    Field {
        value: Ex,
        conversion: Option<char>,
        spec: Spec,
        span: Span,
        done: Option<usize>,
        site: Option<Site>,
    },
}

/// A format specification.
enum Spec {
    None,
    Constant(Rc<str>),
    Computed(Ex),
}

impl Cx<'_> {
    /// Links an f-string.
    pub fn fstring(&mut self, parts: &[FPart], span: Span) -> Ex {
        let pieces = self.fpieces(parts, span);
        Box::new(move |vm, fr| {
            let mut out = String::new();
            for piece in &pieces {
                write_piece(vm, fr, piece, &mut out)?;
            }
            Ok(Value::from(out))
        })
    }

    fn fpieces(&mut self, parts: &[FPart], span: Span) -> Vec<Piece> {
        let suspends_after = |cx: &Self, i: usize| {
            parts.get(i + 1..).unwrap_or_default().iter().any(|p| match p {
                FPart::Text(_) => false,
                FPart::Field { value, .. } => cx.threaded || cx.suspends(value),
            })
        };
        (0..parts.len())
            .map(|i| match &parts[i] {
                FPart::Text(t) => Piece::Text(t.clone()),
                FPart::Field { value, conversion, spec } => {
                    let later = suspends_after(self, i);
                    let field_span = value.span;
                    let done = if later { Some(self.sticky_temp()) } else { None };
                    let spec_suspends = self.can_suspend && spec.as_ref().is_some_and(|s| self.parts_suspend(s));
                    let value = if spec_suspends { self.saved(value) } else { self.expr(value) };
                    let spec = match spec.as_deref() {
                        None | Some([]) => Spec::None,
                        Some([FPart::Text(t)]) => Spec::Constant(t.clone()),
                        Some(parts) => Spec::Computed(self.fstring(parts, span)),
                    };
                    let site = if self.threaded { Some(Site { kept: self.temp(), site: self.bare_site(field_span) }) } else { None };
                    Piece::Field { value, conversion: *conversion, spec, span: field_span, done, site }
                }
            })
            .collect()
    }
}

fn write_piece(vm: &mut Vm, fr: &mut [Value], piece: &Piece, out: &mut String) -> R<()> {
    match piece {
        Piece::Text(t) => out.push_str(t),
        Piece::Field { done: Some(slot), .. } if !fr[*slot].is_unbound() => out.push_str(fr[*slot].as_str().unwrap_or_default()),
        Piece::Field { done: Some(slot), value, conversion, spec, span, site } => {
            let mut text = String::new();
            write_value(vm, fr, (value, *conversion, spec, *span, *site), &mut text)?;
            out.push_str(&text);
            fr[*slot] = Value::from(text);
        }
        Piece::Field { value, conversion, spec, span, site, .. } => write_value(vm, fr, (value, *conversion, spec, *span, *site), out)?,
    }
    Ok(())
}

type Field<'a> = (&'a Ex, Option<char>, &'a Spec, Span, Option<Site>);

fn write_value(vm: &mut Vm, fr: &mut [Value], (value, conversion, spec, span, site): Field<'_>, out: &mut String) -> R<()> {
    let v = match site.map(|s| fr[s.kept].take()) {
        Some(v) if !v.is_unbound() => v,
        _ => value(vm, fr)?,
    };
    if let (None, Spec::None) = (conversion, spec) {
        match v.kind() {
            Some(Kind::Str(s)) => {
                out.push_str(s.as_str());
                return Ok(());
            }
            None => {
                if let Value::Int(i) = v {
                    // Writing to a string does not fail.
                    let _ = write!(out, "{i}");
                    return Ok(());
                }
            }
            _ => {}
        }
    }
    let spec = match spec {
        Spec::None => None,
        Spec::Constant(t) => Some(t.clone()),
        Spec::Computed(e) => {
            let text = e(vm, fr)?;
            Some(text.as_str().unwrap_or_default().into())
        }
    };
    let spec = spec.as_deref().unwrap_or("");
    let r = match site {
        None => write_field(vm, &v, conversion, spec),
        Some(s) => {
            let r = s.site.run(vm, fr, |vm| write_field(vm, &v, conversion, spec));
            if r.is_err() && vm.is_suspending() {
                fr[s.kept] = v;
            }
            r
        }
    };
    out.push_str(&located(vm, span, r)?);
    Ok(())
}

fn write_field(vm: &mut Vm, v: &Value, conversion: Option<char>, spec: &str) -> R<String> {
    let converted = match conversion {
        Some('r') => vm.repr(v)?,
        Some('s') => vm.str(v)?,
        Some('a') => {
            let text = vm.repr(v)?;
            crate::pure::repr::escape_non_ascii(&text)
        }
        _ => return vm.format(v, spec),
    };
    if spec.is_empty() { Ok(converted) } else { vm.format(&Value::from(converted), spec) }
}
