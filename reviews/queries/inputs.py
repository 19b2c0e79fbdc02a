"""Reading a round for the engine: rows in, the engine's own plain data out."""

from collections import Counter
from fractions import Fraction
from uuid import UUID

from django.db.models import QuerySet

from contests.models import Proposal, Round
from engine import types
from engine.document import standing_from_json
from engine.ledger import canonical
from engine.numbers import number
from engine.package.faults import PROPOSALS
from engine.package.tables import TABLES
from engine.rules import PAIRWISE, Rules
from engine.scoring import scores_on_hundred
from engine.types import RoundInput, Standing
from reviews.models import Assignment, Ballot, Comparison, Evidence, Ranking, Ruling
from reviews.queries.rules import rules_of_round

_SHARED = frozenset(TABLES[PROPOSALS].columns)


def inputs_of(round_: Round, rules: Rules, only: frozenset[str] | None = None) -> RoundInput:
    """Read all that people gave in a round, or gave to some proposals `only`, asking for no more than the rules read.

    Ballots of jurors who recused themselves, or are in conflict, do not count.
    """
    earlier = _earlier_standing(round_) if round_.position else None
    advancing = None if earlier is None else frozenset(earlier.advancing)
    rows = submitted().filter(category_id=round_.category_id)
    proposals = [
        plain_proposal(row)
        for row in (rows if only is None else rows.filter(code__in=only))
        if advancing is None or row.code in advancing
    ]
    listed = {proposal.code for proposal in proposals}
    ties = {rule.text for rule in rules.ties}
    rulings = list(Ruling.records.filter(round=round_).values_list("kind", "proposal__code", "place"))
    return RoundInput(
        category=round_.category.code,
        round=round_.code,
        proposals=tuple(proposals),
        ballots=tuple(ballot for ballot in ballots_of(round_, only) if ballot.proposal in listed),
        comparisons=tuple(_comparisons(round_, listed)) if rules.entry == PAIRWISE else (),
        facts=_facts(round_, listed) if rules.facts else {},
        votes=_votes(round_, listed) if rules.public or "public" in ties else {},
        chair={code: place for kind, code, place in rulings if kind == Ruling.Kind.TIE and place is not None},
        advanced=frozenset(code for kind, code, _place in rulings if kind == Ruling.Kind.ADVANCE),
        carried=_carried(round_, rules.carry.round) if rules.carry else {},
        assigned=_assigned(round_, only),
        draw_seed=round_.category.call.draw_seed,
    )


def submitted() -> QuerySet[Proposal]:
    """Return the proposals that were submitted, whatever became of them."""
    return Proposal.records.filter(state__in=types.STATES).select_related("organisation")


def plain_proposal(row: Proposal) -> types.Proposal:
    """Return a submitted proposal as the engine takes it."""
    return types.Proposal(
        code=row.code,
        state=row.state,
        submitted_at=row.submitted_at,
        ask=number(row.ask) if row.ask else None,
        organisation=row.organisation.name if row.organisation else "",
        region=row.region,
        themes=tuple(theme for theme in row.themes.split(";") if theme),
        answers={"applicant": row.applicant_name, "title": row.title}
        | dict(answer_column(name, value) for name, value in row.answers.items()),
    )


def answer_column(name: str, value: object) -> tuple[str, str]:
    """Return an answer as a further column of a package's proposals, whose name is no other column's."""
    return (
        f"answer-{name}" if name in _SHARED or not name.strip() else name,
        value if isinstance(value, str) else canonical(value),
    )


def complete_ballots(round_id: int) -> QuerySet[Ballot]:
    """Return the ballots of a round that count."""
    return Ballot.records.filter(
        assignment__round_id=round_id, assignment__state=Assignment.State.ASSIGNED, state=Ballot.State.COMPLETE
    )


