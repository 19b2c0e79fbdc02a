"""What applicants of the demo wrote: real-sounding cases, put together with the accounts and the network of each."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count, cycle
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """One proposal's texts, in the language of who wrote it."""

    title: str
    summary: str
    answer: str
    organisation: str
    region: str
    theme: str


@cache
def cases() -> list[dict[str, Any]]:
    """Return the cases that were written by hand, in order."""
    return [case for path in sorted(HERE.glob("cases-*.json")) for case in json.loads(path.read_text("utf-8"))]


@cache
def pieces() -> dict[str, Any]:
    """Return the paragraphs, comments and names from which the rest is put together."""
    found: dict[str, Any] = json.loads((HERE / "paragraphs.json").read_text("utf-8"))
    return found


def chance(*of: object) -> random.Random:
    """Return a die that always falls the same way for the same thing."""
    return random.Random("|".join(map(str, of)))  # noqa: S311 - the same demo every time, nothing secret


def entries(call: str, how_many: int, *, start: int = 0, language: str = "it") -> Iterator[Entry]:
    """Yield so many different entries, first every case as written, then the same practice in other towns."""
    known = cases()
    for number in range(start, start + how_many):
        case = known[number % len(known)]
        entry = written(case, language, call)
        turn = number // len(known)
        yield elsewhere(entry, turn, call) if turn else entry


def written(case: dict[str, Any], language: str, call: str) -> Entry:
    """Return a case as its own applicant submits it to a call."""
    die = chance(call, case["key"])
    figures = {"a": die.randrange(40, 90), "b": die.randrange(60, 400, 5), "c": die.randrange(8, 40), "d": die.randrange(3, 9)}
    more = [die.choice(pieces()[kind])[language].format(**figures) for kind in ("accounts", "network")]
    return Entry(
        title=case["title"][language],
        summary=case["summary"][language],
        answer="\n\n".join([case["answer"][language], *more]),
        organisation=case["organisation"],
        region=case["region"],
        theme=case["theme"],
    )


def elsewhere(entry: Entry, turn: int, call: str) -> Entry:
    """Return the same practice as another group does it, in another town."""
    die = chance(call, entry.title, turn)
    region = die.choice(sorted(pieces()["towns"]))
    town = die.choice(pieces()["towns"][region])
    name = die.choice(pieces()["co_operatives"].split())
    return replace(entry, title=f"{entry.title}, {town}", organisation=f"Coop. {name} {town}", region=region)


def map_entries(call: str) -> list[Entry]:
    """Return the 135 projects of the map, from 104 co-operatives in seventeen regions."""
    known, names = cases(), iter(pieces()["co_operatives"].split())
    projects = [4] + [3] * 5 + [2] * 18 + [1] * 80
    left = dict(pieces()["map_regions"])
    found: list[Entry] = []
    numbers = count()
    towns = {region: cycle(each) for region, each in pieces()["towns"].items()}
    for size in projects:
        region = max(left, key=lambda name: left[name])
        left[region] -= size
        town, organisation = next(towns[region]), f"Coop. {next(names)}"
        for _ in range(size):
            entry = written(known[next(numbers) % len(known)], "it", f"{call}{len(found)}")
            found.append(replace(entry, title=f"{entry.title}, {town}", organisation=organisation, region=region))
    return found


def comment(call: str, juror: str, proposal: str) -> str:
    """Return what a juror writes to an applicant, or nothing."""
    die = chance("comment", call, juror, proposal)
    text: str = die.choice(pieces()["comments"])["it"]
    return text if die.random() < 0.7 else ""  # noqa: PLR2004 - seven in ten write something
