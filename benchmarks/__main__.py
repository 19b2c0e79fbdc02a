"""Measure goals 1, 2, 6 and 13 at N=135 and N=10,000 on a throw-away PostgreSQL, each beside the bound of the same run.

    python -m benchmarks [--small 135] [--large 10000] [--turns 40]

Requests of one user go through the whole of Django, interleaved with the bound's; each figure is the least of its
turns.
The bound is what a Django page costs at least that does the same work (benchmarks/urls.py).
"""

import argparse
import gzip
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers import start_postgres

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from contests.models import Call

Request = Callable[[], "HttpResponse"]
# Goal by page: at most how many times the bound, at most how many statements.
RANKING_AT_MOST, SAVE_AT_MOST, GROWTH_AT_MOST, STATEMENTS_AT_MOST, SAVE_STATEMENTS = 4.0, 4.0, 1.2, 12, 10
TRANSACTION = {"BEGIN", "COMMIT"}  # they ask nothing of a table
BYTES_AT_MOST, GZIP_AT_MOST = 60_000, 9_000


@dataclass
class Figure:
    """What one page cost: the least of its turns, in milliseconds, its statements and its bytes."""

    name: str
    milliseconds: float = float("inf")
    statements: int = 0
    size: int = 0
    zipped: int = 0
    turns: list[float] = field(default_factory=list)


