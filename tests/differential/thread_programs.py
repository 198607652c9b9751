"""Random programs with blocking work in threads, run by CPython 3.11 and by corun: they must print the same.

    CORUN_ORACLE=/path/to/oracle.py CORUN_PYTHON=/path/to/python3.11 \\
        python3 tests/differential/thread_programs.py [--corun PATH] [--seed N] [--count N]
    ... --show SEED              prints one program
    ... --waiting FOLDER         runs the golden scripts of a folder in a thread that waits everywhere

The programs let tasks meet `to_thread`, pools, timeouts and cancellation. With `--waiting` each golden script becomes a
function that a thread runs, and many of its expressions are wrapped in a call that sleeps for no time: each of them
leaves all frames of the thread and enters them again. What it prints must stay the same; scripts that look at their own
frames, globals or names differ by their nature.
"""
import argparse
import ast
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DELAYS = ("0", "0.1", "0.1", "0.2", "0.3", "0.05")

HEAD = '''\
import asyncio, contextvars, threading, time
from concurrent.futures import ThreadPoolExecutor

loop = None
var = contextvars.ContextVar("var", default=0)


def say(*what):
    print(round(time.monotonic(), 3), *what)


def set_event(i):
    loop.call_soon_threadsafe(events[i].set)


async def guard(name, awaitable):
    try:
        say(name, "got", await awaitable)
    except asyncio.CancelledError:
        say(name, "cancelled")
        raise
    except Exception as e:
        say(name, type(e).__name__, e)


'''


