"""The same marks under two rule sets, side by side: who changes place, past whom, and the main reason why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.explain import Explanation, explanations
from engine.rules import Rules
from engine.scoring import score
from engine.sheet import ZERO
from engine.types import BELOW_GATE, RoundInput, Row, Standing

Pair = tuple[Fraction, Fraction]
Points = Mapping[str, Mapping[str, Fraction]]
RESCALED = "rescaled_criterion"


@dataclass(frozen=True, slots=True)
class Side:
    """A standing with its rows by proposal, and each proposal's points by criterion: plain, and as rescaled."""

    standing: Standing
    rows: Mapping[str, Row]
    explained: Mapping[str, Explanation]
    points: tuple[Points, Points]
    weights: Fraction

    @classmethod
    def of(cls, rules: Rules, given: RoundInput) -> "Side":
        """Compute what the rules make of what was given."""
        standing = score(rules, given)
        seen = {each.code: each for each in explanations(rules, given, standing)}
        plain = {code: {each.code: each.weighted or ZERO for each in one.criteria} for code, one in seen.items()}
        raised = {code: step.of for code, one in seen.items() for step in one.steps if step.name == RESCALED}
        final = {code: {name.removeprefix("criterion:"): of[name] for name in of} for code, of in raised.items()}
        rows = {row.code: row for row in standing.rows}
        return cls(standing, rows, seen, (plain, plain | final), rules.weights or Fraction(1))

    def mean(self, codes: Sequence[str], name: str, *, final: bool) -> Fraction:
        """Return the mean points of some proposals on a criterion (or `group:<name>`, where groups are rescaled)."""
        return sum((self.points[final][code].get(name, ZERO) for code in codes), ZERO) / len(codes)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a proposal moved; each pair is (before, after), but for gates, where `own` is (minimum, value).

    kind: `criterion`, `rescaling` (points on criterion `name`: its own, and the mean of those it passed or that passed
    it) · `total` (its score) · `tie` (rule `name` parted them) · `shared` · `left`, `joined` (`count` of those ahead
    lost or got a place) · `gate_missed`, `gate_passed` (gate `name`) · `quorum` (`count` ballots).
    """

    kind: str
    name: str = ""
    own: Pair = (ZERO, ZERO)
    others: Pair = (ZERO, ZERO)
    count: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """One proposal before and after; `cause` is None where neither its place nor whether it has one changes."""

    before: Row
    after: Row
    cause: Cause | None


def compare(before: Side, after: Side) -> tuple[Move, ...]:
    """Return every proposal in its new order; both sides hold the same proposals, judged on the same criteria."""
    return tuple(Move(before.rows[row.code], row, cause(row.code, before, after)) for row in after.standing.rows)


def cause(code: str, before: Side, after: Side) -> Cause | None:
    """Return the main reason why a proposal moved, None if it did not."""
    was, now = before.rows[code], after.rows[code]
    if (was.place, was.status) == (now.place, now.status):
        return None
    if was.place is None or now.place is None:
        return gained_or_lost(was, now, before, after)
    up, passed, gone = now.place < was.place, list[str](), 0
    for other, here in after.rows.items():
        then = before.rows[other]
        ahead = then.place if up else here.place
        if then.place is not None and here.place is not None:
            turned = towards(here.place, now.place) - towards(then.place, was.place)
            passed += [other] if turned and (turned > 0) == up else []
        elif ahead is not None and ahead < max(was.place, now.place):
            gone += 1
    if passed:
        return overtaking(code, passed, (before, after), 1 if up else -1)
    return Cause("left" if up else "joined", count=gone) if gone else Cause("shared")


def towards(place: int, from_: int) -> int:
    """Return -1, 0 or 1: a place is ahead, beside or behind another."""
    return (place > from_) - (place < from_)


def gained_or_lost(was: Row, now: Row, before: Side, after: Side) -> Cause:
    """Return why a proposal has a place no longer, or now."""
    side, kind = (before, "gate_passed") if was.status == BELOW_GATE else (after, "gate_missed")
    missed = next((gate for gate in side.explained[now.code].gates if not gate.passed), None)
    return Cause(kind, missed.on, own=(missed.minimum, missed.value)) if missed else Cause("quorum", count=now.ballots)


def overtaking(code: str, passed: Sequence[str], sides: tuple[Side, Side], sign: int) -> Cause:
    """Return why it passed others (`sign` 1) or they passed it (-1): where it gained or lost most on them, or a tie."""
    by_score = [each for each in passed if any(side.rows[each].score != side.rows[code].score for side in sides)]
    if not by_score:
        rule = sides[1].rows[code].decided_by
        return Cause("tie", rule) if rule else Cause("shared")
    plain, final = (gains(code, by_score, sides, final=final) for final in (False, True))
    raised = {name: gain - plain.get(name, ZERO) for name, gain in final.items()}
    found = [(sign * gain, "criterion", name) for name, gain in plain.items()]
    gain, kind, name = max(found + [(sign * gain, "rescaling", name) for name, gain in raised.items()])
    if gain <= 0:
        scores = [side.rows[code].score or ZERO for side in sides]
        return Cause("total", own=(scores[0], scores[1]))
    own, others = (
        [side.mean(codes, name, final=kind != "criterion") for side in sides] for codes in ([code], by_score)
    )
    return Cause(kind, name, (own[0], own[1]), (others[0], others[1]))


def gains(code: str, others: Sequence[str], sides: tuple[Side, Side], *, final: bool) -> Mapping[str, Fraction]:
    """Return criterion to how much more it is ahead of the others' mean than it was, as a share of all weights."""
    found: dict[str, Fraction] = {}
    for sign, side in zip((-1, 1), sides, strict=True):
        for name in side.points[final][code]:
            ahead = side.mean([code], name, final=final) - side.mean(others, name, final=final)
            found[name] = found.get(name, ZERO) + sign * ahead / side.weights
    return found
