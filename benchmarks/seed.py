"""The content that every benchmark reads: N proposals of 2.1 kB, R ballots each on 3 criteria, max(12, N/10) jurors.

    python benchmarks/seed.py --proposals 10000 [--ballots 3] [--code bench]

The same numbers give the same contest. It goes by bulk inserts into the database that the settings name (choose one
with DATABASE_URL or GIURIA_VAR, and migrate it first), with ledger, rankings, an organiser, and a person on each
juror's seat.
"""

import argparse
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.contest import AssignmentRow, BallotRow, Category, Contest, JurorRow, Prize, ProposalRow, Round
from engine.rules import parse_rules

if TYPE_CHECKING:
    from contests.models import Call

BYTES = 2100
CRITERIA = (("impact", "50"), ("economy", "30"), ("novelty", "20"))
REGIONS = ("Piemonte", "Lombardia", "Veneto", "Lazio", "Umbria", "Puglia", "Sicilia", "Toscana")
WORDS = (
    "orto bottega cortile scuola mensa forno bosco argine teatro radio officina ostello vicini lavoro cura casa tempo"
    " anziani ragazzi quartiere valle paese cooperativa impresa bilancio soci turni misura prima dopo insieme ogni anno"
)
OPENED = datetime(2026, 1, 7, 8, tzinfo=UTC)
RULES = {
    "entry": "individual",
    "criteria": [
        {
            "code": code,
            "title": {"it": code.capitalize(), "en": code.capitalize()},
            "kind": "judged",
            "weight": weight,
            "scale": {"min": "0", "max": "10", "step": "0.5"},
        }
        for code, weight in CRITERIA
    ],
    "combine": {"method": "mean"},
    "rounding": [{"at": "total", "places": 2, "mode": "half_up"}],
    "gates": [{"on": "total", "minimum": "50"}],
    "ties": ["criterion:impact", "earliest"],
    "quorum": 2,
}


def text(die: random.Random, size: int) -> str:
    """Return words that fill so many bytes."""
    words = WORDS.split()
    found = " ".join(die.choice(words) for _ in range(size // 4))
    return found[:size].rstrip()


def contest(proposals: int, ballots: int = 3, *, code: str = "bench") -> Contest:
    """Return the contest; each proposal has its own quality, each juror a temper."""
    die = random.Random(f"{proposals} {ballots}")
    jurors = [f"J{number:05}" for number in range(1, max(12, proposals // 10) + 1)]
    temper = {juror: die.gauss(0, 0.7) for juror in jurors}
    rows, seats, marks = [], [], []
    for number in range(1, proposals + 1):
        proposal, quality = f"P{number:06}", die.gauss(6.5, 1.4)
        title = f"{text(die, 30).capitalize()} {number}"
        rows.append(
            ProposalRow(
                proposal=proposal,
                category="case",
                title=title,
                organisation=f"Coop. {number % max(1, proposals * 3 // 4)}",
                applicant="Ada Prova",
                email="ada.prova@example.org",
                summary=text(die, 500),
                region=REGIONS[number % len(REGIONS)],
                submitted_at=(OPENED + timedelta(seconds=37 * number)).isoformat(),
                answers={"answer": text(die, BYTES - 500 - len(title))},
            )
        )
        for juror in die.sample(jurors, ballots):
            seats.append(AssignmentRow("jury", juror, proposal))
            for criterion, _weight in CRITERIA:
                mark = min(20, max(0, round(2 * (quality + temper[juror] + die.gauss(0, 0.8)))))
                marks.append(BallotRow("jury", juror, proposal, criterion, f"{mark // 2}{'.5' if mark % 2 else ''}"))
    jury = Round("jury", {"it": "Giuria", "en": "Jury"}, parse_rules(RULES))
    best = Prize("best", {"it": "Primo premio", "en": "First prize"}, "jury", places=3)
    return Contest(
        code=code,
        title={"it": "Prova di misura", "en": "Benchmark"},
        organisation="Rete Prova",
        outcome="awards",
        draw_seed="14 novembre",
        categories=(Category("case", {"it": "Casi", "en": "Cases"}, (jury,), (best,)),),
        proposals=tuple(rows),
        jurors=tuple(JurorRow(juror, f"Juror {juror}") for juror in jurors),
        assignments=tuple(seats),
        ballots=tuple(marks),
    )


def seed(proposals: int, ballots: int = 3, *, code: str = "bench", now: datetime) -> "Call":
    """Write the contest into the database and return its call; Django must be set up."""
    from django.contrib.auth.hashers import make_password

    from accounts.models import Person
    from awards.packages.arriving import import_contest
    from contests.models import Call
    from contests.services import appoint
    from reviews.models import Juror

    import_contest(contest(proposals, ballots, code=code), now=now)
    call = Call.objects.get(code=code)
    organiser, _ = Person.objects.get_or_create(email="organiser@example.org", defaults={"name": "Ada Prova"})
    appoint(call=call, person=organiser, role="organiser", actor=None, now=now)
    jurors = list(Juror.records.filter(call=call).order_by("code"))
    people = Person.objects.bulk_create(
        [
            Person(email=f"{juror.code.lower()}@example.org", name=juror.name, password=make_password(None))
            for juror in jurors
        ],
        ignore_conflicts=True,
    )
    known = dict(Person.objects.filter(email__in=[person.email for person in people]).values_list("email", "pk"))
    for juror in jurors:
        juror.person_id = known[f"{juror.code.lower()}@example.org"]
    Juror.records.bulk_update(jurors, ["person"], batch_size=500)
    return call


def main() -> None:
    """Seed, and say how much in how long."""
    import django

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proposals", type=int, default=135)
    parser.add_argument("--ballots", type=int, default=3)
    parser.add_argument("--code", default="bench")
    given = parser.parse_args()
    django.setup()
    from common import clock

    started = time.perf_counter()
    seed(given.proposals, given.ballots, code=given.code, now=clock.now())
    seconds = time.perf_counter() - started
    print(f"{given.code}: {given.proposals} proposals, {given.proposals * given.ballots} ballots in {seconds:.1f} s")


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
