//! The order in which a class and its bases are searched: C3, a metaclass's own `mro()`, and other bases set later.

use std::rc::Rc;

use crate::value::class::flag;
use crate::value::{ClassRef, R, Thrown, Value};
use crate::vm::Vm;

impl Vm {
    /// C3: the resolution order of a class with these bases, without itself.
    pub fn linearise(&mut self, bases: &[ClassRef]) -> R<Vec<ClassRef>> {
        if let [one] = bases {
            return Ok(one.mro_with_self());
        }
        for (i, base) in bases.iter().enumerate() {
            if bases.iter().take(i).any(|b| b.is(base)) {
                let text = format!("duplicate base class {}", base.name());
                return Err(self.type_error(&text));
            }
        }
        let mut lists: Vec<Vec<ClassRef>> = bases.iter().map(ClassRef::mro_with_self).collect();
        lists.push(bases.to_vec());
        let mut order = Vec::new();
        loop {
            lists.retain(|l| !l.is_empty());
            if lists.is_empty() {
                return Ok(order);
            }
            let is_behind = |c: &ClassRef| lists.iter().any(|l| l.iter().skip(1).any(|other| other.is(c)));
            let Some(next) = lists.iter().filter_map(|l| l.first()).find(|c| !is_behind(c)).cloned() else {
                return Err(self.no_order(&lists));
            };
            for list in &mut lists {
                if list.first().is_some_and(|c| c.is(&next)) {
                    list.remove(0);
                }
            }
            order.push(next);
        }
    }

    /// Lets a metaclass that defines `mro()` decide the resolution order.
    pub fn ask_metaclass_for_order(&mut self, class: &ClassRef) -> R<()> {
        let Some(meta) = class.meta.get().cloned() else { return Ok(()) };
        let name = self.names.mro_method.clone();
        let Some((method, _)) = meta.lookup_where(&name).filter(|(_, found)| found.has(flag::HEAP)) else { return Ok(()) };
        let before = class.mro.borrow().clone();
        let given = self.call_hook(&method, &class.into(), &meta, &[])?;
        if !Rc::ptr_eq(&before, &class.mro.borrow()) {
            return Ok(());
        }
        let mut order = Vec::new();
        for item in self.collect(&given)? {
            let Some(c) = item.to_class() else {
                let text = format!("mro() returned a non-class ('{}')", self.class_name(&item));
                return Err(self.type_error(&text));
            };
            if !c.is(class) {
                order.push(c);
            }
        }
        class.mro.replace(order.into());
        Ok(())
    }

    #[cold]
    fn no_order(&mut self, lists: &[Vec<ClassRef>]) -> Thrown {
        let mut heads: Vec<ClassRef> = Vec::new();
        for head in lists.iter().filter_map(|l| l.first()) {
            if !heads.iter().any(|h| h.is(head)) {
                heads.push(head.clone());
            }
        }
        let names: Vec<String> = heads.iter().map(|c| c.name().to_string()).collect();
        self.type_error(&format!("Cannot create a consistent method resolution\norder (MRO) for bases {}", names.join(", ")))
    }

    /// `cls.__bases__ = bases`.
    pub fn rebase(&mut self, class: &ClassRef, bases: &[Value]) -> R<()> {
        let bases = self.check_bases(bases)?;
        if bases.iter().any(|b| b.is_subclass_of(class)) {
            return Err(self.type_error("a __bases__ item causes an inheritance cycle"));
        }
        let best = self.best_base(&bases)?;
        if best.solid != class.solid {
            let old = class.bases.borrow().first().map_or_else(|| "object".into(), |b| b.name());
            let text = format!("__bases__ assignment: '{}' deallocator differs from '{old}'", best.name());
            return Err(self.type_error(&text));
        }
        let (old_bases, mut before) = (class.bases.replace(bases.clone()), Vec::new());
        let result = self.reorder(class, &mut before);
        // A metaclass's `mro()` may have set other bases meanwhile: those stay.
        let now = class.bases.borrow().clone();
        if now.len() != bases.len() || !now.iter().zip(&bases).all(|(a, b)| a.is(b)) {
            return result;
        }
        if let Err(t) = result {
            class.bases.replace(old_bases);
            for (changed, order) in before {
                changed.mro.replace(order);
            }
            return Err(t);
        }
        for old in &old_bases {
            old.subclasses.borrow_mut().retain(|s| s.upgrade().is_some_and(|s| !Rc::ptr_eq(&s, class.obj())));
        }
        for base in &bases {
            base.subclasses.borrow_mut().push(Rc::downgrade(class.obj()));
        }
        class.touch();
        self.refresh_flags(class);
        Ok(())
    }

    /// Finds the orders of a class and of those below it anew; notes what they were before.
    fn reorder(&mut self, class: &ClassRef, before: &mut Vec<(ClassRef, Rc<[ClassRef]>)>) -> R<()> {
        self.enter()?;
        before.push((class.clone(), class.mro.borrow().clone()));
        let bases = class.bases.borrow().clone();
        let mut result = self.linearise(&bases).map(|order| drop(class.mro.replace(order.into())));
        result = result.and_then(|()| self.ask_metaclass_for_order(class));
        let subclasses: Vec<_> = class.subclasses.borrow().iter().filter_map(std::rc::Weak::upgrade).collect();
        for sub in subclasses.iter().filter_map(ClassRef::from_obj) {
            result = result.and_then(|()| self.reorder(&sub, before));
        }
        self.leave();
        result
    }
}
