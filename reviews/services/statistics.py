"""The statistics of a ranking, computed in the background once it stands, and kept beside it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import transaction

from common import outbox
from common.models import Run
from contests.models import Proposal, Round
from engine.document import json_of, standing_from_json
from engine.numbers import decimal_text
from engine.outcomes import AdvanceByCount
from engine.rules import Rules
from reviews.models import Juror, Ranking, Tally
from reviews.queries.ranking import offered_in
from reviews.services.aggregation import MEASURE, Snapshot, read_snapshot

if TYPE_CHECKING:
    from engine.statistics import Statistics

NO_INTERVAL: dict[str, object] = {"low": None, "high": None, "in_top": "", "calibrated": "", "zone": False}


@outbox.handles(MEASURE, leases=4)
def measure(payload: Mapping[str, Any], now: datetime) -> None:
    """Do the work of a round's marker."""
    measure_round(Round.objects.select_related("category__call").get(pk=payload["round"]), now=now)


def measure_round(round_: Round, *, now: datetime) -> "Statistics | None":
    """Compute the statistics of a round's current ranking and keep them; None if it has them, or a newer one is due."""
    ranking = Ranking.records.filter(round=round_, current=True, statistics__isnull=True).first()
    if ranking is None:
        return None
    run = Run.objects.create(kind=MEASURE, scope=f"round:{round_.pk}", started_at=now)
    snapshot = read_snapshot(round_)
    if snapshot.fingerprint != ranking.fingerprint:
        outcome, found = "overtaken", None  # the ranking that takes its place asks again
    else:
        found = _compute(round_, snapshot, ranking)
        outcome = "kept" if keep_statistics(ranking, found) else "overtaken"
    Run.objects.filter(pk=run.pk).update(ended_at=now, outcome=outcome, facts={"version": ranking.version})
    return found


def _compute(round_: Round, snapshot: Snapshot, ranking: Ranking) -> "Statistics":
    from engine.statistics import statistics  # noqa: PLC0415 - it brings numpy and scipy, which only workers need

    top = places_that_count(round_, snapshot.rules)
    jurors = Juror.records.filter(call=round_.category.call).exclude(region="")
    found = statistics(
        snapshot.rules,
        snapshot.inputs,
        standing_from_json(ranking.standing),
        top=top or 1,
        regions=dict(jurors.values_list("code", "region")),
        seed=ranking.fingerprint,
    )
    return found if top else replace(found, top=0, zone=())


def places_that_count(round_: Round, rules: Rules) -> int:
    """Return how many places win something: those of the round's prizes, else those that advance, else 0."""
    advancing = rules.advance.count if isinstance(rules.advance, AdvanceByCount) and not rules.advance.per else 0
    return offered_in(round_) or advancing


def keep_statistics(ranking: Ranking, found: "Statistics") -> bool:
    """Keep the statistics of a ranking, unless another one is current by now or they are kept already."""
    whole = json_of(replace(found, proposals=()))
    places = {row["code"]: row["place"] for row in ranking.standing["rows"]}
    whole["zone_places"] = [places[found.zone[0]], places[found.zone[-1]]] if found.zone else []
    mine = Ranking.records.filter(pk=ranking.pk, current=True, statistics__isnull=True)
    with transaction.atomic():
        if not mine.update(severities=whole.pop("jurors"), statistics=whole):
            return False
        _keep_columns(ranking.round_id, found)
    return True


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
