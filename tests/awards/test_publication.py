"""Sealing and telling: nothing leaves before its minute, and at that minute everyone can read and check it."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from awards import services
from awards.forms import EmbargoForm
from awards.models import Publication
from common import clock, outbox
from common.errors import Refused
from common.models import AuditEntry, Outbox
from contests.lifecycle import Phase
from contests.models import Call, Proposal
from contests.queries import phase
from notifications.models import Delivery
from reviews.models import Chain, Ranking
from reviews.services.aggregation import recompute_round
from tests.cast import ROLES, Cast, cast_ballots, person, raise_cast

pytestmark = pytest.mark.django_db
CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
LATER = timedelta(days=2)


@pytest.fixture(autouse=True)
def nothing_is_cached() -> None:
    cache.clear()


@pytest.fixture
def closed() -> Cast:
    """The call in deliberation; the first proposal wins the prize."""
    return raise_cast(Phase.DELIBERATION)


def seal(cast: Cast, released_at: datetime | None = None) -> Publication:
    return services.seal_results(
        call=cast.call,
        released_at=released_at or clock.now() + LATER,
        actor=cast.organiser,
        roles=ROLES,
        now=clock.now(),
    )


def public(client: Client, cast: Cast, name: str = "results") -> str:
    return client.get(reverse(name, args=[cast.call.code]), headers={"Accept-Language": "en"}).content.decode()


# The seal.


def test_a_sealed_result_tells_winners_and_names_nobody_without_a_place(closed: Cast) -> None:
    document = seal(closed).document

    assert document["told"]["prizes"][0]["winners"] == [closed.proposals[0].code]
    assert [row["place"] for row in document["told"]["rows"]] == ["1", "2"]
    assert closed.proposals[2].code not in str(document["told"])
    assert closed.proposals[2].code in str(document["kept"])


def test_the_seal_ends_judging_and_the_ledger(cast: Cast) -> None:
    cast_ballots(cast)
    seal(cast)
    call = Call.objects.get(pk=cast.call.pk)

    assert phase(call, clock.now()) == Phase.SEALED
    assert call.judging_closed_at is not None
    assert Chain.objects.get(call=call, kind="official").closed_at is not None


def test_a_ranking_that_is_not_what_its_inputs_give_is_never_sealed(closed: Cast) -> None:
    Proposal.records.filter(pk=closed.proposals[1].pk).update(state="withdrawn")

    with pytest.raises(Refused, match="ranking_not_current"):
        seal(closed)

    recompute_round(closed.round, now=clock.now())
    assert seal(closed).document["told"]["rows"][0]["proposal"] == closed.proposals[0].code


def test_a_round_without_a_ranking_keeps_the_call_from_being_sealed(closed: Cast) -> None:
    Ranking.records.all().delete()

    with pytest.raises(Refused, match="nothing_to_publish"):
        seal(closed)


def test_results_are_sealed_once_by_organisers_and_not_for_the_past(closed: Cast) -> None:
    with pytest.raises(Refused, match="not_allowed"):
        services.seal_results(
            call=closed.call, released_at=clock.now() + LATER, actor=closed.chair,
            roles=frozenset({"chair"}), now=clock.now(),
        )  # fmt: skip
    with pytest.raises(Refused, match="embargo_past"):
        seal(closed, clock.now() - LATER)
    seal(closed)
    with pytest.raises(Refused, match="already_sealed"):
        seal(closed)


# The embargo.


def watched(cast: Cast) -> list[str]:
    """The addresses that anybody may look at while results are sealed."""
    return [
        reverse("home"),
        reverse("call", args=[cast.call.code]),
        reverse("results-list"),
        *(reverse(name, args=[cast.call.code]) for name in ("results", "results-version", "results-document")),
        reverse("proposal", args=[cast.proposals[0].pk]),
        reverse("proposal", args=[cast.proposals[1].pk]),
    ]


def seen_by(cast: Cast, *people: Person | None) -> dict[tuple[str, str], tuple[int, bytes]]:
    found = {}
    for someone in people:
        client = Client()
        if someone:
            client.force_login(someone)
        for address in watched(cast):
            cache.clear()
            answer = client.get(address)
            found[str(someone), address] = (answer.status_code, CSRF.sub(b"", answer.content))
    return found


def in_another_world(cast: Cast, change: Callable[[], object], *people: Person | None) -> dict[tuple[str, str], object]:
    with transaction.atomic():
        change()
        outbox.drain(clock.now)
        seen = seen_by(cast, *people)
        transaction.set_rollback(True)
    cast.call.refresh_from_db()
    return dict(seen)


def test_before_release_two_worlds_that_differ_in_the_winner_look_the_same(closed: Cast) -> None:
    until = clock.now() + LATER
    people = (None, closed.applicant, closed.other_applicant, closed.jurors["Bruno"].person, closed.stranger)

    def the_second_wins() -> None:
        services.decide(
            kind="confer", round_=closed.round, prize=closed.prize, proposal=closed.proposals[1],
            actor=closed.organiser, roles=ROLES, now=clock.now(), reason="Because.", second=closed.chair,
        )  # fmt: skip
        seal(closed, until)

    with time_machine.travel(clock.now(), tick=False):
        one = in_another_world(closed, lambda: seal(closed, until), *people)
        other = in_another_world(closed, the_second_wins, *people)

    assert one == other
    assert len(one) == len(people) * len(watched(closed))


def test_before_release_nothing_is_written_for_anyone(closed: Cast) -> None:
    before = Delivery.objects.count()
    seal(closed)
    outbox.drain(clock.now)

    assert Delivery.objects.count() == before
    waiting = Outbox.objects.get(kind="announce results")
    assert waiting.payload == {"call": closed.call.pk}
    assert closed.proposals[0].code not in str(list(AuditEntry.objects.filter(verb="seal").values()))


def test_the_document_does_not_exist_before_release(client: Client, closed: Cast) -> None:
    seal(closed)

    assert client.get(reverse("results-document", args=[closed.call.code])).status_code == 404


def test_organisers_too_see_the_neutral_page_in_public(client: Client, closed: Cast) -> None:
    seal(closed)
    client.force_login(closed.organiser)

    assert "Not public yet" in public(client, closed)


def test_before_judging_there_is_no_page_of_results(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)

    assert client.get(reverse("results", args=[cast.call.code])).status_code == 404


# The release.


def test_at_its_minute_the_page_changes_by_itself(client: Client, closed: Cast) -> None:
    publication = seal(closed)
    tag = client.get(reverse("results-version", args=[closed.call.code]))["ETag"]
    with time_machine.travel(publication.released_at - timedelta(seconds=1), tick=False):
        assert "Not public yet" in public(client, closed)
    with time_machine.travel(publication.released_at, tick=False):
        cache.clear()
        text = public(client, closed)
        version = client.get(reverse("results-version", args=[closed.call.code]), headers={"If-None-Match": tag})

    assert version.status_code == 200
    assert closed.proposals[0].title in text
    assert "86.99" in text
    assert publication.hash in text
    assert closed.proposals[2].title not in text


def test_a_page_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    cast = raise_cast(Phase.PUBLISHED)
    address = reverse("results", args=[cast.call.code])
    tag = client.get(address)["ETag"]

    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_anyone_can_compute_the_fingerprint_from_the_downloaded_bytes(client: Client) -> None:
    cast = raise_cast(Phase.PUBLISHED)
    answer = client.get(reverse("results-document", args=[cast.call.code]))

    assert hashlib.sha256(answer.content).hexdigest() == cast.publication.hash


def test_prizes_not_conferred_and_mentions_are_told(client: Client, closed: Cast) -> None:
    for kind, prize, proposal, reason in (
        ("not_conferred", closed.prize, None, "Nobody convinced the jury."),
        ("mention", None, closed.proposals[1], "For its courage."),
    ):
        services.decide(
            kind=kind, round_=closed.round, prize=prize, proposal=proposal, actor=closed.organiser,
            roles=ROLES, now=clock.now(), reason=reason, second=closed.chair,
        )  # fmt: skip
    publication = seal(closed)
    with time_machine.travel(publication.released_at, tick=False):
        text = public(client, closed)

    assert "Nobody convinced the jury." in text
    assert "Special mention" in text


def test_each_applicant_is_told_once_at_that_minute(closed: Cast) -> None:
    publication = seal(closed)
    mail.outbox.clear()
    outbox.drain(lambda: publication.released_at - timedelta(seconds=1))
    assert mail.outbox == []

    outbox.drain(lambda: publication.released_at)
    services.announce({"call": closed.call.pk}, publication.released_at)
    outbox.drain(lambda: publication.released_at + timedelta(minutes=1))

    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        person(name).email for name in ("Fabio", "Gaia", "Livia")
    )
    by_address = {message.to[0]: message.body for message in mail.outbox}
    assert "premio" in by_address[person("Fabio").email]
    assert "sotto soglia" in by_address[person("Livia").email]


def test_an_announcement_asked_for_too_early_says_nothing(closed: Cast) -> None:
    seal(closed)
    before = Delivery.objects.count()

    services.announce({"call": closed.call.pk}, clock.now())

    assert Delivery.objects.count() == before


# Moving the embargo.


def test_the_embargo_moves_while_nothing_is_public_and_the_mails_move_with_it(closed: Cast) -> None:
    publication = seal(closed)
    first, later = publication.released_at, publication.released_at + LATER
    services.move_embargo(call=closed.call, released_at=later, actor=closed.organiser, roles=ROLES, now=clock.now())
    mail.outbox.clear()

    outbox.drain(lambda: first)
    assert mail.outbox == []
    outbox.drain(lambda: later)
    assert len(mail.outbox) == 3
    assert Call.objects.get(pk=closed.call.pk).released_at == later


def test_the_embargo_never_moves_once_the_results_are_public(closed: Cast) -> None:
    publication = seal(closed)
    after = publication.released_at + timedelta(seconds=1)

    with pytest.raises(Refused, match="already_told"):
        services.move_embargo(
            call=closed.call, released_at=after + LATER, actor=closed.organiser, roles=ROLES, now=after
        )
    with pytest.raises(Refused, match="not_allowed"):
        services.move_embargo(
            call=closed.call, released_at=after, actor=closed.chair, roles=frozenset({"chair"}), now=clock.now()
        )


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [("2027-03-28", "02:30", "skip this time"), ("2026-10-25", "02:30", "show this time twice")],
)
def test_times_that_clocks_skip_or_show_twice_are_refused(closed: Cast, day: str, time: str, words: str) -> None:
    form = EmbargoForm({"day": day, "time": time}, zone=closed.call.zone)

    assert not form.is_valid()
    assert any(each in str(form.errors) for each in (words, "non esiste", "due volte"))


def test_the_room_previews_seals_and_moves(client: Client, closed: Cast) -> None:
    client.force_login(closed.organiser)
    room = reverse("organise-publication", args=[closed.call.code])
    assert closed.proposals[0].title in client.get(room).content.decode()
    day = (clock.now() + LATER).astimezone(closed.call.zone).date()

    refused = client.post(reverse("organise-seal", args=[closed.call.code]), {"day": "2020-01-01", "time": "12:00"})
    assert refused.status_code == 422
    sealed = client.post(
        reverse("organise-seal", args=[closed.call.code]), {"day": day.isoformat(), "time": "12:00"}, follow=True
    )
    assert closed.publication.hash in sealed.content.decode()
    client.post(
        reverse("organise-embargo", args=[closed.call.code]),
        {"day": (day + timedelta(days=1)).isoformat(), "time": "12:00"},
    )
    assert closed.publication.released_at.astimezone(closed.call.zone).hour == 12
    assert closed.publication.released_at.astimezone(closed.call.zone).date() == day + timedelta(days=1)
