"""Change the scoring core in one small way after another, and see whether the engine's tests notice.

    python tools/mutants.py [MODULE …] [--jobs 2] [--at LINE]

Every mutant is a process forked from this one, which has loaded all but the engine: it imports the engine with the one
change and calls the tests of the engine until the first fails. A mutant that is not over in time is noticed too. What
survives is printed as file:line, what stood there and what stands there now; docs/mutation.md says why it may.
"""

import argparse
import ast
import importlib
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections import ChainMap, Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import jsonschema  # noqa: F401 - loaded once, for all
import pytest  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
CORE = ("numbers", "combine", "ordinal", "pairwise", "least_squares", "ties", "sheet", "scoring", "rescale", "mix",
        "outcomes", "allocation", "methods")  # fmt: skip
# The quickest first: most mutants fall in the first second.
TESTS = (
    "golden",
    "scoring",
    "ties",
    "allocation",
    "explain",
    "rules",
    "reference",
    "numbers",
    "totality",
    "properties",
)
SLOW = ("spoilt", "hashes")  # they look at packages, or start processes of their own
SECONDS = 30
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
Mutant = tuple[str, int, str]


def swapped(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of a node."""
    if type(node) in SWAPS:
        yield SWAPS[type(node)]()
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield ast.Constant(f"{node.value}~")
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in CALLS:
        yield ast.Name(CALLS[node.id], ast.Load())
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield ast.comprehension(node.target, node.iter, [], node.is_async)


def inner(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Yield each place in the tree that holds code, not types, docstrings or assertions, as (parent, field, index)."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns"} or isinstance(node, ast.Assert):
            continue
        for at, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
            told = isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
            alias = (
                isinstance(node, ast.Module) and isinstance(item, ast.Assign) and isinstance(item.value, ast.Subscript)
            )
            if isinstance(item, ast.AST) and not told and not alias:
                yield node, name, at
                yield from inner(item)


def mutants(source: str) -> Iterator[tuple[ast.Module, Mutant]]:
    """Yield each changed tree with its line, what stood there, and what stands there now."""
    tree = ast.parse(source)
    line = 0
    for parent, name, at in inner(tree):
        held = getattr(parent, name)
        old = held if at is None else held[at]
        line = getattr(old, "lineno", line)
        before = shown(parent if isinstance(old, ast.operator | ast.cmpop | ast.boolop) else old)
        for new in swapped(old):
            put(parent, name, at, new)
            after = shown(parent if isinstance(old, ast.operator | ast.cmpop | ast.boolop) else new)
            if before != after:
                yield ast.fix_missing_locations(tree), (before, line, after)
            put(parent, name, at, old)


def put(parent: ast.AST, name: str, at: int | None, node: ast.AST) -> None:
    """Set one place of the tree."""
    if at is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[at] = node


def shown(node: ast.AST) -> str:
    """Write a node on one line."""
    return " ".join(ast.unparse(node).split())[:90]


class Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module of the engine from a changed tree."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> object:
        """Return this loader for the changed module."""
        found = PathFinder.find_spec(fullname, path) if fullname == self.name else None
        return found and importlib.util.spec_from_loader(fullname, self, origin=found.origin)

    def get_source(self, fullname: str) -> str:
        """Return nothing: the tree is all there is."""
        return ""

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed tree."""
        exec(compile(self.tree, self.name, "exec"), module.__dict__)  # noqa: S102 - that is the purpose


def survives(name: str, tree: ast.Module) -> None:
    """Run every test with the changed module; AssertionError or whatever else where one notices."""
    signal.alarm(SECONDS)
    sys.meta_path.insert(0, Changed(f"engine.{name}", tree))
    for each in TESTS:
        module = importlib.import_module(f"tests.engine.test_{each}")
        for test, function in vars(module).items():
            if test.startswith("test_") and not any(word in test for word in SLOW):
                for arguments in parameters(function):
                    function(**arguments)


def parameters(function: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a test
    """Yield the arguments that pytest would call a test with."""
    tables = []
    for mark in getattr(function, "pytestmark", ()):
        names = mark.args[0].split(", ") if isinstance(mark.args[0], str) else mark.args[0]
        tables.append([dict(zip(names, row if len(names) > 1 else [row], strict=True)) for row in mark.args[1]])
    for rows in product(*tables):
        yield dict(ChainMap(*rows))


def main() -> None:
    """Try every mutant of the modules named, two at a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=CORE)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--at", type=int, action="append", help="only mutants on this line")
    options = parser.parse_args()
    os.chdir(ROOT)
    os.nice(10)
    sys.path.insert(0, str(ROOT))
    found = [hypothesis.Phase.explicit, hypothesis.Phase.generate]  # the first failure will do: no shrinking
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, max_examples=50, phases=found)
    hypothesis.settings.load_profile("mutants")
    for name in options.modules:
        tried, survivors = try_all(name, options.jobs, options.at)
        killed = tried - len(survivors)
        print(f"{name:14} {killed:4} of {tried:4} {100 * killed / max(tried, 1):6.1f} %", flush=True)
        for before, line, after in sorted(survivors, key=lambda mutant: mutant[1]):
            print(f"  engine/{name}.py:{line}: {before}  →  {after}", flush=True)


def try_all(name: str, jobs: int, lines: Sequence[int] | None) -> tuple[int, list[Mutant]]:
    """Return how many mutants of a module were tried, and those that no test noticed."""
    running: dict[int, Mutant] = {}
    outcome: Counter[bool] = Counter()
    survivors: list[Mutant] = []

    def reap() -> None:
        pid, status = os.wait()
        mutant = running.pop(pid)
        outcome[status == 0] += 1
        survivors.extend([mutant] if status == 0 else [])

    for tree, mutant in mutants((ROOT / "engine" / f"{name}.py").read_text(encoding="utf-8")):
        if lines and mutant[1] not in lines:
            continue
        while len(running) >= jobs:
            reap()
        if not (pid := os.fork()):
            with suppress(BaseException):
                survives(name, tree)
                os._exit(0)
            os._exit(1)
        running[pid] = mutant
    while running:
        reap()
    return outcome.total(), survivors


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"in {time.monotonic() - begun:.0f} s")
