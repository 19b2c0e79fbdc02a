"""Who reads what: by hand, or by a plan that is looked at before it is applied."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import Person
from common import audit
from common.errors import Refused
from contests.lifecycle import ProposalState
from contests.models import Proposal, Round
from contests.permissions import may_organise
from engine.assignment import Impossible, propose_random
from reviews import permissions
from reviews.models import Assignment, Ballot, Conflict, Juror
from reviews.queries.conflicts import evident_conflict
from reviews.services import ledger


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan to look at: the pairs that it adds, and the mark of the state from which it was made."""

    new: tuple[tuple[str, str], ...]
    mark: str
    seed: str


def preview_random(*, round_: Round, per_proposal: int, seed: str) -> Preview:
    """Propose readers at random until each admitted proposal has `per_proposal`: no conflict, even loads.

    The same state and seed propose the same plan. Raises `Refused`: "empty_panel", or "impossible_plan" with who is in
    the way.
    """
    proposals, panel = list(_admitted(round_).select_related("organisation")), list(_panel(round_))
    admitted, jurors = [proposal.code for proposal in proposals], [juror.code for juror in panel]
    if not panel:
        raise Refused("empty_panel")
    existing, gone = _held_and_gone(round_)
    conflicts = gone | set(
        Conflict.records.filter(proposal__category_id=round_.category_id).values_list("juror__code", "proposal__code")
    )
    conflicts |= {(juror.code, each.code) for juror in panel for each in proposals if evident_conflict(juror, each)}
    plan = propose_random(admitted, jurors, per_proposal, sorted(conflicts), existing=sorted(existing), seed=seed)
    if isinstance(plan, Impossible):
        raise Refused(
            "impossible_plan",
            proposals=len(plan.proposals),
            jurors=len(plan.jurors),
            places=plan.places,
            needed=plan.needed,
        )
    return Preview(tuple(plan.new), _mark(existing, conflicts, admitted, jurors), seed)


def _admitted(round_: Round) -> QuerySet[Proposal]:
    return Proposal.records.filter(category_id=round_.category_id, state=ProposalState.ADMITTED).order_by("code")


def _panel(round_: Round) -> QuerySet[Juror]:
    return Juror.records.filter(panels__category_id=round_.category_id, collegial=False).order_by("code")


def _held_and_gone(round_: Round) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Who reads what in a round, and what was taken back or recused: that is not given again by a draw."""
    rows = Assignment.records.filter(round=round_, juror__collegial=False)
    held, gone = set[tuple[str, str]](), set[tuple[str, str]]()
    for state, juror, proposal in rows.values_list("state", "juror__code", "proposal__code"):
        (held if state == Assignment.State.ASSIGNED else gone).add((juror, proposal))
    return held, gone


def _mark(*parts: Iterable[object]) -> str:
    """A short mark of a state; two equal marks mean that nothing moved."""
    return hashlib.sha256(repr([sorted(part, key=repr) for part in parts]).encode()).hexdigest()[:16]


def apply_random(
    *, round_: Round, per_proposal: int, seed: str, mark: str, actor: Person, roles: frozenset[str], now: datetime
) -> int:
    """Apply the plan that was looked at, if nothing moved meanwhile; return how many assignments it made."""
    may_organise(roles).demand()
    permissions.may_assign(round_.category.call, now).demand()
    with transaction.atomic():
        # Two who apply at the same moment go one after the other, where the database lets them in together.
        Round.objects.select_for_update().get(pk=round_.pk)
        plan = preview_random(round_=round_, per_proposal=per_proposal, seed=seed)
        if plan.mark != mark:
            raise Refused("plan_is_old")
        made = add_assignments(round_, plan.new, now=now)
        audit.record(
            "assign at random",
            round_.category.call,
            actor=actor,
            now=now,
            category=round_.category.code,
            count=made,
            seed=seed,
        )
    return made


def add_assignments(round_: Round, pairs: Iterable[tuple[str, str]], *, now: datetime) -> int:
    """Write (juror code, proposal code) pairs as assignments and enter the plan in the ledger."""
    pairs = list(pairs)
    call = round_.category.call
    jurors = dict(Juror.records.filter(call=call).values_list("code", "pk"))
    proposals = dict(Proposal.records.filter(call=call).values_list("code", "pk"))
    Assignment.records.bulk_create(
        [
            Assignment(
                round=round_,
                juror_id=jurors[juror],
                proposal_id=proposals[proposal],
                position=shuffled_position(call.code, juror, proposal),
                assigned_at=now,
            )
            for juror, proposal in pairs
        ],
        batch_size=2000,
    )
    if pairs:
        _enter(round_, pairs, now)
    return len(pairs)


def _enter(round_: Round, pairs: Iterable[tuple[str, str]], now: datetime) -> None:
    document = {"category": round_.category.code, "round": round_.code, "pairs": [list(pair) for pair in pairs]}
    ledger.append(round_.category.call_id, "assignment", document, now=now)


def shuffled_position(call: str, juror: str, proposal: str) -> int:
    """A place in the juror's own reading order, which tells nothing of the proposal's."""
    return int(hashlib.sha256(f"{call}\n{juror}\n{proposal}".encode()).hexdigest()[:7], 16)


def assign(
    *, round_: Round, juror: Juror, proposal: Proposal, actor: Person, roles: frozenset[str], now: datetime
) -> Assignment:
    """Give one juror one admitted proposal to read; a conflict is never overridden."""
    may_organise(roles).demand()
    permissions.may_assign(round_.category.call, now).demand()
    if proposal.state != ProposalState.ADMITTED or proposal.category_id != round_.category_id:
        raise Refused("not_admitted")
    if not juror.panels.filter(category_id=round_.category_id).exists():
        raise Refused("not_on_panel")
    if evident_conflict(juror, proposal) or Conflict.records.filter(juror=juror, proposal=proposal).exists():
        raise Refused("conflict")
    try:
        with transaction.atomic():
            revoked = Assignment.records.filter(
                round=round_, juror=juror, proposal=proposal, state=Assignment.State.REVOKED
            )
            if revoked.update(state=Assignment.State.ASSIGNED):
                _enter(round_, [(juror.code, proposal.code)], now)
            else:
                add_assignments(round_, [(juror.code, proposal.code)], now=now)
            audit.record("assign", proposal, actor=actor, now=now, juror=juror.code)
    except IntegrityError:
        raise Refused("already_assigned") from None
    return Assignment.records.get(round=round_, juror=juror, proposal=proposal)


def unassign(*, assignment: Assignment, actor: Person, roles: frozenset[str], now: datetime) -> None:
    """Take back an assignment on which the juror has not begun."""
    may_organise(roles).demand()
    call = assignment.proposal.call
    permissions.may_assign(call, now).demand()
    with transaction.atomic():
        # The ledger first: a ballot that is being cast at this moment is then seen, or finds the assignment gone.
        document = {
            "round": assignment.round.code,
            "juror": assignment.juror.code,
            "proposal": assignment.proposal.code,
        }
        ledger.append(call.pk, "revocation", document, now=now)
        free = Assignment.records.filter(pk=assignment.pk, state=Assignment.State.ASSIGNED, ballot=None)
        if not free.update(state=Assignment.State.REVOKED):
            raise Refused("has_ballot" if Ballot.records.filter(assignment=assignment).exists() else "wrong_phase")
        audit.record("unassign", assignment.proposal, actor=actor, now=now, juror=assignment.juror.code)
