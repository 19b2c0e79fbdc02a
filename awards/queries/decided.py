"""What can be decided, and what was: prizes with their winners, mentions, ties."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Person
from awards.models import Allocation, Decision, Prize
from awards.queries.books import Books, open_books, rounds_in
from common.visibility import View, view, visible_fields
from contests.models import Call, Category, Proposal, Round
from engine.rules import seal
from engine.types import PLACED, Row
from reviews.models import Ranking, Ruling
from reviews.queries.inputs import submitted
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
    """A place that several proposals share, or the order in which the chair put them; members are (code, title)."""

    round: Round
    place: int
    members: tuple[tuple[str, str], ...]
    rulings: tuple[Ruling, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """What the decisions room shows: a call's prizes, what was decided, and who wins what and is tied by the ranking.

    `allocation` is the document of `allocation_in`, as it was kept or computed just now.
    """

    call: Call
    categories: Sequence[Category]
    rounds: Mapping[int, Round]
    decisions: Sequence[Decision]
    allocation: Mapping[str, Any]


def open_desk(call: Call) -> Desk:
    """Read what the decisions room shows, in six statements as long as the kept allocation is true."""
    categories = list(call.categories.prefetch_related("rounds", "prizes"))
    decisions = list(
        Decision.records.filter(round__category__call=call).select_related("proposal", "prize").order_by("pk")
    )
    rankings = Ranking.records.filter(round__category__call=call, current=True).only("round_id", "fingerprint")
    kept = Allocation.records.filter(call=call).first()
    true = kept is not None and kept.key == key_of(categories, rankings, decisions)
    allocation = kept.document if kept and true else allocation_in(open_books(call))
    return Desk(call, categories, rounds_in(categories), decisions, allocation)


def key_of(categories: Iterable[Category], rankings: Iterable[Ranking], decisions: Iterable[Decision]) -> str:
    """Return the hash of what an allocation follows from."""
    prizes = [
        [prize.pk, prize.round_id, prize.places, prize.conditions] for each in categories for prize in each.prizes.all()
    ]
    ranked = sorted((row.round_id, row.fingerprint) for row in rankings)
    return seal([prizes, ranked, [row.pk for row in decisions]])


def allocation_in(books: Books) -> dict[str, Any]:
    """Return {winners: {prize id: their codes, titles, places and scores}, ties: those left to the chair} as JSON.

    `chair` says whether any round lets the chair decide.
    """
    rows = {(row.category, row.round, row.proposal): row for row in books.rows}
    winners: dict[str, list[dict[str, str]]] = {}
    for category in books.categories:
        for prize in category.prizes.all():
            won = books.winners.get((category.code, prize.code), ())
            found = [
                (rows[category.code, books.rounds[prize.round_id].code, code], books.proposals[code]) for code in won
            ]
            winners[str(prize.pk)] = [
                {
                    "code": row.proposal,
                    "title": proposal.title,
                    "organisation": str(proposal.organisation or ""),
                    "place": row.place,
                    "score": row.score,
                }
                for row, proposal in found
            ]
    chaired = {
        pk: before for pk, round_ in books.rounds.items() if (before := rules_before_chair(books, round_)) is not None
    }
    ties = [tie for pk, before in chaired.items() for tie in open_ties(books, books.rounds[pk], before)]
    return {"winners": winners, "ties": ties, "chair": bool(chaired)}


def rules_before_chair(books: Books, round_: Round) -> list[str] | None:
    """Return the tie rules that come before the chair in a ranked round, None where the chair has no say."""
    ranked = (round_.category.code, round_.code) in books.standings
    rules = [rule.text for rule in books.rules_of(round_).ties] if ranked else []
    return rules[: rules.index(CHAIR_RULE)] if CHAIR_RULE in rules else None


def open_ties(books: Books, round_: Round, before: Sequence[str]) -> list[dict[str, Any]]:
    """Return the ties of a round that no rule `before` the chair parted, whatever a later rule did."""
    tied: dict[object, list[Row]] = {}
    for row in books.standings[round_.category.code, round_.code].rows:
        if row.status == PLACED and row.decided_by not in before:
            tied.setdefault(row.score, []).append(row)
    return [
        {
            "round": round_.pk,
            "members": [
                {"code": row.code, "title": books.proposals[row.code].title, "place": row.place} for row in rows
            ],
        }
        for rows in tied.values()
        if len(rows) > 1
    ]


def boards(desk: Desk) -> dict[int, list[Board]]:
    """Return {category id: its prizes as the decisions room shows them}."""
    return {category.pk: [board(desk, prize) for prize in category.prizes.all()] for category in desk.categories}


def board(desk: Desk, prize: Prize) -> Board:
    """Return one prize with its winners and what was decided about it."""
    decisions = tuple(row for row in desk.decisions if row.prize_id == prize.pk)
    conferred = {row.proposal.code: row for row in decisions if row.kind == Decision.Kind.CONFER and row.proposal}
    winners = desk.allocation["winners"].get(str(prize.pk), ())
    return Board(prize, tuple(Winner(**each, decision=conferred.get(each["code"])) for each in winners), decisions)


def mentions(desk: Desk, category: Category) -> list[Decision]:
    """Return the mentions of a category that go with no prize."""
    rounds = {round_.pk for round_ in category.rounds.all()}
    return [
        row
        for row in desk.decisions
        if row.kind == Decision.Kind.MENTION and not row.prize_id and row.round_id in rounds
    ]


def ties(desk: Desk) -> list[Tie]:
    """Return, round by round, the ties that the chair may decide, then those decided; one act is one instant."""
    if not desk.allocation["chair"]:
        return []
    rulings = Ruling.records.filter(round__category__call=desk.call).select_related("proposal").order_by("pk")
    acts: dict[tuple[int, datetime], list[Ruling]] = {}
    decided: set[tuple[int, str]] = set()
    for row in rulings:
        decided.add((row.round_id, row.proposal.code))
        if row.kind == Ruling.Kind.TIE:
            acts.setdefault((row.round_id, row.at), []).append(row)
    found: dict[int, list[Tie]] = {pk: [] for pk in desk.rounds}
    for tie in desk.allocation["ties"]:
        left = [each for each in tie["members"] if (tie["round"], each["code"]) not in decided]
        if len(left) > 1:
            members = tuple((each["code"], each["title"]) for each in left)
            found[tie["round"]].append(Tie(desk.rounds[tie["round"]], left[0]["place"], members))
    for (pk, _at), rows in acts.items():
        ordered = tuple(sorted(rows, key=lambda row: row.place or 0))
        found[pk].append(
            Tie(desk.rounds[pk], 0, tuple((row.proposal.code, row.proposal.title) for row in ordered), ordered)
        )
    return [tie for each in found.values() for tie in each]


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


def named_in(call: Call, codes: Iterable[str]) -> dict[str, Proposal]:
    """Return the submitted proposals of a call that have these codes, by code."""
    return {row.code: row for row in submitted().filter(call=call, code__in=list(codes))}


def find_entry(call: Call, code: str) -> Proposal | None:
    """Return a submitted proposal of a call by its code."""
    return Proposal.records.filter(call=call, code=code).exclude(state="draft").first()


def find_second(call: Call, email: str) -> Person | None:
    """Return the person with a role in the call at this address, None for an empty one."""
    return Person.objects.filter(call_roles__call=call, email=email.lower()).first() if email else None
