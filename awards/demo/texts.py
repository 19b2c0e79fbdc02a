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
# What follows the case itself: a paragraph from each of these piles.
PILES = {"cases": ("accounts", "network"), "ideas": ("next", "next"), "micro": ()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One proposal's texts in its writer's language; `key` is the case that it tells, `kind` what others call it."""

    key: str
    kind: str
    title: str
    summary: str
    answer: str
    organisation: str
    region: str
    theme: str


@cache
def shelf(name: str) -> list[dict[str, Any]]:
    """Return what was written by hand: "cases" at work, "ideas" to begin, "micro" works of a street."""
    paths = sorted(HERE.glob("cases-*.json")) if name == "cases" else [HERE / f"{name}.json"]
    return [case for path in paths for case in json.loads(path.read_text("utf-8"))]


@cache
def pieces() -> dict[str, Any]:
    """Return the paragraphs, comments and names from which the rest is put together."""
    found: dict[str, Any] = json.loads((HERE / "paragraphs.json").read_text("utf-8"))
    return found


def chance(*of: object) -> random.Random:
    """Return a die that always falls the same way for the same thing."""
    return random.Random("|".join(map(str, of)))  # noqa: S311 - the same demo every time, nothing secret


def entries(call: str, kind: str, how_many: int, *, start: int = 0) -> Iterator[Entry]:
    """Yield so many different entries: first every case as written, then the same practice in other towns."""
    known = shelf(kind)
    for number in range(how_many):
        turn = number // len(known)
        entry = written(known[(start + number) % len(known)], kind, "it", call)
        yield elsewhere(entry, turn, call) if turn else entry


def city_entries(call: str, how_many: int) -> list[Entry]:
    """Return practices of the ten cities of the network, in English."""
    cities, known = cycle(pieces()["cities"]), shelf("cases")
    start = chance(call).randrange(len(known))
    found = [written(known[(start + number) % len(known)], "cases", "en", call) for number in range(how_many)]
    return [
        replace(entry, title=f"{entry.kind}, {city}", organisation=f"Urban Lab {city}", region=city)
        for entry, city in zip(found, cities, strict=False)
    ]


def written(case: dict[str, Any], kind: str, language: str, call: str) -> Entry:
    """Return a case as its own applicant submits it to a call."""
    die = chance(call, case["key"])
    figures = {
        "a": die.randrange(40, 90),
        "b": die.randrange(20, 200, 5),
        "c": die.randrange(12, 40),
        "d": die.randrange(3, 9),
    }
    more: list[str] = []
    for pile in PILES[kind]:
        paragraphs = [each[language].format(**figures) for each in pieces()[pile]]
        more.append(die.choice([each for each in paragraphs if each not in more]))
    return Entry(
        key=case["key"],
        kind=case.get("elsewhere", case["title"])[language],
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
    return replace(entry, title=f"{entry.kind}, {town}", organisation=f"Coop. {name}", region=region)


def map_entries(call: str) -> list[Entry]:
    """Return the 135 projects of the map, from 104 co-operatives in seventeen regions."""
    known, names, numbers = shelf("cases"), iter(pieces()["co_operatives"].split()), count()
    left = dict(pieces()["map_regions"])
    towns = {region: cycle(each) for region, each in pieces()["towns"].items()}
    found: list[Entry] = []
    for projects in [4] + [3] * 5 + [2] * 18 + [1] * 80:
        region = max(left, key=lambda name: left[name])
        left[region] -= projects
        organisation = f"Coop. {next(names)}"
        for number in (next(numbers) for _ in range(projects)):
            entry = written(known[number % len(known)], "cases", "it", f"{call}{number}")
            titles = {each.title for each in found}
            title = next(title for town in towns[region] if (title := f"{entry.kind}, {town}") not in titles)
            found.append(replace(entry, title=title, organisation=organisation, region=region))
    return found


def area_of(entry: Entry) -> str:
    """Return the area of the map to which a case belongs."""
    areas: dict[str, list[str]] = pieces()["areas"]
    return next((area for area, keys in areas.items() if entry.key in keys), "participatory-welfare")


def comment(call: str, juror: str, proposal: str) -> str:
    """Return what a juror writes to an applicant, or nothing."""
    die = chance("comment", call, juror, proposal)
    text: str = die.choice(pieces()["comments"])["it"]
    return text if die.random() < 0.7 else ""  # noqa: PLR2004 - seven in ten write something
