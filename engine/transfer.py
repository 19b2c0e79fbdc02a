"""The marks of one contest read on the criteria and scales of another: last year's jury under this year's rules."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.rules import Criterion, Rules, Scale
from engine.synthetic import on_scale
from engine.types import Ballot, Number, RoundInput

BY_CODE, BY_POSITION, AGAIN = "code", "position", "again"


@dataclass(frozen=True, slots=True)
class Pairing:
    """A criterion and the one whose marks it takes: `how` is by code, by position, or a mark that is used again."""

    criterion: Criterion
    source: Criterion
    how: str


def pairings(wanted: Rules, source: Rules) -> tuple[Pairing, ...]:
    """Pair each judged criterion with a judged one of the source: the same code, else the next that no code took.

    Where the source has fewer criteria its first ones are used again.
    """
    known = {each.code: each for each in source.judged}
    codes = {each.code for each in wanted.judged}
    free = [each for each in source.judged if each.code not in codes]
    found = []
    for each in wanted.judged:
        if each.code in known:
            found.append(Pairing(each, known[each.code], BY_CODE))
        elif free:
            found.append(Pairing(each, free.pop(0), BY_POSITION))
        else:
            found.append(Pairing(each, source.judged[len(found) % len(source.judged)], AGAIN))
    return tuple(found)


def transferred(given: RoundInput, paired: Sequence[Pairing]) -> RoundInput:
    """Return the round with its marks moved to the paired criteria; a mark keeps its share of the scale."""
    ballots = (replace(each, marks=moved(each, paired)) for each in given.ballots)
    return replace(given, ballots=tuple(ballots))


def moved(ballot: Ballot, paired: Sequence[Pairing]) -> dict[str, Number | None]:
    """Return a ballot's marks by the wanted criteria; what was left out stays out, an abstention stays one."""
    marks: dict[str, Number | None] = {}
    for each in paired:
        if each.source.code in ballot.marks:
            mark = ballot.marks[each.source.code]
            marks[each.criterion.code] = (
                None if mark is None else carried(mark, each.source.scale, each.criterion.scale)
            )
    return marks


def carried(mark: Number, source: Scale | None, wanted: Scale | None) -> Number:
    """Return a mark on another scale, to the nearest step of it."""
    if source is None or wanted is None or ends(source) == ends(wanted):
        return mark
    return on_scale(wanted, (Fraction(mark) - source.minimum) / (source.maximum - source.minimum))


def ends(scale: Scale) -> tuple[object, ...]:
    """Return what two scales must share for a mark to stay as it is."""
    return scale.minimum, scale.maximum, scale.step
