//! Golden tests: each script below `tests/golden` and `examples` runs on the virtual clock and must print what stands
//! beside it. With `CORUN_UPDATE=1` the `.out` of scripts that start with `# corun-only` is rewritten; the others are made by
//! `tests/oracle_update.py`. Scripts below `tests/wishlist` are run and counted, and may fail.

mod common;

use common::{Outcome, Script, scripts};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for folder in ["tests/golden", "examples"] {
        let area = folder.rsplit('/').next().unwrap_or(folder);
        for script in scripts(folder) {
            trials.push(Trial::test(format!("{area}/{}", script.name), move || check(&script)));
        }
    }
    for script in scripts("tests/golden") {
        trials.push(Trial::test(format!("twice/{}", script.name), move || check_twice(&script)));
    }
    trials.push(Trial::test("wishlist", || {
        count_wishes();
        Ok(())
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

fn check(script: &Script) -> Result<(), Failed> {
    let outcome = script.run();
    if std::env::var_os("CORUN_UPDATE").is_some() && script.is_corun_only() {
        std::fs::write(script.path.with_extension("out"), &outcome.out)?;
    }
    let text = script.differences(&outcome);
    if text.is_empty() { Ok(()) } else { Err(text.into()) }
}

fn check_twice(script: &Script) -> Result<(), Failed> {
    let (first, second): (Outcome, Outcome) = (script.run(), script.run());
    if first == second { Ok(()) } else { Err(format!("two runs differ:\n{first:?}\n{second:?}").into()) }
}

/// Runs what is wanted but not required.
fn count_wishes() {
    let wishes = scripts("tests/wishlist");
    let failing: Vec<&Script> = wishes.iter().filter(|s| !s.differences(&s.run()).is_empty()).collect();
    for script in &failing {
        eprintln!("wish: {} fails", script.name);
    }
    eprintln!("wishlist: {} of {} wishes come true", wishes.len() - failing.len(), wishes.len());
}
