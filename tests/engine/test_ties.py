from datetime import datetime, timedelta, timezone
from hashlib import sha256

import pytest

from engine.scoring import score
from engine.types import Proposal
from tests.engine.build import a_round, columns, judged, order, quantity, rounding, rules, standing_of

TWO = [judged("a"), judged("b")]


def test_without_a_chain_the_tied_share_their_place() -> None:
    given = columns(["a"], {"X": "8", "Y": "8", "Z": "7"})
    standing = standing_of(rules(judged("a")), given)
    assert order(standing) == "X=Y Z"
    assert [(row.place, row.position) for row in standing.rows] == [(1, 1), (1, 2), (3, 3)]


def test_dense_places_leave_no_gap() -> None:
    given = columns(["a"], {"X": "8", "Y": "8", "Z": "7"})
    assert [row.place for row in standing_of(rules(judged("a"), places="dense"), given).rows] == [1, 1, 2]


def test_the_higher_combined_value_goes_first() -> None:
    given = columns(["a", "b"], {"X": "6,8", "Y": "8,6"})
    assert order(standing_of(rules(*TWO, ties=["criterion:a"]), given)) == "Y X"
    assert order(standing_of(rules(*TWO, ties=["criterion:b"]), given)) == "X Y"


def test_a_criterion_is_compared_as_rounded() -> None:
    criteria = [judged("a", "1", "10", "0.1"), judged("b", "1", "10", "0.1")]
    given = columns(["a", "b"], {"X": "6.1,7", "Y": "6.4,7"})
    both = rounding("combined", places=0)
    assert order(standing_of(rules(*criteria, rounding=both, ties=["criterion:a"]), given)) == "X=Y"


def test_a_criterion_is_unrounded_when_jurors_come_first() -> None:
    criteria = [judged("a", "1", "10", "0.1"), judged("b", "1", "10", "0.1")]
    given = columns(["a", "b"], {"X": "6.1,7.3", "Y": "6.4,7"})
    ruling = rules(*criteria, order="jurors_first", rounding=rounding("combined", places=0), ties=["criterion:a"])
    assert order(standing_of(ruling, given)) == "Y X"


def test_the_lower_value_goes_first_where_the_lowest_is_best() -> None:
    cost = {**quantity("cost", "0", "lowest")}
    facts = {("X", "cost"): "30", ("Y", "cost"): "20"}
    given = columns(["a"], {"X": "8", "Y": "8", "Z": "8"})
    standing = standing_of(rules(judged("a"), cost, ties=["criterion:cost"]), given, facts=facts)
    assert order(standing) == "Y X Z"


def test_weighted_values_may_differ_where_totals_do_not() -> None:
    criteria = [judged("a", "2"), judged("b", "1")]
    given = columns(["a", "b"], {"X": "4,8", "Y": "6,4"})
    assert order(standing_of(rules(*criteria, ties=["weighted:b"]), given)) == "X Y"


def test_wins_count_jurors_whose_best_is_this_one_alone() -> None:
    given = columns(["a"], {"X": "9 5 7", "Y": "6 8 7"})
    assert order(standing_of(rules(judged("a"), ties=["wins"]), given)) == "X=Y"
    given = columns(["a"], {"X": "9 5 7 7", "Y": "6.5 6.5 7.5 7.5"})
    assert order(standing_of(rules(judged("a"), ties=["wins"]), given)) == "Y X"


def test_a_juror_who_read_only_one_of_the_tied_does_not_win_for_it() -> None:
    given = columns(["a"], {"X": "8 . 8", "Y": "8 8 ."})
    assert order(standing_of(rules(judged("a"), ties=["wins"]), given)) == "X=Y"


def test_only_ballots_without_abstention_speak_in_wins() -> None:
    given = columns(["a", "b"], {"X": "9 5,- 5", "Y": "5 9,9 5"})
    assert order(standing_of(rules(*TWO, ties=[]), given)) == "Y X"
    even = columns(["a", "b"], {"X": "9 5,- 7", "Y": "5 9,7 7"})
    standing = standing_of(rules(*TWO, ties=["wins"]), even)
    assert order(standing) == "Y X"
    assert standing.rows[0].decided_by == "wins"


