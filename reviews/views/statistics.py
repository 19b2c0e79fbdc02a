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
TOO_MANY = 12  # proposals, for one deliberation


def percent(value: float | str | Fraction) -> str:
    """Write a share as whole percents: 0.61 is "61%"; what rounds to none, or to all, says on which side it lies."""
    share = Fraction(value) * HUNDRED
    if 0 < share < 1:
        return "<1%"
    return ">99%" if HUNDRED - 1 < share < HUNDRED else f"{decimal_text(share, 0)}%"


def chance(in_top: str) -> str:
    """Write a kept probability, an estimate that is never quite 0 or 1; nothing where there is none."""
    if not in_top:
        return ""
    share = Fraction(in_top) * HUNDRED
    return "<1%" if share < 1 else ">99%" if share > HUNDRED - 1 else percent(in_top)


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


def zone_words(measured: Measured, offered: int | None, *, judging: bool) -> dict[str, str] | None:
    """Say how many proposals cannot be told apart for how many places; None where all can.

    While they can still be read, many of them call for more readings.
    """
    if not measured.zone:
        return None
    left = measured.left
    words = (
        ngettext("Tie zone: {n} proposals for {left} prize", "Tie zone: {n} proposals for {left} prizes", left)
        if offered
        else ngettext("Tie zone: {n} proposals for {left} place", "Tie zone: {n} proposals for {left} places", left)
    )
    text = zone_places(measured)
    if judging and measured.zone > TOO_MANY:
        text += " " + _("With so many, ask for more readings first.")
    return {"title": words.format(n=measured.zone, left=left), "text": text}


def zone_places(measured: Measured) -> str:
    """Say which places cannot be told apart."""
    first, last = measured.first, measured.last
    words = (
        _("Place {first} is shared. It needs a deliberation.")
        if first == last
        else _("Places {first} to {last} cannot be told apart. They need a deliberation.")
    )
    return words.format(first=first, last=last)


def likelihood(in_top: str) -> str:
    """Say a kept probability in words."""
    words = (
        ("0.99", _("Almost certainly")),
        ("0.9", _("Very likely")),
        ("0.6", _("Likely")),
        ("0.4", _("About as likely as not")),
        ("0.1", _("Not likely")),
        ("0.01", _("Very unlikely")),
    )
    return next((word for least, word in words if Fraction(in_top) >= Fraction(least)), _("Almost certainly not"))


def beside(why: Why) -> list[str]:
    """Say what the statistics add to one proposal's number; nothing where there are none."""
    tally, measured = why.tally, why.head.measured
    if tally.low is None or tally.high is None:
        return []
    said = [
        _("Severity of jurors removed: {points} (a statistic, not official).").format(
            points=decimal(tally.calibrated, 2)
        ),
        (
            _("Nine times in ten it has place {low}.")
            if tally.low == tally.high
            else _("Nine times in ten it lies between place {low} and place {high}.")
        ).format(low=tally.low, high=tally.high),
    ]
    if tally.place and not tally.low <= tally.place <= tally.high:
        said.append(_("The official place lies outside: its readers were milder, or more severe, than the others."))
    if tally.in_top and measured and measured.top:
        words = ngettext("{likely} first: {chance}.", "{likely} among the first {n}: {chance}.", measured.top)
        said.append(words.format(likely=likelihood(tally.in_top), n=measured.top, chance=chance(tally.in_top)))
    if tally.zone and measured and measured.zone:
        said.append(zone_places(measured))
    if measured and measured.version < why.head.version:
        said.append(_("Said of version {n}; for this one it follows in a moment.").format(n=measured.version))
    return said
