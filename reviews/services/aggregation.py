"""From ballots to a ranking, in the background.

A saved ballot refreshes its proposal's tally and asks for the round to be recomputed. A run reads its inputs and the
ledger's head in one snapshot, computes, and takes the place of the current ranking only if it read at least as much.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from statistics import pstdev
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from common import outbox
from common.models import Run
from contests.models import Category, Proposal, Round, RuleSet
from engine.document import json_of
from engine.numbers import decimal_text
from engine.rules import Rules
from engine.scoring import fingerprint, score
from engine.types import RoundInput, Standing
from reviews.models import Chain, Ranking, Tally
from reviews.queries.inputs import ballot_totals, complete_ballots, inputs_of, plain_total
from reviews.queries.ranking import RECOMPUTE
from reviews.queries.rules import newest_rules, parsed, rules_of_round
from reviews.services import ledger

RANKED = "a ranking has changed"  # work for those who keep what follows from it
MEASURE = "measure round"


def touch(round_id: int, proposal_id: UUID, *, now: datetime, rules: Rules | None = None) -> None:
    """Refresh one proposal's tally and ask for a new ranking of its round; run it inside the saving transaction."""
    totals = ballot_totals(rules or rules_of_round(round_id), round_id, proposal_id)
    numbers = _numbers(totals)
    Tally.records.bulk_create(
        [Tally(round_id=round_id, proposal_id=proposal_id, **numbers)],
        update_conflicts=True,
        unique_fields=["round", "proposal"],
        update_fields=list(numbers),
    )
    ask_for_ranking(round_id, now=now)


def tally_round(round_: Round) -> None:
    """Refresh every tally of a round at once, for ballots that came in together."""
    rules, totals = rules_of_round(round_.pk), defaultdict[UUID, list[Fraction]](list)
    ballots = complete_ballots(round_.pk).values_list("assignment__proposal_id", "marks")
    for proposal_id, marks in ballots.iterator(chunk_size=5000):
        if (total := plain_total(rules, marks)) is not None:
            totals[proposal_id].append(total)
    Tally.records.filter(round=round_).delete()
    Tally.records.bulk_create(
        [Tally(round=round_, proposal_id=proposal_id, **_numbers(given)) for proposal_id, given in totals.items()],
        batch_size=2000,
    )


def _numbers(totals: list[Fraction]) -> dict[str, object]:
    """The plain mean of jurors' totals and their spread, a statistic."""
    if not totals:
        return {"ballots": 0, "mean": "", "spread": ""}
    mean = sum(totals, Fraction(0)) / len(totals)
    spread = Fraction(pstdev(totals)).limit_denominator(10**6)
    return {"ballots": len(totals), "mean": decimal_text(mean), "spread": decimal_text(spread, 2)}


def ask_for_ranking(round_id: int, *, now: datetime) -> None:
    """Mark a round as changed; asked many times, it is recomputed once."""
    outbox.ask(RECOMPUTE, str(round_id), now=now, payload={"round": round_id})


@outbox.handles("proposals moved")
def take_in_moved_proposals(payload: Mapping[str, Any], now: datetime) -> None:
    """Enter in the ledger who is admitted in a category, and recompute its rounds, once judging has begun."""
    category = Category.objects.select_related("call").get(pk=payload["category"])
    if category.call.judging_opened_at is None or Chain.objects.filter(
        call=category.call, kind=Chain.Kind.OFFICIAL, current=True, closed_at__isnull=False
    ):
        return
    with transaction.atomic():
        states = dict(Proposal.records.filter(category=category).exclude(state="draft").values_list("code", "state"))
        ledger.append(category.call_id, "eligibility", {"category": category.code, "states": states}, now=now)
        for round_ in category.rounds.all():
            ask_for_ranking(round_.pk, now=now)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a ranking is computed from, read at one moment."""

    rule_set: RuleSet
    rules: Rules
    inputs: RoundInput
    chain: Chain
    fingerprint: str


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read several statements as of one moment, where the database does not do so by itself."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def read_snapshot(round_: Round) -> Snapshot:
    """Read a round's rules, inputs and the ledger's head in one snapshot."""
    chain = ledger.official_chain(round_.category.call)
    with _one_moment():
        chain.refresh_from_db()
        rule_set = newest_rules(round_.pk)
        rules = parsed(rule_set)
        inputs = inputs_of(round_, rules)
    return Snapshot(rule_set, rules, inputs, chain, fingerprint(rule_set.document, inputs))


@outbox.handles(RECOMPUTE)
def recompute(payload: Mapping[str, Any], now: datetime) -> None:
    """Do the work of a round's marker."""
    round_ = Round.objects.select_related("category__call").get(pk=payload["round"])
    recompute_round(round_, now=now)


