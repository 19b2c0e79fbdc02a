"""A juror's marks: each tap is saved, each complete ballot enters the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from django.db import IntegrityError, transaction

from accounts.models import Person
from common import audit
from common.errors import Refused
from common.fields import localised
from engine.numbers import decimal_text, exact_text, number
from engine.rules import PAIRWISE, Criterion, Rules
from reviews import permissions
from reviews.lifecycle import TRANSITIONS, BallotState, Transition
from reviews.models import Assignment, Ballot, Conflict, Juror
from reviews.queries.applicants import proposals_of_applicants
from reviews.queries.rules import marked, rules_for
from reviews.queries.seats import ballot_of
from reviews.services import ledger
from reviews.services.aggregation import touch
from reviews.services.jury import declare_conflict

Marks = Mapping[str, str | None]
TAKEN_BACK = ""  # instead of a mark: no answer any more


def check_marks(rules: Rules, marks: Marks) -> dict[str, str | None]:
    """Return the marks as they are kept ("7.50" is "7.5"); refuse what is off its scale or not for jurors to mark."""
    criteria = {criterion.code: criterion for criterion in marked(rules)}
    kept: dict[str, str | None] = {}
    for code, mark in marks.items():
        if code not in criteria:
            raise Refused("unknown_criterion", criterion=code)
        kept[code] = exact_text(_on_scale(criteria[code], mark)) if mark else mark
    return kept


def _on_scale(criterion: Criterion, mark: str) -> Fraction:
    """Read a mark; without a scale it is a rank."""
    scale, title = criterion.scale, localised(dict(criterion.title))
    try:
        value = number(mark)
    except ValueError:
        value = None
    if scale is None:
        if value is None or value < 1 or value.denominator != 1:
            raise Refused("not_a_rank", mark=mark, criterion=title)
        return value
    if value is None or not scale.holds(value):
        ends = {"minimum": decimal_text(scale.minimum), "maximum": decimal_text(scale.maximum)}
        if scale.step is None:
            raise Refused("off_range", mark=mark, criterion=title, **ends)
        raise Refused("off_scale", mark=mark, criterion=title, step=decimal_text(scale.step), **ends)
    return value


def save_ballot(
    *,
    assignment: Assignment,
    marks: Marks,
    version: int,
    actor: Person,
    now: datetime,
    comment: str | None = None,
    note: str | None = None,
    complete: bool = False,
) -> Ballot:
    """Save marks over those kept, and with `complete` move on: every judged criterion is then answered or abstained on.

    `marks` may hold some criteria only: decimal text, None to abstain, "" to take the answer back. `version` is that of
    the ballot the juror saw, 0 before the first tap. A ballot that is complete stays so, and enters the ledger again at
    each change of its marks.
    """
    permissions.may_score(assignment, actor, now).demand()
    rules = rules_for(assignment)
    if rules.entry == PAIRWISE:
        raise Refused("compared_in_pairs")
    given = check_marks(rules, marks)
    before = _seen(assignment, version)
    state, kept = _state(before), dict(before.marks) if before else {}
    merged = {code: mark for code, mark in {**kept, **given}.items() if mark != TAKEN_BACK}
    move = _move("complete" if complete else "revise" if state == BallotState.COMPLETE else "save", state)
    missing = [criterion.code for criterion in marked(rules) if criterion.code not in merged]
    if move.target == BallotState.COMPLETE and missing:
        raise Refused("unanswered", count=len(missing))
    first_complete = before.completed_at if before and before.completed_at else now
    values: dict[str, object] = {
        "marks": merged,
        "completed_at": first_complete if move.target == BallotState.COMPLETE else None,
        "reason": "",
        **{name: text for name, text in {"comment": comment, "note": note}.items() if text is not None},
    }
    return _cast(assignment, before, move, values, actor=actor, now=now)


def abstain(*, assignment: Assignment, reason: str, version: int, actor: Person, now: datetime) -> Ballot:
    """Give no mark on this proposal, with a reason that only organisers read."""
    permissions.may_score(assignment, actor, now).demand()
    if not reason.strip():
        raise Refused("abstain_reason")
    before = _seen(assignment, version)
    values: dict[str, object] = {"marks": {}, "reason": reason.strip(), "completed_at": None}
    return _cast(assignment, before, _move("abstain", _state(before)), values, actor=actor, now=now)


def put_off(*, assignment: Assignment, actor: Person, now: datetime) -> None:
    """Leave a proposal for later: it comes after all others that wait, and keeps its number."""
    permissions.may_score(assignment, actor, now).demand()
    Assignment.records.filter(pk=assignment.pk, state=Assignment.State.ASSIGNED).update(put_off_at=now)


def recuse(*, assignment: Assignment, actor: Person, now: datetime) -> None:
    """Declare one's own conflict: from this moment on the juror does not see the proposal."""
    permissions.may_score(assignment, actor, now).demand()
    kind = Conflict.Kind.DECLARED
    declare_conflict(juror=assignment.juror, proposal=assignment.proposal, kind=kind, actor=actor, now=now)


