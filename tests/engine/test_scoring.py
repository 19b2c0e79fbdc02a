from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from engine.pairwise import missing_pairs
from engine.scoring import fingerprint, score, scores_on_hundred
from engine.sheet import Sheet
from engine.types import Ballot, Comparison, Proposal, RoundInput, Warned
from tests.engine.build import (
    Document,
    a_round,
    columns,
    document,
    judged,
    order,
    preferences,
    quantity,
    rounding,
    rules,
    scores,
    standing_of,
    statuses,
    table,
)

TWO = [judged("a"), judged("b")]


# Who is placed.


def test_what_is_not_admitted_has_neither_score_nor_place() -> None:
    given = columns(["a"], {"X": "9", "Y": "8", "Z": "7"})
    entries = (Proposal("X", "excluded"), Proposal("Y", "withdrawn"), Proposal("Z"))
    standing = standing_of(rules(judged("a"), gates=[{"on": "total", "minimum": "99"}]), given, proposals=entries)
    assert statuses(standing) == {"X": "excluded", "Y": "withdrawn", "Z": "below_gate"}
    assert scores(standing) == {"X": "", "Y": "", "Z": "0.7"}


def test_too_few_complete_ballots_are_below_quorum() -> None:
    given = columns(["a"], {"X": "9 8", "Y": "9"})
    standing = standing_of(rules(judged("a"), quorum=2), given)
    assert statuses(standing) == {"X": "placed", "Y": "below_quorum"}
    assert scores(standing)["Y"] == ""


def test_an_incomplete_ballot_does_not_count_and_is_listed() -> None:
    given = columns(["a", "b"], {"X": "9 8,7 ."})
    standing = standing_of(rules(*TWO), given)
    assert (standing.rows[0].ballots, standing.rows[0].incomplete) == (1, 1)
    assert scores(standing) == {"X": "1.6"}
    unplaced = standing_of(rules(*TWO, quorum=2), columns(["a", "b"], {"X": "9 8,7 .", "Y": "9,7"}))
    assert [(row.status, row.ballots, row.incomplete) for row in unplaced.rows] == [
        ("below_quorum", 1, 1), ("below_quorum", 1, 0),
    ]  # fmt: skip


def test_a_ballot_with_an_abstention_counts_for_quorum_and_its_mark_for_nothing() -> None:
    given = columns(["a", "b"], {"X": "9 8,7 -"})
    standing = standing_of(rules(*TWO, quorum=2), given)
    assert standing.rows[0].ballots == 2
    assert scores(standing) == {"X": "1.55"}


def test_a_ballot_that_abstains_on_everything_is_no_ballot() -> None:
    given = columns(["a", "b"], {"X": "9 -,7 -"})
    assert statuses(standing_of(rules(*TWO, quorum=2), given)) == {"X": "below_quorum"}


def test_a_criterion_on_which_all_abstained_is_below_quorum() -> None:
    given = columns(["a", "b"], {"X": "9 8,- -"})
    assert statuses(standing_of(rules(*TWO), given)) == {"X": "below_quorum"}


def test_a_panel_that_marks_together_is_a_quorum() -> None:
    given = columns(["a"], {"X": "9"})
    assert statuses(standing_of(rules(judged("a"), entry="collegial", quorum=3), given)) == {"X": "placed"}


def test_qualitative_entry_has_no_standing() -> None:
    entries = (Proposal("X"), Proposal("Y", "excluded"))
    standing = standing_of(rules(judged("a"), entry="qualitative"), (), proposals=entries)
    assert statuses(standing) == {"X": "unscored", "Y": "excluded"}
    assert scores(standing) == {"X": "", "Y": ""}


def test_quorum_is_asked_before_gates() -> None:
    given = columns(["a"], {"X": "1"})
    ruling = rules(judged("a"), quorum=2, gates=[{"on": "total", "minimum": "1"}])
    assert statuses(standing_of(ruling, given)) == {"X": "below_quorum"}


def test_measured_criteria_alone_need_no_ballot() -> None:
    standing = standing_of(rules(quantity("q", "10")), (), "X", "Y", facts={("X", "q"): "4", ("Y", "q"): "2"})
    assert scores(standing) == {"X": "10", "Y": "5"}


# Gates.


