"""May this person do this to a call or a proposal, and if not why. Nothing here asks the database."""

from datetime import datetime

from django.utils.formats import date_format

from accounts.models import Person
from common.verdict import YES, Verdict, no
from common.visibility import ORGANISER
from contests.lifecycle import EDITABLE, RULES_MAY_CHANGE, TRANSITIONS, Phase
from contests.models import Call, Proposal
from contests.queries import phase


def local(call: Call, moment: datetime) -> str:
    """Write an instant in the call's own zone."""
    return date_format(moment.astimezone(call.zone), "DATETIME_FORMAT")


def may_write(call: Call, now: datetime) -> Verdict:
    """May applicants write: only while the call is open."""
    match phase(call, now):
        case Phase.OPEN:
            return YES
        case Phase.DRAFT | Phase.ANNOUNCED:
            return no("call_not_open", opens_at=local(call, call.opens_at))
        case _:
            return no("call_closed", closes_at=local(call, call.closes_at))


def may_edit(proposal: Proposal, actor: Person, now: datetime) -> Verdict:
    """May this applicant change the text: their own, while the call is open and nobody has withdrawn or judged it."""
    if proposal.applicant_id != actor.pk:
        return no("not_allowed")
    if proposal.state not in EDITABLE:
        return no("wrong_state", state=proposal.state)
    return may_write(proposal.call, now)


def may_move(proposal: Proposal, verb: str, actor: Person, roles: frozenset[str], now: datetime) -> Verdict:
    """May this person move a proposal by a verb of the table, given their roles in its call."""
    transition = TRANSITIONS[verb]
    allowed = proposal.applicant_id == actor.pk if transition.role == "applicant" else ORGANISER in roles
    if not allowed:
        return no("not_allowed")
    if proposal.state not in transition.sources:
        return no("wrong_state", state=proposal.state)
    if phase(proposal.call, now) not in transition.phases:
        return may_write(proposal.call, now) if transition.phases == {Phase.OPEN} else no("wrong_phase")
    return YES


def may_organise(roles: frozenset[str]) -> Verdict:
    """May someone with these roles run the call."""
    return YES if ORGANISER in roles else no("not_allowed")


def may_change_rules(call: Call, roles: frozenset[str], now: datetime) -> Verdict:
    """May someone with these roles change the rules of a round: organisers, until judging is closed."""
    if ORGANISER not in roles:
        return no("not_allowed")
    return YES if phase(call, now) in RULES_MAY_CHANGE else no("rules_closed")
