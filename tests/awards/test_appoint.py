"""An imported contest gets someone to run it."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from awards.packages.arriving import import_contest
from common import clock
from common.models import AuditEntry
from contests.models import Call, CallRole
from engine.package import read_contest
from tests.cast import Cast
from tests.engine.packages import files

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def appointed(*arguments: str) -> list[str]:
    said = io.StringIO()
    call_command("appoint", *arguments, stdout=said)
    return said.getvalue().splitlines()


def test_whoever_is_appointed_signs_in_by_the_link_and_runs_the_imported_call(client: Client) -> None:
    import_contest(read_contest(files()), now=clock.now())
    words, link = appointed("demo", "Ada@example.org", "--name", "Ada Prova")
    assert words == "ada@example.org is organiser of demo"
    assert client.get(reverse("organise-ranking", args=["demo"])).status_code != 200

    address = link.partition("8000")[2]
    client.post(address)

    assert client.get(reverse("organise-ranking", args=["demo"])).status_code == 200
    assert Person.objects.get(email="ada@example.org").name == "Ada Prova"
    assert client.post(address).status_code == 410  # it works once


def test_appointing_twice_changes_nothing_and_a_chair_is_appointed_alike(cast: Cast) -> None:
    for _turn in range(2):
        appointed("fare-rete", "zita@example.org", "--role", "chair")
    [role] = CallRole.objects.filter(person__email="zita@example.org")
    assert (role.call_id, role.role) == (cast.call.pk, "chair")
    assert AuditEntry.objects.filter(verb="appoint", facts__person=role.person_id).count() == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere", "ada@example.org"), 'There is no call "nowhere".'),
        (("fare-rete", "ada"), '"ada" is not an address; write one such as ada@example.org.'),
        (("fare-rete", "ada@example.org", "--role", "king"), "invalid choice: 'king'"),
    ],
)
def test_what_cannot_be_is_one_clear_line_and_makes_nobody(cast: Cast, arguments: tuple[str, ...], words: str) -> None:
    before = Person.objects.count()
    with pytest.raises(CommandError, match=words):
        appointed(*arguments)
    assert Person.objects.count() == before
    assert Call.objects.count() == 2
