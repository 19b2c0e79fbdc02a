"""From the database to a contest package.

Only what counts leaves: no draft, no ballot of a juror who recused themselves, nothing about a proposal that a later
round does not list. What a package cannot carry (attachments, comments, messages, accounts) stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from awards.queries.books import open_books
from common.errors import Refused
from contests.lifecycle import ProposalState
from contests.models import Call, Proposal
from engine import contest as plain
from engine.package import computed_rounds
from engine.rules import QUALITATIVE, Rules
from engine.types import STATES
from reviews.models import Assignment, Ballot, Comparison, Conflict, Evidence, Juror
from reviews.queries.inputs import answer_column

RoundKey = tuple[str, str]


def contest_of(call: Call) -> plain.Contest:
    """Return all that a package can carry of a call, in a number of statements that does not grow with it.

    Raises `Refused("rules_missing")` for a call that is not written to the end.
    """
    books = open_books(call)
    for category in books.categories:
        if not category.rounds.all() or any(each.pk not in books.rules for each in category.rounds.all()):
            raise Refused("rules_missing", category=category.code)
    categories = books.plan
    rules = {(category.code, each.code): each.rules for category in categories for each in category.rounds}
    proposals = tuple(_proposals(call))
    codes = {row.proposal for row in proposals}
    contest = plain.Contest(
        code=call.code,
        title=call.title,
        programme=call.edition.programme.title,
        organisation=call.edition.programme.organisation.name,
        timezone=call.timezone,
        outcome=call.outcome,
        draw_seed=call.draw_seed or None,
        categories=categories,
        proposals=proposals,
        jurors=tuple(_jurors(call)),
        conflicts=tuple(row for row in _conflicts(call) if row.proposal in codes),
        assignments=tuple(row for row in _assignments(call) if row.proposal in codes),
        ballots=tuple(row for row in _ballots(call, rules) if row.proposal in codes),
        comparisons=tuple(row for row in _comparisons(call) if {row.preferred, row.other} <= codes),
        facts=tuple(row for row in _facts(call, rules) if row.proposal in codes),
        votes=tuple(row for row in _votes(call) if row.proposal in codes),
        decisions=tuple(row for row in books.plain_decisions if not row.proposal or row.proposal in codes),
    )
    return _of_listed(contest) if any(len(category.rounds) > 1 for category in categories) else contest


def _of_listed(contest: plain.Contest) -> plain.Contest:
    """Leave out what was given in a later round to proposals that did not come so far."""
    listed = {
        (turn.round.code, proposal.code) for turn in computed_rounds(contest) for proposal in turn.given.proposals
    }
    return replace(
        contest,
        ballots=tuple(row for row in contest.ballots if (row.round, row.proposal) in listed),
        comparisons=tuple(
            row for row in contest.comparisons if {(row.round, row.preferred), (row.round, row.other)} <= listed
        ),
        decisions=tuple(row for row in contest.decisions if not row.proposal or (row.round, row.proposal) in listed),
    )


def _proposals(call: Call) -> Iterator[plain.ProposalRow]:
    """Yield the proposals. Before judging opens, what is not screened yet leaves as admitted, the package's default."""
    states = STATES if call.judging_opened_at else (*STATES, ProposalState.SUBMITTED)
    rows = Proposal.records.filter(call=call, state__in=states).select_related("category", "organisation")
    for row in rows.order_by("code").iterator(chunk_size=2000):
        admitted = row.state == ProposalState.SUBMITTED
        yield plain.ProposalRow(
            proposal=row.code,
            category=row.category.code,
            title=row.title,
            organisation=row.organisation.name if row.organisation else "",
            applicant=row.applicant_name,
            email=row.contact_email,
            summary=row.summary,
            region=row.region,
            themes=row.themes,
            submitted_at=row.submitted_at.astimezone(call.zone).isoformat() if row.submitted_at else "",
            ask=row.ask,
            state=ProposalState.ADMITTED if admitted else row.state,
            answers=dict(answer_column(name, value) for name, value in row.answers.items()),
        )


