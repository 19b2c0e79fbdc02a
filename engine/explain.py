"""Why this number: the steps that led to one proposal's score and place, as codes and exact numbers.

Pages, minutes and the API turn them into words: "7.83 = mean of 8, 7.5, 8; Rossi abstained".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from engine.combine import MarksMethod
from engine.mix import carried, on_hundred, rank_points, reach, votes_of
from engine.numbers import exact_text
from engine.ordinal import MajorityJudgment, PointsByRank
from engine.rescale import rescaled_parts, rescaled_total
from engine.rules import RANK_POINTS, Criterion, Rules
from engine.scoring import Earned, grades_of, ordinal_marks, points_total, ranks_earned
from engine.sheet import ZERO, Sheet
from engine.types import BELOW_GATE, PLACED, RoundInput, Row, Standing


@dataclass(frozen=True, slots=True)
class MarkSeen:
    """One juror's mark; None is an abstention, and `counted` is false where the method dropped it."""

    juror: str
    mark: Fraction | None
    counted: bool


@dataclass(frozen=True, slots=True)
class CriterionSeen:
    """One criterion of the plain pass; `fact` and `extreme` are what a quantity or a table read."""

    code: str
    kind: str
    weight: Fraction
    divisor: Fraction
    marks: tuple[MarkSeen, ...]
    fact: str
    extreme: Fraction | None
    combined: Fraction | None
    coefficient: Fraction | None
    weighted: Fraction | None


@dataclass(frozen=True, slots=True)
class JurorSeen:
    """One juror's total or mark where jurors come first or give ranks; `points` is what the ranks earned."""

    juror: str
    total: Fraction
    abstained: tuple[str, ...]
    first: int | None = None
    last: int | None = None
    points: Fraction | None = None


@dataclass(frozen=True, slots=True)
class GateSeen:
    """One gate with the value it read."""

    on: str
    minimum: Fraction
    value: Fraction
    passed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step after the criteria, with what went into it.

    name: total, rescaled_criterion, rescaled_total, on_hundred, carried, public, points or grade.
    """

    name: str
    value: Fraction
    of: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TieSeen:
    """One tie rule applied to the members still tied, with the value of each ("" where it lacks one)."""

    rule: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that led to the row of one proposal."""

    code: str
    status: str
    method: str
    order: str
    criteria: tuple[CriterionSeen, ...]
    jurors: tuple[JurorSeen, ...]
    incomplete: tuple[str, ...]
    quorum: int
    gates: tuple[GateSeen, ...]
    steps: tuple[Step, ...]
    ties: tuple[TieSeen, ...]
    row: Row


def explain(rules: Rules, given: RoundInput, standing: Standing, code: str) -> Explanation:
    """Return the explanation of one proposal's row in a standing that `score` gave for the same rules and input."""
    return explained(Known(Sheet(rules, given), standing), standing.row(code))


def explanations(rules: Rules, given: RoundInput, standing: Standing) -> Iterator[Explanation]:
    """Yield the explanation of every row of a standing, in its order, reading the input once."""
    known = Known(Sheet(rules, given), standing)
    return (explained(known, row) for row in standing.rows)


class Known:
    """A sheet and its standing, with what is the same for every row worked out once."""

    def __init__(self, sheet: Sheet, standing: Standing) -> None:
        self.sheet = sheet
        self.standing = standing
        self.placed = [row.code for row in standing.rows if row.status == PLACED]

    @cached_property
    def equal(self) -> Mapping[Fraction, Sequence[str]]:
        """Return score to the placed that have it."""
        found: dict[Fraction, list[str]] = {}
        for row in self.standing.rows:
            if row.status == PLACED and row.score is not None:
                found.setdefault(row.score, []).append(row.code)
        return found

    @cached_property
    def earned(self) -> Mapping[str, Mapping[str, Earned]]:
        """Return proposal to juror to the ranks that it shares and the points for them."""
        return ranks_earned(self.sheet, self.placed)

    @cached_property
    def public_points(self) -> Mapping[str, Fraction]:
        """Return the rank points of the public vote."""
        public = self.sheet.rules.public
        return rank_points(votes_of(self.sheet, self.placed), public.points) if public else {}


