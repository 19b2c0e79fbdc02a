"""Who reads what, at random: even loads, no conflict, the same seed gives the same plan.

Proposals take the least loaded jurors in turn; where nobody is free, seats move along an alternating path, as in a
maximum flow; last, seats move from the most to the least loaded as long as that evens them out. If a proposal stays
short, the last search has found a minimum cut: these proposals need more seats than these jurors have.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from heapq import heapify, heappop, heappush

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """All pairs (juror, proposal) in order, and those of them that are new."""

    pairs: tuple[Pair, ...]
    new: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why there is no plan: these proposals need `needed` more readings, and only these jurors are left for them.

    `places` are the jurors' remaining seats, at most one for each of the proposals that a juror may read.
    """

    proposals: tuple[str, ...]
    jurors: tuple[str, ...]
    places: int
    needed: int


def propose_random(
    proposals: Iterable[str],
    jurors: Iterable[str],
    per_proposal: int,
    conflicts: Iterable[Pair] = (),
    *,
    loads: Mapping[str, int] | None = None,
    existing: Iterable[Pair] = (),
    seed: str,
) -> Plan | Impossible:
    """Return a plan in which every proposal has `per_proposal` jurors, or why there is none.

    conflicts, existing: (juror, proposal); existing pairs stay, and count in the loads · loads: juror to the most
    proposals that juror reads (absent: any number) · loads differ by at most 1 where caps and conflicts allow.
    """
    seats = Seats(proposals, jurors, per_proposal, conflicts, loads or {}, existing, seed)
    seats.fill()
    for proposal in seats.proposals:
        if not seats.fill_by_moving(proposal):
            return seats.why(proposal)
    seats.even_out()
    return Plan(tuple(sorted(seats.kept | seats.new)), tuple(sorted(seats.new)))


class Seats:
    """Who sits where while a plan is made; everything is kept in an order that the seed decides."""

    def __init__(
        self,
        proposals: Iterable[str],
        jurors: Iterable[str],
        per_proposal: int,
        conflicts: Iterable[Pair],
        caps: Mapping[str, int],
        existing: Iterable[Pair],
        seed: str,
    ) -> None:
        self.seed = seed
        self.per_proposal = per_proposal
        self.caps = caps
        self.forbidden = set(conflicts)
        self.kept = {pair for pair in existing if pair not in self.forbidden}
        self.new: set[Pair] = set()
        self.refused: Counter[str] = Counter(proposal for _, proposal in self.forbidden)
        # The hardest first: whoever has most conflicts chooses among the fewest.
        self.proposals = sorted(set(proposals), key=lambda code: (-self.refused[code], self.chance(code)))
        self.jurors = sorted(set(jurors), key=self.chance)
        self.load: Counter[str] = Counter(juror for juror, _ in self.kept)
        self.readers: dict[str, set[str]] = defaultdict(set)
        self.moveable: dict[str, set[str]] = defaultdict(set)
        for juror, proposal in self.kept:
            self.readers[proposal].add(juror)

    def chance(self, *about: object) -> bytes:
        """Return a digest that the seed makes unpredictable and repeatable."""
        return sha256("\n".join((self.seed, *map(str, about))).encode()).digest()

    def need(self, proposal: str) -> int:
        """Return how many jurors a proposal still lacks."""
        return self.per_proposal - len(self.readers[proposal])

    def room(self, juror: str) -> bool:
        """Whether a juror may read one more."""
        return juror not in self.caps or self.load[juror] < self.caps[juror]

    def may_read(self, juror: str, proposal: str) -> bool:
        """Whether a juror has neither a conflict with a proposal nor a seat at it."""
        return (juror, proposal) not in self.forbidden and juror not in self.readers[proposal]

    def seat(self, juror: str, proposal: str) -> None:
        """Give a juror a new seat."""
        self.new.add((juror, proposal))
        self.readers[proposal].add(juror)
        self.moveable[juror].add(proposal)
        self.load[juror] += 1

    def leave(self, juror: str, proposal: str) -> None:
        """Take a new seat back."""
        self.new.remove((juror, proposal))
        self.readers[proposal].remove(juror)
        self.moveable[juror].remove(proposal)
        self.load[juror] -= 1

    def fill(self) -> None:
        """Give each proposal in turn the least loaded jurors; equal loads are shuffled anew at every level."""
        queue = [self.turn(juror) for juror in self.jurors]
        heapify(queue)
        for proposal in self.proposals:
            passed = []
            need = self.need(proposal)
            while need > 0 and queue:
                turn = heappop(queue)
                juror = turn[2]
                if not self.room(juror):
                    continue
                if self.may_read(juror, proposal):
                    self.seat(juror, proposal)
                    need -= 1
                    turn = self.turn(juror)
                passed.append(turn)
            for turn in passed:
                heappush(queue, turn)

    def turn(self, juror: str) -> tuple[int, bytes, str]:
        """Return when a juror's turn comes: by load, then by chance."""
        return self.load[juror], self.chance(juror, self.load[juror]), juror

    def fill_by_moving(self, proposal: str) -> bool:
        """Find the seats a proposal lacks by moving others; False if there is no way."""
        while self.need(proposal) > 0:
            search = Search(self, self.room)
            juror = search.from_proposals([proposal])
            if juror is None:
                return False
            search.move_to(juror)
        return True

    def why(self, short: str) -> Impossible:
        """Return the minimum cut around a proposal that stays short."""
        search = Search(self, self.room)
        search.from_proposals([short])
        proposals = sorted(search.seen_proposals)
        barred: Counter[str] = Counter(
            juror for juror, code in self.forbidden | self.kept if code in search.seen_proposals
        )
        kept = Counter(juror for juror, _ in self.kept)
        places = {}
        for juror in self.jurors:
            readable = len(proposals) - barred[juror]
            left = max(0, self.caps[juror] - kept[juror]) if juror in self.caps else readable
            places[juror] = min(readable, left)
        already = sum(code in search.seen_proposals for _, code in self.kept)
        return Impossible(
            proposals=tuple(proposals),
            jurors=tuple(sorted(juror for juror in self.jurors if places[juror] or juror in search.seen_jurors)),
            places=sum(places.values()),
            needed=self.per_proposal * len(proposals) - already,
        )

    def even_out(self) -> None:
        """Move seats from more loaded jurors to those with at least two fewer, until no path does."""
        while self.moved_once():
            pass

    def moved_once(self) -> bool:
        """Make one such move, from the most loaded juror who can; False when none can."""
        lowest = min((self.load[juror] for juror in self.jurors if self.room(juror)), default=0)
        search = Search(self, self.room)
        for level in sorted({self.load[juror] for juror in self.jurors}, reverse=True):
            if level - lowest <= 1:
                return False
            # Who was reached from a higher level and led nowhere cannot lead to an even lower one.
            search.accepts = self.lower_than(level - 1)
            found = search.from_jurors([juror for juror in self.jurors if self.load[juror] == level])
            if found is not None:
                search.move_to(found)
                return True
        return False

    def lower_than(self, level: int) -> Callable[[str], bool]:
        """Return the test for a juror with room and a lower load."""
        return lambda juror: self.load[juror] < level and self.room(juror)


