"""How far jurors agree: Krippendorff's alpha, the intraclass correlations, Kendall's W."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtri

from engine.readings import Floats, Ints, NotEnoughData, generator, mid_ranks

Level = Literal["nominal", "ordinal", "interval", "ratio"]
NOT_A_NUMBER = float("nan")
CONFIDENCE = 0.95
DRAWS, CELLS = 1000, 4_000_000


# Krippendorff's alpha.


@dataclass(frozen=True, slots=True)
class Pairable:
    """The values that can be paired: the unit of each, and the value; only units with two values or more."""

    unit: Ints
    value: Floats
    units: int

    @classmethod
    def of(cls, unit: Ints, value: Floats) -> Self:
        """Keep what can be paired, the units numbered anew; NotEnoughData where nothing can."""
        counts = np.bincount(unit) if len(unit) else np.zeros(0, dtype=np.int64)
        kept = counts[unit] > 1 if len(unit) else np.zeros(0, dtype=np.bool_)
        if not kept.any():
            raise NotEnoughData("no unit has two values")
        _, renumbered = np.unique(unit[kept], return_inverse=True)
        return cls(renumbered, value[kept], int(renumbered.max()) + 1)

    @classmethod
    def of_table(cls, ratings: ArrayLike) -> Self:
        """Read jurors × units, nan where a juror left a unit out."""
        table = np.asarray(ratings, dtype=np.float64)
        _, unit = present = np.nonzero(~np.isnan(table))
        return cls.of(unit, table[present])


def krippendorff_alpha(ratings: ArrayLike, level: Level) -> float:
    """Return alpha = 1 − observed ÷ expected disagreement of jurors × units, nan where one is missing.

    Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011). 1 is perfect agreement, 0 is chance; nan when
    all values are equal, for then nothing can be expected. NotEnoughData when no unit has two values.
    """
    return alpha_of(Pairable.of_table(ratings), level)


def alpha_of(given: Pairable, level: Level) -> float:
    """Return alpha of pairable values.

    The ordinal difference is the interval difference of mid-ranks, for Σ n_g between c and k less half the two ends
    is the distance of their mid-ranks; so two levels need no table of coincidences.
    """
    if level == "ordinal":
        given = Pairable(given.unit, mid_ranks(given.value), given.units)
    if level in {"ordinal", "interval"}:
        return float(interval_alphas(unit_moments(given), np.ones((1, given.units)))[0])
    values, at = np.unique(given.value, return_inverse=True)
    counts = np.zeros((given.units, len(values)))
    np.add.at(counts, (given.unit, at), 1)
    of_unit, of_value = counts.sum(axis=1), counts.sum(axis=0)
    shares = counts / (of_unit - 1)[:, None]
    difference = DIFFERENCES[level](values[:, None], values[None, :])
    observed = float(((counts.T @ shares) * difference).sum())
    expected = float(of_value @ difference @ of_value) / (of_value.sum() - 1)
    return 1 - observed / expected if expected else NOT_A_NUMBER


def ratio_difference(one: Floats, other: Floats) -> Floats:
    """Return ((c − k) ÷ (c + k))², 0 for two zeros."""
    total = one + other
    return np.asarray(((one - other) / np.where(total == 0, 1, total)) ** 2)


DIFFERENCES: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "nominal": lambda one, other: (one != other).astype(np.float64),
    "ratio": ratio_difference,
}


def unit_moments(given: Pairable) -> Floats:
    """Return, a row a unit: how many values, their sum, their sum of squares, and their own disagreement.

    Values are taken from their mean, which changes no difference and keeps the squares small.
    """
    value = given.value - given.value.mean()
    count = np.bincount(given.unit)
    total, squares = np.bincount(given.unit, value), np.bincount(given.unit, value**2)
    return np.column_stack([count, total, squares, (count * squares - total**2) / (count - 1)])


def interval_alphas(moments: Floats, weights: Floats) -> Floats:
    """Return alpha on interval level for each row of weights: how often each unit counts."""
    count, total, squares, observed = (weights @ moments).T
    expected = (count * squares - total**2) / (count - 1)
    possible = expected > np.finfo(np.float64).eps * count * squares
    return np.asarray(1 - np.divide(observed, expected, out=np.full_like(observed, np.nan), where=possible))


def krippendorff_interval(
    ratings: ArrayLike, level: Level, *, seed: int | str, draws: int = DRAWS
) -> tuple[float, float]:
    """Return the 95 % interval of alpha by drawing units with replacement; the same seed gives the same interval."""
    return alpha_interval(Pairable.of_table(ratings), level, seed=seed, draws=draws)


def alpha_interval(given: Pairable, level: Level, *, seed: int | str, draws: int = DRAWS) -> tuple[float, float]:
    """Return the percentile bootstrap interval of alpha over units; fewer draws, at least 50, where units abound.

    Draws in which all values are equal say nothing and are left out; (nan, nan) when all are.
    """
    rng = generator(seed, "alpha")
    draws = max(50, min(draws, CELLS // given.units))
    moments = unit_moments(given)
    found = np.empty(draws)
    for draw in range(draws):
        drawn = rng.integers(given.units, size=given.units)
        if level == "interval":
            weights = np.bincount(drawn, minlength=given.units).astype(np.float64)
            found[draw] = interval_alphas(moments, weights[None, :])[0]
        else:
            found[draw] = alpha_of(drawn_units(given, drawn), level)
    found = found[~np.isnan(found)]
    if not len(found):
        return NOT_A_NUMBER, NOT_A_NUMBER
    low, high = np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def drawn_units(given: Pairable, drawn: Ints) -> Pairable:
    """Return the values of the units drawn, each drawing a unit of its own."""
    order = np.argsort(given.unit, kind="stable")
    sizes = np.bincount(given.unit)
    starts = np.cumsum(sizes) - sizes
    unit = np.repeat(np.arange(len(drawn)), sizes[drawn])
    within = np.arange(len(unit)) - np.repeat(np.cumsum(sizes[drawn]) - sizes[drawn], sizes[drawn])
    return Pairable(unit, given.value[order][np.repeat(starts[drawn], sizes[drawn]) + within], len(drawn))


# Intraclass correlations.


class Estimate(float):
    """A number with its 95 % interval, `low` to `high`."""

    low: float
    high: float

    def __new__(cls, value: float, low: float, high: float) -> Self:
        """Make the number; its interval rides along."""
        made = super().__new__(cls, value)
        made.low, made.high = float(low), float(high)
        return made


class MeanSquares(NamedTuple):
    """The analysis of variance of units × jurors, with the names of Shrout & Fleiss."""

    between: float
    within: float
    jurors: float
    error: float


def mean_squares(ratings: ArrayLike) -> MeanSquares:
    """Return the mean squares of a complete table of units × jurors, at least 2 × 2; ValueError when one is missing."""
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:  # noqa: PLR2004 - a table has two sides
        raise NotEnoughData("two units and two jurors are needed")
    if np.isnan(table).any():
        raise ValueError("every juror must have rated every unit")
    units, jurors = table.shape
    # What is left of equal numbers after their mean is taken away is no variance.
    smallest = np.finfo(np.float64).eps * float((table**2).sum())
    table = table - table.mean()
    of_unit, of_juror = table.mean(axis=1), table.mean(axis=0)

    def mean_square(squares: Floats, freedom: int) -> float:
        total = float(squares.sum())
        return total / freedom if total > smallest else 0.0

    return MeanSquares(
        between=mean_square(jurors * of_unit**2, units - 1),
        within=mean_square((table - of_unit[:, None]) ** 2, units * (jurors - 1)),
        jurors=mean_square(units * of_juror**2, jurors - 1),
        error=mean_square((table - of_unit[:, None] - of_juror) ** 2, (units - 1) * (jurors - 1)),
    )


def icc(ratings: ArrayLike) -> dict[str, Estimate]:
    """Return the six intraclass correlations of a complete table of units × jurors, each with its 95 % F interval.

    Shrout & Fleiss, Psychological Bulletin 86 (1979): (1,·) each unit has jurors of its own, (2,·) the same jurors,
    drawn from many, (3,·) just these jurors; (·,1) of one juror, (·,k) of the mean of all. The interval of (2,1) is
    their approximation. nan where nothing varies; ValueError when a rating is missing.
    """
    table = np.asarray(ratings, dtype=np.float64)
    found = mean_squares(table)
    n, k = table.shape
    one = by_ratio(found.between, found.within, k, (n - 1, n * (k - 1)))
    three = by_ratio(found.between, found.error, k, (n - 1, (n - 1) * (k - 1)))
    two = absolute(found, n, k)
    singles = {"ICC(1,1)": one, "ICC(2,1)": two, "ICC(3,1)": three}
    return singles | {name.replace(",1)", ",k)"): of_mean(single, k) for name, single in singles.items()}


def by_ratio(between: float, noise: float, k: int, freedom: tuple[int, int]) -> Estimate:
    """Return (F − 1) ÷ (F + k − 1) with F = between ÷ noise, and the same of the two ends of F."""

    def share(ratio: float) -> float:
        return (ratio - 1) / (ratio + k - 1) if np.isfinite(ratio) else 1.0

    if not between and not noise:
        return Estimate(NOT_A_NUMBER, NOT_A_NUMBER, NOT_A_NUMBER)
    ratio = between / noise if noise else float("inf")
    upper = (1 + CONFIDENCE) / 2
    of_units, of_noise = freedom
    low = ratio / float(fdtri(of_units, of_noise, upper))
    high = ratio * float(fdtri(of_noise, of_units, upper))
    return Estimate(share(ratio), share(low), share(high))


def absolute(found: MeanSquares, n: int, k: int) -> Estimate:
    """Return ICC(2,1), its interval with Satterthwaite's degrees of freedom."""
    between, _, jurors, error = found
    whole = between + (k - 1) * error + k * (jurors - error) / n
    if not whole:
        return Estimate(NOT_A_NUMBER, NOT_A_NUMBER, NOT_A_NUMBER)
    value = (between - error) / whole
    of_jurors, of_error = k * value * jurors, (n * (1 + (k - 1) * value) - k * value) * error
    spread = of_jurors**2 / (k - 1) + of_error**2 / ((n - 1) * (k - 1))
    if not spread:
        return Estimate(value, value, value)
    freedom = (of_jurors + of_error) ** 2 / spread
    upper = (1 + CONFIDENCE) / 2
    rest = k * jurors + (k * n - k - n) * error
    down, up = float(fdtri(n - 1, freedom, upper)), float(fdtri(freedom, n - 1, upper))
    return Estimate(
        value,
        n * (between - down * error) / (down * rest + n * between),
        n * (up * between - error) / (rest + n * up * between),
    )


