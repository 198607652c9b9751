//! No input makes the binary panic: prefixes of every golden script, cut at the ends of words and lines, run under a step
//! limit and must end in a result or a report. `CORUN_PREFIXES=N` takes N prefixes of each script.

mod common;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Script, corun, run, scripts};

/// Statuses that scripts may end with by themselves, or that some golden script chooses.
const REGULAR: &[i32] = &[0, 1, 3, 4, 130];
const PREFIXES: usize = 8;

#[test]
fn prefixes_end_in_a_result_or_a_report() {
    let count = std::env::var("CORUN_PREFIXES").ok().and_then(|n| n.parse().ok()).unwrap_or(PREFIXES);
    let scripts = scripts("tests/golden");
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(script) = scripts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = check(script, count);
                    failures.lock().expect("no thread panics").extend(found);
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread panicked");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check(script: &Script, count: usize) -> Vec<String> {
    let text = std::fs::read_to_string(&script.path).unwrap_or_default();
    let ends = cuts(&text);
    let step = (ends.len() / count.max(1)).max(1);
    // Each script begins at another place, so that all kinds of cuts are met.
    let first = script.name.bytes().map(usize::from).sum::<usize>() % step;
    let mut failures = Vec::new();
    for &end in ends.iter().skip(first).step_by(step) {
        let prefix = text.get(..end).unwrap_or_default();
        let outcome = run(corun().current_dir(script.folder()).args(["--clock", "virtual", "--max-steps", "200000", "-"]), prefix.as_bytes());
        let is_regular =
            outcome.status.is_some_and(|s| REGULAR.contains(&s) || s == script.expected_status() || text.contains("exit(") || text.contains("SystemExit"));
        if outcome.hung || !is_regular || outcome.err().contains("panicked at") {
            let err: String = outcome.err().chars().take(600).collect();
            failures.push(format!("{} up to byte {end}: status {:?}\n{err}", script.name, outcome.status));
        }
    }
    failures
}

/// The offsets behind which a word, a sign or a line ends.
fn cuts(text: &str) -> Vec<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut ends = Vec::new();
    let mut before: Option<char> = None;
    for (index, c) in text.char_indices() {
        if before.is_some_and(|b| !(is_word(b) && is_word(c)) && b != ' ') {
            ends.push(index);
        }
        before = Some(c);
    }
    ends
}
