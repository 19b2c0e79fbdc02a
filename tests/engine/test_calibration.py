"""Severity taken out, variances, and places that say how sure they are; against published values and known truths."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from engine import calibration as module
from engine.calibration import (
    Calibration,
    Design,
    NotEnoughData,
    calibrate,
    probability_in_top,
    variance_components,
)
from engine.least_squares import LeastSquares
from engine.readings import Readings
from engine.variance import MixedModel
from tests.engine.panels import DESIGNS, Columns, Panel, crossed, m18, panel, published, shuffled
from tests.engine.rounds import size

CROSSED = published("crossed_skating_worlds_half")["expected"]


def of(found: Calibration, values: np.ndarray) -> dict[str, float]:
    return dict(zip(found.proposals, values.tolist(), strict=True))


# Variance components.


def test_reml_equals_lme4() -> None:
    found = variance_components(*crossed())
    assert found.proposal == pytest.approx(CROSSED["var_target"], rel=1e-4)
    assert found.juror == pytest.approx(CROSSED["var_judge"], rel=1e-4)
    assert found.residual == pytest.approx(CROSSED["var_residual"], rel=1e-4)
    assert found.intercept == pytest.approx(CROSSED["intercept"], rel=1e-4)
    assert found.criterion == pytest.approx(CROSSED["REML"], abs=1e-3)


def test_reml_is_not_caught_where_no_juror_differs() -> None:
    readings = Readings.of(*crossed())
    model = MixedModel.of(readings, readings.score - readings.score.mean())
    caught, _ = model.criterion(np.array([-2.5, 20.0]))
    assert caught == pytest.approx(1597.88, abs=0.1)
    assert variance_components(*crossed()).criterion < caught - 30


def restricted(columns: Columns, juror: float, proposal: float) -> float:
    """Return the REML criterion from the covariance of all scores, with the residual variance profiled out."""
    readings = Readings.of(*columns)
    same_juror = readings.juror[:, None] == readings.juror
    same_proposal = readings.proposal[:, None] == readings.proposal
    covariance = np.eye(len(readings)) + juror * same_juror + proposal * same_proposal
    inverse, ones = np.linalg.inv(covariance), np.ones(len(readings))
    weight = ones @ inverse @ ones
    rest = readings.score - ones @ inverse @ readings.score / weight
    least = rest @ inverse @ rest
    free = len(readings) - 1
    determinant = np.linalg.slogdet(covariance)[1] + np.log(weight)
    return float(determinant + free * (1 + np.log(2 * np.pi * least / free)))


@pytest.mark.parametrize(("seed", "design"), [(0, (12, 5, 3)), (1, (5, 14, 4)), (2, (20, 8, 2)), (3, (9, 9, 9))])
def test_reml_is_the_least_of_its_criterion_on_other_data(seed: int, design: tuple[int, int, int]) -> None:
    columns = panel(seed, *design).columns
    found = variance_components(*columns)
    juror, proposal = found.juror / found.residual, found.proposal / found.residual
    assert found.criterion == pytest.approx(restricted(columns, juror, proposal), abs=1e-6)
    for step in (0.02, -0.02):
        assert restricted(columns, juror * (1 + step), proposal) > found.criterion - 1e-6
        assert restricted(columns, juror, proposal * (1 + step)) > found.criterion - 1e-6


def test_reml_knows_its_slope() -> None:
    readings = Readings.of(*panel(4, 20, 6, 3).columns)
    model = MixedModel.of(readings, readings.score - readings.score.mean())
    at, step = np.array([0.3, -0.4]), 1e-5
    _, slope = model.criterion(at)
    for axis in np.eye(2):
        ahead, behind = model.criterion(at + step * axis)[0], model.criterion(at - step * axis)[0]
        assert slope @ axis == pytest.approx((ahead - behind) / (2 * step), rel=1e-5)


@pytest.mark.parametrize("method", ["reml", "moments"])
def test_jurors_and_proposals_may_change_roles(method: str) -> None:
    juror, proposal, score = crossed()
    one, other = (
        variance_components(juror, proposal, score, method),
        variance_components(proposal, juror, score, method),
    )
    assert (one.juror, one.proposal, one.residual) == pytest.approx((other.proposal, other.juror, other.residual))


@pytest.mark.parametrize("method", ["reml", "moments"])
def test_variances_are_found_again(method: str) -> None:
    found = variance_components(*panel(5, 800, 60, 4).columns, method)
    assert found.proposal == pytest.approx(1, rel=0.1)
    assert found.juror == pytest.approx(0.49, rel=0.3)
    assert found.residual == pytest.approx(0.64 + 1 / 48, rel=0.06)  # half points add a twelfth of a quarter


@pytest.mark.parametrize("method", ["reml", "moments"])
def test_a_complete_table_has_the_variances_of_its_mean_squares(method: str) -> None:
    table = np.array(published("shrout_fleiss_1979")["rows_targets_cols_judges"], dtype=float)
    units, jurors = np.indices(table.shape)
    found = variance_components(jurors.ravel().tolist(), units.ravel().tolist(), table.ravel(), method)
    assert found.proposal == pytest.approx((11.241667 - 1.019444) / 4, abs=1e-4)
    assert found.juror == pytest.approx((32.486111 - 1.019444) / 6, abs=1e-4)
    assert found.residual == pytest.approx(1.019444, abs=1e-4)
    assert sum(found.shares) == pytest.approx(1)


def test_variances_at_their_edges() -> None:
    rng = np.random.default_rng(0)
    juror, proposal = np.tile(np.arange(6), 20), np.repeat(np.arange(20), 6)
    alike = rng.normal(size=20)[proposal] + rng.normal(size=120)
    alike -= np.bincount(juror, alike)[juror] / 20
    assert variance_components(juror.tolist(), proposal.tolist(), alike).juror == 0
    additive = rng.normal(size=20)[proposal] + rng.normal(size=6)[juror]
    exact = variance_components(juror.tolist(), proposal.tolist(), additive)
    assert exact.residual == pytest.approx(0, abs=1e-9)
    assert exact.proposal == pytest.approx(np.var(np.bincount(proposal, additive) / 6, ddof=1), rel=1e-6)
    assert variance_components(["a", "b", "a"], ["x", "x", "y"], [3, 3, 3]).shares == (0, 0, 0)
    with pytest.raises(NotEnoughData):
        variance_components(["a", "b"], ["x", "x"], [1, 2])


# Severity.


def test_m18() -> None:
    found = calibrate(*m18())
    assert of(found, found.plain) == pytest.approx({"A": 66, "B": 67.5, "C": 64.333, "D": 81}, abs=5e-3)
    assert of(found, found.level) == pytest.approx({"A": 72.63, "B": 67.43, "C": 64.33, "D": 74.43}, abs=5e-3)
    effects = dict(zip(found.jurors, found.effect.tolist(), strict=True))
    assert effects == pytest.approx({"severe": -13.13, "mild": 13.27, "middle": -0.13}, abs=5e-3)
    assert not found.reason


@pytest.mark.parametrize("seed", range(3))
def test_levels_equal_those_of_the_exact_method(seed: int) -> None:
    given = panel(seed, 25, 6, 3)
    marks: dict[str, dict[str, Fraction]] = {}
    for juror, code, mark in zip(*given.columns, strict=True):
        marks.setdefault(code, {})[juror] = Fraction(mark)
    exact, parts = LeastSquares.values(marks)
    found = calibrate(*given.columns)
    assert found.parts == parts == 1
    assert of(found, found.level) == pytest.approx({code: float(value) for code, value in exact.items()}, abs=1e-9)


def test_calibrated_scores_are_shrunk_the_more_the_fewer_readings() -> None:
    juror, proposal, score = panel(1, 40, 8, 4).columns
    found = calibrate(juror[:-2], proposal[:-2], score[:-2])
    fair = found.plain - found.design.share @ found.shrunk
    kept = (found.calibrated - fair.mean()) / (fair - fair.mean())
    noise, spread = found.variance.residual, found.variance.proposal
    assert kept == pytest.approx(np.array([4] * 39 + [2]) / (np.array([4] * 39 + [2]) + noise / spread))
    assert np.linalg.norm(found.shrunk) < np.linalg.norm(found.effect)
    assert np.corrcoef(found.shrunk, found.effect)[0, 1] > 0.95


def test_jurors_who_do_not_differ_are_taken_as_they_are() -> None:
    rng = np.random.default_rng(4)
    juror, proposal = np.tile(np.arange(6), 30), np.repeat(np.arange(30), 6)
    score = rng.normal(size=30)[proposal] + rng.normal(size=180)
    score -= np.bincount(juror, score)[juror] / 30
    found = calibrate(juror.tolist(), proposal.tolist(), score)
    assert found.shrunk == pytest.approx(np.zeros(6), abs=1e-6)
    assert found.variance.shares[0] == pytest.approx(0, abs=1e-9)


def test_too_few_readings_of_a_juror_leave_the_plain_mean() -> None:
    juror, proposal, score = m18()
    found = calibrate(juror[:-1], proposal[:-1], score[:-1])
    assert found.reason == "not enough data"
    assert not found.told.any()
    assert found.level.tolist() == found.plain.tolist()
    alone = calibrate([*juror[:-1], "middle"], [*proposal[:-1], "E"], score)
    assert not alone.reason  # three readings, of which two are shared
    alone = calibrate([*juror[:-2], "middle", "middle"], [*proposal[:-2], "E", "F"], score)
    assert alone.reason == "not enough data"


def test_parts_that_nobody_connects_are_levelled_apart() -> None:
    juror, proposal, score = m18()
    there = [f"{each}2" for each in juror], [f"{each}2" for each in proposal], [each + 100 for each in score]
    found = calibrate(juror + there[0], proposal + there[1], score + there[2])
    alone = calibrate(juror, proposal, score)
    assert found.parts == 2
    levels = of(found, found.level)
    assert {code: levels[code] for code in alone.proposals} == pytest.approx(of(alone, alone.level))
    assert {code: levels[f"{code}2"] - 100 for code in alone.proposals} == pytest.approx(of(alone, alone.level))
    sparse = calibrate([*juror, "x", "y"], [*proposal, "X", "X"], [*score, 10, 20])
    assert of(sparse, sparse.level)["X"] == 15
    assert of(sparse, sparse.level)["D"] == pytest.approx(74.43, abs=5e-3)
    assert sparse.reason == "not enough data"


@pytest.mark.parametrize("columns", [(["a", "a"], ["x", "y"], [1, 2]), (["a", "b"], ["x", "x"], [1, 2]), ([], [], [])])
def test_one_juror_or_one_proposal_is_not_enough(columns: Columns) -> None:
    with pytest.raises(NotEnoughData, match="not enough data"):
        calibrate(*columns)


def test_nothing_read_twice_is_not_enough() -> None:
    with pytest.raises(NotEnoughData, match="read twice"):
        calibrate(["a", "b"], ["x", "y"], [1, 2])


def test_what_is_no_score_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        calibrate(["a", "b"], ["x", "x"], [1, float("nan")])
    with pytest.raises(ValueError, match="2 jurors"):
        calibrate(["a", "b"], ["x"], [1])


def test_the_order_of_rows_moves_no_bit() -> None:
    columns = panel(2, 30, 7, 3).columns
    one, other = calibrate(*columns), calibrate(*shuffled(columns))
    assert one.calibrated.tobytes() == other.calibrated.tobytes()
    assert one.effect.tobytes() == other.effect.tobytes()
    chances = [probability_in_top(each, 5, seed=1) for each in (one, other)]
    assert chances[0].in_top.tobytes() == chances[1].in_top.tobytes()
    assert variance_components(*columns) == variance_components(*shuffled(columns))


def test_names_do_not_matter() -> None:
    juror, proposal, score = panel(2, 30, 7, 3).columns
    renamed = calibrate([each[::-1] for each in juror], [each[::-1] for each in proposal], score)
    plain = calibrate(juror, proposal, score)
    assert {code[::-1]: value for code, value in of(renamed, renamed.calibrated).items()} == pytest.approx(
        of(plain, plain.calibrated)
    )


# One changed score.


@pytest.mark.parametrize("direct", [True, False])
def test_a_changed_score_gives_what_a_new_fit_gives(monkeypatch: pytest.MonkeyPatch, *, direct: bool) -> None:
    if not direct:
        monkeypatch.setattr(module, "DIRECT", 0)
    juror, proposal, score = panel(3, 120, 15, 3).columns
    found = calibrate(juror, proposal, score)
    rng = np.random.default_rng(1)
    for at in rng.integers(len(score), size=25):
        score[at] = float(rng.normal())
        found = found.changed(juror[at], proposal[at], score[at])
    new = calibrate(juror, proposal, score)
    for name in ("effect", "shrunk", "level", "calibrated", "left"):
        assert getattr(found, name) == pytest.approx(getattr(new, name), abs=1e-9, rel=1e-9)
    assert found.variance.shares == pytest.approx(new.variance.shares, abs=1e-9)


def test_only_a_score_that_was_given_can_change() -> None:
    given = panel(3, 10, 5, 3)
    found = calibrate(*given.columns)
    unread = next(
        juror for juror in found.jurors if (juror, "P0001") not in zip(given.juror, given.proposal, strict=True)
    )
    for juror, proposal in (("J0000", "nowhere"), ("nobody", "P0001"), (unread, "P0001")):
        with pytest.raises(KeyError):
            found.changed(juror, proposal, 1)


def test_many_jurors_are_fitted_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = panel(6, 400, 60, 3).columns
    few = calibrate(*columns)
    monkeypatch.setattr(module, "DIRECT", 0)
    many = calibrate(*columns)
    assert many.effect == pytest.approx(few.effect, abs=1e-9)
    assert many.variance.proposal == pytest.approx(few.variance.proposal, rel=0.02)
    chances = probability_in_top(few, 20, seed=1).in_top, probability_in_top(many, 20, seed=1).in_top
    assert chances[0] == pytest.approx(chances[1], abs=0.08)
    # The error of the effects, drawn by fitting noise, has the variance that the inverse gives.
    design = Design(Readings.of(*columns))
    drawn = [design.noise(np.random.default_rng(1), 3000, ridge).var(axis=1) for ridge in (0.0, 2.0)]
    monkeypatch.setattr(module, "DIRECT", 1000)
    exact = [design.noise(np.random.default_rng(2), 3000, ridge).var(axis=1) for ridge in (0.0, 2.0)]
    for one, other in zip(drawn, exact, strict=True):
        assert one == pytest.approx(other, rel=0.2)


# How sure the places are.


def test_probabilities_sum_to_the_places_given() -> None:
    found = calibrate(*panel(1, 40, 10, 3).columns)
    for top in (1, 5, 20):
        chances = probability_in_top(found, top, seed="x")
        assert chances.in_top.sum() == pytest.approx(top, abs=0.05 * top)
        assert ((chances.in_top >= 0) & (chances.in_top <= 1)).all()
        assert ((chances.low >= 1) & (chances.low <= chances.high) & (chances.high <= 40)).all()
    assert probability_in_top(found, 40, seed=1).in_top.tolist() == [1] * 40
    assert probability_in_top(found, 0, seed=1).in_top.tolist() == [0] * 40


def test_the_seed_alone_decides_the_draws() -> None:
    found = calibrate(*panel(1, 40, 10, 3).columns)
    first, again, other = (probability_in_top(found, 5, seed=seed) for seed in ("a", "a", "b"))
    assert first.in_top.tobytes() == again.in_top.tobytes()
    assert first.in_top.tobytes() != other.in_top.tobytes()
    assert first.in_top == pytest.approx(other.in_top, abs=0.05)


def test_lower_may_be_better() -> None:
    juror, proposal, score = panel(1, 40, 10, 3).columns
    up = probability_in_top(calibrate(juror, proposal, score), 5, seed=1)
    down = probability_in_top(calibrate(juror, proposal, [-each for each in score]), 5, seed=1, lower=True)
    assert up.in_top == pytest.approx(down.in_top, abs=0.05)


def test_equal_scores_leave_the_places_open() -> None:
    juror, proposal = np.tile(np.arange(4), 10).tolist(), np.repeat(np.arange(10), 4).tolist()
    chances = probability_in_top(calibrate(juror, proposal, [7] * 40), 3, seed=1)
    assert chances.in_top == pytest.approx([0.3] * 10, abs=0.06)
    assert set(chances.low.tolist()) == {1}
    assert set(chances.high.tolist()) == {10}


def test_perfect_agreement_leaves_nothing_open() -> None:
    juror, proposal = np.tile(np.arange(4), 10).tolist(), np.repeat(np.arange(10), 4).tolist()
    chances = probability_in_top(calibrate(juror, proposal, [float(each) for each in proposal]), 3, seed=1)
    assert chances.in_top == pytest.approx([0] * 7 + [1] * 3, abs=1e-9)
    assert chances.low.tolist() == chances.high.tolist() == list(range(10, 0, -1))


# Against truths that were drawn (D10, D11 of the reference).


def tau(given: Panel, values: np.ndarray) -> float:
    return float(stats.kendalltau(given.quality, values).statistic)


@pytest.mark.parametrize("design", DESIGNS)
def test_calibrated_scores_never_rank_worse_than_the_plain_mean(design: tuple[int, int, int, bool]) -> None:
    *numbers, sorted_ = design
    better = []
    for seed in range(size(8, 60) if numbers[0] < 1000 else size(2, 60)):
        given = panel(seed, *numbers, sorted_=sorted_)
        found = calibrate(*given.columns)
        better.append(tau(given, found.calibrated) - tau(given, found.plain))
    assert np.mean(better) > 0


def test_probabilities_and_intervals_keep_their_word() -> None:
    given_high = members = covered = proposals = 0.0
    for *numbers, sorted_ in DESIGNS:
        for seed in range(size(8, 60) if numbers[0] < 1000 else size(2, 30)):
            given = panel(1000 + seed, *numbers, sorted_=sorted_)
            top = max(3, numbers[0] // 20)
            chances = probability_in_top(calibrate(*given.columns), top, seed=seed)
            place = np.argsort(np.argsort(-given.quality)) + 1
            likely = chances.in_top >= 0.8
            given_high += likely.sum()
            members += (place[likely] <= top).sum()
            covered += ((chances.low <= place) & (place <= chances.high)).sum()
            proposals += len(place)
    assert given_high > 50
    assert 0.75 <= members / given_high <= 1
    assert 0.86 <= covered / proposals <= 0.94
