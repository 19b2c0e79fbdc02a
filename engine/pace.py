"""How a juror went through the ballots: how quickly, and whether the marks drifted on the way. Statistics."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import fmean, median

SITTING = timedelta(hours=1)  # a longer pause is no reading time
FEWEST_PAUSES, FEWEST_BALLOTS = 4, 6
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """One complete ballot: who gave which total to what, and when it was complete."""

    juror: str
    proposal: str
    at: datetime
    total: Fraction


@dataclass(frozen=True, slots=True)
class Pace:
    """How one juror went through the ballots; None where there is too little to say.

    minutes: the median time between two ballots of one sitting · drift: points by which the totals of the second half,
    less what the others gave to the same proposals, lie above those of the first half.
    """

    minutes: float | None
    drift: float | None


def paces(readings: Iterable[Reading]) -> dict[str, Pace]:
    """Return the pace of each juror by code; the readings come in the order of time."""
    by_juror, by_proposal = defaultdict[str, list[Reading]](list), defaultdict[str, list[Reading]](list)
    for reading in readings:
        by_juror[reading.juror].append(reading)
        by_proposal[reading.proposal].append(reading)
    in_turn = {juror: _in_turn(own) for juror, own in by_juror.items()}
    return {
        juror: Pace(_minutes([each.at for each in own]), _drift(own, by_proposal)) for juror, own in in_turn.items()
    }


def _in_turn(own: Sequence[Reading]) -> list[Reading]:
    """Leave out what came at one instant: it was imported together, and nobody knows in which order it was read."""
    at_once = Counter(each.at for each in own)
    return [each for each in own if at_once[each.at] == 1]


def _minutes(instants: Sequence[datetime]) -> float | None:
    pauses = [(after - before) / MINUTE for before, after in pairwise(instants) if after - before <= SITTING]
    return median(pauses) if len(pauses) >= FEWEST_PAUSES else None


def _drift(own: Sequence[Reading], by_proposal: dict[str, list[Reading]]) -> float | None:
    """Compare each total with what the others gave to the same proposal: in which order they came does not matter."""
    beside = [
        each.total - Fraction(fmean(other.total for other in by_proposal[each.proposal] if other.juror != each.juror))
        for each in own
        if len(by_proposal[each.proposal]) > 1
    ]
    half = len(beside) // 2
    return fmean(beside[half:]) - fmean(beside[:half]) if len(beside) >= FEWEST_BALLOTS else None