def test_head_to_head_counts_members_beaten_by_a_majority() -> None:
    given = columns(["a"], {"X": "8 8 2", "Y": "7 7 4", "Z": "3 6 9"})
    assert order(standing_of(rules(judged("a"), ties=["head_to_head"]), given)) == "X Y Z"


def test_half_of_the_common_jurors_is_no_majority() -> None:
    given = columns(["a"], {"X": "8 6", "Y": "6 8"})
    assert order(standing_of(rules(judged("a"), ties=["head_to_head"]), given)) == "X=Y"


def test_a_juror_who_sees_no_difference_prefers_neither() -> None:
    given = columns(["a"], {"X": "8 8 7 1", "Y": "7 7 7 3"})
    standing = standing_of(rules(judged("a"), ties=["head_to_head"]), given)
    assert order(standing) == "X=Y"
    assert [row.decided_by for row in standing.rows] == ["", ""]


def test_fewer_marks_at_the_lowest_level_go_first() -> None:
    given = columns(["a"], {"X": "4 4 10", "Y": "4 6 8", "Z": "6 6 6"})
    assert order(standing_of(rules(judged("a"), ties=["fewer_lows"]), given)) == "Z Y X"


def test_the_higher_median_of_juror_totals_goes_first() -> None:
    given = columns(["a"], {"X": "9 6 6", "Y": "7 7 7", "Z": "5 8 8"})
    assert order(standing_of(rules(judged("a"), ties=["median"]), given)) == "Z Y X"


def test_who_has_no_ballot_without_abstention_has_no_median_and_comes_last() -> None:
    given = columns(["a", "b"], {"X": "7 -,- 7", "Y": "7 7,7 7"})
    standing = standing_of(rules(*TWO, ties=["median"]), given)
    assert order(standing) == "Y X"


def test_more_public_votes_go_first_and_none_listed_last() -> None:
    given = columns(["a"], {"X": "7", "Y": "7", "Z": "7"})
    assert order(standing_of(rules(judged("a"), ties=["public"]), given, votes={"X": 0, "Y": 5})) == "Y X Z"


def test_the_earlier_instant_goes_first_and_an_empty_one_last() -> None:
    rome = timezone(timedelta(hours=2))
    entries = (
        Proposal("X", submitted_at=datetime(2013, 9, 30, 17, 59, tzinfo=rome)),
        Proposal("Y", submitted_at=datetime(2013, 9, 30, 16, 30, tzinfo=timezone.utc)),  # noqa: UP017 - the plain spelling beside an offset
        Proposal("Z"),
    )
    given = columns(["a"], {"X": "7", "Y": "7", "Z": "7"})
    assert order(standing_of(rules(judged("a"), ties=["earliest"]), given, proposals=entries)) == "X Y Z"


def test_the_chair_decides_inside_the_tied_group() -> None:
    given = columns(["a"], {"X": "7", "Y": "7", "Z": "7", "W": "9"})
    standing = standing_of(rules(judged("a"), ties=["chair"]), given, chair={"Z": 1, "X": 2})
    assert order(standing) == "W Z X Y"
    assert [row.decided_by for row in standing.rows] == ["", "chair", "chair", "chair"]


def test_the_draw_can_be_repeated_by_hand() -> None:
    given = columns(["a"], {"X": "7", "Y": "7", "Z": "7"})
    standing = standing_of(rules(judged("a"), ties=["draw"]), given, draw_seed="14 novembre")
    by_hand = sorted("XYZ", key=lambda code: sha256(f"14 novembre\ncat\nr1\n{code}".encode()).hexdigest())
    assert [row.code for row in standing.rows] == by_hand


def test_each_rule_applies_inside_what_the_rules_before_left_tied() -> None:
    given = columns(["a", "b"], {"X": "9 5,7 7", "Y": "5 9,7 7", "Z": "6 6,8 8"})
    standing = standing_of(rules(*TWO, ties=["criterion:b", "chair"]), given, chair={"Y": 1, "X": 2, "Z": 3})
    assert order(standing) == "Z Y X"
    assert [row.decided_by for row in standing.rows] == ["criterion:b", "chair", "chair"]


