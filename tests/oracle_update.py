"""Makes the expected outputs of the golden scripts with CPython 3.11.

    CORUN_ORACLE=/path/to/oracle.py python3.11 tests/oracle_update.py [--check] [-j N] [PATH...]

Each PATH is a script or a folder (default: examples, tests/golden and tests/wishlist).
A script NAME.co is run three times under the oracle, with different ORACLE_PERTURB values;
one whose output differs between the runs is refused, because no interpreter can be held
to it. A script whose first line is `# real threads` uses threads that the oracle does not
serve: it is run three times by plain CPython, on the real clock, and has to keep its threads
apart by clear margins of time (`chrt -f 10` helps on a busy machine).
The results stand beside the script:

    NAME.out    stdout, always
    NAME.exit   the exit status, when it is not 0
    NAME.err    the line that CPython prints for the uncaught exception

A NAME.err that was written by hand (for a script that writes to stderr itself) is kept and
checked: each of its lines has to begin a line of stderr. NAME.args (one argument per line)
and NAME.in (standard input) are given to the script. Scripts whose first line is
`# corun-only` (their .out is checked by hand against an equivalent plain script), and files and
folders starting with `_` or `lib_`, are skipped.

With --check nothing is written; the status is 1 if an expectation differs.
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PERTURB = ("", "1", "2")
# Lets CPython import NAME.co, before NAME.py, as corun does.
SITE = "import importlib.machinery; importlib.machinery.SOURCE_SUFFIXES.insert(0, '.co')\n"
TIMEOUT = 120


def is_script(path):
    names = path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else path.parts
    if any(name.startswith(("_", "lib_")) for name in names):
        return False
    first = path.read_bytes().split(b"\n", 1)[0]
    return first.rstrip() != b"# corun-only"


def uses_real_threads(script):
    return script.read_bytes().split(b"\n", 1)[0].rstrip() == b"# real threads"


def scripts(paths):
    for path in paths:
        found = sorted(path.rglob("*.co")) if path.is_dir() else [path]
        yield from (p for p in found if is_script(p))


def run(script, perturb):
    """Runs the script once: (status, stdout, stderr, line of the uncaught exception)."""
    args = []
    args_file = script.with_suffix(".args")
    if args_file.exists():
        args = args_file.read_text(encoding="utf-8").splitlines()
    stdin_file = script.with_suffix(".in")
    stdin = stdin_file.read_bytes() if stdin_file.exists() else b""
    with tempfile.TemporaryDirectory() as scratch:
        err_path = Path(scratch) / "err"
        env = {k: v for k, v in os.environ.items() if k not in ("CORUN_ORACLE", "ORACLE_PERTURB")}
        env["ORACLE_ERR"] = str(err_path)
        env["PYTHONPATH"] = scratch
        Path(scratch, "sitecustomize.py").write_text(SITE)
        if perturb:
            env["ORACLE_PERTURB"] = perturb
        is_real = uses_real_threads(script)
        runner = ["-X", "utf8"] if is_real else [os.environ["CORUN_ORACLE"]]
        done = subprocess.run(
            [sys.executable, *runner, script.name, *args],
            cwd=script.parent, env=env, input=stdin, capture_output=True, timeout=TIMEOUT)
        err = err_path.read_text(encoding="utf-8") if err_path.exists() else None
        if is_real and done.returncode == 1:
            err = done.stderr.decode().rstrip().rsplit("\n", 1)[-1] + "\n"
    return done.returncode, done.stdout, done.stderr, err


def expected(script):
    """The files that should stand beside the script, as {suffix: bytes or None}, and complaints."""
    status, out, stderr, err = run(script, PERTURB[0])
    for perturb in PERTURB[1:]:
        if run(script, perturb)[:2] + (err,) != (status, out, err):
            return {}, [f"output differs under ORACLE_PERTURB={perturb}"]
    files = {".out": out, ".exit": f"{status}\n".encode() if status else None}
    by_hand = script.with_suffix(".err")
    if err is not None:
        files[".err"] = err.encode()
    elif by_hand.exists():
        lines = stderr.decode().splitlines()
        missing = [w for w in by_hand.read_text(encoding="utf-8").splitlines()
                   if not any(line.startswith(w) for line in lines)]
        return files, [f"stderr has no line {line!r}" for line in missing]
    return files, []


def handle(script, check):
    try:
        files, complaints = expected(script)
    except subprocess.TimeoutExpired:
        files, complaints = {}, ["timed out"]
    for suffix, content in files.items():
        path = script.with_suffix(suffix)
        found = path.read_bytes() if path.exists() else None
        if found == content:
            continue
        if check:
            complaints.append(f"{path.name} differs")
        elif content is None:
            path.unlink()
        else:
            path.write_bytes(content)
    return script, complaints


def main(argv):
    if "CORUN_ORACLE" not in os.environ or sys.version_info[:2] != (3, 11):
        sys.exit("needs CORUN_ORACLE in the environment and CPython 3.11")
    check, jobs, paths = False, 2, []
    rest = iter(argv)
    for arg in rest:
        if arg == "--check":
            check = True
        elif arg == "-j":
            jobs = int(next(rest))
        else:
            paths.append(Path(arg).resolve())
    if not paths:
        paths = [p for p in (ROOT / "examples", ROOT / "tests/golden", ROOT / "tests/wishlist") if p.exists()]
    bad = count = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for script, complaints in pool.map(lambda s: handle(s, check), scripts(paths)):
            count += 1
            bad += bool(complaints)
            for complaint in complaints:
                print(f"{script}: {complaint}")
    print(f"{count} scripts, {bad} with complaints")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
