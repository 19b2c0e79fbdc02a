"""Two worlds that differ in one secret: whoever may not know it gets the same bytes in both.

A matrix sees who gets an answer; only this sees what an answer lets through: a count, an order, a status, a header.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, Person
from awards.models import Decision, Publication
from common import clock, triggers
from contests.lifecycle import Phase
from contests.models import Attachment, Proposal
from notifications.models import Delivery
from reviews.models import Ballot, Conflict, Juror, Ranking, Tally
from tests.cast import Cast, cast_ballots, person, raise_cast
from tests.plugin import IS_LONG
from tests.security.people import VISITORS, invite
from tests.security.test_matrix import cells

pytestmark = pytest.mark.django_db
CSRF = re.compile(rb'(name="csrfmiddlewaretoken" value="|csrf-token" content=")[^"]*')
HEADERS = (
    "Content-Type",
    "Content-Disposition",
    "Content-Length",
    "Location",
    "ETag",
    "Last-Modified",
    "Cache-Control",
)
APPLICANT, ORGANISER, CHAIR = "Fabio", "Ada", "Chiara"
BEFORE = (Phase.JUDGING, Phase.DELIBERATION, Phase.SEALED)
TOLD = (*BEFORE, Phase.PUBLISHED)


@dataclass(frozen=True)
class Secret:
    """Something that changes, and who may notice it in the given phases.

    `chair_from` is when the chair may; `shown_at` the one page that shows it to others too, apart from its object.
    """

    change: Callable[[Cast], object]
    known_to: frozenset[str]
    phases: tuple[Phase, ...] = BEFORE
    chair_from: Phase | None = None
    shown_at: str = ""

    def knowers(self, phase: Phase) -> frozenset[str]:
        order = list(Phase)
        chair = self.chair_from is not None and order.index(phase) >= order.index(self.chair_from)
        return self.known_to | ({CHAIR} if chair else set())


def secret(change: Callable[[Cast], object], *known_to: str, **more: object) -> Secret:
    return Secret(change, frozenset(known_to), **more)


def first(cast: Cast) -> object:
    """The first proposal's row."""
    return Proposal.records.filter(pk=cast.proposals[0].pk)


def ballot_of(cast: Cast, name: str) -> object:
    return Ballot.records.filter(assignment__juror__code=name, assignment__proposal=cast.proposals[0])


def rename_winner(cast: Cast) -> None:
    """Another one wins, in the sealed document."""
    for publication in Publication.records.filter(call=cast.call):
        told = publication.document["told"]
        told["rows"].reverse()
        told["prizes"][0]["winners"] = [told["rows"][0]["proposal"]]
        publication.save()


SECRETS: dict[str, Secret] = {
    "the applicant's name": secret(
        lambda cast: (
            first(cast).update(applicant_name="Zeno Saggio"),
            Person.objects.filter(pk=person("Fabio").pk).update(name="Zeno Saggio"),
        ),
        APPLICANT,
        ORGANISER,
        phases=TOLD,
    ),
    "the applicant's address": secret(
        lambda cast: (
            first(cast).update(contact_email="zeno@example.org"),
            Person.objects.filter(pk=person("Fabio").pk).update(email="zeno@example.org"),
        ),
        APPLICANT,
        ORGANISER,
        phases=TOLD,
    ),
    "the applicant's organisation": secret(
        lambda _cast: Organisation.objects.filter(name="Cooperativa Fabio").update(name="Cooperativa Zeno"),
        APPLICANT,
        ORGANISER,
        chair_from=Phase.DELIBERATION,
        shown_at="/jury/fare-rete/conflicts/",  # names to declare conflicts with, not linked to what they sent
    ),
    "the name of a file": secret(
        lambda _cast: Attachment.records.update(name="bilancio-zeno.pdf"),
        APPLICANT,
        ORGANISER,
        phases=TOLD,
        chair_from=Phase.JUDGING,
    ),
    "another juror's marks": secret(
        lambda cast: ballot_of(cast, "Carla").update(marks={"impact": "1", "economy": "1", "novelty": "1"}),
        ORGANISER,
        phases=TOLD,
        chair_from=Phase.DELIBERATION,
    ),
    "another juror's note": secret(
        lambda cast: ballot_of(cast, "Carla").update(note="Conosco il presidente."),
        phases=TOLD,
    ),
    "another juror's comment": secret(
        lambda cast: ballot_of(cast, "Carla").update(comment="Poco convincente."),
        ORGANISER,
        phases=TOLD,
        chair_from=Phase.DELIBERATION,
    ),
    "that another juror has scored": secret(
        lambda cast: ballot_of(cast, "Carla").update(state="draft", completed_at=None),
        ORGANISER,
        CHAIR,
        phases=TOLD,
    ),
    "who is in conflict": secret(
        lambda _cast: Conflict.records.filter(juror__code="Elena").delete(), ORGANISER, CHAIR, "Elena", phases=TOLD
    ),
    "a juror's name": secret(
        lambda _cast: Juror.records.filter(code="Carla").update(name="Zita Saggio"), ORGANISER, CHAIR, phases=TOLD
    ),
    "places and scores": secret(
        lambda cast: Tally.records.filter(proposal=cast.proposals[0]).update(score="11.11", place=3),
        ORGANISER,
        chair_from=Phase.DELIBERATION,
        phases=TOLD,
    ),
    "how sure a place is": secret(
        lambda cast: Tally.records.filter(proposal=cast.proposals[0]).update(low=1, high=2, in_top="0.5", zone=True),
        ORGANISER,
        chair_from=Phase.DELIBERATION,
        phases=TOLD,
    ),
    "how a juror scores": secret(
        lambda cast: Ranking.records.filter(round=cast.round).update(severities=[{"juror": "Carla", "severity": -9.5}]),
        chair_from=Phase.DELIBERATION,
        phases=TOLD,
    ),
    "who wins, under embargo": secret(rename_winner, ORGANISER, CHAIR, phases=(Phase.SEALED,)),
    "a decision": secret(
        lambda cast: Decision.records.create(
            round=cast.round, kind="mention", proposal=cast.proposals[1], by_person=cast.organiser, at=cast.now
        ),
        ORGANISER,
        CHAIR,
    ),
    "that somebody has a draft": secret(
        lambda _cast: Proposal.records.filter(applicant=person("Ivo")).delete(),
        ORGANISER,
        phases=(Phase.OPEN, *TOLD),
        chair_from=Phase.DRAFT,
    ),
    "why a proposal is excluded": secret(
        lambda cast: first(cast).update(state_reason="Documento mancante"),
        APPLICANT,
        ORGANISER,
        phases=TOLD,
    ),
    "a mail": secret(
        lambda cast: Delivery.objects.create(
            key="k", type="receipt", to="zeno@example.org", language="it", subject="Zeno", created_at=cast.now
        ),
        phases=TOLD,
    ),
}


