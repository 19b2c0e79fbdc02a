"""What joins the jury's total after the gates: an earlier round (M19) and the public vote (M11)."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from engine.combine import Sum
from engine.ordinal import points_of, ranked
from engine.pairwise import PairsMethod
from engine.rules import COLLEGIAL, JUDGED, RANK_POINTS, Public
from engine.sheet import ZERO, Sheet

HUNDRED = 100


def reach(sheet: Sheet, code: str) -> Fraction:
    """Return the most a total can be: the weights, times the scales with marks as points, per juror with sums."""
    rules = sheet.rules
    full = ZERO
    for criterion in rules.criteria:
        by_mark = criterion.kind == JUDGED and rules.points == "mark" and not isinstance(rules.combine, PairsMethod)
        full += criterion.weight * (criterion.scale.maximum if by_mark and criterion.scale else 1)
    if rules.total == "mean":
        full /= rules.weights
    return full * assigned(sheet, code) if rules.judged and isinstance(rules.combine, Sum) else full


def assigned(sheet: Sheet, code: str) -> int:
    """Return how many jurors were assigned to a proposal; without a list, those who gave it a ballot."""
    if sheet.rules.entry == COLLEGIAL:
        return 1
    return sheet.given.assigned.get(code) or len(sheet.complete.get(code, ())) + len(sheet.incomplete.get(code, ()))


def on_hundred(sheet: Sheet, code: str, total: Fraction) -> Fraction:
    """Return a total on 0-100."""
    most = reach(sheet, code)
    return total * HUNDRED / most if most else ZERO


def carried(own: Fraction, earlier: Fraction, share: Fraction) -> Fraction:
    """Return own × (1 − share) + earlier × share, both on 0-100: 80 and 60 with a share of 0.4 give 72 (M19)."""
    return own * (1 - share) + earlier * share


def votes_of(sheet: Sheet, codes: Iterable[str]) -> dict[str, Fraction]:
    """Return the public votes of proposals, 0 where none are listed."""
    return {code: sheet.votes(code) or ZERO for code in codes}


def votes_base(sheet: Sheet, public: Public, placed: Iterable[str]) -> Fraction:
    """Return what votes are divided by: all votes of the admitted, or the highest of the placed."""
    if public.by == "share":
        return sum(votes_of(sheet, sheet.admitted).values(), ZERO)
    return max(votes_of(sheet, placed).values(), default=ZERO)


def mixed(jury: Fraction, public: Fraction, share: Fraction) -> Fraction:
    """Return jury × (1 − share) + public × share.

    Source: contests with 80/20, 75/25 or 50/50, by share of votes, votes ÷ highest, or rank points (M11). Jury 84, 80,
    71 and votes 120, 480, 1400 with 0.25: by share 64.5, 66, 70.75; by the highest 65.14, 68.57, 78.25; by 12, 10, 8
    for the rank 11, 10, 9.
    """
    return jury * (1 - share) + public * share


def rank_points(merits: Mapping[str, Fraction], table: tuple[Fraction, ...]) -> dict[str, Fraction]:
    """Return the points for the place of each, the tied sharing the mean of the places they occupy."""
    return {code: points_of(table, first, last) for first, last, codes in ranked(merits) for code in codes}


def with_public(
    sheet: Sheet, public: Public, jury: Mapping[str, Fraction], merits: Mapping[str, Fraction]
) -> tuple[dict[str, Fraction], Fraction]:
    """Return the mixed scores of the placed, and what votes were divided by (0 with rank points).

    jury: totals on 0-100 · merits: numbers that order the placed by the jury alone, the greater the better.
    """
    votes = votes_of(sheet, merits)
    if public.by == RANK_POINTS:
        ours, theirs = rank_points(merits, public.points), rank_points(votes, public.points)
        return {code: mixed(ours[code], theirs[code], public.share) for code in merits}, ZERO
    base = votes_base(sheet, public, merits)
    shares = {code: votes[code] * HUNDRED / base if base else ZERO for code in merits}
    return {code: mixed(jury[code], shares[code], public.share) for code in merits}, base
