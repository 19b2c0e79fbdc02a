"""Why this number, in words: codes and exact numbers become sentences in the reader's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.fields import localised
from common.templatetags.words import decimal
from engine.explain import CriterionSeen, GateSeen, Step, TieSeen
from engine.numbers import decimal_text
from reviews.forms.rules import TIES
from reviews.queries.why import Why
from reviews.views.statistics import beside

METHODS: dict[str, str | Promise] = {
    "mean": gettext_lazy("mean"),
    "median": gettext_lazy("median"),
    "lower_median": gettext_lazy("lower median"),
    "trimmed_mean": gettext_lazy("trimmed mean"),
    "band_mean": gettext_lazy("mean of the marks near it"),
    "sum": gettext_lazy("sum"),
    "rank_points": gettext_lazy("points for ranks"),
    "borda": gettext_lazy("Borda points"),
    "majority_judgment": gettext_lazy("majority grade"),
    "pairwise_sum": gettext_lazy("sum of the comparisons"),
    "pairwise_mean": gettext_lazy("mean of the comparisons"),
    "pairwise_eigenvector": gettext_lazy("weight from the comparisons"),
    "least_squares": gettext_lazy("level without the jurors’ severity"),
}
STEPS: dict[str, str | Promise] = {
    "total": gettext_lazy("Total"),
    "points": gettext_lazy("Points for ranks"),
    "grade": gettext_lazy("Majority grade"),
    "rescaled_criterion": gettext_lazy("Rescaled: the best on each criterion gets its full weight"),
    "rescaled_total": gettext_lazy("Rescaled: the best total gets the full weight"),
    "on_hundred": gettext_lazy("On a scale of 100"),
    "carried": gettext_lazy("With the earlier round"),
    "public": gettext_lazy("With the public vote"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One juror's mark as shown; `left_out` by the method, or an abstention."""

    juror: str
    text: str
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion as shown."""

    title: str
    weight: str
    marks: tuple[Mark, ...]
    combined: str
    coefficient: str
    points: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One threshold as shown."""

    words: str
    passed: bool


def number(value: Fraction | None, least: int = 0) -> str:
    """Write an exact number for people with at least so many decimals, and at most four: rounded for the eye only."""
    return "" if value is None else decimal(decimal_text(value, 4), least)


def listed(texts: Sequence[str]) -> str:
    """Write "86.5, 83 and 82.5"."""
    if len(texts) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(texts)
    return _("{first} and {last}").format(first=", ".join(texts[:-1]), last=texts[-1])


def in_words(why: Why) -> dict[str, object]:
    """Return everything that the page and the panel say of a number."""
    seen = why.explanation
    steps = () if len(seen.steps) == 1 else seen.steps
    return {
        "why": why,
        "row": seen.row,
        "score": decimal(seen.row.score_text, least_decimals(why)),
        "sentence": sentence(why),
        "method": METHODS.get(seen.method, seen.method),
        "lines": [line(why, criterion) for criterion in seen.criteria],
        "jurors": [Mark(why.names.get(each.juror, each.juror), number(each.total)) for each in seen.jurors],
        "incomplete": [why.names.get(juror, juror) for juror in seen.incomplete],
        "gates": [Gate(gate_words(why, gate), gate.passed) for gate in seen.gates],
        "steps": [(STEPS[step.name], number(step.value), step_words(step)) for step in steps],
        "ties": [tie_words(why, tie) for tie in seen.ties],
        "statistics": beside(why),
    }


def least_decimals(why: Why) -> int:
    """Return with how many decimals at least points are written: two wherever there are any."""
    weighted = [each.weighted for each in why.explanation.criteria if each.weighted is not None]
    return 2 if "." in why.explanation.row.score_text or any(each.denominator > 1 for each in weighted) else 0


def sentence(why: Why) -> str:
    """Say in one line where the score comes from, or why there is none."""
    seen = why.explanation
    if seen.row.score is None:
        return no_score(why)
    method, least = str(METHODS.get(seen.method, seen.method)), least_decimals(why)
    if seen.jurors:
        values = [number(each.total if each.points is None else each.points, least) for each in seen.jurors]
        return _("{method} of {values}").format(method=method, values=listed(values))
    if totals := totals_behind(why):
        return _("mean of {values}").format(values=listed([number(total, least) for total in totals]))
    points = [number(each.weighted, least) for each in seen.criteria if each.weighted is not None]
    return _("sum of {values}").format(values=listed(points))