class Program:
    """One program, decided by its seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.jobs = self.random.randint(2, 4)
        self.pools = self.random.randint(0, 2)
        self.tasks = self.random.randint(1, 4)

    def text(self):
        parts = [HEAD]
        parts += [self.job(j) for j in range(self.jobs)]
        parts += [self.task(t) for t in range(self.tasks)]
        return "".join(parts) + self.main()

    def delay(self):
        return self.random.choice(DELAYS)

    def job(self, j):
        lines = [f"def job{j}(who):", f"    say('job{j}', who, threading.current_thread().name, var.get())"]
        for _ in range(self.random.randint(1, 4)):
            kind = self.random.randrange(8)
            if kind < 3:
                lines.append(f"    time.sleep({self.delay()})")
            elif kind == 3:
                lines.append("    loop.call_soon_threadsafe(say, 'told', who)")
            elif kind == 4:
                lines += [f"    for i in range({self.random.randint(1, 3)}):", f"        time.sleep({self.delay()})", "        say('round', who, i)"]
            elif kind == 5 and j > 0:
                lines.append(f"    say('nested', job{self.random.randrange(j)}(who + 'n'))")
            elif kind == 6:
                lines.append(f"    set_event({self.random.randrange(2)})")
            else:
                lines.append("    say('here', who)")
        if self.random.random() < 0.25:
            lines.append(f"    raise ValueError('bad job{j}')")
        lines += [f"    say('end of job{j}', who)", f"    return 'r{j}' + who", "", "", ""]
        return "\n".join(lines)

    def awaitable(self, name):
        call = f"job{self.random.randrange(self.jobs)}, '{name}'"
        kind = self.random.randrange(4)
        if kind == 2 and self.pools:
            return f"loop.run_in_executor(pools[{self.random.randrange(self.pools)}], {call})"
        return f"loop.run_in_executor(None, {call})" if kind == 3 else f"asyncio.to_thread({call})"

    def task(self, t):
        lines = [f"async def task{t}():", "    try:"]
        for s in range(self.random.randint(1, 5)):
            lines += ["        " + line for line in self.step(f"{t}{s}")]
        return "\n".join([*lines, "    except asyncio.CancelledError:", f"        say('task{t} cancelled')", "", "", ""])

    def step(self, name):
        kind = self.random.randrange(10)
        if kind == 0:
            return [f"await asyncio.sleep({self.delay()})", f"say('slept', '{name}')"]
        if kind == 4:
            many = ", ".join(self.awaitable(name + c) for c in "abc"[:self.random.randint(1, 3)])
            return [f"say(await asyncio.gather({many}, return_exceptions=True))"]
        if kind == 5:
            return [f"await guard('{name}', asyncio.wait_for({self.awaitable(name)}, {self.delay()}))"]
        if kind == 6:
            return [f"x = asyncio.ensure_future({self.awaitable(name)})", f"await asyncio.sleep({self.delay()})", "x.cancel()",
                    f"await guard('{name}', asyncio.gather(x, return_exceptions=True))"]
        if kind == 7:
            e = self.random.randrange(2)
            return [f"events[{e}].clear()", f"await guard('{name}', asyncio.wait_for(events[{self.random.randrange(2)}].wait(), {self.delay()}))"]
        if kind == 8:
            return [f"var.set({int(name)})", f"fs = [asyncio.ensure_future(x) for x in ({self.awaitable(name)}, {self.awaitable(name + 'w')})]",
                    "done, pending = await asyncio.wait(fs, return_when=asyncio.FIRST_COMPLETED)", "say(len(done), len(pending))",
                    f"await guard('{name}', asyncio.gather(*fs, return_exceptions=True))"]
        if kind == 9:
            return [f"loop.call_later({self.delay()}, say, 'later', '{name}')"]
        return [f"await guard('{name}', {self.awaitable(name)})"]

    def main(self):
        lines = ["async def main():", "    global loop, pools, events", "    loop = asyncio.get_running_loop()",
                 f"    pools = [ThreadPoolExecutor({self.random.randint(1, 2)}) for _ in range({self.pools})]",
                 "    events = [asyncio.Event(), asyncio.Event()]",
                 f"    tasks = [asyncio.create_task(t()) for t in ({''.join(f'task{t}, ' for t in range(self.tasks))})]"]
        if self.random.random() < 0.4:
            lines += [f"    await asyncio.sleep({self.delay()})", f"    tasks[{self.random.randrange(self.tasks)}].cancel()"]
        return "\n".join([*lines, "    await asyncio.wait(tasks)", "    await asyncio.sleep(50)", "", "", "asyncio.run(main())", ""])


WAIT = '''\
import sys as the_sys, threading as the_threads, time as the_time

the_refusals = []


def waits(value):
    try:
        the_time.sleep(0)
    except NotImplementedError as e:
        the_refusals.append(e)
    return value


'''
LOOKING = {"super", "locals", "vars", "dir", "eval", "exec", "globals", "__class__"}


class Waits(ast.NodeTransformer):
    """Wraps expressions of synchronous code in calls that wait."""

    def __init__(self, seed, share):
        self.random, self.share = random.Random(seed), share

    def wrap(self, node):
        if self.random.random() >= self.share:
            return node
        return ast.copy_location(ast.Call(ast.Name("waits", ast.Load()), [node], []), node)

    def leave(self, node):
        return node

    visit_AsyncFunctionDef = visit_Lambda = visit_JoinedStr = visit_Global = leave

    def visit_ClassDef(self, node):
        node.body = [self.visit(b) if isinstance(b, ast.FunctionDef) else b for b in node.body]
        return node

    def visit_FunctionDef(self, node):
        first = 1 if ast.get_docstring(node, False) is not None else 0
        node.body = node.body[:first] + [self.visit(b) for b in node.body[first:]]
        return node

    def visit_Match(self, node):
        node.subject = self.visit(node.subject)
        for case in node.cases:
            case.guard = case.guard and self.visit(case.guard)
            case.body = [self.visit(b) for b in case.body]
        return node

    def visit_AnnAssign(self, node):
        node.value = node.value and self.visit(node.value)
        return node

    def visit_Name(self, node):
        return self.wrap(node) if isinstance(node.ctx, ast.Load) and node.id not in LOOKING else node

    def visit_Constant(self, node):
        return self.wrap(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id in LOOKING:
            return node
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        elif not isinstance(node.func, ast.Name):
            node.func = self.visit(node.func)
        node.args = [self.visit(a) for a in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        return self.wrap(node)

    def visit_Expr(self, node):
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)


def module_names(tree):
    """The names that a module's own statements bind."""
    names = set()

    def look(node):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
            return
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            names.update(n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
            return
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((a.asname or a.name).split(".")[0] for a in node.names)
        if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            names.add(node.name)
        if isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
        for child in ast.iter_child_nodes(node):
            look(child)

    look(tree)
    return sorted(names)


def in_a_thread(text, seed, share):
    """A script as a function that a thread runs; None where that cannot be written."""
    tree = ast.parse(text)
    stars = (n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom))
    if any(n.module == "__future__" or any(a.name == "*" for a in n.names) for n in stars):
        return None
    names = module_names(tree)
    body = [Waits(seed, share).visit(b) for b in tree.body] or [ast.Pass()]
    head = [ast.Global(names)] if names else []
    function = ast.FunctionDef("the_script", ast.arguments([], [], None, [], [], None, []), head + body, [], None)
    module = ast.fix_missing_locations(ast.Module([function], []))
    return WAIT + ast.unparse(module) + "\n\n\nthe_thread = the_threads.Thread(target=the_script)\nthe_thread.start()\nthe_thread.join()\nprint('refused:', len(the_refusals), file=the_sys.stderr)\n"


