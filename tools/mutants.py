"""Change the scoring core in one small way after another, and see whether the engine's tests notice.

    python tools/mutants.py [MODULE | MODULE:LINE …]

Each mutant is a process forked from this one, which has loaded engine and tests: it changes one function, or loads the
module anew where the change is outside of functions, and calls the tests until the first fails. One that is not over in
time is noticed too. What survives is printed as file:line, what stood there, what stands there now; docs/mutation.md
says why it may.
"""

import ast
import importlib
import os
import signal
import sys
from collections import ChainMap
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from itertools import product
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import hypothesis

ROOT = Path(__file__).resolve().parent.parent
CORE = ("numbers", "combine", "ordinal", "pairwise", "least_squares", "ties", "sheet", "scoring", "rescale", "mix",
        "outcomes", "allocation", "rules", "reading")  # fmt: skip
# The quickest first: most mutants fall there.
TESTS = (
    "golden",
    "scoring",
    "ties",
    "allocation",
    "explain",
    "rules",
    "reading",
    "reference",
    "numbers",
    "totality",
    "properties",
)
SLOW = ("spoilt", "hashes")  # they look at whole packages, or start processes of their own
SECONDS, AT_ONCE = 15, 2  # of processor time; processes
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
Spot = tuple[ast.AST, str, int | None]


def swapped(node: ast.AST) -> ast.AST | None:  # noqa: PLR0911 - one line a kind
    """Return what to put in the place of a node, if anything."""
    match node:
        case ast.Constant(bool(value)):
            return ast.Constant(not value)
        case ast.Constant(int(value)):
            return ast.Constant(value + 1)
        case ast.Constant(str(value)):
            return ast.Constant(f"{value}~")
        case ast.UnaryOp():
            return node.operand
        case ast.Name(id=name, ctx=ast.Load()) if name in CALLS:
            return ast.Name(CALLS[name], ast.Load())
        case ast.Expr(ast.Call()):
            return ast.Pass()
        case ast.If() | ast.IfExp() | ast.While():
            turned = copy(node)
            turned.test = ast.UnaryOp(ast.Not(), node.test)
            return turned
        case ast.comprehension(ifs=[_, *_]):
            return ast.comprehension(node.target, node.iter, [], node.is_async)
    return SWAPS[type(node)]() if type(node) in SWAPS else None


def spots(node: ast.AST) -> Iterator[Spot]:
    """Yield each place that holds code, not types, docstrings, decorators or assertions, as (parent, field, index)."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list"} or isinstance(node, ast.Assert):
            continue
        for at, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
            told = isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
            alias = (
                isinstance(node, ast.Module) and isinstance(item, ast.Assign) and isinstance(item.value, ast.Subscript)
            )
            strict = isinstance(item, ast.keyword) and item.arg == "strict"
            if isinstance(item, ast.AST) and not (told or alias or strict):
                yield node, name, at
                yield from spots(item)


def functions(node: ast.AST, path: tuple[str, ...] = ()) -> Iterator[tuple[ast.AST, tuple[str, ...]]]:
    """Yield each node inside a function or a method, with the names that lead there."""
    for item in getattr(node, "body", ()):
        if isinstance(item, ast.ClassDef):
            yield from functions(item, (*path, item.name))
        elif isinstance(item, ast.FunctionDef):
            yield from ((each, (*path, item.name)) for line in item.body for each in ast.walk(line))


def mutants(source: str) -> Iterator[tuple[ast.Module, tuple[str, ...], int, str]]:
    """Yield each changed tree, the function that is changed (empty: the module), its line, and what was changed."""
    tree = ast.parse(source)
    inside, line = dict(functions(tree)), 0
    for parent, name, at in spots(tree):
        held = getattr(parent, name)
        old = held if at is None else held[at]
        if new := swapped(old):
            # An operator is one object for the whole tree: what it stands in says where it is.
            owner = old if hasattr(old, "lineno") else parent
            line = getattr(owner, "lineno", line)
            before = ast.unparse(owner)
            put(parent, name, at, new)
            said = f"{before}  →  {ast.unparse(parent if owner is parent else new)}"
            yield ast.fix_missing_locations(tree), inside.get(owner, ()), line, " ".join(said.split())[:180]
            put(parent, name, at, old)


def put(parent: ast.AST, name: str, at: int | None, node: ast.AST) -> None:
    """Set one place of the tree."""
    if at is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[at] = node


def run_tests(name: str, tree: ast.Module, function: tuple[str, ...]) -> None:
    """Call every test with the changed module; what is raised is what a test noticed."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    code: Any = compile(tree, name, "exec")
    if function:
        found: Any = sys.modules[name]
        for part in function:
            code = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == part)
            found = vars(found)[part]
        for wrapped in ("fget", "func", "__func__"):
            found = getattr(found, wrapped, found)
        found.__code__ = code
    else:
        for loaded in [each for each in sys.modules if each.startswith(("engine.", "tests.engine"))]:
            del sys.modules[loaded]
        sys.modules[name] = ModuleType(name)
        exec(code, vars(sys.modules[name]))  # noqa: S102 - that is the purpose
    load_tests()
    for each in TESTS:
        if each == "numbers" and name != "engine.numbers":
            continue  # they speak of nothing else
        for test, called in vars(sys.modules[f"tests.engine.test_{each}"]).items():
            if test.startswith("test_") and not any(word in test for word in SLOW):
                for arguments in parameters(called):
                    called(**arguments)


