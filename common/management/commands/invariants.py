"""`manage.py invariants`: ask the database whether anything is true that must never be."""

from django.core.management.base import BaseCommand, CommandError

from common.invariants import breaches


class Command(BaseCommand):
    """Run every invariant; exit status 1 and one line for each breach."""

    help = "Check every promise that no constraint can keep. Reads only; run it each night."

    def handle(self, *args: object, **options: object) -> None:
        """Print that all hold, or fail with what breaks them."""
        if found := breaches():
            raise CommandError("\n".join(found))
        self.stdout.write("Every invariant holds.")
