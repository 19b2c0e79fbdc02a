"""How a round computes its ranking, step by step, said to whoever runs or checks it."""

from collections.abc import Callable, Iterable, Iterator

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.fields import localised
from contests.views.rules import number
from engine.combine import BandMean, TrimmedMean
from engine.ordinal import RankPoints
from engine.outcomes import Advance, AdvanceByBudget, AdvanceByCount, AdvanceByMinimum
from engine.rules import COLLEGIAL, JUDGED, QUALITATIVE, Rules
from engine.ties import TieRule
from reviews.forms.rules import ROUNDED_AT, TIES

COMBINED: dict[str, str | Promise] = {
    "mean": gettext_lazy("On each criterion the jurors’ marks give their mean."),
    "median": gettext_lazy("On each criterion the middle mark counts, or the mean of the two middle ones."),
    "lower_median": gettext_lazy("On each criterion the middle mark counts, the lower one of two."),
    "sum": gettext_lazy("The jurors’ marks are added up."),
    "borda": gettext_lazy("Each juror’s order gives a proposal one point for every proposal placed after it."),
    "majority_judgment": gettext_lazy("The middle grade counts; equal ones are parted by taking it away in turn."),
    "pairwise_sum": gettext_lazy("The points of all comparisons are added up and divided by the highest sum."),
    "pairwise_mean": gettext_lazy("Each juror’s points are divided by their highest; the mean is divided by the best."),
    "pairwise_eigenvector": gettext_lazy("Each juror’s comparisons are weighed by their principal eigenvector."),
    "least_squares": gettext_lazy("The severity of each juror is removed by least squares before the mean is taken."),
}
ROUNDED_HOW: dict[str, str | Promise] = {
    "half_up": gettext_lazy("half up"),
    "half_even": gettext_lazy("half to even"),
    "down": gettext_lazy("towards zero"),
    "up": gettext_lazy("away from zero"),
}


def computed(rules: Rules, gates: Iterable[str]) -> list[str]:
    """Return the computation as sentences, in the order in which it happens; `gates` are the minima in words."""
    if rules.entry == QUALITATIVE:
        return []
    before, after = ([sentence for say in steps for sentence in say(rules)] for steps in (_BEFORE_GATES, _AFTER_GATES))
    return [*before, *gates, *after]


def _combining(rules: Rules) -> Iterator[str]:
    method = rules.combine
    if rules.jurors_first:
        yield _("Each juror’s marks are added up with their weights first; then the jurors are combined.")
    if rules.entry == COLLEGIAL:
        return
    match method:
        case TrimmedMean():
            words = ngettext(
                "From {minimum} marks on, the highest and the lowest on each criterion are left out; the others"
                " give their mean.",
                "From {minimum} marks on, the {n} highest and {n} lowest on each criterion are left out; the others"
                " give their mean.",
                method.drop,
            )
            yield words.format(n=method.drop, minimum=method.minimum)
        case BandMean():
            yield _("Marks further than {width} points from the mean are left out; the others give their mean.").format(
                width=number(method.width)
            )
        case RankPoints():
            yield _("Places earn points: {points}.").format(points=", ".join(number(each) for each in method.table))
        case _:
            yield str(COMBINED[method.name])


def _weighing(rules: Rules) -> Iterator[str]:
    if rules.points == "coefficient" and any(each.scale for each in rules.criteria):
        yield _("A mark is divided by the highest of its scale and multiplied by the weight of its criterion.")
    if rules.total == "mean":
        yield _("The total is the weighted mean of the criteria.")
    for criterion in rules.criteria:
        if criterion.kind != JUDGED:
            name = localised(dict(criterion.title))
            yield _("“{criterion}” is not judged: it is read from the facts.").format(criterion=name)


def _rounding(rules: Rules) -> Iterator[str]:
    for each in rules.rounding.values():
        words = ngettext("{what}: rounded {how} to {n} decimal.", "{what}: rounded {how} to {n} decimals.", each.places)
        said = words.format(what=ROUNDED_AT[each.at], how=ROUNDED_HOW[each.mode], n=each.places)
        yield capfirst(said)


def _rescaling(rules: Rules) -> Iterator[str]:
    if rules.rescale.criterion:
        yield _("After the minima, the best on each criterion gets its full weight and the others in proportion.")
    if rules.rescale.total:
        yield _("After the minima, the best total becomes the full one and the others in proportion.")


def _mixing(rules: Rules) -> Iterator[str]:
    if rules.carry:
        yield _("{share}% of the score comes from the round before.").format(share=number(rules.carry.share * 100))
    if rules.public:
        yield _("{share}% of the score comes from the public vote.").format(share=number(rules.public.share * 100))


def _parting(rules: Rules) -> Iterator[str]:
    if rules.ties:
        chain = _(", then ").join(tie_in_words(each, rules) for each in rules.ties)
        yield _("Equal totals are parted by {chain}.").format(chain=chain)


def tie_in_words(rule: TieRule, rules: Rules) -> str:
    """Say what a rule of the tie chain looks at."""
    words = str(TIES[rule.name])
    return words.format(criterion=localised(dict(rules.criterion(rule.criterion).title))) if rule.criterion else words


def _outcome(rules: Rules) -> Iterator[str]:
    yield from _advancing(rules.advance)
    if rules.fund:
        yield _("{budget} euro are given in order of place while they last.").format(budget=number(rules.fund.budget))


def _advancing(advance: Advance | None) -> Iterator[str]:
    match advance:
        case AdvanceByCount(count, ""):
            yield _("The first {n} go on to the next round, with all who share the last place.").format(n=count)
        case AdvanceByCount(count, per):
            yield _("The first {n} of each “{column}” go on to the next round.").format(n=count, column=per)
        case AdvanceByMinimum(minimum):
            yield _("Everyone with {minimum} or more goes on to the next round.").format(minimum=number(minimum))
        case AdvanceByBudget(budget, multiple):
            yield _("The best go on until what they ask for reaches {multiple} times {budget} euro.").format(
                multiple=number(multiple), budget=number(budget)
            )
        case _:
            return


Steps = tuple[Callable[[Rules], Iterator[str]], ...]
_BEFORE_GATES: Steps = (_combining, _weighing, _rounding)
_AFTER_GATES: Steps = (_rescaling, _mixing, _parting, _outcome)
