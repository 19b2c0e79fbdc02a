"""Who gave what to which: the table that every statistic reads, in one order whatever order it came in."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class NotEnoughData(ValueError):  # noqa: N818 - it names what is missing, as Refused does
    """There is too little to say anything; the message says of what."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"not enough data: {missing}")


@dataclass(frozen=True)
class Readings:
    """One row a reading: the numbers of its proposal and its juror, and the score; sorted by these three.

    proposals, jurors: the ids, sorted, so that a number is a place in them · given: where each row stood in what was
    given, to bring further columns into the same order.
    """

    proposals: tuple[Any, ...]
    jurors: tuple[Any, ...]
    proposal: Ints
    juror: Ints
    score: Floats
    given: Ints

    @classmethod
    def of(cls, juror: Iterable[Hashable], proposal: Iterable[Hashable], score: Iterable[float]) -> Self:
        """Return the table of three columns of equal length; ValueError when they are not, or a score is no number."""
        jurors, juror_at = numbered(list(juror))
        proposals, proposal_at = numbered(list(proposal))
        scores = np.asarray(score if isinstance(score, np.ndarray) else list(score), dtype=np.float64)
        if not len(juror_at) == len(proposal_at) == len(scores):
            raise ValueError(f"{len(juror_at)} jurors, {len(proposal_at)} proposals and {len(scores)} scores")
        if not np.isfinite(scores).all():
            raise ValueError("a score is not a number")
        order = np.lexsort((scores, proposal_at * len(jurors) + juror_at))
        return cls(proposals, jurors, proposal_at[order], juror_at[order], scores[order], order)

    def __len__(self) -> int:
        return len(self.score)

    @cached_property
    def per_proposal(self) -> Floats:
        """The number of readings of each proposal, at least 1."""
        return np.bincount(self.proposal, minlength=len(self.proposals)).astype(np.float64)

    @cached_property
    def per_juror(self) -> Floats:
        """The number of readings of each juror, at least 1."""
        return np.bincount(self.juror, minlength=len(self.jurors)).astype(np.float64)

    @cached_property
    def table(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """How often each juror (column) read each proposal (row)."""
        shape = (len(self.proposals), len(self.jurors))
        at = (self.proposal.astype(np.int32), self.juror.astype(np.int32))  # half the bytes to read in each product
        cells = sparse.coo_array((np.ones(len(self)), at), shape=shape)
        return cells.tocsr()

    @cached_property
    def parts(self) -> tuple[int, Ints, Ints]:
        """How many parts no reading connects, and the part of each proposal and of each juror."""
        proposals, whole = len(self.proposals), len(self.proposals) + len(self.jurors)
        edges = (np.ones(len(self)), (self.proposal, proposals + self.juror))
        graph = sparse.coo_array(edges, shape=(whole, whole)).tocsr()
        number, part = csgraph.connected_components(graph, directed=False)
        return int(number), part[:proposals].astype(np.int64), part[proposals:].astype(np.int64)

    @cached_property
    def starts(self) -> Ints:
        """The first reading of each proposal."""
        return np.searchsorted(self.proposal, np.arange(len(self.proposals)))

    def over_proposals(self, values: Floats) -> Floats:
        """Return the sum of one value a reading over each proposal."""
        return np.asarray(np.add.reduceat(values, self.starts))

    def over_jurors(self, values: Floats) -> Floats:
        """Return the sum of one value a reading over each juror."""
        return summed(self.juror, values, len(self.jurors))

    def of_others(self, values: Floats) -> tuple[Flags, Floats]:
        """Return which readings are of proposals that were read more than once, and the mean of their other readings.

        The mean stands at those readings only, in order.
        """
        counts, sums = self.per_proposal[self.proposal], self.over_proposals(values)[self.proposal]
        shared = counts > 1
        return shared, (sums[shared] - values[shared]) / (counts[shared] - 1)

    def is_complete(self) -> bool:
        """Whether every juror read every proposal once."""
        cells = self.table
        return len(self) == cells.nnz == len(self.proposals) * len(self.jurors)


def numbered(names: Sequence[Any]) -> tuple[tuple[Any, ...], Ints]:
    """Return the distinct names in order, and the place of each given name among them."""
    distinct = tuple(sorted(set(names)))
    at = {name: number for number, name in enumerate(distinct)}
    return distinct, np.fromiter(map(at.__getitem__, names), np.int64, len(names))


def summed(group: Ints, values: Floats, groups: int) -> Floats:
    """Return the sum of the values of each group."""
    return np.asarray(np.bincount(group, values, groups), dtype=np.float64)


def generator(seed: int | str, purpose: str) -> np.random.Generator:
    """Return the random numbers of one purpose, so that asking for more of one never moves another."""
    return np.random.default_rng(int.from_bytes(sha256(f"{seed} {purpose}".encode()).digest()))


def mid_ranks(values: Floats) -> Floats:
    """Return the rank of each value from 1, the tied sharing the mean of theirs: 3 5 5 9 give 1 2.5 2.5 4."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[at], dtype=np.float64)