def of_mean(single: Estimate, k: int) -> Estimate:
    """Return the correlation of the mean of k (Spearman-Brown)."""

    def stepped(value: float) -> float:
        below = 1 + (k - 1) * value
        return k * value / below if below else float("-inf")

    return Estimate(stepped(single), stepped(single.low), stepped(single.high))


# Kendall's W.


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W from 0 to 1, its chi-square with `df` degrees of freedom, and the probability of it by chance."""

    w: float
    chi2: float
    df: int
    p: float


def kendall_w(ranks: ArrayLike) -> Concordance:
    """Return Kendall's W of jurors × units with the correction for ties, and its chi-square test.

    Kendall & Babington Smith (1939): W = 12 S ÷ (m² (n³ − n) − m Σ (t³ − t)), χ² = m (n − 1) W. Scores will do as
    well as ranks, for each row is ranked, the tied sharing the mean of their ranks; nan where every row is one tie.
    ValueError when one is missing, NotEnoughData below two jurors and two units.
    """
    table = np.asarray(ranks, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:  # noqa: PLR2004 - a table has two sides
        raise NotEnoughData("two units and two jurors are needed")
    if np.isnan(table).any():
        raise ValueError("every juror must have ranked every unit")
    jurors, units = table.shape
    ranked = np.array([mid_ranks(row) for row in table])
    # A row of ranks without ties has the sum of squares (n³ − n) ÷ 12, and each tie takes (t³ − t) ÷ 12 from it.
    centre = (units + 1) / 2
    most = jurors * float(((ranked - centre) ** 2).sum())
    spread = float(((ranked.sum(axis=0) - jurors * centre) ** 2).sum())
    if not most:
        return Concordance(NOT_A_NUMBER, NOT_A_NUMBER, units - 1, NOT_A_NUMBER)
    chi2 = jurors * (units - 1) * spread / most
    return Concordance(spread / most, chi2, units - 1, float(chdtrc(units - 1, chi2)))