def ballots_of(round_: Round, only: frozenset[str] | None = None) -> list[types.Ballot]:
    """Return the complete ballots of a round, or of some proposals `only`, as the engine takes them."""
    rows = complete_ballots(round_.pk)
    if only is not None:
        rows = rows.filter(assignment__proposal__code__in=only)
    columns = ("assignment__juror__code", "assignment__proposal__code", "marks")
    return [types.Ballot(juror, proposal, _numbers(marks)) for juror, proposal, marks in rows.values_list(*columns)]


def _numbers(marks: dict[str, str | None]) -> dict[str, types.Number | None]:
    return {code: None if mark is None else number(mark) for code, mark in marks.items()}


def ballot_totals(rules: Rules, round_id: int, proposal_id: UUID) -> list[Fraction]:
    """Return each juror's plain weighted total on one proposal, abstentions left out: a statistic."""
    rows = complete_ballots(round_id).filter(assignment__proposal_id=proposal_id)
    return [total for marks in rows.values_list("marks", flat=True) if (total := plain_total(rules, marks)) is not None]


def plain_total(rules: Rules, marks: dict[str, str | None]) -> Fraction | None:
    """Return a juror's plain weighted total over the criteria they answered, stretched to all weights; a statistic."""
    answered = [
        (criterion, number(mark)) for criterion in rules.judged if (mark := marks.get(criterion.code)) is not None
    ]
    weights = sum((criterion.weight for criterion, _mark in answered), Fraction(0))
    if not weights:
        return None
    whole = sum((criterion.weight for criterion in rules.judged), Fraction(0))
    reach = [
        criterion.scale.maximum if rules.points == "coefficient" and criterion.scale else 1
        for criterion, _m in answered
    ]
    points = sum((mark * c.weight / top for (c, mark), top in zip(answered, reach, strict=True)), Fraction(0))
    return points * whole / weights


def _comparisons(round_: Round, listed: set[str]) -> list[types.Comparison]:
    rows = Comparison.records.filter(round=round_).values_list(
        "juror__code", "criterion", "preferred__code", "other__code", "degree"
    )
    found = [types.Comparison(*row) for row in rows]
    return [pair for pair in found if pair.preferred in listed and pair.other in listed]


def _facts(round_: Round, listed: set[str]) -> dict[tuple[str, str], str]:
    rows = Evidence.records.filter(proposal__category_id=round_.category_id).exclude(criterion="")
    columns = rows.values_list("proposal__code", "criterion", "value")
    return {(code, criterion): value for code, criterion, value in columns if code in listed}


def _votes(round_: Round, listed: set[str]) -> dict[str, Fraction]:
    rows = Evidence.records.filter(round=round_, criterion="").values_list("proposal__code", "value")
    return {code: number(value) for code, value in rows if code in listed}


def _assigned(round_: Round, only: frozenset[str] | None) -> dict[str, int]:
    rows = Assignment.records.filter(round=round_, state=Assignment.State.ASSIGNED)
    if only is not None:
        rows = rows.filter(proposal__code__in=only)
    return dict(Counter(rows.values_list("proposal__code", flat=True)))


def _earlier_standing(round_: Round) -> Standing | None:
    """Return the standing of the round before; None for a first round."""
    earlier = Round.objects.filter(category_id=round_.category_id, position__lt=round_.position)
    before = earlier.order_by("-position").first()
    return None if before is None else _standing(before)


def _standing(round_: Round) -> Standing:
    ranking = Ranking.records.filter(round=round_, current=True).first()
    return standing_from_json(ranking.standing) if ranking else Standing("", "", ())


def _carried(round_: Round, code: str) -> dict[str, Fraction]:
    """Return the scores on 0-100 that an earlier round of the category brings in."""
    source = Round.objects.filter(category_id=round_.category_id, position__lt=round_.position, code=code).first()
    if source is None:
        return {}
    source.category = round_.category
    rules = rules_of_round(source.pk)
    return scores_on_hundred(rules, inputs_of(source, rules), _standing(source))
