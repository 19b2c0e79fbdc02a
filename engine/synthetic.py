"""A made-up round on a rule set's own scales: the same seed gives the same proposals, jurors and marks."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

from engine.rules import COLLEGIAL, TABLE, Criterion, Rules, Scale
from engine.types import Ballot, Number, Proposal, RoundInput

WHOLE = 1000  # a share of a scale is counted in thousandths
BEST, WORST = 880, 480
LEAN, SEVERITY, CHANCE = 110, 90, 100  # how far a criterion, a juror and a moment move a mark, at the most
STEPS = 20  # where a scale has no step of its own
MORNING = datetime(2026, 1, 1, 9, tzinfo=UTC)


def synthetic_round(rules: Rules, *, proposals: int, jurors: int, seed: str) -> RoundInput:
    """Return a round in which every juror marks every proposal.

    A proposal has a quality and is stronger on some criteria than on others; a juror is milder or more severe than the
    rest. Jurors who mark together are one.
    """
    die = Random(seed)  # noqa: S311 - the same data for the same seed, nothing secret
    codes = [f"P{number:02}" for number in range(1, proposals + 1)]
    quality = [BEST - (BEST - WORST) * at // max(1, proposals - 1) for at in range(proposals)]
    die.shuffle(quality)
    seats = ["J01"] if rules.entry == COLLEGIAL else [f"J{number:02}" for number in range(1, jurors + 1)]
    severity = {juror: die.randint(-SEVERITY, SEVERITY) for juror in seats}
    ballots: list[Ballot] = []
    for code, worth in zip(codes, quality, strict=True):
        strength = {each.code: worth + die.randint(-LEAN, LEAN) for each in rules.judged}
        for juror in seats:
            marks: dict[str, Number | None] = {}
            for each in rules.judged:
                share = strength[each.code] - severity[juror] + die.randint(-CHANCE, CHANCE)
                marks[each.code] = on_scale(each.scale, Fraction(share, WHOLE))
            ballots.append(Ballot(juror, code, marks))
    return RoundInput(
        category="synthetic",
        round="synthetic",
        proposals=tuple(
            Proposal(code, submitted_at=MORNING + timedelta(hours=at), ask=Fraction(die.randint(5, 50)))
            for at, code in enumerate(codes)
        ),
        ballots=tuple(ballots),
        facts={(code, each.code): fact(each, die) for code in codes for each in rules.facts},
        votes={code: Fraction(die.randint(20, 500)) for code in codes},
        carried={code: Fraction(die.randint(50, 95)) for code in codes} if rules.carry else {},
        draw_seed=seed,
    )


def on_scale(scale: Scale | None, share: Fraction) -> Fraction:
    """Return the mark nearest to a share of a scale, the higher of two; a share beyond its ends is its end."""
    scale = scale or Scale(Fraction(0), Fraction(10))
    width = scale.maximum - scale.minimum
    step = scale.step or width / STEPS
    steps = (min(max(share, Fraction(0)), Fraction(1)) * width / step + Fraction(1, 2)) // 1
    return min(scale.minimum + steps * step, scale.minimum + width // step * step)


def fact(criterion: Criterion, die: Random) -> str:
    """Return a fact's text: a row of the table, or a quantity."""
    return die.choice(sorted(criterion.table)) if criterion.kind == TABLE else str(die.randint(1, 100))
