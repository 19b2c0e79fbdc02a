"""What a call's overview counts: proposals, readers, and how far each juror is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate

from common.visibility import visible_fields
from contests.lifecycle import Phase, ProposalState
from contests.models import Call, Category, Proposal
from contests.queries import categories_of, counts_of
from engine.rules import INDIVIDUAL, RANKING
from reviews.models import Assignment, Ballot, Juror, Ranking
from reviews.queries.organise import Visit
from reviews.queries.rules import parsed

IDLE = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Seat:
    """A juror and how far they are; `idle` is since when they have saved nothing, None for who is at work or done."""

    code: str
    name: str
    email: str
    collegial: bool
    total: int
    done: int
    recused: int
    last: datetime | None
    idle: timedelta | None

    @property
    def left(self) -> int:
        """How many ballots are missing."""
        return self.total - self.done


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the overview counts.

    `short` holds, per round, how many admitted proposals lack readers; `arrivals`, by day, how many had been submitted.
    """

    states: Mapping[str, int]
    categories: Sequence[Category]
    seats: Sequence[Seat]
    short: Mapping[int, int]
    unranked: int
    arrivals: Sequence[int] = ()

    @property
    def sent(self) -> int:
        """How many proposals were submitted, whatever became of them."""
        return sum(count for state, count in self.states.items() if state != ProposalState.DRAFT)

    @property
    def ballots(self) -> int:
        """How many ballots are awaited in all."""
        return sum(seat.total for seat in self.seats)

    @property
    def done(self) -> int:
        """How many of them are complete, or abstained."""
        return sum(seat.done for seat in self.seats)

    def of(self, state: str) -> int:
        """How many proposals are in a state."""
        return self.states.get(state, 0)


def numbers_of(visit: Visit) -> Numbers:
    """Count what the visitor may see of a call, in at most eight statements."""
    categories = categories_of(visit.call)
    follows = "saved_at" in visible_fields(visit.roles, "ballot", visit.phase, ())
    staffs = visit.phase in {Phase.SCREENING, Phase.JUDGING}
    return Numbers(
        states=counts_of([visit.call.pk]).get(visit.call.pk, {}),
        categories=categories,
        seats=seats_in(visit.call, visit.now) if staffs or follows else (),
        short=short_of_readers(categories) if staffs else {},
        unranked=_unranked(categories) if visit.phase == Phase.DELIBERATION else 0,
        arrivals=_arrivals(visit.call, visit.now) if visit.phase not in {Phase.DRAFT, Phase.ANNOUNCED} else (),
    )


def _arrivals(call: Call, now: datetime) -> list[int]:
    """Return how many proposals had been submitted by the end of each day, from the opening to the closing or today."""
    first, last = (moment.astimezone(call.zone).date() for moment in (call.opens_at, min(call.closes_at, now)))
    sent = Proposal.records.filter(call=call, submitted_at__isnull=False).order_by()
    days = sent.annotate(day=TruncDate("submitted_at", tzinfo=call.zone)).values_list("day").annotate(n=Count("pk"))
    by_day = Counter(dict(days))
    return list(accumulate(by_day[first + timedelta(days=n)] for n in range((last - first).days + 1)))


def seats_in(call: Call, now: datetime) -> list[Seat]:
    """Return the call's jurors with their progress, in the order of their codes, in one statement."""
    held = Q(assignments__state=Assignment.State.ASSIGNED)
    answered = Q(assignments__ballot__state__in=[Ballot.State.COMPLETE, Ballot.State.ABSTAINED])
    rows = Juror.records.filter(call=call).annotate(
        total=Count("assignments", filter=held),
        done=Count("assignments", filter=held & answered),
        recused=Count("assignments", filter=Q(assignments__state=Assignment.State.RECUSED)),
        last=Max("assignments__ballot__saved_at"),
    )
    return [
        Seat(
            code=row.code,
            name=str(row),
            email=row.email,
            collegial=row.collegial,
            total=row.total,
            done=row.done,
            recused=row.recused,
            last=row.last,
            idle=_idle(call, row.last, row.total - row.done, now),
        )
        for row in rows.order_by("code")
    ]


def _idle(call: Call, last: datetime | None, left: int, now: datetime) -> timedelta | None:
    """For how long a juror with work left has saved nothing, if too long, while judging lasts."""
    if not left or call.judging_opened_at is None or call.judging_closed_at is not None:
        return None
    since = now - (last or call.judging_opened_at)
    return since if since >= IDLE else None


def short_of_readers(categories: Sequence[Category]) -> dict[int, int]:
    """Return, per first round, how many admitted proposals have fewer readers than its quorum asks for.

    Whoever abstained from a whole proposal is not counted as a reader.
    """
    quorums = {}
    for category in categories:
        for round_ in list(category.rounds.all())[:1]:
            newest = round_.newest_first[:1]  # type: ignore[attr-defined] # prefetched by categories_of
            rules = parsed(newest[0]) if newest else None
            if rules is not None and rules.entry in {INDIVIDUAL, RANKING}:
                quorums[category.pk] = (round_.pk, rules.quorum)
    reads = Q(assignments__state=Assignment.State.ASSIGNED) & ~Q(assignments__ballot__state=Ballot.State.ABSTAINED)
    rounds = [round_ for round_, _quorum in quorums.values()]
    admitted = Proposal.records.filter(category_id__in=quorums, state=ProposalState.ADMITTED)
    counted = admitted.annotate(readers=Count("assignments", filter=reads & Q(assignments__round_id__in=rounds)))
    short: Counter[int] = Counter()
    for category_id, readers in counted.values_list("category_id", "readers"):
        round_id, quorum = quorums[category_id]
        short[round_id] += readers < quorum
    return dict(short)


def _unranked(categories: Sequence[Category]) -> int:
    """How many rounds have no ranking yet."""
    rounds = [round_.pk for category in categories for round_ in category.rounds.all()]
    return len(rounds) - Ranking.records.filter(round_id__in=rounds, current=True).count()
