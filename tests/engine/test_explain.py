from fractions import Fraction

from engine.document import json_of
from engine.explain import CriterionSeen, Explanation, GateSeen, JurorSeen, MarkSeen, Step, TieSeen, explain
from engine.rules import Rules
from engine.scoring import score
from engine.types import Proposal, RoundInput
from tests.engine.build import a_round, columns, judged, preferences, quantity, rounding, rules, table


def exact(*numbers: object) -> tuple[Fraction, ...]:
    return tuple(Fraction(str(each)) for each in numbers)


def why(ruling: Rules, given: RoundInput, code: str) -> Explanation:
    return explain(ruling, given, score(ruling, given), code)


def criterion(found: Explanation, code: str) -> CriterionSeen:
    return next(each for each in found.criteria if each.code == code)


def test_a_mean_is_explained_by_its_marks_and_who_abstained() -> None:
    given = a_round(columns(["a", "b"], {"X": "8 7.5 8 -,9 9 9 9"}))
    found = why(rules(judged("a", "30"), judged("b", "10")), given, "X")
    seen = criterion(found, "a")
    assert seen.marks == (
        MarkSeen("j1", Fraction(8), counted=True),
        MarkSeen("j2", Fraction("7.5"), counted=True),
        MarkSeen("j3", Fraction(8), counted=True),
        MarkSeen("j4", None, counted=False),
    )
    assert (seen.combined, seen.coefficient, seen.weighted) == (Fraction(47, 6), Fraction(47, 60), Fraction(47, 2))
    assert (seen.weight, seen.divisor) == exact(30, 10)
    assert found.steps == (Step("total", Fraction("32.5"), {"weights": Fraction(40)}),)
    assert json_of(found)["criteria"][0]["combined"] == "47/6"


def test_dropped_marks_are_shown_as_dropped() -> None:
    given = a_round(columns(["a"], {"X": "5 9 8 8 9"}))
    trimmed = why(rules(judged("a"), combine={"method": "trimmed_mean"}), given, "X")
    assert [mark.counted for mark in criterion(trimmed, "a").marks] == [False, True, True, True, False]
    band = why(rules(judged("a"), combine={"method": "band_mean", "width": "2"}), given, "X")
    assert [mark.counted for mark in criterion(band, "a").marks] == [False, True, True, True, True]


def test_incomplete_ballots_are_listed() -> None:
    given = a_round(columns(["a", "b"], {"X": "8 9,7 ."}))
    found = why(rules(judged("a"), judged("b")), given, "X")
    assert found.incomplete == ("j2",)
    assert [mark.juror for mark in criterion(found, "a").marks] == ["j1"]


def test_jurors_stand_in_order_however_they_came() -> None:
    given = columns(["a", "b"], {"X": "8 9 7 6,7 . 7 ."})
    found = why(rules(judged("a"), judged("b")), a_round(given[::-1]), "X")
    assert [mark.juror for mark in criterion(found, "a").marks] == ["j1", "j3"]
    assert found.incomplete == ("j2", "j4")


def test_gates_show_what_they_read() -> None:
    given = a_round(columns(["a"], {"X": "8", "Y": "5"}))
    gates = [{"on": "total", "minimum": "60"}, {"on": "criterion:a", "minimum": "4"}]
    ruling = rules(judged("a", "100"), gates=gates)
    assert why(ruling, given, "Y").gates == (
        GateSeen("total", Fraction(60), Fraction(50), passed=False),
        GateSeen("criterion:a", Fraction(4), Fraction(5), passed=True),
    )


def test_facts_show_text_extreme_and_points() -> None:
    facts = {("X", "q"): "25", ("Y", "q"): "20", ("X", "t"): "some"}
    criteria = [quantity("q", "10", "lowest"), table("t", {"some": "2", "none": "0"})]
    found = why(rules(*criteria), a_round((), "X", "Y", facts=facts), "X")
    measured, looked_up = found.criteria
    assert (measured.fact, looked_up.fact, looked_up.extreme) == ("25", "some", None)
    assert (measured.extreme, measured.coefficient, measured.weighted) == exact(20, "0.8", 8)
    assert looked_up.weighted == 2


def test_each_later_step_shows_what_went_into_it() -> None:
    given = a_round(
        columns(["a", "b"], {"X": "8,4", "Y": "4,5"}), carried={"X": Fraction(60)}, votes={"X": 30, "Y": 10}
    )
    ruling = rules(
        judged("a", "30"),
        judged("b", "20"),
        rescale={"criterion": True, "total": True},
        rounding=rounding("total"),
        carry={"round": "first", "share": "0.5"},
        public={"share": "0.2", "by": "share"},
    )
    found = why(ruling, given, "X")
    assert [step.name for step in found.steps] == [
        "total", "rescaled_criterion", "rescaled_total", "on_hundred", "carried", "public",
    ]  # fmt: skip
    assert tuple(step.value for step in found.steps) == exact(32, 46, 50, 100, 80, 79)
    assert found.steps[1].of == {"criterion:a": 30, "criterion:b": 16}
    assert found.steps[5].of == {
        "jury": 80, "public": 75, "share": Fraction("0.2"), "votes": 30, "base": 40,
    }  # fmt: skip


