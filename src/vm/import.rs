//! `import`: built-in modules, sibling scripts and packages.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::source::Source;
use crate::types::module::make_module;
use crate::value::{Kind, Obj, R, Ref, Thrown, Value};
use crate::vm::Vm;

/// Where a module's source was found.
enum Found {
    File(PathBuf),
    /// A package: its folder and the file with its body, if it has one.
    Package(PathBuf, Option<PathBuf>),
}

impl Vm {
    /// `import name` (dotted): gives the last module, and binds submodules in their parents.
    pub fn import_module(&mut self, name: &str) -> R {
        if let Some(known) = self.known_module(name)? {
            return Ok(known);
        }
        let mut end = 0;
        let mut module = Value::None;
        for part in name.split('.') {
            end += part.len() + usize::from(end > 0);
            let full = name.get(..end).unwrap_or(name);
            module = self.import_one(full, &module)?;
        }
        Ok(module)
    }

    /// `from level*. module import names`: gives the module to take names from; `globals` says which package asks.
    pub fn import_from(&mut self, module: &str, level: u32, globals: &Ref) -> R {
        if level == 0 {
            return self.import_module(module);
        }
        let package = self.package_of(globals)?;
        let mut base = package.as_str();
        for _ in 1..level {
            match base.rsplit_once('.') {
                Some((parent, _)) => base = parent,
                None => return Err(self.import_error("attempted relative import beyond top-level package")),
            }
        }
        let full = if module.is_empty() { base.to_owned() } else { format!("{base}.{module}") };
        self.import_module(&full)
    }

    /// One name of `from module import name`: an attribute or a submodule.
    pub fn import_name(&mut self, module: &Value, name: &Ref) -> R {
        match self.find_in_module(module, name)? {
            Some(v) => Ok(v),
            None => Err(self.cannot_import(module, name)),
        }
    }

    /// `from module import *` into a namespace.
    pub fn import_star(&mut self, module: &Value, namespace: &Ref) -> R<()> {
        let names = self.names.clone();
        let public: Vec<Ref> = match self.get_attr_opt(module, &names.all)? {
            Some(all) => {
                let mut listed = Vec::new();
                for item in self.collect(&all)? {
                    match item.native() {
                        Value::Obj(o) if o.as_str().is_some() => listed.push(self.intern(o.text())),
                        _ => {
                            let shown = self.get_attr(module, &names.name)?;
                            let text = format!("Item in {}.__all__ must be str, not {}", self.text_of(&shown), self.class_name(&item));
                            return Err(self.type_error(&text));
                        }
                    }
                }
                listed
            }
            None => module_dict(module)
                .map(|d| d.as_dict().map(|d| d.borrow().iter().filter_map(|e| e.key.obj().cloned()).collect()).unwrap_or_default())
                .unwrap_or_default(),
        };
        let has_all = self.get_attr_opt(module, &names.all)?.is_some();
        for name in public.iter().filter(|n| has_all || !n.text().starts_with('_')) {
            let Some(value) = self.find_in_module(module, name)? else { return Err(self.no_attribute(module, name)) };
            if let Some(d) = namespace.as_dict() {
                let old = d.borrow_mut().set_name(name, value);
                drop(old);
            }
        }
        Ok(())
    }

    /// An attribute of a module, or its submodule of that name.
    pub fn find_in_module(&mut self, module: &Value, name: &Ref) -> R<Option<Value>> {
        if let Some(v) = self.get_attr_opt(module, name)? {
            return Ok(Some(v));
        }
        let names = self.names.clone();
        let Some(parent) = self.get_attr_opt(module, &names.name)?.and_then(|n| n.as_str().map(str::to_owned)) else { return Ok(None) };
        let full = format!("{parent}.{}", name.text());
        if let Some(known) = self.known_module(&full)? {
            return Ok(Some(known));
        }
        if self.get_attr_opt(module, &names.path)?.is_none() {
            return Ok(None);
        }
        let result = self.import_one(&full, module);
        let missing = self.types.module_not_found_error.clone();
        match result {
            Err(t) if self.exc_is(&missing) && self.is_missing(&full) => {
                let found = self.catch(&missing, Err(t))?;
                Ok(found)
            }
            other => other.map(Some),
        }
    }

    /// Whether the exception on its way says that just this module is missing.
    fn is_missing(&self, full: &str) -> bool {
        let name = self.exc.as_ref().and_then(|e| super::errors::exc_field(e, &self.names.name_));
        name.as_ref().and_then(Value::as_str) == Some(full)
    }