def test_wins_are_counted_anew_in_each_group() -> None:
    # Among all three Z is everyone's best; inside the group that b leaves, X and Y have a juror each.
    given = columns(["a", "b"], {"X": "8 6 8,5 5 5", "Y": "6 8 7,5 6 5", "Z": "6 6 6,6 6 7"})
    ruling = rules(*TWO, ties=["wins"])
    assert order(standing_of(ruling, given)).startswith("X")


def test_ties_read_the_plain_pass() -> None:
    # Rescaled, both criteria of X and Y are worth the same; the plain values still tell them apart.
    given = columns(["a", "b"], {"X": "5,10", "Y": "5,10", "Z": "10,5"})
    ruling = rules(*TWO, rescale={"criterion": True}, ties=["criterion:a"])
    assert order(standing_of(ruling, given)) == "Z X=Y"


def test_with_ranks_a_fact_is_still_the_better_the_higher_it_weighs() -> None:
    place = {"code": "place", "title": {"en": "place"}, "kind": "judged"}
    given = columns(["place"], {"X": "1 2", "Y": "2 1"})
    facts = {("X", "jobs"): "5", ("Y", "jobs"): "10", ("X", "cost"): "5", ("Y", "cost"): "10"}

    def by(tie: str) -> str:
        ruling = rules(place, quantity("jobs"), quantity("cost", rule="lowest"), entry="ranking",
                       combine={"method": "borda"}, ties=[tie])  # fmt: skip
        return order(standing_of(ruling, given, facts=facts))

    assert [by("weighted:jobs"), by("criterion:jobs")] == ["Y X", "Y X"]
    assert [by("weighted:cost"), by("criterion:cost")] == ["X Y", "X Y"]
    assert by("weighted:place") == "X=Y"


def test_with_ranks_the_lower_goes_first_everywhere() -> None:
    ranks = [{**judged("a", "1", "9", "1")}, {**judged("b", "1", "9", "1")}]
    given = columns(["a", "b"], {"X": "1 2,3 2", "Y": "2 1,2 3", "Z": "3 3,4 4"})

    def by(*ties: str) -> str:
        return order(standing_of(rules(*ranks, entry="ranking", ties=list(ties)), given))

    assert by() == "X=Y Z"
    one = columns(["a", "b"], {"X": "1 2,3 2", "Y": "2 2,2 2"})
    ruling = rules(*ranks, entry="ranking", ties=["criterion:a"])
    assert order(standing_of(ruling, one)) == "X Y"
    beaten = rules(*ranks, entry="ranking", ties=["head_to_head"])
    three = columns(["a", "b"], {"X": "1 1 4,1 1 4", "Y": "2 2 2,2 2 2"})
    assert order(standing_of(beaten, three)) == "X Y"
    won = rules(*ranks, entry="ranking", ties=["wins"])
    assert order(standing_of(won, three)) == "X Y"
    middle = rules(*ranks, entry="ranking", ties=["median"])
    assert order(standing_of(middle, three)) == "X Y"
    weighed = rules(*ranks, entry="ranking", ties=["weighted:a"])
    assert order(standing_of(weighed, one)) == "X Y"
    worst = columns(["a", "b"], {"X": "4 4 2 2 2,1 1 1 1 1", "Y": "4 1 3 3 3,1 1 1 1 1"})
    assert order(standing_of(rules(*ranks, entry="ranking", ties=["fewer_lows"]), worst)) == "Y X"
    lows = rules(*ranks, entry="ranking", ties=["fewer_lows"])
    assert order(standing_of(lows, one)) == "Y X"


@pytest.mark.parametrize("tie", ["wins", "head_to_head", "fewer_lows", "median"])
def test_rules_about_marks_part_nobody_in_pairwise_entry(tie: str) -> None:
    ruling = rules(judged("c"), entry="pairwise", combine={"method": "pairwise_sum"}, ties=[tie, "criterion:c"])
    assert score(ruling, a_round((), "A", "B", "C")).rows[0].status == "below_quorum"