@pytest.mark.parametrize(
    ("on", "minimum", "passes"),
    [
        ("criterion:a", "6", True),
        ("criterion:a", "6.01", False),
        ("weighted:a", "12", True),
        ("weighted:a", "12.01", False),
        ("sum", "11", True),
        ("sum", "11.01", False),
        ("total", "17", True),
        ("total", "17.01", False),
        ("criterion:q", "8", True),
        ("criterion:q", "8.01", False),
        ("weighted:q", "3", True),
        ("weighted:q", "3.01", False),
        ("criterion:t", "1.5", True),
        ("criterion:t", "1.51", False),
    ],
)
def test_a_gate_reads_the_value_it_names_and_the_minimum_itself_passes(on: str, minimum: str, passes: bool) -> None:  # noqa: FBT001 - a column of the table above
    criteria = [judged("a", "20"), judged("b", "1"), quantity("q", "3"), table("t", {"yes": "1.5"})]
    ruling = rules(*criteria, gates=[{"on": on, "minimum": minimum}])
    given = columns(["a", "b"], {"X": "6,5"})
    standing = standing_of(ruling, given, facts={("X", "q"): "8", ("X", "t"): "yes"})
    assert standing.rows[0].score == 17
    assert (standing.rows[0].status == "placed") is passes


def test_a_gate_compares_rounded_values() -> None:
    given = columns(["a"], {"X": "6 6 5.5"})
    near = [{"on": "criterion:a", "minimum": "5.84"}]
    assert statuses(standing_of(rules(judged("a"), gates=near), given)) == {"X": "below_gate"}
    assert statuses(standing_of(rules(judged("a"), gates=near, rounding=rounding("combined", mode="up")), given)) == {
        "X": "placed"
    }


def test_gates_come_before_rescaling_and_maxima_run_over_the_placed() -> None:
    given = columns(["a", "b"], {"X": "10,1", "Y": "5,5", "Z": "4,6"})
    ruling = rules(*TWO, gates=[{"on": "criterion:b", "minimum": "2"}], rescale={"criterion": True})
    standing = standing_of(ruling, given)
    assert scores(standing) == {"Y": "1.833333", "Z": "1.8", "X": "1.1"}
    assert standing.highest == {"criterion:a": Fraction(1, 2), "criterion:b": Fraction(3, 5)}


def test_a_missing_fact_is_zero_for_a_gate() -> None:
    ruling = rules(quantity("q", "3"), gates=[{"on": "criterion:q", "minimum": "0.1"}])
    standing = standing_of(ruling, (), "X", "Y", facts={("X", "q"): "8"})
    assert statuses(standing) == {"X": "placed", "Y": "below_gate"}
    assert standing.warnings == (Warned("fact_missing", {"proposal": "Y", "criterion": "q"}),)


@pytest.mark.parametrize(
    ("rule", "text", "read"),
    [("highest", "0", True), ("highest", "-1", False), ("lowest", "0", False), ("lowest", "-1", False),
     ("lowest", "0.1", True), ("highest", "many", False), ("highest", "", False)],
)  # fmt: skip
def test_a_quantity_that_cannot_be_read_is_missing(rule: str, text: str, read: bool) -> None:  # noqa: FBT001 - a column of the table above
    standing = standing_of(
        rules(quantity("q", rule=rule), judged("a")), columns(["a"], {"X": "5"}), facts={("X", "q"): text}
    )
    assert (standing.warnings == ()) is read


def test_an_empty_fact_is_missing_even_where_a_table_lists_it() -> None:
    standing = standing_of(rules(table("t", {"": "3", "yes": "5"}), judged("a")), columns(["a"], {"X": "5"}))
    assert scores(standing) == {"X": "0.5"}
    assert [each.code for each in standing.warnings] == ["fact_missing"]


def test_missing_facts_are_named_in_order_of_code() -> None:
    warnings = standing_of(rules(quantity("q", "3")), (), "C", "A", "B", facts={("D", "q"): "8"}).warnings
    assert [each.facts["proposal"] for each in warnings] == ["A", "B", "C"]


# The plain pass.


def test_each_named_point_rounds() -> None:
    criteria = [judged("a", "7.77"), judged("b", "1")]
    given = columns(["a", "b"], {"X": "9 8 8,7 6 6"})
    plain = {
        point: Sheet(rules(*criteria, rounding=rounding(point, places=1)), a_round(given)).plain("X")
        for point in ("combined", "coefficient", "weighted", "total")
    }
    assert plain["combined"].combined["a"] == Fraction("8.3")
    assert plain["coefficient"].coefficient["a"] == Fraction("0.8")
    assert plain["weighted"].weighted["a"] == Fraction("6.5")
    assert plain["total"].total == Fraction("7.1")
    assert plain["total"].weighted["a"] == Fraction(25, 30) * Fraction("7.77")


def test_points_may_be_the_marks_themselves() -> None:
    given = columns(["a", "b"], {"X": "8,6"})
    criteria = [judged("a", "2"), judged("b", "1")]
    assert scores(standing_of(rules(*criteria, points="mark"), given)) == {"X": "22"}
    assert scores(standing_of(rules(*criteria), given)) == {"X": "2.2"}