def declare_known(*, seat: Juror, names: Sequence[str], actor: Person, now: datetime) -> int:
    """Declare a conflict with all that these applicants propose, and that there is no other; return the new ones."""
    permissions.may_declare(seat, actor, now).demand()
    before = Conflict.records.filter(juror=seat).count()
    with transaction.atomic():
        for proposal in proposals_of_applicants(seat, names):
            kind = Conflict.Kind.DECLARED
            declare_conflict(juror=seat, proposal=proposal, kind=kind, actor=actor, now=now)
        new = Conflict.records.filter(juror=seat).count() - before
        audit.record("declare", seat.call, actor=actor, now=now, juror=seat.code, count=new)
    return new


def _seen(assignment: Assignment, version: int) -> Ballot | None:
    """Return the ballot as the juror saw it; refuse if another version has been saved meanwhile."""
    ballot = ballot_of(assignment)
    if _version(ballot) != version:
        ballot = Ballot.records.filter(assignment=assignment).first()
    if _version(ballot) != version:
        raise Refused("stale_ballot", version=_version(ballot))
    return ballot


def _version(ballot: Ballot | None) -> int:
    return ballot.version if ballot else 0


def _state(ballot: Ballot | None) -> BallotState:
    return BallotState(ballot.state) if ballot else BallotState.NONE


def _move(verb: str, state: BallotState) -> Transition:
    transition = TRANSITIONS[verb]
    if state not in transition.sources:
        raise Refused("wrong_state", state=state)
    return transition


def _cast(
    assignment: Assignment,
    before: Ballot | None,
    move: Transition,
    values: dict[str, object],
    *,
    actor: Person,
    now: datetime,
) -> Ballot:
    """Write the ballot; where it begins, ceases or changes to count, enter it in the ledger and refresh the tally.

    The ledger comes first: from then on whoever else changes what counts in this call waits for this transaction, so
    that tallies are summed one after the other, and nothing is cast after the entry of a lock or a conflict.
    """
    version = _version(before) + 1
    values |= {"state": move.target.value, "version": version, "saved_at": now}
    drafts = {BallotState.NONE, BallotState.DRAFT}
    changed = before is None or (before.state, before.marks) != (values["state"], values["marks"])
    counts = changed and not {_state(before), move.target} <= drafts
    try:
        with transaction.atomic():
            if counts:
                _enter(assignment, values, now)
            ballot = _write(assignment, before, values)
            if counts:
                touch(assignment.round_id, assignment.proposal_id, now=now, rules=rules_for(assignment))
    except IntegrityError:
        raise _why_not(assignment, actor, now) from None
    return ballot


def _enter(assignment: Assignment, values: Mapping[str, object], now: datetime) -> None:
    document = {
        "category": assignment.round.category.code,
        "round": assignment.round.code,
        "juror": assignment.juror.code,
        "proposal": assignment.proposal.code,
        "state": values["state"],
        "marks": values["marks"],
        "version": values["version"],
    }
    ledger.append(assignment.proposal.call_id, "ballot", document, now=now)


def _write(assignment: Assignment, before: Ballot | None, values: Mapping[str, object]) -> Ballot:
    """Insert the first version, or move to the next by compare-and-set."""
    if before is None:
        return Ballot.records.create(assignment=assignment, **values)
    if not Ballot.records.filter(pk=before.pk, version=before.version).update(**values):
        raise Refused("stale_ballot", version=Ballot.records.values_list("version", flat=True).get(pk=before.pk))
    for name, value in values.items():
        setattr(before, name, value)
    return before


def _why_not(assignment: Assignment, actor: Person, now: datetime) -> Refused:
    """Say which wall of the database stood in the way: the lock, a conflict, or the same ballot in another window."""
    fresh = Assignment.records.select_related("juror", "proposal__call").get(pk=assignment.pk)
    verdict = permissions.may_score(fresh, actor, now)
    if not verdict:
        return Refused(verdict.code, **verdict.facts)
    newest = Ballot.records.filter(assignment=assignment).first()
    return Refused("stale_ballot", version=_version(newest))
