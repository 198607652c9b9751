//! `obj.__class__ = cls`: an object keeps its fields and its representation, and the VM remembers its other class.

use crate::value::class::{Solid, flag};
use crate::value::{ClassRef, Kind, R, Ref, Thrown, Value, heap};
use crate::vm::Vm;
use crate::vm::attr::fields_of;

impl Vm {
    /// Gives an object another class, if instances of both look alike.
    pub fn move_to_class(&mut self, obj: &Value, old: &ClassRef, new: &ClassRef) -> R<()> {
        let is_script = old.has(flag::HEAP) && new.has(flag::HEAP);
        if !is_script || old.solid == Solid::Exception {
            return Err(self.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses"));
        }
        let (Value::Obj(o), Some((fields, class))) = (obj, fields_of(obj)) else { return Err(self.layouts_differ(old, new)) };
        if !self.is_same_layout(old, new) {
            return Err(self.layouts_differ(old, new));
        }
        // From now on no class's layout tells where the fields are.
        fields.borrow_mut().to_dict(class);
        let id = o.id();
        self.moved.insert(id, new.clone());
        o.head.id.set(o.head.id.get() | heap::MOVED);
        Ok(())
    }

    #[cold]
    fn layouts_differ(&mut self, old: &ClassRef, new: &ClassRef) -> Thrown {
        let text = format!("__class__ assignment: '{}' object layout differs from '{}'", new.name(), old.name());
        self.type_error(&text)
    }

    fn is_same_layout(&self, a: &ClassRef, b: &ClassRef) -> bool {
        let native = |c: &ClassRef| c.mro_with_self().into_iter().find(|c| !c.has(flag::HEAP) && !c.is(&self.types.object));
        let is_same_native = match (native(a), native(b)) {
            (Some(x), Some(y)) => x.is(&y),
            (x, y) => x.is_none() && y.is_none(),
        };
        is_same_native && a.has(flag::NO_DICT) == b.has(flag::NO_DICT) && members(a) == members(b)
    }
}

/// The names of the `__slots__` places of a class's instances.
fn members(class: &ClassRef) -> Vec<String> {
    let mut names = Vec::new();
    for c in class.mro_with_self() {
        let Some(dict) = c.dict().as_dict() else { continue };
        let dict = dict.borrow();
        let own = dict.iter().filter_map(|e| match e.value.kind() {
            Some(Kind::Member { name, .. }) => Some(text(name)),
            _ => None,
        });
        names.extend(own);
    }
    names.sort();
    names
}

fn text(name: &Ref) -> String {
    name.text().to_owned()
}