class Search:
    """A breadth-first search along seats that could move, for a juror who may take one more."""

    def __init__(self, seats: Seats, accepts: Callable[[str], bool]) -> None:
        self.seats = seats
        self.accepts = accepts
        self.unseen = dict.fromkeys(seats.jurors)
        self.seen_jurors: set[str] = set()
        self.seen_proposals: set[str] = set()
        self.came_by: dict[str, str] = {}
        self.held_by: dict[str, str | None] = {}

    def from_proposals(self, proposals: Iterable[str]) -> str | None:
        """Return a juror who can take a seat at one of these, perhaps after others moved."""
        return self.spread([(code, None) for code in proposals])

    def from_jurors(self, jurors: Iterable[str]) -> str | None:
        """Return a juror who can take a seat from one of these, perhaps after others moved."""
        started = [juror for juror in jurors if juror in self.unseen]
        for juror in started:
            self.see(juror)
        return self.spread([step for juror in started for step in self.seats_of(juror)])

    def see(self, juror: str) -> None:
        """Note that a juror was reached."""
        del self.unseen[juror]
        self.seen_jurors.add(juror)

    def seats_of(self, juror: str) -> Iterator[tuple[str, str | None]]:
        """Yield the seats that a juror could give away."""
        for proposal in sorted(self.seats.moveable[juror]):
            if proposal not in self.seen_proposals:
                yield proposal, juror

    def spread(self, waiting: list[tuple[str, str | None]]) -> str | None:
        """Search on from (proposal, who would leave it) until someone accepts."""
        for proposal, holder in waiting:
            if proposal in self.seen_proposals:
                continue
            self.seen_proposals.add(proposal)
            self.held_by[proposal] = holder
            for juror in list(self.unseen):
                if self.seats.may_read(juror, proposal):
                    self.see(juror)
                    self.came_by[juror] = proposal
                    if self.accepts(juror):
                        return juror
                    waiting.extend(self.seats_of(juror))
        return None

    def move_to(self, juror: str) -> None:
        """Shift the seats along the path that led to a juror."""
        taker: str | None = juror
        while taker is not None and taker in self.came_by:
            proposal = self.came_by[taker]
            holder = self.held_by[proposal]
            if holder is not None:
                self.seats.leave(holder, proposal)
            self.seats.seat(taker, proposal)
            taker = holder
