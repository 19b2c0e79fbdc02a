"""Whatever round a caller can build, a rule set that parses scores it; what is odd is left out, and nothing raises."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.document import json_of
from engine.explain import explanations
from engine.ledger import canonical
from engine.rules import parse_rules
from engine.scoring import fingerprint, score, scores_on_hundred
from engine.types import Ballot, Comparison, Proposal, RoundInput
from tests.engine.build import a_round, columns, judged, order, preferences, quantity, rules, scores, standing_of
from tests.engine.rounds import a_case, size

NUMBERS: list[Any] = [0, -1, -3, 10**40, Decimal("0.000000000000000000000000000001"), Decimal(10), Fraction(-7, 3),
                      Fraction(10**40, 3), Decimal("1E+40")]  # fmt: skip
CODES = ["p0", "p1", "p2", "stranger", "", "j0", "n0", "ω"]
TEXTS = ["", "0", "-1", "abc", "9" * 30, "9" * 31, "1e3", "yes", "0." + "0" * 29 + "1"]


def odd_ballot(rng: Random) -> Ballot:
    marks = {rng.choice(["j0", "j1", "j2", "q", "stranger"]): rng.choice([None, *NUMBERS]) for _ in range(3)}
    return Ballot(rng.choice(CODES), rng.choice(CODES), marks)


def odd_proposal(rng: Random) -> Proposal:
    return Proposal(
        rng.choice(CODES),
        state=rng.choice(["admitted", "excluded", "withdrawn", "lost"]),
        submitted_at=rng.choice([None, datetime(2024, 5, 1), datetime(2024, 5, 2)]),  # noqa: DTZ001 - without an offset
        ask=rng.choice([None, Fraction(-1), Fraction(0), Fraction(10**40)]),
        organisation=rng.choice(CODES),
    )


def odd(found: RoundInput, rng: Random) -> RoundInput:
    """Spoil a round in one to four ways."""
    changes: list[dict[str, Any]] = [
        {"proposals": ()},
        {"proposals": tuple(replace(each, state="excluded") for each in found.proposals)},
        {"proposals": (*found.proposals, *(odd_proposal(rng) for _ in range(3)))},
        {"ballots": ()},
        {"ballots": (*found.ballots, *(odd_ballot(rng) for _ in range(8)))},
        {"ballots": tuple(replace(each, marks={}) for each in found.ballots)},
        {"ballots": tuple(replace(each, marks=dict.fromkeys(each.marks, -5)) for each in found.ballots)},
        {"ballots": tuple(replace(each, marks=dict.fromkeys(each.marks, 0)) for each in found.ballots)},
        {"comparisons": tuple(replace(each, degree=rng.choice([-1, 0, 1, 7, 10**9])) for each in found.comparisons)},
        {"comparisons": tuple(replace(each, other=rng.choice(CODES)) for each in found.comparisons)},
        {"comparisons": (*found.comparisons, Comparison("n0", "j0", "p0", "p0", 3), Comparison("", "x", "", "y", 1))},
        {"facts": {}},
        {"facts": {key: rng.choice(TEXTS) for key in [*found.facts, ("stranger", "q"), ("p0", "stranger")]}},
        {"votes": {code: rng.choice(NUMBERS) for code in CODES}},
        {"votes": {}},
        {"chair": dict.fromkeys(CODES, rng.choice([-1, 0, 1, 10**9]))},
        {"advanced": frozenset(CODES)},
        {"carried": {code: Fraction(rng.choice(NUMBERS)) for code in CODES}},
        {"assigned": {code: rng.choice([0, -1, 1, 10**9]) for code in CODES}},
        {"category": "", "round": "", "draw_seed": ""},
    ]
    for change in rng.sample(changes, rng.choice([1, 2, 3, 4])):
        found = replace(found, **change)
    return found


@settings(max_examples=size(300, 10000), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=10**9))
def test_any_round_has_a_standing_that_can_be_kept_and_explained(seed: int) -> None:
    document, found = a_case(seed)
    given = odd(found, Random(seed))
    ruling = parse_rules(document)
    standing = score(ruling, given)
    assert sorted(row.code for row in standing.rows) == sorted({each.code for each in given.proposals})
    canonical(json_of(standing)).encode()
    for why in explanations(ruling, given, standing):
        canonical(json_of(why)).encode()
    scores_on_hundred(ruling, given, standing)
    fingerprint(document, given)


@pytest.mark.parametrize("degree", [-1, 0, 7])
def test_a_degree_that_does_not_exist_is_a_pair_not_compared(degree: int) -> None:
    said = preferences({"c1": {"AB": "A2", "AC": "A6", "BC": "B2"}, "c2": {"AB": "A2", "AC": "A6"}})
    given = RoundInput(
        "cat", "r1", tuple(map(Proposal, "ABC")), comparisons=(*said, Comparison("c2", "c", "B", "C", degree))
    )
    standing = score(rules(judged("c"), entry="pairwise", combine={"method": "pairwise_eigenvector"}), given)
    assert [warning.code for warning in standing.warnings] == ["pairs_missing"]
    assert standing.rows[0].ballots == 1


def test_a_proposal_compared_with_itself_is_no_pair() -> None:
    said = preferences({"c1": {"AB": "A2", "AC": "A6", "BC": "B2"}})
    ruling = rules(judged("c"), entry="pairwise", combine={"method": "pairwise_sum"})

    def found(*more: Comparison) -> dict[str, str]:
        return scores(score(ruling, RoundInput("cat", "r1", tuple(map(Proposal, "ABC")), comparisons=(*said, *more))))

    assert found(Comparison("c1", "c", "C", "C", 6)) == found()


def test_a_moment_without_offset_is_no_instant_and_comes_last() -> None:
    entries = (
        Proposal("X", submitted_at=datetime(2013, 9, 30)),  # noqa: DTZ001 - that is the case
        Proposal("Y", submitted_at=datetime(2013, 10, 1, tzinfo=UTC)),
    )
    given = columns(["a"], {"X": "7", "Y": "7"})
    assert order(standing_of(rules(judged("a"), ties=["earliest"]), given, proposals=entries)) == "Y X"


def test_nobody_admitted_means_nobody_placed() -> None:
    given = a_round(columns(["a"], {"X": "7"}), proposals=(Proposal("X", "withdrawn"),))
    ruling = rules(judged("a"), quantity("q"), rescale={"criterion": True, "total": True}, advance={"count": 1})
    assert [row.place for row in score(ruling, given).rows] == [None]
