"""From a round and its standing to the statistics beside it (engine/statistics.py says what they are).

One model says all of it: total = proposal + juror + noise (engine/calibration.py). The interval of a place and the
probability of being among the first come from the same draws of that model, and so lie about the calibrated score and
not about the official one: to centre them on the official score would be to take the leniency of whoever happened to
read a proposal for its merit. Where the official place lies outside its interval, that is the message
(docs/decisions/0007-intervals-about-the-calibrated-score.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import truediv

import numpy as np

from engine.agreement import Pairable, alpha_interval, alpha_of, icc, kendall_w
from engine.calibration import Calibration, Chances, calibrated, probability_in_top
from engine.combine import Sum
from engine.least_squares import LeastSquares
from engine.monitor import monitor, own_region
from engine.readings import Flags, Floats, NotEnoughData, Readings
from engine.rules import COLLEGIAL, PAIRWISE, QUALITATIVE, Rules
from engine.scoring import lower_is_better
from engine.sheet import Sheet, divisor
from engine.statistics import (
    FEW_JURORS,
    FEW_PROPOSALS,
    FEW_READINGS,
    NO_MARKS,
    Agreement,
    JurorStatistics,
    ProposalStatistics,
    Statistics,
)
from engine.types import PLACED, RoundInput, Standing
from engine.variance import VarianceComponents, reml

FEWEST_PROPOSALS, FEWEST_JURORS, FEWEST_BEYOND = 3, 2, 2
UNSURE = (0.1, 0.9)
# The likelihood is maximised up to so many cells of proposals × jurors; beyond, the variances of the fit are given.
LIKELIHOOD = 200_000


@dataclass(frozen=True, slots=True)
class Judged:
    """What statistics read: the totals as the jurors gave them, and the marks in the order of these readings."""

    readings: Readings
    marks: Floats


def worked_out(
    rules: Rules, given: RoundInput, standing: Standing, *, top: int, regions: Mapping[str, str], seed: int | str
) -> Statistics:
    """Return the statistics of a round, or the reason why there are none."""
    if rules.entry in {COLLEGIAL, PAIRWISE, QUALITATIVE} or not rules.judged:
        return Statistics(NO_MARKS, top)
    placed = [row.code for row in standing.rows if row.status == PLACED]
    judged = read(rules, given, frozenset(placed))
    readings = judged.readings
    if reason := too_little(readings):
        return Statistics(reason, top)
    totals = calibrated(readings)
    official = on_official_scale(rules, given, standing, totals)
    scores = totals if official is readings else calibrated(official)
    chances = probability_in_top(scores, top, seed=seed, lower=lower_is_better(rules))
    small = len(readings.proposals) * len(readings.jurors) <= LIKELIHOOD
    variance = reml(readings) if small else totals.variance
    of_juror, of_proposal, residual = variance.shares
    regions_of = {each.code: each.region for each in given.proposals}
    return Statistics(
        reason="",
        top=top,
        proposals=in_order(placed, scores, chances),
        zone=tie_zone(placed, chances, top),
        jurors=seen_of_jurors(totals, judged.marks, own_region(readings, regions, regions_of), seed),
        agreement=agreement(readings, variance, seed),
        parts=totals.parts,
        juror=of_juror,
        proposal=of_proposal,
        residual=residual,
    )


def too_little(readings: Readings) -> str:
    """Return what there is too little of, or nothing."""
    if len(readings.proposals) < FEWEST_PROPOSALS:
        return FEW_PROPOSALS
    if len(readings.jurors) < FEWEST_JURORS:
        return FEW_JURORS
    return FEW_READINGS if len(readings) < len(readings.proposals) + FEWEST_BEYOND else ""


# What is read.


def read(rules: Rules, given: RoundInput, placed: frozenset[str]) -> Judged:
    """Return the jurors' plain totals over the complete ballots of the placed, on the scale of the official total.

    A total is Σ weight × mark over the criteria that the juror answered, stretched to all judged weights.
    """
    codes = [each.code for each in rules.judged]
    wanted = set(codes)
    ballots = [each for each in given.ballots if each.proposal in placed and wanted <= each.marks.keys()]
    given_marks = (mark for ballot in ballots for mark in map(ballot.marks.__getitem__, codes))
    # Half the time of `float`, which asks a fraction for its two numbers one by one.
    values = (np.nan if mark is None else truediv(*mark.as_integer_ratio()) for mark in given_marks)
    marks = np.fromiter(values, np.float64, len(ballots) * len(codes)).reshape(len(ballots), len(codes))
    weights = np.array([float(each.weight) for each in rules.judged])
    worth = weights / np.array([float(divisor(rules, each)) for each in rules.judged])
    counted = ~np.isnan(marks) @ weights
    kept = counted > 0
    marks = marks[kept]
    totals = np.nan_to_num(marks) @ worth * (weights.sum() / counted[kept])
    if rules.total == "mean":
        totals /= float(rules.weights)
    voiced = list(compress(ballots, kept.tolist()))
    readings = Readings.of([each.juror for each in voiced], [each.proposal for each in voiced], totals)
    return Judged(readings, marks[readings.given])


def on_official_scale(rules: Rules, given: RoundInput, standing: Standing, totals: Calibration) -> Readings:
    """Return for each reading what the official score would be if this juror alone had judged the proposal.

    That is the juror's total, with the points that facts give. Where more enters, a public vote, an earlier round,
    rescaling, points for ranks or a sum over jurors, it is the official score, moved by as much as this juror's total
    lies off what the jury's totals come to, in units of the slope of official scores on the jury's.
    """
    readings = totals.design.readings
    if not (rules.carry or rules.public or rules.ordinal or rescaled(rules) or isinstance(rules.combine, Sum)):
        return readings if not rules.facts else shifted(readings, fact_points(rules, given, readings.proposals))
    found = {row.code: row.score for row in standing.rows}
    official = np.array([float(found[code] or 0) for code in readings.proposals])
    jury = totals.level if isinstance(rules.combine, LeastSquares) else totals.plain
    apart = jury - jury.mean()
    varies = float(apart @ apart)
    slope = float(apart @ official) / varies if varies else 1.0
    return shifted(replace(readings, score=slope * readings.score), official - slope * jury)


def rescaled(rules: Rules) -> bool:
    """Whether any score is raised so that the best has all the points."""
    return rules.rescale.criterion or rules.rescale.total or any(each.rescale for each in rules.criteria)


def fact_points(rules: Rules, given: RoundInput, proposals: Sequence[str]) -> Floats:
    """Return what facts add to the official total of each proposal."""
    sheet = Sheet(rules, given)
    whole = float(rules.weights) if rules.total == "mean" else 1.0
    weighted = (sheet.plain(code).weighted for code in proposals)
    return np.array([float(sum(points[each.code] for each in rules.facts)) / whole for points in weighted])


def shifted(readings: Readings, by: Floats) -> Readings:
    """Return the readings with points added to each proposal."""
    return replace(readings, score=readings.score + by[readings.proposal])


# What is said.


def in_order(placed: Sequence[str], scores: Calibration, chances: Chances) -> tuple[ProposalStatistics, ...]:
    """Return what is known of each placed proposal, in the order of the standing."""
    at = {code: number for number, code in enumerate(scores.proposals)}
    read = [code for code in placed if code in at]
    order = [at[code] for code in read]
    columns = (scores.calibrated, chances.low, chances.high, chances.in_top)
    return tuple(map(ProposalStatistics, read, *(column[order].tolist() for column in columns)))


def tie_zone(placed: Sequence[str], chances: Chances, top: int) -> tuple[str, ...]:
    """Return the proposals that cannot be told apart at the line, in order of place; none, or at least two.

    Of the first `top` those who are among the first with a probability of at most 0.9, of the others those of at least
    0.1; and whoever is placed between two of them: in a ranking the zone is one block without gaps, and nobody is
    passed over for one placed lower.
    """
    low, high = UNSURE
    in_top = dict(zip(chances.proposals, chances.in_top.tolist(), strict=True))
    at = [
        position
        for position, code in enumerate(placed)
        if code in in_top and (in_top[code] <= high if position < top else in_top[code] >= low)
    ]
    return tuple(placed[at[0] : at[-1] + 1]) if len(at) > 1 else ()


def seen_of_jurors(totals: Calibration, marks: Floats, own: Flags, seed: int | str) -> tuple[JurorStatistics, ...]:
    """Return how each juror scores, in order of their codes."""
    seen = monitor(totals, marks=marks, own=own if own.any() else None, seed=seed)
    columns = (seen.severity, seen.spread, seen.consensus, seen.halo, seen.favour, seen.favour_p)
    values = (map(said, column.tolist()) for column in columns)
    return tuple(map(JurorStatistics, seen.jurors, seen.ballots.tolist(), *values))


def agreement(readings: Readings, variance: VarianceComponents, seed: int | str) -> Agreement:
    """Return how far the jurors agree on their totals.

    The intraclass correlations are those of absolute agreement, ICC(1,1) and ICC(1,k), where everyone read
    everything, and else proposal ÷ all variances, for one juror and for the harmonic mean of jurors a proposal had.
    """
    alpha = low = high = w = w_p = None
    try:
        pairable = Pairable.of(readings.proposal, readings.score)
    except NotEnoughData:
        pass
    else:
        alpha = said(alpha_of(pairable, "interval"))
        low, high = map(said, alpha_interval(pairable, "interval", seed=seed))
    if readings.is_complete():
        table = readings.score.reshape(len(readings.proposals), len(readings.jurors))
        found, concordance = icc(table), kendall_w(table.T)
        one, mean = said(found["ICC(1,1)"]), said(found["ICC(1,k)"])
        w, w_p = said(concordance.w), said(concordance.p)
    else:
        proposal, noise = variance.proposal, variance.juror + variance.residual
        jurors = len(readings.proposals) / float((1 / readings.per_proposal).sum())
        one, mean = share(proposal, noise), share(proposal, noise / jurors)
    return Agreement(alpha, low, high, one, mean, w, w_p)


def share(part: float, rest: float) -> float | None:
    """Return part ÷ (part + rest); None where there is nothing to share."""
    return part / (part + rest) if part + rest else None


def said(value: float) -> float | None:
    """Return a plain number, None for one that cannot be computed."""
    return float(value) if np.isfinite(value) else None
