//! `repr` and `str` of any value. Containers are written into one buffer; those that contain themselves show dots.

use std::rc::Rc;

use crate::pure::float_format::repr_complex;
use crate::pure::float_text::repr_f64;
use crate::pure::int_text::to_decimal;
use crate::pure::repr::{repr_bytes, repr_str};
use crate::types::object::{address, class_label, default_repr};
use crate::value::coro::Role;
use crate::value::func::{BoundMethod, Func, NativeFn};
use crate::value::obj::ViewKind;
use crate::value::set::SetObj;
use crate::value::{Kind, R, Ref, Value};
use crate::vm::Vm;
use crate::vm::errors::exc_data;

impl Vm {
    /// `repr(v)`.
    pub fn repr(&mut self, v: &Value) -> R<String> {
        let mut out = String::new();
        self.write_repr(&mut out, v)?;
        Ok(out)
    }

    /// `repr(v)` as a value: what a script's `__repr__` gives stays the object it is.
    pub fn repr_value(&mut self, v: &Value) -> R {
        let name = self.names.repr.clone();
        if matches!(v.kind(), Some(Kind::Instance(_) | Kind::Derived(_)))
            && let Some(method) = self.own_text_method(v, &name)
            && matches!(method.kind(), Some(Kind::Func(_)))
        {
            return self.run_text_method(&method, v, "__repr__");
        }
        Ok(self.repr(v)?.into())
    }

    /// `str(v)` as text.
    pub fn str(&mut self, v: &Value) -> R<String> {
        match v {
            Value::Int(i) => Ok(i.to_string()),
            _ => match v.kind() {
                Some(Kind::Str(s)) => Ok(s.as_str().to_owned()),
                _ => {
                    let text = self.str_value(v)?;
                    Ok(self.text_of(&text))
                }
            },
        }
    }

    /// `str(v)` as a value: a string stays the object it is.
    pub fn str_value(&mut self, v: &Value) -> R {
        let Value::Obj(obj) = v else { return Ok(self.repr(v)?.into()) };
        if matches!(obj.kind, Kind::Str(_)) {
            return Ok(v.clone());
        }
        let name = self.names.str.clone();
        if let Some(method) = self.own_text_method(v, &name) {
            return self.run_text_method(&method, v, "__str__");
        }
        match &obj.kind {
            Kind::Derived(d) if d.base.as_str().is_some() => Ok(d.base.clone()),
            Kind::Proxy(mapping) => self.str_value(mapping),
            Kind::Exc(_) => self.exc_text(obj),
            _ => {
                let name = self.names.repr.clone();
                match self.own_text_method(v, &name) {
                    Some(method) => self.run_text_method(&method, v, "__str__"),
                    None => Ok(self.repr(v)?.into()),
                }
            }
        }
    }

    /// Runs a script's `__str__` or `__repr__`, which must give a string; `asked` is what was asked for.
    fn run_text_method(&mut self, method: &Value, v: &Value, asked: &str) -> R {
        let result = self.run_special(method, v, &[])?;
        if result.as_str().is_some() {
            return Ok(result);
        }
        let text = format!("{asked} returned non-string (type {})", self.class_name(&result));
        Err(self.type_error(&text))
    }

    /// What `BaseException.__str__` gives: the one argument, or all of them.
    pub fn exc_text(&mut self, exc: &Ref) -> R {
        let data = exc_data(exc);
        let args = data.args.borrow().clone();
        match args.as_tuple().unwrap_or_default() {
            [] => Ok(self.empty_str.clone()),
            [one] if data.class.is_subclass_of(&self.types.key_error.clone()) => Ok(self.repr(one)?.into()),
            [one] => self.str_value(one),
            _ => Ok(self.repr(&args)?.into()),
        }
    }

    /// What `BaseException.__repr__` gives.
    pub fn exc_repr(&mut self, exc: &Ref) -> R<String> {
        let data = exc_data(exc);
        let args = data.args.borrow().clone();
        let name = data.class.name();
        match args.as_tuple().unwrap_or_default() {
            [one] => Ok(format!("{name}({})", self.repr(one)?)),
            _ => Ok(format!("{name}{}", self.repr(&args)?)),
        }
    }

