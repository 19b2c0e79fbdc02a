"""The life of a call and of a proposal, as plain data.

A call's phase is computed from its schedule, the acts of its organisers and the time; nothing "opens" it. A proposal's
state moves along one frozen table of transitions.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    """Where a call is."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    SCREENING = "screening"
    JUDGING = "judging"
    DELIBERATION = "deliberation"
    SEALED = "sealed"
    PUBLISHED = "published"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is planned. `opens_at` is included, `closes_at` is not: at that instant the call is closed."""

    opens_at: datetime
    closes_at: datetime
    judging_ends_at: datetime


@dataclass(frozen=True, slots=True)
class Acts:
    """What organisers did, and when; None for what they have not done. `released_at` is the end of the embargo."""

    opened_at: datetime | None = None
    judging_opened_at: datetime | None = None
    judging_closed_at: datetime | None = None
    released_at: datetime | None = None
    archived_at: datetime | None = None


def phase_of(schedule: Schedule, acts: Acts, now: datetime) -> Phase:  # noqa: PLR0911 - one return a phase
    """Return the phase of a call at an instant. Total: every schedule, act and instant has exactly one phase."""
    if acts.archived_at is not None and acts.archived_at <= now:
        return Phase.ARCHIVED
    if acts.released_at is not None:
        return Phase.SEALED if now < acts.released_at else Phase.PUBLISHED
    if acts.judging_closed_at is not None:
        return Phase.DELIBERATION
    if acts.judging_opened_at is not None:
        return Phase.JUDGING if now < schedule.judging_ends_at else Phase.DELIBERATION
    if acts.opened_at is None:
        return Phase.DRAFT
    if now < schedule.opens_at:
        return Phase.ANNOUNCED
    return Phase.OPEN if now < schedule.closes_at else Phase.SCREENING


class ProposalState(StrEnum):
    """Where a proposal is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ADMITTED = "admitted"
    EXCLUDED = "excluded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Transition:
    """A verb: from which states to which, who may do it ("applicant", "organiser"), in which phases of the call."""

    verb: str
    sources: frozenset[ProposalState]
    target: ProposalState
    role: str
    phases: frozenset[Phase]


def _transition(verb: str, sources: str, target: str, role: str, phases: str) -> Transition:
    return Transition(
        verb,
        frozenset(ProposalState(source) for source in sources.split()),
        ProposalState(target),
        role,
        frozenset(Phase(phase) for phase in phases.split()),
    )


BEFORE_RESULTS = "open screening judging deliberation"
TRANSITIONS: dict[str, Transition] = {
    transition.verb: transition
    for transition in (
        _transition("submit", "draft", "submitted", "applicant", "open"),
        _transition("withdraw", "submitted admitted", "withdrawn", "applicant", BEFORE_RESULTS),
        _transition("revive", "withdrawn", "submitted", "applicant", "open"),
        _transition("admit", "submitted excluded", "admitted", "organiser", "open screening judging deliberation"),
        _transition("exclude", "submitted admitted", "excluded", "organiser", "open screening judging deliberation"),
    )
}
EDITABLE = frozenset({ProposalState.DRAFT, ProposalState.SUBMITTED})
STANDING = frozenset({ProposalState.SUBMITTED, ProposalState.ADMITTED, ProposalState.EXCLUDED})
RULES_MAY_CHANGE = frozenset({Phase.DRAFT, Phase.ANNOUNCED, Phase.OPEN, Phase.SCREENING, Phase.JUDGING})
