"""Pairwise comparison (M3, M4): every juror compares every pair, and the preferences become coefficients."""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from itertools import combinations

from engine.combine import Method
from engine.numbers import decimal_text
from engine.types import Comparison

# Random consistency index for 1 to 10 proposals.
RANDOM_INDEX = tuple(map(Decimal, ("0", "0", "0.52", "0.89", "1.11", "1.25", "1.35", "1.40", "1.45", "1.49")))
CONSISTENT = Decimal("0.10")
DIGITS, STILL, KEPT = 50, Decimal("1e-30"), Decimal("1e-12")
FEWEST = 3
DEGREES = range(1, 7)

Degrees = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Paired:
    """Coefficients of a criterion, and the consistency ratio of each juror whose judgements contradict themselves."""

    coefficients: Mapping[str, Fraction]
    inconsistent: Mapping[str, str]


class PairsMethod(Method):
    """Turns the preferences of all jurors on one criterion into a coefficient from 0 to 1 for each proposal."""

    @abstractmethod
    def coefficients(self, jurors: Sequence[Degrees], codes: Sequence[str]) -> Mapping[str, Fraction]:
        """Return the coefficients; each juror maps (preferred, other) to a degree, for every pair of the codes."""

    def paired(self, jurors: Mapping[str, Degrees], codes: Sequence[str]) -> Paired:
        """Return the coefficients with the warnings they deserve."""
        return Paired(self.coefficients(list(jurors.values()), codes), {})


@dataclass(frozen=True, slots=True)
class PairwiseSum(PairsMethod):
    """All jurors' points ÷ the highest sum; parity is a point to both.

    Source: d.P.R. 207/2010, Allegato P, and d.P.R. 554/1999, Allegato A (M3, variant 2). Sums 27, 23, 9, 1 give 1,
    23/27, 1/3, 1/27.
    """

    name = "pairwise_sum"

    def coefficients(self, jurors: Sequence[Degrees], codes: Sequence[str]) -> Mapping[str, Fraction]:
        """Return sum ÷ highest sum."""
        sums = {code: Fraction(0) for code in codes}
        for degrees in jurors:
            for code, points in points_of(degrees, codes).items():
                sums[code] += points
        return over_highest(sums)


@dataclass(frozen=True, slots=True)
class PairwiseMean(PairsMethod):
    """Each juror's points ÷ that juror's highest, the mean of these, ÷ the highest mean.

    Source: the same annexes (M3, variant 1). The jurors' points 11 7 2 0, 6 12 1 1 and 10 4 6 0 give 1, 0.8145, 0.3461,
    0.0333.
    """

    name = "pairwise_mean"

    def coefficients(self, jurors: Sequence[Degrees], codes: Sequence[str]) -> Mapping[str, Fraction]:
        """Return mean ÷ highest mean."""
        sums = {code: Fraction(0) for code in codes}  # they stand to each other as the means do
        for degrees in jurors:
            for code, share in over_highest(points_of(degrees, codes)).items():
                sums[code] += share
        return over_highest(sums)


@dataclass(frozen=True, slots=True)
class PairwiseEigenvector(PairsMethod):
    """The principal eigenvector of each juror's reciprocal matrix ÷ its greatest part, mean, ÷ highest mean.

    Source: d.P.R. 207/2010, Allegato P; Saaty's analytic hierarchy process (M4). The preferences of the example of M3
    give 1, 0.8753, 0.4372, 0.1949. Computed in Decimal with 50 digits by power iteration from equal weights until
    nothing moves by 1e-30; the coefficient is kept to 12 places, half even. A consistency ratio above 0.10 is a
    warning.
    """

    name = "pairwise_eigenvector"

    def coefficients(self, jurors: Sequence[Degrees], codes: Sequence[str]) -> Mapping[str, Fraction]:
        """Return mean ÷ highest mean, to 12 places."""
        with localcontext() as context:
            context.prec, context.rounding = DIGITS, ROUND_HALF_EVEN
            means = [Decimal(0)] * len(codes)
            for degrees in jurors:
                weights = eigenvector(reciprocal(degrees, codes))
                means = [mean + part / max(weights) for mean, part in zip(means, weights, strict=True)]
            means = [mean / len(jurors) for mean in means]
            final = [(mean / max(means)).quantize(KEPT) for mean in means]
        return {code: Fraction(part) for code, part in zip(codes, final, strict=True)}

    def paired(self, jurors: Mapping[str, Degrees], codes: Sequence[str]) -> Paired:
        """Return the coefficients and the ratios above 0.10."""
        ratios = {juror: consistency_ratio(jurors[juror], codes) for juror in sorted(jurors)}
        return Paired(
            self.coefficients([jurors[juror] for juror in sorted(jurors)], codes),
            {juror: decimal_text(Fraction(ratio), 4) for juror, ratio in ratios.items() if ratio > CONSISTENT},
        )


