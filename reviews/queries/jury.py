"""The jury of a call as those who run it see it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from common.visibility import View, view, visible_fields
from contests.models import Category
from reviews.models import Conflict, Juror, Panel
from reviews.queries.organise import Visit
from reviews.queries.overview import Seat, seats_in
from reviews.queries.readers import conflict_words

_KIND = "juror"


@dataclass(frozen=True, slots=True)
class Member:
    """A juror in the list: how much they read, what the visitor sees of them, and how much they may not read."""

    seat: Seat
    juror: View
    conflicts: int


def panels_of(visit: Visit) -> list[Category]:
    """Return the categories that have, or may get, a panel."""
    return list(visit.call.categories.all())


def jury_rows(visit: Visit) -> list[Member]:
    """Return the jurors that the visitor may know of, with panels, load and conflicts, in the order of their codes."""
    fields = visible_fields(visit.roles, _KIND, visit.phase, ())
    if "name" not in fields:
        return []
    panels = Prefetch("panels", Panel.objects.select_related("category").order_by("category__position"))
    jurors = {juror.code: juror for juror in Juror.records.filter(call=visit.call).prefetch_related(panels)}
    conflicts = Counter(Conflict.records.filter(juror__call=visit.call).values_list("juror__code", flat=True))
    return [
        Member(seat, view(_KIND, jurors[seat.code], fields - {"progress"}, _GETTERS), conflicts[seat.code])
        for seat in seats_in(visit.call, visit.now)
    ]


_GETTERS: Mapping[str, Callable[..., object]] = {
    "name": str,
    "panels": lambda juror: [panel.category for panel in juror.panels.all()],
}


def conflicts_in(visit: Visit) -> Sequence[View]:
    """Return the conflicts that the visitor may know of, by juror."""
    fields = visible_fields(visit.roles, "conflict", visit.phase, ())
    rows = Conflict.records.filter(juror__call=visit.call).select_related("juror", "proposal")
    rows = rows.order_by("juror__code", "proposal__code") if fields else rows.none()
    return [view("conflict", row, fields, {"cause": lambda conflict: conflict_words(conflict.kind)}) for row in rows]
