"""A whole contest as plain data: its plan, and the rows that people gave, in the words of the contest package."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.rules import Rules

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Prize:
    """What can be won; `places` None lets all who qualify win, `round` is the code of a round of its category."""

    code: str
    title: Text
    round: str
    places: int | None = None
    minimum: str | None = None
    eligible: Mapping[str, str] = field(default_factory=dict)
    one_per: tuple[str, ...] = ()
    ex_aequo: bool | None = None
    with_others: bool | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of judging, with its rules."""

    code: str
    title: Text
    rules: Rules


@dataclass(frozen=True, slots=True)
class Category:
    """What a proposal enters, with its rounds in order and its prizes in the order in which they are given."""

    code: str
    title: Text
    rounds: tuple[Round, ...]
    prizes: tuple[Prize, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A row of proposals.csv, text as given; `themes` are joined by semicolons."""

    proposal: str
    category: str
    title: str
    organisation: str = ""
    applicant: str = ""
    email: str = ""
    summary: str = ""
    region: str = ""
    themes: str = ""
    submitted_at: str = ""
    ask: str = ""
    state: str = "admitted"
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JurorRow:
    """A row of jurors.csv; an empty panel means every category."""

    juror: str
    name: str = ""
    email: str = ""
    panel: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A row of conflicts.csv."""

    juror: str
    proposal: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A row of assignments.csv."""

    round: str
    juror: str
    proposal: str


@dataclass(frozen=True, slots=True)
class BallotRow:
    """A row of ballots.csv: one mark, or an abstention when `score` is empty."""

    round: str
    juror: str
    proposal: str
    criterion: str
    score: str


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A row of comparisons.csv."""

    round: str
    juror: str
    criterion: str
    preferred: str
    other: str
    degree: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """A row of facts.csv."""

    proposal: str
    criterion: str
    value: str


@dataclass(frozen=True, slots=True)
class VoteRow:
    """A row of votes.csv."""

    round: str
    proposal: str
    votes: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of decisions.csv; kind: tie, advance, confer, mention, decline or not_conferred."""

    category: str
    round: str
    kind: str
    prize: str = ""
    proposal: str = ""
    place: int | None = None
    reason: str = ""
    by: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row of results.csv, text as written there."""

    category: str
    round: str
    place: str
    proposal: str
    score: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest package in memory; None means that the file does not say."""

    code: str
    title: Text
    programme: Text | None = None
    organisation: str | None = None
    timezone: str | None = None
    outcome: str | None = None
    draw_seed: str | None = None
    categories: tuple[Category, ...] = ()
    proposals: tuple[ProposalRow, ...] = ()
    jurors: tuple[JurorRow, ...] = ()
    conflicts: tuple[ConflictRow, ...] = ()
    assignments: tuple[AssignmentRow, ...] = ()
    ballots: tuple[BallotRow, ...] = ()
    comparisons: tuple[ComparisonRow, ...] = ()
    facts: tuple[FactRow, ...] = ()
    votes: tuple[VoteRow, ...] = ()
    decisions: tuple[Decision, ...] = ()
    results: tuple[ResultRow, ...] = ()
