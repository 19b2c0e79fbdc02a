"""Random rounds with random rules, small enough that ties, gaps and abstentions happen all the time."""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

from engine.types import Ballot, Comparison, Proposal, RoundInput

LONG = os.environ.get("GIURIA_TEST_SIZE") == "long"
Document = dict[str, Any]


def size(usual: int, long: int) -> int:
    """Return how many cases to try."""
    return long if LONG else usual


def a_case(seed: int) -> tuple[Document, RoundInput]:  # noqa: C901 - one line a key
    """Return a rule set that parses and a round to score by it."""
    rng = Random(seed)
    entry = rng.choice(["individual"] * 5 + ["collegial", "pairwise", "ranking"])
    jurors_first = entry != "pairwise" and rng.random() < 0.3
    method = a_method(rng, entry)
    ordinal = method["method"] in {"borda", "rank_points", "majority_judgment"}
    criteria = some_criteria(rng, entry, single=ordinal and not jurors_first)
    rules: Document = {"entry": entry, "criteria": criteria, "combine": method}
    names = [each["code"] for each in criteria]
    if jurors_first:
        rules["order"] = "jurors_first"
    if rng.random() < 0.4:
        rules["points"] = rng.choice(["mark", "coefficient"])
    if rng.random() < 0.3:
        rules["total"] = rng.choice(["mean", "sum"])
    rules["rounding"] = [
        {"at": at, "places": rng.choice([0, 1, 2, 3]), "mode": rng.choice(["half_up", "half_even", "down", "up"])}
        for at in ("combined", "coefficient", "weighted", "juror_total", "total", "rescaled")
        if rng.random() < 0.3
    ]
    if rng.random() < 0.4:
        rules["rescale"] = a_rescaling(rng, jurors_first=jurors_first)
    if rng.random() < 0.4:
        rules["gates"] = some_gates(rng, names, ordinal=ordinal)
    rules["ties"] = rng.sample(
        [*(f"criterion:{name}" for name in names), *(f"weighted:{name}" for name in names), "wins", "head_to_head",
         "fewer_lows", "median", "public", "earliest", "chair", "draw"],
        rng.choice([0, 1, 2, 4]),
    )  # fmt: skip
    if rng.random() < 0.4:
        rules["places"] = rng.choice(["competition", "dense"])
    if rng.random() < 0.4:
        rules["quorum"] = rng.choice([1, 2, 3])
    if rng.random() < 0.4:
        rules["advance"] = an_advance(rng)
    if rng.random() < 0.3:
        rules["fund"] = {"budget": str(rng.randint(0, 12)), "when_short": rng.choice(["stop", "partial", "skip"])}
    ranks = ordinal or entry == "ranking"
    if rng.random() < 0.2 and not ranks:
        rules["carry"] = {"round": "first", "share": rng.choice(["0", "0.4", "1"])}
    if rng.random() < 0.3:
        rules["public"] = a_public(rng, ranks=ranks)
    return rules, a_round(rng, rules)


def a_method(rng: Random, entry: str) -> Document:
    if entry == "pairwise":
        return {"method": rng.choice(["pairwise_sum", "pairwise_mean", "pairwise_eigenvector"])}
    return rng.choice(
        [
            {"method": "mean"},
            {"method": "mean"},
            {"method": "median"},
            {"method": "lower_median"},
            {"method": "trimmed_mean"},
            {"method": "trimmed_mean", "drop": 1, "min": 3},
            {"method": "band_mean", "width": rng.choice(["0.5", "1", "3"])},
            {"method": "sum"},
            {"method": "borda"},
            {"method": "rank_points", "points": ["5", "3", "1"]},
            {"method": "majority_judgment"},
            {"method": "least_squares"},
        ]
    )


def some_criteria(rng: Random, entry: str, *, single: bool) -> list[Document]:
    criteria: list[Document] = []
    for at in range(1 if single else rng.choice([1, 2, 3])):
        top, step = rng.choice([("5", "1"), ("10", "0.5"), ("3", "1")])
        weight = rng.choice(["1", "2.5", "30"])
        criterion: Document = {"code": f"j{at}", "title": {"en": "j"}, "kind": "judged", "weight": weight}
        if entry != "pairwise":
            criterion["scale"] = {"min": "0", "max": top, "step": step}
        criteria.append(criterion)
    if rng.random() < 0.3:
        criteria.append({"code": "q", "title": {"en": "q"}, "kind": "quantity", "weight": rng.choice(["5", "0"]),
                         "rule": rng.choice(["highest", "lowest"]), "rescale": rng.random() < 0.5})  # fmt: skip
    if rng.random() < 0.3:
        table = {"yes": "4", "some": "1.5", "no": "0"}
        criteria.append({"code": "t", "title": {"en": "t"}, "kind": "table", "table": table,
                         "rescale": rng.random() < 0.5})  # fmt: skip
    for criterion in criteria:
        if rng.random() < 0.4:
            criterion["group"] = rng.choice(["g", "h"])
    return criteria


