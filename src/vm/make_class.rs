//! Class statements and `type(name, bases, namespace)`: resolution order, metaclass, hooks, flags.

use std::rc::Rc;

use crate::types::object;
use crate::value::class::{Solid, flag};
use crate::value::dict::Dict;
use crate::value::instance::Instance;
use crate::value::{Class, ClassRef, Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;

impl Vm {
    /// An instance of a script's class whose base is `object`, without attributes.
    #[inline]
    pub fn new_instance(&mut self, class: &ClassRef) -> R {
        if class.has(flag::ABSTRACT) {
            return Err(self.is_abstract(class));
        }
        Ok(Obj::tracked(Kind::Instance(Instance { class: class.clone(), fields: std::cell::RefCell::default() })).into())
    }

    #[cold]
    #[inline(never)]
    fn is_abstract(&mut self, class: &ClassRef) -> Thrown {
        let methods = class.own(&self.names.abstract_methods).unwrap_or(Value::None);
        let mut names = match self.collect(&methods) {
            Ok(items) => items.iter().map(|v| self.text_of(v)).collect::<Vec<_>>(),
            Err(t) => return t,
        };
        names.sort();
        let text =
            format!("Can't instantiate abstract class {} with abstract method{} {}", class.name(), if names.len() == 1 { "" } else { "s" }, names.join(", "));
        self.type_error(&text)
    }

    /// The class statement: calculates the metaclass, runs `body` (a function whose frame is the namespace it is given
    /// as its only argument and which returns the `__class__` cell or `None`), makes the class.
    pub fn build_class(&mut self, body: &Value, name: &Ref, bases: Vec<Value>, mut keywords: Vec<(Ref, Value)>) -> R {
        let names = self.names.clone();
        let (bases, replaced) = self.resolve_bases(bases)?;
        let explicit = keywords.iter().position(|(n, _)| n.text() == "metaclass").map(|i| keywords.remove(i).1);
        let mut meta = explicit.unwrap_or_else(|| bases.first().map_or_else(|| (&self.types.type_).into(), |b| self.class_of(b).into()));
        if let Some(m) = meta.to_class() {
            meta = self.common_metaclass(&m, &bases)?.into();
        }
        let bases_tuple: Value = Obj::tuple(bases.clone()).into();
        let is_type = meta.obj().is_some_and(|o| Rc::ptr_eq(o, self.types.type_.obj()));
        let namespace = if is_type { Obj::dict(Dict::new()).into() } else { self.prepare_namespace(&meta, name, &bases_tuple, &keywords)? };
        self.fill_class_namespace(body, &namespace)?;
        let cell = self.call(body, std::slice::from_ref(&namespace))?;
        if let Some(original) = replaced {
            self.set_in_namespace(&namespace, &names.orig_bases, original)?;
        }
        if is_type {
            let Value::Obj(dict) = &namespace else { unreachable!("a fresh namespace is a dict") };
            if !cell.is_none()
                && let Some(d) = dict.as_dict()
            {
                d.borrow_mut().set_name(&names.classcell, cell);
            }
            let type_ = self.types.type_.clone();
            return self.make_class_in(&type_, name.text(), &bases, dict.clone(), &keywords);
        }
        if !cell.is_none() {
            self.set_in_namespace(&namespace, &names.classcell, cell.clone())?;
        }
        let class = self.call_with(&meta, &[name.clone().into(), bases_tuple, namespace], &keywords)?;
        self.check_class_cell(&cell, name, &class)?;
        Ok(class)
    }

    /// Complains where the metaclass did not let the class's own methods know it.
    fn check_class_cell(&mut self, cell: &Value, name: &Ref, class: &Value) -> R<()> {
        let (Some(Kind::Cell(c)), Some(_)) = (cell.kind(), class.to_class()) else { return Ok(()) };
        let inside = c.borrow().clone();
        if inside.is(class) {
            return Ok(());
        }
        let (name, shown) = (self.repr(&name.clone().into())?, self.repr(class)?);
        if inside.is_unbound() {
            return Err(self.runtime_error(&format!("__class__ not set defining {name} as {shown}. Was __classcell__ propagated to type.__new__?")));
        }
        let inside = self.repr(&inside)?;
        Err(self.type_error(&format!("__class__ set to {inside} defining {name} as {shown}")))
    }

    /// Names that every class body begins with.
    fn fill_class_namespace(&mut self, body: &Value, namespace: &Value) -> R<()> {
        let names = self.names.clone();
        if let Some(Kind::Func(f)) = body.kind() {
            let module = f.code.globals.as_dict().and_then(|d| d.borrow().get_name(&names.name).cloned());
            self.set_in_namespace(namespace, &names.module, module.unwrap_or_else(|| "builtins".into()))?;
            self.set_in_namespace(namespace, &names.qualname, f.code.qualname.clone().into())?;
        }
        Ok(())
    }

    fn set_in_namespace(&mut self, namespace: &Value, name: &Ref, value: Value) -> R<()> {
        if let Some(Kind::Dict(d)) = namespace.kind() {
            let old = d.borrow_mut().set_name(name, value);
            drop(old);
            return Ok(());
        }
        self.set_item(namespace, &name.clone().into(), value)
    }

    /// Replaces bases that are no classes by what their `__mro_entries__` gives; also the original bases, if any was.
    fn resolve_bases(&mut self, bases: Vec<Value>) -> R<(Vec<Value>, Option<Value>)> {
        if bases.iter().all(|b| b.as_class().is_some()) {
            return Ok((bases, None));
        }
        let names = self.names.clone();
        let original: Value = Obj::tuple(bases.clone()).into();
        let (mut resolved, mut changed) = (Vec::new(), false);
        for base in bases {
            if base.as_class().is_none()
                && let Some(hook) = self.get_attr_opt(&base, &names.mro_entries)?
            {
                let entries = self.call(&hook, std::slice::from_ref(&original))?;
                let Some(entries) = entries.as_tuple() else { return Err(self.type_error("__mro_entries__ must return a tuple")) };
                resolved.extend(entries.iter().cloned());
                changed = true;
            } else {
                resolved.push(base);
            }
        }
        Ok((resolved, changed.then_some(original)))
    }

    /// The most derived of the given metaclass and those of the bases.
    pub fn common_metaclass(&mut self, given: &ClassRef, bases: &[Value]) -> R<ClassRef> {
        let mut winner = given.clone();
        for base in bases {
            let meta = self.class_of(base).clone();
            if winner.is_subclass_of(&meta) {
                continue;
            }
            if !meta.is_subclass_of(&winner) {
                return Err(
                    self.type_error("metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases")
                );
            }
            winner = meta;
        }
        Ok(winner)
    }

    fn prepare_namespace(&mut self, meta: &Value, name: &Ref, bases: &Value, keywords: &[(Ref, Value)]) -> R {
        let names = self.names.clone();
        let Some(prepare) = self.get_attr_opt(meta, &names.prepare)? else { return Ok(Obj::dict(Dict::new()).into()) };
        let namespace = self.call_with(&prepare, &[name.clone().into(), bases.clone()], keywords)?;
        let is_mapping = matches!(namespace.native_kind(), Some(Kind::Dict(_))) || self.class_of(&namespace).lookup(&names.getitem).is_some();
        if !is_mapping {
            let label = meta.as_class().map_or_else(|| "<metaclass>".into(), Class::name);
            let text = format!("{label}.__prepare__() must return a mapping, not {}", self.class_name(&namespace));
            return Err(self.type_error(&text));
        }
        Ok(namespace)
    }

    /// `type(name, bases, namespace)` with a metaclass; the namespace is copied.
    pub fn make_class(&mut self, meta: &ClassRef, name: &str, bases: &[Value], namespace: &Ref, keywords: &[(Ref, Value)]) -> R {
        let copy = namespace.as_dict().map(|d| d.borrow().copy()).unwrap_or_default();
        self.make_class_in(meta, name, bases, Obj::dict(copy), keywords)
    }

    /// The same; the namespace becomes the class's own.
    fn make_class_in(&mut self, meta: &ClassRef, name: &str, bases: &[Value], dict: Ref, keywords: &[(Ref, Value)]) -> R {
        let meta = self.common_metaclass(meta, bases)?;
        if name.contains('\0') {
            return Err(self.value_error("type name must not contain null characters"));
        }
        let bases = self.check_bases(bases)?;
        let best = self.best_base(&bases)?;
        let mro = self.linearise(&bases)?;
        let class = Class::new(name, bases.clone(), mro, dict, best.solid);
        class.flags.set(flag::HEAP);
        if !meta.is(&self.types.type_) {
            drop(class.meta.set(meta));
        }
        let class = ClassRef::new(class);
        let cell = self.tidy_namespace(&class)?;
        self.add_slots(&class, &best)?;
        if let Some(Kind::Cell(c)) = cell.as_ref().and_then(Value::kind) {
            drop(c.replace((&class).into()));
        }
        self.ask_metaclass_for_order(&class)?;
        if bases.iter().any(|b| b.has(flag::MEMBERS)) {
            class.set_flag(flag::MEMBERS);
        }
        for base in &bases {
            base.subclasses.borrow_mut().push(Rc::downgrade(class.obj()));
        }
        self.refresh_flags(&class);
        self.name_descriptors(&class)?;
        self.tell_parent(&class, keywords)?;
        Ok(class.into())
    }

    pub fn check_bases(&mut self, bases: &[Value]) -> R<Vec<ClassRef>> {
        if bases.is_empty() {
            return Ok(vec![self.types.object.clone()]);
        }
        let mut classes = Vec::with_capacity(bases.len());
        for base in bases {
            let Some(class) = base.to_class() else {
                if self.class_of(base).lookup(&self.names.mro_entries).is_some() {
                    return Err(self.type_error("type() doesn't support MRO entry resolution; use types.new_class()"));
                }
                return Err(self.type_error("bases must be types"));
            };
            if class.has(flag::FINAL) {
                let text = format!("type '{}' is not an acceptable base type", class.name());
                return Err(self.type_error(&text));
            }
            classes.push(class);
        }
        Ok(classes)
    }

    /// The base whose instances' representation the new class has.
    pub fn best_base(&mut self, bases: &[ClassRef]) -> R<ClassRef> {
        let Some((first, rest)) = bases.split_first() else { return Ok(self.types.object.clone()) };
        let (mut best, mut winner) = (first.clone(), self.solid_base(first));
        for base in rest {
            let candidate = self.solid_base(base);
            if winner.is_subclass_of(&candidate) {
                continue;
            }
            if !candidate.is_subclass_of(&winner) {
                return Err(self.type_error("multiple bases have instance lay-out conflict"));
            }
            (best, winner) = (base.clone(), candidate);
        }
        Ok(best)
    }

    /// The nearest class that adds to its instances' representation.
    fn solid_base(&self, class: &ClassRef) -> ClassRef {
        class.mro_with_self().into_iter().find(|c| self.adds_layout(c)).unwrap_or_else(|| self.types.object.clone())
    }

    fn adds_layout(&self, class: &ClassRef) -> bool {
        if class.is(&self.types.object) {
            return true;
        }
        let has = |wanted: fn(&Kind) -> bool| class.dict().as_dict().is_some_and(|d| d.borrow().iter().any(|e| e.value.kind().is_some_and(wanted)));
        if class.has(flag::HEAP) {
            return has(|k| matches!(k, Kind::Member { .. }));
        }
        class.solid != Solid::Exception || class.is(&self.types.base_exception) || has(|k| matches!(k, Kind::GetSet { .. }))
    }

    /// Takes out of the namespace what does not stay there, wraps implicit class and static methods; gives the cell.
    fn tidy_namespace(&mut self, class: &ClassRef) -> R<Option<Value>> {
        let names = self.names.clone();
        let Some(dict) = class.dict().as_dict() else { return Ok(None) };
        let qualname = dict.borrow_mut().remove_name(&names.qualname);
        if let Some(q) = qualname {
            let Some(text) = q.as_str() else {
                let text = format!("type __qualname__ must be a str, not {}", self.class_name(&q));
                return Err(self.type_error(&text));
            };
            class.qualname.replace(Some(text.into()));
        }
        let cell = dict.borrow_mut().remove_name(&names.classcell);
        if let Some(c) = &cell
            && !matches!(c.kind(), Some(Kind::Cell(_)))
        {
            let shown = self.class_of(c).clone();
            let shown = self.repr(&shown.into())?;
            return Err(self.type_error(&format!("__classcell__ must be a nonlocal cell, not {shown}")));
        }
        let has_module = dict.borrow().get_name(&names.module).is_some();
        if !has_module {
            let module = self.caller_module();
            dict.borrow_mut().set_name(&names.module, module);
        }
        for (name, is_static) in [(&names.new, true), (&names.init_subclass, false), (&names.class_getitem, false)] {
            let own = dict.borrow().get_name(name).cloned();
            if let Some(f) = own.filter(|f| matches!(f.kind(), Some(Kind::Func(_)))) {
                let wrapped = Obj::new(if is_static { Kind::StaticMethod(f) } else { Kind::ClassMethod(f) });
                dict.borrow_mut().set_name(name, wrapped.into());
            }
        }
        let has_eq = dict.borrow().get_name(&names.eq).is_some();
        let has_hash = dict.borrow().get_name(&names.hash).is_some();
        if has_eq && !has_hash {
            dict.borrow_mut().set_name(&names.hash, Value::None);
        }
        Ok(cell)
    }

    /// `__name__` of whoever called a built-in that looks at its caller.
    pub fn caller_module(&self) -> Value {
        let found = self.caller.as_ref().and_then(|c| c.globals.as_dict().and_then(|d| d.borrow().get_name(&self.names.name).cloned()));
        found.unwrap_or_else(|| "__main__".into())
    }

    /// Member descriptors for `__slots__`, else `__dict__` and `__weakref__`; and `__doc__`.
    fn add_slots(&mut self, class: &ClassRef, best: &ClassRef) -> R<()> {
        let names = self.names.clone();
        let Some(dict) = class.dict().as_dict() else { return Ok(()) };
        let slots = dict.borrow().get_name(&names.slots).cloned();
        let base_has_dict = class.bases.borrow().iter().any(has_dict);
        let (mut wants_dict, mut wants_weakref) = (!base_has_dict, !base_has_dict);
        if let Some(slots) = slots {
            let items = if slots.as_str().is_some() { vec![slots] } else { self.collect(&slots)? };
            if !items.is_empty() && best.solid == Solid::Builtin && is_variable_size(&self.types, best) {
                let text = format!("nonempty __slots__ not supported for subtype of '{}'", best.name());
                return Err(self.type_error(&text));
            }
            (wants_dict, wants_weakref) = self.add_members(class, &items, base_has_dict)?;
            if !wants_dict && !base_has_dict {
                class.set_flag(flag::NO_DICT);
            }
        }
        let is_object = matches!(class.solid, Solid::Object | Solid::Builtin) && !is_variable_size(&self.types, best);
        for (wanted, def) in [(wants_dict, &object::DICT), (wants_weakref && is_object, &object::WEAKREF)] {
            if wanted {
                let getset = Obj::new(Kind::GetSet { def, class: class.clone() });
                dict.borrow_mut().set_name(&Obj::str(def.name), getset.into());
            }
        }
        let has_doc = dict.borrow().get_name(&names.doc).is_some();
        if !has_doc {
            dict.borrow_mut().set_name(&names.doc, Value::None);
        }
        class.touch();
        Ok(())
    }

    /// Adds the descriptors; says whether `__dict__` and `__weakref__` are among the slots.
    fn add_members(&mut self, class: &ClassRef, items: &[Value], base_has_dict: bool) -> R<(bool, bool)> {
        let Some(dict) = class.dict().as_dict() else { return Ok((false, false)) };
        let (mut wants_dict, mut wants_weakref) = (false, false);
        let mut members = Vec::new();
        for item in items {
            let Some(text) = item.as_str() else {
                let text = format!("__slots__ items must be strings, not '{}'", self.class_name(item));
                return Err(self.type_error(&text));
            };
            if !is_identifier(text) {
                return Err(self.type_error("__slots__ must be identifiers"));
            }
            match text {
                "__dict__" if wants_dict || base_has_dict => return Err(self.type_error("__dict__ slot disallowed: we already got one")),
                "__dict__" => wants_dict = true,
                "__weakref__" if wants_weakref => return Err(self.type_error("__weakref__ slot disallowed: either we already got one, or __itemsize__ != 0")),
                "__weakref__" => wants_weakref = true,
                _ => members.push(mangle(text, &class.name())),
            }
        }
        members.sort();
        members.dedup();
        if !members.is_empty() {
            class.set_flag(flag::MEMBERS);
        }
        for text in members {
            let name = self.intern(&text);
            if dict.borrow().get_name(&name).is_some() {
                return Err(self.value_error(&format!("'{text}' in __slots__ conflicts with class variable")));
            }
            let member = Obj::new(Kind::Member { class: class.clone(), name: name.clone(), slot: std::cell::Cell::new(0) });
            dict.borrow_mut().set_name(&name, member.into());
        }
        Ok((wants_dict, wants_weakref))
    }

    /// Computes the flags of a class and its subclasses from what their look-ups find.
    pub fn refresh_flags(&mut self, class: &ClassRef) {
        let names = self.names.clone();
        let hooks = [
            (&names.del, flag::DEL),
            (&names.getattribute, flag::GETATTRIBUTE),
            (&names.getattr, flag::GETATTR),
            (&names.setattr, flag::SETATTR),
            (&names.delattr, flag::DELATTR),
            (&names.eq, flag::EQ),
            (&names.hash, flag::HASH),
            (&names.bool, flag::TRUTH),
            (&names.len, flag::TRUTH),
            (&names.new, flag::NEW),
            (&names.call, flag::META_CALL),
        ];
        let all = hooks.iter().fold(0, |bits, (_, bit)| bits | bit);
        let mut flags = class.flags.get() & !all;
        for (name, bit) in hooks {
            let is_script = |(_, found): &(Value, ClassRef)| found.has(flag::HEAP);
            if (bit != flag::META_CALL || class.solid == Solid::Type) && class.lookup_where(name).as_ref().is_some_and(is_script) {
                flags |= bit;
            }
        }
        class.flags.set(flags);
        let subclasses: Vec<_> = class.subclasses.borrow().iter().filter_map(std::rc::Weak::upgrade).collect();
        for sub in subclasses.iter().filter_map(ClassRef::from_obj) {
            self.refresh_flags(&sub);
        }
    }

    /// `__set_name__` of everything in the namespace.
    fn name_descriptors(&mut self, class: &ClassRef) -> R<()> {
        let names = self.names.clone();
        let entries: Vec<(Value, Value)> =
            class.dict().as_dict().map(|d| d.borrow().iter().map(|e| (e.key.clone(), e.value.clone())).collect()).unwrap_or_default();
        for (key, value) in entries {
            if !matches!(value.kind(), Some(Kind::Instance(_) | Kind::Derived(_) | Kind::Native(_) | Kind::Property(_) | Kind::Class(_))) {
                continue;
            }
            let of = self.class_of(&value).clone();
            let Some(hook) = of.lookup(&names.set_name) else { continue };
            if let Err(t) = self.call_hook(&hook, &value, &of, &[class.into(), key.clone()]) {
                return Err(self.wrap_set_name_error(t, &of, &key, class));
            }
        }
        Ok(())
    }

    #[cold]
    fn wrap_set_name_error(&mut self, thrown: Thrown, of: &ClassRef, key: &Value, class: &ClassRef) -> Thrown {
        if self.is_suspending() || self.abort.is_some() {
            return thrown;
        }
        let cause = self.take_exc();
        let shown = match self.repr(key) {
            Ok(s) => s,
            Err(t) => return t,
        };
        let text = format!("Error calling __set_name__ on '{}' instance {shown} in '{}'", of.name(), class.name());
        let error = self.types.runtime_error.clone();
        let exc = self.new_exc(&error, vec![text.into()]);
        if let Kind::Exc(e) = &exc.kind {
            e.cause.replace(Some(cause.clone()));
            e.context.replace(Some(cause));
            e.suppress_context.set(true);
        }
        self.rethrow(exc)
    }

    /// `super(cls, cls).__init_subclass__(**keywords)`.
    fn tell_parent(&mut self, class: &ClassRef, keywords: &[(Ref, Value)]) -> R<()> {
        let names = self.names.clone();
        let Some(hook) = super::bind::super_lookup(class, class, &names.init_subclass) else { return Ok(()) };
        if keywords.is_empty() && matches!(hook.kind(), Some(Kind::ClassMethod(f)) if matches!(f.kind(), Some(Kind::NativeFn(_)))) {
            return Ok(());
        }
        let bound = self.bind_to_class(&hook, class)?;
        self.call_with(&bound, &[], keywords).map(drop)
    }
}

/// Whether a class's instances have a `__dict__`.
fn has_dict(class: &ClassRef) -> bool {
    if class.has(flag::HEAP) { !class.has(flag::NO_DICT) } else { matches!(class.solid, Solid::Exception | Solid::Type) }
}

/// Built-in types whose instances vary in size cannot have slots added.
fn is_variable_size(types: &super::Types, class: &ClassRef) -> bool {
    [&types.int, &types.tuple, &types.bytes, &types.type_].into_iter().any(|t| class.is_subclass_of(t))
}

/// A private name as class bodies see it.
pub fn mangle(name: &str, class: &str) -> String {
    let class = class.trim_start_matches('_');
    if name.starts_with("__") && !name.ends_with("__") && !class.is_empty() { format!("_{class}{name}") } else { name.to_owned() }
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c)) && chars.all(unicode_ident::is_xid_continue)
}
