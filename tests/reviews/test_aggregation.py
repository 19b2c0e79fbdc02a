"""Aggregation: a replay changes nothing, who read less gives way to who read more, and kept numbers equal a recount."""

import itertools
import threading

import pytest
from django.db import connection

from common import clock, invariants, outbox
from common.models import Outbox, Run
from contests import services as contests
from engine.scoring import score
from reviews.models import Conflict, Ranking, Tally
from reviews.services import jury
from reviews.services.aggregation import keep_ranking, read_snapshot, recompute_round
from reviews.services.ballots import save_ballot
from tests.cast import ROLES, Cast, cast_ballots, person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def current(cast: Cast) -> Ranking:
    return Ranking.records.get(round=cast.round, current=True)


def rows(cast: Cast) -> list[tuple[str, int | None, str]]:
    """Each proposal's title, place and score, in order of position."""
    tallies = Tally.records.filter(round=cast.round).order_by("position")
    return list(tallies.values_list("proposal__title", "place", "score"))


def test_the_ranking_follows_from_the_ballots(cast: Cast) -> None:
    cast_ballots(cast)

    # 9, 8.5, 9.5 -> 9 · 8, 9, 8 -> 8.33 · 8.5, 8, 9 -> 8.5: 45 + 24.99 + 17
    assert rows(cast) == [("Progetto 1", 1, "86.99"), ("Progetto 2", 2, "70.84"), ("Progetto 3", None, "39.83")]
    assert current(cast).ballots == 9


def test_ballots_saved_one_after_the_other_are_taken_in_together(cast: Cast) -> None:
    cast_ballots(cast, drain=False)

    assert Outbox.objects.filter(kind="recompute round").count() == 1


def test_a_replay_is_a_no_op(cast: Cast) -> None:
    cast_ballots(cast)
    before = current(cast)

    recompute_round(cast.round, now=clock.now())

    assert current(cast).pk == before.pk
    assert current(cast).version == before.version
    assert Run.objects.latest("pk").outcome == "unchanged"


def test_an_older_run_never_takes_the_place_of_a_newer_one(cast: Cast) -> None:
    cast_ballots(cast, "Bruno", "Carla", drain=False)
    old = read_snapshot(cast.round)
    cast_ballots(cast, "Dario")
    newest = current(cast)

    kept, outcome = keep_ranking(cast.round, old, score(old.rules, old.inputs), now=clock.now())

    assert outcome == "overtaken"
    assert kept == newest
    assert current(cast).pk == newest.pk
    assert invariants.breaches() == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_runs_in_any_order_end_at_the_ranking_that_read_most(cast: Cast, order: tuple[int, ...]) -> None:
    snapshots = []
    for name in ("Bruno", "Carla", "Dario"):
        cast_ballots(cast, name, drain=False)
        snapshots.append(read_snapshot(cast.round))

    for index in order:
        snapshot = snapshots[index]
        keep_ranking(cast.round, snapshot, score(snapshot.rules, snapshot.inputs), now=clock.now())

    assert current(cast).ballots == 9
    assert invariants.breaches() == []


def test_a_change_that_is_undone_gives_the_first_ranking_again(cast: Cast) -> None:
    cast_ballots(cast)
    before = rows(cast)
    for version, mark in ((1, "2"), (2, "9")):
        save_ballot(
            assignment=cast.assignment("Bruno"),
            marks={"impact": mark},
            version=version,
            actor=person("Bruno"),
            now=clock.now(),
        )
        outbox.drain(clock.now)

    assert rows(cast) == before
    assert invariants.breaches() == []


def test_the_plain_mean_is_there_before_the_ranking(cast: Cast) -> None:
    cast_ballots(cast, "Bruno", drain=False)

    tally = Tally.records.get(round=cast.round, proposal=cast.proposals[0])

    assert (tally.ballots, tally.mean, tally.place) == (1, "86", None)


def test_an_exclusion_during_judging_moves_the_others_up(cast: Cast) -> None:
    cast_ballots(cast)

    contests.move_proposal(
        proposal=cast.proposals[0],
        verb="exclude",
        actor=cast.organiser,
        roles=ROLES,
        now=clock.now(),
        reason="Documento mancante",
    )
    outbox.drain(clock.now)

    assert rows(cast)[0] == ("Progetto 2", 1, "70.84")
    assert sorted(rows(cast)[1:]) == [("Progetto 1", None, ""), ("Progetto 3", None, "39.83")]  # by code, a random one


def test_a_conflict_declared_after_scoring_takes_the_ballot_out(cast: Cast) -> None:
    cast_ballots(cast)

    jury.declare_conflict(
        juror=cast.jurors["Dario"],
        proposal=cast.proposals[0],
        kind=Conflict.Kind.DECLARED,
        actor=person("Dario"),
        now=clock.now(),
    )
    outbox.drain(clock.now)

    # 9, 8.5 -> 8.75 · 8, 9 -> 8.5 · 8.5, 8 -> 8.25: 43.75 + 25.5 + 16.5
    assert rows(cast)[0] == ("Progetto 1", 1, "85.75")
    assert current(cast).ballots == 8
    assert invariants.breaches() == []


@pytest.mark.django_db(transaction=True)
def test_workers_that_compute_at_once_leave_one_current_ranking(cast: Cast) -> None:
    cast_ballots(cast, drain=False)

    def work() -> None:
        outbox.ask("recompute round", str(cast.round.pk), now=clock.now(), payload={"round": cast.round.pk})
        outbox.drain(clock.now)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recompute_round(cast.round, now=clock.now())

    assert current(cast).ballots == 9
    assert invariants.breaches() == []
