"""All that a call's results follow from, and the engine's allocation over it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from awards.models import Decision, Prize
from contests.models import Call, Category, Proposal, Round, RuleSet
from engine import contest as plain
from engine.allocation import results
from engine.document import standing_from_json
from engine.rules import Rules
from engine.types import Standing
from reviews.models import Ranking, Ruling
from reviews.queries.inputs import plain_proposal, submitted
from reviews.queries.rules import parsed


@dataclass(frozen=True)
class Books:
    """All that a call's results follow from, read once: its plan, its rankings, its proposals and what was decided."""

    call: Call
    categories: Sequence[Category]
    rules: Mapping[int, RuleSet]
    rankings: Sequence[Ranking]
    proposals: Mapping[str, Proposal]
    decisions: Sequence[Decision]

    @cached_property
    def rulings(self) -> Sequence[Ruling]:
        """What the chair decided about standings; few calls have any, and no prize depends on it but through them."""
        return list(Ruling.records.filter(round__category__call=self.call).order_by("pk"))

    @cached_property
    def rounds(self) -> Mapping[int, Round]:
        """Every round by id, each knowing its category."""
        return rounds_in(self.categories)

    def rules_of(self, round_: Round) -> Rules:
        """Return the newest rules of a round."""
        return parsed(self.rules[round_.pk])

    @cached_property
    def plan(self) -> tuple[plain.Category, ...]:
        """The call's categories, rounds and prizes as the engine takes them."""
        return tuple(
            plain.Category(
                code=category.code,
                title=category.title,
                rounds=tuple(plain.Round(each.code, each.title, self.rules_of(each)) for each in category.rounds.all()),
                prizes=tuple(plain_prize(prize, self.rounds[prize.round_id]) for prize in category.prizes.all()),
            )
            for category in self.categories
        )

    @cached_property
    def standings(self) -> Mapping[tuple[str, str], Standing]:
        """The current standing of each round that has one, by (category, round)."""
        return {
            (self.rounds[ranking.round_id].category.code, self.rounds[ranking.round_id].code): standing_from_json(
                ranking.standing
            )
            for ranking in self.rankings
        }

    @property
    def plain_decisions(self) -> tuple[plain.Decision, ...]:
        """What chair and organisers decided, in the order in which they did."""
        return (*self.said(self.rulings), *self.said(self.decisions))

    def said(self, rows: Iterable[Ruling | Decision]) -> tuple[plain.Decision, ...]:
        """Return decisions as the engine takes them."""
        prizes = {prize.pk: prize.code for category in self.categories for prize in category.prizes.all()}
        codes = {proposal.pk: code for code, proposal in self.proposals.items()}
        return tuple(
            plain.Decision(
                category=self.rounds[row.round_id].category.code,
                round=self.rounds[row.round_id].code,
                kind=row.kind,
                prize=prizes.get(row.prize_id or 0, "") if isinstance(row, Decision) else "",
                proposal=codes.get(row.proposal_id, "") if row.proposal_id else "",
                place=row.place,
                reason=row.reason,
                by=row.by,
                second=row.second,
            )
            for row in rows
        )

    @cached_property
    def rows(self) -> Sequence[plain.ResultRow]:
        """The rows of results.csv as they stand."""
        return results(
            outcome=self.call.outcome,
            categories=self.plan,
            proposals={code: plain_proposal(proposal) for code, proposal in self.proposals.items()},
            standings=self.standings,
            decisions=self.said(self.decisions),
        )

    @cached_property
    def winners(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """{(category, prize): codes of those who win it}, in order of place."""
        won: dict[tuple[str, str], list[str]] = {}
        for row in self.rows:
            for kind, prize in outcomes_of(row.outcome):
                if kind == "winner":
                    won.setdefault((row.category, prize), []).append(row.proposal)
        return won


def rounds_in(categories: Iterable[Category]) -> dict[int, Round]:
    """Return every round of the categories by id, each knowing its category."""
    found = {}
    for category in categories:
        for round_ in category.rounds.all():
            round_.category = category
            found[round_.pk] = round_
    return found


def outcomes_of(outcome: str) -> list[tuple[str, str]]:
    """Split an outcome of results.csv into (kind, prize) pairs."""
    return [(kind, prize) for kind, _sep, prize in (part.partition(":") for part in outcome.split(";") if part)]


def plain_prize(prize: Prize, round_: Round) -> plain.Prize:
    """Return a prize as the engine takes it."""
    return plain.Prize(code=prize.code, title=prize.title, round=round_.code, places=prize.places, **prize.conditions)


def open_books(call: Call) -> Books:
    """Read all that a call's results follow from, in seven statements."""
    of_call = {"round__category__call": call}
    newest = {rules.round_id: rules for rules in RuleSet.objects.filter(**of_call).order_by("version")}
    return Books(
        call=call,
        categories=list(call.categories.prefetch_related("rounds", "prizes")),
        rules=newest,
        rankings=list(Ranking.records.filter(**of_call, current=True)),
        proposals={row.code: row for row in submitted().filter(call=call)},
        decisions=list(Decision.records.filter(**of_call).select_related("proposal").order_by("pk")),
    )