def test_a_mean_total_is_divided_by_all_weights_facts_too() -> None:
    criteria = [judged("a", "2"), quantity("q", "1"), table("t", {"yes": "5", "no": "1"})]
    facts = {("X", "q"): "3", ("X", "t"): "no"}
    standing = standing_of(rules(*criteria, total="mean"), columns(["a"], {"X": "8"}), facts=facts)
    assert standing.rows[0].score == Fraction(Fraction("1.6") + 1 + 1, 8)


def test_quantities_compare_with_all_admitted_before_gates() -> None:
    entries = (Proposal("X"), Proposal("Y"), Proposal("Z", "excluded"))
    facts = {("X", "q"): "10", ("Y", "q"): "20", ("Z", "q"): "100"}
    ruling = rules(judged("a"), quantity("q"), gates=[{"on": "criterion:a", "minimum": "5"}])
    standing = standing_of(ruling, columns(["a"], {"X": "8", "Y": "2", "Z": "9"}), proposals=entries, facts=facts)
    assert scores(standing) == {"X": "5.8", "Y": "10.2", "Z": ""}
    assert standing.highest == {"fact:q": 20}


def test_a_highest_of_zero_gives_zero() -> None:
    standing = standing_of(rules(quantity("q"), judged("a")), columns(["a"], {"X": "5"}), facts={("X", "q"): "0"})
    assert scores(standing) == {"X": "0.5"}


def test_facts_round_at_coefficient_and_weighted() -> None:
    criteria = [quantity("q", "10"), table("t", {"yes": "1.26"})]
    facts = {("X", "q"): "3", ("Y", "q"): "1", ("X", "t"): "yes", ("Y", "t"): "yes"}
    standing = standing_of(
        rules(*criteria, rounding=rounding("coefficient", "weighted", places=1)), (), "X", "Y", facts=facts
    )
    assert scores(standing) == {"X": "11.3", "Y": "4.3"}


def test_a_quantity_rounds_at_weighted() -> None:
    facts = {("X", "q"): "3", ("Y", "q"): "1"}
    standing = standing_of(
        rules(quantity("q", "10"), rounding=rounding("weighted", places=1)), (), "X", "Y", facts=facts
    )
    assert scores(standing) == {"X": "10", "Y": "3.3"}


def test_methods_differ_where_marks_do() -> None:
    given = columns(["a"], {"X": "2 8 8 9"})

    def by(**combine: object) -> str:
        return scores(standing_of(rules(judged("a"), combine=combine, points="mark"), given))["X"]

    assert by(method="mean") == "6.75"
    assert by(method="sum") == "27"
    assert by(method="median") == "8"
    assert by(method="lower_median") == "8"
    assert by(method="trimmed_mean") == "6.75"
    assert by(method="trimmed_mean", min=3) == "8"
    five = columns(["a"], {"X": "2 8 8 9 9"})
    trimmed = rules(judged("a"), combine={"method": "trimmed_mean"}, points="mark")
    assert scores(standing_of(trimmed, five)) == {"X": "8.333333"}
    assert by(method="band_mean", width="2.25") == "8.333333"
    assert by(method="band_mean", width="2.2") == "8"
    assert by(method="band_mean", width="1") == "6.75"


def test_a_mark_exactly_the_width_away_stays() -> None:
    given = columns(["a"], {"X": "4 8"})
    band = {"method": "band_mean", "width": "2"}
    assert scores(standing_of(rules(judged("a"), combine=band, points="mark"), given)) == {"X": "6"}
    halves = columns(["a"], {"X": "3.5 8.5 8.5 8.5"})
    assert scores(standing_of(rules(judged("a"), combine=band, points="mark"), halves)) == {"X": "8.5"}


def test_an_abstention_is_absent_from_the_minimum_of_a_trimmed_mean() -> None:
    given = columns(["a", "b"], {"X": "1 8 8 9 -,1 1 1 1 1"})
    ruling = rules(*TWO, combine={"method": "trimmed_mean"}, points="mark")
    assert scores(standing_of(ruling, given)) == {"X": "7.5"}


# Jurors first.


def test_jurors_first_combines_totals() -> None:
    given = columns(["a", "b"], {"X": "9 2 2,1 8 2"})
    ruling = rules(*TWO, order="jurors_first", combine={"method": "median"}, points="mark")
    assert scores(standing_of(ruling, given)) == {"X": "10"}
    by_criteria = rules(*TWO, combine={"method": "median"}, points="mark")
    assert scores(standing_of(by_criteria, given)) == {"X": "4"}


def test_jurors_first_rounds_each_step_of_a_juror() -> None:
    criteria = [judged("a", "1", "3", "1"), judged("b", "1", "3", "1")]
    given = columns(["a", "b"], {"X": "1 2,1 1"})
    by = {
        point: scores(standing_of(rules(*criteria, order="jurors_first", rounding=rounding(point, places=1)), given))[
            "X"
        ]
        for point in ("coefficient", "weighted", "juror_total", "total", "combined")
    }
    assert by == {
        "coefficient": "0.8", "weighted": "0.8", "juror_total": "0.85", "total": "0.8", "combined": "0.833333",
    }  # fmt: skip


