//! Whole reports, as they look without colours at 80 columns.

mod common;

use common::{corun, run};

/// Runs a script from standard input and compares what it writes to stderr.
fn check(script: &str, status: i32, report: &str) {
    let outcome = run(corun().args(["--clock", "virtual", "-"]), script.as_bytes());
    assert_eq!(outcome.err(), report.trim_start_matches('\n'), "{script}");
    assert_eq!(outcome.status, Some(status), "{script}");
}

#[test]
fn an_exception_with_its_calls_and_awaits() {
    check(
        "\
async def worker(n):
    await sleep(1.5)
    return total + n
async def main():
    task = create_task(worker(3))
    await task
totals = 1
run(main())
",
        1,
        "
NameError: name 'total' is not defined. Did you mean: 'totals'?
   ╭─[<stdin>:3:12]
 2 │     await sleep(1.5)
 3 │     return total + n
   ·            ──┬──
   ·              ╰── in `worker`
 4 │ async def main():
   ╰────
  awaited in `main` at <stdin>:6: await task
  run at <stdin>:8: run(main())
  at 1.50 s on the virtual clock
",
    );
}

#[test]
fn calls_that_repeat_are_folded() {
    check(
        "\
def even(n):
    return odd(n - 1) if n else 1 / 0
def odd(n):
    return even(n - 1)
even(100)
",
        1,
        "
ZeroDivisionError: division by zero
   ╭─[<stdin>:2:33]
 1 │ def even(n):
 2 │     return odd(n - 1) if n else 1 / 0
   ·                                 ──┬──
   ·                                   ╰── in `even`
 3 │ def odd(n):
   ╰────
  called in `odd` at <stdin>:4: return even(n - 1)
  called in `even` at <stdin>:2: return odd(n - 1) if n else 1 / 0
  … these 2 calls, 49 more times
  called at <stdin>:5: even(100)
",
    );
}

#[test]
fn causes_stand_before_what_they_caused() {
    check(
        "\
try:
    {}['x']
except KeyError as e:
    e.add_note('a note')
    raise RuntimeError('no x\\nat all') from e
",
        1,
        "
KeyError: 'x'
a note
   ╭─[<stdin>:2:5]
 1 │ try:
 2 │     {}['x']
   ·     ───────
 3 │ except KeyError as e:
   ╰────

The above exception was the direct cause of the following exception:

RuntimeError: no x
at all
   ╭─[<stdin>:5:5]
 4 │     e.add_note('a note')
 5 │     raise RuntimeError('no x\\nat all') from e
   ·     ─────────────────────────────────────────
   ╰────
",
    );
}

#[test]
fn groups_show_their_members() {
    check(
        "raise ExceptionGroup('many', [ValueError('a'), ExceptionGroup('inner', [KeyError(1)])])\n",
        1,
        "
ExceptionGroup: many (2 sub-exceptions)
   ╭─[<stdin>:1:1]
 1 │ raise ExceptionGroup('many', [ValueError('a'), ExceptionGroup('inner…
   · ────────────────────────────────────────────────────────────────────
   ╰────
  +---------------- 1 ----------------
  | ValueError: a
  +---------------- 2 ----------------
  | ExceptionGroup: inner (1 sub-exception)
  |   +---------------- 1 ----------------
  |   | KeyError: 1
  |   +------------------------------------
  +------------------------------------
",
    );
}

#[test]
fn what_corun_lacks_is_said() {
    check(
        "import multiprocessing\n",
        1,
        "
ModuleNotFoundError: No module named 'multiprocessing'
   ╭─[<stdin>:1:8]
 1 │ import multiprocessing
   ·        ───────────────
   ╰────
  note: `multiprocessing` belongs to Python's library; corun does not have it
",
    );
}

#[test]
fn faults_in_evaluated_text_show_the_text() {
    check(
        "eval('1 +')\n",
        1,
        "
SyntaxError: invalid syntax
   ╭─[<string>:1:4]
 1 │ 1 +
   ·    ─
   ╰────
   ╭─[<stdin>:1:1]
 1 │ eval('1 +')
   · ───────────
   ╰────
",
    );
}

#[test]
fn a_deadlock_tells_where_each_task_waits() {
    check(
        "\
async def worker(lock):
    try:
        async with lock:
            await sleep(1)
            await lock.acquire()
    finally:
        print('never printed')
lock = Lock()
await gather(worker(lock), worker(lock))
",
        3,
        "
deadlock: 3 tasks wait, and nothing will wake them
`Task-1` in `<module>()` waits for <_GatheringFuture pending cb=[Task.task_wakeup()]> since 0.00 s
   ╭─[<stdin>:9:1]
 8 │ lock = Lock()
 9 │ await gather(worker(lock), worker(lock))
   · ────────────────────────────────────────
   ╰────
`Task-2` in `worker()` waits for Lock.acquire() since 1.00 s
   ╭─[<stdin>:5:13]
 4 │             await sleep(1)
 5 │             await lock.acquire()
   ·             ──────────┬─────────
   ·                       ╰── in `worker`
 6 │     finally:
   ╰────
`Task-3` in `worker()` waits for Lock.acquire() since 0.00 s
   ╭─[<stdin>:3:20]
 2 │     try:
 3 │         async with lock:
   ·                    ──┬─
   ·                      ╰── in `worker`
 4 │             await sleep(1)
   ╰────
  at 1.00 s on the virtual clock
",
    );
}

#[test]
fn the_scripts_own_hook_reports() {
    check("import sys\nsys.excepthook = lambda t, v, tb: print(t.__name__, v, file=sys.stderr)\n1 / 0\n", 1, "ZeroDivisionError division by zero\n");
}
