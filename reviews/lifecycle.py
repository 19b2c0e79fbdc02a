"""The life of a ballot, as plain data."""

from dataclasses import dataclass
from enum import StrEnum


class BallotState(StrEnum):
    """How far a ballot is; `none` before the first tap."""

    NONE = "none"
    DRAFT = "draft"
    COMPLETE = "complete"
    ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True)
class Transition:
    """A verb, from which states to which."""

    verb: str
    sources: frozenset[BallotState]
    target: BallotState


def _transition(verb: str, sources: str, target: str) -> Transition:
    return Transition(verb, frozenset(BallotState(source) for source in sources.split()), BallotState(target))


# A juror may do each of these, on an assignment of theirs, while the call is in judging. A complete ballot is revised,
# or abstained from: it never becomes a draft again.
TRANSITIONS: dict[str, Transition] = {
    transition.verb: transition
    for transition in (
        _transition("save", "none draft abstained", "draft"),
        _transition("complete", "none draft complete abstained", "complete"),
        _transition("revise", "complete", "complete"),
        _transition("abstain", "none draft complete", "abstained"),
    )
}
