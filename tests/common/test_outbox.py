"""Work as rows: nothing is lost, what is asked twice is done once, and a dead worker's claim passes on."""

import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from common import clock, outbox
from common.models import Outbox

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
SECOND = timedelta(seconds=1)


@pytest.fixture
def done() -> Iterator[list[object]]:
    """What the handler of the kind "note" was given, in order; "fail" as payload makes it fail."""
    seen: list[object] = []

    def note(payload: Mapping[str, object], now: datetime) -> None:
        if payload.get("what") == "fail":
            raise RuntimeError("on purpose")
        seen.append(payload.get("what"))

    outbox.handles("note")(note)
    yield seen
    del outbox._HANDLERS["note"]


def ask(what: str, key: str = "one", now: datetime | None = None) -> None:
    outbox.ask("note", key, now=now or clock.now(), payload={"what": what})


def test_work_that_is_asked_for_many_times_is_done_once(done: list[object]) -> None:
    for _ in range(5):
        ask("a")

    assert outbox.drain(clock.now) == 1
    assert done == ["a"]


def test_work_asked_for_while_it_is_being_done_is_done_again(done: list[object]) -> None:
    ask("a")
    row = outbox.claim(clock.now())
    assert row is not None
    ask("a")
    outbox.perform(row, clock.now())

    assert outbox.drain(clock.now) == 1
    assert done == ["a", "a"]


def test_nothing_is_left_to_do_after_a_rollback(done: list[object]) -> None:
    with transaction.atomic():
        ask("a")
        transaction.set_rollback(True)

    assert outbox.drain(clock.now) == 0
    assert not Outbox.objects.exists()


def test_work_is_not_done_before_it_is_due(done: list[object]) -> None:
    now = clock.now()
    ask("later", now=now + 60 * SECOND)

    assert outbox.drain(lambda: now) == 0
    assert outbox.drain(lambda: now + 61 * SECOND) == 1


def test_a_claim_passes_on_when_its_lease_has_ended_and_not_before(done: list[object]) -> None:
    now = clock.now()
    ask("a", now=now)
    first = outbox.claim(now)
    assert first is not None
    assert outbox.claim(now + SECOND) is None

    second = outbox.claim(now + 11 * SECOND)

    assert second is not None
    assert second.pk == first.pk
    assert second.claim != first.claim


def test_who_lost_its_claim_does_not_mark_the_work_as_done(done: list[object]) -> None:
    now = clock.now()
    ask("a", now=now)
    first = outbox.claim(now)
    outbox.claim(now + 11 * SECOND)
    assert first is not None

    outbox.perform(first, now)

    assert Outbox.objects.get().state == Outbox.State.CLAIMED


def test_failing_work_is_tried_again_later_and_in_the_end_declared_dead(done: list[object]) -> None:
    now = clock.now()
    ask("fail", now=now)
    for attempt in range(outbox.MAX_ATTEMPTS):
        now += timedelta(seconds=2 ** (attempt + 1))
        assert outbox.drain(lambda: now) == 0  # noqa: B023 - drained within the turn

    row = Outbox.objects.get()
    assert row.state == Outbox.State.DEAD
    assert row.attempts == outbox.MAX_ATTEMPTS
    assert "on purpose" in row.error


def test_failing_work_gives_way_to_newer_work_of_its_key(done: list[object]) -> None:
    ask("fail")
    row = outbox.claim(clock.now())
    assert row is not None
    ask("a")
    outbox.perform(row, clock.now())

    assert sorted(Outbox.objects.values_list("state", flat=True)) == ["done", "pending"]


def test_one_failing_row_does_not_stop_the_others(done: list[object]) -> None:
    ask("fail", key="bad")
    ask("good", key="good")

    assert outbox.drain(clock.now) == 1
    assert done == ["good"]


@pytest.mark.django_db(transaction=True)
def test_a_claim_sees_what_every_asker_wrote(done: list[object]) -> None:
    """The lost wake-up: an asker that found the marker pending and has not committed yet holds the claim back."""
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time: there is nothing to race")
    ask("a")
    asked, go = threading.Event(), threading.Event()

    def slow_asker() -> None:
        with transaction.atomic():
            ask("a")
            asked.set()
            go.wait(5)
        connection.close()

    thread = threading.Thread(target=slow_asker)
    thread.start()
    asked.wait(5)
    during = outbox.claim(clock.now())
    go.set()
    thread.join()

    assert during is None
    assert outbox.drain(clock.now) == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_share_the_rows_and_do_each_once(done: list[object]) -> None:
    for number in range(40):
        ask(str(number), key=str(number))

    def work() -> None:
        outbox.drain(clock.now)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, done), key=int) == [str(number) for number in range(40)]


def test_the_bell_rings_only_once_the_change_is_committed(
    done: list[object], django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        ask("a")

    assert callbacks == [outbox.ring]
