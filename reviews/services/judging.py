"""Opening and closing the judging of a call."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Person
from common import audit, outbox
from common.errors import Refused
from contests.lifecycle import ProposalState
from contests.models import Call, Proposal, RuleSet
from contests.permissions import may_organise
from reviews import permissions
from reviews.services import ledger
from reviews.services.aggregation import ask_for_ranking, tally_round
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
        audit.record("open judging", call, actor=actor, now=now)
    call.judging_opened_at = now


def enter_rules(call: Call, *, now: datetime) -> None:
    """Enter the sealed rules of every round in the ledger, by hash."""
    for rules in RuleSet.objects.filter(round__category__call=call).select_related("round__category").order_by("pk"):
        ledger.append(call.pk, "rules", _entry(rules), now=now)


def _entry(rules: RuleSet) -> dict[str, object]:
    """One version of a round's rules as the ledger holds it."""
    round_ = rules.round
    return {
        "category": round_.category.code, "round": round_.code, "version": rules.version, "hash": rules.hash,
    }  # fmt: skip


@outbox.handles("rules changed")
def take_in_changed_rules(payload: Mapping[str, Any], now: datetime) -> None:
    """Enter the new versions of a round's rules in the ledger and recompute the round, once judging has begun."""
    versions = RuleSet.objects.filter(round_id=payload["round"]).select_related("round__category__call")
    newest = versions.latest("version")
    call = newest.round.category.call
    if call.judging_opened_at is None or ledger.official_chain(call).closed_at is not None:
        return
    with transaction.atomic():
        ledger.hold(call.pk)
        for rules in versions.order_by("version"):
            if not ledger.holds(call.pk, "rules", _entry(rules)):
                ledger.append(call.pk, "rules", _entry(rules), now=now)
        tally_round(newest.round)
        ask_for_ranking(newest.round_id, now=now)


def close_judging(*, call: Call, actor: Person, roles: frozenset[str], now: datetime) -> None:
    """Close judging: no mark changes any more, and the last ranking is asked for."""
    may_organise(roles).demand()
    with transaction.atomic():
        lock_judging(call, now=now)
        audit.record("close judging", call, actor=actor, now=now)


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
