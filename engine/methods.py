"""The register of methods: the name that rules use, and the class that computes."""

from engine.combine import BandMean, LowerMedian, Mean, Median, Method, Sum, TrimmedMean
from engine.least_squares import LeastSquares
from engine.ordinal import Borda, MajorityJudgment, RankPoints
from engine.pairwise import PairwiseEigenvector, PairwiseMean, PairwiseSum

METHODS: dict[str, type[Method]] = {
    method.name: method
    for method in (
        Mean,
        Median,
        LowerMedian,
        TrimmedMean,
        BandMean,
        Sum,
        RankPoints,
        Borda,
        MajorityJudgment,
        PairwiseSum,
        PairwiseMean,
        PairwiseEigenvector,
        LeastSquares,
    )
}
