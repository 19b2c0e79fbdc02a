"""How far the jury is: each proposal with its readers, the ones that lack most ballots first."""

from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Q

from common.visibility import visible_fields
from contests.models import Round
from reviews.models import Ballot
from reviews.queries.organise import Visit
from reviews.queries.readers import Row, admitted, held, with_readers


def may_follow(visit: Visit) -> bool:
    """Say whether the table lets the visitor see how far jurors are in this phase."""
    return "saved_at" in visible_fields(visit.roles, "ballot", visit.phase, ())


def progress_page(visit: Visit, round_: Round, number: str | None) -> tuple[list[Row], Page[Any]]:
    """Return a page of the round's admitted proposals with their readers, those that lack most ballots first."""
    open_ = Q(assignments__ballot=None) | Q(assignments__ballot__state=Ballot.State.DRAFT)
    rows = admitted(visit, round_).annotate(lacking=Count("assignments", filter=held(round_) & open_))
    return with_readers(round_, rows.order_by("-lacking", "code"), number)