def measure(pages: dict[str, Request], turns: int) -> dict[str, Figure]:
    """Call every page in turn, `turns` times, and return each one's figures."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    figures = {name: Figure(name) for name in pages}
    for name, request in pages.items():
        request()
        with CaptureQueriesContext(connection) as queries:
            content = request().content
        figures[name].statements = sum(query["sql"] not in TRANSACTION for query in queries)
        figures[name].size = len(content)
        figures[name].zipped = len(gzip.compress(content))
    for _turn in range(turns):
        for name, request in pages.items():
            start = time.perf_counter()
            request()
            figures[name].milliseconds = min(figures[name].milliseconds, 1000 * (time.perf_counter() - start))
    return figures


def pages_of(call: "Call", organiser: "Client", juror: "Client") -> dict[str, Request]:
    """Return the pages that are measured, and their bounds."""
    from contests.models import Round
    from reviews.models import Assignment, Ballot

    round_ = Round.objects.get(category__call=call)
    assignment = Assignment.records.filter(round=round_, juror__code="J00001").first()
    assert assignment is not None  # noqa: S101 - the seed gives every juror something to read
    marks = {"mark-impact": "8", "mark-economy": "7.5", "mark-novelty": "6"}
    flips = iter(range(10**9))

    kept = {"version": Ballot.records.values_list("version", flat=True).get(assignment=assignment)}

    def save() -> "HttpResponse":
        tap = {**marks, "mark-impact": str(next(flips) % 10), **kept}
        response = juror.post(f"/jury/{assignment.pk}/save/", tap, headers={"Accept": "application/json"})
        kept["version"] = response.json()["version"]
        return response

    def bound_save() -> "HttpResponse":
        tap = {**marks, "mark-impact": str(next(flips) % 10), "assignment": str(assignment.pk)}
        return juror.post("/bound/save/", tap)

    here, visitor = f"/organise/{call.code}", type(organiser)()
    return {
        "bound, 50 rows": lambda: organiser.get(f"/bound/?round={round_.pk}"),
        "ranking": lambda: organiser.get(f"{here}/ranking/"),
        "ranking, last page": lambda: organiser.get(
            f"{here}/ranking/?page={max(1, -(-Ballot.records.count() // 150))}"
        ),
        "overview": lambda: organiser.get(f"{here}/"),
        "progress": lambda: organiser.get(f"{here}/progress/"),
        "screening": lambda: organiser.get(f"{here}/screening/"),
        "a proposal": lambda: organiser.get(f"{here}/proposals/{assignment.proposal_id}/"),
        "assignment": lambda: organiser.get(f"{here}/assignment/"),
        "decisions": lambda: organiser.get(f"{here}/decisions/"),
        "call, public": lambda: organiser.get(f"/calls/{call.code}/"),
        "call, a visitor": lambda: visitor.get(f"/calls/{call.code}/"),
        "juror's home": lambda: juror.get("/jury/"),
        "juror's sheet": lambda: juror.get(f"/jury/{assignment.pk}/"),
        "bound, save": bound_save,
        "save a ballot": save,
    }


def run(proposals: int, turns: int) -> dict[str, Figure]:
    """Seed a contest of that size into an empty database and measure its pages."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from accounts.models import Person
    from benchmarks.seed import seed
    from common import clock, outbox, triggers

    with triggers.walls_down():
        call_command("flush", interactive=False, verbosity=0)
    start = time.perf_counter()
    call = seed(proposals, now=clock.now())
    outbox.drain(clock.now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as the database does by itself, within a minute
    print(f"\nN={proposals:,}: seeded in {time.perf_counter() - start:.1f} s", flush=True)
    organiser, juror = Client(), Client()
    organiser.force_login(Person.objects.get(email="organiser@example.org"))
    juror.force_login(Person.objects.get(email="j00001@example.org"))
    figures = measure(pages_of(call, organiser, juror), turns)
    bounds = {"save a ballot": figures["bound, save"].milliseconds}
    print(f"{'page':<20}{'ms':>8}{'bound':>8}{'×':>7}{'statements':>12}{'bytes':>9}{'gzip':>8}")
    for figure in figures.values():
        bound = bounds.get(figure.name, figures["bound, 50 rows"].milliseconds)
        print(
            f"{figure.name:<20}{figure.milliseconds:>8.1f}{bound:>8.1f}{figure.milliseconds / bound:>7.1f}"
            f"{figure.statements:>12}{figure.size:>9}{figure.zipped:>8}",
            flush=True,
        )
    return figures


def verdicts(small: dict[str, Figure], large: dict[str, Figure]) -> list[str]:
    """Say of each goal whether it is met."""
    rank, bound = large["ranking"], large["bound, 50 rows"]
    saved = max(
        large["save a ballot"].milliseconds / large["bound, save"].milliseconds,
        small["save a ballot"].milliseconds / small["bound, save"].milliseconds,
    )
    growth = (rank.milliseconds / bound.milliseconds) / (
        small["ranking"].milliseconds / small["bound, 50 rows"].milliseconds
    )
    pages = [name for name in large if not name.startswith("bound") and name != "save a ballot"]
    most = max(large[name].statements for name in pages)
    grown = [name for name in pages if large[name].statements != small[name].statements]
    statements = max(small["save a ballot"].statements, large["save a ballot"].statements)
    goals = (
        ("1", "ranking, 50 rows", rank.milliseconds / bound.milliseconds, RANKING_AT_MOST, "× bound"),
        ("2", "ranking, large against small", growth, GROWTH_AT_MOST, "×"),
        ("6", "save a ballot", saved, SAVE_AT_MOST, "× bound"),
        ("6", "save a ballot", statements, SAVE_STATEMENTS, "statements"),
        ("13", "a page", most, STATEMENTS_AT_MOST, "statements"),
        ("13", f"pages whose statements differ {grown or ''}", len(grown), 0, "pages"),
        ("14", "ranking, 50 rows", rank.size, BYTES_AT_MOST, "bytes"),
        ("14", "ranking, 50 rows", rank.zipped, GZIP_AT_MOST, "bytes gzipped"),
    )
    return [
        f"goal {number:<3} {'met ' if value <= limit else 'MISSED'} {name}: {value:.4g} {unit}, at most {limit:g}"
        for number, name, value, limit, unit in goals
    ]


def main() -> None:
    """Start a database, measure at two sizes, say what is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=135)
    parser.add_argument("--large", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=40)
    given = parser.parse_args()
    server = start_postgres()
    server.wait()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATABASE_URL=server.url, GIURIA_VAR=folder, GIURIA_EMBEDDED="1", GIURIA_LOG_LEVEL="ERROR")
        os.environ.update(DJANGO_SETTINGS_MODULE="tests.settings", GIURIA_SECRET_KEY="measuring")  # noqa: S106 - for one run
        os.environ.pop("REDIS_URL", None)
        import django
        from django.conf import settings
        from django.core.management import call_command

        django.setup()
        settings.ROOT_URLCONF = "benchmarks.urls"
        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", verbosity=0)
        try:
            small, large = run(given.small, given.turns), run(given.large, given.turns)
            print("\n" + "\n".join(verdicts(small, large)))
        finally:
            from django.db import connection

            connection.close()
            server.stop()


if __name__ == "__main__":
    main()