def test_an_abstention_is_made_up_for_by_the_answered_weights() -> None:
    criteria = [judged("a", "3"), judged("b", "1")]
    given = columns(["a", "b"], {"X": "8 6,- 10"})
    ruling = rules(*criteria, order="jurors_first", points="mark")
    assert scores(standing_of(ruling, given)) == {"X": "30"}
    assert Sheet(ruling, a_round(given)).plain("X").jurors == {"j1": 32, "j2": 28}


def test_a_juror_who_answered_only_weightless_criteria_has_no_total() -> None:
    criteria = [judged("a", "1"), judged("b", "0")]
    given = columns(["a", "b"], {"X": "- 6,9 9", "Y": "-,9"})
    standing = standing_of(rules(*criteria, order="jurors_first", points="mark"), given)
    assert scores(standing) == {"X": "6", "Y": ""}


def test_jurors_whose_criteria_weigh_nothing_still_have_a_total() -> None:
    ruling = rules(judged("a", "0"), quantity("q", "5"), order="jurors_first")
    assert scores(standing_of(ruling, columns(["a"], {"X": "8"}), facts={("X", "q"): "3"})) == {"X": "5"}


def test_facts_enter_once_after_the_jurors() -> None:
    given = columns(["a"], {"X": "8 6"})
    ruling = rules(judged("a", "10"), quantity("q", "5"), order="jurors_first", combine={"method": "sum"})
    assert scores(standing_of(ruling, given, facts={("X", "q"): "3"})) == {"X": "19"}


# Rescaling.


def test_the_quotient_is_not_rounded_but_weighted_and_total_are_again() -> None:
    criteria = [judged("a", "10", "3", "1"), judged("b", "10", "3", "1")]
    given = columns(["a", "b"], {"X": "3,2", "Y": "2,3"})
    ruling = rules(*criteria, rescale={"criterion": True}, rounding=rounding("weighted", places=1))
    assert scores(standing_of(ruling, given)) == {"X": "16.7", "Y": "16.7"}
    whole = rules(*criteria, rescale={"criterion": True}, rounding=rounding("total", places=0))
    assert scores(standing_of(whole, given)) == {"X": "17", "Y": "17"}


def test_a_total_is_rescaled_to_the_sum_of_weights_and_rounds_at_rescaled_only() -> None:
    given = columns(["a"], {"X": "9", "Y": "6.5"})
    points = rounding("rescaled", places=0) + rounding("total", places=2)
    standing = standing_of(rules(judged("a", "50"), rescale={"total": True}, rounding=points), given)
    assert scores(standing) == {"X": "50", "Y": "36"}


def test_facts_keep_their_weighted_value_unless_they_say_otherwise() -> None:
    facts = {("X", "q"): "2", ("Y", "q"): "4", ("X", "t"): "some", ("Y", "t"): "some"}
    entries = (Proposal("X"), Proposal("Y"))
    given = columns(["a"], {"X": "5", "Y": "2"})

    def rescaled(**more: Any) -> dict[str, str]:  # noqa: ANN401 - any key of a fact
        criteria = [judged("a"), quantity("q", "10", **more), table("t", {"yes": "4", "some": "1"}, **more)]
        gates = [{"on": "criterion:a", "minimum": "3"}]
        ruling = rules(*criteria, rescale={"criterion": True}, gates=gates)
        return scores(standing_of(ruling, given, proposals=entries, facts=facts))

    assert rescaled()["X"] == "7"
    assert rescaled(rescale=True)["X"] == "15"


def test_a_group_is_rescaled_as_one_and_the_rest_alone() -> None:
    criteria = [judged("a", "20", group="g"), judged("b", "40", group="g"), judged("c", "10")]
    given = columns(["a", "b", "c"], {"X": "9,6,4", "Y": "6,7.5,8"})
    standing = standing_of(rules(*criteria, rescale={"criterion": True, "level": "group"}), given)
    assert scores(standing) == {"Y": "70", "X": "65"}
    assert dict(standing.highest) == {"group:g": 42, "criterion:c": Fraction(4, 5)}


def test_a_highest_of_zero_rescales_all_to_zero() -> None:
    given = columns(["a", "b"], {"X": "0,5", "Y": "0,4"})
    standing = standing_of(rules(*TWO, rescale={"criterion": True, "total": True}), given)
    assert scores(standing) == {"X": "2", "Y": "1.6"}
    nothing = columns(["a"], {"X": "0", "Y": "0"})
    assert scores(standing_of(rules(judged("a"), rescale={"total": True}), nothing)) == {"X": "0", "Y": "0"}


# Ordinal methods.


