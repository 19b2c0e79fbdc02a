"""The rules of a round, said to whoever is judged by them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from common.fields import localised
from common.templatetags.words import decimal
from engine.numbers import decimal_text
from engine.rules import COLLEGIAL, PAIRWISE, QUALITATIVE, RANKING, Criterion, Gate, Rules, parse_rules


@dataclass(frozen=True, slots=True)
class Weighed:
    """A criterion as the page shows it; `weight` in words, `size` in whole numbers for its bar."""

    name: str
    text: str
    weight: str
    size: int


@dataclass(frozen=True, slots=True)
class InWords:
    """A rule set in words."""

    criteria: tuple[Weighed, ...]
    heaviest: int
    how: str
    gates: tuple[str, ...]
    is_weighed: bool


MOST_KNOWN = 500
_known: dict[tuple[str, str], InWords] = {}


def rules_in_words(seal: str, document: Mapping[str, object]) -> InWords:
    """Say who reads, what counts how much, and what is the least one must reach; read once a seal and language."""
    key = (seal, get_language() or "")
    if key not in _known:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = _in_words(parse_rules(document))
    return _known[key]


def _in_words(rules: Rules) -> InWords:
    criteria = tuple(_weighed(criterion) for criterion in rules.criteria)
    return InWords(
        criteria=criteria,
        heaviest=max((each.size for each in criteria), default=1),
        how=_how(rules),
        gates=tuple(_gate(gate, rules) for gate in rules.gates),
        is_weighed=rules.entry != QUALITATIVE,
    )


def number(value: Fraction) -> str:
    """Write an exact number in the reader's language, "2,5"."""
    return decimal(decimal_text(value))


def _weighed(criterion: Criterion) -> Weighed:
    return Weighed(
        name=localised(dict(criterion.title)),
        text=localised(dict(criterion.description)),
        weight=number(criterion.weight),
        size=int(criterion.weight * 1000),
    )


def _how(rules: Rules) -> str:
    if rules.entry == COLLEGIAL:
        return _("The jury agrees on each mark together.")
    if rules.entry == PAIRWISE:
        return _("Jurors compare the proposals two by two.")
    if rules.entry == RANKING:
        return _("Each juror puts the proposals in order.")
    if rules.entry == QUALITATIVE:
        return _("No marks and no ranking: those who read describe each proposal in words.")
    least = ngettext("at least {n} juror", "at least {n} jurors", rules.quorum).format(n=rules.quorum)
    return _("Each proposal is read by {jurors}, each on their own.").format(jurors=least)


def _gate(gate: Gate, rules: Rules) -> str:
    least = number(gate.minimum)
    if gate.on == "total":
        reach = sum((criterion.weight for criterion in rules.criteria), Fraction(0))
        if rules.points == "coefficient" and rules.total == "sum":
            return _("Minimum: {least} of {reach}.").format(least=least, reach=number(reach))
        return _("Minimum: {least}.").format(least=least)
    if gate.on == "sum":
        return _("Minimum sum of the marks: {least}.").format(least=least)
    code = gate.on.partition(":")[2]
    name = next(localised(dict(each.title)) for each in rules.criteria if each.code == code)
    return _("At least {least} on “{criterion}”.").format(least=least, criterion=name)
