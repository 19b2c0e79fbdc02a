"""What the chair is told of each juror, against panels in which one juror was made to stand out."""

import numpy as np
import pytest

from engine import monitor as module
from engine.calibration import calibrate
from engine.monitor import Monitor, correlations, false_discovery, monitor, own_region
from tests.engine.panels import m18, panel

REGIONS = ("Nord", "Centro", "Sud")


def planted(*, severe: float = 0, wide: float = 1, wild: float = 0, favour: float = 0, seed: int = 1) -> Monitor:
    """Return what is seen of twelve jurors of whom the first was planted."""
    given = panel(seed, 120, 12, 4)
    rng = np.random.default_rng(seed)
    of_proposal = {code: REGIONS[number % 3] for number, code in enumerate(sorted(set(given.proposal)))}
    of_juror = {juror: REGIONS[number % 3] for number, juror in enumerate(sorted(set(given.juror)))}
    score = np.array(given.score)
    first = np.array([juror == "J0000" for juror in given.juror])
    own = np.array([of_proposal[code] == of_juror["J0000"] for code in given.proposal])
    score = np.where(first, wide * score - severe + wild * rng.normal(size=len(score)) + favour * own, score)
    found = calibrate(given.juror, given.proposal, score)
    return monitor(found, own=own_region(found.design.readings, of_juror, of_proposal), seed=seed)


def test_a_severe_juror_is_seen() -> None:
    plain, severe = planted(), planted(severe=3)
    assert severe.severity[0] - plain.severity[0] == pytest.approx(-3 * 11 / 12)  # effects sum to 0
    assert severe.severity.argmin() == 0
    assert severe.spread == pytest.approx(plain.spread)
    assert severe.consensus == pytest.approx(plain.consensus)


def test_a_juror_who_spreads_more_is_seen() -> None:
    assert planted(wide=2).spread[0] > 1.6
    assert planted(wide=0.4).spread[0] < 0.6
    assert planted().spread == pytest.approx(np.ones(12), abs=0.3)


def test_an_erratic_juror_agrees_less() -> None:
    plain, wild = ([planted(wild=much, seed=seed).consensus[0] for seed in range(6)] for much in (0, 10))
    assert np.mean(plain) > 0.5
    assert np.mean(wild) < 0.3
    assert np.mean([planted(wild=10, seed=seed).spread[0] for seed in range(2)]) > 1.8


def test_a_juror_who_favours_their_region_is_flagged_and_nobody_else() -> None:
    seen = planted(favour=2.5)
    assert seen.favour[0] == pytest.approx(2.5, abs=0.8)
    assert seen.favour_p[0] < 0.05
    assert (seen.favour_p[1:] > 0.05).all()
    assert (planted().favour_p > 0.05).all()


def test_among_many_jurors_one_who_favours_is_flagged_too(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = planted(favour=2.5)
    monkeypatch.setattr(module, "MANY", 3)
    read = planted(favour=2.5)
    assert read.favour == pytest.approx(drawn.favour)
    assert read.favour_p == pytest.approx(drawn.favour_p, abs=0.05)
    assert read.favour_p[0] < 0.001


def test_the_chance_of_favour_is_uniform_where_nobody_favours() -> None:
    least = [planted(seed=seed).favour_p.min() for seed in range(40)]
    assert np.mean(np.array(least) < 0.05) <= 0.1


def test_the_seed_decides_the_permutations() -> None:
    assert planted().favour_p.tobytes() == planted().favour_p.tobytes()


def test_halo_is_one_when_all_marks_of_a_ballot_say_the_same() -> None:
    given = panel(2, 30, 3, 3)
    found = calibrate(*given.columns)
    readings, rng = found.design.readings, np.random.default_rng(0)
    marks = rng.normal(size=(len(readings), 3))
    marks[readings.juror == 0] = readings.score[readings.juror == 0][:, None] * [1, 2, 3]
    marks[readings.juror == 1, 1] = -marks[readings.juror == 1, 0]
    marks[readings.juror == 1, 2] = 5  # always the same: says nothing
    marks[readings.juror == 2, 2] = np.nan
    halo = monitor(found, marks=marks).halo
    assert halo[0] == pytest.approx(1)
    assert halo[1] == pytest.approx(-1)
    mine = marks[readings.juror == 2]
    assert halo[2] == pytest.approx(np.corrcoef(mine[:, 0], mine[:, 1])[0, 1])
    assert np.isnan(monitor(found, marks=np.full((len(readings), 2), 5.0)).halo).all()
    assert np.isnan(monitor(found, marks=marks[:, :1]).halo).all()


def test_m18_severity() -> None:
    seen = monitor(calibrate(*m18()))
    assert dict(zip(seen.jurors, seen.severity.tolist(), strict=True)) == pytest.approx(
        {"severe": -13.13, "mild": 13.27, "middle": -0.13}, abs=5e-3
    )
    assert seen.ballots.tolist() == [3, 3, 3]
    assert np.isnan(seen.favour).all()


def test_severity_without_an_effect_is_the_distance_from_the_others() -> None:
    juror = ["a"] * 4 + ["b"] * 4 + ["c"] * 2
    proposal = [*"WXYZ", *"WXYZ", *"WX"]
    seen = monitor(calibrate(juror, proposal, [1, 2, 3, 4, 3, 4, 5, 6, 2, 3]))
    # Against the others: −1.5, −1.5, −2, −2 and 1.5, 1.5, 2, 2; c read too few.
    assert seen.severity[:2].tolist() == [-1.75, 1.75]
    assert np.isnan(seen.severity[2])
    assert np.isnan(seen.consensus[2])


def test_nobody_else_read_what_a_juror_read() -> None:
    juror, proposal, score = m18()
    seen = monitor(calibrate([*juror, "x", "x", "x"], [*proposal, "X", "Y", "Z"], [*score, 1, 2, 3]))
    assert np.isnan([seen.severity[-1], seen.spread[-1], seen.consensus[-1]]).all()


def test_correlations_are_pearsons_in_each_group() -> None:
    rng = np.random.default_rng(0)
    group, one, other = np.repeat([0, 1, 2], 20), rng.normal(size=60), rng.normal(size=60)
    one[group == 2] = 0.1
    found = correlations(group, one, other, 4)
    for at in (0, 1):
        assert found[at] == pytest.approx(np.corrcoef(one[group == at], other[group == at])[0, 1])
    assert np.isnan(found[2:]).all()


def test_p_values_are_corrected_for_their_number() -> None:
    found = false_discovery(np.array([0.01, 0.04, 0.03, 0.005, 0.9]))
    assert found == pytest.approx([0.025, 0.05, 0.05, 0.025, 0.9])
    assert false_discovery(np.array([0.6, 0.8])) == pytest.approx([0.8, 0.8])
    assert len(false_discovery(np.array([]))) == 0
