"""The start-up check misses a route without a door; what a juror and a chair are handed has no field too many."""

import pytest
from django.contrib.auth.models import AnonymousUser

from common import checks, visibility
from contests.lifecycle import Phase
from contests.models import Proposal
from contests.queries import proposal_cards, proposal_view, roles_of
from reviews.queries import for_api, seats
from tests.cast import Cast, person
from tests.rest import Stage

TELLS_WHO = {"id", "code", "organisation", "applicant_name", "contact_email", "state", "state_reason", "version"}
TELLS_WHO |= {"saved_at", "submitted_at"}


def test_every_route_has_a_door_and_every_door_a_route() -> None:
    assert checks.every_route_has_a_door(None) == []


def test_a_route_without_a_door_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [*checks.routes(), ("back-door", "back-door/")]
    monkeypatch.setattr(checks, "routes", lambda: found)
    assert [error.id for error in checks.every_route_has_a_door(None)] == ["giuria.E001"]


def test_a_door_that_leads_nowhere_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    doors = {**visibility.doors(), "gone": visibility.Door("gone", {})}
    monkeypatch.setattr(visibility, "doors", lambda: doors)
    assert [error.id for error in checks.every_route_has_a_door(None)] == ["giuria.E002"]


def test_what_a_juror_is_handed_does_not_have_what_tells_who_applies(cast: Cast) -> None:
    assignment = cast.assignment("Bruno")
    handed = [
        seats.juror_view(assignment, cast.now),
        for_api.reading(assignment, None, cast.now, files=True)["proposal"],
        for_api.readings([assignment], cast.now)[0]["proposal"],
    ]
    for each in handed:
        assert not vars(each).keys() & TELLS_WHO
        assert each.title == "Progetto 1"  # type: ignore[union-attr] # the view has it


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phase", "sees"), [(Phase.SCREENING, set()), (Phase.JUDGING, {"id", "code", "state", "submitted_at"})]
)
def test_what_a_chair_is_handed_has_no_name(stage: Stage, phase: Phase, sees: set[str]) -> None:
    cast = stage(phase)
    proposal, chair = Proposal.records.select_related("call").get(pk=cast.proposals[0].pk), person("Chiara")
    single = proposal_view(chair, proposal, roles_of(chair, cast.call), cast.now)
    (in_list,) = proposal_cards(chair, [proposal], cast.now)
    assert vars(single).keys() & TELLS_WHO == vars(in_list).keys() & TELLS_WHO == sees


def test_a_stranger_is_handed_an_empty_thing(cast: Cast) -> None:
    for stranger in (AnonymousUser(), person("Sonia")):
        handed = proposal_view(stranger, cast.proposals[0], roles_of(stranger, cast.call), cast.now)
        assert vars(handed).keys() == {"kind"}
