//! Keyword arguments of built-in functions: put into the places of their parameters.

use crate::value::dict::Dict;
use crate::value::func::NativeFn;
use crate::value::{Obj, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::call::clear;

impl Vm {
    /// Binds keyword arguments of a built-in and calls it.
    pub(super) fn call_native_keywords(&mut self, f: &NativeFn, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        let (def, total) = (f.def, n + keywords.len());
        let params = def.params();
        let keyword_base = if def.shape.varargs { n.max(params.iter().filter(|p| !p.keyword_only).count()) } else { 0 };
        let size = keyword_base + params.len() + 2;
        let result = if def.shape.method && f.owner.is_some() && !self.is_receiver(f, fr) {
            Err(self.native_arity_error(f, fr, n))
        } else {
            self.on_segment(size + total + 8, |vm, segment| {
                let (mut positional, mut slot_of) = (0, Vec::new());
                for p in &params {
                    let slot = if p.keyword_only && def.shape.varargs { keyword_base + slot_of.len() - positional } else { slot_of.len() };
                    if !p.keyword_only {
                        positional += 1;
                    }
                    slot_of.push(slot);
                }
                for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(n)) {
                    *to = from.take();
                }
                let mut rest = Dict::new();
                let bound = vm.bind_native(f, segment, n, &params, &slot_of, keywords, &mut fr[n..total], &mut rest);
                let result = bound.and_then(|count| {
                    if def.shape.kwargs {
                        let slot = if def.shape.varargs { n + def.shape.params as usize } else { def.shape.params as usize };
                        segment[slot] = Value::Obj(Obj::dict(rest));
                    }
                    (def.call)(vm, segment, count)
                });
                clear(segment, size + total);
                result
            })
        };
        clear(fr, total);
        result
    }

    #[expect(clippy::too_many_arguments, reason = "the one place where a built-in's arguments are put in order")]
    pub(super) fn bind_native(
        &mut self,
        f: &NativeFn,
        segment: &mut [Value],
        n: usize,
        params: &[crate::value::func::Param],
        slot_of: &[usize],
        keywords: &[Ref],
        values: &mut [Value],
        rest: &mut Dict,
    ) -> R<usize> {
        let def = f.def;
        self.check_native_keywords(f, segment, n, keywords)?;
        let mut count = n;
        let mut fault = None;
        for (name, value) in keywords.iter().zip(values) {
            match params.iter().position(|p| p.name == name.text() && !p.positional_only) {
                Some(i) => {
                    let slot = &mut segment[slot_of[i]];
                    if !slot.is_unbound() {
                        let text =
                            format!("argument for {}() given by name ('{}') and position ({})", def.name, name.text(), i + 1 - usize::from(def.shape.method));
                        fault.get_or_insert(text);
                        continue;
                    }
                    *slot = value.take();
                    if !params[i].keyword_only {
                        count = count.max(i + 1);
                    }
                }
                None if def.shape.kwargs => {
                    rest.set_name(name, value.take());
                }
                None => fault = fault.or_else(|| Some(self.unknown_keyword(f, name.text()))),
            }
        }
        for (i, p) in params.iter().enumerate() {
            if p.required && segment[slot_of[i]].is_unbound() {
                if p.keyword_only {
                    let text = format!("{}() missing required keyword-only argument: '{}'", def.name, p.name);
                    return Err(self.type_error(&text));
                }
                return Err(self.native_missing_error(f, i, p.name, count));
            }
        }
        match fault {
            Some(text) => Err(self.type_error(&text)),
            None => Ok(count),
        }
    }
}
