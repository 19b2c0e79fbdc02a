from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from engine.allocation import allocate, results, round_of
from engine.contest import Category, Decision, Prize, ResultRow, Round
from engine.outcomes import column
from engine.rules import Rules
from engine.scoring import score
from engine.types import Proposal
from tests.engine.build import a_round, columns, judged, rules

TITLE = {"en": "x"}
MARK = judged("c", "100", "100", "1")


def prize(code: str, **more: Any) -> Prize:  # noqa: ANN401 - a prize takes any key
    return Prize(code, TITLE, **{"round": "r1", **more})


def decision(kind: str, **more: Any) -> Decision:  # noqa: ANN401 - the same
    return Decision("cat", "r1", kind, **more)


def outcomes(
    marks: Mapping[str, str],
    *prizes: Prize,
    entries: Sequence[Proposal] = (),
    decisions: Sequence[Decision] = (),
    outcome: str = "awards",
    ruling: Rules | None = None,
) -> dict[str, str]:
    rows = result_rows(marks, *prizes, entries=entries, decisions=decisions, outcome=outcome, ruling=ruling)
    return {row.proposal: row.outcome for row in rows}


def result_rows(
    marks: Mapping[str, str],
    *prizes: Prize,
    entries: Sequence[Proposal] = (),
    decisions: Sequence[Decision] = (),
    outcome: str = "awards",
    ruling: Rules | None = None,
) -> tuple[ResultRow, ...]:
    ruling = ruling or rules(MARK)
    proposals = tuple(entries) or tuple(map(Proposal, marks))
    advanced = frozenset(each.proposal for each in decisions if each.kind == "advance")
    standing = score(ruling, a_round(columns(["c"], marks), proposals=proposals, advanced=advanced))
    return results(
        outcome=outcome,
        categories=[Category("cat", TITLE, (Round("r1", TITLE, ruling),), prizes)],
        proposals={each.code: each for each in proposals},
        standings={("cat", "r1"): standing},
        decisions=decisions,
    )


ABCD = {"a": "91", "b": "88", "c": "86", "d": "80"}


def test_prizes_are_given_in_order_of_place_until_places_run_out() -> None:
    assert outcomes(ABCD, prize("best", places=2)) == {
        "a": "winner:best", "b": "winner:best", "c": "eligible", "d": "eligible",
    }  # fmt: skip


def test_without_places_all_who_qualify_win() -> None:
    assert outcomes(ABCD, prize("good", minimum="86")) == {
        "a": "winner:good", "b": "winner:good", "c": "winner:good", "d": "eligible",
    }  # fmt: skip


def test_fewer_win_than_places_offered_when_the_minimum_is_missed() -> None:
    assert outcomes(ABCD, prize("best", places=3, minimum="90"))["b"] == "eligible"


def test_special_prizes_pass_over_whoever_has_won() -> None:
    entries = [Proposal(code, themes=("special",) if code in "acd" else ()) for code in "abcd"]
    found = outcomes(
        ABCD,
        prize("general-1", places=1),
        prize("general-2", places=1),
        prize("special-1", places=1, eligible={"theme": "special"}),
        prize("special-2", places=1, eligible={"theme": "special"}),
        entries=entries,
    )
    assert found == {
        "a": "winner:general-1", "b": "winner:general-2", "c": "winner:special-1", "d": "winner:special-2",
    }  # fmt: skip


def test_a_prize_with_others_goes_to_a_winner_too() -> None:
    found = outcomes(ABCD, prize("best", places=1), prize("press", places=1, with_others=True), prize("last", places=1))
    assert (found["a"], found["b"]) == ("winner:best;winner:press", "winner:last")


def test_prizes_may_ask_for_a_column() -> None:
    entries = [Proposal("a"), Proposal("b", region="nord"), Proposal("c", answers={"size": "small"}), Proposal("d")]
    found = outcomes(
        ABCD, prize("north", eligible={"region": "nord"}), prize("small", eligible={"size": "small"}), entries=entries
    )
    assert found == {"a": "eligible", "b": "winner:north", "c": "winner:small", "d": "eligible"}


