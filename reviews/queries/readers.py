"""Who reads what in a round, and who may."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.visibility import visible_fields
from contests.lifecycle import ProposalState
from contests.models import Call, Proposal, Round, RuleSet
from engine.rules import COLLEGIAL
from reviews.models import Assignment, Ballot, Conflict, Juror
from reviews.queries.conflicts import evident_conflict
from reviews.queries.organise import Visit
from reviews.queries.rules import parsed
from reviews.queries.screening import PAGE, visible_sent
from reviews.queries.seats import ballot_of

# How a ballot is marked and named; "" is before the first tap.
BALLOT_WORDS: dict[str, tuple[str, str | Promise]] = {
    "": ("todo", _("not begun")),
    Ballot.State.DRAFT: ("doing", _("begun")),
    Ballot.State.COMPLETE: ("done", _("scored")),
    Ballot.State.ABSTAINED: ("out", _("abstained")),
}
ENDED = (Ballot.State.COMPLETE, Ballot.State.ABSTAINED)


class Marked:
    """What knows how far a ballot is ("" before the first tap)."""

    __slots__ = ()
    ballot: str

    @property
    def mark(self) -> str:
        """The mark of the ballot's state."""
        return BALLOT_WORDS[self.ballot][0]

    @property
    def words(self) -> str:
        """The ballot's state in words."""
        return str(BALLOT_WORDS[self.ballot][1])


@dataclass(frozen=True, slots=True)
class Reading(Marked):
    """One juror reads one proposal: the assignment's id and how far the ballot is."""

    id: str
    juror: str
    ballot: str


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal and who reads it."""

    id: str
    code: str
    title: str
    readings: tuple[Reading, ...]

    @property
    def readers(self) -> int:
        """How many read it and have not abstained."""
        return sum(reading.ballot != Ballot.State.ABSTAINED for reading in self.readings)

    @property
    def done(self) -> int:
        """How many have scored it, or abstained."""
        return sum(reading.ballot in ENDED for reading in self.readings)


@dataclass(frozen=True, slots=True)
class Candidate(Marked):
    """A juror before a proposal: what they read in the round, and why they may not read this one.

    `why_not` is "", "conflict", "not_on_panel" or "reads"; `assignment` is what they hold of it.
    """

    code: str
    name: str
    organisation: str
    load: int
    why_not: str
    kind: str
    assignment: str
    ballot: str


def rounds_in(visit: Visit) -> list[Round]:
    """Return every round of the call in which single jurors read, each with its category and newest rules at hand."""
    current = Prefetch("rule_sets", RuleSet.objects.order_by("-version"), to_attr="newest_first")
    rows = Round.objects.filter(category__call=visit.call).select_related("category").prefetch_related(current)
    ordered = rows.order_by("category__position", "category_id", "position")
    rounds: list[Round] = [row for row in ordered if quorum_of(row) is not None]
    for round_ in rounds:
        round_.category.call = visit.call
    return rounds


def quorum_of(round_: Round) -> int | None:
    """Return how many readers a round's rules ask for, None where nobody is assigned: no rules, or one panel's mark."""
    newest = round_.newest_first[:1]  # type: ignore[attr-defined] # prefetched by rounds_in
    rules = parsed(newest[0]) if newest else None
    return None if rules is None or rules.entry == COLLEGIAL else rules.quorum


def sees_readers(visit: Visit) -> bool:
    """Whether the visitor may know who reads what."""
    return "juror" in visible_fields(visit.roles, "assignment", visit.phase, ())


def admitted(visit: Visit, round_: Round) -> QuerySet[Proposal]:
    """Return the proposals that are read in a round; none to who may not know by whom."""
    rows = visible_sent(visit) if sees_readers(visit) else Proposal.records.none()
    return rows.filter(category_id=round_.category_id, state=ProposalState.ADMITTED)


def held(round_: Round) -> Q:
    """Choose the assignments of a round that stand."""
    return Q(assignments__round=round_, assignments__state=Assignment.State.ASSIGNED)


def _counted(visit: Visit, round_: Round) -> QuerySet[Any, Any]:
    reads = held(round_) & ~Q(assignments__ballot__state=Ballot.State.ABSTAINED)
    return admitted(visit, round_).annotate(readers=Count("assignments", filter=reads))


def readers_page(
    visit: Visit, round_: Round, *, fewer_than: int | None, number: str | None
) -> tuple[list[Row], Page[Any]]:
    """Return a page of the round's admitted proposals with their readers, fewest readers first."""
    rows = _counted(visit, round_)
    if fewer_than is not None:
        rows = rows.filter(readers__lt=fewer_than)
    return with_readers(round_, rows.order_by("readers", "code"), number)


def with_readers(round_: Round, proposals: QuerySet[Any, Any], number: str | None) -> tuple[list[Row], Page[Any]]:
    """Return a page of some proposals, each with its readers in the round, in one more statement."""
    page = Paginator(proposals.select_related(None).only("code", "title"), PAGE).get_page(number)
    readings = _readings(round_, [row.pk for row in page])
    return [Row(str(row.pk), row.code, row.title, tuple(readings.get(row.pk, ()))) for row in page], page


