"""What only the API asks: lists in a fixed number of statements, and things found by their codes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from common.visibility import ASSIGNED, JUROR, OWN, View, view, visible_fields
from contests.lifecycle import ProposalState
from contests.models import Attachment, Call, Proposal, Round
from contests.queries import attachments_of, make_proposal_view, phase
from reviews.models import Assignment, Ballot, Juror
from reviews.queries.organise import Visit
from reviews.queries.ranking import choose_round, rounds_of
from reviews.queries.seats import ballot_of


def reading(assignment: Assignment, ballot: Ballot | None, now: datetime, *, files: bool) -> dict[str, object]:
    """Return what a juror sees of something that they read: the proposal, its files if asked, and their own ballot."""
    present = phase(assignment.proposal.call, now)
    fields = visible_fields({JUROR}, "proposal", present, {ASSIGNED})
    shown: dict[str, object] = {
        "id": assignment.pk,
        "round": assignment.round.code,
        "proposal": make_proposal_view(assignment.proposal, fields - {"attachments"}),
        "ballot": ballot and ballot_view(assignment, ballot, now),
    }
    if files and "attachments" in fields:
        shown["files"] = [{"number": number, "file": file} for number, file in numbered(assignment)]
    return shown


def numbered(assignment: Assignment) -> Iterable[tuple[int, Attachment]]:
    """Return the files that a juror reads by number: a name could tell who sent them."""
    return enumerate(attachments_of(assignment.proposal), start=1)


def ballot_view(assignment: Assignment, ballot: Ballot, now: datetime) -> View:
    """Return what a juror sees of their own ballot."""
    fields = visible_fields({JUROR}, "ballot", phase(assignment.proposal.call, now), {OWN})
    return view("ballot", ballot, fields, {})


def readings(assignments: Sequence[Assignment], now: datetime) -> list[dict[str, object]]:
    """Return what a juror sees of all that they read, in one statement."""
    ballots = {ballot.assignment_id: ballot for ballot in Ballot.records.filter(assignment__in=assignments)}
    return [reading(each, ballots.get(each.pk), now, files=False) for each in assignments]


def find_round(call: Call, category: str, code: str) -> Round | None:
    """Return a round of a call by codes; an empty code is the category's first round."""
    turns = [turn for turn in rounds_of(call) if turn.round.category.code == category]
    turn = choose_round(turns, code=code)
    if turn is None or code not in {"", turn.round.code}:
        return None
    turn.round.category.call = call
    return turn.round


def find_pair(call: Call, juror: str, proposal: str) -> tuple[Juror, Proposal] | None:
    """Return a juror and a submitted proposal of a call by their codes, None unless both are there."""
    seat = Juror.records.filter(call=call, code=juror, collegial=False).first()
    sent = Proposal.records.filter(call=call, code=proposal).exclude(state=ProposalState.DRAFT)
    entry = sent.select_related("call", "organisation").first()
    return (seat, entry) if seat and entry else None


def find_sent(call: Call, codes: Sequence[str]) -> list[Proposal] | None:
    """Return submitted proposals of a call in the order of these codes, None unless each is there."""
    sent = Proposal.records.filter(call=call, code__in=codes).exclude(state=ProposalState.DRAFT)
    by_code = {proposal.code: proposal for proposal in sent}
    return [by_code[code] for code in codes] if by_code.keys() >= set(codes) else None


def assignments_in(visit: Visit) -> "QuerySet[Assignment]":
    """Return who reads what in a call, to who may know it."""
    if "juror" not in visible_fields(visit.roles, "assignment", visit.phase, ()):
        return Assignment.records.none()
    rows = Assignment.records.filter(juror__call=visit.call, juror__collegial=False)
    return rows.select_related("juror", "proposal", "round__category", "ballot").order_by("juror__code", "pk")


def assignment_card(assignment: Assignment) -> dict[str, object]:
    """Return who reads what, and how far the ballot is: "" before the first tap."""
    ballot = ballot_of(assignment)
    return {
        "id": assignment.pk,
        "category": assignment.round.category.code,
        "round": assignment.round.code,
        "juror": assignment.juror.code,
        "proposal": assignment.proposal.code,
        "state": assignment.state,
        "ballot": ballot.state if ballot else "",
    }