def first_difference(want, got):
    for i, (w, g) in enumerate(zip([*want.splitlines(), "<end>"], [*got.splitlines(), "<end>"]), 1):
        if w != g:
            return f"line {i}: expected {w!r}, got {g!r}"
    return "exit status"


def run(command, cwd=None):
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, timeout=20)
    except subprocess.TimeoutExpired:
        return None, "does not end\n"
    return done.returncode, done.stdout.decode(errors="replace")


def compare_programs(options):
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program.py")
        for seed in range(options.seed, options.seed + options.count):
            path.write_text(Program(seed).text())
            want = run([os.environ["CORUN_PYTHON"], os.environ["CORUN_ORACLE"], str(path)])
            got = run([options.corun, "--clock", "virtual", str(path)])
            if want != got:
                bad += 1
                print(f"seed {seed}: {first_difference(want[1], got[1])}")
    print(f"{options.count} programs, {bad} differ")
    return bad


def compare_waiting(options):
    count = bad = 0
    for script in sorted(Path(options.waiting).resolve().rglob("*.co")):
        beside = [script.with_suffix(s) for s in (".exit", ".in", ".args")]
        if script.name.startswith(("_", "lib_")) or any(b.exists() for b in beside) or not script.with_suffix(".out").exists():
            continue
        try:
            text = in_a_thread(script.read_text(encoding="utf-8"), options.seed, options.share)
        except SyntaxError:
            continue
        if text is None:
            continue
        count += 1
        path = script.with_name("_in_a_thread.py")
        path.write_text(text, encoding="utf-8")
        try:
            _, got = run([options.corun, "--clock", "virtual", path.name], script.parent)
        finally:
            path.unlink()
        want = script.with_suffix(".out").read_text(encoding="utf-8", errors="replace")
        if want != got:
            bad += 1
            print(f"{script.name}: {first_difference(want, got)}")
    print(f"{count} scripts, {bad} differ")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corun", default=str(ROOT / "target/release/corun"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--share", type=float, default=0.3, help="the share of expressions that wait")
    parser.add_argument("--show", type=int)
    parser.add_argument("--waiting")
    options = parser.parse_args()
    if options.show is not None:
        print(Program(options.show).text(), end="")
        return 0
    bad = compare_waiting(options) if options.waiting else compare_programs(options)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
