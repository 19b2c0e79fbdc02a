"""Abilities from paired comparisons: the model of Bradley and Terry."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse import csgraph

from engine.readings import Floats, Ints

STILL, STEPS = 1e-12, 200


class NotConnected(ValueError):  # noqa: N818 - it names what is wrong with the comparisons
    """Some items were never beaten by the others, or never beat them, so that no finite abilities are most likely.

    groups: the number of the group of each item; inside a group everyone has beaten everyone, if only through others.
    """

    def __init__(self, groups: Ints) -> None:
        self.groups = groups
        super().__init__(
            f"the comparisons fall into {groups.max() + 1} groups, and between two of them all wins go one way or"
            " there are none: give a prior, or compare more"
        )


def win_groups(wins: ArrayLike) -> Ints:
    """Return the number of the strongly connected group of each item, in order of first item; wins[i][j]: i beat j."""
    table = sparse.csr_array((np.asarray(wins, dtype=np.float64) > 0).astype(np.float64))
    _, found = csgraph.connected_components(table, directed=True, connection="strong")
    _, first, at = np.unique(found, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[at], dtype=np.int64)


def is_connected(wins: ArrayLike) -> bool:
    """Whether every item has beaten every other, if only through others: else abilities are infinite (Ford, 1957)."""
    return not win_groups(wins).any()


def bradley_terry(wins: ArrayLike, prior: float | None = None) -> Floats:
    """Return the log abilities of n items, the first 0: i beats j with probability 1 ÷ (1 + exp(b_j − b_i)).

    wins: n × n, wins[i][j] the times that i beat j; a half to each for a tie; the diagonal is not read. Without a
    prior they are of maximum likelihood (Bradley & Terry, 1952), and NotConnected when that has no maximum. A prior
    gives each item that many wins and as many losses, say 0.5, against one virtual item, which makes all finite.
    ValueError for a table that is not square or holds a negative number.
    """
    table = np.array(wins, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not len(table):  # noqa: PLR2004 - a table has two sides
        raise ValueError("wins must be a square table")
    np.fill_diagonal(table, 0)
    if not np.isfinite(table).all() or (table < 0).any():
        raise ValueError("wins must be 0 or more")
    if prior:
        table = np.pad(table, (0, 1), constant_values=prior)
        table[-1, -1] = 0
    groups = win_groups(table)
    if groups.any():
        raise NotConnected(groups)
    abilities = most_likely(table)
    return np.asarray(abilities[: -1 if prior else None] - abilities[0])


def most_likely(wins: Floats) -> Floats:
    """Return the abilities that maximise the likelihood, by Newton's method, each step halved until it climbs.

    The likelihood is concave, so the maximum is the only one; near it each step doubles the digits.
    """
    met, won = wins + wins.T, wins.sum(axis=1)
    abilities = np.zeros(len(wins))
    likelihood = log_likelihood(wins, abilities)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(abilities[None, :] - abilities[:, None]))
        slope = won - (met * chance).sum(axis=1)
        weight = met * chance * (1 - chance)
        curve = np.diag(weight.sum(axis=1)) - weight
        step = np.linalg.solve(curve + weight.sum() / len(wins) ** 2, slope)
        while True:
            reached = abilities + step
            higher = log_likelihood(wins, reached)
            if higher >= likelihood or np.abs(step).max() < STILL:
                break
            step /= 2
        abilities, likelihood = reached, higher
        if np.abs(step).max() < STILL:
            break
    return abilities


def log_likelihood(wins: Floats, abilities: Floats) -> float:
    """Return Σ wins × log probability."""
    return -float((wins * np.logaddexp(0, abilities[None, :] - abilities[:, None])).sum())
