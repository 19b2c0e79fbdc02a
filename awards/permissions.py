"""May this be decided now, and if not why. Nothing here asks the database."""

from datetime import datetime

from common.verdict import YES, Verdict, no
from contests.lifecycle import Phase
from contests.models import Call
from contests.queries import phase

DECIDING = frozenset({Phase.JUDGING, Phase.DELIBERATION})


def may_decide(call: Call, now: datetime) -> Verdict:
    """May decisions change: until the results are sealed."""
    return YES if phase(call, now) in DECIDING else no("not_deciding")


def may_seal(call: Call, released_at: datetime, now: datetime) -> Verdict:
    """May the results be sealed with this end of the embargo."""
    present = phase(call, now)
    if present in {Phase.SEALED, Phase.PUBLISHED, Phase.ARCHIVED}:
        return no("already_sealed")
    if present not in DECIDING:
        return no("nothing_to_publish")
    return YES if released_at >= now else no("embargo_past")