def load_tests() -> None:
    """Load the tests, at a third of their usual size."""
    importlib.import_module("tests.engine.rounds").size = lambda usual, _: usual // 3  # type: ignore[attr-defined] # the module declares it
    for each in TESTS:
        importlib.import_module(f"tests.engine.test_{each}")


def parameters(test: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a function with pytest's marks
    """Yield the arguments that pytest would call a test with."""
    tables = []
    for mark in getattr(test, "pytestmark", ()):
        names = mark.args[0].split(", ") if isinstance(mark.args[0], str) else mark.args[0]
        tables.append([dict(zip(names, row if len(names) > 1 else [row], strict=True)) for row in mark.args[1]])
    return (dict(ChainMap(*rows)) for rows in product(*tables))


def survivors(name: str, lines: set[int]) -> tuple[int, list[tuple[int, str]]]:
    """Return how many mutants of a module were tried, and those that no test noticed."""
    tried, alive, running = 0, [], dict[int, tuple[int, str]]()

    def reap() -> None:
        pid, status = os.wait()
        mutant = running.pop(pid)
        alive.extend([] if status else [mutant])

    for tree, function, line, said in mutants((ROOT / "engine" / f"{name}.py").read_text(encoding="utf-8")):
        if lines and line not in lines:
            continue
        if len(running) == AT_ONCE:
            reap()
        tried += 1
        if not (pid := os.fork()):
            with suppress(BaseException):
                run_tests(f"engine.{name}", tree, function)
                os._exit(0)
            os._exit(1)
        running[pid] = line, said
    while running:
        reap()
    return tried, sorted(alive)


def main() -> None:
    """Try the mutants of the modules named, or of the whole core."""
    os.chdir(ROOT)
    os.nice(5)
    sys.path.insert(0, str(ROOT))
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]  # the first failure will do: no shrinking
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, max_examples=50, phases=phases)
    hypothesis.settings.load_profile("mutants")
    load_tests()
    wanted: dict[str, set[int]] = {}
    for each in sys.argv[1:] or CORE:
        name, _, at = each.partition(":")
        wanted.setdefault(name, set()).update({int(at)} if at else ())
    for name, lines in wanted.items():
        tried, alive = survivors(name, lines)
        print(f"{name:14} {tried - len(alive):4} of {tried:4} {100 * (tried - len(alive)) / tried:6.1f} %", flush=True)
        for line, said in alive:
            print(f"  engine/{name}.py:{line}: {said}", flush=True)


if __name__ == "__main__":
    main()
