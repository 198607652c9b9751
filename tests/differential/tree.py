"""Compares corun's trees and places with CPython 3.11's, over .py files: run by hand, with CPython 3.11.

    python3.11 tests/differential/tree.py PARSE [DIRECTORY]

Strings that hold lone surrogates are not compared: corun refuses them. Nor are decorated definitions' places, which
begin at the first decorator here.
"""

import ast
import pathlib
import re
import struct
import subprocess
import sys
import sysconfig
import warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(20_000)
OPERATORS = {"Add": "Add", "Sub": "Sub", "Mult": "Mul", "MatMult": "MatMul", "Div": "Div", "FloorDiv": "FloorDiv", "Mod": "Mod",
             "Pow": "Pow", "LShift": "Shl", "RShift": "Shr", "BitAnd": "And", "BitOr": "Or", "BitXor": "Xor", "USub": "Neg",
             "UAdd": "Pos", "Invert": "Invert", "Not": "Not", "Eq": "Eq", "NotEq": "Ne", "Lt": "Lt", "LtE": "Le", "Gt": "Gt",
             "GtE": "Ge", "Is": "Is", "IsNot": "IsNot", "In": "In", "NotIn": "NotIn"}


class Dump:
    def __init__(self):
        self.quiet = 0

    def op(self, node):
        return OPERATORS[type(node).__name__]

    def place(self, n):
        if self.quiet:
            return ""
        return f"@{n.lineno}:{n.col_offset}-{n.end_lineno}:{n.end_col_offset}"

    def list(self, items, each=None):
        return "[" + "".join((each or self)(item) + " " for item in items) + "]"

    def opt(self, node):
        return "-" if node is None else self(node)

    def __call__(self, node):
        place = self.place(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.decorator_list:
            place = "@?"
        return place + getattr(self, type(node).__name__)(node)

    def block(self, body):
        return self.list(body)

    def Expr(self, n): return f"(Expr {self(n.value)})"
    def Assign(self, n): return f"(Assign {self.list(n.targets)}{self(n.value)})"
    def AugAssign(self, n): return f"(AugAssign {self(n.target)}{self.op(n.op)} {self(n.value)})"
    def AnnAssign(self, n): return f"(AnnAssign {self(n.target)}{self(n.annotation)}{self.opt(n.value)}{n.simple})"
    def Return(self, n): return f"(Return {self.opt(n.value)})"
    def Raise(self, n): return f"(Raise {self.opt(n.exc)}{self.opt(n.cause)})"
    def Assert(self, n): return f"(Assert {self(n.test)}{self.opt(n.msg)})"
    def Delete(self, n): return f"(Delete {self.list(n.targets)})"
    def Pass(self, n): return "Pass"
    def Break(self, n): return "Break"
    def Continue(self, n): return "Continue"
    def Global(self, n): return f"(Global {self.list(n.names, str)})"
    def Nonlocal(self, n): return f"(Nonlocal {self.list(n.names, str)})"
    def name(self, a): return f"{a.name} {a.asname or '-'}"
    def Import(self, n): return f"(Import {self.list(n.names, self.name)})"
    def ImportFrom(self, n): return f"(ImportFrom {n.module or '-'} {n.level} {self.list(n.names, self.name)})"

    def If(self, n):
        if len(n.orelse) == 1 and isinstance(n.orelse[0], ast.If) and n.orelse[0].elif_:
            orelse = f"[{self.If(n.orelse[0])} ]"
        else:
            orelse = self.block(n.orelse)
        return f"(If {self(n.test)}{self.block(n.body)}{orelse})"

    def While(self, n): return f"(While {self(n.test)}{self.block(n.body)}{self.block(n.orelse)})"
    def For(self, n): return f"({type(n).__name__} {self(n.target)}{self(n.iter)}{self.block(n.body)}{self.block(n.orelse)})"
    AsyncFor = For
    def With(self, n): return f"({type(n).__name__} {self.list(n.items, lambda i: self(i.context_expr) + self.opt(i.optional_vars))}{self.block(n.body)})"
    AsyncWith = With

    def Try(self, n):
        handlers = self.list(n.handlers, lambda h: self.opt(h.type) + (h.name or "-") + self.block(h.body))
        return f"({type(n).__name__} {self.block(n.body)}{handlers}{self.block(n.orelse)}{self.block(n.finalbody)})"
    TryStar = Try

    def Match(self, n):
        return f"(Match {self(n.subject)}{self.list(n.cases, lambda c: self(c.pattern) + self.opt(c.guard) + self.block(c.body))})"

    def FunctionDef(self, n):
        return f"({type(n).__name__} {n.name}{self.list(n.decorator_list)}{self.params(n.args)}{self.opt(n.returns)}{self.block(n.body)})"
    AsyncFunctionDef = FunctionDef

    def ClassDef(self, n):
        return f"(ClassDef {n.name}{self.list(n.decorator_list)}{self.args(n.bases, n.keywords)}{self.block(n.body)})"

    def params(self, a):
        plain = a.posonlyargs + a.args
        defaults = [None] * (len(plain) - len(a.defaults)) + a.defaults
        def param(pair):
            p, default = pair
            return p.arg + self.opt(p.annotation) + self.opt(default)
        k = len(a.posonlyargs)
        return (self.list(zip(a.posonlyargs, defaults), param) + self.list(zip(a.args, defaults[k:]), param)
                + self.list([(a.vararg, None)] if a.vararg else [], param) + self.list(zip(a.kwonlyargs, a.kw_defaults), param)
                + self.list([(a.kwarg, None)] if a.kwarg else [], param))

    def args(self, args, keywords):
        star = lambda e: "*" + self(e.value) if isinstance(e, ast.Starred) else self(e)
        return self.list(args, star) + self.list(keywords, lambda k: ((k.arg or "**") + self(k.value)))

    def Name(self, n): return f"(Name {n.id})"

    def Constant(self, n):
        v = n.value
        if v is None or v is True or v is False: return str(v)
        if v is ...: return "Ellipsis"
        if isinstance(v, int): return f"{v:x}"
        if isinstance(v, float): return "f" + struct.pack(">d", v).hex()
        if isinstance(v, complex): return "j" + struct.pack(">d", v.imag).hex()
        if isinstance(v, bytes): return f"b'{v.hex()}'"
        return f"'{v.encode('utf-8', 'surrogatepass').hex()}'"

    def JoinedStr(self, n):
        self.quiet += 1
        text = f"(JoinedStr {self.list(n.values, self.part)})"
        self.quiet -= 1
        return text

    def part(self, p):
        if isinstance(p, ast.Constant): return self(p)
        conversion = "-" if p.conversion == -1 else chr(p.conversion)
        return f"{self(p.value)}!{conversion} " + ("-" if p.format_spec is None else self.JoinedStr(p.format_spec))

    def Tuple(self, n): return f"({type(n).__name__} {self.list(n.elts)})"
    List = Set = Tuple
    def Dict(self, n): return f"(Dict {self.list(zip(n.keys, n.values), lambda i: ('**' if i[0] is None else self(i[0])) + self(i[1]))})"
    def UnaryOp(self, n): return f"({self.op(n.op)} {self(n.operand)})"
    def BinOp(self, n): return f"({self.op(n.op)} {self(n.left)}{self(n.right)})"
    def BoolOp(self, n): return f"({type(n.op).__name__.lower()} {self.list(n.values)})"
    def Compare(self, n): return f"(Compare {self(n.left)}{self.list(zip(n.ops, n.comparators), lambda i: self.op(i[0]) + ' ' + self(i[1]))})"
    def IfExp(self, n): return f"(IfExp {self(n.test)}{self(n.body)}{self(n.orelse)})"
    def Lambda(self, n): return f"(Lambda {self.params(n.args)}{self(n.body)})"
    def Call(self, n): return f"(Call {self(n.func)}{self.args(n.args, n.keywords)})"
    def Attribute(self, n): return f"(Attribute {self(n.value)}{n.attr})"
    def Subscript(self, n): return f"(Subscript {self(n.value)}{self(n.slice)})"
    def Slice(self, n): return f"(Slice {self.opt(n.lower)}{self.opt(n.upper)}{self.opt(n.step)})"
    def Starred(self, n): return f"(Starred {self(n.value)})"
    def Await(self, n): return f"(Await {self(n.value)})"
    def Yield(self, n): return f"(Yield {self.opt(n.value)})"
    def YieldFrom(self, n): return f"(YieldFrom {self(n.value)})"
    def NamedExpr(self, n): return f"(NamedExpr {n.target.id}{self(n.value)})"
    def clauses(self, g): return self.list(g, lambda c: ("async " if c.is_async else "") + self(c.target) + self(c.iter) + self.list(c.ifs))
    def ListComp(self, n): return f"({type(n).__name__} {self(n.elt)}{self.clauses(n.generators)})"
    SetComp = GeneratorExp = ListComp
    def DictComp(self, n): return f"(DictComp {self(n.key)}{self(n.value)}{self.clauses(n.generators)})"

    def MatchValue(self, n): return f"(MatchValue {self(n.value)})"
    def MatchSingleton(self, n): return f"(MatchSingleton {n.value})"
    def MatchSequence(self, n): return f"(MatchSequence {self.list(n.patterns)})"
    def MatchMapping(self, n): return f"(MatchMapping {self.list(n.keys)}{self.list(n.patterns)}{n.rest or '-'})"
    def MatchClass(self, n):
        return f"(MatchClass {self(n.cls)}{self.list(n.patterns)}{self.list(zip(n.kwd_attrs, n.kwd_patterns), lambda i: i[0] + self(i[1]))})"
    def MatchStar(self, n): return f"(MatchStar {n.name or '-'})"
    def MatchAs(self, n): return f"(MatchAs {self.opt(n.pattern)}{n.name or '-'})"
    def MatchOr(self, n): return f"(MatchOr {self.list(n.patterns)})"


def mark_elifs(tree, lines):
    for node in ast.walk(tree):
        if isinstance(node, ast.If):
            node.elif_ = lines[node.lineno - 1].encode()[node.col_offset:].startswith(b"elif")


def main():
    process = subprocess.Popen([sys.argv[1], "--dump"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    directory = sys.argv[2] if sys.argv[2:] else sysconfig.get_path("stdlib")
    total = wrong = 0
    for path in sorted(pathlib.Path(directory).rglob("*.py")):
        try:
            text = path.read_bytes().decode("utf-8")
            tree = ast.parse(text)
            compile(tree, "<tree>", "exec")
        except (SyntaxError, ValueError, RecursionError):
            continue
        if text.startswith("\ufeff") or "\f" in text or "\r" in text.replace("\r\n", ""):
            continue
        mark_elifs(tree, text.split("\n"))
        data = text.encode()
        process.stdin.write(b"%d\n" % len(data) + data)
        process.stdin.flush()
        found = process.stdout.readline().decode().rstrip("\n")
        expected = Dump().block(tree.body)
        if "lone surrogates" in found:
            continue
        total += 1
        found, expected = found.replace(" ", ""), expected.replace(" ", "")
        found, expected = masked(found), masked(expected)
        if found != expected:
            wrong += 1
            at = next((i for i, (a, b) in enumerate(zip(found, expected)) if a != b), 0)
            print(f"{path}\n  CPython: {expected[max(at - 60, 0):at + 60]}\n  corun:   {found[max(at - 60, 0):at + 60]}")
    print(f"{total} files, {wrong} differ")


def masked(text):
    """Without the places of definitions."""
    return re.sub(r"@[\d:-]+(?=\((?:Async)?FunctionDef|\(ClassDef)|@\?", "", text)


if __name__ == "__main__":
    main()