def a_rescaling(rng: Random, *, jurors_first: bool) -> Document:
    rescale: Document = {"criterion": not jurors_first and rng.random() < 0.7, "total": rng.random() < 0.5}
    if rescale["criterion"] and rng.random() < 0.5:
        rescale["level"] = rng.choice(["criterion", "group"])
    return rescale


def some_gates(rng: Random, names: list[str], *, ordinal: bool) -> list[Document]:
    targets = [f"{kind}:{name}" for kind in ("criterion", "weighted") for name in names]
    targets += [] if ordinal else ["total", "sum"]
    return [
        {"on": rng.choice(targets), "minimum": rng.choice(["0.5", "1", "2", "4"])} for _ in range(rng.choice([1, 2]))
    ]


def an_advance(rng: Random) -> Document:
    return rng.choice(
        [
            {"count": rng.choice([1, 2, 3])},
            {"minimum": rng.choice(["1", "3", "50"])},
            {"per": "region", "count": 1},
            {"budget": "2", "multiple": rng.choice(["1", "2.5"])},
        ]
    )


def a_public(rng: Random, *, ranks: bool) -> Document:
    share = rng.choice(["0", "0.25", "0.5", "1"])
    by = "rank_points" if ranks else rng.choice(["share", "highest", "rank_points"])
    return {"share": share, "by": by} | ({"points": ["12", "10", "8"]} if by == "rank_points" else {})


def a_round(rng: Random, rules: Document) -> RoundInput:
    number = rng.choice([1, 2, 3, 4, 5, 6])
    proposals = tuple(a_proposal(rng, f"p{at}") for at in range(number))
    codes = [each.code for each in proposals]
    entry = rules["entry"]
    jurors = ["cat"] if entry == "collegial" else [f"n{at}" for at in range(rng.choice([1, 2, 3, 5, 6]))]
    if rules["combine"]["method"] == "least_squares":
        jurors = jurors[:3]
    return RoundInput(
        category="cat",
        round="second",
        proposals=proposals,
        ballots=() if entry == "pairwise" else tuple(some_ballots(rng, rules, jurors, codes)),
        comparisons=tuple(some_comparisons(rng, rules, jurors, codes)) if entry == "pairwise" else (),
        facts=some_facts(rng, rules, codes),
        votes={code: rng.choice([0, 1, 1, 5, 9]) for code in codes if rng.random() < 0.8},
        chair={code: rng.choice([1, 2, 3]) for code in codes if rng.random() < 0.4},
        advanced=frozenset(code for code in codes if rng.random() < 0.1),
        carried={code: Fraction(rng.randint(0, 100)) for code in codes if rng.random() < 0.9},
        assigned=dict.fromkeys(codes, 6) if rng.random() < 0.5 else {},
        draw_seed=str(rng.randint(0, 99)),
    )


def a_proposal(rng: Random, code: str) -> Proposal:
    return Proposal(
        code,
        state=rng.choice(["admitted"] * 8 + ["excluded", "withdrawn"]),
        submitted_at=datetime(2024, 5, rng.choice([1, 2, 3]), tzinfo=UTC) + timedelta(hours=rng.choice([0, 5]))
        if rng.random() < 0.8
        else None,
        ask=Fraction(rng.randint(0, 5)),
        region=rng.choice(["", "nord", "sud"]),
    )


def some_ballots(rng: Random, rules: Document, jurors: list[str], codes: list[str]) -> list[Ballot]:
    judged = [each for each in rules["criteria"] if each["kind"] == "judged"]
    ballots = []
    coarse = rng.random() < 0.5
    for juror in jurors:
        for code in codes:
            if rng.random() < 0.15:
                continue
            marks: dict[str, Decimal | None] = {}
            for criterion in judged:
                if rng.random() < 0.03:
                    continue
                scale = criterion["scale"]
                steps = int(Decimal(scale["max"]) / Decimal(scale["step"]))
                mark = rng.randint(steps - 1 if coarse else steps // 2, steps) * Decimal(scale["step"])
                marks[criterion["code"]] = None if rng.random() < 0.08 else mark
            if marks:
                ballots.append(Ballot(juror, code, marks))
    return ballots


def some_comparisons(rng: Random, rules: Document, jurors: list[str], codes: list[str]) -> list[Comparison]:
    comparisons = []
    for juror in jurors[:3]:
        lazy = rng.random() < 0.1
        for criterion in rules["criteria"]:
            for pair in combinations(codes, 2):
                preferred, other = rng.sample(pair, 2)
                if criterion["kind"] == "judged" and not (lazy and rng.random() < 0.3):
                    comparisons.append(Comparison(juror, criterion["code"], preferred, other, rng.randint(1, 6)))
    return comparisons


def some_facts(rng: Random, rules: Document, codes: list[str]) -> dict[tuple[str, str], str]:
    facts = {}
    for criterion in rules["criteria"]:
        for code in codes:
            if rng.random() < 0.85 and criterion["kind"] != "judged":
                lowest = criterion.get("rule") == "lowest"
                number = rng.choice(["1", "2.5", "8"] if lowest else ["0", "1", "2.5", "8"])
                text = rng.choice(["yes", "some", "no"]) if criterion["kind"] == "table" else number
                facts[code, criterion["code"]] = text
    return facts
