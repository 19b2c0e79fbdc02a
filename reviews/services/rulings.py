"""What the chair decides about a standing: the order inside a tie."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Person
from common import audit
from common.errors import Refused
from contests.models import Proposal, Round
from reviews import permissions
from reviews.models import Ruling, Tally
from reviews.queries.rules import rules_of_round
from reviews.services import ledger
from reviews.services.aggregation import ask_for_ranking


def rule_tie(
    *, round_: Round, order: Sequence[Proposal], reason: str, actor: Person, roles: frozenset[str], now: datetime
) -> None:
    """Put tied proposals in order, the best first, with a reason; a new ranking is asked for."""
    call = round_.category.call
    permissions.may_rule(call, roles, now).demand()
    if not any(rule.text == "chair" for rule in rules_of_round(round_.pk).ties):
        raise Refused("no_chair_rule")
    if not reason.strip():
        raise Refused("why_this_order")
    with transaction.atomic():
        ledger.hold(call.pk)
        _share_one_score(round_, order)
        try:
            with transaction.atomic():
                Ruling.records.bulk_create(
                    Ruling(
                        round=round_, proposal=proposal, kind=Ruling.Kind.TIE, place=place,
                        reason=reason.strip(), by=str(actor), at=now,
                    )
                    for place, proposal in enumerate(order, start=1)
                )  # fmt: skip
        except IntegrityError:
            raise Refused("ruled_already") from None
        _enter(round_, "rule tie", [proposal.code for proposal in order], reason.strip(), actor, now)


def _share_one_score(round_: Round, order: Sequence[Proposal]) -> None:
    """Refuse an order of proposals that are not tied: two at least, placed, with one score."""
    named = {proposal.pk for proposal in order}
    scores = list(
        Tally.records.filter(round=round_, proposal__in=named, place__isnull=False).values_list("score", flat=True)
    )
    if len(named) < 2 or len(named) != len(order) or len(scores) != len(named) or len(set(scores)) != 1:  # noqa: PLR2004 - a tie is of two
        raise Refused("not_tied")


def take_back_tie(*, round_: Round, at: datetime, actor: Person, roles: frozenset[str], now: datetime) -> None:
    """Take back the order that was given at an instant; the ledger keeps that it was given."""
    call = round_.category.call
    permissions.may_rule(call, roles, now).demand()
    with transaction.atomic():
        rulings = Ruling.records.filter(round=round_, kind=Ruling.Kind.TIE, at=at)
        codes = list(rulings.order_by("place").values_list("proposal__code", flat=True))
        if not rulings.delete()[0]:
            raise Refused("not_ruled")
        _enter(round_, "take back tie", codes, "", actor, now)


def _enter(round_: Round, verb: str, codes: Sequence[str], reason: str, actor: Person, now: datetime) -> None:
    """Append the ruling to the ledger, write the call's history, and ask for a new ranking."""
    call = round_.category.call
    said = {
        "category": round_.category.code,
        "round": round_.code,
        "order": list(codes),
        "reason": reason,
        "by": str(actor),
    }
    ledger.append(call.pk, "ruling", {"verb": verb, **said}, now=now)
    audit.record(verb, call, actor=actor, now=now, **said)
    ask_for_ranking(round_.pk, now=now)
