"""`manage.py results CODE`: the results as results.csv has them, or as JSON with the trace of each number."""

import csv
import json
from argparse import ArgumentParser
from dataclasses import astuple, fields

from django.core.management import BaseCommand, CommandError

from awards.management.ready import database_ready, find_call
from awards.packages.results import current_books, with_traces
from common import clock
from engine.contest import ResultRow


class Command(BaseCommand):
    """Print the results of a call; what is not current is computed first."""

    help = "Print the results of a call as they stand, computing first what is not current."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the call, the round and the format."""
        parser.add_argument("code", help="the call's code")
        parser.add_argument("--round", dest="round_", help="only the round of this code")
        parser.add_argument("--format", choices=("csv", "json"), default="csv", help="default: csv")

    def handle(self, *, code: str, round_: str | None, format: str, **_options: object) -> None:  # noqa: A002 - the switch is so named
        """Compute where needed, and print."""
        database_ready()
        books = current_books(find_call(code), now=clock.now())
        if round_ and round_ not in {each.code for each in books.rounds.values()}:
            raise CommandError(f'"{code}" has no round "{round_}".')
        rows = [row for row in books.rows if round_ in (None, row.round)]
        if format == "json":
            document = {"call": code, "rows": with_traces(books, rows)}
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
            return
        writer = csv.writer(self.stdout, lineterminator="\r\n")
        writer.writerow(field.name for field in fields(ResultRow))
        writer.writerows(map(astuple, rows))
