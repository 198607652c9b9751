"""Compares corun's front end with CPython 3.11: run by hand, with CPython 3.11.

    python3.11 tests/differential/syntax.py PARSE files [DIRECTORY]     accept or reject every .py file
    python3.11 tests/differential/syntax.py PARSE mutants [COUNT [SEED]]  randomly broken snippets
    python3.11 tests/differential/syntax.py PARSE mangled [COUNT [SEED]]  the same with pieces of the standard library
    python3.11 tests/differential/syntax.py PARSE messages              the words for known mistakes

PARSE is the built example: `cargo build --example parse`, then target/debug/examples/parse.
"""

import pathlib
import random
import re
import subprocess
import sys
import sysconfig
import warnings

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).parent


class Parser:
    """The other side: one process, one line of answer per source."""

    def __init__(self, path):
        self.command = path
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, text):
        data = text.encode("utf-8", "surrogatepass")
        try:
            self.process.stdin.write(b"%d\n" % len(data) + data)
            self.process.stdin.flush()
            answer = self.process.stdout.readline().decode()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self.start()
            return "CRASH"
        return answer.rstrip("\n")


def reference(text):
    """CPython's answer in the same form."""
    try:
        compile(text, "<input>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"{type(error).__name__}: {error.msg} @{error.lineno}:{error.offset}"
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"
    return "ok"


def words(answer):
    """The class and message, without the place."""
    return answer.split("\t")[0].rsplit(" @", 1)[0]


def files(parser, directory):
    wrong = total = 0
    for path in sorted(pathlib.Path(directory).rglob("*.py")):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        total += 1
        expected, found = reference(text), parser.ask(text)
        if (expected == "ok") != (found == "ok") and "lone surrogates" not in found:
            wrong += 1
            found = found.split("\t")[0]
            print(f"{path}\n  CPython: {expected}\n  corun:   {found}")
    print(f"{total} files, {wrong} differ")


def snippets():
    """Valid pieces to break: the blocks of tests/differential/valid.txt, separated by lines of dashes."""
    return (HERE / "valid.txt").read_text().split("\n----\n")


TOKENS = """( ) [ ] { } : , ; . = == := + - * ** / // % @ | & ^ ~ < > -> ... ! $ ? \\ ' " ''' f' f" b' 0 1 1.5 0x 1_ 09 x y
None True False and as assert async await break class continue def del elif else except finally for from global if import
in is lambda nonlocal not or pass raise return try while with yield match case _ print é \t \n """.split(" ") + ["\n", " ", "    "]


def mutate(text, rng):
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            text = text[:at] + text[at + rng.randrange(1, 4):]
        elif kind == 1:
            text = text[:at] + " " + rng.choice(TOKENS) + " " + text[at:]
        elif kind == 2:
            text = text[:at] + rng.choice(TOKENS) + text[at + 1:]
        elif kind == 3:
            words = text.split(" ")
            i, j = rng.randrange(len(words)), rng.randrange(len(words))
            words[i], words[j] = words[j], words[i]
            text = " ".join(words)
        else:
            end = min(len(text), at + rng.randrange(1, 12))
            to = rng.randrange(len(text) + 1)
            text = text[:to] + text[at:end] + text[to:]
    return text


def library():
    """Pieces of about thirty lines from the standard library."""
    pieces = []
    for path in sorted(pathlib.Path(sysconfig.get_path("stdlib")).glob("*.py")):
        lines = path.read_text(errors="replace").split("\n")
        pieces += ["\n".join(lines[i:i + 30]) for i in range(0, len(lines), 300)]
    return pieces


def mutants(parser, count, seed, pieces):
    rng = random.Random(seed)
    verdicts = {"same verdict": 0, "same words": 0, "rejected": 0, "accepted": 0, "crash": 0}
    shown = {}
    for _ in range(count):
        text = mutate(rng.choice(pieces), rng)
        expected, found = reference(text), parser.ask(text)
        if found == "CRASH":
            verdicts["crash"] += 1
            print("CRASH", repr(text))
        elif (expected == "ok") != (found == "ok") and "lone surrogates" not in found:
            kind = "accepted" if found == "ok" else "rejected"
            verdicts[kind] += 1
            print(f"falsely {kind}: {text!r}\n  CPython: {expected}\n  corun:   {found}")
        else:
            verdicts["same verdict"] += 1
            if words(expected) == words(found):
                verdicts["same words"] += 1
            else:
                pair = (words(expected), words(found))
                shown.setdefault(pair, []).append(text)
    for (expected, found), texts in sorted(shown.items(), key=lambda item: -len(item[1]))[:60]:
        print(f"{len(texts):5} CPython: {expected}\n      corun:   {found}\n      e.g. {min(texts, key=len)!r}")
    print(verdicts)


def messages(parser):
    """Each line of wrong.txt is one mistake; `\\n`, `\\t`, `\\\\` and `\\uXXXX` stand for characters."""
    wrong = total = 0
    for line in (HERE / "wrong.txt").read_text().splitlines():
        total += 1
        text = re.sub(r"\\(n|t|\\|u[0-9a-f]{4})", lambda m: eval(f"'{m[0]}'"), line)
        expected, found = reference(text), parser.ask(text)
        if words(expected) != words(found):
            wrong += 1
            print(f"{text!r}\n  CPython: {expected}\n  corun:   {found}")
    print(f"{total} mistakes, {wrong} worded differently")


def main():
    parser = Parser(sys.argv[1])
    match sys.argv[2:]:
        case ["files"]:
            files(parser, sysconfig.get_path("stdlib"))
        case ["files", directory]:
            files(parser, directory)
        case ["mutants", *rest]:
            mutants(parser, int(rest[0]) if rest else 2000, int(rest[1]) if rest[1:] else 0, snippets())
        case ["mangled", *rest]:
            mutants(parser, int(rest[0]) if rest else 2000, int(rest[1]) if rest[1:] else 0, library())
        case ["messages"]:
            messages(parser)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