def _jurors(call: Call) -> Iterator[plain.JurorRow]:
    count = call.categories.count()
    seats = Juror.records.filter(call=call, collegial=False).prefetch_related("panels__category").order_by("code")
    for seat in seats:
        panels = sorted((panel.category for panel in seat.panels.all()), key=lambda each: (each.position, each.pk))
        yield plain.JurorRow(
            juror=seat.code,
            name=seat.name,
            email=seat.email,
            panel=";".join(each.code for each in panels) if len(panels) < count else "",
            organisation=seat.organisation,
        )


def _conflicts(call: Call) -> Iterator[plain.ConflictRow]:
    rows = Conflict.records.filter(juror__call=call, juror__collegial=False)
    return (plain.ConflictRow(*row) for row in rows.values_list("juror__code", "proposal__code", "kind"))


def _assignments(call: Call) -> Iterator[plain.AssignmentRow]:
    rows = Assignment.records.filter(juror__call=call, juror__collegial=False, state=Assignment.State.ASSIGNED)
    return (plain.AssignmentRow(*row) for row in rows.values_list("round__code", "juror__code", "proposal__code"))


def _ballots(call: Call, rules: dict[RoundKey, Rules]) -> Iterator[plain.BallotRow]:
    """Yield each mark of what jurors completed; who abstained wholly, or reads without marks, leaves them empty."""
    rows = Ballot.records.filter(
        assignment__juror__call=call,
        assignment__state=Assignment.State.ASSIGNED,
        state__in=[Ballot.State.COMPLETE, Ballot.State.ABSTAINED],
    ).values_list(
        "assignment__round__category__code",
        "assignment__round__code",
        "assignment__juror__code",
        "assignment__juror__collegial",
        "assignment__proposal__code",
        "state",
        "marks",
    )
    for category, round_, juror, collegial, proposal, state, marks in rows.iterator(chunk_size=5000):
        applied = rules[category, round_]
        empty = state == Ballot.State.ABSTAINED or applied.entry == QUALITATIVE
        for criterion in applied.judged:
            if empty or criterion.code in marks:
                score = "" if empty else marks[criterion.code] or ""
                yield plain.BallotRow(round_, category if collegial else juror, proposal, criterion.code, score)


def _comparisons(call: Call) -> Iterator[plain.ComparisonRow]:
    rows = Comparison.records.filter(juror__call=call).values_list(
        "round__category__code", "round__code", "juror__code", "juror__collegial",
        "criterion", "preferred__code", "other__code", "degree",
    )  # fmt: skip
    for category, round_, juror, collegial, criterion, preferred, other, degree in rows.iterator(chunk_size=5000):
        yield plain.ComparisonRow(round_, category if collegial else juror, criterion, preferred, other, str(degree))


def _facts(call: Call, rules: dict[RoundKey, Rules]) -> Iterator[plain.FactRow]:
    """Yield the facts that the rules of some round read."""
    known = {(category, fact.code) for (category, _round), each in rules.items() for fact in each.facts}
    rows = Evidence.records.filter(proposal__call=call).exclude(criterion="")
    for category, *fact in rows.values_list("proposal__category__code", "proposal__code", "criterion", "value"):
        if (category, fact[1]) in known:
            yield plain.FactRow(*fact)


def _votes(call: Call) -> Iterator[plain.VoteRow]:
    rows = Evidence.records.filter(round__category__call=call, criterion="")
    return (plain.VoteRow(*row) for row in rows.values_list("round__code", "proposal__code", "value"))


def left_out(call: Call, contest: plain.Contest) -> int:
    """Return how many submitted proposals the package does not hold: those that nobody screened before judging."""
    submitted = Proposal.records.filter(call=call).exclude(state=ProposalState.DRAFT).count()
    return submitted - len(contest.proposals)


def counts_of(contest: plain.Contest) -> Iterable[tuple[str, int]]:
    """Yield (what, how many) for what a contest holds, leaving out what it has none of."""
    voters = {(row.round, row.juror, row.proposal) for row in contest.ballots}
    found = (
        ("categories", len(contest.categories)),
        ("proposals", len(contest.proposals)),
        ("jurors", len(contest.jurors)),
        ("conflicts", len(contest.conflicts)),
        ("assignments", len(contest.assignments)),
        ("ballots", len(voters)),
        ("marks", len(contest.ballots)),
        ("comparisons", len(contest.comparisons)),
        ("facts", len(contest.facts)),
        ("votes", len(contest.votes)),
        ("decisions", len(contest.decisions)),
    )
    return ((what, count) for what, count in found if count)