def _readings(round_: Round, proposals: Iterable[UUID]) -> dict[UUID, list[Reading]]:
    rows = Assignment.records.filter(round=round_, proposal_id__in=proposals, state=Assignment.State.ASSIGNED)
    found: dict[UUID, list[Reading]] = {}
    columns = ("proposal_id", "pk", "juror__name", "juror__code", "ballot__state")
    for proposal, pk, name, code, state in rows.order_by("juror__code").values_list(*columns):
        found.setdefault(proposal, []).append(Reading(str(pk), name or code, state or ""))
    return found


def _state_of(assignment: Assignment) -> str:
    ballot = ballot_of(assignment)
    return ballot.state if ballot else ""


def reader_counts(visit: Visit, round_: Round) -> tuple[int, int, int]:
    """Return how many proposals are admitted, how many assignments hold, and how many proposals lack readers."""
    short = Count("pk", filter=Q(readers__lt=quorum_of(round_) or 0))
    rows = _counted(visit, round_).values("readers").order_by()
    counts = rows.aggregate(admitted=Count("pk"), readings=Coalesce(Sum("readers"), 0), short=short)
    return counts["admitted"], counts["readings"], counts["short"]


def find_admitted(visit: Visit, round_: Round, pk: UUID) -> Proposal | None:
    """Return an admitted proposal of the round's category, None when there is none."""
    return admitted(visit, round_).filter(pk=pk).first()


def find_assignment(visit: Visit, pk: UUID) -> Assignment | None:
    """Return an assignment of the call, None when there is none or the visitor may not know of it."""
    rows = Assignment.records.filter(juror__call=visit.call)
    found = rows.select_related("juror", "proposal__call", "round__category__call").filter(pk=pk).first()
    return found if sees_readers(visit) else None


def find_juror(call: Call, code: str) -> Juror | None:
    """Return a juror of the call by code."""
    return Juror.records.filter(call=call, code=code).first()


def candidates(visit: Visit, round_: Round, proposal: Proposal) -> list[Candidate]:
    """Return every juror of the call before a proposal, who may read it first, the least loaded first."""
    rows = Assignment.records.filter(round=round_, proposal=proposal, state=Assignment.State.ASSIGNED)
    given = {row.juror_id: row for row in rows.select_related("ballot")}
    conflicts = dict(Conflict.records.filter(proposal=proposal).values_list("juror_id", "kind"))
    jurors = Juror.records.filter(call=visit.call, collegial=False)
    jurors = jurors.annotate(load=Count("assignments", filter=held(round_)))
    panel = set(Juror.records.filter(panels__category_id=round_.category_id).values_list("pk", flat=True))
    found = [
        _candidate(juror, given.get(juror.pk), conflicts.get(juror.pk) or evident_conflict(juror, proposal), panel)
        for juror in jurors
    ]
    return sorted(found, key=lambda each: (_ORDER.index(each.why_not), each.load, each.name))


_ORDER = ("reads", "", "conflict", "not_on_panel")


def conflict_words(kind: str) -> str:
    """Return a conflict's kind in words; one that came from a file keeps its own."""
    return str(Conflict.Kind(kind).label) if kind in Conflict.Kind.values else kind


def _candidate(juror: Juror, assignment: Assignment | None, kind: str, panel: set[int]) -> Candidate:
    if assignment is not None:
        why_not = "reads"
    elif kind:
        why_not = "conflict"
    else:
        why_not = "" if juror.pk in panel else "not_on_panel"
    return Candidate(
        code=juror.code,
        name=str(juror),
        organisation=juror.organisation,
        load=juror.load,  # type: ignore[attr-defined] # annotated above
        why_not=why_not,
        kind=conflict_words(kind),
        assignment=str(assignment.pk) if assignment else "",
        ballot=_state_of(assignment) if assignment else "",
    )


def readings_of(visit: Visit, proposal: Proposal) -> list[tuple[Round, Reading]]:
    """Return who reads a proposal, round by round; nothing to who may not know."""
    if not sees_readers(visit):
        return []
    rows = Assignment.records.filter(proposal=proposal, state=Assignment.State.ASSIGNED)
    rows = rows.select_related("juror", "round", "ballot").order_by("round__position", "juror__code")
    return [(row.round, Reading(str(row.pk), str(row.juror), _state_of(row))) for row in rows]


def show_options(round_: Round, admitted: int, short: int, *, short_only: bool) -> list[dict[str, object]]:
    """Return the choice between all proposals and those short of readers."""
    here = f"?round={round_.pk}"
    return [
        {"label": _("All"), "count": admitted, "url": here, "current": not short_only},
        {"label": _("Short of readers"), "count": short, "url": f"{here}&show=short", "current": short_only},
    ]
