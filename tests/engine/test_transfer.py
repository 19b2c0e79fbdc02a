"""One contest's marks under another's rules: by code, by position, again; on the other scale, to the nearest step."""

from fractions import Fraction

import pytest

from engine.compare import Side
from engine.library import ready_rules
from engine.rules import parse_rules
from engine.transfer import AGAIN, BY_CODE, BY_POSITION, pairings, transferred
from engine.types import Ballot, Proposal, RoundInput
from tests.engine.build import judged, quantity, rules, table

SOURCE = rules(judged("impact"), judged("cost"), judged("style"))
ROUND = RoundInput(
    "c", "r", (Proposal("A"), Proposal("B")),
    (
        Ballot("J", "A", {"impact": Fraction("7.5"), "cost": None, "style": 10}),
        Ballot("J", "B", {"impact": Fraction(4), "cost": Fraction(0)}),
    ),
    facts={("A", "jobs"): "12", ("B", "jobs"): "many", ("A", "seal"): "gold", ("B", "seal"): "tin", ("A", "x"): "1"},
)  # fmt: skip


def test_the_same_code_goes_first_then_what_no_code_took_then_the_first_again() -> None:
    wanted = rules(judged("style"), judged("need"), judged("impact"), judged("team"))
    found = [(each.criterion.code, each.source.code, each.how) for each in pairings(wanted, SOURCE)]
    assert found == [
        ("style", "style", BY_CODE), ("need", "cost", BY_POSITION), ("impact", "impact", BY_CODE),
        ("team", "impact", AGAIN),
    ]  # fmt: skip


def test_a_mark_keeps_its_share_of_the_scale_abstentions_and_gaps_stay() -> None:
    wanted = rules(judged("impact", top="5", step="1"), judged("cost", top="5", step="1"), judged("style", top="5"))
    moved = transferred(ROUND, pairings(wanted, SOURCE))
    assert [dict(ballot.marks) for ballot in moved.ballots] == [
        {"impact": 4, "cost": None, "style": 5},
        {"impact": 2, "cost": 0},
    ]


def test_on_the_same_scale_nothing_changes() -> None:
    assert transferred(ROUND, pairings(SOURCE, SOURCE)).ballots == ROUND.ballots


def test_facts_that_a_criterion_cannot_read_count_nothing() -> None:
    wanted = rules(judged("impact"), quantity("jobs"), table("seal", {"gold": "5"}))
    side = Side.of(wanted, transferred(ROUND, pairings(wanted, SOURCE)))
    assert dict(side.points[0]["A"]) == {"impact": Fraction(3, 4), "jobs": 10, "seal": 5}
    assert dict(side.points[0]["B"]) == {"impact": Fraction(2, 5), "jobs": 0, "seal": 0}


@pytest.mark.parametrize("code", ready_rules())
def test_every_ready_rule_set_can_be_tried_on_any_contest(code: str) -> None:
    wanted = parse_rules(ready_rules()[code].document)
    ballots = tuple(Ballot(f"J{n}", "A", {"impact": 9, "cost": 8, "style": 9}) for n in range(5))
    moved = transferred(RoundInput("c", "r", (Proposal("A"),), ballots), pairings(wanted, SOURCE))
    assert Side.of(wanted, moved).rows["A"].place == 1
