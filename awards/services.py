"""Deciding who wins, and telling it at one minute for all."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Person
from awards import messages, permissions
from awards.models import Decision, Prize, Publication
from awards.queries import result_rows, told_rows
from common import audit, outbox
from common.errors import Refused
from common.fields import localised
from contests.models import Call, CallRole, Proposal, Round
from contests.permissions import may_organise
from engine.ledger import canonical
from notifications.services import notify
from reviews.models import Chain, Ranking, Tally
from reviews.services import ledger
from reviews.services.judging import lock_judging


def decide(  # noqa: PLR0913 - a decision has that many parts, each named by its caller
    *,
    kind: str,
    round_: Round,
    prize: Prize | None,
    proposal: Proposal | None,
    actor: Person,
    roles: frozenset[str],
    now: datetime,
    reason: str = "",
    second: Person | None = None,
) -> Decision:
    """Take one decision. What departs from the ranking carries a reason and a second person of the call."""
    call = round_.category.call
    may_organise(roles).demand()
    permissions.may_decide(call, now).demand()
    departs = _departs(kind, round_, prize, proposal)
    if departs and (not reason.strip() or second is None):
        raise Refused("second_needed")
    if second is not None and second.pk == actor.pk:
        raise Refused("same_person")
    if second is not None and not CallRole.objects.filter(call=call, person=second).exists():
        raise Refused("second_needed")
    if kind == Decision.Kind.NOT_CONFERRED and not reason.strip():
        raise Refused("reason_needed")
    try:
        with transaction.atomic():
            decision = Decision.records.create(
                kind=kind,
                round=round_,
                prize=prize,
                proposal=proposal,
                reason=reason,
                by=str(actor),
                by_person=actor,
                second=str(second or ""),
                second_person=second,
                departs=departs,
                at=now,
            )
            ledger.append(call.pk, "decision", _document(decision), now=now)
            audit.record(
                kind, proposal or call, actor_id=actor.pk, now=now, call_id=call.pk,
                prize=prize.code if prize else "", reason=reason, second=str(second or ""),
            )
    except IntegrityError:
        raise Refused("decided_already") from None
    return decision


def _departs(kind: str, round_: Round, prize: Prize | None, proposal: Proposal | None) -> bool:
    """Does this decision depart from what the ranking gives?"""
    winners = winners_of(round_.category.call).get(prize.pk, set()) if prize else set()
    match kind:
        case Decision.Kind.CONFER:
            tally = Tally.records.filter(round=round_, proposal=proposal).first()
            if tally is None or tally.place is None:
                raise Refused("not_placed")
            return proposal is not None and proposal.code not in winners
        case Decision.Kind.DECLINE:
            if proposal is None or proposal.code not in winners:
                raise Refused("not_winning")
            return False
        case Decision.Kind.NOT_CONFERRED:
            return bool(winners)
        case _:
            return False


def winners_of(call: Call) -> dict[int, set[str]]:
    """Return {prize id: codes of those who win it} as the ranking and the decisions so far give."""
    won: dict[int, set[str]] = {}
    ids = dict[tuple[str, str], int]()
    for prize in Prize.objects.filter(category__call=call).select_related("category"):
        ids[prize.category.code, prize.code] = prize.pk
    for row in result_rows(call):
        for outcome in row.outcome.split(";"):
            kind, _, code = outcome.partition(":")
            if kind == "winner":
                won.setdefault(ids[row.category, code], set()).add(row.proposal)
    return won


def _document(decision: Decision) -> dict[str, object]:
    return {
        "kind": decision.kind,
        "category": decision.round.category.code,
        "round": decision.round.code,
        "prize": decision.prize.code if decision.prize else "",
        "proposal": decision.proposal.code if decision.proposal else "",
        "reason": decision.reason,
    }


def take_back(*, decision: Decision, actor: Person, roles: frozenset[str], now: datetime) -> None:
    """Take a decision back before results are sealed; the ledger keeps that it was taken."""
    call = decision.round.category.call
    may_organise(roles).demand()
    permissions.may_decide(call, now).demand()
    with transaction.atomic():
        ledger.append(call.pk, "decision taken back", _document(decision), now=now)
        audit.record(
            "take back", decision.proposal or call, actor_id=actor.pk, now=now, call_id=call.pk, decision=decision.kind
        )
        decision.delete()


def seal_results(
    *, call: Call, released_at: datetime, actor: Person, roles: frozenset[str], now: datetime
) -> Publication:
    """Seal the results now, to be told at `released_at`: judging closes, the ledger ends, nothing changes any more."""
    may_organise(roles).demand()
    permissions.may_seal(call, released_at, now).demand()
    with transaction.atomic():
        if call.judging_closed_at is None:
            lock_judging(call, now=now)
        rankings = _rankings_to_seal(call)
        document = {
            "call": call.code,
            "rows": told_rows(call),
            "rankings": [ranking.fingerprint for ranking in rankings],
        }
        hash_ = hashlib.sha256(canonical(document).encode()).hexdigest()
        publication = Publication.records.create(
            call=call, sealed_at=now, released_at=released_at, document=document, hash=hash_, by=actor
        )
        publication.rankings(manager="records").set(rankings)
        ledger.append(call.pk, "publication", {"hash": hash_, "released_at": released_at.isoformat()}, now=now)
        ledger.close(call, now=now)
        call.released_at = released_at
        call.save(update_fields=["released_at"])
        audit.record("seal", call, actor_id=actor.pk, now=now, call_id=call.pk, released_at=released_at.isoformat())
        _ask_to_announce(call, released_at)
    return publication


def _rankings_to_seal(call: Call) -> list[Ranking]:
    """Return the current ranking of each round; refuse while one of them has not read all ballots."""
    chain = Chain.objects.get(call=call, kind=Chain.Kind.OFFICIAL, current=True)
    rankings = list(Ranking.records.filter(round__category__call=call, current=True).order_by("round_id"))
    if not rankings:
        raise Refused("nothing_to_publish")
    stale = ledger.entries_after(chain, min(ranking.sequence for ranking in rankings), ledger.RANKED_KINDS)
    if stale:
        raise Refused("ranking_not_current")
    return rankings


def move_embargo(
    *, call: Call, released_at: datetime, actor: Person, roles: frozenset[str], now: datetime
) -> None:
    """Move the end of the embargo while the results are not public."""
    may_organise(roles).demand()
    if released_at < now:
        raise Refused("embargo_past")
    with transaction.atomic():
        if not Publication.records.filter(call=call, released_at__gt=now).update(released_at=released_at):
            raise Refused("already_told")
        Call.objects.filter(pk=call.pk).update(released_at=released_at)
        call.released_at = released_at
        audit.record("move embargo", call, actor_id=actor.pk, now=now, call_id=call.pk, released_at=released_at.isoformat())
        _ask_to_announce(call, released_at)


def _ask_to_announce(call: Call, released_at: datetime) -> None:
    key = f"{call.pk}:{released_at.isoformat()}"
    outbox.ask("announce results", key, now=released_at, payload={"call": call.pk})


@outbox.handles("announce results", leases=6)
def announce(payload: Mapping[str, object], now: datetime) -> None:
    """Write to every applicant, at one minute for all, once the embargo has ended; not before, whoever asks."""
    publication = Publication.records.select_related("call").filter(call_id=payload["call"], released_at__lte=now).first()
    if publication is None:
        return
    call = publication.call
    outcomes = {row["proposal"]: row["outcome"] for row in publication.document["rows"]}
    judged = Proposal.records.filter(call=call, code__in=outcomes, applicant__isnull=False).select_related("applicant")
    for proposal in judged:
        assert proposal.applicant is not None  # noqa: S101 - filtered above
        language = proposal.applicant.language
        notify(
            messages.RESULT,
            to=proposal.contact_email,
            language=language,
            key=str(proposal.pk),
            now=now,
            facts={
                "call": localised(call.title, language),
                "title": proposal.title,
                "outcome": messages.outcome_in_words(outcomes[proposal.code], language),
                "url": settings.SITE_URL.rstrip("/") + reverse("results", args=[call.code]),
            },
        )
