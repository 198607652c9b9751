//! The command line: options, where scripts come from, exit statuses, Ctrl-C, closed pipes. The binary is run as users
//! run it.

mod common;

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{corun, run, wait};

/// Runs corun with arguments and input: status, stdout, stderr.
fn corun_with(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let outcome = run(corun().args(arguments), input.as_bytes());
    (outcome.status, outcome.out(), outcome.err())
}

/// A folder of its own for one test.
fn folder(name: &str) -> std::path::PathBuf {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).expect("the folder can be made");
    path
}

#[test]
fn exit_statuses() {
    let table = [
        ("print('done')", 0, "done\n"),
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(None)", 0, ""),
        ("raise SystemExit(7)", 7, ""),
        ("raise SystemExit(256 + 3)", 3, ""),
        ("raise SystemExit(-1)", 255, ""),
        ("raise SystemExit(2 ** 70)", 255, ""),
        ("raise SystemExit(True)", 1, ""),
        ("raise SystemExit('no')", 1, ""),
        ("raise SystemExit((1, 2))", 1, ""),
        ("1 / 0", 1, ""),
        ("print(", 1, ""),
        ("raise KeyboardInterrupt", 130, ""),
        ("print('before')\nawait Event().wait()", 3, "before\n"),
        ("try:\n  await Event().wait()\nfinally:\n  print('woken')", 3, ""),
    ];
    for (code, status, out) in table {
        let (found, stdout, stderr) = corun_with(&["--clock", "virtual", "-c", code], "");
        assert_eq!((found, &*stdout), (Some(status), out), "{code}: {stderr}");
    }
    let (status, _, err) = corun_with(&["-c", "raise SystemExit('no')"], "");
    assert_eq!((status, &*err), (Some(1), "no\n"));
    let (status, _, err) = corun_with(&["--max-steps", "100000", "-c", "while True: pass"], "");
    assert_eq!(status, Some(4));
    assert!(err.starts_with("limit: "), "{err}");
}

#[test]
fn usage_errors_have_status_2() {
    let table: &[(&[&str], &str)] = &[
        (&["--clock", "fast", "x.co"], "`real`, `virtual` or `real*N`"),
        (&["--no-such-option", "x.co"], "--no-such-option"),
        (&["no_such_file.co"], "corun: can't open file 'no_such_file.co': No such file or directory\n"),
        (&["."], "corun: can't open file '.': Is a directory\n"),
        (&["-c"], "CODE"),
        (&["check", "x.co"], "corun ./check"),
        (&["test"], "corun ./test"),
    ];
    for (arguments, part) in table {
        let (status, out, err) = corun_with(arguments, "");
        assert_eq!((status, &*out), (Some(2), ""), "{arguments:?}");
        assert!(err.contains(part), "{arguments:?}: {err}");
    }
    let outcome = run(corun().env("CORUN_CLOCK", "warp").args(["-c", "1"]), b"");
    assert_eq!(outcome.status, Some(2));
    assert!(outcome.err().contains("CORUN_CLOCK"), "{}", outcome.err());
}

#[test]
fn help_and_version_go_to_stdout() {
    let (status, out, err) = corun_with(&["--help"], "");
    assert_eq!((status, &*err), (Some(0), ""));
    for word in ["--clock", "--seed", "--color", "--max-steps", "--recursion-limit", "--version", "FILE"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    assert_eq!(corun_with(&["--version"], ""), (Some(0), format!("corun {}\n", env!("CARGO_PKG_VERSION")), String::new()));
}

#[test]
fn scripts_come_from_files_text_and_standard_input() {
    let folder = folder("sources");
    let file = folder.join("script.co");
    std::fs::write(&file, "\u{feff}#!/usr/bin/env corun\r\nimport sys, helper\r\nprint(sys.argv[1:], __name__, helper.VALUE)\r\n").expect("written");
    std::fs::write(folder.join("helper.co"), "VALUE = 3\n").expect("written");
    let name = file.to_str().expect("a plain name");
    assert_eq!(corun_with(&[name, "-c", "--clock", "x"], ""), (Some(0), "['-c', '--clock', 'x'] __main__ 3\n".into(), String::new()));
    let argv = "import sys; print(sys.argv)";
    assert_eq!(corun_with(&["-c", argv, "a", "-b"], "").1, "['-c', 'a', '-b']\n");
    assert_eq!(corun_with(&["-", "a", "-b"], argv).1, "['-', 'a', '-b']\n");
    assert_eq!(corun_with(&[], "print(1 + 1)").1, "2\n");
    assert_eq!(corun_with(&["-c", "print(input())"], "line\n").1, "line\n");
    let long = "line\n".repeat(100_000);
    assert_eq!(corun_with(&["-c", "import sys\nprint(input())\nprint(len(sys.stdin.read()))"], &long).1, "line\n499995\n");
    std::fs::write(folder.join("plain.py"), "await x\n").expect("written");
    let (status, _, err) = corun_with(&[folder.join("plain.py").to_str().expect("a plain name")], "");
    assert_eq!(status, Some(1));
    assert!(err.starts_with("SyntaxError: 'await' outside function"), "{err}");
    std::fs::write(folder.join("latin.co"), b"x = 1\ny = '\xe9'\n").expect("written");
    let (status, _, err) = corun_with(&[folder.join("latin.co").to_str().expect("a plain name")], "");
    assert_eq!(status, Some(1));
    assert!(err.starts_with("SyntaxError: Non-UTF-8 code starting with '\\xe9' in file /") && err.contains("on line 2, but no encoding declared"), "{err}");
}

#[test]
fn seeds() {
    let code = "import random; unseeded = random.random(); random.seed(7); print(unseeded == random.random(), random.Random().random())";
    let seeded = |seed: &str| corun_with(&["--clock", "virtual", "--seed", seed, "-c", code], "").1;
    assert!(seeded("7").starts_with("True "));
    assert!(seeded("8").starts_with("False "));
    assert_eq!(seeded("7"), seeded("7"));
    assert_ne!(seeded("7"), seeded("8"));
    let real = || corun_with(&["--clock", "real", "--seed", "7", "-c", "import random; print(random.random(), random.SystemRandom().random())"], "").1;
    assert_ne!(real(), real());
}

#[test]
fn clocks() {
    let elapsed = |clock: &str, code: &str| {
        let start = Instant::now();
        assert_eq!(corun_with(&["--clock", clock, "-c", code], "").0, Some(0));
        start.elapsed()
    };
    assert!(elapsed("virtual", "await sleep(3600)") < Duration::from_secs(60));
    assert!(elapsed("real", "await sleep(0.3)") >= Duration::from_millis(300));
    let scaled = elapsed("real*10", "await sleep(3)");
    assert!(scaled >= Duration::from_millis(300));
    let outcome = run(corun().env("CORUN_CLOCK", "virtual").args(["-c", "import time\ntime.sleep(5)\nprint(time.time())"]), b"");
    assert_eq!(outcome.out(), "5.0\n");
}

#[test]
fn reports_are_coloured_on_demand() {
    let (_, _, plain) = corun_with(&["-c", "1 / 0"], "");
    assert!(plain.starts_with("ZeroDivisionError: division by zero\n") && !plain.contains('\x1b'), "{plain}");
    let (_, _, coloured) = corun_with(&["--color", "always", "-c", "1 / 0"], "");
    assert!(coloured.contains('\x1b'), "{coloured}");
    let (_, _, never) = corun_with(&["--color=never", "-c", "1 / 0"], "");
    assert_eq!(plain, never);
}

#[test]
fn output_is_sent_before_reports_and_at_exit() {
    let output = Command::new("sh")
        .args(["-c", "exec \"$0\" -c \"print('one')\nraise ValueError('two')\" 2>&1", env!("CARGO_BIN_EXE_corun")])
        .output()
        .expect("a shell");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("one\nValueError: two\n"));
}

