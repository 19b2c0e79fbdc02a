"""Methods that read only the order of each juror's marks (M15-M17): they run over the placed, after the gates."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any, ClassVar, Self

from engine.combine import LowerMedian, MarksMethod, Mean, Method, UpperMedian
from engine.reading import Reading, within


class OrdinalMethod(Method):
    """Turns each juror's order into a score; one criterion, or jurors first.

    `level` is what gates and ties on a criterion read in its place, since the order exists only after the gates;
    `level_of_ranks` where jurors give ranks, the lower the better.
    """

    level: ClassVar[MarksMethod] = Mean()
    level_of_ranks: ClassVar[MarksMethod] = Mean()


class PointsByRank(OrdinalMethod):
    """Each juror gives points for the ranks of the placed proposals that juror read; the total is their sum."""

    @abstractmethod
    def points(self, first: int, last: int, number: int) -> Fraction:
        """Return what a proposal earns that shares the ranks first to last among `number` proposals."""


@dataclass(frozen=True, slots=True)
class Borda(PointsByRank):
    """Number of proposals − rank, with mid-ranks when equal: marks 9, 8, 8, 5 earn 3, 1.5, 1.5, 0.

    Source: the count of Borda, shared ranks averaged (M16). Ballots ABCD, ABCD, ACBD, BCDA, BCDA give A 9, B 11, C 8, D
    2.
    """

    name = "borda"

    def points(self, first: int, last: int, number: int) -> Fraction:
        """Return number − mid-rank."""
        return number - Fraction(first + last, 2)


@dataclass(frozen=True, slots=True)
class RankPoints(PointsByRank):
    """Listed points for rank 1, 2, …, nothing past the list; the tied share the mean of their ranks.

    Source: the Eurovision Song Contest, 12, 10, 8, 7 … 1 (M17). With 12, 10, 8 two proposals tied at rank 2 earn 9
    each; two tied at rank 3 earn 4 each.
    """

    table: tuple[Fraction, ...]
    name = "rank_points"

    @classmethod
    def read(cls, reading: Reading, path: str, config: Mapping[str, Any]) -> Self:
        """Read `points`, a list of decimal texts."""
        reading.record(path, config, ["method", "points"])
        return cls(read_points(reading, within(path, "points"), config.get("points", ["1"])))

    def points(self, first: int, last: int, number: int) -> Fraction:
        """Return the mean of the points of the ranks from first to last."""
        return points_of(self.table, first, last)


@dataclass(frozen=True, slots=True)
class MajorityJudgment(OrdinalMethod):
    """Order by the majority grade (lower median), then by what is left when it is removed, again and again.

    Source: Balinski and Laraki, Majority Judgment, the exact form (M15).
    X 5544432 has 4, then 4, 4, 3, 5, 2, 5 and is ahead of V 4444410 with 4, then 4, 4, 4, 1, … only if its list is
    the greater one when read from left to right; X, V, Y 5444333, Z 5553332 is the order.
    """

    name = "majority_judgment"
    level, level_of_ranks = LowerMedian(), UpperMedian()

    @staticmethod
    def grades(marks: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return the majority grades in the order in which they are removed."""
        left, removed = sorted(marks), []
        while left:
            removed.append(left.pop((len(left) - 1) // 2))
        return tuple(removed)


def points_of(table: Sequence[Fraction], first: int, last: int) -> Fraction:
    """Return the mean of the listed points of the ranks from first to last, 0 past the list."""
    return sum(table[first - 1 : last], Fraction(0)) / (last - first + 1)


def read_points(reading: Reading, path: str, value: object) -> tuple[Fraction, ...]:
    """Read a list of points, best rank first."""
    items = reading.items(path, value, at_least=1)
    return tuple(reading.decimal(f"{path}[{at}]", item) for at, item in enumerate(items))


def ranked(merits: Mapping[str, Fraction]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield (first rank, last rank, proposals) of each group with equal merit, greatest merit first."""
    first = 1
    for _, group in groupby(sorted(merits, key=lambda code: (-merits[code], code)), key=lambda code: merits[code]):
        codes = list(group)
        yield first, first + len(codes) - 1, codes
        first += len(codes)
