"""Abilities from paired comparisons, against published values and their own definition."""

import numpy as np
import pytest

from engine.paired import NotConnected, bradley_terry, is_connected, win_groups
from tests.engine.panels import published

CITATIONS = published("bradley_terry_citations")
WINS = CITATIONS["wins_row_over_col"]


def test_the_citations_of_statisticians() -> None:
    found = bradley_terry(WINS)
    assert found == pytest.approx(CITATIONS["published_log_ability"], abs=CITATIONS["tolerance"])
    assert found[0] == 0


@pytest.mark.parametrize("seed", range(5))
def test_everyone_wins_as_often_as_expected(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wins = rng.integers(0, 4, size=(7, 7)).astype(float) + np.roll(np.eye(7), 1, axis=0)
    np.fill_diagonal(wins, 0)
    abilities = bradley_terry(wins)
    chance = 1 / (1 + np.exp(abilities[None, :] - abilities[:, None]))
    assert ((wins + wins.T) * chance).sum(axis=1) - np.diag(chance) * 0 == pytest.approx(wins.sum(axis=1), abs=1e-8)


def test_two_items_have_the_log_of_the_odds() -> None:
    assert bradley_terry([[0, 3], [1, 0]]) == pytest.approx([0, -np.log(3)])


def test_names_may_change_places() -> None:
    order = [2, 0, 3, 1]
    turned = bradley_terry(np.array(WINS)[np.ix_(order, order)])
    plain = bradley_terry(WINS)[order]
    assert turned == pytest.approx(plain - plain[0], abs=1e-9)


def test_the_diagonal_says_nothing() -> None:
    assert bradley_terry(np.array(WINS) + 50 * np.eye(4)) == pytest.approx(bradley_terry(WINS))


def test_without_a_way_back_there_are_no_finite_abilities() -> None:
    always = [[0, 2, 1], [1, 0, 3], [0, 0, 0]]
    apart = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    assert win_groups(always).tolist() == [0, 0, 1]
    assert win_groups(apart).tolist() == [0, 0, 1, 1]
    assert is_connected(WINS)
    for wins in (always, apart):
        assert not is_connected(wins)
        with pytest.raises(NotConnected, match="2 groups") as refused:
            bradley_terry(wins)
        assert refused.value.groups.max() == 1
        assert np.isfinite(bradley_terry(wins, prior=0.5)).all()


def test_a_prior_draws_abilities_together_and_gives_the_loser_a_number() -> None:
    with_prior = bradley_terry([[0, 3], [0, 0]], prior=0.5)
    # Each is half a win and half a loss against the virtual item: by symmetry it lies half-way between them.
    assert with_prior[0] == 0
    assert with_prior[1] < 0
    assert bradley_terry([[0, 3], [0, 0]], prior=5)[1] > with_prior[1]
    assert np.ptp(bradley_terry(WINS, prior=50)) < np.ptp(bradley_terry(WINS))


@pytest.mark.parametrize("wins", [[[0, 1]], [[0, -1], [1, 0]], [[0, float("nan")], [1, 0]], []])
def test_what_is_no_table_of_wins_is_refused(wins: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="wins must be"):
        bradley_terry(wins)
