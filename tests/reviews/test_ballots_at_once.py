"""Jurors who save at the same moment, on real connections: nothing is lost, nothing counts twice, one chain."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from common.errors import Refused
from contests.models import Proposal
from reviews.models import Assignment, Ballot, LedgerEntry, Tally
from reviews.services.assignment import assign
from reviews.services.ballots import save_ballot
from reviews.services.judging import lock_judging
from reviews.services.jury import declare_conflict, seat_juror
from reviews.services.ledger import breach_of, official_chain
from tests.cast import ROLES, Cast, person, raise_cast

pytestmark = [pytest.mark.django_db(transaction=True)]
FULL = {"impact": "7", "economy": "7.5", "novelty": "8"}


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Do all at the same moment, each on a connection of its own; return what each said."""
    start = threading.Barrier(len(acts))

    def act(this: Callable[[], object]) -> object:
        start.wait()
        try:
            return this()
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def saving(cast: Cast, pk: object, who: str, marks: dict[str, str], version: int = 0) -> Callable[[], object]:
    def act() -> object:
        rows = Assignment.records.select_related("juror", "proposal__call", "round__category")
        return save_ballot(
            assignment=rows.get(pk=pk), marks=marks, version=version, actor=person(who), now=cast.now,
            complete=marks.keys() == FULL.keys(),
        ).state  # fmt: skip

    return act


@pytest.fixture
def cast() -> Cast:
    return raise_cast()


def test_of_two_windows_on_one_ballot_one_wins_and_the_other_is_told(cast: Cast) -> None:
    pk = cast.assignment("Bruno").pk
    for version in range(4):
        marks = [{"impact": str(mark)} for mark in (1, 2, 3, 4)]
        said = together([saving(cast, pk, "Bruno", each, version) for each in marks])

        assert sorted(map(str, said)) == ["draft", "stale_ballot", "stale_ballot", "stale_ballot"]
        ballot = Ballot.records.get()
        assert (ballot.version, ballot.marks) == (version + 1, marks[said.index("draft")])


def test_eight_jurors_saving_at_once_make_one_chain_and_exact_tallies(cast: Cast) -> None:
    names = [f"Giurato{number}" for number in range(8)]
    for name in names:
        juror = seat_juror(call=cast.call, person=person(name), categories=[cast.category], code=name, now=cast.now)
        for proposal in cast.proposals:
            assign(round_=cast.round, juror=juror, proposal=proposal, actor=cast.organiser, roles=ROLES, now=cast.now)
    rows = Assignment.records.filter(juror__code__in=names).values_list("juror__code", "proposal_id", "pk")
    held = {(code, proposal): pk for code, proposal, pk in rows}
    before = official_chain(cast.call).sequence
    for proposal in cast.proposals:
        said = together([saving(cast, held[name, proposal.pk], name, FULL) for name in names])
        assert said == ["complete"] * 8

    chain = official_chain(cast.call)
    assert chain.sequence == before + 24
    assert breach_of(chain) == ""
    assert LedgerEntry.records.filter(chain=chain, kind="ballot").count() == 24
    assert list(Tally.records.values_list("ballots", "mean")) == [(8, "73.5")] * 3


def test_a_ballot_and_the_lock_at_once_are_one_after_the_other(cast: Cast) -> None:
    pks = [cast.assignment(name).pk for name in ("Bruno", "Carla", "Dario")]
    acts = [saving(cast, pk, name, FULL) for pk, name in zip(pks, ("Bruno", "Carla", "Dario"), strict=True)]
    said = together([*acts, lambda: lock_judging(cast.call, now=cast.now)])

    rows = LedgerEntry.records.filter(chain__call=cast.call).order_by("sequence")
    entries = list(rows.values_list("kind", flat=True))
    assert entries[-1] == "lock"
    assert entries.count("ballot") == said.count("complete") == Ballot.records.count()
    assert set(said) <= {"complete", "not_judging", None}


def test_a_ballot_and_a_conflict_at_once_never_leave_a_ballot_that_counts(cast: Cast) -> None:
    for number, proposal in enumerate(cast.proposals):
        pk = cast.assignment("Bruno", number).pk

        def declare(proposal: Proposal = proposal) -> object:
            return declare_conflict(
                juror=cast.jurors["Bruno"], proposal=proposal, kind="declared", actor=person("Bruno"), now=cast.now
            )

        said = together([saving(cast, pk, "Bruno", FULL), declare])

        tally = Tally.records.filter(proposal=proposal).first()
        assert (tally.ballots if tally else 0) == 0, said
        mine = LedgerEntry.records.filter(chain__call=cast.call, kind__in=["ballot", "conflict"]).order_by("sequence")
        assert mine.values_list("kind", flat=True).last() == "conflict"
    assert not breach_of(official_chain(cast.call))
