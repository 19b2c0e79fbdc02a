"""The ranking room: in order, live, cheap at any size, and only for whom the table names."""

import csv
import gzip
import io

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Person
from common import clock, outbox
from common.models import Outbox
from contests.lifecycle import Phase
from contests.models import Proposal
from reviews.models import Tally
from reviews.queries.ranking import RankedRow
from reviews.services.aggregation import recompute_round
from reviews.views.ranking import axis_of
from tests.cast import Cast, cast_ballots, raise_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def judged() -> Cast:
    """The call in judging, with every ballot cast and ranked."""
    return raise_cast(Phase.JUDGING, scored=True)


def at_desk(client: Client, person: Person) -> Client:
    client.force_login(person)
    return client


def address(cast: Cast, name: str = "organise-ranking") -> str:
    return reverse(name, args=[cast.call.code])


def page(client: Client, cast: Cast, query: str = "") -> str:
    answer = at_desk(client, cast.organiser).get(address(cast) + query, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def crowd(cast: Cast, count: int) -> None:
    """Add admitted proposals that nobody has scored, and rank them too."""
    Proposal.records.bulk_create(
        Proposal(
            call=cast.call,
            category=cast.category,
            code=f"Z-{number:04}",
            title=f"A proposal with a title of some length, number {number}",
            organisation=cast.proposals[0].organisation,
            region="Friuli-Venezia Giulia",
            state="admitted",
            created_at=cast.now,
            saved_at=cast.now,
            submitted_at=cast.now,
        )
        for number in range(count)
    )
    recompute_round(cast.round, now=clock.now())


def test_rows_stand_in_order_of_position(client: Client, judged: Cast) -> None:
    text = page(client, judged)

    first, second, third = (text.index(proposal.title) for proposal in judged.proposals)
    assert first < second < third
    assert "86.99" in text
    assert "Below the threshold" in text
    assert "9 ballots of 9." in text


def test_the_page_costs_the_same_with_three_rows_and_with_sixty(client: Client, judged: Cast) -> None:
    at_desk(client, judged.organiser).get(address(judged))
    with CaptureQueriesContext(connection) as few:
        client.get(address(judged))
    crowd(judged, 60)
    with CaptureQueriesContext(connection) as many:
        answer = client.get(address(judged))

    assert len(few) == len(many) <= 8
    assert not any("standing" in query["sql"] for query in many)
    assert answer.content.decode().count('class="row"') == 50
    assert len(answer.content) <= 60_000
    assert len(gzip.compress(answer.content)) <= 9_000


def test_the_last_page_reads_its_rows_by_position(client: Client, judged: Cast) -> None:
    crowd(judged, 60)

    with CaptureQueriesContext(connection) as queries:
        text = page(client, judged, "?page=2")

    assert "number 59" in text
    assert not any("OFFSET" in query["sql"] for query in queries)


def test_a_page_beyond_the_last_shows_the_last(client: Client, judged: Cast) -> None:
    assert judged.proposals[0].title in page(client, judged, "?page=999")


@pytest.mark.parametrize(
    ("query", "shown"), [("status=placed", [0, 1]), ("status=out", [2]), ("q=progetto+2", [1]), ("q=nowhere", [])]
)
def test_filters_keep_what_they_say(client: Client, judged: Cast, query: str, shown: list[int]) -> None:
    text = page(client, judged, f"?{query}")

    assert [n for n, proposal in enumerate(judged.proposals) if proposal.title in text] == shown


def test_before_the_first_ballot_there_is_no_ranking_and_no_fault(client: Client, cast: Cast) -> None:
    assert "No ranking yet" in page(client, cast)


def test_the_page_says_when_a_newer_ranking_is_coming_or_has_failed(client: Client, cast: Cast) -> None:
    cast_ballots(cast, "Bruno", "Carla")
    assert "up to date." in page(client, cast)

    outbox.ask("recompute round", str(cast.round.pk), now=clock.now(), payload={"round": cast.round.pk})
    assert "a new one is being computed." in page(client, cast)

    Outbox.objects.filter(state="pending").update(state="dead")
    assert "the last computation failed" in page(client, cast)


def test_the_version_changes_with_the_last_ballot_and_not_before(client: Client, cast: Cast) -> None:
    cast_ballots(cast, "Bruno", "Carla")
    client = at_desk(client, cast.organiser)
    tag = client.get(address(cast, "organise-ranking-version"))["ETag"]

    same = client.get(address(cast, "organise-ranking-version"), headers={"If-None-Match": tag})
    cast_ballots(cast, "Dario")
    other = client.get(address(cast, "organise-ranking-version"), headers={"If-None-Match": tag})

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200
    assert other.json()["ballots"] == 9


def test_only_organisers_read_the_ranking_while_jurors_judge(client: Client, judged: Cast) -> None:
    names = ("organise-ranking", "organise-ranking-version", "organise-ranking-csv")
    jurors = [juror.person for juror in judged.jurors.values()]
    for person in (judged.chair, judged.stranger, judged.applicant, judged.other_organiser, *jurors):
        assert person is not None
        for name in names:
            assert at_desk(client, person).get(address(judged, name)).status_code == 404
    client.logout()
    assert client.get(address(judged)).status_code == 302


def test_the_chair_reads_it_in_deliberation(client: Client) -> None:
    cast = raise_cast(Phase.DELIBERATION)

    assert cast.proposals[0].title in at_desk(client, cast.chair).get(address(cast)).content.decode()


def test_the_export_streams_the_rows_and_never_a_formula(client: Client, judged: Cast) -> None:
    Proposal.records.filter(pk=judged.proposals[1].pk).update(title="=1+1")
    answer = at_desk(client, judged.organiser).get(address(judged, "organise-ranking-csv"))

    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))

    assert [row["score"] for row in rows] == ["86.99", "70.84", "39.83"]
    assert [row["status"] for row in rows] == ["placed", "placed", "below_gate"]
    assert rows[1]["title"] == "'=1+1"


def test_kept_columns_and_page_agree(client: Client, judged: Cast) -> None:
    cache.clear()
    text = page(client, judged)

    assert all(f">{score}<" in text for score in Tally.records.exclude(score="").values_list("score", flat=True))


def a_row(place: int | None, low: int | None, high: int | None) -> RankedRow:
    kept = {"place": place, "low": low, "high": high}
    return RankedRow(**{**dict.fromkeys(RankedRow._fields), **kept})


def test_bands_lie_on_all_places_or_on_those_of_the_page() -> None:
    rows = [a_row(951, 839, 1373), a_row(952, 960, 1400), a_row(None, None, None)]
    assert axis_of(rows, 1700) == (839, 1400)
    assert axis_of(rows[1:], 1700) == (952, 1400)  # the official place lies outside
    assert axis_of([a_row(3, 2, 5)], 42) == (1, 42)
    assert axis_of([a_row(3, 2, 5)], 4) == (1, 5)  # a band of a version in which more had a place
    assert axis_of([], 1700) == (1, 1)
