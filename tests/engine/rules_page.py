"""Reads docs/rules.md as its readers do: sections, and in them worked examples, in the form that the page explains."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.allocation import results
from engine.contest import Category, Decision, Prize, Round
from engine.numbers import decimal_text, number
from engine.rules import Rules, parse_rules
from engine.scoring import score
from engine.sheet import Sheet
from engine.types import Ballot, Comparison, Proposal, RoundInput
from tests.engine.build import ballots, preferences

PAGE = (Path(__file__).parent.parent.parent / "docs" / "rules.md").read_text(encoding="utf-8")
TITLE = {"en": "-"}
OF_CONTEST = ("category", "round", "draw_seed", "outcome", "prize", "decision")
OF_PROPOSAL = ("state", "submitted_at", "ask", "organisation", "region", "themes")
OF_ROUND = ("votes", "carried", "chair", "assigned")

Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example: what is said above its tables, the pairs or proposals given, and what is expected."""

    about: Mapping[str, list[Any]]
    given: Rows
    expected: Rows

    @property
    def document(self) -> dict[str, Any]:
        """The rule set, as contest.json writes it."""
        said = {key: values[0] for key, values in self.about.items() if key not in {*OF_CONTEST, "criteria"}}
        return {"entry": "individual", "combine": {"method": "mean"}, "criteria": self.about["criteria"], **said}

    @property
    def compared(self) -> bool:
        """Whether the example gives preferences between pairs."""
        return "pair" in self.given[0]

    def first(self, key: str, otherwise: str) -> str:
        """Return the one value of a key of the contest."""
        return str(self.about.get(key, [otherwise])[0])


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the words in backticks in it, its text and its examples."""

    heading: str
    text: str

    @property
    def words(self) -> list[str]:
        """The words that the heading promises to explain."""
        return re.findall(r"`([^`]+)`", self.heading)

    @property
    def examples(self) -> list[Example]:
        """The worked examples."""
        return [case for block in blocks(self.text, "giuria") for case in examples(block)]


def blocks(text: str, kind: str) -> list[str]:
    """Return the fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def sections(page: str = PAGE) -> list[Section]:
    """Return the sections of the page, at any level."""
    parts = re.split(r"^#{2,4} (.+)$", page, flags=re.MULTILINE)
    return [Section(heading, text) for heading, text in zip(parts[1::2], parts[2::2], strict=True)]


def examples(block: str) -> list[Example]:
    """Read a block: what is said, what is given, and each result, with the keys that `with` changes for it."""
    above, outcomes = block.strip().split("\n\n")
    said, rows = re.split(r"\n(?=proposal \||pair \|)", above)
    about, rounds = read(said.splitlines()), table(rows.splitlines())
    found = []
    for outcome in re.findall(r"(?:with .*\n)*(?:(?!with ).+\n?)+", outcomes):
        lines = outcome.splitlines()
        changes = [line.removeprefix("with ") for line in lines if line.startswith("with ")]
        found.append(Example({**about, **read(changes)}, rounds, upright(table(lines[len(changes) :]))))
    return found


def read(lines: Iterable[str]) -> dict[str, list[Any]]:
    """Read lines `key: JSON` and `criterion CODES: words`."""
    about: dict[str, list[Any]] = {}
    for line in lines:
        key, _, value = line.partition(": ")
        if key.startswith("criterion "):
            about.setdefault("criteria", []).extend(criteria(key.split()[1:], value))
        else:
            about.setdefault(key, []).append(json.loads(value))
    return about


