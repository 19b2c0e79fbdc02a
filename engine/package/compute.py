"""Every standing and result of a contest, round after round in the order of contest.json."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from engine.allocation import results
from engine.contest import Category, Contest, ProposalRow, ResultRow, Round
from engine.numbers import number
from engine.package.faults import RESULTS
from engine.package.tables import TABLES
from engine.scoring import score, scores_on_hundred
from engine.types import Ballot, Comparison, Number, Proposal, RoundInput, Standing, Warned

DEFAULT_OUTCOME = "awards"


@dataclass(frozen=True, slots=True)
class Turn:
    """One round of one category: what was given and what follows."""

    category: Category
    round: Round
    given: RoundInput
    standing: Standing


@dataclass(frozen=True, slots=True)
class Computed:
    """All that follows from a contest; standings, inputs and warnings are keyed by (category, round).

    differences: one line for each cell of the contest's own results.csv that the computation does not confirm.
    """

    standings: Mapping[tuple[str, str], Standing]
    inputs: Mapping[tuple[str, str], RoundInput]
    results: tuple[ResultRow, ...]
    differences: tuple[str, ...]
    warnings: Mapping[tuple[str, str], tuple[Warned, ...]]


def compute(contest: Contest) -> Computed:
    """Return the standings and results of a contest whose rows are right (as `read_package` returns it)."""
    turns = list(computed_rounds(contest))
    standings = {(turn.category.code, turn.round.code): turn.standing for turn in turns}
    rows = results(
        outcome=contest.outcome or DEFAULT_OUTCOME,
        categories=contest.categories,
        proposals={row.proposal: proposal_of(row) for row in contest.proposals},
        standings=standings,
        decisions=contest.decisions,
    )
    return Computed(
        standings=standings,
        inputs={(turn.category.code, turn.round.code): turn.given for turn in turns},
        results=rows,
        differences=tuple(differences(contest.results, rows)),
        warnings={key: standing.warnings for key, standing in standings.items() if standing.warnings},
    )


def computed_rounds(contest: Contest) -> Iterator[Turn]:
    """Yield the rounds in order, each with its standing; a later round lists only who advanced."""
    given = Grouped(contest)
    for category in contest.categories:
        listed = given.proposals[category.code]
        on_hundred: dict[str, dict[str, Fraction]] = {}
        for each in category.rounds:
            turn = round_input(contest, given, category, each, listed, on_hundred)
            standing = score(each.rules, turn)
            yield Turn(category, each, turn, standing)
            on_hundred[each.code] = scores_on_hundred(each.rules, turn, standing)
            advancing = set(standing.advancing)
            listed = [proposal for proposal in listed if proposal.code in advancing]


class Grouped:
    """The rows of a contest by (category, round), so that each is looked at once."""

    def __init__(self, contest: Contest) -> None:
        category_of = {row.proposal: row.category for row in contest.proposals}
        self.proposals: dict[str, list[Proposal]] = defaultdict(list)
        self.ballots: dict[tuple[str, str], dict[tuple[str, str], dict[str, Number | None]]] = defaultdict(dict)
        self.comparisons: dict[tuple[str, str], list[Comparison]] = defaultdict(list)
        self.facts: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
        self.votes: dict[tuple[str, str], dict[str, Number]] = defaultdict(dict)
        self.assigned: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        marks: dict[str, Decimal | None] = {"": None}
        for row in contest.proposals:
            self.proposals[row.category].append(proposal_of(row))
        for mark in contest.ballots:
            if mark.score not in marks:
                marks[mark.score] = Decimal(mark.score)
            here = self.ballots[category_of[mark.proposal], mark.round]
            here.setdefault((mark.juror, mark.proposal), {})[mark.criterion] = marks[mark.score]
        for pair in contest.comparisons:
            self.comparisons[category_of[pair.preferred], pair.round].append(
                Comparison(pair.juror, pair.criterion, pair.preferred, pair.other, int(pair.degree))
            )
        for fact in contest.facts:
            self.facts[category_of[fact.proposal]][fact.proposal, fact.criterion] = fact.value
        for vote in contest.votes:
            self.votes[category_of[vote.proposal], vote.round][vote.proposal] = number(vote.votes)
        conflicts = {(row.juror, row.proposal) for row in contest.conflicts}
        for seat in contest.assignments:
            if (seat.juror, seat.proposal) in conflicts:
                continue  # who is in conflict does not judge, as in the database
            counts = self.assigned[category_of[seat.proposal], seat.round]
            counts[seat.proposal] = counts.get(seat.proposal, 0) + 1


def round_input(
    contest: Contest,
    given: Grouped,
    category: Category,
    each: Round,
    listed: Sequence[Proposal],
    on_hundred: Mapping[str, Mapping[str, Fraction]],
) -> RoundInput:
    """Return what was given in one round, for the proposals that it lists."""
    key = category.code, each.code
    codes = {proposal.code for proposal in listed}
    decisions = [row for row in contest.decisions if (row.category, row.round) == key and row.proposal in codes]
    return RoundInput(
        category=category.code,
        round=each.code,
        proposals=tuple(listed),
        ballots=tuple(
            Ballot(juror, proposal, marks)
            for (juror, proposal), marks in given.ballots[key].items()
            if proposal in codes
        ),
        comparisons=tuple(pair for pair in given.comparisons[key] if pair.preferred in codes and pair.other in codes),
        facts={fact: value for fact, value in given.facts[category.code].items() if fact[0] in codes},
        votes={code: votes for code, votes in given.votes[key].items() if code in codes},
        chair={row.proposal: row.place for row in decisions if row.kind == "tie" and row.place is not None},
        advanced=frozenset(row.proposal for row in decisions if row.kind == "advance"),
        carried=on_hundred.get(each.rules.carry.round, {}) if each.rules.carry else {},
        assigned={code: count for code, count in given.assigned[key].items() if code in codes},
        draw_seed=contest.draw_seed or "",
    )


def proposal_of(row: ProposalRow) -> Proposal:
    """Return a proposal as the engine sees it; what no rule reads stays out."""
    return Proposal(
        code=row.proposal,
        state=row.state,
        submitted_at=datetime.fromisoformat(row.submitted_at) if row.submitted_at else None,
        ask=number(row.ask) if row.ask else None,
        organisation=row.organisation,
        region=row.region,
        themes=tuple(theme for theme in row.themes.split(";") if theme),
        answers={"applicant": row.applicant, "title": row.title, **row.answers},
    )


def differences(given: Sequence[ResultRow], computed: Sequence[ResultRow]) -> Iterator[str]:
    """Yield a line for each cell of a given results.csv that was computed otherwise."""
    by_key = {(row.category, row.round, row.proposal): row for row in computed}
    for at, row in enumerate(given, start=2):
        found = by_key.pop((row.category, row.round, row.proposal), None)
        if found is None:
            yield f'{RESULTS}:{at}: proposal: "{row.proposal}" was given; no such row was computed'
            continue
        for column in TABLES[RESULTS].columns:
            ours, theirs = getattr(found, column), getattr(row, column)
            if ours != theirs:
                yield f'{RESULTS}:{at}: {column}: "{theirs}" was given; "{ours}" was computed'
    for row in by_key.values() if given else ():
        yield f'{RESULTS}:1: proposal: "{row.proposal}" in round "{row.round}" was computed; no such row was given'