def test_theme_names_the_themes_and_a_column_of_that_name() -> None:
    entries = [Proposal("a", answers={"theme": "work"}), Proposal("b", themes=("home",)), Proposal("c"), Proposal("d")]
    found = outcomes(ABCD, prize("work", eligible={"theme": "work"}), entries=entries)
    assert found["a"] == "winner:work"
    entries[2] = Proposal("c", themes=("home",))
    found = outcomes(ABCD, prize("best", one_per=("theme",), places=3), entries=entries)
    assert found == {"a": "winner:best", "b": "winner:best", "c": "eligible", "d": "winner:best"}


def test_one_per_organisation_runs_over_all_prizes_that_name_it() -> None:
    entries = [Proposal("a", organisation="o"), Proposal("b", organisation="o"), Proposal("c"), Proposal("d")]
    one = {"one_per": ("organisation",)}
    found = outcomes(ABCD, prize("first", places=1, **one), prize("second", places=2, **one), entries=entries)
    assert found == {"a": "winner:first", "b": "eligible", "c": "winner:second", "d": "winner:second"}
    free = outcomes(ABCD, prize("first", places=1, **one), prize("second", places=1), entries=entries)
    assert free["b"] == "winner:second"


TIED = {"a": "90", "b": "85", "c": "85", "d": "80"}


def test_all_who_share_the_last_place_win() -> None:
    found = outcomes(TIED, prize("best", places=2))
    assert [code for code in found if found[code] == "winner:best"] == ["a", "b", "c"]


def test_without_ex_aequo_nobody_wins_at_a_place_that_does_not_fit() -> None:
    strict = prize("best", places=2, ex_aequo=False)
    found = outcomes(TIED, strict)
    assert [code for code in found if found[code] == "winner:best"] == ["a"]
    settled = outcomes(TIED, strict, decisions=[decision("confer", prize="best", proposal="c")])
    assert [code for code in settled if settled[code] == "winner:best"] == ["a", "c"]


def test_without_ex_aequo_a_shared_place_that_fits_wins() -> None:
    found = outcomes(TIED, prize("best", places=3, ex_aequo=False))
    assert [code for code in found if found[code] == "winner:best"] == ["a", "b", "c"]


def test_who_declines_is_followed_by_the_next() -> None:
    found = outcomes(ABCD, prize("best", places=1), decisions=[decision("decline", prize="best", proposal="a")])
    assert found == {"a": "eligible", "b": "winner:best", "c": "eligible", "d": "eligible"}


def test_who_declines_what_was_conferred_is_followed_by_the_next_too() -> None:
    given = [decision(kind, prize="best", proposal="c") for kind in ("confer", "decline")]
    assert outcomes(ABCD, prize("best", places=1), decisions=given)["a"] == "winner:best"
    stranger = [decision("confer", prize="best", proposal="stranger")]
    assert outcomes(ABCD, prize("best", places=1), decisions=stranger)["a"] == "winner:best"


def test_who_is_below_a_gate_or_no_longer_admitted_wins_nothing() -> None:
    ruling = rules(MARK, gates=[{"on": "total", "minimum": "87"}])
    found = outcomes(ABCD, prize("best", places=4), ruling=ruling)
    assert found == {"a": "winner:best", "b": "winner:best", "c": "below_gate", "d": "below_gate"}
    given = score(rules(MARK), a_round(columns(["c"], ABCD)))
    late = {code: Proposal(code, "withdrawn" if code == "a" else "admitted") for code in ABCD}
    category = Category("cat", TITLE, (Round("r1", TITLE, rules(MARK)),), (prize("best", places=1),))
    assert allocate([category], late, {("cat", "r1"): given}) == {("cat", "best"): ["b"]}


def test_inside_a_shared_place_who_holds_a_prize_is_passed_over_and_an_organisation_wins_once() -> None:
    entries = [Proposal("a"), Proposal("b", answers={"zona": "est"}), Proposal("c"), Proposal("d")]
    east = prize("press", places=1, minimum="85", eligible={"zona": "est"})
    found = outcomes(TIED, east, prize("best", places=2), entries=entries)
    assert (found["b"], found["a"], found["c"]) == ("winner:press", "winner:best", "winner:best")
    entries = [Proposal("a"), *(Proposal(code, organisation="o") for code in "bc"), Proposal("d")]
    once = outcomes(TIED, prize("best", places=3, one_per=("organisation",)), entries=entries)
    assert [code for code in once if once[code] == "winner:best"] == ["a", "b", "d"]


