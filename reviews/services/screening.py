"""Screening many proposals at once."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import Person
from common.errors import Refused
from contests.lifecycle import ProposalState
from contests.models import Call, Proposal
from contests.permissions import may_organise
from contests.services import move_proposal


def admit_submitted(
    *, call: Call, chosen: Iterable[str] | None, actor: Person, roles: frozenset[str], now: datetime
) -> int:
    """Admit the chosen proposals that wait for screening (None: all of them) and return how many were admitted.

    Whatever moved meanwhile is left as it is.
    """
    may_organise(roles).demand()
    waiting = Proposal.records.filter(call=call, state=ProposalState.SUBMITTED).select_related("call")
    rows = waiting if chosen is None else waiting.filter(code__in=list(chosen))
    with transaction.atomic():
        return sum(_admitted(proposal, actor, roles, now) for proposal in rows)


def _admitted(proposal: Proposal, actor: Person, roles: frozenset[str], now: datetime) -> bool:
    try:
        move_proposal(proposal=proposal, verb="admit", actor=actor, roles=roles, now=now)
    except Refused as refused:
        if refused.code != "wrong_state":
            raise
        return False
    return True
