"""How much of the scores' variance is the proposals', how much the jurors', how much neither's."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
from scipy import linalg, optimize, sparse

from engine.readings import Floats, NotEnoughData, Readings

# Where the search starts, and how far the logarithms of residual ÷ juror and residual ÷ proposal variance may go.
GRID = ((-4.0, -1.5, 0.0, 1.5, 4.0), (-3.0, 0.0, 3.0, 6.0))
FARTHEST = (-16.0, 25.0)
NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """score = intercept + proposal + juror + residual: the variances; with REML its criterion, as lme4 gives it."""

    juror: float
    proposal: float
    residual: float
    intercept: float
    criterion: float

    @property
    def shares(self) -> tuple[float, float, float]:
        """The variances of juror, proposal and residual, summing to 1; 0 where nothing varies."""
        whole = self.juror + self.proposal + self.residual
        return (self.juror / whole, self.proposal / whole, self.residual / whole) if whole else (0.0, 0.0, 0.0)


def variance_components(
    juror: Iterable[Hashable],
    proposal: Iterable[Hashable],
    score: Iterable[float],
    method: Literal["reml", "moments"] = "reml",
) -> VarianceComponents:
    """Return the variances of crossed random jurors and proposals; three columns of equal length, a row a reading.

    "reml" is restricted maximum likelihood, the same as `lmer(score ~ 1 + (1 | proposal) + (1 | juror))`; its time
    grows with the cube of the smaller side, so it is for up to some hundred jurors. "moments" is Henderson's method I
    (Searle, Casella & McCulloch, "Variance Components", 1992), in one pass over any number of scores; it is right
    where readings are given out at random and wrong where panels are nearly apart. NotEnoughData where each juror or
    each proposal has but one score, for then the residual cannot be told from it.
    """
    readings = Readings.of(juror, proposal, score)
    if len(readings) <= max(len(readings.proposals), len(readings.jurors)):
        raise NotEnoughData("no proposal has two scores, or no juror gave two")
    return reml(readings) if method == "reml" else moments(readings)


# Henderson's method I.


def moments(readings: Readings) -> VarianceComponents:
    """Return the variances by equating three sums of squares to what they are expected to be.

    With y centred, T0 = Σ y², TA = Σ y_i·² ÷ n_i, TB = Σ y_·j² ÷ n_j; a negative variance is given as 0. The
    intercept is the plain mean, the criterion nan.
    """
    count = len(readings)
    per_proposal, per_juror = readings.per_proposal, readings.per_juror
    mean = float(readings.score.mean())
    centred = readings.score - mean
    of_proposal, of_juror = readings.over_proposals(centred), readings.over_jurors(centred)
    squares = [
        float(centred @ centred),
        float((of_proposal**2 / per_proposal).sum()),
        float((of_juror**2 / per_juror).sum()),
    ]
    cells = readings.table.tocoo()
    at_proposal, at_juror = cells.coords
    k1, k2 = float((per_proposal**2).sum()) / count, float((per_juror**2).sum()) / count
    k3 = float((cells.data**2 / per_proposal[at_proposal]).sum())
    k4 = float((cells.data**2 / per_juror[at_juror]).sum())
    expected = [
        [count - k1, count - k2, count - 1],
        [count - k1, k3 - k2, len(per_proposal) - 1],
        [k4 - k1, count - k2, len(per_juror) - 1],
    ]
    found, *_ = np.linalg.lstsq(np.array(expected), np.array(squares), rcond=None)
    proposal, juror, residual = (max(0.0, float(variance)) for variance in found)
    return VarianceComponents(juror, proposal, residual, mean, float("nan"))


# Restricted maximum likelihood.


@dataclass(frozen=True)
class MixedModel:
    """Henderson's mixed model equations with the longer side eliminated: both sides are random, so either may go.

    many, few: the numbers of levels of the eliminated and of the kept side · design: a row a level of the first, its
    number of scores, then how often it met each level of the second · gram: the same products over single scores ·
    of_many, of_few: sums of the centred scores · squares: their sum of squares.
    """

    count: int
    design: sparse.csr_array[Any, tuple[int, int]]
    gram: Floats
    per_many: Floats
    of_many: Floats
    of_few: Floats
    squares: float

    @classmethod
    def of(cls, readings: Readings, centred: Floats) -> Self:
        """Set the equations up; the side with more levels is eliminated."""
        table = readings.table
        per_many, per_few = readings.per_proposal, readings.per_juror
        of_many, of_few = readings.over_proposals(centred), readings.over_jurors(centred)
        if len(per_many) < len(per_few):
            table, per_many, per_few, of_many, of_few = table.T.tocsr(), per_few, per_many, of_few, of_many
        gram = np.diag(np.concatenate([[len(readings)], per_few]))
        gram[0, 1:] = gram[1:, 0] = per_few
        return cls(
            count=len(readings),
            design=sparse.hstack([sparse.csr_array(per_many[:, None]), table], format="csr"),
            gram=gram,
            per_many=per_many,
            of_many=of_many,
            of_few=np.concatenate([[0.0], of_few]),
            squares=float(centred @ centred),
        )

    @cached_property
    def few(self) -> int:
        """The number of levels of the kept side."""
        return len(self.of_few) - 1

    def criterion(self, logs: Floats) -> tuple[float, Floats]:
        """Return the REML criterion and its slope at log(residual ÷ variance) of the eliminated and the kept side.

        −2 log likelihood = log|C| − n log λ1 − m log λ2 + (N − 1)(1 + log(2π Q ÷ (N − 1))), C the coefficients of
        the mixed model equations and Q the penalised residual sum of squares (Bates et al., "Fitting Linear
        Mixed-Effects Models Using lme4", 2015). The slope of log|C| is a trace of its inverse, that of Q the sum of
        squares of what was predicted.
        """
        many_ratio, few_ratio = np.exp(logs)
        inverse, log_determinant, kept, removed, least = self.solved(many_ratio, few_ratio)
        share = 1 / (self.per_many + many_ratio)
        rest = self.count - 1
        value = (
            log_determinant
            - np.log(share).sum()
            - len(share) * logs[0]
            - self.few * logs[1]
            + rest * (1 + np.log(2 * np.pi * least / rest))
        )
        spread = np.asarray((self.design @ inverse * self.design.toarray()).sum(axis=1))
        slopes = [
            many_ratio * (share.sum() + (share**2 * spread).sum() + rest * (removed @ removed) / least) - len(share),
            few_ratio * (np.trace(inverse[1:, 1:]) + rest * (kept[1:] @ kept[1:]) / least) - self.few,
        ]
        return float(value), np.array(slopes)

    def solved(self, many_ratio: float, few_ratio: float) -> tuple[Floats, float, Floats, Floats, float]:
        """Return the inverse of the reduced equations, their log determinant, both predictions, and Q."""
        share = 1 / (self.per_many + many_ratio)
        scaled = self.design.multiply(share[:, None]).tocsr()
        reduced = self.gram - (scaled.T @ self.design).toarray()
        reduced[np.arange(1, self.few + 1), np.arange(1, self.few + 1)] += few_ratio
        factor = linalg.cholesky(reduced, lower=True)
        inverse = np.asarray(linalg.cho_solve((factor, True), np.eye(self.few + 1)))
        right = self.of_few - scaled.T @ self.of_many
        kept = inverse @ right
        removed = share * (self.of_many - self.design @ kept)
        least = self.squares - float(kept @ self.of_few) - float(removed @ self.of_many)
        least = max(least, np.finfo(np.float64).eps * self.squares)
        return inverse, 2 * float(np.log(np.diag(factor)).sum()), kept, removed, least


def reml(readings: Readings) -> VarianceComponents:
    """Return the variances that maximise the restricted likelihood.

    The criterion can have a second minimum where a variance is 0, so the search starts from the best of a grid. A
    variance below a millionth of the residual's is 0, the edge that the search by logarithms can only come near.
    Where proposals and jurors leave no residual the likelihood has no maximum, and the moments say it.
    """
    mean = float(readings.score.mean())
    centred = readings.score - mean
    if not np.ptp(readings.score):
        return VarianceComponents(0.0, 0.0, 0.0, mean, float("nan"))
    model = MixedModel.of(readings, centred)
    starts = [np.array([many, few]) for many in GRID[0] for few in GRID[1]]
    best = min(starts, key=lambda start: model.criterion(start)[0])
    found = optimize.minimize(
        model.criterion,
        best,
        jac=True,
        method="L-BFGS-B",
        bounds=[FARTHEST, FARTHEST],
        options={"ftol": 1e-15, "gtol": 1e-7, "maxiter": 500},
    )
    if found.x.min() <= FARTHEST[0]:
        return moments(readings)
    ratios = np.exp(found.x)
    _, _, kept, _, least = model.solved(*ratios)
    residual = least / (model.count - 1)
    many, few = (float(residual / ratio) if 1 / ratio > NOTHING else 0.0 for ratio in ratios)
    juror, proposal = (few, many) if len(readings.proposals) >= len(readings.jurors) else (many, few)
    return VarianceComponents(juror, proposal, residual, mean + float(kept[0]), float(found.fun))
