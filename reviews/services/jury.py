"""The jury: who sits in it, and which proposals a juror may not read."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import Person
from common import audit
from common.errors import Refused
from contests.models import Call, Category, Proposal
from reviews.models import Assignment, Ballot, Conflict, Juror, Panel
from reviews.services import ledger
from reviews.services.aggregation import touch


def seat_juror(
    *, call: Call, person: Person, categories: Iterable[Category], code: str = "", organisation: str = "", now: datetime
) -> Juror:
    """Seat a person in the call's jury, on the panels of the given categories."""
    with transaction.atomic():
        count = Juror.records.filter(call=call).count()
        juror, made = Juror.records.get_or_create(
            call=call,
            person=person,
            defaults={
                "code": code or f"J{count + 1:02}",
                "name": person.name,
                "email": person.email,
                "organisation": organisation,
            },
        )
        for category in categories:
            juror.panels.add(Panel.objects.get_or_create(category=category)[0])
        if made:
            audit.record("seat", call, actor_id=None, now=now, call_id=call.pk, juror=juror.code)
    return juror


def declare_conflict(
    *, juror: Juror, proposal: Proposal, kind: str, actor: Person | None, now: datetime
) -> Conflict:
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
        audit.record(
            "conflict", proposal, actor_id=actor.pk if actor else None, now=now,
            call_id=proposal.call_id, juror=juror.code, reason=kind,
        )
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
            kind = _kind_of_conflict(juror, proposal)
            if kind and (juror.pk, proposal.pk) not in kept:
                declare_conflict(juror=juror, proposal=proposal, kind=kind, actor=None, now=now)
                found += 1
    return found


def _kind_of_conflict(juror: Juror, proposal: Proposal) -> str:
    if juror.person_id and juror.person_id == proposal.applicant_id:
        return Conflict.Kind.APPLICANT
    same = proposal.organisation and juror.organisation.casefold().strip() == proposal.organisation.name.casefold().strip()
    return Conflict.Kind.ORGANISATION if same and juror.organisation else ""