def borda(**more: object) -> Document:
    return {"combine": {"method": "borda"}, **more}


def test_ranks_run_over_the_placed_that_a_juror_read() -> None:
    given = columns(["a"], {"X": "9 5", "Y": "8 6", "Z": "7 .", "W": "1 9"})
    gates = [{"on": "criterion:a", "minimum": "5.5"}]
    standing = standing_of(rules(judged("a"), **borda(gates=gates)), given)
    assert statuses(standing)["W"] == "below_gate"
    assert scores(standing) == {"X": "2", "Y": "2", "Z": "0", "W": ""}
    assert [warning.code for warning in standing.warnings] == ["different_sets"]


def test_borda_ignores_scale_weight_points_and_rescaling() -> None:
    given = columns(["a"], {"X": "9 5", "Y": "8 6"})
    plain = scores(standing_of(rules(judged("a"), **borda()), given))
    odd = rules(judged("a", "7"), **borda(points="mark", total="mean", rescale={"criterion": True, "total": True}))
    assert scores(standing_of(odd, given)) == plain == {"X": "1", "Y": "1"}


def test_borda_rounds_at_total() -> None:
    given = columns(["a"], {"X": "9 5", "Y": "9 6"})
    ruling = rules(judged("a"), **borda(rounding=rounding("total", places=0, mode="up")))
    assert scores(standing_of(ruling, given)) == {"Y": "2", "X": "1"}


def test_several_criteria_give_ranks_by_juror_totals() -> None:
    given = columns(["a", "b"], {"X": "9 5,1 5", "Y": "8 6,6 6"})
    assert scores(standing_of(rules(*TWO, **borda(order="jurors_first")), given)) == {"Y": "2", "X": "0"}


def test_a_rank_past_the_list_earns_nothing() -> None:
    given = columns(["a"], {"X": "9", "Y": "8", "Z": "8", "W": "1"})
    points = {"method": "rank_points", "points": ["12", "10"]}
    assert scores(standing_of(rules(judged("a"), combine=points), given)) == {"X": "12", "Y": "5", "Z": "5", "W": "0"}


def test_the_longer_list_is_ahead_when_one_ends_first() -> None:
    given = columns(["a"], {"X": "5 5 5", "Y": "5 5 -", "Z": "5 5 5"})
    ruling = rules(judged("a"), combine={"method": "majority_judgment"})
    assert order(standing_of(ruling, given)) == "X=Z Y"


def test_a_majority_grade_rounds_at_total_and_its_order_does_not() -> None:
    given = columns(["a"], {"X": "4.5 5", "Y": "4.5 4.5"})
    ruling = rules(judged("a"), combine={"method": "majority_judgment"}, rounding=rounding("total", places=0))
    standing = standing_of(ruling, given)
    assert (order(standing), scores(standing)) == ("X Y", {"X": "5", "Y": "5"})


def test_a_mean_of_ranks_puts_the_lower_first() -> None:
    ranks = judged("a", "1", "9", "1")
    given = columns(["a"], {"X": "1 2", "Y": "2 1", "Z": "3 3"})
    standing = standing_of(rules(ranks, entry="ranking", points="mark", advance={"minimum": "1.5"}), given)
    assert order(standing) == "X=Y Z"
    assert standing.advancing == ("X", "Y")


def test_a_gate_on_ranks_passes_at_or_below_its_number() -> None:
    ranks = judged("a", "1", "9", "1")
    given = columns(["a"], {"X": "1 2", "Y": "2 1", "Z": "3 3"})
    ruling = rules(ranks, entry="ranking", points="mark", gates=[{"on": "criterion:a", "minimum": "2"}])
    assert statuses(standing_of(ruling, given)) == {"X": "placed", "Y": "placed", "Z": "below_gate"}


# Pairwise entry.


def pairs(method: str = "pairwise_sum", **more: object) -> Document:
    return {"entry": "pairwise", "combine": {"method": method}, **more}


def test_comparisons_with_the_not_admitted_are_dropped_and_the_rest_are_the_maxima() -> None:
    said = preferences({"c1": {"AB": "A2", "AC": "A6", "BC": "B2", "AX": "X6", "BX": "X6", "CX": "X6"}})
    entries = (*map(Proposal, "ABC"), Proposal("X", "excluded"))
    given = RoundInput("cat", "r1", entries, comparisons=said)
    assert scores(score(rules(judged("c", "8"), **pairs()), given)) == {"A": "8", "B": "2", "C": "0", "X": ""}


def test_a_gate_reads_the_coefficient_and_leaves_the_maxima_alone() -> None:
    said = preferences({"c1": {"AB": "A2", "AC": "A6", "BC": "B2"}})
    given = RoundInput("cat", "r1", tuple(map(Proposal, "ABC")), comparisons=said)
    gates = [{"on": "criterion:c", "minimum": "0.25"}]
    standing = score(rules(judged("c", "8"), **pairs(gates=gates)), given)
    assert statuses(standing) == {"A": "placed", "B": "placed", "C": "below_gate"}


