"""Deciding who wins, and telling it at one minute for all."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Person
from awards import messages, permissions
from awards.models import Allocation, Decision, Prize, Publication
from awards.queries.books import Books, open_books
from awards.queries.decided import allocation_in, key_of
from awards.queries.told import kept, told
from common import audit, outbox
from common.errors import Refused
from common.fields import localised
from contests.lifecycle import ProposalState
from contests.models import Call, CallRole, Proposal, Round
from contests.permissions import may_organise
from engine.rules import seal
from notifications.services import notify
from reviews.models import Ranking, Tally
from reviews.services import ledger
from reviews.services.aggregation import RANKED, read_snapshot
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
    _belongs_together(kind, round_, prize, proposal)
    _agrees(call, actor, second)
    if kind == Decision.Kind.NOT_CONFERRED and not reason.strip():
        raise Refused("why_not_conferred")
    try:
        with transaction.atomic():
            ledger.hold(call.pk)
            departs = _departs(kind, round_, prize, proposal)
            if departs and (not reason.strip() or second is None):
                raise Refused("second_needed")
            decision = Decision.records.create(
                kind=kind,
                round=round_,
                prize=prize,
                proposal=proposal,
                reason=reason.strip(),
                by=str(actor),
                by_person=actor,
                second=str(second or ""),
                second_person=second,
                departs=departs,
                at=now,
            )
            ledger.append(call.pk, "decision", _document(decision), now=now)
            _record(decision, kind, actor, now)
            _ask_to_allocate(call, now)
    except IntegrityError:
        raise Refused("decided_already") from None
    return decision


def _belongs_together(kind: str, round_: Round, prize: Prize | None, proposal: Proposal | None) -> None:
    """Refuse a decision whose parts are of different rounds, or that lacks one."""
    needs_proposal, needs_prize = kind != Decision.Kind.NOT_CONFERRED, kind != Decision.Kind.MENTION
    if (proposal is not None) != needs_proposal or (needs_prize and prize is None):
        raise Refused("not_placed")
    if prize is not None and prize.round_id != round_.pk:
        raise Refused("not_placed")
    if proposal is not None and (
        proposal.category_id != round_.category_id or proposal.state != ProposalState.ADMITTED
    ):
        raise Refused("not_placed")


def _agrees(call: Call, actor: Person, second: Person | None) -> None:
    """Refuse a second person who is the first, or has no part in the call."""
    if second is not None and second.pk == actor.pk:
        raise Refused("same_person")
    if second is not None and not CallRole.objects.filter(call=call, person=second).exists():
        raise Refused("second_needed")


def _departs(kind: str, round_: Round, prize: Prize | None, proposal: Proposal | None) -> bool:
    """Does this decision depart from what the ranking gives?"""
    if prize is None:
        return False
    winners = winners_of(round_.category.call).get(prize.pk, set())
    conferred = set(
        Decision.records.filter(prize=prize, kind=Decision.Kind.CONFER).values_list("proposal__code", flat=True)
    )
    match kind:
        case Decision.Kind.CONFER:
            assert proposal is not None  # noqa: S101 - checked by _belongs_together
            if not Tally.records.filter(round=round_, proposal=proposal, place__isnull=False).exists():
                raise Refused("not_placed")
            beyond = proposal.code not in winners
            if beyond and prize.places is not None and len(conferred) >= prize.places:
                raise Refused("no_place_left")
            return beyond
        case Decision.Kind.DECLINE:
            if proposal is None or proposal.code not in winners:
                raise Refused("not_winning")
            return False
        case Decision.Kind.NOT_CONFERRED:
            return bool(winners - conferred)
        case _:
            return False


def winners_of(call: Call) -> dict[int, set[str]]:
    """Return {prize id: codes of those who win it} as the ranking and the decisions so far give."""
    books = open_books(call)
    return {
        prize.pk: set(won)
        for category in books.categories
        for prize in category.prizes.all()
        if (won := books.winners.get((category.code, prize.code)))
    }


def _document(decision: Decision) -> dict[str, object]:
    return {
        "kind": decision.kind,
        "category": decision.round.category.code,
        "round": decision.round.code,
        "prize": decision.prize.code if decision.prize else "",
        "proposal": decision.proposal.code if decision.proposal else "",
        "reason": decision.reason,
        "departs": decision.departs,
        "by": decision.by,
        "second": decision.second,
    }


def _record(decision: Decision, verb: str, actor: Person, now: datetime) -> None:
    """Write the call's history, never the proposal's: an applicant must not read there what is under embargo."""
    call = decision.round.category.call
    audit.record(verb, call, actor=actor, now=now, **_document(decision))


def take_back(*, decision: Decision, actor: Person, roles: frozenset[str], now: datetime) -> None:
    """Take a decision back before results are sealed; the ledger keeps that it was taken."""
    call = decision.round.category.call
    may_organise(roles).demand()
    permissions.may_decide(call, now).demand()
    with transaction.atomic():
        if not Decision.records.filter(pk=decision.pk).delete()[0]:
            raise Refused("decided_already")
        ledger.append(call.pk, "decision taken back", _document(decision), now=now)
        _record(decision, "take back", actor, now)
        _ask_to_allocate(call, now)


def _ask_to_allocate(call: Call, now: datetime) -> None:
    outbox.ask(RANKED, str(call.pk), now=now, payload={"call": call.pk})


@outbox.handles(RANKED)
def allocate(payload: Mapping[str, object], now: datetime) -> None:
    """Keep who wins what for the decisions room, as rankings, prizes and decisions now give it."""
    with transaction.atomic():
        call = Call.objects.select_for_update(no_key=True).get(pk=cast("int", payload["call"]))  # who comes later, wins
        books = open_books(call)
        found = {
            "key": key_of(books.categories, books.rankings, books.decisions),
            "document": allocation_in(books),
        }
        Allocation.records.update_or_create(call=call, defaults=found)


def seal_results(
    *, call: Call, released_at: datetime, actor: Person, roles: frozenset[str], now: datetime
) -> Publication:
    """Seal the results now, to be told at `released_at`: judging closes, the ledger ends, nothing changes any more."""
    may_organise(roles).demand()
    permissions.may_seal(call, released_at, now).demand()
    with transaction.atomic():
        ledger.hold(call.pk)
        if call.judging_closed_at is None:
            lock_judging(call, now=now)
        books = open_books(call)
        _must_be_current(books)
        secret = kept(books, secrets.token_hex(16))
        public = {**told(books), "kept": seal(secret)}
        try:
            with transaction.atomic():
                publication = Publication.records.create(
                    call=call,
                    sealed_at=now,
                    released_at=released_at,
                    document={"told": public, "kept": secret},
                    hash=seal(public),
                    by=actor,
                )
        except IntegrityError:
            raise Refused("already_sealed") from None
        publication.rankings.add(*books.rankings)
        ledger.append(
            call.pk, "publication", {"hash": publication.hash, "released_at": released_at.isoformat()}, now=now
        )
        ledger.close(call, now=now)
        call.released_at = released_at
        call.save(update_fields=["released_at"])
        audit.record("seal", call, actor=actor, now=now, released_at=released_at.isoformat())
        _ask_to_announce(call, released_at)
    return publication


def _must_be_current(books: Books) -> None:
    """Refuse while a round's ranking is not what its inputs give: computed anew, it must be the same."""
    if not books.rankings:
        raise Refused("nothing_to_publish")
    rankings: dict[int, Ranking] = {ranking.round_id: ranking for ranking in books.rankings}
    judged = {proposal.category_id for proposal in books.proposals.values()}
    for pk, round_ in books.rounds.items():
        if round_.category_id in judged and pk in books.rules:
            round_.category.call = books.call
            ranking = rankings.get(pk)
            if ranking is None or ranking.fingerprint != read_snapshot(round_).fingerprint:
                raise Refused("ranking_not_current")


