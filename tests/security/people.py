"""Who comes to the doors, and what each is to the objects of the cast's call."""

from dataclasses import dataclass
from datetime import datetime

from django.test import Client

from common import clock
from contests.models import Attachment
from reviews.models import Assignment, Juror
from tests.cast import Cast, person

OWN_PROPOSAL, READS_IT = "own proposal", "reads it"


@dataclass(frozen=True)
class Visitor:
    """Someone at a door: the roles they have in the call, and what they are to the first proposal."""

    name: str
    roles: frozenset[str]
    is_to_proposal: str = ""

    def client(self) -> Client:
        """Return a browser in which they are signed in."""
        client = Client(raise_request_exception=False)
        if self.name != "anonymous":
            client.force_login(person(self.name))
        return client


PUBLIC = frozenset({"public"})
VISITORS = (
    Visitor("anonymous", PUBLIC),
    Visitor("Sonia", PUBLIC | {"applicant"}),  # signed in, without any part in the call
    Visitor("Fabio", PUBLIC | {"applicant"}, OWN_PROPOSAL),
    Visitor("Gaia", PUBLIC | {"applicant"}),  # another applicant
    Visitor("Bruno", PUBLIC | {"applicant", "juror"}, READS_IT),
    Visitor("Elena", PUBLIC | {"applicant", "juror"}),  # a juror in conflict with the first proposal
    Visitor("Marta", PUBLIC | {"applicant", "juror"}),  # a juror to whom nothing is assigned
    Visitor("Renzo", PUBLIC | {"applicant", "juror"}),  # a juror whose assignment was taken back
    Visitor("Chiara", PUBLIC | {"applicant", "chair"}),
    Visitor("Ada", PUBLIC | {"applicant", "organiser"}),
    Visitor("Olga", PUBLIC | {"applicant"}),  # the organiser of another call
    Visitor("Piero", PUBLIC | {"applicant", "staff"}),  # the administrator of the platform
)


def invite(cast: Cast) -> None:
    """Bring those on stage whom the cast does not know: an idle juror, one taken off, an administrator; and a file."""
    now = clock.now()
    admin = person("Piero")
    admin.is_staff = admin.is_superuser = True
    admin.save()
    for name in ("Sonia", "Olga", "Elena", "Bruno", "Marta", "Renzo", "Gaia", "Fabio"):
        person(name)
    if not cast.proposals:
        return
    Attachment.records.create(
        proposal=cast.proposals[0],
        file="attachments/canary-Fabio.pdf",
        name="canary-Fabio.pdf",
        content_type="application/pdf",
        size=10,
        sha256="0" * 64,
        uploaded_at=now,
    )
    if cast.jurors:
        _seat(cast, now)


def _seat(cast: Cast, now: datetime) -> None:
    for name in ("Marta", "Renzo"):
        juror = Juror.records.create(call=cast.call, person=person(name), code=name, name=name)
        juror.panels.set([cast.category.panel])
        if name == "Renzo":
            Assignment.records.create(
                round=cast.round, juror=juror, proposal=cast.proposals[0], state="revoked", assigned_at=now
            )
