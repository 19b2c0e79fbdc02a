"""What proposals would have if every juror were equally severe, and how sure their places then are.

score = proposal + juror + noise. The jurors' effects are found by least squares, and a proposal's level is the mean of
its scores less its jurors' effects (M18). The calibrated score shrinks both by as much as noise makes them uncertain:
each effect to 0, for a few scores may only seem severe, and each proposal to the mean of all.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from scipy import linalg, sparse
from scipy.special import ndtr

from engine.readings import Flags, Floats, Ints, NotEnoughData, Readings, generator
from engine.variance import VarianceComponents, variance_components

__all__ = ["Calibration", "Chances", "NotEnoughData", "calibrate", "probability_in_top", "variance_components"]

# A juror's effect is told from three readings, two of them of proposals that others read too.
FEWEST_READINGS, FEWEST_SHARED = 3, 2
# Up to so many jurors the normal equations are taken apart once; beyond they are solved by conjugate gradients.
DIRECT = 600
EXACT, ROUGH, STEPS = 1e-11, 1e-3, 1000
SHARED = 6
TINY, NOTHING = 1e-12, 1e-9
DRAWS, FEWEST_DRAWS, CELLS, BLOCK = 1000, 40, 2_000_000, 1 << 16
PROBABILITY = 0.9


@dataclass(frozen=True)
class Design:
    """Who read what, and what follows from it alone: a changed score leaves it as it is."""

    readings: Readings

    @cached_property
    def key(self) -> Ints:
        """One ascending number a reading, by proposal and then juror."""
        return self.readings.proposal * len(self.readings.jurors) + self.readings.juror

    @cached_property
    def levelled(self) -> tuple[Flags, Flags]:
        """Which proposals and which jurors lie in a part whose jurors can all be told apart from their proposals."""
        table, (_, part_of_proposal, part_of_juror) = self.readings.table, self.readings.parts
        seen = table.sign()
        shared = seen.T @ (seen.sum(axis=1) > 1)
        too_few = (self.readings.per_juror < FEWEST_READINGS) | (shared < FEWEST_SHARED)
        excluded = np.unique(part_of_juror[too_few])
        return ~np.isin(part_of_proposal, excluded), ~np.isin(part_of_juror, excluded)

    @cached_property
    def share(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """What share each juror has in a proposal's mean; nothing where the jurors' effects are not told."""
        kept = self.levelled[0] / self.readings.per_proposal
        return self.readings.table.multiply(kept[:, None]).tocsr()

    @cached_property
    def share_turned(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """The same with jurors in rows, which products from the other side read faster."""
        return self.share.T.tocsr()

    @cached_property
    def freedom(self) -> int:
        """How many levelled scores there are beyond what levels and effects use up."""
        proposals, jurors = self.levelled
        scores = int(self.readings.per_proposal[proposals].sum())
        return scores - int(proposals.sum()) - int(jurors.sum()) + self.levelled_parts

    @cached_property
    def levelled_parts(self) -> int:
        """How many parts have their jurors' effects told."""
        return len(np.unique(self.readings.parts[1][self.levelled[0]]))

    # The normal equations of the jurors' effects, proposals eliminated: singular, for a part's effects sum to 0.

    @cached_property
    def told_scores(self) -> Floats:
        """The number of scores of each juror whose effect is told, 0 for the others."""
        return self.readings.per_juror * self.levelled[1]

    @cached_property
    def diagonal(self) -> Floats:
        """How many scores tell each effect, less what of them only places the proposals; 1 where it is not told."""
        own = self.share.multiply(self.readings.table).sum(axis=0)
        return np.where(self.levelled[1], self.told_scores - own, 1.0)

    def times(self, effects: Floats) -> Floats:
        """Return the matrix of the normal equations times effects (jurors × draws)."""
        counts = self.readings.per_proposal[:, None]
        return np.asarray(self.told_scores[:, None] * effects - self.share_turned @ (counts * (self.share @ effects)))

    @cached_property
    def spectrum(self) -> tuple[Floats, Floats]:
        """The eigenvalues of the normal equations, 0 where nothing is told, and their vectors in columns."""
        met = (self.share_turned.multiply(self.readings.per_proposal) @ self.share).toarray()
        values, vectors = linalg.eigh(np.diag(self.told_scores) - met)
        return np.where(values > NOTHING * values[-1], values, 0.0), vectors

    @property
    def is_direct(self) -> bool:
        """Whether the jurors are few enough to take the normal equations apart."""
        return len(self.told_scores) <= DIRECT

    def right(self, scores: Floats) -> Floats:
        """Return the right side of the normal equations: what each juror gave beyond the means of the proposals."""
        shares = self.share_turned @ self.readings.over_proposals(scores)
        return np.where(self.levelled[1], self.readings.over_jurors(scores) - shares, 0.0)

    def effects(self, right: Floats, ridge: float = 0.0, near: Floats | None = None) -> Floats:
        """Return the effects (jurors) that solve the normal equations, `ridge` added to their diagonal.

        Without a ridge it is the solution whose effects sum to 0 in each part. `near`: effects that nearly do.
        """
        if not self.is_direct:
            return self.by_gradients(right[:, None], ridge, EXACT, None if near is None else near[:, None])[:, 0]
        values, vectors = self.spectrum
        return np.asarray(vectors @ (inverted(values + ridge) * (vectors.T @ right)))

    def by_gradients(self, right: Floats, ridge: float, tolerance: float, near: Floats | None = None) -> Floats:
        """Solve (jurors × draws) by conjugate gradients with the diagonal as preconditioner, each column of its own.

        The matrix is nearly diagonal when readings are given out at random: some ten steps do.
        """
        least, scale = np.finfo(np.float64).tiny, (self.diagonal + ridge)[:, None]
        enough = tolerance**2 * (right**2 / scale).sum(axis=0)
        found = np.zeros_like(right) if near is None else near.copy()
        rest = right.copy() if near is None else right - self.times(near) - ridge * near
        step = rest / scale
        size = (rest * step).sum(axis=0)
        for _ in range(STEPS):
            if np.all(size <= enough):
                break
            moved = self.times(step) + ridge * step
            length = size / np.maximum((step * moved).sum(axis=0), least)
            found += length * step
            rest -= length * moved
            nearer = rest / scale
            size, before = (rest * nearer).sum(axis=0), size
            step = nearer + size / np.maximum(before, least) * step
        return found if ridge else self.centred(found)

    def centred(self, effects: Floats) -> Floats:
        """Return effects (jurors × draws) with the sum 0 in each part."""
        number, _, part = self.readings.parts
        means = sparse.csr_array((1 / np.bincount(part)[part], (part, np.arange(len(part)))), shape=(number, len(part)))
        return np.asarray((effects - np.asarray(means @ effects)[part]) * self.levelled[1][:, None])

    def noise(self, rng: np.random.Generator, draws: int, ridge: float = 0.0) -> Floats:
        """Return draws (jurors × draws) of the error of the solved effects, were the noise of a score of variance 1.

        Their covariance is the inverse of the normal equations with that ridge. Where these are not taken apart,
        noise is made for each score, and with a ridge for each effect, and effects are fitted to it.
        """
        if self.is_direct:
            values, vectors = self.spectrum
            normal = rng.standard_normal((len(values), draws))
            return np.asarray(vectors @ (np.sqrt(inverted(values + ridge))[:, None] * normal))
        made = [self.right(rng.standard_normal(len(self.readings))) for _ in range(draws)]
        right = np.column_stack(made) + np.sqrt(ridge) * rng.standard_normal((len(self.told_scores), draws))
        return self.by_gradients(right, ridge, ROUGH)

    @cached_property
    def noise_spread(self) -> tuple[float, float]:
        """How much variance the error of the effects puts into the levels, and into the effects; residual variance 1.

        Exact where the normal equations are taken apart, else the mean of some draws that are always the same.
        """
        told, count = max(int(self.levelled[1].sum()) - self.levelled_parts, 1), len(self.readings.proposals)
        if self.is_direct:
            values, vectors = self.spectrum
            together = (self.share_turned @ self.share).toarray()
            apart = (vectors * (together @ vectors)).sum(axis=0) - (self.share.sum(axis=0) @ vectors) ** 2 / count
            return float(apart @ inverted(values)) / (count - 1), float(inverted(values).sum()) / told
        drawn = self.noise(generator(0, "effects"), SHARED)
        return float((self.share @ drawn).var(axis=0, ddof=1).mean()), float((drawn**2).sum()) / SHARED / told