def move_embargo(*, call: Call, released_at: datetime, actor: Person, roles: frozenset[str], now: datetime) -> None:
    """Move the end of the embargo while the results are not public."""
    may_organise(roles).demand()
    if released_at < now:
        raise Refused("embargo_past")
    with transaction.atomic():
        if not Publication.records.filter(call=call, released_at__gt=now).update(released_at=released_at):
            raise Refused("already_told" if call.released_at else "nothing_to_publish")
        before, call.released_at = call.released_at, released_at
        Call.objects.filter(pk=call.pk).update(released_at=released_at)
        was = before.isoformat() if before else ""
        audit.record("move embargo", call, actor=actor, now=now, before=was, after=released_at.isoformat())
        _ask_to_announce(call, released_at)


def _ask_to_announce(call: Call, released_at: datetime) -> None:
    key = f"{call.pk}:{released_at.isoformat()}"
    outbox.ask("announce results", key, now=released_at, payload={"call": call.pk})


@outbox.handles("announce results", leases=6)
def announce(payload: Mapping[str, object], now: datetime) -> None:
    """Write to every applicant, at one minute for all, once the embargo has ended; not before, whoever asks."""
    publication = (
        Publication.records.select_related("call")
        .filter(call=cast("int", payload["call"]), released_at__lte=now)
        .first()
    )
    if publication is None:
        return
    call = publication.call
    outcomes = {row["proposal"]: row["outcome"] for row in publication.document["kept"]["rows"]}
    url = settings.SITE_URL.rstrip("/") + reverse("results", args=[call.code])
    judged = Proposal.records.filter(call=call, code__in=outcomes, applicant__isnull=False).select_related("applicant")
    for proposal in judged.exclude(state=ProposalState.WITHDRAWN).order_by("pk"):
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
                "url": url,
            },
        )
