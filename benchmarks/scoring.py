"""How long the engine takes to score a large round exactly: 10,000 proposals, five jurors each, five criteria.

    python -m benchmarks.scoring

One line a figure, in seconds of processor time of one core: the least of three turns, with rules and marks in memory.
"""

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from time import process_time
from typing import Any

from engine.rules import Rules, parse_rules
from engine.scoring import score
from engine.types import Ballot, Proposal, RoundInput

PROPOSALS, JURORS, WEIGHTS, TURNS = 10_000, 5, (30, 25, 20, 15, 10), 3
CRITERIA = [f"c{at}" for at in range(len(WEIGHTS))]
BORDA = {"order": "jurors_first", "combine": {"method": "borda"}, "gates": [], "rounding": []}
FIGURES: Mapping[str, Mapping[str, Any]] = {
    "mean": {},
    "mean, unrounded": {"rounding": []},
    "mean, both rescalings": {"rescale": {"criterion": True, "total": True}},
    "trimmed mean": {"combine": {"method": "trimmed_mean"}},
    "median, jurors first": {"order": "jurors_first", "combine": {"method": "median"}},
    "Borda, jurors first": BORDA,
}


def rules(changed: Mapping[str, Any]) -> Rules:
    """Return the rules of a usual call: two decimals, a gate, a long tie chain; changed as told."""
    scale = {"min": "0", "max": "10", "step": "0.5"}
    criteria = [
        {"code": code, "title": {"en": code}, "kind": "judged", "weight": str(weight), "scale": scale}
        for code, weight in zip(CRITERIA, WEIGHTS, strict=True)
    ]
    usual = {
        "entry": "individual",
        "criteria": criteria,
        "combine": {"method": "mean"},
        "rounding": [{"at": "combined", "places": 2, "mode": "half_up"}],
        "gates": [{"on": "total", "minimum": "40"}],
        "ties": ["criterion:c0", "wins", "head_to_head", "draw"],
        "quorum": 2,
    }
    return parse_rules({**usual, **changed})


def a_round() -> RoundInput:
    """Return the round: each proposal read by five of a hundred jurors, any mark as likely as another."""
    rng = Random(1)
    marks = [Decimal(half) / 2 for half in range(21)]
    ballots = tuple(
        Ballot(f"j{juror:02d}", f"p{number:05d}", {code: rng.choice(marks) for code in CRITERIA})
        for number in range(PROPOSALS)
        for juror in rng.sample(range(100), JURORS)
    )
    proposals = tuple(Proposal(f"p{number:05d}") for number in range(PROPOSALS))
    return RoundInput("cat", "jury", proposals, ballots, draw_seed="14 novembre")


def seconds(ruling: Rules, given: RoundInput) -> float:
    """Return the processor time that one scoring takes."""
    begun = process_time()
    score(ruling, given)
    return process_time() - begun


def main() -> None:
    """Print the figures."""
    given = a_round()
    marks = len(given.ballots) * len(CRITERIA)
    print(f"{PROPOSALS:,} proposals × {JURORS} jurors × {len(CRITERIA)} criteria = {marks:,} marks")
    for name, changed in FIGURES.items():
        ruling = rules(changed)
        least = min(seconds(ruling, given) for _ in range(TURNS))
        print(f"{name:22} {least:6.2f} s {least / marks * 1e6:6.1f} µs a mark")


if __name__ == "__main__":
    main()
