"""Trying rules out before they are sealed: the same marks under other weights, and who changes place and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from common.fields import localised
from contests.models import Round, RuleSet
from contests.permissions import may_change_rules
from engine.compare import Move, Side, compare
from engine.rules import Rules
from engine.synthetic import synthetic_round
from engine.transfer import Pairing, pairings, transferred
from engine.types import RoundInput
from reviews.forms.rules import DataForm, RulesForm, is_typed
from reviews.queries.organise import Visit
from reviews.queries.past import past_round, rounds_to_simulate
from reviews.queries.rules import parsed
from reviews.views.moves import in_words, paired_in_words, winners_in_words
from reviews.views.rooms import come_in, round_links, show

ROOM = "organise-rules"
MOST_BALLOTS = 1_000  # two standings with their reasons take half a second


@dataclass(frozen=True, slots=True)
class Trial:
    """What rules are tried on: a round, the titles of its proposals, and whose marks each criterion takes."""

    given: RoundInput
    titles: Mapping[str, str] = field(default_factory=dict)
    paired: tuple[Pairing, ...] = ()


@require_GET
def simulate(request: HttpRequest, code: str) -> HttpResponse:
    """Show both standings side by side. It keeps nothing: the address says all, and gives the same page again."""
    visit, asked = come_in(request, code), request.GET
    own, past = rounds_to_simulate(visit)
    if not own:
        return show(request, visit, ROOM, "organise/simulate.html", own=own)
    chosen = next((row for row in own if _name(row.round) == asked.get("round")), own[0])
    data = DataForm(_asked(asked), [(_name(row.round), _title(row)) for row in past])
    form = RulesForm(dict(chosen.document), asked if is_typed(asked) else None, typed={}, sealed=True)
    trial = _trial(data, parsed(chosen), past) if data.is_valid() else None
    size = len(trial.given.ballots) if trial else 0
    right = not form.is_bound or form.is_valid()
    found: dict[str, Any] = {}
    if trial and right and size <= MOST_BALLOTS:
        found = _found(trial, parsed(chosen), form.rules or parsed(chosen))
    context = {
        "own": own,
        "chosen": chosen,
        "rounds": round_links([row.round for row in own], chosen.round, lambda round_: f"round={_name(round_)}"),
        "name": _name(chosen.round),
        "data": data,
        "form": form,
        "made_up": not data["marks"].value(),
        "size": size,
        "most": MOST_BALLOTS,
        "too_many": size > MOST_BALLOTS,
        "use": _use(asked, chosen, visit) if form.is_bound and right else "",
        **found,
    }
    status = 422 if data.errors or form.errors else 200
    return show(request, visit, ROOM, "organise/simulate.html", status=status, **context)


def _asked(asked: QueryDict) -> Mapping[str, str]:
    return {name: str(asked[name]) for name in ("marks", "proposals", "jurors", "seed") if name in asked}


def _name(round_: Round) -> str:
    """Name a round in an address: its call, category and code."""
    return f"{round_.category.call.code}/{round_.category.code}/{round_.code}"


def _title(row: RuleSet) -> str:
    category = row.round.category
    return f"{localised(category.call.title)}: {category}, {row.round}"


def _trial(data: DataForm, rules: Rules, past: Sequence[RuleSet]) -> Trial:
    """Make a round up, or read a past one on the criteria and scales of these rules."""
    asked = data.cleaned_data
    source = next((row for row in past if _name(row.round) == asked["marks"]), None)
    if source is None:
        size = {"proposals": asked["proposals"], "jurors": asked["jurors"]}
        return Trial(synthetic_round(rules, seed=asked["seed"], **size))
    given, titles = past_round(source)
    paired = pairings(rules, parsed(source))
    return Trial(transferred(given, paired), titles, paired)


def _found(trial: Trial, before: Rules, after: Rules) -> dict[str, Any]:
    """Return what the page says of both standings."""
    moves: tuple[Move, ...] = compare(Side.of(before, trial.given), Side.of(after, trial.given))
    return {
        "rows": in_words(moves, after, trial.titles),
        "changed": sum(move.cause is not None for move in moves),
        "total": len(moves),
        "winners": winners_in_words(moves, trial.titles),
        "paired": paired_in_words(trial.paired),
    }


def _use(asked: QueryDict, chosen: RuleSet, visit: Visit) -> str:
    """Return where the changed rules can be used, empty for who may not."""
    if not may_change_rules(visit.call, visit.roles, visit.now):
        return ""
    round_ = chosen.round
    address = reverse("organise-change-rules", args=[visit.call.code, round_.category.code, round_.code])
    return f"{address}?{asked.urlencode()}"