def explained(known: Known, row: Row) -> Explanation:
    """Return the explanation of one row."""
    sheet, rules, code = known.sheet, known.sheet.rules, row.code
    scored = row.score is not None
    return Explanation(
        code=code,
        status=row.status,
        method=rules.combine.name,
        order=rules.order,
        criteria=tuple(criterion_seen(sheet, criterion, code) for criterion in rules.criteria),
        jurors=jurors_seen(known, code),
        incomplete=tuple(ballot.juror for ballot in sheet.incomplete.get(code, ())),
        quorum=rules.quorum,
        gates=tuple(
            GateSeen(gate.on, gate.minimum, sheet.gate_value(gate, code), sheet.passes(gate, code))
            for gate in (rules.gates if row.status in {PLACED, BELOW_GATE} else ())
        ),
        steps=steps(known, row) if scored else (),
        ties=ties_seen(known, row) if row.status == PLACED else (),
        row=row,
    )


def criterion_seen(sheet: Sheet, criterion: Criterion, code: str) -> CriterionSeen:
    """Return what one criterion came to."""
    plain, name = sheet.plain(code), criterion.code
    return CriterionSeen(
        code=name,
        kind=criterion.kind,
        weight=criterion.weight,
        divisor=sheet.divisors.get(name, Fraction(1)),
        marks=marks_seen(sheet, name, code) if name in sheet.divisors else (),
        fact=sheet.given.facts.get((code, name), ""),
        extreme=sheet.extremes.get(name),
        combined=plain.combined.get(name),
        coefficient=plain.coefficient.get(name),
        weighted=plain.weighted.get(name),
    )


def marks_seen(sheet: Sheet, criterion: str, code: str) -> tuple[MarkSeen, ...]:
    """Return the marks on one criterion, each with whether the method kept it."""
    method, (whole, unit) = sheet.rules.combine, sheet.whole
    marks = sheet.whole_marks(code, criterion)
    kept = list(method.kept(marks, unit)) if isinstance(method, MarksMethod) and marks else list(marks)
    seen = []
    for ballot in sheet.complete.get(code, ()):
        mark = ballot.marks[criterion]
        counted = mark is not None and whole[mark] in kept
        if counted and mark is not None:
            kept.remove(whole[mark])
        seen.append(MarkSeen(ballot.juror, None if mark is None else Fraction(mark), counted))
    return tuple(seen)


def jurors_seen(known: Known, code: str) -> tuple[JurorSeen, ...]:
    """Return the jurors' totals, with the points of their ranks, where the rules use them."""
    sheet = known.sheet
    if not sheet.rules.ordinal and not sheet.rules.jurors_first:
        return ()
    abstained = {
        ballot.juror: tuple(each.code for each in sheet.rules.judged if ballot.marks[each.code] is None)
        for ballot in sheet.complete.get(code, ())
    }
    earned = known.earned.get(code, {}) if isinstance(sheet.rules.combine, PointsByRank) else {}
    return tuple(
        JurorSeen(juror, total, abstained[juror], *earned.get(juror, (None, None, None)))
        for juror, total in ordinal_marks(sheet, code).items()
    )


def steps(known: Known, row: Row) -> tuple[Step, ...]:
    """Return the steps from the total to the score."""
    sheet = known.sheet
    rules, plain = sheet.rules, sheet.plain(row.code)
    if row.status != PLACED:
        return (Step("total", plain.total or ZERO, {"weights": rules.weights}),)
    taken = [first_step(known, row.code)]
    if not rules.ordinal:
        taken += rescaling(sheet, known.standing, row.code, taken[-1].value)
    if rules.carry:
        own = on_hundred(sheet, row.code, taken[-1].value)
        earlier, share = sheet.given.carried.get(row.code, ZERO), rules.carry.share
        taken.append(Step("on_hundred", own, {"reach": reach(sheet, row.code)}))
        taken.append(Step("carried", carried(own, earlier, share), {"own": own, "earlier": earlier, "share": share}))
    if rules.public:
        taken += public_steps(known, row, taken[-1].value)
    return tuple(taken)


