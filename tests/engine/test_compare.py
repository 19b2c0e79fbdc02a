"""Two rule sets over the same marks: who moves, and the reason that the numbers bear out."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from engine.compare import Cause, Move, Side, compare
from engine.library import ready_rules
from engine.rules import Rules, parse_rules
from engine.scoring import score
from engine.synthetic import synthetic_round
from engine.types import PLACED, Proposal, RoundInput
from tests.engine.build import columns, judged, rounding, rules

# M2 of the reference: coefficients times ten, three commissioners, weights 40, 30, 20, 10.
TENDER = [judged("K1", "40"), judged("K2", "30"), judged("K3", "20"), judged("K4", "10")]
MARKS = {
    "A": "8 6 7,4 4 5,8 8 9,7 7 8",
    "B": "8 7 7,7 6 6,6 5 5,5 5 5",
    "C": "6 7 7,7 6 6,6 4 6,5 6 6",
    "D": "5 5 3,6 6 5,5 5 6,5 5 4",
}
GATE = [{"on": "total", "minimum": "60"}]


def given(criteria: Sequence[str], table: dict[str, str]) -> RoundInput:
    return RoundInput("c", "r", tuple(map(Proposal, table)), columns(criteria, table))


M2 = given(["K1", "K2", "K3", "K4"], MARKS)


def moves(before: Rules, after: Rules, data: RoundInput) -> dict[str, Move]:
    return {move.after.code: move for move in compare(Side.of(before, data), Side.of(after, data))}


def test_the_same_rules_move_nobody() -> None:
    same = rules(*TENDER, gates=GATE)
    assert [move.cause for move in moves(same, same, M2).values()] == [None] * 4


def test_rescaling_changes_the_winner_and_says_on_which_criterion() -> None:
    """A leads 65 to 64; rescaled B does, for its best criterion is raised most."""
    found = moves(rules(*TENDER, gates=GATE), rules(*TENDER, gates=GATE, rescale={"criterion": True}), M2)
    assert [(code, move.before.place, move.after.place) for code, move in found.items()] == [
        ("B", 2, 1), ("A", 1, 2), ("C", 3, 3), ("D", None, None),
    ]  # fmt: skip
    own, others = (Fraction(19), Fraction(30)), (Fraction(13), Fraction(13, 19) * 30)
    assert found["B"].cause == Cause("rescaling", "K2", own, others)


def test_a_heavier_weight_is_named_with_the_points_on_both_sides() -> None:
    heavier = [judged("K1", "40"), judged("K2", "60"), judged("K3", "20"), judged("K4", "10")]
    found = moves(rules(*TENDER), rules(*heavier), M2)
    assert (found["B"].before.place, found["B"].after.place) == (2, 1)
    assert found["B"].cause == Cause(
        "criterion", "K2", own=(Fraction(19), Fraction(38)), others=(Fraction(13), Fraction(26))
    )
    assert found["A"].cause
    assert (found["A"].cause.kind, found["A"].cause.name) == ("criterion", "K2")


def test_a_gate_that_is_missed_or_passed_now_says_its_minimum_and_the_value() -> None:
    strict, mild = rules(*TENDER, gates=GATE), rules(*TENDER)
    lost, got = moves(mild, strict, M2)["D"].cause, moves(strict, mild, M2)["D"].cause
    assert lost == Cause("gate_missed", "total", own=(Fraction(60), Fraction(149, 3)))
    assert got == Cause("gate_passed", "total", own=(Fraction(60), Fraction(149, 3)))


def test_a_quorum_that_is_missed_says_how_many_ballots_there_are() -> None:
    assert moves(rules(*TENDER), rules(*TENDER, quorum=4), M2)["A"].cause == Cause("quorum", count=3)


def test_whoever_moves_because_others_ahead_lost_their_place_says_how_many() -> None:
    data = given(["x", "y"], {"A": "9,2", "B": "5,5", "C": "4,4"})
    criteria = [judged("x", "60"), judged("y", "40")]
    gate = [{"on": "criterion:y", "minimum": "3"}]
    found = moves(rules(*criteria), rules(*criteria, gates=gate), data)
    assert found["B"].cause == found["C"].cause == Cause("left", count=1)
    back = moves(rules(*criteria, gates=gate), rules(*criteria), data)
    assert back["B"].cause == Cause("joined", count=1)


def test_a_tie_is_parted_by_another_rule_or_left() -> None:
    data = given(["x", "y"], {"A": "8,4", "B": "4,8"})
    criteria = [judged("x", "50"), judged("y", "50")]
    by_x, by_y, shared = (rules(*criteria, ties=ties) for ties in (["criterion:x"], ["criterion:y"], []))
    assert moves(by_x, by_y, data)["B"].cause == Cause("tie", "criterion:y")
    assert moves(by_x, shared, data)["B"].cause == Cause("shared")


def test_a_rounding_that_parts_a_tie_is_told_by_the_points_or_by_the_scores() -> None:
    """The second fixture of M2: an exact tie at 71.50 becomes 71.60 and 71.65 with rounded coefficients."""
    criteria = [judged("K1", "45"), judged("K2", "35"), judged("K3", "20")]
    data = given(["K1", "K2", "K3"], {"X": "7 4 6,10 10 8,8 4 8", "Y": "6 10 7,6 8 4,4 10 10"})
    found = moves(rules(*criteria), rules(*criteria, rounding=rounding("coefficient")), data)
    assert [(move.before.place, move.after.place) for move in found.values()] == [(1, 1), (1, 2)]
    assert found["Y"].cause is None
    assert found["X"].cause
    assert found["X"].cause.kind == "criterion"


CHANGES: list[dict[str, Any]] = [
    {"combine": {"method": "median"}},
    {"rescale": {"criterion": True, "total": True}},
    {"gates": [{"on": "total", "minimum": "70"}]},
    {"rounding": [{"at": "total", "places": 0, "mode": "down"}], "ties": []},
    {"quorum": 9},
]


@pytest.mark.parametrize("code", ready_rules())
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_move_has_its_cause_and_the_numbers_are_the_engines(code: str, change: dict[str, Any]) -> None:
    document = ready_rules()[code].document
    document["criteria"][0]["weight"] = "7"
    plain, other = parse_rules(ready_rules()[code].document), parse_rules(document | change)
    data = synthetic_round(plain, proposals=30, jurors=5, seed=code)
    found = compare(Side.of(plain, data), Side.of(other, data))
    assert [move.after for move in found] == list(score(other, data).rows)
    assert {move.before.code: move.before for move in found} == {row.code: row for row in score(plain, data).rows}
    for move in found:
        changed = (move.before.place, move.before.status) != (move.after.place, move.after.status)
        assert (move.cause is not None) == changed
        if move.cause and move.cause.kind in {"criterion", "rescaling"}:
            assert move.before.status == move.after.status == PLACED


def test_made_up_marks_lie_on_the_scales_and_repeat() -> None:
    for ready in ready_rules().values():
        plain = parse_rules(ready.document)
        data = synthetic_round(plain, proposals=12, jurors=4, seed="14 novembre")
        assert data == synthetic_round(plain, proposals=12, jurors=4, seed="14 novembre")
        assert data != synthetic_round(plain, proposals=12, jurors=4, seed="15 novembre")
        assert len(data.ballots) == 48
        for criterion in plain.judged:
            assert criterion.scale
            given_marks = [ballot.marks[criterion.code] for ballot in data.ballots]
            assert all(mark is not None and criterion.scale.holds(Fraction(mark)) for mark in given_marks)
            assert len(set(given_marks)) > 2


def test_made_up_marks_stay_on_a_scale_whose_step_does_not_reach_its_end() -> None:
    odd = {**judged("x"), "scale": {"min": "1", "max": "10", "step": "2"}}
    data = synthetic_round(rules(odd), proposals=40, jurors=5, seed="1")
    assert {ballot.marks["x"] for ballot in data.ballots} <= {1, 3, 5, 7, 9}
