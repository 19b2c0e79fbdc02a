"""What must never be true in judging."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q

from common.invariants import invariant
from contests.models import Round
from engine.document import standing_from_json
from engine.scoring import score
from engine.types import PLACED
from reviews.models import Assignment, Ballot, Chain, Conflict, Ranking, Tally
from reviews.queries.rules import rules_of_round
from reviews.services.aggregation import read_snapshot
from reviews.services.ballots import check_marks
from reviews.services.ledger import breach_of


@invariant
def no_juror_in_conflict_is_assigned() -> Iterable[str]:
    """A conflict and an assignment that holds never meet."""
    conflict = Conflict.records.filter(juror=OuterRef("juror"), proposal=OuterRef("proposal"))
    rows = Assignment.records.filter(Exists(conflict), state=Assignment.State.ASSIGNED)
    return (f"assignment {pk}" for pk in rows.values_list("pk", flat=True))


@invariant
def every_chain_verifies() -> Iterable[str]:
    """Each ledger is whole: every hash follows, and the head is the last."""
    return (breach for chain in Chain.objects.all() if (breach := breach_of(chain)))


@invariant
def every_mark_is_on_its_scale() -> Iterable[str]:
    """No mark is off its criterion's scale, however it was written."""
    for ballot in Ballot.records.select_related("assignment"):
        try:
            check_marks(rules_of_round(ballot.assignment.round_id), ballot.marks)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it is the breach
            yield f"ballot {ballot.pk}: {error}"


@invariant
def a_current_ranking_equals_a_full_recount() -> Iterable[str]:
    """A ranking that read all of the ledger is what its inputs give, and so are the kept columns."""
    for ranking in Ranking.records.filter(current=True).select_related("round__category__call", "chain"):
        snapshot = read_snapshot(ranking.round)
        if snapshot.chain.sequence != ranking.sequence:
            continue  # a newer one is being computed
        standing = score(snapshot.rules, snapshot.inputs)
        if standing != standing_from_json(ranking.standing):
            yield f"ranking {ranking.pk}"
        yield from _stale_columns(ranking.round, {row.code: (row.score_text, row.place) for row in standing.rows})


@invariant
def kept_statistics_are_those_of_their_ranking() -> Iterable[str]:
    """Statistics of a ranking that still stands lie within its places, and say nothing of who has none."""
    for ranking in Ranking.records.filter(current=True, measured=F("version")).defer("standing"):
        placed = ranking.counts.get(PLACED, 0)
        wrong = Q(low__isnull=False) & (Q(place__isnull=True) | Q(high__gt=placed))
        for code in Tally.records.filter(wrong, round_id=ranking.round_id).values_list("proposal__code", flat=True):
            yield f"statistics of {code} in round {ranking.round_id}"


def _stale_columns(round_: Round, expected: dict[str, tuple[str, int | None]]) -> Iterable[str]:
    kept = Tally.records.filter(round=round_).exclude(status="").values_list("proposal__code", "score", "place")
    found = {code: (text, place) for code, text, place in kept}
    return (
        f"tally of {code} in round {round_.pk}"
        for code in found.keys() ^ expected.keys()
        | {code for code in found.keys() & expected.keys() if found[code] != expected[code]}
    )
