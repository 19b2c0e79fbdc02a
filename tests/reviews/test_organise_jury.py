"""The jury's room: inviting, panels, conflicts noted by hand."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from common import clock, outbox
from contests.lifecycle import Phase
from engine.document import standing_from_json
from notifications.models import Delivery
from reviews.models import Assignment, Conflict, Juror, Ranking
from tests.cast import Cast, cast_ballots, person
from tests.reviews.rooms import MOST_STATEMENTS, STRANGERS, browser, statements

Stage = Callable[..., Cast]
ROOM = "/organise/fare-rete/jury/"
NORA = {
    "name": "Nora Saggio",
    "email": "Nora@Example.org",
    "organisation": "Fondazione Saggio",
    "categories": ["business-case"],
}


@pytest.fixture
def ada() -> Client:
    return browser("Ada")


def test_an_invited_juror_gets_a_seat_a_panel_and_a_message(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    assert ada.post(ROOM, NORA).status_code == 302
    juror = Juror.records.get(email="nora@example.org")
    assert (juror.name, juror.organisation) == ("Nora Saggio", "Fondazione Saggio")
    assert [panel.category for panel in juror.panels.all()] == [cast.category]
    outbox.drain(clock.now)
    message = next(each for each in mail.outbox if each.to == ["nora@example.org"])
    assert "Bando fare-rete" in message.subject
    assert reverse("jury") in message.body


def test_inviting_twice_sends_one_message_and_adds_panels(stage: Stage, ada: Client) -> None:
    stage(Phase.SCREENING)
    for _time in range(2):
        assert ada.post(ROOM, NORA).status_code == 302
    assert Juror.records.filter(email="nora@example.org").count() == 1
    assert Delivery.objects.filter(type="invitation").count() == 1
    assert Person.objects.filter(email="nora@example.org").count() == 1


def test_a_juror_from_a_file_becomes_the_person_who_is_invited(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    filed = Juror.records.create(call=cast.call, code="G7", name="N. Saggio", email="nora@example.org")
    ada.post(ROOM, NORA)
    filed.refresh_from_db()
    assert filed.person == Person.objects.get(email="nora@example.org")
    assert Juror.records.filter(call=cast.call).count() == 5


def test_new_jurors_get_free_codes(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    Juror.records.create(call=cast.call, code="J01", name="Già qui")
    ada.post(ROOM, NORA)
    assert Juror.records.get(email="nora@example.org").code == "J02"


def test_a_juror_of_an_applicants_organisation_is_in_conflict_at_once(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    ada.post(ROOM, NORA | {"organisation": "cooperativa gaia"})
    kept = Conflict.records.get(juror__email="nora@example.org")
    assert (kept.proposal, kept.kind) == (cast.proposals[1], Conflict.Kind.ORGANISATION)


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "no address"), ("email", ""), ("name", ""), ("categories", []), ("categories", ["x"])],
)
def test_a_wrong_invitation_keeps_what_was_typed(stage: Stage, ada: Client, field: str, value: object) -> None:
    stage(Phase.SCREENING)
    page = ada.post(ROOM, NORA | {field: value})
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert "Fondazione Saggio" in page.content.decode()
    assert not Juror.records.filter(organisation="Fondazione Saggio").exists()


def test_nobody_joins_the_jury_after_judging(stage: Stage, ada: Client) -> None:
    stage(Phase.DELIBERATION)
    assert ada.get(ROOM).context["may"] is False
    assert ada.post(ROOM, NORA).status_code == 409
    assert not Juror.records.filter(email="nora@example.org").exists()


def test_a_conflict_noted_by_hand_takes_the_proposal_away(cast: Cast, ada: Client) -> None:
    first = cast.proposals[0]
    assert ada.post(f"{ROOM}conflict/", {"juror": "Bruno", "proposal": first.code.lower()}).status_code == 302
    assert cast.assignment("Bruno").state == Assignment.State.RECUSED
    assert Conflict.records.get(juror=cast.jurors["Bruno"]).kind == Conflict.Kind.ORGANISER
    shown = [(row.juror.code, row.proposal.code, row.cause) for row in ada.get(ROOM).context["conflicts"]]
    assert ("Bruno", first.code, "set by an organiser") in shown


def test_a_conflict_noted_late_removes_the_ballot_from_the_ranking(cast: Cast, ada: Client) -> None:
    cast_ballots(cast)
    ada.post(f"{ROOM}conflict/", {"juror": "Bruno", "proposal": cast.proposals[0].code})
    outbox.drain(clock.now)
    standing = standing_from_json(Ranking.records.get(round=cast.round, current=True).standing)
    assert {row.code: row.ballots for row in standing.rows}[cast.proposals[0].code] == 2


@pytest.mark.parametrize("typed", [{"juror": "Bruno", "proposal": "XX"}, {"juror": "Zoe"}, {}])
def test_a_conflict_with_nobody_or_nothing_is_told(cast: Cast, ada: Client, typed: dict[str, str]) -> None:
    page = ada.post(f"{ROOM}conflict/", typed)
    assert page.status_code == 422
    assert page.context["conflict_form"].errors
    assert Conflict.records.count() == 1


def test_a_draft_cannot_be_named_in_a_conflict(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    assert ada.post(f"{ROOM}conflict/", {"juror": "Bruno", "proposal": cast.draft.code}).status_code == 422


def test_a_chair_sees_names_and_no_addresses(cast: Cast) -> None:
    chiara = browser("Chiara")
    text = chiara.get(ROOM).content.decode()
    assert "Bruno Prova" in text
    assert "bruno@example.org" not in text
    assert chiara.post(ROOM, NORA).status_code == 403
    assert chiara.post(f"{ROOM}conflict/", {"juror": "Bruno", "proposal": cast.proposals[0].code}).status_code == 404


@pytest.mark.parametrize("name", STRANGERS)
def test_nobody_else_touches_the_jury(cast: Cast, name: str) -> None:
    client = browser(name)
    assert client.post(ROOM, NORA).status_code == 404
    assert client.post(f"{ROOM}conflict/", {"juror": "Bruno", "proposal": cast.proposals[0].code}).status_code == 404
    assert Conflict.records.count() == 1


def test_the_room_costs_the_same_at_two_sizes(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    few = statements(ada, ROOM)
    for number in range(40):
        juror = Juror.records.create(call=cast.call, code=f"X{number}", person=person(f"Extra{number}"))
        juror.panels.add(cast.category.panel)
        Conflict.records.create(juror=juror, proposal=cast.proposals[1], declared_at=cast.now)
    assert statements(ada, ROOM) == few <= MOST_STATEMENTS
