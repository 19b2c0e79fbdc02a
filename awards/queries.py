"""Reading results: the engine's allocation over the current rankings and what people decided."""

from collections.abc import Sequence
from datetime import datetime

from common.visibility import View, view, visible_fields
from contests.models import Call, Category, Proposal, Round
from contests.queries import Actor, phase, roles_of
from engine import contest as plain
from engine.allocation import results
from engine.document import standing_from_json
from engine.types import Proposal as PlainProposal
from engine.types import Standing
from reviews.models import Ranking, Ruling
from reviews.queries.inputs import inputs_of
from reviews.queries.rules import rules_of_round
from awards.models import Decision, Prize, Publication


def plain_categories(call: Call) -> tuple[plain.Category, ...]:
    """Return the call's plan as the engine takes it."""
    return tuple(_category(category) for category in call.categories.prefetch_related("rounds", "prizes__round"))


def _category(category: Category) -> plain.Category:
    return plain.Category(
        code=category.code,
        title=category.title,
        rounds=tuple(plain.Round(round_.code, round_.title, rules_of_round(round_.pk)) for round_ in category.rounds.all()),
        prizes=tuple(plain_prize(prize) for prize in category.prizes.all()),
    )


def plain_prize(prize: Prize) -> plain.Prize:
    """Return a prize as the engine takes it."""
    return plain.Prize(
        code=prize.code, title=prize.title, round=prize.round.code, places=prize.places, **prize.conditions
    )


def plain_decisions(call: Call) -> tuple[plain.Decision, ...]:
    """Return what chair and organisers decided, in the order in which they did."""
    rulings = Ruling.records.filter(round__category__call=call).select_related("round__category", "proposal")
    decisions = Decision.records.filter(round__category__call=call).select_related("round__category", "prize", "proposal")
    return tuple(
        plain.Decision(
            category=row.round.category.code,
            round=row.round.code,
            kind=row.kind,
            prize=row.prize.code if isinstance(row, Decision) and row.prize else "",
            proposal=row.proposal.code if row.proposal else "",
            place=row.place,
            reason=row.reason,
            by=row.by,
            second=row.second,
        )
        for rows in (rulings.order_by("pk"), decisions.order_by("pk"))
        for row in rows
    )


def current_standings(call: Call) -> dict[tuple[str, str], Standing]:
    """Return the current standing of each round that has one."""
    rankings = Ranking.records.filter(round__category__call=call, current=True).select_related("round__category")
    return {
        (ranking.round.category.code, ranking.round.code): standing_from_json(ranking.standing) for ranking in rankings
    }


def result_rows(call: Call) -> Sequence[plain.ResultRow]:
    """Return the rows of results.csv as they stand now."""
    proposals: dict[str, PlainProposal] = {}
    for round_ in Round.objects.filter(category__call=call, position=0).select_related("category__call"):
        for proposal in inputs_of(round_, rules_of_round(round_.pk)).proposals:
            proposals[proposal.code] = proposal
    return results(
        outcome=call.outcome,
        categories=plain_categories(call),
        proposals=proposals,
        standings=current_standings(call),
        decisions=plain_decisions(call),
    )


def told_rows(call: Call) -> list[dict[str, str]]:
    """Return the rows of results.csv with what a reader needs beside: title, organisation, names of prizes are in codes."""
    proposals = {
        proposal.code: proposal for proposal in Proposal.records.filter(call=call).select_related("organisation")
    }
    return [
        {
            "category": row.category,
            "round": row.round,
            "place": row.place,
            "proposal": row.proposal,
            "score": row.score,
            "outcome": row.outcome,
            "title": proposals[row.proposal].title,
            "organisation": str(proposals[row.proposal].organisation or ""),
            "region": proposals[row.proposal].region,
        }
        for row in result_rows(call)
    ]


def visible_publication(actor: Actor, call: Call, now: datetime) -> View | None:
    """Return the call's published result as far as a person may see it, None before there is anything for them."""
    fields = visible_fields(roles_of(actor, call), "result", phase(call, now), ())
    publication = Publication.records.filter(call=call).first() if fields else None
    if publication is None:
        return None
    return view("result", publication, fields, {"rows": lambda publication: publication.document["rows"]})
