"""May this person do this in judging, and if not why. Nothing here asks the database."""

from datetime import datetime

from accounts.models import Person
from common.verdict import YES, Verdict, no
from common.visibility import CHAIR, ORGANISER
from contests.lifecycle import Phase
from contests.models import Call
from contests.permissions import local
from contests.queries import phase
from reviews.models import Assignment, Juror


def may_score(assignment: Assignment, actor: Person, now: datetime) -> Verdict:
    """May this juror mark this proposal: their own assignment, while judging is open."""
    if assignment.juror.person_id != actor.pk or assignment.state != Assignment.State.ASSIGNED:
        return no("not_allowed")
    if phase(assignment.proposal.call, now) != Phase.JUDGING:
        return no("not_judging")
    return YES


def may_declare(seat: Juror, actor: Person, now: datetime) -> Verdict:
    """May this juror say with whom they are in conflict: from the close of the call until judging ends."""
    if seat.person_id != actor.pk:
        return no("not_allowed")
    return YES if phase(seat.call, now) in {Phase.SCREENING, Phase.JUDGING} else no("too_late_to_declare")


def may_open_judging(call: Call, now: datetime) -> Verdict:
    """May judging open: after the call has closed, once."""
    match phase(call, now):
        case Phase.SCREENING:
            return YES
        case Phase.OPEN | Phase.ANNOUNCED:
            return no("call_still_open", closes_at=local(call, call.closes_at))
        case Phase.JUDGING:
            return no("judging_open")
        case _:
            return no("wrong_phase")


def may_assign(call: Call, now: datetime) -> Verdict:
    """May assignments change: while proposals are screened or judged."""
    return YES if phase(call, now) in {Phase.SCREENING, Phase.JUDGING} else no("wrong_phase")


def may_close_judging(call: Call) -> Verdict:
    """May judging close: once it is open, whether or not its planned end has come."""
    return YES if call.judging_opened_at and not call.judging_closed_at else no("not_judging")


def may_seat(call: Call) -> Verdict:
    """May people join the jury: until judging is closed."""
    return YES if call.judging_closed_at is None else no("wrong_phase")


def may_rule(call: Call, roles: frozenset[str], now: datetime) -> Verdict:
    """May someone with these roles decide a tie: the chair, or an organiser who writes down what the chair decided."""
    if not roles & {CHAIR, ORGANISER}:
        return no("not_allowed")
    return YES if phase(call, now) in {Phase.JUDGING, Phase.DELIBERATION} else no("wrong_phase")