def inverted(values: Floats) -> Floats:
    """Return 1 ÷ each value, 0 for 0."""
    return np.divide(1, values, out=np.zeros_like(values), where=values > 0)


@dataclass(frozen=True)
class Calibration:
    """Scores taken apart; arrays stand in the order of `proposals` or `jurors`.

    effect: points that a juror gives too much by least squares, summing to 0 in each part; 0 where it is not told ·
    shrunk: the same by as much as it can be trusted · plain: the mean of each proposal's scores · level: the same
    without the effects · calibrated: without the shrunk effects, and shrunk to the mean · left: the variance of the
    noise that then is left · variance: of proposals, jurors and noise by this fit.
    """

    design: Design
    scores: Floats
    effect: Floats
    shrunk: Floats
    plain: Floats
    level: Floats
    calibrated: Floats
    left: Floats
    variance: VarianceComponents

    @property
    def proposals(self) -> tuple[Any, ...]:
        """The ids of the proposals, sorted."""
        return self.design.readings.proposals

    @property
    def jurors(self) -> tuple[Any, ...]:
        """The ids of the jurors, sorted."""
        return self.design.readings.jurors

    @property
    def told(self) -> Flags:
        """Whether each juror's effect is told; where it is not, there was not enough data."""
        return self.design.levelled[1]

    @property
    def parts(self) -> int:
        """How many groups of proposals and jurors no reading connects; each is levelled apart."""
        return self.design.readings.parts[0]

    @property
    def reason(self) -> str:
        """Why some proposals have their plain mean for a level, or nothing."""
        return "" if self.told.all() else "not enough data"

    @classmethod
    def of(cls, design: Design, scores: Floats, near: Self | None = None) -> Self:
        """Fit effects to scores, and draw levels, variances and calibrated scores out of both.

        The noise is what the fit leaves over, by its degrees of freedom; the proposals' variance is that of the
        levels less what noise put into it, and so with the effects. Nothing here supposes that jurors were given
        proposals at random: where panels are sorted by quality, what does (REML, Henderson's, BLUP) is far off. For
        that reason effects are shrunk with the proposals held fixed, by a ridge of noise ÷ juror variance.
        `near`: the calibration of nearly the same scores, to start from.
        """
        readings, (levelled, _) = design.readings, design.levelled
        plain = readings.over_proposals(scores) / readings.per_proposal
        centred = scores - scores.mean()
        right = design.right(centred)
        effect = design.effects(right, near=None if near is None else near.effect)
        level = plain - design.share @ effect
        residual = within = 0.0
        if levelled.any():
            left_over = readings.over_proposals((scores - level[readings.proposal] - effect[readings.juror]) ** 2)
            residual = float(left_over @ levelled) / design.freedom
        if not levelled.all():
            within = float(((scores - plain[readings.proposal]) ** 2).sum()) / (len(scores) - len(plain))
        smallest = TINY * max(float(centred @ centred) / len(centred), TINY)
        noise = np.maximum(np.where(levelled, residual, within), smallest) / readings.per_proposal
        in_levels, in_effects = design.noise_spread
        proposal = float(level.var(ddof=1)) - float(noise.mean()) - residual * in_levels
        proposal = max(proposal, smallest)
        told = max(int(design.levelled[1].sum()) - design.levelled_parts, 1)
        juror = max(float((effect**2).sum()) / told - residual * in_effects, smallest)
        start = None if near is None else near.shrunk + effect - near.effect
        shrunk = design.effects(right, residual / juror, near=start)
        fair = plain - design.share @ shrunk
        mean, kept = float(fair.mean()), proposal / (proposal + noise)
        return cls(
            design=design,
            scores=scores,
            effect=effect,
            shrunk=shrunk,
            plain=plain,
            level=level,
            calibrated=mean + kept * (fair - mean),
            left=kept * noise,
            variance=VarianceComponents(juror, proposal, residual or within, mean, float("nan")),
        )

    def changed(self, juror: Hashable, proposal: Hashable, score: float) -> "Calibration":
        """Return the calibration after one score has changed, in a small part of the time of a new one.

        Who read what stays, so the equations are set up already, and the old effects nearly solve them. Equal to a
        new fit to 1e-9; KeyError when the juror has not read the proposal.
        """
        key = place(proposal, self.proposals) * len(self.jurors) + place(juror, self.jurors)
        at = int(np.searchsorted(self.design.key, key))
        if at == len(self.scores) or self.design.key[at] != key:
            raise KeyError(juror, proposal)
        scores = self.scores.copy()
        scores[at] = score
        return Calibration.of(self.design, scores, near=self)


