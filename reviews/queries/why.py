"""Why this number: the engine's explanation of one proposal's row, with the names that its readers know."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from common.visibility import visible_fields
from contests.models import Proposal, Round
from engine.document import standing_from_json
from engine.explain import Explanation, explain
from engine.rules import Rules
from reviews.models import Assignment, Juror, Ranking, Tally
from reviews.queries.inputs import inputs_of
from reviews.queries.organise import Visit
from reviews.queries.ranking import Head, head_of, rounds_of
from reviews.queries.rules import parsed


@dataclass(frozen=True, slots=True)
class Why:
    """An explanation and what its page says around it. `names` are jurors by code, `titles` proposals by code."""

    round: Round
    head: Head
    rules: Rules
    explanation: Explanation
    proposal_id: UUID
    title: str
    organisation: str
    assigned: int
    names: Mapping[str, str]
    titles: Mapping[str, str]


def why(visit: Visit, proposal_id: UUID, code: str = "") -> Why | None:
    """Explain a proposal's row in the round asked for, else in the last that ranks it; None where nothing is to be seen.

    It is recomputed from what the ranking was computed from, so it cannot say anything else than the ranking does.
    """
    if "explanation" not in visible_fields(visit.roles, "ranking", visit.phase, ()):
        return None
    rows = Tally.records.filter(proposal_id=proposal_id, position__isnull=False).values_list("round_id", flat=True)
    ranked = set(rows)
    rounds = [each for each in rounds_of(visit.call) if each.pk in ranked and code in {"", each.code}]
    if not rounds:
        return None
    round_ = rounds[-1]
    ranking = Ranking.records.select_related("rule_set").get(round=round_, current=True)
    head = head_of(round_)
    assert head is not None  # noqa: S101 - the ranking was just read
    proposal = Proposal.records.select_related("organisation").get(pk=proposal_id)
    rules = parsed(ranking.rule_set)
    round_.category.call = visit.call
    explanation = explain(rules, inputs_of(round_, rules), standing_from_json(ranking.standing), proposal.code)
    tied = {code for tie in explanation.ties for code in tie.values}
    return Why(
        round=round_,
        head=head,
        rules=rules,
        explanation=explanation,
        proposal_id=proposal.pk,
        title=proposal.title,
        organisation=str(proposal.organisation or ""),
        assigned=Assignment.records.filter(
            round=round_, proposal=proposal, state=Assignment.State.ASSIGNED
        ).count(),
        names={juror.code: str(juror) for juror in Juror.records.filter(call=visit.call)},
        titles=dict(Proposal.records.filter(call=visit.call, code__in=tied).values_list("code", "title")),
    )
