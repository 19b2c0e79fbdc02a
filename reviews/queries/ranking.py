"""Reading a ranking for its page: kept columns only, never the standing document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from common.models import Outbox
from common.visibility import visible_fields
from contests.models import Call, Round
from engine.types import PLACED
from reviews.models import Assignment, Ranking, Tally
from reviews.queries.organise import Visit

RECOMPUTE = "recompute round"
CURRENT, UNDER_WAY, FAILED = "current", "under way", "failed"
Rows: TypeAlias = "QuerySet[Any, Any]"
# A prize for some only, such as those of a theme, draws no line across the ranking.
OFFERED = Sum("prizes__places", filter=~Q(prizes__conditions__has_key="eligible"))


class RankedRow(NamedTuple):
    """A row of the ranking page. Numbers are decimal text; `assigned` is how many jurors read the proposal.

    calibrated, low, high, in_top and zone are statistics, empty until they are computed (see `Tally`).
    """

    position: int
    place: int | None
    status: str
    score: str
    ballots: int
    mean: str
    spread: str
    proposal_id: UUID
    code: str
    title: str
    organisation: str
    region: str
    calibrated: str
    low: int | None
    high: int | None
    in_top: str
    zone: bool
    assigned: int


class Turn(NamedTuple):
    """A round to look at, and how many places its prizes for all offer, None for no prize or no limit."""

    round: Round
    offered: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the page says of a ranking's statistics: why there are none, and who cannot be told apart at the line.

    version: of the ranking they were computed from · reason: empty when there are statistics · top: how many places
    count, 0 for no such line · zone: how many proposals cannot be told apart there · left: for how many places ·
    first, last: their official places, 0 without any.
    """

    version: int
    reason: str
    top: int
    zone: int
    left: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Head:
    """What the page says of a ranking: its version, what it holds, and whether a newer one is coming.

    `measured` is None until the first statistics are computed, and of an older version until the new ones are.
    """

    version: int
    computed_at: datetime
    ballots: int
    expected: int
    counts: dict[str, int]
    work: str
    measured: Measured | None

    @property
    def total(self) -> int:
        """How many proposals it lists."""
        return sum(self.counts.values())

    @property
    def placed(self) -> int:
        """How many of them have a place."""
        return self.counts.get(PLACED, 0)


def may_read_ranking(visit: Visit) -> bool:
    """Say whether the table lets the visitor read places and scores in this phase."""
    return "rows" in visible_fields(visit.roles, "ranking", visit.phase, ())


def rounds_of(call: Call) -> list[Turn]:
    """Return the rounds of a call, in order."""
    rounds = Round.objects.filter(category__call=call).select_related("category")
    counted = rounds.annotate(offered=OFFERED)
    return [Turn(row, row.offered) for row in counted.order_by("category__position", "category_id", "position", "id")]


def offered_in(round_: Round) -> int:
    """Return how many places the prizes for all of a round offer; 0 without one, or where all who qualify win."""
    return Round.objects.filter(pk=round_.pk).aggregate(offered=OFFERED)["offered"] or 0


def choose_round(turns: Sequence[Turn], category: str = "", code: str = "") -> Turn | None:
    """Return the round that was asked for by codes, else the first."""
    asked = [turn for turn in turns if category in {"", turn.round.category.code} and code in {"", turn.round.code}]
    return next(iter(asked or turns), None)


def head_of(round_: Round) -> Head | None:
    """Return what is to be said of a round's current ranking; None when there is none."""
    ranking = Ranking.records.filter(round=round_, current=True).defer("standing", "severities").first()
    return head_from(ranking) if ranking else None


def head_from(ranking: Ranking) -> Head:
    """Return what is to be said of a ranking."""
    return Head(
        ranking.version,
        ranking.computed_at,
        ranking.ballots,
        ranking.expected,
        ranking.counts,
        work_on(ranking.round_id),
        measured_in(ranking.measured, ranking.statistics) if ranking.measured and ranking.statistics else None,
    )


def measured_in(version: int, document: Mapping[str, Any]) -> Measured:
    """Return what the page says of kept statistics."""
    first, last = document["zone_places"] or (0, 0)
    return Measured(version, document["reason"], document["top"], len(document["zone"]), document["left"], first, last)


def work_on(round_id: int) -> str:
    """Return how the round's recomputation stands: current, under way or failed."""
    mine = Outbox.objects.filter(kind=RECOMPUTE, key=str(round_id))
    unfinished = dict(
        mine.filter(state__in=[Outbox.State.PENDING, Outbox.State.CLAIMED, Outbox.State.DEAD]).values_list(
            "state", "pk"
        )
    )
    if unfinished.keys() & {Outbox.State.PENDING, Outbox.State.CLAIMED}:
        return UNDER_WAY
    dead = unfinished.get(Outbox.State.DEAD)
    return FAILED if dead and not mine.filter(state=Outbox.State.DONE, pk__gt=dead).exists() else CURRENT


def ranked(round_: Round) -> Rows:
    """Return a round's ranked rows in order, each with what a `RankedRow` has."""
    reading = Assignment.records.filter(
        round=round_, proposal=OuterRef("proposal"), state=Assignment.State.ASSIGNED
    ).order_by()
    jurors = Subquery(reading.values("proposal").annotate(jurors=Count("pk")).values("jurors"))
    rows = Tally.records.filter(round=round_, position__isnull=False).order_by("position")
    named = rows.annotate(
        code=F("proposal__code"),
        title=F("proposal__title"),
        organisation=F("proposal__organisation__name"),
        region=F("proposal__region"),
        assigned=Coalesce(jurors, 0),
    )
    return named.values_list(*RankedRow._fields, named=True)


def filtered(rows: Rows, status: str, text: str) -> Rows:
    """Keep the rows of a status ("placed", "out", "zone" or "") whose title, code or organisation holds a text."""
    if status == "zone":
        rows = rows.filter(zone=True)
    elif status:
        rows = rows.filter(status=PLACED) if status == PLACED else rows.exclude(status=PLACED)
    if text:
        rows = rows.filter(Q(title__icontains=text) | Q(code__icontains=text) | Q(organisation__icontains=text))
    return rows


class ByPosition:
    """All rows of a ranking, cut into pages by their kept position: the last page costs what the first one does."""

    def __init__(self, rows: Rows, total: int) -> None:
        self.rows = rows
        self.total = total

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, window: slice) -> Rows:
        """Return the rows by position, which starts at 1."""
        first, last, _step = window.indices(self.total)
        return self.rows.filter(position__gt=first, position__lte=last)


def listing(round_: Round, head: Head, status: str, text: str) -> Sequence[RankedRow]:
    """Return what the page cuts its fifty rows from: by number where a filter leaves gaps between positions."""
    rows = ranked(round_)
    return filtered(rows, status, text) if status or text else ByPosition(rows, head.total)  # type: ignore[return-value] # sequence enough for a page
