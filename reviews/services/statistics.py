"""The statistics of a ranking, computed in the background once it stands, and kept beside it.

A run reads the round as the ranking does and keeps what it finds under the version that it read: a replay is a no-op,
and who read an older version gives way to who read a newer one. While ballots pour in, a run may end when its ranking
has been replaced already: what it found still stands beside the new one, until there is something newer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from common import outbox
from common.models import Run
from contests.models import Proposal, Round
from engine.document import json_of
from engine.numbers import decimal_text
from engine.outcomes import AdvanceByCount
from engine.pace import Reading, paces
from engine.rules import Rules
from engine.scoring import score
from engine.types import Standing
from reviews.models import Juror, Ranking, Tally
from reviews.queries.inputs import complete_ballots, plain_total
from reviews.queries.ranking import offered_in
from reviews.services.aggregation import MEASURE, Snapshot, keep_ranking, read_snapshot

if TYPE_CHECKING:
    from engine.statistics import Statistics

NO_INTERVAL: dict[str, object] = {"low": None, "high": None, "in_top": "", "calibrated": "", "zone": False}


@outbox.handles(MEASURE, leases=6, patient=True)
def measure(payload: Mapping[str, Any], now: datetime) -> None:
    """Do the work of a round's marker."""
    measure_round(Round.objects.select_related("category__call").get(pk=payload["round"]), now=now)


def measure_round(round_: Round, *, now: datetime) -> str:
    """Compute the statistics of a round as it stands, keep them, and return what became of them."""
    snapshot = read_snapshot(round_)
    standing = score(snapshot.rules, snapshot.inputs)
    ranking, _outcome = keep_ranking(round_, snapshot, standing, now=now)
    if ranking is None or ranking.fingerprint != snapshot.fingerprint:
        return "overtaken"
    if ranking.measured == ranking.version:
        return "unchanged"
    run = Run.objects.create(kind=MEASURE, scope=f"round:{round_.pk}", started_at=now)
    found = _compute(round_, snapshot, standing)
    outcome = "kept" if keep_statistics(ranking, standing, found, pace=_pace(round_, snapshot)) else "overtaken"
    Run.objects.filter(pk=run.pk).update(ended_at=now, outcome=outcome, facts={"version": ranking.version})
    return outcome


def _compute(round_: Round, snapshot: Snapshot, standing: Standing) -> "Statistics":
    from engine.statistics import statistics  # noqa: PLC0415 - it brings numpy and scipy, which only workers need

    top = places_that_count(round_, snapshot.rules)
    jurors = Juror.records.filter(call=round_.category.call).exclude(region="")
    found = statistics(
        snapshot.rules,
        snapshot.inputs,
        standing,
        top=top or 1,
        regions=dict(jurors.values_list("code", "region")),
        seed=snapshot.fingerprint,
    )
    return found if top else replace(found, top=0, zone=())


def _pace(round_: Round, snapshot: Snapshot) -> dict[str, Any]:
    """Return how quickly each juror went through the ballots, and whether their marks drifted, by code."""
    ballots = complete_ballots(round_.pk).order_by("completed_at", "pk")
    columns = ("assignment__juror__code", "assignment__proposal__code", "completed_at", "marks")
    readings = [
        Reading(juror, proposal, at, total)
        for juror, proposal, at, marks in ballots.values_list(*columns)
        if at is not None and (total := plain_total(snapshot.rules, marks)) is not None
    ]
    return {juror: json_of(pace) for juror, pace in paces(readings).items()}


def places_that_count(round_: Round, rules: Rules) -> int:
    """Return how many places win something: those of the round's prizes, else those that advance, else 0."""
    advancing = rules.advance.count if isinstance(rules.advance, AdvanceByCount) and not rules.advance.per else 0
    return offered_in(round_) or advancing


def keep_statistics(
    ranking: Ranking, standing: Standing, found: "Statistics", *, pace: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Keep the statistics of a ranking beside the current one of its round, unless those of a later one are there."""
    found = replace(found, zone=()) if not 0 < (left := places_left(standing, found)) < len(found.zone) else found
    whole = json_of(replace(found, proposals=()))
    places = [row.place for row in standing.rows if row.code in found.zone]
    whole |= {"zone_places": [places[0], places[-1]] if places else [], "left": left}
    severities = [{**juror, **pace.get(juror["juror"], {})} for juror in whole.pop("jurors")]
    current = Ranking.records.filter(round=ranking.round_id, current=True, version__gte=ranking.version)
    older = Q(measured=None) | Q(measured__lte=ranking.version)
    with transaction.atomic():
        if not current.filter(older).update(severities=severities, statistics=whole, measured=ranking.version):
            return False
        _keep_columns(ranking.round_id, found)
    return True


def places_left(standing: Standing, found: "Statistics") -> int:
    """Return how many of the places that count are left to the tie zone by those who stand above it."""
    above = [row for row in standing.rows if row.position and row.position <= found.top and row.code not in found.zone]
    return found.top - len(above)


def _keep_columns(round_id: int, found: "Statistics") -> None:
    """Copy each proposal's numbers into its tally, from which lists read."""
    category = Round.objects.values_list("category_id", flat=True).get(pk=round_id)
    ids = dict(Proposal.records.filter(category_id=category).values_list("code", "pk"))
    Tally.records.filter(round_id=round_id, low__isnull=False).update(**NO_INTERVAL)
    Tally.records.bulk_create(
        [
            Tally(
                round_id=round_id,
                proposal_id=ids[each.code],
                low=each.low,
                high=each.high,
                in_top=shown(each.in_top, 3) if found.top else "",
                calibrated=shown(each.calibrated, 2),
                zone=each.code in found.zone,
            )
            for each in found.proposals
        ],
        update_conflicts=True,
        unique_fields=["round", "proposal"],
        update_fields=list(NO_INTERVAL),
        batch_size=2000,
    )


def shown(value: float, places: int) -> str:
    """Return a statistic as decimal text."""
    return decimal_text(Fraction(value), places)
