//! Reports of runs that were ended: by a deadlock, or by a limit.

use std::fmt::Write as _;

use super::calls::{self, Style};
use crate::vm::Vm;
use crate::vm::errors::exc_data;

/// Tasks shown at most.
const MOST_TASKS: usize = 20;

/// Why nothing can go on: every task that waits, for what, and where.
pub fn deadlock(vm: &mut Vm) -> String {
    let style = Style { color: vm.host.color, width: vm.host.width };
    let Some(report) = vm.event_loop.deadlock.take() else { return "deadlock: nothing is ready and no timer is set\n".to_owned() };
    let mut text = match report.tasks.len() {
        0 => "deadlock: nothing is ready and no timer is set\n".to_owned(),
        1 => "deadlock: 1 task waits, and nothing will wake it\n".to_owned(),
        n => format!("deadlock: {n} tasks wait, and nothing will wake them\n"),
    };
    for task in report.tasks.iter().take(MOST_TASKS) {
        let since = task.since as f64 / 1e9;
        let _ = writeln!(text, "`{}` in `{}` waits for {} since {since:.2} s", task.name, task.coroutine, task.waits_for);
        text.push_str(&calls::render(&task.places, style));
    }
    if report.tasks.len() > MOST_TASKS {
        let _ = writeln!(text, "… and {} more", report.tasks.len() - MOST_TASKS);
    }
    text
}

/// Which limit ended the run, and where.
pub fn limit(vm: &mut Vm) -> String {
    let style = Style { color: vm.host.color, width: vm.host.width };
    let trace = vm.exc.as_ref().map(|e| exc_data(e).trace.borrow().clone()).unwrap_or_default();
    let mut text = "limit: the script took more steps than `--max-steps` allows\n".to_owned();
    text.push_str(&calls::render(&trace, style));
    text
}