def test_a_juror_who_left_out_a_pair_is_left_out_with_a_warning() -> None:
    said = preferences({"c1": {"AB": "A2", "AC": "A6", "BC": "B2"}, "c2": {"AB": "B6"}})
    given = RoundInput("cat", "r1", tuple(map(Proposal, "ABC")), comparisons=said)
    standing = score(rules(judged("c", "8"), **pairs()), given)
    assert [row.ballots for row in standing.rows] == [1, 1, 1]
    assert standing.warnings == (Warned("pairs_missing", {"juror": "c2"}),)


def test_a_juror_must_have_every_pair_on_every_criterion() -> None:
    whole, half = {"AB": "A2", "AC": "A6", "BC": "B2"}, {"AB": "B6"}
    said = preferences({"c1": whole, "c2": whole}, "c") + preferences({"c1": whole, "c2": half}, "d")
    given = RoundInput("cat", "r1", tuple(map(Proposal, "ABC")), comparisons=said)
    standing = score(rules(judged("c"), judged("d"), **pairs()), given)
    assert standing.rows[0].ballots == 1
    assert standing.warnings == (Warned("pairs_missing", {"juror": "c2"}),)


def test_those_who_left_out_pairs_are_named_in_order() -> None:
    given = RoundInput(
        "cat",
        "r1",
        tuple(map(Proposal, "ABC")),
        comparisons=preferences({f"c{at}": {"AB": "="} for at in "9182736450"}),
    )
    standing = score(rules(judged("c"), **pairs()), given)
    assert [each.facts["juror"] for each in standing.warnings] == [f"c{at}" for at in range(10)]
    assert {row.ballots for row in standing.rows} == {0}


def test_missing_pairs_are_named_in_order_of_code() -> None:
    assert missing_pairs({("C", "A"): 1}, "CBA") == [("A", "B"), ("B", "C")]


def test_two_proposals_are_too_few_to_compare() -> None:
    given = RoundInput("cat", "r1", tuple(map(Proposal, "AB")), comparisons=preferences({"c1": {"AB": "A2"}}))
    standing = score(rules(judged("c", "8"), **pairs()), given)
    assert statuses(standing) == {"A": "below_quorum", "B": "below_quorum"}
    assert {row.ballots for row in standing.rows} == {0}
    assert standing.warnings == (Warned("too_few_to_compare", {"proposals": "2"}),)


# Carry and public.


def test_an_earlier_round_is_mixed_in_on_a_hundred() -> None:
    given = columns(["a"], {"X": "8", "Y": "6"})
    ruling = rules(judged("a", "50"), carry={"round": "first", "share": "0.4"})
    standing = standing_of(ruling, given, carried={"X": Fraction(60)})
    assert scores(standing) == {"X": "72", "Y": "36"}
    assert standing.warnings == (Warned("carried_missing", {"proposal": "Y"}),)


@pytest.mark.parametrize(
    ("more", "hundred"),
    [
        ({}, "80"),
        ({"points": "mark"}, "80"),
        ({"total": "mean"}, "80"),
        ({"points": "mark", "total": "mean"}, "80"),
        ({"combine": {"method": "sum"}}, "80"),
        ({"order": "jurors_first"}, "80"),
    ],
)
def test_a_score_on_a_hundred_is_its_part_of_what_it_could_reach(more: Document, hundred: str) -> None:
    given = a_round(columns(["a", "b"], {"X": "8 8,8 8"}))
    ruling = rules(judged("a", "30"), judged("b", "20"), **more)
    found = scores_on_hundred(ruling, given, score(ruling, given))
    assert found == {"X": Fraction(hundred)}


def test_a_score_that_is_on_a_hundred_already_stays_and_one_of_ranks_has_no_place_there() -> None:
    found = a_round(columns(["a"], {"X": "8"}), carried={"X": Fraction(60)}, votes={"X": 1})

    def hundred(criterion: Document, **more: Any) -> dict[str, Fraction]:  # noqa: ANN401 - any key of a rule set
        ruling = rules(criterion, **more)
        return scores_on_hundred(ruling, found, score(ruling, found))

    assert hundred(judged("a"), carry={"round": "first", "share": "0.5"}) == {"X": 70}
    assert hundred(judged("a"), public={"share": "0.5", "by": "highest"}) == {"X": 90}
    assert hundred(judged("a"), public={"share": "0.5", "by": "rank_points", "points": ["12"]}) == {}
    assert hundred(judged("a"), combine={"method": "borda"}) == {}
    assert hundred(judged("a"), entry="ranking") == {}
    assert hundred(judged("a"), gates=[{"on": "total", "minimum": "9"}]) == {"X": 80}


