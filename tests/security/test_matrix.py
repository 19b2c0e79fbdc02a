"""Every route × every visitor × every phase, generated from the URL resolver and the visibility table.

Whoever the table lets in gets an answer; whoever it does not gets a sign-in, a 404 or a refusal, and nothing changes.
Reading a page changes nothing, and no page fails.
"""

import re
import uuid
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.checks import routes
from common.visibility import Door, doors
from contests.lifecycle import Phase
from contests.models import Attachment
from reviews.models import Assignment
from tests.cast import Cast, raise_cast
from tests.plugin import IS_LONG
from tests.security.people import OWN_PROPOSAL, READS_IT, VISITORS, Visitor, invite

pytestmark = pytest.mark.django_db
REFUSED = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.CONFLICT,
}
NOT_THERE = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
# Sessions are looked after by Django; a throttle counts tries; both belong to whoever knocks.
NOT_A_CHANGE = re.compile(r'^(INSERT INTO|UPDATE|DELETE FROM) "(django_session|accounts_signincode)"')
METHODS = {False: ("post",), True: ("post", "put", "patch", "delete")}
WRITES = re.compile(r"^(INSERT|UPDATE|DELETE)")


def arguments(name: str, cast: Cast) -> dict[str, object] | None:
    """Return what a route's address needs, taken from the cast's call; None while there is no such object yet."""
    pattern = dict(routes())[name]
    wanted = {key: converter for converter, key in re.findall(r"<(\w+):(\w+)>", pattern)}
    found: dict[str, object] = {}
    for key, converter in wanted.items():
        value = _value(name, key, converter, cast)
        if value is None:
            return None
        found[key] = value
    return found


def _value(name: str, key: str, converter: str, cast: Cast) -> object | None:
    fixed = {
        "code": cast.call.code,
        "category": cast.category.code,
        "round": cast.round.code,
        "step": "text",
        "verb": "submit" if "proposal" in name else "close-judging",
        "token": "nobody-knows",
        "juror": "Bruno",
        "round_pk": cast.round.pk,
        "pile": "scored",
        "number": 1,
    }
    if key in fixed:
        return fixed[key]
    return _object(doors()[name], name, converter, cast)


def _object(door: Door, name: str, converter: str, cast: Cast) -> object | None:
    """Return the id of the object that a route is about: what belongs to the first proposal."""
    if converter != "uuid":
        return 1
    if not cast.proposals:
        return None
    if door.scope == "assignment":
        held = Assignment.records.filter(proposal=cast.proposals[0], juror__code="Bruno").first()
        return held.pk if held else None
    if door.scope in {"attachment", "jury-file"}:
        return Attachment.records.get(proposal=cast.proposals[0]).pk
    return cast.proposals[0].pk


def may_come(visitor: Visitor, door: Door, phase: Phase) -> bool:
    """What the table says of a visitor at a door."""
    roles = set(visitor.roles)
    if phase in {Phase.DRAFT, Phase.ANNOUNCED, Phase.OPEN}:
        roles.discard("juror")  # the cast seats its jury after the call has closed
    if door.scope != "site":
        if visitor.is_to_proposal != OWN_PROPOSAL and door.scope in {"proposal", "attachment"}:
            roles.discard("applicant")
        if visitor.is_to_proposal != READS_IT and door.scope == "assignment":
            roles.discard("juror")
        if door.scope == "call":
            roles.discard("staff")
    return door.opens(roles, phase)


def cells(cast: Cast) -> Iterator[tuple[Visitor, Door, str]]:
    """Yield (visitor, door, address) for each route that has its object."""
    for name, _path in routes():
        given = arguments(name, cast)
        if given is not None:
            yield from ((visitor, doors()[name], reverse(name, kwargs=given)) for visitor in VISITORS)


def nowhere(door: Door, cast: Cast) -> str | None:
    """Return the address at this door of an object that does not exist; None at doors of calls and of the site."""
    given = arguments(door.route, cast) or {}
    if door.scope == "call" or not isinstance(given.get("pk"), uuid.UUID):
        return None
    return reverse(door.route, kwargs={**given, "pk": uuid.uuid4()})


