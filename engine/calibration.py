"""What proposals would have if every juror were equally severe, and how sure their places then are.

score = proposal + juror + noise. The jurors' effects are found by least squares, each proposal's level is the mean of
its scores less its jurors' effects, and the level is shrunk to the mean of all by as much as noise makes it uncertain.
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
# Up to so many jurors the normal equations are inverted once; beyond they are solved by conjugate gradients.
DIRECT = 1000
EXACT, ROUGH, STEPS = 1e-13, 1e-3, 1000
SHARED = 12
TINY = 1e-12
DRAWS, FEWEST_DRAWS, CELLS, BLOCK = 1000, 40, 4_000_000, 1 << 16
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
        seen = (table != 0).astype(np.float64)
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
    def diagonal(self) -> Floats:
        """How many scores tell each effect, those less that only place the proposal; 1 for effects that are not told."""
        own = self.share.multiply(self.readings.table).sum(axis=0)
        return np.where(self.levelled[1], self.readings.per_juror - own, 1.0)

    def times(self, effects: Floats) -> Floats:
        """Return the matrix of the normal equations times effects (jurors, or jurors × draws)."""
        scores = self.readings.per_juror if effects.ndim == 1 else self.readings.per_juror[:, None]
        counts = self.readings.per_proposal if effects.ndim == 1 else self.readings.per_proposal[:, None]
        return np.asarray(scores * effects - self.share_turned @ (counts * (self.share @ effects)))

    @cached_property
    def part_means(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """Parts × jurors: each row takes the mean over the jurors of a part."""
        number, _, part = self.readings.parts
        sizes = np.bincount(part, minlength=number)
        return sparse.csr_array((1 / sizes[part], (part, np.arange(len(part)))), shape=(number, len(part)))

    def centred(self, effects: Floats) -> Floats:
        """Return the effects with the sum 0 in each part, and 0 for jurors whose effect is not told."""
        told = self.levelled[1] if effects.ndim == 1 else self.levelled[1][:, None]
        means = self.part_means @ effects
        return np.asarray((effects - means[self.readings.parts[2]]) * told)

    @cached_property
    def factor(self) -> Floats:
        """The Cholesky factor of the normal equations, made regular by a 1 in all cells between jurors of one part."""
        part = self.readings.parts[2]
        whole = np.diag(self.readings.per_juror)
        whole -= (self.share_turned.multiply(self.readings.per_proposal) @ self.share).toarray()
        whole += part[:, None] == part
        told = self.levelled[1]
        whole[~told], whole[:, ~told] = 0, 0
        whole[~told, ~told] = 1
        return np.asarray(linalg.cholesky(whole, lower=True))

    @cached_property
    def inverse(self) -> Floats:
        """The pseudo-inverse of the normal equations: × residual variance, how the told effects vary together."""
        whole = linalg.cho_solve((self.factor, True), np.eye(len(self.factor)))
        return self.centred(self.centred(np.asarray(whole)).T)

    @property
    def is_direct(self) -> bool:
        """Whether the normal equations are few enough to be inverted."""
        return len(self.readings.jurors) <= DIRECT

    def solve(self, right: Floats, tolerance: float = EXACT) -> Floats:
        """Return the effects (jurors, or jurors × draws) that solve the normal equations."""
        if self.is_direct:
            return self.inverse @ right
        return self.centred(self.by_gradients(self.centred(right), tolerance))

    def by_gradients(self, right: Floats, tolerance: float) -> Floats:
        """Solve by conjugate gradients with the diagonal as preconditioner, each column of its own.

        The matrix is nearly diagonal when readings are given out at random: some ten steps do.
        """
        scale = self.diagonal if right.ndim == 1 else self.diagonal[:, None]
        found, rest = np.zeros_like(right), right.copy()
        nearer = rest / scale
        step, size = nearer.copy(), (rest * nearer).sum(axis=0)
        enough = tolerance**2 * size
        for _ in range(STEPS):
            if np.all(size <= enough):
                break
            moved = self.times(step)
            length = size / np.maximum((step * moved).sum(axis=0), np.finfo(np.float64).tiny)
            found += length * step
            rest -= length * moved
            nearer = rest / scale
            size, before = (rest * nearer).sum(axis=0), size
            step = nearer + size / np.maximum(before, np.finfo(np.float64).tiny) * step
        return found

    # What noise of variance 1 would do.

    def noise(self, rng: np.random.Generator, draws: int) -> Floats:
        """Return draws (jurors × draws) of the error of the told effects, were the noise of a score of variance 1.

        With a factor, by one triangular solve; without, by making noise for each score and fitting effects to it.
        """
        if self.is_direct:
            normal = rng.standard_normal((len(self.readings.jurors), draws))
            return self.centred(np.asarray(linalg.solve_triangular(self.factor, normal, lower=True, trans="T")))
        right = np.column_stack([self.right(rng.standard_normal(len(self.readings))) for _ in range(draws)])
        return self.solve(right, ROUGH)

    def right(self, scores: Floats) -> Floats:
        """Return the right side of the normal equations: what each juror gave beyond the means of the proposals."""
        of_proposal, of_juror = self.readings.sums(scores)
        return self.centred(of_juror - self.share_turned @ of_proposal)

    @cached_property
    def shared_noise(self) -> Floats:
        """The few draws that serve, in turn and with either sign, where jurors are too many for a factor.

        The error of so many effects hardly adds to the noise of a level.
        """
        return self.noise(generator(0, "effects"), SHARED)

    @cached_property
    def noise_spread(self) -> tuple[float, float]:
        """How much variance the error of the effects puts into the levels, and into the effects; residual variance 1.

        Exact with the inverse, else the mean of the shared draws.
        """
        told = max(int(self.levelled[1].sum()) - self.levelled_parts, 1)
        others = len(self.readings.proposals) - 1
        if self.is_direct:
            means = np.asarray(self.share.sum(axis=0)) / (others + 1)
            together = (self.share_turned @ self.share).toarray() - (others + 1) * np.outer(means, means)
            return float((self.inverse * together).sum()) / others, float(np.trace(self.inverse)) / told
        levels = self.share @ self.shared_noise
        return float(levels.var(axis=0, ddof=1).mean()), float((self.shared_noise**2).sum()) / SHARED / told


@dataclass(frozen=True)
class Calibration:
    """Scores taken apart; arrays stand in the order of `proposals` or `jurors`.

    plain: the mean of each proposal's scores · level: the same without the jurors' effects · calibrated: the level
    shrunk to the mean · error: the variance of the noise in each level, and `left` what of it shrinking leaves ·
    effect: points that a juror gives too much, summing to 0 in each part; 0 where it is not told · told: whether it
    is · variance: of proposals, jurors and noise by this fit.
    """

    design: Design
    scores: Floats
    effect: Floats
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
    def of(cls, design: Design, scores: Floats, effect: Floats) -> Self:
        """Draw levels, variances and calibrated scores out of scores and the effects that were fitted to them.

        The noise is what the fit leaves over, by its degrees of freedom; the proposals' variance is that of the
        levels less what noise put into it. Nothing here supposes that jurors were given proposals at random: where
        panels are sorted by quality, variances that do (REML, Henderson's) are far off.
        """
        readings, (levelled, _) = design.readings, design.levelled
        plain = readings.sums(scores)[0] / readings.per_proposal
        level = plain - design.share @ effect
        within = float(((scores - plain[readings.proposal]) ** 2).sum()) / (len(scores) - len(plain))
        left_over = (scores - level[readings.proposal] - effect[readings.juror])[levelled[readings.proposal]]
        residual = float((left_over**2).sum()) / design.freedom if levelled.any() else within
        smallest = TINY * max(float(scores.var()), TINY)
        noise = np.maximum(np.where(levelled, residual, within), smallest) / readings.per_proposal
        in_levels, in_effects = design.noise_spread
        proposal = float(level.var(ddof=1)) - float(noise.mean()) - residual * in_levels
        proposal = max(proposal, smallest)
        told = max(int(design.levelled[1].sum()) - design.levelled_parts, 1)
        juror = max(float((effect**2).sum()) / told - residual * in_effects, 0.0)
        mean, kept = float(level.mean()), proposal / (proposal + noise)
        return cls(
            design=design,
            scores=scores,
            effect=effect,
            plain=plain,
            level=level,
            calibrated=mean + kept * (level - mean),
            left=kept * noise,
            variance=VarianceComponents(juror, proposal, residual, mean, float("nan")),
        )

    def changed(self, juror: Hashable, proposal: Hashable, score: float) -> "Calibration":
        """Return the calibration after one score has changed, in a small part of the time of a new one.

        Only the right side of the normal equations moves, in the jurors of one proposal, so the old effects are
        moved by the solution for that. Equal to a new fit to 1e-9; KeyError when the juror has not read the proposal.
        """
        key = place(proposal, self.proposals) * len(self.jurors) + place(juror, self.jurors)
        at = int(np.searchsorted(self.design.key, key))
        if at == len(self.scores) or self.design.key[at] != key:
            raise KeyError(juror, proposal)
        scores, moved = self.scores.copy(), np.zeros_like(self.scores)
        scores[at], moved[at] = score, score - self.scores[at]
        return Calibration.of(self.design, scores, self.effect + self.design.solve(self.design.right(moved)))


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
    part keeps its plain means. Proposals are then shrunk to the mean of all by n ÷ (n + noise ÷ proposal variance).
    NotEnoughData below two proposals and two jurors, or where no proposal was read twice.
    """
    return calibrated(Readings.of(juror, proposal, score))


def calibrated(readings: Readings) -> Calibration:
    """Return the calibration of a table of readings."""
    if min(len(readings.proposals), len(readings.jurors)) < 2:  # noqa: PLR2004 - one alone compares with nothing
        raise NotEnoughData("two proposals and two jurors are needed")
    if len(readings) == len(readings.proposals):
        raise NotEnoughData("no proposal was read twice")
    design = Design(readings)
    return Calibration.of(design, readings.score, design.solve(design.right(readings.score - readings.score.mean())))


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
    ranks the proposals (the posterior of the additive model with a flat prior on effects, variances as fitted). The
    parts that no reading connects are as severe as each other only on average, so each is moved by the mean of that
    many unknown jurors. Of each draw the probability is taken that a proposal passes the others, which says more than
    whether it did. `lower`: the lowest are first. Above 4,000 proposals there are fewer than 1,000 draws, at least 40.
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
        in_top += passing(values, sign * means, deviation, order, block, top)
        done += len(means)
    tail = int(draws * (1 - PROBABILITY) / 2)
    places.partition([tail, draws - 1 - tail], axis=0)
    return Chances(
        calibration.proposals, in_top / draws, places[tail].astype(np.int64), places[-1 - tail].astype(np.int64)
    )


def drawn_means(calibration: Calibration, rng: np.random.Generator, draws: int) -> Iterator[Floats]:
    """Yield blocks (draws × proposals) of the proposals' means, given effects that were drawn."""
    design, variance = calibration.design, calibration.variance
    errors = design.noise(rng, draws) if design.is_direct else design.shared_noise
    moves = np.sqrt(variance.residual) * (design.share @ errors)
    number, part, of_juror = design.readings.parts
    apart = np.sqrt(variance.juror / np.bincount(of_juror, minlength=number)) if number > 1 else np.zeros(1)
    offsets = apart[:, None] * rng.standard_normal((number, draws))
    kept = 1 - calibration.left / variance.proposal
    size = max(1, BLOCK // len(part))
    for start in range(0, draws, size):
        block = np.arange(start, min(start + size, draws))
        turned = 1 - 2 * (block // moves.shape[1] % 2)
        yield (
            calibration.calibrated
            - kept * (moves[:, block % moves.shape[1]] * turned + offsets[part[:, None], block]).T
        )


def descending(values: Floats) -> Ints:
    """Return the columns of each row in descending order of its values.

    Value and column are packed into one whole number, for numbers are sorted in a quarter of the time of places.
    """
    count = values.shape[1]
    bits = count.bit_length()
    lowest, highest = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    reach = np.where(highest > lowest, highest - lowest, 1)
    level = ((highest - values) / reach * 2.0 ** (62 - bits)).astype(np.int64)
    packed = (level << bits) | np.arange(count)
    packed.sort(axis=1)
    return packed & ((1 << bits) - 1)


def passing(values: Floats, means: Floats, deviation: Floats, order: Ints, places: Ints, top: int) -> Floats:
    """Return, summed over draws, the probability of each proposal to pass the last of the others' first `top`."""
    count = values.shape[1]
    if not 0 < top < count:
        return np.full(count, float(len(values)) if top else 0.0)
    inside, outside = np.take_along_axis(values, order[:, top - 1 : top + 1], axis=1).T[:, :, None]
    bar = np.where(places <= top, outside, inside)
    return np.asarray(ndtr((means - bar) / deviation).sum(axis=0))
