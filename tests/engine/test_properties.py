"""What is true of any round, each with the rules for which it is true."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.combine import Median
from engine.document import json_of, standing_from_json
from engine.explain import explain
from engine.ledger import canonical
from engine.package import PackageFaults, read_contest
from engine.rules import InvalidRules, parse_rules
from engine.scoring import fingerprint, score
from engine.types import Ballot, Comparison, Proposal, RoundInput, Standing
from tests.engine.build import a_round, columns, judged, order, rules
from tests.engine.packages import Document, encoded, full_plan, plan
from tests.engine.packages import a_round as a_turn
from tests.engine.rounds import a_case, size
from tests.engine.test_package import SCHEMA

seeds = st.integers(min_value=0, max_value=10**9)
often = settings(max_examples=size(150, 5000), deadline=None, suppress_health_check=list(HealthCheck))


def computed(seed: int) -> tuple[Document, RoundInput, Standing]:
    document, found = a_case(seed)
    return document, found, score(parse_rules(document), found)


def turned(found: RoundInput, rng: Random) -> RoundInput:
    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(rng.sample(items, len(items)))

    ballots = [
        replace(each, marks=dict(rng.sample(list(each.marks.items()), len(each.marks)))) for each in found.ballots
    ]
    return replace(
        found,
        proposals=mixed(found.proposals),
        ballots=mixed(tuple(ballots)),
        comparisons=mixed(found.comparisons),
        facts=dict(mixed(tuple(found.facts.items()))),
        votes=dict(mixed(tuple(found.votes.items()))),
    )


@often
@given(seeds)
def test_the_order_of_input_never_matters(seed: int) -> None:
    document, found, standing = computed(seed)
    other = turned(found, Random(seed))
    assert score(parse_rules(document), other) == standing
    assert fingerprint(document, other) == fingerprint(document, found)


@often
@given(seeds)
def test_the_same_bytes_come_out_twice_and_survive_being_kept(seed: int) -> None:
    document, found, standing = computed(seed)
    kept = canonical(json_of(standing))
    assert canonical(json_of(score(parse_rules(document), found))) == kept
    assert standing_from_json(json.loads(kept)) == standing


BYTES = """
from hashlib import sha256
from engine.document import json_of
from engine.ledger import canonical
from engine.rules import parse_rules
from engine.scoring import fingerprint, score
from tests.engine.rounds import a_case
found = sha256()
for seed in range(150):
    document, given = a_case(seed)
    found.update((canonical(json_of(score(parse_rules(document), given))) + fingerprint(document, given)).encode())
