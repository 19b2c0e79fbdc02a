"""Reading results: the engine's allocation over the rankings and what people decided, and what was published."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accounts.models import Person
from awards.models import Decision, Prize, Publication
from common.visibility import View, view, visible_fields
from contests.lifecycle import Phase, ProposalState
from contests.models import Call, CallRole, Category, Proposal, Round, RuleSet
from contests.queries import Actor, phase, roles_of, visible_calls
from engine import contest as plain
from engine.allocation import results
from engine.document import standing_from_json
from engine.ledger import canonical
from engine.rules import Rules
from engine.types import PLACED, Row, Standing
from reviews.models import Ranking, Ruling
from reviews.queries.inputs import plain_proposal, submitted
from reviews.queries.rules import parsed

CHAIR_RULE = "chair"


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
        found = {}
        for category in self.categories:
            for round_ in category.rounds.all():
                round_.category = category
                found[round_.pk] = round_
        return found

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


def result_rows(call: Call) -> Sequence[plain.ResultRow]:
    """Return the rows of results.csv as they stand now."""
    return open_books(call).rows


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


# What is told.


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


def fingerprint(document: Mapping[str, object]) -> str:
    """Return the hex SHA-256 of a document's canonical bytes: what `sha256sum` says of the downloaded file."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


# What was published.


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


# What is decided.


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


def decisions_of(call: Call) -> list[Decision]:
    """Return a call's decisions in the order in which they were taken."""
    rows = Decision.records.filter(round__category__call=call).select_related("round__category", "prize", "proposal")
    return list(rows.order_by("pk"))


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
