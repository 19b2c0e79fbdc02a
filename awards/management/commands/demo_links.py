"""`manage.py demo_links`: who a visitor of the demo may be."""

from django.core.management import BaseCommand

from accounts.services import sign_in_link
from awards.demo.people import demo_people
from common import clock


class Command(BaseCommand):
    """Print one sign-in link for each person of the demo; a link works once, within a day."""

    help = "Print one sign-in link for each person whom a visitor of the demo may be."

    def handle(self, **_options: object) -> None:
        """Print them, one a line; nothing where the demo is not seeded."""
        for role, person in demo_people():
            link = sign_in_link(person=person, now=clock.now())
            self.stdout.write(f"  {role:<9}  {person.name:<14}  {link}")
