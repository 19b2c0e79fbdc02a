"""How each juror scores, for the chair alone: it flags, it never drops a ballot."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import ndtr

from engine.calibration import FEWEST_READINGS, Calibration
from engine.readings import Flags, Floats, Ints, Readings, generator, summed

PERMUTATIONS, MANY = 1999, 100


@dataclass(frozen=True, slots=True)
class Monitor:
    """What is seen of each juror; arrays stand in the order of `jurors`, nan where there is too little to say.

    severity: points that a juror's totals lie above (below: negative) those of the others on the same proposals ·
    spread: the juror's standard deviation ÷ that of all scores of the same proposals, severity removed ·
    consensus: the correlation with the mean of the others · halo: the mean correlation between two criteria ·
    favour: points by which proposals of the juror's own region do better, severity removed · favour_p: its p-value.
    """

    jurors: tuple[Any, ...]
    ballots: Ints
    severity: Floats
    spread: Floats
    consensus: Floats
    halo: Floats
    favour: Floats
    favour_p: Floats


def monitor(
    calibration: Calibration,
    *,
    marks: Floats | None = None,
    own: Flags | None = None,
    seed: int | str = 0,
) -> Monitor:
    """Return what is seen of each juror.

    marks: readings × criteria, nan for an abstention, and own: whether a reading is of a proposal from the juror's
    region; both in the order of the calibration's readings. All but halo compares with others who read the same
    proposals, and needs three such readings.
    """
    readings, scores = calibration.design.readings, calibration.scores
    fair = scores - calibration.effect[readings.juror]
    shared, others = readings.of_others(fair)
    juror = readings.juror[shared]
    enough = np.bincount(juror, minlength=len(readings.jurors)) >= FEWEST_READINGS
    nothing = np.full(len(readings.jurors), np.nan)
    favour, favour_p = (
        (nothing, nothing) if own is None else favours(readings, shared, fair[shared] - others, own[shared], seed=seed)
    )
    return Monitor(
        jurors=readings.jurors,
        ballots=readings.per_juror.astype(np.int64),
        severity=np.where(enough, severity(calibration), np.nan),
        spread=np.where(enough, spread(readings, scores, fair), np.nan),
        consensus=np.where(enough, correlations(juror, fair[shared], others, len(readings.jurors)), np.nan),
        halo=nothing if marks is None else halo(readings, marks),
        favour=favour,
        favour_p=favour_p,
    )


def severity(calibration: Calibration) -> Floats:
    """Return each juror's effect; where it is not told, the mean distance from the others on the same proposals."""
    readings = calibration.design.readings
    shared, others = readings.of_others(calibration.scores)
    juror = readings.juror[shared]
    counts = np.bincount(juror, minlength=len(readings.jurors))
    sums = np.bincount(juror, calibration.scores[shared] - others, len(readings.jurors))
    return np.where(calibration.told, calibration.effect, sums / np.maximum(counts, 1))


def spread(readings: Readings, scores: Floats, fair: Floats) -> Floats:
    """Return each juror's standard deviation ÷ that of all scores, severity removed, of the proposals they read."""
    fair, scores = fair - fair.mean(), scores - scores.mean()

    def deviation(count: Floats, total: Floats, squares: Floats) -> Floats:
        return np.sqrt(np.maximum(squares / count - (total / count) ** 2, 0))

    of_panel = [
        readings.over_jurors(of_proposal[readings.proposal])
        for of_proposal in (readings.per_proposal, readings.over_proposals(fair), readings.over_proposals(fair**2))
    ]
    panel = deviation(*of_panel)
    own = deviation(readings.per_juror, readings.over_jurors(scores), readings.over_jurors(scores**2))
    return ratio(own, panel)


def halo(readings: Readings, marks: Floats) -> Floats:
    """Return each juror's mean correlation over pairs of criteria, of the ballots that answer both, three or more.

    A pair in which one criterion always got the same mark says nothing.
    """
    total, pairs = np.zeros((2, len(readings.jurors)))
    for one, other in combinations(range(marks.shape[1]), 2):
        both = ~np.isnan(marks[:, one] + marks[:, other])
        juror = readings.juror[both]
        found = correlations(juror, marks[both, one], marks[both, other], len(total))
        found[np.bincount(juror, minlength=len(total)) < FEWEST_READINGS] = np.nan
        total += np.nan_to_num(found)
        pairs += ~np.isnan(found)
    return ratio(total, pairs)


