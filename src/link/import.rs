//! `import` and `from ... import`.

use super::St;
use super::cx::{Cx, located};
use crate::source::Span;
use crate::syntax::ast::{Alias, Ident};
use crate::value::{Flow, Value};

impl Cx<'_> {
    /// `import a.b as c, d`.
    pub fn import(&mut self, names: &[Alias], span: Span) -> St {
        let mut stmts: Vec<St> = Vec::new();
        for alias in names {
            let name = alias.name.name.clone();
            let name_span = if alias.name.span == Span::default() { span } else { alias.name.span };
            match &alias.asname {
                Some(asname) => {
                    let store = self.store_name(&asname.name);
                    stmts.push(Box::new(move |vm, fr| {
                        let r = vm.import_module(&name);
                        let module = located(vm, name_span, r)?;
                        store(vm, fr, module)?;
                        Ok(Flow::Next)
                    }));
                }
                None => {
                    let top = name.split('.').next().unwrap_or_default().to_owned();
                    let store = self.store_name(&top);
                    stmts.push(Box::new(move |vm, fr| {
                        let r = vm.import_module(&name).and_then(|m| if *name == *top { Ok(m) } else { vm.import_module(&top) });
                        let module = located(vm, name_span, r)?;
                        store(vm, fr, module)?;
                        Ok(Flow::Next)
                    }));
                }
            }
        }
        super::stmt::sequence(stmts)
    }

    /// `from ..a import b as c`.
    pub fn import_from(&mut self, module: Option<&Ident>, names: &[Alias], star: bool, level: u32, span: Span) -> St {
        let text = module.map_or_else(|| "".into(), |m| m.name.clone());
        if &*text == "__future__" {
            return Box::new(|_, _| Ok(Flow::Next));
        }
        let globals = self.unit.globals.clone();
        let in_namespace = self.scope.locals.first().is_some_and(|n| &**n == ".namespace");
        if star {
            return Box::new(move |vm, fr| {
                let r = vm.import_from(&text, level, &globals);
                let module = located(vm, span, r)?;
                let target = match (&fr.first(), in_namespace) {
                    (Some(Value::Obj(o)), true) => o.clone(),
                    _ => globals.clone(),
                };
                let r = vm.import_star(&module, &target);
                located(vm, span, r)?;
                Ok(Flow::Next)
            });
        }
        let mut parts = Vec::new();
        for alias in names {
            let name = self.vm.intern(&alias.name.name);
            let store = self.store_name(&alias.asname.as_ref().unwrap_or(&alias.name).name);
            parts.push((name, store, alias.name.span));
        }
        Box::new(move |vm, fr| {
            let r = vm.import_from(&text, level, &globals);
            let module = located(vm, span, r)?;
            for (name, store, name_span) in &parts {
                let r = vm.import_name(&module, name);
                let v = located(vm, *name_span, r)?;
                store(vm, fr, v)?;
            }
            Ok(Flow::Next)
        })
    }
}
