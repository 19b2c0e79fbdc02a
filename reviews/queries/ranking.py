"""Reading a ranking for its page: kept columns only, never the standing document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from common.models import Outbox
from common.visibility import visible_fields
from contests.models import Call, Round
from engine.types import PLACED
from reviews.models import Assignment, Ranking, Tally
from reviews.queries.organise import Visit

RECOMPUTE = "recompute round"
CURRENT, UNDER_WAY, FAILED = "current", "under way", "failed"
NOT_PLACED = ("below_gate", "below_quorum", "excluded", "withdrawn", "unscored")


class RankedRow(NamedTuple):
    """A row of the ranking page. Numbers are decimal text; `assigned` is how many jurors read the proposal."""

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
    assigned: int


@dataclass(frozen=True, slots=True)
class Head:
    """What the page says of a ranking: its version, what it holds, and whether a newer one is coming."""

    version: int
    computed_at: datetime
    ballots: int
    expected: int
    counts: dict[str, int]
    work: str

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


def rounds_of(call: Call) -> list[Round]:
    """Return the rounds of a call, in order, each with `offered`: how many places its prizes have, None for no prize."""
    rounds = Round.objects.filter(category__call=call).select_related("category")
    return list(
        rounds.annotate(offered=Sum("prizes__places")).order_by("category__position", "category_id", "position", "id")
    )


def choose_round(rounds: Sequence[Round], category: str = "", code: str = "") -> Round | None:
    """Return the round that was asked for by codes, else the first."""
    asked = [each for each in rounds if category in {"", each.category.code} and code in {"", each.code}]
    return next(iter(asked or rounds), None)


def head_of(round_: Round) -> Head | None:
    """Return what is to be said of a round's current ranking; None when there is none."""
    ranking = Ranking.records.filter(round=round_, current=True).defer("standing").first()
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
    )


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


def ranked(round_: Round) -> QuerySet[Tally, RankedRow]:
    """Return a round's ranked rows in order, as named tuples."""
    reading = Assignment.records.filter(
        round=round_, proposal=OuterRef("proposal"), state=Assignment.State.ASSIGNED
    ).order_by()
    jurors = Subquery(reading.values("proposal").annotate(jurors=Count("pk")).values("jurors"))
    rows = Tally.records.filter(round=round_, position__isnull=False).order_by("position")
    return rows.annotate(assigned=Coalesce(jurors, 0)).values_list(
        "position", "place", "status", "score", "ballots", "mean", "spread", "proposal_id", "proposal__code",
        "proposal__title", "proposal__organisation__name", "proposal__region", "assigned",
    )  # fmt: skip


def filtered(rows: "QuerySet[Tally, RankedRow]", status: str, text: str) -> "QuerySet[Tally, RankedRow]":
    """Keep the rows of a status ("placed", "out" or "") whose title, code or organisation holds a text."""
    if status:
        rows = rows.filter(status=PLACED) if status == PLACED else rows.exclude(status=PLACED)
    if text:
        rows = rows.filter(
            Q(proposal__title__icontains=text)
            | Q(proposal__code__icontains=text)
            | Q(proposal__organisation__name__icontains=text)
        )
    return rows


class ByPosition(Sequence[RankedRow]):
    """All rows of a ranking, cut by their kept position: the last page costs what the first one does."""

    def __init__(self, rows: "QuerySet[Tally, RankedRow]", total: int) -> None:
        self.rows = rows
        self.total = total

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, window: slice) -> list[RankedRow]:  # type: ignore[override] # a pager only cuts
        return [RankedRow(*row) for row in self.cut(window)]

    def cut(self, window: slice) -> "QuerySet[Tally, RankedRow]":
        """Return the rows of a window, by position."""
        return self.rows.filter(position__gt=window.start, position__lte=window.stop)


class Filtered(ByPosition):
    """The rows that a filter left, cut by number: their positions have gaps."""

    def __init__(self, rows: "QuerySet[Tally, RankedRow]") -> None:
        super().__init__(rows, rows.count())

    def cut(self, window: slice) -> "QuerySet[Tally, RankedRow]":
        """Return the rows of a window, by number."""
        return self.rows[window]


def listing(round_: Round, head: Head, status: str, text: str) -> ByPosition:
    """Return what the page cuts its fifty rows from."""
    rows = ranked(round_)
    return Filtered(filtered(rows, status, text)) if status or text else ByPosition(rows, head.total)


def stream(rows: "QuerySet[Tally, RankedRow]") -> Iterator[RankedRow]:
    """Yield rows one by one from the database, for an export."""
    return (RankedRow(*row) for row in rows.iterator(chunk_size=2000))
