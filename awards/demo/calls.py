"""The calls of the demo: one in every phase, each with the numbers of its programme. What they say is in calls.json."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from awards.demo import rules
from awards.demo.rules import Document, Text, ready
from awards.demo.when import When
from contests.lifecycle import Phase


@dataclass(frozen=True, slots=True)
class PrizePlan:
    """What can be won."""

    code: str
    title: Text
    summary: Text
    places: int | None = None
    conditions: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are submitted, how many of these are excluded or withdrawn, and how many stay drafts."""

    submitted: int = 0
    drafts: int = 0
    excluded: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class CategoryPlan:
    """What is entered, how many enter it, and how it is judged."""

    code: str
    title: Text
    summary: Text
    question: Text
    help: Text
    rules: Document
    prizes: tuple[PrizePlan, ...]
    counts: Counts
    words: int = 250
    shelf: str = "cases"


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A call, its dates, and the phase to which it has come."""

    code: str
    initials: str
    colour: str
    programme: str
    edition: str
    phase: Phase
    outcome: str
    title: Text
    summary: Text
    who: Text
    given: Text
    place: str
    opens: When
    closes: When
    judging_ends: When
    ceremony: When | None
    categories: tuple[CategoryPlan, ...]
    per_proposal: int = 3
    english: bool = False


SAID: dict[str, Any] = json.loads((Path(__file__).parent / "calls.json").read_text("utf-8"))
RULES: dict[str, Callable[[], Document]] = {
    "case": lambda: ready("business-case", ties=["criterion:impact", "earliest"]),
    "case, chair": lambda: ready("business-case"),
    "idea": lambda: ready("business-idea"),
    "label": lambda: ready("good-practice-label"),
    "city": rules.urban_label,
    "host city": lambda: {**rules.urban_label(), "advance": {"count": 3}},
    "analysis": rules.frame_of_analysis,
    "first come": rules.first_come,
}


def _call(said: dict[str, Any]) -> CallPlan:
    dates = {name: _when(said[name]) for name in ("opens", "closes", "judging_ends", "ceremony")}
    categories = tuple(map(_category, said["categories"]))
    return CallPlan(**{"who": SAID["who"], **said, **dates, "phase": Phase(said["phase"]), "categories": categories})


def _when(said: str | None) -> When | None:
    """Read "-4 18:00": four days ago, at six in the evening."""
    if said is None:
        return None
    days, hour = said.split()
    return When(int(days), hour)


def _category(said: dict[str, Any]) -> CategoryPlan:
    """Read a category; what it leaves out is as in others of its code, or as usual."""
    said = {**SAID["category"], **SAID["categories"].get(said["code"], {}), **said}
    prizes = tuple(PrizePlan(code, **SAID["prizes"][code]) for code in said.get("prizes", ()))
    counts = Counts(**said.get("counts", {}))
    return CategoryPlan(**{**said, "rules": RULES[said["rules"]](), "prizes": prizes, "counts": counts})


CALLS = tuple(map(_call, SAID["calls"]))
# The calls in which something happens that happens in no other.
COMMUNITY, CUSTODIANS, MAP, SUMMER = (
    "cantieri-di-comunita",
    "custodi-di-quartiere",
    "futuro-coop",
    "scuole-aperte-d-estate",
)