    /// A `__repr__` or `__str__` that goes before what the kind does by itself.
    fn own_text_method(&self, v: &Value, name: &Ref) -> Option<Value> {
        self.special(v, name).filter(|m| match m.kind() {
            Some(Kind::NativeFn(f)) => !f.owner.as_ref().is_some_and(|o| o.is(&self.types.base_exception)),
            _ => true,
        })
    }

    /// Appends `repr(v)`.
    pub fn write_repr(&mut self, out: &mut String, v: &Value) -> R<()> {
        match v {
            Value::None | Value::Unbound => out.push_str("None"),
            Value::True => out.push_str("True"),
            Value::False => out.push_str("False"),
            Value::Int(i) => out.push_str(&i.to_string()),
            Value::Float(f) => out.push_str(&repr_f64(f.get())),
            Value::Obj(o) => match &o.kind {
                Kind::Str(s) => out.push_str(&repr_str(s.as_str())),
                _ => return self.write_obj_repr(out, o, v),
            },
        }
        Ok(())
    }

    #[inline(never)]
    fn write_obj_repr(&mut self, out: &mut String, obj: &Ref, v: &Value) -> R<()> {
        let name = self.names.repr.clone();
        if let Some(method) = self.own_text_method(v, &name) {
            self.enter_repr()?;
            let text = self.run_text_method(&method, v, "__repr__");
            self.leave();
            out.push_str(text?.as_str().unwrap_or_default());
            return Ok(());
        }
        self.write_native_repr(out, obj, v)
    }

