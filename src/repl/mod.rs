//! The REPL: lines are read until they make an entry, entries run in `__main__`, values are shown.

use std::path::PathBuf;
use std::rc::Rc;

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor};

use crate::interpreter::{ExitStatus, Interpreter, Program};
use crate::source::Source;
use crate::syntax::{Completeness, completeness};

/// Entries that are remembered.
const HISTORY: usize = 1000;

/// Reads and runs entries until the end of input or `exit()`.
pub fn run(interpreter: &mut Interpreter) -> ExitStatus {
    interpreter.enter(&Program::text("", ""));
    let config = Config::builder().max_history_size(HISTORY).map(rustyline::config::Builder::build).unwrap_or_default();
    let mut editor: Editor<(), DefaultHistory> = match Editor::with_config(config) {
        Ok(editor) => editor,
        Err(e) => {
            interpreter.vm().host.write_err(format!("corun: cannot read from the terminal: {e}\n").as_bytes());
            return ExitStatus::Usage;
        }
    };
    let history = history_file();
    if let Some(path) = &history {
        // A first start has no history; one that cannot be read is as good as none.
        let _ = editor.load_history(path);
    }
    interpreter.vm().host.write_out(format!("corun {} (Python 3.11 syntax; await works here; Ctrl-D ends)\n", env!("CARGO_PKG_VERSION")).as_bytes());
    let status = read_entries(interpreter, &mut editor);
    if let Some(path) = &history {
        let _ = editor.save_history(path);
    }
    status
}

fn read_entries(interpreter: &mut Interpreter, editor: &mut Editor<(), DefaultHistory>) -> ExitStatus {
    loop {
        interpreter.vm().host.flush_out();
        let text = match read_entry(editor) {
            Ok(text) => text,
            Err(ReadlineError::Interrupted) => {
                interpreter.vm().host.write_out(b"KeyboardInterrupt\n");
                continue;
            }
            Err(_) => return ExitStatus::Finished,
        };
        if text.trim().is_empty() {
            continue;
        }
        let _ = editor.add_history_entry(text.trim_end());
        let source = Rc::new(Source::new("<stdin>", &text, true));
        if let Some(status) = interpreter.run_entry(&source) {
            return status;
        }
    }
}

/// Reads lines until they can run as they are, or never will.
fn read_entry(editor: &mut Editor<(), DefaultHistory>) -> rustyline::Result<String> {
    let mut text = String::new();
    loop {
        text.push_str(&editor.readline(if text.is_empty() { ">>> " } else { "... " })?);
        text.push('\n');
        // What is invalid is reported like any other fault.
        if text.trim().is_empty() || completeness(&Source::new("<stdin>", &text, true)) != Completeness::Incomplete {
            return Ok(text);
        }
    }
}

/// `.corun_history` in the user's home.
fn history_file() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_dir()).map(|home| home.join(".corun_history"))
}
