"""Assignment: readers by hand, and a plan that is looked at before it is applied."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from accounts.models import Organisation
from common import clock
from common.errors import Refused
from contests.lifecycle import Phase
from contests.models import Proposal
from reviews.models import Assignment, Juror
from reviews.services.assignment import apply_random, preview_random
from reviews.services.jury import declare_conflict
from tests.cast import ROLES, Cast, cast_ballots, person
from tests.reviews.rooms import MOST_STATEMENTS, add_proposals, browser, statements

Stage = Callable[..., Cast]
ROOM = "/organise/fare-rete/assignment/"
PLAN = f"{ROOM}plan/"


@pytest.fixture
def ada() -> Client:
    return browser("Ada")


def page_of(cast: Cast, proposal: Proposal) -> str:
    return f"{ROOM}{cast.round.pk}/{proposal.pk}/"


def pairs(cast: Cast) -> set[tuple[str, str]]:
    """Return who reads what now."""
    rows = Assignment.records.filter(round=cast.round, state="assigned")
    return set(rows.values_list("juror__code", "proposal__code"))


def offered(client: Client, cast: Cast, proposal: Proposal) -> dict[str, str]:
    """Return {juror: why not} as the page of one proposal shows it."""
    return {each.code: each.why_not for each in client.get(page_of(cast, proposal)).context["candidates"]}


def test_each_juror_stands_before_a_proposal_with_what_they_may(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    Juror.records.create(call=cast.call, code="Nora", name="Nora Saggio")
    first = cast.proposals[0]
    ada.post(page_of(cast, first), {"juror": "Bruno"})
    assert offered(ada, cast, first) == {
        "Bruno": "reads", "Carla": "", "Dario": "", "Elena": "conflict", "Nora": "not_on_panel"
    }  # fmt: skip


def test_a_reader_is_given_by_hand_and_taken_back(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    first = cast.proposals[0]
    assert ada.post(page_of(cast, first), {"juror": "Bruno"}).status_code == 302
    assert pairs(cast) == {("Bruno", first.code)}
    taken = ada.post(f"{ROOM}{cast.assignment('Bruno').pk}/take-back/")
    assert taken.headers["Location"] == page_of(cast, first)
    assert pairs(cast) == set()
    assert ada.post(page_of(cast, first), {"juror": "Bruno"}).status_code == 302
    assert pairs(cast) == {("Bruno", first.code)}


def test_giving_twice_is_refused_with_words(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    address = page_of(cast, cast.proposals[0])
    ada.post(address, {"juror": "Bruno"})
    again = ada.post(address, {"juror": "Bruno"})
    assert again.status_code == 409
    assert "already reads" in again.content.decode()
    assert len(pairs(cast)) == 1


def test_a_conflicted_juror_cannot_be_assigned(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    answer = ada.post(page_of(cast, cast.proposals[0]), {"juror": "Elena"})
    assert answer.status_code == 409
    assert "conflict of interest" in answer.content.decode()
    assert pairs(cast) == set()


def test_a_conflict_that_the_data_show_need_not_be_declared(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    Juror.records.filter(code="Bruno").update(organisation="  cooperativa   GAIA ")
    second = cast.proposals[1]
    assert offered(ada, cast, second)["Bruno"] == "conflict"
    assert ada.post(page_of(cast, second), {"juror": "Bruno"}).status_code == 409
    Juror.records.filter(code="Carla").update(person=person("Gaia"))
    assert ada.post(page_of(cast, second), {"juror": "Carla"}).status_code == 409
    plan = preview_random(round_=cast.round, per_proposal=2, seed="x")
    assert {juror for juror, code in plan.new if code == second.code} == {"Dario", "Elena"}


def test_a_juror_off_the_panel_cannot_be_assigned(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    Juror.records.create(call=cast.call, code="Nora", name="Nora Saggio")
    assert ada.post(page_of(cast, cast.proposals[0]), {"juror": "Nora"}).status_code == 409
    assert ada.post(page_of(cast, cast.proposals[0]), {"juror": "Nobody"}).status_code == 404
    assert pairs(cast) == set()


def test_a_begun_ballot_stays_with_its_juror(cast: Cast, ada: Client) -> None:
    cast_ballots(cast, "Bruno")
    assert ada.post(f"{ROOM}{cast.assignment('Bruno').pk}/take-back/").status_code == 409
    assert ("Bruno", cast.proposals[0].code) in pairs(cast)


def test_only_admitted_proposals_of_this_call_can_be_given(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    waiting = add_proposals(cast, 1)[0]
    other = stage(Phase.SCREENING, code="terzo")
    assert ada.post(page_of(cast, waiting), {"juror": "Bruno"}).status_code == 404
    assert ada.post(page_of(cast, other.proposals[0]), {"juror": "Bruno"}).status_code == 404
    assert ada.get(f"{ROOM}?round={other.round.pk}").status_code == 404


def test_nothing_is_assigned_after_judging(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.DELIBERATION)
    assert ada.post(page_of(cast, cast.proposals[1]), {"juror": "Elena"}).status_code == 409
    assert ada.get(PLAN).status_code == 409


def test_a_chair_looks_and_does_not_assign(cast: Cast) -> None:
    chiara = browser("Chiara")
    assert chiara.get(ROOM).status_code == 200
    assert chiara.get(page_of(cast, cast.proposals[1])).context["may"] is False
    assert chiara.post(page_of(cast, cast.proposals[1]), {"juror": "Elena"}).status_code == 403
    assert chiara.get(PLAN).status_code == 404
    assert chiara.post(f"{PLAN}apply/", {}).status_code == 404
    assert chiara.post(f"{ROOM}{cast.assignment('Bruno').pk}/take-back/").status_code == 404


def drawn(cast: Cast, per_proposal: object, seed: str) -> str:
    """Return the address of a plan."""
    return f"{PLAN}?round={cast.round.pk}&per_proposal={per_proposal}&seed={seed}"


def plan_of(client: Client, cast: Cast, per_proposal: int = 2, seed: str = "42") -> dict[str, str]:
    """Look at a plan and return what its button sends."""
    page = client.get(drawn(cast, per_proposal, seed))
    plan = page.context["plan"]
    return {"round": str(cast.round.pk), "per_proposal": str(per_proposal), "seed": seed, "mark": plan.mark}


def test_a_plan_shows_who_gets_what_and_changes_nothing(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    page = ada.get(drawn(cast, 2, "42"))
    assert sum(len(row.jurors) for row in page.context["added"]) == 6
    assert sum(load.after for load in page.context["loads"]) == 6
    assert {load.before for load in page.context["loads"]} == {0}
    assert pairs(cast) == set()
    assert page.context["plan"].new == preview_random(round_=cast.round, per_proposal=2, seed="42").new


def test_a_draw_without_a_seed_is_given_one_so_that_it_can_be_drawn_again(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    answer = ada.get(drawn(cast, 2, ""))
    assert answer.status_code == 302
    assert len(answer.headers["Location"].rpartition("seed=")[2]) == 8


def test_an_applied_plan_gives_no_one_a_conflict_and_evens_the_loads(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    add_proposals(cast, 21, "admitted")
    for number, seed in enumerate(("a", "b", "c"), start=1):
        assert ada.post(f"{PLAN}apply/", plan_of(ada, cast, number, seed)).status_code == 302
    given = pairs(cast)
    assert len(given) == 24 * 3
    assert ("Elena", cast.proposals[0].code) not in given
    loads = Counter(juror for juror, _proposal in given)
    assert max(loads.values()) - min(loads.values()) <= 1


def test_a_plan_adds_only_what_is_missing(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    ada.post(page_of(cast, cast.proposals[0]), {"juror": "Carla"})
    ada.post(f"{PLAN}apply/", plan_of(ada, cast))
    assert ("Carla", cast.proposals[0].code) in pairs(cast)
    assert Counter(code for _juror, code in pairs(cast)) == dict.fromkeys([p.code for p in cast.proposals], 2)


def test_a_plan_bears_with_readers_off_the_panel_and_excluded_proposals(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    for proposal in cast.proposals[:2]:
        ada.post(page_of(cast, proposal), {"juror": "Bruno"})
    cast.jurors["Bruno"].panels.clear()
    ada.post(f"/organise/fare-rete/proposals/{cast.proposals[1].pk}/", {"verb": "exclude", "reason": "Doppia"})
    ada.post(f"{PLAN}apply/", plan_of(ada, cast))
    readers = Counter(code for _juror, code in pairs(cast))
    assert [readers[proposal.code] for proposal in cast.proposals] == [2, 1, 2]


def test_what_was_taken_back_is_not_drawn_again(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    ada.post(page_of(cast, cast.proposals[1]), {"juror": "Bruno"})
    ada.post(f"{ROOM}{cast.assignment('Bruno', 1).pk}/take-back/")
    ada.post(f"{PLAN}apply/", plan_of(ada, cast, 3))
    assert ("Bruno", cast.proposals[1].code) not in pairs(cast)
    assert len(pairs(cast)) == 9


def test_a_double_click_applies_a_plan_once(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    sent = plan_of(ada, cast)
    ada.post(f"{PLAN}apply/", sent)
    given = pairs(cast)
    page = ada.post(f"{PLAN}apply/", sent, follow=True)
    assert pairs(cast) == given
    assert "Look at the new one" in page.content.decode()


@pytest.mark.parametrize("moved", ["a reader", "a conflict", "a proposal", "a juror"])
def test_a_plan_is_applied_only_if_nothing_moved(stage: Stage, ada: Client, moved: str) -> None:
    cast = stage(Phase.SCREENING)
    sent = plan_of(ada, cast)
    match moved:
        case "a reader":
            ada.post(page_of(cast, cast.proposals[0]), {"juror": "Carla"})
        case "a conflict":
            declare_conflict(
                juror=cast.jurors["Dario"], proposal=cast.proposals[1], kind="organiser", actor=None, now=cast.now
            )
        case "a proposal":
            add_proposals(cast, 1, "admitted")
        case _:
            cast.jurors["Bruno"].panels.clear()
    before = pairs(cast)
    answer = ada.post(f"{PLAN}apply/", sent)
    assert answer.headers["Location"].startswith(PLAN)
    assert pairs(cast) == before


def test_a_plan_without_a_panel_says_whom_to_invite(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    for juror in cast.jurors.values():
        juror.panels.clear()
    assert ada.get(drawn(cast, 2, "1")).context["error"].startswith("Nobody is on the panel")


def test_a_plan_that_cannot_be_says_why(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    page = ada.get(drawn(cast, 5, "1"))
    assert page.status_code == 409
    assert "Jurors who may read them: 3, with 3 of the 5 places" in page.context["error"]
    assert page.context["plan"] is None


@pytest.mark.parametrize("number", ["", "0", "21", "many"])
def test_a_strange_number_of_readers_is_told(stage: Stage, ada: Client, number: str) -> None:
    cast = stage(Phase.SCREENING)
    assert ada.get(drawn(cast, number, "1")).status_code == 422
    typed = {"round": cast.round.pk, "per_proposal": number, "seed": "1", "mark": "x"}
    assert ada.post(f"{PLAN}apply/", typed).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_organisers_who_apply_at_once_do_not_double_the_readers() -> None:
    from tests.cast import raise_cast  # noqa: PLC0415 - the fixture holds a transaction open, which this test must not

    cast = raise_cast(Phase.SCREENING)
    plans = {seed: preview_random(round_=cast.round, per_proposal=2, seed=seed).mark for seed in ("a", "b")}

    def apply(seed: str) -> int:
        try:
            return apply_random(
                round_=cast.round, per_proposal=2, seed=seed, mark=plans[seed], actor=cast.organiser, roles=ROLES,
                now=clock.now(),
            )  # fmt: skip
        except Refused as refused:
            return -1 if refused.code == "plan_is_old" else -2
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as both:
        made = list(both.map(apply, plans))
    assert sorted(made) == [-1, 6]
    assert len(pairs(cast)) == 6


def test_the_table_costs_the_same_at_two_sizes(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    few = statements(ada, ROOM)
    add_proposals(cast, 60, "admitted")
    ada.post(f"{PLAN}apply/", plan_of(ada, cast))
    assert statements(ada, ROOM) == few <= MOST_STATEMENTS
    assert len(ada.get(ROOM).context["rows"]) == 50


def test_one_proposals_readers_cost_the_same_with_many_jurors(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    few = statements(ada, page_of(cast, cast.proposals[0]))
    for number in range(40):
        Juror.records.create(call=cast.call, code=f"X{number}", name=f"Giurato {number}")
    assert statements(ada, page_of(cast, cast.proposals[0])) == few <= MOST_STATEMENTS


def test_a_plan_costs_the_same_at_two_sizes(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    address = drawn(cast, 2, "1")
    few = statements(ada, address)
    Organisation.objects.create(name="Ente Saggio")
    add_proposals(cast, 60, "admitted")
    assert statements(ada, address) == few <= MOST_STATEMENTS


def test_the_table_chooses_those_short_of_readers(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    for name in ("Bruno", "Carla"):
        ada.post(page_of(cast, cast.proposals[1]), {"juror": name})
    short = ada.get(f"{ROOM}?show=short").context
    assert [row.code for row in short["rows"]] == sorted([cast.proposals[0].code, cast.proposals[2].code])
    assert (short["admitted"], short["readings"], short["short"], short["quorum"]) == (3, 2, 2, 2)