    /// The repr that a kind has by itself; `v` is the whole object where `obj` is the native value inside it.
    pub fn write_native_repr(&mut self, out: &mut String, obj: &Ref, v: &Value) -> R<()> {
        match &obj.kind {
            Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_) | Kind::Set(_) | Kind::FrozenSet(_) | Kind::View { .. } | Kind::Proxy(_) | Kind::Slice(_) => {
                return self.write_container_repr(out, obj, v);
            }
            Kind::Derived(d) => match &d.base {
                Value::Obj(base) => return self.write_native_repr(out, base, v),
                base => return self.write_repr(out, base),
            },
            Kind::Exc(_) => {
                self.enter_repr()?;
                let text = self.exc_repr(obj);
                self.leave();
                out.push_str(&text?);
                return Ok(());
            }
            Kind::StaticMethod(f) => return self.write_wrapped(out, "<staticmethod(", f, ")>"),
            Kind::ClassMethod(f) => return self.write_wrapped(out, "<classmethod(", f, ")>"),
            Kind::Method(m) => return self.write_method_repr(out, m),
            Kind::Str(s) => out.push_str(&repr_str(s.as_str())),
            Kind::Big(b) => match to_decimal(b, self.int_digits) {
                Ok(text) => out.push_str(&text),
                Err(e) => return Err(self.value_error(&e.message(self.int_digits).unwrap_or_default())),
            },
            Kind::Bytes(b) => out.push_str(&repr_bytes(b)),
            Kind::ByteArray(b) => {
                let name = self.class_name(v);
                let text = repr_bytes(&b.borrow());
                // Other than bytes, a bytearray escapes the single quote between double ones too.
                let text = if text.starts_with("b\"") { text.replace('\'', "\\'") } else { text };
                out.push_str(&format!("{name}({text})"));
            }
            _ => {
                let text = self.plain_repr(obj, v);
                out.push_str(&text);
            }
        }
        Ok(())
    }

    /// Reprs that cannot fail.
    fn plain_repr(&mut self, obj: &Ref, v: &Value) -> String {
        match &obj.kind {
            Kind::Complex(re, im) => repr_complex(*re, *im),
            Kind::Range(r) if r.step == 1 => format!("range({}, {})", r.start, r.stop),
            Kind::Range(r) => format!("range({}, {}, {})", r.start, r.stop, r.step),
            Kind::BigRange(r) => {
                let [start, stop, step] = &**r;
                if *step == 1.into() { format!("range({start}, {stop})") } else { format!("range({start}, {stop}, {step})") }
            }
            Kind::Func(f) => function_repr(f, v),
            Kind::NativeFn(f) => native_function_repr(f, v),
            Kind::Class(_) => match v.to_class() {
                Some(class) => format!("<class '{}'>", class_label(self, &class)),
                None => default_repr(self, v),
            },
            Kind::Module(m) => match m.dict.as_dict().and_then(|d| d.borrow().get_name(&self.names.file).and_then(Value::as_str).map(str::to_owned)) {
                Some(file) => format!("<module '{}' from {}>", m.name, repr_str(&file)),
                None if crate::modules::is_built_in(&m.name) => format!("<module '{}' (built-in)>", m.name),
                None => format!("<module '{}'>", m.name),
            },
            Kind::Coro(c) if c.role != Role::Plain => format!("<{} object at {}>", self.class_name(v), address(v)),
            Kind::Coro(_) => {
                let name = self.coro_name(obj);
                format!("<{} object {name} at {}>", self.class_name(v), address(v))
            }
            Kind::Cell(c) => {
                let inside = c.borrow().clone();
                match inside.given() {
                    Some(inside) => format!("<cell at {}: {} object at {}>", address(v), self.class_name(inside), address(inside)),
                    None => format!("<cell at {}: empty>", address(v)),
                }
            }
            Kind::Member { class, name, .. } => format!("<member '{}' of '{}' objects>", name.text(), class.name()),
            Kind::GetSet { def, class } => format!("<attribute '{}' of '{}' objects>", def.name, class.name()),
            Kind::Super { class, obj: Value::None, .. } => format!("<super: <class '{}'>, NULL>", class.name()),
            Kind::Super { class, start, .. } => format!("<super: <class '{}'>, <{} object>>", class.name(), start.name()),
            Kind::Code(c) => {
                let line = c.source.line(c.span.start);
                format!("<code object {} at {}, file \"{}\", line {line}>", c.name.text(), address(v), c.source.name)
            }
            Kind::Ellipsis => "Ellipsis".to_owned(),
            Kind::NotImplemented => "NotImplemented".to_owned(),
            _ => default_repr(self, v),
        }
    }

    fn enter_repr(&mut self) -> R<()> {
        match self.enter() {
            Ok(()) => Ok(()),
            Err(_) => {
                drop(self.take_exc());
                Err(self.too_deep(" while getting the repr of an object"))
            }
        }
    }

    fn write_wrapped(&mut self, out: &mut String, before: &str, v: &Value, after: &str) -> R<()> {
        out.push_str(before);
        self.write_repr(out, v)?;
        out.push_str(after);
        Ok(())
    }

    fn write_method_repr(&mut self, out: &mut String, m: &BoundMethod) -> R<()> {
        match m.func.kind() {
            Some(Kind::NativeFn(f)) => {
                let what = if is_dunder(f.def.name) && f.owner.is_some() {
                    format!("method-wrapper '{}'", f.def.name)
                } else {
                    format!("built-in method {}", f.def.name)
                };
                out.push_str(&format!("<{what} of {} object at {}>", self.class_name(&m.receiver), address(&m.receiver)));
                Ok(())
            }
            other => {
                let name = match other {
                    Some(Kind::Func(f)) => self.text_of(&f.qualname()),
                    _ => self.name_of_callable(&m.func)?,
                };
                self.write_wrapped(out, &format!("<bound method {name} of "), &m.receiver, ">")
            }
        }
    }

    /// What a bound method of any callable shows as its name.
    fn name_of_callable(&mut self, func: &Value) -> R<String> {
        let names = self.names.clone();
        for name in [&names.qualname, &names.name] {
            if let Some(found) = self.get_attr_opt(func, name)? {
                return Ok(found.as_str().unwrap_or("?").to_owned());
            }
        }
        Ok("?".to_owned())
    }

    fn write_container_repr(&mut self, out: &mut String, obj: &Ref, v: &Value) -> R<()> {
        let whole = v.obj().unwrap_or(obj).clone();
        if self.repr_stack.iter().any(|o| Rc::ptr_eq(o, &whole)) {
            let name;
            out.push_str(match &obj.kind {
                Kind::List(_) => "[...]",
                Kind::Tuple(_) => "(...)",
                Kind::Dict(_) => "{...}",
                Kind::Set(_) | Kind::FrozenSet(_) => {
                    name = format!("{}(...)", self.class_name(v));
                    &name
                }
                _ => "...",
            });
            return Ok(());
        }
        self.enter_repr()?;
        self.repr_stack.push(whole);
        let result = self.write_items(out, obj, v);
        self.repr_stack.pop();
        self.leave();
        result
    }

    fn write_items(&mut self, out: &mut String, obj: &Ref, v: &Value) -> R<()> {
        match &obj.kind {
            Kind::List(l) => {
                out.push('[');
                let mut i = 0;
                while let Some(item) = {
                    let l = l.borrow();
                    l.get(i).cloned()
                } {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    self.write_repr(out, &item)?;
                    i += 1;
                }
                out.push(']');
            }
            Kind::Tuple(t) => {
                out.push('(');
                self.write_joined(out, t)?;
                out.push_str(if t.len() == 1 { ",)" } else { ")" });
            }
            Kind::Dict(_) => self.write_entries(out, obj, '{', '}', |vm, out, key, value| {
                vm.write_repr(out, key)?;
                out.push_str(": ");
                vm.write_repr(out, value)
            })?,
            Kind::View { dict, kind } => {
                out.push_str(&self.class_name(v));
                out.push('(');
                self.write_view_items(out, dict, *kind)?;
                out.push(')');
            }
            Kind::Proxy(inner) => self.write_wrapped(out, "mappingproxy(", inner, ")")?,
            Kind::Slice(s) => {
                out.push_str("slice(");
                self.write_joined(out, &[s.start.clone(), s.stop.clone(), s.step.clone()])?;
                out.push(')');
            }
            Kind::Set(s) | Kind::FrozenSet(s) => self.write_set(out, s, v, matches!(v.kind(), Some(Kind::Set(_))))?,
            _ => unreachable!("only containers come here"),
        }
        Ok(())
    }

    fn write_joined(&mut self, out: &mut String, items: &[Value]) -> R<()> {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write_repr(out, item)?;
        }
        Ok(())
    }

    fn write_set(&mut self, out: &mut String, set: &SetObj, v: &Value, is_plain: bool) -> R<()> {
        let items: Vec<Value> = set.table.borrow().iter().cloned().collect();
        let name = self.class_name(v);
        if items.is_empty() {
            out.push_str(&format!("{name}()"));
            return Ok(());
        }
        if !is_plain {
            out.push_str(&format!("{name}("));
        }
        out.push('{');
        self.write_joined(out, &items)?;
        out.push_str(if is_plain { "}" } else { "})" });
        Ok(())
    }

    fn write_view_items(&mut self, out: &mut String, dict: &Value, kind: ViewKind) -> R<()> {
        let Some(Value::Obj(dict)) = Some(dict.native()).cloned() else { return Ok(()) };
        self.write_entries(out, &dict, '[', ']', |vm, out, key, value| match kind {
            ViewKind::Keys => vm.write_repr(out, key),
            ViewKind::Values => vm.write_repr(out, value),
            ViewKind::Items => {
                out.push('(');
                vm.write_joined(out, &[key.clone(), value.clone()])?;
                out.push(')');
                Ok(())
            }
        })
    }

    fn write_entries(
        &mut self,
        out: &mut String,
        dict: &Ref,
        open: char,
        close: char,
        mut write: impl FnMut(&mut Self, &mut String, &Value, &Value) -> R<()>,
    ) -> R<()> {
        out.push(open);
        let Some(dict) = dict.as_dict() else { unreachable!("only dicts have entries") };
        let (mut place, mut first) = (0, true);
        while let Some((i, key, value)) = {
            let d = dict.borrow();
            d.next_from(place).map(|(i, e)| (i, e.key.clone(), e.value.clone()))
        } {
            if !std::mem::take(&mut first) {
                out.push_str(", ");
            }
            write(self, out, &key, &value)?;
            place = i + 1;
        }
        out.push(close);
        Ok(())
    }
}

fn is_dunder(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__") && name != "__class_getitem__"
}

fn function_repr(f: &Func, v: &Value) -> String {
    format!("<function {} at {}>", f.qualname().as_str().unwrap_or("?"), address(v))
}

fn native_function_repr(f: &NativeFn, v: &Value) -> String {
    match &f.owner {
        Some(owner) if f.is_slot() => format!("<slot wrapper '{}' of '{}' objects>", f.def.name, owner.name()),
        Some(owner) => format!("<method '{}' of '{}' objects>", f.def.name, owner.name()),
        None if matches!(f.def.name, "__new__" | "maketrans") => format!("<built-in method {} of type object at {}>", f.def.name, address(v)),
        None if f.module == "asyncio" => format!("<function {} at {}>", f.def.name, address(v)),
        None => format!("<built-in function {}>", f.def.name),
    }
}
