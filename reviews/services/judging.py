"""Opening and closing the judging of a call."""

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from common import audit
from common.errors import Refused
from contests.lifecycle import ProposalState
from contests.models import Call, Proposal, RuleSet
from contests.permissions import may_organise
from reviews import permissions
from reviews.services import ledger
from reviews.services.aggregation import ask_for_ranking
from reviews.services.jury import find_conflicts


def open_judging(*, call: Call, actor: Person, roles: frozenset[str], now: datetime) -> None:
    """Open judging after the bell: the sealed rules are the ledger's first entry."""
    may_organise(roles).demand()
    permissions.may_open_judging(call, now).demand()
    if not Proposal.records.filter(call=call, state=ProposalState.ADMITTED).exists():
        raise Refused("nothing_admitted")
    with transaction.atomic():
        if not Call.objects.filter(pk=call.pk, judging_opened_at=None, closes_at__lte=now).update(
            judging_opened_at=now
        ):
            raise Refused("judging_open")
        enter_rules(call, now=now)
        find_conflicts(call=call, now=now)
        audit.record("open judging", call, actor_id=actor.pk, now=now, call_id=call.pk)
    call.judging_opened_at = now


def enter_rules(call: Call, *, now: datetime) -> None:
    """Enter the sealed rules of every round in the ledger, by hash."""
    for rules in RuleSet.objects.filter(round__category__call=call).select_related("round__category").order_by("pk"):
        document = {
            "category": rules.round.category.code,
            "round": rules.round.code,
            "version": rules.version,
            "hash": rules.hash,
        }
        ledger.append(call.pk, "rules", document, now=now)


def close_judging(*, call: Call, actor: Person, roles: frozenset[str], now: datetime) -> None:
    """Close judging: no mark changes any more, and the last ranking is asked for."""
    may_organise(roles).demand()
    with transaction.atomic():
        lock_judging(call, now=now)
        audit.record("close judging", call, actor_id=actor.pk, now=now, call_id=call.pk)


def lock_judging(call: Call, *, now: datetime) -> None:
    """Lock the ballots if they are not locked yet."""
    if not Call.objects.filter(pk=call.pk, judging_opened_at__isnull=False, judging_closed_at=None).update(
        judging_closed_at=now
    ):
        raise Refused("not_judging")
    call.judging_closed_at = now
    ledger.append(call.pk, "lock", {"at": now.isoformat()}, now=now)
    for category in call.categories.all():
        for round_ in category.rounds.all():
            ask_for_ranking(round_.pk, now=now)
