"""Contests that are over, whose marks can be read again under other rules."""

from collections.abc import Mapping

from common.visibility import from_phase, visible_fields
from contests.models import Call, CallRole, Proposal, RuleSet
from contests.queries import phase
from engine.rules import COLLEGIAL, INDIVIDUAL, Rules
from engine.types import RoundInput
from reviews.queries.inputs import inputs_of
from reviews.queries.organise import Visit
from reviews.queries.rules import parsed, seals_of

OVER = from_phase("deliberation")


def can_be_simulated(rules: Rules) -> bool:
    """Whether jurors give marks on criteria, which other rules can read."""
    return rules.entry in {INDIVIDUAL, COLLEGIAL} and bool(rules.judged)


def rounds_to_simulate(visit: Visit) -> tuple[list[RuleSet], list[RuleSet]]:
    """Return the rules of the call's own rounds, and those of the past rounds whose marks the visitor may see."""
    over = _calls_over(visit)
    every = [row for row in seals_of(visit.call, *over) if can_be_simulated(parsed(row))]
    own = [row for row in every if row.round.category.call_id == visit.call.pk]
    return own, [row for row in every if row not in own]


def _calls_over(visit: Visit) -> list[Call]:
    """Return the other calls that the visitor runs and in which judging is over, the last to close first."""
    roles: dict[Call, set[str]] = {}
    mine = CallRole.objects.filter(person_id=visit.actor.pk or 0).exclude(call=visit.call).select_related("call")
    for row in mine.order_by("-call__closes_at", "call__code"):
        roles.setdefault(row.call, set()).add(row.role)
    return [call for call, given in roles.items() if _sees_marks(given, phase(call, visit.now))]


def _sees_marks(roles: set[str], present: str) -> bool:
    seen = visible_fields(roles, "ballot", present, ())
    return present in OVER and "marks" in seen


def past_round(rules: RuleSet) -> tuple[RoundInput, Mapping[str, str]]:
    """Return all that people gave in a past round, and the titles of its proposals by code."""
    given = inputs_of(rules.round, parsed(rules))
    rows = Proposal.records.filter(category_id=rules.round.category_id)
    return given, dict(rows.values_list("code", "title"))
