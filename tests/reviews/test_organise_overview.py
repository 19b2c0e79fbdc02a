"""The overview of a call and the acts that move it along its line."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from common.models import AuditEntry
from contests.lifecycle import Phase
from contests.models import Call, RuleSet
from notifications.models import Delivery
from reviews.models import Conflict, Juror
from reviews.services import ballots
from tests.cast import Cast, cast_ballots, person
from tests.reviews.rooms import MOST_STATEMENTS, STRANGERS, add_proposals, browser, statements

Stage = Callable[..., Cast]
HOME = "/organise/fare-rete/"


@pytest.fixture
def ada() -> Client:
    return browser("Ada")


def needs(client: Client) -> dict[str, int]:
    """Return {title: count} of what the overview says waits."""
    return {need["title"]: need["count"] for need in client.get(HOME).context["needs"]}


@pytest.mark.parametrize("phase", Phase)
def test_the_overview_shows_in_every_phase_what_moves_the_call_on(stage: Stage, phase: Phase) -> None:
    stage(phase, scored=True)
    page = browser("Ada").get(HOME)
    assert page.status_code == 200
    assert len(page.context["stations"]) == 6
    expected = {
        Phase.DRAFT: ["organise-open"],
        Phase.SCREENING: ["organise-open-judging"],
        Phase.JUDGING: ["organise-close-judging"],
    }
    assert [route for route, _act in page.context["acts"]] == expected.get(phase, [])
    assert bool(page.context["may_extend"]) is (phase == Phase.OPEN)


@pytest.mark.parametrize("name", STRANGERS)
def test_who_has_no_role_in_the_call_finds_no_room(cast: Cast, name: str) -> None:
    rooms = ("", "rules/", "screening/", "jury/", "assignment/", "assignment/plan/", "history/", "who-sees-what/")
    client = browser(name)
    assert {client.get(HOME + room).status_code for room in rooms} == {404}


def test_who_is_signed_out_is_led_to_the_sign_in_and_back(client: Client, cast: Cast) -> None:
    assert client.get(HOME).headers["Location"] == "/sign-in/?next=/organise/fare-rete/"


def test_my_calls_are_those_in_which_i_have_a_role(cast: Cast) -> None:
    def codes(name: str) -> list[str]:
        return [row["call"].code for row in browser(name).get("/organise/").context["calls"]]

    assert codes("Ada") == ["fare-rete"]
    assert codes("Chiara") == ["fare-rete"]
    assert codes("Olga") == ["altro"]
    assert codes("Bruno") == []


def test_the_rooms_of_a_chair_are_those_that_the_table_opens(stage: Stage) -> None:
    stage(Phase.SCREENING)

    def rooms(name: str) -> list[str]:
        return [room["url"].split("/")[3] for room in browser(name).get(HOME).context["rooms"]]

    assert rooms("Ada")[:5] == ["", "rules", "screening", "jury", "assignment"]
    assert rooms("Chiara")[:3] == ["", "rules", "jury"]
    assert "history" not in rooms("Chiara")


def test_the_overview_counts_what_needs_its_organiser(cast: Cast, ada: Client) -> None:
    add_proposals(cast, 2)
    add_proposals(cast, 3, "admitted")
    Call.objects.filter(pk=cast.call.pk).update(judging_opened_at=cast.now - timedelta(days=5))
    cast_ballots(cast, "Bruno")
    counted = needs(ada)
    assert counted["proposals to screen"] == 2
    assert counted["proposals short of readers"] == 3
    assert {count for title, count in counted.items() if "has not begun" in title} == {3}
    assert len([title for title in counted if "has not begun" in title]) == 2  # Carla and Dario; Elena reads nothing


def test_an_empty_jury_is_told(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    assert "jurors so far" not in needs(ada)
    Conflict.records.all().delete()
    Juror.records.filter(call=cast.call).delete()
    assert needs(ada)["jurors so far"] == 0


def test_a_juror_who_abstained_is_not_counted_as_a_reader(cast: Cast, ada: Client) -> None:
    assert "proposal short of readers" not in needs(ada)
    for name in ("Bruno", "Carla"):
        reads = cast.assignment(name)
        ballots.abstain(assignment=reads, reason="Lavoro con loro", version=0, actor=person(name), now=cast.now)
    assert needs(ada)["proposal short of readers"] == 1


def test_the_jury_table_says_how_far_each_is(cast: Cast, ada: Client) -> None:
    cast_ballots(cast, "Bruno")
    seats = [row["seat"] for row in ada.get(HOME).context["jurors"]]
    rows = {seat.name: (seat.done, seat.total) for seat in seats}
    assert rows["Bruno Prova"] == (3, 3)
    assert rows["Carla Prova"] == (0, 3)
    assert rows["Elena Prova"] == (0, 0)


def test_the_overview_costs_the_same_at_two_sizes(cast: Cast, ada: Client) -> None:
    few = statements(ada, HOME)
    add_proposals(cast, 60, "admitted")
    for number in range(20):
        Juror.records.create(call=cast.call, code=f"X{number}", name=f"Giurato {number}")
    assert statements(ada, HOME) == few <= MOST_STATEMENTS


def test_my_calls_cost_the_same_at_two_sizes(stage: Stage) -> None:
    stage(Phase.DRAFT)
    few = statements(browser("Ada"), "/organise/")
    for number in range(10):
        stage(Phase.DRAFT, code=f"bando-{number}")
    assert statements(browser("Ada"), "/organise/") == few <= MOST_STATEMENTS


def test_opening_shows_the_hash_and_seals_it(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.DRAFT)
    rules = RuleSet.objects.get(round=cast.round)
    shown = " ".join(rules.hash[at : at + 4] for at in range(0, 16, 4))
    assert shown in ada.get(f"{HOME}open/").content.decode()
    assert ada.post(f"{HOME}open/").status_code == 302
    rules.refresh_from_db()
    assert rules.sealed_at is not None
    assert ada.post(f"{HOME}open/").status_code == 409


def test_a_call_without_rules_does_not_open(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.DRAFT)
    RuleSet.objects.filter(round=cast.round).delete()
    assert needs(ada) == {"round without rules": 1}
    assert ada.post(f"{HOME}open/").status_code == 422
    cast.call.refresh_from_db()
    assert cast.call.opened_at is None


def test_judging_opens_after_the_bell_and_closes_once(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    assert ada.post(f"{HOME}open-judging/").status_code == 302
    assert ada.post(f"{HOME}open-judging/").status_code == 409
    assert ada.get(f"{HOME}close-judging/").status_code == 200
    assert ada.post(f"{HOME}close-judging/").status_code == 302
    assert ada.post(f"{HOME}close-judging/").status_code == 409
    cast.call.refresh_from_db()
    assert cast.call.judging_closed_at is not None
    entries = AuditEntry.objects.filter(call_id=cast.call.pk, verb__in=["open judging", "close judging"])
    assert list(entries.values_list("actor_id", flat=True)) == [cast.organiser.pk] * 2


def test_judging_that_ended_by_date_waits_to_be_closed(cast: Cast, ada: Client) -> None:
    Call.objects.filter(pk=cast.call.pk).update(judging_ends_at=cast.now - timedelta(hours=1))
    assert [route for route, _act in ada.get(HOME).context["acts"]] == ["organise-close-judging"]
    assert ada.post(f"{HOME}close-judging/").status_code == 302


def test_judging_does_not_open_before_the_bell(stage: Stage, ada: Client) -> None:
    stage(Phase.OPEN)
    assert ada.get(f"{HOME}open-judging/").status_code == 409
    assert ada.post(f"{HOME}open-judging/").status_code == 409


@pytest.mark.parametrize("act", ["open", "open-judging", "close-judging", "extend", "screening/admit"])
def test_a_chair_moves_nothing(cast: Cast, act: str) -> None:
    chiara = browser("Chiara")
    assert chiara.get(f"{HOME}{act}/").status_code == 404
    assert chiara.post(f"{HOME}{act}/").status_code == 404


def test_a_longer_deadline_is_told_to_all_who_have_a_proposal(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.OPEN)
    later = (cast.call.closes_at + timedelta(days=3)).astimezone(cast.call.zone).replace(second=0, microsecond=0)
    typed = {"closes_at": later.strftime("%Y-%m-%dT%H:%M"), "reason": "Il sito è stato fermo un giorno."}
    assert ada.post(f"{HOME}extend/", typed).status_code == 302
    cast.call.refresh_from_db()
    assert cast.call.closes_at == later
    assert Delivery.objects.filter(type="extension").count() == 4  # three submitted and a draft


@pytest.mark.parametrize(
    ("days", "reason", "field"), [(-1, "Perché sì", "closes_at"), (3, "   ", "reason"), (3, "", "reason")]
)
def test_an_extension_that_is_refused_keeps_what_was_typed(
    stage: Stage, ada: Client, days: int, reason: str, field: str
) -> None:
    cast = stage(Phase.OPEN)
    at = (cast.call.closes_at + timedelta(days=days)).astimezone(cast.call.zone).strftime("%Y-%m-%dT%H:%M")
    page = ada.post(f"{HOME}extend/", {"closes_at": at, "reason": reason})
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert f'value="{at}"' in page.content.decode()
    assert not Delivery.objects.filter(type="extension").exists()


def test_a_closed_call_is_not_extended(cast: Cast, ada: Client) -> None:
    assert ada.get(f"{HOME}extend/").status_code == 409
