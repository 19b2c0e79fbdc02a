import time
from collections import Counter
from itertools import combinations
from random import Random

import pytest

from engine.assignment import Impossible, Pair, Plan, propose_random
from tests.engine.rounds import size


def codes(letter: str, number: int) -> list[str]:
    return [f"{letter}{at}" for at in range(number)]


def planned(found: Plan | Impossible) -> Plan:
    assert isinstance(found, Plan), found
    return found


def refused(found: Plan | Impossible) -> Impossible:
    assert isinstance(found, Impossible), found
    return found


def loads(plan: Plan) -> Counter[str]:
    return Counter(juror for juror, _ in plan.pairs)


def test_everyone_is_read_by_the_number_asked_for_and_loads_are_even() -> None:
    plan = planned(propose_random(codes("p", 45), codes("j", 12), 3, seed="s"))
    assert set(Counter(proposal for _, proposal in plan.pairs).values()) == {3}
    assert set(loads(plan).values()) <= {11, 12}
    assert len(set(plan.pairs)) == 135


def test_a_conflicted_juror_is_never_assigned() -> None:
    conflicts = {("j0", proposal) for proposal in codes("p", 20)} | {("j1", "p3")}
    plan = planned(propose_random(codes("p", 20), codes("j", 5), 3, conflicts, seed="s"))
    assert not conflicts & set(plan.pairs)
    assert loads(plan)["j0"] == 0


def test_the_same_seed_gives_the_same_plan_whatever_the_order_of_input() -> None:
    first = propose_random(codes("p", 30), codes("j", 9), 3, [("j1", "p1"), ("j2", "p2")], seed="s")
    again = propose_random(codes("p", 30)[::-1], codes("j", 9)[::-1], 3, [("j2", "p2"), ("j1", "p1")], seed="s")
    assert first == again
    assert first != propose_random(codes("p", 30), codes("j", 9), 3, [("j1", "p1"), ("j2", "p2")], seed="t")


def test_jurors_meet_in_many_combinations() -> None:
    plan = planned(propose_random(codes("p", 60), codes("j", 6), 3, seed="s"))
    panels = {frozenset(juror for juror, code in plan.pairs if code == proposal) for proposal in codes("p", 60)}
    assert len(panels) > 10


def test_topping_up_keeps_what_is_there_and_evens_out_the_sum() -> None:
    existing = [("j0", proposal) for proposal in codes("p", 8)]
    plan = planned(propose_random(codes("p", 8), codes("j", 4), 3, existing=existing, seed="s"))
    assert set(existing) <= set(plan.pairs)
    assert set(plan.pairs) - set(existing) == set(plan.new)
    assert loads(plan)["j0"] == 8
    assert sorted(loads(plan).values()) == [5, 5, 6, 8]


def test_who_has_enough_readers_gets_no_more() -> None:
    existing = [(juror, "p0") for juror in codes("j", 4)]
    plan = planned(propose_random(["p0"], codes("j", 4), 2, existing=existing, seed="s"))
    assert plan.new == ()


def test_an_existing_pair_in_conflict_is_not_counted() -> None:
    plan = planned(propose_random(["p0"], ["j0", "j1"], 1, [("j0", "p0")], existing=[("j0", "p0")], seed="s"))
    assert plan.pairs == plan.new == (("j1", "p0"),)


def test_caps_are_kept() -> None:
    plan = planned(propose_random(codes("p", 10), codes("j", 4), 2, loads={"j0": 1, "j1": 5}, seed="s"))
    assert loads(plan)["j0"] <= 1
    assert loads(plan)["j1"] <= 5
    assert sorted((loads(plan)["j2"], loads(plan)["j3"])) == [7, 7]


def test_a_seat_moves_where_the_first_choice_leaves_someone_short() -> None:
    # Only j0 can read p0, and has one seat.
    conflicts = [(juror, "p0") for juror in ("j1", "j2")]
    for seed in map(str, range(20)):
        plan = planned(
            propose_random(
                ["p0", "p1", "p2"], codes("j", 3), 1, conflicts, loads=dict.fromkeys(codes("j", 3), 1), seed=seed
            )
        )
        assert ("j0", "p0") in plan.pairs


def test_what_is_in_the_way_is_named() -> None:
    jurors = codes("j", 8)
    hard = codes("p", 5)
    conflicts = [(juror, proposal) for proposal in hard for juror in jurors[3:]]
    found = refused(propose_random(codes("p", 12), jurors, 3, conflicts, loads=dict.fromkeys(jurors, 4), seed="s"))
    assert found == Impossible(tuple(hard), ("j0", "j1", "j2"), 12, 15)


