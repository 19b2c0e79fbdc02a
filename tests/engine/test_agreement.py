"""Alpha, ICC and W against published values, and what must hold of them for any ratings."""

from itertools import permutations
from typing import get_args

import numpy as np
import pytest

from engine.agreement import Level, icc, kendall_w, krippendorff_alpha, krippendorff_interval, mean_squares
from engine.readings import NotEnoughData
from tests.engine.panels import published

LEVELS = get_args(Level)
KRIPPENDORFF = published("krippendorff_4x12")
RATINGS = np.array(KRIPPENDORFF["ratings_by_observer"], dtype=float)
SHROUT_FLEISS = published("shrout_fleiss_1979")
TABLE = SHROUT_FLEISS["rows_targets_cols_judges"]


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_equals_krippendorffs_example(level: Level) -> None:
    alpha = krippendorff_alpha(RATINGS, level)
    assert alpha == pytest.approx(KRIPPENDORFF["published"][level], abs=KRIPPENDORFF["tolerance"])
    assert alpha == pytest.approx(KRIPPENDORFF["recomputed"][level], abs=5e-5)


def coincidences(ratings: np.ndarray, level: Level) -> float:
    """Return alpha by its definition: every pair of values inside a unit, against every pair at all."""
    units = [[value for value in column if not np.isnan(value)] for column in ratings.T]
    units = [values for values in units if len(values) > 1]
    everything = [value for values in units for value in values]
    levels = sorted(set(everything))
    count = {value: everything.count(value) for value in levels}

    def difference(one: float, other: float) -> float:
        low, high = min(one, other), max(one, other)
        if level == "nominal":
            return float(one != other)
        if level == "ordinal":
            between = sum(count[value] for value in levels if low <= value <= high)
            return float(between - (count[low] + count[high]) / 2) ** 2
        return (one - other) ** 2 if level == "interval" else ((one - other) / (one + other or 1)) ** 2

    observed = sum(difference(*pair) / (len(values) - 1) for values in units for pair in permutations(values, 2))
    expected = sum(difference(*pair) for pair in permutations(everything, 2)) / (len(everything) - 1)
    return 1 - observed / expected


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_what_its_definition_says(level: Level, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ratings = rng.integers(0, 6, size=(4, 9)).astype(float)
    ratings[rng.random(ratings.shape) < 0.3] = np.nan
    assert krippendorff_alpha(ratings, level) == pytest.approx(coincidences(ratings, level), abs=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_knows_neither_the_order_of_units_nor_of_jurors(level: Level) -> None:
    turned = RATINGS[::-1, np.random.default_rng(1).permutation(RATINGS.shape[1])]
    assert krippendorff_alpha(turned, level) == pytest.approx(krippendorff_alpha(RATINGS, level), abs=1e-12)


def test_alpha_is_one_when_all_agree_and_cannot_be_said_when_nothing_varies() -> None:
    assert krippendorff_alpha([[1, 2, 3], [1, 2, 3]], "interval") == 1
    assert krippendorff_alpha([[1, 2, 3], [1, 2, 3]], "nominal") == 1
    assert np.isnan(krippendorff_alpha([[2, 2, 2], [2, 2, 2]], "interval"))
    assert np.isnan(krippendorff_alpha([[2, 2], [2, 2]], "ratio"))
    with pytest.raises(NotEnoughData, match="not enough data"):
        krippendorff_alpha([[1, np.nan], [np.nan, 2]], "interval")


@pytest.mark.parametrize("level", LEVELS)
def test_the_interval_of_alpha_holds_it_and_follows_its_seed(level: Level) -> None:
    low, high = krippendorff_interval(RATINGS, level, seed="a", draws=200)
    assert low < krippendorff_alpha(RATINGS, level) < high <= 1
    assert krippendorff_interval(RATINGS, level, seed="a", draws=200) == (low, high)
    assert krippendorff_interval(RATINGS, level, seed="b", draws=200) != (low, high)


def test_the_interval_of_alpha_narrows_with_more_units() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=400)
    many = truth + rng.normal(0, 0.7, size=(3, 400))
    low, high = krippendorff_interval(many, "interval", seed=1)
    assert low < krippendorff_alpha(many, "interval") < high
    few_low, few_high = krippendorff_interval(many[:, :40], "interval", seed=1)
    assert high - low < (few_high - few_low) / 2


def test_icc_equals_shrout_and_fleiss() -> None:
    found = icc(TABLE)
    assert set(found) == set(SHROUT_FLEISS["recomputed"])
    for name, value in SHROUT_FLEISS["recomputed"].items():
        assert found[name] == pytest.approx(value, abs=1e-6)
        assert found[name] == pytest.approx(SHROUT_FLEISS["published"][name], abs=SHROUT_FLEISS["tolerance_published"])
    squares = mean_squares(TABLE)
    for name, square in (
        ("BMS", squares.between), ("WMS", squares.within), ("JMS", squares.jurors), ("EMS", squares.error),
    ):  # fmt: skip
        assert square == pytest.approx(SHROUT_FLEISS["published"][name], abs=SHROUT_FLEISS["tolerance_published"])


def test_icc_carries_its_interval() -> None:
    # The limits that the R package psych gives for the same table.
    known = {
        "ICC(1,1)": (-0.133, 0.723),
        "ICC(2,1)": (0.019, 0.761),
        "ICC(3,1)": (0.342, 0.946),
        "ICC(1,k)": (-0.884, 0.912),
        "ICC(2,k)": (0.071, 0.927),
        "ICC(3,k)": (0.676, 0.986),
    }
    for name, value in icc(TABLE).items():
        assert (value.low, value.high) == pytest.approx(known[name], abs=6e-4)


def test_icc_at_its_edges() -> None:
    same = icc([[1, 1], [2, 2], [4, 4]])
    assert all((value, value.low, value.high) == pytest.approx((1, 1, 1)) for value in same.values())
    shifted = icc([[1, 2], [2, 3], [4, 5]])
    assert shifted["ICC(3,1)"] == pytest.approx(1)
    assert shifted["ICC(2,1)"] < 1
    assert all(np.isnan(value) for value in icc([[3.3, 3.3, 3.3], [3.3, 3.3, 3.3]]).values())
    severe = icc([[3.3, 4.7, 1.1], [3.3, 4.7, 1.1]])
    assert severe["ICC(2,1)"] == pytest.approx(0)
    assert np.isnan(severe["ICC(3,1)"])
    with pytest.raises(ValueError, match="every juror"):
        icc([[1, 2], [np.nan, 3]])
    with pytest.raises(NotEnoughData):
        icc([[1, 2, 3]])


@pytest.mark.parametrize("report", [3, 72, 88])
def test_w_equals_the_wine_tastings(report: int) -> None:
    known = published(f"kendall_w_report{report}")
    found = kendall_w(known["ranks_by_judge"])
    assert found.w == pytest.approx(known["published"]["W"], abs=known["tolerance"])
    assert found.p == pytest.approx(known["published"]["p"], abs=known["tolerance"])
    assert found.df == len(known["ranks_by_judge"][0]) - 1
    assert np.sum(known["ranks_by_judge"], axis=0).tolist() == known["published"]["sum_of_ranks"]


def test_w_ranks_scores_and_corrects_for_ties() -> None:
    scores = [[9, 7, 7, 4, 1], [8, 8, 6, 5, 2], [7, 9, 5, 5, 5]]
    ranks = [[5, 3.5, 3.5, 2, 1], [4.5, 4.5, 3, 2, 1], [4, 5, 2, 2, 2]]
    found = kendall_w(scores)
    assert found == kendall_w(ranks)
    sums = np.sum(ranks, axis=0)
    above = 12 * ((sums - sums.mean()) ** 2).sum()
    assert found.w == pytest.approx(above / (9 * (125 - 5) - 3 * ((8 - 2) + (8 - 2) + (27 - 3))), abs=1e-12)
    assert found.chi2 == pytest.approx(3 * 4 * found.w)


def test_w_at_its_edges() -> None:
    assert kendall_w([[1, 2, 3], [1, 2, 3]]).w == 1
    assert kendall_w([[1, 2, 3], [3, 2, 1]]).w == 0
    assert np.isnan(kendall_w([[1, 1, 1], [2, 2, 2]]).w)
    with pytest.raises(ValueError, match="every juror"):
        kendall_w([[1, np.nan], [1, 2]])
    with pytest.raises(NotEnoughData):
        kendall_w([[1, 2, 3]])
