"""Real workers, real processes, real trouble: what jurors gave is never lost, and the ranking comes by itself."""

import http.client
import socket
import time
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from common import clock, invariants
from common.models import Outbox, Run
from reviews.models import LedgerEntry, Ranking
from reviews.services.ballots import save_ballot
from tests.cast import Cast, cast_ballots, person, raise_cast
from tests.workers import kill, start_worker, wait_until, web_server, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]
BALLOTS = 9  # three jurors, three proposals


def ranked() -> bool:
    """Is there a ranking that holds every ballot?"""
    return Ranking.records.filter(current=True, ballots=BALLOTS).exists()


def settled() -> bool:
    """Has all work been done?"""
    return not Outbox.objects.filter(state__in=["pending", "claimed"], kind="recompute round").exists()


@pytest.fixture
def judged() -> Iterator[Cast]:
    """A call in judging, whose mails have been sent."""
    valkey().flushall()
    return raise_cast()


def valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL.replace("redis+socket://", "unix://"))


def give_all(cast: Cast) -> None:
    """All three jurors score, and nobody in this process computes."""
    for name in ("Bruno", "Carla", "Dario"):
        cast_ballots(cast, name, drain=False)


def test_a_ranking_appears_within_two_seconds_of_the_last_ballot(judged: Cast) -> None:
    with worker():
        cast_ballots(judged, "Bruno", "Carla", drain=False)
        wait_until(lambda: Ranking.records.filter(current=True).exists() and settled())

        cast_ballots(judged, "Dario", drain=False)

        assert wait_until(ranked) < 2


def test_many_ballots_are_taken_in_by_few_computations(judged: Cast) -> None:
    give_all(judged)
    with worker():
        wait_until(ranked)

    assert Run.objects.filter(kind="recompute round").count() <= 2


def test_a_worker_killed_in_the_middle_loses_nothing(judged: Cast) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the test holds a table lock")
    give_all(judged)
    first = start_worker()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE reviews_ranking IN ACCESS EXCLUSIVE MODE")  # it computes, and cannot write
            wait_until(_claimed_elsewhere)
            time.sleep(0.5)
            kill(first)
        assert not ranked()
    finally:
        if first.poll() is None:
            kill(first)
    with worker():
        assert wait_until(ranked) < 15
        assert wait_until(settled) < 15

    assert LedgerEntry.records.filter(kind="ballot").count() == BALLOTS
    assert Ranking.records.filter(current=True).count() == 1
    assert invariants.breaches() == []


def _claimed_elsewhere() -> bool:
    return Outbox.objects.filter(kind="recompute round", state="claimed").exists()


def test_a_wiped_valkey_with_work_pending_loses_nothing(judged: Cast) -> None:
    give_all(judged)
    valkey().flushall()
    with worker():
        assert wait_until(ranked) < 15

        valkey().flushall()
        _change_a_mark(judged)
        assert wait_until(lambda: Ranking.records.filter(current=True, version__gt=1).exists()) < 15

    assert invariants.breaches() == []


def _change_a_mark(cast: Cast) -> None:
    save_ballot(
        assignment=cast.assignment("Bruno", 1),
        marks={"impact": "9.5"},
        version=1,
        actor=person("Bruno"),
        now=clock.now(),
    )


def test_a_worker_that_dies_again_and_again_loses_nothing(judged: Cast, size: object) -> None:
    kills = size(2, 20)
    give_all(judged)
    for _turn in range(kills):
        process = start_worker()
        time.sleep(2.5)
        kill(process)
    with worker():
        wait_until(ranked)
        wait_until(settled)

    assert invariants.breaches() == []


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A broker's address that accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_a_ballot_is_saved_within_a_second_while_valkey_is_a_black_hole(judged: Cast, black_hole: str) -> None:
    client = Client()
    client.force_login(person("Bruno"))
    cookies = f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}; {settings.CSRF_COOKIE_NAME}={'a' * 32}"
    headers = {
        "Cookie": cookies,
        "X-CSRFToken": "a" * 32,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    took = []
    with web_server(REDIS_URL=black_hole) as address:
        for number in range(3):
            form = urlencode({"mark-impact": "8", "mark-economy": "7.5", "mark-novelty": "9", "version": "0"})
            start = time.monotonic()
            server = http.client.HTTPConnection(address, timeout=30)
            server.request("POST", reverse("score", args=[judged.assignment("Bruno", number).pk]), form, headers)
            answer = server.getresponse()
            took.append(time.monotonic() - start)
            assert answer.status == HTTPStatus.FOUND, answer.read()[:500]

    assert max(took) < 1
    assert LedgerEntry.records.filter(kind="ballot").count() == len(took)
    with worker():  # and as soon as there is a broker again, the ranking comes
        wait_until(lambda: Ranking.records.filter(current=True, ballots=len(took)).exists())