def no_score(why: Why) -> str:
    """Say why a proposal has no score."""
    seen = why.explanation
    if seen.status == "below_quorum":
        counted = seen.row.ballots
        words = ngettext(
            "{n} complete ballot counts; {quorum} are needed",
            "{n} complete ballots count; {quorum} are needed",
            counted,
        )
        return words.format(n=counted, quorum=seen.quorum)
    return {
        "excluded": _("not admitted, so it has no score"),
        "withdrawn": _("withdrawn, so it has no score"),
        "unscored": _("judged in words, without numbers"),
    }.get(seen.status, "")


def totals_behind(why: Why) -> list[Fraction]:
    """Return the jurors' totals if the score is exactly their mean; nothing where rounding or rules made it differ."""
    seen, rules = why.explanation, why.rules
    plain = seen.method == "mean" and len(seen.steps) == 1 and not rules.facts and rules.total == "sum"
    if not plain or any(mark.mark is None for each in seen.criteria for mark in each.marks):
        return []
    totals: dict[str, Fraction] = {}
    for criterion in seen.criteria:
        for mark in criterion.marks:
            worth = (mark.mark or 0) / criterion.divisor * criterion.weight
            totals[mark.juror] = totals.get(mark.juror, Fraction(0)) + worth
    exact = totals and sum(totals.values(), Fraction(0)) / len(totals) == seen.row.score
    return list(totals.values()) if exact else []


def line(why: Why, criterion: CriterionSeen) -> Line:
    """Return one criterion as shown: a fact stands where the marks would."""
    marks = tuple(
        Mark(
            why.names.get(mark.juror, mark.juror),
            _("abstained") if mark.mark is None else number(mark.mark),
            left_out=not mark.counted,
        )
        for mark in criterion.marks
    )
    fact = (Mark("", criterion.fact or _("no value")),) if criterion.kind != "judged" else ()
    return Line(
        title=title_of(why, criterion.code),
        weight=number(criterion.weight),
        marks=marks or fact,
        combined=number(criterion.combined),
        coefficient=number(criterion.coefficient),
        points=number(criterion.weighted, least_decimals(why)),
    )


def title_of(why: Why, code: str) -> str:
    """Return a criterion's title."""
    return localised(dict(why.rules.criterion(code).title)) or code


def subject(why: Why, on: str) -> str:
    """Name what a gate or a tie rule reads: "total", "criterion:impact", "wins"."""
    kind, _sep, code = on.partition(":")
    if kind == "criterion":
        return title_of(why, code)
    if kind == "weighted":
        return _("{criterion}, in points").format(criterion=title_of(why, code))
    return {"total": _("Total"), "sum": _("Sum of the criteria")}.get(kind) or str(TIES.get(kind, kind))


def gate_words(why: Why, gate: GateSeen) -> str:
    """Say what a threshold asked for and what it found."""
    words = _("{subject} {value}, at least {minimum}")
    return words.format(subject=subject(why, gate.on), value=number(gate.value), minimum=number(gate.minimum))


def step_words(step: Step) -> str:
    """Say what went into a step beyond the criteria."""
    of = {name: number(value) for name, value in step.of.items()}
    match step.name:
        case "carried":
            return _("{own} here, {earlier} in the earlier round, which counts {share}").format(**of)
        case "public" if "base" in of:
            return _("{votes} votes of {base}; {public} points, which count {share}").format(**of)
        case "public":
            return _("jury {jury}, public {public}, which counts {share}").format(**of)
        case "rescaled_total":
            return _("highest total {highest}").format(**of)
        case _:
            return ""


def tie_words(why: Why, tie: TieSeen) -> str:
    """Say which rule was asked, and what it read for each of those still tied."""
    values = listed(list(tie_values(why, tie))) if any(tie.values.values()) else _("nothing to go by")
    return f"{capfirst(subject(why, tie.rule))}: {values}"


def tie_values(why: Why, tie: TieSeen) -> Iterable[str]:
    """Write this proposal's value first, then the others' with their titles."""
    own = why.explanation.code
    for code in sorted(tie.values, key=lambda code: (code != own, code)):
        shown = tie_value(why, tie.rule, tie.values[code]) or _("no value")
        yield shown if code == own else _("{value} ({title})").format(value=shown, title=why.titles.get(code, code))


def tie_value(why: Why, rule: str, text: str) -> str:
    """Write what a tie rule read: an instant, the start of a digest, or a number."""
    if rule == "earliest" and text:
        return date_format(datetime.fromisoformat(text).astimezone(why.round.category.call.zone), "j F, H:i")
    return text[:8] if rule == "draw" else text if "/" in text else decimal(text)
