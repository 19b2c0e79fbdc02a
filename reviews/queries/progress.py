"""How far the jury is: each proposal with its readers, the ones that lack most ballots first."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from common.visibility import visible_fields
from contests.lifecycle import ProposalState
from contests.models import Proposal, Round
from reviews.models import Assignment, Ballot
from reviews.queries.organise import Visit
from reviews.queries.ranking import Cut, Rows

# How a reader's ballot is marked: nothing saved, begun, complete, abstained.
MARKS: dict[str | None, str] = {
    None: "todo",
    Ballot.State.DRAFT: "doing",
    Ballot.State.COMPLETE: "done",
    Ballot.State.ABSTAINED: "out",
}
_ENDED = (Ballot.State.COMPLETE, Ballot.State.ABSTAINED)


@dataclass(frozen=True, slots=True)
class Coverage:
    """An admitted proposal: how many jurors read it, how many have ended, and each of them with a mark."""

    proposal_id: UUID
    code: str
    title: str
    assigned: int
    done: int
    readers: tuple[tuple[str, str], ...]


def may_follow(visit: Visit) -> bool:
    """Say whether the table lets the visitor see how far jurors are in this phase."""
    return "saved_at" in visible_fields(visit.roles, "ballot", visit.phase, ())


def admitted_in(round_: Round) -> QuerySet[Proposal]:
    """Return the proposals that are read in a round."""
    return Proposal.records.filter(category_id=round_.category_id, state=ProposalState.ADMITTED)


def coverage(round_: Round) -> Rows:
    """Return the admitted proposals of a round with `assigned` and `done`, those that lack most ballots first."""
    mine = Q(assignments__round=round_, assignments__state=Assignment.State.ASSIGNED)
    counted = admitted_in(round_).annotate(
        assigned=Count("assignments", filter=mine),
        done=Count("assignments", filter=mine & Q(assignments__ballot__state__in=_ENDED)),
    )
    return counted.order_by(F("done") - F("assigned"), "code").only("code", "title")


class Covered(Cut[Coverage]):
    """The proposals of a round, cut into pages, each with the names of its readers in one more statement."""

    def __init__(self, round_: Round) -> None:
        self.round = round_
        self.rows = coverage(round_)
        self.total = admitted_in(round_).count()

    def __len__(self) -> int:
        return self.total

    def window(self, first: int, last: int) -> list[Coverage]:
        """Return the rows by number."""
        rows = list(self.rows[first:last])
        readers = readers_of(self.round, [row.pk for row in rows])
        return [
            Coverage(row.pk, row.code, row.title, row.assigned, row.done, tuple(readers.get(row.pk, ())))
            for row in rows
        ]


def readers_of(round_: Round, proposals: Sequence[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """Return {proposal: (juror, mark) of each who reads it}."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    rows = Assignment.records.filter(round=round_, proposal_id__in=proposals, state=Assignment.State.ASSIGNED)
    columns = ("proposal_id", "juror__name", "juror__code", "ballot__state")
    for proposal, name, code, state in rows.order_by("juror__code").values_list(*columns):
        found.setdefault(proposal, []).append((name or code, MARKS[state]))
    return found
