"""`manage.py appoint`: who runs a call."""

from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.services import person_at, sign_in_link
from awards.management.ready import database_ready, find_call
from common import clock
from contests.models import CallRole
from contests.services import appoint


class Command(BaseCommand):
    """Give a person a role in a call, and print a link that signs them in once, within a day."""

    help = "Make a person organiser or chair of a call, such as one that was just imported; print a sign-in link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the call, the address, the name and the role."""
        parser.add_argument("code", help="code of the call")
        parser.add_argument("email", help="address of the person, who need not have signed in before")
        parser.add_argument("--name", default="", help="name of a person who is new")
        parser.add_argument("--role", choices=CallRole.Role.values, default=CallRole.Role.ORGANISER)

    def handle(self, *, code: str, email: str, name: str, role: str, **_options: object) -> None:
        """Appoint; doing it twice changes nothing but the link."""
        database_ready()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f'"{email}" is not an address; write one such as ada@example.org.') from None
        call, now = find_call(code), clock.now()
        person = person_at(email=email, name=name)
        appoint(call=call, person=person, role=role, actor=None, now=now)
        self.stdout.write(f"{person.email} is {role} of {call.code}")
        self.stdout.write(sign_in_link(person=person, now=now))
