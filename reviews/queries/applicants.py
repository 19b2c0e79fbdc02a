"""Who applies, for jurors to say whom they know before they read: names alone, apart from what is proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from common.visibility import JUROR, visible_fields
from contests.lifecycle import ProposalState
from contests.models import Proposal
from contests.queries import phase
from reviews.models import Conflict, Juror

SENT = (ProposalState.SUBMITTED, ProposalState.ADMITTED)


@dataclass(frozen=True, slots=True)
class Applicant:
    """A body or a person who applies, and whether the juror has declared a conflict with all that they propose."""

    name: str
    declared: bool


def applicants_for(seat: Juror, now: datetime) -> Sequence[Applicant]:
    """Return who applies to the juror's categories, by the alphabet, while the visibility table shows it."""
    if "names" not in visible_fields({JUROR}, "applicants", phase(seat.call, now), ()):
        return []
    conflict = Conflict.records.filter(juror=seat, proposal=OuterRef("pk"))
    rows = proposals_for(seat).annotate(declared=Exists(conflict))
    known: dict[str, bool] = {}
    for body, person, declared in rows.values_list("organisation__name", "applicant_name", "declared"):
        if name := body or person:
            known[name] = known.get(name, True) and declared
    return [Applicant(name, known[name]) for name in sorted(known, key=str.casefold)]


def proposals_for(seat: Juror) -> QuerySet[Proposal]:
    """Return what was sent to the categories of the juror's panels; to all when the juror sits on none."""
    sent = Proposal.records.filter(call=seat.call, state__in=SENT)
    mine = sent.filter(category__panel__jurors=seat)
    return mine if seat.panels.exists() else sent


def proposals_of_applicants(seat: Juror, names: Sequence[str]) -> list[Proposal]:
    """Return all that these applicants sent to the juror's categories."""
    rows = proposals_for(seat).select_related("organisation")
    return [row for row in rows if (row.organisation.name if row.organisation else row.applicant_name) in set(names)]