def test_sums_do_not_multiply_the_reach_where_nothing_is_judged() -> None:
    ruling = rules(quantity("q", "50"), combine={"method": "sum"}, public={"share": "0.5", "by": "share"})
    standing = standing_of(ruling, (), "X", "Y", facts={("X", "q"): "3", ("Y", "q"): "6"}, votes={"X": 1})
    assert scores(standing) == {"X": "75", "Y": "50"}


def test_with_sums_the_reach_counts_the_jurors_assigned() -> None:
    ruling = rules(judged("a", "10"), combine={"method": "sum"}, public={"share": "0", "by": "share"})
    given = columns(["a"], {"X": "8 8"})
    assert scores(standing_of(ruling, given)) == {"X": "80"}
    assert scores(standing_of(ruling, given, assigned={"X": 4})) == {"X": "40"}
    together = rules(
        judged("a", "10"), entry="collegial", combine={"method": "sum"}, public={"share": "0", "by": "share"}
    )
    assert scores(standing_of(together, columns(["a"], {"X": "8"}), assigned={"X": 4})) == {"X": "80"}


def test_the_share_of_votes_counts_all_votes_of_the_admitted() -> None:
    entries = (Proposal("X"), Proposal("Y"), Proposal("Z", "withdrawn"))
    ruling = rules(judged("a"), gates=[{"on": "criterion:a", "minimum": "5"}], public={"share": "1", "by": "share"})
    given = columns(["a"], {"X": "8", "Y": "2", "Z": "9"})
    votes = {"X": 10, "Y": 30, "Z": 60}
    assert scores(standing_of(ruling, given, proposals=entries, votes=votes))["X"] == "25"


def test_the_highest_votes_are_those_of_the_placed() -> None:
    ruling = rules(judged("a"), gates=[{"on": "criterion:a", "minimum": "5"}], public={"share": "1", "by": "highest"})
    given = columns(["a"], {"X": "8", "Y": "2"})
    assert scores(standing_of(ruling, given, votes={"X": 10, "Y": 30}))["X"] == "100"


def test_no_votes_at_all_are_zero() -> None:
    given = columns(["a"], {"X": "8"})
    for by in ("share", "highest"):
        assert scores(standing_of(rules(judged("a"), public={"share": "0.5", "by": by}), given)) == {"X": "40"}


def test_public_after_carry_stays_on_a_hundred() -> None:
    ruling = rules(judged("a"), carry={"round": "first", "share": "0.5"}, public={"share": "0.5", "by": "highest"})
    given = columns(["a"], {"X": "8"})
    assert scores(standing_of(ruling, given, carried={"X": Fraction(60)}, votes={"X": 1})) == {"X": "85"}


def test_rank_points_share_the_mean_of_the_places_they_occupy() -> None:
    given = columns(["a"], {"X": "8", "Y": "8", "Z": "7"})
    public = {"share": "0.5", "by": "rank_points", "points": ["12", "10", "8"]}
    standing = standing_of(rules(judged("a"), public=public, ties=["draw"]), given, votes={"X": 3, "Z": 5})
    assert scores(standing) == {"X": "10.5", "Z": "10", "Y": "9.5"}


# Least squares.


def test_parts_that_nobody_connects_are_levelled_apart_with_a_warning() -> None:
    given = (
        Ballot("s", "A", {"c": 6}), Ballot("s", "B", {"c": 4}), Ballot("m", "C", {"c": 9}), Ballot("m", "D", {"c": 8}),
    )  # fmt: skip
    standing = standing_of(rules(judged("c"), combine={"method": "least_squares"}, points="mark"), given)
    assert scores(standing) == {"C": "9", "D": "8", "A": "6", "B": "4"}
    assert standing.warnings == (Warned("disconnected", {"criterion": "c", "parts": "2"}),)


def test_jurors_who_read_the_same_of_the_placed_need_no_warning() -> None:
    given = (*columns(["a"], {"X": "9 8", "Y": "8 9", "Z": "1 ."}), Ballot("j3", "Z", {"a": 1}), Ballot("j3", "X", {}))
    ruling = rules(judged("a"), **borda(gates=[{"on": "criterion:a", "minimum": "5"}]))
    assert standing_of(ruling, given).warnings == ()
    apart = standing_of(ruling, (*given, Ballot("j3", "X", {"a": 8})))
    assert apart.warnings == (Warned("different_sets", {"method": "borda"}),)


# The fingerprint.


