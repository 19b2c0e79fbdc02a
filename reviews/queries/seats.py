"""What a juror, a chair or an organiser may read, as rows to choose from."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from common.visibility import ASSIGNED, JUROR, OWN, View, relations, visible_fields
from contests.lifecycle import ProposalState
from contests.queries import Actor, make_proposal_view, phase
from reviews.models import Assignment, Ballot, Conflict, Juror
from reviews.queries.rules import with_rules


def seats_of(actor: Actor) -> list[Juror]:
    """Return the juries in which a person sits."""
    return list(Juror.records.filter(person_id=actor.pk).select_related("call")) if actor.pk else []


def may_read(seat: Juror, now: datetime) -> bool:
    """Say whether the visibility table lets a juror read what is assigned to them, in the present phase of the call."""
    present = phase(seat.call, now)
    return OWN in relations({JUROR}, "assignment", present) and ASSIGNED in relations({JUROR}, "proposal", present)


WAITING = Q(ballot=None) | Q(ballot__state=Ballot.State.DRAFT)
# In the order in which a juror reads: what was put off comes last, the last put off at the end.
READING_ORDER = (F("put_off_at").asc(nulls_first=True), "position", "id")


def _holding() -> QuerySet[Assignment]:
    """What holds: assigned, without a conflict, of a proposal that is still in the contest."""
    conflict = Conflict.records.filter(juror=OuterRef("juror"), proposal=OuterRef("proposal"))
    rows = Assignment.records.filter(state=Assignment.State.ASSIGNED, proposal__state=ProposalState.ADMITTED)
    return rows.exclude(Exists(conflict))


def readable(seats: Iterable[Juror], now: datetime) -> QuerySet[Assignment]:
    """Return what these seats read now."""
    return _holding().filter(juror_id__in=[seat.pk for seat in seats if may_read(seat, now)])


def visible_assignments(actor: Actor, now: datetime) -> QuerySet[Assignment]:
    """Return what a person reads as a juror: assigned, without conflict, in the phases of the visibility table."""
    return readable(seats_of(actor), now).select_related(
        "juror", "round__category", "proposal__call", "proposal__category", "proposal__organisation"
    )


def find_assignment(actor: Actor, pk: UUID, now: datetime) -> Assignment | None:
    """Return what a juror may read, None for anything else, in one statement.

    With it come its ballot, the key of its rules, and as `next_id` the address of what waits to be read after it.
    """
    if not actor.pk:
        return None
    unread = _holding().filter(juror=OuterRef("juror")).filter(WAITING).exclude(pk=OuterRef("pk"))
    rows = with_rules(_holding()).annotate(next_id=Subquery(unread.order_by(*READING_ORDER).values("pk")[:1]))
    found = (
        rows.filter(pk=pk, juror__person_id=actor.pk)
        .select_related("juror__call", "round__category", "proposal__call", "proposal__category", "ballot")
        .first()
    )
    return found if found is not None and may_read(found.juror, now) else None


def juror_view(assignment: Assignment, now: datetime) -> View:
    """Return what the juror sees of the proposal that they read."""
    shown = visible_fields({JUROR}, "proposal", phase(assignment.proposal.call, now), {ASSIGNED})
    return make_proposal_view(assignment.proposal, shown)


def ballot_of(assignment: Assignment) -> Ballot | None:
    """Return the ballot of an assignment, None before the first tap; no statement if it was read along."""
    return getattr(assignment, "ballot", None)


def newest_ballot(assignment: Assignment) -> Ballot:
    """Return the ballot as it is kept now, whatever was read before."""
    return Ballot.records.get(assignment=assignment)
