//! The command line: options to a run, a run to an exit status. The only place that looks at the process itself.

mod options;

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::event_loop::interrupt;
use crate::interpreter::{ExitStatus, Interpreter, Program};
use crate::repl;
use crate::source::Source;
use options::{Color, Input, Options};

/// Native stack that is reserved for the interpreter; deep recursion of scripts ends before it does.
const STACK: usize = 256 << 20;
/// Columns of reports that do not go to a terminal.
const DEFAULT_WIDTH: usize = 80;

/// Runs what the command line asks for, on a thread with a big stack, and gives the exit status.
pub fn run() -> ExitStatus {
    let options = match options::read() {
        Ok(options) => options,
        Err(message) => {
            // Nobody is left to tell when the stream is closed.
            let _ = message.print();
            return if message.use_stderr() { ExitStatus::Usage } else { ExitStatus::Finished };
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || execute(options));
    match thread {
        Ok(thread) => thread.join().unwrap_or(ExitStatus::Failed),
        Err(e) => fail(&format!("cannot start: {e}")),
    }
}

/// Does the work and ends the process without taking the heap apart.
fn execute(options: Options) -> ExitStatus {
    let program = match read_program(&options) {
        Ok(program) => program,
        Err(Refusal::Unreadable(text)) => return fail(&text),
        Err(Refusal::NotUtf8(text)) => {
            write_error(&text);
            return ExitStatus::Failed;
        }
    };
    let mut interpreter = Interpreter::new(settings(options));
    interrupt::install(&interpreter.waker());
    let status = match program {
        Some(program) => interpreter.run(&program),
        None => repl::run(&mut interpreter),
    };
    interpreter.finish();
    std::process::exit(i32::from(status.code()))
}

fn settings(options: Options) -> crate::interpreter::Options {
    let stderr = std::io::stderr();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let color = match options.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => stderr.is_terminal() && !no_color,
    };
    let terminal = if stderr.is_terminal() { terminal_size::terminal_size() } else { None };
    let width = terminal.map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0).max(40));
    crate::interpreter::Options {
        clock: options.clock,
        seed: options.seed,
        recursion_limit: options.recursion_limit,
        max_steps: options.max_steps,
        color,
        width,
        line_buffered: std::io::stdout().is_terminal(),
        stack_size: STACK,
    }
}

/// Why there is nothing to run.
enum Refusal {
    Unreadable(String),
    NotUtf8(String),
}

/// Reads the source; nothing for the REPL.
fn read_program(options: &Options) -> Result<Option<Program>, Refusal> {
    let mut program = match &options.input {
        Input::Terminal => return Ok(None),
        Input::Code(code) => named("<string>", "-c", code),
        Input::Stdin => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| Refusal::Unreadable(format!("can't read standard input: {}", reason(&e))))?;
            named("<stdin>", "-", &decode("<stdin>", bytes)?)
        }
        Input::File(path) => {
            let name = path.display().to_string();
            let bytes = std::fs::read(path).map_err(|e| Refusal::Unreadable(format!("can't open file '{name}': {}", reason(&e))))?;
            Program::file(path, &decode(&name, bytes)?)
        }
    };
    program.argv.extend(options.args.iter().cloned());
    Ok(Some(program))
}

fn named(name: &str, argv0: &str, text: &str) -> Program {
    Program { source: Rc::new(Source::new(name, text, true)), argv: vec![argv0.to_owned()], folder: PathBuf::new(), file: None }
}

/// Bytes as text, or Python's words for what they are not.
fn decode(name: &str, bytes: Vec<u8>) -> Result<String, Refusal> {
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let bytes = e.as_bytes();
        let line = bytes.iter().take(at).filter(|&&b| b == b'\n').count() + 1;
        let byte = bytes.get(at).copied().unwrap_or_default();
        let path = std::path::absolute(Path::new(name)).map_or_else(|_| name.to_owned(), |p| p.display().to_string());
        let shown = if name.starts_with('<') { name } else { &path };
        Refusal::NotUtf8(format!(
            "SyntaxError: Non-UTF-8 code starting with '\\x{byte:02x}' in file {shown} on line {line}, but no encoding declared; see https://peps.python.org/pep-0263/ for details"
        ))
    })
}

/// The system's words, without the number that Rust adds.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.as_str(), |(words, _)| words).to_owned()
}

fn fail(text: &str) -> ExitStatus {
    write_error(&format!("corun: {text}"));
    ExitStatus::Usage
}

fn write_error(text: &str) {
    use std::io::Write;
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}