def place(name: Any, names: tuple[Any, ...]) -> int:  # noqa: ANN401 - ids are whatever the caller has
    """Return the place of a name among sorted names; KeyError when it is not there."""
    at = bisect_left(names, name)
    if at == len(names) or names[at] != name:
        raise KeyError(name)
    return at


def calibrate(juror: Iterable[Hashable], proposal: Iterable[Hashable], score: Iterable[float]) -> Calibration:
    """Take the jurors' severity out of the scores; three columns of equal length, a row a reading.

    In each part that readings connect, the effects are those of least squares, min Σ (y − q_i − b_j)², summing to 0
    (M18), provided that each of its jurors has three readings, two of them of proposals that others read; else the
    part keeps its plain means. For the calibrated scores effects and proposals are shrunk, the latter to the mean of
    all by n ÷ (n + noise ÷ proposal variance); the simulations of tests/engine/test_calibration.py are better for it.
    NotEnoughData below two proposals and two jurors, or where no proposal was read twice.
    """
    return calibrated(Readings.of(juror, proposal, score))


def calibrated(readings: Readings) -> Calibration:
    """Return the calibration of a table of readings."""
    if min(len(readings.proposals), len(readings.jurors)) < 2:  # noqa: PLR2004 - one alone compares with nothing
        raise NotEnoughData("two proposals and two jurors are needed")
    if len(readings) == len(readings.proposals):
        raise NotEnoughData("no proposal was read twice")
    return Calibration.of(Design(readings), readings.score)