def correlations(group: Ints, one: Floats, other: Floats, groups: int) -> Floats:
    """Return Pearson's correlation inside each group; nan where one of the two does not vary."""
    counts = np.maximum(np.bincount(group, minlength=groups), 1)

    def centred(values: Floats) -> Floats:
        inside = values - (np.bincount(group, values, groups) / counts)[group]
        return np.where(np.abs(inside) > 1e-12 * (1 + np.abs(values)), inside, 0)

    one, other = centred(one), centred(other)
    together, first, second = (summed(group, product, groups) for product in (one * other, one**2, other**2))
    return np.clip(ratio(together, np.sqrt(first * second)), -1, 1)


def ratio(above: Floats, below: Floats) -> Floats:
    """Return above ÷ below, nan where below is 0."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


# Own region.


def favours(readings: Readings, shared: Flags, beyond: Floats, own: Flags, *, seed: int | str) -> tuple[Floats, Floats]:
    """Return by how much each juror's own proposals do better than the others, and the p-value of that.

    beyond: points beyond the mean of the other jurors, severity removed, of the shared readings. The p-value is that
    of a permutation test of both sides: how often a random choice of as many of the juror's readings lies as far out,
    (1 + so often) ÷ 2,000; with more than a hundred jurors, of whom so few draws could never single out one, it is
    read from the normal distribution with the variance of all choices. Then it is corrected for the number of jurors
    tested (Benjamini & Hochberg, 1995).
    """
    count = len(readings.jurors)
    juror = readings.juror[shared]
    total, mine = np.bincount(juror, minlength=count), np.bincount(juror, own, count).astype(np.int64)
    tested = (total >= FEWEST_READINGS) & (mine > 0) & (mine < total)
    centred = beyond - (summed(juror, beyond, count) / np.maximum(total, 1))[juror]
    seen = summed(juror, centred * own, count)
    favour, chance = np.full((2, count), np.nan)
    favour[tested] = (seen * total / np.maximum(mine * (total - mine), 1))[tested]
    if tested.sum() > MANY:
        variance = summed(juror, centred**2, count) * mine * (total - mine) / np.maximum(total * (total - 1), 1)
        out = np.nan_to_num(ratio(np.abs(seen), np.sqrt(variance)))
        chance[tested] = false_discovery(2 * ndtr(-out[tested]))
        return favour, chance
    for at in np.flatnonzero(tested):
        values = centred[juror == at]
        orders = generator(seed, f"own {len(values)}").permuted(
            np.tile(np.arange(len(values)), (PERMUTATIONS, 1)), axis=1
        )
        drawn = np.abs((orders < mine[at]) @ values)
        as_far = int((drawn >= np.abs(seen[at]) - 1e-9 * (1 + np.abs(seen[at]))).sum())
        chance[at] = (1 + as_far) / (1 + PERMUTATIONS)
    chance[tested] = false_discovery(chance[tested])
    return favour, chance


def false_discovery(chances: Floats) -> Floats:
    """Return p-values corrected for their number: the least, from each on upwards, of p × number ÷ rank."""
    order = np.argsort(chances, kind="stable")
    raised = chances[order] * len(chances) / np.arange(1, len(chances) + 1)
    corrected = np.empty_like(chances)
    corrected[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1)
    return corrected


def own_region(readings: Readings, of_juror: Mapping[Any, str], of_proposal: Mapping[Any, str]) -> Flags:
    """Return which readings are of a proposal from the juror's own region; without a region nothing is one's own."""
    names = {name: number for number, name in enumerate(sorted({*of_juror.values(), *of_proposal.values()} - {""}), 1)}
    juror = np.array([names.get(of_juror.get(each, ""), -1) for each in readings.jurors])
    proposal = np.array([names.get(of_proposal.get(each, ""), 0) for each in readings.proposals])
    return np.asarray(juror[readings.juror] == proposal[readings.proposal])