def by_juror(
    comparisons: Iterable[Comparison], codes: Iterable[str]
) -> dict[str, dict[str, dict[tuple[str, str], int]]]:
    """Return criterion to juror to {(preferred, other): degree}; without what is no pair of `codes` or no degree."""
    known = set(codes)
    sorted_out: dict[str, dict[str, dict[tuple[str, str], int]]] = defaultdict(lambda: defaultdict(dict))
    for each in comparisons:
        if each.preferred in known and each.other in known and each.preferred != each.other and each.degree in DEGREES:
            sorted_out[each.criterion][each.juror][each.preferred, each.other] = each.degree
    return sorted_out


def missing_pairs(degrees: Degrees, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs that a juror has not compared."""
    return [(a, b) for a, b in combinations(sorted(codes), 2) if (a, b) not in degrees and (b, a) not in degrees]


def points_of(degrees: Degrees, codes: Sequence[str]) -> dict[str, Fraction]:
    """Return one juror's points: the degree to the preferred, or one each at parity."""
    points = {code: Fraction(0) for code in codes}
    for (preferred, other), degree in degrees.items():
        points[preferred] += degree
        if degree == 1:
            points[other] += 1
    return points


def over_highest(values: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Return each value ÷ the highest, which is never 0: each pair gives someone a point."""
    highest = max(values.values())
    return {code: value / highest for code, value in values.items()}


def reciprocal(degrees: Degrees, codes: Sequence[str]) -> list[list[Decimal]]:
    """Return the full matrix of a juror: the degree where preferred, its inverse where not, 1 on the diagonal."""
    return [
        [
            Decimal(degrees[a, b]) if (a, b) in degrees else 1 / Decimal(degrees[b, a]) if a != b else Decimal(1)
            for b in codes
        ]
        for a in codes
    ]


def eigenvector(matrix: Sequence[Sequence[Decimal]]) -> list[Decimal]:
    """Return the principal eigenvector of a positive matrix, its parts summing to 1."""
    size = len(matrix)
    weights = [1 / Decimal(size)] * size
    while True:
        raised = times(matrix, weights)
        total = sum(raised, Decimal(0))
        moved = [part / total for part in raised]
        if all(abs(new - old) < STILL for new, old in zip(moved, weights, strict=True)):
            return moved
        weights = moved


def times(matrix: Sequence[Sequence[Decimal]], vector: Sequence[Decimal]) -> list[Decimal]:
    """Return matrix × vector."""
    return [sum((a * b for a, b in zip(row, vector, strict=True)), Decimal(0)) for row in matrix]


def consistency_ratio(degrees: Degrees, codes: Sequence[str]) -> Decimal:
    """Return CR = CI ÷ RI with CI = (λmax − n) ÷ (n − 1); 0 where no random index is known."""
    size = len(codes)
    if not FEWEST <= size <= len(RANDOM_INDEX):
        return Decimal(0)
    with localcontext() as context:
        context.prec, context.rounding = DIGITS, ROUND_HALF_EVEN
        matrix = reciprocal(degrees, codes)
        weights = eigenvector(matrix)
        raised = times(matrix, weights)
        largest = sum((new / old for new, old in zip(raised, weights, strict=True)), Decimal(0)) / size
        return (largest - size) / (size - 1) / RANDOM_INDEX[size - 1]
