"""What an organiser's rooms share: who comes in, and which rooms there are."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.visibility import PHASES, doors
from contests.lifecycle import Phase, ProposalState
from contests.models import Call
from contests.queries import Actor, call_view, calls_run_by, counts_of, find_call, phase, roles_of


@dataclass(frozen=True, slots=True)
class Visit:
    """Someone in a room of a call: who, with which roles, in which phase, when."""

    call: Call
    actor: Actor
    roles: frozenset[str]
    phase: Phase
    now: datetime


# Each room, and the phase from which its work is behind the organiser.
ROOMS: dict[str, tuple[str | Promise, Phase]] = {
    "organise-call": (_("Overview"), Phase.ARCHIVED),
    "organise-rules": (_("Rules"), Phase.ANNOUNCED),
    "organise-screening": (_("Screening"), Phase.JUDGING),
    "organise-jury": (_("Jury"), Phase.JUDGING),
    "organise-assignment": (_("Assignment"), Phase.DELIBERATION),
    "organise-progress": (_("Progress"), Phase.DELIBERATION),
    "organise-ranking": (_("Ranking"), Phase.SEALED),
    "organise-monitor": (_("Monitor"), Phase.SEALED),
    "organise-decisions": (_("Decisions"), Phase.SEALED),
    "organise-publication": (_("Publication"), Phase.PUBLISHED),
    "organise-history": (_("History"), Phase.ARCHIVED),
}
# How a phase is marked and named at the head of each room.
PHASE_WORDS: dict[str, tuple[str, str | Promise]] = {
    Phase.DRAFT: ("todo", _("Draft, not public")),
    Phase.ANNOUNCED: ("todo", _("Announced")),
    Phase.OPEN: ("doing", _("Open")),
    Phase.SCREENING: ("doing", _("In screening")),
    Phase.JUDGING: ("doing", _("In judging")),
    Phase.DELIBERATION: ("doing", _("Judging closed, to be decided")),
    Phase.SEALED: ("done", _("Results sealed")),
    Phase.PUBLISHED: ("done", _("Results published")),
    Phase.ARCHIVED: ("done", _("Archived")),
}


def enter(actor: Actor, code: str, route: str, now: datetime) -> Visit | None:
    """Return the visit of a person to a room, None when the route's door does not know their roles in this call."""
    call = find_call(actor, code, now)
    if call is None:
        return None
    roles, present = roles_of(actor, call), phase(call, now)
    door = doors()[route]
    return Visit(call, actor, roles, present, now) if door.opens(roles, present) else None


def organiser_rooms(visit: Visit, current: str) -> list[dict[str, object]]:
    """Return the rooms that the visitor may enter, as label, url and state; `current` is the route of the one shown."""
    known = doors()
    rooms: list[dict[str, object]] = []
    for route, (label, done_from) in ROOMS.items():
        if known[route].opens(visit.roles, visit.phase):
            done = PHASES.index(visit.phase) >= PHASES.index(done_from)
            state = "now" if route == current else "past" if done else "next"
            rooms.append({"label": label, "url": reverse(route, args=[visit.call.code]), "state": state})
    return rooms


def frame(visit: Visit, current: str) -> dict[str, object]:
    """Return what `organise/room.html` shows around every room."""
    mark, words = PHASE_WORDS[visit.phase]
    return {
        "call": call_view(visit.call, visit.roles, visit.now, without="categories counts sent"),
        "rooms": organiser_rooms(visit, current),
        "phase_mark": mark,
        "phase_words": words,
    }


def calls_to_organise(actor: Actor, now: datetime) -> list[dict[str, object]]:
    """Return the calls in which a person has a role, the next to close first, as the list shows them."""
    calls = calls_run_by(actor)
    counts = counts_of([call.pk for call in calls])
    rows: list[dict[str, object]] = []
    for call in calls:
        mark, words = PHASE_WORDS[phase(call, now)]
        states = counts.get(call.pk, {})
        sent = sum(count for state, count in states.items() if state != ProposalState.DRAFT)
        rows.append({"call": call, "mark": mark, "words": words, "sent": sent})
    return rows
