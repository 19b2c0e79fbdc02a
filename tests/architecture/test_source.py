"""What the code must not say, and where. Import rules are import-linter's; these are about calls and words."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    "accounts",
    "awards",
    "benchmarks",
    "common",
    "config",
    "contests",
    "engine",
    "notifications",
    "reviews",
    "tools",
)
MOST_LINES = 500

Finder = Callable[[ast.AST], bool]


def attribute(*names: str) -> Finder:
    """Find `anything.name`."""
    return lambda node: isinstance(node, ast.Attribute) and node.attr in names


def call(*names: str) -> Finder:
    """Find `name(…)` and `anything.name(…)`."""

    def found(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return called in names

    return found


def builtin(*names: str) -> Finder:
    """Find `name(…)`, and no method of that name."""
    return lambda node: isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def call_on(owners: tuple[str, ...], *names: str) -> Finder:
    """Find `owner.name(…)` and `module.owner.name(…)`."""

    def found(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in names:
            return False
        owner = node.func.value
        return (owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")) in owners

    return found


def either(*finders: Finder) -> Finder:
    return lambda node: any(find(node) for find in finders)


def trusted_text(node: ast.AST) -> bool:
    """Find text that is declared safe without being written out on the spot."""

    def written_out(value: ast.AST) -> bool:
        if isinstance(value, ast.IfExp):
            return written_out(value.body) and written_out(value.orelse)
        return isinstance(value, ast.Constant)

    return isinstance(node, ast.Call) and call("mark_safe", "SafeString")(node) and not all(map(written_out, node.args))


def a_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


@dataclass(frozen=True)
class Rule:
    """What may not be said in the files of `where`, but for those of `but`, and an example of it."""

    why: str
    finds: Finder
    example: str
    where: tuple[str, ...] = tuple(f"{room}/*" for room in ROOMS)
    but: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        return any(fnmatch(path, each) for each in self.where) and not any(fnmatch(path, each) for each in self.but)


# What says that it is a statistic may use floats (law 6).
STATISTICS = (
    "engine/agreement.py",
    "engine/calibration.py",
    "engine/monitor.py",
    "engine/paired.py",
    "engine/readings.py",
    "engine/round_statistics.py",
    "engine/statistics.py",
    "engine/variance.py",
)
RULES = (
    Rule(
        "a door reads through queries and writes through services",
        attribute("records", "objects"),
        "Proposal.records.all()",
        where=("*/views.py", "*/views/*", "*/api.py", "*/api/*", "*/templatetags/*", "*/forms.py", "*/forms/*"),
        but=("common/api.py", "accounts/api.py"),  # kept answers and tokens belong to the API itself
    ),
    Rule(
        "work is asked for in the outbox; only its bell speaks to the broker",
        call("delay", "apply_async", "send_task", "signature"),
        "recompute.delay(round_id)",
        but=("common/outbox.py",),
    ),
    Rule(
        "time is an argument: it enters at the door",
        either(
            call_on(("timezone", "datetime"), "now", "utcnow", "localtime", "localdate"),
            call_on(("date", "datetime"), "today"),
            call_on(("time",), "time"),
            call("Now"),
        ),
        "timezone.now()",
        but=("common/clock.py", "common/middleware.py", "*/management/*", "benchmarks/*", "tools/*"),
    ),
    Rule(
        "what people type is escaped, always",
        trusted_text,
        "mark_safe(title)",
    ),
    Rule(
        "official numbers are exact: integers, Decimal or Fraction, rounded as the rules say",
        either(builtin("float", "round"), a_float),
        "round(total, 2)",
        where=("engine/*", "reviews/*", "awards/*"),
        but=("awards/demo/*", "*/management/*", "*/views/*", "reviews/queries/desk.py", *STATISTICS),  # bytes, minutes
    ),
    Rule(
        "mail goes through notifications, where the table decides what it may say",
        call("send_mail", "send_mass_mail", "mail_admins", "mail_managers", "EmailMessage", "EmailMultiAlternatives"),
        "send_mail(subject, text, None, [address])",
        but=("notifications/*",),
    ),
)


def sources(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of the files of the rooms, templates, styles, scripts and tests that we write ourselves."""
    for room in (*ROOMS, "templates", "static", "tests"):
        for path in sorted((ROOT / room).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in suffixes and "/vendor/" not in name and "/migrations/" not in name:
                yield name, path.read_text(encoding="utf-8")


def breaches(rule: Rule) -> Iterator[str]:
    """Yield file and line of each place that breaks a rule."""
    for name, text in sources(".py"):
        if rule.covers(name):
            for node in ast.walk(ast.parse(text)):
                if rule.finds(node):
                    yield f"{name}:{getattr(node, 'lineno', 0)}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.why)
def test_the_code_keeps_the_rule(rule: Rule) -> None:
    assert list(breaches(rule)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.why)
def test_the_rule_would_notice(rule: Rule) -> None:
    assert any(rule.finds(node) for node in ast.walk(ast.parse(rule.example)))


TEMPLATE_RULES = {
    "what people type is escaped, always": (r"\|\s*safe\b|autoescape\s+off|\|\s*safeseq\b", "{{ title|safe }}"),
    "style lives in static/css: the policy forbids it inline": (r"<style\b|\sstyle\s*=", '<p style="color: red">'),
    "behaviour lives in static/js: the policy forbids it inline": (
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son[a-z]+\s*=|javascript:",
        '<a onclick="go()">',
    ),
    "nothing is loaded from elsewhere": (
        r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//",
        '<script src="https://cdn.example.org/x.js">',
    ),
}


@pytest.mark.parametrize("why", TEMPLATE_RULES)
def test_templates_keep_the_rule(why: str) -> None:
    pattern, example = TEMPLATE_RULES[why]
    assert re.search(pattern, example)
    assert [name for name, text in sources(".html", ".svg") if re.search(pattern, text)] == []


def test_a_file_tells_one_story() -> None:
    long = {name: text.count("\n") for name, text in sources(".py", ".html", ".css", ".js")}
    ours = {name: lines for name, lines in long.items() if not name.startswith("tests/")}  # a test file tells many
    assert {name: lines for name, lines in ours.items() if lines > MOST_LINES} == {}


def test_nothing_is_left_to_do() -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    here = Path(__file__).relative_to(ROOT).as_posix()
    assert [name for name, text in sources(".py", ".html", ".css", ".js") if name != here and mark.search(text)] == []


def test_whoever_silences_a_checker_says_why() -> None:
    silent = re.compile(r"#\s*(?:noqa\b(?!: [A-Z0-9, ]+ - \w)|type: ignore\b(?!\[[a-z, -]+\]\s+(?:#|-) ?\w))")
    assert silent.search("x = 1  # no" + "qa: E501")
    assert not silent.search("x = 1  # no" + "qa: E501 - the address is that long")
    assert not silent.search("x = 1  # type: " + "ignore[attr-defined] # set by the middleware")
    here = Path(__file__).relative_to(ROOT).as_posix()
    assert [name for name, text in sources(".py") if name != here and silent.search(text)] == []


def test_every_variable_of_the_environment_is_documented() -> None:
    read = re.compile(r"""(?:env\.\w+|os\.environ\.get)\(\s*["']([A-Z][A-Z_]+)["']""")
    programs = [text for name, text in sources(".py") if name.startswith(("config/", "common/"))]
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    variables = {name for text in programs for name in read.findall(text)}
    assert {"DATABASE_URL", "GIURIA_PORT"} <= variables
    assert {name for name in variables if f"`{name}`" not in documented} == set()
