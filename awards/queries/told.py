"""What is told: the document that everybody will read, and what of it has been published."""

from collections import Counter
from datetime import datetime

from awards.models import Decision, Prize, Publication
from awards.queries.books import Books, outcomes_of
from common.visibility import View, view, visible_fields
from contests.lifecycle import Phase, ProposalState
from contests.models import Call, Category
from contests.queries import Actor, phase, roles_of, visible_calls
from engine import contest as plain


def told(books: Books) -> dict[str, object]:
    """Return the document that everybody will read: nobody without a place is named in it."""
    used = {ranking.round_id: ranking for ranking in books.rankings}
    admitted = Counter(row.category_id for row in books.proposals.values() if row.state == ProposalState.ADMITTED)
    return {
        "call": books.call.code,
        "categories": [
            {"code": category.code, "title": category.title, "admitted": admitted[category.pk]}
            for category in books.categories
        ],
        "prizes": [
            told_prize(books, category, prize) for category in books.categories for prize in category.prizes.all()
        ],
        "mentions": [
            {"category": row.category, "prize": prize, **named(books, row.proposal)}
            for row in books.rows
            for kind, prize in outcomes_of(row.outcome)
            if kind == "mention"
        ],
        "rows": [told_row(books, row) for row in books.rows if row.place],
        "rules": [
            {"category": round_.category.code, "round": round_.code, "hash": books.rules[pk].hash}
            for pk, round_ in books.rounds.items()
            if pk in books.rules
        ],
        "rankings": [used[pk].fingerprint for pk in sorted(used)],
    }


def told_prize(books: Books, category: Category, prize: Prize) -> dict[str, object]:
    """Return a prize as told: what was offered, who wins it, and why fewer were conferred."""
    refusals = [row for row in books.decisions if row.prize_id == prize.pk and row.kind == Decision.Kind.NOT_CONFERRED]
    return {
        "category": category.code,
        "prize": prize.code,
        "title": prize.title,
        "places": prize.places,
        "winners": list(books.winners.get((category.code, prize.code), ())),
        "not_conferred": refusals[-1].reason if refusals else "",
    }


def told_row(books: Books, row: plain.ResultRow) -> dict[str, object]:
    """Return a row of results.csv with what a reader needs beside it."""
    return {
        "category": row.category,
        "round": row.round,
        "place": row.place,
        "score": row.score,
        "outcome": row.outcome,
        **named(books, row.proposal),
    }


def named(books: Books, code: str) -> dict[str, object]:
    """Return a proposal by its public names."""
    proposal = books.proposals[code]
    return {
        "proposal": code,
        "title": proposal.title,
        "organisation": str(proposal.organisation or ""),
        "region": proposal.region,
    }


def kept(books: Books, nonce: str) -> dict[str, object]:
    """Return what is sealed beside the document and told to each applicant alone; the nonce keeps it from guesses."""
    return {
        "nonce": nonce,
        "rows": [
            {"category": row.category, "round": row.round, "proposal": row.proposal, "outcome": row.outcome}
            for row in books.rows
        ],
    }


def visible_publication(actor: Actor, call: Call, now: datetime) -> View | None:
    """Return the call's published result as far as a person may see it, None before there is anything for them."""
    fields = visible_fields(roles_of(actor, call), "result", phase(call, now), ())
    publication = Publication.records.filter(call=call).first() if fields else None
    if publication is None:
        return None
    document = publication.document["told"]
    getters = {name: lambda _publication, name=name: document[name] for name in document}
    return view("result", publication, fields, {**getters, "document": lambda _publication: document})


def calls_with_results(actor: Actor, now: datetime) -> list[tuple[Call, bool]]:
    """Return the calls whose judging has begun, each with whether its results are public, the latest first."""
    past = {Phase.JUDGING, Phase.DELIBERATION, Phase.SEALED}
    known = [(call, phase(call, now)) for call in visible_calls(actor, now)]
    listed = [
        (call, present not in past) for call, present in known if present in {*past, Phase.PUBLISHED, Phase.ARCHIVED}
    ]
    return sorted(
        listed, key=lambda pair: (pair[1], pair[0].released_at if pair[1] else pair[0].judging_ends_at), reverse=True
    )
