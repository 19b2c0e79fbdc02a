"""The progress room: who has done how much, and which proposals lack ballots."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Person
from common import clock
from contests.models import Call, Proposal
from reviews.queries.organise import enter
from reviews.queries.progress import progress_page
from tests.cast import Cast, cast_ballots

pytestmark = pytest.mark.django_db


def page(client: Client, cast: Cast, person: Person | None = None) -> str:
    client.force_login(person or cast.organiser)
    answer = client.get(reverse("organise-progress", args=[cast.call.code]), headers={"Accept-Language": "en"})
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def test_jurors_stand_with_what_they_have_done(client: Client, cast: Cast) -> None:
    cast_ballots(cast, "Bruno")
    text = page(client, cast)

    assert "of 9 ballots" in text
    assert "<b>3</b> of 3" in text
    assert text.count("<b>0</b> of 3") == 2


def test_who_saves_nothing_for_days_is_late(client: Client, cast: Cast) -> None:
    cast_ballots(cast, "Bruno")
    Call.objects.filter(pk=cast.call.pk).update(judging_ends_at=cast.now + timedelta(days=30))
    with time_machine.travel(clock.now() + timedelta(days=6), tick=False):
        text = page(client, cast)

    assert text.count(">Late<") == 2


def test_proposals_that_lack_most_ballots_come_first(cast: Cast) -> None:
    cast_ballots(cast, "Bruno", "Carla")
    Proposal.records.create(
        call=cast.call, category=cast.category, code="NEW", title="New", state="admitted",
        created_at=cast.now, saved_at=cast.now,
    )  # fmt: skip
    visit = enter(cast.organiser, cast.call.code, "organise-progress", cast.now)
    assert visit is not None
    (first, *others), _page = progress_page(visit, cast.round, None)

    assert (len(first.readings), first.done) == (3, 2)
    assert [reading.mark for reading in first.readings] == ["done", "done", "todo"]
    assert others[-1].code == "NEW"


def test_the_page_costs_the_same_with_three_proposals_and_with_sixty(client: Client, cast: Cast) -> None:
    page(client, cast)
    with CaptureQueriesContext(connection) as few:
        page(client, cast)
    Proposal.records.bulk_create(
        Proposal(
            call=cast.call, category=cast.category, code=f"Z{n}", title="Z", state="admitted",
            created_at=cast.now, saved_at=cast.now,
        )
        for n in range(60)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        page(client, cast)

    assert abs(len(few) - len(many)) == 0
    assert len(many) <= 16  # four of them sign in


def test_the_chair_follows_and_nobody_else(client: Client, cast: Cast) -> None:
    juror = cast.jurors["Bruno"].person
    assert juror is not None
    assert "of 9 ballots" in page(client, cast, cast.chair)
    for person in (juror, cast.applicant, cast.stranger, cast.other_organiser):
        assert page(client, cast, person) == "404"
