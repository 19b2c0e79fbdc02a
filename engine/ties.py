"""Tie rules (M12): each gives the members of a tied group a key, and the smaller key goes first."""

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from itertools import permutations
from operator import gt, lt
from typing import TYPE_CHECKING, ClassVar, Self

from engine.combine import Median
from engine.reading import Fault, Reading

if TYPE_CHECKING:
    from engine.sheet import Sheet  # which reads the rules, which hold these

Key = tuple[Fraction | int | str | datetime, ...]

LACKING: Key = (1,)


@dataclass(frozen=True, slots=True)
class TieRule(ABC):
    """One step of the tie chain; `criterion` is empty unless the step names one."""

    criterion: str
    name: ClassVar[str]
    names_criterion: ClassVar[bool] = False

    @classmethod
    def read(cls, reading: Reading, path: str, config: str, criteria: Sequence[str]) -> Self:
        """Return the step that a text such as "criterion:impact" describes; faults are noted in `reading`."""
        name, _, criterion = config.partition(":")
        if name != cls.name or (not cls.names_criterion and config != name):
            no_rule(reading, path, config)
        elif cls.names_criterion and criterion not in criteria:
            reading.fault(path, f'there is no criterion "{criterion}"', f"name one of {', '.join(criteria)}")
        return cls(criterion)

    @classmethod
    def validate(cls, config: str, criteria: Sequence[str] = ()) -> tuple[Fault, ...]:
        """Return every fault of the step; `criteria` are the codes that it may name."""
        reading = Reading()
        cls.read(reading, "ties", config, criteria)
        return tuple(reading.faults)

    @property
    def text(self) -> str:
        """Return the step as the rules write it."""
        return f"{self.name}:{self.criterion}" if self.criterion else self.name

    @abstractmethod
    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return what each member has under this rule; who lacks the value is left out."""

    def higher_first(self, evidence: "Sheet") -> bool:
        """Whether the higher value goes first."""
        return True

    def keys(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Key]:
        """Return a sort key for each member of the group, the smaller first, who lacks the value last."""
        values, higher = self.values(group, evidence), self.higher_first(evidence)
        return {code: key(values[code], higher=higher) if code in values else LACKING for code in group}


def key(value: Fraction | int | str | datetime, *, higher: bool) -> Key:
    """Return a sort key that puts the better value first."""
    return (0, -value) if higher and isinstance(value, Fraction | int) else (0, value)


def present(values: Iterable[tuple[str, Fraction | int | datetime | None]]) -> dict[str, Fraction | int | datetime]:
    """Return the values that are there."""
    return {code: value for code, value in values if value is not None}


class ByCriterion(TieRule):
    """`criterion:<code>`: the rounded combined value, higher first; lower first for a `lowest` quantity or ranks.

    Horizon Europe parts ex aequo by Excellence, then Impact: 4.5, 4, 3.5 goes before 4, 4.5, 3.5 (M9, M12).
    """

    name = "criterion"
    names_criterion = True

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return the combined values."""
        return {**present((code, evidence.combined(code, self.criterion)) for code in group)}

    def higher_first(self, evidence: "Sheet") -> bool:
        """Whether the higher value is the better one."""
        return not evidence.lower_first(self.criterion)


class ByWeighted(TieRule):
    """`weighted:<code>`: the weighted value of the plain pass, higher first (M12).

    With weights 2 and 1, marks 4, 8 and 6, 4 of ten have the same total 1.6; on the second, 0.8 goes before 0.4.
    """

    name = "weighted"
    names_criterion = True

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return the weighted values."""
        return {**present((code, evidence.weighted(code, self.criterion)) for code in group)}

    def higher_first(self, evidence: "Sheet") -> bool:
        """Whether the higher value is the better one; a fact's always is, also where the lowest fact is best."""
        return not evidence.in_ranks(self.criterion)


class Wins(TieRule):
    """`wins`: the number of jurors whose highest total among the tied is this one alone.

    A juror who read fewer than two of the tied does not count (M12, "more jurors rank it first"). X 9 5 7 7 and
    Y 6.5 6.5 7.5 7.5 have the same mean; X wins one juror, Y three.
    """

    name = "wins"

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return the wins of each."""
        wins = dict.fromkeys(group, 0)
        for totals in totals_by_juror(group, evidence):
            best = min(totals.values()) if evidence.lower else max(totals.values())
            leaders = [code for code, total in totals.items() if total == best]
            if len(leaders) == 1:
                wins[leaders[0]] += 1
        return wins


class HeadToHead(TieRule):
    """`head_to_head`: how many of the tied are beaten by more than half of the jurors who read both.

    The pairwise majority of Condorcet, counted as Copeland does (M12): X 8 8 2, Y 7 7 4, Z 3 6 9 beat 2, 1 and 0.
    """

    name = "head_to_head"

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return the number of members beaten by each."""
        better = lt if evidence.lower else gt
        common: Counter[tuple[str, str]] = Counter()
        preferred: Counter[tuple[str, str]] = Counter()
        for totals in totals_by_juror(group, evidence):
            for one, other in permutations(totals, 2):
                common[one, other] += 1
                preferred[one, other] += better(totals[one], totals[other])
        beaten = dict.fromkeys(group, 0)
        for (winner, loser), times in preferred.items():
            beaten[winner] += 2 * times > common[winner, loser]
        return beaten