# How sure the places are.


@dataclass(frozen=True, slots=True)
class Chances:
    """What many draws say of the places; arrays stand in the order of `proposals`.

    in_top: the probability of being among the first · low, high: the places between which 90 % of the draws lie.
    """

    proposals: tuple[Any, ...]
    in_top: Floats
    low: Ints
    high: Ints


def probability_in_top(
    calibration: Calibration, top: int, *, seed: int | str, lower: bool = False, draws: int = DRAWS
) -> Chances:
    """Return the probability of each proposal to be among the first `top`, and the interval of its place.

    Each draw takes jurors' effects from what the data leave open about them, then proposals given these effects, and
    ranks the proposals (the posterior of the additive model, variances as fitted). Parts that no reading connects are
    as severe as each other only on average, and that is in the draws. Of each draw the probability is taken that a
    proposal passes the others, which says more than whether it did. `lower`: the lowest are first. Above 2,000
    proposals there are fewer than 1,000 draws, at least 40.
    """
    count = len(calibration.proposals)
    draws = max(FEWEST_DRAWS, min(draws, CELLS // count))
    sign = -1.0 if lower else 1.0
    places = np.empty((draws, count), dtype=np.int32)
    in_top = np.zeros(count)
    deviation = np.sqrt(calibration.left)
    done = 0
    for means in drawn_means(calibration, generator(seed, "effects"), draws):
        rng = generator(seed, f"proposals {done}")
        values = sign * (means + deviation * rng.standard_normal(means.shape))
        order = descending(values)
        block = places[done : done + len(means)]
        np.put_along_axis(block, order, np.arange(1, count + 1, dtype=np.int32)[None, :], axis=1)
        in_top += passing(values, sign * means, deviation, order, block <= top, top)
        done += len(means)
    tail = int(draws * (1 - PROBABILITY) / 2)
    places.partition([tail, draws - 1 - tail], axis=0)
    return Chances(
        calibration.proposals, in_top / draws, places[tail].astype(np.int64), places[-1 - tail].astype(np.int64)
    )


def drawn_means(calibration: Calibration, rng: np.random.Generator, draws: int) -> Iterator[Floats]:
    """Yield blocks (draws × proposals) of the proposals' means, given effects that were drawn."""
    design, variance = calibration.design, calibration.variance
    errors = design.noise(rng, draws if design.is_direct else SHARED, variance.residual / variance.juror)
    kept = 1 - calibration.left / variance.proposal
    moves = np.ascontiguousarray((np.sqrt(variance.residual) * kept[:, None] * (design.share @ errors)).T)
    size = max(1, BLOCK // len(kept))
    for start in range(0, draws, size):
        block = np.arange(start, min(start + size, draws))
        # Where the jurors are too many, few draws of their effects serve in turn and with either sign: the error of so
        # many effects hardly adds to the noise of a level.
        turned = 1 - 2 * (block // len(moves) % 2)
        yield calibration.calibrated - turned[:, None] * moves[block % len(moves)]


def descending(values: Floats) -> Ints:
    """Return the columns of each row in descending order of its values.

    Value and column are packed into one whole number, for numbers are sorted in a quarter of the time of places.
    """
    count = values.shape[1]
    bits = count.bit_length()
    lowest, highest = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    reach = np.where(highest > lowest, highest - lowest, 1)
    level = ((highest - values) / reach * 2.0 ** (62 - bits)).astype(np.int64)
    packed: Ints = (level << bits) | np.arange(count)
    packed.sort(axis=1)
    packed &= (1 << bits) - 1
    return packed


def passing(values: Floats, means: Floats, deviation: Floats, order: Ints, first: Flags, top: int) -> Floats:
    """Return, summed over draws, the probability of each proposal to pass the last of the others' first `top`.

    values: draws × proposals, about their means with one deviation each · order: the columns of each row, best first ·
    first: who is among the first `top`, for whom the others' last is one place further down.
    """
    count = values.shape[1]
    if not 0 < top < count:
        return np.full(count, float(len(values)) if top else 0.0)
    inside, outside = np.take_along_axis(values, order[:, top - 1 : top + 1], axis=1).T[:, :, None]
    bar = np.where(first, outside, inside)
    return np.asarray(ndtr((means - bar) / deviation).sum(axis=0))
