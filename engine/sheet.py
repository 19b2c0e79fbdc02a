"""The plain pass: from marks and facts to totals, gates and statuses, worked out once for each proposal asked for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from itertools import chain
from operator import attrgetter

from engine.combine import MarksMethod
from engine.least_squares import LeastSquares
from engine.numbers import number, over_one_unit, rounded, summed
from engine.ordinal import OrdinalMethod
from engine.pairwise import FEWEST, Paired, PairsMethod, by_juror, missing_pairs
from engine.rules import COLLEGIAL, JUDGED, QUALITATIVE, TABLE, Criterion, Gate, Rules
from engine.types import (
    ADMITTED,
    BELOW_GATE,
    BELOW_QUORUM,
    PLACED,
    UNSCORED,
    Ballot,
    Number,
    Proposal,
    RoundInput,
    Warned,
)

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain pass of one proposal, each value rounded where the rules say so.

    Keys are criterion codes. combined: the value that gates and ties read, None where there is none · jurors: the
    jurors' totals, with jurors first only · total: None without one (a criterion unmarked, or an ordinal method).
    """

    combined: Mapping[str, Fraction | None]
    coefficient: Mapping[str, Fraction]
    weighted: Mapping[str, Fraction]
    jurors: Mapping[str, Fraction]
    total: Fraction | None


@dataclass(frozen=True, slots=True)
class Line:
    """One judged criterion of one proposal, each value rounded where the rules say so; None without a mark."""

    combined: Fraction | None = None
    coefficient: Fraction = ZERO
    weighted: Fraction = ZERO


UNMARKED = Line()


@dataclass(frozen=True, slots=True)
class WeighedMarks:
    """What each mark on each criterion is worth after its weight, as whole multiples of 1/unit."""

    worth: Mapping[str, Mapping[Number, int]]
    unit: int