def answer(client: Client, address: str) -> tuple[object, ...]:
    """Everything that a viewer gets: status, headers, bytes; and how many statements it took, for the clock's sake."""
    cache.clear()  # what an earlier visitor left there would save statements
    reset_queries()  # Django remembers 9,000 at most
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = tuple(response.get(name) for name in HEADERS)
    return response.status_code, headers, CSRF.sub(b"", body), len(queries)


Seen = dict[tuple[str, str], tuple[object, ...]]


def crawl(cast: Cast, *names: str) -> Seen:
    """Visit every route as these visitors."""
    clients = {visitor.name: visitor.client() for visitor in VISITORS if visitor.name in names}
    addresses = [(visitor.name, address) for visitor, _door, address in cells(cast) if visitor.name in clients]
    return {(name, address): answer(clients[name], address) for name, address in addresses}


def other_world(cast: Cast, secrets: Iterable[Secret], *names: str) -> Seen:
    """Change secrets, let visitors look around, and change them back."""
    with transaction.atomic():
        with triggers.walls_down():  # a secret may be another mark, after the lock
            for each in secrets:
                each.change(cast)
        seen = crawl(cast, *names)
        transaction.set_rollback(True)
    return seen


# The short size sends those who are nearest to a secret that is not theirs; the long one everybody.
NEAR = {"anonymous", "Gaia", "Bruno", "Elena", "Chiara", "Olga"}
SENT = [visitor for visitor in VISITORS if IS_LONG or visitor.name in NEAR]


@pytest.mark.parametrize("phase", [Phase.OPEN, *TOLD] if IS_LONG else [Phase.JUDGING, Phase.SEALED], ids=str)
def test_who_may_not_know_a_secret_sees_the_same_bytes(phase: Phase, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a visitor may not know changes at once; the long size changes one secret after the other."""
    monkeypatch.setattr(settings, "EMBEDDED", False)  # the outbox page shows every mail, at one's own machine only
    cast = raise_cast(phase)
    invite(cast)
    if phase == Phase.JUDGING:
        cast_ballots(cast)
    leaks = []
    with time_machine.travel(clock.now(), tick=False):
        plain = crawl(cast, *(visitor.name for visitor in SENT))
        for visitor in SENT:
            unknown = {
                what: each
                for what, each in SECRETS.items()
                if phase in each.phases and visitor.name not in each.knowers(phase)
            }
            for whats in [[what] for what in unknown] if IS_LONG else together(unknown):
                seen = other_world(cast, [unknown[what] for what in whats], visitor.name)
                shown = {unknown[what].shown_at for what in whats}
                other = [cell for cell in seen if seen[cell] != plain[cell] and cell[1] not in shown]
                leaks += [f"{visitor.name} sees {' or '.join(whats)} at {address}" for _name, address in other]

    assert not leaks, "\n".join(leaks)


def together(secrets: dict[str, Secret]) -> list[list[str]]:
    """Return the secrets that may change at once: those that no page shows, and each of the others."""
    apart = [[what] for what, each in secrets.items() if each.shown_at]
    return [[what for what, each in secrets.items() if not each.shown_at], *apart]


@pytest.mark.parametrize("what", SECRETS)
def test_whoever_may_know_a_secret_can_find_it_or_nobody_shows_it_yet(what: str) -> None:
    """The other half: a change that no crawl could ever notice would prove nothing."""
    each = SECRETS[what]
    phase = each.phases[-1]
    cast = raise_cast(phase)
    invite(cast)
    before = _fingerprint()
    with triggers.walls_down():
        each.change(cast)

    assert _fingerprint() != before


def _fingerprint() -> str:
    models = (
        Proposal.records,
        Person.objects,
        Organisation.objects,
        Attachment.records,
        Ballot.records,
        Conflict.records,
    )
    more = (Juror.records, Tally.records, Ranking.records, Publication.records, Decision.records, Delivery.objects)
    return repr([list(manager.order_by("pk").values()) for manager in (*models, *more)])
