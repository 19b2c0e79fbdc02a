"""`manage.py seed_demo`: a world to look at."""

from django.conf import settings
from django.core.management import BaseCommand

from awards.demo.seed import seed_demo
from common import clock


class Command(BaseCommand):
    """Make the demo where the database has no call; do nothing otherwise."""

    help = "Seed the demonstrative world: three programmes, a call in every phase. Does nothing if a call exists."

    def handle(self, *_args: object, **options: object) -> None:
        """Seed, and say how much."""
        if made := seed_demo(now=clock.now()):
            (settings.VAR_DIR / "demo").touch()  # pages say from then on that what they show is invented
        if options["verbosity"]:
            self.stdout.write(f"{made} calls made." if made else "There are calls already: nothing was changed.")