def test_what_is_rescaled_and_what_is_kept_are_named() -> None:
    facts = {("X", "q"): "4", ("X", "t"): "some", ("Y", "q"): "8"}
    criteria = [judged("a", "30", group="g"), quantity("q", "10"), table("t", {"some": "2", "most": "4"}, rescale=True)]
    ruling = rules(*criteria, rescale={"criterion": True, "level": "group"})
    step = why(ruling, a_round(columns(["a"], {"X": "5", "Y": "4"}), facts=facts), "X").steps[-1]
    assert (step.name, step.value) == ("rescaled_criterion", Fraction(39))
    assert step.of == {"group:g": 30, "criterion:t": 4, "criterion:q": 5}


def test_rank_points_of_both_sides_are_shown() -> None:
    public = {"share": "0.25", "by": "rank_points", "points": ["12", "10", "8"]}
    given = a_round(columns(["c"], {"A": "9", "B": "8", "C": "7"}), votes={"A": 1, "B": 5, "C": 3})
    step = why(rules(judged("c"), public=public), given, "A").steps[-1]
    assert (step.value, step.of["jury"], step.of["public"]) == exact(11, 12, 8)


def test_jurors_first_shows_each_juror() -> None:
    given = a_round(columns(["a", "b"], {"X": "8 6,- 10"}))
    found = why(rules(judged("a", "3"), judged("b", "1"), order="jurors_first", points="mark"), given, "X")
    assert found.jurors == (JurorSeen("j1", Fraction(32), ("b",)), JurorSeen("j2", Fraction(28), ()))


def test_ranks_show_what_they_earned() -> None:
    given = a_round(columns(["a"], {"X": "9 5", "Y": "8 5", "Z": "7 9"}))
    found = why(rules(judged("a"), combine={"method": "borda"}), given, "X")
    assert found.jurors == (
        JurorSeen("j1", Fraction(9), (), 1, 1, Fraction(2)),
        JurorSeen("j2", Fraction(5), (), 2, 3, Fraction(1, 2)),
    )
    assert found.steps == (Step("points", Fraction("2.5"), {"j1": Fraction(2), "j2": Fraction(1, 2)}),)


def test_a_gate_that_was_missed_is_shown_where_there_is_no_score() -> None:
    given = a_round(columns(["a"], {"X": "9 5", "Y": "2 3"}))
    ruling = rules(judged("a"), combine={"method": "borda"}, gates=[{"on": "criterion:a", "minimum": "4"}])
    assert why(ruling, given, "Y").gates == (GateSeen("criterion:a", Fraction(4), Fraction("2.5"), passed=False),)


def test_majority_judgment_shows_the_grades_as_they_are_removed() -> None:
    given = a_round(columns(["a"], {"X": "5 5 4 4 4 3 2"}))
    step = why(rules(judged("a"), combine={"method": "majority_judgment"}), given, "X").steps[0]
    assert step.name == "grade"
    assert tuple(step.of.values()) == exact(4, 4, 4, 3, 5, 2, 5)


def test_ties_show_the_values_of_those_still_tied() -> None:
    given = a_round(
        columns(["a", "b"], {"X": "9 5,7 7", "Y": "5 9,7 7", "Z": "6 6,8 8", "W": "1 1,1 1"}), chair={"Y": 1}
    )
    ruling = rules(judged("a"), judged("b"), ties=["criterion:b", "chair"])
    assert why(ruling, given, "Y").ties == (
        TieSeen("criterion:b", {"X": "7", "Y": "7", "Z": "8"}),
        TieSeen("chair", {"X": "", "Y": "1"}),
    )
    assert why(ruling, given, "Z").ties == (TieSeen("criterion:b", {"X": "7", "Y": "7", "Z": "8"}),)
    assert why(ruling, given, "W").ties == ()


def test_counted_ties_show_what_was_counted() -> None:
    given = a_round(columns(["a"], {"X": "8 8 2", "Y": "7 7 4", "Z": "3 6 9"}))
    ruling = rules(judged("a"), ties=["median", "wins", "head_to_head"])
    assert why(ruling, given, "Y").ties[0] == TieSeen("median", {"X": "0.8", "Y": "0.7", "Z": "0.6"})
    assert why(rules(judged("a"), ties=["wins"]), given, "Y").ties == (TieSeen("wins", {"X": "2", "Y": "0", "Z": "1"}),)
    beaten = why(rules(judged("a"), ties=["head_to_head"]), given, "Y").ties
    assert beaten == (TieSeen("head_to_head", {"X": "2", "Y": "1", "Z": "0"}),)


def test_pairs_show_the_coefficient() -> None:
    said = preferences({"c1": {"AB": "A2", "AC": "A6", "BC": "B2"}})
    given = RoundInput("cat", "r1", tuple(map(Proposal, "ABC")), comparisons=said)
    ruling = rules(judged("c", "8"), entry="pairwise", combine={"method": "pairwise_sum"})
    seen = why(ruling, given, "B").criteria[0]
    assert (seen.combined, seen.coefficient, seen.weighted) == exact("0.25", "0.25", 2)
    assert seen.marks == ()


def test_who_has_no_score_has_no_steps() -> None:
    given = RoundInput("cat", "r1", (Proposal("X", "excluded"), Proposal("Y")), columns(["a"], {"X": "8"}))
    for code in ("X", "Y"):
        found = why(rules(judged("a")), given, code)
        assert (found.steps, found.gates, found.ties) == ((), (), ())
