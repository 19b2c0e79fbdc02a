"""A juror's desk: what lies on it, what is next, and how long the rest will take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Any
from uuid import UUID

from common.fields import localised
from common.visibility import ASSIGNED, JUROR, View, visible_fields
from contests.lifecycle import Phase
from contests.queries import Actor, call_view, phase
from engine.rules import Rules
from engine.words import words_in
from reviews.models import Assignment, Ballot, Juror
from reviews.queries.rules import marked
from reviews.queries.seats import may_read, readable, seats_of

WORDS_A_MINUTE = 200
SECONDS_A_CRITERION = 20
# Until a juror's own pace is known, a file is taken to need this long.
USUAL_PACE = timedelta(minutes=4)
# Two ballots nearer than this came together; farther apart than that, the juror did something else between them.
TOGETHER, APART = timedelta(seconds=10), timedelta(minutes=30)
FEWEST_GAPS = 3


_Row = dict[str, Any]
_COLUMNS = (
    "juror_id", "pk", "position", "put_off_at", "round_id", "ballot__state", "ballot__saved_at", "ballot__completed_at",
    "proposal__title", "proposal__category__title",
)  # fmt: skip


class Pile(StrEnum):
    """Where a file lies."""

    WAITING = "waiting"
    LATER = "later"
    SCORED = "scored"
    ABSTAINED = "abstained"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class File:
    """One file in a juror's lists. Its number is the juror's own; of a conflict there is nothing but the number."""

    number: int
    pile: Pile
    pk: UUID | None = None
    title: str = ""
    category: str = ""
    round_id: int = 0
    begun: bool = False
    put_off_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a juror has of one call."""

    seat: Juror
    call: View
    phase: Phase
    readable: bool
    files: Sequence[File]
    saved_at: datetime | None

    @property
    def call_code(self) -> str:
        """The code of the call, as addresses name it."""
        return self.seat.call.code

    def pile(self, *piles: Pile) -> list[File]:
        """Return the files of some piles in the order in which they are read."""
        chosen = [file for file in self.files if file.pile in piles]
        return sorted(chosen, key=lambda file: (file.put_off_at is not None, file.put_off_at, file.number))

    @property
    def to_read(self) -> list[File]:
        """What waits, what was put off last."""
        return self.pile(Pile.WAITING, Pile.LATER)

    @property
    def judging(self) -> bool:
        """Whether marks can be given now."""
        return self.phase == Phase.JUDGING

    @property
    def declares(self) -> bool:
        """Whether conflicts can be declared now."""
        return "names" in visible_fields({JUROR}, "applicants", self.phase, ())

    def number_of(self, pk: UUID) -> int:
        """Return the juror's own number of a file, 0 for one that does not lie here."""
        return next((file.number for file in self.files if file.pk == pk), 0)

    @property
    def pace(self) -> timedelta | None:
        """The time between two of the juror's ballots, by the median; None while too few were given to tell."""
        moments = sorted(file.completed_at for file in self.files if file.completed_at)
        gaps = [gap for one, other in pairwise(moments) if TOGETHER <= (gap := other - one) <= APART]
        return median(gaps) if len(gaps) >= FEWEST_GAPS else None  # type: ignore[type-var] # durations have a middle too

    @property
    def minutes_left(self) -> int:
        """How many minutes the rest takes at that pace, or at the usual one."""
        return ceil(len(self.to_read) * (self.pace or USUAL_PACE) / timedelta(minutes=1))

    def files_a_day(self, now: datetime) -> int:
        """How many files a day are enough to be done in time; 0 when less than two days are left."""
        days = (self.seat.call.judging_ends_at - now).days
        return ceil(len(self.to_read) / days) if days > 1 else 0


def desks_of(actor: Actor, now: datetime) -> list[Desk]:
    """Return a juror's desks in three statements, first the one with work that ends soonest, last those of long ago."""
    seats = [seat for seat in seats_of(actor) if phase(seat.call, now) != Phase.DRAFT]
    desks = [_desk(seat, files, now) for seat, files in zip(seats, _files(seats, now), strict=True)]
    return sorted(desks, key=lambda desk: _urgency(desk, now))


def _urgency(desk: Desk, now: datetime) -> tuple[int, timedelta]:
    ends_in = desk.seat.call.judging_ends_at - now
    if desk.judging:
        return (0 if desk.to_read else 1, ends_in)
    return (2, ends_in) if ends_in > timedelta(0) else (3, -ends_in)


def desk_of(seat: Juror, now: datetime) -> Desk:
    """Return the desk of one seat in two statements."""
    return _desk(seat, _files([seat], now)[0], now)


def _desk(seat: Juror, rows: Sequence[_Row], now: datetime) -> Desk:
    present = phase(seat.call, now)
    shown = visible_fields({JUROR}, "proposal", present, {ASSIGNED})
    return Desk(
        seat=seat,
        call=call_view(seat.call, frozenset({JUROR}), now),
        phase=present,
        readable=may_read(seat, now),
        files=[_file(number, row, shown) for number, row in enumerate(sorted(rows, key=_own_order), start=1)],
        saved_at=max((row["ballot__saved_at"] for row in rows if row.get("ballot__saved_at")), default=None),
    )


def _own_order(row: _Row) -> tuple[object, str]:
    return row["position"], str(row["pk"])


def _files(seats: Sequence[Juror], now: datetime) -> list[list[_Row]]:
    """Return the rows of each seat: what it reads, and the bare places of what a conflict took from it."""
    ids = {seat.pk: at for at, seat in enumerate(seats)}
    rows: list[list[_Row]] = [[] for _seat in seats]
    open_ones = [seat.pk for seat in seats if may_read(seat, now)]
    taken = Assignment.records.filter(juror_id__in=open_ones, state=Assignment.State.RECUSED)
    for row in [*readable(seats, now).values(*_COLUMNS), *taken.values("juror_id", "pk", "position")]:
        rows[ids[row["juror_id"]]].append(row)
    return rows


def _file(number: int, row: _Row, shown: frozenset[str]) -> File:
    if "ballot__state" not in row:
        return File(number, Pile.CONFLICT)
    state = row["ballot__state"]
    waits = Pile.LATER if row["put_off_at"] else Pile.WAITING
    pile = {Ballot.State.COMPLETE: Pile.SCORED, Ballot.State.ABSTAINED: Pile.ABSTAINED}.get(state, waits)
    return File(
        number=number,
        pile=pile,
        pk=row["pk"],
        title=row["proposal__title"] if "title" in shown else "",
        category=localised(row["proposal__category__title"]) if "category" in shown else "",
        round_id=row["round_id"],
        begun=state == Ballot.State.DRAFT,
        put_off_at=row["put_off_at"] if pile == Pile.LATER else None,
        completed_at=row["ballot__completed_at"],
    )


def find_desk(actor: Actor, code: str, now: datetime) -> Desk | None:
    """Return a juror's desk in a call, None for who has no seat in it."""
    seat = next((seat for seat in seats_of(actor) if seat.call.code == code), None)
    return desk_of(seat, now) if seat is not None and phase(seat.call, now) != Phase.DRAFT else None


def minutes_for(proposal: View, rules: Rules) -> tuple[int, int]:
    """Return about how many minutes a file needs to be read, attachments apart, and to be scored; at least 1 each."""
    texts = [getattr(proposal, "summary", ""), *getattr(proposal, "answers", {}).values()]
    words = sum(words_in(str(text)) for text in texts)
    return max(1, round(words / WORDS_A_MINUTE)), max(1, ceil(len(marked(rules)) * SECONDS_A_CRITERION / 60))
