"""Measure what the statistics of a round cost (rows D7 and D8 of docs/benchmarks.md).

    python -m benchmarks.statistics [--scores 100000 1000000] [--turns 3]

Processor seconds of one thread, the least of the turns, for other work on the machine does not count against them.
A score is a juror's total on a proposal, with its marks on three criteria; each proposal has four, each juror forty.
"""

import argparse
import csv
import os
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")  # before NumPy is loaded

from benchmarks.seed import CRITERIA, RULES
from engine.rules import parse_rules
from engine.statistics import statistics
from engine.types import PLACED, Ballot, Proposal, RoundInput, Row, Standing

if TYPE_CHECKING:
    from engine.calibration import Calibration

DATA = Path(__file__).parent.parent / "tests" / "data" / "statistics" / "crossed_skating_worlds_half.csv"
PLAIN = {name: RULES[name] for name in ("entry", "criteria", "combine")}
AT_MOST = {100_000: 1.0, 1_000_000: 5.0}  # seconds
REGIONS = ("Nord", "Centro", "Sud", "Isole")


def least(turns: int, work: Callable[[], object]) -> float:
    """Return the least processor time of some turns, in seconds."""
    found = float("inf")
    for _ in range(turns):
        start = time.process_time()
        work()
        found = min(found, time.process_time() - start)
    return found


def a_round(scores: int) -> tuple[RoundInput, Standing, dict[str, str]]:
    """Return a round of so many scores, a standing in which all are placed, and the jurors' regions."""
    die = Random(scores)
    jurors = [f"J{number:06}" for number in range(max(12, scores // 40))]
    severity = {juror: die.gauss(0, 0.7) for juror in jurors}
    marks = [Fraction(twice, 2) for twice in range(21)]
    proposals, ballots = [], []
    for number in range(scores // 4):
        code, quality = f"P{number:07}", die.gauss(6, 1.4)
        proposals.append(Proposal(code, region=REGIONS[number % 4]))
        for juror in die.sample(jurors, 4):
            given = {
                name: marks[min(20, max(0, int(2 * (quality + severity[juror] + die.gauss(0, 0.8)) + 0.5)))]
                for name, _weight in CRITERIA
            }
            ballots.append(Ballot(juror, code, given))
    rows = tuple(Row(each.code, PLACED, at, at, Fraction(50)) for at, each in enumerate(proposals, start=1))
    regions = {juror: REGIONS[number % 4] for number, juror in enumerate(jurors)}
    return RoundInput("c", "r", tuple(proposals), tuple(ballots)), Standing("c", "r", rows), regions


def say(name: str, seconds: float, at_most: float | None = None, unit: str = "s") -> None:
    """Print one figure, and whether it is met."""
    verdict = "" if at_most is None else f"   at most {at_most:g}   {'met' if seconds <= at_most else 'MISSED'}"
    print(f"{name:<58}{seconds:>10.4f} {unit:<4}{verdict}", flush=True)


def measure(scores: int, turns: int) -> None:
    """Measure the whole round, the calibration alone, and one changed score."""
    from engine.calibration import calibrate, probability_in_top
    from engine.monitor import monitor, own_region
    from engine.round_statistics import agreement

    given, standing, regions = a_round(scores)
    rules = parse_rules(PLAIN)
    juror, proposal = [each.juror for each in given.ballots], [each.proposal for each in given.ballots]
    totals = [float(sum(each.marks.values())) for each in given.ballots]
    of_proposal = {each.code: each.region for each in given.proposals}

    def whole() -> None:
        fit = calibrate(juror, proposal, totals)
        readings = fit.design.readings
        probability_in_top(fit, 50, seed=1)
        monitor(fit, own=own_region(readings, regions, of_proposal), seed=1)
        agreement(readings, fit.variance, 1)

    seconds = least(turns, whole)
    say(f"{scores:,} scores: calibration, places, agreement, monitor", seconds, AT_MOST.get(scores))
    from_ballots = least(turns, lambda: statistics(rules, given, standing, top=50, regions=regions, seed="14 novembre"))
    say(f"{scores:,} ballots of three marks: the same, as a round's rows", from_ballots)
    say(f"{scores:,} scores: calibration alone", least(turns, lambda: calibrate(juror, proposal, totals)))
    fit = calibrate(juror, proposal, totals)
    changes = iter(range(10**6))

    def change() -> "Calibration":
        at = next(changes)
        totals[at] += 1.5
        return fit.changed(juror[at], proposal[at], totals[at])

    say(f"{scores:,} scores: one changed score, calibrated anew", least(3 * turns, change), from_ballots / 50)
    for at in range(20):
        totals[at] += 1
        fit = fit.changed(juror[at], proposal[at], totals[at])
    totals[20 : 20 + 3 * turns] = [float(sum(each.marks.values())) for each in given.ballots[20 : 20 + 3 * turns]]
    off = abs(fit.calibrated - calibrate(juror, proposal, totals).calibrated).max()
    say(f"{scores:,} scores: twenty changes are off a new fit by", float(off) * 1e9, 1, "e-9")


def main() -> None:
    """Measure everything, a line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    from engine.calibration import variance_components

    say(
        "for comparison, ten million turns of a plain loop",
        least(asked.turns, lambda: sum(i * i for i in range(10**7))),
    )
    with DATA.open() as file:
        rows = list(csv.DictReader(file))
    crossed = [row["judge"] for row in rows], [row["target"] for row in rows], [float(row["score"]) for row in rows]
    say("REML, 976 crossed scores, 217 × 72", least(asked.turns, lambda: variance_components(*crossed)))
    say("moments, the same scores", least(asked.turns, lambda: variance_components(*crossed, method="moments")))
    for scores in asked.scores:
        measure(scores, asked.turns)


if __name__ == "__main__":
    main()
