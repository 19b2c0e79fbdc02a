"""Turn published figure skating marks into contest packages, and check that the engine gives the published totals.

    python benchmarks/skating.py FOLDER [--write FOLDER]

FOLDER holds skating_components.csv.gz and skating_performances.csv.gz, drawn from BuzzFeedNews/figure-skating-scores
(https://github.com/BuzzFeedNews/figure-skating-scores), licensed CC BY 4.0. Names are replaced by entry numbers.
One package a competition, its programmes as categories; the rule: the mean of the judges without one highest and one
lowest, half up to 2 decimals; times the factor, 2 decimals; summed.
"""

import argparse
import csv
import gzip
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.contest import BallotRow, Category, Contest, JurorRow, ProposalRow, Round
from engine.numbers import number
from engine.package import compute, read_package, write_package
from engine.rules import parse_rules

SOURCE = "International Skating Union; data by BuzzFeed News, figure-skating-scores, CC BY 4.0"
PUBLISHED = "published_total"
ROUND = "panel"
JUDGES = tuple(f"J{at}" for at in range(1, 10))

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found in one competition: performances, totals that agree, and programmes in the published order."""

    name: str
    performances: int
    totals: int
    programmes: int
    orders: int


def read(path: Path) -> list[Cells]:
    """Return the rows of a gzipped CSV."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def slug(text: str) -> str:
    """Return text as a code."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def decimal(text: str) -> str:
    """Return a published number as plain decimal text: "9.0" is "9"."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def contests(components: Iterable[Cells], performances: Iterable[Cells]) -> Iterator[Contest]:
    """Yield one contest a competition."""
    aspects: dict[str, list[Cells]] = defaultdict(list)
    for aspect in components:
        aspects[aspect["performance_id"]].append(aspect)
    programmes: dict[str, dict[str, list[Cells]]] = defaultdict(lambda: defaultdict(list))
    for performance in performances:
        programmes[performance["competition"]][performance["program"]].append(performance)
    for competition in sorted(programmes):
        yield contest_of(competition, programmes[competition], aspects)


def contest_of(name: str, programmes: Mapping[str, Sequence[Cells]], aspects: Mapping[str, Sequence[Cells]]) -> Contest:
    """Return one competition as a contest: a programme is a category, a judge of a programme is a juror."""
    categories, proposals, jurors, ballots = [], [], [], []
    for program in sorted(programmes):
        code = slug(program)
        # Entry numbers follow a digest, so that they say nothing about name or rank.
        starting = sorted(programmes[program], key=lambda row: sha256(row["performance_id"].encode()).digest())
        factors = {slug(row["aspect_desc"]): row for entry in starting for row in aspects[entry["performance_id"]]}
        categories.append(category_of(program, {key: row["factor"] for key, row in sorted(factors.items())}))
        judges = set()
        for at, entry in enumerate(starting, start=1):
            proposal = f"{code}-{at:02}"
            total = decimal(entry["total_component_score"])
            proposals.append(ProposalRow(proposal, code, f"Entry {at}", answers={PUBLISHED: total}))
            for row in aspects[entry["performance_id"]]:
                for judge in JUDGES:
                    if row[judge]:
                        judges.add(judge)
                        juror = f"{code}-{judge.lower()}"
                        criterion = slug(row["aspect_desc"])
                        ballots.append(BallotRow(ROUND, juror, proposal, criterion, decimal(row[judge])))
        jurors += [JurorRow(f"{code}-{judge.lower()}", panel=code) for judge in sorted(judges)]
    return Contest(
        code=slug(name),
        title={"en": name},
        organisation=SOURCE,
        timezone="UTC",
        outcome="awards",
        categories=tuple(categories),
        proposals=tuple(proposals),
        jurors=tuple(jurors),
        ballots=tuple(ballots),
    )


def category_of(program: str, factors: Mapping[str, str]) -> Category:
    """Return a programme with the rules of its components."""
    document: dict[str, Any] = {
        "entry": "individual",
        "criteria": [
            {
                "code": code,
                "title": {"en": code.replace("-", " ").capitalize()},
                "kind": "judged",
                "weight": decimal(factor),
                "scale": {"min": "0.25", "max": "10", "step": "0.25"},
            }
            for code, factor in factors.items()
        ],
        "combine": {"method": "trimmed_mean", "drop": 1, "min": 5},
        "points": "mark",
        "rounding": [
            {"at": "combined", "places": 2, "mode": "half_up"},
            {"at": "weighted", "places": 2, "mode": "half_up"},
        ],
    }
    title = {"en": program.capitalize()}
    return Category(slug(program), title, (Round(ROUND, {"en": "Panel"}, parse_rules(document)),))


def check(contest: Contest) -> Outcome:
    """Compare the engine's totals and order with the published ones."""
    published = {row.proposal: number(row.answers[PUBLISHED]) for row in contest.proposals}
    totals = orders = 0
    standings = compute(contest).standings
    for standing in standings.values():
        totals += sum(row.score == published[row.code] for row in standing.rows)
        given = [published[row.code] for row in standing.rows]
        places = [row.place for row in standing.rows]
        orders += places == [1 + sum(other > total for other in given) for total in given]
    return Outcome(contest.title["en"], len(contest.proposals), totals, len(standings), orders)


def main() -> int:
    """Check every competition and report; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the two gzipped files are")
    parser.add_argument("--write", type=Path, help="keep the packages here, one folder a competition")
    given = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for contest in contests(
            read(given.folder / "skating_components.csv.gz"), read(given.folder / "skating_performances.csv.gz")
        ):
            path = (given.write or Path(scratch)) / contest.code
            write_package(contest, path)
            started = time.perf_counter()
            outcome = check(read_package(path))
            found.append(outcome)
            seconds = time.perf_counter() - started
            print(
                f"{outcome.name}: {outcome.totals} of {outcome.performances} totals, "
                f"{outcome.orders} of {outcome.programmes} orders, {seconds:.2f} s"
            )
    right = sum(each.totals + each.orders for each in found)
    wanted = sum(each.performances + each.programmes for each in found)
    print(f"{len(found)} competitions: {100 * right / wanted:.2f} % reproduced")
    return 0 if right == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
