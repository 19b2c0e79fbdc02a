"""The list is what opens one by one: for every visitor, in every phase, on pages and by the API alike."""

import re
from collections.abc import Iterable
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from common import clock, triggers
from contests.lifecycle import Phase
from contests.models import Attachment, Proposal
from contests.queries import phase
from reviews.models import Assignment, Ballot
from tests.cast import Cast, raise_cast
from tests.plugin import IS_LONG
from tests.security.people import VISITORS, invite

pytestmark = pytest.mark.django_db
Ids = set[UUID]
CODES = ("fare-rete", "altro-bando")
PHASES = [phase for phase in Phase if phase != Phase.DRAFT] if IS_LONG else [Phase.JUDGING, Phase.PUBLISHED]
OK = 200


@pytest.fixture(params=PHASES, ids=str)
def world(request: pytest.FixtureRequest, db: None) -> Cast:
    """Two calls in the same phase, the second without anyone who runs it, and a file on every proposal."""
    other = raise_cast(request.param, code="altro-bando", scored=True)
    cast = raise_cast(request.param, scored=True)
    invite(cast)
    Attachment.records.all().delete()
    for proposal in Proposal.records.all():
        Attachment.records.create(
            proposal=proposal, file=ContentFile(b"%PDF-1.7", "x.pdf"), name=f"di-{proposal.applicant}.pdf",
            content_type="application/pdf", size=8, sha256="0" * 64, uploaded_at=clock.now(),
        )  # fmt: skip
    other.call.roles.all().delete()
    if not IS_LONG:
        _leave_one_reader_of_each_proposal()
    return cast


def _leave_one_reader_of_each_proposal() -> None:
    """Each kind of reader stays; more of the same kind only make the short size longer."""
    more = Assignment.records.filter(juror__code__in=("Carla", "Dario"))
    with triggers.walls_down():
        Ballot.records.filter(assignment__in=more).delete()
        more.delete()


def opens(client: Client, route: str, rows: Iterable[UUID], **given: object) -> Ids:
    """The ids whose own address answers 200."""
    return {pk for pk in rows if client.get(reverse(route, kwargs={**given, "pk": pk})).status_code == OK}


def listed(client: Client, address: str) -> Ids:
    """The ids that a list of the API holds; none where it does not answer."""
    response = client.get(f"{address}?limit=200")
    body = response.json() if response.status_code == OK else []
    return {UUID(row["id"]) for row in (body["results"] if isinstance(body, dict) else body)}


def linked(client: Client, pattern: str, *addresses: str) -> Ids:
    """The ids that pages link to."""
    answers = [client.get(address) for address in addresses]
    texts = [answer.content.decode() for answer in answers if answer.status_code == OK]
    return {UUID(pk) for text in texts for pk in re.findall(pattern.replace("ID", "([0-9a-f-]{36})"), text)}


def linked_files(client: Client, own: Ids, screened: dict[str, Ids]) -> Ids:
    """The files to which the pages of one's own proposals, and of those that one screens, link."""
    pages = [f"/proposals/{pk}/{step}" for pk in own for step in ("", "files/", "preview/")]
    pages += [f"/organise/{code}/proposals/{pk}/" for code, rows in screened.items() for pk in rows]
    return linked(client, "/attachments/ID/", *pages)


def test_what_is_listed_is_what_opens(world: Cast) -> None:
    every = {kind: set(kind.records.values_list("pk", flat=True)) for kind in (Proposal, Assignment, Attachment)}
    proposals, assignments, attachments = every.values()
    counts: dict[str, int] = {}
    for visitor in VISITORS:
        client, name = visitor.client(), visitor.name

        # By the API.
        mine = listed(client, "/api/v1/proposals/")
        reads = listed(client, "/api/v1/assignments/")
        files = set().union(*(listed(client, f"/api/v1/proposals/{pk}/attachments/") for pk in proposals))
        assert mine == opens(client, "api-proposal", proposals), name
        assert reads == opens(client, "api-assignment", assignments), name
        assert files == opens(client, "api-attachment", attachments), name
        assert {file.proposal_id for file in Attachment.records.filter(pk__in=files)} == mine, name

        # On pages, and the same objects.
        own = opens(client, "proposal", proposals)
        assert own == linked(client, r'/proposals/ID/"', "/my/"), name
        screened = {code: opens(client, "organise-proposal", proposals, code=code) for code in CODES}
        for code in CODES:
            room = f"/organise/{code}"
            assert screened[code] == linked(client, f"{room}/proposals/ID/", f"{room}/screening/"), (name, code)
            explained = opens(client, "organise-why", proposals, code=code)
            assert explained == linked(client, r'href="(?:[^"]*/ranking/)?ID/', f"{room}/ranking/"), (name, code)
        assert mine == own.union(*screened.values()), name
        assert files == opens(client, "attachment", attachments) == linked_files(client, own, screened), name
        desks = [f"/jury/{code}/{pile}" for code in CODES for pile in ("", "scored/", "later/")]
        assert reads == opens(client, "score", assignments) == linked(client, "/jury/ID/", "/jury/", *desks), name
        counts[name] = len(mine | reads)

    nobodys = {"anonymous", "Sonia", "Piero", "Olga", "Marta", "Renzo"}
    assert {name for name, count in counts.items() if count == 0} >= nobodys
    assert counts["Fabio"] == (2 if world.proposals else 0)  # one in each call, once they are open
    assert counts["Ada"] == len(world.proposals)


def test_a_calls_assignments_are_listed_to_who_may_know_them(world: Cast) -> None:
    of_call = set(Assignment.records.filter(juror__call=world.call).values_list("pk", flat=True))
    chair_waits = phase(world.call, world.now) == Phase.SCREENING  # until judging begins
    for visitor in VISITORS:
        client = visitor.client()
        known = of_call if visitor.name in {"Ada"} | (set() if chair_waits else {"Chiara"}) else set()
        assert listed(client, "/api/v1/calls/fare-rete/assignments/") == known, visitor.name
        assert listed(client, "/api/v1/calls/altro-bando/assignments/") == set(), visitor.name
