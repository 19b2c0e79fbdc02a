"""What the jurors of the demo think: a quality per proposal, a temper per juror, and a little chance."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from awards.demo import calls
from awards.demo.calls import CallPlan
from awards.demo.texts import chance, shelf
from contests.models import Proposal, Round
from engine.numbers import decimal_text
from engine.rules import Criterion, Rules
from reviews.models import Assignment
from reviews.queries.rules import rules_of_round

Sheet = dict[str, str | None] | None  # None: the juror gives no mark at all
Sheets = dict[tuple[str, str], Sheet]
TEMPER = {"J01": -0.1, "J02": -0.35, "J03": 0.25, "J04": 0.1, "J05": 0.0}  # in marks


def marks_for(plan: CallPlan, round_: Round) -> Sheets:
    """Return every mark of a round, {(juror, proposal): marks}."""
    rules = rules_of_round(round_.pk)
    pairs = Assignment.records.filter(round=round_, state=Assignment.State.ASSIGNED)
    read = list(pairs.order_by("proposal__code", "juror__code").values_list("juror__code", "proposal__code"))
    qualities = _qualities(plan, round_, sorted({proposal for _juror, proposal in read}))
    sheets: Sheets = {
        (juror, proposal): _sheet(rules, plan.code, juror, proposal, qualities[proposal]) for juror, proposal in read
    }
    if plan.code == calls.COMMUNITY and round_.category.position == 0:
        _tie_at_the_cut(rules, sheets, places=3)
        _abstain_twice(sheets)
    return sheets


def _qualities(plan: CallPlan, round_: Round, proposals: Sequence[str]) -> dict[str, float]:
    """Return how good each proposal is, as a share of the best mark."""
    order = sorted(proposals, key=lambda code: chance("order", plan.code, code).random())
    if plan.code == calls.COMMUNITY and round_.category.position == 0:
        order = _as_written(round_, proposals)
    steps = max(1, len(order) - 1)
    ideas = plan.code == calls.SUMMER and round_.category.position == 1
    top, gate = (0.70, 0.60) if ideas else (0.88, 0.62)
    best = {order[0]: 0.86} if ideas and order else {}
    return {code: _fall(number / steps, top, gate) for number, code in enumerate(order)} | best


def _as_written(round_: Round, proposals: Sequence[str]) -> list[str]:
    """Return the proposals in the order in which their cases were written: the strongest first."""
    known = {case["title"]["it"]: number for number, case in enumerate(shelf("cases"))}
    titles = dict(Proposal.records.filter(category_id=round_.category_id).values_list("code", "title"))
    return sorted(proposals, key=lambda code: (known.get(titles[code], len(known)), code))


def _fall(share: float, top: float, gate: float, *, knee: float = 0.85, low: float = 0.42) -> float:
    """Return a quality that falls slowly from the top to the gate, and steeply after it."""
    if share <= knee:
        return top - (top - gate) * share / knee
    return gate - 0.05 - (gate - 0.05 - low) * (share - knee) / (1 - knee)


def _sheet(rules: Rules, call: str, juror: str, proposal: str, quality: float) -> Sheet:
    die = chance("marks", call, juror, proposal)
    marks: dict[str, str | None] = {}
    for criterion in rules.judged:
        lean = chance("lean", call, proposal, criterion.code).uniform(-0.45, 0.45)
        marks[criterion.code] = _on_scale(criterion, quality, lean + TEMPER[juror] + die.uniform(-0.6, 0.6))
    return marks


def _on_scale(criterion: Criterion, quality: float, shift: float) -> str:
    """Return the mark nearest to a share of the scale, moved by `shift` marks."""
    scale = criterion.scale
    assert scale is not None  # noqa: S101 - judged criteria of the demo have a scale
    step = float(scale.step or 1)
    wished = quality * float(scale.maximum) + shift
    steps = int(Decimal(str(wished / step)).to_integral_value())
    value = min(scale.maximum, max(scale.minimum, Fraction(steps) * (scale.step or 1)))
    return decimal_text(value)


def _total(rules: Rules, sheets: Sheets, proposal: str) -> int:
    """Return what orders proposals here: the weighted sum of all marks, for the same number of readers."""
    weights = {criterion.code: int(criterion.weight) for criterion in rules.judged}
    found = [sheet for (_juror, code), sheet in sheets.items() if code == proposal and sheet]
    return sum(weights[code] * int(mark or 0) for sheet in found for code, mark in sheet.items())


def _tie_at_the_cut(rules: Rules, sheets: Sheets, *, places: int) -> None:
    """Give the first after the cut the marks of the last before it, one juror on: only the chair can part them."""
    order = sorted({code for _juror, code in sheets}, key=lambda code: (-_total(rules, sheets, code), code))
    last, first = order[places - 1], order[places]
    given = [sheet for (_juror, code), sheet in sheets.items() if code == last]
    readers = [juror for juror, code in sheets if code == first]
    for juror, sheet in zip(readers, given[1:] + given[:1], strict=True):
        sheets[juror, first] = sheet


def _abstain_twice(sheets: Sheets) -> None:
    """Leave two proposals with two of their three ballots."""
    seen: set[str] = set()
    for juror, code in sorted(sheets):
        if juror == "J04" and code not in seen and len(seen) < 2:  # noqa: PLR2004 - two, as the function says
            sheets[juror, code] = None
            seen.add(code)
