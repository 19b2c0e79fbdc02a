"""Statistics in words: what they mean and what to do, for someone who never studied them."""

from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.words import decimal
from engine.numbers import decimal_text
from engine.statistics import FEW_JURORS, FEW_PROPOSALS, FEW_READINGS, NO_MARKS
from reviews.queries.ranking import Measured
from reviews.queries.why import Why

HUNDRED = 100


def percent(value: float | str | Fraction) -> str:
    """Write a share as whole percents: 0.61 is "61%"; what rounds to none, or to all, says on which side it lies."""
    share = Fraction(value) * HUNDRED
    if 0 < share < 1:
        return "<1%"
    return ">99%" if HUNDRED - 1 < share < HUNDRED else f"{decimal_text(share, 0)}%"


def chance(in_top: str) -> str:
    """Write a kept probability; nothing where there is none."""
    return percent(in_top) if in_top else ""


def between(low: int | None, high: int | None) -> str:
    """Write an interval of places in digits: "2–5", or "1" where it is one place."""
    if low is None or high is None:
        return ""
    return str(low) if low == high else f"{low}–{high}"


def figure(value: float | None, places: int = 2) -> str:
    """Write a statistic with so many decimals; a dash where there is none."""
    return "–" if value is None else decimal(decimal_text(Fraction(value), places), places)


def no_statistics(measured: Measured) -> str:
    """Say why there are no statistics; nothing where there are."""
    return {
        NO_MARKS: _("How sure these places are cannot be said: jurors do not mark one by one here."),
        FEW_PROPOSALS: _("Too few proposals are placed to say how sure these places are."),
        FEW_JURORS: _("Too few jurors have scored to say how sure these places are."),
        FEW_READINGS: _("Too few ballots to say how sure these places are: each proposal needs two or more readers."),
    }.get(measured.reason, "")


def zone_words(measured: Measured, offered: int | None) -> dict[str, str] | None:
    """Say how many proposals cannot be told apart for how many places; None where all can."""
    if not measured.zone:
        return None
    left = max(1, measured.top - measured.first + 1)
    words = (
        ngettext("Tie zone: {n} proposals for {left} prize", "Tie zone: {n} proposals for {left} prizes", left)
        if offered
        else ngettext("Tie zone: {n} proposals for {left} place", "Tie zone: {n} proposals for {left} places", left)
    )
    return {
        "title": words.format(n=measured.zone, left=left),
        "text": _("Places {first} to {last} cannot be told apart. They need a deliberation.").format(
            first=measured.first, last=measured.last
        ),
    }


def beside(why: Why) -> list[str]:
    """Say what the statistics add to one proposal's number; nothing where there are none."""
    tally, measured = why.tally, why.head.measured
    if not tally.calibrated:
        return []
    said = [
        _("Severity of jurors removed: {points} (a statistic, not official).").format(
            points=decimal(tally.calibrated, 2)
        ),
        _("Nine times in ten it lies in place {places}, with other jurors as these are.").format(
            places=between(tally.low, tally.high)
        ),
    ]
    if tally.in_top and measured and measured.top:
        words = ngettext(
            "The probability that it belongs first is {chance}.",
            "The probability that it belongs to the first {n} is {chance}.",
            measured.top,
        )
        said.append(words.format(n=measured.top, chance=chance(tally.in_top)))
    return said
