//! Running whole programs: a source goes in, its effects and an exit status come out. Everything that the command line
//! and the REPL share stands here; it knows nothing of options, prompts or processes.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::event_loop::clock::Clock;
use crate::event_loop::interrupt::Waker;
use crate::event_loop::run::Runner;
use crate::host::Host;
use crate::link::program::{Mode, Setting, compile, run_code};
use crate::report;
use crate::source::Source;
use crate::types::exception::{field, get_traceback};
use crate::types::module::make_module;
use crate::value::func::CodeKind;
use crate::value::{Kind, Obj, R, Ref, Value};
use crate::vm::errors::exc_class;
use crate::vm::{Abort, FUEL_PER_CHECK, Limits, Vm};

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitStatus {
    /// It came to its end.
    Finished,
    /// An exception was not caught, or the source is not a program.
    Failed,
    /// The command line makes no sense, or a file cannot be read.
    Usage,
    /// Nothing was ready and no timer was set.
    Deadlock,
    /// A limit was exceeded.
    Limit,
    /// Ctrl-C.
    Interrupted,
    /// The script chose its status.
    Chosen(u8),
}

impl ExitStatus {
    /// The number that the process gives to its parent.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Finished => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Deadlock => 3,
            Self::Limit => 4,
            Self::Interrupted => 130,
            Self::Chosen(n) => n,
        }
    }
}

/// What surrounds a run.
pub struct Options {
    pub clock: Clock,
    /// The seed of unseeded randomness on the virtual clock.
    pub seed: u64,
    /// Nested calls at most.
    pub recursion_limit: u32,
    /// Steps (calls and rounds of loops) at most, checked every few thousand steps.
    pub max_steps: Option<u64>,
    /// Whether reports may use colours.
    pub color: bool,
    /// Columns that reports may use.
    pub width: usize,
    /// Whether standard output is sent line by line.
    pub line_buffered: bool,
    /// Bytes of native stack below the caller.
    pub stack_size: usize,
}

impl Default for Options {
    /// The virtual clock, no colours, Python's recursion limit, and a stack that every thread has.
    fn default() -> Self {
        Self {
            clock: Clock::new_virtual(),
            seed: 0,
            recursion_limit: 1000,
            max_steps: None,
            color: false,
            width: 80,
            line_buffered: false,
            stack_size: 1 << 20,
        }
    }
}

/// A source with what it sees of its surroundings.
pub struct Program {
    pub source: Rc<Source>,
    /// `sys.argv`.
    pub argv: Vec<String>,
    /// The folder in which imports look first.
    pub folder: PathBuf,
    /// `__file__`, if it comes from a file.
    pub file: Option<PathBuf>,
}

impl Program {
    /// A program that is no file: its name in reports, `sys.argv[0]` included, and its text.
    #[must_use]
    pub fn text(name: &str, text: &str) -> Self {
        Self { source: Rc::new(Source::new(name, text, true)), argv: vec![name.to_owned()], folder: PathBuf::new(), file: None }
    }

    /// The text of a file. All but `.py` files may use top-level `await` and the prelude.
    #[must_use]
    pub fn file(path: &Path, text: &str) -> Self {
        let name = path.to_string_lossy();
        let extended = path.extension().is_none_or(|e| e != "py");
        let file = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let resolved = file.canonicalize().unwrap_or_else(|_| file.clone());
        let folder = resolved.parent().map(Path::to_owned).unwrap_or_default();
        Self { source: Rc::new(Source::new(&name, text, extended)), argv: vec![name.into_owned()], folder, file: Some(file) }
    }
}

/// A virtual machine with a `__main__` module.
///
/// ```
/// use corun::{ExitStatus, Interpreter, Options, Program};
///
/// let mut interpreter = Interpreter::new(Options::default());
/// let status = interpreter.run(&Program::text("<demo>", "total = 6 * 7\nassert total == 42"));
/// assert_eq!(status, ExitStatus::Finished);
/// ```
pub struct Interpreter {
    vm: Vm,
    main: Ref,
    /// The loop on which the REPL awaits, once it has.
    runner: Option<Runner>,
}