    /// A module that `sys.modules` has.
    fn known_module(&mut self, full: &str) -> R<Option<Value>> {
        let known = self.modules.as_dict().and_then(|d| d.borrow().get_text(full).cloned());
        match known {
            Some(v) if v.is_none() => Err(self.no_module(full, &format!("import of {full} halted; None in sys.modules"))),
            other => Ok(other),
        }
    }

    fn import_one(&mut self, full: &str, parent: &Value) -> R {
        if let Some(known) = self.known_module(full)? {
            return Ok(known);
        }
        let names = self.names.clone();
        let folders = if parent.is_none() {
            self.search_path()?
        } else if let Some(path) = self.get_attr_opt(parent, &names.path)? {
            self.folders_of(&path)?
        } else {
            let above = full.rsplit_once('.').map_or("", |(p, _)| p);
            return Err(self.no_module(full, &format!("No module named '{full}'; '{above}' is not a package")));
        };
        let tail = full.rsplit_once('.').map_or(full, |(_, t)| t);
        let module = if let Some(fill) = crate::modules::find(full) {
            self.make_built_in(full, fill)
        } else if let Some(library) = crate::modules::find_library(full) {
            self.load_library(library)?
        } else {
            let Some(found) = self.find_source(&folders, tail) else { return Err(self.no_module(full, &format!("No module named '{full}'"))) };
            self.load(full, found)?
        };
        if !parent.is_none() {
            let name = self.intern(tail);
            self.set_attr(parent, &name, module.clone())?;
        }
        Ok(module)
    }

    fn make_built_in(&mut self, full: &str, fill: crate::modules::Fill) -> Value {
        let module = make_module(self, full, Value::None);
        let value = Value::Obj(module.clone());
        self.remember(full, value.clone());
        let package = self.names.package.clone();
        let entries: Vec<(Ref, Value)> = fill(self).into_iter().map(|(name, v)| (self.intern(name), v)).collect();
        if let Some(d) = module_dict(&value).as_ref().and_then(|d| d.as_dict()) {
            let mut d = d.borrow_mut();
            d.set_name(&package, "".into());
            for (name, v) in entries {
                d.set_name(&name, v);
            }
        }
        value
    }

    /// Makes a module of corun's own that is written in the language itself.
    #[cold]
    fn load_library(&mut self, library: &crate::modules::Library) -> R {
        let module = self.make_built_in(library.name, library.natives);
        let Some(globals) = module_dict(&module) else { return Ok(module) };
        let mut source = Source::new(library.file, library.text, false);
        source.library = true;
        // What is being handled is no business of the library's own text.
        let handled = self.handled.take();
        let result = self.run_source(&Rc::new(source), &globals);
        self.handled = handled;
        result?;
        Ok(module)
    }

    fn remember(&self, full: &str, module: Value) {
        if let Some(d) = self.modules.as_dict() {
            let old = d.borrow_mut().set_name(&Obj::str(full), module);
            drop(old);
        }
    }

    /// Makes a module from its source and runs it.
    fn load(&mut self, full: &str, found: Found) -> R {
        let names = self.names.clone();
        let module = make_module(self, full, Value::None);
        let value = Value::Obj(module.clone());
        let Some(globals) = module_dict(&value) else { return Ok(value) };
        let (file, package) = match &found {
            Found::File(file) => (Some(file.clone()), full.rsplit_once('.').map_or("", |(p, _)| p)),
            Found::Package(_, file) => (file.clone(), full),
        };
        if let Some(d) = globals.as_dict() {
            let mut d = d.borrow_mut();
            d.set_name(&names.package, package.into());
            if let Some(file) = &file {
                d.set_name(&names.file, file.to_string_lossy().into_owned().into());
            }
            if let Found::Package(folder, _) = &found {
                d.set_name(&names.path, vec![folder.to_string_lossy().into_owned().into()].into());
            }
        }
        let Some(file) = file else {
            self.remember(full, value.clone());
            return Ok(value);
        };
        let source = self.read_source(&file)?;
        self.remember(full, value.clone());
        self.importing.push(module);
        let result = self.run_source(&source, &globals);
        self.importing.pop();
        if let Err(t) = result {
            if let Some(d) = self.modules.as_dict() {
                let gone = d.borrow_mut().remove_name(&Obj::str(full));
                drop(gone);
            }
            return Err(t);
        }
        // A module may have put another object in its place.
        Ok(self.known_module(full)?.unwrap_or(value))
    }