def test_the_fingerprint_of_a_round_is_this_one_until_its_format_changes() -> None:
    """Rankings are kept under their fingerprint: other bytes would compute every one of them anew."""
    entry = Proposal(
        "X",
        submitted_at=datetime(2013, 9, 30, 17, 59, tzinfo=timezone(timedelta(hours=2))),
        ask=Fraction("12.5"),
        organisation="Consorzio Esempio",
        region="nord",
        themes=("housing", "ambiente"),
        answers={"zona": "est", "età": "7"},
    )
    given = RoundInput(
        "cat",
        "r1",
        (entry, Proposal("W", "excluded")),
        (Ballot("j1", "X", {"b": None, "a": Decimal("7.50")}),),
        comparisons=(Comparison("j1", "a", "X", "W", 3),),
        facts={("X", "q"): "4"},
        votes={"X": 3},
        chair={"X": 1},
        advanced=frozenset("UVWXYZ"),
        carried={"X": Fraction(1, 3)},
        assigned={"X": 2},
        draw_seed="14 novembre",
    )
    assert fingerprint(document(*TWO), given) == "237e1acc1c29ec07c55f61c508cc5c706e24626412321662b6adf579bed1b2f3"


def test_the_fingerprint_ignores_the_order_of_the_input_and_sees_everything_else() -> None:
    given = a_round(columns(["a", "b"], {"X": "8 7,6 5", "Y": "7 7,7 7"}), votes={"X": 1, "Y": 2})
    found = document(*TWO)
    turned = RoundInput(given.category, given.round, given.proposals[::-1], given.ballots[::-1], votes={"Y": 2, "X": 1})
    assert fingerprint(found, given) == fingerprint(found, turned)
    changed = [
        a_round(columns(["a", "b"], {"X": "8 7,6 5", "Y": "7 7,7 6"}), votes={"X": 1, "Y": 2}),
        a_round(given.ballots, votes={"X": 1, "Y": 3}),
        a_round(given.ballots, votes={"X": 1, "Y": 2}, chair={"X": 1}),
        a_round(given.ballots, votes={"X": 1, "Y": 2}, advanced=frozenset("X")),
        a_round(given.ballots, votes={"X": 1, "Y": 2}, carried={"X": Fraction(1, 3)}),
        a_round(given.ballots, votes={"X": 1, "Y": 2}, assigned={"X": 3}),
        a_round(given.ballots, votes={"X": 1, "Y": 2}, draw_seed="s"),
        a_round(given.ballots, votes={"X": 1, "Y": 2}, facts={("X", "q"): "1"}),
        a_round(given.ballots, votes={"X": 1, "Y": 2}, proposals=(Proposal("X", "excluded"), Proposal("Y"))),
    ]
    prints = {fingerprint(found, other) for other in [given, *changed]} | {fingerprint(document(judged("a")), given)}
    assert len(prints) == len(changed) + 2


def test_an_empty_round_has_an_empty_standing() -> None:
    ruling = rules(*TWO, rescale={"criterion": True, "total": True}, public={"share": "0.5", "by": "highest"})
    assert score(ruling, RoundInput("cat", "r1", ())).rows == ()


def test_a_gate_and_a_tie_on_a_criterion_read_the_majority_grade_of_ranks_which_is_the_worse_of_two() -> None:
    bare = {"code": "a", "title": {"en": "a"}, "kind": "judged"}
    given = columns(["a"], {"X": "1 2", "Y": "2 3", "Z": "3 1"})
    gate = [{"on": "criterion:a", "minimum": "2"}]
    ruling = rules(bare, entry="ranking", combine={"method": "majority_judgment"}, gates=gate)
    assert statuses(standing_of(ruling, given)) == {"X": "placed", "Y": "below_gate", "Z": "below_gate"}


@pytest.mark.parametrize("tie", ["wins", "head_to_head", "median"])
@pytest.mark.parametrize("weight", ["0", "10"])
def test_neither_scale_nor_weight_applies_to_ties_where_marks_are_ordered(tie: str, weight: str) -> None:
    points = {"method": "rank_points", "points": ["1", "1"]}
    ruling = rules(judged("a", weight), quantity("q", "5"), combine=points, ties=[tie])
    assert order(standing_of(ruling, columns(["a"], {"X": "7", "Y": "8"}))) == "Y X"


def test_where_all_judged_weights_are_0_who_abstained_somewhere_has_the_total_0_like_the_others() -> None:
    ruling = rules(judged("a", "0"), judged("b", "0"), quantity("q", "5"), order="jurors_first")
    given = columns(["a", "b"], {"X": "1 -,- 3", "Y": "1,1"})
    standing = standing_of(ruling, given, facts={("X", "q"): "1", ("Y", "q"): "2"})
    assert scores(standing) == {"Y": "5", "X": "2.5"}
    weighed = rules(judged("a", "0"), judged("b", "1"), quantity("q", "5"), order="jurors_first")
    assert standing_of(weighed, given, facts={("X", "q"): "1", ("Y", "q"): "2"}).row("X").score == Fraction(
        3, 10
    ) + Fraction(5, 2)
