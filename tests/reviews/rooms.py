"""Going about an organiser's rooms in tests."""

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contests.models import Proposal
from tests.cast import Cast, person

STRANGERS = ("Bruno", "Elena", "Fabio", "Sonia", "Olga")  # jurors, applicant, nobody, organiser of another call
MOST_STATEMENTS = 12


def browser(name: str) -> Client:
    """Return a browser in which someone is signed in and reads English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(person(name))
    return client


def add_proposals(cast: Cast, count: int, state: str = "submitted") -> list[Proposal]:
    """Add proposals of as many new applicants to the cast's category."""
    at = cast.call.opens_at + timedelta(days=1)
    first = Proposal.records.filter(call=cast.call).count()
    return Proposal.records.bulk_create(
        Proposal(
            call=cast.call,
            category=cast.category,
            code=f"FR-{state[:3].upper()}{number:03}",
            applicant=person(f"Extra{number}"),
            title=f"Proposta {number}",
            region="Lazio",
            state=state,
            state_reason="Fuori termine" if state == "excluded" else "",
            created_at=at,
            saved_at=at,
            submitted_at=at + timedelta(minutes=number),
        )
        for number in range(first, first + count)
    )


def statements(client: Client, address: str) -> int:
    """Return how many statements a page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
