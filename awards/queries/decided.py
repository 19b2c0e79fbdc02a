"""What can be decided, and what was: prizes with their winners, mentions, ties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Person
from awards.models import Decision, Prize
from awards.queries.books import Books
from common.visibility import View, view, visible_fields
from contests.models import Call, CallRole, Category, Proposal, Round
from engine import contest as plain
from engine.types import PLACED, Row
from reviews.models import Ruling
from reviews.queries.organise import Visit

CHAIR_RULE = "chair"


@dataclass(frozen=True, slots=True)
class Winner:
    """Who wins a prize now, and by which decision, None for the ranking."""

    code: str
    title: str
    organisation: str
    place: str
    score: str
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Board:
    """One prize as the decisions room shows it."""

    prize: Prize
    winners: tuple[Winner, ...]
    decisions: tuple[Decision, ...]

    @property
    def closed(self) -> bool:
        """Whether it was decided that no more is conferred."""
        return any(row.kind == Decision.Kind.NOT_CONFERRED for row in self.decisions)


@dataclass(frozen=True, slots=True)
class Tie:
    """A place that several proposals share, or the order in which the chair put them."""

    round: Round
    place: int
    members: tuple[Proposal, ...]
    rulings: tuple[Ruling, ...] = ()


def boards(books: Books) -> dict[int, list[Board]]:
    """Return {category id: its prizes as the decisions room shows them}."""
    rows = {(row.category, row.round, row.proposal): row for row in books.rows}
    return {
        category.pk: [board(books, category, prize, rows) for prize in category.prizes.all()]
        for category in books.categories
    }


def board(
    books: Books, category: Category, prize: Prize, rows: Mapping[tuple[str, str, str], plain.ResultRow]
) -> Board:
    """Return one prize with its winners and what was decided about it."""
    decisions = tuple(row for row in books.decisions if row.prize_id == prize.pk)
    conferred = {row.proposal_id: row for row in decisions if row.kind == Decision.Kind.CONFER}
    winners = []
    for code in books.winners.get((category.code, prize.code), ()):
        row, proposal = rows[category.code, books.rounds[prize.round_id].code, code], books.proposals[code]
        winners.append(
            Winner(
                code, proposal.title, str(proposal.organisation or ""), row.place, row.score, conferred.get(proposal.pk)
            )
        )
    return Board(prize, tuple(winners), decisions)


def mentions(books: Books, category: Category) -> list[Decision]:
    """Return the mentions of a category that go with no prize."""
    rounds = {round_.pk for round_ in category.rounds.all()}
    return [
        row
        for row in books.decisions
        if row.kind == Decision.Kind.MENTION and not row.prize_id and row.round_id in rounds
    ]


def ties(books: Books) -> list[Tie]:
    """Return the ties that the chair may decide: open, or left to a later rule; then those already decided."""
    found = []
    for round_ in books.rounds.values():
        standing = books.standings.get((round_.category.code, round_.code))
        rules = [rule.text for rule in books.rules_of(round_).ties] if standing else []
        if standing is None or CHAIR_RULE not in rules:
            continue
        before = rules[: rules.index(CHAIR_RULE)]
        decided = {row.proposal_id for row in books.rulings if row.round_id == round_.pk}
        tied: dict[object, list[Row]] = {}
        for row in standing.rows:
            if row.status == PLACED and row.decided_by not in before and books.proposals[row.code].pk not in decided:
                tied.setdefault(row.score, []).append(row)
        found += [
            Tie(round_, rows[0].place or 0, tuple(books.proposals[row.code] for row in rows))
            for rows in tied.values()
            if len(rows) > 1
        ]
        found += ruled(books, round_)
    return found


def ruled(books: Books, round_: Round) -> Iterable[Tie]:
    """Return the ties of a round that the chair has put in order; one act is one instant."""
    acts: dict[datetime, list[Ruling]] = {}
    for row in books.rulings:
        if row.round_id == round_.pk and row.kind == Ruling.Kind.TIE:
            acts.setdefault(row.at, []).append(row)
    by_id = {proposal.pk: proposal for proposal in books.proposals.values()}
    for rows in acts.values():
        ordered = sorted(rows, key=lambda row: row.place or 0)
        yield Tie(round_, 0, tuple(by_id[row.proposal_id] for row in ordered), tuple(ordered))


def find_decision(call: Call, pk: int) -> Decision | None:
    """Return a decision of the call."""
    return (
        Decision.records.select_related("round__category__call", "prize", "proposal")
        .filter(pk=pk, round__category__call=call)
        .first()
    )


def seconds(call: Call, actor: Person) -> list[Person]:
    """Return who may be the second person of a decision: the others who run or chair the call."""
    return list(Person.objects.filter(call_roles__call=call).exclude(pk=actor.pk).distinct().order_by("name", "email"))


def decisions_of(visit: Visit) -> list[View]:
    """Return a call's decisions as far as the visitor may see them, in the order in which they were taken."""
    fields = visible_fields(visit.roles, "decision", visit.phase, ())
    rows = Decision.records.filter(round__category__call=visit.call) if fields else Decision.records.none()
    found = rows.select_related("round__category", "prize", "proposal").order_by("pk")
    return [decision_view(row, fields) for row in found]


def decision_view(decision: Decision, fields: frozenset[str]) -> View:
    """Return a decision with these fields, and where it belongs."""
    shown = view("decision", decision, fields, {})
    shown.id, shown.round = decision.pk, decision.round
    return shown


def find_prize(call: Call, category: str, code: str) -> Prize | None:
    """Return a prize of a call by codes."""
    return Prize.objects.filter(category__call=call, category__code=category, code=code).select_related("round").first()


def find_entry(call: Call, code: str) -> Proposal | None:
    """Return a submitted proposal of a call by its code."""
    return Proposal.records.filter(call=call, code=code).exclude(state="draft").first()


def find_second(call: Call, email: str) -> Person | None:
    """Return the person with a role in the call at this address, None for an empty one."""
    role = (
        CallRole.objects.filter(call=call, person__email=email.lower()).select_related("person").first()
        if email
        else None
    )
    return role.person if role else None
