"""Statistics beside the official number: what a careful reader would add to a ranking, and never instead of it.

They may use floats, for they say how sure a ranking is, not what it is. Everything here is seeded: the same round gives
the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.rules import Rules
from engine.types import RoundInput, Standing

# Why there are no statistics: jurors gave no marks that can be compared, or too few of something.
NO_MARKS, FEW_PROPOSALS, FEW_JURORS, FEW_READINGS = "no_marks", "few_proposals", "few_jurors", "few_readings"


@dataclass(frozen=True, slots=True)
class ProposalStatistics:
    """What is known of one placed proposal besides its score.

    calibrated: the total without the jurors' severity, on the scale of the official total · low, high: the places
    between which it lies with 90 % probability · in_top: the probability of being among the first `top`.
    """

    code: str
    calibrated: float
    low: int
    high: int
    in_top: float


@dataclass(frozen=True, slots=True)
class JurorStatistics:
    """How one juror scores, for the chair alone; None where there is too little to say.

    severity: points that this juror's totals lie below (negative) or above (positive) those of the panel on the same
    proposals · spread: the standard deviation of the juror's totals ÷ that of the panel's · consensus: the correlation
    with the mean of the others · halo: the mean correlation between criteria, 1 when all marks of a ballot say the same
    · favour: points by which proposals of the juror's own region do better than others, severity removed ·
    favour_p: its p-value by permutation, corrected for the number of jurors.
    """

    juror: str
    ballots: int
    severity: float | None
    spread: float | None
    consensus: float | None
    halo: float | None
    favour: float | None
    favour_p: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the jurors agree; None where it cannot be computed.

    alpha: Krippendorff's, on interval level over the jurors' totals, with its 95 % interval by bootstrap over
    proposals · icc: of one juror's total, ICC(1,1) or from the variance components where the design is incomplete ·
    icc_mean: of the mean that a proposal gets · w, w_p: Kendall's W with its p-value, where all read the same.
    """

    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    icc: float | None
    icc_mean: float | None
    w: float | None
    w_p: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """The statistics of a round: `reason` says why there are none, and is empty when there are.

    top: how many places are given, which `in_top` and the tie zone look at · zone: the proposals that cannot be told
    apart at that line, in order of place · parts: how many groups of jurors and proposals no reading connects ·
    juror, proposal, residual: shares of the variance of the totals, summing to 1.
    """

    reason: str
    top: int
    proposals: tuple[ProposalStatistics, ...] = ()
    zone: tuple[str, ...] = ()
    jurors: tuple[JurorStatistics, ...] = ()
    agreement: Agreement | None = None
    parts: int = 1
    juror: float = 0
    proposal: float = 0
    residual: float = 0


def statistics(
    rules: Rules,
    given: RoundInput,
    standing: Standing,
    *,
    top: int,
    regions: Mapping[str, str] | None = None,
    seed: int | str,
) -> Statistics:
    """Return the statistics of a round; the same bytes for the same round and seed, in whatever order it is given.

    top: how many places are given · regions: the region of each juror, where known. It reads the complete ballots of
    the placed, and says nothing but a reason where jurors enter no marks of their own (collegial, pairwise and
    qualitative entry), below three placed proposals, below two jurors, and below two ballots more than proposals.
    """
    from engine.round_statistics import worked_out  # noqa: PLC0415 - SciPy is slow to load, and who shows statistics needs none

    return worked_out(rules, given, standing, top=top, regions=regions or {}, seed=seed)