#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    for code in ["while True: print('x' * 100)", "while True:\n  print('x' * 10000)\n  await sleep(0.001)"] {
        let mut child = corun().args(["-c", code]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        let mut out = child.stdout.take().expect("a pipe");
        let mut start = [0; 100];
        out.read_exact(&mut start).expect("some output");
        drop(out);
        let (status, hung) = wait(&mut child);
        let mut err = String::new();
        let _ = child.stderr.take().expect("a pipe").read_to_string(&mut err);
        assert_eq!((status, hung, &*err), (Some(0), false, ""), "{code}");
    }
}

/// Starts a script with nothing to read yet, waits for its first line, sends Ctrl-C, and gives what it printed afterwards.
fn interrupt(clock: &str, code: &str) -> (Option<i32>, String, String) {
    let mut child = corun().args(["--clock", clock, "-c", code]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let stdin = child.stdin.take();
    let (status, hung) = wait(&mut child);
    drop(stdin);
    assert!(!hung, "{code}");
    let (mut rest, mut err) = (String::new(), String::new());
    let _ = out.read_to_string(&mut rest);
    let _ = child.stderr.take().expect("a pipe").read_to_string(&mut err);
    (status, rest, err)
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_a_run_on_any_clock() {
    let table = [
        ("real", "print('go', flush=True)\ntry:\n  await sleep(3600)\nfinally:\n  print('tidy')", "tidy\n"),
        ("real", "import time\nprint('go', flush=True)\ntry:\n  time.sleep(3600)\nfinally:\n  print('tidy')", "tidy\n"),
        ("real", "print('go', flush=True)\ntry:\n  while True: pass\nfinally:\n  print('tidy')", "tidy\n"),
        ("virtual", "print('go', flush=True)\ntry:\n  while True: pass\nfinally:\n  print('tidy')", "tidy\n"),
        ("virtual", "print('go', flush=True)\ntry:\n  while True: await sleep(1)\nfinally:\n  print('tidy')", "tidy\n"),
        ("real", "print('go', flush=True)\ntry:\n  input()\nfinally:\n  print('tidy')", "tidy\n"),
        ("real*10", "async def main():\n  try:\n    await sleep(36000)\n  finally:\n    print('tidy')\nprint('go', flush=True)\nrun(main())", "tidy\n"),
        ("real", "import sys\nprint('go', flush=True)\ntry:\n  await sleep(3600)\nexcept CancelledError:\n  print('caught')", "caught\n"),
    ];
    for (clock, code, out) in table {
        let (status, rest, err) = interrupt(clock, code);
        let expected = if out == "caught\n" { Some(0) } else { Some(130) };
        assert_eq!((status, &*rest), (expected, out), "{clock}: {code}\n{err}");
        if expected == Some(130) {
            assert!(err.lines().any(|l| l == "KeyboardInterrupt"), "{clock}: {code}\n{err}");
        }
    }
}

#[test]
fn finalisers_run_at_exit() {
    let code = "class D:\n  def __init__(self, n): self.n = n\n  def __del__(self): print('end of', self.n)\na = D('a')\n_b = D('b')\nc = [D('c')]\nd = D('d'); d.me = d\nprint('last')";
    let expected = "last\nend of a\nend of b\nend of d\nend of c\n";
    assert_eq!(corun_with(&["-c", code], "").1, expected);
    assert_eq!(corun_with(&["-c", &format!("{code}\nraise SystemExit(5)")], ""), (Some(5), expected.into(), String::new()));
}
