//! What the test runners share: which scripts there are, and how one is run.

#![allow(dead_code, reason = "each runner uses its own part")]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A script that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// The folder of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The binary.
pub fn corun() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_corun"));
    command.env_remove("CORUN_CLOCK").env_remove("NO_COLOR");
    command
}

/// What a run gave.
#[derive(PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The exit status; nothing if a signal ended the run.
    pub status: Option<i32>,
    pub out: Vec<u8>,
    pub err: Vec<u8>,
    /// Whether it had to be killed.
    pub hung: bool,
}

impl Outcome {
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.err).into_owned()
    }
}

/// Runs a command to its end with some standard input.
pub fn run(command: &mut Command, input: &[u8]) -> Outcome {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let input = input.to_vec();
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    let writer = thread::spawn(move || {
        // A script need not read its input.
        let _ = stdin.write_all(&input);
    });
    let out = collect(child.stdout.take().expect("standard output is a pipe"));
    let err = collect(child.stderr.take().expect("standard error is a pipe"));
    let (status, hung) = wait(&mut child);
    let _ = writer.join();
    Outcome { status, out: out.join().unwrap_or_default(), err: err.join().unwrap_or_default(), hung }
}

fn collect(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        bytes
    })
}

/// Waits for a child, but not for ever.
pub fn wait(child: &mut Child) -> (Option<i32>, bool) {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return (status.code(), false);
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return (None, true);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// A script with its expectations beside it.
pub struct Script {
    pub path: PathBuf,
    /// `area/behaviour`.
    pub name: String,
}

impl Script {
    fn beside(&self, extension: &str) -> PathBuf {
        self.path.with_extension(extension)
    }

    fn text_beside(&self, extension: &str) -> Option<String> {
        std::fs::read_to_string(self.beside(extension)).ok()
    }

    /// What it is expected to print; nothing if that is not known.
    pub fn expected_out(&self) -> Option<Vec<u8>> {
        std::fs::read(self.beside("out")).ok()
    }

    pub fn expected_status(&self) -> i32 {
        self.text_beside("exit").and_then(|t| t.trim().parse().ok()).unwrap_or(0)
    }

    /// The lines of which each has to begin a line of standard error.
    pub fn expected_err(&self) -> Vec<String> {
        self.text_beside("err").map(|t| t.lines().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// Whether Python cannot run it: its expectations are kept by hand, or by `CORUN_UPDATE`.
    pub fn is_corun_only(&self) -> bool {
        std::fs::read_to_string(&self.path).is_ok_and(|t| t.lines().next().is_some_and(|l| l.trim_end() == "# corun-only"))
    }

    pub fn input(&self) -> Vec<u8> {
        std::fs::read(self.beside("in")).unwrap_or_default()
    }

    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(root())
    }

    /// Runs it from its own folder on the virtual clock.
    pub fn run(&self) -> Outcome {
        let name = self.path.file_name().unwrap_or_default();
        let arguments: Vec<String> = self.text_beside("args").map(|t| t.lines().map(str::to_owned).collect()).unwrap_or_default();
        run(corun().current_dir(self.folder()).args(["--clock", "virtual"]).arg(name).args(arguments), &self.input())
    }

    /// What differs from the expectations; nothing if all is as it should be.
    pub fn differences(&self, outcome: &Outcome) -> String {
        let mut text = String::new();
        if outcome.hung {
            text.push_str("it hangs\n");
        }
        if outcome.status != Some(self.expected_status()) {
            let _ = writeln!(text, "exit status: expected {}, found {:?}", self.expected_status(), outcome.status);
        }
        match self.expected_out() {
            None => text.push_str("there is no .out beside it\n"),
            Some(expected) if expected != outcome.out => text.push_str(&diff(&String::from_utf8_lossy(&expected), &outcome.out())),
            Some(_) => {}
        }
        let err = outcome.err();
        for wanted in self.expected_err() {
            if !err.lines().any(|line| line.starts_with(&wanted)) {
                let _ = writeln!(text, "no line of stderr begins with: {wanted}");
            }
        }
        if !text.is_empty() && !err.is_empty() {
            let shown: Vec<&str> = err.lines().take(30).collect();
            let _ = writeln!(text, "stderr:\n{}", shown.join("\n"));
        }
        text
    }
}

/// All scripts below a folder of the package, sorted.
pub fn scripts(folder: &str) -> Vec<Script> {
    let base = root().join(folder);
    let mut found = Vec::new();
    add_scripts(&base, &base, &mut found);
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn add_scripts(base: &Path, folder: &Path, found: &mut Vec<Script>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(Result::ok).map(|e| e.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('_') || name.starts_with("lib_") {
            continue;
        }
        if path.is_dir() {
            add_scripts(base, &path, found);
        } else if path.extension() == Some(OsStr::new("co")) {
            let name = path.strip_prefix(base).unwrap_or(&path).with_extension("");
            found.push(Script { path: path.clone(), name: name.to_string_lossy().replace('\\', "/") });
        }
    }
}

/// A readable difference: the lines around the first one that differs, and how many there are.
pub fn diff(expected: &str, found: &str) -> String {
    let (want, have): (Vec<&str>, Vec<&str>) = (expected.split('\n').collect(), found.split('\n').collect());
    let same = want.iter().zip(&have).take_while(|(a, b)| a == b).count();
    let tail = want.iter().skip(same).rev().zip(have.iter().skip(same).rev()).take_while(|(a, b)| a == b).count();
    let mut text = format!("stdout differs from line {} (- expected, + found):\n", same + 1);
    for line in want.iter().take(same).skip(same.saturating_sub(3)) {
        let _ = writeln!(text, "    {line}");
    }
    let show = |text: &mut String, sign: char, lines: &[&str]| {
        let changed = lines.get(same..lines.len() - tail).unwrap_or_default();
        for line in changed.iter().take(12) {
            let _ = writeln!(text, "  {sign} {line}");
        }
        if changed.len() > 12 {
            let _ = writeln!(text, "  {sign} ... {} more lines", changed.len() - 12);
        }
    };
    show(&mut text, '-', &want);
    show(&mut text, '+', &have);
    text
}
