"""A real competition through the database: the totals that were published come out to the digit."""

import io
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import call_command

from awards.queries.books import open_books
from common.invariants import breaches
from contests.lifecycle import Phase
from contests.models import Call
from contests.queries import phase
from engine.ledger import canonical
from engine.numbers import number
from engine.package import read_package
from reviews.models import Chain, LedgerEntry, Ranking

SKATING = Path(__file__).resolve().parent.parent / "data" / "skating"
pytestmark = pytest.mark.django_db


def run(*command: object) -> str:
    said = io.StringIO()
    call_command(*map(str, command), stdout=said)
    return said.getvalue()


def test_the_published_totals_and_places_are_reproduced() -> None:
    said = run("import_contest", SKATING)
    contest = read_package(SKATING)
    assert "results.csv: no differences" in said
    call = Call.objects.get(code=contest.code)
    published = {row.proposal: number(row.answers["published_total"]) for row in contest.proposals}
    rows = open_books(call).rows
    assert {row.proposal: number(row.score) for row in rows} == published
    for row in rows:
        rivals = [published[other.proposal] for other in rows if other.category == row.category]
        assert int(row.place) == 1 + sum(total > published[row.proposal] for total in rivals)
    assert phase(call, call.judging_opened_at or call.closes_at) == Phase.JUDGING
    assert breaches() == []


def test_results_prints_the_very_bytes_of_results_csv() -> None:
    run("import_contest", SKATING)
    code = read_package(SKATING).code
    assert run("results", code).encode() == (SKATING / "results.csv").read_bytes()


@pytest.mark.sqlite
def test_postgresql_and_sqlite_keep_the_same_bytes() -> None:
    """The hash is of results.csv and of every standing that is kept: both passes of `make test` must find this one."""
    run("import_contest", SKATING)
    code = read_package(SKATING).code
    found = sha256(run("results", code).encode())
    rankings = Ranking.records.filter(round__category__call__code=code).order_by("round__category__code")
    for ranking in rankings:
        found.update(canonical([ranking.standing, ranking.fingerprint]).encode())
    assert rankings
    assert found.hexdigest() == "8c228b233eed08ace30680c091dcbd8882dba5595283561b9329c387cb0d7551"


def test_the_ledger_has_an_entry_for_each_ballot_in_order() -> None:
    run("import_contest", SKATING)
    contest = read_package(SKATING)
    chain = Chain.objects.get(call__code=contest.code)
    entries = LedgerEntry.records.filter(chain=chain, kind="ballot").order_by("sequence")
    order = {(row.juror, row.proposal): number_ for number_, row in enumerate(contest.ballots)}
    assert entries.count() == len(order)
    first = [entry.document for entry in entries[:3]]
    codes = sorted({(row.proposal, row.juror) for row in contest.ballots if row.round == contest.ballots[0].round})
    categories = [category.code for category in contest.categories]
    belongs = {row.proposal: row.category for row in contest.proposals}
    codes.sort(key=lambda pair: (categories.index(belongs[pair[0]]), *pair))
    for (proposal, juror), document in zip(codes, first, strict=False):
        assert f'"juror":"{juror}"' in document
        assert f'"proposal":"{proposal}"' in document