def recompute_round(round_: Round, *, now: datetime) -> Ranking | None:
    """Compute a round's ranking and keep it; a replay changes nothing, and who read less gives way to who read more."""
    run = Run.objects.create(kind=RECOMPUTE, scope=f"round:{round_.pk}", started_at=now)
    snapshot = read_snapshot(round_)
    standing = score(snapshot.rules, snapshot.inputs)
    ranking, outcome = keep_ranking(round_, snapshot, standing, now=now)
    Run.objects.filter(pk=run.pk).update(
        ended_at=now,
        outcome=outcome,
        facts={"ballots": len(snapshot.inputs.ballots), "sequence": snapshot.chain.sequence},
    )
    return ranking


def keep_ranking(round_: Round, snapshot: Snapshot, standing: Standing, *, now: datetime) -> tuple[Ranking | None, str]:
    """Keep a computed standing as the current ranking unless a newer one stands; say what became of it."""
    sequence = snapshot.chain.sequence
    with transaction.atomic():
        current = Ranking.records.filter(round=round_, current=True)
        newer = current.filter(chain=snapshot.chain, sequence__gt=sequence).first()
        if newer is not None:
            return newer, "overtaken"
        same = current.filter(fingerprint=snapshot.fingerprint).first()
        if same is not None:
            current.filter(pk=same.pk, sequence__lt=sequence).update(sequence=sequence, chain=snapshot.chain)
            return same, "unchanged"
        version = (Ranking.records.filter(round=round_).aggregate(last=Max("version"))["last"] or 0) + 1
        current.update(current=False)
        before = Ranking.records.filter(round=round_, version=version - 1)
        names = ("statistics", "severities", "measured")
        kept = before.values_list(*names).first()
        measured: dict[str, Any] = dict(zip(names, kept, strict=True)) if kept else {}
        # What nobody sealed or published is not kept: the ledger can make it again.
        Ranking.records.filter(round=round_, current=False, publications=None).delete()
        ranking = Ranking.records.create(
            round=round_,
            rule_set=snapshot.rule_set,
            chain=snapshot.chain,
            version=version,
            fingerprint=snapshot.fingerprint,
            sequence=sequence,
            ballots=len(snapshot.inputs.ballots),
            expected=sum(snapshot.inputs.assigned.values()),
            counts=Counter(row.status for row in standing.rows),
            standing=json_of(standing),
            computed_at=now,
            current=True,
            **measured,  # of an older version, until its own follow
        )
        keep_columns(round_, standing)
        call_id = round_.category.call_id
        outbox.ask(RANKED, str(call_id), now=now, payload={"call": call_id})
        outbox.ask(MEASURE, str(round_.pk), now=now, payload={"round": round_.pk})
        following = Round.objects.filter(category_id=round_.category_id, position__gt=round_.position)
        for round_id in following.order_by("position").values_list("pk", flat=True)[:1]:
            ask_for_ranking(round_id, now=now)  # who advances, and with what, has changed
    return ranking, "computed"


def keep_columns(round_: Round, standing: Standing) -> None:
    """Copy the official numbers into the tallies, from which lists read and page."""
    ids = dict(Proposal.records.filter(category_id=round_.category_id).values_list("code", "pk"))
    Tally.records.filter(round=round_).exclude(proposal_id__in=[ids[row.code] for row in standing.rows]).update(
        score="", place=None, position=None, status=""
    )
    Tally.records.bulk_create(
        [
            Tally(
                round=round_,
                proposal_id=ids[row.code],
                score=row.score_text,
                place=row.place,
                position=position,
                status=row.status,
            )
            for position, row in enumerate(standing.rows, start=1)
        ],
        update_conflicts=True,
        unique_fields=["round", "proposal"],
        update_fields=["score", "place", "position", "status"],
        batch_size=2000,
    )
