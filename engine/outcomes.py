"""What follows from a standing inside its round: who advances (M19), and who is funded (M8)."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

from engine.reading import Reading, within
from engine.types import Proposal, Row

FUNDED, OFFERED_PART, RESERVE = "funded", "offered_part", "reserve"


class Advance(ABC):
    """A rule that says which of the placed go on."""

    @abstractmethod
    def advancing(self, placed: Sequence[Row], proposals: Mapping[str, Proposal], *, lower: bool) -> set[str]:
        """Return the codes that go on; `placed` in order, `lower` if a lower score is better."""


@dataclass(frozen=True, slots=True)
class AdvanceByCount(Advance):
    """The first `count`, with all who share the last place; with `per`, that many for each value of a column.

    `{"count": 15}` or `{"per": "region", "count": 2}`; who has no value there never advances. Source: shortlists of
    start-up contests and quotas by area (M19). Marks 9, 8, 8, 7 and a count of 2 let three go on.
    """

    count: int
    per: str

    def advancing(self, placed: Sequence[Row], proposals: Mapping[str, Proposal], *, lower: bool) -> set[str]:
        """Return the first of each group."""
        if not self.per:
            return {row.code for row in with_the_tied(placed, self.count)}
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in placed:
            if value := column(proposals[row.code], self.per):
                groups[value].append(row)
        return {row.code for rows in groups.values() for row in with_the_tied(rows, self.count)}


@dataclass(frozen=True, slots=True)
class AdvanceByMinimum(Advance):
    """Everyone whose score reaches the minimum: `{"minimum": "70"}` lets 70 go on and not 69.99 (M19)."""

    minimum: Fraction

    def advancing(self, placed: Sequence[Row], proposals: Mapping[str, Proposal], *, lower: bool) -> set[str]:
        """Return those who reach it."""
        return {row.code for row in placed if reaches(score_of(row), self.minimum, lower=lower)}


@dataclass(frozen=True, slots=True)
class AdvanceByBudget(Advance):
    """The highest cut at which the asks of all at or above it reach multiple × budget; never reached: all.

    Source: the first stage of Horizon Europe calls (M9).
    Budget 10, multiple 3, scores and asks 9.5;8 9.5;6 9.0;7 8.5;5 8.5;4 8.0;9: the cut 9.0 asks for 21, 8.5 for 30,
    so the five at 8.5 or above go on.
    """

    budget: Fraction
    multiple: Fraction

    def advancing(self, placed: Sequence[Row], proposals: Mapping[str, Proposal], *, lower: bool) -> set[str]:
        """Return those at or above the cut."""
        codes: set[str] = set()
        asked = Fraction(0)
        ordered = sorted(placed, key=lambda row: -score_of(row), reverse=lower)
        for _, tied in groupby(ordered, key=score_of):
            group = [row.code for row in tied]
            codes.update(group)
            asked += sum((proposals[code].ask or Fraction(0) for code in group), Fraction(0))
            if asked >= self.budget * self.multiple:
                break
        return codes


@dataclass(frozen=True, slots=True)
class Fund:
    """Money given in order of place while it lasts; `when_short` says what the first that does not fit means.

    Source: the scorrimento of Italian grant calls (M8). Budget 250 and asks 80, 60, 70, 50, 30 in order leave 40 after
    three. stop: 50 and 30 wait in reserve; partial: 40 is offered to the fourth; skip: the fifth is funded and 10 is
    left.
    """

    budget: Fraction
    when_short: str

    def given(self, placed: Sequence[Row], proposals: Mapping[str, Proposal]) -> Mapping[str, tuple[str, Fraction]]:
        """Return what each of the placed gets: funded, offered_part or reserve, and the money."""
        left, stopped = self.budget, False
        outcome: dict[str, tuple[str, Fraction]] = {}
        for code, ask in in_funding_order(placed, proposals):
            if not stopped and left > 0 and ask <= left:
                outcome[code], left = (FUNDED, ask), left - ask
            elif not stopped and left > 0 and self.when_short == "partial":
                outcome[code], left = (OFFERED_PART, left), Fraction(0)
            else:
                outcome[code] = (RESERVE, Fraction(0))
                stopped = stopped or self.when_short == "stop"
        return outcome


def in_funding_order(placed: Iterable[Row], proposals: Mapping[str, Proposal]) -> Iterator[tuple[str, Fraction]]:
    """Yield (code, ask) by place, then the lower ask, then the code."""
    for _, tied in groupby(placed, key=attrgetter("place")):
        asks = [(proposals[row.code].ask or Fraction(0), row.code) for row in tied]
        yield from ((code, ask) for ask, code in sorted(asks))


def with_the_tied(rows: Sequence[Row], count: int) -> Sequence[Row]:
    """Return the first `count` rows and all who share the place of the last of them."""
    places = {row.place for row in rows[:count]}
    return [row for row in rows if row.place in places]


def reaches(score: Fraction, minimum: Fraction, *, lower: bool) -> bool:
    """Whether a score is at least as good as a minimum."""
    return score <= minimum if lower else score >= minimum


def score_of(row: Row) -> Fraction:
    """Return the score of a placed row."""
    assert row.score is not None  # noqa: S101 - the placed have one
    return row.score


def column(proposal: Proposal, name: str) -> str:
    """Return a proposal's value under a column of proposals.csv."""
    themes = ";".join(proposal.themes)
    known = {"region": proposal.region, "organisation": proposal.organisation, "themes": themes, "theme": themes}
    return known.get(name) or proposal.answers.get(name, "")


def read_advance(reading: Reading, path: str, value: object) -> Advance:
    """Read one of the four forms of `advance`."""
    keys = set(value) if isinstance(value, Mapping) else set()
    if keys == {"minimum"}:
        found = reading.record(path, value, ["minimum"])
        return AdvanceByMinimum(reading.decimal(within(path, "minimum"), found["minimum"]))
    if "budget" in keys or "multiple" in keys:
        found = reading.record(path, value, ["budget", "multiple"])
        return AdvanceByBudget(
            reading.decimal(within(path, "budget"), found.get("budget", "0")),
            reading.decimal(within(path, "multiple"), found.get("multiple", "0")),
        )
    found = reading.record(path, value, ["count"], ["per"])
    per = reading.text(within(path, "per"), found.get("per", ""))
    if "per" in found and not per:
        reading.fault(within(path, "per"), "no column is named", 'name one of proposals.csv, such as "region"')
    return AdvanceByCount(reading.count(within(path, "count"), found.get("count", 1), at_least=1), per)


def read_fund(reading: Reading, path: str, value: object) -> Fund:
    """Read how money is given."""
    found = reading.record(path, value, ["budget", "when_short"])
    return Fund(
        reading.decimal(within(path, "budget"), found.get("budget", "0")),
        reading.choice(within(path, "when_short"), found.get("when_short", "stop"), ("stop", "partial", "skip")),
    )