def table(lines: Iterable[str]) -> Rows:
    """Read a table whose first line names the columns."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [dict(zip(head, row, strict=True)) for row in rows]


def upright(rows: Rows) -> Rows:
    """Turn a result whose columns are proposals, "proposal | A | B" and "place | 1 | 2", into one row a proposal."""
    if next(iter(rows[0])) != "proposal":
        return rows
    codes = list(rows[0])[1:]
    return [{"proposal": code, **{row["proposal"]: row[code] for row in rows}} for code in codes]


def criteria(codes: Sequence[str], words: str) -> list[dict[str, Any]]:
    """Read "weight 40 60, marks 0 to 10 by 0.5", "weight 10, lowest" or "yes = 5, no = 0": one weight a code."""
    found: dict[str, Any] = {"kind": "judged"}
    weights: list[str] = []
    for word in (each.strip() for each in words.split(",")):
        name, _, value = word.partition(" ")
        if name == "weight":
            weights = value.split()
        elif name == "group":
            found[name] = value
        elif scale := re.fullmatch(r"marks (\S+) to (\S+) by (\S+)", word):
            found["scale"] = dict(zip(("min", "max", "step"), scale.groups(), strict=True))
        elif word in {"highest", "lowest"}:
            found |= {"kind": "quantity", "rule": word}
        elif "=" in word:
            text, _, points = word.partition(" = ")
            found |= {"kind": "table", "table": found.get("table", {}) | {text: points}}
        else:
            assert word == "judged", word
    weighed: list[dict[str, str]] = [{"weight": weight} for weight in weights] or [{} for _ in codes]
    return [{"code": code, "title": TITLE, **found, **each} for code, each in zip(codes, weighed, strict=True)]


def given(case: Example, rules: Rules) -> RoundInput:
    """Return the round that an example describes."""
    if case.compared:
        comparisons = compared(case.given, rules.judged[0].code)
        codes = sorted({code for each in comparisons for code in (each.preferred, each.other)})
        return RoundInput("cat", "r1", tuple(map(Proposal, codes)), comparisons=comparisons)
    by_code = {row["proposal"]: row for row in case.given}
    decided = case.about.get("decision", [])

    def numbers(name: str) -> dict[str, Fraction]:
        return {code: number(row[name]) for code, row in by_code.items() if row.get(name)}

    return RoundInput(
        category=case.first("category", "cat"),
        round=case.first("round", "r1"),
        proposals=tuple(proposal(row) for row in case.given),
        ballots=marked(case.given, [each.code for each in rules.judged]),
        facts={
            (code, each.code): text for code, row in by_code.items() for each in rules.facts if (text := row[each.code])
        },
        votes=numbers("votes"),
        chair={code: int(value) for code, value in numbers("chair").items()},
        advanced=frozenset(each["proposal"] for each in decided if each["kind"] == "advance"),
        carried=numbers("carried"),
        assigned={code: int(value) for code, value in numbers("assigned").items()},
        draw_seed=case.first("draw_seed", ""),
    )


def compared(rows: Rows, criterion_code: str) -> tuple[Comparison, ...]:
    """Return the preferences of a table of pairs: "A2" prefers A by 2, "=" is parity."""
    jurors = list(rows[0])[1:]
    return preferences({juror: {row["pair"]: row[juror] for row in rows} for juror in jurors}, criterion_code)


def marked(rows: Rows, criteria: Sequence[str]) -> tuple[Ballot, ...]:
    """Return the ballots: one mark a juror, "-" an abstention, "." no mark."""
    marks: dict[str, dict[str, dict[str, str | None]]] = {}
    for row in rows:
        of_jurors = marks.setdefault(row["proposal"], {})
        for code in criteria:
            for at, mark in enumerate(row.get(code, "").split(), start=1):
                if mark != ".":
                    of_jurors.setdefault(f"j{at}", {})[code] = None if mark == "-" else str(Decimal(mark))
    return ballots(marks)


def proposal(row: Mapping[str, str]) -> Proposal:
    """Return a proposal from its row; columns that nothing else knows are answers."""
    moment, ask = row.get("submitted_at"), row.get("ask")
    return Proposal(
        row["proposal"],
        state=row.get("state") or "admitted",
        submitted_at=datetime.fromisoformat(moment) if moment else None,
        ask=number(ask) if ask else None,
        organisation=row.get("organisation", ""),
        region=row.get("region", ""),
        themes=tuple(row.get("themes", "").split()),
        answers={key: value for key, value in row.items() if key not in {*OF_PROPOSAL, *OF_ROUND}},
    )


def computed(case: Example) -> Rows:
    """Return what the engine makes of an example, in the columns in which the page expects it."""
    rules = parse_rules(case.document)
    round_ = given(case, rules)
    standing, sheet = score(rules, round_), Sheet(rules, round_)
    prizes = tuple(Prize(**{"title": TITLE, "round": round_.round, **each}) for each in case.about.get("prize", []))
    rows = results(
        outcome=case.first("outcome", "awards"),
        categories=[Category(round_.category, TITLE, (Round(round_.round, TITLE, rules),), prizes)],
        proposals={each.code: each for each in round_.proposals},
        standings={(round_.category, round_.round): standing},
        decisions=[Decision(round_.category, round_.round, **each) for each in case.about.get("decision", [])],
    )

    def cell(column: str, row: Any) -> str:  # noqa: ANN401 - a result row
        if column in {"place", "proposal", "score", "outcome"}:
            return str(getattr(row, column))
        known = standing.row(row.proposal)
        if column in {"ballots", "incomplete", "decided_by"}:
            return str(getattr(known, column))
        if column == "offer":
            return decimal_text(known.offer or Fraction(0))
        step, _, code = column.partition(":")
        value = getattr(sheet.plain(row.proposal), step)[code]
        return "" if value is None else decimal_text(value)

    return [{column: cell(column, row) for column in case.expected[0]} for row in rows]
