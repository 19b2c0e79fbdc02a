"""`manage.py export_contest CODE PATH`: a call as a contest package."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from awards.management.ready import database_ready, find_call
from awards.packages.leaving import contest_of, counts_of, left_out
from common.errors import Refused
from engine.package import write_package


class Command(BaseCommand):
    """Write a call to a folder, or to a zip when the path ends in .zip."""

    help = "Export a call as a contest package: a folder, or a zip when the path ends in .zip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the call, the path and the switch."""
        parser.add_argument("code", help="the call's code")
        parser.add_argument("path", type=Path, help="folder or zip; files of an older package there are replaced")
        parser.add_argument("--anonymous", action="store_true", help="jurors by pseudonym, no persons, no answers")

    def handle(self, *, code: str, path: Path, anonymous: bool, **_options: object) -> None:
        """Export, and say what went."""
        database_ready()
        call = find_call(code)
        try:
            contest = contest_of(call)
            write_package(contest, path, anonymous=anonymous)
        except Refused as refused:
            raise CommandError(refused.words) from None
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from None
        self.stdout.write(f"{code}: exported to {path}")
        self.stdout.write(", ".join(f"{what}: {count}" for what, count in counts_of(contest)))
        if count := left_out(call, contest):
            self.stdout.write(f"{count} proposals that nobody screened stay behind")