print(found.hexdigest())
"""


def test_the_same_bytes_come_out_whatever_seed_the_hashes_of_a_run_have() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", BYTES], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        for seed in ("0", "1", "4294967295")
    ]
    assert len({run.stdout for run in runs}) == 1


@often
@given(seeds)
def test_renaming_proposals_and_jurors_changes_nothing_but_the_draw(seed: int) -> None:
    document, found, _ = computed(seed)
    document = {**document, "ties": [tie for tie in document["ties"] if tie != "draw"]}
    # Places within a shared place follow the codes, so the new names keep their order.
    new = {each.code: f"x{each.code}" for each in found.proposals}
    named = replace(
        found,
        proposals=tuple(replace(each, code=new[each.code]) for each in found.proposals),
        ballots=tuple(Ballot(f"y{each.juror}", new[each.proposal], each.marks) for each in found.ballots),
        comparisons=tuple(
            Comparison(f"y{each.juror}", each.criterion, new[each.preferred], new[each.other], each.degree)
            for each in found.comparisons
        ),
        facts={(new[code], criterion): value for (code, criterion), value in found.facts.items()},
        votes={new[code]: votes for code, votes in found.votes.items()},
        chair={new[code]: place for code, place in found.chair.items()},
        advanced=frozenset(new[code] for code in found.advanced),
        carried={new[code]: value for code, value in found.carried.items()},
        assigned={new[code]: count for code, count in found.assigned.items()},
    )
    ruling = parse_rules(document)
    before = [replace(row, code=new[row.code]) for row in score(ruling, found).rows]
    assert list(score(ruling, named).rows) == before


@often
@given(seeds)
def test_whatever_the_new_names_nobody_changes_place(seed: int) -> None:
    """True without the draw, which hashes codes; who is funded inside a shared place follows the code too."""
    document, found, _ = computed(seed)
    document = {**document, "ties": [tie for tie in document["ties"] if tie != "draw"]}
    codes = [each.code for each in found.proposals]
    new = dict(zip(codes, Random(seed).sample(codes, len(codes)), strict=True))

    def keyed(values: Mapping[str, Any]) -> dict[str, Any]:
        return {new[code]: value for code, value in values.items()}

    named = replace(
        found,
        proposals=tuple(replace(each, code=new[each.code]) for each in found.proposals),
        ballots=tuple(replace(each, proposal=new[each.proposal]) for each in found.ballots),
        comparisons=tuple(
            replace(each, preferred=new[each.preferred], other=new[each.other]) for each in found.comparisons
        ),
        facts={(new[code], criterion): value for (code, criterion), value in found.facts.items()},
        votes=keyed(found.votes),
        chair=keyed(found.chair),
        advanced=frozenset(keyed(dict.fromkeys(found.advanced))),
        carried=keyed(found.carried),
        assigned=keyed(found.assigned),
    )

    def places(given: RoundInput) -> dict[str, Any]:
        rows = score(parse_rules(document), given).rows
        return {row.code: (row.status, row.place, row.score, row.decided_by, row.advances) for row in rows}

    assert places(named) == keyed(places(found))


@often
@given(seeds)
def test_places_are_consistent_with_scores(seed: int) -> None:
    document, _, standing = computed(seed)
    placed = [row for row in standing.rows if row.status == "placed"]
    assert [row.position for row in placed] == list(range(1, len(placed) + 1))
    lower = document["entry"] == "ranking" and "public" not in document
    lower = lower and document["combine"]["method"] not in {"borda", "rank_points"}
    for ahead, behind in pairwise(placed):
        assert ahead.place is not None
        assert behind.place is not None
        assert ahead.score is not None
        assert behind.score is not None
        assert ahead.place <= behind.place
        assert ahead.score <= behind.score if lower else ahead.score >= behind.score
        if ahead.place == behind.place:
            assert ahead.score == behind.score
            assert ahead.code < behind.code
        elif ahead.score == behind.score and document["combine"]["method"] != "majority_judgment":
            # Majority judgment parts equal grades by what is left when they are removed.
            assert ahead.decided_by
            assert behind.decided_by
    assert all(row.place is None and row.position is None for row in standing.rows if row.status != "placed")


@often
@given(seeds, st.decimals(min_value="0.1", max_value=50, places=2))
def test_without_rounding_scaling_all_weights_changes_no_order(seed: int, factor: Decimal) -> None:
    """True without rounding, gates and tables, whose points are no weights, for methods without a width.

    A rescaled total is on the weights whatever its reach, so the public vote is left out there.
    """
    document, found, _ = computed(seed)
    if document["combine"]["method"] == "band_mean":
        document["combine"] = {"method": "mean"}
    document = {key: value for key, value in document.items() if key not in {"rounding", "gates", "advance", "carry"}}
    document["criteria"] = [each for each in document["criteria"] if each["kind"] != "table"]
    if document.get("rescale", {}).get("total"):
        document.pop("public", None)
    names = [each["code"] for each in document["criteria"]]
    document["ties"] = [tie for tie in document["ties"] if tie.partition(":")[2] in {"", *names}]
    scaled = deepcopy(document)
    for criterion in scaled["criteria"]:
        criterion["weight"] = str(Decimal(criterion["weight"]) * factor)
    assert order(score(parse_rules(scaled), found)) == order(score(parse_rules(document), found))


@often
@given(seeds, st.integers(min_value=0, max_value=40))
def test_without_rescaling_a_gate_never_changes_the_order_of_those_who_pass(seed: int, minimum: int) -> None:
    """True without rescaling, for methods and ties that look at one proposal at a time, and public share."""
    document, found, _ = computed(seed)
    alone = {"mean", "median", "lower_median", "trimmed_mean", "band_mean", "sum", "least_squares",
             "pairwise_sum", "pairwise_mean", "pairwise_eigenvector"}  # fmt: skip
    if document["combine"]["method"] not in alone:
        document["combine"] = {"method": "mean"}
    for key in ("rescale", "gates", "public"):
        document.pop(key, None)
    document["ties"] = [tie for tie in document["ties"] if tie not in {"wins", "head_to_head", "fewer_lows"}]
    gated = {**document, "gates": [{"on": "total", "minimum": str(minimum)}]}
    free = [row.code for row in score(parse_rules(document), found).rows if row.status == "placed"]
    passed = [row.code for row in score(parse_rules(gated), found).rows if row.status == "placed"]
    assert passed == [code for code in free if code in passed]


@often
@given(st.lists(st.integers(min_value=0, max_value=20), min_size=1, max_size=7))
def test_without_rounding_a_juror_who_marks_exactly_the_mean_changes_no_mean(halves: list[int]) -> None:
    marks = [Fraction(half, 2) for half in halves]
    mean = sum(marks, Fraction(0)) / len(marks)
    before = a_round(tuple(Ballot(f"j{at}", "X", {"a": mark}) for at, mark in enumerate(marks)))
    after = replace(before, ballots=(*before.ballots, Ballot("new", "X", {"a": mean})))
    ruling = rules(judged("a"))
    assert score(ruling, before).rows[0].score == score(ruling, after).rows[0].score


@given(st.lists(st.integers(min_value=0, max_value=20), min_size=1, max_size=9))
def test_half_of_the_marks_lie_on_each_side_of_the_median(halves: list[int]) -> None:
    middle = Median().combine(halves, 2)
    assert 2 * sum(Fraction(half, 2) <= middle for half in halves) >= len(halves)
    assert 2 * sum(Fraction(half, 2) >= middle for half in halves) >= len(halves)


@often
@given(seeds)
def test_every_row_can_be_explained_and_the_steps_end_at_the_score(seed: int) -> None:
    document, found, standing = computed(seed)
    ruling = parse_rules(document)
    for row in standing.rows:
        why = explain(ruling, found, standing, row.code)
        json.dumps(json_of(why))
        assert why.row == row
        if row.score is not None:
            assert why.steps[-1].value == row.score
            assert all(gate.passed for gate in why.gates) is (row.status == "placed")
        if row.decided_by:
            assert row.decided_by in [tie.rule for tie in why.ties]
    decided = {row.code for row in standing.rows if row.decided_by}
    assert decided <= {row.code for row in standing.rows if explain(ruling, found, standing, row.code).ties}


@often
@given(seeds)
def test_only_the_placed_advance_or_are_funded_unless_people_decide(seed: int) -> None:
    _, found, standing = computed(seed)
    for row in standing.rows:
        assert row.status == "placed" or not row.funding
        assert row.status == "placed" or not row.advances or row.code in found.advanced


VALUES: list[Any] = [None, True, False, 0, 1, -1, 2.5, "", "1", "-1", "1.5", "x", "a;b", [], {}, ["x"], {"x": 1}, [[]],
                     10**40, "9" * 50, {"method": []}, {"method": {}}, {"en": "x"}]  # fmt: skip


def mutated(document: Any, rng: Random) -> Any:  # noqa: ANN401 - any JSON
    """Change, add or take out something somewhere."""
    found = deepcopy(document)
    for _ in range(rng.choice([1, 1, 2, 4])):
        places: list[tuple[Any, Any]] = []

        def walk(value: Any, places: list[tuple[Any, Any]] = places) -> None:  # noqa: ANN401 - the same
            keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
            for key in keys:
                places.append((value, key))
                walk(value[key])

        walk(found)
        if not places:
            break
        container, key = rng.choice(places)
        act = rng.random()
        if act < 0.2:
            del container[key]
        elif act < 0.3 and isinstance(container, dict):
            container[rng.choice(["x", "rescale", "points", "level", "group", "gates", "table"])] = deepcopy(
                rng.choice(VALUES)
            )
        else:
            container[key] = deepcopy(rng.choice(VALUES))
    return found


VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.mark.parametrize("batch", range(size(8, 200)))
def test_a_spoilt_plan_is_read_or_refused_and_never_breaks(batch: int) -> None:
    """Whatever the schema refuses is refused; the reader may refuse more: codes, sums, what belongs together."""
    for seed in range(batch * 50, batch * 50 + 50):
        rng = Random(seed)
        whole = full_plan() if seed % 3 else plan(a_turn("second", a_case(seed)[0]))
        spoilt = mutated(whole, rng)
        try:
            read_contest({"contest.json": encoded(spoilt)})
        except PackageFaults:
            continue
        assert list(VALIDATOR.iter_errors(spoilt)) == [], spoilt


@pytest.mark.parametrize("batch", range(size(4, 100)))
def test_spoilt_rules_are_refused_or_they_score(batch: int) -> None:
    for seed in range(batch * 50, batch * 50 + 50):
        document, found = a_case(seed)
        try:
            ruling = parse_rules(mutated(document, Random(seed)))
        except InvalidRules:
            continue
        score(ruling, replace(found, carried={}))


def test_ten_proposals_tied_on_everything_share_the_first_place() -> None:
    given = columns(["a"], {f"P{at}": "7 7 7" for at in range(10)})
    every = ["criterion:a", "weighted:a", "wins", "head_to_head", "fewer_lows", "median", "public", "earliest", "chair"]
    standing = score(rules(judged("a"), ties=every), a_round(given))
    assert {row.place for row in standing.rows} == {1}


def test_marks_may_be_decimals_fractions_or_integers() -> None:
    def of(*marks: Decimal | Fraction | int) -> Standing:
        return score(rules(judged("a")), a_round([Ballot(f"j{at}", "X", {"a": mark}) for at, mark in enumerate(marks)]))

    assert of(Decimal("8.0"), 7) == of(Fraction(8), Decimal(7))


def test_a_ballot_for_a_stranger_is_ignored() -> None:
    given = RoundInput("cat", "r1", (Proposal("X"),), columns(["a"], {"X": "8", "Y": "9"}))
    assert [row.code for row in score(rules(judged("a")), given).rows] == ["X"]
