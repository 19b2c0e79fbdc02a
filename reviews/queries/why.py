"""Why this number: the engine's explanation of one proposal's row, with the names that its readers know."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from common.visibility import visible_fields
from contests.models import Proposal, Round
from engine.combine import MarksMethod
from engine.document import standing_from_json
from engine.explain import Explanation, explain
from engine.rules import Rules
from engine.types import Standing
from reviews.models import Juror, Ranking, Tally
from reviews.queries.inputs import inputs_of
from reviews.queries.organise import Visit
from reviews.queries.ranking import Head, head_from
from reviews.queries.rules import parsed


@dataclass(frozen=True, slots=True)
class Why:
    """An explanation and what its page says around it. `names` are jurors by code, `titles` proposals by code.

    The tally has the statistics beside the number.
    """

    round: Round
    head: Head
    rules: Rules
    explanation: Explanation
    tally: Tally
    proposal_id: UUID
    title: str
    organisation: str
    names: Mapping[str, str]
    titles: Mapping[str, str]


def why(visit: Visit, proposal_id: UUID, code: str = "") -> Why | None:
    """Explain a proposal's row in the round asked for, else in the last that ranks it; None where nothing is visible.

    It is recomputed from what the ranking was computed from, so it cannot say anything else than the ranking does.
    """
    if "explanation" not in visible_fields(visit.roles, "ranking", visit.phase, ()):
        return None
    rows = Tally.records.filter(round__category__call=visit.call, proposal=proposal_id, position__isnull=False)
    rows = rows.filter(round__code=code) if code else rows
    tally = rows.select_related("round__category", "proposal__organisation").order_by("round__position", "pk").last()
    if tally is None:
        return None
    round_, proposal = tally.round, tally.proposal
    round_.category.call = visit.call
    ranking = Ranking.records.select_related("rule_set").get(round=round_, current=True)
    rules = parsed(ranking.rule_set)
    standing, only = _needed(rules, ranking, proposal.code)
    inputs = inputs_of(round_, rules, only)
    explanation = explain(rules, inputs, standing, proposal.code)
    tied = {code for tie in explanation.ties for code in tie.values} - {proposal.code}
    return Why(
        round=round_,
        head=head_from(ranking),
        rules=rules,
        explanation=explanation,
        tally=tally,
        proposal_id=proposal.pk,
        title=proposal.title,
        organisation=str(proposal.organisation or ""),
        names={juror.code: str(juror) for juror in Juror.records.filter(call=visit.call)},
        titles=dict(Proposal.records.filter(call=visit.call, code__in=tied).values_list("code", "title"))
        if tied
        else {},
    )


def _needed(rules: Rules, ranking: Ranking, code: str) -> tuple[Standing, frozenset[str] | None]:
    """Return as much of the standing as an explanation reads, and whose ballots, None for everybody's.

    Where marks are combined proposal by proposal, only those with the same score matter: the tie is between them.
    """
    document = ranking.standing
    if not isinstance(rules.combine, MarksMethod) or rules.facts or rules.public:
        return standing_from_json(document), None
    score = next(row["score"] for row in document["rows"] if row["code"] == code)
    rows = [row for row in document["rows"] if row["code"] == code or (score is not None and row["score"] == score)]
    return standing_from_json({**document, "rows": rows}), frozenset(row["code"] for row in rows)