# The short size visits the phases between which most changes hands; the long one all nine.
VISITED = list(Phase) if IS_LONG else [Phase.OPEN, Phase.JUDGING, Phase.SEALED]
COMPARED = set(Phase) if IS_LONG else {Phase.JUDGING}  # in which a refusal is compared with that of what is nowhere


@pytest.fixture(params=VISITED, ids=str)
def world(request: pytest.FixtureRequest, db: None) -> tuple[Phase, Cast]:
    cast = raise_cast(request.param, scored=True)
    invite(cast)
    return request.param, cast


def test_reading(world: tuple[Phase, Cast]) -> None:
    """GET of every route by every visitor: who is not let in learns no more than where there is nothing."""
    phase, cast = world
    clients = {visitor.name: visitor.client() for visitor in VISITORS}
    wrong, seen = [], 0
    for visitor, door, address in cells(cast):
        with CaptureQueriesContext(connection) as queries:
            response = (client := clients[visitor.name]).get(address)
        status, location = response.status_code, response.get("Location", "")
        seen += 1
        cell = f"{visitor.name} GET {door.route} in {phase}: {status} {location}"
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            wrong.append(f"{cell} fails")
        elif any(WRITES.match(query["sql"]) and not NOT_A_CHANGE.match(query["sql"]) for query in queries):
            wrong.append(f"{cell} changes the database")
        elif may_come(visitor, door, phase):
            if status in NOT_THERE and not _absent(door):
                wrong.append(f"{cell} but the table lets them in")
        elif status not in REFUSED and not _to_sign_in(status, location):
            wrong.append(f"{cell} but the table does not let them in")
        elif phase in COMPARED and _is_stranger(visitor, door) and _tells(client, status, nowhere(door, cast)):
            wrong.append(f"{cell} but another answer where there is nothing: a stranger can tell")
    assert not wrong, "\n".join(wrong)
    assert seen > 0


def _is_stranger(visitor: Visitor, door: Door) -> bool:
    """Whoever comes in another phase knows that the object is there, and may hear that it is too late."""
    return not any(may_come(visitor, door, phase) for phase in Phase)


def _tells(client: Client, status: int, elsewhere: str | None) -> bool:
    return elsewhere is not None and client.get(elsewhere).status_code != status


def _absent(door: Door) -> bool:
    """Routes whose object the cast does not have, so that even who may come finds nothing."""
    return door.route in {"sign-in-link", "api-decision", "attachment", "jury-file", "api-attachment", "api-file"}


def _to_sign_in(status: int, location: str) -> bool:
    return status == HTTPStatus.FOUND and location.startswith("/sign-in/")


def test_writing(world: tuple[Phase, Cast]) -> None:
    """POST, PUT, PATCH and DELETE of every route that writes, by every visitor, with nothing in them."""
    phase, cast = world
    clients = {visitor.name: visitor.client() for visitor in VISITORS}
    wrong = []
    for visitor, door, address in cells(cast):
        for method in METHODS[door.route.startswith("api-")] if door.writes else ():
            with transaction.atomic(), CaptureQueriesContext(connection) as queries:
                response = getattr(clients[visitor.name], method)(address, content_type=_type(door))
                changed = [q["sql"] for q in queries if WRITES.match(q["sql"]) and not NOT_A_CHANGE.match(q["sql"])]
                transaction.set_rollback(True)
            status = response.status_code
            cell = f"{visitor.name} {method} {door.route} in {phase}: {status}"
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                wrong.append(f"{cell} fails")
            if not may_come(visitor, door, phase):
                refused = status in REFUSED or _to_sign_in(status, response.get("Location", ""))
                if changed:
                    wrong.append(f"{cell} changes {changed[0][:80]}")
                if not refused:
                    wrong.append(f"{cell} but the table does not let them in")
    assert not wrong, "\n".join(wrong)


def _type(door: Door) -> str:
    return "application/json" if door.route.startswith("api-") else "application/x-www-form-urlencoded"


def test_there_are_enough_cells(stage: object) -> None:
    cast = stage(Phase.JUDGING)
    invite(cast)

    assert len(list(cells(cast))) * len(VISITED) >= 1_000