impl Interpreter {
    /// A fresh interpreter.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let mut host = Host::new(options.clock, options.line_buffered, options.seed);
        host.color = options.color;
        host.width = options.width;
        let steps = options.max_steps.map(|n| n.div_ceil(FUEL_PER_CHECK as u64));
        let mut vm = Vm::new(host, Limits { recursion: options.recursion_limit, steps });
        vm.set_stack_size(options.stack_size);
        let main = main_module(&mut vm);
        Self { vm, main, runner: None }
    }

    /// What another thread needs to interrupt a run.
    #[must_use]
    pub fn waker(&self) -> Arc<Waker> {
        self.vm.host.waker.clone()
    }

    /// The virtual machine, for those who want to look or to add modules.
    pub fn vm(&mut self) -> &mut Vm {
        &mut self.vm
    }

    /// The namespace of `__main__`: a dict object.
    #[must_use]
    pub fn namespace(&self) -> &Ref {
        &self.main
    }

    /// Runs a program in `__main__` and reports how it failed, if it did. Nothing is finalised yet.
    pub fn run(&mut self, program: &Program) -> ExitStatus {
        self.enter(program);
        match self.evaluate(&program.source, Mode::Exec) {
            Some(result) => {
                let status = self.conclude(result);
                let status = self.end_threads(status);
                crate::modules::atexit::run(&mut self.vm);
                status
            }
            None => ExitStatus::Failed,
        }
    }

    /// Waits for the threads that are left, as Python does before it exits.
    fn end_threads(&mut self, status: ExitStatus) -> ExitStatus {
        if self.vm.abort.is_some() || self.vm.event_loop.threads.is_none() {
            return status;
        }
        match crate::event_loop::thread_run::finish(&mut self.vm) {
            Ok(()) => status,
            Err(t) => self.conclude(Err(t)),
        }
    }

    /// Sets `sys.argv`, the search path and `__file__`.
    pub fn enter(&mut self, program: &Program) {
        self.vm.argv.clone_from(&program.argv);
        self.vm.path = vec![program.folder.clone()];
        if let Some(file) = &program.file {
            let file = Value::from(file.to_string_lossy().into_owned());
            self.define(&self.vm.names.file.clone(), file);
        }
    }

    /// Runs one REPL entry; the loop that its `await`s use lives on.
    pub fn run_entry(&mut self, source: &Rc<Source>) -> Option<ExitStatus> {
        if self.runner.is_none() {
            // The default policy's loop cannot fail, and no script has set another yet.
            self.runner = Runner::new(&mut self.vm, false).ok();
        }
        let result = self.evaluate(source, Mode::Single)?;
        let ended_by_script = result.is_err() && self.vm.abort.is_none() && self.vm.exc_is(&self.vm.types.system_exit.clone());
        let status = self.conclude(result);
        self.vm.abort = None;
        self.vm.host.flush_out();
        ended_by_script.then_some(status)
    }

    /// Compiles and runs; a source that is refused is reported and gives nothing.
    fn evaluate(&mut self, source: &Rc<Source>, mode: Mode) -> Option<R> {
        let setting = Setting { globals: self.main.clone(), own_locals: false, top_level_await: source.extended };
        let code = match compile(&mut self.vm, source, mode, &setting) {
            Ok(code) => code,
            Err(diags) => {
                let text = report::render_diags(source, &diags, self.vm.host.color, self.vm.host.width);
                self.vm.host.write_err(text.as_bytes());
                return None;
            }
        };
        if mode == Mode::Exec && !code.doc.is_none() {
            self.define(&self.vm.names.doc.clone(), code.doc.clone());
        }
        let result = run_code(&mut self.vm, &code, None);
        if code.kind != CodeKind::Coroutine {
            return Some(result);
        }
        Some(result.and_then(|coro| match &self.runner {
            Some(runner) => runner.run(&mut self.vm, &coro, None),
            None => self.vm.run_main(&coro, false),
        }))
    }

    fn define(&mut self, name: &Ref, value: Value) {
        let old = self.main.as_dict().and_then(|d| d.borrow_mut().set_name(name, value));
        drop(old);
    }

    /// Reports how a run failed.
    fn conclude(&mut self, result: R) -> ExitStatus {
        let Err(_) = result else { return ExitStatus::Finished };
        self.vm.signal = None;
        if let Some(why) = self.vm.abort {
            return self.conclude_abort(why);
        }
        let exc = self.vm.take_exc();
        let types = self.vm.types.clone();
        if exc_class(&exc).is_subclass_of(&types.system_exit) {
            return self.conclude_exit(&exc);
        }
        if !self.call_excepthook(&exc) {
            let text = report::uncaught(&mut self.vm, &exc);
            self.write_report(text);
        }
        if exc_class(&exc).is_subclass_of(&types.keyboard_interrupt) { ExitStatus::Interrupted } else { ExitStatus::Failed }
    }

    /// Lets the script's own `sys.excepthook` report an exception; says whether there is one and it came to its end.
    fn call_excepthook(&mut self, exc: &Ref) -> bool {
        let sys = self.vm.modules.as_dict().and_then(|d| d.borrow().get_text("sys").cloned());
        let Some(Kind::Module(sys)) = sys.as_ref().and_then(Value::kind) else { return false };
        let hook = sys.dict.as_dict().and_then(|d| d.borrow().get_text("excepthook").cloned());
        let Some(hook) = hook.filter(|h| !matches!(h.kind(), Some(Kind::NativeFn(_)))) else { return false };
        let value = Value::Obj(exc.clone());
        let trace = get_traceback(&mut self.vm, &value).unwrap_or(Value::None);
        let class = Value::from(exc_class(exc));
        if self.vm.call(&hook, &[class, value, trace]).is_ok() {
            return true;
        }
        let failure = self.vm.take_exc();
        let text = format!("Error in sys.excepthook:\n{}\nOriginal exception was:\n", report::traceback_text(&mut self.vm, &failure));
        self.vm.host.write_err(text.as_bytes());
        false
    }

    fn conclude_abort(&mut self, why: Abort) -> ExitStatus {
        let (text, status) = match why {
            Abort::Deadlock => (report::deadlock(&mut self.vm), ExitStatus::Deadlock),
            Abort::Limit => (report::limit(&mut self.vm), ExitStatus::Limit),
            Abort::OutputClosed => return ExitStatus::Finished,
        };
        drop(self.vm.take_exc());
        self.write_report(text);
        status
    }

    /// Writes a report, with the time unless it is the time that a user took to type.
    fn write_report(&mut self, mut text: String) {
        if self.runner.is_none() || self.vm.host.clock.is_virtual() {
            text.push_str(&report::time_line(&self.vm));
        }
        self.vm.host.write_err(text.as_bytes());
    }

    /// `SystemExit`: a number is the status, another object is shown.
    fn conclude_exit(&mut self, exc: &Ref) -> ExitStatus {
        let exc = Value::Obj(exc.clone());
        let code = self.vm.intern("code");
        let code = self.vm.get_attr(&exc, &code).unwrap_or_else(|_| {
            drop(self.vm.take_exc());
            field(&mut self.vm, &exc, "code").unwrap_or(Value::None)
        });
        match code.native() {
            Value::None => ExitStatus::Finished,
            Value::False => ExitStatus::Chosen(0),
            Value::True => ExitStatus::Chosen(1),
            Value::Int(n) => ExitStatus::Chosen(*n as u8),
            Value::Obj(o) if matches!(o.kind, Kind::Big(_)) => ExitStatus::Chosen(255),
            _ => {
                let text = self.vm.str(&code).unwrap_or_default();
                drop(self.vm.exc.take());
                self.vm.host.write_err(format!("{text}\n").as_bytes());
                ExitStatus::Failed
            }
        }
    }

    /// Ends the program as Python does at exit: closes the REPL's loop, runs the finalisers of what is left, and sends
    /// what standard output has buffered.
    pub fn finish(&mut self) {
        if let Some(runner) = self.runner.take()
            && runner.close(&mut self.vm).is_err()
        {
            drop(self.vm.exc.take());
        }
        if self.vm.abort.is_none() {
            self.vm.finalize_all(&self.main.clone());
        }
        self.vm.host.flush_out();
    }
}

/// Makes `__main__`, with the names that Python gives it, and gives its namespace.
fn main_module(vm: &mut Vm) -> Ref {
    let module = make_module(vm, "__main__", Value::None);
    let names = vm.names.clone();
    let Kind::Module(m) = &module.kind else { unreachable!("a module was made") };
    let dict = m.dict.clone();
    let builtins = vm.modules.as_dict().and_then(|d| d.borrow().get_text("builtins").cloned());
    if let Some(d) = dict.as_dict() {
        let mut d = d.borrow_mut();
        d.set_name(&names.annotations, Obj::dict(crate::value::dict::Dict::new()).into());
        d.set_name(&names.builtins, builtins.unwrap_or_else(|| Value::Obj(vm.builtins.clone())));
    }
    if let Some(d) = vm.modules.as_dict() {
        d.borrow_mut().set_name(&names.main, Value::Obj(module.clone()));
    }
    dict
}