def test_a_prize_may_ask_for_a_theme_under_either_name() -> None:
    entries = [Proposal(code, themes=("housing", "health") if code == "d" else ()) for code in ABCD]
    for name in ("theme", "themes"):
        assert outcomes(ABCD, prize("home", eligible={name: "housing"}), entries=entries)["d"] == "winner:home"


def test_a_theme_is_no_region_of_the_same_name() -> None:
    entries = [Proposal("a", themes=("nord",)), Proposal("b", region="nord"), Proposal("c"), Proposal("d")]
    found = outcomes(ABCD, prize("north", eligible={"region": "nord"}), entries=entries)
    assert [code for code in found if found[code] == "winner:north"] == ["b"]


def test_a_decision_without_a_round_speaks_of_its_prize_or_of_the_last() -> None:
    rounds = tuple(Round(code, TITLE, rules(MARK)) for code in ("r1", "r2", "r3", "r4"))
    category = Category("cat", TITLE, rounds, (prize("best", round="r2"),))
    assert round_of(category, Decision("cat", "", "mention")) == "r4"
    assert round_of(category, Decision("cat", "", "mention", prize="best")) == "r2"
    assert round_of(category, Decision("cat", "r3", "mention", prize="best")) == "r3"


def test_mentions_of_no_prize_come_before_those_of_prizes_in_the_order_of_the_file() -> None:
    given = [decision("mention", proposal="a", prize=name) for name in ("b", "a", "", "c")]
    found = outcomes(ABCD, *(prize(name, minimum="99") for name in "cab"), decisions=given)
    assert found["a"] == "mention:;mention:c;mention:a;mention:b"


def test_what_is_not_conferred_goes_to_nobody() -> None:
    found = outcomes(ABCD, prize("best", places=1), decisions=[decision("not_conferred", prize="best")])
    assert set(found.values()) == {"eligible"}
    kept = [decision("not_conferred", prize="best"), decision("confer", prize="best", proposal="b")]
    assert outcomes(ABCD, prize("best", places=3), decisions=kept)["b"] == "winner:best"


def test_a_conferred_prize_takes_a_place() -> None:
    found = outcomes(ABCD, prize("best", places=1), decisions=[decision("confer", prize="best", proposal="d")])
    assert (found["a"], found["d"]) == ("eligible", "winner:best")


def test_mentions_come_last_and_eligible_stands_alone() -> None:
    found = outcomes(
        ABCD,
        prize("best", places=1),
        decisions=[decision("mention", proposal="a"), decision("mention", proposal="b", prize="best")],
    )
    assert found["a"] == "winner:best;mention:"
    assert found["b"] == "mention:best"


def test_a_label_goes_to_all_that_pass() -> None:
    gates = [{"on": "total", "minimum": "86"}]
    assert outcomes(ABCD, outcome="label", ruling=rules(MARK, gates=gates)) == {
        "a": "label", "b": "label", "c": "label", "d": "below_gate",
    }  # fmt: skip


def test_outcomes_are_joined_in_their_order() -> None:
    ruling = rules(MARK, advance={"count": 1}, fund={"budget": "10", "when_short": "stop"})
    entries = [Proposal(code, ask=Fraction(6)) for code in ABCD]
    found = outcomes(ABCD, prize("best", places=1), entries=entries, outcome="label", ruling=ruling)
    assert found == {
        "a": "winner:best;label;advances;funded", "b": "label;reserve", "c": "label;reserve", "d": "label;reserve",
    }  # fmt: skip


def test_a_decision_adds_to_those_who_advance() -> None:
    found = outcomes(ABCD, ruling=rules(MARK, advance={"count": 1}), decisions=[decision("advance", proposal="c")])
    assert found == {"a": "advances", "b": "eligible", "c": "advances", "d": "eligible"}


def test_all_who_share_the_last_place_advance() -> None:
    assert outcomes(TIED, ruling=rules(MARK, advance={"count": 2}))["c"] == "advances"
    dense = rules(MARK, advance={"count": 3}, places="dense")
    assert outcomes(TIED, ruling=dense)["d"] == "eligible"


