"""The worked examples M1-M20, equal in each digit."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from hashlib import sha256
from itertools import combinations

import pytest

from engine.allocation import allocate
from engine.combine import BandMean, LowerMedian, Mean, Median, Sum, TrimmedMean
from engine.contest import Category, Prize, Round
from engine.numbers import decimal_text, over_one_unit
from engine.ordinal import Borda, MajorityJudgment
from engine.pairwise import by_juror, consistency_ratio, points_of
from engine.scoring import score
from engine.sheet import Sheet
from engine.types import Ballot, Proposal, RoundInput
from tests.engine.build import (
    a_round,
    ballots,
    columns,
    judged,
    order,
    places2,
    preferences,
    quantity,
    rounding,
    rules,
    scores,
    standing_of,
    statuses,
    table,
)

M2 = columns(
    ["K1", "K2", "K3", "K4"],
    {
        "A": "8 6 7,4 4 5,8 8 9,7 7 8",
        "B": "8 7 7,7 6 6,6 5 5,5 5 5",
        "C": "6 7 7,7 6 6,6 4 6,5 6 6",
        "D": "5 5 3,6 6 5,5 5 6,5 5 4",
    },
)
K = [judged("K1", "40"), judged("K2", "30"), judged("K3", "20"), judged("K4", "10")]
GATE_60 = [{"on": "total", "minimum": "60"}]


def two_places(found: dict[str, str]) -> dict[str, str]:
    return {code: places2(Fraction(text)) if text else "" for code, text in found.items()}


def test_m1_weighted_means() -> None:
    standing = standing_of(rules(*K), M2)
    assert two_places(scores(standing)) == {"A": "65.00", "B": "64.00", "C": "62.00", "D": "49.67"}


def test_m2_first_rescaling_changes_the_winner_after_the_gate() -> None:
    standing = standing_of(rules(*K, gates=GATE_60, rescale={"criterion": True}), M2)
    assert order(standing) == "B A C"
    assert two_places(scores(standing)) == {"B": "89.62", "A": "88.71", "C": "86.89", "D": "49.67"}
    assert statuses(standing)["D"] == "below_gate"


def test_m2_without_the_gate_d_is_rescaled_too() -> None:
    standing = standing_of(rules(*K, rescale={"criterion": True}), M2)
    assert two_places(scores(standing))["D"] == "69.64"


def test_m2_second_rescaling() -> None:
    standing = standing_of(rules(*K, rescale={"criterion": True, "total": True}), M2)
    assert two_places(scores(standing)) == {"B": "100.00", "A": "98.98", "C": "96.96", "D": "77.71"}


def test_m2_coefficients_rounded_to_two_places() -> None:
    standing = standing_of(rules(*K, rounding=rounding("coefficient")), M2)
    assert two_places(scores(standing)) == {"A": "64.80", "B": "63.70", "C": "62.00", "D": "49.60"}


def test_m2_level_matters() -> None:
    criteria = [judged("a", "20", step="0.01", group="g"), judged("b", "40", step="0.01", group="g")]
    given = columns(["a", "b"], {"A": "9,6", "B": "6,7.5"})

    def at(**rescale: object) -> dict[str, str]:
        return two_places(scores(standing_of(rules(*criteria, rescale=rescale), given)))

    assert at() == {"A": "42.00", "B": "42.00"}
    assert at(criterion=True) == {"B": "53.33", "A": "52.00"}
    assert at(criterion=True, level="group") == {"A": "60.00", "B": "60.00"}


def test_m2_rounding_flips_a_tie() -> None:
    criteria = [judged("a", "45"), judged("b", "35"), judged("c", "20")]
    given = columns(["a", "b", "c"], {"X": "7 4 6,10 10 8,8 4 8", "Y": "6 10 7,6 8 4,4 10 10"})
    assert scores(standing_of(rules(*criteria), given)) == {"X": "71.5", "Y": "71.5"}
    by_rounding = standing_of(rules(*criteria, rounding=rounding("coefficient")), given)
    assert scores(by_rounding) == {"Y": "71.65", "X": "71.6"}


M3 = {
    "c1": {"AB": "A2", "AC": "A4", "AD": "A5", "BC": "B3", "BD": "B4", "CD": "C2"},
    "c2": {"AB": "B3", "AC": "A2", "AD": "A4", "BC": "B4", "BD": "B5", "CD": "="},
    "c3": {"AB": "=", "AC": "A3", "AD": "A6", "BC": "C2", "BD": "B3", "CD": "C4"},
}


def pairwise(method: str) -> dict[str, Fraction]:
    ruling = rules(judged("c", "30"), entry="pairwise", combine={"method": method})
    given = RoundInput("cat", "r1", tuple(map(Proposal, "ABCD")), comparisons=preferences(M3))
    return {row.code: row.score for row in score(ruling, given).rows if row.score is not None}


def test_m3_points_of_each_juror() -> None:
    degrees = by_juror(preferences(M3), "ABCD")["c"]
    assert {juror: [int(points) for points in points_of(degrees[juror], "ABCD").values()] for juror in degrees} == {
        "c1": [11, 7, 2, 0],
        "c2": [6, 12, 1, 1],
        "c3": [10, 4, 6, 0],
    }


def test_m3_by_sum() -> None:
    assert pairwise("pairwise_sum") == {
        "A": 30,
        "B": Fraction(23 * 30, 27),
        "C": Fraction(9 * 30, 27),
        "D": Fraction(30, 27),
    }


def test_m3_by_mean() -> None:
    found = pairwise("pairwise_mean")
    assert {code: places2(value / 30, 4) for code, value in found.items()} == {
        "A": "1.0000", "B": "0.8145", "C": "0.3461", "D": "0.0333",
    }  # fmt: skip
    assert {code: places2(value) for code, value in found.items()} == {
        "A": "30.00", "B": "24.44", "C": "10.38", "D": "1.00",
    }  # fmt: skip


def test_m4_by_eigenvector() -> None:
    found = pairwise("pairwise_eigenvector")
    assert {code: places2(value / 30, 4) for code, value in found.items()} == {
        "A": "1.0000", "B": "0.8753", "C": "0.4372", "D": "0.1949",
    }  # fmt: skip
    assert {code: places2(value) for code, value in found.items()} == {
        "A": "30.00", "B": "26.26", "C": "13.12", "D": "5.85",
    }  # fmt: skip
    assert all((value / 30 * 10**12).denominator == 1 for value in found.values())


def test_m4_warns_of_the_juror_who_contradicts_himself() -> None:
    degrees = by_juror(preferences(M3), "ABCD")["c"]
    ratios = {juror: places2(Fraction(consistency_ratio(degrees[juror], "ABCD")), 4) for juror in degrees}
    assert ratios == {"c1": "0.0181", "c2": "0.0346", "c3": "0.1068"}
    ruling = rules(judged("c", "30"), entry="pairwise", combine={"method": "pairwise_eigenvector"})
    given = RoundInput("cat", "r1", tuple(map(Proposal, "ABCD")), comparisons=preferences(M3))
    assert [(each.code, dict(each.facts)) for each in score(ruling, given).warnings] == [
        ("inconsistent", {"juror": "c3", "criterion": "c", "ratio": "0.1068"})
    ]


def test_m4_goes_on_until_no_part_moves() -> None:
    # The middle one of a chain of equal steps stands still long before the others do.
    chain = preferences({"j": {"AB": "B6", "AC": "C6", "BC": "C6"}})
    ruling = rules(judged("c", "1"), entry="pairwise", combine={"method": "pairwise_eigenvector"})
    standing = score(ruling, RoundInput("cat", "r1", tuple(map(Proposal, "ABC")), comparisons=chain))
    assert [row.score for row in standing.rows] == [1, Fraction("0.302853432139"), Fraction("0.091720201358")]


@pytest.mark.parametrize(("number", "ratio"), [(3, "2.1635"), (4, "1.1294"), (10, "0.745"), (11, "")])
def test_m4_says_the_ratio_of_3_to_10_proposals(number: int, ratio: str) -> None:
    codes = "ABCDEFGHIJK"[:number]
    contrary = {f"{a}{b}": f"{a}4" if (ord(a) + ord(b)) % 2 else f"{b}4" for a, b in combinations(codes, 2)}
    said = preferences({"j2": contrary, "j1": contrary, "j3": contrary, "j0": contrary})
    ruling = rules(judged("c", "30"), entry="pairwise", combine={"method": "pairwise_eigenvector"})
    found = score(ruling, RoundInput("cat", "r1", tuple(map(Proposal, codes)), comparisons=said)).warnings
    expected = [{"juror": f"j{at}", "criterion": "c", "ratio": ratio} for at in range(4)] if ratio else []
    assert [dict(each.facts) for each in found] == expected


def test_m5_quantities() -> None:
    higher = rules(quantity("q", "10", "highest"))
    facts = {("A", "q"): "40", ("B", "q"): "30", ("C", "q"): "10"}
    assert scores(standing_of(higher, (), "A", "B", "C", facts=facts)) == {"A": "10", "B": "7.5", "C": "2.5"}
    lower = rules(quantity("q", "10", "lowest"))
    facts = {("A", "q"): "20", ("B", "q"): "25", ("C", "q"): "40"}
    assert scores(standing_of(lower, (), "A", "B", "C", facts=facts)) == {"A": "10", "B": "8", "C": "5"}


def test_m6_table() -> None:
    ruling = rules(table("t", {"yes": "0.5", "no": "0"}))
    assert scores(standing_of(ruling, (), "A", "B", facts={("A", "t"): "no", ("B", "t"): "yes"})) == {
        "B": "0.5", "A": "0",
    }  # fmt: skip


def test_m7_gates_of_a_regional_call() -> None:
    # Emilia-Romagna 2024: 55 overall, 45 of 80 for the technical side, 10 of 20 for quality.
    criteria = [judged("technical", "80", "80", "1"), judged("quality", "20", "20", "1")]
    gates = [
        {"on": "total", "minimum": "55"},
        {"on": "weighted:technical", "minimum": "45"},
        {"on": "criterion:quality", "minimum": "10"},
    ]
    given = columns(["technical", "quality"], {"A": "45,10", "B": "44,20", "C": "80,9", "D": "44,10"})
    standing = standing_of(rules(*criteria, gates=gates), given)
    assert statuses(standing) == {"A": "placed", "B": "below_gate", "C": "below_gate", "D": "below_gate"}
    assert scores(standing) == {"A": "55", "B": "64", "C": "89", "D": "54"}


def test_m8_funding_in_rank_order() -> None:
    given = columns(["c"], {"P1": "90", "P2": "85", "P3": "85", "P4": "78", "P5": "70", "P6": "58"})
    asks = {"P1": 80, "P2": 70, "P3": 60, "P4": 50, "P5": 30, "P6": 20}
    found = {}
    for policy in ("stop", "partial", "skip"):
        ruling = rules(judged("c", "100", "100"), gates=GATE_60, fund={"budget": "250", "when_short": policy})
        standing = standing_of(
            ruling, given, proposals=tuple(Proposal(code, ask=Fraction(ask)) for code, ask in asks.items())
        )
        found[policy] = [(row.code, row.funding, decimal_text(row.offer or Fraction(0))) for row in standing.rows[3:5]]
        assert [row.funding for row in standing.rows[:3]] == ["funded"] * 3
        assert standing.rows[5].funding == ""
    assert found == {
        "stop": [("P4", "reserve", "0"), ("P5", "reserve", "0")],
        "partial": [("P4", "offered_part", "40"), ("P5", "reserve", "0")],
        "skip": [("P4", "reserve", "0"), ("P5", "funded", "30")],
    }


M9 = columns(
    ["excellence", "impact", "impl"],
    {"P1": "4.5,4.0,3.5", "P2": "4.0,4.5,3.5", "P3": "4.0,4.0,4.0", "P4": "5.0,4.5,2.5", "P5": "3.0,3.5,3.0"},
)
M9_GATES = [
    *({"on": f"criterion:{code}", "minimum": "3"} for code in ("excellence", "impact", "impl")),
    {"on": "sum", "minimum": "10"},
]


def eu(impact: str, *ties: str) -> str:
    criteria = [judged("excellence", "1", "5"), judged("impact", impact, "5"), judged("impl", "1", "5")]
    return order(standing_of(rules(*criteria, entry="collegial", points="mark", gates=M9_GATES, ties=list(ties)), M9))


def test_m9_weights_count_for_the_order_and_never_for_the_gates() -> None:
    assert eu("1", "criterion:excellence", "criterion:impact") == "P1 P2 P3"
    assert eu("1.5", "criterion:impact", "criterion:excellence") == "P2 P1 P3"


def test_m9_individual_reports() -> None:
    given = columns(["e", "i", "m"], {"P": "4.0 3.0 4.0,3.5 3.5 4.0,4.5 4.0 4.0"})
    criteria = [judged(code, "1", "5") for code in ("e", "i", "m")]
    for method, expected in (("mean", ["3.67", "3.67", "4.17"]), ("median", ["4.00", "3.50", "4.00"])):
        plain = Sheet(rules(*criteria, combine={"method": method}), a_round(given)).plain("P")
        assert [places2(plain.combined[code]) for code in ("e", "i", "m")] == expected


def test_m9_cut_by_a_multiple_of_the_budget() -> None:
    marks = {"a": ("9.5", 8), "b": ("9.5", 6), "c": ("9.0", 7), "d": ("8.5", 5), "e": ("8.5", 4), "f": ("8.0", 9)}
    ruling = rules(judged("c", "10"), advance={"budget": "10", "multiple": "3"})
    given = columns(["c"], {code: mark for code, (mark, _) in marks.items()})
    entries = tuple(Proposal(code, ask=Fraction(ask)) for code, (_, ask) in marks.items())
    assert standing_of(ruling, given, proposals=entries).advancing == ("a", "b", "c", "d", "e")


def test_m10_gates_per_criterion_and_overall() -> None:
    criteria = [judged("a", "40", "40", "1"), judged("b", "40", "40", "1"), judged("c", "20", "20", "1")]
    gates = [
        {"on": "criterion:a", "minimum": "20"},
        {"on": "criterion:b", "minimum": "20"},
        {"on": "criterion:c", "minimum": "10"},
        {"on": "total", "minimum": "70"},
    ]
    given = columns(["a", "b", "c"], {"Q1": "34,30,12", "Q2": "36,32,9", "Q3": "26,28,15"})
    standing = standing_of(rules(*criteria, gates=gates), given)
    assert statuses(standing) == {"Q1": "placed", "Q2": "below_gate", "Q3": "below_gate"}
    assert scores(standing) == {"Q1": "76", "Q2": "77", "Q3": "69"}


@pytest.mark.parametrize(
    ("public", "expected", "winner"),
    [
        ({"share": "0.25", "by": "share"}, {"A": "64.50", "B": "66.00", "C": "70.75"}, "C"),
        ({"share": "0.25", "by": "highest"}, {"A": "65.14", "B": "68.57", "C": "78.25"}, "C"),
        (
            {"share": "0.25", "by": "rank_points", "points": ["12", "10", "8"]},
            {"A": "11.00", "B": "10.00", "C": "9.00"},
            "A",
        ),
        (
            {"share": "0.5", "by": "rank_points", "points": ["12", "10", "8"]},
            {"A": "10.00", "B": "10.00", "C": "10.00"},
            "C",
        ),
    ],
)
def test_m11_jury_and_public(public: dict[str, str], expected: dict[str, str], winner: str) -> None:
    ruling = rules(judged("c", "100", "100", "1"), public=public, ties=["public"])
    given = columns(["c"], {"A": "84", "B": "80", "C": "71"})
    standing = standing_of(ruling, given, votes={"A": 120, "B": 480, "C": 1400})
    assert dict(sorted(two_places(scores(standing)).items())) == expected
    assert standing.rows[0].code == winner


ROME = timezone(timedelta(hours=2))
ENTRIES = (
    Proposal("X", submitted_at=datetime(2013, 9, 30, 17, 59, tzinfo=ROME)),
    Proposal("Y", submitted_at=datetime(2013, 9, 30, 16, 30, tzinfo=UTC)),
    Proposal("Z"),
)


@pytest.mark.parametrize(
    ("tie", "marks", "expected"),
    [
        ("criterion:a", {"X": "4.5,4", "Y": "4,4.5", "Z": "3.5,5"}, "X Y Z"),
        ("weighted:b", {"X": "5,8", "Y": "5.5,7.5", "Z": "8,5"}, "X Y Z"),
        ("wins", {"X": "9 5 7 7,1 1 1 1", "Y": "6.5 6.5 7.5 7.5,1 1 1 1"}, "Y X"),
        ("head_to_head", {"X": "8 8 2,1 1 1", "Y": "7 7 4,1 1 1", "Z": "3 6 9,1 1 1"}, "X Y Z"),
        ("fewer_lows", {"X": "4 4 10,9 9 9", "Y": "4 6 8,9 9 9", "Z": "6 6 6,9 9 9"}, "Z Y X"),
        ("median", {"X": "9 6 6,1 1 1", "Y": "7 7 7,1 1 1", "Z": "5 8 8,1 1 1"}, "Z Y X"),
        ("public", {"X": "7,7", "Y": "7,7", "Z": "7,7"}, "Y X Z"),
        ("earliest", {"X": "7,7", "Y": "7,7", "Z": "7,7"}, "X Y Z"),
        ("chair", {"X": "7,7", "Y": "7,7", "Z": "7,7"}, "Z X Y"),
        ("draw", {"X": "7,7", "Y": "7,7", "Z": "7,7"}, "X Y Z"),
    ],
)
def test_m12_each_rule_parts_a_tie_as_its_example_says(tie: str, marks: dict[str, str], expected: str) -> None:
    decided = {"votes": {"X": 0, "Y": 5}, "chair": {"Z": 1, "X": 2}, "draw_seed": "14 novembre"}
    entries = ENTRIES[: len(marks)]
    given = columns(["a", "b"], marks)
    free = standing_of(rules(judged("a"), judged("b")), given, proposals=entries)
    assert order(free) == "=".join(marks)
    standing = standing_of(rules(judged("a"), judged("b"), ties=[tie]), given, proposals=entries, **decided)
    assert order(standing) == expected
    assert {row.decided_by for row in standing.rows} == {tie}


def test_m12_the_draw_is_the_hash_of_its_docstring() -> None:
    assert sha256(b"14 novembre\ncat\nr1\nX").hexdigest().startswith("97f8529f")


M13 = [Fraction(mark) for mark in ("7.5", "8", "8", "7.75", "8.25", "7.5", "9.75", "8", "5")]
M14 = [Fraction(mark) for mark in (88, 86, 84, 90, 87, 72, 85)]


def test_m13_trimmed_mean() -> None:
    marks = over_one_unit(M13)
    assert places2(Mean().combine(*marks)) == "7.75"
    assert places2(TrimmedMean().combine(*marks)) == "7.86"
    assert TrimmedMean().combine([1, 8, 8, 8, 9], 1) == 8
    assert places2(Median().combine(*marks)) == "8.00"


def test_m14_band_mean() -> None:
    marks = over_one_unit(M14)
    assert places2(Mean().combine(*marks)) == "84.57"
    assert places2(BandMean(Fraction(7)).combine(*marks)) == "86.67"
    assert Median().combine(*marks) == LowerMedian().combine(*marks) == 86


def test_sums_and_middle_marks() -> None:
    assert Mean().combine(*over_one_unit([Fraction(8), Fraction("7.5"), Fraction(8)])) == Fraction(47, 6)
    assert Sum().combine(*over_one_unit([Fraction(8), Fraction("7.5"), Fraction(8)])) == Fraction("23.5")
    assert Median().combine([6, 7], 1) == Fraction("6.5")
    assert LowerMedian().combine([6, 7], 1) == 6


M15 = {"X": "5544432", "Y": "5444333", "Z": "5553332", "V": "4444410"}


def test_m15_majority_judgment() -> None:
    assert [int(grade) for grade in MajorityJudgment.grades([Fraction(mark) for mark in M15["X"]])] == [
        4, 4, 4, 3, 5, 2, 5,
    ]  # fmt: skip
    given = columns(["c"], {code: " ".join(marks) for code, marks in M15.items()})
    grades = standing_of(rules(judged("c", "1", "5", "1"), combine={"method": "majority_judgment"}), given)
    assert order(grades) == "X V Y Z"
    assert scores(grades) == {"X": "4", "V": "4", "Y": "4", "Z": "3"}
    means = standing_of(rules(judged("c", "5", "5", "1")), given)
    assert order(means) == "X Y=Z V"
    assert two_places(scores(means)) == {"X": "3.86", "Y": "3.71", "Z": "3.71", "V": "3.00"}


def test_m16_borda() -> None:
    assert [Borda().points(*ranks, 4) for ranks in ((1, 1), (2, 3), (2, 3), (4, 4))] == [3, 1.5, 1.5, 0]
    lists = ["ABCD", "ABCD", "ACBD", "BCDA", "BCDA"]
    given = ballots(
        {code: {f"j{n}": {"c": str(names.index(code) + 1)} for n, names in enumerate(lists)} for code in "ABCD"}
    )
    ranking = rules({"code": "c", "title": {"en": "c"}, "kind": "judged"}, entry="ranking", combine={"method": "borda"})
    assert scores(standing_of(ranking, given)) == {"B": "11", "A": "9", "C": "8", "D": "2"}


def test_m17_rank_points() -> None:
    ruling = rules(judged("c"), combine={"method": "rank_points", "points": ["12", "10", "8"]})
    given = columns(["c"], {"A": "9", "B": "8", "C": "8", "D": "5"})
    assert scores(standing_of(ruling, given)) == {"A": "12", "B": "9", "C": "9", "D": "0"}


def test_m18_least_squares() -> None:
    marks = {
        "A": {"severe": 60, "middle": 72},
        "B": {"severe": 55, "mild": 80},
        "C": {"severe": 50, "mild": 78, "middle": 65},
        "D": {"mild": 88, "middle": 74},
    }
    given = tuple(Ballot(juror, code, {"c": mark}) for code, of in marks.items() for juror, mark in of.items())
    ruling = rules(judged("c", "100", "100", "1"), combine={"method": "least_squares"})
    assert two_places(scores(standing_of(ruling, given))) == {"D": "74.43", "A": "72.63", "B": "67.43", "C": "64.33"}
    assert standing_of(ruling, given).warnings == ()
    raw = standing_of(rules(judged("c", "100", "100", "1")), given)
    assert two_places(scores(raw)) == {"D": "81.00", "B": "67.50", "A": "66.00", "C": "64.33"}


@pytest.mark.parametrize(
    ("advance", "expected"),
    [
        ({"count": 2}, "a b c"),
        ({"minimum": "80"}, "a b c"),
        ({"minimum": "80.01"}, "a"),
        ({"per": "region", "count": 1}, "a d"),
        ({"budget": "5", "multiple": "3"}, "a b c"),
    ],
)
def test_m19_a_shortlist_is_cut_by_number_score_quota_or_budget(advance: dict[str, object], expected: str) -> None:
    entries = tuple(
        Proposal(code, region=region, ask=Fraction(5))
        for code, region in zip("abcd", ["n", "n", "n", "s"], strict=True)
    )
    given = columns(["c"], {"a": "9", "b": "8", "c": "8", "d": "7"})
    standing = standing_of(rules(judged("c", "100"), advance=advance), given, proposals=entries)
    assert " ".join(standing.advancing) == expected


def test_m19_an_earlier_score_is_carried_with_its_share() -> None:
    ruling = rules(judged("c", "100"), carry={"round": "first", "share": "0.4"})
    assert scores(standing_of(ruling, columns(["c"], {"a": "8"}), carried={"a": Fraction(60)})) == {"a": "72"}


def test_m20_general_prizes_first_then_the_special_ones() -> None:
    marks = {"a": "91", "b": "88", "c": "86", "d": "80"}
    entries = {code: Proposal(code, themes=("special",) if code in "acd" else ()) for code in marks}
    ruling = rules(judged("c", "100", "100", "1"))
    standing = standing_of(ruling, columns(["c"], marks), proposals=tuple(entries.values()))
    prizes = (
        Prize("general", {"en": "General"}, "r1", 2),
        Prize("special", {"en": "Special"}, "r1", 2, eligible={"theme": "special"}),
    )
    category = Category("cat", {"en": "x"}, (Round("r1", {"en": "x"}, ruling),), prizes)
    assert allocate([category], entries, {("cat", "r1"): standing}) == {
        ("cat", "general"): ["a", "b"],
        ("cat", "special"): ["c", "d"],
    }


def test_an_absent_juror_leaves_a_mean_of_the_others() -> None:
    given = columns(["c"], {"A": "0.8 0.7 -"})
    assert Sheet(rules(judged("c", "1", "1", "0.1"), judged("d"), quorum=1), a_round(given)).rules.quorum == 1
    standing = standing_of(rules(judged("c", "1", "1", "0.1")), given)
    assert decimal_text(standing.rows[0].score or Fraction(0)) == "0.75"
    assert standing.rows[0].ballots == 2