class Sheet:
    """The working sheet of a round; it answers questions about single proposals and remembers the answers."""

    def __init__(self, rules: Rules, given: RoundInput) -> None:
        self.rules = rules
        self.given = given
        self.proposals: Mapping[str, Proposal] = {each.code: each for each in given.proposals}
        self.admitted = sorted(each.code for each in given.proposals if each.state == ADMITTED)
        self.lower = rules.lower
        self.judged, self.facts, self.weights = rules.judged, rules.facts, rules.weights
        self.complete: dict[str, list[Ballot]] = defaultdict(list)
        self.incomplete: dict[str, list[Ballot]] = defaultdict(list)
        self.sort_ballots()
        self.known_plain: dict[str, Plain] = {}
        self.known_totals: dict[str, Mapping[str, int]] = {}
        self.known_lines: dict[str, dict[tuple[int, int], Line]] = {each.code: {} for each in self.judged}
        self.by_code = {each.code: each for each in rules.criteria}
        self.divisors = {each.code: divisor(rules, each) for each in rules.judged}

    def sort_ballots(self) -> None:
        """Part the ballots that count from those that leave something out; who abstains on everything gave none."""
        judged = [each.code for each in self.judged]
        needed = set(judged)
        for ballot in self.given.ballots:
            marks = ballot.marks
            if any(marks.get(code) is not None for code in judged):
                (self.complete if marks.keys() >= needed else self.incomplete)[ballot.proposal].append(ballot)
        for ballots in chain(self.complete.values(), self.incomplete.values()):
            ballots.sort(key=attrgetter("juror"))

    def rounded(self, at: str, value: Fraction) -> Fraction:
        """Round a value if the rules round at this point."""
        rounding = self.rules.rounding.get(at)
        return rounded(value, rounding.places, rounding.mode) if rounding else value

    # Marks as whole numbers: sums stay integers, and a fraction is made once for each proposal and criterion.

    @cached_property
    def whole(self) -> tuple[Mapping[Number, int], int]:
        """Return each mark that occurs as a whole multiple of 1/unit, and the unit."""
        judged = [each.code for each in self.judged]
        marks = {
            mark
            for ballots in self.complete.values()
            for ballot in ballots
            for code in judged
            if (mark := ballot.marks[code]) is not None
        }
        values, unit = over_one_unit(Fraction(mark) for mark in marks)
        return dict(zip(marks, values, strict=True)), unit

    def whole_marks(self, code: str, criterion: str) -> list[int]:
        """Return the marks of a proposal on a criterion, without abstentions, in order of juror."""
        whole, _ = self.whole
        given = self.complete.get(code, ())
        return [whole[mark] for ballot in given if (mark := ballot.marks[criterion]) is not None]

    def weigh(self, *, official: bool) -> WeighedMarks:
        """Return what each mark is worth; `official` rounds as the rules say, else exact.

        Where a method orders the marks of one criterion neither its scale nor its weight, which may be 0, applies.
        """
        keep, ordered = self.rounded if official else exact, self.rules.ordinal and not self.rules.jurors_first

        def value(criterion: Criterion, mark: Number) -> Fraction:
            coefficient = keep("coefficient", Fraction(mark) / self.divisors[criterion.code])
            return Fraction(mark) if ordered else keep("weighted", coefficient * criterion.weight)

        worth = {each.code: {mark: value(each, mark) for mark in self.whole[0]} for each in self.judged}
        _, unit = over_one_unit(value for values in worth.values() for value in values.values())
        whole = {code: {mark: int(value * unit) for mark, value in values.items()} for code, values in worth.items()}
        return WeighedMarks(whole, unit)

    @cached_property
    def official_worth(self) -> WeighedMarks:
        """What each mark is worth, rounded as the rules say."""
        return self.weigh(official=True)

    @cached_property
    def exact_worth(self) -> WeighedMarks:
        """What each mark is worth, unrounded."""
        return self.weigh(official=False)

    # Jurors combined.

    @cached_property
    def compared(self) -> Mapping[str, Paired]:
        """Return the coefficients of each criterion that is judged in pairs."""
        method = self.rules.combine
        if not isinstance(method, PairsMethod) or len(self.admitted) < FEWEST or not self.comparing:
            return {}
        degrees = by_juror(self.given.comparisons, self.admitted)
        return {
            each.code: method.paired({juror: degrees[each.code][juror] for juror in self.comparing}, self.admitted)
            for each in self.judged
        }

    @cached_property
    def comparing(self) -> Collection[str]:
        """Return the jurors who compared every pair on every criterion."""
        degrees = by_juror(self.given.comparisons, self.admitted)
        jurors = {juror for given in degrees.values() for juror in given}
        return {
            juror
            for juror in jurors
            if not any(missing_pairs(degrees[each.code].get(juror, {}), self.admitted) for each in self.judged)
        }

    @cached_property
    def levelled(self) -> Mapping[str, tuple[Mapping[str, Fraction], int]]:
        """Return each criterion's values without juror effects, and in how many parts they fall; "" is the totals."""
        given = {each.code: self.marks_by_juror(each.code) for each in self.judged}
        if self.rules.jurors_first:
            totals = {code: self.official_totals(code) for code in self.admitted}
            given = {"": {code: each for code, each in totals.items() if each}} | given
        return {name: LeastSquares.values(each) for name, each in given.items()}

    def marks_by_juror(self, criterion: str) -> Mapping[str, Mapping[str, Fraction]]:
        """Return proposal to juror to mark, for the admitted that were marked."""
        found = {
            code: {
                ballot.juror: Fraction(mark)
                for ballot in self.complete.get(code, ())
                if (mark := ballot.marks[criterion]) is not None
            }
            for code in self.admitted
        }
        return {code: marks for code, marks in found.items() if marks}

    @cached_property
    def marks_method(self) -> MarksMethod | None:
        """What combines the marks on a criterion; None where a value needs all proposals at once."""
        method = self.rules.combine
        if isinstance(method, OrdinalMethod):
            return method.level_of_ranks if self.lower else method.level
        return method if isinstance(method, MarksMethod) else None

    def line(self, code: str, criterion: Criterion) -> Line:
        """Return the plain pass of a proposal on a judged criterion."""
        name, method = criterion.code, self.marks_method
        if method is None:
            return self.through(criterion, self.levelled_value(code, name))
        marks, unit = self.whole_marks(code, name), self.whole[1]
        if not marks:
            return UNMARKED
        known, ratio = self.known_lines[name], method.ratio(marks, unit)
        if ratio not in known:
            known[ratio] = self.through(criterion, Fraction(ratio[0], ratio[1] * unit))
        return known[ratio]

    def levelled_value(self, code: str, criterion: str) -> Fraction | None:
        """Return a value that all proposals of the round had a part in: by pairs, or without juror effects."""
        if isinstance(self.rules.combine, PairsMethod):
            paired = self.compared.get(criterion)
            return paired.coefficients.get(code) if paired else None
        return self.levelled[criterion][0].get(code)

    def through(self, criterion: Criterion, value: Fraction | None) -> Line:
        """Take a combined value through the plain pass; with jurors first it is exact, for gates and ties alone."""
        if value is None:
            return UNMARKED
        keep = exact if self.rules.jurors_first else self.rounded
        in_pairs = isinstance(self.rules.combine, PairsMethod)
        combined = value if in_pairs else keep("combined", value)
        coefficient = keep("coefficient", combined / self.divisors[criterion.code])
        return Line(
            coefficient if in_pairs else combined, coefficient, keep("weighted", coefficient * criterion.weight)
        )

    def official_totals(self, code: str) -> Mapping[str, Fraction]:
        """Return each juror's total; who abstained somewhere is raised to all the judged weights."""
        worth, unit = self.official_worth.worth, self.official_worth.unit
        weights = sum((each.weight for each in self.judged), ZERO)
        totals = {}
        for ballot in self.complete.get(code, ()):
            answered = {each: of[mark] for each, of in worth.items() if (mark := ballot.marks[each]) is not None}
            value = Fraction(sum(answered.values()), unit)
            if weights and len(answered) < len(worth):
                answered_weights = sum((self.by_code[each].weight for each in answered), ZERO)
                if not answered_weights:
                    continue
                value = value * weights / answered_weights
            totals[ballot.juror] = self.rounded("juror_total", value)
        return totals

    def combine_totals(self, code: str, totals: Mapping[str, Fraction]) -> Fraction | None:
        """Return the jurors' totals as one number; None without one."""
        method = self.rules.combine
        if isinstance(method, LeastSquares):
            return self.levelled[""][0].get(code)
        assert isinstance(method, MarksMethod)  # noqa: S101 - no other family comes here
        return method.combine(*over_one_unit(totals.values())) if totals else None

    # Facts.

    def fact(self, code: str, criterion: Criterion) -> Fraction | None:
        """Return a quantity's value or a table's points (M6); None without a fact that can be read."""
        text = self.given.facts.get((code, criterion.code))
        if not text:
            return None
        if criterion.kind == TABLE:
            return criterion.table.get(text)
        try:
            value = number(text)
        except ValueError:
            return None
        return value if value > 0 or (value == 0 and criterion.rule == "highest") else None

    @cached_property
    def extremes(self) -> Mapping[str, Fraction]:
        """Return the highest or lowest value of each quantity, over all admitted proposals that have one."""
        found = {}
        for criterion in self.facts:
            values = [value for code in self.admitted if (value := self.fact(code, criterion)) is not None]
            if criterion.kind != TABLE and values:
                found[criterion.code] = max(values) if criterion.rule == "highest" else min(values)
        return found

    def fact_coefficient(self, value: Fraction, criterion: Criterion) -> Fraction:
        """Return value ÷ highest (M5: 40, 30, 10 give 1, 0.75, 0.25), or lowest ÷ value (20, 25 give 1, 0.8)."""
        extreme = self.extremes.get(criterion.code, ZERO)
        share = extreme / value if criterion.rule == "lowest" else value / extreme if extreme else ZERO
        return self.rounded("coefficient", share)

    # One proposal.

    def plain(self, code: str) -> Plain:
        """Return the plain pass of a proposal."""
        known = self.known_plain.get(code)
        if known is None:
            known = self.known_plain[code] = self.work_out(code)
        return known

    def work_out(self, code: str) -> Plain:
        """Compute the plain pass of a proposal."""
        combined: dict[str, Fraction | None] = {}
        coefficient: dict[str, Fraction] = {}
        weighted: dict[str, Fraction] = {}
        for criterion in self.judged:
            line, name = self.line(code, criterion), criterion.code
            combined[name] = line.combined
            if line.combined is not None:
                coefficient[name], weighted[name] = line.coefficient, line.weighted
        for criterion in self.facts:
            name = criterion.code
            fact = combined[name] = self.fact(code, criterion)
            if fact is None:
                weighted[name] = ZERO
            elif criterion.kind == TABLE:
                weighted[name] = self.rounded("weighted", fact)
            else:
                coefficient[name] = self.fact_coefficient(fact, criterion)
                weighted[name] = self.rounded("weighted", coefficient[name] * criterion.weight)
        jurors = self.official_totals(code) if self.rules.jurors_first else {}
        return Plain(combined, coefficient, weighted, jurors, self.total(code, combined, weighted, jurors))

    def total(
        self,
        code: str,
        combined: Mapping[str, Fraction | None],
        weighted: Mapping[str, Fraction],
        jurors: Mapping[str, Fraction],
    ) -> Fraction | None:
        """Return the plain total; None where a criterion has no mark or the method reads only orders."""
        if self.rules.ordinal or any(combined[each.code] is None for each in self.judged):
            return None
        if not self.rules.jurors_first or not self.judged:
            return self.summed(weighted.values())
        of_jurors = self.combine_totals(code, jurors)
        if of_jurors is None:
            return None
        return self.summed([of_jurors, *(weighted[each.code] for each in self.facts)])

    def summed(self, parts: Iterable[Fraction]) -> Fraction:
        """Return the parts as a total: summed, divided by the weights for a mean, rounded."""
        total = summed(parts)
        return self.rounded("total", total / self.weights if self.rules.total == "mean" else total)

    def ballots(self, code: str) -> int:
        """Return how many complete ballots a proposal has; in pairwise entry, how many jurors compared it."""
        if isinstance(self.rules.combine, PairsMethod):
            return len(self.comparing) if self.compared else 0
        return len(self.complete.get(code, ()))

    def status(self, code: str) -> str:
        """Return placed, or why a proposal is not."""
        state = self.proposals[code].state
        if state != ADMITTED:
            return state
        if self.rules.entry == QUALITATIVE:
            return UNSCORED
        if self.judged and not self.has_quorum(code):
            return BELOW_QUORUM
        return PLACED if all(self.passes(gate, code) for gate in self.rules.gates) else BELOW_GATE

    def has_quorum(self, code: str) -> bool:
        """Whether enough jurors gave complete ballots, and someone marked every criterion."""
        if self.ballots(code) < (1 if self.rules.entry == COLLEGIAL else self.rules.quorum):
            return False
        plain = self.plain(code)
        if any(plain.combined[each.code] is None for each in self.judged):
            return False
        return not self.rules.jurors_first or bool(plain.jurors)

    def gate_value(self, gate: Gate, code: str) -> Fraction:
        """Return the plain value that a gate reads, 0 where a fact is missing."""
        plain = self.plain(code)
        target, _, criterion = gate.on.partition(":")
        if target == "criterion":
            return plain.combined[criterion] or ZERO
        if target == "weighted":
            return plain.weighted.get(criterion, ZERO)
        if target == "sum":
            return sum((plain.combined[each.code] or ZERO for each in self.judged), ZERO)
        return plain.total or ZERO

    def passes(self, gate: Gate, code: str) -> bool:
        """Whether a proposal reaches a gate (M7): 60 passes a minimum of 60; with ranks, lower is better."""
        value = self.gate_value(gate, code)
        _, _, criterion = gate.on.partition(":")
        ranks = self.in_ranks(criterion) if criterion else self.lower
        return value <= gate.minimum if ranks else value >= gate.minimum

    # Evidence for tie rules.

    def lower_first(self, criterion: str) -> bool:
        """Whether the lower value of a criterion is the better one."""
        return self.by_code[criterion].rule == "lowest" or self.in_ranks(criterion)

    def in_ranks(self, criterion: str) -> bool:
        """Whether jurors rank on a criterion; facts are not ranked, whatever the entry."""
        return self.lower and self.by_code[criterion].kind == JUDGED

    def combined(self, code: str, criterion: str) -> Fraction | None:
        """Return the value of a criterion that gates and ties read."""
        return self.plain(code).combined[criterion]

    def weighted(self, code: str, criterion: str) -> Fraction | None:
        """Return the weighted value of a criterion."""
        return self.plain(code).weighted.get(criterion)

    def juror_totals(self, code: str) -> Mapping[str, int]:
        """Return each juror's exact total of judged criteria, times `unit`, from ballots without abstention."""
        known = self.known_totals.get(code)
        if known is None:
            known = self.known_totals[code] = self.exact_totals(code)
        return known

    def exact_totals(self, code: str) -> Mapping[str, int]:
        """Add up the ballots without abstention."""
        worth = self.exact_worth.worth
        totals = {}
        for ballot in self.complete.get(code, ()):
            values = [of[mark] for each, of in worth.items() if (mark := ballot.marks[each]) is not None]
            if len(values) == len(worth):
                totals[ballot.juror] = sum(values)
        return totals

    @property
    def unit(self) -> int:
        """What the jurors' totals are multiplied by to be whole."""
        return self.exact_worth.unit

    def marks(self, code: str) -> Sequence[int]:
        """Return every mark that counts, as a whole multiple of one unit."""
        return [mark for each in self.judged for mark in self.whole_marks(code, each.code)]

    def votes(self, code: str) -> Fraction | None:
        """Return the public votes."""
        votes = self.given.votes.get(code)
        return None if votes is None else Fraction(votes)

    def submitted_at(self, code: str) -> datetime | None:
        """Return when the proposal was submitted; a moment without its offset is no instant."""
        moment = self.proposals[code].submitted_at
        return moment if moment and moment.tzinfo else None

    def chair(self, code: str) -> int | None:
        """Return the place that the chair gave inside the tied group."""
        return self.given.chair.get(code)

    def draw(self, code: str) -> str:
        """Return what the draw hashes."""
        return f"{self.given.draw_seed}\n{self.given.category}\n{self.given.round}\n{code}"

    # What a person should look at.

    def warnings(self) -> list[Warned]:
        """Return what the plain pass noticed, in a fixed order."""
        found = [
            Warned("fact_missing", {"proposal": code, "criterion": criterion.code})
            for criterion in self.facts
            for code in self.admitted
            if self.fact(code, criterion) is None
        ]
        if isinstance(self.rules.combine, PairsMethod):
            found += self.pair_warnings()
        if isinstance(self.rules.combine, LeastSquares):
            found += [
                Warned("disconnected", {"criterion": criterion, "parts": str(parts)})
                for criterion, (_, parts) in self.levelled.items()
                if parts > 1
            ]
        return found

    def pair_warnings(self) -> list[Warned]:
        """Return who has not compared all pairs, and whose comparisons contradict themselves."""
        if len(self.admitted) < FEWEST:
            return [Warned("too_few_to_compare", {"proposals": str(len(self.admitted))})]
        jurors = sorted({each.juror for each in self.given.comparisons})
        return [Warned("pairs_missing", {"juror": juror}) for juror in jurors if juror not in self.comparing] + [
            Warned("inconsistent", {"juror": juror, "criterion": criterion, "ratio": ratio})
            for criterion, paired in self.compared.items()
            for juror, ratio in paired.inconsistent.items()
        ]


def exact(at: str, value: Fraction) -> Fraction:
    """Return a value as it is, at any point."""
    return value


def divisor(rules: Rules, criterion: Criterion) -> Fraction:
    """Return what a combined mark is divided by to become a coefficient."""
    scaled = rules.points == "coefficient" and criterion.scale and not isinstance(rules.combine, PairsMethod)
    return criterion.scale.maximum if scaled and criterion.scale else Fraction(1)