def test_a_quota_advances_the_first_of_each_and_nobody_without_value() -> None:
    entries = [Proposal("a"), Proposal("b", region="n"), Proposal("c", region="n"), Proposal("d", region="s")]
    found = outcomes(ABCD, entries=entries, ruling=rules(MARK, advance={"per": "region", "count": 1}))
    assert found == {"a": "eligible", "b": "advances", "c": "eligible", "d": "advances"}


def test_a_budget_never_reached_advances_all_placed() -> None:
    entries = [Proposal(code, ask=Fraction(1)) for code in ABCD]
    ruling = rules(MARK, advance={"budget": "10", "multiple": "3"})
    assert set(outcomes(ABCD, entries=entries, ruling=ruling).values()) == {"advances"}


def test_within_a_shared_place_the_lower_ask_is_funded_first_then_the_code() -> None:
    entries = [Proposal(code, ask=Fraction(ask)) for code, ask in (("a", 5), ("b", 4), ("c", 3), ("d", 3))]
    ruling = rules(MARK, fund={"budget": "8", "when_short": "stop"})
    found = outcomes({"a": "90", "b": "85", "c": "85", "d": "85"}, entries=entries, ruling=ruling)
    assert found == {"a": "funded", "c": "funded", "d": "reserve", "b": "reserve"}


def test_an_empty_ask_is_nothing() -> None:
    entries = (Proposal("X"), Proposal("Y", ask=Fraction("0.5")), Proposal("Z", ask=Fraction("9.5")), Proposal("W"))
    given = a_round(columns(["c"], {"X": "9", "Y": "9", "Z": "8", "W": "7"}), proposals=entries)
    funded = score(rules(MARK, fund={"budget": "0.5", "when_short": "stop"}), given)
    assert [(row.code, row.funding, row.offer) for row in funded.rows[:2]] == [
        ("X", "funded", 0), ("Y", "funded", Fraction("0.5")),
    ]  # fmt: skip
    cut = score(rules(MARK, advance={"budget": "10", "multiple": "1"}), given)
    assert cut.advancing == ("X", "Y", "Z")
    further = score(rules(MARK, advance={"budget": "10", "multiple": "1.05"}), given)
    assert further.advancing == ("X", "Y", "Z", "W")


def test_a_column_is_read_as_proposals_csv_writes_it() -> None:
    entry = Proposal("X", organisation="Coop", region="nord", themes=("a", "b"), answers={"zona": "est", "region": "x"})
    found = [column(entry, name) for name in ("organisation", "region", "themes", "zona", "none")]
    assert found == ["Coop", "nord", "a;b", "est", ""]


def test_with_nothing_left_there_is_only_reserve() -> None:
    entries = [Proposal(code, ask=Fraction(ask)) for code, ask in (("a", 5), ("b", 0), ("c", 3), ("d", 3))]
    ruling = rules(MARK, fund={"budget": "5", "when_short": "partial"})
    assert outcomes(ABCD, entries=entries, ruling=ruling) == {
        "a": "funded", "b": "reserve", "c": "reserve", "d": "reserve",
    }  # fmt: skip


def test_rows_stand_in_order_of_position_the_unplaced_last_by_code() -> None:
    entries = [Proposal("z", "excluded"), Proposal("a"), Proposal("c"), Proposal("b"), Proposal("y", "withdrawn")]
    rows = result_rows({"a": "70", "b": "80", "c": "80"}, entries=entries)
    assert [(row.place, row.proposal, row.score, row.outcome) for row in rows] == [
        ("1", "b", "80", "eligible"),
        ("1", "c", "80", "eligible"),
        ("3", "a", "70", "eligible"),
        ("", "y", "", "withdrawn"),
        ("", "z", "", "excluded"),
    ]


def test_a_qualitative_round_has_empty_outcomes() -> None:
    assert outcomes({"a": "-"}, ruling=rules(judged("c"), entry="qualitative")) == {"a": ""}


def test_minima_of_ranks_pass_at_or_below() -> None:
    ranks = rules(judged("c", "1", "9", "1"), entry="ranking", points="mark")
    assert outcomes({"a": "1", "b": "2"}, prize("top", minimum="1"), ruling=ranks) == {
        "a": "winner:top",
        "b": "eligible",
    }