def test_too_few_jurors_for_one_proposal() -> None:
    assert propose_random(["p0", "p1"], ["j0", "j1"], 3, seed="s") == Impossible(
        refused(propose_random(["p0", "p1"], ["j0", "j1"], 3, seed="s")).proposals, ("j0", "j1"), 2, 3
    )


def test_nobody_to_read() -> None:
    assert refused(propose_random(["p0"], [], 1, seed="s")) == Impossible(("p0",), (), 0, 1)
    assert propose_random([], ["j0"], 3, seed="s") == Plan((), ())


def even_as_can_be(plan: Plan, conflicts: set[Pair], caps: dict[str, int], jurors: list[str]) -> bool:
    """No single move of a new seat to a juror with at least two fewer is left."""
    load = loads(plan)
    taken = set(plan.pairs)
    return not any(
        load[giver] - load[taker] >= 2
        and load[taker] < caps.get(taker, 10**9)
        and (taker, proposal) not in taken | conflicts
        for giver, proposal in plan.new
        for taker in jurors
    )


@pytest.mark.parametrize("batch", range(size(10, 100)))
def test_random_cases_hold_every_promise(batch: int) -> None:
    for seed in range(batch * 20, batch * 20 + 20):
        rng = Random(seed)
        proposals, jurors = codes("p", rng.randint(1, 12)), codes("j", rng.randint(1, 7))
        per = rng.randint(1, 3)
        pairs = [(juror, proposal) for juror in jurors for proposal in proposals]
        conflicts = {pair for pair in pairs if rng.random() < rng.choice([0.05, 0.4])}
        caps = {juror: rng.randint(1, 8) for juror in jurors if rng.random() < 0.5}
        existing = [pair for pair in pairs if rng.random() < 0.08 and pair not in conflicts]
        found = propose_random(proposals, jurors, per, conflicts, loads=caps, existing=existing, seed=str(seed))
        if isinstance(found, Plan):
            assert not conflicts & set(found.pairs)
            assert set(existing) <= set(found.pairs)
            readers = Counter(proposal for _, proposal in found.pairs)
            before = Counter(proposal for _, proposal in existing)
            assert all(readers[proposal] == max(per, before[proposal]) for proposal in proposals)
            old = Counter(juror for juror, _ in existing)
            assert all(loads(found)[juror] <= max(cap, old[juror]) for juror, cap in caps.items())
            assert even_as_can_be(found, conflicts, caps, jurors)
        else:
            assert_in_the_way(found, proposals, jurors, per, conflicts, caps, existing)


def assert_in_the_way(
    found: Impossible,
    proposals: list[str],
    jurors: list[str],
    per: int,
    conflicts: set[Pair],
    caps: dict[str, int],
    existing: list[Pair],
) -> None:
    """The explanation is itself true: the named jurors cannot give what the named proposals need."""
    assert set(found.proposals) <= set(proposals)
    assert found.places < found.needed
    need = sum(max(0, per - sum(code == proposal for _, code in existing)) for proposal in found.proposals)
    assert need == found.needed
    places = 0
    for juror in jurors:
        readable = sum((juror, code) not in conflicts | set(existing) for code in found.proposals)
        left = caps.get(juror, 10**9) - sum(name == juror for name, _ in existing)
        could = min(readable, max(0, left))
        places += could
        assert juror in found.jurors or could == 0
    assert places == found.places


def test_small_cases_are_refused_only_when_nothing_works() -> None:
    for seed in range(size(150, 2000)):
        rng = Random(seed)
        proposals, jurors = codes("p", 3), codes("j", 3)
        pairs = [(juror, proposal) for juror in jurors for proposal in proposals]
        conflicts = {pair for pair in pairs if rng.random() < 0.35}
        caps = {juror: rng.randint(1, 3) for juror in jurors}
        per = rng.choice([1, 2])
        free = [pair for pair in pairs if pair not in conflicts]
        possible = any(
            all(sum(code == proposal for _, code in chosen) == per for proposal in proposals)
            and all(sum(name == juror for name, _ in chosen) <= caps[juror] for juror in jurors)
            for chosen in combinations(free, per * 3)
        )
        found = propose_random(proposals, jurors, per, conflicts, loads=caps, seed=str(seed))
        assert isinstance(found, Plan) is possible


def test_a_large_call_is_assigned_in_seconds() -> None:
    rng = Random(1)
    proposals, jurors = codes("p", 10_000), codes("j", 1_000)
    conflicts = {(rng.choice(jurors), rng.choice(proposals)) for _ in range(20_000)}
    started = time.perf_counter()
    plan = planned(propose_random(proposals, jurors, 3, conflicts, loads=dict.fromkeys(jurors, 30), seed="s"))
    assert time.perf_counter() - started < 10
    assert set(loads(plan).values()) == {30}
    assert not conflicts & set(plan.pairs)
