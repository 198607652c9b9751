//! Calling classes: `__new__` makes an instance, `__init__` sets it up.

use crate::value::class::flag;
use crate::value::func::{Builtin, NativeFn};
use crate::value::{ClassRef, Kind, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::call::clear;

impl Vm {
    /// Calls a class: its metaclass's `__call__` if a script defines one, else `__new__` and `__init__`.
    pub fn call_class(&mut self, class: &ClassRef, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        if let Some(def) = class.construct {
            return self.call_constructor(class, def, fr, n, keywords);
        }
        if let Some(meta) = class.meta.get().cloned()
            && meta.has(flag::META_CALL)
            && let Some(call) = meta.lookup(&self.names.call)
        {
            if super::bind::is_binding(&call) {
                return self.call_bound(&call, class, fr, n, keywords);
            }
            let bound = self.bind_descriptor(&call, &class.into(), &meta)?;
            return self.call_other_or_window(&bound, fr, n, keywords);
        }
        self.instantiate(class, fr, n, keywords)
    }

    /// Calls a function with one more argument in front of those in the window.
    pub(super) fn call_bound(&mut self, callee: &Value, first: &ClassRef, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        let total = n + keywords.len();
        if fr.len() <= total {
            return self.on_segment(2 * total + 16, |vm, segment| {
                for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(total)) {
                    *to = from.take();
                }
                vm.call_bound(callee, first, segment, n, keywords)
            });
        }
        fr[total] = first.into();
        fr[..=total].rotate_right(1);
        self.call_other_or_window(callee, fr, n + 1, keywords)
    }

    pub(super) fn call_constructor(&mut self, class: &ClassRef, def: &'static Builtin, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        if n == 1 && keywords.is_empty() && class.is(&self.types.type_) {
            let object = fr[0].take();
            return Ok(self.class_of(&object).into());
        }
        let native = NativeFn { def, owner: None, module: "" };
        if def.shape.class_method {
            return self.construct_of_class(&native, class, fr, n, keywords);
        }
        if keywords.is_empty() { self.call_native(&native, fr, n) } else { self.call_native_keywords(&native, fr, n, keywords) }
    }

    /// Calls the constructor that makes instances of subclasses too: it gets the class in front.
    fn construct_of_class(&mut self, native: &NativeFn, class: &ClassRef, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        let total = n + keywords.len();
        if fr.len() <= total {
            return self.on_segment(2 * total + 16, |vm, segment| {
                for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(total)) {
                    *to = from.take();
                }
                vm.construct_of_class(native, class, segment, n, keywords)
            });
        }
        fr[total] = class.into();
        fr[..=total].rotate_right(1);
        if keywords.is_empty() { self.call_native(native, fr, n + 1) } else { self.call_native_keywords(native, fr, n + 1, keywords) }
    }

    /// `type.__call__`: makes an instance with `__new__` and sets it up with `__init__`.
    pub fn instantiate(&mut self, class: &ClassRef, fr: &mut [Value], n: usize, keywords: &[Ref]) -> R {
        let total = n + keywords.len();
        if fr.len() < 2 * total + 4 {
            return self.on_segment(4 * total + 64, |vm, segment| {
                for (to, from) in segment.iter_mut().zip(fr.iter_mut().take(total)) {
                    *to = from.take();
                }
                vm.instantiate(class, segment, n, keywords)
            });
        }
        let names = self.names.clone();
        let init = class.lookup(&names.init);
        let is_plain = class.solid == crate::value::class::Solid::Object && !class.has(flag::NEW | flag::NO_NEW);
        let obj = if is_plain {
            let has_init = matches!(init.as_ref().and_then(Value::kind), Some(Kind::Func(_)));
            if total > 0 && !has_init && self.is_object_init(init.as_ref()) {
                clear(fr, total);
                let name = class.name();
                return Err(self.type_error(&format!("{name}() takes no arguments")));
            }
            self.new_instance(class).inspect_err(|_| clear(fr, total))?
        } else {
            let Some(new) = class.lookup(&names.new) else {
                clear(fr, total);
                let name = class.name();
                return Err(self.type_error(&format!("cannot create '{name}' instances")));
            };
            for i in 0..total {
                fr[total + 1 + i] = fr[i].clone();
            }
            let new = match new.kind() {
                Some(Kind::StaticMethod(f)) => f.clone(),
                Some(Kind::Func(_) | Kind::NativeFn(_)) => new,
                _ => self.bind_to_class(&new, class)?,
            };
            let made = self.call_bound(&new, class, &mut fr[total + 1..], n, keywords);
            match made {
                Ok(obj) => obj,
                Err(t) => {
                    clear(fr, total);
                    return Err(t);
                }
            }
        };
        let class_now = if is_plain { class.clone() } else { self.class_of(&obj).clone() };
        if !is_plain && !class_now.is_subclass_of(class) {
            clear(fr, total);
            return Ok(obj);
        }
        let init = if is_plain { init } else { class_now.lookup(&names.init) };
        let Some(init) = init.filter(|i| !self.is_object_init(Some(i))) else {
            clear(fr, total);
            return Ok(obj);
        };
        fr[total] = obj.clone();
        fr[..=total].rotate_right(1);
        let result = self.call_other_or_window(&init, fr, n + 1, keywords)?;
        if !result.is_none() {
            let name = self.class_name(&result);
            return Err(self.type_error(&format!("__init__() should return None, not '{name}'")));
        }
        Ok(obj)
    }

    /// Whether this is the `__init__` of `object`, which does nothing.
    pub fn is_object_init(&self, init: Option<&Value>) -> bool {
        match init.and_then(Value::kind) {
            Some(Kind::NativeFn(f)) => f.def.name == "__init__" && f.owner.as_ref().is_some_and(|o| o.is(&self.types.object)),
            _ => init.is_none(),
        }
    }
}
