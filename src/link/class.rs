//! `class`: a definition's tree comes in; a closure that runs the body in a new namespace and stores what the metaclass
//! makes of it goes out. How a class is made of a namespace is `vm::make_class`'s business.

use super::code::{CodeSpec, docstring};
use super::cx::{Cx, located};
use super::function::{new_function, take_cells};
use super::{Ex, St};
use crate::source::Span;
use crate::syntax::ast::{ClassDef, Stmt};
use crate::value::func::{CodeKind, Func, Params};
use crate::value::{Flow, Value};

impl Cx<'_> {
    /// `class`.
    pub fn class_def(&mut self, def: &ClassDef, span: Span) -> St {
        let suspends = self.any_suspends(def.decorators.iter().chain(def.args.iter().map(super::cx::arg_value)));
        let decorators = self.decorators(&def.decorators, suspends || self.threaded);
        let args = self.collected_args(&def.args, span);
        let scope = self.unit.scopes.of(def);
        let name = self.vm.intern(&def.name.name);
        let qualname = Value::Obj(self.vm.intern(&scope.qualname));
        let doc = docstring(self.vm, &def.body);
        let params = Params { positional: 1, positional_only: 1, ..Params::default() };
        let cell = if scope.needs_class_cell { scope.locals.iter().position(|n| &**n == "__class__") } else { None };
        let spec = CodeSpec { name: name.clone(), scope, kind: CodeKind::Function, params, span: def.name.span, doc: doc.clone() };
        let code = self.eager_code(spec, false, &|cx| cx.class_body(&def.body, &qualname, &doc, cell));
        let cells = self.cells_for(&code.free);
        let store = self.store_name(&def.name.name);
        let head = Span::new(span.start, def.name.span.end);
        if self.threaded {
            let at = self.decorating(def.name.span);
            return Box::new(move |vm, fr| {
                if !at.is_defined(fr) {
                    decorators.evaluate(vm, fr)?;
                }
                let decorated = decorators.apply_on_thread(vm, fr, at, |vm, fr| {
                    let collected = args(vm, fr)?;
                    let closure = take_cells(fr, &cells);
                    let body = Value::Obj(new_function(Func::new(code.clone(), Vec::new(), Vec::new(), closure, Value::None)));
                    let r = vm.apart_from_thread(|vm| vm.build_class(&body, &name, collected.positional, collected.keywords));
                    located(vm, head, r)
                })?;
                store(vm, fr, decorated)?;
                Ok(Flow::Next)
            });
        }
        Box::new(move |vm, fr| {
            let evaluated = decorators.evaluate(vm, fr)?;
            let collected = args(vm, fr)?;
            let closure = take_cells(fr, &cells);
            let body = Value::Obj(new_function(Func::new(code.clone(), Vec::new(), Vec::new(), closure, Value::None)));
            let r = vm.build_class(&body, &name, collected.positional, collected.keywords);
            let class = located(vm, head, r)?;
            let decorated = decorators.apply(vm, &evaluated, class)?;
            store(vm, fr, decorated)?;
            Ok(Flow::Next)
        })
    }

    /// The body of a class: names go to the namespace in slot 0; gives the `__class__` cell, if methods use it.
    fn class_body(&mut self, body: &[Stmt], qualname: &Value, doc: &Value, cell: Option<usize>) -> Ex {
        let names = self.vm.names.clone();
        let module = super::name::Global::new(self, names.name.clone());
        let annotations = super::annotations::has_annotations(body).then(|| self.set_up_annotations());
        let block = self.block(body);
        let (qualname, doc) = (qualname.clone(), doc.clone());
        Box::new(move |vm, fr| {
            let namespace = fr[0].clone();
            if let Ok(module) = module.load(vm) {
                vm.namespace_set(&namespace, &names.module, module)?;
            } else {
                drop(vm.exc.take());
            }
            vm.namespace_set(&namespace, &names.qualname, qualname.clone())?;
            if !doc.is_none() {
                vm.namespace_set(&namespace, &names.doc, doc.clone())?;
            }
            if let Some(set_up) = &annotations {
                set_up(vm, fr)?;
            }
            block(vm, fr)?;
            Ok(cell.map_or(Value::None, |c| fr[c].clone()))
        })
    }
}
