//! Reports of runs that were ended: by a deadlock, or by a limit.

use std::fmt::Write as _;

use super::calls::{self, Style};
use crate::event_loop::deadlock::DeadlockReport;
use crate::vm::Vm;
use crate::vm::errors::exc_data;

/// Tasks shown at most.
const MOST_TASKS: usize = 20;

/// Why nothing can go on: every task that waits, for what, and where.
pub fn deadlock(vm: &mut Vm) -> String {
    let style = Style { color: vm.host.color, width: vm.host.width };
    let Some(report) = vm.event_loop.deadlock.take() else { return "deadlock: nothing is ready and no timer is set\n".to_owned() };
    let mut text = heading(&report) + "\n";
    let stuck = report.tasks.len() + report.threads.len();
    for task in report.tasks.iter().chain(&report.threads).take(MOST_TASKS) {
        let since = task.since as f64 / 1e9;
        let place = if task.coroutine.is_empty() { String::new() } else { format!(" in `{}`", task.coroutine) };
        let _ = writeln!(text, "`{}`{place} waits for {} since {since:.2} s", task.name, task.waits_for);
        text.push_str(&calls::render(&task.places, style));
    }
    if stuck > MOST_TASKS {
        let _ = writeln!(text, "… and {} more", stuck - MOST_TASKS);
    }
    if report.tasks.is_empty() {
        let trace = vm.exc.as_ref().map(|e| exc_data(e).trace.borrow().clone()).unwrap_or_default();
        text.push_str(&calls::render(&trace, style));
    }
    text
}

fn heading(report: &DeadlockReport) -> String {
    let (tasks, threads) = (report.tasks.len(), report.threads.len());
    match (tasks, threads) {
        (0, 0) => "deadlock: nothing is ready and no timer is set".to_owned(),
        (1, 0) => "deadlock: 1 task waits, and nothing will wake it".to_owned(),
        (n, 0) => format!("deadlock: {n} tasks wait, and nothing will wake them"),
        (0, 1) => "deadlock: 1 thread waits, and nothing will wake it".to_owned(),
        (0, n) => format!("deadlock: {n} threads wait, and nothing will wake them"),
        (tasks, threads) => format!("deadlock: {} tasks and threads wait, and nothing will wake them", tasks + threads),
    }
}

/// Which limit ended the run, and where.
pub fn limit(vm: &mut Vm) -> String {
    let style = Style { color: vm.host.color, width: vm.host.width };
    let trace = vm.exc.as_ref().map(|e| exc_data(e).trace.borrow().clone()).unwrap_or_default();
    let mut text = "limit: the script took more steps than `--max-steps` allows\n".to_owned();
    text.push_str(&calls::render(&trace, style));
    text
}