class FewerLows(TieRule):
    """`fewer_lows`: fewer marks at the lowest level that any of the tied received (M12).

    X 4 4 10, Y 4 6 8, Z 6 6 6: the lowest level is 4, which they have 2, 1 and 0 times: Z, Y, X.
    """

    name = "fewer_lows"

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return how often each received the lowest level."""
        marks = {code: evidence.marks(code) for code in group}
        levels = [mark for given in marks.values() for mark in given]
        if not levels:
            return {}
        lowest = max(levels) if evidence.lower else min(levels)
        return {code: given.count(lowest) for code, given in marks.items()}

    def higher_first(self, evidence: "Sheet") -> bool:
        """Fewer is better."""
        return False


class ByMedian(TieRule):
    """`median`: the median of the jurors' totals, higher first (M12): Z 5 8 8, Y 7 7 7, X 9 6 6 have 8, 7 and 6."""

    name = "median"

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return the medians."""
        totals = {code: list(evidence.juror_totals(code).values()) for code in group}
        return {code: Median().combine(given, evidence.unit) for code, given in totals.items() if given}

    def higher_first(self, evidence: "Sheet") -> bool:
        """Whether higher is better for the jurors' marks."""
        return not evidence.lower


class ByPublic(TieRule):
    """`public`: more public votes first, as in Eurovision's chain (M12): 5 votes, then 0, then who is not listed."""

    name = "public"

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return the votes."""
        return {**present((code, evidence.votes(code)) for code in group)}


class Earliest(TieRule):
    """`earliest`: the earlier submission first, compared as instants (M12): 17:59+02:00 goes before 16:30+00:00."""

    name = "earliest"

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return the instants."""
        return {**present((code, evidence.submitted_at(code)) for code in group)}


class ByChair(TieRule):
    """`chair`: the order that the chair decided inside the tied group, place 1 first (M12, the casting vote)."""

    name = "chair"

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return the places given."""
        return {**present((code, evidence.chair(code)) for code in group)}

    def higher_first(self, evidence: "Sheet") -> bool:
        """Place 1 is the best."""
        return False


class Draw(TieRule):
    r"""`draw`: ascending hex SHA-256 of seed, category, round and proposal joined by line feeds (M12).

    Anyone repeats it by hand: printf '14 novembre\ncat\nr1\nX' | sha256sum begins with 97f8529f, before Y's and Z's.
    """

    name = "draw"

    def values(self, group: Sequence[str], evidence: "Sheet") -> Mapping[str, Fraction | int | str | datetime]:
        """Return the digests."""
        return {code: sha256(evidence.draw(code).encode()).hexdigest() for code in group}


TIES: dict[str, type[TieRule]] = {
    rule.name: rule
    for rule in (ByCriterion, ByWeighted, Wins, HeadToHead, FewerLows, ByMedian, ByPublic, Earliest, ByChair, Draw)
}


def read_tie(reading: Reading, path: str, value: object, criteria: Sequence[str]) -> TieRule | None:
    """Read one step of the tie chain."""
    rule = TIES.get(value.partition(":")[0]) if isinstance(value, str) else None
    if rule is None or not isinstance(value, str):
        no_rule(reading, path, value)
        return None
    return rule.read(reading, path, value, criteria)


def no_rule(reading: Reading, path: str, value: object) -> None:
    """Note that there is no such tie rule."""
    known = [f"{each.name}:<code>" if each.names_criterion else each.name for each in TIES.values()]
    reading.fault(path, f'"{value}" is not a tie rule', f"use one of {', '.join(known)}")


def totals_by_juror(group: Sequence[str], evidence: "Sheet") -> Iterator[Mapping[str, int]]:
    """Yield proposal to total for each juror who read two or more of the group."""
    read: dict[str, dict[str, int]] = defaultdict(dict)
    for code in group:
        for juror, total in evidence.juror_totals(code).items():
            read[juror][code] = total
    return (totals for totals in read.values() if len(totals) > 1)


def parted(
    group: Sequence[str], chain: Sequence[TieRule], evidence: "Sheet", decided: dict[str, str]
) -> list[list[str]]:
    """Split a tied group, given in order of code, into smaller ones; `decided` keeps the rule that parted each."""
    groups = [list(group)]
    for rule in chain:
        split: list[list[str]] = []
        for members in groups:
            if len(members) == 1:
                split.append(members)
                continue
            parts: dict[Key, list[str]] = defaultdict(list)
            for code, found in rule.keys(members, evidence).items():
                parts[found].append(code)
            if len(parts) > 1:
                decided.update(dict.fromkeys(members, rule.text))
            split.extend(parts[found] for found in sorted(parts))
        groups = split
    return groups
