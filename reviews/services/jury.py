"""The jury: who sits in it, and which proposals a juror may not read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import Person
from accounts.services import person_at
from common import audit
from common.errors import Refused
from common.fields import localised
from contests.models import Call, Category, Proposal
from contests.permissions import local, may_organise
from notifications.services import notify
from reviews import messages, permissions
from reviews.models import Assignment, Ballot, Conflict, Juror, Panel
from reviews.queries.conflicts import evident_conflict
from reviews.services import ledger
from reviews.services.aggregation import touch


def seat_juror(
    *,
    call: Call,
    person: Person,
    categories: Iterable[Category],
    code: str = "",
    organisation: str = "",
    region: str = "",
    actor: Person | None = None,
    now: datetime,
) -> Juror:
    """Seat a person in the call's jury, on the panels of the given categories."""
    with transaction.atomic():
        juror, made = Juror.records.get_or_create(
            call=call,
            person=person,
            defaults={
                "code": code or _free_code(call),
                "name": person.name,
                "email": person.email,
                "organisation": organisation,
                "region": region,
            },
        )
        for category in categories:
            juror.panels.add(Panel.objects.get_or_create(category=category)[0])
        if made:
            audit.record("seat", call, actor=actor, now=now, juror=juror.code)
    return juror


def _free_code(call: Call) -> str:
    """The first of J01, J02, … that no juror of the call has."""
    taken = set(Juror.records.filter(call=call).values_list("code", flat=True))
    return next(code for number in count(1) if (code := f"J{number:02}") not in taken)


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom to invite, and where they come from."""

    email: str
    name: str
    organisation: str = ""
    region: str = ""


def invite_juror(
    *,
    call: Call,
    guest: Guest,
    categories: Iterable[Category],
    actor: Person,
    roles: frozenset[str],
    now: datetime,
) -> bool:
    """Seat whoever has this address in the jury, and write to them; False when they sat in it already.

    What the data show to be a conflict is kept at once, so that nobody is given what they may not read.
    """
    may_organise(roles).demand()
    permissions.may_seat(call).demand()
    with transaction.atomic():
        person = person_at(email=guest.email, name=guest.name)
        # A juror who came from a file, known only by address, becomes this person.
        Juror.records.filter(call=call, person=None, email__iexact=person.email).update(person=person)
        new = not Juror.records.filter(call=call, person=person).exists()
        juror = seat_juror(
            call=call,
            person=person,
            categories=categories,
            organisation=guest.organisation,
            region=guest.region,
            actor=actor,
            now=now,
        )
        if guest.region and not new:
            Juror.records.filter(pk=juror.pk).update(region=guest.region)
        find_conflicts(call=call, now=now)
        if new:
            _invite(juror, person, now)
    return new


def _invite(juror: Juror, person: Person, now: datetime) -> None:
    call = juror.call
    notify(
        messages.INVITATION,
        to=person.email,
        language=person.language,
        key=f"{call.pk}:{person.pk}",
        now=now,
        facts={
            "name": juror.name,
            "call": localised(call.title, person.language),
            "ends_at": local(call, call.judging_ends_at),
            "url": settings.SITE_URL.rstrip("/") + reverse("jury"),
        },
    )


def declare_conflict(*, juror: Juror, proposal: Proposal, kind: str, actor: Person | None, now: datetime) -> Conflict:
    """Keep a conflict: the juror stops seeing the proposal at once, and a ballot given before no longer counts."""
    if juror.call_id != proposal.call_id:
        raise Refused("not_allowed")
    with transaction.atomic():
        conflict, made = Conflict.records.get_or_create(
            juror=juror, proposal=proposal, defaults={"kind": kind, "declared_at": now}
        )
        if not made:
            return conflict
        assigned = Assignment.records.filter(juror=juror, proposal=proposal, state=Assignment.State.ASSIGNED)
        rounds = list(assigned.values_list("round_id", flat=True))
        assigned.update(state=Assignment.State.RECUSED)
        ledger.append(
            juror.call_id, "conflict", {"juror": juror.code, "proposal": proposal.code, "kind": kind}, now=now
        )
        audit.record("conflict", proposal, actor=actor, now=now, juror=juror.code, reason=kind)
        had_ballot = Ballot.records.filter(assignment__juror=juror, assignment__proposal=proposal).exists()
        for round_id in rounds if had_ballot else ():
            touch(round_id, proposal.pk, now=now)
    return conflict


def find_conflicts(*, call: Call, now: datetime) -> int:
    """Keep the conflicts that the data show: a juror who is the applicant, or of the same organisation."""
    found = 0
    jurors = list(Juror.records.filter(call=call, collegial=False))
    kept = set(Conflict.records.filter(juror__call=call).values_list("juror_id", "proposal_id"))
    for proposal in Proposal.records.filter(call=call).exclude(state="draft").select_related("organisation"):
        for juror in jurors:
            kind = evident_conflict(juror, proposal)
            if kind and (juror.pk, proposal.pk) not in kept:
                declare_conflict(juror=juror, proposal=proposal, kind=kind, actor=None, now=now)
                found += 1
    return found