def first_step(known: Known, code: str) -> Step:
    """Return the total before rescaling."""
    sheet = known.sheet
    method = sheet.rules.combine
    if isinstance(method, PointsByRank):
        earned = known.earned[code]
        points = {juror: points for juror, (_, _, points) in earned.items()}
        return Step("points", points_total(sheet, earned), points)
    if isinstance(method, MajorityJudgment):
        sign = -1 if sheet.lower else 1
        grades = grades_of(sheet, code)
        removed = {str(at): sign * grade for at, grade in enumerate(grades, start=1)}
        return Step("grade", sheet.rounded("total", sign * grades[0]), removed)
    return Step("total", sheet.plain(code).total or ZERO, {"weights": sheet.rules.weights})


def rescaling(sheet: Sheet, standing: Standing, code: str, total: Fraction) -> list[Step]:
    """Return the steps of the rescaled pass."""
    wanted, taken = sheet.rules.rescale, []
    if wanted.criterion:
        parts = rescaled_parts(sheet, [code], standing.highest)[code]
        total = sheet.summed(parts.values())
        taken.append(Step("rescaled_criterion", total, parts))
    if wanted.total:
        best = standing.highest["total"]
        of = {"total": total, "highest": best, "weights": sheet.rules.weights}
        taken.append(Step("rescaled_total", rescaled_total(sheet, total, best), of))
    return taken


def public_steps(known: Known, row: Row, total: Fraction) -> list[Step]:
    """Return how the public vote entered."""
    sheet, public = known.sheet, known.sheet.rules.public
    assert public  # noqa: S101 - asked for only under this rule
    score, votes = row.score or ZERO, sheet.votes(row.code) or ZERO
    if public.by == RANK_POINTS:
        theirs = known.public_points[row.code]
        # What is left of the mixed score is the jury's side; with the whole share public, the jury has none.
        ours = (score - theirs * public.share) / (1 - public.share) if public.share != 1 else ZERO
        return [Step("public", score, {"jury": ours, "public": theirs, "share": public.share, "votes": votes})]
    taken = []
    if not sheet.rules.carry:
        total = on_hundred(sheet, row.code, total)
        taken.append(Step("on_hundred", total, {"reach": reach(sheet, row.code)}))
    base = known.standing.highest["votes"]
    part = votes * 100 / base if base else ZERO
    of = {"jury": total, "public": part, "share": public.share, "votes": votes, "base": base}
    return [*taken, Step("public", score, of)]


def ties_seen(known: Known, row: Row) -> tuple[TieSeen, ...]:
    """Return the tie rules that were applied to this proposal, each with the values of those still tied."""
    sheet, members, seen = known.sheet, tied_with(known, row), []
    for rule in sheet.rules.ties:
        if len(members) == 1:
            break
        values, keys = rule.values(members, sheet), rule.keys(members, sheet)
        seen.append(TieSeen(rule.text, {code: value_text(values.get(code)) for code in members}))
        members = [code for code in members if keys[code] == keys[row.code]]
    return tuple(seen)


def tied_with(known: Known, row: Row) -> Sequence[str]:
    """Return the placed that had the same merit before the tie chain, this one included."""
    sheet, equal = known.sheet, known.equal.get(row.score or ZERO, [])
    if isinstance(sheet.rules.combine, MajorityJudgment) and not sheet.rules.public:
        mine = grades_of(sheet, row.code)
        equal = [code for code in equal if grades_of(sheet, code) == mine]
    return sorted(equal)


def value_text(value: object) -> str:
    """Return a tie value as text."""
    if isinstance(value, Fraction):
        return exact_text(value)
    return "" if value is None else str(value)
