"""`manage.py import_contest PATH`: a contest package into the database, all of it or nothing."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError

from awards.management.ready import database_ready
from awards.packages.arriving import Arrived, import_contest
from common import clock
from engine.package import PackageFaults, read_package


class Command(BaseCommand):
    """Import a contest; tell every fault of its files at once, and then import nothing."""

    help = "Import a contest package (a folder or zip), compute its rankings and leave the call in judging."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the package and the two switches."""
        parser.add_argument("path", type=Path, help="folder or zip")
        parser.add_argument("--replace", action="store_true", help="import over the call of this code")
        parser.add_argument("--dry-run", action="store_true", help="check and compute, and write nothing")

    def handle(self, *, path: Path, replace: bool, dry_run: bool, **_options: object) -> None:
        """Import, and say what came."""
        database_ready()
        try:
            contest = read_package(path)
            arrived = import_contest(contest, now=clock.now(), replace=replace, dry_run=dry_run, path=path)
        except PackageFaults as faults:
            for line in faults.lines:
                self.stderr.write(line, self.style.ERROR)
            raise SystemExit(1) from None
        except (DatabaseError, OSError) as error:
            raise CommandError(f"Nothing was imported: {str(error).strip().splitlines()[0]}") from None
        self._report(arrived, dry_run=dry_run)

    def _report(self, arrived: Arrived, *, dry_run: bool) -> None:
        self.stdout.write(f"{arrived.code}: {'would be imported, nothing was written' if dry_run else 'imported'}")
        self.stdout.write(", ".join(f"{what}: {count}" for what, count in arrived.counts.items()))
        for (category, round_), statuses in arrived.rounds.items():
            outcome = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in sorted(statuses.items()))
            self.stdout.write(f"computed {category} {round_}: {outcome or 'no proposal'}")
        if arrived.compared:
            self.stdout.write(f"results.csv: {len(arrived.differences) or 'no'} differences")
        for line in arrived.differences:
            self.stdout.write(line)
