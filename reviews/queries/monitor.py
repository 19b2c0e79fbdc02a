"""The chair's monitor: how far the jury agrees, and how each juror scores, from the statistics kept with a ranking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.visibility import visible_fields
from contests.models import Round
from reviews.models import Juror, Ranking
from reviews.queries.organise import Visit


@dataclass(frozen=True, slots=True)
class Monitor:
    """The statistics of a round, as `engine.statistics` describes them, with the jurors' names and pace.

    version: of the ranking they were computed from · statistics: the document without what is single jurors' ·
    jurors: one mapping a juror, the most severe first, with `engine.pace`'s minutes and drift.
    """

    version: int
    statistics: Mapping[str, Any]
    jurors: Sequence[Mapping[str, Any]]


def may_monitor(visit: Visit) -> bool:
    """Say whether the table lets the visitor see how jurors score in this phase."""
    return "jurors" in visible_fields(visit.roles, "monitor", visit.phase, ())


def monitor_of(round_: Round) -> Monitor | None:
    """Return the monitor of a round; None while there are no statistics."""
    rows = Ranking.records.filter(round=round_, current=True, statistics__isnull=False)
    ranking = rows.defer("standing").first()
    if ranking is None or ranking.statistics is None or ranking.measured is None:
        return None
    call = round_.category.call_id
    names = {juror.code: str(juror) for juror in Juror.records.filter(call=call).only("code", "name")}
    jurors = [{**row, "name": names.get(row["juror"], row["juror"])} for row in ranking.severities]
    return Monitor(ranking.measured, ranking.statistics, sorted(jurors, key=by_severity))


def by_severity(row: Mapping[str, Any]) -> tuple[bool, float, str]:
    """Order jurors from the most severe to the most generous, those of whom too little is known last."""
    return row["severity"] is None, row["severity"] or 0, row["juror"]
