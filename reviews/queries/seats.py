"""What a juror, a chair or an organiser may read, as rows to choose from."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from common.visibility import ASSIGNED, JUROR, OWN, View, relations, visible_fields
from contests.models import Call, CallRole
from contests.queries import Actor, make_proposal_view, phase
from reviews.models import Assignment, Ballot, Conflict, Juror


def seats_of(actor: Actor) -> list[Juror]:
    """Return the juries in which a person sits."""
    return list(Juror.records.filter(person_id=actor.pk).select_related("call")) if actor.pk else []


def visible_assignments(actor: Actor, now: datetime) -> QuerySet[Assignment]:
    """Return what a person reads as a juror: assigned, without conflict, in the phases of the visibility table."""
    through = [
        seat.pk for seat in seats_of(actor) if OWN in relations({JUROR}, "assignment", phase(seat.call, now))
    ]
    conflict = Conflict.records.filter(juror=OuterRef("juror"), proposal=OuterRef("proposal"))
    rows = Assignment.records.filter(juror_id__in=through, state=Assignment.State.ASSIGNED).exclude(Exists(conflict))
    return rows.select_related("juror", "round__category", "proposal__call", "proposal__category", "proposal__organisation")


def juror_view(assignment: Assignment, now: datetime) -> View:
    """Return what the juror sees of the proposal that they read."""
    shown = visible_fields({JUROR}, "proposal", phase(assignment.proposal.call, now), {ASSIGNED})
    return make_proposal_view(assignment.proposal, shown)


def ballot_of(assignment: Assignment) -> Ballot | None:
    """Return the ballot of an assignment, None before the first tap."""
    return Ballot.records.filter(assignment=assignment).first()


def roles_of(actor: Actor, call: Call) -> frozenset[str]:
    """Return a person's roles in a call, the juror's seat included."""
    given = set(CallRole.objects.filter(call=call, person_id=actor.pk).values_list("role", flat=True)) if actor.pk else set()
    if actor.pk and Juror.records.filter(call=call, person_id=actor.pk).exists():
        given.add(JUROR)
    return frozenset(given) | {"public"}
