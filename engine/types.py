"""What the engine takes and gives: a round as it was judged, and the standing that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

Number = Decimal | Fraction | int

ADMITTED = "admitted"
EXCLUDED = "excluded"
WITHDRAWN = "withdrawn"
STATES = (ADMITTED, EXCLUDED, WITHDRAWN)

PLACED = "placed"
BELOW_GATE = "below_gate"
BELOW_QUORUM = "below_quorum"
UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as a round sees it; `answers` are the further columns that `per` and `eligible` may name.

    submitted_at carries its offset.
    """

    code: str
    state: str = ADMITTED
    submitted_at: datetime | None = None
    ask: Fraction | None = None
    organisation: str = ""
    region: str = ""
    themes: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ballot:
    """One juror's marks on one proposal; None is an abstention, a missing key a criterion left out."""

    juror: str
    proposal: str
    marks: Mapping[str, Number | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One juror prefers one proposal to another on a criterion, by a degree from 1 (parity) to 6."""

    juror: str
    criterion: str
    preferred: str
    other: str
    degree: int


@dataclass(frozen=True, slots=True)
class RoundInput:
    """All that people gave in one round of one category.

    facts: (proposal, criterion) to the fact's text · votes: proposal to public votes · chair: proposal to its
    place inside its tied group · advanced: those whom a decision adds · carried: proposal to the earlier round's
    score on 0-100 · assigned: proposal to the number of jurors assigned (absent: those who scored).
    A round after the first holds only the proposals that advanced.
    """

    category: str
    round: str
    proposals: tuple[Proposal, ...]
    ballots: tuple[Ballot, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    facts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    votes: Mapping[str, Number] = field(default_factory=dict)
    chair: Mapping[str, int] = field(default_factory=dict)
    advanced: frozenset[str] = frozenset()
    carried: Mapping[str, Fraction] = field(default_factory=dict)
    assigned: Mapping[str, int] = field(default_factory=dict)
    draw_seed: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One proposal in a standing.

    status: placed, below_gate, below_quorum, excluded, withdrawn or unscored (qualitative entry) · place: shared by
    the tied · position: 1, 2, … unique among the placed · score: exact, None without one · score_text: at most six
    decimals, half up, no trailing zeros · ballots, incomplete: how many counted, how many left something out ·
    decided_by: the last tie rule that parted this proposal from one with the same score · advances: goes on to the
    next round · funding: "", funded, offered_part or reserve · offer: the money given.
    """

    code: str
    status: str
    place: int | None = None
    position: int | None = None
    score: Fraction | None = None
    score_text: str = ""
    ballots: int = 0
    incomplete: int = 0
    decided_by: str = ""
    advances: bool = False
    funding: str = ""
    offer: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that a person should look at, as a code and its facts."""

    code: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """The outcome of a computation: the placed in order, then the others by code.

    highest: the maxima that rescaling, quantities and public votes divided by, under the names that the
    explanation uses (`criterion:x`, `group:x`, `fact:x`, `total`, `votes`).
    """

    category: str
    round: str
    rows: tuple[Row, ...]
    warnings: tuple[Warned, ...] = ()
    highest: Mapping[str, Fraction] = field(default_factory=dict)

    def row(self, code: str) -> Row:
        """Return the row of a proposal; KeyError when the round does not list it."""
        for row in self.rows:
            if row.code == code:
                return row
        raise KeyError(code)

    @property
    def advancing(self) -> tuple[str, ...]:
        """The codes of those who go on to the next round, in order."""
        return tuple(row.code for row in self.rows if row.advances)
