"""A juror's marks: each tap is saved, each complete ballot enters the ledger."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import Person
from common.errors import Refused
from engine.numbers import decimal_text, number
from engine.rules import Criterion, Rules
from reviews import permissions
from reviews.models import Assignment, Ballot
from reviews.queries.rules import rules_of_round
from reviews.services import ledger
from reviews.services.aggregation import touch

Marks = Mapping[str, str | None]


def check_marks(rules: Rules, marks: Marks) -> None:
    """Refuse a mark that is not on its criterion's scale, or a criterion that jurors do not score."""
    judged = {criterion.code: criterion for criterion in rules.judged}
    for code, mark in marks.items():
        if code not in judged:
            raise Refused("unknown_criterion", criterion=code)
        if mark is not None and not _on_scale(judged[code], mark):
            scale = judged[code].scale
            assert scale is not None  # noqa: S101 - a judged criterion has a scale
            raise Refused(
                "off_scale", mark=mark, criterion=code,
                minimum=decimal_text(scale.minimum), maximum=decimal_text(scale.maximum), step=decimal_text(scale.step),
            )


def _on_scale(criterion: Criterion, mark: str) -> bool:
    scale = criterion.scale
    try:
        value = number(mark)
    except ValueError:
        return False
    return scale is not None and scale.minimum <= value <= scale.maximum and (value - scale.minimum) % scale.step == 0


def save_ballot(  # noqa: PLR0913 - what a juror sends in one tap
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

    `marks` may hold some criteria only. `version` is that of the ballot the juror saw, 0 before the first tap. A ballot
    that is complete enters the ledger again at each change.
    """
    permissions.may_score(assignment, actor, now).demand()
    rules = rules_of_round(assignment.round_id)
    check_marks(rules, marks)
    with transaction.atomic():
        before = Ballot.records.filter(assignment=assignment).first()
        kept = dict(before.marks) if before else {}
        merged = {**kept, **marks}
        unanswered = [criterion.code for criterion in rules.judged if criterion.code not in merged]
        if complete and unanswered:
            raise Refused("unanswered", count=len(unanswered))
        was_complete = before is not None and before.state == Ballot.State.COMPLETE
        counts = complete or (was_complete and not unanswered)
        values: dict[str, object] = {
            "marks": merged,
            "state": Ballot.State.COMPLETE if counts else Ballot.State.DRAFT,
            "completed_at": (before.completed_at if was_complete and before else now) if counts else None,
            "reason": "",
            "saved_at": now,
        }
        values |= {name: text for name, text in {"comment": comment, "note": note}.items() if text is not None}
        ballot = _write(assignment, before, values, version)
        if (counts or was_complete) and (not was_complete or merged != kept):
            _enter(assignment, ballot, now)
    return ballot


def abstain(*, assignment: Assignment, reason: str, version: int, actor: Person, now: datetime) -> Ballot:
    """Give no mark on this proposal, with a reason that only organisers read."""
    permissions.may_score(assignment, actor, now).demand()
    if not reason.strip():
        raise Refused("abstain_reason")
    with transaction.atomic():
        before = Ballot.records.filter(assignment=assignment).first()
        values = {"state": Ballot.State.ABSTAINED, "marks": {}, "reason": reason, "completed_at": None, "saved_at": now}
        ballot = _write(assignment, before, values, version)
        _enter(assignment, ballot, now)
    return ballot


def _write(assignment: Assignment, before: Ballot | None, values: dict[str, object], version: int) -> Ballot:
    """Insert the first version, or move to the next by compare-and-set."""
    if before is None:
        try:
            with transaction.atomic():
                return Ballot.records.create(assignment=assignment, **values)
        except IntegrityError:
            raise Refused("stale_ballot", version=1) from None
    if not Ballot.records.filter(pk=before.pk, version=version).update(**values, version=F("version") + 1):
        newest = Ballot.records.values_list("version", flat=True).get(pk=before.pk)
        raise Refused("stale_ballot", version=newest)
    for name, value in values.items():
        setattr(before, name, value)
    before.version = version + 1
    return before


def _enter(assignment: Assignment, ballot: Ballot, now: datetime) -> None:
    """Append the ballot to the ledger, refresh the proposal's tally, and ask for a new ranking."""
    ledger.append(
        assignment.proposal.call_id,
        "ballot",
        {
            "round": assignment.round_id,
            "juror": assignment.juror.code,
            "proposal": assignment.proposal.code,
            "state": ballot.state,
            "marks": ballot.marks,
            "version": ballot.version,
        },
        now=now,
    )
    touch(assignment.round_id, assignment.proposal_id, now=now)