    fn read_source(&mut self, file: &Path) -> R<Rc<Source>> {
        let shown = file.to_string_lossy().into_owned();
        let bytes = match self.host.read_file(file) {
            Ok(b) => b,
            Err(e) => return Err(self.raise_io_error(&e, Some(&shown.into()))),
        };
        let text = match String::from_utf8(bytes) {
            Ok(t) => t,
            Err(e) => {
                let class = self.types.syntax_error.clone();
                let at = e.utf8_error().valid_up_to();
                let byte = e.as_bytes().get(at).copied().unwrap_or(0);
                return Err(
                    self.raise_new(&class, &format!("(unicode error) 'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: invalid start byte"))
                );
            }
        };
        let is_python = file.extension().is_some_and(|e| e == "py");
        Ok(Rc::new(Source::new(&shown, &text, !is_python)))
    }

    /// The folders of `sys.path`, or those the VM began with while `sys` is not imported.
    fn search_path(&mut self) -> R<Vec<PathBuf>> {
        match self.sys_attr("path") {
            Some(list) => self.folders_of(&list),
            None => Ok(self.path.clone()),
        }
    }

    fn folders_of(&mut self, path: &Value) -> R<Vec<PathBuf>> {
        Ok(self.collect(path)?.iter().filter_map(|p| p.as_str().map(PathBuf::from)).collect())
    }

    fn find_source(&self, folders: &[PathBuf], name: &str) -> Option<Found> {
        let mut bare_folder = None;
        for folder in folders {
            let package = folder.join(name);
            for init in ["__init__.co", "__init__.py"] {
                let file = package.join(init);
                if self.host.is_file(&file) {
                    return Some(Found::Package(package, Some(file)));
                }
            }
            for extension in ["co", "py"] {
                let file = folder.join(format!("{name}.{extension}"));
                if self.host.is_file(&file) {
                    return Some(Found::File(file));
                }
            }
            if bare_folder.is_none() && self.host.is_folder(&package) {
                bare_folder = Some(Found::Package(package, None));
            }
        }
        bare_folder
    }

    /// The package that relative imports in a namespace start from.
    fn package_of(&mut self, globals: &Ref) -> R<String> {
        let names = self.names.clone();
        let get = |name: &Ref| globals.as_dict().and_then(|d| d.borrow().get_name(name).cloned()).filter(|v| !v.is_none());
        let package = match (get(&names.package), get(&names.name), get(&names.path)) {
            (Some(p), _, _) => p.as_str().unwrap_or_default().to_owned(),
            (None, Some(n), Some(_)) => n.as_str().unwrap_or_default().to_owned(),
            (None, Some(n), None) => n.as_str().and_then(|n| n.rsplit_once('.')).map_or_else(String::new, |(p, _)| p.to_owned()),
            (None, None, _) => String::new(),
        };
        if package.is_empty() {
            return Err(self.import_error("attempted relative import with no known parent package"));
        }
        Ok(package)
    }

    #[cold]
    fn no_module(&mut self, full: &str, text: &str) -> Thrown {
        let (class, names) = (self.types.module_not_found_error.clone(), self.names.clone());
        self.raise_with(&class, vec![text.into()], &[(&names.msg, text.into()), (&names.name_, full.into())])
    }

    #[cold]
    fn cannot_import(&mut self, module: &Value, name: &Ref) -> Thrown {
        let names = self.names.clone();
        let get = |vm: &mut Self, what: &Ref| vm.get_attr_opt(module, what).ok().flatten().and_then(|v| v.as_str().map(str::to_owned));
        let label = get(self, &names.name).unwrap_or_else(|| "<unknown module name>".to_owned());
        let file = get(self, &names.file);
        let is_partial = module.obj().is_some_and(|o| self.importing.iter().any(|i| Rc::ptr_eq(i, o)));
        let place = file.clone().unwrap_or_else(|| "unknown location".to_owned());
        let text = if is_partial {
            format!("cannot import name '{}' from partially initialized module '{label}' (most likely due to a circular import) ({place})", name.text())
        } else {
            format!("cannot import name '{}' from '{label}' ({place})", name.text())
        };
        let class = self.types.import_error.clone();
        let file = file.map_or(Value::None, Value::from);
        self.raise_with(&class, vec![text.as_str().into()], &[(&names.msg, text.as_str().into()), (&names.name_, label.into()), (&names.path_, file)])
    }
}

pub fn module_dict(module: &Value) -> Option<Ref> {
    match module.native_kind() {
        Some(Kind::Module(m)) => Some(m.dict.clone()),
        _ => None,
    }
}
